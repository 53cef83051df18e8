/*
 * Results against what Assay computes.
 *
 * Numbers are compared as evidence is (evidence.c), and data-age by its result alone: another day is no other
 * result. Gates whose rule the policy has changed are left to the
 * rules of the ledger, which count none of the old ones.
 */
#include <math.h>

#include "gate.h"

static bool objects_alike(struct trust *t, const char *a, const char *b)
{
	struct str x, y;
	str_init(&x);
	str_init(&y);
	bool same = t->objects.read(t->objects.user, a, &x, NULL) == 0 &&
	            t->objects.read(t->objects.user, b, &y, NULL) == 0 && evidence_alike(x.data, y.data);
	str_release(&x);
	str_release(&y);
	return same;
}

static bool has_evidence(struct trust *t, const struct ledger_text *row, const struct ledger_evidence *e)
{
	for (size_t i = 0; i < row->evidence_count; i++)
		if (strcmp(row->evidence[i].digest, e->digest) == 0)
			return true;
	/* Who made it stands with the digests of what they made, which another machine may not have. */
	for (size_t i = 0; i < row->evidence_count; i++)
		if (strcmp(row->evidence[i].kind, e->kind) == 0 &&
		    (strcmp(e->kind, "producers") == 0 || objects_alike(t, row->evidence[i].digest, e->digest)))
			return true;
	return false;
}

/* ---- gates ---- */

static bool same_result(const struct policy *p, const struct ledger_gate *was, const struct ledger_gate *is)
{
	const struct policy_gate *gate = NULL;
	for (size_t i = 0; i < p->gate_count; i++)
		if (strcmp(p->gates[i].id, is->id) == 0)
			gate = &p->gates[i];
	if (was->result != is->result)
		return false;
	return (gate && gate->kind == POLICY_DATA_AGE) ||
	       (evidence_close(was->measured, is->measured) && evidence_close(was->low, is->low) &&
	        evidence_close(was->high, is->high) && evidence_close(was->level, is->level) &&
	        strcmp(was->settings, is->settings) == 0);
}

static const char *say(struct arena *mem, const struct ledger_gate *g)
{
	char number[NUM_TEXT];
	return isnan(g->measured)
	           ? gate_result_name(g->result)
	           : arena_printf(mem, "%s (%s)", gate_result_name(g->result), num_shortest(g->measured, number));
}

/* NULL, or what differs. */
static const char *difference(struct gate_run *g, const struct ledger_text *row, const struct work_gates *now)
{
	bool all = true;
	for (size_t i = 0; i < now->count; i++) {
		const struct ledger_gate *is = &now->gates[i], *was = NULL;
		for (size_t k = 0; k < row->gate_count; k++)
			if (strcmp(row->gates[k].id, is->id) == 0 && strcmp(row->gates[k].rule, is->rule) == 0)
				was = &row->gates[k];
		all = all && was;
		if (was && !same_result(&g->t->state->policy, was, is))
			return arena_printf(g->mem, "gate %s is %s there, and %s when it is computed", is->id,
			                    say(g->mem, was), say(g->mem, is));
	}
	/* Gates that are new in the policy have evidence that the row cannot have. */
	for (size_t i = 0; i < now->evidence_count && all; i++)
		if (!has_evidence(g->t, row, &now->evidence[i]))
			return arena_printf(g->mem, "the %s %.8s… that the gates stand on is not named there",
			                    now->evidence[i].kind, now->evidence[i].digest);
	return NULL;
}

static int compare(struct gate_run *g, const struct ledger_text *row, int64_t seq, struct error *err)
{
	struct work_gates now;
	if (gates_compute(g, &now, err) != 0)
		return -1;
	const char *differs = difference(g, row, &now);
	if (!differs)
		return 0;
	return error_set(
	    err, ERR_STALE,
	    "row %lld does not hold the results that Assay computes: %s; `assay gate %s@%lld %s` writes down "
	    "what it computes now: then look again",
	    (long long)seq, differs, g->v->model, (long long)g->v->version, g->stage);
}

int launcher_confirm(struct trust *t, const struct work_version *v, struct arena *mem, struct error *err)
{
	const struct ledger_version *lv = ledger_version_find(t->state, v->model, v->version);
	struct run_row run;
	struct error unimportant;
	/* A run that is gone is told of by its seal. */
	if (!lv || !*lv->run || store_run_by_uuid(t->store, lv->run, mem, &run, &unimportant) != 0)
		return 0;
	const char *launcher = arena_printf(mem, "%s@%s", run.user, run.host);
	for (size_t i = 0; i < lv->author_count; i++)
		if (strcmp(lv->authors[i].what, "launched the run") == 0 &&
		    strcmp(lv->authors[i].user, launcher) == 0)
			return 0;
	return error_set(
	    err, ERR_TAMPER,
	    "%s launched the run of %s@%lld, and its registration (row %lld) does not say so: somebody "
	    "has forged that row, or edited the run",
	    launcher, v->model, (long long)v->version, (long long)lv->row);
}

int gates_confirm(struct trust *t, const struct work_version *v, const char *stage, struct arena *mem,
                  struct error *err)
{
	struct ledger_text row;
	struct gate_run g;
	int64_t seq;
	bool found;
	const struct ledger_stage *place = ledger_stage_find(t->state, v->model, stage);
	int64_t beside = place ? place->row : 0, policy = t->state->policy_row;
	if (!policy_stage_find(&t->state->policy, stage))
		return 0;
	if (gate_results_newest(t, v->model, v->version, v->subject, stage, mem, &row, &seq, &found, err) != 0)
		return -1;
	if (!found || (t->confirmed == seq && t->confirmed_policy == policy && t->confirmed_place == beside))
		return 0;
	gate_run_init(&g, t, v, stage, mem);
	g.looking = true;
	int status = compare(&g, &row, seq, err);
	gate_run_release(&g);
	if (status == 0) {
		t->confirmed = seq;
		t->confirmed_policy = policy;
		t->confirmed_place = beside;
	}
	return status;
}
