/* Bias: what keys and the mouse do in a report. */
#include <math.h>
#include <string.h>

#include "bias_report.h"
#include "list.h"
#include "view_inside.h"

#define STEP   0.01
#define STRIDE 0.1

/* ---- the threshold ---- */

static void set_threshold(struct view *v, double threshold)
{
	struct report_view *r = v->state;

	if (!r->loaded)
		return;
	/* In hundredths, so that as many steps back lead where one came from. */
	threshold = fmin(fmax(threshold, 0), 1);
	if (threshold != r->threshold) {
		r->threshold = threshold;
		bias_report_update(v);
	}
	bias_report_say(v);
}

static double stepped(double from, double step)
{
	double to = from + step, grid = round(to / STEP) * STEP;

	/* A typed threshold between two steps goes to the next one first. */
	return round((fabs(grid - to) < 1e-9 ? to
	              : step > 0             ? floor(to / STEP) * STEP
	                                     : ceil(to / STEP) * STEP) *
	             1e9) /
	       1e9;
}

/* ---- moving ---- */

static void move_to(struct report_view *r, long to)
{
	struct bias_rows *rows = bias_report_rows(r);
	long last = (long)(rows->group_count + rows->measure_count) - 1;

	rows->at = (size_t)(to < 0 ? 0 : to > last ? last : to);
}

/* While a number is explained, the cursor goes over the numbers of its row. */
static void move_number(struct report_view *r, long to)
{
	struct arena *a = arena_new();
	size_t count;
	long last;

	bias_numbers(bias_report_rows(r), a, &count);
	last = (long)count - 1;
	r->number = (size_t)(to < 0 ? 0 : to > last ? last : to);
	arena_free(a);
}

static bool move(struct report_view *r, enum action what)
{
	struct bias_rows *rows = bias_report_rows(r);
	long at, page = 8, first = 0, last = 1L << 20;

	if (r->tab == TAB_CALIBRATION || !r->has_report)
		return false;
	at = (long)(r->explaining ? r->number : rows->at);
	switch ((int)what) {
	case ACTION_LIST_UP:
		at--;
		break;
	case ACTION_LIST_DOWN:
		at++;
		break;
	case ACTION_LIST_PAGE_UP:
	case ACTION_LIST_HALF_UP:
		at -= page;
		break;
	case ACTION_LIST_PAGE_DOWN:
	case ACTION_LIST_HALF_DOWN:
		at += page;
		break;
	case ACTION_LIST_TOP:
		at = first;
		break;
	case ACTION_LIST_BOTTOM:
		at = last;
		break;
	default:
		return false;
	}
	if (r->explaining)
		move_number(r, at);
	else
		move_to(r, at);
	return true;
}

static void show_tab(struct view *v, int tab)
{
	struct report_view *r = v->state;

	r->tab = tab;
	r->explaining = false;
	bias_report_ask_calibration(v);
	if (r->has_report)
		bias_report_say(v);
}

static void next_partition(struct view *v)
{
	struct report_view *r = v->state;
	size_t from = r->tab == TAB_INTERSECTIONS ? r->singles : 0;
	size_t count = r->tab == TAB_INTERSECTIONS ? r->pairs : r->singles;

	if (count == 0)
		return;
	r->partition[r->tab] = from + (r->partition[r->tab] - from + 1) % count;
	r->explaining = false;
	bias_report_arrange(r);
	bias_report_ask_calibration(v);
	bias_report_say(v);
}

static void next_rate(struct report_view *r, int by)
{
	struct bias_rows *rows = bias_report_rows(r);

	rows->shown = (rows->shown + by + BIAS_SHOWN) % BIAS_SHOWN;
	if (r->explaining && rows->at < rows->group_count)
		r->number = bias_numbers_at(rows);
}

/* The group under the cursor becomes the one that the others of its partition are compared with. */
static void take_reference(struct view *v)
{
	struct report_view *r = v->state;
	struct bias_rows *rows = bias_report_rows(r);
	const char *why = bias_report_refer(r, r->report.partitions[rows->by].name,
	                                    r->report.groups[rows->groups[rows->at]].name);

	if (why) {
		ui_message(v->ui, STYLE_WARN, "%s", why);
		return;
	}
	bias_report_update(v);
	bias_report_say(v);
}

/* ---- choosing columns, typing a threshold ---- */

static void columns_accept(void *user, const int64_t *ids, size_t count)
{
	struct view *v = user;
	struct report_view *r = v->state;
	struct bias_by by = {.count = 0};

	if (count > BIAS_COLUMNS_MAX) {
		ui_message(v->ui, STYLE_WARN, "at most %d columns at a time", BIAS_COLUMNS_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = r->answer->columns[ids[i] - 1].name;

		if (strlen(name) >= BIAS_NAME) {
			ui_message(v->ui, STYLE_WARN, "the name of this column is longer than %d bytes", BIAS_NAME - 1);
			return;
		}
		snprintf(by.name[by.count++], BIAS_NAME, "%s", name);
	}
	r->by = by;
	r->reference_count = 0;
	r->explaining = false;
	bias_report_load(v);
}

static bool is_chosen(const struct report_view *r, const struct bias_column_choice *c)
{
	for (size_t i = 0; i < r->by.count; i++)
		if (strcmp(r->by.name[i], c->name) == 0)
			return true;
	return r->by.count == 0 && c->protected_;
}

static void choose_columns(struct view *v)
{
	struct report_view *r = v->state;
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, r->answer->column_count + 1, sizeof *items);
	struct ui_menu menu = {
	    .title = "Compare by", .items = items, .multiple = true, .user = v, .accept_many = columns_accept};

	/* The protected ones first. */
	for (int protected_ = 1; protected_ >= 0; protected_--)
		for (size_t i = 0; i < r->answer->column_count; i++)
			if (r->answer->columns[i].protected_ == (protected_ == 1))
				items[menu.count++] = (struct ui_menu_item){.text = r->answer->columns[i].name,
				                                            .detail = r->answer->columns[i].detail,
				                                            .id = (int64_t)i + 1,
				                                            .checked = is_chosen(r, &r->answer->columns[i])};
	ui_menu(v, &menu);
	arena_free(a);
}

static void threshold_check(void *user, const char *text, struct ui_check *out)
{
	double value;

	(void)user;
	out->ok = num_parse(text, strlen(text), &value) && value >= 0 && value <= 1;
	if (!out->ok)
		snprintf(out->message, sizeof out->message, "a number from 0 to 1");
}

static void threshold_accept(void *user, const char *text)
{
	double value;

	if (num_parse(text, strlen(text), &value))
		set_threshold(user, value);
}

static void type_threshold(struct view *v)
{
	struct report_view *r = v->state;
	char text[NUM_TEXT];

	ui_prompt(v, &(struct ui_prompt){.label = "threshold",
	                                 .text = num_shortest(r->threshold, text),
	                                 .user = v,
	                                 .check = threshold_check,
	                                 .accept = threshold_accept});
}

bool bias_report_action(struct view *v, enum action what)
{
	struct report_view *r = v->state;

	switch ((int)what) {
	case ACTION_APP_NEXT_PART:
		show_tab(v, (r->tab + 1) % TABS);
		return true;
	case ACTION_APP_PREVIOUS_PART:
		show_tab(v, (r->tab + TABS - 1) % TABS);
		return true;
	case ACTION_BIAS_LOWER:
		set_threshold(v, stepped(r->threshold, -STEP));
		return true;
	case ACTION_BIAS_HIGHER:
		set_threshold(v, stepped(r->threshold, STEP));
		return true;
	case ACTION_BIAS_LOWER_MORE:
		set_threshold(v, stepped(r->threshold, -STRIDE));
		return true;
	case ACTION_BIAS_HIGHER_MORE:
		set_threshold(v, stepped(r->threshold, STRIDE));
		return true;
	case ACTION_BIAS_OWN:
		set_threshold(v, r->loaded->own);
		return true;
	case ACTION_BIAS_SET:
		type_threshold(v);
		return true;
	case ACTION_BIAS_BY:
		next_partition(v);
		return true;
	case ACTION_BIAS_RATE:
		next_rate(r, 1);
		return true;
	case ACTION_BIAS_RATE_BACK:
		next_rate(r, -1);
		return true;
	case ACTION_BIAS_REFERENCE:
		take_reference(v);
		return true;
	case ACTION_LIST_COLUMNS:
		choose_columns(v);
		return true;
	case ACTION_BIAS_EXPLAIN:
		r->number = bias_numbers_at(bias_report_rows(r));
		r->number_top = 0;
		r->explaining = true;
		return true;
	case ACTION_APP_REFRESH:
		bias_report_load(v);
		return true;
	case ACTION_APP_BACK:
	case ACTION_APP_QUIT:
	case ACTION_LIST_BACK:
		if (!r->explaining)
			return false;
		r->explaining = false;
		return true;
	default:
		return move(r, what);
	}
}

static const char *why_not_rows(const struct report_view *r, enum action what)
{
	const struct bias_rows *rows = &r->rows[r->tab];

	switch ((int)what) {
	case ACTION_BIAS_EXPLAIN:
		return r->explaining ? "it is explained already" : NULL;
	case ACTION_BIAS_REFERENCE:
		return r->explaining                  ? "not while a number is explained"
		       : rows->at < rows->group_count ? NULL
		                                      : "the cursor is not on a group";
	default:
		return NULL;
	}
}

const char *bias_report_why_not(struct view *v, enum action what)
{
	const struct report_view *r = v->state;
	bool rows = r->has_report && r->tab != TAB_CALIBRATION && (r->tab == TAB_GROUPS || r->pairs > 0);

	switch ((int)what) {
	case ACTION_LIST_COLUMNS:
		return !r->answer                     ? "it is being read"
		       : r->answer->column_count == 0 ? "there is no data to choose columns of"
		                                      : NULL;
	case ACTION_BIAS_LOWER:
	case ACTION_BIAS_HIGHER:
	case ACTION_BIAS_LOWER_MORE:
	case ACTION_BIAS_HIGHER_MORE:
	case ACTION_BIAS_OWN:
	case ACTION_BIAS_SET:
		return !rows                                      ? "there is no threshold here"
		       : !bias_has_scores(r->loaded->cases.table) ? "these are decisions: there is no threshold"
		                                                  : NULL;
	case ACTION_BIAS_BY:
		return !r->has_report  ? "there is no report yet"
		       : r->explaining ? "not while a number is explained"
		       : (r->tab == TAB_INTERSECTIONS ? r->pairs : r->singles) < 2
		           ? "there is only one; C chooses columns"
		           : NULL;
	case ACTION_BIAS_EXPLAIN:
	case ACTION_BIAS_REFERENCE:
	case ACTION_BIAS_RATE:
	case ACTION_BIAS_RATE_BACK:
		return rows ? why_not_rows(r, what) : "there is no number here";
	default:
		return list_none(what);
	}
}

bool bias_report_event(struct view *v, const struct term_event *e)
{
	struct report_view *r = v->state;
	struct bias_rows *rows = bias_report_rows(r);
	int tab, y = e->y - BIAS_ROWS_Y;

	if (e->kind != TERM_EVENT_MOUSE)
		return false;
	if (e->mouse == TERM_MOUSE_WHEEL_UP || e->mouse == TERM_MOUSE_WHEEL_DOWN)
		return move(r, e->mouse == TERM_MOUSE_WHEEL_UP ? ACTION_LIST_UP : ACTION_LIST_DOWN);
	if (e->mouse != TERM_MOUSE_PRESS || e->button != 1)
		return false;
	if (e->y == 0) {
		tab = ui_tabs_hit(BIAS_TABS, TABS, r->tab, v->body_w, e->x);
		if (tab >= 0)
			show_tab(v, tab);
		return tab >= 0;
	}
	if (r->tab == TAB_CALIBRATION || !r->has_report || r->explaining)
		return false;
	if (y >= rows->groups_y && y < rows->groups_y + rows->groups_h)
		rows->at = rows->top + (size_t)((y - rows->groups_y) / rows->lines);
	else if (y >= rows->measures_y && y < rows->measures_y + rows->measures_h)
		rows->at = rows->group_count + rows->low_top + (size_t)(y - rows->measures_y);
	else
		return false;
	return true;
}
