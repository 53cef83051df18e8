/* Answers in MLflow's form, and the arguments of calls. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

static const struct {
	const char *code;
	int status;
} refusals[] = {
    [INVALID_PARAMETER_VALUE] = {"INVALID_PARAMETER_VALUE", 400},
    [BAD_REQUEST] = {"BAD_REQUEST", 400},
    [RESOURCE_DOES_NOT_EXIST] = {"RESOURCE_DOES_NOT_EXIST", 404},
    [RESOURCE_ALREADY_EXISTS] = {"RESOURCE_ALREADY_EXISTS", 400},
    [ENDPOINT_NOT_FOUND] = {"ENDPOINT_NOT_FOUND", 404},
    [NOT_IMPLEMENTED] = {"NOT_IMPLEMENTED", 501},
    [PERMISSION_DENIED] = {"PERMISSION_DENIED", 403},
    [UNAUTHENTICATED] = {"UNAUTHENTICATED", 401},
    [INVALID_STATE] = {"INVALID_STATE", 400},
    [INTERNAL_ERROR] = {"INTERNAL_ERROR", 500},
};

void exchange_answer_init(struct exchange_answer *a)
{
	*a = (struct exchange_answer){.status = 200, .type = "application/json"};
	str_init(&a->body);
}

void exchange_answer_release(struct exchange_answer *a)
{
	str_release(&a->body);
	free(a->file);
	a->file = NULL;
}

static void refuse_with(struct exchange_answer *out, enum refusal code, const char *format, va_list args)
{
	struct json_writer j;
	struct str text;

	str_init(&text);
	str_addvf(&text, format, args);
	str_clear(&out->body);
	free(out->file);
	out->file = NULL;
	out->status = refusals[code].status;
	out->type = "application/json";
	jw_init(&j, &out->body);
	jw_object(&j, NULL);
	jw_string(&j, "error_code", refusals[code].code);
	jw_string(&j, "message", text.data);
	jw_object_end(&j);
	str_release(&text);
}

int answer_refuse(struct exchange_answer *out, enum refusal code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse_with(out, code, format, args);
	va_end(args);
	return -1;
}

int refuse(struct call *c, enum refusal code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse_with(c->out, code, format, args);
	va_end(args);
	return -1;
}

int refuse_store(struct call *c, const struct error *err)
{
	static const enum refusal codes[] = {
	    [ERR_NO] = INVALID_PARAMETER_VALUE, [ERR_USAGE] = INVALID_PARAMETER_VALUE,
	    [ERR_ENV] = INTERNAL_ERROR,         [ERR_STALE] = INVALID_STATE,
	    [ERR_STORE] = INTERNAL_ERROR,       [ERR_TAMPER] = INTERNAL_ERROR,
	};

	return refuse(c, err->code <= ERR_TAMPER ? codes[err->code] : INTERNAL_ERROR, "%s", err->text);
}

/* ---- arguments ---- */

const char *shown(struct json_object *value)
{
	return json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

static const char SEE_DOCS[] = "See the API docs for more information about request parameters.";

static const char *type_name(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_boolean:
		return "bool";
	case json_type_double:
		return "float";
	case json_type_int:
		return "int";
	case json_type_object:
		return "dict";
	case json_type_array:
		return "list";
	case json_type_string:
		return "str";
	default:
		return "NoneType";
	}
}

static int wrong_type(struct call *c, const char *name, struct json_object *value)
{
	return refuse(c, INVALID_PARAMETER_VALUE,
	              "Invalid value %s for parameter '%s' supplied: Value was of type '%s'. %s", shown(value),
	              name, type_name(value), SEE_DOCS);
}

/* NULL is as good as absent. */
static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

static int text_of(struct call *c, const char *name, struct json_object *value, const char **out)
{
	if (json_object_get_type(value) != json_type_string)
		return wrong_type(c, name, value);
	*out = json_object_get_string(value);
	if (strlen(*out) != (size_t)json_object_get_string_len(value))
		return refuse(c, INVALID_PARAMETER_VALUE, "The parameter '%s' holds a NUL character.", name);
	return 0;
}

/* No more than 64 bits, and nothing after the point: what json-c would cut silently is refused. */
static bool int_of(struct json_object *value, int64_t *out)
{
	double number;

	switch (json_object_get_type(value)) {
	case json_type_int:
		*out = json_object_get_int64(value);
		return true;
	case json_type_double:
		number = json_object_get_double(value);
		if (number != floor(number) || number < -9.2e18 || number > 9.2e18)
			return false;
		*out = (int64_t)number;
		return true;
	case json_type_string:
		return int_parse(json_object_get_string(value), (size_t)json_object_get_string_len(value), out);
	default:
		return false;
	}
}

static bool double_of(struct json_object *value, double *out)
{
	static const struct {
		const char *text;
		double value;
	} words[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY},
	             {"nan", NAN}, {"inf", INFINITY},      {"-inf", -INFINITY}};
	const char *text;

	switch (json_object_get_type(value)) {
	case json_type_int:
	case json_type_double:
		*out = json_object_get_double(value);
		return true;
	case json_type_string:
		text = json_object_get_string(value);
		for (size_t i = 0; i < COUNT_OF(words); i++) {
			if (strcmp(text, words[i].text) == 0) {
				*out = words[i].value;
				return true;
			}
		}
		return num_parse(text, (size_t)json_object_get_string_len(value), out);
	default:
		return false;
	}
}

int arg_text(struct call *c, const char *name, const char **out)
{
	struct json_object *value = member(c->args, name);

	*out = NULL;
	return value ? text_of(c, name, value, out) : 0;
}

static int missing(struct call *c, const char *name)
{
	return refuse(c, INVALID_PARAMETER_VALUE, "Missing value for required parameter '%s'. %s", name,
	              SEE_DOCS);
}

int arg_need(struct call *c, const char *name, const char **out)
{
	if (arg_text(c, name, out) < 0)
		return -1;
	return *out && (*out)[0] ? 0 : missing(c, name);
}

int arg_int(struct call *c, const char *name, int64_t *out, bool *given)
{
	struct json_object *value = member(c->args, name);

	*given = value != NULL;
	if (value && !int_of(value, out))
		return wrong_type(c, name, value);
	return 0;
}

int arg_array(struct call *c, const char *name, struct json_object **out)
{
	struct json_object *value = member(c->args, name);

	*out = NULL;
	if (!value)
		return 0;
	if (json_object_get_type(value) == json_type_array) {
		*out = value;
		return 0;
	}
	if (json_object_get_type(value) != json_type_string)
		return wrong_type(c, name, value);
	/* In a query a list of one looks like a text. */
	*out = json_object_new_array();
	json_object_array_add(*out, json_object_get(value));
	json_object_object_add(c->args, name, *out);
	return 0;
}

static const char *path_of(struct call *c, const char *path, const char *name)
{
	return path[0] ? arena_printf(c->mem, "%s.%s", path, name) : name;
}

int member_text(struct call *c, struct json_object *object, const char *path, const char *name, bool *given,
                const char **out)
{
	struct json_object *value = member(object, name);

	*given = value != NULL;
	*out = "";
	if (!value)
		return 0;
	if (json_object_get_type(value) == json_type_string &&
	    strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value)) {
		*out = json_object_get_string(value);
		return 0;
	}
	return text_of(c, path_of(c, path, name), value, out);
}

int member_int(struct call *c, struct json_object *object, const char *path, const char *name, bool *given,
               int64_t *out)
{
	struct json_object *value = member(object, name);

	*given = value != NULL;
	*out = 0;
	return !value || int_of(value, out) ? 0 : wrong_type(c, path_of(c, path, name), value);
}

int member_double(struct call *c, struct json_object *object, const char *path, const char *name, bool *given,
                  double *out)
{
	struct json_object *value = member(object, name);

	*given = value != NULL;
	*out = 0;
	return !value || double_of(value, out) ? 0 : wrong_type(c, path_of(c, path, name), value);
}

void write_double(struct json_writer *j, const char *key, double value)
{
	if (isnan(value))
		jw_string(j, key, "NaN");
	else if (isinf(value))
		jw_string(j, key, value > 0 ? "Infinity" : "-Infinity");
	else
		jw_num(j, key, value, NULL);
}

void write_pair(struct json_writer *j, const char *key, const char *value)
{
	jw_object(j, NULL);
	jw_string(j, "key", key);
	jw_string(j, "value", value);
	jw_object_end(j);
}

/* ---- names and lengths ---- */

size_t text_length(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xC0) != 0x80;
	return n;
}

const char *text_cut(struct call *c, const char *text, size_t max)
{
	size_t n = 0, at = 0;

	if (strlen(text) <= max)
		return text;
	for (; text[at]; at++) {
		n += (text[at] & 0xC0) != 0x80;
		if (n > max)
			break;
	}
	return text[at] ? arena_memdup0(c->mem, text, at) : text;
}

const char *key_trouble(const char *name)
{
	const char *why = NULL;

	for (const char *p = name; *p && !why; p++) {
		unsigned char b = (unsigned char)*p;

		/* Letters of all scripts: what is no ASCII is taken to be one. */
		if (!(b >= 0x80 || (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') ||
		      strchr("/_.- :", b)))
			why =
			    "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), "
			    "colon(:) and slashes (/).";
	}
	/* MLflow refuses "..name" as well. */
	if (!why && (!path_is_plain(name) || strncmp(name, "..", 2) == 0))
		why = "Names may be treated as files in certain cases, and must not resolve to other names when "
		      "treated "
		      "as such.";
	return why;
}

int check_key_name(struct call *c, const char *path, const char *name)
{
	const char *why = key_trouble(name);
	struct json_object *quoted;

	if (!why)
		return 0;
	quoted = json_object_new_string(name);
	refuse(c, INVALID_PARAMETER_VALUE, "Invalid value %s for parameter '%s' supplied: %s", shown(quoted),
	       path, why);
	json_object_put(quoted);
	return -1;
}
