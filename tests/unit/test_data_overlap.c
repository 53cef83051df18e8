/* Rows that two tables have in common: against nested loops over the texts of their cells, on many small tables with
 * other orders of columns, types and dictionaries; and small tables whose every count is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data_overlap.h"
#include "assay/stats.h"

/* y: its type in the random tables, in which a column may happen to hold too little to be told by; or NULL. */
static void read_table(struct table *t, const char *text, bool packed, const char *y, const char *id)
{
	const char *const of_columns[] = {"f=bool", "c=cat", "x=num", y};
	struct reading r;
	struct error err;
	int status = 0;

	reading_init(&r);
	for (size_t i = 0; y && i < COUNT_OF(of_columns) && status == 0; i++)
		status = reading_set(&r, "type", of_columns[i], &err);
	if (id && status == 0)
		status = reading_set(&r, "id", id, &err);
	if (status < 0 || table_read_bytes(t, "in", text, strlen(text), &r,
	                                   &(struct table_options){.packed = packed, .threads = 1}, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void compare(struct overlap *o, const struct table *a, const struct table *b,
                    const struct overlap_options *how)
{
	struct error err;

	if (overlap_tables(o, a, b, how, &err) < 0)
		fail_msg("%s", err.text);
}

/* ---- by nested loops ---- */

enum { COLUMNS = 4, MOST_ROWS = 40 };

/* Cells as they are written, so that what the program reads is looked at by other eyes. */
struct cells {
	size_t rows;
	const char *cell[MOST_ROWS][COLUMNS];
};

/* Spellings of each column; those that stand for the same value begin with the same two bytes in `value`. */
static const struct {
	const char *text, *value;
} spellings[COLUMNS][6] = {
    {{"1", "1"}, {"1.0", "1"}, {"2.50", "2.5"}, {"2.5", "2.5"}, {"", "none"}, {"NA", "none"}},
    {{"a", "a"}, {"b", "b"}, {"c", "c"}, {"a", "a"}, {"", "none"}, {"A", "A"}},
    {{"true", "t"}, {"TRUE", "t"}, {"false", "f"}, {"", "none"}, {"false", "f"}, {"true", "t"}},
    {{"0", "0"}, {"1", "1"}, {"1", "1"}, {"0", "0"}, {"", "none"}, {"NA", "none"}},
};
static const char *const names[COLUMNS] = {"x", "c", "f", "y"};

static const char *value_of(size_t column, const char *text)
{
	for (size_t i = 0; i < COUNT_OF(spellings[column]); i++)
		if (spellings[column][i].text == text)
			return spellings[column][i].value;
	abort();
}

static bool equal_in(const struct cells *a, size_t x, const struct cells *b, size_t y, size_t columns)
{
	for (size_t k = 0; k < columns; k++)
		if (strcmp(value_of(k, a->cell[x][k]), value_of(k, b->cell[y][k])) != 0)
			return false;
	return true;
}

static bool has_label(const struct cells *a, size_t x)
{
	return strcmp(value_of(COLUMNS - 1, a->cell[x][COLUMNS - 1]), "none") != 0;
}

enum what { SAME, ALIKE, CONFLICT };

static bool matches(const struct cells *test, size_t y, const struct cells *train, size_t x, enum what what)
{
	if (what == SAME)
		return equal_in(train, x, test, y, COLUMNS);
	return equal_in(train, x, test, y, COLUMNS - 1) &&
	       (what == ALIKE ||
	        (has_label(train, x) && has_label(test, y) && !equal_in(train, x, test, y, COLUMNS)));
}

static const char *label_of(const struct cells *a, size_t x)
{
	return has_label(a, x) ? value_of(COLUMNS - 1, a->cell[x][COLUMNS - 1]) : NULL;
}

static void is_label(const char *got, const char *expected)
{
	if (!got || !expected)
		assert_true(got == expected);
	else
		assert_string_equal(got, expected);
}

static void check(const struct cells *train, const struct cells *test, const struct overlap *o,
                  enum overlap_kind kind)
{
	static const enum what of[OVERLAP_KINDS] = {SAME, ALIKE, CONFLICT};
	const struct overlap_rows *got = overlap_rows_of(o, kind);
	const enum what what = of[kind];
	uint64_t count = 0;

	for (size_t y = 0; y < test->rows; y++) {
		size_t x = 0;

		while (x < train->rows && !matches(test, y, train, x, what))
			x++;
		if (o->marks)
			assert_int_equal(o->marks[y] >> kind & 1, x < train->rows);
		if (x == train->rows)
			continue;
		if (count < OVERLAP_EXAMPLES) {
			assert_int_equal(got->first[count].test, y);
			assert_int_equal(got->first[count].train, x);
			is_label(got->first[count].test_label, label_of(test, y));
			is_label(got->first[count].train_label, label_of(train, x));
		}
		count++;
	}
	assert_int_equal(got->count, count);
}

static void fill(struct cells *c, struct rng *g)
{
	c->rows = 1 + rng_below(g, MOST_ROWS);
	for (size_t i = 0; i < c->rows; i++)
		for (size_t k = 0; k < COLUMNS; k++)
			c->cell[i][k] = spellings[k][rng_below(g, 6)].text;
}

/* The columns in some order, among others. Each type shows: in both tables it is the same kind. */
static void write(const struct cells *c, struct rng *g, const char *other, struct str *out)
{
	uint32_t order[COLUMNS] = {0, 1, 2, 3};

	rng_shuffle(g, order, COLUMNS);
	str_clear(out);
	str_addf(out, "id,%s", other);
	for (size_t k = 0; k < COLUMNS; k++)
		str_addf(out, ",%s", names[order[k]]);
	for (size_t i = 0; i < c->rows; i++) {
		str_addf(out, "\n%u,%u", (unsigned)i, (unsigned)rng_below(g, 9));
		for (size_t k = 0; k < COLUMNS; k++)
			str_addf(out, ",%s", c->cell[i][order[k]]);
	}
	str_addc(out, '\n');
}

static uint64_t repeats_of(const struct cells *c)
{
	uint64_t count = 0;

	for (size_t i = 0; i < c->rows; i++) {
		size_t k = 0;

		while (k < i && !equal_in(c, i, c, k, COLUMNS))
			k++;
		count += k < i;
	}
	return count;
}

static void as_nested_loops(void **state)
{
	const size_t trials = getenv("LONG") ? 20000 : 400;
	struct cells a, b;
	struct str text;
	struct rng g;

	(void)state;
	str_init(&text);
	rng_init(&g, 11, 0);
	for (size_t i = 0; i < trials; i++) {
		const struct overlap_options how = {.label = "y",
		                                    .marks = i % 6,
		                                    .threads = 1 + (int)(i % 3),
		                                    .hash_bits = i % 5 ? 0 : (int)rng_below(&g, 12)};
		struct table train, test;
		struct overlap o;

		fill(&a, &g);
		fill(&b, &g);
		write(&a, &g, "left", &text);
		read_table(&train, text.data, i % 2, i % 4 == 1 ? "y=cat" : "y=int", "id");
		write(&b, &g, "right", &text);
		read_table(&test, text.data, i % 3 == 0, i % 4 == 2 ? "y=cat" : "y=int", "id");
		compare(&o, &train, &test, &how);
		assert_int_equal(o.column_count, COLUMNS);
		assert_string_equal(o.only_train[0], "left");
		assert_string_equal(o.only_test[0], "right");
		assert_true(how.marks == (o.marks != NULL));
		for (int kind = 0; kind < OVERLAP_KINDS; kind++)
			check(&a, &b, &o, (enum overlap_kind)kind);
		assert_int_equal(o.train_repeats, repeats_of(&a));
		assert_int_equal(overlap_leaks(&o), o.same.count > 0 && 2 * repeats_of(&a) <= a.rows);
		overlap_release(&o);
		table_release(&train);
		table_release(&test);
	}
	str_release(&text);
}

/* ---- small tables ---- */

static void types_that_differ(void **state)
{
	struct table train, test;
	struct overlap o;

	(void)state;
	/* x: whole numbers there, others here; c: 2 is a text there; t: times there, numbers here. */
	read_table(&train, "x,c,t\n1,a,2026-01-01\n2,2,2026-01-02\n3,,\n", true, NULL, NULL);
	read_table(&test, "x,c,t\n1.0,2,5\n2.0,2,\n3.5,3,7\n3,,\n", true, NULL, NULL);
	assert_true(train.columns[1].codes && !test.columns[1].codes && train.columns[2].type == COLUMN_TIME);
	compare(&o, &train, &test, &(struct overlap_options){0});
	assert_int_equal(o.same.count, 1);
	assert_int_equal(o.same.first[0].test, 3);
	assert_int_equal(o.same.first[0].train, 2);
	assert_int_equal(o.note_count, 2);
	assert_string_equal(o.notes[0], "c is of type cat in one and int in the other: it is compared as text");
	assert_null(o.label);
	assert_int_equal(o.train_repeats, 0);
	overlap_release(&o);
	/* The other way round; and by two columns. */
	compare(&o, &test, &train, &(struct overlap_options){0});
	assert_int_equal(o.same.count, 1);
	assert_int_equal(o.same.first[0].test, 2);
	overlap_release(&o);
	const char *const two[] = {"c", "x"};
	compare(&o, &train, &test, &(struct overlap_options){.columns = two, .column_count = 2});
	assert_int_equal(o.same.count, 2);
	assert_int_equal(o.same.first[0].test, 1);
	overlap_release(&o);
	table_release(&train);
	table_release(&test);
}

static void names_of_rows(void **state)
{
	const char *const patient[] = {"patient"};
	struct table train, test;
	struct overlap o;
	struct error err;

	(void)state;
	read_table(&train, "patient,x,y\n7,1,0\n8,1,1\n9,2,0\n", false, NULL, "patient");
	read_table(&test, "patient,x\n9,1\n8,3\n8,2\n", false, NULL, NULL);
	/* A column that names rows in one of them only, too; a label that is in one alone. */
	compare(&o, &train, &test, NULL);
	assert_int_equal(o.column_count, 1);
	assert_int_equal(o.same.count, 2);
	assert_string_equal(o.notes[0], "rows are compared without patient, which names them");
	overlap_release(&o);
	compare(&o, &train, &test, &(struct overlap_options){.columns = patient, .column_count = 1});
	assert_int_equal(o.same.count, 3);
	assert_int_equal(o.same.first[1].train, 1);
	overlap_release(&o);
	compare(&o, &train, &test, &(struct overlap_options){.label = "y"});
	assert_null(o.label);
	assert_int_equal(o.note_count, 2);
	overlap_release(&o);
	assert_int_equal(overlap_tables(&o, &train, &test, &(struct overlap_options){.label = "z"}, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	table_release(&test);
	read_table(&test, "u,y\n1,1\n2,0\n", false, NULL, NULL);
	assert_int_equal(overlap_tables(&o, &train, &test, &(struct overlap_options){.label = "y"}, &err), -1);
	assert_non_null(strstr(err.text, "but the label"));
	struct progress stop = {.stop = true};
	assert_int_equal(overlap_tables(&o, &train, &train, &(struct overlap_options){.progress = &stop}, &err),
	                 -1);
	assert_int_equal(err.code, ERR_NO);
	table_release(&train);
	table_release(&test);
}

static void json(void **state)
{
	struct table train, test;
	struct overlap o;
	struct str out;

	(void)state;
	str_init(&out);
	read_table(&train, "x,y\n1,0\n1,0\n2,1\n", false, NULL, NULL);
	read_table(&test, "y,x\n1,1\n1,2\n0,5\n,2\n", false, NULL, NULL);
	compare(&o, &train, &test, &(struct overlap_options){.label = "y"});
	overlap_json(&o, &out);
	assert_string_equal(
	    out.data,
	    "{\"train_rows\":3,\"test_rows\":4,\"columns\":[\"x\",\"y\"],\"only_train\":[],\"only_test\":[],"
	    "\"label\":\"y\",\"same\":{\"rows\":1,\"share\":0.25,\"first\":[{\"test\":2,\"train\":3}]},"
	    "\"alike\":{\"rows\":3,\"share\":0.75,\"first\":[{\"test\":1,\"train\":1},{\"test\":2,\"train\":3},"
	    "{\"test\":4,\"train\":3}]},"
	    "\"conflicts\":{\"rows\":1,\"share\":0.25,\"first\":[{\"test\":1,\"train\":1}]},"
	    "\"train_repeats\":1,\"notes\":[]}");
	overlap_release(&o);
	/* Without a label, the one that both have is a column as the others are. */
	compare(&o, &train, &test, &(struct overlap_options){.no_label = true, .marks = true});
	assert_null(o.label);
	assert_int_equal(o.column_count, 2);
	assert_int_equal(o.same.count, 1);
	assert_memory_equal(o.marks, "\0\3\0\0", 4);
	assert_null(o.same.first[0].test_label);
	overlap_release(&o);
	table_release(&train);
	table_release(&test);
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_nested_loops),
	    cmocka_unit_test(types_that_differ),
	    cmocka_unit_test(names_of_rows),
	    cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
