/* Tables by where their bytes come from, and all that is known of them as one text. For tests that use cmocka. */
#ifndef TESTS_SOURCE_DUMP_H
#define TESTS_SOURCE_DUMP_H

#include "assay/data.h"

/* Notes, if they are asked for, then the table, which is released; or the error. Both texts are cleared first. */
void source_finish(int rc, struct table *t, const struct error *err, struct str *notes, struct str *out);
/* Bytes in that encoding, NULL: of which it is found out. */
void source_dump(const char *bytes, size_t len, const char *encoding, const struct table_options *how,
                 struct str *notes, struct str *out);
void source_dump_path(const char *path, const struct table_options *how, struct str *out);
void source_alike(const struct str *a, const struct str *b, const char *what, int which);
/* Numbers, times, letters of up to four bytes, quoted line ends, and something that makes a column text late. */
void source_rows(struct str *out, int rows);

#endif
