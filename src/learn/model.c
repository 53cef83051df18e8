/* A model in memory: what it says of itself, and what it makes of a table. */
#include <math.h>

#include "assay/learn.h"
#include "inside.h"

struct model *model_new(void)
{
	struct model *m = xcalloc(1, sizeof *m);
	m->arena = arena_new();
	m->program = "assay " ASSAY_VERSION;
	str_init(&m->header);
	str_init(&m->payload);
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	str_release(&m->header);
	str_release(&m->payload);
	arena_free(m->arena);
	free(m);
}

void model_list_features(struct model *m)
{
	struct model_feature *list = arena_array(m->arena, m->encoder.feature_count, sizeof *list);
	for (size_t i = 0; i < m->encoder.feature_count; i++) {
		const struct feature *f = &m->encoder.features[i];
		list[i] = (struct model_feature){.name = f->name,
		                                 .type = f->type,
		                                 .roles = f->roles,
		                                 .levels = f->categorical ? feature_levels(f) : 0};
	}
	m->info.params = m->params;
	m->info.features = list;
	m->info.feature_count = m->encoder.feature_count;
	m->info.left_out = m->encoder.left_out;
	m->info.left_out_count = m->encoder.left_out_count;
}

void model_describe(const struct model *m, struct model_info *out)
{
	*out = m->info;
}

const char *model_header(const struct model *m)
{
	return m->header.data;
}

const char *model_evaluation(const struct model *m)
{
	return m->evaluation;
}

size_t model_check(const struct model *m, const struct table *t, struct str *problems)
{
	return encoder_check(&m->encoder, t, problems);
}

int model_score_rows(const struct model *m, const struct table *t, const size_t *rows, size_t n, int threads,
                     double *scores, struct model_applied *applied, struct error *err)
{
	struct design d;
	if (design_open(&d, &m->encoder, t, rows, n, threads, err) < 0)
		return -1;
	if (applied)
		*applied = (struct model_applied){n, d.missing, d.unseen};
	int rc = n == 0                          ? 0
	         : m->info.recipe->needs_xgboost ? trees_predict(m, &d, threads, scores, err)
	                                         : logistic_predict(m, &d, threads, scores);
	design_release(&d);
	for (size_t i = 0; i < n && rc == 0; i++)
		if (!isfinite(scores[i]))
			rc = error_set(err, ERR_USAGE,
			               "the score of row %zu is not finite: its values are too large for the model",
			               (rows ? rows[i] : i) + 1);
	return rc;
}

int model_predict(const struct model *m, const struct table *t, int threads, double *scores,
                  struct model_applied *applied, struct error *err)
{
	struct str problems;
	str_init(&problems);
	int rc = 0;
	if (model_check(m, t, &problems)) {
		while (problems.len && problems.data[problems.len - 1] == '\n')
			str_cut(&problems, problems.len - 1);
		rc = error_set(err, ERR_USAGE, "the data does not fit the model:\n%s", problems.data);
	}
	str_release(&problems);
	return rc ? rc : model_score_rows(m, t, NULL, t->row_count, threads, scores, applied, err);
}

int model_labels(const struct model *m, const struct table *t, double *out, struct error *err)
{
	long at = table_need(t, m->info.label, err);
	if (at < 0)
		return error_prefix(err, "the label");
	const struct column *c = &t->columns[at];
	const char *positive = m->info.positive;
	size_t len = strlen(positive);
	uint32_t code = c->codes ? intern_find(c->dict, positive, len) : INTERN_NONE;
	struct str cell;
	str_init(&cell);
	for (size_t i = 0; i < t->row_count; i++) {
		if (column_is_missing(c, i)) {
			out[i] = NAN;
		} else if (c->codes) {
			out[i] = c->codes[i] == code;
		} else {
			str_clear(&cell);
			column_cell(c, i, &cell);
			out[i] = cell.len == len && !memcmp(cell.data, positive, len);
		}
	}
	str_release(&cell);
	return 0;
}
