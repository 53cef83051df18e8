/* Relations: all pairs as a heat map, with a cursor. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relations.h"
#include "view_inside.h"

enum { READ_OUT = 3 /* rows below the map */ };

/* Place in map.columns of what stands there. */
static size_t shown_at(const struct map_tab *m, const struct relations_map *map, size_t at)
{
	return m->alike ? map->alike[at] : at;
}

/* The strongest pair, of the row alone where that is said: where there is most to see. */
static void go_strongest(struct map_tab *m, const struct relations_map *map, bool of_row)
{
	double best = -1;

	for (size_t i = of_row ? m->row : 0; i < (of_row ? m->row + 1 : map->count); i++)
		for (size_t k = 0; k < (of_row ? map->count : i); k++) {
			const struct relation *p = map->cell[shown_at(m, map, i) * map->count + shown_at(m, map, k)];

			if (!p || isnan(p->strength) || p->strength <= best)
				continue;
			best = p->strength;
			m->row = i;
			m->column = k;
		}
}

static void settle(struct map_tab *m, const struct relations_map *map)
{
	if (!m->placed)
		go_strongest(m, map, false);
	m->placed = true;
	if (m->row >= map->count)
		m->row = map->count ? map->count - 1 : 0;
	if (m->column >= map->count)
		m->column = map->count ? map->count - 1 : 0;
}

bool view_map_at(const struct map_tab *m, const struct relations_seen *seen, size_t *a, size_t *b)
{
	const struct relations_map *map = &seen->map;

	if (m->row >= map->count || m->column >= map->count)
		return false;
	*a = map->columns[shown_at(m, map, m->row)];
	*b = map->columns[shown_at(m, map, m->column)];
	return true;
}

void view_map_go(struct map_tab *m, const struct relations_seen *seen, size_t column)
{
	for (size_t i = 0; i < seen->map.count; i++) {
		if (seen->map.columns[shown_at(m, &seen->map, i)] != column)
			continue;
		m->row = i;
		go_strongest(m, &seen->map, true);
		m->placed = true;
	}
}

/* ---- drawing ---- */

static void draw_pair(const struct map_tab *m, const struct relations_seen *seen, struct surface *s)
{
	const struct relation *p;
	struct arena *arena;
	size_t a, b;
	int half = (s->w - 9) / 2, x = 1;

	if (!view_map_at(m, seen, &a, &b))
		return;
	if (a == b) {
		x += surface_put_name(s, x, 0, s->w - 12, STYLE_ACCENT, seen->r.names[a]);
		surface_put(s, x + 2, 0, STYLE_MUTED, column_type_name(seen->r.types[a]));
		surface_put(s, 1, 1, STYLE_MUTED,
		            (long)a == seen->r.label ? "the label" : "the column itself: Enter shows it");
		return;
	}
	arena = arena_new();
	p = view_relation_find(seen, a, b);
	x += surface_put_name(s, x, 0, half, STYLE_ACCENT, seen->r.names[a]);
	x += surface_put(s, x, 0, STYLE_MUTED, "  with  ");
	surface_put_name(s, x, 0, s->w - x - 1, STYLE_ACCENT, seen->r.names[b]);
	if (!p) {
		surface_put(s, 1, 1, STYLE_MUTED, "was not measured");
	} else {
		x = 1;
		if (!isnan(p->strength))
			x += surface_printf(s, x, 1, STYLE_TEXT, "strength %.3f   ", view_relation_signed(p));
		x += surface_put(s, x, 1, STYLE_TEXT, view_relation_measure(arena, p)) + 3;
		x += surface_printf(s, x, 1, STYLE_MUTED, "n %s", view_cell_count(arena, (int64_t)p->n)) + 3;
		if (p->leaks) {
			surface_glyph(s, x, 1, STYLE_WARN, GLYPH_WARN);
			surface_put(s, x + 2, 1, STYLE_WARN, "leak?");
		} else {
			surface_put_cut(s, x, 1, s->w - x - 1, STYLE_MUTED, relation_kind_name(p->kind),
			                strlen(relation_kind_name(p->kind)));
		}
	}
	arena_free(arena);
}

/* Where there is room for a line alone: "repaid with decision_code  0.93", not cut at the names' beginnings. */
static void draw_pair_short(const struct map_tab *m, const struct relations_seen *seen, struct surface *s)
{
	const struct relation *p;
	char value[16] = "";
	size_t a, b;
	int room = s->w - 2, x = 1;
	style_id style = STYLE_TEXT;

	if (!view_map_at(m, seen, &a, &b))
		return;
	p = a == b ? NULL : view_relation_find(seen, a, b);
	if (p && !isnan(p->strength)) {
		snprintf(value, sizeof value, "%.3f", view_relation_signed(p));
		if (p->leaks)
			style = STYLE_WARN;
	}
	room -= (int)strlen(value) + 2;
	if (a == b) {
		surface_put_name(s, x, 0, room, STYLE_ACCENT, seen->r.names[a]);
		return;
	}
	x += surface_put_name(s, x, 0, (room - 6) / 2, STYLE_ACCENT, seen->r.names[a]);
	x += surface_put(s, x, 0, STYLE_MUTED, " with ");
	surface_put_name(s, x, 0, room + 1 - x, STYLE_ACCENT, seen->r.names[b]);
	surface_put_right(s, s->w - 1 - (int)strlen(value), 0, (int)strlen(value), style, value);
}

static void draw_head(const struct map_tab *m, const struct chart_heat *chart, struct surface *s)
{
	const char *order = m->alike ? "what goes together, side by side" : "in the order of the data set";
	struct surface line = surface_part(s, 0, 0, s->w - 1, 1);
	int used = chart_heat_legend(&line, 0, s->w - 20, chart, "strength");

	surface_put_cut(s, 1, 0, s->w - used - 4, STYLE_MUTED, order, strlen(order));
}

/* All that is known of it, beside the map. */
static void draw_beside(const struct map_tab *m, const struct relations_seen *seen, struct surface *s)
{
	size_t a, b;

	if (!view_map_at(m, seen, &a, &b))
		return;
	if (a == b)
		draw_pair(m, seen, s);
	else
		view_relation_beside(seen, a, b, s);
}

void view_map_draw(struct map_tab *m, const struct relations_seen *seen, struct surface *s,
                   enum term_colours colours)
{
	const struct relations_map *map = &seen->map;
	size_t count = map->count;
	struct arena *a = arena_new();
	double *values = arena_array(a, size_mul(count, count) + 1, sizeof *values);
	const char **names = arena_array(a, count + 1, sizeof *names);
	const char **numbers = arena_array(a, count + 1, sizeof *numbers);
	struct chart_heat chart = {
	    .rows = count,
	    .columns = count,
	    .row_names = names,
	    .column_names = numbers,
	    .values = values,
	    .same = true,
	    .negative = map->negative,
	    .at_row = m->row,
	    .at_column = m->column,
	    .top = m->top,
	    .left = m->left,
	    .colours = colours,
	    .empty = "",
	};
	int digits = snprintf(NULL, 0, "%zu", count), below = s->h >= 10 ? READ_OUT : 0;
	int side = s->w >= LIST_PREVIEW_FROM ? list_preview_width(s->w) + 3 : 0;
	struct surface part, left = surface_part(s, 0, 0, s->w - side, s->h);

	if (count == 0) {
		/* Where that of a list stands. */
		part = surface_part(s, 3, 2, s->w - 6, s->h - 2);
		ui_paragraph(&part, 0, 0, STYLE_MUTED, VIEW_RELATIONS_NO_PAIR);
		arena_free(a);
		return;
	}
	settle(m, map);
	chart.at_row = m->row;
	chart.at_column = m->column;
	for (size_t i = 0; i < count; i++) {
		size_t row = shown_at(m, map, i);
		const char *name = seen->r.names[map->columns[row]];

		numbers[i] = arena_printf(a, "%zu", row + 1);
		names[i] = arena_printf(a, "%*zu %s", digits, row + 1, name);
		for (size_t k = 0; k < count; k++) {
			const struct relation *p = map->cell[row * count + shown_at(m, map, k)];

			values[i * count + k] = p ? view_relation_signed(p) : (double)NAN;
		}
	}
	if (side || below)
		draw_head(m, &chart, &left);
	else
		draw_pair_short(m, seen, &left);
	below = side ? 0 : below;
	part = surface_part(&left, 1, 1, left.w - 2, left.h - 1 - below);
	chart_heat_draw(&part, &chart, &m->place);
	m->top = m->place.top;
	m->left = m->place.left;
	if (side) {
		surface_vline(s, s->w - side, 1, s->h - 1, STYLE_BORDER);
		part = surface_part(s, s->w - side + 2, 1, side - 3, s->h - 1);
		draw_beside(m, seen, &part);
	} else if (below) {
		part = surface_part(s, 0, s->h - 2, s->w, 2);
		draw_pair(m, seen, &part);
	}
	arena_free(a);
}

/* ---- moving ---- */

static void step(size_t *at, long by, size_t count)
{
	long to = (long)*at + by;

	*at = to < 0 ? 0 : to >= (long)count ? count - 1 : (size_t)to;
}

/* The cursor stays on its pair. */
static void turn_order(struct map_tab *m, const struct relations_map *map)
{
	size_t row = shown_at(m, map, m->row), column = shown_at(m, map, m->column);

	m->alike = !m->alike;
	for (size_t i = 0; i < map->count; i++) {
		if (shown_at(m, map, i) == row)
			m->row = i;
		if (shown_at(m, map, i) == column)
			m->column = i;
	}
}

bool view_map_action(struct map_tab *m, const struct relations_seen *seen, enum action action)
{
	size_t count = seen->map.count, page = m->place.rows > 1 ? m->place.rows - 1 : 1;
	size_t aside = m->place.columns > 1 ? m->place.columns - 1 : 1;

	if (count == 0)
		return false;
	switch ((int)action) {
	case ACTION_LIST_UP:
		step(&m->row, -1, count);
		return true;
	case ACTION_LIST_DOWN:
		step(&m->row, 1, count);
		return true;
	case ACTION_MAP_LEFT:
		step(&m->column, -1, count);
		return true;
	case ACTION_MAP_RIGHT:
		step(&m->column, 1, count);
		return true;
	case ACTION_LIST_PAGE_UP:
		step(&m->row, -(long)page, count);
		return true;
	case ACTION_LIST_PAGE_DOWN:
		step(&m->row, (long)page, count);
		return true;
	case ACTION_LIST_HALF_UP:
		step(&m->row, -(long)(page / 2 + 1), count);
		return true;
	case ACTION_LIST_HALF_DOWN:
		step(&m->row, (long)(page / 2 + 1), count);
		return true;
	case ACTION_LIST_LEFT:
		step(&m->column, -(long)aside, count);
		return true;
	case ACTION_LIST_RIGHT:
		step(&m->column, (long)aside, count);
		return true;
	case ACTION_LIST_TOP:
		m->row = 0;
		return true;
	case ACTION_LIST_BOTTOM:
		m->row = count - 1;
		return true;
	case ACTION_MAP_ORDER:
		turn_order(m, &seen->map);
		return true;
	default:
		return false;
	}
}

bool view_map_event(struct map_tab *m, const struct term_event *e, int y)
{
	enum { WHEEL = 3 };

	if (e->mouse == TERM_MOUSE_WHEEL_UP || e->mouse == TERM_MOUSE_WHEEL_DOWN) {
		step(&m->row, e->mouse == TERM_MOUSE_WHEEL_UP ? -WHEEL : WHEEL, m->place.top + m->place.rows + WHEEL);
		return true;
	}
	return e->mouse == TERM_MOUSE_PRESS &&
	       chart_heat_hit(&m->place, e->x - 1, e->y - y - 1, &m->row, &m->column);
}

/* ---- for ui_twin ---- */

void view_map_list(const struct map_tab *m, const struct relations_seen *seen,
                   void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	static const struct ui_column columns[] = {{.id = "a", .title = "a"},
	                                           {.id = "b", .title = "b"},
	                                           {.id = "strength", .title = "strength", .align = UI_DECIMAL}};
	const struct relations_map *map = &seen->map;
	struct arena *a = arena_new();
	struct ui_row *rows = arena_array(a, size_mul(map->count, map->count) / 2 + 1, sizeof *rows);
	struct ui_shown_list list = {
	    .name = "map", .columns = columns, .column_count = COUNT_OF(columns), .rows = rows};

	for (size_t i = 1; i < map->count; i++)
		for (size_t k = 0; k < i; k++) {
			size_t row = shown_at(m, map, i), column = shown_at(m, map, k);
			const struct relation *p = map->cell[row * map->count + column];
			struct ui_cell *cells = arena_array(a, COUNT_OF(columns), sizeof *cells);

			cells[0] = list_cell(seen->r.names[map->columns[row]], 0);
			cells[1] = list_cell(seen->r.names[map->columns[column]], 0);
			cells[2] = list_cell(
			    p && !isnan(p->strength) ? arena_printf(a, "%.3f", view_relation_signed(p)) : NULL, 0);
			rows[list.count] = (struct ui_row){.id = (int64_t)list.count + 1, .cells = cells};
			list.count++;
		}
	list.total = (int64_t)list.count;
	fn(user, &list);
	arena_free(a);
}
