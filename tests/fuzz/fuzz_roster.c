/* Any bytes as a roster: refused with a line and a message, or people whose keys are all found again. */
#include "assay/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *mem = arena_new();
	struct roster r, again;
	struct error err = {0};

	if (roster_parse("fuzz", (const char *)bytes, len, mem, &r, &err)) {
		if (!*err.text || err.code != ERR_USAGE)
			bug("refused without a word");
		arena_free(mem);
		return 0;
	}
	if (r.len != len || (len && memcmp(r.text, bytes, len)))
		bug("other bytes are kept");
	for (size_t i = 0; i < r.count; i++) {
		const struct roster_person *p = &r.people[i];

		if (roster_find(&r, p->principal) != p || !p->role_count || !p->key_count)
			bug("a person without a role or key, or found twice");
		for (size_t k = 0; k < p->key_count; k++) {
			const struct roster_key *key;

			if (roster_of_key(&r, p->keys[k].blob, &key) != p || key != &p->keys[k])
				bug("one key stands for two");
		}
		for (size_t k = 0; k < p->user_count; k++)
			if (roster_of_user(&r, p->users[k]) != p)
				bug("one login stands for two");
	}
	if (roster_parse("fuzz", r.text, r.len, mem, &again, &err) || strcmp(r.digest, again.digest))
		bug("it does not read the same again");
	arena_free(mem);
	return 0;
}
