/* Colours as numbers: what terminals show, what the eye makes of it. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "assay/theme.h"

static const char *const ansi[] = {
    "black",        "red",           "green",       "yellow",         "blue",
    "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white"};

/* xterm's XTerm-col.ad. */
static const int32_t sixteen[] = {
    TERM_RGB(0, 0, 0),       TERM_RGB(205, 0, 0),   TERM_RGB(0, 205, 0),   TERM_RGB(205, 205, 0),
    TERM_RGB(0, 0, 238),     TERM_RGB(205, 0, 205), TERM_RGB(0, 205, 205), TERM_RGB(229, 229, 229),
    TERM_RGB(127, 127, 127), TERM_RGB(255, 0, 0),   TERM_RGB(0, 255, 0),   TERM_RGB(255, 255, 0),
    TERM_RGB(92, 92, 255),   TERM_RGB(255, 0, 255), TERM_RGB(0, 255, 255), TERM_RGB(255, 255, 255),
};

const char *theme_ansi_name(int index)
{
	return index >= 0 && index < (int)COUNT_OF(ansi) ? ansi[index] : "?";
}

int32_t theme_rgb(enum term_colours level, int32_t value)
{
	static const int steps[] = {0, 95, 135, 175, 215, 255};

	if (level == TERM_TRUE)
		return value;
	if (value < 0 || value > (level == TERM_16 ? 15 : 255))
		bug("no colour %d of the level", (int)value);
	if (value < 16)
		return sixteen[value];
	if (value >= 232) {
		int grey = 8 + 10 * (value - 232);

		return TERM_RGB(grey, grey, grey);
	}
	value -= 16;
	return TERM_RGB(steps[value / 36], steps[value / 6 % 6], steps[value % 6]);
}

/* ---- the eye ---- */

static void channels(int32_t rgb, double out[3])
{
	for (int i = 0; i < 3; i++)
		out[i] = (rgb >> (16 - 8 * i) & 255) / 255.0;
}

static double luminance(int32_t rgb)
{
	double c[3];

	channels(rgb, c);
	for (int i = 0; i < 3; i++)
		c[i] = c[i] <= 0.03928 ? c[i] / 12.92 : pow((c[i] + 0.055) / 1.055, 2.4);
	return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}

double theme_ratio(int32_t rgb_a, int32_t rgb_b)
{
	double a = luminance(rgb_a), b = luminance(rgb_b);

	return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

static void oklab(int32_t rgb, double out[3])
{
	static const double to_lms[3][3] = {{0.4122214708, 0.5363325363, 0.0514459929},
	                                    {0.2119034982, 0.6806995451, 0.1073969566},
	                                    {0.0883024619, 0.2817188376, 0.6299787005}};
	static const double to_lab[3][3] = {{0.2104542553, 0.7936177850, -0.0040720468},
	                                    {1.9779984951, -2.4285922050, 0.4505937099},
	                                    {0.0259040371, 0.7827717662, -0.8086757660}};
	double c[3], lms[3];

	channels(rgb, c);
	for (int i = 0; i < 3; i++)
		c[i] = c[i] <= 0.04045 ? c[i] / 12.92 : pow((c[i] + 0.055) / 1.055, 2.4);
	for (int i = 0; i < 3; i++)
		lms[i] = cbrt(to_lms[i][0] * c[0] + to_lms[i][1] * c[1] + to_lms[i][2] * c[2]);
	for (int i = 0; i < 3; i++)
		out[i] = to_lab[i][0] * lms[0] + to_lab[i][1] * lms[1] + to_lab[i][2] * lms[2];
}

double theme_distance(int32_t rgb_a, int32_t rgb_b)
{
	double a[3], b[3], sum = 0;

	oklab(rgb_a, a);
	oklab(rgb_b, b);
	for (int i = 0; i < 3; i++)
		sum += (a[i] - b[i]) * (a[i] - b[i]);
	return sqrt(sum);
}

/* Among 256, the nearest to a dark brown is a grey: there colour counts twice what lightness does. */
static double colour_distance(const double a[3], const double b[3])
{
	return hypot(a[0] - b[0], 2 * hypot(a[1] - b[1], a[2] - b[2]));
}

/* Among sixteen, the nearest to a pale green is a yellow: there the hue is what must stay, and whether there
 * is any. */
static double hue_distance(const double a[3], const double b[3])
{
	enum { WEIGHT = 2 }; /* of a hue on the opposite side, in steps from black to white */
	const double grey = 0.04;
	double chroma_a = hypot(a[1], a[2]), chroma_b = hypot(b[1], b[2]), hue = 0;

	if (chroma_a >= grey && chroma_b >= grey)
		hue = hypot(a[1] / chroma_a - b[1] / chroma_b, a[2] / chroma_a - b[2] / chroma_b) / 2;
	else if (chroma_a >= grey || chroma_b >= grey)
		hue = 1;
	return hypot(a[0] - b[0], WEIGHT * hue);
}

int32_t theme_nearest(enum term_colours level, int32_t rgb)
{
	int first = level == TERM_256 ? 16 : 0, last = level == TERM_256 ? 255 : 15, best = first;
	double wanted[3], it[3], least = DBL_MAX;

	if (level == TERM_TRUE)
		return rgb;
	oklab(rgb, wanted);
	for (int i = first; i <= last; i++) {
		int32_t exact = theme_rgb(level, i);

		if (exact == rgb)
			return i;
		oklab(exact, it);
		double d = level == TERM_16 ? hue_distance(wanted, it) : colour_distance(wanted, it);

		if (d < least) {
			least = d;
			best = i;
		}
	}
	return best;
}

/* ---- as text ---- */

static bool parse_hex(const char *word, int32_t *rgb)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	int32_t value = 0;

	if (strlen(word) != 7 || *word != '#')
		return false;
	for (const char *p = word + 1; *p; p++) {
		const char *digit = strchr(digits, *p);

		if (!digit)
			return false;
		value = value << 4 | (int32_t)((digit - digits) % 16);
	}
	*rgb = TERM_RGB(0, 0, 0) | value;
	return true;
}

bool theme_rgb_parse(const char *text, int32_t *rgb)
{
	int64_t c[3];
	const char *p = text;

	if (parse_hex(text, rgb))
		return true;
	for (int i = 0; i < 3; i++) {
		size_t n;

		p += strspn(p, i ? " ," : " ");
		n = strcspn(p, " ,");
		if (!n || !int_parse(p, n, &c[i]) || c[i] < 0 || c[i] > 255)
			return false;
		p += n;
	}
	if (p[strspn(p, " ")])
		return false;
	*rgb = TERM_RGB((int32_t)c[0], (int32_t)c[1], (int32_t)c[2]);
	return true;
}
