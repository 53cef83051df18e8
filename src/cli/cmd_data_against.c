/* assay data profile … --against REF: what is there now beside what was there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assay/data_differences.h"
#include "assay/work.h"

#include "cli_data.h"
#include "cli_split.h"

/* ---- for people ---- */

/* So many columns show medians too; as many are taken where there is no terminal. A list of names takes so many lines. */
enum { WIDE = 96, NO_TERMINAL = 100, NAME_LINES = 3 };
/* Lines of a table, unless --limit says how many. */
enum { LINES = 20 };

/* What is printed, and how much of it. */
struct page {
	const struct differences *d;
	const struct cli *c;
	const struct column_difference **order; /* those on both sides, what differs most first */
	size_t count;
	size_t limit; /* 0: all */
};

static void share_cell(struct listing *g, double share)
{
	char text[NUM_TEXT];
	if (isnan(share)) {
		listing_none(g);
		return;
	}
	double percent = 100 * share;
	if (share > 0 && percent < 0.1)
		snprintf(text, sizeof text, "<0.1 %%");
	else
		snprintf(text, sizeof text, share > 0 ? "%.1f %%" : "0", percent);
	listing_text(g, text, GRID_PLAIN);
}

static void value_cell(struct listing *g, const struct column_difference *d, double value)
{
	char text[TIME_TEXT];
	if (d->now->type != COLUMN_TIME || isnan(value)) {
		listing_num(g, value, 4);
		return;
	}
	time_rfc3339((int64_t)value, text);
	text[strlen("2026-10-05")] = '\0';
	listing_text(g, text, GRID_PLAIN);
}

static void signed_cell(struct listing *g, double value, const char *unit)
{
	char text[2 * NUM_TEXT], number[NUM_TEXT];
	if (isnan(value)) {
		listing_none(g);
		return;
	}
	snprintf(text, sizeof text, "%s%s%s", value > 0 ? "+" : "", num_people(value, 2, number), unit);
	listing_text(g, text, fabs(value) >= 1 ? GRID_WARN : GRID_PLAIN);
}

static bool is_number(const struct column_difference *d)
{
	return d->now->numeric && d->now->type != COLUMN_BOOL;
}

/* A gap, or a heading that says how many there are beside those that are shown. Returns how many lines are. */
static size_t begin_table(const struct page *p, const char *what, bool numbers)
{
	char shown[NUM_TEXT], all[NUM_TEXT];
	size_t count = 0;
	for (size_t i = 0; i < p->count; i++)
		count += is_number(p->order[i]) == numbers;
	if (p->limit && p->limit < count) {
		char *text = xasprintf("%s (%s of %s, those that differ most; --limit 0 shows all)", what,
		                       count_people((int64_t)p->limit, shown), count_people((int64_t)count, all));
		heading_print(text, p->c, stdout);
		free(text);
		return p->limit;
	}
	if (count)
		fputc('\n', stdout);
	return count;
}

static void print_numbers(const struct page *p, bool weighted)
{
	size_t lines = begin_table(p, weighted ? "numbers, weighted" : "numbers", true);
	const int room = terminal_columns();
	const bool medians = !room || room >= WIDE;
	struct listing g;
	listing_init(&g);
	listing_column(&g, weighted ? "weighted" : "numbers", "column", GRID_LEFT);
	listing_column(&g, "missing", "missing", GRID_RIGHT);
	listing_column(&g, "was", "missing_was", GRID_RIGHT);
	listing_column(&g, "mean", "mean", GRID_POINT);
	listing_column(&g, "was", "mean_was", GRID_POINT);
	listing_column(&g, "shift", "in_sd", GRID_RIGHT);
	if (medians) {
		listing_column(&g, "median", "median", GRID_POINT);
		listing_column(&g, "was", "median_was", GRID_POINT);
	}
	for (size_t i = 0; i < p->count && lines; i++) {
		const struct column_difference *k = p->order[i];
		const struct weighted_difference *w = &k->weighted;
		if (!is_number(k))
			continue;
		lines--;
		listing_text(&g, k->name, GRID_PLAIN);
		share_cell(&g, weighted ? w->missing.now : k->missing.now);
		share_cell(&g, weighted ? w->missing.reference : k->missing.reference);
		value_cell(&g, k, weighted ? w->mean.now : k->now->mean);
		value_cell(&g, k, weighted ? w->mean.reference : k->mean.reference);
		signed_cell(&g, weighted ? w->mean_in_sd : k->mean_in_sd, " sd");
		if (medians) {
			value_cell(&g, k, weighted ? w->median.now : k->now->quantiles[3]);
			value_cell(&g, k, weighted ? w->median.reference : k->median.reference);
		}
	}
	if (g.cell_count)
		listing_print(&g, p->c, stdout);
	listing_release(&g);
}

static void print_categories(const struct page *p)
{
	size_t lines = begin_table(p, "others", false);
	struct listing g;
	listing_init(&g);
	listing_column(&g, "others", "column", GRID_LEFT);
	listing_column(&g, "missing", "missing", GRID_RIGHT);
	listing_column(&g, "was", "missing_was", GRID_RIGHT);
	listing_column(&g, "distinct", "distinct", GRID_RIGHT);
	listing_column(&g, "was", "distinct_was", GRID_RIGHT);
	listing_column(&g, "share changed most of", "value", GRID_LEFT);
	listing_column(&g, "share", "share", GRID_RIGHT);
	listing_column(&g, "was", "share_was", GRID_RIGHT);
	for (size_t i = 0; i < p->count && lines; i++) {
		const struct column_difference *k = p->order[i];
		if (is_number(k))
			continue;
		lines--;
		listing_text(&g, k->name, GRID_PLAIN);
		share_cell(&g, k->missing.now);
		share_cell(&g, k->missing.reference);
		listing_int(&g, (int64_t)k->now->distinct);
		listing_int(&g, (int64_t)k->reference->distinct);
		if (k->value_count) {
			listing_text(&g, k->values[0].value, GRID_PLAIN);
			share_cell(&g, k->values[0].share.now);
			share_cell(&g, k->values[0].share.reference);
		} else {
			listing_none(&g);
			listing_none(&g);
			listing_none(&g);
		}
	}
	if (g.cell_count)
		listing_print(&g, p->c, stdout);
	listing_release(&g);
}

/* Lines of names, such as fit; then how many more there are. */
struct names {
	const struct page *page;
	struct fact *facts;
	size_t count, cap;
	struct str line;
	const char *label; /* of the first line */
	size_t lines, left_out;
};

enum { LABEL_WIDTH = 14 };

static void end_line(struct names *n)
{
	n->facts = vec_reserve(n->facts, &n->cap, n->count + 1, sizeof *n->facts);
	n->facts[n->count++] = (struct fact){n->lines ? "" : n->label, xstrdup(n->line.data)};
	n->lines++;
	str_clear(&n->line);
}

/* before: what stands between it and the item that it follows in a line. */
static void add_name(struct names *n, const char *text, const char *before)
{
	const int terminal = terminal_columns(), room = (terminal ? terminal : NO_TERMINAL) - LABEL_WIDTH;
	const bool all = n->page->limit == 0;
	int used = text_width(n->line.data, n->line.len) + text_width(before, strlen(before)) +
	           text_width(text, strlen(text)) + 1;
	if (n->left_out) {
		n->left_out++;
		return;
	}
	if (n->line.len && used > room) {
		/* The last line says how many there are beside. */
		if (!all && n->lines + 1 == NAME_LINES) {
			n->left_out = 1;
			return;
		}
		str_addf(&n->line, "%.1s", before);
		end_line(n);
	}
	if (n->line.len)
		str_adds(&n->line, before);
	str_adds(&n->line, text);
}

static void begin_names(struct names *n, const char *label)
{
	n->label = label;
	n->lines = n->left_out = 0;
	str_clear(&n->line);
}

static void end_names(struct names *n)
{
	char more[NUM_TEXT];
	if (!n->line.len)
		return;
	end_line(n);
	if (n->left_out) {
		str_addf(&n->line, "and %s more; --limit 0 shows all", count_people((int64_t)n->left_out, more));
		end_line(n);
	}
}

/* Columns of one status. */
static void names_of(struct names *n, const char *label, enum difference_status status)
{
	const struct differences *d = n->page->d;
	struct str text;
	str_init(&text);
	begin_names(n, label);
	for (size_t i = 0; i < d->column_count; i++) {
		const struct column_difference *k = &d->columns[i];
		if (k->status != status)
			continue;
		str_clear(&text);
		str_adds(&text, k->name);
		if (status == DIFFERENCE_TYPE)
			str_addf(&text, " (%s, was %s)", column_type_name(k->now->type),
			         column_type_name(k->reference->type));
		add_name(n, text.data, ", ");
	}
	end_names(n);
	str_release(&text);
}

/* Values that one side has not: "channel: app". */
static void values_of(struct names *n, const char *label, bool new)
{
	const struct differences *d = n->page->d;
	struct str text;
	str_init(&text);
	begin_names(n, label);
	for (size_t i = 0; i < d->column_count; i++) {
		const struct column_difference *k = &d->columns[i];
		bool any = false;
		for (size_t v = 0; v < k->value_count; v++) {
			const struct number_change *s = &k->values[v].share;
			if ((new ? s->reference : s->now) > 0)
				continue;
			str_clear(&text);
			if (!any)
				str_addf(&text, "%s: ", k->name);
			str_adds(&text, k->values[v].value);
			add_name(n, text.data, any ? ", " : "; ");
			any = true;
		}
	}
	end_names(n);
	str_release(&text);
}

static int by_difference(const void *a, const void *b)
{
	const struct column_difference *x = *(const struct column_difference *const *)a,
	                               *y = *(const struct column_difference *const *)b;
	/* What cannot be compared stands last; else in the order of the table, in which they lie. */
	if (isnan(x->differs) != isnan(y->differs))
		return isnan(x->differs) - isnan(y->differs);
	if (!isnan(x->differs) && x->differs != y->differs)
		return x->differs > y->differs ? -1 : 1;
	return (x > y) - (x < y);
}

static void for_people(const struct differences *d, const struct cli *c, size_t limit)
{
	char now[NUM_TEXT], was[NUM_TEXT];
	struct page p = {.d = d, .c = c, .limit = limit};
	struct names n = {.page = &p, .label = "rows"};
	str_init(&n.line);
	str_addf(&n.line, "%s, were %s", count_people((int64_t)d->rows_now, now),
	         count_people((int64_t)d->rows_reference, was));
	end_line(&n);
	names_of(&n, "new columns", DIFFERENCE_APPEARED);
	names_of(&n, "lost columns", DIFFERENCE_DISAPPEARED);
	names_of(&n, "other types", DIFFERENCE_TYPE);
	values_of(&n, "new values", true);
	values_of(&n, "lost values", false);
	names_of(&n, "the same", DIFFERENCE_NONE);
	facts_print(n.facts, n.count, c, stdout);
	p.order = xcalloc(d->column_count + 1, sizeof *p.order);
	for (size_t i = 0; i < d->column_count; i++)
		if (d->columns[i].now && d->columns[i].reference)
			p.order[p.count++] = &d->columns[i];
	qsort(p.order, p.count, sizeof *p.order, by_difference);
	print_numbers(&p, false);
	if (d->weighted)
		print_numbers(&p, true);
	print_categories(&p);
	for (size_t i = 0; i < n.count; i++)
		free((char *)n.facts[i].value);
	free(n.facts);
	str_release(&n.line);
	free(p.order);
}

/* ---- for programs ---- */

static void for_programs(const struct differences *d, const struct cli *c)
{
	static const char *const keys[] = {"column",
	                                   "status",
	                                   "type",
	                                   "type_was",
	                                   "missing",
	                                   "missing_was",
	                                   "distinct",
	                                   "distinct_was",
	                                   "mean",
	                                   "mean_was",
	                                   "in_sd",
	                                   "median",
	                                   "median_was",
	                                   "value",
	                                   "share",
	                                   "share_was",
	                                   "weighted_mean",
	                                   "weighted_mean_was",
	                                   "weighted_in_sd",
	                                   "weighted_missing",
	                                   "weighted_missing_was",
	                                   "differs"};
	struct listing g;
	listing_init(&g);
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		listing_column(&g, keys[i], keys[i], GRID_LEFT);
	for (size_t i = 0; i < d->column_count; i++) {
		const struct column_difference *k = &d->columns[i];
		const struct value_change none = {"", 0, {NAN, NAN, NAN}};
		const struct value_change *v = k->value_count ? &k->values[0] : &none;
		const double numbers[] = {k->missing.now,        k->missing.reference, k->distinct.now,
		                          k->distinct.reference, k->mean.now,          k->mean.reference,
		                          k->mean_in_sd,         k->median.now,        k->median.reference};
		listing_text(&g, k->name, GRID_PLAIN);
		listing_text(&g, difference_status_name(k->status), GRID_PLAIN);
		listing_text(&g, k->now ? column_type_name(k->now->type) : "", GRID_PLAIN);
		listing_text(&g, k->reference ? column_type_name(k->reference->type) : "", GRID_PLAIN);
		for (size_t n = 0; n < COUNT_OF(numbers); n++)
			listing_num(&g, numbers[n], 17);
		listing_text(&g, v->value, GRID_PLAIN);
		listing_num(&g, v->share.now, 17);
		listing_num(&g, v->share.reference, 17);
		const struct weighted_difference *w = &k->weighted;
		const double estimates[] = {w->mean.now, w->mean.reference, w->mean_in_sd, w->missing.now,
		                            w->missing.reference};
		for (size_t n = 0; n < COUNT_OF(estimates); n++)
			listing_num(&g, d->weighted ? estimates[n] : (double)NAN, 17);
		listing_num(&g, k->differs, 17);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

static void print_json(const struct profile *now, const struct profile *reference,
                       const struct differences *d)
{
	struct str json, one;
	struct json_writer j;
	str_init(&json);
	str_init(&one);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	profile_json(now, &one);
	jw_raw(&j, "now", one.data);
	str_clear(&one);
	profile_json(reference, &one);
	jw_raw(&j, "reference", one.data);
	differences_json(d, &j);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&one);
	str_release(&json);
}

/* ---- the command ---- */

static int profile_of_files(struct cli *c, const char *const *paths, size_t count, struct profile *p)
{
	struct reading reading;
	struct table about;
	struct profile_options how = {.no_digest = true, .progress = watch_begin(c)};
	reading_init(&reading);
	int status = reading_from_options(c, &reading);
	if (status == 0)
		status = weights_asked(c, &reading, &how.weights);
	if (status == 0)
		status = size_asked(c, "memory", MEMORY_LEAST, &how.memory);
	if (status == 0)
		status =
		    work_files_profile(paths, count, &reading, &how, cli_has(c, "fresh"), p, &about, NULL, &c->err);
	if (status == 0)
		table_release(&about);
	reading_release(&reading);
	return status;
}

static int profile_of_registered(struct cli *c, const char *name, struct profile *p)
{
	struct store *store = NULL;
	struct work_data data;
	if (work_open(c->store, STORE_READ, &store, &c->err) != 0)
		return -1;
	int status = work_data_find(store, name, &data, &c->err);
	if (status == 0) {
		struct profile_options how = {.progress = watch_begin(c)};
		status = weights_asked(c, &data.reading, &how.weights);
		if (status == 0)
			status = size_asked(c, "memory", MEMORY_LEAST, &how.memory);
		if (status == 0)
			status = work_data_profile(store, &data, &how, p, &c->err);
		/* What is kept has the weighted estimates beside the others. */
		if (status == 0 && how.weights == STATS_ONE_EACH)
			profile_drop_weights(p);
		work_data_release(&data);
	}
	store_close(store);
	return status;
}

/* --column: the only one that is told of. -1: neither has it. */
static int keep_asked(struct cli *c, struct differences *d)
{
	const char *name = cli_get(c, "column");
	if (!name)
		return 0;
	for (size_t i = 0; i < d->column_count; i++)
		if (strcmp(d->columns[i].name, name) == 0) {
			d->columns += i;
			d->column_count = 1;
			return 0;
		}
	return error_set(&c->err, ERR_USAGE, "--column: there is no column \"%s\" in either of the two", name);
}

int data_profile_against(struct cli *c)
{
	const char *reference = cli_get(c, "against");
	const bool now_files = data_args_are_files(c), was_file = data_arg_is_file(reference);
	struct profile now, was;
	struct differences d;
	int64_t limit = LINES;
	if (cli_get_int(c, "limit", 0, INT64_MAX, &limit) != 0)
		return -1;
	/* Options for reading hold for what is read; a registered one is read as it was registered. */
	if (!now_files && !was_file && reading_no_options(c, c->args[0]) != 0)
		return -1;
	if (was_file ? profile_of_files(c, &reference, 1, &was) : profile_of_registered(c, reference, &was))
		return error_prefix(&c->err, "--against");
	int status = profile_some_rows(&was, &c->err);
	if (status != 0)
		error_prefix(&c->err, "--against");
	else
		status = now_files ? profile_of_files(c, c->args, c->arg_count, &now)
		                   : profile_of_registered(c, c->args[0], &now);
	watch_end(c);
	if (status == 0) {
		profile_differences(&d, &now, &was);
		status = profile_some_rows(&now, &c->err);
		if (status == 0)
			status = keep_asked(c, &d);
		if (status != 0)
			; /* said */
		else if (c->json)
			print_json(&now, &was, &d);
		else if (c->csv || c->tsv)
			for_programs(&d, c);
		else
			for_people(&d, c, (size_t)limit);
		differences_release(&d);
		profile_release(&now);
	}
	profile_release(&was);
	return status;
}
