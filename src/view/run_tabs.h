/* The tabs of a run that are lists of facts: summary, files, data. */
#ifndef ASSAY_VIEW_RUN_TABS_H
#define ASSAY_VIEW_RUN_TABS_H

#include "run.h"

/* Lines of labels and values, in one or two columns, that scroll together. */
struct facts {
	struct arena *arena; /* built anew at each draw */
	struct fact {
		const char *label, *value; /* value NULL: a heading; both NULL: an empty line */
		const char *right;         /* a second value at the right end; may be NULL */
		style_id style;
		bool second; /* stands in the right half, where there is room for two */
	} * lines;
	size_t count, cap;
	int top;
	int rows; /* of the longer half, at the last draw */
};
void facts_release(struct facts *f);
bool facts_action(struct facts *f, enum action action, int height);

void view_draw_summary(struct facts *f, const struct run_summary *sum, struct surface *s, int64_t now);
void view_draw_files(struct facts *f, const struct run_summary *sum, struct surface *s, int64_t now);
void view_draw_data(struct facts *f, const struct run_summary *sum, struct surface *s);

#endif
