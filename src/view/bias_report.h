/* The report's state: bias_report.c keeps it, bias_screen.c draws it. */
#ifndef ASSAY_VIEW_BIAS_REPORT_H
#define ASSAY_VIEW_BIAS_REPORT_H

#include "bias.h"

enum { TAB_GROUPS, TAB_INTERSECTIONS, TAB_CALIBRATION, TABS };
extern const char *const BIAS_TABS[TABS];

/* Where the rows begin, counted from the top of the body. */
enum { BIAS_ROWS_Y = 5 };

struct chosen_reference {
	char by[BIAS_NAME], group[BIAS_NAME];
};

struct report_view {
	int64_t run;
	int tab;
	struct arena *arena; /* of answer */
	const struct bias_answer *answer;
	struct bias_loaded *loaded; /* held */
	struct bias_by by;          /* as chosen; none: the protected ones */
	double threshold;
	unsigned asked; /* number of the resampling that was asked for last */
	bool has_report;
	struct bias_report report;
	size_t singles, pairs;    /* partitions of one column come first, then those of several */
	size_t partition[TABS];   /* which one each tab shows */
	struct bias_rows rows[2]; /* of the first two tabs */
	struct chosen_reference references[BIAS_COLUMNS_MAX];
	size_t reference_count;
	/* explaining: the numbers of the row under the cursor, one by one */
	bool explaining;
	size_t number, number_top;
	struct arena *calibration_arena;
	const struct bias_curves *calibration;
	char fault[ERROR_TEXT];
};

/* The rows of the tab on top; those of Groups where it has none. */
struct bias_rows *bias_report_rows(struct report_view *r);
/* Asks the reader for the cases; for the calibration if it is to be seen. */
void bias_report_load(struct view *v);
void bias_report_ask_calibration(struct view *v);
/* The groups of `by` are compared with this one from the next update on; NULL, or why not. */
const char *bias_report_refer(struct report_view *r, const char *by, const char *group);
/* Counts, closed-form intervals and verdicts at the threshold: at once. The rest: when it rests. */
void bias_report_update(struct view *v);
void bias_report_arrange(struct report_view *r); /* after another partition was chosen */
void bias_report_say(struct view *v);            /* the command that does the same */

bool bias_report_action(struct view *v, enum action what);
const char *bias_report_why_not(struct view *v, enum action what);
bool bias_report_event(struct view *v, const struct term_event *e);
void bias_report_draw(struct report_view *r, struct surface *s, bool mono);

#endif
