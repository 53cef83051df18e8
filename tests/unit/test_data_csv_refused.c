/* CSV that is refused, with which words; and bytes that are kept as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/csv_dump.h"

static void test_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len; /* 0: strlen */
		const char *words;
	} cases[] = {
	    {"", 0, "in.csv: is empty"},
	    {"\xef\xbb\xbf", 3, "empty but for a byte order mark"},
	    {"\n\n\n", 0, "holds no record, only blank lines"},
	    {"a,b\n", 0, "holds a header but no data"},
	    {"a,b", 0, "holds a header but no data"},
	    {"a,b\n1,2\n3\n4,5\n", 0, "in.csv, line 3: the record has 1 field; 2 are expected"},
	    {"a,b\n1,2\n\n3,4,5\n", 0, "in.csv, line 4: the record has 3 fields; 2 are expected"},
	    {"a,b\n1,2\n3,\"x\n4,5\n", 0, "in.csv, line 3: field 2 begins with a quote that never ends"},
	    {"a,b\n1,\"x\"y\n2,z\n", 0, "in.csv, line 2: field 2 has a quote in the wrong place"},
	    {"a,b\n1,x\"y\"\n2,z\n", 0, "in.csv, line 2: field 2 has a quote in the wrong place"},
	    {"a,b\n1,\"p\nq\"\n2,\"x\"y\n", 0, "in.csv, line 4: field 2 has a quote in the wrong place"},
	    {"a,a\n1,2\n", 0, "in.csv, line 1: columns 1 and 2 are both called \"a\""},
	    {"a,b\n1,\0\n", 8, "in.csv, line 2: holds a NUL byte"},
	    {"\x7f"
	     "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\n",
	     17, "holds a NUL byte: this is not text"},
	    {"\xff\xfe\0\0a\0\0", 8, "is UTF-32 text"},
	    {"\x1f\x8b\x08\0", 4, "in.csv, line 1: the file is packed by gzip, and it ends in the middle"},
	    {"PK\x03\x04....", 8, "is a zip archive or a spreadsheet"},
	    {"PAR1....", 8, "is a Parquet file"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		csv_expect_error(cases[i].bytes, cases[i].len ? cases[i].len : strlen(cases[i].bytes), NULL,
		                 ERR_USAGE, cases[i].words);
}

static void test_refused_options(void **state)
{
	static const char text[] = "a,b,y\n1,x,p\n2,z,q\n3,NA,p\n";
	static const struct {
		const char *option, *words;
	} cases[] = {
	    {"label=outcome", "in.csv: has no column \"outcome\"; its columns are a, b, y"},
	    {"type=b=num", "in.csv, line 2: column 2 (b): \"x\" is not a number"},
	    {"type=b=int", "column 2 (b): \"x\" is not a whole number"},
	    {"type=b=time", "column 2 (b): \"x\" is not a time"},
	    {"type=b=bool", "column 2 (b): \"x\" is not true or false"},
	    {"weight=b", "column b is the weight, but it does not hold numbers"},
	    {"time=b", "column b is the time, but it holds neither times"},
	    {"names=a,b", "in.csv, line 1: the record has 3 fields, but 2 names are given"},
	    {"skip=9", "has only 4 lines; --skip 9 leaves nothing"},
	    {"positive=p", "--positive p: needs --label"},
	    {"quote=,", "--quote and --delimiter are the same character"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		csv_expect_error(text, strlen(text), OPTIONS(cases[i].option), ERR_USAGE, cases[i].words);
	csv_expect_error(text, strlen(text), OPTIONS("label=y", "positive=r"), ERR_USAGE,
	                 "the positive value 'r' never occurs in the label y; its values are 'p' and 'q'");
	csv_expect_error("w,x\n1,2\n-1,3\n", 13, OPTIONS("weight=w"), ERR_USAGE,
	                 "the value of row 2 is negative or infinite");
}

static void test_long_field(void **state)
{
	struct table_options how = {.max_field = 100};
	struct str text, out;

	(void)state;
	str_init(&text);
	str_init(&out);
	str_adds(&text, "a,b\n1,");
	for (int i = 0; i < 101; i++)
		str_addc(&text, 'x');
	str_adds(&text, "\n");
	csv_dump(text.data, text.len, NULL, &how, &out);
	assert_string_equal(out.data, "error 2: in.csv, line 2: field 2 is longer than 100 bytes");
	/* An open quote swallows no more than that. */
	str_clear(&text);
	str_adds(&text, "a,b\n1,\"x\n");
	for (int i = 0; i < 100000; i++)
		str_adds(&text, "2,y\n");
	csv_dump(text.data, text.len, NULL, &how, &out);
	assert_string_equal(
	    out.data, "error 2: in.csv, line 2: field 2 begins with a quote that does not end within 100 bytes");
	str_release(&text);
	str_release(&out);
}

static void test_bytes_kept(void **state)
{
	static const char text[] = "a,b\n1,caf\xe9\n2,\x1b[31m\n";
	struct reading r;
	struct table t;
	struct error err;
	bool said = false;

	(void)state;
	csv_reading(&r, OPTIONS("encoding=utf-8"));
	assert_int_equal(table_read_bytes(&t, "in", text, strlen(text), &r, NULL, &err), 0);
	assert_string_equal(intern_text(t.columns[1].dict, 0), "caf\xe9");
	assert_string_equal(intern_text(t.columns[1].dict, 1), "\x1b[31m");
	for (size_t i = 0; i < t.note_count; i++)
		said = said || strstr(t.notes[i], "column b holds bytes that are not UTF-8");
	assert_true(said);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_refused_options),
	    cmocka_unit_test(test_long_field),
	    cmocka_unit_test(test_bytes_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
