/* CSV that is read as tests want it, and all that came of it as one text. */
#ifndef TESTS_CSV_DUMP_H
#define TESTS_CSV_DUMP_H

#include "assay/data.h"

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Options as "name=value" in a NULL-terminated list; NULL: none. One that is refused fails the test. */
void csv_reading(struct reading *r, const char *const *options);
/* Everything that is known of the table, or the error, as "error 2: in.csv, line 3: ..."; `out` is cleared first. */
void csv_dump(const char *bytes, size_t len, const char *const *options, const struct table_options *how,
              struct str *out);
/* That is what comes of it; or an error of this kind with these words. */
void csv_expect(const char *bytes, size_t len, const char *const *options, const char *wanted);
void csv_expect_text(const char *text, const char *const *options, const char *wanted);
void csv_expect_error(const char *bytes, size_t len, const char *const *options, enum error_code code,
                      const char *words);
/* Chance, the same on every machine: 0 to below n. */
unsigned csv_pick(uint64_t *stream, unsigned n);
/* One of the ways that this machine has to look through bytes. */
enum scan_level csv_level(uint64_t *stream);

#endif
