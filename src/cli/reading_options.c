/* The options that say how a file is read, handed to data's reading_set one by one. */
#include <string.h>

#include "cli_data.h"

/* Names that others refer to come first, whatever the order on the line. */
static const char *const order[] = {"encoding",   "delimiter", "quote",   "header",   "no-header",
                                    "names",      "skip",      "comment", "trim",     "end-mark",
                                    "missing",    "type",      "label",   "positive", "protected",
                                    "background", "weight",    "time",    "id"};

int reading_no_options(struct cli *c, const char *name)
{
	for (size_t i = 0; i < c->given_count; i++)
		for (size_t k = 0; k < COUNT_OF(order); k++)
			if (strcmp(c->given[i].option->name, order[k]) == 0)
				return error_set(
				    &c->err, ERR_USAGE,
				    "--%s says how a file is read, but %s is registered: it is read as it was registered",
				    order[k], name);
	return 0;
}

bool data_arg_is_file(const char *arg)
{
	return strcmp(arg, "-") == 0 || file_exists(arg) || strchr(arg, '/');
}

bool data_args_are_files(const struct cli *c)
{
	return c->arg_count > 1 || data_arg_is_file(c->args[0]);
}

int reading_from_options(struct cli *c, struct reading *r)
{
	for (size_t i = 0; i < COUNT_OF(order); i++)
		for (size_t at = 0;; at++) {
			const char *value = cli_get_at(c, order[i], at);
			if (!value)
				break;
			bool flag = strcmp(order[i], "no-header") == 0 || strcmp(order[i], "trim") == 0;
			if (reading_set(r, order[i], flag ? NULL : value, &c->err) != 0)
				return -1;
		}
	return 0;
}

void notes_print(const struct cli *c, const char *const *notes, size_t count)
{
	for (size_t i = 0; i < count && !c->quiet; i++)
		safe_fprintf(stderr, "  %s\n", notes[i]);
}
