/* Running ssh-keygen: what signing and verifying share. */
#ifndef ASSAY_LEDGER_SIGN_H
#define ASSAY_LEDGER_SIGN_H

#include "assay/ledger.h"

/* Makes a folder that only this user can look into; NULL on failure. Caller frees, after dir_remove. */
char *private_folder(struct error *err);
/* Writes a small file there; nobody else knows of it. Its path; NULL on failure. Caller frees. */
char *private_file(const char *folder, const char *name, const void *bytes, size_t len, struct error *err);
/* Does the agent hold this key ("type base64")? If not, err says why. */
bool agent_has(const char *public_key, struct error *err);

#endif
