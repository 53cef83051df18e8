/* What bytes are as letters: UTF-8 or not, and other encodings to UTF-8. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define PIECE     65536
#define HIGH_BITS 0x8080808080808080u

/* ---- UTF-8 or not ---- */

static size_t ascii_run(const char *bytes, size_t len)
{
	size_t i = 0;

	for (; i + 64 <= len; i += 64) {
		uint64_t words[8], all = 0;

		memcpy(words, bytes + i, sizeof(words));
		for (int k = 0; k < 8; k++)
			all |= words[k];
		if (all & HIGH_BITS)
			break;
	}
	while (i < len && (unsigned char)bytes[i] < 0x80)
		i++;
	return i;
}

static void wrong(struct utf8_count *u)
{
	u->due = 0;
	u->bad++;
	if (u->bad_line == 0)
		u->bad_line = u->lines + 1;
}

static void begin_letter(struct utf8_count *u, unsigned char c)
{
	u->low = 0x80;
	u->high = 0xBF;
	if (c >= 0xC2 && c <= 0xDF) {
		u->due = 1;
	} else if (c >= 0xE0 && c <= 0xEF) {
		u->due = 2;
		/* Neither longer than need be, nor half of a pair. */
		if (c == 0xE0)
			u->low = 0xA0;
		else if (c == 0xED)
			u->high = 0x9F;
	} else if (c >= 0xF0 && c <= 0xF4) {
		u->due = 3;
		if (c == 0xF0)
			u->low = 0x90;
		else if (c == 0xF4)
			u->high = 0x8F;
	} else {
		wrong(u);
	}
}

void utf8_count(struct utf8_count *u, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)bytes[i];

		if (u->due > 0 && c >= u->low && c <= u->high) {
			u->low = 0x80;
			u->high = 0xBF;
			u->good += --u->due == 0;
			i++;
			continue;
		}
		if (u->due > 0)
			wrong(u);
		if (c < 0x80) {
			size_t run = ascii_run(bytes + i, len - i);

			for (size_t k = i; u->count_lines && k < i + run; k++)
				u->lines += bytes[k] == '\n';
			i += run;
			continue;
		}
		begin_letter(u, c);
		i++;
	}
}

void utf8_count_end(struct utf8_count *u)
{
	if (u->due > 0)
		wrong(u);
}

/* What breaks off is said by those who read it for its records. */
static int count_source(struct source *s, struct utf8_count *u, struct progress *progress, struct error *err)
{
	char *piece = xmalloc(PIECE);
	uint64_t told = 0, passed;
	int rc = 0;

	source_rewind(s);
	for (uint64_t at = s->start; rc == 0 && !source_ends(s, at);) {
		size_t len;

		source_reach(s, at + PIECE);
		if (at >= s->size)
			break;
		len = s->size - at < PIECE ? (size_t)(s->size - at) : PIECE;
		rc = source_read(s, at, piece, len, err);
		if (rc == 0)
			utf8_count(u, piece, len);
		at += len;
		if (s->stream)
			stream_drop(s->stream, at);
		passed = s->stream ? stream_raw_size(s->stream) : at;
		progress_add(progress, passed - told);
		told = passed;
		if (rc == 0 && progress_stop(progress))
			rc = progress_stopped(err);
	}
	utf8_count_end(u);
	free(piece);
	return rc;
}

int guess_encoding(struct reading *r, struct source *sources, size_t count, struct progress *progress,
                   struct note_list *notes, struct error *err)
{
	const char *first = NULL;
	uint64_t good = 0, bad = 0, line = 0;

	for (size_t i = 0; i < count; i++) {
		struct utf8_count u = {.count_lines = true};

		if (sources[i].bom)
			continue; /* it says itself what it is */
		if (count_source(&sources[i], &u, progress, err) < 0)
			return -1;
		good += u.good;
		bad += u.bad;
		if (!first && u.bad) {
			first = sources[i].path;
			line = u.bad_line;
		}
	}
	/* Latin-1 hardly ever holds what could be a letter of UTF-8; a few broken letters do not make a file Latin-1. */
	r->encoding = bad > good ? ENCODING_LATIN1 : ENCODING_UTF8;
	if (bad > good)
		note_add(notes,
		         "not UTF-8 (the first such line is %llu of %s): read as Latin-1; --encoding utf-8 keeps the "
		         "bytes "
		         "as they stand",
		         (unsigned long long)line, first);
	else if (bad > 0)
		note_add(notes,
		         "UTF-8, but for %llu byte%s that are kept as they stand (the first in line %llu of %s); for "
		         "Latin-1 say --encoding latin-1",
		         (unsigned long long)bad, bad == 1 ? "" : "s", (unsigned long long)line, first);
	return 0;
}

/* ---- to UTF-8 ---- */

static void add_letter(struct str *out, uint32_t c)
{
	char bytes[4];
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = len; i-- > 1; c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3F));
	bytes[0] = (char)(len == 1 ? c : c | (0xF00u >> len & 0xFF));
	str_add(out, bytes, len);
}

static void from_latin1(const char *bytes, size_t len, struct str *out)
{
	for (size_t i = 0; i < len;) {
		size_t run = ascii_run(bytes + i, len - i);

		str_add(out, bytes + i, run);
		i += run;
		if (i < len)
			add_letter(out, (unsigned char)bytes[i++]);
	}
}

static const char half_pair[] = "half of a surrogate pair stands alone: this is no UTF-16";

static const char *from_unit(struct transcoder *t, uint16_t unit, struct str *out)
{
	const bool is_high = unit >= 0xD800 && unit <= 0xDBFF, is_low = unit >= 0xDC00 && unit <= 0xDFFF;

	if ((t->high != 0) != is_low)
		return half_pair;
	if (is_high) {
		t->high = unit;
	} else if (is_low) {
		add_letter(out, 0x10000 + ((uint32_t)(t->high - 0xD800) << 10) + (unit - 0xDC00u));
		t->high = 0;
	} else if (t->begun || unit != 0xFEFF) {
		add_letter(out, unit);
	}
	t->begun = true;
	return NULL;
}

static uint16_t unit_of(const struct transcoder *t, unsigned char first, unsigned char second)
{
	return (uint16_t)(t->big_endian ? first << 8 | second : second << 8 | first);
}

const char *transcode(struct transcoder *t, const char *bytes, size_t len, struct str *out)
{
	const char *wrong_here = NULL;
	size_t i = 0;

	if (t->encoding == ENCODING_LATIN1) {
		from_latin1(bytes, len, out);
		return NULL;
	}
	if (t->has_odd && len > 0) {
		t->has_odd = false;
		wrong_here = from_unit(t, unit_of(t, t->odd, (unsigned char)bytes[i++]), out);
	}
	for (; !wrong_here && i + 2 <= len; i += 2)
		wrong_here = from_unit(t, unit_of(t, (unsigned char)bytes[i], (unsigned char)bytes[i + 1]), out);
	if (!wrong_here && i < len) {
		t->odd = (unsigned char)bytes[i];
		t->has_odd = true;
	}
	return wrong_here;
}

const char *transcode_end(const struct transcoder *t)
{
	return t->has_odd ? "ends in the middle of a letter of UTF-16" : t->high ? half_pair : NULL;
}
