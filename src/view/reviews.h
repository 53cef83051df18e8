/* Reviews: what the reader hands to the screen. */
#ifndef ASSAY_VIEW_REVIEWS_H
#define ASSAY_VIEW_REVIEWS_H

#include "assay/ui.h"

#include "list.h"

enum { REVIEWS_NAME = 36 }; /* columns of the version: a name that is longer is cut, its number is not */

struct reviews_list {
	struct list_rows list; /* ids are rows of the ledger */
	const char **reasons;  /* one a row */
	int64_t only;          /* the one that waits for whoever looks, when exactly one does; else 0 */
	const char *nobody;    /* whose key it is cannot be told: why; NULL */
};
ui_work_fn view_reviews_read;

#endif
