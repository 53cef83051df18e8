/* What a stranger does to a ledger's file who knows the format; each fails the test that asks. */
#ifndef LEDGER_TAMPER_H
#define LEDGER_TAMPER_H

#include "ledger_fixture.h"

/* Changes rows, with their links made anew from there on, as somebody would who knows the format. */
void tamper_relink(struct fixture *f, int64_t from);
void tamper_keep(struct fixture *f, struct str *kept);
/* The file as it was; a handle of its own again, which has verified nothing. */
void tamper_restore(struct fixture *f, const struct str *kept);
/* A4, A5 and what somebody could write who has a key, past the program. */
void tamper_insert(struct fixture *f, const struct ledger_text *t, const char *name);

#endif
