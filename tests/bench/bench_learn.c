/*
 * Training, measured: the fit of both recipes on made-up numbers, or on a CSV file.
 *     bench_learn logistic|boosted-trees [ROWS [COLUMNS [THREADS [K=V]…]]]  default 10^6 x 30, all threads
 *     bench_learn fit [ROWS [COLUMNS [THREADS]]]                         logistic: encoding and fit by
 * themselves bench_learn RECIPE --csv TRAIN TEST LABEL POSITIVE                 reading, training, evaluation
 *     bench_learn sort|moments|auc [ROWS]
 * Prints wall and CPU seconds of the process for the named part alone.
 */
#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "../../src/learn/inside.h"
#include "assay/learn.h"

struct clock {
	double wall, cpu;
};

static double seconds(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct clock now(void)
{
	return (struct clock){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

static void report(const char *what, struct clock since)
{
	printf("%-28s %7.3f s wall %7.3f s CPU\n", what, now().wall - since.wall, now().cpu - since.cpu);
}

static int complain(const struct error *err)
{
	fprintf(stderr, "bench_learn: %s\n", err->text);
	return (int)err->code;
}

/* Correlated columns and a label that a linear score with noise decides. A few lines of CSV give the table
 * its reading; the numbers are put in afterwards. */
static void make_table(struct table *t, size_t rows, size_t columns)
{
	struct rng r;
	struct str csv;
	struct reading said;
	rng_init(&r, 1, 0);
	str_init(&csv);
	reading_init(&said);
	for (size_t line = 0; line < 4; line++) {
		for (size_t j = 0; j < columns; j++)
			str_addf(&csv, line ? "0.%zu," : "x%zu,", line + j);
		str_adds(&csv, line ? (line % 2 ? "1\n" : "0\n") : "y\n");
	}
	if (table_read_bytes(t, "made up", csv.data, csv.len, &said, NULL, NULL) < 0)
		bug("bench_learn: its own CSV");
	str_release(&csv);
	reading_release(&said);
	t->row_count = rows;
	for (size_t j = 0; j <= columns; j++)
		t->columns[j].values = xreallocarray(NULL, rows, sizeof(double));
	for (size_t i = 0; i < rows; i++) {
		double shared = rng_unit(&r) - 0.5, score = -0.3;
		for (size_t j = 0; j < columns; j++) {
			double x = shared + 3 * (rng_unit(&r) - 0.5);
			t->columns[j].values[i] = 100 + 10 * x;
			score += x * ((double)(j % 7) - 3) / 4;
		}
		t->columns[columns].values[i] = rng_unit(&r) < 1 / (1 + exp(-score));
	}
}

static int show_round(void *user, const struct learn_progress *p)
{
	if (user && (p->step < 4 || p->step % 50 == 0))
		printf("  %s %s %" PRId64 ": %.6f\n", p->context, p->metric, p->step, p->value);
	return 0;
}

static int set_params(struct learn_spec *spec, char **pairs, struct error *err)
{
	learn_params_default(spec->recipe, spec->params);
	for (; *pairs; pairs++) {
		char *equals = strchr(*pairs, '=');
		if (!equals)
			return error_set(err, ERR_USAGE, "\"%s\" is no K=V", *pairs);
		*equals = '\0';
		if (learn_param_set(spec->recipe, spec->params, *pairs, equals + 1, err) < 0)
			return -1;
	}
	return 0;
}

static int train(const char *recipe, const struct table *t, const struct table *test, const char *label,
                 const char *positive, int threads, char **pairs)
{
	struct error err;
	struct model *m;
	struct learn_predictions *p;
	struct model_info info;
	struct evaluation e;
	struct learn_spec spec = {.recipe = learn_recipe_find(recipe, &err),
	                          .label = label,
	                          .positive = positive,
	                          .seed = 1,
	                          .threads = threads};
	if (!spec.recipe || set_params(&spec, pairs, &err) < 0)
		return complain(&err);
	struct clock start = now();
	if (learn_train(&spec, t, test, show_round, test ? &spec : NULL, &m, &p, &err) < 0)
		return complain(&err);
	report(test ? "training and evaluation" : "training", start);
	model_describe(m, &info);
	printf("%zu rows, %zu features, %zu rounds\n", info.rows, info.feature_count, info.rounds);
	if (p) {
		evaluation_compute(&e, p->score, p->label, p->n, 0.5);
		printf("test: n %zu, AUC %.6f (%.6f to %.6f), log-loss %.6f, accuracy %.4f, ECE %.4f\n", e.n,
		       e.auc.value, e.auc.low, e.auc.high, e.log_loss, e.accuracy, e.uniform.ece);
	}
	for (size_t i = 0; i < info.note_count; i++)
		safe_fprintf(stdout, "note: %s\n", info.notes[i]);
	learn_predictions_free(p);
	model_free(m);
	return 0;
}

/* The fit by itself, the columns being in memory: what peers call fit(). */
static int fit_alone(const struct table *t, int threads)
{
	struct error err;
	struct learn_spec spec = {.recipe = learn_recipe_find("logistic", &err), .threads = threads};
	struct model *m = model_new();
	size_t *rows = xreallocarray(NULL, t->row_count, sizeof *rows);
	for (size_t i = 0; i < t->row_count; i++)
		rows[i] = i;
	learn_params_default(spec.recipe, spec.params);
	const struct encode_options o = {
	    .min_count = 1, .max_levels = 100, .threads = threads, .label = t->column_count - 1};
	struct training training = {.spec = &spec,
	                            .table = t,
	                            .label = t->columns[o.label].values,
	                            .rows = rows,
	                            .row_count = t->row_count};
	struct clock start = now();
	if (encoder_fit(&m->encoder, m->arena, t, rows, t->row_count, &o, &err) < 0)
		return complain(&err);
	report("encoding", start);
	start = now();
	if (logistic_train(m, &training, &err) < 0)
		return complain(&err);
	report("fit", start);
	model_free(m);
	free(rows);
	return 0;
}

static int from_csv(const char *recipe, char **argv)
{
	struct error err;
	struct reading r, like;
	struct table t, test;
	struct clock start = now();
	reading_init(&r);
	if (table_read(&t, (const char *const[]){argv[0]}, 1, &r, NULL, &err) < 0)
		return complain(&err);
	reading_like(&like, &t.reading);
	if (table_read(&test, (const char *const[]){argv[1]}, 1, &like, NULL, &err) < 0)
		return complain(&err);
	report("reading", start);
	int rc = train(recipe, &t, &test, argv[2], argv[3], 0, argv + 4);
	report("all", start);
	table_release(&t);
	table_release(&test);
	reading_release(&r);
	reading_release(&like);
	return rc;
}

static int primitives(const char *what, size_t n)
{
	struct rng r;
	double *x = xreallocarray(NULL, n, sizeof *x);
	uint8_t *label = xcalloc(n, 1);
	rng_init(&r, 1, 0);
	for (size_t i = 0; i < n; i++) {
		x[i] = rng_unit(&r);
		label[i] = rng_unit(&r) < x[i];
	}
	struct clock start = now();
	struct moments m;
	struct auc auc;
	if (!strcmp(what, "sort"))
		stats_sort(x, n);
	else if (!strcmp(what, "moments"))
		stats_moments(x, n, &m);
	else
		stats_auc(x, label, n, 0.95, &auc);
	report(what, start);
	free(x);
	free(label);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "logistic";
	if (argc >= 7 && !strcmp(argv[2], "--csv"))
		return from_csv(what, argv + 3);
	size_t rows = argc > 2 ? (size_t)strtoull(argv[2], NULL, 10) : 1000000;
	size_t columns = argc > 3 ? (size_t)strtoull(argv[3], NULL, 10) : 30;
	if (!strcmp(what, "sort") || !strcmp(what, "moments") || !strcmp(what, "auc"))
		return primitives(what, rows);
	struct table t;
	make_table(&t, rows, columns);
	if (!strcmp(what, "fit"))
		return fit_alone(&t, argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0);
	return train(what, &t, NULL, "y", NULL, argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0,
	             argc > 5 ? argv + 5 : argv + argc);
}
