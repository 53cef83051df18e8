/* From an event to what is done: dialog, view, table of actions. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

const char *ui_contexts(struct ui *ui)
{
	struct view *v = ui_top(ui);
	const char *now = v && v->ops->contexts_now ? v->ops->contexts_now(v) : NULL;

	return now ? now : v && v->ops->contexts ? v->ops->contexts : "";
}

int ui_context_rank(struct ui *ui, const struct ui_action *a)
{
	int rank = 0;

	for (const char *p = ui_contexts(ui); *p; p += strspn(p, " "), rank++) {
		size_t n = strcspn(p, " ");

		if (words_have(a->context, p, n))
			return rank;
		p += n;
	}
	return words_have(a->context, "app", 3) ? rank : -1;
}

/* The action is done to the row with the cursor. */
static bool means_a_row(const struct ui_table *t, const struct ui_action *a)
{
	return t && (a->flags & ACT_NEEDS_ROW || (a->flags & ACT_MARKED && !ui_table_marked(t)));
}

const char *ui_why_not(struct ui *ui, const struct ui_action *a)
{
	struct view *v = ui_top(ui);
	struct ui_table *table = v ? v->private_->table : NULL;

	if (a->flags & ACT_WRITES && ui->options.read_only)
		return "the store is open for reading only";
	if (a->id >= ACTION_APP_SCREEN_1 && a->id <= ACTION_APP_SCREEN_8) {
		bool there = false;

		for (size_t i = 0; i < ui->options.screen_count; i++)
			there = there || ui->options.screens[i].number == (int)(a->id - ACTION_APP_SCREEN_1) + 1;
		if (!there)
			return "there is no such screen";
	}
	if (a->id == ACTION_APP_JUMP_BACK || a->id == ACTION_APP_JUMP_FORWARD)
		return jumps_why_not(ui, a->id == ACTION_APP_JUMP_BACK ? -1 : 1);
	if (a->id == ACTION_APP_THEME_EDITOR && !ui->options.theme_editor)
		return "there is no theme editor here";
	if ((a->id == ACTION_APP_UNDO && !ui->options.undo) || (a->id == ACTION_APP_REDO && !ui->options.redo))
		return "nothing can be taken back here";
	if (a->id == ACTION_APP_GUIDE && !ui->options.guide)
		return "there is no guide here";
	if (means_a_row(table, a) && !ui_table_cursor(table))
		return ui_table_loading(table) ? "the rows are still loading" : "there is no row to act on";
	return v && v->ops->why_not ? v->ops->why_not(v, a->id) : NULL;
}

static void go_back(struct ui *ui, bool may_leave)
{
	if (ui->stacks[ui->screen].count > 1)
		ui_back(ui);
	else if (may_leave)
		ui_quit(ui);
}

/* What ui does by itself; false: not one of those. */
static bool own_action(struct ui *ui, enum action id)
{
	switch (id) {
	case ACTION_APP_BACK:
		str_clear(&ui->message);
		go_back(ui, false);
		return true;
	case ACTION_LIST_BACK:
		go_back(ui, false);
		return true;
	case ACTION_APP_QUIT:
		go_back(ui, true);
		return true;
	case ACTION_APP_EXIT:
		ui_quit(ui);
		return true;
	case ACTION_APP_HELP:
		help_open(ui);
		return true;
	case ACTION_APP_PALETTE:
		palette_open(ui);
		return true;
	case ACTION_APP_THEME:
		ui_next_theme(ui);
		return true;
	case ACTION_APP_THEME_EDITOR:
		ui_open(ui, ui->options.theme_editor, NULL);
		return true;
	case ACTION_APP_JUMP_BACK:
		jumps_move(ui, -1);
		return true;
	case ACTION_APP_JUMP_FORWARD:
		jumps_move(ui, 1);
		return true;
	case ACTION_APP_PLACES:
		jumps_menu(ui);
		return true;
	case ACTION_APP_UNDO:
	case ACTION_APP_REDO:
		ui_undo(ui, id == ACTION_APP_REDO);
		return true;
	case ACTION_APP_JOURNAL:
		journal_open(ui);
		return true;
	case ACTION_APP_GUIDE:
		if (ui_top(ui)->ops != ui->options.guide)
			ui_open(ui, ui->options.guide, NULL);
		return true;
	case ACTION_APP_REDRAW:
		term_redraw(ui->term);
		return true;
	case ACTION_APP_SUSPEND:
		term_suspend(ui->term);
		return true;
	case ACTION_APP_MOUSE:
		ui->mouse = !ui->mouse;
		term_set_mouse(ui->term, ui->mouse);
		ui_message(ui, STYLE_MESSAGE,
		           ui->mouse ? "mouse on" : "mouse off: the terminal's own selection works");
		return true;
	default:
		if (id < ACTION_APP_SCREEN_1 || id > ACTION_APP_SCREEN_8)
			return false;
		ui_show_screen(ui, (int)(id - ACTION_APP_SCREEN_1) + 1);
		return true;
	}
}

void ui_perform(struct ui *ui, const struct ui_action *a)
{
	struct view *v = ui_top(ui);
	const char *why = ui_why_not(ui, a);
	bool first = a->id == ACTION_APP_BACK || a->id == ACTION_APP_QUIT || a->id == ACTION_LIST_BACK;

	if (why) {
		ui_message(ui, STYLE_WARN, "%s: %s", *a->word ? a->word : a->name, why);
		return;
	}
	if (v && means_a_row(v->private_->table, a) && table_refuses(v->private_->table)) {
		ui_message(ui, STYLE_WARN, "%s: the rows have changed under the cursor, look again",
		           *a->word ? a->word : a->name);
		return;
	}
	if (first && v && v->ops->action && v->ops->action(v, a->id))
		return;
	if (own_action(ui, a->id))
		return;
	if (v && v->ops->action && v->ops->action(v, a->id))
		return;
	if (a->id == ACTION_APP_REFRESH && v && v->ops->tick)
		v->ops->tick(v);
}

static bool clicked(struct ui *ui, const struct term_event *e)
{
	size_t count;
	const struct ui_action *actions = ui->keymap.actions;

	if (e->mouse != TERM_MOUSE_PRESS || e->button != 1)
		return false;
	if (crumbs_clicked(ui, e->x, e->y))
		return true;
	count = ui->keymap.action_count;
	for (size_t i = 0; i < ui->hit_count; i++) {
		const struct hit *hit = &ui->hits[i];

		if (e->y != hit->y || e->x < hit->x0 || e->x >= hit->x1)
			continue;
		for (size_t k = 0; k < count; k++)
			if (actions[k].id == hit->action) {
				ui_perform(ui, &actions[k]);
				return true;
			}
	}
	return false;
}

/* Views see the mouse in the coordinates of their body. */
static void mouse_event(struct ui *ui, const struct term_event *e)
{
	struct view *v = ui_top(ui);
	struct term_event own = *e;

	own.y -= ui->body_y;
	if (clicked(ui, e) || !v || own.y < 0 || own.y >= v->body_h || !v->ops->event)
		return;
	v->ops->event(v, &own);
}

static void to_view(struct ui *ui, const struct term_event *e)
{
	struct view *v = ui_top(ui);

	/* The keys of a sequence are its own, whatever the view takes otherwise. */
	if (ui->pending_count && e->kind == TERM_EVENT_KEY) {
		keys_event(ui, e);
		return;
	}
	ui->pending_count = 0;
	if (e->kind == TERM_EVENT_MOUSE)
		mouse_event(ui, e);
	else if (v && v->ops->event && v->ops->event(v, e))
		return;
	else if (e->kind == TERM_EVENT_KEY)
		keys_event(ui, e);
}

/* A key that comes sooner than a person can have read the question was typed before it. */
static bool was_seen(struct ui *ui)
{
	bool in_memory = term_in_fd(ui->term) < 0;

	return ui->dialog->drawn && (in_memory || time_mono_ms() - ui->dialog->drawn_ms >= SEEN_MS);
}

/* What was said about the key before goes with this one, whether it was held back or not. */
void ui_carry_out(struct ui *ui, const struct term_event *e)
{
	ui->in_key = ui->in_event = true;
	if (!ui->message_stays || (e->kind == TERM_EVENT_KEY && e->key == TERM_KEY_ESC))
		str_clear(&ui->message);
	str_clear(&ui->command);
	if (e->kind == TERM_EVENT_KEY)
		toasts_seen(ui);
	if (!ui->dialog)
		to_view(ui, e);
	else if (!ui->dialog->ops->wait_drawn || was_seen(ui))
		ui->dialog->ops->event(ui->dialog, e);
	else if (ui_top(ui) &&
	         ui_top(ui)->private_->table) /* a step that was not made: what comes after it means nothing */
		table_displace(ui_top(ui)->private_->table);
	ui->in_key = ui->in_event = false;
}

/* Leaving the program binds nobody. */
static bool may_leave(struct ui *ui, const struct term_event *e)
{
	const struct ui_action *a = e->kind == TERM_EVENT_KEY ? key_means(ui, e).action : NULL;

	return a && (a->id == ACTION_APP_EXIT || (ui->too_small && a->id == ACTION_APP_SUSPEND));
}

/* A terminal that somebody else has written on is drawn anew whatever stands there, and nothing else happens.
 */
static bool redrawn(struct ui *ui, const struct term_event *e)
{
	const struct ui_action *a = e->kind == TERM_EVENT_KEY ? key_means(ui, e).action : NULL;

	if (!a || a->id != ACTION_APP_REDRAW)
		return false;
	term_redraw(ui->term);
	return true;
}

void ui_event(struct ui *ui, const struct term_event *e)
{
	ui->key_dirty = true;
	if (e->kind == TERM_EVENT_HANGUP) {
		ui->quit = true;
		return;
	}
	if (redrawn(ui, e))
		return;
	/* Whoever comes back wants to see what is, not what was a second ago. */
	if (e->kind == TERM_EVENT_FOCUS && e->pressed && ui_top(ui))
		ui_top(ui)->private_->next_tick = 0;
	if (e->kind == TERM_EVENT_FOCUS || e->kind == TERM_EVENT_RESIZE ||
	    ((ui_flushing(ui) || ui->too_small) && !may_leave(ui, e)))
		return;
	if (!ui_going(ui) && progress_stopped_by(ui, e))
		return;
	if (e->kind == TERM_EVENT_KEY && keys_hold(ui, e))
		return;
	if (e->kind == TERM_EVENT_KEY && e->key == TERM_KEY_ESC && !ui->pending_count &&
	    (ui_going(ui) || ui->held_count)) {
		ui_stay(ui);
		ui->held_count = 0;
		return;
	}
	ui_carry_out(ui, e);
}
