/*
 * Where the bytes stand at which a record may be cut. Sixty-four bytes become one mask, a bit for each byte of
 * the set, in the way that the processor does best; the rest is the same for all. What such a byte means at
 * its place is for the scanner to say: this knows of no quotes that are open.
 */
#include <string.h>

#include "internal.h"

enum { BLOCK = 64 };

typedef size_t find_fn(const struct structure *s, const char *bytes, size_t len, uint32_t *places);

/* Writes the places of the mask's bits, twelve at a time: that there are more is rare, and the branch foreseen. */
static inline __attribute__((always_inline)) uint32_t *spread(uint64_t mask, uint32_t from, uint32_t *to)
{
	uint32_t *end = to + __builtin_popcountll(mask);

	while (mask) {
		for (int i = 0; i < 12; i++) {
			/* Of an empty mask any place will do: it is written over. */
			to[i] = from + (uint32_t)__builtin_ctzll(mask | UINT64_C(1) << 63);
			mask &= mask - 1;
		}
		to += 12;
	}
	return end;
}

/* The loop over blocks, compiled for each kind of processor with its mask. The last block is a copy: nothing
 * behind the bytes is read. */
#define DEFINE_FIND(name, spread, target)                                                                    \
	target static size_t find_##name(const struct structure *s, const char *bytes, size_t len,               \
	                                 uint32_t *places)                                                       \
	{                                                                                                        \
		uint32_t *to = places;                                                                               \
		size_t at = 0;                                                                                       \
                                                                                                             \
		for (; len - at >= BLOCK; at += BLOCK)                                                               \
			to = spread(mask_##name(s, bytes + at), (uint32_t)at, to);                                       \
		if (at < len) {                                                                                      \
			char rest[BLOCK];                                                                                \
                                                                                                             \
			memset(rest, s->none, sizeof(rest));                                                             \
			memcpy(rest, bytes + at, len - at);                                                              \
			to = spread(mask_##name(s, rest), (uint32_t)at, to);                                             \
		}                                                                                                    \
		return (size_t)(to - places);                                                                        \
	}

/* ---- any processor ---- */

static inline uint64_t mask_scalar(const struct structure *s, const char *block)
{
	uint64_t mask = 0;

	for (int i = 0; i < BLOCK; i++)
		mask |= (uint64_t)s->member[(unsigned char)block[i]] << i;
	return mask;
}
DEFINE_FIND(scalar, spread, )

/* ---- x86-64 ---- */

#if defined(__x86_64__)
#include <immintrin.h>

static inline uint64_t mask_sse2(const struct structure *s, const char *block)
{
	uint64_t mask = 0;

	for (int part = 0; part < 4; part++) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * part));
		__m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(s->byte[0]));

		for (int i = 1; i < STRUCTURE_BYTES; i++)
			found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(s->byte[i])));
		mask |= (uint64_t)(unsigned)_mm_movemask_epi8(found) << (16 * part);
	}
	return mask;
}
DEFINE_FIND(sse2, spread, )

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
AVX2 static inline uint64_t mask_avx2(const struct structure *s, const char *block)
{
	uint64_t mask = 0;

	for (int part = 0; part < 2; part++) {
		__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(block + 32 * part));
		__m256i found = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(s->byte[0]));

		for (int i = 1; i < STRUCTURE_BYTES; i++)
			found = _mm256_or_si256(found, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(s->byte[i])));
		mask |= (uint64_t)(unsigned)_mm256_movemask_epi8(found) << (32 * part);
	}
	return mask;
}
DEFINE_FIND(avx2, spread, AVX2)

#define AVX512 __attribute__((target("avx512f,avx512bw,bmi,bmi2,popcnt")))
AVX512 static inline uint64_t mask_avx512(const struct structure *s, const char *block)
{
	__m512i bytes = _mm512_loadu_si512(block);
	uint64_t mask = 0;

	for (int i = 0; i < STRUCTURE_BYTES; i++)
		mask |= _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(s->byte[i]));
	return mask;
}

/* Sixteen places at a time, of which those that the mask has are moved together. */
AVX512 static inline uint32_t *spread_avx512(uint64_t mask, uint32_t from, uint32_t *to)
{
	__m512i places = _mm512_add_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
	                                  _mm512_set1_epi32((int)from));

	for (int part = 0; part < 4; part++, mask >>= 16) {
		_mm512_storeu_si512(to, _mm512_maskz_compress_epi32((__mmask16)mask, places));
		to += __builtin_popcountll(mask & 0xffff);
		places = _mm512_add_epi32(places, _mm512_set1_epi32(16));
	}
	return to;
}
DEFINE_FIND(avx512, spread_avx512, AVX512)
#endif

/* ---- 64-bit ARM ---- */

#if defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

static inline uint64_t mask_neon(const struct structure *s, const char *block)
{
	static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	const uint8x16_t bit = vld1q_u8(bits);
	uint8x16_t found[4];

	for (int part = 0; part < 4; part++) {
		uint8x16_t bytes = vld1q_u8((const uint8_t *)block + 16 * part);

		found[part] = vceqq_u8(bytes, vdupq_n_u8((uint8_t)s->byte[0]));
		for (int i = 1; i < STRUCTURE_BYTES; i++)
			found[part] = vorrq_u8(found[part], vceqq_u8(bytes, vdupq_n_u8((uint8_t)s->byte[i])));
		found[part] = vandq_u8(found[part], bit);
	}
	/* Neighbours added three times: each byte is then the mask of eight. */
	uint8x16_t low = vpaddq_u8(found[0], found[1]), high = vpaddq_u8(found[2], found[3]);
	uint8x16_t all = vpaddq_u8(low, high);

	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}
DEFINE_FIND(neon, spread, )
#endif

/* ---- which ---- */

static find_fn *find_of(enum scan_level level)
{
	switch (level) {
#if defined(__x86_64__)
	case SCAN_SSE2:
		return find_sse2;
	case SCAN_AVX2:
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? find_avx2 : NULL;
	case SCAN_AVX512:
		return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2") ? find_avx512 : NULL;
#endif
#if defined(__aarch64__) && defined(__ARM_NEON)
	case SCAN_NEON:
		return find_neon;
#endif
	case SCAN_SCALAR:
		return find_scalar;
	default:
		return NULL;
	}
}

bool scan_level_here(enum scan_level level)
{
	return level == SCAN_BEST || find_of(level);
}

void structure_init(struct structure *s, const char *bytes, size_t count, enum scan_level level)
{
	memset(s, 0, sizeof(*s));
	if (count == 0 || count > STRUCTURE_BYTES)
		bug("%zu bytes to look for", count);
	for (size_t i = 0; i < STRUCTURE_BYTES; i++) {
		s->byte[i] = bytes[i < count ? i : 0];
		s->member[(unsigned char)s->byte[i]] = true;
	}
	while (s->member[(unsigned char)s->none])
		s->none++;
	s->find = level == SCAN_BEST ? NULL : find_of(level);
	for (int best = SCAN_LEVEL_COUNT - 1; !s->find; best--)
		s->find = find_of((enum scan_level)best);
}

size_t structure_find(const struct structure *s, const char *bytes, size_t len, uint32_t *places)
{
	return s->find(s, bytes, len, places);
}
