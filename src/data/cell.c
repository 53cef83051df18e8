/* One cell: is it missing, a number, a truth value? */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal.h"

void missing_set_init(struct missing_set *m, const struct reading *r)
{
	size_t count = r->missing_count ? r->missing_count : READING_MISSING_DEFAULT_COUNT;

	memset(m, 0, sizeof(*m));
	m->count = count;
	m->texts = xcalloc(count, sizeof(*m->texts));
	m->lens = xcalloc(count, sizeof(*m->lens));
	m->empty = -1;
	for (size_t i = 0; i < count; i++) {
		m->texts[i] = r->missing_count ? r->missing[i] : READING_MISSING_DEFAULT[i];
		m->lens[i] = strlen(m->texts[i]);
		if (m->lens[i] == 0)
			m->empty = (int)i;
		else
			m->first[(unsigned char)m->texts[i][0]] = true;
	}
}

void missing_set_release(struct missing_set *m)
{
	free(m->texts);
	free(m->lens);
	memset(m, 0, sizeof(*m));
}

int missing_set_find(const struct missing_set *m, const char *bytes, size_t len)
{
	if (len == 0)
		return m->empty;
	if (!m->first[(unsigned char)bytes[0]])
		return -1;
	for (size_t i = 0; i < m->count; i++)
		if (m->lens[i] == len && !memcmp(m->texts[i], bytes, len))
			return (int)i;
	return -1;
}

static bool is_infinity(const char *p, size_t len, double *value)
{
	bool negative = false;

	if (len && (*p == '-' || *p == '+')) {
		negative = *p == '-';
		p++;
		len--;
	}
	if (!(len == 3 && !strncasecmp(p, "inf", 3)) && !(len == 8 && !strncasecmp(p, "infinity", 8)))
		return false;
	*value = negative ? -INFINITY : INFINITY;
	return true;
}

static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                             1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

bool cell_number(const char *bytes, size_t len, double *value, struct number_facts *facts)
{
	const char *p = bytes, *end = bytes + len;
	bool negative = false;
	uint64_t n = 0;

	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	/* Up to 19 digits fit; most cells of most files end here. */
	if (p < end && end - p <= 19) {
		const char *digits = p, *point = NULL;

		for (; p < end && ((unsigned)(*p - '0') < 10 || (*p == '.' && !point)); p++) {
			if (*p == '.')
				point = p;
			else
				n = n * 10 + (uint64_t)(*p - '0');
		}
		if (p == end && !point) {
			*value = negative ? -(double)n : (double)n;
			facts->whole = true;
			facts->zero_led = *digits == '0' && end - digits > 1;
			facts->rounded = n > UINT64_C(1) << 53;
			return true;
		}
		/* Exact in one rounding, as in num_parse: a whole number below 2^53 by a power of ten up to 10^22. */
		if (p == end && end - digits > 1 && n <= UINT64_C(1) << 53) {
			double v = (double)n / ten[end - point - 1];

			*value = negative ? -v : v;
			facts->whole = facts->zero_led = facts->rounded = false;
			return true;
		}
	}
	facts->zero_led = false;
	facts->rounded = false;
	if (!num_parse(bytes, len, value)) {
		facts->whole = false;
		return is_infinity(bytes, len, value);
	}
	while (len && (*bytes == ' ' || *bytes == '\t')) {
		bytes++;
		len--;
	}
	while (len && (bytes[len - 1] == ' ' || bytes[len - 1] == '\t'))
		len--;
	facts->whole = true;
	for (size_t i = *bytes == '-' || *bytes == '+' ? 1 : 0; i < len && facts->whole; i++)
		facts->whole = bytes[i] >= '0' && bytes[i] <= '9';
	if (facts->whole) {
		size_t sign = *bytes == '-' || *bytes == '+' ? 1 : 0;

		facts->zero_led = bytes[sign] == '0' && len - sign > 1;
		facts->rounded = fabs(*value) > 0x1p53;
	}
	return true;
}

bool cell_bool(const char *bytes, size_t len, double *value)
{
	static const struct {
		const char *text;
		double value;
	} words[] = {{"true", 1}, {"false", 0}, {"yes", 1}, {"no", 0}};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strlen(words[i].text) == len && !strncasecmp(bytes, words[i].text, len)) {
			*value = words[i].value;
			return true;
		}
	return false;
}
