/* What was recognised in a run's output, by what, and whether it is off for the runs to come. */
#include <string.h>

#include "assay/store_capture.h"
#include "assay/work_patterns.h"
#include "list.h"
#include "view_inside.h"

enum { TAG_SWITCH = 1, WORD = 200 };

struct recognised_view {
	struct list_view list;
	int64_t run;
};
struct recognised_rows {
	struct list_rows list;
	const char *uuid;
	const struct store_recognised *found; /* row i + 1 */
	const bool *off;                      /* by row: alone, or with its recogniser */
};
/* To be switched, and what came of it. */
struct switching {
	char word[WORD];
	bool off, changed;
};

/* ---- on the reader's and the writer's thread ---- */

static int read_rows(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct list_ask *ask = arg;
	struct recognised_rows *out = arena_alloc(a, sizeof *out);
	struct run_patterns *patterns = NULL;
	struct store_recognised *found;
	struct run_row run;
	bool *off;

	*result = out;
	out->list.store = store_change(desk->store);
	out->list.same = ask->store != 0 && ask->store == out->list.store;
	if (out->list.same)
		return 0;
	if (store_run_get(desk->store, ask->id, a, &run, err) != 0 ||
	    store_recognised(desk->store, ask->id, a, &found, &out->list.count, err) != 0 ||
	    work_patterns_read(desk->store, run.experiment, &patterns, err) != 0)
		return -1;
	out->uuid = arena_strdup(a, run.uuid);
	out->found = found;
	out->off = off = arena_array(a, out->list.count + 1, sizeof *off);
	out->list.rows = arena_array(a, out->list.count + 1, sizeof *out->list.rows);
	for (size_t i = 0; i < out->list.count; i++) {
		struct ui_cell *c = arena_array(a, 5, sizeof *c);

		off[i] = run_patterns_is_off(patterns, found[i].recogniser, found[i].name);
		c[0] = list_cell(found[i].recogniser, 0);
		c[1] = list_cell(found[i].name, 0);
		c[2] = list_cell_by(view_cell_count(a, found[i].lines), 0, (double)found[i].lines);
		c[3] = list_cell(off[i] ? "off" : "on", off[i] ? STYLE_WARN : STYLE_GOOD);
		c[4] = list_cell(found[i].example, STYLE_MUTED);
		out->list.rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = c};
	}
	run_patterns_free(patterns);
	return 0;
}

static int write_switch(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	struct switching *s = arena_alloc(a, sizeof *s);

	*s = *(const struct switching *)arg;
	*result = s;
	return work_patterns_switch(desk->store, NULL, s->word, s->off, &s->changed, err);
}

/* ---- the screen ---- */

static const struct recognised_rows *rows_of(struct view *v)
{
	return (const struct recognised_rows *)((struct list_view *)v->state)->got;
}

static size_t columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "recogniser", .title = "recogniser", .min = 10, .max = 12},
	    {.id = "name", .title = "name", .min = 14, .max = width / 3},
	    {.id = "lines", .title = "lines", .align = UI_RIGHT, .min = 6},
	    {.id = "is", .title = "is", .min = 3},
	    {.id = "example",
	     .title = "for example",
	     .min = 16,
	     .max = width > 90 ? width - 60 : 24,
	     .priority = 1},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static void ask(struct view *v, struct list_ask *out)
{
	out->id = ((struct recognised_view *)v->state)->run;
}

static bool action(struct view *v, enum action what)
{
	const struct recognised_rows *rows = rows_of(v);
	struct switching s = {.changed = false};
	size_t at = list_at(&((struct list_view *)v->state)->list);

	if (what != ACTION_RECOGNISED_SWITCH)
		return false;
	if (!rows || at >= rows->list.count)
		return true;
	s.off = !rows->off[at];
	snprintf(s.word, sizeof s.word, "%s:%s", rows->found[at].recogniser, rows->found[at].name);
	ui_do(v, TAG_SWITCH, write_switch, &s, sizeof s, NULL);
	return true;
}

static const char *why_not(struct view *v, enum action what, bool *own)
{
	const struct recognised_rows *rows = rows_of(v);

	*own = what == ACTION_RECOGNISED_SWITCH;
	return !*own || (rows && rows->list.count > 0) ? NULL : "nothing was recognised";
}

static void result(struct view *v, struct ui_result *r)
{
	const struct switching *s = r->data;

	if (r->status != 0)
		return;
	view_command(v->ui, (const char *[]){"assay", "patterns", s->off ? "off" : "on", s->word, NULL});
	ui_message(v->ui, STYLE_MESSAGE, "%s is %s for the runs to come; this one keeps what it has", s->word,
	           s->off ? "off" : "on");
	list_view_read(v, true);
}

static const struct list_spec RECOGNISED = {
    .one = "name",
    .many = "names",
    .empty = "Nothing was recognised in the output of this run.\n\n"
             "$ assay patterns ls         says what is\n"
             "$ assay patterns try FILE   tries it on a file",
    .of_object = true,
    .columns = columns,
    .open_why_not = "o switches it off, or on again, for the runs to come",
    .read = read_rows,
    .ask = ask,
    .action = action,
    .why_not = why_not,
    .result = result,
};

static int open(struct view *v, const void *args, struct error *err)
{
	(void)err;
	((struct recognised_view *)v->state)->run = ((const struct recognised_args *)args)->run;
	list_view_begin(v, &RECOGNISED);
	return 0;
}

static void title(struct view *v, struct str *out)
{
	(void)v;
	str_adds(out, "recognised");
}

static void place(struct view *v, struct str *out)
{
	if (rows_of(v))
		str_addf(out, "run:%s/recognised", rows_of(v)->uuid);
}

const struct view_ops RECOGNISED_VIEW = {
    .name = "recognised",
    .contexts = "recognised list",
    .state_size = sizeof(struct recognised_view),
    .open = open,
    .title = title,
    .place = place,
    LIST_VIEW_OPS,
};
