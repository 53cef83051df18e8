/* assay data relations … --against TEST: which rows of a test set stand in the training set, too. */
#include <stdlib.h>
#include <string.h>

#include "assay/data_overlap.h"
#include "assay/work.h"

#include "cli_data.h"

/* ---- for people ---- */

static char *count_text(const struct overlap *o, const struct overlap_rows *rows)
{
	char count[NUM_TEXT], share[NUM_TEXT];
	if (!o->test_rows || !rows->count)
		return xstrdup("none");
	return xasprintf("%s (%s %%)", count_people((int64_t)rows->count, count),
	                 num_people(100 * (double)rows->count / (double)o->test_rows, 3, share));
}

static char *names_text(const char *const *names, size_t count)
{
	struct str text;
	str_init(&text);
	for (size_t i = 0; i < count; i++)
		str_addf(&text, "%s%s", i ? ", " : "", names[i]);
	return text.len ? text.data : (str_release(&text), NULL);
}

static void add_examples(struct listing *g, const char *what, const struct overlap_rows *rows)
{
	for (size_t i = 0; i < rows->count && i < OVERLAP_EXAMPLES; i++) {
		listing_text(g, what, GRID_PLAIN);
		listing_int(g, (int64_t)rows->first[i].test + 1);
		listing_int(g, (int64_t)rows->first[i].train + 1);
	}
}

static void print_examples(const struct overlap *o, const struct cli *c)
{
	struct listing g;
	listing_init(&g);
	listing_column(&g, "the first of them", "what", GRID_LEFT);
	listing_column(&g, "test row", "test_row", GRID_RIGHT);
	listing_column(&g, "training row", "train_row", GRID_RIGHT);
	add_examples(&g, "same", &o->same);
	/* With a label, those of another one are what else there is to see. */
	add_examples(&g, "another label", &o->conflicts);
	if (g.cell_count || c->csv || c->tsv) {
		if (!c->csv && !c->tsv)
			fputc('\n', stdout);
		listing_print(&g, c, stdout);
	}
	listing_release(&g);
}

static void for_people(const struct overlap *o, const struct cli *c)
{
	char a[NUM_TEXT], b[NUM_TEXT], d[NUM_TEXT];
	char *rows = xasprintf("%s of the test set, against %s", count_people((int64_t)o->test_rows, a),
	                       count_people((int64_t)o->train_rows, b)),
	     *compared = names_text(o->columns, o->column_count), *label = NULL,
	     *only_train = names_text(o->only_train, o->only_train_count),
	     *only_test = names_text(o->only_test, o->only_test_count), *same = count_text(o, &o->same),
	     *alike = NULL, *conflicts = NULL,
	     *repeats = o->train_repeats ? xasprintf("%s of the training set repeat another one of it",
	                                             count_people((int64_t)o->train_repeats, d))
	                                 : NULL;
	if (o->label) {
		label = xstrdup(o->label);
		alike = count_text(o, &o->alike);
		conflicts = count_text(o, &o->conflicts);
	}
	facts_print((const struct fact[]){{"rows", rows},
	                                  {overlap_kind_name(OVERLAP_SAME), same},
	                                  {overlap_kind_name(OVERLAP_ALIKE), alike},
	                                  {overlap_kind_name(OVERLAP_CONFLICTS), conflicts},
	                                  {"repeats", repeats},
	                                  {"label", label},
	                                  {"compared", compared},
	                                  {"only training", only_train},
	                                  {"only test", only_test}},
	            9, c, stdout);
	print_examples(o, c);
	free(rows);
	free(compared);
	free(label);
	free(only_train);
	free(only_test);
	free(same);
	free(alike);
	free(conflicts);
	free(repeats);
}

/* ---- the command ---- */

/* What was said of fields holds for both; how a file is laid out is its own. */
static int take_options(struct cli *c, struct reading *to)
{
	const char *value;
	if (cli_has(c, "trim") && reading_set(to, "trim", NULL, &c->err) != 0)
		return -1;
	for (size_t at = 0; (value = cli_get_at(c, "type", at)); at++)
		if (reading_set(to, "type", value, &c->err) != 0)
			return -1;
	return 0;
}

/* A test set is read as the training set was, but for numbers and times: what they are may differ, unless it was said. */
static void like_training(struct reading *to, const struct reading *resolved)
{
	reading_like(to, resolved);
	for (size_t i = 0; i < to->column_count; i++) {
		const enum column_type type = to->columns[i].type;
		if (type != COLUMN_BOOL && type != COLUMN_CAT && type != COLUMN_TEXT)
			to->columns[i].type = COLUMN_GUESS;
	}
}

static int read_registered(struct cli *c, const char *name, const struct table_options *options,
                           struct table *out)
{
	struct store *store = NULL;
	struct work_data data;
	if (work_open(c->store, STORE_READ, &store, &c->err) != 0)
		return -1;
	int status = work_data_find(store, name, &data, &c->err);
	if (status == 0) {
		status = work_data_load(store, &data, options, out, &c->err);
		work_data_release(&data);
	}
	store_close(store);
	return status;
}

static int read_training(struct cli *c, const struct table_options *options, struct table *out)
{
	struct table_options of_files = *options;
	struct reading reading;
	if (!data_args_are_files(c))
		return read_registered(c, c->args[0], options, out);
	/* What is registered is held against its digest; of files none is asked. */
	of_files.no_digest = true;
	reading_init(&reading);
	int status = reading_from_options(c, &reading);
	if (status == 0)
		status = table_read(out, c->args, c->arg_count, &reading, &of_files, &c->err);
	reading_release(&reading);
	return status;
}

static int read_test(struct cli *c, const char *test, const struct table *train,
                     const struct table_options *options, struct table *out)
{
	struct table_options of_files = *options;
	struct reading reading;
	if (!data_arg_is_file(test))
		return read_registered(c, test, options, out);
	of_files.no_digest = true;
	like_training(&reading, &train->reading);
	int status = take_options(c, &reading);
	if (status == 0)
		status = table_read(out, &test, 1, &reading, &of_files, &c->err);
	reading_release(&reading);
	return status;
}

static int compare(struct cli *c, const struct table *train, const struct table *test, int threads)
{
	struct overlap_options how = {
	    .label = cli_get(c, "label"), .threads = threads, .progress = watch_begin(c)};
	const char *list = cli_get(c, "columns");
	char **names = cli_split_list(list ? list : "", &how.column_count);
	struct overlap o;
	how.columns = (const char *const *)names;
	int status = list && !how.column_count ? error_set(&c->err, ERR_USAGE, "--columns names no column")
	                                       : overlap_tables(&o, train, test, &how, &c->err);
	free(names);
	watch_end(c);
	if (status != 0)
		return -1;
	if (c->json) {
		struct str json;
		str_init(&json);
		overlap_json(&o, &json);
		json_print(&json, stdout);
		str_release(&json);
	} else if (c->csv || c->tsv) {
		print_examples(&o, c);
	} else {
		for_people(&o, c);
	}
	notes_print(c, o.notes, o.note_count);
	overlap_release(&o);
	return 0;
}

int data_relations_against(struct cli *c, int threads)
{
	const char *test = cli_get(c, "against");
	const struct table_options options = {.threads = threads, .packed = true, .progress = watch_begin(c)};
	struct table of_train, of_test;
	if (cli_has(c, "rows") || cli_has(c, "limit"))
		return error_set(&c->err, ERR_USAGE, "--%s has no place beside --against: all rows are compared",
		                 cli_has(c, "rows") ? "rows" : "limit");
	if (!data_args_are_files(c) && relations_reading_options(c) != 0)
		return -1;
	if (read_training(c, &options, &of_train) != 0)
		return -1;
	int status = read_test(c, test, &of_train, &options, &of_test);
	if (status != 0) {
		error_prefix(&c->err, "--against");
	} else {
		status = compare(c, &of_train, &of_test, threads);
		table_release(&of_test);
	}
	table_release(&of_train);
	return status;
}
