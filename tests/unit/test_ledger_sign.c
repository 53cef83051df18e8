/* ledger: signing with keys, agents that refuse or never answer, strict signatures, levels of FIDO keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/ledger/key.h"
#include "../lib/ledger_fixture.h"

static const char body[] = "assay-decision/1\nany bytes\n";

static int open_new(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	fixture_folder(f);
	fixture_key(f, "alice", "ed25519");
	fixture_key(f, "bob", "ed25519");
	fixture_roster_line(f, "alice", "risk-reviewer,roster-admin");
	fixture_roster_line(f, "bob", "risk-reviewer");
	*state = f;
	return 0;
}

static void parse_roster(struct fixture *f, struct roster *r)
{
	struct error err;

	if (roster_parse("roster", f->roster.data, f->roster.len, f->mem, r, &err))
		fail_msg("%s", err.text);
}

static void sign_ok(const struct ledger_signer *by, struct str *sig)
{
	struct error err;

	if (ledger_sign(body, strlen(body), by, sig, &err))
		fail_msg("%s", err.text);
}

static void expect_no_signature(const struct ledger_signer *by, const char *words)
{
	struct str sig;
	struct error err;

	str_init(&sig);
	assert_int_equal(ledger_sign(body, strlen(body), by, &sig, &err), -1);
	assert_int_equal(err.code, ERR_ENV);
	assert_int_equal(sig.len, 0);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
	str_release(&sig);
}

/* What was made for ssh-keygen is gone. */
static void expect_nothing_left(const struct fixture *f)
{
	DIR *dir = opendir(f->folder);
	const struct dirent *e;

	assert_non_null(dir);
	while ((e = readdir(dir)))
		if (!strncmp(e->d_name, "assay-sign-", 11))
			fail_msg("%s was left behind", e->d_name);
	closedir(dir);
}

static void every_kind_of_key_signs_and_verifies(void **state)
{
	static const char *const types[] = {"ed25519", "ecdsa", "rsa"};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct ledger_signer by = {.key_file = fixture_key(f, types[i], types[i])};
		struct ledger_signature s;
		struct roster r;
		struct str sig;
		struct error err;

		fixture_roster_line(f, types[i], "owner");
		parse_roster(f, &r);
		str_init(&sig);
		sign_ok(&by, &sig);
		const char *principal = arena_printf(f->mem, "%s@lab", types[i]);

		if (ledger_signature_verify(body, strlen(body), sig.data, sig.len, &r, principal, &s, &err))
			fail_msg("%s: %s", types[i], err.text);
		assert_int_equal(s.level, 1);
		assert_string_equal(s.fingerprint, roster_find(&r, principal)->keys[0].fingerprint);
		free(s.public_key);
		/* Another text, another person, a person who is not there. */
		assert_int_equal(
		    ledger_signature_verify(body, strlen(body) - 1, sig.data, sig.len, &r, principal, &s, &err), -1);
		assert_int_equal(err.code, ERR_TAMPER);
		assert_null(s.public_key);
		assert_int_equal(
		    ledger_signature_verify(body, strlen(body), sig.data, sig.len, &r, "bob@lab", &s, &err), -1);
		assert_int_equal(err.code, ERR_TAMPER);
		assert_non_null(strstr(err.text, "none of bob@lab's"));
		assert_int_equal(
		    ledger_signature_verify(body, strlen(body), sig.data, sig.len, &r, "*@lab", &s, &err), -1);
		assert_int_equal(err.code, ERR_TAMPER);
		str_release(&sig);
	}
	expect_nothing_left(f);
}

/* ---- ssh-keygen itself ---- */

/* A program of this name stands before the true one. */
static void put_in_path(struct fixture *f, const char *name, const char *script)
{
	char *folder = path_join(f->folder, "bin"), *file = path_join(folder, name), *path;
	struct error err;

	assert_int_equal(dir_make(folder, &err), 0);
	assert_int_equal(file_write_atomic(file, script, strlen(script), 0755, &err), 0);
	path = xasprintf("%s:%s", folder, getenv("PATH"));
	setenv("PATH", path, 1);
	free(path);
	free(file);
	free(folder);
}

static void a_lying_or_missing_ssh_keygen_is_not_believed(void **state)
{
	struct fixture *f = *state;
	struct ledger_signer by = {.key_file = arena_printf(f->mem, "%s/alice", f->folder)},
	                     other = {.key_file = by.key_file, .public_key = fixture_public(f, "bob")};
	char *path = xstrdup(getenv("PATH"));
	struct ledger_signature s;
	struct roster r;
	struct str sig;
	struct error err;

	parse_roster(f, &r);
	str_init(&sig);
	sign_ok(&by, &sig);
	expect_no_signature(&other, "another key");
	put_in_path(f, "ssh-keygen", "#!/bin/sh\necho Good whatever\n");
	expect_no_signature(&by, "cannot be used");
	/* It says Good of everything: whose key it is, is seen in the signature. */
	assert_int_equal(ledger_signature_verify(body, strlen(body), sig.data, sig.len, &r, "bob@lab", &s, &err),
	                 -1);
	assert_int_equal(err.code, ERR_TAMPER);
	put_in_path(f, "ssh-keygen", "#!/bin/sh\necho Good whatever\nexit 255\n");
	assert_int_equal(
	    ledger_signature_verify(body, strlen(body), sig.data, sig.len, &r, "alice@lab", &s, &err), -1);
	put_in_path(f, "ssh-keygen", "#!/bin/sh\necho Could not verify signature.\nexit 0\n");
	assert_int_equal(
	    ledger_signature_verify(body, strlen(body), sig.data, sig.len, &r, "alice@lab", &s, &err), -1);
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(
	    ledger_signature_verify(body, strlen(body), sig.data, sig.len, &r, "alice@lab", &s, &err), -1);
	assert_int_equal(err.code, ERR_ENV);
	expect_no_signature(&by, "openssh-client");
	setenv("PATH", path, 1);
	expect_nothing_left(f);
	str_release(&sig);
	free(path);
}

static void a_key_that_cannot_be_used_says_why(void **state)
{
	struct fixture *f = *state;
	const char *secret = arena_printf(f->mem, "%s/secret", f->folder),
	           *bare = arena_printf(f->mem, "%s/bare.pub", f->folder);
	const char *const make[] = {"ssh-keygen",   "-q", "-t",   "ed25519", "-N",
	                            "a passphrase", "-f", secret, NULL};
	struct ledger_signer none = {.key_file = NULL}, by = {.key_file = secret};
	struct str out;
	struct error err;
	int status;

	str_init(&out);
	assert_int_equal(child_capture(make, NULL, 60000, 100, &out, NULL, &status, &err), 0);
	expect_no_signature(&by, "ssh-add");
	by.key_file = "/nonexistent/key";
	expect_no_signature(&by, "No such file");
	assert_int_equal(file_read(arena_printf(f->mem, "%s/alice.pub", f->folder), &out, 0, &err), 0);
	assert_int_equal(file_write_atomic(bare, out.data, out.len, 0600, &err), 0);
	by.key_file = bare;
	expect_no_signature(&by, "SSH_AUTH_SOCK is not set");
	by = (struct ledger_signer){.public_key = fixture_public(f, "alice")};
	expect_no_signature(&by, "SSH_AUTH_SOCK is not set");
	setenv("SSH_AUTH_SOCK", "/nonexistent/agent", 1);
	expect_no_signature(&by, "cannot be reached");
	assert_int_equal(ledger_sign(body, 3, &none, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	expect_nothing_left(f);
	str_release(&out);
}

/* ---- agents ---- */

struct agent {
	struct str keys; /* its answer to "which keys"; empty: it never answers */
	char *path;
	int listener;
	pthread_t thread;
};

static void add_u32(struct str *s, size_t n)
{
	const char bytes[] = {(char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n};

	str_add(s, bytes, 4);
}

static void add_string(struct str *s, const void *bytes, size_t len)
{
	add_u32(s, len);
	str_add(s, bytes, len);
}

/* Lists its keys and refuses everything else. */
static void *refuse_to_sign(void *arg)
{
	const struct agent *a = arg;
	int fd;

	while ((fd = accept(a->listener, NULL, NULL)) >= 0) {
		unsigned char head[5];

		while (recv(fd, head, sizeof(head), MSG_WAITALL) == (ssize_t)sizeof(head)) {
			size_t rest =
			    ((size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3]) - 1;
			char *skip = xmalloc(rest + 1);
			struct str answer;

			if (rest && recv(fd, skip, rest, MSG_WAITALL) != (ssize_t)rest)
				rest = 0;
			free(skip);
			str_init(&answer);
			if (head[4] == 11)
				add_string(&answer, a->keys.data, a->keys.len);
			else
				add_string(&answer, "\5", 1);
			send(fd, answer.data, answer.len, MSG_NOSIGNAL);
			str_release(&answer);
		}
		close(fd);
	}
	return NULL;
}

static void agent_start(struct fixture *f, struct agent *a, const char *public_key)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	a->path = xasprintf("%s/agent", f->folder);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", a->path);
	a->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(a->listener >= 0);
	assert_int_equal(bind(a->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(a->listener, 10), 0);
	setenv("SSH_AUTH_SOCK", a->path, 1);
	str_init(&a->keys);
	if (public_key) {
		struct str blob;
		const char *base64 = strchr(public_key, ' ') + 1;

		str_init(&blob);
		assert_true(base64_decode(base64, strlen(base64), &blob));
		str_addc(&a->keys, 12);
		add_u32(&a->keys, 1);
		add_string(&a->keys, blob.data, blob.len);
		add_string(&a->keys, "c", 1);
		str_release(&blob);
		assert_int_equal(pthread_create(&a->thread, NULL, refuse_to_sign, a), 0);
	}
}

static void agent_stop(struct agent *a)
{
	shutdown(a->listener, SHUT_RDWR);
	if (a->keys.len)
		pthread_join(a->thread, NULL);
	close(a->listener);
	unlink(a->path);
	free(a->path);
	str_release(&a->keys);
}

static void an_agent_that_refuses_is_told_from_one_without_the_key(void **state)
{
	struct fixture *f = *state;
	struct ledger_signer by = {.public_key = fixture_public(f, "alice")};
	struct agent a;

	agent_start(f, &a, fixture_public(f, "alice"));
	expect_no_signature(&by, "refused");
	by.public_key = fixture_public(f, "bob");
	expect_no_signature(&by, "not this one");
	agent_stop(&a);
	expect_nothing_left(f);
}

struct later {
	volatile bool set;
};

static void *set_later(void *arg)
{
	poll(NULL, 0, 200);
	((struct later *)arg)->set = true;
	return NULL;
}

static void an_agent_that_never_answers_is_given_up(void **state)
{
	struct fixture *f = *state;
	struct later cancel = {false};
	struct ledger_signer by = {.public_key = fixture_public(f, "alice"), .timeout_ms = 1500};
	int64_t start = time_mono_ms(), took;
	struct agent a;
	pthread_t other;

	agent_start(f, &a, NULL);
	expect_no_signature(&by, "never answered");
	took = time_mono_ms() - start;
	assert_true(took >= 1500 && took < 50000);
	by.timeout_ms = 0; /* a minute */
	by.cancel = &cancel.set;
	assert_int_equal(pthread_create(&other, NULL, set_later, &cancel), 0);
	start = time_mono_ms();
	expect_no_signature(&by, "given up");
	assert_true(time_mono_ms() - start < 50000);
	pthread_join(other, NULL);
	agent_stop(&a);
	expect_nothing_left(f);
}

static void a_true_agent_signs(void **state)
{
	struct fixture *f = *state;
	char *socket = xasprintf("%s/true-agent", f->folder);
	const char *const start[] = {"ssh-agent", "-a", socket, NULL};
	const char *const add[] = {"ssh-add", "-q", arena_printf(f->mem, "%s/alice", f->folder), NULL};
	struct ledger_signer by = {.public_key = fixture_public(f, "alice")},
	                     bob = {.public_key = fixture_public(f, "bob")};
	const char **keys;
	struct str out, sig;
	struct error err;
	int status;
	int64_t pid = 0;
	size_t count;

	str_init(&out);
	str_init(&sig);
	assert_int_equal(child_capture(start, NULL, 60000, 1000, &out, NULL, &status, &err), 0);
	assert_non_null(strstr(out.data, "SSH_AGENT_PID="));
	{
		const char *digits = strstr(out.data, "SSH_AGENT_PID=") + 14;

		assert_true(int_parse(digits, strspn(digits, "0123456789"), &pid) && pid > 1);
	}
	setenv("SSH_AUTH_SOCK", socket, 1);
	assert_int_equal(ledger_agent_keys(f->mem, &keys, &count, &err), -1);
	assert_non_null(strstr(err.text, "holds no keys"));
	assert_int_equal(child_capture(add, NULL, 60000, 1000, &out, NULL, &status, &err), 0);
	assert_int_equal(status, 0);
	assert_int_equal(ledger_agent_keys(f->mem, &keys, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_string_equal(keys[0], fixture_public(f, "alice"));
	sign_ok(&by, &sig);
	expect_no_signature(&bob, "not this one");
	kill((pid_t)pid, SIGTERM);
	expect_nothing_left(f);
	str_release(&out);
	str_release(&sig);
	free(socket);
}

/* ---- the armour ---- */

struct parts {
	const char *magic, *type, *space, *reserved, *hash, *inner;
	const char *tail; /* after the inner signature */
	size_t tail_len;
	const char *behind;
};

/* An armoured signature of these parts; its key is 32 bytes of k, as of an Ed25519 key or a FIDO one. */
static void make(const struct parts *p, struct str *out)
{
	struct str blob, key, inner, base64;

	str_init(&blob);
	str_init(&key);
	str_init(&inner);
	str_init(&base64);
	add_string(&key, p->type, strlen(p->type));
	add_string(&key, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", 32);
	if (p->type[1] == 'k')
		add_string(&key, "ssh:", 4);
	add_string(&inner, p->inner, strlen(p->inner));
	add_string(&inner, "ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss", 64);
	str_add(&inner, p->tail, p->tail_len);
	str_adds(&blob, p->magic);
	add_u32(&blob, 1);
	add_string(&blob, key.data, key.len);
	add_string(&blob, p->space, strlen(p->space));
	add_string(&blob, p->reserved, strlen(p->reserved));
	add_string(&blob, p->hash, strlen(p->hash));
	add_string(&blob, inner.data, inner.len);
	str_adds(&blob, p->behind);
	base64_encode(blob.data, blob.len, &base64);
	str_clear(out);
	str_adds(out, "-----BEGIN SSH SIGNATURE-----\n");
	for (size_t i = 0; i < base64.len; i += 70) {
		str_add(out, base64.data + i, base64.len - i < 70 ? base64.len - i : 70);
		str_addc(out, '\n');
	}
	str_adds(out, "-----END SSH SIGNATURE-----\n");
	str_release(&blob);
	str_release(&key);
	str_release(&inner);
	str_release(&base64);
}

static struct parts plain_parts(void)
{
	return (struct parts){"SSHSIG", "ssh-ed25519", LEDGER_NAMESPACE, "", "sha512", "ssh-ed25519", "", 0, ""};
}

static void levels_are_read_from_the_signature(void **state)
{
	static const struct {
		const char *tail;
		int level;
	} cases[] = {{"\0\0\0\1\2", 1}, {"\1\0\0\1\2", 2}, {"\5\0\0\1\2", 3}, {"\4\0\0\1\2", 1}};
	struct parts p = plain_parts();
	struct ledger_signature s;
	struct str sig;
	struct error err;

	(void)state;
	str_init(&sig);
	make(&p, &sig);
	assert_int_equal(ledger_signature_parse(sig.data, sig.len, &s, &err), 0);
	assert_int_equal(s.level, 1);
	assert_string_equal(s.type, "ssh-ed25519");
	free(s.public_key);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		p.type = p.inner = "sk-ssh-ed25519@openssh.com";
		p.tail = cases[i].tail;
		p.tail_len = 5;
		make(&p, &sig);
		if (ledger_signature_parse(sig.data, sig.len, &s, &err))
			fail_msg("%s", err.text);
		assert_int_equal(s.level, cases[i].level);
		assert_int_equal(s.counter, 258);
		free(s.public_key);
	}
	str_release(&sig);
}

static void expect_bad(const struct str *sig, const char *words)
{
	struct ledger_signature s;
	struct error err;
	char *copy = xmalloc(sig->len ? sig->len : 1);

	memcpy(copy, sig->data, sig->len);
	if (!ledger_signature_parse(copy, sig->len, &s, &err))
		fail_msg("accepted (%s): %s", words ? words : "", sig->data);
	assert_int_equal(err.code, ERR_TAMPER);
	assert_null(s.public_key);
	if (words && !strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
	free(copy);
}

static void signatures_are_read_strictly(void **state)
{
	struct parts p;
	struct str sig;

	(void)state;
	str_init(&sig);
#define SPOILT(change, words)                                                                                \
	do {                                                                                                     \
		p = plain_parts();                                                                                   \
		change;                                                                                              \
		make(&p, &sig);                                                                                      \
		expect_bad(&sig, words);                                                                             \
	} while (0)
	SPOILT(p.magic = "SSHSIH", "version");
	SPOILT(p.space = "git", "namespace");
	SPOILT(p.space = "signoff@assay2", "namespace");
	SPOILT(p.space = "", "namespace");
	SPOILT(p.reserved = "x", "reserved");
	SPOILT(p.hash = "sha1", "hash");
	SPOILT(p.behind = "x", "follows");
	SPOILT(p.inner = "ssh-rsa", "algorithm");
	SPOILT(p.type = "ssh-ed25519-cert-v01@openssh.com", "certificate");
	SPOILT(p.type = "ssh-dss", "DSA");
	SPOILT((p.tail = "\1\0\0\0\1", p.tail_len = 5), "follows its inner");
	SPOILT(p.type = p.inner = "sk-ssh-ed25519@openssh.com", "5 bytes");
	SPOILT((p.type = p.inner = "sk-ssh-ed25519@openssh.com", p.tail = "\1\0\0\0\1x", p.tail_len = 6),
	       "5 bytes");
#undef SPOILT
	p = plain_parts();
	make(&p, &sig);
	str_addc(&sig, '\n');
	expect_bad(&sig, "follows");
	str_adds(&sig, "-----END SSH SIGNATURE-----\n");
	expect_bad(&sig, NULL);
	make(&p, &sig);
	for (size_t i = 0; i < sig.len; i++) {
		struct str cut;

		str_init(&cut);
		str_add(&cut, sig.data, i);
		expect_bad(&cut, NULL);
		/* A byte more anywhere. */
		str_addc(&cut, i % 2 ? 'A' : '\n');
		str_adds(&cut, sig.data + i);
		expect_bad(&cut, NULL);
		str_release(&cut);
	}
	str_release(&sig);
}

/* What ssh-keygen accepts and we do not. */
static void what_follows_a_true_signature_is_refused(void **state)
{
	struct fixture *f = *state;
	struct ledger_signer by = {.key_file = arena_printf(f->mem, "%s/alice", f->folder)};
	struct str sig;

	str_init(&sig);
	sign_ok(&by, &sig);
	str_adds(&sig, "something else\n");
	expect_bad(&sig, "follows");
	str_release(&sig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_kind_of_key_signs_and_verifies, open_new, fixture_close),
	    cmocka_unit_test_setup_teardown(a_lying_or_missing_ssh_keygen_is_not_believed, open_new,
	                                    fixture_close),
	    cmocka_unit_test_setup_teardown(a_key_that_cannot_be_used_says_why, open_new, fixture_close),
	    cmocka_unit_test_setup_teardown(an_agent_that_refuses_is_told_from_one_without_the_key, open_new,
	                                    fixture_close),
	    cmocka_unit_test_setup_teardown(an_agent_that_never_answers_is_given_up, open_new, fixture_close),
	    cmocka_unit_test_setup_teardown(a_true_agent_signs, open_new, fixture_close),
	    cmocka_unit_test_setup_teardown(what_follows_a_true_signature_is_refused, open_new, fixture_close),
	    cmocka_unit_test(levels_are_read_from_the_signature),
	    cmocka_unit_test(signatures_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
