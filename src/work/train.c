/* Training: everything is checked before a run is made; then the run is this program's own trainer. */
#include <math.h>

#include "work.h"

#define SPLIT_DEFAULT 0.2
#define SPLIT_MOST    0.9

/* What is being checked, and which option was wrong. */
struct check {
	struct store *store;
	const struct work_train *asked;
	const struct learn_recipe *recipe;
	double params[LEARN_PARAMS_MAX];
	struct work_data data, test;
	bool has_test;
	const char *label, *positive; /* positive NULL: 1 or true */
	const char *field;
	size_t at;
	struct error *err;
};

static int wrong(struct check *k, const char *field, const char *format, ...) PRINTF_LIKE(3, 4);
static int wrong(struct check *k, const char *field, const char *format, ...)
{
	char text[sizeof k->err->text];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	k->field = field;
	return error_set(k->err, ERR_USAGE, "%s", text);
}

static int check_recipe(struct check *k)
{
	const struct work_train *t = k->asked;
	k->field = "recipe";
	if (!t->recipe || !*t->recipe)
		return wrong(k, "recipe", "choose a recipe; `assay recipes` lists them");
	k->recipe = learn_recipe_find(t->recipe, k->err);
	if (!k->recipe || learn_recipe_ready(k->recipe, k->err) != 0)
		return -1;
	learn_params_default(k->recipe, k->params);
	k->field = "set";
	for (k->at = 0; k->at < t->set_count; k->at++) {
		for (size_t i = 0; i < k->at; i++)
			if (strcmp(t->set[i].key, t->set[k->at].key) == 0)
				return wrong(k, "set", "%s is set twice", t->set[i].key);
		if (learn_param_set(k->recipe, k->params, t->set[k->at].key, t->set[k->at].value, k->err) != 0)
			return -1;
	}
	k->at = 0;
	return 0;
}

static int check_numbers(struct check *k)
{
	const struct work_train *t = k->asked;
	if (t->test && *t->test && !isnan(t->split))
		return wrong(k, "split", "a split and a test set cannot both be used: leave one out");
	if (!isnan(t->split) && !(t->split >= 0 && t->split <= SPLIT_MOST))
		return wrong(k, "split", "the share of rows kept for testing must be between 0 and %g", SPLIT_MOST);
	if (t->seed < -1)
		return wrong(k, "seed", "the seed must be 0 or more");
	if (t->threads < 0 || t->threads > 1024)
		return wrong(k, "threads", "the number of threads must be between 1 and 1024");
	if (t->name && !*t->name)
		return wrong(k, "name", "the name is empty");
	if (t->experiment && !*t->experiment)
		return wrong(k, "experiment", "the name of the experiment is empty");
	return 0;
}

/* A column that there is, or an error with the ones whose names come near. */
static int need_column(struct check *k, const char *field, const struct work_data *d, const char *name)
{
	if (reading_find(&d->reading, name))
		return 0;
	const char **names = xcalloc(d->reading.column_count + 1, sizeof *names);
	for (size_t i = 0; i < d->reading.column_count; i++)
		names[i] = d->reading.columns[i].name;
	const char *near = name_nearest(name, names, d->reading.column_count);
	int status = near ? wrong(k, field, "%s@%lld has no column \"%s\"; did you mean \"%s\"?", d->name,
	                          (long long)d->version, name, near)
	                  : wrong(k, field, "%s@%lld has no column \"%s\"; `assay data show %s` lists them",
	                          d->name, (long long)d->version, name, d->name);
	free(names);
	return status;
}

static bool same_value(enum column_type type, const struct value_count *v, const char *text)
{
	double a, b;
	if ((type == COLUMN_INT || type == COLUMN_NUM) && num_parse(v->value, v->len, &a) &&
	    num_parse(text, strlen(text), &b))
		return a == b;
	return v->len == strlen(text) && memcmp(v->value, text, v->len) == 0;
}

/* The label by its profile: two classes, and a positive value that occurs. */
static int check_classes(struct check *k, const struct column_profile *p)
{
	struct str values;
	str_init(&values);
	bool found = p->type == COLUMN_BOOL || p->distinct > p->top_count;
	for (size_t i = 0; i < p->top_count; i++) {
		str_addf(&values, "%s%.*s", i ? ", " : "", (int)p->top[i].len, p->top[i].value);
		found = found || same_value(p->type, &p->top[i], k->positive ? k->positive : "1") ||
		        (!k->positive && same_value(p->type, &p->top[i], "true"));
	}
	if (p->distinct > p->top_count)
		str_adds(&values, ", …");
	int status = 0;
	if (p->distinct == 0)
		status = wrong(k, "label", "the label \"%s\" is missing in every row", p->name);
	else if (p->distinct == 1)
		status = wrong(k, "label", "the label \"%s\" has one class only (%s): there is nothing to learn",
		               p->name, values.data);
	else if (k->positive && !found)
		status = wrong(k, "positive", "the label \"%s\" is never \"%s\"; its values: %s", p->name,
		               k->positive, values.data);
	else if (!k->positive && (p->distinct > 2 || !found))
		status = wrong(k, "positive",
		               "say which value of the label \"%s\" counts as 1 (--positive VALUE); its values: %s",
		               p->name, values.data);
	str_release(&values);
	return status;
}

static int check_label(struct check *k, bool thorough)
{
	const struct work_train *t = k->asked;
	k->label = t->label && *t->label ? t->label : reading_label(&k->data.reading);
	if (!k->label)
		return wrong(k, "label",
		             "%s@%lld has no label column: say which one is to be predicted (--label COL)",
		             k->data.name, (long long)k->data.version);
	if (need_column(k, "label", &k->data, k->label) != 0)
		return -1;
	const char *usual = reading_label(&k->data.reading);
	k->positive = t->positive && *t->positive             ? t->positive
	              : usual && strcmp(usual, k->label) == 0 ? k->data.reading.positive
	                                                      : NULL;
	struct profile profile;
	bool found = true;
	k->field = "data";
	int status = thorough
	                 ? work_data_profile(k->store, &k->data, &(struct profile_options){.threads = t->threads},
	                                     &profile, k->err)
	                 : work_data_profile_kept(k->store, &k->data, &profile, &found, k->err);
	if (status != 0 || !found)
		return status;
	const struct column_profile *p = profile_find(&profile, k->label);
	if (p)
		status = check_classes(k, p);
	profile_release(&profile);
	return status;
}

static bool dropped(const struct work_train *t, const char *name)
{
	for (size_t i = 0; i < t->drop_count; i++)
		if (strcmp(t->drop[i], name) == 0)
			return true;
	return false;
}

static int check_columns(struct check *k)
{
	const struct work_train *t = k->asked;
	for (k->at = 0; k->at < t->drop_count; k->at++) {
		if (need_column(k, "drop", &k->data, t->drop[k->at]) != 0)
			return -1;
		if (strcmp(t->drop[k->at], k->label) == 0)
			return wrong(k, "drop", "\"%s\" is the label: it is no feature anyway", k->label);
	}
	k->at = 0;
	if (!k->has_test)
		return 0;
	if (need_column(k, "test", &k->test, k->label) != 0)
		return -1;
	const struct reading *r = &k->data.reading;
	for (size_t i = 0; i < r->column_count; i++) {
		const struct reading_column *c = &r->columns[i];
		if (column_is_feature(c->type, c->roles) && !dropped(t, c->name) &&
		    need_column(k, "test", &k->test, c->name) != 0)
			return -1;
	}
	return 0;
}

/* A model is not tested on what it has learned from. */
static int check_apart(struct check *k)
{
	for (size_t i = 0; i < k->data.file_count; i++)
		for (size_t j = 0; j < k->test.file_count; j++)
			if (!strcmp(k->data.files[i].sha256, k->test.files[j].sha256))
				return wrong(
				    k, "test",
				    "%s@%lld holds the training data itself (%s): leave the test set out and a part of the "
				    "training set is kept apart; `assay evaluate` measures a model on any data",
				    k->test.name, (long long)k->test.version, k->test.files[j].path);
	return 0;
}

static int check_data(struct check *k, bool thorough)
{
	const struct work_train *t = k->asked;
	k->field = "data";
	if (!t->data || !*t->data)
		return wrong(k, "data", "say which data set to learn from (--data NAME); `assay data ls` lists them");
	if (work_data_find(k->store, t->data, &k->data, k->err) != 0)
		return -1;
	if (t->test && *t->test) {
		k->field = "test";
		if (work_data_find(k->store, t->test, &k->test, k->err) != 0)
			return -1;
		k->has_test = true;
		if (check_apart(k) != 0)
			return -1;
	}
	if (check_label(k, thorough) != 0 || check_columns(k) != 0)
		return -1;
	if (!thorough)
		return 0;
	k->field = "data";
	if (work_data_check(k->store, &k->data, k->err) != 0)
		return -1;
	k->field = "test";
	return k->has_test ? work_data_check(k->store, &k->test, k->err) : 0;
}

static int check_all(struct check *k, bool thorough)
{
	if (check_recipe(k) != 0 || check_numbers(k) != 0 || check_data(k, thorough) != 0)
		return -1;
	k->field = NULL;
	return 0;
}

static void check_release(struct check *k)
{
	work_data_release(&k->data);
	work_data_release(&k->test);
}

int work_train_check(struct store *store, const struct work_train *t, const char **field, size_t *at,
                     struct error *err)
{
	struct error unread = {0};
	struct check k = {.store = store, .asked = t, .err = err ? err : &unread};
	int status = check_all(&k, false);
	if (field)
		*field = k.field;
	if (at)
		*at = k.at;
	check_release(&k);
	return status;
}

/* ---- launching ---- */

static double split_of(const struct check *k)
{
	if (k->has_test)
		return 0;
	return isnan(k->asked->split) ? SPLIT_DEFAULT : k->asked->split;
}

static int64_t seed_of(const struct check *k)
{
	return k->asked->seed < 0 ? 1 : k->asked->seed;
}

/* What the trainer is told; trainer.c reads it. */
static void instructions(const struct check *k, struct str *out)
{
	const struct work_train *t = k->asked;
	struct json_writer j;
	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_int(&j, "data", k->data.id);
	jw_array(&j, "drop");
	for (size_t i = 0; i < t->drop_count; i++)
		jw_string(&j, NULL, t->drop[i]);
	jw_array_end(&j);
	jw_string(&j, "label", k->label);
	jw_object(&j, "params");
	for (size_t i = 0; i < k->recipe->param_count; i++)
		jw_num(&j, k->recipe->params[i].name, k->params[i], NULL);
	jw_object_end(&j);
	jw_string(&j, "positive", k->positive);
	jw_string(&j, "recipe", k->recipe->name);
	jw_int(&j, "seed", seed_of(k));
	jw_num(&j, "split", split_of(k), NULL);
	jw_int(&j, "test", k->has_test ? k->test.id : 0);
	jw_int(&j, "threads", t->threads);
	jw_object_end(&j);
}

/* What is recorded as parameters: all that can make the model another one, defaults too. */
static struct run_pair *parameters(const struct check *k, struct arena *mem, size_t *count)
{
	const struct work_train *t = k->asked;
	struct run_pair *pairs = arena_array(mem, k->recipe->param_count + 6, sizeof *pairs);
	char number[NUM_TEXT];
	size_t n = 0;
	pairs[n++] = (struct run_pair){"recipe", k->recipe->name};
	pairs[n++] = (struct run_pair){"label", k->label};
	if (k->positive)
		pairs[n++] = (struct run_pair){"positive", k->positive};
	if (!k->has_test)
		pairs[n++] = (struct run_pair){"split", arena_strdup(mem, num_shortest(split_of(k), number))};
	if (t->drop_count) {
		struct str list;
		str_init(&list);
		for (size_t i = 0; i < t->drop_count; i++)
			str_addf(&list, "%s%s", i ? "," : "", t->drop[i]);
		pairs[n++] = (struct run_pair){"drop", arena_strdup(mem, list.data)};
		str_release(&list);
	}
	for (size_t i = 0; i < k->recipe->param_count; i++) {
		const struct learn_param *p = &k->recipe->params[i];
		pairs[n++] = (struct run_pair){p->name, arena_strdup(mem, learn_param_text(p, k->params[i], number))};
	}
	*count = n;
	return pairs;
}

static int launch(struct check *k, struct run_started *out)
{
	/* The supervisor is this program, and so is what it starts. */
	static const char *const argv[] = {"/proc/self/exe", "internal-train", NULL};
	const struct work_train *t = k->asked;
	struct arena *mem = arena_new();
	struct str json;
	str_init(&json);
	instructions(k, &json);
	struct run_file file = {.name = "train.json", .bytes = json.data, .len = json.len};
	struct run_data inputs[2] = {{k->data.id, "train"}, {k->test.id, "test"}};
	struct run_spec spec = {
	    .argv = argv,
	    .shown = work_train_argv(t, mem),
	    .experiment = t->experiment,
	    .name = t->name,
	    .kind = "train",
	    .inputs = inputs,
	    .input_count = k->has_test ? 2 : 1,
	    .files = &file,
	    .file_count = 1,
	    .has_seed = true,
	    .seed = seed_of(k),
	    .reports = true,
	    .followed = t->followed,
	};
	spec.params = parameters(k, mem, &spec.param_count);
	int status = run_launch(k->store, &spec, out, k->err);
	str_release(&json);
	arena_free(mem);
	return status;
}

int work_train_launch(struct store *store, const struct work_train *t, struct run_started *out,
                      struct error *err)
{
	struct error unread = {0};
	struct check k = {.store = store, .asked = t, .err = err ? err : &unread};
	int status = check_all(&k, true);
	if (status == 0)
		status = launch(&k, out);
	check_release(&k);
	return status;
}
