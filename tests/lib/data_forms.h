/* A text as files hold it: packed, with marks, in other encodings. For tests that use cmocka. */
#ifndef TESTS_DATA_FORMS_H
#define TESTS_DATA_FORMS_H

#include "assay/base.h"

/* All add to *out. */
void to_gzip(const char *bytes, size_t len, struct str *out);
void to_zstd(const char *bytes, size_t len, struct str *out);
void add_utf16_unit(struct str *out, unsigned unit, bool big);

enum form {
	FORM_GZIP,
	FORM_GZIP_MEMBERS,
	FORM_GZIP_PADDED,
	FORM_ZSTD,
	FORM_ZSTD_FRAMES,
	FORM_MARK,
	FORM_GZIP_MARK,
	FORM_UTF16_LITTLE,
	FORM_UTF16_BIG,
	FORM_UTF16_UNMARKED,
	FORM_GZIP_UTF16,
	FORM_COUNT,
};
/* Of valid UTF-8; *out is cleared first. */
void in_form(enum form form, const char *text, size_t len, struct str *out);

#endif
