/* Numbers of the finder: counters ("3/50", "[120]") and values, told apart by what stands around them. */
#include <ctype.h>
#include <math.h>
#include <strings.h>

#include "finder.h"

/* A whole number without sign at p; NULL if there is none or it goes on as something else. */
const char *scan_count(const char *p, const char *end, int64_t *n)
{
	int64_t value = 0;
	int digits = 0;

	for (; p < end && isdigit((unsigned char)*p); p++, digits++) {
		if (digits >= 15)
			return NULL;
		value = value * 10 + (*p - '0');
	}
	if (digits == 0)
		return NULL;
	*n = value;
	return p;
}

/* "3", "3/50", "[3]", "[3/50]", "#3", "[ 3/50 (6%)" with what follows the number left alone. */
const char *scan_counter(const char *p, const char *end, struct count *out)
{
	struct count c = {.have = true};
	bool bracket = false;

	while (p < end && (is_blank(*p) || *p == '#' || *p == '[')) {
		bracket |= *p == '[';
		p++;
	}
	if (!(p = scan_count(p, end, &c.n)))
		return NULL;
	if (p < end && *p == '/') {
		const char *q = scan_count(p + 1, end, &c.total);
		if (q) {
			c.has_total = c.total > 0;
			p = q;
		}
	}
	/* "3.5", "3x", "12:30" are no counters, and "2026/11/27" is a day. */
	if (p < end && (isalnum((unsigned char)*p) || *p == '_'))
		return NULL;
	if (p + 1 < end && strchr(".:-/", *p) && isdigit((unsigned char)p[1]))
		return NULL;
	if (bracket && p < end && *p == ']')
		p++;
	*out = c;
	return p;
}

static const char *scan_special(const char *p, const char *end, double *value)
{
	static const char *const words[] = {"infinity", "inf", "nan"};
	bool minus = p < end && *p == '-';

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(end - p) >= n && strncasecmp(p, words[i], n) == 0 &&
		    ((size_t)(end - p) == n || !isalnum((unsigned char)p[n]))) {
			*value = words[i][0] == 'n' ? (double)NAN : minus ? -(double)INFINITY : (double)INFINITY;
			return p + n;
		}
	}
	return NULL;
}

/* A unit, a percent sign or another number behind the value makes it something else; a word behind a
 * whole number makes it a count of things. */
static bool ends_well(const char *p, const char *end, bool real)
{
	const char *q = p;
	struct span word;

	if (p == end)
		return true;
	if (!is_blank(*p) && !strchr(",;|)]}'\"", *p))
		return false;
	if (*p == ',' && p + 1 < end && isdigit((unsigned char)p[1]))
		return false; /* 1,234 or a decimal comma */
	while (q < end && *q == ' ')
		q++;
	if (q == end || q == p)
		return true;
	if (*q == '%' || isdigit((unsigned char)*q) || (*q == '-' && q + 1 < end && isdigit((unsigned char)q[1])))
		return false;
	word.at = q;
	while (q < end && (isalpha((unsigned char)*q) || *q == '/'))
		q++;
	word.len = (size_t)(q - word.at);
	if (q < end && (isdigit((unsigned char)*q) || *q == '_' || *q == '=' || *q == ':'))
		return true; /* the next name, not a unit */
	if (!real && word.len > 0)
		return false;
	return word.len == 0 || !word_is_unit(word);
}

/* A value at p: where it ends, or NULL. *real: not a whole number. */
const char *scan_value(const char *p, const char *end, double *value, bool *real)
{
	const char *from, *stop;
	char quote = 0;

	while (p < end && is_blank(*p))
		p++;
	if (p < end && (*p == '"' || *p == '\''))
		quote = *p++;
	from = p;
	if ((stop = scan_special(p, end, value))) {
		*real = false;
	} else {
		if (p < end && (*p == '-' || *p == '+'))
			p++;
		while (p < end &&
		       (isdigit((unsigned char)*p) || *p == '.' || ((*p == 'e' || *p == 'E') && p > from) ||
		        ((*p == '-' || *p == '+') && (p[-1] == 'e' || p[-1] == 'E'))))
			p++;
		stop = p;
		if (stop > from && stop[-1] == '.')
			stop--; /* the end of a sentence, or "1." */
		if (!num_parse(from, (size_t)(stop - from), value))
			return NULL;
		*real = memchr(from, '.', (size_t)(stop - from)) || memchr(from, 'e', (size_t)(stop - from)) ||
		        memchr(from, 'E', (size_t)(stop - from));
		if (stop < p && p < end && !is_blank(*p))
			return NULL;
		stop = p;
	}
	if (quote) {
		if (stop == end || *stop != quote)
			return NULL;
		stop++;
	}
	return ends_well(stop, end, *real) ? stop : NULL;
}
