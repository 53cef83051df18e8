/* Verification as it is asked for: everything that is wrong, with its place. */
#include <inttypes.h>
#include <stdlib.h>

#include "verify.h"

/* Has anything behind the pin changed what is in force? Then the whole ledger is folded. */
static bool changes_what_is_in_force(const struct checking *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct ledger_text *t = c->checked[i].text;

		if (t && (t->kind == LEDGER_ROSTER || t->kind == LEDGER_POLICY))
			return true;
	}
	return false;
}

/* Rows up to here are answered for by a signature: its own, or one that had seen them. */
static int64_t sealed_to(const struct checking *c)
{
	int64_t to = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct checked *k = &c->checked[i];

		if (k->text && k->is_signed && !k->bad && k->text->seen_seq > to)
			to = k->text->seen_seq;
	}
	for (size_t i = 0; i < c->count; i++)
		if (c->rows[i].seq == to + 1 && c->checked[i].is_signed && !c->checked[i].bad)
			to++;
	return to;
}

static void hand_over(struct checking *c, struct ledger_report *out)
{
	problems_sort(c);
	out->signatures = c->signatures;
	out->rows = (int64_t)c->count;
	out->sealed_to = sealed_to(c);
	out->mem = arena_new();
	out->unverifiable = c->unverifiable;
	if (c->state) {
		memcpy(out->roster, c->state->s.roster.digest, SHA256_TEXT);
		memcpy(out->policy, c->state->s.policy.digest, SHA256_TEXT);
	}
	out->unverifiable_why = arena_strdup(out->mem, c->unverifiable_why);
	out->problems = arena_array(out->mem, c->problem_count ? c->problem_count : 1, sizeof(*out->problems));
	out->problem_count = c->problem_count;
	for (size_t i = 0; i < c->problem_count; i++) {
		out->problems[i] = c->problems[i];
		out->problems[i].where = arena_strdup(out->mem, c->problems[i].where);
	}
}

/* Reads rows; what cannot be read is a problem of its own, and what could be is looked at. */
static void read_rows(struct checking *c, int64_t from, struct arena *mem)
{
	struct ledger_row *rows;
	struct error why;
	size_t count;

	if (ledger_rows(c->l, from, 0, mem, &rows, &count, &why)) {
		if (why.code == ERR_TAMPER) {
			problem_add(c, count ? rows[count - 1].seq : from, "schema", false, "%s", why.text);
		} else {
			c->unverifiable = true;
			snprintf(c->unverifiable_why, sizeof(c->unverifiable_why), "%s", why.text);
		}
	}
	checking_rows(c, rows ? rows : arena_alloc(mem, 1), count);
}

/* Only what came since the pin. 1 when that cannot be done. */
static int verify_since(struct checking *c, const struct ledger_verify_options *options, struct arena *mem,
                        struct error *err)
{
	const struct ledger_pin *pin = options->pin;
	struct ledger_row *at;
	size_t count;

	if (ledger_rows(c->l, pin->seq, pin->seq, mem, &at, &count, NULL) || count != 1 ||
	    strcmp(at[0].link, pin->head) != 0)
		return 1; /* all of it is looked at, and the pin's place is told */
	c->before_seq = pin->seq;
	c->before_at = at[0].at_ms;
	memcpy(c->before_link, pin->head, SHA256_TEXT);
	c->trusted_to = pin->seq;
	read_rows(c, pin->seq + 1, mem);
	if (check_rows(c, err))
		return -1;
	if (changes_what_is_in_force(c))
		return 1;
	check_behind_pin(c, pin);
	if (check_signatures(c, err) || (options->objects && check_objects(c, err)))
		return -1;
	return 0;
}

/* Every pass over rows that begin with the first. */
static int look_through(struct checking *c, const struct ledger_verify_options *options, struct error *err)
{
	if (check_rows(c, err))
		return -1;
	if (options->pin && options->pin->there)
		check_pin(c, options->pin);
	check_fold(c);
	if (check_signatures(c, err))
		return -1;
	return options->objects ? check_objects(c, err) : 0;
}

static int verify_all(struct checking *c, const struct ledger_verify_options *options, struct arena *mem,
                      struct error *err)
{
	struct error why;

	if (ledger_check_schema(c->l, &why))
		problem_add(c, 0, "schema", false, "%s", why.text);
	read_rows(c, 1, mem);
	return look_through(c, options, err);
}

int ledger_verify_rows(const struct ledger_row *rows, size_t count, const struct ledger_objects *objects,
                       const struct ledger_verify_options *options, struct ledger_report *out,
                       struct error *err)
{
	struct arena *mem = arena_new();
	struct ledger_text first;
	struct checking c;
	int rc;

	memset(out, 0, sizeof(*out));
	checking_init(&c, NULL, objects);
	c.progress = options->progress;
	c.user = options->user;
	/* Nobody else says whose ledger it is: its first row does. */
	if (count && !ledger_text_parse(rows[0].body, rows[0].body_len, mem, &first, NULL))
		c.store = first.store;
	checking_rows(&c, rows, count);
	rc = look_through(&c, options, err);
	if (!rc)
		hand_over(&c, out);
	checking_release(&c);
	arena_free(mem);
	return rc;
}

int ledger_verify(struct ledger *l, const struct ledger_objects *objects,
                  const struct ledger_verify_options *options, struct ledger_report *out, struct error *err)
{
	bool since = options->from_pin && options->pin && options->pin->there;
	struct arena *mem = arena_new();
	struct checking c;
	int rc = 1;

	memset(out, 0, sizeof(*out));
	checking_init(&c, l, objects);
	c.progress = options->progress;
	c.user = options->user;
	if (since) {
		rc = verify_since(&c, options, mem, err);
		out->from_pin = !rc;
	}
	if (rc == 1) {
		if (since) {
			checking_release(&c);
			checking_init(&c, l, objects);
			c.progress = options->progress;
			c.user = options->user;
			/* If the pin does not hold, nothing is taken on trust. */
			arena_free(mem);
			mem = arena_new();
		}
		rc = verify_all(&c, options, mem, err);
	}
	if (!rc)
		hand_over(&c, out);
	checking_release(&c);
	arena_free(mem);
	return rc;
}

void ledger_report_release(struct ledger_report *r)
{
	arena_free(r->mem);
	memset(r, 0, sizeof(*r));
}
