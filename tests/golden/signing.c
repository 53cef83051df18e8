/*
 * Signing with the real program, a ledger, keys and agents, in a real pseudo-terminal: from `assay review` to
 * a signature in the ledger, and every accident that must not become one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/work.h"

#include "../lib/pty_must.h"
#include "../lib/trust_fixture.h"

#define REASON "Better in every month of the holdout, and calibrated."
#define ASK    "type its first six digits to sign:"

static const char *const PEOPLE[] = {"mara", "li", "ada", "ren"};

static char *folder, *program, *made, *here; /* here: the store of this test */
static int visit;
static bool no_keys;

/* ---- commands ---- */

static int run(const char *key, struct str *out, const char *const argv[])
{
	struct str faults;
	struct error err;
	int status;

	if (key) {
		char *file = xasprintf("%s/keys/%s", folder, key);

		setenv("ASSAY_KEY", file, 1);
		free(file);
	} else {
		unsetenv("ASSAY_KEY");
	}
	str_init(&faults);
	if (child_capture(argv, here, 60000, 1 << 20, out, &faults, &status, &err) != 0)
		fail_msg("%s: %s", argv[1], err.text);
	if (status != 0)
		print_message("# %s %s: %s%s\n", argv[0], argv[1], out->data, faults.data);
	str_release(&faults);
	unsetenv("ASSAY_KEY");
	return status;
}
#define RUN(key, out, ...) run(key, out, (const char *const[]){program, __VA_ARGS__, NULL})

static void must(int status)
{
	assert_int_equal(status, 0);
}

/* The number that `assay review` gives the one proposal. */
static char *proposal(void)
{
	struct str out;
	char *number;
	const char *line;

	str_init(&out);
	must(RUN(NULL, &out, "review", "--tsv"));
	line = strchr(out.data, '\n');
	assert_non_null(line);
	number = xmemdup0(line + 1, strspn(line + 1, "0123456789"));
	assert_true(*number);
	str_release(&out);
	return number;
}

static void ledger_digest(char hex[SHA256_TEXT])
{
	char *path = path_join(here, ".assay/ledger.db");
	struct error err;

	if (sha256_file(path, hex, NULL, &err) != 0)
		fail_msg("%s", err.text);
	free(path);
}

static bool stands_signed(const char *text)
{
	char *number = proposal();
	struct str out;
	bool found;

	str_init(&out);
	must(RUN(NULL, &out, "review", number, "-q"));
	found = strstr(out.data, text) != NULL;
	if (!found)
		print_message("%s\n", out.data);
	str_release(&out);
	free(number);
	return found;
}

/* What was verified last is remembered for each copy by itself: they are one store that grew in several ways.
 */
static void pins_of(const char *name)
{
	char *path = xasprintf("%s/state-%s", folder, name);

	setenv("XDG_STATE_HOME", path, 1);
	free(path);
}

/* ---- the store ---- */

static void write_file(const char *name, const char *text)
{
	char *path = path_join(here, name);
	struct error err;

	if (file_write_atomic(path, text, strlen(text), 0644, &err) != 0)
		fail_msg("%s", err.text);
	free(path);
}

static void roster_line(struct str *out, const char *name, const char *roles, const char *users)
{
	char *path = xasprintf("%s/keys/%s.pub", folder, name);
	struct error err;
	struct str key;
	size_t type, blob;

	str_init(&key);
	if (file_read(path, &key, 0, &err) != 0)
		fail_msg("%s", err.text);
	type = strcspn(key.data, " ");
	blob = strcspn(key.data + type + 1, " \n");
	str_addf(out, "%s@lab namespaces=\"signoff@assay\" %.*s roles=%s;%s%sname=%c%s\n", name,
	         (int)(type + 1 + blob), key.data, roles, users, *users ? ";" : "", name[0] - 'a' + 'A',
	         name + 1);
	str_release(&key);
	free(path);
}

static void write_roster(const char *name, bool ada_reviews)
{
	char user[256], users[300];
	struct str text;

	work_user(user, sizeof user);
	snprintf(users, sizeof users, "user=%s", user);
	str_init(&text);
	roster_line(&text, "mara", "owner,roster-admin", users);
	roster_line(&text, "li", "peer,roster-admin", "");
	roster_line(&text, "ada", ada_reviews ? "risk-reviewer" : "auditor", "");
	roster_line(&text, "ren", "operator,risk-reviewer", "");
	write_file(name, text.data);
	str_release(&text);
}

static void make_store(void)
{
	static const char policy[] = "[policy]\nname = lending\nstages = production\n"
	                             "[stage production]\napprovals = 2\nroles = risk-reviewer\n"
	                             "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.7\n"
	                             "[gate contract]\nkind = contract\n[gate manifest]\nkind = manifest\n";
	char *data = path_absolute("sample-data/applications-2026-07.csv"), *file, fingerprint[SHA256_TEXT];
	struct error err;
	struct str out;

	str_init(&out);
	write_roster("roster", true);
	file = path_join(here, "roster");
	if (sha256_file(file, fingerprint, NULL, &err) != 0)
		fail_msg("%s", err.text);
	must(RUN(NULL, &out, "init", "--roster", "roster", "--fingerprint", fingerprint, "."));
	write_file("policy", policy);
	must(RUN("mara", &out, "policy", "sign", "policy", "--reason", "the first policy"));
	must(RUN("li", &out, "policy", "sign", "policy", "--reason", "the first policy"));
	must(RUN(NULL, &out, "data", "add", "loans", data, "--label", "repaid", "--positive", "yes"));
	must(RUN(NULL, &out, "train", "logistic", "--data", "loans", "--drop", "decision_code", "-n", "first"));
	must(RUN(NULL, &out, "register", "first", "credit-risk"));
	must(RUN("mara", &out, "propose", "credit-risk@1", "production", "--reason", "the first of its kind"));
	str_release(&out);
	free(file);
	free(data);
}

static int make_all(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct error err = {0};
	char *keys;

	(void)state;
	folder = xasprintf("%s/assay-signing-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		return -1;
	unsetenv("SSH_AUTH_SOCK");
	setenv("NO_COLOR", "1", 1);
	keys = path_join(folder, "config");
	setenv("XDG_CONFIG_HOME", keys, 1);
	free(keys);
	pins_of("made");
	keys = path_join(folder, "keys");
	here = made = path_join(folder, "made");
	if (dir_make(keys, &err) != 0 || dir_make(made, &err) != 0)
		return -1;
	free(keys);
	for (size_t i = 0; i < COUNT_OF(PEOPLE); i++) {
		char *file = xasprintf("%s/keys/%s", folder, PEOPLE[i]);
		const char *const argv[] = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "",
		                            "-C",         "",   "-f", file,      NULL};
		struct str out;
		int status;

		str_init(&out);
		no_keys = child_capture(argv, NULL, 60000, 1000, &out, NULL, &status, &err) != 0;
		str_release(&out);
		free(file);
		if (no_keys)
			return 0;
	}
	make_store();
	return 0;
}

static int remove_all(void **state)
{
	(void)state;
	dir_remove(folder, NULL);
	free(folder);
	free(made);
	free(program);
	return 0;
}

/* Each test has a copy of the store in which one proposal waits. */
static int open_copy(void **state)
{
	char *name = xasprintf("copy%d", ++visit);
	struct error err;
	struct str out;
	int status;

	(void)state;
	if (no_keys)
		return 0;
	here = path_join(folder, name);
	pins_of(name);
	str_init(&out);
	status = child_capture((const char *const[]){"cp", "-a", made, here, NULL}, NULL, 60000, 1000, &out, NULL,
	                       &status, &err) == 0
	             ? status
	             : -1;
	str_release(&out);
	free(name);
	return status;
}

static int close_copy(void **state)
{
	(void)state;
	if (here != made)
		free(here);
	here = made;
	return 0;
}

/* ---- the terminal ---- */

static struct pty *begin(const char *key, const char *socket)
{
	char *store = path_join(here, ".assay"),
	     *state = xasprintf("XDG_STATE_HOME=%s/state%d-%s", folder, visit, key),
	     *file = xasprintf("ASSAY_KEY=%s/keys/%s", folder, key),
	     *agent = xasprintf("SSH_AUTH_SOCK=%s", socket);
	const char *argv[] = {program, "--store", store, "review", NULL};
	const char *env[] = {
	    state, file, "NO_COLOR", "LC_ALL=C.UTF-8", "TZ=UTC", socket ? agent : "SSH_AUTH_SOCK", NULL};
	struct pty *p = pty_start(argv, env, 80, 24);

	free(store);
	free(state);
	free(file);
	free(agent);
	return p;
}

static void leave(struct pty *p)
{
	int status;

	pty_key(p, "Ctrl-C");
	status = pty_wait(p, PTY_PATIENCE);
	if (status != 0) {
		struct str screen;

		str_init(&screen);
		pty_text(p, &screen);
		print_error("it ended with %d:\n%s\n", status, screen.data);
		str_release(&screen);
	}
	assert_int_equal(status, 0);
	assert_true(pty_cooked(p));
	pty_free(p);
}

/* What comes sooner than a person can have read it does not count. */
static void read_it(struct pty *p)
{
	pty_must_rest(p, 250);
}

static void code_of(struct pty *p, char code[7])
{
	static const char before[] = "SHA-256  ";
	struct str screen;
	const char *at;

	str_init(&screen);
	pty_text(p, &screen);
	at = strstr(screen.data, before);
	assert_non_null(at);
	snprintf(code, 7, "%.6s", at + strlen(before));
	str_release(&screen);
}

/* What was shown is what stands in the ledger, to the byte. */
static void shown_is_signed(struct pty *p)
{
	char row[16], digest[SHA256_TEXT];
	struct str screen, text;
	const char *at;

	str_init(&screen);
	str_init(&text);
	pty_text(p, &screen);
	at = strstr(screen.data, "\n   row        ");
	assert_non_null(at);
	at += strlen("\n   row        ");
	snprintf(row, sizeof row, "%.*s", (int)strspn(at, "0123456789"), at);
	must(RUN(NULL, &text, "ledger", "raw", row));
	sha256_hex(text.data, text.len, digest);
	assert_non_null(strstr(screen.data, digest));
	assert_non_null(strstr(text.data, "\nkind approve\n"));
	str_release(&screen);
	str_release(&text);
}

/* A first key that came sooner than a person can have read what is asked was dropped. */
static void type_slowly(struct pty *p, const char *text)
{
	for (const char *key = text; *key; key++)
		if (!pty_press(p, *key, key == text ? 5000 : PTY_PATIENCE) &&
		    (key > text || !pty_press(p, *key, PTY_PATIENCE)))
			fail_msg("the digit %c did not arrive", *key);
}

/* From the review to the question for the code. Returns the keys pressed, the reason not counted. */
static int to_the_code(struct pty *p, char code[7])
{
	int keys = 0;

	pty_must(p, "GATES");
	pty_key(p, "Enter"), keys++;
	pty_must(p, "gate ");
	pty_key(p, "q"), keys++;
	pty_must(p, "CHANGES");
	pty_key(p, "a"), keys++;
	pty_must(p, "in your own words");
	pty_type(p, REASON);
	pty_must(p, "and calibrated.");
	pty_key(p, "Enter"), keys++;
	pty_must(p, ASK);
	code_of(p, code);
	read_it(p);
	return keys;
}

/* ---- tests ---- */

static void review_to_signed(void **state)
{
	struct pty *p;
	char code[7];
	int keys;

	(void)state;
	if (no_keys)
		skip();
	p = begin("ada", NULL);
	/* What else lies behind it: the bias report, the data. */
	pty_must(p, "GATES");
	pty_type(p, "b");
	pty_must(p, "bias ");
	pty_type(p, "q");
	pty_must(p, "CHANGES");
	pty_type(p, "v");
	pty_must(p, "distribution");
	pty_type(p, "q");
	keys = to_the_code(p, code);
	type_slowly(p, code);
	pty_must(p, "Signed, verified and appended.");
	pty_must(p, "1 of 2 signatures");
	print_message("# from `assay review` to signed: %d keys, six digits and the reason\n", keys);
	assert_in_range(keys, 1, 12);
	pty_must(p, "$ assay approve");
	shown_is_signed(p);
	read_it(p);
	pty_key(p, "Enter");
	pty_must(p, "in review, 1 of 2 signatures");
	pty_must(p, "Ada (risk-reviewer) approves");
	/* The same once more adds nothing. */
	pty_type(p, "a");
	pty_must(p, "in your own words");
	pty_type(p, REASON "\r");
	pty_must(p, "It stood there already");
	leave(p);
	assert_true(stands_signed("ada@lab"));
}

static void typed_ahead(void **state)
{
	char before[SHA256_TEXT], after[SHA256_TEXT], code[7];
	struct pty *p;

	(void)state;
	if (no_keys)
		skip();
	ledger_digest(before);
	p = begin("ada", NULL);
	/* All of it before the first frame; then before the question, the digits of half of all codes among it.
	 */
	pty_type(p, "ayyyyy\r\r\r" REASON "\r\ryyyy\r0123456789abcdef");
	pty_must_rest(p, 1000);
	pty_key(p, "Esc"); /* an e among the digits asks for a file to write a list to */
	pty_must_rest(p, 300);
	leave(p);
	ledger_digest(after);
	assert_string_equal(before, after);
	p = begin("ada", NULL);
	to_the_code(p, code);
	pty_key(p, "Esc");
	pty_must(p, "in your own words");
	/* The text is written anew, with another request: what is typed with the Enter is dropped, whatever it
	 * says. */
	pty_type(p, "\r");
	pty_type(p, code);
	pty_must(p, ASK);
	pty_must_rest(p, 500);
	assert_false(pty_has(p, "Signed"));
	assert_false(pty_has(p, "these are not the first six digits"));
	leave(p);
	ledger_digest(after);
	assert_string_equal(before, after);
}

static void paste_and_held_keys(void **state)
{
	char before[SHA256_TEXT], after[SHA256_TEXT], code[7];
	struct pty *p;

	(void)state;
	if (no_keys)
		skip();
	ledger_digest(before);
	p = begin("ada", NULL);
	to_the_code(p, code);
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
	assert_true(pty_has(p, ASK));
	leave(p);
	ledger_digest(after);
	assert_string_equal(before, after);
}

static void resize_in_the_middle(void **state)
{
	char code[7], half[4];
	struct pty *p;

	(void)state;
	if (no_keys)
		skip();
	p = begin("ada", NULL);
	to_the_code(p, code);
	snprintf(half, sizeof half, "%.3s", code);
	type_slowly(p, half);
	pty_resize(p, 132, 43);
	pty_drain(p, 100);
	pty_resize(p, 30, 8);
	pty_drain(p, 100);
	pty_resize(p, 100, 30);
	pty_must(p, ASK);
	pty_must(p, "and calibrated.");
	type_slowly(p, code + 3);
	pty_must(p, "Signed, verified and appended.");
	leave(p);
	assert_true(stands_signed("ada@lab"));
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
	char before[SHA256_TEXT], after[SHA256_TEXT], code[7];
	char *path;
	int64_t asked;
	struct pty *p;
	int fd;

	(void)state;
	if (no_keys)
		skip();
	ledger_digest(before);
	path = path_join(folder, "silent");
	fd = listen_at(path);
	p = begin("ada.pub", path);
	to_the_code(p, code);
	type_slowly(p, code);
	pty_must(p, " s of 60");
	asked = time_mono_ms();
	pty_key(p, "Esc");
	pty_must(p, "Given up");
	print_message("# Esc while an agent is silent: %lld ms\n", (long long)(time_mono_ms() - asked));
	/* What was written is still there. */
	read_it(p);
	pty_key(p, "Enter");
	pty_must(p, "and calibrated.");
	/* Leaving the program does not wait for it either. */
	pty_key(p, "Enter");
	pty_must(p, ASK);
	code_of(p, code);
	read_it(p);
	type_slowly(p, code);
	pty_must(p, "signing…");
	leave(p);
	/* Nor does a terminal that goes away leave half a row. */
	p = begin("ada.pub", path);
	to_the_code(p, code);
	type_slowly(p, code);
	pty_must(p, "signing…");
	pty_close(p);
	assert_true(pty_wait(p, PTY_PATIENCE) >= 0);
	pty_free(p);
	close(fd);
	unlink(path);
	free(path);
	ledger_digest(after);
	assert_string_equal(before, after);
}

static void an_agent_that_refuses(void **state)
{
	char before[SHA256_TEXT], after[SHA256_TEXT], code[7];
	char *path, *key, *pid;
	const char *at;
	struct error err;
	struct str out;
	struct pty *p;
	int64_t agent = 0;
	int status;

	(void)state;
	if (no_keys)
		skip();
	ledger_digest(before);
	path = path_join(folder, "agent");
	key = xasprintf("%s/keys/ada", folder);
	str_init(&out);
	/* It asks before each signature, and whoever it asks says no. */
	setenv("SSH_ASKPASS", "/bin/false", 1);
	setenv("SSH_ASKPASS_REQUIRE", "force", 1);
	must(child_capture((const char *const[]){"ssh-agent", "-a", path, NULL}, NULL, 60000, 1000, &out, NULL,
	                   &status, &err));
	at = strstr(out.data, "SSH_AGENT_PID=");
	assert_non_null(at);
	pid = xmemdup0(at + 14, strspn(at + 14, "0123456789"));
	assert_true(int_parse(pid, strlen(pid), &agent) && agent > 1);
	setenv("SSH_AUTH_SOCK", path, 1);
	must(child_capture((const char *const[]){"ssh-add", "-q", "-c", key, NULL}, NULL, 60000, 1000, &out, NULL,
	                   &status, &err));
	p = begin("ada.pub", path);
	to_the_code(p, code);
	type_slowly(p, code);
	pty_must(p, "The key did not sign");
	pty_must(p, "refused");
	pty_must(p, "What you wrote is kept");
	read_it(p);
	pty_key(p, "Esc");
	pty_must(p, "GATES");
	leave(p);
	kill((pid_t)agent, SIGTERM);
	unsetenv("SSH_AUTH_SOCK");
	ledger_digest(after);
	assert_string_equal(before, after);
	str_release(&out);
	free(pid);
	free(key);
	free(path);
}

/* While the code is being typed, another roster comes into force. */
static void a_roster_that_changes_meanwhile(void **state)
{
	struct str out;
	struct pty *p;
	char code[7];

	(void)state;
	if (no_keys)
		skip();
	p = begin("ada", NULL);
	to_the_code(p, code);
	str_init(&out);
	write_roster("roster2", false);
	must(RUN("mara", &out, "roster", "sign", "roster2", "--reason", "ada reviews no longer"));
	must(RUN("li", &out, "roster", "sign", "roster2", "--reason", "ada reviews no longer"));
	type_slowly(p, code);
	pty_must(p, "It has changed since you looked");
	pty_must(p, "look again");
	read_it(p);
	pty_key(p, "Esc");
	pty_must(p, "0 of 2 signatures");
	/* And by what is now, ada signs nothing here. */
	pty_type(p, "a");
	pty_must(p, "and calibrated.");
	pty_key(p, "Enter");
	pty_must(p, "A rule says no");
	leave(p);
	str_release(&out);
}

static void two_reviewers_at_once(void **state)
{
	char first[7], second[7];
	struct pty *ada, *ren;

	(void)state;
	if (no_keys)
		skip();
	ada = begin("ada", NULL);
	ren = begin("ren", NULL);
	to_the_code(ada, first);
	to_the_code(ren, second);
	type_slowly(ada, first);
	pty_must(ada, "1 of 2 signatures");
	type_slowly(ren, second);
	/* An approval by somebody else takes nothing from what was seen. */
	pty_must(ren, "2 of 2 signatures");
	leave(ada);
	read_it(ren);
	pty_key(ren, "Enter");
	pty_must(ren, "approved: P promotes");
	/* And on to the stage, by the same way. */
	pty_type(ren, "P");
	pty_must(ren, "PROMOTE");
	pty_type(ren, "it has what it needs\r");
	pty_must(ren, ASK);
	code_of(ren, second);
	read_it(ren);
	type_slowly(ren, second);
	pty_must(ren, "Signed, verified and appended.");
	leave(ren);
}

static void an_objection_meanwhile(void **state)
{
	char *number, code[7];
	struct str out;
	struct pty *p;

	(void)state;
	if (no_keys)
		skip();
	p = begin("ada", NULL);
	to_the_code(p, code);
	number = proposal();
	str_init(&out);
	must(RUN("ren", &out, "reject", number, "--reason", "the holdout is not the one that was agreed"));
	type_slowly(p, code);
	pty_must(p, "It has changed since you looked");
	read_it(p);
	pty_key(p, "Esc");
	pty_must(p, "Ren (risk-reviewer) rejects");
	leave(p);
	str_release(&out);
	free(number);
}

/* Nothing waits for who made it: the list opens, and a rule says no before anything is signed. */
static void who_made_it(void **state)
{
	struct pty *p;

	(void)state;
	if (no_keys)
		skip();
	p = begin("mara", NULL);
	pty_must(p, "0 of 2");
	assert_false(pty_has(p, "you may sign"));
	pty_key(p, "Enter");
	pty_must(p, "GATES");
	pty_type(p, "a");
	pty_must(p, "Nothing was opened");
	read_it(p);
	pty_type(p, "y");
	pty_must(p, "in your own words");
	pty_type(p, REASON "\r");
	pty_must(p, "A rule says no");
	pty_must(p, "Nothing was added to the ledger");
	leave(p);
}

/* What comes while a person looks at something else is told, is in row 0, and can be gone to from the journal. */
static void a_proposal_comes_by_itself(void **state)
{
	char *number, *store;
	struct error err;
	struct str out;
	struct pty *p;

	(void)state;
	if (no_keys)
		skip();
	number = proposal();
	store = path_join(here, ".assay");
	str_init(&out);
	must(RUN("ren", &out, "reject", number, "--reason", "the holdout is not the one that was agreed"));
	p = begin("ada", NULL);
	pty_must(p, "Nothing waits for a signature");
	pty_type(p, "3");
	pty_must(p, "loans");
	assert_false(pty_has(p, "to sign"));
	must(RUN("mara", &out, "propose", "credit-risk@1", "production", "--reason",
	         "on the holdout that was agreed"));
	pty_must(p, "credit-risk v1 for production waits for your signature");
	pty_must(p, "1 to sign");
	pty_type(p, "J");
	pty_must(p, "said, done, happened");
	pty_key(p, "Enter");
	pty_must(p, "GATES");
	pty_type(p, "3");
	pty_must(p, "said, done, happened");
	if (trust_fixture_tamper(store, 2, &err) != 0)
		fail_msg("%s", err.text);
	pty_must(p, "the ledger does not hold");
	pty_must(p, "ledger broken");
	leave(p);
	str_release(&out);
	free(store);
	free(number);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_copy, close_copy)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    TEST(review_to_signed),
	    TEST(typed_ahead),
	    TEST(paste_and_held_keys),
	    TEST(resize_in_the_middle),
	    TEST(an_agent_that_never_answers),
	    TEST(an_agent_that_refuses),
	    TEST(a_roster_that_changes_meanwhile),
	    TEST(two_reviewers_at_once),
	    TEST(an_objection_meanwhile),
	    TEST(who_made_it),
	    TEST(a_proposal_comes_by_itself),
	};
	char *self = path_absolute(argv[0]), *at = self;

	(void)argc;
	setlocale(LC_CTYPE, "C.UTF-8");
	/* BUILD/tests/golden/signing -> BUILD/assay */
	for (int i = 0; i < 3; i++)
		if ((at = strrchr(self, '/')) != NULL)
			*at = 0;
	program = getenv("ASSAY") ? path_absolute(getenv("ASSAY")) : path_join(self, "assay");
	free(self);
	return cmocka_run_group_tests_name("signing", tests, make_all, remove_all);
}
