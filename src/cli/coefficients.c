/* The coefficients of a logistic model with their standard errors, as `assay show` tells them. */
#include <math.h>
#include <stdlib.h>

#include "cli_run.h"

enum { TERMS_SHOWN = 20 };

/* The run's model if it has one with coefficients, else NULL; *why says why one that is kept cannot be read.
 */
static struct model *model_with_terms(struct store *store, const struct run_row *run, struct model_info *info,
                                      struct error *why)
{
	struct model *model = NULL;
	struct run_artifact *files;
	struct arena *mem = arena_new();
	size_t count = 0;
	bool kept = false;
	char digest[SHA256_TEXT], *ref = xasprintf("run:%s", run->uuid);
	int64_t id;

	why->text[0] = '\0';
	if (store_artifacts(store, run->id, mem, &files, &count, why) == 0)
		for (size_t i = 0; i < count; i++)
			kept = kept || strcmp(files[i].kind, "model") == 0;
	if (kept && work_model(store, ref, &model, digest, &id, why) == 0) {
		model_describe(model, info);
		if (!info->terms) {
			model_free(model);
			model = NULL;
		}
	}
	free(ref);
	arena_free(mem);
	return model;
}

static double weight_of(const struct model_term *t)
{
	double z = fabs(t->coefficient / t->se);

	return isfinite(z) ? z : 0;
}

static int by_weight(const void *a, const void *b)
{
	const struct model_term *x = *(const struct model_term *const *)a,
	                        *y = *(const struct model_term *const *)b;
	double wx = weight_of(x), wy = weight_of(y);

	return wx != wy ? (wx < wy) - (wx > wy) : (x > y) - (x < y);
}

void coefficients_print(struct cli *c, struct store *store, const struct run_row *run)
{
	struct model_info info;
	struct error why;
	struct model *model = model_with_terms(store, run, &info, &why);
	const struct model_term **terms;
	struct listing g;

	if (!model) {
		if (why.text[0])
			safe_fprintf(stdout, "\nits model cannot be read: %s\n", why.text);
		return;
	}
	terms = xcalloc(info.term_count, sizeof *terms);
	for (size_t i = 0; i < info.term_count; i++)
		terms[i] = &info.terms[i];
	qsort(terms, info.term_count, sizeof *terms, by_weight);
	heading_print("Coefficients", c, stdout);
	listing_init(&g);
	listing_column(&g, "term", "", GRID_LEFT);
	listing_column(&g, "coefficient", "", GRID_POINT);
	listing_column(&g, "standard error", "", GRID_POINT);
	listing_column(&g, "z", "", GRID_POINT);
	for (size_t i = 0; i < info.term_count && i < TERMS_SHOWN; i++) {
		listing_text(&g, terms[i]->name, GRID_PLAIN);
		listing_num(&g, terms[i]->coefficient, 4);
		listing_num(&g, terms[i]->se, 4);
		listing_num(&g, terms[i]->coefficient / terms[i]->se, 3);
	}
	listing_print(&g, c, stdout);
	if (info.term_count > TERMS_SHOWN)
		printf("the %d of largest |z| of %zu; --json has all\n", TERMS_SHOWN, info.term_count);
	listing_release(&g);
	free(terms);
	model_free(model);
}

void coefficients_json(struct store *store, const struct run_row *run, struct json_writer *j)
{
	struct model_info info;
	struct error why;
	struct model *model = model_with_terms(store, run, &info, &why);

	if (!model) {
		if (why.text[0]) {
			jw_null(j, "coefficients");
			jw_string(j, "coefficients_why", why.text);
		}
		return;
	}
	jw_array(j, "coefficients");
	for (size_t i = 0; i < info.term_count; i++) {
		jw_object(j, NULL);
		jw_string(j, "name", info.terms[i].name);
		jw_num(j, "value", info.terms[i].coefficient, NULL);
		jw_num(j, "standard_error", info.terms[i].se, "the information matrix has no inverse here");
		jw_object_end(j);
	}
	jw_array_end(j);
	model_free(model);
}
