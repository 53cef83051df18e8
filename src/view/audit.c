/* Audit: every row of the ledger and every other act, and the verification of all of it. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "audit_filter.h"
#include "view_inside.h"

enum { TAG_STATE = 1, TAG_PAGE, TAG_VERIFY, TAG_EXPORT };
#define LOOK_MS    100 /* at the progress */
#define GAUGE_WIDE 20

struct audit_view {
	struct list list;
	struct arena *arena;
	const struct audit_state *state;
	bool again;                      /* it has changed since it was asked for */
	struct audit_progress *progress; /* good while TAG_VERIFY is asked for */
	int64_t verify_began;
	struct arena *verdict_arena;
	const struct audit_verdict *verdict;
	int64_t pointed_at; /* row of a fault that the cursor was put on */
	char export_path[UI_EXPORT_PATH];
	char fault[1024];
};

/* ---- the list ---- */

/* Who did it is seen before the whole of a long name. */
static int about_most(int width)
{
	return width < 100 ? 29 : 40;
}

/* The reason gets what the others leave. */
static size_t columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[AUDIT_COLUMNS] = {
	    {.id = "when", .title = "when", .min = 11, .max = 11, .no_sort = true},
	    {.id = "who", .title = "who", .min = 8, .max = 20, .no_sort = true, .priority = 2},
	    {.id = "what", .title = "what", .min = 9, .max = 12, .no_sort = true},
	    {.id = "about",
	     .title = "about",
	     .min = 12,
	     .max = about_most(width),
	     .no_sort = true,
	     .priority = 1},
	    {.id = "seal", .title = "seal", .min = 6, .no_sort = true, .priority = 3},
	    {.id = "row", .title = "row", .align = UI_RIGHT, .min = 4, .no_sort = true, .priority = 4},
	    {.id = "why",
	     .title = "why",
	     .min = 12,
	     .max = width > 116 ? width - 104 : 12,
	     .no_sort = true,
	     .priority = 5},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return AUDIT_COLUMNS;
}

static struct audit_page_ask page_ask(const struct list *l)
{
	struct audit_page_ask ask = {.about_most = about_most(l->width)};

	memcpy(ask.filter, l->filter, sizeof ask.filter);
	return ask;
}

static void ask_page(struct list *l, const struct ui_ask_rows *rows)
{
	struct audit_page_ask ask = page_ask(l);

	ask.rows = *rows;
	ui_ask_front(l->view, TAG_PAGE, view_audit_read_page, &ask, sizeof ask, NULL);
}

static void filter_check(struct list *l, const char *text, struct ui_check *out)
{
	struct audit_filter f;
	struct error err;

	out->ok = audit_filter_parse(&f, text, ui_now(l->view->ui), &out->at, &err) == 0;
	if (!out->ok)
		snprintf(out->message, sizeof out->message, "%.250s", err.text);
}

static void filter_complete(struct list *l, const char *text, size_t cursor, struct ui_completions *out)
{
	size_t from = cursor;

	(void)l;
	while (from > 0 && text[from - 1] != ' ')
		from--;
	out->from = from;
	if (cursor == from)
		return;
	for (int kind = 0; kind < LEDGER_KINDS; kind++)
		if (strncmp(ledger_kind_name((enum ledger_kind)kind), text + from, cursor - from) == 0)
			ui_completions_add(out, ledger_kind_name((enum ledger_kind)kind));
	if (strncmp("since:", text + from, cursor - from) == 0)
		ui_completions_add(out, "since:");
	if (strncmp("until:", text + from, cursor - from) == 0)
		ui_completions_add(out, "until:");
}

static bool preview_ask(struct list *l, int64_t id)
{
	struct audit_entry_ask ask = {.id = id, .width = list_preview_width(l->view->body_w)};

	ui_ask(l->view, LIST_TAG_PREVIEW, view_audit_read_entry, &ask, sizeof ask, NULL);
	return true;
}

/* The entry in words; the text that was signed is what Enter shows. */
static void preview(struct list *l, struct surface *s)
{
	const struct audit_detail *d = l->seen;
	const char *at = d->text;
	int y = 2;

	surface_put_cut(s, 0, 0, s->w, STYLE_TITLE, d->title, strlen(d->title));
	while (*at && y < s->h) {
		const char *end = strchr(at, '\n');
		size_t len = end ? (size_t)(end - at) : strlen(at);
		size_t fit = ui_row_len(s, at, len, s->w);

		surface_put_n(s, 0, y++, STYLE_TEXT, at, fit);
		at += fit;
		at += fit == len && end ? 1 : 0;
	}
}

static int draw_count(struct list *l, struct surface *s)
{
	const struct audit_state *state = ((struct audit_view *)l->view->state)->state;
	char rows[NUM_TEXT], open_rows[NUM_TEXT + 20], text[120];
	int width, tail;

	if (!state)
		return 0;
	if (state->open > 0)
		tail = snprintf(open_rows, sizeof open_rows, "%s not sealed yet",
		                count_people((int64_t)state->open, rows));
	else
		tail = snprintf(open_rows, sizeof open_rows, "%s", state->row_count ? "all sealed" : "");
	snprintf(text, sizeof text, "%s row%s%s%s", count_people((int64_t)state->row_count, rows),
	         state->row_count == 1 ? "" : "s", tail ? "   " : "", open_rows);
	width = (int)strlen(text);
	surface_put_right(s, s->w - width - 1, 0, width, STYLE_MUTED, text);
	if (state->open > 0)
		surface_put(s, s->w - tail - 1, 0, STYLE_WARN, text + width - tail);
	return width;
}

static void open_entry(struct list *l, int64_t id)
{
	struct entry_args args = {.id = id};

	ui_open(l->view->ui, &ENTRY_VIEW, &args);
}

static const struct list_spec ACTS = {
    .one = "act",
    .many = "acts",
    .empty =
        "Nothing has been decided or done yet. Every decision about a model becomes a row here: signed by a "
        "person's SSH key, chained to the row before it, and never changed.\n\n"
        "$ assay register @last NAME              gives a run's model a version\n"
        "$ assay propose NAME@1 STAGE --reason …  asks for signatures",
    .hint = "mara approve since:2d",
    .no_sort = "not in this list: acts stand in the order of time",
    .columns = columns,
    .right = draw_count,
    .preview_ask = preview_ask,
    .preview = preview,
    .page = ask_page,
    .filter_check = filter_check,
    .filter_complete = filter_complete,
    .open = open_entry,
};

/* Rows that are not at hand are written where they are read. */
static void export(void *user, const struct ui_export_ask *file)
{
	struct list *l = user;
	struct audit_view *d = l->view->state;
	struct arena *keep = arena_new();
	struct audit_export_ask ask = {.page = page_ask(l), .file = *file, .column_count = l->shown_count};

	for (size_t i = 0; i < l->shown_count; i++) {
		ask.columns[i] = l->shown[i];
		ask.columns[i].id = arena_strdup(keep, l->shown[i].id);
		ask.columns[i].title = arena_strdup(keep, l->shown[i].title);
		ask.place[i] = l->place[i];
	}
	memcpy(d->export_path, file->path, sizeof d->export_path);
	ui_ask_aside(l->view, TAG_EXPORT, view_audit_export, &ask, sizeof ask, keep);
}

/* ---- the view ---- */

static void ask_state(struct view *v, bool anew)
{
	struct audit_view *d = v->state;
	struct list_ask ask = {0};

	if (d->state && !anew)
		ask = (struct list_ask){.ledger = d->state->list.ledger, .store = d->state->list.store};
	d->again = ui_asking(v, TAG_STATE);
	if (!d->again)
		ui_ask(v, TAG_STATE, view_audit_read, &ask, sizeof ask, NULL);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct audit_view *d = v->state;

	(void)args;
	(void)err;
	list_init(&d->list, v, &ACTS);
	ui_table_on_export(d->list.table, export);
	ask_state(v, true);
	return 0;
}

static void close_view(struct view *v)
{
	struct audit_view *d = v->state;

	list_release(&d->list);
	arena_free(d->arena);
	arena_free(d->verdict_arena);
}

/* "verifying  ━━━╸──  1,204 of 2,000   4s left   Esc stops" */
static void draw_progress(struct view *v, struct surface *s, int y)
{
	struct audit_view *d = v->state;
	int64_t done = d->progress->done, total = d->progress->total, took = time_mono_ms() - d->verify_began;
	char some[NUM_TEXT], all[NUM_TEXT], left[TIME_TEXT];
	int x = 1;

	x += surface_put(s, x, y, STYLE_ACCENT, "verifying  ");
	surface_gauge(s, x, y, GAUGE_WIDE, total > 0 ? (double)done / (double)total : 0);
	x += GAUGE_WIDE + 2;
	if (total > 0)
		x += surface_printf(s, x, y, STYLE_TEXT, "%s of %s   ", count_people(done, some),
		                    count_people(total, all));
	if (done > 0 && took > 1000)
		x +=
		    surface_printf(s, x, y, STYLE_MUTED, "%s left   ", time_span(took * (total - done) / done, left));
	surface_put(s, x, y, STYLE_MUTED, "Esc stops");
}

static int draw_state(struct view *v, struct surface *s, int y)
{
	const struct audit_view *d = v->state;
	const char *fault = d->state ? d->state->fault : NULL;

	if (ui_asking(v, TAG_VERIFY) && d->progress) {
		draw_progress(v, s, y);
		return y + 1;
	}
	if (d->verdict) {
		style_id style = d->verdict->ok ? STYLE_GOOD : d->verdict->problems ? STYLE_BAD : STYLE_WARN;

		surface_glyph(s, 1, y, style,
		              d->verdict->ok         ? GLYPH_OK
		              : d->verdict->problems ? GLYPH_BAD
		                                     : GLYPH_WARN);
		surface_put_cut(s, 3, y, s->w - 4, style, d->verdict->summary, strlen(d->verdict->summary));
		return y + 1;
	}
	if (fault) {
		struct surface part = surface_part(s, 3, y, s->w - 4, s->h > 12 ? 5 : 1);
		int used = ui_paragraph(&part, 0, 0, STYLE_BAD, fault);

		surface_glyph(s, 1, y, STYLE_BAD, GLYPH_BAD);
		return y + (used < part.h ? used : part.h);
	}
	return y;
}

static void draw(struct view *v, struct surface *s)
{
	struct audit_view *d = v->state;
	struct surface body;
	int y;

	if (d->fault[0]) {
		ui_paragraph(s, 3, 1, STYLE_ERROR, d->fault);
		return;
	}
	list_draw_head(&d->list, s);
	y = draw_state(v, s, 1);
	body = surface_part(s, 0, y, s->w, s->h - y);
	list_draw_body(&d->list, &body);
}

/* ---- verification ---- */

static void look(struct view *v, void *user)
{
	struct audit_view *d = v->state;

	(void)user;
	if (!ui_asking(v, TAG_VERIFY) || !d->progress)
		return;
	ui_dirty(v->ui);
	ui_later(v, LOOK_MS, look, NULL);
}

static void verify(struct view *v)
{
	struct audit_view *d = v->state;
	struct arena *keep = arena_new();
	struct audit_verify_ask ask = {.progress = arena_alloc(keep, sizeof *ask.progress)};

	d->progress = ask.progress;
	d->verify_began = time_mono_ms();
	ui_ask_aside(v, TAG_VERIFY, view_audit_verify, &ask, sizeof ask, keep);
	ui_later(v, LOOK_MS, look, NULL);
	ui_command(v->ui, "assay verify");
}

static void show_report(struct view *v)
{
	const struct audit_view *d = v->state;
	struct report_args args = {.title = "verification", .text = d->verdict->report};

	ui_open(v->ui, &REPORT_VIEW, &args);
}

static bool action(struct view *v, enum action what)
{
	struct audit_view *d = v->state;
	bool verifying = ui_asking(v, TAG_VERIFY) && d->progress;

	switch ((int)what) {
	case ACTION_AUDIT_VERIFY:
		verify(v);
		return true;
	case ACTION_APP_BACK:
		if (verifying)
			d->progress->stop = true;
		return verifying;
	case ACTION_APP_REFRESH:
		d->fault[0] = 0;
		ask_state(v, true);
		return true;
	default:
		return list_action(&d->list, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct audit_view *d = v->state;

	if (what == ACTION_AUDIT_VERIFY)
		return ui_asking(v, TAG_VERIFY)          ? "it is being verified"
		       : d->state && d->state->no_ledger ? "this store has no ledger yet"
		                                         : NULL;
	return list_why_not(&d->list, what);
}

static bool event(struct view *v, const struct term_event *e)
{
	return list_event(&((struct audit_view *)v->state)->list, e);
}

static void on_verdict(struct view *v, struct ui_result *r)
{
	struct audit_view *d = v->state;

	d->progress = NULL;
	if (r->status != 0) {
		if (r->err.code == ERR_NO) /* the person has stopped it, or there is no ledger */
			ui_message(v->ui, STYLE_WARN, "%s", r->err.text);
		else if (!r->cancelled)
			ui_error(v->ui, &r->err);
		return;
	}
	arena_free(d->verdict_arena);
	d->verdict_arena = r->arena;
	d->verdict = r->data;
	r->arena = NULL;
	/* Who has gone to another screen is told there, and not taken away from it. */
	if (!ui_in_sight(v))
		ui_message(v->ui, d->verdict->ok ? STYLE_MESSAGE : STYLE_ERROR, "verify: %s", d->verdict->summary);
	else if (d->verdict->problems > 0)
		show_report(v);
	else
		ui_command(v->ui, "assay verify");
}

static void on_state(struct view *v, struct ui_result *r)
{
	struct audit_view *d = v->state;
	const struct audit_state *state = r->data;
	struct arena *before = d->arena;
	bool first = !d->state;

	if (state->list.same)
		return;
	/* What was verified was another ledger. */
	if (d->state && d->verdict && state->list.ledger != d->state->list.ledger)
		d->verdict = NULL;
	d->arena = r->arena;
	d->state = state;
	r->arena = NULL;
	arena_free(before);
	if (state->fault_row && state->fault_row != d->pointed_at)
		ui_table_set_cursor(d->list.table, 2 * state->fault_row);
	d->pointed_at = state->fault_row;
	if (!first)
		list_refresh(&d->list);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct audit_view *d = v->state;

	if (list_on_result(&d->list, r))
		return;
	if (r->tag == TAG_VERIFY) {
		on_verdict(v, r);
		return;
	}
	if (r->status != 0) {
		if (!r->cancelled && r->tag == TAG_EXPORT && !ui_table_export_exists(d->list.table, &r->err))
			ui_error(v->ui, &r->err);
		else if (!r->cancelled && r->tag != TAG_EXPORT)
			snprintf(d->fault, sizeof d->fault, "%s", r->err.text);
		return;
	}
	if (r->tag == TAG_PAGE) {
		struct ui_page *page = r->data;

		r->arena = NULL;
		list_page(&d->list, page);
	} else if (r->tag == TAG_EXPORT) {
		ui_export_done(v->ui, d->export_path, ((const struct audit_exported *)r->data)->rows);
	} else {
		on_state(v, r);
		if (d->again)
			ask_state(v, false);
	}
}

static void changed(struct view *v)
{
	ask_state(v, false);
}

const struct view_ops AUDIT_VIEW = {
    .name = "audit",
    .contexts = "audit list",
    .state_size = sizeof(struct audit_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .changed = changed,
};
