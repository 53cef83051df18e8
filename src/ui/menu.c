/* A list to choose from, narrowed by typing. */
#include <stdlib.h>
#include <string.h>

#include "menu.h"

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
static int score_of(const struct menu_entry *item, const char *pattern)
{
	int text = ui_fuzzy(pattern, item->text);

	if (text >= 0)
		return text + 1;
	return item->detail && strlen(pattern) > 2 && has_word(item->detail, pattern) ? 0 : -1;
}

static const char *pattern_of(const struct menu *m)
{
	return m->editor.text.data + strspn(m->editor.text.data, " ");
}

static void show_matching(struct menu *m, bool elsewhere)
{
	const char *pattern = pattern_of(m);
	size_t from = m->shown_count;

	for (size_t i = 0; i < m->count; i++) {
		if (m->items[i].tail || m->items[i].elsewhere != elsewhere)
			continue;
		m->items[i].score = score_of(&m->items[i], pattern);
		if (m->items[i].score >= 0)
			m->shown[m->shown_count++] = i;
	}
	if (*pattern && m->shown_count > from)
		qsort_r(m->shown + from, m->shown_count - from, sizeof *m->shown, by_score, m);
}

/* Those of the tail were found for what was typed before: what does not hold the last word any more goes. */
static void show_tail(struct menu *m)
{
	const char *pattern = pattern_of(m), *blank = strrchr(pattern, ' ');
	const char *word = blank && blank[1] ? blank + 1 : pattern;

	for (size_t i = 0; i < m->count; i++)
		if (m->items[i].tail && (!m->typed || ui_fuzzy(word, m->items[i].text) >= 0))
			m->shown[m->shown_count++] = i;
}

static void narrow(struct menu *m)
{
	m->shown_count = 0;
	show_matching(m, false);
	show_tail(m);
	if (!m->shown_count)
		show_matching(m, true);
	if (m->at >= m->shown_count)
		m->at = m->shown_count ? m->shown_count - 1 : 0;
}

/* What was typed takes hold when it is looked at. */
static void settle(struct menu *m)
{
	if (!m->typed)
		return;
	m->at = 0;
	m->accept_first = false;
	narrow(m);
	m->typed = false;
	if (m->changed)
		m->changed(m->extra, pattern_of(m));
}

void menu_accept(struct menu *m)
{
	struct ui_menu spec = m->spec;
	struct ui *ui = m->base.ui;

	settle(m);
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
		const struct menu_entry *item = &m->items[m->shown[m->at]];
		int64_t id = item->id;

		if (item->why_not) {
			ui_message(ui, STYLE_WARN, "%s: %s", item->text, item->why_not);
			return;
		}
		dialog_close(ui);
		spec.accept(spec.user, id);
	} else {
		m->accept_first = m->waiting != NULL;
	}
}

/* Shift-Up and Shift-Down: the item changes places; only where all are shown, else the place has no meaning.
 */
static void shift(struct menu *m, int step)
{
	size_t to = m->at + (size_t)step;
	struct menu_entry moved;

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

static void remove_item(struct menu *m)
{
	struct ui_menu spec = m->spec;
	int64_t id = m->items[m->shown[m->at]].id;

	dialog_close(m->base.ui);
	spec.remove(spec.user, id);
}

static void menu_key(struct menu *m, const struct term_event *e)
{
	bool shifted = e->mods & (TERM_SHIFT | TERM_ALT);
	bool moves = e->key == TERM_KEY_UP || e->key == TERM_KEY_DOWN || e->key == TERM_KEY_PAGE_UP ||
	             e->key == TERM_KEY_PAGE_DOWN || e->key == ' ';
	int page = m->height > 1 ? m->height - 1 : 1;

	m->accept_first = false;
	if (moves)
		settle(m);
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
		menu_accept(m);
		break;
	case TERM_KEY_ESC:
		dialog_close(m->base.ui);
		break;
	default:
		if (e->mods == TERM_CTRL && e->key == 'c') {
			dialog_close(m->base.ui);
		} else if (m->spec.remove && e->key == TERM_KEY_DELETE && m->shown_count &&
		           m->editor.cursor == m->editor.text.len) {
			remove_item(m);
		} else if (m->spec.multiple && e->key == ' ' && m->shown_count) {
			m->items[m->shown[m->at]].checked ^= true;
			step(m, 1);
		} else if (ui_editor_event(&m->editor, e)) {
			m->typed = true;
		}
	}
}

static void menu_event(struct dialog *d, const struct term_event *e)
{
	struct menu *m = (struct menu *)d;

	if (e->kind == TERM_EVENT_KEY)
		menu_key(m, e);
	else if (e->kind == TERM_EVENT_PASTE && ui_editor_event(&m->editor, e))
		m->typed = true;
	else if (e->kind == TERM_EVENT_MOUSE &&
	         (e->mouse == TERM_MOUSE_WHEEL_UP || e->mouse == TERM_MOUSE_WHEEL_DOWN))
		step(m, e->mouse == TERM_MOUSE_WHEEL_UP ? -3 : 3);
}

/* name: columns of the names, so that the details stand under each other. */
static void draw_item(struct menu *m, struct surface *s, int y, size_t at, int name)
{
	const struct menu_entry *item = &m->items[m->shown[at]];
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
	surface_put_name(s, x, y, detail ? name : s->w - x, style, item->text);
	x += name + 2;
	if (detail && x + 3 < s->w - key)
		surface_put_cut(s, x, y, s->w - x - key, STYLE_MUTED, detail, strlen(detail));
	if (key)
		surface_put_right(s, s->w - key + 2, y, key - 2, item->why_not ? STYLE_DISABLED : STYLE_KEY,
		                  item->key);
}

static const char *hint_of(const struct menu *m)
{
	return m->spec.ordered    ? "Space check|Shift-Up/Down move|Enter accept|Esc back"
	       : m->spec.multiple ? "Space check|Enter accept|Esc back"
	       : m->spec.remove   ? "Enter choose|Del remove|Esc back"
	                          : "Enter choose|Esc back";
}

static int width_of(const struct surface *s, const char *text)
{
	return text ? surface_width(s, text, strlen(text)) : 0;
}

static void measure(struct menu *m, const struct surface *s)
{
	m->name = m->rest = 0;
	for (size_t i = 0; i < m->count; i++) {
		const struct menu_entry *item = &m->items[i];
		int w = width_of(s, item->text), rest = width_of(s, item->detail) + width_of(s, item->key) + 2;

		m->name = w > m->name ? w : m->name;
		m->rest = rest > m->rest ? rest : m->rest;
	}
	struct surface none = *s;

	m->widest = hints_draw(&none, 0, hint_of(m), false) + 4;
	if (m->name + m->rest + 12 > m->widest)
		m->widest = m->name + m->rest + 12;
}

static void menu_draw(struct dialog *d, struct surface *all)
{
	struct menu *m = (struct menu *)d;
	int rows = (int)(m->count < 200 ? m->count : 200), widest, name, detail, left, hint_y;
	const char *none;
	struct surface box;

	settle(m);
	/* Of the items that there were at first: places that arrive do not make the box jump. */
	if (!m->widest)
		measure(m, all);
	widest = m->widest;
	name = m->name;
	detail = m->rest;
	box = dialog_box(all, widest > 76 ? 76 : widest, rows + 2 > 18 ? 18 : rows + 2, m->title);
	/* Half of the box, or what the details leave. */
	left = box.w - 2 - (m->spec.multiple ? 4 : 0) - detail;
	left = left > box.w / 2 ? left : box.w / 2;
	if (detail > 2 && name > left)
		name = left;
	hint_y = dialog_hint_row(&box);
	m->height = (hint_y < 0 ? box.h : hint_y) - 1;
	if (m->at < m->top)
		m->top = m->at;
	if (m->height > 0 && m->at >= m->top + (size_t)m->height)
		m->top = m->at - (size_t)m->height + 1;
	surface_put(&box, 0, 0, STYLE_PROMPT, ">");
	for (int y = 0; y < m->height && m->top + (size_t)y < m->shown_count; y++)
		draw_item(m, &box, y + 1, m->top + (size_t)y, name);
	none = m->waiting ? m->waiting : "nothing matches";
	if (!m->shown_count)
		surface_put(&box, 2, 1, STYLE_MUTED, none);
	if (hint_y >= 0)
		hints_draw(&box, hint_y, hint_of(m), true);
	/* The text that is typed has the cursor; the chosen line has its sign. */
	ui_editor_draw(&m->editor, &box, 2, 0, box.w - 3, STYLE_PROMPT_TEXT, true);
}

static void entry_free(struct menu_entry *e)
{
	free(e->text);
	free(e->detail);
	free(e->key);
	free(e->why_not);
}

static void menu_release(struct dialog *d)
{
	struct menu *m = (struct menu *)d;

	if (m->release)
		m->release(m->extra);
	for (size_t i = 0; i < m->count; i++)
		entry_free(&m->items[i]);
	free(m->items);
	free(m->shown);
	free(m->title);
	ui_editor_release(&m->editor);
	free(m);
}

const struct dialog_ops MENU_DIALOG = {.event = menu_event, .draw = menu_draw, .release = menu_release};

static void add(struct menu *m, const struct ui_menu_item *from, bool tail)
{
	struct menu_entry *e;

	m->items = vec_reserve(m->items, &m->cap, m->count + 1, sizeof *m->items);
	e = &m->items[m->count++];
	*e = (struct menu_entry){
	    .id = from->id, .checked = from->checked, .elsewhere = from->elsewhere, .tail = tail};
	e->text = xstrdup(from->text);
	e->detail = from->detail ? xstrdup(from->detail) : NULL;
	e->key = from->key ? xstrdup(from->key) : NULL;
	e->why_not = from->why_not ? xstrdup(from->why_not) : NULL;
}

void menu_set_tail(struct menu *m, const struct ui_menu_item *items, size_t count)
{
	bool chosen = m->shown_count > 0;
	int64_t id = chosen ? m->items[m->shown[m->at]].id : 0;
	size_t kept = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (m->items[i].tail)
			entry_free(&m->items[i]);
		else
			m->items[kept++] = m->items[i];
	}
	m->count = kept;
	for (size_t i = 0; i < count; i++)
		add(m, &items[i], true);
	m->shown = xreallocarray(m->shown, m->count + 1, sizeof *m->shown);
	narrow(m);
	for (size_t i = 0; chosen && i < m->shown_count; i++)
		if (m->items[m->shown[i]].id == id)
			m->at = i;
}

struct menu *menu_open(struct ui *ui, struct view *owner, const struct ui_menu *spec)
{
	struct menu *m = xcalloc(1, sizeof *m);

	m->base.ops = &MENU_DIALOG;
	m->spec = *spec;
	m->title = xstrdup(spec->title);
	for (size_t i = 0; i < spec->count; i++) {
		add(m, &spec->items[i], false);
		if (spec->items[i].id == spec->current)
			m->at = i;
	}
	m->shown = xcalloc(m->count + 1, sizeof *m->shown);
	ui_editor_init(&m->editor, "");
	narrow(m);
	dialog_open(ui, owner, &m->base);
	return m;
}

void ui_menu(struct view *v, const struct ui_menu *menu)
{
	menu_open(v->ui, v, menu);
}
