/* One column large: parts with a cursor on every number, and the rows behind it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "feature_inside.h"
#include "models.h"
#include "rows.h"
#include "view_inside.h"

const char *const FEATURE_PART_NAMES[PARTS] = {"Distribution", "Values", "By", "Text", "Time", "Missing"};
static void (*const DRAW_PART[PARTS])(struct feature_page *p) = {
    feature_spread, feature_values, feature_by, feature_text_part, feature_time_part, feature_missing};

static int open(struct view *v, const void *args, struct error *err)
{
	struct feature_view *f = v->state;
	const struct feature_args *in = args;

	if (strlen(in->column) >= sizeof f->asked_column)
		return error_set(err, ERR_USAGE, "the name of this column is longer than %d bytes", FEATURE_NAME - 1);
	f->id = in->id;
	f->against = in->against;
	snprintf(f->asked_column, sizeof f->asked_column, "%s", in->column);
	feature_ask(v);
	return 0;
}

void feature_drop_page(struct feature_view *f)
{
	free(f->page.spots);
	arena_free(f->page_arena);
	f->page = (struct feature_page){0};
	f->page_arena = NULL;
}

static void close_view(struct view *v)
{
	struct feature_view *f = v->state;

	feature_drop_page(f);
	arena_free(f->arena);
	arena_free(f->split_arena);
	rows_leave(view_app_of(v)->rows, f->held);
	rows_leave(view_app_of(v)->rows, f->held_other);
}

/* ---- the page ---- */

size_t feature_cursor(const struct feature_view *f)
{
	const struct feature_page *p = &f->page;

	for (size_t i = 0; f->at_label[0] && i < p->count; i++)
		if (p->spots[i].block == f->at_block && strcmp(p->spots[i].label, f->at_label) == 0)
			return i;
	return f->at < p->count ? f->at : p->count ? p->count - 1 : SIZE_MAX;
}

static void put_cursor(struct feature_view *f, size_t at)
{
	f->at = at == SIZE_MAX ? 0 : at;
	f->at_label[0] = 0;
	f->at_block = at < f->page.count ? f->page.spots[at].block : 0;
	if (at < f->page.count && strlen(f->page.spots[at].label) < sizeof f->at_label)
		snprintf(f->at_label, sizeof f->at_label, "%s", f->page.spots[at].label);
}

static void lay_once(struct feature_view *f, const struct surface *s, int room, size_t at)
{
	struct feature_page *p = &f->page;
	const struct feature_split *split = f->split;
	const struct column_profile *c = feature_column(f);
	struct feature_by *by;

	feature_drop_page(f);
	f->page_arena = arena_new();
	by = arena_alloc(f->page_arena, sizeof *by);
	feature_by_now(f, by);
	*p = (struct feature_page){.s = *s, .a = f->page_arena, .pair = f->pair, .c = c, .by = by, .at = at};
	p->other = f->pair->has_other ? view_data_column(&f->pair->other, c->name) : NULL;
	if (split && strcmp(split->column, f->column) == 0 && feature_same_by(&split->by, by))
		p->split = split;
	p->waiting = !f->split_stopped;
	p->fault = f->split_fault.code ? &f->split_fault : NULL;
	p->log = f->log;
	p->room = room;
	DRAW_PART[feature_part_now(f, c)](p);
}

/* Twice: to learn where everything is, then, scrolled so that the cursor is seen, on the screen. */
static void draw_page(struct feature_view *f, struct surface *s)
{
	struct surface nowhere = *s, page;
	size_t at;

	nowhere.clip_x1 = nowhere.clip_x0;
	lay_once(f, &nowhere, s->h, SIZE_MAX);
	at = feature_cursor(f);
	if (at < f->page.count) {
		const struct feature_spot *spot = &f->page.spots[at];

		f->at = at;
		if (f->top + s->h < spot->y + spot->h)
			f->top = spot->y + spot->h - s->h;
		if (spot->from < f->top || spot->line == f->page.spots[0].line)
			f->top = spot->line == f->page.spots[0].line && spot->y + spot->h <= s->h ? 0 : spot->from;
	}
	if (f->top > f->page.bottom - s->h)
		f->top = f->page.bottom > s->h ? f->page.bottom - s->h : 0;
	page = surface_part(s, 0, -f->top, s->w, s->h + f->top);
	lay_once(f, &page, s->h, at);
	if (f->top + s->h < f->page.bottom)
		surface_glyph(s, s->w - 1, s->h - 1, STYLE_MUTED, GLYPH_DOWN);
	if (f->top > 0)
		surface_glyph(s, s->w - 1, 0, STYLE_MUTED, GLYPH_UP);
}

/* The spots as they are now, where keys come faster than frames. */
bool feature_measure(struct view *v)
{
	struct feature_view *f = v->state;
	struct surface s;
	struct grid grid;

	if (!feature_column(f))
		return false;
	grid_init(&grid, 1, 1, view_app_of(v)->charset);
	s = grid_surface(&grid);
	s.clip_x1 = s.clip_x0;
	s.w = v->body_w;
	s.h = f->page.room > 0 ? f->page.room : v->body_h;
	lay_once(f, &s, s.h, SIZE_MAX);
	grid_release(&grid);
	return f->page.count > 0;
}

/* ---- drawing ---- */

static const char *what_is_behind(const struct feature_target *t)
{
	return t->kind == BEHIND_NOTHING ? NULL : t->kind == BEHIND_PART ? "its values" : "the rows";
}

const char *feature_says(const struct feature_view *f, const struct feature_spot *spot)
{
	return spot->say     ? spot->say
	       : spot->value ? arena_printf(f->page_arena, "%s: %s", spot->label, spot->value)
	                     : spot->label;
}

/* What the number under the cursor is. */
static void draw_saying(struct view *v, struct surface *s, int y)
{
	struct feature_view *f = v->state;
	const struct feature_spot *spot = f->at < f->page.count ? &f->page.spots[f->at] : NULL;
	const char *say, *behind;
	int right = 0;

	if (!spot)
		return;
	say = feature_says(f, spot);
	behind = what_is_behind(&spot->target);
	if (behind && s->w >= 60) {
		right = (int)strlen(behind) + 8;
		surface_put(s, s->w - right + 1, y, STYLE_KEY, "Enter");
		surface_put(s, s->w - right + 7, y, STYLE_HINT, behind);
	}
	surface_put_cut(s, FEATURE_GUTTER + 1, y, s->w - FEATURE_GUTTER - 2 - right, STYLE_TEXT, say,
	                strlen(say));
}

static size_t place_of(const struct feature_view *f)
{
	for (size_t i = 0; i < f->pair->now.count; i++)
		if (strcmp(f->pair->now.columns[i].name, f->column) == 0)
			return i;
	return SIZE_MAX;
}

static void draw_head(struct feature_view *f, struct surface *s, const struct column_profile *c)
{
	int left = view_data_draw_name(s, FEATURE_GUTTER + 1, c);
	const char *right = arena_printf(f->page_arena, "%zu of %zu", place_of(f) + 1, f->pair->now.count);
	bool other = f->pair->has_other;

	if (other && !view_data_column(&f->pair->other, c->name)) {
		right = "not in the other version";
	} else if (other) {
		right = arena_printf(f->page_arena, "against %s   %s", f->pair->other_title, right);
	}
	if (left + 3 < s->w - 1)
		surface_put_right(s, left + 3, 0, s->w - left - 4,
		                  other && !view_data_column(&f->pair->other, c->name) ? STYLE_WARN : STYLE_MUTED,
		                  right);
}

/* The parts of this column by name; which one is seen. */
static int tabs_of(const struct feature_view *f, const struct column_profile *c, const char *names[PARTS],
                   enum feature_part parts[PARTS], int *active)
{
	int count = 0;

	for (int i = 0; i < PARTS; i++) {
		if (!feature_has_part(c, (enum feature_part)i))
			continue;
		if ((enum feature_part)i == feature_part_now(f, c))
			*active = count;
		parts[count] = (enum feature_part)i;
		names[count++] = FEATURE_PART_NAMES[i];
	}
	return count;
}

enum { AIR_FROM = 14, MORE_AIR_FROM = 24, SAYING_FROM = 7 };

/* A histogram needs every row of a small screen. */
static int head_rows(const struct feature_view *f, const struct column_profile *c, int h)
{
	return h >= MORE_AIR_FROM || (h >= AIR_FROM && feature_part_now(f, c) != PART_SPREAD) ? 3 : 2;
}

static void draw_column(struct view *v, struct surface *s, const struct column_profile *c)
{
	struct feature_view *f = v->state;
	const char *names[PARTS];
	enum feature_part parts[PARTS];
	int active = 0, count = tabs_of(f, c, names, parts, &active), head = head_rows(f, c, s->h);
	int saying = s->h >= AIR_FROM ? 2 : s->h >= SAYING_FROM ? 1 : 0;
	struct surface body = surface_part(s, 0, head, s->w, s->h - head - saying);
	bool grouped = parts[active] == PART_BY;

	ui_tabs_draw(s, 1, names, count, active);
	if (grouped && f->split_stopped && !f->split) {
		feature_drop_page(f);
		f->page_arena = arena_new();
		view_draw_stopped(v, &body);
	} else {
		draw_page(f, &body);
	}
	draw_head(f, s, c);
	if (saying)
		draw_saying(v, s, s->h - 1);
}

static void draw(struct view *v, struct surface *s)
{
	struct feature_view *f = v->state;
	const struct column_profile *c = feature_column(f);

	if (f->fault.code)
		view_draw_fault(s, &f->fault);
	else if (f->stopped)
		view_draw_stopped(v, s);
	else if (!f->pair)
		surface_put(s, FEATURE_GUTTER + 1, 1, STYLE_MUTED, "Reading…");
	else if (!c)
		ui_paragraph(s, FEATURE_GUTTER + 1, 1, STYLE_ERROR, "This data set has no such column.");
	else
		draw_column(v, s, c);
}

/* ---- acts ---- */

static void step_part(struct view *v, int by)
{
	struct feature_view *f = v->state;
	const struct column_profile *c = feature_column(f);
	const char *names[PARTS];
	enum feature_part parts[PARTS];
	int active = 0, count;

	if (!c)
		return;
	count = tabs_of(f, c, names, parts, &active);
	f->part = parts[(active + by + count) % count];
	feature_begin_part(v);
}

/* The column that stands `by` places further in the data set. */
static void step_column(struct view *v, long by)
{
	struct feature_view *f = v->state;
	long to = feature_column(f) ? (long)place_of(f) + by : -1;

	/* A name that is too long for this screen is stepped over. */
	while (to >= 0 && to < (long)f->pair->now.count &&
	       strlen(f->pair->now.columns[to].name) >= sizeof f->column)
		to += by;
	if (to < 0 || to >= (long)f->pair->now.count)
		return;
	snprintf(f->column, sizeof f->column, "%s", f->pair->now.columns[to].name);
	feature_ask_split(v);
}

static void move(struct view *v, int lines, int by)
{
	struct feature_view *f = v->state;
	size_t at;

	if (!feature_measure(v))
		return;
	at = feature_cursor(f);
	put_cursor(f, by ? feature_left_right(&f->page, at, by) : feature_up_down(&f->page, at, lines));
}

static void refresh(struct view *v)
{
	struct feature_view *f = v->state;

	f->asked.id = 0;
	feature_ask(v);
}

static bool action(struct view *v, enum action what)
{
	struct feature_view *f = v->state;
	int page = f->page.room > 2 ? f->page.room - 1 : 1;

	switch ((int)what) {
	case ACTION_LIST_UP:
	case ACTION_LIST_DOWN:
		move(v, what == ACTION_LIST_UP ? -1 : 1, 0);
		return true;
	case ACTION_LIST_PAGE_UP:
	case ACTION_LIST_PAGE_DOWN:
		move(v, what == ACTION_LIST_PAGE_UP ? -page : page, 0);
		return true;
	case ACTION_LIST_HALF_UP:
	case ACTION_LIST_HALF_DOWN:
		move(v, (what == ACTION_LIST_HALF_UP ? -1 : 1) * (page + 1) / 2, 0);
		return true;
	case ACTION_LIST_TOP:
	case ACTION_LIST_BOTTOM:
		move(v, what == ACTION_LIST_TOP ? -100000 : 100000, 0);
		return true;
	case ACTION_FEATURE_LEFT:
	case ACTION_FEATURE_RIGHT:
		move(v, 0, what == ACTION_FEATURE_LEFT ? -1 : 1);
		return true;
	case ACTION_LIST_LEFT:
	case ACTION_LIST_RIGHT:
		move(v, 0, what == ACTION_LIST_LEFT ? -10 : 10);
		return true;
	case ACTION_LIST_OPEN:
		feature_open_spot(v);
		return true;
	case ACTION_FEATURE_NEXT:
	case ACTION_FEATURE_PREVIOUS:
		step_column(v, what == ACTION_FEATURE_NEXT ? 1 : -1);
		return true;
	case ACTION_FEATURE_BY:
		if (feature_column(f))
			feature_choose_by(v);
		return true;
	case ACTION_APP_NEXT_PART:
	case ACTION_APP_PREVIOUS_PART:
		step_part(v, what == ACTION_APP_NEXT_PART ? 1 : -1);
		return true;
	case ACTION_DATA_AGAINST:
		ui_ask(v, FEATURE_TAG_SETS, view_data_read_sets, NULL, 0, NULL);
		return true;
	case ACTION_DATA_RELATIONS: {
		struct relations_args args = {.id = f->id, .against = f->against, .column = f->column};

		ui_open(v->ui, &RELATIONS_VIEW, &args);
		return true;
	}
	case ACTION_DATA_ROWS: {
		struct rows_args rows = {.id = f->id, .column = f->column};

		view_rows_open(v->ui, &rows);
		return true;
	}
	case ACTION_CHART_LOG:
		f->log = !f->log;
		return true;
	case ACTION_APP_REFRESH:
		refresh(v);
		return true;
	default:
		return false;
	}
}

static bool draws_heights(const struct feature_view *f)
{
	const struct column_profile *c = feature_column(f);
	enum feature_part part = feature_part_now(f, c);

	return (part == PART_SPREAD || part == PART_BY) && feature_has_part(c, PART_SPREAD) && c->bins > 0;
}

static const char *why_not(struct view *v, enum action what)
{
	const struct feature_view *f = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN:
	case ACTION_FEATURE_BY:
	case ACTION_FEATURE_NEXT:
	case ACTION_FEATURE_PREVIOUS:
	case ACTION_DATA_ROWS:
	case ACTION_DATA_RELATIONS:
		return feature_column(f) ? NULL : "it is not read";
	case ACTION_CHART_LOG:
		return !feature_column(f) ? "it is not read" : draws_heights(f) ? NULL : "no histogram is drawn here";
	default:
		return list_none(what);
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	struct feature_view *f = v->state;
	const struct column_profile *c = feature_column(f);
	const char *names[PARTS];
	enum feature_part parts[PARTS];
	int active = 0, count, hit, y;

	if (e->kind != TERM_EVENT_MOUSE || !c)
		return false;
	if (e->mouse == TERM_MOUSE_WHEEL_UP || e->mouse == TERM_MOUSE_WHEEL_DOWN) {
		move(v, e->mouse == TERM_MOUSE_WHEEL_UP ? -3 : 3, 0);
		return true;
	}
	if (e->mouse != TERM_MOUSE_PRESS)
		return false;
	if (e->y == 1) {
		count = tabs_of(f, c, names, parts, &active);
		hit = ui_tabs_hit(names, count, active, v->body_w, e->x);
		if (hit >= 0) {
			f->part = parts[hit];
			feature_begin_part(v);
		}
		return hit >= 0;
	}
	y = e->y - head_rows(f, c, v->body_h);
	if (y < 0 || !feature_measure(v))
		return false;
	y += f->top;
	for (size_t i = 0; i < f->page.count; i++) {
		const struct feature_spot *s = &f->page.spots[i];

		if (y < s->y || y >= s->y + s->h || e->x < s->x || e->x >= s->x + s->w)
			continue;
		put_cursor(f, i);
		return true;
	}
	return false;
}

static void title(struct view *v, struct str *out)
{
	const struct feature_view *f = v->state;

	if (f->pair)
		str_adds(out, f->column);
}

static void place(struct view *v, struct str *out)
{
	const struct feature_view *f = v->state;
	const struct column_profile *c = feature_column(f);
	struct feature_by by;
	struct arena *a;

	if (!c)
		return;
	str_addf(out, "data:%s@%lld/%s", f->pair->now.name, (long long)f->pair->now.version, f->column);
	feature_by_now(f, &by);
	a = arena_new();
	if (feature_part_now(f, c) == PART_BY && by.known)
		str_addf(out, "/by:%s", by.files ? "files" : by.column);
	else if (feature_part_now(f, c) != feature_first_part(c))
		str_addf(out, "/%s", view_lower(a, FEATURE_PART_NAMES[feature_part_now(f, c)]));
	arena_free(a);
}

/* The numbers that are written in the part that is seen, and which rows stand behind them. */
static void lists(struct view *v, void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	static const struct ui_column columns[] = {{.id = "label", .title = "label"},
	                                           {.id = "value", .title = "value"},
	                                           {.id = "where", .title = "where"}};
	struct feature_view *f = v->state;
	struct ui_shown_list list = {.columns = columns, .column_count = COUNT_OF(columns)};
	struct ui_row *rows;

	if (!feature_measure(v))
		return;
	list.name = view_lower(f->page_arena, FEATURE_PART_NAMES[feature_part_now(f, feature_column(f))]);
	rows = arena_array(f->page_arena, f->page.count + 1, sizeof *rows);
	for (size_t i = 0; i < f->page.count; i++) {
		const struct feature_spot *s = &f->page.spots[i];
		if (s->drawn)
			continue;
		struct ui_cell *cells = arena_array(f->page_arena, COUNT_OF(columns), sizeof *cells);

		cells[0].text = s->label;
		cells[1].text = s->value;
		cells[2].text = s->target.kind == BEHIND_WHERE && !s->target.other ? s->target.where : NULL;
		rows[list.count++] = (struct ui_row){.id = (int64_t)i + 1, .cells = cells};
	}
	list.rows = rows;
	list.total = (int64_t)list.count;
	fn(user, &list);
}

const struct view_ops FEATURE_VIEW = {
    .name = "feature",
    .contexts = "feature data list",
    .state_size = sizeof(struct feature_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = feature_on_result,
    .title = title,
    .place = place,
    .lists = lists,
};
