/* Words for people and programs: the nearest of some names, and fields of CSV. */
#include <string.h>

#include "assay/base.h"

/* Edits (insert, delete, change, swap of neighbours) that turn a into b, for short words;
 * `most` + 1 stands for anything more. */
static size_t edits(const char *a, const char *b, size_t most)
{
	enum { LONGEST = 63 };
	size_t la = strlen(a), lb = strlen(b);
	if (la > LONGEST || lb > LONGEST || (la > lb ? la - lb : lb - la) > most)
		return most + 1;
	size_t row[3][LONGEST + 1];
	for (size_t j = 0; j <= lb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *now = row[i % 3], *before = row[(i + 2) % 3], *older = row[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = before[j - 1] + (a[i - 1] != b[j - 1]);
			if (before[j] + 1 < best)
				best = before[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && older[j - 2] + 1 < best)
				best = older[j - 2] + 1;
			now[j] = best;
		}
	}
	return row[la % 3][lb];
}

const char *name_nearest(const char *word, const char *const names[], size_t count)
{
	/* A third of the letters may be wrong; beyond that a guess helps nobody. */
	size_t best = strlen(word) / 3 + 1;
	if (best > 3)
		best = 3;
	const char *nearest = NULL;
	for (size_t i = 0; i < count; i++) {
		size_t d = edits(word, names[i], best);
		if (d <= best && d < strlen(names[i]) && (!nearest || d < best)) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest;
}

void csv_field(struct str *out, const char *bytes, size_t len, char delimiter, bool is_text)
{
	/* A spreadsheet takes text that begins like this for a formula and may run it. */
	bool guard = is_text && len && memchr("=+-@\t\r", bytes[0], 6);
	bool quote = len && (bytes[0] == ' ' || bytes[len - 1] == ' ');
	for (size_t i = 0; i < len && !quote; i++)
		quote = bytes[i] == delimiter || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r';
	if (quote)
		str_addc(out, '"');
	if (guard)
		str_addc(out, '\'');
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '"')
			str_addc(out, '"');
		str_addc(out, bytes[i]);
	}
	if (quote)
		str_addc(out, '"');
}
