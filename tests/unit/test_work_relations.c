/* What the columns of a data set have to do with each other: computed once, kept for each label, and gone when the
 * bytes are others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assay/work.h"
#include "../lib/store_fixture.h"

static const char csv[] = "x,z,town,y\n1,2,Bern,0\n2,4,Bern,1\n3,7,Zug,0\n4,8,Zug,1\n5,9,Zug,1\n1,2,Bern,0\n";

static void must(int status, const struct error *err)
{
	if (status != 0)
		fail_msg("%s", err->text);
}

static void add(struct store *store, const char *path, const char *text, struct work_data *out)
{
	const char *const paths[] = {path};
	struct work_data_added added;
	struct reading reading;
	struct error err;
	reading_init(&reading);
	must(file_write_atomic(path, text, strlen(text), 0644, &err), &err);
	must(reading_set(&reading, "label", "y", &err), &err);
	must(work_data_add(store, "towns", paths, 1, &reading, NULL, &added, &err), &err);
	must(work_data_find(store, "towns", out, &err), &err);
	str_release(&added.notes);
	reading_release(&reading);
}

/* The JSON of them, and whether they were there already. */
static bool relations_of(struct store *store, const struct work_data *d, const char *label, struct str *out)
{
	struct relations r;
	struct error err;
	bool kept;
	must(work_data_relations(store, d, label, false, NULL, &r, &kept, &err), &err);
	str_clear(out);
	relations_json(&r, 0, out);
	relations_release(&r);
	return kept;
}

static bool are_kept(struct store *store, const struct work_data *d, const char *label)
{
	struct relations r;
	struct error err;
	bool kept;
	must(work_data_relations(store, d, label, true, NULL, &r, &kept, &err), &err);
	if (kept)
		relations_release(&r);
	return kept;
}

static void computed_once(void **state)
{
	struct store *store;
	struct work_data d, other;
	struct relations r;
	struct error err;
	struct str first, again;
	struct progress stop = {.stop = true};
	char *folder;
	(void)state;
	str_init(&first);
	str_init(&again);
	assert_int_equal(store_fixture_open("work-relations", &folder, &store), 0);
	char *path = path_join(folder, "towns.csv");
	add(store, path, csv, &d);
	assert_false(are_kept(store, &d, NULL));
	/* Stopped, nothing is kept. */
	assert_int_equal(work_data_relations(store, &d, NULL, false, &stop, &r, NULL, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_false(are_kept(store, &d, NULL));

	assert_false(relations_of(store, &d, NULL, &first));
	assert_non_null(strstr(first.data, "\"label\":\"y\",\"binary\":true"));
	assert_true(are_kept(store, &d, NULL));
	/* By its name the label is the same one; another one is not. */
	assert_true(relations_of(store, &d, "y", &again));
	assert_string_equal(again.data, first.data);
	assert_false(are_kept(store, &d, "town"));
	assert_int_equal(work_data_relations(store, &d, "no", false, NULL, &r, NULL, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_false(relations_of(store, &d, "town", &again));
	assert_true(are_kept(store, &d, "town") && strcmp(again.data, first.data) != 0);

	/* Other bytes are another version, of which nothing is known yet. */
	add(store, path, "x,z,town,y\n1,2,Bern,0\n2,4,Bern,1\n3,7,Zug,0\n4,8,Zug,1\n", &other);
	assert_false(are_kept(store, &other, NULL));
	/* The first one's file is gone, and what was found in it is still there. */
	assert_true(relations_of(store, &d, NULL, &again));
	assert_string_equal(again.data, first.data);

	/* What cannot be read is made anew. */
	char *key = xasprintf("relations/5 %s y", other.digest);
	assert_false(relations_of(store, &other, NULL, &first));
	must(store_profile_put(store, key, "{}", 2, &err), &err);
	assert_false(are_kept(store, &other, NULL));
	assert_false(relations_of(store, &other, NULL, &again));
	assert_string_equal(again.data, first.data);
	assert_true(are_kept(store, &other, NULL));
	free(key);
	work_data_release(&d);
	work_data_release(&other);
	store_close(store);
	free(path);
	free(folder);
	str_release(&first);
	str_release(&again);
}

static void rows_of_two(void **state)
{
	struct store *store;
	struct work_data one, two;
	struct work_overlap both;
	struct error err;
	struct progress stop = {.stop = true};
	char *folder;
	(void)state;
	assert_int_equal(store_fixture_open("work-overlap", &folder, &store), 0);
	char *path = path_join(folder, "towns.csv"), *other = path_join(folder, "others.csv");
	add(store, path, csv, &one);
	add(store, other, "town,x,z,y,more\nBern,1,2,0,7\nBern,2,4,0,7\nZug,9,9,1,7\nZug,3,7,,7\n", &two);
	must(work_data_overlap(store, &one, &two, NULL, &both, &err), &err);
	/* From each side by the same columns and label. */
	assert_string_equal(both.test.label, "y");
	assert_string_equal(both.train.label, "y");
	assert_int_equal(both.test.column_count, 4);
	assert_int_equal(both.train.column_count, 4);
	assert_memory_equal(both.test.marks, "\3\6\0\2", 4);
	assert_memory_equal(both.train.marks, "\3\6\2\0\0\3", 6);
	assert_int_equal(both.test.same.count, 1);
	assert_int_equal(both.train.same.count, 2);
	assert_int_equal(both.train.conflicts.count, 1);
	assert_string_equal(both.test.conflicts.first[0].test_label, "0");
	assert_string_equal(both.test.conflicts.first[0].train_label, "1");
	work_overlap_release(&both);
	assert_int_equal(work_data_overlap(store, &one, &two, &stop, &both, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	/* Files are held against what was registered. */
	must(file_write_atomic(other, csv, strlen(csv), 0644, &err), &err);
	assert_int_equal(work_data_overlap(store, &one, &two, NULL, &both, &err), -1);
	assert_int_equal(err.code, ERR_STALE);
	assert_non_null(strstr(err.text, "others.csv"));
	work_data_release(&one);
	work_data_release(&two);
	store_close(store);
	free(path);
	free(other);
	free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(computed_once),
	    cmocka_unit_test(rows_of_two),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
