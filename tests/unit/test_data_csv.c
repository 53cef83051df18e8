/* CSV into columns: what is read, what is refused and with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/data.h"
#include "../lib/csv_dump.h"

/* ---- helpers ---- */

static void expect(const char *bytes, size_t len, const char *const *options, const char *wanted)
{
	struct str out;

	str_init(&out);
	csv_dump(bytes, len, options, NULL, &out);
	assert_string_equal(out.data, wanted);
	str_release(&out);
}

static void expect_text(const char *text, const char *const *options, const char *wanted)
{
	expect(text, strlen(text), options, wanted);
}

/* The error must hold all of the words. */
static void expect_error(const char *bytes, size_t len, const char *const *options, enum error_code code,
                         const char *words)
{
	struct str out;
	char head[32];

	str_init(&out);
	csv_dump(bytes, len, options, NULL, &out);
	snprintf(head, sizeof(head), "error %d: ", code);
	if (strncmp(out.data, head, strlen(head)) != 0 || !strstr(out.data, words))
		fail_msg("wanted \"%s…%s\", got \"%s\"", head, words, out.data);
	str_release(&out);
}

static uint64_t stream;

static unsigned pick(unsigned n)
{
	return csv_pick(&stream, n);
}

/* ---- layouts ---- */

static void test_plain(void **state)
{
	(void)state;
	expect_text("a,b,c\n1,2.5,x\n-3,1e3,y\n", NULL,
	            "a:int:feature b:num:feature c:cat:feature\n1|2.5|x\n-3|1000|y\n");
	/* CR LF, no line end at the end, a byte order mark. */
	expect_text("\xef\xbb\xbf"
	            "a,b\r\n1,x\r\n2,y",
	            NULL, "a:int:feature b:cat:feature\n1|x\n2|y\n");
	/* Lines that end with CR alone. */
	expect_text("a,b\r1,x\r2,y\r", NULL, "a:int:feature b:cat:feature\n1|x\n2|y\n");
	/* Blank lines are no records. */
	expect_text("a,b\n\n1,x\n\n\n2,y\n\n", NULL, "a:int:feature b:cat:feature\n1|x\n2|y\n");
	expect_text("only\n1\n2\n", NULL, "only:int:feature\n1\n2\n");
}

static void test_quotes(void **state)
{
	(void)state;
	expect_text("a,b\n1,\"x, y\"\n2,\"say \"\"hi\"\"\"\n", NULL,
	            "a:int:feature b:cat:feature\n1|x, y\n2|say \"hi\"\n");
	expect_text("a,b\n1,\"two\nlines\"\n2,\"\"\n", NULL,
	            "a:int:feature b:cat:feature\n1|two\nlines\n2|<missing>\n");
	expect_text("a,b\n1,'x, y'\n2,z\n", OPTIONS("quote='"), "a:int:feature b:cat:feature\n1|x, y\n2|z\n");
	expect_text("a,b\n1,6\" pipe\n2,\"z\n", OPTIONS("quote=none"),
	            "a:int:feature b:cat:feature\n1|6\" pipe\n2|\"z\n");
	/* Blanks belong to a field, unless they are round nearly every one. */
	expect_text("a,b\n1, x\n2,y\n3,z\n", NULL, "a:int:feature b:cat:feature\n1| x\n2|y\n3|z\n");
	expect_text("a, b\n1, x y \n2, \"y\"\n", NULL, "a:int:feature b:cat:feature\n1|x y\n2|y\n");
	expect_text("a,b\n1, x\n2,y\n3,z\n", OPTIONS("trim=yes"), "a:int:feature b:cat:feature\n1|x\n2|y\n3|z\n");
}

static void test_delimiters(void **state)
{
	(void)state;
	expect_text("a\tb\n1\tx, y\n2\tz\n", NULL, "a:int:feature b:cat:feature\n1|x, y\n2|z\n");
	expect_text("a;b\n1;2,5\n2;3,5\n", NULL, "a:int:feature b:cat:feature\n1|2,5\n2|3,5\n");
	expect_text("a|b\n1|x\n2|z\n", NULL, "a:int:feature b:cat:feature\n1|x\n2|z\n");
	expect_text("A11 6  A34 1\nA12  48 A32\t2 \n  A14 12 A34 1\n", NULL,
	            "c1:cat:feature c2:int:feature c3:cat:feature "
	            "c4:int:feature\nA11|6|A34|1\nA12|48|A32|2\nA14|12|A34|1\n");
	expect_text("a b\n1 \"x y\"\n2 z\n", OPTIONS("delimiter=space"),
	            "a:int:feature b:cat:feature\n1|x y\n2|z\n");
	expect_text("a:b\n1:x\n2:y\n", OPTIONS("delimiter=:"), "a:int:feature b:cat:feature\n1|x\n2|y\n");
	/* Text with blanks is not cut. */
	expect_text("title\nthe cat\na dog here\nbird\n", NULL, "title:cat:feature\nthe cat\na dog here\nbird\n");
}

static void test_header(void **state)
{
	(void)state;
	expect_text("1,x\n2,y\n", NULL, "c1:int:feature c2:cat:feature\n1|x\n2|y\n");
	expect_text("x,y\np,q\ny,q\nx,p\n", OPTIONS("no-header"),
	            "c1:cat:feature c2:cat:feature\nx|y\np|q\ny|q\nx|p\n");
	/* All text: the first record repeats values, so it is one of them. */
	expect_text("x,y\np,q\np,y\n", NULL, "c1:cat:feature c2:cat:feature\nx|y\np|q\np|y\n");
	expect_text("name,kind\np,q\np,y\n", NULL, "name:cat:feature kind:cat:feature\np|q\np|y\n");
	expect_text("1,x\n2,y\n", OPTIONS("names=n,\"a,b\""), "n:int:feature a,b:cat:feature\n1|x\n2|y\n");
	/* Names given although there is a header: the given ones count. */
	expect_text("a,b\n1,x\n2,y\n", OPTIONS("names=n,m"), "n:int:feature m:cat:feature\n1|x\n2|y\n");
	expect_text("2019,2020\n1,2\n3,4\n", OPTIONS("header=yes"),
	            "2019:int:feature 2020:int:feature\n1|2\n3|4\n");
	/* Blanks around names are none of them, though those around values may count. */
	expect_text("a ,\" b\"\n1,x \n2,y\n", NULL, "a:int:feature b:cat:feature\n1|x \n2|y\n");
	expect_text("a, \n0,5\n1,6\n", NULL, "a:int:feature column_2:int:feature\n0|5\n1|6\n");
	/* The index column that pandas writes has no name. */
	expect_text(",a\n0,5\n1,6\n", NULL, "column_1:int:feature a:int:feature\n0|5\n1|6\n");
}

static void test_leading_lines(void **state)
{
	(void)state;
	expect_text("|1x3 Cross validator\n1, a, x.\n2, b, y.\n3, a, x.\n", NULL,
	            "c1:int:feature c2:cat:feature c3:cat:feature\n1|a|x\n2|b|y\n3|a|x\n");
	expect_text("# made by hand\n# in May, twice\na,b\n1,x\n# within\n2,y\n", NULL,
	            "a:int:feature b:cat:feature\n1|x\n2|y\n");
	expect_text("#id,b\n1,x\n2,y\n", NULL, "#id:int:feature b:cat:feature\n1|x\n2|y\n");
	expect_text("Report of May\n\na,b\n1,x\n2,y\n", NULL, "a:int:feature b:cat:feature\n1|x\n2|y\n");
	expect_text("junk,junk\na,b\n1,x\n2,y\n", OPTIONS("skip=1"), "a:int:feature b:cat:feature\n1|x\n2|y\n");
	expect_text("a,b\n1,x\n;2,y\n3,z\n", OPTIONS("comment=;"), "a:int:feature b:cat:feature\n1|x\n3|z\n");
	/* Sentences are not classes: their period stays. */
	expect_text("1,It rains.\n2,It snows.\n3,Sun.\n", NULL,
	            "c1:int:feature c2:cat:feature\n1|It rains.\n2|It snows.\n3|Sun.\n");
	expect_text("1,x.\n2,x.\n", OPTIONS("end-mark=none"), "c1:int:feature c2:cat:feature\n1|x.\n2|x.\n");
}

/* ---- types ---- */

static void test_types(void **state)
{
	(void)state;
	expect_text("b,i,n,t,c\ntrue,1,1.0,2026-11-23,x\nno,-2,inf,2026-11-23 "
	            "09:12,\nYES,NA,-Inf,2026-11-23T09:12:00Z,x\n",
	            NULL,
	            "b:bool:feature i:int:feature n:num:feature t:time:feature c:cat:feature\n"
	            "true|1|1|2026-11-23T00:00:00.000Z|x\nfalse|-2|inf|2026-11-23T09:12:00.000Z|<missing>\n"
	            "true|<missing>|-inf|2026-11-23T09:12:00.000Z|x\n");
	/* The last row settles it. */
	expect_text("a,b\n1,2026-01-01\n2,2026-01-02\nx,never\n", NULL,
	            "a:cat:feature b:cat:feature\n1|2026-01-01\n2|2026-01-02\nx|never\n");
	expect_text("a\n?\n\n2026-01-01\n", NULL, "a:time:feature\n<missing>\n2026-01-01T00:00:00.000Z\n");
	/* Leading zeros are part of a code. */
	expect_text("zip\n01234\n98765\n", NULL, "zip:cat:feature\n01234\n98765\n");
	expect_text("zip\n01234\n98765\n", OPTIONS("type=zip=int"), "zip:int:feature\n1234\n98765\n");
	expect_text("a\nNA\n?\n", NULL, "a:num:feature\n<missing>\n<missing>\n");
	expect_text("loan_id,x\n7,1\n9,1\n8,2\n", NULL, "loan_id:id:id x:int:feature\n7|1\n9|1\n8|2\n");
	expect_text("loan_id,x\n7,1\n7,1\n", NULL, "loan_id:int:feature x:int:feature\n7|1\n7|1\n");
	expect_text("k,x\na7,1\na9,1\n", OPTIONS("id=k"), "k:id:id x:int:feature\na7|1\na9|1\n");
	/* Beyond 2^53 a double is not enough; as an id all digits stay. */
	expect_text("k,x\n9007199254740993,1\n9007199254740995,1\n", OPTIONS("type=k=id"),
	            "k:id:id x:int:feature\n9007199254740993|1\n9007199254740995|1\n");
	expect_text("flag\n1\n0\n", OPTIONS("type=flag=bool"), "flag:bool:feature\ntrue\nfalse\n");
}

/* The lane for decimals gives what strtod gives, to the last bit. */
static void test_decimals(void **state)
{
	static const char *const fixed[] = {"0.1",
	                                    "-0.0",
	                                    "123456789.123456789",
	                                    "9007199254740993",
	                                    "9223372036854775807",
	                                    "18446744073709551615",
	                                    "99999999999999999999",
	                                    "0.000000000000000001",
	                                    "5.",
	                                    ".5",
	                                    "1e22",
	                                    "1.7976931348623157e308",
	                                    "4.9e-324",
	                                    "900719925474099.3"};
	static double wanted[20000];
	struct str text, number;
	struct reading r;
	struct error err;
	struct table t;

	(void)state;
	str_init(&text);
	str_init(&number);
	str_adds(&text, "x\n");
	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		str_clear(&number);
		if (i < COUNT_OF(fixed)) {
			str_adds(&number, fixed[i]);
		} else {
			unsigned digits = 1 + pick(20), point = pick(21);

			if (pick(4) == 0)
				str_addc(&number, '-');
			for (unsigned k = 0; k < digits; k++) {
				if (k == point)
					str_addc(&number, '.');
				str_addc(&number, (char)('0' + pick(10)));
			}
		}
		wanted[i] = strtod(number.data, NULL);
		str_addf(&text, "%s\n", number.data);
	}
	reading_init(&r);
	assert_int_equal(reading_set(&r, "type", "x=num", &err), 0);
	assert_int_equal(reading_set(&r, "header", "yes", &err), 0);
	if (table_read_bytes(&t, "in", text.data, text.len, &r, &(struct table_options){.threads = 1}, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(t.row_count, COUNT_OF(wanted));
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		if (memcmp(&wanted[i], &t.columns[0].values[i], sizeof(wanted[i])) != 0)
			fail_msg("line %zu: wanted %.17g, got %.17g", i + 2, wanted[i], t.columns[0].values[i]);
	table_release(&t);
	reading_release(&r);
	str_release(&text);
	str_release(&number);
}

/* Columns that all have so many digits behind the point are read in another way than mixed ones, and may stay
 * packed: to the last bit as well. */
static void test_alike(void **state)
{
	enum { COLUMNS = 12, ROWS = 3000 };
	static double wanted[ROWS][COLUMNS];
	struct str text, number;
	struct reading r;
	struct error err;
	struct table t;

	(void)state;
	str_init(&text);
	str_init(&number);
	for (unsigned i = 0; i < COLUMNS; i++)
		str_addf(&text, "c%u%c", i, i + 1 < COLUMNS ? ',' : '\n');
	for (unsigned row = 0; row < ROWS; row++)
		for (unsigned i = 0; i < COLUMNS; i++) {
			unsigned before = 1 + pick(pick(200) ? 3 : 12);

			str_clear(&number);
			if (pick(2))
				str_addc(&number, '-');
			for (unsigned k = 0; k < before + i; k++) {
				if (k == before)
					str_addc(&number, '.');
				str_addc(&number, (char)('0' + (k == 0 ? 1 + pick(9) : pick(10))));
			}
			wanted[row][i] = strtod(number.data, NULL);
			str_addf(&text, "%s%c", number.data, i + 1 < COLUMNS ? ',' : '\n');
		}
	reading_init(&r);
	for (int packed = 0; packed < 2; packed++) {
		struct table_options how = {.slice = packed ? 10000 : 0, .packed = packed};

		if (table_read_bytes(&t, "in", text.data, text.len, &r, &how, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(t.row_count, ROWS);
		for (unsigned row = 0; row < ROWS; row++)
			for (unsigned i = 0; i < COLUMNS; i++) {
				double got = column_number(&t.columns[i], row);

				if (memcmp(&wanted[row][i], &got, sizeof(got)) != 0)
					fail_msg("row %u, column %u: wanted %.17g, got %.17g", row + 1, i, wanted[row][i], got);
			}
		table_release(&t);
	}
	reading_release(&r);
	str_release(&text);
	str_release(&number);
}

/* What is nearly a number among numbers that are alike. */
static void test_nearly_alike(void **state)
{
	static const char *const cells[] = {"1.2a4567",  "a.234567", "1.23456",    "1,234567",
	                                    "1.234567 ", "-.234567", "--1.23456",  "1..34567",
	                                    "1.2345:7",  "1/234567", "\xb1.234567"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cells); i++) {
		char *text = xasprintf("x;y\n1.234567;1\n-2.345678;2\n%s;3\n4.567890;4\n", cells[i]);
		struct str out;
		double value;

		str_init(&out);
		csv_dump(text, strlen(text), OPTIONS("type=x=num"), NULL, &out);
		/* A number for num_parse, which knows nothing of its neighbours, is one for the table. */
		if (num_parse(cells[i], strlen(cells[i]), &value))
			assert_ptr_equal(strstr(out.data, "x:num:"), out.data);
		else
			assert_non_null(strstr(out.data, "line 4: column 1 (x): "));
		str_release(&out);
		free(text);
	}
}

static void test_missing(void **state)
{
	static const char text[] = "a,b\n1,?\nNA,x\n,y\nNA,n/a\n";
	struct reading r;
	struct table t;
	struct error err;

	(void)state;
	csv_reading(&r, OPTIONS("missing=n/a,NA"));
	assert_int_equal(table_read_bytes(&t, "in", text, strlen(text), &r, NULL, &err), 0);
	assert_int_equal(t.reading.missing_count, 3);
	assert_string_equal(t.reading.missing[0], "");
	assert_int_equal(t.columns[0].missing, 3);
	assert_int_equal(t.columns[0].missing_by[0], 1);
	assert_int_equal(t.columns[0].missing_by[1], 0);
	assert_int_equal(t.columns[0].missing_by[2], 2);
	assert_int_equal(t.columns[1].missing, 1); /* "?" is a value here */
	table_release(&t);
	reading_release(&r);
}

static void test_roles(void **state)
{
	(void)state;
	expect_text(
	    "y,s,d,w,t,k\nyes,F,web,1,2026-01-01,a1\nno,M,app,2,2026-01-02,a2\n",
	    OPTIONS("label=y", "positive=yes", "protected=s", "background=d", "weight=w", "time=t", "id=k"),
	    "y:bool:label s:cat:protected d:cat:background w:int:weight t:time:time k:id:id\n"
	    "true|F|web|1|2026-01-01T00:00:00.000Z|a1\nfalse|M|app|2|2026-01-02T00:00:00.000Z|a2\n");
}

static void test_several_files(void **state)
{
	char folder[] = "/tmp/assay-data-XXXXXX", *paths[2];
	const char *const bytes[2] = {"a,b\n1,x\n", "a,b\n2.5,y\n3,x\n"};
	struct reading r;
	struct table t;
	struct error err;
	char digest[SHA256_TEXT];

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (int i = 0; i < 2; i++) {
		paths[i] = path_join(folder, i ? "two.csv" : "one.csv");
		assert_int_equal(file_write_atomic(paths[i], bytes[i], strlen(bytes[i]), 0644, &err), 0);
	}
	reading_init(&r);
	assert_int_equal(table_read(&t, (const char *const *)paths, 2, &r, NULL, &err), 0);
	assert_int_equal(t.row_count, 3);
	assert_int_equal(t.columns[0].type, COLUMN_NUM);
	assert_int_equal(t.files[1].first_row, 1);
	assert_int_equal(t.files[1].rows, 2);
	sha256_hex(bytes[1], strlen(bytes[1]), digest);
	assert_string_equal(t.files[1].sha256, digest);
	table_release(&t);

	assert_int_equal(file_write_atomic(paths[1], "b,a\n2,y\n", 8, 0644, &err), 0);
	assert_int_equal(table_read(&t, (const char *const *)paths, 2, &r, NULL, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "two.csv, line 1: column 1 of the header is \"b\"; \"a\" is expected"));
	unlink(paths[1]);
	assert_int_equal(table_read(&t, (const char *const *)paths, 2, &r, NULL, &err), -1);
	assert_int_equal(err.code, ERR_ENV);
	assert_int_equal(table_read(&t, (const char *const[]){folder}, 1, &r, NULL, &err), -1);
	assert_int_equal(err.code, ERR_ENV);
	assert_non_null(strstr(err.text, "is a folder"));
	free(paths[0]);
	free(paths[1]);
	assert_int_equal(dir_remove(folder, &err), 0);
	reading_release(&r);
}

/* ---- bad input ---- */

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
		expect_error(cases[i].bytes, cases[i].len ? cases[i].len : strlen(cases[i].bytes), NULL, ERR_USAGE,
		             cases[i].words);
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
		expect_error(text, strlen(text), OPTIONS(cases[i].option), ERR_USAGE, cases[i].words);
	expect_error(text, strlen(text), OPTIONS("label=y", "positive=r"), ERR_USAGE,
	             "the positive value 'r' never occurs in the label y; its values are 'p' and 'q'");
	expect_error("w,x\n1,2\n-1,3\n", 13, OPTIONS("weight=w"), ERR_USAGE,
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

/* ---- read again, and like ---- */

static void test_resolved_again(void **state)
{
	static const char text[] = "id,x,zip\n1,2.5,007\n2,3,010\n";
	struct reading r, back;
	struct table t, again;
	struct error err;
	struct str canonical, second;

	(void)state;
	reading_init(&r);
	str_init(&canonical);
	str_init(&second);
	assert_int_equal(table_read_bytes(&t, "in", text, strlen(text), &r, NULL, &err), 0);
	reading_canonical(&t.reading, &canonical);
	assert_int_equal(reading_parse(canonical.data, canonical.len, &back, &err), 0);
	assert_int_equal(table_read_bytes(&again, "in", text, strlen(text), &back, NULL, &err), 0);
	reading_canonical(&again.reading, &second);
	assert_string_equal(canonical.data, second.data);
	assert_int_equal(again.columns[2].type, COLUMN_CAT);
	table_release(&again);
	/* Another file does not pass for it. */
	assert_int_equal(table_read_bytes(&again, "in", "id,x\n1,2\n", 9, &back, NULL, &err), -1);
	assert_non_null(strstr(err.text, "the record has 2 fields; the data set has 3 columns"));
	assert_int_equal(table_read_bytes(&again, "in", "id,x,z\n1,2,3\n", 13, &back, NULL, &err), -1);
	assert_non_null(strstr(err.text, "has no column \"zip\""));
	table_release(&t);
	reading_release(&back);
	str_release(&canonical);
	str_release(&second);
}

static void test_like(void **state)
{
	static const char train[] = "a,zip,y\n1,10,p\n2,20,q\n", bad[] = "a,zip\nx,3\n";
	static const char test[] = "extra;zip;a\nfoo;7;3.0\nbar;8;4\n";
	static const char bare[] = "1, u, p\n2, v, q\n", bare_test[] = "|note\n3, u, p.\n4, w, q.\n";
	struct reading r, like;
	struct table t, other;
	struct error err;

	(void)state;
	csv_reading(&r, OPTIONS("label=y", "type=zip=cat", "type=a=num"));
	assert_int_equal(table_read_bytes(&t, "train", train, strlen(train), &r, NULL, &err), 0);
	reading_like(&like, &t.reading);
	assert_int_equal(table_read_bytes(&other, "test", test, strlen(test), &like, NULL, &err), 0);
	assert_int_equal(other.columns[table_find(&other, "zip")].type, COLUMN_CAT);
	assert_int_equal(other.columns[table_find(&other, "a")].type, COLUMN_NUM);
	assert_int_equal(table_find(&other, "y"), -1);
	table_release(&other);
	assert_int_equal(table_read_bytes(&other, "bad", bad, strlen(bad), &like, NULL, &err), -1);
	assert_string_equal(err.text, "bad, line 2: column 1 (a): \"x\" is not a number");
	table_release(&t);
	reading_release(&r);
	reading_release(&like);

	csv_reading(&r, OPTIONS("names=n,c,y", "label=y", "positive=p"));
	assert_int_equal(table_read_bytes(&t, "train", bare, strlen(bare), &r, NULL, &err), 0);
	reading_like(&like, &t.reading);
	assert_int_equal(table_read_bytes(&other, "test", bare_test, strlen(bare_test), &like, NULL, &err), 0);
	assert_string_equal(intern_text(other.columns[2].dict, 0), "p");
	assert_int_equal(other.row_count, 2);
	table_release(&other);
	table_release(&t);
	reading_release(&r);
	reading_release(&like);
}

/* ---- label, rows taken ---- */

static int label_of(const char *text, const char *positive, double *out, struct error *err)
{
	struct reading r;
	struct table t;
	int rc;

	reading_init(&r);
	if (table_read_bytes(&t, "in", text, strlen(text), &r, NULL, err) < 0)
		fail_msg("%s", err->text);
	rc = table_label(&t, "y", positive, out, err);
	table_release(&t);
	return rc;
}

static void test_label(void **state)
{
	double y[8];
	struct error err;

	(void)state;
	assert_int_equal(label_of("y,x\np,1\nq,2\n?,3\n", "q", y, &err), 0);
	assert_true(y[0] == 0 && y[1] == 1 && y[2] != y[2]);
	assert_int_equal(label_of("y,x\n0,1\n1,2\n", NULL, y, &err), 0);
	assert_true(y[0] == 0 && y[1] == 1);
	assert_int_equal(label_of("y,x\nyes,1\nno,2\n", NULL, y, &err), 0);
	assert_true(y[0] == 1 && y[1] == 0);
	assert_int_equal(label_of("y,x\n1,1\n2,2\n", "2", y, &err), 0);
	assert_true(y[0] == 0 && y[1] == 1);
	assert_int_equal(label_of("y,x\n1,1\n2,2\n", NULL, y, &err), -1);
	assert_string_equal(
	    err.text,
	    "which value of the label y counts as positive? Say --positive; its values are '1' and '2'");
	assert_int_equal(label_of("y,x\np,1\np,2\n", "p", y, &err), -1);
	assert_string_equal(err.text, "the label y has one class only: 'p'");
	assert_int_equal(label_of("y,x\n?,1\nNA,2\n", NULL, y, &err), -1);
	assert_string_equal(err.text, "the label y holds no value at all");
	assert_int_equal(label_of("yy,x\np,1\nq,2\n", NULL, y, &err), -1);
	assert_string_equal(err.text, "there is no column \"y\"; did you mean \"yy\"?");
}

static void test_take(void **state)
{
	static const char text[] = "n,c\n1,x\n2,y\n?,z\n4,?\n";
	static const size_t rows[] = {3, 2, 2, 0};
	struct reading r;
	struct table t, part;
	struct error err;
	struct str cell;

	(void)state;
	reading_init(&r);
	str_init(&cell);
	assert_int_equal(table_read_bytes(&t, "in", text, strlen(text), &r, NULL, &err), 0);
	table_take(&part, &t, rows, COUNT_OF(rows));
	for (size_t i = 0; i < part.row_count; i++) {
		column_cell(&part.columns[0], i, &cell);
		str_addc(&cell, ',');
		column_cell(&part.columns[1], i, &cell);
		str_addc(&cell, ' ');
	}
	assert_string_equal(cell.data, "4, ,z ,z 1,x ");
	assert_int_equal(part.columns[0].missing, 2);
	assert_int_equal(part.columns[1].missing, 1);
	table_release(&part);
	table_release(&t);
	str_release(&cell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),          cmocka_unit_test(test_quotes),
	    cmocka_unit_test(test_delimiters),     cmocka_unit_test(test_header),
	    cmocka_unit_test(test_leading_lines),  cmocka_unit_test(test_types),
	    cmocka_unit_test(test_decimals),       cmocka_unit_test(test_missing),
	    cmocka_unit_test(test_roles),          cmocka_unit_test(test_several_files),
	    cmocka_unit_test(test_refused),        cmocka_unit_test(test_refused_options),
	    cmocka_unit_test(test_long_field),     cmocka_unit_test(test_bytes_kept),
	    cmocka_unit_test(test_resolved_again), cmocka_unit_test(test_like),
	    cmocka_unit_test(test_label),          cmocka_unit_test(test_take),
	    cmocka_unit_test(test_alike),          cmocka_unit_test(test_nearly_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
