/* Verification, pass 1: each row by itself and beside the one before it. */
#include <inttypes.h>
#include <stdlib.h>

#include "verify.h"

enum { CHUNK = 256, CHUNKS_AT_ONCE = 32, CLAIM_MS = 600000 };

/* ---- what is shared by the passes ---- */

void checking_init(struct checking *c, struct ledger *l, const struct ledger_objects *objects)
{
	memset(c, 0, sizeof(*c));
	c->l = l;
	c->store = l ? l->store : "";
	c->objects = objects;
	c->mem = arena_new();
	intern_init(&c->counting);
	pthread_mutex_init(&c->guard, NULL);
	memcpy(c->before_link, LINK_ZERO, SHA256_TEXT);
}

void checking_rows(struct checking *c, const struct ledger_row *rows, size_t count)
{
	c->rows = rows;
	c->count = count;
	c->checked = xcalloc(count ? count : 1, sizeof(*c->checked));
	c->text_arenas = (count + CHUNK - 1) / CHUNK;
	c->texts = xcalloc(c->text_arenas ? c->text_arenas : 1, sizeof(*c->texts));
	c->total = (int64_t)count;
	for (size_t i = 0; i < count; i++)
		c->total += rows[i].sig_len > 0 && rows[i].seq > c->trusted_to;
}

void checking_release(struct checking *c)
{
	for (size_t i = 0; i < c->text_arenas; i++)
		arena_free(c->texts[i]);
	free(c->texts);
	free(c->checked);
	for (size_t i = 0; i < c->roster_count; i++)
		free(c->rosters[i]);
	free(c->rosters);
	free(c->problems);
	intern_release(&c->counting);
	free(c->counters);
	if (c->state)
		ledger_state_free(&c->state->s);
	arena_free(c->mem);
	pthread_mutex_destroy(&c->guard);
}

struct ledger_state *checking_take_state(struct checking *c)
{
	struct state_inside *in = c->state;

	in->texts = c->texts;
	in->text_arenas = c->text_arenas;
	in->objects = NULL; /* they may not live as long */
	c->texts = NULL;
	c->text_arenas = 0;
	c->state = NULL;
	return &in->s;
}

void problem_add(struct checking *c, int64_t seq, const char *what, bool note, const char *format, ...)
{
	struct str where;
	va_list args;

	str_init(&where);
	va_start(args, format);
	str_addvf(&where, format, args);
	va_end(args);
	pthread_mutex_lock(&c->guard);
	c->problems = vec_reserve(c->problems, &c->problem_cap, c->problem_count + 1, sizeof(*c->problems));
	c->problems[c->problem_count++] = (struct ledger_problem){
	    .seq = seq, .what = what, .where = arena_memdup0(c->mem, where.data, where.len), .note = note};
	pthread_mutex_unlock(&c->guard);
	str_release(&where);
}

static int by_row(const void *a, const void *b)
{
	const struct ledger_problem *x = a, *y = b;
	int order;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	order = strcmp(x->what, y->what);
	return order ? order : strcmp(x->where, y->where);
}

void problems_sort(struct checking *c)
{
	if (c->problem_count)
		qsort(c->problems, c->problem_count, sizeof(*c->problems), by_row);
}

int checking_progress(struct checking *c, int64_t more, struct error *err)
{
	c->done += more;
	if (c->progress && c->progress(c->user, c->done, c->total))
		return error_set(err, ERR_NO, "stopped: the ledger was not verified to its end");
	return 0;
}

const struct ledger_row *checking_row(const struct checking *c, int64_t seq)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->rows[middle].seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->count && c->rows[low].seq == seq ? &c->rows[low] : NULL;
}

/* ---- one row ---- */

static void bad(struct checking *c, size_t at, const char *what, const char *where)
{
	c->checked[at].bad = true;
	problem_add(c, c->rows[at].seq, what, false, "%s", where);
}

static void check_link(struct checking *c, size_t at, int64_t prev_seq, const char *prev, struct sha256 *h)
{
	const struct ledger_row *row = &c->rows[at];
	char link[SHA256_TEXT];

	if (row->seq != prev_seq + 1) {
		if (row->seq == prev_seq + 2)
			problem_add(c, prev_seq + 1, "gap", false, "row %" PRId64 " is missing", prev_seq + 1);
		else
			problem_add(c, prev_seq + 1, "gap", false, "rows %" PRId64 " to %" PRId64 " are missing",
			            prev_seq + 1, row->seq - 1);
	}
	ledger_link_next(h, row, prev, link);
	if (!strcmp(link, row->link))
		return;
	c->checked[at].bad = true;
	if (row->seq != prev_seq + 1)
		problem_add(c, row->seq, "chain", false,
		            "its link does not go on from row %" PRId64 ", which stands before it", prev_seq);
	else
		problem_add(c, row->seq, "link", false,
		            "its number, time, text or signature, or the link before it, was changed: they hash to "
		            "%s, the link "
		            "is %.64s",
		            link, *row->link ? row->link : "empty");
}

static void check_time(struct checking *c, size_t at, int64_t prev_at)
{
	const struct ledger_row *row = &c->rows[at];
	char text[TIME_TEXT], before[TIME_TEXT];

	time_rfc3339(row->at_ms, text);
	if (strcmp(text, row->at) != 0) {
		c->checked[at].bad = true;
		problem_add(c, row->seq, "time", false, "its time \"%s\" is not written as it has to be", row->at);
	} else if (row->at_ms < prev_at) {
		c->checked[at].bad = true;
		problem_add(c, row->seq, "time", false, "its time %s is before that of the row before it, %s", text,
		            time_rfc3339(prev_at, before));
	}
}

static void check_claim(struct checking *c, const struct ledger_row *row, const struct ledger_text *t)
{
	int64_t off = row->at_ms - t->claimed_time;
	char span[TIME_TEXT];

	if (off <= CLAIM_MS && off >= -CLAIM_MS)
		return;
	time_span(off < 0 ? -off : off, span);
	problem_add(c, row->seq, "time", true, "its text claims to have been made %s %s the row was written",
	            span, off < 0 ? "after" : "before");
}

static void check_signature_there(struct checking *c, size_t at)
{
	const struct ledger_row *row = &c->rows[at];
	const struct ledger_text *t = c->checked[at].text;
	struct ledger_signature s;
	struct error why;

	if (ledger_text_is_unsigned(t)) {
		if (row->sig_len)
			bad(c, at, "unexpected-signature",
			    ledger_kind_is_decision(t->kind) ? "a halt without a signer has a signature"
			                                     : "a row that the program writes by itself has a signature");
		return;
	}
	if (!row->sig_len) {
		bad(c, at, "unsigned", "a decision without a signature");
		return;
	}
	if (ledger_signature_parse(row->sig, row->sig_len, &s, &why)) {
		bad(c, at, "signature", why.text);
		return;
	}
	free(s.public_key);
	c->checked[at].is_signed = true;
}

static void check_place(struct checking *c, size_t at, struct sha256 *h)
{
	const struct ledger_row *prev = at ? &c->rows[at - 1] : NULL;

	check_link(c, at, prev ? prev->seq : c->before_seq, prev ? prev->link : c->before_link, h);
	check_time(c, at, prev ? prev->at_ms : c->before_at);
}

static void check_text(struct checking *c, size_t at, struct arena *mem)
{
	const struct ledger_row *row = &c->rows[at];
	struct ledger_text *t = arena_alloc(mem, sizeof(*t));
	struct error why;

	if (row->seq <= c->same_to ? ledger_text_read(row->body, row->body_len, mem, t, &why)
	                           : ledger_text_parse(row->body, row->body_len, mem, t, &why)) {
		bad(c, at, "text", why.text);
		return;
	}
	c->checked[at].text = t;
	if (row->seq == 1 && t->kind != LEDGER_GENESIS)
		bad(c, at, "store", "the ledger does not begin with its genesis row");
	if (*c->store && strcmp(t->store, c->store) != 0) {
		c->checked[at].bad = true;
		problem_add(c, row->seq, "store", false,
		            "its text is of another store: line 2 says %s, this one is %s", t->store, c->store);
	}
	check_claim(c, row, t);
	check_signature_there(c, at);
}

/* ---- all of them ---- */

struct batch {
	struct checking *c;
	size_t first; /* chunk */
};

static void check_places(void *user, size_t chunk)
{
	const struct batch *b = user;
	struct checking *c = b->c;
	size_t from = (b->first + chunk) * CHUNK, to = from + CHUNK < c->count ? from + CHUNK : c->count;
	char none[SHA256_TEXT];
	struct sha256 h;

	sha256_init(&h);
	for (size_t i = from; i < to; i++)
		check_place(c, i, &h);
	sha256_end(&h, none);
}

static void check_texts(void *user, size_t chunk)
{
	const struct batch *b = user;
	struct checking *c = b->c;
	size_t at = b->first + chunk, from = at * CHUNK, to = from + CHUNK < c->count ? from + CHUNK : c->count;

	c->texts[at] = arena_new();
	for (size_t i = from; i < to; i++)
		check_text(c, i, c->texts[at]);
}

static int for_all_rows(struct checking *c, void (*check)(void *, size_t), bool counts, struct error *err)
{
	for (size_t first = 0; first < c->text_arenas; first += CHUNKS_AT_ONCE) {
		size_t count = c->text_arenas - first < CHUNKS_AT_ONCE ? c->text_arenas - first : CHUNKS_AT_ONCE,
		       rows = (first + count) * CHUNK < c->count ? count * CHUNK : c->count - first * CHUNK;
		struct batch b = {c, first};

		parallel_chunks(count, 0, check, &b);
		if (checking_progress(c, counts ? (int64_t)rows : 0, err))
			return -1;
	}
	return 0;
}

int check_rows(struct checking *c, struct error *err)
{
	const struct ledger_row *known;

	if (for_all_rows(c, check_places, false, err))
		return -1;
	/* Every link was made anew, so a row that bears the link of then has the bytes of then before it. */
	known = c->known_to ? checking_row(c, c->known_to) : NULL;
	if (known && !c->problem_count && !strcmp(known->link, c->known_link))
		c->same_to = c->known_to;
	if (for_all_rows(c, check_texts, true, err))
		return -1;
	if (!c->count && !c->before_seq)
		problem_add(c, 1, "gap", false, "the ledger has no rows: not even its genesis");
	return 0;
}

void check_pin(struct checking *c, const struct ledger_pin *pin)
{
	const struct ledger_row *row = checking_row(c, pin->seq);
	int64_t last = c->count ? c->rows[c->count - 1].seq : c->before_seq;
	const struct ledger_text *first = c->count && c->rows[0].seq == 1 ? c->checked[0].text : NULL;
	char roster[256] = "";

	if (first && *pin->roster && *first->subject && strcmp(first->subject, pin->roster) != 0)
		snprintf(roster, sizeof(roster), "; it begins with the roster sha256:%s, the pin knows sha256:%s",
		         first->subject, pin->roster);
	if (!row && last < pin->seq)
		problem_add(c, pin->seq, "rollback", false,
		            "you have verified this ledger up to row %" PRId64 " (sha256:%s), it ends at row %" PRId64
		            ": its end was cut off, or an older or another ledger was put in its place%s",
		            pin->seq, pin->head, last, roster);
	else if (!row || strcmp(row->link, pin->head) != 0)
		problem_add(c, pin->seq, "fork", false,
		            "you have verified row %" PRId64
		            " as sha256:%s, it is now %s%.64s: what stood up to there was written "
		            "anew%s",
		            pin->seq, pin->head, row ? "sha256:" : "not there", row ? row->link : "", roster);
}
