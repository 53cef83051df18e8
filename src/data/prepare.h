/* What must be known before the first record is read: layout, names, and how columns are read at first. */
#ifndef ASSAY_DATA_PREPARE_H
#define ASSAY_DATA_PREPARE_H

#include "internal.h"

struct first_record {
	struct arena *arena;
	char **names;
	size_t count;
	uint64_t line;
};

/* What a field of a header says without the blanks around it, which stand in the file as often as not and which nobody
 * could type. */
struct field header_name(const struct field *f);
/* Nobody said that it is UTF-8, nor (with a separator that is no letter of it) how bytes are to be taken. */
bool guesses_utf8(const struct reading *asked);
/* The place behind so many lines. */
int skip_lines(struct source *s, int lines, uint64_t *at, struct error *err);
/* Layout and names, from the beginning of the first file, which *sample then holds (whole lines, from the first that
 * counts). *not_utf8: with -1, it is not what it was taken for. */
int prepare(struct table *t, struct source *first, const struct reading *asked,
            const struct table_options *options, struct str *sample, struct first_record *head,
            struct layout *layout, struct note_list *notes, bool *not_utf8, struct error *err);
/* Where the first records already settle how a column is read, no pass is wasted. What they say is only where to
 * start. */
void first_modes(struct build *b, const struct reading *asked, const struct str *sample);

#endif
