/* The products XᵀWX of a block of rows. Tiles of 4 x 8 elements stay in registers while the rows
 * go by; an element is the sum over the rows in their order, so wider vectors change nothing. */
#include "assay/learn.h"
#include "inside.h"

typedef double eight __attribute__((vector_size(64)));
enum { TILE = 4, EIGHT = 8 };

/* Inlined into one function a vector width. */
static inline __attribute__((always_inline)) void gram(double *h, const double *x, const double *wx,
                                                       size_t count, size_t size)
{
	for (size_t a = 0; a < size; a += TILE)
		for (size_t b = 0; b < a + TILE; b += EIGHT) {
			eight s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
			const double *left = wx + a, *right = x + b;
			for (size_t i = 0; i < count; i++, left += size, right += size) {
				eight v;
				memcpy(&v, right, sizeof v);
				s0 += left[0] * v;
				s1 += left[1] * v;
				s2 += left[2] * v;
				s3 += left[3] * v;
			}
			for (size_t k = 0; k < EIGHT; k++) {
				h[(a + 0) * size + b + k] += s0[k];
				h[(a + 1) * size + b + k] += s1[k];
				h[(a + 2) * size + b + k] += s2[k];
				h[(a + 3) * size + b + k] += s3[k];
			}
		}
}

void gram_add_plain(double *h, const double *x, const double *wx, size_t count, size_t size)
{
	gram(h, x, wx, count, size);
}

#if defined __x86_64__
__attribute__((target("avx2"))) static void gram_add_avx2(double *h, const double *x, const double *wx,
                                                          size_t count, size_t size)
{
	gram(h, x, wx, count, size);
}

void gram_add(double *h, const double *x, const double *wx, size_t count, size_t size)
{
	if (__builtin_cpu_supports("avx2"))
		gram_add_avx2(h, x, wx, count, size);
	else
		gram_add_plain(h, x, wx, count, size);
}
#else
void gram_add(double *h, const double *x, const double *wx, size_t count, size_t size)
{
	gram_add_plain(h, x, wx, count, size);
}
#endif
