/*
 * run: starts commands, watches over them to their end, and tells the truth about them.
 *
 * Every run is a supervised process. run_launch() makes the run's row (queued) and its folder
 * live/RUN, and starts this same program as `internal-supervise STORE RUN` in a session of its
 * own: the supervisor is no child of the caller, has no terminal, and ignores hang-up. It starts
 * the command under a pseudo-terminal (or pipes), keeps the output, follows the event files,
 * finds metrics in the output, samples the process tree, and at the end writes what became of the
 * command, in one transaction with the last points.
 *
 * live/RUN/ holds
 *     lock              held (flock) by the launcher, then by the supervisor, as long as either
 *                       lives: whoever can take it knows that nobody watches the run. Its text says
 *                       why the store cannot be written just now, if so (the files are kept, and it is
 *                       tried again)
 *     launch.json       what was asked for: argv, cwd, terminal
 *     output.log        the output as it came (RUN_OUTPUT_HEAD)
 *     events-*.jsonl    reports of the program (store.md "capture"); events-output.jsonl is what
 *                       the supervisor found in the output
 *     end.json          how the command ended, written before anything is cleared away
 *     patterns.ini      [patterns] of the store's config.ini as it was then (run_finder.h), if it said anything
 *     stop              who asked for an end and why
 * and is removed only after everything in it is committed to the store. Who supervisor and command
 * are (pid, start time, boot id) is in the run's row before the command is let go.
 *
 * Environment of the command: the caller's own and spec->env, and
 *     ASSAY_RUN_ID      the run's id
 *     ASSAY_EVENTS      the folder live/RUN (absolute): event files go there
 *     ASSAY_STORE       the store's folder (absolute)
 *     OMP_WAIT_POLICY   passive, unless it is set already
 *     MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_ID, MLFLOW_EXPERIMENT_ID
 *                       a tracking server of the supervisor's on loopback (exchange.h) and the run itself, so that
 *                       MLflow's start_run() takes it up; unless MLFLOW_TRACKING_URI is set already, which is then
 *                       left as it is, or no_mlflow was asked for. ASSAY_MLFLOW_URI is the same address; no_proxy gets
 *                       127.0.0.1 where there is a proxy
 *     LINES, COLUMNS    are removed under a pseudo-terminal (its size says it)
 *
 * True status. done: the command ended with 0. failed: it ended with another status, by a signal
 * that nobody asked us for, or could not be started. killed: it ended after a stop request (or
 * after the supervisor was told to end). lost: supervisor and command are gone and nobody saw
 * how; the reason says what is known and gives the last line. The exit status is the command's
 * own, 128 + signal, 127 (not found), 126 (found, cannot be run), or 125 (our own failure).
 *
 * All functions are safe in a program with several threads, each with its own store handle,
 * except run_supervise, which owns its process.
 */
#ifndef ASSAY_RUN_H
#define ASSAY_RUN_H

#include "assay/base.h"
#include "assay/run_finder.h"
#include "assay/store.h"

#define RUN_EXIT_OWN       125 /* our own failure */
#define RUN_EXIT_CANNOT    126 /* found, but it cannot be run */
#define RUN_EXIT_NOT_FOUND 127 /* no such command */

/* ---- launching ---- */

struct run_pair {
	const char *key, *value;
};

struct run_data {     /* one data set version that goes in */
	int64_t dataset;  /* the store's row id of the version */
	const char *role; /* "train", "test", "data" … */
};

struct run_file {     /* put into live/RUN before the command starts */
	const char *name; /* plain file name; not one of those above, not events-* */
	const void *bytes;
	size_t len;
};

struct run_spec {
	const char *const *argv;  /* what is executed (PATH is searched); ends with NULL */
	const char *const *shown; /* what is recorded as the command; NULL: argv */
	const char *cwd;          /* NULL: the current folder */
	const char *experiment;   /* NULL: "default" */
	const char *name;         /* NULL: a nickname made from the id */
	const char *kind;         /* "command" (NULL), "train" … */
	const char *parent;       /* id of the run that this one belongs to; NULL: $ASSAY_RUN_ID when
	                             that is a run of this store */
	const struct run_pair *params, *tags;
	size_t param_count, tag_count;
	const struct run_data *inputs;
	size_t input_count;
	const struct run_file *files;
	size_t file_count;
	const char *const *env; /* "NAME=VALUE" added to the environment; ends with NULL; or NULL */
	bool has_seed;
	int64_t seed;
	/* The caller follows it at once (run_follow with RUN_FOLLOW_OWNER, which must come, on this thread): SIGINT, SIGTERM
	 * and SIGHUP wait for that from when the command may begin, so that none leaves a run behind that nobody stops. */
	bool followed;
	/* The caller's standard input becomes the command's, unless it is a terminal; else the command's is empty. */
	bool keep_input;
	bool pipe;    /* output through a pipe, not a pseudo-terminal */
	bool reports; /* the program reports its metrics itself: its output is not searched for them */
	/* Recognisers that are off for this run, besides what the store's config.ini has (run_finder.h): "key_colon,
	 * json:lr", "all"; NULL: none. */
	const char *unrecognised;
	bool no_mlflow;    /* the command is offered no tracking server */
	int rows, columns; /* of the pseudo-terminal; 0: as the caller's, else 24 x 80 */
	/* What becomes of the command when its supervisor is killed: "go-on", "end"; NULL: as the store's config.ini says
	 * ([run] orphans), else it goes on. */
	const char *orphans;
	const char *program; /* what is started as the supervisor; NULL: /proc/self/exe */
};

struct run_started {
	char uuid[ID_TEXT];
	int64_t id; /* the store's row id */
	char name[128];
};

/* Makes the run and returns once its command has been started, or could not be. In both cases the
 * run exists and *out is filled; a command that could not be started is a failed run, and 0 is
 * returned. -1: the request is wrong (nothing was made), or no supervisor could be started (the
 * row, if there is one, then says failed). Waits at most 60 seconds for the supervisor. */
int run_launch(struct store *store, const struct run_spec *spec, struct run_started *out, struct error *err);

/* The body of `internal-supervise STORE RUN`: descriptor 3 is the run's lock and 4 the pipe on
 * which the launcher waits. Returns the exit status for main(). */
int run_supervise(const char *store_dir, const char *run_uuid);

/* ---- state, waiting, stopping ---- */

enum run_watch {
	RUN_WATCH_OVER,      /* the run has ended */
	RUN_WATCH_OK,        /* it runs and is watched */
	RUN_WATCH_ALONE,     /* the command lives, its supervisor does not: "unsupervised" */
	RUN_WATCH_GONE,      /* both are gone: the reaper's next look writes `lost` */
	RUN_WATCH_ELSEWHERE, /* it was started on another host: this one cannot tell */
};
/* Looks at the processes, not only at the row. Cheap (one flock) for runs that are watched. */
int run_watch(struct store *store, const char *uuid, enum run_watch *out, struct error *err);

/* A flag of a run (run_row.flag) in one word for a column: "stopped", "stalled", "unheard", "nan", "inf",
 * "diverged"; "" for "". */
const char *run_flag_word(const char *flag);

/* Flags ("stalled …", "loss is nan …") of runs that no supervisor watches, by the same rules and the settings of the
 * store's config.ini ([watch]); for the judge of exchange_options. */
struct run_judge;
struct run_judge *run_judge_new(const char *store_dir, struct error *err);
void run_judge_free(struct run_judge *judge); /* NULL is fine */
/* judge: a struct run_judge. To be called every second while the run goes on; heard (monotonic ms): when it was spoken
 * of last. over: it is about to end. What cannot be written is left for the next look. */
void run_judge_look(void *judge, struct store *store, int64_t run, int64_t heard, bool over);

/* Why its supervisor cannot write the store just now (a full disk …); false: nothing is wrong. What was
 * reported meanwhile is kept in live/RUN and comes later. */
bool run_trouble(struct store *store, const char *uuid, char *out, size_t size);

/* How a run ended. */
struct run_end {
	bool over; /* false: it still runs (a time-out of run_wait) */
	enum run_status status;
	int exit_status;  /* what `assay run` ends with: the command's, 128 + signal, 125 … 127 */
	int signal;       /* the signal that ended the command, or 0 */
	char reason[512]; /* for a person: "exit status 3", "SIGKILL", … ; bytes may come from data */
};
int run_end_of(struct store *store, const char *uuid, struct run_end *out, struct error *err);

/* Waits until the run is over (reaping it if it was left alone) or timeout_ms have passed (-1: no
 * limit); out->over says which. */
int run_wait(struct store *store, const char *uuid, int timeout_ms, struct run_end *out, struct error *err);

/* Asks for an end: SIGINT to the whole process tree, SIGTERM after RUN_GRACE_MS, SIGKILL after as
 * long again; asked again, the next of them at once. Returns without waiting. `why` ("stopped by
 * ada") is kept as the reason. A run that is over is an error (ERR_NO). An unsupervised command is
 * ended by this call itself, which then takes as long as that takes. */
#define RUN_GRACE_MS 5000
int run_stop(struct store *store, const char *uuid, const char *why, struct error *err);

struct run_reaped {
	size_t lost;  /* runs that were found dead and are now marked so */
	size_t alone; /* runs whose command lives without a supervisor */
};
/* Looks after every run that is not over on this host: those whose supervisor and command are gone
 * get their remaining events and output absorbed and become `lost` (or what end.json says, when
 * only the supervisor's last step was missing). Any number of programs may do this at once. Call
 * it when a store is opened for writing. out may be NULL. */
int run_reap(struct store *store, struct run_reaped *out, struct error *err);

/* ---- output ---- */

/* On disk a run's output is bounded: the first RUN_OUTPUT_HEAD bytes and at least the last
 * RUN_OUTPUT_TAIL are kept, what lies between is given back to the file system (the live file has
 * a hole there, the kept one a line that says how much is missing). */
#define RUN_OUTPUT_HEAD (64 << 20)
#define RUN_OUTPUT_TAIL (64 << 20)

struct run_log; /* the output of one run, live or kept, by byte offset */
/* A run without any output gives an empty log. */
int run_log_open(struct store *store, const char *uuid, struct run_log **out, struct error *err);
void run_log_close(struct run_log *log);
uint64_t run_log_size(struct run_log *log); /* looks again: a live log grows */
bool run_log_live(const struct run_log *log);
/* Bytes from offset on: *got of them, 0 at the end. Offsets inside the hole move on behind it:
 * *offset is where the bytes were, so the next call asks for *offset + *got. */
int run_log_read(struct run_log *log, uint64_t *offset, char *buf, size_t len, size_t *got,
                 struct error *err);
/* Where the last `lines` lines before `end` begin (end UINT64_MAX: the end). Looks at no more than
 * 4 MiB. For paging backwards: ask again with the offset that came out. */
int run_log_tail(struct run_log *log, size_t lines, uint64_t end, uint64_t *offset, struct error *err);
/* The last line that is not blank, without escape sequences, cut to `size`; "" if there is none. */
void run_log_last_line(struct run_log *log, char *out, size_t size);

enum {
	RUN_FOLLOW_OWNER = 1,    /* the foreground of `assay run`: SIGINT and SIGTERM stop the run (again: the
	                            next step), SIGHUP leaves it alone and returns */
	RUN_FOLLOW_SAFE = 2,     /* the output is made safe for a terminal (colour sequences are kept) */
	RUN_FOLLOW_FROM_END = 4, /* begin with the last ten lines */
};
/* Copies the run's output to the descriptor until the run is over, then fills *end. With OWNER the
 * calling program's signal handling is changed meanwhile, so it must be the main thread's; signals that waited for it
 * since a launch (run_spec.followed) are taken first.
 * end->over is false when the follower itself was hung up. */
int run_follow(struct store *store, const char *uuid, int to, unsigned flags, struct run_end *end,
               struct error *err);

#endif
