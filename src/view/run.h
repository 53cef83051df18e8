/* One run: what the reader hands to the detail and to the preview. */
#ifndef ASSAY_VIEW_RUN_H
#define ASSAY_VIEW_RUN_H

#include "assay/run.h"
#include "assay/store_capture.h"
#include "assay/ui.h"

#include "charts.h"
#include "list.h"

/* A summary: everything about a run that is no curve. */
struct run_summary {
	struct run_row run;
	const char *command; /* as a shell line */
	const char *last_line;
	struct store_pair *params, *tags, *notes;
	size_t param_count, tag_count, note_count;
	struct series *metrics; /* the first ones */
	size_t metric_count, metric_total;
	struct run_input *inputs;
	size_t input_count;
	struct run_artifact *artifacts;
	size_t artifact_count;
	struct bad_line *bad; /* event lines that could not be understood: the first ones of run.bad_lines */
	size_t bad_count;
	int64_t change; /* store_change at that time */
};
struct run_ask {
	int64_t id;
	bool trend; /* with the curve of the first metric, for the preview */
};
enum run_list { RUN_FILES, RUN_DATA, RUN_PARAMS, RUN_LISTS };
struct run_seen {
	struct run_summary summary;
	struct {
		struct ui_row *rows; /* ids are places, from 1 on */
		size_t count;
	} lists[RUN_LISTS];
	const struct curve_chart *trend; /* NULL: none */
};
ui_work_fn view_run_read;

/* Curves of a run's metrics or samples. Gives a struct charts_got. */
struct run_curves_ask {
	int64_t id;
	enum series_kind kind;
	int buckets; /* points drawn of a curve at most */
	struct charts_ask part;
};
ui_work_fn view_run_read_curves;
/* One curve of a series in the arena: name and style as `look` has them, values times scale; `started` is
 * where elapsed time begins. Of more points than buckets: on this axis alone. */
int view_run_curve(struct store *s, const struct series *series, const struct curve *look, int64_t started,
                   double scale, int buckets, enum series_axis axis, struct arena *a, struct curve *out,
                   struct error *err);

/* Output from an offset on. */
struct run_log_ask {
	char uuid[ID_TEXT];
	uint64_t offset; /* UINT64_MAX: the last lines */
};
struct run_log_part {
	char *bytes;
	size_t len;
	uint64_t next; /* where to go on */
	bool cut;      /* what lies before is not shown */
	bool live;
	bool more; /* there is more already */
};
ui_work_fn view_run_read_log;

#endif
