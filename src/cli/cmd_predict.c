/* assay predict RUN|MODEL FILE: scores of the rows of a file. */
#include "assay/work.h"

#include "cli.h"
#include "commands.h"

int cmd_predict(struct cli *c)
{
	struct store *store = NULL;
	struct str csv;
	struct work_predicted done;
	int64_t threads = 0;
	const char *path = cli_get(c, "out");
	if (cli_get_int(c, "threads", 1, 1024, &threads) != 0)
		return -1;
	/* A model file needs no store, but one that is there helps to read the file as the training data were. */
	struct error no_store;
	if (work_open(c->store, STORE_READ, &store, &no_store) != 0) {
		store = NULL;
		if (!work_model_is_file(c->args[0]) || c->store) {
			c->err = no_store;
			return -1;
		}
	}
	str_init(&csv);
	int status = work_predict(store, c->args[0], c->args[1], (int)threads, &csv, &done, &c->err);
	if (status == 0 && path && strcmp(path, "-") != 0)
		status = file_write_atomic(path, csv.data, csv.len, 0644, &c->err);
	else if (status == 0)
		machine_print(csv.data, csv.len, stdout);
	if (status == 0 && !c->quiet && done.id_unfit) {
		fflush(stdout);
		safe_fprintf(stderr,
		             "the id column is missing, incomplete or repeats: cases are row numbers from 1\n");
	}
	if (status == 0 && !c->quiet && (path || done.applied.unseen || done.applied.missing)) {
		char rows[NUM_TEXT], missing[NUM_TEXT], unseen[NUM_TEXT];
		fflush(stdout);
		fprintf(stderr,
		        "scored %s rows by %s; %s missing values, %s of categories that training saw too rarely or "
		        "never\n",
		        count_people((int64_t)done.applied.rows, rows), done.by_id ? "their id" : "their number",
		        count_people((int64_t)done.applied.missing, missing),
		        count_people((int64_t)done.applied.unseen, unseen));
	}
	str_release(&csv);
	store_close(store);
	return status;
}
