/* Runs of real commands in a store of a test's own. The program that tests is the supervisor, too: its main calls
 * run_supervise where it is told to. For programs of cmocka. */
#ifndef TESTS_RUN_WORLD_H
#define TESTS_RUN_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "assay/run.h"

struct run_world {
	char *dir, *path;
	struct store *store;
};

/* For cmocka_unit_test_setup_teardown: *state is a struct run_world. */
int run_world_open(void **state);
int run_world_close(void **state);

/* What fails says why. */
void run_world_ok(int result, const struct error *err);
struct run_started run_world_words(struct run_world *w, const char *const *argv, bool pipe);
/* A script of the shell. */
struct run_started run_world_launch(struct run_world *w, const char *script);
/* How it ended. */
struct run_end run_world_wait(struct run_world *w, const char *uuid);
/* Waits until its folder is gone. */
void run_world_gone(struct run_world *w, const char *uuid);
/* All that it printed. Free it. */
char *run_world_output(struct run_world *w, const char *uuid);
/* How many points a series has, and the series (out may be NULL). */
size_t run_world_points(struct run_world *w, int64_t run, enum series_kind kind, const char *name,
                        struct series *out);

#endif
