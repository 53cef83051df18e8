/* Relations: rows that another data set has, too: what is chosen, the list of how many, the rows behind a number. */
#include <stdlib.h>
#include <string.h>

#include "models.h"
#include "relations.h"
#include "view_inside.h"

/* ---- what is compared ---- */

static bool is_chosen(const struct overlap_tab *o)
{
	return o->ask.other != 0 || o->ask.ref[0];
}

/* What stands in an empty list follows what is known. */
static void show(struct overlap_tab *o)
{
	if (o->seen) {
		list_set_rows(o->list, o->seen->list.rows, o->seen->list.count);
		list_set_columns(o->list);
	} else {
		list_set_rows(o->list, NULL, 0);
	}
}

static void ask(struct overlap_tab *o)
{
	o->asked = true;
	o->stopped = false;
	o->fault.code = 0;
	ui_ask_aside(o->view, OVERLAP_TAG_READ, view_overlap_read, &o->ask, sizeof o->ask, NULL);
	show(o);
}

void view_overlap_refresh(struct overlap_tab *o)
{
	if (is_chosen(o) && !ui_asking(o->view, OVERLAP_TAG_READ))
		ask(o);
}

void view_overlap_begin(struct overlap_tab *o)
{
	if (is_chosen(o) && !o->asked)
		ask(o);
}

static void forget(struct overlap_tab *o)
{
	struct arena *before = o->arena;

	o->arena = NULL;
	o->seen = NULL;
	show(o);
	arena_free(before);
}

/* What was seen of another one goes. */
void view_overlap_choose(struct overlap_tab *o, int64_t other)
{
	o->ask.other = other > 0 ? other : 0;
	o->ask.ref[0] = 0;
	o->asked = o->stopped = false;
	o->fault.code = 0;
	forget(o);
}

void view_overlap_init(struct overlap_tab *o, struct view *v, struct list *list, int64_t id, int64_t against,
                       const char *ref)
{
	o->view = v;
	o->list = list;
	o->ask.id = id;
	o->ask.other = against;
	snprintf(o->ask.ref, sizeof o->ask.ref, "%s", against ? "" : ref);
	show(o);
}

void view_overlap_release(struct overlap_tab *o)
{
	arena_free(o->arena);
}

bool view_overlap_on_result(struct overlap_tab *o, struct ui_result *r)
{
	struct arena *before = o->arena;

	if (r->tag != OVERLAP_TAG_READ)
		return false;
	/* "Nothing" was chosen since. */
	if (!is_chosen(o))
		return true;
	if (r->status == 0) {
		o->arena = r->arena;
		o->seen = r->data;
		r->arena = NULL;
		o->ask.other = o->seen->other;
		show(o);
		/* The page that was seen until now had its cells there. */
		arena_free(before);
		view_command(o->view->ui, (const char *[]){"assay", "data", "relations", o->seen->name, "--against",
		                                           o->seen->other_name, NULL});
	} else if (r->cancelled) {
		o->stopped = !o->seen;
	} else {
		o->fault = r->err;
		forget(o);
	}
	return true;
}

/* ---- the list ---- */

static const struct overlap_seen *seen_of(const struct list *l)
{
	return view_relations_overlap(l->view)->seen;
}

/* How many there are in the other one, which a model is tested on, and in this one, which it has learned from. */
static size_t columns(struct list *l, int width, struct ui_column *out)
{
	const struct overlap_seen *seen = seen_of(l);
	const int name = width < 60 ? 12 : width < 100 ? 20 : 28;
	const struct ui_column all[] = {
	    {.id = "rows", .title = "rows", .min = 13},
	    {.id = "there",
	     .title = seen ? seen->other_name : "there",
	     .align = UI_RIGHT,
	     .min = 9,
	     .max = name,
	     .called = true},
	    {.id = "there_share", .title = "share", .align = UI_RIGHT, .min = 6, .called = true},
	    {.id = "bar", .title = "", .min = 5, .max = 10, .priority = 2},
	    {.id = "here",
	     .title = seen ? seen->name : "here",
	     .align = UI_RIGHT,
	     .min = 9,
	     .max = name,
	     .priority = 1},
	    {.id = "here_share", .title = "share", .align = UI_RIGHT, .min = 6, .priority = 1},
	};

	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static const char *note(struct list *l, struct arena *a, style_id *style)
{
	const struct overlap_seen *seen = seen_of(l);

	if (!seen)
		return "";
	if (overlap_leaks(&seen->both.test))
		*style = STYLE_WARN;
	return arena_printf(a, "%s%s", overlap_leaks(&seen->both.test) ? "leak?   " : "",
	                    view_overlap_names(a, seen));
}

static int right(struct list *l, struct surface *s)
{
	const struct overlap_seen *seen = seen_of(l);
	char there[NUM_TEXT], here[NUM_TEXT], text[2 * NUM_TEXT + 20];
	int width;

	if (!seen)
		return 0;
	width = snprintf(
	    text, sizeof text, "%s against %s row%s", count_people((int64_t)seen->both.test.test_rows, there),
	    count_people((int64_t)seen->both.test.train_rows, here), PLURAL(seen->both.test.train_rows));
	surface_put_right(s, s->w - width - 1, 0, width, STYLE_MUTED, text);
	return width;
}

static bool say_empty(struct list *l, struct str *out)
{
	const struct overlap_tab *o = view_relations_overlap(l->view);

	if (o->seen)
		view_overlap_say_none(o->seen, out);
	else if (is_chosen(o))
		str_adds(out, "Reading…");
	else
		str_adds(
		    out,
		    "No other data set is chosen. Here stands which of its rows are in this one, too: a model that "
		    "has learned from the one has seen what it is tested on in the other. Rows are compared by all "
		    "columns that both have under the same names, but for those that name rows.\n"
		    "\n"
		    "v  chooses the other data set, such as the test set of this one");
	return true;
}

static enum overlap_kind kind_of(int64_t id)
{
	return (enum overlap_kind)(id - 1);
}

/* ---- the rows behind a number ---- */

static void open_rows(struct overlap_tab *o, int64_t id, bool there)
{
	const struct overlap_seen *seen = o->seen;
	const struct overlap *side = there ? &seen->both.train : &seen->both.test;
	const enum overlap_kind kind = kind_of(id);
	struct rows_args args = {.id = there ? seen->id : seen->other, .other = !there};
	struct arena *a;
	uint64_t *at;

	if (overlap_rows_of(side, kind)->count == 0) {
		ui_message(o->view->ui, STYLE_MESSAGE, "no row stands behind it");
		return;
	}
	a = arena_new();
	at = arena_array(a, (size_t)overlap_rows_of(side, kind)->count, sizeof *at);
	for (size_t i = 0; i < side->test_rows; i++)
		if (side->marks[i] >> kind & 1)
			at[args.at_count++] = i;
	args.at = at;
	args.which = view_overlap_which(a, seen, kind, there);
	view_rows_open(o->view->ui, &args);
	arena_free(a);
}

void view_overlap_rows(struct overlap_tab *o, bool there)
{
	int64_t id = ui_table_cursor(o->list->table);

	if (o->seen && id > 0)
		open_rows(o, id, there);
}

static void open_kind(struct list *l, int64_t id)
{
	open_rows(view_relations_overlap(l->view), id, false);
}

const struct list_spec VIEW_OVERLAP_LIST = {
    .name = "overlap",
    .one = "kind",
    .many = "kinds",
    .empty = "",
    .say_empty = say_empty,
    .of_object = true,
    .columns = columns,
    .note = note,
    .right = right,
    .open = open_kind,
};

/* ---- drawing ---- */

enum {
	CARDS_FROM = 140, /* columns of a screen that has the kinds side by side */
	LIST_HEAD = 2,    /* rows above those of the list */
	LEAST = 2,        /* rows in which a sentence says something */
	EMPTY = 7,        /* that a list without rows takes for why it is so */
	/* What was not compared is said in a row at least, below an empty one. */
	NOTES_LEAST = 2,
};

/* Below the list: all kinds side by side, or the current one where that has no room; the rows that this takes. */
static int draw_below(struct overlap_tab *o, struct surface *s)
{
	int64_t id = ui_table_cursor(o->list->table);
	struct surface part = surface_part(s, 3, 1, s->w - 6, s->h - 1);

	if (id <= 0 || part.h < LEAST)
		return 0;
	return 1 + (s->w >= CARDS_FROM ? view_overlap_draw_kinds(o->seen, kind_of(id), &part)
	                               : view_overlap_draw_kind(o->seen, kind_of(id), &part));
}

static void draw_seen(struct overlap_tab *o, struct surface *s)
{
	int rows = o->list->count > 0 ? LIST_HEAD + (int)o->list->count : EMPTY;
	struct surface list = surface_part(s, 0, 0, s->w, rows),
	               below = surface_part(s, 0, rows, s->w, s->h - rows - NOTES_LEAST);

	list_draw(o->list, &list);
	if (o->list->count > 0)
		rows += draw_below(o, &below);
	rows = rows < s->h - NOTES_LEAST ? rows : s->h - NOTES_LEAST;
	below = surface_part(s, 0, rows + 1, s->w, s->h - rows - 1);
	view_overlap_draw_notes(o->seen, &below);
}

void view_overlap_draw(struct overlap_tab *o, struct surface *s)
{
	struct surface body = surface_part(s, 0, 1, s->w, s->h - 1);

	if (o->fault.code)
		view_draw_fault(&body, &o->fault);
	else if (o->stopped)
		view_draw_stopped(o->view, &body);
	else if (o->seen)
		draw_seen(o, s);
	else
		list_draw(o->list, s);
}
