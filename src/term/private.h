/* Inside term: one terminal, whatever shows it. */
#ifndef TERM_PRIVATE_H
#define TERM_PRIVATE_H

#include "assay/term.h"

struct term_backend {
	void (*close)(struct term *t);
	/* Bytes that have come, into t->decoder; never waits. */
	void (*pump)(struct term *t, int64_t now_ms);
	bool (*present)(struct term *t);
	bool (*flush)(struct term *t);
	void (*looks)(struct term *t);
	void (*redraw)(struct term *t);
	void (*suspend)(struct term *t);
	void (*mouse)(struct term *t, bool on);
	int (*copy)(struct term *t, const char *text, size_t len, const char **through, struct error *err);
};

struct term {
	const struct term_backend *back;
	struct grid grid;
	struct term_look looks[STYLE_ROLES];
	enum term_colours colours;
	struct term_decoder *decoder;
	int64_t input_ms;      /* when bytes last came */
	bool at_once;          /* no escape time-out: what has come is all there is (memory) */
	struct str type, note; /* type: "" in memory */
	int in_fd, out_fd, signal_fd;
	int end_signal;
	bool resized, hung_up, hangup_told;
	int new_w, new_h;
	struct term_event *queue; /* fed events (memory) */
	size_t queued, queue_cap, queue_at;
	struct str copied; /* memory */
	void *own;         /* the back end's */
};

struct term *term_make(const struct term_backend *back, int w, int h, enum term_charset charset,
                       enum term_colours colours);
void term_discard(struct term *t);

#endif
