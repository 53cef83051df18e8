/* Keys and sequences of keys to actions; keys that wait for rows; what a sequence can go on with. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

/*
 * Actions that can be done go before those that cannot, more particular contexts before others; and a key that
 * begins a sequence of a more particular context than its own action's waits for the rest of it.
 */
struct meaning keys_mean(struct ui *ui, const struct key_press *keys, int count)
{
	const struct ui_action *best = NULL, *disabled = NULL;
	int best_rank = INT32_MAX, disabled_rank = INT32_MAX, more_rank = INT32_MAX;

	for (size_t i = 0; i < ui->keymap.count; i++) {
		const struct binding *b = &ui->keymap.bindings[i];
		int rank;

		if (!binding_begins(b, keys, count))
			continue;
		rank = ui_context_rank(ui, b->action);
		if (rank < 0)
			continue;
		if (b->count > count) {
			more_rank = rank < more_rank ? rank : more_rank;
		} else if (ui_why_not(ui, b->action)) {
			if (rank < disabled_rank) {
				disabled = b->action;
				disabled_rank = rank;
			}
		} else if (rank < best_rank) {
			best = b->action;
			best_rank = rank;
		}
	}
	if (more_rank < best_rank)
		return (struct meaning){.begins = true};
	return (struct meaning){.action = best ? best : disabled};
}

struct meaning key_means(struct ui *ui, const struct term_event *e)
{
	struct key_press key = {e->key, e->mods};

	return keys_mean(ui, &key, 1);
}

/* ---- keys that wait for rows ---- */

/* What waits may open a line to type in or a list to choose from: then what comes after it is text. */
static bool text_may_follow(struct ui *ui)
{
	for (size_t i = 0; i < ui->held_count; i++) {
		struct meaning m = key_means(ui, &ui->held[i]);

		/* In a place that is still looked for, a key may mean something else than here. */
		if (m.begins || (m.action ? !(m.action->flags & ACT_HIDDEN) : ui_going(ui)))
			return true;
	}
	return false;
}

static bool leaves(struct ui *ui, enum action id)
{
	if (id == ACTION_APP_EXIT || id == ACTION_APP_SUSPEND || id == ACTION_APP_REDRAW)
		return true;
	return (id == ACTION_APP_BACK || id == ACTION_APP_QUIT ||
	        (id >= ACTION_APP_SCREEN_1 && id <= ACTION_APP_SCREEN_8)) &&
	       !text_may_follow(ui);
}

static bool table_waits(struct ui *ui)
{
	struct view *v = ui_top(ui);

	return !ui->dialog && v && v->private_->table && table_holds_keys(v->private_->table);
}

/* What does not act on rows is answered at once, but does not overtake what waits. */
static bool action_waits(struct ui *ui, const struct ui_action *a)
{
	/* Back and quit were meant for the place that is being looked for, too. */
	if (ui_going(ui))
		return !a || !leaves(ui, a->id) || a->id == ACTION_APP_QUIT;
	if (!table_waits(ui))
		return false;
	return !a || !words_have(a->context, "app", 3) || (ui->held_count && !leaves(ui, a->id));
}

/*
 * Keys that mean rows wait until there are rows, so that nothing typed ahead is lost or meets another row. What
 * begins at events[0] is judged as a whole: a sequence waits where its action does.
 */
static bool must_wait(struct ui *ui, const struct term_event *events, size_t count)
{
	struct key_press keys[KEY_PARTS];
	struct meaning m = {0};
	int n = 0;

	if (ui->dialog || (!ui_going(ui) && !table_waits(ui)))
		return false;
	do {
		keys[n] = (struct key_press){events[n].key, events[n].mods};
		m = keys_mean(ui, keys, ++n);
	} while (m.begins && n < KEY_PARTS && (size_t)n < count);
	/* One that is not at its end shows what it can go on with, behind nothing else. */
	if (m.begins)
		return ui_going(ui) || (!ui->releasing && ui->held_count);
	return action_waits(ui, m.action);
}

static void hold(struct ui *ui, uint32_t key, unsigned mods)
{
	struct view *v = ui_top(ui);

	ui->held = vec_reserve(ui->held, &ui->held_cap, ui->held_count + 1, sizeof *ui->held);
	ui->held[ui->held_count++] = (struct term_event){.kind = TERM_EVENT_KEY, .key = key, .mods = mods};
	if (v && v->private_->table && !ui_going(ui))
		table_holds_one(v->private_->table);
}

bool keys_hold(struct ui *ui, const struct term_event *e)
{
	if (ui->pending_count || !must_wait(ui, e, 1))
		return false;
	hold(ui, e->key, e->mods);
	return true;
}

void ui_release_held(struct ui *ui)
{
	size_t done = 0;

	places_cursor(ui);
	ui->releasing = true;
	while (done < ui->held_count &&
	       (ui->pending_count || !must_wait(ui, &ui->held[done], ui->held_count - done))) {
		struct term_event e = ui->held[done++];

		ui_carry_out(ui, &e);
	}
	ui->releasing = false;
	if (done > ui->held_count) /* one of them made the others void */
		done = ui->held_count;
	if (!done)
		return;
	memmove(ui->held, ui->held + done, (ui->held_count - done) * sizeof *ui->held);
	ui->held_count -= done;
	ui->key_dirty = true;
}

/* ---- one key ---- */

/*
 * A key on a page that is there for a moment was meant for what lies below, unless it moves or closes the page. What
 * lies below is drawn first, so that keys that come with it wait for its rows; those that mean a row nobody has seen
 * close the page and do no more.
 */
static bool passes_on(struct ui *ui, const struct ui_action *a, const struct term_event *e)
{
	bool row;

	if (!ui_top(ui)->ops->passing || ui->stacks[ui->screen].count < 2)
		return false;
	if (a && (a->id == ACTION_APP_BACK || a->id == ACTION_APP_QUIT || a->id == ACTION_LIST_BACK ||
	          (!words_have(a->context, "app", 3) && !ui_why_not(ui, a))))
		return false;
	ui_back(ui);
	ui_draw(ui);
	a = key_means(ui, e).action;
	row = a && a->flags & (ACT_NEEDS_ROW | ACT_MARKED);
	if (!row)
		ui_event(ui, e);
	return true;
}

static void name_of(const struct key_press *keys, int count, struct str *out)
{
	struct binding b = {.count = count};

	memcpy(b.parts, keys, (size_t)count * sizeof *keys);
	binding_name(&b, 0, out);
}

void keys_event(struct ui *ui, const struct term_event *e)
{
	struct key_press keys[KEY_PARTS];
	int count = ui->pending_count;
	struct meaning m;
	struct str name;

	memcpy(keys, ui->pending, (size_t)count * sizeof *keys);
	keys[count++] = (struct key_press){e->key, e->mods};
	m = keys_mean(ui, keys, count);
	if (count == 1 && passes_on(ui, m.action, e))
		return;
	ui->pending_count = 0;
	str_init(&name);
	name_of(keys, count, &name);
	if (m.begins && count < KEY_PARTS) {
		memcpy(ui->pending, keys, (size_t)count * sizeof *keys);
		ui->pending_count = count;
	} else if (m.action && count > 1 && !ui->releasing && action_waits(ui, m.action)) {
		for (int i = 0; i < count; i++)
			hold(ui, keys[i].key, keys[i].mods);
	} else if (m.action) {
		ui_perform(ui, m.action);
	} else if (count > 1 && e->key == TERM_KEY_ESC) {
		str_clear(&name);
		name_of(keys, count - 1, &name);
		ui_message(ui, STYLE_MUTED, "%s given up", name.data);
	} else {
		ui_message(ui, STYLE_MUTED, "%s does nothing here; ? lists the keys", name.data);
	}
	str_release(&name);
}

/* ---- what a sequence can go on with ---- */

struct next {
	const struct binding *binding;
	const struct ui_action *action; /* NULL: more keys follow */
	const char *why_not;
};

bool keys_never_here(const struct ui_action *a, const char *why)
{
	return why && !strncmp(why, "not ", 4) && words_have(a->context, "list", 4);
}

static size_t find_next(struct ui *ui, struct next *out, size_t most)
{
	int at = ui->pending_count;
	size_t count = 0;

	for (size_t i = 0; i < ui->keymap.count && count < most; i++) {
		const struct binding *b = &ui->keymap.bindings[i];
		struct next n = {.binding = b};
		bool known = false;

		if (b->count <= at || !binding_begins(b, ui->pending, at) || ui_context_rank(ui, b->action) < 0)
			continue;
		for (size_t k = 0; k < count; k++)
			known |= binding_begins(out[k].binding, b->parts, at + 1);
		if (known)
			continue;
		n.action = keys_mean(ui, b->parts, at + 1).action;
		n.why_not = n.action ? ui_why_not(ui, n.action) : NULL;
		if (!n.action || !keys_never_here(n.action, n.why_not))
			out[count++] = n;
	}
	return count;
}

static const char *word_of(const struct next *n)
{
	return !n->action ? "\xe2\x80\xa6" : *n->action->word ? n->action->word : n->action->name;
}

/* Draws "g group" or (draw false) only measures. */
static int put_next(struct ui *ui, struct surface *s, int x, int y, const struct next *n, bool draw)
{
	struct binding key = {.count = 1, .parts = {n->binding->parts[ui->pending_count]}};
	const char *word = word_of(n);
	struct str name;
	int w;

	str_init(&name);
	binding_name(&key, 0, &name);
	w = surface_width(s, name.data, name.len) + 1 + surface_width(s, word, strlen(word));
	if (draw) {
		int used = surface_put(s, x, y, n->why_not ? STYLE_DISABLED : STYLE_KEY, name.data);

		surface_put_cut(s, x + used + 1, y, s->w - x - used - 2, n->why_not ? STYLE_DISABLED : STYLE_HINT,
		                word, strlen(word));
		if (n->action)
			ui_add_hit(ui, x, x + w, y, n->action->id);
	}
	str_release(&name);
	return w;
}

void keys_draw_next(struct ui *ui, struct surface *s)
{
	struct next next[64];
	size_t count = find_next(ui, next, COUNT_OF(next));
	int widest = 1, left, columns, rows, top;
	struct frame_rows frame;
	struct str name;

	str_init(&name);
	name_of(ui->pending, ui->pending_count, &name);
	left = 1 + surface_width(s, name.data, name.len) + 2;
	for (size_t i = 0; i < count; i++) {
		int w = put_next(ui, s, 0, 0, &next[i], false);

		widest = w > widest ? w : widest;
	}
	columns = (s->w - left + 1) / (widest + 2);
	columns = columns < 1 ? 1 : columns;
	rows = count ? ((int)count + columns - 1) / columns : 1;
	frame_rows(s->h, &frame);
	/* Above the keys; over the body where it must be, but not over all of the screen. */
	top = frame.message + 1 - rows;
	if (top < frame.body)
		top = frame.body < frame.message ? frame.body : frame.message;
	rows = frame.message + 1 - top;
	surface_fill(s, 0, top, s->w, rows, STYLE_COMPLETION);
	surface_put(s, 1, top, STYLE_PROMPT, name.data);
	/* Down the columns, as the eye reads a short list. */
	for (int i = 0; i < (int)count && i / rows < columns; i++)
		put_next(ui, s, left + i / rows * (widest + 2), top + i % rows, &next[i], true);
	str_release(&name);
}
