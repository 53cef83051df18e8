/*
 * Reading the texts that are signed. The reader takes the lines in their order; that a text is the only
 * spelling of what it says is then shown by writing it anew.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "internal.h"

struct reader {
	const char *p, *end; /* the line that is read next */
	int line;            /* of the value at hand */
	const char *key;
	const char *v, *v_end; /* what is left of its value */
	struct arena *mem;
	struct error *err;
	bool failed;
};

static bool fail(struct reader *r, const char *why)
{
	if (!r->failed)
		error_set(r->err, ERR_TAMPER, "line %d of the text (%s): %s", r->line, r->key, why);
	r->failed = true;
	return false;
}

/* ---- lines ---- */

static bool next_is(const struct reader *r, const char *key)
{
	size_t len = strlen(key);

	return (size_t)(r->end - r->p) > len && !memcmp(r->p, key, len) && r->p[len] == ' ';
}

static bool is_known_key(const char *word, size_t len)
{
	static const char *const keys[] = {"store",        "seen",     "policy",  "roster",  "kind",    "meaning",
	                                   "signer",       "name",     "role",    "model",   "version", "stage",
	                                   "subject",      "manifest", "run",     "code",    "env",     "data",
	                                   "evidence",     "baseline", "gate",    "waiver",  "target",  "reason",
	                                   "claimed-time", "expires",  "request", "program", "seal",    "end"};

	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (strlen(keys[i]) == len && !memcmp(keys[i], word, len))
			return true;
	return false;
}

/* The line of this key is the next: its value is at hand then. */
static bool line(struct reader *r, const char *key)
{
	const char *stop;

	if (r->failed)
		return false;
	r->line++;
	r->key = key;
	stop = memchr(r->p, '\n', (size_t)(r->end - r->p));
	if (!next_is(r, key)) {
		size_t len = 0;

		while (r->p + len < r->end && r->p[len] != ' ' && r->p[len] != '\n')
			len++;
		if (r->p == r->end)
			return fail(r, "the text ends before this line");
		return fail(r, is_known_key(r->p, len)
		                   ? "another line stands in its place (one is missing, doubled or out "
		                     "of order)"
		                   : "a line with an unknown key stands in its place");
	}
	if (!stop)
		return fail(r, "the line does not end");
	r->v = r->p + strlen(key) + 1;
	r->v_end = stop;
	r->p = stop + 1;
	if (r->v == r->v_end)
		return fail(r, "the value is empty");
	return true;
}

static bool finish(struct reader *r)
{
	return !r->failed && (r->v == r->v_end || fail(r, "something follows that does not belong there"));
}

static bool is_none(const struct reader *r)
{
	return r->v_end - r->v == 4 && !memcmp(r->v, "none", 4);
}

/* ---- values ---- */

/* Up to the next blank. */
static bool take(struct reader *r, const char **word, size_t *len)
{
	const char *blank;

	if (r->failed)
		return false;
	blank = memchr(r->v, ' ', (size_t)(r->v_end - r->v));
	*word = r->v;
	*len = (size_t)((blank ? blank : r->v_end) - r->v);
	if (!*len)
		return fail(r, "a word is missing");
	r->v += *len;
	return true;
}

static bool literal(struct reader *r, const char *text)
{
	size_t len = strlen(text);

	if (r->failed)
		return false;
	if ((size_t)(r->v_end - r->v) < len || memcmp(r->v, text, len) != 0)
		return fail(r, "it does not have the words that belong there");
	r->v += len;
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *text_decode(const char *text, size_t len, struct arena *mem)
{
	char *out = arena_alloc(mem, len + 1), *to = out;

	for (size_t i = 0; i < len; i++) {
		int high, low;

		if (text[i] != '%') {
			*to++ = text[i];
			continue;
		}
		high = len - i >= 3 ? hex_digit(text[i + 1]) : -1;
		low = high < 0 ? -1 : hex_digit(text[i + 2]);
		if (low < 0 || !(high | low))
			return NULL;
		*to++ = (char)(high << 4 | low);
		i += 2;
	}
	return out;
}

static void take_text(struct reader *r, const char **out)
{
	const char *word;
	size_t len;

	if (take(r, &word, &len) && !(*out = text_decode(word, len, r->mem)))
		fail(r, "a % is not followed by two hexadecimal digits of a byte");
}

static void take_hex(struct reader *r, char out[SHA256_TEXT])
{
	const char *word;
	size_t len;

	if (!literal(r, "sha256:") || !take(r, &word, &len))
		return;
	if (digest_is_valid(word, len))
		memcpy(out, word, len);
	else
		fail(r, "it is not a SHA-256 digest");
}

static void take_hex_or_none(struct reader *r, char out[SHA256_TEXT])
{
	if (!r->failed && r->v_end - r->v >= 4 && !memcmp(r->v, "none", 4))
		literal(r, "none");
	else
		take_hex(r, out);
}

static void take_id(struct reader *r, char out[ID_TEXT])
{
	const char *word;
	size_t len;

	if (!take(r, &word, &len))
		return;
	if (len == ID_TEXT - 1)
		memcpy(out, word, len);
	if (len != ID_TEXT - 1 || !id_is_valid(out))
		fail(r, "it is not an id of 32 hexadecimal digits");
}

static void take_count(struct reader *r, int64_t *out)
{
	const char *word;
	size_t len;

	if (take(r, &word, &len) && !(word[0] >= '0' && word[0] <= '9' && int_parse(word, len, out)))
		fail(r, "it is not a count");
}

static void take_number(struct reader *r, double *out)
{
	const char *word;
	size_t len;

	if (!take(r, &word, &len))
		return;
	if (len == 1 && *word == '-')
		*out = (double)NAN;
	else if (len == 3 && !memcmp(word, "inf", 3))
		*out = (double)INFINITY;
	else if (len == 4 && !memcmp(word, "-inf", 4))
		*out = -(double)INFINITY;
	else if (!num_parse(word, len, out))
		fail(r, "it is not a number");
}

static void take_time(struct reader *r, int64_t *out)
{
	const char *word;
	size_t len;

	if (take(r, &word, &len) && (!time_parse(word, len, out) || *out < 1 || *out > TEXT_TIME_MAX))
		fail(r, "it is not a time");
}

/* ---- whole lines ---- */

static void text_line(struct reader *r, const char *key, const char **out)
{
	if (!line(r, key))
		return;
	if (!is_none(r))
		take_text(r, out);
	else
		r->v = r->v_end;
	finish(r);
}

static void digest_line(struct reader *r, const char *key, char out[SHA256_TEXT])
{
	if (line(r, key)) {
		take_hex_or_none(r, out);
		finish(r);
	}
}

static void count_line(struct reader *r, const char *key, int64_t *out)
{
	if (!line(r, key))
		return;
	if (!is_none(r))
		take_count(r, out);
	else
		r->v = r->v_end;
	finish(r);
}

static void time_line(struct reader *r, const char *key, int64_t *out)
{
	if (!line(r, key))
		return;
	if (!is_none(r))
		take_time(r, out);
	else
		r->v = r->v_end;
	finish(r);
}

static void id_line(struct reader *r, const char *key, char out[ID_TEXT])
{
	if (line(r, key)) {
		take_id(r, out);
		finish(r);
	}
}

/* The lines of a key that repeats, each read by `one`; an array in the arena. */
static void *repeat(struct reader *r, const char *key, size_t size, size_t *count,
                    void (*one)(struct reader *, void *))
{
	const char *at = r->p;
	size_t lines = 0, key_len = strlen(key);
	char *items;

	*count = 0;
	/* How many there are is known before the array is made. */
	while (!r->failed && (size_t)(r->end - at) > key_len && !memcmp(at, key, key_len) && at[key_len] == ' ') {
		const char *stop = memchr(at, '\n', (size_t)(r->end - at));

		lines++;
		if (!stop)
			break;
		at = stop + 1;
	}
	items = lines ? arena_array(r->mem, lines, size) : NULL;
	do {
		if (!line(r, key))
			return NULL;
		if (lines == 1 && is_none(r))
			return NULL;
		one(r, items + *count * size);
		if (!finish(r))
			return NULL;
		++*count;
	} while (next_is(r, key));
	return items;
}

static void one_data(struct reader *r, void *item)
{
	struct ledger_data *d = item;

	take_text(r, &d->role);
	literal(r, " ");
	take_text(r, &d->name);
	literal(r, " ");
	take_hex(r, d->digest);
}

static void one_evidence(struct reader *r, void *item)
{
	struct ledger_evidence *e = item;

	take_text(r, &e->kind);
	literal(r, " ");
	take_hex(r, e->digest);
}

static void take_result(struct reader *r, enum gate_result *out)
{
	const char *word;
	size_t len;

	if (!take(r, &word, &len))
		return;
	for (int i = GATE_PASS; i <= GATE_MISSING; i++) {
		const char *name = gate_result_name((enum gate_result)i);

		if (strlen(name) == len && !memcmp(name, word, len)) {
			*out = (enum gate_result)i;
			return;
		}
	}
	fail(r, "the result is none of pass, fail, undecided, missing");
}

static void one_gate(struct reader *r, void *item)
{
	struct ledger_gate *g = item;

	take_text(r, &g->id);
	literal(r, " rule ");
	take_text(r, &g->rule);
	literal(r, " measured ");
	take_number(r, &g->measured);
	literal(r, " low ");
	take_number(r, &g->low);
	literal(r, " high ");
	take_number(r, &g->high);
	literal(r, " level ");
	take_number(r, &g->level);
	literal(r, " result ");
	take_result(r, &g->result);
	literal(r, " settings ");
	take_hex_or_none(r, g->settings);
	if (r->failed || r->v == r->v_end)
		return;
	literal(r, " rules ");
	take_hex(r, g->rules);
	literal(r, " dated ");
	take_time(r, &g->dated);
}

static void one_waiver(struct reader *r, void *item)
{
	struct ledger_waiver *w = item;

	take_text(r, &w->gate);
	literal(r, " bound ");
	take_number(r, &w->bound);
	literal(r, " until ");
	take_time(r, &w->until);
	literal(r, " signer ");
	take_text(r, &w->signer);
	literal(r, " row ");
	if (!r->failed && is_none(r))
		r->v = r->v_end;
	else
		take_count(r, &w->row);
}

static void one_seal(struct reader *r, void *item)
{
	struct ledger_seal *s = item;

	take_id(r, s->run);
	literal(r, " ");
	take_hex(r, s->digest);
}

/* ---- the texts ---- */

static void kind_line(struct reader *r, struct ledger_text *t, bool decision)
{
	const char *name = NULL;

	text_line(r, "kind", &name);
	if (r->failed)
		return;
	if (!name || !ledger_kind_parse(name, &t->kind) || ledger_kind_is_decision(t->kind) != decision)
		fail(r, "no such kind");
}

static void shared_lines(struct reader *r, struct ledger_text *t)
{
	text_line(r, "model", &t->model);
	count_line(r, "version", &t->version);
	text_line(r, "stage", &t->stage);
	digest_line(r, "subject", t->subject);
}

static void data_and_evidence(struct reader *r, struct ledger_text *t)
{
	t->data = repeat(r, "data", sizeof(*t->data), &t->data_count, one_data);
	t->evidence = repeat(r, "evidence", sizeof(*t->evidence), &t->evidence_count, one_evidence);
}

static void gates(struct reader *r, struct ledger_text *t)
{
	t->gates = repeat(r, "gate", sizeof(*t->gates), &t->gate_count, one_gate);
}

static void closing_lines(struct reader *r, struct ledger_text *t)
{
	static const char last[] = "end\n";

	id_line(r, "request", t->request);
	if (r->failed)
		return;
	r->line++;
	r->key = "end";
	if ((size_t)(r->end - r->p) != sizeof(last) - 1 || memcmp(r->p, last, sizeof(last) - 1) != 0)
		fail(r, "the text does not end here with this line");
}

static void manifest_line(struct reader *r, struct ledger_text *t)
{
	if (!line(r, "manifest") || is_none(r))
		return;
	literal(r, "files ");
	take_count(r, &t->manifest_files);
	literal(r, " bytes ");
	take_count(r, &t->manifest_bytes);
	finish(r);
}

static void run_line(struct reader *r, struct ledger_text *t)
{
	if (!line(r, "run") || is_none(r))
		return;
	take_id(r, t->run);
	literal(r, " seal ");
	take_hex_or_none(r, t->run_seal);
	finish(r);
}

static void code_line(struct reader *r, struct ledger_text *t)
{
	const char *word;
	size_t len;

	if (!line(r, "code") || is_none(r))
		return;
	literal(r, "git:");
	if (!take(r, &word, &len))
		return;
	if (len >= SHA256_TEXT) {
		fail(r, "it is not a commit");
		return;
	}
	memcpy(t->code_commit, word, len);
	if (r->v_end - r->v == 6 && !memcmp(r->v, " clean", 6)) {
		r->v = r->v_end;
		return;
	}
	literal(r, " dirty ");
	take_hex(r, t->code_diff);
	finish(r);
}

static void baseline_line(struct reader *r, struct ledger_text *t)
{
	if (!line(r, "baseline") || is_none(r))
		return;
	literal(r, "version ");
	take_count(r, &t->baseline_version);
	literal(r, " subject ");
	take_hex(r, t->baseline_subject);
	finish(r);
}

static void read_decision(struct reader *r, struct ledger_text *t)
{
	id_line(r, "store", t->store);
	if (line(r, "seen")) {
		take_count(r, &t->seen_seq);
		literal(r, " ");
		take_hex(r, t->seen_head);
		finish(r);
	}
	digest_line(r, "policy", t->policy);
	digest_line(r, "roster", t->roster);
	kind_line(r, t, true);
	text_line(r, "meaning", &t->meaning);
	text_line(r, "signer", &t->signer);
	text_line(r, "name", &t->name);
	text_line(r, "role", &t->role);
	shared_lines(r, t);
	manifest_line(r, t);
	run_line(r, t);
	code_line(r, t);
	digest_line(r, "env", t->env);
	data_and_evidence(r, t);
	baseline_line(r, t);
	gates(r, t);
	t->waivers = repeat(r, "waiver", sizeof(*t->waivers), &t->waiver_count, one_waiver);
	count_line(r, "target", &t->target);
	text_line(r, "reason", &t->reason);
	time_line(r, "claimed-time", &t->claimed_time);
	time_line(r, "expires", &t->expires);
	closing_lines(r, t);
}

static void read_record(struct reader *r, struct ledger_text *t)
{
	id_line(r, "store", t->store);
	kind_line(r, t, false);
	text_line(r, "program", &t->program);
	shared_lines(r, t);
	t->seals = repeat(r, "seal", sizeof(*t->seals), &t->seal_count, one_seal);
	data_and_evidence(r, t);
	gates(r, t);
	time_line(r, "claimed-time", &t->claimed_time);
	closing_lines(r, t);
}

/* 1 or 0, without a branch. */
static unsigned char is_outside(unsigned char c)
{
	return (unsigned char)((unsigned char)(c - 0x20) > 0x7E - 0x20) & (unsigned char)(c != '\n');
}

/* Bytes outside the grammar are told before all else: they could spoil a message. */
static int check_bytes(const char *bytes, size_t len, struct error *err)
{
	enum { BLOCK = 64 }; /* a loop of so many the compiler turns into few instructions */
	int at = 1;
	size_t i = 0;

	if (len > LEDGER_TEXT_MAX)
		return error_set(err, ERR_TAMPER, "the text is longer than 64 KiB");
	for (; i + BLOCK <= len; i += BLOCK) {
		unsigned char outside = 0;

		for (size_t k = 0; k < BLOCK; k++)
			outside |= is_outside((unsigned char)bytes[i + k]);
		if (outside)
			break;
	}
	while (i < len && !is_outside((unsigned char)bytes[i]))
		i++;
	if (i == len)
		return 0;
	for (size_t k = 0; k < i; k++)
		at += bytes[k] == '\n';
	return error_set(err, ERR_TAMPER, "line %d of the text: byte %zu of it (0x%02x) is not printable ASCII",
	                 at, i, (unsigned char)bytes[i]);
}

/* That it is the only spelling. */
static int compare_anew(const struct ledger_text *t, const char *bytes, size_t len, struct error *err)
{
	struct error why;
	struct str anew;
	int result = 0, at = 1;
	size_t i = 0;

	str_init(&anew);
	/* For the room: it will be as long. */
	str_add(&anew, bytes, len);
	if (ledger_text_write(t, &anew, &why)) {
		result = error_set(err, ERR_TAMPER, "%s", why.text);
	} else if (anew.len != len || memcmp(anew.data, bytes, len) != 0) {
		for (; i < len && i < anew.len && bytes[i] == anew.data[i]; i++)
			at += bytes[i] == '\n';
		result = error_set(err, ERR_TAMPER,
		                   "line %d of the text is not written as it has to be: byte %zu of the text differs",
		                   at, i);
	}
	str_release(&anew);
	return result;
}

int ledger_text_read(const char *bytes, size_t len, struct arena *mem, struct ledger_text *out,
                     struct error *err)
{
	static const char decision[] = "assay-decision/1\n", record[] = "assay-record/1\n";
	struct reader r = {.p = bytes, .end = bytes + len, .line = 1, .key = "version", .mem = mem, .err = err};

	memset(out, 0, sizeof(*out));
	if (len >= sizeof(decision) - 1 && !memcmp(bytes, decision, sizeof(decision) - 1)) {
		r.p += sizeof(decision) - 1;
		read_decision(&r, out);
	} else if (len >= sizeof(record) - 1 && !memcmp(bytes, record, sizeof(record) - 1)) {
		r.p += sizeof(record) - 1;
		read_record(&r, out);
	} else {
		fail(&r, "the text is of no version that this program knows (assay-decision/1, assay-record/1)");
	}
	return r.failed ? -1 : 0;
}

int ledger_text_parse(const char *bytes, size_t len, struct arena *mem, struct ledger_text *out,
                      struct error *err)
{
	if (check_bytes(bytes, len, err)) {
		memset(out, 0, sizeof(*out));
		return -1;
	}
	return ledger_text_read(bytes, len, mem, out, err) ? -1 : compare_anew(out, bytes, len, err);
}
