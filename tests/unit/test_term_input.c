/* The decoder of keys, names of keys, and the frame on its way out. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/term.h"
#include "../../src/term/frame.h"

static const struct {
	const char *bytes, *names; /* "" after the last: nothing more */
} cases[] = {
    {"a", "a"},
    {"A?", "A ?"},
    {"\r\n\t\x7f\x08", "Enter Enter Tab Backspace Backspace"},
    {"\x01\x1a\x1c", "Ctrl-A Ctrl-Z Ctrl-\\"},
    {" ", "Space"},
    {"é漢😀", "é 漢 😀"},
    {"\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", "Up Down Right Left Home End"},
    {"\x1bOA\x1bOB\x1bOH\x1bOF\x1bOP\x1bOS", "Up Down Home End F1 F4"},
    {"\x1b[1~\x1b[2~\x1b[3~\x1b[4~\x1b[5~\x1b[6~", "Home Insert Delete End PgUp PgDn"},
    {"\x1b[15~\x1b[17~\x1b[24~\x1b[[A\x1b[[E", "F5 F6 F12 F1 F5"},
    {"\x1b[1;2A\x1b[1;5C\x1b[1;3D\x1b[3;5~", "Shift-Up Ctrl-Right Alt-Left Ctrl-Delete"},
    {"\x1b[Z", "Shift-Tab"},
    {"\x1bx\x1b\x7f", "Alt-x Alt-Backspace"},
    {"\x1b\x1b[A", "Alt-Up"},
    {"\x1b\x03q", "Esc Ctrl-C q"},
    {"\x1b", "Esc"},
    {"\x1b[", "Alt-["},
    {"\x1bO", "Alt-O"},
    {"\x1b]11;rgb:0000/0000/0000\x1b\\q", "q"},
    {"\x1b]11;rgb:0000/0000/0000\x07q", "q"},
    {"\x1bP1+r544e\x1b\\q", "q"},
    {"\x1b[?64;1;2cq", "q"},
    {"\x1b[999;999Xq", "q"},
    {"\x1b[97;5u\x1b[13u", "Ctrl-A Enter"},
    {"\xff\xc3(\x80z", "( z"},
    {"\xed\xa0\x80\xc0\x80\xf5\x80q", "q"},
};

static void add_name(struct str *out, const struct term_event *e)
{
	char name[TERM_KEY_TEXT];

	if (e->kind == TERM_EVENT_KEY)
		str_addf(out, "%s%s", out->len ? " " : "", term_key_name(e->key, e->mods, name));
}

/* Fed whole, and fed byte by byte, the keys are the same. */
static void sequences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (int single = 0; single < 2; single++) {
			struct term_decoder *d = term_decoder_new();
			size_t len = strlen(cases[i].bytes);
			struct term_event e;
			struct str names;

			str_init(&names);
			for (size_t k = 0; single && k < len; k++) {
				term_decoder_feed(d, cases[i].bytes + k, 1);
				while (term_decoder_next(d, false, &e))
					add_name(&names, &e);
			}
			if (!single)
				term_decoder_feed(d, cases[i].bytes, len);
			while (term_decoder_next(d, true, &e))
				add_name(&names, &e);
			assert_string_equal(names.data, cases[i].names);
			assert_false(term_decoder_waiting(d));
			str_release(&names);
			term_decoder_free(d);
		}
}

static void waits_for_the_rest(void **state)
{
	static const char *const parts[] = {"\x1b",  "\x1b[",    "\x1b[1;",  "\x1b[1;5",
	                                    "\x1bO", "\xe6\xbc", "\x1b[<0;1"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct term_decoder *d = term_decoder_new();
		struct term_event e;

		term_decoder_feed(d, parts[i], strlen(parts[i]));
		assert_false(term_decoder_next(d, false, &e));
		assert_true(term_decoder_waiting(d));
		term_decoder_free(d);
	}
}

static void mouse(void **state)
{
	struct term_decoder *d = term_decoder_new();
	struct term_event e;
	static const char bytes[] = "\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<65;1;1M\x1b[<34;3;4M\x1b[M !!";

	(void)state;
	term_decoder_feed(d, bytes, sizeof bytes - 1);
	assert_true(term_decoder_next(d, false, &e));
	assert_int_equal(e.kind, TERM_EVENT_MOUSE);
	assert_int_equal(e.mouse, TERM_MOUSE_PRESS);
	assert_int_equal(e.button, 1);
	assert_int_equal(e.x, 9);
	assert_int_equal(e.y, 4);
	assert_true(term_decoder_next(d, false, &e));
	assert_int_equal(e.mouse, TERM_MOUSE_RELEASE);
	assert_true(term_decoder_next(d, false, &e));
	assert_int_equal(e.mouse, TERM_MOUSE_WHEEL_DOWN);
	assert_true(term_decoder_next(d, false, &e));
	assert_int_equal(e.mouse, TERM_MOUSE_DRAG);
	assert_int_equal(e.button, 3);
	assert_true(term_decoder_next(d, false, &e));
	assert_int_equal(e.mouse, TERM_MOUSE_PRESS);
	assert_int_equal(e.x, 0);
	assert_false(term_decoder_next(d, false, &e));
	term_decoder_free(d);
}

static void paste(void **state)
{
	struct term_decoder *d = term_decoder_new();
	const char *text = "\x1b[200~rm -rf\r\x1b[A\x1b[201~x";
	struct term_event e;
	int events = 0;

	(void)state;
	for (const char *p = text; *p; p++) {
		term_decoder_feed(d, p, 1);
		while (term_decoder_next(d, false, &e)) {
			events++;
			if (events == 1) {
				assert_int_equal(e.kind, TERM_EVENT_PASTE);
				assert_int_equal(e.len, 10);
				assert_memory_equal(e.text, "rm -rf\r\x1b[A", 10);
			}
		}
	}
	assert_int_equal(events, 2);
	assert_int_equal(e.key, 'x');
	/* an end that never comes does not make the keyboard deaf */
	term_decoder_feed(d, "\x1b[200~abc", 9);
	assert_false(term_decoder_next(d, false, &e));
	assert_true(term_decoder_next(d, true, &e));
	assert_int_equal(e.len, 3);
	term_decoder_free(d);
}

static void learned(void **state)
{
	struct term_decoder *d = term_decoder_new();
	struct term_event e;

	(void)state;
	term_decoder_learn(d, "\x1b[OQ", TERM_KEY_F1 + 1, 0);
	term_decoder_learn(d, "\x1b[O", TERM_KEY_HOME, 0);
	term_decoder_learn(d, "x", TERM_KEY_END, 0); /* not a sequence */
	term_decoder_feed(d, "\x1b[OQx", 5);
	assert_true(term_decoder_next(d, false, &e));
	assert_int_equal(e.key, TERM_KEY_F1 + 1);
	assert_true(term_decoder_next(d, false, &e));
	assert_int_equal(e.key, 'x');
	term_decoder_free(d);
}

static void key_names(void **state)
{
	static const char *const good[] = {"a",     "A",         "?",   "Space", "Enter",  "Ctrl-A",
	                                   "Alt-x", "Shift-Tab", "F12", "é",     "PgDn",   "Ctrl-Right",
	                                   "Esc",   "Backspace", "-",   "Alt--", "Ctrl-\\"};
	static const char *const bad[] = {"",        "aa",      "Ctrl-", "F13",    "F0",
	                                  "Shift-a", "Up Down", "\x01",  "ctrl-a", "\xff"};
	uint32_t key;
	unsigned mods;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		char name[TERM_KEY_TEXT];

		assert_true(term_key_parse(good[i], &key, &mods));
		assert_string_equal(term_key_name(key, mods, name), good[i]);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(term_key_parse(bad[i], &key, &mods));
}

/* Random bytes: the decoder always comes to an end, and takes every byte. */
static void garbage(void **state)
{
	struct term_decoder *d = term_decoder_new();
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char bytes[64];
		struct term_event e;
		size_t events = 0;

		for (size_t i = 0; i < sizeof bytes; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			bytes[i] = (char)(seed >> 33);
			if (seed >> 60 < 6)
				bytes[i] = "\x1b[O<;0M~"[seed >> 40 & 7];
		}
		term_decoder_feed(d, bytes, sizeof bytes);
		while (term_decoder_next(d, round % 3 == 0, &e))
			assert_true(++events <= 8192);
	}
	while (term_decoder_waiting(d)) {
		struct term_event e;

		while (term_decoder_next(d, true, &e)) {
		}
	}
	term_decoder_free(d);
}

static void assert_frame(const char *in, const char *want, int rgb_count)
{
	static const int32_t rgb[] = {TERM_RGB(1, 2, 3), TERM_RGB(255, 128, 0)};
	struct str out;

	str_init(&out);
	frame_add(&out, in, strlen(in), rgb, rgb_count);
	assert_string_equal(out.data, want);
	str_release(&out);
}

static void frames(void **state)
{
	(void)state;
	assert_frame("\x1b[38;5;16mab", "\x1b[38;2;1;2;3mab", 2);
	assert_frame("\x1b[1;48;5;17mab", "\x1b[1;48;2;255;128;0mab", 2);
	assert_frame("\x1b[38;5;18mab", "\x1b[38;5;18mab", 2); /* not ours */
	assert_frame("\x1b[38;5;16mab", "\x1b[38;5;16mab", 0);
	assert_frame("see 38;5;16m in text", "see 38;5;16m in text", 2);
	assert_frame("[38;5;16m", "[38;5;16m", 2);
	assert_frame("a\x1b(B\x1b[mb", "a\x1b[mb", 0);
	assert_frame("\x1b[39m\x1b(B\x1b[mb", "\x1b[mb", 0);
	assert_frame("\x1b[39;49mb", "\x1b[39;49mb", 0);
	assert_frame("\x1b[39m\x1b[1m", "\x1b[39m\x1b[1m", 0);
	assert_frame("", "", 2);
	assert_frame("\x1b", "\x1b", 2);
	assert_frame("\x1b[38;5;", "\x1b[38;5;", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sequences), cmocka_unit_test(waits_for_the_rest),
	    cmocka_unit_test(mouse),     cmocka_unit_test(paste),
	    cmocka_unit_test(learned),   cmocka_unit_test(key_names),
	    cmocka_unit_test(garbage),   cmocka_unit_test(frames),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
