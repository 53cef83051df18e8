/*
 * What comes to a terminal between two steps: a change of its size and back before the next frame, a change of size
 * or a signal while it is being opened. The steps are found by standing before functions that are called there.
 */
#include <locale.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
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

/* ---- what comes between ---- */

static bool grows, ends;

void __real_tty_size(int tty, int *w, int *h);
void __wrap_tty_size(int tty, int *w, int *h);
int __real_signals_open(void);
int __wrap_signals_open(void);

/* Just after it was asked how large it is. */
void __wrap_tty_size(int tty, int *w, int *h)
{
	struct winsize size = {.ws_row = H + 6, .ws_col = W + 20};

	__real_tty_size(tty, w, h);
	if (grows)
		ioctl(tty, TIOCSWINSZ, &size);
	grows = false;
}

/* Just before signals are told instead of obeyed. */
int __wrap_signals_open(void)
{
	if (ends)
		raise(SIGTERM);
	return __real_signals_open();
}

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
		else if (e.kind == TERM_EVENT_HANGUP)
			_exit(4); /* the test has failed */
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

static int program(const char *what)
{
	struct term_options options = {.in_fd = -1, .out_fd = -1};
	struct error err;
	struct term *t;

	grows = !strcmp(what, "--grows");
	ends = !strcmp(what, "--ends");
	if (term_open_curses(&t, &options, &err))
		return 3;
	if (!strcmp(what, "--grows")) {
		next_event(t, TERM_EVENT_RESIZE);
		frame(t, "as large as it is");
		next_event(t, TERM_EVENT_KEY);
		term_close(t);
		return 0;
	}
	frame(t, "first");
	next_event(t, TERM_EVENT_KEY);
	take_size(t, 30, 8);
	take_size(t, W, H);
	frame(t, "second");
	next_event(t, TERM_EVENT_KEY);
	term_close(t);
	return 0;
}

/* ---- the tests ---- */

static struct pty *start(const char *what)
{
	const char *const argv[] = {self, what, NULL};

	return pty_start(argv, NULL, W, H);
}

static void there_and_back_between_frames(void **state)
{
	struct pty *p = start("--there-and-back");

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

static void grows_while_it_is_opened(void **state)
{
	struct pty *p = start("--grows");

	(void)state;
	pty_must(p, "as large as it is");
	pty_type(p, "a");
	assert_int_equal(pty_wait(p, 10000), 0);
	pty_free(p);
}

/* Whoever is ended before signals are told has not changed anything yet. */
static void ended_while_it_is_opened(void **state)
{
	struct pty *p = start("--ends");

	(void)state;
	assert_int_equal(pty_wait(p, 10000), 128 + SIGTERM);
	assert_true(pty_untouched(p));
	assert_false(pty_alternate(p));
	pty_free(p);
}

/* A terminal that is found to be gone when a frame is written, and of which no signal tells. */
static void gone_before_a_frame(void **state)
{
	struct term_options options = {.type = "xterm-256color"};
	struct term_event e;
	struct error err;
	struct term *t;
	int master;

	(void)state;
	assert_int_equal(openpty(&master, &options.in_fd, NULL, NULL, NULL), 0);
	options.out_fd = options.in_fd;
	assert_int_equal(term_open_curses(&t, &options, &err), 0);
	assert_false(term_read(t, 0, &e));
	assert_int_equal(term_wait_ms(t, 0), -1);
	close(master);
	assert_true(term_present(t));
	assert_int_equal(term_in_fd(t), -1);
	assert_int_equal(term_wait_ms(t, 0), 0);
	assert_true(term_read(t, 0, &e));
	assert_int_equal(e.kind, TERM_EVENT_HANGUP);
	assert_false(term_read(t, 0, &e));
	assert_int_equal(term_wait_ms(t, 0), -1);
	term_close(t);
	close(options.in_fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back_between_frames),
	    cmocka_unit_test(grows_while_it_is_opened),
	    cmocka_unit_test(ended_while_it_is_opened),
	    cmocka_unit_test(gone_before_a_frame),
	};
	char *path;
	int rc;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc > 1)
		return program(argv[1]);
	path = path_absolute("/proc/self/exe");
	self = path;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	free(path);
	return rc;
}
