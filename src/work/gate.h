/* Inside the room: what the files about gates share. */
#ifndef WORK_GATE_H
#define WORK_GATE_H

#include "trust.h"

/* A model whose scores are asked for: the candidate, or the champion. */
struct gate_model {
	struct gate_model *next;
	int64_t version, run; /* run: row id, 0 if it is gone */
	char subject[SHA256_TEXT], digest[SHA256_TEXT];
	struct model *model;
	struct model_info info;
	const char *why; /* there is no model that can be used: why not */
};

/* A data set version, loaded once. */
struct gate_table {
	struct gate_table *next;
	char digest[SHA256_TEXT];
	struct work_data data;
	struct table table;
	struct intern names; /* of the cases: id = row */
	bool loaded;
	const char *why;
};

/* What a model gave for labelled cases of a data set, as Assay computed it and kept it. */
struct gate_cases {
	struct gate_cases *next;
	const struct gate_model *of;
	const struct gate_table *data;
	bool split;                         /* the part of the training data that was kept back */
	const char *why;                    /* there are none: why not */
	size_t n, *row;                     /* rows of the table, rising */
	double *score;                      /* [n] */
	uint8_t *label;                     /* [n] */
	struct store_evaluation evaluation; /* that they come from */
};

struct gate_producer {
	char evidence[SHA256_TEXT];
	const char *user;
};

/* One computation of all gates of a version and stage. */
struct gate_run {
	struct trust *t;
	const struct work_version *v;
	const char *stage;
	struct arena *mem;
	int64_t now;
	bool looking; /* only to compare: nothing is evaluated that was not, and nobody becomes a producer */
	struct gate_model *models;
	struct gate_table *tables;
	struct gate_cases *cases;
	/* What the results stand on: */
	struct ledger_data *data;
	struct ledger_evidence *evidence;
	struct gate_producer *producers;
	size_t data_count, data_cap, evidence_count, evidence_cap, producer_count, producer_cap;
};
void gate_run_init(struct gate_run *g, struct trust *t, const struct work_version *v, const char *stage,
                   struct arena *mem);
void gate_run_release(struct gate_run *g);

/* The model of a version; its `why` says if there is none that Assay can apply. NULL is an error. */
struct gate_model *gate_model(struct gate_run *g, const char *model, int64_t version, const char *subject,
                              struct error *err);
/* The labelled cases on which a gate measures the candidate: `where` as `data =` in a policy (NULL: the test
 * set that the model was trained with, else its split). An evaluation that is missing is made. NULL is an
 * error; what cannot be had has a `why`. */
struct gate_cases *gate_cases(struct gate_run *g, const struct gate_model *of, const char *where,
                              struct error *err);
/* The cases of another model on the very same rows. may_make: an evaluation that is missing is made. */
struct gate_cases *gate_cases_like(struct gate_run *g, const struct gate_model *of,
                                   const struct gate_cases *like, bool may_make, struct error *err);
/* Notes that a result stands on these cases: data, evidence, producer. */
void gate_uses(struct gate_run *g, const struct gate_cases *c);
void gate_uses_table(struct gate_run *g, const struct gate_table *d);
void gate_uses_data(struct gate_run *g, const char *role, const char *name, const char *digest);
void gate_uses_evidence(struct gate_run *g, const char *kind, const char *digest, const char *producer);

/* One gate, computed. champion and candidate are their own values before a difference was taken; NaN: none.
 */
struct gate_answer {
	double measured, low, high, level, champion, candidate;
	enum gate_result result;
	const char *why;
	struct str settings; /* canonical JSON; empty: none */
};
/* 0, also when the gate cannot be computed (missing, with why); -1 when the store fails. */
int gate_compute(struct gate_run *g, const struct policy_gate *gate, struct gate_answer *a,
                 struct error *err);
/* The newest gate-results row of a version's subject and stage; *found false: none. The text lives in the
 * arena. */
int gate_results_newest(struct trust *t, const char *model, int64_t version, const char *subject,
                        const char *stage, struct arena *mem, struct ledger_text *out, int64_t *row,
                        bool *found, struct error *err);

/* All gates of the policy for the run's version and stage; nothing is appended, out->row is 0. */
int gates_compute(struct gate_run *g, struct work_gates *out, struct error *err);

#endif
