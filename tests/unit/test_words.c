/* The nearest name, and fields of CSV. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "assay/base.h"

static void finds_the_nearest(void **state)
{
	(void)state;
	const char *const names[] = {"train", "runs", "run", "compare", "data add"};
	assert_string_equal(name_nearest("trian", names, 5), "train");
	assert_string_equal(name_nearest("tran", names, 5), "train");
	assert_string_equal(name_nearest("compair", names, 5), "compare");
	assert_string_equal(name_nearest("runz", names, 5), "runs");
	assert_null(name_nearest("qqqqqqqq", names, 5));
	assert_null(name_nearest("zz", names, 5));
	assert_null(name_nearest("", names, 0));
	char longer[200];
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	assert_null(name_nearest(longer, names, 5));
}

static void writes_fields(void **state)
{
	(void)state;
	static const struct {
		const char *from;
		bool text;
		const char *to;
	} cases[] = {
	    {"plain", true, "plain"},   {"", true, ""},
	    {"a,b", true, "\"a,b\""},   {"a\"b", true, "\"a\"\"b\""},
	    {"a\nb", true, "\"a\nb\""}, {" a", true, "\" a\""},
	    {"=1+1", true, "'=1+1"},    {"-5", false, "-5"},
	    {"-5", true, "'-5"},        {"@SUM(A1,B1)", true, "\"'@SUM(A1,B1)\""},
	    {"\tx", true, "'\tx"},      {"+x\r", true, "\"'+x\r\""},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str out;
		str_init(&out);
		csv_field(&out, cases[i].from, strlen(cases[i].from), ',', cases[i].text);
		assert_string_equal(out.data, cases[i].to);
		str_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_nearest), cmocka_unit_test(writes_fields)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
