/* assay theme: the themes that there are, and how one looks, with the contrast of every role. */
#include <math.h>
#include <stdlib.h>

#include "assay/theme.h"

#include "cli.h"
#include "commands.h"

/* ---- ls ---- */

static void theme_json(struct json_writer *j, const struct theme *t, const char *fault)
{
	jw_object(j, NULL);
	jw_string(j, "name", t->name);
	jw_string(j, "about", t->about);
	jw_bool(j, "own", theme_is_own(t));
	jw_bool(j, "paint", t->paint);
	jw_string(j, "path", t->file_count ? t->files[0].path : NULL);
	if (fault)
		jw_string(j, "fault", fault);
	jw_object_end(j);
}

int cmd_theme_ls(struct cli *c)
{
	struct arena *a = arena_new();
	size_t count;
	const char **names = theme_names(a, &count);
	struct theme *t = xcalloc(1, sizeof *t);
	struct listing g;
	struct json_writer j;
	struct str json;

	str_init(&json);
	jw_init(&j, &json);
	jw_array(&j, NULL);
	listing_init(&g);
	listing_column(&g, "theme", "theme", GRID_LEFT);
	listing_column(&g, "whose", "whose", GRID_LEFT);
	listing_column(&g, "about", "about", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		/* A broken one is listed, and why. */
		bool broken = theme_find(t, names[i], &c->err) != 0;

		theme_json(&j, t, broken ? c->err.text : NULL);
		listing_text(&g, names[i], broken ? GRID_BAD : GRID_ACCENT);
		listing_text(&g, theme_is_own(t) ? "yours" : "assay's", GRID_MUTED);
		listing_text(&g, broken ? c->err.text : t->about, broken ? GRID_BAD : GRID_PLAIN);
	}
	jw_array_end(&j);
	if (c->json)
		json_print(&json, stdout);
	else
		listing_print(&g, c, stdout);
	listing_release(&g);
	str_release(&json);
	free(t);
	arena_free(a);
	return 0;
}

/* ---- show ---- */

static const char *colour_text(const struct theme_colour *c, struct str *out)
{
	str_clear(out);
	if (c->value[TERM_TRUE] < 0)
		return NULL;
	str_addf(out, "#%06x", (unsigned)c->value[TERM_TRUE] & 0xffffffU);
	return out->data;
}

static const char *look_colour(const struct theme *t, const char *name, struct str *out)
{
	const struct theme_colour *c = theme_colour_find(t, name);

	return c ? colour_text(c, out) : NULL;
}

static void role_json(struct json_writer *j, const struct theme *t, int role, struct str *work)
{
	static const char *const levels[] = {[TERM_16] = "16", [TERM_256] = "256", [TERM_TRUE] = "true"};
	int owner = theme_role_owner(t, role);
	const struct theme_role *look = &t->roles[owner];

	jw_object(j, NULL);
	jw_string(j, "role", style_role_name(role));
	jw_string(j, "about", theme_role_about(role));
	jw_string(j, "like", owner == role ? NULL : style_role_name(owner));
	str_clear(work);
	theme_role_text(look, work);
	jw_string(j, "look", work->data);
	jw_string(j, "foreground", look_colour(t, look->fg, work));
	jw_string(j, "background", look_colour(t, look->bg, work));
	str_clear(work);
	theme_attr_text(t->looks[TERM_MONO][role].attr, work);
	jw_string(j, "mono", work->data);
	jw_object(j, "contrast");
	for (int level = TERM_16; level <= TERM_TRUE; level++)
		jw_num(j, levels[level], theme_contrast(t, (enum term_colours)level, role),
		       "the theme does not say on what background");
	jw_object_end(j);
	jw_num(j, "wanted", theme_contrast_wanted(role), NULL);
	jw_object_end(j);
}

static void show_json(const struct theme *t)
{
	struct json_writer j;
	struct str json, work;

	str_init(&json);
	str_init(&work);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "name", t->name);
	jw_string(&j, "about", t->about);
	jw_string(&j, "path", t->files[0].path);
	jw_bool(&j, "own", theme_is_own(t));
	jw_bool(&j, "paint", t->paint);
	jw_string(&j, "background", colour_text(&t->background, &work));
	jw_string(&j, "foreground", colour_text(&t->foreground, &work));
	jw_array(&j, "roles");
	for (int role = 0; role < STYLE_ROLES; role++)
		role_json(&j, t, role, &work);
	jw_array_end(&j);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
	str_release(&work);
}

static void add_ratio(struct listing *g, double ratio, double wanted)
{
	char people[NUM_TEXT], machine[NUM_TEXT];

	if (isnan(ratio)) {
		listing_none(g);
		return;
	}
	/* Cut, not rounded: what does not reach the limit does not look as if it did. */
	num_shortest(floor(ratio * 10) / 10, people);
	num_shortest(ratio, machine);
	listing_both(g, people, machine, true, ratio < wanted ? GRID_BAD : GRID_PLAIN);
}

static void show_listing(const struct cli *c, const struct theme *t)
{
	struct listing g;
	struct str look;

	str_init(&look);
	listing_init(&g);
	listing_column(&g, "role", "role", GRID_LEFT);
	listing_column(&g, "looks", "looks", GRID_LEFT);
	listing_column(&g, "24 bit", "contrast_true", GRID_POINT);
	listing_column(&g, "256", "contrast_256", GRID_POINT);
	listing_column(&g, "16", "contrast_16", GRID_POINT);
	listing_column(&g, "of", "wanted", GRID_POINT);
	listing_column(&g, "what it colours", "about", GRID_LEFT);
	for (int role = 0; role < STYLE_ROLES; role++) {
		int owner = theme_role_owner(t, role);
		double wanted = theme_contrast_wanted(role);

		str_clear(&look);
		if (owner != role)
			str_addf(&look, "%s%s", sign("→ ", "> "), style_role_name(owner));
		else
			theme_role_text(&t->roles[role], &look);
		listing_text(&g, style_role_name(role), GRID_PLAIN);
		listing_text(&g, look.data, owner == role ? GRID_PLAIN : GRID_MUTED);
		for (int level = TERM_TRUE; level >= TERM_16; level--)
			add_ratio(&g, theme_contrast(t, (enum term_colours)level, role), wanted);
		listing_num(&g, wanted, 2);
		listing_text(&g, theme_role_about(role), GRID_MUTED);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
	str_release(&look);
}

static void show_head(const struct cli *c, const struct theme *t)
{
	struct str background, foreground;

	str_init(&background);
	str_init(&foreground);
	facts_print((const struct fact[]){{"theme", t->name},
	                                  {"about", t->about[0] ? t->about : NULL},
	                                  {"file", t->files[0].path},
	                                  {"background", colour_text(&t->background, &background)},
	                                  {"foreground", colour_text(&t->foreground, &foreground)},
	                                  {"painted", t->paint ? "yes" : "no: the terminal's own stay"}},
	            6, c, stdout);
	putchar('\n');
	str_release(&background);
	str_release(&foreground);
}

int cmd_theme_show(struct cli *c)
{
	struct theme *t = xcalloc(1, sizeof *t);
	int status = theme_find(t, c->args[0], &c->err);

	if (status == 0 && c->json) {
		show_json(t);
	} else if (status == 0) {
		if (!c->csv && !c->tsv)
			show_head(c, t);
		show_listing(c, t);
	}
	free(t);
	return status;
}
