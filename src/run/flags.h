/* Why a run that goes on needs looking at: stopped, silent for much longer than is usual with it, a loss that is no
 * number any more or grows without end. */
#ifndef ASSAY_RUN_FLAGS_H
#define ASSAY_RUN_FLAGS_H

#include "local.h"

/* ---- silence ---- */

enum { QUIET_GAPS = 32 };
/* When something was heard of the run: output, an event, a point. All times are monotonic ms. */
struct quiet {
	int64_t first, last;      /* of what was heard; 0: nothing yet */
	int64_t looked;           /* the last look */
	int64_t gaps[QUIET_GAPS]; /* between what was heard apart from each other; the newest ones */
	size_t count;             /* of all gaps */
	int64_t together;         /* closer than this is heard at once */
};
void quiet_begin(struct quiet *q, const struct watch_settings *set);
void quiet_heard(struct quiet *q, int64_t now);
/* How long it has been silent if that is much longer than is usual with it, and what is usual; else 0. A run that has
 * not reported regularly for a while is not judged. */
int64_t quiet_too_long(struct quiet *q, const struct watch_settings *set, int64_t now, int64_t *usual);

/* ---- losses ---- */

/* In words, if a loss of the run is NaN or infinite (for good, as it seems), or has diverged; else "". final: no more
 * points will come, so that a single one counts. */
int losses_look(struct store *store, int64_t run, const struct watch_settings *set, bool final, char *out,
                size_t size, struct error *err);

/* ---- the flag ---- */

struct flags {
	struct watch_settings set;
	struct quiet quiet;
	int64_t next, next_points; /* when to look again */
	int64_t points, points_at; /* of all metrics; when they became so many */
	int64_t counted;           /* when they were counted last */
	bool told;                 /* quiet is told of every point: there is none to count while it is not */
	int stopped;               /* looks that found it stopped, and nothing else at work … */
	uint64_t ticks;            /* … by the processor time of the rest then */
	char loss[256];            /* what losses_look said last */
	char shown[256];           /* what the store has */
};

void flags_begin(struct flags *f, const struct watch_settings *set);
/* Output or reports came just now. Points that came another way are noticed at the next look. */
void flags_heard(struct flags *f);
/* Looks at the command below root (0: it is not known), and brings the run's flag up to date. Failures of the store are
 * left for the next look. */
void flags_look(struct flags *f, struct store *store, int64_t run, pid_t root);
/* For whoever comes after the supervisor, and at the end (final): only what the losses came to stays. */
int flags_settle(struct store *store, int64_t run, const struct watch_settings *set, bool final,
                 struct error *err);

#endif
