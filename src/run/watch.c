/* watch: what state a run is really in, waiting for its end, and asking for it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "local.h"

enum { LOOK_MS = 200, ALONE_LOOK_MS = 50, INSTANT_MS = 2000 };

int run_watch(struct store *store, const char *uuid, enum run_watch *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct run_row row;
	int result = store_run_by_uuid(store, uuid, mem, &row, err);

	if (result == 0)
		*out = watch_of(store, &row);
	arena_free(mem);
	return result;
}

bool run_trouble(struct store *store, const char *uuid, char *out, size_t size)
{
	char *dir = store_live_path(store, uuid), text[TROUBLE_BYTES];
	bool trouble = folder_trouble(dir, text);

	snprintf(out, size, "%s", trouble ? text : "");
	free(dir);
	return trouble;
}

const char *run_flag_word(const char *flag)
{
	static const struct {
		const char *words, *word;
	} ends[] = {{" is nan at step ", "nan"},
	            {" is inf at step ", "inf"},
	            {" is -inf at step ", "inf"},
	            {" has diverged: ", "diverged"}};

	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (strstr(flag, ends[i].words))
			return ends[i].word;
	return strncmp(flag, "stopped", 7) == 0                           ? "stopped"
	       : strncmp(flag, "stalled", 7) == 0                         ? "stalled"
	       : strncmp(flag, STORE_UNHEARD, strlen(STORE_UNHEARD)) == 0 ? "unheard"
	       : flag[0]                                                  ? "flagged"
	                                                                  : "";
}

int run_end_of(struct store *store, const char *uuid, struct run_end *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct run_row row;
	int result = store_run_by_uuid(store, uuid, mem, &row, err);

	*out = (struct run_end){0};
	if (result == 0) {
		out->over = store_status_over(row.status);
		out->status = row.status;
		out->signal = (int)row.signal;
		out->exit_status = !out->over || row.exit_status < 0 ? RUN_EXIT_OWN : (int)row.exit_status;
		snprintf(out->reason, sizeof out->reason, "%s", row.reason);
	}
	arena_free(mem);
	return result;
}

/* ---- waiting ---- */

int watch_descriptor(struct store *store, const char *uuid)
{
	struct arena *mem = arena_new();
	struct run_row row;
	int fd = -1;

	if (store_run_by_uuid(store, uuid, mem, &row, NULL) == 0 && row.supervisor.pid > 0) {
		fd = (int)syscall(SYS_pidfd_open, (pid_t)row.supervisor.pid, 0);
		/* Opened first, checked then: so it is the very process, whatever its number was before. */
		if (fd >= 0 && !proc_alive(&row.supervisor)) {
			close(fd);
			fd = -1;
		}
	}
	arena_free(mem);
	return fd;
}

int watch_after(struct store *store, const char *uuid, struct run_end *out, struct error *err)
{
	enum run_watch state;

	if (run_end_of(store, uuid, out, err) < 0)
		return -1;
	if (out->over || !store_writable(store))
		return 0;
	if (run_watch(store, uuid, &state, err) < 0)
		return -1;
	if (state == RUN_WATCH_OK || state == RUN_WATCH_ELSEWHERE)
		return 0;
	if (run_reap(store, NULL, err) < 0)
		return -1;
	return run_end_of(store, uuid, out, err);
}

int run_wait(struct store *store, const char *uuid, int timeout_ms, struct run_end *out, struct error *err)
{
	int64_t deadline = time_mono_ms() + timeout_ms;
	int fd = -1, result = -1;

	for (;;) {
		struct pollfd p = {fd, POLLIN, 0};
		int64_t left = timeout_ms < 0 ? LOOK_MS : deadline - time_mono_ms();

		if (watch_after(store, uuid, out, err) < 0)
			goto out;
		if (out->over || left <= 0)
			break;
		if (fd < 0)
			p.fd = fd = watch_descriptor(store, uuid);
		if (timeout_ms < 0 && fd >= 0)
			left = 60000;
		else if (fd < 0 && left > LOOK_MS)
			left = LOOK_MS;
		if (poll(&p, 1, (int)left) > 0) {
			close(fd);
			fd = -1;
		}
	}
	result = 0;
out:
	if (fd >= 0)
		close(fd);
	return result;
}

/* ---- stopping ---- */

/* Nobody watches the command any more: it is ended from here, by what it carries in its environment. */
bool watch_end_alone(const struct run_row *row)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGKILL};
	struct proc_list left = {0};
	bool any = false;

	for (size_t i = 0; i < COUNT_OF(signals); i++) {
		int64_t deadline = time_mono_ms() + RUN_GRACE_MS;
		do {
			proc_of_run(row->uuid, &left);
			if (proc_alive(&row->process)) {
				left.pids = vec_reserve(left.pids, &left.cap, left.count + 1, sizeof *left.pids);
				left.pids[left.count++] = (pid_t)row->process.pid;
			}
			if (left.count == 0)
				goto out;
			any = true;
			if (deadline - time_mono_ms() > RUN_GRACE_MS - ALONE_LOOK_MS || signals[i] == SIGKILL)
				for (size_t k = 0; k < left.count; k++) {
					kill(left.pids[k], signals[i]);
					if (signals[i] != SIGKILL)
						kill(left.pids[k], SIGCONT);
				}
			poll(NULL, 0, ALONE_LOOK_MS);
		} while (time_mono_ms() < deadline);
	}
out:
	proc_list_release(&left);
	return any;
}

static int stop_unwatched(struct store *store, const struct run_row *row, const char *why, struct error *err)
{
	struct ending e = {.status = RUN_KILLED, .exit_status = -1};
	struct run_end now;
	char *dir;
	bool held;
	int lock, result;

	watch_end_alone(row);
	dir = store_live_path(store, row->uuid);
	/* The last that it printed is on its way. */
	for (int i = 0; i < 20 && guard_is_there(dir); i++)
		poll(NULL, 0, ALONE_LOOK_MS);
	lock = folder_lock(dir, &held);
	e.at_ms = time_now_ms();
	snprintf(e.reason, sizeof e.reason, "%s (unsupervised)", why);
	/* Held: a reaper was faster; what it wrote stands. */
	result = held ? run_end_of(store, row->uuid, &now, err) : finish(store, row->id, dir, &e, err);
	if (lock >= 0)
		close(lock);
	free(dir);
	return result;
}

int run_stop(struct store *store, const char *uuid, const char *why, struct error *err)
{
	struct arena *mem = arena_new();
	struct run_row row;
	char *dir = NULL, *stop = NULL;
	int fd = -1, result = -1;
	enum run_watch state;
	struct run_end end;

	/* For the instant in which a supervisor begins or ends, its folder is held and nobody is there to be asked. */
	for (int64_t until = time_mono_ms() + INSTANT_MS;; poll(NULL, 0, ALONE_LOOK_MS)) {
		if (store_run_by_uuid(store, uuid, mem, &row, err) < 0)
			goto out;
		state = watch_of(store, &row);
		if (state != RUN_WATCH_OK || (fd = watch_descriptor(store, uuid)) >= 0 || time_mono_ms() >= until)
			break;
	}
	switch (state) {
	case RUN_WATCH_OVER:
		error_set(err, ERR_NO, "run %s is over already: %s", row.name, store_status_name(row.status));
		break;
	case RUN_WATCH_ELSEWHERE:
		error_set(err, ERR_NO, "run %s runs on %s: stop it there", row.name, row.host);
		break;
	case RUN_WATCH_ALONE:
		result = stop_unwatched(store, &row, why, err);
		break;
	case RUN_WATCH_GONE:
		if (run_reap(store, NULL, err) == 0)
			error_set(err, ERR_NO, "run %s was over already: nothing of it lives", row.name);
		break;
	case RUN_WATCH_OK:
		if (fd < 0) {
			error_set(err, ERR_STALE, "run %s is just being started or ended: ask again", row.name);
			break;
		}
		dir = store_live_path(store, uuid);
		stop = folder_file(dir, FILE_STOP);
		/* The first who asks is the one who stopped it. Where there is no room to say why, it is stopped all the
		 * same. */
		if (!file_exists(stop) && folder_replace(dir, FILE_STOP, why, strlen(why), err) < 0 &&
		    run_end_of(store, uuid, &end, NULL) == 0 && end.over) {
			error_set(err, ERR_NO, "run %s is over already: %s", row.name, store_status_name(end.status));
			break;
		}
		if (syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) < 0)
			error_errno(err, errno == ESRCH ? ERR_NO : ERR_ENV, "cannot stop run %s", row.name);
		else
			result = 0;
		/* A supervisor that was stopped itself hears nothing before it goes on. */
		if (result == 0)
			syscall(SYS_pidfd_send_signal, fd, SIGCONT, NULL, 0);
		break;
	}
out:
	if (fd >= 0)
		close(fd);
	free(stop);
	free(dir);
	arena_free(mem);
	return result;
}
