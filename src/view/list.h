/*
 * Lists: what every list of the workbench has and does, in one place. A screen gives a description (struct
 * list_spec) and rows; here are the table, the line above it, filter, order, columns, the preview beside it, what
 * is remembered, and what cannot be done.
 *
 * struct list is a part of a view (a tab, say). struct list_view is a whole view that is one list and reads it
 * itself: its state begins with one, and LIST_VIEW_OPS are its operations.
 */
#ifndef ASSAY_VIEW_LIST_H
#define ASSAY_VIEW_LIST_H

#include "assay/ui.h"

#define LIST_COLUMNS   256
#define LIST_COLUMN_ID 32
#define LIST_FILTER    1024
/* From this width on there is a preview beside the list. */
#define LIST_PREVIEW_FROM 120
/* Tags of its asks; a view's own ones are smaller. */
enum { LIST_TAG_READ = 9001, LIST_TAG_PREVIEW };

struct list;
struct list_ask;
struct list_spec {
	const char *name;       /* the list among those of its view: "files"; NULL: it is the only one */
	const char *one, *many; /* "data set", "data sets" */
	const char *empty;      /* what would be here, and the key or command that brings it */
	/* Instead of it, once rows have been read and there are none; false: `empty`. Optional. */
	bool (*say_empty)(struct list *l, struct str *out);
	const char *hint; /* beside "/ to filter: "; NULL: a word of any column */
	bool of_object; /* of one thing among many: cursor and filter are not remembered, order and columns are */
	bool passing;   /* nothing of it is remembered: the next one is of other things */
	/* All columns, in their usual order, for a list so wide; returns how many, LIST_COLUMNS at most. The ids are
	 * shorter than LIST_COLUMN_ID. */
	size_t (*columns)(struct list *l, int width, struct ui_column *columns);
	/* Instead of the hint while there is no filter; NULL text: the hint. Optional. */
	const char *(*note)(struct list *l, struct arena *a, style_id *style);
	/* Draws what stands at the right end of the line above; returns its width. Optional: how many rows. */
	int (*right)(struct list *l, struct surface *s);
	/* The current row, beside the list. preview_ask: has it read (tag LIST_TAG_PREVIEW; false: there is nothing to be
	 * read); then it is l->seen. Without preview_ask it is drawn at once. Without preview there is none. */
	bool (*preview_ask)(struct list *l, int64_t id);
	void (*preview)(struct list *l, struct surface *s);
	int (*preview_least)(
	    struct list *l); /* columns that it can do with where the list wants more; NULL: all of its */
	/* Rows that are not all at hand: the view has a page read, and answers with list_page. */
	void (*page)(struct list *l, const struct ui_ask_rows *ask);
	/* Of a filter that is more than words. Optional. */
	void (*filter_check)(struct list *l, const char *text, struct ui_check *out);
	void (*filter_complete)(struct list *l, const char *text, size_t cursor, struct ui_completions *out);
	void (*filtered)(struct list *l);         /* a filter was accepted. Optional. */
	void (*open)(struct list *l, int64_t id); /* Enter. NULL: there is nothing more to see */
	const char *open_why_not;                 /* of a list without `open` */
	const char *no_sort;                      /* why there is no other order; NULL: there is */

	/* ---- of a list_view ---- */

	ui_work_fn *read; /* takes a list_ask; what it gives begins with a list_rows */
	bool aside;       /* that may take seconds: on the third thread */
	/* What is to be read, besides what is known. Optional. */
	void (*ask)(struct view *v, struct list_ask *ask);
	void (*taken)(struct view *v);                      /* other rows are there. Optional. */
	bool (*action)(struct view *v, enum action action); /* verbs of its own; false: the list's. Optional. */
	const char *(*why_not)(struct view *v, enum action action,
	                       bool *own);                   /* *own: it is one of those. Optional. */
	void (*result)(struct view *v, struct ui_result *r); /* answers with tags of its own. Optional. */
	int (*head)(struct view *v, struct surface *s);      /* rows that it draws above; how many. Optional. */
	void (*release)(struct view *v);                     /* Optional. */
};

struct list {
	struct view *view;
	const struct list_spec *spec;
	struct ui_table *table;
	const struct ui_row *rows; /* all of them; the view's, cells in the order of spec->columns */
	size_t count;
	struct ui_column all[LIST_COLUMNS], shown[LIST_COLUMNS];
	size_t all_count, shown_count, place[LIST_COLUMNS]; /* place: of a shown column among all */
	char chosen[LIST_COLUMNS][LIST_COLUMN_ID];
	size_t chosen_count; /* 0: all of them, in the usual order */
	int width;           /* that the columns were made for */
	char filter[LIST_FILTER], filter_before[LIST_FILTER];
	bool loaded, moving; /* moving: the preview waits for the cursor to rest */
	int64_t asked_id, seen_id;
	struct arena *seen_arena;
	const void *seen; /* of seen_id, as preview_ask had it read; NULL: nothing yet */
};
void list_init(struct list *l, struct view *v, const struct list_spec *spec);
void list_release(struct list *l);
/* Other rows, good until the next call and the end of it. */
void list_set_rows(struct list *l, const struct ui_row *rows, size_t count);
/* The spec would give other columns now. */
void list_set_columns(struct list *l);
void list_page(struct list *l, struct ui_page *page); /* the answer to spec->page */
void list_refresh(struct list *l);                    /* reads the preview anew, too */
/* Place of the current row in the rows that were set; SIZE_MAX: none. */
size_t list_at(const struct list *l);
/* One line: filter or note, and how many. Then the table and what stands beside it. */
void list_draw_head(struct list *l, struct surface *s);
void list_draw_body(struct list *l, struct surface *s);
void list_draw(struct list *l, struct surface *s); /* both */
int list_preview_width(int width); /* columns for it in a view of this width; 0: there is none */
bool list_action(struct list *l, enum action action);
const char *list_why_not(struct list *l, enum action action);
/* "not here" of what only lists have; NULL of anything else. For parts of a view that are no list. */
const char *list_none(enum action action);
bool list_event(struct list *l, const struct term_event *e);
bool list_on_result(struct list *l, struct ui_result *r); /* true: it was the preview's */

/* ---- a view that is a list ---- */

/* What lists ask their readers with. */
struct list_ask {
	int64_t ledger, store; /* the changes that are known: nothing is read again while they hold; 0: none */
	int64_t id, other;     /* what the list is of */
	char what[300];
};
struct list_rows {
	bool same; /* as what is known: nothing else is filled in */
	int64_t ledger, store;
	struct ui_row *rows; /* all of them, in their usual order */
	size_t count;
};
struct list_view {
	struct list list;
	struct arena *arena;
	const struct list_rows *got; /* what spec->read has given last; NULL: nothing yet */
	struct error fault;          /* code 0: none */
	bool again;                  /* it has changed since it was asked for */
	bool stopped;                /* Esc: it is not asked for again but by the person */
};
/* Calls spec->ask, which needs the rest of the state. */
void list_view_begin(struct view *v, const struct list_spec *spec);
void list_view_read(struct view *v, bool anew); /* anew: whatever is known */
void list_view_close(struct view *v);
void list_view_draw(struct view *v, struct surface *s);
bool list_view_action(struct view *v, enum action action);
const char *list_view_why_not(struct view *v, enum action action);
bool list_view_event(struct view *v, const struct term_event *e);
void list_view_on_result(struct view *v, struct ui_result *r);
void list_view_changed(struct view *v);
void list_view_tick(
    struct view *v); /* ages grow by themselves, but seldom enough to keep a quiet screen quiet */
#define LIST_AGES_MS 30000
/* clang-format off */
#define LIST_VIEW_OPS                                                                                              \
	.close = list_view_close, .draw = list_view_draw, .action = list_view_action,                                  \
	.why_not = list_view_why_not, .event = list_view_event, .on_result = list_view_on_result,                      \
	.changed = list_view_changed, .tick_ms = LIST_AGES_MS, .tick = list_view_tick
/* clang-format on */

/* ---- cells ---- */

struct ui_cell list_cell(const char *text, style_id style);
/* That is sorted by a number rather than by its text. */
struct ui_cell list_cell_by(const char *text, style_id style, double sort);
/* "4m": the youngest first. NULL: then is 0. */
struct ui_cell list_cell_age(struct arena *a, int64_t then, int64_t now);

#endif
