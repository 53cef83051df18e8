/* Columns and cells of rows. */
#include <string.h>

#include "rows.h"
#include "view_inside.h"

enum {
	TEXT_SHOWN = 2048, /* bytes of a cell that a screen may have to look at */
	TEXT_WIDE = 24,    /* columns of texts where there is no room for more */
};

const char *rows_number_id(const struct table *t)
{
	static const char *const names[] = {"row", "row number", "row number of the file"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (table_find(t, names[i]) < 0)
			return names[i];
	return "\xe2\x84\x96";
}

static enum ui_align align_of(const struct column *c)
{
	if (c->codes || c->type == COLUMN_TIME || c->type == COLUMN_BOOL)
		return UI_LEFT;
	return c->type == COLUMN_NUM ? UI_DECIMAL : UI_RIGHT;
}

void rows_columns(const struct table *t, size_t first, size_t count, int width, struct ui_column *out)
{
	char number[NUM_TEXT];

	/* Of one width from the first row to the last. */
	out[0] = (struct ui_column){.id = rows_number_id(t),
	                            .title = "row",
	                            .align = UI_RIGHT,
	                            .min = (int)strlen(count_people((int64_t)t->row_count, number))};
	for (size_t i = 0; i < count; i++) {
		const struct column *c = &t->columns[first + i];

		/* All as important: the last ones are dropped first. Names that are too long to be told are no keys. */
		out[i + 1] = (struct ui_column){.id = c->name,
		                                .title = c->name,
		                                .align = align_of(c),
		                                .max = width > 4 * TEXT_WIDE ? width / 4 : TEXT_WIDE,
		                                .priority = 1,
		                                .no_sort = strlen(c->name) >= UI_COLUMN_ID};
	}
}

const char *rows_time_short(struct arena *a, const char *text, size_t len)
{
	static const char second[] = ".000Z", day[] = "T00:00:00.000Z";

	if (len > sizeof day - 1 && !strcmp(text + len - (sizeof day - 1), day))
		return arena_memdup0(a, text, len - (sizeof day - 1));
	if (len > sizeof second - 1 && !strcmp(text + len - (sizeof second - 1), second))
		return arena_printf(a, "%.*sZ", (int)(len - (sizeof second - 1)), text);
	return arena_memdup0(a, text, len);
}

struct ui_cell rows_cell(const struct column *c, size_t row, bool whole, struct arena *a)
{
	struct ui_cell cell = {.style = c->roles & ROLE_LABEL ? STYLE_ACCENT : 0};

	if (column_is_missing(c, row))
		return (struct ui_cell){.style = STYLE_MUTED};
	if (c->codes) {
		const struct intern_entry *e = &c->dict->entries[c->codes[row]];

		cell.text = e->bytes;
		if (!whole && e->len > TEXT_SHOWN) {
			size_t len = TEXT_SHOWN;

			while (len > 0 && ((unsigned char)e->bytes[len] & 0xC0) == 0x80)
				len--;
			cell.text = arena_printf(a, "%.*s\xe2\x80\xa6", (int)len, e->bytes);
		}
	} else {
		struct str text;

		str_init(&text);
		column_cell(c, row, &text);
		cell.text = c->type == COLUMN_TIME && !whole ? rows_time_short(a, text.data, text.len)
		                                             : arena_memdup0(a, text.data, text.len);
		str_release(&text);
	}
	return cell;
}

void rows_row(const struct table *t, size_t first, size_t count, size_t row, bool whole, struct arena *a,
              struct ui_row *out)
{
	struct ui_cell *cells = arena_array(a, count + 1, sizeof *cells);

	cells[0] = list_cell(whole ? arena_printf(a, "%zu", row + 1) : view_cell_count(a, (int64_t)row + 1),
	                     STYLE_MUTED);
	for (size_t i = 0; i < count; i++)
		cells[i + 1] = rows_cell(&t->columns[first + i], row, whole, a);
	*out = (struct ui_row){.id = (int64_t)row + 1, .cells = cells};
}
