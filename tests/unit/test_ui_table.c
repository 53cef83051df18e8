/* The table: the cursor is a row, whatever happens to the rows. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/ui.h"

/* ---- a source whose rows change, asked at once or later ---- */

enum { MOST = 400 };

struct model {
	int64_t ids[MOST]; /* in order */
	int count;
	int64_t next_id;
	uint64_t seed;
	bool later; /* answers wait for give() */
	struct ui_ask_rows ask;
	bool asked;
	int asks;
};

struct place {
	struct view *view;
	struct ui_table *table;
	struct model *m;
};

static uint32_t rnd(struct model *m, uint32_t below)
{
	m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(m->seed >> 33) % below;
}

static int find(const struct model *m, int64_t id)
{
	for (int i = 0; i < m->count; i++)
		if (m->ids[i] == id)
			return i;
	return -1;
}

static void give(struct place *p)
{
	struct model *m = p->m;
	const struct ui_ask_rows *ask = &m->ask;
	struct arena *a = arena_new();
	struct ui_page *page = arena_alloc(a, sizeof *page);
	int first = 0, count;

	m->asked = false;
	if (ask->where == UI_FROM_END)
		first = m->count - ask->count;
	for (int i = 0; ask->where == UI_AROUND && i < ask->anchor_count; i++) {
		int at = find(m, ask->anchors[i]);

		if (at < 0)
			continue;
		first = at - ask->before;
		break;
	}
	first = first < 0 ? 0 : first;
	count = ask->count > m->count - first ? m->count - first : ask->count;
	page->arena = a;
	page->generation = ask->generation;
	page->rows = arena_array(a, (size_t)count + 1, sizeof *page->rows);
	page->count = (size_t)count;
	for (int i = 0; i < count; i++) {
		page->rows[i].id = m->ids[first + i];
		page->rows[i].cells = arena_array(a, 2, sizeof(struct ui_cell));
		page->rows[i].cells[0].text = arena_printf(a, "row-%lld", (long long)m->ids[first + i]);
		page->rows[i].cells[1].text = arena_printf(a, "%lld.%lld", (long long)(m->ids[first + i] % 1000),
		                                           (long long)(m->ids[first + i] % 7));
	}
	page->at_start = first == 0;
	page->at_end = first + count == m->count;
	page->total = m->count;
	ui_table_page(p->table, page);
}

static void on_ask(void *user, const struct ui_ask_rows *ask)
{
	struct place *p = user;

	p->m->ask = *ask;
	p->m->asked = true;
	p->m->asks++;
}

static void settle(struct place *p)
{
	for (int i = 0; p->m->asked && i < 50; i++)
		give(p);
	assert_false(p->m->asked); /* it does not ask for ever */
}

static int place_open(struct view *v, const void *args, struct error *err)
{
	struct place *p = v->state;

	(void)args;
	(void)err;
	p->view = v;
	p->m = ui_app(v->ui);
	p->table = ui_table_new(v, on_ask, p);
	return 0;
}

static void place_close(struct view *v)
{
	ui_table_free(((struct place *)v->state)->table);
}

static void place_draw(struct view *v, struct surface *s)
{
	ui_table_draw(((struct place *)v->state)->table, s, true);
}

static bool place_action(struct view *v, enum action action)
{
	return ui_table_action(((struct place *)v->state)->table, action);
}

static const struct view_ops place_ops = {.name = "place",
                                          .contexts = "list",
                                          .state_size = sizeof(struct place),
                                          .open = place_open,
                                          .close = place_close,
                                          .draw = place_draw,
                                          .action = place_action};
static const struct ui_screen screens[] = {{1, "Place", &place_ops}};

struct fixture {
	struct model m;
	struct term *term;
	struct ui *ui;
	struct place *p;
};

static struct fixture *start(int rows, int w, int h)
{
	static const struct ui_column columns[] = {
	    {.id = "name", .title = "name"},
	    {.id = "value", .title = "value", .align = UI_DECIMAL, .priority = 1}};
	struct fixture *f = xcalloc(1, sizeof *f);
	struct ui_options o = {.screens = screens, .screen_count = 1, .app = &f->m};

	f->m.seed = 7;
	for (int i = 0; i < rows; i++)
		f->m.ids[f->m.count++] = ++f->m.next_id;
	f->term = o.term = term_open_memory(w, h, TERM_BRAILLE, TERM_256);
	assert_int_equal(ui_new(&f->ui, &o, NULL), 0);
	f->p = ui_top(f->ui)->state;
	ui_settle(f->ui);
	ui_table_columns(f->p->table, columns, COUNT_OF(columns));
	settle(f->p);
	ui_settle(f->ui);
	return f;
}

static void stop(struct fixture *f)
{
	ui_free(f->ui);
	term_close(f->term);
	free(f);
}

/* The row that has the cursor's sign on the screen, 0: none. */
static int64_t seen_cursor(struct fixture *f)
{
	struct str text;
	const char *at;
	long long id = 0;

	str_init(&text);
	grid_text(term_grid(f->term), &text);
	/* the first ▸ is that of the path in the title */
	at = strchr(text.data, '\n');
	while (at && (at = strstr(at + 1, "row-"))) {
		const char *line = at;

		while (line > text.data && line[-1] != '\n')
			line--;
		if (memmem(line, (size_t)(at - line), "▸", 3) || memmem(line, (size_t)(at - line), "◆", 3)) {
			assert_int_equal(id, 0); /* only one */
			int64_t n;
			assert_true(int_parse(at + 4, strcspn(at + 4, " \n"), &n));
			id = n;
		}
	}
	str_release(&text);
	return id;
}

static void check(struct fixture *f)
{
	int64_t id;
	const struct ui_row *row;

	ui_settle(f->ui);
	settle(f->p);
	ui_settle(f->ui);
	settle(f->p);
	id = ui_table_cursor(f->p->table);
	row = ui_table_row(f->p->table);
	assert_int_equal(seen_cursor(f), id);
	assert_int_equal(row ? row->id : 0, id);
	if (f->m.count)
		assert_true(find(&f->m, id) >= 0);
	else
		assert_int_equal(id, 0);
}

static void insert_row(struct model *m)
{
	int at = (int)rnd(m, (uint32_t)m->count + 1);

	if (m->count == MOST)
		return;
	memmove(m->ids + at + 1, m->ids + at, (size_t)(m->count - at) * sizeof *m->ids);
	m->ids[at] = ++m->next_id;
	m->count++;
}

static void remove_row(struct model *m, int at)
{
	memmove(m->ids + at, m->ids + at + 1, (size_t)(m->count - at - 1) * sizeof *m->ids);
	m->count--;
}

static void shuffle(struct model *m)
{
	for (int i = m->count - 1; i > 0; i--) {
		int k = (int)rnd(m, (uint32_t)i + 1);
		int64_t id = m->ids[i];

		m->ids[i] = m->ids[k];
		m->ids[k] = id;
	}
}

/* Rows come, go and change places under the cursor; only its own row's end moves it. */
static void the_cursor_is_a_row(void **state)
{
	struct fixture *f = start(150, 80, 24);

	(void)state;
	for (int round = 0; round < 3000; round++) {
		int64_t id = ui_table_cursor(f->p->table);

		switch (rnd(&f->m, 4)) {
		case 0:
			insert_row(&f->m);
			break;
		case 1:
			if (f->m.count)
				remove_row(&f->m, (int)rnd(&f->m, (uint32_t)f->m.count));
			break;
		case 2:
			if (rnd(&f->m, 10) == 0)
				shuffle(&f->m);
			break;
		default:
			if (f->m.count && rnd(&f->m, 20) == 0)
				f->m.count = (int)rnd(&f->m, (uint32_t)f->m.count);
			break;
		}
		ui_table_refresh(f->p->table);
		check(f);
		if (find(&f->m, id) >= 0)
			assert_int_equal(ui_table_cursor(f->p->table), id);
	}
	stop(f);
}

/* The same between keys, with answers that come late. */
static void keys_and_changes(void **state)
{
	static const enum action actions[] = {ACTION_LIST_UP,        ACTION_LIST_DOWN,    ACTION_LIST_PAGE_UP,
	                                      ACTION_LIST_PAGE_DOWN, ACTION_LIST_TOP,     ACTION_LIST_BOTTOM,
	                                      ACTION_LIST_HALF_DOWN, ACTION_LIST_HALF_UP, ACTION_LIST_MARK,
	                                      ACTION_LIST_RIGHT,     ACTION_LIST_LEFT};
	struct fixture *f = start(300, 60, 14);

	(void)state;
	for (int round = 0; round < 5000; round++) {
		if (rnd(&f->m, 3) == 0)
			insert_row(&f->m);
		if (rnd(&f->m, 3) == 0 && f->m.count > 1)
			remove_row(&f->m, (int)rnd(&f->m, (uint32_t)f->m.count));
		if (rnd(&f->m, 5) == 0)
			ui_table_refresh(f->p->table);
		if (rnd(&f->m, 7) == 0)
			give(f->p); /* an answer to something older, or to nothing */
		ui_table_action(f->p->table, actions[rnd(&f->m, COUNT_OF(actions))]);
		/* what the screen shows before the answers come is still true of the rows as they were */
		ui_settle(f->ui);
		if (ui_table_row(f->p->table))
			assert_int_equal(seen_cursor(f), ui_table_cursor(f->p->table));
		if (rnd(&f->m, 2)) {
			ui_table_refresh(f->p->table);
			check(f);
		}
	}
	stop(f);
}

static void moves_by_one(void **state)
{
	struct fixture *f = start(MOST, 80, 24);

	(void)state;
	for (int i = 0; i < MOST; i++) {
		assert_int_equal(ui_table_cursor(f->p->table), f->m.ids[i]);
		ui_table_action(f->p->table, ACTION_LIST_DOWN);
		check(f);
	}
	assert_int_equal(ui_table_cursor(f->p->table), f->m.ids[MOST - 1]);
	ui_table_action(f->p->table, ACTION_LIST_TOP);
	check(f);
	assert_int_equal(ui_table_cursor(f->p->table), f->m.ids[0]);
	ui_table_action(f->p->table, ACTION_LIST_BOTTOM);
	check(f);
	assert_int_equal(ui_table_cursor(f->p->table), f->m.ids[MOST - 1]);
	for (int i = 0; i < 60; i++) {
		ui_table_action(f->p->table, ACTION_LIST_PAGE_UP);
		check(f);
	}
	assert_int_equal(ui_table_cursor(f->p->table), f->m.ids[0]);
	/* paging keys typed faster than rows come are not lost */
	for (int i = 0; i < 5; i++)
		ui_table_action(f->p->table, ACTION_LIST_PAGE_DOWN);
	check(f);
	assert_int_equal(ui_table_cursor(f->p->table), f->m.ids[5 * 18]);
	stop(f);
}

static void marks_are_rows(void **state)
{
	struct fixture *f = start(50, 80, 24);
	const int64_t *ids;
	size_t count;

	(void)state;
	ids = ui_table_targets(f->p->table, &count);
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], 1);
	ui_table_action(f->p->table, ACTION_LIST_MARK);
	ui_table_action(f->p->table, ACTION_LIST_DOWN);
	ui_table_action(f->p->table, ACTION_LIST_MARK);
	shuffle(&f->m);
	ui_table_refresh(f->p->table);
	check(f);
	ids = ui_table_targets(f->p->table, &count);
	assert_int_equal(count, 2);
	assert_int_equal(ids[0], 1);
	assert_int_equal(ids[1], 3);
	assert_true(ui_table_is_marked(f->p->table, 3));
	ui_table_action(f->p->table, ACTION_LIST_UNMARK);
	assert_int_equal(ui_table_marked(f->p->table), 0);
	ui_table_action(f->p->table, ACTION_LIST_MARK_ALL);
	assert_int_equal(ui_table_marked(f->p->table), 50);
	stop(f);
}

static void goes_to_a_row(void **state)
{
	struct fixture *f = start(MOST, 80, 24);

	(void)state;
	ui_table_set_cursor(f->p->table, 333);
	check(f);
	assert_int_equal(ui_table_cursor(f->p->table), 333);
	ui_table_set_cursor(f->p->table, 999999); /* there is none: it stays */
	check(f);
	assert_int_equal(ui_table_cursor(f->p->table), 333);
	stop(f);
}

static void sorting_asks_from_the_start(void **state)
{
	struct fixture *f = start(100, 80, 24);
	const struct ui_sort *sort;
	int keys;

	(void)state;
	ui_table_action(f->p->table, ACTION_LIST_BOTTOM);
	check(f);
	ui_table_action(f->p->table, ACTION_LIST_RIGHT);
	ui_table_action(f->p->table, ACTION_LIST_SORT);
	assert_string_equal(f->m.ask.sort[0].column, "value");
	assert_true(f->m.ask.sort[0].descending); /* numbers: the greatest first */
	check(f);
	assert_int_equal(ui_table_cursor(f->p->table), 1);
	ui_table_action(f->p->table, ACTION_LIST_SORT);
	check(f);
	sort = ui_table_sort(f->p->table, &keys);
	assert_int_equal(keys, 1);
	assert_string_equal(sort->column, "value");
	assert_false(sort->descending);
	stop(f);
}

static void points_stand_under_each_other(void **state)
{
	struct fixture *f = start(30, 80, 24);
	struct str text;
	int column = -1, lines = 0;

	(void)state;
	str_init(&text);
	grid_text(term_grid(f->term), &text);
	for (char *line = strstr(text.data, "row-"); line; line = strstr(line + 1, "row-")) {
		char *point = strchr(line, '.');

		assert_non_null(point);
		if (column < 0)
			column = (int)(point - line);
		assert_int_equal(point - line, column);
		lines++;
	}
	assert_true(lines > 15);
	str_release(&text);
	stop(f);
}

/* At every size the row of the cursor is in sight and nothing asks for ever. */
static void every_size(void **state)
{
	struct fixture *f = start(200, 80, 24);

	(void)state;
	for (int w = 40; w < 200; w += 17)
		for (int h = 10; h < 60; h += 7) {
			term_set_size(f->term, w, h);
			check(f);
			ui_table_action(f->p->table, ACTION_LIST_PAGE_DOWN);
			check(f);
		}
	for (int w = 1; w < 42; w += 5) {
		term_set_size(f->term, w, 3);
		ui_settle(f->ui);
		settle(f->p);
	}
	stop(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_cursor_is_a_row),
	    cmocka_unit_test(keys_and_changes),
	    cmocka_unit_test(moves_by_one),
	    cmocka_unit_test(marks_are_rows),
	    cmocka_unit_test(goes_to_a_row),
	    cmocka_unit_test(sorting_asks_from_the_start),
	    cmocka_unit_test(points_stand_under_each_other),
	    cmocka_unit_test(every_size),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
