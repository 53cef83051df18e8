/* Heat maps: the steps between the background and the colour of much, which a theme need not name. */
#include "assay/theme.h"
#include "private.h"

/* From a to b in the numbers of the colours themselves: even steps on a dark ground as on a light one. */
static int32_t mixed(int32_t a, int32_t b, int part, int whole)
{
	int32_t out = 0;

	for (int shift = 16; shift >= 0; shift -= 8) {
		int32_t from = a >> shift & 255, to = b >> shift & 255;

		out = out << 8 | (from * (whole - part) + to * part + whole / 2) / whole;
	}
	return TERM_RGB(0, 0, 0) | out;
}

/* What can be read on it: black or white, one of which has a contrast of 4.5 on any colour. */
static int32_t readable(enum term_colours level, int32_t on)
{
	int32_t black = TERM_RGB(0, 0, 0), white = TERM_RGB(255, 255, 255);
	int32_t best = theme_ratio(on, black) >= theme_ratio(on, white) ? black : white;

	return theme_nearest(level, best);
}

/* A ground that the theme does not say is taken for a grey, from which every colour stands out. */
static int32_t ground(const struct theme *t, enum term_colours level)
{
	int32_t value = t->background.value[level];

	return value < 0 ? TERM_RGB(128, 128, 128) : theme_rgb(level, value);
}

/* Of sixteen colours a grey and the two that have the hue, the one nearest to the ground for the first steps. */
static int32_t of_sixteen(const struct theme *t, int32_t much, int step)
{
	int32_t behind = ground(t, TERM_16), grey = theme_distance(theme_rgb(TERM_16, 8), behind) <
	                                                    theme_distance(theme_rgb(TERM_16, 7), behind)
	                                                ? 8
	                                                : 7;
	int32_t one = much, other = much ^ 8;

	if (theme_distance(theme_rgb(TERM_16, one), behind) > theme_distance(theme_rgb(TERM_16, other), behind)) {
		one = other;
		other = much;
	}
	return step <= STYLE_HEAT_STEPS / 3 ? grey : step <= STYLE_HEAT_STEPS * 2 / 3 ? one : other;
}

static int32_t of_many(const struct theme *t, enum term_colours level, int32_t much, int step)
{
	return theme_nearest(level, mixed(ground(t, level), theme_rgb(level, much), step, STYLE_HEAT_STEPS));
}

static void ramp(struct theme *t, int much)
{
	for (int step = 1; step <= STYLE_HEAT_STEPS; step++) {
		if (theme_role_owner(t, much + step) == much + step)
			continue;
		for (int level = TERM_16; level <= TERM_TRUE; level++) {
			enum term_colours at = (enum term_colours)level;
			int32_t most = t->looks[level][much].fg, on;

			if (most < 0)
				most = t->foreground.value[level];
			if (most < 0)
				continue;
			on = at == TERM_16 ? of_sixteen(t, most, step) : of_many(t, at, most, step);
			t->looks[level][much + step] = (struct term_look){readable(at, theme_rgb(at, on)), on, 0};
		}
	}
}

void theme_ramps(struct theme *t)
{
	ramp(t, STYLE_HEAT);
	ramp(t, STYLE_HEAT_LESS);
}
