/* Whether a process that SIGKILL ended was killed for want of memory. */
#ifndef ASSAY_RUN_OOM_H
#define ASSAY_RUN_OOM_H

#include "local.h"

/* Kills that were counted in the group, by systemd-oomd there, on the machine; -1: not told. */
struct oom_counts {
	int64_t in_group, by_daemon, machine;
};

/* A process that is killed may take a second to go, and its kill is counted before: what is compared with is at least
 * OOM_WINDOW_MS old. */
enum { OOM_WINDOW_MS = 10000 };
struct oom_marks {
	const char *root; /* before every path that is read: "" but in tests */
	char *group;      /* folder of the command's control group; NULL: none that counts */
	struct oom_counts before, now;
	int64_t noted_ms;
	int messages; /* /dev/kmsg from the beginning of the run on; -1: it may not be read */
};

enum oom_verdict {
	OOM_NO,     /* the kernel's killer has killed nothing that could have been this */
	OOM_KERNEL, /* it was the kernel's */
	OOM_DAEMON, /* systemd-oomd */
	OOM_MAYBE,  /* the kernel killed something on this machine just then; whether this cannot be told */
	OOM_UNKNOWN /* the kernel does not say here */
};

void oom_begin(struct oom_marks *m, const char *root);
/* Notes what has been counted while the process lives, so that only what comes later counts: to be called at its
 * beginning and every second or so (monotonic ms, not 0). */
void oom_note(struct oom_marks *m, pid_t pid, int64_t now_ms);
/* After its end. *bytes: what it held, where the kernel says so, else 0. */
enum oom_verdict oom_judge(struct oom_marks *m, pid_t pid, uint64_t *bytes);
void oom_release(struct oom_marks *m);

/* Puts the verdict into the words of an ending by SIGKILL, or with the status that shells give for one. peak: the most
 * memory that was seen; 0: not known. */
void oom_words(struct ending *e, enum oom_verdict verdict, uint64_t peak);

#endif
