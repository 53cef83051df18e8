/* Gates of a proposal, and the waivers that let them through all the same. */
#include <math.h>
#include <string.h>

#include "rules.h"

static bool has_number(const struct policy_gate *g)
{
	return !isnan(g->limit);
}

/* What a result line is worth: a pass counts only if it was computed by the policy's own rule and its numbers
 * keep the limit. */
static enum gate_result verdict_of(const struct judging *j, const struct policy_gate *g,
                                   const struct ledger_gate *result)
{
	enum gate_result verdict = result ? result->result : GATE_MISSING;
	struct str rule;

	if (!result)
		return GATE_MISSING;
	str_init(&rule);
	policy_rule_text(g, &rule);
	if (RULE_ASKED(GATE_RULE) && strcmp(rule.data, result->rule))
		verdict = GATE_MISSING;
	str_release(&rule);
	/* The first in a stage has no champion to be compared with, and no numbers; once there is one other than
	 * itself, they are missing. */
	if (g->kind == POLICY_CHAMPION && verdict == GATE_PASS && isnan(result->measured) &&
	    (!(j->place && j->place->version) || j->p->status == PROPOSAL_PROMOTED))
		return GATE_PASS;
	if (RULE_ASKED(GATE_NUMBERS) && verdict == GATE_PASS && has_number(g) &&
	    policy_gate_decide(g, result->measured, result->low, result->high) != GATE_PASS)
		verdict = GATE_MISSING;
	/* Old scanner rules know nothing of what is known today. */
	if (RULE_ASKED(GATE_AGE) && *result->rules && j->stage && j->now - result->dated > j->stage->scan_age_ms)
		verdict = GATE_MISSING;
	return verdict;
}

static bool keeps_bound(const struct policy_gate *g, const struct ledger_gate *result, double bound)
{
	if (!has_number(g))
		return true;
	/* That there is no value is waived by naming no bound; a value that comes later is then not covered. */
	if (!result || isnan(result->measured) || isnan(bound))
		return (!result || isnan(result->measured)) && isnan(bound);
	return g->at_most ? result->measured <= bound : result->measured >= bound;
}

const char *judge_waiver(const struct judging *j, const struct policy_gate *g,
                         const struct ledger_gate *result, const struct ledger_vote *v)
{
	const struct ledger_text *t = v->text;
	const struct ledger_waiver *w = &t->waivers[0];
	const struct roster_person *person = roster_find(&j->s->roster, v->principal);
	char text[TIME_TEXT], a[SHORT_DIGEST], b[SHORT_DIGEST];
	const char *subject = j->facts ? j->facts->subject : t->subject;

	if (RULE_ASKED(WAIVER_REVOKED) && v->revoked)
		return arena_printf(j->mem, "%s took it back in row %lld", v->principal, (long long)v->revoked_by);
	if (RULE_ASKED(WAIVABLE) && !g->waivable)
		return "the policy does not let this gate be waived";
	if (RULE_ASKED(SCAN_MALICIOUS) && g->kind == POLICY_SCAN && result && result->result == GATE_FAIL)
		return "a model that the scan found dangerous is never waived";
	if (RULE_ASKED(WAIVER_ENDED) && j->now >= w->until)
		return arena_printf(j->mem, "it ended at %s", time_rfc3339(w->until, text));
	if (RULE_ASKED(WAIVER_SUBJECT) && strcmp(t->subject, subject))
		return arena_printf(j->mem, "it is for the manifest %s, not for %s", digest_short(t->subject, a),
		                    digest_short(subject, b));
	if (RULE_ASKED(WAIVER_BOUND) && !keeps_bound(g, result, w->bound))
		return arena_printf(j->mem, "the value is not within its bound of %s %s",
		                    g->at_most ? "at most" : "at least", num_shortest(w->bound, text));
	if (RULE_ASKED(WAIVER_KEY) &&
	    (!person || !roster_has_role(person, "risk-reviewer") || key_trust(person, v->fingerprint, v->row)))
		return arena_printf(j->mem, "%s does not stand in the roster as risk-reviewer with that key any more",
		                    v->principal);
	return NULL;
}

static void find_waiver(const struct judging *j, struct ledger_gate_standing *st)
{
	for (size_t i = 0; j->p && i < j->p->vote_count && !st->waiver; i++) {
		const struct ledger_vote *v = &j->p->votes[i];
		const char *fault;

		if (v->kind != LEDGER_WAIVE || !v->text->waiver_count ||
		    strcmp(v->text->waivers[0].gate, st->gate->id))
			continue;
		fault = judge_waiver(j, st->gate, st->result, v);
		if (!fault)
			st->waiver = v;
		else
			st->waiver_no = arena_printf(j->mem, "the waiver of %s (row %lld) does not: %s", v->principal,
			                             (long long)v->row, fault);
	}
	if (st->waiver)
		st->waiver_no = NULL;
}

void judge_gates(struct judging *j)
{
	const struct policy *policy = &j->s->policy;

	j->gates = arena_array(j->mem, policy->gate_count, sizeof *j->gates);
	for (size_t i = 0; i < policy->gate_count; i++) {
		const struct policy_gate *g = &policy->gates[i];
		struct ledger_gate_standing *st = &j->gates[j->gate_count];

		if (!policy_gate_applies(g, j->p->text->stage))
			continue;
		st->gate = g;
		for (size_t k = 0; k < j->facts->gate_count; k++)
			if (!strcmp(j->facts->gates[k].id, g->id))
				st->result = &j->facts->gates[k];
		st->verdict = verdict_of(j, g, st->result);
		if (st->verdict != GATE_PASS)
			find_waiver(j, st);
		st->lets_through = st->verdict == GATE_PASS || st->waiver;
		j->gate_count++;
	}
}
