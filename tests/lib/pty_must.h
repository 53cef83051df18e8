/* For programs of cmocka: a program in a pseudo-terminal shows what it must. */
#ifndef TESTS_PTY_MUST_H
#define TESTS_PTY_MUST_H

#include "pty.h"

/* Waits for the text; where it does not come, the test fails and shows the screen. */
void pty_must(struct pty *p, const char *text);
/* Waits until the text is there no longer. */
void pty_must_go(struct pty *p, const char *text);
/* Waits until the program rests (pty_rest). */
void pty_must_rest(struct pty *p, int ms);

#endif
