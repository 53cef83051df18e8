/* The run that others are compared with: pinned under the header, numbers as differences from its own. */
#include <string.h>

#include "runs_inside.h"

void runs_baseline_pin(struct runs *r)
{
	const struct ui_row *row = ui_table_row(r->table);
	struct runs_shape *s = &r->shape;

	if (!row)
		return;
	if (s->baseline[0] && row->id == r->baseline_id) {
		s->baseline[0] = 0;
		r->baseline_is = BASELINE_NONE;
		r->baseline_id = 0;
		s->difference = WORK_VALUE;
		ui_message(r->view->ui, STYLE_MESSAGE, "no baseline any more");
	} else {
		/* After the columns' cells: the run's uuid. */
		snprintf(s->baseline, sizeof s->baseline, "%s", row->cells[s->column_count].text);
		snprintf(r->baseline_name, sizeof r->baseline_name, "%s", row->cells[0].text);
		r->baseline_is = BASELINE_HERE;
		r->baseline_id = row->id;
		ui_message(r->view->ui, STYLE_MESSAGE, "%s is the baseline: d shows differences, c compares with it",
		           r->baseline_name);
	}
	ui_table_refresh(r->table);
	runs_remember(r);
}

void runs_baseline_take(struct runs *r, const struct runs_page_got *got)
{
	bool other = got->baseline != r->baseline_is;

	r->baseline_is = got->baseline;
	r->baseline_id = got->baseline_id;
	if (got->baseline_name)
		snprintf(r->baseline_name, sizeof r->baseline_name, "%s", got->baseline_name);
	if (other && got->baseline == BASELINE_GONE)
		ui_message(r->view->ui, STYLE_WARN, "the baseline is not there any more: B pins another run");
	if (other && got->baseline == BASELINE_ARCHIVED)
		ui_message(r->view->ui, STYLE_WARN, "the baseline, %s, has been archived", r->baseline_name);
}

void runs_difference_next(struct runs *r)
{
	r->shape.difference = (r->shape.difference + 1) % 3;
	ui_table_refresh(r->table);
	if (r->shape.difference == WORK_VALUE)
		ui_message(r->view->ui, STYLE_MESSAGE, "numbers as they are");
	else if (r->shape.difference == WORK_DIFFERENCE)
		ui_message(r->view->ui, STYLE_MESSAGE, "differences from %s", r->baseline_name);
	else
		ui_message(r->view->ui, STYLE_MESSAGE, "differences from %s in per cent", r->baseline_name);
	runs_remember(r);
}
