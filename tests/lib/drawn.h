/* What a drawing function draws, as text. For programs of cmocka. */
#ifndef TESTS_DRAWN_H
#define TESTS_DRAWN_H

#include "assay/term.h"

typedef void draw_fn(struct surface *s, const void *what);

/* The cells of a surface of that size, a line each; the caller frees it. */
char *drawn(draw_fn *draw, const void *what, int w, int h, enum term_charset charset);
/* Frees `got`. */
void drawn_is(char *got, const char *want);

#endif
