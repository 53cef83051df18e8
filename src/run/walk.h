/* A bounded look at what lies below a folder. */
#ifndef ASSAY_RUN_WALK_H
#define ASSAY_RUN_WALK_H

#include "local.h"

#include <sys/stat.h>

struct walk_look {
	int64_t ms;          /* and no longer, but for the first thousand names */
	const char *without; /* a folder that is not entered, by whichever name; or NULL */
	bool (*wanted)(const char *name);
	/* A regular file, no link, of such a name; name is below the folder that the descriptor is of. */
	void (*take)(void *user, const char *folder, int dir, const char *name, const struct stat *st);
	void *user;
};
/* The nearest folders first: where there is too much the far ones are left (at most 20,000 names are looked at, eight
 * folders deep). What is hidden, node_modules, __pycache__ and other file systems are left out. */
void walk_files(const char *root, const struct walk_look *look);

#endif
