/* Inside stats: what sums of powers are kept in. */
#ifndef STATS_SUMS_INTERNAL_H
#define STATS_SUMS_INTERNAL_H

#include "assay/stats_sums.h"
#include "big.h"

/* The unit of a value, of its weight, or of a product: 10^-places or 2^binary, and a sign. As a key, so that
 * the key of a product is the sum of two (without signs). */
enum {
	KEY_BINARY = 8,  /* bits of places before those of the power of two */
	KEY_WEIGHT = 24, /* bits of the unit of a value before the power of two of its weight */
	KEY_BIAS = 4096, /* of a power of two */
	PLACES_MAX = 22, /* 10^22 is a double */
	POWERS = 5,
	POWER_LIMBS = 5,
};
#define KEY_ONE        ((uint64_t)KEY_BIAS << KEY_BINARY) /* a unit of 1 */
#define KEY_WEIGHT_ONE ((uint64_t)KEY_BIAS << KEY_WEIGHT)
#define KEY_NEGATIVE   (UINT64_C(1) << 63)

struct unit {
	int places, binary, weight_binary;
	bool negative;
};
struct unit sums_unit(uint64_t key, int values); /* of a product of so many values */

struct bucket {
	uint64_t key;
	/* Sums of w m^p for p 0 to 4; weight2 is that of squared weights. A weight and a mantissa have 53 bits at
	 * most and there are 2^44 of them at most, so that nothing is carried out of a sum. */
	uint64_t power[POWERS][POWER_LIMBS];
	uint64_t weight2[3];
};

/* Sums of products of neighbours. */
struct product {
	uint64_t key;
	uint64_t sum[4];
};

/* A value as mantissa and key. */
struct parts {
	uint64_t mantissa, key;
};

struct lookup {
	uint32_t *slots; /* 1 + an index, 0 is free */
	size_t slot_count;
};

/* One way to see the values: as decimals, or as the doubles that they are. */
struct sums_view {
	struct parts first, last; /* if there are any values */
	struct bucket *buckets;
	size_t bucket_count, bucket_cap;
	struct lookup bucket_at;
	struct product *products;
	size_t product_count, product_cap;
	struct lookup product_at;
};

struct stats_sums {
	enum stats_weights kind;
	uint64_t rows, nan, pos_inf, neg_inf; /* of frequencies: their sums */
	uint64_t taken;                       /* rows that hold a finite value and a weight above 0 */
	double min, max;
	int places;        /* that decimals had so far: tried first */
	bool are_decimals; /* all values so far are: by_decimal holds them */
	bool are_doubles;  /* by_double holds them */
	struct sums_view by_decimal, by_double;
};

/* Values are taken in blocks. The whole numbers of most columns have no more than SMALL_BITS bits; each of four
 * lanes then holds the products of a run of them in 52. */
enum { BLOCK = 1024, SMALL_BITS = 24, SMALL_RUN = 64, MEDIUM_BITS = 31 };
/* Adding it to a number below 2^51 leaves the nearest whole number in the low bits. */
#define TO_WHOLE 0x1.8p52

/* A block of values of which each is a mantissa and an id: a sign and an exponent. */
enum { ID_NEGATIVE = 2048, IDS = 4096 };
struct block {
	size_t n;
	uint64_t mantissa[BLOCK];
	uint16_t id[BLOCK];
	int lowest, highest; /* exponents */
	uint64_t unit;       /* the key of the exponent 0; one more is one power of two more */
};

/* The next value in a view; `any`: there were others. */
void sums_add_one(struct sums_view *v, bool any, const struct parts *one);
/* With a weight, as parts too; products count as those of so many equal neighbours. */
void sums_add_weight(struct sums_view *v, bool any, const struct parts *one, const struct parts *weight,
                     uint64_t times);
void sums_add_block(struct sums_view *v, bool any, const struct block *b);
/* Whole numbers of SMALL_BITS bits in units of 10^-places, BLOCK of them at most. */
void sums_add_small(struct sums_view *v, bool any, const double *whole, size_t n, int places);
void sums_add_medium(struct sums_view *v, bool any, const double *whole, size_t n,
                     int places); /* MEDIUM_BITS */
/* What comes after; it holds values. */
void sums_merge_view(struct sums_view *to, bool any, const struct sums_view *next);
void sums_drop(struct sums_view *v);

struct bucket *sums_bucket(struct sums_view *v, uint64_t key);
struct product *sums_product(struct sums_view *v, uint64_t key);
/* Adds what a group of all brings to the sums of squares within and between groups. */
void sums_spread(const struct stats_sums *group, const struct stats_sums *all, double *within,
                 double *between);
/* Of values that are all here: in the one view that counts. Not to be merged or written. */
struct stats_sums *sums_of(const double *values, size_t n);
struct stats_sums *sums_of_decimals(const int32_t *whole, size_t n, int places);

#endif
