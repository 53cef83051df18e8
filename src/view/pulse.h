/* The pulse: what has changed, what needs the person, what has happened by itself. */
#ifndef ASSAY_VIEW_PULSE_H
#define ASSAY_VIEW_PULSE_H

#include "assay/ui.h"

/* What the threads that look have found out, with a lock of its own. */
struct pulse;
struct pulse *view_pulse_new(void);
void view_pulse_free(struct pulse *p); /* NULL is fine */

ui_work_fn view_pulse_read; /* ui_options.pulse */
ui_work_fn view_pulse_tend; /* ui_options.tend: runs whose supervisor is gone are said to be lost */
/* How many runs run or wait, as the pulse has told it last; -1: it has not yet. */
int64_t view_pulse_running(struct ui *ui);

#endif
