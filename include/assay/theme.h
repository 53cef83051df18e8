/*
 * theme: how roles look. Files in which roles get colours (assay-theme(5)), the colours of terminals as
 * numbers, and how well text stands out from its background.
 *
 * Nothing here knows a screen. theme_read, theme_find, theme_names, theme_changed and theme_save touch files:
 * on the screen's thread only before the first frame.
 */
#ifndef ASSAY_THEME_H
#define ASSAY_THEME_H

#include "assay/base.h"
#include "assay/term.h"

/* ---- colours ---- */

/*
 * What a colour of a level (TERM_16, TERM_256, TERM_TRUE) is as TERM_RGB: for the sixteen and the 256 the
 * values that xterm comes with (XTerm-col.ad and 256colres.pl of its source). Terminals let people change the
 * sixteen; what is said of these colours here holds for those who have not. `value` must be one of the level.
 */
int32_t theme_rgb(enum term_colours level, int32_t value);
/* The colour of the level that looks most like this. TERM_256: among 16…255, as the first sixteen are
 * people's own, colour before lightness; TERM_16: hue before lightness; TERM_TRUE: rgb itself. */
int32_t theme_nearest(enum term_colours level, int32_t rgb);
/* How far two colours are from each other for the eye: Euclidean in OKLab (Ottosson, "A perceptual color
 * space for image processing", 2020). Black to white is 1; 0.02 is just noticeable. */
double theme_distance(int32_t rgb_a, int32_t rgb_b);
/*
 * Contrast ratio, 1 to 21 (WCAG 2.1, "contrast ratio" and "relative luminance"):
 *     (L1 + 0.05) / (L2 + 0.05), L1 the lighter one's luminance, L = 0.2126 R + 0.7152 G + 0.0722 B,
 *     each of R, G, B: v = c / 255; v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ^ 2.4
 */
double theme_ratio(int32_t rgb_a, int32_t rgb_b);
/* "#6cb6ff" or "108 182 255" (blanks or commas between); false: neither. */
bool theme_rgb_parse(const char *text, int32_t *rgb);
/* "black" … "bright-white" for 0…15. */
const char *theme_ansi_name(int index);

/* ---- themes ---- */

enum {
	THEME_COLOURS = 128, /* in a palette */
	THEME_FILES = 5,     /* one and those that it inherits from */
	THEME_NAME = 64,
	THEME_COLOUR_NAME = 32,
	THEME_PATH = 512,
};

struct theme_colour {
	char name[THEME_COLOUR_NAME];
	int32_t value[4]; /* by enum term_colours; TERM_MONO is not used; all -1: not said */
};
/* A file as it was when it was read. */
struct theme_file {
	char path[THEME_PATH];
	int64_t changed_ns, size;
	uint64_t inode;
};
struct theme {
	char name[THEME_NAME];
	char about[120]; /* one line; "" none */
	/* What `default` stands for; not painted unless `paint`, but what contrast is measured with. */
	struct theme_colour background, foreground;
	bool paint;
	struct theme_colour palette[THEME_COLOURS];
	size_t colour_count;
	struct theme_role {
		bool set; /* else it looks like its parent */
		char fg[THEME_COLOUR_NAME], bg[THEME_COLOUR_NAME];
		unsigned attr;
	} roles[STYLE_ROLES];
	struct theme_mono {
		bool set;
		unsigned attr;
	} mono[STYLE_ROLES];
	struct theme_file files[THEME_FILES]; /* its own first */
	size_t file_count;
	struct term_look looks[4][STYLE_ROLES]; /* by enum term_colours: what comes of all of the above */
};

/* Reads a theme file. Faults come with file, line and the nearest name. On -1 the theme holds what was read
 * until then and can be shown. */
int theme_read(struct theme *t, const char *path, struct error *err);
/* The same from text; inherited themes are looked for in `folder` first (may be NULL). */
int theme_parse(struct theme *t, const char *name, const char *text, const char *folder, struct error *err);
/* Looks for NAME.theme in $XDG_CONFIG_HOME/assay/themes, beside the program (../themes, from a build folder),
 * then PREFIX/share/assay/themes. */
int theme_find(struct theme *t, const char *name, struct error *err);
/* Names of all themes that can be found, sorted; array and strings in the arena. */
const char **theme_names(struct arena *arena, size_t *count);
bool theme_name_is_valid(const char *name);
/* Reading `t` again would read something else: a file of it has changed, or another is found under its name.
 * A file that has gone is no change. */
bool theme_changed(const struct theme *t);
/* The file is the person's own. */
bool theme_is_own(const struct theme *t);
/* Works the looks out anew, after palette or roles were changed. */
void theme_resolve(struct theme *t);

/* ---- what a role is ---- */

/* What the role colours, in a few words, and what it may look like. */
const char *theme_role_about(int role);
const char *theme_role_sample(int role);
/* The role by which this one looks as it does: itself, or the next one up that the theme names. */
int theme_role_owner(const struct theme *t, int role);
/* The contrast that it has to have: 4.5 for text, 3 for lines and marks (WCAG 2.1, 1.4.3 and 1.4.11) and for
 * what cannot be used just now. */
double theme_contrast_wanted(int role);
/* The contrast that it has at a level (TERM_16 and up); NaN: the theme does not say on what background. */
double theme_contrast(const struct theme *t, enum term_colours level, int role);

/* ---- changing ---- */

/* A colour of the palette by name, or NULL. */
const struct theme_colour *theme_colour_find(const struct theme *t, const char *name);
/* The role gets a colour of the palette (or "default") as its foreground, or background (on). */
int theme_set_name(struct theme *t, int role, bool on, const char *name, struct error *err);
/* The role gets a colour of its own; the palette then has one that is called like the role (ROLE.on for the
 * background). The other levels get their nearest. */
int theme_set_rgb(struct theme *t, int role, bool on, int32_t rgb, struct error *err);
/* A colour of the palette, with all roles that use it. */
int theme_set_palette(struct theme *t, const char *name, int32_t rgb, struct error *err);
void theme_set_attr(struct theme *t, int role, unsigned attr);
void theme_set_mono(struct theme *t, int role, unsigned attr);
/* The role as it is in `from`, with the colours that it uses. */
void theme_take_role(struct theme *t, const struct theme *from, int role);
/* Something that theme_save would write. */
bool theme_differs(const struct theme *was, const struct theme *now);
/* "blue on ink bold", as it stands in a file; appended. */
void theme_role_text(const struct theme_role *role, struct str *out);
void theme_attr_text(unsigned attr, struct str *out); /* "bold underline"; appended */
/* The attribute of that name, or 0. */
unsigned theme_attr_find(const char *name);
/*
 * Writes what differs between `was` and `now` into NAME.theme of the person's own folder, whole or not at
 * all. An own file of that name keeps all its other lines and comments; a new one inherits from was->name.
 * The result is read once before it is written. The path in `path` (THEME_PATH).
 */
int theme_save(const struct theme *was, const struct theme *now, const char *name, char path[THEME_PATH],
               struct error *err);
/* Puts "key = value" into the section of a theme's text: in place of the last such line, whose comment stays,
 * else at the section's end; the section is made where it is not. */
void theme_text_set(struct str *text, const char *section, const char *key, const char *value);

#endif
