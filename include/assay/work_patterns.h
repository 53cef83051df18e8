/* work_patterns: which recognisers read the output of a store's runs, and switching them. */
#ifndef ASSAY_WORK_PATTERNS_H
#define ASSAY_WORK_PATTERNS_H

#include "assay/run_finder.h"
#include "assay/work.h"

/* [patterns] of the store's config.ini, and [patterns NAME] of the experiment (NULL: of none); run_patterns_free. */
int work_patterns_read(struct store *store, const char *experiment, struct run_patterns **out,
                       struct error *err);
/* From the next launch on, `what` ("key_colon", or one name of one: "json:lr") is off, or on again: its word in an `off`
 * of [patterns] (with an experiment: of [patterns NAME], for its runs alone) comes or goes, whatever else is in the file
 * stays. *changed: it was not so already. ERR_NO: to be
 * switched on, but it is off by another word ("all", its recogniser's, or for all experiments). */
int work_patterns_switch(struct store *store, const char *experiment, const char *what, bool off,
                         bool *changed, struct error *err);

#endif
