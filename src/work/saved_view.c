/*
 * A view of the list of runs as it is kept (store_saved, kind "view"): one JSON object.
 *
 *     {"columns":["name","metrics.auc"],"sort":[{"column":"metrics.auc","descending":true}],"filter":"",
 *      "group":[],"over_seeds":false,"baseline":null,"difference":"value","summary":false}
 *
 * What is not there is as in an empty view; keys that are not known are a later version's.
 */
#include <json-c/json.h>

#include "assay/work.h"

static const char *const differences[] = {
    [WORK_VALUE] = "value",
    [WORK_DIFFERENCE] = "difference",
    [WORK_PERCENT] = "percent",
};

const char *work_difference_name(enum work_difference d)
{
	return differences[d];
}

bool work_difference_parse(const char *name, enum work_difference *out)
{
	for (size_t i = 0; i < COUNT_OF(differences); i++) {
		if (strcmp(name, differences[i]) == 0) {
			*out = (enum work_difference)i;
			return true;
		}
	}
	return false;
}

/* ---- writing ---- */

static void write_names(struct json_writer *j, const char *key, const char *const *names, size_t count)
{
	jw_array(j, key);
	for (size_t i = 0; i < count; i++)
		jw_string(j, NULL, names[i]);
	jw_array_end(j);
}

void work_view_write(const struct work_view *v, struct str *out)
{
	struct json_writer j;
	jw_init(&j, out);
	jw_object(&j, NULL);
	write_names(&j, "columns", v->columns, v->column_count);
	jw_array(&j, "sort");
	for (size_t i = 0; i < v->sort_count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "column", v->sort[i].key);
		jw_bool(&j, "descending", v->sort[i].descending);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_string(&j, "filter", v->filter ? v->filter : "");
	write_names(&j, "group", v->group, v->group_count);
	jw_bool(&j, "over_seeds", v->over_seeds);
	jw_string(&j, "baseline", v->baseline);
	jw_string(&j, "difference", work_difference_name(v->difference));
	jw_bool(&j, "summary", v->summary);
	jw_object_end(&j);
}

/* ---- reading ---- */

struct reader {
	struct json_object *view;
	struct arena *mem;
	struct error *err;
};

static int wrong(const struct reader *r, const char *key, const char *wanted)
{
	return error_set(r->err, ERR_USAGE, "the saved view cannot be used: its \"%s\" must be %s", key, wanted);
}

/* NULL for a text that is none, or that holds a NUL or nothing. */
static const char *text_of(const struct reader *r, struct json_object *o)
{
	const char *text = json_object_is_type(o, json_type_string) ? json_object_get_string(o) : NULL;
	size_t len = text ? (size_t)json_object_get_string_len(o) : 0;
	return text && len == strlen(text) ? arena_memdup0(r->mem, text, len) : NULL;
}

/* The member, or NULL if it is not there. */
static struct json_object *member(const struct reader *r, const char *key)
{
	struct json_object *o = NULL;
	json_object_object_get_ex(r->view, key, &o);
	return o;
}

static bool is_there(const struct reader *r, const char *key)
{
	return json_object_object_get_ex(r->view, key, NULL);
}

static int read_names(const struct reader *r, const char *key, const char *const **out, size_t *count)
{
	static const char wanted[] = "a list of names of columns";
	struct json_object *list = member(r, key);
	if (!is_there(r, key))
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return wrong(r, key, wanted);
	size_t n = json_object_array_length(list);
	const char **names = arena_array(r->mem, n + 1, sizeof *names);
	for (size_t i = 0; i < n; i++) {
		names[i] = text_of(r, json_object_array_get_idx(list, i));
		if (!names[i] || !*names[i])
			return wrong(r, key, wanted);
	}
	*out = names;
	*count = n;
	return 0;
}

static int read_sort(const struct reader *r, struct work_view *v)
{
	static const char wanted[] = "a list of {\"column\":NAME,\"descending\":true|false}";
	struct json_object *list = member(r, "sort");
	if (!is_there(r, "sort"))
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return wrong(r, "sort", wanted);
	size_t n = json_object_array_length(list);
	struct runs_order *sort = arena_array(r->mem, n + 1, sizeof *sort);
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(list, i), *column, *descending = NULL;
		if (!json_object_is_type(item, json_type_object) ||
		    !json_object_object_get_ex(item, "column", &column) || !(sort[i].key = text_of(r, column)) ||
		    !*sort[i].key)
			return wrong(r, "sort", wanted);
		if (json_object_object_get_ex(item, "descending", &descending) &&
		    !json_object_is_type(descending, json_type_boolean))
			return wrong(r, "sort", wanted);
		sort[i].descending = json_object_get_boolean(descending);
	}
	v->sort = sort;
	v->sort_count = n;
	return 0;
}

static int read_text(const struct reader *r, const char *key, const char **out)
{
	if (!is_there(r, key))
		return 0;
	*out = text_of(r, member(r, key));
	return *out ? 0 : wrong(r, key, "a text");
}

static int read_flag(const struct reader *r, const char *key, bool *out)
{
	struct json_object *flag = member(r, key);
	if (!is_there(r, key))
		return 0;
	if (!json_object_is_type(flag, json_type_boolean))
		return wrong(r, key, "true or false");
	*out = json_object_get_boolean(flag);
	return 0;
}

static int read_baseline(const struct reader *r, struct work_view *v)
{
	struct json_object *baseline = member(r, "baseline");
	if (!baseline)
		return 0;
	v->baseline = text_of(r, baseline);
	return v->baseline && id_is_valid(v->baseline) ? 0
	                                               : wrong(r, "baseline",
	                                                       "the id of a run, 32 hex digits, "
	                                                       "or null");
}

static int read_difference(const struct reader *r, struct work_view *v)
{
	const char *name = NULL;
	if (read_text(r, "difference", &name) != 0)
		return -1;
	return !name || work_difference_parse(name, &v->difference)
	           ? 0
	           : wrong(r, "difference", "\"value\", \"difference\" or \"percent\"");
}

int work_view_read(const char *text, struct arena *mem, struct work_view *out, struct error *err)
{
	struct json_tokener *tokener = json_tokener_new();
	size_t len = strlen(text);
	struct reader r = {.mem = mem, .err = err};
	int status = -1;
	*out = (struct work_view){.filter = ""};
	if (!tokener)
		bug("no memory for a JSON reader");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	if (len < INT32_MAX)
		r.view = json_tokener_parse_ex(tokener, text, (int)len + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		error_set(err, ERR_USAGE, "the saved view cannot be used: not JSON at byte %zu: %s",
		          json_tokener_get_parse_end(tokener) + 1,
		          json_tokener_error_desc(json_tokener_get_error(tokener)));
	else if (!json_object_is_type(r.view, json_type_object))
		error_set(err, ERR_USAGE, "the saved view cannot be used: it is no JSON object");
	else
		status = read_names(&r, "columns", &out->columns, &out->column_count) || read_sort(&r, out) ||
		                 read_text(&r, "filter", &out->filter) ||
		                 read_names(&r, "group", &out->group, &out->group_count) ||
		                 read_flag(&r, "over_seeds", &out->over_seeds) || read_baseline(&r, out) ||
		                 read_difference(&r, out) || read_flag(&r, "summary", &out->summary)
		             ? -1
		             : 0;
	json_object_put(r.view);
	json_tokener_free(tokener);
	return status;
}
