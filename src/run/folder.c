/* folder: the small files of live/RUN, and how a wait status reads in words. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "local.h"

char *folder_file(const char *dir, const char *name)
{
	return path_join(dir, name);
}

void folder_remove(const char *dir)
{
	const char *name = strrchr(dir, '/') + 1;
	char *gone = xasprintf("%.*s" FOLDER_GONE "%s", (int)(name - dir), dir, name);

	/* What cannot be removed does no harm: the next reaper comes by again. */
	if (rename(dir, gone) == 0)
		dir_remove(gone, NULL);
	free(gone);
}

int folder_make(struct store *store, const char *uuid, char **fresh, struct error *err)
{
	char *live = path_join(store_path(store), "live"), *path = NULL;
	int lock = -1;

	*fresh = xasprintf("%s/" FOLDER_NEW "%s", live, uuid);
	free(live);
	if (error_of_store(dir_make(*fresh, err), err) == 0) {
		path = folder_file(*fresh, FILE_LOCK);
		lock = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0 || folder_say_trouble(lock, "") < 0) {
			error_errno(err, ERR_STORE, "cannot make the run's folder %s", *fresh);
			if (lock >= 0)
				close(lock);
			lock = -1;
			dir_remove(*fresh, NULL);
		}
	}
	if (lock < 0) {
		free(*fresh);
		*fresh = NULL;
	}
	free(path);
	return lock;
}

int folder_lock(const char *dir, bool *held)
{
	char *path = folder_file(dir, FILE_LOCK);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*held = fd < 0 && errno != ENOENT && errno != ENOTDIR; /* somebody else's: not ours to judge */
	free(path);
	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		*held = true;
		close(fd);
		return -1;
	}
	return fd;
}

int folder_say_trouble(int lock, const char *text)
{
	char line[TROUBLE_BYTES];
	size_t len = strlen(text);

	memset(line, ' ', sizeof line);
	memcpy(line, text, len < sizeof line - 1 ? len : sizeof line - 1);
	line[sizeof line - 1] = '\n';
	return pwrite(lock, line, sizeof line, 0) == (ssize_t)sizeof line ? 0 : -1;
}

bool folder_trouble(const char *dir, char out[TROUBLE_BYTES])
{
	char *path = folder_file(dir, FILE_LOCK);
	struct str text;

	str_init(&text);
	if (file_read(path, &text, TROUBLE_BYTES, NULL) < 0)
		str_clear(&text);
	while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\n'))
		str_cut(&text, text.len - 1);
	snprintf(out, TROUBLE_BYTES, "%s", text.data);
	str_release(&text);
	free(path);
	return out[0] != 0;
}

static struct json_object *load(const char *dir, const char *name)
{
	char *path = folder_file(dir, name);
	struct json_object *o = NULL;
	struct str text;

	str_init(&text);
	if (file_read(path, &text, 1 << 20, NULL) == 0)
		o = json_tokener_parse(text.data);
	if (o && !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		o = NULL;
	}
	str_release(&text);
	free(path);
	return o;
}

int folder_replace(const char *dir, const char *name, const void *bytes, size_t len, struct error *err)
{
	char *path = folder_file(dir, name), *temp = xasprintf("%s/.%s.%d", dir, name, (int)getpid());
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), result = -1;
	bool written = fd >= 0 && fd_write_all(fd, bytes, len) == 0;

	/* Some file systems (NFS, quotas) tell of a full disk only here. */
	if (fd >= 0 && close(fd) < 0)
		written = false;
	if (written && rename(temp, path) == 0) {
		result = 0;
	} else {
		error_errno(err, ERR_ENV, "cannot write %s", path);
		unlink(temp);
	}
	free(path);
	free(temp);
	return result;
}

static int64_t get_int(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_int64(v) : 0;
}

static double get_number(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_double(v) : 0;
}

static void get_text(struct json_object *o, const char *key, char *out, size_t size)
{
	struct json_object *v;
	const char *text = json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : NULL;

	snprintf(out, size, "%s", text ? text : "");
}

int ending_save(const char *dir, const struct ending *e, struct error *err)
{
	struct str text;
	struct json_writer j;
	int result;

	str_init(&text);
	jw_init(&j, &text);
	jw_object(&j, NULL);
	jw_string(&j, "status", store_status_name(e->status));
	jw_int(&j, "exit_status", e->exit_status);
	jw_int(&j, "signal", e->signal);
	jw_int(&j, "at", e->at_ms);
	jw_string(&j, "reason", e->reason);
	jw_object_end(&j);
	str_addc(&text, '\n');
	result = folder_replace(dir, FILE_END, text.data, text.len, err);
	str_release(&text);
	return result;
}

bool ending_load(const char *dir, struct ending *e)
{
	struct json_object *o = load(dir, FILE_END);
	char status[12];
	bool good;

	*e = (struct ending){0};
	if (!o)
		return false;
	get_text(o, "status", status, sizeof status);
	good = store_status_parse(status, &e->status) && store_status_over(e->status);
	e->exit_status = (int)get_int(o, "exit_status");
	e->signal = (int)get_int(o, "signal");
	e->at_ms = get_int(o, "at");
	get_text(o, "reason", e->reason, sizeof e->reason);
	json_object_put(o);
	return good;
}

static bool get_word(struct json_object *v, struct arena *mem, char **out)
{
	struct json_object *hex;
	const char *text;

	*out = NULL;
	if (json_object_is_type(v, json_type_string)) {
		*out = arena_strdup(mem, json_object_get_string(v));
	} else if (json_object_object_get_ex(v, "hex", &hex) && (text = json_object_get_string(hex))) {
		size_t n = strlen(text) / 2;
		*out = arena_alloc(mem, n + 1);
		for (size_t i = 0; i < n; i++) {
			char pair[3] = {text[2 * i], text[2 * i + 1], 0};
			(*out)[i] = (char)strtol(pair, NULL, 16);
		}
	}
	return *out != NULL;
}

int launch_load(const char *dir, struct arena *mem, struct command_spec *out, struct error *err)
{
	struct json_object *o = load(dir, FILE_LAUNCH), *argv, *cwd, *pipe, *reports, *mlflow;
	size_t n;
	char *where;
	int result = -1;

	if (!o || !json_object_object_get_ex(o, "argv", &argv) || !json_object_is_type(argv, json_type_array) ||
	    (n = json_object_array_length(argv)) == 0 || !json_object_object_get_ex(o, "cwd", &cwd) ||
	    !json_object_object_get_ex(o, "pipe", &pipe) || !json_object_object_get_ex(o, "reports", &reports) ||
	    !get_word(cwd, mem, &where))
		goto out;
	out->argv = arena_array(mem, n + 1, sizeof *out->argv);
	for (size_t i = 0; i < n; i++)
		if (!get_word(json_object_array_get_idx(argv, i), mem, &out->argv[i]))
			goto out;
	out->cwd = where;
	out->pipe = json_object_get_boolean(pipe);
	out->reports = json_object_get_boolean(reports);
	out->mlflow = json_object_object_get_ex(o, "mlflow", &mlflow) && json_object_get_boolean(mlflow);
	out->rows = (int)get_int(o, "rows");
	out->columns = (int)get_int(o, "columns");
	/* A run that an older program launched has none of these: it is watched for nothing. */
	out->watch = (struct watch_settings){.stalled = get_number(o, "stalled"),
	                                     .least_ms = get_int(o, "stalled_ms"),
	                                     .diverged = get_number(o, "diverged"),
	                                     .end_orphans = get_int(o, "end_orphans") != 0,
	                                     .discover = get_int(o, "discover") != 0};
	result = 0;
out:
	if (result < 0)
		error_set(err, ERR_STORE, "%s/" FILE_LAUNCH " cannot be read", dir);
	json_object_put(o);
	return result;
}

void ending_of_wait(struct ending *e, int wait_status)
{
	e->at_ms = time_now_ms();
	e->signal = 0;
	e->reason[0] = 0;
	if (WIFSIGNALED(wait_status)) {
		const char *abbrev = sigabbrev_np(WTERMSIG(wait_status));
		e->signal = WTERMSIG(wait_status);
		e->exit_status = 128 + e->signal;
		e->status = RUN_FAILED;
		if (abbrev)
			snprintf(e->reason, sizeof e->reason, "ended by SIG%s%s", abbrev,
			         WCOREDUMP(wait_status) ? " (core dumped)" : "");
		else
			snprintf(e->reason, sizeof e->reason, "ended by signal %d", e->signal);
	} else {
		e->exit_status = WEXITSTATUS(wait_status);
		e->status = e->exit_status == 0 ? RUN_DONE : RUN_FAILED;
		if (e->exit_status != 0)
			snprintf(e->reason, sizeof e->reason, "exit status %d", e->exit_status);
	}
}
