/* Files into a table: layout, names, passes over the bytes until every column's mode holds. */
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define SAMPLE_BYTES   ((size_t)256 << 10)
#define GIVE_BACK_ROWS 100000

/* ---- names ---- */

struct first_record {
	struct arena *arena;
	char **names;
	size_t count;
	uint64_t line;
};

static int take_first(void *user, uint64_t line, const struct field *fields, size_t count, struct error *err)
{
	struct first_record *f = user;

	(void)err;
	f->names = arena_array(f->arena, count, sizeof(*f->names));
	f->count = count;
	f->line = line;
	for (size_t i = 0; i < count; i++) {
		const char *p = fields[i].bytes;
		size_t len = fields[i].len;

		while (len && (*p == ' ' || *p == '\t')) {
			p++;
			len--;
		}
		while (len && (p[len - 1] == ' ' || p[len - 1] == '\t'))
			len--;
		f->names[i] = arena_memdup0(f->arena, p, len);
	}
	return -1; /* one is enough */
}

/* The sample, from the first line that counts; whole lines. */
static int read_sample(struct source *s, uint64_t from, struct str *out, struct error *err)
{
	uint64_t end;

	str_clear(out);
	source_reach(s, from + SAMPLE_BYTES + 1);
	end = s->size;
	if (s->size - from > SAMPLE_BYTES && source_line_after(s, from + SAMPLE_BYTES, &end, err) < 0)
		return -1;
	out->data = vec_reserve(out->cap ? out->data : NULL, &out->cap, (size_t)(end - from) + 2, 1);
	if (source_read(s, from, out->data, (size_t)(end - from), err) < 0)
		return -1;
	out->len = (size_t)(end - from);
	if (out->len && out->data[out->len - 1] != '\n')
		out->data[out->len++] = '\n';
	out->data[out->len] = '\0';
	if (memchr(out->data, '\0', out->len)) {
		uint64_t line = 1;

		for (const char *p = out->data; *p; p++)
			line += *p == '\n';
		return error_set(err, ERR_USAGE,
		                 "%s, line %llu: holds a NUL byte: this is not text (a binary file, or UTF-16)",
		                 s->path, (unsigned long long)line);
	}
	return 0;
}

static int skip_lines(struct source *s, int lines, uint64_t *at, struct error *err)
{
	*at = s->start;
	for (int i = 0; i < lines; i++) {
		if (source_ends(s, *at) && source_fault(s, (uint64_t)i + 1, err) < 0)
			return -1;
		if (*at >= s->size)
			return error_set(err, ERR_USAGE, "%s: has only %d lines; --skip %d leaves nothing", s->path, i,
			                 lines);
		if (source_line_after(s, *at, at, err) < 0)
			return -1;
	}
	return 0;
}

static int name_columns(struct first_record *f, const struct reading *r, const char *path,
                        struct note_list *notes, struct error *err)
{
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
	for (size_t i = 0; i < f->count; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(f->names[i], f->names[k]))
				return error_set(err, ERR_USAGE,
				                 "%s, line %llu: columns %zu and %zu are both called \"%s\"; give names that "
				                 "differ (--names), or say --no-header if "
				                 "this is no header",
				                 path, (unsigned long long)f->line, k + 1, i + 1, f->names[i]);
	return 0;
}

static int check_asked(const struct reading *asked, const struct first_record *f, const char *path,
                       struct error *err)
{
	for (size_t i = 0; i < asked->column_count; i++) {
		const char *name = asked->columns[i].name;
		size_t k;

		for (k = 0; k < f->count && strcmp(f->names[k], name) != 0; k++)
			;
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

/* ---- modes ---- */

struct mode_sample {
	struct build *build;
	bool skip_first;
	size_t records;
};

/* Where the first records already settle it, no pass is wasted. What they say is only where to start. */
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

static void first_modes(struct build *b, const struct reading *asked, const struct str *sample)
{
	struct mode_sample m = {.build = b, .skip_first = b->reading->header == READ_YES};
	struct scanner *scanner = scanner_new();
	struct scan_end end;
	struct error ignored;

	for (size_t i = 0; i < b->column_count; i++) {
		const struct reading_column *said = reading_find(asked, b->names[i]);
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

static void clear_found(struct build *b)
{
	b->rows = 0;
	for (size_t i = 0; i < b->column_count; i++) {
		struct build_column *c = &b->columns[i];

		if (c->dict->text)
			intern_release(c->dict);
		intern_init(c->dict);
		free(c->memo); /* its codes are of the dictionary that is gone */
		c->memo = NULL;
		c->memo_size = 0;
		memset(c->missing_by, 0, b->missing.count * sizeof(*c->missing_by));
		c->missing = 0;
		c->failed = c->failed_no_time = c->saw_number = c->rounded = c->unpackable = false;
		c->all_whole = true;
		c->packs = c->pack && c->mode == CELL_NUM;
		c->decimals = 0;
	}
}

/* True if some column must be read in another way. */
static bool change_modes(struct build *b)
{
	bool again = false;

	for (size_t i = 0; i < b->column_count; i++) {
		struct build_column *c = &b->columns[i];

		if (!c->failed)
			continue;
		again = true;
		c->mode = c->mode == CELL_NUM && !c->failed_no_time && !c->saw_number && c->forced == COLUMN_GUESS
		              ? CELL_TIME
		              : CELL_CODES;
		free(c->values);
		free(c->packed);
		c->values = NULL;
		c->packed = NULL;
		c->value_cap = c->packed_cap = 0;
	}
	return again;
}

/* ---- reading ---- */

/* What many threads asked for and freed lies in pieces that the C library would keep: tens of megabytes, beside which
 * the next large array then takes new ones. */
static void give_back(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

static int read_all(struct table *t, struct source *sources, size_t count, struct build *b, struct error *err)
{
	do {
		clear_found(b);
		for (size_t i = 0; i < count; i++) {
			struct table_file *file = &t->files[i];
			uint64_t from;

			source_rewind(&sources[i]);
			if (skip_lines(&sources[i], t->reading.skip, &from, err) < 0)
				return -1;
			b->check_utf8 = b->guess_utf8 && sources[i].encoding == ENCODING_UTF8 && !sources[i].bom;
			b->check_header = t->reading.header == READ_YES && !t->reading.name_count;
			file->first_row = b->rows;
			if (build_source(b, &sources[i], from, (uint64_t)t->reading.skip + 1, file->sha256, err) < 0)
				return -1;
			file->rows = b->rows - file->first_row;
			file->bytes = source_raw_size(&sources[i]);
			if (file->rows == 0)
				return error_set(err, ERR_USAGE, "%s: holds %s", file->path,
				                 t->reading.header ? "a header but no data" : "no data");
		}
	} while (change_modes(b));
	return 0;
}

static void hand_over(struct table *t, struct build *b)
{
	for (size_t i = 0; i < t->column_count; i++) {
		struct build_column *from = &b->columns[i];
		struct column *c = &t->columns[i];

		c->name = b->names[i];
		c->missing = from->missing;
		c->missing_by = arena_array(t->owner->arena, b->missing.count, sizeof(uint64_t));
		memcpy(c->missing_by, from->missing_by, b->missing.count * sizeof(uint64_t));
		c->dict = from->dict;
		c->values = from->mode == CELL_CODES ? NULL : from->values;
		c->codes = from->mode == CELL_CODES ? from->codes : NULL;
		c->packed = from->packed;
		c->decimals = from->decimals;
	}
	t->row_count = b->rows;
}

static void take_notes(struct table *t, const struct note_list *notes)
{
	const char **texts = arena_array(t->owner->arena, notes->count + 1, sizeof(*texts));

	for (size_t i = 0; i < notes->count; i++)
		texts[i] = arena_strdup(t->owner->arena, notes->items[i]);
	t->notes = texts;
	t->note_count = notes->count;
}

/* Nobody said that it is UTF-8, nor (with a separator that is no letter of it) how bytes are to be taken. */
static bool guesses_utf8(const struct reading *asked)
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

/* Layout, names: what must be known before the first record is read. */
static int prepare(struct table *t, struct source *first, const struct reading *asked,
                   const struct table_options *options, struct str *sample, struct first_record *head,
                   struct layout *layout, struct note_list *notes, bool *not_utf8, struct error *err)
{
	struct reading *r = &t->reading;
	struct scanner *scanner = scanner_new();
	struct error inner;
	struct scan_end end;
	uint64_t from;
	int rc = -1;

	if (read_sample(first, first->start, sample, err) < 0)
		goto out;
	if (first_is_not_utf8(asked, first, sample)) {
		*not_utf8 = true;
		goto out;
	}
	guess_layout(r, sample->data, sample->len, notes);
	layout_from(layout, r, options);
	if (layout->quote && layout->quote == layout->delimiter) {
		error_set(err, ERR_USAGE, "--quote and --delimiter are the same character");
		goto out;
	}
	if (skip_lines(first, r->skip, &from, err) < 0 || read_sample(first, from, sample, err) < 0)
		goto out;
	if (sample->len &&
	    scan_bytes(scanner, layout, sample->data, sample->len, false, take_first, head, &end, &inner) < 0 &&
	    !head->count) {
		*err = inner;
		error_prefix(err, "%s, line %llu", first->path,
		             (unsigned long long)end.error_line + (unsigned long long)r->skip);
		goto out;
	}
	if (!head->count) {
		uint64_t lines = (uint64_t)r->skip + 1;

		for (size_t i = 0; i < sample->len; i++)
			lines += sample->data[i] == '\n';
		if (source_fault(first, lines, err) < 0)
			goto out;
	}
	if (!head->count && sample->len && end.open) {
		error_set(err, ERR_USAGE, "%s, line %llu: a field begins with a quote that does not end", first->path,
		          (unsigned long long)end.lines + 1);
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
		          first->path, (unsigned long long)head->line + (unsigned long long)r->skip, head->count,
		          asked->column_count);
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

/* What the files are packed by, and how their letters are written. */
static int look_at_all(struct table *t, struct source *sources, size_t count, const struct reading *asked,
                       struct note_list *notes, struct error *err)
{
	size_t gzip = 0, zstd = 0, mark = 0;
	char share[64] = "";
	int said = asked->encoding;

	for (size_t i = 0; i < count; i++) {
		t->files[i].path = arena_strdup(t->owner->arena, sources[i].path);
		if (source_look(&sources[i], said, err) < 0)
			return -1;
		gzip += sources[i].packing == PACKING_GZIP;
		zstd += sources[i].packing == PACKING_ZSTD;
		mark += sources[i].bom;
		/* All are written in one way. */
		if (i == 0)
			t->reading.encoding = said = sources[0].bom && said != ENCODING_LATIN1 ? (int)sources[0].encoding
			                             : said == READ_GUESS                      ? ENCODING_UTF8
			                                                                       : said;
	}
	if (gzip || zstd) {
		if (count > 1)
			snprintf(share, sizeof(share), "%zu of %zu files: ", gzip + zstd, count);
		note_add(notes, "%spacked by %s", share, !zstd ? "gzip" : !gzip ? "zstd" : "gzip or zstd");
	}
	if (t->reading.encoding == ENCODING_UTF16)
		note_add(notes, "UTF-16");
	else if (mark)
		note_add(notes, "UTF-8 with a byte order mark");
	return 0;
}

/* Reads everything once. *not_utf8: it was taken for UTF-8, since nothing was said, and that is wrong. */
static int read_sources(struct table *t, struct source *sources, size_t count, const struct reading *asked,
                        const struct table_options *options, const struct note_list *known, bool *not_utf8,
                        struct error *err)
{
	struct first_record head = {0};
	struct note_list notes = {0};
	struct build b = {0};
	struct str sample;
	int rc = -1;

	str_init(&sample);
	reading_copy(&t->reading, asked);
	t->owner = xcalloc(1, sizeof(*t->owner));
	t->owner->arena = head.arena = arena_new();
	t->files = arena_array(t->owner->arena, count, sizeof(*t->files));
	t->file_count = count;
	for (size_t i = 0; i < known->count; i++)
		note_add(&notes, "%s", known->items[i]);
	if (look_at_all(t, sources, count, asked, &notes, err) < 0)
		goto out;
	if (prepare(t, &sources[0], asked, options, &sample, &head, &b.layout, &notes, not_utf8, err) < 0)
		goto out;

	t->column_count = b.column_count = head.count;
	t->columns = arena_array(t->owner->arena, head.count, sizeof(*t->columns));
	t->owner->dicts = xcalloc(head.count, sizeof(struct intern));
	t->owner->dict_count = head.count;
	b.reading = &t->reading;
	b.names = (const char *const *)head.names;
	b.threads = options ? options->threads : 0;
	b.slice = options ? options->slice : 0;
	b.pack = options && options->packed;
	b.guess_utf8 = guesses_utf8(asked);
	b.columns = xcalloc(head.count, sizeof(*b.columns));
	missing_set_init(&b.missing, &t->reading);
	for (size_t i = 0; i < head.count; i++) {
		b.columns[i].dict = &t->owner->dicts[i];
		b.columns[i].missing_by = xcalloc(b.missing.count, sizeof(uint64_t));
	}
	first_modes(&b, asked, &sample);
	rc = read_all(t, sources, count, &b, err);
	if (b.rows > GIVE_BACK_ROWS)
		give_back();
	hand_over(t, &b);
	if (rc == 0 && b.not_utf8) {
		*not_utf8 = true;
		rc = -1;
	}
	if (rc == 0)
		rc = resolve_columns(t, &b, asked, &notes, err);
	take_notes(t, &notes);
out:
	for (size_t i = 0; i < b.column_count; i++) {
		free(b.columns[i].missing_by);
		free(b.columns[i].memo);
	}
	free(b.columns);
	missing_set_release(&b.missing);
	note_list_release(&notes);
	str_release(&sample);
	if (rc < 0)
		table_release(t);
	return rc;
}

/* Reads everything, and once more as what it is if it is no UTF-8. */
static int read_table(struct table *t, struct source *sources, size_t count, const struct reading *asked,
                      const struct table_options *options, struct error *err)
{
	struct note_list notes = {0};
	struct reading how;
	bool not_utf8 = false;
	int rc = read_sources(t, sources, count, asked, options, &notes, &not_utf8, err);

	if (!not_utf8)
		return rc;
	reading_copy(&how, asked);
	rc = guess_encoding(&how, sources, count, &notes, err);
	if (rc == 0)
		rc = read_sources(t, sources, count, &how, options, &notes, &not_utf8, err);
	reading_release(&how);
	note_list_release(&notes);
	return rc;
}

static size_t names_input(const char *const paths[], size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += !strcmp(paths[i], "-");
	return found;
}

int table_read(struct table *t, const char *const paths[], size_t path_count, const struct reading *r,
               const struct table_options *options, struct error *err)
{
	struct source *sources = xcalloc(path_count + 1, sizeof(*sources));
	struct error inner = {0};
	size_t open = 0;
	int rc = -1;

	memset(t, 0, sizeof(*t));
	if (path_count == 0)
		error_set(&inner, ERR_USAGE, "no file is named");
	else if (names_input(paths, path_count) > 1)
		error_set(&inner, ERR_USAGE, "the standard input (-) can be read but once");
	else
		rc = 0;
	for (; rc == 0 && open < path_count; open++)
		rc = source_open(&sources[open], paths[open], &inner);
	if (rc == 0)
		rc = read_table(t, sources, path_count, r, options, &inner);
	for (size_t i = 0; i < open; i++)
		source_close(&sources[i]);
	free(sources);
	if (rc < 0 && err)
		*err = inner;
	return rc;
}

int table_read_bytes(struct table *t, const char *name, const void *bytes, size_t len,
                     const struct reading *r, const struct table_options *options, struct error *err)
{
	struct error inner = {0};
	struct source source;
	int rc;

	memset(t, 0, sizeof(*t));
	source_memory(&source, name, bytes, len);
	rc = read_table(t, &source, 1, r, options, &inner);
	source_close(&source);
	if (rc < 0 && err)
		*err = inner;
	return rc;
}

void table_release(struct table *t)
{
	for (size_t i = 0; i < t->column_count; i++) {
		free(t->columns[i].values);
		free(t->columns[i].packed);
		free(t->columns[i].codes);
	}
	reading_release(&t->reading);
	if (t->owner) {
		for (size_t i = 0; i < t->owner->dict_count; i++)
			if (t->owner->dicts[i].text)
				intern_release(&t->owner->dicts[i]);
		free(t->owner->dicts);
		arena_free(t->owner->arena);
		free(t->owner);
	}
	if (t->row_count > GIVE_BACK_ROWS)
		give_back();
	memset(t, 0, sizeof(*t));
}
