/*
 * Spans: what a chart needs to know of many points in a row, without them.
 *
 * The chunks of a series are the leaves of a tree: a node of level 1 holds a span for each of 64 full chunks, one of
 * level 2 for each of 64 nodes of level 1, and so to level 3. Nodes are made when their last point comes, and never
 * change. They are made from the points and can be done without: where one is missing its children are read.
 */
#ifndef ASSAY_STORE_SPAN_H
#define ASSAY_STORE_SPAN_H

#include "series.h"

enum { SPAN_BITS = 6, SPAN_PARTS = 1 << SPAN_BITS, SPAN_LEVELS = 3 };

/* The points that lie on one axis: all of them on that of steps, those with a time on that of time. Places are
 * compared as doubles, as charts do. */
struct span_axis {
	int64_t count, nan_count;
	int64_t low, high; /* least and greatest place; undefined without points */
	/* Over the values that are not NaN; NaN if there is none. first lies at the least place (of several, the one that
	 * came first), last at the greatest (the one that came last). */
	double min, max, first, last;
	int64_t first_at, last_at;
};
struct span {
	struct span_axis axis[2]; /* enum series_axis */
};

void span_init(struct span *span);
void span_add_points(struct span *span, const struct point *points, size_t count);
/* `more` came after what is in the span. */
void span_add(struct span *span, const struct span *more);

/* The parts of a node, packed: part of the format of the store. */
void span_pack(const struct span parts[SPAN_PARTS], struct str *out);
/* -1: these bytes are no node of that level. */
int span_unpack(const void *bytes, size_t len, int level, struct span parts[SPAN_PARTS]);

/* Makes the nodes that are complete now that the series has `after` full chunks, and had `before`. Where points cannot
 * be read no node is made. */
int spans_write(struct store *s, int64_t series, int64_t before, int64_t after, struct error *err);
/* Those of every series, for a store of an older schema. */
int spans_write_all(struct store *s, struct error *err);
/* Looks at the nodes of a series with so many full chunks, whose chunks are whole: how many are not what the points
 * make of them. One that is missing is none of them. */
int spans_check(struct store *s, int64_t series, int64_t chunks, int64_t *wrong, struct error *err);
/* 1 and the parts, 0: there is no such node. */
int span_read(struct store *s, int64_t series, int level, int64_t number, struct span parts[SPAN_PARTS],
              struct error *err);

#endif
