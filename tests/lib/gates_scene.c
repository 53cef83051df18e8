#include "gates_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STAGES                                                                                               \
	"[policy]\nname = test\nstages = staging, production\n[stage staging]\napprovals = 1\n[stage "           \
	"production]\napprovals = 2\n"

void scene_must(int status, const struct error *err)
{
	if (status != 0)
		fail_msg("%s", err->text);
}

void scene_begin(struct gates_scene *s, const char *gates, const char *test, const char *drop)
{
	char *policy = xasprintf("%s%s", STAGES, gates);
	registry_fixture_open(&s->f, policy);
	s->mem = arena_new();
	registry_fixture_run(&s->f, "run", test, drop);
	registry_fixture_register(&s->f, "run", "credit", s->mem, &s->v);
	free(policy);
}

void scene_end(struct gates_scene *s)
{
	registry_fixture_close(&s->f);
	arena_free(s->mem);
}

void scene_compute(struct gates_scene *s)
{
	struct error err;
	scene_must(work_gates(s->f.trust, &s->v, "staging", s->mem, &s->g, &err), &err);
}

size_t scene_gate(const struct gates_scene *s, const char *id)
{
	for (size_t i = 0; i < s->g.count; i++)
		if (strcmp(s->g.gates[i].id, id) == 0)
			return i;
	fail_msg("no gate %s", id);
	return 0;
}

void scene_expect(const struct gates_scene *s, const char *id, enum gate_result result, const char *why)
{
	size_t at = scene_gate(s, id);
	const struct ledger_gate *g = &s->g.gates[at];
	if (g->result != result)
		fail_msg("%s: %s %g [%g, %g], not %s (%s)", id, gate_result_name(g->result), g->measured, g->low,
		         g->high, gate_result_name(result), s->g.why[at] ? s->g.why[at] : "");
	if (why && (!s->g.why[at] || !strstr(s->g.why[at], why)))
		fail_msg("%s: \"%s\" does not say \"%s\"", id, s->g.why[at] ? s->g.why[at] : "", why);
	if (result == GATE_MISSING)
		assert_true(isnan(g->measured) && isnan(g->low) && isnan(g->high));
}
