/* What the commands on runs share: finding one, its JSON, and staying with one that we started. */
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "assay/store_capture.h"
#include "cli_run.h"

int run_open(struct cli *c, enum store_mode mode, const char *ref, struct store **store, struct arena *mem,
             struct run_row *run)
{
	int64_t id;
	*store = NULL;
	if (work_open(c->store, mode, store, &c->err) != 0)
		return -1;
	if (store_run_find(*store, ref, &id, &c->err) == 0 && store_run_get(*store, id, mem, run, &c->err) == 0)
		return 0;
	store_close(*store);
	*store = NULL;
	return -1;
}

enum listing_style status_style(enum run_status status)
{
	switch (status) {
	case RUN_DONE:
		return GRID_GOOD;
	case RUN_FAILED:
	case RUN_LOST:
		return GRID_BAD;
	case RUN_KILLED:
		return GRID_WARN;
	default:
		return GRID_ACCENT;
	}
}

const char *status_sign(enum run_status status)
{
	static const char *const utf8[RUN_STATUSES] = {"○", "●", "✓", "✗", "■", "?"};
	static const char *const ascii[RUN_STATUSES] = {"o", "*", "+", "x", "#", "?"};
	return sign(utf8[status], ascii[status]);
}

const char *age_text(int64_t at, char out[TIME_TEXT])
{
	out[0] = 0;
	if (at > 0) {
		int64_t age = time_now_ms() - at;
		time_span(age > 0 ? age : 0, out);
	}
	return out;
}

int sets_from_option(struct cli *c, const char *option, struct arena *mem, struct work_set **out,
                     size_t *count)
{
	*count = 0;
	while (cli_get_at(c, option, *count))
		(*count)++;
	*out = arena_array(mem, *count + 1, sizeof **out);
	for (size_t i = 0; i < *count; i++) {
		const char *pair = cli_get_at(c, option, i);
		size_t key_len;
		if (cli_split_pair(c, option, pair, &key_len) != 0)
			return -1;
		(*out)[i] = (struct work_set){
		    .key = arena_memdup0(mem, pair, key_len),
		    .value = arena_strdup(mem, pair + key_len + 1),
		};
	}
	return 0;
}

/* ---- JSON ---- */

static void time_json(struct json_writer *j, const char *key, int64_t at)
{
	char text[TIME_TEXT];
	jw_string(j, key, at > 0 ? time_rfc3339(at, text) : NULL);
}

/* A number where it looks like one and says the same, else the text as it was given. */
static void pairs_json(struct json_writer *j, const char *key, const struct store_pair *pairs, size_t count)
{
	char number[NUM_TEXT];
	jw_object(j, key);
	for (size_t i = 0; i < count; i++) {
		if (pairs[i].is_number && strcmp(num_shortest(pairs[i].number, number), pairs[i].value) == 0 &&
		    isfinite(pairs[i].number))
			jw_num(j, pairs[i].key, pairs[i].number, NULL);
		else
			jw_string(j, pairs[i].key, pairs[i].value);
	}
	jw_object_end(j);
}

/* The latest values. Plainly the one that metrics.NAME means, which is that without a context, else the first
 * that was made; those that have a context besides as NAME[CONTEXT], as filters write it. */
static int metrics_json(struct cli *c, struct store *store, int64_t run, struct json_writer *j,
                        struct arena *mem)
{
	struct series *series;
	size_t count;
	if (store_series_list(store, run, SERIES_METRIC, mem, &series, &count, &c->err) != 0)
		return -1;
	jw_object(j, "metrics");
	for (size_t i = 0, next; i < count; i = next) {
		const struct series *plain = &series[i];
		for (next = i + 1; next < count && strcmp(series[next].name, series[i].name) == 0; next++)
			if (plain->context[0] && series[next].id < plain->id)
				plain = &series[next];
		jw_num(j, plain->name, plain->last.value, "not a finite number");
	}
	for (size_t i = 0; i < count; i++) {
		if (!series[i].context[0])
			continue;
		char *key = xasprintf("%s[%s]", series[i].name, series[i].context);
		jw_num(j, key, series[i].last.value, "not a finite number");
		free(key);
	}
	jw_object_end(j);
	return 0;
}

static int inputs_json(struct cli *c, struct store *store, int64_t run, struct json_writer *j,
                       struct arena *mem)
{
	struct run_input *inputs;
	struct run_artifact *outputs;
	size_t count;
	if (store_inputs(store, run, mem, &inputs, &count, &c->err) != 0)
		return -1;
	jw_array(j, "inputs");
	for (size_t i = 0; i < count; i++) {
		jw_object(j, NULL);
		jw_string(j, "role", inputs[i].role);
		jw_string(j, "name", inputs[i].name);
		jw_string(j, "digest", inputs[i].digest[0] ? inputs[i].digest : NULL);
		jw_object_end(j);
	}
	jw_array_end(j);
	if (store_artifacts(store, run, mem, &outputs, &count, &c->err) != 0)
		return -1;
	jw_array(j, "outputs");
	for (size_t i = 0; i < count; i++) {
		jw_object(j, NULL);
		jw_string(j, "name", outputs[i].name);
		jw_string(j, "kind", outputs[i].kind);
		jw_string(j, "digest", outputs[i].digest[0] ? outputs[i].digest : NULL);
		if (outputs[i].digest[0]) {
			jw_int(j, "bytes", (int64_t)outputs[i].bytes);
		} else {
			jw_null(j, "bytes");
			jw_string(j, "bytes_why", "only the name was reported");
		}
		jw_object_end(j);
	}
	jw_array_end(j);
	return 0;
}

const char *trouble_of(struct store *store, const struct run_row *run, struct arena *mem)
{
	char text[512];
	if (store_status_over(run->status) || !run_trouble(store, run->uuid, text, sizeof text))
		return NULL;
	return arena_strdup(mem, text);
}

const char *seal_of(struct store *store, const struct run_row *run, char seal[SHA256_TEXT], bool *holds,
                    struct error *err)
{
	char now[SHA256_TEXT];
	*holds = false;
	if (store_run_seal_get(store, run->id, seal, err) != 0)
		return NULL;
	if (!seal[0])
		return store_status_over(run->status) ? "not sealed: no version of it is registered"
		                                      : "it is not over";
	if (work_run_seal(store, run->id, now, err) != 0)
		return NULL;
	*holds = strcmp(now, seal) == 0;
	return *holds ? "as it was sealed" : "BROKEN: the run is not what it was when it was sealed";
}

static int seal_json(struct cli *c, struct store *store, const struct run_row *run, struct json_writer *j)
{
	char seal[SHA256_TEXT];
	bool holds;
	const char *text = seal_of(store, run, seal, &holds, &c->err);
	if (!text)
		return -1;
	jw_string(j, "seal", seal[0] ? seal : NULL);
	if (seal[0])
		jw_bool(j, "seal_holds", holds);
	else
		jw_string(j, "seal_why", text);
	return 0;
}

static int recognised_json(struct cli *c, struct store *store, int64_t run, struct json_writer *j,
                           struct arena *mem)
{
	struct store_recognised *list;
	size_t count;
	if (store_recognised(store, run, mem, &list, &count, &c->err) != 0)
		return -1;
	jw_array(j, "recognised");
	for (size_t i = 0; i < count; i++) {
		jw_object(j, NULL);
		jw_string(j, "recogniser", list[i].recogniser);
		jw_string(j, "name", list[i].name);
		jw_int(j, "lines", list[i].lines);
		jw_string(j, "example", list[i].example);
		jw_object_end(j);
	}
	jw_array_end(j);
	return 0;
}

static int everything_json(struct cli *c, struct store *store, const struct run_row *run,
                           struct json_writer *j, struct arena *mem)
{
	struct store_pair *notes;
	size_t count;
	if (recognised_json(c, store, run->id, j, mem) != 0 || inputs_json(c, store, run->id, j, mem) != 0 ||
	    seal_json(c, store, run, j) != 0)
		return -1;
	jw_object(j, "code");
	jw_string(j, "commit", run->code_commit);
	jw_string(j, "diff", run->code_diff);
	jw_object_end(j);
	jw_string(j, "environment", run->environment);
	jw_string(j, "host", run->host);
	jw_string(j, "user", run->user);
	jw_string(j, "kind", run->kind);
	jw_string(j, "source", run->source);
	jw_string(j, "parent", run->parent);
	jw_raw(j, "command", run->command && run->command[0] ? run->command : "[]");
	jw_string(j, "cwd", run->cwd);
	jw_string(j, "reason", run->reason);
	jw_string(j, "trouble", trouble_of(store, run, mem));
	if (run->has_seed)
		jw_int(j, "seed", run->seed);
	else
		jw_null(j, "seed");
	if (run->exit_status >= 0)
		jw_int(j, "exit_status", run->exit_status);
	else
		jw_null(j, "exit_status");
	jw_int(j, "signal", run->signal);
	jw_num(j, "progress", run->progress, "not told");
	time_json(j, "ends", run->ends);
	if (bad_lines_json(c, store, run, j, mem) != 0)
		return -1;
	if (store_notes(store, run->id, mem, &notes, &count, &c->err) != 0)
		return -1;
	jw_array(j, "notes");
	for (size_t i = 0; i < count; i++)
		jw_string(j, NULL, notes[i].value);
	jw_array_end(j);
	return 0;
}

int run_json(struct cli *c, struct store *store, const struct run_row *run, bool everything,
             struct json_writer *j, struct arena *mem)
{
	struct store_pair *pairs;
	size_t count;
	jw_object(j, NULL);
	jw_string(j, "run_id", run->uuid);
	jw_string(j, "name", run->name);
	jw_string(j, "experiment", run->experiment);
	jw_string(j, "status", store_status_name(run->status));
	time_json(j, "created", run->created);
	time_json(j, "started", run->started);
	time_json(j, "ended", run->ended);
	time_json(j, "archived", run->archived);
	time_json(j, "removed", run->removed);
	jw_string(j, "flag", run->flag[0] ? run->flag : NULL);
	time_json(j, "flagged", run->flagged);
	time_json(j, "heard", run->heard);
	if (metrics_json(c, store, run->id, j, mem) != 0 ||
	    store_params(store, run->id, mem, &pairs, &count, &c->err) != 0)
		return -1;
	pairs_json(j, "params", pairs, count);
	if (store_tags(store, run->id, mem, &pairs, &count, &c->err) != 0)
		return -1;
	pairs_json(j, "tags", pairs, count);
	if (everything && everything_json(c, store, run, j, mem) != 0)
		return -1;
	if (everything)
		coefficients_json(store, run, j);
	return 0;
}

/* ---- staying with a run ---- */

int run_attend(struct cli *c, struct store *store, const struct run_started *run, bool output,
               struct run_end *end)
{
	unsigned flags = RUN_FOLLOW_OWNER | (isatty(STDOUT_FILENO) ? RUN_FOLLOW_SAFE : 0);
	int to = STDOUT_FILENO, none = -1;
	if (!output) {
		none = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (none < 0)
			return error_errno(&c->err, ERR_ENV, "/dev/null");
		to = none;
	}
	fflush(stdout);
	int status = run_follow(store, run->uuid, to, flags, end, &c->err);
	if (none >= 0)
		close(none);
	return status;
}
