/* Rows as CSV, TSV and JSON; the file, and what is copied. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/listing.h"

static const struct ui_column four[] = {{.id = "name", .title = "name"},
                                        {.id = "metrics.auc", .title = "auc", .align = UI_DECIMAL},
                                        {.id = "params.auc", .title = "auc"},
                                        {.id = "note", .title = "a \"note\", with a comma"}};

/* ---- the writer ---- */

static void expect_text(enum ui_export_kind kind, const struct ui_row *rows, size_t count, const char *want)
{
	struct ui_export e;
	struct error err;

	ui_export_begin(&e, kind, four, 4);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(ui_export_row(&e, &rows[i], &err), 0);
	assert_int_equal(ui_export_end(&e, &err), 0);
	assert_string_equal(e.out.data, want);
	assert_int_equal(e.rows, count);
	ui_export_release(&e);
}

static void kinds(void **state)
{
	const double trend[] = {0.5, NAN, 1e-3}, share[] = {0.25};
	struct ui_cell first[] = {
	    {.text = "plain"}, {.text = "0.8112"}, {.spark = trend, .n = 3}, {.text = "two\nlines"}};
	struct ui_cell second[] = {
	    {.text = "=1+1"}, {.text = "-0.5"}, {.spark = share, .n = 1, .gauge = true}, {.text = "a\tb"}};
	struct ui_cell third[] = {{.text = "@x \"q\""}, {0}, {.text = "+7,000"}, {.text = ""}};
	struct ui_cell fourth[] = {{.text = "-x"}, {.text = "-inf"}, {.text = "-5%"}, {.text = "007"}};
	struct ui_row rows[] = {{.id = 1, .cells = first},
	                        {.id = 2, .cells = second},
	                        {.id = 3, .cells = third},
	                        {.id = 4, .cells = fourth}};

	(void)state;
	expect_text(UI_EXPORT_CSV, rows, 4,
	            "name,metrics.auc,params.auc,\"a \"\"note\"\", with a comma\"\n"
	            "plain,0.8112,0.5 nan 0.001,\"two\nlines\"\n"
	            "'=1+1,-0.5,0.25,a\tb\n"
	            "\"'@x \"\"q\"\"\",,\"+7,000\",\n"
	            "'-x,-inf,-5%,007\n");
	expect_text(UI_EXPORT_TSV, rows + 1, 2,
	            "name\tmetrics.auc\tparams.auc\t\"a \"\"note\"\", with a comma\"\n"
	            "'=1+1\t-0.5\t0.25\t\"a\tb\"\n"
	            "\"'@x \"\"q\"\"\"\t\t+7,000\t\n");
	expect_text(UI_EXPORT_JSON, rows, 4,
	            "[\n"
	            "{\"name\":\"plain\",\"metrics.auc\":0.8112,\"params.auc\":[0.5,null,0.001],\"note\":"
	            "\"two\\nlines\"},\n"
	            "{\"name\":\"=1+1\",\"metrics.auc\":-0.5,\"params.auc\":0.25,\"note\":\"a\\tb\"},\n"
	            "{\"name\":\"@x \\\"q\\\"\",\"metrics.auc\":null,\"params.auc\":\"+7,000\",\"note\":\"\"},\n"
	            "{\"name\":\"-x\",\"metrics.auc\":\"-inf\",\"params.auc\":\"-5%\",\"note\":\"007\"}\n"
	            "]\n");
	expect_text(UI_EXPORT_JSON, rows, 0, "[]\n");
}

static void endings(void **state)
{
	enum ui_export_kind kind;

	(void)state;
	assert_true(ui_export_kind_of("a.csv", &kind) && kind == UI_EXPORT_CSV);
	assert_true(ui_export_kind_of("/x.y/a.b.TSV", &kind) && kind == UI_EXPORT_TSV);
	assert_true(ui_export_kind_of("a.json", &kind) && kind == UI_EXPORT_JSON);
	assert_false(ui_export_kind_of(".csv", &kind));
	assert_false(ui_export_kind_of("folder/.csv", &kind));
	assert_false(ui_export_kind_of("csv", &kind));
	assert_false(ui_export_kind_of("a.xlsx", &kind));
	assert_false(ui_export_kind_of("", &kind));
}

/* ---- files ---- */

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/assay-export-XXXXXX");
	return mkdtemp(folder) && !setenv("XDG_CONFIG_HOME", folder, 1) && !chdir(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return chdir("/") || dir_remove(folder, NULL);
}

static void expect_file(const char *path, const char *want)
{
	struct str text;

	str_init(&text);
	assert_int_equal(file_read(path, &text, 0, NULL), 0);
	assert_string_equal(text.data, want);
	str_release(&text);
}

static int write_rows(const char *path, bool replace, int rows, bool end, struct error *err)
{
	struct ui_cell cells[] = {{.text = "n"}, {.text = "1"}, {.text = "2"}, {.text = "3"}};
	struct ui_row row = {.id = 1, .cells = cells};
	struct ui_export e;
	int status = 0;

	if (ui_export_open(&e, path, replace, UI_EXPORT_CSV, four, 4, err))
		return -1;
	for (int i = 0; i < rows && !status; i++)
		status = ui_export_row(&e, &row, err);
	if (end && !status)
		status = ui_export_end(&e, err);
	ui_export_release(&e);
	return status;
}

static int names_in_folder(void)
{
	struct str out;
	int n = 0, status;

	str_init(&out);
	assert_int_equal(child_capture((const char *const[]){"ls", "-A", NULL}, folder, 60000, 1 << 16, &out,
	                               NULL, &status, NULL),
	                 0);
	for (const char *p = out.data; *p; p++)
		n += *p == '\n';
	str_release(&out);
	return n;
}

static void all_or_nothing(void **state)
{
	struct error err;
	struct stat st;

	(void)state;
	assert_int_equal(write_rows("many.csv", false, 100000, true, &err),
	                 0); /* longer than what is held in memory */
	assert_int_equal(stat("many.csv", &st), 0);
	assert_int_equal(st.st_size, strlen("name,metrics.auc,params.auc,\"a \"\"note\"\", with a comma\"\n") +
	                                 100000 * strlen("n,1,2,3\n"));
	assert_int_equal(write_rows("many.csv", false, 1, true, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "many.csv is there already"));
	assert_int_equal(write_rows("many.csv", true, 0, true, &err), 0);
	expect_file("many.csv", "name,metrics.auc,params.auc,\"a \"\"note\"\", with a comma\"\n");
	/* given up: nothing is left behind, nothing replaced */
	assert_int_equal(write_rows("many.csv", true, 100000, false, &err), 0);
	assert_int_equal(write_rows("other.csv", false, 100000, false, &err), 0);
	expect_file("many.csv", "name,metrics.auc,params.auc,\"a \"\"note\"\", with a comma\"\n");
	assert_int_equal(names_in_folder(), 1);
	assert_int_equal(write_rows("no/such.csv", false, 1, true, &err), -1);
	assert_int_equal(err.code, ERR_ENV);
	assert_int_equal(write_rows(folder, true, 1, true, &err), -1);
	assert_non_null(strstr(err.text, "no regular file"));
	/* what a link leads to is replaced */
	assert_int_equal(symlink("many.csv", "link.csv"), 0);
	assert_int_equal(write_rows("link.csv", true, 1, true, &err), 0);
	assert_int_equal(lstat("link.csv", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	expect_file("many.csv", "name,metrics.auc,params.auc,\"a \"\"note\"\", with a comma\"\nn,1,2,3\n");
	unlink("link.csv");
	unlink("many.csv");
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

/* A table of people's data is shown to nobody who could not see it before. */
static void open_to_nobody_else(void **state)
{
	mode_t was = umask(077);
	struct error err;

	(void)state;
	assert_int_equal(write_rows("own.csv", false, 1, true, &err), 0);
	assert_int_equal(mode_of("own.csv"), 0600);
	umask(022);
	assert_int_equal(write_rows("own.csv", true, 2, true, &err), 0);
	assert_int_equal(mode_of("own.csv"), 0600);
	assert_int_equal(write_rows("all.csv", false, 1, true, &err), 0);
	assert_int_equal(mode_of("all.csv"), 0644);
	assert_int_equal(chmod("all.csv", 0664), 0);
	assert_int_equal(write_rows("all.csv", true, 1, true, &err), 0);
	assert_int_equal(mode_of("all.csv"), 0664);
	umask(was);
	unlink("own.csv");
	unlink("all.csv");
}

/* ---- the keys ---- */

static const struct ui_column two[] = {{.id = "name", .title = "name"},
                                       {.id = "value", .title = "value", .align = UI_DECIMAL}};

static void a_list_at_hand(void **state)
{
	struct listing l = {.columns = two, .column_count = 2, .count = 3};

	(void)state;
	listing_start(&l, 100, 24, TERM_BRAILLE);
	listing_keys(
	    &l, "key > s e\nexpect listing-20261125.csv\nkey Enter\nexpect 3 rows are in listing-20261125.csv\n");
	expect_file("listing-20261125.csv", "name,value\nrow-3,3.5\nrow-2,2.5\nrow-1,1.5\n");
	/* again: asked about, no by itself */
	listing_keys(&l, "key S e Enter\nexpect is there already\nkey Enter\n");
	expect_file("listing-20261125.csv", "name,value\nrow-3,3.5\nrow-2,2.5\nrow-1,1.5\n");
	listing_keys(&l, "key e Enter\nexpect is there already\nkey y\nexpect 3 rows are in\n");
	expect_file("listing-20261125.csv", "name,value\nrow-1,1.5\nrow-2,2.5\nrow-3,3.5\n");
	/* or said beforehand */
	listing_keys(&l, "key S e\ntype !\nkey Enter\nexpect 3 rows are in\n");
	expect_file("listing-20261125.csv", "name,value\nrow-3,3.5\nrow-2,2.5\nrow-1,1.5\n");
	listing_keys(&l, "key e Ctrl-U\ntype x.txt\nexpect .csv, .tsv or .json\nkey Enter Esc\n");
	listing_keys(&l, "key e Ctrl-U\ntype no/where.json\nkey Enter\nexpect cannot write\n");
	listing_keys(&l, "key e Ctrl-U\ntype x.json\nkey Enter\nexpect 3 rows are in x.json\n");
	expect_file("x.json", "[\n{\"name\":\"row-3\",\"value\":3.5},\n{\"name\":\"row-2\",\"value\":2.5},\n"
	                      "{\"name\":\"row-1\",\"value\":1.5}\n]\n");
	listing_stop(&l);
	unlink("listing-20261125.csv");
	unlink("x.json");
}

static void a_list_by_pages(void **state)
{
	struct listing l = {.columns = two, .column_count = 2, .count = 3000, .paged = true};

	(void)state;
	listing_start(&l, 100, 24, TERM_BRAILLE);
	listing_keys(&l, "key e\nexpect not all at hand\n");
	listing_stop(&l);
	l.exports = true;
	listing_start(&l, 100, 24, TERM_BRAILLE);
	listing_keys(&l, "key e Ctrl-U\ntype all.tsv!\nkey Enter\n");
	assert_string_equal(l.export_ask.path, "all.tsv");
	assert_int_equal(l.export_ask.kind, UI_EXPORT_TSV);
	assert_true(l.export_ask.replace);
	listing_stop(&l);
	assert_false(file_exists("all.tsv"));
}

/* What was begun is done, whatever the person does next. */
static void leaving_at_once(void **state)
{
	struct listing l = {.columns = two, .column_count = 2, .count = 20000};
	struct str text;

	(void)state;
	listing_start(&l, 100, 24, TERM_BRAILLE);
	listing_keys(&l, "key e\n");
	term_feed(l.term, "\r", 1);
	term_feed(l.term, "\x03", 1);
	assert_int_equal(ui_run(l.ui, NULL), 0);
	listing_stop(&l);
	str_init(&text);
	assert_int_equal(file_read("listing-20261125.csv", &text, 0, NULL), 0);
	assert_non_null(strstr(text.data, "row-20000,20000.5\n"));
	str_release(&text);
	unlink("listing-20261125.csv");
}

static void expect_copied(struct listing *l, const char *script, const char *text)
{
	listing_keys(l, script);
	assert_string_equal(term_copied(l->term)->data, text);
}

static void copied(void **state)
{
	static const char allow[] = "[terminal]\nclipboard = yes\n";
	struct listing l = {.columns = two, .column_count = 2, .count = 3000, .paged = true, .head = 1};

	(void)state;
	assert_int_equal(dir_make("assay", NULL), 0);
	assert_int_equal(file_write_atomic("assay/config.ini", allow, strlen(allow), 0644, NULL), 0);
	listing_start(&l, 100, 24, TERM_BRAILLE);
	expect_copied(&l, "key Down y\nexpect 1 row copied\n", "name\tvalue\nrow-2\t2.5\n");
	/* as they stand on the screen, not as they were marked */
	expect_copied(&l, "key Down Space g Down Space y\nexpect 2 rows copied\n",
	              "name\tvalue\nrow-2\t2.5\nrow-3\t3.5\n");
	/* far from them: the head is at hand as well */
	listing_keys(&l, "key u g Space Space G Space y\nexpect 2 rows of 3 that are marked (the others are not "
	                 "at hand) copied\n");
	assert_string_equal(term_copied(l.term)->data, "name\tvalue\nrow-1\t1.5\nrow-3000\t3000.5\n");
	listing_stop(&l);
	l.copies = true;
	listing_start(&l, 100, 24, TERM_BRAILLE);
	expect_copied(&l, "key Space G Space y\nexpect 2 rows copied\n",
	              "name\tvalue\nrow-1\t1.5\nrow-3000\t3000.5\n");
	listing_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kinds),           cmocka_unit_test(endings),
	    cmocka_unit_test(all_or_nothing),  cmocka_unit_test(open_to_nobody_else),
	    cmocka_unit_test(a_list_at_hand),  cmocka_unit_test(a_list_by_pages),
	    cmocka_unit_test(leaving_at_once), cmocka_unit_test(copied),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
