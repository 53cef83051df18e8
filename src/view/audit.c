/* Audit: every row of the ledger and every other act, and the verification of all of it. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "audit_filter.h"
#include "view_inside.h"

enum { TAG_LIST = 1, TAG_VERIFY };
#define COLUMNS    7
#define FILTER     256
#define LOOK_MS    100 /* at the progress */
#define GAUGE_WIDE 20

struct audit_view {
	struct ui_table *table;
	struct arena *arena; /* of list */
	const struct audit_list *list;
	size_t *shown, shown_count; /* indexes of entries that match */
	char filter[FILTER], filter_before[FILTER];
	struct audit_progress *progress; /* good while TAG_VERIFY is asked for */
	int64_t verify_began;
	struct arena *verdict_arena;
	const struct audit_verdict *verdict;
	int64_t pointed_at; /* row of a fault that the cursor was put on */
	int width;          /* that the columns were made for */
	char fault[1024];
};

/* ---- rows ---- */

static const char *when_text(struct arena *a, int64_t at, int64_t now)
{
	char then[TIME_TEXT], today[TIME_TEXT];

	time_local(at, then);
	time_local(now, today);
	/* This year's need no year. */
	return strncmp(then, today, 4) == 0 ? arena_printf(a, "%.11s", then + 5) : arena_printf(a, "%.10s", then);
}

/* Who did it is seen before the whole of a long name. */
static int about_most(int width)
{
	return width < 100 ? 29 : 40;
}

static struct ui_cell *cells_of(struct view *v, struct arena *a, const struct audit_entry *e)
{
	const struct audit_view *d = v->state;
	struct ui_cell *c = arena_array(a, COLUMNS, sizeof *c);
	const struct trail_row *r = e->row;
	const char *seal;

	c[0].text = when_text(a, e->at, ui_now(v->ui));
	if (!r) {
		c[1].text = e->activity->who;
		c[2].text = e->activity->verb;
		c[3].text = e->activity->what;
		for (int i = 4; i < COLUMNS; i++)
			c[i].text = "";
		c[1].style = c[2].style = c[3].style = STYLE_MUTED;
		return c;
	}
	seal = d->list->fault_row == r->seq ? "broken" : trail_seal(r, d->list->sealed_to);
	c[4].text = seal;
	c[4].style = strcmp(seal, "signed") == 0 ? STYLE_GOOD
	             : strcmp(seal, "open") == 0 ? STYLE_WARN
	                                         : STYLE_MUTED;
	c[5].text = arena_printf(a, "%lld", (long long)r->seq);
	c[5].style = STYLE_MUTED;
	if (!r->readable) {
		c[1].text = "?";
		c[2].text = "unreadable";
		c[3].text = r->fault;
		c[2].style = c[3].style = STYLE_BAD;
		c[6].text = "";
		return c;
	}
	c[1].text = r->who ? r->who : "";
	c[1].style = r->is_signed ? STYLE_TEXT : STYLE_MUTED;
	c[2].text = ledger_kind_name(r->kind);
	c[2].style = trail_style(r->kind);
	c[3].text = view_cut_name(a, r->about, about_most(d->width));
	c[6].text = r->reason ? r->reason
	            : r->kind == LEDGER_GATE_RESULTS
	                ? arena_printf(a, "%zu pass%s", r->passed,
	                               r->failed ? arena_printf(a, ", %zu do not", r->failed) : "")
	                : "";
	c[6].style = STYLE_MUTED;
	if (d->list->fault_row == r->seq)
		for (int i = 1; i < COLUMNS; i++)
			c[i].style = STYLE_BAD;
	return c;
}

static size_t place_of_id(const struct audit_view *d, int64_t id)
{
	for (size_t i = 0; i < d->shown_count; i++)
		if (d->list->entries[d->shown[i]].id == id)
			return i;
	return d->shown_count;
}

/* Only what is near is made into cells: a ledger has thousands of rows. */
static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct view *v = user;
	struct audit_view *d = v->state;
	struct arena *a = arena_new();
	size_t count = (size_t)(ask->count > 0 ? ask->count : 1), from = 0;
	struct ui_page *page = arena_alloc(a, sizeof *page);

	if (ask->where == UI_FROM_END)
		from = d->shown_count > count ? d->shown_count - count : 0;
	for (int i = 0; ask->where == UI_AROUND && i < ask->anchor_count; i++) {
		size_t at = place_of_id(d, ask->anchors[i]);

		if (at == d->shown_count)
			continue;
		from = at > (size_t)ask->before ? at - (size_t)ask->before : 0;
		break;
	}
	if (from + count > d->shown_count)
		count = d->shown_count - from;
	*page = (struct ui_page){.arena = a,
	                         .generation = ask->generation,
	                         .rows = arena_array(a, count + 1, sizeof *page->rows),
	                         .count = count,
	                         .at_start = from == 0,
	                         .at_end = from + count == d->shown_count,
	                         .first_index = (int64_t)from,
	                         .total = (int64_t)d->shown_count};
	for (size_t i = 0; i < count; i++) {
		const struct audit_entry *e = &d->list->entries[d->shown[from + i]];

		page->rows[i] = (struct ui_row){.id = e->id, .cells = cells_of(v, a, e)};
	}
	ui_table_page(d->table, page);
}

static void choose_shown(struct view *v)
{
	struct audit_view *d = v->state;
	struct audit_filter filter;
	size_t at;

	d->shown_count = 0;
	if (!d->list || audit_filter_parse(&filter, d->filter, ui_now(v->ui), &at, NULL) != 0)
		return;
	d->shown = xreallocarray(d->shown, d->list->count + 1, sizeof *d->shown);
	for (size_t i = 0; i < d->list->count; i++)
		if (audit_filter_match(&filter, &d->list->entries[i], d->list->sealed_to))
			d->shown[d->shown_count++] = i;
}

static void set_empty(struct audit_view *d)
{
	ui_table_empty(d->table,
	               !d->list ? "Reading…"
	               : d->filter[0]
	                   ? "No act matches this filter.\n/  changes it; empty it to see all"
	                   : "Nothing has been decided or done yet. Every decision about a model becomes a row "
	                     "here: signed by a person's SSH key, chained to the row before it, and never "
	                     "changed.\n\n"
	                     "$ assay register @last NAME              gives a run's model a version\n"
	                     "$ assay propose NAME@1 STAGE --reason …  asks for signatures");
}

/* ---- the view ---- */

static void ask_list(struct view *v, bool anew)
{
	struct audit_view *d = v->state;
	struct audit_ask ask = {0};

	if (d->list && !anew)
		ask = (struct audit_ask){.ledger = d->list->ledger, .store = d->list->store};
	if (!ui_asking(v, TAG_LIST))
		ui_ask(v, TAG_LIST, view_audit_read, &ask, sizeof ask, NULL);
}

/* Again when the width is another one: the reason gets what the others leave. */
static void set_columns(struct audit_view *d, int width)
{
	const struct ui_column columns[COLUMNS] = {
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

	d->width = width;
	ui_table_columns(d->table, columns, COLUMNS);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct audit_view *d = v->state;

	(void)args;
	(void)err;
	d->table = ui_table_new(v, ask_rows, v);
	set_columns(d, v->body_w);
	set_empty(d);
	ask_list(v, true);
	return 0;
}

static void close_view(struct view *v)
{
	struct audit_view *d = v->state;

	ui_table_free(d->table);
	arena_free(d->arena);
	arena_free(d->verdict_arena);
	free(d->shown);
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
	const char *fault = d->list ? d->list->fault : NULL;

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
	char rows[NUM_TEXT], open_rows[NUM_TEXT];
	int y = 1, width = 0;

	if (d->fault[0]) {
		ui_paragraph(s, 2, 1, STYLE_ERROR, d->fault);
		return;
	}
	if (d->list) {
		char text[120];

		snprintf(text, sizeof text, "%s row%s   unsealed: %s",
		         count_people((int64_t)d->list->row_count, rows), d->list->row_count == 1 ? "" : "s",
		         count_people((int64_t)d->list->open, open_rows));
		width = (int)strlen(text);
		surface_put_right(s, s->w - width - 1, 0, width, STYLE_MUTED, text);
		if (d->list->open > 0) {
			int tail = (int)strlen("unsealed: ") + (int)strlen(open_rows);

			surface_put(s, s->w - tail - 1, 0, STYLE_WARN, text + width - tail);
		}
	}
	if (d->filter[0]) {
		surface_put(s, 1, 0, STYLE_PROMPT, "/");
		surface_put_cut(s, 3, 0, s->w - width - 6, STYLE_PROMPT_TEXT, d->filter, strlen(d->filter));
	} else if (s->w > width + 44) {
		surface_put(s, 1, 0, STYLE_MUTED, "/ to filter: mara approve since:2d");
	}
	y = draw_state(v, s, y);
	if (d->width != s->w)
		set_columns(d, s->w);
	body = surface_part(s, 0, y, s->w, s->h - y);
	ui_table_draw(d->table, &body, true);
}

/* ---- filter ---- */

static void filter_check(void *user, const char *text, struct ui_check *out)
{
	struct audit_filter f;
	struct error err;

	out->ok = strlen(text) < FILTER &&
	          audit_filter_parse(&f, text, ui_now(((struct view *)user)->ui), &out->at, &err) == 0;
	if (strlen(text) >= FILTER)
		snprintf(out->message, sizeof out->message, "a filter has at most %d characters", FILTER - 1);
	else if (!out->ok)
		snprintf(out->message, sizeof out->message, "%.250s", err.text);
}

static void filter_change(void *user, const char *text)
{
	struct view *v = user;
	struct audit_view *d = v->state;

	if (strlen(text) >= FILTER || strcmp(d->filter, text) == 0)
		return;
	snprintf(d->filter, sizeof d->filter, "%s", text);
	set_empty(d);
	choose_shown(v);
	ui_table_restart(d->table);
}

static void filter_cancel(void *user)
{
	filter_change(user, ((struct audit_view *)((struct view *)user)->state)->filter_before);
}

static void filter_complete(void *user, const char *text, size_t cursor, struct ui_completions *out)
{
	size_t from = cursor;

	(void)user;
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

static void open_filter(struct view *v)
{
	struct audit_view *d = v->state;
	struct ui_prompt prompt = {.label = "/",
	                           .text = d->filter,
	                           .history = "audit-filter",
	                           .user = v,
	                           .check = filter_check,
	                           .complete = filter_complete,
	                           .change = filter_change,
	                           .accept = filter_change,
	                           .cancel = filter_cancel};

	memcpy(d->filter_before, d->filter, sizeof d->filter);
	ui_prompt(v, &prompt);
}

/* ---- verification ---- */

static void look(struct view *v)
{
	struct audit_view *d = v->state;

	if (!ui_asking(v, TAG_VERIFY) || !d->progress)
		return;
	ui_dirty(v->ui);
	ui_later(v, LOOK_MS, look);
}

static void verify(struct view *v)
{
	struct audit_view *d = v->state;
	struct arena *keep = arena_new();
	struct audit_verify_ask ask = {.progress = arena_alloc(keep, sizeof *ask.progress)};

	d->progress = ask.progress;
	d->verify_began = time_mono_ms();
	ui_ask_aside(v, TAG_VERIFY, view_audit_verify, &ask, sizeof ask, keep);
	ui_later(v, LOOK_MS, look);
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
	case ACTION_LIST_OPEN: {
		struct entry_args args = {.id = ui_table_cursor(d->table)};

		if (args.id)
			ui_open(v->ui, &ENTRY_VIEW, &args);
		return true;
	}
	case ACTION_LIST_FILTER:
		open_filter(v);
		return true;
	case ACTION_AUDIT_VERIFY:
		verify(v);
		return true;
	case ACTION_APP_BACK:
		if (verifying)
			d->progress->stop = true;
		return verifying;
	case ACTION_LIST_BACK:
		return true;
	case ACTION_APP_REFRESH:
		ask_list(v, true);
		return true;
	default:
		return ui_table_action(d->table, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct audit_view *d = v->state;

	switch ((int)what) {
	case ACTION_AUDIT_VERIFY:
		return ui_asking(v, TAG_VERIFY)        ? "it is being verified"
		       : d->list && d->list->no_ledger ? "this store has no ledger yet"
		                                       : NULL;
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
	return ui_table_event(((struct audit_view *)v->state)->table, e);
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

static void on_result(struct view *v, struct ui_result *r)
{
	struct audit_view *d = v->state;
	const struct audit_list *list = r->data;

	if (r->tag == TAG_VERIFY) {
		on_verdict(v, r);
		return;
	}
	if (r->status != 0) {
		if (!r->cancelled)
			snprintf(d->fault, sizeof d->fault, "%s", r->err.text);
		return;
	}
	d->fault[0] = 0;
	if (list->same)
		return;
	/* What was verified was another ledger. */
	if (d->list && d->verdict && list->ledger != d->list->ledger)
		d->verdict = NULL;
	arena_free(d->arena);
	d->arena = r->arena;
	d->list = list;
	r->arena = NULL;
	choose_shown(v);
	set_empty(d);
	if (list->fault_row && list->fault_row != d->pointed_at)
		ui_table_set_cursor(d->table, 2 * list->fault_row);
	d->pointed_at = list->fault_row;
	ui_table_refresh(d->table);
}

static void changed(struct view *v)
{
	/* While it is verified, the reader is busy with that. */
	if (!ui_asking(v, TAG_VERIFY))
		ask_list(v, false);
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
