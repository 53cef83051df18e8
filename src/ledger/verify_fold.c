/* Verification, pass 2: in the order of the rows. What each had seen, whose key it may bear, and the state.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "verify.h"

static void check_seen(struct checking *c, size_t at)
{
	const struct ledger_text *t = c->checked[at].text;
	int64_t seq = c->rows[at].seq;
	const struct ledger_row *seen;

	if (!ledger_kind_is_decision(t->kind))
		return;
	seen = t->seen_seq < seq ? checking_row(c, t->seen_seq) : NULL;
	if (seen && !strcmp(seen->link, t->seen_head))
		return;
	/* Behind a pin the row may stand before those that were read. */
	if (c->l && t->seen_seq < seq && !seen && c->count && t->seen_seq < c->rows[0].seq) {
		struct arena *mem = arena_new();
		struct ledger_row *rows;
		size_t count;
		bool same = !ledger_rows(c->l, t->seen_seq, t->seen_seq, mem, &rows, &count, NULL) && count == 1 &&
		            !strcmp(rows[0].link, t->seen_head);

		arena_free(mem);
		if (same)
			return;
	}
	c->checked[at].bad = true;
	problem_add(c, seq, "seen", false,
	            "its text (line 3) was made from a ledger whose row %" PRId64
	            " is sha256:%s; here it is %s%.64s",
	            t->seen_seq, t->seen_head, seen ? "sha256:" : "not there", seen ? seen->link : "");
}

/* ---- which rosters a signature is asked of ---- */

static const struct roster *keep(struct checking *c, const struct roster *r)
{
	for (size_t i = 0; i < c->roster_count; i++)
		if (!strcmp(c->rosters[i]->digest, r->digest))
			return c->rosters[i];
	c->rosters = vec_reserve(c->rosters, &c->roster_cap, c->roster_count + 1, sizeof(*c->rosters));
	c->rosters[c->roster_count] = xmalloc(sizeof(*r));
	*c->rosters[c->roster_count] = *r;
	return c->rosters[c->roster_count++];
}

static const struct roster *known(const struct checking *c, const char *digest)
{
	for (size_t i = 0; i < c->roster_count; i++)
		if (!strcmp(c->rosters[i]->digest, digest))
			return c->rosters[i];
	return NULL;
}

/* A draft that its own admins accept, read from its object; NULL if it cannot be had: the state says why. */
static const struct roster *draft(struct checking *c, const char *digest)
{
	const struct roster *r = known(c, digest);
	struct roster read;
	struct str text;

	if (r || !c->objects)
		return r;
	str_init(&text);
	if (!c->objects->read(c->objects->user, digest, &text, NULL) &&
	    !roster_parse("roster", text.data, text.len, c->mem, &read, NULL) && !strcmp(read.digest, digest))
		r = keep(c, &read);
	str_release(&text);
	return r;
}

/* The one in force, the one that it names if that was in force once, and for a new roster that one. */
static void choose_rosters(struct checking *c, size_t at)
{
	const struct ledger_text *t = c->checked[at].text;
	const struct roster **out = c->checked[at].rosters;

	if (c->state->s.roster.count)
		*out++ = keep(c, &c->state->s.roster);
	if (*t->roster && known(c, t->roster) && strcmp(t->roster, c->state->s.roster.digest) != 0)
		*out++ = known(c, t->roster);
	if (t->kind == LEDGER_ROSTER)
		*out = draft(c, t->subject);
}

/* What is signed under something else than what is in force is void; here it is named more closely. */
static void check_in_force(struct checking *c, size_t at, const struct ledger_signature *key)
{
	const struct ledger_text *t = c->checked[at].text;
	const struct ledger_state *s = &c->state->s;
	const struct roster_person *who = t->signer ? roster_find(&s->roster, t->signer) : NULL;
	int64_t seq = c->rows[at].seq;
	const char *fault;

	if (ledger_text_is_unsigned(t))
		return;
	if (strcmp(t->roster, s->roster.digest) != 0)
		problem_add(c, seq, "roster", false, "its text (line 5) names the roster %.64s; in force was %.64s",
		            *t->roster ? t->roster : "none", *s->roster.digest ? s->roster.digest : "none");
	if (strcmp(t->policy, s->policy.digest) != 0)
		problem_add(c, seq, "policy", false, "its text (line 4) names the policy %.64s; in force was %.64s",
		            *t->policy ? t->policy : "none", s->policy.digest);
	fault = who ? key_trust(who, key->fingerprint, seq) : NULL;
	if (fault)
		problem_add(c, seq, "roster", false, "the key %s of %s %s", key->fingerprint, t->signer, fault);
}

/* A security key counts its signatures. One that goes back may have been copied, or two texts were written in
 * another order than they were signed in: a note. */
static void check_counter(struct checking *c, size_t at, const struct ledger_signature *key)
{
	size_t known = c->counting.count;
	uint32_t id;

	if (!key->counter)
		return;
	id = intern_add(&c->counting, key->fingerprint, strlen(key->fingerprint));
	c->counters = vec_reserve(c->counters, &c->counter_cap, c->counting.count, sizeof(*c->counters));
	if (c->counting.count == known && key->counter <= c->counters[id])
		problem_add(c, c->rows[at].seq, "signature", true,
		            "the security key %s has counted %" PRIu32 " signatures, and %" PRIu32
		            " before: there may be a copy of it",
		            key->fingerprint, key->counter, c->counters[id]);
	c->counters[id] = key->counter;
}

static int add_to_state(struct checking *c, size_t at, const struct ledger_signature *key)
{
	struct error why;

	if (!state_add(c->state, &c->rows[at], c->checked[at].text, key, &why))
		return 0;
	/* An object that the state rests on. */
	c->checked[at].bad = true;
	problem_add(c, c->rows[at].seq, "object", false, "%s", why.text);
	return -1;
}

void check_fold(struct checking *c)
{
	size_t at = 0;
	bool going = true;

	c->state = state_new(c->objects);
	for (; at < c->count; at++) {
		struct checked *k = &c->checked[at];
		struct ledger_signature key = {.level = 0};

		if (!k->text)
			continue;
		check_seen(c, at);
		if (k->is_signed) {
			choose_rosters(c, at);
			if (ledger_signature_parse(c->rows[at].sig, c->rows[at].sig_len, &key, NULL))
				bug("a signature that reads does not read again");
			check_counter(c, at, &key);
		}
		/* A roster or policy that nobody signed must not come into force: what follows would be asked of it.
		 */
		if (k->is_signed && (k->text->kind == LEDGER_ROSTER || k->text->kind == LEDGER_POLICY))
			check_signature(c, at);
		/* Behind a row that is not intact the state says nothing. */
		going = going && !k->bad;
		if (going && k->is_signed && c->rows[at].seq > 1)
			check_in_force(c, at, &key);
		if (going)
			going = !add_to_state(c, at, k->is_signed ? &key : NULL);
		free(key.public_key);
	}
	for (size_t i = 0; i < c->state->s.ignored_count; i++) {
		const struct ledger_ignored *g = &c->state->s.ignored[i];
		bool named = false;

		for (size_t k = 0; k < c->problem_count && !named; k++)
			named = c->problems[k].seq == g->row && !c->problems[k].note;
		if (!named)
			problem_add(c, g->row, "rule", false, "it is void: %s", g->why);
	}
}

void check_behind_pin(struct checking *c, const struct ledger_pin *pin)
{
	const struct roster *r = *pin->roster ? draft(c, pin->roster) : NULL;

	for (size_t at = 0; at < c->count; at++) {
		if (!c->checked[at].text)
			continue;
		check_seen(c, at);
		c->checked[at].rosters[0] = r;
		if (ledger_kind_is_decision(c->checked[at].text->kind) &&
		    strcmp(c->checked[at].text->roster, pin->roster) != 0)
			problem_add(c, c->rows[at].seq, "roster", false,
			            "its text (line 5) names the roster %.64s; in force was %.64s",
			            *c->checked[at].text->roster ? c->checked[at].text->roster : "none",
			            *pin->roster ? pin->roster : "none");
	}
}
