/* Keys of columns: "params.l2", "best(metrics.auc)", "at(metrics.ece, min(metrics.loss))", "trend.auc". */
#ifndef ASSAY_VIEW_RUNS_KEY_H
#define ASSAY_VIEW_RUNS_KEY_H

#include "assay/base.h"
#include "assay/ui_table.h"

struct runs_key {
	char of[UI_COLUMN_ID];    /* "metrics.ece", or what is no metric as it is */
	char which[8];            /* "", "best", "min" … "at" */
	char where[UI_COLUMN_ID]; /* at: "metrics.loss" … */
	char where_which[8];      /* … and where that was what: "best", "min", "max" */
};
void runs_key_split(const char *key, struct runs_key *out);
/* false: it does not fit, or the metric cannot have this. */
bool runs_key_join(const struct runs_key *key, char out[UI_COLUMN_ID]);
bool runs_key_is(const char *key, const char *prefix); /* begins with it */
bool runs_key_measures(const char *key);               /* some value of a metric */
/* "auc", "auc max", "ece @ auc best", "val loss[eval]"; in the arena. */
const char *runs_key_title(struct arena *a, const char *key);
/* Name and context ("" for none) of the metric, without quotes; NULL if it is none. */
const char *runs_key_metric(struct arena *a, const char *key, const char **context);

#endif
