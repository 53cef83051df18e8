/*
 * Toasts: what has happened by itself, in a corner for a few seconds. One stands in the message row while nothing
 * else does, others above it at the right. They cover neither the row with the cursor nor a dialog, and nothing of
 * a view that binds: there they wait.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { TOAST_MS = 5000, LEAST_BODY = 8 };

static void drop(struct ui *ui, size_t at)
{
	free(ui->toasts[at].text);
	ui->toast_count--;
	memmove(ui->toasts + at, ui->toasts + at + 1, (ui->toast_count - at) * sizeof *ui->toasts);
	ui->data_dirty = true;
}

void ui_toast(struct ui *ui, enum style style, const char *place, const char *format, ...)
{
	struct str text;
	va_list args;

	str_init(&text);
	va_start(args, format);
	str_addvf(&text, format, args);
	va_end(args);
	journal_add(ui, JOURNAL_EVENT, (style_id)style, place, text.data);
	if (ui->toast_count == TOASTS_MOST)
		drop(ui, 0);
	ui->toasts[ui->toast_count++] = (struct toast){.text = xstrdup(text.data), .style = (style_id)style};
	ui->data_dirty = true;
	str_release(&text);
}

static void put(struct surface *s, int y, const struct toast *t)
{
	size_t len = strlen(t->text);
	int most = s->w - 4, w = surface_width(s, t->text, len);

	if (w > most)
		w = most;
	surface_fill(s, s->w - w - 3, y, w + 3, 1, STYLE_TEXT);
	surface_put_cut(s, s->w - w - 1, y, w, t->style, t->text, len);
}

void toasts_draw(struct ui *ui, struct surface *s)
{
	const struct view *v = ui_top(ui);
	struct frame_rows rows;
	int y;

	if (!ui->toast_count || ui->dialog || !v || v->ops->least_w || ui_flushing(ui))
		return;
	frame_rows(s->h, &rows);
	y = rows.message - messages_height(ui, s);
	for (size_t i = ui->toast_count; i-- > 0;) {
		struct toast *t = &ui->toasts[i];

		if (y == s->grid->cursor_y)
			y--;
		if (y != rows.message && (rows.body_h < LEAST_BODY || y < rows.body + rows.body_h / 2))
			return;
		put(s, y--, t);
		if (!t->until)
			t->until = loop_ms(ui) + TOAST_MS;
	}
}

void toasts_seen(struct ui *ui)
{
	for (size_t i = ui->toast_count; i-- > 0;)
		if (ui->toasts[i].until)
			drop(ui, i);
}

void toasts_expire(struct ui *ui, int64_t now)
{
	for (size_t i = ui->toast_count; i-- > 0;)
		if (ui->toasts[i].until && ui->toasts[i].until <= now)
			drop(ui, i);
}

int64_t toasts_at(const struct ui *ui)
{
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < ui->toast_count; i++)
		if (ui->toasts[i].until && ui->toasts[i].until < at)
			at = ui->toasts[i].until;
	return at;
}

void toasts_release(struct ui *ui)
{
	while (ui->toast_count)
		drop(ui, 0);
}
