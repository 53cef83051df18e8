/* Inside data: what the parts of a profile's JSON share. */
#ifndef ASSAY_DATA_PROFILE_JSON_H
#define ASSAY_DATA_PROFILE_JSON_H

#include "internal.h"

struct json_object;

void json_write_counts(struct json_writer *j, const char *key, const struct value_count *items, size_t count);
void json_write_quantiles(struct json_writer *j, const char *key, const double *quantiles, const char *why);
/* The members of weighted estimates of a column of numbers, into an object that is open. */
void json_write_weighted(struct json_writer *j, const struct weighted_profile *w, size_t bins);

/* false: the object has no such member, or it is not of that kind. A number that is null is NaN. */
bool json_get_count(struct json_object *from, const char *key, uint64_t *out);
bool json_get_number(struct json_object *from, const char *key, double *out);
bool json_number(struct json_object *value, double *out); /* the number itself */
bool json_get_text(struct json_object *from, const char *key, const char **out);
bool json_get_counts(struct json_object *from, const char *key, struct arena *a, struct value_count **items,
                     size_t *count);
bool json_get_quantiles(struct json_object *from, const char *key, double *out);
/* The member if it is there and not null. */
struct json_object *json_get_some(struct json_object *from, const char *key);

/* Fences, texts, times, weighted estimates, bounds: members that older profiles lack. */
void profile_json_facts(struct json_writer *j, const struct column_profile *c);
/* false: one of them is there and not as it is written. */
bool profile_parse_facts(struct json_object *from, struct arena *a, struct column_profile *c);

#endif
