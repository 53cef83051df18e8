/* Rosters and policies: signatures of admins gather on a draft until it comes into force. */
#include <string.h>

#include "rules.h"

/* A change that needs two needs only one where there is no second admin. */
enum { ADMINS_NEEDED = 2 };

int roster_admins(const struct roster *r, int64_t row)
{
	int admins = 0;

	for (size_t i = 0; i < r->count; i++) {
		const struct roster_person *p = &r->people[i];
		bool good = false;

		for (size_t k = 0; k < p->key_count; k++)
			good |= roster_is_admin(r, p->principal, p->keys[k].fingerprint, row);
		admins += good;
	}
	return admins;
}

bool roster_is_admin(const struct roster *r, const char *principal, const char *fingerprint, int64_t row)
{
	const struct roster_person *p = roster_find(r, principal);

	return p && roster_has_role(p, "roster-admin") && !key_trust(p, fingerprint, row);
}

static bool counts_for(const struct roster *r, const struct ledger_vote *v)
{
	return !v->revoked && roster_is_admin(r, v->principal, v->fingerprint, v->row);
}

/* Distinct admins of a roster among the votes; a roster has no key twice, so these are distinct keys as well.
 */
static int count_admins(const struct roster *r, const struct ledger_vote *votes, size_t count)
{
	int n = 0;

	for (size_t i = 0; i < count; i++) {
		bool counts = counts_for(r, &votes[i]);

		for (size_t k = 0; k < i && counts; k++)
			counts = strcmp(votes[k].principal, votes[i].principal) != 0 || !counts_for(r, &votes[k]);
		n += counts;
	}
	return n;
}

static struct ledger_pending *pending(struct state_inside *in, const struct ledger_text *t)
{
	for (size_t i = 0; i < in->s.pending_count; i++)
		if (in->s.pending[i].kind == t->kind && !strcmp(in->s.pending[i].digest, t->subject))
			return &in->s.pending[i];
	return NULL;
}

int state_draft(struct state_inside *in, const struct ledger_text *t, const struct ledger_signature *key,
                struct roster *draft, bool *known, struct error *err)
{
	struct ledger_state *s = &in->s;
	const struct ledger_pending *have = pending(in, t);
	struct policy policy;

	*known = false;
	if (have) {
		*draft = have->roster;
		*known = true;
		return 0;
	}
	/* Who is no admin must not be able to stop a store by naming an object that is not there: they are
	 * refused before it is looked for. */
	if (!key || (s->roster.count && !roster_is_admin(&s->roster, t->signer, key->fingerprint, s->seq + 1)))
		return 0;
	if (t->kind == LEDGER_ROSTER ? state_read_roster(in, t->subject, draft, err)
	                             : state_read_policy(in, t->subject, &policy, err))
		return -1;
	*known = true;
	return 0;
}

int state_accept(struct state_inside *in, const struct ledger_text *t, const struct ledger_vote *vote,
                 const struct roster *draft, struct error *err)
{
	struct ledger_state *s = &in->s;
	struct ledger_pending *p = pending(in, t);
	struct ledger_vote v = *vote;
	const struct roster *old = s->roster.count ? &s->roster : draft;
	int admins;

	if (!p) {
		s->pending = state_grow(s->mem, s->pending, s->pending_count, sizeof *p);
		p = &s->pending[s->pending_count++];
		*p = (struct ledger_pending){.kind = t->kind, .first_row = v.row};
		memcpy(p->digest, t->subject, sizeof p->digest);
		if (draft)
			p->roster = *draft;
	}
	p->votes = state_grow(s->mem, p->votes, p->vote_count, sizeof v);
	p->votes[p->vote_count++] = v;
	admins = old ? roster_admins(old, v.row) : 0;
	p->needed = admins < ADMINS_NEEDED ? admins : ADMINS_NEEDED;
	p->signatures = old ? count_admins(old, p->votes, p->vote_count) : 0;
	p->accepted = t->kind == LEDGER_ROSTER ? count_admins(&p->roster, p->votes, p->vote_count) : p->needed;
	if (RULE_ASKED(OLD_ADMINS) && (!p->needed || p->signatures < p->needed))
		return 0;
	if (RULE_ASKED(NEW_ADMINS) && p->accepted < p->needed)
		return 0;
	if (t->kind == LEDGER_ROSTER) {
		s->roster = p->roster;
		s->roster_row = v.row;
	} else {
		struct policy policy;

		if (state_read_policy(in, t->subject, &policy, err))
			return error_prefix(err, "row %lld", (long long)v.row);
		s->policy = policy;
		s->policy_row = v.row;
	}
	/* Other drafts were signed under what was in force before. */
	s->pending_count = 0;
	return 0;
}
