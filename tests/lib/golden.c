#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "golden.h"

const struct golden_how GOLDEN_HOW[GOLDEN_HOWS] = {
    {"80x24", 80, 24, TERM_BRAILLE, TERM_256, false},
    {"160x48", 160, 48, TERM_BRAILLE, TERM_256, false},
    {"80x24-ascii", 80, 24, TERM_ASCII, TERM_16, false},
    {"80x24-mono", 80, 24, TERM_BLOCKS, TERM_MONO, true},
};

void golden_begin(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
}

char *golden_folder(const char *name, bool themes)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = xasprintf("%s/assay-%s-XXXXXX", tmp ? tmp : "/tmp", name);
	struct error err = {0};

	if (!mkdtemp(folder)) {
		print_error("%s cannot be made\n", folder);
		free(folder);
		return NULL;
	}
	setenv("XDG_CONFIG_HOME", folder, 1);
	setenv("XDG_STATE_HOME", folder, 1);
	if (themes) {
		char *dir = path_join(folder, "assay"), *link = path_join(dir, "themes"),
		     *here = path_absolute("themes");

		if (dir_make(dir, &err) != 0 || symlink(here, link) != 0) {
			print_error("%s cannot be made %s\n", link, err.text);
			free(folder);
			folder = NULL;
		}
		free(dir);
		free(link);
		free(here);
	}
	return folder;
}

char *golden_program(void)
{
	char *self = path_absolute(getenv("ASSAY") ? getenv("ASSAY") : "/proc/self/exe"), *at = self, *program;

	if (getenv("ASSAY"))
		return self;
	/* BUILD/tests/golden/NAME -> BUILD/assay */
	for (int i = 0; i < 3; i++)
		if ((at = strrchr(self, '/')) != NULL)
			*at = 0;
	program = path_join(self, "assay");
	free(self);
	return program;
}

char *golden_store(const char *folder, const char *name,
                   int (*make)(const char *dir, char **path, struct error *err))
{
	struct error err = {0};
	char *dir = path_join(folder, name), *path = NULL;

	if (dir_make(dir, &err) != 0 || make(dir, &path, &err) != 0)
		print_error("%s: %s\n", name, err.text);
	free(dir);
	return path;
}

int golden_run_tests(const struct golden_group *group, const struct CMUnitTest *tests, size_t count)
{
	char *own = NULL, **folder = group->folder ? group->folder : &own;
	bool made;
	int failed = 1;

	golden_begin();
	*folder = golden_folder(group->name, group->themes);
	made = *folder != NULL;
	for (const struct golden_maker *m = group->stores; made && m->name; m++)
		made = (*m->path = golden_store(*folder, m->name, m->make)) != NULL;
	if (made)
		failed = _cmocka_run_group_tests(group->name, tests, count, NULL, NULL);
	for (const struct golden_maker *m = group->stores; m->name; m++) {
		free(*m->path);
		*m->path = NULL;
	}
	if (*folder)
		dir_remove(*folder, NULL);
	free(*folder);
	*folder = NULL;
	return failed;
}

char *golden_script(const struct golden_how *how, const char *script)
{
	return xasprintf("%ssave\n%s", script, how->styles ? "styles\n" : "");
}

void golden_sizes(struct str *script)
{
	static const char *const sizes[] = {
	    "1x1",   "5x3",    "12x4",   "13x5",  "12x9",    "12x24",  "12x200", "17x4",   "20x5",
	    "25x7",  "30x9",   "33x6",   "39x10", "40x4",    "40x10",  "40x12",  "50x14",  "60x16",
	    "60x80", "79x23",  "80x6",   "81x25", "100x30",  "119x40", "120x40", "126x20", "139x9",
	    "160x7", "200x60", "300x20", "500x4", "500x200", "12x4",
	};

	for (size_t i = 0; i < COUNT_OF(sizes); i++)
		str_addf(script, "size %s\nsave\n", sizes[i]);
}

void golden_compare(const char *name, const struct golden_how *how, const struct str *got)
{
	char *path = xasprintf("tests/golden/screens/%s-%s.txt", name, how->suffix);
	struct error err;
	struct str want;

	str_init(&want);
	if (getenv("GENERATE")) {
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
	free(path);
}
