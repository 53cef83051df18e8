/* What the programs of golden screens share: the terminals that are drawn for, and the comparing. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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

/* The stores that a program draws: each in a folder NAME of its own below one that is new, has nothing of the person who
 * runs this, and the project's own themes, if they are wanted. */
struct golden_maker {
	const char *name;
	int (*make)(const char *dir, char **path, struct error *err);
	char **path; /* of the store: set before the tests, freed and NULL after them */
};
enum { GOLDEN_STORES = 5 };
struct golden_group {
	const char *name; /* of the tests, and in that of the folder */
	bool themes;
	char **folder; /* NULL: no test asks for it; set before the first store is made */
	struct golden_maker stores[GOLDEN_STORES];
};

/* For main: the locale and the time zone that screens are drawn in, the stores, the tests, and away with all of it. What
 * main returns. */
#define golden_run(group, tests) golden_run_tests(group, tests, COUNT_OF(tests))
int golden_run_tests(const struct golden_group *group, const struct CMUnitTest *tests, size_t count);
/* For those whose stores are others: first of all in main; and a new folder, NULL with a message. Remove and free it. */
void golden_begin(void);
char *golden_folder(const char *name, bool themes);
/* FOLDER/NAME with the store that `make` makes there; its path, or NULL with a message. Free it. */
char *golden_store(const char *folder, const char *name,
                   int (*make)(const char *dir, char **path, struct error *err));
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
