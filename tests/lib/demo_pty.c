#include "demo_pty.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct pty *demo_pty(const char *const env[], int w, int h)
{
	char *self = path_absolute("/proc/self/exe");
	const char *const argv[] = {self, "--demo", NULL};
	struct pty *p = pty_start(argv, env, w, h);

	free(self);
	return p;
}

int demo_pty_run_tests(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
	if (argc > 1 && !strcmp(argv[1], "--demo"))
		return demo_main();
	setlocale(LC_CTYPE, "C.UTF-8");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/nonexistent", 1);
	return _cmocka_run_group_tests("tests", tests, count, NULL, NULL);
}
