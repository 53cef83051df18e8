/*
 * Audit, on the reader's thread: pages of rows of the ledger and of other acts, newest first. Acts are read from the
 * store a piece at a time by their ids, so that a page costs what it shows however many there are; with a filter,
 * as much as has to be looked through.
 */
#include <string.h>

#include "audit.h"
#include "audit_filter.h"
#include "view_inside.h"

#define PIECE 500
/* Clocks are set back at times: acts that are a day older than what is looked for end the search. */
#define SLACK_MS (24 * 3600000LL)

/* A walk through the ledger and the acts, from a place on. Rows are in order of seq; [0, row) is what is older than
 * the place. Acts up to `act` are older. */
struct walk {
	struct desk *desk;
	const struct audit_trail *trail;
	const struct audit_filter *filter;
	size_t row;
	int64_t act;
	struct arena *mem; /* of acts */
	struct activity *acts;
	size_t count, at; /* of acts; at: those before it have been given */
	bool end;
};

static void walk_begin(struct walk *w, struct desk *desk, const struct audit_trail *trail,
                       const struct audit_filter *filter, size_t row, int64_t act)
{
	*w = (struct walk){
	    .desk = desk, .trail = trail, .filter = filter, .row = row, .act = act, .mem = arena_new()};
}

static void walk_end(struct walk *w)
{
	arena_free(w->mem);
}

static int fetch(struct walk *w, int64_t before, struct error *err)
{
	if (w->desk->stop)
		return error_set(err, ERR_NO, "stopped");
	arena_free(w->mem);
	w->mem = arena_new();
	w->at = 0;
	return store_activities(w->desk->store, before, PIECE, w->mem, &w->acts, &w->count, err);
}

/* The act that comes next, older; NULL: there is none. */
static int older_act(struct walk *w, const struct activity **out, struct error *err)
{
	*out = NULL;
	if (w->at == w->count && !w->end) {
		/* 0 would be all of them. */
		w->end = w->act <= 0;
		if (w->end)
			return 0;
		if (fetch(w, w->act < INT64_MAX ? w->act + 1 : w->act, err) != 0)
			return -1;
		w->end = w->count < PIECE;
		w->act = w->count > 0 ? w->acts[w->count - 1].id - 1 : 0;
	}
	if (w->at < w->count)
		*out = &w->acts[w->at];
	return 0;
}

/* The same in the other direction: windows of ids above the place, each turned round. */
static int newer_act(struct walk *w, int64_t newest, const struct activity **out, struct error *err)
{
	*out = NULL;
	while (w->at == w->count && w->act < newest) {
		size_t kept = 0;

		if (fetch(w, w->act + PIECE + 1, err) != 0)
			return -1;
		for (size_t i = w->count; i-- > 0;)
			if (w->acts[i].id > w->act)
				kept++;
		w->count = kept; /* the newest ones come first */
		for (size_t i = 0; i < kept / 2; i++) {
			struct activity swap = w->acts[i];

			w->acts[i] = w->acts[kept - 1 - i];
			w->acts[kept - 1 - i] = swap;
		}
		w->act += PIECE;
	}
	if (w->at < w->count)
		*out = &w->acts[w->at];
	return 0;
}

static const struct activity *act_copy(struct arena *a, const struct activity *from)
{
	struct activity *to = arena_alloc(a, sizeof *to);

	*to = *from;
	to->who = arena_strdup(a, from->who);
	to->verb = arena_strdup(a, from->verb);
	to->what = arena_strdup(a, from->what);
	return to;
}

/* One entry further that matches; 1, 0 at the end, or -1. Of the same time, the row is the newer one. */
static int walk_on(struct walk *w, bool older, int64_t newest, struct arena *a, struct audit_entry *out,
                   struct error *err)
{
	const struct audit_trail *t = w->trail;

	for (;;) {
		const struct trail_row *row = NULL;
		const struct activity *act;

		if ((older ? older_act(w, &act, err) : newer_act(w, newest, &act, err)) != 0)
			return -1;
		if (older && w->row > 0)
			row = &t->rows[w->row - 1];
		else if (!older && w->row < t->count)
			row = &t->rows[w->row];
		if (!row && !act)
			return 0;
		if (row && act && (older ? act->at > row->at : act->at <= row->at))
			row = NULL;
		if (row) {
			w->row = older ? w->row - 1 : w->row + 1;
			*out = (struct audit_entry){.id = 2 * row->seq, .at = row->at, .row = row};
		} else {
			w->at++;
			*out = (struct audit_entry){.id = 2 * act->id + 1, .at = act->at, .activity = act};
		}
		if (older && out->at < w->filter->since - (w->filter->since > INT64_MIN + SLACK_MS ? SLACK_MS : 0))
			return 0;
		if (!audit_filter_match(w->filter, out, t->sealed_to))
			continue;
		if (out->activity)
			out->activity = act_copy(a, out->activity);
		return 1;
	}
}

/* ---- cells ---- */

static const char *when_text(struct arena *a, int64_t at, int64_t now)
{
	char then[TIME_TEXT], today[TIME_TEXT];

	time_local(at, then);
	time_local(now, today);
	/* This year's need no year. */
	return strncmp(then, today, 4) == 0 ? arena_printf(a, "%.11s", then + 5) : arena_printf(a, "%.10s", then);
}

static struct ui_row row_of(const struct audit_page_ask *ask, const struct audit_trail *t, int64_t now,
                            struct arena *a, const struct audit_entry *e)
{
	struct ui_cell *c = arena_array(a, AUDIT_COLUMNS, sizeof *c);
	const struct trail_row *r = e->row;
	bool broken = r && t->fault_row == r->seq;

	for (int i = 1; i < AUDIT_COLUMNS; i++)
		c[i] = list_cell("", STYLE_MUTED);
	c[0] = list_cell_by(when_text(a, e->at, now), 0, (double)e->at);
	if (!r) {
		c[1].text = e->activity->who;
		c[2].text = e->activity->verb;
		c[3].text = e->activity->what;
		return (struct ui_row){.id = e->id, .cells = c};
	}
	c[4] = broken ? list_cell("broken", STYLE_BAD)
	              : list_cell(trail_seal(r, t->sealed_to), trail_seal_style(r, t->sealed_to));
	c[5].text = arena_printf(a, "%lld", (long long)r->seq);
	if (!r->readable) {
		c[1].text = "?";
		c[2] = list_cell("unreadable", STYLE_BAD);
		c[3] = list_cell(r->fault ? arena_strdup(a, r->fault) : "", STYLE_BAD);
		return (struct ui_row){.id = e->id, .cells = c};
	}
	/* The trail is read anew while the page is seen: nothing of it stays in the cells. */
	c[1] = list_cell(arena_strdup(a, r->who ? r->who : ""), r->is_signed ? STYLE_TEXT : STYLE_MUTED);
	c[2] = list_cell(ledger_kind_name(r->kind), trail_style(r->kind));
	c[3] = list_cell(arena_strdup(a, view_cut_name(a, r->about, ask->about_most)), 0);
	c[6].text = arena_strdup(a, trail_why(r, a));
	for (int i = 1; broken && i < AUDIT_COLUMNS; i++)
		c[i].style = STYLE_BAD;
	return (struct ui_row){.id = e->id, .cells = c};
}

/* ---- where to begin ---- */

/* The newest act that is not younger than a time, by halving: acts are written in the order of time. */
static int act_at_time(struct desk *desk, int64_t newest, int64_t at, struct arena *a, int64_t *out,
                       struct error *err)
{
	int64_t low = 0, high = newest; /* low holds, or is none; what is above high does not */

	while (low < high) {
		int64_t middle = low + (high - low + 1) / 2;
		struct activity *acts;
		size_t count;

		if (store_activities(desk->store, middle + 1, 1, a, &acts, &count, err) != 0)
			return -1;
		if (count == 0 || acts[0].at <= at)
			low = middle;
		else
			high = acts[0].id - 1;
	}
	*out = low;
	return 0;
}

/* What of rows and acts is as old as the anchor or older; *found false: the anchor is not there. */
static int locate(struct desk *desk, const struct audit_trail *t, int64_t newest, int64_t anchor,
                  struct arena *a, size_t *row, int64_t *act, bool *found, struct error *err)
{
	struct activity *acts;
	size_t count;

	*found = false;
	if (anchor % 2 == 0) {
		for (size_t i = 0; i < t->count; i++)
			if (t->rows[i].seq == anchor / 2) {
				*found = true;
				*row = i + 1;
				return act_at_time(desk, newest, t->rows[i].at, a, act, err);
			}
		return 0;
	}
	if (store_activities(desk->store, anchor / 2 + 1, 1, a, &acts, &count, err) != 0)
		return -1;
	if (count == 0 || acts[0].id != anchor / 2)
		return 0;
	*found = true;
	*act = acts[0].id;
	for (*row = t->count; *row > 0 && t->rows[*row - 1].at >= acts[0].at;)
		(*row)--;
	return 0;
}

/* ---- a page ---- */

struct paging {
	const struct audit_page_ask *ask;
	const struct audit_trail *trail;
	struct audit_filter filter;
	int64_t newest, now;
	struct ui_page *page;
};

/* Entries from the place on until the page has `most` of them, and whether there are others behind those. Newer ones
 * come into it first, and are turned round. */
static int take(struct paging *p, struct desk *desk, bool older, size_t row, int64_t act, size_t most,
                struct arena *a, struct error *err)
{
	struct ui_page *page = p->page;
	struct audit_entry e;
	struct walk w;
	int more = 1;

	walk_begin(&w, desk, p->trail, &p->filter, row, act);
	while (page->count < most && (more = walk_on(&w, older, p->newest, a, &e, err)) > 0)
		page->rows[page->count++] = row_of(p->ask, p->trail, p->now, a, &e);
	if (more > 0)
		more = walk_on(&w, older, p->newest, a, &e, err);
	walk_end(&w);
	*(older ? &page->at_end : &page->at_start) = more == 0;
	for (size_t i = 0; !older && i < page->count / 2; i++) {
		struct ui_row swap = page->rows[i];

		page->rows[i] = page->rows[page->count - 1 - i];
		page->rows[page->count - 1 - i] = swap;
	}
	return more < 0 ? -1 : 0;
}

static int begin(struct desk *desk, const struct audit_page_ask *ask, struct paging *p, struct arena *a,
                 struct error *err)
{
	struct activity *acts;
	size_t count, at;

	desk->stop = false;
	p->ask = ask;
	p->now = view_desk_now(desk);
	p->trail = view_audit_trail(desk);
	if (audit_filter_parse(&p->filter, ask->filter, p->now, &at, err) != 0 ||
	    store_activities(desk->store, 0, 1, a, &acts, &count, err) != 0)
		return -1;
	p->newest = count > 0 ? acts[0].id : 0;
	return 0;
}

int view_audit_read_page(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct audit_page_ask *ask = arg;
	const struct ui_ask_rows *rows = &ask->rows;
	size_t most = (size_t)(rows->count > 0 ? rows->count : 1), row, before = 0;
	struct paging p;
	int64_t act;
	bool found = false;

	if (begin(desk, ask, &p, a, err) != 0)
		return -1;
	row = p.trail->count;
	act = p.newest;
	*result = p.page = arena_alloc(a, sizeof *p.page);
	*p.page = (struct ui_page){.arena = a,
	                           .generation = rows->generation,
	                           .rows = arena_array(a, most + 1, sizeof *p.page->rows),
	                           .at_start = true,
	                           .at_end = true,
	                           .first_index = -1};
	for (int i = 0; rows->where == UI_AROUND && i < rows->anchor_count && !found; i++)
		if (locate(desk, p.trail, p.newest, rows->anchors[i], a, &row, &act, &found, err) != 0)
			return -1;
	if (found)
		before = (size_t)rows->before < most ? (size_t)rows->before : most;
	if (rows->where == UI_FROM_END) {
		if (take(&p, desk, false, 0, 0, most, a, err) != 0)
			return -1;
	} else if ((before > 0 && take(&p, desk, false, row, act, before, a, err) != 0) ||
	           take(&p, desk, true, row, act, most, a, err) != 0) {
		return -1;
	}
	/* A place that nothing was asked for before may have something there. */
	if (found && before == 0)
		p.page->at_start = false;
	p.page->total = (int64_t)p.page->count;
	p.page->total_more = !(p.page->at_start && p.page->at_end);
	return 0;
}

int view_audit_export(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct audit_export_ask *ask = arg;
	struct audit_exported *done = arena_alloc(a, sizeof *done);
	struct ui_export out;
	struct audit_entry e;
	struct paging p;
	struct walk w;
	int more = 1;

	*result = done;
	if (begin(desk, &ask->page, &p, a, err) != 0 ||
	    ui_export_open(&out, ask->file.path, ask->file.replace, ask->file.kind, ask->columns,
	                   ask->column_count, err) != 0)
		return -1;
	walk_begin(&w, desk, p.trail, &p.filter, p.trail->count, p.newest);
	while (more > 0) {
		struct arena *one = arena_new();

		more = walk_on(&w, true, p.newest, one, &e, err);
		if (more > 0) {
			struct ui_row row = row_of(&ask->page, p.trail, p.now, one, &e);
			struct ui_cell *cells = arena_array(one, ask->column_count + 1, sizeof *cells);

			for (size_t i = 0; i < ask->column_count; i++)
				cells[i] = row.cells[ask->place[i]];
			row.cells = cells;
			if (ui_export_row(&out, &row, err) != 0)
				more = -1;
		}
		arena_free(one);
	}
	walk_end(&w);
	done->rows = out.rows;
	if (more == 0 && ui_export_end(&out, err) != 0)
		more = -1;
	ui_export_release(&out);
	return more;
}
