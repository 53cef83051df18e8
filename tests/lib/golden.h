/* What the programs of golden screens share: the terminals that are drawn for, and the comparing. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "assay/term.h"

struct golden_how {
	const char *suffix;
	int w, h;
	enum term_charset charset;
	enum term_colours colours;
	bool styles; /* compare the styles, too */
};
enum { GOLDEN_HOWS = 4 };
extern const struct golden_how GOLDEN_HOW[GOLDEN_HOWS];

/* The locale and the time zone that screens are drawn in; first of all in main. */
void golden_begin(void);
/* A new folder for stores, with nothing of the person who runs this; with the project's own themes, if they
 * are wanted. NULL with a message. Remove and free it. */
char *golden_folder(const char *name, bool themes);
/* The program: ASSAY in the environment, or that beside the tests that this one is among. Free it. */
char *golden_program(void);
/* "save" after the script, and "styles" where those are compared. Caller frees. */
char *golden_script(const struct golden_how *how, const char *script);
/* Appends a step for every size that a screen must be drawn in, from one too small to 500x200, each with a save. */
void golden_sizes(struct str *script);
/* Fails the test if tests/golden/screens/NAME-SUFFIX.txt is another text; GENERATE=1 in the environment
 * writes it. */
void golden_compare(const char *name, const struct golden_how *how, const struct str *got);

#endif
