/* What the programs of golden screens do with the workbench: play a session, draw a screen, draw it in every size. */
#ifndef TESTS_GOLDEN_PLAY_H
#define TESTS_GOLDEN_PLAY_H

#include "assay/view.h"

#include "golden.h"

/* The script on a terminal of this kind; what it saves is appended to `out` (NULL: is not wanted). Fails the test, with
 * the screen as it was, at the first step that fails. */
void golden_play(const struct view_options *options, const struct golden_how *how, const char *name,
                 const char *script, struct str *out);
/* The same on a terminal of the caller's, which stays. */
void golden_play_on(struct term *term, const struct view_options *options, const char *name,
                    const char *script, struct str *out);
/* The screen after the script, compared with tests/golden/screens/FILE-SUFFIX.txt; mask (may be NULL) is given the text
 * first. */
void golden_draw(const struct view_options *options, const struct golden_how *how, const char *file,
                 const char *script, void (*mask)(struct str *text));
/* The same in sizes that no one designs for, in ASCII or not: nothing fails, and no raw byte of the data comes
 * through. */
void golden_draw_sizes(const struct view_options *options, bool ascii, const char *name, const char *script);

#endif
