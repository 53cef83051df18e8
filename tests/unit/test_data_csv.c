/* CSV into columns: what is read (test_data_csv_refused.c: what is not). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/csv_dump.h"

static uint64_t stream;

static unsigned pick(unsigned n)
{
	return csv_pick(&stream, n);
}

/* ---- layouts ---- */

static void test_plain(void **state)
{
	(void)state;
	csv_expect_text("a,b,c\n1,2.5,x\n-3,1e3,y\n", NULL,
	                "a:int:feature b:num:feature c:cat:feature\n1|2.5|x\n-3|1000|y\n");
	/* CR LF, no line end at the end, a byte order mark. */
	csv_expect_text("\xef\xbb\xbf"
	                "a,b\r\n1,x\r\n2,y",
	                NULL, "a:int:feature b:cat:feature\n1|x\n2|y\n");
	/* Lines that end with CR alone. */
	csv_expect_text("a,b\r1,x\r2,y\r", NULL, "a:int:feature b:cat:feature\n1|x\n2|y\n");
	/* Blank lines are no records. */
	csv_expect_text("a,b\n\n1,x\n\n\n2,y\n\n", NULL, "a:int:feature b:cat:feature\n1|x\n2|y\n");
	csv_expect_text("only\n1\n2\n", NULL, "only:int:feature\n1\n2\n");
}

static void test_quotes(void **state)
{
	(void)state;
	csv_expect_text("a,b\n1,\"x, y\"\n2,\"say \"\"hi\"\"\"\n", NULL,
	                "a:int:feature b:cat:feature\n1|x, y\n2|say \"hi\"\n");
	csv_expect_text("a,b\n1,\"two\nlines\"\n2,\"\"\n", NULL,
	                "a:int:feature b:cat:feature\n1|two\nlines\n2|<missing>\n");
	csv_expect_text("a,b\n1,'x, y'\n2,z\n", OPTIONS("quote='"), "a:int:feature b:cat:feature\n1|x, y\n2|z\n");
	csv_expect_text("a,b\n1,6\" pipe\n2,\"z\n", OPTIONS("quote=none"),
	                "a:int:feature b:cat:feature\n1|6\" pipe\n2|\"z\n");
	/* Blanks belong to a field, unless they are round nearly every one. */
	csv_expect_text("a,b\n1, x\n2,y\n3,z\n", NULL, "a:int:feature b:cat:feature\n1| x\n2|y\n3|z\n");
	csv_expect_text("a, b\n1, x y \n2, \"y\"\n", NULL, "a:int:feature b:cat:feature\n1|x y\n2|y\n");
	csv_expect_text("a,b\n1, x\n2,y\n3,z\n", OPTIONS("trim=yes"),
	                "a:int:feature b:cat:feature\n1|x\n2|y\n3|z\n");
}

static void test_delimiters(void **state)
{
	(void)state;
	csv_expect_text("a\tb\n1\tx, y\n2\tz\n", NULL, "a:int:feature b:cat:feature\n1|x, y\n2|z\n");
	csv_expect_text("a;b\n1;2,5\n2;3,5\n", NULL, "a:int:feature b:cat:feature\n1|2,5\n2|3,5\n");
	csv_expect_text("a|b\n1|x\n2|z\n", NULL, "a:int:feature b:cat:feature\n1|x\n2|z\n");
	csv_expect_text("A11 6  A34 1\nA12  48 A32\t2 \n  A14 12 A34 1\n", NULL,
	                "c1:cat:feature c2:int:feature c3:cat:feature "
	                "c4:int:feature\nA11|6|A34|1\nA12|48|A32|2\nA14|12|A34|1\n");
	csv_expect_text("a b\n1 \"x y\"\n2 z\n", OPTIONS("delimiter=space"),
	                "a:int:feature b:cat:feature\n1|x y\n2|z\n");
	csv_expect_text("a:b\n1:x\n2:y\n", OPTIONS("delimiter=:"), "a:int:feature b:cat:feature\n1|x\n2|y\n");
	/* Text with blanks is not cut. */
	csv_expect_text("title\nthe cat\na dog here\nbird\n", NULL,
	                "title:cat:feature\nthe cat\na dog here\nbird\n");
}

static void test_header(void **state)
{
	(void)state;
	csv_expect_text("1,x\n2,y\n", NULL, "c1:int:feature c2:cat:feature\n1|x\n2|y\n");
	csv_expect_text("x,y\np,q\ny,q\nx,p\n", OPTIONS("no-header"),
	                "c1:cat:feature c2:cat:feature\nx|y\np|q\ny|q\nx|p\n");
	/* All text: the first record repeats values, so it is one of them. */
	csv_expect_text("x,y\np,q\np,y\n", NULL, "c1:cat:feature c2:cat:feature\nx|y\np|q\np|y\n");
	csv_expect_text("name,kind\np,q\np,y\n", NULL, "name:cat:feature kind:cat:feature\np|q\np|y\n");
	csv_expect_text("1,x\n2,y\n", OPTIONS("names=n,\"a,b\""), "n:int:feature a,b:cat:feature\n1|x\n2|y\n");
	/* Names given although there is a header: the given ones count. */
	csv_expect_text("a,b\n1,x\n2,y\n", OPTIONS("names=n,m"), "n:int:feature m:cat:feature\n1|x\n2|y\n");
	csv_expect_text("2019,2020\n1,2\n3,4\n", OPTIONS("header=yes"),
	                "2019:int:feature 2020:int:feature\n1|2\n3|4\n");
	/* Blanks around names are none of them, though those around values may count. */
	csv_expect_text("a ,\" b\"\n1,x \n2,y\n", NULL, "a:int:feature b:cat:feature\n1|x \n2|y\n");
	csv_expect_text("a, \n0,5\n1,6\n", NULL, "a:int:feature column_2:int:feature\n0|5\n1|6\n");
	/* The index column that pandas writes has no name. */
	csv_expect_text(",a\n0,5\n1,6\n", NULL, "column_1:int:feature a:int:feature\n0|5\n1|6\n");
}

static void test_leading_lines(void **state)
{
	(void)state;
	csv_expect_text("|1x3 Cross validator\n1, a, x.\n2, b, y.\n3, a, x.\n", NULL,
	                "c1:int:feature c2:cat:feature c3:cat:feature\n1|a|x\n2|b|y\n3|a|x\n");
	csv_expect_text("# made by hand\n# in May, twice\na,b\n1,x\n# within\n2,y\n", NULL,
	                "a:int:feature b:cat:feature\n1|x\n2|y\n");
	csv_expect_text("#id,b\n1,x\n2,y\n", NULL, "#id:int:feature b:cat:feature\n1|x\n2|y\n");
	csv_expect_text("Report of May\n\na,b\n1,x\n2,y\n", NULL, "a:int:feature b:cat:feature\n1|x\n2|y\n");
	csv_expect_text("junk,junk\na,b\n1,x\n2,y\n", OPTIONS("skip=1"),
	                "a:int:feature b:cat:feature\n1|x\n2|y\n");
	csv_expect_text("a,b\n1,x\n;2,y\n3,z\n", OPTIONS("comment=;"), "a:int:feature b:cat:feature\n1|x\n3|z\n");
	/* Sentences are not classes: their period stays. */
	csv_expect_text("1,It rains.\n2,It snows.\n3,Sun.\n", NULL,
	                "c1:int:feature c2:cat:feature\n1|It rains.\n2|It snows.\n3|Sun.\n");
	csv_expect_text("1,x.\n2,x.\n", OPTIONS("end-mark=none"), "c1:int:feature c2:cat:feature\n1|x.\n2|x.\n");
}

/* ---- types ---- */

static void test_types(void **state)
{
	(void)state;
	csv_expect_text("b,i,n,t,c\ntrue,1,1.0,2026-11-23,x\nno,-2,inf,2026-11-23 "
	                "09:12,\nYES,NA,-Inf,2026-11-23T09:12:00Z,x\n",
	                NULL,
	                "b:bool:feature i:int:feature n:num:feature t:time:feature c:cat:feature\n"
	                "true|1|1|2026-11-23T00:00:00.000Z|x\nfalse|-2|inf|2026-11-23T09:12:00.000Z|<missing>\n"
	                "true|<missing>|-inf|2026-11-23T09:12:00.000Z|x\n");
	/* The last row settles it. */
	csv_expect_text("a,b\n1,2026-01-01\n2,2026-01-02\nx,never\n", NULL,
	                "a:cat:feature b:cat:feature\n1|2026-01-01\n2|2026-01-02\nx|never\n");
	csv_expect_text("a\n?\n\n2026-01-01\n", NULL, "a:time:feature\n<missing>\n2026-01-01T00:00:00.000Z\n");
	/* Leading zeros are part of a code. */
	csv_expect_text("zip\n01234\n98765\n", NULL, "zip:cat:feature\n01234\n98765\n");
	csv_expect_text("zip\n01234\n98765\n", OPTIONS("type=zip=int"), "zip:int:feature\n1234\n98765\n");
	csv_expect_text("a\nNA\n?\n", NULL, "a:num:feature\n<missing>\n<missing>\n");
	csv_expect_text("loan_id,x\n7,1\n9,1\n8,2\n", NULL, "loan_id:id:id x:int:feature\n7|1\n9|1\n8|2\n");
	csv_expect_text("loan_id,x\n7,1\n7,1\n", NULL, "loan_id:int:feature x:int:feature\n7|1\n7|1\n");
	csv_expect_text("k,x\na7,1\na9,1\n", OPTIONS("id=k"), "k:id:id x:int:feature\na7|1\na9|1\n");
	/* Beyond 2^53 a double is not enough; as an id all digits stay. */
	csv_expect_text("k,x\n9007199254740993,1\n9007199254740995,1\n", OPTIONS("type=k=id"),
	                "k:id:id x:int:feature\n9007199254740993|1\n9007199254740995|1\n");
	csv_expect_text("flag\n1\n0\n", OPTIONS("type=flag=bool"), "flag:bool:feature\ntrue\nfalse\n");
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
	csv_expect_text(
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
	    cmocka_unit_test(test_resolved_again), cmocka_unit_test(test_like),
	    cmocka_unit_test(test_label),          cmocka_unit_test(test_take),
	    cmocka_unit_test(test_alike),          cmocka_unit_test(test_nearly_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
