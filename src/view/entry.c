/* Text to read: an entry of the ledger in full, a report. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "view_inside.h"

enum { TAG_ENTRY = 1 };

struct entry_view {
	struct ui_pager *pager;
	char title[80], fault[1024];
	int64_t row; /* of the ledger; 0 */
};

static void begin(struct view *v)
{
	struct entry_view *e = v->state;

	e->pager = ui_pager_new(v);
	ui_pager_empty(e->pager, "Reading…");
	ui_pager_action(e->pager, ACTION_PAGER_WRAP);
}

static int open_entry(struct view *v, const void *args, struct error *err)
{
	const struct entry_args *in = args;
	struct audit_entry_ask ask = {.id = in->id};

	(void)err;
	begin(v);
	ui_ask_front(v, TAG_ENTRY, view_audit_read_entry, &ask, sizeof ask, NULL);
	return 0;
}

static int open_report(struct view *v, const void *args, struct error *err)
{
	const struct report_args *in = args;
	struct entry_view *e = v->state;

	(void)err;
	begin(v);
	snprintf(e->title, sizeof e->title, "%s", in->title);
	ui_pager_add(e->pager, in->text, strlen(in->text));
	return 0;
}

static void close_view(struct view *v)
{
	ui_pager_free(((struct entry_view *)v->state)->pager);
}

static void draw(struct view *v, struct surface *s)
{
	struct entry_view *e = v->state;
	struct surface body = surface_part(s, 2, 1, s->w - 3, s->h - 1);

	if (e->fault[0])
		ui_paragraph(&body, 0, 0, STYLE_ERROR, e->fault);
	else
		ui_pager_draw(e->pager, &body, true);
}

static bool action(struct view *v, enum action what)
{
	return ui_pager_action(((struct entry_view *)v->state)->pager, what);
}

static const char *why_not(struct view *v, enum action what)
{
	(void)v;
	return what == ACTION_PAGER_FOLLOW ? "this text does not grow" : NULL;
}

static bool event(struct view *v, const struct term_event *e)
{
	return ui_pager_event(((struct entry_view *)v->state)->pager, e);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct entry_view *e = v->state;
	const struct audit_detail *d = r->data;

	if (r->status != 0) {
		if (!r->cancelled)
			snprintf(e->fault, sizeof e->fault, "%s", r->err.text);
		return;
	}
	snprintf(e->title, sizeof e->title, "%s", d->title);
	ui_pager_add(e->pager, d->text, strlen(d->text));
	e->row = d->row;
	if (d->row)
		ui_command(v->ui, "assay ledger show %lld", (long long)d->row);
}

static void title(struct view *v, struct str *out)
{
	str_adds(out, ((struct entry_view *)v->state)->title);
}

/* Activities are this store's own and have no name outside it. */
static void place(struct view *v, struct str *out)
{
	const struct entry_view *e = v->state;

	if (e->row)
		str_addf(out, "audit:%lld", (long long)e->row);
}

const struct view_ops ENTRY_VIEW = {
    .name = "entry",
    .contexts = "pager",
    .state_size = sizeof(struct entry_view),
    .open = open_entry,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .place = place,
};

const struct view_ops REPORT_VIEW = {
    .name = "report",
    .contexts = "pager",
    .state_size = sizeof(struct entry_view),
    .open = open_report,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .title = title,
};
