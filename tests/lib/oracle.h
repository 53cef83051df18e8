/* For tests: the values of the reference functions, read from tests/oracle/NAME.json. */
#ifndef TEST_ORACLE_H
#define TEST_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

struct json_object *oracle_open(const char *path); /* fails the test if it cannot be read */
struct json_object *oracle_get(struct json_object *o, const char *key); /* the member must be there */
double oracle_num(struct json_object *o, const char *key);              /* null gives NaN */
const char *oracle_text(struct json_object *o, const char *key);
double *oracle_nums(struct json_object *o, const char *key, size_t *n); /* caller frees; null gives NaN */
/* |got - want| <= tolerance * max(1, |want|), or both NaN: else fails the test, naming what. The relative
 * form (for values far from 1) is oracle_near_relative. */
void oracle_near(double got, double want, double tolerance, const char *what);
void oracle_near_relative(double got, double want, double tolerance, const char *what);

#endif
