/*
 * Gates: computed, kept as a row of the ledger, found again.
 *
 * A gate-results row says what was measured of a subject for a stage, on which data, by which evidence. It is
 * appended only when it says something new, so that looking twice does not make a signature stale.
 */
#include <math.h>
#include <stdlib.h>

#include "gate.h"

/* ---- the rows that there are ---- */

static bool is_about(const struct ledger_text *t, const char *model, int64_t version, const char *subject,
                     const char *stage)
{
	return t->kind == LEDGER_GATE_RESULTS && t->version == version && strcmp(t->model, model) == 0 &&
	       strcmp(t->stage, stage) == 0 && strcmp(t->subject, subject) == 0;
}

/* The newest such row among rows; *row 0: none. */
static int newest_of(const struct ledger_row *rows, size_t count, const char *model, int64_t version,
                     const char *subject, const char *stage, struct arena *mem, struct ledger_text *out,
                     int64_t *row, struct error *err)
{
	*row = 0;
	for (size_t i = count; i-- > 0;) {
		/* What the program writes by itself has no signature. */
		if (rows[i].sig_len)
			continue;
		if (ledger_text_parse(rows[i].body, rows[i].body_len, mem, out, err) != 0)
			return error_prefix(err, "row %lld of the ledger", (long long)rows[i].seq);
		if (is_about(out, model, version, subject, stage)) {
			*row = rows[i].seq;
			return 0;
		}
	}
	return 0;
}

int gate_results_newest(struct trust *t, const char *model, int64_t version, const char *subject,
                        const char *stage, struct arena *mem, struct ledger_text *out, int64_t *row,
                        bool *found, struct error *err)
{
	struct ledger_row *rows;
	size_t count;
	*found = false;
	if (!t->ledger)
		return 0;
	/* What came after the state was made, by whomever; then what the state knows. */
	if (ledger_rows(t->ledger, t->state->seq + 1, 0, mem, &rows, &count, err) != 0 ||
	    newest_of(rows, count, model, version, subject, stage, mem, out, row, err) != 0)
		return -1;
	int64_t known = *row ? 0 : ledger_results_row(t->state, model, version, stage);
	if (known && (ledger_rows(t->ledger, known, known, mem, &rows, &count, err) != 0 ||
	              newest_of(rows, count, model, version, subject, stage, mem, out, row, err) != 0))
		return -1;
	*found = *row != 0;
	return 0;
}

/* ---- the text of a result ---- */

static int by_evidence(const void *a, const void *b)
{
	const struct gate_producer *x = a, *y = b;
	int order = strcmp(x->evidence, y->evidence);
	return order ? order : strcmp(x->user, y->user);
}

/* Who made which evidence, as an object of its own: evidence too, so that the row names it. */
static int keep_producers(struct gate_run *g, struct error *err)
{
	struct str json;
	struct json_writer j;
	char hex[SHA256_TEXT];
	if (g->producer_count == 0)
		return 0;
	qsort(g->producers, g->producer_count, sizeof *g->producers, by_evidence);
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "kind", "producers");
	jw_array(&j, "producers");
	for (size_t i = 0; i < g->producer_count; i++) {
		char *digest = xasprintf("sha256:%s", g->producers[i].evidence);
		jw_object(&j, NULL);
		jw_string(&j, "evidence", digest);
		jw_string(&j, "user", g->producers[i].user);
		jw_object_end(&j);
		free(digest);
	}
	jw_array_end(&j);
	jw_object_end(&j);
	int status = store_object_put(g->t->store, json.data, json.len, hex, err);
	str_release(&json);
	if (status == 0) {
		g->evidence = vec_reserve(g->evidence, &g->evidence_cap, g->evidence_count + 1, sizeof *g->evidence);
		struct ledger_evidence *e = &g->evidence[g->evidence_count++];
		*e = (struct ledger_evidence){.kind = "producers"};
		memcpy(e->digest, hex, sizeof e->digest);
	}
	return status;
}

/* What the run read, and what the gates measured on. */
static int add_inputs(struct gate_run *g, struct error *err)
{
	struct run_input *inputs;
	size_t count;
	if (!g->v->run)
		return 0;
	if (store_inputs(g->t->store, g->v->run, g->mem, &inputs, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (inputs[i].digest[0])
			gate_uses_data(g, inputs[i].role, inputs[i].name, inputs[i].digest);
	return 0;
}

/* The same, but for time and request? */
static bool says_the_same(const struct ledger_text *old, const struct ledger_text *new)
{
	struct ledger_text like = *new;
	struct str a, b;
	struct error unimportant;
	str_init(&a);
	str_init(&b);
	memcpy(like.store, old->store, sizeof like.store);
	memcpy(like.request, old->request, sizeof like.request);
	like.claimed_time = old->claimed_time;
	like.program = old->program;
	bool same = ledger_text_write(old, &a, &unimportant) == 0 &&
	            ledger_text_write(&like, &b, &unimportant) == 0 && strcmp(a.data, b.data) == 0;
	str_release(&a);
	str_release(&b);
	return same;
}

static int append_results(struct gate_run *g, struct work_gates *out, struct error *err)
{
	struct ledger_text old, text = {
	                            .kind = LEDGER_GATE_RESULTS,
	                            .model = g->v->model,
	                            .version = g->v->version,
	                            .stage = g->stage,
	                            .data = out->data,
	                            .data_count = out->data_count,
	                            .evidence = out->evidence,
	                            .evidence_count = out->evidence_count,
	                            .gates = out->gates,
	                            .gate_count = out->count,
	                        };
	bool found;
	memcpy(text.subject, g->v->subject, sizeof text.subject);
	if (gate_results_newest(g->t, g->v->model, g->v->version, g->v->subject, g->stage, g->mem, &old,
	                        &out->row, &found, err) != 0)
		return -1;
	if (found && says_the_same(&old, &text))
		return 0;
	return record_append(g->t, &text, &out->row, err);
}

/* ---- computing ---- */

static int compute(struct gate_run *g, const struct policy_gate *gate, size_t at, struct work_gates *out,
                   struct error *err)
{
	struct gate_answer a;
	struct str rule;
	struct ledger_gate *to = &out->gates[at];
	str_init(&rule);
	int status = gate_compute(g, gate, &a, err);
	if (status == 0) {
		policy_rule_text(gate, &rule);
		*to = (struct ledger_gate){.id = arena_strdup(g->mem, gate->id),
		                           .rule = arena_strdup(g->mem, rule.data),
		                           .measured = a.measured,
		                           .low = a.low,
		                           .high = a.high,
		                           .level = isnan(a.low) ? (double)NAN : a.level,
		                           .result = a.result};
		out->why[at] = a.why;
		out->champion[at] = a.champion;
		out->candidate[at] = a.candidate;
		if (a.settings.len)
			status = store_object_put(g->t->store, a.settings.data, a.settings.len, to->settings, err);
	}
	str_release(&a.settings);
	str_release(&rule);
	return status;
}

static int copy_out(struct gate_run *g, struct work_gates *out, struct error *err)
{
	if (keep_producers(g, err) != 0 || add_inputs(g, err) != 0)
		return -1;
	out->data = arena_array(g->mem, g->data_count + 1, sizeof *out->data);
	out->evidence = arena_array(g->mem, g->evidence_count + 1, sizeof *out->evidence);
	if (g->data_count)
		memcpy(out->data, g->data, g->data_count * sizeof *out->data);
	if (g->evidence_count)
		memcpy(out->evidence, g->evidence, g->evidence_count * sizeof *out->evidence);
	out->data_count = g->data_count;
	out->evidence_count = g->evidence_count;
	return 0;
}

static int no_such_stage(const struct policy *p, const char *stage, struct error *err)
{
	const char *names[64], *near;
	size_t count = 0;
	for (size_t i = 0; i < p->stage_count && i < COUNT_OF(names); i++)
		names[count++] = p->stages[i].name;
	near = name_nearest(stage, names, count);
	return error_set(err, ERR_USAGE, "the policy has no stage %s%s%s%s", stage, near ? "; did you mean " : "",
	                 near ? near : "", near ? "?" : "");
}

int gates_compute(struct gate_run *g, struct work_gates *out, struct error *err)
{
	const struct policy *p = &g->t->state->policy;
	*out = (struct work_gates){0};
	out->gates = arena_array(g->mem, p->gate_count + 1, sizeof *out->gates);
	out->why = arena_array(g->mem, p->gate_count + 1, sizeof *out->why);
	out->champion = arena_array(g->mem, p->gate_count + 1, sizeof *out->champion);
	out->candidate = arena_array(g->mem, p->gate_count + 1, sizeof *out->candidate);
	for (size_t i = 0; i < p->gate_count; i++)
		if (policy_gate_applies(&p->gates[i], g->stage) &&
		    compute(g, &p->gates[i], out->count++, out, err) != 0)
			return -1;
	return copy_out(g, out, err);
}

int work_gates(struct trust *t, const struct work_version *v, const char *stage, struct arena *mem,
               struct work_gates *out, struct error *err)
{
	struct gate_run g;
	*out = (struct work_gates){0};
	if (work_trust_refresh(t, NULL, err) != 0)
		return -1;
	/* Held while the gates are computed: the state is not made anew meanwhile. */
	const struct policy *p = &t->state->policy;
	if (!policy_stage_find(p, stage))
		return no_such_stage(p, stage, err);
	gate_run_init(&g, t, v, stage, mem);
	int status = gates_compute(&g, out, err) != 0 || append_results(&g, out, err) != 0 ? -1 : 0;
	gate_run_release(&g);
	return status == 0 ? work_trust_refresh(t, NULL, err) : -1;
}
