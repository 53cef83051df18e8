/* The texts that are signed: what the kinds are called and must say, and writing them. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "internal.h"

static const struct {
	const char *name;
	bool decision;
	unsigned needs;
} kinds[LEDGER_KINDS] = {
#define ABOUT_STAGE   (NEED_MODEL | NEED_STAGE)
#define ABOUT_VERSION (ABOUT_STAGE | NEED_VERSION | NEED_SUBJECT)
    [LEDGER_APPROVE] = {"approve", true, NEED_SIGNER | ABOUT_VERSION | NEED_TARGET},
    [LEDGER_REJECT] = {"reject", true, NEED_SIGNER | ABOUT_VERSION | NEED_TARGET | NEED_REASON},
    [LEDGER_REVOKE] = {"revoke", true, NEED_SIGNER | NEED_TARGET},
    [LEDGER_WAIVE] = {"waive", true, NEED_SIGNER | ABOUT_VERSION | NEED_TARGET | NEED_REASON},
    [LEDGER_PROPOSE] = {"propose", true, NEED_SIGNER | ABOUT_VERSION},
    [LEDGER_PROMOTE] = {"promote", true, NEED_SIGNER | ABOUT_VERSION | NEED_TARGET},
    [LEDGER_ROLLBACK] = {"rollback", true, NEED_SIGNER | ABOUT_VERSION | NEED_TARGET},
    [LEDGER_HALT] = {"halt", true, ABOUT_STAGE},
    [LEDGER_RESUME] = {"resume", true, NEED_SIGNER | ABOUT_STAGE | NEED_TARGET},
    [LEDGER_BREAK_GLASS] = {"break-glass", true, NEED_SIGNER | ABOUT_VERSION | NEED_REASON},
    [LEDGER_RETRO_REVIEW] = {"retro-review", true, NEED_SIGNER | NEED_TARGET},
    [LEDGER_POLICY] = {"policy", true, NEED_SIGNER | NEED_SUBJECT},
    [LEDGER_ROSTER] = {"roster", true, NEED_SIGNER | NEED_SUBJECT},
    [LEDGER_CHECKPOINT] = {"checkpoint", true, NEED_SIGNER},
    [LEDGER_GATE_RESULTS] = {"gate-results", false, NEED_PROGRAM | ABOUT_VERSION},
    [LEDGER_RUN_SEALS] = {"run-seals", false, NEED_PROGRAM},
    [LEDGER_REGISTRATION] = {"registration", false, NEED_PROGRAM | NEED_MODEL | NEED_VERSION | NEED_SUBJECT},
    [LEDGER_GENESIS] = {"genesis", false, NEED_PROGRAM},
};

const char *ledger_kind_name(enum ledger_kind kind)
{
	return kinds[kind].name;
}

bool ledger_kind_parse(const char *name, enum ledger_kind *kind)
{
	for (int i = 0; i < LEDGER_KINDS; i++) {
		if (!strcmp(name, kinds[i].name)) {
			*kind = (enum ledger_kind)i;
			return true;
		}
	}
	return false;
}

bool ledger_kind_is_decision(enum ledger_kind kind)
{
	return kinds[kind].decision;
}

static unsigned ledger_kind_needs(enum ledger_kind kind)
{
	return kinds[kind].needs;
}

bool ledger_text_is_unsigned(const struct ledger_text *t)
{
	return !ledger_kind_is_decision(t->kind) || (t->kind == LEDGER_HALT && !t->signer);
}

const char *gate_result_name(enum gate_result result)
{
	static const char *const names[] = {"pass", "fail", "undecided", "missing"};

	return names[result];
}

bool digest_is_valid(const char *hex, size_t len)
{
	const unsigned char *c = (const unsigned char *)hex;
	unsigned char other = 0;

	if (len != SHA256_TEXT - 1)
		return false;
	/* Without a branch, so that the compiler takes many at once. */
	for (size_t i = 0; i < SHA256_TEXT - 1; i++)
		other |= (unsigned char)((unsigned char)(c[i] - '0') > 9) &
		         (unsigned char)((unsigned char)(c[i] - 'a') > 5);
	return !other;
}

/* ---- values ---- */

/* May it stand as it is? */
static bool stands_as_it_is(unsigned char c, bool word)
{
	if (word)
		return c > ' ' && c < 0x7F && c != '%';
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("._~/:,;()+=-", c));
}

void text_encode(struct str *out, const char *text, bool word)
{
	static const char hex[] = "0123456789ABCDEF";
	/* The first byte is enough to tell it from nothing. */
	bool escape_first = !strcmp(text, "none");
	const char *p = text;

	while (*p) {
		const char *plain = p;

		while (!escape_first && stands_as_it_is((unsigned char)*p, word))
			p++;
		str_add(out, plain, (size_t)(p - plain));
		escape_first = false;
		if (*p) {
			unsigned char c = (unsigned char)*p++;
			char escaped[3] = {'%', hex[c >> 4], hex[c & 15]};

			str_add(out, escaped, sizeof(escaped));
		}
	}
}

static const char *text_time(int64_t ms, char out[TIME_TEXT])
{
	time_rfc3339(ms, out);
	if (ms % 1000 == 0)
		memcpy(strchr(out, '.'), "Z", 2);
	return out;
}

/* ---- lines ---- */

struct writer {
	struct str *out;
	struct error *err;
	bool failed;
};

static void refuse(struct writer *w, const char *key, const char *why)
{
	if (!w->failed)
		error_set(w->err, ERR_USAGE, "this cannot be said in a text of the ledger: %s %s", key, why);
	w->failed = true;
}

static void add_text(struct writer *w, const char *key, const char *text, bool word)
{
	if (!text)
		str_adds(w->out, "none");
	else if (!*text)
		refuse(w, key, "is empty");
	else if (!text_is_plain(text, strlen(text)))
		refuse(w, key,
		       "holds a control character, a line end, a character that hides or reorders others, or "
		       "bytes that are not UTF-8");
	else
		text_encode(w->out, text, word);
}

/* A word that stands among others: none is no answer. */
static void add_word(struct writer *w, const char *key, const char *text)
{
	if (!text)
		refuse(w, key, "lacks a word");
	else
		add_text(w, key, text, true);
}

static void add_digest(struct writer *w, const char *key, const char *hex)
{
	if (!*hex) {
		str_adds(w->out, "none");
	} else if (!digest_is_valid(hex, strnlen(hex, SHA256_TEXT))) {
		refuse(w, key, "is not a SHA-256 digest");
	} else {
		str_adds(w->out, "sha256:");
		str_add(w->out, hex, SHA256_TEXT - 1);
	}
}

static void need_digest(struct writer *w, const char *key, const char *hex)
{
	if (!*hex)
		refuse(w, key, "lacks its digest");
	else
		add_digest(w, key, hex);
}

static void add_id(struct writer *w, const char *key, const char *id)
{
	if (memchr(id, '\0', ID_TEXT) == NULL || !id_is_valid(id))
		refuse(w, key, "is not an id of 32 hexadecimal digits");
	else
		str_adds(w->out, id);
}

static void add_count(struct writer *w, const char *key, int64_t n)
{
	if (n < 0)
		refuse(w, key, "is negative");
	else if (n)
		str_addf(w->out, "%" PRId64, n);
	else
		str_adds(w->out, "none");
}

static void add_number(struct writer *w, double value)
{
	char text[NUM_TEXT];

	str_adds(w->out, isnan(value) ? "-" : num_shortest(value, text));
}

static void add_time(struct writer *w, const char *key, int64_t ms)
{
	char text[TIME_TEXT];

	if (ms < 0 || ms > TEXT_TIME_MAX)
		refuse(w, key, "is out of range");
	else
		str_adds(w->out, ms ? text_time(ms, text) : "none");
}

static void begin(struct writer *w, const char *key)
{
	str_adds(w->out, key);
	str_addc(w->out, ' ');
}

static void end(struct writer *w)
{
	str_addc(w->out, '\n');
}

static void text_line(struct writer *w, const char *key, const char *text, bool word)
{
	begin(w, key);
	add_text(w, key, text, word);
	end(w);
}

static void digest_line(struct writer *w, const char *key, const char *hex)
{
	begin(w, key);
	add_digest(w, key, hex);
	end(w);
}

static void count_line(struct writer *w, const char *key, int64_t n)
{
	begin(w, key);
	add_count(w, key, n);
	end(w);
}

static void time_line(struct writer *w, const char *key, int64_t ms)
{
	begin(w, key);
	add_time(w, key, ms);
	end(w);
}

static void id_line(struct writer *w, const char *key, const char *id)
{
	begin(w, key);
	add_id(w, key, id);
	end(w);
}

/* ---- lines that repeat ---- */

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Puts the lines behind `from` in order. */
static void sort_lines(struct str *out, size_t from, size_t count)
{
	char *text = xmemdup0(out->data + from, out->len - from), *p = text,
	     **lines = xcalloc(count, sizeof(*lines));

	for (size_t i = 0; i < count; i++) {
		lines[i] = p;
		p = strchr(p, '\n');
		*p++ = '\0';
	}
	qsort(lines, count, sizeof(*lines), by_bytes);
	str_cut(out, from);
	for (size_t i = 0; i < count; i++) {
		str_adds(out, lines[i]);
		str_addc(out, '\n');
	}
	free(lines);
	free(text);
}

/* Of two lines that follow one another, ends included: have they the same first `unique` words, or all of
 * them if it is 0? */
static bool same_line(const char *a, const char *b, int unique)
{
	size_t same = 0;

	for (int n = 0; n < unique; n++)
		same += strcspn(b + same, " \n") + 1;
	return !strncmp(a, b, unique ? same : strcspn(b, "\n") + 1);
}

/* Writes each item by `one`; the lines come out in order. No two may begin with the same `unique` words. */
static void repeat(struct writer *w, const char *key, const void *items, size_t count, size_t size,
                   int unique, void (*one)(struct writer *, const void *))
{
	size_t from = w->out->len, last = from;
	bool sorted = true;

	if (!count)
		text_line(w, key, NULL, true);
	for (size_t i = 0; i < count; i++) {
		size_t at = w->out->len;

		begin(w, key);
		one(w, (const char *)items + i * size);
		end(w);
		sorted = sorted && (!i || strcmp(w->out->data + last, w->out->data + at) < 0);
		last = at;
	}
	if (!sorted)
		sort_lines(w->out, from, count);
	for (const char *p = w->out->data + from, *next; count > 1; p = next, count--) {
		next = strchr(p, '\n') + 1;
		if (same_line(p, next, unique))
			refuse(w, key, "says the same thing twice");
	}
}

static void one_data(struct writer *w, const void *item)
{
	const struct ledger_data *d = item;

	add_word(w, "data", d->role);
	str_addc(w->out, ' ');
	add_word(w, "data", d->name);
	str_addc(w->out, ' ');
	need_digest(w, "data", d->digest);
}

static void one_evidence(struct writer *w, const void *item)
{
	const struct ledger_evidence *e = item;

	add_word(w, "evidence", e->kind);
	str_addc(w->out, ' ');
	need_digest(w, "evidence", e->digest);
}

static void one_gate(struct writer *w, const void *item)
{
	const struct ledger_gate *g = item;

	add_word(w, "gate", g->id);
	str_adds(w->out, " rule ");
	add_word(w, "gate", g->rule);
	str_adds(w->out, " measured ");
	add_number(w, g->measured);
	str_adds(w->out, " low ");
	add_number(w, g->low);
	str_adds(w->out, " high ");
	add_number(w, g->high);
	str_adds(w->out, " level ");
	add_number(w, g->level);
	str_adds(w->out, " result ");
	str_adds(w->out, gate_result_name(g->result));
	str_adds(w->out, " settings ");
	add_digest(w, "gate", g->settings);
	if (!*g->rules)
		return;
	str_adds(w->out, " rules ");
	add_digest(w, "gate", g->rules);
	str_adds(w->out, " dated ");
	if (!g->dated)
		refuse(w, "gate", "has rules without a date");
	add_time(w, "gate", g->dated);
}

static void one_waiver(struct writer *w, const void *item)
{
	const struct ledger_waiver *v = item;

	add_word(w, "waiver", v->gate);
	str_adds(w->out, " bound ");
	add_number(w, v->bound);
	str_adds(w->out, " until ");
	if (!v->until)
		refuse(w, "waiver", "has no end");
	add_time(w, "waiver", v->until);
	str_adds(w->out, " signer ");
	add_word(w, "waiver", v->signer);
	str_adds(w->out, " row ");
	add_count(w, "waiver", v->row);
}

static void one_seal(struct writer *w, const void *item)
{
	const struct ledger_seal *s = item;

	add_id(w, "seal", s->run);
	str_addc(w->out, ' ');
	need_digest(w, "seal", s->digest);
}

/* ---- the texts ---- */

static void shared_lines(struct writer *w, const struct ledger_text *t)
{
	text_line(w, "model", t->model, true);
	count_line(w, "version", t->version);
	text_line(w, "stage", t->stage, true);
	digest_line(w, "subject", t->subject);
}

static void data_and_evidence(struct writer *w, const struct ledger_text *t)
{
	repeat(w, "data", t->data, t->data_count, sizeof(*t->data), 0, one_data);
	repeat(w, "evidence", t->evidence, t->evidence_count, sizeof(*t->evidence), 0, one_evidence);
}

static void gates(struct writer *w, const struct ledger_text *t)
{
	repeat(w, "gate", t->gates, t->gate_count, sizeof(*t->gates), 2, one_gate);
}

static void closing_lines(struct writer *w, const struct ledger_text *t)
{
	id_line(w, "request", t->request);
	str_adds(w->out, "end\n");
}

static void manifest_line(struct writer *w, const struct ledger_text *t)
{
	begin(w, "manifest");
	if (t->manifest_files < 0 || t->manifest_bytes < 0 || (!t->manifest_files && t->manifest_bytes))
		refuse(w, "manifest", "counts what cannot be");
	if (t->manifest_files > 0)
		str_addf(w->out, "files %" PRId64 " bytes %" PRId64, t->manifest_files, t->manifest_bytes);
	else
		str_adds(w->out, "none");
	end(w);
}

static void run_line(struct writer *w, const struct ledger_text *t)
{
	begin(w, "run");
	if (*t->run) {
		add_id(w, "run", t->run);
		str_adds(w->out, " seal ");
		add_digest(w, "run", t->run_seal);
	} else {
		str_adds(w->out, "none");
		if (*t->run_seal)
			refuse(w, "run", "has a seal but no id");
	}
	end(w);
}

static void code_line(struct writer *w, const struct ledger_text *t)
{
	size_t len = strnlen(t->code_commit, SHA256_TEXT);

	begin(w, "code");
	if (!len) {
		str_adds(w->out, "none");
		if (*t->code_diff)
			refuse(w, "code", "has changes to no commit");
	} else if ((len != 40 && len != 64) || strspn(t->code_commit, "0123456789abcdef") != len) {
		refuse(w, "code", "is not a commit of 40 or 64 hexadecimal digits");
	} else {
		str_addf(w->out, "git:%s %s", t->code_commit, *t->code_diff ? "dirty " : "clean");
		if (*t->code_diff)
			add_digest(w, "code", t->code_diff);
	}
	end(w);
}

static void baseline_line(struct writer *w, const struct ledger_text *t)
{
	begin(w, "baseline");
	if (t->baseline_version > 0) {
		str_addf(w->out, "version %" PRId64 " subject ", t->baseline_version);
		need_digest(w, "baseline", t->baseline_subject);
	} else {
		str_adds(w->out, "none");
		if (t->baseline_version || *t->baseline_subject)
			refuse(w, "baseline", "has no version");
	}
	end(w);
}

static void write_decision(struct writer *w, const struct ledger_text *t)
{
	str_adds(w->out, "assay-decision/1\n");
	id_line(w, "store", t->store);
	begin(w, "seen");
	if (t->seen_seq < 1)
		refuse(w, "seen", "is not a row");
	str_addf(w->out, "%" PRId64 " ", t->seen_seq);
	need_digest(w, "seen", t->seen_head);
	end(w);
	digest_line(w, "policy", t->policy);
	digest_line(w, "roster", t->roster);
	text_line(w, "kind", ledger_kind_name(t->kind), true);
	text_line(w, "meaning", t->meaning, false);
	text_line(w, "signer", t->signer, true);
	text_line(w, "name", t->name, false);
	text_line(w, "role", t->role, true);
	shared_lines(w, t);
	manifest_line(w, t);
	run_line(w, t);
	code_line(w, t);
	digest_line(w, "env", t->env);
	data_and_evidence(w, t);
	baseline_line(w, t);
	gates(w, t);
	repeat(w, "waiver", t->waivers, t->waiver_count, sizeof(*t->waivers), 0, one_waiver);
	count_line(w, "target", t->target);
	text_line(w, "reason", t->reason, false);
	time_line(w, "claimed-time", t->claimed_time);
	time_line(w, "expires", t->expires);
	closing_lines(w, t);
}

static void write_record(struct writer *w, const struct ledger_text *t)
{
	str_adds(w->out, "assay-record/1\n");
	id_line(w, "store", t->store);
	text_line(w, "kind", ledger_kind_name(t->kind), true);
	text_line(w, "program", t->program, true);
	shared_lines(w, t);
	repeat(w, "seal", t->seals, t->seal_count, sizeof(*t->seals), 2, one_seal);
	data_and_evidence(w, t);
	gates(w, t);
	time_line(w, "claimed-time", t->claimed_time);
	closing_lines(w, t);
}

static void check_needs(struct writer *w, const struct ledger_text *t)
{
	unsigned needs = ledger_kind_needs(t->kind);
	char why[64];
	const struct {
		unsigned need;
		const char *key;
		bool there;
	} keys[] = {
	    {NEED_SIGNER, "signer", t->signer != NULL},     {NEED_SIGNER, "name", t->name != NULL},
	    {NEED_SIGNER, "role", t->role != NULL},         {NEED_SIGNER, "meaning", t->meaning != NULL},
	    {NEED_SIGNER, "policy", *t->policy != '\0'},    {NEED_MODEL, "model", t->model != NULL},
	    {NEED_VERSION, "version", t->version > 0},      {NEED_STAGE, "stage", t->stage != NULL},
	    {NEED_SUBJECT, "subject", *t->subject != '\0'}, {NEED_TARGET, "target", t->target > 0},
	    {NEED_REASON, "reason", t->reason != NULL},     {NEED_PROGRAM, "program", t->program != NULL},
	};

	/* A halt with a signer is signed like everything else. */
	if (t->kind == LEDGER_HALT && t->signer)
		needs |= NEED_SIGNER;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if ((needs & keys[i].need) && !keys[i].there) {
			snprintf(why, sizeof(why), "is missing, which every row of kind %s has",
			         ledger_kind_name(t->kind));
			refuse(w, keys[i].key, why);
		}
	}
	if (!t->claimed_time)
		refuse(w, "claimed-time", "is missing");
}

int ledger_text_write(const struct ledger_text *t, struct str *out, struct error *err)
{
	struct writer w = {out, err, false};

	str_clear(out);
	if ((unsigned)t->kind >= LEDGER_KINDS)
		bug("a text of kind %d", (int)t->kind);
	check_needs(&w, t);
	if (ledger_kind_is_decision(t->kind))
		write_decision(&w, t);
	else
		write_record(&w, t);
	if (out->len > LEDGER_TEXT_MAX && !w.failed)
		refuse(&w, "the text",
		       "is longer than 64 KiB: fewer gates, less evidence or a shorter reason would do");
	return w.failed ? -1 : 0;
}
