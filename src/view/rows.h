/* The rows of a data set: what goes between the screen, the reader and the shelf on which tables stand. */
#ifndef ASSAY_VIEW_ROWS_H
#define ASSAY_VIEW_ROWS_H

#include "assay/data_split.h"
#include "assay/ui.h"

#include "list.h"

struct desk;
struct rows_shelf;

enum { ROWS_GROUPS = 4 };

/* A version of a data set in memory: nothing of it changes once it is loaded, so that screens read it without a lock. */
struct rows_held {
	int64_t id;
	const char *name; /* "loans@2" */
	uint64_t rows;    /* as registered; with table.cut there is no memory for all of them */
	struct table table;
	/* Its rows in groups, as they were asked for last: of the third thread, between rows_begin and rows_end. */
	struct rows_groups {
		bool made;
		uint64_t used;
		struct split_by by;
	} groups[ROWS_GROUPS];
	/* Of the shelf, under its lock. */
	int views, works;
	bool loaded;
	uint64_t used;
	struct arena *mem;
};
struct rows_shelf *view_rows_shelf_new(void);
void view_rows_shelf_free(struct rows_shelf *s);
/* For a view that is open: the version's place, empty or filled. */
struct rows_held *rows_take(struct rows_shelf *s, int64_t id);
/* What nobody looks at is let go, but for the table that was used last, if it is small. */
void rows_leave(struct rows_shelf *s, struct rows_held *held);
/* On the workers' threads: the place as long as a view has it, NULL if none has any more. Views that leave do not take
 * it away until rows_end. loaded: it has been filled. */
struct rows_held *rows_begin(struct rows_shelf *s, int64_t id);
void rows_end(struct rows_shelf *s, struct rows_held *held, bool loaded);

/* Its rows in groups by a column (-1: by file), made once; good until rows_end. NULL: err. */
const struct split_by *rows_grouped(struct rows_held *held, long by, struct progress *progress,
                                    struct error *err);

/* Which rows, in which order. Views that look at the same ones share it. */
struct rows_match {
	struct arena *arena; /* it lies in it */
	int holders;         /* of the screen's thread */
	char filter[LIST_FILTER];
	struct ui_sort sort[UI_SORT_KEYS];
	int sort_count;
	uint32_t *rows; /* NULL: all of the table, in its order */
	size_t count;
	int64_t cursor; /* row with the cursor in the view that looked last; -1: as it was */
};
void rows_match_give(struct rows_match *m);
static inline size_t rows_match_row(const struct rows_match *m, size_t at)
{
	return m->rows ? m->rows[at] : at;
}
/* Where the row stands; SIZE_MAX: it is not among them. */
size_t rows_match_find(const struct rows_match *m, uint64_t row);
/* The place of the row, or of the first one behind it in the file that is among them, else the last one before it. SIZE_MAX:
 * there are none. */
size_t rows_match_near(const struct rows_match *m, uint64_t row);
/* The places [from, to) that answer the ask. */
void rows_match_span(const struct rows_match *m, const struct ui_ask_rows *ask, size_t *from, size_t *to);
bool rows_match_is(const struct rows_match *m, const char *filter, const struct ui_sort *sort, int count);

/* ---- cells ---- */

/* Columns in the list: the row's number, then [first, first + count) of the table's, for a list so wide. out has room for
 * count + 1. Ids of columns are their names; that of the number is rows_number_id. */
void rows_columns(const struct table *t, size_t first, size_t count, int width, struct ui_column *out);
const char *rows_number_id(const struct table *t);
/* whole: texts at full length, for copy and export; else so much as a screen can show. */
void rows_row(const struct table *t, size_t first, size_t count, size_t row, bool whole, struct arena *a,
              struct ui_row *out);
/* A time without the zeros that say nothing: "2026-07-01", "2026-07-01T22:14:02Z"; an expression may have it so too. */
const char *rows_time_short(struct arena *a, const char *text, size_t len);
/* One cell; text NULL: missing. Good as long as the table and the arena. */
struct ui_cell rows_cell(const struct column *c, size_t row, bool whole, struct arena *a);

/* ---- on the reader's side ---- */

struct rows_load_ask {
	int64_t id;
};
/* Takes a rows_load_ask; the place on the shelf is filled. Gives nothing. */
ui_work_fn view_rows_load;

struct rows_match_ask {
	int64_t id;
	const uint64_t *only; /* these rows alone; NULL: all */
	size_t only_count;
	bool equal; /* those alone that are equal to row `to` */
	uint64_t to;
	char filter[LIST_FILTER];
	struct ui_sort sort[UI_SORT_KEYS];
	int sort_count;
};
ui_work_fn view_rows_match; /* gives a rows_match, whose arena is the answer's */

struct rows_export_ask {
	int64_t id;
	const uint32_t *rows; /* NULL: all */
	size_t count;
	struct ui_export_ask file;
};
ui_work_fn view_rows_export; /* gives how many rows, a size_t */

#endif
