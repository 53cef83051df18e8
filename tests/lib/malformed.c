#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data_forms.h"
#include "malformed.h"

struct maker {
	struct malformed *m;
	struct str *out;
	struct rng r;
	unsigned number; /* of its kind, from 0 */
};

static unsigned pick(struct maker *k, unsigned n)
{
	return (unsigned)rng_below(&k->r, n);
}

/* ---- what is right ---- */

enum { LINES = 60 }; /* so many that one of them does not change what the file is taken for */

static void cell(struct maker *k, unsigned column)
{
	static const char *const words[] = {"north", "south", "K\xc3\xb6ln",    "\"a, b\"",
	                                    "NA",    "",      "\"x \"\"y\"\"\""};

	switch (column % 6) {
	case 0:
		str_addf(k->out, "%u", pick(k, 1000));
		break;
	case 1:
		str_addf(k->out, "%s%u.%02u", pick(k, 2) ? "-" : "", pick(k, 100), pick(k, 100));
		break;
	case 2:
		str_adds(k->out, words[pick(k, COUNT_OF(words))]);
		break;
	case 3:
		str_addf(k->out, "2026-%02u-%02u", 1 + pick(k, 12), 1 + pick(k, 28));
		break;
	case 4:
		str_adds(k->out, pick(k, 2) ? "yes" : "no");
		break;
	default:
		str_addf(k->out, "note %u of %u", pick(k, 1000), pick(k, 1000));
	}
}

static void header(struct maker *k, unsigned columns, const char *end)
{
	for (unsigned i = 0; i < columns; i++)
		str_addf(k->out, "%sname%u", i ? "," : "", i + 1);
	str_adds(k->out, end);
}

static void row(struct maker *k, unsigned columns, const char *end)
{
	for (unsigned i = 0; i < columns; i++) {
		if (i)
			str_addc(k->out, ',');
		cell(k, i);
	}
	str_adds(k->out, end);
}

static void rows(struct maker *k, unsigned columns, unsigned count)
{
	while (count-- > 0)
		row(k, columns, "\n");
}

static void table(struct maker *k, unsigned columns, unsigned count)
{
	header(k, columns, "\n");
	rows(k, columns, count);
}

/* ---- one line that is wrong ---- */

/* At line m->line stands what it is to be; before and behind it what is right. Now and then far behind. */
static unsigned before(struct maker *k)
{
	unsigned columns = 2 + pick(k, 5);

	table(k, columns, LINES - 2 + pick(k, pick(k, 4) ? 40 : 9000));
	k->m->line = 1;
	for (size_t i = 0; i < k->out->len; i++)
		k->m->line += k->out->data[i] == '\n';
	return columns;
}

static void ragged(struct maker *k)
{
	unsigned columns = before(k);

	row(k, pick(k, 2) ? columns + 1 + pick(k, 3) : 1 + pick(k, columns - 1), "");
	if (pick(k, 9) == 0)
		return;
	str_adds(k->out, "\n");
	rows(k, columns, pick(k, 3) * 20);
}

static void open_quote(struct maker *k)
{
	unsigned columns = before(k);

	str_adds(k->out, "1,\"never");
	if (pick(k, 3))
		str_adds(k->out, "\nand never\n");
	/* No quote may end it. */
	for (unsigned i = pick(k, 2000); i > 0; i--)
		str_addf(k->out, "%u,%u\n", columns, i);
}

static void quote_inside(struct maker *k)
{
	unsigned columns = before(k);

	str_adds(k->out, pick(k, 2) ? "a\"b" : "5\"");
	for (unsigned i = 1; i < columns; i++)
		str_adds(k->out, ",1");
	str_adds(k->out, "\n");
	rows(k, columns, pick(k, 3) * 20);
}

static void quote_then_text(struct maker *k)
{
	unsigned columns = before(k);

	str_adds(k->out, pick(k, 2) ? "\"a\"b" : "\"a\" b");
	for (unsigned i = 1; i < columns; i++)
		str_adds(k->out, ",\"1\"");
	str_adds(k->out, "\n");
	rows(k, columns, pick(k, 3) * 20);
}

static void nul(struct maker *k)
{
	unsigned columns = before(k);

	row(k, columns, "");
	str_addc(k->out, '\0');
	str_adds(k->out, "\n");
	rows(k, columns, pick(k, 3) * 20);
}

static void ragged_then_nul(struct maker *k)
{
	unsigned columns = before(k);

	/* Behind what is looked at first. */
	while (k->out->len < 300000) {
		row(k, columns, "\n");
		k->m->line++;
	}
	row(k, columns + 1, "\n");
	rows(k, columns, pick(k, 3000));
	str_addc(k->out, '\0');
	rows(k, columns, 3);
}

static void long_field(struct maker *k)
{
	unsigned columns = before(k), bytes = pick(k, 2) ? 100000 : (1u << 20) + 1 + pick(k, 1000);
	bool quoted = pick(k, 2);

	if (quoted)
		str_addc(k->out, '"');
	for (unsigned i = 0; i < bytes; i++)
		str_addc(k->out, quoted && i % 1000 == 7 ? ',' : 'x');
	if (quoted)
		str_addc(k->out, '"');
	for (unsigned i = 1; i < columns; i++)
		str_adds(k->out, ",1");
	str_adds(k->out, "\n");
	rows(k, columns, 5);
	if (bytes <= 100000)
		k->m->line = 0;
}

/* ---- lines and their ends ---- */

static void lone_cr(struct maker *k)
{
	unsigned columns = before(k);

	row(k, columns, pick(k, 2) ? "\r" : "\r\r\n");
	rows(k, columns, 5);
	k->m->line = 0;
}

static void mixed_ends(struct maker *k)
{
	static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", "\r\r\n", "\n\r", "\v\n", "\f"};
	unsigned columns = 1 + pick(k, 5), kinds = 2 + pick(k, COUNT_OF(ends) - 1);

	header(k, columns, ends[pick(k, kinds)]);
	for (unsigned i = pick(k, 300); i > 0; i--)
		row(k, columns, ends[pick(k, kinds)]);
}

static void no_end(struct maker *k)
{
	unsigned columns = 1 + pick(k, 5);

	table(k, columns, pick(k, 30));
	row(k, columns, pick(k, 3) ? "" : pick(k, 2) ? "\r" : ",");
}

static void delimiters(struct maker *k)
{
	static const char marks[] = ",;\t| :";
	char mark = marks[pick(k, sizeof(marks) - 1)];

	for (unsigned i = 1 + pick(k, 40); i > 0; i--) {
		for (unsigned n = k->number % 2 ? 7 : pick(k, 9); n > 0; n--)
			str_addc(k->out, mark);
		str_adds(k->out, "\n");
	}
}

static void empty_lines(struct maker *k)
{
	unsigned columns = 1 + pick(k, 3);

	for (unsigned i = 1 + pick(k, 3000); i > 0; i--) {
		str_adds(k->out, pick(k, 9) ? "\n" : pick(k, 2) ? "\r\n" : "  \n");
		if (k->number % 3 && pick(k, 40) == 0)
			row(k, columns, "\n");
	}
}

/* ---- headers ---- */

static void blank_names(struct maker *k)
{
	unsigned columns = 2 + pick(k, 5);

	for (unsigned i = 0; i < columns; i++)
		str_addf(k->out, "%s%s", i ? "," : "",
		         pick(k, 2)   ? (pick(k, 2) ? "" : "  ")
		         : pick(k, 2) ? "\"\""
		                      : "column_2");
	str_adds(k->out, "\n");
	rows(k, columns, pick(k, 50));
}

static void doubled_names(struct maker *k)
{
	str_adds(k->out, "size,name,age,name,x\n");
	for (unsigned i = 0; i < LINES; i++)
		str_addf(k->out, "%u,1.5,2,3,%u\n", i, pick(k, 9));
	k->m->line = 1;
}

static void header_other(struct maker *k)
{
	unsigned columns = 2 + pick(k, 5), others = 1 + pick(k, 9);

	header(k, others, "\n");
	rows(k, columns, pick(k, 100));
}

static void changing(struct maker *k)
{
	static const char marks[] = ",;\t|";
	unsigned at = pick(k, 4);

	for (unsigned i = 0; i < 120; i++) {
		if (i == 60)
			at = (at + 1) % 4;
		str_addf(k->out, "%u%c%u.5%cw%u\n", i, marks[at], pick(k, 9), marks[at], pick(k, 9));
	}
	k->m->refused = true;
	k->m->line = 61;
}

/* ---- encodings ---- */

static void marks(struct maker *k)
{
	static const char *const bytes[] = {"\xef\xbb\xbf", "\xfe\xff", "\xff\xfe", "\xef\xbb",
	                                    "\xef\xbb\xbf\xef\xbb\xbf"};

	str_adds(k->out, bytes[pick(k, COUNT_OF(bytes))]);
	for (unsigned i = pick(k, 9); i > 0; i--) {
		row(k, 3, pick(k, 2) ? "\n" : "");
		str_adds(k->out, bytes[pick(k, COUNT_OF(bytes))]);
	}
	if (pick(k, 2))
		row(k, 3, "\n");
}

static void utf16_cut(struct maker *k)
{
	struct str text;
	unsigned how = pick(k, 3);

	str_init(&text);
	table(k, 4, 1 + pick(k, 300));
	str_add(&text, k->out->data, k->out->len);
	in_form(how == 0   ? FORM_UTF16_LITTLE
	        : how == 1 ? FORM_UTF16_BIG
	                   : FORM_UTF16_UNMARKED,
	        text.data, text.len, k->out);
	str_cut(k->out, k->out->len - 1 - pick(k, (unsigned)k->out->len / 2));
	if (pick(k, 2))
		add_utf16_unit(k->out, 0xD800 + pick(k, 0x800), how == 1);
	str_release(&text);
}

static void bad_utf8(struct maker *k)
{
	static const char *const bytes[] = {"\xff",     "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80",
	                                    "\xc0\xaf", "\x80"};

	str_addf(k->out, "a%s,b\n", pick(k, 3) ? "" : bytes[pick(k, COUNT_OF(bytes))]);
	for (unsigned i = pick(k, 400); i > 0; i--)
		str_addf(k->out, "%u,%s%s%s\n", i, pick(k, 2) ? "caf\xc3\xa9" : "x",
		         pick(k, 4) ? "" : bytes[pick(k, COUNT_OF(bytes))], pick(k, 2) ? "y" : "");
}

static void latin1(struct maker *k)
{
	str_adds(k->out, "stra\xdf"
	                 "e;gr\xf6\xdf"
	                 "e;preis\n");
	for (unsigned i = pick(k, 9000); i > 0; i--)
		str_addf(k->out, "M\xfcller%u;%u,5;%u\n", pick(k, 50), pick(k, 99), i);
}

/* ---- values ---- */

static void values(struct maker *k, const char *const *of, unsigned count)
{
	unsigned columns = 1 + pick(k, 3), plain = pick(k, 3);

	header(k, columns, "\n");
	for (unsigned i = 1 + pick(k, 300); i > 0; i--)
		for (unsigned c = 0; c < columns; c++) {
			if (pick(k, 4) < plain)
				str_addf(k->out, "%u.5", pick(k, 1000));
			else
				str_adds(k->out, of[pick(k, count)]);
			str_adds(k->out, c + 1 < columns ? "," : "\n");
		}
}

static void edge_numbers(struct maker *k)
{
	static const char *const of[] = {"1e999",
	                                 "-1e999",
	                                 "1e-999",
	                                 "9007199254740993",
	                                 "-9007199254740993",
	                                 "18446744073709551616",
	                                 "0x10",
	                                 "0x1p-3",
	                                 "1_000",
	                                 "\"1,5\"",
	                                 "\"1,000\"",
	                                 "1e",
	                                 "e5",
	                                 ".",
	                                 "-",
	                                 "+",
	                                 "+-1",
	                                 "1.7976931348623157e308",
	                                 "1.7976931348623159e308",
	                                 "4.9e-324",
	                                 "2.4e-324",
	                                 "2.2250738585072011e-308",
	                                 "inf",
	                                 "-inf",
	                                 "Infinity",
	                                 "nan",
	                                 "NaN",
	                                 "-nan",
	                                 "nan(5)",
	                                 "007",
	                                 "-0",
	                                 "0.1e1",
	                                 "1.",
	                                 ".5",
	                                 "1e+5",
	                                 "1e5",
	                                 " 1",
	                                 "1 ",
	                                 "\xd9\xa1",
	                                 "1\xc2\xa0"
	                                 "000",
	                                 "1d5",
	                                 "1f",
	                                 "2147483648",
	                                 "-2147483648",
	                                 "0.000000000000000000000000000001",
	                                 "123456789012345678901234567890",
	                                 "\"\"",
	                                 "5%",
	                                 "$5",
	                                 "true",
	                                 "1/2"};

	values(k, of, pick(k, 2) ? COUNT_OF(of) : 6);
}

static void exponents(struct maker *k)
{
	static const char *const of[] = {"1e400",
	                                 "1e-400",
	                                 "1e99999999999999999999",
	                                 "-1e-99999999999999999999",
	                                 "0e999999999",
	                                 "0.0000001e308",
	                                 "1e2147483648",
	                                 "1e-2147483649",
	                                 "1e308",
	                                 "1e-308",
	                                 "1e-323",
	                                 "5e-324"};

	values(k, of, COUNT_OF(of));
	for (unsigned i = 0; i < 400; i++)
		str_addc(k->out, '9');
	str_adds(k->out, pick(k, 2) ? "\n" : "e-400\n");
}

static void dates(struct maker *k)
{
	static const char *const of[] = {"2026-02-29",           "2024-02-29",
	                                 "2026-13-01",           "2026-00-10",
	                                 "2026-04-31",           "0000-00-00",
	                                 "9999-12-31",           "10000-01-01",
	                                 "2026-01-01T24:00:00Z", "2026-01-01T23:59:60Z",
	                                 "2026-01-01T12:61",     "1969-12-31",
	                                 "-001-01-01",           "2026-1-1",
	                                 "01/02/2026",           "2026-01-01T00:00:00+25:00",
	                                 "2026-06-01",           "2026-06-02",
	                                 "2026-06-02T11:12:13Z", "2026-06-02 11:12:13.123456"};

	values(k, of + (pick(k, 3) ? 0 : 16), pick(k, 3) ? 4 : COUNT_OF(of) - 16);
}

static void all_quotes(struct maker *k)
{
	unsigned how = k->number % 4;

	for (unsigned i = 1 + pick(k, how ? 20000 : 20); i > 0; i--)
		str_adds(k->out, how == 2 ? "\"\"" : how == 3 ? "\"\"," : "\"");
	if (pick(k, 2))
		str_adds(k->out, "\n");
}

static void controls(struct maker *k)
{
	for (unsigned i = 0; i < 30; i++) {
		for (unsigned c = 0; c < 3; c++) {
			str_addf(k->out, "%s\x1b[31m\x1b]0;t\a%u", c ? "," : "", pick(k, 9));
			str_addc(k->out, (char)(1 + pick(k, 8)));
			str_adds(k->out, "\xc2\x9b"
			                 "2J");
		}
		str_adds(k->out, i == 20 && pick(k, 2) ? ",\n" : "\n");
	}
}

/* ---- packed ---- */

static void packed(struct maker *k, bool zstd)
{
	struct str text;

	str_init(&text);
	table(k, 4, pick(k, 3) ? pick(k, 200) : pick(k, 9000));
	str_add(&text, k->out->data, k->out->len);
	in_form(zstd         ? (pick(k, 3) ? FORM_ZSTD : FORM_ZSTD_FRAMES)
	        : pick(k, 3) ? FORM_GZIP
	                     : FORM_GZIP_MEMBERS,
	        text.data, text.len, k->out);
	str_release(&text);
}

static void packed_cut(struct maker *k)
{
	packed(k, k->number % 2);
	str_cut(k->out, k->out->len - 1 - pick(k, (unsigned)k->out->len - 5));
}

static void packed_flip(struct maker *k)
{
	packed(k, k->number % 2);
	for (unsigned n = 1 + pick(k, 3); n > 0; n--)
		k->out->data[pick(k, (unsigned)k->out->len)] ^= (char)(1u << pick(k, 8));
}

static void packed_rubbish(struct maker *k)
{
	packed(k, k->number % 2);
	if (pick(k, 3))
		for (unsigned n = 1 + pick(k, 40); n > 0; n--)
			str_addc(k->out, (char)(1 + pick(k, 255)));
	else
		row(k, 4, "\n");
	k->m->refused = true;
}

static void packed_twice(struct maker *k)
{
	struct str once;

	str_init(&once);
	packed(k, k->number % 2);
	str_add(&once, k->out->data, k->out->len);
	str_clear(k->out);
	if (pick(k, 2))
		to_gzip(once.data, once.len, k->out);
	else
		to_zstd(once.data, once.len, k->out);
	k->m->refused = true;
	str_release(&once);
}

static void packed_nothing(struct maker *k)
{
	unsigned times = pick(k, 4);

	for (; times > 0; times--)
		if (pick(k, 2))
			to_gzip("", 0, k->out);
		else
			to_zstd("", 0, k->out);
	k->m->refused = true;
}

static void packed_wrong(struct maker *k)
{
	struct str text;

	str_init(&text);
	ragged(k);
	str_add(&text, k->out->data, k->out->len);
	in_form(pick(k, 2) ? FORM_ZSTD : FORM_GZIP, text.data, text.len, k->out);
	str_release(&text);
}

/* ---- no tables ---- */

static void binary(struct maker *k)
{
	for (unsigned n = 1 + pick(k, 5000); n > 0; n--)
		str_addc(k->out, (char)(pick(k, 2) || k->number % 2 ? 1 + pick(k, 255) : pick(k, 256)));
}

static void one_byte(struct maker *k)
{
	str_addc(k->out, (char)((k->number * 37 + 10) % 256));
	if (pick(k, 4) == 0)
		str_addc(k->out, (char)pick(k, 256));
}

static void others(struct maker *k)
{
	static const char *const begin[] = {"PK\x03\x04",
	                                    "PAR1",
	                                    "BZh91AY&SY",
	                                    "\x7f"
	                                    "ELF",
	                                    "%PDF-1.7",
	                                    "{\"a\":1}",
	                                    "<html>",
	                                    "SQLite format 3",
	                                    "\x89PNG\r\n\x1a\n",
	                                    "\xfd"
	                                    "7zXZ",
	                                    "ARROW1",
	                                    "\x93NUMPY"};

	str_adds(k->out, begin[k->number % COUNT_OF(begin)]);
	binary(k);
}

static void titles(struct maker *k)
{
	for (unsigned n = pick(k, 5); n > 0; n--)
		str_adds(k->out, pick(k, 2) ? "# a remark, with commas\n" : "Report of the year\n");
	if (pick(k, 2))
		table(k, 3, pick(k, 20));
	for (unsigned n = pick(k, 20); n > 0; n--)
		str_addf(k->out, "%u   %u\t%u \n", pick(k, 9), pick(k, 9), n);
}

/* A good file, of which some bytes are changed, left out, doubled or moved. */
static void mutated(struct maker *k)
{
	static const char wild[] = ",\"\n\r;\t'#|. 0e-\xff";

	table(k, 1 + pick(k, 6), 1 + pick(k, 60));
	for (unsigned n = 1 + pick(k, 8); n > 0 && k->out->len > 2; n--) {
		unsigned at = pick(k, (unsigned)k->out->len - 1);

		if (pick(k, 3))
			k->out->data[at] = wild[pick(k, sizeof(wild) - 1)];
		else if (pick(k, 2))
			str_addc(k->out, k->out->data[at]);
		else
			str_cut(k->out, at + 1);
	}
}

/* ---- all of them ---- */

static const struct {
	const char *name;
	void (*make)(struct maker *k);
} kinds[MALFORMED_KINDS] = {
    {"ragged", ragged},
    {"open quote", open_quote},
    {"quote within a field", quote_inside},
    {"quote, then text", quote_then_text},
    {"NUL", nul},
    {"ragged, then NUL", ragged_then_nul},
    {"long field", long_field},
    {"lone CR", lone_cr},
    {"mixed line ends", mixed_ends},
    {"no line end at the end", no_end},
    {"only delimiters", delimiters},
    {"empty lines", empty_lines},
    {"blank names", blank_names},
    {"doubled names", doubled_names},
    {"header of another length", header_other},
    {"delimiter that changes", changing},
    {"byte order marks", marks},
    {"UTF-16 cut off", utf16_cut},
    {"bad UTF-8", bad_utf8},
    {"Latin-1", latin1},
    {"numbers at the edge", edge_numbers},
    {"exponents", exponents},
    {"dates", dates},
    {"all quotes", all_quotes},
    {"control characters", controls},
    {"packed, cut off", packed_cut},
    {"packed, bits flipped", packed_flip},
    {"packed, rubbish behind", packed_rubbish},
    {"packed twice", packed_twice},
    {"packed nothing", packed_nothing},
    {"packed, ragged", packed_wrong},
    {"binary", binary},
    {"one byte", one_byte},
    {"no table", others},
    {"titles and blanks", titles},
    {"mutated", mutated},
};

void malformed_make(struct malformed *m, uint64_t seed, unsigned number)
{
	struct maker k = {.m = m, .out = &m->bytes, .number = number / MALFORMED_KINDS};

	str_clear(&m->bytes);
	m->kind = kinds[number % MALFORMED_KINDS].name;
	m->line = 0;
	m->refused = false;
	rng_init(&k.r, seed, number);
	kinds[number % MALFORMED_KINDS].make(&k);
	m->refused = m->refused || m->line > 0;
}
