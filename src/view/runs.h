/* Runs: what goes between the screen and the reader. */
#ifndef ASSAY_VIEW_RUNS_H
#define ASSAY_VIEW_RUNS_H

#include "assay/store.h"
#include "assay/ui.h"

#define RUNS_COLUMNS_MAX 24
#define RUNS_KEY         96
#define RUNS_FILTER      1024
/* Counting stops here: the cost of a screen does not grow with the store. */
#define RUNS_COUNT_MAX 10000

/* A column: "name", "id", "experiment", "status", "age", "duration", "kind", "user", "host", "metrics.X",
 * "params.X", "tags.X", or "trend.X" (the curve of a metric). */
struct runs_page_ask {
	struct ui_ask_rows rows;
	char filter[RUNS_FILTER];
	char columns[RUNS_COLUMNS_MAX][RUNS_KEY];
	size_t column_count;
};
ui_work_fn view_runs_read_page; /* gives ui_page */

#define RUNS_TELLING_MAX 2
/* What the store knows by name, and whether anything has happened. */
struct runs_names {
	const char **names; /* "metrics.auc", "params.l2", "tags.team", most used first */
	size_t count;
	/* Of the newest runs: the parameters that are not the same in all, and whether the experiments are not.
	 */
	const char *telling[RUNS_TELLING_MAX];
	size_t telling_count;
	bool experiments;
};
ui_work_fn view_runs_read_names;

struct runs_ids_ask {
	char filter[RUNS_FILTER];
};
struct runs_ids {
	int64_t *ids;
	size_t count;
};
ui_work_fn view_runs_read_ids;

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

/* "metrics.auc" -> "auc". */
const char *view_runs_column_title(const char *key);

#endif
