/* Does a proposal stand? Gates, votes, quorum, roles, veto: everything that is in the way, a sentence each.
 */
#include <string.h>

#include "rules.h"

struct ledger_facts facts_of_text(const struct ledger_text *t, const struct ledger_proposal *p, int64_t now)
{
	const struct ledger_text *results = p ? p->results : t;
	struct ledger_facts f = {.model = t->model,
	                         .stage = t->stage,
	                         .version = t->version,
	                         .data = t->data,
	                         .data_count = t->data_count,
	                         .evidence = t->evidence,
	                         .evidence_count = t->evidence_count,
	                         .gates = results->gates,
	                         .gate_count = results->gate_count,
	                         .now = now};

	memcpy(f.subject, t->subject, sizeof f.subject);
	memcpy(f.run, t->run, sizeof f.run);
	memcpy(f.run_seal, t->run_seal, sizeof f.run_seal);
	memcpy(f.code_commit, t->code_commit, sizeof f.code_commit);
	memcpy(f.code_diff, t->code_diff, sizeof f.code_diff);
	memcpy(f.env, t->env, sizeof f.env);
	return f;
}

static const struct ledger_vote *waive_row(const struct judging *j, int64_t row)
{
	for (size_t i = 0; i < j->p->vote_count; i++)
		if (j->p->votes[i].row == row && j->p->votes[i].kind == LEDGER_WAIVE)
			return &j->p->votes[i];
	return NULL;
}

/* The waivers that an approval relied on, against those that let gates through now. */
static void judge_waivers(const struct judging *j, const struct ledger_vote *v, struct reasons *out)
{
	const struct ledger_text *t = v->text;
	char until[TIME_TEXT];

	for (size_t i = 0; i < t->waiver_count && RULE_ASKED(WAIVER_RELIED); i++) {
		const struct ledger_waiver *w = &t->waivers[i];
		const struct ledger_vote *row = waive_row(j, w->row);

		if (!row)
			reason_add(out, WHY_WAIVER, "it relied on row %lld, which waives nothing of this proposal",
			           (long long)w->row);
		else if (row->revoked)
			reason_add(out, WHY_WAIVER, "the waiver of gate %s that it relied on was taken back in row %lld",
			           w->gate, (long long)row->revoked_by);
		else if (j->now >= row->text->waivers[0].until)
			reason_add(out, WHY_WAIVER, "the waiver of gate %s that it relied on ended at %s", w->gate,
			           time_rfc3339(row->text->waivers[0].until, until));
	}
	for (size_t i = 0; i < j->gate_count; i++) {
		const struct ledger_vote *w = j->gates[i].waiver;
		bool listed = !w;

		for (size_t k = 0; k < t->waiver_count && !listed; k++)
			listed = t->waivers[k].row == w->row;
		if (!listed && RULE_ASKED(WAIVER_SEEN))
			reason_add(out, WHY_WAIVER, "it does not say that it relies on the waiver of gate %s (row %lld)",
			           j->gates[i].gate->id, (long long)w->row);
	}
}

/* Who made something of it, proposed it, or waived a gate that is let through by that. */
static void judge_author(const struct judging *j, const struct ledger_vote *v, struct reasons *out)
{
	const char *what =
	    author_what(j->s, j->version, j->facts->evidence, j->facts->evidence_count, v->principal);

	if (!RULE_ASKED(AUTHOR_LATER))
		return;
	if (!what && !strcmp(j->p->text->signer, v->principal))
		what = "proposed the version";
	for (size_t i = 0; i < j->gate_count && !what; i++)
		if (j->gates[i].waiver && !strcmp(j->gates[i].waiver->principal, v->principal))
			what = "waived a gate of it";
	if (what)
		reason_add(out, WHY_AUTHOR, "%s %s", v->principal, what);
}

/* Marks votes of the same person or key, and counts: have, and the roles that are missing. */
static void judge_count(const struct judging *j, struct ledger_standing *votes, size_t count, int *have,
                        const char ***missing, size_t *missing_count)
{
	*have = 0;
	for (size_t i = 0; i < count; i++) {
		struct reasons out = {.mem = j->mem,
		                      .items = votes[i].reasons,
		                      .count = votes[i].reason_count,
		                      .row = votes[i].vote->row};

		votes[i].counts = !out.count;
		for (size_t k = 0; k < i && votes[i].counts; k++) {
			const struct ledger_vote *a = votes[k].vote, *b = votes[i].vote;

			if (!votes[k].counts)
				continue;
			if (RULE_ASKED(SAME_PERSON) && !strcmp(a->principal, b->principal))
				reason_add(&out, WHY_DUPLICATE, "%s has signed already, in row %lld", b->principal,
				           (long long)a->row);
			else if (RULE_ASKED(SAME_KEY) && !strcmp(a->fingerprint, b->fingerprint))
				reason_add(&out, WHY_DUPLICATE, "the same key has signed already as %s, in row %lld",
				           a->principal, (long long)a->row);
			votes[i].counts = !out.count;
		}
		votes[i].reasons = out.items;
		votes[i].reason_count = out.count;
		*have += votes[i].counts;
	}
	*missing = arena_array(j->mem, j->stage ? j->stage->role_count : 0, sizeof **missing);
	*missing_count = 0;
	for (size_t i = 0; j->stage && i < j->stage->role_count; i++) {
		bool covered = false;

		for (size_t k = 0; k < count && !covered; k++)
			covered = votes[k].counts && !strcmp(votes[k].vote->role, j->stage->roles[i]);
		if (!covered)
			(*missing)[(*missing_count)++] = j->stage->roles[i];
	}
}

static void block(struct ledger_judgement *out, const char *format, ...) PRINTF_LIKE(2, 3);
static void block(struct ledger_judgement *out, const char *format, ...)
{
	struct str text;
	va_list args;

	str_init(&text);
	va_start(args, format);
	str_addvf(&text, format, args);
	va_end(args);
	out->blocks = state_grow(out->mem, out->blocks, out->block_count, sizeof *out->blocks);
	out->blocks[out->block_count++] = arena_strdup(out->mem, text.data);
	str_release(&text);
}

/* A reject does not lapse: it stands until who signed it takes it back, unless the key was not theirs by
 * then. */
static void judge_reject(const struct judging *j, const struct ledger_vote *v, struct reasons *out)
{
	const struct roster_person *person = roster_find(&j->s->roster, v->principal);

	if (v->revoked)
		reason_add(out, WHY_REVOKED, "%s took it back in row %lld", v->principal, (long long)v->revoked_by);
	for (size_t i = 0; person && i < person->key_count; i++)
		if (!strcmp(person->keys[i].fingerprint, v->fingerprint) && person->keys[i].compromised &&
		    v->row >= person->keys[i].compromised)
			reason_add(out, WHY_KEY, "the key %.15s… of %s is compromised from that row on", v->fingerprint,
			           v->principal);
}

/* A reject stands against the bytes, whichever proposal brings them. */
static void judge_veto(const struct judging *j, struct ledger_judgement *out)
{
	const struct ledger_text *mine = j->p->text;

	for (size_t i = 0; i < j->s->proposal_count; i++) {
		const struct ledger_proposal *p = &j->s->proposals[i];

		if (strcmp(p->text->model, mine->model) || strcmp(p->text->stage, mine->stage) ||
		    strcmp(p->text->subject, mine->subject))
			continue;
		for (size_t k = 0; k < p->vote_count; k++) {
			const struct ledger_vote *v = &p->votes[k];
			struct reasons r = {.mem = out->mem, .row = v->row};

			if (v->kind != LEDGER_REJECT)
				continue;
			judge_reject(j, v, &r);
			if (r.count)
				continue;
			out->vetoed = true;
			block(out,
			      "%s rejected it in row %lld: it is blocked until they take that back or other bytes are "
			      "proposed",
			      v->principal, (long long)v->row);
		}
	}
}

static void judge_waive(const struct judging *j, const struct ledger_vote *v, struct reasons *out)
{
	const char *id = v->text->waivers[0].gate, *fault = "the policy has no such gate for the stage";

	for (size_t i = 0; i < j->gate_count; i++)
		if (!strcmp(j->gates[i].gate->id, id))
			fault = judge_waiver(j, j->gates[i].gate, j->gates[i].result, v);
	if (fault)
		reason_add(out, WHY_WAIVER, "it does not let gate %s through: %s", id, fault);
}

static void judge_votes(const struct judging *j, struct ledger_judgement *out)
{
	const struct ledger_proposal *p = j->p;
	struct ledger_standing *counted = arena_array(out->mem, p->vote_count, sizeof *counted);
	size_t n = 0, at = 0;

	out->votes = arena_array(out->mem, p->vote_count, sizeof *out->votes);
	out->vote_count = p->vote_count;
	for (size_t i = 0; i < p->vote_count; i++) {
		struct reasons r = {.mem = out->mem, .row = p->votes[i].row};

		out->votes[i].vote = &p->votes[i];
		if (p->votes[i].kind == LEDGER_REJECT) {
			judge_reject(j, &p->votes[i], &r);
		} else if (p->votes[i].kind == LEDGER_WAIVE) {
			judge_waive(j, &p->votes[i], &r);
		} else {
			judge_signer(j, &p->votes[i], &r);
			judge_text(j, p->votes[i].text, &r);
			if (RULE_ASKED(BASELINE))
				judge_baseline(j, p->votes[i].text, &r);
			judge_author(j, &p->votes[i], &r);
			judge_waivers(j, &p->votes[i], &r);
		}
		out->votes[i].reasons = r.items;
		out->votes[i].reason_count = r.count;
		out->votes[i].counts = !r.count;
		if (p->votes[i].kind == LEDGER_APPROVE)
			counted[n++] = out->votes[i];
	}
	judge_count(j, counted, n, &out->have, &out->roles_missing, &out->roles_missing_count);
	for (size_t i = 0; i < p->vote_count; i++)
		if (p->votes[i].kind == LEDGER_APPROVE)
			out->votes[i] = counted[at++];
}

static const char *status_text(enum proposal_status status)
{
	static const char *const texts[] = {[PROPOSAL_PROMOTED] = "was promoted already",
	                                    [PROPOSAL_SUPERSEDED] = "gave way to a later one",
	                                    [PROPOSAL_WITHDRAWN] = "was withdrawn by who made it"};

	return texts[status];
}

static void add_blocks(const struct judging *j, struct ledger_judgement *out)
{
	const struct ledger_proposal *p = j->p;
	const char *unmapped = author_unmapped(j->s, j->version, j->facts->evidence, j->facts->evidence_count);
	char a[SHORT_DIGEST], b[SHORT_DIGEST];

	if (RULE_ASKED(IN_REVIEW) && p->status != PROPOSAL_IN_REVIEW && p->status != PROPOSAL_REJECTED)
		block(out, "the proposal %s", status_text(p->status));
	if (RULE_ASKED(PROPOSAL_SUBJECT) && strcmp(p->text->subject, j->facts->subject))
		block(out, "the manifest of the model changed from %s to %s since it was proposed",
		      digest_short(p->text->subject, a), digest_short(j->facts->subject, b));
	if (RULE_ASKED(NOT_HALTED) && j->place && j->place->halted)
		block(out, "stage %s is halted (row %lld): resume it first", p->text->stage,
		      (long long)j->place->halt_row);
	if (unmapped)
		block(out, "no one in the roster is the user %s, who is among the authors: map them first", unmapped);
	if (RULE_ASKED(VETO))
		judge_veto(j, out);
	for (size_t i = 0; i < j->gate_count; i++)
		if (!j->gates[i].lets_through && RULE_ASKED(GATES))
			block(out, "gate %s: %s%s%s", j->gates[i].gate->id, gate_result_name(j->gates[i].verdict),
			      j->gates[i].waiver_no ? "; " : "", j->gates[i].waiver_no ? j->gates[i].waiver_no : "");
	if (!j->stage) {
		block(out, "the policy has no stage %s", p->text->stage);
		return;
	}
	if (RULE_ASKED(QUORUM) && out->have < out->need)
		block(out, "%d of %d approvals", out->have, out->need);
	for (size_t i = 0; i < out->roles_missing_count && RULE_ASKED(ROLES); i++)
		block(out, "no approval of a %s", out->roles_missing[i]);
}

void ledger_judge(const struct ledger_state *s, const struct ledger_proposal *p,
                  const struct ledger_facts *now, struct ledger_judgement *out)
{
	struct judging j = {.s = s, .p = p, .facts = now, .now = now->now};

	*out = (struct ledger_judgement){.mem = arena_new()};
	j.mem = out->mem;
	j.stage = policy_stage_find(&s->policy, p->text->stage);
	j.place = ledger_stage_find(s, p->text->model, p->text->stage);
	j.version = ledger_version_find(s, p->text->model, p->text->version);
	out->need = j.stage ? j.stage->approvals : 0;
	judge_gates(&j);
	out->gates = j.gates;
	out->gate_count = j.gate_count;
	judge_votes(&j, out);
	add_blocks(&j, out);
	out->approved = !out->block_count;
}

void ledger_judgement_release(struct ledger_judgement *j)
{
	arena_free(j->mem);
	*j = (struct ledger_judgement){0};
}

/* ---- going on after a halt ---- */

bool resume_complete(const struct ledger_state *s, const struct ledger_stage *st, int64_t now)
{
	struct judging j = {.s = s, .now = now, .mem = arena_new(), .place = st};
	struct ledger_standing *votes = arena_array(j.mem, st->resume_count, sizeof *votes);
	const char **missing;
	size_t missing_count;
	int have, need;

	j.stage = policy_stage_find(&s->policy, st->stage);
	/* A stage that needs no approvals, or that the policy has no longer, still needs one person to go on. */
	need = j.stage && j.stage->approvals > 1 ? j.stage->approvals : 1;
	for (size_t i = 0; i < st->resume_count; i++) {
		struct reasons r = {.mem = j.mem, .row = st->resumes[i].row};

		judge_signer(&j, &st->resumes[i], &r);
		votes[i] =
		    (struct ledger_standing){.vote = &st->resumes[i], .reasons = r.items, .reason_count = r.count};
	}
	judge_count(&j, votes, st->resume_count, &have, &missing, &missing_count);
	arena_free(j.mem);
	return !RULE_ASKED(RESUME_QUORUM) || (have >= need && !missing_count);
}

int retro_reviews(const struct ledger_state *s, const struct ledger_move *m)
{
	struct judging j = {.s = s, .mem = arena_new()};
	struct ledger_standing *votes = arena_array(j.mem, m->review_count, sizeof *votes);
	const char **missing;
	size_t missing_count;
	int have;

	for (size_t i = 0; i < m->review_count; i++) {
		struct reasons r = {.mem = j.mem, .row = m->reviews[i].row};

		if (m->reviews[i].revoked)
			reason_add(&r, WHY_REVOKED, "%s took it back", m->reviews[i].principal);
		votes[i] =
		    (struct ledger_standing){.vote = &m->reviews[i], .reasons = r.items, .reason_count = r.count};
	}
	judge_count(&j, votes, m->review_count, &have, &missing, &missing_count);
	arena_free(j.mem);
	return have;
}
