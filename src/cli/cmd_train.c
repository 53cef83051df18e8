/* assay train RECIPE: trains on a registered data set, as a run. */
#include <math.h>

#include "cli_run.h"
#include "commands.h"

static int take_options(struct cli *c, struct work_train *t, struct arena *mem, char ***drop)
{
	int64_t seed = -1, threads = 0;
	struct work_set *set;
	work_train_init(t);
	t->recipe = c->args[0];
	t->data = cli_get(c, "data");
	t->test = cli_get(c, "test");
	t->label = cli_get(c, "label");
	t->positive = cli_get(c, "positive");
	t->experiment = cli_get(c, "experiment");
	t->name = cli_get(c, "name");
	if (cli_get_num(c, "split", 0, 0.9, &t->split) != 0 || cli_get_int(c, "seed", 0, INT64_MAX, &seed) != 0 ||
	    cli_get_int(c, "threads", 1, 1024, &threads) != 0 ||
	    sets_from_option(c, "set", mem, &set, &t->set_count) != 0)
		return -1;
	t->set = set;
	t->seed = seed;
	t->threads = (int)threads;
	if (cli_has(c, "drop")) {
		*drop = cli_split_list(cli_get(c, "drop"), &t->drop_count);
		t->drop = (const char *const *)*drop;
	}
	return 0;
}

static int report(struct cli *c, struct store *store, const struct run_started *started,
                  const struct run_end *end)
{
	struct arena *mem = arena_new();
	struct run_row run;
	int status = store_run_get(store, started->id, mem, &run, &c->err);
	if (status == 0 && c->json) {
		struct str json;
		struct json_writer j;
		str_init(&json);
		jw_init(&j, &json);
		status = run_json(c, store, &run, true, &j, mem);
		jw_object_end(&j);
		if (status == 0)
			json_print(&json, stdout);
		str_release(&json);
	} else if (status == 0 && !c->quiet) {
		char span[TIME_TEXT];
		safe_fprintf(stdout, "%s  %s (%s)  %s%s%s  %s\n", status_sign(run.status), run.name, run.uuid + 24,
		             store_status_name(end->status), end->reason[0] ? ", " : "", end->reason,
		             time_span(run.ended > run.started ? run.ended - run.started : 0, span));
	}
	arena_free(mem);
	return status;
}

int cmd_train(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_train train;
	struct run_started started;
	struct run_end end = {0};
	char **drop = NULL;
	int status = -1;
	if (take_options(c, &train, mem, &drop) != 0)
		goto out;
	train.followed = true;
	if (work_open(c->store, STORE_WRITE, &store, &c->err) != 0 ||
	    work_train_launch(store, &train, &started, &c->err) != 0 ||
	    run_attend(c, store, &started, !c->json && !c->quiet, &end) != 0)
		goto out;
	status = end.over ? report(c, store, &started, &end) : 128 + 1;
	if (status == 0)
		status = end.exit_status;
out:
	store_close(store);
	free(drop);
	arena_free(mem);
	return status;
}

int cmd_internal_train(struct cli *c)
{
	(void)c;
	return work_trainer();
}

int cmd_internal_supervise(struct cli *c)
{
	return run_supervise(c->args[0], c->args[1]);
}
