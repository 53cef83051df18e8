/* Compressed files of any bytes: what they unpack to does not depend on how much is asked for at a time. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "assay/base_unpack.h"

enum { MOST = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* At most MOST bytes of it, so many at a time. */
static size_t unpack(int fd, enum packing packing, size_t each, unsigned char *out, const char **broken)
{
	struct unpacker *u = unpacker_new(packing);
	size_t got = 0, want;
	ssize_t n;

	do {
		want = MOST - got < each ? MOST - got : each;
		n = unpacker_read(u, fd, out + got, want);
		if (n < 0 || (size_t)n > want)
			bug("unpack: more than was asked for, or a file in memory that cannot be read");
		got += (size_t)n;
	} while (got < MOST && (size_t)n == want);
	*broken = unpacker_broken(u);
	unpacker_free(u);
	return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *all = xmalloc(MOST), *parts = xmalloc(MOST);
	int fd = child_file(data, size);

	if (fd < 0)
		bug("unpack: no file in memory");
	for (enum packing packing = PACKING_GZIP; packing <= PACKING_ZSTD; packing++) {
		const char *broken, *broken_too;
		size_t len = unpack(fd, packing, MOST, all, &broken),
		       len_too = unpack(fd, packing, 1 + size % 4000, parts, &broken_too);

		if (len != len_too || memcmp(all, parts, len) != 0)
			bug("unpack: other bytes in parts");
		if (len < MOST && broken != broken_too)
			bug("unpack: broken in one way, whole in another");
	}
	close(fd);
	free(all);
	free(parts);
	return 0;
}
