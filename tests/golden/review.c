/*
 * The review and the signing: screens compared with tests/golden/screens/, and every way in which a signature must not
 * come about. Made-up proposals, no store, no key (lib/review_fixture.h); with a ledger and keys: golden/signing.
 *
 *     review --show LIKE    the same in a real terminal, to look at: 481 … 489
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/term.h"
#include "assay/ui.h"

#include "../lib/review_fixture.h"

#define FOLDER "tests/golden/screens"
#define REASON "Better on the holdout in every month, and the gaps are within the limits."

static const struct screen {
	const char *name, *script;
	enum review_like like;
	enum sign_ends ends;
} SCREENS[] = {
    {"review", "", LIKE_USUAL, SIGN_ENDS_WELL},
    {"review-opened", "key Up Enter q Up Enter q b q\n", LIKE_USUAL, SIGN_ENDS_WELL},
    {"review-plain-gate", "key Down Down Down\n", LIKE_USUAL, SIGN_ENDS_WELL},
    {"review-stale", "", LIKE_STALE, SIGN_ENDS_WELL},
    {"review-long", "", LIKE_LONG, SIGN_ENDS_WELL},
    {"review-many", "", LIKE_MANY, SIGN_ENDS_WELL},
    {"review-many-end", "key G\n", LIKE_MANY, SIGN_ENDS_WELL},
    {"review-first", "", LIKE_FIRST, SIGN_ENDS_WELL},
    {"review-approved", "", LIKE_APPROVED, SIGN_ENDS_WELL},
    {"review-rejected", "", LIKE_REJECTED, SIGN_ENDS_WELL},
    {"review-halted", "", LIKE_HALTED, SIGN_ENDS_WELL},
    {"review-broken", "", LIKE_BROKEN, SIGN_ENDS_WELL},
    {"review-unopened", "key a\n", LIKE_USUAL, SIGN_ENDS_WELL},
    {"sign-reason", "key a y\n", LIKE_USUAL, SIGN_ENDS_WELL},
    {"sign-reason-typed", "key Enter q a\ntype " REASON " They were looked at by month, and by sex and age.\n",
     LIKE_USUAL, SIGN_ENDS_WELL},
    {"sign-no-key", "key Enter q a\n", LIKE_USUAL, SIGN_ENDS_NO_KEY},
    {"sign-waive", "key w\n", LIKE_USUAL, SIGN_ENDS_WELL},
    {"sign-waive-reason", "key w Down Down Down\ntype The interval is wide because few women applied\n", LIKE_USUAL,
     SIGN_ENDS_WELL},
    {"sign-code", "key Enter q a\ntype " REASON "\nkey Enter\n", LIKE_USUAL, SIGN_ENDS_WELL},
    {"sign-code-end", "key Enter q a\ntype " REASON "\nkey Enter PgDn PgDn PgDn\n", LIKE_USUAL, SIGN_ENDS_WELL},
    {"sign-code-paste", "key Enter q a\ntype " REASON "\nkey Enter\npaste 123456\n", LIKE_USUAL, SIGN_ENDS_WELL},
    {"sign-rule", "key Enter q a\ntype " REASON "\nkey Enter\n", LIKE_USUAL, SIGN_ENDS_NO},
};

static struct how {
	const char *suffix;
	int w, h;
	enum term_charset charset;
	enum term_colours colours;
	bool styles;
} HOWS[] = {
    {"80x24", 80, 24, TERM_BRAILLE, TERM_256, false},
    {"160x48", 160, 48, TERM_BRAILLE, TERM_256, false},
    {"80x24-ascii", 80, 24, TERM_ASCII, TERM_16, false},
    {"80x24-mono", 80, 24, TERM_BLOCKS, TERM_MONO, true},
};

static bool generate;

static void compare(const char *path, const struct str *got)
{
	struct error err;
	struct str want;

	str_init(&want);
	if (generate) {
		if (file_write_atomic(path, got->data, got->len, 0644, &err) != 0)
			fail_msg("%s", err.text);
	} else {
		if (file_read(path, &want, 0, &err) != 0)
			fail_msg("%s (GENERATE=1 makes it)", err.text);
		if (strcmp(want.data, got->data) != 0)
			print_error("%s is not what is drawn now:\n%s\nexpected:\n%s\n", path, got->data, want.data);
		assert_true(strcmp(want.data, got->data) == 0);
	}
	str_release(&want);
}

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

static void screens(void **state)
{
	const struct how *how = *state;

	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		const struct screen *screen = &SCREENS[i];
		struct term *term = term_open_memory(how->w, how->h, how->charset, how->colours);
		struct review_stage stage = {.ends = screen->ends};
		struct ui *ui = review_fixture(term, screen->like, &stage);
		char *path = xasprintf("%s/%s-%s.txt", FOLDER, screen->name, how->suffix);
		struct str out;

		str_init(&out);
		script(ui, screen->name, screen->script, &out);
		script(ui, screen->name, how->styles ? "save\nstyles\n" : "save\n", &out);
		compare(path, &out);
		str_release(&out);
		free(path);
		review_fixture_end(ui);
		term_close(term);
	}
}

static int show(const char *like)
{
	struct term_options options = {.in_fd = -1, .out_fd = -1};
	struct review_stage stage = {.ends = getenv("ENDS") ? (enum sign_ends)strtol(getenv("ENDS"), NULL, 10) : 0};
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
	    {"reviews at 80x24", screens, NULL, NULL, &HOWS[0]},
	    {"reviews at 160x48", screens, NULL, NULL, &HOWS[1]},
	    {"reviews in ASCII", screens, NULL, NULL, &HOWS[2]},
	    {"reviews without colour, blocks, with styles", screens, NULL, NULL, &HOWS[3]},
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	if (argc == 3 && strcmp(argv[1], "--show") == 0)
		return show(argv[2]);
	generate = getenv("GENERATE") != NULL;
	return cmocka_run_group_tests_name("review", tests, NULL, NULL);
}
