/* Before the first record is read: layout, names, first modes of columns. */
#include <stdlib.h>
#include <string.h>

#include "prepare.h"

#define SAMPLE_BYTES ((size_t)256 << 10)

/* ---- names ---- */

struct field header_name(const struct field *f)
{
	struct field name = *f;

	while (name.len && (*name.bytes == ' ' || *name.bytes == '\t')) {
		name.bytes++;
		name.len--;
	}
	while (name.len && (name.bytes[name.len - 1] == ' ' || name.bytes[name.len - 1] == '\t'))
		name.len--;
	return name;
}

static int take_first(void *user, uint64_t line, const struct field *fields, size_t count, struct error *err)
{
	struct first_record *f = user;

	(void)err;
	f->names = arena_array(f->arena, count, sizeof(*f->names));
	f->count = count;
	f->line = line;
	for (size_t i = 0; i < count; i++) {
		struct field name = header_name(&fields[i]);

		f->names[i] = arena_memdup0(f->arena, name.bytes, name.len);
	}
	return -1; /* one is enough */
}

/* The sample, from the first line that counts, which is line `first`; whole lines. */
static int read_sample(struct source *s, uint64_t from, uint64_t first, struct str *out, struct error *err)
{
	uint64_t end;
	int rc = 0;

	str_clear(out);
	source_reach(s, from + SAMPLE_BYTES + 1);
	end = s->size;
	if (s->size - from > SAMPLE_BYTES)
		rc = source_line_after(s, from, from + SAMPLE_BYTES, &end, err);
	if (rc != 0 && (rc < 0 || end == from))
		return rc < 0 ? -1 : source_too_long(s, first, err);
	out->data = vec_reserve(out->cap ? out->data : NULL, &out->cap, (size_t)(end - from) + 2, 1);
	if (source_read(s, from, out->data, (size_t)(end - from), err) < 0)
		return -1;
	out->len = (size_t)(end - from);
	if (out->len && out->data[out->len - 1] != '\n')
		out->data[out->len++] = '\n';
	out->data[out->len] = '\0';
	if (memchr(out->data, '\0', out->len)) {
		uint64_t line = first;

		for (const char *p = out->data; *p; p++)
			line += *p == '\n';
		return error_set(err, ERR_USAGE,
		                 "%s, line %llu: holds a NUL byte: this is not text (a binary file, or UTF-16)",
		                 s->path, (unsigned long long)line);
	}
	return 0;
}

/* Behind blank lines, where there are so many: *from and *line go on to where the sample begins. */
static int read_written_sample(struct source *s, uint64_t *from, uint64_t *line, struct str *out,
                               struct error *err)
{
	for (;;) {
		if (read_sample(s, *from, *line, out, err) < 0)
			return -1;
		if (*from + out->len >= s->size || out->data[strspn(out->data, " \t\r\n")])
			return 0;
		for (size_t i = 0; i < out->len; i++)
			*line += out->data[i] == '\n';
		*from += out->len;
	}
}

int skip_lines(struct source *s, int lines, uint64_t *at, struct error *err)
{
	int rc;

	*at = s->start;
	for (int i = 0; i < lines; i++) {
		if (source_ends(s, *at) && source_fault(s, (uint64_t)i + 1, err) < 0)
			return -1;
		if (*at >= s->size)
			return error_set(err, ERR_USAGE, "%s: has only %d lines; --skip %d leaves nothing", s->path, i,
			                 lines);
		if ((rc = source_line_after(s, *at, *at, at, err)) != 0)
			return rc < 0 ? -1 : source_too_long(s, (uint64_t)i + 1, err);
	}
	return 0;
}

static int name_columns(struct first_record *f, const struct reading *r, const char *path,
                        struct note_list *notes, struct error *err)
{
	struct intern seen;
	int rc = 0;

	if (r->name_count) {
		if (r->name_count != f->count)
			return error_set(err, ERR_USAGE,
			                 "%s, line %llu: the record has %zu field%s, but %zu names are given", path,
			                 (unsigned long long)f->line, f->count, f->count == 1 ? "" : "s", r->name_count);
		for (size_t i = 0; i < f->count; i++)
			f->names[i] = arena_strdup(f->arena, r->names[i]);
		return 0;
	}
	for (size_t i = 0; i < f->count; i++) {
		if (!r->header)
			f->names[i] = arena_printf(f->arena, "c%zu", i + 1);
		if (*f->names[i])
			continue;
		f->names[i] = arena_printf(f->arena, "column_%zu", i + 1);
		note_add(notes, "column %zu has no name: it is called %s", i + 1, f->names[i]);
	}
	intern_init(&seen);
	for (size_t i = 0; i < f->count && rc == 0; i++) {
		size_t first = intern_add(&seen, f->names[i], strlen(f->names[i]));

		if (first < i)
			rc = error_set(err, ERR_USAGE,
			               "%s, line %llu: columns %zu and %zu are both called \"%s\"; give names that "
			               "differ (--names), or say --no-header if "
			               "this is no header",
			               path, (unsigned long long)f->line, first + 1, i + 1, f->names[i]);
	}
	intern_release(&seen);
	return rc;
}

static int check_asked(const struct reading *asked, const struct first_record *f, const char *path,
                       struct error *err)
{
	for (size_t i = 0; i < asked->column_count; i++) {
		const char *name = asked->columns[i].name;
		size_t k = 0;

		if (i < f->count && !strcmp(f->names[i], name))
			continue;
		while (k < f->count && strcmp(f->names[k], name) != 0)
			k++;
		if (k < f->count)
			continue;
		if (asked->resolved)
			return error_set(err, ERR_USAGE, "%s: has no column \"%s\", which the data set has", path, name);
		return error_set(err, ERR_USAGE, "%s: has no column \"%s\"; its columns are %s%s%s%s%s%s", path, name,
		                 f->names[0], f->count > 1 ? ", " : "", f->count > 1 ? f->names[1] : "",
		                 f->count > 2 ? ", " : "", f->count > 2 ? f->names[2] : "",
		                 f->count > 3 ? ", …" : "");
	}
	return 0;
}

bool guesses_utf8(const struct reading *asked)
{
	return asked->encoding == READ_GUESS && asked->delimiter < 0x80 && asked->quote < 0x80 &&
	       asked->comment < 0x80 && asked->end_mark < 0x80;
}

/* Its names would not be found. */
static bool first_is_not_utf8(const struct reading *asked, const struct source *first,
                              const struct str *sample)
{
	struct utf8_count u = {0};

	if (!guesses_utf8(asked) || first->encoding != ENCODING_UTF8 || first->bom)
		return false;
	utf8_count(&u, sample->data, sample->len);
	return u.bad > 0;
}

int prepare(struct table *t, struct source *first, const struct reading *asked,
            const struct table_options *options, struct str *sample, struct first_record *head,
            struct layout *layout, struct note_list *notes, bool *not_utf8, struct error *err)
{
	struct reading *r = &t->reading;
	struct scanner *scanner = scanner_new();
	struct error inner;
	struct scan_end end;
	uint64_t from = first->start, line = 1;
	const bool skips = r->skip != READ_GUESS;
	int rc = -1;

	if (read_written_sample(first, &from, &line, sample, err) < 0)
		goto out;
	if (first_is_not_utf8(asked, first, sample)) {
		*not_utf8 = true;
		goto out;
	}
	guess_layout(r, sample->data, sample->len, notes);
	/* It was guessed from where the sample begins. */
	if (!skips && r->skip > 0)
		r->skip += (int)(line - 1);
	layout_from(layout, r, options);
	if (layout->quote && layout->quote == layout->delimiter) {
		error_set(err, ERR_USAGE, "--quote and --delimiter are the same character");
		goto out;
	}
	if (skip_lines(first, r->skip, &from, err) < 0)
		goto out;
	line = (uint64_t)r->skip + 1;
	/* Behind blank lines and comments, however many. */
	for (;;) {
		if (read_sample(first, from, line, sample, err) < 0)
			goto out;
		if (sample->len &&
		    scan_bytes(scanner, layout, sample->data, sample->len, false, take_first, head, &end, &inner) <
		        0 &&
		    !head->count) {
			*err = inner;
			error_prefix(err, "%s, line %llu", first->path, (unsigned long long)(line + end.error_line - 1));
			goto out;
		}
		if (head->count || sample->len == 0 || end.open || source_ends(first, from + sample->len))
			break;
		from += sample->len;
		line += end.lines;
	}
	head->line += line - 1;
	if (!head->count) {
		uint64_t lines = line;

		for (size_t i = 0; i < sample->len; i++)
			lines += sample->data[i] == '\n';
		if (source_fault(first, lines, err) < 0)
			goto out;
	}
	if (!head->count && sample->len && end.open) {
		error_set(err, ERR_USAGE, "%s, line %llu: a field begins with a quote that does not end", first->path,
		          (unsigned long long)(line + end.open_line - 1));
		goto out;
	}
	if (!head->count) {
		error_set(err, ERR_USAGE, "%s: holds no record, only blank lines%s", first->path,
		          r->comment > 0 ? " and comments" : "");
		goto out;
	}
	/* A read-again of a data set whose columns were counted: say what is wrong in terms of it. */
	if (asked->resolved && head->count != asked->column_count) {
		error_set(err, ERR_USAGE, "%s, line %llu: the record has %zu fields; the data set has %zu columns",
		          first->path, (unsigned long long)head->line, head->count, asked->column_count);
		goto out;
	}
	if (name_columns(head, r, first->path, notes, err) < 0)
		goto out;
	if (!asked->like && check_asked(asked, head, first->path, err) < 0)
		goto out;
	rc = 0;
out:
	scanner_free(scanner);
	return rc;
}

/* ---- modes ---- */

struct mode_sample {
	struct build *build;
	bool skip_first;
	size_t records;
};

static int watch_record(void *user, uint64_t line, const struct field *fields, size_t count,
                        struct error *err)
{
	struct mode_sample *m = user;
	struct build *b = m->build;

	(void)line;
	(void)err;
	if (m->skip_first) {
		m->skip_first = false;
		return 0;
	}
	for (size_t i = 0; i < count && i < b->column_count; i++) {
		struct build_column *c = &b->columns[i];
		struct number_facts facts;
		double value;
		int64_t ms;

		if (c->forced != COLUMN_GUESS || c->mode == CELL_CODES ||
		    missing_set_find(&b->missing, fields[i].bytes, fields[i].len) >= 0)
			continue;
		if (c->mode == CELL_TIME) {
			if (!time_parse(fields[i].bytes, fields[i].len, &ms))
				c->mode = CELL_CODES;
		} else if (!cell_number(fields[i].bytes, fields[i].len, &value, &facts) || facts.zero_led) {
			/* A time only if nothing before it was a number. */
			c->mode =
			    !c->saw_number && time_parse(fields[i].bytes, fields[i].len, &ms) ? CELL_TIME : CELL_CODES;
		} else {
			c->saw_number = true;
		}
	}
	return ++m->records < 1000 ? 0 : -1;
}

void first_modes(struct build *b, const struct reading *asked, const struct str *sample)
{
	struct mode_sample m = {.build = b, .skip_first = b->reading->header == READ_YES};
	struct scanner *scanner = scanner_new();
	struct scan_end end;
	struct error ignored;

	for (size_t i = 0; i < b->column_count; i++) {
		const struct reading_column *said = reading_find_at(asked, i, b->names[i]);
		struct build_column *c = &b->columns[i];

		c->forced = said ? said->type : COLUMN_GUESS;
		/* Labels and weights are looked at by other functions than the profile's. */
		c->pack = b->pack && !(said && said->roles & (ROLE_LABEL | ROLE_WEIGHT));
		c->mode = c->forced == COLUMN_TIME                              ? CELL_TIME
		          : c->forced == COLUMN_BOOL                            ? CELL_BOOL
		          : c->forced == COLUMN_CAT || c->forced == COLUMN_TEXT ? CELL_CODES
		                                                                : CELL_NUM;
	}
	if (sample->len)
		scan_bytes(scanner, &b->layout, sample->data, sample->len, false, watch_record, &m, &end, &ignored);
	scanner_free(scanner);
}
