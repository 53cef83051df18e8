/* Promoting, going back, resuming, breaking the glass; and whether a stage may be used. */
#include <string.h>

#include "rules.h"

enum { RETRO_NEEDED = 2, RETRO_DAYS = 3, GRACE_DAYS = 14 };
static const int64_t day_ms = 86400000;

static bool is_role(const struct ledger_text *t, const char *role)
{
	return t->role && !strcmp(t->role, role);
}

static int ask_promote(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	struct ledger_judgement j;
	int rc = 0;

	if (!a->p)
		return error_set(err, ERR_NO, "row %lld is no proposal", (long long)t->target);
	if (RULE_ASKED(OPERATOR) && !is_role(t, "operator") && !is_role(t, "owner"))
		return error_set(err, ERR_NO, "only an operator or an owner promotes");
	if (may_same_target(a, err) || may_same_facts(a, err))
		return -1;
	ledger_judge(a->s, a->p, a->facts, &j);
	if (!j.approved) {
		struct str all;

		str_init(&all);
		for (size_t i = 0; i < j.block_count; i++)
			str_addf(&all, "%s%s", i ? "; " : "", j.blocks[i]);
		rc = error_set(err, ERR_NO, "not approved: %s", all.data);
		str_release(&all);
	}
	ledger_judgement_release(&j);
	return rc;
}

static int ask_rollback(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	const struct ledger_move *m = ledger_move_find(a->s, t->target);

	if (RULE_ASKED(ROLLBACK_ROLE) && !is_role(t, "operator"))
		return error_set(err, ERR_NO, "only an operator rolls back");
	if (RULE_ASKED(ROLLBACK_REASON) && !t->reason)
		return error_set(err, ERR_NO, "a rollback says why: give a reason");
	if (!m)
		return error_set(err, ERR_NO, "row %lld put nothing into a stage", (long long)t->target);
	if (RULE_ASKED(ROLLBACK_PROPER) && !m->promotion)
		return error_set(err, ERR_NO, "row %lld broke the glass: that version was never properly promoted",
		                 (long long)t->target);
	if (RULE_ASKED(ROLLBACK_FIELDS) && (strcmp(m->model, t->model) || strcmp(m->stage, t->stage) ||
	                                    m->version != t->version || strcmp(m->subject, t->subject)))
		return error_set(err, ERR_NO, "row %lld put version %lld of %s into %s, other than this text says",
		                 (long long)t->target, (long long)m->version, m->model, m->stage);
	if (RULE_ASKED(ROLLBACK_CURRENT) && a->place && a->place->row == m->row)
		return error_set(err, ERR_NO, "version %lld is what is in %s now", (long long)m->version, m->stage);
	for (size_t i = 0; i < a->s->move_count && RULE_ASKED(ROLLBACK_HALTED); i++) {
		const struct ledger_move *other = &a->s->moves[i];

		if (other->halted_by && !strcmp(other->model, m->model) && !strcmp(other->stage, m->stage) &&
		    !strcmp(other->subject, m->subject))
			return error_set(err, ERR_NO, "version %lld was halted in %s by row %lld", (long long)m->version,
			                 m->stage, (long long)other->halted_by);
	}
	if (RULE_ASKED(ROLLBACK_INTACT) && a->facts && strcmp(a->facts->subject, m->subject))
		return error_set(err, ERR_TAMPER, "the files of version %lld are not what was promoted in row %lld",
		                 (long long)m->version, (long long)m->promotion);
	return 0;
}

static int ask_resume(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	const char *what;

	if (!a->place || !a->place->halted || a->place->halt_row != t->target) {
		if (RULE_ASKED(RESUME_TARGET) || !a->place)
			return error_set(err, ERR_NO, "row %lld is not the halt that %s of %s stands under",
			                 (long long)t->target, t->stage, t->model);
	}
	if (RULE_ASKED(RESUME_FIELDS) &&
	    (a->place->version != t->version || strcmp(a->place->subject, t->subject)))
		return error_set(err, ERR_NO, "what is in %s is version %lld, not version %lld", t->stage,
		                 (long long)a->place->version, (long long)t->version);
	what = author_what(a->s, a->version, t->evidence, t->evidence_count, t->signer);
	if (what && RULE_ASKED(RESUME_AUTHOR))
		return error_set(err, ERR_NO, "%s %s: others sign to go on", t->signer, what);
	return 0;
}

/* A broken glass of the model that two others have not looked at, and no promotion has replaced; NULL: none.
 */
static const struct ledger_move *open_glass(const struct ledger_state *s, const char *model)
{
	for (size_t i = 0; i < s->move_count; i++) {
		const struct ledger_move *m = &s->moves[i];
		bool replaced = false;

		if (m->kind != LEDGER_BREAK_GLASS || strcmp(m->model, model))
			continue;
		for (size_t k = i + 1; k < s->move_count; k++)
			replaced |= s->moves[k].kind == LEDGER_PROMOTE && !strcmp(s->moves[k].model, m->model) &&
			            !strcmp(s->moves[k].stage, m->stage);
		if (!replaced && retro_reviews(s, m) < RETRO_NEEDED)
			return m;
	}
	return NULL;
}

static bool scan_failed(const struct asking *a, const struct ledger_gate *gates, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < a->s->policy.gate_count; k++)
			if (gates[i].result == GATE_FAIL && a->s->policy.gates[k].kind == POLICY_SCAN &&
			    !strcmp(a->s->policy.gates[k].id, gates[i].id))
				return true;
	return false;
}

static int ask_break_glass(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	const struct state_row *results = state_results(a->s, t->model, t->version, t->stage);
	const struct ledger_move *open = open_glass(a->s, t->model);

	if (RULE_ASKED(GLASS_REGISTERED) && (!a->version || strcmp(a->version->subject, t->subject)))
		return error_set(err, ERR_NO, "%s has no version %lld with these files", t->model,
		                 (long long)t->version);
	if (RULE_ASKED(GLASS_ROLE) && !is_role(t, "owner") && !is_role(t, "operator"))
		return error_set(err, ERR_NO, "only an owner or an operator breaks the glass");
	if (RULE_ASKED(GLASS_LEVEL) && a->key && a->key->level < 2)
		return error_set(err, ERR_NO,
		                 "breaking the glass wants a key that was touched (level A2); this one makes A%d",
		                 a->key->level);
	if (RULE_ASKED(GLASS_REASON) && !t->reason)
		return error_set(err, ERR_NO, "breaking the glass names the incident: give a reason");
	if (RULE_ASKED(GLASS_EXPIRES) && (!t->expires || t->expires > a->now + day_ms))
		return error_set(err, ERR_NO, "a broken glass ends within 24 hours");
	if (RULE_ASKED(GLASS_ONE) && open)
		return error_set(err, ERR_NO, "the glass that row %lld broke for %s is not reviewed yet",
		                 (long long)open->row, t->model);
	if (RULE_ASKED(GLASS_HALTED) && a->place && a->place->halted)
		return error_set(err, ERR_NO, "stage %s is halted (row %lld): resume it first", t->stage,
		                 (long long)a->place->halt_row);
	if (RULE_ASKED(GLASS_SCAN) &&
	    (scan_failed(a, t->gates, t->gate_count) ||
	     (a->facts && scan_failed(a, a->facts->gates, a->facts->gate_count)) ||
	     (results && scan_failed(a, results->text->gates, results->text->gate_count))))
		return error_set(err, ERR_NO, "the scan found the model dangerous: no glass is broken over that");
	return 0;
}

static int ask_retro_review(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	const struct ledger_move *m = ledger_move_find(a->s, t->target);

	if (!m || (RULE_ASKED(RETRO_TARGET) && m->kind != LEDGER_BREAK_GLASS))
		return error_set(err, ERR_NO, "row %lld did not break a glass", (long long)t->target);
	if (RULE_ASKED(RETRO_FIELDS) &&
	    (!t->model || !t->stage || strcmp(m->model, t->model) || strcmp(m->stage, t->stage)))
		return error_set(err, ERR_NO, "row %lld is about another model or stage", (long long)t->target);
	if (RULE_ASKED(RETRO_OTHER) && !strcmp(m->principal, t->signer))
		return error_set(err, ERR_NO, "%s broke the glass: others review it", t->signer);
	return 0;
}

int may_stage(struct asking *a, struct error *err)
{
	switch (a->t->kind) {
	case LEDGER_PROMOTE:
		return ask_promote(a, err);
	case LEDGER_ROLLBACK:
		return ask_rollback(a, err);
	case LEDGER_RESUME:
		return ask_resume(a, err);
	case LEDGER_BREAK_GLASS:
		return ask_break_glass(a, err);
	default:
		return ask_retro_review(a, err);
	}
}

/* ---- use ---- */

static int ask_waivers(const struct ledger_state *s, const struct ledger_move *m, int64_t now,
                       struct error *err)
{
	char text[TIME_TEXT];

	for (size_t i = 0; i < m->waiver_count; i++) {
		const struct ledger_waiver *w = &m->waivers[i];
		const struct ledger_vote *v = ledger_vote_find(s, w->row);

		if (now >= w->until)
			return error_set(err, ERR_NO,
			                 "the waiver of gate %s (row %lld) that the promotion rests on ended at %s",
			                 w->gate, (long long)w->row, time_rfc3339(w->until, text));
		if (v && v->revoked)
			return error_set(err, ERR_NO,
			                 "the waiver of gate %s (row %lld) that the promotion rests on was taken back",
			                 w->gate, (long long)w->row);
	}
	return 0;
}

int ledger_may_use(const struct ledger_state *s, const char *model, const char *stage, int64_t now,
                   struct error *err)
{
	const struct ledger_stage *st = ledger_stage_find(s, model, stage);
	const struct ledger_move *m = st ? ledger_move_find(s, st->row) : NULL;
	char text[TIME_TEXT];

	if (RULE_ASKED(USE_HALTED) && st && st->halted)
		return error_set(err, ERR_NO, "%s of %s is halted%s (row %lld)", stage, model,
		                 st->halt_unsigned ? ", unsigned" : "", (long long)st->halt_row);
	if (!m)
		return RULE_ASKED(USE_VERSION) ? error_set(err, ERR_NO, "%s has no version in %s", model, stage) : 0;
	if (m->kind == LEDGER_BREAK_GLASS) {
		if (RULE_ASKED(USE_RETRO) && now > m->at + RETRO_DAYS * day_ms && retro_reviews(s, m) < RETRO_NEEDED)
			return error_set(err, ERR_NO,
			                 "the glass that row %lld broke was not reviewed by %d others within %d days",
			                 (long long)m->row, RETRO_NEEDED, RETRO_DAYS);
		if (RULE_ASKED(USE_EXPIRED) && now > m->expires)
			return error_set(err, ERR_NO,
			                 "the glass that row %lld broke ended at %s: promote properly or roll back",
			                 (long long)m->row, time_rfc3339(m->expires, text));
	}
	if (RULE_ASKED(USE_WAIVER) && ask_waivers(s, m, now, err))
		return -1;
	if (RULE_ASKED(USE_REVIEW) && st->review_by && now > st->review_by + GRACE_DAYS * day_ms)
		return error_set(err, ERR_NO, "version %lld in %s was due for review at %s, more than %d days ago",
		                 (long long)st->version, stage, time_rfc3339(st->review_by, text), GRACE_DAYS);
	return 0;
}
