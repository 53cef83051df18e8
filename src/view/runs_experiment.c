/* One experiment alone, with columns, order, filter and baseline of its own. */
#include <string.h>

#include "runs_inside.h"

/* With the shape that was left there last. */
static int enter(struct runs *r, const char *name, struct error *err)
{
	if (strcmp(name, r->experiment) == 0)
		return 0;
	if (strlen(name) >= sizeof r->experiment)
		return error_set(err, ERR_USAGE, "the name of this experiment has more than %zu characters",
		                 sizeof r->experiment - 1);
	runs_remember(r);
	r->within = (struct runs_within){0};
	snprintf(r->experiment, sizeof r->experiment, "%s", name);
	ui_state_set(r->view, "experiment", name);
	r->column_placed = false;
	runs_recall(r);
	runs_saved_ask(r);
	runs_names_ask(r);
	runs_from_top(r);
	runs_shape_show(r);
	return 0;
}

int view_runs_show(struct view *v, const struct runs_args *args, struct error *err)
{
	struct runs *r = v->state;

	if (enter(r, args->experiment, err) != 0)
		return -1;
	return args->view ? runs_saved_show(r, args->view, args->shape, err) : 0;
}

static void experiment_accept(void *user, int64_t id)
{
	struct runs *r = user;
	struct error err;

	if (id < 1 || (size_t)id > r->menu_count)
		return;
	if (view_runs_show(r->view, &(struct runs_args){.experiment = r->menu_keys[id - 1]}, &err) != 0)
		ui_error(r->view->ui, &err);
}

static void open_menu(struct runs *r)
{
	size_t count = r->experiments->count;
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, count + 1, sizeof *items);
	const char **names = arena_array(a, count + 1, sizeof *names);
	struct ui_menu menu = {.title = "Experiment",
	                       .items = items,
	                       .count = count + 1,
	                       .current = 1,
	                       .user = r,
	                       .accept = experiment_accept};

	names[0] = "";
	items[0] = (struct ui_menu_item){.text = "all experiments", .detail = "every run", .id = 1};
	for (size_t i = 0; i < count; i++) {
		const struct store_experiment *e = &r->experiments->list[i];
		char number[NUM_TEXT];

		names[i + 1] = arena_strdup(a, e->name);
		items[i + 1] = (struct ui_menu_item){
		    .text = e->name,
		    .detail = arena_printf(a, "%s%s %s", count_people(e->runs, number),
		                           e->runs >= RUNS_COUNT_MAX ? "+" : "", e->runs == 1 ? "run" : "runs"),
		    .id = (int64_t)i + 2};
		if (strcmp(e->name, r->experiment) == 0)
			menu.current = items[i + 1].id;
	}
	arena_free(r->menu_arena);
	r->menu_arena = a;
	r->menu_keys = names;
	r->menu_count = menu.count;
	ui_menu(r->view, &menu);
}

void runs_experiments_ask(struct runs *r)
{
	ui_ask(r->view, TAG_EXPERIMENTS, view_runs_read_experiments, NULL, 0, NULL);
}

void runs_experiment_choose(struct runs *r)
{
	if (r->experiments)
		open_menu(r); /* at once, so that what is typed ahead meets it */
	else
		r->experiments_wanted = true;
	runs_experiments_ask(r);
}

void runs_experiments_take(struct runs *r, struct ui_result *result)
{
	arena_free(r->experiments_arena);
	r->experiments_arena = result->arena;
	r->experiments = result->data;
	result->arena = NULL;
	if (r->experiments_wanted)
		open_menu(r);
	r->experiments_wanted = false;
}
