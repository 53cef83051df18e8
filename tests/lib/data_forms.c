/* A text as files hold it: packed, with marks, in other encodings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "data_forms.h"

/* ---- the same text in several forms ---- */

void to_gzip(const char *bytes, size_t len, struct str *out)
{
	z_stream z = {.next_in = (unsigned char *)bytes, .avail_in = (uInt)len};
	unsigned char piece[4096];
	int rc;

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	do {
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		rc = deflate(&z, Z_FINISH);
		str_add(out, piece, sizeof(piece) - z.avail_out);
	} while (rc == Z_OK);
	assert_int_equal(rc, Z_STREAM_END);
	deflateEnd(&z);
}

void to_zstd(const char *bytes, size_t len, struct str *out)
{
	size_t room = ZSTD_compressBound(len);
	char *packed = xmalloc(room);
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t n;

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(c, packed, room, bytes, len);
	assert_false(ZSTD_isError(n));
	str_add(out, packed, n);
	ZSTD_freeCCtx(c);
	free(packed);
}

void add_utf16_unit(struct str *out, unsigned unit, bool big)
{
	str_addc(out, (char)(big ? unit >> 8 : unit));
	str_addc(out, (char)(big ? unit : unit >> 8));
}

/* Of valid UTF-8. */
static void to_utf16(const char *bytes, size_t len, bool big, bool mark, struct str *out)
{
	if (mark)
		add_utf16_unit(out, 0xFEFF, big);
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)bytes[i++];
		int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
		unsigned letter = more ? c & (0x3Fu >> more) : c;

		for (; more > 0; more--)
			letter = letter << 6 | ((unsigned char)bytes[i++] & 0x3F);
		if (letter >= 0x10000) {
			add_utf16_unit(out, 0xD800 + ((letter - 0x10000) >> 10), big);
			add_utf16_unit(out, 0xDC00 + ((letter - 0x10000) & 0x3FF), big);
		} else {
			add_utf16_unit(out, letter, big);
		}
	}
}

void in_form(enum form form, const char *text, size_t len, struct str *out)
{
	struct str between;

	str_init(&between);
	str_clear(out);
	switch (form) {
	case FORM_GZIP:
		to_gzip(text, len, out);
		break;
	case FORM_GZIP_MEMBERS:
		to_gzip(text, len / 3, out);
		to_gzip("", 0, out);
		to_gzip(text + len / 3, len - len / 3, out);
		break;
	case FORM_GZIP_PADDED:
		to_gzip(text, len, out);
		for (int i = 0; i < 600; i++)
			str_addc(out, '\0');
		break;
	case FORM_ZSTD:
		to_zstd(text, len, out);
		break;
	case FORM_ZSTD_FRAMES:
		str_add(out, "\x5a\x2a\x4d\x18\x03\0\0\0abc", 11); /* a frame to be passed over */
		to_zstd(text, len / 2, out);
		to_zstd(text + len / 2, len - len / 2, out);
		break;
	case FORM_MARK:
		str_adds(out, "\xef\xbb\xbf");
		str_add(out, text, len);
		break;
	case FORM_GZIP_MARK:
		in_form(FORM_MARK, text, len, &between);
		to_gzip(between.data, between.len, out);
		break;
	case FORM_UTF16_LITTLE:
	case FORM_UTF16_BIG:
		to_utf16(text, len, form == FORM_UTF16_BIG, true, out);
		break;
	case FORM_UTF16_UNMARKED:
		to_utf16(text, len, true, false, out);
		break;
	case FORM_GZIP_UTF16:
	case FORM_COUNT:
		to_utf16(text, len, false, true, &between);
		to_gzip(between.data, between.len, out);
		break;
	}
	str_release(&between);
}
