/*
 * The pulse: what is new, asked about once a second whatever is on top, so that every screen's row 0 is right and
 * every view is told of a change. Only one question is on its way at a time: a reader that is busy is not asked
 * more often than it answers.
 */
#include <string.h>

#include "private.h"

enum { PULSE_MS = 1000, TEND_MS = 5000 };

void pulse_tell(struct ui *ui)
{
	struct view *v = ui_top(ui);

	/* What it asks now may be from before the change, and is not to be asked in vain: it is told at the next pulse. */
	if (!v || v->private_->change == ui->change || ui_asking(v, -1))
		return;
	v->private_->change = ui->change;
	if (v->ops->changed)
		v->ops->changed(v);
}

/* The first number is from before anything was read: what the views know is at least as new. */
static void begin_with(struct ui *ui, int64_t change)
{
	ui->change = change;
	for (size_t i = 0; i < ui->options.screen_count; i++)
		for (size_t k = 0; k < ui->stacks[i].count; k++)
			ui->stacks[i].views[k]->private_->change = change;
}

static void ask(struct ui *ui, struct worker *w, bool aside, void (*done)(struct ui *ui, struct request *r))
{
	struct request *r = xcalloc(1, sizeof *r);

	r->fn = ui->options.pulse;
	r->arg = xmalloc(sizeof aside);
	memcpy(r->arg, &aside, sizeof aside);
	r->done = done;
	worker_add(w, r, false);
}

static void tended(struct ui *ui, struct request *r)
{
	(void)r;
	ui->tending = false;
}

static void tend(struct ui *ui)
{
	struct request *r;

	if (!ui->options.tend || ui->options.read_only || ui->tending || ui_now(ui) < ui->tend_at)
		return;
	ui->tend_at = ui_now(ui) + TEND_MS;
	ui->tending = true;
	r = xcalloc(1, sizeof *r);
	r->fn = ui->options.tend;
	r->done = tended;
	r->chore = true;
	worker_add(ui->writer, r, false);
}

static void take(struct ui *ui, const struct ui_pulse *p)
{
	if (p->needs)
		ui_set_needs(ui, p->needs);
	for (size_t i = 0; i < p->event_count; i++)
		ui_toast(ui, p->events[i].style, p->events[i].place, "%s", p->events[i].text);
	if (p->tend)
		tend(ui);
	if (!p->change)
		return;
	if (!ui->change)
		begin_with(ui, p->change);
	ui->change = p->change;
	pulse_tell(ui);
}

static void answered(struct ui *ui, struct request *r)
{
	if (!r->result.status) {
		ui->pulse_failed = false;
		take(ui, r->result.data);
	} else if (!r->result.cancelled && !ui->pulse_failed) {
		/* Told once, not every second. */
		ui->pulse_failed = true;
		ui_error(ui, &r->result.err);
	}
}

static void aside_answered(struct ui *ui, struct request *r)
{
	ui->pulse_aside = false;
	answered(ui, r);
}

static void reader_answered(struct ui *ui, struct request *r)
{
	const struct ui_pulse *p = r->result.data;

	ui->pulse_asked = false;
	answered(ui, r);
	if (r->result.status || !p->more || ui->pulse_aside)
		return;
	ui->pulse_aside = true;
	ask(ui, ui->aside, true, aside_answered);
}

void pulse_ask(struct ui *ui)
{
	if (!ui->options.pulse || ui->pulse_asked)
		return;
	ui->pulse_asked = true;
	ui->pulse_at = time_mono_ms() + PULSE_MS;
	ask(ui, ui->reader, false, reader_answered);
}

void pulse_look(struct ui *ui, int64_t now)
{
	if (now < ui->pulse_at)
		return;
	ui->pulse_at = now + PULSE_MS; /* one that is still to be answered is not asked again */
	pulse_ask(ui);
}

void pulse_begin(struct ui *ui)
{
	ui->tend_at = ui_now(ui) + TEND_MS;
	ui->pulse_at = ui->options.pulse ? 0 : INT64_MAX;
	pulse_ask(ui);
}
