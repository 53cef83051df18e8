/*
 * The cases that gates measure on.
 *
 * An evaluation counts only if it is Assay's own and still true: the predictions that it names are those that
 * the model, whose bytes are the version's, gives for the rows of the data set version, whose bytes hash to
 * its digest. That is asked by predicting anew, so that a row that was written into assay.db by hand is no
 * evidence.
 */
#include <math.h>
#include <stdlib.h>

#include "gate.h"

void gate_run_init(struct gate_run *g, struct trust *t, const struct work_version *v, const char *stage,
                   struct arena *mem)
{
	*g = (struct gate_run){.t = t, .v = v, .stage = stage, .mem = mem, .now = time_now_ms()};
}

void gate_run_release(struct gate_run *g)
{
	for (struct gate_model *m = g->models; m; m = m->next)
		model_free(m->model);
	for (struct gate_table *d = g->tables; d; d = d->next) {
		if (d->loaded) {
			table_release(&d->table);
			intern_release(&d->names);
		}
		work_data_release(&d->data);
	}
	free(g->data);
	free(g->evidence);
	free(g->producers);
}

/* ---- models ---- */

static void load_model(struct gate_run *g, struct gate_model *m)
{
	struct manifest_file *files;
	struct str bytes;
	struct error why;
	const char *problem;
	size_t count;
	str_init(&bytes);
	m->why = "its files hold no model that Assay can apply";
	if (manifest_check(g->t->store, m->subject, g->mem, &files, &count, &problem, &why) != 0)
		m->why = arena_strdup(g->mem, why.text);
	else if (problem)
		m->why = problem;
	else
		for (size_t i = 0; i < count && m->why; i++) {
			if (store_object_read(g->t->store, files[i].digest, &bytes, 0, &why) != 0 ||
			    model_load_bytes(bytes.data, bytes.len, &m->model, &why) != 0)
				continue;
			memcpy(m->digest, files[i].digest, sizeof m->digest);
			model_describe(m->model, &m->info);
			m->why = NULL;
		}
	str_release(&bytes);
}

struct gate_model *gate_model(struct gate_run *g, const char *model, int64_t version, const char *subject,
                              struct error *err)
{
	struct run_row run;
	struct error why;
	for (struct gate_model *m = g->models; m; m = m->next)
		if (m->version == version && strcmp(m->subject, subject) == 0)
			return m;
	const struct ledger_version *v = ledger_version_find(g->t->state, model, version);
	if (!v) {
		error_set(err, ERR_TAMPER, "the ledger has no registration of %s@%lld", model, (long long)version);
		return NULL;
	}
	struct gate_model *m = arena_alloc(g->mem, sizeof *m);
	m->version = version;
	snprintf(m->subject, sizeof m->subject, "%s", subject);
	if (store_run_by_uuid(g->t->store, v->run, g->mem, &run, &why) == 0)
		m->run = run.id;
	load_model(g, m);
	m->next = g->models;
	g->models = m;
	return m;
}

/* ---- data ---- */

static void load_table(struct gate_run *g, struct gate_table *d)
{
	struct error why;
	struct case_names names;
	struct str name;
	if (work_data_load(g->t->store, &d->data, NULL, &d->table, &why) != 0) {
		d->why = arena_strdup(g->mem, why.text);
		return;
	}
	d->loaded = true;
	intern_init(&d->names);
	str_init(&name);
	case_names_init(&names, &d->table);
	for (size_t i = 0; i < d->table.row_count; i++) {
		case_name(&names, i, &name);
		intern_add(&d->names, name.data, name.len);
	}
	str_release(&name);
}

/* By digest. */
static struct gate_table *find_table(struct gate_run *g, const char *digest, struct error *err)
{
	struct dataset_row row;
	struct error why;
	bool found;
	for (struct gate_table *d = g->tables; d; d = d->next)
		if (strcmp(d->digest, digest) == 0)
			return d;
	struct gate_table *d = arena_alloc(g->mem, sizeof *d);
	if (store_dataset_by_digest(g->t->store, digest, g->mem, &row, &found, err) != 0)
		return NULL;
	snprintf(d->digest, sizeof d->digest, "%s", digest);
	if (!found)
		d->why = "the data that it is measured on is not registered any more";
	else if (work_data_find_id(g->t->store, row.id, &d->data, &why) != 0)
		d->why = arena_strdup(g->mem, why.text);
	else
		load_table(g, d);
	d->next = g->tables;
	g->tables = d;
	return d;
}

/* ---- evaluations ---- */

struct looking {
	struct gate_run *g;
	struct gate_cases *c;
	double *score, *label; /* of every row of the table, by the model as it is */
};

/* Do the kept predictions say what the model says? The rows that they are of, rising. */
static const char *check_predictions(struct looking *l, const struct store_evaluation *e,
                                     const struct predictions_read *p, size_t *rows)
{
	const struct gate_cases *c = l->c;
	const struct table *t = &c->data->table;
	if (strcmp(p->head.data, e->data) != 0 || strcmp(p->head.model, e->model) != 0 ||
	    strcmp(p->head.split, e->split) != 0)
		return "the kept predictions are of another model or data set";
	if (!c->split && p->head.rows != t->row_count)
		return "the kept predictions are not of all cases";
	for (size_t i = 0; i < p->head.rows; i++) {
		uint32_t row = intern_find(&c->data->names, p->case_id[i], strlen(p->case_id[i]));
		if (row == INTERN_NONE || (i && row <= rows[i - 1]))
			return "the kept predictions name a case that is not in the data, or one twice";
		/* The tree library may differ in the last digits between its versions. */
		if (!(fabs(l->score[row] - p->score[i]) <= 1e-6))
			return "the kept predictions are not those that the model gives";
		rows[i] = row;
	}
	return NULL;
}

/* The evidence names what it is bound to. */
static bool evidence_is_of(struct gate_run *g, const struct store_evaluation *e)
{
	struct str text;
	struct error unimportant;
	str_init(&text);
	bool yes = store_object_read(g->t->store, e->evidence, &text, 0, &unimportant) == 0;
	const char *const parts[] = {"data", "model", "predictions"}, *const digests[] = {e->data, e->model,
	                                                                                  e->predictions};
	for (size_t i = 0; i < COUNT_OF(parts) && yes; i++) {
		char *part = xasprintf("\"%s\":\"%s\"", parts[i], digests[i]);
		yes = strstr(text.data, part) != NULL;
		free(part);
	}
	str_release(&text);
	return yes;
}

/* And it says what follows from these predictions: it is what reviewers read. */
static bool evidence_holds(struct gate_run *g, const struct gate_cases *c, const struct store_evaluation *e,
                           const double *score, const double *label, size_t n)
{
	struct str kept, made;
	struct error unimportant;
	struct evaluation is;
	struct evidence evidence = {.model = e->model,
	                            .data = e->data,
	                            .predictions = e->predictions,
	                            .label = c->of->info.label,
	                            .positive = c->of->info.positive,
	                            .split = e->split,
	                            .evaluation = &is};
	double threshold;
	str_init(&kept);
	str_init(&made);
	bool yes = store_object_read(g->t->store, e->evidence, &kept, 0, &unimportant) == 0 &&
	           evidence_threshold(kept.data, &threshold);
	if (yes) {
		evaluation_compute(&is, score, label, n, threshold);
		evidence_json(&evidence, &made);
		yes = evidence_alike(kept.data, made.data);
	}
	str_release(&kept);
	str_release(&made);
	return yes;
}

/* Takes the evaluation, if it holds; else says why not. */
static const char *take(struct looking *l, const struct store_evaluation *e)
{
	struct gate_cases *c = l->c;
	struct predictions_read p;
	struct str text;
	struct error err;
	const char *why = NULL;
	str_init(&text);
	if (store_object_read(l->g->t->store, e->predictions, &text, 0, &err) != 0 ||
	    predictions_parse(text.data, text.len, &p, &err) != 0) {
		str_release(&text);
		return arena_printf(l->g->mem, "its kept predictions: %s", err.text);
	}
	str_release(&text);
	size_t *rows = xmalloc(size_mul(p.head.rows + 1, sizeof *rows));
	double *label = xmalloc(size_mul(p.head.rows + 1, sizeof *label));
	why = check_predictions(l, e, &p, rows);
	if (!why && !evidence_is_of(l->g, e))
		why = "its kept evidence is of something else";
	for (size_t i = 0; i < p.head.rows && !why; i++)
		label[i] = l->label[rows[i]];
	if (!why && !evidence_holds(l->g, c, e, p.score, label, p.head.rows))
		why = "its kept evidence does not say what its predictions say";
	if (!why) {
		c->row = arena_array(l->g->mem, p.head.rows + 1, sizeof *c->row);
		c->score = arena_array(l->g->mem, p.head.rows + 1, sizeof *c->score);
		c->label = arena_array(l->g->mem, p.head.rows + 1, sizeof *c->label);
		for (size_t i = 0; i < p.head.rows; i++) {
			if (isnan(l->label[rows[i]]))
				continue;
			c->row[c->n] = rows[i];
			c->score[c->n] = p.score[i];
			c->label[c->n++] = l->label[rows[i]] == 1;
		}
		c->evaluation = *e;
	}
	free(label);
	free(rows);
	arena_free(p.mem);
	return why;
}

static bool is_asked(const struct gate_cases *c, const struct store_evaluation *e)
{
	bool split = strcmp(e->split, "split") == 0;
	return strcmp(e->data, c->data->digest) == 0 && split == c->split && e->predictions[0] &&
	       e->producer[0] && text_is_plain(e->producer, strlen(e->producer));
}

/* The newest that holds; whoever made the same evidence first is its producer. */
static int look_up(struct looking *l, bool *found, struct error *err)
{
	struct store_evaluation *all;
	size_t count;
	*found = false;
	if (store_evaluations_of_model(l->g->t->store, l->c->of->digest, l->g->mem, &all, &count, err) != 0)
		return -1;
	for (size_t i = count; i-- > 0 && !*found;) {
		if (!is_asked(l->c, &all[i]))
			continue;
		l->c->why = take(l, &all[i]);
		*found = !l->c->why;
	}
	for (size_t i = 0; i < count && *found; i++)
		if (is_asked(l->c, &all[i]) && strcmp(all[i].evidence, l->c->evaluation.evidence) == 0) {
			l->c->evaluation.producer = all[i].producer;
			break;
		}
	return 0;
}

static int make(struct looking *l, struct error *err)
{
	const struct gate_cases *c = l->c;
	struct evaluation evaluation;
	char evidence[SHA256_TEXT];
	struct evaluation_parts parts = {
	    .run_id = c->of->run,
	    .data = &c->data->data,
	    .table = &c->data->table,
	    .score = l->score,
	    .label = l->label,
	    .n = c->data->table.row_count,
	    .split = "all",
	    .label_name = c->of->info.label,
	    .positive = c->of->info.positive,
	    .threshold = 0.5,
	};
	memcpy(parts.model, c->of->digest, sizeof parts.model);
	return evaluation_keep(l->g->t->store, &parts, &evaluation, evidence, err);
}

static int fill(struct gate_run *g, struct gate_cases *c, bool may_make, struct error *err)
{
	struct looking l = {.g = g, .c = c};
	struct error why;
	size_t n = c->data->table.row_count;
	bool found = false;
	l.score = xmalloc(size_mul(n + 1, sizeof *l.score));
	l.label = xmalloc(size_mul(n + 1, sizeof *l.label));
	int status = 0;
	if (model_predict(c->of->model, &c->data->table, 0, l.score, NULL, &why) != 0 ||
	    model_labels(c->of->model, &c->data->table, l.label, &why) != 0) {
		c->why = arena_strdup(g->mem, why.text);
		goto out;
	}
	status = look_up(&l, &found, err);
	if (status == 0 && !found && !c->split && may_make && !g->looking) {
		status = make(&l, err);
		if (status == 0)
			status = look_up(&l, &found, err);
	}
	if (status == 0 && !found && !c->why)
		c->why = c->split ? "there are no predictions of its split that Assay kept"
		                  : "it was not evaluated on these cases";
	if (status == 0 && found && c->n == 0)
		c->why = "no case has a label";
out:
	free(l.score);
	free(l.label);
	return status;
}

/* ---- which cases ---- */

static struct gate_cases *cases_on(struct gate_run *g, const struct gate_model *of, const char *digest,
                                   bool split, bool may_make, struct error *err)
{
	for (struct gate_cases *c = g->cases; c; c = c->next)
		if (c->of == of && strcmp(c->data->digest, digest) == 0 && c->split == split &&
		    (!c->why || !may_make))
			return c;
	struct gate_cases *c = arena_alloc(g->mem, sizeof *c);
	c->of = of;
	c->split = split;
	c->data = find_table(g, digest, err);
	if (!c->data)
		return NULL;
	c->why = of->why ? of->why : c->data->why;
	if (!c->why && fill(g, c, may_make, err) != 0)
		return NULL;
	c->next = g->cases;
	g->cases = c;
	return c;
}

static struct gate_cases *no_cases(struct gate_run *g, const char *why)
{
	struct gate_cases *c = arena_alloc(g->mem, sizeof *c);
	c->why = why;
	return c;
}

struct gate_cases *gate_cases(struct gate_run *g, const struct gate_model *of, const char *where,
                              struct error *err)
{
	struct work_data named;
	struct error why;
	char digest[SHA256_TEXT];
	bool split = where && strcmp(where, "split") == 0, test = where && strcmp(where, "test") == 0;
	if (of->why)
		return no_cases(g, of->why);
	const char *trained_on = of->info.data_version, *tested_on = of->info.test_version;
	if (test && !tested_on)
		return no_cases(g, "the model was trained without a test set");
	if (split || (!where && !tested_on)) {
		if (!trained_on)
			return no_cases(g, "the model does not say what it was trained on");
		return cases_on(g, of, trained_on, true, false, err);
	}
	if (test || !where) {
		snprintf(digest, sizeof digest, "%s", tested_on);
	} else {
		if (work_data_find(g->t->store, where, &named, &why) != 0)
			return no_cases(g, arena_strdup(g->mem, why.text));
		memcpy(digest, named.digest, sizeof digest);
		work_data_release(&named);
	}
	if (trained_on && strcmp(digest, trained_on) == 0)
		return no_cases(g, "that is the data which the model was trained on");
	return cases_on(g, of, digest, false, true, err);
}

struct gate_cases *gate_cases_like(struct gate_run *g, const struct gate_model *of,
                                   const struct gate_cases *like, bool may_make, struct error *err)
{
	if (of->why)
		return no_cases(g, arena_printf(g->mem, "version %lld: %s", (long long)of->version, of->why));
	if (strcmp(of->info.label, like->of->info.label) != 0 ||
	    strcmp(of->info.positive ? of->info.positive : "",
	           like->of->info.positive ? like->of->info.positive : "") != 0)
		return no_cases(g, arena_printf(g->mem, "version %lld predicts something else (%s)",
		                                (long long)of->version, of->info.label));
	struct gate_cases *c = cases_on(g, of, like->data->digest, like->split, may_make, err);
	if (!c)
		return NULL;
	if (c->why)
		return no_cases(g, arena_printf(g->mem, "version %lld: %s", (long long)of->version, c->why));
	if (c->n != like->n || memcmp(c->row, like->row, c->n * sizeof *c->row) != 0)
		return no_cases(g, arena_printf(g->mem, "version %lld was not measured on the same cases",
		                                (long long)of->version));
	return c;
}

/* ---- what results stand on ---- */

void gate_uses_data(struct gate_run *g, const char *role, const char *name, const char *digest)
{
	for (size_t i = 0; i < g->data_count; i++)
		if (strcmp(g->data[i].role, role) == 0 && strcmp(g->data[i].name, name) == 0)
			return;
	g->data = vec_reserve(g->data, &g->data_cap, g->data_count + 1, sizeof *g->data);
	struct ledger_data *to = &g->data[g->data_count++];
	*to = (struct ledger_data){.role = role, .name = name};
	snprintf(to->digest, sizeof to->digest, "%s", digest);
}

void gate_uses_table(struct gate_run *g, const struct gate_table *d)
{
	gate_uses_data(g, "eval", arena_printf(g->mem, "%s@%lld", d->data.name, (long long)d->data.version),
	               d->data.digest);
}

void gate_uses_evidence(struct gate_run *g, const char *kind, const char *digest, const char *producer)
{
	for (size_t i = 0; i < g->evidence_count; i++)
		if (strcmp(g->evidence[i].digest, digest) == 0)
			return;
	g->evidence = vec_reserve(g->evidence, &g->evidence_cap, g->evidence_count + 1, sizeof *g->evidence);
	g->producers = vec_reserve(g->producers, &g->producer_cap, g->producer_count + 1, sizeof *g->producers);
	struct ledger_evidence *e = &g->evidence[g->evidence_count++];
	struct gate_producer *p = &g->producers[g->producer_count++];
	*e = (struct ledger_evidence){.kind = kind};
	*p = (struct gate_producer){.user = arena_strdup(g->mem, producer)};
	snprintf(e->digest, sizeof e->digest, "%s", digest);
	snprintf(p->evidence, sizeof p->evidence, "%s", digest);
}

void gate_uses(struct gate_run *g, const struct gate_cases *c)
{
	gate_uses_table(g, c->data);
	gate_uses_evidence(g, "evaluation", c->evaluation.evidence, c->evaluation.producer);
}
