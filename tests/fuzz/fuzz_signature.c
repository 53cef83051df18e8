/* Signatures of any bytes: refused with a reason, or whole. */
#include <stddef.h>
#include <stdint.h>

#include "assay/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {.text = ""};
	struct ledger_signature s;

	if (ledger_signature_parse((const char *)data, size, &s, &err)) {
		if (!err.text[0] || err.code != ERR_TAMPER || s.public_key)
			bug("a signature was refused without a reason");
	} else {
		if (s.level < 1 || s.level > 3 || !s.public_key || strncmp(s.fingerprint, "SHA256:", 7) != 0)
			bug("a signature was accepted that says nothing");
		free(s.public_key);
	}
	return 0;
}
