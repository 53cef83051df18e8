/* The state by replay: rows are folded in one by one, each asked by the state before it. */
#include <stdlib.h>
#include <string.h>

#include "rules.h"

void *state_grow(struct arena *mem, void *items, size_t count, size_t size)
{
	void *more;

	if (count & (count - 1))
		return items;
	more = arena_array(mem, count ? count * 2 : 1, size);
	if (count)
		memcpy(more, items, count * size);
	return more;
}

void state_ignore(struct state_inside *in, int64_t row, const char *why)
{
	struct ledger_state *s = &in->s;

	s->ignored = state_grow(s->mem, s->ignored, s->ignored_count, sizeof *s->ignored);
	s->ignored[s->ignored_count++] = (struct ledger_ignored){row, arena_strdup(s->mem, why)};
}

bool state_touches(const struct ledger_text *row, const struct ledger_text *t)
{
	if (row->kind == LEDGER_POLICY || row->kind == LEDGER_ROSTER)
		return true;
	/* Reviewers do not stand in each other's way. */
	if (row->kind == LEDGER_APPROVE && t->kind == LEDGER_APPROVE && row->target == t->target && row->signer &&
	    t->signer && strcmp(row->signer, t->signer))
		return false;
	if (*t->subject && !strcmp(row->subject, t->subject))
		return true;
	return row->model && t->model && !strcmp(row->model, t->model) && row->stage && t->stage &&
	       !strcmp(row->stage, t->stage);
}

bool state_same_store(const struct ledger_state *s, const struct ledger_text *t)
{
	return !RULE_ASKED(STORE) || !strcmp(t->store, s->store);
}

/* The row between what a decision had seen and itself that makes it void; 0 for none. */
static int64_t unseen(const struct state_inside *in, const struct ledger_text *t)
{
	/* A halt fails safe: nothing makes it come too late. */
	if (t->kind == LEDGER_HALT)
		return 0;
	for (size_t i = in->row_count; i-- > 0 && in->rows[i].seq > t->seen_seq;)
		if (state_touches(in->rows[i].text, t))
			return in->rows[i].seq;
	return 0;
}

/* A request counts once: the same signed text written a second time by whoever found it is nothing new. */
static bool request_known(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t)
{
	uint32_t count = (uint32_t)in->requests.count,
	         id = intern_add(&in->requests, t->request, strlen(t->request));

	if (id < count && RULE_ASKED(REQUEST_ONCE)) {
		state_ignore(in, row->seq, "its request stands in an earlier row: what is written twice counts once");
		return true;
	}
	return false;
}

static void seal(struct state_inside *in, const struct ledger_text *t)
{
	struct ledger_state *s = &in->s;

	if (t->seen_seq > s->sealed_to)
		s->sealed_to = t->seen_seq;
	/* A signed row seals itself. */
	for (size_t i = in->row_count; i-- > 0 && in->rows[i].seq > s->sealed_to;)
		if (in->rows[i].seq == s->sealed_to + 1 && in->rows[i].is_signed) {
			s->sealed_to++;
			i = in->row_count;
		}
}

static int decide(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
                  const struct ledger_signature *key, struct error *err)
{
	struct ledger_facts facts = {0};
	struct asking ask = {.s = &in->s, .t = t, .key = key, .now = row->at_ms, .row = row->seq};
	struct roster draft = {0};
	bool known = false;
	struct error why = {0};
	int64_t between;

	if (RULE_ASKED(SIGNED) && !key && !(t->kind == LEDGER_HALT && !t->signer)) {
		state_ignore(in, row->seq, "it is a decision that nobody signed");
		return 0;
	}
	between = unseen(in, t);
	if (between && RULE_ASKED(SEEN)) {
		char text[128];

		snprintf(text, sizeof text, "it was signed before row %lld, which its signer had not seen",
		         (long long)between);
		state_ignore(in, row->seq, text);
		return 0;
	}
	if (t->kind == LEDGER_ROSTER || t->kind == LEDGER_POLICY) {
		if (state_draft(in, t, key, &draft, &known, &why)) {
			if (why.code == ERR_TAMPER)
				return error_set(err, ERR_TAMPER, "row %lld: %s", (long long)row->seq, why.text);
			state_ignore(in, row->seq, why.text);
			return 0;
		}
		ask.draft = known && t->kind == LEDGER_ROSTER ? &draft : NULL;
	}
	if (t->kind == LEDGER_PROMOTE) {
		facts = facts_of_text(t, ledger_proposal_find(&in->s, t->target), row->at_ms);
		ask.facts = &facts;
	}
	if (may_ask(&ask, &why)) {
		state_ignore(in, row->seq, why.text);
		return 0;
	}
	if (t->kind == LEDGER_ROSTER || t->kind == LEDGER_POLICY) {
		const struct ledger_vote vote = state_vote(in->s.mem, row, t, key);

		return state_accept(in, t, &vote, ask.draft, err);
	}
	state_decide(in, row, t, key);
	return 0;
}

int state_add(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
              const struct ledger_signature *key, struct error *err)
{
	struct ledger_state *s = &in->s;
	size_t ignored = s->ignored_count;
	int rc = 0;

	if (!in->row_count && t->kind != LEDGER_GENESIS)
		return error_set(err, ERR_TAMPER, "row %lld: a ledger begins with its genesis row",
		                 (long long)row->seq);
	if (in->row_count && !state_same_store(s, t))
		state_ignore(in, row->seq, "it is a text of another store");
	else if (!request_known(in, row, t))
		rc = ledger_kind_is_decision(t->kind) ? decide(in, row, t, key, err) : state_record(in, row, t, err);
	if (rc)
		return -1;
	in->rows = state_grow(s->mem, in->rows, in->row_count, sizeof *in->rows);
	in->rows[in->row_count++] = (struct state_row){row->seq, t, key != NULL, s->ignored_count > ignored};
	if (key)
		seal(in, t);
	s->seq = row->seq;
	memcpy(s->head, row->link, sizeof s->head);
	return 0;
}

struct state_inside *state_new(const struct ledger_objects *objects)
{
	struct state_inside *in = xcalloc(1, sizeof *in);

	in->s.mem = arena_new();
	in->objects = objects;
	intern_init(&in->requests);
	intern_init(&in->versions);
	intern_init(&in->results);
	return in;
}

int ledger_replay(const struct ledger_row *rows, size_t count, const struct ledger_objects *objects,
                  struct ledger_state **out, struct error *err)
{
	struct state_inside *in = state_new(objects);
	struct arena *mem = in->s.mem;

	*out = NULL;
	if (!count)
		error_set(err, ERR_TAMPER, "the ledger is empty: it begins with its genesis row");
	for (size_t i = 0; i < count; i++) {
		struct ledger_text *t = arena_alloc(mem, sizeof *t);
		struct ledger_signature key = {0};
		bool is_signed = rows[i].sig_len > 0;
		int rc;

		if (ledger_text_parse(rows[i].body, rows[i].body_len, mem, t, err) ||
		    (is_signed && ledger_signature_parse(rows[i].sig, rows[i].sig_len, &key, err))) {
			error_prefix(err, "row %lld", (long long)rows[i].seq);
			count = 0;
			break;
		}
		rc = state_add(in, &rows[i], t, is_signed ? &key : NULL, err);
		free(key.public_key);
		if (rc) {
			count = 0;
			break;
		}
	}
	in->objects = NULL;
	if (!count) {
		ledger_state_free(&in->s);
		return -1;
	}
	*out = &in->s;
	return 0;
}

void ledger_state_free(struct ledger_state *s)
{
	struct state_inside *in = (struct state_inside *)s;

	if (!s)
		return;
	intern_release(&in->requests);
	intern_release(&in->versions);
	intern_release(&in->results);
	for (size_t i = 0; i < in->text_arenas; i++)
		arena_free(in->texts[i]);
	free(in->texts);
	arena_free(s->mem);
	free(in);
}

/* ---- finding ---- */

const struct ledger_version *ledger_version_find(const struct ledger_state *s, const char *model,
                                                 int64_t version)
{
	const struct state_inside *in = (const struct state_inside *)s;
	char number[24];
	struct str key;
	uint32_t id;

	if (!model)
		return NULL;
	str_init(&key);
	snprintf(number, sizeof number, "\n%lld", (long long)version);
	str_adds(&key, model);
	str_adds(&key, number);
	id = intern_find(&in->versions, key.data, key.len);
	str_release(&key);
	return id == INTERN_NONE ? NULL : &s->versions[id];
}

const struct ledger_proposal *ledger_proposal_find(const struct ledger_state *s, int64_t row)
{
	for (size_t i = 0; i < s->proposal_count; i++)
		if (s->proposals[i].row == row)
			return &s->proposals[i];
	return NULL;
}

const struct ledger_stage *ledger_stage_find(const struct ledger_state *s, const char *model,
                                             const char *stage)
{
	for (size_t i = 0; model && stage && i < s->stage_count; i++)
		if (!strcmp(s->stages[i].model, model) && !strcmp(s->stages[i].stage, stage))
			return &s->stages[i];
	return NULL;
}

const struct ledger_move *ledger_move_find(const struct ledger_state *s, int64_t row)
{
	for (size_t i = 0; i < s->move_count; i++)
		if (s->moves[i].row == row)
			return &s->moves[i];
	return NULL;
}

static const struct ledger_vote *vote_in(const struct ledger_vote *votes, size_t count, int64_t row)
{
	for (size_t i = 0; i < count; i++)
		if (votes[i].row == row)
			return &votes[i];
	return NULL;
}

const struct ledger_vote *ledger_vote_find(const struct ledger_state *s, int64_t row)
{
	const struct ledger_vote *v = NULL;

	for (size_t i = 0; !v && i < s->proposal_count; i++)
		v = vote_in(s->proposals[i].votes, s->proposals[i].vote_count, row);
	for (size_t i = 0; !v && i < s->stage_count; i++)
		v = vote_in(s->stages[i].resumes, s->stages[i].resume_count, row);
	for (size_t i = 0; !v && i < s->move_count; i++)
		v = vote_in(s->moves[i].reviews, s->moves[i].review_count, row);
	for (size_t i = 0; !v && i < s->pending_count; i++)
		v = vote_in(s->pending[i].votes, s->pending[i].vote_count, row);
	return v;
}
