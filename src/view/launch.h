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
/* A run as the form would have made it: what it was launched with. */
struct launch_like {
	const char *recipe; /* or "command" */
	struct launch_value {
		const char *name, *value; /* of the form's field */
	} * values;
	size_t count;
};
struct launch_sets {
	struct launch_set *set;
	size_t count;
	struct launch_like like; /* recipe NULL: not asked for, or not to be told */
};
struct launch_sets_ask {
	int64_t like; /* a run; 0: none */
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
