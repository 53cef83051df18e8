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

static void ramp(struct theme *t, int much)
{
	for (int step = 1; step <= STYLE_HEAT_STEPS; step++) {
		if (theme_role_owner(t, much + step) == much + step)
			continue;
		/* Sixteen colours have no steps: there the sign has them, in the colour of much. */
		for (int level = TERM_256; level <= TERM_TRUE; level++) {
			int32_t most = t->looks[level][much].fg, on;

			if (most < 0)
				most = t->foreground.value[level];
			if (most < 0)
				continue;
			on = mixed(ground(t, (enum term_colours)level), theme_rgb((enum term_colours)level, most), step,
			           STYLE_HEAT_STEPS);
			on = theme_nearest((enum term_colours)level, on);
			t->looks[level][much + step] = (struct term_look){
			    readable((enum term_colours)level, theme_rgb((enum term_colours)level, on)), on, 0};
		}
	}
}

void theme_ramps(struct theme *t)
{
	ramp(t, STYLE_HEAT);
	ramp(t, STYLE_HEAT_LESS);
}
