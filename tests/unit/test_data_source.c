/* Where the bytes of a table come from: packed files, pipes and other encodings give the same table as the plain
 * file; what is damaged, cut off or changes meanwhile is said. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pthread.h>

#include <cmocka.h>

#include "../lib/data_forms.h"
#include "../lib/trials.h"
#include "assay/data.h"

/* ---- tables as text ---- */

static void dump_table(const struct table *t, struct str *out)
{
	struct str canonical;
	struct profile profile;
	const char *rest;

	str_init(&canonical);
	reading_canonical(&t->reading, &canonical);
	/* All but the encoding. */
	rest = strstr(canonical.data, "\ndelimiter ");
	str_adds(out, rest ? rest : "?");
	for (size_t k = 0; k < t->row_count; k++)
		for (size_t i = 0; i < t->column_count; i++) {
			column_cell(&t->columns[i], k, out);
			str_addc(out, column_is_missing(&t->columns[i], k) ? '\1' : '\2');
		}
	profile_table(&profile, t, &(struct profile_options){.threads = 1}, NULL);
	profile_json(&profile, out);
	profile_release(&profile);
	str_release(&canonical);
}

/* Notes, if they are asked for, then the table; or the error. */
static void finish(int rc, struct table *t, const struct error *err, struct str *notes, struct str *out)
{
	str_clear(out);
	if (notes)
		str_clear(notes);
	if (rc < 0) {
		str_addf(out, "error %d: %s", err->code, err->text);
		return;
	}
	for (size_t i = 0; notes && i < t->note_count; i++)
		str_addf(notes, "%s\n", t->notes[i]);
	dump_table(t, out);
	table_release(t);
}

static void dump_as(const char *bytes, size_t len, const char *encoding, const struct table_options *how,
                    struct str *notes, struct str *out)
{
	struct reading r;
	struct table t;
	struct error err;

	reading_init(&r);
	if (encoding)
		assert_int_equal(reading_set(&r, "encoding", encoding, &err), 0);
	finish(table_read_bytes(&t, "in", bytes, len, &r, how, &err), &t, &err, notes, out);
	reading_release(&r);
}

static void dump_path(const char *path, const struct table_options *how, struct str *out)
{
	struct reading r;
	struct table t;
	struct error err;

	reading_init(&r);
	finish(table_read(&t, &path, 1, &r, how, &err), &t, &err, NULL, out);
	reading_release(&r);
}

static void same(const struct str *a, const struct str *b, const char *what, int which)
{
	if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0)
		fail_msg("%s %d: %.300s / %.300s", what, which, a->data, b->data);
}

/* Numbers, times, letters of up to four bytes, quoted line ends, and something that makes a column text late. */
static void make_text(struct str *out, int rows)
{
	str_adds(out, "n,ärger,x,when,late\n");
	for (int i = 0; i < rows; i++)
		str_addf(out, "%d,%s,%d.%02d,2026-01-%02d,%s\n", i,
		         i % 5 == 0   ? "\"two\nlines\""
		         : i % 3 == 0 ? "\xe2\x82\xac \xf0\x9f\x98\x80"
		         : i % 7 == 0 ? ""
		                      : "caf\xc3\xa9",
		         i * 7 % 100, i % 100, 1 + i % 28, i == rows - 2 ? "word" : "17");
}

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
	make_text(&text, 120);
	dump_as(text.data, text.len, NULL, NULL, &notes, &plain);
	assert_ptr_equal(strstr(plain.data, "error"), NULL);
	assert_null(strstr(notes.data, "UTF"));
	for (int form = 0; form < FORM_COUNT; form++) {
		const char *said = form == FORM_UTF16_UNMARKED ? "utf-16" : NULL;

		in_form((enum form)form, text.data, text.len, &bytes);
		for (size_t k = 0; k < COUNT_OF(slices); k++) {
			struct table_options how = {.threads = 1 + (int)k % 2, .slice = slices[k], .packed = k % 2};

			dump_as(bytes.data, bytes.len, said, &how, &notes, &other);
			same(&plain, &other, "form", form);
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
	make_text(&text, 30);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\n')
			text.data[i] = '\r';
	dump_as(text.data, text.len, NULL, NULL, NULL, &plain);
	for (int form = 0; form < FORM_COUNT; form++) {
		struct table_options how = {.slice = 50};

		if (form == FORM_UTF16_UNMARKED)
			continue;
		in_form((enum form)form, text.data, text.len, &bytes);
		dump_as(bytes.data, bytes.len, NULL, &how, NULL, &other);
		same(&plain, &other, "form", form);
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
	make_text(&text, 60);
	for (size_t k = 0; k < COUNT_OF(forms); k++) {
		unsigned long long last = 0;

		in_form(forms[k], text.data, text.len, &bytes);
		for (size_t cut = 0; cut < bytes.len; cut += bytes.len / trials_here((unsigned)bytes.len)) {
			struct table_options how = {.slice = 1 + cut % 90, .threads = 1};
			unsigned long long line = 0;

			dump_as(bytes.data, cut, NULL, NULL, NULL, &out);
			dump_as(bytes.data, cut, NULL, &how, NULL, &again);
			same(&out, &again, "cut", (int)cut);
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
	make_text(&text, 60);
	dump_as(text.data, text.len, NULL, NULL, NULL, &plain);
	for (size_t k = 0; k < COUNT_OF(forms); k++) {
		size_t taken = 0;

		in_form(forms[k], text.data, text.len, &bytes);
		for (size_t at = 0; at < bytes.len; at++) {
			bytes.data[at] = (char)(bytes.data[at] ^ (1 << at % 8));
			dump_as(bytes.data, bytes.len, NULL, NULL, NULL, &out);
			if (strncmp(out.data, "error 2: in", 11) != 0) {
				same(&plain, &out, "byte", (int)at);
				taken++;
			}
			bytes.data[at] = (char)(bytes.data[at] ^ (1 << at % 8));
		}
		assert_true(taken <= 8); /* the time and the system in gzip's head */
	}
	in_form(FORM_GZIP, text.data, text.len, &bytes);
	str_adds(&bytes, "and more");
	dump_as(bytes.data, bytes.len, NULL, NULL, NULL, &out);
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
	dump_as(bytes.data, bytes.len - 3, NULL, NULL, NULL, &out);
	assert_string_equal(out.data, "error 2: in, line 3: the record has 1 field; 2 are expected");
	str_clear(&bytes);
	to_gzip("a,b\n1,2\n3,4", 11, &bytes);
	dump_as(bytes.data, bytes.len - 1, NULL, NULL, NULL, &out);
	assert_non_null(strstr(out.data, "in, line 3: the file is packed by gzip, and it ends in the middle"));
	/* An open quote is not at fault. */
	str_clear(&bytes);
	to_gzip("a,b\n1,2\n3,\"4\n5", 14, &bytes);
	dump_as(bytes.data, bytes.len - 1, NULL, NULL, NULL, &out);
	assert_non_null(strstr(out.data, "it ends in the middle"));
	str_clear(&bytes);
	to_gzip("a,b\n1,2\n3,4\0\n5,6\n", 17, &bytes);
	dump_as(bytes.data, bytes.len, NULL, NULL, NULL, &out);
	assert_string_equal(out.data,
	                    "error 2: in, line 3: holds a NUL byte: this is not text (a binary file, or UTF-16)");
	str_clear(&bytes);
	to_gzip("", 0, &bytes);
	dump_as(bytes.data, bytes.len, NULL, NULL, NULL, &out);
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
	dump_as(bytes.data, bytes.len, NULL, NULL, NULL, &out);
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
			dump_as(bytes.data, bytes.len, NULL, NULL, NULL, &out);
			if (cases[i].words ? !strstr(out.data, cases[i].words) : !strstr(out.data, "x\xf0\x9f\x98\x80"))
				fail_msg("case %zu: %s", i, out.data);
		}
	dump_as("\xff\xfe"
	        "a\0\n\0x",
	        7, NULL, NULL, NULL, &out);
	assert_non_null(strstr(out.data, "in, line 2: ends in the middle of a letter of UTF-16"));
	dump_as("a,b\n1,2\n", 8, "utf-16", NULL, NULL, &out);
	assert_non_null(strstr(out.data, "is no UTF-16 text"));
	dump_as("\xff\xfe"
	        "a\0\n\0x\0\n\0",
	        10, "utf-8", NULL, NULL, &out);
	assert_non_null(
	    strstr(out.data, "in: is UTF-16 text by its byte order mark, but is to be read as utf-8"));
	dump_as("\xef\xbb\xbf"
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
	dump_as(utf8, strlen(utf8), NULL, NULL, NULL, &plain);
	dump_as(latin1, strlen(latin1), NULL, NULL, &notes, &other);
	same(&plain, &other, "latin-1", 0);
	assert_non_null(strstr(notes.data, "not UTF-8 (the first such line is 1 of in): read as Latin-1"));
	dump_as(latin1, strlen(latin1), "Latin-1", NULL, NULL, &other);
	same(&plain, &other, "latin-1", 1);
	to_gzip(latin1, strlen(latin1), &bytes);
	dump_as(bytes.data, bytes.len, NULL, NULL, NULL, &other);
	same(&plain, &other, "latin-1", 2);
	dump_as(latin1, strlen(latin1), "utf-8", NULL, &notes, &other);
	assert_non_null(strstr(other.data, "caf\xe9"));
	assert_non_null(strstr(notes.data, "holds bytes that are not UTF-8"));
	/* One wrong byte does not make a file another. */
	dump_as(broken, strlen(broken), NULL, NULL, &notes, &other);
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
	dump_as(other.data, other.len, NULL, NULL, NULL, &plain);
	dump_as(text.data, text.len, NULL, NULL, &notes, &other);
	same(&plain, &other, "latin-1", 3);
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

/* ---- files and pipes ---- */

struct writer {
	const char *fifo;
	const char *bytes;
	size_t len;
	int fd; /* -1: the fifo is opened */
	/* done to another file before the end */
	const char *change;
	off_t to;
};

static void *write_all(void *user)
{
	struct writer *w = user;
	FILE *f = w->fd >= 0 ? fdopen(w->fd, "w") : fopen(w->fifo, "w");

	fwrite(w->bytes, 1, w->len, f);
	if (w->change && truncate(w->change, w->to) != 0)
		abort();
	fclose(f);
	return NULL;
}

static void dump_pipe(const char *fifo, const struct str *bytes, const struct table_options *how,
                      struct str *out)
{
	struct writer w = {.fifo = fifo, .bytes = bytes->data, .len = bytes->len, .fd = -1};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, write_all, &w), 0);
	dump_path(fifo, how, out);
	pthread_join(thread, NULL);
}

static void dump_input(const struct str *bytes, const struct table_options *how, struct str *out)
{
	struct writer w = {.bytes = bytes->data, .len = bytes->len};
	int ends[2], before = dup(0);
	pthread_t thread;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[0], 0);
	close(ends[0]);
	w.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, write_all, &w), 0);
	dump_path("-", how, out);
	dup2(before, 0); /* a writer to whom nobody listens any more goes on */
	pthread_join(thread, NULL);
	close(before);
}

static void test_pipes(void **state)
{
	char folder[] = "/tmp/assay-source-XXXXXX", *fifo, *file;
	struct str text, bytes, plain, other;
	struct error err;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	fifo = path_join(folder, "fifo");
	file = path_join(folder, "file");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	str_init(&text);
	str_init(&bytes);
	str_init(&plain);
	str_init(&other);
	signal(SIGPIPE, SIG_IGN);
	setenv("TMPDIR", folder, 1);
	/* In memory, and more than stays there: 5 MB. One column is text at the very end, which takes another pass. */
	for (int rows = 500; rows <= 150000; rows += 149500) {
		str_clear(&text);
		make_text(&text, rows);
		dump_as(text.data, text.len, NULL, NULL, NULL, &plain);
		for (int form = -1; form <= (rows > 500 ? -1 : FORM_ZSTD); form++) {
			const struct str *from = form < 0 ? &text : &bytes;

			if (form >= 0)
				in_form((enum form)form, text.data, text.len, &bytes);
			dump_pipe(fifo, from, NULL, &other);
			same(&plain, &other, "pipe", form);
			dump_input(from, &(struct table_options){.slice = 100000, .threads = 1}, &other);
			same(&plain, &other, "standard input", form);
			assert_int_equal(file_write_atomic(file, from->data, from->len, 0644, &err), 0);
			dump_path(file, NULL, &other);
			same(&plain, &other, "file", form);
		}
	}
	assert_int_equal(stat(folder, &st), 0);
	unlink(file);
	unlink(fifo);
	assert_int_equal(rmdir(folder), 0); /* nothing was left there */
	/* Nowhere to keep it. */
	dump_input(&text, NULL, &other);
	assert_non_null(strstr(other.data, "error 3: standard input, line "));
	assert_non_null(strstr(other.data, "cannot be kept in a file of $TMPDIR"));
	unsetenv("TMPDIR");
	free(fifo);
	free(file);
	str_release(&text);
	str_release(&bytes);
	str_release(&plain);
	str_release(&other);
}

/* The digest is of the bytes as they stand, and so is their number. */
static void test_digest(void **state)
{
	struct str text, bytes;
	struct reading r;

	(void)state;
	str_init(&text);
	str_init(&bytes);
	make_text(&text, 300);
	for (int form = 0; form < FORM_COUNT; form++) {
		char digest[SHA256_TEXT];
		struct table t;
		struct error err;

		reading_init(&r);
		if (form == FORM_UTF16_UNMARKED)
			assert_int_equal(reading_set(&r, "encoding", "utf-16", &err), 0);
		in_form((enum form)form, text.data, text.len, &bytes);
		sha256_hex(bytes.data, bytes.len, digest);
		for (int k = 0; k < 2; k++) {
			struct table_options how = {.slice = k ? 100 : 0};

			assert_int_equal(table_read_bytes(&t, "in", bytes.data, bytes.len, &r, &how, &err), 0);
			assert_string_equal(t.files[0].sha256, digest);
			assert_int_equal(t.files[0].bytes, bytes.len);
			table_release(&t);
		}
		reading_release(&r);
	}
	str_release(&text);
	str_release(&bytes);
}

/* While a pipe is read as the first file of two, the second one changes: both are open when more is taken from the pipe
 * than it holds. */
static void test_changes(void **state)
{
	char folder[] = "/tmp/assay-source-XXXXXX";
	struct str text, bytes, out;
	char *paths[2];
	struct error err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	paths[0] = path_join(folder, "fifo");
	paths[1] = path_join(folder, "file");
	assert_int_equal(mkfifo(paths[0], 0600), 0);
	str_init(&text);
	str_init(&bytes);
	str_init(&out);
	make_text(&text, 9000);
	assert_true(text.len > 3 * 65536);
	for (int form = -1; form <= FORM_ZSTD; form++)
		for (int grows = 0; grows < 2; grows++) {
			const struct str *from = form < 0 ? &text : &bytes;
			struct writer w = {.fifo = paths[0], .bytes = text.data, .len = text.len, .fd = -1};
			pthread_t thread;
			struct reading r;
			struct table t;

			if (form >= 0)
				in_form((enum form)form, text.data, text.len, &bytes);
			assert_int_equal(file_write_atomic(paths[1], from->data, from->len, 0644, &err), 0);
			w.change = paths[1];
			w.to = (off_t)(grows ? from->len + 10 : from->len / 2);
			assert_int_equal(pthread_create(&thread, NULL, write_all, &w), 0);
			reading_init(&r);
			finish(table_read(&t, (const char *const *)paths, 2, &r, NULL, &err), &t, &err, NULL, &out);
			pthread_join(thread, NULL);
			if (strncmp(out.data, "error 3: ", 9) != 0 || !strstr(out.data, "while it was read"))
				fail_msg("form %d: %.300s", form, out.data);
		}
	unlink(paths[0]);
	unlink(paths[1]);
	rmdir(folder);
	free(paths[0]);
	free(paths[1]);
	str_release(&text);
	str_release(&bytes);
	str_release(&out);
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
	    cmocka_unit_test(test_pipes),
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
