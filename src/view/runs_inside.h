/* The screen of runs, shared by its files: the view, filter, columns, groups, baseline, saved views, acts. */
#ifndef ASSAY_VIEW_RUNS_INSIDE_H
#define ASSAY_VIEW_RUNS_INSIDE_H

#include "models.h"
#include "preview.h"
#include "pulse.h"
#include "run_edits.h"
#include "runs.h"
#include "runs_key.h"
#include "view_inside.h"

enum {
	TAG_PAGE = 1,
	TAG_NAMES,
	TAG_IDS,
	TAG_TARGETS,
	TAG_STOP,
	TAG_PREVIEW,
	TAG_REGISTER,
	TAG_EXPERIMENTS,
	TAG_VALUES,
	TAG_SUMMARY,
	TAG_GROUPS,
	TAG_SAVED,
	TAG_SAVE,
	TAG_COPY,
	TAG_EXPORT,
	TAG_EDIT,
};

/* What the list is like: kept between starts for each experiment, and saved under names. */
struct runs_shape {
	char filter[RUNS_FILTER];
	char columns[RUNS_COLUMNS_MAX][RUNS_KEY]; /* the first is "name" */
	size_t column_count;
	bool chosen; /* the columns, by a person; else they follow what is reported */
	struct ui_sort sort[UI_SORT_KEYS], group_sort;
	int sort_count;
	char group[RUNS_KEY]; /* "": rows are runs; a key; RUNS_OVER_SEEDS */
	char baseline[ID_TEXT];
	enum work_difference difference;
	bool summary;
};

/* A group whose runs are shown; Esc goes back to the groups. */
struct runs_within {
	bool on;
	char filter[RUNS_FILTER], title[200];
	char key[RUNS_KEY];
	int64_t id; /* of the group */
};

struct runs {
	struct view *view;
	struct ui_table *table;
	struct runs_shape shape;
	char experiment[RUNS_EXPERIMENT];
	struct runs_within within;
	struct runs_names *names; /* what there is to choose from; NULL: not known yet */
	struct arena *names_arena;

	/* filter */
	char filter_before[RUNS_FILTER];
	struct runs_values *values;
	struct arena *values_arena;
	bool slow; /* rows have been looked for long enough to say so */

	/* menus: what their ids mean; of their own, whatever is read anew while one is open */
	struct arena *menu_arena;
	const char **menu_keys;
	struct store_saved *menu_saved;
	size_t menu_count;
	char menu_key[RUNS_KEY]; /* the column whose value is chosen */

	/* baseline */
	enum runs_baseline_is baseline_is;
	int64_t baseline_id;
	char baseline_name[200];

	/* experiments, as they were when last asked for */
	struct runs_experiments *experiments;
	struct arena *experiments_arena;
	bool experiments_wanted; /* the menu opens when they are here */

	struct runs_saved *saved; /* NULL: not known yet */
	struct arena *saved_arena;

	/* what was seen last: Esc goes back to it while rows are looked for */
	char filter_seen[RUNS_FILTER];
	struct ui_sort sort_seen[UI_SORT_KEYS];
	int sort_seen_count;

	/* sums */
	struct runs_sums *sums;
	struct arena *sums_arena;
	bool sums_stale;
	int64_t summed_at;

	/* groups */
	struct runs_groups *groups, *groups_before;
	struct arena *groups_arena, *groups_before_arena;
	struct ui_ask_rows groups_ask; /* that waits for them */
	bool groups_wait, groups_stale;

	int64_t drawn_at;
	struct runs_stop_ask stop;
	char export_path[UI_EXPORT_PATH];
	struct register_dialog registering;
	struct run_edits edits;
	char fault[1024];
	bool to_top;
	bool column_placed;  /* the current column has been chosen */
	bool loaded, moving; /* moving: the preview waits for the cursor to rest */
	struct preview preview;
};

/* ---- runs.c ---- */

void runs_scope_now(const struct runs *r, struct runs_scope *out);
/* Rows of another scope: asks anew. */
void runs_other_scope(struct runs *r);
void runs_page_ask_now(const struct runs *r, const struct ui_ask_rows *rows, struct runs_page_ask *out);
void runs_set_empty(struct runs *r);
/* The next rows are the first ones, and the cursor stands on the first: for other rows than before. */
void runs_from_top(struct runs *r);
void runs_page_show(struct runs *r, struct ui_page *page);

/* ---- runs_shape.c: what is remembered ---- */

void runs_shape_write(const struct runs_shape *s, struct str *out);
/* false: the text is none of ours; nothing changes then. */
bool runs_shape_read(struct runs_shape *s, const char *text, struct error *err);
void runs_remember(struct runs *r);
void runs_recall(struct runs *r); /* the experiment's own shape into r->shape */
/* The shape as it is now into the table: columns, order, sums, groups. */
void runs_shape_show(struct runs *r);

/* ---- runs_columns.c, runs_qualifier.c ---- */

void runs_columns_add(struct runs_shape *s, const char *key); /* once */
void runs_columns_default(struct runs_shape *s, const struct runs_names *names);
void runs_columns_show(struct runs *r); /* in the table */
void runs_columns_choose(struct runs *r);
void runs_names_ask(struct runs *r);
void runs_names_take(struct runs *r, struct ui_result *result);
/* The key of the table's current column, or NULL. */
const char *runs_current_key(const struct runs *r);
void runs_qualifier_choose(struct runs *r);
const char *runs_qualifier_why_not(const struct runs *r);

/* ---- runs_filter.c ---- */

void runs_filter_open(struct runs *r);
void runs_filter_set(struct runs *r, const char *text);
void runs_filter_values(struct runs *r, struct ui_result *result);

/* ---- runs_baseline.c ---- */

void runs_baseline_pin(struct runs *r);
void runs_baseline_take(struct runs *r, const struct runs_page_got *got);
void runs_difference_next(struct runs *r);

/* ---- runs_groups.c ---- */

bool runs_grouped(const struct runs *r); /* rows are groups now */
void runs_groups_choose(struct runs *r);
void runs_groups_rows(struct runs *r, const struct ui_ask_rows *ask);
void runs_groups_take(struct runs *r, struct ui_result *result);
void runs_groups_columns(struct runs *r);
void runs_groups_old(struct runs *r); /* what they are made of has changed */
void runs_groups_open(struct runs *r);
void runs_groups_export(struct runs *r, const struct ui_export_ask *file);
bool runs_groups_back(struct runs *r); /* false: no group is open */
void runs_groups_release(struct runs *r);

/* ---- runs_summary.c ---- */

void runs_summary_old(struct runs *r); /* another scope, other columns, other values */
void runs_summary_take(struct runs *r, struct ui_result *result);
void runs_summary_add(struct runs *r, struct ui_page *page); /* to its head */
void runs_summary_tick(struct runs *r);
void runs_summary_release(struct runs *r);

/* ---- runs_experiment.c ---- */

void runs_experiment_choose(struct runs *r);
void runs_experiments_ask(struct runs *r);
void runs_experiments_take(struct runs *r, struct ui_result *result);

/* ---- runs_saved.c ---- */

void runs_saved_ask(struct runs *r);
/* The saved view of that name and text as the list's shape; -1: it cannot be read. */
int runs_saved_show(struct runs *r, const char *name, const char *text, struct error *err);
void runs_views_choose(struct runs *r);
void runs_view_save(struct runs *r);
void runs_filters_choose(struct runs *r);
void runs_filter_name(struct runs *r);
void runs_saved_take(struct runs *r, struct ui_result *result);
void runs_saved_done(struct runs *r, const struct ui_result *result);

/* ---- runs_acts.c ---- */

bool runs_act(struct runs *r, enum action what); /* false: it is none of these */
const char *runs_act_why_not(const struct runs *r, enum action what);
/* true: there is nothing left to do about it, or to say. */
bool runs_act_result(struct runs *r, struct ui_result *result);
void runs_acts_init(struct runs *r);

#endif
