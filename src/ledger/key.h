/* Public keys as OpenSSH writes them: base64 blobs, their fingerprints, and what is fit for a roster. */
#ifndef ASSAY_LEDGER_KEY_H
#define ASSAY_LEDGER_KEY_H

#include "assay/base.h"

/* A length and that many bytes (RFC 4251) from *p on; false when they do not lie before end. */
bool key_string(const char **p, const char *end, const char **bytes, size_t *len);

/* "SHA256:…" of the decoded blob, as ssh-keygen -l prints. */
#define KEY_FINGERPRINT 64

/* NULL when the key may stand in a roster, or what is wrong with it as the end of a sentence. */
const char *key_fault(const char *type, const char *base64, char fingerprint[KEY_FINGERPRINT]);

#endif
