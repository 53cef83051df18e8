/* A store of data sets for programs of golden screens: each a CSV file, or two, that a function writes. */
#ifndef TESTS_GOLDEN_DATA_H
#define TESTS_GOLDEN_DATA_H

#include "assay/base.h"

struct golden_data {
	const char *name; /* of the data set; its file is NAME.csv */
	void (*write)(struct str *out);
	void (*also)(struct str *out); /* one more file, second.csv; NULL: none */
	const char *options;           /* of reading, as "label=repaid id=application"; NULL: none */
	void (*then)(struct str *out); /* what the file holds once it has been added; NULL: the same */
	bool gone;                     /* the file is not there any more */
};

/* Makes the store dir/.assay with `count` data sets, in this order; *path is its folder (caller frees). */
int golden_data(const char *dir, const struct golden_data *all, size_t count, char **path, struct error *err);

#endif
