/* May a decision be added? Who signs, under which key and role, of which store and moment; then its own
 * kind's rules. */
#include <string.h>

#include "rules.h"

/* Whose roster a signature is looked up in: for a new roster also the draft's own people, and the new keys of
 * those who stand in both (an admin who changes keys signs with either). */
static const struct roster *roster_for(const struct asking *a)
{
	const struct roster *old = &a->s->roster;
	const struct roster_person *known = roster_find(old, a->t->signer);

	if (a->t->kind != LEDGER_ROSTER || !a->draft)
		return old;
	return known && (!a->key || roster_of_key(old, a->key->public_key, NULL) == known) ? old : a->draft;
}

static int ask_signer(struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	const struct roster *roster = roster_for(a);
	const struct roster_person *owner;
	const char *trust;

	a->person = roster_find(roster, t->signer);
	if (!a->person) {
		/* Nothing more can be asked about somebody who is not known. */
		if (!RULE_ASKED(SIGNER))
			return 0;
		return error_set(err, ERR_NO,
		                 roster->count ? "%s does not stand in the roster"
		                               : "%s signs for a store that has no roster yet",
		                 t->signer);
	}
	if (RULE_ASKED(SIGNER_NAME) && (!t->name || strcmp(t->name, a->person->name)))
		return error_set(err, ERR_NO, "the name of %s is %s in the roster, not %s", t->signer,
		                 a->person->name, t->name ? t->name : "none");
	if (RULE_ASKED(ROLE_HELD) && (!t->role || !roster_has_role(a->person, t->role)))
		return error_set(err, ERR_NO, "%s does not hold the role %s", t->signer, t->role ? t->role : "none");
	if (!a->key)
		return 0;
	owner = roster_of_key(roster, a->key->public_key, NULL);
	if (RULE_ASKED(KEY_OWNER) && owner != a->person)
		return error_set(err, ERR_NO, "the key %s is not a key of %s%s%s", a->key->fingerprint, t->signer,
		                 owner ? ": it is one of " : "", owner ? owner->principal : "");
	trust = key_trust(a->person, a->key->fingerprint, a->row);
	if (trust && owner == a->person)
		return error_set(err, ERR_NO, "the key %s of %s %s", a->key->fingerprint, t->signer, trust);
	return 0;
}

static int ask_moment(const struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;
	char x[SHORT_DIGEST], y[SHORT_DIGEST];

	/* Stopping is never too late. */
	if (t->kind == LEDGER_HALT)
		return 0;
	if (RULE_ASKED(SAME_POLICY) && strcmp(t->policy, a->s->policy.digest))
		return error_set(err, ERR_STALE, "it was made under the policy %s; %s is in force: look again",
		                 digest_short(t->policy, x), digest_short(a->s->policy.digest, y));
	if (RULE_ASKED(SAME_ROSTER) && strcmp(t->roster, a->s->roster.digest))
		return error_set(err, ERR_STALE, "it was made under the roster %s; %s is in force: look again",
		                 digest_short(t->roster, x), digest_short(a->s->roster.digest, y));
	return 0;
}

/* Kinds whose signature must be as strong as the stage wants; stopping, refusing and taking back need not. */
static bool wants_level(enum ledger_kind kind)
{
	return kind == LEDGER_APPROVE || kind == LEDGER_WAIVE || kind == LEDGER_PROMOTE ||
	       kind == LEDGER_ROLLBACK || kind == LEDGER_RESUME || kind == LEDGER_RETRO_REVIEW;
}

static int ask_place(struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;

	if (t->stage) {
		a->stage = policy_stage_find(&a->s->policy, t->stage);
		a->place = ledger_stage_find(a->s, t->model, t->stage);
	}
	if (t->model && t->version)
		a->version = ledger_version_find(a->s, t->model, t->version);
	a->p = ledger_proposal_find(a->s, t->target);
	/* What is in a stage that the policy has no longer can still be stopped and taken back. */
	if (RULE_ASKED(STAGE_KNOWN) && t->stage && !a->stage && !(a->place && a->place->version))
		return error_set(err, ERR_NO, "the policy has no stage %s", t->stage);
	if (a->key && wants_level(t->kind) && !level_reaches(a->stage, a->key->level))
		return error_set(err, ERR_NO, "stage %s wants a signature of level A%d; this key makes A%d", t->stage,
		                 a->stage->assurance, a->key->level);
	return 0;
}

int may_ask(struct asking *a, struct error *err)
{
	const struct ledger_text *t = a->t;

	if (!state_same_store(a->s, t))
		return error_set(err, ERR_TAMPER, "it is a text of another store");
	if (ask_moment(a, err))
		return -1;
	if ((t->kind != LEDGER_HALT || t->signer) && ask_signer(a, err))
		return -1;
	if (ask_place(a, err))
		return -1;
	/* Anybody of the roster may stop a stage or write down where the ledger stands. */
	if (t->kind == LEDGER_HALT || t->kind == LEDGER_CHECKPOINT)
		return 0;
	if (!role_signs(t->role))
		return error_set(err, ERR_NO, "a%s %s signs no decisions",
		                 t->role && strchr("aeiou", *t->role) ? "n" : "",
		                 t->role ? t->role : "signer without a role");
	switch (t->kind) {
	case LEDGER_ROSTER:
	case LEDGER_POLICY:
		return may_change(a, err);
	case LEDGER_PROMOTE:
	case LEDGER_ROLLBACK:
	case LEDGER_RESUME:
	case LEDGER_BREAK_GLASS:
	case LEDGER_RETRO_REVIEW:
		return may_stage(a, err);
	default:
		return may_review(a, err);
	}
}

const char *may_fingerprint(const struct asking *a)
{
	if (a->key)
		return a->key->fingerprint;
	/* Before it is signed: the first of their keys that would do. */
	for (size_t i = 0; a->person && i < a->person->key_count; i++)
		if (!key_trust(a->person, a->person->keys[i].fingerprint, a->row))
			return a->person->keys[i].fingerprint;
	return "";
}

int may_change(struct asking *a, struct error *err)
{
	const struct ledger_state *s = a->s;
	const struct ledger_text *t = a->t;
	bool is_roster = t->kind == LEDGER_ROSTER, old_admin, begun = false, new_admin;
	const char *print = may_fingerprint(a);

	for (size_t i = 0; i < s->pending_count; i++)
		begun |= s->pending[i].kind == t->kind && !strcmp(s->pending[i].digest, t->subject);
	old_admin = roster_is_admin(&s->roster, t->signer, print, a->row);
	new_admin = is_roster && a->draft && roster_is_admin(a->draft, t->signer, print, a->row);
	if (RULE_ASKED(ADMIN) && !old_admin && !(new_admin && (begun || !s->roster.count)))
		return error_set(err, ERR_NO,
		                 "%s is not a roster-admin: the admins of the roster in force sign first%s",
		                 t->signer, is_roster ? ", then those of the new one" : "");
	if (RULE_ASKED(ADMINS_DROP) && is_roster && a->draft && roster_admins(&s->roster, a->row) >= 2 &&
	    roster_admins(a->draft, a->row) < 2)
		return error_set(
		    err, ERR_NO,
		    "the new roster has fewer than two roster-admins who can sign; the one in force has more");
	return 0;
}

int ledger_may(const struct ledger_state *s, const struct ledger_text *t, const struct ledger_signature *key,
               const struct ledger_facts *facts, struct error *err)
{
	struct asking a = {.s = s,
	                   .t = t,
	                   .key = key,
	                   .facts = facts,
	                   .draft = facts ? facts->draft : NULL,
	                   .now = facts && facts->now ? facts->now : time_now_ms(),
	                   .row = s->seq + 1};
	struct ledger_facts known;

	for (size_t i = 0; i < s->pending_count && t->kind == LEDGER_ROSTER && !a.draft; i++)
		if (s->pending[i].kind == LEDGER_ROSTER && !strcmp(s->pending[i].digest, t->subject))
			a.draft = &s->pending[i].roster;
	if (t->kind == LEDGER_PROMOTE && !facts) {
		known = facts_of_text(t, ledger_proposal_find(s, t->target), a.now);
		a.facts = &known;
	}
	return may_ask(&a, err);
}
