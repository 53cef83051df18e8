/* The options that say how a file is read, handed to data's reading_set one by one. */
#include "cli_data.h"

int reading_from_options(struct cli *c, struct reading *r)
{
	/* Names that others refer to come first, whatever the order on the line. */
	static const char *const order[] = {"encoding",   "delimiter", "quote",   "header",   "no-header",
	                                    "names",      "skip",      "comment", "trim",     "end-mark",
	                                    "missing",    "type",      "label",   "positive", "protected",
	                                    "background", "weight",    "time",    "id"};
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
