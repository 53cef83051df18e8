/* The rows of a data set: all of them, those that match, or given ones. */
#include <string.h>

#include "models.h"
#include "rows_inside.h"
#include "view_inside.h"

enum {
	TAG_LOAD = 1,
	TAG_MATCH,
	WINDOW = LIST_COLUMNS - 1, /* columns of the table that the list has at a time */
	WINDOW_EDGE = 32,          /* so near to its edge, it moves on */
};

static struct rows_view *rows_of(struct list *l)
{
	return l->view->state;
}

static const struct table *table_of(const struct rows_view *r)
{
	return &r->held->table;
}

/* ---- columns ---- */

static size_t columns(struct list *l, int width, struct ui_column *out)
{
	struct rows_view *r = rows_of(l);
	size_t count;

	if (!r->ready) {
		out[0] = (struct ui_column){.id = "row", .title = "row", .align = UI_RIGHT};
		return 1;
	}
	count = table_of(r)->column_count - r->first_column;
	count = count < WINDOW ? count : WINDOW;
	ui_table_beyond(l->table, r->first_column, table_of(r)->column_count - r->first_column - count);
	rows_columns(table_of(r), r->first_column, count, width, out);
	return count + 1;
}

size_t rows_view_column(const struct rows_view *r)
{
	size_t at = ui_table_column(r->list.table);

	return !r->ready || at == SIZE_MAX || at == 0 ? SIZE_MAX : r->first_column + at - 1;
}

static void show_window(struct rows_view *r, size_t at)
{
	size_t count = table_of(r)->column_count, last = count > WINDOW ? count - WINDOW : 0;
	size_t first = at > WINDOW / 2 ? at - WINDOW / 2 : 0;

	r->first_column = first < last ? first : last;
	list_set_columns(&r->list);
}

/* The list has a part of very many columns: it moves before the cursor comes to its edge. */
static void follow_column(struct rows_view *r)
{
	size_t at = rows_view_column(r);

	if (at == SIZE_MAX)
		return;
	if ((r->first_column > 0 && at < r->first_column + WINDOW_EDGE) ||
	    (r->first_column + WINDOW < table_of(r)->column_count &&
	     at >= r->first_column + WINDOW - WINDOW_EDGE))
		show_window(r, at);
}

static void go_to_column(struct rows_view *r, size_t at)
{
	if (at < r->first_column || at >= r->first_column + WINDOW)
		show_window(r, at);
	ui_table_set_column(r->list.table, table_of(r)->columns[at].name);
	follow_column(r);
}

static void column_chosen(void *user, int64_t id)
{
	go_to_column(user, (size_t)id - 1);
}

static void choose_column(struct rows_view *r)
{
	const struct table *t = table_of(r);
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, t->column_count + 1, sizeof *items);
	struct ui_menu menu = {.title = "Column",
	                       .items = items,
	                       .count = t->column_count,
	                       .current = (int64_t)rows_view_column(r) + 1,
	                       .user = r,
	                       .accept = column_chosen};
	struct str roles;

	str_init(&roles);
	for (size_t i = 0; i < t->column_count; i++) {
		const struct column *c = &t->columns[i];

		str_clear(&roles);
		items[i] = (struct ui_menu_item){
		    .text = c->name,
		    .detail = arena_printf(a, "%s%s%s", column_type_name(c->type), c->roles ? "  " : "",
		                           c->roles ? column_roles_text(c->roles, &roles) : ""),
		    .id = (int64_t)i + 1};
	}
	ui_menu(r->list.view, &menu);
	str_release(&roles);
	arena_free(a);
}

/* ---- rows ---- */

static void answer(struct rows_view *r)
{
	struct arena *a = arena_new();
	struct ui_page *page = arena_alloc(a, sizeof *page);
	size_t from = 0, to = 0, count = r->list.all_count - 1;

	r->waiting = false;
	page->arena = a;
	page->generation = r->wait.generation;
	page->at_start = page->at_end = true;
	if (r->match) {
		rows_match_span(r->match, &r->wait, &from, &to);
		page->at_start = from == 0;
		page->at_end = to == r->match->count;
		page->first_index = (int64_t)from;
		page->total = (int64_t)r->match->count;
	}
	page->count = to - from;
	page->rows = arena_array(a, page->count + 1, sizeof *page->rows);
	for (size_t i = from; i < to; i++)
		rows_row(table_of(r), r->first_column, count, rows_match_row(r->match, i), false, a,
		         &page->rows[i - from]);
	list_page(&r->list, page);
}

static void ask_match(struct rows_view *r)
{
	struct rows_match_ask ask = {
	    .id = r->held->id, .only_count = r->only_count, .equal = r->equal, .to = r->first};
	struct arena *keep = arena_new();

	r->fault.code = 0;
	memcpy(ask.filter, r->list.filter, sizeof ask.filter);
	memcpy(ask.sort, r->wait.sort, sizeof ask.sort);
	ask.sort_count = r->wait.sort_count;
	if (r->only) {
		uint64_t *only = arena_array(keep, r->only_count + 1, sizeof *only);

		memcpy(only, r->only, r->only_count * sizeof *only);
		ask.only = only;
	}
	ui_ask_front(r->list.view, TAG_MATCH, view_rows_match, &ask, sizeof ask, keep);
}

/* From memory, at once, as long as the same rows are shown in the same order; else they are looked for first. */
static void page(struct list *l, const struct ui_ask_rows *ask)
{
	struct rows_view *r = rows_of(l);

	r->wait = *ask;
	r->waiting = true;
	if (!r->ready)
		return;
	if (r->match && rows_match_is(r->match, l->filter, ask->sort, ask->sort_count))
		answer(r);
	else
		ask_match(r);
}

static void show_match(struct rows_view *r, struct rows_match *m)
{
	rows_match_give(r->match);
	r->match = m;
	if (r->waiting)
		answer(r);
}

/* The rows are here: the cursor goes where it was wanted. */
static void begin(struct rows_view *r)
{
	long at = r->column ? table_find(table_of(r), r->column) : -1;

	r->ready = true;
	rows_filter_say(r);
	if (r->first)
		ui_table_set_cursor(r->list.table, (int64_t)r->first + 1);
	show_window(r, at > 0 ? (size_t)at : 0);
	if (at >= 0)
		go_to_column(r, (size_t)at);
}

static void ask_load(struct rows_view *r)
{
	struct rows_load_ask ask = {.id = r->held->id};

	r->fault.code = 0;
	r->stopped = false;
	ui_ask_aside(r->list.view, TAG_LOAD, view_rows_load, &ask, sizeof ask, NULL);
}

/* ---- drawing ---- */

static int right(struct list *l, struct surface *s)
{
	struct rows_view *r = rows_of(l);
	struct arena *a = arena_new();
	size_t at = rows_view_column(r), columns = r->ready ? table_of(r)->column_count : 0;
	size_t rows = r->ready ? table_of(r)->row_count : 0;
	size_t marked = ui_table_marked(l->table);
	const char *text = "";
	int width;

	if (marked)
		text = arena_printf(a, "%s marked   ", view_cell_count(a, (int64_t)marked));
	if (at != SIZE_MAX)
		text = arena_printf(a, "%scolumn %zu of %s   ", text, at + 1, view_cell_count(a, (int64_t)columns));
	if (r->match && r->match->count != rows)
		text = arena_printf(a, "%s%s of ", text, view_cell_count(a, (int64_t)r->match->count));
	if (r->match)
		text = arena_printf(a, "%s%s%s %s", text, table_of(r)->cut ? "the first " : "",
		                    view_cell_count(a, (int64_t)rows), rows == 1 ? "row" : "rows");
	width = surface_width(s, text, strlen(text));
	surface_put_right(s, s->w - width - 1, 0, width, STYLE_MUTED, text);
	arena_free(a);
	return width;
}

static const char *note(struct list *l, struct arena *a, style_id *style)
{
	const struct rows_view *r = rows_of(l);

	if (!r->ready)
		return "";
	if (!table_of(r)->cut)
		return r->which;
	*style = STYLE_WARN;
	return arena_printf(a, "%s%s%s rows, no memory for all of them", r->which ? r->which : "",
	                    r->which ? "   " : "", view_cell_count(a, (int64_t)r->held->rows));
}

/* There is nothing to be read, but a cursor that runs through the list draws no row beside it at each step. */
static bool preview_ask(struct list *l, int64_t id)
{
	rows_of(l)->beside = id;
	l->seen = l;
	return true;
}

/* The row that the cursor rests on from top to bottom, so many columns as there is room for around the current one. */
static void preview(struct list *l, struct surface *s)
{
	struct rows_view *r = rows_of(l);
	const struct table *t = table_of(r);
	int64_t id = r->beside;
	size_t at = rows_view_column(r), count = t->column_count, first = 0, lines = (size_t)s->h - 1;
	struct arena *a;
	int name = s->w / 3;

	if (s->h < 3 || id < 1 || (uint64_t)id > t->row_count)
		return;
	a = arena_new();
	surface_put(s, 0, 0, STYLE_TITLE, arena_printf(a, "row %s", view_cell_count(a, id)));
	if (at != SIZE_MAX && at > lines / 2 && count > lines)
		first = at - lines / 2 + lines < count ? at - lines / 2 : count - lines;
	for (size_t i = 0; i < lines && first + i < count; i++) {
		const struct column *c = &t->columns[first + i];
		struct ui_cell cell = rows_cell(c, (size_t)id - 1, false, a);
		const char *text = cell.text ? cell.text : term_glyph(surface_charset(s), GLYPH_NONE);
		int y = (int)i + 1;

		surface_put_name(s, 0, y, name, first + i == at ? STYLE_ROW_CURSOR : STYLE_MUTED, c->name);
		surface_put_cut(s, name + 2, y, s->w - name - 2, cell.style, text, strlen(text));
	}
	arena_free(a);
}

static void draw(struct view *v, struct surface *s)
{
	struct rows_view *r = v->state;
	struct surface rest = surface_part(s, 0, 1, s->w, s->h - 1);

	if (r->stopped) {
		view_draw_stopped(v, s);
	} else if (r->fault.code) {
		if (r->ready)
			list_draw_head(&r->list, s);
		view_draw_fault(&rest, &r->fault);
	} else {
		list_draw(&r->list, s);
	}
}

static void title(struct view *v, struct str *out)
{
	const struct rows_view *r = v->state;

	if (r->below)
		str_adds(out, "rows");
	else if ((r->ready || r->fault.code) && r->held->name)
		str_addf(out, "%s rows", r->held->name);
}

static void place(struct view *v, struct str *out)
{
	const struct rows_view *r = v->state;

	/* Given rows have no name by which they could be found again. */
	if (!r->ready || r->only || r->equal)
		return;
	str_addf(out, "rows:%s", r->held->name);
	if (r->list.filter[0])
		str_addf(out, "?%s", r->list.filter);
}

/* ---- acts ---- */

static void open_row(struct list *l, int64_t id)
{
	struct rows_view *r = rows_of(l);
	struct row_args args = {
	    .held = r->held, .match = r->match, .row = (uint64_t)id - 1, .column = rows_view_column(r)};

	ui_open(l->view->ui, &ROW_VIEW, &args);
}

static bool action(struct view *v, enum action what)
{
	struct rows_view *r = v->state;

	switch ((int)what) {
	case ACTION_ROWS_ROW:
		rows_go_to(r);
		return true;
	case ACTION_ROWS_COLUMN:
		choose_column(r);
		return true;
	case ACTION_LIST_COPY:
		rows_copy(r);
		return true;
	case ACTION_LIST_LEFT:
	case ACTION_LIST_RIGHT:
		list_action(&r->list, what);
		follow_column(r);
		return true;
	case ACTION_APP_REFRESH:
		if (!r->ready && !ui_asking(v, TAG_LOAD))
			ask_load(r);
		return true;
	case ACTION_APP_BACK:
	case ACTION_APP_QUIT:
	case ACTION_LIST_BACK:
		return false;
	default:
		return list_action(&r->list, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct rows_view *r = v->state;
	const char *none = list_none(what);

	if (!r->ready && (none || what == ACTION_ROWS_ROW || what == ACTION_ROWS_COLUMN))
		return r->fault.code ? "there are no rows here"
		       : r->stopped  ? "the rows have not been read: r reads them"
		                     : "the rows are still being read";
	if (what == ACTION_ROWS_ROW && r->match && r->match->count == 0)
		return "there is no row here";
	if (what == ACTION_LIST_COLUMNS)
		return "not in this list: it has all columns, c goes to one";
	return list_why_not(&r->list, what);
}

static bool event(struct view *v, const struct term_event *e)
{
	return list_event(&((struct rows_view *)v->state)->list, e);
}

/* Esc: what was seen before, or nothing. */
static void give_up(struct rows_view *r, int tag)
{
	if (tag == TAG_LOAD) {
		r->stopped = true;
	} else if (tag == TAG_MATCH && r->match) {
		memcpy(r->list.filter, r->match->filter, sizeof r->list.filter);
		ui_table_set_sort(r->list.table, r->match->sort, r->match->sort_count);
		ui_table_restart(r->list.table);
	} else if (tag == TAG_MATCH) {
		show_match(r, NULL);
	}
}

static void on_result(struct view *v, struct ui_result *result)
{
	struct rows_view *r = v->state;
	bool ok = result->status == 0;

	if (result->cancelled) {
		give_up(r, result->tag);
		return;
	}
	if (result->tag == ROWS_TAG_EXPORT) {
		if (ok)
			ui_export_done(v->ui, r->export_path, *(const size_t *)result->data);
		else if (!ui_table_export_exists(r->list.table, &result->err))
			ui_error(v->ui, &result->err);
		return;
	}
	r->fault = result->err;
	if (ok)
		r->fault = (struct error){0};
	if (result->tag == TAG_LOAD && ok) {
		begin(r);
	} else if (result->tag == TAG_MATCH && ok) {
		struct rows_match *m = result->data;

		m->holders = 1;
		result->arena = NULL;
		show_match(r, m);
	} else if (result->tag == TAG_MATCH) {
		show_match(r, NULL);
	}
}

/* Another view of these rows was closed above it: the cursor stands where that one left it. */
static void resume(struct view *v)
{
	struct rows_view *r = v->state;

	if (!r->match || r->match->cursor < 0)
		return;
	ui_table_set_cursor(r->list.table, r->match->cursor + 1);
	r->match->cursor = -1;
}

/* ---- opening ---- */

static const struct list_spec ROWS = {
    .name = "rows",
    .one = "row",
    .many = "rows",
    .empty = "There are no such rows in this data set.",
    .hint = "COLUMN > 40 and COLUMN like 'a%'",
    .passing = true,
    .columns = columns,
    .note = note,
    .right = right,
    .preview_ask = preview_ask,
    .preview = preview,
    .page = page,
    .filter_check = rows_filter_check,
    .filter_complete = rows_filter_complete,
    .filtered = rows_filtered,
    .open = open_row,
};

static void close_view(struct view *v)
{
	struct rows_view *r = v->state;

	list_release(&r->list);
	rows_match_give(r->match);
	rows_leave(view_app_of(v)->rows, r->held);
	arena_free(r->mem);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct rows_view *r = v->state;
	const struct rows_args *in = args;
	static const char *const named[] = {"features", "feature", "relations"};
	const struct view *below = ui_top(v->ui);

	if (in->where && strlen(in->where) >= LIST_FILTER)
		return error_set(err, ERR_USAGE, "an expression for rows has at most %d bytes", LIST_FILTER - 1);
	r->mem = arena_new();
	r->column = arena_strdup(r->mem, in->column);
	r->first = in->first;
	r->equal = in->equal;
	r->which = in->which ? arena_strdup(r->mem, in->which) : NULL;
	for (size_t i = 0; below && !in->other && i < COUNT_OF(named); i++)
		r->below = r->below || strcmp(below->ops->name, named[i]) == 0;
	if (in->at) {
		uint64_t *only = arena_array(r->mem, in->at_count + 1, sizeof *only);

		if (in->at_count > 0)
			memcpy(only, in->at, in->at_count * sizeof *only);
		r->only = only;
		r->only_count = in->at_count;
	}
	r->held = rows_take(view_app_of(v)->rows, in->id);
	list_init(&r->list, v, &ROWS);
	if (in->where)
		snprintf(r->list.filter, sizeof r->list.filter, "%s", in->where);
	rows_acts_init(r);
	ask_load(r);
	return 0;
}

int view_rows_open(struct ui *ui, const struct rows_args *args)
{
	return ui_open(ui, &ROWS_VIEW, args);
}

const struct view_ops ROWS_VIEW = {
    .name = "rows",
    .contexts = "rows list",
    .state_size = sizeof(struct rows_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .resume = resume,
    .title = title,
    .place = place,
};
