/* Data: what goes between the screens and the reader. */
#ifndef ASSAY_VIEW_DATA_H
#define ASSAY_VIEW_DATA_H

#include "assay/data.h"
#include "assay/ui.h"
#include "assay/work_data.h"

#include "list.h"

/* Columns of text that a small distribution takes. */
#define FEATURE_SPARK 16

/* The list of data sets; ids are those of the versions. */
struct sets_list {
	struct list_rows list;
};
ui_work_fn view_data_read_sets;

/* One version and its profile, everything in one arena; columns as profile_draw has them. */
struct features {
	int64_t id;
	const char *name, *label; /* label NULL: none */
	int64_t version;
	uint64_t rows;
	const struct column_profile *columns;
	size_t count;
	const char *const *files;
	size_t file_count;
	const char *fresh; /* the profile was not kept and had to be made: as JSON; else NULL */
};
struct features_pair {
	struct list_rows list; /* of `now`: ids are places among its columns, from 1 on */
	struct features now;
	bool has_other;
	struct features other;   /* another version, to compare with */
	const char *other_title; /* "loans@2" */
};
/* Of list_ask: id of the version, or 0 and `what` as NAME[@N]; `other` to compare with, or 0. Gives
 * features_pair. */
ui_work_fn view_data_read_features;

/* Has what had to be made kept, so that the next look at it is instant: `made` of the data set id; NULL: nothing had to
 * be. `keep`: work_data_profile_keep or the like. */
typedef int view_data_keep_fn(struct store *store, const struct work_data *d, const char *made,
                              struct error *err);
void view_data_keep(struct view *v, int64_t id, const char *made, view_data_keep_fn *keep);
enum { VIEW_DATA_TAG_KEEP = 9101 }; /* of its answer, which says nothing */

/* Bins of a column as doubles, for chart; in the arena. */
struct chart_bins;
void view_data_bins(struct arena *a, const struct column_profile *c, const char *name,
                    struct chart_bins *out);
/* One column small: its histogram (over the other version's) or its frequent values, then what is known of it. */
void view_data_draw_small(struct surface *s, const struct features_pair *pair,
                          const struct column_profile *c);
/* The picture alone, under its name. */
void view_data_draw_shape(struct surface *s, const struct features_pair *pair,
                          const struct column_profile *c);
/* "protected,background"; "" where there is nothing to say beside the type: a feature, an id that is an id. */
const char *view_data_roles(struct arena *a, const struct column_profile *c);
/* The column of that name, or NULL. */
const struct column_profile *view_data_column(const struct features *f, const char *name);
/* The distribution of a column in `width` cells: a small histogram, or the most frequent values. */
const char *view_data_spark(struct arena *a, const struct column_profile *c, int width,
                            enum term_charset charset);

/* A menu of the other versions; `accept` gets the chosen id, -1 for none. */
void view_data_choose_against(struct view *v, const struct sets_list *list, int64_t now, int64_t against,
                              void (*accept)(void *user, int64_t id));

#endif
