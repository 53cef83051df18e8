/*
 * run_finder: metrics and progress in what programs print, with no change to them.
 *
 * Bytes come as they are printed: lines that a bar paints over itself (\r, backspaces, \b and escape sequences) are
 * folded into the last state that was seen of each. A line is read by the first recogniser of RUN_RECOGNISERS that
 * takes it, after the store's own expressions. Names are kept as they are printed, words joined by "_", what a
 * tool calls a data set before the metric: "train-auc", "valid_1_auc", "val_loss".
 *
 * The step is what the line says: step, iter(ation), round …, the batch within its epoch, the epoch (of this line, or
 * the last that was said), the head "[120]"; else it counts up by name. Of a bar that belongs to an epoch the last
 * state counts, at the epoch's number; of one that belongs to none, each position.
 *
 * Quiet when unsure: times, sizes, paths, addresses, percentages, versions and counters are no metrics; a whole number,
 * and a value behind a colon, counts where the line has a step or the name is a measure's ("loss", "val_auc"). Memory is
 * bounded: RUN_FINDER_NAMES names a run, then RUN_FOUND_FULL is said once and no further name is taken; lines beyond
 * 8 KiB are passed over.
 */
#ifndef ASSAY_RUN_FINDER_H
#define ASSAY_RUN_FINDER_H

#include "assay/base.h"

#define RUN_FINDER_NAMES 1000

struct run_recogniser {
	const char *name;  /* "xgboost": what is switched off by it */
	const char *takes; /* a line that it takes, for people */
};
extern const struct run_recogniser RUN_RECOGNISERS[];
extern const size_t RUN_RECOGNISER_COUNT;

/* ---- own expressions, and what is off ----
 *
 * [patterns] of the store's config.ini:
 *
 *     loss     = ^step (?<step>[0-9]+) loss ([0-9.]+)
 *     progress = ^block ([0-9]+) of (?<total>[0-9]+)
 *     off      = key_colon, tqdm:loss
 *
 * A key is a metric's name, its value a POSIX extended regular expression. The value is the group (?<value>…), else the
 * first without a name; (?<step>…) is the step. `progress` gives the share that is done: its value over (?<total>…), or
 * over 100 without one. A line that one of them matches is read by them alone; they are tried on the first 1,024 bytes
 * of a line. `off` names recognisers, or one name of one of them (RECOGNISER:NAME); "all" is every recogniser but the
 * own expressions. In INI a " ;" begins a comment: write [;] in an expression. [patterns NAME] says more of the same for
 * the runs of one experiment.
 */
struct run_patterns;
struct run_patterns *run_patterns_new(void);
void run_patterns_free(struct run_patterns *p); /* NULL is fine */
/* What is read from now on is for runs of that experiment: [patterns NAME] counts, too. ERR_USAGE: a section cannot have
 * that name (40 bytes at most, no bracket, no line, no blank at its ends). */
int run_patterns_of(struct run_patterns *p, const char *experiment, struct error *err);
/* [patterns] of a text in INI form; `name` stands before messages: "name:LINE: …" (ERR_USAGE). Other sections are left
 * alone. */
int run_patterns_text(struct run_patterns *p, const char *name, const char *text, struct error *err);
/* Of a file; none: nothing. */
int run_patterns_file(struct run_patterns *p, const char *path, struct error *err);
/* "key_value, json:lr": what `off` has. */
int run_patterns_off(struct run_patterns *p, const char *list, struct error *err);
bool run_patterns_is_off(const struct run_patterns *p, const char *recogniser, const char *name);
/* The words that are off, as they were given ("all" as what it stands for). */
size_t run_patterns_off_count(const struct run_patterns *p);
const char *run_patterns_off_at(const struct run_patterns *p, size_t i);
/* What run_patterns_text reads back; "" if there is nothing to say. */
const char *run_patterns_ini(const struct run_patterns *p);
/* Own expressions: name i of run_patterns_count. */
size_t run_patterns_count(const struct run_patterns *p);
const char *run_patterns_name(const struct run_patterns *p, size_t i, const char **expression);

/* ---- finding ---- */

enum run_found_kind {
	RUN_FOUND_METRIC,
	RUN_FOUND_PROGRESS, /* value: the share that is done, 0…1; NaN: what was said so far does not hold */
	RUN_FOUND_FULL,     /* there are more names than are kept; once */
};
struct run_found {
	enum run_found_kind kind;
	const char *recogniser, *name; /* valid during the call; name "" but of metrics */
	double value;                  /* finite, or nan and inf when the program wrote so */
	int64_t step;
};
typedef void run_found_fn(void *user, const struct run_found *found);

struct run_finder;
/* patterns may be NULL; they are borrowed. */
struct run_finder *run_finder_new(const struct run_patterns *patterns, run_found_fn *each, void *user);
void run_finder_free(struct run_finder *finder);
/* Output as it comes, cut anywhere; lines end with \n or \r. */
void run_finder_feed(struct run_finder *finder, const char *bytes, size_t len);
void run_finder_end(struct run_finder *finder); /* the last line has no end of line */

/* What was recognised so far, in the order of first appearance; name "(progress)" for progress. */
struct run_recognised {
	const char *recogniser, *name;
	const char *example; /* a line, cut to 200 bytes, without escapes; bytes of data */
	int64_t lines;       /* how many told it */
};
size_t run_finder_recognised(const struct run_finder *finder);
void run_finder_recognised_at(const struct run_finder *finder, size_t i, struct run_recognised *out);

#endif
