/* The theme editor's panel about a role, and the small workbench that shows where roles are. */
#include <math.h>
#include <string.h>

#include "theme_editor.h"

/* ---- the panel ---- */

/* "text  blue  #6cb6ff · 75 · bright-cyan   with accent, key": a colour, and what else has it. */
static void draw_colour(const struct theme_editor *e, struct surface *s, int y, bool on)
{
	const struct theme *t = &e->now;
	int role = theme_editor_role(e), x;
	const struct theme_role *look = &t->roles[theme_role_owner(t, role)];
	const char *name = on ? look->bg : look->fg;
	const struct theme_colour *c = theme_colour_find(t, name);
	const struct theme_colour *value = c ? c : on ? &t->background : &t->foreground;
	struct str with;

	if (e->on == on)
		surface_glyph(s, 0, y, STYLE_ACCENT, GLYPH_CURSOR);
	surface_put(s, 2, y, e->on == on ? STYLE_ACCENT : STYLE_LABEL, on ? "on" : "text");
	x = 13 + surface_put(s, 13, y, STYLE_TEXT, *name ? name : "default") + 2;
	if (value->value[TERM_TRUE] < 0) {
		surface_put(s, x, y, STYLE_MUTED, "the terminal's own");
		return;
	}
	x += surface_printf(s, x, y, STYLE_TEXT, "#%06x", (unsigned)value->value[TERM_TRUE] & 0xffffffU);
	x += surface_printf(s, x, y, STYLE_MUTED, ", %d of 256, %s%s", (int)value->value[TERM_256],
	                    theme_ansi_name(value->value[TERM_16]),
	                    c || t->paint ? "" : "; the terminal's own is drawn");
	str_init(&with);
	for (int other = 0; c && other < STYLE_ROLES; other++)
		if (other != role && t->roles[other].set &&
		    !strcmp(on ? t->roles[other].bg : t->roles[other].fg, name))
			str_addf(&with, "%s%s", with.len ? ", " : "; also ", style_role_name(other));
	if (s->w > x + 8)
		surface_put_cut(s, x, y, s->w - x, STYLE_MUTED, with.data, with.len);
	str_release(&with);
}

static void draw_channels(const struct theme_editor *e, struct surface *s, int y)
{
	static const char *const names[] = {"red", "green", "blue"};
	int32_t rgb = theme_editor_rgb(&e->now, theme_editor_role(e), e->on);
	int each = s->w / 3, gauge = each - 15;

	if (rgb < 0) {
		surface_put_cut(s, 2, y, s->w - 2, STYLE_MUTED, "no value: Enter, then type a colour", 35);
		return;
	}
	for (int i = 0; i < 3; i++) {
		int x = i * each, value = rgb >> (16 - 8 * i) & 255;
		bool current = e->channel == i;

		if (current)
			surface_glyph(s, x, y, STYLE_ACCENT, GLYPH_CURSOR);
		surface_put(s, x + 2, y, current ? STYLE_ACCENT : STYLE_LABEL, names[i]);
		if (gauge >= 4)
			surface_gauge(s, x + 8, y, gauge, value / 255.0);
		surface_printf(s, x + 9 + (gauge >= 4 ? gauge : 0), y, STYLE_TEXT, "%3d", value);
	}
}

static void draw_contrast(const struct theme_editor *e, struct surface *s, int y)
{
	static const char *const levels[] = {[TERM_16] = "16", [TERM_256] = "256", [TERM_TRUE] = "24 bit"};
	int role = theme_editor_role(e), x = 13;
	double wanted = theme_contrast_wanted(role);

	surface_put(s, 2, y, STYLE_LABEL, "contrast");
	for (int level = TERM_TRUE; level >= TERM_16; level--) {
		double ratio = theme_contrast(&e->now, (enum term_colours)level, role);

		if (isnan(ratio)) {
			surface_put(s, x, y, STYLE_MUTED, "not known: the theme does not say on what background");
			return;
		}
		x += surface_printf(s, x, y, STYLE_MUTED, "%s ", levels[level]);
		x +=
		    surface_printf(s, x, y, ratio < wanted ? STYLE_BAD : STYLE_TEXT, "%.1f ", floor(ratio * 10) / 10);
		surface_glyph(s, x, y, ratio < wanted ? STYLE_BAD : STYLE_GOOD,
		              ratio < wanted ? GLYPH_BAD : GLYPH_OK);
		x += 4;
	}
	surface_printf(s, x, y, STYLE_MUTED, "%s asked", wanted > 3 ? "4.5" : "3");
}

static void draw_attributes(const struct theme_editor *e, struct surface *s, int y)
{
	int role = theme_editor_role(e);
	unsigned mono = e->now.looks[TERM_MONO][role].attr;
	struct str text;

	str_init(&text);
	theme_attr_text(e->now.looks[TERM_TRUE][role].attr, &text);
	if (!text.len)
		str_adds(&text, "none");
	str_adds(&text, "; without colours ");
	if (mono)
		theme_attr_text(mono, &text);
	else
		str_adds(&text, "none");
	surface_put(s, 2, y, STYLE_LABEL, "attributes");
	surface_put_cut(s, 13, y, s->w - 13, STYLE_TEXT, text.data, text.len);
	str_release(&text);
}

void theme_editor_draw_role(const struct theme_editor *e, struct surface *s)
{
	int role = theme_editor_role(e), owner = theme_role_owner(&e->now, role);
	const char *about = theme_role_about(role);
	int x = 2 + surface_put(s, 2, 0, STYLE_HEADING, style_role_name(role)) + 2;

	if (x < 13)
		x = 13;
	surface_put_cut(s, x, 0, s->w - x, STYLE_TEXT, about, strlen(about));
	x += surface_width(s, about, strlen(about)) + 2;
	if (owner != role && x + 20 < s->w)
		surface_printf(s, x, 0, STYLE_MUTED, "as %s", style_role_name(owner));
	if (s->h < 4) {
		draw_contrast(e, s, 1);
		return;
	}
	draw_colour(e, s, 1, false);
	draw_colour(e, s, 2, true);
	draw_channels(e, s, 3);
	draw_attributes(e, s, 4);
	draw_contrast(e, s, 5);
}

/* ---- the small workbench ---- */

struct bit {
	int x, y;
	enum style role;
	const char *text;
};

/* ASCII, so that it is the same everywhere; where a glyph belongs, it is drawn by name below. */
static const struct bit bits[] = {
    {0, 0, STYLE_TITLE, "assay"},
    {7, 0, STYLE_TITLE_PATH, "demo > runs"},
    {36, 0, STYLE_TITLE_NEEDS, "1 to sign"},
    {0, 1, STYLE_TAB_KEY, "1"},
    {2, 1, STYLE_TAB, "Overview"},
    {12, 1, STYLE_TAB_ACTIVE, "2 Runs"},
    {20, 1, STYLE_TAB_KEY, "3"},
    {22, 1, STYLE_TAB, "Data"},
    {2, 3, STYLE_HEADER, "name"},
    {18, 3, STYLE_HEADER, "status"},
    {29, 3, STYLE_HEADER_SORT, "auc"},
    {2, 4, STYLE_ROW_CURSOR, "swift-otter"},
    {18, 4, STYLE_DONE, "done"},
    {29, 4, STYLE_BEST, "0.8436"},
    {37, 4, STYLE_SPARK, "._-^^^^^"},
    {0, 5, STYLE_ROW_BASELINE, "b"},
    {2, 5, STYLE_TEXT, "calm-heron"},
    {18, 5, STYLE_RUNNING, "running"},
    {29, 5, STYLE_TEXT, "0.8113"},
    {37, 5, STYLE_MUTED, "12m ago"},
    {0, 6, STYLE_ROW_MARKED, "#"},
    {2, 6, STYLE_TEXT, "bold-lynx"},
    {18, 6, STYLE_FAILED, "failed"},
    {29, 6, STYLE_CHANGED, "depth 4"},
    {2, 7, STYLE_QUEUED, "queued"},
    {10, 7, STYLE_KILLED, "killed"},
    {18, 7, STYLE_LOST, "lost"},
    {29, 7, STYLE_ACCENT, "0.50"},
    {0, 8, STYLE_BORDER, "----------------------------------------------"},
    {0, 9, STYLE_HEADING, "GATES"},
    {8, 9, STYLE_GOOD, "ok"},
    {12, 9, STYLE_WARN, "at the limit"},
    {26, 9, STYLE_BAD, "fails"},
    {33, 9, STYLE_INFO, "waived"},
    {0, 10, STYLE_AXIS, "0.8 |"},
    {6, 10, STYLE_SERIES_1, "o--o"},
    {11, 10, STYLE_SERIES_2, "o--o"},
    {16, 10, STYLE_SERIES_3, "o--o"},
    {21, 10, STYLE_SERIES_4, "o--o"},
    {28, 10, STYLE_HISTOGRAM, "#######"},
    {36, 10, STYLE_HISTOGRAM_OTHER, "#######"},
    {0, 11, STYLE_AXIS, "    +"},
    {6, 11, STYLE_SERIES_5, "o--o"},
    {11, 11, STYLE_SERIES_6, "o--o"},
    {16, 11, STYLE_SERIES_7, "o--o"},
    {21, 11, STYLE_SERIES_8, "o--o"},
    {28, 11, STYLE_GAUGE, "======="},
    {35, 11, STYLE_GAUGE_EMPTY, "--------"},
    {6, 12, STYLE_GRID, "- - - - - - - - - -"},
    {28, 12, STYLE_CROSSHAIR, "0.8113"},
    {36, 12, STYLE_SEARCH, "found"},
    {0, 13, STYLE_BORDER_ACTIVE, "+-- "},
    {4, 13, STYLE_HEADING, "Launch"},
    {11, 13, STYLE_BORDER_ACTIVE, "----------------------------------+"},
    {0, 14, STYLE_BORDER_ACTIVE, "|"},
    {2, 14, STYLE_DIALOG, "a recipe and its parameters"},
    {45, 14, STYLE_BORDER_ACTIVE, "|"},
    {0, 15, STYLE_BORDER_ACTIVE, "|"},
    {2, 15, STYLE_LABEL, "rate"},
    {8, 15, STYLE_FIELD, "0.1"},
    {14, 15, STYLE_FIELD_ACTIVE, "0.25"},
    {20, 15, STYLE_FIELD_BAD, "-3"},
    {26, 15, STYLE_DISABLED, "not just now"},
    {45, 15, STYLE_BORDER_ACTIVE, "|"},
    {0, 16, STYLE_BORDER_ACTIVE, "+--------------------------------------------+"},
    {0, 17, STYLE_PROMPT, "/"},
    {2, 17, STYLE_PROMPT_TEXT, "metrics.auc > 0.8"},
    {22, 17, STYLE_COMPLETION, "accuracy  age"},
    {0, 18, STYLE_MESSAGE, "1 run stopped"},
    {16, 18, STYLE_ERROR, "no such run"},
    {30, 18, STYLE_COMMAND, "$ assay runs"},
    {0, 19, STYLE_KEY, "Enter"},
    {6, 19, STYLE_HINT, "open"},
    {12, 19, STYLE_KEY, "?"},
    {14, 19, STYLE_HINT, "help"},
};

void theme_editor_draw_sample(struct surface *s, int role)
{
	for (size_t i = 0; i < COUNT_OF(bits); i++) {
		style_id style = (style_id)bits[i].role;

		/* Where a role is, also for who cannot see it by its colour. */
		if ((int)bits[i].role == role)
			style |= STYLE_UNDERLINE;
		surface_put(s, bits[i].x, bits[i].y, style, bits[i].text);
	}
	surface_glyph(s, 0, 4, STYLE_ROW_CURSOR, GLYPH_CURSOR);
	surface_glyph(s, 33, 3, STYLE_HEADER_SORT, GLYPH_SORT_UP);
}
