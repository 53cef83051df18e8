/* For tests of the bias room: made-up cases, and tables from counts. */
#ifndef TESTS_BIAS_CASES_H
#define TESTS_BIAS_CASES_H

#include "assay/bias.h"

enum { MADE_N = 4000, MADE_COLUMNS = 3 };

/* Made-up cases by sex, age and place; the last place is rare, some ages are missing, scores are often equal.
 */
struct made {
	uint8_t label[MADE_N];
	double score[MADE_N];
	uint32_t code[MADE_COLUMNS][MADE_N];
	struct bias_column columns[MADE_COLUMNS];
	struct bias_cases cases;
};
extern const char *const made_sexes[2];
struct made *made_new(uint64_t seed); /* free() it */

/* These fail the test with the error. */
struct bias_table *made_table(const struct bias_cases *cases, int depth, size_t support);
void made_report(const struct bias_table *t, const struct bias_settings *s, struct bias_report *r);
/* Groups A, B, … of a column "g" from their TN, FP, FN, TP. */
struct bias_table *made_of_counts(const uint64_t cells[][4], size_t groups);
struct bias_table *made_of_named_counts(const uint64_t cells[][4], const char *const *names, size_t groups,
                                        size_t n);

#endif
