/* assay run -- CMD…: any command, captured. Ends as the command ended. */
#include <unistd.h>

#include "cli_run.h"
#include "commands.h"

int cmd_run(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_set *params, *tags;
	struct work_run run = {
	    .argv = c->args,
	    .experiment = cli_get(c, "experiment"),
	    .name = cli_get(c, "name"),
	    .pipe = cli_has(c, "pipe"),
	    .orphans = cli_get(c, "orphans"),
	    .no_mlflow = cli_has(c, "no-mlflow"),
	    .unrecognised = cli_get(c, "no-recognise"),
	    .keep_input = true,
	    .followed = true,
	};
	struct run_started started;
	struct run_end end = {0};
	const char **data = arena_array(mem, c->given_count + 1, sizeof *data);
	while ((data[run.data_count] = cli_get_at(c, "data", run.data_count)))
		run.data_count++;
	run.data = data;
	int status = -1;
	if (sets_from_option(c, "param", mem, &params, &run.param_count) != 0 ||
	    sets_from_option(c, "tag", mem, &tags, &run.tag_count) != 0)
		goto out;
	run.params = params;
	run.tags = tags;
	if (work_open(c->store, STORE_WRITE, &store, &c->err) != 0 ||
	    work_run_launch(store, &run, &started, &c->err) != 0)
		goto out;
	if (!c->quiet && isatty(STDERR_FILENO))
		safe_fprintf(stderr, "run %s (%s)\n", started.name, started.uuid + 24);
	if (run_attend(c, store, &started, true, &end) != 0)
		goto out;
	/* What could not be started, or was left alone, has printed nothing that would say so. */
	if (end.over &&
	    (end.exit_status == RUN_EXIT_CANNOT || end.exit_status == RUN_EXIT_NOT_FOUND ||
	     end.status == RUN_LOST) &&
	    end.reason[0])
		safe_fprintf(stderr, "assay: %s\n", end.reason);
	status = end.over ? end.exit_status : 128 + 1;
out:
	store_close(store);
	arena_free(mem);
	return status;
}
