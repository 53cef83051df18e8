/* Evaluations: scores against registered labels, kept as predictions and evidence. */
#include <math.h>

#include "work.h"

static int put(struct store *store, const struct str *text, char hex[SHA256_TEXT], struct error *err)
{
	return store_object_put(store, text->data, text->len, hex, err);
}

static int index_it(struct store *store, const struct evaluation_parts *p, const struct str *predictions,
                    const struct str *evidence, struct store_evaluation *row, struct error *err)
{
	int64_t id;
	if (store_begin(store, STORE_NORMAL, err) != 0)
		return -1;
	int status = store_evaluation_add(store, row, &id, err);
	if (status == 0 && p->artifacts) {
		char *names[2] = {xasprintf("predictions-%s.csv", p->split),
		                  xasprintf("evaluation-%s.json", p->split)};
		struct run_artifact a = {
		    .name = names[0], .kind = "predictions", .bytes = predictions->len, .at = row->at};
		memcpy(a.digest, row->predictions, SHA256_TEXT);
		struct run_artifact b = {.name = names[1], .kind = "evidence", .bytes = evidence->len, .at = row->at};
		memcpy(b.digest, row->evidence, SHA256_TEXT);
		status = store_artifact_add(store, p->run_id, &a, err);
		if (status == 0)
			status = store_artifact_add(store, p->run_id, &b, err);
		free(names[0]);
		free(names[1]);
	}
	if (status == 0)
		return store_end(store, true, err);
	store_end(store, false, NULL);
	return -1;
}

int evaluation_keep(struct store *store, const struct evaluation_parts *p, struct evaluation *out,
                    char evidence_digest[SHA256_TEXT], struct error *err)
{
	struct case_names names;
	struct predictions_head head = {.rows = p->n};
	char producer[WORK_PERSON + 256];
	struct store_evaluation row = {
	    .run = p->run_id, .split = p->split, .at = time_now_ms(), .producer = producer};
	struct str predictions, evidence, settings;
	str_init(&predictions);
	str_init(&evidence);
	str_init(&settings);
	work_user(producer, sizeof producer);
	memcpy(head.data, p->data->digest, sizeof head.data);
	memcpy(head.model, p->model, sizeof head.model);
	snprintf(head.split, sizeof head.split, "%s", p->split);
	memcpy(row.data, p->data->digest, sizeof row.data);
	memcpy(row.model, p->model, sizeof row.model);
	case_names_init(&names, p->table);
	predictions_write(&head, &names, p->rows, p->score, &predictions);
	evaluation_compute(out, p->score, p->label, p->n, p->threshold);
	int status = work_data_keep(store, p->data, err);
	if (status == 0)
		status = put(store, &predictions, row.predictions, err);
	if (status == 0) {
		struct evidence e = {
		    .model = p->model,
		    .data = p->data->digest,
		    .predictions = row.predictions,
		    .label = p->label_name,
		    .positive = p->positive,
		    .split = p->split,
		    .evaluation = out,
		};
		evidence_settings(&e, &settings);
		sha256_hex(settings.data, settings.len, row.settings);
		evidence_json(&e, &evidence);
		status = put(store, &evidence, row.evidence, err);
	}
	if (status == 0)
		status = index_it(store, p, &predictions, &evidence, &row, err);
	if (status == 0)
		memcpy(evidence_digest, row.evidence, SHA256_TEXT);
	str_release(&settings);
	str_release(&evidence);
	str_release(&predictions);
	return status;
}

static void answer_json(const struct evaluation_parts *p, struct work_evaluated *out)
{
	struct json_writer j;
	char *data = xasprintf("%s@%lld", p->data->name, (long long)p->data->version);
	jw_init(&j, &out->json);
	jw_object(&j, NULL);
	evaluation_json(&out->evaluation, &j);
	jw_string(&j, "data", data);
	jw_string(&j, "data_digest", p->data->digest);
	jw_string(&j, "evidence", out->evidence);
	jw_string(&j, "model", p->model);
	jw_object_end(&j);
	free(data);
}

/* Scores and labels of all rows of the table, and what they are worth. */
static int evaluate(struct store *store, const struct model *model, struct evaluation_parts *p, int threads,
                    struct work_evaluated *out, struct error *err)
{
	size_t n = p->table->row_count;
	double *score = xmalloc(size_mul(n + 1, sizeof *score)), *label = xmalloc(size_mul(n + 1, sizeof *label));
	int status = model_predict(model, p->table, threads, score, &out->applied, err);
	if (status == 0)
		status = model_labels(model, p->table, label, err);
	if (status != 0) {
		error_prefix(err, "%s@%lld", p->data->name, (long long)p->data->version);
	} else {
		p->n = n;
		p->score = score;
		p->label = label;
		status = evaluation_keep(store, p, &out->evaluation, out->evidence, err);
	}
	if (status == 0)
		answer_json(p, out);
	free(score);
	free(label);
	return status;
}

int work_evaluate(struct store *store, const char *model_ref, const char *data_ref, double threshold,
                  int threads, struct work_evaluated *out, struct error *err)
{
	struct evaluation_parts parts = {.split = "all", .threshold = threshold};
	struct model *model = NULL;
	struct model_info info;
	struct work_data data;
	struct table table;
	*out = (struct work_evaluated){0};
	str_init(&out->json);
	if (work_model(store, model_ref, &model, parts.model, &parts.run_id, err) != 0)
		return -1;
	int status = work_data_find(store, data_ref, &data, err);
	if (status == 0) {
		status = work_data_load(store, &data, &(struct table_options){.threads = threads}, &table, err);
		if (status == 0) {
			model_describe(model, &info);
			parts.data = &data;
			parts.table = &table;
			parts.label_name = info.label;
			parts.positive = info.positive;
			status = evaluate(store, model, &parts, threads, out, err);
			table_release(&table);
		}
		work_data_release(&data);
	}
	model_free(model);
	return status;
}

void work_evaluated_release(struct work_evaluated *e)
{
	str_release(&e->json);
}

/* ---- predictions, with labels ---- */

/* The labels of the cases, by name, from the registered data. */
static int label_cases(struct store *store, const struct store_evaluation *of,
                       const struct predictions_read *read, double *label, struct error *err)
{
	struct arena *mem = arena_new();
	struct dataset_row row;
	struct work_data data;
	struct table table;
	struct str bytes;
	struct model *model = NULL;
	bool found;
	str_init(&bytes);
	int status = store_dataset_by_digest(store, of->data, mem, &row, &found, err);
	if (status == 0 && !found)
		status =
		    error_set(err, ERR_NO, "the data set that the predictions are of is not registered any more");
	if (status == 0)
		status = store_object_read(store, of->model, &bytes, 0, err);
	if (status == 0)
		status = model_load_bytes(bytes.data, bytes.len, &model, err);
	if (status != 0)
		goto out;
	status = work_data_find_id(store, row.id, &data, err);
	if (status != 0)
		goto out;
	status = work_data_load(store, &data, NULL, &table, err);
	if (status == 0) {
		struct case_names names;
		struct intern rows; /* id of a name = its row: names are different in every row */
		struct str name;
		double *all = xmalloc(size_mul(table.row_count + 1, sizeof *all));
		intern_init(&rows);
		str_init(&name);
		case_names_init(&names, &table);
		for (size_t i = 0; i < table.row_count; i++) {
			case_name(&names, i, &name);
			intern_add(&rows, name.data, name.len);
		}
		status = model_labels(model, &table, all, err);
		for (size_t i = 0; i < read->head.rows && status == 0; i++) {
			uint32_t at = intern_find(&rows, read->case_id[i], strlen(read->case_id[i]));
			if (at == INTERN_NONE)
				status = error_set(err, ERR_TAMPER, "the predictions name a case that is not in the data: %s",
				                   read->case_id[i]);
			else
				label[i] = all[at];
		}
		intern_release(&rows);
		str_release(&name);
		free(all);
		table_release(&table);
	}
	work_data_release(&data);
out:
	model_free(model);
	str_release(&bytes);
	arena_free(mem);
	return status;
}

int work_predictions(struct store *store, const struct store_evaluation *of, struct work_predictions *out,
                     struct error *err)
{
	struct str text;
	struct predictions_read read;
	str_init(&text);
	int status = store_object_read(store, of->predictions, &text, 0, err);
	if (status == 0)
		status = predictions_parse(text.data, text.len, &read, err);
	str_release(&text);
	if (status != 0)
		return -1;
	*out = (struct work_predictions){
	    .n = read.head.rows, .case_id = read.case_id, .score = read.score, .mem = read.mem};
	memcpy(out->data_digest, read.head.data, sizeof out->data_digest);
	memcpy(out->split, read.head.split, sizeof out->split);
	out->label = arena_array(read.mem, out->n + 1, sizeof *out->label);
	status = label_cases(store, of, &read, out->label, err);
	if (status != 0)
		work_predictions_release(out);
	return status;
}

void work_predictions_release(struct work_predictions *p)
{
	arena_free(p->mem);
	*p = (struct work_predictions){0};
}
