/* The exact text that a person would sign: what it says of all kinds alike, as whom, and whether it stands
 * already. */
#include <math.h>
#include <stdlib.h>

#include "draft.h"

/* What a signature under a text of this kind means, in words that stand in the text. */
static const char *const meanings[] = {
    [LEDGER_APPROVE] =
        "I have read the evidence listed here and approve this model for the stage named here.",
    [LEDGER_REJECT] =
        "I have read the evidence listed here and object to this model in the stage named here.",
    [LEDGER_REVOKE] = "I take back what I signed in the row named as target.",
    [LEDGER_WAIVE] = "I accept that the gate named here does not pass, within its bound and until its end.",
    [LEDGER_PROPOSE] = "I ask that this model be put into the stage named here.",
    [LEDGER_PROMOTE] = "I put this model into the stage named here, as it was approved.",
    [LEDGER_ROLLBACK] = "I put this earlier model back into the stage named here.",
    [LEDGER_HALT] = "The stage named here must not be used.",
    [LEDGER_RESUME] = "The stage named here may be used again.",
    [LEDGER_BREAK_GLASS] = "I put this model into the stage named here without its approvals, because of the "
                           "incident named in the reason.",
    [LEDGER_RETRO_REVIEW] = "I have reviewed afterwards what was put into this stage without its approvals.",
    [LEDGER_POLICY] = "The policy with this digest shall be in force.",
    [LEDGER_ROSTER] = "The roster with this digest shall be in force.",
    [LEDGER_CHECKPOINT] = "The ledger up to the row seen is the one that I know.",
};

/* ---- what stands already ---- */

/* The row by which this person has decided the very same, while it stands: whoever was cut off between
 * signing and being told so, and does it again, is told of that row. 0: none. */
static int64_t decided(const struct drafting *g)
{
	const struct ledger_proposal *p = g->proposal;
	int64_t row = 0;
	if (!p)
		return 0;
	if (g->d->kind == LEDGER_PROMOTE)
		return p->promoted_by;
	if (g->d->kind == LEDGER_APPROVE) {
		struct ledger_judgement j;
		ledger_judge(g->s, p, &g->subject.facts, &j);
		for (size_t i = 0; i < j.vote_count; i++)
			if (j.votes[i].counts && j.votes[i].vote->kind == LEDGER_APPROVE &&
			    strcmp(j.votes[i].vote->principal, g->who->principal) == 0)
				row = j.votes[i].vote->row;
		ledger_judgement_release(&j);
		return row;
	}
	for (size_t i = 0; i < p->vote_count; i++) {
		const struct ledger_vote *v = &p->votes[i];
		if (v->kind != g->d->kind || v->revoked || strcmp(v->principal, g->who->principal) != 0)
			continue;
		if (v->kind == LEDGER_REJECT)
			row = v->row;
		const struct ledger_waiver *a = v->text->waivers, *b = g->x.waivers;
		if (v->kind == LEDGER_WAIVE && v->text->waiver_count && strcmp(a->gate, b->gate) == 0 &&
		    a->until == b->until && (a->bound == b->bound || (isnan(a->bound) && isnan(b->bound))))
			row = v->row;
	}
	return row;
}

static bool differs(const char *asked, const char *said)
{
	return asked && (!said || strcmp(asked, said) != 0);
}

/* Is that row what is asked for again? What was not asked for is not compared. */
static int same_decision(struct drafting *g, const struct ledger_text *x, bool *same)
{
	const struct work_decision *d = g->d;
	const char *name = d->model ? arena_memdup0(g->mem, d->model, strcspn(d->model, "@")) : NULL;
	*same = x->kind == d->kind && !differs(g->who->principal, x->signer) &&
	        (!d->target || x->target == d->target) && !differs(name, x->model) &&
	        !differs(d->stage, x->stage) && !differs(d->incident ? NULL : d->reason, x->reason);
	if (d->kind == LEDGER_WAIVE && x->waiver_count)
		*same = *same && !differs(d->gate, x->waivers[0].gate);
	if (*same && d->model && strchr(d->model, '@')) {
		struct work_version v;
		if (work_version_find(g->t, d->model, g->mem, &v, g->err) != 0)
			return -1;
		*same = v.version == x->version;
	}
	if (*same && d->file) {
		char digest[SHA256_TEXT];
		if (sha256_file(d->file, digest, NULL, g->err) != 0)
			return -1;
		*same = strcmp(digest, x->subject) == 0;
	}
	return 0;
}

/* The row of the same request, if it decides the same. */
static int requested(struct drafting *g, int64_t *row)
{
	struct ledger_text text;
	bool same = true;
	if (decision_by_request(g->t, g->d->request, g->mem, row, &text, g->err) != 0 ||
	    (*row && same_decision(g, &text, &same) != 0))
		return -1;
	return same ? 0
	            : error_set(g->err, ERR_USAGE, "the request %s was used for another decision: row %lld",
	                        g->d->request, (long long)*row);
}

static int take_row(struct drafting *g, int64_t seq)
{
	struct ledger_row row;
	if (decision_row(g->t, seq, g->mem, &row, &g->out->parsed, g->err) != 0)
		return -1;
	g->out->row = seq;
	str_add(&g->out->text, row.body, row.body_len);
	sha256_hex(row.body, row.body_len, g->out->digest);
	return 0;
}

/* ---- as whom ---- */

static void add_role(const struct work_person *who, const char *role, const char **list, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(list[i], role) == 0)
			return;
	for (size_t i = 0; i < who->role_count; i++)
		if (strcmp(who->roles[i], role) == 0)
			list[(*count)++] = who->roles[i];
}

/* The person's roles, the one that this decision is most in need of first. */
static size_t roles_in_order(struct drafting *g, const char **list)
{
	static const char *const by_kind[][3] = {
	    [LEDGER_WAIVE] = {"risk-reviewer"},         [LEDGER_PROMOTE] = {"operator", "owner"},
	    [LEDGER_ROLLBACK] = {"operator"},           [LEDGER_BREAK_GLASS] = {"owner", "operator"},
	    [LEDGER_POLICY] = {"roster-admin"},         [LEDGER_ROSTER] = {"roster-admin"},
	    [LEDGER_PROPOSE] = {"owner", "peer"},       [LEDGER_HALT] = {"operator", "owner"},
	    [LEDGER_CHECKPOINT] = {"auditor", "owner"},
	};
	size_t count = 0;
	const struct policy_stage *stage = g->x.stage ? policy_stage_find(&g->s->policy, g->x.stage) : NULL;
	if (g->d->role) {
		list[0] = g->d->role;
		return 1;
	}
	if (g->d->kind < COUNT_OF(by_kind))
		for (size_t i = 0; i < COUNT_OF(by_kind[0]) && by_kind[g->d->kind][i]; i++)
			add_role(g->who, by_kind[g->d->kind][i], list, &count);
	if (g->proposal && g->d->kind == LEDGER_APPROVE) {
		struct ledger_judgement j;
		ledger_judge(g->s, g->proposal, &g->subject.facts, &j);
		for (size_t i = 0; i < j.roles_missing_count; i++)
			add_role(g->who, j.roles_missing[i], list, &count);
		ledger_judgement_release(&j);
	}
	for (size_t i = 0; stage && i < stage->role_count; i++)
		add_role(g->who, stage->roles[i], list, &count);
	for (size_t i = 0; i < g->who->role_count; i++)
		add_role(g->who, g->who->roles[i], list, &count);
	return count;
}

/* Asks every rule; where no role was asked for, the first one that the rules let through is taken. */
static int choose_role(struct drafting *g)
{
	const char **list = arena_array(g->mem, g->who->role_count + 2, sizeof *list);
	size_t count = roles_in_order(g, list);
	const struct ledger_facts *facts = g->has_facts ? &g->subject.facts : NULL;
	struct error first, other;
	if (!count)
		return error_set(g->err, ERR_NO, "%s has no role in the roster", g->who->principal);
	for (size_t i = 0; i < count; i++) {
		g->x.role = list[i];
		if (ledger_may(g->s, &g->x, NULL, facts, i ? &other : &first) == 0)
			return 0;
	}
	if (g->err)
		*g->err = first;
	return -1;
}

/* The store, and what was seen of it. */
static void stamp(struct drafting *g)
{
	struct ledger_text *x = &g->x;
	snprintf(x->store, sizeof x->store, "%s", store_id(work_trust_store(g->t)));
	x->seen_seq = g->s->seq;
	memcpy(x->seen_head, g->s->head, sizeof x->seen_head);
	memcpy(x->policy, g->s->policy.digest, sizeof x->policy);
	memcpy(x->roster, g->s->roster.digest, sizeof x->roster);
}

int draft_halt_unsigned(struct trust *t, const char *model, const char *stage, const char *reason,
                        struct arena *mem, struct str *out, struct error *err)
{
	const struct work_decision d = {.kind = LEDGER_HALT, .model = model, .stage = stage};
	struct drafting g = {.t = t, .d = &d, .mem = mem, .err = err};
	if (work_trust_refresh(t, NULL, err) != 0)
		return -1;
	g.s = work_trust_state(t);
	g.x.kind = LEDGER_HALT;
	g.x.meaning = meanings[LEDGER_HALT];
	g.x.reason = reason;
	g.x.claimed_time = time_now_ms() / 1000 * 1000;
	id_make(g.x.request);
	if (draft_fill(&g) != 0)
		return -1;
	stamp(&g);
	return ledger_text_write(&g.x, out, err);
}

int work_draft(struct trust *t, const struct work_decision *d, const struct work_person *who,
               struct work_draft *out, struct error *err)
{
	*out = (struct work_draft){.mem = arena_new()};
	str_init(&out->text);
	struct drafting g = {.t = t, .d = d, .who = who, .out = out, .mem = out->mem, .err = err};
	struct ledger_text *x = &g.x;
	int64_t row = 0;
	if (work_trust_refresh(t, NULL, err) != 0)
		goto failed;
	g.s = work_trust_state(t);
	x->kind = d->kind;
	x->meaning = meanings[d->kind];
	x->signer = who->principal;
	x->name = who->name;
	x->reason = d->reason;
	x->claimed_time = time_now_ms() / 1000 * 1000; /* a text has whole seconds */
	if (d->request) {
		if (!id_is_valid(d->request)) {
			error_set(err, ERR_USAGE, "--request %s: must be 32 hex digits", d->request);
			goto failed;
		}
		memcpy(x->request, d->request, sizeof x->request);
		if (requested(&g, &row) != 0)
			goto failed;
	} else {
		id_make(x->request);
	}
	if (row) {
		if (take_row(&g, row) != 0)
			goto failed;
		return 0;
	}
	if (draft_fill(&g) != 0)
		goto failed;
	row = decided(&g);
	if (row) {
		if (take_row(&g, row) != 0)
			goto failed;
		return 0;
	}
	/* The head is read after everything that fill wrote. */
	stamp(&g);
	if (choose_role(&g) != 0 || ledger_text_write(x, &out->text, err) != 0 ||
	    ledger_text_parse(out->text.data, out->text.len, out->mem, &out->parsed, err) != 0)
		goto failed;
	sha256_hex(out->text.data, out->text.len, out->digest);
	return 0;
failed:
	work_draft_release(out);
	return -1;
}

void work_draft_release(struct work_draft *d)
{
	str_release(&d->text);
	arena_free(d->mem);
	*d = (struct work_draft){0};
}
