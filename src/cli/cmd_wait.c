/* assay wait RUN, assay stop RUN. */
#include <math.h>

#include "cli_run.h"
#include "commands.h"

/* Waits in short steps, with the run's own progress beside it. */
static int wait_for(struct cli *c, struct store *store, const struct run_row *run, int64_t seconds,
                    struct run_end *end)
{
	enum { STEP_MS = 500 };
	struct bar bar;
	int64_t began = time_mono_ms(), limit = seconds < 0 ? INT64_MAX : seconds * 1000;
	int status;
	bar_start(&bar, c, run->name);
	for (;;) {
		int64_t left = limit - (time_mono_ms() - began);
		status =
		    run_wait(store, run->uuid, left < STEP_MS ? (int)(left > 0 ? left : 0) : STEP_MS, end, &c->err);
		if (status != 0 || end->over || left <= 0)
			break;
		struct arena *mem = arena_new();
		struct run_row now;
		if (bar.on && store_run_get(store, run->id, mem, &now, NULL) == 0 &&
		    (!isnan(now.progress) || now.flag[0]))
			bar_show(&bar, isnan(now.progress) ? 0 : now.progress, now.flag);
		arena_free(mem);
	}
	bar_end(&bar);
	return status;
}

int cmd_wait(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct run_row run;
	struct run_end end;
	int64_t seconds = -1;
	int status = cli_get_int(c, "timeout", 0, INT32_MAX / 1000, &seconds);
	if (status == 0)
		status = run_open(c, STORE_READ, c->args[0], &store, mem, &run);
	if (status == 0)
		status = wait_for(c, store, &run, seconds, &end);
	if (status == 0 && !end.over) {
		struct run_row now = run;
		store_run_get(store, run.id, mem, &now, NULL);
		status =
		    error_set(&c->err, ERR_NO, "%s is not over after %lld s (%s%s%s)", run.name, (long long)seconds,
		              store_status_name(end.status), now.flag[0] ? ", " : "", now.flag);
	} else if (status == 0) {
		if (!c->quiet)
			safe_fprintf(stdout, "%s  %s%s%s\n", run.name, store_status_name(end.status),
			             end.reason[0] ? ", " : "", end.reason);
		status = end.exit_status;
	}
	store_close(store);
	arena_free(mem);
	return status;
}

int cmd_stop(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct run_row run;
	int status = run_open(c, STORE_WRITE, c->args[0], &store, mem, &run);
	if (status == 0)
		status = work_stop(store, run.uuid, &c->err);
	if (status == 0 && !c->quiet)
		safe_fprintf(stdout, "asked %s to end\n", run.name);
	store_close(store);
	arena_free(mem);
	return status;
}
