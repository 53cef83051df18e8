/* Proposing, approving, rejecting, waiving, taking back. */
#include <string.h>

#include "rules.h"

enum { WAIVER_REASON_MIN = 40, WAIVER_DAYS_MAX = 90 };
static const int64_t day_ms = 86400000;

/* What a run says of itself is sealed when its model is registered: a text that names another seal was made
 * from a run that somebody has changed since. */
static int may_same_run(const struct asking *a, struct error *err)
{
	const struct ledger_version *v = a->version;
	char x[SHORT_DIGEST], y[SHORT_DIGEST];

	if (!RULE_ASKED(RUN_KEPT) || !v || !*v->run_seal ||
	    (!strcmp(v->run, a->t->run) && !strcmp(v->run_seal, a->t->run_seal)))
		return 0;
	return error_set(
	    err, ERR_TAMPER,
	    "the run %.8s… is not what it was when version %lld of %s was registered: its seal was %s and "
	    "is %s",
	    v->run, (long long)v->version, v->model, digest_short(v->run_seal, x),
	    digest_short(a->t->run_seal, y));
}

/* The text's own fields against the facts and the champion: a decision is signed about what is there now. */
int may_same_facts(const struct asking *a, struct error *err)
{
	struct judging j = {.s = a->s,
	                    .facts = a->facts,
	                    .stage = a->stage,
	                    .place = a->place,
	                    .now = a->now,
	                    .mem = arena_new()};
	struct reasons r = {.mem = j.mem};
	int rc = 0;

	if (may_same_run(a, err)) {
		arena_free(j.mem);
		return -1;
	}
	if (RULE_ASKED(SAME_CHAMPION))
		judge_baseline(&j, a->t, &r);
	judge_text(&j, a->t, &r);
	if (r.count)
		rc = error_set(err, ERR_STALE, "%s: look at it again", r.items[0].text);
	arena_free(j.mem);
	return rc;
}

static int ask_propose(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	char x[SHORT_DIGEST], y[SHORT_DIGEST];

	if (RULE_ASKED(REGISTERED) && (!a->version || strcmp(a->version->subject, t->subject)))
		return a->version
		           ? error_set(err, ERR_NO, "version %lld of %s is registered with the manifest %s, not %s",
		                       (long long)t->version, t->model, digest_short(a->version->subject, x),
		                       digest_short(t->subject, y))
		           : error_set(err, ERR_NO, "%s has no version %lld: register it first", t->model,
		                       (long long)t->version);
	return may_same_facts(a, err);
}

/* The proposal that is answered is there, open, and about the same. */
int may_same_target(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t, *p = a->p ? a->p->text : NULL;

	if (!p || (a->p->status != PROPOSAL_IN_REVIEW && a->p->status != PROPOSAL_REJECTED)) {
		if (!RULE_ASKED(TARGET) && p)
			return 0;
		return error_set(err, ERR_NO, p ? "the proposal in row %lld is closed" : "row %lld is no proposal",
		                 (long long)t->target);
	}
	if (RULE_ASKED(TARGET_FIELDS) && (strcmp(p->model, t->model) || p->version != t->version ||
	                                  strcmp(p->stage, t->stage) || strcmp(p->subject, t->subject)))
		return error_set(err, ERR_NO, "row %lld proposes other things: %s version %lld for %s",
		                 (long long)t->target, p->model, (long long)p->version, p->stage);
	return 0;
}

static int ask_approve(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	const char *what, *unmapped;

	if (may_same_target(a, err))
		return -1;
	unmapped = author_unmapped(a->s, a->version, t->evidence, t->evidence_count);
	if (unmapped)
		return error_set(err, ERR_NO,
		                 "no one in the roster is the user %s, who is among the authors: map them first",
		                 unmapped);
	what = author_what(a->s, a->version, t->evidence, t->evidence_count, t->signer);
	if (!what && !strcmp(a->p->text->signer, t->signer))
		what = "proposed the version";
	for (size_t i = 0; i < t->waiver_count && !what; i++)
		if (!strcmp(t->waivers[i].signer, t->signer))
			what = "waived a gate of it";
	if (what && RULE_ASKED(AUTHOR))
		return error_set(err, ERR_NO, "%s %s: who made something does not approve it", t->signer, what);
	return may_same_facts(a, err);
}

/* Characters, not counting blanks at the ends. */
static size_t characters(const char *text)
{
	size_t n = 0, end;

	if (!text)
		return 0;
	text += strspn(text, " ");
	end = strlen(text);
	while (end && text[end - 1] == ' ')
		end--;
	for (size_t i = 0; i < end; i++)
		n += ((unsigned char)text[i] & 0xC0) != 0x80;
	return n;
}

static bool has_approved(const struct asking *a)
{
	for (size_t i = 0; i < a->p->vote_count; i++) {
		const struct ledger_vote *v = &a->p->votes[i];

		if (v->kind == LEDGER_APPROVE && !v->revoked && !strcmp(v->principal, a->t->signer))
			return true;
	}
	return false;
}

static int ask_waive(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	const struct ledger_waiver *w = t->waivers;
	struct judging j = {.s = a->s, .p = a->p, .facts = a->facts, .stage = a->stage, .now = a->now};
	const struct ledger_gate *gates;
	size_t gate_count;
	const struct policy_gate *gate = NULL;
	const struct ledger_gate *result = NULL;
	struct ledger_vote vote;
	const char *what, *fault;

	if (may_same_target(a, err))
		return -1;
	/* Without a line there is nothing that could be looked at. */
	if (!t->waiver_count || (RULE_ASKED(WAIVER_LINE) &&
	                         (t->waiver_count != 1 || w->row != t->target || strcmp(w->signer, t->signer))))
		return error_set(err, ERR_NO, "a waive row has one waiver line, of its signer and about row %lld",
		                 (long long)t->target);
	if (RULE_ASKED(WAIVER_ROLE) && (!t->role || strcmp(t->role, "risk-reviewer")))
		return error_set(err, ERR_NO, "only a risk-reviewer waives a gate");
	if (RULE_ASKED(WAIVER_REASON) && characters(t->reason) < WAIVER_REASON_MIN)
		return error_set(err, ERR_NO, "the reason of a waiver has at least %d characters; this one has %zu",
		                 WAIVER_REASON_MIN, characters(t->reason));
	if (RULE_ASKED(WAIVER_TERM) && w->until > a->now + WAIVER_DAYS_MAX * day_ms)
		return error_set(err, ERR_NO, "a waiver ends within %d days", WAIVER_DAYS_MAX);
	if (RULE_ASKED(WAIVER_APPROVER) && has_approved(a))
		return error_set(err, ERR_NO, "%s has approved this proposal: somebody else waives", t->signer);
	what = author_what(a->s, a->version, t->evidence, t->evidence_count, t->signer);
	if (!what && !strcmp(a->p->text->signer, t->signer))
		what = "proposed the version";
	if (what && RULE_ASKED(WAIVER_AUTHOR))
		return error_set(err, ERR_NO, "%s %s: who made something waives nothing of it", t->signer, what);
	gates = a->facts ? a->facts->gates : a->p->results->gates;
	gate_count = a->facts ? a->facts->gate_count : a->p->results->gate_count;
	for (size_t i = 0; i < a->s->policy.gate_count; i++)
		if (!strcmp(a->s->policy.gates[i].id, w->gate) &&
		    policy_gate_applies(&a->s->policy.gates[i], t->stage))
			gate = &a->s->policy.gates[i];
	if (!gate)
		return error_set(err, ERR_NO, "the policy has no gate %s for %s", w->gate, t->stage);
	for (size_t i = 0; i < gate_count; i++)
		if (!strcmp(gates[i].id, w->gate))
			result = &gates[i];
	/* What could never let the gate through is not signed in the first place. */
	vote = (struct ledger_vote){.kind = LEDGER_WAIVE,
	                            .row = a->row,
	                            .at = a->now,
	                            .text = t,
	                            .principal = t->signer,
	                            .role = t->role,
	                            .fingerprint = may_fingerprint(a)};
	j.mem = arena_new();
	fault = judge_waiver(&j, gate, result, &vote);
	if (fault)
		error_set(err, ERR_NO, "gate %s: %s", w->gate, fault);
	arena_free(j.mem);
	return fault ? -1 : 0;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static int ask_revoke(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	const struct ledger_vote *v = ledger_vote_find(a->s, t->target);
	const struct ledger_text *old = v ? v->text : a->p ? a->p->text : NULL;

	if (!old)
		return error_set(err, ERR_NO, "row %lld is nothing that could be taken back", (long long)t->target);
	if (RULE_ASKED(REVOKE_TARGET) && ((v && v->revoked) || (a->p && a->p->status != PROPOSAL_IN_REVIEW &&
	                                                        a->p->status != PROPOSAL_REJECTED)))
		return error_set(err, ERR_NO, "row %lld does not stand any more", (long long)t->target);
	if (RULE_ASKED(REVOKE_OWN) && strcmp(old->signer, t->signer))
		return error_set(err, ERR_NO, "row %lld is signed by %s: only they take it back",
		                 (long long)t->target, old->signer);
	/* So that everybody who looks for what is about a stage sees it. */
	if (RULE_ASKED(REVOKE_FIELDS) && (!same(old->model, t->model) || !same(old->stage, t->stage)))
		return error_set(err, ERR_NO, "row %lld is about another model or stage", (long long)t->target);
	return 0;
}

int may_review(struct asking *a, struct error *err)
{
	switch (a->t->kind) {
	case LEDGER_PROPOSE:
		return ask_propose(a, err);
	case LEDGER_APPROVE:
		return ask_approve(a, err);
	case LEDGER_REJECT:
		return may_same_target(a, err);
	case LEDGER_WAIVE:
		return ask_waive(a, err);
	case LEDGER_REVOKE:
		return ask_revoke(a, err);
	default:
		return error_set(err, ERR_NO, "%s is no decision", ledger_kind_name(a->t->kind));
	}
}
