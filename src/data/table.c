/* Files into a table: passes over the bytes until every column's mode holds. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prepare.h"

#define GIVE_BACK_ROWS 100000

static void clear_found(struct build *b)
{
	b->rows = 0;
	b->cut = false;
	b->taken = 0;
	for (size_t i = 0; i < b->column_count; i++) {
		struct build_column *c = &b->columns[i];

		build_forget_texts(c);
		memset(c->missing_by, 0, b->missing.count * sizeof(*c->missing_by));
		c->missing = c->missing_taken = 0;
		c->failed = c->failed_no_time = c->saw_number = c->rounded = c->unpackable = false;
		c->all_whole = true;
		c->packs = c->pack && c->mode == CELL_NUM;
		c->decimals = 0;
	}
}

enum cell_mode build_other_mode(const struct build_column *c)
{
	return c->mode == CELL_NUM && !c->failed_no_time && !c->saw_number && c->forced == COLUMN_GUESS
	           ? CELL_TIME
	           : CELL_CODES;
}

/* True if some column must be read in another way. */
static bool change_modes(struct build *b)
{
	bool again = false;

	for (size_t i = 0; i < b->column_count; i++) {
		struct build_column *c = &b->columns[i];

		if (!c->failed)
			continue;
		c->mode = build_other_mode(c);
		build_forget_rows(c);
		again = !passes_put_off(b, i) || again;
	}
	return again;
}

/* ---- reading ---- */

/* So many bytes will come; 0: who knows. */
static uint64_t bytes_of(const struct source *sources, size_t count)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		if (sources[i].pipe)
			return 0;
		bytes += sources[i].raw_size;
	}
	return bytes;
}

static int read_all(struct table *t, struct source *sources, size_t count, struct build *b, bool again,
                    struct error *err)
{
	const char *what = again ? "reading again" : "reading";

	do {
		progress_begin(b->progress, what, "bytes", bytes_of(sources, count));
		what = "reading again";
		clear_found(b);
		if (b->sink)
			b->sink->begin(b->sink, b);
		for (size_t i = 0; i < count; i++) {
			struct table_file *file = &t->files[i];
			uint64_t from;

			if (b->cut) {
				*file = (struct table_file){.path = file->path, .first_row = b->rows};
				continue;
			}
			source_rewind(&sources[i]);
			if (b->passes)
				passes_file(b->passes, bytes_of(sources, i));
			if (skip_lines(&sources[i], t->reading.skip, &from, err) < 0)
				return -1;
			b->check_utf8 = b->guess_utf8 && sources[i].encoding == ENCODING_UTF8 && !sources[i].bom;
			b->check_header = t->reading.header == READ_YES && !t->reading.name_count;
			file->first_row = b->taken + b->rows;
			if (build_source(b, &sources[i], from, (uint64_t)t->reading.skip + 1, file->sha256, err) < 0)
				return -1;
			file->rows = (size_t)b->taken + b->rows - file->first_row;
			file->bytes = source_raw_size(&sources[i]);
			if (file->rows == 0 && !b->cut)
				return error_set(err, ERR_USAGE, "%s: holds %s", file->path,
				                 t->reading.header ? "a header but no data" : "no data");
		}
		if (sink_offer(b, true, err) < 0)
			return -1;
	} while (change_modes(b));
	return 0;
}

static void hand_over(struct table *t, struct build *b)
{
	for (size_t i = 0; i < t->column_count; i++) {
		struct build_column *from = &b->columns[i];
		struct column *c = &t->columns[i];

		if (b->taken)
			build_forget_rows(from);

		c->name = b->names[i];
		c->missing = from->missing;
		c->missing_by = arena_array(t->owner->arena, b->missing.count, sizeof(uint64_t));
		memcpy(c->missing_by, from->missing_by, b->missing.count * sizeof(uint64_t));
		c->spelled = from->spelled;
		c->dict = from->dict;
		c->values = from->mode == CELL_CODES ? NULL : from->values;
		c->codes = from->mode == CELL_CODES ? from->codes : NULL;
		c->packed = from->packed;
		c->decimals = from->decimals;
	}
	t->cut = b->cut;
	t->row_count = (size_t)b->taken + b->rows;
}

static void take_notes(struct table *t, const struct note_list *notes)
{
	const char **texts = arena_array(t->owner->arena, notes->count + 1, sizeof(*texts));

	for (size_t i = 0; i < notes->count; i++)
		texts[i] = arena_strdup(t->owner->arena, notes->items[i]);
	t->notes = texts;
	t->note_count = notes->count;
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

/* Roles are checked by rows, and whether all are different tells what is called an id. */
static bool is_passing(const struct table_options *options, const struct reading *asked, size_t at,
                       const char *name)
{
	const struct reading_column *said = reading_find_at(asked, at, name);

	if (!options || !options->only || (said && said->roles) || called_id(name))
		return false;
	for (size_t i = 0; i < options->only_count; i++)
		if (!strcmp(options->only[i], name))
			return false;
	return true;
}

/* Reads everything once. *not_utf8: it was taken for UTF-8, since nothing was said, and that is wrong. */
static int read_sources(struct table *t, struct source *sources, size_t count, const struct reading *asked,
                        const struct table_options *options, struct sink *sink, struct passes *passes,
                        const struct note_list *known, bool *not_utf8, struct error *err)
{
	struct first_record head = {0};
	struct note_list notes = {0};
	struct build b = {0};
	struct str sample;
	bool again;
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
	b.progress = options ? options->progress : NULL;
	b.spellings = options && options->spellings;
	b.no_digest = options && options->no_digest;
	b.sink = sink;
	b.passes = passes;
	b.reading_bytes = sink ? sink->reading : 0;
	b.most_bytes = options ? options->most_bytes : 0;
	b.guess_utf8 = guesses_utf8(asked);
	b.columns = xcalloc(head.count, sizeof(*b.columns));
	missing_set_init(&b.missing, &t->reading);
	for (size_t i = 0; i < head.count; i++) {
		b.columns[i].dict = &t->owner->dicts[i];
		b.columns[i].passing = is_passing(options, asked, i, head.names[i]);
		b.columns[i].missing_by = xcalloc(b.missing.count, sizeof(uint64_t));
	}
	first_modes(&b, asked, &sample);
	again = passes_begin(passes, &b, bytes_of(sources, count));
	rc = read_all(t, sources, count, &b, again, err);
	if (b.rows > GIVE_BACK_ROWS || again)
		memory_give_back();
	hand_over(t, &b);
	if (rc == 0 && b.not_utf8) {
		*not_utf8 = true;
		rc = -1;
	}
	if (rc == 0 && progress_stop(b.progress))
		rc = progress_stopped(err);
	if (rc == 0)
		rc = b.taken ? sink->resolve(sink, t, &b, asked, &notes, err)
		             : resolve_columns(t, &b, asked, &notes, err);
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

/* Once, or in as many passes as it takes. */
static int read_passes(struct table *t, struct source *sources, size_t count, const struct reading *asked,
                       const struct table_options *options, struct sink *sink, struct table_passes *wanted,
                       const struct note_list *known, bool *not_utf8, struct error *err)
{
	struct passes *passes = wanted ? passes_new(wanted) : NULL;
	bool more = true;
	int rc = 0;

	while (more) {
		rc = read_sources(t, sources, count, asked, options, sink, passes, known, not_utf8, err);
		more = passes_take(passes, t, err, &rc);
		if (more || (rc < 0 && t->owner))
			table_release(t);
		if (more)
			memory_give_back();
	}
	if (wanted && wanted->taken)
		table_drop_rows(t);
	passes_free(passes);
	return rc;
}

/* Reads everything, and once more as what it is if it is no UTF-8. */
static int read_table(struct table *t, struct source *sources, size_t count, const struct reading *asked,
                      const struct table_options *options, struct sink *sink, struct table_passes *passes,
                      struct error *err)
{
	struct progress *progress = options ? options->progress : NULL;
	struct note_list notes = {0};
	struct reading how;
	bool not_utf8 = false;
	int rc;

	for (size_t i = 0; i < count; i++)
		sources[i].progress = progress;
	/* The first bytes of a pipe may be long in coming. */
	progress_begin(progress, "reading", "bytes", bytes_of(sources, count));
	rc = read_passes(t, sources, count, asked, options, sink, passes, &notes, &not_utf8, err);
	if (!not_utf8)
		return rc;
	reading_copy(&how, asked);
	progress_begin(progress, "finding the encoding of", "bytes", bytes_of(sources, count));
	rc = guess_encoding(&how, sources, count, progress, &notes, err);
	if (rc == 0)
		rc = read_passes(t, sources, count, &how, options, sink, passes, &notes, &not_utf8, err);
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

/* Where bytes ended since nobody waits for them, others may have been missed. */
static int told(int rc, const struct table_options *options, struct error *inner, struct error *err)
{
	if (rc < 0 && options && progress_stop(options->progress))
		progress_stopped(inner);
	if (rc < 0 && err)
		*err = *inner;
	return rc;
}

int table_read_into(struct table *t, const char *const paths[], size_t path_count, const struct reading *r,
                    const struct table_options *options, struct sink *sink, struct table_passes *passes,
                    struct error *err)
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
		rc = read_table(t, sources, path_count, r, options, sink, passes, &inner);
	/* What is wrong in bytes of before and after a change is wrong in neither. */
	for (size_t i = 0; i < open && rc < 0 && inner.code != ERR_NO; i++)
		if (source_same(&sources[i], &inner) < 0)
			break;
	for (size_t i = 0; i < open; i++)
		source_close(&sources[i]);
	free(sources);
	return told(rc, options, &inner, err);
}

int table_read(struct table *t, const char *const paths[], size_t path_count, const struct reading *r,
               const struct table_options *options, struct error *err)
{
	return table_read_into(t, paths, path_count, r, options, NULL, NULL, err);
}

int table_read_passes(struct table *t, const char *const paths[], size_t path_count, const struct reading *r,
                      const struct table_options *options, struct table_passes *passes, struct error *err)
{
	return table_read_into(t, paths, path_count, r, options, NULL, passes, err);
}

int table_read_bytes(struct table *t, const char *name, const void *bytes, size_t len,
                     const struct reading *r, const struct table_options *options, struct error *err)
{
	struct error inner = {0};
	struct source source;
	int rc;

	memset(t, 0, sizeof(*t));
	source_memory(&source, name, bytes, len);
	rc = read_table(t, &source, 1, r, options, NULL, NULL, &inner);
	source_close(&source);
	return told(rc, options, &inner, err);
}

void table_drop_rows(struct table *t)
{
	for (size_t i = 0; i < t->column_count; i++) {
		free(t->columns[i].values);
		free(t->columns[i].packed);
		free(t->columns[i].codes);
		free(t->columns[i].spelled);
		t->columns[i].values = NULL;
		t->columns[i].packed = NULL;
		t->columns[i].codes = NULL;
		t->columns[i].spelled = NULL;
	}
}

void table_release(struct table *t)
{
	table_drop_rows(t);
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
		memory_give_back();
	memset(t, 0, sizeof(*t));
}
