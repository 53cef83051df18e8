#include "pty_must.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { PATIENCE = 20000 };

void pty_must(struct pty *p, const char *text)
{
	struct str screen;

	if (pty_expect(p, text, PATIENCE))
		return;
	str_init(&screen);
	pty_text(p, &screen);
	print_error("\"%s\" did not come:\n%s\n", text, screen.data);
	str_release(&screen);
	fail();
}
