/* Texts of the ledger, and manifests, of any bytes: what is accepted comes back byte for byte. */
#include <stddef.h>
#include <stdint.h>

#include "assay/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct arena *mem = arena_new();
	struct error err = {.text = ""};
	struct manifest_file *files;
	struct ledger_text t;
	struct str anew;
	size_t count;

	str_init(&anew);
	if (!ledger_text_parse(bytes, size, mem, &t, &err)) {
		if (ledger_text_write(&t, &anew, &err) || anew.len != size || memcmp(anew.data, bytes, size) != 0)
			bug("a text was accepted that does not come back");
	} else if (!err.text[0]) {
		bug("a text was refused without a reason");
	}
	if (!manifest_parse(bytes, size, mem, &files, &count, &err)) {
		manifest_write(files, count, &anew);
		if (anew.len != size || memcmp(anew.data, bytes, size) != 0)
			bug("a manifest was accepted that does not come back");
	}
	str_release(&anew);
	arena_free(mem);
	return 0;
}
