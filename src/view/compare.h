/* Compare: what the reader hands to the screen. */
#ifndef ASSAY_VIEW_COMPARE_H
#define ASSAY_VIEW_COMPARE_H

#include "assay/base.h"
#include "assay/ui.h"

#include "charts.h"

#define COMPARE_MAX 8

struct compare_ask {
	int64_t ids[COMPARE_MAX];
	size_t count;
};

struct compare_row {
	bool heading, equal;
	struct ui_cell *cells; /* name, first run, then value and difference of each other run */
};
struct compare_pair {
	const char *text; /* "+0.0081 [0.0062, 0.0100]  p 0.0004", or why not; NULL: nothing to say */
	style_id style;
};
struct compare_model {
	size_t run_count, count;
	const char **names;
	const char **uuids;
	const struct compare_row *rows;
	const struct compare_pair *pairs; /* one a run; that of the first is empty */
	const char *pair_note;
};
ui_work_fn view_compare_read;

struct compare_curves_ask {
	struct compare_ask runs;
	struct charts_ask part;
};
ui_work_fn view_compare_read_curves; /* gives a struct charts_got */

#endif
