/*
 * What the order of rows, names of rows and time tell of the label: against scipy, sklearn and statsmodels
 * (tests/oracle/trails.json), what is caught, and how often shuffled rows raise a false alarm.
 *
 *     LONG=1 build/tests/unit/test_data_trails       100,000 shuffled tables of each kind
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/data_relation.h"

static void read_table(struct table *t, const char *text, const char *ids)
{
	struct reading r;
	struct error err;

	reading_init(&r);
	if ((ids && reading_set(&r, "id", ids, &err) < 0) ||
	    table_read_bytes(t, "in", text, strlen(text), &r, &(struct table_options){.threads = 1}, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void relate(struct relations *r, const struct table *t, const char *label, const char *positive)
{
	struct error err;

	if (relations_table(r, t, &(struct relation_options){.label = label, .positive = positive, .threads = 1},
	                    &err) < 0)
		fail_msg("%s", err.text);
}

/* ---- the oracle ---- */

static void trail_is_as(struct json_object *want, const struct relations *r, const struct relation_trail *got)
{
	const char *what = oracle_text(want, "what");

	assert_string_equal(relation_trail_name(got->kind), what);
	assert_string_equal(r->names[got->with.a],
	                    got->kind == TRAIL_ORDER ? "row order" : oracle_text(want, "a"));
	assert_int_equal(got->with.n, (long)oracle_num(want, "n"));
	oracle_near(got->p, oracle_num(want, "order_p"), 1e-9, what);
	oracle_near_relative(got->p, oracle_num(want, "order_p"), 1e-6, what);
	if (json_object_object_get(want, "auc")) {
		oracle_near(got->with.auc.value, oracle_num(want, "auc"), 1e-9, what);
		oracle_near(got->with.auc.low, oracle_num(want, "auc_low"), 1e-9, what);
		oracle_near(got->with.auc.high, oracle_num(want, "auc_high"), 1e-9, what);
	} else {
		assert_true(isnan(got->with.auc.value));
	}
	if (json_object_object_get(want, "strength"))
		oracle_near(got->with.strength, oracle_num(want, "strength"), 1e-9, what);
	if (json_object_object_get(want, "spearman"))
		oracle_near(got->with.spearman.r, oracle_num(want, "spearman"), 1e-9, what);
	assert_true(!got->leaks);
}

static void over_time_is_as(struct json_object *want, const struct relation_time *got)
{
	struct json_object *periods = oracle_get(want, "periods");

	assert_int_equal(got->rows, (long)oracle_num(want, "rows"));
	assert_int_equal(got->positive, (long)oracle_num(want, "positive"));
	assert_int_equal(got->association.rows, (long)oracle_num(want, "compared"));
	oracle_near_relative(got->association.chi2, oracle_num(want, "chi2"), 1e-9, "chi2");
	assert_true(got->association.df == oracle_num(want, "df"));
	oracle_near(got->association.p, oracle_num(want, "p"), 1e-9, "p");
	oracle_near(got->association.v, oracle_num(want, "v"), 1e-9, "v");
	assert_int_equal(json_object_array_length(periods), got->period_count);
	for (size_t i = 0; i < got->period_count; i++) {
		struct json_object *o = json_object_array_get_idx(periods, i);
		const struct relation_period *p = &got->periods[i];

		assert_string_equal(p->name, oracle_text(o, "name"));
		assert_int_equal(p->rows, (long)oracle_num(o, "rows"));
		assert_int_equal(p->positive, (long)oracle_num(o, "positive"));
		oracle_near(p->low, oracle_num(o, "low"), 1e-9, p->name);
		oracle_near(p->high, oracle_num(o, "high"), 1e-9, p->name);
	}
}

static void reference_functions(void **state)
{
	static const char *const labels[] = {"y", "kind", "amount"};
	/* In the order of the trails: what was made so. */
	static const bool tells[][3] = {{true, false, true}, {true, false, false}, {true, false, false}};
	struct json_object *oracle = oracle_open("tests/oracle/trails.json");
	struct table t;

	(void)state;
	read_table(&t, oracle_text(oracle, "csv"), "ref");
	for (size_t k = 0; k < COUNT_OF(labels); k++) {
		struct json_object *list = oracle_get(oracle_get(oracle, "trails"), labels[k]);
		struct relations r;

		relate(&r, &t, labels[k], k ? NULL : "good");
		assert_int_equal(r.trail_count, 3);
		assert_int_equal(r.time_count, k ? 0 : 1);
		for (size_t i = 0; i < 3; i++) {
			trail_is_as(json_object_array_get_idx(list, i), &r, &r.trails[i]);
			assert_int_equal(r.trails[i].tells, tells[k][i]);
		}
		if (!k)
			over_time_is_as(oracle_get(oracle, "over_time"), &r.times[0]);
		relations_release(&r);
	}
	table_release(&t);
	json_object_put(oracle);
}

/* The last k of n rows are positive, one a day; and the first k of n. */
static void ends_by_hypergeometry(void **state)
{
	struct json_object *oracle = oracle_open("tests/oracle/trails.json"), *list = oracle_get(oracle, "ends");

	(void)state;
	for (size_t i = 0; i < 2 * json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i / 2);
		const long n = (long)oracle_num(o, "rows"), k = (long)oracle_num(o, "last"),
		           positive = (long)oracle_num(o, "positive");
		/* Where there are too few positive ones for the end, it is of negative ones. */
		const bool kind = positive > k, begins = i % 2;
		const long before = kind ? positive - k : positive;
		const struct relation_end *end, *other;
		struct relations r;
		struct table t;
		struct str text;
		char day[TIME_TEXT];

		str_init(&text);
		str_adds(&text, "when,y\n");
		for (long row = 0; row < n; row++) {
			const long at = begins ? n - 1 - row : row;
			/* Those before the end stand at the far edge, and one of the other kind next to it. */
			const bool y = at >= n - k ? kind : at == n - k - 1 ? !kind : at < before - (kind ? 0 : 1);

			time_rfc3339(row * 86400000, day);
			str_addf(&text, "%.10s,%d\n", day, y);
		}
		read_table(&t, text.data, NULL);
		relate(&r, &t, "y", NULL);
		end = begins ? &r.times[0].begin : &r.times[0].end;
		other = begins ? &r.times[0].end : &r.times[0].begin;
		assert_int_equal(r.times[0].positive, positive);
		assert_int_equal(end->rows, k);
		assert_int_equal(end->positive, kind);
		assert_true(end->time == (double)(begins ? k - 1 : n - k) * 86400000);
		oracle_near_relative(end->p, oracle_num(o, "p"), 1e-9, "end");
		assert_int_equal(end->constant, oracle_num(o, "p") <= 0.0005);
		assert_true(other->rows > 0);
		relations_release(&r);
		table_release(&t);
		str_release(&text);
	}
	json_object_put(oracle);
}

/* Packed numbers give the same, and so do more threads; what is written is read. */
static void written_and_read(void **state)
{
	struct json_object *oracle = oracle_open("tests/oracle/trails.json");
	static const char *const labels[] = {"y", "kind", "amount"};
	const char *csv = oracle_text(oracle, "csv");
	struct str json, again;
	struct reading reading;
	struct error err;
	struct table t, packed;

	(void)state;
	str_init(&json);
	str_init(&again);
	reading_init(&reading);
	read_table(&t, csv, "ref");
	assert_int_equal(reading_set(&reading, "id", "ref", &err), 0);
	assert_int_equal(table_read_bytes(&packed, "in", csv, strlen(csv), &reading,
	                                  &(struct table_options){.packed = true}, &err),
	                 0);
	for (size_t k = 0; k < COUNT_OF(labels); k++) {
		struct relations r;

		relate(&r, &t, labels[k], k ? NULL : "good");
		relations_json(&r, 0, &json);
		relations_release(&r);
		assert_int_equal(relations_parse(&r, json.data, json.len, &err), 0);
		relations_json(&r, 0, &again);
		assert_string_equal(again.data, json.data);
		relations_release(&r);
		str_clear(&again);
		assert_int_equal(relations_table(&r, &packed,
		                                 &(struct relation_options){
		                                     .label = labels[k], .positive = k ? NULL : "good", .threads = 3},
		                                 &err),
		                 0);
		relations_json(&r, 0, &again);
		assert_string_equal(again.data, json.data);
		relations_release(&r);
		str_clear(&again);
		str_clear(&json);
	}
	table_release(&t);
	table_release(&packed);
	reading_release(&reading);
	str_release(&json);
	str_release(&again);
	json_object_put(oracle);
}

/* ---- what is caught ---- */

static const char *trail_note(const struct relations *r)
{
	for (size_t i = 0; i < r->note_count; i++)
		if (strstr(r->notes[i], "tells of the label") || strstr(r->notes[i], "knows the label"))
			return r->notes[i];
	return NULL;
}

/* A name of each form, of the class and a number. Of the last two the number says the class: one runs from 1, the other
 * from 101. */
static void name_of(char *out, size_t size, unsigned form, unsigned y, unsigned number)
{
	if (form == 0)
		snprintf(out, size, "%c%u", "AB"[y], number);
	else if (form == 1)
		snprintf(out, size, "x-%c-%06u", "AB"[y], number);
	else if (form == 2)
		snprintf(out, size, "case %u", number + 100 * y);
	else
		snprintf(out, size, "2026/%u/a", number + 100 * y);
}

static void names_given_out_by_class(void **state)
{
	struct relations r;
	struct table t;
	struct str text;
	struct rng g;

	(void)state;
	for (unsigned form = 0; form < 4; form++) {
		unsigned given[2] = {0, 0};

		str_init(&text);
		rng_init(&g, form, 0);
		str_adds(&text, "ref,y\n");
		for (unsigned i = 0; i < 200; i++) {
			unsigned y = given[0] == 100 ? 1 : given[1] == 100 ? 0 : (unsigned)rng_below(&g, 2);
			char name[40];

			name_of(name, sizeof name, form, y, ++given[y]);
			str_addf(&text, "%s,%u\n", name, y);
		}
		read_table(&t, text.data, "ref");
		relate(&r, &t, "y", NULL);
		assert_int_equal(r.trail_count, 2);
		assert_int_equal(r.trails[1].kind, TRAIL_TEXTS);
		assert_true(r.trails[1].with.auc.value == 1 && r.trails[1].tells && r.trails[1].leaks);
		assert_true(!r.trails[0].tells);
		assert_string_equal(trail_note(&r),
		                    "ref, which names rows, knows the label y: was it given out by class?");
		relations_release(&r);
		table_release(&t);
		str_release(&text);
	}
}

/* A text cut where digits begin and end, by itself. */
static size_t token(const char *text, bool *digits)
{
	size_t n = 1;

	*digits = text[0] >= '0' && text[0] <= '9';
	while (*digits && text[n] >= '0' && text[n] <= '9')
		n++;
	return n;
}

static int natural(const char *a, const char *b)
{
	const char *x = a, *y = b;

	while (*x && *y) {
		bool of_x, of_y;
		size_t n = token(x, &of_x), m = token(y, &of_y);

		if (of_x && of_y) {
			/* Numbers of any length, filled with zeros to one length. */
			char p[80], q[80];

			snprintf(p, sizeof p, "%0*d%.*s", (int)(40 - n), 0, (int)n, x);
			snprintf(q, sizeof q, "%0*d%.*s", (int)(40 - m), 0, (int)m, y);
			if (strcmp(p, q) != 0)
				return strcmp(p, q);
		} else if (*x != *y) {
			return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
		}
		x += n;
		y += m;
	}
	return *x || *y ? (*x ? 1 : -1) : strcmp(a, b);
}

static int by_nature(const void *a, const void *b)
{
	return natural(a, b);
}

/* A label that follows the natural order of the names has rank correlation 1 with them, and with no other order. */
static void natural_order(void **state)
{
	static const char *const letters[] = {"01", "0129a", "ab0123456789", "/a9:0~",
	                                      "\xc3\xa4"
	                                      "07"};
	enum { NAMES = 120, LENGTH = 32 };
	struct rng g;

	(void)state;
	rng_init(&g, 3, 0);
	for (size_t k = 0; k < 40 * COUNT_OF(letters); k++) {
		const char *from = letters[k % COUNT_OF(letters)];
		const size_t most = 1 + rng_below(&g, LENGTH - 4);
		char all[NAMES][LENGTH];
		size_t count = 0;
		struct relations r;
		struct table t;
		struct str text;

		for (size_t i = 0; i < NAMES; i++) {
			char *name = all[count];
			size_t at = (size_t)snprintf(name, LENGTH, "%s", k % 3 ? "k1" : "k"), seen = 0,
			       length = at + rng_below(&g, most);

			while (at < length)
				name[at++] = from[rng_below(&g, strlen(from))];
			name[at] = '\0';
			while (seen < count && strcmp(all[seen], name) != 0)
				seen++;
			count += seen == count;
		}
		qsort(all, count, sizeof *all, by_nature);
		str_init(&text);
		str_adds(&text, "ref,y\n");
		for (size_t i = 0; i < count; i++)
			str_addf(&text, "%s,%zu.5\n", all[i * 7 % count], i * 7 % count);
		for (size_t i = 0; i < count && count % 7 == 0; i++)
			str_addf(&text, "%s,%zu.5\n", all[i], i);
		read_table(&t, text.data, "ref");
		relate(&r, &t, "y", NULL);
		if (count > 1)
			assert_true(fabs(r.trails[1].with.spearman.r - 1) < 1e-12);
		relations_release(&r);
		table_release(&t);
		str_release(&text);
	}
}

/* Rows that were sorted, and parts that were each sorted and then joined. */
static void sorted_rows(void **state)
{
	struct relations r;
	struct table t;
	struct str text;

	(void)state;
	for (unsigned parts = 1; parts <= 4; parts++) {
		str_init(&text);
		str_adds(&text, "x,y\n");
		for (unsigned i = 0; i < 1200; i++)
			str_addf(&text, "%u,%d\n", i * 7919 % 1000, i % (1200 / parts) >= 600 / parts);
		read_table(&t, text.data, NULL);
		relate(&r, &t, "y", NULL);
		/* Of a pair, the later one is positive in the same part always, else in half. */
		assert_true(fabs(r.trails[0].with.auc.value - (0.5 + 0.5 / parts)) < 1e-12);
		assert_true(r.trails[0].tells);
		assert_int_equal(r.trails[0].leaks, parts == 1);
		assert_non_null(strstr(trail_note(&r), "the order of the rows"));
		relations_release(&r);
		table_release(&t);
		str_release(&text);
	}
	/* Three rows of each class, however sorted, are too few. */
	read_table(&t, "x,y\n1,0\n2,0\n1,0\n5,1\n2,1\n3,1\n", NULL);
	relate(&r, &t, "y", NULL);
	assert_true(r.trails[0].with.auc.value == 1 && !r.trails[0].tells && !r.trails[0].leaks &&
	            !trail_note(&r));
	relations_release(&r);
	table_release(&t);
}

/* ---- false alarms ---- */

struct alarms {
	size_t tables, trails, ends, changes;
};

static void shuffle(struct rng *g, struct column *c, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		const size_t k = rng_below(g, i);

		if (c->codes) {
			const uint32_t code = c->codes[i - 1];
			c->codes[i - 1] = c->codes[k];
			c->codes[k] = code;
		} else {
			const double value = c->values[i - 1];
			c->values[i - 1] = c->values[k];
			c->values[k] = value;
		}
	}
}

/* patients: rows share an id, and one label by id. */
static void make(struct str *out, struct rng *g, size_t rows, const char *kind)
{
	str_adds(out, "loan_id,ref,t,y\n");
	for (size_t i = 0; i < rows; i++) {
		char time[TIME_TEXT];

		/* More rows in some months than in others. */
		time_rfc3339((int64_t)(rng_below(g, 900) * rng_below(g, 900) / 900) * 86400000, time);
		str_addf(out, "%u,r%u,%.10s,", (unsigned)rng_below(g, 1000) * 100000 + (unsigned)i,
		         (unsigned)rng_below(g, rows), time);
		if (strcmp(kind, "number") == 0)
			str_addf(out, "%u.5\n", (unsigned)(1 / (0.001 + rng_unit(g))));
		else if (strcmp(kind, "classes") == 0)
			str_addf(out, "%s\n",
			         i < 2 * 3         ? (i % 3 == 0   ? "a"
			                              : i % 3 == 1 ? "b"
			                                           : "c")
			         : rng_below(g, 5) ? "a"
			                           : "b");
		else
			str_addf(out, "%d\n", i < 2 ? (int)i : rng_below(g, strcmp(kind, "rare") == 0 ? 20 : 2) == 0);
	}
}

static void count_alarms(struct table *t, struct rng *g, struct alarms *a)
{
	struct relations r;
	size_t trails = 0, ends = 0, changes = 0;

	shuffle(g, &t->columns[3], t->row_count);
	relate(&r, t, "y", NULL);
	for (size_t i = 0; i < r.trail_count; i++)
		trails += r.trails[i].tells;
	for (size_t i = 0; i < r.time_count; i++) {
		ends += r.times[i].begin.constant || r.times[i].end.constant;
		changes += r.times[i].changes;
	}
	a->tables++;
	a->trails += trails > 0;
	a->ends += ends > 0;
	a->changes += changes > 0;
	relations_release(&r);
}

/* At most one in a thousand, and what chance allows beyond. */
static bool is_seldom(size_t alarms, size_t of)
{
	const double most = 0.001 * (double)of;

	return (double)alarms <= most + 4 * sqrt(most) + 1;
}

static void shuffled_rows(void **state)
{
	static const char *const kinds[] = {"even", "rare", "classes", "number"};
	static const size_t sizes[] = {20, 60, 200, 1000};
	const size_t trials = getenv("LONG") ? 25000 : 250;

	(void)state;
	for (size_t k = 0; k < COUNT_OF(kinds); k++) {
		struct alarms a = {0};

		for (size_t s = 0; s < COUNT_OF(sizes); s++) {
			struct table t;
			struct str text;
			struct rng g;

			rng_init(&g, 100 * k + s, 1);
			str_init(&text);
			make(&text, &g, sizes[s], kinds[k]);
			read_table(&t, text.data, "ref");
			assert_int_equal(t.columns[0].type, COLUMN_ID);
			assert_int_equal(t.columns[2].type, COLUMN_TIME);
			for (size_t i = 0; i < trials; i++)
				count_alarms(&t, &g, &a);
			table_release(&t);
			str_release(&text);
		}
		if (getenv("LONG"))
			print_message("%s: of %zu shuffled tables %zu with a trail that tells, %zu with a constant end, "
			              "%zu with a rate that changes\n",
			              kinds[k], a.tables, a.trails, a.ends, a.changes);
		assert_true(is_seldom(a.trails, a.tables));
		assert_true(is_seldom(a.ends, a.tables));
		assert_true(is_seldom(a.changes, a.tables));
	}
}

/* Where every row of a patient has one label, and patients are named by chance, their rows are no proof. */
static void rows_that_share_a_name(void **state)
{
	const size_t trials = getenv("LONG") ? 20000 : 1000;
	size_t alarms = 0, naive = 0;
	struct rng g;

	(void)state;
	rng_init(&g, 5, 0);
	for (size_t k = 0; k < trials; k++) {
		struct relations r;
		struct table t;
		struct str text;

		str_init(&text);
		str_adds(&text, "patient,y\n");
		for (unsigned p = 0; p < 30; p++) {
			const unsigned name = (unsigned)rng_below(&g, 100000), y = p < 2 ? p : (unsigned)rng_below(&g, 2),
			               rows = 1 + (unsigned)rng_below(&g, 20);

			for (unsigned i = 0; i < rows; i++)
				str_addf(&text, "%u,%u\n", name, y);
		}
		read_table(&t, text.data, "patient");
		relate(&r, &t, "y", NULL);
		assert_int_equal(r.trail_count, 2);
		alarms += r.trails[1].tells;
		naive += stats_rank_p(r.trails[1].with.spearman.r * r.trails[1].with.spearman.r, r.trails[1].with.n,
		                      1, 1) <= RELATION_TELLS_P / 2;
		relations_release(&r);
		table_release(&t);
		str_release(&text);
	}
	if (getenv("LONG"))
		print_message("patients: of %zu tables %zu with an id that tells, %zu if rows were counted\n", trials,
		              alarms, naive);
	assert_true(is_seldom(alarms, trials));
	assert_true(naive > trials / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reference_functions), cmocka_unit_test(ends_by_hypergeometry),
	    cmocka_unit_test(written_and_read),    cmocka_unit_test(names_given_out_by_class),
	    cmocka_unit_test(natural_order),       cmocka_unit_test(sorted_rows),
	    cmocka_unit_test(shuffled_rows),       cmocka_unit_test(rows_that_share_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
