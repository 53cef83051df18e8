/* Whole numbers in packed blobs: seven bits a byte, low ones first; signed ones zigzag; differences are modulo 2^64. */
#ifndef ASSAY_STORE_VARINT_H
#define ASSAY_STORE_VARINT_H

#include "assay/base.h"

static inline void put_varint(struct str *out, uint64_t n)
{
	char bytes[10];
	size_t len = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[len++] = (char)(n | 0x80);
	bytes[len++] = (char)n;
	str_add(out, bytes, len);
}

static inline uint64_t zigzag(uint64_t n)
{
	return n << 1 ^ (0 - (n >> 63));
}

static inline uint64_t unzigzag(uint64_t n)
{
	return n >> 1 ^ (0 - (n & 1));
}

static inline uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static inline double from_bits(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Eight bytes, low ones first. */
static inline void put_bits(struct str *out, uint64_t bits)
{
	char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (char)(bits >> 8 * i);
	str_add(out, bytes, sizeof(bytes));
}

/* bad: there was less than was asked for, or a number of more than 64 bits. */
struct reader {
	const unsigned char *at, *end;
	bool bad;
};

static inline unsigned get_byte(struct reader *r)
{
	if (r->at == r->end) {
		r->bad = true;
		return 0;
	}
	return *r->at++;
}

static inline uint64_t get_varint(struct reader *r)
{
	uint64_t n = 0;

	for (int shift = 0; shift < 64; shift += 7) {
		unsigned byte = get_byte(r);

		if (shift == 63 && byte > 1)
			break;
		n |= (uint64_t)(byte & 0x7F) << shift;
		if (!(byte & 0x80))
			return n;
	}
	r->bad = true;
	return 0;
}

static inline uint64_t get_bits(struct reader *r)
{
	uint64_t bits = 0;

	for (int shift = 0; shift < 64; shift += 8)
		bits |= (uint64_t)get_byte(r) << shift;
	return bits;
}

#endif
