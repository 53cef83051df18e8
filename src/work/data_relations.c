/* What the columns of a data set have to do with each other: computed once, then kept beside its profile; and which rows two
 * of them have in common. */
#include "work.h"

/* Kept under what makes them so: the bytes and their reading, the label, and how this program measures (another
 * number where that changes, so that what an older one has kept is not taken for it). */
static char *key_of(const struct work_data *d, const char *label)
{
	return xasprintf("relations/5 %s %s", d->digest, label ? label : "");
}

static int find_kept(struct store *store, const char *key, struct relations *out, bool *found,
                     struct error *err)
{
	struct str json;
	str_init(&json);
	int status = store_profile_get(store, key, &json, found, err);
	/* What cannot be read is as good as not kept: it is made anew, and put in its place. */
	if (status == 0 && *found)
		*found = relations_parse(out, json.data, json.len, NULL) == 0;
	str_release(&json);
	return status;
}

static int compute(struct store *store, const struct work_data *d, const char *label,
                   struct progress *progress, struct relations *out, struct error *err)
{
	struct table table;
	struct table_options how = {.packed = true, .progress = progress};
	if (work_data_load(store, d, &how, &table, err) != 0)
		return -1;
	int status =
	    relations_table(out, &table, &(struct relation_options){.label = label, .progress = progress}, err);
	table_release(&table);
	return status;
}

int work_data_relations(struct store *store, const struct work_data *d, const char *label, bool only_kept,
                        struct progress *progress, struct relations *out, bool *kept, struct error *err)
{
	bool found = false;
	if (!label)
		label = reading_label(&d->reading);
	char *key = key_of(d, label);
	int status = find_kept(store, key, out, &found, err);
	if (kept)
		*kept = found;
	if (status == 0 && !found && !only_kept) {
		status = compute(store, d, label, progress, out, err);
		if (status == 0 && store_writable(store)) {
			struct str json;
			str_init(&json);
			relations_json(out, 0, &json);
			/* Only a cache: that it could not be kept takes nothing from the answer. */
			store_profile_put(store, key, json.data, json.len, NULL);
			str_release(&json);
		}
	}
	free(key);
	return status;
}

int work_data_relations_keep(struct store *store, const struct work_data *d, const char *json,
                             struct error *err)
{
	char *key = key_of(d, reading_label(&d->reading));
	int status = store_profile_put(store, key, json, strlen(json), err);
	free(key);
	return status;
}

/* ---- rows of two data sets ---- */

static int overlap_both(const struct table *train, const struct table *test, struct progress *progress,
                        struct work_overlap *out, struct error *err)
{
	struct overlap_options how = {.marks = true, .progress = progress};
	if (overlap_tables(&out->test, train, test, &how, err) != 0)
		return -1;
	/* What is the label does not depend on the side from which it is looked at. */
	how.label = out->test.label;
	how.no_label = !how.label;
	if (overlap_tables(&out->train, test, train, &how, err) == 0)
		return 0;
	overlap_release(&out->test);
	return -1;
}

int work_data_overlap(struct store *store, const struct work_data *train, const struct work_data *test,
                      struct progress *progress, struct work_overlap *out, struct error *err)
{
	const struct table_options how = {.packed = true, .progress = progress};
	struct table of_train, of_test;
	if (work_data_load(store, train, &how, &of_train, err) != 0)
		return -1;
	int status = work_data_load(store, test, &how, &of_test, err);
	if (status == 0) {
		status = overlap_both(&of_train, &of_test, progress, out, err);
		table_release(&of_test);
	}
	table_release(&of_train);
	return status;
}

void work_overlap_release(struct work_overlap *o)
{
	overlap_release(&o->test);
	overlap_release(&o->train);
}
