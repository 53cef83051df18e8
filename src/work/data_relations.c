/* What the columns of a data set have to do with each other: computed once, then kept beside its profile. */
#include "work.h"

/* Kept under what makes them so: the bytes and their reading, the label, and how this program measures (another
 * number where that changes, so that what an older one has kept is not taken for it). */
static char *key_of(const struct work_data *d, const char *label)
{
	return xasprintf("relations/3 %s %s", d->digest, label ? label : "");
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
