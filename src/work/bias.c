/* Bias reports: made, kept as evidence, and one measure of them for a gate. */
#include <math.h>

#include "bias.h"

/* ---- settings and evidence ---- */

void bias_settings_json(const struct work_bias *how, const char *label, const char *positive,
                        const char *split, struct str *out)
{
	const struct bias_settings *s = &how->settings;
	struct json_writer j;
	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_bool(&j, "all_pairs", s->all_pairs);
	jw_array(&j, "by");
	for (size_t i = 0; i < how->by_count; i++)
		jw_string(&j, NULL, how->by[i]);
	jw_array_end(&j);
	jw_string(&j, "convention", bias_convention_name(s->convention));
	jw_array(&j, "cuts");
	for (size_t i = 0; i < how->cut_count; i++) {
		jw_object(&j, NULL);
		jw_array(&j, "at");
		for (size_t k = 0; k < how->cuts[i].count; k++)
			jw_num(&j, NULL, how->cuts[i].at[k], NULL);
		jw_array_end(&j);
		jw_string(&j, "column", how->cuts[i].column);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_int(&j, "depth", how->depth);
	jw_bool(&j, "exact", s->exact);
	jw_string(&j, "label", label);
	jw_num(&j, "level", s->level, NULL);
	bias_limits_json(s, &j);
	jw_bool(&j, "mean_odds", s->mean_odds);
	jw_int(&j, "minimum", (int64_t)s->minimum);
	jw_int(&j, "minimum_denominator", (int64_t)s->minimum_denominator);
	jw_bool(&j, "plain", s->plain);
	jw_string(&j, "positive", positive);
	jw_array(&j, "references");
	for (size_t i = 0; i < s->reference_count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "by", s->references[i].by);
		jw_string(&j, "group", s->references[i].group);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_int(&j, "replicates", (int64_t)how->replicates);
	jw_int(&j, "seed", (int64_t)how->seed);
	jw_string(&j, "split", split);
	jw_string(&j, "stratum", how->stratum);
	jw_num(&j, "threshold", s->threshold, NULL);
	jw_object_end(&j);
}

static void put_counts(struct json_writer *j, const struct work_bias_cases *c)
{
	jw_int(j, "undecided", (int64_t)c->undecided);
	jw_int(j, "unlabelled", (int64_t)c->unlabelled);
}

/* Of single columns: whether 0.3 means 0.3 for everybody. */
static void put_calibration(struct json_writer *j, const struct work_biased *b)
{
	const struct bias_report *r = &b->report;
	jw_array(j, "calibration");
	for (size_t by = 0; by < r->partition_count && bias_has_scores(b->cases.table); by++) {
		size_t groups = r->partitions[by].group_count;
		struct bias_calibration *c = xcalloc(groups + 1, sizeof *c);
		bool done =
		    r->partitions[by].depth == 1 && bias_calibrate(b->cases.table, by, r->settings.level, NULL, c);
		for (size_t g = 0; g < groups && done; g++) {
			jw_object(j, NULL);
			jw_array(j, "bins");
			for (int k = 0; k < STATS_CALIBRATION_BINS; k++) {
				const struct calibration_bin *bin = &c[g].uniform.bin[k];
				jw_object(j, NULL);
				jw_num(j, "high", c[g].rate[k].high, NULL);
				jw_num(j, "low", c[g].rate[k].low, NULL);
				jw_num(j, "mean_score", bin->mean_score, "the bin is empty");
				jw_int(j, "n", (int64_t)bin->count);
				jw_num(j, "rate", bin->rate, "the bin is empty");
				jw_object_end(j);
			}
			jw_array_end(j);
			jw_string(j, "by", r->partitions[by].name);
			jw_object(j, "ece");
			jw_num(j, "high", c[g].ece.high, NULL);
			jw_num(j, "low", c[g].ece.low, NULL);
			jw_num(j, "value", c[g].ece.value, NULL);
			jw_object_end(j);
			jw_string(j, "group", r->partitions[by].group[g]);
			jw_object_end(j);
		}
		free(c);
	}
	jw_array_end(j);
}

static void evidence_text(const struct work_biased *b, const char *predictions, struct str *out)
{
	struct json_writer j;
	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "data", b->cases.data);
	jw_string(&j, "kind", "bias-report");
	jw_string(&j, "model", b->cases.model);
	jw_string(&j, "predictions", predictions);
	jw_string(&j, "program", "assay " ASSAY_VERSION);
	jw_object(&j, "results");
	put_calibration(&j, b);
	bias_json(&b->report, &j);
	put_counts(&j, &b->cases);
	jw_object_end(&j);
	jw_raw(&j, "settings", b->cases.settings.data);
	jw_object_end(&j);
}

static int keep(struct store *store, struct work_biased *b, const struct work_data *data,
                const struct table *table, bool looking, struct error *err)
{
	char who[WORK_PERSON + 256];
	struct case_names names;
	struct predictions_head head = {.rows = b->cases.cases};
	struct store_bias_report row = {
	    .run = b->cases.run_id, .split = b->cases.split, .at = time_now_ms(), .producer = who};
	struct str predictions, evidence;
	str_init(&predictions);
	str_init(&evidence);
	work_user(who, sizeof who);
	memcpy(head.data, b->cases.data, sizeof head.data);
	memcpy(head.model, b->cases.model, sizeof head.model);
	snprintf(head.split, sizeof head.split, "%s", b->cases.split);
	memcpy(row.data, b->cases.data, sizeof row.data);
	memcpy(row.model, b->cases.model, sizeof row.model);
	sha256_hex(b->cases.settings.data, b->cases.settings.len, row.settings);
	case_names_init(&names, table);
	predictions_write(&head, &names, b->cases.row, b->cases.score, &predictions);
	int status = work_data_keep(store, data, err);
	if (status == 0)
		status = store_object_put(store, predictions.data, predictions.len, row.predictions, err);
	if (status == 0) {
		evidence_text(b, row.predictions, &evidence);
		status = store_object_put(store, evidence.data, evidence.len, row.evidence, err);
	}
	if (status == 0 && !looking)
		status = store_bias_report_add(store, &row, NULL, err);
	if (status == 0)
		memcpy(b->evidence, row.evidence, sizeof b->evidence);
	str_release(&evidence);
	str_release(&predictions);
	return status;
}

/* ---- reports ---- */

static int report(const struct work_bias *how, struct work_biased *out, struct error *err)
{
	if (bias_report(out->cases.table, &how->settings, &out->report, err) != 0)
		return -1;
	bias_score(out->cases.table, &out->report);
	if (how->replicates > 0) {
		const struct bias_resampling resampling = {
		    .replicates = how->replicates, .seed = how->seed, .threads = how->threads};
		bias_resample(out->cases.table, &resampling, &out->report);
	}
	return 0;
}

static void answer(struct work_biased *b)
{
	struct json_writer j;
	jw_init(&j, &b->json);
	jw_object(&j, NULL);
	put_calibration(&j, b);
	bias_json(&b->report, &j);
	jw_string(&j, "data", b->cases.data_name);
	jw_string(&j, "data_digest", b->cases.data);
	jw_string(&j, "evidence", *b->evidence ? b->evidence : NULL);
	jw_string(&j, "model", *b->cases.model ? b->cases.model : NULL);
	jw_string(&j, "split", b->cases.split);
	put_counts(&j, &b->cases);
	jw_object_end(&j);
}

void work_biased_release(struct work_biased *b)
{
	if (b->report.mem)
		bias_report_release(&b->report);
	work_bias_cases_release(&b->cases);
	str_release(&b->json);
}

int work_bias(struct store *store, const char *model_ref, const char *data_ref, const struct work_bias *how,
              struct work_biased *out, struct error *err)
{
	struct work_data data;
	struct table table;
	*out = (struct work_biased){0};
	str_init(&out->json);
	int status = bias_load(store, model_ref, data_ref, how, &out->cases, &data, &table, err);
	if (status == 0) {
		status = report(how, out, err);
		if (status == 0)
			status = keep(store, out, &data, &table, how->looking, err);
		table_release(&table);
		work_data_release(&data);
	}
	if (status == 0)
		answer(out);
	else
		work_biased_release(out);
	return status;
}

int work_bias_of_file(const struct work_bias_file *file, const struct work_bias *how, struct work_biased *out,
                      struct error *err)
{
	*out = (struct work_biased){0};
	str_init(&out->json);
	if (work_bias_load_file(file, how, &out->cases, err) != 0) {
		str_release(&out->json);
		return -1;
	}
	if (report(how, out, err) != 0) {
		work_biased_release(out);
		return -1;
	}
	answer(out);
	return 0;
}

/* ---- gates ---- */

static void name_group(const struct bias_report *r, size_t group, char out[128])
{
	out[0] = 0;
	if (group != BIAS_NONE)
		snprintf(out, 128, "%s", r->groups[group].name);
}

static void take(const struct bias_report *r, const struct bias_value *v, size_t a, size_t b, size_t left_out,
                 struct work_bias_measured *out)
{
	out->value = v->value;
	out->low = v->low;
	out->high = v->high;
	out->verdict = v->verdict;
	out->left_out = left_out;
	name_group(r, a, out->groups[0]);
	name_group(r, b, out->groups[1]);
}

static bool at_least(const struct bias_settings *s, const char *measure)
{
	for (size_t i = 0; i < s->limit_count; i++)
		if (strcmp(s->limits[i].measure, measure) == 0)
			return s->limits[i].at_least;
	return false;
}

/* Of several values that are all held to one limit, which is the one that matters. */
static bool matters_more(const struct bias_value *a, const struct bias_value *b, bool least)
{
	static const int rank[] = {
	    [BIAS_NO_LIMIT] = 0, [BIAS_OK] = 1, [BIAS_TOO_FEW] = 0, [BIAS_AT_LIMIT] = 2, [BIAS_FAILS] = 3};
	if (rank[a->verdict] != rank[b->verdict])
		return rank[a->verdict] > rank[b->verdict];
	return least ? a->value < b->value : fabs(a->value) > fabs(b->value);
}

/* A rate: its worst group among those that are enough. */
static bool find_rate(const struct bias_report *r, size_t by, const char *measure,
                      struct work_bias_measured *out)
{
	bool least = at_least(&r->settings, measure);
	for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++) {
		size_t worst = BIAS_NONE, left_out = 0;
		if (strcmp(bias_rate_name(rate), measure) != 0)
			continue;
		for (size_t g = r->first[by]; g < r->first[by + 1]; g++) {
			const struct bias_value *v = &r->groups[g].rate[rate];
			if (v->verdict == BIAS_TOO_FEW || isnan(v->value))
				left_out++;
			else if (worst == BIAS_NONE || matters_more(v, &r->groups[worst].rate[rate], least))
				worst = g;
		}
		const struct bias_value none = {
		    .value = (double)NAN, .low = (double)NAN, .high = (double)NAN, .verdict = BIAS_TOO_FEW};
		struct bias_value v = worst == BIAS_NONE ? none : r->groups[worst].rate[rate];
		if (rate == BIAS_CALIBRATION_GAP && !least)
			bias_size_of_gap(&v, &v);
		take(r, &v, worst, BIAS_NONE, left_out, out);
		return true;
	}
	return false;
}

static bool find_measure(const struct bias_report *r, size_t by, const char *measure,
                         struct work_bias_measured *out)
{
	const struct bias_measure *worst = NULL;
	const char *name = r->partitions[by].name;
	bool named = false, least = at_least(&r->settings, measure);
	size_t left_out = 0;
	for (size_t i = 0; i < r->settings.reference_count; i++)
		named = named || strcmp(r->settings.references[i].by, name) == 0;
	for (size_t i = 0; i < r->measure_count; i++) {
		const struct bias_measure *m = &r->measures[i];
		if (strcmp(m->name, measure) != 0)
			continue;
		/* A reference that the policy names is what groups are held against; else the worst pair counts. */
		if (m->scope == BIAS_OVERALL || (m->by == by && m->scope == BIAS_WORST && !named)) {
			take(r, &m->v, m->a, m->b, m->left_out, out);
			return true;
		}
		if (m->by != by || (m->scope != BIAS_REFERENCE && m->scope != BIAS_REST))
			continue;
		if (m->v.verdict == BIAS_TOO_FEW || isnan(m->v.value))
			left_out++;
		if (!worst || (worst->v.verdict == BIAS_TOO_FEW && m->v.verdict != BIAS_TOO_FEW) ||
		    (m->v.verdict != BIAS_TOO_FEW && matters_more(&m->v, &worst->v, least)))
			worst = m;
	}
	struct bias_value size;
	if (!worst)
		return false;
	bias_size(r, worst, &size);
	take(r, &size, worst->a, worst->b, left_out, out);
	return true;
}

int work_bias_gate(struct store *store, const char *model_ref, const char *data_ref,
                   const struct work_bias *how, const char *measure, const char *by,
                   struct work_bias_measured *out, struct error *err)
{
	struct work_biased done;
	*out = (struct work_bias_measured){0};
	if (!bias_measure_known(measure))
		return error_set(err, ERR_USAGE, "there is no measure %s", measure);
	if (work_bias(store, model_ref, data_ref, how, &done, err) != 0)
		return -1;
	const struct bias_report *r = &done.report;
	size_t at = 0;
	while (at < r->partition_count && strcmp(r->partitions[at].name, by) != 0)
		at++;
	int status = 0;
	if (at == r->partition_count)
		status = error_set(err, ERR_USAGE, "the cases are not divided by %s", by);
	else if (!find_rate(r, at, measure, out) && !find_measure(r, at, measure, out))
		status = error_set(err, ERR_NO, "%s cannot be measured by %s", measure, by);
	memcpy(out->evidence, done.evidence, sizeof out->evidence);
	work_biased_release(&done);
	return status;
}
