/*
 * Themes: files in which roles get colours.
 *
 *     inherit = dark                      another theme, read first
 *     background = #16181d                what it was made for (not painted; a test checks the contrast
 * against it) [palette]  NAME = #rrggbb INDEX ANSI      24 bits, 0…255, one of the sixteen names (black …
 * bright-white) [roles]    ROLE = COLOUR [on COLOUR] [bold] [dim] [underline] [reverse] [italic]     COLOUR:
 * of the palette, or default [mono]     ROLE = attributes
 *
 * A role that is not named looks like its parent (TERM_ROLES).
 */
#include <dirent.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "private.h"

enum { MAX_PALETTE = 64, MAX_INHERIT = 4, MAX_FILE = 256 * 1024 };

struct colour {
	char name[32];
	int32_t value[4]; /* by enum term_colours; mono is not used */
};

struct reader {
	struct ui_theme *theme;
	const char *folder; /* where inherited themes are looked for first; may be NULL */
	int depth;
	struct colour palette[MAX_PALETTE];
	size_t colours;
	/* What the file says, kept until the whole palette is known: inherited roles use the heir's colours. */
	struct {
		bool set;
		char fg[32], bg[32];
		unsigned attr;
	} roles[STYLE_ROLES];
	struct {
		bool set;
		unsigned attr;
	} mono[STYLE_ROLES];
};

static const struct {
	const char *name;
	unsigned attr;
} attributes[] = {{"bold", TERM_ATTR_BOLD},
                  {"dim", TERM_ATTR_DIM},
                  {"underline", TERM_ATTR_UNDERLINE},
                  {"reverse", TERM_ATTR_REVERSE},
                  {"italic", TERM_ATTR_ITALIC}};

static const char *const ansi[] = {
    "black",        "red",           "green",       "yellow",         "blue",
    "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white"};

/* The next blank-separated word of *p into out; false at the end. */
static bool next_word(const char **p, char out[32])
{
	size_t n;

	*p += strspn(*p, " \t");
	n = strcspn(*p, " \t");
	if (!n)
		return false;
	snprintf(out, 32, "%.*s", (int)(n < 31 ? n : 31), *p);
	*p += n;
	return true;
}

static bool parse_rgb(const char *word, int32_t *out)
{
	uint32_t value = 0;

	if (strlen(word) != 7 || *word != '#')
		return false;
	for (const char *p = word + 1; *p; p++) {
		int digit = *p >= '0' && *p <= '9'   ? *p - '0'
		            : *p >= 'a' && *p <= 'f' ? *p - 'a' + 10
		            : *p >= 'A' && *p <= 'F' ? *p - 'A' + 10
		                                     : -1;

		if (digit < 0)
			return false;
		value = value << 4 | (uint32_t)digit;
	}
	*out = (int32_t)(TERM_RGB(0, 0, 0) | value);
	return true;
}

static struct colour *find_colour(struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->colours; i++)
		if (!strcmp(r->palette[i].name, name))
			return &r->palette[i];
	return NULL;
}

static int read_colour(struct reader *r, const char *name, const char *value, struct error *err)
{
	struct colour c = {.value = {-1, -1, -1, -1}}, *known = find_colour(r, name);
	char word[32];
	int64_t index;
	size_t i = 0;

	if (strlen(name) >= sizeof c.name || !strcmp(name, "default") || !strcmp(name, "on"))
		return error_set(err, ERR_USAGE, "\"%s\" cannot be the name of a colour", name);
	snprintf(c.name, sizeof c.name, "%s", name);
	if (!next_word(&value, word) || !parse_rgb(word, &c.value[TERM_TRUE]))
		return error_set(err, ERR_USAGE, "colour %s: first comes the 24-bit colour, like #6cb6ff", name);
	if (!next_word(&value, word) || !int_parse(word, strlen(word), &index) || index < 0 || index > 255)
		return error_set(err, ERR_USAGE, "colour %s: second comes the index of the 256 colours, 0 to 255",
		                 name);
	c.value[TERM_256] = (int32_t)index;
	if (!next_word(&value, word))
		word[0] = 0;
	while (i < COUNT_OF(ansi) && strcmp(ansi[i], word) != 0)
		i++;
	if (i == COUNT_OF(ansi) || next_word(&value, word))
		return error_set(err, ERR_USAGE,
		                 "colour %s: third and last comes one of the sixteen, black to bright-white", name);
	c.value[TERM_16] = (int32_t)i;
	if (!known && r->colours == MAX_PALETTE)
		return error_set(err, ERR_USAGE, "more than %d colours", MAX_PALETTE);
	*(known ? known : &r->palette[r->colours++]) = c;
	return 0;
}

static unsigned attribute(const char *word)
{
	for (size_t i = 0; i < COUNT_OF(attributes); i++)
		if (!strcmp(attributes[i].name, word))
			return attributes[i].attr;
	return 0;
}

static int role_of(const char *name, struct error *err)
{
	int role = style_role_find(name);

	return role >= 0 ? role : error_set(err, ERR_USAGE, "there is no role \"%s\"", name);
}

static int read_role(struct reader *r, const char *name, const char *value, struct error *err)
{
	int role = role_of(name, err);
	char fg[32], bg[32] = "default", word[32];
	unsigned attr = 0;

	if (role < 0)
		return -1;
	if (!next_word(&value, fg))
		return error_set(err, ERR_USAGE, "%s: needs a colour (\"default\" is one)", name);
	while (next_word(&value, word)) {
		unsigned a = attribute(word);

		if (!strcmp(word, "on")) {
			if (!next_word(&value, bg))
				return error_set(err, ERR_USAGE, "%s: a colour must follow \"on\"", name);
		} else if (a) {
			attr |= a;
		} else {
			return error_set(err, ERR_USAGE,
			                 "%s: \"%s\" is no attribute (bold, dim, underline, reverse, italic)", name,
			                 word);
		}
	}
	if (strcmp(fg, "default") != 0 && !find_colour(r, fg))
		return error_set(err, ERR_USAGE, "%s: the palette has no colour \"%s\"", name, fg);
	if (strcmp(bg, "default") != 0 && !find_colour(r, bg))
		return error_set(err, ERR_USAGE, "%s: the palette has no colour \"%s\"", name, bg);
	r->roles[role].set = true;
	memcpy(r->roles[role].fg, fg, sizeof fg);
	memcpy(r->roles[role].bg, bg, sizeof bg);
	r->roles[role].attr = attr;
	return 0;
}

static int read_mono(struct reader *r, const char *name, const char *value, struct error *err)
{
	int role = role_of(name, err);
	char word[32];
	unsigned attr = 0;

	if (role < 0)
		return -1;
	while (next_word(&value, word)) {
		unsigned a = attribute(word);

		if (!a)
			return error_set(err, ERR_USAGE,
			                 "%s: \"%s\" is no attribute (bold, dim, underline, reverse, italic)", name,
			                 word);
		attr |= a;
	}
	r->mono[role].set = true;
	r->mono[role].attr = attr;
	return 0;
}

static int on_key(void *user, const char *section, const char *key, const char *value, int line,
                  struct error *err);

static bool is_theme_name(const char *name)
{
	return *name && strlen(name) < 64 && name[0] != '.' && !strchr(name, '/');
}

static char *find_file(const char *name, const char *first);

static int read_file(struct reader *r, const char *path, struct error *err)
{
	struct str text;
	int rc;

	str_init(&text);
	rc = file_read(path, &text, MAX_FILE, err) || ini_read_text(path, text.data, on_key, r, err) ? -1 : 0;
	str_release(&text);
	return rc;
}

static int inherit(struct reader *r, const char *name, struct error *err)
{
	char *path;
	int rc;

	if (!is_theme_name(name))
		return error_set(err, ERR_USAGE, "inherit: \"%s\" is not the name of a theme", name);
	if (++r->depth > MAX_INHERIT)
		return error_set(err, ERR_USAGE, "inherit: more than %d themes deep, or in a circle", MAX_INHERIT);
	path = find_file(name, r->folder);
	rc =
	    path ? read_file(r, path, err) : error_set(err, ERR_USAGE, "inherit: there is no theme \"%s\"", name);
	r->depth--;
	free(path);
	return rc;
}

static int on_key(void *user, const char *section, const char *key, const char *value, int line,
                  struct error *err)
{
	struct reader *r = user;

	(void)line;
	if (!*section) {
		int32_t rgb;

		if (!strcmp(key, "inherit"))
			return inherit(r, value, err);
		if (strcmp(key, "background") != 0)
			return error_set(err, ERR_USAGE,
			                 "unknown key \"%s\" before the first section (inherit, background)", key);
		if (!parse_rgb(value, &rgb))
			return error_set(err, ERR_USAGE, "background: a colour like #16181d");
		r->theme->background = rgb;
		return 0;
	}
	if (!strcmp(section, "palette"))
		return read_colour(r, key, value, err);
	if (!strcmp(section, "roles"))
		return read_role(r, key, value, err);
	if (!strcmp(section, "mono"))
		return read_mono(r, key, value, err);
	return error_set(err, ERR_USAGE, "unknown section [%s] (palette, roles, mono)", section);
}

static int32_t colour_value(struct reader *r, const char *name, enum term_colours level)
{
	struct colour *c = find_colour(r, name);

	return c ? c->value[level] : TERM_COLOUR_DEFAULT;
}

/* Parents come before their children in the table of roles or are reached by going up. */
static int owner_of(const struct reader *r, int role, bool mono)
{
	for (int steps = 0; steps < STYLE_ROLES; steps++) {
		if ((mono ? r->mono[role].set : r->roles[role].set) || role == STYLE_TEXT)
			break;
		role = style_role_parent(role);
	}
	return role;
}

static void resolve(struct reader *r)
{
	for (int role = 0; role < STYLE_ROLES; role++) {
		int from = owner_of(r, role, false);

		r->theme->looks[TERM_MONO][role] = (struct term_look){TERM_COLOUR_DEFAULT, TERM_COLOUR_DEFAULT,
		                                                      r->mono[owner_of(r, role, true)].attr};
		for (int level = TERM_16; level <= TERM_TRUE; level++)
			r->theme->looks[level][role] = (struct term_look){
			    colour_value(r, r->roles[from].fg, (enum term_colours)level),
			    colour_value(r, r->roles[from].bg, (enum term_colours)level), r->roles[from].attr};
	}
}

static struct reader *reader_new(struct ui_theme *theme, const char *name, const char *folder)
{
	struct reader *r = xcalloc(1, sizeof *r);

	memset(theme, 0, sizeof *theme);
	snprintf(theme->name, sizeof theme->name, "%s", name);
	theme->background = -1;
	r->theme = theme;
	r->folder = folder;
	return r;
}

int ui_theme_parse(struct ui_theme *theme, const char *name, const char *text, const char *folder,
                   struct error *err)
{
	struct reader *r = reader_new(theme, name, folder);
	int rc = ini_read_text(name, text, on_key, r, err);

	resolve(r);
	free(r);
	return rc;
}

int ui_theme_read(struct ui_theme *theme, const char *path, struct error *err)
{
	char *copy = xstrdup(path), *folder = xstrdup(path);
	char *name = basename(copy), *dot = strrchr(name, '.');
	struct reader *r;
	int rc;

	if (dot)
		*dot = 0;
	r = reader_new(theme, name, dirname(folder));
	snprintf(theme->path, sizeof theme->path, "%s", path);
	rc = read_file(r, path, err);
	resolve(r);
	free(r);
	free(copy);
	free(folder);
	return rc;
}

/* ---- where themes lie ---- */

enum { MAX_FOLDERS = 8, TREE_DEPTH = 6 };

/* The person's own, then those beside the program: in the source tree (build/assay to
 * build/asan/tests/unit/x), installed. */
static size_t folders(char *out[MAX_FOLDERS])
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	size_t count = 0;

	out[count++] = xdg_config_path("themes");
	if (n <= 0)
		return count;
	exe[n] = 0;
	for (int up = 0; up < TREE_DEPTH && strrchr(exe, '/'); up++) {
		*strrchr(exe, '/') = 0;
		if (up == 1)
			out[count++] = xasprintf("%s/share/assay/themes", exe);
		if (up >= 1)
			out[count++] = xasprintf("%s/themes", exe);
	}
	return count;
}

static void free_folders(char *list[MAX_FOLDERS], size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
}

static char *find_file(const char *name, const char *first)
{
	char *list[MAX_FOLDERS], *found = NULL;
	size_t count = folders(list);

	for (size_t i = first ? 0 : 1; i <= count && !found; i++) {
		char *path = xasprintf("%s/%s.theme", i ? list[i - 1] : first, name);

		if (file_exists(path))
			found = path;
		else
			free(path);
	}
	free_folders(list, count);
	return found;
}

int ui_theme_find(struct ui_theme *theme, const char *name, struct error *err)
{
	char *path;
	int rc;

	if (!is_theme_name(name))
		return error_set(err, ERR_USAGE, "\"%s\" is not the name of a theme", name);
	path = find_file(name, NULL);
	if (!path)
		return error_set(err, ERR_USAGE, "there is no theme \"%s\" (%s.theme)", name, name);
	rc = ui_theme_read(theme, path, err);
	free(path);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **ui_theme_names(struct arena *arena, size_t *count)
{
	char *list[MAX_FOLDERS];
	size_t folder_count = folders(list), cap = 0;
	const char **names = NULL, **out;

	*count = 0;
	for (size_t i = 0; i < folder_count; i++) {
		DIR *dir = opendir(list[i]);
		struct dirent *e;

		while (dir && (e = readdir(dir))) {
			size_t len = strlen(e->d_name);
			char *name;
			bool seen = false;

			if (len < 7 || strcmp(e->d_name + len - 6, ".theme") != 0)
				continue;
			name = arena_memdup0(arena, e->d_name, len - 6);
			for (size_t k = 0; k < *count; k++)
				seen |= !strcmp(names[k], name);
			if (seen || !is_theme_name(name))
				continue;
			names = vec_reserve(names, &cap, *count + 1, sizeof *names);
			names[(*count)++] = name;
		}
		if (dir)
			closedir(dir);
	}
	free_folders(list, folder_count);
	out = arena_array(arena, *count ? *count : 1, sizeof *out);
	if (*count) {
		memcpy(out, names, *count * sizeof *out);
		qsort(out, *count, sizeof *out, by_name);
	}
	free(names);
	return out;
}
