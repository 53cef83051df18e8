/* A view that is one table, for tests of the table: rows given as texts, or made up; all at hand, or by pages. */
#ifndef TESTS_LISTING_H
#define TESTS_LISTING_H

#include "assay/ui.h"

struct listing {
	const struct ui_column *columns;
	size_t column_count;
	const char *const *texts; /* row by row; NULL: "row-1" …, "1.5" … in two columns */
	size_t count;
	size_t head; /* so many of the rows stand in the head as well */
	bool paged;  /* 60 rows a page, in the order of ids whatever is asked */
	/* What is left to the view. */
	bool finds, copies, exports;
	int64_t find_from, find_to;
	int found; /* calls */
	struct ui_export_ask export_ask;
	struct ui_ask_rows ask; /* the last one */
	struct ui_table *table;
	struct ui *ui;
	struct term *term;
};
/* Fills in table, ui, term; the rest is the caller's, before. Settled. */
void listing_start(struct listing *l, int w, int h, enum term_charset charset);
void listing_stop(struct listing *l);
void listing_keys(struct listing *l, const char *script); /* as ui_script; must go through */
void listing_expect(struct listing *l, const char *text); /* on the screen */
void listing_refuse(struct listing *l, const char *text);
/* The row of the screen that has this text, without blanks at its end; fails if none. Caller frees. */
char *listing_line(struct listing *l, const char *text);

#endif
