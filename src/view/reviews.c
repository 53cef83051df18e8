/* Reviews: the proposals that wait. Where exactly one waits for whoever looks, it is opened at once. */
#include <string.h>

#include "review.h"
#include "reviews.h"
#include "view_inside.h"

enum { TAG_LIST = 1, TAG_PULSE };

struct reviews {
	struct ui_table *table;
	struct arena *arena;
	const struct reviews_list *list;
	bool go_on; /* the only one is opened by itself, once */
	char fault[ERROR_TEXT];
};

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct reviews *r = ((struct view *)user)->state;
	struct arena *a = arena_new();
	size_t count = r->list ? r->list->count : 0;
	struct ui_row *rows = arena_array(a, count + 1, sizeof *rows);

	if (count > 0)
		memcpy(rows, r->list->rows, count * sizeof *rows);
	ui_table_page(r->table, ui_page_of(a, ask, rows, count));
}

static int open(struct view *v, const void *args, struct error *err)
{
	static const struct ui_column columns[] = {
	    {.id = "model", .title = "version", .min = 16, .max = REVIEWS_NAME, .no_sort = true},
	    {.id = "stage", .title = "stage", .min = 10, .max = 16, .no_sort = true},
	    {.id = "by", .title = "asked by", .min = 10, .max = 24, .no_sort = true, .priority = 1},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4, .no_sort = true, .priority = 2},
	    {.id = "signed", .title = "signed", .align = UI_RIGHT, .min = 6, .no_sort = true, .priority = 3},
	    {.id = "mine", .title = "", .min = 12, .no_sort = true},
	};
	struct reviews *r = v->state;

	(void)args;
	(void)err;
	r->go_on = true;
	r->table = ui_table_new(v, ask_rows, v);
	ui_table_columns(r->table, columns, COUNT_OF(columns));
	ui_table_empty(r->table, "Reading the ledger…");
	ui_ask(v, TAG_LIST, view_reviews_read, NULL, 0, NULL);
	return 0;
}

static void close_view(struct view *v)
{
	struct reviews *r = v->state;

	ui_table_free(r->table);
	arena_free(r->arena);
}

static void draw(struct view *v, struct surface *s)
{
	struct reviews *r = v->state;
	struct surface body = surface_part(s, 0, 0, s->w, s->h);

	if (r->fault[0]) {
		ui_paragraph(&body, 3, 1, STYLE_ERROR, r->fault);
		return;
	}
	if (r->list && r->list->nobody && r->list->count > 0) {
		struct surface note = surface_part(s, 3, s->h - 2, s->w - 6, 2);

		body.h -= 3;
		body = surface_part(s, 0, 0, s->w, body.h);
		ui_paragraph(&note, 0, 0, STYLE_MUTED, r->list->nobody);
	}
	ui_table_draw(r->table, &body, true);
}

static void open_review(struct view *v, int64_t row)
{
	struct review_args args = {.proposal = row};

	if (row)
		ui_open(v->ui, &REVIEW_VIEW, &args);
}

static bool action(struct view *v, enum action what)
{
	struct reviews *r = v->state;

	if (what == ACTION_LIST_OPEN) {
		open_review(v, ui_table_cursor(r->table));
		return true;
	}
	return ui_table_action(r->table, what);
}

static const char *why_not(struct view *v, enum action what)
{
	(void)v;
	switch ((int)what) {
	case ACTION_LIST_FILTER:
	case ACTION_LIST_SORT:
	case ACTION_LIST_REVERSE:
	case ACTION_LIST_COLUMNS:
	case ACTION_LIST_MARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_UNMARK:
		return "not in this list";
	default:
		return NULL;
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	return ui_table_event(((struct reviews *)v->state)->table, e);
}

static void take_list(struct view *v, struct ui_result *result)
{
	struct reviews *r = v->state;

	arena_free(r->arena);
	r->arena = result->arena;
	r->list = result->data;
	result->arena = NULL;
	r->fault[0] = 0;
	ui_table_empty(r->table, "Nothing waits for a signature.\n\n"
	                         "$ assay propose NAME@V STAGE --reason TEXT   asks for one");
	ui_table_restart(r->table);
	if (r->go_on && r->list->only)
		open_review(v, r->list->only);
	r->go_on = false;
}

static void on_result(struct view *v, struct ui_result *result)
{
	struct reviews *r = v->state;

	if (result->status != 0) {
		if (!result->cancelled)
			snprintf(r->fault, sizeof r->fault, "%s", result->err.text);
	} else if (result->tag == TAG_LIST) {
		take_list(v, result);
	} else if (!r->list || *(const int64_t *)result->data != r->list->change) {
		ui_ask(v, TAG_LIST, view_reviews_read, NULL, 0, NULL);
	}
}

static void tick(struct view *v)
{
	if (!ui_asking(v, -1))
		ui_ask(v, TAG_PULSE, view_review_read_pulse, NULL, 0, NULL);
}

const struct view_ops REVIEWS_VIEW = {
    .name = "reviews",
    .contexts = "list",
    .state_size = sizeof(struct reviews),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .tick_ms = 1000,
    .tick = tick,
    .resume = tick,
};
