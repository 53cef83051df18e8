/* A store under a policy with gates, and one registered run whose gates are computed. For programs of cmocka. */
#ifndef TESTS_GATES_SCENE_H
#define TESTS_GATES_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/work/trust.h"
#include "registry_fixture.h"

/* What fails says why. */
void scene_must(int status, const struct error *err);

/* Everything of a test stands in one place. */
struct gates_scene {
	struct registry_fixture f;
	struct arena *mem;
	struct work_version v;
	struct work_gates g;
};

/* gates: sections of the policy; test, drop: as registry_fixture_run takes them. */
void scene_begin(struct gates_scene *s, const char *gates, const char *test, const char *drop);
void scene_end(struct gates_scene *s);
/* The gates of the stage "staging". */
void scene_compute(struct gates_scene *s);
/* The index of a gate. */
size_t scene_gate(const struct gates_scene *s, const char *id);
/* It has this result, for this reason (NULL: whatever it is). */
void scene_expect(const struct gates_scene *s, const char *id, enum gate_result result, const char *why);

#endif
