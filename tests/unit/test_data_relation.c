/* Relations of a table's columns: against scipy, sklearn and pandas (tests/oracle/relations.json), small tables
 * whose every count is known, and that neither threads nor the hash of a row can be seen in a result. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "../lib/relate.h"
#include "assay/data_relation.h"

static void read_table(struct table *t, const char *text, const char *label, const char *positive)
{
	struct reading r;
	struct error err;

	reading_init(&r);
	if ((label && reading_set(&r, "label", label, &err) < 0) ||
	    (positive && reading_set(&r, "positive", positive, &err) < 0) ||
	    table_read_bytes(t, "in", text, strlen(text), &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void relate(struct relations *r, const struct table *t, const struct relation_options *o)
{
	struct error err;

	if (relations_table(r, t, o, &err) < 0)
		fail_msg("%s", err.text);
}

/* ---- the oracle ---- */

static const struct relation *find_pair(const struct relation *list, size_t count, const struct relations *r,
                                        const char *a, const char *b)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(r->names[list[i].a], a) == 0 && strcmp(r->names[list[i].b], b) == 0)
			return &list[i];
	fail_msg("no relation of %s and %s", a, b);
	abort();
}

static void is_as(struct json_object *o, const struct relation *p)
{
	char what[100];

	snprintf(what, sizeof what, "%s, %s", oracle_text(o, "a"), oracle_text(o, "b"));
	assert_string_equal(relation_kind_name(p->kind), oracle_text(o, "kind"));
	assert_int_equal(p->n, (long)oracle_num(o, "n"));
	oracle_near(p->strength, oracle_num(o, "strength"), 1e-9, what);
	if (p->kind == RELATION_NUMBERS) {
		oracle_near(p->pearson.r, oracle_num(o, "pearson"), 1e-9, what);
		oracle_near(p->pearson.p, oracle_num(o, "pearson_p"), 1e-9, what);
		oracle_near(p->spearman.r, oracle_num(o, "spearman"), 1e-9, what);
		oracle_near(p->spearman.p, oracle_num(o, "spearman_p"), 1e-9, what);
	} else if (p->kind == RELATION_CATEGORIES) {
		oracle_near_relative(p->association.chi2, oracle_num(o, "chi2"), 1e-9, what);
		assert_int_equal((long)p->association.df, (long)oracle_num(o, "df"));
		oracle_near(p->association.p, oracle_num(o, "p"), 1e-9, what);
		oracle_near(p->association.v, oracle_num(o, "v"), 1e-9, what);
		oracle_near(p->association.mutual, oracle_num(o, "mutual"), 1e-9, what);
		oracle_near(p->association.explains_a, oracle_num(o, "explains_a"), 1e-9, what);
		oracle_near(p->association.explains_b, oracle_num(o, "explains_b"), 1e-9, what);
	} else {
		oracle_near(sqrt(p->anova.eta2), oracle_num(o, "eta"), 1e-9, what);
		oracle_near_relative(p->anova.f, oracle_num(o, "f"), 1e-9, what);
		oracle_near(p->anova.p, oracle_num(o, "p"), 1e-9, what);
		assert_int_equal(p->anova.groups, (long)oracle_num(o, "groups"));
	}
	if (json_object_object_get(o, "auc")) {
		oracle_near(p->auc.value, oracle_num(o, "auc"), 1e-9, what);
		oracle_near(p->auc.low, oracle_num(o, "auc_low"), 1e-9, what);
		oracle_near(p->auc.high, oracle_num(o, "auc_high"), 1e-9, what);
	} else {
		assert_true(isnan(p->auc.value));
	}
}

static void list_is_as(struct json_object *list, const struct relation *got, size_t count,
                       const struct relations *r)
{
	assert_int_equal(json_object_array_length(list), count);
	for (size_t i = 0; i < count; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		is_as(o, find_pair(got, count, r, oracle_text(o, "a"), oracle_text(o, "b")));
	}
	for (size_t i = 1; i < count; i++)
		assert_true(got[i].strength <= got[i - 1].strength);
}

static void missing_is_as(struct json_object *oracle, const struct relations *r)
{
	struct json_object *list = oracle_get(oracle, "missing"), *patterns = oracle_get(oracle, "patterns");

	assert_int_equal(json_object_array_length(list), r->missing_count);
	for (size_t i = 0; i < r->missing_count; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		size_t k = 0;

		while (k < r->missing_count && (strcmp(r->names[r->missing[k].a], oracle_text(o, "a")) != 0 ||
		                                strcmp(r->names[r->missing[k].b], oracle_text(o, "b")) != 0))
			k++;
		assert_true(k < r->missing_count);
		assert_int_equal(r->missing[k].both, (long)oracle_num(o, "both"));
		oracle_near(r->missing[k].phi, oracle_num(o, "phi"), 1e-9, "phi");
		oracle_near(r->missing[k].jaccard, oracle_num(o, "jaccard"), 1e-9, "jaccard");
	}
	assert_int_equal(r->complete_rows, (long)oracle_num(oracle, "complete_rows"));
	assert_int_equal(json_object_array_length(patterns), r->pattern_all);
	for (size_t i = 0; i < r->pattern_count; i++) {
		const struct relation_pattern *p = &r->patterns[i];
		struct str columns;
		bool found = false;

		str_init(&columns);
		for (size_t k = 0; k < p->column_count; k++)
			str_addf(&columns, "%s%s", k ? "," : "", r->names[p->columns[k]]);
		for (size_t k = 0; k < json_object_array_length(patterns); k++) {
			struct json_object *o = json_object_array_get_idx(patterns, k);

			if (strcmp(oracle_text(o, "columns"), columns.data) == 0) {
				assert_int_equal(p->rows, (long)oracle_num(o, "rows"));
				found = true;
			}
		}
		assert_true(found);
		str_release(&columns);
	}
}

static void reference_functions(void **state)
{
	struct json_object *oracle = oracle_open("tests/oracle/relations.json");
	struct relations r;
	struct table t;
	uint8_t *keep;

	(void)state;
	read_table(&t, oracle_text(oracle, "csv"), "y", "good");
	relate(&r, &t, NULL);
	assert_true(r.binary && r.pair_rows == r.rows && r.rows == t.row_count);
	list_is_as(oracle_get(oracle, "pairs"), r.pairs, r.pair_count, &r);
	list_is_as(oracle_get(oracle, "to_label"), r.to_label, r.to_label_count, &r);
	missing_is_as(oracle, &r);
	assert_int_equal(r.duplicates, (long)oracle_num(oracle, "duplicates"));
	assert_int_equal(r.duplicate_sets, 3);
	assert_int_equal(r.sets[0].count, 3);
	assert_int_equal(r.sets[0].first[0], 3);
	assert_int_equal(r.sets[0].first[1], 400);
	assert_int_equal(r.sets[0].first[2], 401);
	assert_int_equal(r.sets[1].first[0], 10);
	keep = xmalloc(t.row_count);
	assert_int_equal(table_equal_rows(&t, 401, keep), 3);
	assert_true(keep[3] && keep[400] && keep[401] && !keep[402]);
	free(keep);
	/* age and twice are linear; city and town are one to one. */
	assert_int_equal(r.same_count, 2);
	assert_int_equal(r.same[0].kind, SAME_LINEAR);
	assert_string_equal(r.names[r.same[0].b], "twice");
	assert_int_equal(r.same[1].kind, SAME_RENAMED);
	assert_string_equal(r.names[r.same[1].b], "town");
	relations_release(&r);
	table_release(&t);
	json_object_put(oracle);
}

/* A category and the number that stands for it say the same; where a number stands for two, or all are different, they do
 * not. */
static void categories_as_numbers(void **state)
{
	static const char *const levels[] = {"low", "middle", "high", "top"};
	struct relations r;
	struct table t;
	struct str text;

	(void)state;
	str_init(&text);
	str_adds(&text, "level,rank,grade,place,height\n");
	for (int i = 0; i < 40; i++) {
		int at = i * 7 % 4;

		/* One of 40 ranks is missing, grade 2 stands for two levels. */
		str_addf(&text, "%s,%s,%d,p%d,%d.5\n", levels[at],
		         i == 5 ? "" : (const char *const[]){"10", "-3", "2.5", "7"}[at], at < 3 ? at : 2, i, i * i);
	}
	read_table(&t, text.data, NULL, NULL);
	relate(&r, &t, NULL);
	assert_int_equal(r.same_count, 1);
	assert_int_equal(r.same[0].kind, SAME_RENAMED);
	assert_string_equal(r.names[r.same[0].a], "level");
	assert_string_equal(r.names[r.same[0].b], "rank");
	relations_release(&r);
	table_release(&t);
	str_release(&text);
}

/* ---- what must not be seen ---- */

/* Rows of which many repeat, with holes, in more than one part of the rows. */
static void make_rows(struct str *out, size_t rows)
{
	struct rng g;

	rng_init(&g, 7, 0);
	str_adds(out, "a,b,c,d,e,y\n");
	for (size_t i = 0; i < rows; i++) {
		unsigned a = (unsigned)rng_below(&g, 50), b = (unsigned)rng_below(&g, 9),
		         c = (unsigned)rng_below(&g, 4);

		str_addf(out, b ? "%u.5," : ",", a);
		str_addf(out, c ? "%u," : ",", a / 2 + b);
		str_addf(out, "%s,", c == 3 ? "" : c == 2 ? "x" : "z");
		str_addf(out, "%u,v%u,%u\n", a, b, a + c > 26);
	}
}

static void json_of(const struct table *t, const struct relation_options *o, struct str *out)
{
	struct relations r;

	str_clear(out);
	relate(&r, t, o);
	relations_json(&r, 0, out);
	relations_release(&r);
}

static void threads_and_hashes(void **state)
{
	struct str text, one, other;
	struct table t;

	(void)state;
	str_init(&text);
	str_init(&one);
	str_init(&other);
	make_rows(&text, 70000);
	read_table(&t, text.data, "y", NULL);
	json_of(&t, &(struct relation_options){.threads = 1}, &one);
	json_of(&t, &(struct relation_options){.threads = 4}, &other);
	assert_string_equal(one.data, other.data);
	/* With 12 bits nearly every row shares its hash with rows that differ. */
	json_of(&t, &(struct relation_options){.threads = 4, .hash_bits = 12}, &other);
	assert_string_equal(one.data, other.data);
	/* Measured on a part of the rows, which is said; it is the same part every time. */
	json_of(&t, &(struct relation_options){.threads = 1, .rows = 1000}, &one);
	json_of(&t, &(struct relation_options){.threads = 3, .rows = 1000}, &other);
	assert_string_equal(one.data, other.data);
	assert_non_null(strstr(one.data, "\"pair_rows\":1000,"));
	assert_non_null(strstr(one.data, "measured on 1,000 of 70,000 rows"));
	table_release(&t);
	str_release(&text);
	str_release(&one);
	str_release(&other);
}

static void spearman_is_that_of_stats(void **state)
{
	struct str text;
	struct relations r;
	struct table t;
	size_t seen = 0;

	(void)state;
	str_init(&text);
	make_rows(&text, 3000);
	/* The first value of a as an infinite one. */
	read_table(&t, text.data, NULL, NULL);
	t.columns[0].values[5] = (double)INFINITY;
	relate(&r, &t, NULL);
	for (size_t i = 0; i < r.pair_count; i++) {
		const struct relation *p = &r.pairs[i];
		struct correlation want;

		if (p->kind != RELATION_NUMBERS)
			continue;
		relate_spearman(t.columns[p->a].values, t.columns[p->b].values, t.row_count, &want);
		assert_true(want.n == p->spearman.n && want.r == p->spearman.r && want.p == p->spearman.p);
		seen++;
	}
	assert_true(seen >= 3);
	relations_release(&r);
	table_release(&t);
	str_release(&text);
}

/* ---- small tables ---- */

static void the_same_columns(void **state)
{
	struct str text;
	struct relations r;
	struct table t;

	(void)state;
	str_init(&text);
	str_adds(&text, "n,copy,near,far,word,words,flat,flag\n");
	for (int i = 0; i < 1000; i++)
		str_addf(&text, "%d,%d,%d,%d,w%d,w%d,1,%d\n", i, i, i == 500 ? 7 : i, i % 50 ? i : -1, i % 7, i % 7,
		         i < 3);
	read_table(&t, text.data, NULL, NULL);
	relate(&r, &t, NULL);
	assert_int_equal(r.same[0].kind, SAME_EQUAL);
	assert_string_equal(r.names[r.same[0].a], "n");
	assert_string_equal(r.names[r.same[0].b], "copy");
	assert_int_equal(r.same[0].same, 1000);
	assert_string_equal(r.names[r.same[1].a], "word");
	assert_string_equal(r.names[r.same[1].b], "words");
	assert_int_equal(r.same[2].kind, SAME_NEARLY);
	assert_string_equal(r.names[r.same[2].b], "near");
	assert_int_equal(r.same[2].same, 999);
	assert_string_equal(r.names[r.same[3].a], "copy");
	/* far differs in twenty of a thousand; flat and flag in three, of three that tell. */
	for (size_t i = 0; i < r.same_count; i++)
		assert_true(strcmp(r.names[r.same[i].b], "far") != 0 && strcmp(r.names[r.same[i].b], "flat") != 0 &&
		            strcmp(r.names[r.same[i].b], "flag") != 0);
	relations_release(&r);
	table_release(&t);
	str_release(&text);
}

static void rows_that_repeat(void **state)
{
	struct relations r;
	struct table t;

	(void)state;
	/* What names a row is left out; missing is like missing; 1 and 1.0 are one number. */
	read_table(&t, "id,x,c\n1,1,a\n2,1.0,a\n3,,b\n4,NA,b\n5,2,\n6,1,a\n7,2,b\n", NULL, NULL);
	assert_int_equal(t.columns[0].type, COLUMN_ID);
	relate(&r, &t, NULL);
	assert_int_equal(r.duplicates, 3);
	assert_int_equal(r.duplicate_sets, 2);
	assert_int_equal(r.set_count, 2);
	assert_int_equal(r.sets[0].count, 3);
	assert_int_equal(r.sets[0].first[2], 5);
	assert_int_equal(r.sets[1].first[0], 2);
	assert_int_equal(r.sets[1].first[1], 3);
	assert_int_equal(r.complete_rows, 4);
	assert_int_equal(r.pattern_all, 2);
	assert_int_equal(r.patterns[0].rows, 2);
	assert_int_equal(r.patterns[0].first_row, 2);
	assert_int_equal(r.note_count, 1);
	relations_release(&r);
	table_release(&t);
}

static void notes_say_what_they_are_about(void **state)
{
	size_t found[RELATION_NOTE_COUNT] = {0};
	struct relations r;
	struct table t;

	(void)state;
	read_table(&t, "key,a,b,y\nk1,1,5,u\nk2,2,4,v\nk3,3,4,w\nk4,5,2,u\n", "y", NULL);
	t.columns[0].roles |= ROLE_ID;
	relate(&r, &t, &(struct relation_options){.rows = 3});
	for (size_t i = 0; i < r.note_count; i++)
		found[relation_note_of(r.notes[i])]++;
	assert_int_equal(found[NOTE_LABEL], 1);
	assert_int_equal(found[NOTE_PAIRS], 1);
	assert_int_equal(found[NOTE_ROWS], 1);
	relations_release(&r);
	table_release(&t);
}

static void what_is_bounded_is_said(void **state)
{
	struct relations r;
	struct table t;

	(void)state;
	read_table(&t, "a,b,c,d\n1,2,,x\n2,,3,y\n,4,1,x\n5,2,2,y\n3,1,4,x\n", NULL, NULL);
	relate(&r, &t, &(struct relation_options){.most = 2});
	assert_int_equal(r.pair_count, 1);
	assert_int_equal(r.missing_count, 1);
	assert_int_equal(r.note_count, 3);
	assert_non_null(strstr(r.notes[0], "2 of 4 features"));
	assert_non_null(strstr(r.notes[1], "2 of 3 columns"));
	assert_non_null(strstr(r.notes[2], "first 2 of 4"));
	assert_int_equal(relation_note_of(r.notes[0]), NOTE_PAIRS);
	assert_int_equal(relation_note_of(r.notes[1]), NOTE_MISSING);
	assert_int_equal(relation_note_of(r.notes[2]), NOTE_SAME);
	relations_release(&r);
	/* Of chosen columns. */
	const size_t chosen[] = {1, 3};
	relate(&r, &t, &(struct relation_options){.columns = chosen, .column_count = 2});
	assert_int_equal(r.pair_count, 1);
	assert_int_equal(r.pairs[0].a, 1);
	assert_int_equal(r.pairs[0].b, 3);
	relations_release(&r);
	table_release(&t);
}

static void labels(void **state)
{
	static const char text[] =
	    "a,c,k,t\n1,x,p,2026-01-01\n2,y,q,2026-01-02\n3,x,p,2026-01-03\n4,y,q,2026-01-04\n"
	    "5,y,q,2026-01-05\n6,x,p,2026-01-06\n";
	struct relations r;
	struct table t;
	struct error err;

	(void)state;
	read_table(&t, text, NULL, NULL);
	relate(&r, &t, NULL);
	assert_true(r.label == -1 && r.to_label_count == 0 && !r.binary);
	relations_release(&r);
	relate(&r, &t, &(struct relation_options){.label = "k"});
	assert_true(!r.binary && r.to_label_count == 2 && r.to_label[0].kind == RELATION_CATEGORIES);
	assert_true(r.to_label[0].strength > 0.9 && r.to_label[0].a == 1);
	assert_int_equal(r.note_count, 2);
	relations_release(&r);
	relate(&r, &t, &(struct relation_options){.label = "k", .positive = "q"});
	/* There is an AUC then; that c is the label may be by chance still. */
	assert_true(r.binary && r.note_count == 1 && !r.to_label[0].leaks);
	/* 2 4 5 above 1 3 6: of nine pairs 1 + 2 + 2 */
	assert_true(fabs(r.to_label[1].auc.value - 5.0 / 9) < 1e-12);
	relations_release(&r);
	relate(&r, &t, &(struct relation_options){.label = "a"});
	assert_true(!r.binary && r.to_label[0].kind == RELATION_MIXED);
	relations_release(&r);
	assert_int_equal(relations_table(&r, &t, &(struct relation_options){.label = "kk"}, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(relations_table(&r, &t, &(struct relation_options){.label = "t"}, &err), -1);
	assert_non_null(strstr(err.text, "type time"));
	assert_int_equal(relations_table(&r, &t, &(struct relation_options){.label = "k", .positive = "z"}, &err),
	                 -1);
	assert_non_null(strstr(err.text, "never occurs"));
	table_release(&t);
}

/* A label that knows nothing takes nothing from all else. */
static void is_in_the_way(const char *text, const char *label, const char *positive,
                          const struct relation_options *o, const char *why)
{
	struct relations r, back;
	struct table t;
	struct str json;
	struct error err;

	str_init(&json);
	read_table(&t, text, label, positive);
	relate(&r, &t, o);
	assert_true(r.label >= 0 && !r.binary);
	assert_string_equal(r.label_why, why);
	assert_true(r.to_label_count == 0 && r.trail_count == 0 && r.time_count == 0 && r.note_count == 0);
	assert_true(r.pair_count == 1 && r.missing_count == 1 && r.pattern_all == 1 && r.same_count == 1);
	assert_true(r.duplicates == 1 && r.set_count == 1);
	relations_json(&r, 0, &json);
	assert_non_null(strstr(json.data, why));
	if (relations_parse(&back, json.data, json.len, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(back.label_why, why);
	relations_release(&back);
	relations_release(&r);
	table_release(&t);
	str_release(&json);
}

static void labels_of_which_nothing_is_known(void **state)
{
	static const char rest[] = "a,b,y\n1,1,%s\n2,2,%s\n1,1,%s\nNA,NA,%s\n";
	static const struct {
		const char *value, *label, *positive;
		struct relation_options o;
		const char *why;
	} all[] = {
	    {"p", "y", "p", {0}, "the label y has one class only: 'p'"},
	    {"p", "y", NULL, {0}, "the label y has one class only: 'p'"},
	    {"p", NULL, NULL, {.label = "y", .positive = "p"}, "the label y has one class only: 'p'"},
	    {"0", "y", NULL, {0}, "the label y has one class only: '0'"},
	    {"5", "y", NULL, {.label = "y"}, "the label y has one class only: '5'"},
	    {"2026-01-02",
	     "y",
	     NULL,
	     {0},
	     "the label y is of type time, to which nothing is related; a bool, int, num or cat is"},
	};
	struct relations r;
	struct table t;
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		const char *v = all[i].value;
		char *text = xasprintf(rest, v, v, v, v);

		is_in_the_way(text, all[i].label, all[i].positive, &all[i].o, all[i].why);
		free(text);
	}
	read_table(&t, "a,b,y\n1,1,p\n2,2,p\n", "y", "p");
	assert_int_equal(relations_table(&r, &t, &(struct relation_options){.positive = "z"}, &err), -1);
	assert_string_equal(err.text, "the positive value 'z' never occurs in the label y; its values are 'p'");
	table_release(&t);
}

static void little(void **state)
{
	struct relations r;
	struct table t;
	struct str json;

	(void)state;
	str_init(&json);
	read_table(&t, "a\n1\n", NULL, NULL);
	relate(&r, &t, NULL);
	assert_true(r.pair_count == 0 && r.missing_count == 0 && r.duplicates == 0 && r.same_count == 0);
	relations_json(&r, 0, &json);
	relations_release(&r);
	table_release(&t);
	/* Nothing is there at all. */
	read_table(&t, "a,b,c\nNA,NA,1\nNA,NA,1\n", NULL, NULL);
	relate(&r, &t, NULL);
	assert_int_equal(r.pair_count, 3);
	assert_true(isnan(r.pairs[0].strength) && r.pairs[0].n == 0 && isnan(r.missing[0].phi));
	assert_int_equal(r.missing[0].both, 2);
	assert_int_equal(r.same_count, 0);
	assert_int_equal(r.duplicates, 1);
	str_clear(&json);
	relations_json(&r, 0, &json);
	assert_non_null(strstr(json.data, "\"strength\":null,\"strength_why\""));
	relations_release(&r);
	table_release(&t);
	str_release(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reference_functions),
	    cmocka_unit_test(threads_and_hashes),
	    cmocka_unit_test(spearman_is_that_of_stats),
	    cmocka_unit_test(the_same_columns),
	    cmocka_unit_test(rows_that_repeat),
	    cmocka_unit_test(what_is_bounded_is_said),
	    cmocka_unit_test(notes_say_what_they_are_about),
	    cmocka_unit_test(categories_as_numbers),
	    cmocka_unit_test(labels),
	    cmocka_unit_test(labels_of_which_nothing_is_known),
	    cmocka_unit_test(little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
