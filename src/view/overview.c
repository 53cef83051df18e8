/* Overview: what needs me, what runs, what is in production, and how it flows. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "audit.h"
#include "board.h"
#include "list.h"
#include "models.h"
#include "overview.h"
#include "runs.h"
#include "view_inside.h"

enum { TAG_OVERVIEW = 1, TAG_RUNS, TAG_CHECK };
/* What a row of the board is: id = 8 * number + kind. */
enum { ROW_BROKEN = 1, ROW_PROPOSAL, ROW_STAGE, ROW_RUN, ROW_ENTRY, ROW_FLAGGED };
#define AGES_EVERY_MS 30000

struct overview_view {
	struct board board;
	struct arena *arena;
	const struct overview *o;
	struct arena *checks_arena;
	const struct overview_checks *checks;
	int64_t drawn_at;
	char fault[1024];
};

static int64_t id_of(int kind, int64_t number)
{
	return 8 * number + kind;
}

static const struct overview_check *check_of(const struct overview_view *d, int64_t row)
{
	for (size_t i = 0; d->checks && i < d->checks->count; i++)
		if (d->checks->checks[i].row == row)
			return &d->checks->checks[i];
	return NULL;
}

/* ---- what needs me ---- */

static const char *by_and_age(struct arena *a, const char *who, int64_t at, int64_t now)
{
	const char *age = view_cell_age(a, at, now);

	return who && age ? arena_printf(a, "%s, %s", who, age) : who ? who : age;
}

static void gates_cell(struct arena *a, const struct overview_proposal *p, struct board_cell *c)
{
	size_t all = p->passed + p->waived + p->not_passed;

	if (all == 0) {
		c->text = "no gates";
		c->style = STYLE_MUTED;
	} else if (p->not_passed > 0) {
		c->text = arena_printf(a, p->not_passed == 1 ? "%zu pass, %zu does not" : "%zu pass, %zu do not",
		                       p->passed + p->waived, p->not_passed);
		c->style = STYLE_BAD;
	} else if (p->waived > 0) {
		c->text = arena_printf(a, "%zu pass, %zu waived", p->passed, p->waived);
		c->style = STYLE_WARN;
	} else {
		c->text = arena_printf(a, p->passed == 1 ? "%zu gate passes" : "%zu gates pass", p->passed);
		c->style = STYLE_GOOD;
	}
}

static void add_proposal(struct view *v, struct board_section *s, const struct overview_proposal *p)
{
	struct overview_view *d = v->state;
	struct arena *a = d->board.mem;
	const struct overview_check *check = check_of(d, p->row);
	struct board_row *row = board_row(s, id_of(ROW_PROPOSAL, p->row));
	const char *arrow = view_app_of(v)->charset == TERM_ASCII ? "->" : "\xe2\x86\x92";

	row->cells[0].text = check && check->stale      ? "stale"
	                     : check && check->approved ? "promote"
	                     : p->mine                  ? "sign"
	                                                : "waits";
	row->cells[0].style = check && check->stale      ? STYLE_WARN
	                      : check && check->approved ? STYLE_GOOD
	                      : p->mine                  ? STYLE_ACCENT
	                                                 : STYLE_MUTED;
	row->cells[1].text = arena_printf(a, "%s v%lld %s %s", p->model, (long long)p->version, arrow, p->stage);
	row->cells[2].text = by_and_age(a, p->by, p->at, ui_now(v->ui));
	row->cells[2].style = STYLE_MUTED;
	gates_cell(a, p, &row->cells[3]);
	row->cells[4].text = arena_printf(a, "%d of %d signed", p->approvals, p->needed);
	row->cells[4].style = STYLE_MUTED;
	row->cells[5].text = check && check->stale ? check->stale : p->reason;
	row->cells[5].style = check && check->stale ? STYLE_WARN : STYLE_MUTED;
}

static void add_stage_need(struct view *v, struct board_section *s, const struct overview_stage *g)
{
	struct arena *a = ((struct overview_view *)v->state)->board.mem;
	struct board_row *row = board_row(s, id_of(ROW_STAGE, g->row));

	row->cells[0].text = g->halted ? "STOPPED" : "review";
	row->cells[0].style = g->halted ? STYLE_BAD | STYLE_BOLD : STYLE_WARN;
	row->cells[1].text = arena_printf(a, "%s v%lld in %s", g->model, (long long)g->version, g->stage);
	row->cells[1].style = g->halted ? STYLE_BAD : STYLE_TEXT;
	row->cells[2].text =
	    by_and_age(a, g->halted && !g->unsigned_halt ? g->who : NULL, g->since, ui_now(v->ui));
	row->cells[2].style = STYLE_MUTED;
	if (g->unsigned_halt)
		row->cells[3].text = arena_printf(a, "%s%s%s",
		                                  ui_now(v->ui) - g->since > 24 * 3600000LL ? "signature overdue"
		                                                                            : "nobody has signed it",
		                                  g->why ? ": " : "", g->why ? g->why : "");
	else
		row->cells[3].text = !g->halted ? (g->break_glass ? "came by break-glass" : "its time is over")
		                     : g->why   ? g->why
		                                : "nothing may use it";
	row->cells[3].style = g->halted ? STYLE_BAD : STYLE_WARN;
}

static void add_ended(struct view *v, struct board_section *s, const struct overview_run *r)
{
	struct arena *a = ((struct overview_view *)v->state)->board.mem;
	struct board_row *row = board_row(s, id_of(ROW_RUN, r->id));

	row->cells[0].text = r->status;
	row->cells[0].style = ui_status_style(r->status);
	row->cells[1].text = r->name;
	row->cells[2].text = by_and_age(a, r->experiment, r->ended, ui_now(v->ui));
	row->cells[2].style = STYLE_MUTED;
	row->cells[3].text = r->reason;
	row->cells[3].style = ui_status_style(r->status);
}

/* "stopped (SIGSTOP): kill -CONT 7 lets it go on": its first word stands in the first column already. */
static const char *without_word(const char *flag)
{
	const char *word = run_flag_word(flag), *colon = strstr(flag, ": ");

	return colon && strncmp(flag, word, strlen(word)) == 0 ? colon + 2 : flag;
}

static void add_flagged(struct view *v, struct board_section *s, const struct overview_run *r)
{
	struct arena *a = ((struct overview_view *)v->state)->board.mem;
	struct board_row *row = board_row(s, id_of(ROW_FLAGGED, r->id));

	row->cells[0].text = run_flag_word(r->flag);
	row->cells[0].style = STYLE_WARN;
	row->cells[1].text = r->name;
	row->cells[2].text = by_and_age(a, r->experiment, r->at, ui_now(v->ui));
	row->cells[2].style = STYLE_MUTED;
	row->cells[3].text = without_word(r->flag);
	row->cells[3].style = STYLE_WARN;
}

static void add_needs(struct view *v)
{
	struct overview_view *d = v->state;
	const struct overview *o = d->o;
	struct board_section *s = board_add(&d->board, "NEEDS YOU");
	bool foreign = false;

	s->main = 1;
	s->keep = 4;
	s->least[0] = 7;
	/* What is to be signed is read in full; names of runs are cut for it. */
	s->most[1] = 24;
	for (size_t i = 0; i < o->proposal_count; i++) {
		int wide = (int)strlen(o->proposals[i].model) + (int)strlen(o->proposals[i].stage) + 8;

		s->most[1] = wide > s->most[1] ? wide : s->most[1];
	}
	if (s->most[1] > 40)
		s->most[1] = 40;
	s->most[2] = 16;
	s->most[3] = 30;
	s->most[5] = 80;
	if (o->broken) {
		struct board_row *row = board_row(s, id_of(ROW_BROKEN, 1));

		row->cells[0].text = "BROKEN";
		row->cells[0].style = STYLE_BAD | STYLE_BOLD;
		row->cells[1].text = "the ledger does not hold";
		row->cells[1].style = STYLE_BAD;
		board_line(&d->board, s, STYLE_BAD, o->broken);
		board_line(&d->board, s, STYLE_MUTED,
		           "Nothing can be signed. Enter: every row; V there verifies all of them.");
	}
	for (size_t i = 0; i < o->stage_count; i++)
		if (o->stages[i].halted)
			add_stage_need(v, s, &o->stages[i]);
	for (size_t i = 0; i < o->proposal_count; i++) {
		if (o->proposals[i].mine)
			add_proposal(v, s, &o->proposals[i]);
		foreign = foreign || view_is_foreign(o->proposals[i].model);
	}
	for (size_t i = 0; i < o->stage_count; i++)
		if (!o->stages[i].halted &&
		    (o->stages[i].break_glass || (o->stages[i].review_by && o->stages[i].review_by < ui_now(v->ui))))
			add_stage_need(v, s, &o->stages[i]);
	for (size_t i = 0; i < o->running_count; i++)
		if (*o->running[i].flag)
			add_flagged(v, s, &o->running[i]);
	for (size_t i = 0; i < o->ended_count; i++)
		add_ended(v, s, &o->ended[i]);
	if (o->pending > 0) {
		struct board_row *row = board_row(s, id_of(ROW_ENTRY, o->pending_row));

		row->cells[0].text = "admin";
		row->cells[0].style = STYLE_WARN;
		row->cells[1].text = o->pending_what;
	}
	for (size_t i = 0; i < o->proposal_count; i++)
		if (!o->proposals[i].mine)
			add_proposal(v, s, &o->proposals[i]);
	if (foreign)
		board_line(&d->board, s, STYLE_WARN, "A name holds letters beyond ASCII: some look like others.");
	if (o->runs_only)
		board_line(&d->board, s, STYLE_MUTED, "The ledger is being read and verified…");
	else if (s->count == 0)
		board_line(
		    &d->board, s, STYLE_MUTED,
		    o->runs > 0 || o->registered > 0
		        ? "Nothing waits for you."
		        : "Nothing waits for you. Proposals to sign, runs that have failed and stages that were "
		          "stopped would stand here.");
	if (o->runs_only)
		return;
	if (o->proposal_count > 0 && *o->no_key)
		board_line(&d->board, s, STYLE_MUTED,
		           arena_printf(d->board.mem, "You sign nothing here: %s", o->no_key));
	else if (!o->broken && o->no_roster && o->registered > 0)
		board_line(&d->board, s, STYLE_MUTED,
		           "There is no roster yet, so nobody can sign: $ assay roster --help says how one is made.");
}

/* ---- what runs, what is in use ---- */

static void add_running(struct view *v)
{
	struct overview_view *d = v->state;
	const struct overview *o = d->o;
	struct arena *a = d->board.mem;
	struct board_section *s = board_add(&d->board, "RUNNING");
	int64_t now = ui_now(v->ui);

	s->most[0] = 26;
	s->most[1] = 16;
	s->right[3] = true;
	for (size_t i = 0; i < o->running_count; i++) {
		const struct overview_run *r = &o->running[i];
		struct board_row *row = board_row(s, id_of(ROW_RUN, r->id));
		const char *number = view_cell_number(a, r->metric, 4);
		bool told = isfinite(r->progress);
		char span[TIME_TEXT];

		row->cells[0].text = r->name;
		row->cells[1].text = r->experiment;
		row->cells[1].style = STYLE_MUTED;
		row->cells[2].is_gauge = told;
		row->cells[2].gauge = told ? r->progress : 0;
		if (!told) {
			row->cells[2].text = *r->flag ? run_flag_word(r->flag) : r->status;
			row->cells[2].style = *r->flag ? STYLE_WARN : ui_status_style(r->status);
		}
		row->cells[3].text = told ? arena_printf(a, "%.0f%%", floor(r->progress * 100)) : "";
		row->cells[4].text = number ? arena_printf(a, "%s %s", o->metric, number) : "";
		if (r->trend_count > 1) {
			row->cells[5].spark = r->trend;
			row->cells[5].n = r->trend_count;
		}
		if (told && r->ends > now)
			row->cells[6].text = arena_printf(a, "%s left", time_span(r->ends - now, span));
		else
			row->cells[6].text = view_cell_age(a, r->at, now);
		row->cells[6].style = STYLE_MUTED;
	}
	if (o->running_count == 0)
		board_line(
		    &d->board, s, STYLE_MUTED,
		    o->runs > 0
		        ? "Nothing runs."
		        : "Nothing runs, and nothing has run yet: n in Runs (screen 2) launches a run; $ assay "
		          "run -- CMD captures any program.");
}

static void add_top_stage(struct view *v)
{
	struct overview_view *d = v->state;
	const struct overview *o = d->o;
	struct arena *a = d->board.mem;
	char *title = arena_strdup(a, o->top_stage && *o->top_stage ? o->top_stage : "production");
	struct board_section *s;

	for (char *c = title; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	s = board_add(&d->board, title);
	s->least[0] = (int)strlen(title);
	s->heads[1] = "version";
	s->heads[2] = "for";
	s->heads[3] = "standing";
	s->heads[4] = "owner";
	s->right[2] = true;
	s->least[2] = 4;
	for (size_t i = 0; i < o->stage_count; i++) {
		const struct overview_stage *g = &o->stages[i];
		struct board_row *row;

		if (!g->top)
			continue;
		row = board_row(s, id_of(ROW_STAGE, -g->row));
		row->cells[0].text = g->model;
		row->cells[1].text = arena_printf(a, "v%lld", (long long)g->version);
		row->cells[2].text = view_cell_age(a, g->since, ui_now(v->ui));
		row->cells[2].style = STYLE_MUTED;
		row->cells[3].text = arena_printf(
		    a, "%s %s",
		    term_glyph(view_app_of(v)->charset, g->halted ? GLYPH_KILLED : view_standing_glyph(g->standing)),
		    g->halted ? "STOPPED" : g->standing);
		row->cells[3].style = g->halted ? STYLE_BAD | STYLE_BOLD : view_standing_style(g->standing);
		row->cells[4].text = g->owner;
		row->cells[4].style = STYLE_MUTED;
		row->cells[5].text = g->halted && g->why ? g->why : g->break_glass ? "by break-glass" : NULL;
		row->cells[5].style = STYLE_WARN;
	}
	if (s->count == 0)
		board_line(&d->board, s, STYLE_MUTED,
		           o->registered > 0
		               ? "No version is in this stage. A version gets there when it was proposed, signed and "
		                 "promoted."
		               : "No model is registered yet: P on a run registers its model (screen 2).");
}

static void add_flow(struct view *v)
{
	struct overview_view *d = v->state;
	const struct overview *o = d->o;
	struct arena *a = d->board.mem;
	struct board_section *s = board_add(&d->board, "FLOW");
	const char *arrow = view_app_of(v)->charset == TERM_ASCII ? "->" : "\xe2\x86\x92";
	char number[NUM_TEXT], span[TIME_TEXT];
	struct str text;

	str_init(&text);
	str_addf(&text, "runs %s%s", count_people(o->runs, number), o->runs_more ? "+" : "");
	str_addf(&text, " %s registered %s", arrow, count_people(o->registered, number));
	str_addf(&text, " %s in review %s", arrow, count_people(o->in_review, number));
	for (size_t i = 0; i < o->count_count; i++)
		str_addf(&text, " %s %s %s", arrow, o->counts[i].stage, count_people(o->counts[i].models, number));
	board_line(&d->board, s, STYLE_TEXT, text.data);
	str_clear(&text);
	if (o->lead_count > 0) {
		str_addf(&text, "lead time %s median, from registration to %s (%s promotion%s)",
		         time_span(o->lead_median, span), o->top_stage, count_people((int64_t)o->lead_count, number),
		         o->lead_count == 1 ? "" : "s");
		board_line(&d->board, s, STYLE_MUTED, text.data);
	}
	str_release(&text);
	(void)a;
}

/* ---- the view ---- */

static void ask_overview(struct view *v, bool anew)
{
	struct overview_view *d = v->state;
	struct overview_ask ask = {0};

	if (d->o && !d->o->runs_only && !anew && !d->fault[0]) {
		ask.ledger = d->o->ledger;
		ask.store = d->o->store;
	}
	if (!ui_asking(v, TAG_OVERVIEW))
		ui_ask(v, TAG_OVERVIEW, view_overview_read, &ask, sizeof ask, NULL);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct overview_ask runs = {.runs_only = true};

	(void)args;
	(void)err;
	ui_ask(v, TAG_RUNS, view_overview_read, &runs, sizeof runs, NULL);
	ask_overview(v, true);
	return 0;
}

static void close_view(struct view *v)
{
	struct overview_view *d = v->state;

	board_release(&d->board);
	arena_free(d->arena);
	arena_free(d->checks_arena);
}

static void draw(struct view *v, struct surface *s)
{
	struct overview_view *d = v->state;
	struct surface body = surface_part(s, 0, 1, s->w, s->h - 1);

	d->drawn_at = ui_now(v->ui);
	if (d->fault[0]) {
		ui_paragraph(&body, 3, 0, STYLE_ERROR, d->fault);
		return;
	}
	if (!d->o) {
		surface_put(&body, 2, 0, STYLE_MUTED, "Reading…");
		return;
	}
	board_begin(&d->board);
	add_needs(v);
	add_running(v);
	if (!d->o->broken && !d->o->runs_only) {
		add_top_stage(v);
		add_flow(v);
	}
	board_draw(&d->board, &body);
}

static void open_version(struct view *v, int64_t row)
{
	const struct overview *o = ((struct overview_view *)v->state)->o;
	char ref[300];
	struct version_args args = {.ref = ref};

	for (size_t i = 0; i < o->stage_count; i++)
		if (o->stages[i].row == row) {
			snprintf(ref, sizeof ref, "%s@%lld", o->stages[i].model, (long long)o->stages[i].version);
			ui_open(v->ui, &VERSION_VIEW, &args);
			return;
		}
}

static void open_row(struct view *v)
{
	struct overview_view *d = v->state;
	int64_t id = d->board.cursor, number = id / 8;
	struct run_args run = {.id = number};
	struct entry_args entry = {.id = 2 * number};

	switch (id < 0 ? ROW_STAGE : (int)(id % 8)) {
	case ROW_BROKEN:
		ui_show_screen(v->ui, 8);
		break;
	case ROW_PROPOSAL:
		view_open_review(v, number);
		break;
	case ROW_STAGE:
		open_version(v, id < 0 ? (ROW_STAGE - id) / 8 : number);
		break;
	case ROW_RUN:
	case ROW_FLAGGED:
		ui_open(v->ui, &RUN_VIEW, &run);
		break;
	case ROW_ENTRY:
		ui_open(v->ui, &ENTRY_VIEW, &entry);
		break;
	default:
		break;
	}
}

static bool action(struct view *v, enum action what)
{
	struct overview_view *d = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN:
	case ACTION_MODEL_REVIEW:
		open_row(v);
		return true;
	case ACTION_LIST_BACK:
		return true;
	case ACTION_APP_REFRESH:
		ask_overview(v, true);
		return true;
	default:
		return board_action(&d->board, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct overview_view *d = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN:
		return d->board.cursor ? NULL : "there is nothing to open";
	case ACTION_MODEL_REVIEW:
		return d->board.cursor > 0 && d->board.cursor % 8 == ROW_PROPOSAL ? NULL : "this is no proposal";
	case ACTION_LIST_LEFT:
	case ACTION_LIST_RIGHT:
		return "not here";
	default:
		return list_none(what);
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	struct overview_view *d = v->state;
	struct term_event own = *e;
	bool open_it, taken;

	own.y--;
	taken = board_event(&d->board, &own, &open_it);
	if (open_it)
		open_row(v);
	return taken;
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct overview_view *d = v->state;
	const struct overview *o = r->data;

	r->beside = r->tag == TAG_CHECK;
	if (r->status != 0) {
		if (!r->cancelled && r->tag != TAG_CHECK)
			snprintf(d->fault, sizeof d->fault, "%s", r->err.text);
		return; /* a second look that fails changes nothing: the review says what is wrong */
	}
	if (r->tag == TAG_CHECK) {
		arena_free(d->checks_arena);
		d->checks_arena = r->arena;
		d->checks = r->data;
		r->arena = NULL;
		return;
	}
	d->fault[0] = 0;
	if (o->same || (o->runs_only && d->o))
		return;
	arena_free(d->arena);
	d->arena = r->arena;
	d->o = o;
	r->arena = NULL;
	if (o->proposal_count > 0 && (!d->checks || d->checks->ledger != o->ledger))
		ui_ask(v, TAG_CHECK, view_overview_check, NULL, 0, NULL);
}

static void tick(struct view *v)
{
	struct overview_view *d = v->state;

	/* Ages grow, and what ended a day ago goes. */
	ask_overview(v, false);
	if (ui_now(v->ui) - d->drawn_at >= AGES_EVERY_MS)
		ui_dirty(v->ui);
}

static void resume(struct view *v)
{
	ask_overview(v, false);
}

static void lists(struct view *v, void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	board_lists(&((struct overview_view *)v->state)->board, fn, user);
}

const struct view_ops OVERVIEW_VIEW = {
    .name = "overview",
    .contexts = "overview list",
    .state_size = sizeof(struct overview_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .tick_ms = AGES_EVERY_MS,
    .tick = tick,
    .resume = resume,
    .lists = lists,
    .changed = resume,
};
