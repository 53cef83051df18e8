/* The frame: where am I, tabs, body, messages, keys. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* Below so many columns the end of the path is told alone, and the rest where it fits. */
enum { PATH_FROM = 50, MESSAGE_MOST = 4 };

void ui_add_hit(struct ui *ui, int x0, int x1, int y, enum action action)
{
	if (ui->hit_count < COUNT_OF(ui->hits))
		ui->hits[ui->hit_count++] = (struct hit){x0, x1, y, action};
}

static void draw_title(struct ui *ui, struct surface *s)
{
	bool whole = s->w >= PATH_FROM;
	int64_t busy = worker_busy_ms(ui->reader);
	struct surface left;
	struct str right;
	int needs;

	/* What takes long is seen to go on. */
	str_init(&right);
	if (busy >= BUSY_STEP_MS)
		str_addf(&right, "reading %llds%s", (long long)(busy / 1000), ui->needs.len ? "  " : "");
	str_adds(&right, ui->needs.data);
	needs = right.len ? surface_width(s, right.data, right.len) : 0;
	if (!whole && needs > s->w / 2)
		needs = 0;

	/* What needs the person is never covered by a long name. */
	left = surface_part(s, 0, 0, needs ? s->w - needs - 2 : s->w, 1);
	crumbs_draw(ui, &left);
	if (needs)
		surface_put_right(s, 0, 0, s->w - 1, STYLE_TITLE_NEEDS, right.data);
	str_release(&right);
}

static void draw_tabs(struct ui *ui, struct surface *s)
{
	const struct ui_screen *screens = ui->options.screens;
	size_t count = ui->options.screen_count;
	int total = 1, x = 1;

	for (size_t i = 0; i < count; i++)
		total += 4 + surface_width(s, screens[i].title, strlen(screens[i].title));
	if (total > s->w) {
		int highest = screens[count - 1].number;

		surface_printf(s, 1, 1, STYLE_TAB_ACTIVE, "%d/%d %s", screens[ui->screen].number, highest,
		               screens[ui->screen].title);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		bool active = i == ui->screen;
		int from = x;

		x += surface_printf(s, x, 1, active ? STYLE_TAB_ACTIVE : STYLE_TAB_KEY, "%d ", screens[i].number);
		x += surface_put(s, x, 1, active ? STYLE_TAB_ACTIVE : STYLE_TAB, screens[i].title);
		ui_add_hit(ui, from, x, 1, (enum action)(ACTION_APP_SCREEN_1 + screens[i].number - 1));
		x += 2;
	}
}

/* How many rows a message gets that is longer than one: not that of the cursor, and hardly ever so many. */
static int message_rows(struct ui *ui, const struct surface *s, const struct frame_rows *rows)
{
	int most = rows->body_h / 2 < MESSAGE_MOST ? rows->body_h / 2 : MESSAGE_MOST, count = 0;
	const struct view *v = ui_top(ui);

	if (rows->message == rows->footer || (v && v->ops->least_w))
		return 1;
	if (s->grid->cursor_y >= rows->message - most + 1)
		most = rows->message - s->grid->cursor_y;
	for (size_t at = 0; at < ui->message.len && count < most; count++)
		at += ui_row_len(s, ui->message.data + at, ui->message.len - at, s->w - 2);
	return count > 1 ? count : 1;
}

/* Down to row y; the last one is cut. */
static void put_long(struct ui *ui, struct surface *s, int y, int count)
{
	const char *at = ui->message.data;
	size_t left = ui->message.len;

	surface_fill(s, 0, y - count + 1, s->w, count, STYLE_TEXT);
	for (int i = count; i-- > 1;) {
		size_t n = ui_row_len(s, at, left, s->w - 2);

		surface_put_n(s, 1, y - i, (style_id)ui->message_style, at, n);
		at += n;
		left -= n;
	}
	surface_put_cut(s, 1, y, s->w - 2, (style_id)ui->message_style, at, left);
}

int messages_height(struct ui *ui, const struct surface *s)
{
	struct frame_rows rows;

	if (ui_going(ui) || ui->progressing || ui->held_count)
		return 1;
	if (!ui->message.len)
		return ui->command.len > 0;
	frame_rows(s->h, &rows);
	return message_rows(ui, s, &rows);
}

static void draw_messages(struct ui *ui, struct surface *s)
{
	struct frame_rows rows;
	struct progress_seen seen;
	int y, count;

	frame_rows(s->h, &rows);
	y = rows.message;
	ui->progressing = !ui_going(ui) && progress_now(ui, &seen);
	if (ui->progressing) {
		progress_draw(s, y, &seen);
		return;
	}
	if (y == rows.footer && (ui_going(ui) || ui->held_count || ui->message.len || ui->command.len))
		surface_fill(s, 0, y, s->w, 1, STYLE_TEXT);
	if (ui_going(ui)) {
		surface_printf(s, 1, y, STYLE_MUTED, "looking for %s (Esc: stay here)", ui->going.place.data);
	} else if (ui->held_count) {
		surface_printf(s, 1, y, STYLE_MUTED, "waiting for rows, then %zu key%s (Esc: forget them)",
		               ui->held_count, ui->held_count == 1 ? "" : "s");
	} else if (ui->message.len && (count = message_rows(ui, s, &rows)) > 1) {
		put_long(ui, s, y, count);
	} else if (ui->message.len) {
		int used = surface_put_cut(s, 1, y, s->w - 2, (style_id)ui->message_style, ui->message.data,
		                           ui->message.len);
		int room = s->w - used - 8;

		/* What was done and the command that does it, where there is room for all of both. */
		if (ui->command.len && surface_width(s, ui->command.data, ui->command.len) <= room) {
			surface_put(s, used + 4, y, STYLE_COMMAND, "$ ");
			surface_put_cut(s, used + 6, y, room, STYLE_COMMAND, ui->command.data, ui->command.len);
		}
	} else if (ui->command.len) {
		surface_put(s, 1, y, STYLE_COMMAND, "$ ");
		surface_put_cut(s, 3, y, s->w - 4, STYLE_COMMAND, ui->command.data, ui->command.len);
	}
}

/* "Left" as it stands on the key. */
static void use_arrow(struct str *key)
{
	static const char *const arrows[][2] = {{"Left", "←"}, {"Right", "→"}, {"Up", "↑"}, {"Down", "↓"}};

	for (size_t i = 0; i < COUNT_OF(arrows); i++)
		if (strcmp(key->data, arrows[i][0]) == 0) {
			str_clear(key);
			str_adds(key, arrows[i][1]);
			return;
		}
}

/* "c compare": returns its columns, drawn or (draw false) only measured. */
static int hint(struct ui *ui, struct surface *s, int x, const struct ui_action *a, bool draw)
{
	struct str key;
	int w;

	str_init(&key);
	keymap_keys(&ui->keymap, a, true, &key);
	if (surface_charset(s) != TERM_ASCII)
		use_arrow(&key);
	w = surface_width(s, key.data, key.len) + 1 + surface_width(s, a->word, strlen(a->word));
	if (draw) {
		int used = surface_put(s, x, s->h - 1, STYLE_KEY, key.data);

		surface_put(s, x + used + 1, s->h - 1, STYLE_HINT, a->word);
		ui_add_hit(ui, x, x + w, s->h - 1, a->id);
	}
	if (!key.len)
		w = 0;
	str_release(&key);
	return w;
}

static const struct ui_action *find_action(struct ui *ui, enum action id)
{
	for (size_t i = 0; i < ui->keymap.action_count; i++)
		if (ui->keymap.actions[i].id == id)
			return &ui->keymap.actions[i];
	return NULL;
}

void ui_action_keys(struct ui *ui, enum action id, bool first, struct str *out)
{
	const struct ui_action *a = find_action(ui, id);

	if (a)
		keymap_keys(&ui->keymap, a, first, out);
}

static int separator(struct surface *s, int x)
{
	surface_glyph(s, x + 1, s->h - 1, STYLE_MUTED, GLYPH_DOT);
	return x + 3;
}

/* Does the key that would stand there do this? A more particular action may have it. */
static bool is_reached(struct ui *ui, const struct ui_action *a)
{
	for (size_t i = 0; i < ui->keymap.count; i++)
		if (ui->keymap.bindings[i].action == a)
			return keys_mean(ui, ui->keymap.bindings[i].parts, ui->keymap.bindings[i].count).action == a;
	return false;
}

static void draw_footer(struct ui *ui, struct surface *s)
{
	struct view *v = ui_top(ui);
	const struct ui_action *help = find_action(ui, ACTION_APP_HELP);
	const struct ui_table *table = v ? v->private_->table : NULL;
	int room = s->w - 1 - (help ? hint(ui, s, 0, help, false) + 3 : 0), x = 1;
	bool any = false;

	if (table && ui_table_marked(table)) {
		struct str text;

		str_init(&text);
		x += surface_put(s, x, s->h - 1, STYLE_ROW_MARKED, table_marks_text(table, &text));
		str_release(&text);
		any = true;
	}
	for (size_t i = 0; i < ui->keymap.action_count; i++) {
		const struct ui_action *a = &ui->keymap.actions[i];
		int w;

		if (!(a->flags & ACT_FOOTER) || a == help || ui_context_rank(ui, a) < 0 || ui_why_not(ui, a))
			continue;
		if (a->id == ACTION_APP_QUIT && ui->stacks[ui->screen].count < 2)
			continue;
		if (!is_reached(ui, a))
			continue;
		w = hint(ui, s, 0, a, false);
		if (!w || x + w + (any ? 3 : 0) > room)
			continue;
		if (any)
			x = separator(s, x);
		hint(ui, s, x, a, true);
		x += w;
		any = true;
	}
	if (help) {
		if (any)
			x = separator(s, x);
		hint(ui, s, x, help, true);
	}
}

static void draw_view(struct ui *ui, struct surface *s)
{
	struct view *v = ui_top(ui);
	struct frame_rows rows;
	struct surface body;

	frame_rows(s->h, &rows);
	ui->body_y = rows.body;
	body = surface_part(s, 0, rows.body, s->w, rows.body_h);
	if (!v)
		return;
	v->body_w = body.w;
	v->body_h = body.h;
	v->private_->table = NULL;
	v->private_->drawn_count = 0;
	v->ops->draw(v, &body);
}

/* Nothing binds a person who cannot see all of it. */
static bool too_small(struct ui *ui, struct surface *s)
{
	const struct view *v = ui_top(ui);
	int w = LEAST_W, h = LEAST_H;
	char text[64];

	if (v && v->ops->least_w) {
		w = v->ops->least_w;
		h = v->ops->least_h;
	}
	if (s->w >= w && s->h >= h)
		return false;
	snprintf(text, sizeof text, "%dx%d: too small, %s needs %dx%d", s->w, s->h,
	         s->w >= LEAST_W && s->h >= LEAST_H ? v->ops->name : "assay", w, h);
	ui_paragraph(s, 0, 0, STYLE_WARN, text);
	return true;
}

void ui_draw(struct ui *ui)
{
	struct grid *g = term_grid(ui->term);
	struct surface s = grid_surface(g);
	struct frame_rows rows;

	surface_clear(&s);
	g->cursor_x = g->cursor_y = -1;
	g->cursor_visible = false;
	ui->hit_count = 0;
	ui->too_small = too_small(ui, &s);
	if (ui->too_small)
		return;
	if (ui->flush == FLUSH_WANTED)
		ui->flush = FLUSH_DRAWN;
	frame_rows(s.h, &rows);
	draw_view(ui, &s);
	if (rows.title >= 0)
		draw_title(ui, &s);
	if (rows.tabs >= 0)
		draw_tabs(ui, &s);
	draw_footer(ui, &s);
	if (!ui->dialog || !ui->dialog->ops->in_line)
		draw_messages(ui, &s);
	toasts_draw(ui, &s);
	if (ui->pending_count && !ui->dialog)
		keys_draw_next(ui, &s);
	if (ui->dialog) {
		ui->dialog->ops->draw(ui->dialog, &s);
		if (!ui->dialog->drawn)
			ui->dialog->drawn_ms = time_mono_ms();
		ui->dialog->drawn = true;
	}
}

/* ---- messages ---- */

void ui_message(struct ui *ui, enum style style, const char *format, ...)
{
	va_list args;

	str_clear(&ui->message);
	va_start(args, format);
	str_addvf(&ui->message, format, args);
	va_end(args);
	if (ui->message.len) /* an empty one only takes another away */
		journal_add(ui, JOURNAL_SAID, (style_id)style, NULL, ui->message.data);
	ui->message_style = style;
	ui->message_stays = style == STYLE_ERROR && !ui->in_event;
	ui->data_dirty = true;
}

void ui_error(struct ui *ui, const struct error *err)
{
	ui_message(ui, STYLE_ERROR, "%s", err->text);
}

void ui_command(struct ui *ui, const char *format, ...)
{
	va_list args;

	str_clear(&ui->command);
	va_start(args, format);
	str_addvf(&ui->command, format, args);
	va_end(args);
	journal_add(ui, JOURNAL_COMMAND, STYLE_COMMAND, NULL, ui->command.data);
	ui->data_dirty = true;
}

void ui_set_place(struct ui *ui, const char *place)
{
	str_clear(&ui->place);
	str_adds(&ui->place, place);
	ui->data_dirty = true;
}

void ui_set_needs(struct ui *ui, const char *text)
{
	if (!strcmp(ui->needs.data, text))
		return;
	str_clear(&ui->needs);
	str_adds(&ui->needs, text);
	ui->data_dirty = true;
}
