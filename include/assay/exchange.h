/*
 * exchange: Assay for programs that speak another tool's language. Here: a tracking server for the unmodified MLflow
 * client (exchange_tensorboard.h: event files).
 *
 * It answers MLflow's REST calls (versions 2.0 and the few of 3.0 that a client asks for) on a store: experiments,
 * runs, parameters, metrics and their history, tags, inputs and outputs, logged models, and the artifact proxy. What
 * was acknowledged is committed; each call is one transaction. Unknown fields are ignored; an unknown call gets an
 * error in MLflow's form (NOT_IMPLEMENTED, ENDPOINT_NOT_FOUND), and so do the calls of the model registry: a model
 * gets its versions by `assay register`.
 *
 * How MLflow's things are kept:
 *   experiment   ours. Its id is the number of the row; "0" is the one called default, which MLflow calls Default
 *   run          ours, source "mlflow" when a client made it. Its id is the run's. SCHEDULED RUNNING FINISHED FAILED
 *                KILLED are queued running done failed killed; lost reads as FAILED
 *   metric       a series without context; infinities come back as they came (the reference server gives the greatest
 *                finite numbers), points of equal key, step, time and value are kept all
 *   tags         as they came; mlflow.runName is the run's name, mlflow.parentRunId its parent,
 *                mlflow.source.git.commit its commit, mlflow.user its user where the run has none of its own,
 *                mlflow.note.content is a note besides
 *   deleted      the run is removed (store.h), the experiment hidden
 *   artifacts    objects by digest, named in the run's list of artifacts; those of a logged model are named
 *                models/ID/… in its run's
 *   the rest     records, their JSON as it came (store_tracking.h)
 *
 * A run that a supervisor watches ends when its command does: a client's FINISHED does not end it.
 */
#ifndef ASSAY_EXCHANGE_H
#define ASSAY_EXCHANGE_H

#include "assay/base.h"
#include "assay/store.h"

/* ---- calls, without HTTP ---- */

enum {
	EXCHANGE_BODY_MAX = 20 << 20, /* of a call; a file that is put has no limit but the disk */
	EXCHANGE_BATCH_MAX = 1000000, /* of log-batch, as in the reference server */
};

struct exchange_options {
	const char *run; /* the run that the program was started as, if a supervisor asks; or NULL */
	/* Runs that clients make belong to these: when both are gone, they are lost. NULL: not known, nobody's. */
	const struct run_process *supervisor, *command;
	bool read_only; /* calls that would change something are refused */
	/* Raises flags on a run that clients made here and that is open: `heard` is when it was spoken of last (monotonic
	 * ms). over: it ends now, in the transaction that is open. NULL: nobody does. */
	void (*judge)(void *user, struct store *store, int64_t run, int64_t heard, bool over);
	void *judge_user;
};

struct exchange; /* answers calls on one store; used by one thread at a time */
struct exchange *exchange_new(struct store *store, const struct exchange_options *options);
void exchange_free(struct exchange *x); /* NULL is fine; the store stays open */

struct exchange_call {
	const char *method; /* "GET" */
	const char *path;   /* decoded, without the query: "/api/2.0/mlflow/runs/get" */
	/* Of the query, decoded. */
	const struct exchange_field {
		const char *name, *value;
	} * fields;
	size_t field_count;
	const char *body; /* body_len bytes */
	size_t body_len;
};
struct exchange_answer {
	int status;       /* of HTTP */
	const char *type; /* of the content; a string constant */
	struct str body;
	char *file; /* instead of the body: the path of an object; exchange_answer_release frees it */
};
void exchange_answer_init(struct exchange_answer *a);
void exchange_answer_release(struct exchange_answer *a);
/* Answers; what fails is an answer too. */
void exchange_call(struct exchange *x, const struct exchange_call *call, struct exchange_answer *out);

/* A file that is put: true if this is such a call, which then goes through these three instead, its bytes as they
 * come. begin fills the answer and returns NULL if it is refused. */
bool exchange_is_upload(const struct exchange_call *call);
struct exchange_upload;
struct exchange_upload *exchange_upload_begin(struct exchange *x, const struct exchange_call *call,
                                              struct exchange_answer *out);
int exchange_upload_add(struct exchange_upload *u, const void *bytes, size_t len, struct error *err);
/* Frees u. complete false: the client went away, nothing is kept. */
void exchange_upload_end(struct exchange_upload *u, bool complete, struct exchange_answer *out);

/* The id by which clients know the experiment of a run. */
int exchange_experiment_of(struct store *store, int64_t run, int64_t *id);
/* Has the runs judged that clients have spoken of here and that are open. False: there are none. */
bool exchange_judge(struct exchange *x);
/* Ends the runs that clients made here and did not end: their program is gone. */
void exchange_end_open(struct exchange *x, const char *reason);

/* ---- HTTP: loopback or a Unix socket, never another address ---- */

enum { EXCHANGE_TOKEN_TEXT = 41 }; /* 40 hex digits and a NUL */
void exchange_token_make(char out[EXCHANGE_TOKEN_TEXT]);
/* The store's own, in the file `token` of its folder (mode 0600), made when it is first asked for. */
int exchange_token_of(const struct store *store, char out[EXCHANGE_TOKEN_TEXT], struct error *err);

/* A listening socket on 127.0.0.1; *port 0 takes a free one and says which. */
int exchange_listen(int *port, int *fd, struct error *err);
/* "http://127.0.0.1:PORT" of it. */
const char *exchange_uri(int listener, char *out, size_t size);
/* On a Unix socket of mode 0600. One that nobody listens on any more is replaced. */
int exchange_listen_unix(const char *path, int *fd, struct error *err);

struct exchange_server {
	struct exchange *exchange;
	int listener;      /* a listening socket; stays the caller's */
	const char *token; /* who knows it may call; health and version alone are open */
	bool local;        /* a Unix socket: the Host header is not looked at */
	int stop;          /* a descriptor that becomes readable when it is time to end */
};
/* ERR_ENV if libmicrohttpd is not there; the message names the package. exchange_serve asks by itself. */
int exchange_load(struct error *err);
/* Serves until `stop` is readable; then what has been begun is finished (a second at most). */
int exchange_serve(const struct exchange_server *server, struct error *err);
/* For who finds that out once a client has come: answers every call with the message, until `stop`. */
void exchange_refuse(int listener, int stop, const char *message);

#endif
