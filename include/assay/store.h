/*
 * store: assay.db and the files beside it (objects/, live/). Runs, series, data sets, event files, the filter
 * language. SQLite lives in this room and nowhere else; no statistics are known here.
 *
 * A handle is one connection. It is used by one thread at a time (store_interrupt alone is safe from any
 * other). Every function is a transaction of its own unless store_begin was called. No read transaction
 * outlives a call, so that a screen that stays open does not hold up the write-ahead log.
 *
 * Times are UTC milliseconds. Row ids are positive 64-bit integers and never used again; outward ids are 32
 * hex digits (UUIDv7). Strings that come out stand in the arena that the caller gave. Text is bytes: escape
 * before showing.
 *
 * Errors: ERR_STORE for what SQLite or the file system refuses (with the path and what to do), ERR_USAGE for
 * a wrong request, ERR_NO for "no such …" and "not allowed now", ERR_STALE when the row is no longer in the
 * state that the request was made for, ERR_TAMPER when an object's bytes are not those of its name.
 */
#ifndef ASSAY_STORE_H
#define ASSAY_STORE_H

#include "assay/base.h"

#define STORE_SCHEMA_VERSION 4

struct store;

/* ---- opening ---- */

enum store_mode { STORE_READ, STORE_WRITE };

/* Makes a store in the folder `path` itself (…/.assay), which must not be one yet (ERR_NO). Refuses a network
 * file system. Nothing is left behind on failure. */
int store_init(const char *path, struct error *err);
/* Where the store is: `asked` (a store, or a folder that holds .assay), else $ASSAY_STORE, else .assay in
 * this folder or the nearest above it. Caller frees; NULL with err filled (ERR_STORE, says `assay init`). */
char *store_find(const char *asked, struct error *err);
/* Opens in milliseconds at any size. A newer schema, a corrupt file, another program's database, a missing
 * one: one clear message, ERR_STORE. STORE_WRITE also refuses a network file system and a read-only place,
 * and brings an older schema up to date, after a copy of what was there (assay.db.before-VERSION). STORE_READ
 * reads an older one as it is: what it has no tables for is empty. */
int store_open(struct store **out, const char *path, enum store_mode mode, struct error *err);
void store_close(struct store *s);             /* NULL is fine */
const char *store_path(const struct store *s); /* absolute */
const char *store_id(const struct store *s);   /* 32 hex digits, fixed at init */
bool store_writable(const struct store *s);
/* The database is not the one at its path any more: it was removed, or moved away, or another was put in its place. */
bool store_is_displaced(const struct store *s);
/* Makes a call that runs on another thread end soon with ERR_STORE "interrupted". */
void store_interrupt(struct store *s);
/* A number that is another one after any commit, by whomever. Cheap: for screens that live. */
int64_t store_change(struct store *s);

/* Groups calls into one transaction (BEGIN IMMEDIATE, under the lock where the regime needs it). Keep it
 * short. STORE_DURABLE syncs the commit. store_end with keep = false takes everything back. A failed call
 * inside leaves the transaction open; the caller ends it. */
enum store_sync { STORE_NORMAL, STORE_DURABLE };
int store_begin(struct store *s, enum store_sync sync, struct error *err);
int store_end(struct store *s, bool keep, struct error *err);
/* What was committed stands in a log and is moved into the database when that is long: with syncs, which take
 * milliseconds, in the store_end that made it so. For who has better moments (a server that waits): after
 * store_checkpoint_later a store_end does it only when the log is four times as long. */
void store_checkpoint_later(struct store *s);
bool store_checkpoint_due(const struct store *s);
void store_checkpoint_now(struct store *s); /* if nobody is in the way; outside of transactions */

/* ---- objects: files by SHA-256, written once, mode 0444 ---- */

int store_object_put(struct store *s, const void *bytes, size_t len, char hex[SHA256_TEXT],
                     struct error *err);
int store_object_put_file(struct store *s, const char *path, char hex[SHA256_TEXT], uint64_t *size,
                          struct error *err);
char *store_object_path(const struct store *s, const char *hex); /* caller frees; it may not exist */
/* Reads and verifies (ERR_TAMPER). `limit` as file_read. */
int store_object_read(struct store *s, const char *hex, struct str *out, size_t limit, struct error *err);
/* live/RUN of a run; caller frees. */
char *store_live_path(const struct store *s, const char *run_uuid);

/* ---- runs ---- */

enum run_status { RUN_QUEUED, RUN_RUNNING, RUN_DONE, RUN_FAILED, RUN_KILLED, RUN_LOST, RUN_STATUSES };
const char *store_status_name(enum run_status status); /* "queued" … */
bool store_status_parse(const char *name, enum run_status *status);
bool store_status_over(enum run_status status); /* done, failed, killed, lost */

struct run_process {     /* a process that cannot be mistaken for a later one with the same number */
	int64_t pid;         /* 0: not known */
	int64_t start_ticks; /* field 22 of /proc/PID/stat */
	char boot_id[40];
};

struct run_new {
	char uuid[ID_TEXT];     /* "": made here */
	const char *name;       /* NULL: nickname of the uuid */
	const char *experiment; /* NULL: "default"; made if new */
	const char *kind;       /* "command", "train" */
	const char *command;    /* argv as a JSON array of strings */
	const char *cwd, *host, *user;
	const char *source;                  /* NULL: "native" */
	const char *parent;                  /* uuid or NULL */
	const char *code_commit, *code_diff; /* hex commit; digest of the diff's object; or NULL */
	const char *environment;             /* digest, or NULL */
	bool has_seed;
	int64_t seed;
	int64_t created; /* 0: now */
};

struct run_row {
	int64_t id;
	char uuid[ID_TEXT];
	const char *name, *experiment, *kind, *command, *cwd, *host, *user, *source;
	const char *parent, *code_commit, *code_diff, *environment; /* or NULL */
	enum run_status status;
	const char *reason; /* why it is in this state, "" if there is nothing to say */
	bool has_seed;
	int64_t seed;
	int64_t created, started, ended; /* 0: not yet */
	int64_t exit_status;             /* of the command; -1: none */
	int64_t signal;                  /* that ended it; 0: none */
	double progress;                 /* 0…1, NaN: not told */
	int64_t ends;                    /* when it will by that, while it runs; 0: cannot be told */
	int64_t archived;                /* when it was put away; 0: it is not */
	int64_t removed;   /* when it was removed, to be purged later; 0: it is not; < 0: it is being purged */
	const char *flag;  /* why a run that goes on needs looking at: "stalled …", or see below; "" */
	int64_t flagged;   /* since when; 0: it has no flag */
	int64_t heard;     /* when somebody who knew of it said so last; 0: never */
	int64_t bad_lines; /* event lines that could not be understood */
	struct run_process supervisor, process;
};

int store_run_create(struct store *s, const struct run_new *run, int64_t *id, char uuid[ID_TEXT],
                     struct error *err);
/* queued -> running, with the supervisor. */
int store_run_start(struct store *s, int64_t id, const struct run_process *supervisor, int64_t at,
                    struct error *err);
int store_run_process(struct store *s, int64_t id, const struct run_process *process, struct error *err);
struct run_ending {
	enum run_status status; /* one that is over */
	const char *reason;     /* "" for nothing to say */
	int64_t exit_status, signal, at;
};
/* queued or running -> over. A run that is over already: ERR_STALE, nothing changed. */
int store_run_end(struct store *s, int64_t id, const struct run_ending *ending, struct error *err);
/* A run that is over and of this kind runs again, with this supervisor: more is reported into it. ERR_STALE: it is not
 * over, of another kind, sealed, or removed. */
int store_run_reopen(struct store *s, int64_t id, const char *kind, const struct run_process *supervisor,
                     struct error *err);
int store_run_reason(struct store *s, int64_t id, const char *reason, struct error *err); /* while it runs */
/* Raises a flag on a run that is not over, or takes it down (""). It stays as it is when the run ends. ERR_STALE: it
 * is over. */
int store_run_flag(struct store *s, int64_t id, const char *flag, int64_t at, struct error *err);
/* It goes on, says who knows it: its supervisor, every 15 seconds at least, or a client that reports. Of a run that is
 * not over, has no other flag, belongs to another host, and of which nothing was heard for STORE_SILENT_MS (of a
 * client's: STORE_CLIENT_SILENT_MS), `flag` reads "nothing heard for 3m (host gpu7)", in filters too. Nothing of that is
 * written down, and it says nothing of how the run stands: only its own host can tell. */
#define STORE_SILENT_MS        180000
#define STORE_CLIENT_SILENT_MS 600000
#define STORE_UNHEARD          "nothing heard for "
int store_run_heard(struct store *s, int64_t id, int64_t at, struct error *err);
int store_run_get(struct store *s, int64_t id, struct arena *mem, struct run_row *out, struct error *err);
int store_run_by_uuid(struct store *s, const char *uuid, struct arena *mem, struct run_row *out,
                      struct error *err);
/* A reference as people write it: an id, any unique beginning or end of it (4 digits at least), a name (the
 * newest of that name), "@last", "run:" before any of them. ERR_USAGE lists the candidates of an ambiguous
 * one. */
int store_run_find(struct store *s, const char *ref, int64_t *id, struct error *err);
/* Runs that are not over, oldest first. */
int store_runs_open(struct store *s, struct arena *mem, int64_t **ids, size_t *count, struct error *err);

struct store_pair {
	const char *key, *value; /* the text as it was given */
	bool is_number;
	double number;
	int64_t at;
};
/* A parameter given twice with another value: ERR_NO (parameters do not change); a tag is replaced. Of a value that is
 * a secret by its name or its form (secret_mask) it is kept that there was one. */
int store_param_set(struct store *s, int64_t run, const char *key, const char *value, struct error *err);
int store_tag_set(struct store *s, int64_t run, const char *key, const char *value, struct error *err);
int store_note_add(struct store *s, int64_t run, const char *text, int64_t at, struct error *err);
/* NaN takes back what was told. `ends` of a run is by the mean pace since its progress last fell. */
int store_progress_set(struct store *s, int64_t run, double progress, int64_t at, struct error *err);
/* By key. Notes: key is NULL, by time. */
int store_params(struct store *s, int64_t run, struct arena *mem, struct store_pair **out, size_t *count,
                 struct error *err);
int store_tags(struct store *s, int64_t run, struct arena *mem, struct store_pair **out, size_t *count,
               struct error *err);
int store_notes(struct store *s, int64_t run, struct arena *mem, struct store_pair **out, size_t *count,
                struct error *err);

/* What came out: files of a run. */
struct run_artifact {
	const char *name, *kind;  /* kind: "log", "model", "predictions", "evidence", "file" … */
	char digest[SHA256_TEXT]; /* "" when only a name was reported */
	uint64_t bytes;
	int64_t at;
};
/* Kinds whose bytes are not in the store. */
#define ARTIFACT_FOUND                                                                                       \
	"found" /* written below the working folder while the run ran; it did not speak of it */
#define ARTIFACT_UNKEPT "unkept" /* it was too large, or there was no room */
/* The same name again replaces it. */
int store_artifact_add(struct store *s, int64_t run, const struct run_artifact *artifact, struct error *err);
int store_artifacts(struct store *s, int64_t run, struct arena *mem, struct run_artifact **out, size_t *count,
                    struct error *err);

/* What went in: a registered version (dataset > 0), or what the program said that it read (dataset 0). */
struct run_input {
	int64_t dataset;
	const char *name;         /* "applications@2", or as the program said */
	const char *role;         /* "train", "test", "data" … */
	char digest[SHA256_TEXT]; /* of the version, or "" */
};
int store_input_add(struct store *s, int64_t run, const struct run_input *input, struct error *err);
int store_inputs(struct store *s, int64_t run, struct arena *mem, struct run_input **out, size_t *count,
                 struct error *err);

/* ---- series ---- */

struct point {
	int64_t step, time; /* time 0: not told */
	double value;       /* NaN, inf, -0: kept exactly */
};

/* A metric is what a program reports; a sample what the supervisor measured ("cpu", "rss" …). They are kept
 * alike and listed apart. */
enum series_kind { SERIES_METRIC, SERIES_SAMPLE };

struct series_at {
	double value;
	int64_t step;
};
struct series {
	int64_t id, run;
	const char *name, *context; /* context "" when none was given */
	int64_t count, nan_count;   /* points; those that are NaN */
	/* Over the points that are not NaN, except first and last (the greatest (step, time, value), as in
	 * MLflow; NaN if that is one). best: by the direction, NaN if that is not known. */
	struct series_at first, last, min, max, best;
	double mean;
	int64_t first_time, last_time;
	int direction; /* 1 more is better, -1 less, 0 not known */
};

/* Appends in this order; the series is made if new. Duplicate and falling steps are legal. The row, its
 * indexes and the packed points change in one transaction. */
int store_series_append(struct store *s, int64_t run, enum series_kind kind, const char *name,
                        const char *context, const struct point *points, size_t count, struct error *err);
/* All series of a run, by name and context. */
int store_series_list(struct store *s, int64_t run, enum series_kind kind, struct arena *mem,
                      struct series **out, size_t *count, struct error *err);
/* The first `limit` of them, those first of which it is known whether more or less of them is better: of thousands,
 * these say most. *total: how many there are. */
int store_series_some(struct store *s, int64_t run, enum series_kind kind, size_t limit, struct arena *mem,
                      struct series **out, size_t *count, size_t *total, struct error *err);
/* ERR_NO with the names that come near. context NULL: the one without a context, else the first
 * that was made (which is also what metrics.NAME means). */
int store_series_find(struct store *s, int64_t run, enum series_kind kind, const char *name,
                      const char *context, struct arena *mem, struct series *out, struct error *err);
/* The points as they came, from the `from`-th on, at most `limit` (0: all). */
int store_series_points(struct store *s, int64_t series, size_t from, size_t limit, struct arena *mem,
                        struct point **out, size_t *count, struct error *err);
/* At most `most` points (1 or more) that stand evenly among them, the last one always. Reads the blocks that hold
 * them. */
int store_series_thinned(struct store *s, int64_t series, size_t most, struct arena *mem, struct point **out,
                         size_t *count, struct error *err);
/* For drawing: points in at most `buckets` equal parts of [from, to] of the axis, empty ones left out. from >
 * to: the whole range. Costs the borders between buckets, however many points there are. */
enum series_axis { AXIS_STEP, AXIS_TIME };
struct series_bucket {
	double x_low, x_high;         /* of the points in it */
	double first, last, min, max; /* over values that are not NaN; NaN if there is none */
	int64_t count, nan_count;
};
int store_series_envelope(struct store *s, int64_t series, enum series_axis axis, double from, double to,
                          int buckets, struct arena *mem, struct series_bucket **out, size_t *count,
                          struct error *err);
/* Direction of a metric of an experiment: guessed from well-known names until set. */
int store_direction_set(struct store *s, const char *experiment, const char *name, int direction,
                        struct error *err);
int store_direction_guess(const char *name);

/* ---- finding runs ----
 *
 * The filter language:
 *
 *   metrics.auc > 0.8 and (params.lr = '0.1' or tags.team like 'risk%') and not status = failed
 *
 *   names      metrics.NAME (its latest value), metrics.NAME[CONTEXT], params.NAME, tags.NAME, or an
 *              attribute: name id experiment status kind user host source created started ended duration
 *              progress flag archived removed; odd names in backticks or double quotes: metrics.`val loss`[eval]
 *   which      best(metrics.auc), min(…), max(…), mean(…), first(…), last(…): another value of the series than
 *              its latest; at(metrics.ece, metrics.auc): the value of ece at the step where auc was best,
 *              at(metrics.ece, min(metrics.loss)) where loss was least: for columns only, since no index has it.
 *              best, min, max and mean are over the points that are not NaN; best needs a known direction
 *   values     numbers (nan and inf for metrics), 'text', bare words, times (2026-11-23, '2026-11-23 09:00',
 *              -2d for two days ago; s m h d w); durations in seconds, or 90m, 2h
 *   operators  = != <> < <= > >= LIKE ILIKE (% and _) ~ !~ (POSIX extended regular expressions) IN (…)
 *              IS MISSING AND OR NOT ( ); a metric, parameter or tag that stands alone asks whether the run has
 *              it; conditions side by side are joined by AND
 *   words      that stand alone are looked for in names and notes, all of them, in any case
 *
 * Words of the language are the same in any case. Comparing with what a run does not have is false.
 * Archived runs are left out of every list, count and group, unless the filter speaks of `archived`. Removed runs
 * are left out of these and of what is offered to be named, unless the filter speaks of `removed`, which finds
 * archived ones too.
 */

/* ERR_USAGE with the place: *at is the byte that is wrong. Empty is fine. */
int store_filter_check(const char *filter, size_t *at, struct error *err);
/* 'it''s': a text as the language reads it. */
const char *store_quoted(const char *text, struct arena *mem);

struct runs_order {
	const char *key; /* "metrics.auc", "best(metrics.auc)", "params.depth", "tags.x", or an attribute */
	bool descending;
};
struct runs_query {
	const char *filter;             /* NULL or "": all */
	const struct runs_order *order; /* none: newest first. Runs without the key come last either way */
	size_t order_count;
	const char *const *columns; /* cells wanted, named like order keys */
	size_t column_count;
	const char *trend; /* metric whose curve is wanted ("auc" or "metrics.auc"; NULL: none), at most
	                      RUNS_TREND points */
	int64_t now;       /* for times like -2d; 0: the clock */
};
/* "best(metrics.auc) desc, started" as people write it ("count" is for groups); columns:
 * "metrics.auc, params.`a, b`". */
int store_order_parse(const char *text, struct arena *mem, struct runs_order **out, size_t *count,
                      struct error *err);
int store_columns_parse(const char *text, struct arena *mem, const char ***out, size_t *count,
                        struct error *err);

#define RUNS_TREND 16
enum cell_kind { CELL_NONE, CELL_NUMBER, CELL_TEXT, CELL_TIME };
struct runs_cell {
	enum cell_kind kind;
	double number;    /* NUMBER (may be NaN or inf); TIME in ms */
	const char *text; /* TEXT; of a parameter or tag also for NUMBER: as it was given */
};
struct runs_row {
	int64_t id;
	char uuid[ID_TEXT];
	const char *name, *experiment, *kind, *reason;
	enum run_status status;
	int64_t created, started, ended, archived, removed;
	const char *flag; /* why a run that goes on needs looking at; "" */
	double progress;
	int64_t ends;            /* as run_row's; the past: it takes longer than that, nobody knows how long */
	struct runs_cell *cells; /* column_count */
	double *trend;           /* trend_count values, oldest first */
	size_t trend_count;
};
struct runs_page {
	struct runs_row *rows;
	size_t count;
	bool more_before, more_after;
};
/* Where a page lies: in the order of the query, beside the run `anchor`, whose own place counts as it is now.
 */
enum runs_place {
	RUNS_FIRST,  /* the first rows; anchor is not looked at */
	RUNS_LAST,   /* the last rows */
	RUNS_FROM,   /* the anchor and what follows it */
	RUNS_AFTER,  /* what follows the anchor */
	RUNS_BEFORE, /* what comes before it (in the query's order) */
};
/* An anchor that is gone gives the first rows. Costs the page, not the store. */
int store_runs_page(struct store *s, const struct runs_query *q, enum runs_place place, int64_t anchor,
                    size_t limit, struct arena *mem, struct runs_page *out, struct error *err);
/* Of these runs, in the order given, whatever the filter says; those that are gone are left out. */
int store_runs_rows(struct store *s, const struct runs_query *q, const int64_t *ids, size_t count,
                    struct arena *mem, struct runs_page *out, struct error *err);
/* How many match: exact up to `limit`, else *exact is false and *count is limit. */
int store_runs_count(struct store *s, const struct runs_query *q, int64_t limit, int64_t *count, bool *exact,
                     struct error *err);
/* Ids of the runs that match, in the query's order, at most limit. */
int store_runs_ids(struct store *s, const struct runs_query *q, size_t limit, struct arena *mem,
                   int64_t **ids, size_t *count, struct error *err);

/* What a column has over all runs that match. */
struct runs_summary {
	int64_t count, distinct; /* runs that have a value; different values */
	enum cell_kind kind;     /* of min, median, max: NUMBER or TIME where all are, else TEXT (no median) */
	double min, median,
	    max; /* over the numbers that are not NaN: the median is the lower one of two; NaN: none */
	const char *first, *last; /* TEXT: in the order of their bytes; NULL: none */
};
/* One for each column of the query. Reads every run that matches: for a thread that can be interrupted. */
int store_runs_summary(struct store *s, const struct runs_query *q, struct arena *mem,
                       struct runs_summary **out, struct error *err);

/* Groups of the runs that match: those that have the same values in all the keys. */
struct runs_groups_query {
	const struct runs_query *runs; /* filter, columns (those of metrics and numeric parameters are summed up);
	                                  order: by a key, by "count", or by the mean of a column */
	const char *const *keys;       /* "params.depth", "experiment", "tags.team" … */
	size_t key_count;
	/* Besides: all parameters but the keys' own and those that are called seed, random_seed, random_state or
	 * seed_everything, so that a group is one setting over its seeds. */
	bool over_seeds;
};
struct runs_group_value {
	int64_t n; /* runs with a number there that is not NaN */
	/* m2: sum of squares about the mean, by Welford's recurrence, runs in the order of their ids. With infinite values
	 * the mean is that of the sign, or NaN where both are, and m2 NaN. */
	double mean, m2;
	double min, max;
};
struct runs_group {
	int64_t id; /* of its oldest run */
	int64_t count;
	struct runs_cell *keys; /* key_count */
	const char
	    *setting; /* over_seeds: "depth=6 eta=0.3", those parameters that are not the same in all groups */
	struct runs_group_value *values; /* one a column; n 0 where there is nothing to sum up */
	const char *filter; /* finds the runs of the group, together with the query's own; NULL where it
	                                    would be too long for the language */
};
/* In the order that is asked for (ties: newest first), the `limit` first ones; *total of them. */
int store_runs_groups(struct store *s, const struct runs_groups_query *q, size_t limit, struct arena *mem,
                      struct runs_group **out, size_t *count, size_t *total, struct error *err);

/* Values that occur of a parameter, tag or an attribute with words, beginning with `prefix`, as the filter language
 * reads them ('risk team'): numbers by size, as far as the first STORE_VALUES_SCAN of them; then texts in the order of
 * their bytes. Of kind, user, host and source: as far as the newest STORE_VALUES_SCAN runs. Costs what it gives, not
 * the store. Other fields have none. */
#define STORE_VALUES_SCAN 4096
int store_values(struct store *s, const char *field, const char *prefix, size_t limit, struct arena *mem,
                 const char ***values, size_t *count, struct error *err);
/* Experiments by name, with the number of their runs that are not archived (bounded by `most`). */
struct store_experiment {
	int64_t id;
	const char *name;
	int64_t runs;
};
int store_experiments(struct store *s, int64_t most, struct arena *mem, struct store_experiment **out,
                      size_t *count, struct error *err);
/* What is called so, for going there: names of runs that begin so (newest first), then ids that begin so, or whose
 * shown last eight digits do, or that end so, then names that have it inside, in any case of ASCII. Looks at no more
 * than `scan` of each, the newest where there is no index. Rows without cells, without archived and removed runs; ""
 * finds nothing. */
int store_runs_called(struct store *s, const char *text, size_t scan, size_t limit, struct arena *mem,
                      struct runs_page *out, struct error *err);

/* Names that occur, most used first, as the filter language reads them: "metrics.auc", "params.`a b`",
 * "tags.team". prefix "" for all. */
int store_names(struct store *s, const char *prefix, size_t limit, struct arena *mem, const char ***names,
                size_t *count, struct error *err);
/* Metrics that were reported in a context: "metrics.loss[train]", by name; those that the language can say without
 * quotes around the context. Costs what it gives. */
int store_contexts(struct store *s, size_t limit, struct arena *mem, const char ***names, size_t *count,
                   struct error *err);

/* ---- edits: what people change by hand, and can take back ----
 *
 * Each call is one edit: it keeps what was there before, and writes a line of the log (activity).
 * What is so already is no edit. Undoing puts back what was there, where the thing is still as the edit left it; if
 * any of it is not, ERR_STALE says which, and nothing changes. A new edit of the same person ends what could have
 * been redone. `who` is login@host. The edits of each person are apart. No edit touches what a seal covers: names,
 * tags, notes and whether a run is archived are not in it.
 *
 * An edit of up to STORE_EDIT_AT_ONCE things, or within a transaction of the caller, is one transaction. A larger one
 * is made, taken back and made again in many short ones, so that other writers get their turn (they see a part of it
 * meanwhile): the journal has it when it is whole. If it fails, is interrupted or is killed, all is put back, by itself
 * or by whoever opens the store for writing next. One such goes on at a time, the next waits; whose it is can make no
 * other edit meanwhile (ERR_NO).
 */
enum { STORE_EDIT_AT_ONCE = 1000 };

/* Costs what is changed, in time and in the log on disk; not in memory. *changed: how many were not so already.
 * A run that is not over is neither archived nor removed: *left (may be NULL) says how many were left for that;
 * ERR_NO where none but such was to be changed. `archived` false: neither archived nor removed any more. What is removed
 * stays as it is until it is purged (store_remove.h). */
int store_archive(struct store *s, const char *who, const int64_t *runs, size_t count, bool archived,
                  int64_t *changed, int64_t *left, struct error *err);
int store_remove(struct store *s, const char *who, const int64_t *runs, size_t count, int64_t *changed,
                 int64_t *left, struct error *err);
/* value NULL takes the tag away. */
int store_tag_edit(struct store *s, const char *who, const int64_t *runs, size_t count, const char *key,
                   const char *value, int64_t *changed, struct error *err);
int store_note_edit(struct store *s, const char *who, int64_t run, const char *text, struct error *err);
int store_rename(struct store *s, const char *who, int64_t run, const char *name, struct error *err);
/* Saved views and named filters of an experiment ("" for all): text by kind ("view", "filter") and name. text NULL
 * takes it away (ERR_NO if there is none). */
struct store_saved {
	const char *kind, *experiment, *name, *text;
};
int store_saved_set(struct store *s, const char *who, const struct store_saved *saved, struct error *err);
/* Those of the experiment, then those of all, by name. experiment NULL: of each. */
int store_saved_list(struct store *s, const char *kind, const char *experiment, struct arena *mem,
                     struct store_saved **out, size_t *count, struct error *err);

struct store_edit {
	int64_t id, at;
	const char *text; /* "archived 3 runs"; says also how much of it went with purged runs */
	bool undone;      /* it can be made again */
};
/* The newest edit of this person that is not undone; out->id 0: there is none. */
int store_undo(struct store *s, const char *who, struct arena *mem, struct store_edit *out,
               struct error *err);
/* The one that was undone last. */
int store_redo(struct store *s, const char *who, struct arena *mem, struct store_edit *out,
               struct error *err);
/* This person's that can be undone or redone, newest first. */
int store_edits(struct store *s, const char *who, size_t limit, struct arena *mem, struct store_edit **out,
                size_t *count, struct error *err);
/* One thing that an edit changed; the `limit` first ones. */
struct store_edit_item {
	const char *kind; /* "archived", "removed", "tag", "name", "note"; "view", "filter" */
	int64_t run;      /* 0: not of a run */
	const char *uuid; /* of the run, or NULL */
	const char *experiment, *key;
	const char *before, *after; /* NULL: not there; of "archived" and "removed" the time */
};
int store_edit_items(struct store *s, int64_t edit, size_t limit, struct arena *mem,
                     struct store_edit_item **out, size_t *count, struct error *err);

/* ---- data sets ---- */

struct dataset_file {
	const char *path;
	char digest[SHA256_TEXT];
	uint64_t bytes, first_row, rows;
};
struct dataset_column {
	const char *name, *type; /* type and roles in data's words */
	const char *roles;
};
struct dataset_row {
	int64_t id; /* of the version */
	const char *name;
	int64_t version;          /* 1, 2, … within the name, never used again */
	char digest[SHA256_TEXT]; /* of the version: bytes and reading */
	const char *reading;      /* canonical text */
	uint64_t rows;
	int64_t created;
	struct dataset_file *files;
	size_t file_count;
	struct dataset_column *columns;
	size_t column_count;
};
/* id, version and created of `data` are not looked at. The same digest under the same name: *known, and its
 * id and version. */
int store_dataset_add(struct store *s, const struct dataset_row *data, int64_t *id, int64_t *version,
                      bool *known, struct error *err);
/* NAME (newest version), NAME@N. ERR_NO with the names that come near. */
int store_dataset_find(struct store *s, const char *ref, struct arena *mem, struct dataset_row *out,
                       struct error *err);
int store_dataset_get(struct store *s, int64_t id, struct arena *mem, struct dataset_row *out,
                      struct error *err);
int store_dataset_by_digest(struct store *s, const char *digest, struct arena *mem, struct dataset_row *out,
                            bool *found, struct error *err);
/* All versions that are not removed, by name, newest first; without files and columns' names (file_count and
 * column_count are right, the pointers NULL). */
int store_datasets(struct store *s, struct arena *mem, struct dataset_row **out, size_t *count,
                   struct error *err);
/* Takes the version out of lists. Runs that used it keep what they say of it. */
int store_dataset_rm(struct store *s, int64_t id, struct error *err);
/* JSON of a profile by the digest of the data set version. */
int store_profile_put(struct store *s, const char *digest, const char *json, size_t len, struct error *err);
int store_profile_get(struct store *s, const char *digest, struct str *json, bool *found, struct error *err);

/* ---- evaluations: rows that index evidence in objects/ ---- */

struct store_evaluation {
	int64_t id, run;   /* run 0: of a model file */
	const char *split; /* "test", "split", … */
	char model[SHA256_TEXT], data[SHA256_TEXT], settings[SHA256_TEXT];
	char predictions[SHA256_TEXT], evidence[SHA256_TEXT]; /* objects */
	const char *producer; /* login@host of whoever ran what made it; "": not known */
	int64_t at;
};
int store_evaluation_add(struct store *s, const struct store_evaluation *e, int64_t *id, struct error *err);
/* Of a run, oldest first. */
int store_evaluations(struct store *s, int64_t run, struct arena *mem, struct store_evaluation **out,
                      size_t *count, struct error *err);

/* Of a model, by the digest of its bytes, whoever's it is; oldest first. */
int store_evaluations_of_model(struct store *s, const char *model, struct arena *mem,
                               struct store_evaluation **out, size_t *count, struct error *err);

/* ---- bias reports: rows that index evidence in objects/, as evaluations do ---- */

struct store_bias_report {
	int64_t id, run;   /* run 0: of a model file */
	const char *split; /* "test", "split", "all" */
	char model[SHA256_TEXT], data[SHA256_TEXT], settings[SHA256_TEXT];
	char predictions[SHA256_TEXT], evidence[SHA256_TEXT]; /* objects */
	int64_t at;
	const char *producer; /* login@host of whoever ran what made it */
};
int store_bias_report_add(struct store *s, const struct store_bias_report *b, int64_t *id, struct error *err);
/* Of a model (the digest of its bytes), oldest first. */
int store_bias_reports(struct store *s, const char *model, struct arena *mem, struct store_bias_report **out,
                       size_t *count, struct error *err);

/* ---- models: names, and what people say of versions ----
 *
 * What a version is, and where it stands, is in the ledger (ledger.h). The versions here are a cache of that,
 * but for their descriptions; last_version never falls, so that no number is given twice.
 */

struct store_model {
	const char *name, *owner, *description; /* "" for none */
	int64_t last_version, created;
};
struct store_model_version {
	const char *model;
	int64_t version;
	char subject[SHA256_TEXT];
	char run[ID_TEXT];
	int64_t seq, registered; /* row of the ledger; time */
	const char *description;
};
struct store_alias {
	const char *model, *name;
	int64_t version;
};
/* The number after the greatest that the name ever had (1 for a new name). Call it in the transaction that
 * adds. */
int store_model_next(struct store *s, const char *model, int64_t *version, struct error *err);
/* Adds the version, and the model if the name is new; one that is there keeps its description. */
int store_model_version_add(struct store *s, const struct store_model_version *v, struct error *err);
/* NULL: as it is. ERR_NO if there is no such model or version. */
int store_model_set(struct store *s, const char *model, const char *owner, const char *description,
                    struct error *err);
int store_model_version_set(struct store *s, const char *model, int64_t version, const char *description,
                            struct error *err);
/* version 0 takes the alias away: ERR_NO if it is not there. */
int store_alias_set(struct store *s, const char *model, const char *alias, int64_t version,
                    struct error *err);
/* All of them, by name (and version). */
int store_models(struct store *s, struct arena *mem, struct store_model **out, size_t *count,
                 struct error *err);
int store_model_versions(struct store *s, struct arena *mem, struct store_model_version **out, size_t *count,
                         struct error *err);
int store_aliases(struct store *s, struct arena *mem, struct store_alias **out, size_t *count,
                  struct error *err);
/* The digest over a finished run, as it was sealed; "" for none. */
int store_run_seal_set(struct store *s, int64_t run, const char *seal, struct error *err);
int store_run_seal_get(struct store *s, int64_t run, char seal[SHA256_TEXT], struct error *err);

/* ---- small things that are remembered ---- */

/* Facts about the store itself, beside its id. Set once: a key that is there keeps its value. */
int store_about_put(struct store *s, const char *key, const char *value, struct error *err);
int store_about_get(struct store *s, const char *key, struct str *out, bool *found, struct error *err);

/* Who did what: a plain log for people. */
struct activity {
	int64_t id, at;
	const char *who, *verb, *what;
};
int store_activity_add(struct store *s, const char *who, const char *verb, const char *what,
                       struct error *err);
int store_activities(struct store *s, int64_t before, size_t limit, struct arena *mem, struct activity **out,
                     size_t *count, struct error *err);

#endif
