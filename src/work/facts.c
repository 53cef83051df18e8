/* What holds of a version now, for judging signatures: nothing is computed anew, nothing is written. */
#include "gate.h"

/* The run as the store has it today. One that is gone leaves its fields empty, which no signature agrees
 * with. */
static int facts_of_run(struct trust *t, const struct ledger_version *v, bool seal, struct arena *mem,
                        struct ledger_facts *out, struct error *err)
{
	struct run_row run;
	struct run_input *inputs;
	struct error why;
	size_t count;
	memcpy(out->run, v->run, sizeof out->run);
	if (store_run_by_uuid(t->store, v->run, mem, &run, &why) != 0) {
		if (why.code == ERR_NO)
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	if (!seal)
		memcpy(out->run_seal, v->run_seal, sizeof out->run_seal);
	else if (store_status_over(run.status) && work_run_seal(t->store, run.id, out->run_seal, err) != 0)
		return -1;
	snprintf(out->code_commit, sizeof out->code_commit, "%s", run.code_commit ? run.code_commit : "");
	snprintf(out->code_diff, sizeof out->code_diff, "%s", run.code_diff ? run.code_diff : "");
	snprintf(out->env, sizeof out->env, "%s", run.environment ? run.environment : "");
	if (store_inputs(t->store, run.id, mem, &inputs, &count, err) != 0)
		return -1;
	out->data = arena_array(mem, count + 1, sizeof *out->data);
	for (size_t i = 0; i < count; i++) {
		if (!inputs[i].digest[0])
			continue;
		struct ledger_data *d = &out->data[out->data_count++];
		*d = (struct ledger_data){.role = inputs[i].role, .name = inputs[i].name};
		memcpy(d->digest, inputs[i].digest, sizeof d->digest);
	}
	return 0;
}

/* Gates, evidence, and the data that they were measured on, as the newest results have them. */
static int facts_of_gates(struct trust *t, const struct ledger_version *v, const char *stage,
                          struct arena *mem, struct ledger_facts *out, struct error *err)
{
	struct ledger_text results;
	int64_t row;
	bool found;
	if (gate_results_newest(t, v->model, v->version, v->subject, stage, mem, &results, &row, &found, err) !=
	    0)
		return -1;
	if (!found)
		return 0;
	out->gates = results.gates;
	out->gate_count = results.gate_count;
	out->evidence = results.evidence;
	out->evidence_count = results.evidence_count;
	struct ledger_data *all = arena_array(mem, out->data_count + results.data_count + 1, sizeof *all);
	if (out->data_count)
		memcpy(all, out->data, out->data_count * sizeof *all);
	for (size_t i = 0; i < results.data_count; i++)
		if (strcmp(results.data[i].role, "eval") == 0)
			all[out->data_count++] = results.data[i];
	out->data = all;
	return 0;
}

static int gather(struct trust *t, const struct ledger_version *v, const char *stage, bool look,
                  struct arena *mem, struct ledger_facts *out, struct error *err)
{
	const char *problem = NULL;
	*out = (struct ledger_facts){
	    .model = arena_strdup(mem, v->model),
	    .stage = arena_strdup(mem, stage),
	    .version = v->version,
	    .now = time_now_ms(),
	};
	if (look && manifest_check(t->store, v->subject, mem, NULL, NULL, &problem, err) != 0)
		return -1;
	if (!problem)
		memcpy(out->subject, v->subject, sizeof out->subject);
	return facts_of_run(t, v, look, mem, out, err) != 0 || facts_of_gates(t, v, stage, mem, out, err) != 0
	           ? -1
	           : 0;
}

int facts_as_registered(struct trust *t, const struct ledger_version *v, const char *stage, struct arena *mem,
                        struct ledger_facts *out, struct error *err)
{
	return gather(t, v, stage, false, mem, out, err);
}

int work_facts(struct trust *t, const struct work_version *v, const char *stage, struct arena *mem,
               struct ledger_facts *out, struct error *err)
{
	const struct ledger_version *lv = ledger_version_find(t->state, v->model, v->version);
	if (!lv)
		return error_set(err, ERR_STALE, "the ledger has no registration of %s@%lld any more", v->model,
		                 (long long)v->version);
	return gather(t, lv, stage, true, mem, out, err);
}
