/* Blocks of rows: XᵀWX and what else a Newton step sums up. Every result is summed in an order of its own
 * that does not depend on the width of the vectors: wider ones change nothing but the time. */
#include "assay/learn.h"
#include "inside.h"

#define KERNEL(name) narrow_##name
#define VECTOR_BYTES 16
#include "gram_kernel.h"
#undef KERNEL
#undef VECTOR_BYTES

static void narrow_block(double *h, double *gradient, double *wx, const double *x, const double *pull,
                         const double *curve, size_t count, size_t size)
{
	narrow_weigh(gradient, wx, x, pull, curve, count, size);
	narrow_gram(h, x, wx, count, size);
}

static void narrow_products(double *out, const double *x, const double *b, size_t count, size_t size)
{
	narrow_dots(out, x, b, count, size);
}

static const struct row_kernel narrow = {narrow_products, narrow_block};

const struct row_kernel *row_kernel_narrow(void)
{
	return &narrow;
}

#if defined __x86_64__
#define KERNEL(name) wide_##name
#define VECTOR_BYTES 32
#include "gram_kernel.h"

__attribute__((target("avx2"))) static void wide_block(double *h, double *gradient, double *wx,
                                                       const double *x, const double *pull,
                                                       const double *curve, size_t count, size_t size)
{
	wide_weigh(gradient, wx, x, pull, curve, count, size);
	wide_gram(h, x, wx, count, size);
}

__attribute__((target("avx2"))) static void wide_products(double *out, const double *x, const double *b,
                                                          size_t count, size_t size)
{
	wide_dots(out, x, b, count, size);
}

static const struct row_kernel wide = {wide_products, wide_block};

const struct row_kernel *row_kernel_best(void)
{
	return __builtin_cpu_supports("avx2") ? &wide : &narrow;
}
#else
const struct row_kernel *row_kernel_best(void)
{
	return &narrow;
}
#endif
