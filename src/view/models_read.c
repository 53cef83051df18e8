/* Models, on the reader's thread. Everything is copied: the ledger's state is another one after the next
 * refresh. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models.h"
#include "view_inside.h"

/* Whether the answer that the screen has is still the whole truth. */
static bool is_same(struct desk *desk, const struct list_ask *ask, struct list_rows *list)
{
	list->ledger = view_desk_change(desk);
	list->store = store_change(desk->store);
	list->same = ask->store != 0 && list->ledger == ask->ledger && list->store == ask->store;
	return list->same;
}

static const char **policy_stages(const struct ledger_state *state, struct arena *a, size_t *count)
{
	const char **out = arena_array(a, state->policy.stage_count + 1, sizeof *out);

	*count = state->policy.stage_count;
	for (size_t i = 0; i < *count; i++)
		out[i] = arena_strdup(a, state->policy.stages[i].name);
	return out;
}

/* The newest proposal of a model (version 0: of any) that waits. */
static const struct ledger_proposal *waiting(const struct ledger_state *state, const char *model,
                                             int64_t version)
{
	const struct ledger_proposal *found = NULL;

	for (size_t i = 0; i < state->proposal_count; i++) {
		const struct ledger_proposal *p = &state->proposals[i];

		if (p->status == PROPOSAL_IN_REVIEW && strcmp(p->text->model, model) == 0 &&
		    (version == 0 || p->text->version == version))
			found = p;
	}
	return found;
}

/* The stages of the policy, the highest first: all of them, those of one version, or those that are filled. */
static void read_stages(const struct ledger_state *state, const char *model, int64_t version, bool filled,
                        struct arena *a, struct model_stage **out, size_t *count)
{
	*out = arena_array(a, state->policy.stage_count + 1, sizeof **out);
	*count = 0;
	for (size_t i = state->policy.stage_count; i-- > 0;) {
		const struct ledger_stage *s = ledger_stage_find(state, model, state->policy.stages[i].name);

		if ((version && (!s || s->version != version)) || (filled && (!s || s->version == 0)))
			continue;
		(*out)[*count].stage = arena_strdup(a, state->policy.stages[i].name);
		if (s)
			(*out)[*count] = (struct model_stage){.stage = (*out)[*count].stage,
			                                      .version = s->version,
			                                      .since = s->since,
			                                      .halted = s->halted,
			                                      .unsigned_halt = s->halt_unsigned,
			                                      .break_glass = s->by_break_glass};
		(*count)++;
	}
}

/* Where a model is, the highest stage first: "production v6, staging v7 STOPPED". */
static struct ui_cell where_cell(const struct model_stage *stages, size_t count, struct arena *a)
{
	const char *out = NULL;
	bool stopped = false;

	for (size_t i = 0; i < count; i++) {
		out = arena_printf(a, "%s%s%s v%lld%s", out ? out : "", out ? ", " : "", stages[i].stage,
		                   (long long)stages[i].version, stages[i].halted ? " STOPPED" : "");
		stopped = stopped || stages[i].halted;
	}
	return list_cell(out, stopped ? STYLE_BAD : out ? STYLE_GOOD : STYLE_MUTED);
}

int64_t view_model_id(const char *name)
{
	return (int64_t)(hash_bytes(name, strlen(name)) >> 1) | 1;
}

static void model_row(struct models_list *out, size_t i, struct arena *a, int64_t now)
{
	const struct work_model_row *m = &out->models[i];
	struct ui_cell *c = arena_array(a, 8, sizeof *c);

	c[0] = list_cell(m->name, 0);
	c[1] = where_cell(out->stages[i], out->stage_count[i], a);
	c[2] = list_cell_by(arena_printf(a, "v%lld", (long long)m->latest), 0, (double)m->latest);
	c[3] = list_cell_by(view_cell_count(a, m->versions), STYLE_MUTED, (double)m->versions);
	c[4] = list_cell(m->waiting ? arena_printf(a, "%lld to sign", (long long)m->waiting) : "", STYLE_WARN);
	c[5] = list_cell(m->owner && *m->owner ? m->owner : NULL, 0);
	c[6] = list_cell_age(a, m->created, now);
	c[7] = list_cell(m->description ? m->description : "", STYLE_MUTED);
	out->list.rows[i] = (struct ui_row){.id = view_model_id(m->name), .cells = c};
}

int view_models_read(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	struct models_list *out = arena_alloc(a, sizeof *out);
	const struct ledger_state *state;
	struct trust *t;
	size_t count;

	*result = out;
	if (is_same(desk, arg, &out->list))
		return 0;
	if (view_desk_trust(desk, &t, err) != 0 || work_models(t, a, &out->models, &count, err) != 0)
		return -1;
	state = work_trust_state(t);
	out->no_roster = state->roster.count == 0;
	out->list.count = count;
	out->list.rows = arena_array(a, count + 1, sizeof *out->list.rows);
	out->waiting = arena_array(a, count + 1, sizeof *out->waiting);
	out->stages = arena_array(a, count + 1, sizeof *out->stages);
	out->stage_count = arena_array(a, count + 1, sizeof *out->stage_count);
	for (size_t i = 0; i < count; i++) {
		const struct ledger_proposal *p = waiting(state, out->models[i].name, 0);

		out->waiting[i] = p ? p->row : 0;
		read_stages(state, out->models[i].name, 0, true, a, &out->stages[i], &out->stage_count[i]);
		model_row(out, i, a, view_desk_now(desk));
	}
	return 0;
}

/* The metric that says most, by the names that are reported. */
static const char *chosen_metric(struct store *s, struct arena *a)
{
	static const char *const known[] = {"auc", "accuracy", "r2", "rmse", "val_loss", "loss", "log_loss"};
	const char **names;
	size_t count;

	if (store_names(s, "metrics.", 200, a, &names, &count, NULL) != 0 || count == 0)
		return NULL;
	for (size_t k = 0; k < COUNT_OF(known); k++)
		for (size_t i = 0; i < count; i++)
			if (strcmp(names[i] + strlen("metrics."), known[k]) == 0)
				return known[k];
	return names[0] + strlen("metrics.");
}

static int read_model_row(struct trust *t, const char *name, struct arena *a, struct work_model_row *out,
                          struct error *err)
{
	struct work_model_row *models;
	size_t count;

	if (work_models(t, a, &models, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(models[i].name, name) == 0) {
			*out = models[i];
			return 0;
		}
	return error_set(err, ERR_NO, "there is no model \"%s\"", name);
}

static const char *joined(struct arena *a, const char *const *texts, size_t count)
{
	const char *out = "";

	for (size_t i = 0; i < count; i++)
		out = i ? arena_printf(a, "%s %s", out, texts[i]) : arena_strdup(a, texts[i]);
	return out;
}

static struct ui_row version_row(struct arena *a, const struct model_version *row, enum term_charset charset,
                                 int64_t now)
{
	struct ui_cell *c = arena_array(a, 9, sizeof *c);
	const struct work_version *w = &row->v;
	bool waits = row->waiting && !w->stage_count;

	c[0] = list_cell_by(arena_printf(a, "v%lld", (long long)w->version), 0, (double)w->version);
	c[1] = list_cell(
	    arena_printf(a, "%s %s", term_glyph(charset, view_standing_glyph(w->standing)), w->standing),
	    view_standing_style(w->standing));
	c[2] = waits ? list_cell(arena_printf(a, "%s %s", charset == TERM_ASCII ? "->" : "\xe2\x86\x92",
	                                      row->waiting_stage),
	                         STYLE_WARN)
	             : list_cell(joined(a, w->stages, w->stage_count), STYLE_GOOD);
	c[3] = list_cell(joined(a, w->aliases, w->alias_count), STYLE_INFO);
	c[4] = list_cell_by(view_cell_number(a, row->metric, 4), 0, row->metric);
	c[5] = list_cell(w->run_name, 0);
	c[6] = list_cell_age(a, w->registered, now);
	c[7] = list_cell(w->registrar, STYLE_MUTED);
	c[8] = list_cell(w->description, STYLE_MUTED);
	return (struct ui_row){.id = w->version, .cells = c};
}

/* The newest row of the ledger that is about the model; a ledger that cannot be read says so elsewhere. */
static const struct trail_row *last_decision(struct desk *desk, const char *model, struct arena *a)
{
	struct trail_row *rows;
	struct ledger *l;
	size_t count;

	if (view_desk_ledger(desk, &l, NULL) != 0 || !l ||
	    trail_read(l, 1, model, 0, desk->app->charset, a, &rows, &count, NULL) != 0 || count == 0)
		return NULL;
	return &rows[count - 1];
}

int view_model_read(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct list_ask *ask = arg;
	struct model_seen *m = arena_alloc(a, sizeof *m);
	const struct ledger_state *state;
	struct work_version *versions;
	struct trust *t;

	*result = m;
	if (is_same(desk, ask, &m->list))
		return 0;
	if (view_desk_trust(desk, &t, err) != 0 || read_model_row(t, ask->what, a, &m->model, err) != 0 ||
	    work_versions(t, ask->what, a, &versions, &m->list.count, err) != 0)
		return -1;
	state = work_trust_state(t);
	m->no_roster = state->roster.count == 0;
	m->metric_name = arena_strdup(a, chosen_metric(desk->store, a));
	m->versions = arena_array(a, m->list.count + 1, sizeof *m->versions);
	m->list.rows = arena_array(a, m->list.count + 1, sizeof *m->list.rows);
	for (size_t i = 0; i < m->list.count; i++) {
		const struct ledger_proposal *p = waiting(state, ask->what, versions[i].version);
		struct series series;

		m->versions[i] = (struct model_version){.v = versions[i], .metric = (double)NAN};
		if (p) {
			m->versions[i].waiting = p->row;
			m->versions[i].waiting_stage = arena_strdup(a, p->text->stage);
		}
		if (m->metric_name && versions[i].run &&
		    store_series_find(desk->store, versions[i].run, SERIES_METRIC, m->metric_name, NULL, a, &series,
		                      NULL) == 0)
			m->versions[i].metric = series.last.value;
		m->list.rows[i] = version_row(a, &m->versions[i], desk->app->charset, view_desk_now(desk));
	}
	read_stages(state, ask->what, 0, false, a, &m->stages, &m->stage_count);
	m->last = ask->other ? last_decision(desk, ask->what, a) : NULL;
	return 0;
}

/* ---- one version ---- */

static const char *status_word(enum proposal_status status)
{
	switch (status) {
	case PROPOSAL_IN_REVIEW:
		return "in review";
	case PROPOSAL_REJECTED:
		return "rejected";
	case PROPOSAL_PROMOTED:
		return "promoted";
	case PROPOSAL_SUPERSEDED:
		return "superseded";
	case PROPOSAL_WITHDRAWN:
		return "withdrawn";
	}
	return "";
}

static void read_proposals(const struct ledger_state *state, const struct work_version *v, struct arena *a,
                           struct version_seen *out)
{
	out->proposals = arena_array(a, state->proposal_count + 1, sizeof *out->proposals);
	for (size_t i = state->proposal_count; i-- > 0;) {
		const struct ledger_proposal *p = &state->proposals[i];
		const struct policy_stage *stage;
		struct version_proposal *to;

		if (strcmp(p->text->model, v->model) != 0 || p->text->version != v->version)
			continue;
		to = &out->proposals[out->proposal_count++];
		stage = policy_stage_find(&state->policy, p->text->stage);
		*to =
		    (struct version_proposal){.row = p->row,
		                              .at = p->at,
		                              .stage = arena_strdup(a, p->text->stage),
		                              .by = arena_strdup(a, p->text->name ? p->text->name : p->text->signer),
		                              .status = status_word(p->status),
		                              .reason = arena_strdup(a, p->text->reason),
		                              .needed = stage ? stage->approvals : 0};
		for (size_t k = 0; k < p->vote_count; k++)
			to->approvals += p->votes[k].kind == LEDGER_APPROVE && !p->votes[k].revoked;
		if (p->status == PROPOSAL_IN_REVIEW && !out->waiting)
			out->waiting = p->row;
	}
}

/* Who waived a gate of a version and stage, by the proposals that are there. */
static const char *waived_by(const struct ledger_state *state, const struct work_version *v,
                             const char *stage, const char *gate, int64_t now)
{
	for (size_t i = 0; i < state->proposal_count; i++) {
		const struct ledger_proposal *p = &state->proposals[i];

		if (strcmp(p->text->model, v->model) != 0 || p->text->version != v->version ||
		    strcmp(p->text->stage, stage) != 0)
			continue;
		for (size_t k = 0; k < p->vote_count; k++) {
			const struct ledger_vote *vote = &p->votes[k];

			if (vote->kind != LEDGER_WAIVE || vote->revoked)
				continue;
			for (size_t w = 0; w < vote->text->waiver_count; w++)
				if (strcmp(vote->text->waivers[w].gate, gate) == 0 && vote->text->waivers[w].until > now)
					return vote->principal;
		}
	}
	return NULL;
}

/* The newest results of each stage: rows of gate-results are read as they stand. */
static int read_gates(struct desk *desk, struct ledger *l, const struct ledger_state *state,
                      struct version_seen *out, struct arena *a, struct error *err)
{
	size_t cap = 0;
	struct version_gate *gates = NULL;
	int status = 0;

	for (size_t s = state->policy.stage_count; s-- > 0 && status == 0;) {
		const char *stage = state->policy.stages[s].name;
		const struct trail_row *newest = NULL;
		struct ledger_row *rows;
		struct ledger_text text;
		size_t n;

		for (size_t i = 0; i < out->decision_count && !newest; i++)
			if (out->decisions[i].readable && out->decisions[i].kind == LEDGER_GATE_RESULTS &&
			    out->decisions[i].stage && strcmp(out->decisions[i].stage, stage) == 0)
				newest = &out->decisions[i];
		if (!newest)
			continue;
		status = ledger_rows(l, newest->seq, newest->seq, a, &rows, &n, err);
		if (status != 0 || n == 0)
			continue;
		status = ledger_text_parse(rows[0].body, rows[0].body_len, a, &text, err);
		for (size_t i = 0; status == 0 && i < text.gate_count; i++) {
			const struct ledger_gate *g = &text.gates[i];

			gates = vec_reserve(gates, &cap, out->gate_count + 1, sizeof *gates);
			gates[out->gate_count++] = (struct version_gate){
			    .id = g->id,
			    .rule = g->rule,
			    .stage = arena_strdup(a, stage),
			    .measured = g->measured,
			    .low = g->low,
			    .high = g->high,
			    .result = g->result,
			    .waived = arena_strdup(a, waived_by(state, &out->v, stage, g->id, view_desk_now(desk)))};
		}
		if (newest->at > out->gates_at) {
			out->gates_at = newest->at;
			out->gates_row = newest->seq;
		}
	}
	if (status == 0) {
		out->gates = arena_array(a, out->gate_count + 1, sizeof *out->gates);
		if (out->gate_count > 0)
			memcpy(out->gates, gates, out->gate_count * sizeof *gates);
	}
	free(gates);
	return status;
}

static int read_decisions(struct desk *desk, const struct ledger_state *state, struct version_seen *out,
                          struct arena *a, struct error *err)
{
	struct ledger *l;
	struct trail_row *rows;
	size_t count;

	if (view_desk_ledger(desk, &l, err) != 0)
		return -1;
	out->sealed_to = state->sealed_to;
	if (!l)
		return 0;
	if (trail_read(l, 1, out->v.model, out->v.version, desk->app->charset, a, &rows, &count, err) != 0)
		return -1;
	out->decisions = arena_array(a, count + 1, sizeof *out->decisions);
	while (count > 0)
		out->decisions[out->decision_count++] = rows[--count];
	return read_gates(desk, l, state, out, a, err);
}

static int read_lineage(struct desk *desk, struct trust *t, struct version_seen *out, struct arena *a,
                        struct error *err)
{
	struct work_lineage *lines;

	if (work_lineage(t, &out->v, a, &lines, &out->lineage_count, err) != 0)
		return -1;
	out->lineage = arena_array(a, out->lineage_count + 1, sizeof *out->lineage);
	for (size_t i = 0; i < out->lineage_count; i++) {
		struct version_link *link = &out->lineage[i];
		struct dataset_row data;

		link->line = lines[i];
		if (strcmp(lines[i].kind, "data") == 0 &&
		    store_dataset_find(desk->store, lines[i].name, a, &data, NULL) == 0)
			link->data = data.id;
		if (strcmp(lines[i].kind, "run") == 0)
			link->run = out->v.run;
	}
	return 0;
}

static void read_authors(const struct ledger_state *state, struct version_seen *out, struct arena *a)
{
	const struct ledger_version *v = ledger_version_find(state, out->v.model, out->v.version);

	if (!v)
		return;
	out->author_count = v->author_count;
	out->authors = arena_array(a, v->author_count + 1, sizeof *out->authors);
	for (size_t i = 0; i < v->author_count; i++)
		out->authors[i] = (struct ledger_author){.user = arena_strdup(a, v->authors[i].user),
		                                         .what = arena_strdup(a, v->authors[i].what),
		                                         .is_principal = v->authors[i].is_principal};
}

int view_version_read(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct list_ask *ask = arg;
	struct version_seen *out = arena_alloc(a, sizeof *out);
	struct work_model_row row;
	const struct ledger_state *state;
	struct trust *t;
	size_t metrics;

	*result = out;
	if (is_same(desk, ask, &out->list))
		return 0;
	if (view_desk_trust(desk, &t, err) != 0 || work_version_find(t, ask->what, a, &out->v, err) != 0)
		return -1;
	state = work_trust_state(t);
	if (read_model_row(t, out->v.model, a, &row, NULL) == 0)
		out->owner = row.owner;
	out->no_roster = state->roster.count == 0;
	out->foreign_letters = view_is_foreign(out->v.model);
	out->policy_stages = policy_stages(state, a, &out->policy_stage_count);
	read_stages(state, out->v.model, out->v.version, false, a, &out->stages, &out->stage_count);
	read_stages(state, out->v.model, 0, true, a, &out->model_stages, &out->model_stage_count);
	read_authors(state, out, a);
	read_proposals(state, &out->v, a, out);
	if (out->v.run && store_series_some(desk->store, out->v.run, SERIES_METRIC, VERSION_METRICS, a,
	                                    &out->metrics, &out->metric_count, &metrics, err) != 0)
		return -1;
	if (read_decisions(desk, state, out, a, err) != 0)
		return -1;
	if (read_lineage(desk, t, out, a, err) != 0)
		return -1;
	view_version_rows(out, a, desk->app->charset, view_desk_now(desk));
	return 0;
}
