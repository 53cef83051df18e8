/* assay data profile NAME|FILE…: statistics of every column. */
#include "assay/work.h"

#include "cli_data.h"
#include "cli_split.h"
#include "commands.h"

int profile_column_asked(struct cli *c, const struct profile *p, const struct column_profile **out)
{
	const char *name = cli_get(c, "column"), *near;
	*out = name ? profile_find(p, name) : NULL;
	if (!name || *out)
		return 0;
	const char **names = xreallocarray(NULL, p->column_count + 1, sizeof *names);
	for (size_t i = 0; i < p->column_count; i++)
		names[i] = p->columns[i].name;
	near = name_nearest(name, names, p->column_count);
	if (near)
		error_set(&c->err, ERR_USAGE, "there is no column \"%s\"; did you mean \"%s\"?", name, near);
	else
		error_set(&c->err, ERR_USAGE, "there is no column \"%s\"; without --column all are shown", name);
	free(names);
	return -1;
}

int profile_print_asked(struct cli *c, const struct profile *p)
{
	const struct column_profile *column;
	if (profile_column_asked(c, p, &column) != 0 || profile_some_rows(p, &c->err) != 0)
		return -1;
	profile_print(p, column, c);
	return 0;
}

int weights_asked(struct cli *c, const struct reading *r, enum stats_weights *out)
{
	const char *kind = cli_get(c, "weights");
	*out = STATS_ONE_EACH;
	for (size_t i = 0; i < r->column_count; i++)
		if (r->columns[i].roles & ROLE_WEIGHT)
			*out = STATS_SAMPLING;
	if (!kind)
		return 0;
	const bool weighted = *out != STATS_ONE_EACH;
	if (!weights_parse(kind, out))
		return error_set(&c->err, ERR_USAGE, "--weights %s: it is sampling, frequency or none", kind);
	if (!weighted && *out != STATS_ONE_EACH)
		return error_set(&c->err, ERR_USAGE, "--weights %s: no column is the weight (--weight COL)", kind);
	return 0;
}

/* People should know that nothing was read. */
static void say_made(const struct cli *c, int64_t made)
{
	char age[TIME_TEXT];
	int64_t ms = time_now_ms() - made;
	if (made && !c->quiet)
		fprintf(stderr, "  as profiled %s ago; --fresh reads it again\n",
		        ms < 60000 ? "less than a minute" : time_span(ms, age));
}

static int profile_paths(struct cli *c)
{
	struct reading reading;
	struct table table;
	struct profile profile;
	reading_init(&reading);
	/* A part is of files that can be told from others. */
	struct profile_options how = {.no_digest = !cli_has(c, "out"), .progress = watch_begin(c)};
	int64_t made;
	int status = -1;
	if (reading_from_options(c, &reading) != 0 || weights_asked(c, &reading, &how.weights) != 0 ||
	    size_asked(c, "memory", MEMORY_LEAST, &how.memory) != 0)
		;
	else if (cli_has(c, "out"))
		status =
		    data_profile_part(c, tally_files(&table, c->args, c->arg_count, &reading, &how, &c->err), &table);
	else if (work_files_profile(c->args, c->arg_count, &reading, &how, cli_has(c, "fresh"), &profile, &table,
	                            &made, &c->err) == 0) {
		watch_end(c);
		status = profile_print_asked(c, &profile);
		if (status == 0 && !c->json && !c->csv && !c->tsv) {
			say_made(c, made);
			notes_print(c, table.notes, table.note_count);
		}
		profile_release(&profile);
		table_release(&table);
	}
	reading_release(&reading);
	return status;
}

void profile_drop_weights(struct profile *p)
{
	p->weight = NULL;
	p->weights = STATS_ONE_EACH;
	for (size_t i = 0; i < p->column_count; i++)
		p->columns[i].weighted = NULL;
}

/* As it was kept, or with more or less memory. */
static int print_registered(struct cli *c, struct store *store, const struct work_data *data,
                            struct profile_options *how)
{
	struct profile profile;
	struct table about;
	if (weights_asked(c, &data->reading, &how->weights) != 0 ||
	    size_asked(c, "memory", MEMORY_LEAST, &how->memory) != 0)
		return -1;
	if (cli_has(c, "out") || how->memory)
		return data_profile_part(c, work_data_tally(store, data, how, &about, &c->err), &about);
	if (work_data_profile(store, data, how, &profile, &c->err) != 0)
		return -1;
	watch_end(c);
	/* What is kept has the weighted estimates beside the others. */
	if (how->weights == STATS_ONE_EACH)
		profile_drop_weights(&profile);
	int status = profile_print_asked(c, &profile);
	profile_release(&profile);
	return status;
}

static int profile_registered(struct cli *c)
{
	struct store *store = NULL;
	struct work_data data;
	if (reading_no_options(c, c->args[0]) != 0)
		return -1;
	if (cli_has(c, "fresh"))
		return error_set(&c->err, ERR_USAGE,
		                 "--fresh is for files: what is kept of %s is of the very bytes that were registered",
		                 c->args[0]);
	if (work_open(c->store, STORE_READ, &store, &c->err) != 0)
		return -1;
	struct profile_options how = {.progress = watch_begin(c)};
	int status = work_data_find(store, c->args[0], &data, &c->err);
	if (status == 0) {
		status = print_registered(c, store, &data, &how);
		watch_end(c);
		work_data_release(&data);
	}
	store_close(store);
	return status;
}

int cmd_data_profile(struct cli *c)
{
	if (cli_has(c, "out") && (cli_has(c, "by") || cli_has(c, "against")))
		return error_set(&c->err, ERR_USAGE, "--out is for a profile without %s",
		                 cli_has(c, "by") ? "--by" : "--against");
	if (cli_has(c, "limit") && !cli_has(c, "against"))
		return error_set(&c->err, ERR_USAGE, "--limit is for the tables of --against");
	if (data_out_check(c) != 0)
		return -1;
	if (cli_has(c, "by"))
		return data_profile_by(c);
	if (cli_has(c, "against"))
		return data_profile_against(c);
	return data_args_are_files(c) ? profile_paths(c) : profile_registered(c);
}
