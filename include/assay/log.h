/*
 * log: the reporting API for programs that are run by `assay run`. C and C++, nothing but the C library.
 *
 *     #include <assay/log.h>                          cc train.c $(pkg-config --cflags --libs assay-log)
 *
 *     assay_log_param("rate", "0.1");
 *     assay_log_metric("loss", loss, step);
 *
 * Each call appends one line of JSON to a file of this process in the folder $ASSAY_EVENTS, by one write(2): nothing
 * is kept back, and what was written survives the process. Where $ASSAY_EVENTS is not set, every call does nothing and
 * is a success, so that a program runs alone as it does under Assay.
 *
 * All functions may be called from any thread, without a lock. A process that forks goes on with a file of its own on
 * either side. Those marked "signals" may be called in signal handlers, too, as long as their texts have no more than
 * ASSAY_LOG_SIGNAL_TEXT bytes together and no thread changes the environment: they use getenv, open, fstat, write,
 * getpid and clock_gettime alone.
 *
 * They return 0, or -1 with errno: what open(2) or write(2) said, or EINVAL for a NULL or empty name. A line that a
 * full disk has cut off is ended by the next one, and Assay counts it as one that it could not read.
 */
#ifndef ASSAY_LOG_H
#define ASSAY_LOG_H

#include <limits.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ASSAY_LOG_SIGNAL_TEXT 1024
/* For `step`: none is told; Assay counts by itself. */
#define ASSAY_LOG_NO_STEP LLONG_MIN

/* Not 0 when somebody listens. signals */
int assay_log_active(void);

/* One value; NaN and infinities are kept. A step may come twice, and they may fall. */
int assay_log_metric(const char *name, double value, long long step);
/* Of one of several series of that name: "train", "eval". context NULL: none. */
int assay_log_metric_in(const char *context, const char *name, double value, long long step);
/* `count` of them at one step, in one line. */
int assay_log_metrics(const char *context, const char *const names[], const double values[], size_t count,
                      long long step);
/* What the run was made with: given once, as it is to be read. signals */
int assay_log_param(const char *name, const char *value);
/* What is said about it: given again, it is another. signals */
int assay_log_tag(const char *name, const char *value);
/* A file that came out; the path as this process sees it. signals */
int assay_log_artifact(const char *path);
/* Data that went in; role: "train", "test" …; NULL: "data". signals */
int assay_log_dataset(const char *path, const char *role);
/* How far it is, 0 to 1. */
int assay_log_progress(double share);
/* signals */
int assay_log_note(const char *text);

#ifdef __cplusplus
}
#endif
#endif
