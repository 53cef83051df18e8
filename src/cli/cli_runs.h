/* What the two listings of runs share. */
#ifndef CLI_RUNS_H
#define CLI_RUNS_H

#include "assay/work.h"

#include "cli.h"

/* What was asked for, by options or by a saved view. */
struct runs_ask {
	struct runs_query query;
	const char *const *group;
	size_t group_count;
	bool over_seeds;
	size_t limit; /* 0: all */
};
/* Reads --view, -e, --where, --order, --columns, --group and --over-seeds. The columns are none if none were said. */
int runs_ask_read(struct cli *c, struct store *store, struct arena *mem, struct runs_ask *out);
/* A list of names as an option gives it; *count 0 and *names as it was where it is not given. */
int names_option(struct cli *c, const char *option, struct arena *mem, const char *const **names,
                 size_t *count);
/* One line a group, instead of one a run. */
int runs_groups_list(struct cli *c, struct store *store, struct arena *mem, const struct runs_ask *ask);
/* One line a column, over all of them. */
int runs_summary_list(struct cli *c, struct store *store, struct arena *mem, const struct runs_ask *ask);
void runs_cell_json(struct json_writer *j, const char *key, const struct runs_cell *cell);
/* "metrics.auc" is "auc" to people, unless another of the columns is called so as well. */
const char *runs_title(const char *const *columns, size_t count, size_t at);

#endif
