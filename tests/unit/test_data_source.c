/* Where the bytes of a table come from: packed files and other encodings give the same table as the plain file; what is
 * damaged or cut off is said (test_data_pipes.c: pipes, files that change). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/data_forms.h"
#include "../lib/source_dump.h"
#include "../lib/trials.h"

static void test_forms(void **state)
{
	static const size_t slices[] = {1, 7, 64, 1000, 0};
	struct str text, bytes, plain, other, notes;

	(void)state;
	str_init(&text);
	str_init(&bytes);
	str_init(&plain);
	str_init(&other);
	str_init(&notes);
	source_rows(&text, 120);
	source_dump(text.data, text.len, NULL, NULL, &notes, &plain);
	assert_ptr_equal(strstr(plain.data, "error"), NULL);
	assert_null(strstr(notes.data, "UTF"));
	for (int form = 0; form < FORM_COUNT; form++) {
		const char *said = form == FORM_UTF16_UNMARKED ? "utf-16" : NULL;

		in_form((enum form)form, text.data, text.len, &bytes);
		for (size_t k = 0; k < COUNT_OF(slices); k++) {
			struct table_options how = {.threads = 1 + (int)k % 2, .slice = slices[k], .packed = k % 2};

			source_dump(bytes.data, bytes.len, said, &how, &notes, &other);
			source_alike(&plain, &other, "form", form);
		}
		if (form <= FORM_ZSTD_FRAMES || form == FORM_GZIP_UTF16 || form == FORM_GZIP_MARK)
			assert_non_null(
			    strstr(notes.data, strstr(notes.data, "zstd") ? "packed by zstd" : "packed by gzip"));
		if (form == FORM_MARK || form == FORM_GZIP_MARK)
			assert_non_null(strstr(notes.data, "UTF-8 with a byte order mark"));
		if (form >= FORM_UTF16_LITTLE)
			assert_non_null(strstr(notes.data, "UTF-16"));
	}
	str_release(&text);
	str_release(&bytes);
	str_release(&plain);
	str_release(&other);
	str_release(&notes);
}

/* Lines that end with CR alone, in a stream. */
static void test_cr_only(void **state)
{
	struct str text, bytes, plain, other;

	(void)state;
	str_init(&text);
	str_init(&bytes);
	str_init(&plain);
	str_init(&other);
	source_rows(&text, 30);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\n')
			text.data[i] = '\r';
	source_dump(text.data, text.len, NULL, NULL, NULL, &plain);
	for (int form = 0; form < FORM_COUNT; form++) {
		struct table_options how = {.slice = 50};

		if (form == FORM_UTF16_UNMARKED)
			continue;
		in_form((enum form)form, text.data, text.len, &bytes);
		source_dump(bytes.data, bytes.len, NULL, &how, NULL, &other);
		source_alike(&plain, &other, "form", form);
	}
	str_release(&text);
	str_release(&bytes);
	str_release(&plain);
	str_release(&other);
}

/* ---- cut off, damaged ---- */

static void test_every_cut(void **state)
{
	static const enum form forms[] = {FORM_GZIP, FORM_ZSTD, FORM_GZIP_MEMBERS};
	struct str text, bytes, out, again;

	(void)state;
	str_init(&text);
	str_init(&bytes);
	str_init(&out);
	str_init(&again);
	source_rows(&text, 60);
	for (size_t k = 0; k < COUNT_OF(forms); k++) {
		unsigned long long last = 0;

		in_form(forms[k], text.data, text.len, &bytes);
		for (size_t cut = 0; cut < bytes.len; cut += bytes.len / trials_here((unsigned)bytes.len)) {
			struct table_options how = {.slice = 1 + cut % 90, .threads = 1};
			unsigned long long line = 0;

			source_dump(bytes.data, cut, NULL, NULL, NULL, &out);
			source_dump(bytes.data, cut, NULL, &how, NULL, &again);
			source_alike(&out, &again, "cut", (int)cut);
			if (strncmp(out.data, "error 2: in", 11) != 0) {
				/* What ends between two members is whole, as far as anyone can tell. */
				if (forms[k] != FORM_GZIP_MEMBERS)
					fail_msg("cut %zu of form %d is taken: %.100s", cut, (int)forms[k], out.data);
				continue;
			}
			if (cut < 4)
				continue;
			if (!strstr(out.data, "ends in the middle") && forms[k] != FORM_GZIP_MEMBERS)
				fail_msg("cut %zu of form %d: %s", cut, (int)forms[k], out.data);
			if (sscanf(out.data, "error 2: in, line %llu: ", &line) != 1 ||
			    (line < last && forms[k] != FORM_GZIP_MEMBERS))
				fail_msg("cut %zu of form %d says no line: %s", cut, (int)forms[k], out.data);
			last = line;
		}
		assert_true(last > 60);
	}
	str_release(&text);
	str_release(&bytes);
	str_release(&out);
	str_release(&again);
}

/* Any byte may be wrong: then the file is refused, or the byte meant nothing. */
static void test_every_byte(void **state)
{
	static const enum form forms[] = {FORM_GZIP, FORM_ZSTD};
	struct str text, bytes, plain, out;

	(void)state;
	str_init(&text);
	str_init(&bytes);
	str_init(&plain);
	str_init(&out);
	source_rows(&text, 60);
	source_dump(text.data, text.len, NULL, NULL, NULL, &plain);
	for (size_t k = 0; k < COUNT_OF(forms); k++) {
		size_t taken = 0;

		in_form(forms[k], text.data, text.len, &bytes);
		for (size_t at = 0; at < bytes.len; at++) {
			bytes.data[at] = (char)(bytes.data[at] ^ (1 << at % 8));
			source_dump(bytes.data, bytes.len, NULL, NULL, NULL, &out);
			if (strncmp(out.data, "error 2: in", 11) != 0) {
				source_alike(&plain, &out, "byte", (int)at);
				taken++;
			}
			bytes.data[at] = (char)(bytes.data[at] ^ (1 << at % 8));
		}
		assert_true(taken <= 8); /* the time and the system in gzip's head */
	}
	in_form(FORM_GZIP, text.data, text.len, &bytes);
	str_adds(&bytes, "and more");
	source_dump(bytes.data, bytes.len, NULL, NULL, NULL, &out);
	assert_non_null(strstr(out.data, "something else stands behind what is compressed"));
	str_release(&text);
	str_release(&bytes);
	str_release(&plain);
	str_release(&out);
}

/* What is wrong in the lines before it is said first. */
static void test_first_thing_first(void **state)
{
	static const char text[] = "a,b\n1,2\n3\n4,5\n6,7\n";
	struct str bytes, out;

	(void)state;
	str_init(&bytes);
	str_init(&out);
	to_gzip(text, strlen(text), &bytes);
	source_dump(bytes.data, bytes.len - 3, NULL, NULL, NULL, &out);
	assert_string_equal(out.data, "error 2: in, line 3: the record has 1 field; 2 are expected");
	str_clear(&bytes);
	to_gzip("a,b\n1,2\n3,4", 11, &bytes);
	source_dump(bytes.data, bytes.len - 1, NULL, NULL, NULL, &out);
	assert_non_null(strstr(out.data, "in, line 3: the file is packed by gzip, and it ends in the middle"));
	/* An open quote is not at fault. */
	str_clear(&bytes);
	to_gzip("a,b\n1,2\n3,\"4\n5", 14, &bytes);
	source_dump(bytes.data, bytes.len - 1, NULL, NULL, NULL, &out);
	assert_non_null(strstr(out.data, "it ends in the middle"));
	str_clear(&bytes);
	to_gzip("a,b\n1,2\n3,4\0\n5,6\n", 17, &bytes);
	source_dump(bytes.data, bytes.len, NULL, NULL, NULL, &out);
	assert_string_equal(out.data,
	                    "error 2: in, line 3: holds a NUL byte: this is not text (a binary file, or UTF-16)");
	str_clear(&bytes);
	to_gzip("", 0, &bytes);
	source_dump(bytes.data, bytes.len, NULL, NULL, NULL, &out);
	assert_string_equal(out.data, "error 2: in: is empty");
	str_release(&bytes);
	str_release(&out);
}

/* Much that unpacks from little: refused at its first block, for it is no text. */
static void test_bomb(void **state)
{
	const size_t len = (size_t)64 << 20;
	char *zeros = xcalloc(len, 1);
	struct str bytes, out;

	(void)state;
	str_init(&bytes);
	str_init(&out);
	to_zstd(zeros, len, &bytes);
	free(zeros);
	source_dump(bytes.data, bytes.len, NULL, NULL, NULL, &out);
	assert_non_null(strstr(out.data, "in, line 1: holds a NUL byte"));
	str_release(&bytes);
	str_release(&out);
}

/* ---- encodings ---- */

static void test_utf16_wrong(void **state)
{
	static const struct {
		unsigned units[8];
		int count;
		const char *words;
	} cases[] = {
	    {{'a', '\n', 'x', 0xD83D, 0xDE00, '\n'}, 6, NULL},
	    {{'a', '\n', 'x', 0xDE00, '\n'}, 5, "in, line 2: half of a surrogate pair stands alone"},
	    {{'a', '\n', 'x', '\n', 0xD83D, 'y', '\n'}, 7, "in, line 3: half of a surrogate pair stands alone"},
	    {{'a', '\n', 'x', 0xD83D, 0xD83D, '\n'}, 6, "in, line 2: half of a surrogate pair stands alone"},
	    {{'a', '\n', 'x', '\n', 'y', 0xD83D}, 6, "in, line 3: half of a surrogate pair stands alone"},
	    {{'a', '\n', 'x', 0, '\n'}, 5, "in, line 2: holds a NUL byte"},
	};
	struct str bytes, out;

	(void)state;
	str_init(&bytes);
	str_init(&out);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (int big = 0; big < 2; big++) {
			str_clear(&bytes);
			add_utf16_unit(&bytes, 0xFEFF, big);
			for (int k = 0; k < cases[i].count; k++)
				add_utf16_unit(&bytes, cases[i].units[k], big);
			source_dump(bytes.data, bytes.len, NULL, NULL, NULL, &out);
			if (cases[i].words ? !strstr(out.data, cases[i].words) : !strstr(out.data, "x\xf0\x9f\x98\x80"))
				fail_msg("case %zu: %s", i, out.data);
		}
	source_dump("\xff\xfe"
	            "a\0\n\0x",
	            7, NULL, NULL, NULL, &out);
	assert_non_null(strstr(out.data, "in, line 2: ends in the middle of a letter of UTF-16"));
	source_dump("a,b\n1,2\n", 8, "utf-16", NULL, NULL, &out);
	assert_non_null(strstr(out.data, "is no UTF-16 text"));
	source_dump("\xff\xfe"
	            "a\0\n\0x\0\n\0",
	            10, "utf-8", NULL, NULL, &out);
	assert_non_null(
	    strstr(out.data, "in: is UTF-16 text by its byte order mark, but is to be read as utf-8"));
	source_dump("\xef\xbb\xbf"
	            "a\nx\n",
	            7, "utf-16", NULL, NULL, &out);
	assert_non_null(
	    strstr(out.data, "in: is UTF-8 text by its byte order mark, but is to be read as utf-16"));
	str_release(&bytes);
	str_release(&out);
}

static void test_latin1(void **state)
{
	static const char latin1[] = "n\xe4me,k\ncaf\xe9,1\n\xc0\xff,2\n", utf8[] = "näme,k\ncafé,1\nÀÿ,2\n";
	static const char broken[] = "näme,k\ncaf\xe9,1\nü,2\nö,3\n";
	struct str bytes, text, plain, other, notes;

	(void)state;
	str_init(&bytes);
	str_init(&text);
	str_init(&plain);
	str_init(&other);
	str_init(&notes);
	source_dump(utf8, strlen(utf8), NULL, NULL, NULL, &plain);
	source_dump(latin1, strlen(latin1), NULL, NULL, &notes, &other);
	source_alike(&plain, &other, "latin-1", 0);
	assert_non_null(strstr(notes.data, "not UTF-8 (the first such line is 1 of in): read as Latin-1"));
	source_dump(latin1, strlen(latin1), "Latin-1", NULL, NULL, &other);
	source_alike(&plain, &other, "latin-1", 1);
	to_gzip(latin1, strlen(latin1), &bytes);
	source_dump(bytes.data, bytes.len, NULL, NULL, NULL, &other);
	source_alike(&plain, &other, "latin-1", 2);
	source_dump(latin1, strlen(latin1), "utf-8", NULL, &notes, &other);
	assert_non_null(strstr(other.data, "caf\xe9"));
	assert_non_null(strstr(notes.data, "holds bytes that are not UTF-8"));
	/* One wrong byte does not make a file another. */
	source_dump(broken, strlen(broken), NULL, NULL, &notes, &other);
	assert_non_null(strstr(other.data, "caf\xe9"));
	assert_non_null(
	    strstr(notes.data, "UTF-8, but for 1 byte that are kept as they stand (the first in line 2 of in)"));
	/* Far behind what is looked at first, and with a column that turns out to be text late. */
	str_adds(&text, "k,n\n");
	for (int i = 0; i < 60000; i++)
		str_addf(&text, "%d,%s\n", i, i == 59990 ? "x" : "7");
	str_clear(&other);
	str_add(&other, text.data, text.len);
	str_adds(&text, "1,\xe9\n");
	str_adds(&other, "1,é\n");
	source_dump(other.data, other.len, NULL, NULL, NULL, &plain);
	source_dump(text.data, text.len, NULL, NULL, &notes, &other);
	source_alike(&plain, &other, "latin-1", 3);
	assert_non_null(strstr(notes.data, "the first such line is 60002 of in"));
	str_release(&bytes);
	str_release(&text);
	str_release(&plain);
	str_release(&other);
	str_release(&notes);
}

/* The encoding is a part of how a file is read, and what was registered before there was one stays what it was. */
static void test_recorded(void **state)
{
	static const char latin1[] = "a,k\ncaf\xe9,1\nx,2\n", plain[] = "a,k\ncafe,1\nx,2\n";
	struct reading r, back;
	struct table t, again;
	struct error err;
	struct str text, second;
	const char *encoding;

	(void)state;
	str_init(&text);
	str_init(&second);
	reading_init(&r);
	assert_int_equal(table_read_bytes(&t, "in", plain, strlen(plain), &r, NULL, &err), 0);
	reading_canonical(&t.reading, &text);
	assert_null(strstr(text.data, "encoding"));
	table_release(&t);
	/* A reading without an encoding: bytes as they stand. */
	assert_int_equal(reading_parse(text.data, text.len, &back, &err), 0);
	assert_int_equal(table_read_bytes(&again, "in", latin1, strlen(latin1), &back, NULL, &err), 0);
	assert_string_equal(intern_text(again.columns[0].dict, 0), "caf\xe9");
	reading_canonical(&again.reading, &second);
	assert_string_equal(text.data, second.data);
	table_release(&again);
	reading_release(&back);

	assert_int_equal(table_read_bytes(&t, "in", latin1, strlen(latin1), &r, NULL, &err), 0);
	str_clear(&text);
	str_clear(&second);
	reading_canonical(&t.reading, &text);
	encoding = strstr(text.data, "\nencoding latin-1\n");
	assert_non_null(encoding);
	assert_int_equal(reading_parse(text.data, text.len, &back, &err), 0);
	assert_int_equal(table_read_bytes(&again, "in", latin1, strlen(latin1), &back, NULL, &err), 0);
	assert_string_equal(intern_text(again.columns[0].dict, 0), "café");
	reading_canonical(&again.reading, &second);
	assert_string_equal(text.data, second.data);
	table_release(&again);
	reading_release(&back);
	table_release(&t);
	/* There is one text for one reading. */
	str_clear(&second);
	str_adds(&second, "assay-reading 1\nencoding utf-8\n");
	str_adds(&second, encoding + strlen("\nencoding latin-1\n"));
	assert_int_equal(reading_parse(second.data, second.len, &back, &err), -1);
	reading_init(&r);
	assert_int_equal(reading_set(&r, "encoding", "utf-7", &err), -1);
	str_release(&text);
	str_release(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_cr_only),
	    cmocka_unit_test(test_every_cut),
	    cmocka_unit_test(test_every_byte),
	    cmocka_unit_test(test_first_thing_first),
	    cmocka_unit_test(test_bomb),
	    cmocka_unit_test(test_utf16_wrong),
	    cmocka_unit_test(test_latin1),
	    cmocka_unit_test(test_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
