/*
 * Signing with the real program, a ledger and keys, in a real pseudo-terminal: a store in which one proposal waits for
 * two reviewers, a copy of it for each test, and the way from `assay review` to the code. For programs of cmocka.
 */
#ifndef TESTS_SIGNING_H
#define TESTS_SIGNING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "assay/base.h"

#include "pty_must.h"

#define SIGNING_REASON "Better in every month of the holdout, and calibrated."
#define SIGNING_ASK    "type its first six digits to sign:"

struct signing {
	char *folder, *program, *made, *here; /* here: where the store of this test is */
	int visit;
	bool no_keys; /* there is no ssh-keygen: the test is skipped */
};

/* For the group: *state is a struct signing. Its people are mara (owner), li (peer), ada and ren (reviewers). */
int signing_make(void **state);
int signing_remove(void **state);
/* For each test: a copy of the store. */
int signing_open(void **state);
int signing_close(void **state);

/* The program with these words, with that person's key (NULL: none); its status. What it says is appended. */
int signing_run(const struct signing *s, const char *key, struct str *out, const char *const argv[]);
#define SIGNING_RUN(s, key, out, ...)                                                                        \
	signing_run(s, key, out, (const char *const[]){(s)->program, __VA_ARGS__, NULL})
void signing_must(int status);
/* The number that `assay review` gives the one proposal. Free it. */
char *signing_proposal(const struct signing *s);
/* Of the ledger's file. */
void signing_digest(const struct signing *s, char hex[SHA256_TEXT]);
/* `assay review` says this of the proposal. */
bool signing_stands(const struct signing *s, const char *text);
/* A file with the roster, in which ada is a reviewer or not. */
void signing_roster(const struct signing *s, const char *name, bool ada_reviews);

/* `assay review` on a terminal, with that key; an agent at that socket, or none. */
struct pty *signing_begin(const struct signing *s, const char *key, const char *socket);
void signing_leave(struct pty *p);
/* What comes sooner than a person can have read it does not count. */
void signing_read(struct pty *p);
void signing_code(struct pty *p, char code[7]);
/* What was shown is what stands in the ledger, to the byte. */
void signing_shown_is_signed(const struct signing *s, struct pty *p);
void signing_type(struct pty *p, const char *text);
/* From the review to the question for the code. Returns the keys pressed, the reason not counted. */
int signing_to_the_code(struct pty *p, char code[7]);

#endif
