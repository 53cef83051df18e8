/*
 * Columns summed up instead of kept: the same profile as of a table, in every bit, while everything is kept; and as
 * one pass, always, however rows were cut into parts.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/data_tally.h"
#include "../../src/data/tally.h"

static char folder[64];

static const char *file_of(const char *name, const char *text, size_t len)
{
	static char path[8][96];
	static unsigned next;
	struct error err;

	snprintf(path[next % 8], sizeof(path[0]), "%s/%s", folder, name);
	if (file_write_atomic(path[next % 8], text, len, 0600, &err) < 0)
		fail_msg("%s", err.text);
	return path[next++ % 8];
}

/* ---- a file with columns of all kinds ---- */

enum { ROWS = 60 };
static const char HEADER[] = "row_id,x,tenth,few,flag,when,day,word,words,gone,whole,edge,weight\n";

static void add_row(struct str *out, struct rng *r, unsigned i)
{
	static const char *const missing[] = {"", "NA", "?"},
	                         *const cats[] = {"north", "south", "overseas", "K\xc3\xb6ln"},
	                         *const truth[] = {"yes", "No", "TRUE", "false"};
	const double x = rng_normal(r) * 3;

	str_addf(out, "%u,", 1000 + i * 3);
	str_addf(out, rng_below(r, 8) ? "%.3f," : "NA,", x);
	str_addf(out, "%.1f,", (double)rng_below(r, 400) / 10);
	str_addf(out, "%u,", (unsigned)rng_below(r, 5));
	str_addf(out, "%s,", rng_below(r, 9) ? truth[rng_below(r, 4)] : missing[rng_below(r, 3)]);
	str_addf(out, "2026-%02u-%02uT%02u:%02u:00Z,", 1 + i / 28 % 12, 1 + i % 28, (unsigned)rng_below(r, 24),
	         (unsigned)rng_below(r, 60));
	str_addf(out, "2025-01-%02u,", 1 + i / 2);
	str_addf(out, "%s,", rng_below(r, 6) ? cats[rng_below(r, 4)] : missing[rng_below(r, 3)]);
	str_addf(out, "\"note %u, of %s\",", (unsigned)rng_below(r, 1000), cats[rng_below(r, 4)]);
	str_adds(out, ",");
	str_addf(out, "%d,", (int)rng_below(r, 2000) - 1000);
	str_addf(out, "%s,", rng_below(r, 10) ? "1e300" : rng_below(r, 2) ? "inf" : "-inf");
	str_addf(out, "%u\n", (unsigned)rng_below(r, 4));
}

struct rows {
	struct str text;
	size_t at[ROWS + 1]; /* where each begins */
};

static void make_rows(struct rows *out, uint64_t seed)
{
	struct rng r;

	rng_init(&r, seed, 1);
	str_init(&out->text);
	for (unsigned i = 0; i < ROWS; i++) {
		out->at[i] = out->text.len;
		add_row(&out->text, &r, i);
	}
	out->at[ROWS] = out->text.len;
}

/* Rows [from, to) as a file. */
static const char *cut(const struct rows *r, size_t from, size_t to, const char *name)
{
	struct str text;
	const char *path;

	str_init(&text);
	str_adds(&text, HEADER);
	str_add(&text, r->text.data + r->at[from], r->at[to] - r->at[from]);
	path = file_of(name, text.data, text.len);
	str_release(&text);
	return path;
}

static void read_as(struct reading *r, const char *weight)
{
	reading_init(r);
	if (weight)
		reading_set(r, "weight", weight, NULL);
}

static struct tally *tally_of(const char *path, const struct profile_options *how)
{
	struct reading r;
	struct table about;
	struct error err;
	struct tally *t;

	read_as(&r, how->weights ? "weight" : NULL);
	t = tally_files(&about, &path, 1, &r, how, &err);
	if (!t)
		fail_msg("%s", err.text);
	reading_release(&r);
	table_release(&about);
	return t;
}

/* What is said of it; frees it. */
static char *said(struct tally *t)
{
	struct profile p;
	struct str json;

	str_init(&json);
	tally_profile(t, &p, NULL);
	profile_json(&p, &json);
	profile_release(&p);
	tally_free(t);
	return str_take(&json);
}

static char *table_says(const char *path, const struct profile_options *how)
{
	struct reading r;
	struct table t;
	struct error err;
	struct profile p;
	struct str json;

	str_init(&json);
	read_as(&r, how->weights ? "weight" : NULL);
	if (table_read(&t, &path, 1, &r, &(struct table_options){.spellings = true}, &err) < 0 ||
	    profile_table(&p, &t, how, &err) < 0)
		fail_msg("%s", err.text);
	profile_json(&p, &json);
	profile_release(&p);
	table_release(&t);
	reading_release(&r);
	return str_take(&json);
}

static void same_text(char *got, char *want, const char *what)
{
	size_t at = 0;

	while (got[at] && got[at] == want[at])
		at++;
	if (got[at] || want[at])
		fail_msg("%s: …%.160s… and not …%.160s…", what, got + (at < 80 ? 0 : at - 80),
		         want + (at < 80 ? 0 : at - 80));
	free(got);
	free(want);
}

/* The least that there is room for: 32 different values a column, and a chunk of a row or two. */
static const struct profile_options LITTLE = {.threads = 2, .memory = 1000},
                                    MUCH = {.threads = 2, .memory = 1 << 26};

/* ---- one pass ---- */

static void test_table(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++)
		for (enum stats_weights kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++) {
			struct profile_options how = MUCH;
			struct rows r;
			const char *path;

			how.weights = kind;
			make_rows(&r, seed);
			path = cut(&r, 0, ROWS, "all.csv");
			same_text(said(tally_of(path, &how)), table_says(path, &how),
			          kind ? kind == 1 ? "frequency" : "sampling" : "table");
			str_release(&r.text);
		}
}

/* Rows that weights stand for, written out. */
static void test_written_out(void **state)
{
	struct profile_options how = MUCH;
	struct rows r, out;
	struct tally *weighted, *plain;
	struct profile a, b;

	(void)state;
	make_rows(&r, 7);
	str_init(&out.text);
	for (size_t i = 0; i < ROWS; i++)
		for (int times = r.text.data[r.at[i + 1] - 2] - '0'; times > 0; times--)
			str_add(&out.text, r.text.data + r.at[i], r.at[i + 1] - r.at[i]);
	out.at[0] = 0;
	out.at[1] = out.text.len;
	plain = tally_of(cut(&out, 0, 1, "out.csv"), &how);
	how.weights = STATS_FREQUENCY;
	weighted = tally_of(cut(&r, 0, ROWS, "weighted.csv"), &how);
	tally_profile(plain, &a, NULL);
	tally_profile(weighted, &b, NULL);
	assert_int_equal(a.rows, b.rows);
	for (size_t i = 1; i < a.column_count; i++) {
		struct str x, y;
		struct profile one = {.rows = 1, .column_count = 1, .columns = &a.columns[i]}, other = one;

		other.columns = &b.columns[i];
		other.columns->roles = 0;
		/* What a column is, rows as they stand say. */
		if (one.columns->type == COLUMN_TEXT || other.columns->type == COLUMN_TEXT)
			one.columns->type = other.columns->type;
		str_init(&x);
		str_init(&y);
		profile_json(&one, &x);
		profile_json(&other, &y);
		same_text(str_take(&x), str_take(&y), a.columns[i].name);
	}
	profile_release(&a);
	profile_release(&b);
	tally_free(plain);
	tally_free(weighted);
	str_release(&r.text);
	str_release(&out.text);
}

/* Memory decides how many different values are kept and nothing else; threads decide nothing. */
static void test_chunks(void **state)
{
	struct rows r;
	const char *path;

	(void)state;
	make_rows(&r, 2);
	path = cut(&r, 0, ROWS, "all.csv");
	for (int threads = 1; threads <= 5; threads += 2) {
		struct profile_options how = LITTLE, more = LITTLE;

		how.threads = threads;
		more.memory = 80000; /* the same room, in other chunks */
		same_text(said(tally_of(path, &how)), said(tally_of(path, &more)), "chunks");
	}
	str_release(&r.text);
}

static void test_bounds(void **state)
{
	struct rows r;
	struct tally *t;
	struct profile p, exact;
	const struct column_profile *c, *x;
	struct str notes;
	const char *path;

	(void)state;
	make_rows(&r, 3);
	path = cut(&r, 0, ROWS, "all.csv");
	str_init(&notes);
	t = tally_of(path, &LITTLE);
	tally_profile(t, &p, &notes);
	tally_free(t);
	t = tally_of(path, &MUCH);
	tally_profile(t, &exact, NULL);
	tally_free(t);
	assert_non_null(strstr(notes.data, "within bounds"));
	c = profile_find(&p, "x");
	x = profile_find(&exact, "x");
	assert_false(c->exact);
	assert_non_null(c->bounds);
	assert_true(x->exact && !x->bounds);
	assert_true(c->mean == x->mean && c->sd == x->sd && c->kurtosis == x->kurtosis && c->lag1 == x->lag1);
	assert_true(c->min == x->min && c->max == x->max && c->sum == x->sum);
	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		assert_true(c->bounds->quantile_low[i] <= x->quantiles[i] &&
		            x->quantiles[i] <= c->bounds->quantile_high[i]);
	assert_true(c->bounds->mad_low <= x->mad && x->mad <= c->bounds->mad_high);
	assert_true(c->bounds->distinct.low <= (double)x->distinct &&
	            (double)x->distinct <= c->bounds->distinct.high);
	/* What rises from row to row is all different, however many there are. */
	c = profile_find(&p, "row_id");
	assert_int_equal(c->type, COLUMN_ID);
	assert_int_equal(c->distinct, ROWS);
	assert_null(profile_find(&p, "few")->bounds);
	profile_release(&p);
	profile_release(&exact);
	str_release(&notes);
	str_release(&r.text);
}

/* ---- parts ---- */

static struct tally *merged(const struct rows *r, const size_t cuts[], size_t parts,
                            const struct profile_options *how)
{
	struct tally *all = NULL;
	struct error err;

	for (size_t i = 0; i < parts; i++) {
		struct tally *t = tally_of(cut(r, cuts[i], cuts[i + 1], "part.csv"), how);

		if (!all) {
			all = t;
			continue;
		}
		if (tally_merge(all, t, &err) < 0)
			fail_msg("%s", err.text);
		tally_free(t);
	}
	return all;
}

static void test_every_split(void **state)
{
	(void)state;
	for (enum stats_weights kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++)
		for (int little = 0; little < 2; little++) {
			struct profile_options how = little ? LITTLE : MUCH;
			struct rows r;

			how.weights = kind;
			make_rows(&r, 11 + kind);
			for (size_t at = 1; at < ROWS; at++)
				same_text(said(merged(&r, (const size_t[]){0, at, ROWS}, 2, &how)),
				          said(tally_of(cut(&r, 0, ROWS, "all.csv"), &how)), "two parts");
			str_release(&r.text);
		}
}

/* Any parts, joined in any grouping. */
static void test_grouping(void **state)
{
	struct error err;

	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		const struct profile_options *how = seed % 2 ? &LITTLE : &MUCH;
		struct rows r;
		struct tally *left, *right;

		make_rows(&r, seed);
		left = merged(&r, (const size_t[]){0, 5, 17}, 2, how);
		right = merged(&r, (const size_t[]){17, 18, 40, ROWS}, 3, how);
		assert_int_equal(tally_merge(left, right, &err), 0);
		tally_free(right);
		same_text(said(left), said(tally_of(cut(&r, 0, ROWS, "all.csv"), how)), "grouped");
		str_release(&r.text);
	}
}

/* Another order of rows changes what looks at it, and nothing else. */
static void test_permuted(void **state)
{
	struct rng g;

	(void)state;
	rng_init(&g, 5, 5);
	for (int little = 0; little < 2; little++) {
		const struct profile_options *how = little ? &LITTLE : &MUCH;
		struct rows r, other;
		uint32_t order[ROWS];
		struct tally *a, *b;
		struct profile p, q;

		make_rows(&r, 21);
		for (uint32_t i = 0; i < ROWS; i++)
			order[i] = i;
		rng_shuffle(&g, order, ROWS);
		str_init(&other.text);
		for (size_t i = 0; i < ROWS; i++)
			str_add(&other.text, r.text.data + r.at[order[i]], r.at[order[i] + 1] - r.at[order[i]]);
		other.at[0] = 0;
		other.at[1] = other.text.len;
		a = tally_of(cut(&r, 0, ROWS, "all.csv"), how);
		b = tally_of(cut(&other, 0, 1, "other.csv"), how);
		tally_profile(a, &p, NULL);
		tally_profile(b, &q, NULL);
		for (size_t i = 0; i < p.column_count; i++) {
			struct str x, y;
			struct profile one = {.rows = 1, .column_count = 1, .columns = &p.columns[i]}, two = one;

			two.columns = &q.columns[i];
			two.columns->lag1 = one.columns->lag1;
			if (one.columns->time) {
				assert_true(!two.columns->time->rising);
				((struct time_facts *)(uintptr_t)two.columns->time)->rising = one.columns->time->rising;
			}
			/* Only where the numbers rose is it certain how many there are. */
			if (little && !strcmp(one.columns->name, "row_id"))
				continue;
			str_init(&x);
			str_init(&y);
			profile_json(&one, &x);
			profile_json(&two, &y);
			same_text(str_take(&x), str_take(&y), p.columns[i].name);
		}
		profile_release(&p);
		profile_release(&q);
		tally_free(a);
		tally_free(b);
		str_release(&r.text);
		str_release(&other.text);
	}
}

/* Of two sizes of room the smaller one holds. */
static void test_rooms(void **state)
{
	struct profile_options wide = {.threads = 1, .memory = 48 * 2 * 96 * 13};
	struct error err;
	struct rows r;

	(void)state;
	make_rows(&r, 31);
	for (int swap = 0; swap < 2; swap++) {
		struct tally *a = tally_of(cut(&r, 0, 50, "a.csv"), swap ? &wide : &LITTLE);
		struct tally *b = tally_of(cut(&r, 50, ROWS, "b.csv"), swap ? &LITTLE : &wide);

		assert_int_equal(a->room, swap ? 48 : 32);
		assert_int_equal(tally_merge(a, b, &err), 0);
		tally_free(b);
		same_text(said(a), said(tally_of(cut(&r, 0, ROWS, "all.csv"), &LITTLE)), "rooms");
	}
	str_release(&r.text);
}

static struct tally *text_tally(const char *text, const char *option, const char *value)
{
	const char *path = file_of("text.csv", text, strlen(text));
	struct reading r;
	struct table about;
	struct error err;
	struct tally *t;

	reading_init(&r);
	if (option && reading_set(&r, option, value, &err) < 0)
		fail_msg("%s", err.text);
	t = tally_files(&about, &path, 1, &r, &MUCH, &err);
	if (!t)
		fail_msg("%s", err.text);
	reading_release(&r);
	table_release(&about);
	return t;
}

static void written(const struct tally *t, struct str *out)
{
	str_init(out);
	tally_write(t, out);
}

static void refused(struct tally *to, struct tally *next, const char *why)
{
	struct str before, after;
	struct error err;

	written(to, &before);
	assert_int_equal(tally_merge(to, next, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" says nothing of %s", err.text, why);
	written(to, &after);
	assert_string_equal(before.data, after.data);
	str_release(&before);
	str_release(&after);
	tally_free(to);
	tally_free(next);
}

static void test_refused(void **state)
{
	struct rows r;
	struct profile_options weighted = MUCH;

	(void)state;
	refused(text_tally("a,b\n1,2\n", NULL, NULL), text_tally("a,c\n1,2\n", NULL, NULL), "\"b\"");
	refused(text_tally("a,b\n1,2\n", NULL, NULL), text_tally("a\n1\n", NULL, NULL), "2 columns");
	refused(text_tally("a,b\n1,2\n", NULL, NULL), text_tally("a,b\n1,x\n", NULL, NULL), "--type 'b=cat'");
	refused(text_tally("a,b\n1,2026-01-01\n", NULL, NULL), text_tally("a,b\n1,x\n", NULL, NULL), "times");
	refused(text_tally("a,b\n1,2\n", "type", "b=cat"), text_tally("a,b\n1,2\n", NULL, NULL),
	        "--type 'b=cat'");
	refused(text_tally("a,b\n1,2\n", "label", "b"), text_tally("a,b\n1,2\n", NULL, NULL), "role");
	refused(text_tally("a,b\n1,2\n", "missing", "x"), text_tally("a,b\n1,2\n", NULL, NULL), "--missing");
	make_rows(&r, 1);
	weighted.weights = STATS_FREQUENCY;
	/* The role alone differs before the weights do. */
	refused(tally_of(cut(&r, 0, 9, "a.csv"), &weighted), tally_of(cut(&r, 0, 9, "b.csv"), &MUCH), "weight");
	str_release(&r.text);
}

/* A column without any value goes with everything. */
static void test_nothing(void **state)
{
	static const char *const kinds[] = {"1\n2\n2.5\n",   "x\ny\nx\n",
	                                    "yes\nno\nNA\n", "2026-01-01\n2026-01-03\nNA\n",
	                                    "007\n012\n1\n", "\xff\n\xfe\xc3\nz\n"};
	struct error err;

	(void)state;
	for (size_t k = 0; k < COUNT_OF(kinds); k++)
		for (int order = 0; order < 2; order++) {
			const char *nothing = "NA\n\nNA\n";
			char *all = xasprintf("v,w\n"), *empty = xasprintf("v,w\n"), *full = xasprintf("v,w\n");
			const char *const parts[] = {order ? nothing : kinds[k], order ? kinds[k] : nothing};
			char **const to[] = {&all, order ? &empty : &full, order ? &full : &empty};
			struct tally *a, *b;

			for (int part = 0; part < 2; part++)
				for (const char *p = parts[part]; *p; p += strcspn(p, "\n") + 1)
					for (int file = 0; file < 3; file++) {
						char *more;

						if (file != 0 && file != part + 1)
							continue;
						more = xasprintf("%s%.*s,1\n", *to[file], (int)strcspn(p, "\n"), p);
						free(*to[file]);
						*to[file] = more;
					}
			a = text_tally(*to[1], NULL, NULL);
			b = text_tally(*to[2], NULL, NULL);
			if (tally_merge(a, b, &err) < 0)
				fail_msg("%s", err.text);
			tally_free(b);
			same_text(said(a), said(text_tally(all, NULL, NULL)), kinds[k]);
			free(all);
			free(empty);
			free(full);
		}
}

/* ---- text ---- */

static void test_round(void **state)
{
	struct error err;

	(void)state;
	for (enum stats_weights kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++)
		for (int little = 0; little < 2; little++) {
			struct profile_options how = little ? LITTLE : MUCH;
			struct rows r;
			struct str text, again;
			struct tally *t, *back;

			how.weights = kind;
			make_rows(&r, 41);
			t = tally_of(cut(&r, 0, ROWS, "all.csv"), &how);
			written(t, &text);
			back = tally_parse("part", text.data, text.len, &err);
			if (!back)
				fail_msg("%s", err.text);
			written(back, &again);
			assert_string_equal(again.data, text.data);
			/* And it goes on as what it was. */
			assert_int_equal(tally_merge(back, t, &err), 0);
			assert_int_equal(tally_merge(t, back, &err), 0);
			assert_int_equal(back->rows * 3, t->rows * 2);
			tally_free(t);
			tally_free(back);
			str_release(&text);
			str_release(&again);
			str_release(&r.text);
		}
}

static void test_bytes(void **state)
{
	struct tally *t = text_tally("n\xc3\xa4me,\xff\xfe\nA\xff,1\n\xc3,2\n", "encoding", "utf-8"), *back;
	struct str text;
	struct error err;

	(void)state;
	written(t, &text);
	back = tally_parse("part", text.data, text.len, &err);
	if (!back)
		fail_msg("%s", err.text);
	assert_string_equal(back->columns[1].name, "\xff\xfe");
	same_text(said(back), said(t), "bytes");
	str_release(&text);
}

static void bad_part(const char *text, size_t len, const char *why)
{
	struct error err;
	struct tally *t = tally_parse("some.part", text, len, &err);

	if (t)
		fail_msg("it was taken: %s", why);
	assert_int_equal(err.code, ERR_USAGE);
	if (strncmp(err.text, "some.part", 9) != 0 || !strstr(err.text, why))
		fail_msg("\"%s\" is not of some.part or says nothing of: %s", err.text, why);
}

/* What is damaged is refused with its line, or is a part of some other data: it is never the end of the program. */
static void test_hostile(void **state)
{
	struct rows r;
	struct tally *t;
	struct str text, damaged;
	struct rng g;
	size_t taken = 0;

	(void)state;
	bad_part("", 0, "empty");
	bad_part("{}\n", 3, "line 1: this is no part");
	bad_part("[1]\n", 4, "line 1");
	bad_part("{\"assay\":\"part\",\"version\":9}\n", 29, "another version");
	make_rows(&r, 51);
	t = tally_of(cut(&r, 0, 12, "all.csv"), &LITTLE);
	written(t, &text);
	tally_free(t);
	bad_part(text.data, text.len - 1, "cut off");
	bad_part(text.data, (size_t)(strchr(text.data, '\n') - text.data) + 1, "cut off");
	str_init(&damaged);
	str_add(&damaged, text.data, text.len);
	str_adds(&damaged, "{}\n");
	bad_part(damaged.data, damaged.len, "more lines than columns");
	rng_init(&g, 9, 9);
	for (int i = 0; i < 20000; i++) {
		struct error err;

		str_clear(&damaged);
		str_add(&damaged, text.data, text.len);
		for (uint64_t k = rng_below(&g, 3); k < 3; k++) {
			size_t at = (size_t)rng_below(&g, damaged.len);

			damaged.data[at] =
			    rng_below(&g, 4) ? text.data[rng_below(&g, text.len)] : (char)rng_below(&g, 256);
		}
		t = tally_parse("damaged", damaged.data, damaged.len, &err);
		if (!t)
			continue;
		taken++;
		free(said(t));
	}
	assert_true(taken < 20000);
	str_release(&damaged);
	str_release(&text);
	str_release(&r.text);
}

/* ---- files ---- */

/* A table as long as it fits; then the tally takes over what is there. */
static void test_taken_over(void **state)
{
	struct rows r;
	const char *path;
	struct reading reading;
	struct error err;
	size_t tallies = 0;

	(void)state;
	make_rows(&r, 61);
	reading_init(&reading);
	path = cut(&r, 0, ROWS, "all.csv");
	for (uint64_t memory = 2000; memory < 1 << 22; memory *= 2) {
		struct table about;
		struct tally *t;
		struct profile_options how = {.threads = 2, .memory = 1 << 26};

		if (tally_read(&t, &about, &path, 1, &reading, &how, memory, true, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(about.row_count, ROWS);
		assert_int_equal(about.files[0].rows, ROWS);
		assert_int_equal(about.columns[2].values == NULL && about.columns[2].packed == NULL, t != NULL);
		tallies += t != NULL;
		if (t && t->room > ROWS)
			same_text(said(t), said(tally_of(path, &how)), "taken over");
		else
			tally_free(t);
		table_release(&about);
	}
	assert_true(tallies > 0);
	reading_release(&reading);
	str_release(&r.text);
}

static void refuses(const char *text, const char *const options[], const char *why)
{
	const char *path = file_of("text.csv", text, strlen(text));
	struct reading r;
	struct table about;
	struct profile p;
	struct error err;
	struct profile_options how = MUCH;

	reading_init(&r);
	for (; options[0]; options += 2)
		if (!strcmp(options[0], "weights"))
			how.weights = (enum stats_weights)(options[1][0] - '0');
		else if (reading_set(&r, options[0], options[1], &err) < 0)
			fail_msg("%s", err.text);
	if (profile_files(&p, &about, &path, 1, &r, &how, &err) == 0)
		fail_msg("it was taken: %s", why);
	assert_int_equal(err.code, ERR_USAGE);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" says nothing of %s", err.text, why);
	reading_release(&r);
}

static void test_roles(void **state)
{
	(void)state;
	refuses("a,w\n1,1\n2,-1\n", (const char *const[]){"weight", "w", NULL}, "row 2 is negative");
	refuses("a,w\n1,1\n2,NA\n", (const char *const[]){"weight", "w", "weights", "2", NULL},
	        "row 2 is missing");
	refuses("a,w\n1,1\n2,1.5\n", (const char *const[]){"weight", "w", "weights", "1", NULL},
	        "row 2 is no whole");
	refuses("a,w\n1,1\n2,x\n", (const char *const[]){"weight", "w", "weights", "1", NULL},
	        "does not hold numbers");
	refuses("a,w\n1,yes\n2,no\n", (const char *const[]){"weight", "w", "weights", "1", NULL},
	        "does not hold numbers");
	refuses("a,w\n1,1\n", (const char *const[]){"weights", "1", NULL}, "--weight");
	refuses("a,y\n1,u\n2,v\n", (const char *const[]){"label", "y", "positive", "w", NULL},
	        "'w' never occurs");
	refuses("a,y\n1,0\n2,1\n", (const char *const[]){"label", "y", "positive", "7", NULL},
	        "'7' never occurs");
	refuses("a,y\n1,0\n2,x\n", (const char *const[]){"time", "y", NULL}, "is the time");
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/assay-tally-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"all.csv",  "part.csv", "a.csv",     "b.csv",
	                                    "text.csv", "out.csv",  "other.csv", "weighted.csv"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *path = xasprintf("%s/%s", folder, names[i]);

		unlink(path);
		free(path);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),    cmocka_unit_test(test_written_out), cmocka_unit_test(test_chunks),
	    cmocka_unit_test(test_bounds),   cmocka_unit_test(test_every_split), cmocka_unit_test(test_grouping),
	    cmocka_unit_test(test_permuted), cmocka_unit_test(test_rooms),       cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_nothing),  cmocka_unit_test(test_round),       cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_hostile),  cmocka_unit_test(test_taken_over),  cmocka_unit_test(test_roles),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
