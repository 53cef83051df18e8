/* A table without rows, from what was kept of one. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

void table_about(struct table *t, const struct reading *reading, const struct table_file *files,
                 size_t file_count, const char *const notes[], size_t note_count, const size_t *missing,
                 size_t rows)
{
	struct arena *a = arena_new();
	const char **texts = arena_array(a, note_count + 1, sizeof(*texts));

	memset(t, 0, sizeof(*t));
	t->owner = xcalloc(1, sizeof(*t->owner));
	t->owner->arena = a;
	reading_copy(&t->reading, reading);
	t->row_count = rows;
	t->column_count = reading->column_count;
	t->columns = arena_array(a, reading->column_count + 1, sizeof(*t->columns));
	for (size_t i = 0; i < reading->column_count; i++) {
		t->columns[i].name = arena_strdup(a, reading->columns[i].name);
		t->columns[i].type = reading->columns[i].type;
		t->columns[i].roles = reading->columns[i].roles;
		t->columns[i].missing = missing[i];
	}
	t->files = arena_array(a, file_count + 1, sizeof(*t->files));
	t->file_count = file_count;
	for (size_t i = 0; i < file_count; i++) {
		t->files[i] = files[i];
		t->files[i].path = arena_strdup(a, files[i].path);
	}
	for (size_t i = 0; i < note_count; i++)
		texts[i] = arena_strdup(a, notes[i]);
	t->notes = texts;
	t->note_count = note_count;
}
