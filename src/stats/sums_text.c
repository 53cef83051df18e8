/* Exact sums as one line of text and back. */
#include <inttypes.h>
#include <math.h>

#include "sums.h"

static const char *const kinds[] = {"each", "frequency", "sampling"};
enum { VERSION = 1 };

static void add_hex(struct str *out, const uint64_t *limbs, int count)
{
	for (int i = 0; i < count; i++)
		str_addf(out, " %" PRIx64, limbs[i]);
}

static uint64_t bits_of(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static void view_text(const struct sums_view *v, struct str *out)
{
	str_addf(out, " %zu %zu", v->bucket_count, v->product_count);
	add_hex(out, (const uint64_t[]){v->first.mantissa, v->first.key, v->last.mantissa, v->last.key}, 4);
	for (size_t i = 0; i < v->bucket_count; i++) {
		add_hex(out, &v->buckets[i].key, 1);
		for (int p = 0; p < POWERS; p++)
			add_hex(out, v->buckets[i].power[p], POWER_LIMBS);
		add_hex(out, v->buckets[i].weight2, 3);
	}
	for (size_t i = 0; i < v->product_count; i++) {
		add_hex(out, &v->products[i].key, 1);
		add_hex(out, v->products[i].sum, 4);
	}
}

void stats_sums_text(const struct stats_sums *s, struct str *out)
{
	str_addf(out, "sums %d %s %d %d %d", VERSION, kinds[s->kind], s->are_decimals, s->are_doubles, s->places);
	add_hex(out,
	        (const uint64_t[]){s->rows, s->nan, s->pos_inf, s->neg_inf, s->taken, bits_of(s->min),
	                           bits_of(s->max)},
	        7);
	if (s->are_decimals)
		view_text(&s->by_decimal, out);
	if (s->are_doubles)
		view_text(&s->by_double, out);
}

/* ---- back ---- */

struct reader {
	const char *at, *end;
	bool wrong;
};

static bool next_word(struct reader *r, const char **word, size_t *len)
{
	while (r->at < r->end && *r->at == ' ')
		r->at++;
	*word = r->at;
	while (r->at < r->end && *r->at != ' ')
		r->at++;
	*len = (size_t)(r->at - *word);
	r->wrong |= *len == 0;
	return !r->wrong;
}

static uint64_t next_number(struct reader *r, unsigned base, uint64_t most)
{
	const char *word;
	size_t len;
	uint64_t value = 0;
	if (!next_word(r, &word, &len))
		return 0;
	r->wrong |= len > 16;
	for (size_t i = 0; i < len && !r->wrong; i++) {
		unsigned c = (unsigned char)word[i], digit = c - '0' < 10 ? c - '0' : c - 'a' < 6 ? c - 'a' + 10 : 99;
		r->wrong |= digit >= base;
		value = value * base + digit;
	}
	r->wrong |= value > most;
	return r->wrong ? 0 : value;
}

static bool next_is(struct reader *r, const char *expected)
{
	const char *word;
	size_t len;
	return next_word(r, &word, &len) && len == strlen(expected) && !memcmp(word, expected, len);
}

static void next_limbs(struct reader *r, uint64_t *limbs, int count)
{
	for (int i = 0; i < count; i++)
		limbs[i] = next_number(r, 16, UINT64_MAX);
}

/* The units of values must be such as doubles have. Of the value or product: none finer than those. */
static void check_unit(struct reader *r, uint64_t key, int values, struct unit *finest)
{
	struct unit u = sums_unit(key, values);
	r->wrong |= u.places > values * PLACES_MAX || u.binary < values * -1074 || u.binary > values * 971 ||
	            (u.places && u.binary) || u.weight_binary < -1074 || u.weight_binary > 0;
	if (!finest)
		return;
	r->wrong |= u.places > values * finest->places || u.binary < values * finest->binary;
}

static void read_view(struct reader *r, struct sums_view *v)
{
	/* A limb takes two bytes at least. */
	size_t room = (size_t)(r->end - r->at) / 2;
	size_t buckets = (size_t)next_number(r, 10, room), products = (size_t)next_number(r, 10, room);
	uint64_t ends[4];
	struct unit finest = {0, 0, 0, false};
	next_limbs(r, ends, 4);
	v->first = (struct parts){ends[0], ends[1]};
	v->last = (struct parts){ends[2], ends[3]};
	for (size_t i = 0; i < buckets && !r->wrong; i++) {
		uint64_t key = next_number(r, 16, UINT64_MAX);
		check_unit(r, key, 1, NULL);
		if (r->wrong)
			return;
		struct unit u = sums_unit(key, 1);
		finest.places = u.places > finest.places ? u.places : finest.places;
		finest.binary = u.binary < finest.binary ? u.binary : finest.binary;
		struct bucket *b = sums_bucket(v, key);
		for (int p = 0; p < POWERS; p++)
			next_limbs(r, b->power[p], POWER_LIMBS);
		next_limbs(r, b->weight2, 3);
	}
	for (size_t i = 0; i < products && !r->wrong; i++) {
		uint64_t key = next_number(r, 16, UINT64_MAX);
		check_unit(r, key | KEY_WEIGHT_ONE, 2, &finest);
		if (!r->wrong)
			next_limbs(r, sums_product(v, key)->sum, 4);
	}
	r->wrong |= v->bucket_count != buckets || v->product_count != products;
	if (buckets) {
		check_unit(r, v->first.key | KEY_WEIGHT_ONE, 1, &finest);
		check_unit(r, v->last.key | KEY_WEIGHT_ONE, 1, &finest);
	}
}

struct stats_sums *stats_sums_parse(const char *text, size_t len, struct error *err)
{
	struct reader r = {text, text + len, false};
	struct stats_sums *s = stats_sums_new(STATS_ONE_EACH);
	const char *word;
	size_t word_len, kind = 0;
	uint64_t head[7];
	if (!next_is(&r, "sums") || next_number(&r, 10, UINT64_MAX) != VERSION ||
	    !next_word(&r, &word, &word_len))
		goto wrong;
	while (kind < COUNT_OF(kinds) && (strlen(kinds[kind]) != word_len || memcmp(kinds[kind], word, word_len)))
		kind++;
	if (kind == COUNT_OF(kinds))
		goto wrong;
	s->kind = (enum stats_weights)kind;
	s->are_decimals = next_number(&r, 10, 1);
	s->are_doubles = next_number(&r, 10, 1);
	s->places = (int)next_number(&r, 10, PLACES_MAX);
	next_limbs(&r, head, 7);
	s->rows = head[0];
	s->nan = head[1];
	s->pos_inf = head[2];
	s->neg_inf = head[3];
	s->taken = head[4];
	memcpy(&s->min, &head[5], sizeof s->min);
	memcpy(&s->max, &head[6], sizeof s->max);
	if (s->are_decimals)
		read_view(&r, &s->by_decimal);
	if (s->are_doubles)
		read_view(&r, &s->by_double);
	const struct sums_view *view = s->are_decimals ? &s->by_decimal : &s->by_double;
	if (r.wrong || r.at != r.end || !s->are_doubles || isnan(s->min) || isnan(s->max) ||
	    !s->taken != !view->bucket_count || !s->taken != !s->rows)
		goto wrong;
	return s;
wrong:
	stats_sums_free(s);
	error_set(err, ERR_USAGE, "sums of a column: this text was not written by this version, or is damaged");
	return NULL;
}
