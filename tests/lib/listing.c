#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "listing.h"

static void fill(const struct listing *l, struct arena *a, struct ui_row *row, size_t at)
{
	row->id = (int64_t)at + 1;
	row->cells = arena_array(a, l->column_count + 1, sizeof *row->cells);
	for (size_t i = 0; i < l->column_count; i++)
		row->cells[i].text = l->texts ? l->texts[at * l->column_count + i]
		                     : i      ? arena_printf(a, "%zu.5", at + 1)
		                              : arena_printf(a, "row-%zu", at + 1);
}

static void ask(void *user, const struct ui_ask_rows *asked)
{
	struct listing *l = user;
	struct arena *a = arena_new();
	struct ui_row *rows = arena_array(a, l->count + 1, sizeof *rows);
	struct ui_page *p;

	l->ask = *asked;
	for (size_t i = 0; i < l->count; i++)
		fill(l, a, &rows[i], i);
	p = l->paged ? ui_page_of(a, asked, rows, l->count)
	             : ui_page_sorted(a, asked, l->columns, l->column_count, rows, l->count);
	if (l->paged) {
		int64_t first = 0, most = (int64_t)l->count;

		if (asked->where == UI_FROM_END)
			first = most - asked->count;
		else if (asked->where == UI_AROUND)
			first = asked->anchors[0] - 1 - asked->before;
		first = first < 0 ? 0 : first;
		p->rows += first;
		p->count = (size_t)(most - first < asked->count ? most - first : asked->count);
		p->at_start = !first;
		p->at_end = first + (int64_t)p->count == most;
	}
	if (l->head) {
		struct ui_row *head = arena_array(a, l->head + p->head_count, sizeof *head);

		for (size_t i = 0; i < l->head; i++)
			fill(l, a, &head[i], i);
		if (p->head_count)
			memcpy(head + l->head, p->head, p->head_count * sizeof *head);
		p->head = head;
		p->head_count += l->head;
	}
	ui_table_page(l->table, p);
}

static void on_find(void *user, int64_t from, int64_t to)
{
	struct listing *l = user;

	l->find_from = from;
	l->find_to = to;
	l->found++;
}

static void on_copy(void *user, const int64_t *ids, size_t count)
{
	struct listing *l = user;
	struct arena *a = arena_new();
	struct ui_row *rows = arena_array(a, count, sizeof *rows);

	for (size_t i = 0; i < count; i++)
		fill(l, a, &rows[i], (size_t)ids[i] - 1);
	ui_table_copy(l->table, rows, count);
	arena_free(a);
}

static void on_export(void *user, const struct ui_export_ask *asked)
{
	((struct listing *)user)->export_ask = *asked;
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct listing *l = ui_app(v->ui);

	(void)args;
	(void)err;
	l->table = ui_table_new(v, ask, l);
	if (l->finds)
		ui_table_on_find(l->table, on_find);
	if (l->copies)
		ui_table_on_copy(l->table, on_copy);
	if (l->exports)
		ui_table_on_export(l->table, on_export);
	ui_table_empty(l->table, "Nothing is here.");
	ui_table_columns(l->table, l->columns, l->column_count);
	return 0;
}

static void close_view(struct view *v)
{
	ui_table_free(((struct listing *)ui_app(v->ui))->table);
}

static void draw(struct view *v, struct surface *s)
{
	ui_table_draw(((struct listing *)ui_app(v->ui))->table, s, true);
}

static bool action(struct view *v, enum action what)
{
	return ui_table_action(((struct listing *)ui_app(v->ui))->table, what);
}

static bool event(struct view *v, const struct term_event *e)
{
	return ui_table_event(((struct listing *)ui_app(v->ui))->table, e);
}

static const struct view_ops ops = {.name = "listing",
                                    .contexts = "list",
                                    .open = open,
                                    .close = close_view,
                                    .draw = draw,
                                    .action = action,
                                    .event = event};
static const struct ui_screen screens[] = {{1, "Listing", &ops}};

void listing_start(struct listing *l, int w, int h, enum term_charset charset)
{
	struct ui_options o = {.screens = screens, .screen_count = 1, .app = l, .fixed_now = 1795600000000};
	struct error err;

	l->term = o.term = term_open_memory(w, h, charset, TERM_256);
	if (ui_new(&l->ui, &o, &err))
		fail_msg("%s", err.text);
	ui_settle(l->ui);
}

void listing_stop(struct listing *l)
{
	ui_free(l->ui);
	term_close(l->term);
}

void listing_keys(struct listing *l, const char *script)
{
	struct error err;
	struct str out;

	str_init(&out);
	if (ui_script(l->ui, "keys", script, &out, &err)) {
		struct str text;

		str_init(&text);
		grid_text(term_grid(l->term), &text);
		fail_msg("%s\n%s", err.text, text.data);
	}
	str_release(&out);
}

static bool on_screen(struct listing *l, const char *text, struct str *screen)
{
	ui_settle(l->ui);
	str_init(screen);
	grid_text(term_grid(l->term), screen);
	return strstr(screen->data, text);
}

void listing_expect(struct listing *l, const char *text)
{
	struct str screen;

	if (!on_screen(l, text, &screen))
		fail_msg("\"%s\" is not on\n%s", text, screen.data);
	str_release(&screen);
}

void listing_refuse(struct listing *l, const char *text)
{
	struct str screen;

	if (on_screen(l, text, &screen))
		fail_msg("\"%s\" is on\n%s", text, screen.data);
	str_release(&screen);
}

char *listing_line(struct listing *l, const char *text)
{
	struct str screen;
	const char *at;
	char *line;
	size_t len;

	if (!on_screen(l, text, &screen))
		fail_msg("\"%s\" is not on\n%s", text, screen.data);
	at = strstr(screen.data, text);
	while (at > screen.data && at[-1] != '\n')
		at--;
	len = strcspn(at, "\n");
	while (len && at[len - 1] == ' ')
		len--;
	line = xmemdup0(at, len);
	str_release(&screen);
	return line;
}
