/*
 * Signing with the real program, a ledger, keys and agents, in a real pseudo-terminal: from `assay review` to
 * a signature in the ledger, and every accident that must not become one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/signing.h"

static void review_to_signed(void **state)
{
	struct signing *s = *state;
	struct pty *p;
	char code[7];
	int keys;

	if (s->no_keys)
		skip();
	p = signing_begin(s, "ada", NULL);
	/* What else lies behind it: the bias report, the data. */
	pty_must(p, "GATES");
	pty_type(p, "b");
	pty_must(p, "bias ");
	pty_type(p, "q");
	pty_must(p, "CHANGES");
	pty_type(p, "v");
	pty_must(p, "distribution");
	pty_type(p, "q");
	keys = signing_to_the_code(p, code);
	signing_type(p, code);
	pty_must(p, "Signed, verified and appended.");
	pty_must(p, "1 of 2 signatures");
	print_message("# from `assay review` to signed: %d keys, six digits and the reason\n", keys);
	assert_in_range(keys, 1, 12);
	pty_must(p, "$ assay approve");
	signing_shown_is_signed(s, p);
	signing_read(p);
	pty_key(p, "Enter");
	pty_must(p, "in review, 1 of 2 signatures");
	pty_must(p, "Ada (risk-reviewer) approves");
	/* The same once more adds nothing. */
	pty_type(p, "a");
	pty_must(p, "in your own words");
	pty_type(p, SIGNING_REASON "\r");
	pty_must(p, "It stood there already");
	signing_leave(p);
	assert_true(signing_stands(s, "ada@lab"));
}

static void typed_ahead(void **state)
{
	struct signing *s = *state;
	char before[SHA256_TEXT], after[SHA256_TEXT], code[7];
	struct pty *p;

	if (s->no_keys)
		skip();
	signing_digest(s, before);
	p = signing_begin(s, "ada", NULL);
	/* All of it before the first frame; then before the question, the digits of half of all codes among it.
	 */
	pty_type(p, "ayyyyy\r\r\r" SIGNING_REASON "\r\ryyyy\r0123456789abcdef");
	pty_must_rest(p, 1000);
	pty_key(p, "Esc"); /* an e among the digits asks for a file to write a list to */
	pty_must_rest(p, 300);
	signing_leave(p);
	signing_digest(s, after);
	assert_string_equal(before, after);
	p = signing_begin(s, "ada", NULL);
	signing_to_the_code(p, code);
	pty_key(p, "Esc");
	pty_must(p, "in your own words");
	/* The text is written anew, with another request: what is typed with the Enter is dropped, whatever it
	 * says. */
	pty_type(p, "\r");
	pty_type(p, code);
	pty_must(p, SIGNING_ASK);
	pty_must_rest(p, 500);
	assert_false(pty_has(p, "Signed"));
	assert_false(pty_has(p, "these are not the first six digits"));
	signing_leave(p);
	signing_digest(s, after);
	assert_string_equal(before, after);
}

static void paste_and_held_keys(void **state)
{
	struct signing *s = *state;
	char before[SHA256_TEXT], after[SHA256_TEXT], code[7];
	struct pty *p;

	if (s->no_keys)
		skip();
	signing_digest(s, before);
	p = signing_begin(s, "ada", NULL);
	signing_to_the_code(p, code);
	pty_type(p, "\x1b[200~");
	pty_type(p, code);
	pty_type(p, "\x1b[201~");
	pty_must(p, "a paste signs nothing");
	/* With a line end, and where the terminal does not mark it. */
	pty_type(p, "\x1b[200~");
	pty_type(p, code);
	pty_type(p, "\r\x1b[201~");
	pty_must_rest(p, 200);
	pty_type(p, code);
	pty_must(p, "they came all at once");
	for (int i = 0; i < 60; i++) {
		pty_key(p, "Enter");
		pty_drain(p, 10);
	}
	pty_must(p, "Enter signs nothing");
	/* Answers of a terminal to questions that nobody asked. */
	pty_type(p, "\x1b]52;c;");
	pty_type(p, code);
	pty_type(p, "\x07\x1b[?1;2c\x1bP1$r0m\x1b\\");
	pty_must_rest(p, 300);
	assert_true(pty_has(p, SIGNING_ASK));
	signing_leave(p);
	signing_digest(s, after);
	assert_string_equal(before, after);
}

static void resize_in_the_middle(void **state)
{
	struct signing *s = *state;
	char code[7], half[4];
	struct pty *p;

	if (s->no_keys)
		skip();
	p = signing_begin(s, "ada", NULL);
	signing_to_the_code(p, code);
	snprintf(half, sizeof half, "%.3s", code);
	signing_type(p, half);
	pty_resize(p, 132, 43);
	pty_drain(p, 100);
	pty_resize(p, 30, 8);
	pty_drain(p, 100);
	pty_resize(p, 100, 30);
	pty_must(p, SIGNING_ASK);
	pty_must(p, "and calibrated.");
	signing_type(p, code + 3);
	pty_must(p, "Signed, verified and appended.");
	signing_leave(p);
	assert_true(signing_stands(s, "ada@lab"));
}

/* A socket that takes and never says anything. */
static int listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 10), 0);
	return fd;
}

static void an_agent_that_never_answers(void **state)
{
	struct signing *s = *state;
	char before[SHA256_TEXT], after[SHA256_TEXT], code[7];
	char *path;
	int64_t asked;
	struct pty *p;
	int fd;

	if (s->no_keys)
		skip();
	signing_digest(s, before);
	path = path_join(s->folder, "silent");
	fd = listen_at(path);
	p = signing_begin(s, "ada.pub", path);
	signing_to_the_code(p, code);
	signing_type(p, code);
	pty_must(p, " s of 60");
	asked = time_mono_ms();
	pty_key(p, "Esc");
	pty_must(p, "Given up");
	print_message("# Esc while an agent is silent: %lld ms\n", (long long)(time_mono_ms() - asked));
	/* What was written is still there. */
	signing_read(p);
	pty_key(p, "Enter");
	pty_must(p, "and calibrated.");
	/* Leaving the program does not wait for it either. */
	pty_key(p, "Enter");
	pty_must(p, SIGNING_ASK);
	signing_code(p, code);
	signing_read(p);
	signing_type(p, code);
	pty_must(p, "signing…");
	signing_leave(p);
	/* Nor does a terminal that goes away leave half a row. */
	p = signing_begin(s, "ada.pub", path);
	signing_to_the_code(p, code);
	signing_type(p, code);
	pty_must(p, "signing…");
	pty_close(p);
	assert_true(pty_wait(p, PTY_PATIENCE) >= 0);
	pty_free(p);
	close(fd);
	unlink(path);
	free(path);
	signing_digest(s, after);
	assert_string_equal(before, after);
}

static void an_agent_that_refuses(void **state)
{
	struct signing *s = *state;
	char before[SHA256_TEXT], after[SHA256_TEXT], code[7];
	char *path, *key, *pid;
	const char *at;
	struct error err;
	struct str out;
	struct pty *p;
	int64_t agent = 0;
	int status;

	if (s->no_keys)
		skip();
	signing_digest(s, before);
	path = path_join(s->folder, "agent");
	key = xasprintf("%s/keys/ada", s->folder);
	str_init(&out);
	/* It asks before each signature, and whoever it asks says no. */
	setenv("SSH_ASKPASS", "/bin/false", 1);
	setenv("SSH_ASKPASS_REQUIRE", "force", 1);
	signing_must(child_capture((const char *const[]){"ssh-agent", "-a", path, NULL}, NULL, 60000, 1000, &out,
	                           NULL, &status, &err));
	at = strstr(out.data, "SSH_AGENT_PID=");
	assert_non_null(at);
	pid = xmemdup0(at + 14, strspn(at + 14, "0123456789"));
	assert_true(int_parse(pid, strlen(pid), &agent) && agent > 1);
	setenv("SSH_AUTH_SOCK", path, 1);
	signing_must(child_capture((const char *const[]){"ssh-add", "-q", "-c", key, NULL}, NULL, 60000, 1000,
	                           &out, NULL, &status, &err));
	p = signing_begin(s, "ada.pub", path);
	signing_to_the_code(p, code);
	signing_type(p, code);
	pty_must(p, "The key did not sign");
	pty_must(p, "refused");
	pty_must(p, "What you wrote is kept");
	signing_read(p);
	pty_key(p, "Esc");
	pty_must(p, "GATES");
	signing_leave(p);
	kill((pid_t)agent, SIGTERM);
	unsetenv("SSH_AUTH_SOCK");
	signing_digest(s, after);
	assert_string_equal(before, after);
	str_release(&out);
	free(pid);
	free(key);
	free(path);
}

/* Nothing waits for who made it: the list opens, and a rule says no before anything is signed. */
static void who_made_it(void **state)
{
	struct signing *s = *state;
	struct pty *p;

	if (s->no_keys)
		skip();
	p = signing_begin(s, "mara", NULL);
	pty_must(p, "0 of 2");
	assert_false(pty_has(p, "you may sign"));
	pty_key(p, "Enter");
	pty_must(p, "GATES");
	pty_type(p, "a");
	pty_must(p, "Nothing was opened");
	signing_read(p);
	pty_type(p, "y");
	pty_must(p, "in your own words");
	pty_type(p, SIGNING_REASON "\r");
	pty_must(p, "A rule says no");
	pty_must(p, "Nothing was added to the ledger");
	signing_leave(p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, signing_open, signing_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(review_to_signed),
	    TEST(typed_ahead),
	    TEST(paste_and_held_keys),
	    TEST(resize_in_the_middle),
	    TEST(an_agent_that_never_answers),
	    TEST(an_agent_that_refuses),
	    TEST(who_made_it),
	};

	return cmocka_run_group_tests_name("signing", tests, signing_make, signing_remove);
}
