/* Changing a theme in memory, and writing what was changed into a file that a person may have written. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ---- in memory ---- */

/* A role that looks like another begins as that one. */
static struct theme_role *make_own(struct theme *t, int role)
{
	struct theme_role *own = &t->roles[role];

	if (!own->set) {
		*own = t->roles[theme_role_owner(t, role)];
		own->set = true;
		if (!own->fg[0])
			snprintf(own->fg, sizeof own->fg, "default");
		if (!own->bg[0])
			snprintf(own->bg, sizeof own->bg, "default");
	}
	return own;
}

int theme_set_name(struct theme *t, int role, bool on, const char *name, struct error *err)
{
	struct theme_role *own;
	char *which;

	if (theme_check_colour(t, style_role_name(role), name, err))
		return -1;
	own = make_own(t, role);
	which = on ? own->bg : own->fg;
	snprintf(which, THEME_COLOUR_NAME, "%s", name);
	theme_resolve(t);
	return 0;
}

static void fill(struct theme_colour *c, int32_t rgb)
{
	c->value[TERM_MONO] = -1;
	for (int level = TERM_16; level <= TERM_TRUE; level++)
		c->value[level] = theme_nearest((enum term_colours)level, rgb);
}

int theme_set_palette(struct theme *t, const char *name, int32_t rgb, struct error *err)
{
	struct theme_colour *c = theme_colour_at(t, name);

	if (!theme_colour_name_is_valid(name))
		return error_set(err, ERR_USAGE, "\"%s\" cannot be the name of a colour", name);
	if (!c && t->colour_count == THEME_COLOURS)
		return error_set(err, ERR_USAGE, "more than %d colours", THEME_COLOURS);
	if (!c) {
		c = &t->palette[t->colour_count++];
		snprintf(c->name, sizeof c->name, "%s", name);
	}
	fill(c, rgb);
	theme_resolve(t);
	return 0;
}

int theme_set_rgb(struct theme *t, int role, bool on, int32_t rgb, struct error *err)
{
	char name[THEME_COLOUR_NAME];

	snprintf(name, sizeof name, "%s%s", style_role_name(role), on ? ".on" : "");
	return theme_set_palette(t, name, rgb, err) || theme_set_name(t, role, on, name, err) ? -1 : 0;
}

void theme_set_attr(struct theme *t, int role, unsigned attr)
{
	make_own(t, role)->attr = attr;
	theme_resolve(t);
}

void theme_set_mono(struct theme *t, int role, unsigned attr)
{
	t->mono[role] = (struct theme_mono){true, attr};
	theme_resolve(t);
}

static void take_colour(struct theme *t, const struct theme *from, const char *name)
{
	const struct theme_colour *c = theme_colour_find(from, name);
	struct theme_colour *here = c ? theme_colour_at(t, name) : NULL;

	if (here)
		*here = *c;
}

void theme_take_role(struct theme *t, const struct theme *from, int role)
{
	t->roles[role] = from->roles[role];
	t->mono[role] = from->mono[role];
	take_colour(t, from, from->roles[theme_role_owner(from, role)].fg);
	take_colour(t, from, from->roles[theme_role_owner(from, role)].bg);
	theme_resolve(t);
}

static bool same_colour(const struct theme_colour *a, const struct theme_colour *b)
{
	return a && b && !memcmp(a->value, b->value, sizeof a->value);
}

static bool same_role(const struct theme_role *a, const struct theme_role *b)
{
	return a->set == b->set && a->attr == b->attr && !strcmp(a->fg, b->fg) && !strcmp(a->bg, b->bg);
}

static bool same_mono(const struct theme_mono *a, const struct theme_mono *b)
{
	return a->set == b->set && a->attr == b->attr;
}

/* A colour that no role names is not worth a line. */
static bool is_used(const struct theme *t, const char *name)
{
	for (int role = 0; role < STYLE_ROLES; role++)
		if (t->roles[role].set && (!strcmp(t->roles[role].fg, name) || !strcmp(t->roles[role].bg, name)))
			return true;
	return false;
}

static bool colour_differs(const struct theme *was, const struct theme *now, const struct theme_colour *c)
{
	const struct theme_colour *old = theme_colour_find(was, c->name);

	return !same_colour(old, c) && (old || is_used(now, c->name));
}

bool theme_differs(const struct theme *was, const struct theme *now)
{
	for (size_t i = 0; i < now->colour_count; i++)
		if (colour_differs(was, now, &now->palette[i]))
			return true;
	for (int role = 0; role < STYLE_ROLES; role++)
		if (!same_role(&was->roles[role], &now->roles[role]) ||
		    !same_mono(&was->mono[role], &now->mono[role]))
			return true;
	return false;
}

/* ---- as text ---- */

void theme_role_text(const struct theme_role *role, struct str *out)
{
	str_adds(out, role->fg[0] ? role->fg : "default");
	if (role->bg[0] && strcmp(role->bg, "default") != 0)
		str_addf(out, " on %s", role->bg);
	if (role->attr)
		str_addc(out, ' ');
	theme_attr_text(role->attr, out);
}

/* The line [*from, *to) of the text that begins at `at`; false: the text is over. `*to` is before the \n. */
static bool line_at(const char *text, size_t at, size_t *to)
{
	if (!text[at])
		return false;
	*to = at + strcspn(text + at, "\n");
	return true;
}

static bool is_section(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len >= n + 2 && line[0] == '[' && !strncmp(line + 1, name, n) && line[n + 1] == ']';
}

static bool is_key(const char *line, size_t len, const char *key)
{
	size_t n = strlen(key), at = n;

	if (len <= n || strncmp(line, key, n) != 0)
		return false;
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at < len && (line[at] == '=' || line[at] == ':');
}

static void splice(struct str *text, size_t from, size_t to, const char *with)
{
	struct str out;

	str_init(&out);
	str_add(&out, text->data, from);
	str_adds(&out, with);
	str_adds(&out, text->data + to);
	str_release(text);
	*text = out;
}

void theme_text_set(struct str *text, const char *section, const char *key, const char *value)
{
	bool inside = false, known = false, replace = false;
	size_t at = 0, to = 0, first_section = text->len, from = 0, until = 0;
	char *line;

	for (; line_at(text->data, at, &to); at = to + (text->data[to] == '\n')) {
		const char *p = text->data + at;
		size_t len = to - at;

		if (*p == '[') {
			inside = is_section(p, len, section);
			if (at < first_section)
				first_section = at;
		}
		/* The last such line counts; a new one comes behind the section's last. */
		if (inside && len > 0 && !strchr("\r;#", *p) && (!replace || is_key(p, len, key))) {
			replace = is_key(p, len, key);
			known = true;
			from = replace ? at : to;
			until = to;
		}
	}
	if (replace) {
		const char *comment = NULL;

		for (size_t i = from + 1; i < until && !comment; i++)
			if (text->data[i] == ';' && (text->data[i - 1] == ' ' || text->data[i - 1] == '\t'))
				comment = text->data + i;
		line = xasprintf("%s = %s%s%.*s", key, value, comment ? " " : "",
		                 comment ? (int)(text->data + until - comment) : 0, comment ? comment : "");
	} else if (known) {
		line = xasprintf("\n%s = %s", key, value);
	} else {
		/* Colours come before the roles that use them. */
		bool first = !strcmp(section, "palette") && first_section < text->len;

		from = until = first ? first_section : text->len;
		line = xasprintf("%s[%s]\n%s = %s\n%s",
		                 from && text->data[from - 1] != '\n' ? "\n\n"
		                 : from                               ? "\n"
		                                                      : "",
		                 section, key, value, first ? "\n" : "");
	}
	splice(text, from, until, line);
	free(line);
}

/* ---- the file ---- */

static void set_colour(struct str *text, const struct theme_colour *c)
{
	char *value = xasprintf("#%06x %d %s", (unsigned)c->value[TERM_TRUE] & 0xffffffU, (int)c->value[TERM_256],
	                        theme_ansi_name(c->value[TERM_16]));

	theme_text_set(text, "palette", c->name, value);
	free(value);
}

static void set_changes(struct str *text, const struct theme *was, const struct theme *now)
{
	struct str value;

	str_init(&value);
	for (size_t i = 0; i < now->colour_count; i++)
		if (colour_differs(was, now, &now->palette[i]))
			set_colour(text, &now->palette[i]);
	for (int role = 0; role < STYLE_ROLES; role++) {
		if (now->roles[role].set && !same_role(&was->roles[role], &now->roles[role])) {
			str_clear(&value);
			theme_role_text(&now->roles[role], &value);
			theme_text_set(text, "roles", style_role_name(role), value.data);
		}
	}
	for (int role = 0; role < STYLE_ROLES; role++) {
		if (now->mono[role].set && !same_mono(&was->mono[role], &now->mono[role])) {
			str_clear(&value);
			theme_attr_text(now->mono[role].attr, &value);
			theme_text_set(text, "mono", style_role_name(role), value.data);
		}
	}
	str_release(&value);
}

int theme_save(const struct theme *was, const struct theme *now, const char *name, char path[THEME_PATH],
               struct error *err)
{
	char *folder = xdg_config_path("themes"), *file = NULL;
	struct theme *check = xcalloc(1, sizeof *check);
	struct str text;
	int rc = -1;

	str_init(&text);
	if (!theme_name_is_valid(name)) {
		error_set(err, ERR_USAGE, "\"%s\" cannot be the name of a theme", name);
		goto out;
	}
	file = xasprintf("%s/%s.theme", folder, name);
	if (strlen(file) >= THEME_PATH) {
		error_set(err, ERR_USAGE, "%s: the path is too long for a theme", file);
		goto out;
	}
	snprintf(path, THEME_PATH, "%s", file);
	if (!file_exists(file)) {
		if (was->file_count)
			str_addf(&text, "inherit = %s\n", was->name);
	} else if (!was->file_count || strcmp(was->files[0].path, file) != 0) {
		error_set(err, ERR_NO, "%s is there already: another name, or `t` to it first", file);
		goto out;
	} else if (file_read(file, &text, THEME_MAX_BYTES, err)) {
		goto out;
	}
	set_changes(&text, was, now);
	/* What stood there may have been broken meanwhile. */
	if (theme_read_text(check, file, text.data, err) || dir_make(folder, err) ||
	    file_write_atomic(file, text.data, text.len, 0644, err))
		goto out;
	rc = 0;
out:
	str_release(&text);
	free(check);
	free(file);
	free(folder);
	return rc;
}
