/*
 * Reading an event line.
 *
 * A parser of its own: json-c builds a tree a line, at a third of the speed, and turns whole numbers beyond
 * 64 bits into other ones. Its answers are the measure in the tests all the same.
 */
#include <math.h>
#include <stdlib.h>

#include "event.h"

enum { DEEPEST = 32 };

struct cursor {
	const char *start, *at, *end;
	struct event *e;
};

enum value_kind { VALUE_TEXT, VALUE_NUMBER, VALUE_TRUE, VALUE_FALSE, VALUE_NULL, VALUE_NESTED };
struct value {
	enum value_kind kind;
	struct slice text; /* of a string decoded; else as it stands in the line */
	/* Of a number of at most 18 digits without an exponent, read on the way: all digits, and how many of them stand
	 * behind the point. places -1: it is to be read from the text. */
	uint64_t digits;
	int places;
	bool negative;
};

void event_init(struct event *e)
{
	*e = (struct event){0};
	str_init(&e->decoded);
}

void event_release(struct event *e)
{
	str_release(&e->decoded);
	free(e->metrics);
}

static bool bad(struct cursor *c, const char *format, ...) PRINTF_LIKE(2, 3);

static bool bad(struct cursor *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->e->why, sizeof(c->e->why), format, args);
	va_end(args);
	return false;
}

static bool bad_json(struct cursor *c, const char *what)
{
	return bad(c, "not JSON at byte %zu: %s", (size_t)(c->at - c->start) + 1, what);
}

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\r' || *c->at == '\n'))
		c->at++;
}

/* ---- strings ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hex digits at p, or -1. */
static int read_unit(const struct cursor *c, const char *p)
{
	int unit = 0;

	if (c->end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static void put_utf8(struct str *out, unsigned code)
{
	char bytes[4];
	size_t len = 0;

	if (code < 0x80) {
		bytes[len++] = (char)code;
	} else if (code < 0x800) {
		bytes[len++] = (char)(0xC0 | code >> 6);
		bytes[len++] = (char)(0x80 | (code & 0x3F));
	} else {
		if (code < 0x10000) {
			bytes[len++] = (char)(0xE0 | code >> 12);
		} else {
			bytes[len++] = (char)(0xF0 | code >> 18);
			bytes[len++] = (char)(0x80 | (code >> 12 & 0x3F));
		}
		bytes[len++] = (char)(0x80 | (code >> 6 & 0x3F));
		bytes[len++] = (char)(0x80 | (code & 0x3F));
	}
	str_add(out, bytes, len);
}

/* At "\u": one code point, two units where they are a pair; half a pair becomes U+FFFD. */
static bool read_unicode(struct cursor *c, struct str *out)
{
	int unit = read_unit(c, c->at + 2), low;
	unsigned code = (unsigned)unit;

	if (unit < 0)
		return bad_json(c, "\\u wants four hex digits");
	if (!unit)
		return bad(c, "a NUL in text, at byte %zu", (size_t)(c->at - c->start) + 1);
	c->at += 6;
	if (unit >= 0xD800 && unit < 0xDC00 && c->end - c->at >= 6 && c->at[0] == '\\' && c->at[1] == 'u' &&
	    (low = read_unit(c, c->at + 2)) >= 0xDC00 && low < 0xE000) {
		code = 0x10000 + ((unsigned)unit - 0xD800) * 0x400 + ((unsigned)low - 0xDC00);
		c->at += 6;
	} else if (unit >= 0xD800 && unit < 0xE000) {
		code = 0xFFFD;
	}
	put_utf8(out, code);
	return true;
}

/* From the first backslash on: into e->decoded, which has room for the whole line and so does not move. */
static bool read_escaped(struct cursor *c, const char *from, struct slice *out)
{
	static const char escapes[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	struct str *text = &c->e->decoded;
	size_t start = text->len;

	str_add(text, from, (size_t)(c->at - from));
	for (;;) {
		const char *plain = c->at, *known;

		while (c->at < c->end && *c->at != '"' && *c->at != '\\' && (unsigned char)*c->at >= 0x20)
			c->at++;
		str_add(text, plain, (size_t)(c->at - plain));
		if (c->at == c->end)
			return bad_json(c, "the line ends within text");
		if (*c->at == '"')
			break;
		if (*c->at != '\\')
			return bad_json(c, "a control character within text");
		if (c->end - c->at < 2)
			return bad_json(c, "the line ends within text");
		if (c->at[1] == 'u') {
			if (!read_unicode(c, text))
				return false;
			continue;
		}
		known = c->at[1] ? strchr(escapes, c->at[1]) : NULL;
		if (!known)
			return bad_json(c, "no such escape");
		str_addc(text, means[known - escapes]);
		c->at += 2;
	}
	c->at++;
	*out = (struct slice){text->data + start, text->len - start};
	return true;
}

static bool read_text(struct cursor *c, struct slice *out)
{
	const char *from = ++c->at;

	while (c->at < c->end && *c->at != '"' && *c->at != '\\' && (unsigned char)*c->at >= 0x20)
		c->at++;
	if (c->at == c->end)
		return bad_json(c, "the line ends within text");
	if (*c->at == '\\') {
		if (!c->e->decoded.cap || c->e->decoded.cap <= (size_t)(c->end - c->start)) {
			/* Only the first time in a line: nothing points into it yet. */
			str_add(&c->e->decoded, c->start, (size_t)(c->end - c->start));
			str_clear(&c->e->decoded);
		}
		return read_escaped(c, from, out);
	}
	if (*c->at != '"')
		return bad_json(c, "a control character within text");
	*out = (struct slice){from, (size_t)(c->at - from)};
	c->at++;
	return true;
}

/* ---- other values ---- */

static bool is_digit(const struct cursor *c)
{
	return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static bool take_word(struct cursor *c, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len))
		return false;
	c->at += len;
	return true;
}

/* What runs over in more than 18 digits is not used. */
static const char *read_digits(const struct cursor *c, uint64_t *digits)
{
	const char *at = c->at, *end = c->end;
	uint64_t n = *digits;

	while (at < end && *at >= '0' && *at <= '9')
		n = n * 10 + (uint64_t)(*at++ - '0');
	*digits = n;
	return at;
}

static bool read_number(struct cursor *c, struct value *v)
{
	const char *from = c->at, *first, *point;

	v->kind = VALUE_NUMBER;
	v->digits = 0;
	v->places = -1;
	v->negative = *c->at == '-';
	if (*c->at == '-') {
		c->at++;
		if (take_word(c, "Infinity"))
			goto done;
	}
	if (!is_digit(c))
		return bad_json(c, "a digit is missing");
	first = c->at;
	if (*c->at == '0')
		c->at++;
	else
		c->at = read_digits(c, &v->digits);
	point = c->at;
	if (c->at < c->end && *c->at == '.') {
		c->at++;
		if (!is_digit(c))
			return bad_json(c, "a digit is missing after the point");
		c->at = read_digits(c, &v->digits);
	}
	if (c->at - first <= 19)
		v->places = c->at > point ? (int)(c->at - point) - 1 : 0;
	if (c->at - first == 19 && c->at == point)
		v->places = -1; /* 19 digits and no point */
	if (c->at < c->end && (*c->at == 'e' || *c->at == 'E')) {
		c->at++;
		v->places = -1;
		if (c->at < c->end && (*c->at == '+' || *c->at == '-'))
			c->at++;
		if (!is_digit(c))
			return bad_json(c, "a digit is missing in the exponent");
		while (is_digit(c))
			c->at++;
	}
done:
	v->text = (struct slice){from, (size_t)(c->at - from)};
	return true;
}

static bool read_value(struct cursor *c, struct value *v, int depth);

/* Passes over an object or array at c->at. */
static bool pass_nested(struct cursor *c, int depth)
{
	char close = *c->at == '{' ? '}' : ']';
	struct value v;

	if (depth >= DEEPEST)
		return bad_json(c, "nested too deeply");
	c->at++;
	skip_blanks(c);
	if (c->at < c->end && *c->at == close) {
		c->at++;
		return true;
	}
	for (;;) {
		skip_blanks(c);
		if (close == '}') {
			if (c->at == c->end || *c->at != '"')
				return bad_json(c, "a key is missing");
			if (!read_text(c, &v.text))
				return false;
			skip_blanks(c);
			if (c->at == c->end || *c->at != ':')
				return bad_json(c, "\":\" is missing");
			c->at++;
			skip_blanks(c);
		}
		if (!read_value(c, &v, depth + 1))
			return false;
		skip_blanks(c);
		if (c->at < c->end && *c->at == ',') {
			c->at++;
			continue;
		}
		if (c->at == c->end || *c->at != close)
			return bad_json(c, "\",\" or the end is missing");
		c->at++;
		return true;
	}
}

static bool read_value(struct cursor *c, struct value *v, int depth)
{
	const char *from = c->at;

	v->places = -1;
	if (c->at == c->end)
		return bad_json(c, "the line ends too early");
	switch (*c->at) {
	case '"':
		v->kind = VALUE_TEXT;
		return read_text(c, &v->text);
	case '{':
	case '[':
		v->kind = VALUE_NESTED;
		if (!pass_nested(c, depth))
			return false;
		break;
	case 't':
		v->kind = VALUE_TRUE;
		if (!take_word(c, "true"))
			return bad_json(c, "no such word");
		break;
	case 'f':
		v->kind = VALUE_FALSE;
		if (!take_word(c, "false"))
			return bad_json(c, "no such word");
		break;
	case 'n':
		v->kind = VALUE_NULL;
		if (!take_word(c, "null"))
			return bad_json(c, "no such word");
		break;
	case 'N':
		v->kind = VALUE_NUMBER;
		if (!take_word(c, "NaN"))
			return bad_json(c, "no such word");
		break;
	case 'I':
		v->kind = VALUE_NUMBER;
		if (!take_word(c, "Infinity"))
			return bad_json(c, "no such word");
		break;
	default:
		if (*c->at != '-' && !is_digit(c))
			return bad_json(c, "a value is missing");
		return read_number(c, v);
	}
	v->text = (struct slice){from, (size_t)(c->at - from)};
	return true;
}

/* ---- what the values mean ---- */

static bool as_number(struct cursor *c, const char *key, const struct value *v, double *out)
{
	static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
	                             1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
	const char *text = v->text.text;

	if (v->kind != VALUE_NUMBER)
		return bad(c, "\"%s\" wants a number", key);
	/* Both exact: the quotient is rounded once, and so is the nearest double (as num_parse does it). */
	if (v->places >= 0 && v->digits <= UINT64_C(1) << 53) {
		*out = (double)v->digits / ten[v->places];
		*out = v->negative ? -*out : *out;
		return true;
	}
	if (text[0] == 'N') {
		*out = (double)NAN;
	} else if (text[0] == 'I' || (text[0] == '-' && text[1] == 'I')) {
		*out = text[0] == 'I' ? (double)INFINITY : -(double)INFINITY;
	} else {
		num_parse(text, v->text.len, out);
		if (!isfinite(*out))
			return bad(c, "\"%s\" is too large for a number of 64 bits", key);
	}
	return true;
}

/* A whole number; 120.0 and 1.2e2 are whole as well. */
static bool as_whole(struct cursor *c, const char *key, const struct value *v, int64_t *out)
{
	double number;

	if (v->kind == VALUE_NUMBER && v->places == 0) {
		*out = v->negative ? -(int64_t)v->digits : (int64_t)v->digits;
		return true;
	}
	if (v->kind == VALUE_NUMBER && int_parse(v->text.text, v->text.len, out))
		return true;
	if (v->kind != VALUE_NUMBER || !as_number(c, key, v, &number) || number != floor(number))
		return bad(c, "\"%s\" wants a whole number", key);
	if (fabs(number) > 9007199254740992.0)
		return bad(c, "\"%s\" does not fit in 64 bits", key);
	*out = (int64_t)number;
	return true;
}

static bool as_text(struct cursor *c, const char *key, const struct value *v, struct slice *out)
{
	if (v->kind != VALUE_TEXT)
		return bad(c, "\"%s\" wants text", key);
	*out = v->text;
	return true;
}

static bool read_metrics(struct cursor *c)
{
	struct event *e = c->e;

	if (c->at == c->end || *c->at != '{')
		return bad(c, "\"metrics\" wants an object of numbers");
	c->at++;
	skip_blanks(c);
	if (c->at < c->end && *c->at == '}') {
		c->at++;
		return true;
	}
	for (;;) {
		struct event_metric *m;
		struct value v;

		skip_blanks(c);
		e->metrics = vec_reserve(e->metrics, &e->metric_cap, e->metric_count + 1, sizeof(*e->metrics));
		m = &e->metrics[e->metric_count++];
		if (c->at == c->end || *c->at != '"')
			return bad_json(c, "a key is missing");
		if (!read_text(c, &m->name))
			return false;
		skip_blanks(c);
		if (c->at == c->end || *c->at != ':')
			return bad_json(c, "\":\" is missing");
		c->at++;
		skip_blanks(c);
		if (!read_value(c, &v, 1) || !as_number(c, "metrics", &v, &m->value))
			return false;
		skip_blanks(c);
		if (c->at < c->end && *c->at == ',') {
			c->at++;
			continue;
		}
		if (c->at == c->end || *c->at != '}')
			return bad_json(c, "\",\" or \"}\" is missing");
		c->at++;
		return true;
	}
}

enum key {
	/* in the order of enum event_kind */
	KEY_METRIC,
	KEY_METRICS,
	KEY_PARAM,
	KEY_TAG,
	KEY_ARTIFACT,
	KEY_DATASET,
	KEY_PROGRESS,
	KEY_NOTE,
	KEY_ALERT,
	KEY_VALUE,
	KEY_STEP,
	KEY_TIME,
	KEY_CONTEXT,
	KEY_ROLE,
	KEY_KIND,
	KEYS
};
static const char *const key_names[KEYS] = {"metric",  "metrics",  "param",   "tag",   "artifact",
                                            "dataset", "progress", "note",    "alert", "value",
                                            "step",    "time",     "context", "role",  "kind"};
static const unsigned char key_lengths[KEYS] = {6, 7, 5, 3, 8, 7, 8, 4, 5, 5, 4, 4, 7, 4, 4};

static enum key find_key(struct slice name)
{
	for (int i = 0; name.len && i < KEYS; i++)
		if (key_names[i][0] == *name.text && key_lengths[i] == name.len &&
		    !memcmp(name.text, key_names[i], name.len))
			return (enum key)i;
	return KEYS;
}

static bool take_member(struct cursor *c, enum key key, const struct value *v, struct value *value)
{
	struct event *e = c->e;

	switch (key) {
	case KEY_METRIC:
	case KEY_PARAM:
	case KEY_TAG:
	case KEY_ARTIFACT:
	case KEY_DATASET:
	case KEY_NOTE:
	case KEY_ALERT:
		return as_text(c, key_names[key], v, &e->subject);
	case KEY_PROGRESS:
		return as_number(c, key_names[key], v, &e->number);
	case KEY_VALUE:
		*value = *v;
		return true;
	case KEY_STEP:
		e->has_step = true;
		return as_whole(c, key_names[key], v, &e->step);
	case KEY_TIME:
		e->has_time = true;
		return as_whole(c, key_names[key], v, &e->time);
	case KEY_CONTEXT:
		return as_text(c, key_names[key], v, &e->context);
	case KEY_ROLE:
		return as_text(c, key_names[key], v, &e->role);
	case KEY_KIND:
		return as_text(c, key_names[key], v, &e->kind_word);
	default:
		return true;
	}
}

/* The whole of the line's object, members in any order. */
static bool read_members(struct cursor *c, unsigned *seen, struct value *value)
{
	skip_blanks(c);
	if (c->at == c->end || *c->at != '{')
		return bad_json(c, "a line is an object, {\"metric\":…}");
	c->at++;
	skip_blanks(c);
	if (c->at < c->end && *c->at == '}') {
		c->at++;
		return true;
	}
	for (;;) {
		struct slice name;
		struct value v;
		enum key key;

		skip_blanks(c);
		if (c->at == c->end || *c->at != '"')
			return bad_json(c, "a key is missing");
		if (!read_text(c, &name))
			return false;
		skip_blanks(c);
		if (c->at == c->end || *c->at != ':')
			return bad_json(c, "\":\" is missing");
		c->at++;
		skip_blanks(c);
		key = find_key(name);
		if (key < KEYS && *seen & 1u << key)
			return bad(c, "\"%s\" stands there twice", key_names[key]);
		*seen |= key < KEYS ? 1u << key : 0;
		if (key == KEY_METRICS ? !read_metrics(c) : !read_value(c, &v, 1) || !take_member(c, key, &v, value))
			return false;
		skip_blanks(c);
		if (c->at < c->end && *c->at == ',') {
			c->at++;
			continue;
		}
		if (c->at == c->end || *c->at != '}')
			return bad_json(c, "\",\" or \"}\" is missing");
		c->at++;
		return true;
	}
}

bool event_parse(struct event *e, const char *line, size_t len)
{
	struct cursor c = {line, line, line + len, e};
	struct value value = {.kind = VALUE_NULL, .text = {"", 0}, .places = -1};
	unsigned seen = 0, kinds;

	e->subject = e->value = e->context = e->role = e->kind_word = (struct slice){"", 0};
	e->has_step = e->has_time = false;
	e->metric_count = 0;
	if (e->decoded.len)
		str_clear(&e->decoded);
	if (!read_members(&c, &seen, &value))
		return false;
	skip_blanks(&c);
	if (c.at != c.end)
		return bad_json(&c, "something stands behind the object");
	kinds = seen & ((1u << EVENT_KINDS) - 1);
	if (!kinds)
		return bad(&c, "none of metric, metrics, param, tag, artifact, dataset, progress, note, alert");
	if (kinds & (kinds - 1))
		return bad(&c, "a line says one thing, and this one says two");
	e->kind = EVENT_METRIC;
	while (!(kinds & 1u << e->kind))
		e->kind++;
	if (e->kind == EVENT_METRIC || e->kind == EVENT_PARAM || e->kind == EVENT_TAG) {
		if (!(seen & 1u << KEY_VALUE))
			return bad(&c, "\"value\" is missing");
		if (e->kind == EVENT_METRIC)
			return as_number(&c, "value", &value, &e->number);
		if (value.kind == VALUE_NULL || value.kind == VALUE_NESTED)
			return bad(&c, "\"value\" wants text, a number, true or false");
		e->value = value.text;
	}
	/* NaN takes back what was said. */
	if (e->kind == EVENT_PROGRESS && !isnan(e->number) && !(e->number >= 0 && e->number <= 1))
		return bad(&c, "\"progress\" goes from 0 to 1");
	return true;
}
