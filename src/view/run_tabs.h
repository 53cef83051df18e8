/* The tabs of a run that are facts (summary) or lists (files, data, parameters). */
#ifndef ASSAY_VIEW_RUN_TABS_H
#define ASSAY_VIEW_RUN_TABS_H

#include "facts.h"
#include "list.h"
#include "run.h"

void view_draw_summary(struct facts *f, const struct run_summary *sum, struct surface *s, int64_t now);

extern const struct list_spec VIEW_RUN_LISTS[RUN_LISTS];
/* Fills seen->lists from the summary. */
void view_run_rows(struct run_seen *seen, struct arena *a, int64_t now);
/* What the view of a run knows of it; there is one while its lists have rows. */
const struct run_summary *view_run_summary(struct view *v);

#endif
