/*
 * data: two profiles side by side: what is there now and was not, and by how much the rest differs. No tests and no
 * verdicts: whether a difference is more than chance is a question of drift.
 */
#ifndef ASSAY_DATA_DIFFERENCES_H
#define ASSAY_DATA_DIFFERENCES_H

#include "assay/data.h"

enum difference_status {
	DIFFERENCE_NONE, /* everything that the profiles say is the same */
	DIFFERENCE_CHANGED,
	DIFFERENCE_TYPE, /* of another type now, whatever else differs */
	DIFFERENCE_APPEARED,
	DIFFERENCE_DISAPPEARED,
	DIFFERENCE_STATUS_COUNT,
};
const char *
difference_status_name(enum difference_status status); /* "same", "changed", "type", "appeared"… */

/* NaN where a side has none; difference is now - reference. */
struct number_change {
	double now, reference, difference;
};
struct value_change {
	const char *value;
	size_t len;
	struct number_change share; /* of the values that are there */
};

/* What sampling weights estimate, where one side has them: of the other one what its rows say. Of two columns of numbers
 * or of times; else NaN. */
struct weighted_difference {
	struct number_change missing, mean, median; /* missing: share of the weight */
	double mean_in_sd;
};

struct column_difference {
	const char *name;
	enum difference_status status;
	const struct column_profile *now, *reference; /* NULL: it is not there */
	struct number_change missing;                 /* share of the rows */
	struct number_change distinct;
	struct number_change mean, median; /* of two columns of numbers, or two of times (ms) */
	double mean_in_sd;                 /* mean.difference in standard deviations of the reference; NaN */
	struct weighted_difference weighted;
	/* For an order: the largest of the change of the share of what is missing, of the mean in standard deviations (infinite
	 * where the reference is constant) and of the share of a value. Neither counts signs. NaN where nothing can be compared. */
	double differs;
	/* Of two columns of categories or bools, by how much the share changed, most first. Only values whose share is
	 * known on both sides: in the top values of both, or of one while the other's are all that it has. Those that
	 * one side has not have a share of 0 there. */
	struct value_change *values;
	size_t value_count;
};

struct differences {
	uint64_t rows_now, rows_reference; /* with frequency weights those written out */
	bool weighted;                     /* one side has sampling weights */
	struct column_difference *columns; /* in the order of now; then those that disappeared */
	size_t column_count;
	struct arena *arena; /* profiles are pointed into: they must live longer */
};
void profile_differences(struct differences *d, const struct profile *now, const struct profile *reference);
void differences_release(struct differences *d);
/* The key "differences", into an object that is open: [{"column","status","type":{"now","reference"},"missing":{"now",
 * "reference","difference"},"distinct","mean" (with "in_sd"),"median","values":[{"value","now","reference",
 * "difference"}],"differs"}]. With sampling weights also "weighted" {"missing","mean" (with "in_sd"),"median"}. */
void differences_json(const struct differences *d, struct json_writer *j);

#endif
