/* One column large: parts with a cursor on every number, and the rows behind it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "feature.h"
#include "models.h"
#include "rows.h"
#include "view_inside.h"

enum { TAG_FEATURES = 1, TAG_SETS, TAG_SPLIT, TAG_ROWS, BY_FILES = 1, BY_COLUMN };
static const char *const PART_NAMES[PARTS] = {"Distribution", "Values", "By", "Text", "Time", "Missing"};
static void (*const DRAW_PART[PARTS])(struct feature_page *p) = {
    feature_spread, feature_values, feature_by, feature_text_part, feature_time_part, feature_missing};

struct feature_view {
	struct arena *arena;
	const struct features_pair *pair;
	int64_t id, against;
	char column[FEATURE_NAME], asked_column[2 * FEATURE_NAME + 16];
	struct error fault;     /* code 0: none */
	bool stopped;           /* before there was anything to show */
	enum feature_part part; /* that was chosen; a column may not have it */
	/* The split: what it is to be by, and what there is. */
	struct feature_by chosen;
	struct feature_split_ask asked; /* that is under way or was answered */
	struct arena *split_arena;
	const struct feature_split *split;
	struct error split_fault;
	bool split_stopped;
	struct rows_held *held, *held_other;
	/* The page as it was laid out last. */
	struct arena *page_arena;
	struct feature_page page;
	size_t at;
	char at_label[FEATURE_NAME];
	int top;
};

static const struct column_profile *column_now(const struct feature_view *f)
{
	return f->pair ? view_data_column(&f->pair->now, f->column) : NULL;
}

static bool has_part(const struct column_profile *c, enum feature_part part)
{
	return part == PART_SPREAD ? c->numeric && c->type != COLUMN_BOOL
	       : part == PART_TEXT ? c->text != NULL
	       : part == PART_TIME ? c->time != NULL
	                           : true;
}

static enum feature_part part_now(const struct feature_view *f, const struct column_profile *c)
{
	if (has_part(c, f->part))
		return f->part;
	return has_part(c, PART_SPREAD) ? PART_SPREAD : PART_VALUES;
}

/* ---- asking ---- */

static void ask_features(struct view *v)
{
	struct feature_view *f = v->state;
	struct list_ask ask = {.id = f->id, .other = f->against};

	f->stopped = false;
	f->fault.code = 0;
	ui_ask_aside(v, TAG_FEATURES, view_data_read_features, &ask, sizeof ask, NULL);
}

static bool splits(const struct column_profile *c)
{
	return c->type != COLUMN_TEXT && c->type != COLUMN_ID;
}

static void by_column(struct feature_by *by, const char *name)
{
	*by = (struct feature_by){.known = strlen(name) < sizeof by->column};
	if (by->known)
		snprintf(by->column, sizeof by->column, "%s", name);
}

/* What was chosen; else by the label, the first column of categories, or file. */
static void by_now(const struct feature_view *f, struct feature_by *by)
{
	const struct features *now = &f->pair->now;
	const struct column_profile *label = now->label ? view_data_column(now, now->label) : NULL;

	*by = f->chosen;
	if (by->known && (by->files || strcmp(by->column, f->column) != 0))
		return;
	*by = (struct feature_by){0};
	if (label && splits(label) && strcmp(label->name, f->column) != 0)
		by_column(by, label->name);
	for (size_t i = 0; !by->known && i < now->count; i++) {
		const struct column_profile *c = &now->columns[i];

		if ((c->type == COLUMN_CAT || c->type == COLUMN_BOOL) && strcmp(c->name, f->column) != 0)
			by_column(by, c->name);
	}
	if (!by->known && now->file_count > 1)
		*by = (struct feature_by){.known = true, .files = true};
}

static bool same_by(const struct feature_by *a, const struct feature_by *b)
{
	return a->known == b->known && a->files == b->files && strcmp(a->column, b->column) == 0;
}

/* The split that the part shows, if it is not there. */
static void ask_split(struct view *v)
{
	struct feature_view *f = v->state;
	const struct column_profile *c = column_now(f);
	struct feature_split_ask ask = {.id = f->id};
	enum feature_part part;

	if (!c)
		return;
	part = part_now(f, c);
	by_now(f, &ask.by);
	if ((part != PART_BY && (part != PART_MISSING || c->missing == 0)) || !ask.by.known)
		return;
	snprintf(ask.column, sizeof ask.column, "%s", f->column);
	if (f->asked.id && same_by(&ask.by, &f->asked.by) && strcmp(ask.column, f->asked.column) == 0)
		return;
	if (!f->held)
		f->held = rows_take(view_app_of(v)->rows, f->id);
	f->asked = ask;
	f->split_stopped = false;
	f->split_fault.code = 0;
	ui_ask_aside(v, TAG_SPLIT, view_feature_split, &ask, sizeof ask, NULL);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct feature_view *f = v->state;
	const struct feature_args *in = args;

	if (strlen(in->column) >= sizeof f->asked_column)
		return error_set(err, ERR_USAGE, "the name of this column is longer than %d bytes", FEATURE_NAME - 1);
	f->id = in->id;
	f->against = in->against;
	snprintf(f->asked_column, sizeof f->asked_column, "%s", in->column);
	ask_features(v);
	return 0;
}

static void drop_page(struct feature_view *f)
{
	free(f->page.spots);
	arena_free(f->page_arena);
	f->page = (struct feature_page){0};
	f->page_arena = NULL;
}

static void close_view(struct view *v)
{
	struct feature_view *f = v->state;

	drop_page(f);
	arena_free(f->arena);
	arena_free(f->split_arena);
	rows_leave(view_app_of(v)->rows, f->held);
	rows_leave(view_app_of(v)->rows, f->held_other);
}

/* ---- the page ---- */

static size_t cursor_on(const struct feature_view *f)
{
	const struct feature_page *p = &f->page;

	for (size_t i = 0; f->at_label[0] && i < p->count; i++)
		if (strcmp(p->spots[i].label, f->at_label) == 0)
			return i;
	return f->at < p->count ? f->at : p->count ? p->count - 1 : SIZE_MAX;
}

static void put_cursor(struct feature_view *f, size_t at)
{
	f->at = at == SIZE_MAX ? 0 : at;
	f->at_label[0] = 0;
	if (at < f->page.count && strlen(f->page.spots[at].label) < sizeof f->at_label)
		snprintf(f->at_label, sizeof f->at_label, "%s", f->page.spots[at].label);
}

static void lay_once(struct feature_view *f, const struct surface *s, size_t at)
{
	struct feature_page *p = &f->page;
	const struct feature_split *split = f->split;
	const struct column_profile *c = column_now(f);
	struct feature_by *by;

	drop_page(f);
	f->page_arena = arena_new();
	by = arena_alloc(f->page_arena, sizeof *by);
	by_now(f, by);
	*p = (struct feature_page){.s = *s, .a = f->page_arena, .pair = f->pair, .c = c, .by = by, .at = at};
	p->other = f->pair->has_other ? view_data_column(&f->pair->other, c->name) : NULL;
	if (split && strcmp(split->column, f->column) == 0 && same_by(&split->by, by))
		p->split = split;
	p->waiting = !f->split_stopped;
	p->room = s->h;
	DRAW_PART[part_now(f, c)](p);
}

/* Twice: to learn where everything is, then, scrolled so that the cursor is seen, on the screen. */
static void draw_page(struct feature_view *f, struct surface *s)
{
	struct surface nowhere = *s, page;
	size_t at;

	nowhere.clip_x1 = nowhere.clip_x0;
	lay_once(f, &nowhere, SIZE_MAX);
	at = cursor_on(f);
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
	page.h = s->h;
	lay_once(f, &page, at);
}

/* The spots as they are now, where keys come faster than frames. */
static bool measure(struct view *v)
{
	struct feature_view *f = v->state;
	struct surface s;
	struct grid grid;

	if (!column_now(f))
		return false;
	grid_init(&grid, 1, 1, view_app_of(v)->charset);
	s = grid_surface(&grid);
	s.clip_x1 = s.clip_x0;
	s.w = v->body_w;
	s.h = f->page.room > 0 ? f->page.room : v->body_h;
	lay_once(f, &s, SIZE_MAX);
	grid_release(&grid);
	return f->page.count > 0;
}

/* ---- drawing ---- */

static const char *what_is_behind(const struct feature_target *t)
{
	return t->kind == BEHIND_NOTHING ? NULL : t->kind == BEHIND_PART ? "its values" : "the rows";
}

/* What the number under the cursor is, in a sentence. */
static void draw_saying(struct view *v, struct surface *s, int y)
{
	struct feature_view *f = v->state;
	const struct feature_spot *spot = f->at < f->page.count ? &f->page.spots[f->at] : NULL;
	const char *say, *behind;
	int right = 0;

	if (!spot)
		return;
	say = spot->say     ? spot->say
	      : spot->value ? arena_printf(f->page_arena, "%s: %s", spot->label, spot->value)
	                    : spot->label;
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
		if (!has_part(c, (enum feature_part)i))
			continue;
		if ((enum feature_part)i == part_now(f, c))
			*active = count;
		parts[count] = (enum feature_part)i;
		names[count++] = PART_NAMES[i];
	}
	return count;
}

enum { AIR_FROM = 14, SAYING_FROM = 7 };

static int head_rows(int h)
{
	return h >= AIR_FROM ? 3 : 2;
}

static void draw_column(struct view *v, struct surface *s, const struct column_profile *c)
{
	struct feature_view *f = v->state;
	const char *names[PARTS];
	enum feature_part parts[PARTS];
	int active = 0, count = tabs_of(f, c, names, parts, &active), head = head_rows(s->h);
	int saying = s->h >= SAYING_FROM ? s->h >= AIR_FROM ? 2 : 1 : 0;
	struct surface body = surface_part(s, 0, head, s->w, s->h - head - saying);
	bool grouped = parts[active] == PART_BY || parts[active] == PART_MISSING;

	ui_tabs_draw(s, 1, names, count, active);
	if (grouped && f->split_fault.code) {
		drop_page(f);
		f->page_arena = arena_new();
		view_draw_fault(&body, &f->split_fault);
	} else if (grouped && f->split_stopped && !f->split) {
		drop_page(f);
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
	const struct column_profile *c = column_now(f);

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

static void begin_part(struct view *v)
{
	struct feature_view *f = v->state;

	f->at = 0;
	f->at_label[0] = 0;
	f->top = 0;
	ask_split(v);
}

static void step_part(struct view *v, int by)
{
	struct feature_view *f = v->state;
	const struct column_profile *c = column_now(f);
	const char *names[PARTS];
	enum feature_part parts[PARTS];
	int active = 0, count;

	if (!c)
		return;
	count = tabs_of(f, c, names, parts, &active);
	f->part = parts[(active + by + count) % count];
	begin_part(v);
}

/* The column that stands `by` places further in the data set. */
static void step_column(struct view *v, long by)
{
	struct feature_view *f = v->state;
	long to = column_now(f) ? (long)place_of(f) + by : -1;

	if (to < 0 || to >= (long)f->pair->now.count || strlen(f->pair->now.columns[to].name) >= sizeof f->column)
		return;
	snprintf(f->column, sizeof f->column, "%s", f->pair->now.columns[to].name);
	ask_split(v);
}

static void move(struct view *v, int lines, int by)
{
	struct feature_view *f = v->state;
	size_t at;

	if (!measure(v))
		return;
	at = cursor_on(f);
	put_cursor(f, by ? feature_left_right(&f->page, at, by) : feature_up_down(&f->page, at, lines));
}

static void against_accept(void *user, int64_t id)
{
	struct view *v = user;
	struct feature_view *f = v->state;

	f->against = id == f->id || id < 0 ? 0 : id;
	rows_leave(view_app_of(v)->rows, f->held_other);
	f->held_other = NULL;
	ask_features(v);
}

static void by_accept(void *user, int64_t id)
{
	struct view *v = user;
	struct feature_view *f = v->state;

	if (!f->pair)
		return;
	if (id == BY_FILES)
		f->chosen = (struct feature_by){.known = true, .files = true};
	else
		by_column(&f->chosen, f->pair->now.columns[id - BY_COLUMN].name);
	if (!column_now(f))
		return;
	if (part_now(f, column_now(f)) != PART_MISSING)
		f->part = PART_BY;
	begin_part(v);
}

static void choose_by(struct view *v)
{
	struct feature_view *f = v->state;
	const struct features *now = &f->pair->now;
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, now->count + 1, sizeof *items);
	struct ui_menu menu = {.title = "Split by", .items = items, .user = v, .accept = by_accept};
	struct feature_by by;
	struct str roles;

	by_now(f, &by);
	str_init(&roles);
	items[menu.count++] = (struct ui_menu_item){.text = "files",
	                                            .detail = "one beside the other",
	                                            .id = BY_FILES,
	                                            .why_not = now->file_count > 1 ? NULL : "there is only one"};
	menu.current = by.known && !by.files ? 0 : BY_FILES;
	for (size_t i = 0; i < now->count; i++) {
		const struct column_profile *c = &now->columns[i];
		const char *type = column_type_name(c->type);

		if (by.known && strcmp(c->name, by.column) == 0)
			menu.current = (int64_t)i + BY_COLUMN;
		items[menu.count++] = (struct ui_menu_item){
		    .text = c->name,
		    .detail = c->roles ? arena_printf(a, "%s, %s", type, column_roles_text(c->roles, &roles)) : type,
		    .id = (int64_t)i + BY_COLUMN,
		    .why_not = !splits(c)                        ? "nearly all its values are different"
		               : strcmp(c->name, f->column) == 0 ? "it is the one that is split"
		               : strlen(c->name) >= FEATURE_NAME ? "its name is too long"
		                                                 : NULL};
	}
	ui_menu(v, &menu);
	str_release(&roles);
	arena_free(a);
}

/* What no expression says, or one too long for the rows' filter, is looked for behind the screen. */
static void ask_rows(struct view *v, const struct feature_target *t)
{
	struct feature_view *f = v->state;
	struct feature_rows_ask ask = {.id = t->other ? f->against : f->id, .target = *t};
	struct arena *keep = arena_new();
	struct rows_held **held = t->other ? &f->held_other : &f->held;

	if (!*held)
		*held = rows_take(view_app_of(v)->rows, ask.id);
	snprintf(ask.column, sizeof ask.column, "%s", f->column);
	by_now(f, &ask.by);
	ask.target.where = arena_strdup(keep, t->where);
	ask.target.fact.text = arena_strdup(keep, t->fact.text);
	ask.target.why = NULL;
	ui_ask_aside(v, TAG_ROWS, view_feature_rows, &ask, sizeof ask, keep);
}

static void open_spot(struct view *v)
{
	struct feature_view *f = v->state;
	const struct feature_target *t;
	size_t at;

	if (!measure(v) || (at = cursor_on(f)) == SIZE_MAX)
		return;
	t = &f->page.spots[at].target;
	if (t->kind == BEHIND_NOTHING) {
		ui_message(v->ui, STYLE_MESSAGE, "%s", t->why ? t->why : "no row stands behind it");
	} else if (t->kind == BEHIND_PART) {
		f->part = t->part;
		begin_part(v);
	} else if (t->kind == BEHIND_WHERE && strlen(t->where) < LIST_FILTER) {
		struct rows_args rows = {.id = t->other ? f->against : f->id, .where = t->where, .column = f->column};

		view_rows_open(v->ui, &rows);
	} else {
		ask_rows(v, t);
	}
}

static void refresh(struct view *v)
{
	struct feature_view *f = v->state;

	f->asked.id = 0;
	ask_features(v);
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
		open_spot(v);
		return true;
	case ACTION_FEATURE_NEXT:
	case ACTION_FEATURE_PREVIOUS:
		step_column(v, what == ACTION_FEATURE_NEXT ? 1 : -1);
		return true;
	case ACTION_FEATURE_BY:
		if (column_now(f))
			choose_by(v);
		return true;
	case ACTION_APP_NEXT_PART:
	case ACTION_APP_PREVIOUS_PART:
		step_part(v, what == ACTION_APP_NEXT_PART ? 1 : -1);
		return true;
	case ACTION_DATA_AGAINST:
		ui_ask(v, TAG_SETS, view_data_read_sets, NULL, 0, NULL);
		return true;
	case ACTION_DATA_RELATIONS: {
		struct relations_args args = {.id = f->id, .column = f->column};

		ui_open(v->ui, &RELATIONS_VIEW, &args);
		return true;
	}
	case ACTION_DATA_ROWS: {
		struct rows_args rows = {.id = f->id, .column = f->column};

		view_rows_open(v->ui, &rows);
		return true;
	}
	case ACTION_APP_REFRESH:
		refresh(v);
		return true;
	default:
		return false;
	}
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
		return column_now(f) ? NULL : "it is not read";
	default:
		return list_none(what);
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	struct feature_view *f = v->state;
	const struct column_profile *c = column_now(f);
	const char *names[PARTS];
	enum feature_part parts[PARTS];
	int active = 0, count, hit, y = e->y - head_rows(v->body_h) + f->top;

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
			begin_part(v);
		}
		return hit >= 0;
	}
	if (e->y < head_rows(v->body_h) || !measure(v))
		return false;
	for (size_t i = 0; i < f->page.count; i++) {
		const struct feature_spot *s = &f->page.spots[i];

		if (y < s->y || y >= s->y + s->h || e->x < s->x || e->x >= s->x + s->w)
			continue;
		put_cursor(f, i);
		return true;
	}
	return false;
}

/* ---- answers ---- */

static bool part_named(struct feature_view *f, const char *word)
{
	if (strcmp(word, "by:files") == 0 && !view_data_column(&f->pair->now, "files")) {
		f->chosen = (struct feature_by){.known = true, .files = true};
		f->part = PART_BY;
		return true;
	}
	if (strncmp(word, "by:", 3) == 0 && view_data_column(&f->pair->now, word + 3)) {
		by_column(&f->chosen, word + 3);
		f->part = PART_BY;
		return true;
	}
	for (int i = 0; i < PARTS; i++)
		if (strcmp(view_lower(f->arena, PART_NAMES[i]), word) == 0) {
			f->part = (enum feature_part)i;
			return true;
		}
	return false;
}

/* "income/by:sex": names of columns may have a slash of their own. */
static void find_column(struct feature_view *f)
{
	const char *slash = f->asked_column;

	snprintf(f->column, sizeof f->column, "%.*s", FEATURE_NAME - 1, f->asked_column);
	while (!column_now(f) && (slash = strchr(slash, '/')) != NULL) {
		if (slash - f->asked_column < FEATURE_NAME) {
			snprintf(f->column, sizeof f->column, "%.*s", (int)(slash - f->asked_column), f->asked_column);
			if (column_now(f) && part_named(f, slash + 1))
				return;
			f->column[0] = 0;
		}
		slash++;
	}
}

static void take_features(struct view *v, struct ui_result *r)
{
	struct feature_view *f = v->state;
	bool first = !f->pair;

	drop_page(f);
	arena_free(f->arena);
	f->arena = r->arena;
	f->pair = r->data;
	r->arena = NULL;
	if (first)
		find_column(f);
	view_data_keep(v, &f->pair->now);
	view_data_keep(v, &f->pair->other);
	ask_split(v);
}

static void take_split(struct feature_view *f, struct ui_result *r)
{
	if (r->status == 0) {
		drop_page(f);
		arena_free(f->split_arena);
		f->split_arena = r->arena;
		f->split = r->data;
		r->arena = NULL;
	} else if (r->cancelled) {
		f->split_stopped = true;
	} else {
		f->split_fault = r->err;
	}
}

static void take_rows(struct view *v, struct ui_result *r)
{
	struct feature_view *f = v->state;
	const struct feature_rows *found = r->data;
	struct rows_args rows = {.id = f->id, .column = f->column};

	if (r->status != 0) {
		if (!r->cancelled)
			ui_error(v->ui, &r->err);
		return;
	}
	if (strcmp(found->column, f->column) != 0 || !ui_in_sight(v))
		return;
	if (found->count == 0) {
		ui_message(v->ui, STYLE_MESSAGE, "no row was found behind it");
		return;
	}
	rows.id = found->id;
	rows.at = found->at;
	rows.at_count = found->count;
	view_rows_open(v->ui, &rows);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct feature_view *f = v->state;

	if (r->tag == TAG_SPLIT) {
		take_split(f, r);
	} else if (r->tag == TAG_ROWS) {
		take_rows(v, r);
	} else if (r->status != 0) {
		if (!r->cancelled)
			f->fault = r->err;
		f->stopped = r->cancelled && !f->pair;
		if (r->cancelled && f->pair)
			f->against = f->pair->has_other ? f->pair->other.id : 0;
	} else if (r->tag == TAG_SETS) {
		view_data_choose_against(v, r->data, f->id, f->against, against_accept);
	} else if (r->tag == TAG_FEATURES) {
		take_features(v, r);
	}
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
	const struct column_profile *c = column_now(f);
	struct feature_by by;
	struct arena *a;

	if (!c)
		return;
	str_addf(out, "data:%s@%lld/%s", f->pair->now.name, (long long)f->pair->now.version, f->column);
	by_now(f, &by);
	a = arena_new();
	if (part_now(f, c) == PART_BY && by.known)
		str_addf(out, "/by:%s", by.files ? "files" : by.column);
	else if (part_now(f, c) != (has_part(c, PART_SPREAD) ? PART_SPREAD : PART_VALUES))
		str_addf(out, "/%s", view_lower(a, PART_NAMES[part_now(f, c)]));
	arena_free(a);
}

/* The numbers of the part that is seen, and which rows stand behind them. */
static void lists(struct view *v, void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	static const struct ui_column columns[] = {{.id = "label", .title = "label"},
	                                           {.id = "value", .title = "value"},
	                                           {.id = "where", .title = "where"}};
	struct feature_view *f = v->state;
	struct ui_shown_list list = {.columns = columns, .column_count = COUNT_OF(columns)};
	struct ui_row *rows;

	if (!measure(v))
		return;
	list.name = view_lower(f->page_arena, PART_NAMES[part_now(f, column_now(f))]);
	rows = arena_array(f->page_arena, f->page.count + 1, sizeof *rows);
	for (size_t i = 0; i < f->page.count; i++) {
		const struct feature_spot *s = &f->page.spots[i];
		struct ui_cell *cells = arena_array(f->page_arena, COUNT_OF(columns), sizeof *cells);

		cells[0].text = s->label;
		cells[1].text = s->value;
		cells[2].text = s->target.kind == BEHIND_WHERE && !s->target.other ? s->target.where : NULL;
		rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = cells};
	}
	list.rows = rows;
	list.count = f->page.count;
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
    .on_result = on_result,
    .title = title,
    .place = place,
    .lists = lists,
};
