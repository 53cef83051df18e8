/* What a store says, column by column, so that two of its states can be compared but for what differs anyway. */
#ifndef TESTS_STORE_VIEW_H
#define TESTS_STORE_VIEW_H

#include "assay/base.h"

/* A column of a table: "assay.db:run.name". */
struct store_cell {
	char name[96], hash[SHA256_TEXT];
	int64_t count; /* rows */
};
struct store_view {
	struct store_cell *cells;
	size_t count, cap;
};

/* Of the store root/below: all tables of assay.db and ledger.db; nothing where there is no store. -1 unless both are
 * sound and every object is whole. Rolls back what was left half done, as any reader of it does. */
int store_view(const char *root, const char *below, struct store_view *v, struct error *err);
void store_view_release(struct store_view *v);
bool store_cell_same(const struct store_cell *a, const struct store_cell *b);
/* But for the cells that are `loose` (NULL: none is). */
bool store_view_same(const struct store_view *a, const struct store_view *b, const bool *loose);

#endif
