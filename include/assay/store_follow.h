/*
 * store_follow: measurements out of files that a run writes in another tool's format, and how far each such file is
 * absorbed. A part of store; its conventions are store.h's.
 */
#ifndef ASSAY_STORE_FOLLOW_H
#define ASSAY_STORE_FOLLOW_H

#include "assay/store.h"

struct store_followed {
	const char *file;       /* its path */
	const char *context;    /* of its measurements */
	char mark[SHA256_TEXT]; /* that whoever reads it knows it by; "" */
	int64_t offset, records;
	bool broken; /* nothing more can be read out of it */
};
/* The files that are followed for the run, by their paths. */
int store_followed(struct store *s, int64_t run, struct arena *mem, struct store_followed **out,
                   size_t *count, struct error *err);
/* Whether another run has that file. */
int store_followed_elsewhere(struct store *s, int64_t run, const char *file, bool *yes, struct error *err);
/* Whether another run of this host worked in the folder, one above it or one below it at some time in [from, to]. */
int store_run_beside(struct store *s, int64_t run, const char *folder, int64_t from, int64_t to, bool *yes,
                     struct error *err);

struct store_follow_series {
	const char *name;
	const struct point *points;
	size_t count;
};
struct store_follow {
	struct store_followed file; /* as it is after this: offset, records, mark, broken */
	int64_t from;               /* the offset that was read from; 0 for a file that is new here */
	const struct store_follow_series *series;
	size_t series_count;
	const struct store_pair *params; /* key and value; one that is there with another value is a bad line */
	size_t param_count;
	uint64_t bad;   /* records that could not be understood … */
	int64_t bad_at; /* … the first of them */
	const char *why;
};
/* Points, parameters and the offset in one transaction: exactly once, whoever is killed. ERR_STALE: somebody else has
 * absorbed meanwhile; nothing is changed, look at store_followed again. */
int store_follow(struct store *s, int64_t run, const struct store_follow *batch, struct error *err);

#endif
