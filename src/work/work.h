/* Inside the room: what its files share. */
#ifndef WORK_INTERNAL_H
#define WORK_INTERNAL_H

#include "assay/work.h"

/* ---- people and data ---- */

enum { WORK_PERSON = 128 };
/* The name of the person whose process this is. */
const char *work_person(char out[WORK_PERSON]);
/* A name of a data set, a model or an alias: letters, digits, - _ . (not beginning with a point or a dash).
 * `what` is how the error begins: "a data set's name". */
int check_name(const char *what, const char *name, struct error *err);
/* Hashes the files of a version: ERR_STALE or ERR_TAMPER as in work_data_load. */
int work_data_check(struct store *store, const struct work_data *d, struct error *err);
/* Copies the files of a version into objects/, because something was evaluated on them. */
int work_data_keep(struct store *store, const struct work_data *d, struct error *err);

/* ---- parameters and tags of a new run ---- */

struct run_pair *pairs_of(const struct work_set *sets, size_t count, struct arena *mem);
/* A parameter or tag is said once. */
int check_pairs(const char *option, const struct work_set *sets, size_t count, struct error *err);

/* ---- names of cases ---- */

/* What names the cases of a table: its id column, if that has a different value in every row, else the row
 * number, from 1. Results do not change when the column's values are numbers or text. */
struct case_names {
	const struct table *table;
	const struct column *id; /* NULL: row numbers */
};
void case_names_init(struct case_names *n, const struct table *t);
void case_name(const struct case_names *n, size_t row, struct str *out); /* cleared first */

/* ---- the predictions object ----
 *
 *     assay-predictions/1
 *     data sha256:HEX          the data set version that the cases are of
 *     model sha256:HEX         the model that gave the scores
 *     split test|split|all     all rows of a test set, the part of the training data kept back, all rows
 *     case row|id NAME         what names the cases (NAME: every byte but A-Z a-z 0-9 _ . - as %XX)
 *     score probability        of the positive class
 *     rows N
 *
 *     CASE,SCORE               N lines of CSV, in the order of the data; scores as the shortest decimal
 *
 * Labels are not in it: they come from the registered data. A later format is /2.
 */
struct predictions_head {
	char data[SHA256_TEXT], model[SHA256_TEXT];
	char split[16];
	const char *id_column; /* NULL: row numbers */
	size_t rows;
};
void predictions_write(const struct predictions_head *head, const struct case_names *names,
                       const size_t *rows, const double *scores, struct str *out);
struct predictions_read {
	struct predictions_head head;
	const char **case_id;
	double *score;
	struct arena *mem; /* holds everything, head.id_column too */
};
/* Strict: ERR_TAMPER with the line where it is not as written above. */
int predictions_parse(const char *text, size_t len, struct predictions_read *out, struct error *err);

/* ---- reporting from inside a run ---- */

/* The context of the metrics that a run of the trainer stands for, those of its evaluation: none, so that
 * they are what metrics.NAME means. Those of the rounds have "train" and "validation". */
#define WORK_FINAL_CONTEXT ""

struct events {
	int fd;
	struct str line;
};
/* events-WRITER.jsonl in $ASSAY_EVENTS. Close in any case. */
int events_open(struct events *e, const char *writer, struct error *err);
void events_close(struct events *e);
int events_metric(struct events *e, const char *name, const char *context, int64_t step, double value,
                  struct error *err);
int events_progress(struct events *e, double done, struct error *err);
int events_note(struct events *e, const char *text, struct error *err);

/* ---- evidence ---- */

struct evidence {
	const char *model, *data, *predictions; /* digests */
	const char *label, *positive, *split;
	const struct evaluation *evaluation;
};
/* The canonical JSON object of an evaluation: keys sorted, no white space. evidence_settings is the
 * object of its "settings" alone. */
void evidence_json(const struct evidence *e, struct str *out);
void evidence_settings(const struct evidence *e, struct str *out);
/* Do two texts of evidence say the same? Numbers may differ beyond the ninth digit, as between two machines,
 * and so may the program and the digest of the predictions, whose last digits it is of. */
bool evidence_alike(const char *a, const char *b);
bool evidence_close(double a, double b);
/* The threshold of an evaluation; false: the text is none. */
bool evidence_threshold(const char *text, double *out);

/* ---- evaluations ---- */

struct evaluation_parts {
	int64_t run_id; /* 0: of a model file */
	char model[SHA256_TEXT];
	const struct work_data *data;
	const struct table *table; /* the data, loaded */
	const size_t *rows;        /* rows of the table that the scores are of; NULL: all */
	const double *score, *label;
	size_t n;
	const char *split; /* "test", "split", "all" */
	const char *label_name, *positive;
	double threshold;
	bool artifacts; /* list predictions and evidence among the run's files */
};
/* Computes the evaluation, copies the data, keeps predictions and evidence as objects, and adds the row. */
int evaluation_keep(struct store *store, const struct evaluation_parts *p, struct evaluation *out,
                    char evidence_digest[SHA256_TEXT], struct error *err);

#endif
