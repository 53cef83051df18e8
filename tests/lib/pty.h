/*
 * A program in a real pseudo-terminal, its screen kept by libvterm. Tests wait for content, never for time
 * alone:
 *
 *     struct pty *p = pty_start(argv, env, 80, 24);
 *     pty_must(p, "swift-otter");
 *     pty_key(p, "Down"); pty_type(p, "text");
 *     assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
 *     pty_free(p);
 *
 * Times are milliseconds and only say when to give up, which PTY_PATIENCE does late enough for any machine. What changes
 * nothing on the screen is waited for with pty_rest.
 */
#ifndef TESTS_PTY_H
#define TESTS_PTY_H

#include "assay/base.h"

struct pty;

enum { PTY_PATIENCE = 60000 };

struct pty_cell {
	char text[32]; /* UTF-8; "" for a blank or the right half of a wide character */
	int width;
	bool bold, reverse, underline;
	bool plain_fg, plain_bg; /* the terminal's own colours */
	uint8_t fg[3], bg[3];    /* else: red, green, blue */
};

/* argv[0] is looked for in PATH; env: "NAME=value" sets, "NAME" unsets, NULL ends; the rest is inherited,
 * TERM is xterm-256color unless given. The child leads a session of its own. Ends the test program when no
 * pty can be had. */
struct pty *pty_start(const char *const argv[], const char *const env[], int w, int h);
void pty_free(struct pty *p); /* kills what is left */
int pty_pid(const struct pty *p);

void pty_type(struct pty *p, const char *text); /* bytes as they are */
bool pty_key(struct pty *p, const char *name);  /* "Down", "Ctrl-C", "PgDn", "F1", "x" */
void pty_resize(struct pty *p, int w, int h);
void pty_signal(struct pty *p, int sig);
void pty_close(struct pty *p); /* the terminal goes away (hang-up) */

/* Reads until the text is on the screen (false: it did not come), or not any more. */
bool pty_expect(struct pty *p, const char *text, int timeout_ms);
bool pty_expect_gone(struct pty *p, const char *text, int timeout_ms);
/* One key as a hand types it: returns when the cursor shows that it has arrived; false if it did not. */
bool pty_press(struct pty *p, char key, int timeout_ms);
/*
 * Reads until the program has said all and waits for what comes next, and did so `ms` before as well: none of its threads
 * waits for a processor or a disk. So a key that changes nothing was taken, and whatever the program does of itself
 * within that time is done; on a busy machine it takes longer. False: it never rested.
 */
bool pty_rest(struct pty *p, int ms);
/* Reads until nothing has come for quiet_ms, which on a busy machine says nothing about the program: for pauses that
 * nothing depends on. */
void pty_drain(struct pty *p, int quiet_ms);
/* Reads what is there, `most` bytes of it at most, as a slow line does; returns how many came. */
size_t pty_trickle(struct pty *p, size_t most);
/* Wait status of the end of the program as a shell would say it (128 + signal), -1 if it has not ended. */
int pty_wait(struct pty *p, int timeout_ms);
/* The program has stopped itself (Ctrl-Z). */
bool pty_wait_stopped(struct pty *p, int timeout_ms);

void pty_text(struct pty *p, struct str *out); /* rows, blanks at their ends removed */
bool pty_has(struct pty *p, const char *text);
void pty_cell(struct pty *p, int x, int y, struct pty_cell *out);
void pty_cursor(struct pty *p, int *x, int *y, bool *visible);
bool pty_alternate(struct pty *p);              /* the alternate screen is on */
bool pty_cooked(struct pty *p);                 /* echo and line editing are on, as a shell has them */
bool pty_untouched(struct pty *p);              /* its modes are what they were before the program began */
size_t pty_bytes(const struct pty *p);          /* that the program has written so far */
const struct str *pty_raw(const struct pty *p); /* all of them */

#endif
