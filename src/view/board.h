/* Board: several short lists under each other, with one cursor through all of them. */
#ifndef ASSAY_VIEW_BOARD_H
#define ASSAY_VIEW_BOARD_H

#include "assay/ui.h"

#define BOARD_COLUMNS 7

struct board_cell {
	const char *text; /* NULL: nothing */
	style_id style;
	const double *spark; /* n values instead of a text */
	size_t n;
	double gauge; /* with is_gauge: 0…1 */
	bool is_gauge;
};
struct board_row {
	int64_t id; /* 0: the cursor does not stop here */
	struct board_cell cells[BOARD_COLUMNS];
	const char *line; /* a sentence over all columns instead; NULL */
	style_id style;   /* of the line */
};
struct board_section {
	const char *title, *note;                      /* note: after the title, muted; may be NULL */
	const char *heads[BOARD_COLUMNS];              /* titles of columns, on the title's line; NULL: none */
	bool right[BOARD_COLUMNS];                     /* columns whose text ends at the right */
	int least[BOARD_COLUMNS], most[BOARD_COLUMNS]; /* widths; most 0: 40 */
	int main;                                      /* the column that shows where the cursor is */
	int keep; /* so many columns stay in sight: the main one is made narrower for them */
	struct board_row *rows;
	size_t count, cap;
};
#define BOARD_SECTIONS 6
struct board {
	struct arena *mem; /* what the sections are made of */
	struct board_section sections[BOARD_SECTIONS];
	size_t count;
	int64_t cursor; /* id of a row */
	bool chosen;    /* the person has moved it: until then it stays on the first row, whatever that is */
	int top, height, lines;
	int64_t *ids; /* of each line, for the mouse and the cursor */
	size_t id_cap;
};
void board_release(struct board *b);
/* Forgets the sections; the cursor stays. */
void board_begin(struct board *b);
struct board_section *board_add(struct board *b, const char *title);
struct board_row *board_row(struct board_section *s, int64_t id);
/* A sentence of its own, not for the cursor; several lines where there is no room for it in one. */
void board_line(struct board *b, struct board_section *s, style_id style, const char *text);
void board_draw(struct board *b, struct surface *s);
/* The sections as lists, for ui_twin: rows that the cursor stops at, columns by their titles or numbers. */
void board_lists(const struct board *b, void (*fn)(void *user, const struct ui_shown_list *list), void *user);
bool board_action(struct board *b, enum action action);
/* In the coordinates of the board. *open: clicked twice. */
bool board_event(struct board *b, const struct term_event *e, bool *open);

#endif
