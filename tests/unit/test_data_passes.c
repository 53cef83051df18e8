/* Files whose columns do not fit: what comes in several passes is what one gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/data.h"

enum { ROWS = 20000 };
/* What is left beside the program is some of that. */
#define PROGRAM ((uint64_t)12 << 20)

static char path[] = "/tmp/assay-passes-XXXXXX";

/* Columns of every kind; some turn out to be another kind far behind the beginning. */
static int write_file(void **state)
{
	FILE *f;
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0 || !(f = fdopen(fd, "w")))
		return -1;
	fputs(
	    "no_id,city,when,good,w,late_text,late_time,packed_not,code,note,user_id,all_missing,n,late_double\n",
	    f);
	for (int i = 0; i < ROWS; i++) {
		const int k = (int)((unsigned)i * 7919u % ROWS);

		fprintf(f, "%d,%s,2026-01-%02d,%s,%d,", k,
		        i % 3   ? "Basel"
		        : i % 7 ? "Bern"
		                : "",
		        1 + i % 28, i % 5 ? "yes" : "no", i % 4);
		fprintf(f, i == ROWS - 500 ? "x," : "%d,", i % 90);
		fprintf(f, i < ROWS / 2 ? "," : "2026-02-%02d 10:00:00,", 1 + i % 28);
		fprintf(f, i == ROWS - 9 ? "1e300," : "%d.5,", i);
		fprintf(f, "%05d,\"says, %d\",u%d,NA,%d,%s\n", i % 700, k, k, i % 1000,
		        i < ROWS - 3 ? "7" : "0.1234567");
	}
	return fclose(f);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void read_how(struct reading *r, bool roles)
{
	struct error err;

	reading_init(r);
	if (roles && (reading_set(r, "weight", "w", &err) < 0 || reading_set(r, "label", "good", &err) < 0 ||
	              reading_set(r, "positive", "yes", &err) < 0))
		fail_msg("%s", err.text);
}

struct seen {
	const struct table *whole;
	size_t times[32], passes, most;
	const char *first;
};

static uint64_t need(void *user, uint64_t rows, uint64_t bytes)
{
	(void)user;
	return bytes + rows;
}

static void same_column(const struct table *a, const struct table *b, size_t at)
{
	const struct column *x = &a->columns[at], *y = &b->columns[at];
	struct str s, t;

	str_init(&s);
	str_init(&t);
	assert_int_equal(x->type, y->type);
	assert_int_equal(x->missing, y->missing);
	assert_int_equal(x->packed != NULL, y->packed != NULL);
	assert_memory_equal(x->missing_by, y->missing_by, a->reading.missing_count * sizeof(*x->missing_by));
	for (size_t i = 0; i < a->row_count; i++) {
		str_clear(&s);
		str_clear(&t);
		column_cell(x, i, &s);
		column_cell(y, i, &t);
		assert_string_equal(s.data, t.data);
	}
	str_release(&s);
	str_release(&t);
}

static int take(void *user, const struct table *t, const size_t *columns, size_t count, struct error *err)
{
	struct seen *s = user;

	(void)err;
	assert_int_equal(t->row_count, s->whole->row_count);
	assert_int_equal(t->files[0].rows, s->whole->files[0].rows);
	for (size_t i = 0; i < count; i++) {
		assert_true(i == 0 || columns[i] > columns[i - 1]);
		same_column(s->whole, t, columns[i]);
		s->times[columns[i]]++;
	}
	if (s->passes++ == 0 && s->first)
		assert_int_equal(s->times[table_find(t, s->first)], 1);
	s->most = count > s->most ? count : s->most;
	return 0;
}

/* `left`: bytes for columns. */
static int in_passes(struct seen *s, struct table *t, uint64_t left, bool roles, struct error *err)
{
	const struct table_options options = {.packed = true, .slice = 4096, .threads = 2};
	struct table_passes passes = {
	    .memory = (PROGRAM + left) / 11 * 12, .first = s->first, .need = need, .take = take, .user = s};
	struct reading r;
	int rc;

	read_how(&r, roles);
	rc = table_read_passes(t, (const char *const[]){path}, 1, &r, &options, &passes, err);
	assert_int_equal(passes.taken, s->passes);
	reading_release(&r);
	return rc;
}

static void as_one(const struct table *whole, bool roles, uint64_t left, size_t least)
{
	struct seen s = {.whole = whole, .first = "city"};
	struct table t;
	struct error err;

	if (in_passes(&s, &t, left, roles, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(s.passes >= least);
	assert_int_equal(t.row_count, whole->row_count);
	assert_int_equal(t.note_count, whole->note_count);
	for (size_t i = 0; i < t.note_count; i++)
		assert_string_equal(t.notes[i], whole->notes[i]);
	for (size_t i = 0; i < t.column_count; i++) {
		assert_int_equal(s.times[i], s.passes ? 1 : 0);
		assert_int_equal(t.columns[i].type, whole->columns[i].type);
		assert_int_equal(t.columns[i].roles, whole->columns[i].roles);
		assert_int_equal(t.columns[i].missing, whole->columns[i].missing);
		assert_true(!s.passes || !(t.columns[i].values || t.columns[i].codes || t.columns[i].packed));
	}
	table_release(&t);
}

static void passes_are_one(void **state)
{
	const struct table_options options = {.packed = true};
	struct error err;

	(void)state;
	for (int roles = 0; roles < 2; roles++) {
		struct reading r;
		struct table whole;

		read_how(&r, roles);
		if (table_read(&whole, (const char *const[]){path}, 1, &r, &options, &err) < 0)
			fail_msg("%s", err.text);
		as_one(&whole, roles, 64 << 20, 0);
		as_one(&whole, roles, 5 << 20, 1);
		as_one(&whole, roles, 3200000, 3);
		table_release(&whole);
		reading_release(&r);
	}
}

/* What is said to be needed is enough. */
static void too_little(void **state)
{
	const struct table_options options = {.packed = true};
	struct seen s = {.first = NULL};
	struct reading r;
	struct table whole, t;
	struct error err;
	const char *says;

	(void)state;
	read_how(&r, false);
	if (table_read(&whole, (const char *const[]){path}, 1, &r, &options, &err) < 0)
		fail_msg("%s", err.text);
	s.whole = &whole;
	assert_int_equal(in_passes(&s, &t, 100000, false, &err), -1);
	assert_int_equal(err.code, ERR_ENV);
	says = strstr(err.text, "--memory ");
	assert_non_null(says);
	assert_non_null(strstr(err.text, "may be taken"));
	s = (struct seen){.whole = &whole};
	assert_int_equal(in_passes(&s, &t, (strtoull(says + 9, NULL, 10) << 20) / 12 * 11 - PROGRAM, false, &err),
	                 0);
	assert_true(s.passes > 1);
	table_release(&t);
	table_release(&whole);
	reading_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passes_are_one),
	    cmocka_unit_test(too_little),
	};

	return cmocka_run_group_tests(tests, write_file, remove_file);
}
