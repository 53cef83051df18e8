#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csv_dump.h"

void csv_reading(struct reading *r, const char *const *options)
{
	reading_init(r);
	for (; options && *options; options++) {
		const char *eq = strchr(*options, '=');
		char *name = eq ? xmemdup0(*options, (size_t)(eq - *options)) : xstrdup(*options);
		struct error err;

		if (reading_set(r, name, eq ? eq + 1 : NULL, &err) < 0)
			fail_msg("%s: %s", *options, err.text);
		free(name);
	}
}

void csv_dump(const char *bytes, size_t len, const char *const *options, const struct table_options *how,
              struct str *out)
{
	struct reading r;
	struct table t;
	struct error err;

	csv_reading(&r, options);
	str_clear(out);
	if (table_read_bytes(&t, "in.csv", bytes, len, &r, how, &err) < 0) {
		str_addf(out, "error %d: %s", err.code, err.text);
		reading_release(&r);
		return;
	}
	for (size_t i = 0; i < t.column_count; i++) {
		struct column *c = &t.columns[i];

		str_addf(out, "%s%s:%s:", i ? " " : "", c->name, column_type_name(c->type));
		column_roles_text(c->roles, out);
	}
	str_addc(out, '\n');
	for (size_t k = 0; k < t.row_count; k++) {
		for (size_t i = 0; i < t.column_count; i++) {
			if (i)
				str_addc(out, '|');
			if (column_is_missing(&t.columns[i], k))
				str_adds(out, "<missing>");
			column_cell(&t.columns[i], k, out);
		}
		str_addc(out, '\n');
	}
	table_release(&t);
	reading_release(&r);
}

unsigned csv_pick(uint64_t *stream, unsigned n)
{
	*stream = *stream * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*stream >> 33) % n;
}

enum scan_level csv_level(uint64_t *stream)
{
	enum scan_level level;

	do
		level = (enum scan_level)(1 + csv_pick(stream, SCAN_LEVEL_COUNT - 1));
	while (!scan_level_here(level));
	return level;
}

void csv_expect(const char *bytes, size_t len, const char *const *options, const char *wanted)
{
	struct str out;

	str_init(&out);
	csv_dump(bytes, len, options, NULL, &out);
	assert_string_equal(out.data, wanted);
	str_release(&out);
}

void csv_expect_text(const char *text, const char *const *options, const char *wanted)
{
	csv_expect(text, strlen(text), options, wanted);
}

void csv_expect_error(const char *bytes, size_t len, const char *const *options, enum error_code code,
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
