/* One line of an event file (store.md "Capture"), read strictly: JSON, plus NaN, Infinity and -Infinity as
 * Python writes them. Unknown keys are passed over, so that newer reporters can say more. */
#ifndef ASSAY_STORE_EVENT_H
#define ASSAY_STORE_EVENT_H

#include "assay/base.h"

enum event_kind {
	EVENT_METRIC, /* subject, number */
	EVENT_METRICS,
	EVENT_PARAM, /* subject, value */
	EVENT_TAG,
	EVENT_ARTIFACT, /* subject; kind_word */
	EVENT_DATASET,  /* subject; role */
	EVENT_PROGRESS, /* number, 0 to 1 */
	EVENT_NOTE,     /* subject is the text */
	EVENT_ALERT,
	EVENT_KINDS
};
struct slice { /* not NUL-terminated; holds no NUL */
	const char *text;
	size_t len;
};
struct event {
	enum event_kind kind;
	struct slice subject, value, context, role, kind_word;
	double number;
	bool has_step, has_time;
	int64_t step, time;
	struct event_metric {
		struct slice name;
		double value;
	} * metrics;
	size_t metric_count;
	char why[160]; /* what is wrong with the line */
	/* Kept from line to line. */
	size_t metric_cap;
	struct str decoded;
};
void event_init(struct event *e);
void event_release(struct event *e);
/* What the line says: slices point into it or into the event, until the next call. false: e->why tells. */
bool event_parse(struct event *e, const char *line, size_t len);

#endif
