/* assay data profile NAME|FILE…: statistics of every column. */
#include "assay/work.h"

#include "cli_data.h"
#include "commands.h"

static int profile_paths(struct cli *c)
{
	struct reading reading;
	struct table table;
	struct profile profile;
	reading_init(&reading);
	struct profile_options how = {.no_digest = true};
	int status = -1;
	if (reading_from_options(c, &reading) == 0 &&
	    profile_files(&profile, &table, c->args, c->arg_count, &reading, &how, &c->err) == 0) {
		profile_print(&profile, c);
		if (!c->json && !c->csv && !c->tsv)
			notes_print(c, table.notes, table.note_count);
		profile_release(&profile);
		table_release(&table);
		status = 0;
	}
	reading_release(&reading);
	return status;
}

static int profile_registered(struct cli *c)
{
	struct store *store = NULL;
	struct work_data data;
	struct profile profile;
	for (size_t i = 0; i < c->given_count; i++)
		for (const struct cli_option *o = c->command->options; o->name; o++)
			if (c->given[i].option == o)
				return error_set(
				    &c->err, ERR_USAGE,
				    "--%s says how a file is read, but %s is registered: it is read as it was registered",
				    o->name, c->args[0]);
	if (work_open(c->store, STORE_READ, &store, &c->err) != 0)
		return -1;
	int status = work_data_find(store, c->args[0], &data, &c->err);
	if (status == 0) {
		status = work_data_profile(store, &data, NULL, &profile, &c->err);
		if (status == 0) {
			profile_print(&profile, c);
			profile_release(&profile);
		}
		work_data_release(&data);
	}
	store_close(store);
	return status;
}

int cmd_data_profile(struct cli *c)
{
	/* A path that exists is a file, as is the standard input (-); two words or more can only be files. */
	if (c->arg_count > 1 || !strcmp(c->args[0], "-") || file_exists(c->args[0]) || strchr(c->args[0], '/'))
		return profile_paths(c);
	return profile_registered(c);
}
