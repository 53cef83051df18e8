/*
 * No input waits. The workbench in a real terminal, on a store whose every answer takes two seconds: worker_add is
 * wrapped (see the Makefile), so that whatever a screen asks of a worker is done two seconds late, unless it is
 * interrupted. Keys are answered within a frame all the same, Esc forgets what waits, answers that nobody wants any
 * more are dropped, another screen comes at once, and so does the end.
 *
 * A key counts as answered when the screen shows it. The median of all is held to 100 ms; each single one only to
 * less than an answer takes, so that a machine that is busy with something else fails nobody.
 *
 * The screen's own thread must not touch SQLite at all: there, sqlite3_step ends the program.
 */
#include <dlfcn.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/view.h"

#include "../../src/ui/private.h"
#include "../../src/view/view_inside.h"
#include "../lib/golden.h"
#include "../lib/pty.h"
#include "../lib/store_fixture.h"

enum { ANSWER_MS = 2000, FRAME_MS = 100, LATEST_MS = 1500, PATIENCE = 60000, MOST = 100 };

/* ---- the slow program ---- */

static struct {
	pthread_t screen;
	atomic_bool running;
	atomic_int done, dropped;
} slow;

struct slowed {
	ui_work_fn *fn;
	uint64_t aligned;
};

static int do_slowly(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct slowed *s = arg;
	struct desk *desk = context;

	/* The thread of themes asks no store. */
	if (!desk)
		return s->fn(context, arena, s + 1, result, err);
	desk->stop = false;
	for (int64_t end = time_mono_ms() + ANSWER_MS; time_mono_ms() < end;) {
		struct timespec moment = {.tv_nsec = 2000000};

		nanosleep(&moment, NULL);
		if (desk->stop) {
			atomic_fetch_add(&slow.dropped, 1);
			return error_set(err, ERR_STORE, "interrupted");
		}
	}
	atomic_fetch_add(&slow.done, 1);
	return s->fn(context, arena, s + 1, result, err);
}

void __real_worker_add(struct worker *w, struct request *r, bool front);
void __wrap_worker_add(struct worker *w, struct request *r, bool front);
void __wrap_worker_add(struct worker *w, struct request *r, bool front)
{
	size_t size = r->arg ? malloc_usable_size(r->arg) : 0;
	struct slowed *s = xcalloc(1, sizeof *s + size);

	s->fn = r->fn;
	if (size)
		memcpy(s + 1, r->arg, size);
	free(r->arg);
	r->arg = s;
	r->fn = do_slowly;
	__real_worker_add(w, r, front);
}

int sqlite3_step(void *statement);
int sqlite3_step(void *statement)
{
	static int (*_Atomic step)(void *statement);

	if (!step)
		*(void **)&step = dlsym(RTLD_NEXT, "sqlite3_step");
	if (atomic_load(&slow.running) && pthread_equal(pthread_self(), slow.screen))
		abort();
	return step(statement);
}

static int be_slow(const char *store)
{
	struct view_options options = {.store = store, .forget = true};
	struct term_options how = {.in_fd = -1, .out_fd = -1};
	struct term *term;
	struct ui *ui = NULL;
	struct error err;

	setlocale(LC_CTYPE, "");
	if (term_open_curses(&term, &how, &err) != 0 || view_begin(&ui, term, &options, &err) != 0) {
		safe_fprintf(stderr, "%s\n", err.text);
		return 3;
	}
	slow.screen = pthread_self();
	atomic_store(&slow.running, true);
	if (ui_run(ui, &err) != 0)
		return 3;
	atomic_store(&slow.running, false);
	view_end(ui);
	term_close(term);
	printf("done %d dropped %d.\n", atomic_load(&slow.done), atomic_load(&slow.dropped));
	return 0;
}

/* ---- the hands ---- */

static char *folder, *store, *self;
static double took[MOST];
static size_t count;

static struct pty *start(void)
{
	const char *argv[] = {self, "--slow", store, NULL};
	char *config = xasprintf("XDG_CONFIG_HOME=%s", folder), *state = xasprintf("XDG_STATE_HOME=%s", folder);
	const char *env[] = {config, state, "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
	struct pty *p = pty_start(argv, env, 80, 24);

	free(config);
	free(state);
	return p;
}

static void wanted(struct pty *p, const char *key, const char *text, bool there, int64_t ms)
{
	struct str screen;

	str_init(&screen);
	pty_text(p, &screen);
	print_error("after %s \"%s\" %s within %lld ms:\n%s\n", key, text, there ? "did not come" : "did not go",
	            (long long)ms, screen.data);
	str_release(&screen);
	fail();
}

/* The key is pressed, and answered when the text is there (or gone). */
static void answered(struct pty *p, const char *key, const char *text, bool there)
{
	int64_t from = time_mono_ms(), ms;
	bool came;

	pty_key(p, key);
	came = there ? pty_expect(p, text, PATIENCE) : pty_expect_gone(p, text, PATIENCE);
	ms = time_mono_ms() - from;
	if (!came || ms >= LATEST_MS)
		wanted(p, key, text, there, ms);
	if (count < MOST)
		took[count++] = (double)ms;
}

static void shows(struct pty *p, const char *key, const char *text)
{
	answered(p, key, text, true);
}

static void hides(struct pty *p, const char *key, const char *text)
{
	answered(p, key, text, false);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void median_is_a_frame(void)
{
	assert_true(count > 0);
	qsort(took, count, sizeof *took, by_value);
	print_message("# %zu keys answered in %.0f ms (median), %.0f ms (the slowest)\n", count, took[count / 2],
	              took[count - 1]);
	assert_true(took[count / 2] < FRAME_MS);
}

/* Leaves at once, whatever the store is at; what it says of its work is on the screen then. */
static void leave(struct pty *p, const char *key, int *done, int *dropped)
{
	int64_t from = time_mono_ms(), ms;
	struct str screen;
	const char *at;
	int status;

	pty_key(p, key);
	status = pty_wait(p, PATIENCE);
	ms = time_mono_ms() - from;
	assert_int_equal(status, 0);
	print_message("# left in %lld ms\n", (long long)ms);
	assert_true(ms < LATEST_MS);
	pty_expect(p, "dropped", PATIENCE);
	str_init(&screen);
	pty_text(p, &screen);
	at = strstr(screen.data, "done ");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "done %d dropped %d", done, dropped), 2);
	str_release(&screen);
	pty_free(p);
}

static void keys_are_answered_before_the_store(void **state)
{
	struct pty *p = start();
	int64_t from = time_mono_ms();
	int done, dropped;

	(void)state;
	count = 0;
	assert_true(pty_expect(p, "? help", PATIENCE));
	assert_true(time_mono_ms() - from < LATEST_MS);
	/* No row is there yet: a key that means one waits, and Esc forgets it. */
	shows(p, "j", "waiting for rows, then 1 key");
	shows(p, "Enter", "waiting for rows, then 2 keys");
	hides(p, "Esc", "waiting for rows");
	shows(p, "?", "─ Keys ─");
	hides(p, "Esc", "─ Keys ─");
	shows(p, ":", "Enter choose");
	shows(p, "t", "> t");
	hides(p, "Esc", "Enter choose");
	shows(p, "3", "▸ data");
	shows(p, "5", "▸ models");
	shows(p, "8", "▸ audit");
	shows(p, "1", "▸ overview");
	shows(p, "2", "▸ runs");
	shows(p, "J", "▸ journal");
	hides(p, "q", "▸ journal");
	/* The next start is that of another program: nothing of what was asked is waited for. */
	leave(p, "Ctrl-C", &done, &dropped);
	assert_true(dropped >= 1);
	median_is_a_frame();
}

static void stale_answers_are_dropped(void **state)
{
	static const char word[] = "calm-heron";
	struct pty *p = start();
	char line[32] = "/ ";
	int64_t from;
	int done, dropped;

	(void)state;
	count = 0;
	assert_true(pty_expect(p, "young-yak-001", PATIENCE));
	/* Rows that are there are moved through at once. */
	shows(p, "Down", "▸ swift-otter-412");
	shows(p, "/", "/ ");
	for (size_t i = 0; word[i]; i++) {
		char key[2] = {word[i]};

		line[2 + i] = word[i];
		shows(p, key, line);
	}
	/* Ten letters, each a filter of its own: what comes is the last one's answer, and none of those before. */
	from = time_mono_ms();
	assert_true(pty_expect(p, "1 match", PATIENCE));
	assert_true(time_mono_ms() - from < 4 * ANSWER_MS);
	assert_true(pty_has(p, "calm-heron-077"));
	pty_key(p, "Enter");
	/* A view opens before it has anything to show, and is left before it has. */
	shows(p, "Enter", "Metrics");
	hides(p, "q", "Metrics");
	leave(p, "q", &done, &dropped);
	print_message("# %d answers, %d given up\n", done, dropped);
	/* Of the filters that were typed the first was begun and given up, those between were not even begun. */
	assert_true(dropped >= 1);
	median_is_a_frame();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_are_answered_before_the_store),
	    cmocka_unit_test(stale_answers_are_dropped),
	};
	const struct golden_group group = {"no-wait", false, &folder, {{"full", store_fixture, &store}}};
	int failed;

	if (argc == 3 && strcmp(argv[1], "--slow") == 0)
		return be_slow(argv[2]);
	self = path_absolute(argv[0]);
	failed = golden_run(&group, tests);
	free(self);
	return failed;
}
