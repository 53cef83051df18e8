/* What a store's files hold, read by a connection of its own that writes nothing. */
#ifndef TESTS_STORE_STATE_H
#define TESTS_STORE_STATE_H

#include "assay/base.h"

/* Digest of every row of every table of PATH/assay.db; of rows that cannot be read it is that of "unreadable". */
void store_state_digest(const char *path, char hex[SHA256_TEXT]);
/* -1 and what integrity_check says unless it says "ok". */
int store_state_integrity(const char *path, struct error *err);
/* Every object is whole under its name; `alone`: and nothing else lies there. */
int store_state_objects(const char *path, bool alone, struct error *err);

#endif
