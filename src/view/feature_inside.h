/* The screen of one column, shared by its files. */
#ifndef ASSAY_VIEW_FEATURE_INSIDE_H
#define ASSAY_VIEW_FEATURE_INSIDE_H

#include "feature.h"

enum { FEATURE_TAG_FEATURES = 1, FEATURE_TAG_SETS, FEATURE_TAG_SPLIT, FEATURE_TAG_ROWS };
extern const char *const FEATURE_PART_NAMES[PARTS];

struct feature_view {
	struct arena *arena;
	const struct features_pair *pair;
	int64_t id, against;
	char column[FEATURE_NAME], asked_column[2 * FEATURE_NAME + 16];
	struct error fault;     /* code 0: none */
	bool stopped;           /* before there was anything to show */
	enum feature_part part; /* that was chosen; a column may not have it */
	bool log;               /* heights, of every column and part that has some */
	/* The split: what it is to be by, and what there is. */
	struct feature_by chosen;
	struct feature_split_ask asked; /* that is under way or was answered */
	struct arena *split_arena;
	const struct feature_split *split;
	struct error split_fault;
	bool split_stopped;
	struct rows_held *held, *held_other;
	/* The page as it was laid out last. */
	struct arena *page_arena;
	struct feature_page page;
	size_t at;
	int at_block;
	char at_label[FEATURE_NAME];
	int top;
};

/* ---- feature.c ---- */

void feature_drop_page(struct feature_view *f);
/* The numbers as they stand now, where keys come faster than frames; false: there is none. */
bool feature_measure(struct view *v);
const char *feature_says(const struct feature_view *f, const struct feature_spot *spot); /* in a sentence */
size_t feature_cursor(const struct feature_view *f); /* SIZE_MAX: on none */

/* ---- feature_acts.c ---- */

const struct column_profile *
feature_column(const struct feature_view *f); /* NULL: not read, or there is none */
bool feature_has_part(const struct column_profile *c, enum feature_part part);
enum feature_part feature_part_now(const struct feature_view *f, const struct column_profile *c);
enum feature_part feature_first_part(const struct column_profile *c);
/* What was chosen; else by the label, the first column of categories, or file. */
void feature_by_now(const struct feature_view *f, struct feature_by *by);
bool feature_same_by(const struct feature_by *a, const struct feature_by *b);
void feature_ask(struct view *v);       /* the profile */
void feature_ask_split(struct view *v); /* the split that the part shows, if it is not there */
void feature_begin_part(struct view *v);
void feature_against_accept(void *user, int64_t id);
void feature_choose_by(struct view *v);
void feature_open_spot(struct view *v);
void feature_on_result(struct view *v, struct ui_result *r);

#endif
