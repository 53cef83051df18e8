/* JSON out. */
#include <inttypes.h>
#include <math.h>

#include "assay/base.h"

void jw_init(struct json_writer *j, struct str *out)
{
	j->out = out;
	j->need_comma = false;
}

/* Length of the valid UTF-8 character at p, 0 if it is none. */
static size_t utf8_length(const unsigned char *p, size_t len)
{
	size_t n = p[0] < 0x80                   ? 1
	           : p[0] >= 0xC2 && p[0] < 0xE0 ? 2
	           : (p[0] & 0xF0) == 0xE0       ? 3
	           : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
	                                         : 0;

	if (!n || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
	    (p[0] == 0xF4 && p[1] > 0x8F))
		return 0;
	return n;
}

bool utf8_is_valid(const char *bytes, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_length((const unsigned char *)bytes + i, len - i);
		if (!n)
			return false;
	}
	return true;
}

static void write_string(struct str *out, const char *bytes, size_t len)
{
	const unsigned char *p = (const unsigned char *)bytes;

	str_addc(out, '"');
	for (size_t i = 0; i < len;) {
		size_t n = utf8_length(p + i, len - i);

		if (!n) {
			str_adds(out, "\xEF\xBF\xBD");
			i++;
			continue;
		}
		if (p[i] == '"' || p[i] == '\\') {
			str_addc(out, '\\');
			str_addc(out, (char)p[i]);
		} else if (p[i] == '\n') {
			str_adds(out, "\\n");
		} else if (p[i] == '\t') {
			str_adds(out, "\\t");
		} else if (p[i] < 0x20 || p[i] == 0x7F) {
			str_addf(out, "\\u%04x", p[i]);
		} else {
			str_add(out, p + i, n);
		}
		i += n;
	}
	str_addc(out, '"');
}

static void begin_value(struct json_writer *j, const char *key)
{
	if (j->need_comma)
		str_addc(j->out, ',');
	j->need_comma = true;
	if (key) {
		write_string(j->out, key, strlen(key));
		str_addc(j->out, ':');
	}
}

static void open_with(struct json_writer *j, const char *key, char c)
{
	begin_value(j, key);
	str_addc(j->out, c);
	j->need_comma = false;
}

static void close_with(struct json_writer *j, char c)
{
	str_addc(j->out, c);
	j->need_comma = true;
}

void jw_object(struct json_writer *j, const char *key)
{
	open_with(j, key, '{');
}

void jw_object_end(struct json_writer *j)
{
	close_with(j, '}');
}

void jw_array(struct json_writer *j, const char *key)
{
	open_with(j, key, '[');
}

void jw_array_end(struct json_writer *j)
{
	close_with(j, ']');
}

void jw_string(struct json_writer *j, const char *key, const char *text)
{
	if (text)
		jw_string_n(j, key, text, strlen(text));
	else
		jw_null(j, key);
}

void jw_string_n(struct json_writer *j, const char *key, const char *bytes, size_t len)
{
	begin_value(j, key);
	write_string(j->out, bytes, len);
}

void jw_int(struct json_writer *j, const char *key, int64_t value)
{
	begin_value(j, key);
	str_addf(j->out, "%" PRId64, value);
}

void jw_bool(struct json_writer *j, const char *key, bool value)
{
	begin_value(j, key);
	str_adds(j->out, value ? "true" : "false");
}

void jw_null(struct json_writer *j, const char *key)
{
	begin_value(j, key);
	str_adds(j->out, "null");
}

void jw_num(struct json_writer *j, const char *key, double value, const char *why)
{
	char text[NUM_TEXT];

	if (isfinite(value)) {
		begin_value(j, key);
		str_adds(j->out, num_shortest(value, text));
		return;
	}
	jw_null(j, key);
	if (why && key) {
		struct str name;

		str_init(&name);
		str_addf(&name, "%s_why", key);
		jw_string(j, name.data, why);
		str_release(&name);
	}
}

void jw_raw(struct json_writer *j, const char *key, const char *json_text)
{
	begin_value(j, key);
	str_adds(j->out, json_text);
}

void jw_measured(struct json_writer *j, const char *key, double value)
{
	if (isfinite(value))
		jw_num(j, key, value, NULL);
	else
		jw_raw(j, key, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}
