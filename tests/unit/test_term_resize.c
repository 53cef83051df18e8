/* A terminal that changes its size and back before the next frame still shows all of it. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/term.h"
#include "../lib/pty.h"
#include "../lib/pty_must.h"

enum { W = 80, H = 24 };

static const char *self;

/* ---- the program in the terminal ---- */

static void next_event(struct term *t, enum term_event_kind kind)
{
	struct timespec moment = {.tv_nsec = 1000000};
	struct term_event e;

	for (;;) {
		if (!term_read(t, time_mono_ms(), &e))
			nanosleep(&moment, NULL);
		else if (e.kind == kind)
			return;
	}
}

static void take_size(struct term *t, int w, int h)
{
	struct winsize size = {.ws_row = (unsigned short)h, .ws_col = (unsigned short)w};

	ioctl(STDOUT_FILENO, TIOCSWINSZ, &size);
	next_event(t, TERM_EVENT_RESIZE);
}

static void frame(struct term *t, const char *name)
{
	struct surface s = grid_surface(term_grid(t));

	surface_put(&s, 0, 0, STYLE_TEXT, name);
	surface_put_right(&s, W - 20, H - 1, 20, STYLE_TEXT, "far corner");
	while (!term_present(t))
		term_flush(t);
}

static int program(void)
{
	struct term_options options = {.in_fd = -1, .out_fd = -1};
	struct error err;
	struct term *t;

	if (term_open_curses(&t, &options, &err))
		return 3;
	frame(t, "first");
	next_event(t, TERM_EVENT_KEY);
	take_size(t, 30, 8);
	take_size(t, W, H);
	frame(t, "second");
	next_event(t, TERM_EVENT_KEY);
	term_close(t);
	return 0;
}

/* ---- the test ---- */

static void there_and_back_between_frames(void **state)
{
	const char *const argv[] = {self, "--program", NULL};
	struct pty *p = pty_start(argv, NULL, W, H);

	(void)state;
	pty_must(p, "first");
	pty_must(p, "far corner");
	pty_type(p, "a");
	pty_must(p, "second"); /* the terminal was cleared before */
	pty_must(p, "far corner");
	pty_type(p, "b");
	assert_int_equal(pty_wait(p, 10000), 0);
	pty_free(p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back_between_frames),
	};
	char *path;
	int rc;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc > 1 && !strcmp(argv[1], "--program"))
		return program();
	path = path_absolute("/proc/self/exe");
	self = path;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	free(path);
	return rc;
}
