/*
 * What the person did not say about the layout, from the first lines of the first file. Everything
 * that was found out this way is said in a note; every guess can be overruled by an option.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal.h"

#define SAMPLE_RECORDS 2000
#define LEADING_MAX    20

void note_add(struct note_list *n, const char *format, ...)
{
	struct str text;
	va_list args;

	str_init(&text);
	va_start(args, format);
	str_addvf(&text, format, args);
	va_end(args);
	n->items = vec_reserve(n->items, &n->cap, n->count + 1, sizeof(*n->items));
	n->items[n->count++] = xmemdup0(text.data, text.len);
	str_release(&text);
}

void note_list_release(struct note_list *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->items[i]);
	free(n->items);
	memset(n, 0, sizeof(*n));
}

void layout_from(struct layout *l, const struct reading *r, const struct table_options *o)
{
	memset(l, 0, sizeof(*l));
	l->blanks = r->delimiter == READ_BLANKS;
	l->delimiter = (unsigned char)(r->delimiter == READ_GUESS ? ',' : r->delimiter);
	l->trim = l->blanks || r->trim == READ_YES;
	l->quote = r->quote == READ_GUESS ? '"' : r->quote;
	l->comment = r->comment > 0 ? r->comment : 0;
	l->end_mark = r->end_mark > 0 ? r->end_mark : 0;
	l->max_field = o && o->max_field ? o->max_field : (size_t)1 << 20;
	if (l->max_field >= UINT32_MAX)
		l->max_field = UINT32_MAX - 1; /* slices keep lengths of texts in 32 bits */
	l->libcsv_only = o && o->libcsv_only;
	l->level = o ? o->level : SCAN_BEST;
}

/* ---- the sample, cut up with one layout ---- */

struct sample {
	struct arena *arena;
	struct scanner *scanner;
	struct sample_record {
		struct field *fields;
		size_t count;
		uint64_t line;
	} * records;
	size_t count, cap;
};

static int keep_record(void *user, uint64_t line, const struct field *fields, size_t count, struct error *err)
{
	struct sample *s = user;
	struct sample_record *r;

	(void)err;
	if (s->count == SAMPLE_RECORDS)
		return -1; /* enough */
	s->records = vec_reserve(s->records, &s->cap, s->count + 1, sizeof(*s->records));
	r = &s->records[s->count++];
	r->line = line;
	r->count = count;
	r->fields = arena_array(s->arena, count, sizeof(*r->fields));
	memcpy(r->fields, fields, count * sizeof(*fields));
	return 0;
}

/* Up to the first malformed record: what comes before it is sample enough. Fields stand in the bytes, or are the
 * scanner's, which scans nothing else. */
static void sample_take(struct sample *s, const struct layout *l, const char *bytes, size_t len)
{
	struct scan_end end;
	struct error ignored;

	*s = (struct sample){.arena = arena_new(), .scanner = scanner_new()};
	if (len)
		scan_bytes(s->scanner, l, bytes, len, false, keep_record, s, &end, &ignored);
}

static void sample_release(struct sample *s)
{
	scanner_free(s->scanner);
	arena_free(s->arena);
	free(s->records);
}

/* The most frequent number of fields, and how many records have it. */
static size_t usual_count(const struct sample *s, size_t *records)
{
	size_t best = 0, best_records = 0;

	for (size_t i = 0; i < s->count; i++) {
		size_t same = 0;

		if (i > 0 && s->records[i].count == s->records[i - 1].count)
			continue;
		for (size_t k = 0; k < s->count; k++)
			same += s->records[k].count == s->records[i].count;
		if (same > best_records || (same == best_records && s->records[i].count > best)) {
			best = s->records[i].count;
			best_records = same;
		}
	}
	*records = best_records;
	return best;
}

/* ---- delimiter, comment, skip, trim ---- */

static void guess_delimiter(struct reading *r, const char *bytes, size_t len, struct note_list *notes)
{
	static const struct {
		int byte;
		const char *name;
	} candidates[] = {
	    {',', "commas"}, {'\t', "tabs"}, {';', "semicolons"}, {'|', "bars"}, {READ_BLANKS, "blanks"}};
	double best = 0;
	size_t chosen = 0, columns = 1;

	for (size_t i = 0; i < COUNT_OF(candidates); i++) {
		struct reading trial = *r;
		struct layout layout;
		struct sample s;
		size_t usual, records;
		double share;

		/* What leads the lines as a comment does not separate fields. */
		if (candidates[i].byte == r->comment)
			continue;
		trial.delimiter = candidates[i].byte;
		trial.trim = READ_YES;
		trial.end_mark = READ_NO;
		layout_from(&layout, &trial, NULL);
		sample_take(&s, &layout, bytes, len);
		usual = usual_count(&s, &records);
		share = s.count ? (double)records / (double)s.count : 0;
		sample_release(&s);
		/* Blanks are in text too: they must cut (nearly) every line alike, and count only if nothing else
		 * does. */
		if (usual < 2 || share < 0.5 || (candidates[i].byte == READ_BLANKS && (columns > 1 || share < 0.99)))
			continue;
		if (share > best) {
			best = share;
			chosen = i;
			columns = usual;
		}
	}
	r->delimiter = candidates[chosen].byte;
	if (columns == 1)
		note_add(notes, "no delimiter found: one column");
	else if (chosen != 0)
		note_add(notes, "fields are separated by %s", candidates[chosen].name);
}

/* Lines before the data: comments if each begins with the same sign of a comment, else to be skipped if they
 * hold one field only. A header with a wrong number of names is neither: that is an error to be seen. */
static void guess_leading(struct reading *r, const char *bytes, size_t len, struct note_list *notes)
{
	struct reading trial = *r;
	struct layout layout;
	struct sample s;
	size_t usual, records, leading = 0;
	int sign = 0;

	trial.trim = READ_YES;
	trial.end_mark = READ_NO;
	trial.comment = READ_NO;
	layout_from(&layout, &trial, NULL);
	sample_take(&s, &layout, bytes, len);
	usual = usual_count(&s, &records);
	if (r->comment == READ_GUESS && s.count > 1) {
		/* By lines, since a comment may hold anything. */
		const char *p = bytes, *end = bytes + len;
		size_t lines = 0;

		if (strchr("#|%", *p) && *p && *p != r->delimiter) {
			sign = (unsigned char)*p;
			while (p < end && (unsigned char)*p == sign) {
				const char *lf = memchr(p, '\n', (size_t)(end - p));

				lines++;
				if (!lf)
					break;
				p = lf + 1;
			}
			/* A '#' that begins a header of as many names is part of the first name. */
			if (lines == 1 && s.records[0].count == usual && usual > 1)
				sign = 0;
			else if (p >= end)
				sign = 0;
		}
		if (sign)
			note_add(notes, "lines that begin with %c are comments (%zu at the beginning)", sign, lines);
	}
	if (r->comment == READ_GUESS)
		r->comment = sign ? sign : READ_NO;
	if (r->skip == READ_GUESS) {
		r->skip = 0;
		if (!sign && usual > 1) {
			while (leading < s.count && leading < LEADING_MAX && s.records[leading].count == 1)
				leading++;
			if (leading > 0 && leading < s.count && s.records[leading].count == usual) {
				r->skip = (int)(s.records[leading].line - 1);
				note_add(notes, "the first %d line%s %s before the data and %s left out", r->skip,
				         r->skip > 1 ? "s" : "", r->skip > 1 ? "stand" : "stands",
				         r->skip > 1 ? "are" : "is");
			}
		}
	}
	sample_release(&s);
}

static void guess_trim(struct reading *r, const char *bytes, size_t len, struct note_list *notes)
{
	size_t delimiters = 0, blanks = 0;
	bool quoted = false;

	r->trim = READ_NO;
	if (r->delimiter == READ_BLANKS) {
		r->trim = READ_YES;
		return;
	}
	for (size_t i = 0; i + 1 < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (r->quote > 0 && c == r->quote)
			quoted = !quoted;
		if (quoted || c != r->delimiter || bytes[i + 1] == '\n' || bytes[i + 1] == '\r')
			continue;
		delimiters++;
		blanks += bytes[i + 1] == ' ' || (bytes[i + 1] == '\t' && r->delimiter != '\t');
	}
	if (delimiters && blanks * 10 >= delimiters * 9) {
		r->trim = READ_YES;
		note_add(notes, "blanks around fields are left out");
	}
}

/* ---- header ---- */

static bool is_number(const struct field *f)
{
	struct number_facts facts = {0};
	double value;

	return cell_number(f->bytes, f->len, &value, &facts);
}

static bool same(const struct field *a, const struct field *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

static bool all_named_apart(const struct sample_record *r)
{
	struct intern names;
	bool apart = true;

	intern_init(&names);
	for (size_t i = 0; i < r->count && apart; i++)
		apart = r->fields[i].len > 0 && intern_add(&names, r->fields[i].bytes, r->fields[i].len) == i;
	intern_release(&names);
	return apart;
}

/* Does the first record name columns? A number or a missing value there: no. Names over a column of
 * numbers: yes. Only text everywhere: yes, unless the first record holds values of the others. */
static bool looks_like_header(const struct sample *s, const struct missing_set *missing)
{
	const struct sample_record *first = &s->records[0];
	bool over_numbers = false, repeats = false;

	for (size_t i = 0; i < first->count; i++) {
		const struct field *name = &first->fields[i];
		size_t numbers = 0, values = 0;
		double value;

		/* "inf" can well be a name. */
		if (num_parse(name->bytes, name->len, &value) ||
		    (name->len > 0 && missing_set_find(missing, name->bytes, name->len) >= 0))
			return false;
		for (size_t k = 1; k < s->count; k++) {
			const struct field *cell;

			if (i >= s->records[k].count)
				continue;
			cell = &s->records[k].fields[i];
			if (missing_set_find(missing, cell->bytes, cell->len) >= 0)
				continue;
			values++;
			numbers += is_number(cell);
			repeats = repeats || same(name, cell);
		}
		over_numbers = over_numbers || (values > 0 && numbers == values);
	}
	return over_numbers || (!repeats && all_named_apart(first));
}

static bool is_the_names(const struct sample *s, const struct reading *r)
{
	const struct sample_record *first = &s->records[0];

	if (first->count != r->name_count)
		return false;
	for (size_t i = 0; i < r->name_count; i++)
		if (first->fields[i].len != strlen(r->names[i]) ||
		    strncasecmp(first->fields[i].bytes, r->names[i], first->fields[i].len) != 0)
			return false;
	return true;
}

static void guess_header(struct reading *r, const struct sample *s, const struct missing_set *missing,
                         struct note_list *notes)
{
	bool header;

	if (s->count == 0)
		header = true; /* no record to judge by: what follows says that the file holds nothing */
	else if (r->like && r->name_count)
		header = is_the_names(s, r);
	else
		header = looks_like_header(s, missing) || (r->name_count && is_the_names(s, r));
	r->header = header ? READ_YES : READ_NO;
	if (!header && !r->name_count)
		note_add(notes, "no header: columns are called c1, c2, …");
	else if (!header && !r->like)
		note_add(notes, "no header: the first record is data");
	else if (header && r->name_count && !r->like)
		note_add(notes, "the first record is a header; the given names are used instead of it");
}

/* Every record ends with the same period although the last field looks like a class: the record
 * terminator of C4.5 files. Text that happens to end with periods has many different values. */
static void guess_end_mark(struct reading *r, const struct sample *s, struct note_list *notes)
{
	size_t from = r->header ? 1 : 0, records = s->count - (s->count < from ? s->count : from), different = 0;
	struct intern seen;

	r->end_mark = READ_NO;
	if (records < 2)
		return;
	intern_init(&seen);
	for (size_t i = from; i < s->count; i++) {
		const struct field *f = &s->records[i].fields[s->records[i].count - 1];

		if (f->len < 2 || f->bytes[f->len - 1] != '.' || memchr(f->bytes, ' ', f->len))
			goto out;
		intern_add(&seen, f->bytes, f->len);
	}
	different = seen.count;
	if (different > 20 || (different * 2 > records && r->comment != '|'))
		goto out;
	r->end_mark = '.';
	note_add(
	    notes,
	    "every record ends with a period, which is left out of the last field (C4.5 files are written so)");
out:
	intern_release(&seen);
}

void guess_layout(struct reading *r, const char *bytes, size_t len, struct note_list *notes)
{
	struct missing_set missing;
	struct layout layout;
	struct sample s;
	bool skip_given = r->skip >= 0;

	if (r->quote == READ_GUESS)
		r->quote = '"';
	for (int i = 0; i < r->skip && len; i++) {
		const char *lf = memchr(bytes, '\n', len);
		size_t line = lf ? (size_t)(lf - bytes) + 1 : len;

		bytes += line;
		len -= line;
	}
	if (len == 0) {
		r->delimiter = r->delimiter == READ_GUESS ? ',' : r->delimiter;
		r->comment = r->comment == READ_GUESS ? READ_NO : r->comment;
		r->trim = r->trim == READ_GUESS ? READ_NO : r->trim;
	}
	if (r->delimiter == READ_GUESS)
		guess_delimiter(r, bytes, len, notes);
	if (len && (r->comment == READ_GUESS || r->skip == READ_GUESS))
		guess_leading(r, bytes, len, notes);
	if (r->skip == READ_GUESS)
		r->skip = 0;
	if (!skip_given)
		for (int i = 0; i < r->skip && len; i++) {
			size_t line = (size_t)((const char *)memchr(bytes, '\n', len) - bytes) + 1;

			bytes += line;
			len -= line;
		}
	if (r->trim == READ_GUESS)
		guess_trim(r, bytes, len, notes);
	if (r->header != READ_GUESS && r->end_mark != READ_GUESS)
		return;
	layout_from(&layout, r, NULL);
	layout.end_mark = 0;
	sample_take(&s, &layout, bytes, len);
	missing_set_init(&missing, r);
	if (r->header == READ_GUESS)
		guess_header(r, &s, &missing, notes);
	if (r->end_mark == READ_GUESS)
		guess_end_mark(r, &s, notes);
	missing_set_release(&missing);
	sample_release(&s);
}
