/* assay data profile … --against REF: what is there now beside what was there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assay/data_differences.h"
#include "assay/work.h"

#include "cli_data.h"
#include "cli_split.h"

/* ---- for people ---- */

/* So many columns show medians too. */
enum { WIDE = 96 };

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

static bool is_pair(const struct column_difference *d)
{
	return d->now && d->reference;
}

static void print_numbers(const struct differences *d, const struct cli *c)
{
	const int room = terminal_columns();
	const bool medians = !room || room >= WIDE;
	struct listing g;
	listing_init(&g);
	listing_column(&g, "numbers", "column", GRID_LEFT);
	listing_column(&g, "missing", "missing", GRID_RIGHT);
	listing_column(&g, "was", "missing_was", GRID_RIGHT);
	listing_column(&g, "mean", "mean", GRID_POINT);
	listing_column(&g, "was", "mean_was", GRID_POINT);
	listing_column(&g, "shift", "in_sd", GRID_RIGHT);
	if (medians) {
		listing_column(&g, "median", "median", GRID_POINT);
		listing_column(&g, "was", "median_was", GRID_POINT);
	}
	for (size_t i = 0; i < d->column_count; i++) {
		const struct column_difference *k = &d->columns[i];
		if (!is_pair(k) || !k->now->numeric || k->now->type == COLUMN_BOOL)
			continue;
		listing_text(&g, k->name, GRID_PLAIN);
		share_cell(&g, k->missing.now);
		share_cell(&g, k->missing.reference);
		value_cell(&g, k, k->now->mean);
		value_cell(&g, k, k->mean.reference);
		signed_cell(&g, k->mean_in_sd, " sd");
		if (medians) {
			value_cell(&g, k, k->now->quantiles[3]);
			value_cell(&g, k, k->median.reference);
		}
	}
	if (g.cell_count) {
		fputc('\n', stdout);
		listing_print(&g, c, stdout);
	}
	listing_release(&g);
}

static void print_categories(const struct differences *d, const struct cli *c)
{
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
	for (size_t i = 0; i < d->column_count; i++) {
		const struct column_difference *k = &d->columns[i];
		if (!is_pair(k) || (k->now->numeric && k->now->type != COLUMN_BOOL))
			continue;
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
	if (g.cell_count) {
		fputc('\n', stdout);
		listing_print(&g, c, stdout);
	}
	listing_release(&g);
}

/* Columns of one status, in a row. */
static char *names_of(const struct differences *d, enum difference_status status)
{
	struct str names;
	str_init(&names);
	for (size_t i = 0; i < d->column_count; i++) {
		const struct column_difference *k = &d->columns[i];
		if (k->status != status)
			continue;
		str_addf(&names, "%s%s", names.len ? ", " : "", k->name);
		if (status == DIFFERENCE_TYPE)
			str_addf(&names, " (%s, was %s)", column_type_name(k->now->type),
			         column_type_name(k->reference->type));
	}
	return names.len ? names.data : (str_release(&names), NULL);
}

/* Values that one side has not: "channel: app". */
static char *values_of(const struct differences *d, bool new)
{
	struct str text;
	str_init(&text);
	for (size_t i = 0; i < d->column_count; i++) {
		const struct column_difference *k = &d->columns[i];
		bool any = false;
		for (size_t v = 0; v < k->value_count; v++) {
			const struct number_change *s = &k->values[v].share;
			if ((new ? s->reference : s->now) > 0)
				continue;
			if (any)
				str_addf(&text, ", %s", k->values[v].value);
			else
				str_addf(&text, "%s%s: %s", text.len ? "; " : "", k->name, k->values[v].value);
			any = true;
		}
	}
	return text.len ? text.data : (str_release(&text), NULL);
}

static void for_people(const struct differences *d, const struct cli *c)
{
	char now[NUM_TEXT], was[NUM_TEXT];
	char *rows = xasprintf("%s, were %s", count_people((int64_t)d->rows_now, now),
	                       count_people((int64_t)d->rows_reference, was));
	char *same = names_of(d, DIFFERENCE_NONE), *types = names_of(d, DIFFERENCE_TYPE),
	     *appeared = names_of(d, DIFFERENCE_APPEARED), *gone = names_of(d, DIFFERENCE_DISAPPEARED),
	     *new = values_of(d, true), *lost = values_of(d, false);
	facts_print((const struct fact[]){{"rows", rows},
	                                  {"new columns", appeared},
	                                  {"lost columns", gone},
	                                  {"other types", types},
	                                  {"new values", new},
	                                  {"lost values", lost},
	                                  {"the same", same}},
	            7, c, stdout);
	print_numbers(d, c);
	print_categories(d, c);
	free(rows);
	free(same);
	free(types);
	free(appeared);
	free(gone);
	free(new);
	free(lost);
}

/* ---- for programs ---- */

static void for_programs(const struct differences *d, const struct cli *c)
{
	static const char *const keys[] = {
	    "column", "status",   "type",  "type_was", "missing",    "missing_was", "distinct", "distinct_was",
	    "mean",   "mean_was", "in_sd", "median",   "median_was", "value",       "share",    "share_was"};
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
		status = work_data_profile(store, &data, &(struct profile_options){.progress = watch_begin(c)}, p,
		                           &c->err);
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
	/* Options for reading hold for what is read; a registered one is read as it was registered. */
	if (!now_files && !was_file && reading_no_options(c, c->args[0]) != 0)
		return -1;
	if (was_file ? profile_of_files(c, &reference, 1, &was) : profile_of_registered(c, reference, &was))
		return error_prefix(&c->err, "--against");
	int status = now_files ? profile_of_files(c, c->args, c->arg_count, &now)
	                       : profile_of_registered(c, c->args[0], &now);
	watch_end(c);
	if (status == 0) {
		profile_differences(&d, &now, &was);
		status = keep_asked(c, &d);
		if (status != 0)
			; /* said */
		else if (c->json)
			print_json(&now, &was, &d);
		else if (c->csv || c->tsv)
			for_programs(&d, c);
		else
			for_people(&d, c);
		differences_release(&d);
		profile_release(&now);
	}
	profile_release(&was);
	return status;
}
