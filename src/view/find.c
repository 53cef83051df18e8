/* What is called so: screens, runs, experiments, saved views, models and their versions, data sets; for the palette. */
#include <stdlib.h>
#include <string.h>

#include "go.h"
#include "view_inside.h"

/* Names with the text inside are looked for among so many of the newest runs; those that begin so among all. */
#define SCAN 20000
/* Runs of an experiment are counted as far as that. */
#define COUNTED 1000

enum {
	FIND_SCREENS = 1,
	FIND_RUNS = 2,
	FIND_MODELS = 4,
	FIND_DATA = 8,
	FIND_BIAS = 16,
	FIND_EXPERIMENTS = 32,
	FIND_VIEWS = 64,
	FIND_ROWS = 128,
	FIND_RELATIONS = 256
};
static const struct {
	const char *word; /* "run swift": only those */
	unsigned kinds;
} WORDS[] = {
    {"run", FIND_RUNS},
    {"runs", FIND_RUNS},
    {"model", FIND_MODELS},
    {"models", FIND_MODELS},
    {"version", FIND_MODELS},
    {"data", FIND_DATA},
    {"rows", FIND_ROWS},
    {"relations", FIND_RELATIONS},
    {"bias", FIND_BIAS},
    {"screen", FIND_SCREENS},
    {"experiment", FIND_EXPERIMENTS},
    {"experiments", FIND_EXPERIMENTS},
    {"view", FIND_VIEWS},
    {"views", FIND_VIEWS},
};

struct finding {
	struct desk *desk;
	struct arena *mem;
	const char *text;
	size_t limit;
	struct match {
		struct ui_found_place place;
		int score;
		size_t order; /* in which it was found */
	} * list;
	size_t count, cap;
};

/* Matches by something other than the name, an id, stand below those of names. */
static void add(struct finding *f, const char *text, const char *detail, const char *place, bool sure)
{
	int score = ui_fuzzy(f->text, text);

	if (score < 0 && !sure)
		return;
	f->list = vec_reserve(f->list, &f->cap, f->count + 1, sizeof *f->list);
	f->list[f->count] = (struct match){{text, detail, place}, score, f->count};
	f->count++;
}

static int by_score(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void find_screens(struct finding *f)
{
	static const char *const names[] = {"overview", "runs",   "launch", "data", "bias",
	                                    "models",   "review", "audit",  "theme"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		add(f, names[i], "screen", names[i], false);
}

static int find_runs(struct finding *f, unsigned kinds, struct error *err)
{
	struct runs_page page = {0};

	if (store_runs_called(f->desk->store, f->text, SCAN, f->limit, f->mem, &page, err) != 0)
		return -1;
	for (size_t i = 0; i < page.count; i++) {
		const struct runs_row *r = &page.rows[i];
		const char *age = view_cell_age(f->mem, r->created, view_desk_now(f->desk));
		const char *detail =
		    arena_printf(f->mem, "%s, %s%s%s", r->experiment && *r->experiment ? r->experiment : "run",
		                 age ? age : "", age ? ", " : "", view_short_id(r->uuid));

		if (kinds & FIND_RUNS)
			add(f, r->name, detail, arena_printf(f->mem, "run:%s", r->uuid), true);
		else
			add(f, r->name, arena_printf(f->mem, "bias report, %s", detail),
			    arena_printf(f->mem, "bias:%s", r->uuid), true);
	}
	return 0;
}

static int find_experiments(struct finding *f, struct error *err)
{
	struct store_experiment *list;
	size_t count;

	if (store_experiments(f->desk->store, COUNTED, f->mem, &list, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		char number[NUM_TEXT];
		const char *detail =
		    arena_printf(f->mem, "experiment, %s%s %s", count_people(list[i].runs, number),
		                 list[i].runs >= COUNTED ? "+" : "", list[i].runs == 1 ? "run" : "runs");

		add(f, list[i].name, detail, arena_printf(f->mem, "runs:%s", list[i].name), false);
	}
	return 0;
}

static int find_views(struct finding *f, struct error *err)
{
	struct store_saved *list;
	size_t count;

	if (store_saved_list(f->desk->store, "view", NULL, f->mem, &list, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		add(f, list[i].name,
		    *list[i].experiment ? arena_printf(f->mem, "saved view of %s", list[i].experiment)
		                        : "saved view of all runs",
		    arena_printf(f->mem, "runs:%s/%s", list[i].experiment, list[i].name), false);
	return 0;
}

static int find_models(struct finding *f, struct error *err)
{
	struct store_model *models;
	struct store_model_version *versions;
	size_t count, n;

	if (store_models(f->desk->store, f->mem, &models, &count, err) != 0 ||
	    store_model_versions(f->desk->store, f->mem, &versions, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		add(f, models[i].name, "model", arena_printf(f->mem, "models:%s", models[i].name), false);
	for (size_t i = n; i-- > 0;) { /* newest first */
		const char *name = arena_printf(f->mem, "%s@%lld", versions[i].model, (long long)versions[i].version);

		add(f, name, "version of a model", arena_printf(f->mem, "models:%s", name), false);
	}
	return 0;
}

static int find_data(struct finding *f, unsigned kinds, struct error *err)
{
	struct dataset_row *rows;
	size_t count;

	if (store_datasets(f->desk->store, f->mem, &rows, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const char *name = arena_printf(f->mem, "%s@%lld", rows[i].name, (long long)rows[i].version);

		if (kinds & FIND_DATA)
			add(f, name, "data set", arena_printf(f->mem, "data:%s", name), false);
		else if (kinds & FIND_ROWS)
			add(f, name, "rows of the data set", arena_printf(f->mem, "rows:%s", name), false);
		else
			add(f, name, "relations of its columns", arena_printf(f->mem, "relations:%s", name), false);
	}
	return 0;
}

int view_find(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct ui_find_ask *ask = arg;
	struct finding f = {
	    .desk = context, .mem = a, .text = ask->pattern, .limit = ask->limit > 0 ? (size_t)ask->limit : 1};
	struct ui_found *found = arena_alloc(a, sizeof *found);
	size_t len = strcspn(ask->pattern, ": ");
	unsigned kinds = FIND_SCREENS | FIND_RUNS | FIND_EXPERIMENTS | FIND_VIEWS | FIND_MODELS | FIND_DATA;
	int status = 0;

	*found = (struct ui_found){0};
	*result = found;
	for (size_t i = 0; i < COUNT_OF(WORDS) && ask->pattern[len]; i++)
		if (strlen(WORDS[i].word) == len && strncmp(WORDS[i].word, ask->pattern, len) == 0) {
			kinds = WORDS[i].kinds;
			f.text = ask->pattern + len + strspn(ask->pattern + len, ": ");
			break;
		}
	if (kinds & FIND_SCREENS)
		find_screens(&f);
	if (kinds & (FIND_RUNS | FIND_BIAS) && *f.text)
		status = find_runs(&f, kinds, err);
	if (status == 0 && kinds & FIND_EXPERIMENTS)
		status = find_experiments(&f, err);
	if (status == 0 && kinds & FIND_VIEWS)
		status = find_views(&f, err);
	if (status == 0 && kinds & FIND_MODELS)
		status = find_models(&f, err);
	if (status == 0 && kinds & (FIND_DATA | FIND_ROWS | FIND_RELATIONS))
		status = find_data(&f, kinds, err);
	if (status == 0) {
		if (f.count)
			qsort(f.list, f.count, sizeof *f.list, by_score);
		found->count = f.count < f.limit ? f.count : f.limit;
		found->places = arena_array(a, found->count + 1, sizeof *found->places);
		for (size_t i = 0; i < found->count; i++)
			found->places[i] = f.list[i].place;
	}
	free(f.list);
	return status;
}
