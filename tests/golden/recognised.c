/* What was recognised in a run, on the screen, and switched off there: the real program in a real terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "assay/store.h"

#include "../lib/golden.h"
#include "../lib/pty_must.h"

static char *program;

static void run_command(const char *store, const char *line)
{
	const char *const argv[] = {program, "--store", store,  "run", "-q", "-n",
	                            "seen",  "--",      "echo", line,  NULL};
	struct str out, errors;
	int status;

	str_init(&out);
	str_init(&errors);
	assert_int_equal(child_capture(argv, NULL, PTY_PATIENCE, 4096, &out, &errors, &status, NULL), 0);
	assert_int_equal(status, 0);
	str_release(&out);
	str_release(&errors);
}

static void switched(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = xasprintf("%s/assay-recognised-XXXXXX", tmp ? tmp : "/tmp"), *store, *config, *home,
	     *known;
	const char *env[] = {NULL, "NO_COLOR", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
	struct str text;
	struct pty *p;

	(void)state;
	assert_non_null(mkdtemp(folder));
	store = path_join(folder, ".assay");
	config = path_join(store, "config.ini");
	home = xasprintf("XDG_STATE_HOME=%s/state", folder);
	env[0] = home;
	known = xasprintf("%s/state/assay", folder);
	assert_int_equal(dir_make(known, NULL), 0);
	free(known);
	known = xasprintf("%s/state/assay/view-of-another-store", folder); /* no guide */
	assert_int_equal(file_write_atomic(known, "", 0, 0600, NULL), 0);
	assert_int_equal(store_init(store, NULL), 0);
	run_command(store, "step=3 loss=0.5 lr=0.1");

	p = pty_start((const char *[]){program, "--store", store, NULL}, env, 100, 24);
	pty_key(p, "2");
	pty_must(p, "seen");
	pty_key(p, "Enter");
	pty_must(p, "METRICS");
	pty_key(p, ",");
	pty_key(p, "f");
	pty_must(p, "key_value");
	pty_must(p, "step=3 loss=0.5");
	pty_key(p, "o");
	pty_must(p, "key_value:loss is off for the runs to come");
	pty_must(p, "off   step=3"); /* the row as it is now */
	str_init(&text);
	assert_int_equal(file_read(config, &text, 4096, NULL), 0);
	assert_string_equal(text.data, "[patterns]\noff = key_value:loss\n");
	pty_key(p, "o");
	pty_must(p, "key_value:loss is on for the runs to come");
	assert_int_equal(file_read(config, &text, 4096, NULL), 0);
	assert_string_equal(text.data, "[patterns]\n");
	pty_key(p, "J"); /* the journal has the commands that do the same */
	pty_must(p, "assay patterns off key_value:loss");
	pty_key(p, "Ctrl-C");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);

	str_release(&text);
	dir_remove(folder, NULL);
	free(folder);
	free(store);
	free(config);
	free(home);
	free(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(switched),
	};
	int failed;

	program = golden_program();
	failed = cmocka_run_group_tests_name("golden: what was recognised", tests, NULL, NULL);
	free(program);
	return failed;
}
