/*
 * data, inside: what is regular in texts and in times, counted value by value. Neither the order of the values nor
 * how counters are joined shows in any bit of a result; only "rising" sees the order of the rows.
 */
#ifndef ASSAY_DATA_FACTS_H
#define ASSAY_DATA_FACTS_H

#include "assay/data.h"

struct json_object;

/* ---- texts ---- */

/* Shapes are told apart by their first SHAPE_LONGEST characters while there are at most SHAPE_ROOM different ones. Beyond,
 * all of them are cut shorter (16 characters, 12, 8, 6, 4, 3, 2, 1, none) until they are: the longest of these with which
 * there are no more than that, which is a property of the set of texts. A shape that was cut ends in "…". */
enum { SHAPE_LONGEST = 24, SHAPE_ROOM = 512 };

struct text_counter;
struct text_counter *text_counter_new(void);
void text_counter_free(struct text_counter *t); /* NULL is fine */
/* A text that is there so many times (0: nothing happens). Their sum stays below 2^63. */
void text_counter_add(struct text_counter *t, const char *bytes, size_t len, uint64_t times);
void text_counter_merge(struct text_counter *to, const struct text_counter *from);
/* Without any text: counts of 0, NaN for means. Shapes stand in the arena. */
void text_counter_facts(const struct text_counter *t, struct arena *a, struct text_facts *out);
/* As an object that text_counter_read reads back: the same counter gives the same bytes. */
void text_counter_write(const struct text_counter *t, struct json_writer *j, const char *key);
/* NULL if it is no such object (json-c). */
struct text_counter *text_counter_read(struct json_object *from);

/* What FACT_BLANK … FACT_SHAPE ask of one text. */
bool text_fact_holds(const char *bytes, size_t len, const struct fact_ask *ask);

/* ---- times ---- */

/* Zeroed at first. */
struct time_counter {
	uint64_t by_hour[24], by_weekday[7], by_month[12];
	unsigned finest;    /* 0 day, 1 hour … 4 millisecond */
	bool any, falls;    /* a time was added; one was earlier than the one before it */
	double first, last; /* in the order of rows; where any */
	/* Of the time before, which is often of the same day: */
	bool day_known;
	int64_t day;
	unsigned weekday, month;
};
/* The time of the next row (ms, whole, within the years that time_parse knows), which is there so many times (0:
 * nothing happens). */
void time_counter_add(struct time_counter *t, double ms, uint64_t times);
/* The rows of `next` after those of `to`. */
void time_counter_merge(struct time_counter *to, const struct time_counter *next);
/* Everything but step and gap, which are NaN. */
void time_counter_facts(const struct time_counter *t, struct time_facts *out);
/* Those two, of all different times in rising order; of several gaps of one size the first. */
void time_facts_steps(const double *different, size_t n, struct time_facts *out);
void time_counter_write(const struct time_counter *t, struct json_writer *j, const char *key);
bool time_counter_read(struct json_object *from, struct time_counter *out); /* false: it is no such object */

#endif
