/* What a decision does to the state, once the rules have let it. */
#include <string.h>

#include "rules.h"

struct ledger_vote state_vote(struct arena *mem, const struct ledger_row *row, const struct ledger_text *t,
                              const struct ledger_signature *key)
{
	return (struct ledger_vote){.row = row->seq,
	                            .at = row->at_ms,
	                            .kind = t->kind,
	                            .text = t,
	                            .principal = t->signer,
	                            .name = t->name,
	                            .role = t->role,
	                            .fingerprint = key ? arena_strdup(mem, key->fingerprint) : "",
	                            .level = key ? key->level : 0};
}

static void add_vote(struct state_inside *in, struct ledger_vote **votes, size_t *count,
                     const struct ledger_row *row, const struct ledger_text *t,
                     const struct ledger_signature *key)
{
	*votes = state_grow(in->s.mem, *votes, *count, sizeof **votes);
	(*votes)[(*count)++] = state_vote(in->s.mem, row, t, key);
}

static struct ledger_stage *state_stage(struct state_inside *in, const char *model, const char *stage)
{
	struct ledger_state *s = &in->s;
	const struct ledger_stage *known = ledger_stage_find(s, model, stage);

	if (known)
		return &s->stages[known - s->stages];
	s->stages = state_grow(s->mem, s->stages, s->stage_count, sizeof *s->stages);
	s->stages[s->stage_count] = (struct ledger_stage){.model = model, .stage = stage};
	return &s->stages[s->stage_count++];
}

static struct ledger_proposal *proposal(struct state_inside *in, int64_t row)
{
	const struct ledger_proposal *p = ledger_proposal_find(&in->s, row);

	return p ? &in->s.proposals[p - in->s.proposals] : NULL;
}

static struct ledger_move *move(struct state_inside *in, int64_t row)
{
	const struct ledger_move *m = ledger_move_find(&in->s, row);

	return m ? &in->s.moves[m - in->s.moves] : NULL;
}

static void propose(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t)
{
	struct ledger_state *s = &in->s;
	struct ledger_proposal p = {
	    .row = row->seq, .at = row->at_ms, .text = t, .results = t, .results_row = row->seq};

	for (size_t i = 0; i < s->proposal_count; i++) {
		struct ledger_proposal *other = &s->proposals[i];

		if ((other->status == PROPOSAL_IN_REVIEW || other->status == PROPOSAL_REJECTED) &&
		    !strcmp(other->text->model, t->model) && !strcmp(other->text->stage, t->stage))
			other->status = PROPOSAL_SUPERSEDED;
	}
	state_stage(in, t->model, t->stage);
	s->proposals = state_grow(s->mem, s->proposals, s->proposal_count, sizeof p);
	s->proposals[s->proposal_count++] = p;
}

/* Puts a version into its stage; what the move rests on is the caller's to say. */
static struct ledger_move *put(struct state_inside *in, const struct ledger_row *row,
                               const struct ledger_text *t)
{
	struct ledger_state *s = &in->s;
	struct ledger_stage *st = state_stage(in, t->model, t->stage);
	struct ledger_move m = {.kind = t->kind,
	                        .model = t->model,
	                        .stage = t->stage,
	                        .principal = t->signer,
	                        .version = t->version,
	                        .row = row->seq,
	                        .at = row->at_ms};

	memcpy(m.subject, t->subject, sizeof m.subject);
	st->previous = st->version;
	st->version = t->version;
	memcpy(st->subject, t->subject, sizeof st->subject);
	st->row = row->seq;
	st->since = row->at_ms;
	st->by_break_glass = t->kind == LEDGER_BREAK_GLASS;
	s->moves = state_grow(s->mem, s->moves, s->move_count, sizeof m);
	s->moves[s->move_count] = m;
	return &s->moves[s->move_count++];
}

/* The waivers that the gates were let through by, as judged now: their ends are the promotion's. */
static void keep_waivers(struct state_inside *in, const struct ledger_proposal *p, int64_t now,
                         const struct ledger_text *t, struct ledger_waiver **out, size_t *count)
{
	const struct ledger_facts facts = facts_of_text(t, p, now);
	struct ledger_judgement j;

	ledger_judge(&in->s, p, &facts, &j);
	for (size_t i = 0; i < j.gate_count; i++) {
		const struct ledger_vote *w = j.gates[i].waiver;

		if (!w)
			continue;
		*out = state_grow(in->s.mem, *out, *count, sizeof **out);
		(*out)[*count] = w->text->waivers[0];
		(*out)[(*count)++].row = w->row;
	}
	ledger_judgement_release(&j);
}

static void promote(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t)
{
	struct ledger_proposal *p = proposal(in, t->target);
	const struct policy_stage *stage = policy_stage_find(&in->s.policy, t->stage);
	struct ledger_waiver *waivers = NULL;
	size_t waiver_count = 0;
	struct ledger_move *m;

	if (p)
		keep_waivers(in, p, row->at_ms, t, &waivers, &waiver_count);
	m = put(in, row, t);
	m->promotion = row->seq;
	m->proposal = t->target;
	m->waivers = waivers;
	m->waiver_count = waiver_count;
	m->review_by = stage ? row->at_ms + stage->review_by_ms : 0;
	state_stage(in, t->model, t->stage)->review_by = m->review_by;
	if (p) {
		p->status = PROPOSAL_PROMOTED;
		p->promoted_by = row->seq;
	}
}

static void roll_back(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t)
{
	const struct ledger_move *from = move(in, t->target);
	struct ledger_move old = from ? *from : (struct ledger_move){0}, *m;

	m = put(in, row, t);
	m->promotion = old.promotion;
	m->proposal = old.proposal;
	m->waivers = old.waivers;
	m->waiver_count = old.waiver_count;
	m->review_by = old.review_by;
	state_stage(in, t->model, t->stage)->review_by = old.review_by;
}

static void break_glass(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t)
{
	struct ledger_move *m = put(in, row, t);

	m->expires = t->expires;
	state_stage(in, t->model, t->stage)->review_by = 0;
}

static void halt(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t)
{
	struct ledger_stage *st = state_stage(in, t->model, t->stage);
	struct ledger_move *m = move(in, st->row);

	st->halted = true;
	st->halt_unsigned = !t->signer;
	st->halt_row = row->seq;
	st->halt_at = row->at_ms;
	/* Who has signed to resume has not known of this halt. */
	st->resumes = NULL;
	st->resume_count = 0;
	if (m)
		m->halted_by = row->seq;
}

static void resume(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
                   const struct ledger_signature *key)
{
	struct ledger_stage *st = state_stage(in, t->model, t->stage);
	struct ledger_move *m = move(in, st->row);

	add_vote(in, &st->resumes, &st->resume_count, row, t, key);
	if (!resume_complete(&in->s, st, row->at_ms))
		return;
	st->halted = st->halt_unsigned = false;
	st->halt_row = st->halt_at = 0;
	if (m)
		m->halted_by = 0;
}

/* A promotion that lost one of its approvals stays, but is due for review at once. */
static void review_now(struct state_inside *in, const struct ledger_proposal *p, int64_t at)
{
	struct ledger_stage *st = state_stage(in, p->text->model, p->text->stage);
	const struct ledger_move *m = move(in, st->row);

	if (m && m->proposal == p->row && (!st->review_by || at < st->review_by))
		st->review_by = at;
}

static void revoke(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t)
{
	/* Votes stand in arrays of the state: it is ours to change. */
	struct ledger_vote *v = (struct ledger_vote *)ledger_vote_find(&in->s, t->target);
	struct ledger_proposal *p = proposal(in, t->target);

	if (p)
		p->status = PROPOSAL_WITHDRAWN;
	if (!v)
		return;
	v->revoked = true;
	v->revoked_by = row->seq;
	p = proposal(in, v->text->target);
	if (!p || p->row != v->text->target)
		return;
	if (p->status == PROPOSAL_PROMOTED && v->kind == LEDGER_APPROVE)
		review_now(in, p, row->at_ms);
	if (p->status != PROPOSAL_REJECTED)
		return;
	p->status = PROPOSAL_IN_REVIEW;
	for (size_t i = 0; i < p->vote_count; i++)
		if (p->votes[i].kind == LEDGER_REJECT && !p->votes[i].revoked)
			p->status = PROPOSAL_REJECTED;
}

void state_decide(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
                  const struct ledger_signature *key)
{
	struct ledger_proposal *p = proposal(in, t->target);
	struct ledger_move *m = move(in, t->target);

	switch (t->kind) {
	case LEDGER_PROPOSE:
		propose(in, row, t);
		break;
	case LEDGER_APPROVE:
	case LEDGER_REJECT:
	case LEDGER_WAIVE:
		if (!p)
			break;
		add_vote(in, &p->votes, &p->vote_count, row, t, key);
		if (t->kind == LEDGER_REJECT && p->status == PROPOSAL_IN_REVIEW)
			p->status = PROPOSAL_REJECTED;
		break;
	case LEDGER_REVOKE:
		revoke(in, row, t);
		break;
	case LEDGER_PROMOTE:
		promote(in, row, t);
		break;
	case LEDGER_ROLLBACK:
		roll_back(in, row, t);
		break;
	case LEDGER_HALT:
		halt(in, row, t);
		break;
	case LEDGER_RESUME:
		resume(in, row, t, key);
		break;
	case LEDGER_BREAK_GLASS:
		break_glass(in, row, t);
		break;
	case LEDGER_RETRO_REVIEW:
		if (m)
			add_vote(in, &m->reviews, &m->review_count, row, t, key);
		break;
	default: /* a checkpoint changes nothing; roster and policy: state_accept */
		break;
	}
}
