/*
 * launch: a run's folder, its row, and its supervisor. The launcher holds the run's lock from before the
 * row exists until the supervisor, which inherits the very same lock, has taken over: at no moment is
 * there a run that nobody answers for and that the reaper could not see.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "findings.h"
#include "local.h"

enum { REPORT_MS = 60000, FD_LOCK = 3, FD_REPORT = 4 };

extern char **environ;

/* ---- what is asked for ---- */

/* A name is a word on one line that does not read as another run's. */
static int check_name(const char *name, struct error *err)
{
	if (name && name[0] == '@')
		return error_set(err, ERR_USAGE, "a run's name does not begin with \"@\", as @last does: %s", name);
	for (const char *p = name; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7F)
			return error_set(err, ERR_USAGE,
			                 "a run's name holds no line ends and no other control characters");
	return 0;
}

int launch_check(const struct run_spec *spec, struct error *err)
{
	static const char *const taken[] = {FILE_LOCK, FILE_LAUNCH, FILE_OUTPUT,
	                                    FILE_END,  FILE_STOP,   FILE_PATTERNS};

	if (!spec->argv || !spec->argv[0] || !spec->argv[0][0])
		return error_set(err, ERR_USAGE, "there is no command to run: assay run -- COMMAND …");
	for (size_t i = 0; i < spec->file_count; i++) {
		const char *name = spec->files[i].name;
		bool bad = name[0] == 0 || name[0] == '.' || strchr(name, '/') || strncmp(name, "events-", 7) == 0;
		for (size_t k = 0; k < COUNT_OF(taken); k++)
			bad |= strcmp(name, taken[k]) == 0;
		if (bad)
			bug("run_launch: a file may not be named %s", name);
	}
	if (check_name(spec->name, err) < 0)
		return -1;
	return 0;
}

static bool names_equal(const char *entry, const char *name_value)
{
	size_t n = strcspn(name_value, "=");

	return strncmp(entry, name_value, n) == 0 && entry[n] == '=';
}

/* The caller's environment without what belongs to an outer run, with the additions. The strings are
 * borrowed; only the array is ours. */
char **launch_environment(const struct run_spec *spec)
{
	static const char *const ours[] = {"ASSAY_RUN_ID=", "ASSAY_EVENTS=", "ASSAY_STORE=", "ASSAY_MLFLOW_URI="};
	static const char *const mlflow[] = {
	    "MLFLOW_TRACKING_URI=", "MLFLOW_TRACKING_TOKEN=", "MLFLOW_RUN_ID=", "MLFLOW_EXPERIMENT_ID="};
	const char *server = getenv("ASSAY_MLFLOW_URI"), *now = getenv("MLFLOW_TRACKING_URI");
	bool outer = server && now && strcmp(server, now) == 0; /* the server of the outer run, too */
	size_t n = 0, more = 0, out = 0;
	char **env;

	while (environ && environ[n])
		n++;
	while (spec->env && spec->env[more])
		more++;
	env = xreallocarray(NULL, n + more + 1, sizeof *env);
	for (size_t i = 0; i < n; i++) {
		bool drop = false;
		for (size_t k = 0; k < COUNT_OF(ours); k++)
			drop |= names_equal(environ[i], ours[k]);
		for (size_t k = 0; outer && k < COUNT_OF(mlflow); k++)
			drop |= names_equal(environ[i], mlflow[k]);
		for (size_t k = 0; k < more; k++)
			drop |= names_equal(environ[i], spec->env[k]);
		if (!drop)
			env[out++] = environ[i];
	}
	for (size_t k = 0; k < more; k++)
		env[out++] = (char *)(uintptr_t)spec->env[k];
	env[out] = NULL;
	return env;
}

/* JSON strings hold text; words of a command are bytes. What is not valid UTF-8 (safe_text writes \x for
 * it) goes in as hex. */
static void put_word(struct json_writer *j, const char *key, const char *word)
{
	struct str safe;

	str_init(&safe);
	safe_text(&safe, word, strlen(word), SAFE_NEWLINES | SAFE_LETTERS);
	if (strstr(safe.data, "\\x")) {
		str_clear(&safe);
		for (const char *p = word; *p; p++)
			str_addf(&safe, "%02x", (unsigned char)*p);
		jw_object(j, key);
		jw_string(j, "hex", safe.data);
		jw_object_end(j);
	} else {
		jw_string(j, key, word);
	}
	str_release(&safe);
}

/* As large as the terminal that the caller sits at, so that progress bars fit. */
static void window(const struct run_spec *spec, int *rows, int *columns)
{
	struct winsize w = {0};

	for (int fd = 0; fd < 3 && w.ws_col == 0; fd++)
		if (ioctl(fd, TIOCGWINSZ, &w) < 0)
			w.ws_col = 0;
	*rows = spec->rows > 0 ? spec->rows : w.ws_col && w.ws_row ? w.ws_row : 24;
	*columns = spec->columns > 0 ? spec->columns : w.ws_col ? w.ws_col : 80;
}

static int write_launch(const char *dir, const struct run_spec *spec, const struct watch_settings *watch,
                        const char *cwd, struct error *err)
{
	int rows, columns;
	struct str text;
	struct json_writer j;
	int result;

	str_init(&text);
	jw_init(&j, &text);
	jw_object(&j, NULL);
	jw_array(&j, "argv");
	for (size_t i = 0; spec->argv[i]; i++)
		put_word(&j, NULL, spec->argv[i]);
	jw_array_end(&j);
	put_word(&j, "cwd", cwd);
	jw_bool(&j, "pipe", spec->pipe);
	jw_bool(&j, "reports", spec->reports);
	jw_bool(&j, "mlflow", !spec->no_mlflow);
	window(spec, &rows, &columns);
	jw_int(&j, "rows", rows);
	jw_int(&j, "columns", columns);
	jw_num(&j, "stalled", watch->stalled, NULL);
	jw_int(&j, "stalled_ms", watch->least_ms);
	jw_num(&j, "diverged", watch->diverged, NULL);
	jw_bool(&j, "end_orphans", watch->end_orphans);
	jw_bool(&j, "discover", watch->discover && (!spec->kind || strcmp(spec->kind, "command") == 0));
	jw_object_end(&j);
	str_addc(&text, '\n');
	result = folder_replace(dir, FILE_LAUNCH, text.data, text.len, err);
	str_release(&text);
	return result;
}

/* ---- the row ---- */

static void command_json(const struct run_spec *spec, struct str *out)
{
	const char *const *words = spec->shown ? spec->shown : spec->argv;
	struct json_writer j;
	struct str word;

	jw_init(&j, out);
	jw_array(&j, NULL);
	str_init(&word);
	for (size_t i = 0; words[i]; i++) {
		str_clear(&word);
		secret_word(i ? words[i - 1] : NULL, words[i], &word);
		jw_string(&j, NULL, word.data);
	}
	str_release(&word);
	jw_array_end(&j);
}

static const char *outer_run(struct store *store, const struct run_spec *spec, struct arena *mem)
{
	const char *outer = spec->parent ? spec->parent : getenv("ASSAY_RUN_ID");
	struct run_row row;

	if (spec->parent || !outer || !id_is_valid(outer))
		return spec->parent;
	return store_run_by_uuid(store, outer, mem, &row, NULL) == 0 ? arena_strdup(mem, outer) : NULL;
}

/* The seed that the arguments tell: --seed 7, --random-state=7, seed=7. */
static void find_seed(const char *const *argv, struct run_new *run)
{
	static const char *const names[] = {"seed", "random-seed", "random_seed", "random-state", "random_state"};

	for (size_t i = 0; argv[i] && !run->has_seed; i++) {
		const char *word = argv[i], *value;
		size_t n;

		word += strspn(word, "-");
		n = strcspn(word, "=");
		value = word[n] ? word + n + 1 : word > argv[i] ? argv[i + 1] : NULL;
		for (size_t k = 0; value && k < COUNT_OF(names); k++)
			if (strlen(names[k]) == n && strncmp(word, names[k], n) == 0)
				run->has_seed |= int_parse(value, strlen(value), &run->seed);
	}
}

int launch_pairs(struct store *store, int64_t run, const struct run_pair *params, size_t param_count,
                 const struct run_pair *tags, size_t tag_count, struct error *err)
{
	for (size_t i = 0; i < param_count; i++)
		if (store_param_set(store, run, params[i].key, params[i].value, err) < 0)
			return -1;
	for (size_t i = 0; i < tag_count; i++)
		if (store_tag_set(store, run, tags[i].key, tags[i].value, err) < 0)
			return -1;
	return 0;
}

/* What is told of the run besides its row. */
static int add_details(struct store *store, int64_t run, const struct run_spec *spec, const struct code *code,
                       struct arena *mem, struct error *err)
{
	if (launch_pairs(store, run, spec->params, spec->param_count, spec->tags, spec->tag_count, err) < 0)
		return -1;
	for (size_t i = 0; i < spec->input_count; i++) {
		struct run_input in = {.dataset = spec->inputs[i].dataset, .role = spec->inputs[i].role};
		struct dataset_row data;

		if (store_dataset_get(store, in.dataset, mem, &data, err) < 0)
			return -1;
		in.name = arena_printf(mem, "%s@%lld", data.name, (long long)data.version);
		memcpy(in.digest, data.digest, sizeof in.digest);
		if (store_input_add(store, run, &in, err) < 0)
			return -1;
	}
	if (code->untracked[0]) {
		struct run_artifact list = {
		    .name = "untracked.txt", .kind = "code", .bytes = code->untracked_bytes, .at = time_now_ms()};

		memcpy(list.digest, code->untracked, sizeof list.digest);
		return store_artifact_add(store, run, &list, err);
	}
	return 0;
}

int launch_row(struct store *store, const struct run_spec *spec, const char *cwd, char *const *env,
               struct run_started *out, struct error *err)
{
	char host[256] = "", user[128], digest[SHA256_TEXT];
	struct arena *mem = arena_new();
	struct run_new run = {.name = spec->name,
	                      .experiment = spec->experiment,
	                      .kind = spec->kind ? spec->kind : "command",
	                      .cwd = cwd,
	                      .has_seed = spec->has_seed,
	                      .seed = spec->seed};
	struct run_row row;
	struct str command, about;
	struct code code;
	bool open = false;
	int result = -1;

	str_init(&command);
	str_init(&about);
	command_json(spec, &command);
	gethostname(host, sizeof host - 1);
	code_state(store, cwd, &code);
	environment_text(spec->argv[0], env, &about);
	if (store_object_put(store, about.data, about.len, digest, err) < 0)
		goto out;
	find_seed(spec->shown ? spec->shown : spec->argv, &run);
	memcpy(run.uuid, out->uuid, sizeof run.uuid);
	run.command = command.data;
	run.host = host;
	run.user = user_name(user, sizeof user);
	run.parent = outer_run(store, spec, mem);
	run.code_commit = code.commit[0] ? code.commit : NULL;
	run.code_diff = code.diff[0] ? code.diff : NULL;
	run.environment = digest;
	if (store_begin(store, STORE_NORMAL, err) < 0)
		goto out;
	open = true;
	if (store_run_create(store, &run, &out->id, out->uuid, err) < 0 ||
	    add_details(store, out->id, spec, &code, mem, err) < 0 ||
	    store_run_get(store, out->id, mem, &row, err) < 0)
		goto out;
	snprintf(out->name, sizeof out->name, "%s", row.name);
	open = false;
	result = store_end(store, true, err);
out:
	if (open)
		store_end(store, false, NULL);
	str_release(&command);
	str_release(&about);
	arena_free(mem);
	return result;
}

/* ---- the supervisor ---- */

/* Above the numbers that the child expects, so that no dup2 hits a source. */
static int lift(int fd)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, 16);

	if (up >= 0)
		close(fd);
	return up >= 0 ? up : fd;
}

static int spawn(const struct run_spec *spec, const char *store_dir, const char *uuid, char **env, int lock,
                 int report, pid_t *pid)
{
	const char *program = spec->program ? spec->program : "/proc/self/exe";
	char *argv[] = {(char *)(uintptr_t) "assay", (char *)(uintptr_t) "internal-supervise",
	                (char *)(uintptr_t)store_dir, (char *)(uintptr_t)uuid, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	if (!spec->keep_input || isatty(0))
		posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, lock, FD_LOCK);
	posix_spawn_file_actions_adddup2(&actions, report, FD_REPORT);
	posix_spawn_file_actions_addclosefrom_np(&actions, FD_REPORT + 1);
	sigemptyset(&none);
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawn(pid, program, &actions, &attr, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

/* One line: "started", "ended", or a message. */
static int read_report(int fd, struct str *out)
{
	int64_t deadline = time_mono_ms() + REPORT_MS;
	char buf[1024];

	for (;;) {
		struct pollfd p = {fd, POLLIN, 0};
		int64_t left = deadline - time_mono_ms();
		ssize_t n;

		if (left <= 0)
			return -1;
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -1;
		if (!p.revents)
			continue;
		n = read(fd, buf, sizeof buf);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		str_add(out, buf, (size_t)n);
		if (buf[n - 1] == '\n') {
			str_cut(out, out->len - 1);
			return 0;
		}
	}
}

/* The supervisor did not get as far as to answer for the run itself. */
static void close_failed(struct store *store, const struct run_started *run, const char *dir, const char *why)
{
	struct ending e = {.status = RUN_FAILED, .exit_status = RUN_EXIT_OWN, .at_ms = time_now_ms()};
	bool held;
	int lock = -1;

	for (int i = 0; i < 100 && (lock = folder_lock(dir, &held)) < 0 && held; i++)
		poll(NULL, 0, 10);
	snprintf(e.reason, sizeof e.reason, "%s", why);
	if (lock >= 0) {
		finish(store, run->id, dir, &e, NULL);
		close(lock);
	}
}

static int fill_folder(const char *folder, const struct run_spec *spec, const struct watch_settings *watch,
                       const char *cwd, const struct str *patterns, struct error *err)
{
	if (write_launch(folder, spec, watch, cwd, err) < 0 ||
	    (patterns->len && folder_replace(folder, FILE_PATTERNS, patterns->data, patterns->len, err) < 0))
		return -1;
	for (size_t i = 0; i < spec->file_count; i++)
		if (folder_replace(folder, spec->files[i].name, spec->files[i].bytes, spec->files[i].len, err) < 0)
			return -1;
	return 0;
}

/* The lock and the end of the pipe to report by are its own from here on. */
static int start_supervisor(const struct run_spec *spec, const char *store_dir, const char *uuid, char **env,
                            int *lock, int *report, struct error *err)
{
	pid_t pid;
	int rc;

	*lock = lift(*lock);
	*report = lift(*report);
	rc = spawn(spec, store_dir, uuid, env, *lock, *report, &pid);
	close(*lock);
	close(*report);
	*lock = *report = -1;
	if (rc != 0) {
		errno = rc;
		return error_errno(err, ERR_ENV, "cannot start the supervisor");
	}
	/* What was spawned hands over to a child of its own and goes. */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

int run_launch(struct store *store, const struct run_spec *spec, struct run_started *out, struct error *err)
{
	char *dir = NULL, *fresh = NULL, *cwd = NULL, **env = NULL;
	int lock = -1, report[2] = {-1, -1}, result = -1;
	struct watch_settings watch;
	bool have_row = false, held = false;
	struct str said, patterns;
	sigset_t set, before;

	*out = (struct run_started){0};
	str_init(&said);
	str_init(&patterns);
	if (launch_check(spec, err) < 0 || watch_settings_read(store_path(store), &watch, err) < 0 ||
	    (spec->orphans && orphans_parse(spec->orphans, &watch.end_orphans, err) < 0) ||
	    (!spec->reports &&
	     patterns_settings(store_path(store), spec->experiment ? spec->experiment : "default",
	                       spec->unrecognised, &patterns, err) < 0))
		goto out;
	id_make(out->uuid);
	dir = store_live_path(store, out->uuid);
	cwd = path_absolute(spec->cwd ? spec->cwd : ".");
	env = launch_environment(spec);
	lock = folder_make(store, out->uuid, &fresh, err);
	if (lock < 0)
		goto out;
	if (pipe2(report, O_CLOEXEC) < 0) {
		error_errno(err, ERR_ENV, "cannot make a pipe");
		goto out;
	}
	if (fill_folder(fresh, spec, &watch, cwd, &patterns, err) < 0)
		goto out;
	if (rename(fresh, dir) < 0) {
		error_errno(err, ERR_STORE, "cannot make the run's folder %s", dir);
		goto out;
	}
	if (launch_row(store, spec, cwd, env, out, err) < 0)
		goto out;
	have_row = true;
	if (spec->followed) {
		follow_signals(&set);
		held = pthread_sigmask(SIG_BLOCK, &set, &before) == 0;
	}
	if (start_supervisor(spec, store_path(store), out->uuid, env, &lock, &report[1], err) < 0) {
		close_failed(store, out, dir, err ? err->text : "the supervisor could not be started");
		goto out;
	}
	if (read_report(report[0], &said) < 0) {
		error_set(err, ERR_ENV,
		          "the supervisor of run %s has not answered for a minute; `assay show` says more",
		          out->name);
		goto out;
	}
	if (strcmp(said.data, "started") == 0 || strcmp(said.data, "ended") == 0) {
		result = 0;
		goto out;
	}
	if (!said.len)
		str_adds(&said, "the supervisor ended before the command was started");
	error_set(err, ERR_ENV, "%s", said.data);
	close_failed(store, out, dir, said.data);
out:
	if (held && result < 0)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (lock >= 0)
		close(lock);
	for (int i = 0; i < 2; i++)
		if (report[i] >= 0)
			close(report[i]);
	if (result < 0 && !have_row && fresh) {
		dir_remove(fresh, NULL);
		dir_remove(dir, NULL);
	}
	str_release(&patterns);
	str_release(&said);
	free(dir);
	free(fresh);
	free(cwd);
	free(env);
	return result;
}
