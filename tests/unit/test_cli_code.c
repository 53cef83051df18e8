/* Signing on a terminal: nothing but the six digits, typed by hand, signs. Not what was typed ahead, not a
 * paste, not Enter; and Esc, another size of the window and a wrong guess leave the ledger as it was. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/base.h"
#include "../lib/pty_must.h"

enum { W = 100, H = 70 };

static char *folder, *program;
static const char *env[8];

static int command(const char *line, struct str *out)
{
	char *whole = xasprintf("cd '%s' && %s", folder, line);
	const char *const argv[] = {"env", env[0], env[1], env[2], env[3], "bash", "-c", whole, NULL};
	struct error err;
	int status = 0;
	if (child_capture(argv, NULL, 120000, 1 << 20, out, NULL, &status, &err) != 0)
		fail_msg("%s", err.text);
	free(whole);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* How many rows the ledger has. */
static long rows(void)
{
	struct str out;
	str_init(&out);
	char *line = xasprintf("'%s' checkpoint --quiet | sed -n 2p", program);
	assert_int_equal(command(line, &out), 0);
	long n = strtol(out.data, NULL, 10);
	free(line);
	str_release(&out);
	return n;
}

/* `assay approve` on a terminal, as li. */
static struct pty *approve(void)
{
	char *line =
	    xasprintf("cd '%s' && exec '%s' approve 7 --reason 'read the evaluation' --key li", folder, program);
	const char *const argv[] = {"bash", "-c", line, NULL};
	struct pty *p = pty_start(argv, env, W, H);
	free(line);
	return p;
}

/* The first digits of the digest that is shown. */
static void digits(struct pty *p, char out[7])
{
	struct str screen;
	str_init(&screen);
	pty_must(p, "type the first six digits");
	pty_text(p, &screen);
	const char *at = strstr(screen.data, "\nsha256 ");
	assert_non_null(at);
	memcpy(out, at + 8, 6);
	out[6] = 0;
	str_release(&screen);
}

static void type_slowly(struct pty *p, const char *text)
{
	for (; *text; text++)
		assert_true(pty_press(p, *text, PTY_PATIENCE));
}

/* The question stands there anew, and behind its blank nothing. */
static void asked_again(struct pty *p, const char *question)
{
	int64_t until = time_mono_ms() + PTY_PATIENCE;
	int x, y;
	bool visible;
	do {
		pty_drain(p, 10);
		pty_cursor(p, &x, &y, &visible);
	} while (x != (int)strlen(question) + 1 && time_mono_ms() < until);
	assert_int_equal(x, strlen(question) + 1);
	assert_true(pty_has(p, question));
}

static int setup(void **state)
{
	struct str out;
	(void)state;
	char *self = path_absolute("/proc/self/exe"), *slash;
	for (int i = 0; i < 3 && (slash = strrchr(self, '/')); i++)
		*slash = 0; /* build/tests/unit/test_cli_code: build */
	program = xasprintf("%s/assay", self);
	folder = xstrdup("/tmp/assay-code-XXXXXX");
	assert_non_null(mkdtemp(folder));
	env[0] = xasprintf("HOME=%s/home", folder);
	env[1] = xasprintf("XDG_STATE_HOME=%s/home/state", folder);
	env[2] = xasprintf("XDG_CONFIG_HOME=%s/home/config", folder);
	env[3] = "LC_ALL=C.UTF-8";
	char *lib = path_absolute("tests/lib/trust.bash");
	char *line = xasprintf("mkdir -p home && assay='%s' && . '%s' && make_store && "
	                       "\"$assay\" propose lending@1 production --reason first --key mara --quiet",
	                       program, lib);
	str_init(&out);
	assert_int_equal(command(line, &out), 0);
	str_release(&out);
	free(line);
	free(lib);
	free(self);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dir_remove(folder, NULL);
	for (int i = 0; i < 3; i++)
		free((char *)env[i]);
	free(folder);
	free(program);
	return 0;
}

static void not_signed(struct pty *p, long before)
{
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 1);
	assert_true(pty_has(p, "not signed"));
	assert_true(pty_cooked(p));
	pty_free(p);
	assert_int_equal(rows(), before);
}

static void escape_leaves_it(void **state)
{
	(void)state;
	long before = rows();
	struct pty *p = approve();
	pty_must(p, "type the first six digits");
	assert_true(pty_has(p, "kind approve"));
	pty_type(p, "\033");
	not_signed(p, before);
}

static void typed_ahead_counts_for_nothing(void **state)
{
	char code[7];
	(void)state;
	long before = rows();
	struct pty *p = approve();
	/* Before the question stands there. */
	pty_type(p, "y\ny\n\n\n");
	digits(p, code);
	pty_type(p, "\n");
	pty_must_rest(p, 100);
	pty_type(p, "y");
	pty_must_rest(p, 100);
	pty_type(p, "\n");
	pty_must_rest(p, 100);
	assert_int_equal(pty_wait(p, 200), -1); /* it still waits */
	pty_type(p, "\003");
	not_signed(p, before);
}

static void a_paste_does_not_sign(void **state)
{
	char code[7], paste[64];
	(void)state;
	long before = rows();
	struct pty *p = approve();
	digits(p, code);
	/* From a terminal that marks pastes, and from one that does not. */
	snprintf(paste, sizeof paste, "\033[200~%s\n\033[201~", code);
	pty_type(p, paste);
	pty_must(p, "a paste does not count");
	snprintf(paste, sizeof paste, "%s\n", code);
	pty_type(p, paste);
	pty_must(p, "too fast for a hand");
	pty_must_rest(p, 100);
	pty_type(p, "\033");
	not_signed(p, before);
}

static void wrong_digits_do_not_sign(void **state)
{
	char code[7];
	(void)state;
	long before = rows();
	struct pty *p = approve();
	digits(p, code);
	for (int i = 0; i < 6; i++)
		code[i] = code[i] == '0' ? '1' : '0';
	for (int i = 0; i < 3; i++) {
		type_slowly(p, code);
		if (i < 2)
			asked_again(p, "those are not its first six digits; type them:");
	}
	not_signed(p, before);
}

static void six_digits_sign(void **state)
{
	char code[7], word[2] = "";
	(void)state;
	long before = rows();
	struct pty *p = approve();
	digits(p, code);
	/* A slip that is taken back, and another size of the window, are part of life. */
	word[0] = code[0] == 'a' ? 'b' : 'a';
	type_slowly(p, word);
	type_slowly(p, "\177");
	pty_resize(p, W - 10, H);
	type_slowly(p, code);
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	assert_true(pty_has(p, "row 8: signed by li@lab"));
	pty_free(p);
	assert_int_equal(rows(), before + 1);
	/* Once more by the same key: the same row, and nothing is asked. */
	p = approve();
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	assert_true(pty_has(p, "row 8 stands already"));
	pty_free(p);
	assert_int_equal(rows(), before + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(escape_leaves_it),      cmocka_unit_test(typed_ahead_counts_for_nothing),
	    cmocka_unit_test(a_paste_does_not_sign), cmocka_unit_test(wrong_digits_do_not_sign),
	    cmocka_unit_test(six_digits_sign),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
