/*
 * Passes over the same files, each over as many columns as memory is allowed for. How many that are shows while files are
 * read: when those that are here take too much, the last ones are put off to another pass, all that are not likely to
 * fit. What was seen of these says how many the next pass begins with; it looks at its memory just so.
 */
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* The program itself, with its libraries. */
#define PROGRAM ((uint64_t)12 << 20)
/* One part in so many is for what stands between the files and the columns. */
enum { READING_PART = 12 };
/* What a thread takes beside: what it asks for stays with it (malloc). */
#define THREAD_BYTES ((uint64_t)16 << 20)
/* Columns are in pages of LARGE_PAGE where little of a last one is lost, as memory goes. */
#define LARGE_PAGE  ((uint64_t)2 << 20)
#define LARGE_LEAST (8 * LARGE_PAGE)
/* Columns of texts that differ grow in leaps, many at once: looked at is what there will be with so many times the rows. */
static const double SOON = 1.5;
/* Where nobody says how much there is. */
#define UNKNOWN_MEMORY ((uint64_t)1 << 30)

struct pass_column {
	enum { COLUMN_WAITS, COLUMN_HERE, COLUMN_DONE } state;
	bool first; /* it must be in the first pass */
	bool seen;  /* by an earlier pass: */
	enum cell_mode mode;
	double values, texts, memo; /* bytes a row; of memo there is a most */
	uint64_t fixed;             /* bytes, however many rows */
	struct column_facts facts;  /* of one that is done */
	bool is_id;
};

struct passes {
	struct table_passes *asked;
	struct pass_column *columns;
	size_t count;
	size_t *here, here_count; /* rising */
	bool several;             /* not all are in this pass */
	uint64_t bytes, before;   /* of all files (0: who knows); of those before this one */
	uint64_t rows;            /* of the files; 0: no pass has ended */
};

uint64_t memory_allowed(uint64_t said)
{
	uint64_t left = said ? 0 : memory_left();

	return said ? said : (left ? left : UNKNOWN_MEMORY) / 2;
}

int memory_threads(int threads, uint64_t memory)
{
	const uint64_t most = memory / THREAD_BYTES < 2 ? 2 : memory / THREAD_BYTES;

	threads = threads > 0 ? threads : cpu_count();
	return (uint64_t)threads < most ? threads : (int)most;
}

void memory_give_back(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

struct passes *passes_new(struct table_passes *asked)
{
	struct passes *p = xcalloc(1, sizeof(*p));
	uint64_t reading;

	asked->memory = memory_allowed(asked->memory);
	asked->taken = 0;
	p->asked = asked;
	reading = asked->memory / READING_PART;
	asked->room = asked->memory > reading + PROGRAM ? asked->memory - reading - PROGRAM : 0;
	return p;
}

void passes_free(struct passes *p)
{
	if (!p)
		return;
	free(p->columns);
	free(p->here);
	free(p);
}

/* ---- how much they take ---- */

static uint64_t need(const struct passes *p, uint64_t rows, uint64_t bytes)
{
	return p->asked->need(p->asked->user, rows, bytes);
}

static uint64_t expected(const struct pass_column *c, double rows)
{
	const double memo = rows * c->memo, most = (double)build_memo_bytes(SIZE_MAX);

	return (uint64_t)((c->values + c->texts) * rows) + c->fixed + (uint64_t)(memo < most ? memo : most);
}

/* Truth words become numbers in the end. */
static bool is_truth(const struct build_column *c)
{
	double value;

	if (c->mode != CELL_CODES || c->dict->count > TRUTH_WORDS_MOST)
		return false;
	for (size_t i = 0; i < c->dict->count; i++)
		if (!cell_bool(c->dict->entries[i].bytes, c->dict->entries[i].len, &value))
			return false;
	return true;
}

/* What the column takes by now, and is likely to take with more rows. */
static uint64_t weigh(struct pass_column *c, struct build_column *from, uint64_t rows)
{
	const uint64_t texts = build_text_bytes(from), memo = build_memo_bytes(from->memo_size);
	const bool differ = from->dict->count > rows / 2;

	c->values = from->passing ? 0 : is_truth(from) ? sizeof(double) : (double)build_row_bytes(from);
	c->texts = differ ? (double)texts / (double)rows : 0;
	c->memo = differ ? (double)memo / (double)rows : 0;
	c->fixed = (differ ? 0 : memo + texts) + (from->small_pages ? 0 : LARGE_PAGE);
	return expected(c, (double)rows);
}

/* ---- a pass ---- */

static void begin_first(struct passes *p, const struct build *b)
{
	p->count = b->column_count;
	p->columns = xcalloc(p->count + 1, sizeof(*p->columns));
	p->here = xcalloc(p->count + 1, sizeof(*p->here));
	for (size_t i = 0; i < p->count; i++) {
		const struct reading_column *said = reading_find_at(b->reading, i, b->names[i]);
		struct pass_column *c = &p->columns[i];

		c->state = COLUMN_HERE;
		c->first =
		    (said && said->roles & ROLE_WEIGHT) || (p->asked->first && !strcmp(b->names[i], p->asked->first));
	}
}

/* As many as are likely to fit, one at least. */
static void choose(struct passes *p)
{
	uint64_t bytes = 0;
	size_t chosen = 0;

	for (size_t i = 0; i < p->count; i++) {
		struct pass_column *c = &p->columns[i];

		if (c->state != COLUMN_WAITS)
			continue;
		bytes += expected(c, (double)p->rows);
		if (chosen && need(p, p->rows, bytes) > p->asked->room)
			break;
		c->state = COLUMN_HERE;
		chosen++;
	}
}

bool passes_begin(struct passes *p, struct build *b, uint64_t bytes)
{
	if (!p)
		return false;
	if (p->columns)
		choose(p);
	else
		begin_first(p, b);
	p->bytes = bytes;
	b->reading_bytes = p->asked->memory / READING_PART;
	b->threads = memory_threads(b->threads, p->asked->memory);
	for (size_t i = 0; i < p->count; i++) {
		b->columns[i].small_pages = p->asked->memory / p->count < LARGE_LEAST;
		b->columns[i].skipped = p->columns[i].state != COLUMN_HERE;
		if (p->columns[i].seen)
			b->columns[i].mode = p->columns[i].mode;
	}
	return p->several;
}

void passes_file(struct passes *p, uint64_t before)
{
	p->before = before;
}

static size_t count_here(const struct passes *p)
{
	size_t here = 0;

	for (size_t i = 0; i < p->count; i++)
		here += p->columns[i].state == COLUMN_HERE;
	return here;
}

static void put_off(struct build *b, size_t column)
{
	struct passes *p = b->passes;
	struct build_column *from = &b->columns[column];
	struct pass_column *c = &p->columns[column];

	c->state = COLUMN_WAITS;
	c->seen = true;
	c->mode = from->failed ? build_other_mode(from) : from->mode;
	from->failed = false;
	from->skipped = true;
	build_forget_rows(from);
	build_forget_texts(from);
	p->several = true;
}

bool passes_put_off(struct build *b, size_t column)
{
	struct passes *p = b->passes;

	if (!p || !p->several || p->columns[column].first || count_here(p) < 2)
		return false;
	b->columns[column].failed = false; /* its mode is the other one already */
	put_off(b, column);
	return true;
}

/* Rows of all files, from how far it is; of a pipe as many again. */
static double rows_of_all(const struct passes *p, uint64_t rows, uint64_t passed)
{
	if (p->rows)
		return (double)p->rows;
	if (!p->bytes || p->before + passed > p->bytes)
		return 2 * (double)rows;
	return (double)rows * (double)p->bytes / (double)(p->before + passed);
}

static int too_little(const struct build *b, size_t column, double rows, uint64_t bytes, struct error *err)
{
	const struct passes *p = b->passes;
	const uint64_t mib = (uint64_t)1 << 20, each = need(p, (uint64_t)rows, bytes);
	/* Some more, since it is not known so well. */
	const uint64_t all = (each + each / 16 + PROGRAM) / (READING_PART - 1) * READING_PART;
	char count[NUM_TEXT], memory[NUM_TEXT], needed[NUM_TEXT];

	return error_set(
	    err, ERR_ENV,
	    "%s may be taken, but about %s are needed for one column alone (%s, with what is made of "
	    "it: %s%s rows of %llu bytes); --memory %lluM allows as much",
	    bytes_people(p->asked->memory, memory), bytes_people(all, needed), b->names[column],
	    p->rows ? "" : "some ", count_people((int64_t)rows, count),
	    (unsigned long long)((double)each / rows) + 1, (unsigned long long)(all / mib) + 1);
}

int passes_look(struct build *b, uint64_t passed, struct error *err)
{
	struct passes *p = b->passes;
	const uint64_t room = p->asked->room;
	const double rows = rows_of_all(p, b->rows, passed), soon = fmin(rows, SOON * (double)b->rows);
	uint64_t now, then = 0, widest = 0;
	size_t kept = 0, last = 0;
	bool full = false;

	if (b->rows == 0)
		return 0;
	for (size_t i = 0; i < p->count; i++)
		if (p->columns[i].state == COLUMN_HERE) {
			weigh(&p->columns[i], &b->columns[i], b->rows);
			then += expected(&p->columns[i], soon);
		}
	if (need(p, (uint64_t)soon, then) <= room)
		return 0;
	then = 0;
	for (size_t i = 0; i < p->count; i++)
		if (expected(&p->columns[i], rows) > widest)
			widest = expected(&p->columns[i], rows);
	/* Those of the first pass before all others. */
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < p->count; i++) {
			struct pass_column *c = &p->columns[i];
			const uint64_t with = then + expected(c, rows);

			if (c->state != COLUMN_HERE || c->first == others)
				continue;
			full = full || (kept && need(p, (uint64_t)rows, with) > room);
			if (full && c->first)
				return too_little(b, i, rows, with > widest ? with : widest, err);
			if (full) {
				put_off(b, i);
				continue;
			}
			then = with;
			last = i;
			kept++;
		}
	if (full)
		memory_give_back();
	if (kept > 1)
		return 0;
	/* What it takes by now is more than may be. */
	now = weigh(&p->columns[last], &b->columns[last], b->rows);
	if (need(p, b->rows, now) <= room)
		return 0;
	return too_little(b, last, rows, widest, err);
}

size_t passes_expected(const struct build *b, size_t rows, size_t more)
{
	const size_t fit = build_rows_within(b, b->passes->asked->memory);

	return rows > fit ? fit + more : rows;
}

/* ---- its end ---- */

static bool was_id(const struct column_facts *f, struct note_list *notes)
{
	(void)notes;
	return *(const bool *)f->of;
}

void passes_facts(const struct passes *p, size_t column, struct column_facts *f)
{
	*f = p->columns[column].state == COLUMN_DONE ? p->columns[column].facts : (struct column_facts){0};
}

void passes_end(struct build *b, const struct table *t, const struct column_facts *facts)
{
	struct passes *p = b->passes;

	p->rows = t->row_count;
	p->here_count = 0;
	for (size_t i = 0; i < p->count; i++) {
		struct pass_column *c = &p->columns[i];

		if (c->state != COLUMN_HERE)
			continue;
		p->here[p->here_count++] = i;
		c->state = COLUMN_DONE;
		c->facts = facts[i];
		c->is_id = t->columns[i].type == COLUMN_ID;
		c->facts.all_different = was_id;
		c->facts.of = &c->is_id;
	}
}

bool passes_take(struct passes *p, const struct table *t, struct error *err, int *rc)
{
	uint64_t bytes = 0;
	bool more = false;

	if (!p || *rc < 0)
		return false;
	for (size_t i = 0; i < p->here_count; i++)
		bytes += expected(&p->columns[p->here[i]], (double)p->rows);
	need(p, p->rows, bytes);
	if (!p->several)
		return false;
	*rc = p->asked->take(p->asked->user, t, p->here, p->here_count, err);
	p->asked->taken++;
	for (size_t i = 0; i < p->count && *rc == 0; i++)
		more = more || p->columns[i].state == COLUMN_WAITS;
	return more;
}
