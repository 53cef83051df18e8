/* Signing and verifying by ssh-keygen in a sub-process. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"
#include "sign.h"

enum { SIGN_MS = 60000, VERIFY_MS = 20000, LONGEST_ANSWER = 1 << 16 };

/* ---- files that ssh-keygen reads ---- */

/* A folder that only this user can look into; NULL on failure. Caller frees, after dir_remove. */
static char *private_folder(struct error *err)
{
	const char *const places[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		char *folder;

		if (!places[i] || places[i][0] != '/')
			continue;
		folder = xasprintf("%s/assay-sign-XXXXXX", places[i]);
		if (mkdtemp(folder)) /* 0700 */
			return folder;
		free(folder);
	}
	error_errno(err, ERR_ENV, "cannot make a folder for ssh-keygen below $XDG_RUNTIME_DIR, $TMPDIR or /tmp");
	return NULL;
}

/* A small file there; nobody else knows of it. Its path; NULL on failure. Caller frees. */
static char *private_file(const char *folder, const char *name, const void *bytes, size_t len,
                          struct error *err)
{
	char *path = path_join(folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool bad = fd < 0 || fd_write_all(fd, bytes, len) < 0;
	int saved = errno;

	if (fd >= 0 && close(fd) < 0 && !bad) {
		saved = errno;
		bad = true;
	}
	if (!bad)
		return path;
	errno = saved;
	error_errno(err, ERR_ENV, "cannot write %s for ssh-keygen", path);
	free(path);
	return NULL;
}

static void remove_folder(char *folder)
{
	if (folder)
		dir_remove(folder, NULL);
	free(folder);
}

/* The last line that says something, for a message. */
static const char *last_line(struct str *s)
{
	char *line;

	while (s->len && (s->data[s->len - 1] == '\n' || s->data[s->len - 1] == '\r'))
		str_cut(s, s->len - 1);
	line = strrchr(s->data, '\n');
	return line ? line + 1 : s->data;
}

static bool succeeded(const struct child *c)
{
	return WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0;
}

static int cannot_start(const struct child *c, struct error *err)
{
	if (c->late || c->cancelled)
		return -1;
	return error_prefix(err, "ssh-keygen, which signs and verifies, is needed (install openssh-client)");
}

/* ---- signing ---- */

static bool is_public(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && !strcmp(path + len - 4, ".pub");
}

/* "type base64" of a .pub file; NULL when it cannot be read. Caller frees. */
static char *public_of(const char *path)
{
	struct str text;
	char *key = NULL;

	str_init(&text);
	if (!file_read(path, &text, LONGEST_ANSWER, NULL)) {
		size_t type = strcspn(text.data, " \n"),
		       blob = strcspn(text.data + type + (text.data[type] == ' '), " \n");

		if (text.data[type] == ' ' && blob)
			key = xmemdup0(text.data, type + 1 + blob);
	}
	str_release(&text);
	return key;
}

static bool says(const struct str *s, const char *words)
{
	return strstr(s->data, words) != NULL;
}

/* What ssh-keygen said, in words that lead on. */
static int diagnose(const struct ledger_signer *by, const char *file, struct str *faults, struct error *err)
{
	const char *shown = by->key_file ? by->key_file : "the agent's key";
	struct error why;

	if (says(faults, "incorrect passphrase"))
		return error_set(err, ERR_ENV,
		                 by->terminal
		                     ? "the passphrase of %s is not the right one: try again, or `ssh-add %s` once"
		                     : "%s has a passphrase, which cannot be asked for here: type `ssh-add %s` first",
		                 shown, shown);
	if (says(faults, "agent refused"))
		return error_set(
		    err, ERR_ENV,
		    "the agent refused to sign: a question it asked was denied, or the key may not be used for this "
		    "(added with `ssh-add -c` or `-h`) or its time has run out; `ssh-add -D`, then `ssh-add %s`",
		    by->key_file ? by->key_file : "FILE");
	if (says(faults, "No private key found") || says(faults, "Couldn't find key in agent") ||
	    says(faults, "communication with agent")) {
		char *key = by->public_key ? xstrdup(by->public_key) : is_public(file) ? public_of(file) : NULL;
		bool there = key && agent_has(key, &why);

		free(key);
		if (key && !there)
			return error_set(err, why.code, "%s", why.text);
	}
	if (says(faults, "Couldn't load public key") || says(faults, "No such file"))
		return error_set(err, ERR_ENV, "the key file %s cannot be used: %s", shown, last_line(faults));
	if (says(faults, "bad permissions") || says(faults, "UNPROTECTED PRIVATE KEY"))
		return error_set(err, ERR_ENV, "others may read the key file %s: type `chmod 600 %s`", shown, shown);
	if (says(faults, "device not found") || says(faults, "FIDO") || says(faults, "authenticator"))
		return error_set(err, ERR_ENV,
		                 "the security key did not sign (%s): plug it in and touch it when it blinks",
		                 last_line(faults));
	return error_set(err, ERR_ENV, "ssh-keygen did not sign with %s: %s", shown,
	                 faults->len ? last_line(faults) : "it gave no reason");
}

/* The signature is whole, and by the key that was asked for. */
static int check_made(const struct str *sig, const struct ledger_signer *by, struct error *err)
{
	struct ledger_signature made;
	struct error why;
	int result = 0;

	if (ledger_signature_parse(sig->data, sig->len, &made, &why))
		return error_set(err, ERR_ENV, "what ssh-keygen wrote cannot be used: %s", why.text);
	if (by->public_key) {
		size_t type = strcspn(by->public_key, " ");
		const char *blob = by->public_key + type + (by->public_key[type] == ' ');

		if (strcspn(blob, " ") != strlen(made.public_key) ||
		    strncmp(blob, made.public_key, strlen(made.public_key)))
			result = error_set(err, ERR_ENV, "%s signed with another key (%s) than was asked for",
			                   by->key_file ? by->key_file : "the agent", made.fingerprint);
	}
	free(made.public_key);
	return result;
}

int ledger_sign(const char *body, size_t len, const struct ledger_signer *by, struct str *sig,
                struct error *err)
{
	int timeout = by->timeout_ms ? by->timeout_ms : SIGN_MS, result = -1;
	char *folder = NULL, *file = NULL;
	struct str faults;
	struct child c = {.in = body,
	                  .in_len = len,
	                  .timeout_ms = timeout,
	                  .limit = LONGEST_ANSWER,
	                  .out = sig,
	                  .errout = &faults,
	                  .cancel = by->cancel,
	                  .terminal = by->terminal};

	str_clear(sig);
	str_init(&faults);
	if (by->key_file) {
		file = xstrdup(by->key_file);
	} else if (by->public_key) {
		char *line;

		folder = private_folder(err);
		if (!folder)
			goto out;
		line = xasprintf("%s\n", by->public_key);
		file = private_file(folder, "key.pub", line, strlen(line), err);
		free(line);
	} else {
		error_set(err, ERR_USAGE, "no key to sign with: name one with --key FILE");
	}
	if (!file)
		goto out;
	/* -- is not known to ssh-keygen: a file whose name begins with a dash comes after -f and is its value. */
	const char *const argv[] = {"ssh-keygen", "-Y", "sign", "-f", file, "-n", LEDGER_NAMESPACE, NULL};

	c.argv = argv;
	if (child_run(&c, err)) {
		if (c.late)
			error_set(err, ERR_ENV,
			          "nothing was signed within %d s: the agent%s%s (or a security key that waits to be "
			          "touched) never "
			          "answered; see whether `ssh-add -L` answers",
			          timeout / 1000, getenv("SSH_AUTH_SOCK") ? " at " : "",
			          getenv("SSH_AUTH_SOCK") ? getenv("SSH_AUTH_SOCK") : "");
		else if (c.cancelled)
			error_set(err, ERR_ENV, "signing was given up: nothing was signed");
		else
			cannot_start(&c, err);
	} else if (!succeeded(&c)) {
		diagnose(by, file, &faults, err);
	} else {
		result = check_made(sig, by, err);
	}
out:
	if (result)
		str_clear(sig);
	str_release(&faults);
	free(file);
	remove_folder(folder);
	return result;
}

/* ---- verifying ---- */

enum { ROSTER, SIGNATURE, FILES };

/* What ssh-keygen reads beside its stdin, in files that nobody else can find. One principal, one key, this
 * namespace: nothing else can be what it finds good. */
static int make_files(int files[FILES], char paths[FILES][32], const char *sig, size_t sig_len,
                      const char *principal, const struct roster_key *key, struct error *err)
{
	char *line = xasprintf("%s namespaces=\"%s\" %s %s\n", principal, LEDGER_NAMESPACE, key->type, key->blob);
	int result = 0;

	files[ROSTER] = child_file(line, strlen(line));
	files[SIGNATURE] = child_file(sig, sig_len);
	if (files[ROSTER] < 0 || files[SIGNATURE] < 0)
		result = error_errno(err, ERR_ENV, "cannot make the files that ssh-keygen reads");
	for (int i = 0; i < FILES; i++)
		snprintf(paths[i], sizeof(paths[i]), "/proc/self/fd/%d", files[i]);
	free(line);
	return result;
}

static int ask_keygen(const char *body, size_t len, const char *sig, size_t sig_len, const char *principal,
                      const struct roster_key *key, struct error *err)
{
	int files[FILES] = {-1, -1}, result = -1;
	char paths[FILES][32];
	struct str said, faults;
	const char *const argv[] = {"ssh-keygen", "-Y", "verify",         "-f", paths[ROSTER],    "-I",
	                            principal,    "-n", LEDGER_NAMESPACE, "-s", paths[SIGNATURE], NULL};
	struct child c = {.argv = argv,
	                  .in = body,
	                  .in_len = len,
	                  .keep = files,
	                  .keep_count = FILES,
	                  .timeout_ms = VERIFY_MS,
	                  .limit = LONGEST_ANSWER,
	                  .out = &said,
	                  .errout = &faults};

	str_init(&said);
	str_init(&faults);
	if (make_files(files, paths, sig, sig_len, principal, key, err))
		goto out;
	if (child_run(&c, err))
		cannot_start(&c, err);
	else if (succeeded(&c) && !strncmp(said.data, "Good ", 5))
		result = 0;
	else if (WIFEXITED(c.status) && says(&said, "Could not verify signature") &&
	         !says(&faults, "Unable to open") && !says(&faults, "Couldn't read"))
		error_set(err, ERR_TAMPER, "the signature is not one of %s over this text (%s)", principal,
		          faults.len ? last_line(&faults) : "ssh-keygen gave no reason");
	else /* it could not even look */
		error_set(err, ERR_ENV, "ssh-keygen did not verify: %s",
		          faults.len ? last_line(&faults) : "it gave no reason");
out:
	for (int i = 0; i < FILES; i++)
		if (files[i] >= 0)
			close(files[i]);
	str_release(&said);
	str_release(&faults);
	return result;
}

int ledger_signature_verify(const char *body, size_t len, const char *sig, size_t sig_len,
                            const struct roster *roster, const char *principal, struct ledger_signature *out,
                            struct error *err)
{
	const struct roster_person *person = roster_find(roster, principal);
	const struct roster_key *key = NULL;
	int result = -1;

	if (ledger_signature_parse(sig, sig_len, out, err))
		return -1;
	for (size_t i = 0; person && i < person->key_count; i++)
		if (!strcmp(person->keys[i].blob, out->public_key))
			key = &person->keys[i];
	if (!person)
		error_set(err, ERR_TAMPER, "%s does not stand in the roster", principal);
	else if (!key)
		error_set(err, ERR_TAMPER, "the key that signed (%s) is none of %s's in the roster", out->fingerprint,
		          principal);
	else
		/* That the key is that one was seen in the signature itself; ssh-keygen says that it signed these
		 * bytes. */
		result = ask_keygen(body, len, sig, sig_len, principal, key, err);
	if (result) {
		free(out->public_key);
		memset(out, 0, sizeof(*out));
	}
	return result;
}
