/* Review: the one screen that can be signed. */
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "review_inside.h"
#include "view_inside.h"

/* From this width on what the cursor stands on is explained beside the review. */
enum { BESIDE_FROM = 140, BESIDE = 60 };

/* ---- reading ---- */

static void ask_review(struct view *v)
{
	struct review *r = v->state;
	struct review_ask ask = {.proposal = r->proposal};

	ui_ask_front(v, REVIEW_TAG, view_app_of(v)->work->review, &ask, sizeof ask, NULL);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct review *r = v->state;
	const struct review_args *in = args;

	if (!in || in->proposal <= 0)
		return error_set(err, ERR_USAGE, "say which proposal is to be reviewed; `assay review` lists them");
	r->proposal = in->proposal;
	r->at = SIZE_MAX;
	r->height = 1;
	ask_review(v);
	return 0;
}

static void close_view(struct view *v)
{
	struct review *r = v->state;

	view_review_page_release(&r->page);
	arena_free(r->arena);
	free(r->opened);
	free(r->gates);
}

/* Where a reviewer looks first: the first gate that does not pass, else the first. */
static size_t first_item(const struct review_seen *seen)
{
	for (size_t i = 0; i < seen->gate_count; i++)
		if (seen->gates[i].verdict != GATE_PASS)
			return seen->gates[i].item;
	return seen->gate_count > 0 ? seen->gates[0].item : 0;
}

static void take_review(struct view *v, struct ui_result *result)
{
	struct review *r = v->state;
	const struct review_seen *before = r->seen, *now = result->data;
	char *key = NULL;

	/* The cursor stays on what it stood on, wherever that is now. */
	if (review_item_at(r) && review_item_at(r)->key)
		key = xstrdup(review_item_at(r)->key);
	if (!before)
		r->at = first_item(now);
	for (size_t i = 0; key && i < now->item_count; i++)
		if (now->items[i].key && strcmp(now->items[i].key, key) == 0)
			r->at = i;
	if (r->at >= now->item_count)
		r->at = now->item_count - 1;
	free(key);
	arena_free(r->arena);
	r->arena = result->arena;
	r->seen = now;
	result->arena = NULL;
	r->fault[0] = 0;
	review_look_opened(v);
}

static void take_data(struct view *v, int64_t id)
{
	struct features_args args = {.id = id};

	review_note_opened(v, "data");
	ui_open(v->ui, &FEATURES_VIEW, &args);
}

static void on_result(struct view *v, struct ui_result *result)
{
	struct review *r = v->state;

	if (result->status != 0) {
		if (result->tag == REVIEW_TAG && !result->cancelled)
			snprintf(r->fault, sizeof r->fault, "%s", result->err.text);
		else if (!result->cancelled)
			ui_error(v->ui, &result->err);
		return;
	}
	switch (result->tag) {
	case REVIEW_TAG:
		take_review(v, result);
		break;
	case REVIEW_TAG_PULSE: {
		int64_t change = *(const int64_t *)result->data;

		if (r->change && r->change != change)
			ask_review(v);
		r->change = change;
		break;
	}
	default:
		take_data(v, *(const int64_t *)result->data);
		break;
	}
}

static void tick(struct view *v)
{
	if (!ui_asking(v, -1))
		ui_ask(v, REVIEW_TAG_PULSE, view_review_read_pulse, NULL, 0, NULL);
}

static void resume(struct view *v)
{
	struct review *r = v->state;

	/* After a signature, a failure or a look at the evidence: as it is now. */
	if (r->seen)
		review_look_opened(v);
	ask_review(v);
}

/* ---- drawing ---- */

static void draw_piece(const struct review *r, struct surface *s, int y, const struct review_piece *p)
{
	int room = s->w - p->x;

	if (p->width > 0) {
		surface_put_right(s, p->x, y, p->width, p->style, p->text);
	} else {
		if (p->width < 0 && -p->width < room)
			room = -p->width;
		surface_put_cut(s, p->x, y, room,
		                p->item != SIZE_MAX && p->item == r->at ? STYLE_ROW_CURSOR : p->style, p->text,
		                strlen(p->text));
	}
}

static size_t line_of(const struct review *r)
{
	for (size_t i = 0; i < r->page.count; i++) {
		if (r->page.lines[i].item == r->at)
			return i;
		for (size_t k = 0; k < r->page.lines[i].count; k++)
			if (r->page.lines[i].pieces[k].item == r->at)
				return i;
	}
	return 0;
}

/* The line with the cursor, and its note below, in sight. */
static void scroll(struct review *r, int height)
{
	int at = (int)line_of(r), last = (int)r->page.count - height, below = at + 1;

	while (below < (int)r->page.count && r->page.lines[below].item == SIZE_MAX &&
	       r->page.lines[below].count == 1)
		below++;
	r->height = height;
	if (below > r->top + height)
		r->top = below - height;
	if (at < r->top)
		r->top = at;
	/* The head belongs to its first lines. */
	if (at <= 2 && at < height)
		r->top = 0;
	if (r->top > last)
		r->top = last;
	if (r->top < 0)
		r->top = 0;
}

static void draw_cursor(const struct review *r, struct surface *s, int y, const struct review_line *line)
{
	bool here = line->item == r->at;

	for (size_t k = 0; k < line->count; k++)
		here = here || line->pieces[k].item == r->at;
	if (here) {
		surface_glyph(s, 1, y, STYLE_ROW_CURSOR, GLYPH_CURSOR);
		surface_cursor(s, 1, y, false);
	} else if (line->item < r->seen->item_count && r->opened[line->item]) {
		surface_glyph(s, 1, y, STYLE_MUTED, GLYPH_DOT);
	}
}

static void draw_review(struct review *r, struct surface *s)
{
	view_review_lay(&r->page, r->seen, s);
	scroll(r, s->h);
	for (int y = 0; y < s->h && r->top + y < (int)r->page.count; y++) {
		const struct review_line *line = &r->page.lines[r->top + y];

		for (size_t k = 0; k < line->count; k++)
			draw_piece(r, s, y, &line->pieces[k]);
		draw_cursor(r, s, y, line);
	}
	if (r->top > 0)
		surface_glyph(s, s->w - 1, 0, STYLE_MUTED, GLYPH_UP);
	if (r->top + s->h < (int)r->page.count)
		surface_glyph(s, s->w - 1, s->h - 1, STYLE_MUTED, GLYPH_DOWN);
}

static void draw_beside(const struct review *r, struct surface *s)
{
	const struct review_item *item = review_item_at(r);
	struct surface text = surface_part(s, 2, 0, s->w - 2, s->h);
	const char *at;
	int y = 2;

	surface_vline(s, 0, 0, s->h, STYLE_BORDER);
	if (!item)
		return;
	surface_put_cut(&text, 0, 0, text.w, STYLE_HEADING, item->title, strlen(item->title));
	for (at = item->text; *at && y < text.h - 1; y++) {
		size_t len = strcspn(at, "\n");

		surface_put_cut(&text, 0, y, text.w, STYLE_TEXT, at, len);
		at += len + (at[len] == '\n');
	}
	if (item->object_count > 0 || item->row)
		surface_put(&text, 0, y < text.h - 1 ? y + 1 : text.h - 1, STYLE_MUTED,
		            item->row ? "Enter shows its exact text and signature"
		                      : "Enter reads the evidence itself");
}

static void draw(struct view *v, struct surface *s)
{
	struct review *r = v->state;
	struct surface left = *s;

	if (r->fault[0]) {
		struct surface body = surface_part(s, 3, 1, s->w - 6, s->h - 1);

		surface_put(&body, 0, 0, STYLE_HEADING, "This cannot be signed now");
		ui_paragraph(&body, 0, 2, STYLE_ERROR, r->fault);
		return;
	}
	if (!r->seen) {
		surface_put(s, 3, 1, STYLE_MUTED, "Reading the ledger…");
		return;
	}
	if (s->w >= BESIDE_FROM) {
		struct surface beside = surface_part(s, s->w - BESIDE, 0, BESIDE, s->h);

		left = surface_part(s, 0, 0, s->w - BESIDE - 1, s->h);
		draw_beside(r, &beside);
	}
	draw_review(r, &left);
}

/* ---- keys ---- */

static void move(struct review *r, int64_t by)
{
	int64_t last = (int64_t)r->seen->item_count - 1, to = (int64_t)r->at + by;

	r->at = to < 0 ? 0 : to > last ? (size_t)last : (size_t)to;
}

static bool movement(struct review *r, enum action what)
{
	int page = r->height > 2 ? r->height / 2 : 1;

	switch ((int)what) {
	case ACTION_LIST_UP:
		move(r, -1);
		return true;
	case ACTION_LIST_DOWN:
		move(r, 1);
		return true;
	case ACTION_LIST_PAGE_UP:
	case ACTION_LIST_HALF_UP:
		move(r, -page);
		return true;
	case ACTION_LIST_PAGE_DOWN:
	case ACTION_LIST_HALF_DOWN:
		move(r, page);
		return true;
	case ACTION_LIST_TOP:
		r->at = 0;
		return true;
	case ACTION_LIST_BOTTOM:
		r->at = r->seen->item_count - 1;
		return true;
	default:
		return false;
	}
}

static bool action(struct view *v, enum action what)
{
	struct review *r = v->state;

	if (what == ACTION_APP_REFRESH) {
		ask_review(v);
		return true;
	}
	if (!r->seen || r->fault[0])
		return false;
	switch ((int)what) {
	case ACTION_REVIEW_READ:
		review_read_item(v);
		return true;
	case ACTION_REVIEW_APPROVE:
		review_approve(v);
		return true;
	case ACTION_REVIEW_REJECT:
		review_decide(v, LEDGER_REJECT);
		return true;
	case ACTION_REVIEW_WAIVE:
		review_decide(v, LEDGER_WAIVE);
		return true;
	case ACTION_REVIEW_PROMOTE:
		review_decide(v, LEDGER_PROMOTE);
		return true;
	case ACTION_REVIEW_REVOKE:
		review_revoke(v);
		return true;
	case ACTION_REVIEW_BIAS:
		review_read_bias(v);
		return true;
	case ACTION_REVIEW_DATA:
		review_read_data(v);
		return true;
	case ACTION_REVIEW_DIFF:
		review_diff(v);
		return true;
	default:
		return movement(r, what);
	}
}

static const char *why_not_decide(const struct review_seen *seen)
{
	switch (seen->status) {
	case PROPOSAL_PROMOTED:
		return "it has been promoted";
	case PROPOSAL_REJECTED:
		return "it has been rejected";
	case PROPOSAL_SUPERSEDED:
		return "a later proposal has taken its place";
	case PROPOSAL_WITHDRAWN:
		return "it has been withdrawn";
	case PROPOSAL_IN_REVIEW:
		break;
	}
	return NULL;
}

static const char *why_not_waive(const struct review_seen *seen)
{
	const char *why = why_not_decide(seen);
	bool fails = false;

	for (size_t i = 0; i < seen->gate_count; i++) {
		if (seen->gates[i].verdict == GATE_PASS)
			continue;
		fails = true;
		if (seen->gates[i].waivable)
			return why;
	}
	return why ? why : fails ? "the policy lets nobody waive what does not pass" : "every gate passes";
}

static const char *why_not_revoke(const struct review_seen *seen)
{
	for (size_t i = 0; i < seen->vote_count; i++)
		if (!seen->votes[i].gone)
			return NULL;
	return "nobody has signed";
}

static const char *why_not(struct view *v, enum action what)
{
	const struct review *r = v->state;
	const struct review_seen *seen = r->seen;
	bool own = what >= ACTION_REVIEW_READ && what <= ACTION_REVIEW_REVOKE;

	if (own && (!seen || r->fault[0]))
		return r->fault[0] ? "this cannot be reviewed as it is" : "it is being read";
	switch ((int)what) {
	case ACTION_REVIEW_APPROVE:
	case ACTION_REVIEW_REJECT:
		return why_not_decide(seen);
	case ACTION_REVIEW_WAIVE:
		return why_not_waive(seen);
	case ACTION_REVIEW_PROMOTE:
		return why_not_decide(seen) ? why_not_decide(seen)
		       : seen->approved     ? NULL
		       : seen->block_count  ? seen->blocks[0]
		                            : "it is not approved yet";
	case ACTION_REVIEW_REVOKE:
		return why_not_revoke(seen);
	case ACTION_REVIEW_BIAS:
		return seen->bias_count || seen->candidate_run ? NULL : "there is no bias report among the evidence";
	case ACTION_REVIEW_DATA:
		return seen->data_count ? NULL : "no data set is named by the evidence";
	case ACTION_REVIEW_DIFF:
		return !seen->champion_name                          ? "there is no champion to compare with"
		       : !seen->champion_run || !seen->candidate_run ? "one of the runs is gone"
		                                                     : NULL;
	default:
		return list_none(what);
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	struct review *r = v->state;
	size_t at;

	if (e->kind != TERM_EVENT_MOUSE || !r->seen || r->fault[0])
		return false;
	if (e->mouse == TERM_MOUSE_WHEEL_UP || e->mouse == TERM_MOUSE_WHEEL_DOWN) {
		move(r, e->mouse == TERM_MOUSE_WHEEL_UP ? -1 : 1);
		return true;
	}
	at = (size_t)(r->top + e->y);
	if (e->mouse != TERM_MOUSE_PRESS || e->button != 1 || at >= r->page.count ||
	    r->page.lines[at].item >= r->seen->item_count)
		return false;
	r->at = r->page.lines[at].item;
	return true;
}

static void title(struct view *v, struct str *out)
{
	const struct review *r = v->state;

	if (r->seen)
		str_addf(out, "review %s v%lld", r->seen->model, (long long)r->seen->version);
	else
		str_addf(out, "review %lld", (long long)r->proposal);
}

static void place(struct view *v, struct str *out)
{
	str_addf(out, "review:%lld", (long long)((const struct review *)v->state)->proposal);
}

const struct view_ops REVIEW_VIEW = {
    .name = "review",
    .contexts = "review list",
    .state_size = sizeof(struct review),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .place = place,
    .tick_ms = 1000,
    .tick = tick,
    .resume = resume,
};
