/* Gates of a review beside the champion's: what each of the two has by itself. Read from the evidence that
 * the results stand on; nothing is computed anew. */
#include <math.h>

#include <json-c/json.h>

#include "decision.h"

static double number_of(struct json_object *of, const char *key)
{
	struct json_object *value = NULL;
	if (!json_object_object_get_ex(of, key, &value))
		return (double)NAN;
	/* A metric with an interval is an object of its own. */
	if (json_object_is_type(value, json_type_object) && !json_object_object_get_ex(value, "value", &value))
		return (double)NAN;
	return json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int)
	           ? json_object_get_double(value)
	           : (double)NAN;
}

static const char *string_of(struct json_object *of, const char *key)
{
	struct json_object *value = NULL;
	return json_object_object_get_ex(of, key, &value) ? json_object_get_string(value) : "";
}

/* An object of the store as JSON; NULL if it cannot be had. The caller puts it. */
static struct json_object *read_json(struct trust *t, const char *digest)
{
	const struct ledger_objects *objects = work_trust_objects(t);
	struct json_object *json = NULL;
	struct str text;
	str_init(&text);
	if (*digest && objects->read(objects->user, digest, &text, NULL) == 0 && text.len < 64 << 20)
		json = json_tokener_parse(text.data);
	str_release(&text);
	if (json && !json_object_is_type(json, json_type_object)) {
		json_object_put(json);
		json = NULL;
	}
	return json;
}

static bool is_model_of(const struct work_version *v, const char *digest)
{
	for (size_t i = 0; v->model && i < v->file_count; i++)
		if (strcmp(v->files[i].digest, digest) == 0)
			return true;
	return false;
}

/* The metric of a version in the evaluation that the gate stands on; NaN: that is not among the evidence. */
static double evaluated(struct trust *t, const struct ledger_facts *f, const struct work_version *v,
                        struct json_object *settings, const char *metric)
{
	double value = (double)NAN;
	for (size_t i = 0; i < f->evidence_count && isnan(value); i++) {
		struct json_object *e, *results = NULL;
		if (strcmp(f->evidence[i].kind, "evaluation") != 0 || !(e = read_json(t, f->evidence[i].digest)))
			continue;
		if (is_model_of(v, string_of(e, "model")) &&
		    strcmp(string_of(e, "data"), string_of(settings, "data")) == 0 &&
		    json_object_object_get_ex(e, "results", &results)) {
			double cut = number_of(settings, "threshold");
			if (isnan(cut) || cut == number_of(results, "threshold"))
				value = number_of(results, metric);
		}
		json_object_put(e);
	}
	return value;
}

static const struct ledger_gate *gate_of(const struct ledger_text *x, const char *id)
{
	for (size_t i = 0; x && i < x->gate_count; i++)
		if (strcmp(x->gates[i].id, id) == 0)
			return &x->gates[i];
	return NULL;
}

static void beside(struct trust *t, struct work_review *r, size_t i, const struct ledger_gate *was)
{
	const struct ledger_gate_standing *g = &r->judgement.gates[i];
	const struct ledger_gate *result = g->result;
	struct json_object *settings = result ? read_json(t, result->settings) : NULL;
	double *champion = &r->gate_champion[i], *candidate = &r->gate_candidate[i];
	*champion = *candidate = (double)NAN;
	if (g->gate->kind == POLICY_CHAMPION) {
		if (settings) {
			*candidate = evaluated(t, &r->facts, &r->version, settings, g->gate->metric);
			*champion = evaluated(t, &r->facts, &r->champion, settings, g->gate->metric);
		}
	} else if (result) {
		*candidate = result->measured;
		if (settings && g->gate->kind == POLICY_METRIC)
			*champion = evaluated(t, &r->facts, &r->champion, settings, g->gate->metric);
		/* Else what the same gate measured of it when it was judged, if on the same data in the same way. */
		if (isnan(*champion) && was && strcmp(was->settings, result->settings) == 0)
			*champion = was->measured;
	}
	if (settings)
		json_object_put(settings);
}

void review_gates(struct trust *t, struct work_review *r)
{
	const struct ledger_state *s = work_trust_state(t);
	size_t count = r->judgement.gate_count;
	const struct ledger_stage *at = ledger_stage_find(s, r->proposal->text->model, r->proposal->text->stage);
	const struct ledger_move *m = r->champion.model && at ? ledger_move_find(s, at->row) : NULL;
	const struct ledger_proposal *then = m ? ledger_proposal_find(s, m->proposal) : NULL;
	r->gate_champion = arena_array(r->mem, count + 1, sizeof *r->gate_champion);
	r->gate_candidate = arena_array(r->mem, count + 1, sizeof *r->gate_candidate);
	r->gate_why = arena_array(r->mem, count + 1, sizeof *r->gate_why);
	for (size_t i = 0; i < count; i++) {
		const struct ledger_gate_standing *g = &r->judgement.gates[i];
		beside(t, r, i, then ? gate_of(then->results, g->gate->id) : NULL);
		if (!g->result)
			r->gate_why[i] = "it was not computed: propose the version again, or `assay gate` it";
		else if (g->waiver_no)
			r->gate_why[i] = g->waiver_no;
	}
}
