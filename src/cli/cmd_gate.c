/* assay gate NAME@V STAGE: computes the gates of a stage; for CI, by its exit status. */
#include <math.h>

#include "cli_trust.h"
#include "commands.h"

/* What waivers let through; known once there is a proposal. */
struct waived {
	struct ledger_judgement judgement;
	bool there;
};

static int find_waivers(struct cli *c, struct trusted *m, const struct work_version *v, const char *stage,
                        struct waived *w)
{
	const struct ledger_state *s = work_trust_state(m->trust);
	const struct ledger_proposal *p = NULL;
	struct ledger_facts facts;
	w->there = false;
	for (size_t i = 0; i < s->proposal_count; i++)
		if (s->proposals[i].text->version == v->version &&
		    strcmp(s->proposals[i].text->model, v->model) == 0 &&
		    strcmp(s->proposals[i].text->stage, stage) == 0)
			p = &s->proposals[i];
	if (!p)
		return 0;
	if (work_facts(m->trust, v, stage, m->mem, &facts, &c->err) != 0)
		return -1;
	ledger_judge(s, p, &facts, &w->judgement);
	w->there = true;
	return 0;
}

static const struct ledger_vote *waiver_of(const struct waived *w, const struct ledger_gate *g)
{
	for (size_t i = 0; w->there && i < w->judgement.gate_count; i++)
		if (strcmp(w->judgement.gates[i].gate->id, g->id) == 0 && w->judgement.gates[i].lets_through)
			return w->judgement.gates[i].waiver;
	return NULL;
}

static bool lets_through(const struct waived *w, const struct ledger_gate *g)
{
	return g->result == GATE_PASS || waiver_of(w, g);
}

static void number(struct json_writer *j, const char *key, double value, const char *why)
{
	jw_num(j, key, value, why ? why : "does not apply");
}

static void gate_json(struct json_writer *j, const struct work_gates *g, size_t at, const struct waived *w)
{
	const struct ledger_gate *gate = &g->gates[at];
	const struct ledger_vote *waiver = waiver_of(w, gate);
	jw_object(j, NULL);
	jw_string(j, "gate", gate->id);
	jw_string(j, "rule", gate->rule);
	number(j, "measured", gate->measured, g->why[at]);
	number(j, "low", gate->low, g->why[at]);
	number(j, "high", gate->high, g->why[at]);
	number(j, "level", gate->level, NULL);
	number(j, "champion", g->champion[at], "there is none to compare with");
	jw_string(j, "result", gate_result_name(gate->result));
	jw_string(j, "why", g->why[at]);
	if (waiver) {
		jw_object(j, "waiver");
		jw_int(j, "row", waiver->row);
		jw_string(j, "signer", waiver->principal);
		jw_object_end(j);
	} else {
		jw_null(j, "waiver");
	}
	jw_object_end(j);
}

static void result_json(const struct work_version *v, const char *stage, bool pass,
                        const struct work_gates *g, const struct waived *w)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "model", v->model);
	jw_int(&j, "version", v->version);
	jw_string(&j, "stage", stage);
	jw_string(&j, "subject", v->subject);
	jw_string(&j, "result", pass ? "pass" : "fail");
	jw_int(&j, "row", g->row);
	jw_array(&j, "gates");
	for (size_t i = 0; i < g->count; i++)
		gate_json(&j, g, i, w);
	jw_array_end(&j);
	jw_array(&j, "evidence");
	for (size_t i = 0; i < g->evidence_count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "kind", g->evidence[i].kind);
		jw_string(&j, "digest", g->evidence[i].digest);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void result_text(struct cli *c, const struct work_gates *g, const struct waived *w)
{
	static const enum listing_style styles[] = {GRID_GOOD, GRID_BAD, GRID_WARN, GRID_BAD};
	struct listing list;
	listing_init(&list);
	listing_column(&list, "gate", "gate", GRID_LEFT);
	listing_column(&list, "rule", "rule", GRID_LEFT);
	listing_column(&list, "measured", "measured", GRID_POINT);
	listing_column(&list, "low", "low", GRID_POINT);
	listing_column(&list, "high", "high", GRID_POINT);
	listing_column(&list, "champion", "champion", GRID_POINT);
	listing_column(&list, "result", "result", GRID_LEFT);
	listing_column(&list, "why", "why", GRID_LEFT);
	for (size_t i = 0; i < g->count; i++) {
		const struct ledger_gate *gate = &g->gates[i];
		const struct ledger_vote *waiver = waiver_of(w, gate);
		char *result = xasprintf("%s%s", gate_result_name(gate->result), waiver ? ", waived" : "");
		listing_text(&list, gate->id, GRID_PLAIN);
		listing_text(&list, gate->rule, GRID_MUTED);
		listing_num(&list, gate->measured, 4);
		listing_num(&list, gate->low, 4);
		listing_num(&list, gate->high, 4);
		listing_num(&list, g->champion[i], 4);
		listing_text(&list, result, waiver ? GRID_WARN : styles[gate->result]);
		listing_text(&list, g->why[i] ? g->why[i] : "", GRID_MUTED);
		free(result);
	}
	listing_print(&list, c, stdout);
	listing_release(&list);
}

int cmd_gate(struct cli *c)
{
	struct trusted m;
	struct work_version v;
	struct work_gates g;
	struct waived w = {.there = false};
	const char *stage = c->args[1];
	bool pass = true;
	int status = trust_begin(c, STORE_WRITE, &m);
	if (status == 0)
		status = work_version_find(m.trust, c->args[0], m.mem, &v, &c->err);
	if (status == 0)
		status = work_gates(m.trust, &v, stage, m.mem, &g, &c->err);
	if (status == 0)
		status = find_waivers(c, &m, &v, stage, &w);
	if (status == 0) {
		for (size_t i = 0; i < g.count; i++)
			pass = pass && lets_through(&w, &g.gates[i]);
		if (c->json)
			result_json(&v, stage, pass, &g, &w);
		else
			result_text(c, &g, &w);
		if (!c->json && !c->quiet)
			safe_fprintf(stdout, "%s@%lld for %s: %s\n", v.model, (long long)v.version, stage,
			             pass ? "pass" : "fail");
		status = pass ? 0 : ERR_NO;
	}
	if (w.there)
		ledger_judgement_release(&w.judgement);
	trust_end(&m);
	return status;
}
