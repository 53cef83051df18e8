/* Relations: what goes between their screens and the reader, and what the files of the screen share. */
#ifndef ASSAY_VIEW_RELATIONS_H
#define ASSAY_VIEW_RELATIONS_H

#include "assay/chart.h"
#include "assay/data_relation.h"
#include "assay/ui.h"
#include "assay/work_data.h"

#include "list.h"

/* Columns with gaps that patterns have a sign for at most: those with the most; how many others are missing is said behind
 * them. */
#define RELATIONS_GAPS 20

enum relations_list {
	RELATIONS_LABEL,
	RELATIONS_PAIRS,
	RELATIONS_PATTERNS, /* rows by what is missing in them */
	RELATIONS_MISSING,  /* pairs of columns by what is missing in both */
	RELATIONS_SAME,
	RELATIONS_ROWS,
	RELATIONS_OVERLAP, /* rows that another data set has, too: is read by itself */
	RELATIONS_LISTS
};

struct relations_ask {
	int64_t id;       /* version of a data set */
	char column[256]; /* whose pairs come first; "" none */
};

/* A matrix of all that pairs were made of, the label too. */
struct relations_map {
	size_t count;
	const size_t *columns;        /* of the data set, in its order */
	const struct relation **cell; /* count x count, in that order; NULL: none */
	const size_t *alike;          /* places in `columns`, by chart_heat_order */
	bool negative;                /* some relation has a sign */
};

/* A column with gaps. */
struct relations_gap {
	size_t column;
	uint64_t missing;
};

struct relations_seen {
	int64_t id, version;
	const char *name;
	const char *column;                      /* whose pairs come first; "" none */
	struct relations r;                      /* in the answer's arena; its own is NULL */
	const char *fresh;                       /* it was not kept and had to be made: as JSON; else NULL */
	struct list_rows lists[RELATIONS_LISTS]; /* ids: places in r's lists, from 1 on */
	struct relations_map map;
	const struct relations_gap *gaps; /* most missing first */
	size_t gap_count;
	struct relations_signs *signs; /* of the patterns, as they are drawn */
	size_t leaks;                  /* of r.to_label */
	const char *tells;             /* trails that tell of the label, "row order, loan_id"; NULL: none */
	const char *changes;           /* times over which it changes, or ends as one and the same; NULL: none */
	bool falls;                    /* some strength for the label has a minus */
	struct arena *arena;           /* that all of this lies in */
};
enum { RELATIONS_SIGNS = 3 }; /* their place in a pattern's cells */
struct relations_signs {
	size_t count;      /* columns that have one */
	const char *title; /* "1 2 3": over them */
};
/* Takes relations_ask, gives relations_seen. Long where it is not kept: ask aside. */
ui_work_fn view_relations_read;

/* relations_cells.c: on the reader's thread */
void view_relations_cells(struct relations_seen *seen, struct arena *a, enum term_charset charset);
/* "AUC 0.712 [0.705, 0.719]": what a relation is measured by, short. */
const char *view_relation_measure(struct arena *a, const struct relation *p);
/* With its sign where there is one; NaN: it cannot be told. */
double view_relation_signed(const struct relation *p);
/* relations_gaps.c */
void view_relations_gaps(struct relations_seen *seen,
                         struct arena *a); /* on the reader's thread; before the cells */
/* Signs for so many columns, in the cells of all patterns; nothing if they are there. On the screen's thread: lists take
 * over what they show. */
void view_relations_sign(const struct relations_seen *seen, size_t count, enum term_charset charset);
bool view_relations_has_gap(const struct relation_pattern *p, size_t column); /* a column of the data set */
/* Which columns the numbers stand for, how much is missing in each, and which of them are in the pattern. */
void view_relations_draw_gaps(const struct relations_seen *seen, const struct relation_pattern *p,
                              struct surface *s);

/* relations_say.c: what is said around the lists. */
const char *view_relations_label_note(struct list *l, struct arena *a, style_id *style);
const char *view_relations_pair_note(struct list *l, struct arena *a, style_id *style);
const char *view_relations_pattern_note(struct list *l, struct arena *a, style_id *style);
const char *view_relations_row_note(struct list *l, struct arena *a, style_id *style);
bool view_relations_say_empty(struct list *l, struct str *out);
/* Where there are no two columns. */
extern const char VIEW_RELATIONS_NO_PAIR[];
/* At the bottom: what its signs mean, what was bounded or left out of it. The rows that it takes. */
int view_relations_draw_below(const struct relations_seen *seen, enum relations_list list, struct surface *s);

/* relations_lists.c */
extern const struct list_spec VIEW_RELATIONS_LISTS[RELATIONS_OVERLAP];
const struct relations_seen *view_relations_seen(struct view *v); /* NULL: not read yet */

/* The same beside something, without the view. */
void view_relation_beside(const struct relations_seen *seen, size_t a, size_t b, struct surface *s);

/* relations_map.c: the map's cursor, order and place. */
struct map_tab {
	size_t row, column, top, left;
	bool alike;  /* the order is by strength */
	bool placed; /* the cursor stands where it was put */
	struct chart_heat_place place;
};
void view_map_draw(struct map_tab *m, const struct relations_seen *seen, struct surface *s,
                   enum term_colours colours);
bool view_map_action(struct map_tab *m, const struct relations_seen *seen, enum action action);
bool view_map_event(struct map_tab *m, const struct term_event *e, int y); /* y: where it was drawn */
/* Column of the data set under the cursor; false: there is none. */
bool view_map_at(const struct map_tab *m, const struct relations_seen *seen, size_t *a, size_t *b);
/* Its cells below the diagonal as rows, for ui_twin. */
void view_map_list(const struct map_tab *m, const struct relations_seen *seen,
                   void (*fn)(void *user, const struct ui_shown_list *list), void *user);
void view_map_go(struct map_tab *m, const struct relations_seen *seen, size_t column);

/* ---- rows that another data set has, too ---- */

enum { OVERLAP_REF = 300 };
struct overlap_ask {
	int64_t id, other;     /* versions; 0: `ref` names the other one */
	char ref[OVERLAP_REF]; /* as work_data_find has it; "" and other 0: none is chosen */
};
/* All of it in one arena. `both` has the roles of a training set for `id` and of a test set for `other`. */
struct overlap_seen {
	int64_t id, other;
	const char *name, *other_name; /* "loans@2" */
	struct work_overlap both;
	struct list_rows list; /* ids: enum overlap_kind + 1; none where no row is alike */
};
/* relations_overlap_read.c: takes overlap_ask, gives overlap_seen. Long: ask aside. */
ui_work_fn view_overlap_read;

enum { OVERLAP_TAG_READ = 50, OVERLAP_TAG_SETS };
struct overlap_tab {
	struct view *view;
	struct list *list;
	struct overlap_ask ask; /* what is chosen */
	bool asked;             /* it is under way, or was answered */
	struct arena *arena;
	const struct overlap_seen *seen; /* NULL: nothing yet */
	struct error fault;              /* code 0: none */
	bool stopped;
};
struct overlap_tab *view_relations_overlap(struct view *v);

/* relations_overlap.c */
extern const struct list_spec VIEW_OVERLAP_LIST;
void view_overlap_init(struct overlap_tab *o, struct view *v, struct list *list, int64_t id, int64_t against,
                       const char *ref);
void view_overlap_release(struct overlap_tab *o);
void view_overlap_begin(
    struct overlap_tab *o); /* the tab is seen: what is chosen is read, if it is not yet */
void view_overlap_refresh(struct overlap_tab *o);               /* reads it anew */
void view_overlap_choose(struct overlap_tab *o, int64_t other); /* below 1: nothing any more */
void view_overlap_draw(struct overlap_tab *o, struct surface *s);
/* The rows behind the current number; there: those of this data set that those of the other one are like. */
void view_overlap_rows(struct overlap_tab *o, bool there);
bool view_overlap_on_result(struct overlap_tab *o, struct ui_result *r); /* true: it was OVERLAP_TAG_READ */

/* relations_overlap_say.c: in words, long names cut. */
const char *view_overlap_names(struct arena *a,
                               const struct overlap_seen *seen);              /* "test@1 against loans@1" */
void view_overlap_say_none(const struct overlap_seen *seen, struct str *out); /* no row is alike */
/* "in both: rows of test@1 that stand in loans@1, too": of the rows viewer. */
const char *view_overlap_which(struct arena *a, const struct overlap_seen *seen, enum overlap_kind kind,
                               bool there);
/* How many of how many, what it means, and where the first of them stand; the rows that it takes. */
int view_overlap_draw_kind(const struct overlap_seen *seen, enum overlap_kind kind, struct surface *s);
/* The same of all kinds side by side. */
int view_overlap_draw_kinds(const struct overlap_seen *seen, enum overlap_kind current, struct surface *s);
/* What was compared and what not: from the first row on where all of it fits, else one line each, at the bottom. */
void view_overlap_draw_notes(const struct overlap_seen *seen, struct surface *s);

/* relation.c: one pair, large. */
struct relation_args {
	const struct relations_seen *seen; /* stays while the view is open: it lies above that which has it */
	size_t a, b;
};
extern const struct view_ops RELATION_VIEW;
struct facts;
/* What is known of the two columns, as facts. */
void view_relation_facts(struct facts *f, const struct relations_seen *seen, size_t a, size_t b);
/* The trail that a relation is of; NULL: none. */
const struct relation_trail *view_relation_trail(const struct relations *r, const struct relation *p);
/* The relation of two columns, in either order; NULL: none was measured. */
const struct relation *view_relation_find(const struct relations_seen *seen, size_t a, size_t b);
void view_relation_open(struct ui *ui, const struct relations_seen *seen, size_t a, size_t b);

#endif
