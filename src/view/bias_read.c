/* Bias, on the reader's thread: which runs can be looked at; scoring and dividing; resampling. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bias.h"
#include "bias_shelf.h"
#include "view_inside.h"

/* A trained run has its model and says what it was tested on. */
#define HAS_MODEL "kind = train and status = done"

/* Enough for the two digits of an interval that are shown. */

/* ---- the list ---- */

/* Columns of a role, "sex, age"; NULL if there is none. */
static const char *columns_with(struct arena *a, const struct reading *r, unsigned role)
{
	struct str names;
	const char *text;

	str_init(&names);
	for (size_t i = 0; i < r->column_count; i++)
		if (r->columns[i].roles & role)
			str_addf(&names, "%s%s", names.len ? ", " : "", r->columns[i].name);
	text = names.len ? arena_memdup0(a, names.data, names.len) : NULL;
	str_release(&names);
	return text;
}

/* What the run was tested on: its test set, else a part of what it was trained on. */
static const struct run_input *tested_on(const struct run_input *inputs, size_t count)
{
	const struct run_input *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (inputs[i].dataset > 0 && (!found || strcmp(inputs[i].role, "test") == 0))
			found = &inputs[i];
	return found;
}

/* The bytes of it: what assay trained. */
static bool has_model(const struct run_artifact *artifacts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(artifacts[i].kind, "model") == 0 && artifacts[i].digest[0])
			return true;
	return false;
}

struct known_data { /* many runs, few data sets */
	int64_t id;
	const char *label, *protected_;
};

static int look_up_data(const struct desk *desk, int64_t id, struct arena *a, struct known_data *out)
{
	struct work_data data;
	struct error gone; /* a version that was removed: the run is listed all the same */

	*out = (struct known_data){.id = id};
	if (work_data_find_id(desk->store, id, &data, &gone) != 0)
		return -1;
	out->label = arena_strdup(a, reading_label(&data.reading));
	out->protected_ = columns_with(a, &data.reading, ROLE_PROTECTED);
	work_data_release(&data);
	return 0;
}

int view_bias_read_list(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	static const char *const columns[] = {"params.recipe", "metrics.auc"};
	const struct desk *desk = context;
	const struct list_ask *ask = arg;
	struct bias_list *list = arena_alloc(a, sizeof *list);
	struct runs_query q = {.filter = HAS_MODEL,
	                       .columns = columns,
	                       .column_count = COUNT_OF(columns),
	                       .now = desk->app->fixed_now};
	struct known_data *known;
	size_t known_count = 0;
	struct runs_page page;

	*result = list;
	list->list.store = store_change(desk->store);
	list->list.same = ask && ask->store != 0 && ask->store == list->list.store;
	if (list->list.same)
		return 0;
	if (store_runs_page(desk->store, &q, RUNS_FIRST, 0, BIAS_LIST_MOST, a, &page, err) != 0)
		return -1;
	list->more = page.more_after;
	list->list.rows = arena_array(a, page.count + 1, sizeof *list->list.rows);
	known = arena_array(a, page.count + 1, sizeof *known);
	for (size_t i = 0; i < page.count; i++) {
		const struct runs_row *run = &page.rows[i];
		struct ui_cell *cells = arena_array(a, 7, sizeof *cells);
		const struct run_input *tested;
		struct run_artifact *artifacts;
		struct run_input *inputs;
		size_t count, artifact_count, k = 0;

		if (store_inputs(desk->store, run->id, a, &inputs, &count, err) != 0 ||
		    store_artifacts(desk->store, run->id, a, &artifacts, &artifact_count, err) != 0)
			return -1;
		tested = tested_on(inputs, count);
		if (!tested || !has_model(artifacts, artifact_count))
			continue;
		while (k < known_count && known[k].id != tested->dataset)
			k++;
		if (k == known_count) {
			look_up_data(desk, tested->dataset, a, &known[k]);
			known_count++;
		}
		cells[0] = list_cell(run->name, 0);
		cells[1] = list_cell(tested->name, 0);
		cells[2] = list_cell(known[k].label, 0);
		cells[3] = known[k].protected_ ? list_cell(known[k].protected_, STYLE_TEXT)
		                               : list_cell("none: C chooses", STYLE_MUTED);
		cells[4] = run->cells[1].kind == CELL_NUMBER
		               ? list_cell_by(view_cell_number(a, run->cells[1].number, 4), 0, run->cells[1].number)
		               : list_cell(NULL, 0);
		cells[5] = list_cell(run->cells[0].kind == CELL_NONE ? NULL : run->cells[0].text, STYLE_MUTED);
		cells[6] = list_cell_age(a, run->started ? run->started : run->created, view_desk_now(desk));
		list->list.rows[list->list.count++] = (struct ui_row){.id = run->id, .cells = cells};
	}
	return 0;
}

/* ---- loading ---- */

static void describe_columns(const struct reading *r, struct arena *a, struct bias_answer *out)
{
	struct str roles;

	str_init(&roles);
	out->columns = arena_array(a, r->column_count + 1, sizeof *out->columns);
	for (size_t i = 0; i < r->column_count; i++) {
		const struct reading_column *c = &r->columns[i];

		/* What says how the case ended, or which one it is, divides nothing. */
		if (c->roles & (ROLE_LABEL | ROLE_ID | ROLE_WEIGHT))
			continue;
		str_clear(&roles);
		out->columns[out->column_count++] =
		    (struct bias_column_choice){.name = arena_strdup(a, c->name),
		                                .detail = arena_printf(a, "%s  %s", column_type_name(c->type),
		                                                       column_roles_text(c->roles, &roles)),
		                                .protected_ = c->roles & ROLE_PROTECTED};
	}
	str_release(&roles);
}

/* What is loaded for one wish under one policy is the same until another policy comes into force. */
static const char *key_of(struct arena *a, const struct bias_load_ask *ask, const struct policy *policy)
{
	struct str key;
	const char *text;

	str_init(&key);
	str_addf(&key, "%lld %s", (long long)ask->run, policy ? policy->digest : "");
	for (size_t i = 0; i < ask->by.count; i++)
		str_addf(&key, "\n%s", ask->by.name[i]);
	text = arena_memdup0(a, key.data, key.len);
	str_release(&key);
	return text;
}

/* no_policy: why there is none to look at, or NULL. */
static int load(const struct desk *desk, const struct bias_load_ask *ask, const char *uuid,
                const struct policy *policy, const char *no_policy, struct bias_loaded **out,
                struct error *err)
{
	struct bias_loaded *l = xcalloc(1, sizeof *l);
	const char *by[BIAS_COLUMNS_MAX];
	struct work_bias how;

	work_bias_init(&how);
	how.depth = 2;
	for (size_t i = 0; i < ask->by.count; i++)
		by[i] = ask->by.name[i];
	how.by = by;
	how.by_count = ask->by.count;
	if (work_bias_load(desk->store, uuid, NULL, &how, &l->cases, err) != 0) {
		free(l);
		return -1;
	}
	l->mem = arena_new();
	atomic_init(&l->wanted, 0);
	atomic_init(&l->stop, false);
	bias_set_limits(l, policy);
	l->no_policy = arena_strdup(l->mem, no_policy);
	*out = l;
	return 0;
}

/* The number of the cases on the shelf; 0 and err if they cannot be had. */
static int64_t shelve(struct desk *desk, const struct bias_load_ask *ask, const char *uuid, struct arena *a,
                      struct error *err)
{
	const struct policy *policy = NULL;
	struct bias_loaded *loaded;
	struct trust *trust;
	struct error broken = {0};
	int64_t number;
	const char *key;

	if (view_desk_trust(desk, &trust, &broken) == 0)
		policy = &work_trust_state(trust)->policy;
	key = key_of(a, ask, policy);
	number = bias_shelf_find(desk->app->bias, key);
	if (!number && load(desk, ask, uuid, policy, policy ? NULL : broken.text, &loaded, err) == 0)
		number = bias_shelf_put(desk->app->bias, key, loaded);
	return number;
}

int view_bias_read_cases(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct bias_load_ask *ask = arg;
	struct bias_answer *out = arena_alloc(a, sizeof *out);
	const struct run_input *tested;
	struct run_input *inputs;
	struct run_row run;
	struct work_data data;
	struct error why;
	size_t count;

	*result = out;
	if (store_run_get(desk->store, ask->run, a, &run, err) != 0 ||
	    store_inputs(desk->store, ask->run, a, &inputs, &count, err) != 0)
		return -1;
	out->run = run.name;
	out->uuid = arena_strdup(a, run.uuid);
	tested = tested_on(inputs, count);
	if (tested && work_data_find_id(desk->store, tested->dataset, &data, &why) == 0) {
		out->data = tested->name;
		out->label = arena_strdup(a, reading_label(&data.reading));
		describe_columns(&data.reading, a, out);
		work_data_release(&data);
	}
	out->number = shelve(desk, ask, run.uuid, a, &why);
	if (!out->number)
		out->fault = arena_strdup(a, why.text);
	return 0;
}

void view_bias_settings(const struct bias_loaded *l, double threshold,
                        const struct bias_reference *references, size_t reference_count,
                        struct bias_settings *out)
{
	bias_settings_init(out);
	out->threshold = threshold;
	out->level = l->level;
	out->minimum = l->minimum;
	out->references = references;
	out->reference_count = reference_count;
	out->limits = l->limits;
	out->limit_count = l->limit_count;
}

/* ---- resampling ---- */

static int resample(const struct desk *desk, struct bias_loaded *l, const struct bias_resample_ask *ask,
                    struct arena *a, struct bias_resampled *out, struct error *err)
{
	struct bias_resampling how = {.replicates = desk->app->replicates, .seed = 1, .stop = &l->stop};
	struct bias_report report;

	if (bias_report(l->cases.table, &ask->settings, &report, err) != 0)
		return -1;
	/* A newer wish counts `wanted` up, then sets `stop`: one of the two is seen here. */
	atomic_store(&l->stop, false);
	if (atomic_load(&l->wanted) == ask->wanted && bias_resample(l->cases.table, &how, &report)) {
		out->whole = true;
		out->replicates = report.replicates;
		out->seed = report.seed;
		out->measure_count = report.measure_count;
		out->measures = arena_array(a, report.measure_count + 1, sizeof *out->measures);
		if (report.measure_count > 0)
			memcpy(out->measures, report.measures, report.measure_count * sizeof *out->measures);
		out->group_count = report.group_count;
		out->verdicts = arena_array(a, report.group_count + 1, sizeof *out->verdicts);
		for (size_t i = 0; i < report.group_count; i++)
			out->verdicts[i] = report.groups[i].verdict;
	}
	bias_report_release(&report);
	return 0;
}

int view_bias_read_resampled(void *context, struct arena *a, const void *arg, void **result,
                             struct error *err)
{
	const struct desk *desk = context;
	const struct bias_resample_ask *ask = arg;
	struct bias_resampled *out = arena_alloc(a, sizeof *out);
	struct bias_loaded *l = view_bias_take(desk->app->bias, ask->number);
	int status = 0;

	*result = out;
	out->wanted = ask->wanted;
	if (l)
		status = resample(desk, l, ask, a, out, err);
	view_bias_give(desk->app->bias, l);
	return status;
}

int view_bias_read_calibration(void *context, struct arena *a, const void *arg, void **result,
                               struct error *err)
{
	const struct desk *desk = context;
	const struct bias_calibrate_ask *ask = arg;
	struct bias_curves *out = arena_alloc(a, sizeof *out);
	struct bias_loaded *l = view_bias_take(desk->app->bias, ask->number);
	const struct bias_partition *partitions;

	(void)err;
	*result = out;
	out->by = ask->by;
	if (!l)
		return 0;
	if (ask->by < bias_partitions(l->cases.table, &partitions)) {
		struct bias_calibration *groups = arena_array(a, partitions[ask->by].group_count + 1, sizeof *groups);

		if (bias_calibrate(l->cases.table, ask->by, l->level, NULL, groups))
			out->groups = groups;
	}
	view_bias_give(desk->app->bias, l);
	return 0;
}
