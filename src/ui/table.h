/*
 * Inside ui: the table, shared by its files. table.c: asking, pages, the cursor; table_sort.c: columns and order;
 * table_widths.c: which columns have room; table_draw.c: drawing and mouse; marks.c: marks; page.c: rows that are
 * all at hand; export.c and table_out.c: copy and export.
 */
#ifndef UI_TABLE_H
#define UI_TABLE_H

#include "private.h"

struct column { /* a ui_column of our own and what drawing has found out about it */
	struct ui_column spec;
	int width;           /* widest seen since the columns were set */
	int whole, fraction; /* DECIMAL: widest part before and from the point on */
	bool numbers, words; /* DECIMAL: such there have been; a number is no word */
	int x, shown_width;  /* at the last draw; shown_width 0: not shown */
	int wide;            /* the same if there were room */
	int whole_width;     /* with nothing cut, neither texts nor title */
};

enum finding { FINDING_NOTHING, FINDING_ALL, FINDING_RANGE };

/* What a frame shows: rows by line, and the one with the cursor. */
struct picture {
	uint64_t generation; /* of the page it was drawn from */
	int64_t cursor_id;
	int rows_y; /* line of the first row in the table's place */
	int64_t *ids;
	size_t count, cap;
};

struct ui_table {
	struct view *view;
	const char *name; /* NULL: the view's */
	void (*ask)(void *user, const struct ui_ask_rows *ask);
	void (*on_cursor)(void *user, int64_t id);
	void (*on_find)(void *user, int64_t from, int64_t to);
	void (*on_copy)(void *user, const int64_t *ids, size_t count);
	void (*on_export)(void *user, const struct ui_export_ask *ask);
	void *user;
	struct arena *column_text;
	struct column *columns;
	size_t column_count, column_at; /* the column that `<` and `>` move to */
	struct ui_page *page;
	bool unmeasured;    /* widths of the page's rows are still to be looked at */
	size_t cursor, top; /* indexes in the page */
	int64_t cursor_id, told_id;
	int64_t wanted_id; /* ui_table_set_cursor: not at hand yet */
	/*
	 * The last frame drawn, and the last one that is on the terminal. displaced: changes of the data, not the
	 * person, have put the cursor where it is, and that has not been seen yet; unshown: nor is it in the last frame
	 * drawn. sent_for: the page came because a key asked for other rows; keys typed after that one mean them.
	 */
	struct picture drawn, seen;
	bool newly_drawn, displaced, unshown, sent_for;
	struct id_set *marks;
	int64_t mark_from, find_to; /* ends of a range */
	enum finding finding;       /* the view looks for rows to mark */
	struct hidden_marks {       /* as counted when the page and the marks were these */
		uint64_t generation, changes;
		size_t count;
	} * hidden;
	struct ui_sort sort[UI_SORT_KEYS];
	int sort_count;
	bool summary, muted;
	size_t before, after; /* columns besides these: ui_table_beyond */
	uint64_t generation;
	bool loading, again, to_start;
	bool scrolled;     /* sideways: columns as they stand side by side, not those that say most */
	int64_t pending;   /* rows still to move when rows come */
	int pending_end;   /* -1: first row, 1: last row of all */
	int height;        /* rows at the last draw */
	bool beside;       /* something stood beside it then */
	struct rect place; /* of the last draw, on the screen */
	char *empty;
	int64_t click_ms, click_id;
	struct ui_export_ask exporting; /* what the person is asked about */
};

void table_move(struct ui_table *t, int64_t delta);
void table_go_to(struct ui_table *t, size_t at); /* a row of the page that the person has pointed at */
bool table_is_new(const struct ui_table *t);     /* the page came by itself and has not been seen yet */
void table_ask_again(struct ui_table *t);        /* the page at hand is of no use any more */
void table_want_first(struct ui_table *t, size_t count);  /* asks for so many, unless all are at hand */
void table_from_start(struct ui_table *t);                /* another order: the first rows of it */
void ui_table_need(struct ui_table *t);                   /* asks when what is to be seen is not at hand */
size_t table_row_at(const struct ui_page *p, int64_t id); /* place of a row in the page, or SIZE_MAX */

/* table_sort.c */
bool table_sort_action(struct ui_table *t, enum action action);
void table_sort_by(struct ui_table *t, size_t column, bool turned);
void table_sort_also(struct ui_table *t, size_t column);
int table_sort_rank(const struct ui_table *t, size_t column); /* 0: the first key; -1: none */

/* export.c: a number where the text is one, also one like "1,284"; a sparkline as an array */
void table_cell_json(struct json_writer *j, const char *key, const struct ui_cell *c);

/* table_widths.c */
void table_measure(struct ui_table *t, const struct surface *s, int lines);
void table_place_columns(struct ui_table *t, int width);
/* Bytes of the text before its decimal point, or where it would stand; all of what is no number. */
size_t table_point(const char *text);
enum ui_align table_align(const struct column *c);
const char *table_cell_text(const struct surface *s, const struct ui_cell *c);
enum {
	TABLE_GUTTER = 3, /* the row's own sign, cursor and mark, a blank */
	TABLE_GAP = 2,
};

/* marks.c: ids in the order in which they came; each costs the same, however many there are */
struct id_set *id_set_new(void);
void id_set_free(struct id_set *m);
void id_set_add(struct id_set *m, int64_t id);
void id_set_remove(struct id_set *m, int64_t id);
void id_set_clear(struct id_set *m);
size_t id_set_place(const struct id_set *m,
                    int64_t id);             /* in ids, if nothing was removed; SIZE_MAX: not in it */
const int64_t *id_set_ids(struct id_set *m); /* until the next change */
bool table_mark_action(struct ui_table *t, enum action action);

/* page.c: a number as programs or people write one: "-inf", "1,284", "71%". */
bool table_text_number(const char *text, double *value);

/* export.c: as ui_export_open … of text that is already written. */
int export_file(const char *path, bool replace, const char *text, size_t len, struct error *err);

/* table_out.c */
bool table_out_action(struct ui_table *t, enum action action);

#endif
