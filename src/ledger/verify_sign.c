/* Verification, pass 3: signatures, each by an ssh-keygen of its own, four at a time. */
#include <stdlib.h>

#include "verify.h"

enum { AT_ONCE = 4, BATCH = 64 };

/* Asks the rosters in turn: the first that knows the key under that name decides. */
static void verify_one(const struct checking *c, struct to_verify *v)
{
	const struct ledger_row *row = &c->rows[v->at];
	const struct checked *k = &c->checked[v->at];
	struct ledger_signature s;
	struct error err = {.text = "", .code = ERR_TAMPER};

	if (!k->rosters[0]) {
		v->unverifiable = true;
		snprintf(v->why, sizeof(v->why), "there is no roster to verify it with");
		return;
	}
	for (size_t i = 0; i < COUNT_OF(k->rosters) && k->rosters[i]; i++) {
		if (!ledger_signature_verify(row->body, row->body_len, row->sig, row->sig_len, k->rosters[i],
		                             k->text->signer, &s, &err)) {
			free(s.public_key);
			v->why[0] = '\0';
			return;
		}
		if (err.code != ERR_TAMPER)
			break;
		/* What the roster in force says is what is told. */
		if (!i)
			snprintf(v->why, sizeof(v->why), "%s", err.text);
	}
	if (err.code != ERR_TAMPER) {
		v->unverifiable = true;
		snprintf(v->why, sizeof(v->why), "%s", err.text);
	}
}

static void take_result(struct checking *c, const struct to_verify *v)
{
	struct checked *k = &c->checked[v->at];

	if (v->unverifiable) {
		if (!c->unverifiable)
			snprintf(c->unverifiable_why, sizeof(c->unverifiable_why), "row %lld: %s",
			         (long long)c->rows[v->at].seq, v->why);
		c->unverifiable = true;
	} else if (v->why[0]) {
		k->bad = true;
		problem_add(c, c->rows[v->at].seq, "signature", false, "%s", v->why);
	} else {
		k->verified = true;
		c->signatures++;
	}
}

void check_signature(struct checking *c, size_t at)
{
	struct to_verify v = {.at = at};

	if (c->rows[at].seq <= c->trusted_to)
		return;
	verify_one(c, &v);
	take_result(c, &v);
	/* Pass 3 leaves out what was found good, and what was found bad. */
	c->checked[at].is_signed = !c->checked[at].bad;
}

struct batch {
	const struct checking *c;
	struct to_verify *items;
};

static void verify_chunk(void *user, size_t chunk)
{
	const struct batch *b = user;

	verify_one(b->c, &b->items[chunk]);
}

int check_signatures(struct checking *c, struct error *err)
{
	struct to_verify items[BATCH];
	size_t at = 0;

	while (at < c->count) {
		struct batch b = {c, items};
		size_t count = 0;

		for (; at < c->count && count < BATCH; at++) {
			const struct checked *k = &c->checked[at];

			if (!k->is_signed || k->verified)
				continue;
			if (c->rows[at].seq <= c->trusted_to)
				c->signatures++;
			else
				items[count++] = (struct to_verify){.at = at};
		}
		/* They wait for sub-processes: on few processors more of them than those are no gain. */
		parallel_chunks(count, cpu_count() < AT_ONCE ? cpu_count() : AT_ONCE, verify_chunk, &b);
		for (size_t i = 0; i < count; i++)
			take_result(c, &items[i]);
		if (checking_progress(c, (int64_t)count, err))
			return -1;
	}
	return 0;
}
