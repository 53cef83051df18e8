/* A list to choose from, narrowed by typing; also the palette of all commands. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

struct item {
	char *text, *detail, *key, *why_not;
	int64_t id;
	bool checked, elsewhere;
	int score;
};

struct menu {
	struct dialog base;
	struct ui_menu spec;
	char *title;
	struct item *items;
	size_t count;
	size_t *shown; /* indexes into items, best match first */
	size_t shown_count, at, top;
	int height; /* rows at the last draw */
	struct ui_editor editor;
};

static int by_score(const void *a, const void *b, void *user)
{
	const struct menu *m = user;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;

	if (m->items[i].score != m->items[k].score)
		return m->items[i].score > m->items[k].score ? -1 : 1;
	return i < k ? -1 : i > k;
}

/* Does a word of the text begin with the pattern? */
static bool has_word(const char *text, const char *pattern)
{
	for (const char *at = text; (at = strcasestr(at, pattern)); at++)
		if (at == text || at[-1] == ' ' || at[-1] == '-')
			return true;
	return false;
}

/* Every match of a name stands above every match of a detail, and that is the start of a word, not scattered
 * letters; two letters start too many words. */
static int score_of(const struct item *item, const char *pattern)
{
	int text = ui_fuzzy(pattern, item->text);

	if (text >= 0)
		return text + 1;
	return item->detail && strlen(pattern) > 2 && has_word(item->detail, pattern) ? 0 : -1;
}

static void narrow(struct menu *m)
{
	const char *pattern = m->editor.text.data;

	pattern += strspn(pattern, " ");
	m->shown_count = 0;
	for (int elsewhere = 0; elsewhere < 2 && !m->shown_count; elsewhere++) {
		for (size_t i = 0; i < m->count; i++) {
			if (m->items[i].elsewhere != (elsewhere > 0))
				continue;
			m->items[i].score = score_of(&m->items[i], pattern);
			if (m->items[i].score >= 0)
				m->shown[m->shown_count++] = i;
		}
	}
	if (*pattern && m->shown_count)
		qsort_r(m->shown, m->shown_count, sizeof *m->shown, by_score, m);
	if (m->at >= m->shown_count)
		m->at = m->shown_count ? m->shown_count - 1 : 0;
}

static void accept(struct menu *m)
{
	struct ui_menu spec = m->spec;
	struct ui *ui = m->base.ui;

	if (m->spec.multiple) {
		int64_t *ids = xcalloc(m->count + 1, sizeof *ids);
		size_t n = 0;

		for (size_t i = 0; i < m->count; i++)
			if (m->items[i].checked)
				ids[n++] = m->items[i].id;
		dialog_close(ui);
		spec.accept_many(spec.user, ids, n);
		free(ids);
	} else if (m->shown_count) {
		const struct item *item = &m->items[m->shown[m->at]];
		int64_t id = item->id;

		if (item->why_not) {
			ui_message(ui, STYLE_WARN, "%s: %s", item->text, item->why_not);
			return;
		}
		dialog_close(ui);
		spec.accept(spec.user, id);
	}
}

/* Shift-Up and Shift-Down: the item changes places; only where all are shown, else the place has no meaning.
 */
static void shift(struct menu *m, int step)
{
	size_t to = m->at + (size_t)step;
	struct item moved;

	if (!m->spec.ordered || m->editor.text.len || to >= m->count)
		return;
	moved = m->items[m->at];
	m->items[m->at] = m->items[to];
	m->items[to] = moved;
	m->at = to;
}

static void step(struct menu *m, int by)
{
	size_t last = m->shown_count ? m->shown_count - 1 : 0;

	if (by < 0)
		m->at = m->at > (size_t)-by ? m->at - (size_t)-by : 0;
	else
		m->at = m->at + (size_t)by > last ? last : m->at + (size_t)by;
}

static void menu_key(struct menu *m, const struct term_event *e)
{
	bool shifted = e->mods & (TERM_SHIFT | TERM_ALT);
	int page = m->height > 1 ? m->height - 1 : 1;

	switch (e->key) {
	case TERM_KEY_UP:
	case TERM_KEY_DOWN:
		if (shifted)
			shift(m, e->key == TERM_KEY_UP ? -1 : 1);
		else
			step(m, e->key == TERM_KEY_UP ? -1 : 1);
		break;
	case TERM_KEY_PAGE_UP:
		step(m, -page);
		break;
	case TERM_KEY_PAGE_DOWN:
		step(m, page);
		break;
	case TERM_KEY_ENTER:
		accept(m);
		break;
	case TERM_KEY_ESC:
		dialog_close(m->base.ui);
		break;
	default:
		if (e->mods == TERM_CTRL && e->key == 'c') {
			dialog_close(m->base.ui);
		} else if (m->spec.multiple && e->key == ' ' && m->shown_count) {
			m->items[m->shown[m->at]].checked ^= true;
			step(m, 1);
		} else if (ui_editor_event(&m->editor, e)) {
			m->at = 0;
			narrow(m);
		}
	}
}

static void menu_event(struct dialog *d, const struct term_event *e)
{
	struct menu *m = (struct menu *)d;

	if (e->kind == TERM_EVENT_KEY)
		menu_key(m, e);
	else if (e->kind == TERM_EVENT_PASTE && ui_editor_event(&m->editor, e))
		narrow(m);
	else if (e->kind == TERM_EVENT_MOUSE &&
	         (e->mouse == TERM_MOUSE_WHEEL_UP || e->mouse == TERM_MOUSE_WHEEL_DOWN))
		step(m, e->mouse == TERM_MOUSE_WHEEL_UP ? -3 : 3);
}

/* name: columns of the names, so that the details stand under each other. */
static void draw_item(struct menu *m, struct surface *s, int y, size_t at, int name)
{
	const struct item *item = &m->items[m->shown[at]];
	bool current = at == m->at;
	style_id style = item->why_not ? STYLE_DISABLED : current ? STYLE_ROW_CURSOR : STYLE_DIALOG;
	const char *detail = item->why_not ? item->why_not : item->detail;
	int x = 2, key = item->key ? surface_width(s, item->key, strlen(item->key)) + 2 : 0;

	if (current) {
		surface_glyph(s, 0, y, STYLE_ROW_CURSOR, GLYPH_CURSOR);
		surface_cursor(s, 0, y, false);
	}
	if (m->spec.multiple) {
		surface_put(s, x, y, STYLE_MUTED, "[ ]");
		surface_glyph(s, x + 1, y, STYLE_ACCENT, item->checked ? GLYPH_CHECK_ON : GLYPH_CHECK_OFF);
		x += 4;
	}
	surface_put_cut(s, x, y, detail ? name : s->w - x, style, item->text, strlen(item->text));
	x += name + 2;
	if (detail && x + 3 < s->w - key)
		surface_put_cut(s, x, y, s->w - x - key, STYLE_MUTED, detail, strlen(detail));
	if (key)
		surface_put_right(s, s->w - key + 2, y, key - 2, item->why_not ? STYLE_DISABLED : STYLE_KEY,
		                  item->key);
}

static const char *hint_of(const struct menu *m)
{
	return m->spec.ordered    ? "Space checks  Shift-Up/Down moves  Enter accepts  Esc leaves"
	       : m->spec.multiple ? "Space checks  Enter accepts  Esc leaves"
	                          : "Enter chooses  Esc leaves";
}

static int width_of(const struct surface *s, const char *text)
{
	return text ? surface_width(s, text, strlen(text)) : 0;
}

static void menu_draw(struct dialog *d, struct surface *all)
{
	struct menu *m = (struct menu *)d;
	int widest = width_of(all, hint_of(m)) + 4, name = 0, detail = 0,
	    rows = (int)(m->count < 200 ? m->count : 200);
	struct surface box;

	for (size_t i = 0; i < m->count; i++) {
		const struct item *item = &m->items[i];
		int w = width_of(all, item->text), rest = width_of(all, item->detail) + width_of(all, item->key) + 2;

		name = w > name ? w : name;
		detail = rest > detail ? rest : detail;
	}
	widest = name + detail + 12 > widest ? name + detail + 12 : widest;
	box = dialog_box(all, widest > 76 ? 76 : widest, rows + 2 > 18 ? 18 : rows + 2, m->title);
	if (detail > 2 && name > box.w / 2)
		name = box.w / 2;
	m->height = box.h - 2;
	if (m->at < m->top)
		m->top = m->at;
	if (m->height > 0 && m->at >= m->top + (size_t)m->height)
		m->top = m->at - (size_t)m->height + 1;
	surface_put(&box, 0, 0, STYLE_PROMPT, ">");
	for (int y = 0; y < m->height && m->top + (size_t)y < m->shown_count; y++)
		draw_item(m, &box, y + 1, m->top + (size_t)y, name);
	if (!m->shown_count)
		surface_put(&box, 2, 1, STYLE_MUTED, "nothing matches");
	surface_put_cut(&box, 0, box.h - 1, box.w, STYLE_HINT, hint_of(m), strlen(hint_of(m)));
	/* The text that is typed has the cursor; the chosen line has its sign. */
	ui_editor_draw(&m->editor, &box, 2, 0, box.w - 3, STYLE_PROMPT_TEXT, true);
}

static void menu_release(struct dialog *d)
{
	struct menu *m = (struct menu *)d;

	for (size_t i = 0; i < m->count; i++) {
		free(m->items[i].text);
		free(m->items[i].detail);
		free(m->items[i].key);
		free(m->items[i].why_not);
	}
	free(m->items);
	free(m->shown);
	free(m->title);
	ui_editor_release(&m->editor);
	free(m);
}

static const struct dialog_ops menu_ops = {.event = menu_event, .draw = menu_draw, .release = menu_release};

static void menu_open(struct ui *ui, struct view *owner, const struct ui_menu *spec)
{
	struct menu *m = xcalloc(1, sizeof *m);

	m->base.ops = &menu_ops;
	m->spec = *spec;
	m->title = xstrdup(spec->title);
	m->count = spec->count;
	m->items = xcalloc(spec->count + 1, sizeof *m->items);
	m->shown = xcalloc(spec->count + 1, sizeof *m->shown);
	for (size_t i = 0; i < spec->count; i++) {
		const struct ui_menu_item *from = &spec->items[i];

		m->items[i].text = xstrdup(from->text);
		m->items[i].detail = from->detail ? xstrdup(from->detail) : NULL;
		m->items[i].key = from->key ? xstrdup(from->key) : NULL;
		m->items[i].elsewhere = from->elsewhere;
		m->items[i].why_not = from->why_not ? xstrdup(from->why_not) : NULL;
		m->items[i].id = from->id;
		m->items[i].checked = from->checked;
		if (from->id == spec->current)
			m->at = i;
	}
	ui_editor_init(&m->editor, "");
	narrow(m);
	dialog_open(ui, owner, &m->base);
}

void ui_menu(struct view *v, const struct ui_menu *menu)
{
	menu_open(v->ui, v, menu);
}

/* ---- the palette ---- */

static void palette_accept(void *user, int64_t id)
{
	struct ui *ui = user;

	for (size_t i = 0; i < ui->keymap.action_count; i++)
		if (ui->keymap.actions[i].id == (enum action)id)
			ui_perform(ui, &ui->keymap.actions[i]);
}

void palette_open(struct ui *ui)
{
	const struct keymap *map = &ui->keymap;
	struct ui_menu_item *items = xcalloc(map->action_count + 1, sizeof *items);
	struct arena *arena = arena_new();
	struct ui_menu menu = {.title = "Commands", .items = items, .user = ui, .accept = palette_accept};

	for (size_t i = 0; i < map->action_count; i++) {
		const struct ui_action *a = &map->actions[i];
		struct str keys;

		if (a->flags & ACT_HIDDEN)
			continue;
		str_init(&keys);
		keymap_keys(map, a, true, &keys);
		items[menu.count++] = (struct ui_menu_item){
		    .text = a->name,
		    .detail = a->help,
		    .key = arena_strdup(arena, keys.data),
		    .id = a->id,
		    .why_not = ui_context_rank(ui, a) < 0 ? arena_printf(arena, "not here: belongs to %s", a->context)
		                                          : ui_why_not(ui, a),
		    .elsewhere = ui_context_rank(ui, a) < 0,
		};
		str_release(&keys);
	}
	menu_open(ui, ui_top(ui), &menu);
	free(items);
	arena_free(arena);
}
void palette_found(struct ui *ui, struct ui_result *r)
{
	(void)ui;
	(void)r;
}
