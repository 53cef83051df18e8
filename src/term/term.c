/* What is common to all back ends: events in order, the escape time-out, the memory back end. */
#include <stdlib.h>
#include <string.h>

#include "assay/term.h"
#include "input.h"
#include "private.h"

struct term *term_make(const struct term_backend *back, int w, int h, enum term_charset charset,
                       enum term_colours colours)
{
	struct term *t = xcalloc(1, sizeof *t);

	t->back = back;
	grid_init(&t->grid, w, h, charset);
	for (int i = 0; i < STYLE_ROLES; i++)
		t->looks[i] = (struct term_look){TERM_COLOUR_DEFAULT, TERM_COLOUR_DEFAULT, 0};
	t->colours = colours;
	t->decoder = term_decoder_new();
	str_init(&t->type);
	str_init(&t->note);
	str_init(&t->copied);
	t->in_fd = t->out_fd = t->signal_fd = -1;
	return t;
}

void term_discard(struct term *t)
{
	grid_release(&t->grid);
	term_decoder_free(t->decoder);
	str_release(&t->type);
	str_release(&t->note);
	str_release(&t->copied);
	free(t->queue);
	free(t);
}

void term_close(struct term *t)
{
	if (!t)
		return;
	t->back->close(t);
	term_discard(t);
}

struct grid *term_grid(struct term *t)
{
	return &t->grid;
}

enum term_colours term_colours(const struct term *t)
{
	return t->colours;
}

const char *term_note(const struct term *t)
{
	return t->note.len ? t->note.data : NULL;
}

void term_set_looks(struct term *t, const struct term_look looks[])
{
	memcpy(t->looks, looks, sizeof t->looks);
	if (t->back->looks)
		t->back->looks(t);
}

bool term_present(struct term *t)
{
	return t->back->present(t);
}

bool term_flush(struct term *t)
{
	return t->back->flush ? t->back->flush(t) : true;
}

void term_redraw(struct term *t)
{
	if (t->back->redraw)
		t->back->redraw(t);
}

int term_in_fd(const struct term *t)
{
	return t->hung_up ? -1 : t->in_fd;
}

int term_out_fd(const struct term *t)
{
	return t->hung_up ? -1 : t->out_fd;
}

int term_signal_fd(const struct term *t)
{
	return t->signal_fd;
}

bool term_read(struct term *t, int64_t now_ms, struct term_event *event)
{
	if (t->back->pump)
		t->back->pump(t, now_ms);
	if (t->queue_at < t->queued) {
		*event = t->queue[t->queue_at++];
		return true;
	}
	if (term_decoder_next(t->decoder, t->at_once || now_ms - t->input_ms >= decoder_patience_ms(t->decoder),
	                      event))
		return true;
	/* After what was typed before it: a resize must not overtake keys. */
	if (t->resized) {
		t->resized = false;
		grid_resize(&t->grid, t->new_w, t->new_h);
		memset(event, 0, sizeof *event);
		event->kind = TERM_EVENT_RESIZE;
		event->w = t->grid.w;
		event->h = t->grid.h;
		return true;
	}
	if (t->hung_up && !t->hangup_told) {
		t->hangup_told = true;
		memset(event, 0, sizeof *event);
		event->kind = TERM_EVENT_HANGUP;
		return true;
	}
	return false;
}

int term_wait_ms(const struct term *t, int64_t now_ms)
{
	int64_t left;

	/* Found outside of term_read: by what a key has done, or when a frame was written. */
	if (t->resized || (t->hung_up && !t->hangup_told))
		return 0;
	if (t->at_once || !term_decoder_waiting(t->decoder))
		return -1;
	left = t->input_ms + decoder_patience_ms(t->decoder) - now_ms;
	return left < 0 ? 0 : (int)left;
}

int term_end_signal(const struct term *t)
{
	return t->end_signal;
}

void term_suspend(struct term *t)
{
	if (t->back->suspend)
		t->back->suspend(t);
}

void term_set_mouse(struct term *t, bool on)
{
	if (t->back->mouse)
		t->back->mouse(t, on);
}

int term_copy(struct term *t, const char *text, size_t len, const char **through, struct error *err)
{
	*through = NULL;
	if (len > TERM_COPY_MOST)
		return error_set(err, ERR_USAGE, "%zu bytes are more than a terminal's clipboard takes, which is %d",
		                 len, TERM_COPY_MOST);
	return t->back->copy(t, text, len, through, err);
}

/* ---- memory ---- */

static void memory_close(struct term *t)
{
	(void)t;
}

static bool memory_present(struct term *t)
{
	(void)t;
	return true;
}

static int memory_copy(struct term *t, const char *text, size_t len, const char **through, struct error *err)
{
	(void)through;
	(void)err;
	str_clear(&t->copied);
	str_add(&t->copied, text, len);
	return 0;
}

static const struct term_backend memory = {
    .close = memory_close, .present = memory_present, .copy = memory_copy};

struct term *term_open_memory(int w, int h, enum term_charset charset, enum term_colours colours)
{
	struct term *t = term_make(&memory, w, h, charset, colours);

	t->at_once = true;
	return t;
}

const struct str *term_copied(const struct term *t)
{
	return &t->copied;
}

void term_feed(struct term *t, const char *bytes, size_t len)
{
	term_decoder_feed(t->decoder, bytes, len);
}

void term_feed_event(struct term *t, const struct term_event *event)
{
	if (t->queue_at == t->queued)
		t->queue_at = t->queued = 0;
	t->queue = vec_reserve(t->queue, &t->queue_cap, t->queued + 1, sizeof *t->queue);
	t->queue[t->queued++] = *event;
}

void term_set_size(struct term *t, int w, int h)
{
	t->resized = true;
	t->new_w = w;
	t->new_h = h;
}
