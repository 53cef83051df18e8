/* Rows that two data sets have in common, in words: one and many, all and none, long names, no room. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/view/relations.h"

static const char *const COLUMNS[] = {"age", "income", "repaid"};

/* So many of ten, and of twenty; labels of the first. */
static struct overlap_seen seen_with(uint64_t same, uint64_t alike, uint64_t conflicts)
{
	struct overlap_seen seen = {.id = 1, .other = 2, .name = "loans@1", .other_name = "trial@2"};
	struct overlap *o = &seen.both.test;

	*o = (struct overlap){.train_rows = 20,
	                      .test_rows = 10,
	                      .columns = COLUMNS,
	                      .column_count = COUNT_OF(COLUMNS),
	                      .label = COLUMNS[2],
	                      .same.count = same,
	                      .alike.count = alike,
	                      .conflicts.count = conflicts};
	for (size_t i = 0; i < OVERLAP_EXAMPLES; i++) {
		o->same.first[i].test = o->alike.first[i].test = o->conflicts.first[i].test = 1233 + i;
		o->conflicts.first[i].test_label = "yes";
	}
	return seen;
}

/* As it is drawn in so much room, lines joined by blanks. */
static char *drawn(const struct overlap_seen *seen, enum overlap_kind kind, int w, int h)
{
	struct grid grid;
	struct surface s;
	struct str text;

	str_init(&text);
	grid_init(&grid, w, h, TERM_BRAILLE);
	s = grid_surface(&grid);
	view_overlap_draw_kind(seen, kind, &s);
	grid_text(&grid, &text);
	grid_release(&grid);
	for (char *p = text.data; *p; p++)
		if (*p == '\n')
			*p = ' ';
	return text.data;
}

static void says(const struct overlap_seen *seen, enum overlap_kind kind, int w, int h, const char *what)
{
	char *text = drawn(seen, kind, w, h);

	if (!strstr(text, what))
		fail_msg("not \"%s\" in: %s", what, text);
	free(text);
}

static void hides(const struct overlap_seen *seen, enum overlap_kind kind, int w, int h, const char *what)
{
	char *text = drawn(seen, kind, w, h);

	if (strstr(text, what))
		fail_msg("\"%s\" in: %s", what, text);
	free(text);
}

static void how_many(void **state)
{
	struct overlap_seen none = seen_with(0, 2, 0), one = seen_with(1, 1, 1), many = seen_with(3, 7, 4),
	                    all = seen_with(10, 10, 10);

	(void)state;
	says(&none, OVERLAP_SAME, 200, 12, "No row of trial@2 stands in loans@1, too.");
	hides(&none, OVERLAP_SAME, 200, 12, "ROWS");
	says(&none, OVERLAP_CONFLICTS, 200, 12,
	     "No row of trial@2 is like a row of loans@1 that has another repaid.");
	says(&one, OVERLAP_SAME, 200, 12,
	     "1 of 10 rows of trial@2 (10.0%) stands in loans@1, too, equal in all 3 columns that are compared.");
	says(&one, OVERLAP_SAME, 200, 12, "has seen it: tested on it, it looks better");
	says(&one, OVERLAP_CONFLICTS, 200, 12, "1 of 10 rows of trial@2 (10.0%) is like a row");
	says(&many, OVERLAP_SAME, 200, 12, "3 of 10 rows of trial@2 (30.0%) stand in loans@1, too");
	says(&many, OVERLAP_ALIKE, 200, 12,
	     "7 of 10 rows of trial@2 (70.0%) are like a row of loans@1, the label repaid aside");
	says(&many, OVERLAP_CONFLICTS, 200, 12, "One of the two is wrong");
	says(&all, OVERLAP_SAME, 200, 12, "All 10 rows of trial@2 stand in loans@1");
	many.both.test.train_repeats = 11;
	says(&many, OVERLAP_SAME, 200, 12,
	     "That need not be the same cases: most rows of loans@1 repeat another one of it, too.");
	hides(&many, OVERLAP_SAME, 200, 12, "looks better");
	all.both.test.test_rows = all.both.test.same.count = 1;
	all.both.test.column_count = 1;
	says(&all, OVERLAP_SAME, 200, 12,
	     "The one row of trial@2 stands in loans@1, too, equal in the one column that is compared.");
}

static void first_rows(void **state)
{
	struct overlap_seen few = seen_with(3, 3, 3), many = seen_with(10, 10, 10);

	(void)state;
	says(&few, OVERLAP_SAME, 80, 12, " ROWS ");
	hides(&few, OVERLAP_SAME, 80, 12, "FIRST ROWS");
	says(&few, OVERLAP_SAME, 80, 12, "1,236");
	hides(&few, OVERLAP_SAME, 80, 12, "1,237");
	says(&many, OVERLAP_SAME, 80, 12, "FIRST ROWS");
	says(&many, OVERLAP_SAME, 80, 12, "1,238");
	/* Labels where they may differ; none is said, too. Rows come before labels where there is no room for both. */
	says(&few, OVERLAP_CONFLICTS, 80, 12, "yes");
	says(&few, OVERLAP_CONFLICTS, 80, 12, "\xe2\x80\x93");
	hides(&few, OVERLAP_SAME, 80, 12, "yes");
	hides(&few, OVERLAP_CONFLICTS, 24, 20, "yes");
	says(&few, OVERLAP_CONFLICTS, 24, 20, "1,236");
	/* Nothing but the sentence where there is no room. */
	hides(&few, OVERLAP_SAME, 80, 5, "ROWS");
}

static void long_names(void **state)
{
	struct overlap_seen seen = seen_with(3, 3, 3);
	struct arena *a = arena_new();
	struct str text;

	(void)state;
	str_init(&text);
	seen.name = "a-name-that-is-longer-than-any-line-has-room-for-2026-10@12";
	seen.other_name =
	    "r\xc3\xb6w-\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2"
	    "\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97@3";
	says(&seen, OVERLAP_SAME, 200, 12,
	     "stand in a-name-that-is-long\xe2\x80\xa6"
	     "2026-10@12, too");
	says(&seen, OVERLAP_SAME, 200, 12, "\xe6\xbc\xa2\xe5\xad\x97@3 (30.0%)");
	for (int w = 1; w < 90; w++)
		free(drawn(&seen, OVERLAP_CONFLICTS, w, 12));
	assert_non_null(strstr(view_overlap_which(a, &seen, OVERLAP_SAME, true), "in both: rows of a-name"));
	assert_non_null(strstr(view_overlap_which(a, &seen, OVERLAP_CONFLICTS, false), "other label: rows of r"));
	view_overlap_say_none(&seen, &text);
	assert_non_null(strstr(text.data, "10 rows against 20, compared in 3 columns"));
	str_release(&text);
	arena_free(a);
}

static void notes(void **state)
{
	static const char *const sentences[] = {"rows are compared without id, which names them"};
	struct overlap_seen seen = seen_with(3, 3, 3);
	struct grid grid;
	struct surface s, none;
	struct str text;

	(void)state;
	str_init(&text);
	seen.both.test.only_test = COLUMNS;
	seen.both.test.only_test_count = 2;
	seen.both.test.train_repeats = 1;
	seen.both.test.notes = sentences;
	seen.both.test.note_count = 1;
	grid_init(&grid, 80, 10, TERM_BRAILLE);
	s = grid_surface(&grid);
	none = surface_part(&s, 0, 0, 80, -3);
	view_overlap_draw_notes(&seen, &none);
	grid_text(&grid, &text);
	assert_null(strstr(text.data, "compared"));
	str_clear(&text);
	view_overlap_draw_notes(&seen, &s);
	grid_text(&grid, &text);
	assert_non_null(strstr(text.data,
	                       " compared in 3 columns: age, income, repaid\n only in trial@2: age, income\n"
	                       " 1 row of loans@1 repeats another one of it"));
	assert_non_null(strstr(text.data, "which names them"));
	grid_release(&grid);
	/* One line each, at the bottom, where there is no room for all of it: of names without end the first. */
	grid_init(&grid, 20, 5, TERM_BRAILLE);
	s = grid_surface(&grid);
	str_clear(&text);
	view_overlap_draw_notes(&seen, &s);
	grid_text(&grid, &text);
	assert_non_null(strstr(text.data, " compared in 3 col\xe2\x80\xa6\n only in trial@2: \xe2\x80\xa6\n"));
	grid_release(&grid);
	str_release(&text);
}

/* All kinds beside each other say what each says alone, and their rows begin at one height. */
static void side_by_side(void **state)
{
	struct overlap_seen seen = seen_with(3, 7, 4);
	struct grid grid;
	struct surface s;
	struct str text;
	int used;

	(void)state;
	str_init(&text);
	seen.list.count = OVERLAP_KINDS;
	for (int w = 1; w < 200; w += 9)
		for (int h = 1; h < 20; h += 3) {
			grid_init(&grid, w, h, TERM_BRAILLE);
			s = grid_surface(&grid);
			view_overlap_draw_kinds(&seen, OVERLAP_ALIKE, &s);
			grid_release(&grid);
		}
	grid_init(&grid, 150, 20, TERM_BRAILLE);
	s = grid_surface(&grid);
	used = view_overlap_draw_kinds(&seen, OVERLAP_ALIKE, &s);
	assert_in_range(used, 12, 15);
	grid_text(&grid, &text);
	assert_non_null(strstr(text.data, "3 of 10 rows of trial@2"));
	assert_non_null(strstr(text.data, "7 of 10 rows of trial@2"));
	assert_non_null(strstr(text.data, "4 of 10 rows of trial@2"));
	assert_non_null(strstr(text.data, "\nROWS                                               FIRST ROWS "));
	grid_release(&grid);
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(how_many), cmocka_unit_test(first_rows),   cmocka_unit_test(long_names),
	    cmocka_unit_test(notes),    cmocka_unit_test(side_by_side),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
