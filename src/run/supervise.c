/*
 * supervise: the process that watches over one run. One thread, one poll loop. It is careful in one
 * direction: whatever fails on our side (a full disk, a store that cannot be written), the command goes on
 * and the files stay; what the store is told comes later, but once, and true.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervise.h"

enum {
	FD_LOCK = RUN_FD_LOCK,
	FD_REPORT = RUN_FD_REPORT,
	ABSORB_MS = 500,
	KILL_AGAIN_MS = 100,
	STRAGGLERS_MS = 1000, /* what is left of a run when its command has ended gets this long */
	QUIET_MS = 200,       /* output of stragglers is waited for so long after the command's end */
	DRAIN_MS = 5000,      /* and no longer than this */
	GIVE_UP_MS = 600000,  /* the store could not be written for so long at the end: the reaper's turn */
};

extern char **environ;

/* To the launcher; the first word counts. */
static void report(struct supervisor *s, const char *text)
{
	struct str line;

	if (s->reported)
		return;
	s->reported = true;
	str_init(&line);
	str_adds(&line, text);
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] == '\n')
			line.data[i] = ' ';
	str_addc(&line, '\n');
	fd_write_all(FD_REPORT, line.data, line.len);
	close(FD_REPORT);
	str_release(&line);
}

/* ---- output ---- */

/* False at the end of the output. */
static bool read_output(struct supervisor *s)
{
	char buf[1 << 16];

	for (int i = 0; i < 16; i++) {
		ssize_t n = read(s->command.out, buf, sizeof buf);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false; /* EIO: the last holder of the terminal is gone */
		output_add(&s->output, buf, (size_t)n);
		findings_feed(&s->findings, buf, (size_t)n);
		flags_heard(&s->flags);
		s->last_output = time_mono_ms();
		if (n < 4096)
			return true;
	}
	return true;
}

/* ---- the store, in time ---- */

static void trouble(struct supervisor *s, const char *text)
{
	if (!text) {
		if (s->troubled)
			folder_say_trouble(FD_LOCK, "");
		s->troubled = false;
		s->retry_ms = 0;
		return;
	}
	if (!s->troubled)
		folder_say_trouble(FD_LOCK, text);
	s->troubled = true;
	s->retry_ms = s->retry_ms ? (s->retry_ms < 15000 ? s->retry_ms * 2 : 30000) : 1000;
	s->next_absorb = time_mono_ms() + s->retry_ms;
}

static void absorb(struct supervisor *s)
{
	struct absorbed a;
	struct error err;
	uint64_t points;
	bool more;

	s->next_absorb = time_mono_ms() + ABSORB_MS;
	findings_flush(&s->findings);
	events_scan_tree(&s->events, getpid());
	if (store_events_absorb(s->store, s->run, s->folder, 0, &a, &err) < 0 || samples_flush(s, &err) < 0 ||
	    files_flush(s->files, s->store, s->run, &err) < 0 ||
	    findings_save(&s->findings, s->store, s->run, false, &err) < 0 ||
	    events_take(&s->events, &points, &more, &err) < 0) {
		trouble(s, err.text);
		return;
	}
	trouble(s, NULL);
	if (a.bytes + points > 0)
		flags_heard(&s->flags);
	if (a.more || more)
		s->next_absorb = time_mono_ms();
}

/* ---- stopping ---- */

static const int stop_signals[] = {0, SIGINT, SIGTERM, SIGKILL};
static const char *const stop_names[] = {"", "SIGINT", "SIGTERM", "SIGKILL"};

static void signal_tree(int signal)
{
	struct proc_list tree = {0};

	proc_tree(getpid(), &tree);
	for (size_t i = 0; i < tree.count; i++) {
		kill(tree.pids[i], signal);
		/* A process that is stopped (SIGSTOP) would never hear of it. */
		if (signal != SIGKILL)
			kill(tree.pids[i], SIGCONT);
	}
	proc_list_release(&tree);
}

static void stop_further(struct supervisor *s)
{
	if (s->stop_stage < STOP_KILL)
		s->stop_stage++;
	signal_tree(stop_signals[s->stop_stage]);
	s->next_stop = time_mono_ms() + (s->stop_stage == STOP_KILL ? KILL_AGAIN_MS : RUN_GRACE_MS);
}

static void stop_asked(struct supervisor *s)
{
	if (s->stop_stage == STOP_NONE) {
		char *path = folder_file(s->dir, FILE_STOP);
		struct str text;
		str_init(&text);
		if (file_read(path, &text, 4096, NULL) == 0 && text.len)
			snprintf(s->stop_why, sizeof s->stop_why, "%.300s", text.data);
		else
			snprintf(s->stop_why, sizeof s->stop_why, "its supervisor was told to end");
		str_release(&text);
		free(path);
	}
	stop_further(s);
}

/* largest: bytes that the largest process of it had. */
static void look_for_oom(struct supervisor *s, uint64_t largest)
{
	uint64_t held, peak = largest > s->last_use.rss ? largest : s->last_use.rss;
	enum oom_verdict verdict;

	if (s->ending.signal != SIGKILL && s->ending.exit_status != 128 + SIGKILL)
		return;
	verdict = oom_judge(&s->oom, s->command.pid, &held);
	oom_words(&s->ending, verdict, held > peak ? held : peak);
}

static void reap_children(struct supervisor *s)
{
	struct rusage used;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
		if (pid != s->command.pid)
			continue; /* an orphan that came to us */
		s->ended = true;
		command_ended(&s->command);
		ending_of_wait(&s->ending, status);
		if (s->stop_stage == STOP_NONE) {
			look_for_oom(s, (uint64_t)used.ru_maxrss * 1024);
			continue;
		}
		s->ending.status = RUN_KILLED;
		snprintf(s->ending.reason, sizeof s->ending.reason, "%s (%s)", s->stop_why,
		         stop_names[s->stop_stage]);
	}
}

static void take_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	/* First what has ended: a command that was over when the request came was not stopped by it. */
	reap_children(s);
	while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo != SIGCHLD && !s->ended)
			stop_asked(s);
	}
	reap_children(s);
}

/* ---- the loop ---- */

static void loop_once(struct supervisor *s, int64_t until)
{
	struct pollfd p[3] = {{s->signals, POLLIN, 0},
	                      {s->output_open ? s->command.out : -1, POLLIN, 0},
	                      {s->tracking.listener, POLLIN, 0}};
	int64_t now = time_mono_ms(), wake = until;

	wake = s->next_absorb < wake ? s->next_absorb : wake;
	wake = s->next_sample < wake ? s->next_sample : wake;
	wake = s->flags.next < wake && !s->ended ? s->flags.next : wake;
	if (s->stop_stage && s->next_stop < wake)
		wake = s->next_stop;
	poll(p, 3, wake > now ? (int)(wake - now) : 0);
	if (p[2].revents)
		tracking_serve(&s->tracking, &s->self, &s->child);
	if (p[1].revents && !read_output(s))
		s->output_open = false;
	if (p[0].revents)
		take_signals(s);
	now = time_mono_ms();
	if (now >= s->next_absorb)
		absorb(s);
	if (now >= s->next_sample) {
		oom_note(&s->oom, s->command.pid, now);
		samples_take(s);
	}
	if (now >= s->flags.next && !s->ended)
		flags_look(&s->flags, s->store, s->run, getpid());
	if (s->stop_stage && !s->ended && now >= s->next_stop)
		stop_further(s);
}

/* What else belongs to a run that was stopped goes too. After an end of its own, those who left the session
 * on purpose (servers, daemons) are left alone; workers in it mostly notice the end and go, and what they
 * still report until then is waited for. */
static void end_stragglers(struct supervisor *s)
{
	int64_t start = time_mono_ms();

	for (;;) {
		int64_t spent = time_mono_ms() - start;
		bool stopped = s->stop_stage != STOP_NONE;
		/* Some states not even SIGKILL ends. */
		if (!proc_below(getpid(), stopped ? 0 : s->command.pid) ||
		    spent >= (stopped ? 10 : 1) * STRAGGLERS_MS)
			return;
		if (stopped && spent >= STRAGGLERS_MS)
			signal_tree(SIGKILL);
		loop_once(s, time_mono_ms() + 20);
		reap_children(s);
	}
}

static void drain(struct supervisor *s)
{
	int64_t start = time_mono_ms(), now = start;
	bool over = false;

	s->last_output = start;
	for (; s->output_open && !over; now = time_mono_ms()) {
		int64_t before = s->last_output;
		bool quiet = now - before >= QUIET_MS;
		/* It may be us who were away for so long: what has come meanwhile is read before it counts as none. */
		loop_once(s, quiet ? now : now + 20);
		over = (quiet && s->last_output == before) || now - start >= DRAIN_MS;
	}
}

static void watch(struct supervisor *s)
{
	s->output_open = true;
	s->next_absorb = time_mono_ms() + ABSORB_MS;
	samples_start(s);
	while (!s->ended)
		loop_once(s, time_mono_ms() + 60000);
	end_stragglers(s);
	drain(s);
	findings_end(&s->findings);
	files_end(s->files, s->store, s->run);
	s->files = NULL;
}

/* The files say how it ended before the store does: if we are killed here, the reaper takes it from them. */
static void conclude(struct supervisor *s)
{
	int64_t start = time_mono_ms();
	struct error err;

	for (;;) {
		bool saved = ending_save(s->dir, &s->ending, &err) == 0;
		findings_flush(&s->findings);
		/* Nothing may be missing from the output in silence: it is kept once it says what is. */
		if (output_own_up(&s->output) < 0)
			error_errno(&err, ERR_ENV, "cannot write the output");
		else if (samples_flush(s, &err) == 0 &&
		         findings_save(&s->findings, s->store, s->run, true, &err) == 0 &&
		         finish(s->store, s->run, s->dir, &s->ending, &err) == 0)
			return;
		trouble(s, err.text);
		if (saved && time_mono_ms() - start > GIVE_UP_MS)
			return;
		poll(NULL, 0, (int)s->retry_ms);
	}
}

/* ---- the beginning ---- */

/* The environment as we got it, with the run's own names. */
static char **command_environment(struct supervisor *s, const struct command_spec *spec)
{
	size_t n = 0, out = 0;
	char **env;

	while (environ[n])
		n++;
	env = arena_array(s->mem, n + 5 + TRACKING_VARIABLES, sizeof *env);
	for (size_t i = 0; i < n; i++)
		if (spec->pipe || (strncmp(environ[i], "LINES=", 6) != 0 && strncmp(environ[i], "COLUMNS=", 8) != 0))
			env[out++] = environ[i];
	env[out++] = arena_printf(s->mem, "ASSAY_RUN_ID=%s", s->uuid);
	env[out++] = arena_printf(s->mem, "ASSAY_EVENTS=%s", s->dir);
	env[out++] = arena_printf(s->mem, "ASSAY_STORE=%s", store_path(s->store));
	if (!getenv("OMP_WAIT_POLICY"))
		env[out++] = arena_strdup(s->mem, "OMP_WAIT_POLICY=passive");
	out = tracking_environment(&s->tracking, s->store, s->run, env, out, s->mem);
	env[out] = NULL;
	return env;
}

static int take_signals_over(struct supervisor *s, struct error *err)
{
	sigset_t set;

	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return s->signals < 0 ? error_errno(err, ERR_ENV, "cannot watch for signals") : 0;
}

/* The run becomes running, with who watches and who is watched, before the command may do anything. */
static int begin(struct supervisor *s, struct error *err)
{
	bool good;

	if (!proc_identify(getpid(), &s->self) || !proc_identify(s->command.pid, &s->child))
		return error_set(err, ERR_ENV, "cannot read /proc: is it mounted?");
	if (store_begin(s->store, STORE_NORMAL, err) < 0)
		return -1;
	good = store_run_start(s->store, s->run, &s->self, time_now_ms(), err) == 0 &&
	       store_run_process(s->store, s->run, &s->child, err) == 0;
	if (!good) {
		store_end(s->store, false, NULL);
		return -1;
	}
	return store_end(s->store, true, err);
}

static int start(struct supervisor *s, struct error *err)
{
	struct command_spec spec = {0};
	struct run_row row;
	char *log;
	int null, exit_status, opened;

	if (store_run_by_uuid(s->store, s->uuid, s->mem, &row, err) < 0)
		return -1;
	s->run = row.id;
	events_begin(&s->events, s->store, s->run, s->uuid, row.cwd, s->dir);
	if (row.status != RUN_QUEUED)
		return error_set(err, ERR_STALE, "run %s is %s already", s->uuid, store_status_name(row.status));
	if (launch_load(s->dir, s->mem, &spec, err) < 0)
		return -1;
	if (!spec.reports && findings_begin(&s->findings, err) < 0)
		return -1;
	flags_begin(&s->flags, &spec.watch);
	if (spec.mlflow && !spec.reports)
		tracking_open(&s->tracking, s->store, s->uuid);
	spec.env = command_environment(s, &spec);
	log = folder_file(s->dir, FILE_OUTPUT);
	opened = output_open(&s->output, log, RUN_OUTPUT_HEAD, RUN_OUTPUT_TAIL, err);
	free(log);
	if (opened < 0 || command_prepare(&s->command, &spec, err) < 0)
		return -1;
	/* The command has its own copy of our standard input: whoever writes into it shall see it end. */
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(null, 0);
	close(null);
	oom_begin(&s->oom, "");
	oom_note(&s->oom, s->command.pid, time_mono_ms());
	if (begin(s, err) < 0) {
		command_drop(&s->command);
		return -1;
	}
	guard_hold(s->guard, &s->child, s->command.out, &s->tracking);
	if (!spec.reports)
		s->files = files_start(spec.argv, spec.cwd);
	if (command_release(&s->command, &spec, &exit_status, err) < 0) {
		s->ended = true;
		s->ending = (struct ending){.status = RUN_FAILED, .exit_status = exit_status, .at_ms = time_now_ms()};
		snprintf(s->ending.reason, sizeof s->ending.reason, "%.500s", err->text);
	}
	return 0;
}

int run_supervise(const char *store_dir, const char *run_uuid)
{
	struct supervisor s = {.uuid = run_uuid,
	                       .signals = -1,
	                       .output = {.fd = -1},
	                       .oom = {.messages = -1},
	                       .tracking = {.listener = -1, .socket = -1, .stop = -1}};
	struct error err;
	int status = RUN_EXIT_OWN;
	pid_t pid;

	if (fcntl(FD_LOCK, F_SETFD, FD_CLOEXEC) < 0 || fcntl(FD_REPORT, F_SETFD, FD_CLOEXEC) < 0 ||
	    !id_is_valid(run_uuid)) {
		fprintf(stderr, "assay: internal-supervise is started by assay itself\n");
		return ERR_USAGE;
	}
	s.guard = guard_begin(store_dir, run_uuid);
	/* The caller waits for us, not for the run: a child of nobody goes on. It leads no session, so that no
	 * terminal can become its own. */
	pid = fork();
	if (pid != 0)
		_exit(pid < 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1L);
	s.mem = arena_new();
	findings_init(&s.findings, NULL);
	if (take_signals_over(&s, &err) < 0 || store_open(&s.store, store_dir, STORE_WRITE, &err) < 0) {
		report(&s, err.text);
		goto out;
	}
	s.dir = store_live_path(s.store, run_uuid);
	s.findings.dir = s.dir;
	s.folder = store_events_new(s.dir);
	if (start(&s, &err) < 0) {
		report(&s, err.text);
		goto out;
	}
	(void)!chdir("/");
	if (s.ended) {
		waitpid(s.command.pid, NULL, 0);
	} else {
		report(&s, "started");
		watch(&s);
	}
	tracking_close(&s.tracking);
	conclude(&s);
	output_close(&s.output);
	report(&s, "ended");
	status = 0;
out:
	tracking_close(&s.tracking);
	findings_release(&s.findings);
	oom_release(&s.oom);
	events_release(&s.events);
	store_events_free(s.folder);
	store_close(s.store);
	arena_free(s.mem);
	samples_release(&s);
	free(s.dir);
	return status;
}
