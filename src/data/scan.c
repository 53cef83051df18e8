/*
 * Bytes into records. libcsv, strict, decides what a record is. Lines that hold nothing unusual take a
 * fast lane with the same result (a differential test and a fuzzer hold the two against each other): it goes
 * from one delimiter, quote or line end to the next, which structure.c has found. The lane gives up on a line,
 * and libcsv gets it, at the first sign of anything else: a quote inside an unquoted field, a quoted line end, a
 * lone CR, bytes after a closing quote, an over-long field or line.
 */
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "internal.h"

/* So many bytes are looked through at once, or as many as a line has, up to a limit: what is longer goes to
 * libcsv. */
#define WINDOW      ((size_t)32 << 10)
#define WINDOW_MOST ((size_t)4 << 20)

struct scanner {
	const struct layout *layout;
	struct structure structure;
	/* The window: from a line's beginning, over whole lines; where delimiters, quotes and line ends stand in it,
	 * and the first of these places that is not behind us. */
	const char *window, *window_end;
	const uint32_t *place;
	uint32_t *places;
	size_t window_size; /* places has room for all of it */
	struct csv_parser csv;
	bool csv_open;
	struct str text;    /* bytes of fields, as far as they had to be copied; never more than are scanned */
	size_t record_text; /* where those of the record begin */
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

static void window_room(struct scanner *s, size_t size)
{
	free(s->places);
	s->places = xreallocarray(NULL, size + STRUCTURE_SLACK, sizeof(*s->places));
	s->window_size = size;
}

struct scanner *scanner_new(void)
{
	struct scanner *s = xcalloc(1, sizeof(*s));

	str_init(&s->text);
	str_init(&s->squeezed);
	window_room(s, WINDOW);
	s->fields = vec_reserve(NULL, &s->cap, 1, sizeof(*s->fields));
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
	free(s->places);
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
		s->record_text = s->text.len;
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
	size_t at = s->record_text;

	/* Only at the LF, the last byte of what was fed: after a lone CR a quote may yet open. */
	s->row_ended = c == '\n';
	if (s->failed)
		return;
	if (s->count > 0) {
		for (size_t i = 0; i < s->count; i++) {
			s->fields[i].bytes = s->text.data + at;
			at += s->fields[i].len;
		}
		memset(s->text.data + at, 0, FIELD_SLACK);
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
                       struct scan_end *end_of)
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
		end_of->open = true;
		end_of->open_line = s->record_line;
		if (last) {
			s->error_line = s->record_line;
			return error_set(s->err, ERR_USAGE, "field %zu begins with a quote that never ends",
			                 s->count + 1);
		}
	}
	return 0;
}

/* ---- the fast lane ---- */

/* Looks through the next bytes, as far as whole lines go; none: a line that is too long for the lane. */
static void window_open(struct scanner *s, const char *p, const char *stop)
{
	size_t left = (size_t)(stop - p), count;

	for (;;) {
		count = structure_find(&s->structure, p, left < s->window_size ? left : s->window_size, s->places);
		while (count > 0 && p[s->places[count - 1]] != '\n')
			count--;
		if (count > 0 || left <= s->window_size || s->window_size == WINDOW_MOST)
			break;
		window_room(s, s->window_size * 2);
	}
	s->window = p;
	s->place = s->places;
	s->window_end = count > 0 ? p + s->places[count - 1] + 1 : p;
}

/* A quoted field, whose quote is the byte at *mark; returns the byte after its closing quote, or NULL. */
static const char *lane_quoted(struct scanner *s, struct field *f, const uint32_t **mark)
{
	const char quote = (char)s->layout->quote, *window = s->window;
	const uint32_t *at = *mark + 1;
	const char *begin = window + **mark + 1;
	char *copy = NULL;
	size_t copied = 0;

	for (;; at++) {
		const char *p = window + *at;

		if (*p == '\n' || *p == '\r')
			return NULL;
		if (*p != quote)
			continue;
		if (p[1] != quote) {
			*mark = at + 1;
			f->bytes = begin;
			f->len = (size_t)(p - begin);
			if (copy) {
				memcpy(copy + copied, begin, f->len);
				f->bytes = copy;
				f->len += copied;
				s->text.len += f->len;
				memset(copy + f->len, 0, FIELD_SLACK);
			}
			return p + 1;
		}
		/* Doubled: what stands so far, with one quote, goes into the text (room was made by scan_bytes). */
		if (!copy)
			copy = s->text.data + s->text.len;
		memcpy(copy + copied, begin, (size_t)(p - begin) + 1);
		copied += (size_t)(p - begin) + 1;
		begin = p + 2;
		at++;
	}
}

/* One record of one line into s->fields; false if libcsv must see it. */
static bool lane_record(struct scanner *s, const char *p, const char **next)
{
	const struct layout *l = s->layout;
	const char *window = s->window, quote = (char)l->quote;
	const uint32_t *mark = s->place;
	const bool trim = l->trim, blanks = l->blanks;
	const size_t max = l->max_field;
	struct field *f = s->fields, *room = f + s->cap;

	for (;;) {
		const char *end;
		char c;

		if (f == room) {
			s->count = s->cap;
			field_room(s);
			f = s->fields + s->count;
			room = s->fields + s->cap;
		}
		if (trim)
			for (; is_blank((unsigned char)*p) && (blanks || (unsigned char)*p != l->delimiter); p++)
				mark += blanks;
		end = window + *mark;
		if (*end == quote && quote) {
			if (end != p)
				return false;
			end = lane_quoted(s, f, &mark);
			if (!end)
				return false;
			if (trim && !blanks)
				while (is_blank((unsigned char)*end) && (unsigned char)*end != l->delimiter)
					end++;
			if (end != window + *mark || *end == quote)
				return false;
		} else {
			f->bytes = p;
			f->len = (size_t)(end - p);
			if (trim)
				while (f->len > 0 && is_blank((unsigned char)p[f->len - 1]))
					f->len--;
		}
		if (f->len > max)
			return false;
		f++;
		for (; blanks && is_blank((unsigned char)*end); end++)
			mark++;
		c = *end;
		if (c == '\r' && end[1] == '\n') {
			end++;
			mark++;
			c = '\n';
		}
		if (c == '\n') {
			s->count = (size_t)(f - s->fields);
			s->place = mark + 1;
			*next = end + 1;
			return true;
		}
		if (c == '\r')
			return false;
		/* Between fields separated by blanks the next one begins here. */
		p = end;
		if (!blanks) {
			p++;
			mark++;
		}
	}
}

/* The lane's place after libcsv, a comment or a blank line went on. */
static inline void lane_follow(struct scanner *s, const char *p)
{
	while (s->window + *s->place < p)
		s->place++;
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
	const char special[STRUCTURE_BYTES] = {'\n', '\r', (char)l->delimiter, l->quote ? (char)l->quote : '\n',
	                                       l->blanks ? '\t' : '\n'};
	int rc = -1;

	s->layout = l;
	s->fn = fn;
	s->user = user;
	s->err = err;
	s->line = 1;
	s->error_line = 1;
	memset(end, 0, sizeof(*end));
	s->window_end = p;
	structure_init(&s->structure, special, STRUCTURE_BYTES, l->level);
	csv_begin(s);
	/* The lane writes unquoted text without asking for room, and nothing of it may move. */
	str_clear(&s->text);
	s->text.data = vec_anew(s->text.cap ? s->text.data : NULL, &s->text.cap, len + FIELD_SLACK, 1);
	while (p < stop) {
		const char *next;
		bool taken = false;

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
		if (p >= s->window_end && !l->libcsv_only)
			window_open(s, p, stop);
		if (p < s->window_end) {
			size_t text = s->text.len;

			lane_follow(s, p);
			taken = lane_record(s, p, &next);
			if (!taken)
				s->text.len = text;
		}
		if (taken) {
			if (emit(s, s->line) < 0)
				goto out;
			s->line++;
		} else if (slow_record(s, p, stop, last, &next, end) < 0) {
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
