/* Rows of one table that stand in another one, too: found by a hash, told by their values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assay/data_overlap.h"
#include "relation.h"
#include "row_index.h"

/* A code of no value of the dictionary that others are compared by. */
#define CODE_ELSEWHERE (CODE_MISSING - 1)
#define NO_ROW         SIZE_MAX

/* ---- columns that are compared ---- */

static bool is_amount(enum column_type type)
{
	return type == COLUMN_BOOL || type == COLUMN_INT || type == COLUMN_NUM || type == COLUMN_ID;
}

/* Numbers and times as codes of the other column's texts; those that it does not have get codes behind them. */
static void give_codes(struct row_cells *cells, const struct column *c, size_t n, const struct intern *dict,
                       struct intern *more)
{
	struct str text;

	str_init(&text);
	*cells = (struct row_cells){.own_codes = xmalloc(size_mul(n + 1, sizeof(uint32_t)))};
	for (size_t i = 0; i < n; i++) {
		uint32_t code = CODE_MISSING;

		if (!column_is_missing(c, i)) {
			str_clear(&text);
			column_cell(c, i, &text);
			code = dict ? intern_find(dict, text.data, text.len) : INTERN_NONE;
			if (code == INTERN_NONE)
				code = (uint32_t)(dict ? dict->count : 0) + intern_add(more, text.data, text.len);
		}
		cells->own_codes[i] = code;
	}
	cells->codes = cells->own_codes;
	str_release(&text);
}

/* Codes of a dictionary as those of another one. */
static void map_codes(struct row_cells *cells, const struct intern *dict, const struct intern *to)
{
	cells->own_map = xmalloc(size_mul(dict->count + 1, sizeof(*cells->own_map)));
	for (size_t i = 0; i < dict->count; i++) {
		const uint32_t code = intern_find(to, dict->entries[i].bytes, dict->entries[i].len);

		cells->own_map[i] = code == INTERN_NONE ? CODE_ELSEWHERE : code;
	}
	cells->map = cells->own_map;
}

static bool are_texts(const struct column *a, const struct column *b)
{
	return a->codes || b->codes || (a->type != b->type && !(is_amount(a->type) && is_amount(b->type)));
}

/* Two columns of one name, each as it is compared with the other. */
static void match_columns(const struct table *train, const struct column *a, const struct table *test,
                          const struct column *b, struct row_cells *of_a, struct row_cells *of_b)
{
	struct intern more;

	*of_a = row_cells_of(a);
	*of_b = row_cells_of(b);
	if (!are_texts(a, b))
		return;
	intern_init(&more);
	if (a->codes && b->codes)
		map_codes(of_b, b->dict, a->dict);
	if (!a->codes)
		give_codes(of_a, a, train->row_count, b->codes ? b->dict : NULL, &more);
	if (!b->codes)
		give_codes(of_b, b, test->row_count, a->codes ? a->dict : NULL, &more);
	intern_release(&more);
}

/* Those that are compared, the label behind them. */
struct match {
	struct row_cells *train, *test;
	size_t count;       /* without the label */
	bool labelled;      /* it stands at [count] */
	const char **names; /* with it */
	size_t name_count;
};

static void match_release(struct match *m)
{
	for (size_t i = 0; i < m->count + m->labelled; i++) {
		row_cells_release(&m->train[i]);
		row_cells_release(&m->test[i]);
	}
	free(m->train);
	free(m->test);
}

static bool is_chosen(const struct overlap_options *o, const char *name)
{
	for (size_t i = 0; i < o->column_count; i++)
		if (strcmp(o->columns[i], name) == 0)
			return true;
	return !o->column_count;
}

static void say_types(const struct column *a, const struct column *b, struct note_list *notes)
{
	if (are_texts(a, b) && !(a->codes && b->codes))
		note_add(notes, "%s is of type %s in one and %s in the other: it is compared as text", a->name,
		         column_type_name(a->type), column_type_name(b->type));
}

static void match_tables(struct match *m, struct overlap *o, const struct table *train,
                         const struct table *test, long label, const struct overlap_options *options,
                         struct note_list *notes)
{
	m->train = xcalloc(train->column_count + 1, sizeof(*m->train));
	m->test = xcalloc(train->column_count + 1, sizeof(*m->test));
	m->names = arena_array(o->arena, train->column_count + 1, sizeof(*m->names));
	for (size_t i = 0; i < train->column_count; i++) {
		const struct column *a = &train->columns[i];
		const long at = table_find(test, a->name);
		const struct column *b = at < 0 ? NULL : &test->columns[at];

		if (!b || ((long)i != label && !is_chosen(options, a->name)))
			continue;
		/* Asked for by its name it is compared: which patients are in both. */
		if ((long)i != label && !options->column_count && (names_rows(a) || names_rows(b))) {
			note_add(notes, "rows are compared without %s, which names them", a->name);
			continue;
		}
		m->names[m->name_count++] = arena_strdup(o->arena, a->name);
		say_types(a, b, notes);
		if ((long)i != label) {
			match_columns(train, a, test, b, &m->train[m->count], &m->test[m->count]);
			m->count++;
		}
	}
	if (label >= 0) {
		const struct column *a = &train->columns[label];

		match_columns(train, a, test, &test->columns[table_find(test, a->name)], &m->train[m->count],
		              &m->test[m->count]);
		m->labelled = true;
	}
	o->columns = m->names;
	o->column_count = m->name_count;
}

static const char *const *only_in(struct overlap *o, const struct table *one, const struct table *other,
                                  size_t *count)
{
	const char **names = arena_array(o->arena, one->column_count + 1, sizeof(*names));

	*count = 0;
	for (size_t i = 0; i < one->column_count; i++)
		if (!names_rows(&one->columns[i]) && table_find(other, one->columns[i].name) < 0)
			names[(*count)++] = arena_strdup(o->arena, one->columns[i].name);
	return names;
}

/* ---- rows ---- */

/* Rows of the training table with these features. */
struct alike {
	uint64_t hash;
	size_t first;
	size_t labelled,
	    other; /* the first whose label is known, and the first whose label is another; or NO_ROW */
};

/* And with this label. */
struct same {
	uint64_t hash;
	size_t first;
};

struct part {
	struct overlap_rows same, alike, conflicts;
	uint64_t repeats;
};

struct work {
	const struct match *match;
	struct row_index train, test;
	struct part *parts;
	uint8_t *marks; /* of the test rows; NULL: none are wanted */
	struct progress *progress;
};

/* What is looked up within a part. */
struct lookup {
	const struct match *m;
	struct row_slots alike_slots, same_slots;
	struct alike *alike;
	struct same *same;
	size_t alike_count, same_count;
};

static uint64_t with_label(const struct match *m, const struct row_cells *cells, size_t row, uint64_t hash)
{
	return m->labelled ? row_hash_add(&cells[m->count], row, hash) : hash;
}

/* Where they stand or are to stand in the slots; `of`: the table that the row is of. */
static uint32_t *find_alike(const struct lookup *l, const struct row_cells *of, size_t row, uint64_t hash)
{
	size_t at = hash & (l->alike_slots.count - 1);

	for (; l->alike_slots.items[at] != UINT32_MAX; at = (at + 1) & (l->alike_slots.count - 1)) {
		const struct alike *one = &l->alike[l->alike_slots.items[at]];

		if (one->hash == hash && rows_equal(l->m->train, one->first, of, row, l->m->count))
			break;
	}
	return &l->alike_slots.items[at];
}

static uint32_t *find_same(const struct lookup *l, const struct row_cells *of, size_t row, uint64_t hash)
{
	size_t at = hash & (l->same_slots.count - 1);

	for (; l->same_slots.items[at] != UINT32_MAX; at = (at + 1) & (l->same_slots.count - 1)) {
		const struct same *one = &l->same[l->same_slots.items[at]];

		if (one->hash == hash && rows_equal(l->m->train, one->first, of, row, l->m->count + l->m->labelled))
			break;
	}
	return &l->same_slots.items[at];
}

static bool has_label(const struct match *m, const struct row_cells *cells, size_t row)
{
	const struct row_cells *label = &cells[m->count];

	return m->labelled &&
	       (label->numbers ? !column_is_missing(label->numbers, row) : label->codes[row] != CODE_MISSING);
}

static bool labels_differ(const struct match *m, size_t row, const struct row_cells *of, size_t with)
{
	return !rows_equal(&m->train[m->count], row, &of[m->count], with, 1);
}

static void learn_row(struct lookup *l, struct part *out, size_t row, uint64_t hash)
{
	const struct match *m = l->m;
	const uint64_t all = with_label(m, m->train, row, hash);
	uint32_t *slot = find_alike(l, m->train, row, hash);
	struct alike *one;

	if (*slot == UINT32_MAX) {
		*slot = (uint32_t)l->alike_count;
		l->alike[l->alike_count++] = (struct alike){hash, row, NO_ROW, NO_ROW};
	}
	one = &l->alike[*slot];
	if (has_label(m, m->train, row)) {
		if (one->labelled == NO_ROW)
			one->labelled = row;
		else if (one->other == NO_ROW && labels_differ(m, one->labelled, m->train, row))
			one->other = row;
	}
	slot = find_same(l, m->train, row, all);
	if (*slot != UINT32_MAX) {
		out->repeats++;
		return;
	}
	*slot = (uint32_t)l->same_count;
	l->same[l->same_count++] = (struct same){all, row};
}

/* Rows of a part come in their order. */
static void count_row(struct overlap_rows *rows, size_t test, size_t train)
{
	if (rows->count < OVERLAP_EXAMPLES) {
		rows->first[rows->count].test = test;
		rows->first[rows->count].train = train;
	}
	rows->count++;
}

/* In what it is like rows of the training table, a bit a kind. */
static unsigned look_up_row(const struct lookup *l, struct part *out, size_t row, uint64_t hash)
{
	const struct match *m = l->m;
	uint32_t at = *find_alike(l, m->test, row, hash);
	unsigned mark = 1 << OVERLAP_ALIKE;

	if (at == UINT32_MAX)
		return 0;
	const struct alike *one = &l->alike[at];

	count_row(&out->alike, row, one->first);
	if (has_label(m, m->test, row) && one->labelled != NO_ROW) {
		const size_t other = labels_differ(m, one->labelled, m->test, row) ? one->labelled : one->other;

		if (other != NO_ROW) {
			count_row(&out->conflicts, row, other);
			mark |= 1 << OVERLAP_CONFLICTS;
		}
	}
	at = *find_same(l, m->test, row, with_label(m, m->test, row, hash));
	if (at != UINT32_MAX) {
		count_row(&out->same, row, l->same[at].first);
		mark |= 1 << OVERLAP_SAME;
	}
	return mark;
}

static void do_part(void *user, size_t p)
{
	struct work *w = user;
	const size_t from = w->train.start[p], n = w->train.start[p + 1] - from;
	struct lookup l = {.m = w->match};

	if (progress_stop(w->progress))
		return;
	row_slots_init(&l.alike_slots, n);
	row_slots_init(&l.same_slots, n);
	l.alike = xmalloc(size_mul(n + 1, sizeof(*l.alike)));
	l.same = xmalloc(size_mul(n + 1, sizeof(*l.same)));
	for (size_t i = from; i < from + n; i++)
		learn_row(&l, &w->parts[p], w->train.rows[i], w->train.hashes[w->train.rows[i]]);
	for (size_t i = w->test.start[p]; i < w->test.start[p + 1]; i++) {
		const size_t row = w->test.rows[i];
		const unsigned mark = look_up_row(&l, &w->parts[p], row, w->test.hashes[row]);

		if (w->marks)
			w->marks[row] = (uint8_t)mark;
	}
	free(l.alike_slots.items);
	free(l.same_slots.items);
	free(l.alike);
	free(l.same);
}

static void join(struct overlap_rows *to, const struct overlap_rows *part)
{
	size_t have = to->count < OVERLAP_EXAMPLES ? (size_t)to->count : OVERLAP_EXAMPLES;
	const size_t more = part->count < OVERLAP_EXAMPLES ? (size_t)part->count : OVERLAP_EXAMPLES;

	to->count += part->count;
	for (size_t i = 0; i < more; i++) {
		size_t at = have;

		if (have == OVERLAP_EXAMPLES && part->first[i].test > to->first[have - 1].test)
			break;
		if (have == OVERLAP_EXAMPLES)
			at = have - 1;
		else
			have++;
		for (; at > 0 && to->first[at - 1].test > part->first[i].test; at--)
			to->first[at] = to->first[at - 1];
		to->first[at] = part->first[i];
	}
}

static void compare_rows(struct overlap *o, const struct match *m, const struct overlap_options *options)
{
	struct progress *progress = options->progress;
	struct work w = {.match = m, .progress = progress};

	if (options->marks)
		o->marks = w.marks = arena_array(o->arena, (size_t)o->test_rows + 1, sizeof(*w.marks));
	progress_begin(progress, "comparing rows", "rows", o->train_rows + o->test_rows);
	row_index_init(&w.train, m->train, m->count, (size_t)o->train_rows, options->hash_bits, options->threads,
	               progress);
	row_index_init(&w.test, m->test, m->count, (size_t)o->test_rows, options->hash_bits, options->threads,
	               progress);
	w.parts = xcalloc(ROW_PARTS, sizeof(*w.parts));
	parallel_chunks(ROW_PARTS, options->threads, do_part, &w);
	for (size_t p = 0; p < ROW_PARTS; p++) {
		join(&o->same, &w.parts[p].same);
		join(&o->alike, &w.parts[p].alike);
		join(&o->conflicts, &w.parts[p].conflicts);
		o->train_repeats += w.parts[p].repeats;
	}
	free(w.parts);
	row_index_release(&w.train);
	row_index_release(&w.test);
}

/* ---- all ---- */

/* The label in the training table, or -1; -2: there is an error. One that was asked for must be in both. */
static long find_label(const struct table *train, const struct table *test,
                       const struct overlap_options *options, struct note_list *notes, struct error *err)
{
	const long at = options->label      ? table_need(train, options->label, err)
	                : options->no_label ? -1
	                                    : table_role(train, ROLE_LABEL);

	if (at < 0)
		return options->label ? -2 : -1;
	if (table_find(test, train->columns[at].name) >= 0)
		return at;
	note_add(notes, "the label %s is in one of the two only, so nothing can be said of conflicts",
	         train->columns[at].name);
	return -1;
}

static const char *label_text(struct arena *a, const struct column *c, size_t row, struct str *text)
{
	if (column_is_missing(c, row))
		return NULL;
	str_clear(text);
	column_cell(c, row, text);
	return arena_memdup0(a, text->data, text->len);
}

static void name_labels(struct overlap *o, struct overlap_rows *rows, const struct column *train,
                        const struct column *test)
{
	struct str text;

	str_init(&text);
	for (size_t i = 0; i < rows->count && i < OVERLAP_EXAMPLES; i++) {
		rows->first[i].train_label = label_text(o->arena, train, (size_t)rows->first[i].train, &text);
		rows->first[i].test_label = label_text(o->arena, test, (size_t)rows->first[i].test, &text);
	}
	str_release(&text);
}

static int check_columns(const struct table *train, const struct table *test,
                         const struct overlap_options *options, struct error *err)
{
	for (size_t i = 0; i < options->column_count; i++) {
		if (table_need(train, options->columns[i], err) < 0)
			return -1;
		if (table_need(test, options->columns[i], err) < 0)
			return error_prefix(err, "the second data set");
	}
	return 0;
}

int overlap_tables(struct overlap *o, const struct table *train, const struct table *test,
                   const struct overlap_options *options, struct error *err)
{
	const struct overlap_options how = options ? *options : (struct overlap_options){0};
	struct note_list notes = {0};
	struct match m = {0};
	const char **items;
	int status = -1;
	long label;

	*o = (struct overlap){.train_rows = train->row_count, .test_rows = test->row_count, .arena = arena_new()};
	label = find_label(train, test, &how, &notes, err);
	if (label == -2 || check_columns(train, test, &how, err) < 0)
		goto out;
	o->label = label < 0 ? NULL : arena_strdup(o->arena, train->columns[label].name);
	o->only_train = only_in(o, train, test, &o->only_train_count);
	o->only_test = only_in(o, test, train, &o->only_test_count);
	match_tables(&m, o, train, test, label, &how, &notes);
	if (!m.count) {
		error_set(err, ERR_USAGE,
		          "there is no column to compare rows in: none%s has the same name in both, or it names rows",
		          m.labelled ? " but the label" : "");
		goto out;
	}
	compare_rows(o, &m, &how);
	if (label >= 0) {
		const struct column *a = &train->columns[label], *b = &test->columns[table_find(test, a->name)];

		name_labels(o, &o->same, a, b);
		name_labels(o, &o->alike, a, b);
		name_labels(o, &o->conflicts, a, b);
	}
	status = progress_stop(how.progress) ? progress_stopped(err) : 0;
	o->notes = items = arena_array(o->arena, notes.count + 1, sizeof(*items));
	for (size_t i = 0; i < notes.count; i++)
		items[o->note_count++] = arena_strdup(o->arena, notes.items[i]);
out:
	match_release(&m);
	note_list_release(&notes);
	if (status < 0)
		overlap_release(o);
	return status;
}

void overlap_release(struct overlap *o)
{
	arena_free(o->arena);
	*o = (struct overlap){0};
}

const char *overlap_kind_name(enum overlap_kind kind)
{
	static const char *const names[OVERLAP_KINDS] = {"in both", "but for label", "other label"};

	return names[kind];
}

const struct overlap_rows *overlap_rows_of(const struct overlap *o, enum overlap_kind kind)
{
	return kind == OVERLAP_SAME ? &o->same : kind == OVERLAP_ALIKE ? &o->alike : &o->conflicts;
}

bool overlap_leaks(const struct overlap *o)
{
	return o->same.count > 0 && o->train_repeats <= o->train_rows / 2;
}

/* ---- JSON ---- */

static void names_json(struct json_writer *j, const char *key, const char *const *names, size_t count)
{
	jw_array(j, key);
	for (size_t i = 0; i < count; i++)
		jw_string(j, NULL, names[i]);
	jw_array_end(j);
}

static void rows_json(struct json_writer *j, const char *key, const struct overlap *o,
                      const struct overlap_rows *rows)
{
	jw_object(j, key);
	jw_int(j, "rows", (int64_t)rows->count);
	jw_num(j, "share", o->test_rows ? (double)rows->count / (double)o->test_rows : (double)NAN,
	       "there are no rows");
	jw_array(j, "first");
	for (size_t i = 0; i < rows->count && i < OVERLAP_EXAMPLES; i++) {
		jw_object(j, NULL);
		jw_int(j, "test", (int64_t)rows->first[i].test + 1);
		jw_int(j, "train", (int64_t)rows->first[i].train + 1);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
}

void overlap_json(const struct overlap *o, struct str *out)
{
	struct json_writer j;

	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_int(&j, "train_rows", (int64_t)o->train_rows);
	jw_int(&j, "test_rows", (int64_t)o->test_rows);
	names_json(&j, "columns", o->columns, o->column_count);
	names_json(&j, "only_train", o->only_train, o->only_train_count);
	names_json(&j, "only_test", o->only_test, o->only_test_count);
	jw_string(&j, "label", o->label);
	rows_json(&j, "same", o, &o->same);
	rows_json(&j, "alike", o, &o->alike);
	if (o->label)
		rows_json(&j, "conflicts", o, &o->conflicts);
	else
		jw_num(&j, "conflicts", (double)NAN, "there is no label in both");
	jw_int(&j, "train_repeats", (int64_t)o->train_repeats);
	names_json(&j, "notes", o->notes, o->note_count);
	jw_object_end(&j);
}
