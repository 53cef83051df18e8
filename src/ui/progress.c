/* What the view on top waits for, once that takes long: how far it has come, in the message row; Esc stops it. */
#include <math.h>
#include <string.h>

#include "private.h"

enum { GAUGE_LEAST = 8, GAUGE_MOST = 24, HINT_FROM = 40 };

bool progress_now(struct ui *ui, struct progress_seen *out)
{
	const struct view *v = ui_top(ui);

	return v && (worker_progress(ui->reader, v, out) || worker_progress(ui->aside, v, out) ||
	             worker_progress(ui->writer, v, out));
}

bool progress_waits(struct ui *ui)
{
	const struct view *v = ui_top(ui);

	return v &&
	       (worker_has(ui->reader, v, -1) || worker_has(ui->aside, v, -1) || worker_has(ui->writer, v, -1));
}

bool progress_stopped_by(struct ui *ui, const struct term_event *e)
{
	struct progress_seen seen;
	const struct view *v = ui_top(ui);

	if (e->kind != TERM_EVENT_KEY || e->key != TERM_KEY_ESC || ui->dialog || ui->pending_count ||
	    !progress_now(ui, &seen))
		return false;
	worker_stop(ui->reader, v, true);
	worker_stop(ui->aside, v, true);
	worker_stop(ui->writer, v, false);
	ui->held_count = 0; /* what was typed ahead was meant for what does not come */
	return true;
}

/* "reading  ━━━╸──  121 MiB of 253 MiB, 512 MiB/s, 3s left   Esc stops": numbers are worth more than the gauge. */
void progress_draw(struct surface *s, int y, const struct progress_seen *seen)
{
	static const char stops[] = "Esc stops";
	const bool hint = s->w >= HINT_FROM;
	struct str text;
	int x = 1, room = hint ? s->w - 1 - (int)(sizeof stops - 1) - 3 : s->w - 1, gauge;

	str_init(&text);
	progress_text(seen, &text);
	surface_fill(s, 0, y, s->w, 1, STYLE_TEXT);
	x += surface_put_cut(s, x, y, room - x, STYLE_ACCENT, seen->what, strlen(seen->what)) + 2;
	gauge = room - x - 2 - surface_width(s, text.data, text.len);
	if (!isnan(seen->share) && gauge >= GAUGE_LEAST) {
		gauge = gauge < GAUGE_MOST ? gauge : GAUGE_MOST;
		surface_gauge(s, x, y, gauge, seen->share);
		x += gauge + 2;
	}
	if (room > x)
		x += surface_put_cut(s, x, y, room - x, STYLE_TEXT, text.data, text.len) + 3;
	if (hint)
		surface_put(s, x, y, STYLE_MUTED, stops);
	str_release(&text);
}
