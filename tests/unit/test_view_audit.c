/* Audit's pages: rows of the ledger and other acts, however many there are, are one list wherever it is entered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "assay/base.h"
#include "../../src/view/audit.h"
#include "../../src/view/view_inside.h"

#include "../lib/golden.h"
#include "../lib/store_fixture.h"
#include "../lib/trust_fixture.h"

enum { ACTS = 1700 };
static char *folder, *dir;
static struct app app;
static struct desk desk;

static struct ui_page *page_of(struct audit_page_ask ask)
{
	struct arena *a = arena_new();
	struct error err;
	void *page;

	ask.about_most = 40;
	if (view_audit_read_page(&desk, a, &ask, &page, &err) != 0)
		fail_msg("%s", err.text);
	return page;
}

static struct ui_page *whole(const char *filter)
{
	struct audit_page_ask ask = {.rows = {.where = UI_FROM_START, .count = 100000}};

	snprintf(ask.filter, sizeof ask.filter, "%s", filter);
	return page_of(ask);
}

/* The page is the rows of `all` from `from` on. */
static void check_slice(const struct ui_page *page, const struct ui_page *all, size_t from, size_t count)
{
	assert_true(from + count <= all->count);
	assert_int_equal(page->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(page->rows[i].id, all->rows[from + i].id);
		assert_string_equal(page->rows[i].cells[3].text, all->rows[from + i].cells[3].text);
	}
	if (from > 0)
		assert_false(page->at_start);
	assert_true(page->at_end == (from + count == all->count));
}

static void slices(const char *filter)
{
	struct ui_page *all = whole(filter);
	static const int sizes[][2] = {{0, 60}, {1, 2}, {30, 90}, {59, 60}, {700, 1500}};

	assert_true(all->at_start && all->at_end);
	for (size_t at = 0; at<all->count; at += all->count> 300 ? 37 : 1)
		for (size_t s = 0; s < COUNT_OF(sizes); s++) {
			struct audit_page_ask ask = {.rows = {.where = UI_AROUND,
			                                      .anchors = {2 * 1000000, all->rows[at].id},
			                                      .anchor_count = 2,
			                                      .before = sizes[s][0],
			                                      .count = sizes[s][1]}};
			size_t before = at < (size_t)sizes[s][0] ? at : (size_t)sizes[s][0];
			size_t left = all->count - (at - before);
			struct ui_page *page;

			snprintf(ask.filter, sizeof ask.filter, "%s", filter);
			page = page_of(ask);
			check_slice(page, all, at - before, left < (size_t)sizes[s][1] ? left : (size_t)sizes[s][1]);
			arena_free(page->arena);
		}
	arena_free(all->arena);
}

static void every_place(void **state)
{
	(void)state;
	slices("");
	slices("robot 7");
	slices("approve");
}

static void both_ends(void **state)
{
	struct ui_page *all = whole(""), *page;
	struct audit_page_ask ask = {.rows = {.where = UI_FROM_END, .count = 60}};

	(void)state;
	assert_true(all->count > ACTS + 20);
	page = page_of(ask);
	check_slice(page, all, all->count - 60, 60);
	arena_free(page->arena);
	ask.rows.where = UI_FROM_START;
	page = page_of(ask);
	check_slice(page, all, 0, 60);
	assert_true(page->at_start && page->total_more);
	arena_free(page->arena);
	arena_free(all->arena);
}

/* Newest first, each once. */
static void order(void **state)
{
	struct ui_page *all = whole("");
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; i + 1 < all->count; i++)
		assert_true(all->rows[i].cells[0].sort >= all->rows[i + 1].cells[0].sort);
	for (size_t i = 0; i < all->count; i++)
		rows += all->rows[i].id % 2 == 0;
	assert_int_equal(rows, view_audit_trail(&desk)->count);
	arena_free(all->arena);
}

static void filters(void **state)
{
	struct ui_page *page = whole("robot thing-17");

	(void)state;
	assert_int_equal(page->count, 11); /* 17, and 170 to 179 */
	arena_free(page->arena);
	page = whole("nobody-is-called-so");
	assert_int_equal(page->count, 0);
	assert_true(page->at_start && page->at_end);
	arena_free(page->arena);
}

/* An anchor that is gone is passed over; none left: from the start. */
static void anchors(void **state)
{
	struct ui_page *all = whole("");
	struct audit_page_ask ask = {.rows = {.where = UI_AROUND,
	                                      .anchors = {2 * 99999, 2 * 99999 + 1},
	                                      .anchor_count = 2,
	                                      .before = 5,
	                                      .count = 20}};
	struct ui_page *page = page_of(ask);

	(void)state;
	check_slice(page, all, 0, 20);
	arena_free(page->arena);
	arena_free(all->arena);
}

/* Acts between the decisions, three of the same time each, one of which is a decision's, too. */
static int add_acts(const char *store)
{
	char *path = path_join(store, "assay.db");
	sqlite3 *db;
	char *sql = xasprintf(
	    "DELETE FROM activity; WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
	    "INSERT INTO activity (at, who, verb, what) SELECT %lld + i / 3 * 600000, 'robot', 'did', "
	    "'thing-' || i FROM n",
	    ACTS - 1, (long long)(FIXTURE_NOW - 4 * 86400000LL));
	int status =
	    sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;

	sqlite3_close(db);
	free(path);
	free(sql);
	return status;
}

static int make(void **state)
{
	struct error err = {0};

	(void)state;
	folder = golden_folder("audit", false);
	if (!folder || trust_fixture(folder, &dir, &err) != 0 || add_acts(dir) != 0 ||
	    store_open(&desk.store, dir, STORE_READ, &err) != 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	app = (struct app){.store_dir = dir, .fixed_now = FIXTURE_NOW, .charset = TERM_BRAILLE};
	desk.app = &app;
	return 0;
}

static int drop(void **state)
{
	(void)state;
	view_desk_release(&desk);
	store_close(desk.store);
	dir_remove(folder, NULL);
	free(folder);
	free(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order),   cmocka_unit_test(both_ends), cmocka_unit_test(every_place),
	    cmocka_unit_test(filters), cmocka_unit_test(anchors),
	};

	golden_begin();
	return cmocka_run_group_tests_name("view-audit", tests, make, drop);
}
