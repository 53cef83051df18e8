/* A part of a profile from any bytes: what is taken is written, read and written again to the same bytes, has a profile,
 * and goes with itself. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "assay/data_tally.h"
#include "../../src/data/tally.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	struct tally *t, *again;
	struct str text, other, notes;
	struct profile p;

	/* Its last line is made here: else all that could be taken is what nobody changed. */
	str_init(&text);
	str_add(&text, (const char *)data, size);
	if (!tally_has_seal(text.data, text.len))
		tally_seal(&text, 0);
	t = tally_parse("part", text.data, text.len, &err);
	str_release(&text);
	if (!t)
		return 0;
	str_init(&text);
	str_init(&other);
	str_init(&notes);
	tally_write(t, &text);
	again = tally_parse("written", text.data, text.len, &err);
	if (!again)
		bug("part: what was written is not read: %s", err.text);
	tally_write(again, &other);
	if (text.len != other.len || memcmp(text.data, other.data, text.len) != 0)
		bug("part: it is written in two ways");
	tally_profile(t, &p, &notes);
	str_clear(&text);
	profile_json(&p, &text);
	profile_release(&p);
	if (tally_merge(t, again, &err) == 0) {
		tally_profile(t, &p, NULL);
		profile_release(&p);
	}
	tally_free(again);
	tally_free(t);
	str_release(&text);
	str_release(&other);
	str_release(&notes);
	return 0;
}
