/*
 * ui: the table, and what lists are made with: columns, rows, pages, sorting, sums, export. ui.h includes it.
 *
 * Rows are 64-bit ids (never 0), never indexes. What is done to a row is done to the one that had the cursor's sign
 * when the person last saw the screen: when it has gone meanwhile, the key does nothing but say so.
 */
#ifndef ASSAY_UI_TABLE_H
#define ASSAY_UI_TABLE_H

#include "assay/ui.h"

enum ui_align {
	UI_LEFT,
	UI_RIGHT,
	UI_DECIMAL, /* on the point or where it would stand: digits under digits, with sign, exponent, unit */
};
struct ui_column {
	const char *id; /* for sorting, saving */
	const char *title;
	enum ui_align align;
	int min, max; /* width; max 0: as wide as its content */
	int priority; /* 0 stays; the highest number is dropped first when there is no room and it is not scrolled
	                 to */
	bool no_sort;
	bool name;   /* of names: cut in the middle as those of the first column, and given what room is left */
	bool called; /* a key called for it: it is shown even where it is not among those chosen */
	bool ascending; /* of numbers: sorting by it begins with the least (less is better) */
};
struct ui_cell {
	const char *text;    /* NULL: "–" */
	style_id style;      /* 0: text */
	const double *spark; /* a sparkline of n values instead of text */
	size_t n;
	bool gauge; /* a gauge of spark[0] (0…1) */
	/* What ui_page_sorted and ui_page_summary go by instead of the text: a time, a duration, bytes. */
	bool has_sort;
	double sort;
};
struct ui_row {
	int64_t id;            /* not 0 */
	struct ui_cell *cells; /* one a column, in the order of the columns given to ui_table_columns */
	style_id style;        /* of the whole row, 0: as the cells */
	char gutter; /* a sign of the row's own before the first column, 0: none ('b' for baseline…) */
};
enum ui_where {
	UI_FROM_START, /* the first `count` rows */
	UI_FROM_END,   /* the last ones */
	UI_AROUND, /* `before` rows before and `count - before` from the anchor on; the first anchor that still
	              exists counts, none: as UI_FROM_START */
};
#define UI_COLUMN_ID 256 /* bytes of a column's id at most, with its end */
#define UI_SORT_KEYS 4
struct ui_sort {
	char column[UI_COLUMN_ID];
	bool descending;
};
#define UI_ANCHORS 8
struct ui_ask_rows {
	uint64_t generation; /* to be put into the page */
	enum ui_where where;
	int64_t anchors[UI_ANCHORS];
	int anchor_count;
	int before, count;
	struct ui_sort sort[UI_SORT_KEYS];
	int sort_count; /* 0: the order of the source's own */
	bool
	    summary; /* rows with sums of the columns are wanted in page.head: ui_page_summary, or the source's own */
};
/* The answer. Owned by its arena, which the table takes over. Rows in order, without doubled ids. */
struct ui_page {
	struct arena *arena;
	uint64_t generation;
	struct ui_row *rows;
	size_t count;
	/* Rows that stand under the header and neither scroll nor are sorted: a baseline, sums of columns. With an id
	 * they can be told (marked, found by it), but the cursor does not go there. */
	struct ui_row *head;
	size_t head_count;
	bool at_start, at_end; /* nothing before the first, nothing after the last row */
	int64_t first_index;   /* position of rows[0] in the whole order, -1: not known */
	int64_t total;         /* rows in all; with total_more: at least so many ("100+") */
	bool total_more;
};

/* A list as ui_twin tells it. */
struct ui_shown_list {
	const char *name;
	const struct ui_column *columns;
	size_t column_count;
	const struct ui_row *rows;
	size_t count;
	bool more;     /* there are others behind them */
	int64_t total; /* rows in all; -1: not known */
};

struct ui_table; /* opaque */
/* `ask` is called when rows are needed; it must not wait (ui_ask), and the page comes back by ui_table_page,
 * at once or later. */
struct ui_table *ui_table_new(struct view *v, void (*ask)(void *user, const struct ui_ask_rows *ask),
                              void *user);
void ui_table_free(struct ui_table *t);
void ui_table_name(struct ui_table *t, const char *name); /* in ui_twin, static; NULL: the view's */
/* Copied. The first column is frozen. Cursor, current column, order and marks stay; asks again. */
void ui_table_columns(struct ui_table *t, const struct ui_column *columns, size_t count);
/* These are a part of more columns, which the view moves on by itself: so many come before and after them. */
void ui_table_beyond(struct ui_table *t, size_t before, size_t after);
void ui_table_page(struct ui_table *t, struct ui_page *page);
/* The data may have changed: asks again around the cursor; what is seen stays until the answer. */
void ui_table_refresh(struct ui_table *t);
/* Another filter: asks from the cursor's row if it is still in, else from the start. Marks of rows not seen
 * any more stay. */
void ui_table_restart(struct ui_table *t);
void ui_table_draw(struct ui_table *t, struct surface *s, bool focused);
/* Columns of s in which everything that is known of it would be seen. */
int ui_table_wants(struct ui_table *t, const struct surface *s);
/* Rows as what they are while others have been asked for and are long in coming: not the answer. */
void ui_table_mute(struct ui_table *t, bool on);
/* Movement, marks, sorting, sideways, sums, copy, export: what a view leaves of LIST_… */
bool ui_table_action(struct ui_table *t, enum action action);
bool ui_table_event(struct ui_table *t,
                    const struct term_event *event);         /* mouse: needs the place of the last draw */
int64_t ui_table_cursor(const struct ui_table *t);           /* id of the current row, 0: none */
const struct ui_row *ui_table_row(const struct ui_table *t); /* the current row, or NULL */
void ui_table_set_cursor(struct ui_table *t, int64_t id);    /* asks for it when it is not at hand */
/* Place of the current column among those of ui_table_columns; SIZE_MAX without columns. */
size_t ui_table_column(const struct ui_table *t);
void ui_table_set_column(struct ui_table *t, const char *id); /* makes it the current one, if it is there */
/* By what rows are sorted, first key first; *count of them. A key may be of a column that is not shown. */
const struct ui_sort *ui_table_sort(const struct ui_table *t, int *count);
/* At most UI_SORT_KEYS; takes hold with the next rows that are asked for. */
void ui_table_set_sort(struct ui_table *t, const struct ui_sort *keys, int count);
bool ui_table_summary(const struct ui_table *t);
void ui_table_set_summary(struct ui_table *t, bool on); /* takes hold with the next rows, too */
/* Called when the current row is another one (previews). */
void ui_table_on_cursor(struct ui_table *t, void (*fn)(void *user, int64_t id));
/* Shown when there is no row: what would be here and what brings it. Lines divided by \n. */
void ui_table_empty(struct ui_table *t, const char *text);
bool ui_table_loading(const struct ui_table *t);
/* "128 runs", "100+ match": total of the last page. */
int64_t ui_table_total(const struct ui_table *t, bool *more);

/* ---- marks ---- */

size_t ui_table_marked(const struct ui_table *t); /* how many */
/* How many of them are not among the rows of the present filter; 0 also where not all rows are at hand, so that
 * nobody can know: then *known (may be NULL) is false. */
size_t ui_table_marked_hidden(const struct ui_table *t, bool *known);
/* Marked ids in the order in which they were marked, or the cursor's when none is marked: act on these. Valid
 * until a mark changes. */
const int64_t *ui_table_targets(const struct ui_table *t, size_t *count);
bool ui_table_is_marked(const struct ui_table *t, int64_t id);
void ui_table_mark(struct ui_table *t, int64_t id, bool on);
void ui_table_mark_many(struct ui_table *t, const int64_t *ids, size_t count, bool on);
void ui_table_unmark_all(struct ui_table *t);
/*
 * Marking rows that are not all at hand: `*` (from and to are 0: every row that matches) and `A` (from the row `from`
 * to the row `to`, both included, whichever comes first, in the present filter and order; nothing when one of them
 * is not among the rows any more). The view finds the ids and answers with ui_table_found, always, with no ids when it
 * could not; keys meant for rows wait until then. Without it, `*` marks the rows at hand and says that there are more.
 */
void ui_table_on_find(struct ui_table *t, void (*fn)(void *user, int64_t from, int64_t to));
/* more: there are others that match, which have not been found. Says how many rows are marked. */
void ui_table_found(struct ui_table *t, const int64_t *ids, size_t count, bool more);

/* ---- copy and export: all columns, cells as they are shown, a title a column ---- */

enum ui_export_kind { UI_EXPORT_CSV, UI_EXPORT_TSV, UI_EXPORT_JSON };
/*
 * Writes rows one after the other: into memory (`out`), or into a file that appears whole with its last row. CSV as
 * RFC 4180 but with plain line ends, TSV quoted by the same rules; text that a spreadsheet would take for a formula
 * gets an apostrophe before it. JSON: an array of objects by the columns' ids, numbers where the text is one. What
 * there is none of is empty, or null. A sparkline is its values, divided by blanks or as an array.
 * A new file is open to whom the umask lets in, one that is replaced to whom it was open before.
 * For a reader's thread as well; the columns must outlive it.
 */
struct ui_export {
	enum ui_export_kind kind;
	const struct ui_column *columns;
	size_t column_count;
	struct str out; /* in memory: all of it after ui_export_end */
	size_t rows;    /* so far */
	char *path, *temporary;
	int fd; /* -1: in memory */
	bool replace;
};
void ui_export_begin(struct ui_export *e, enum ui_export_kind kind, const struct ui_column *columns,
                     size_t column_count);
/* The same into a file. ERR_USAGE when it is there already, unless `replace`. After -1 there is nothing to release. */
int ui_export_open(struct ui_export *e, const char *path, bool replace, enum ui_export_kind kind,
                   const struct ui_column *columns, size_t column_count, struct error *err);
int ui_export_row(struct ui_export *e, const struct ui_row *row, struct error *err);
int ui_export_end(struct ui_export *e,
                  struct error *err); /* the file is there under its name, or not at all */
/* In any case at last. Without ui_export_end, or when it failed, nothing is left behind. */
void ui_export_release(struct ui_export *e);
/* By the ending of a path: .csv, .tsv, .json; false: none of them. */
bool ui_export_kind_of(const char *path, enum ui_export_kind *kind);

#define UI_EXPORT_PATH 4096
struct ui_export_ask {
	char path[UI_EXPORT_PATH];
	enum ui_export_kind kind;
	bool replace;
};
/*
 * `e` on a table whose rows are not all at hand: the view has them read in the order of ui_table_sort and written by
 * ui_export_open … (ui_ask_aside), and tells with ui_export_done. Without it only tables at hand can be exported.
 */
void ui_table_on_export(struct ui_table *t, void (*fn)(void *user, const struct ui_export_ask *ask));
/* Of a failure of on_export's work: true if the file is there already; the person is asked whether to replace it then. */
bool ui_table_export_exists(struct ui_table *t, const struct error *err);
void ui_export_done(struct ui *ui, const char *path, size_t rows); /* "1,284 rows are in runs-20261123.csv" */
/* `y` where marked rows are not at hand: the view reads them and answers with ui_table_copy (the cells of this moment's
 * columns). Without it those at hand are copied, and it is said how many were left out. */
void ui_table_on_copy(struct ui_table *t, void (*fn)(void *user, const int64_t *ids, size_t count));
void ui_table_copy(struct ui_table *t, const struct ui_row *rows, size_t count);

/* ---- for tables whose rows are all at hand ---- */

/* Answers an ask from an array, rows not sorted again. */
struct ui_page *ui_page_of(struct arena *arena, const struct ui_ask_rows *ask, struct ui_row *rows,
                           size_t count);
/*
 * The same, sorted (in place) by the keys of the ask: by cell.sort, else by the texts that read as numbers, else as
 * words, any case, digits within them by their value. What there is none of comes last both ways; rows that are
 * equal stay as they are. With sums when they are asked for.
 */
struct ui_page *ui_page_sorted(struct arena *arena, const struct ui_ask_rows *ask,
                               const struct ui_column *columns, size_t column_count, struct ui_row *rows,
                               size_t count);
/*
 * Adds the rows min, median, max and distinct of each column but the first to the page's head. Columns whose texts are
 * all numbers (or have cell.sort) have the first three: an even number of plain numbers has the mean of its middle
 * two as the median, of other texts the lower one. NaN counts for distinct only.
 */
void ui_page_summary(struct ui_page *page, size_t column_count, const struct ui_row *rows, size_t count);
/* Every word of the text, in any case (ASCII), stands somewhere in the row's texts. */
bool ui_row_has_words(const struct ui_row *row, size_t column_count, const char *text);

#endif
