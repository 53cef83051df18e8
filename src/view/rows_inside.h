/* The row viewer, shared by its files: the list, its filter, one row large. */
#ifndef ASSAY_VIEW_ROWS_INSIDE_H
#define ASSAY_VIEW_ROWS_INSIDE_H

#include "rows.h"

struct rows_view {
	struct list list;
	struct arena *mem;
	struct rows_held *held;
	struct rows_match *match; /* NULL: not known yet, or the expression is wrong */
	bool ready;               /* held is loaded */
	bool stopped;             /* Esc: not before r is it done after all */
	bool below;               /* the view below says whose rows they are */
	struct error fault;       /* code 0: none */
	struct ui_ask_rows wait;  /* that waits for rows */
	bool waiting;
	size_t first_column; /* of the table's, in the list */
	const char *which;   /* rows these are, in the words of where they were opened; NULL */
	const uint64_t *only;
	size_t only_count;
	bool equal;     /* those alone that are equal to `first` */
	int64_t beside; /* row that the preview shows */
	const char *column;
	uint64_t first;
	char export_path[UI_EXPORT_PATH];
};
/* Place of the current column in the table; SIZE_MAX: none, or the row's number. */
size_t rows_view_column(const struct rows_view *r);

/* ---- rows_acts.c ---- */

enum { ROWS_TAG_EXPORT = 100 };
void rows_acts_init(struct rows_view *r);
void rows_go_to(struct rows_view *r); /* asks for the number */
/* The marked rows or the current one, in the order in which they stand, texts at full length. */
void rows_copy(struct rows_view *r);

/* ---- rows_filter.c ---- */

void rows_filter_check(struct list *l, const char *text, struct ui_check *out);
void rows_filter_complete(struct list *l, const char *text, size_t cursor, struct ui_completions *out);
void rows_filtered(struct list *l);
void rows_filter_say(struct rows_view *r); /* the command that shows the same */

/* ---- row.c ---- */

struct row_args {
	struct rows_held *held;
	struct rows_match *match;
	uint64_t row;
	size_t column; /* SIZE_MAX: the first */
};
extern const struct view_ops ROW_VIEW;

#endif
