/* The small application of demo.h in a pseudo-terminal: the program that tests starts itself. For programs of cmocka. */
#ifndef TESTS_DEMO_PTY_H
#define TESTS_DEMO_PTY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "demo.h"
#include "pty_must.h"

/* env as pty_start takes it; DEMO_… are known to demo_main. */
struct pty *demo_pty(const char *const env[], int w, int h);

/* For main: the application, where the program was started as such; else the tests, with nobody's settings. What main
 * returns. */
#define demo_pty_run(argc, argv, tests) demo_pty_run_tests(argc, argv, tests, COUNT_OF(tests))
int demo_pty_run_tests(int argc, char **argv, const struct CMUnitTest *tests, size_t count);

#endif
