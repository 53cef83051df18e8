/* Bias: what goes between the screens and the reader, and the parts of the report's drawing. */
#ifndef ASSAY_VIEW_BIAS_H
#define ASSAY_VIEW_BIAS_H

#include <stdatomic.h>

#include "assay/bias.h"
#include "assay/ui.h"
#include "assay/work.h"

#include "list.h"

/* ---- the list: runs that have a model and say what they were tested on ---- */

/* Only so many of the newest runs are listed; `b` in Runs opens any. */
#define BIAS_LIST_MOST 200
struct bias_list {
	struct list_rows list; /* ids are those of the runs */
	bool more;             /* there are older ones */
};
ui_work_fn view_bias_read_list;

/* ---- what a report is made of ---- */

#define BIAS_NAME 256
/* Columns to divide by, as a person chose them; none: those with the role "protected". */
struct bias_by {
	char name[BIAS_COLUMNS_MAX][BIAS_NAME];
	size_t count;
};

/*
 * The cases of a run, scored and divided, too large to be copied between threads: they lie on a shelf of the
 * app, by number. The screen's thread makes reports of it (bias_report only reads), the reader resamples it,
 * each while it holds it (take … give).
 */
struct bias_loaded {
	struct work_bias_cases cases;
	struct bias_limit *limits; /* one set a partition */
	size_t limit_count;
	const char **limits_from; /* by partition: "house default", "policy lending" */
	const char *no_policy;    /* why the policy in force is not known; NULL: it is */
	double own; /* threshold, level and minimum: the policy's, if it names them for these columns */
	double level;
	uint64_t minimum;
	struct bias_reference *references; /* the policy's */
	size_t reference_count;
	/* A resampling goes on as long as `wanted` is its own number and `stop` is not set. */
	atomic_uint wanted;
	atomic_bool stop;
	struct arena *mem;
};

struct bias_shelf *view_bias_shelf_new(void);
void view_bias_shelf_free(struct bias_shelf *s);
/* NULL if it is not there any more: ask for it anew. */
struct bias_loaded *view_bias_take(struct bias_shelf *s, int64_t number);
void view_bias_give(struct bias_shelf *s, struct bias_loaded *l);

struct bias_load_ask {
	int64_t run;
	struct bias_by by;
};
struct bias_column_choice {
	const char *name, *detail;
	bool protected_;
};
/* What is known of the run even where no report can be made. */
struct bias_answer {
	int64_t number; /* on the shelf; 0: `fault` says why not */
	const char *fault;
	const char *run, *uuid, *data, *label; /* data, label: NULL if it has none */
	struct bias_column_choice *columns;    /* of the data: to choose from */
	size_t column_count;
};
ui_work_fn view_bias_read_cases;

struct bias_resample_ask {
	int64_t number;
	unsigned wanted;
	struct bias_settings settings; /* what it points to lies in the request's `keep`, or on the shelf */
};
/* What resampling adds to a report: one a measure and one a group, in their order. */
struct bias_resampled {
	unsigned wanted;
	bool whole; /* false: it was stopped */
	uint64_t replicates, seed;
	struct bias_measure *measures; /* only numbers of it are to be taken */
	size_t measure_count;
	enum bias_verdict *verdicts; /* of groups */
	size_t group_count;
};
ui_work_fn view_bias_read_resampled;

/* How well scores hold within the groups of one partition. */
struct bias_calibrate_ask {
	int64_t number;
	size_t by;
};
struct bias_curves {
	size_t by;
	struct bias_calibration *groups; /* NULL: there are no scores */
};
ui_work_fn view_bias_read_calibration;

/* Settings at a threshold; limits are the shelf's. */
void view_bias_settings(const struct bias_loaded *l, double threshold,
                        const struct bias_reference *references, size_t reference_count,
                        struct bias_settings *out);

/* ---- drawing ---- */

/* The rates that have a column, in this order. */
#define BIAS_SHOWN 5
extern const enum bias_rate BIAS_SHOWN_RATES[BIAS_SHOWN];

/* A part of the report as rows: groups, then measures. The cursor goes over all of them. */
struct bias_rows {
	const struct bias_report *report;
	size_t by;      /* partition */
	size_t *groups; /* indexes into report->groups, as shown */
	size_t group_count;
	size_t *measures; /* those that lead; bias_numbers has all */
	size_t measure_count;
	size_t at;           /* 0 … group_count + measure_count - 1 */
	int shown;           /* which of BIAS_SHOWN_RATES has the cursor */
	size_t top, low_top; /* first group, first measure in sight */
	int groups_y, lines; /* where the groups were drawn last, and lines a group: for the mouse */
	int groups_h, measures_y, measures_h;
	bool resampling;
};
void bias_rows_arrange(struct bias_rows *r, const struct bias_report *report, size_t by, bool worst_first);
void bias_rows_release(struct bias_rows *r);
/* All that can be said of the row under the cursor: the rates of a group and how it compares with the
 * reference, or all measures of the partition. */
struct bias_number {
	bool is_rate;
	size_t index; /* enum bias_rate, or an index into report->measures */
};
struct bias_number *bias_numbers(const struct bias_rows *r, struct arena *a, size_t *count);
/* The place in that list of the number under the cursor. */
size_t bias_numbers_at(const struct bias_rows *r);
/* Draws groups and measures from row 0 of s on; returns the rows used. */
int bias_draw_rows(struct bias_rows *r, struct surface *s);

/* ◂──────●────────▸ with the model's own threshold marked. */
void bias_draw_slider(struct surface *s, int x, int y, int width, double threshold, double own);
/* ├──●──┤ of low … value … high on a scale in `width` cells; `mark` (NaN: none) is a place to compare with.
 */
struct bias_scale {
	double from, to;
};
void bias_draw_interval(struct surface *s, int x, int y, int width, const struct bias_scale *scale,
                        const struct bias_value *v, style_id style, double mark);
style_id bias_verdict_style(enum bias_verdict verdict);
/* "✗ fails"; returns columns. brief: "▲ at limit". */
int bias_draw_verdict(struct surface *s, int x, int y, enum bias_verdict verdict, bool brief);
/* A group's name in `width` columns, cut in its middle; returns the columns used. */
int bias_put_name(struct surface *s, int x, int y, int width, style_id style, const char *name);
/* Rates by group: fixed places, "–" for what cannot be computed. */
const char *bias_text(double value, int decimals, char out[NUM_TEXT]);
/* "demographic parity ratio", "FPR difference" */
const char *bias_words(const char *name, char *out, size_t size);
const char *bias_rate_words(enum bias_rate rate); /* "true positive rate" */

/* What a number means; `group` (NULL: nothing) is why the group that it is of has its verdict. */
void bias_draw_explanation(struct surface *s, const struct bias_explanation *e, const char *group,
                           style_id style);

/* The curves of the groups of a partition: what was predicted, what came. */
void bias_draw_calibration(struct surface *s, const struct bias_report *r, size_t by,
                           const struct bias_calibration *calibration, bool mono);

#endif
