#include "drawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"

char *drawn(draw_fn *draw, const void *what, int w, int h, enum term_charset charset)
{
	struct grid g;
	struct surface s;
	struct str out;

	str_init(&out);
	grid_init(&g, w, h, charset);
	s = grid_surface(&g);
	draw(&s, what);
	grid_text(&g, &out);
	grid_release(&g);
	return str_take(&out);
}

void drawn_is(char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		print_error("got:\n%s\nexpected:\n%s\n", got, want);
	assert_string_equal(got, want);
	free(got);
}
