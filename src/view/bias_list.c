/* Bias: the runs whose model can be looked at. */
#include <string.h>

#include "bias.h"
#include "view_inside.h"

enum { TAG_LIST = 1 };

struct bias_view {
	struct ui_table *table;
	struct arena *arena;
	const struct bias_list *list;
	char fault[ERROR_TEXT];
};

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct bias_view *b = ((struct view *)user)->state;
	struct arena *a = arena_new();
	size_t count = b->list ? b->list->count : 0;
	struct ui_row *rows = arena_array(a, count + 1, sizeof *rows);

	if (count > 0)
		memcpy(rows, b->list->rows, count * sizeof *rows);
	ui_table_page(b->table, ui_page_of(a, ask, rows, count));
}

static int open(struct view *v, const void *args, struct error *err)
{
	static const struct ui_column columns[] = {
	    {.id = "run", .title = "run", .min = 16, .max = 40, .no_sort = true},
	    {.id = "data", .title = "tested on", .min = 12, .max = 32, .no_sort = true, .priority = 1},
	    {.id = "label", .title = "label", .min = 6, .max = 20, .no_sort = true, .priority = 3},
	    {.id = "protected", .title = "protected", .min = 12, .max = 36, .no_sort = true},
	    {.id = "auc", .title = "auc", .align = UI_DECIMAL, .min = 6, .no_sort = true, .priority = 2},
	    {.id = "recipe", .title = "recipe", .min = 8, .max = 20, .no_sort = true, .priority = 5},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4, .no_sort = true, .priority = 4},
	};
	struct bias_view *b = v->state;

	(void)args;
	(void)err;
	b->table = ui_table_new(v, ask_rows, v);
	ui_table_columns(b->table, columns, COUNT_OF(columns));
	ui_table_empty(b->table, "Reading…");
	ui_ask(v, TAG_LIST, view_bias_read_list, NULL, 0, NULL);
	return 0;
}

static void close_view(struct view *v)
{
	struct bias_view *b = v->state;

	ui_table_free(b->table);
	arena_free(b->arena);
}

static void draw(struct view *v, struct surface *s)
{
	struct bias_view *b = v->state;
	struct surface list = surface_part(s, 0, 1, s->w, s->h - 1);

	if (b->fault[0]) {
		ui_paragraph(&list, 2, 1, STYLE_ERROR, b->fault);
		return;
	}
	if (b->list && b->list->count > 0) {
		char text[96];

		snprintf(text, sizeof text, "Whom does a model hurt, by how much, and how sure is that?%s",
		         b->list->more ? "   (the newest runs; b in Runs opens any)" : "");
		surface_put_cut(s, 2, 0, s->w - 3, STYLE_MUTED, text, strlen(text));
	}
	ui_table_draw(b->table, &list, true);
}

static bool action(struct view *v, enum action what)
{
	struct bias_view *b = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN: {
		struct bias_args args = {.run = ui_table_cursor(b->table)};

		if (args.run)
			ui_open(v->ui, &BIAS_REPORT_VIEW, &args);
		return true;
	}
	case ACTION_APP_REFRESH:
		ui_ask(v, TAG_LIST, view_bias_read_list, NULL, 0, NULL);
		return true;
	case ACTION_LIST_BACK:
		return true;
	default:
		return ui_table_action(b->table, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct bias_view *b = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN:
		return ui_table_cursor(b->table) ? NULL : "there is no run here";
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
	return ui_table_event(((struct bias_view *)v->state)->table, e);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct bias_view *b = v->state;

	if (r->status != 0) {
		if (!r->cancelled)
			snprintf(b->fault, sizeof b->fault, "%s", r->err.text);
		return;
	}
	arena_free(b->arena);
	b->arena = r->arena;
	b->list = r->data;
	r->arena = NULL;
	b->fault[0] = 0;
	ui_table_empty(b->table,
	               "No run has a model yet that says what it was tested on. A report needs a trained model, "
	               "data with a label, and the columns to compare by: those with the role protected.\n"
	               "\n"
	               "$ assay data add NAME FILE.csv --label COLUMN --protected COLUMN,COLUMN\n"
	               "$ assay train logistic --data NAME\n"
	               "\n"
	               "A table of decisions needs no model:\n"
	               "\n"
	               "$ assay bias --table FILE.csv --label COLUMN --decision COLUMN --by COLUMN");
	ui_table_refresh(b->table);
}

static void changed(struct view *v)
{
	if (!ui_asking(v, TAG_LIST))
		ui_ask(v, TAG_LIST, view_bias_read_list, NULL, 0, NULL);
}

const struct view_ops BIAS_VIEW = {
    .name = "bias",
    .contexts = "list",
    .state_size = sizeof(struct bias_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .changed = changed,
};
