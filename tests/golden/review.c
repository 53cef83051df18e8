/*
 * The review and the signing: screens compared with tests/golden/screens/, and every way in which a signature
 * must not come about. Made-up proposals, no store, no key (lib/review_fixture.h); with a ledger and keys:
 * golden/signing.
 *
 *     review --show LIKE    the same in a real terminal, to look at: 481 … 489
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/term.h"
#include "assay/ui.h"

#include "../../src/ui/private.h"
#include "../lib/golden.h"
#include "../lib/golden_views.h"
#include "../lib/review_fixture.h"

#define REASON "Better on the holdout in every month, and the gaps are within the limits."

static const struct screen {
	const char *name, *script;
	enum review_like like;
	enum sign_ends ends;
	bool code; /* then the code is typed */
} SCREENS[] = {
    {"review", "", LIKE_USUAL, SIGN_ENDS_WELL, false},
    {"review-opened", "key Up Enter q Up Enter q\n", LIKE_USUAL, SIGN_ENDS_WELL, false},
    {"review-plain-gate", "key Down Down Down\n", LIKE_USUAL, SIGN_ENDS_WELL, false},
    {"review-stale", "", LIKE_STALE, SIGN_ENDS_WELL, false},
    {"review-long", "", LIKE_LONG, SIGN_ENDS_WELL, false},
    {"review-many", "", LIKE_MANY, SIGN_ENDS_WELL, false},
    {"review-many-end", "key G\n", LIKE_MANY, SIGN_ENDS_WELL, false},
    {"review-first", "", LIKE_FIRST, SIGN_ENDS_WELL, false},
    {"review-approved", "", LIKE_APPROVED, SIGN_ENDS_WELL, false},
    {"review-rejected", "", LIKE_REJECTED, SIGN_ENDS_WELL, false},
    {"review-halted", "", LIKE_HALTED, SIGN_ENDS_WELL, false},
    {"review-broken", "", LIKE_BROKEN, SIGN_ENDS_WELL, false},
    {"review-unopened", "key a\n", LIKE_USUAL, SIGN_ENDS_WELL, false},
    {"sign-reason", "key a y\n", LIKE_USUAL, SIGN_ENDS_WELL, false},
    {"sign-reason-typed",
     "key Enter q a\ntype " REASON " They were looked at by month, and by sex and age.\n", LIKE_USUAL,
     SIGN_ENDS_WELL, false},
    {"sign-no-key", "key Enter q a\n", LIKE_USUAL, SIGN_ENDS_NO_KEY, false},
    {"sign-waive", "key w\n", LIKE_USUAL, SIGN_ENDS_WELL, false},
    {"sign-waive-reason", "key w Down Down Down\ntype The interval is wide because few women applied\n",
     LIKE_USUAL, SIGN_ENDS_WELL, false},
    {"sign-code", "key Enter q a\ntype " REASON "\nkey Enter\n", LIKE_USUAL, SIGN_ENDS_WELL, false},
    {"sign-code-end", "key Enter q a\ntype " REASON "\nkey Enter PgDn PgDn PgDn\n", LIKE_USUAL,
     SIGN_ENDS_WELL, false},
    {"sign-code-paste", "key Enter q a\ntype " REASON "\nkey Enter\npaste 123456\n", LIKE_USUAL,
     SIGN_ENDS_WELL, false},
    {"sign-receipt", "key Enter q a\ntype " REASON "\nkey Enter\n", LIKE_USUAL, SIGN_ENDS_WELL, true},
    {"sign-stale", "key Enter q a\ntype " REASON "\nkey Enter\n", LIKE_USUAL, SIGN_ENDS_STALE, true},
    {"sign-refused", "key Enter q a\ntype " REASON "\nkey Enter\n", LIKE_USUAL, SIGN_ENDS_REFUSED, true},
    {"sign-rule", "key Enter q a\ntype " REASON "\nkey Enter\n", LIKE_USUAL, SIGN_ENDS_NO, false},
};

static void script(struct ui *ui, const char *name, const char *text, struct str *out)
{
	struct error err;
	struct str screen;

	if (ui_script(ui, name, text, out, &err) == 0)
		return;
	str_init(&screen);
	ui_script(ui, name, "save\n", &screen, NULL);
	print_error("%s\n", screen.data);
	str_release(&screen);
	fail_msg("%s", err.text);
}

/* The first digits of the SHA-256 on the screen, each a key of its own. */
static char *code_of(struct term *term)
{
	struct str screen;
	const char *at;
	char *keys;

	str_init(&screen);
	grid_text(term_grid(term), &screen);
	at = strstr(screen.data, "SHA-256  ");
	if (!at)
		fail_msg("no SHA-256 on the screen:\n%s", screen.data);
	at += strlen("SHA-256  ");
	keys = xasprintf("key %c %c %c %c %c %c\n", at[0], at[1], at[2], at[3], at[4], at[5]);
	str_release(&screen);
	return keys;
}

static void screens(void **state)
{
	const struct golden_how *how = *state;

	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		const struct screen *screen = &SCREENS[i];
		struct term *term = term_open_memory(how->w, how->h, how->charset, how->colours);
		struct review_stage stage = {.ends = screen->ends};
		struct ui *ui = review_fixture(term, screen->like, &stage);
		char *end = golden_script(how, "");
		struct str out;

		str_init(&out);
		script(ui, screen->name, screen->script, &out);
		if (screen->code) {
			char *keys = code_of(term);

			script(ui, screen->name, keys, &out);
			free(keys);
		}
		script(ui, screen->name, end, &out);
		golden_compare(screen->name, how, &out);
		str_release(&out);
		free(end);
		review_fixture_end(ui);
		term_close(term);
	}
}

static void draw_view(void *user, struct term *term)
{
	const struct screen *screen = user;
	struct review_stage stage = {.ends = screen->ends};
	struct ui *ui = review_fixture(term, screen->like, &stage);
	struct str out;

	str_init(&out);
	script(ui, screen->name, screen->script, &out);
	str_release(&out);
	review_fixture_end(ui);
}

/* One of each view, as every terminal sees it. */
static void views(void **state)
{
	static const char *const names[] = {"review", "review-long", "review-broken", "sign-waive", "sign-code"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t k = 0; k < COUNT_OF(SCREENS); k++)
			if (strcmp(SCREENS[k].name, names[i]) == 0)
				golden_view(names[i], draw_view, (void *)&SCREENS[k], NULL);
}

/* Sizes that no one designs for: nothing fails, and no raw byte comes through. */
static void every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		struct term *term = term_open_memory(80, 24, i % 2 ? TERM_BRAILLE : TERM_ASCII, TERM_256);
		struct review_stage stage = {.ends = SCREENS[i].ends};
		struct ui *ui = review_fixture(term, SCREENS[i].like, &stage);
		struct str steps, out;

		str_init(&steps);
		str_init(&out);
		str_adds(&steps, SCREENS[i].script);
		golden_sizes(&steps);
		script(ui, SCREENS[i].name, steps.data, &out);
		assert_null(strchr(out.data, '\x1b'));
		str_release(&steps);
		str_release(&out);
		review_fixture_end(ui);
		term_close(term);
	}
}

/* ---- how a signature comes about, and how it does not ---- */

struct session {
	struct term *term;
	struct ui *ui;
	struct review_stage stage;
};

static void begin(struct session *s, enum sign_ends ends)
{
	*s = (struct session){.stage = {.ends = ends}};
	s->term = term_open_memory(80, 24, TERM_BRAILLE, TERM_256);
	s->ui = review_fixture(s->term, LIKE_USUAL, &s->stage);
}

static void end(struct session *s)
{
	review_fixture_end(s->ui);
	term_close(s->term);
}

static void run(struct session *s, const char *text)
{
	struct str out;

	str_init(&out);
	script(s->ui, "steps", text, &out);
	str_release(&out);
}

static void type_code(struct session *s)
{
	char *keys = code_of(s->term);

	run(s, keys);
	free(keys);
}

/* From the review to the receipt: the keys that are no part of the reason and no digit of the code. */
static void keys_from_review_to_signed(void **state)
{
	static const char *const keys[] = {"Enter", "q", "a", "Enter"};
	struct session s;
	size_t pressed = 0;

	(void)state;
	begin(&s, SIGN_ENDS_WELL);
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		char *line = xasprintf("key %s\n", keys[i]);

		if (i + 1 == COUNT_OF(keys))
			run(&s, "type " REASON "\n");
		run(&s, line);
		free(line);
		pressed++;
	}
	type_code(&s);
	run(&s, "expect Signed, verified and appended.\nexpect 2 of 2 signatures: it can be promoted\n");
	run(&s, "expect $ assay approve 481 --reason\n");
	print_message("# from the review to a signature: %zu keys, six digits and the reason\n", pressed);
	assert_in_range(pressed, 1, 12);
	assert_int_equal(s.stage.signatures, 1);
	assert_string_equal(s.stage.reason, REASON);
	run(&s, "key Enter\nexpect GATES\n");
	end(&s);
}

static void enter_never_signs(void **state)
{
	struct session s;

	(void)state;
	begin(&s, SIGN_ENDS_WELL);
	/* Nothing was opened: the answer that Enter gives is no. */
	run(&s, "key a\nexpect Nothing was opened\nkey Enter\nexpect nothing was done\n");
	run(&s, "key Enter q a\ntype " REASON "\nkey Enter Enter Enter Enter Enter Enter Enter\n");
	run(&s, "expect Enter signs nothing\n");
	assert_int_equal(s.stage.signatures, 0);
	assert_int_equal(s.stage.drafts, 1);
	end(&s);
}

static void typed_ahead_signs_nothing(void **state)
{
	struct session s;
	char *keys, digits[7];

	(void)state;
	begin(&s, SIGN_ENDS_WELL);
	run(&s, "key Enter q a\ntype " REASON "\nkey Enter\n");
	/* What comes before a person can have read the question is dropped (how: unit/test_ui_pty). */
	assert_int_equal(s.ui->flush, FLUSH_SHOWN);
	/* The text says the same each time, so its digits can be known beforehand. */
	keys = code_of(s.term);
	for (int i = 0; i < 6; i++)
		digits[i] = keys[4 + 2 * i];
	digits[6] = 0;
	run(&s, "key Esc Esc\nexpect GATES\n");
	term_feed(s.term, "a\r", 2);
	term_feed(s.term, digits, 6);
	run(&s, "expect type its first six digits\nrefuse Signed\n");
	assert_int_equal(s.stage.signatures, 0);
	/* All at once, where a terminal does not mark pastes. */
	term_feed(s.term, digits, 6);
	run(&s, "expect they came all at once\n");
	assert_int_equal(s.stage.signatures, 0);
	run(&s, keys);
	run(&s, "expect Signed, verified\n");
	assert_int_equal(s.stage.signatures, 1);
	free(keys);
	end(&s);
}

static void a_paste_signs_nothing(void **state)
{
	struct session s;
	char *keys, *paste;

	(void)state;
	begin(&s, SIGN_ENDS_WELL);
	run(&s, "key Enter q a\ntype " REASON "\nkey Enter\n");
	keys = code_of(s.term);
	paste = xasprintf("paste %c%c%c%c%c%c\n", keys[4], keys[6], keys[8], keys[10], keys[12], keys[14]);
	run(&s, paste);
	run(&s, "expect a paste signs nothing\nrefuse Signed\n");
	assert_int_equal(s.stage.signatures, 0);
	free(paste);
	free(keys);
	end(&s);
}

/* Of a small screen the text, the digest and what is typed get the rows; on none that cannot be drawn signs a
 * key. */
static void small_screens(void **state)
{
	struct session s;
	char *keys;

	(void)state;
	begin(&s, SIGN_ENDS_WELL);
	run(&s, "size 40x10\nkey Enter q a\nexpect WHY\ntype " REASON "\nexpect limits.\n");
	run(&s, "key Enter\nexpect assay-decision/1\nexpect SHA-256\nexpect type its first six digits:\n");
	run(&s, "key Down Down Down Down Down Down Down\nrefuse assay-decision/1\nexpect %20here\n");
	run(&s, "key End\nexpect  end\nkey Home\nexpect assay-decision/1\n");
	run(&s, "key y\nexpect a digit of the code is one of\n");
	keys = code_of(s.term);
	run(&s, "size 39x10\nexpect too small\n");
	run(&s, keys);
	assert_int_equal(s.stage.signatures, 0);
	run(&s, "size 40x10\nexpect type its first six digits:\n");
	run(&s, keys);
	assert_int_equal(s.stage.signatures, 1);
	run(&s, "expect Signed, verified\nexpect can be promoted\n");
	free(keys);
	end(&s);
	begin(&s, SIGN_ENDS_WELL);
	run(&s, "size 40x10\nkey w\nexpect until\nexpect WHY\n");
	end(&s);
}

/* What every list has and a review has not is not among its keys. */
static void help(void **state)
{
	struct session s;

	(void)state;
	begin(&s, SIGN_ENDS_WELL);
	run(&s, "key ?\nexpect approve: reason\nexpect let a gate through\nexpect one row up\n");
	run(&s, "refuse choose columns\nrefuse sort by\nrefuse unmark\n");
	end(&s);
}

static void wrong_digits_and_other_keys(void **state)
{
	struct session s;

	(void)state;
	begin(&s, SIGN_ENDS_WELL);
	run(&s, "key Enter q a\ntype " REASON "\nkey Enter\n");
	run(&s, "key y\nexpect one of 0 to 9 and a to f\nkey q\nexpect type its first six digits\n");
	run(&s, "key 0 0 0 0 0 0\nexpect these are not the first six digits\n");
	assert_int_equal(s.stage.signatures, 0);
	/* Half a code stays through a change of size; mistakes can be mended. */
	run(&s, "key 0\nkey Backspace\n");
	{
		char *keys = code_of(s.term),
		     *half = xasprintf("%.*s\nsize 120x40\nexpect type its first\nkey %s", 9, keys, keys + 10);

		run(&s, half);
		free(half);
		free(keys);
	}
	run(&s, "expect Signed, verified\n");
	assert_int_equal(s.stage.signatures, 1);
	end(&s);
}

static void failures_keep_the_reason(void **state)
{
	static const struct {
		enum sign_ends ends;
		const char *says;
	} cases[] = {
	    {SIGN_ENDS_STALE, "expect It has changed since you looked\nexpect look again\n"},
	    {SIGN_ENDS_REFUSED, "expect The key did not sign\nexpect the agent refused\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct session s;

		begin(&s, cases[i].ends);
		run(&s, "key Enter q a\ntype " REASON "\nkey Enter\n");
		type_code(&s);
		run(&s, cases[i].says);
		assert_int_equal(s.stage.signatures, 0);
		/* Back at the review, and again: what was written is still there. */
		run(&s, "key Esc\nexpect GATES\nkey a\nexpect Better on the holdout\n");
		s.stage.ends = SIGN_ENDS_WELL;
		run(&s, "key Enter\n");
		type_code(&s);
		run(&s, "expect Signed, verified\n");
		assert_int_equal(s.stage.signatures, 1);
		/* Signed: it is not kept any longer. */
		run(&s, "key Enter a\nrefuse Better on the holdout\n");
		end(&s);
	}
}

static void a_rule_says_no(void **state)
{
	struct session s;

	(void)state;
	begin(&s, SIGN_ENDS_NO);
	run(&s, "key Enter q a\ntype " REASON "\nkey Enter\nexpect A rule says no\nexpect launched the run\n");
	run(&s, "key Enter\nexpect Better on the holdout\n");
	end(&s);
	begin(&s, SIGN_ENDS_NO_KEY);
	run(&s, "key Enter q a\nexpect no key was found\n");
	s.stage.ends = SIGN_ENDS_WELL;
	run(&s, "type " REASON "\nkey Enter\nexpect type its first six digits\nexpect Ada Osei\n");
	end(&s);
}

static void a_waiver_says_what(void **state)
{
	struct session s;

	(void)state;
	begin(&s, SIGN_ENDS_WELL);
	run(&s, "key w\nexpect parity.sex\nexpect 0.8012\nexpect 40 more characters\n");
	run(&s, "key Down Down\nkey Ctrl-U\ntype next week\nkey Enter\ntype " REASON "\nkey Enter\n"
	        "expect a day is written like 2026-12-31\n");
	run(&s, "key Ctrl-U\ntype 2026-12-20\nkey Enter Enter End\nexpect gate-line parity.sex 1797724800000\n");
	type_code(&s);
	run(&s, "expect $ assay waive 481 parity.sex --until 2026-12-20 --bound 0.8012 --reason\n");
	end(&s);
}

/* Evidence that was opened is remembered when the review is opened again. */
static void what_was_opened(void **state)
{
	struct session s;

	(void)state;
	begin(&s, SIGN_ENDS_WELL);
	run(&s, "key Enter G\nexpect \"selected\": 0.226\nkey q g Enter q a\nexpect 1 of 10 opened\n");
	run(&s, "expect not yet: auc vs champion\n");
	end(&s);
}

static int show(const char *like)
{
	struct term_options options = {.in_fd = -1, .out_fd = -1};
	struct review_stage stage = {.ends =
	                                 getenv("ENDS") ? (enum sign_ends)strtol(getenv("ENDS"), NULL, 10) : 0};
	struct term *term;
	struct error err;
	struct ui *ui;

	if (term_open_curses(&term, &options, &err) != 0)
		return 1;
	ui = review_fixture(term, (enum review_like)strtol(like, NULL, 10), &stage);
	ui_run(ui, &err);
	review_fixture_end(ui);
	term_close(term);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    {"reviews at 80x24", screens, NULL, NULL, (void *)&GOLDEN_HOW[0]},
	    {"reviews at 160x48", screens, NULL, NULL, (void *)&GOLDEN_HOW[1]},
	    {"reviews in ASCII", screens, NULL, NULL, (void *)&GOLDEN_HOW[2]},
	    {"reviews without colour, blocks, with styles", screens, NULL, NULL, (void *)&GOLDEN_HOW[3]},
	    cmocka_unit_test(views),
	    cmocka_unit_test(every_size),
	    cmocka_unit_test(keys_from_review_to_signed),
	    cmocka_unit_test(enter_never_signs),
	    cmocka_unit_test(typed_ahead_signs_nothing),
	    cmocka_unit_test(a_paste_signs_nothing),
	    cmocka_unit_test(small_screens),
	    cmocka_unit_test(help),
	    cmocka_unit_test(wrong_digits_and_other_keys),
	    cmocka_unit_test(failures_keep_the_reason),
	    cmocka_unit_test(a_rule_says_no),
	    cmocka_unit_test(a_waiver_says_what),
	    cmocka_unit_test(what_was_opened),
	};

	golden_begin();
	if (argc == 3 && strcmp(argv[1], "--show") == 0)
		return show(argv[2]);
	return cmocka_run_group_tests_name("review", tests, NULL, NULL);
}
