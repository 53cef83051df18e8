/* Comparing runs: what differs, which is best, and whether that is more than noise. */
#include <math.h>

#include "work.h"

struct build {
	struct store *store;
	struct work_diff *d;
	size_t row_cap;
	struct intern known; /* kind, name and context of the rows, in their order */
	struct str key;
	struct error *err;
};

/* The row of that name, made if there is none. */
static struct work_diff_row *row_of(struct build *b, enum work_diff_kind kind, const char *name,
                                    const char *context)
{
	struct work_diff *d = b->d;
	str_clear(&b->key);
	str_addc(&b->key, (char)('0' + (int)kind));
	str_add(&b->key, name, strlen(name) + 1);
	str_adds(&b->key, context);
	uint32_t at = intern_add(&b->known, b->key.data, b->key.len);
	if (at < d->row_count)
		return &d->rows[at];
	d->rows = vec_reserve(d->rows, &b->row_cap, d->row_count + 1, sizeof *d->rows);
	struct work_diff_row *row = &d->rows[d->row_count++];
	*row = (struct work_diff_row){
	    .kind = kind,
	    .name = arena_strdup(d->mem, name),
	    .context = arena_strdup(d->mem, context),
	    .text = arena_array(d->mem, d->run_count, sizeof *row->text),
	    .best = -1,
	};
	if (kind == DIFF_METRIC) {
		row->value = arena_array(d->mem, d->run_count, sizeof *row->value);
		for (size_t i = 0; i < d->run_count; i++)
			row->value[i] = NAN;
	}
	return row;
}

static void about(struct build *b, size_t run, const char *name, const char *text)
{
	if (text && *text)
		row_of(b, DIFF_ABOUT, name, "")->text[run] = text;
}

static int add_run(struct build *b, size_t at, int64_t id)
{
	struct work_diff *d = b->d;
	struct run_row run;
	struct store_pair *pairs;
	struct run_input *inputs;
	struct series *series;
	size_t count;
	char number[NUM_TEXT];
	if (store_run_get(b->store, id, d->mem, &run, b->err) != 0)
		return -1;
	if (run.removed)
		return error_set(b->err, ERR_NO,
		                 "%s was removed, and is not compared: `assay restore %s` brings it back", run.name,
		                 run.uuid + 24);
	d->runs[at] = (struct work_diff_run){
	    .id = id,
	    .uuid = arena_strdup(d->mem, run.uuid),
	    .name = run.name,
	    .status = store_status_name(run.status),
	};
	about(b, at, "experiment", run.experiment);
	about(b, at, "status", store_status_name(run.status));
	about(b, at, "kind", run.kind);
	about(b, at, "code", run.code_commit);
	about(b, at, "diff", run.code_diff);
	about(b, at, "seed", run.has_seed ? arena_printf(d->mem, "%lld", (long long)run.seed) : NULL);
	if (store_params(b->store, id, d->mem, &pairs, &count, b->err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		row_of(b, DIFF_PARAM, pairs[i].key, "")->text[at] = pairs[i].value;
	if (store_series_list(b->store, id, SERIES_METRIC, d->mem, &series, &count, b->err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct work_diff_row *row = row_of(b, DIFF_METRIC, series[i].name, series[i].context);
		row->value[at] = series[i].last.value;
		row->text[at] = arena_strdup(d->mem, num_shortest(series[i].last.value, number));
		row->direction = series[i].direction;
	}
	if (store_inputs(b->store, id, d->mem, &inputs, &count, b->err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct work_diff_row *row = row_of(b, DIFF_INPUT, inputs[i].role, "");
		const char *one = inputs[i].digest[0]
		                      ? arena_printf(d->mem, "%s %.12s", inputs[i].name, inputs[i].digest)
		                      : inputs[i].name;
		row->text[at] = row->text[at] ? arena_printf(d->mem, "%s, %s", row->text[at], one) : one;
	}
	if (store_tags(b->store, id, d->mem, &pairs, &count, b->err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		row_of(b, DIFF_TAG, pairs[i].key, "")->text[at] = pairs[i].value;
	return 0;
}

static void judge(struct work_diff *d, struct work_diff_row *row)
{
	for (size_t i = 1; i < d->run_count; i++) {
		const char *a = row->text[0], *b = row->text[i];
		row->differs = row->differs || !a != !b || (a && b && strcmp(a, b) != 0);
	}
	if (!row->value || !row->direction || !row->differs)
		return;
	bool tie = false;
	size_t there = 0;
	for (size_t i = 0; i < d->run_count; i++) {
		if (isnan(row->value[i]))
			continue;
		there++;
		double ahead = row->best < 0 ? 1 : row->direction * (row->value[i] - row->value[row->best]);
		tie = ahead > 0 ? false : tie || ahead == 0;
		if (ahead > 0)
			row->best = (long)i;
	}
	/* Best of one is not best, and of equals none is. */
	if (tie || there < 2)
		row->best = -1;
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct work_diff_row *x = a, *y = b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	int order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->context, y->context);
}

/* ---- the paired comparison ---- */

/* The newest evaluation of a run that `same` allows (NULL: any). */
static int evaluation_of(struct build *b, int64_t run, const struct store_evaluation *same,
                         struct store_evaluation *out, bool *found)
{
	struct store_evaluation *all;
	size_t count;
	*found = false;
	if (store_evaluations(b->store, run, b->d->mem, &all, &count, b->err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		/* The settings hold label, positive value, split and threshold: the same question. */
		if (same && (strcmp(all[i].data, same->data) != 0 || strcmp(all[i].settings, same->settings) != 0))
			continue;
		*out = all[i];
		*found = true;
	}
	return 0;
}

static bool same_cases(const struct work_predictions *a, const struct predictions_read *b)
{
	if (a->n != b->head.rows)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->case_id[i], b->case_id[i]) != 0)
			return false;
	return true;
}

static int pair_with(struct build *b, const struct work_predictions *base,
                     const struct store_evaluation *other, struct work_diff_pair *out)
{
	struct str text;
	struct predictions_read read;
	str_init(&text);
	int status = store_object_read(b->store, other->predictions, &text, 0, b->err);
	if (status == 0)
		status = predictions_parse(text.data, text.len, &read, b->err);
	str_release(&text);
	if (status != 0)
		return -1;
	if (!same_cases(base, &read)) {
		out->why = "the test cases are not the same";
	} else {
		size_t n = 0;
		double *mine = xmalloc(size_mul(base->n + 1, sizeof *mine)),
		       *theirs = xmalloc(size_mul(base->n + 1, sizeof *theirs));
		uint8_t *label = xmalloc(base->n + 1);
		for (size_t i = 0; i < base->n; i++) {
			if (isnan(base->label[i]))
				continue;
			mine[n] = read.score[i];
			theirs[n] = base->score[i];
			label[n++] = base->label[i] == 1;
		}
		stats_auc_pair(mine, theirs, label, n, 0.95, &out->pair);
		out->there = !isnan(out->pair.difference);
		out->why = out->there ? NULL : "the test cases are all of one class";
		free(mine);
		free(theirs);
		free(label);
	}
	arena_free(read.mem);
	return 0;
}

static int compare_auc(struct build *b)
{
	struct work_diff *d = b->d;
	struct store_evaluation base_row, row;
	struct work_predictions base = {0};
	bool found;
	if (evaluation_of(b, d->runs[d->baseline].id, NULL, &base_row, &found) != 0)
		return -1;
	bool loaded = false;
	for (size_t i = 0; i < d->run_count; i++) {
		struct work_diff_pair *p = &d->pairs[i];
		bool there = false;
		if (i == d->baseline) {
			p->why = "the baseline";
			continue;
		}
		if (!found) {
			p->why = "the baseline has no predictions that assay made";
			continue;
		}
		if (evaluation_of(b, d->runs[i].id, &base_row, &row, &there) != 0)
			return -1;
		if (!there) {
			p->why = "no predictions on the baseline's test data, for the same label";
			continue;
		}
		struct error why;
		if (!loaded && work_predictions(b->store, &base_row, &base, &why) != 0) {
			/* Data that went away must not hide the rest of the comparison. */
			p->why = arena_strdup(d->mem, why.text);
			continue;
		}
		loaded = true;
		if (pair_with(b, &base, &row, p) != 0) {
			p->why = arena_strdup(d->mem, b->err->text);
			p->there = false;
		}
	}
	if (loaded)
		work_predictions_release(&base);
	return 0;
}

int work_compare(struct store *store, const int64_t *ids, size_t count, size_t baseline,
                 struct work_diff *out, struct error *err)
{
	struct error unread = {0};
	*out = (struct work_diff){.run_count = count, .baseline = baseline, .mem = arena_new()};
	struct build b = {.store = store, .d = out, .err = err ? err : &unread};
	out->runs = arena_array(out->mem, count, sizeof *out->runs);
	out->pairs = arena_array(out->mem, count, sizeof *out->pairs);
	int status = 0;
	intern_init(&b.known);
	str_init(&b.key);
	for (size_t i = 0; i < count && status == 0; i++)
		status = add_run(&b, i, ids[i]);
	intern_release(&b.known);
	str_release(&b.key);
	if (status == 0)
		status = compare_auc(&b);
	/* What is about the runs stays in the order in which people read it; the rest is sorted. */
	struct work_diff_row *sorted = arena_array(out->mem, out->row_count + 1, sizeof *sorted);
	size_t n = 0;
	for (size_t i = 0; i < out->row_count; i++)
		if (out->rows[i].kind == DIFF_ABOUT)
			sorted[n++] = out->rows[i];
	size_t abouts = n;
	for (size_t i = 0; i < out->row_count; i++)
		if (out->rows[i].kind != DIFF_ABOUT)
			sorted[n++] = out->rows[i];
	qsort(sorted + abouts, n - abouts, sizeof *sorted, by_kind_and_name);
	free(out->rows);
	out->rows = sorted;
	for (size_t i = 0; i < out->row_count; i++)
		judge(out, &out->rows[i]);
	if (status != 0)
		work_diff_release(out);
	return status;
}

void work_diff_release(struct work_diff *d)
{
	arena_free(d->mem);
	*d = (struct work_diff){0};
}

/* ---- JSON ---- */

static const char *kind_name(enum work_diff_kind kind)
{
	static const char *const names[] = {"about", "param", "metric", "input", "tag"};
	return names[kind];
}

static void row_json(struct json_writer *j, const struct work_diff *d, const struct work_diff_row *row)
{
	jw_object(j, NULL);
	jw_string(j, "kind", kind_name(row->kind));
	jw_string(j, "name", row->name);
	if (row->kind == DIFF_METRIC)
		jw_string(j, "context", row->context);
	jw_bool(j, "differs", row->differs);
	jw_array(j, "values");
	for (size_t i = 0; i < d->run_count; i++) {
		if (row->value && row->text[i])
			jw_num(j, NULL, row->value[i], NULL);
		else
			jw_string(j, NULL, row->text[i]);
	}
	jw_array_end(j);
	if (row->best >= 0)
		jw_string(j, "best", d->runs[row->best].uuid);
	jw_object_end(j);
}

static void pair_json(struct json_writer *j, const struct work_diff *d, size_t at)
{
	const struct work_diff_pair *p = &d->pairs[at];
	jw_object(j, NULL);
	jw_string(j, "run_id", d->runs[at].uuid);
	if (p->there) {
		jw_num(j, "auc", p->pair.a.value, NULL);
		jw_num(j, "baseline_auc", p->pair.b.value, NULL);
		jw_num(j, "difference", p->pair.difference, NULL);
		jw_num(j, "low", p->pair.low, "no variance");
		jw_num(j, "high", p->pair.high, "no variance");
		jw_num(j, "p", p->pair.p, "no variance");
	} else {
		jw_null(j, "difference");
		jw_string(j, "difference_why", p->why);
	}
	jw_object_end(j);
}

void work_diff_json(const struct work_diff *d, bool only_differences, struct str *out)
{
	struct json_writer j;
	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "baseline", d->runs[d->baseline].uuid);
	jw_array(&j, "runs");
	for (size_t i = 0; i < d->run_count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "run_id", d->runs[i].uuid);
		jw_string(&j, "name", d->runs[i].name);
		jw_string(&j, "status", d->runs[i].status);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_array(&j, "rows");
	for (size_t i = 0; i < d->row_count; i++)
		if (!only_differences || d->rows[i].differs)
			row_json(&j, d, &d->rows[i]);
	jw_array_end(&j);
	jw_array(&j, "auc");
	for (size_t i = 0; i < d->run_count; i++)
		if (i != d->baseline)
			pair_json(&j, d, i);
	jw_array_end(&j);
	jw_object_end(&j);
}
