/*
 * A small application on ui, for its tests: a list of rows made up by a formula on the reader's thread, a
 * view of one row, a log. The list's rows can be changed under it.
 */
#ifndef TESTS_DEMO_H
#define TESTS_DEMO_H

#include <stdatomic.h>

#include "assay/ui.h"

struct demo {
	int rows;       /* ids 1 … rows, in the order of ids unless sorted */
	int delay_ms;   /* how long each answer takes */
	int64_t opened; /* id that was opened last */
	int opens;
	int64_t stopped[16]; /* ids that "stop" was confirmed for */
	int stops;
	int interrupts;
	char filter[64];
	enum action acted; /* what the list was told to do last, and with which row under the cursor */
	int64_t acted_on;
	int finds;           /* how often demo_find was asked */
	bool unsaved;        /* a row's view has something that would be lost */
	atomic_bool may_end; /* what "@" began aside, as "&" says */
};

extern const struct ui_screen demo_screens[2];
/* options with term, demo as app, reader and writer filled in. */
struct ui_options demo_options(struct demo *d, struct term *t);
/* Places "one:ID", looked up on the reader: gone where there are not so many rows. For options.go. */
int demo_go(struct ui *ui, const char *place, struct error *err);
/* Rows whose name has the pattern in it. For options.find. */
ui_work_fn demo_find;
/* The program: what `test_x --demo` runs. Environment: DEMO_ROWS, DEMO_DELAY, DEMO_COPY. */
int demo_main(void);

#endif
