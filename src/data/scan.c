/*
 * Bytes into records. libcsv, strict, decides what a record is. Lines that hold nothing unusual take a
 * fast lane with the same result (a differential test and a fuzzer hold the two against each other); the
 * lane gives up on a line, and libcsv gets it, at the first sign of anything else: a quote inside an
 * unquoted field, a quoted line end, a lone CR, bytes after a closing quote, an over-long field.
 */
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "internal.h"

enum { BYTE_PLAIN, BYTE_DELIMITER, BYTE_LF, BYTE_CR, BYTE_QUOTE };

struct scanner {
	const struct layout *layout;
	unsigned char kind[256];
	struct csv_parser csv;
	bool csv_open;
	struct str text; /* bytes of the record's fields, as far as they had to be copied */
	struct field *fields;
	size_t count, cap;
	struct str squeezed;
	/* while libcsv runs */
	record_fn *fn;
	void *user;
	struct error *err;
	bool failed;
	bool row_ended; /* the line that was fed ended outside quotes */
	bool after_cr;
	uint64_t line, record_line, error_line;
};

struct scanner *scanner_new(void)
{
	struct scanner *s = xcalloc(1, sizeof(*s));

	str_init(&s->text);
	str_init(&s->squeezed);
	return s;
}

void scanner_free(struct scanner *s)
{
	if (!s)
		return;
	if (s->csv_open)
		csv_free(&s->csv);
	str_release(&s->text);
	str_release(&s->squeezed);
	free(s->fields);
	free(s);
}

static inline bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void csv_begin(struct scanner *s)
{
	const struct layout *l = s->layout;

	if (s->csv_open)
		csv_free(&s->csv);
	/* Only a NULL parser makes csv_init fail. */
	csv_init(&s->csv, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_REPALL_NL);
	/* Its own step of 128 bytes copies a long field thousands of times. */
	csv_set_blk_size(&s->csv, 65536);
	s->csv_open = true;
	csv_set_delim(&s->csv, l->delimiter);
	csv_set_quote(&s->csv, (unsigned char)l->quote); /* 0: no byte that could occur, NUL being refused */
	if (!l->trim || l->blanks)
		csv_set_space_func(&s->csv, no_space);
}

static inline void field_room(struct scanner *s)
{
	if (s->count == s->cap)
		s->fields = vec_reserve(s->fields, &s->cap, s->count + 1, sizeof(*s->fields));
}

static int emit(struct scanner *s, uint64_t line)
{
	const struct layout *l = s->layout;

	if (l->end_mark) {
		struct field *f = &s->fields[s->count - 1];

		if (f->len == 0 || (unsigned char)f->bytes[f->len - 1] != l->end_mark) {
			s->error_line = line;
			return error_set(s->err, ERR_USAGE, "the record does not end with \"%c\" as the others do",
			                 l->end_mark);
		}
		f->len--;
	}
	if (s->fn(s->user, line, s->fields, s->count, s->err) < 0) {
		s->error_line = line;
		return -1;
	}
	return 0;
}

/* ---- the way through libcsv ---- */

static void on_field(void *bytes, size_t len, void *user)
{
	struct scanner *s = user;
	const char *p = bytes;

	if (s->failed)
		return;
	s->row_ended = false;
	s->after_cr = false;
	if (len > s->layout->max_field) {
		s->failed = true;
		s->error_line = s->record_line;
		error_set(s->err, ERR_USAGE, "field %zu is longer than %zu bytes", s->count + 1,
		          s->layout->max_field);
		return;
	}
	if (s->count == 0)
		str_clear(&s->text);
	field_room(s);
	/* The text may still move: the place for now, the address at the end of the row. */
	s->fields[s->count].bytes = NULL;
	s->fields[s->count].len = len;
	s->count++;
	if (len > 0)
		str_add(&s->text, p, len);
	for (size_t i = 0; i < len; i++)
		if (p[i] == '\n' || (p[i] == '\r' && (i + 1 == len || p[i + 1] != '\n')))
			s->line++;
}

static void on_row(int c, void *user)
{
	struct scanner *s = user;
	size_t at = 0;

	/* Only at the LF, the last byte of what was fed: after a lone CR a quote may yet open. */
	s->row_ended = c == '\n';
	if (s->failed)
		return;
	if (s->count > 0) {
		for (size_t i = 0; i < s->count; i++) {
			s->fields[i].bytes = s->text.data + at;
			at += s->fields[i].len;
		}
		if (emit(s, s->record_line) < 0)
			s->failed = true;
		s->count = 0;
	} else if (c == '\n' && s->after_cr) {
		s->after_cr = false; /* the second half of CR LF */
		s->record_line = s->line;
		return;
	}
	s->line++;
	s->after_cr = c == '\r';
	s->record_line = s->line;
}

/* One blank for a run of blanks outside quotes; none at the ends of the line. */
static void squeeze(struct scanner *s, const char *p, size_t len, bool *quoted)
{
	bool gap = false;

	str_clear(&s->squeezed);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		if (!*quoted && is_blank(c)) {
			gap = s->squeezed.len > 0;
			continue;
		}
		if (gap && c != '\n' && c != '\r')
			str_addc(&s->squeezed, ' ');
		gap = false;
		if (s->layout->quote && c == s->layout->quote)
			*quoted = !*quoted;
		str_addc(&s->squeezed, (char)c);
	}
}

/* Feeds whole lines to libcsv until it stands between two records. */
static int slow_record(struct scanner *s, const char *p, const char *end, bool last, const char **next,
                       bool *open)
{
	size_t pending = 0; /* bytes of whole lines since the last field ended */
	bool quoted = false;

	s->record_line = s->line;
	s->count = 0;
	s->failed = false;
	s->after_cr = false;
	do {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)(lf - p) + 1, had = s->count;
		const char *feed = p;

		s->row_ended = false;
		if (s->layout->blanks) {
			squeeze(s, p, len, &quoted);
			feed = s->squeezed.data;
			len = s->squeezed.len;
		}
		if (csv_parse(&s->csv, feed, len, on_field, on_row, s) < len && !s->failed) {
			int code = csv_error(&s->csv), quote = s->layout->quote;

			s->error_line = s->record_line;
			if (code != CSV_EPARSE)
				return error_set(s->err, ERR_ENV, "libcsv: %s", csv_strerror(code));
			return error_set(s->err, ERR_USAGE,
			                 "field %zu has a quote in the wrong place (a quoted field begins and ends with "
			                 "%c, and a %c inside it is "
			                 "doubled); if quotes mean nothing in this file, say --quote none",
			                 s->count + 1, quote, quote);
		}
		if (s->failed)
			return -1;
		pending = s->count == had ? pending + len : 0;
		p = lf + 1;
		if (!s->row_ended && pending > s->layout->max_field) {
			s->error_line = s->record_line;
			return error_set(s->err, ERR_USAGE,
			                 "field %zu begins with a quote that does not end within %zu bytes", s->count + 1,
			                 s->layout->max_field);
		}
	} while (!s->row_ended && p < end);
	*next = p;
	if (!s->row_ended) {
		*open = true;
		if (last) {
			s->error_line = s->record_line;
			return error_set(s->err, ERR_USAGE, "field %zu begins with a quote that never ends",
			                 s->count + 1);
		}
	}
	return 0;
}

/* ---- the fast lane ---- */

/* A quoted field from the byte after its quote; returns the byte after its closing quote, or NULL. */
static const unsigned char *lane_quoted(struct scanner *s, const unsigned char *p)
{
	const unsigned char quote = (unsigned char)s->layout->quote;
	const unsigned char *begin = p;
	char *copy = NULL;
	size_t copied = 0;

	for (;;) {
		while (*p != quote && *p != '\n' && *p != '\r')
			p++;
		if (*p != quote)
			return NULL;
		if (p[1] != quote)
			break;
		/* Doubled: what stands so far, with one quote, goes into the text (room was made by scan_bytes). */
		if (!copy)
			copy = s->text.data + s->text.len;
		memcpy(copy + copied, begin, (size_t)(p - begin) + 1);
		copied += (size_t)(p - begin) + 1;
		p += 2;
		begin = p;
	}
	if (copy) {
		memcpy(copy + copied, begin, (size_t)(p - begin));
		copied += (size_t)(p - begin);
		s->text.len += copied;
		s->fields[s->count].bytes = copy;
		s->fields[s->count].len = copied;
	} else {
		s->fields[s->count].bytes = (const char *)begin;
		s->fields[s->count].len = (size_t)(p - begin);
	}
	return p + 1;
}

/* One record of one line into s->fields; false if libcsv must see it. */
static bool lane_record(struct scanner *s, const unsigned char *p, const char **next)
{
	const struct layout *l = s->layout;
	const unsigned char *kind = s->kind;
	const size_t max = l->max_field;
	const bool trim = l->trim, blanks = l->blanks;

	s->count = 0;
	s->text.len = 0;
	for (;;) {
		struct field *f;

		field_room(s);
		f = &s->fields[s->count];
		if (trim)
			while (is_blank(*p) && (blanks || *p != l->delimiter))
				p++;
		if (kind[*p] == BYTE_QUOTE) {
			p = lane_quoted(s, p + 1);
			if (!p)
				return false;
			if (trim && !blanks)
				while (is_blank(*p) && *p != l->delimiter)
					p++;
			if (kind[*p] == BYTE_PLAIN || kind[*p] == BYTE_QUOTE)
				return false;
		} else {
			const unsigned char *begin = p, *end;

			while (kind[*p] == BYTE_PLAIN)
				p++;
			if (kind[*p] == BYTE_QUOTE)
				return false;
			end = p;
			if (trim)
				while (end > begin && is_blank(end[-1]))
					end--;
			f->bytes = (const char *)begin;
			f->len = (size_t)(end - begin);
		}
		if (s->fields[s->count].len > max)
			return false;
		s->count++;
		if (blanks)
			while (is_blank(*p))
				p++;
		if (kind[*p] == BYTE_DELIMITER) {
			p++;
			continue;
		}
		if (kind[*p] == BYTE_CR) {
			if (p[1] != '\n')
				return false;
			p++;
		}
		if (*p == '\n') {
			*next = (const char *)p + 1;
			return true;
		}
		/* Between fields separated by blanks the next one begins here. */
	}
}

static bool blank_line(const struct scanner *s, const char *p, const char **next)
{
	if (s->layout->trim)
		while (is_blank((unsigned char)*p) &&
		       (s->layout->blanks || (unsigned char)*p != s->layout->delimiter))
			p++;
	if (*p == '\r' && p[1] == '\n')
		p++;
	*next = p + 1;
	return *p == '\n';
}

int scan_bytes(struct scanner *s, const struct layout *l, const char *bytes, size_t len, bool last,
               record_fn *fn, void *user, struct scan_end *end, struct error *err)
{
	const char *p = bytes, *stop = bytes + len;
	int rc = -1;

	s->layout = l;
	s->fn = fn;
	s->user = user;
	s->err = err;
	s->line = 1;
	s->error_line = 1;
	memset(end, 0, sizeof(*end));
	memset(s->kind, BYTE_PLAIN, sizeof(s->kind));
	s->kind[l->delimiter] = BYTE_DELIMITER;
	if (l->blanks)
		s->kind['\t'] = BYTE_DELIMITER;
	s->kind['\n'] = BYTE_LF;
	s->kind['\r'] = BYTE_CR;
	if (l->quote)
		s->kind[l->quote] = BYTE_QUOTE;
	csv_begin(s);
	/* The lane writes unquoted text without asking for room. */
	str_clear(&s->text);
	if (s->text.cap < len + 1)
		s->text.data = vec_reserve(s->text.cap ? s->text.data : NULL, &s->text.cap, len + 1, 1);
	while (p < stop) {
		const char *next;

		if (l->comment && (unsigned char)*p == l->comment) {
			p = (const char *)memchr(p, '\n', (size_t)(stop - p)) + 1;
			s->line++;
			continue;
		}
		if (blank_line(s, p, &next)) {
			p = next;
			s->line++;
			continue;
		}
		if (!l->libcsv_only && lane_record(s, (const unsigned char *)p, &next)) {
			if (emit(s, s->line) < 0)
				goto out;
			s->line++;
		} else if (slow_record(s, p, stop, last, &next, &end->open) < 0) {
			goto out;
		}
		p = next;
	}
	rc = 0;
out:
	end->lines = s->line - 1;
	end->error_line = s->error_line;
	return rc;
}
