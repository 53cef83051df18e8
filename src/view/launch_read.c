/* Launch, on the workers' threads: which data sets there are, whether it can be launched, launching. */
#include <string.h>

#include "launch.h"
#include "view_inside.h"

int view_launch_read_sets(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	struct launch_sets *sets = arena_alloc(a, sizeof *sets);
	struct dataset_row *rows;
	size_t count;

	(void)arg;
	*result = sets;
	if (store_datasets(desk->store, a, &rows, &count, err) != 0)
		return -1;
	sets->set = arena_array(a, count + 1, sizeof *sets->set);
	for (size_t i = 0; i < count; i++) {
		struct launch_set *set = &sets->set[sets->count];
		struct work_data data;
		const char **columns;

		/* A name means its newest version, which comes first. */
		if (i > 0 && strcmp(rows[i].name, rows[i - 1].name) == 0)
			continue;
		if (work_data_find_id(desk->store, rows[i].id, &data, err) != 0)
			return -1;
		columns = arena_array(a, data.reading.column_count + 1, sizeof *columns);
		for (size_t c = 0; c < data.reading.column_count; c++)
			columns[c] = arena_strdup(a, data.reading.columns[c].name);
		set->name = rows[i].name;
		set->columns = columns;
		set->column_count = data.reading.column_count;
		set->label = arena_strdup(a, reading_label(&data.reading));
		set->positive = arena_strdup(a, data.reading.positive);
		work_data_release(&data);
		sets->count++;
	}
	return 0;
}

int view_launch_check(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct launch_request *ask = arg;
	struct launch_checked *checked = arena_alloc(a, sizeof *checked);
	const char *field = NULL;
	struct error why;
	size_t at = 0;

	*result = checked;
	if (work_train_check(desk->store, &ask->train, &field, &at, &why) == 0) {
		checked->ok = true;
		return 0;
	}
	if (why.code != ERR_USAGE && why.code != ERR_NO && why.code != ERR_ENV) {
		*err = why;
		return -1;
	}
	checked->text = arena_strdup(a, why.text);
	if (field && strcmp(field, "set") == 0 && at < ask->train.set_count)
		checked->field = arena_printf(a, "set.%s", ask->train.set[at].key);
	else if (field)
		checked->field = arena_strdup(a, field);
	return 0;
}

int view_launch_start(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct launch_request *ask = arg;

	*result = arena_alloc(a, sizeof(struct run_started));
	if (ask->is_run)
		return work_run_launch(desk->store, &ask->run, *result, err);
	return work_train_launch(desk->store, &ask->train, *result, err);
}
