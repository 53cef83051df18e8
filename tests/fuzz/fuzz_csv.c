/* Any bytes as CSV: libcsv alone, the fast lane in every way that the machine has, and small slices on two
 * threads all give the same table or the same refusal. The first byte chooses the options. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "assay/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const options[][4] = {
    {NULL},
    {"no-header", NULL},
    {"delimiter", "space", "no-header", NULL},
    {"quote", "none", "trim", NULL},
    {"comment", "#", "end-mark", "."},
    {"delimiter", ";", "quote", "'"},
};

static void choose(struct reading *r, unsigned which)
{
	struct error err;

	reading_init(r);
	for (int i = 0; i < 4 && options[which][i]; i++) {
		bool bare = !strcmp(options[which][i], "no-header") || !strcmp(options[which][i], "trim");
		const char *option = options[which][i];

		if (reading_set(r, option, bare ? NULL : options[which][++i], &err) < 0)
			bug("option %s: %s", option, err.text);
	}
}

/* No such byte stands in the text of a reading as it is. */
#define END_OF_READING '\3'

static void dump(const uint8_t *data, size_t size, const struct reading *r, const struct table_options *how,
                 struct str *out)
{
	struct table t;
	struct error err;

	str_clear(out);
	if (table_read_bytes(&t, "in", data, size, r, how, &err) < 0) {
		str_addf(out, "%d %s", err.code, err.text);
		return;
	}
	reading_canonical(&t.reading, out);
	str_addc(out, END_OF_READING);
	for (size_t k = 0; k < t.row_count; k++)
		for (size_t i = 0; i < t.column_count; i++) {
			column_cell(&t.columns[i], k, out);
			str_addc(out, column_is_missing(&t.columns[i], k) ? '\1' : '\2');
		}
	table_release(&t);
}

/* A resolved reading survives its text, and reads the same bytes. */
static void again(const uint8_t *data, size_t size, const struct str *first)
{
	struct reading r;
	struct error err;
	struct str second;
	const char *end;

	if (first->data[0] != 'a')
		return;
	end = strchr(first->data, END_OF_READING);
	if (reading_parse(first->data, (size_t)(end - first->data), &r, &err) < 0)
		bug("own text: %s", err.text);
	str_init(&second);
	dump(data, size, &r, NULL, &second);
	if (first->len != second.len || memcmp(first->data, second.data, first->len) != 0)
		bug("read again as resolved, it differs: %s", second.data);
	str_release(&second);
	reading_release(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct table_options slow = {.threads = 1, .libcsv_only = true, .max_field = 200};
	struct table_options lane = {.threads = 1, .max_field = 200};
	struct table_options cut = {.threads = 2, .max_field = 200, .packed = true};
	struct reading r;
	struct str one, two;

	if (size < 2)
		return 0;
	str_init(&one);
	str_init(&two);
	choose(&r, data[0] % COUNT_OF(options));
	cut.slice = 1 + data[1] % 50;
	dump(data + 1, size - 1, &r, &slow, &one);
	for (int level = SCAN_SCALAR; level < SCAN_LEVEL_COUNT; level++) {
		lane.level = (enum scan_level)level;
		if (!scan_level_here(lane.level))
			continue;
		dump(data + 1, size - 1, &r, &lane, &two);
		if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0)
			bug("the lane of level %d differs: %s / %s", level, one.data, two.data);
	}
	dump(data + 1, size - 1, &r, &cut, &two);
	if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0)
		bug("slices differ: %s / %s", one.data, two.data);
	again(data + 1, size - 1, &one);
	reading_release(&r);
	str_release(&one);
	str_release(&two);
	return 0;
}
