/*
 * The finder on any bytes, and expressions of one's own: bounded, and whatever way the bytes are cut, the same is found.
 * What stands before the first NUL is the text of [patterns]; the rest is output.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "assay/run_finder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fold(void *user, const struct run_found *f)
{
	uint64_t *sum = user;

	if (strlen(f->name) > 120 || f->step < 0)
		bug("finder: name or step out of bounds");
	if (f->kind == RUN_FOUND_PROGRESS && !isnan(f->value) && !(f->value >= 0 && f->value <= 1))
		bug("finder: progress out of bounds");
	*sum = *sum * 31 + hash_bytes(f->name, strlen(f->name)) + hash_bytes(&f->value, sizeof f->value) +
	       (uint64_t)f->step + (uint64_t)f->kind;
}

static uint64_t run(const struct run_patterns *p, const uint8_t *data, size_t size, size_t piece)
{
	uint64_t sum = 0;
	struct run_finder *f = run_finder_new(p, fold, &sum);

	for (size_t at = 0; at < size; at += piece)
		run_finder_feed(f, (const char *)data + at, size - at < piece ? size - at : piece);
	run_finder_end(f);
	for (size_t i = 0; i < run_finder_recognised(f); i++) {
		struct run_recognised r;
		run_finder_recognised_at(f, i, &r);
		if (strlen(r.example) > 200 || strpbrk(r.example, "\x1b\r\n\b") || r.lines < 1)
			bug("finder: an example of no line");
		sum += hash_bytes(r.example, strlen(r.example)) + (uint64_t)r.lines;
	}
	run_finder_free(f);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	struct run_patterns *p = NULL;

	if (nul) {
		struct run_patterns *again = run_patterns_new();
		p = run_patterns_new();
		/* What was taken is taken again as it says itself; a part that was refused leaves what came before it. */
		(void)run_patterns_text(p, "fuzz", (const char *)data, NULL);
		if (run_patterns_text(again, "again", run_patterns_ini(p), NULL))
			bug("patterns: what was taken is not taken again");
		run_patterns_free(again);
		size -= (size_t)(nul + 1 - data);
		data = nul + 1;
	}
	if (size > 0 && run(p, data, size, size) != run(p, data, size, 1 + data[0] % 7))
		bug("finder: the cut of the input changes what is found");
	run_patterns_free(p);
	return 0;
}
