/* Rows in the order of columns, and reading that ends where memory does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data.h"

static const char text[] = "n,c,t,d\n"
                           "2,b,2026-02-01,1.50\n"
                           "?,A,2026-01-01,-0.25\n"
                           "-7,a,?,1.5\n"
                           "2,?,2026-02-01,?\n"
                           "1e300,B,2025-12-31,0\n"
                           "-inf,b,2026-02-01,-0\n";
enum { ROWS = 6 };

static void read_all(bool packed, struct table *t)
{
	struct table_options options = {.packed = packed};
	struct reading r;
	struct error err;

	reading_init(&r);
	if (table_read_bytes(t, "in", text, strlen(text), &r, &options, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void order(const struct table *t, const char *by, struct str *out)
{
	struct row_key keys[4];
	size_t count = 0;
	uint32_t rows[ROWS];

	for (const char *p = by; *p; p += 2)
		keys[count++] = (struct row_key){(size_t)(strchr("nctd", p[1]) - "nctd"), *p == '-'};
	for (uint32_t i = 0; i < ROWS; i++)
		rows[i] = i;
	assert_true(table_order(t, keys, count, rows, ROWS, NULL));
	str_clear(out);
	for (size_t i = 0; i < ROWS; i++)
		str_addf(out, "%s%u", i ? " " : "", rows[i] + 1);
}

static void test_orders(void **state)
{
	static const struct {
		const char *by, *rows;
	} cases[] = {
	    {"", "1 2 3 4 5 6"},   {"+n", "6 3 1 4 5 2"}, /* what is missing comes last */
	    {"-n", "5 1 4 3 6 2"},                        /* both ways */
	    {"+c", "2 3 5 1 6 4"},                        /* A a B b b */
	    {"-c", "1 6 5 3 2 4"}, {"+t", "5 2 1 4 6 3"},   {"+d", "2 5 6 1 3 4"}, /* -0 is 0 */
	    {"-d", "1 3 5 6 2 4"}, {"+t-n", "5 2 1 4 6 3"}, {"-t+n", "6 1 4 2 5 3"}, {"+d+c", "2 5 6 3 1 4"},
	};
	struct str out;

	(void)state;
	str_init(&out);
	for (int packed = 0; packed < 2; packed++) {
		struct table t;

		read_all(packed, &t);
		for (size_t i = 0; i < COUNT_OF(cases); i++) {
			order(&t, cases[i].by, &out);
			if (strcmp(out.data, cases[i].rows) != 0)
				fail_msg("%s: wanted %s, got %s", cases[i].by, cases[i].rows, out.data);
		}
		table_release(&t);
	}
	str_release(&out);
}

/* Numbers of all sizes, texts of a few words, many equal: in order, equal ones as they stood. */
static void test_many(void **state)
{
	enum { MANY = 20000 };
	uint32_t x = 12345, *rows = xcalloc(MANY, sizeof *rows);
	struct reading r;
	struct table t;
	struct error err;
	struct str csv;

	(void)state;
	str_init(&csv);
	str_adds(&csv, "n,c\n");
	for (int i = 0; i < MANY; i++) {
		x = x * 1664525u + 1013904223u;
		if (x >> 28)
			str_addf(&csv, "%s%u.%ue%d", x & 1 ? "-" : "", x >> 20, x >> 8 & 7, (int)(x >> 4 & 31) - 16);
		str_addf(&csv, ",w%u\n", x >> 16 & 15);
	}
	reading_init(&r);
	assert_int_equal(table_read_bytes(&t, "in", csv.data, csv.len, &r, NULL, &err), 0);
	for (int down = 0; down < 2; down++) {
		struct row_key keys[] = {{1, down != 0}, {0, down == 0}};
		size_t missing = 0;

		for (uint32_t i = 0; i < MANY; i++)
			rows[i] = i;
		assert_true(table_order(&t, keys, 2, rows, MANY, NULL));
		for (size_t i = 1; i < MANY; i++) {
			uint32_t a = rows[i - 1], b = rows[i];
			int order = strcmp(intern_text(t.columns[1].dict, t.columns[1].codes[a]),
			                   intern_text(t.columns[1].dict, t.columns[1].codes[b]));
			double p = t.columns[0].values[a], q = t.columns[0].values[b];
			bool none = column_is_missing(&t.columns[0], b);

			missing += none;
			assert_true(order == 0 || (order > 0) == (down != 0));
			if (order != 0)
				continue;
			if (column_is_missing(&t.columns[0], a))
				assert_true(none && a < b);
			else if (!none)
				assert_true(p == q ? a < b : (p > q) == (down == 0));
		}
		assert_true(missing > 100);
	}
	table_release(&t);
	reading_release(&r);
	str_release(&csv);
	free(rows);
}

static void test_stops(void **state)
{
	struct progress progress = {0};
	struct row_key key = {0, false};
	uint32_t rows[ROWS] = {0, 1, 2, 3, 4, 5};
	struct table t;

	(void)state;
	read_all(true, &t);
	progress.stop = true;
	assert_false(table_order(&t, &key, 1, rows, ROWS, &progress));
	progress.stop = false;
	assert_true(table_order(&t, &key, 1, rows, ROWS, &progress));
	assert_int_equal(progress.done, ROWS);
	table_release(&t);
}

/* ---- most_bytes ---- */

static void make_rows(struct str *out, size_t rows)
{
	str_adds(out, "n,note\n");
	for (size_t i = 0; i < rows; i++)
		str_addf(out, "%zu,\"row, %zu\"\n", i, i);
}

static void test_ends_where_memory_does(void **state)
{
	enum { MANY = 50000 };
	struct table_options options = {.slice = 1000};
	struct reading r;
	struct table whole, part;
	struct error err;
	struct str csv;
	size_t before = 0;

	(void)state;
	str_init(&csv);
	make_rows(&csv, MANY);
	reading_init(&r);
	if (table_read_bytes(&whole, "in", csv.data, csv.len, &r, &options, &err) < 0)
		fail_msg("%s", err.text);
	assert_false(whole.cut);
	for (uint64_t most = 200000; most < 3000000; most *= 3) {
		options.most_bytes = most;
		if (table_read_bytes(&part, "in", csv.data, csv.len, &r, &options, &err) < 0)
			fail_msg("%s", err.text);
		assert_true(part.cut);
		assert_true(part.row_count > before && part.row_count < MANY);
		assert_string_equal(part.files[0].sha256, "");
		assert_int_equal(part.files[0].rows, part.row_count);
		before = part.row_count;
		/* Whole rows, and the same ones. */
		for (size_t i = 0; i < part.row_count; i++) {
			assert_true(part.columns[0].values[i] == whole.columns[0].values[i]);
			assert_string_equal(intern_text(part.columns[1].dict, part.columns[1].codes[i]),
			                    intern_text(whole.columns[1].dict, whole.columns[1].codes[i]));
		}
		table_release(&part);
	}
	options.most_bytes = UINT64_C(1) << 30;
	if (table_read_bytes(&part, "in", csv.data, csv.len, &r, &options, &err) < 0)
		fail_msg("%s", err.text);
	assert_false(part.cut);
	assert_int_equal(part.row_count, MANY);
	assert_string_equal(part.files[0].sha256, whole.files[0].sha256);
	table_release(&part);
	table_release(&whole);
	reading_release(&r);
	str_release(&csv);
}

/* Files behind the one that was cut have no rows in it. */
static void test_ends_within_one_of_several(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = xasprintf("%s/assay-order-XXXXXX", tmp ? tmp : "/tmp");
	struct table_options options = {.slice = 1000, .most_bytes = 100000};
	const char *paths[3];
	struct reading r;
	struct table t;
	struct error err;
	struct str csv;

	(void)state;
	assert_non_null(mkdtemp(folder));
	str_init(&csv);
	make_rows(&csv, 20000);
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		char *path = xasprintf("%s/%zu.csv", folder, i);

		assert_int_equal(file_write_atomic(path, csv.data, csv.len, 0644, NULL), 0);
		paths[i] = path;
	}
	reading_init(&r);
	if (table_read(&t, paths, COUNT_OF(paths), &r, &options, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(t.cut);
	assert_true(t.row_count > 0 && t.row_count < 20000);
	for (size_t i = 1; i < COUNT_OF(paths); i++) {
		assert_int_equal(t.files[i].rows, 0);
		assert_string_equal(t.files[i].sha256, "");
		assert_string_equal(t.files[i].path, paths[i]);
	}
	table_release(&t);
	/* Within the second one: the first was read to its end, and has its digest. */
	options.most_bytes = 1500000;
	if (table_read(&t, paths, COUNT_OF(paths), &r, &options, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(t.cut);
	assert_int_equal(t.files[0].rows, 20000);
	assert_int_equal(strlen(t.files[0].sha256), 64);
	assert_true(t.files[1].rows > 0 && t.files[1].rows < 20000);
	assert_string_equal(t.files[1].sha256, "");
	assert_int_equal(t.files[2].rows, 0);
	table_release(&t);
	reading_release(&r);
	str_release(&csv);
	for (size_t i = 0; i < COUNT_OF(paths); i++)
		free((char *)(uintptr_t)paths[i]);
	dir_remove(folder, NULL);
	free(folder);
}

static void test_memory_left(void **state)
{
	(void)state;
	/* Less than any machine has, more than none. */
	assert_true(memory_left() > 0 && memory_left() < UINT64_C(1) << 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_orders),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_stops),
	    cmocka_unit_test(test_ends_where_memory_does),
	    cmocka_unit_test(test_ends_within_one_of_several),
	    cmocka_unit_test(test_memory_left),
	};

	return cmocka_run_group_tests_name("order of rows", tests, NULL, NULL);
}
