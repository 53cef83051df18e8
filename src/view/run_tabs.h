/* The tabs of a run that are lists of facts: summary, files, data. */
#ifndef ASSAY_VIEW_RUN_TABS_H
#define ASSAY_VIEW_RUN_TABS_H

#include "facts.h"
#include "run.h"

void view_draw_summary(struct facts *f, const struct run_summary *sum, struct surface *s, int64_t now);
void view_draw_files(struct facts *f, const struct run_summary *sum, struct surface *s, int64_t now);
void view_draw_data(struct facts *f, const struct run_summary *sum, struct surface *s);

#endif
