/* Bias: the runs whose model can be looked at. */
#include <string.h>

#include "bias.h"
#include "view_inside.h"

static size_t columns(struct list *l, int width, struct ui_column *out)
{
	static const struct ui_column all[] = {
	    {.id = "run", .title = "run", .min = 16, .max = 40},
	    {.id = "data", .title = "tested on", .min = 12, .max = 32, .priority = 1},
	    {.id = "label", .title = "label", .min = 6, .max = 20, .priority = 3},
	    {.id = "protected", .title = "protected", .min = 12, .max = 36},
	    {.id = "auc", .title = "auc", .align = UI_DECIMAL, .min = 6, .priority = 2},
	    {.id = "recipe", .title = "recipe", .min = 8, .max = 20, .priority = 5},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4, .priority = 4},
	};

	(void)l;
	(void)width;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static const char *note(struct list *l, struct arena *a, style_id *style)
{
	const struct bias_list *list = (const struct bias_list *)((struct list_view *)l->view->state)->got;

	(void)style;
	if (!list || list->list.count == 0)
		return NULL;
	return arena_printf(a, "Whom does a model hurt, by how much, and how sure is that?%s",
	                    list->more ? "   (the newest runs; b in Runs opens any)" : "");
}

/* What the report is about, and what it takes. */
static void preview(struct list *l, struct surface *s)
{
	static const char *const labels[] = {"tested on", "label", "protected", "auc", "recipe", "age"};
	size_t at = list_at(l);
	const struct ui_cell *cells;
	int y = 0;

	if (at == SIZE_MAX)
		return;
	cells = l->rows[at].cells;
	surface_put_cut(s, 0, y++, s->w, STYLE_TITLE, cells[0].text, strlen(cells[0].text));
	y++;
	for (size_t i = 0; i < COUNT_OF(labels); i++)
		ui_label(s, 0, y++, 12, labels[i], STYLE_TEXT, cells[i + 1].text);
	if (s->h > y + 2) {
		struct surface part = surface_part(s, 0, y + 1, s->w, s->h - y - 1);

		ui_paragraph(
		    &part, 0, 0, STYLE_MUTED,
		    "Enter scores the test set with this model and divides it by the protected columns: rates "
		    "of each group with their intervals, gaps between groups, verdicts. Left and Right then "
		    "move the threshold.");
	}
}

static void open_report(struct list *l, int64_t id)
{
	struct bias_args args = {.run = id};

	ui_open(l->view->ui, &BIAS_REPORT_VIEW, &args);
}

static const struct list_spec RUNS = {
    .one = "run",
    .many = "runs",
    .empty = "No run has a model yet that says what it was tested on. A report needs a trained model, "
             "data with a label, and the columns to compare by: those with the role protected.\n"
             "\n"
             "$ assay data add NAME FILE.csv --label COLUMN --protected COLUMN,COLUMN\n"
             "$ assay train logistic --data NAME\n"
             "\n"
             "A table of decisions needs no model:\n"
             "\n"
             "$ assay bias --table FILE.csv --label COLUMN --decision COLUMN --by COLUMN",
    .columns = columns,
    .note = note,
    .preview = preview,
    .open = open_report,
    .read = view_bias_read_list,
};

static int open(struct view *v, const void *args, struct error *err)
{
	(void)args;
	(void)err;
	list_view_begin(v, &RUNS);
	return 0;
}

const struct view_ops BIAS_VIEW = {
    .name = "bias",
    .contexts = "list",
    .state_size = sizeof(struct list_view),
    .open = open,
    LIST_VIEW_OPS,
};
