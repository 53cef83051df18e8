#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bias_cases.h"

const char *const made_sexes[2] = {"Female", "Male"};
static const char *const ages[] = {"young", "middle", "old"}, *const places[] = {"n", "e", "s", "w", "far"};

struct made *made_new(uint64_t seed)
{
	struct made *m = xcalloc(1, sizeof *m);
	struct rng r;
	rng_init(&r, seed, 0);
	for (size_t i = 0; i < MADE_N; i++) {
		m->code[0][i] = rng_unit(&r) < 0.4 ? 0 : 1;
		m->code[1][i] = rng_unit(&r) < 0.01 ? BIAS_MISSING : (uint32_t)rng_below(&r, 3);
		m->code[2][i] = rng_unit(&r) < 0.004 ? 4 : (uint32_t)rng_below(&r, 4);
		/* Few different scores: there are ties at every threshold. */
		m->score[i] = floor(100 * rng_unit(&r)) / 100;
		m->label[i] = rng_unit(&r) < 0.2 + 0.6 * m->score[i] - 0.1 * m->code[0][i];
	}
	m->columns[0] = (struct bias_column){"sex", m->code[0], made_sexes, 2};
	m->columns[1] = (struct bias_column){"age", m->code[1], ages, 3};
	m->columns[2] = (struct bias_column){"place", m->code[2], places, 5};
	m->cases = (struct bias_cases){.n = MADE_N,
	                               .label = m->label,
	                               .score = m->score,
	                               .columns = m->columns,
	                               .column_count = MADE_COLUMNS};
	return m;
}

struct bias_table *made_table(const struct bias_cases *cases, int depth, size_t support)
{
	struct bias_table *t;
	struct error err;
	const struct bias_table_options options = {.depth = depth, .support = support};
	if (bias_table_new(cases, &options, &t, &err) != 0)
		fail_msg("%s", err.text);
	return t;
}

void made_report(const struct bias_table *t, const struct bias_settings *s, struct bias_report *r)
{
	struct error err;
	if (bias_report(t, s, r, &err) != 0)
		fail_msg("%s", err.text);
}

/* Two groups, TPR and so on told by counts. */
struct bias_table *made_of_named_counts(const uint64_t cells[][4], const char *const *names, size_t groups,
                                        size_t n)
{
	size_t at = 0;
	uint8_t *label = xmalloc(n), *decision = xmalloc(n);
	uint32_t *code = xreallocarray(NULL, n, sizeof *code);
	for (size_t g = 0; g < groups; g++)
		for (unsigned k = 0; k < 4; k++)
			for (uint64_t i = 0; i < cells[g][k]; i++, at++) {
				code[at] = (uint32_t)g;
				label[at] = k >= 2;
				decision[at] = (uint8_t)(k % 2);
			}
	const struct bias_column column = {"g", code, names, groups};
	const struct bias_cases cases = {
	    .n = n, .label = label, .decision = decision, .columns = &column, .column_count = 1};
	struct bias_table *t = made_table(&cases, 1, 0);
	free(label);
	free(decision);
	free(code);
	return t;
}

struct bias_table *made_of_counts(const uint64_t cells[][4], size_t groups)
{
	static const char *const names[] = {"A", "B", "C", "D"};
	size_t n = 0;
	for (size_t g = 0; g < groups; g++)
		for (unsigned k = 0; k < 4; k++)
			n += cells[g][k];
	return made_of_named_counts(cells, names, groups, n);
}
