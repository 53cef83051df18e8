/* reap: runs come to their end here, whoever brings them there: their supervisor, or the first program that
 * finds them without one. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/run_report.h"
#include "assay/store_capture.h"
#include "events.h"
#include "files.h"
#include "flags.h"

static int absorb_all(struct store *store, int64_t run, struct events_folder *events, unsigned flags,
                      struct error *err)
{
	struct absorbed a;

	do {
		if (store_events_absorb(store, run, events, flags, &a, err) < 0)
			return -1;
	} while (a.more);
	return 0;
}

/* Event files of other tools. over: nobody writes any more. */
static int events_all(struct store *store, const struct run_row *row, const char *dir, bool over,
                      struct error *err)
{
	struct events e;
	uint64_t points;
	bool more = true;
	int result;

	events_begin(&e, store, row->id, row->uuid, row->cwd, dir);
	result = over ? events_scan_folders(&e, row->started, err) : 0;
	while (result == 0 && more)
		result = events_take(&e, &points, &more, err);
	events_release(&e);
	return result;
}

static int keep_output(struct store *store, const char *dir, struct run_artifact *log, struct error *err)
{
	char *path = NULL;
	int result = -1;

	*log = (struct run_artifact){.name = FILE_OUTPUT, .kind = "log", .at = time_now_ms()};
	if (output_keep(dir, &path, err) < 0)
		goto out;
	if (path && store_object_put_file(store, path, log->digest, &log->bytes, err) < 0)
		goto out;
	result = 0;
out:
	free(path);
	return result;
}

int finish(struct store *store, int64_t run, const char *dir, const struct ending *e, struct error *err)
{
	struct run_ending end = {.status = e->status,
	                         .reason = e->reason,
	                         .exit_status = e->exit_status,
	                         .signal = e->signal,
	                         .at = e->at_ms};
	struct events_folder *events = store_events_new(dir);
	struct arena *mem = arena_new();
	struct command_spec spec = {0};
	struct run_artifact log;
	struct run_row row;
	struct error why;
	bool open = false;
	int result = -1;

	if (store_run_get(store, run, mem, &row, err) < 0)
		goto out;
	if (!store_status_over(row.status)) {
		/* The bulk first, in transactions of a bounded size; the last few lines go with the status. */
		if (absorb_all(store, run, events, ABSORB_FINAL, err) < 0 || keep_output(store, dir, &log, err) < 0)
			goto out;
		/* What comes through a pipe may be told of another folder, on another machine. */
		if (strcmp(row.kind, RUN_REPORTED) != 0) {
			if (events_all(store, &row, dir, true, err) < 0)
				goto out;
			artifacts_keep(store, run, row.cwd);
			inputs_name(store, run, row.cwd);
		}
		/* Without launch.json nothing is known of what it was to be watched for. Of a run that was lost nobody
		 * knows when it ended. */
		launch_load(dir, mem, &spec, NULL);
		if (spec.watch.discover && e->status != RUN_LOST)
			artifacts_discover(store, &row, e->at_ms);
		/* Durably, and with it all before: the folder that goes then may be gone after a power cut, so what
		 * it held has to be there. */
		if (store_begin(store, STORE_DURABLE, err) < 0)
			goto out;
		open = true;
		if (absorb_all(store, run, events, ABSORB_FINAL, err) < 0)
			goto out;
		if (log.digest[0] && store_artifact_add(store, run, &log, err) < 0)
			goto out;
		if (flags_settle(store, run, &spec.watch, true, err) < 0 || store_events_forget(store, run, err) < 0)
			goto out;
		if (store_run_end(store, run, &end, &why) < 0) {
			/* Two without a folder to lock met here: the other was first. */
			result = why.code == ERR_STALE ? 0 : error_set(err, why.code, "%s", why.text);
			goto out;
		}
		open = false;
		if (store_end(store, true, err) < 0)
			goto out;
	}
	folder_remove(dir);
	result = 0;
out:
	if (open)
		store_end(store, false, NULL);
	store_events_free(events);
	arena_free(mem);
	return result;
}

/* ---- runs that were left alone ---- */

static bool command_lives(const struct run_row *row, const char *dir)
{
	struct proc_list left = {0};
	bool lives;

	if (row->process.pid > 0 && proc_before_boot(&row->process))
		return false;
	if (proc_alive(&row->process) || guard_is_there(dir))
		return true;
	proc_of_run(row->uuid, &left);
	lives = left.count > 0;
	proc_list_release(&left);
	return lives;
}

/* A run that a client made at a supervisor's tracking server has no folder: it is watched as long as that lives. */
static bool is_served(const struct run_row *row)
{
	return strcmp(row->source, "mlflow") == 0 && row->supervisor.pid > 0 && proc_alive(&row->supervisor);
}

enum run_watch watch_of(struct store *store, const struct run_row *row)
{
	char host[256] = "", *dir;
	bool held, lives;
	int lock;

	if (store_status_over(row->status))
		return RUN_WATCH_OVER;
	gethostname(host, sizeof host - 1);
	if (strcmp(host, row->host) != 0)
		return RUN_WATCH_ELSEWHERE;
	if (is_served(row))
		return RUN_WATCH_OK;
	dir = store_live_path(store, row->uuid);
	lock = folder_lock(dir, &held);
	if (lock >= 0)
		close(lock);
	lives = held || command_lives(row, dir);
	free(dir);
	return held ? RUN_WATCH_OK : lives ? RUN_WATCH_ALONE : RUN_WATCH_GONE;
}

static void describe_lost(struct ending *e, const struct run_row *row, const char *dir)
{
	char line[200] = "";
	struct run_log *log = log_open_live(dir);
	const char *why;

	if (log) {
		run_log_last_line(log, line, sizeof line);
		run_log_close(log);
	}
	if (strcmp(row->kind, RUN_REPORTED) == 0)
		why = "`assay log -` was killed; what it had read is kept";
	else if (row->status == RUN_QUEUED)
		why = "the launch was interrupted";
	else if (row->supervisor.pid > 0 && proc_before_boot(&row->supervisor))
		why = "the machine was restarted while it ran";
	else
		why = "its supervisor was killed, and nobody saw how the command ended";
	*e = (struct ending){.status = RUN_LOST, .exit_status = -1, .at_ms = time_now_ms()};
	snprintf(e->reason, sizeof e->reason, "%s%s%s", why, line[0] ? "; last line: " : "", line);
}

static int reap_one(struct store *store, int64_t id, struct run_reaped *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct command_spec spec = {0};
	struct run_row row;
	struct ending e;
	char host[256] = "", *dir = NULL;
	bool held = false;
	int lock = -1, result = -1;

	gethostname(host, sizeof host - 1);
	if (store_run_get(store, id, mem, &row, err) < 0)
		goto out;
	result = 0;
	if (store_status_over(row.status) || strcmp(host, row.host) != 0 || is_served(&row))
		goto out;
	dir = store_live_path(store, row.uuid);
	lock = folder_lock(dir, &held);
	if (held)
		goto out; /* its supervisor lives, or another reaper is at it */
	/* The lock is ours (or the folder is gone): what the row says now, it says until we let go. */
	if (store_run_get(store, id, mem, &row, err) < 0) {
		result = -1;
		goto out;
	}
	if (store_status_over(row.status))
		goto out;
	if (ending_load(dir, &e)) {
		result = finish(store, id, dir, &e, err);
	} else if (row.status == RUN_RUNNING && command_lives(&row, dir)) {
		static const char *const alone = "unsupervised: its supervisor was killed, the command lives";
		out->alone++;
		if (strcmp(row.reason, alone) != 0)
			result = store_run_reason(store, id, alone, err);
		if (result == 0) {
			struct events_folder *events = store_events_new(dir);
			result = absorb_all(store, id, events, 0, err);
			store_events_free(events);
		}
		if (result == 0)
			result = events_all(store, &row, dir, false, err);
		launch_load(dir, mem, &spec, NULL);
		if (result == 0)
			result = flags_settle(store, id, &spec.watch, false, err);
	} else {
		describe_lost(&e, &row, dir);
		result = finish(store, id, dir, &e, err);
		out->lost += result == 0;
	}
out:
	if (lock >= 0)
		close(lock);
	free(dir);
	arena_free(mem);
	return result;
}

/* Left by a launch that was killed: nobody holds it. An age alone would go by a clock that may be set forward. */
static bool is_left(const char *path)
{
	struct stat st;
	bool held;
	int lock;

	if (stat(path, &st) < 0 || time_now_ms() / 1000 - st.st_mtime <= 3600)
		return false;
	lock = folder_lock(path, &held);
	if (lock >= 0)
		close(lock);
	return !held;
}

/* Folders whose run is over, or was never written down: left by a program that was killed just then. */
static void sweep(struct store *store)
{
	char *live = path_join(store_path(store), "live");
	/* What lies there may belong to another store by now, made where ours was, whose runs we do not know. */
	DIR *dir = store_is_displaced(store) ? NULL : opendir(live);
	struct arena *mem = arena_new();
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		struct run_row row;
		struct error err;
		char *path;
		bool held;
		int lock;

		path = path_join(live, d->d_name);
		if (strncmp(d->d_name, FOLDER_GONE, strlen(FOLDER_GONE)) == 0 ||
		    (strncmp(d->d_name, FOLDER_NEW, strlen(FOLDER_NEW)) == 0 && is_left(path)))
			dir_remove(path, NULL);
		lock = id_is_valid(d->d_name) ? folder_lock(path, &held) : -1;
		if (lock >= 0) {
			int found = store_run_by_uuid(store, d->d_name, mem, &row, &err);
			if (found == 0 ? store_status_over(row.status) : err.code == ERR_NO)
				folder_remove(path);
			close(lock);
		}
		free(path);
	}
	if (dir)
		closedir(dir);
	arena_free(mem);
	free(live);
}

int run_reap(struct store *store, struct run_reaped *out, struct error *err)
{
	struct run_reaped none = {0};
	struct arena *mem = arena_new();
	int64_t *ids;
	size_t count;
	int result = -1;

	if (!out)
		out = &none;
	*out = none;
	if (store_runs_open(store, mem, &ids, &count, err) < 0)
		goto out;
	result = 0;
	for (size_t i = 0; i < count; i++)
		if (reap_one(store, ids[i], out, err) < 0)
			result = -1;
	sweep(store);
out:
	arena_free(mem);
	return result;
}
