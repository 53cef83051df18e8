/* What is asked of terminals that may know more, and what becomes of their answers, whenever they come. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/term.h"
#include "../../src/term/input.h"
#include "../lib/demo_pty.h"

#define QUESTION "\x1b[?2026$p"
#define BEGIN    "\x1b[?2026h"
#define END      "\x1b[?2026l"
#define FOCUS_ON "\x1b[?1004h"

/* Keys that an answer, cut in two at `at` by a pause (longer than patience when late), gives besides. */
static int keys_of(const char *answer, size_t at, bool late, bool *sync)
{
	struct term_decoder *d = term_decoder_new();
	size_t len = strlen(answer);
	struct term_event e;
	int keys = 0;

	decoder_await(d);
	term_decoder_feed(d, "a", 1);
	term_decoder_feed(d, answer, at);
	while (term_decoder_next(d, false, &e) || (late && term_decoder_next(d, true, &e)))
		keys += e.kind == TERM_EVENT_KEY;
	term_decoder_feed(d, answer + at, len - at);
	term_decoder_feed(d, "b", 1);
	while (term_decoder_next(d, false, &e))
		keys += e.kind == TERM_EVENT_KEY;
	assert_false(term_decoder_waiting(d));
	*sync = decoder_sync(d);
	term_decoder_free(d);
	return keys;
}

static void answers_are_no_keys(void **state)
{
	static const struct {
		const char *answer;
		bool sync;
	} cases[] = {{"\x1b[?2026;1$y", true},
	             {"\x1b[?2026;2$y", true},
	             {"\x1b[?2026;0$y", false},
	             {"\x1b[?2026;4$y", false},
	             {"\x1b[?2027;1$y", false}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t at = 0; at <= strlen(cases[i].answer); at++) {
			bool sync;

			assert_int_equal(keys_of(cases[i].answer, at, false, &sync), 2);
			assert_int_equal(sync, cases[i].sync);
			/* When the wait for the rest is over after the first byte, that was Esc, and the rest is still no
			 * typing. */
			if (at > 1)
				continue;
			assert_int_equal(keys_of(cases[i].answer, at, true, &sync), 2 + (int)at);
			assert_int_equal(sync, cases[i].sync);
		}
}

static void patience(void **state)
{
	struct term_decoder *d = term_decoder_new();
	struct term_event e;
	int quick;

	(void)state;
	term_decoder_feed(d, "\x1b", 1);
	quick = decoder_patience_ms(d);
	assert_in_range(quick, 1, 30);
	decoder_await(d);
	assert_in_range(decoder_patience_ms(d), quick + 1, 200);
	term_decoder_feed(d, "[?20", 4);
	assert_in_range(decoder_patience_ms(d), 1000, 10000);
	term_decoder_feed(d, "26;2$yx\x1b", 8);
	assert_true(term_decoder_next(d, false, &e));
	assert_int_equal(e.key, 'x');
	assert_int_equal(decoder_patience_ms(d), quick);
	term_decoder_free(d);
	/* a terminal that never answers costs one Esc some time, once */
	d = term_decoder_new();
	decoder_await(d);
	term_decoder_feed(d, "j\x1b", 2);
	assert_true(term_decoder_next(d, false, &e));
	assert_int_equal(decoder_patience_ms(d), quick);
	term_decoder_free(d);
}

/* What a person types after Esc is typing. */
static void typing_after_esc(void **state)
{
	static const char *const typed[] = {"[", "[x", "[I", "?", "<"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(typed); i++) {
		struct term_decoder *d = term_decoder_new();
		struct term_event e;
		size_t keys = 0;

		term_decoder_feed(d, "\x1b", 1);
		assert_true(term_decoder_next(d, true, &e));
		term_decoder_feed(d, typed[i], strlen(typed[i]));
		while (term_decoder_next(d, true, &e))
			assert_int_equal(e.key, typed[i][keys++]);
		assert_int_equal(keys, strlen(typed[i]));
		term_decoder_free(d);
	}
}

static struct pty *start(const char *type, int w, int h)
{
	const char *const env[] = {type, "TERM_PROGRAM", NULL};
	struct pty *p = demo_pty(env, w, h);

	pty_must(p, "run-00001");
	pty_must_rest(p, 250); /* all that comes of the beginning is there: bytes are counted */
	return p;
}

static void only_some_are_asked(void **state)
{
	static const struct {
		const char *type;
		bool asked;
	} cases[] = {{"TERM=xterm-256color", true}, {"TERM=tmux-256color", true}, {"TERM=linux", false},
	             {"TERM=vt100", false},         {"TERM=vt220", false},        {"TERM=ansi", false}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pty *p = start(cases[i].type, 80, 24);
		const char *raw = pty_raw(p)->data, *question = strstr(raw, QUESTION);

		assert_int_equal(question != NULL, cases[i].asked);
		assert_int_equal(strstr(raw, FOCUS_ON) != NULL, cases[i].asked);
		/* Where the question might be seen it is on the alternate screen, which is then cleared. */
		if (cases[i].asked) {
			assert_non_null(strstr(raw, "\x1b[?1049h"));
			assert_true(strstr(raw, "\x1b[?1049h") < question);
			assert_true(strstr(question, "\x1b[H\x1b[2J") || strstr(question, "\x1b[H\x1b[J"));
		}
		pty_type(p, "q");
		assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
		pty_free(p);
	}
}

static size_t count(const struct pty *p, size_t from, const char *what)
{
	size_t n = 0;

	for (const char *at = pty_raw(p)->data + from; (at = strstr(at, what)); at++)
		n++;
	return n;
}

/* Large frames come whole once the terminal has said that it can, and not before; small ones never do. */
static void frames_come_whole(void **state)
{
	struct pty *p = start("TERM=xterm-256color", 80, 24);
	size_t before;

	(void)state;
	pty_key(p, "PgDn");
	pty_must_go(p, "▸ run-00001");
	pty_must_rest(p, 250);
	assert_int_equal(count(p, 0, BEGIN), 0);
	pty_type(p, "\x1b[?2026;");
	pty_must_rest(p, 300);
	pty_type(p, "2$y");
	pty_must_rest(p, 50);
	before = pty_bytes(p);
	pty_type(p, "G");
	pty_must(p, "▸ run-01000");
	pty_must_rest(p, 250);
	/* one frame, or two where the rows came late: each whole */
	assert_in_range(count(p, before, BEGIN), 1, 2);
	for (const char *at = pty_raw(p)->data + before; (at = strstr(at, BEGIN)); at++) {
		assert_non_null(strstr(at, END));
		assert_in_range(strstr(at, END) - at, 1024, 8192);
	}
	assert_int_equal(count(p, before, END), count(p, before, BEGIN));
	before = pty_bytes(p);
	pty_key(p, "Up");
	pty_must(p, "▸ run-00999");
	assert_int_equal(count(p, before, BEGIN), 0);
	pty_type(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	assert_int_equal(count(p, 0, "\x1b[?1004l"), 1);
	pty_free(p);
}

/* Coming and going of the focus presses no key and draws nothing. */
static void focus_is_no_key(void **state)
{
	struct pty *p = start("TERM=xterm-256color", 80, 24);
	size_t before = pty_bytes(p);

	(void)state;
	for (int i = 0; i < 20; i++)
		pty_type(p, "\x1b[O\x1b[I");
	pty_must_rest(p, 200);
	assert_int_equal(pty_bytes(p), before);
	pty_type(p, "j");
	pty_must(p, "▸ run-00002");
	pty_type(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	assert_true(pty_has(p, "opened 0 opens 0"));
	pty_free(p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_no_keys), cmocka_unit_test(patience),
	    cmocka_unit_test(typing_after_esc),    cmocka_unit_test(only_some_are_asked),
	    cmocka_unit_test(frames_come_whole),   cmocka_unit_test(focus_is_no_key),
	};

	return demo_pty_run(argc, argv, tests);
}
