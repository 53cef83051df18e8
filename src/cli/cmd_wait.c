/* assay wait RUN, assay stop RUN. */
#include "cli_run.h"
#include "commands.h"

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
		status = run_wait(store, run.uuid, seconds < 0 ? -1 : (int)seconds * 1000, &end, &c->err);
	if (status == 0 && !end.over) {
		status = error_set(&c->err, ERR_NO, "%s is not over after %lld s (%s)", run.name, (long long)seconds,
		                   store_status_name(end.status));
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
