/*
 * A slow line: nobody reads for a while, or a kilobyte a second. What is typed counts, frames are dropped, memory
 * stays what it was, and the terminal is given back without waiting for what nobody will see.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/ui.h"
#include "../lib/demo_pty.h"

enum { WHOLE = 8000 /* bytes of a screen of 200x50 and more */ };

static struct pty *start(int w, int h)
{
	struct pty *p = demo_pty(NULL, w, h);

	pty_must(p, "run-00001");
	pty_must_rest(p, 250); /* all that comes of the beginning is there: bytes and memory are measured */
	return p;
}

static void quit(struct pty *p)
{
	pty_type(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	assert_false(pty_alternate(p));
	assert_true(pty_cooked(p));
	pty_free(p);
}

static long resident_kb(const struct pty *p)
{
	char path[64];
	struct str text;
	const char *at;
	long kb = -1;

	snprintf(path, sizeof path, "/proc/%d/status", pty_pid(p));
	str_init(&text);
	if (!file_read(path, &text, 0, NULL) && (at = strstr(text.data, "VmRSS:")))
		kb = strtol(at + 6, NULL, 10);
	str_release(&text);
	return kb;
}

/* Nobody reads for two seconds, in which a whole screen is due a hundred times. */
static void stalls(void **state)
{
	struct pty *p = start(200, 50);
	size_t before = pty_bytes(p);
	long kb = resident_kb(p);

	(void)state;
	for (int i = 0; i < 100; i++) {
		pty_type(p, i % 2 ? "g" : "Gk");
		usleep(20000);
	}
	pty_type(p, "gjj");
	usleep(50000);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
	assert_in_range(resident_kb(p), 1, kb + 1500);
#endif
	(void)kb;
	pty_must(p, "▸ run-00003");
	/* A pty holds about 22,000 bytes back: those frames, the one that waited, and the last one. */
	assert_in_range(pty_bytes(p) - before, 1, 22000 + 4 * WHOLE);
	quit(p);
}

/* A kilobyte a second: each key counts though hardly a frame gets through. */
static void trickles(void **state)
{
	struct pty *p = start(80, 24);
	size_t before = pty_bytes(p);

	(void)state;
	for (int i = 0; i < 150; i++) {
		pty_type(p, i % 3 < 2 ? "j" : i % 2 ? "\x1b[6~" : "\x1b[5~");
		if (i % 5 == 0)
			pty_trickle(p, 100);
		usleep(20000);
	}
	pty_type(p, "gjjjjjjj");
	pty_must(p, "▸ run-00008");
	assert_in_range(pty_bytes(p) - before, 1, 22000 + 4 * WHOLE);
	quit(p);
}

/* Five hundred sizes in a second, read and not read: the last one is drawn, and nothing was lost. */
static void storms(void **state)
{
	(void)state;
	for (int unread = 0; unread < 2; unread++) {
		struct pty *p = start(80, 24);
		long kb = resident_kb(p);

		for (int i = 0; i < 500; i++) {
			pty_resize(p, 12 + (i * 37) % 290, 4 + (i * 13) % 90);
			if (i % 50 == 0)
				pty_type(p, "j");
			if (!unread)
				pty_trickle(p, 65536);
			usleep(2000);
		}
		/* where the screen is too small to show anything, keys do nothing: so at least some arrived */
		pty_resize(p, 100, 30);
		pty_type(p, "gjj");
		pty_must(p, "▸ run-00003");
		pty_must(p, "? help");
#ifndef __SANITIZE_ADDRESS__
		assert_in_range(resident_kb(p), 1, kb + 6000); /* grids of 300x94 */
#endif
		(void)kb;
		quit(p);
	}
}

/* Leaving does not wait for a frame that nobody will see, even when the terminal takes nothing. */
static void leaves_a_stalled_line(void **state)
{
	static const char *const how[] = {"q", "TERM", "HUP", "SEGV"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(how); i++) {
		struct pty *p = start(200, 50);

#ifdef __SANITIZE_ADDRESS__ /* which has a handler of its own */
		if (!strcmp(how[i], "SEGV")) {
			pty_free(p);
			continue;
		}
#endif
		for (int k = 0; k < 40; k++) {
			pty_type(p, k % 2 ? "g" : "G");
			usleep(5000);
		}
		if (i == 0)
			pty_type(p, "q");
		else
			pty_signal(p, i == 1 ? SIGTERM : i == 2 ? SIGHUP : SIGSEGV);
		/* Nobody reads meanwhile. */
		for (int k = 0; k < PTY_PATIENCE / 10 && !pty_cooked(p); k++)
			usleep(10000);
		assert_true(pty_cooked(p));
		assert_int_equal(pty_wait(p, PTY_PATIENCE), i == 3 ? 128 + SIGSEGV : 0);
		assert_false(pty_alternate(p));
		assert_true(pty_cooked(p));
		pty_free(p);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stalls),
	    cmocka_unit_test(trickles),
	    cmocka_unit_test(storms),
	    cmocka_unit_test(leaves_a_stalled_line),
	};

	return demo_pty_run(argc, argv, tests);
}
