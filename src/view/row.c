/* One row of a data set, from top to bottom: a column, what it is, its value. */
#include <string.h>

#include "models.h"
#include "rows_inside.h"
#include "view_inside.h"

enum { VALUE_SHOWN = 1 << 15 }; /* bytes that a third of any screen has room for */

struct row_view {
	struct list list;
	struct rows_held *held;
	struct rows_match *match;
	size_t at; /* place of the row in the match */
	struct arena *arena;
	int value_width; /* columns that values had at the last draw */
};

static size_t row_of(const struct row_view *r)
{
	return rows_match_row(r->match, r->at);
}

static size_t columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "column", .title = "column", .min = 8, .max = width / 3 > 16 ? width / 3 : 16},
	    {.id = "value", .title = "value", .min = 8, .max = width / 2},
	    {.id = "type", .title = "type", .min = 4, .priority = 1},
	    {.id = "role", .title = "role", .min = 4, .max = 20, .priority = 2},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static void show(struct row_view *r)
{
	const struct table *t = &r->held->table;
	struct arena *a = arena_new(), *before = r->arena;
	struct ui_row *rows = arena_array(a, t->column_count + 1, sizeof *rows);
	struct str roles;

	str_init(&roles);
	for (size_t i = 0; i < t->column_count; i++) {
		const struct column *c = &t->columns[i];
		struct ui_cell *cells = arena_array(a, 4, sizeof *cells);

		str_clear(&roles);
		cells[0] = list_cell(c->name, c->roles & ROLE_LABEL ? STYLE_ACCENT : 0);
		cells[1] = rows_cell(c, row_of(r), false, a);
		cells[2] = list_cell(column_type_name(c->type), STYLE_MUTED);
		cells[3] =
		    list_cell(c->roles ? arena_strdup(a, column_roles_text(c->roles, &roles)) : "", STYLE_MUTED);
		rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = cells};
	}
	str_release(&roles);
	r->arena = a;
	r->match->cursor = (int64_t)row_of(r);
	list_set_rows(&r->list, rows, t->column_count);
	/* The page that was seen until now had its cells there. */
	arena_free(before);
}

static const char *note(struct list *l, struct arena *a, style_id *style)
{
	const struct row_view *r = l->view->state;
	const char *row = view_cell_count(a, (int64_t)row_of(r) + 1);

	*style = STYLE_TITLE;
	if (r->match->count == r->held->table.row_count && r->match->sort_count == 0)
		return arena_printf(a, "row %s of %s", row, view_cell_count(a, (int64_t)r->match->count));
	return arena_printf(a, "row %s   %s of %s", row, view_cell_count(a, (int64_t)r->at + 1),
	                    view_cell_count(a, (int64_t)r->match->count));
}

/* The current value, its first bytes or all of it, as it may be shown. */
static void value_text(const struct row_view *r, bool whole, struct str *out)
{
	size_t at = list_at(&r->list);
	struct arena *a = arena_new();
	struct ui_cell cell;

	if (at != SIZE_MAX) {
		cell = rows_cell(&r->held->table.columns[at], row_of(r), true, a);
		if (cell.text)
			safe_text(out, cell.text, whole ? strlen(cell.text) : strnlen(cell.text, VALUE_SHOWN),
			          SAFE_NEWLINES);
	}
	arena_free(a);
}

static void open_value(struct list *l, int64_t id)
{
	struct row_view *r = l->view->state;
	struct evidence_args args = {.title = r->held->table.columns[id - 1].name};
	struct str text;

	str_init(&text);
	value_text(r, true, &text);
	args.text = text.data;
	ui_open(l->view->ui, &EVIDENCE_VIEW, &args);
	str_release(&text);
}

static const struct list_spec ROW = {
    .name = "row",
    .one = "column",
    .many = "columns",
    .empty = "This data set has no columns.",
    .passing = true,
    .columns = columns,
    .note = note,
    .open = open_value,
};

/* ---- drawing ---- */

/* A value that is longer than its cell stands below the list, wrapped, in a third of the height at most. */
static int value_rows(struct row_view *r, const struct surface *s, const struct str *text)
{
	int rows = 0, most = s->h / 3;
	size_t at = 0;

	if (most < 2 || s->w < 20 ||
	    (!memchr(text->data, '\n', text->len) && text->len <= (size_t)r->value_width))
		return 0;
	while (at < text->len && rows < most) {
		const char *line = text->data + at;
		const char *end = memchr(line, '\n', text->len - at);
		size_t len = end ? (size_t)(end - line) : text->len - at;
		size_t take = ui_row_len(s, line, len < 4096 ? len : 4096, s->w - 4);

		at += take < len ? take : len + 1;
		rows++;
	}
	return rows;
}

static void draw_value(const struct surface *s, int rows, const struct str *text)
{
	struct surface part = surface_part(s, 0, s->h - rows - 1, s->w, rows + 1);
	size_t at = 0;

	surface_hline(&part, 1, 0, part.w - 2, STYLE_BORDER);
	for (int y = 1; y <= rows; y++) {
		const char *line = text->data + at;
		const char *end = memchr(line, '\n', text->len - at);
		size_t len = end ? (size_t)(end - line) : text->len - at;
		size_t take = ui_row_len(&part, line, len < 4096 ? len : 4096, part.w - 4);

		surface_put_cut(&part, 2, y, part.w - 4, STYLE_TEXT, line, take < len ? take : len);
		at += take < len ? take : len + 1;
		if (y == rows && at < text->len)
			surface_glyph(&part, part.w - 2, y, STYLE_MUTED, GLYPH_ELLIPSIS);
	}
}

static void draw(struct view *v, struct surface *s)
{
	struct row_view *r = v->state;
	struct surface list = *s;
	struct str text;
	int rows;

	str_init(&text);
	value_text(r, false, &text);
	r->value_width = s->w / 3;
	rows = value_rows(r, s, &text);
	if (rows > 0) {
		draw_value(s, rows, &text);
		list = surface_part(s, 0, 0, s->w, s->h - rows - 1);
	}
	list_draw(&r->list, &list);
	str_release(&text);
}

static void title(struct view *v, struct str *out)
{
	const struct row_view *r = v->state;

	str_addf(out, "row %zu", row_of(r) + 1);
}

/* ---- acts ---- */

static void step(struct row_view *r, bool next)
{
	r->at = next ? r->at + 1 : r->at - 1;
	show(r);
}

static bool action(struct view *v, enum action what)
{
	struct row_view *r = v->state;

	switch ((int)what) {
	case ACTION_ROW_NEXT:
	case ACTION_ROW_PREVIOUS:
		step(r, what == ACTION_ROW_NEXT);
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
	struct row_view *r = v->state;

	if (what == ACTION_ROW_NEXT)
		return r->at + 1 < r->match->count ? NULL : "this is the last row";
	if (what == ACTION_ROW_PREVIOUS)
		return r->at > 0 ? NULL : "this is the first row";
	return list_why_not(&r->list, what);
}

static bool event(struct view *v, const struct term_event *e)
{
	return list_event(&((struct row_view *)v->state)->list, e);
}

static void on_result(struct view *v, struct ui_result *result)
{
	(void)v;
	(void)result;
}

/* ---- opening ---- */

static void close_view(struct view *v)
{
	struct row_view *r = v->state;

	list_release(&r->list);
	arena_free(r->arena);
	rows_match_give(r->match);
	rows_leave(view_app_of(v)->rows, r->held);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct row_view *r = v->state;
	const struct row_args *in = args;

	r->at = rows_match_find(in->match, in->row);
	if (r->at == SIZE_MAX)
		return error_set(err, ERR_NO, "row %llu is not among these", (unsigned long long)in->row + 1);
	r->held = rows_take(view_app_of(v)->rows, in->held->id);
	r->match = in->match;
	r->match->holders++;
	list_init(&r->list, v, &ROW);
	show(r);
	if (in->column != SIZE_MAX)
		ui_table_set_cursor(r->list.table, (int64_t)in->column + 1);
	return 0;
}

const struct view_ops ROW_VIEW = {
    .name = "row",
    .contexts = "row list",
    .state_size = sizeof(struct row_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
};
