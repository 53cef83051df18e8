/* Reviews: the proposals that wait. Where exactly one waits for whoever looks, it is opened at once. */
#include <string.h>

#include "review.h"
#include "reviews.h"
#include "view_inside.h"

struct reviews {
	struct list_view list;
	bool went_on; /* the only one is opened by itself, once */
};

static const struct reviews_list *list_of(struct view *v)
{
	return (const struct reviews_list *)((struct list_view *)v->state)->got;
}

static size_t columns(struct list *l, int width, struct ui_column *out)
{
	static const struct ui_column all[] = {
	    {.id = "model", .title = "version", .min = 16, .max = REVIEWS_NAME},
	    {.id = "stage", .title = "stage", .min = 7, .max = 16},
	    {.id = "by", .title = "asked by", .min = 8, .max = 24, .priority = 2},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4, .priority = 3},
	    {.id = "signed", .title = "signed", .align = UI_RIGHT, .min = 6, .priority = 1},
	    {.id = "mine", .title = "you", .min = 5},
	};

	(void)l;
	(void)width;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static void open_review(struct list *l, int64_t row)
{
	struct review_args args = {.proposal = row};

	ui_open(l->view->ui, &REVIEW_VIEW, &args);
}

/* Whose key it is cannot be told: nobody signs here, and why. */
static const char *note(struct list *l, struct arena *a, style_id *style)
{
	const struct reviews_list *list = list_of(l->view);

	*style = STYLE_WARN;
	return list && list->nobody && list->list.count > 0
	           ? arena_printf(a, "you sign nothing here: %s", list->nobody)
	           : NULL;
}

static void preview(struct list *l, struct surface *s)
{
	static const char *const labels[] = {"stage", "asked by", "age", "signed", "you"};
	size_t at = list_at(l);
	const struct ui_cell *cells;
	const char *reason;
	int y = 0;

	if (at == SIZE_MAX)
		return;
	cells = l->rows[at].cells;
	surface_put_cut(s, 0, y++, s->w, STYLE_TITLE, cells[0].text, strlen(cells[0].text));
	y++;
	for (size_t i = 0; i < COUNT_OF(labels); i++)
		if (cells[i + 1].text && *cells[i + 1].text)
			ui_label(s, 0, y++, 10, labels[i], cells[i + 1].style, cells[i + 1].text);
	reason = list_of(l->view)->reasons[at];
	if (reason && s->h > y + 2) {
		struct surface part = surface_part(s, 0, y + 2, s->w, s->h - y - 2);

		surface_put(s, 0, y + 1, STYLE_HEADING, "WHY");
		ui_paragraph(&part, 0, 0, STYLE_TEXT, reason);
	}
}

static void taken(struct view *v)
{
	struct reviews *r = v->state;
	/* Who has gone to another screen meanwhile is not taken away from it. */
	bool go_on = !r->went_on && list_of(v)->only && ui_in_sight(v);

	r->went_on = true;
	if (go_on)
		open_review(&r->list.list, list_of(v)->only);
}

static const struct list_spec REVIEWS = {
    .one = "proposal",
    .many = "proposals",
    .empty =
        "Nothing waits for a signature. A proposal asks for the signatures that the policy wants before a "
        "version gets into a stage.\n"
        "\n"
        "p  on a version (screen 5) proposes it\n"
        "$ assay propose NAME@V STAGE --reason TEXT",
    .columns = columns,
    .note = note,
    .preview = preview,
    .open = open_review,
    .read = view_reviews_read,
    .taken = taken,
};

static int open(struct view *v, const void *args, struct error *err)
{
	(void)args;
	(void)err;
	list_view_begin(v, &REVIEWS);
	return 0;
}

static void place(struct view *v, struct str *out)
{
	(void)v;
	str_adds(out, "review");
}

const struct view_ops REVIEWS_VIEW = {
    .name = "reviews",
    .contexts = "list",
    .state_size = sizeof(struct reviews),
    .open = open,
    .place = place,
    LIST_VIEW_OPS,
};
