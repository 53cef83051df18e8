#include "pty_must.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void give_up(struct pty *p, const char *text, const char *why)
{
	struct str screen;

	str_init(&screen);
	pty_text(p, &screen);
	/* Not by cmocka, which cuts what is long. */
	fprintf(stderr, "%s%s; the screen is:\n%s\n", text, why, screen.data);
	str_release(&screen);
	fail();
}

void pty_must(struct pty *p, const char *text)
{
	if (!pty_expect(p, text, PTY_PATIENCE))
		give_up(p, text, " did not come");
}

void pty_must_go(struct pty *p, const char *text)
{
	if (!pty_expect_gone(p, text, PTY_PATIENCE))
		give_up(p, text, " did not go");
}

void pty_must_rest(struct pty *p, int ms)
{
	if (!pty_rest(p, ms))
		give_up(p, "the program", " does not come to rest");
}
