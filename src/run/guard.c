/*
 * guard: where a run is to end with its supervisor, a second process waits for the end of the first. It is forked
 * before the supervisor, is none of its children, and has inherited the run's lock: as long as it lives the run is not
 * without somebody who answers for it, and no reaper comes between.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "local.h"

static bool wanted(const char *dir, struct arena *mem)
{
	struct command_spec spec = {0};
	struct error err;

	return launch_load(dir, mem, &spec, &err) == 0 && spec.watch.end_orphans;
}

/* What the supervisor saw of the end holds; else it is ended, and that is its end. */
static void take_over(const char *store_dir, const char *uuid, const char *dir)
{
	struct arena *mem = arena_new();
	struct store *store = NULL;
	struct run_row row;
	struct ending e;
	struct error err;

	/* The store may be busy or full just now. What cannot be written is left to the reaper, with what it needs. What
	 * was not started yet is the launcher's. */
	if (store_open(&store, store_dir, STORE_WRITE, &err) < 0 ||
	    store_run_by_uuid(store, uuid, mem, &row, &err) < 0 || row.status != RUN_RUNNING)
		goto out;
	if (!ending_load(dir, &e)) {
		/* It ended by itself just then, and nobody saw how: the reaper says so. */
		if (!watch_end_alone(&row))
			goto out;
		e = (struct ending){.status = RUN_KILLED, .exit_status = -1, .at_ms = time_now_ms()};
		snprintf(e.reason, sizeof e.reason, "ended because its supervisor was killed (orphans = end)");
		ending_save(dir, &e, &err);
	}
	finish(store, row.id, dir, &e, &err);
out:
	store_close(store);
	arena_free(mem);
}

void guard_begin(const char *store_dir, const char *uuid)
{
	char *dir = xasprintf("%s/live/%s", store_dir, uuid), byte;
	struct arena *mem = arena_new();
	int alive[2] = {-1, -1};
	bool go = wanted(dir, mem) && pipe2(alive, O_CLOEXEC) == 0;
	ssize_t n;

	arena_free(mem);
	if (!go || fork() != 0) {
		/* The other end stays open as long as this process lives, or whoever it hands over to. */
		if (alive[0] >= 0)
			close(alive[0]);
		free(dir);
		return;
	}
	close(alive[1]);
	close(RUN_FD_REPORT);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	(void)!chdir("/");
	do
		n = read(alive[0], &byte, 1);
	while (n != 0);
	take_over(store_dir, uuid, dir);
	free(dir);
	_exit(0);
}
