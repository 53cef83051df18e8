/* What the columns of a table have to do with each other: what is measured, in which order, on which rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

const char *relation_kind_name(enum relation_kind kind)
{
	static const char *const names[RELATION_KIND_COUNT] = {"numbers", "categories", "number by category"};

	return names[kind];
}

const char *relation_same_name(enum relation_same_kind kind)
{
	static const char *const names[SAME_KIND_COUNT] = {"equal", "nearly equal", "linear", "renamed"};

	return names[kind];
}

enum relation_note relation_note_of(const char *note)
{
	static const struct {
		const char *begins;
		enum relation_note of;
	} all[] = {{NOTE_PAIRS_FIRST, NOTE_PAIRS},
	           {NOTE_PAIRS_ROWS, NOTE_PAIRS},
	           {NOTE_MISSING_OF, NOTE_MISSING},
	           {NOTE_SAME_FIRST, NOTE_SAME},
	           {NOTE_ROWS_BUT, NOTE_ROWS}};

	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (strncmp(note, all[i].begins, strlen(all[i].begins)) == 0)
			return all[i].of;
	return NOTE_LABEL; /* those begin with names of columns, or with how many there are */
}

const char *relation_trail_name(enum relation_trail_kind kind)
{
	static const char *const names[TRAIL_KIND_COUNT] = {"row order", "id by number", "id by text"};

	return names[kind];
}

/* The columns that are features once this one is the label. */
static size_t *choose_features(const struct table *t, long label, const struct relation_options *o,
                               size_t *count)
{
	size_t *features = xcalloc(t->column_count + 1, sizeof(*features));
	bool *chosen = xcalloc(t->column_count + 1, sizeof(*chosen));

	for (size_t i = 0; i < o->column_count; i++)
		chosen[o->columns[i]] = true;
	*count = 0;
	for (size_t i = 0; i < t->column_count; i++) {
		const struct column *c = &t->columns[i];

		/* What was the label is a feature like any other where another column is now. */
		if ((long)i != label && column_is_feature(c->type, c->roles & ~(unsigned)ROLE_LABEL) &&
		    (!o->column_count || chosen[i]))
			features[(*count)++] = i;
	}
	free(chosen);
	return features;
}

static int find_label(struct relations *r, const struct table *t, const char *name, struct error *err)
{
	const struct column *c;

	r->label = name ? table_need(t, name, err) : table_role(t, ROLE_LABEL);
	if (r->label < 0)
		return name ? -1 : 0;
	c = &t->columns[r->label];
	if (column_is_feature(c->type, 0))
		return 0;
	error_set(err, ERR_USAGE,
	          "the label %s is of type %s, to which nothing is related; a bool, int, num or cat is", c->name,
	          column_type_name(c->type));
	/* Who names another one is told; that which the data set has keeps nobody from all the rest. */
	if (!(c->roles & ROLE_LABEL))
		return -1;
	r->label_why = arena_strdup(r->arena, err->text);
	return 0;
}

static void take_names(struct relations *r, const struct table *t)
{
	const char **names = arena_array(r->arena, t->column_count + 1, sizeof(*names));
	enum column_type *types = arena_array(r->arena, t->column_count + 1, sizeof(*types));

	for (size_t i = 0; i < t->column_count; i++) {
		names[i] = arena_strdup(r->arena, t->columns[i].name);
		types[i] = t->columns[i].type;
	}
	names[t->column_count] = relation_trail_name(TRAIL_ORDER);
	types[t->column_count] = COLUMN_INT;
	r->names = names;
	r->types = types;
	r->column_count = t->column_count;
}

static void take_notes(struct relations *r, const struct note_list *notes)
{
	const char **items = arena_array(r->arena, notes->count + 1, sizeof(*items));

	for (size_t i = 0; i < notes->count; i++)
		items[i] = arena_strdup(r->arena, notes->items[i]);
	r->notes = items;
	r->note_count = notes->count;
}

int relations_table(struct relations *r, const struct table *t, const struct relation_options *options,
                    struct error *err)
{
	const struct relation_options o = options ? *options : (struct relation_options){0};
	const size_t most = o.most ? o.most : RELATION_COLUMNS;
	struct note_list notes = {0};
	size_t count, *features;
	int status;

	*r = (struct relations){.rows = t->row_count, .arena = arena_new()};
	if (find_label(r, t, o.label, err) < 0) {
		relations_release(r);
		return -1;
	}
	take_names(r, t);
	features = choose_features(t, r->label, &o, &count);
	status = relate_columns(r, t, &o, features, count, &notes, err);
	if (status == 0 && r->label >= 0 && !r->label_why && !r->binary && t->columns[r->label].codes)
		note_add(&notes, "no value of the label is named as the positive one, so there is no AUC");
	if (status == 0) {
		relate_missing(r, t, most, o.threads, o.progress, &notes);
		relate_same(r, t, most, o.threads, o.progress, &notes);
		relate_rows(r, t, o.hash_bits, o.threads, o.progress, &notes);
		if (progress_stop(o.progress))
			status = progress_stopped(err);
	}
	take_notes(r, &notes);
	note_list_release(&notes);
	free(features);
	if (status < 0)
		relations_release(r);
	return status;
}

void relations_release(struct relations *r)
{
	arena_free(r->arena);
	*r = (struct relations){0};
}
