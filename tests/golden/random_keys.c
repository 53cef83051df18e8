/*
 * The whole program under random hands: keys, chords, bytes that are no keys, pastes, the mouse, sizes from
 * 12x4 to 300x100, storms of SIGWINCH, suspension, answers of the terminal, and at the end a quit, a signal, an
 * abort or a hang-up, wherever it stands; half of the time it is taken to the signing view first. It must go on
 * answering, end by itself with 0 and the terminal as it was (after an abort too), and no signature may stand in the
 * ledger that did not before.
 *
 * TRIALS= says how many lives (3; with LONG=1 200), MINUTES= how long at least, SEED= where they begin: a trial that
 * fails names the seed that does it again. STORE=DIR KEY=FILE have a copy of another store driven than the one that is made here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/ledger.h"
#include "assay/stats.h"

#include "../lib/golden.h"
#include "../lib/pty.h"
#include "../lib/trust_fixture.h"

enum { ACTS = 60, TRACE = 400 };

static char *folder, *program, *store, *key;

struct hands {
	struct pty *pty;
	struct rng rng;
	struct str trace; /* what was done */
	bool gone;        /* it has ended, by a key */
};

static size_t below(struct hands *h, size_t n)
{
	return (size_t)rng_below(&h->rng, n);
}

static void note(struct hands *h, const char *what)
{
	str_addf(&h->trace, " %s", what);
}

static void give_up(struct hands *h, const char *what)
{
	const char *const argv[] = {"sh", "-c", "cat \"$0\"/report.* 2>/dev/null", folder, NULL};
	struct str screen, report;
	size_t from = h->trace.len > TRACE ? h->trace.len - TRACE : 0;
	int status;

	str_init(&screen);
	str_init(&report);
	pty_text(h->pty, &screen);
	fprintf(stderr, "%s after:%s\nthe screen is:\n%s\n", what, h->trace.data + from, screen.data);
	if (child_capture(argv, NULL, 5000, 1 << 20, &report, NULL, &status, NULL) == 0)
		safe_fprintf(stderr, "%s\n", report.data);
	str_release(&report);
	str_release(&screen);
	fail();
}

/* ---- what a hand can do ---- */

static void press(struct hands *h, const char *name)
{
	note(h, name);
	pty_key(h->pty, name);
}

static void any_key(struct hands *h)
{
	/* Quitting ends a life early, and is rare; Ctrl-S would start to train. */
	static const char *const keys[] = {
	    "Up",     "Down",      "Left",   "Right",  "PgUp",   "PgDn",   "Home",   "End",    "Enter",
	    "Enter",  "Enter",     "Esc",    "Esc",    "Tab",    "Tab",    "Space",  "Space",  "Backspace",
	    "Delete", "Insert",    "F1",     "F5",     "F12",    "Ctrl-L", "Ctrl-U", "Ctrl-W", "Alt-x",
	    "Alt-b",  "Shift-Tab", "Ctrl-A", "Ctrl-E", "Ctrl-G", "Alt-1",  "Ctrl-R",
	};
	char letter[2] = {0};

	if (below(h, 3) == 0) {
		press(h, keys[below(h, COUNT_OF(keys))]);
		return;
	}
	do
		letter[0] = (char)(0x21 + below(h, 0x7F - 0x21));
	while (letter[0] == 'q' && below(h, 8) != 0);
	press(h, letter);
}

static void bytes(struct hands *h)
{
	char text[24];
	size_t n = 1 + below(h, sizeof text - 2);

	for (size_t i = 0; i < n; i++)
		do
			text[i] = (char)(1 + below(h, 255));
		while (text[i] == 0x03 || text[i] == 0x13 || text[i] == 0x1A || text[i] == 0x1C);
	text[n] = 0;
	note(h, "bytes");
	pty_type(h->pty, text);
}

static void paste(struct hands *h)
{
	static const char *const texts[] = {"123456",
	                                    "a1b2c3\r",
	                                    "y\r",
	                                    "\x1b[31mred\x07",
	                                    "\xe2\x80\xae evil \xff\xfe",
	                                    "since:2d",
	                                    "metrics.auc > 0.5\n\n\n"};

	note(h, "paste");
	pty_type(h->pty, "\x1b[200~");
	for (size_t n = below(h, 20) == 0 ? 2000 : 1 + below(h, 3); n > 0; n--)
		pty_type(h->pty, texts[below(h, COUNT_OF(texts))]);
	if (below(h, 10) != 0) /* else its end is lost on the way, for a while */
		pty_type(h->pty, "\x1b[201~");
	else
		note(h, "(open)");
}

static void mouse(struct hands *h)
{
	static const int buttons[] = {0, 0, 0, 1, 2, 32, 64, 65};
	char text[64];

	for (size_t n = 1 + below(h, 3); n > 0; n--) {
		snprintf(text, sizeof text, "\x1b[<%d;%zu;%zu%c", buttons[below(h, COUNT_OF(buttons))],
		         1 + below(h, 120), 1 + below(h, 50), below(h, 4) == 0 ? 'm' : 'M');
		pty_type(h->pty, text);
	}
	note(h, "mouse");
}

static void resize(struct hands *h)
{
	static const int usual[][2] = {{80, 24}, {160, 48}, {40, 12}, {12, 4}, {300, 100}, {120, 30}};
	const int *to = usual[below(h, COUNT_OF(usual))];
	int w = to[0], rows = to[1];
	char text[32];

	if (below(h, 2) == 0) {
		w = 12 + (int)below(h, 289);
		rows = 4 + (int)below(h, 97);
	}
	snprintf(text, sizeof text, "%dx%d", w, rows);
	note(h, text);
	pty_resize(h->pty, w, rows);
}

/* Focus comes and goes, and answers to what was asked at the beginning come late, whole or cut in two. */
static void answer(struct hands *h)
{
	static const char *const texts[] = {"\x1b[I", "\x1b[O", "\x1b[?2026;2$y", "\x1b[?2026;1$y",
	                                    "\x1b[?2026;0$y"};
	const char *text = texts[below(h, COUNT_OF(texts))];
	size_t at = below(h, 3) ? 3 : below(h, strlen(text)); /* a lone ESC is a key */
	char first[16];

	note(h, "answer");
	snprintf(first, sizeof first, "%.*s", (int)at, text);
	pty_type(h->pty, first);
	if (below(h, 2))
		pty_drain(h->pty, 40);
	pty_type(h->pty, text + strlen(first));
}

static void storm(struct hands *h)
{
	note(h, "storm");
	for (int i = 0; i < 50; i++) {
		if (i % 5 == 0)
			pty_resize(h->pty, 12 + (int)below(h, 289), 4 + (int)below(h, 97));
		pty_signal(h->pty, SIGWINCH);
	}
}

/* How often it has gone to the alternate screen. */
static int screens(const struct hands *h)
{
	int n = 0;

	for (const char *at = pty_raw(h->pty)->data; (at = strstr(at, "\x1b[?1049h")); at++)
		n++;
	return n;
}

static void suspend(struct hands *h)
{
	int64_t end = time_mono_ms() + PTY_PATIENCE;
	int before = screens(h);

	note(h, "suspend");
	pty_signal(h->pty, SIGTSTP);
	/* An orphaned group may not be stopped; then it goes on at once, on the alternate screen anew. */
	while (!pty_wait_stopped(h->pty, 20))
		if (screens(h) > before || pty_wait(h->pty, 0) != -1 || time_mono_ms() > end)
			return;
	if (pty_alternate(h->pty) || !pty_cooked(h->pty))
		give_up(h, "a broken terminal while it was suspended");
	pty_signal(h->pty, SIGCONT);
}

static void drain(struct hands *h)
{
	pty_drain(h->pty, 10 + (int)below(h, 40));
}

/* From anywhere, as far as it comes: the last key may be refused. */
static void to_the_code(struct hands *h)
{
	note(h, "[sign");
	for (int i = 0; i < 6; i++)
		pty_key(h->pty, "Esc");
	pty_drain(h->pty, 700); /* no question is answered by what was typed before it could be read */
	pty_type(h->pty, "1");
	pty_drain(h->pty, 50);
	pty_type(h->pty, "a");
	pty_drain(h->pty, 200);
	pty_type(h->pty, below(h, 3) == 0 ? "w" : below(h, 3) == 0 ? "x" : "a");
	pty_drain(h->pty, 700);
	if (below(h, 4) != 0)
		pty_type(h->pty, "y");
	pty_drain(h->pty, 50);
	pty_type(h->pty, "Better in every month of the holdout, and within its limits, as the policy asks.");
	pty_drain(h->pty, 50);
	if (below(h, 4) != 0)
		pty_type(h->pty, "\r");
	pty_drain(h->pty, 300);
	note(h, pty_has(h->pty, "first six digits") ? "code]" : "somewhere]");
}

static void act(struct hands *h)
{
	size_t kind = below(h, 100);

	if (kind < 70)
		any_key(h);
	else if (kind < 76)
		bytes(h);
	else if (kind < 78)
		answer(h);
	else if (kind < 82)
		paste(h);
	else if (kind < 87)
		mouse(h);
	else if (kind < 94)
		resize(h);
	else if (kind < 96)
		storm(h);
	else if (kind < 97)
		suspend(h);
	else
		drain(h);
	if (below(h, 4) == 0)
		drain(h);
}

/* It still answers: another size makes another screen. */
static void answers(struct hands *h)
{
	int64_t end = time_mono_ms() + PTY_PATIENCE;
	size_t before;

	pty_resize(h->pty, 90, 30);
	pty_drain(h->pty, 100);
	before = pty_bytes(h->pty);
	pty_resize(h->pty, 80, 24);
	while (pty_bytes(h->pty) == before && time_mono_ms() < end) {
		pty_drain(h->pty, 20);
		if (pty_wait(h->pty, 0) != -1) {
			h->gone = true;
			return;
		}
	}
	if (pty_bytes(h->pty) == before)
		give_up(h, "no answer");
	/* It may not be through yet with what was typed before. */
	pty_rest(h->pty, 50);
	/* They were its last, if it has given the terminal back: a key has ended it. */
	if (!pty_alternate(h->pty)) {
		pty_wait(h->pty, PTY_PATIENCE);
		h->gone = true;
	}
}

static void end_it(struct hands *h)
{
	static const int sigs[] = {SIGTERM, SIGHUP, SIGINT};
	size_t how = below(h, 6);
	bool closed = false;
	int status, good = 0;

	if (how < COUNT_OF(sigs)) {
		note(h, how == 0 ? "TERM" : how == 1 ? "HUP" : "INT");
		pty_signal(h->pty, sigs[how]);
	} else if (how == 3) {
		note(h, "hang-up");
		pty_close(h->pty);
		closed = true;
	} else if (how == 4) {
		/* As when it finds a fault of its own. */
		note(h, "ABRT");
		pty_signal(h->pty, SIGABRT);
		good = h->gone ? 0 : 128 + SIGABRT;
	} else {
		/* A first Ctrl-C may end something else than the program. Once it has given the terminal back, and is still on
		 * its way out, another one is a signal, which would kill it. */
		note(h, "Ctrl-C");
		pty_type(h->pty, "\x1b[201~");
		for (int i = 0; i < 8 && pty_wait(h->pty, 0) == -1 && pty_alternate(h->pty); i++) {
			pty_type(h->pty, "\x03");
			pty_rest(h->pty, 300);
		}
	}
	status = pty_wait(h->pty, PTY_PATIENCE);
	if (status != good) {
		print_error("its end was %d\n", status);
		give_up(h, status == -1 ? "it did not end" : "a bad end");
	}
	if (!closed && (pty_alternate(h->pty) || !pty_cooked(h->pty)))
		give_up(h, "a broken terminal at the end");
}

/* ---- the ledger ---- */

/* Links of the signed rows, one a line; the chain holds. */
static void signed_rows(struct str *out)
{
	struct arena *mem = arena_new();
	struct ledger_row *rows;
	struct ledger *l;
	struct error err;
	size_t count;

	if (ledger_open(&l, store, false, &err) != 0 || ledger_rows(l, 1, 1000000, mem, &rows, &count, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < count; i++)
		if (rows[i].sig_len > 0)
			str_addf(out, "%lld %s\n", (long long)rows[i].seq, rows[i].link);
	ledger_close(l);
	arena_free(mem);
}

static void live(uint64_t seed)
{
	static const char *const starts[][2] = {{NULL}, {"--ascii"}, {"--theme", "light"}};
	struct hands h = {0};
	const char *argv[8] = {"sh", "-c", "cd \"$0\" && exec \"$@\"", folder, program};
	/* What a sanitizer says must not go to the screen. */
	const char *given = getenv("ASAN_OPTIONS");
	char *asan =
	    xasprintf("ASAN_OPTIONS=%s%slog_path=%s/report", given ? given : "", given ? ":" : "", folder);
	const char *env[] = {"PAGER=cat", "EDITOR=true", "TERM=xterm-256color", asan, NULL, NULL};
	size_t start, argc = 5;

	rng_init(&h.rng, seed, 0);
	str_init(&h.trace);
	str_addf(&h.trace, "SEED=%llu", (unsigned long long)seed);
	start = below(&h, COUNT_OF(starts));
	for (size_t i = 0; i < 2 && starts[start][i]; i++)
		argv[argc++] = starts[start][i];
	env[4] = below(&h, 4) == 0 ? "NO_COLOR=1" : NULL;
	h.pty = pty_start(argv, env, 80, 24);
	pty_expect(h.pty, "? help", PTY_PATIENCE);
	for (size_t n = 20 + below(&h, ACTS), i = 0; i < n && !h.gone; i++) {
		if (i == n / 2 && below(&h, 2) == 0)
			to_the_code(&h);
		act(&h);
		h.gone = pty_wait(h.pty, 0) != -1;
	}
	if (!h.gone)
		answers(&h);
	end_it(&h);
	pty_free(h.pty);
	str_release(&h.trace);
	free(asan);
}

static void random_hands(void **state)
{
	const char *trials = getenv("TRIALS"), *seed = getenv("SEED"), *longer = getenv("LONG");
	const char *minutes = getenv("MINUTES");
	int64_t n = longer && *longer == '1' ? 200 : 3, first = 1, end = 0;
	struct str before, after;

	(void)state;
	if (trials && int_parse(trials, strlen(trials), &n) && longer && n > 200)
		n = 200; /* of ten thousand kills elsewhere */
	if (seed)
		int_parse(seed, strlen(seed), &first);
	if (minutes && int_parse(minutes, strlen(minutes), &end))
		end = time_mono_ms() + end * 60000;
	str_init(&before);
	str_init(&after);
	signed_rows(&before);
	for (int64_t i = 0; i < n || time_mono_ms() < end; i++) {
		live((uint64_t)(first + i));
		str_clear(&after);
		signed_rows(&after);
		if (strcmp(before.data, after.data) != 0)
			fail_msg("SEED=%lld: something was signed", (long long)(first + i));
	}
	str_release(&before);
	str_release(&after);
}

static int make_store(void **state)
{
	const char *tmp = getenv("TMPDIR"), *given = getenv("STORE");
	struct error err = {0};
	struct str text;

	(void)state;
	folder = xasprintf("%s/assay-hands-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		return -1;
	if (given) {
		const char *const copy[] = {"cp", "-a", given, folder, NULL};
		int status;

		str_init(&text);
		if (child_capture(copy, NULL, 30000, 1000, &text, NULL, &status, &err) != 0 || status != 0) {
			print_error("%s cannot be copied %s\n", given, err.text);
			return -1;
		}
		str_release(&text);
		store = path_join(folder, strrchr(given, '/') ? strrchr(given, '/') + 1 : given);
		key = xstrdup(getenv("KEY") ? getenv("KEY") : "");
	} else {
		if (trust_fixture(folder, &store, &err) != 0) {
			print_error("%s\n", err.text);
			return -1;
		}
		key = path_join(folder, "keys/ana");
	}
	setenv("ASSAY_STORE", store, 1);
	setenv("ASSAY_KEY", key, 1);
	setenv("XDG_CONFIG_HOME", folder, 1);
	setenv("XDG_STATE_HOME", folder, 1);
	unsetenv("SSH_AUTH_SOCK");
	return 0;
}

static int remove_store(void **state)
{
	(void)state;
	dir_remove(folder, NULL);
	free(folder);
	free(store);
	free(key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_hands)};
	int failed;

	setlocale(LC_CTYPE, "C.UTF-8");
	program = golden_program();
	failed = cmocka_run_group_tests_name("random-keys", tests, make_store, remove_store);
	free(program);
	return failed;
}
