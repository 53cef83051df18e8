/* The state that is worked with: verified behind what this person or this process has verified already. */
#include <inttypes.h>
#include <stdlib.h>

#include "verify.h"

/* A row that breaks a rule is void, not an error: whoever holds a key could else stop a store by writing one.
 */
static bool stops(const struct ledger_problem *p)
{
	return !p->note && strcmp(p->what, "rule") != 0 && strcmp(p->what, "roster") != 0 &&
	       strcmp(p->what, "policy") != 0;
}

static int refuse(struct checking *c, struct error *err)
{
	const struct ledger_problem *first = NULL;
	size_t more = 0;

	problems_sort(c);
	for (size_t i = 0; i < c->problem_count; i++) {
		if (!stops(&c->problems[i]))
			continue;
		if (first)
			more++;
		else
			first = &c->problems[i];
	}
	if (first && more)
		return error_set(err, ERR_TAMPER,
		                 "row %" PRId64 " of the ledger (%s): %s; and %zu more: `assay verify` lists them",
		                 first->seq, first->what, first->where, more);
	if (first)
		return error_set(err, ERR_TAMPER, "row %" PRId64 " of the ledger (%s): %s", first->seq, first->what,
		                 first->where);
	if (c->unverifiable)
		return error_set(err, ERR_ENV, "the ledger cannot be verified: %s", c->unverifiable_why);
	return 0;
}

/* Behind this row nothing is verified that stands in the chain as it was. */
static void trust(struct checking *c, int64_t seq, const char *link)
{
	c->trusted_to = c->known_to = seq;
	memcpy(c->known_link, link, SHA256_TEXT);
}

/* Only forward, and never behind what another process has pinned meanwhile. */
static void move_pin(struct ledger_pin *pin, const struct ledger_state *s)
{
	struct ledger_pin next = {.there = true, .seq = s->seq}, now;

	memcpy(next.head, s->head, SHA256_TEXT);
	memcpy(next.roster, s->roster.digest, SHA256_TEXT);
	if (pin->there && pin->seq == next.seq && !strcmp(pin->roster, next.roster))
		return;
	if (ledger_pin_read(s->store, &now, NULL) || (now.there && now.seq > next.seq) ||
	    ledger_pin_write(s->store, &next, NULL))
		return;
	*pin = next;
}

int ledger_load(struct ledger *l, const struct ledger_objects *objects, struct ledger_pin *pin,
                struct ledger_state **out, struct error *err)
{
	struct arena *mem = arena_new();
	struct ledger_row *rows;
	struct checking c;
	size_t count;
	int result = -1;

	*out = NULL;
	checking_init(&c, l, objects);
	if (ledger_rows(l, 1, 0, mem, &rows, &count, err))
		goto out;
	/* What was verified through this handle, if it still stands there; what the pin covers, once it was
	 * compared. */
	if (l->verified_to && (size_t)l->verified_to <= count && rows[l->verified_to - 1].seq == l->verified_to &&
	    !strcmp(rows[l->verified_to - 1].link, l->verified_link))
		trust(&c, l->verified_to, l->verified_link);
	if (pin && pin->there && pin->seq > c.trusted_to)
		trust(&c, pin->seq, pin->head);
	checking_rows(&c, rows, count);
	if (check_rows(&c, err))
		goto out;
	if (pin && pin->there)
		check_pin(&c, pin);
	/* A broken chain has nothing that could be trusted or verified. */
	if (refuse(&c, err))
		goto out;
	check_fold(&c);
	if (refuse(&c, err) || check_signatures(&c, err) || refuse(&c, err))
		goto out;
	*out = checking_take_state(&c);
	l->verified_to = (*out)->seq;
	memcpy(l->verified_link, (*out)->head, SHA256_TEXT);
	if (pin)
		move_pin(pin, *out);
	result = 0;
out:
	checking_release(&c);
	arena_free(mem);
	return result;
}
