/*
 * report: a run of event lines that come through a pipe.
 *
 * splice(2) moves what is in the pipe into the file: a kill -9 finds each byte in the one or the other. What cannot be
 * spliced (a file, a terminal, a socket) is read and written.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "assay/run_report.h"
#include "assay/store_capture.h"
#include "local.h"

#define FILE_INPUT "events-stdin.jsonl"

enum {
	ABSORB_MS = 250,
	PIECE = 1 << 20,      /* taken from the pipe at once, and what the pipe is made to hold */
	BATCH = 2 << 20,      /* is absorbed without waiting */
	PUNCH = 32 << 20,     /* what is absorbed is given back to the file system in pieces of this size … */
	PUNCH_KEEP = 1 << 16, /* … but for its beginning, and the end that the file is known by */
	STOP_MS = 1000,       /* what comes so long after a signal is read */
	GIVE_UP_MS = 60000,   /* the end could not be written for so long: the reaper's turn */
	RETRY_MOST_MS = 5000,
	HEARD_MS = 10000,
};

struct reporter {
	struct store *store;
	struct events_folder *events;
	const char *uuid;
	int64_t run;
	char *dir, *name;
	int lock; /* -1: the run goes on with another supervisor */
	int from, file, signals;
	bool whole, copies; /* whole: the input is at its end; copies: it cannot be spliced */
	loff_t written, absorbed, punched;
	int64_t next_heard, next_absorb, retry_ms, stop_at; /* monotonic; stop_at 0: nobody asked */
	int signal;
	bool stop_now;
	char unreadable[200];
};

/* ---- taking in ---- */

static void trouble(struct reporter *r, const char *text)
{
	if (text)
		r->retry_ms = !r->retry_ms ? 100 : r->retry_ms * 2 < RETRY_MOST_MS ? r->retry_ms * 2 : RETRY_MOST_MS;
	if (r->lock >= 0 && (text || r->retry_ms))
		folder_say_trouble(r->lock, text ? text : "");
	if (!text)
		r->retry_ms = 0;
}

static ssize_t copy(struct reporter *r)
{
	static char bytes[PIECE];
	ssize_t n = read(r->from, bytes, sizeof bytes);
	size_t done = 0;

	while (n > 0 && done < (size_t)n) {
		ssize_t w = pwrite(r->file, bytes + done, (size_t)n - done, r->written + (loff_t)done);
		struct error err;

		if (w > 0) {
			done += (size_t)w;
			continue;
		}
		if (w < 0 && errno == EINTR)
			continue;
		/* It is in our hands alone: there is no way back into the input. */
		error_errno(&err, ERR_ENV, "cannot write %s/%s", r->dir, r->name);
		trouble(r, err.text);
		poll(NULL, 0, (int)r->retry_ms);
	}
	r->written += n > 0 ? n : 0;
	return n;
}

/* False when there is nothing to be had for now. */
static bool take(struct reporter *r)
{
	ssize_t n = r->copies
	                ? copy(r)
	                : splice(r->from, NULL, r->file, &r->written, PIECE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	struct error err;

	if (n > 0)
		return !r->copies;
	if (n == 0) {
		r->whole = true;
		return false;
	}
	switch (errno) {
	case EINTR:
	case EAGAIN:
		return false;
	case EINVAL:
		if (!r->copies) {
			r->copies = true;
			return true;
		}
		break;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		if (r->copies)
			break;
		error_errno(&err, ERR_ENV, "cannot write %s/%s", r->dir, r->name);
		trouble(r, err.text);
		return false;
	default:
		break;
	}
	error_errno(&err, ERR_ENV, "cannot read the input");
	snprintf(r->unreadable, sizeof r->unreadable, "%s", err.text);
	r->whole = true;
	return false;
}

/* What is absorbed needs no room any more. Where the file system cannot give it back, it takes it until the end. */
static void punch(struct reporter *r)
{
	loff_t to = (r->absorbed - PUNCH_KEEP) & ~(loff_t)(PUNCH_KEEP - 1),
	       from = r->punched ? r->punched : PUNCH_KEEP;

	if (r->lock < 0 || to - from < PUNCH)
		return;
	if (fallocate(r->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to - from) == 0)
		r->punched = to;
}

static int absorb(struct reporter *r, struct error *err)
{
	struct absorbed a;
	int64_t offset;

	r->next_absorb = time_mono_ms() + ABSORB_MS;
	if (store_events_absorb(r->store, r->run, r->events, 0, &a, err) < 0 ||
	    store_events_offset(r->store, r->run, r->name, &offset, err) < 0) {
		trouble(r, err->text);
		r->next_absorb = time_mono_ms() + r->retry_ms;
		return -1;
	}
	if (r->lock >= 0 && time_mono_ms() >= r->next_heard) {
		store_run_heard(r->store, r->run, time_now_ms(), NULL);
		r->next_heard = time_mono_ms() + HEARD_MS;
	}
	trouble(r, NULL);
	r->absorbed = offset;
	if (a.more)
		r->next_absorb = time_mono_ms();
	punch(r);
	return 0;
}

static void take_signals(struct reporter *r)
{
	struct signalfd_siginfo info;

	while (read(r->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		r->stop_now = r->stop_at != 0;
		if (r->stop_at)
			continue;
		r->stop_at = time_mono_ms() + STOP_MS;
		r->signal = (int)info.ssi_signo;
	}
}

static bool goes_on(const struct reporter *r)
{
	return !r->whole && !r->stop_now && (!r->stop_at || time_mono_ms() < r->stop_at);
}

/* The run of another supervisor ended under us: what comes has no place any more. */
static bool is_over(struct reporter *r)
{
	struct run_end end;

	return r->lock < 0 && run_end_of(r->store, r->uuid, &end, NULL) == 0 && end.over;
}

static void read_all(struct reporter *r)
{
	while (goes_on(r) && !is_over(r)) {
		struct pollfd p[2] = {{r->signals, POLLIN, 0}, {r->from, POLLIN, 0}};
		int64_t now = time_mono_ms(), wait = r->next_absorb > now ? r->next_absorb - now : 0;
		struct error err;

		/* A full disk: the input waits. */
		if (r->retry_ms && !r->copies)
			p[1].fd = -1;
		poll(p, 2, (int)wait);
		if (p[0].revents)
			take_signals(r);
		if (p[1].revents || (r->retry_ms && time_mono_ms() >= r->next_absorb))
			while (r->written - r->absorbed < 2 * BATCH && take(r))
				;
		if (time_mono_ms() >= r->next_absorb || r->written - r->absorbed >= BATCH)
			absorb(r, &err);
	}
}

/* ---- the end ---- */

static void describe(const struct reporter *r, struct ending *e)
{
	const char *abbrev = r->signal ? sigabbrev_np(r->signal) : NULL;
	char *path = folder_file(r->dir, FILE_STOP);
	struct str why;

	*e = (struct ending){.status = RUN_DONE, .at_ms = time_now_ms()};
	str_init(&why);
	if (r->signal) {
		e->status = RUN_KILLED;
		e->exit_status = 128 + r->signal;
		if (file_read(path, &why, 4096, NULL) == 0 && why.len)
			snprintf(e->reason, sizeof e->reason, "%.300s (SIG%s)", why.data, abbrev ? abbrev : "?");
		else
			snprintf(e->reason, sizeof e->reason, "the reader was interrupted (SIG%s)",
			         abbrev ? abbrev : "?");
	} else if (r->unreadable[0]) {
		e->status = RUN_FAILED;
		e->exit_status = 1;
		snprintf(e->reason, sizeof e->reason, "%s", r->unreadable);
	}
	str_release(&why);
	free(path);
}

/* end.json first: if we are killed here, or the store takes nothing, the reaper goes by it. */
static int conclude(struct reporter *r, struct error *err)
{
	int64_t start = time_mono_ms();
	struct ending e;

	describe(r, &e);
	r->retry_ms = 0;
	while (ending_save(r->dir, &e, err) < 0 || finish(r->store, r->run, r->dir, &e, err) < 0) {
		if (time_mono_ms() - start > GIVE_UP_MS || r->stop_now)
			return error_prefix(err, "what was read is kept in %s, and goes to the store when it can",
			                    r->dir);
		trouble(r, err->text);
		poll(NULL, 0, (int)r->retry_ms);
		take_signals(r);
	}
	return 0;
}

/* Beside another supervisor: until all of it is absorbed, by whomever. */
static int conclude_beside(struct reporter *r, struct error *err)
{
	while (r->absorbed < r->written) {
		bool over = is_over(r);

		absorb(r, err);
		/* A last line without its end counts when the run ends. */
		if (r->absorbed >= r->written - 1)
			break;
		if (over)
			return error_set(
			    err, ERR_STALE,
			    "the run ended before %lld bytes of what was read were absorbed: they are not kept",
			    (long long)(r->written - r->absorbed));
		take_signals(r);
		if (r->stop_now)
			break;
		poll(NULL, 0, 20);
	}
	return 0;
}

/* ---- the beginning ---- */

static int take_signals_over(struct reporter *r, struct error *err)
{
	static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNT_OF(all); i++)
		sigaddset(&set, all[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	r->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return r->signals < 0 ? error_errno(err, ERR_ENV, "cannot watch for signals") : 0;
}

/* A folder of our own, from before anybody could miss it. */
static int own_folder(struct reporter *r, struct error *err)
{
	char *fresh;
	int result = -1;

	r->lock = folder_make(r->store, r->uuid, &fresh, err);
	if (r->lock < 0)
		return -1;
	if (rename(fresh, r->dir) < 0) {
		error_errno(err, ERR_STORE, "cannot make the run's folder %s", r->dir);
		dir_remove(fresh, NULL);
	} else {
		result = 0;
	}
	free(fresh);
	return result;
}

static int begin_new(struct reporter *r, const struct run_report *spec, const struct run_process *self,
                     struct run_reported *out, struct error *err)
{
	struct run_spec run = {.argv = spec->shown,
	                       .experiment = spec->experiment,
	                       .name = spec->name,
	                       .kind = RUN_REPORTED,
	                       .params = spec->params,
	                       .tags = spec->tags,
	                       .param_count = spec->param_count,
	                       .tag_count = spec->tag_count};
	char *cwd, **env;
	int result = -1;

	if (launch_check(&run, err) < 0)
		return -1;
	id_make(out->run.uuid);
	r->uuid = out->run.uuid;
	r->dir = store_live_path(r->store, r->uuid);
	cwd = path_absolute(".");
	env = launch_environment(&run);
	if (own_folder(r, err) == 0) {
		if (launch_row(r->store, &run, cwd, env, &out->run, err) == 0 &&
		    store_run_start(r->store, out->run.id, self, time_now_ms(), err) == 0)
			result = 0;
		else
			folder_remove(r->dir); /* a row without it is the reaper's, too */
	}
	free(env);
	free(cwd);
	return result;
}

static int begin_again(struct reporter *r, const struct run_report *spec, const struct run_process *self,
                       struct run_reported *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct run_row row;
	bool held;
	int left, result = -1;

	if (store_run_by_uuid(r->store, spec->into, mem, &row, err) < 0)
		goto out;
	memcpy(out->run.uuid, row.uuid, sizeof out->run.uuid);
	snprintf(out->run.name, sizeof out->run.name, "%s", row.name);
	out->run.id = row.id;
	r->uuid = out->run.uuid;
	r->dir = store_live_path(r->store, r->uuid);
	switch (watch_of(r->store, &row)) {
	case RUN_WATCH_OK:
	case RUN_WATCH_ALONE:
		if (!file_exists(r->dir))
			error_set(err, ERR_STALE, "run %s is just being ended: try again", row.name);
		else
			result = launch_pairs(r->store, row.id, spec->params, spec->param_count, spec->tags,
			                      spec->tag_count, err);
		goto out;
	case RUN_WATCH_ELSEWHERE:
		error_set(err, ERR_NO, "run %s runs on %s: report into it there", row.name, row.host);
		goto out;
	case RUN_WATCH_GONE:
		if (run_reap(r->store, NULL, err) < 0)
			goto out;
		break;
	case RUN_WATCH_OVER:
		break;
	}
	if (strcmp(row.kind, RUN_REPORTED) != 0) {
		error_set(err, ERR_NO, "run %s is over, and was no run of `assay log -`: what it is stays as it is",
		          row.name);
		goto out;
	}
	/* What a program that was killed just after the end has left. */
	left = folder_lock(r->dir, &held);
	if (left >= 0) {
		folder_remove(r->dir);
		close(left);
	}
	if (own_folder(r, err) < 0)
		goto out;
	if (store_run_reopen(r->store, row.id, RUN_REPORTED, self, err) == 0)
		result =
		    launch_pairs(r->store, row.id, spec->params, spec->param_count, spec->tags, spec->tag_count, err);
	else
		folder_remove(r->dir);
out:
	arena_free(mem);
	return result;
}

static int open_file(struct reporter *r, const struct run_process *self, struct error *err)
{
	char *path;

	/* Beside others that report into the same run each has a file of its own. */
	r->name = r->lock >= 0 ? xstrdup(FILE_INPUT)
	                       : xasprintf("events-stdin-%lld-%lld.jsonl", (long long)self->pid,
	                                   (long long)self->start_ticks);
	path = folder_file(r->dir, r->name);
	r->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (r->file < 0)
		error_errno(err, ERR_STORE, "cannot write %s", path);
	free(path);
	if (r->file < 0)
		return -1;
	r->events = store_events_new(r->dir);
	/* The writer need not wait for us so often. Not allowed, or no pipe: as it is. */
	(void)!fcntl(r->from, F_SETPIPE_SZ, PIECE);
	return 0;
}

static int64_t bad_lines_of(struct store *store, int64_t run)
{
	struct arena *mem = arena_new();
	struct run_row row;
	int64_t bad = store_run_get(store, run, mem, &row, NULL) == 0 ? row.bad_lines : 0;

	arena_free(mem);
	return bad;
}

int run_report(struct store *store, const struct run_report *spec, struct run_reported *out,
               struct error *err)
{
	struct reporter r = {.store = store, .lock = -1, .from = spec->from, .file = -1, .signals = -1};
	struct run_process self;
	int64_t bad;
	int result = -1;

	*out = (struct run_reported){0};
	if (!proc_identify(getpid(), &self)) {
		error_set(err, ERR_ENV, "cannot read /proc: is it mounted?");
		goto out;
	}
	if (take_signals_over(&r, err) < 0 ||
	    (spec->into ? begin_again : begin_new)(&r, spec, &self, out, err) < 0 ||
	    open_file(&r, &self, err) < 0)
		goto out;
	r.run = out->run.id;
	bad = bad_lines_of(store, r.run);
	read_all(&r);
	result = r.lock >= 0 ? conclude(&r, err) : conclude_beside(&r, err);
	out->bytes = (uint64_t)r.written;
	out->bad_lines = bad_lines_of(store, r.run) - bad;
	out->over = result == 0 && r.lock >= 0;
	if (result == 0)
		result = run_end_of(store, r.uuid, &out->end, err);
	if (result == 0 && !out->over && r.signal)
		result = error_set(err, ERR_NO, "interrupted; the run goes on");
	if (result == 0 && !out->over && r.unreadable[0])
		result = error_set(err, ERR_ENV, "%s", r.unreadable);
out:
	store_events_free(r.events);
	if (r.file >= 0)
		close(r.file);
	if (r.signals >= 0)
		close(r.signals);
	if (r.lock >= 0)
		close(r.lock);
	free(r.name);
	free(r.dir);
	return result;
}
