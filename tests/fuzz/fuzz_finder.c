/* The metric finder on any bytes: bounded, and whatever way the bytes are cut, the same is found. */
#include <stddef.h>
#include <stdint.h>

#include "assay/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fold(void *user, const struct run_found *f)
{
	uint64_t *sum = user;

	if (strlen(f->name) > 120 || f->step < 0)
		bug("finder: name or step out of bounds");
	*sum = *sum * 31 + hash_bytes(f->name, strlen(f->name)) + hash_bytes(&f->value, sizeof f->value) +
	       (uint64_t)f->step;
}

static uint64_t run(const uint8_t *data, size_t size, size_t piece)
{
	uint64_t sum = 0;
	struct run_finder *f = run_finder_new(NULL, fold, &sum);

	for (size_t at = 0; at < size; at += piece)
		run_finder_feed(f, (const char *)data + at, size - at < piece ? size - at : piece);
	run_finder_end(f);
	run_finder_free(f);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0 && run(data, size, size) != run(data, size, 1 + data[0] % 7))
		bug("finder: the cut of the input changes what is found");
	return 0;
}
