/* The decoder of packed blocks on any bytes; what it takes comes back the same when packed again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../src/store/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { ROOM = 4096 };
	struct block_coder *c = NULL;
	struct point *points = xcalloc(ROOM, sizeof(*points)), *again = xcalloc(ROOM, sizeof(*again));
	int64_t count = block_unpack(&c, data, size, points, ROOM);

	if (count > ROOM)
		bug("block: more points than room");
	if (count > 0) {
		struct str block;

		str_init(&block);
		block_pack(&c, points, (size_t)count, size % 2, &block);
		if (block_unpack(&c, block.data, block.len, again, ROOM) != count ||
		    memcmp(points, again, (size_t)count * sizeof(*points)))
			bug("block: does not come back");
		str_release(&block);
	}
	block_coder_free(c);
	free(points);
	free(again);
	return 0;
}
