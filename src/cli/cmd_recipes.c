/* assay recipes [RECIPE]: what can be trained, with parameters, ranges and defaults. */
#include <math.h>

#include "assay/learn.h"

#include "cli.h"
#include "commands.h"

static const char *type_name(enum learn_param_type type)
{
	switch (type) {
	case LEARN_INT:
		return "int";
	case LEARN_NUM:
		return "num";
	case LEARN_BOOL:
		return "bool";
	}
	return "?";
}

static void recipe_json(struct json_writer *j, const struct learn_recipe *r)
{
	struct error missing;
	jw_object(j, NULL);
	jw_string(j, "name", r->name);
	jw_string(j, "help", r->help);
	bool ready = learn_recipe_ready(r, &missing) == 0;
	jw_bool(j, "ready", ready);
	if (!ready)
		jw_string(j, "why", missing.text);
	jw_array(j, "params");
	for (size_t i = 0; i < r->param_count; i++) {
		const struct learn_param *p = &r->params[i];
		jw_object(j, NULL);
		jw_string(j, "name", p->name);
		jw_string(j, "type", type_name(p->type));
		if (p->type == LEARN_BOOL) {
			jw_bool(j, "default", p->fallback != 0);
		} else {
			jw_num(j, "low", p->low, "no lower end");
			jw_num(j, "high", p->high, "no upper end");
			jw_num(j, "default", p->fallback, NULL);
		}
		jw_string(j, "help", p->help);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
}

static void recipe_text(const struct cli *c, const struct learn_recipe *r)
{
	struct error missing;
	printf("%s%s%s  %s\n", style_on(c, GRID_ACCENT), r->name, style_off(c, GRID_ACCENT), r->help);
	if (learn_recipe_ready(r, &missing) != 0)
		safe_fprintf(stdout, "  cannot be used here: %s\n", missing.text);
	struct listing g;
	listing_init(&g);
	listing_column(&g, "  parameter", "parameter", GRID_LEFT);
	listing_column(&g, "default", "default", GRID_POINT);
	listing_column(&g, "range", "range", GRID_LEFT);
	listing_column(&g, "meaning", "meaning", GRID_LEFT);
	for (size_t i = 0; i < r->param_count; i++) {
		const struct learn_param *p = &r->params[i];
		char fallback[NUM_TEXT], low[NUM_TEXT], high[NUM_TEXT];
		char *name = xasprintf("  %s", p->name), *range;
		learn_param_text(p, p->fallback, fallback);
		if (p->type == LEARN_BOOL)
			range = xstrdup("true or false");
		else if (isinf(p->high))
			range = xasprintf("%s or more", learn_param_text(p, p->low, low));
		else
			range =
			    xasprintf("%s to %s", learn_param_text(p, p->low, low), learn_param_text(p, p->high, high));
		listing_text(&g, name, GRID_PLAIN);
		listing_text(&g, fallback, GRID_PLAIN);
		listing_text(&g, range, GRID_PLAIN);
		listing_text(&g, p->help, GRID_PLAIN);
		free(name);
		free(range);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

int cmd_recipes(struct cli *c)
{
	size_t count;
	const struct learn_recipe *all = learn_recipes(&count), *one = NULL;
	if (c->arg_count && !(one = learn_recipe_find(c->args[0], &c->err)))
		return -1;
	struct str json;
	str_init(&json);
	struct json_writer j;
	jw_init(&j, &json);
	jw_array(&j, NULL);
	for (size_t i = 0; i < count; i++) {
		if (one && one != &all[i])
			continue;
		if (c->json) {
			recipe_json(&j, &all[i]);
			continue;
		}
		if (i && !one)
			putchar('\n');
		recipe_text(c, &all[i]);
	}
	jw_array_end(&j);
	if (c->json)
		json_print(&json, stdout);
	str_release(&json);
	return 0;
}
