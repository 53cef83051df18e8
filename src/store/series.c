/*
 * Appending to series.
 *
 * The newest points (fewer than 64) stand packed in the series row itself, so that an append changes one row
 * of a few hundred bytes, whose page it shares with the other series of its run. Every 64 points they move
 * into the last chunk, which is rewritten until it holds 512: each point is written about eight times in the
 * row and four in the chunk, but never a page of its own for one point.
 */
#include <math.h>
#include <stdlib.h>

#include "kept.h"
#include "span.h"

static const char *const more_is_better[] = {"acc",
                                             "accuracy",
                                             "auc",
                                             "auroc",
                                             "roc_auc",
                                             "ap",
                                             "average_precision",
                                             "prauc",
                                             "aucpr",
                                             "precision",
                                             "recall",
                                             "f1",
                                             "fscore",
                                             "r2",
                                             "map",
                                             "ndcg",
                                             "bleu",
                                             "rouge",
                                             "iou",
                                             "dice",
                                             "reward",
                                             "score",
                                             "balanced_accuracy",
                                             "mcc",
                                             "kappa",
                                             "top5",
                                             "throughput"};
static const char *const less_is_better[] = {
    "loss",        "logloss", "log_loss", "mlogloss",   "cross_entropy", "crossentropy", "rmsle",
    "error",       "err",     "mse",      "rmse",       "mae",           "mape",         "brier",
    "brier_score", "ece",     "mce",      "perplexity", "ppl",           "nll",          "cost",
    "merror",      "wer",     "cer",      "deviance",   "regret",        "latency",      "fid"};

static bool is_in(const char *word, size_t len, const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) == len && !strncasecmp(word, words[i], len))
			return true;
	return false;
}

/* val_loss, train-auc, eval/f1, "Test Loss": the longest end of the name, from a separator on, that is known;
 * else the longest beginning (loss_train, auc.test). */
int store_direction_guess(const char *name)
{
	size_t len = strlen(name);

	for (size_t at = 0; at < len; at++)
		if (!at || strchr("_-./: @", name[at - 1])) {
			if (is_in(name + at, len - at, more_is_better, COUNT_OF(more_is_better)))
				return 1;
			if (is_in(name + at, len - at, less_is_better, COUNT_OF(less_is_better)))
				return -1;
		}
	for (size_t end = len; end-- > 0;)
		if (strchr("_-./: @", name[end])) {
			if (is_in(name, end, more_is_better, COUNT_OF(more_is_better)))
				return 1;
			if (is_in(name, end, less_is_better, COUNT_OF(less_is_better)))
				return -1;
		}
	return 0;
}

/* ---- the row ---- */

void series_columns(sqlite3_stmt *stmt, struct arena *mem, struct series *out)
{
	*out = (struct series){
	    .id = sqlite3_column_int64(stmt, 0),
	    .run = sqlite3_column_int64(stmt, 1),
	    .name = mem ? column_text(mem, stmt, 2) : NULL,
	    .context = mem ? column_text(mem, stmt, 3) : NULL,
	    .count = sqlite3_column_int64(stmt, 4),
	    .nan_count = sqlite3_column_int64(stmt, 5),
	    .direction = sqlite3_column_int(stmt, 6),
	    .last = {column_double(stmt, 7), sqlite3_column_int64(stmt, 8)},
	    .last_time = sqlite3_column_int64(stmt, 9),
	    .first = {column_double(stmt, 10), sqlite3_column_int64(stmt, 11)},
	    .first_time = sqlite3_column_int64(stmt, 12),
	    .min = {column_double(stmt, 13), sqlite3_column_int64(stmt, 14)},
	    .max = {column_double(stmt, 15), sqlite3_column_int64(stmt, 16)},
	    .best = {column_double(stmt, 17), sqlite3_column_int64(stmt, 18)},
	    .mean = column_double(stmt, 19),
	};
}

int series_damaged(struct store *s, int64_t series, struct error *err)
{
	return error_set(err, ERR_STORE, "the store %s: the points of series %lld are damaged", s->path,
	                 (long long)series);
}

int series_tail(struct store *s, sqlite3_stmt *stmt, int column, struct point *out, size_t *count,
                struct error *err)
{
	const void *blob = sqlite3_column_blob(stmt, column);
	int64_t n = 0;

	if (blob)
		n = block_unpack(&s->coder, blob, (size_t)sqlite3_column_bytes(stmt, column), out, TAIL_POINTS);
	if (n < 0)
		return series_damaged(s, sqlite3_column_int64(stmt, 0), err);
	*count = (size_t)n;
	return 0;
}

static int load(struct store *s, int64_t run, enum series_kind kind, const char *name, const char *context,
                struct series_row *row, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, "SELECT " SERIES_COLUMNS " FROM series WHERE run = ? AND kind = ? AND name = ? AND context = ?",
	    err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	sqlite3_bind_int(stmt, 2, (int)kind);
	bind_text(stmt, 3, name);
	bind_text(stmt, 4, context);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	series_columns(stmt, NULL, &row->series);
	row->series.name = name;
	row->series.context = context;
	row->sum = column_double(stmt, SERIES_SUM);
	row->sum_low = column_double(stmt, SERIES_SUM_LOW);
	row->stored = sqlite3_column_int64(stmt, SERIES_STORED);
	rc = series_tail(s, stmt, SERIES_TAIL, row->tail, &row->tail_count, err);
	sqlite3_reset(stmt);
	if (!rc && row->stored + (int64_t)row->tail_count != row->series.count)
		rc = series_damaged(s, row->series.id, err);
	return rc ? -1 : 1;
}

/* Direction that was set for the run's experiment, else the guess. No such run: ERR_NO. */
static int find_direction(struct store *s, int64_t run, enum series_kind kind, const char *name,
                          int *direction, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "SELECT d.direction FROM run AS r LEFT JOIN direction AS d ON d.experiment = "
	                  "r.experiment AND d.name = ? WHERE r.id = ?",
	                  err);
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, name);
	sqlite3_bind_int64(stmt, 2, run);
	rc = store_step(s, stmt, err);
	if (rc < 0)
		return -1;
	if (!rc)
		return error_set(err, ERR_NO, "there is no run %lld", (long long)run);
	*direction = kind == SERIES_SAMPLE                         ? 0
	             : sqlite3_column_type(stmt, 0) == SQLITE_NULL ? store_direction_guess(name)
	                                                           : sqlite3_column_int(stmt, 0);
	sqlite3_reset(stmt);
	return 0;
}

/* A new series is the main one of its name if it has no context, or if it is the first. */
static int take_main(struct store *s, const struct series_row *row, enum series_kind kind, bool *main_one,
                     struct error *err)
{
	static const char find[] = "SELECT 1 FROM series WHERE run = ? AND kind = ? AND name = ? LIMIT 1";
	static const char take[] =
	    "UPDATE series SET main = 0 WHERE run = ? AND kind = ? AND name = ? AND main = 1";
	bool plain = !row->series.context[0];
	sqlite3_stmt *stmt = plain ? store_prepare(s, take, err) : store_prepare(s, find, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, row->series.run);
	sqlite3_bind_int(stmt, 2, (int)kind);
	bind_text(stmt, 3, row->series.name);
	rc = store_step(s, stmt, err);
	if (rc > 0)
		sqlite3_reset(stmt);
	*main_one = plain || !rc;
	return rc < 0 ? -1 : 0;
}

static void bind_row(struct store *s, sqlite3_stmt *stmt, int at, const struct series_row *row,
                     struct str *block)
{
	const struct series *series = &row->series;
	const struct series_at *best = series->direction > 0 ? &series->max : &series->min;
	const double values[] = {series->last.value, series->first.value};
	const int64_t places[] = {series->last.step, series->last_time, series->first.step, series->first_time};

	sqlite3_bind_int64(stmt, at++, series->count);
	sqlite3_bind_int64(stmt, at++, series->nan_count);
	for (int i = 0; i < 2; i++) {
		bind_double(stmt, at++, values[i]);
		sqlite3_bind_int64(stmt, at++, places[2 * i]);
		sqlite3_bind_int64(stmt, at++, places[2 * i + 1]);
		sqlite3_bind_int(stmt, at++, isnan(values[i]));
	}
	bind_double(stmt, at++, series->min.value);
	sqlite3_bind_int64(stmt, at++, series->min.step);
	bind_double(stmt, at++, series->max.value);
	sqlite3_bind_int64(stmt, at++, series->max.step);
	if (series->direction && !isnan(best->value)) {
		bind_double(stmt, at, best->value);
		sqlite3_bind_int64(stmt, at + 1, best->step);
	}
	at += 2;
	if (series->count > series->nan_count)
		bind_double(stmt, at, (row->sum + row->sum_low) / (double)(series->count - series->nan_count));
	at++;
	bind_double(stmt, at++, row->sum);
	bind_double(stmt, at++, row->sum_low);
	sqlite3_bind_int64(stmt, at++, row->stored);
	if (row->tail_count) {
		str_clear(block);
		block_pack(&s->coder, row->tail, row->tail_count, false, block);
		sqlite3_bind_blob64(stmt, at, block->data, block->len, SQLITE_STATIC);
	}
}

static bool same_place(const struct series_at *a, const struct series_at *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Each column of values has an index, which is written whenever the column is named: most points change neither the
 * first value nor the extremes, and a falling curve only one of them. */
#define SAVE(ends)                                                                                           \
	"UPDATE series SET " ends "count = ?1, nan_count = ?2, last = ?3, last_step = ?4, last_time = ?5, "      \
	"last_nan = ?6, mean = ?17, sum = ?18, sum_low = ?19, stored = ?20, tail = ?21 WHERE id = ?22"
#define MIN  "min = ?11, min_step = ?12, "
#define MAX  "max = ?13, max_step = ?14, "
#define BEST "best = ?15, best_step = ?16, "

static const char *save_sql(const struct series *now, const struct series *was)
{
	bool min = !same_place(&now->min, &was->min), max = !same_place(&now->max, &was->max);

	if ((min && max) || now->first_time != was->first_time || !same_place(&now->first, &was->first))
		return SAVE("first = ?7, first_step = ?8, first_time = ?9, first_nan = ?10, " MIN MAX BEST);
	if (min)
		return now->direction < 0 ? SAVE(MIN BEST) : SAVE(MIN);
	if (max)
		return now->direction > 0 ? SAVE(MAX BEST) : SAVE(MAX);
	return SAVE("");
}

/* `was`: as the row stands in the table. */
static int save(struct store *s, enum series_kind kind, struct series_row *row, const struct series *was,
                struct str *block, struct error *err)
{
	struct series *series = &row->series;
	sqlite3_stmt *stmt;
	bool main_one = false;

	if (series->id) {
		stmt = store_prepare(s, save_sql(series, was), err);
		if (!stmt)
			return -1;
		bind_row(s, stmt, 1, row, block);
		sqlite3_bind_int64(stmt, 22, series->id);
		return store_run_statement(s, stmt, err);
	}
	if (take_main(s, row, kind, &main_one, err))
		return -1;
	stmt = store_prepare(
	    s,
	    "INSERT INTO series (run, kind, name, context, main, direction, count, nan_count, last, "
	    "last_step, last_time, last_nan, first, first_step, first_time, first_nan, min, min_step, max, "
	    "max_step, best, best_step, mean, sum, sum_low, stored, tail) VALUES "
	    "(?,?,?,?,?,?, ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	    err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, series->run);
	sqlite3_bind_int(stmt, 2, (int)kind);
	bind_text(stmt, 3, series->name);
	bind_text(stmt, 4, series->context);
	sqlite3_bind_int(stmt, 5, main_one);
	sqlite3_bind_int(stmt, 6, series->direction);
	bind_row(s, stmt, 7, row, block);
	if (store_run_statement(s, stmt, err))
		return -1;
	series->id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

/* ---- figures of the row ---- */

/* (step, time, value) in order; NaN stands before all numbers. */
static bool comes_before(const struct point *a, int64_t step, int64_t time, double value)
{
	if (a->step != step)
		return a->step < step;
	if (a->time != time)
		return a->time < time;
	return a->value < value || (isnan(a->value) && !isnan(value));
}

static bool comes_after(const struct point *a, int64_t step, int64_t time, double value)
{
	if (a->step != step)
		return a->step > step;
	if (a->time != time)
		return a->time > time;
	return a->value > value || (!isnan(a->value) && isnan(value));
}

void series_count_point(struct series *series, double *sum, double *sum_low, const struct point *p)
{
	struct series_at here = {p->value, p->step};
	double more;

	if (!series->count || comes_before(p, series->first.step, series->first_time, series->first.value)) {
		series->first = here;
		series->first_time = p->time;
	}
	if (!series->count || comes_after(p, series->last.step, series->last_time, series->last.value)) {
		series->last = here;
		series->last_time = p->time;
	}
	series->count++;
	if (isnan(p->value)) {
		series->nan_count++;
		return;
	}
	if (isnan(series->min.value) || p->value < series->min.value)
		series->min = here;
	if (isnan(series->max.value) || p->value > series->max.value)
		series->max = here;
	more = *sum + p->value;
	if (!isfinite(more))
		*sum_low = 0; /* an infinity is in it: nothing is left to compensate */
	else if (fabs(*sum) >= fabs(p->value))
		*sum_low += *sum - more + p->value;
	else
		*sum_low += p->value - more + *sum;
	*sum = more;
}

/* ---- chunks ---- */

void chunk_describe(const struct point *points, size_t count, struct chunk_columns *out)
{
	int64_t untimed = 0;

	*out = (struct chunk_columns){.count = (int64_t)count,
	                              .rising = true,
	                              .step_low = INT64_MAX,
	                              .step_high = INT64_MIN,
	                              .values = {NAN, NAN, NAN, NAN}};
	for (const struct point *p = points; p < points + count; p++) {
		out->step_low = p->step < out->step_low ? p->step : out->step_low;
		out->step_high = p->step > out->step_high ? p->step : out->step_high;
		if (!p->time) {
			untimed++;
		} else {
			out->time_low = !out->time_low || p->time < out->time_low ? p->time : out->time_low;
			out->time_high = !out->time_high || p->time > out->time_high ? p->time : out->time_high;
		}
		if (p > points && (p->step < p[-1].step || p->time < p[-1].time))
			out->rising = false;
		if (isnan(p->value)) {
			out->nan_count++;
			continue;
		}
		if (isnan(out->values[CHUNK_FIRST]))
			out->values[CHUNK_FIRST] = out->values[CHUNK_MIN] = out->values[CHUNK_MAX] = p->value;
		out->values[CHUNK_LAST] = p->value;
		if (p->value < out->values[CHUNK_MIN])
			out->values[CHUNK_MIN] = p->value;
		if (p->value > out->values[CHUNK_MAX])
			out->values[CHUNK_MAX] = p->value;
	}
	if (untimed && untimed < (int64_t)count)
		out->rising = false;
}

static int write_chunk(struct store *s, int64_t id, const struct point *points, size_t count,
                       struct str *block, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "INSERT OR REPLACE INTO chunk (id, count, nan_count, rising, step_low, "
	                  "step_high, time_low, time_high, min, max, first, last, points) VALUES "
	                  "(?,?,?,?,?,?,?,?,?,?,?,?,?)",
	                  err);
	struct chunk_columns c;

	if (!stmt)
		return -1;
	chunk_describe(points, count, &c);
	str_clear(block);
	block_pack(&s->coder, points, count, true, block);
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, c.count);
	sqlite3_bind_int64(stmt, 3, c.nan_count);
	sqlite3_bind_int(stmt, 4, c.rising);
	sqlite3_bind_int64(stmt, 5, c.step_low);
	sqlite3_bind_int64(stmt, 6, c.step_high);
	sqlite3_bind_int64(stmt, 7, c.time_low);
	sqlite3_bind_int64(stmt, 8, c.time_high);
	for (int i = 0; i < CHUNK_VALUES; i++)
		bind_double(stmt, 9 + i, c.values[i]);
	sqlite3_bind_blob64(stmt, 13, block->data, block->len, SQLITE_STATIC);
	return store_run_statement(s, stmt, err);
}

static int read_chunk(struct store *s, int64_t id, int64_t series, struct point *out, size_t count,
                      struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT points FROM chunk WHERE id = ?", err);
	int64_t got = -1;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	rc = store_step(s, stmt, err);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		const void *blob = sqlite3_column_blob(stmt, 0);

		if (blob)
			got = block_unpack(&s->coder, blob, (size_t)sqlite3_column_bytes(stmt, 0), out, count);
		sqlite3_reset(stmt);
	}
	return got == (int64_t)count ? 0 : series_damaged(s, series, err);
}

/* Tail and new points into chunks, from the open chunk on; what is left over stays as the tail, or fills the
 * open chunk if it is much. */
static int spill(struct store *s, enum series_kind kind, struct series_row *row, const struct series *was,
                 const struct point *points, size_t count, struct str *block, struct error *err)
{
	size_t open = (size_t)(row->stored % BLOCK_POINTS), total = open + row->tail_count + count, chunks,
	       done = 0;
	int64_t number = row->stored / BLOCK_POINTS;
	struct point *all;
	int rc = -1;

	if (number + (int64_t)(total / BLOCK_POINTS) >= (int64_t)1 << CHUNK_BITS)
		return error_set(err, ERR_USAGE, "the series %s is full: 2^31 points", row->series.name);
	/* Only the beginning is put together; whole chunks further on come from the caller's points. */
	all = xcalloc(open + row->tail_count + BLOCK_POINTS, sizeof(*all));
	if (open && read_chunk(s, row->series.id << CHUNK_BITS | number, row->series.id, all, open, err))
		goto out;
	memcpy(all + open, row->tail, row->tail_count * sizeof(*all));
	chunks = total / BLOCK_POINTS;
	if (total % BLOCK_POINTS >= TAIL_POINTS) {
		row->stored = number * BLOCK_POINTS + (int64_t)total;
		chunks++;
	} else {
		row->stored = (number + (int64_t)chunks) * BLOCK_POINTS;
	}
	{
		size_t before = open + row->tail_count, want = total - (size_t)(row->stored - number * BLOCK_POINTS);
		size_t fits = count < BLOCK_POINTS ? count : BLOCK_POINTS;

		memcpy(all + before, points, fits * sizeof(*all));
		/* The new tail. */
		for (size_t i = 0; i < want; i++) {
			size_t at = total - want + i;

			row->tail[i] = at < before ? all[at] : points[at - before];
		}
		row->tail_count = want;
		if (save(s, kind, row, was, block, err))
			goto out;
		for (size_t chunk = 0; chunk < chunks; chunk++) {
			size_t left = total - want - done, n = left < BLOCK_POINTS ? left : BLOCK_POINTS;
			const struct point *from = done < before ? all + done : points + (done - before);

			if (write_chunk(s, row->series.id << CHUNK_BITS | (number + (int64_t)chunk), from, n, block, err))
				goto out;
			done += n;
		}
	}
	rc = spans_write(s, row->series.id, number, row->stored / BLOCK_POINTS, err);
out:
	free(all);
	return rc;
}

static int add_points(struct store *s, enum series_kind kind, struct series_row *row,
                      const struct point *points, size_t count, struct error *err)
{
	const struct series was = row->series;
	struct str block;
	int rc;

	for (size_t i = 0; i < count; i++)
		series_count_point(&row->series, &row->sum, &row->sum_low, points + i);
	str_init(&block);
	if (row->tail_count + count < TAIL_POINTS) {
		memcpy(row->tail + row->tail_count, points, count * sizeof(*points));
		row->tail_count += count;
		rc = save(s, kind, row, &was, &block, err);
	} else {
		rc = spill(s, kind, row, &was, points, count, &block, err);
	}
	str_release(&block);
	return rc;
}

/* The row from the table, or a new one. */
static int find_row(struct store *s, enum series_kind kind, struct series_row *row, struct error *err)
{
	struct series *series = &row->series;
	int known = load(s, series->run, kind, series->name, series->context, row, err);

	if (known)
		return known < 0 ? -1 : 0;
	series->first.value = series->last.value = series->min.value = series->max.value = NAN;
	return find_direction(s, series->run, kind, series->name, &series->direction, err);
}

static int append(struct store *s, int64_t run, enum series_kind kind, const char *name, const char *context,
                  const struct point *points, size_t count, struct error *err)
{
	struct series_row *row = series_kept(s, run, kind, name, context), found;
	int rc = 0;

	if (!row) {
		row = &found;
		found = (struct series_row){.series = {.run = run}};
	}
	row->series.name = name;
	row->series.context = context;
	if (row == &found)
		rc = find_row(s, kind, row, err);
	series_appending(s, true);
	if (!rc)
		rc = add_points(s, kind, row, points, count, err);
	series_appending(s, false);
	if (rc)
		series_forget(s);
	else if (row == &found)
		series_keep(s, kind, row);
	return rc;
}

int store_series_append(struct store *s, int64_t run, enum series_kind kind, const char *name,
                        const char *context, const struct point *points, size_t count, struct error *err)
{
	context = context ? context : "";
	if (!name[0] || strlen(name) > NAME_LONGEST || strlen(context) > NAME_LONGEST)
		return error_set(err, ERR_USAGE,
		                 "the name of a metric has 1 to %d bytes, its context at most as many", NAME_LONGEST);
	if (!count)
		return 0;
	if (store_enter(s, err))
		return -1;
	return store_leave(s, append(s, run, kind, name, context, points, count, err), err);
}
