/* What the files of run share: processes by identity, the folder of a live run, how it ends. */
#ifndef ASSAY_RUN_LOCAL_H
#define ASSAY_RUN_LOCAL_H

#include <signal.h>
#include <sys/types.h>

#include "assay/run.h"
#include "assay/store.h"

/* ---- process.c: /proc ---- */

/* Who a process is, so that a later one with the same number is not taken for it (struct run_process). */
bool proc_identify(pid_t pid, struct run_process *out); /* false: no such process */
bool proc_alive(const struct run_process *id);          /* the very same one, and no zombie */
/* The machine has been started anew since. */
bool proc_before_boot(const struct run_process *id);

struct proc_list {
	pid_t *pids;
	size_t count, cap;
};
void proc_list_release(struct proc_list *list);
/* Everything below root, itself left out; for a subreaper that is every orphan too. */
void proc_tree(pid_t root, struct proc_list *out);
/* Whether there is anything below root: with a session, anything that lives in it. */
bool proc_below(pid_t root, pid_t session);
/* A process below root that a signal has stopped, if nothing below root can go on for that: whatever is not stopped
 * itself has children, which it may wait for: it does if its processor time, all together in *ticks, stays the same.
 * Else 0. */
pid_t proc_stopped(pid_t root, uint64_t *ticks);
/* Every living process of this user whose environment has ASSAY_RUN_ID=uuid. */
void proc_of_run(const char *uuid, struct proc_list *out);

struct proc_use {
	double cpu_s;           /* user and system time of the tree and of the children that it waited for */
	uint64_t rss;           /* bytes, shared pages counted in every process */
	uint64_t read, written; /* bytes that went to or came from storage */
	int threads, processes;
};
void proc_use_of(pid_t root, struct proc_use *out);
/* Memory of the tree with shared pages divided among those who share them; false: the kernel does not tell. */
bool proc_pss_of(pid_t root, uint64_t *bytes);
/* What the network devices of this process's namespace have carried, but for lo. */
struct proc_net {
	uint64_t received, sent;
};
bool proc_net(struct proc_net *out);

/* ---- folder.c: live/RUN ---- */

#define FILE_LOCK   "lock"
#define FILE_LAUNCH "launch.json"
#define FILE_OUTPUT "output.log"
#define FILE_FOUND  "events-output.jsonl"
#define FILE_END    "end.json"
#define FILE_STOP   "stop"
#define FOLDER_NEW  "new-" /* before the name of a folder that is not locked yet */

#define FOLDER_GONE "gone-" /* before that of one that is being removed */

/* A new folder for the run's live one, locked: it gets its right name (rename) once it has what it needs, for a folder
 * without a holder is the reaper's. Its descriptor, and its path, which the caller frees; -1. */
int folder_make(struct store *store, const char *uuid, char **fresh, struct error *err);
/* Away in one step, so that nobody ever finds half a folder; then its files. */
void folder_remove(const char *dir);
char *folder_file(const char *dir, const char *name); /* caller frees */
/* Takes the run's lock: its descriptor, or -1 with *held: somebody has it, or it cannot be told. -1 and not
 * held: there is no such folder. */
int folder_lock(const char *dir, bool *held);
/* The lock file also says what is wrong with the store. Its bytes are there from the beginning, so that it
 * can be said when the disk is full, too. */
#define TROUBLE_BYTES 512
int folder_say_trouble(int lock, const char *text); /* "": nothing is wrong */
bool folder_trouble(const char *dir, char out[TROUBLE_BYTES]);

/* end.json: what the supervisor saw, kept until the store has it. */
struct ending {
	enum run_status status;
	int exit_status, signal; /* -1: none; 0: none */
	int64_t at_ms;
	char reason[512];
};
/* Replaced in one step, but not synced: what a power cut takes, it takes from the events too. */
int folder_replace(const char *dir, const char *name, const void *bytes, size_t len, struct error *err);
int ending_save(const char *dir, const struct ending *e, struct error *err);
bool ending_load(const char *dir, struct ending *e);

/* The wait status of the command, in words. */
void ending_of_wait(struct ending *e, int wait_status);

/* ---- settings.c: [watch] and [run] of the store's config.ini ---- */

struct watch_settings {
	double stalled;   /* silent for so many times its usual interval: stalled; 0: never */
	int64_t least_ms; /* but not before so long */
	double diverged;  /* a loss so many times what it was at first has diverged; 0: never */
	bool end_orphans; /* the command is ended when its supervisor is killed */
	bool discover;    /* files that it wrote are looked for */
};
/* What is not said there is as it is by default. */
int watch_settings_read(const char *store_dir, struct watch_settings *out, struct error *err);
int orphans_parse(const char *word, bool *end, struct error *err);

/* ---- command.c: the child ---- */

struct command_spec {
	char **argv, **env; /* end with NULL */
	const char *cwd;
	bool pipe, reports;
	bool mlflow; /* a tracking server is offered to it */
	int rows, columns;
	struct watch_settings watch;
};
struct command {
	pid_t pid;
	int out;          /* the terminal's master side, or the pipe; does not block */
	int slave;        /* of a terminal: held until the command has ended */
	int gate, report; /* until it is released */
};
/* Forks the child, which waits. It leads a session and a process group of its own. */
int command_prepare(struct command *c, const struct command_spec *spec, struct error *err);
/* Lets it run. -1: it could not; *exit_status is then 125 … 127, and the child is still to be reaped. */
int command_release(struct command *c, const struct command_spec *spec, int *exit_status, struct error *err);
void command_ended(struct command *c); /* lets the terminal come to its end */
void command_drop(struct command *c);  /* the child goes without having run */

/* ---- output.c ---- */

struct output {
	int fd;
	uint64_t size, head, tail, hole_to;
	uint64_t dropped; /* bytes that a full disk did not take since the last that it took */
	bool holed;
};
int output_open(struct output *o, const char *path, uint64_t head, uint64_t tail, struct error *err);
int output_add(struct output *o, const char *bytes,
               size_t len); /* -1: errno; the rest is counted as dropped */
/* Writes into the output how much of it a full disk did not take, if any; -1: errno, try again. */
int output_own_up(struct output *o);
void output_close(struct output *o);
/* Where bytes were given back: [*from, *to), both `size` if nowhere. */
void output_hole(int fd, uint64_t size, uint64_t *from, uint64_t *to);
/* A file to be kept: the log itself, or a copy with a line in place of the hole. *path is NULL if there
 * was no output; caller frees. */
int output_keep(const char *dir, char **path, struct error *err);

/* ---- code.c ---- */

#define CODE_COMMIT_TEXT 65
struct code {
	char commit[CODE_COMMIT_TEXT]; /* that is checked out around cwd */
	char diff[SHA256_TEXT];        /* of what differs from it (an object) */
	char untracked[SHA256_TEXT];   /* of the names of files that git does not know (an object) */
	uint64_t untracked_bytes;
};
/* "" for what there is not. */
void code_state(struct store *store, const char *cwd, struct code *code);

/* ---- environment.c ---- */

/* JSON: packages of Debian, conda and Python, and the variables that change what programs compute; secrets masked.
 * program: what runs in it; as a word of a command, from the working folder. */
void environment_text(const char *program, char *const *env, struct str *out);

/* ---- launch.c ---- */

int launch_check(const struct run_spec *spec, struct error *err);
/* What was given with -p and --tag. */
int launch_pairs(struct store *store, int64_t run, const struct run_pair *params, size_t param_count,
                 const struct run_pair *tags, size_t tag_count, struct error *err);
/* The row of a new run, queued, with out->uuid as its id. */
int launch_row(struct store *store, const struct run_spec *spec, const char *cwd, char *const *env,
               struct run_started *out, struct error *err);
/* The environment of a run: the caller's without what belongs to an outer one. Only the array is to be freed. */
char **launch_environment(const struct run_spec *spec);

/* ---- launch.json, read back ---- */

/* argv and cwd are allocated in mem; env is left alone. */
int launch_load(const char *dir, struct arena *mem, struct command_spec *out, struct error *err);

/* ---- reap.c ---- */

/* The end of a run, by whoever holds its lock: absorbs what is left, keeps the output as an artifact, writes
 * the status (these in one transaction), and only then removes the folder. Killed anywhere in between, it
 * can be done again. A run that is over already is left as it is, and its folder removed. */
int finish(struct store *store, int64_t run, const char *dir, const struct ending *e, struct error *err);
enum run_watch watch_of(struct store *store, const struct run_row *row);
struct run_log *log_open_live(const char *dir); /* NULL: there is no live output */

/* ---- watch.c ---- */

/* A descriptor that becomes readable when the run's supervisor is gone; -1: there is none just now. */
int watch_descriptor(struct store *store, const char *uuid);
/* Ends the command of a run whose supervisor is gone: SIGINT, SIGTERM, SIGKILL, each a grace later. False: nothing of
 * it lived any more. */
bool watch_end_alone(const struct run_row *row);
/* How the run stands, reaping it first if it was left alone. */
int watch_after(struct store *store, const char *uuid, struct run_end *out, struct error *err);

/* ---- guard.c ---- */

/* Descriptors that the supervisor is started with. */
enum { RUN_FD_LOCK = 3, RUN_FD_REPORT = 4 };
/* Starts the process that sees to what becomes of the run if its supervisor is killed. To be called before the
 * supervisor is forked, whose death is that of the last one that has a copy of the descriptor that this returns. */
int guard_begin(const char *store_dir, const char *uuid);
/* It lives: without a supervisor it takes output that is still to come. It holds a lock of launch.json. */
bool guard_is_there(const char *dir);
/* Whom it is to see to: the command, where its output comes from, and its tracking server. */
struct tracking;
void guard_hold(int guard, const struct run_process *command, int output, const struct tracking *tracking);

/* ---- follow.c ---- */

/* What a person means the run by, who has it in the foreground: SIGINT, SIGTERM and SIGHUP. */
void follow_signals(sigset_t *set);

/* Appends what is safe for a terminal; what may be the beginning of something waits in held. last: no more
 * will come. */
void follow_safe(struct str *held, const char *bytes, size_t len, bool last, struct str *out);

#endif
