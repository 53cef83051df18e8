/* Training from end to end: label, weights, split, encoding, recipe, predictions, evaluation. */
#include <math.h>

#include "assay/learn.h"
#include "inside.h"

/* Streams of the seed, so that one choice does not shift another. */
enum { STREAM_TEST = 1, STREAM_VALIDATION = 2 };

double training_param(const struct training *t, const char *name)
{
	const struct learn_recipe *r = t->spec->recipe;
	for (size_t i = 0; i < r->param_count; i++)
		if (!strcmp(r->params[i].name, name))
			return t->spec->params[i];
	bug("training_param: %s has no \"%s\"", r->name, name);
}

int training_report(const struct training *t, const char *metric, const char *context, size_t step,
                    double value, double done, struct error *err)
{
	const struct learn_progress p = {metric, context, (int64_t)step, value, done};
	if (!t->progress)
		return 0;
	if (err)
		err->text[0] = 0;
	if (!t->progress(t->user, &p))
		return 0;
	if (err && err->text[0]) /* the function had an error of its own and filled the same struct */
		return -1;
	return error_set(err, ERR_NO, "stopped at step %zu", step);
}

static int stratum_of(double label)
{
	return isnan(label) ? 2 : label > 0;
}

void learn_split(const double *label, size_t n, double share, uint64_t seed, uint64_t stream, uint8_t *held)
{
	uint32_t *items = xreallocarray(NULL, n + 1, sizeof *items);
	memset(held, 0, n);
	for (int stratum = 0; stratum < 3; stratum++) {
		struct rng rng;
		size_t size = 0, wanted;
		for (size_t i = 0; i < n; i++)
			if (stratum_of(label[i]) == stratum)
				items[size++] = (uint32_t)i;
		wanted = (size_t)floor(share * (double)size + 0.5);
		if (share > 0 && size >= 2)
			wanted = wanted < 1 ? 1 : wanted > size - 1 ? size - 1 : wanted;
		else
			wanted = 0;
		rng_init(&rng, seed, stream * 3 + (uint64_t)stratum);
		rng_shuffle(&rng, items, size);
		for (size_t i = 0; i < wanted; i++)
			held[items[i]] = 1;
	}
	free(items);
}

/* ---- the parts of the training table ---- */

struct parts {
	double *label;  /* by row of the table */
	double *weight; /* by row of the table, or NULL */
	size_t *train, *validation, *test;
	size_t train_count, validation_count, test_count;
};

static void parts_release(struct parts *p)
{
	free(p->label);
	free(p->weight);
	free(p->train);
	free(p->validation);
	free(p->test);
}

/* Reading a table has seen to it that weights are there and neither negative nor infinite. */
static void read_weights(const struct table *t, struct parts *p)
{
	long at = table_role(t, ROLE_WEIGHT);
	if (at < 0 || !t->columns[at].values)
		return;
	p->weight = xreallocarray(NULL, t->row_count + 1, sizeof *p->weight);
	memcpy(p->weight, t->columns[at].values, t->row_count * sizeof *p->weight);
}

static int scale_weights(struct parts *p, struct error *err)
{
	double total = 0;
	if (!p->weight)
		return 0;
	for (size_t i = 0; i < p->train_count; i++)
		total += p->weight[p->train[i]];
	if (!(total > 0) || isinf(total))
		return error_set(err, ERR_USAGE, "the weights of the training rows add up to %s",
		                 total > 0 ? "infinity" : "0");
	double factor = (double)p->train_count / total;
	/* All rows: the validation rows are weighed on the same scale. */
	for (size_t i = 0; i < p->train_count; i++)
		p->weight[p->train[i]] *= factor;
	for (size_t i = 0; i < p->validation_count; i++)
		p->weight[p->validation[i]] *= factor;
	return 0;
}

static int cut_parts(struct parts *p, const struct learn_spec *spec, const struct table *t, bool split,
                     double validation, struct error *err)
{
	size_t n = t->row_count, classes[2] = {0, 0};
	uint8_t *held = xcalloc(n + 1, 1);
	double *rest = xreallocarray(NULL, n + 1, sizeof *rest);
	p->train = xreallocarray(NULL, n + 1, sizeof *p->train);
	p->validation = xreallocarray(NULL, n + 1, sizeof *p->validation);
	p->test = xreallocarray(NULL, n + 1, sizeof *p->test);
	if (split)
		learn_split(p->label, n, spec->split, spec->seed, STREAM_TEST, held);
	for (size_t i = 0; i < n; i++) {
		rest[i] = held[i] ? (double)NAN : p->label[i];
		if (held[i])
			p->test[p->test_count++] = i;
	}
	learn_split(rest, n, validation, spec->seed, STREAM_VALIDATION, held);
	for (size_t i = 0; i < n; i++) {
		if (isnan(rest[i]))
			continue;
		if (held[i]) {
			p->validation[p->validation_count++] = i;
		} else {
			p->train[p->train_count++] = i;
			classes[rest[i] > 0]++;
		}
	}
	free(held);
	free(rest);
	if (!classes[0] || !classes[1])
		return error_set(err, ERR_USAGE,
		                 "the training part has %zu positive and %zu negative rows: both are needed",
		                 classes[1], classes[0]);
	return 0;
}

/* ---- what the model says of itself ---- */

static void note(struct model *m, const char **notes, const char *text)
{
	notes[m->info.note_count++] = text;
	m->info.notes = notes;
}

/* "sex, race" of the features that have the role, or NULL. */
static char *names_with(const struct model *m, unsigned role)
{
	struct str names;
	str_init(&names);
	for (size_t i = 0; i < m->encoder.feature_count; i++)
		if (m->encoder.features[i].roles & role)
			str_addf(&names, "%s%s", names.len ? ", " : "", m->encoder.features[i].name);
	char *text = names.len ? arena_strdup(m->arena, names.data) : NULL;
	str_release(&names);
	return text;
}

static void write_notes(struct model *m, const struct parts *p, const struct table *t)
{
	const char **notes = arena_array(m->arena, 6, sizeof *notes);
	const char *protected = names_with(m, ROLE_PROTECTED), *background = names_with(m, ROLE_BACKGROUND);
	size_t unlabelled = 0, texts = 0;
	for (size_t i = 0; i < t->row_count; i++)
		unlabelled += isnan(p->label[i]);
	for (size_t i = 0; i < m->encoder.left_out_count; i++)
		texts += m->encoder.left_out[i].type == COLUMN_TEXT;
	if (protected)
		note(m, notes,
		     arena_printf(m->arena, "trained on protected columns: %s (--drop leaves them out)", protected));
	if (background)
		note(
		    m, notes,
		    arena_printf(m->arena, "trained on background columns: %s (--drop leaves them out)", background));
	if (texts)
		note(m, notes,
		     arena_printf(m->arena,
		                  texts == 1 ? "%zu column of free text was left out"
		                             : "%zu columns of free text were left out",
		                  texts));
	if (unlabelled)
		note(m, notes,
		     arena_printf(m->arena,
		                  unlabelled == 1 ? "%zu row without a label was left out"
		                                  : "%zu rows without a label were left out",
		                  unlabelled));
	if (p->weight)
		note(m, notes,
		     arena_printf(m->arena, "rows weighted by \"%s\", scaled to mean 1",
		                  t->columns[table_role(t, ROLE_WEIGHT)].name));
}

/* ---- training ---- */

/* The positive value as the table writes it: the label's cell in a positive row. */
static const char *positive_text(struct arena *arena, const struct column *label, const double *y)
{
	struct str cell;
	size_t row = 0;
	while (!(y[row] > 0))
		row++;
	str_init(&cell);
	column_cell(label, row, &cell);
	const char *text = arena_memdup0(arena, cell.data, cell.len);
	str_release(&cell);
	return text;
}

static int describe(struct model *m, const struct learn_spec *spec, const struct table *train,
                    const struct parts *p, size_t label, struct error *err)
{
	struct model_info *info = &m->info;
	const struct column *c = &train->columns[label];
	struct str reading;
	str_init(&reading);
	reading_canonical(&train->reading, &reading);
	info->reading = arena_strdup(m->arena, reading.data);
	str_release(&reading);
	info->recipe = spec->recipe;
	memcpy(m->params, spec->params, sizeof m->params);
	info->seed = spec->seed;
	info->label = arena_strdup(m->arena, c->name);
	info->positive = positive_text(m->arena, c, p->label);
	info->data_version = arena_strdup(m->arena, spec->data_version);
	info->test_version = arena_strdup(m->arena, spec->test_version);
	info->rows = p->train_count;
	info->validation_rows = p->validation_count;
	for (size_t i = 0; i < p->train_count; i++)
		info->positives += p->label[p->train[i]] > 0;
	if (!utf8_is_valid(info->label, strlen(info->label)) ||
	    !utf8_is_valid(info->positive, strlen(info->positive)) ||
	    !utf8_is_valid(info->reading, strlen(info->reading)))
		return error_set(
		    err, ERR_USAGE,
		    "the label, its positive value or a column name is not UTF-8: convert the file first (iconv)");
	return 0;
}

static int fit(struct model *m, const struct learn_spec *spec, const struct table *train,
               const struct parts *p, size_t label, learn_progress_fn *progress, void *user,
               struct error *err)
{
	struct training t = {.spec = spec,
	                     .table = train,
	                     .label = p->label,
	                     .weight = p->weight,
	                     .rows = p->train,
	                     .row_count = p->train_count,
	                     .validation = p->validation,
	                     .validation_count = p->validation_count,
	                     .progress = progress,
	                     .user = user};
	const struct encode_options o = {.for_trees = spec->recipe->needs_xgboost,
	                                 .min_count = (size_t)training_param(&t, "min_count"),
	                                 .max_levels = (size_t)training_param(&t, "max_levels"),
	                                 .threads = spec->threads,
	                                 .drop = spec->drop,
	                                 .drop_count = spec->drop_count,
	                                 .label = label};
	if (encoder_fit(&m->encoder, m->arena, train, p->train, p->train_count, &o, err) < 0)
		return -1;
	model_list_features(m);
	return spec->recipe->needs_xgboost ? trees_train(m, &t, err) : logistic_train(m, &t, err);
}

static int predict_test(struct model *m, const struct learn_spec *spec, const struct table *train,
                        const struct table *test, const struct parts *p, struct learn_predictions **out,
                        struct error *err)
{
	const struct table *from = test ? test : train;
	struct learn_predictions *pr = xcalloc(1, sizeof *pr);
	struct evaluation e;
	struct json_writer j;
	struct str json;
	int rc = -1;
	pr->of_split = !test;
	pr->n = test ? test->row_count : p->test_count;
	pr->row = xcalloc(pr->n + 1, sizeof *pr->row);
	pr->score = xcalloc(pr->n + 1, sizeof *pr->score);
	pr->label = xcalloc(pr->n + 1, sizeof *pr->label);
	double *label = xcalloc(from->row_count + 1, sizeof *label);
	for (size_t i = 0; i < pr->n; i++)
		pr->row[i] = test ? i : p->test[i];
	if (model_labels(m, from, label, err) < 0 ||
	    model_score_rows(m, from, pr->row, pr->n, spec->threads, pr->score, NULL, err) < 0)
		goto out;
	for (size_t i = 0; i < pr->n; i++)
		pr->label[i] = label[pr->row[i]];
	evaluation_compute(&e, pr->score, pr->label, pr->n, 0.5);
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	evaluation_json(&e, &j);
	jw_object_end(&j);
	m->evaluation = arena_strdup(m->arena, json.data);
	str_release(&json);
	rc = 0;
out:
	free(label);
	if (rc)
		learn_predictions_free(pr);
	else
		*out = pr;
	return rc;
}

static int check_test(const struct model *m, const struct table *test, struct error *err)
{
	struct str problems;
	str_init(&problems);
	size_t found = model_check(m, test, &problems);
	if (found)
		error_set(err, ERR_USAGE, "the test data does not fit:\n%s", problems.data);
	str_release(&problems);
	return found ? -1 : 0;
}

int learn_train(const struct learn_spec *spec, const struct table *train, const struct table *test,
                learn_progress_fn *progress, void *user, struct model **model,
                struct learn_predictions **predictions, struct error *err)
{
	struct parts p = {0};
	struct model *m = model_new();
	struct training asking = {.spec = spec};
	int rc = -1;
	*model = NULL;
	*predictions = NULL;
	if (learn_recipe_ready(spec->recipe, err) < 0)
		goto out;
	for (size_t i = 0; i < spec->drop_count; i++)
		if (table_need(train, spec->drop[i], err) < 0)
			goto out;
	if (!spec->label && table_role(train, ROLE_LABEL) < 0) {
		error_set(err, ERR_USAGE, "which column is the label? Say --label COLUMN");
		goto out;
	}
	const char *name = spec->label ? spec->label : train->columns[table_role(train, ROLE_LABEL)].name;
	long label = table_need(train, name, err);
	if (label < 0)
		goto out;
	p.label = xreallocarray(NULL, train->row_count + 1, sizeof *p.label);
	bool trees = spec->recipe->needs_xgboost;
	double validation = trees && training_param(&asking, "early_stopping_rounds") > 0
	                        ? training_param(&asking, "validation")
	                        : 0;
	bool split = !test && spec->split > 0;
	read_weights(train, &p);
	if (table_label(train, name, spec->positive, p.label, err) < 0 ||
	    cut_parts(&p, spec, train, split, validation, err) < 0 || scale_weights(&p, err) < 0 ||
	    describe(m, spec, train, &p, (size_t)label, err) < 0 ||
	    fit(m, spec, train, &p, (size_t)label, progress, user, err) < 0)
		goto out;
	write_notes(m, &p, train);
	if (test && check_test(m, test, err) < 0)
		goto out;
	if ((test || split) && predict_test(m, spec, train, test, &p, predictions, err) < 0)
		goto out;
	model_write_header(m, &m->header);
	*model = m;
	rc = 0;
out:
	parts_release(&p);
	if (rc)
		model_free(m);
	return rc;
}

void learn_predictions_free(struct learn_predictions *p)
{
	if (!p)
		return;
	free(p->row);
	free(p->score);
	free(p->label);
	free(p);
}
