/* Signs with their ASCII twins, sparklines and gauges. */
#include <math.h>
#include <string.h>

#include "assay/term.h"
#include "glyphs.h"

static const struct {
	const char *utf8, *ascii;
} glyphs[GLYPHS] = {
    [GLYPH_HLINE] = {"─", "-"},      [GLYPH_VLINE] = {"│", "|"},       [GLYPH_TOP_LEFT] = {"┌", "+"},
    [GLYPH_TOP_RIGHT] = {"┐", "+"},  [GLYPH_BOTTOM_LEFT] = {"└", "+"}, [GLYPH_BOTTOM_RIGHT] = {"┘", "+"},
    [GLYPH_TEE_LEFT] = {"├", "+"},   [GLYPH_TEE_RIGHT] = {"┤", "+"},   [GLYPH_TEE_TOP] = {"┬", "+"},
    [GLYPH_TEE_BOTTOM] = {"┴", "+"}, [GLYPH_CROSS] = {"┼", "+"},       [GLYPH_CURSOR] = {"▸", ">"},
    [GLYPH_MARK] = {"▪", "*"},       [GLYPH_CURSOR_MARK] = {"◆", "@"}, [GLYPH_PATH] = {"▸", ">"},
    [GLYPH_SORT_UP] = {"▲", "^"},    [GLYPH_SORT_DOWN] = {"▼", "v"},   [GLYPH_OK] = {"✓", "+"},
    [GLYPH_BAD] = {"✗", "x"},        [GLYPH_RUNNING] = {"●", "o"},     [GLYPH_QUEUED] = {"○", "."},
    [GLYPH_WARN] = {"▲", "!"},       [GLYPH_LOST] = {"?", "?"},        [GLYPH_KILLED] = {"■", "#"},
    [GLYPH_DOT] = {"·", "|"},        [GLYPH_ELLIPSIS] = {"…", "~"},    [GLYPH_NONE] = {"–", "-"},
    [GLYPH_LEFT] = {"◂", "<"},       [GLYPH_RIGHT] = {"▸", ">"},       [GLYPH_UP] = {"▴", "^"},
    [GLYPH_DOWN] = {"▾", "v"},       [GLYPH_GAUGE] = {"━", "="},       [GLYPH_GAUGE_EMPTY] = {"─", "-"},
    [GLYPH_CHECK_ON] = {"■", "x"},   [GLYPH_CHECK_OFF] = {"□", " "},   [GLYPH_PLUS_MINUS] = {"±", "~"},
    [GLYPH_DELTA] = {"Δ", "d"},
};

/* Typography that our own texts use beside the glyphs; one column each stays one column. */
static const struct {
	const char *utf8, *ascii;
} folds[] = {
    {"—", "-"}, {"−", "-"}, {"×", "x"}, {"≥", ">="}, {"≤", "<="}, {"≠", "!="},     {"≈", "~"},   {"→", ">"},
    {"←", "<"}, {"↑", "^"}, {"↓", "v"}, {"∧", "&"},  {"•", "*"},  {"“", "\""},     {"”", "\""},  {"‘", "'"},
    {"’", "'"}, {"µ", "u"}, {"²", "2"}, {"°", "o"},  {"╸", "="},  {"█", "#"},      {"▇", "#"},   {"▆", "#"},
    {"▅", "="}, {"▄", "="}, {"▃", "-"}, {"▂", "_"},  {"▁", "_"},  {"\u00a0", " "}, {"½", "1/2"},
};

const char *term_glyph(enum term_charset charset, enum glyph glyph)
{
	if ((unsigned)glyph >= GLYPHS)
		bug("no such glyph: %d", (int)glyph);
	return charset == TERM_ASCII ? glyphs[glyph].ascii : glyphs[glyph].utf8;
}

static const char *twin(const char *p, size_t len, size_t *used)
{
	for (size_t i = 0; i < GLYPHS + COUNT_OF(folds); i++) {
		const char *from = i < GLYPHS ? glyphs[i].utf8 : folds[i - GLYPHS].utf8;
		size_t n = strlen(from);

		if (n > 1 && n <= len && !memcmp(p, from, n)) {
			*used = n;
			return i < GLYPHS ? glyphs[i].ascii : folds[i - GLYPHS].ascii;
		}
	}
	return NULL;
}

void glyphs_fold(struct str *out, const char *bytes, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		const char *ascii = (unsigned char)bytes[i] < 0x80 ? NULL : twin(bytes + i, len - i, &n);

		if (ascii) {
			str_adds(out, ascii);
		} else {
			n = 1;
			str_addc(out, bytes[i]);
		}
	}
}

/* Mean of the finite values that fall into column `at` of `columns`. */
static double bin_mean(const double *values, size_t n, size_t at, size_t columns)
{
	size_t from = at * n / columns, to = (at + 1) * n / columns, count = 0;
	double sum = 0;

	for (size_t i = from; i < to; i++)
		if (isfinite(values[i])) {
			sum += values[i];
			count++;
		}
	return count ? sum / (double)count : (double)NAN;
}

void surface_spark(struct surface *s, int x, int y, int width, style_id style, const double *values, size_t n)
{
	static const char ascii[] = "_.-=+*#";
	double low = INFINITY, high = -INFINITY;
	size_t columns;

	if (width < 1 || !n)
		return;
	columns = n < (size_t)width ? n : (size_t)width;
	for (size_t i = 0; i < columns; i++) {
		double v = bin_mean(values, n, i, columns);

		low = fmin(low, v);
		high = fmax(high, v);
	}
	for (size_t i = 0; i < columns; i++) {
		double v = bin_mean(values, n, i, columns);
		int level;

		if (isnan(v))
			continue;
		/* A series that does not move is a line in the middle, not at the bottom. The highest is seven
		 * eighths, so that the sparklines of rows above each other do not flow together. */
		level = high > low ? (int)((v / 2 - low / 2) / (high / 2 - low / 2) * 6.999) : 3;
		surface_rune(s, x + (int)i, y, style,
		             surface_charset(s) == TERM_ASCII ? (uint32_t)ascii[level] : 0x2581 + (uint32_t)level);
	}
}

void surface_gauge(struct surface *s, int x, int y, int width, double share)
{
	bool ascii = surface_charset(s) == TERM_ASCII;
	int halves = isfinite(share) && share > 0 ? (int)lround(fmin(share, 1) * 2 * width) : 0;

	for (int i = 0; i < width; i++)
		if (2 * i + 1 < halves)
			surface_glyph(s, x + i, y, STYLE_GAUGE, GLYPH_GAUGE);
		else if (2 * i < halves)
			surface_rune(s, x + i, y, STYLE_GAUGE, ascii ? '=' : 0x2578);
		else
			surface_glyph(s, x + i, y, STYLE_GAUGE_EMPTY, GLYPH_GAUGE_EMPTY);
}
