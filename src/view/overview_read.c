/* Overview, on the reader's thread. Everything is copied out of the ledger's state. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "overview.h"
#include "view_inside.h"

enum { RUNNING_MOST = 8, ENDED_MOST = 5, RUNS_MOST = 100000 };

/* ---- runs ---- */

static const char *chosen_metric(struct store *s, struct arena *a)
{
	const char **names;
	size_t count;

	if (store_names(s, "metrics.", 200, a, &names, &count, NULL) != 0 || count == 0)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], "metrics.auc") == 0)
			return names[i];
	return names[0];
}

static int read_runs(const struct desk *desk, const char *filter, const char *metric, size_t most,
                     struct arena *a, struct overview_run **out, size_t *count, struct error *err)
{
	struct runs_query q = {.filter = filter, .now = desk->app->fixed_now};
	struct runs_page page;

	if (metric) {
		q.columns = &metric;
		q.column_count = 1;
		q.trend = metric;
	}
	if (store_runs_page(desk->store, &q, RUNS_FIRST, 0, most, a, &page, err) != 0)
		return -1;
	*out = arena_array(a, page.count + 1, sizeof **out);
	*count = page.count;
	for (size_t i = 0; i < page.count; i++) {
		const struct runs_row *r = &page.rows[i];

		(*out)[i] = (struct overview_run){
		    .id = r->id,
		    .at = r->started ? r->started : r->created,
		    .ended = r->ended,
		    .name = r->name,
		    .experiment = r->experiment,
		    .status = store_status_name(r->status),
		    .reason = r->reason,
		    .flag = r->flag,
		    .progress = r->progress,
		    .ends = r->ends,
		    .metric = metric && r->cells[0].kind == CELL_NUMBER ? r->cells[0].number : (double)NAN,
		    .trend = r->trend,
		    .trend_count = r->trend_count};
	}
	return 0;
}

/* What runs comes before what waits, the newest first. */
static int by_status(const void *a, const void *b)
{
	const struct overview_run *x = a, *y = b;
	int waits_x = strcmp(x->status, "queued") == 0, waits_y = strcmp(y->status, "queued") == 0;

	return waits_x != waits_y ? waits_x - waits_y : x->at != y->at ? (x->at < y->at ? 1 : -1) : 0;
}

static int read_all_runs(const struct desk *desk, struct overview *o, struct arena *a, struct error *err)
{
	struct runs_query all = {.filter = ""};
	const char *metric = chosen_metric(desk->store, a);
	bool exact;

	o->metric = metric ? metric + strlen("metrics.") : NULL;
	if (read_runs(desk, "status = running or status = queued", metric, RUNNING_MOST, a, &o->running,
	              &o->running_count, err) != 0 ||
	    read_runs(desk, "(status = failed or status = lost) and ended > -1d", NULL, ENDED_MOST, a, &o->ended,
	              &o->ended_count, err) != 0 ||
	    store_runs_count(desk->store, &all, RUNS_MOST, &o->runs, &exact, err) != 0)
		return -1;
	o->runs_more = !exact;
	if (o->running_count > 0)
		qsort(o->running, o->running_count, sizeof *o->running, by_status);
	return 0;
}

/* ---- decisions ---- */

static bool is_waived(const struct ledger_proposal *p, const char *gate, int64_t now)
{
	for (size_t i = 0; i < p->vote_count; i++) {
		const struct ledger_vote *v = &p->votes[i];

		for (size_t k = 0; v->kind == LEDGER_WAIVE && !v->revoked && k < v->text->waiver_count; k++)
			if (strcmp(v->text->waivers[k].gate, gate) == 0 && v->text->waivers[k].until > now)
				return true;
	}
	return false;
}

static void take_proposal(const struct ledger_state *state, const struct ledger_proposal *p, int64_t now,
                          struct arena *a, struct overview_proposal *to)
{
	const struct policy_stage *stage = policy_stage_find(&state->policy, p->text->stage);
	const struct ledger_text *results = p->results ? p->results : p->text;

	*to = (struct overview_proposal){.row = p->row,
	                                 .at = p->at,
	                                 .model = arena_strdup(a, p->text->model),
	                                 .stage = arena_strdup(a, p->text->stage),
	                                 .by = arena_strdup(a, p->text->name ? p->text->name : p->text->signer),
	                                 .reason = arena_strdup(a, p->text->reason),
	                                 .version = p->text->version,
	                                 .needed = stage ? stage->approvals : 0};
	for (size_t i = 0; i < results->gate_count; i++) {
		if (results->gates[i].result == GATE_PASS)
			to->passed++;
		else if (is_waived(p, results->gates[i].id, now))
			to->waived++;
		else
			to->not_passed++;
	}
	for (size_t i = 0; i < p->vote_count; i++)
		to->approvals += p->votes[i].kind == LEDGER_APPROVE && !p->votes[i].revoked;
}

/* Those that this person may sign come first, then the oldest. */
static int by_need(const void *a, const void *b)
{
	const struct overview_proposal *x = a, *y = b;

	if (x->mine != y->mine)
		return x->mine ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at ? 1 : 0;
}

static int read_proposals(struct desk *desk, struct trust *t, struct overview *o, struct arena *a,
                          struct error *err)
{
	const struct ledger_state *state = work_trust_state(t);
	const struct work_person *who = view_desk_person(desk, t, &o->no_key);
	const struct ledger_proposal **mine = NULL;
	size_t mine_count = 0;

	o->no_key = arena_strdup(a, o->no_key);
	if (who && work_waiting(t, who, a, &mine, &mine_count, err) != 0)
		return -1;
	o->proposals = arena_array(a, state->proposal_count + 1, sizeof *o->proposals);
	for (size_t i = 0; i < state->proposal_count; i++) {
		struct overview_proposal *to = &o->proposals[o->proposal_count];

		if (state->proposals[i].status != PROPOSAL_IN_REVIEW)
			continue;
		take_proposal(state, &state->proposals[i], view_desk_now(desk), a, to);
		for (size_t k = 0; k < mine_count; k++)
			to->mine = to->mine || mine[k]->row == to->row;
		o->proposal_count++;
	}
	if (o->proposal_count > 0)
		qsort(o->proposals, o->proposal_count, sizeof *o->proposals, by_need);
	return 0;
}

static int by_stage(const void *a, const void *b)
{
	const struct overview_stage *x = a, *y = b;

	if (x->halted != y->halted)
		return x->halted ? -1 : 1;
	return strcmp(x->model, y->model);
}

/* Why a stage was stopped, and by whom: the halt row says. */
static void read_halt(struct ledger *l, int64_t row, struct arena *a, struct overview_stage *to)
{
	struct ledger_row *rows;
	struct ledger_text text;
	size_t count;

	if (!l || ledger_rows(l, row, row, a, &rows, &count, NULL) != 0 || count == 0 ||
	    ledger_text_parse(rows[0].body, rows[0].body_len, a, &text, NULL) != 0)
		return;
	to->why = text.reason;
	to->who = text.name ? text.name : text.signer;
	to->since = rows[0].at_ms;
	to->row = row;
}

static int read_stages(struct desk *desk, struct trust *t, struct overview *o, struct arena *a,
                       struct error *err)
{
	const struct ledger_state *state = work_trust_state(t);
	const struct policy *policy = &state->policy;
	struct work_model_row *models;
	size_t model_count, begin = 0;
	struct ledger *l;

	if (work_models(t, a, &models, &model_count, err) != 0 || view_desk_ledger(desk, &l, err) != 0)
		return -1;
	o->stages = arena_array(a, state->stage_count + 1, sizeof *o->stages);
	o->counts = arena_array(a, policy->stage_count + 1, sizeof *o->counts);
	o->count_count = policy->stage_count;
	for (size_t i = 0; i < policy->stage_count; i++)
		o->counts[i].stage = arena_strdup(a, policy->stages[i].name);
	o->top_stage = policy->stage_count ? o->counts[policy->stage_count - 1].stage : "";
	for (size_t p = policy->stage_count; p-- > 0;) {
		for (size_t i = 0; i < state->stage_count; i++) {
			const struct ledger_stage *s = &state->stages[i];
			struct overview_stage *to = &o->stages[o->stage_count];
			struct work_version v;
			const char *ref;

			if (s->version == 0 || strcmp(s->stage, policy->stages[p].name) != 0)
				continue;
			*to = (struct overview_stage){.model = arena_strdup(a, s->model),
			                              .stage = o->counts[p].stage,
			                              .version = s->version,
			                              .since = s->since,
			                              .row = s->row,
			                              .halted = s->halted,
			                              .unsigned_halt = s->halt_unsigned,
			                              .break_glass = s->by_break_glass,
			                              .top = p + 1 == policy->stage_count,
			                              .review_by = s->review_by};
			ref = arena_printf(a, "%s@%lld", to->model, (long long)to->version);
			to->standing = work_version_find(t, ref, a, &v, NULL) == 0 ? v.standing : "";
			for (size_t m = 0; m < model_count; m++)
				if (strcmp(models[m].name, to->model) == 0)
					to->owner = models[m].owner;
			if (s->halted)
				read_halt(l, s->halt_row, a, to);
			o->counts[p].models++;
			o->stage_count++;
		}
		if (o->stage_count > begin)
			qsort(o->stages + begin, o->stage_count - begin, sizeof *o->stages, by_stage);
		begin = o->stage_count;
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y ? 1 : 0;
}

/* From a version's registration to its promotion into the highest stage. */
static void read_lead(const struct ledger_state *state, struct ledger *l, struct overview *o, struct arena *a)
{
	int64_t *lead = arena_array(a, state->proposal_count + 1, sizeof *lead);

	for (size_t i = 0; l && i < state->proposal_count; i++) {
		const struct ledger_proposal *p = &state->proposals[i];
		const struct ledger_version *v;
		struct ledger_row *rows;
		size_t count;

		if (!p->promoted_by || strcmp(p->text->stage, o->top_stage) != 0)
			continue;
		v = ledger_version_find(state, p->text->model, p->text->version);
		if (v && ledger_rows(l, p->promoted_by, p->promoted_by, a, &rows, &count, NULL) == 0 && count > 0)
			lead[o->lead_count++] = rows[0].at_ms - v->at;
	}
	if (o->lead_count == 0)
		return;
	qsort(lead, o->lead_count, sizeof *lead, by_value);
	o->lead_median = o->lead_count % 2 ? lead[o->lead_count / 2]
	                                   : (lead[o->lead_count / 2 - 1] + lead[o->lead_count / 2]) / 2;
}

static int read_trust(struct desk *desk, struct overview *o, struct arena *a, struct error *err)
{
	const struct ledger_state *state;
	struct trust *t;
	struct ledger *l;
	struct error why = {0};

	if (view_desk_trust(desk, &t, &why) != 0) {
		o->broken = arena_strdup(a, why.text);
		return 0;
	}
	state = work_trust_state(t);
	o->no_ledger = !work_trust_ledger(t);
	o->no_roster = state->roster.count == 0;
	o->registered = (int64_t)state->version_count;
	o->pending = state->pending_count;
	if (o->pending > 0) {
		o->pending_what =
		    arena_printf(a, "%s %.8s has %d of %d signatures", ledger_kind_name(state->pending[0].kind),
		                 state->pending[0].digest, state->pending[0].signatures, state->pending[0].needed);
		o->pending_row = state->pending[0].first_row;
	}
	if (read_proposals(desk, t, o, a, err) != 0 || read_stages(desk, t, o, a, err) != 0 ||
	    view_desk_ledger(desk, &l, err) != 0)
		return -1;
	o->in_review = (int64_t)o->proposal_count;
	read_lead(state, l, o, a);
	return 0;
}

int view_overview_read(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct overview_ask *ask = arg;
	struct overview *o = arena_alloc(a, sizeof *o);

	*result = o;
	o->ledger = view_desk_change(desk);
	o->store = store_change(desk->store);
	o->same = ask->store != 0 && o->ledger == ask->ledger && o->store == ask->store;
	if (o->same)
		return 0;
	o->runs_only = ask->runs_only;
	if (read_all_runs(desk, o, a, err) != 0)
		return -1;
	return ask->runs_only ? 0 : read_trust(desk, o, a, err);
}

/* ---- the second look ---- */

static void judge(const struct desk *desk, struct trust *t, const struct ledger_proposal *p, struct arena *a,
                  struct overview_check *to)
{
	const char *ref = arena_printf(a, "%s@%lld", p->text->model, (long long)p->text->version);
	struct work_version v;
	struct ledger_facts facts;
	struct ledger_judgement j;
	struct error err = {0};

	to->row = p->row;
	if (work_version_find(t, ref, a, &v, &err) != 0 ||
	    work_facts(t, &v, p->text->stage, a, &facts, &err) != 0) {
		to->stale = arena_strdup(a, err.text);
		return;
	}
	facts.now = view_desk_now(desk);
	ledger_judge(work_trust_state(t), p, &facts, &j);
	to->approved = j.approved;
	for (size_t i = 0; i < j.vote_count && !to->stale; i++) {
		const struct ledger_standing *s = &j.votes[i];

		if (s->vote->kind == LEDGER_APPROVE && !s->counts && !s->vote->revoked && s->reason_count > 0)
			to->stale = arena_printf(a, "%s's signature does not count: %s",
			                         s->vote->name ? s->vote->name : s->vote->principal, s->reasons[0].text);
	}
	ledger_judgement_release(&j);
}

int view_overview_check(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	struct overview_checks *c = arena_alloc(a, sizeof *c);
	const struct ledger_state *state;
	struct trust *t;

	(void)arg;
	*result = c;
	c->ledger = view_desk_change(desk);
	if (view_desk_trust(desk, &t, err) != 0)
		return -1;
	state = work_trust_state(t);
	c->checks = arena_array(a, state->proposal_count + 1, sizeof *c->checks);
	for (size_t i = 0; i < state->proposal_count; i++)
		if (state->proposals[i].status == PROPOSAL_IN_REVIEW && state->proposals[i].vote_count > 0)
			judge(desk, t, &state->proposals[i], a, &c->checks[c->count++]);
	return 0;
}
