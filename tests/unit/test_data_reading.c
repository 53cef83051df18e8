/* Options, the canonical text, digests: what identifies a data set version must never change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data.h"

/* A frozen example: stores in the world hold digests of such texts. */
static const char frozen[] = "assay-reading 1\n"
                             "delimiter \",\"\n"
                             "quote \"\\\"\"\n"
                             "header no\n"
                             "skip 0\n"
                             "comment \"|\"\n"
                             "trim yes\n"
                             "end-mark \".\"\n"
                             "missing \"\"\n"
                             "missing \"?\"\n"
                             "positive \">50K\"\n"
                             "column \"age\" int feature\n"
                             "column \"a \\\"b\\\" \\\\ \\x09\" cat protected,background\n"
                             "column \"income\" cat label\n";

static void set(struct reading *r, const char *option, const char *value)
{
	struct error err;

	if (reading_set(r, option, value, &err) < 0)
		fail_msg("%s: %s", option, err.text);
}

static void test_frozen(void **state)
{
	static const char bytes[] = "|x\n1, p, <=50K.\n2, ?, >50K.\n3, p, >50K.\n";
	struct reading r;
	struct table t;
	struct error err;
	struct str text;
	char hex[SHA256_TEXT], file[SHA256_TEXT], whole[SHA256_TEXT];

	(void)state;
	str_init(&text);
	reading_init(&r);
	set(&r, "names", "age,\"a \"\"b\"\" \\ \t\",income");
	set(&r, "missing", "?");
	set(&r, "label", "income");
	set(&r, "positive", ">50K");
	set(&r, "protected", "\"a \"\"b\"\" \\ \t\"");
	set(&r, "background", "\"a \"\"b\"\" \\ \t\"");
	assert_int_equal(table_read_bytes(&t, "in", bytes, strlen(bytes), &r, NULL, &err), 0);
	reading_canonical(&t.reading, &text);
	assert_string_equal(text.data, frozen);
	reading_digest(&t.reading, hex);
	assert_string_equal(hex, "997f6192a8ec27546dc46c43df1ba389f728f7cb6a8b3eab5ceac0ca06dd1378");

	/* The version: files in order, then the reading. */
	sha256_hex(bytes, strlen(bytes), file);
	assert_string_equal(t.files[0].sha256, file);
	str_clear(&text);
	str_addf(&text, "assay-data 1\nfile %s\nreading %s\n", file, hex);
	sha256_hex(text.data, text.len, whole);
	data_version_digest(t.files, t.file_count, &t.reading, hex);
	assert_string_equal(hex, whole);
	table_release(&t);
	reading_release(&r);
	str_release(&text);
}

static void test_parse(void **state)
{
	struct reading r, copy;
	struct error err;
	struct str text;

	(void)state;
	str_init(&text);
	assert_int_equal(reading_parse(frozen, strlen(frozen), &r, &err), 0);
	assert_int_equal(r.comment, '|');
	assert_int_equal(r.column_count, 3);
	assert_string_equal(r.columns[1].name, "a \"b\" \\ \t");
	assert_int_equal(r.columns[1].roles, ROLE_PROTECTED | ROLE_BACKGROUND);
	assert_string_equal(reading_label(&r), "income");
	reading_copy(&copy, &r);
	reading_release(&r);
	reading_canonical(&copy, &text);
	assert_string_equal(text.data, frozen);
	reading_release(&copy);

	/* Every text that is cut short, and every changed first letter of a line, is refused. */
	for (size_t i = 0; i + 1 < strlen(frozen); i++) {
		bool whole_columns = i >= (size_t)(strstr(frozen, "column") - frozen) && frozen[i - 1] == '\n' &&
		                     i > (size_t)(strstr(frozen, "column") - frozen);

		if (whole_columns)
			continue;
		assert_int_equal(reading_parse(frozen, i, &r, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
	}
	for (size_t i = 0; i < strlen(frozen); i++)
		if (i == 0 || frozen[i - 1] == '\n') {
			str_clear(&text);
			str_adds(&text, frozen);
			text.data[i] = '!';
			assert_int_equal(reading_parse(text.data, text.len, &r, &err), -1);
		}
	assert_string_equal(err.text, "line 14 of a reading is not as this program writes it");
	str_release(&text);
}

static void test_options(void **state)
{
	static const struct {
		const char *option, *value, *words;
	} cases[] = {
	    {"delimiter", "ab", "--delimiter ab: must be one character, tab or space"},
	    {"quote", "", "--quote : must be one character or none"},
	    {"skip", "-1", "--skip -1: must be a number of lines"},
	    {"skip", "x", "--skip x: must be a number of lines"},
	    {"header", "maybe", "--header maybe: must be yes or no"},
	    {"names", "a,b,a", "--names: name 3 (\"a\") is there twice"},
	    {"names", "a,,b", "--names: name 2 (\"\") is empty"},
	    {"names", "\"a,b", "a quoted item must end with a quote"},
	    {"label", "a,b", "--label a,b: takes one column"},
	    {"protected", "a,,b", "a column name is empty"},
	    {"type", "a", "--type a: must be COLUMN=TYPE"},
	    {"type", "a=float", "the type must be one of bool, int, num, cat, text, time, id"},
	    {"label", NULL, "--label: needs a value"},
	    {"colour", "red", "--colour: is no option of reading data"},
	};
	struct reading r;
	struct error err;

	(void)state;
	reading_init(&r);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(reading_set(&r, cases[i].option, cases[i].value, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, cases[i].words))
			fail_msg("wanted \"%s\", got \"%s\"", cases[i].words, err.text);
	}
	set(&r, "delimiter", "tab");
	assert_int_equal(r.delimiter, '\t');
	set(&r, "delimiter", "space");
	assert_int_equal(r.delimiter, READ_BLANKS);
	set(&r, "label", "a");
	set(&r, "label", "b");
	assert_string_equal(reading_label(&r), "b");
	set(&r, "type", "k=v=int");
	assert_int_equal(reading_find(&r, "k=v")->type, COLUMN_INT);
	set(&r, "missing", "NA,,?,NA");
	assert_int_equal(r.missing_count, 3);
	reading_release(&r);
}

static void test_names(void **state)
{
	struct str text;
	enum column_type type;

	(void)state;
	str_init(&text);
	assert_string_equal(column_roles_text(0, &text), "feature");
	str_clear(&text);
	assert_string_equal(column_roles_text(ROLE_LABEL | ROLE_ID | ROLE_PROTECTED, &text),
	                    "label,protected,id");
	for (int i = COLUMN_BOOL; i < COLUMN_TYPE_COUNT; i++) {
		assert_true(column_type_parse(column_type_name((enum column_type)i), &type));
		assert_int_equal(type, i);
	}
	assert_false(column_type_parse("guess", &type));
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_frozen), cmocka_unit_test(test_parse),
	                                   cmocka_unit_test(test_options), cmocka_unit_test(test_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
