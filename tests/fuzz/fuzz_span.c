/* The decoder of nodes of spans on any bytes; what it takes comes back the same when packed again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../src/store/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span *parts = xcalloc(2 * SPAN_PARTS, sizeof(*parts)), *again = parts + SPAN_PARTS;

	for (int level = 1; level <= SPAN_LEVELS; level++) {
		struct str packed, twice;

		if (span_unpack(data, size, level, parts))
			continue;
		str_init(&packed);
		str_init(&twice);
		span_pack(parts, &packed);
		if (span_unpack(packed.data, packed.len, level, again))
			bug("span: does not come back");
		span_pack(again, &twice);
		if (packed.len != twice.len || memcmp(packed.data, twice.data, packed.len))
			bug("span: comes back as another");
		str_release(&packed);
		str_release(&twice);
	}
	free(parts);
	return 0;
}
