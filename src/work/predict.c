/* Prediction: a model applied to the rows of a new file. */
#include "work.h"

/* How the model's training data were read, if the store still knows. */
static bool training_reading(struct store *store, const struct model_info *info, struct reading *r)
{
	struct arena *mem = arena_new();
	struct dataset_row row;
	struct reading resolved;
	bool found = false;
	if (store && info->data_version &&
	    store_dataset_by_digest(store, info->data_version, mem, &row, &found, NULL) == 0 && found &&
	    reading_parse(row.reading, strlen(row.reading), &resolved, NULL) == 0) {
		reading_like(r, &resolved);
		reading_release(&resolved);
	} else {
		found = false;
	}
	arena_free(mem);
	return found;
}

/* Without the store, the types that the model knows are asked for where the file has the column and its
 * own bytes suggest another. */
static bool types_differ(const struct model_info *info, const struct table *t, struct reading *r)
{
	bool differ = false;
	for (size_t i = 0; i < info->feature_count; i++) {
		const struct model_feature *f = &info->features[i];
		long at = table_find(t, f->name);
		if (at >= 0 && t->columns[at].type != f->type) {
			reading_column(r, f->name)->type = f->type;
			differ = true;
		}
	}
	return differ;
}

static int read_input(struct store *store, const struct model_info *info, const char *path, int threads,
                      struct table *out, struct error *err)
{
	struct reading reading;
	struct table_options options = {.threads = threads};
	if (training_reading(store, info, &reading)) {
		int status = table_read(out, &path, 1, &reading, &options, err);
		reading_release(&reading);
		return status;
	}
	reading_init(&reading);
	int status = table_read(out, &path, 1, &reading, &options, err);
	if (status == 0 && types_differ(info, out, &reading)) {
		table_release(out);
		status =
		    table_path_stays(path)
		        ? table_read(out, &path, 1, &reading, &options, err)
		        : error_set(err, ERR_USAGE,
		                    "%s: has columns of other types than the model knows and must be read once more, "
		                    "which a pipe cannot be; write it into a file first",
		                    strcmp(path, "-") == 0 ? "standard input" : path);
	}
	reading_release(&reading);
	return status;
}

static void write_scores(const struct table *t, const double *score, struct str *out, bool *by_id)
{
	struct case_names names;
	struct str name;
	char number[NUM_TEXT];
	str_init(&name);
	case_names_init(&names, t);
	*by_id = names.id != NULL;
	str_adds(out, "case,score\n");
	for (size_t i = 0; i < t->row_count; i++) {
		case_name(&names, i, &name);
		csv_field(out, name.data, name.len, ',', names.id && !names.id->values);
		str_addc(out, ',');
		str_adds(out, num_shortest(score[i], number));
		str_addc(out, '\n');
	}
	str_release(&name);
}

static bool trained_with_id(const struct model_info *info)
{
	struct reading r;
	struct error err;
	bool found = false;
	reading_init(&r);
	if (info->reading && reading_parse(info->reading, strlen(info->reading), &r, &err) == 0)
		for (size_t i = 0; i < r.column_count; i++)
			found |= (r.columns[i].roles & ROLE_ID) != 0;
	reading_release(&r);
	return found;
}

int work_predict(struct store *store, const char *model_ref, const char *path, int threads, struct str *out,
                 struct work_predicted *done, struct error *err)
{
	struct model *model = NULL;
	struct model_info info;
	struct table table;
	char digest[SHA256_TEXT];
	int64_t run_id;
	*done = (struct work_predicted){0};
	if (work_model(store, model_ref, &model, digest, &run_id, err) != 0)
		return -1;
	model_describe(model, &info);
	int status = read_input(store, &info, path, threads, &table, err);
	if (status == 0) {
		double *score = xmalloc(size_mul(table.row_count + 1, sizeof *score));
		status = model_predict(model, &table, threads, score, &done->applied, err);
		if (status == 0) {
			write_scores(&table, score, out, &done->by_id);
			done->id_unfit = !done->by_id && trained_with_id(&info);
		} else {
			error_prefix(err, "%s", path);
		}
		free(score);
		table_release(&table);
	}
	model_free(model);
	return status;
}
