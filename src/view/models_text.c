/* Words, signs and small pictures of versions and gates. */
#include <math.h>
#include <string.h>

#include "models.h"
#include "view_inside.h"

static const struct {
	const char *word;
	style_id style;
	enum glyph glyph;
} STANDINGS[] = {
    {"candidate", STYLE_MUTED, GLYPH_DOT},   {"in review", STYLE_ACCENT, GLYPH_QUEUED},
    {"approved", STYLE_GOOD, GLYPH_OK},      {"promoted", STYLE_GOOD, GLYPH_OK},
    {"stopped", STYLE_BAD, GLYPH_KILLED},    {"rejected", STYLE_BAD, GLYPH_BAD},
    {"superseded", STYLE_MUTED, GLYPH_NONE},
};

style_id view_standing_style(const char *standing)
{
	for (size_t i = 0; i < COUNT_OF(STANDINGS); i++)
		if (strcmp(STANDINGS[i].word, standing) == 0)
			return STANDINGS[i].style;
	return STYLE_TEXT;
}

enum glyph view_standing_glyph(const char *standing)
{
	for (size_t i = 0; i < COUNT_OF(STANDINGS); i++)
		if (strcmp(STANDINGS[i].word, standing) == 0)
			return STANDINGS[i].glyph;
	return GLYPH_DOT;
}

bool view_is_foreign(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name >= 0x80)
			return true;
	return false;
}

/* ---- gates ---- */

/* "low>=0.8": false for a rule without a number ("intact"). */
static bool rule_limit(const char *rule, size_t *word, bool *at_most, double *limit)
{
	const char *op = strpbrk(rule, "<>");

	if (!op || op[1] != '=' || !num_parse(op + 2, strlen(op + 2), limit))
		return false;
	*word = (size_t)(op - rule);
	*at_most = *op == '<';
	return true;
}

const char *view_rule_text(struct arena *a, const char *rule, enum term_charset charset)
{
	bool at_most;
	double limit;
	size_t word;
	char number[NUM_TEXT];
	const char *sign, *end = "";

	if (!rule_limit(rule, &word, &at_most, &limit))
		return arena_strdup(a, rule);
	sign = charset == TERM_ASCII ? (at_most ? "<=" : ">=") : at_most ? "\xe2\x89\xa4" : "\xe2\x89\xa5";
	if (strncmp(rule, "low", word) == 0)
		end = "low end ";
	else if (strncmp(rule, "high", word) == 0)
		end = "high end ";
	return arena_printf(a, "%s%s %s", end, sign, num_shortest(limit, number));
}

/* The ends in as many decimals as the value: they are read against it. */
const char *view_interval_text(struct arena *a, double value, double low, double high)
{
	char v[NUM_TEXT];
	const char *point;
	int decimals;

	if (isnan(value))
		return NULL;
	num_people(value, 3, v);
	if (isnan(low) || isnan(high))
		return arena_strdup(a, v);
	point = strchr(v, '.');
	decimals = point ? (int)strspn(point + 1, "0123456789") : 0;
	if (strchr(v, 'e') || fabs(low) >= 1e9 || fabs(high) >= 1e9)
		return arena_printf(a, "%s [%.2e, %.2e]", v, low, high);
	return arena_printf(a, "%s [%.*f, %.*f]", v, decimals, low, decimals, high);
}

/* A tenth of the picture is left free at both ends, so that what touches the edge is seen to end there. */
const char *view_interval_plot(struct arena *a, const struct version_gate *g, int width,
                               enum term_charset charset)
{
	static const char *const ascii[] = {" ", "-", "|", "|", "o", ":"};
	static const char *const drawn[] = {
	    " ", "\xe2\x94\x80", "\xe2\x94\x9c", "\xe2\x94\xa4", "\xe2\x97\x8f", "\xe2\x94\x8a"};
	const char *const *sign = charset == TERM_ASCII ? ascii : drawn;
	double limit, left, right, low = isnan(g->low) ? g->measured : g->low,
	                           high = isnan(g->high) ? g->measured : g->high;
	bool at_most;
	size_t word;
	int cell[4];
	struct str out;
	const char *text;

	if (!rule_limit(g->rule, &word, &at_most, &limit) || !isfinite(g->measured) || !isfinite(low) ||
	    !isfinite(high) || width < 8)
		return NULL;
	left = fmin(fmin(low, limit), g->measured);
	right = fmax(fmax(high, limit), g->measured);
	if (!(right > left)) {
		left -= 0.5;
		right += 0.5;
	}
	for (int i = 0; i < 4; i++) {
		double value = i == 0 ? low : i == 1 ? high : i == 2 ? g->measured : limit;

		cell[i] = (int)lround((value - left) / (right - left) * (width * 0.8) + width * 0.1);
		cell[i] = cell[i] < 0 ? 0 : cell[i] >= width ? width - 1 : cell[i];
	}
	str_init(&out);
	for (int x = 0; x < width; x++)
		str_adds(&out, sign[x == cell[2]                        ? 4
		                    : x == cell[3]                      ? 5
		                    : x == cell[0] && cell[0] < cell[1] ? 2
		                    : x == cell[1] && cell[0] < cell[1] ? 3
		                    : x > cell[0] && x < cell[1]        ? 1
		                                                        : 0]);
	text = arena_memdup0(a, out.data, out.len);
	str_release(&out);
	return text;
}
