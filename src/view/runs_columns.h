/* The columns of the table of runs. */
#ifndef ASSAY_VIEW_RUNS_COLUMNS_H
#define ASSAY_VIEW_RUNS_COLUMNS_H

#include "runs.h"

struct runs_columns {
	char key[RUNS_COLUMNS_MAX][RUNS_KEY]; /* the first is "name" */
	size_t count;
	bool chosen;                    /* by a person; else they follow what is reported */
	const struct runs_names *names; /* what there is to choose from; NULL: not known yet */
	struct ui_table *table;
	struct view *view;
	void (*on_choice)(struct view *v);
};
void runs_columns_add(struct runs_columns *c, const char *key); /* once */
void runs_columns_default(struct runs_columns *c);
void runs_columns_show(struct runs_columns *c);   /* in the table */
void runs_columns_choose(struct runs_columns *c); /* asks the person */

#endif
