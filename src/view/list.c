/* Lists: the table, the line above it, filter, columns, preview, what is remembered. */
#include <string.h>

#include "list.h"
#include "view_inside.h"

#define PREVIEW_WIDTH 46
/* The preview follows a cursor that rests: one that runs through the list is not slowed by it. */
#define PREVIEW_REST_MS 150

/* ---- cells ---- */

struct ui_cell list_cell(const char *text, style_id style)
{
	return (struct ui_cell){.text = text, .style = style};
}

struct ui_cell list_cell_by(const char *text, style_id style, double sort)
{
	return (struct ui_cell){.text = text, .style = style, .has_sort = text != NULL, .sort = sort};
}

struct ui_cell list_cell_age(struct arena *a, int64_t then, int64_t now)
{
	return list_cell_by(view_cell_age(a, then, now), STYLE_MUTED, (double)(now - then));
}

/* ---- columns ---- */

static void show_column(struct list *l, size_t at)
{
	for (size_t i = 0; i < l->shown_count; i++)
		if (l->place[i] == at)
			return;
	l->place[l->shown_count] = at;
	l->shown[l->shown_count++] = l->all[at];
}

static bool is_chosen(const struct list *l, const char *id)
{
	for (size_t i = 0; i < l->chosen_count; i++)
		if (strcmp(l->chosen[i], id) == 0)
			return true;
	return false;
}

/* What was chosen, as far as there is such a column now; the first one always stands first, and what was called for
 * behind its neighbour, or last. */
static void apply_columns(struct list *l)
{
	l->shown_count = 0;
	show_column(l, 0);
	for (size_t i = 0; i < l->chosen_count; i++)
		for (size_t k = 0; k < l->all_count; k++)
			if (strcmp(l->all[k].id, l->chosen[i]) == 0) {
				show_column(l, k);
				if (k + 1 < l->all_count && l->all[k + 1].called && !is_chosen(l, l->all[k + 1].id))
					show_column(l, k + 1);
			}
	for (size_t k = 0; k < l->all_count; k++)
		if (l->chosen_count == 0 || l->all[k].called)
			show_column(l, k);
	ui_table_columns(l->table, l->shown, l->shown_count);
}

static void make_columns(struct list *l, int width)
{
	l->width = width;
	l->all_count = l->spec->columns(l, width, l->all);
	apply_columns(l);
}

void list_set_columns(struct list *l)
{
	make_columns(l, l->width);
}

static void choose_columns(void *user, const int64_t *ids, size_t count);

static void open_columns(struct list *l)
{
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, 2 * LIST_COLUMNS, sizeof *items);
	struct ui_menu menu = {.title = "Columns",
	                       .items = items,
	                       .multiple = true,
	                       .ordered = true,
	                       .user = l,
	                       .accept_many = choose_columns};

	/* What is shown first, in its order; then the rest. The first column is not to be chosen: it stays. */
	for (size_t i = 1; i < l->shown_count; i++)
		items[menu.count++] = (struct ui_menu_item){
		    .text = l->shown[i].title, .detail = "", .id = (int64_t)l->place[i], .checked = true};
	for (size_t k = 1; k < l->all_count; k++) {
		bool shown = false;

		for (size_t i = 0; i < l->shown_count; i++)
			shown = shown || l->place[i] == k;
		if (!shown)
			items[menu.count++] =
			    (struct ui_menu_item){.text = l->all[k].title, .detail = "", .id = (int64_t)k};
	}
	for (size_t i = 0; i < menu.count; i++)
		if (!*items[i].text)
			items[i].text = l->all[items[i].id].id;
	ui_menu(l->view, &menu);
	arena_free(a);
}

/* ---- what is remembered ---- */

static const char *state_key(const struct list *l, struct arena *a, const char *key)
{
	return l->spec->name ? arena_printf(a, "%s.%s", l->spec->name, key) : key;
}

static void save_state(struct list *l)
{
	struct arena *a;
	struct str text;
	int keys;
	const struct ui_sort *sort = ui_table_sort(l->table, &keys);

	if (l->spec->passing)
		return;
	a = arena_new();
	str_init(&text);
	for (int i = 0; i < keys; i++)
		str_addf(&text, "%s%c%s", i ? "\t" : "", sort[i].descending ? '-' : '+', sort[i].column);
	ui_state_set(l->view, state_key(l, a, "sort"), text.data);
	str_clear(&text);
	for (size_t i = 0; i < l->chosen_count; i++)
		str_addf(&text, "%s%s", i ? "\t" : "", l->chosen[i]);
	ui_state_set(l->view, state_key(l, a, "columns"), text.data);
	if (!l->spec->of_object) {
		ui_state_set(l->view, state_key(l, a, "filter"), l->filter);
		ui_state_set(l->view, state_key(l, a, "cursor"),
		             arena_printf(a, "%lld", (long long)ui_table_cursor(l->table)));
	}
	str_release(&text);
	arena_free(a);
}

static void load_columns(struct list *l, const char *text)
{
	while (text && *text && l->chosen_count < LIST_COLUMNS) {
		size_t len = strcspn(text, "\t");

		if (len > 0 && len < LIST_COLUMN_ID)
			snprintf(l->chosen[l->chosen_count++], LIST_COLUMN_ID, "%.*s", (int)len, text);
		text += len + (text[len] == '\t');
	}
}

static void load_sort(struct list *l, const char *text)
{
	struct ui_sort sort[UI_SORT_KEYS];
	int count = 0;

	while (text && *text && count < UI_SORT_KEYS) {
		size_t len = strcspn(text, "\t");

		if (len > 1 && len <= LIST_COLUMN_ID) {
			sort[count].descending = *text == '-';
			snprintf(sort[count++].column, sizeof sort->column, "%.*s", (int)len - 1, text + 1);
		}
		text += len + (text[len] == '\t');
	}
	if (count > 0)
		ui_table_set_sort(l->table, sort, count);
}

static void load_state(struct list *l)
{
	struct arena *a;
	const char *text;
	int64_t id;

	if (l->spec->passing)
		return;
	a = arena_new();
	load_columns(l, ui_state_get(l->view, state_key(l, a, "columns")));
	load_sort(l, ui_state_get(l->view, state_key(l, a, "sort")));
	text = l->spec->of_object ? NULL : ui_state_get(l->view, state_key(l, a, "filter"));
	if (text && strlen(text) < sizeof l->filter) {
		struct ui_check check = {.ok = true};

		if (l->spec->filter_check)
			l->spec->filter_check(l, text, &check);
		if (check.ok)
			snprintf(l->filter, sizeof l->filter, "%s", text);
	}
	text = l->spec->of_object ? NULL : ui_state_get(l->view, state_key(l, a, "cursor"));
	if (text && int_parse(text, strlen(text), &id) && id > 0)
		ui_table_set_cursor(l->table, id);
	arena_free(a);
}

static void choose_columns(void *user, const int64_t *ids, size_t count)
{
	struct list *l = user;

	l->chosen_count = 0;
	for (size_t i = 0; i < count && i < LIST_COLUMNS; i++)
		snprintf(l->chosen[l->chosen_count++], LIST_COLUMN_ID, "%s", l->all[ids[i]].id);
	/* None at all is the first one alone, not the usual ones. */
	if (count == 0)
		snprintf(l->chosen[l->chosen_count++], LIST_COLUMN_ID, "%s", l->all[0].id);
	apply_columns(l);
	save_state(l);
}

/* ---- rows ---- */

static void pick_cells(const struct list *l, struct arena *a, struct ui_row *row)
{
	struct ui_cell *cells = arena_array(a, l->shown_count + 1, sizeof *cells);

	for (size_t i = 0; i < l->shown_count; i++)
		cells[i] = row->cells[l->place[i]];
	row->cells = cells;
}

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct list *l = user;
	struct arena *a;
	struct ui_row *rows;
	struct ui_page *page;
	size_t shown = 0;

	if (l->spec->page) {
		l->spec->page(l, ask);
		return;
	}
	/* Keys wait for the first rows, and so does the row that the cursor was on the last time. */
	if (!l->loaded)
		return;
	a = arena_new();
	rows = arena_array(a, l->count + 1, sizeof *rows);
	for (size_t i = 0; i < l->count; i++)
		if (!l->filter[0] || ui_row_has_words(&l->rows[i], l->all_count, l->filter))
			rows[shown++] = l->rows[i];
	page = ui_page_sorted(a, ask, l->all, l->all_count, rows, shown);
	for (size_t i = 0; i < page->count; i++)
		pick_cells(l, a, &page->rows[i]);
	for (size_t i = 0; i < page->head_count; i++)
		pick_cells(l, a, &page->head[i]);
	ui_table_page(l->table, page);
}

static void set_empty(struct list *l)
{
	struct str text;

	str_init(&text);
	if (!l->loaded)
		str_adds(&text, "Reading…");
	else if (l->filter[0])
		str_addf(&text, "No %s matches this filter.\n/  changes it; empty it to see all", l->spec->one);
	else if (!l->spec->say_empty || !l->spec->say_empty(l, &text))
		str_adds(&text, l->spec->empty);
	ui_table_empty(l->table, text.data);
	str_release(&text);
}

void list_page(struct list *l, struct ui_page *page)
{
	for (size_t i = 0; i < page->count; i++)
		pick_cells(l, page->arena, &page->rows[i]);
	l->loaded = true;
	set_empty(l);
	ui_table_page(l->table, page);
}

void list_set_rows(struct list *l, const struct ui_row *rows, size_t count)
{
	bool first = !l->loaded;

	l->rows = rows;
	l->count = count;
	l->loaded = true;
	set_empty(l);
	if (first)
		ui_table_restart(l->table);
	else
		list_refresh(l);
}

void list_refresh(struct list *l)
{
	l->asked_id = 0;
	ui_table_refresh(l->table);
}

size_t list_at(const struct list *l)
{
	int64_t id = ui_table_cursor(l->table);

	for (size_t i = 0; id && i < l->count; i++)
		if (l->rows[i].id == id)
			return i;
	return SIZE_MAX;
}

/* ---- preview ---- */

static void ask_preview(struct list *l)
{
	int64_t id = ui_table_cursor(l->table);

	l->moving = false;
	if (!l->spec->preview_ask || l->view->body_w < LIST_PREVIEW_FROM || !id || id == l->asked_id)
		return;
	l->asked_id = id;
	if (!l->spec->preview_ask(l, id))
		l->seen = NULL;
}

/* Drawing asks: there may be several lists in the view, and it knows which one is seen. */
static void rested(struct view *v, void *user)
{
	((struct list *)user)->moving = false;
	ui_dirty(v->ui);
}

static void on_cursor(void *user, int64_t id)
{
	struct list *l = user;

	(void)id;
	l->moving = l->spec->preview_ask != NULL;
	if (l->moving)
		ui_later(l->view, PREVIEW_REST_MS, rested, l);
}

bool list_on_result(struct list *l, struct ui_result *r)
{
	if (r->tag != LIST_TAG_PREVIEW)
		return false;
	r->beside = true;
	if (r->status == 0) {
		arena_free(l->seen_arena);
		l->seen_arena = r->arena;
		l->seen = r->data;
		l->seen_id = l->asked_id;
		r->arena = NULL;
	}
	return true;
}

/* ---- drawing ---- */

static int draw_count(struct list *l, struct surface *s)
{
	char number[NUM_TEXT], all[NUM_TEXT];
	bool more;
	int64_t total = ui_table_total(l->table, &more);
	struct str text;
	int width = 0;

	if (!l->loaded || (total == 0 && !l->filter[0]))
		return 0;
	str_init(&text);
	count_people(total, number);
	if (l->filter[0] && !l->spec->page)
		str_addf(&text, "%s of %s %s", number, count_people((int64_t)l->count, all),
		         l->count == 1 ? l->spec->one : l->spec->many);
	else
		str_addf(&text, "%s%s %s", number, more ? "+" : "",
		         l->filter[0]          ? "match"
		         : total == 1 && !more ? l->spec->one
		                               : l->spec->many);
	width = surface_width(s, text.data, text.len);
	surface_put_right(s, s->w - width - 1, 0, width, STYLE_MUTED, text.data);
	str_release(&text);
	return width;
}

void list_draw_head(struct list *l, struct surface *s)
{
	int width = l->spec->right ? l->spec->right(l, s) : draw_count(l, s), room = s->w - width - 4;
	struct arena *a = arena_new();
	style_id style = STYLE_MUTED;
	const char *text;

	if (l->filter[0]) {
		surface_put(s, 1, 0, STYLE_PROMPT, "/");
		surface_put_cut(s, 3, 0, room - 2, STYLE_PROMPT_TEXT, l->filter, strlen(l->filter));
		arena_free(a);
		return;
	}
	text = l->spec->note ? l->spec->note(l, a, &style) : NULL;
	if (!text && (l->count > 0 || l->spec->page)) {
		style = STYLE_MUTED;
		text = arena_printf(a, "/ to filter: %s", l->spec->hint ? l->spec->hint : "words of any column");
		if (surface_width(s, text, strlen(text)) > room)
			text = NULL;
	}
	if (text)
		surface_put_cut(s, 1, 0, room, style, text, strlen(text));
	arena_free(a);
}

int list_preview_width(int width)
{
	return width >= LIST_PREVIEW_FROM ? PREVIEW_WIDTH + (width - LIST_PREVIEW_FROM) / 4 - 3 : 0;
}

void list_draw_body(struct list *l, struct surface *s)
{
	bool wide = s->w >= LIST_PREVIEW_FROM && l->spec->preview;
	int side = wide ? list_preview_width(s->w) + 3 : 0;
	struct surface list = surface_part(s, 0, 0, s->w - side, s->h), beside;

	if (l->width != list.w)
		make_columns(l, list.w);
	if (wide && l->spec->preview_least) {
		int least = l->spec->preview_least(l) + 3, left = s->w - ui_table_wants(l->table, &list);

		side = left > side ? side : left > least ? left : least;
		list = surface_part(s, 0, 0, s->w - side, s->h);
	}
	ui_table_draw(l->table, &list, true);
	if (!wide || ui_table_cursor(l->table) == 0)
		return;
	if (!ui_asking(l->view, LIST_TAG_PREVIEW) && (!l->moving || !l->seen))
		ask_preview(l);
	surface_vline(s, s->w - side, 1, s->h - 1, STYLE_BORDER);
	beside = surface_part(s, s->w - side + 2, 1, side - 3, s->h - 1);
	/* Until its answer is here the one before is seen: it says whose it is. */
	if (l->spec->preview_ask && !l->seen)
		surface_put(&beside, 0, 0, STYLE_MUTED, "Reading…");
	else
		l->spec->preview(l, &beside);
}

void list_draw(struct list *l, struct surface *s)
{
	struct surface body = surface_part(s, 0, 1, s->w, s->h - 1);

	list_draw_head(l, s);
	list_draw_body(l, &body);
}

/* ---- filter ---- */

static void filter_check(void *user, const char *text, struct ui_check *out)
{
	struct list *l = user;

	out->ok = strlen(text) < LIST_FILTER;
	if (!out->ok) {
		out->at = LIST_FILTER - 1;
		snprintf(out->message, sizeof out->message, "a filter has at most %d bytes", LIST_FILTER - 1);
	} else if (l->spec->filter_check) {
		l->spec->filter_check(l, text, out);
	}
}

static void filter_complete(void *user, const char *text, size_t cursor, struct ui_completions *out)
{
	struct list *l = user;

	l->spec->filter_complete(l, text, cursor, out);
}

static void filter_change(void *user, const char *text)
{
	struct list *l = user;

	if (strlen(text) >= LIST_FILTER || strcmp(l->filter, text) == 0)
		return;
	snprintf(l->filter, sizeof l->filter, "%s", text);
	set_empty(l);
	ui_table_restart(l->table);
}

static void filter_accept(void *user, const char *text)
{
	struct list *l = user;

	filter_change(l, text);
	save_state(l);
	if (l->spec->filtered)
		l->spec->filtered(l);
}

static void filter_cancel(void *user)
{
	struct list *l = user;

	filter_change(l, l->filter_before);
}

static void open_filter(struct list *l)
{
	char *history = xasprintf("%s%s%s-filter", l->view->ops->name, l->spec->name ? "-" : "",
	                          l->spec->name ? l->spec->name : "");
	struct ui_prompt prompt = {.label = "/",
	                           .text = l->filter,
	                           .history = history,
	                           .user = l,
	                           .check = filter_check,
	                           .complete = l->spec->filter_complete ? filter_complete : NULL,
	                           .change = filter_change,
	                           .accept = filter_accept,
	                           .cancel = filter_cancel};

	memcpy(l->filter_before, l->filter, sizeof l->filter);
	ui_prompt(l->view, &prompt);
	free(history);
}

/* ---- acts ---- */

bool list_action(struct list *l, enum action action)
{
	switch ((int)action) {
	case ACTION_LIST_OPEN:
		if (l->spec->open && ui_table_cursor(l->table))
			l->spec->open(l, ui_table_cursor(l->table));
		return true;
	case ACTION_LIST_FILTER:
		open_filter(l);
		return true;
	case ACTION_LIST_COLUMNS:
		open_columns(l);
		return true;
	default:
		return ui_table_action(l->table, action);
	}
}

const char *list_why_not(struct list *l, enum action action)
{
	bool row = ui_table_cursor(l->table) != 0;

	switch ((int)action) {
	case ACTION_LIST_OPEN:
		return !l->spec->open
		           ? l->spec->open_why_not ? l->spec->open_why_not : "not in this list: rows say all"
		       : row ? NULL
		             : "there is nothing to open here";
	case ACTION_LIST_SORT:
	case ACTION_LIST_SORT_ALSO:
	case ACTION_LIST_REVERSE:
		return l->spec->no_sort ? l->spec->no_sort : row ? NULL : "there is no row here";
	case ACTION_LIST_SUMMARY:
		return l->spec->page ? "not in this list: its rows come by pages"
		       : row         ? NULL
		                     : "there is no row here";
	case ACTION_LIST_MARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_MARK_RANGE:
	case ACTION_LIST_COPY:
	case ACTION_LIST_EXPORT:
		return row ? NULL : "there is no row here";
	case ACTION_LIST_UNMARK:
		return ui_table_marked(l->table) ? NULL : "nothing is marked";
	case ACTION_LIST_FILTER:
		return l->loaded && l->count == 0 && !l->filter[0] && !l->spec->page ? "there is no row here" : NULL;
	case ACTION_LIST_COLUMNS:
		return l->all_count < 2 ? "there is one column" : row || l->filter[0] ? NULL : "there is no row here";
	default:
		return NULL;
	}
}

const char *list_none(enum action action)
{
	switch ((int)action) {
	case ACTION_LIST_OPEN:
	case ACTION_LIST_FILTER:
	case ACTION_LIST_SORT:
	case ACTION_LIST_SORT_ALSO:
	case ACTION_LIST_REVERSE:
	case ACTION_LIST_COLUMNS:
	case ACTION_LIST_MARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_MARK_RANGE:
	case ACTION_LIST_UNMARK:
	case ACTION_LIST_SUMMARY:
	case ACTION_LIST_COPY:
	case ACTION_LIST_EXPORT:
		return "not here";
	default:
		return NULL;
	}
}

bool list_event(struct list *l, const struct term_event *e)
{
	return ui_table_event(l->table, e);
}

/* ---- beginning and end ---- */

void list_init(struct list *l, struct view *v, const struct list_spec *spec)
{
	l->view = v;
	l->spec = spec;
	l->table = ui_table_new(v, ask_rows, l);
	ui_table_name(l->table, spec->name);
	ui_table_on_cursor(l->table, on_cursor);
	load_state(l);
	set_empty(l);
	make_columns(l, v->body_w);
}

void list_release(struct list *l)
{
	if (!l->table)
		return;
	save_state(l);
	ui_table_free(l->table);
	arena_free(l->seen_arena);
	l->table = NULL;
}
