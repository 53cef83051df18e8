/* Evidence: what was found, bound to what it was found on. Keys are sorted; the bytes are the truth. */
#include <math.h>

#include <json-c/json.h>

#include "work.h"

void evidence_settings(const struct evidence *e, struct str *out)
{
	struct json_writer j;
	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "label", e->label);
	jw_string(&j, "positive", e->positive);
	jw_string(&j, "split", e->split);
	jw_num(&j, "threshold", e->evaluation->threshold, NULL);
	jw_object_end(&j);
}

void evidence_json(const struct evidence *e, struct str *out)
{
	struct json_writer j;
	struct str settings;
	str_init(&settings);
	evidence_settings(e, &settings);
	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "data", e->data);
	jw_string(&j, "kind", "evaluation");
	jw_string(&j, "model", e->model);
	jw_string(&j, "predictions", e->predictions);
	jw_string(&j, "program", "assay " ASSAY_VERSION);
	jw_object(&j, "results");
	evaluation_json(e->evaluation, &j);
	jw_object_end(&j);
	jw_raw(&j, "settings", settings.data);
	jw_object_end(&j);
	str_release(&settings);
}

/* ---- the same? ---- */

bool evidence_close(double a, double b)
{
	return (isnan(a) && isnan(b)) || a == b || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static bool is_number(struct json_object *o)
{
	return json_object_is_type(o, json_type_double) || json_object_is_type(o, json_type_int);
}

static bool alike(struct json_object *a, struct json_object *b);

static bool objects_alike(struct json_object *a, struct json_object *b)
{
	if (json_object_object_length(a) != json_object_object_length(b))
		return false;
	json_object_object_foreach(a, key, value)
	{
		struct json_object *other;
		bool loose = strcmp(key, "predictions") == 0 || strcmp(key, "program") == 0;
		if (!json_object_object_get_ex(b, key, &other) || (!loose && !alike(value, other)))
			return false;
	}
	return true;
}

static bool arrays_alike(struct json_object *a, struct json_object *b)
{
	size_t n = json_object_array_length(a);
	bool same = n == json_object_array_length(b);
	for (size_t i = 0; i < n && same; i++)
		same = alike(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i));
	return same;
}

static bool alike(struct json_object *a, struct json_object *b)
{
	if (is_number(a) && is_number(b))
		return evidence_close(json_object_get_double(a), json_object_get_double(b));
	if (json_object_is_type(a, json_type_object) && json_object_is_type(b, json_type_object))
		return objects_alike(a, b);
	if (json_object_is_type(a, json_type_array) && json_object_is_type(b, json_type_array))
		return arrays_alike(a, b);
	return json_object_equal(a, b);
}

bool evidence_alike(const char *a, const char *b)
{
	struct json_object *x, *y;
	if (strcmp(a, b) == 0)
		return true;
	x = json_tokener_parse(a);
	y = json_tokener_parse(b);
	bool same = x && y && alike(x, y);
	json_object_put(x);
	json_object_put(y);
	return same;
}

bool evidence_threshold(const char *text, double *out)
{
	struct json_object *json = json_tokener_parse(text), *settings = NULL, *value = NULL;
	bool is = json_object_is_type(json, json_type_object) &&
	          json_object_object_get_ex(json, "settings", &settings) &&
	          json_object_is_type(settings, json_type_object) &&
	          json_object_object_get_ex(settings, "threshold", &value) && is_number(value);
	*out = is ? json_object_get_double(value) : (double)NAN;
	json_object_put(json);
	return is;
}
