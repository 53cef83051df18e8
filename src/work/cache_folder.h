/* A folder of small files that may be gone at any time: the person's own, bounded, and never a reason to fail. */
#ifndef WORK_CACHE_FOLDER_H
#define WORK_CACHE_FOLDER_H

#include "assay/base.h"

struct cache_folder {
	char *path; /* NULL: nothing can be kept */
};
/* $XDG_CACHE_HOME/assay/NAME. One that is not this person's is left alone. */
void cache_open(struct cache_folder *c, const char *name);
void cache_release(struct cache_folder *c);
/* The bytes of an entry as they were put; false: it is not there, or what is there is damaged or somebody else's. */
bool cache_get(const struct cache_folder *c, const char *name, struct str *out);
/* Replaces what is there. */
void cache_put(const struct cache_folder *c, const char *name, const struct str *bytes);
/* After entries were put: lets the oldest go where there is too much. */
void cache_trim(const struct cache_folder *c);
void cache_drop(const struct cache_folder *c, const char *name);
/* It was of use: it is among the last to go. */
void cache_touch(const struct cache_folder *c, const char *name);
/* Calls fn with each entry whose name begins so, until it returns false. */
void cache_each(const struct cache_folder *c, const char *prefix, bool (*fn)(void *user, const char *name),
                void *user);

#endif
