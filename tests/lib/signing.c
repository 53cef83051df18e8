#include "signing.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assay/work.h"

#include "golden.h"

static const char *const PEOPLE[] = {"mara", "li", "ada", "ren"};

/* ---- commands ---- */

int signing_run(const struct signing *s, const char *key, struct str *out, const char *const argv[])
{
	struct str faults;
	struct error err;
	int status;

	if (key) {
		char *file = xasprintf("%s/keys/%s", s->folder, key);

		setenv("ASSAY_KEY", file, 1);
		free(file);
	} else {
		unsetenv("ASSAY_KEY");
	}
	str_init(&faults);
	if (child_capture(argv, s->here, 60000, 1 << 20, out, &faults, &status, &err) != 0)
		fail_msg("%s: %s", argv[1], err.text);
	if (status != 0)
		print_message("# %s %s: %s%s\n", argv[0], argv[1], out->data, faults.data);
	str_release(&faults);
	unsetenv("ASSAY_KEY");
	return status;
}

void signing_must(int status)
{
	assert_int_equal(status, 0);
}

char *signing_proposal(const struct signing *s)
{
	struct str out;
	char *number;
	const char *line;

	str_init(&out);
	signing_must(SIGNING_RUN(s, NULL, &out, "review", "--tsv"));
	line = strchr(out.data, '\n');
	assert_non_null(line);
	number = xmemdup0(line + 1, strspn(line + 1, "0123456789"));
	assert_true(*number);
	str_release(&out);
	return number;
}

void signing_digest(const struct signing *s, char hex[SHA256_TEXT])
{
	char *path = path_join(s->here, ".assay/ledger.db");
	struct error err;

	if (sha256_file(path, hex, NULL, &err) != 0)
		fail_msg("%s", err.text);
	free(path);
}

bool signing_stands(const struct signing *s, const char *text)
{
	char *number = signing_proposal(s);
	struct str out;
	bool found;

	str_init(&out);
	signing_must(SIGNING_RUN(s, NULL, &out, "review", number, "-q"));
	found = strstr(out.data, text) != NULL;
	if (!found)
		print_message("%s\n", out.data);
	str_release(&out);
	free(number);
	return found;
}

/* What was verified last is remembered for each copy by itself: they are one store that grew in several ways.
 */
static void pins_of(const struct signing *s, const char *name)
{
	char *path = xasprintf("%s/state-%s", s->folder, name);

	setenv("XDG_STATE_HOME", path, 1);
	free(path);
}

/* ---- the store ---- */

static void write_file(const struct signing *s, const char *name, const char *text)
{
	char *path = path_join(s->here, name);
	struct error err;

	if (file_write_atomic(path, text, strlen(text), 0644, &err) != 0)
		fail_msg("%s", err.text);
	free(path);
}

static void roster_line(const struct signing *s, struct str *out, const char *name, const char *roles,
                        const char *users)
{
	char *path = xasprintf("%s/keys/%s.pub", s->folder, name);
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

void signing_roster(const struct signing *s, const char *name, bool ada_reviews)
{
	char user[256], users[300];
	struct str text;

	work_user(user, sizeof user);
	snprintf(users, sizeof users, "user=%s", user);
	str_init(&text);
	roster_line(s, &text, "mara", "owner,roster-admin", users);
	roster_line(s, &text, "li", "peer,roster-admin", "");
	roster_line(s, &text, "ada", ada_reviews ? "risk-reviewer" : "auditor", "");
	roster_line(s, &text, "ren", "operator,risk-reviewer", "");
	write_file(s, name, text.data);
	str_release(&text);
}

static void make_store(const struct signing *s)
{
	static const char policy[] = "[policy]\nname = lending\nstages = production\n"
	                             "[stage production]\napprovals = 2\nroles = risk-reviewer\n"
	                             "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.7\n"
	                             "[gate contract]\nkind = contract\n[gate manifest]\nkind = manifest\n";
	char *data = path_absolute("sample-data/applications-2026-07.csv"), *file, fingerprint[SHA256_TEXT];
	struct error err;
	struct str out;

	str_init(&out);
	signing_roster(s, "roster", true);
	file = path_join(s->here, "roster");
	if (sha256_file(file, fingerprint, NULL, &err) != 0)
		fail_msg("%s", err.text);
	signing_must(SIGNING_RUN(s, NULL, &out, "init", "--roster", "roster", "--fingerprint", fingerprint, "."));
	write_file(s, "policy", policy);
	signing_must(SIGNING_RUN(s, "mara", &out, "policy", "sign", "policy", "--reason", "the first policy"));
	signing_must(SIGNING_RUN(s, "li", &out, "policy", "sign", "policy", "--reason", "the first policy"));
	signing_must(
	    SIGNING_RUN(s, NULL, &out, "data", "add", "loans", data, "--label", "repaid", "--positive", "yes"));
	signing_must(SIGNING_RUN(s, NULL, &out, "train", "logistic", "--data", "loans", "--drop", "decision_code",
	                         "-n", "first"));
	signing_must(SIGNING_RUN(s, NULL, &out, "register", "first", "credit-risk"));
	signing_must(SIGNING_RUN(s, "mara", &out, "propose", "credit-risk@1", "production", "--reason",
	                         "the first of its kind"));
	str_release(&out);
	free(file);
	free(data);
}

int signing_make(void **state)
{
	struct signing *s = xcalloc(1, sizeof *s);
	const char *tmp = getenv("TMPDIR");
	struct error err = {0};
	char *keys;

	*state = s;
	s->program = golden_program();
	setlocale(LC_CTYPE, "C.UTF-8");
	s->folder = xasprintf("%s/assay-signing-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(s->folder))
		return -1;
	unsetenv("SSH_AUTH_SOCK");
	setenv("NO_COLOR", "1", 1);
	keys = path_join(s->folder, "config");
	setenv("XDG_CONFIG_HOME", keys, 1);
	free(keys);
	pins_of(s, "made");
	keys = path_join(s->folder, "keys");
	s->here = s->made = path_join(s->folder, "made");
	if (dir_make(keys, &err) != 0 || dir_make(s->made, &err) != 0)
		return -1;
	free(keys);
	for (size_t i = 0; i < COUNT_OF(PEOPLE); i++) {
		char *file = xasprintf("%s/keys/%s", s->folder, PEOPLE[i]);
		const char *const argv[] = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "",
		                            "-C",         "",   "-f", file,      NULL};
		struct str out;
		int status;

		str_init(&out);
		s->no_keys = child_capture(argv, NULL, 60000, 1000, &out, NULL, &status, &err) != 0;
		str_release(&out);
		free(file);
		if (s->no_keys)
			return 0;
	}
	make_store(s);
	return 0;
}

int signing_remove(void **state)
{
	struct signing *s = *state;

	dir_remove(s->folder, NULL);
	free(s->folder);
	free(s->made);
	free(s->program);
	free(s);
	return 0;
}

int signing_open(void **state)
{
	struct signing *s = *state;
	char *name = xasprintf("copy%d", ++s->visit);
	struct error err;
	struct str out;
	int status;

	if (s->no_keys)
		return 0;
	s->here = path_join(s->folder, name);
	pins_of(s, name);
	str_init(&out);
	status = child_capture((const char *const[]){"cp", "-a", s->made, s->here, NULL}, NULL, 60000, 1000, &out,
	                       NULL, &status, &err) == 0
	             ? status
	             : -1;
	str_release(&out);
	free(name);
	return status;
}

int signing_close(void **state)
{
	struct signing *s = *state;

	if (s->here != s->made)
		free(s->here);
	s->here = s->made;
	return 0;
}

/* ---- the terminal ---- */

struct pty *signing_begin(const struct signing *s, const char *key, const char *socket)
{
	char *store = path_join(s->here, ".assay"),
	     *state = xasprintf("XDG_STATE_HOME=%s/state%d-%s", s->folder, s->visit, key),
	     *file = xasprintf("ASSAY_KEY=%s/keys/%s", s->folder, key),
	     *agent = xasprintf("SSH_AUTH_SOCK=%s", socket);
	const char *argv[] = {s->program, "--store", store, "review", NULL};
	const char *env[] = {
	    state, file, "NO_COLOR", "LC_ALL=C.UTF-8", "TZ=UTC", socket ? agent : "SSH_AUTH_SOCK", NULL};
	struct pty *p = pty_start(argv, env, 80, 24);

	free(store);
	free(state);
	free(file);
	free(agent);
	return p;
}

void signing_leave(struct pty *p)
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

void signing_read(struct pty *p)
{
	pty_must_rest(p, 250);
}

void signing_code(struct pty *p, char code[7])
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

void signing_shown_is_signed(const struct signing *s, struct pty *p)
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
	signing_must(SIGNING_RUN(s, NULL, &text, "ledger", "raw", row));
	sha256_hex(text.data, text.len, digest);
	assert_non_null(strstr(screen.data, digest));
	assert_non_null(strstr(text.data, "\nkind approve\n"));
	str_release(&screen);
	str_release(&text);
}

/* A first key that came sooner than a person can have read what is asked was dropped. */
void signing_type(struct pty *p, const char *text)
{
	for (const char *key = text; *key; key++)
		if (!pty_press(p, *key, key == text ? 5000 : PTY_PATIENCE) &&
		    (key > text || !pty_press(p, *key, PTY_PATIENCE)))
			fail_msg("the digit %c did not arrive", *key);
}

int signing_to_the_code(struct pty *p, char code[7])
{
	int keys = 0;

	pty_must(p, "GATES");
	pty_key(p, "Enter"), keys++;
	pty_must(p, "gate ");
	pty_key(p, "q"), keys++;
	pty_must(p, "CHANGES");
	pty_key(p, "a"), keys++;
	pty_must(p, "in your own words");
	pty_type(p, SIGNING_REASON);
	pty_must(p, "and calibrated.");
	pty_key(p, "Enter"), keys++;
	pty_must(p, SIGNING_ASK);
	signing_code(p, code);
	signing_read(p);
	return keys;
}
