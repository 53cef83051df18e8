/* Keys, a roster and a ledger in a folder of their own, for tests and measurements of the ledger. */
#ifndef LEDGER_FIXTURE_H
#define LEDGER_FIXTURE_H

#include "assay/ledger.h"

#define FIXTURE_STORE "4f1e6a7c2b9d4e03a5c18d7790e2b6aa"

struct fixture {
	char *folder;  /* keys, state; removed at the end */
	char *path;    /* of the ledger: folder/store */
	char *objects; /* folder/store/objects: files by their digest */
	struct arena *mem;
	struct ledger *ledger; /* open for writing */
	struct ledger_objects by_digest;
	struct str roster;
	char roster_digest[SHA256_TEXT], policy_digest[SHA256_TEXT], subject[SHA256_TEXT];
};

/* A folder of its own with XDG_STATE_HOME in it, without an agent. */
void fixture_folder(struct fixture *f);
/* A key pair without a passphrase in folder/NAME; its path. */
const char *fixture_key(struct fixture *f, const char *name, const char *type);
/* "type base64" of folder/NAME.pub. */
const char *fixture_public(struct fixture *f, const char *name);
/* Adds PRINCIPAL@lab with the key of that name to the roster text. */
void fixture_roster_line(struct fixture *f, const char *name, const char *roles);
/* alice (owner, risk-reviewer, roster-admin), bob (risk-reviewer, operator, roster-admin), carol (owner) with
 * their keys, mallory with a key that stands nowhere; a ledger that begins with that roster and the default
 * policy; a manifest of two files as subject. */
void fixture_ledger(struct fixture *f);
void fixture_release(struct fixture *f);
/* The same for cmocka: *state is a fixture with that ledger. */
int fixture_open(void **state);
int fixture_close(void **state);
/* SQL on the ledger's file by a connection of its own, as a stranger would. */
void fixture_sql(const struct fixture *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Nineteen rows more, each of which counts: registered, proposed, approved, promoted, halted, resumed,
 * rejected … */
void fixture_story(struct fixture *f);
enum { FIXTURE_STORY_ROWS = 20 };
/* For cmocka: *state is a fixture with a ledger of these rows. */
int fixture_open_story(void **state);
int64_t fixture_checkpoint(struct fixture *f, const char *name);

/* Keeps bytes as an object. */
void fixture_object(struct fixture *f, const void *bytes, size_t len, char digest[SHA256_TEXT]);
/* A decision about version 1 of m in production, seen from the head, by NAME@lab; change it before it is
 * signed. */
struct ledger_text fixture_decision(struct fixture *f, enum ledger_kind kind, const char *name);
struct ledger_text fixture_record(struct fixture *f, enum ledger_kind kind);
/* Writes, signs with folder/NAME (NULL: not) and appends; the row. Fails the test (exit) on any error. */
int64_t fixture_append(struct fixture *f, const struct ledger_text *t, const char *name);
void fixture_sign(struct fixture *f, const struct ledger_text *t, const char *name, struct str *body,
                  struct str *sig);

#endif
