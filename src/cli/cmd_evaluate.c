/* assay evaluate RUN|MODEL --data NAME. */
#include <math.h>

#include "assay/work.h"

#include "cli.h"
#include "commands.h"

static const char *interval(const struct auc *auc, char out[96])
{
	char value[NUM_TEXT], low[NUM_TEXT], high[NUM_TEXT];
	snprintf(out, 96, "%s  [%s, %s]", number_text(auc->value, value), number_text(auc->low, low),
	         number_text(auc->high, high));
	return out;
}

static void evaluation_text(const struct cli *c, const struct work_evaluated *done)
{
	const struct evaluation *e = &done->evaluation;
	char rows[64], auc[96], ap[NUM_TEXT], loss[NUM_TEXT], brier[NUM_TEXT], ece[NUM_TEXT], accuracy[NUM_TEXT];
	char a[NUM_TEXT], b[NUM_TEXT];
	snprintf(rows, sizeof rows, "%s, %s positive", count_people((int64_t)e->n, a),
	         count_people((int64_t)e->positives, b));
	const struct fact facts[] = {
	    {"rows", rows},
	    {"auc", interval(&e->auc, auc)},
	    {"average precision", number_text(e->average_precision, ap)},
	    {"log-loss", number_text(e->log_loss, loss)},
	    {"Brier", number_text(e->brier, brier)},
	    {"calibration error", number_text(e->uniform.ece, ece)},
	    {"accuracy", number_text(e->accuracy, accuracy)},
	    {"cannot be computed", e->why},
	    {"evidence", done->evidence},
	};
	facts_print(facts, COUNT_OF(facts), c, stdout);
	char title[64], number[NUM_TEXT];
	snprintf(title, sizeof title, "Confusion at %s", number_text(e->threshold, number));
	heading_print(title, c, stdout);
	struct listing g;
	listing_init(&g);
	listing_column(&g, "", "", GRID_LEFT);
	listing_column(&g, "selected", "selected", GRID_RIGHT);
	listing_column(&g, "not selected", "not_selected", GRID_RIGHT);
	listing_text(&g, "positive", GRID_PLAIN);
	listing_int(&g, (int64_t)e->confusion.tp);
	listing_int(&g, (int64_t)e->confusion.fn);
	listing_text(&g, "negative", GRID_PLAIN);
	listing_int(&g, (int64_t)e->confusion.fp);
	listing_int(&g, (int64_t)e->confusion.tn);
	listing_print(&g, c, stdout);
	listing_release(&g);
	fflush(stdout);
	if (!c->quiet && done->applied.unseen)
		fprintf(stderr, "%s values are of categories that training saw too rarely, or never\n",
		        count_people((int64_t)done->applied.unseen, a));
	if (!c->quiet && e->unlabelled)
		fprintf(stderr, "%s rows without a label were left out\n", count_people((int64_t)e->unlabelled, b));
}

int cmd_evaluate(struct cli *c)
{
	struct store *store = NULL;
	struct work_evaluated done;
	int64_t threads = 0;
	double threshold = 0.5;
	const char *data = cli_get(c, "data");
	if (!data)
		return error_set(&c->err, ERR_USAGE, "say on which data set: assay evaluate %s --data NAME",
		                 c->args[0]);
	if (cli_get_int(c, "threads", 1, 1024, &threads) != 0 ||
	    cli_get_num(c, "threshold", 0, 1, &threshold) != 0 ||
	    work_open(c->store, STORE_WRITE, &store, &c->err) != 0)
		return -1;
	int status = work_evaluate(store, c->args[0], data, threshold, (int)threads, &done, &c->err);
	if (status == 0) {
		if (c->json)
			json_print(&done.json, stdout);
		else
			evaluation_text(c, &done);
	}
	work_evaluated_release(&done);
	store_close(store);
	return status;
}
