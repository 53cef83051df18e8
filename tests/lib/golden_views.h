/*
 * A view as every terminal sees it: at three sizes, in Unicode and ASCII, at the four levels of colour. A file
 * tests/golden/views/NAME-SIZE.txt holds the text, what of it is another without colours and in ASCII, the style of
 * each cell, and how each of these styles looks at each level with the theme "dark". GENERATE=1 writes them.
 */
#ifndef TESTS_GOLDEN_VIEWS_H
#define TESTS_GOLDEN_VIEWS_H

#include "assay/view.h"

/* `draw` opens the view on the terminal and leaves it drawn; it is called for each kind of terminal. Fails the test
 * when the text is not the same at all levels that have colours. mask (may be NULL) is given each text first. */
void golden_view(const char *name, void (*draw)(void *user, struct term *term), void *user,
                 void (*mask)(struct str *text));
/* The view after a session. */
void golden_view_of(const struct view_options *options, const char *name, const char *script,
                    void (*mask)(struct str *text));

#endif
