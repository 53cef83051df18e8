/* Runs: what goes between the screen and the workers. */
#ifndef ASSAY_VIEW_RUNS_H
#define ASSAY_VIEW_RUNS_H

#include "assay/store.h"
#include "assay/ui.h"
#include "assay/ui_table.h"
#include "assay/work.h"

#define RUNS_COLUMNS_MAX 40
#define RUNS_KEY         UI_COLUMN_ID
#define RUNS_FILTER      2048
#define RUNS_EXPERIMENT  512
/* Counting stops here: the cost of a screen does not grow with the store. */
#define RUNS_COUNT_MAX 10000

/* Which runs: all three together. */
struct runs_scope {
	char experiment[RUNS_EXPERIMENT]; /* "" for all */
	char within[RUNS_FILTER];         /* of a group that was opened; "" for none */
	char filter[RUNS_FILTER];         /* the person's own */
};
/* As one filter of the store, in the arena. */
const char *runs_scope_filter(const struct runs_scope *scope, struct arena *a);

/* ---- rows ---- */

/* A column: "name", "id", "experiment", "status", "age", "duration", other attributes, "metrics.X",
 * "best(metrics.X)", "at(metrics.X, metrics.Y)", "params.X", "tags.X", or "trend.X" (the curve of a metric). */
struct runs_page_ask {
	struct ui_ask_rows rows;
	struct runs_scope scope;
	char columns[RUNS_COLUMNS_MAX][RUNS_KEY];
	size_t column_count;
	char baseline[ID_TEXT]; /* "": none */
	enum work_difference difference;
};
enum runs_baseline_is { BASELINE_NONE, BASELINE_HERE, BASELINE_ARCHIVED, BASELINE_GONE };
struct runs_page_got {
	struct ui_page page; /* its head is the baseline, if there is one */
	enum runs_baseline_is baseline;
	int64_t baseline_id;
	const char *baseline_name;
};
ui_work_fn view_runs_read_page; /* gives runs_page_got */

/* The same rows by their ids, for copying. */
struct runs_rows_ask {
	struct runs_page_ask how;
	const int64_t *ids; /* in `keep` */
	size_t count;
};
ui_work_fn view_runs_read_rows; /* gives ui_page */

/* Into a file, all of them in order. */
struct runs_export_ask {
	struct runs_page_ask how;
	struct ui_export_ask file;
};
ui_work_fn view_runs_export; /* gives size_t: rows written */

/* Sums of columns over all runs of the scope. */
ui_work_fn view_runs_read_summary; /* takes runs_page_ask, gives runs_sums */
struct runs_sums {
	struct ui_row *rows; /* min, median, max, distinct; cells by the columns that were asked for */
	size_t count, columns;
};

/* Ids: all that match, or those from one row to another, whichever comes first in the order. */
struct runs_ids_ask {
	struct runs_scope scope;
	struct ui_sort sort[UI_SORT_KEYS];
	int sort_count;
	int64_t from, to; /* 0: all */
};
struct runs_ids {
	int64_t *ids;
	size_t count;
};
ui_work_fn view_runs_read_ids;

/* ---- groups ---- */

struct runs_groups_ask {
	struct runs_scope scope;
	char key[RUNS_KEY]; /* RUNS_OVER_SEEDS: all parameters but the seed */
	char columns[RUNS_COLUMNS_MAX][RUNS_KEY];
	size_t column_count;
	struct ui_sort sort[UI_SORT_KEYS]; /* by "group", "runs" or a column's mean */
	int sort_count;
};
#define RUNS_OVER_SEEDS "over seeds"
/* More are not shown. */
#define RUNS_GROUPS_MAX 2000
struct runs_groups {
	struct ui_row *rows;            /* cells: what they have in common, how many, then one a column */
	const char **filters, **titles; /* a filter may be NULL: it would be too long for the language */
	size_t count, total;
};
ui_work_fn view_runs_read_groups;
struct runs_groups_export_ask {
	struct runs_groups_ask how;
	struct ui_export_ask file;
};
ui_work_fn view_runs_export_groups; /* gives size_t: rows written */

/* ---- names ---- */

#define RUNS_TELLING_MAX 2
/* What the store knows by name. */
struct runs_names_ask {
	char experiment[RUNS_EXPERIMENT]; /* whose newest runs tell what differs; "": of all */
};
/* So many at most: all that anyone has. */
#define RUNS_NAMES_MAX 50000
struct runs_names {
	const char **names; /* "metrics.auc", "params.l2", "tags.team", most used first */
	size_t count;
	const char **contexts; /* "metrics.loss[train]", by name */
	size_t context_count;
	/* Those of the names that the newest runs of the experiment have reported; none where that is not known. */
	const char **measures;
	size_t measure_count;
	/* Of the newest runs: the parameters that are not the same in all, and whether the experiments are not.
	 */
	const char *telling[RUNS_TELLING_MAX];
	size_t telling_count;
	bool experiments;
};
ui_work_fn view_runs_read_names;
ui_work_fn view_runs_read_experiments; /* gives runs_experiments */
struct runs_experiments {
	struct store_experiment *list;
	size_t count;
};
/* Takes the experiment (char[RUNS_EXPERIMENT]): its own and those of all, views and filters. */
ui_work_fn view_runs_read_saved; /* gives runs_saved */
struct runs_saved {
	struct store_saved *list;
	size_t count;
};
struct runs_values_ask {
	char field[RUNS_KEY], prefix[RUNS_KEY];
};
struct runs_values {
	char field[RUNS_KEY], prefix[RUNS_KEY];
	const char **values;
	size_t count;
	bool all; /* there are no others */
};
ui_work_fn view_runs_read_values;

/* ---- acts ---- */

/* The runs that something is about to be done to, looked up by id at that moment. */
#define RUNS_TARGETS_MAX 64
struct runs_targets_ask {
	int64_t ids[RUNS_TARGETS_MAX];
	size_t count;
};
struct runs_targets {
	struct run_row *runs; /* those that are not over */
	size_t count, over;
};
ui_work_fn view_runs_read_targets;

/* On the writer. */
struct runs_stop_ask {
	char uuids[RUNS_TARGETS_MAX][ID_TEXT];
	size_t count;
};
ui_work_fn view_runs_write_stop; /* gives size_t: how many were asked to stop */

#endif
