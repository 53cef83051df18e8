/* Any bytes as the canonical text of a reading, as a profile's JSON, and as a row filter: what is accepted
 * comes back as the same bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "assay/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_reading(const char *bytes, size_t size)
{
	struct reading r;
	struct error err;
	struct str text;

	if (reading_parse(bytes, size, &r, &err) < 0)
		return;
	str_init(&text);
	reading_canonical(&r, &text);
	if (text.len != size || memcmp(text.data, bytes, size) != 0)
		bug("a reading has two texts: %s", text.data);
	str_release(&text);
	reading_release(&r);
}

static void as_profile(const char *bytes, size_t size)
{
	struct profile p, q;
	struct error err;
	struct str one, two;

	if (profile_parse(&p, bytes, size, &err) < 0)
		return;
	str_init(&one);
	str_init(&two);
	profile_json(&p, &one);
	if (profile_parse(&q, one.data, one.len, &err) < 0)
		bug("own profile: %s", err.text);
	profile_json(&q, &two);
	if (strcmp(one.data, two.data) != 0)
		bug("a profile changes: %s", one.data);
	profile_release(&p);
	profile_release(&q);
	str_release(&one);
	str_release(&two);
}

static void as_filter(const char *bytes, size_t size)
{
	static const char csv[] = "n,c,t,b\n1,x,2026-01-01,yes\n?,?,?,?\n-2.5,y,2026-01-02,no\n";
	char *expr = xmemdup0(bytes, size);
	struct reading r;
	struct table t;
	struct error err;
	uint8_t keep[3];
	size_t matched, at = 0;

	reading_init(&r);
	if (table_read_bytes(&t, "in", csv, strlen(csv), &r, NULL, &err) < 0)
		bug("%s", err.text);
	if (table_where(&t, expr, keep, &matched, &at, &err) == 0) {
		if (matched > 3)
			bug("more rows than there are");
	} else if (at > strlen(expr)) {
		bug("an error behind the end");
	}
	table_release(&t);
	reading_release(&r);
	free(expr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_reading((const char *)data, size);
	as_profile((const char *)data, size);
	as_filter((const char *)data, size);
	return 0;
}
