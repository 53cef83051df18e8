/* The canonical text of a reading, and digests. One fact a line, in a fixed order. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define FIRST_LINE "assay-reading 1"

/* "…" with \" \\ and \xHH for controls: one line whatever the bytes are. */
static void add_quoted(struct str *out, const char *text)
{
	str_addc(out, '"');
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\') {
			str_addc(out, '\\');
			str_addc(out, (char)*p);
		} else if (*p < 0x20 || *p == 0x7F) {
			str_addf(out, "\\x%02X", *p);
		} else {
			str_addc(out, (char)*p);
		}
	}
	str_addc(out, '"');
}

static void add_byte(struct str *out, const char *key, int value)
{
	str_adds(out, key);
	str_addc(out, ' ');
	if (value <= 0) {
		str_adds(out, "none");
	} else {
		char text[2] = {(char)value, '\0'};

		add_quoted(out, text);
	}
	str_addc(out, '\n');
}

void reading_canonical(const struct reading *r, struct str *out)
{
	if (!r->resolved)
		bug("canonical text of a reading that is not resolved");
	str_adds(out, FIRST_LINE "\n");
	/* What it is by itself is not written: readings were there before there was a choice. */
	if (r->encoding > ENCODING_UTF8)
		str_addf(out, "encoding %s\n", encoding_name((enum encoding)r->encoding));
	if (r->delimiter == READ_BLANKS)
		str_adds(out, "delimiter blanks\n");
	else
		add_byte(out, "delimiter", r->delimiter);
	add_byte(out, "quote", r->quote);
	str_addf(out, "header %s\n", r->header ? "yes" : "no");
	str_addf(out, "skip %d\n", r->skip);
	add_byte(out, "comment", r->comment);
	str_addf(out, "trim %s\n", r->trim ? "yes" : "no");
	add_byte(out, "end-mark", r->end_mark);
	for (size_t i = 0; i < r->missing_count; i++) {
		str_adds(out, "missing ");
		add_quoted(out, r->missing[i]);
		str_addc(out, '\n');
	}
	if (r->positive) {
		str_adds(out, "positive ");
		add_quoted(out, r->positive);
		str_addc(out, '\n');
	}
	/* With a header: names that were given instead of those in the file. */
	if (r->header && r->name_count)
		str_adds(out, "renamed yes\n");
	for (size_t i = 0; i < r->column_count; i++) {
		str_adds(out, "column ");
		add_quoted(out, r->columns[i].name);
		str_addf(out, " %s ", column_type_name(r->columns[i].type));
		column_roles_text(r->columns[i].roles, out);
		str_addc(out, '\n');
	}
}

/* ---- back ---- */

struct cursor {
	const char *p, *end;
	int line;
	struct intern columns; /* by name, so far */
};

static bool take(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(c->end - c->p) < len || memcmp(c->p, text, len) != 0)
		return false;
	c->p += len;
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_quoted(struct cursor *c, struct str *out)
{
	str_clear(out);
	if (!take(c, "\""))
		return false;
	for (; c->p < c->end && *c->p != '"' && *c->p != '\n'; c->p++) {
		if (*c->p != '\\') {
			if ((unsigned char)*c->p < 0x20 || *c->p == 0x7F)
				return false;
			str_addc(out, *c->p);
			continue;
		}
		if (++c->p == c->end)
			return false;
		if (*c->p == '"' || *c->p == '\\') {
			str_addc(out, *c->p);
		} else if (*c->p == 'x' && c->end - c->p > 2) {
			int high = hex_digit(c->p[1]), low = hex_digit(c->p[2]), byte = high * 16 + low;

			/* Only what add_quoted writes so: the same reading has one text. */
			if (high < 0 || low < 0 || byte == 0 || (byte >= 0x20 && byte != 0x7F))
				return false;
			str_addc(out, (char)byte);
			c->p += 2;
		} else {
			return false;
		}
	}
	return take(c, "\"");
}

static bool take_byte(struct cursor *c, const char *key, bool none, int *out)
{
	struct str text;
	bool ok;

	if (!take(c, key) || !take(c, " "))
		return false;
	if (none && take(c, "none\n")) {
		*out = READ_NO;
		return true;
	}
	str_init(&text);
	ok = take_quoted(c, &text) && text.len == 1 && text.data[0] != '\n' && text.data[0] != '\r' &&
	     take(c, "\n");
	if (ok)
		*out = (unsigned char)text.data[0];
	str_release(&text);
	return ok;
}

static bool take_yes_no(struct cursor *c, const char *key, int *out)
{
	if (!take(c, key))
		return false;
	if (take(c, " yes\n"))
		*out = READ_YES;
	else if (take(c, " no\n"))
		*out = READ_NO;
	else
		return false;
	return true;
}

static bool take_skip(struct cursor *c, int *out)
{
	const char *begin;
	int64_t lines;

	if (!take(c, "skip "))
		return false;
	for (begin = c->p; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++)
		;
	if (!int_parse(begin, (size_t)(c->p - begin), &lines) || lines > READ_SKIP_MAX ||
	    (*begin == '0' && c->p - begin > 1))
		return false;
	*out = (int)lines;
	return take(c, "\n");
}

static bool take_roles(struct cursor *c, unsigned *roles)
{
	static const char *const names[] = {"label", "protected", "background", "weight", "time", "id"};
	size_t from = 0;

	*roles = 0;
	if (take(c, "feature\n"))
		return true;
	for (;;) {
		size_t i;

		for (i = from; i < COUNT_OF(names); i++)
			if (take(c, names[i]))
				break;
		if (i == COUNT_OF(names))
			return false;
		*roles |= 1u << i;
		from = i + 1; /* in this order: one text for one set */
		if (take(c, "\n"))
			return true;
		if (!take(c, ","))
			return false;
	}
}

static bool take_column(struct cursor *c, struct reading *r, struct str *text)
{
	enum column_type type;
	struct reading_column *column;
	unsigned roles;
	const char *begin;
	char name[8];
	size_t len;

	if (!take_quoted(c, text) || text->len == 0 || !take(c, " ") ||
	    intern_add(&c->columns, text->data, text->len) < r->column_count)
		return false;
	for (begin = c->p; c->p < c->end && *c->p >= 'a' && *c->p <= 'z'; c->p++)
		;
	len = (size_t)(c->p - begin);
	if (len >= sizeof(name))
		return false;
	memcpy(name, begin, len);
	name[len] = '\0';
	if (!column_type_parse(name, &type) || !take(c, " ") || !take_roles(c, &roles))
		return false;
	column = reading_add_column(r, text->data);
	column->type = type;
	column->roles = roles;
	return true;
}

static bool take_all(struct cursor *c, struct reading *r, struct str *text, bool *renamed)
{
	if (!take(c, FIRST_LINE "\n"))
		return false;
	r->encoding = take(c, "encoding latin-1\n")  ? ENCODING_LATIN1
	              : take(c, "encoding utf-16\n") ? ENCODING_UTF16
	                                             : ENCODING_UTF8;
	if (take(c, "delimiter blanks\n"))
		r->delimiter = READ_BLANKS;
	else if (!take_byte(c, "delimiter", false, &r->delimiter) || r->delimiter == READ_BLANKS)
		return false;
	if (!take_byte(c, "quote", true, &r->quote) || !take_yes_no(c, "header", &r->header) ||
	    !take_skip(c, &r->skip) || !take_byte(c, "comment", true, &r->comment) ||
	    !take_yes_no(c, "trim", &r->trim) || !take_byte(c, "end-mark", true, &r->end_mark))
		return false;
	while (take(c, "missing ")) {
		if (!take_quoted(c, text) || !take(c, "\n"))
			return false;
		r->missing = xreallocarray(r->missing, r->missing_count + 1, sizeof(*r->missing));
		r->missing[r->missing_count++] = xstrdup(text->data);
	}
	if (take(c, "positive ")) {
		if (!take_quoted(c, text) || !take(c, "\n"))
			return false;
		r->positive = xstrdup(text->data);
	}
	*renamed = take(c, "renamed yes\n");
	while (take(c, "column "))
		if (!take_column(c, r, text))
			return false;
	return c->p == c->end && r->missing_count > 0 && r->column_count > 0 && (!*renamed || r->header);
}

int reading_parse(const char *text, size_t len, struct reading *r, struct error *err)
{
	struct cursor c = {.p = text, .end = text + len, .line = 1};
	bool renamed, ok;
	struct str word;

	reading_init(r);
	str_init(&word);
	intern_init(&c.columns);
	ok = take_all(&c, r, &word, &renamed);
	intern_release(&c.columns);
	str_release(&word);
	if (!ok) {
		for (const char *p = text; p < c.p && p < c.end; p++)
			c.line += *p == '\n';
		reading_release(r);
		return error_set(err, ERR_USAGE, "line %d of a reading is not as this program writes it", c.line);
	}
	r->resolved = true;
	if (renamed || !r->header) {
		r->name_count = r->column_count;
		r->names = xcalloc(r->name_count, sizeof(*r->names));
		for (size_t i = 0; i < r->name_count; i++)
			r->names[i] = xstrdup(r->columns[i].name);
	}
	return 0;
}

void reading_digest(const struct reading *r, char hex[SHA256_TEXT])
{
	struct str text;

	str_init(&text);
	reading_canonical(r, &text);
	sha256_hex(text.data, text.len, hex);
	str_release(&text);
}

void data_version_digest(const struct table_file *files, size_t count, const struct reading *r,
                         char hex[SHA256_TEXT])
{
	struct str text;
	char digest[SHA256_TEXT];

	str_init(&text);
	str_adds(&text, "assay-data 1\n");
	for (size_t i = 0; i < count; i++)
		str_addf(&text, "file %s\n", files[i].sha256);
	reading_digest(r, digest);
	str_addf(&text, "reading %s\n", digest);
	sha256_hex(text.data, text.len, hex);
	str_release(&text);
}
