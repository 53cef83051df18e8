/* Inside ui: the table, shared by its two files (data and movement; drawing and mouse). */
#ifndef UI_TABLE_H
#define UI_TABLE_H

#include "private.h"

struct column { /* a ui_column of our own and what drawing has found out about it */
	struct ui_column spec;
	int width;           /* widest seen since the columns were set */
	int whole, fraction; /* DECIMAL: widest part before and from the point on */
	int x, shown_width;  /* at the last draw; shown_width 0: not shown */
};

struct ui_table {
	struct view *view;
	void (*ask)(void *user, const struct ui_ask_rows *ask);
	void (*on_cursor)(void *user, int64_t id);
	void *user;
	struct arena *column_text;
	struct column *columns;
	size_t column_count, column_at; /* the column that `<` and `>` move to */
	struct ui_page *page;
	size_t cursor, top; /* indexes in the page */
	int64_t cursor_id, told_id;
	int64_t wanted_id; /* ui_table_set_cursor: not at hand yet */
	int64_t *marks;
	size_t mark_count, mark_cap;
	struct ui_sort sort[UI_SORT_KEYS];
	int sort_count;
	uint64_t generation;
	bool loading, again, to_start;
	int64_t pending;   /* rows still to move when rows come */
	int pending_end;   /* -1: first row, 1: last row of all */
	int height;        /* rows at the last draw */
	struct rect place; /* of the last draw, on the screen */
	char *empty;
	int64_t click_ms, click_id;
};

void table_move(struct ui_table *t, int64_t delta);
void ui_table_need(struct ui_table *t); /* asks when what is to be seen is not at hand */
void table_sort_by(struct ui_table *t, size_t column);
void table_measure(struct ui_table *t, const struct surface *s);

/* page.c: what the cell stands for as a number: its own key to sort by, or a text that reads as one. */
bool table_cell_number(const struct ui_cell *c, double *value);

#endif
