/* What the files of exchange share: a call in the making, its arguments, its answer. */
#ifndef ASSAY_EXCHANGE_INSIDE_H
#define ASSAY_EXCHANGE_INSIDE_H

#include <json-c/json.h>

#include "assay/exchange.h"
#include "assay/store_tracking.h"

enum { SEEN_MAX = 256, HEARD_MAX = 4096, METRICS_MAX = 1000 };

#define SOURCE_MLFLOW "mlflow"

/* What a record of the store is called. */
#define RECORD_INPUT  "mlflow.input"
#define RECORD_OUTPUT "mlflow.output"
#define RECORD_MODEL  "mlflow.model"
/* Artifacts of a logged model, in its run's list. */
#define KIND_MODEL_FILE "logged-model"

struct exchange {
	struct store *store;
	char *run;    /* options.run, or NULL */
	bool settled; /* that run has been taken up: it stays in its experiment */
	bool has_supervisor, read_only;
	struct run_process supervisor, command;
	/* Requests that brought metrics, by what they said: a client that lost the answer says it again. */
	uint64_t seen[SEEN_MAX];
	size_t seen_next;
	/* Runs that clients made and that are open, and when they were last spoken of. */
	struct heard {
		int64_t run, at; /* monotonic */
		int64_t written; /* when that was written down last, likewise; 0: never */
	} heard[HEARD_MAX];
	size_t heard_count;
	void (*judge)(void *user, struct store *store, int64_t run, int64_t heard, bool over);
	void *judge_user;
};

/* One call. */
struct call {
	struct exchange *x;
	struct store *store;
	const struct exchange_call *in;
	struct exchange_answer *out;
	struct json_object *args; /* of the body or the query; always an object */
	const char *part;         /* what stands in the path where the pattern has a *, e.g. the id of a model */
	const char *part2;
	struct arena *mem;
	struct json_writer j; /* of the answer's body */
	bool open;            /* a transaction is */
	/* Of a body that scan_metrics has read; NULL: they stand in args. */
	struct metric *metrics;
	size_t metric_count;
};

/* A point of a series, as a call tells of it. */
struct metric {
	const char *key, *model;  /* model: "", or the id of a logged model */
	struct json_object *json; /* NULL where it names no model */
	struct point point;
	uint32_t series; /* same key, same number */
};
/* Reads the body of log-metric, or of log-batch, if it is plain: into metrics, and args with the run alone. False: it
 * is not, or something is wrong with it; nothing has changed. */
bool scan_metrics(struct call *c, bool batch);

/* ---- answer.c: errors and arguments ---- */

enum refusal {
	INVALID_PARAMETER_VALUE,
	BAD_REQUEST,
	RESOURCE_DOES_NOT_EXIST,
	RESOURCE_ALREADY_EXISTS,
	ENDPOINT_NOT_FOUND,
	NOT_IMPLEMENTED,
	PERMISSION_DENIED,
	UNAUTHENTICATED,
	INVALID_STATE,
	INTERNAL_ERROR,
};
/* Makes the whole answer an error; returns -1. The text may hold bytes from the request. */
int answer_refuse(struct exchange_answer *out, enum refusal code, const char *format, ...) PRINTF_LIKE(3, 4);
int refuse(struct call *c, enum refusal code, const char *format, ...) PRINTF_LIKE(3, 4);
/* What the store said no to. */
int refuse_store(struct call *c, const struct error *err);

/* The value as JSON, for a message. */
const char *shown(struct json_object *value);
/* Text of an argument: NULL if it is absent (an empty one is ""). -1: refused. */
int arg_text(struct call *c, const char *name, const char **out);
/* Refuses when it is absent or empty. */
int arg_need(struct call *c, const char *name, const char **out);
/* A number or a text that is one. *given false: absent. */
int arg_int(struct call *c, const char *name, int64_t *out, bool *given);
/* An array; a single value counts as one. NULL if it is absent. */
int arg_array(struct call *c, const char *name, struct json_object **out);
/* Members of an object that stands in an array: "" if absent; path is for the message. */
int member_text(struct call *c, struct json_object *object, const char *path, const char *name, bool *given,
                const char **out);
int member_int(struct call *c, struct json_object *object, const char *path, const char *name, bool *given,
               int64_t *out);
/* "NaN", "Infinity" and "-Infinity" as well. */
int member_double(struct call *c, struct json_object *object, const char *path, const char *name, bool *given,
                  double *out);
void write_double(struct json_writer *j, const char *key, double value);
void write_pair(struct json_writer *j, const char *key, const char *value); /* {"key":…,"value":…} */

/* Names and lengths. */

enum {
	KEY_MAX = 250,
	PARAM_MAX = 6000,
	TAG_MAX = 8000,
	EXPERIMENT_NAME_MAX = 500,
	EXPERIMENT_TAG_MAX = 20000,
};
/* What is wrong with a name, or NULL. */
const char *key_trouble(const char *name);
int check_key_name(struct call *c, const char *path, const char *name);
/* Characters of a text. */
size_t text_length(const char *text);
/* The first `max` characters: as the reference server cuts long values. */
const char *text_cut(struct call *c, const char *text, size_t max);

/* ---- runs ---- */

/* The run of that id. -1: refused. */
int find_run(struct call *c, const char *id, struct run_row *out);
/* The run that run_id (or run_uuid) names. */
int arg_run(struct call *c, struct run_row *out);
int need_active(struct call *c, const struct run_row *run);
/* Something was reported of it. */
void heard_of(struct exchange *x, const struct run_row *run);
/* A tag, with what it means besides. */
int set_tag(struct call *c, const struct run_row *run, const char *key, const char *value);
bool is_watched(const struct run_row *run);                                /* it ends when its command does */
int write_run(struct call *c, const struct run_row *run, const char *key); /* info, data, inputs, outputs */
int write_run_info(struct call *c, const struct run_row *run, const char *key);

/* ---- experiments ---- */

/* By its id in MLflow's words. */
int find_experiment(struct call *c, const char *id, struct experiment_row *out);
const char *experiment_id(struct call *c, const struct experiment_row *e);
const char *experiment_of_run(struct call *c, const struct run_row *run);

/* ---- search.c ---- */

/* MLflow's filter in the language of the store. -1: refused. */
int translate_filter(struct call *c, const char *filter, struct str *out);
int translate_order(struct call *c, struct json_object *order, struct runs_order **out, size_t *count);

/* ---- models ---- */

/* The run in whose list the files of a logged model stand. */
int model_run(struct call *c, const char *id, struct run_row *out);
/* A metric that names a model is written down there too: its latest value. */
int model_metric(struct call *c, const struct run_row *run, struct json_object *metric, const char *model);

/* ---- the calls; 0, or -1 with the answer made ---- */

int call_experiment_create(struct call *c);
int call_experiment_get(struct call *c);
int call_experiment_by_name(struct call *c);
int call_experiment_search(struct call *c);
int call_experiment_update(struct call *c);
int call_experiment_delete(struct call *c);
int call_experiment_restore(struct call *c);
int call_experiment_tag(struct call *c);
int call_experiment_untag(struct call *c);
int call_run_create(struct call *c);
int call_run_get(struct call *c);
int call_run_update(struct call *c);
int call_run_delete(struct call *c);
int call_run_restore(struct call *c);
int call_run_search(struct call *c);
int call_log_metric(struct call *c);
int call_log_param(struct call *c);
int call_log_batch(struct call *c);
int call_log_inputs(struct call *c);
int call_log_outputs(struct call *c);
int call_log_model(struct call *c);
int call_set_tag(struct call *c);
int call_delete_tag(struct call *c);
int call_history(struct call *c);
int call_history_bulk(struct call *c);
int call_model_create(struct call *c);
int call_model_get(struct call *c);
int call_model_finish(struct call *c);
int call_model_delete(struct call *c);
int call_model_search(struct call *c);
int call_model_params(struct call *c);
int call_model_tags(struct call *c);
int call_model_untag(struct call *c);
int call_artifact_list(struct call *c); /* of a run, by its id */
int call_artifacts(struct call *c);     /* of the proxy, by path: a folder */
int call_artifact_get(struct call *c);
int call_artifact_delete(struct call *c);

#endif
