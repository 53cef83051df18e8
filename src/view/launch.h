/* Launch: what goes between the form and the workers. */
#ifndef ASSAY_VIEW_LAUNCH_H
#define ASSAY_VIEW_LAUNCH_H

#include "assay/ui.h"
#include "assay/work.h"

struct launch_set {
	const char *name;
	const char *const *columns;
	size_t column_count;
	const char *label, *positive; /* as registered; NULL */
};
struct launch_sets {
	struct launch_set *set;
	size_t count;
};
ui_work_fn view_launch_read_sets;

struct launch_request {
	bool is_run;
	struct work_train train;
	struct work_run run;
};
struct launch_checked {
	bool ok;
	const char *field; /* name of the form's field; NULL: none in particular */
	const char *text;
};
ui_work_fn view_launch_check; /* gives launch_checked: what is wrong is an answer, not an error */
ui_work_fn view_launch_start; /* on the writer; gives run_started */

#endif
