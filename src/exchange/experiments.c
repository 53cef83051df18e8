/* Experiments. */
#include <stdlib.h>
#include <string.h>

#include "inside.h"

#define OURS   "default" /* what the store calls the experiment of those that name none */
#define THEIRS "Default"

/* MLflow knows that one as 0. */
const char *experiment_id(struct call *c, const struct experiment_row *e)
{
	return strcmp(e->name, OURS) == 0 ? "0" : arena_printf(c->mem, "%lld", (long long)e->id);
}

static const char *experiment_name(const struct experiment_row *e)
{
	return strcmp(e->name, OURS) == 0 ? THEIRS : e->name;
}

static const char *our_name(const char *name)
{
	return strcmp(name, THEIRS) == 0 ? OURS : name;
}

const char *experiment_of_run(struct call *c, const struct run_row *run)
{
	int64_t id;

	if (strcmp(run->experiment, OURS) == 0 || store_run_experiment(c->store, run->id, &id, NULL) < 0)
		return "0";
	return arena_printf(c->mem, "%lld", (long long)id);
}

int exchange_experiment_of(struct store *store, int64_t run, int64_t *id)
{
	struct arena *mem = arena_new();
	struct experiment_row e;
	int result = store_run_experiment(store, run, id, NULL);

	if (result == 0 && store_experiment_row(store, *id, mem, &e, NULL) == 0 && strcmp(e.name, OURS) == 0)
		*id = 0;
	arena_free(mem);
	return result;
}

int find_experiment(struct call *c, const char *id, struct experiment_row *out)
{
	struct error err;
	int64_t number;
	bool found;

	if (!int_parse(id, strlen(id), &number))
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "Invalid experiment ID '%s'. Experiment ID must be a valid integer.", id);
	if (number == 0) {
		/* It is always there. */
		if (store_experiment_named(c->store, OURS, c->mem, out, &found, &err) < 0)
			return refuse_store(c, &err);
		if (found)
			return 0;
		if (c->x->read_only) {
			*out = (struct experiment_row){.name = OURS};
			return 0;
		}
		if (store_experiment_make(c->store, OURS, &number, &err) < 0)
			return refuse_store(c, &err);
	}
	if (store_experiment_row(c->store, number, c->mem, out, &err) == 0)
		return 0;
	if (err.code != ERR_NO)
		return refuse_store(c, &err);
	return refuse(c, RESOURCE_DOES_NOT_EXIST, "No Experiment with id=%s exists", id);
}

static int arg_experiment(struct call *c, struct experiment_row *out)
{
	const char *id;

	return arg_need(c, "experiment_id", &id) < 0 || find_experiment(c, id, out) < 0 ? -1 : 0;
}

static int write_experiment(struct call *c, const struct experiment_row *e, const char *key)
{
	struct store_pair *tags;
	struct error err;
	size_t count;

	if (store_experiment_tags(c->store, e->id, c->mem, &tags, &count, &err) < 0)
		return refuse_store(c, &err);
	jw_object(&c->j, key);
	jw_string(&c->j, "experiment_id", experiment_id(c, e));
	jw_string(&c->j, "name", experiment_name(e));
	jw_string(&c->j, "artifact_location", arena_printf(c->mem, "mlflow-artifacts:/%s", experiment_id(c, e)));
	jw_string(&c->j, "lifecycle_stage", e->deleted ? "deleted" : "active");
	jw_int(&c->j, "creation_time", e->created);
	jw_int(&c->j, "last_update_time", e->created);
	if (count) {
		jw_array(&c->j, "tags");
		for (size_t i = 0; i < count; i++)
			write_pair(&c->j, tags[i].key, tags[i].value);
		jw_array_end(&c->j);
	}
	jw_object_end(&c->j);
	return 0;
}

/* A program that was started as a run names its experiment before it takes the run up: there it belongs. MLflow's
 * client refuses to take up a run of another experiment than the one it has set. */
static int take_along(struct call *c, const struct experiment_row *e)
{
	struct run_row run;
	struct error err;

	if (!c->x->run || c->x->settled || c->x->read_only || e->deleted)
		return 0;
	if (store_run_by_uuid(c->store, c->x->run, c->mem, &run, &err) < 0)
		return 0;
	if (strcmp(run.experiment, e->name) != 0 && store_run_move(c->store, run.id, e->id, &err) < 0)
		return refuse_store(c, &err);
	return 0;
}

int call_experiment_get(struct call *c)
{
	struct experiment_row e;

	return arg_experiment(c, &e) < 0 ? -1 : write_experiment(c, &e, "experiment");
}

int call_experiment_by_name(struct call *c)
{
	struct experiment_row e;
	struct error err;
	const char *name;
	bool found;

	if (arg_need(c, "experiment_name", &name) < 0)
		return -1;
	if (strcmp(name, THEIRS) == 0)
		found = find_experiment(c, "0", &e) == 0;
	else if (store_experiment_named(c->store, name, c->mem, &e, &found, &err) < 0)
		return refuse_store(c, &err);
	if (!found)
		return refuse(c, RESOURCE_DOES_NOT_EXIST, "Could not find experiment with name '%s'", name);
	return take_along(c, &e) < 0 ? -1 : write_experiment(c, &e, "experiment");
}

static int check_experiment_name(struct call *c, const char *name)
{
	if (!name || !name[0])
		return refuse(c, INVALID_PARAMETER_VALUE, "Invalid experiment name: '%s'", name ? name : "None");
	if (text_length(name) > EXPERIMENT_NAME_MAX)
		return refuse(c, INVALID_PARAMETER_VALUE, "'name' exceeds the maximum length of %d characters",
		              EXPERIMENT_NAME_MAX);
	return 0;
}

static int tag_experiment(struct call *c, int64_t id, const char *key, const char *value)
{
	struct error err;

	if (check_key_name(c, "key", key) < 0)
		return -1;
	if (text_length(key) > KEY_MAX || text_length(value) > EXPERIMENT_TAG_MAX)
		return refuse(c, INVALID_PARAMETER_VALUE, "'%s' exceeds the maximum length of %d characters",
		              text_length(key) > KEY_MAX ? "key" : "value",
		              text_length(key) > KEY_MAX ? KEY_MAX : EXPERIMENT_TAG_MAX);
	return store_experiment_tag(c->store, id, key, value, NULL, &err) < 0 ? refuse_store(c, &err) : 0;
}

static int make_experiment(struct call *c, const char *name, struct json_object *tags, int64_t *id)
{
	struct experiment_row e;
	struct error err;
	bool found;

	if (store_experiment_named(c->store, name, c->mem, &e, &found, &err) < 0)
		return refuse_store(c, &err);
	if (found)
		return refuse(c, RESOURCE_ALREADY_EXISTS, "Experiment '%s' already exists%s.", experiment_name(&e),
		              e.deleted ? " in deleted state" : "");
	if (store_experiment_make(c->store, name, id, &err) < 0)
		return refuse_store(c, &err);
	for (size_t i = 0; tags && i < json_object_array_length(tags); i++) {
		struct json_object *tag = json_object_array_get_idx(tags, i);
		const char *key, *value;
		bool given;

		if (member_text(c, tag, "tags", "key", &given, &key) < 0 ||
		    member_text(c, tag, "tags", "value", &given, &value) < 0 ||
		    tag_experiment(c, *id, key, value) < 0)
			return -1;
	}
	e = (struct experiment_row){.id = *id, .name = name};
	return take_along(c, &e);
}

int call_experiment_create(struct call *c)
{
	struct json_object *tags;
	struct error err;
	const char *name, *location;
	int64_t id;
	int result;

	if (arg_text(c, "name", &name) < 0 || check_experiment_name(c, name) < 0 ||
	    arg_text(c, "artifact_location", &location) < 0 || arg_array(c, "tags", &tags) < 0)
		return -1;
	if (location && location[0] && strncmp(location, "mlflow-artifacts:", 17) != 0)
		return refuse(
		    c, INVALID_PARAMETER_VALUE,
		    "Assay keeps artifacts in its store: an artifact_location of its own (%s) cannot be given.",
		    location);
	if (store_begin(c->store, STORE_NORMAL, &err) < 0)
		return refuse_store(c, &err);
	result = make_experiment(c, our_name(name), tags, &id);
	if (store_end(c->store, result == 0, &err) < 0)
		return refuse_store(c, &err);
	if (result == 0)
		jw_string(&c->j, "experiment_id", arena_printf(c->mem, "%lld", (long long)id));
	return result;
}

int call_experiment_update(struct call *c)
{
	struct experiment_row e;
	struct error err;
	const char *name;

	if (arg_experiment(c, &e) < 0 || arg_text(c, "new_name", &name) < 0)
		return -1;
	if (!name)
		return 0;
	if (check_experiment_name(c, name) < 0)
		return -1;
	if (e.deleted)
		return refuse(c, INVALID_STATE, "Cannot rename a non-active experiment.");
	if (store_experiment_rename(c->store, e.id, our_name(name), &err) < 0)
		return err.code == ERR_NO
		           ? refuse(c, RESOURCE_ALREADY_EXISTS, "Experiment '%s' already exists.", name)
		           : refuse_store(c, &err);
	return 0;
}

static int set_deleted(struct call *c, bool deleted)
{
	struct experiment_row e;
	struct error err;

	if (arg_experiment(c, &e) < 0)
		return -1;
	if (e.deleted == deleted)
		return refuse(c, RESOURCE_DOES_NOT_EXIST, "No Experiment with id=%s exists%s", experiment_id(c, &e),
		              deleted ? " (it is deleted)" : " in deleted state");
	return store_experiment_delete(c->store, e.id, deleted, &err) < 0 ? refuse_store(c, &err) : 0;
}

int call_experiment_delete(struct call *c)
{
	return set_deleted(c, true);
}

int call_experiment_restore(struct call *c)
{
	return set_deleted(c, false);
}

int call_experiment_tag(struct call *c)
{
	struct experiment_row e;
	const char *key, *value;

	if (arg_experiment(c, &e) < 0 || arg_need(c, "key", &key) < 0 || arg_text(c, "value", &value) < 0)
		return -1;
	return tag_experiment(c, e.id, key, value ? value : "");
}

int call_experiment_untag(struct call *c)
{
	struct experiment_row e;
	struct error err;
	const char *key;
	bool found;

	if (arg_experiment(c, &e) < 0 || arg_need(c, "key", &key) < 0)
		return -1;
	if (store_experiment_tag(c->store, e.id, key, NULL, &found, &err) < 0)
		return refuse_store(c, &err);
	return found ? 0
	             : refuse(c, RESOURCE_DOES_NOT_EXIST, "No tag with name: %s in experiment with id %s", key,
	                      experiment_id(c, &e));
}

/* ---- search: name and tags, in MLflow's words; as few experiments are looked at as there are ---- */

struct condition {
	bool tag;
	const char *key, *op, *value;
};

/* One `name = 'x'` or `tags.team LIKE 'y%'`; the rest behind AND in *text. */
static int read_condition(struct call *c, const char **text, struct condition *out)
{
	static const char *const operators[] = {"!=", "=", "LIKE", "ILIKE"};
	const char *p = *text + strspn(*text, " \t\n"), *end;
	size_t len;

	out->op = NULL;
	len = strcspn(p, " =!\t\n");
	out->key = arena_memdup0(c->mem, p, len);
	out->tag = strncmp(out->key, "tags.", 5) == 0 || strncmp(out->key, "tag.", 4) == 0;
	if (out->tag)
		out->key = strchr(out->key, '.') + 1;
	else if (strncmp(out->key, "attribute.", 10) == 0)
		out->key += 10;
	if (out->key[0] == '`' || out->key[0] == '"') {
		/* The quoted part may hold blanks. */
		const char *open = strpbrk(p, "`\""), *close = strchr(open + 1, *open);

		if (!close)
			goto bad;
		out->key = arena_memdup0(c->mem, open + 1, (size_t)(close - open - 1));
		p = close + 1;
	} else {
		p += len;
	}
	p += strspn(p, " \t\n");
	for (size_t i = 0; i < COUNT_OF(operators) && !out->op; i++) {
		if (strncasecmp(p, operators[i], strlen(operators[i])) == 0) {
			out->op = operators[i];
			p += strlen(operators[i]);
		}
	}
	p += strspn(p, " \t\n");
	if (!out->op || (*p != '\'' && *p != '"') || !(end = strchr(p + 1, *p)))
		goto bad;
	out->value = arena_memdup0(c->mem, p + 1, (size_t)(end - p - 1));
	if (!out->tag && strcmp(out->key, "name") != 0)
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "Invalid attribute key '%s' specified. Experiments are searched by name and tags.NAME.",
		              out->key);
	p = end + 1;
	p += strspn(p, " \t\n");
	if (*p && strncasecmp(p, "AND ", 4) != 0)
		goto bad;
	*text = *p ? p + 4 : p;
	return 0;
bad:
	return refuse(
	    c, INVALID_PARAMETER_VALUE,
	    "Invalid clause(s) in filter string: \"%s\". Say name = 'x' or tags.NAME LIKE 'y%%', joined by AND.",
	    *text);
}

/* %: any characters, _: one. */
static bool is_like(const char *text, const char *pattern, bool any_case)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		unsigned char a = (unsigned char)*text, b = (unsigned char)*pattern;

		if (any_case) {
			a = a >= 'A' && a <= 'Z' ? (unsigned char)(a + 32) : a;
			b = b >= 'A' && b <= 'Z' ? (unsigned char)(b + 32) : b;
		}
		if (*pattern == '%') {
			star = ++pattern;
			from = text;
		} else if (a == b || *pattern == '_') {
			text++;
			pattern++;
		} else if (star) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "%")] == 0;
}

static int satisfies(struct call *c, const struct experiment_row *e, const struct condition *k, bool *out)
{
	const char *value = k->tag ? NULL : experiment_name(e);
	struct store_pair *tags;
	struct error err;
	size_t count;

	if (k->tag) {
		if (store_experiment_tags(c->store, e->id, c->mem, &tags, &count, &err) < 0)
			return refuse_store(c, &err);
		for (size_t i = 0; i < count; i++)
			if (strcmp(tags[i].key, k->key) == 0)
				value = tags[i].value;
	}
	if (!value)
		*out = false;
	else if (k->op[0] == '=')
		*out = strcmp(value, k->value) == 0;
	else if (k->op[0] == '!')
		*out = strcmp(value, k->value) != 0;
	else
		*out = is_like(value, k->value, k->op[0] == 'I');
	return 0;
}

enum experiment_order { BY_CREATED, BY_NAME, BY_ID };
struct sorted {
	const struct experiment_row *e;
	enum experiment_order by;
	int sign;
};

static int compare(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;
	int64_t d;

	if (a->by == BY_NAME) {
		int names = strcmp(experiment_name(a->e), experiment_name(b->e));
		if (names)
			return a->sign * names;
	}
	d = a->by == BY_CREATED ? a->e->created - b->e->created : 0;
	if (d)
		return d > 0 ? a->sign : -a->sign;
	d = a->e->id - b->e->id;
	if (a->by == BY_ID)
		return d > 0 ? a->sign : d < 0 ? -a->sign : 0;
	return d > 0 ? -1 : d < 0;
}

static int read_order(struct call *c, struct json_object *order, struct sorted *out)
{
	const char *text;

	*out = (struct sorted){.by = BY_CREATED, .sign = -1};
	if (!order || !json_object_array_length(order))
		return 0;
	text = json_object_get_string(json_object_array_get_idx(order, 0));
	text = text ? text : "";
	if (strncasecmp(text, "attribute.", 10) == 0)
		text += 10;
	out->sign = strlen(text) > 5 && strcasecmp(text + strlen(text) - 5, " desc") == 0 ? -1 : 1;
	if (strncmp(text, "name", 4) == 0)
		out->by = BY_NAME;
	else if (strncmp(text, "experiment_id", 13) == 0)
		out->by = BY_ID;
	else if (strncmp(text, "creation_time", 13) != 0 && strncmp(text, "last_update_time", 16) != 0)
		return refuse(c, INVALID_PARAMETER_VALUE, "Invalid order_by clause '%s'.", text);
	return 0;
}

int call_experiment_search(struct call *c)
{
	struct experiment_row *all;
	struct json_object *order;
	struct condition *conditions = NULL;
	struct sorted *found, by;
	struct error err;
	const char *filter, *view, *token;
	size_t count, matching = 0, condition_count = 0;
	int64_t most = 1000, from = 0;
	bool given, fits;

	if (arg_int(c, "max_results", &most, &given) < 0 || arg_text(c, "filter", &filter) < 0 ||
	    arg_text(c, "view_type", &view) < 0 || arg_text(c, "page_token", &token) < 0 ||
	    arg_array(c, "order_by", &order) < 0 || read_order(c, order, &by) < 0)
		return -1;
	if (most < 1 || most > 50000)
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "Invalid value %lld for parameter 'max_results' supplied: it must be from 1 to 50000.",
		              (long long)most);
	if (token && token[0] && (!int_parse(token, strlen(token), &from) || from < 0))
		return refuse(c, INVALID_PARAMETER_VALUE, "Invalid page token, could not decode.");
	if (filter && filter[strspn(filter, " \t\n")])
		conditions = arena_array(c->mem, strlen(filter), sizeof *conditions);
	for (const char *rest = filter; conditions && *rest;)
		if (read_condition(c, &rest, &conditions[condition_count++]) < 0)
			return -1;
	if (store_experiment_rows(c->store, c->mem, &all, &count, &err) < 0)
		return refuse_store(c, &err);
	found = arena_array(c->mem, count + 1, sizeof *found);
	for (size_t i = 0; i < count; i++) {
		if ((!view || strcmp(view, "ALL") != 0) &&
		    all[i].deleted != (view && strcmp(view, "DELETED_ONLY") == 0))
			continue;
		fits = true;
		for (size_t k = 0; k < condition_count && fits; k++)
			if (satisfies(c, &all[i], &conditions[k], &fits) < 0)
				return -1;
		if (fits)
			found[matching++] = (struct sorted){&all[i], by.by, by.sign};
	}
	qsort(found, matching, sizeof *found, compare);
	if ((size_t)from < matching) {
		size_t end = (size_t)from + (size_t)most < matching ? (size_t)from + (size_t)most : matching;

		jw_array(&c->j, "experiments");
		for (size_t i = (size_t)from; i < end; i++)
			if (write_experiment(c, found[i].e, NULL) < 0)
				return -1;
		jw_array_end(&c->j);
		if (end < matching)
			jw_string(&c->j, "next_page_token", arena_printf(c->mem, "%zu", end));
	}
	return 0;
}
