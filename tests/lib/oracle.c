#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "oracle.h"

struct json_object *oracle_open(const char *path)
{
	struct json_object *o = json_object_from_file(path);
	if (!o)
		fail_msg("%s: %s (tests run from the top folder)", path, json_util_get_last_err());
	return o;
}

struct json_object *oracle_get(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;
	if (!json_object_object_get_ex(o, key, &value))
		fail_msg("the oracle has no \"%s\"", key);
	return value;
}

static double number(struct json_object *o)
{
	return o ? json_object_get_double(o) : (double)NAN;
}

double oracle_num(struct json_object *o, const char *key)
{
	return number(oracle_get(o, key));
}

const char *oracle_text(struct json_object *o, const char *key)
{
	return json_object_get_string(oracle_get(o, key));
}

double *oracle_nums(struct json_object *o, const char *key, size_t *n)
{
	struct json_object *list = oracle_get(o, key);
	*n = json_object_array_length(list);
	double *values = calloc(*n + 1, sizeof *values);
	assert_non_null(values);
	for (size_t i = 0; i < *n; i++)
		values[i] = number(json_object_array_get_idx(list, i));
	return values;
}

static void near(double got, double want, double allowed, const char *what)
{
	if (isnan(got) && isnan(want))
		return;
	if (got == want || fabs(got - want) <= allowed)
		return;
	fail_msg("%s: %.17g, the reference has %.17g (off by %.3g, allowed %.3g)", what, got, want, got - want,
	         allowed);
}

void oracle_near(double got, double want, double tolerance, const char *what)
{
	near(got, want, tolerance * fmax(1, fabs(want)), what);
}

void oracle_near_relative(double got, double want, double tolerance, const char *what)
{
	near(got, want, tolerance * fabs(want), what);
}
