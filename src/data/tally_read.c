/* Files into a tally: rows are taken from the reader's columns and summed up, each column by one thread. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"

/* Rows that a thread adds at once, by what all threads need for them: doubles. */
enum { PIECE_LEAST = 1 << 12, PIECE_MOST = 1 << 16 };

struct tally_sink {
	struct sink sink; /* first, so that it is found from there */
	struct tally *tally;
	const struct profile_options *options;
	uint64_t memory;
	int threads;
	/* The chunk that is summed up. */
	const struct build *build;
	uint64_t *times; /* of its rows; NULL: no frequency weights */
	size_t times_cap;
	atomic_size_t next;
	size_t piece; /* rows */
	/* The first row whose weight is not allowed, from 1: nothing is summed up from there on. 0: there is none. */
	uint64_t bad_row;
	double bad_weight;
	bool too_many; /* rows, written out */
};

/* ---- a pass ---- */

static void begin(struct sink *sink, const struct build *b)
{
	struct tally_sink *s = (struct tally_sink *)(void *)sink;
	struct tally *t = xcalloc(1, sizeof(*t));

	tally_free(s->tally);
	s->tally = t;
	s->bad_row = 0;
	s->too_many = false;
	t->weights = s->options ? s->options->weights : STATS_ONE_EACH;
	t->weight = -1;
	t->column_count = b->column_count;
	t->columns = xcalloc(b->column_count, sizeof(*t->columns));
	t->room = tally_room(s->memory, b->column_count);
	t->missing_count = b->missing.count;
	t->missing = xcalloc(b->missing.count, sizeof(*t->missing));
	for (size_t i = 0; i < b->missing.count; i++)
		t->missing[i] = xstrdup(b->missing.texts[i]);
	t->positive = b->reading->positive ? xstrdup(b->reading->positive) : NULL;
	for (size_t i = 0; i < b->column_count; i++) {
		const struct reading_column *said = reading_find(b->reading, b->names[i]);
		struct tally_column *c = &t->columns[i];

		c->name = xstrdup(b->names[i]);
		c->forced = b->columns[i].forced;
		c->roles = said ? said->roles : 0;
		c->missing_by = xcalloc(b->missing.count, sizeof(*c->missing_by));
		c->mode = b->columns[i].mode;
		if (c->roles & ROLE_WEIGHT && t->weight < 0)
			t->weight = (long)i;
		if (sink->always)
			tally_column_begin(c, t, c->mode);
	}
	s->piece = (size_t)(s->memory / 32 / sizeof(double) / (size_t)s->threads);
	s->piece = s->piece < PIECE_LEAST ? PIECE_LEAST : s->piece > PIECE_MOST ? PIECE_MOST : s->piece;
	if (!sink->always)
		sink->bytes = sink_keep(b, s->memory, s->threads);
}

/* ---- a chunk ---- */

/* Every weight must be allowed before anything is summed up with it. */
static bool check_weights(struct tally_sink *s, const struct build *b)
{
	const struct tally *t = s->tally;
	const struct build_column *c;
	enum stats_weights kind = t->weights == STATS_ONE_EACH ? STATS_SAMPLING : t->weights;
	size_t at;

	if (s->bad_row)
		return false;
	if (t->weight < 0)
		return t->weights == STATS_ONE_EACH;
	c = &b->columns[t->weight];
	/* What does not hold numbers is refused in the end. */
	if (c->mode == CELL_CODES || c->mode == CELL_TIME || c->failed)
		return t->weights == STATS_ONE_EACH;
	at = stats_weights_check(c->values, b->rows, kind);
	if (at < b->rows && !(t->weights == STATS_ONE_EACH && c->values[at] >= 0 && isfinite(c->values[at]))) {
		s->bad_row = b->taken + at + 1;
		s->bad_weight = c->values[at];
		return false;
	}
	return true;
}

static void weigh_rows(struct tally_sink *s, const struct build *b)
{
	struct tally *t = s->tally;
	const double *weights = t->weights == STATS_ONE_EACH ? NULL : b->columns[t->weight].values;

	t->lines += b->rows;
	if (t->weights == STATS_FREQUENCY) {
		s->times = vec_reserve(s->times, &s->times_cap, b->rows, sizeof(*s->times));
		for (size_t i = 0; i < b->rows; i++) {
			s->times[i] = (uint64_t)weights[i];
			s->too_many = s->too_many || s->times[i] > (uint64_t)INT64_MAX - t->rows;
			t->rows += s->times[i];
		}
	} else {
		t->rows += b->rows;
		for (size_t i = 0; weights && i < b->rows; i++)
			weight_sum_add(&t->weight_all, weights[i], 1);
	}
}

/* One thread: the next column until there is none. */
static void sum_up(void *user, size_t thread)
{
	struct tally_sink *s = user;
	const struct build *b = s->build;
	struct tally *t = s->tally;
	double *scratch = xmalloc(size_mul(b->rows < s->piece ? b->rows : s->piece, sizeof(*scratch)));
	size_t at;

	(void)thread;
	while ((at = atomic_fetch_add(&s->next, 1)) < t->column_count) {
		const uint32_t *spelled = b->columns[at].spelled;

		for (size_t from = 0; from < b->rows && !b->columns[at].failed && !progress_stop(b->progress);
		     from += s->piece) {
			struct tally_rows rows = {.build = b,
			                          .from = from,
			                          .count = b->rows - from < s->piece ? b->rows - from : s->piece,
			                          .times = t->weights == STATS_FREQUENCY ? s->times + from : NULL};

			if (t->weights != STATS_ONE_EACH)
				rows.weights = b->columns[t->weight].values + from;
			tally_column_add(&t->columns[at], t, &b->columns[at], &rows, &spelled, scratch);
		}
	}
	free(scratch);
}

/* What a column takes however little there is for it, and what the program does. */
#define COLUMN_BYTES ((uint64_t)9 << 10)
#define LEAST        ((uint64_t)64 << 20)

/* So many columns take more than was asked for, with whatever room for different values. */
static int check_columns(const struct tally_sink *s, struct error *err)
{
	const uint64_t needed = COLUMN_BYTES * s->tally->column_count;
	char count[NUM_TEXT];

	if (!s->options || !s->options->memory || needed < LEAST || needed <= s->memory)
		return 0;
	return error_set(err, ERR_ENV,
	                 "%s columns take some %d KiB each, whatever is in them: --memory %lluM is the least for "
	                 "them",
	                 count_people((int64_t)s->tally->column_count, count), (int)(COLUMN_BYTES >> 10),
	                 (unsigned long long)(needed >> 20) + 1);
}

static int take(struct sink *sink, struct build *b, struct error *err)
{
	struct tally_sink *s = (struct tally_sink *)(void *)sink;
	struct tally *t = s->tally;
	const bool first = !sink->always;

	if (check_columns(s, err) < 0)
		return -1;
	if (first)
		for (size_t i = 0; i < t->column_count; i++)
			tally_column_begin(&t->columns[i], t, t->columns[i].mode);
	if (check_weights(s, b)) {
		weigh_rows(s, b);
		s->build = b;
		atomic_init(&s->next, 0);
		parallel_chunks((size_t)s->threads < t->column_count ? (size_t)s->threads : t->column_count,
		                s->threads, sum_up, s);
	}
	/* What was a table goes on in chunks, in another pass too. */
	if (first) {
		sink->always = true;
		sink->bytes = s->memory / 12;
		for (size_t i = 0; i < b->column_count; i++)
			build_forget_rows(&b->columns[i]);
	}
	return 0;
}

/* ---- the end ---- */

static int resolve(struct sink *sink, struct table *about, struct build *b, const struct reading *asked,
                   struct note_list *notes, struct error *err)
{
	struct tally_sink *s = (struct tally_sink *)(void *)sink;
	struct tally *t = s->tally;

	if (s->bad_row)
		return weight_refused(about, t->columns[t->weight].name, s->bad_row - 1, s->bad_weight, err);
	if (t->weights != STATS_ONE_EACH && t->columns[t->weight].mode == CELL_CODES)
		return error_set(err, ERR_USAGE, "%s: column %s is the weight, but it does not hold numbers",
		                 about->files[0].path, t->columns[t->weight].name);
	if (s->too_many)
		return error_set(err, ERR_USAGE, "the frequencies of column %s add up to more than 2^63 rows",
		                 t->columns[t->weight].name);
	t->resolved = asked->resolved;
	for (size_t i = 0; i < t->column_count; i++) {
		struct tally_column *c = &t->columns[i];
		const struct build_column *from = &b->columns[i];

		c->saw_number = from->saw_number;
		c->all_whole = from->all_whole;
		c->rounded = from->rounded;
		c->empty = from->missing;
		if (t->weights != STATS_FREQUENCY)
			memcpy(c->missing_by, from->missing_by, t->missing_count * sizeof(*c->missing_by));
		for (size_t k = 0; k < t->missing_count; k++)
			c->missing += c->missing_by[k];
	}
	tally_types(t, about, notes);
	if (resolve_check(about, asked, notes, err) < 0)
		return -1;
	return asked->like ? 0 : tally_check_positive(t, about, err);
}

static void take_files(struct tally *t, const struct table *about)
{
	t->files = vec_reserve(NULL, &t->file_cap, about->file_count, sizeof(*t->files));
	for (size_t i = 0; i < about->file_count; i++) {
		const struct table_file *from = &about->files[i];
		struct tally_file *f = &t->files[t->file_count++];

		*f = (struct tally_file){.path = xstrdup(from->path), .bytes = from->bytes, .rows = from->rows};
		memcpy(f->sha256, from->sha256, sizeof(f->sha256));
	}
}

static bool has_weight(const struct reading *r)
{
	for (size_t i = 0; i < r->column_count; i++)
		if (r->columns[i].roles & ROLE_WEIGHT)
			return true;
	return false;
}

int tally_read(struct tally **t, struct table *about, const char *const paths[], size_t path_count,
               const struct reading *r, const struct profile_options *options, uint64_t memory, bool keep,
               struct error *err)
{
	const int threads = memory_threads(options ? options->threads : 0, memory);
	struct tally_sink s = {.sink = {.bytes = memory / 12,
	                                .reading = memory / 12,
	                                .always = !keep,
	                                .begin = begin,
	                                .take = take,
	                                .resolve = resolve},
	                       .options = options,
	                       .memory = memory,
	                       .threads = threads};
	struct table_options how = {.threads = threads,
	                            .packed = true,
	                            .spellings = options && options->weights == STATS_FREQUENCY,
	                            .no_digest = options && options->no_digest,
	                            .progress = options ? options->progress : NULL};
	int rc;

	*t = NULL;
	if (options && options->weights != STATS_ONE_EACH && !has_weight(r))
		return error_set(err, ERR_USAGE, "which column holds the weights? Say --weight");
	rc = table_read_into(about, paths, path_count, r, &how, &s.sink, NULL, err);
	free(s.times);
	if (rc == 0 && s.sink.always) {
		take_files(s.tally, about);
		*t = s.tally;
		return 0;
	}
	tally_free(s.tally);
	return rc;
}

struct tally *tally_files(struct table *about, const char *const paths[], size_t path_count,
                          const struct reading *r, const struct profile_options *options, struct error *err)
{
	uint64_t memory = options && options->memory ? options->memory : TALLY_MEMORY;
	struct tally *t;

	return tally_read(&t, about, paths, path_count, r, options, memory, false, err) == 0 ? t : NULL;
}
