/* Running ssh-keygen: what signing and verifying share. */
#ifndef ASSAY_LEDGER_SIGN_H
#define ASSAY_LEDGER_SIGN_H

#include "assay/ledger.h"

/* Does the agent hold this key ("type base64")? If not, err says why. */
bool agent_has(const char *public_key, struct error *err);

#endif
