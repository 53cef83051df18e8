/* Rows in the order of columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal.h"

/* One row and its key as a whole number. */
struct place {
	uint64_t key;
	uint32_t row;
};
#define KEY_MISSING UINT64_MAX

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* By one digit of the keys, equal ones as they are. False: they all have the same there, and nothing was done. */
static bool by_digit(const struct place *from, struct place *to, size_t count, int shift)
{
	size_t starts[DIGITS] = {0}, at = 0;

	for (size_t i = 0; i < count; i++)
		starts[from[i].key >> shift & (DIGITS - 1)]++;
	if (count == 0 || starts[from[0].key >> shift & (DIGITS - 1)] == count)
		return false;
	for (size_t d = 0; d < DIGITS; d++) {
		size_t here = starts[d];

		starts[d] = at;
		at += here;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
	return true;
}

/* By their keys, digit by digit from the last one on; where they stand then. */
static const struct place *sorted(struct place *places, struct place *other, size_t count)
{
	for (int shift = 0; shift < 64; shift += DIGIT_BITS)
		if (by_digit(places, other, count, shift)) {
			struct place *swap = places;

			places = other;
			other = swap;
		}
	return places;
}

/* Whole numbers in the order of the doubles, none of them 0 or KEY_MISSING. */
static uint64_t key_of_number(double value)
{
	uint64_t bits;

	if (value == 0)
		value = 0; /* -0 is no other number */
	memcpy(&bits, &value, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

struct word {
	const struct intern_entry *entry;
	uint32_t code;
};

static int by_letters(const void *a, const void *b)
{
	const struct intern_entry *p = ((const struct word *)a)->entry, *q = ((const struct word *)b)->entry;
	size_t least = p->len < q->len ? p->len : q->len;
	int order = strncasecmp(p->bytes, q->bytes, least);

	if (order == 0)
		order = (p->len > q->len) - (p->len < q->len);
	return order ? order : memcmp(p->bytes, q->bytes, least);
}

/* The place of each code among the words in order. */
static uint32_t *ranks_of(const struct intern *dict)
{
	struct word *words = xcalloc(dict->count + 1, sizeof *words);
	uint32_t *ranks = xcalloc(dict->count + 1, sizeof *ranks);

	for (size_t i = 0; i < dict->count; i++)
		words[i] = (struct word){&dict->entries[i], (uint32_t)i};
	qsort(words, dict->count, sizeof *words, by_letters);
	for (size_t i = 0; i < dict->count; i++)
		ranks[words[i].code] = (uint32_t)i;
	free(words);
	return ranks;
}

static void order_by(const struct column *c, bool descending, uint32_t *rows, struct place *places,
                     size_t count)
{
	uint32_t *ranks = c->codes ? ranks_of(c->dict) : NULL;
	const struct place *in_order;

	for (size_t i = 0; i < count; i++) {
		uint64_t key = column_is_missing(c, rows[i]) ? KEY_MISSING
		               : ranks                       ? (uint64_t)ranks[c->codes[rows[i]]] + 1
		                                             : key_of_number(column_number(c, rows[i]));

		places[i] = (struct place){descending && key != KEY_MISSING ? ~key : key, rows[i]};
	}
	free(ranks);
	in_order = sorted(places, places + count, count);
	for (size_t i = 0; i < count; i++)
		rows[i] = in_order[i].row;
}

bool table_order(const struct table *t, const struct row_key *keys, size_t key_count, uint32_t *rows,
                 size_t count, struct progress *progress)
{
	struct place *places = xmalloc(size_mul(2 * count + 1, sizeof *places));
	size_t k = key_count;

	progress_begin(progress, "sorting", "rows", (uint64_t)count * key_count);
	/* By the last key first: those before it leave equal ones as they are. */
	while (k > 0 && !progress_stop(progress)) {
		k--;
		order_by(&t->columns[keys[k].column], keys[k].descending, rows, places, count);
		progress_add(progress, count);
	}
	free(places);
	return k == 0;
}
