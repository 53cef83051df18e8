/* One column large: what goes between the screen and the reader, and what the files of the screen share. */
#ifndef ASSAY_VIEW_FEATURE_H
#define ASSAY_VIEW_FEATURE_H

#include "assay/data_split.h"

#include "data.h"

enum feature_part { PART_SPREAD, PART_VALUES, PART_BY, PART_TEXT, PART_TIME, PART_MISSING, PARTS };

enum { FEATURE_NAME = 256 };
/* What a column is split by: its name, or files. */
struct feature_by {
	bool known, files;
	char column[FEATURE_NAME];
};

/* ---- on the reader's side ---- */

struct feature_split_ask {
	int64_t id;
	char column[FEATURE_NAME];
	struct feature_by by;
};
struct feature_split {
	char column[FEATURE_NAME];
	struct feature_by by;
	struct split split;   /* in the answer's arena; its own is NULL */
	size_t compared;      /* groups before "missing" */
	const char *positive; /* of a binary label; NULL: it is none */
	const char *weight;   /* the column of weights, which have no part in it; NULL: there is none */
	uint64_t rows, all;   /* read, and registered: fewer where there was no memory for all */
};
/* Takes feature_split_ask; the table is loaded where it is not yet. Gives feature_split. */
ui_work_fn view_feature_split;

/* Which rows stand behind a number. */
enum feature_behind {
	BEHIND_NOTHING, /* `why` */
	BEHIND_WHERE,   /* `where`, of table_where */
	BEHIND_FACT,    /* `fact` of the column */
	BEHIND_GROUP,   /* group `group` of the split: where there is no expression for it */
	BEHIND_PART,    /* none: another part has more of it */
};
struct feature_target {
	enum feature_behind kind;
	bool other;   /* of the version that this one is compared with */
	bool missing; /* BEHIND_GROUP: those alone whose value is missing */
	const char *where, *why;
	struct fact_ask fact, theirs; /* theirs: of the other version's number beside it */
	bool mine_only;               /* there is nothing behind that one */
	size_t group;
	enum feature_part part;
};
struct feature_rows_ask {
	int64_t id;
	char column[FEATURE_NAME];
	struct feature_by by;
	struct feature_target target; /* texts in the request's arena, as `which` */
	const char *which;
};
struct feature_rows {
	int64_t id;
	char column[FEATURE_NAME];
	const char *which; /* rows, in words */
	uint64_t *at;
	size_t count;
};
ui_work_fn view_feature_rows; /* takes feature_rows_ask, gives feature_rows */

/* ---- the page: what a part draws, and the numbers on it where the cursor can stand ---- */

struct feature_spot {
	int x, y, w, h;    /* on the page */
	int from;          /* row that is to be seen with it: its heading */
	int block, line;   /* numbers of one line lie side by side */
	const char *label; /* the same in the next frame */
	const char *value, *say;
	bool drawn; /* a part of a picture: written nowhere */
	struct feature_target target;
};
struct feature_page {
	struct surface s; /* of the page: as wide as the body, as high as it takes */
	struct arena *a;
	const struct features_pair *pair;
	const struct column_profile *c, *other; /* other NULL: none */
	const struct feature_split *split;      /* NULL: not there yet */
	const struct feature_by *by;            /* what it is to be split by; !known: nothing */
	bool waiting;                           /* the split is to come */
	const struct error *fault;              /* why it cannot; NULL */
	bool log;                               /* heights on a log scale */
	int room;                               /* rows of the body */
	struct feature_spot *spots;
	size_t count, cap, at; /* at: the cursor's; SIZE_MAX in the first pass */
	int bottom;            /* rows that it took */
	int block, line, heading;
};
/* A block begins; its heading stands in the row before y (NULL: none), of which it takes no notice. */
void feature_block(struct feature_page *p, int x, int y, int w, const char *heading, const char *note);
void feature_line(struct feature_page *p); /* the next numbers lie on a line of their own */
/* True: the cursor stands on it. Texts must last as long as the arena. */
bool feature_spot(struct feature_page *p, int x, int y, int w, const char *label, const char *value,
                  const char *say, struct feature_target target);
/* Columns that stay free before a block, for the cursor. */
enum { FEATURE_GUTTER = 2, FEATURE_LABEL = 11 };
/* The number under the cursor. */
enum { FEATURE_HERE = STYLE_ACCENT | STYLE_BOLD | STYLE_UNDERLINE };
/* "▸ median      52,310": label and value; the other version's beside it where `theirs` is there. */
int feature_fact(struct feature_page *p, int x, int y, int w, const char *label, const char *value,
                 const char *theirs, const char *say, struct feature_target target);
/* A text alone on its line. */
int feature_item(struct feature_page *p, int x, int y, int w, const char *text, struct feature_target target);
/* Label, bar, text: of a share of the largest. `over`: NaN none. */
struct feature_bar {
	const char *label, *text, *say;
	double share, over;
	struct feature_target target;
};
int feature_bars(struct feature_page *p, int x, int y, int w, const struct feature_bar *bars, size_t count);
/* Upright bars with names below, of so many columns each. */
int feature_upright(struct feature_page *p, int x, int y, int cell, int h, const struct feature_bar *bars,
                    size_t count);
int feature_text(struct feature_page *p, int x, int y, int w, style_id style, const char *text); /* rows */
/* "≈ 12" where it is only known within bounds. */
const char *feature_about(const struct feature_page *p, const struct column_profile *c, const char *text);

/* Where the cursor goes; SIZE_MAX: nowhere. */
size_t feature_up_down(const struct feature_page *p, size_t at, int lines);
size_t feature_left_right(const struct feature_page *p, size_t at, int by);

/* ---- texts ---- */

/* How fine the times of a column must be said so that they differ: with their day, or, where they lie within two
 * hours (whose day the chart's title has), to the second or the millisecond. */
enum fineness { FINE_DAYS, FINE_SECONDS, FINE_MILLISECONDS };
enum fineness feature_fineness(const struct column_profile *c);
bool feature_is_of_days(const struct column_profile *c); /* every time is midnight */
/* Of what is computed (mean, sd): four digits; of what occurs in the column or lies between: num_value. */
const char *feature_number(struct arena *a, const struct column_profile *c, double value);
const char *feature_value(struct arena *a, const struct column_profile *c, double value);
/* Numbers padded, so that their points stand under each other. */
void feature_align(struct arena *a, const char *texts[], size_t count);
/* A column's value as its files' tables show it: of times without the zeros that say nothing. */
const char *feature_plain(struct arena *a, const struct column_profile *c, const char *text, size_t len);
const char *feature_percent(struct arena *a, double part, double all);
/* "\"income\" IS MISSING" of the page's column: condition as printf has it. */
const char *feature_where(struct feature_page *p, const char *condition);
const char *feature_literal(struct arena *a, const struct column_profile *c, double value);
/* ">= 12.5": conditions of values from an edge on, below it, and up to it. */
const char *feature_from(struct arena *a, const struct column_profile *c, double edge);
const char *feature_below(struct arena *a, const struct column_profile *c, double edge);
const char *feature_up_to(struct arena *a, const struct column_profile *c, double edge);
/* Values between two edges, the upper one too where it is the last: as a condition (of feature_where), and in words. */
const char *feature_between(struct feature_page *p, double from, double to, bool last);
const char *feature_range(struct feature_page *p, double from, double to);
const char *feature_quoted(struct arena *a, const char *text, size_t len, char quote);
struct feature_target feature_rows_where(struct feature_page *p, const char *condition);
struct feature_target feature_none(const char *why);

/* ---- the parts ---- */

void feature_spread(struct feature_page *p);
void feature_values(struct feature_page *p);
void feature_by(struct feature_page *p);
void feature_text_part(struct feature_page *p);
void feature_time_part(struct feature_page *p);
void feature_missing(struct feature_page *p);
/* feature_texts.c: how the texts are written, most frequent first; rows. */
int feature_shapes(struct feature_page *p, int x, int y, int w);
/* feature_values.c: what both of them say of the column as a whole; rows. */
int feature_facts(struct feature_page *p, int x, int y, int w, bool roomy);

/* What stands at the x axis where numbers do not do: one value alone is written under its bar; milliseconds since 1970
 * become years, days … or ms since the first value, of so many ms each (0: they are none). */
struct chart_histogram;
double feature_axis(struct arena *a, const struct column_profile *c, struct chart_histogram *chart);

/* "income  num  protected" at the left end of row 0; where it ends. */
int view_data_draw_name(struct surface *s, int x, const struct column_profile *c);

#endif
