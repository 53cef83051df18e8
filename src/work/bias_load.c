/* Cases for a bias report: of a model on registered data, or of any table of decisions. */
#include <math.h>
#include <strings.h>

#include "bias.h"

void work_bias_init(struct work_bias *w)
{
	*w = (struct work_bias){.depth = 1, .replicates = BIAS_REPLICATES, .seed = 1};
	bias_settings_init(&w->settings);
}

void work_bias_cases_release(struct work_bias_cases *c)
{
	bias_table_free(c->table);
	free(c->data_name);
	free(c->positive);
	free(c->label);
	str_release(&c->notes);
	str_release(&c->settings);
	free(c->row);
	free(c->score);
	*c = (struct work_bias_cases){0};
}

static void cases_init(struct work_bias_cases *c)
{
	*c = (struct work_bias_cases){.split = "all"};
	str_init(&c->notes);
	str_init(&c->settings);
}

/* What of a table takes part: rows that have a label, and a score or a decision. */
struct part {
	size_t *rows;
	uint8_t *label, *decision;
	double *score;
	size_t n;
};

static void part_init(struct part *p, size_t room, bool scores)
{
	*p = (struct part){.rows = xreallocarray(NULL, room + 1, sizeof *p->rows), .label = xmalloc(room + 1)};
	if (scores)
		p->score = xreallocarray(NULL, room + 1, sizeof *p->score);
	else
		p->decision = xmalloc(room + 1);
}

static void part_release(struct part *p)
{
	free(p->rows);
	free(p->label);
	free(p->decision);
	free(p->score);
}

/* Weights stand for other people than the cases; a rate here is one of cases. */
static void note_weights(const struct table *t, struct str *notes)
{
	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].roles & ROLE_WEIGHT)
			str_addf(notes, "%s: the weights are not used, every case counts once\n", t->columns[i].name);
}

static int make_table(const struct table *t, const struct part *p, const struct work_bias *how,
                      struct work_bias_cases *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct bias_column columns[BIAS_COLUMNS_MAX], stratum;
	struct bias_cases cases = {
	    .n = p->n, .label = p->label, .decision = p->decision, .score = p->score, .columns = columns};
	const struct bias_table_options options = {.depth = how->depth, .threads = how->threads};
	int status =
	    bias_columns(t, how, p->rows, p->n, mem, columns, &cases.column_count, &stratum, &out->notes, err);
	note_weights(t, &out->notes);
	if (stratum.name)
		cases.stratum = &stratum;
	if (status == 0)
		status = bias_table_new(&cases, &options, &out->table, err);
	if (status == 0)
		bias_settings_json(how, out->label, out->positive, out->split, &out->settings);
	arena_free(mem);
	return status;
}

/* ---- a model on registered data ---- */

/* What a run was tested on last: its test set, or the part of its data that was kept back. */
static int tested_on(struct store *store, int64_t run, struct work_data *data, struct work_bias_cases *out,
                     struct str *predictions, struct error *err)
{
	struct arena *mem = arena_new();
	struct store_evaluation *all;
	struct dataset_row row;
	size_t count = 0, at;
	bool found;
	int status = run ? store_evaluations(store, run, mem, &all, &count, err) : 0;
	for (at = count; at > 0; at--)
		if (strcmp(all[at - 1].split, "all") != 0)
			break;
	if (status == 0 && at == 0)
		status = error_set(err, ERR_USAGE, "say on which data the model is to be looked at: --data NAME");
	if (status == 0)
		status = store_dataset_by_digest(store, all[at - 1].data, mem, &row, &found, err);
	if (status == 0 && !found)
		status = error_set(err, ERR_NO,
		                   "the data that the run was tested on is not registered any more: name other "
		                   "data, --data NAME");
	if (status == 0)
		status = work_data_find_id(store, row.id, data, err);
	if (status == 0) {
		out->split = strcmp(all[at - 1].split, "split") == 0 ? "split" : "test";
		if (strcmp(out->split, "split") == 0)
			status = store_object_read(store, all[at - 1].predictions, predictions, 0, err);
		if (status != 0)
			work_data_release(data);
	}
	arena_free(mem);
	return status;
}

/* keep[row]: whether the row is one of the cases of the predictions. */
static int keep_cases(const struct table *t, const struct str *predictions, uint8_t *keep, struct error *err)
{
	struct predictions_read read;
	struct case_names names;
	struct intern cases;
	struct str name;
	if (predictions_parse(predictions->data, predictions->len, &read, err) != 0)
		return -1;
	intern_init(&cases);
	str_init(&name);
	for (size_t i = 0; i < read.head.rows; i++)
		intern_add(&cases, read.case_id[i], strlen(read.case_id[i]));
	case_names_init(&names, t);
	size_t kept = 0;
	for (size_t row = 0; row < t->row_count; row++) {
		case_name(&names, row, &name);
		keep[row] = intern_find(&cases, name.data, name.len) != INTERN_NONE;
		kept += keep[row];
	}
	int status =
	    kept == read.head.rows
	        ? 0
	        : error_set(err, ERR_TAMPER, "the predictions of the run name cases that are not in its data");
	str_release(&name);
	intern_release(&cases);
	arena_free(read.mem);
	return status;
}

static int score_cases(const struct model *model, const struct table *t, const struct str *predictions,
                       const struct work_bias *how, struct work_bias_cases *out, struct error *err)
{
	size_t n = t->row_count;
	double *score = xreallocarray(NULL, n + 1, sizeof *score),
	       *label = xreallocarray(NULL, n + 1, sizeof *label);
	uint8_t *keep = xmalloc(n + 1);
	struct part part;
	memset(keep, 1, n);
	part_init(&part, n, true);
	out->row = xreallocarray(NULL, n + 1, sizeof *out->row);
	out->score = xreallocarray(NULL, n + 1, sizeof *out->score);
	int status = model_predict(model, t, how->threads, score, NULL, err);
	if (status == 0)
		status = model_labels(model, t, label, err);
	if (status == 0 && predictions->len)
		status = keep_cases(t, predictions, keep, err);
	for (size_t row = 0; row < n && status == 0; row++) {
		if (!keep[row])
			continue;
		out->row[out->cases] = row;
		out->score[out->cases++] = score[row];
		if (isnan(label[row])) {
			out->unlabelled++;
			continue;
		}
		part.rows[part.n] = row;
		part.score[part.n] = score[row];
		part.label[part.n++] = label[row] != 0;
	}
	if (status == 0)
		status = make_table(t, &part, how, out, err);
	part_release(&part);
	free(keep);
	free(label);
	free(score);
	return status;
}

int bias_load(struct store *store, const char *model_ref, const char *data_ref, const struct work_bias *how,
              struct work_bias_cases *out, struct work_data *data, struct table *table, struct error *err)
{
	struct model *model = NULL;
	struct model_info info;
	struct str predictions;
	cases_init(out);
	str_init(&predictions);
	if (work_model(store, model_ref, &model, out->model, &out->run_id, err) != 0)
		return -1;
	int status = data_ref ? work_data_find(store, data_ref, data, err)
	                      : tested_on(store, out->run_id, data, out, &predictions, err);
	if (status == 0) {
		status = work_data_load(store, data, &(struct table_options){.threads = how->threads}, table, err);
		if (status == 0) {
			model_describe(model, &info);
			out->data_name = xasprintf("%s@%lld", data->name, (long long)data->version);
			memcpy(out->data, data->digest, sizeof out->data);
			out->label = xstrdup(info.label);
			out->positive = xstrdup(info.positive);
			status = score_cases(model, table, &predictions, how, out, err);
			if (status != 0) {
				error_prefix(err, "%s", out->data_name);
				table_release(table);
			}
		}
		if (status != 0)
			work_data_release(data);
	}
	model_free(model);
	str_release(&predictions);
	return status;
}

int work_bias_load(struct store *store, const char *model_ref, const char *data_ref,
                   const struct work_bias *how, struct work_bias_cases *out, struct error *err)
{
	struct work_data data;
	struct table table;
	if (bias_load(store, model_ref, data_ref, how, out, &data, &table, err) != 0) {
		work_bias_cases_release(out);
		return -1;
	}
	table_release(&table);
	work_data_release(&data);
	return 0;
}

/* ---- any table of decisions ---- */

static bool is_0_and_1(const struct column *c, size_t n)
{
	for (size_t i = 0; i < n && c->values; i++)
		if (!isnan(c->values[i]) && c->values[i] != 0 && c->values[i] != 1)
			return false;
	return c->values && c->type != COLUMN_TIME;
}

/* Whether a word says 0 or 1 itself: -1 if it does not. */
static int says(const char *word)
{
	static const char *const words[2][3] = {{"0", "false", "no"}, {"1", "true", "yes"}};
	for (int value = 0; value < 2; value++)
		for (size_t i = 0; i < COUNT_OF(words[value]); i++)
			if (strcasecmp(word, words[value][i]) == 0)
				return value;
	return -1;
}

/* 1, 0 or NaN a row: of zeros and ones, 1 is positive unless 0 was said to be. */
static void as_said(const struct column *c, size_t n, int one, double *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = isnan(c->values[i]) ? (double)NAN : (double)(c->values[i] == (one != 0));
}

static int label_column(const struct table *t, const char *name, const char *positive, double *out,
                        struct error *err)
{
	long at = table_need(t, name, err);
	if (at < 0)
		return -1;
	int one = positive ? says(positive) : 1;
	if (!is_0_and_1(&t->columns[at], t->row_count) || one < 0)
		return table_label(t, name, positive, out, err);
	as_said(&t->columns[at], t->row_count, one, out);
	return 0;
}

/* Zeros and ones beside a label in words speak for themselves; else one value has to be said, and it alone is
 * selected. Nobody need be, nor anybody not. */
static int decision_column(const struct table *t, const char *name, const char *selected,
                           const char *positive, double *out, struct error *err)
{
	long at = table_need(t, name, err);
	if (at < 0)
		return -1;
	const struct column *c = &t->columns[at];
	const char *word = selected ? selected : positive;
	int one = word ? says(word) : 1;
	if (is_0_and_1(c, t->row_count) && (one >= 0 || !selected)) {
		as_said(c, t->row_count, one, out);
		return 0;
	}
	uint32_t code = c->codes && word ? intern_find(c->dict, word, strlen(word)) : INTERN_NONE;
	double value = (double)NAN;
	if (c->values && c->type != COLUMN_TIME && (!word || !num_parse(word, strlen(word), &value)))
		value = (double)NAN;
	bool found = false;
	for (size_t i = 0; i < t->row_count; i++) {
		bool is = c->codes ? code != INTERN_NONE && c->codes[i] == code : c->values[i] == value;
		out[i] = column_is_missing(c, i) ? (double)NAN : (double)is;
		found = found || is;
	}
	if (found)
		return 0;
	return word ? error_set(err, ERR_USAGE,
	                        "the decision %s is '%s' nowhere: say which of its values counts as selected, "
	                        "--selected VALUE",
	                        name, word)
	            : error_set(err, ERR_USAGE,
	                        "which value of the decision %s counts as selected? Say --selected VALUE", name);
}

static int score_column(const struct table *t, const char *name, double *out, struct error *err)
{
	long at = table_need(t, name, err);
	if (at < 0)
		return -1;
	const struct column *c = &t->columns[at];
	if (!c->values || c->type == COLUMN_TIME)
		return error_set(err, ERR_USAGE, "score: %s is no number column", name);
	for (size_t i = 0; i < t->row_count; i++) {
		out[i] = c->values[i];
		if (isinf(out[i]))
			return error_set(err, ERR_USAGE, "score: %s is infinite in row %zu", name, i + 1);
	}
	return 0;
}

static int read_cases(const struct table *t, const struct work_bias_file *file, const struct work_bias *how,
                      struct work_bias_cases *out, struct error *err)
{
	size_t n = t->row_count;
	double *label = xreallocarray(NULL, n + 1, sizeof *label),
	       *decided = xreallocarray(NULL, n + 1, sizeof *decided);
	const char *positive = file->positive ? file->positive : t->reading.positive;
	struct part part;
	part_init(&part, n, file->score);
	int status = label_column(t, file->label, positive, label, err);
	if (status == 0)
		status = file->score ? score_column(t, file->score, decided, err)
		                     : decision_column(t, file->decision, file->selected, positive, decided, err);
	for (size_t row = 0; row < n && status == 0; row++) {
		if (isnan(label[row])) {
			out->unlabelled++;
			continue;
		}
		if (isnan(decided[row])) {
			out->undecided++;
			continue;
		}
		part.rows[part.n] = row;
		part.label[part.n] = label[row] != 0;
		if (file->score)
			part.score[part.n++] = decided[row];
		else
			part.decision[part.n++] = decided[row] != 0;
	}
	if (status == 0 && part.n == 0)
		status =
		    error_set(err, ERR_USAGE, "no row has both a label and a %s", file->score ? "score" : "decision");
	if (status == 0)
		status = make_table(t, &part, how, out, err);
	part_release(&part);
	free(decided);
	free(label);
	return status;
}

int work_bias_load_file(const struct work_bias_file *file, const struct work_bias *how,
                        struct work_bias_cases *out, struct error *err)
{
	struct table table;
	struct reading guess;
	const struct table_options options = {.threads = how->threads};
	cases_init(out);
	if (!file->label || !file->decision == !file->score) {
		return error_set(err, ERR_USAGE,
		                 !file->label ? "say which column is the label: --label COL"
		                              : "say either --decision COL or --score COL");
	}
	reading_init(&guess);
	int status = table_read(&table, &file->path, 1, file->reading ? file->reading : &guess, &options, err);
	reading_release(&guess);
	if (status == 0) {
		out->data_name = xstrdup(file->path);
		out->label = xstrdup(file->label);
		out->positive = xstrdup(file->positive           ? file->positive
		                        : table.reading.positive ? table.reading.positive
		                                                 : "");
		data_version_digest(table.files, table.file_count, &table.reading, out->data);
		status = read_cases(&table, file, how, out, err);
		if (status != 0)
			error_prefix(err, "%s", file->path);
		table_release(&table);
	}
	if (status != 0)
		work_bias_cases_release(out);
	return status;
}
