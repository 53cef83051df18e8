/* Launch, on the workers' threads: which data sets there are, whether it can be launched, launching. */
#include <string.h>

#include "launch.h"
#include "view_inside.h"

static void add_value(struct launch_like *like, const char *name, const char *value)
{
	like->values[like->count++] = (struct launch_value){name, value};
}

/* `assay train RECIPE --data … --set K=V` back into fields. What the form has no field for is left out. */
static void read_train_words(struct arena *a, const char **words, size_t count, struct launch_like *like)
{
	static const struct {
		const char *option, *field;
	} known[] = {{"--data", "data"},   {"--test", "test"},         {"--split", "split"},
	             {"--label", "label"}, {"--positive", "positive"}, {"--drop", "drop"},
	             {"--seed", "seed"},   {"-e", "experiment"},       {"--experiment", "experiment"}};

	for (size_t i = 0; i + 1 < count; i++) {
		char *pair, *equal;

		for (size_t k = 0; k < COUNT_OF(known); k++)
			if (strcmp(words[i], known[k].option) == 0)
				add_value(like, known[k].field, words[i + 1]);
		if (strcmp(words[i], "--set") != 0)
			continue;
		pair = arena_strdup(a, words[i + 1]);
		equal = strchr(pair, '=');
		if (!equal)
			continue;
		*equal++ = 0;
		if (strcmp(equal, "true") == 0 || strcmp(equal, "false") == 0)
			equal = arena_strdup(a, *equal == 't' ? "yes" : "no");
		add_value(like, arena_printf(a, "set.%s", pair), equal);
	}
}

static int read_like(struct store *s, int64_t id, struct arena *a, struct launch_like *like,
                     struct error *err)
{
	struct run_row run;
	struct str line;
	const char **words;
	size_t count;

	if (store_run_get(s, id, a, &run, err) != 0)
		return -1;
	words = work_command_words(run.command, a, &count);
	if (!words)
		return 0;
	like->values = arena_array(a, count + 2, sizeof *like->values);
	if (strcmp(run.kind, "train") == 0 && count > 2 && strcmp(words[1], "train") == 0) {
		like->recipe = words[2];
		read_train_words(a, words + 3, count - 3, like);
		return 0;
	}
	like->recipe = "command";
	str_init(&line);
	work_shell_line(words, &line);
	add_value(like, "command", arena_memdup0(a, line.data, line.len));
	str_release(&line);
	add_value(like, "experiment", run.experiment);
	return 0;
}

int view_launch_read_sets(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct launch_sets_ask *ask = arg;
	struct launch_sets *sets = arena_alloc(a, sizeof *sets);
	struct dataset_row *rows;
	size_t count;

	*result = sets;
	if (ask->like && read_like(desk->store, ask->like, a, &sets->like, err) != 0)
		return -1;
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
