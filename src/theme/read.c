/* Theme files (assay-theme(5) has the format) to looks. */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

struct reader {
	struct theme *theme;
	const char *folder; /* where inherited themes are looked for first; may be NULL */
	int depth;
};

static const struct {
	const char *name;
	unsigned attr;
} attributes[] = {{"bold", TERM_ATTR_BOLD},
                  {"dim", TERM_ATTR_DIM},
                  {"underline", TERM_ATTR_UNDERLINE},
                  {"reverse", TERM_ATTR_REVERSE},
                  {"italic", TERM_ATTR_ITALIC}};

/* The next blank-separated word of *p into out; false at the end. */
static bool next_word(const char **p, char out[THEME_COLOUR_NAME])
{
	size_t n;

	*p += strspn(*p, " \t");
	n = strcspn(*p, " \t");
	if (!n)
		return false;
	snprintf(out, THEME_COLOUR_NAME, "%.*s", (int)(n < THEME_COLOUR_NAME ? n : THEME_COLOUR_NAME - 1), *p);
	*p += n;
	return true;
}

/* ", did you mean …?" or nothing. */
static const char *hint(const char *word, const char *const names[], size_t count, char out[80])
{
	const char *near = name_nearest(word, names, count);

	out[0] = 0;
	if (near)
		snprintf(out, 80, "; did you mean \"%s\"?", near);
	return out;
}

/* ---- colours ---- */

static int read_index(const char *word, int32_t *out)
{
	int64_t index;

	if (!int_parse(word, strlen(word), &index) || index < 0 || index > 255)
		return -1;
	*out = (int32_t)index;
	return 0;
}

static int read_ansi(const char *name, const char *word, int32_t *out, struct error *err)
{
	const char *names[16];
	char near[80];

	for (int i = 0; i < 16; i++) {
		names[i] = theme_ansi_name(i);
		if (!strcmp(names[i], word)) {
			*out = i;
			return 0;
		}
	}
	return error_set(err, ERR_USAGE,
	                 "%s: third and last comes one of the sixteen, black to bright-white, not \"%s\"%s", name,
	                 word, hint(word, names, 16, near));
}

/* "#6cb6ff 75 bright-blue"; what is left out is the nearest. */
static int read_values(const char *name, const char *value, int32_t out[4], struct error *err)
{
	char word[THEME_COLOUR_NAME];

	if (!next_word(&value, word) || *word != '#' || !theme_rgb_parse(word, &out[TERM_TRUE]))
		return error_set(err, ERR_USAGE, "%s: first comes the 24-bit colour, like #6cb6ff", name);
	out[TERM_MONO] = -1;
	/* The nearest is looked for only where it is wanted: that is slow beside all the rest of a start. */
	if (!next_word(&value, word)) {
		out[TERM_256] = theme_nearest(TERM_256, out[TERM_TRUE]);
		out[TERM_16] = theme_nearest(TERM_16, out[TERM_TRUE]);
		return 0;
	}
	if (read_index(word, &out[TERM_256]))
		return error_set(err, ERR_USAGE, "%s: second comes the index of the 256 colours, 0 to 255", name);
	if (!next_word(&value, word)) {
		out[TERM_16] = theme_nearest(TERM_16, out[TERM_TRUE]);
		return 0;
	}
	if (read_ansi(name, word, &out[TERM_16], err))
		return -1;
	return next_word(&value, word)
	           ? error_set(err, ERR_USAGE, "%s: third and last comes one of the sixteen; \"%s\" is too much",
	                       name, word)
	           : 0;
}

struct theme_colour *theme_colour_at(struct theme *t, const char *name)
{
	for (size_t i = 0; i < t->colour_count; i++)
		if (!strcmp(t->palette[i].name, name))
			return &t->palette[i];
	return NULL;
}

const struct theme_colour *theme_colour_find(const struct theme *t, const char *name)
{
	for (size_t i = 0; i < t->colour_count; i++)
		if (!strcmp(t->palette[i].name, name))
			return &t->palette[i];
	return NULL;
}

bool theme_colour_name_is_valid(const char *name)
{
	return *name && strlen(name) < THEME_COLOUR_NAME && strcmp(name, "default") != 0 &&
	       strcmp(name, "on") != 0 && !strpbrk(name, " \t#;=:[]");
}

static int read_colour(struct reader *r, const char *name, const char *value, struct error *err)
{
	struct theme_colour c = {.name = ""}, *known = theme_colour_at(r->theme, name);

	if (!theme_colour_name_is_valid(name))
		return error_set(err, ERR_USAGE, "\"%s\" cannot be the name of a colour", name);
	snprintf(c.name, sizeof c.name, "%s", name);
	if (read_values(name, value, c.value, err))
		return -1;
	if (!known && r->theme->colour_count == THEME_COLOURS)
		return error_set(err, ERR_USAGE, "more than %d colours", THEME_COLOURS);
	*(known ? known : &r->theme->palette[r->theme->colour_count++]) = c;
	return 0;
}

/* ---- roles ---- */

unsigned theme_attr_find(const char *word)
{
	for (size_t i = 0; i < COUNT_OF(attributes); i++)
		if (!strcmp(attributes[i].name, word))
			return attributes[i].attr;
	return 0;
}

void theme_attr_text(unsigned attr, struct str *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < COUNT_OF(attributes); i++)
		if (attr & attributes[i].attr)
			str_addf(out, "%s%s", out->len > from ? " " : "", attributes[i].name);
}

static int role_of(const char *name, struct error *err)
{
	const char *names[STYLE_ROLES];
	char near[80];
	int role = style_role_find(name);

	if (role >= 0)
		return role;
	for (int i = 0; i < STYLE_ROLES; i++)
		names[i] = style_role_name(i);
	return error_set(err, ERR_USAGE, "there is no role \"%s\"%s", name, hint(name, names, STYLE_ROLES, near));
}

static int no_attribute(const char *role, const char *word, struct error *err)
{
	return error_set(err, ERR_USAGE, "%s: \"%s\" is no attribute (bold, dim, underline, reverse, italic)",
	                 role, word);
}

int theme_check_colour(const struct theme *t, const char *role, const char *name, struct error *err)
{
	const char *names[THEME_COLOURS];
	char near[80];

	if (!strcmp(name, "default") || theme_colour_find(t, name))
		return 0;
	for (size_t i = 0; i < t->colour_count; i++)
		names[i] = t->palette[i].name;
	return error_set(err, ERR_USAGE, "%s: the palette has no colour \"%s\"%s", role, name,
	                 hint(name, names, t->colour_count, near));
}

static int read_role(struct reader *r, const char *name, const char *value, struct error *err)
{
	struct theme_role new = {.set = true, .bg = "default"};
	int role = role_of(name, err);
	char word[THEME_COLOUR_NAME];

	if (role < 0)
		return -1;
	if (!next_word(&value, new.fg))
		return error_set(err, ERR_USAGE, "%s: needs a colour (\"default\" is one)", name);
	while (next_word(&value, word)) {
		unsigned a = theme_attr_find(word);

		if (!strcmp(word, "on")) {
			if (!next_word(&value, new.bg))
				return error_set(err, ERR_USAGE, "%s: a colour must follow \"on\"", name);
		} else if (!a) {
			return no_attribute(name, word, err);
		}
		new.attr |= a;
	}
	if (theme_check_colour(r->theme, name, new.fg, err) || theme_check_colour(r->theme, name, new.bg, err))
		return -1;
	r->theme->roles[role] = new;
	return 0;
}

static int read_mono(struct reader *r, const char *name, const char *value, struct error *err)
{
	int role = role_of(name, err);
	char word[THEME_COLOUR_NAME];
	unsigned attr = 0;

	if (role < 0)
		return -1;
	while (next_word(&value, word)) {
		unsigned a = theme_attr_find(word);

		if (!a)
			return no_attribute(name, word, err);
		attr |= a;
	}
	r->theme->mono[role] = (struct theme_mono){true, attr};
	return 0;
}

/* ---- files ---- */

static int on_key(void *user, const char *section, const char *key, const char *value, int line,
                  struct error *err);

static int read_file(struct reader *r, const char *path, struct error *err)
{
	struct theme *t = r->theme;
	struct theme_file file;
	struct str text;
	int rc;

	if (strlen(path) >= THEME_PATH)
		return error_set(err, ERR_USAGE, "%s: the path is too long for a theme", path);
	/* Before it is read: what is written meanwhile is a change. */
	if (!theme_file_look(&file, path))
		return error_errno(err, ERR_ENV, "%s", path);
	t->files[t->file_count++] = file;
	str_init(&text);
	rc = file_read(path, &text, THEME_MAX_BYTES, err) || ini_read_text(path, text.data, on_key, r, err) ? -1
	                                                                                                    : 0;
	str_release(&text);
	return rc;
}

static int inherit(struct reader *r, const char *name, struct error *err)
{
	char about[sizeof r->theme->about];
	char *path;
	int rc;

	if (!theme_name_is_valid(name))
		return error_set(err, ERR_USAGE, "inherit: \"%s\" is not the name of a theme", name);
	/* A theme may inherit from another of its own name: a person's "dark" from the one that came with us. */
	path = ++r->depth < THEME_FILES ? theme_locate(name, r->folder, r->theme) : NULL;
	if (path) {
		memcpy(about, r->theme->about, sizeof about);
		rc = read_file(r, path, err);
		memcpy(r->theme->about, about, sizeof about);
	} else if (r->depth >= THEME_FILES) {
		rc = error_set(err, ERR_USAGE, "inherit: more than %d themes deep", THEME_FILES - 1);
	} else {
		char *other = theme_locate(name, r->folder, NULL);

		rc = other ? error_set(err, ERR_USAGE, "inherit: \"%s\" inherits from itself, in a circle", name)
		           : error_set(err, ERR_USAGE, "inherit: there is no theme \"%s\"", name);
		free(other);
	}
	r->depth--;
	free(path);
	return rc;
}

static int on_top_key(struct reader *r, const char *key, const char *value, struct error *err)
{
	static const char *const keys[] = {"inherit", "about", "background", "foreground", "paint"};
	struct theme *t = r->theme;
	char near[80];

	if (!strcmp(key, "inherit"))
		return inherit(r, value, err);
	if (!strcmp(key, "about")) {
		snprintf(t->about, sizeof t->about, "%s", value);
		return 0;
	}
	if (!strcmp(key, "background"))
		return read_values("background", value, t->background.value, err);
	if (!strcmp(key, "foreground"))
		return read_values("foreground", value, t->foreground.value, err);
	if (strcmp(key, "paint") != 0)
		return error_set(err, ERR_USAGE,
		                 "unknown key \"%s\" before the first section (inherit, about, background, "
		                 "foreground, paint)%s",
		                 key, hint(key, keys, COUNT_OF(keys), near));
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return error_set(err, ERR_USAGE, "paint: yes or no, not \"%s\"", value);
	t->paint = value[0] == 'y';
	return 0;
}

static int on_key(void *user, const char *section, const char *key, const char *value, int line,
                  struct error *err)
{
	static const char *const sections[] = {"palette", "roles", "mono"};
	struct reader *r = user;
	char near[80];

	(void)line;
	if (!*section)
		return on_top_key(r, key, value, err);
	if (!strcmp(section, "palette"))
		return read_colour(r, key, value, err);
	if (!strcmp(section, "roles"))
		return read_role(r, key, value, err);
	if (!strcmp(section, "mono"))
		return read_mono(r, key, value, err);
	return error_set(err, ERR_USAGE, "unknown section [%s] (palette, roles, mono)%s", section,
	                 hint(section, sections, COUNT_OF(sections), near));
}

/* ---- looks ---- */

static int32_t colour_value(const struct theme *t, const char *name, const struct theme_colour *own,
                            enum term_colours level)
{
	const struct theme_colour *c = theme_colour_find(t, name);

	if (c)
		return c->value[level];
	return t->paint ? own->value[level] : TERM_COLOUR_DEFAULT;
}

int theme_role_owner(const struct theme *t, int role)
{
	for (int steps = 0; steps < STYLE_ROLES && !t->roles[role].set && role != STYLE_TEXT; steps++)
		role = style_role_parent(role);
	return role;
}

static int mono_owner(const struct theme *t, int role)
{
	for (int steps = 0; steps < STYLE_ROLES && !t->mono[role].set && role != STYLE_TEXT; steps++)
		role = style_role_parent(role);
	return role;
}

void theme_resolve(struct theme *t)
{
	for (int role = 0; role < STYLE_ROLES; role++) {
		const struct theme_role *from = &t->roles[theme_role_owner(t, role)];

		t->looks[TERM_MONO][role] =
		    (struct term_look){TERM_COLOUR_DEFAULT, TERM_COLOUR_DEFAULT, t->mono[mono_owner(t, role)].attr};
		for (int level = TERM_16; level <= TERM_TRUE; level++) {
			struct term_look *look = &t->looks[level][role];

			*look = (struct term_look){colour_value(t, from->fg, &t->foreground, (enum term_colours)level),
			                           colour_value(t, from->bg, &t->background, (enum term_colours)level),
			                           from->attr};
			/* xterm and the console show bold black as grey, bold red as bright red … */
			if (level == TERM_16 && look->fg >= 0 && look->fg < 8)
				look->attr &= ~(unsigned)TERM_ATTR_BOLD;
		}
	}
	theme_ramps(t);
}

static void begin(struct theme *t, const char *name)
{
	static const int32_t none[4] = {-1, -1, -1, -1};

	memset(t, 0, sizeof *t);
	snprintf(t->name, sizeof t->name, "%s", name);
	memcpy(t->background.value, none, sizeof none);
	memcpy(t->foreground.value, none, sizeof none);
}

static int finish(struct theme *t, const char *where, int rc, struct error *err)
{
	if (!rc && t->paint && (t->background.value[TERM_TRUE] < 0 || t->foreground.value[TERM_TRUE] < 0))
		rc = error_set(err, ERR_USAGE, "%s: \"paint = yes\" needs background and foreground", where);
	theme_resolve(t);
	return rc;
}

int theme_parse(struct theme *t, const char *name, const char *text, const char *folder, struct error *err)
{
	struct reader r = {.theme = t, .folder = folder};

	begin(t, name);
	return finish(t, name, ini_read_text(name, text, on_key, &r, err), err);
}

/* text NULL: what the file holds. */
static int read_as(struct theme *t, const char *path, const char *text, struct error *err)
{
	char *copy = xstrdup(path), *folder = xstrdup(path);
	char *name = basename(copy), *dot = strrchr(name, '.');
	struct reader r = {.theme = t};
	int rc;

	if (dot)
		*dot = 0;
	begin(t, name);
	r.folder = dirname(folder);
	if (text) {
		snprintf(t->files[t->file_count++].path, THEME_PATH, "%s", path);
		rc = ini_read_text(path, text, on_key, &r, err);
	} else {
		rc = read_file(&r, path, err);
	}
	rc = finish(t, path, rc, err);
	free(copy);
	free(folder);
	return rc;
}

int theme_read(struct theme *t, const char *path, struct error *err)
{
	return read_as(t, path, NULL, err);
}

int theme_read_text(struct theme *t, const char *path, const char *text, struct error *err)
{
	return read_as(t, path, text, err);
}
