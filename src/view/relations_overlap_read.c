/* Rows that two data sets have in common, on the reader's thread: compared, and copied into the answer's arena. */
#include <string.h>

#include "relations.h"
#include "view_inside.h"

static const char *copied_text(struct arena *a, const char *text)
{
	return text ? arena_strdup(a, text) : NULL;
}

static const char *const *copied_texts(struct arena *a, const char *const *from, size_t count)
{
	const char **to = arena_array(a, count + 1, sizeof *to);

	for (size_t i = 0; i < count; i++)
		to[i] = arena_strdup(a, from[i]);
	return to;
}

static void copy_labels(struct arena *a, struct overlap_rows *rows)
{
	for (size_t i = 0; i < rows->count && i < OVERLAP_EXAMPLES; i++) {
		rows->first[i].test_label = copied_text(a, rows->first[i].test_label);
		rows->first[i].train_label = copied_text(a, rows->first[i].train_label);
	}
}

/* An answer that nobody waits for any more goes with its arena: nothing of it may stand elsewhere. */
static void copy(struct arena *a, const struct overlap *from, struct overlap *to)
{
	uint8_t *marks = arena_array(a, (size_t)from->test_rows + 1, sizeof *marks);

	*to = *from;
	to->arena = NULL;
	to->columns = copied_texts(a, from->columns, from->column_count);
	to->only_train = copied_texts(a, from->only_train, from->only_train_count);
	to->only_test = copied_texts(a, from->only_test, from->only_test_count);
	to->label = copied_text(a, from->label);
	copy_labels(a, &to->same);
	copy_labels(a, &to->alike);
	copy_labels(a, &to->conflicts);
	if (from->test_rows > 0)
		memcpy(marks, from->marks, (size_t)from->test_rows);
	to->marks = marks;
	to->notes = copied_texts(a, from->notes, from->note_count);
}

/* ---- cells ---- */

static double share_of(const struct overlap *o, enum overlap_kind kind)
{
	return o->test_rows ? (double)overlap_rows_of(o, kind)->count / (double)o->test_rows : 0;
}

static void add_count(struct arena *a, const struct overlap *o, enum overlap_kind kind, style_id style,
                      struct ui_cell *cells)
{
	uint64_t count = overlap_rows_of(o, kind)->count;
	double share = share_of(o, kind);

	cells[0] = list_cell_by(view_cell_count(a, (int64_t)count), style, (double)count);
	cells[1] = list_cell_by(view_cell_percent(a, share), style, share);
}

static struct ui_cell bar(struct arena *a, double share)
{
	double *value = arena_alloc(a, sizeof *value);

	*value = share;
	return (struct ui_cell){.spark = value, .n = 1, .gauge = true, .has_sort = true, .sort = share};
}

static void make_rows(struct overlap_seen *seen, struct arena *a)
{
	const struct overlap *test = &seen->both.test;

	if (test->alike.count == 0)
		return;
	seen->list.rows = arena_array(a, OVERLAP_KINDS, sizeof *seen->list.rows);
	/* Without a label there is one way to be alike. */
	for (int k = 0; k < (test->label ? OVERLAP_KINDS : 1); k++) {
		enum overlap_kind kind = (enum overlap_kind)k;
		struct ui_cell *cells = arena_array(a, LIST_COLUMNS, sizeof *cells);
		bool warn = kind == OVERLAP_SAME ? overlap_leaks(test)
		                                 : kind == OVERLAP_CONFLICTS && test->conflicts.count > 0;

		cells[0] = list_cell(overlap_kind_name(kind), 0);
		add_count(a, test, kind, warn ? STYLE_WARN : 0, cells + 1);
		cells[3] = bar(a, share_of(test, kind));
		add_count(a, &seen->both.train, kind, STYLE_MUTED, cells + 4);
		seen->list.rows[seen->list.count++] = (struct ui_row){.id = k + 1, .cells = cells};
	}
}

/* ---- reading ---- */

static const char *named(struct arena *a, const struct work_data *d)
{
	return arena_printf(a, "%s@%lld", d->name, (long long)d->version);
}

static int compare(const struct desk *desk, const struct work_data *d, const struct work_data *other,
                   struct arena *a, struct overlap_seen *seen, struct error *err)
{
	struct work_overlap both;

	if (work_data_overlap(desk->store, d, other, desk->progress, &both, err) != 0)
		return err->code == ERR_USAGE ? error_prefix(err, "%s and %s", named(a, d), named(a, other)) : -1;
	seen->id = d->id;
	seen->other = other->id;
	seen->name = named(a, d);
	seen->other_name = named(a, other);
	copy(a, &both.test, &seen->both.test);
	copy(a, &both.train, &seen->both.train);
	work_overlap_release(&both);
	make_rows(seen, a);
	return 0;
}

int view_overlap_read(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct overlap_ask *ask = arg;
	struct overlap_seen *seen = arena_alloc(a, sizeof *seen);
	struct work_data d, other;
	int status;

	*result = seen;
	if (work_data_find_id(desk->store, ask->id, &d, err) != 0)
		return -1;
	status = ask->other ? work_data_find_id(desk->store, ask->other, &other, err)
	                    : work_data_find(desk->store, ask->ref, &other, err);
	if (status == 0) {
		status = compare(desk, &d, &other, a, seen, err);
		work_data_release(&other);
	}
	work_data_release(&d);
	return status;
}
