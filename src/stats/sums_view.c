/* Where the sums are kept: by the unit of what is summed, each as a whole number of limbs. */
#include "sums.h"

/* Products of neighbours are summed by the sum of their exponents, where these are near enough. */
enum { NEAR = 64, LANES = 4 };
typedef double doubles __attribute__((vector_size(32)));

/* ---- buckets by key ---- */

static size_t slot_of(const struct lookup *l, uint64_t key)
{
	return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (l->slot_count - 1);
}

/* The place of a key in items that begin with theirs; *count if it is new, which it then is no longer. */
static size_t place_of(struct lookup *l, const void *items, size_t size, size_t *count, uint64_t key)
{
	const char *bytes = items;
	if (2 * *count >= l->slot_count) {
		l->slot_count = l->slot_count ? 2 * l->slot_count : 16;
		free(l->slots);
		l->slots = xcalloc(l->slot_count, sizeof *l->slots);
		for (size_t i = 0; i < *count; i++) {
			uint64_t known;
			memcpy(&known, bytes + i * size, sizeof known);
			size_t at = slot_of(l, known);
			while (l->slots[at])
				at = (at + 1) & (l->slot_count - 1);
			l->slots[at] = (uint32_t)i + 1;
		}
	}
	size_t at = slot_of(l, key);
	for (; l->slots[at]; at = (at + 1) & (l->slot_count - 1)) {
		uint64_t known;
		memcpy(&known, bytes + (l->slots[at] - 1) * size, sizeof known);
		if (known == key)
			return l->slots[at] - 1;
	}
	l->slots[at] = (uint32_t)*count + 1;
	return (*count)++;
}

/* As vec_reserve, but from one on: most columns have one or two, and there may be 100,000 columns. */
static void *room_for(void *items, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return items;
	*cap += *cap / 2;
	if (*cap < need)
		*cap = need;
	return xreallocarray(items, *cap, size);
}

struct bucket *sums_bucket(struct sums_view *v, uint64_t key)
{
	size_t before = v->bucket_count;
	size_t at = place_of(&v->bucket_at, v->buckets, sizeof *v->buckets, &v->bucket_count, key);
	if (at == before) {
		v->buckets = room_for(v->buckets, &v->bucket_cap, at + 1, sizeof *v->buckets);
		v->buckets[at] = (struct bucket){.key = key};
	}
	return &v->buckets[at];
}

struct product *sums_product(struct sums_view *v, uint64_t key)
{
	size_t before = v->product_count;
	size_t at = place_of(&v->product_at, v->products, sizeof *v->products, &v->product_count, key);
	if (at == before) {
		v->products = room_for(v->products, &v->product_cap, at + 1, sizeof *v->products);
		v->products[at] = (struct product){.key = key};
	}
	return &v->products[at];
}

struct unit sums_unit(uint64_t key, int values)
{
	return (struct unit){.places = (int)(key & 255),
	                     .binary = (int)(key >> KEY_BINARY & 65535) - values * KEY_BIAS,
	                     .weight_binary = (int)(key >> KEY_WEIGHT & 65535) - KEY_BIAS,
	                     .negative = key >> 63};
}

/* ---- limbs ---- */

/* to[0..room) += from[0..len); to has room for what is carried. */
static inline void add_limbs(uint64_t *to, int room, const uint64_t *from, int len)
{
	wide carry = 0;
#pragma GCC unroll 5
	for (int i = 0; i < room; i++) {
		carry += to[i];
		if (i < len)
			carry += from[i];
		to[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

/* to[0..len + 1) = from[0..len) * by */
static inline void multiply_limbs(uint64_t *to, const uint64_t *from, int len, uint64_t by)
{
	wide carry = 0;
#pragma GCC unroll 4
	for (int i = 0; i < len; i++) {
		carry += (wide)from[i] * by;
		to[i] = (uint64_t)carry;
		carry >>= 64;
	}
	to[len] = (uint64_t)carry;
}

/* Sums of limbs, each with what it carries, to one number; the last one is the top. */
static void carry_limbs(const wide *sum, int len, uint64_t top, uint64_t *limbs)
{
	wide carry = 0;
	for (int i = 0; i < len; i++) {
		/* Halves of 64 and some ten bits: no carry is lost. */
		carry += (uint64_t)sum[i];
		limbs[i] = (uint64_t)carry;
		carry = (carry >> 64) + (sum[i] >> 64);
	}
	limbs[len] = (uint64_t)carry + top;
}

/* ---- one value ---- */

/* The first four powers of a mantissa: 1, 2, 3 and 4 limbs. */
struct powers {
	uint64_t m1, m2[2], m3[3], m4[4];
};

static inline void powers_of(uint64_t m, struct powers *p)
{
	wide square = (wide)m * m;
	p->m1 = m;
	p->m2[0] = (uint64_t)square;
	p->m2[1] = (uint64_t)(square >> 64);
	wide low = (wide)p->m2[0] * m, high = (wide)p->m2[1] * m + (uint64_t)(low >> 64);
	p->m3[0] = (uint64_t)low;
	p->m3[1] = (uint64_t)high;
	p->m3[2] = (uint64_t)(high >> 64);
	/* (h 2^64 + l)^2; h has 42 bits. */
	wide ll = (wide)p->m2[0] * p->m2[0], hl = (wide)p->m2[1] * p->m2[0], hh = (wide)p->m2[1] * p->m2[1];
	hl = 2 * hl + (uint64_t)(ll >> 64);
	hh += (uint64_t)(hl >> 64);
	p->m4[0] = (uint64_t)ll;
	p->m4[1] = (uint64_t)hl;
	p->m4[2] = (uint64_t)hh;
	p->m4[3] = (uint64_t)(hh >> 64);
}

static void add_product(struct sums_view *v, const struct parts *a, const struct parts *b, uint64_t times)
{
	uint64_t sign = (a->key ^ b->key) & KEY_NEGATIVE;
	struct product *p = sums_product(v, sign | ((a->key & ~KEY_NEGATIVE) + (b->key & ~KEY_NEGATIVE)));
	wide product = (wide)a->mantissa * b->mantissa;
	uint64_t limbs[3] = {(uint64_t)product, (uint64_t)(product >> 64), 0};
	if (times != 1)
		multiply_limbs(limbs, (uint64_t[]){limbs[0], limbs[1]}, 2, times);
	add_limbs(p->sum, 4, limbs, 3);
}

/* The next value; `any`: there were others. */
static void link_value(struct sums_view *v, bool any, const struct parts *one)
{
	if (any)
		add_product(v, &v->last, one, 1);
	else
		v->first = *one;
	v->last = *one;
}

void sums_add_one(struct sums_view *v, bool any, const struct parts *one)
{
	static const uint64_t unity = 1;
	struct powers p;
	struct bucket *b = sums_bucket(v, one->key | KEY_WEIGHT_ONE);
	powers_of(one->mantissa, &p);
	add_limbs(b->power[0], 2, &unity, 1);
	add_limbs(b->power[1], 3, &p.m1, 1);
	add_limbs(b->power[2], 4, p.m2, 2);
	add_limbs(b->power[3], 4, p.m3, 3);
	add_limbs(b->power[4], 5, p.m4, 4);
	link_value(v, any, one);
}

void sums_add_weight(struct sums_view *v, bool any, const struct parts *one, const struct parts *weight,
                     uint64_t times)
{
	uint64_t limbs[POWER_LIMBS], w = weight->mantissa;
	wide square = (wide)w * w;
	struct powers p;
	struct bucket *b = sums_bucket(v, one->key | (weight->key >> KEY_BINARY & 65535) << KEY_WEIGHT);
	powers_of(one->mantissa, &p);
	add_limbs(b->power[0], 2, &w, 1);
	multiply_limbs(limbs, &p.m1, 1, w);
	add_limbs(b->power[1], 3, limbs, 2);
	multiply_limbs(limbs, p.m2, 2, w);
	add_limbs(b->power[2], 4, limbs, 3);
	multiply_limbs(limbs, p.m3, 3, w);
	add_limbs(b->power[3], 4, limbs, 4);
	multiply_limbs(limbs, p.m4, 4, w);
	add_limbs(b->power[4], 5, limbs, 5);
	add_limbs(b->weight2, 3, (const uint64_t[]){(uint64_t)square, (uint64_t)(square >> 64)}, 2);
	link_value(v, any, one);
	if (times > 1)
		add_product(v, one, one, times - 1);
}

/* ---- a block of values ---- */

static uint64_t key_of_id(const struct block *b, uint16_t id)
{
	uint64_t exponent = id & (ID_NEGATIVE - 1);
	return (id & ID_NEGATIVE ? KEY_NEGATIVE : 0) | (b->unit + (exponent << KEY_BINARY));
}

static struct parts parts_at(const struct block *b, size_t i)
{
	return (struct parts){b->mantissa[i], key_of_id(b, b->id[i])};
}

/* Values of one id. In three loops, so that their sums have room in registers. */
static void add_run(struct sums_view *v, uint64_t key, const uint64_t *mantissa, size_t n)
{
	wide low2 = 0, low3[2] = {0}, low4[3] = {0};
	uint64_t s1 = 0, high2 = 0, high3 = 0, high4 = 0, limbs[POWER_LIMBS];
	struct powers p;
	for (size_t i = 0; i < n; i++) {
		powers_of(mantissa[i], &p);
		s1 += p.m1;
		low2 += p.m2[0];
		high2 += p.m2[1];
	}
	for (size_t i = 0; i < n; i++) {
		powers_of(mantissa[i], &p);
		low3[0] += p.m3[0];
		low3[1] += p.m3[1];
		high3 += p.m3[2];
	}
	for (size_t i = 0; i < n; i++) {
		powers_of(mantissa[i], &p);
		low4[0] += p.m4[0];
		low4[1] += p.m4[1];
		low4[2] += p.m4[2];
		high4 += p.m4[3];
	}
	struct bucket *b = sums_bucket(v, key | KEY_WEIGHT_ONE);
	add_limbs(b->power[0], 2, (const uint64_t[]){n}, 1);
	add_limbs(b->power[1], 3, &s1, 1);
	carry_limbs(&low2, 1, high2, limbs);
	add_limbs(b->power[2], 4, limbs, 2);
	carry_limbs(low3, 2, high3, limbs);
	add_limbs(b->power[3], 4, limbs, 3);
	carry_limbs(low4, 3, high4, limbs);
	add_limbs(b->power[4], 5, limbs, 4);
}

static void add_powers(struct sums_view *v, const struct block *b)
{
	uint16_t start[IDS] = {0}, used[BLOCK];
	uint64_t sorted[BLOCK];
	size_t ids = 0, at = 0;
	for (size_t i = 0; i < b->n; i++)
		if (!start[b->id[i]]++)
			used[ids++] = b->id[i];
	for (size_t k = 0; k < ids; k++) {
		size_t here = start[used[k]];
		start[used[k]] = (uint16_t)at;
		at += here;
	}
	for (size_t i = 0; i < b->n; i++)
		sorted[start[b->id[i]]++] = b->mantissa[i];
	for (size_t k = 0, from = 0; k < ids; k++) {
		size_t end = start[used[k]];
		add_run(v, key_of_id(b, used[k]), sorted + from, end - from);
		from = end;
	}
}

static void add_neighbours(struct sums_view *v, const struct block *b)
{
	struct {
		wide low;
		uint64_t high;
	} sum[2][2 * NEAR];
	int width = 2 * (b->highest - b->lowest) + 1;
	if (width > 2 * NEAR) {
		for (size_t i = 1; i < b->n; i++) {
			struct parts one = parts_at(b, i - 1), next = parts_at(b, i);
			add_product(v, &one, &next, 1);
		}
		return;
	}
	for (int sign = 0; sign < 2; sign++)
		memset(sum[sign], 0, (size_t)width * sizeof sum[0][0]);
	for (size_t i = 1; i < b->n; i++) {
		wide product = (wide)b->mantissa[i] * b->mantissa[i - 1];
		int exponents = (b->id[i] & (ID_NEGATIVE - 1)) + (b->id[i - 1] & (ID_NEGATIVE - 1)) - 2 * b->lowest;
		int sign = (b->id[i] ^ b->id[i - 1]) >= ID_NEGATIVE;
		sum[sign][exponents].low += (uint64_t)product;
		sum[sign][exponents].high += (uint64_t)(product >> 64);
	}
	for (int sign = 0; sign < 2; sign++)
		for (int e = 0; e < width; e++) {
			uint64_t limbs[2], key = 2 * b->unit + ((uint64_t)(e + 2 * b->lowest) << KEY_BINARY);
			carry_limbs(&sum[sign][e].low, 1, sum[sign][e].high, limbs);
			if (limbs[0] | limbs[1])
				add_limbs(sums_product(v, key | (sign ? KEY_NEGATIVE : 0))->sum, 4, limbs, 2);
		}
}

/* Of a block with one id, where every sum is the same one. */
static void add_alike(struct sums_view *v, const struct block *b)
{
	wide low = 0;
	uint64_t high = 0, limbs[2];
	add_run(v, key_of_id(b, b->id[0]), b->mantissa, b->n);
	for (size_t i = 1; i < b->n; i++) {
		wide product = (wide)b->mantissa[i] * b->mantissa[i - 1];
		low += (uint64_t)product;
		high += (uint64_t)(product >> 64);
	}
	carry_limbs(&low, 1, high, limbs);
	add_limbs(sums_product(v, 2 * (key_of_id(b, b->id[0]) & ~KEY_NEGATIVE))->sum, 4, limbs, 2);
}

void sums_add_block(struct sums_view *v, bool any, const struct block *b)
{
	struct parts first = parts_at(b, 0);
	uint16_t differ = 0;
	for (size_t i = 1; i < b->n; i++)
		differ |= b->id[i] ^ b->id[0];
	link_value(v, any, &first);
	if (differ) {
		add_powers(v, b);
		add_neighbours(v, b);
	} else {
		add_alike(v, b);
	}
	v->last = parts_at(b, b->n - 1);
}

/* ---- sums that are made already ---- */

/* Adds a signed sum to the bucket of its sign. */
static void add_signed(struct sums_view *v, uint64_t unit, int power, wide_signed sum)
{
	wide size = sum < 0 ? -(wide)sum : (wide)sum;
	const uint64_t limbs[2] = {(uint64_t)size, (uint64_t)(size >> 64)};
	uint64_t key = (sum < 0 ? KEY_NEGATIVE : 0) | unit | KEY_WEIGHT_ONE;
	add_limbs(sums_bucket(v, key)->power[power], POWER_LIMBS, limbs, 2);
}

static struct parts parts_of_whole(int64_t whole, uint64_t unit)
{
	return (struct parts){(uint64_t)(whole < 0 ? -whole : whole), (whole < 0 ? KEY_NEGATIVE : 0) | unit};
}

/* Sums of small whole numbers and of their products, of which m^2 is h 2^SMALL_BITS + l. */
struct small_sums {
	int64_t m, neighbours, square, mh, ml, hh, hl, ll;
};

static int64_t lane_sum(const doubles *v)
{
	return (int64_t)(*v)[0] + (int64_t)(*v)[1] + (int64_t)(*v)[2] + (int64_t)(*v)[3];
}

/* In doubles, which hold each product exactly, and the sum of as many as a lane gets before it is emptied. */
TWO_WIDTHS static void small_sums(const double *whole, size_t n, struct small_sums *s)
{
	const double unit = 1 << SMALL_BITS, per_unit = 1 / unit;
	size_t at = 1;
	for (; at + SMALL_RUN <= n; at += SMALL_RUN) {
		doubles m1 = {0}, neighbours = {0}, square = {0}, mh = {0}, ml = {0}, hh = {0}, hl = {0}, ll = {0};
		for (size_t i = at; i < at + SMALL_RUN; i += LANES) {
			doubles m, before, h, l, m2;
			memcpy(&m, whole + i, sizeof m);
			memcpy(&before, whole + i - 1, sizeof before);
			m2 = m * m;
			h = (m2 * per_unit + TO_WHOLE) - TO_WHOLE;
			l = m2 - h * unit;
			m1 += m;
			neighbours += m * before;
			square += m2;
			mh += m * h;
			ml += m * l;
			hh += h * h;
			hl += h * l;
			ll += l * l;
		}
		s->m += lane_sum(&m1);
		s->neighbours += lane_sum(&neighbours);
		s->square += lane_sum(&square);
		s->mh += lane_sum(&mh);
		s->ml += lane_sum(&ml);
		s->hh += lane_sum(&hh);
		s->hl += lane_sum(&hl);
		s->ll += lane_sum(&ll);
	}
	for (size_t j = 0; j < n; j = j ? j + 1 : at) {
		int64_t m = (int64_t)whole[j], m2 = m * m, h = m2 >> SMALL_BITS, l = m2 - (h << SMALL_BITS);
		s->m += m;
		s->neighbours += j ? m * (int64_t)whole[j - 1] : 0;
		s->square += m2;
		s->mh += m * h;
		s->ml += m * l;
		s->hh += h * h;
		s->hl += h * l;
		s->ll += l * l;
	}
}

void sums_add_small(struct sums_view *v, bool any, const double *whole, size_t n, int places)
{
	uint64_t unit = KEY_ONE | (uint64_t)places;
	struct small_sums s = {0};
	const wide_signed by = 1 << SMALL_BITS;
	small_sums(whole, n, &s);
	add_signed(v, unit, 0, (wide_signed)n);
	add_signed(v, unit, 1, s.m);
	add_signed(v, unit, 2, s.square);
	add_signed(v, unit, 3, s.mh * by + s.ml);
	add_signed(v, unit, 4, (s.hh * by + 2 * (wide_signed)s.hl) * by + s.ll);
	struct parts one = parts_of_whole((int64_t)whole[0], unit), sum = parts_of_whole(s.neighbours, unit);
	link_value(v, any, &one);
	add_product(v, &sum, &(struct parts){1, unit}, 1);
	v->last = parts_of_whole((int64_t)whole[n - 1], unit);
}

/* A fourth power nearly fills the whole: its halves are summed apart, each in a whole of its own. */
void sums_add_medium(struct sums_view *v, bool any, const double *whole, size_t n, int places)
{
	uint64_t unit = KEY_ONE | (uint64_t)places, key = unit | KEY_WEIGHT_ONE, limbs[3];
	int64_t m1 = 0, before = 0;
	wide m2 = 0, m4[2] = {0};
	wide_signed m3 = 0, neighbours = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t m = (int64_t)whole[i];
		uint64_t square = (uint64_t)(m * m);
		wide fourth = (wide)square * square;
		m1 += m;
		m2 += square;
		m3 += (wide_signed)(int64_t)square * m;
		m4[0] += (uint64_t)fourth;
		m4[1] += (uint64_t)(fourth >> 64);
		neighbours += m * before;
		before = m;
	}
	add_signed(v, unit, 0, (wide_signed)n);
	add_signed(v, unit, 1, m1);
	add_signed(v, unit, 2, (wide_signed)m2);
	add_signed(v, unit, 3, m3);
	carry_limbs(m4, 2, 0, limbs);
	add_limbs(sums_bucket(v, key)->power[4], POWER_LIMBS, limbs, 3);
	struct parts one = parts_of_whole((int64_t)whole[0], unit);
	link_value(v, any, &one);
	wide size = neighbours < 0 ? -(wide)neighbours : (wide)neighbours;
	add_limbs(sums_product(v, 2 * unit | (neighbours < 0 ? KEY_NEGATIVE : 0))->sum, 4,
	          (const uint64_t[]){(uint64_t)size, (uint64_t)(size >> 64)}, 2);
	v->last = parts_of_whole(before, unit);
}

void sums_merge_view(struct sums_view *to, bool any, const struct sums_view *next)
{
	for (size_t i = 0; i < next->bucket_count; i++) {
		const struct bucket *from = &next->buckets[i];
		struct bucket *b = sums_bucket(to, from->key);
		for (int p = 0; p < POWERS; p++)
			add_limbs(b->power[p], POWER_LIMBS, from->power[p], POWER_LIMBS);
		add_limbs(b->weight2, 3, from->weight2, 3);
	}
	for (size_t i = 0; i < next->product_count; i++)
		add_limbs(sums_product(to, next->products[i].key)->sum, 4, next->products[i].sum, 4);
	link_value(to, any, &next->first);
	to->last = next->last;
}

void sums_drop(struct sums_view *v)
{
	free(v->buckets);
	free(v->bucket_at.slots);
	free(v->products);
	free(v->product_at.slots);
	*v = (struct sums_view){.bucket_count = 0};
}
