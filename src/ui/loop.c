/* The loop: input first, at most one frame a turn, frames that only data ask for at most five a second. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

enum { DATA_FRAME_MS = 200, MOST_POLLED = 4 };

int ui_new(struct ui **out, const struct ui_options *options, struct error *err)
{
	struct ui *ui = xcalloc(1, sizeof *ui);
	struct error problem = {0};
	const struct ui_action *actions = options->actions;
	size_t count = options->action_count, first = 0;
	const char *note = term_note(options->term);

	*out = NULL;
	if (!options->screen_count)
		bug("a workbench without screens");
	ui->options = *options;
	ui->term = options->term;
	ui->mouse = true;
	str_init(&ui->place);
	str_init(&ui->needs);
	str_init(&ui->message);
	str_init(&ui->command);
	str_init(&ui->going.place);
	ui->now = options->fixed_now;
	ui->journal = journal_new();
	state_init(&ui->state);
	if (!actions)
		actions = ui_action_table(&count);
	keymap_init(&ui->keymap, actions, count);
	ui->stacks = xcalloc(options->screen_count, sizeof *ui->stacks);
	if (pipe2(ui->wake, O_CLOEXEC | O_NONBLOCK)) {
		ui->wake[0] = ui->wake[1] = -1;
		error_errno(err, ERR_ENV, "cannot make a pipe");
		ui_free(ui);
		return -1;
	}
	ui->reader = worker_new(&options->reader, ui->wake[1]);
	ui->aside = worker_new(&options->reader, ui->wake[1]);
	ui->writer = worker_new(&options->writer, ui->wake[1]);
	ui->files = worker_new(&(struct ui_worker){0}, ui->wake[1]);
	ui->own = view_new(ui, &OWN_VIEW, 0);
	if (note)
		ui_message(ui, STYLE_WARN, "%s", note);
	/* Faults in files of the person's own are told and do not keep the program from starting. */
	if (options->state_path && state_load(&ui->state, options->state_path, &problem))
		ui_error(ui, &problem);
	if (options->keys_path && keymap_read(&ui->keymap, options->keys_path, &problem))
		ui_error(ui, &problem);
	if (themes_begin(ui, err)) {
		ui_free(ui);
		return -1;
	}
	if (options->place)
		ui_set_place(ui, options->place);
	for (size_t i = 0; i < options->screen_count; i++)
		if (options->screens[i].number == options->first_screen)
			first = i;
	first = places_first(ui, first);
	if (view_open_screen(ui, first, err)) {
		ui_free(ui);
		return -1;
	}
	places_restore(ui);
	if (options->guide && options->guide_first)
		ui_open(ui, options->guide, NULL);
	pulse_begin(ui);
	*out = ui;
	return 0;
}

void ui_free(struct ui *ui)
{
	struct error err;

	if (!ui)
		return;
	if (ui->options.state_path && ui->stacks[ui->screen].count)
		places_remember(ui);
	for (size_t i = 0; i < ui->options.screen_count; i++)
		for (size_t k = 0; k < ui->stacks[i].count; k++)
			if (ui->stacks[i].views[k]->ops->leaving)
				ui->stacks[i].views[k]->ops->leaving(ui->stacks[i].views[k]);
	/* What the person has told the writer to do is done before the views go. */
	worker_free(ui->writer, true);
	ui->writer = ui->writer ? worker_new(&ui->options.writer, ui->wake[1]) : NULL;
	for (size_t i = 0; i < ui->options.screen_count; i++) {
		while (ui->stacks[i].count)
			view_close(ui->stacks[i].views[--ui->stacks[i].count]);
		free(ui->stacks[i].views);
	}
	if (ui->dialog)
		dialog_close(ui);
	if (ui->own)
		view_close(ui->own);
	worker_free(ui->reader, false);
	worker_free(ui->aside, false);
	worker_free(ui->writer, false);
	worker_free(ui->files, true); /* a file that was being written is written */
	/* What of the state has not been written by it is written here. */
	ui->state.changed |= ui->saving;
	ui->reader = ui->aside = ui->writer = ui->files = NULL;
	bury_dead(ui);
	free(ui->dying);
	/* Nobody is left to tell on the screen; what was remembered before stays. */
	if (ui->options.state_path && state_save(&ui->state, ui->options.state_path, &err))
		safe_fprintf(stderr, "assay: %s\n", err.text);
	state_release(&ui->state);
	keymap_release(&ui->keymap);
	for (int i = 0; i < 2; i++)
		if (ui->wake[i] >= 0)
			close(ui->wake[i]);
	str_release(&ui->place);
	str_release(&ui->needs);
	str_release(&ui->message);
	str_release(&ui->command);
	str_release(&ui->going.place);
	jumps_release(&ui->jumps);
	journal_free(ui->journal);
	toasts_release(ui);
	free(ui->lasting);
	free(ui->stacks);
	free(ui->held);
	free(ui);
}

void ui_quit(struct ui *ui)
{
	ui->quit = true;
}

void ui_dirty(struct ui *ui)
{
	ui->data_dirty = true;
}

void *ui_app(struct ui *ui)
{
	return ui->options.app;
}

int64_t ui_now(const struct ui *ui)
{
	return ui->now ? ui->now : time_now_ms();
}

int64_t loop_ms(const struct ui *ui)
{
	return ui->now ? ui->now : time_mono_ms();
}

uint64_t ui_turn(const struct ui *ui)
{
	return ui->turn;
}

/* ---- input that does not count ---- */

/*
 * Nothing is taken from the terminal unread: what waits there goes through the decoder and is dropped as
 * events, so that the end of a paste whose beginning was dropped is never taken for typing.
 */
void ui_flush_input(struct ui *ui)
{
	ui->flush = FLUSH_WANTED;
	ui->held_count = 0;
	ui->key_dirty = true;
}

bool ui_flushing(struct ui *ui)
{
	if (ui->flush == FLUSH_SHOWN && (term_in_fd(ui->term) < 0 || time_mono_ms() - ui->flush_ms >= SEEN_MS))
		ui->flush = FLUSH_NOT;
	return ui->flush != FLUSH_NOT;
}

static void frame_is_out(struct ui *ui)
{
	struct view *v = ui_top(ui);

	/* Under a box in the middle rows cannot be read. */
	if (v && v->private_->table && (!ui->dialog || ui->dialog->ops->in_line))
		table_seen(v->private_->table);
	if (ui->flush != FLUSH_DRAWN)
		return;
	ui->flush = FLUSH_SHOWN;
	ui->flush_ms = time_mono_ms();
}

/* ---- answers ---- */

static void note_fault(struct view_private *p, const struct ui_result *r)
{
	if (r->beside || r->cancelled)
		return;
	if (r->status != 0) {
		p->fault = r->err;
		p->fault_tag = r->tag;
	} else if (p->fault_tag == r->tag) {
		p->fault.code = 0;
	}
}

static void answer(struct view *v, struct ui_result *r)
{
	v->ops->on_result(v, r); /* closed by that, it is not buried yet */
	note_fault(v->private_, r);
}

int ui_shown(struct ui *ui, struct error *err)
{
	const struct view *v = ui_top(ui);

	if (!v || !v->private_->fault.code)
		return 0;
	if (err)
		*err = v->private_->fault;
	return -1;
}

static void deliver_from(struct ui *ui, struct worker *w, bool writer)
{
	struct request *r;

	while ((r = worker_take(w))) {
		if (!r->stale) {
			if (r->urgent)
				ui->key_dirty = true;
			if (!r->done) /* that says itself whether there is something to see */
				ui->data_dirty = true;
			if (r->result.cancelled)
				ui_message(ui, STYLE_WARN, "%s", "stopped");
			else if (writer && r->result.status)
				ui_error(ui, &r->result.err);
			ui->in_key = r->urgent; /* what it asks for in turn is waited for as well */
			if (r->done)
				r->done(ui, r);
			else if (r->owner && r->owner->ops->on_result)
				answer(r->owner, &r->result);
			ui->in_key = false;
			/* What a person has done is seen at once. */
			if (writer && r->urgent)
				pulse_ask(ui);
		}
		request_free(r);
	}
}

void ui_deliver(struct ui *ui)
{
	char bytes[64];

	while (read(ui->wake[0], bytes, sizeof bytes) > 0) {
	}
	deliver_from(ui, ui->reader, false);
	deliver_from(ui, ui->aside, false);
	deliver_from(ui, ui->writer, true);
	deliver_from(ui, ui->files, false);
	themes_step(ui);
	ui_release_held(ui);
	jumps_note(ui);
	bury_dead(ui);
}

/* ---- the turn ---- */

static void read_events(struct ui *ui)
{
	struct term_event e;

	ui->turn++;
	while (!ui->quit && term_read(ui->term, time_mono_ms(), &e)) {
		ui_event(ui, &e);
		jumps_note(ui);
		bury_dead(ui);
	}
	if (term_end_signal(ui->term))
		ui->quit = true;
}

static int64_t tick_at(struct ui *ui)
{
	struct view *v = ui_top(ui);

	return v && v->ops->tick && v->ops->tick_ms > 0 ? v->private_->next_tick : INT64_MAX;
}

/* What the view on top has put off that comes first, or NULL. */
static struct later *first_later(struct ui *ui)
{
	struct view *v = ui_top(ui);
	struct later *first = NULL;

	for (int i = 0; v && i < UI_LATERS; i++) {
		struct later *l = &v->private_->later[i];

		if (l->fn && (!first || l->at < first->at))
			first = l;
	}
	return first;
}

static int64_t later_at(struct ui *ui)
{
	const struct later *l = first_later(ui);

	return l ? l->at : INT64_MAX;
}

void ui_later(struct view *v, int ms, void (*fn)(struct view *v, void *user), void *user)
{
	struct later *to = NULL;

	for (int i = UI_LATERS; i-- > 0;) {
		struct later *l = &v->private_->later[i];

		if (l->fn == fn && l->user == user) {
			to = l;
			break;
		}
		if (!l->fn)
			to = l;
	}
	if (!to)
		bug("%s puts off more than %d things", v->ops->name, UI_LATERS);
	*to = (struct later){fn, user, time_mono_ms() + ms};
}

/* What was put off until `now` by the view on top; false: nothing. */
static bool do_later(struct ui *ui, int64_t now)
{
	struct later *l = first_later(ui), due;

	if (!l || l->at > now)
		return false;
	due = *l;
	l->fn = NULL;
	due.fn(ui_top(ui), due.user);
	return true;
}

static void tick(struct ui *ui, int64_t now)
{
	struct view *v = ui_top(ui);

	if (tick_at(ui) > now)
		return;
	v->private_->next_tick = now + v->ops->tick_ms;
	v->ops->tick(v);
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int wait_ms(struct ui *ui)
{
	int64_t now = time_mono_ms(), until = min64(min64(tick_at(ui), later_at(ui)), ui->theme_at);
	int64_t toast = toasts_at(ui);
	int escape = term_wait_ms(ui->term, now);

	until = min64(until, places_save_at(ui));
	until = min64(until, ui->pulse_at);
	if (toast != INT64_MAX)
		until = min64(until, now + toast - loop_ms(ui));
	if (escape >= 0)
		until = min64(until, now + escape);
	if (ui->data_dirty && !ui->line_full)
		until = min64(until, ui->last_data_frame + DATA_FRAME_MS);
	/* Until the title has another second to say. */
	if (!worker_idle(ui->reader))
		until = min64(until, now + BUSY_STEP_MS - worker_busy_ms(ui->reader) % BUSY_STEP_MS);
	if (ui->progressing || progress_waits(ui))
		until = min64(until, now + (ui->progressing ? PROGRESS_STEP_MS : PROGRESS_FROM_MS));
	if (until == INT64_MAX)
		return -1;
	return until <= now ? 0 : until - now > 60000 ? 60000 : (int)(until - now);
}

static int wait(struct ui *ui)
{
	struct progress_seen seen;
	struct pollfd p[MOST_POLLED];
	size_t n = 0;

	p[n++] = (struct pollfd){.fd = ui->wake[0], .events = POLLIN};
	p[n++] = (struct pollfd){.fd = term_in_fd(ui->term), .events = POLLIN};
	p[n++] = (struct pollfd){.fd = term_signal_fd(ui->term), .events = POLLIN};
	if (ui->line_full)
		p[n++] = (struct pollfd){.fd = term_out_fd(ui->term), .events = POLLOUT};
	if (poll(p, n, wait_ms(ui)) < 0 && errno != EINTR)
		return -1;
	read_events(ui);
	ui_deliver(ui);
	/* The title counts the seconds. */
	if (ui->busy_steps != worker_busy_ms(ui->reader) / BUSY_STEP_MS) {
		ui->busy_steps = worker_busy_ms(ui->reader) / BUSY_STEP_MS;
		ui->data_dirty = true;
	}
	ui->data_dirty = ui->data_dirty || ui->progressing || progress_now(ui, &seen);
	return 0;
}

static void draw_if_due(struct ui *ui)
{
	int64_t now = time_mono_ms();

	/* Frames are not all that goes out: what is copied does, and what switches the mouse. */
	ui->line_full = !term_flush(ui->term);
	if (ui->line_full)
		return;
	if (ui->draw_pending)
		frame_is_out(ui);
	ui->draw_pending = false;
	if (!ui->key_dirty && !(ui->data_dirty && now - ui->last_data_frame >= DATA_FRAME_MS))
		return;
	ui_draw(ui);
	ui->draw_pending = ui->line_full = !term_present(ui->term);
	if (!ui->draw_pending)
		frame_is_out(ui);
	/* The first answer after a while is seen at once, whatever keys have drawn meanwhile. */
	if (!ui->key_dirty)
		ui->last_data_frame = now;
	ui->key_dirty = ui->data_dirty = false;
}

int ui_run(struct ui *ui, struct error *err)
{
	ui->key_dirty = true;
	while (!ui->quit) {
		draw_if_due(ui);
		if (wait(ui))
			return error_errno(err, ERR_ENV, "cannot wait for the terminal");
		do_later(ui, time_mono_ms());
		tick(ui, time_mono_ms());
		themes_look(ui, time_mono_ms());
		places_save(ui, time_mono_ms());
		pulse_look(ui, time_mono_ms());
		toasts_expire(ui, loop_ms(ui));
		bury_dead(ui);
	}
	return 0;
}

static bool all_idle(struct ui *ui)
{
	return worker_idle(ui->reader) && worker_idle(ui->aside) && worker_idle(ui->writer) &&
	       worker_idle(ui->files);
}

void ui_settle(struct ui *ui)
{
	for (;;) {
		struct pollfd p = {.fd = ui->wake[0], .events = POLLIN};

		read_events(ui);
		ui_deliver(ui);
		ui_draw(ui); /* widgets learn their size by being drawn, and may then ask for more */
		if (all_idle(ui) && !ui->held_count) {
			if (!do_later(ui, INT64_MAX - 1))
				break;
			continue;
		}
		if (all_idle(ui))
			continue;
		poll(&p, 1, -1);
	}
	ui->key_dirty = ui->data_dirty = false;
	term_present(ui->term);
	frame_is_out(ui);
}
