#include "source_dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void dump_table(const struct table *t, struct str *out)
{
	struct str canonical;
	struct profile profile;
	const char *rest;

	str_init(&canonical);
	reading_canonical(&t->reading, &canonical);
	/* All but the encoding. */
	rest = strstr(canonical.data, "\ndelimiter ");
	str_adds(out, rest ? rest : "?");
	for (size_t k = 0; k < t->row_count; k++)
		for (size_t i = 0; i < t->column_count; i++) {
			column_cell(&t->columns[i], k, out);
			str_addc(out, column_is_missing(&t->columns[i], k) ? '\1' : '\2');
		}
	profile_table(&profile, t, &(struct profile_options){.threads = 1}, NULL);
	profile_json(&profile, out);
	profile_release(&profile);
	str_release(&canonical);
}

void source_finish(int rc, struct table *t, const struct error *err, struct str *notes, struct str *out)
{
	str_clear(out);
	if (notes)
		str_clear(notes);
	if (rc < 0) {
		str_addf(out, "error %d: %s", err->code, err->text);
		return;
	}
	for (size_t i = 0; notes && i < t->note_count; i++)
		str_addf(notes, "%s\n", t->notes[i]);
	dump_table(t, out);
	table_release(t);
}

void source_dump(const char *bytes, size_t len, const char *encoding, const struct table_options *how,
                 struct str *notes, struct str *out)
{
	struct reading r;
	struct table t;
	struct error err;

	reading_init(&r);
	if (encoding)
		assert_int_equal(reading_set(&r, "encoding", encoding, &err), 0);
	source_finish(table_read_bytes(&t, "in", bytes, len, &r, how, &err), &t, &err, notes, out);
	reading_release(&r);
}

void source_dump_path(const char *path, const struct table_options *how, struct str *out)
{
	struct reading r;
	struct table t;
	struct error err;

	reading_init(&r);
	source_finish(table_read(&t, &path, 1, &r, how, &err), &t, &err, NULL, out);
	reading_release(&r);
}

void source_alike(const struct str *a, const struct str *b, const char *what, int which)
{
	if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0)
		fail_msg("%s %d: %.300s / %.300s", what, which, a->data, b->data);
}

void source_rows(struct str *out, int rows)
{
	str_adds(out, "n,ärger,x,when,late\n");
	for (int i = 0; i < rows; i++)
		str_addf(out, "%d,%s,%d.%02d,2026-01-%02d,%s\n", i,
		         i % 5 == 0   ? "\"two\nlines\""
		         : i % 3 == 0 ? "\xe2\x82\xac \xf0\x9f\x98\x80"
		         : i % 7 == 0 ? ""
		                      : "caf\xc3\xa9",
		         i * 7 % 100, i % 100, 1 + i % 28, i == rows - 2 ? "word" : "17");
}
