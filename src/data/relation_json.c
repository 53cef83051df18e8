/* Relations as JSON: data_relation.h says which keys. */
#include <math.h>

#include "relation.h"

static size_t shown(size_t count, size_t limit)
{
	return limit && limit < count ? limit : count;
}

/* -0 would come back as 0. */
static void number(struct json_writer *j, const char *key, double value, const char *why)
{
	jw_num(j, key, value == 0 ? 0 : value, why);
}

static const char constant[] = "a column is constant, or too little is there";

static const char few_periods[] = "needs two periods in which both kinds of rows are expected";

/* Within an object. */
static void relation_json(struct json_writer *j, const struct relations *r, const struct relation *p)
{
	static const char few[] = "needs two rows of each class";

	if (p->a < r->column_count)
		jw_string(j, "a", r->names[p->a]);
	jw_string(j, "b", r->names[p->b]);
	jw_string(j, "kind", relation_kind_name(p->kind));
	jw_int(j, "n", (int64_t)p->n);
	number(j, "strength", p->strength, constant);
	if (p->kind == RELATION_NUMBERS) {
		number(j, "pearson", p->pearson.r, constant);
		number(j, "pearson_p", p->pearson.p, constant);
		number(j, "spearman", p->spearman.r, constant);
		number(j, "spearman_p", p->spearman.p, constant);
		if (p->spearman.n != p->n)
			jw_int(j, "spearman_n", (int64_t)p->spearman.n);
	} else if (p->kind == RELATION_CATEGORIES) {
		number(j, "v", p->association.v, constant);
		number(j, "chi2", p->association.chi2, constant);
		number(j, "df", p->association.df, constant);
		number(j, "p", p->association.p, constant);
		number(j, "mutual", p->association.mutual, constant);
		number(j, "explains_a", p->association.explains_a, constant);
		number(j, "explains_b", p->association.explains_b, constant);
		jw_int(j, "a_values", (int64_t)p->association.rows);
		jw_int(j, "b_values", (int64_t)p->association.columns);
	} else {
		number(j, "eta", sqrt(p->anova.eta2), constant);
		number(j, "f", p->anova.f,
		       isinf(p->anova.f) ? "infinite: nothing varies within the groups" : constant);
		number(j, "p", p->anova.p, constant);
		jw_int(j, "groups", (int64_t)p->anova.groups);
	}
	if (!isnan(p->auc.value)) {
		number(j, "auc", p->auc.value, NULL);
		number(j, "auc_low", p->auc.low, few);
		number(j, "auc_high", p->auc.high, few);
	}
}

static void list_json(struct json_writer *j, const char *key, const struct relations *r,
                      const struct relation *list, size_t count, bool label)
{
	jw_array(j, key);
	for (size_t i = 0; i < count; i++) {
		jw_object(j, NULL);
		relation_json(j, r, &list[i]);
		if (label) {
			number(j, "chance", list[i].chance, constant);
			jw_bool(j, "leaks", list[i].leaks);
		}
		jw_object_end(j);
	}
	jw_array_end(j);
}

static void trails_json(struct json_writer *j, const struct relations *r)
{
	jw_array(j, "trails");
	for (size_t i = 0; i < r->trail_count; i++) {
		const struct relation_trail *trail = &r->trails[i];

		jw_object(j, NULL);
		jw_string(j, "what", relation_trail_name(trail->kind));
		relation_json(j, r, &trail->with);
		number(j, "order_p", trail->p, constant);
		jw_bool(j, "tells", trail->tells);
		jw_bool(j, "leaks", trail->leaks);
		jw_object_end(j);
	}
	jw_array_end(j);
}

static void end_json(struct json_writer *j, const char *key, const struct relation_end *end)
{
	char text[TIME_TEXT];

	if (!end->rows) {
		number(j, key, (double)NAN, "rows of both kinds stand there");
		return;
	}
	jw_object(j, key);
	jw_int(j, "rows", (int64_t)end->rows);
	jw_string(j, "time", time_rfc3339((int64_t)end->time, text));
	jw_bool(j, "positive", end->positive);
	number(j, "p", end->p, NULL);
	jw_bool(j, "constant", end->constant);
	jw_object_end(j);
}

static void times_json(struct json_writer *j, const struct relations *r)
{
	static const char none[] = "no rows";

	jw_array(j, "label_over_time");
	for (size_t i = 0; i < r->time_count; i++) {
		const struct relation_time *t = &r->times[i];

		jw_object(j, NULL);
		jw_string(j, "column", r->names[t->column]);
		jw_int(j, "rows", (int64_t)t->rows);
		jw_int(j, "positive", (int64_t)t->positive);
		jw_array(j, "periods");
		for (size_t k = 0; k < t->period_count; k++) {
			const struct relation_period *p = &t->periods[k];

			jw_object(j, NULL);
			jw_string(j, "name", p->name);
			jw_string(j, "where", p->where);
			jw_int(j, "rows", (int64_t)p->rows);
			jw_int(j, "positive", (int64_t)p->positive);
			number(j, "rate", p->rate, none);
			number(j, "low", p->low, none);
			number(j, "high", p->high, none);
			jw_object_end(j);
		}
		jw_array_end(j);
		jw_int(j, "compared", (int64_t)t->association.rows);
		number(j, "chi2", t->association.chi2, few_periods);
		number(j, "df", t->association.df, few_periods);
		number(j, "p", t->association.p, few_periods);
		number(j, "v", t->association.v, few_periods);
		jw_bool(j, "changes", t->changes);
		end_json(j, "begin", &t->begin);
		end_json(j, "end", &t->end);
		jw_object_end(j);
	}
	jw_array_end(j);
}

static void missing_json(struct json_writer *j, const struct relations *r, size_t limit)
{
	jw_object(j, "missing");
	jw_int(j, "complete_rows", (int64_t)r->complete_rows);
	jw_array(j, "pairs");
	for (size_t i = 0; i < shown(r->missing_count, limit); i++) {
		const struct relation_missing *m = &r->missing[i];

		jw_object(j, NULL);
		jw_string(j, "a", r->names[m->a]);
		jw_string(j, "b", r->names[m->b]);
		jw_int(j, "a_missing", (int64_t)m->a_missing);
		jw_int(j, "b_missing", (int64_t)m->b_missing);
		jw_int(j, "both", (int64_t)m->both);
		number(j, "phi", m->phi, "one of them is missing everywhere");
		number(j, "jaccard", m->jaccard, NULL);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_int(j, "pair_count", (int64_t)r->missing_count);
	jw_array(j, "patterns");
	for (size_t i = 0; i < shown(r->pattern_count, limit); i++) {
		const struct relation_pattern *p = &r->patterns[i];

		jw_object(j, NULL);
		jw_array(j, "columns");
		for (size_t k = 0; k < p->column_count; k++)
			jw_string(j, NULL, r->names[p->columns[k]]);
		jw_array_end(j);
		jw_int(j, "rows", (int64_t)p->rows);
		jw_int(j, "first_row", (int64_t)p->first_row + 1);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_int(j, "pattern_count", (int64_t)r->pattern_all);
	jw_object_end(j);
}

static void duplicates_json(struct json_writer *j, const struct relations *r, size_t limit)
{
	jw_object(j, "duplicates");
	jw_int(j, "rows", (int64_t)r->duplicates);
	jw_int(j, "sets", (int64_t)r->duplicate_sets);
	jw_array(j, "largest");
	for (size_t i = 0; i < shown(r->set_count, limit); i++) {
		const struct relation_rows *s = &r->sets[i];

		jw_object(j, NULL);
		jw_int(j, "count", (int64_t)s->count);
		jw_array(j, "first_rows");
		for (size_t k = 0; k < s->count && k < COUNT_OF(s->first); k++)
			jw_int(j, NULL, (int64_t)s->first[k] + 1);
		jw_array_end(j);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
}

void relations_json(const struct relations *r, size_t limit, struct str *out)
{
	struct json_writer j;

	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_int(&j, "rows", (int64_t)r->rows);
	jw_array(&j, "columns");
	for (size_t i = 0; i < r->column_count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "name", r->names[i]);
		jw_string(&j, "type", column_type_name(r->types[i]));
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_string(&j, "label", r->label < 0 ? NULL : r->names[r->label]);
	jw_bool(&j, "binary", r->binary);
	jw_string(&j, "label_why", r->label_why);
	jw_int(&j, "pair_rows", (int64_t)r->pair_rows);
	list_json(&j, "to_label", r, r->to_label, shown(r->to_label_count, limit), true);
	list_json(&j, "pairs", r, r->pairs, shown(r->pair_count, limit), false);
	jw_int(&j, "pair_count", (int64_t)r->pair_count);
	missing_json(&j, r, limit);
	jw_array(&j, "same");
	for (size_t i = 0; i < shown(r->same_count, limit); i++) {
		const struct relation_same *s = &r->same[i];

		jw_object(&j, NULL);
		jw_string(&j, "a", r->names[s->a]);
		jw_string(&j, "b", r->names[s->b]);
		jw_string(&j, "kind", relation_same_name(s->kind));
		if (s->same)
			jw_int(&j, "same_rows", (int64_t)s->same);
		else
			jw_null(&j, "same_rows");
		jw_object_end(&j);
	}
	jw_array_end(&j);
	duplicates_json(&j, r, limit);
	trails_json(&j, r);
	times_json(&j, r);
	jw_array(&j, "notes");
	for (size_t i = 0; i < r->note_count; i++)
		jw_string(&j, NULL, r->notes[i]);
	jw_array_end(&j);
	jw_object_end(&j);
}
