/* Any bytes as a policy: refused with a message, or stages and gates that say what they must. */
#include <math.h>

#include "assay/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *mem = arena_new();
	struct policy p;
	struct error err = {0};
	struct str rule;

	if (policy_parse("fuzz", (const char *)bytes, len, mem, &p, &err)) {
		if (!*err.text || err.code != ERR_USAGE)
			bug("refused without a word");
		arena_free(mem);
		return 0;
	}
	str_init(&rule);
	for (size_t i = 0; i < p.stage_count; i++) {
		const struct policy_stage *s = &p.stages[i];

		if (policy_stage_find(&p, s->name) != s || s->approvals < 0 || s->assurance < 1 || s->assurance > 3 ||
		    s->expires_ms <= 0 || s->scan_age_ms <= 0 || s->review_by_ms <= 0)
			bug("stage %s", s->name);
	}
	for (size_t i = 0; i < p.gate_count; i++) {
		const struct policy_gate *g = &p.gates[i];
		enum gate_result r = policy_gate_decide(g, 0.5, 0.4, 0.6);

		str_clear(&rule);
		policy_rule_text(g, &rule);
		if (!rule.len || strchr(rule.data, ' ') || isinf(g->limit))
			bug("gate %s: rule \"%s\"", g->id, rule.data);
		if (isnan(g->limit) != (r == GATE_MISSING) || policy_gate_decide(g, NAN, 0, 1) != GATE_MISSING)
			bug("gate %s decides %d", g->id, (int)r);
		for (size_t k = 0; k < g->stage_count; k++)
			if (!policy_stage_find(&p, g->stages[k]) || !policy_gate_applies(g, g->stages[k]))
				bug("gate %s: stage", g->id);
	}
	str_release(&rule);
	arena_free(mem);
	return 0;
}
