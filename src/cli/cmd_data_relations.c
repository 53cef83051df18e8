/* assay data relations NAME|FILE…: what columns have to do with each other and with the label. */
#include <math.h>

#include "assay/data_relation.h"
#include "assay/work.h"

#include "cli_data.h"
#include "commands.h"

/* How many lines of each part people see unless they say. */
enum { PEOPLE_LIMIT = 20 };

static size_t shown(size_t count, size_t limit)
{
	return limit && limit < count ? limit : count;
}

/* ---- for people ---- */

static void measure_text(const struct relation *p, struct str *out)
{
	char a[NUM_TEXT], b[NUM_TEXT], d[NUM_TEXT];
	if (!isnan(p->auc.value) && isnan(p->auc.low))
		str_addf(out, "AUC %s", number_text(p->auc.value, a));
	else if (!isnan(p->auc.value))
		str_addf(out, "AUC %s [%s, %s]", number_text(p->auc.value, a), number_text(p->auc.low, b),
		         number_text(p->auc.high, d));
	else if (p->kind == RELATION_NUMBERS)
		str_addf(out, "Pearson %s  Spearman %s", number_text(p->pearson.r, a), number_text(p->spearman.r, b));
	if (p->kind == RELATION_CATEGORIES)
		str_addf(out, "%sV %s  mutual information %s", out->len ? "  " : "", number_text(p->association.v, a),
		         number_text(p->association.mutual, b));
	else if (p->kind == RELATION_MIXED)
		str_addf(out, "eta %s", number_text(sqrt(p->anova.eta2), a));
}

/* A heading, or that there is nothing under it. */
static bool part(const struct cli *c, const char *title, size_t count, size_t limit)
{
	char *text;
	char a[NUM_TEXT], b[NUM_TEXT];
	if (shown(count, limit) < count)
		text = xasprintf("%s (%s of %s; --limit 0 shows all)", title, count_people((int64_t)limit, a),
		                 count_people((int64_t)count, b));
	else
		text = xasprintf("%s%s", title, count ? "" : ": none");
	heading_print(text, c, stdout);
	free(text);
	return count > 0;
}

static void print_list(const struct relations *r, const struct relation *list, size_t count, bool label,
                       const struct cli *c)
{
	struct listing g;
	struct str measure;
	listing_init(&g);
	str_init(&measure);
	listing_column(&g, label ? "feature" : "a", "a", GRID_LEFT);
	if (!label)
		listing_column(&g, "b", "b", GRID_LEFT);
	listing_column(&g, "strength", "strength", GRID_POINT);
	listing_column(&g, "measures", "measures", GRID_LEFT);
	listing_column(&g, "n", "n", GRID_RIGHT);
	if (label)
		listing_column(&g, "", "verdict", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		str_clear(&measure);
		measure_text(&list[i], &measure);
		listing_text(&g, r->names[list[i].a], GRID_PLAIN);
		if (!label)
			listing_text(&g, r->names[list[i].b], GRID_PLAIN);
		listing_num(&g, list[i].strength, 3);
		listing_text(&g, measure.data, GRID_MUTED);
		listing_int(&g, (int64_t)list[i].n);
		if (label)
			listing_text(&g, list[i].leaks ? "leak?" : "", GRID_WARN);
	}
	listing_print(&g, c, stdout);
	str_release(&measure);
	listing_release(&g);
}

static void print_trails(const struct relations *r, const struct cli *c)
{
	struct listing g;
	struct str measure;
	char p[NUM_TEXT];
	if (!part(c, "order and names of rows, which should tell nothing of it", r->trail_count, 0))
		return;
	listing_init(&g);
	str_init(&measure);
	listing_column(&g, "trail", "trail", GRID_LEFT);
	listing_column(&g, "strength", "strength", GRID_POINT);
	listing_column(&g, "measures", "measures", GRID_LEFT);
	listing_column(&g, "n", "n", GRID_RIGHT);
	listing_column(&g, "by chance", "order_p", GRID_LEFT);
	listing_column(&g, "", "verdict", GRID_LEFT);
	for (size_t i = 0; i < r->trail_count; i++) {
		const struct relation_trail *t = &r->trails[i];
		char *name = xasprintf("%s%s%s", t->kind == TRAIL_ORDER ? "" : r->names[t->with.a],
		                       t->kind == TRAIL_ORDER ? "" : ", ", relation_trail_name(t->kind));
		str_clear(&measure);
		measure_text(&t->with, &measure);
		listing_text(&g, name, GRID_PLAIN);
		listing_num(&g, t->with.strength, 3);
		listing_text(&g, measure.data, GRID_MUTED);
		listing_int(&g, (int64_t)t->with.n);
		snprintf(p, sizeof p, "p %.2g", t->p);
		listing_text(&g, isnan(t->p) ? "" : p, GRID_MUTED);
		listing_text(&g, t->leaks ? "leak?" : t->tells ? "tells of it" : "", GRID_WARN);
		free(name);
	}
	listing_print(&g, c, stdout);
	str_release(&measure);
	listing_release(&g);
}

static void end_text(const struct relation_end *end, bool begins, struct str *out)
{
	char time[TIME_TEXT], rows[NUM_TEXT];
	if (!end->constant)
		return;
	time_rfc3339((int64_t)end->time, time);
	str_addf(out, "; %s of the %s rows %s %.10s %s positive", end->positive ? "all" : "none",
	         count_people((int64_t)end->rows, rows), begins ? "up to" : "from", time,
	         end->positive ? "are" : "is");
}

static void print_time(const struct relations *r, const struct relation_time *t, const struct cli *c)
{
	char a[NUM_TEXT], b[NUM_TEXT], d[NUM_TEXT];
	struct listing g;
	struct str title;
	str_init(&title);
	str_addf(&title, "%s over %s", r->names[r->label], r->names[t->column]);
	if (!isnan(t->association.p))
		str_addf(&title, ": chi-square %s on %.0f, p %.2g, V %s%s", number_text(t->association.chi2, a),
		         t->association.df, t->association.p, number_text(t->association.v, b),
		         t->changes ? "; it changes" : "");
	end_text(&t->begin, true, &title);
	end_text(&t->end, false, &title);
	bool any = part(c, title.data, t->period_count, 0);
	str_release(&title);
	if (!any)
		return;
	listing_init(&g);
	listing_column(&g, "period", "period", GRID_LEFT);
	listing_column(&g, "rows", "rows", GRID_RIGHT);
	listing_column(&g, "positive", "positive", GRID_RIGHT);
	listing_column(&g, "rate", "rate", GRID_POINT);
	listing_column(&g, "interval", "interval", GRID_LEFT);
	for (size_t i = 0; i < t->period_count; i++) {
		const struct relation_period *p = &t->periods[i];
		listing_text(&g, p->name, GRID_PLAIN);
		listing_int(&g, (int64_t)p->rows);
		listing_int(&g, (int64_t)p->positive);
		listing_num(&g, p->rate, 3);
		if (p->rows) {
			snprintf(d, sizeof d, "[%.3f, %.3f]", p->low, p->high);
			listing_text(&g, d, GRID_MUTED);
		} else {
			listing_none(&g);
		}
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

static void print_missing(const struct relations *r, size_t limit, const struct cli *c)
{
	struct listing g;
	struct str names;
	if (!part(c, "missing together", r->pattern_all, shown(r->pattern_count, limit)))
		return;
	listing_init(&g);
	str_init(&names);
	listing_column(&g, "rows", "rows", GRID_RIGHT);
	listing_column(&g, "first row", "first_row", GRID_RIGHT);
	listing_column(&g, "columns that are missing", "columns", GRID_LEFT);
	for (size_t i = 0; i < shown(r->pattern_count, limit); i++) {
		const struct relation_pattern *p = &r->patterns[i];
		str_clear(&names);
		for (size_t k = 0; k < p->column_count; k++)
			str_addf(&names, "%s%s", k ? ", " : "", r->names[p->columns[k]]);
		listing_int(&g, (int64_t)p->rows);
		listing_int(&g, (int64_t)p->first_row + 1);
		listing_text(&g, names.data, GRID_PLAIN);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
	str_release(&names);
	listing_init(&g);
	listing_column(&g, "a", "a", GRID_LEFT);
	listing_column(&g, "b", "b", GRID_LEFT);
	listing_column(&g, "both missing", "both", GRID_RIGHT);
	listing_column(&g, "phi", "phi", GRID_POINT);
	listing_column(&g, "Jaccard", "jaccard", GRID_POINT);
	for (size_t i = 0; i < shown(r->missing_count, limit); i++) {
		const struct relation_missing *m = &r->missing[i];
		listing_text(&g, r->names[m->a], GRID_PLAIN);
		listing_text(&g, r->names[m->b], GRID_PLAIN);
		listing_int(&g, (int64_t)m->both);
		listing_num(&g, m->phi, 3);
		listing_num(&g, m->jaccard, 3);
	}
	if (part(c, "pairs by what is missing", r->missing_count, limit))
		listing_print(&g, c, stdout);
	listing_release(&g);
}

static void print_same(const struct relations *r, size_t limit, const struct cli *c)
{
	struct listing g;
	if (!part(c, "columns that are the same", r->same_count, limit))
		return;
	listing_init(&g);
	listing_column(&g, "a", "a", GRID_LEFT);
	listing_column(&g, "b", "b", GRID_LEFT);
	listing_column(&g, "how", "kind", GRID_LEFT);
	listing_column(&g, "rows alike", "same_rows", GRID_RIGHT);
	for (size_t i = 0; i < shown(r->same_count, limit); i++) {
		const struct relation_same *s = &r->same[i];
		listing_text(&g, r->names[s->a], GRID_PLAIN);
		listing_text(&g, r->names[s->b], GRID_PLAIN);
		listing_text(&g, relation_same_name(s->kind), GRID_PLAIN);
		if (s->same)
			listing_int(&g, (int64_t)s->same);
		else
			listing_none(&g);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

static void print_duplicates(const struct relations *r, size_t limit, const struct cli *c)
{
	struct listing g;
	struct str rows;
	char a[NUM_TEXT];
	char *title = r->duplicates ? xasprintf("rows that repeat another: %s; sets of equal rows",
	                                        count_people((int64_t)r->duplicates, a))
	                            : xstrdup("rows that repeat another");
	bool any = part(c, title, r->duplicate_sets, shown(r->set_count, limit));
	free(title);
	if (!any)
		return;
	listing_init(&g);
	str_init(&rows);
	listing_column(&g, "rows", "count", GRID_RIGHT);
	listing_column(&g, "the first of them", "first_rows", GRID_LEFT);
	for (size_t i = 0; i < shown(r->set_count, limit); i++) {
		const struct relation_rows *s = &r->sets[i];
		str_clear(&rows);
		for (size_t k = 0; k < s->count && k < COUNT_OF(s->first); k++)
			str_addf(&rows, "%s%llu", k ? ", " : "", (unsigned long long)s->first[k] + 1);
		listing_int(&g, (int64_t)s->count);
		listing_text(&g, rows.data, GRID_PLAIN);
	}
	listing_print(&g, c, stdout);
	str_release(&rows);
	listing_release(&g);
}

static void for_people(const struct relations *r, size_t limit, const struct cli *c)
{
	char rows[NUM_TEXT], columns[NUM_TEXT];
	printf("%s row%s, %s column%s\n", count_people((int64_t)r->rows, rows), r->rows == 1 ? "" : "s",
	       count_people((int64_t)r->column_count, columns), r->column_count == 1 ? "" : "s");
	if (r->label >= 0) {
		char *title = xasprintf("relation to %s", r->names[r->label]);
		if (part(c, title, r->to_label_count, limit))
			print_list(r, r->to_label, shown(r->to_label_count, limit), true, c);
		free(title);
		if (r->label_why)
			safe_fprintf(stdout, "  %s\n", r->label_why);
		else
			print_trails(r, c);
		for (size_t i = 0; i < r->time_count; i++)
			print_time(r, &r->times[i], c);
	}
	if (part(c, "pairs of features", r->pair_count, limit))
		print_list(r, r->pairs, shown(r->pair_count, limit), false, c);
	print_missing(r, limit, c);
	print_same(r, limit, c);
	print_duplicates(r, limit, c);
	notes_print(c, r->notes, r->note_count);
}

/* ---- for programs ---- */

static void add_rows(struct listing *g, const struct relations *r, const struct relation *list, size_t count,
                     const char *with)
{
	for (size_t i = 0; i < count; i++) {
		const struct relation *p = &list[i];
		const bool numbers = p->kind == RELATION_NUMBERS, categories = p->kind == RELATION_CATEGORIES,
		           mixed = p->kind == RELATION_MIXED;
		const double none = (double)NAN;
		const double measures[] = {
		    p->strength,
		    numbers ? p->pearson.r : none,
		    numbers ? p->spearman.r : none,
		    categories ? p->association.v : none,
		    categories ? p->association.mutual : none,
		    mixed ? sqrt(p->anova.eta2) : none,
		    numbers      ? p->pearson.p
		    : categories ? p->association.p
		                 : p->anova.p,
		    p->auc.value,
		    p->auc.low,
		    p->auc.high,
		};
		listing_text(g, with, GRID_PLAIN);
		listing_text(g, r->names[p->a], GRID_PLAIN);
		listing_text(g, r->names[p->b], GRID_PLAIN);
		listing_text(g, relation_kind_name(p->kind), GRID_PLAIN);
		listing_int(g, (int64_t)p->n);
		for (size_t k = 0; k < COUNT_OF(measures); k++)
			listing_num(g, measures[k], 17);
	}
}

static void for_programs(const struct relations *r, size_t limit, const struct cli *c)
{
	static const char *const keys[] = {"with",     "a",       "b",        "kind",    "n",
	                                   "strength", "pearson", "spearman", "v",       "mutual",
	                                   "eta",      "p",       "auc",      "auc_low", "auc_high"};
	struct listing g;
	listing_init(&g);
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		listing_column(&g, keys[i], keys[i], GRID_LEFT);
	add_rows(&g, r, r->to_label, shown(r->to_label_count, limit), "label");
	add_rows(&g, r, r->pairs, shown(r->pair_count, limit), "feature");
	listing_print(&g, c, stdout);
	listing_release(&g);
	if (r->label_why)
		notes_print(c, &r->label_why, 1);
	notes_print(c, r->notes, r->note_count);
}

/* ---- the command ---- */

static int choose_columns(struct cli *c, const struct table *t, size_t **columns, size_t *count)
{
	const char *list = cli_get(c, "columns");
	char **names = cli_split_list(list ? list : "", count);
	int status = 0;
	*columns = xcalloc(*count + 1, sizeof **columns);
	for (size_t i = 0; i < *count && status == 0; i++) {
		long at = table_need(t, names[i], &c->err);
		if (at < 0)
			status = error_prefix(&c->err, "--columns");
		else
			(*columns)[i] = (size_t)at;
	}
	free(names);
	if (status == 0 && list && !*count)
		status = error_set(&c->err, ERR_USAGE, "--columns names no column");
	return status;
}

static int print_relations(struct cli *c, const struct relations *r)
{
	int64_t limit = c->json || c->csv || c->tsv ? 0 : PEOPLE_LIMIT;
	watch_end(c);
	if (cli_get_int(c, "limit", 0, INT64_MAX, &limit) != 0)
		return -1;
	if (c->json) {
		struct str json;
		str_init(&json);
		relations_json(r, (size_t)limit, &json);
		json_print(&json, stdout);
		str_release(&json);
	} else if (c->csv || c->tsv) {
		for_programs(r, (size_t)limit, c);
	} else {
		for_people(r, (size_t)limit, c);
	}
	return 0;
}

static int relate(struct cli *c, const struct table *t, struct relation_options *o)
{
	struct relations r;
	size_t *columns = NULL;
	int status = choose_columns(c, t, &columns, &o->column_count);
	o->columns = columns;
	if (status == 0)
		status = relations_table(&r, t, o, &c->err);
	free(columns);
	if (status != 0)
		return -1;
	status = print_relations(c, &r);
	relations_release(&r);
	return status;
}

static int relate_files(struct cli *c, struct relation_options *o)
{
	struct reading reading;
	struct table table;
	struct table_options options = {.threads = o->threads, .packed = true, .progress = o->progress};
	reading_init(&reading);
	o->positive = cli_get(c, "positive");
	int status = -1;
	if (reading_from_options(c, &reading) == 0 &&
	    table_read(&table, c->args, c->arg_count, &reading, &options, &c->err) == 0) {
		status = relate(c, &table, o);
		table_release(&table);
	}
	reading_release(&reading);
	return status;
}

static int relate_some(struct cli *c, struct store *store, const struct work_data *data,
                       struct relation_options *o)
{
	struct table table;
	struct table_options options = {.threads = o->threads, .packed = true, .progress = o->progress};
	if (work_data_load(store, data, &options, &table, &c->err) != 0)
		return -1;
	int status = relate(c, &table, o);
	table_release(&table);
	return status;
}

static int relate_all(struct cli *c, struct store *store, const struct work_data *data, const char *label)
{
	struct relations r;
	if (work_data_relations(store, data, label, false, watch_begin(c), &r, NULL, &c->err) != 0)
		return -1;
	int status = print_relations(c, &r);
	relations_release(&r);
	return status;
}

int relations_reading_options(struct cli *c)
{
	static const char *const ours[] = {"label", "positive", "columns", "rows", "limit", "threads", "against"};
	for (size_t i = 0; i < c->given_count; i++) {
		const struct cli_option *given = c->given[i].option;
		bool mine = false, of_command = false;
		for (size_t k = 0; k < COUNT_OF(ours); k++)
			mine |= strcmp(given->name, ours[k]) == 0;
		for (const struct cli_option *k = c->command->options; k->name; k++)
			of_command |= given == k;
		if (of_command && !mine)
			return error_set(
			    &c->err, ERR_USAGE,
			    "--%s says how a file is read, but %s is registered: it is read as it was registered",
			    given->name, c->args[0]);
	}
	return 0;
}

static int relate_registered(struct cli *c, struct relation_options *o)
{
	struct store *store = NULL;
	struct work_data data;
	if (relations_reading_options(c) != 0)
		return -1;
	o->label = cli_get(c, "label");
	o->positive = cli_get(c, "positive");
	if (work_open(c->store, STORE_READ, &store, &c->err) != 0)
		return -1;
	int status = work_data_find(store, c->args[0], &data, &c->err);
	if (status == 0) {
		/* Everything in it by its own measure is kept; what was asked for besides is computed now. */
		status = o->positive || o->rows || o->threads || cli_get(c, "columns")
		             ? relate_some(c, store, &data, o)
		             : relate_all(c, store, &data, o->label);
		work_data_release(&data);
	}
	store_close(store);
	return status;
}

int cmd_data_relations(struct cli *c)
{
	struct relation_options o = {0};
	int64_t threads = 0, rows = 0, limit;
	if (cli_get_int(c, "threads", 1, 1024, &threads) != 0 ||
	    cli_get_int(c, "rows", 2, INT64_MAX, &rows) != 0 ||
	    cli_get_int(c, "limit", 0, INT64_MAX, &limit) != 0)
		return -1;
	o.threads = (int)threads;
	o.rows = (size_t)rows;
	o.progress = watch_begin(c);
	if (cli_has(c, "against"))
		return data_relations_against(c, o.threads);
	return data_args_are_files(c) ? relate_files(c, &o) : relate_registered(c, &o);
}
