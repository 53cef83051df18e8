/* What the commands that look after a store share. */
#ifndef CLI_CARE_H
#define CLI_CARE_H

#include <signal.h>

#include "assay/work_care.h"
#include "cli.h"

/* A bar with the rate, and an end that Ctrl-C asks for: signals wait until care_watch looks at them, so that what
 * was half done is cleared away. */
struct care_watch {
	struct bar bar;
	sigset_t before;
	const char *what;
	uint64_t seen; /* of `what`, when it began */
	int64_t since;
	bool stopped;
};
void care_watch_begin(struct care_watch *w, const struct cli *c, const char *what);
/* A store_progress_fn; user is the struct. */
int care_watch(void *user, const char *what, uint64_t done, uint64_t total);
void care_watch_end(struct care_watch *w);

/* assay doctor --save DIR, of the store at `path`. */
int cmd_doctor_save(struct cli *c, const char *path);
/* assay restore FILE. */
int cmd_restore_backup(struct cli *c);

#endif
