/* What a screen shows, as JSON: its lists whole, its lines as they stand. */
#include <math.h>
#include <string.h>

#include "table.h"

struct twin {
	struct json_writer j;
	size_t limit;
};

static const char *const ALIGNS[] = {[UI_LEFT] = "left", [UI_RIGHT] = "right", [UI_DECIMAL] = "decimal"};

static void add_columns(struct twin *w, const struct ui_shown_list *l)
{
	jw_array(&w->j, "columns");
	for (size_t i = 0; i < l->column_count; i++) {
		jw_object(&w->j, NULL);
		jw_string(&w->j, "id", l->columns[i].id);
		jw_string(&w->j, "title", l->columns[i].title);
		jw_string(&w->j, "align", ALIGNS[l->columns[i].align]);
		jw_object_end(&w->j);
	}
	jw_array_end(&w->j);
}

static void add_row(struct twin *w, const struct ui_shown_list *l, const struct ui_row *row)
{
	char id[32];

	snprintf(id, sizeof id, "%lld", (long long)row->id);
	jw_object(&w->j, NULL);
	/* A number beyond 2^53 would be another one in most languages. */
	jw_string(&w->j, "id", id);
	jw_object(&w->j, "cells");
	for (size_t i = 0; i < l->column_count; i++)
		table_cell_json(&w->j, l->columns[i].id, &row->cells[i]);
	jw_object_end(&w->j);
	jw_object_end(&w->j);
}

static void add_list(void *user, const struct ui_shown_list *l)
{
	struct twin *w = user;
	size_t count = l->count < w->limit ? l->count : w->limit;

	jw_object(&w->j, NULL);
	jw_string(&w->j, "name", l->name);
	add_columns(w, l);
	jw_array(&w->j, "rows");
	for (size_t i = 0; i < count; i++)
		add_row(w, l, &l->rows[i]);
	jw_array_end(&w->j);
	jw_bool(&w->j, "more", l->more || count < l->count);
	if (l->total >= 0)
		jw_int(&w->j, "total", l->total);
	else
		jw_null(&w->j, "total");
	jw_object_end(&w->j);
}

static void add_table(struct twin *w, const struct ui_table *t)
{
	const struct ui_page *p = t->page;
	struct ui_column *columns = xcalloc(t->column_count + 1, sizeof *columns);

	for (size_t i = 0; i < t->column_count; i++)
		columns[i] = t->columns[i].spec;
	add_list(w, &(struct ui_shown_list){.name = t->name ? t->name : t->view->ops->name,
	                                    .columns = columns,
	                                    .column_count = t->column_count,
	                                    .rows = p ? p->rows : NULL,
	                                    .count = p ? p->count : 0,
	                                    .more = p && !p->at_end,
	                                    .total = !p                         ? 0
	                                             : p->at_start && p->at_end ? (int64_t)p->count
	                                             : p->total_more            ? -1
	                                                                        : p->total});
	free(columns);
}

/* The lines of the screen, blanks at their ends and empty ones at its end left out. */
static void add_text(struct twin *w, const struct str *screen)
{
	const char *at = screen->data, *end = at + screen->len;

	while (end > at && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	jw_array(&w->j, "text");
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		stop = stop ? stop : end;
		jw_string_n(&w->j, NULL, at, (size_t)(stop - at));
		at = stop + 1;
	}
	jw_array_end(&w->j);
}

static void add_title(struct twin *w, struct ui *ui)
{
	struct stack *s = &ui->stacks[ui->screen];
	struct str title, one;

	str_init(&title);
	str_init(&one);
	str_adds(&title, ui->options.screens[ui->screen].title);
	for (size_t i = 0; i < s->count; i++) {
		str_clear(&one);
		if (s->views[i]->ops->title)
			s->views[i]->ops->title(s->views[i], &one);
		if (one.len)
			str_addf(&title, " > %s", one.data);
	}
	jw_string(&w->j, "title", title.data);
	str_release(&title);
	str_release(&one);
}

void ui_twin(struct ui *ui, const char *screen, size_t limit, struct str *out)
{
	struct twin w = {.limit = limit};
	struct view *v = ui_top(ui);
	struct str text, place;

	str_init(&text);
	str_init(&place);
	grid_text(term_grid(ui->term), &text);
	/* Rows that are not at hand: as they are with the first `limit` of them asked for. */
	for (size_t i = 0; v && i < v->private_->drawn_count; i++)
		table_want_first(v->private_->drawn[i], limit);
	ui_settle(ui);
	v = ui_top(ui);
	jw_init(&w.j, out);
	jw_object(&w.j, NULL);
	jw_string(&w.j, "screen", screen);
	if (v)
		place_of(v, &place);
	jw_string(&w.j, "place", place.len ? place.data : NULL);
	add_title(&w, ui);
	jw_array(&w.j, "lists");
	for (size_t i = 0; v && i < v->private_->drawn_count; i++)
		add_table(&w, v->private_->drawn[i]);
	if (v && v->ops->lists)
		v->ops->lists(v, add_list, &w);
	jw_array_end(&w.j);
	add_text(&w, &text);
	jw_object_end(&w.j);
	str_addc(out, '\n');
	str_release(&text);
	str_release(&place);
}
