/* Data: what goes between the screens and the reader. */
#ifndef ASSAY_VIEW_DATA_H
#define ASSAY_VIEW_DATA_H

#include "assay/data.h"
#include "assay/ui.h"

/* The list of data sets: rows for a table; ids are those of the versions. */
struct sets_list {
	struct ui_row *rows;
	size_t count;
};
ui_work_fn view_data_read_sets;

/* One version and its profile, everything in one arena. */
struct features {
	int64_t id;
	const char *name, *label; /* label NULL: none */
	int64_t version;
	uint64_t rows;
	const struct column_profile *columns;
	size_t count;
	const char *const *files;
	size_t file_count;
};
struct features_pair {
	struct features now;
	bool has_other;
	struct features other; /* another version, to compare with */
};
struct features_ask {
	int64_t id, against; /* against 0: none */
	char ref[256];       /* NAME[@N] where id is 0 */
};
ui_work_fn view_data_read_features; /* gives features_pair */

/* Bins of a column as doubles, for chart; in the arena. */
struct chart_bins;
void view_data_bins(struct arena *a, const struct column_profile *c, const char *name,
                    struct chart_bins *out);
/* The column of that name, or NULL. */
const struct column_profile *view_data_column(const struct features *f, const char *name);
/* The distribution of a column in `width` cells: a small histogram, or the most frequent values. */
const char *view_data_spark(struct arena *a, const struct column_profile *c, int width,
                            enum term_charset charset);

/* A menu of the other versions; `accept` gets the chosen id, -1 for none. */
void view_data_choose_against(struct view *v, const struct sets_list *list, int64_t now, int64_t against,
                              void (*accept)(void *user, int64_t id));

#endif
