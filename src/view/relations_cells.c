/* Relations: the rows of their lists, made on the reader's thread. */
#include <math.h>
#include <string.h>

#include "relations.h"
#include "view_inside.h"

/* ---- what is measured, in words ---- */

double view_relation_signed(const struct relation *p)
{
	double value = p->strength;

	if (!isnan(p->auc.value))
		return p->auc.value < 0.5 ? -value : value;
	if (p->kind != RELATION_NUMBERS)
		return value;
	/* The strength is that of the larger one. */
	if (isnan(p->pearson.r) || fabs(p->spearman.r) > fabs(p->pearson.r))
		return p->spearman.r < 0 ? -value : value;
	return p->pearson.r < 0 ? -value : value;
}

const char *view_relation_measure(struct arena *a, const struct relation *p)
{
	if (!isnan(p->auc.value))
		return isnan(p->auc.low)
		           ? arena_printf(a, "AUC %.3f", p->auc.value)
		           : arena_printf(a, "AUC %.3f [%.3f, %.3f]", p->auc.value, p->auc.low, p->auc.high);
	if (isnan(p->strength))
		return "cannot be told";
	if (p->kind == RELATION_NUMBERS)
		return arena_printf(a, "r %.3f, ranks %.3f", p->pearson.r, p->spearman.r);
	if (p->kind == RELATION_CATEGORIES)
		return arena_printf(a, "V %.3f", p->association.v);
	return arena_printf(a, "eta %.3f", sqrt(p->anova.eta2));
}

/* ---- cells ---- */

static struct ui_cell fixed(struct arena *a, double value, style_id style)
{
	if (isnan(value))
		return list_cell(NULL, STYLE_MUTED);
	return list_cell_by(arena_printf(a, "%.3f", fabs(value) < 0.0005 ? 0 : value), style, value);
}

static struct ui_cell chance(struct arena *a, double p)
{
	if (isnan(p))
		return list_cell(NULL, STYLE_MUTED);
	return list_cell_by(p == 0       ? "<1e-300"
	                    : p < 0.0001 ? arena_printf(a, "%.0e", p)
	                                 : arena_printf(a, "%.4f", p),
	                    STYLE_MUTED, p);
}

static struct ui_cell count(struct arena *a, uint64_t value, style_id style)
{
	return list_cell_by(view_cell_count(a, (int64_t)value), style, (double)value);
}

static struct ui_cell bar(struct arena *a, double share)
{
	double *value = arena_alloc(a, sizeof *value);

	*value = isnan(share) ? 0 : share;
	return (struct ui_cell){.spark = value, .n = 1, .gauge = true, .has_sort = true, .sort = *value};
}

static double measure(const struct relation *p, enum relation_kind kind, double value)
{
	return p->kind == kind ? value : (double)NAN;
}

/* What both lists have after the names. */
static size_t relation_cells(struct arena *a, const struct relation *p, struct ui_cell *cells)
{
	bool nothing = isnan(p->strength);
	size_t n = 0;

	cells[n] = fixed(a, view_relation_signed(p), 0);
	cells[n++].sort = p->strength; /* strong is strong, whichever way */
	cells[n++] = bar(a, p->strength);
	cells[n++] = list_cell(view_relation_measure(a, p), nothing ? STYLE_MUTED : 0);
	cells[n++] = count(a, p->n, STYLE_MUTED);
	cells[n++] = list_cell(relation_kind_name(p->kind), STYLE_MUTED);
	cells[n++] = fixed(a, measure(p, RELATION_NUMBERS, p->pearson.r), 0);
	cells[n++] = fixed(a, measure(p, RELATION_NUMBERS, p->spearman.r), 0);
	cells[n++] = fixed(a, measure(p, RELATION_CATEGORIES, p->association.v), 0);
	cells[n++] = fixed(a, measure(p, RELATION_CATEGORIES, p->association.mutual), 0);
	cells[n++] = fixed(a, measure(p, RELATION_MIXED, sqrt(p->anova.eta2)), 0);
	cells[n++] = chance(a, p->kind == RELATION_NUMBERS      ? p->pearson.p
	                       : p->kind == RELATION_CATEGORIES ? p->association.p
	                                                        : p->anova.p);
	return n;
}

static struct ui_row *rows_of(struct relations_seen *seen, struct arena *a, enum relations_list which,
                              size_t rows)
{
	seen->lists[which].rows = arena_array(a, rows + 1, sizeof(struct ui_row));
	seen->lists[which].count = rows;
	return seen->lists[which].rows;
}

static struct ui_row label_row(struct arena *a, const struct relation *p, struct ui_cell name,
                               const char *sign, int64_t id)
{
	struct ui_cell *cells = arena_array(a, LIST_COLUMNS, sizeof *cells);

	cells[0] = name;
	cells[1] = list_cell_by(sign, STYLE_WARN, *sign != '\0');
	relation_cells(a, p, cells + 2);
	return (struct ui_row){.id = id, .cells = cells};
}

static const char *joined(struct arena *a, const char *list, const char *name)
{
	return list ? arena_printf(a, "%s, %s", list, name) : name;
}

/* Features, and below them what should tell nothing. */
static void label_rows(struct relations_seen *seen, struct arena *a, enum term_charset charset)
{
	const struct relations *r = &seen->r;
	const size_t features = r->label >= 0 ? r->to_label_count : 0;
	struct ui_row *rows = rows_of(seen, a, RELATIONS_LABEL, features + r->trail_count);
	const char *leak = arena_printf(a, "%s leak?", term_glyph(charset, GLYPH_WARN)),
	           *tells = arena_printf(a, "%s tells", term_glyph(charset, GLYPH_WARN));

	for (size_t i = 0; i < features; i++) {
		const struct relation *p = &r->to_label[i];
		seen->leaks += p->leaks;
		seen->falls = seen->falls || (!isnan(p->strength) && view_relation_signed(p) < -0.0005);
		rows[i] = label_row(a, p, list_cell(r->names[p->a], 0), p->leaks ? leak : "", (int64_t)i + 1);
	}
	for (size_t i = 0; i < r->trail_count; i++) {
		const struct relation_trail *t = &r->trails[i];
		const char *name = r->names[t->with.a];

		if (t->tells)
			seen->tells = joined(a, seen->tells, name);
		rows[features + i] = label_row(a, &t->with, list_cell(name, STYLE_MUTED),
		                               t->leaks   ? leak
		                               : t->tells ? tells
		                                          : "",
		                               (int64_t)(features + i) + 1);
	}
	for (size_t i = 0; i < r->time_count; i++)
		if (r->times[i].changes || r->times[i].begin.constant || r->times[i].end.constant)
			seen->changes = joined(a, seen->changes, r->names[r->times[i].column]);
}

/* Pairs of one column stand before the others, and it stands first in them. */
static void pair_rows(struct relations_seen *seen, struct arena *a)
{
	const struct relations *r = &seen->r;
	const char *column = seen->column;
	struct ui_row *rows = rows_of(seen, a, RELATIONS_PAIRS, r->pair_count);
	size_t done = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < r->pair_count; i++) {
			const struct relation *p = &r->pairs[i];
			bool second = *column && strcmp(r->names[p->b], column) == 0;
			bool own = second || (*column && strcmp(r->names[p->a], column) == 0);
			struct ui_cell *cells;

			if (own == (pass == 1))
				continue;
			cells = arena_array(a, LIST_COLUMNS, sizeof *cells);
			cells[0] = list_cell(r->names[second ? p->b : p->a], 0);
			cells[1] = list_cell(r->names[second ? p->a : p->b], 0);
			relation_cells(a, p, cells + 2);
			rows[done++] = (struct ui_row){.id = (int64_t)i + 1, .cells = cells};
		}
}

/* ---- what is missing ---- */

/* "1 income, 3 debt": the numbers that stand above the signs. */
static const char *gap_names(struct relations_seen *seen, struct arena *a, const struct relation_pattern *p)
{
	struct str out;
	const char *text;

	str_init(&out);
	for (size_t i = 0; i < seen->gap_count; i++)
		for (size_t k = 0; k < p->column_count; k++)
			if (p->columns[k] == seen->gaps[i].column)
				str_addf(&out, "%s%zu %s", out.len ? ", " : "", i + 1, seen->r.names[p->columns[k]]);
	text = arena_memdup0(a, out.data, out.len);
	str_release(&out);
	return text;
}

/* Signs are made for the width that there is: view_relations_sign. */
static void pattern_rows(struct relations_seen *seen, struct arena *a)
{
	const struct relations *r = &seen->r;
	struct ui_row *rows = rows_of(seen, a, RELATIONS_PATTERNS, r->pattern_count);
	uint64_t most = 1;

	for (size_t i = 0; i < r->pattern_count; i++)
		most = r->patterns[i].rows > most ? r->patterns[i].rows : most;

	for (size_t i = 0; i < r->pattern_count; i++) {
		const struct relation_pattern *p = &r->patterns[i];
		struct ui_cell *cells = arena_array(a, LIST_COLUMNS, sizeof *cells);
		double share = r->rows ? (double)p->rows / (double)r->rows : (double)NAN;

		cells[0] = count(a, p->rows, 0);
		cells[1] = list_cell_by(view_cell_percent(a, share), 0, share);
		cells[2] = bar(a, (double)p->rows / (double)most);
		cells[RELATIONS_SIGNS] = list_cell("", 0);
		cells[4] = list_cell(gap_names(seen, a, p), 0);
		cells[5] = count(a, p->first_row + 1, STYLE_MUTED);
		rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = cells};
	}
}

static void missing_rows(struct relations_seen *seen, struct arena *a)
{
	const struct relations *r = &seen->r;
	struct ui_row *rows = rows_of(seen, a, RELATIONS_MISSING, r->missing_count);

	for (size_t i = 0; i < r->missing_count; i++) {
		const struct relation_missing *m = &r->missing[i];
		struct ui_cell *cells = arena_array(a, LIST_COLUMNS, sizeof *cells);

		cells[0] = list_cell(r->names[m->a], 0);
		cells[1] = list_cell(r->names[m->b], 0);
		cells[2] = count(a, m->both, 0);
		cells[3] = fixed(a, m->phi, 0);
		cells[4] = fixed(a, m->jaccard, 0);
		cells[5] = bar(a, m->jaccard);
		cells[6] = count(a, m->a_missing, STYLE_MUTED);
		cells[7] = count(a, m->b_missing, STYLE_MUTED);
		rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = cells};
	}
}

/* ---- what is there twice ---- */

static void same_rows(struct relations_seen *seen, struct arena *a)
{
	const struct relations *r = &seen->r;
	struct ui_row *rows = rows_of(seen, a, RELATIONS_SAME, r->same_count);

	for (size_t i = 0; i < r->same_count; i++) {
		const struct relation_same *s = &r->same[i];
		struct ui_cell *cells = arena_array(a, LIST_COLUMNS, sizeof *cells);
		bool told = s->kind == SAME_EQUAL || s->kind == SAME_NEARLY;
		double share = r->rows ? (double)s->same / (double)r->rows : (double)NAN;

		cells[0] = list_cell(r->names[s->a], 0);
		cells[1] = list_cell(r->names[s->b], 0);
		cells[2] = list_cell(relation_same_name(s->kind), s->kind == SAME_EQUAL ? STYLE_WARN : 0);
		cells[3] = told ? count(a, s->same, 0) : list_cell(NULL, STYLE_MUTED);
		cells[4] = told ? list_cell_by(view_cell_percent(a, share), 0, share) : list_cell(NULL, STYLE_MUTED);
		rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = cells};
	}
}

static void duplicate_rows(struct relations_seen *seen, struct arena *a)
{
	const struct relations *r = &seen->r;
	struct ui_row *rows = rows_of(seen, a, RELATIONS_ROWS, r->set_count);
	struct str first;

	str_init(&first);
	for (size_t i = 0; i < r->set_count; i++) {
		const struct relation_rows *s = &r->sets[i];
		struct ui_cell *cells = arena_array(a, LIST_COLUMNS, sizeof *cells);

		str_clear(&first);
		for (size_t k = 0; k < s->count && k < COUNT_OF(s->first); k++)
			str_addf(&first, "%s%s", k ? ", " : "", view_cell_count(a, (int64_t)s->first[k] + 1));
		if (s->count > COUNT_OF(s->first))
			str_adds(&first, ", …");
		cells[0] = list_cell_by(arena_printf(a, "set %zu", i + 1), 0, (double)i);
		cells[1] = count(a, s->count, 0);
		cells[2] = bar(a, r->sets[0].count ? (double)s->count / (double)r->sets[0].count : 0);
		cells[3] = list_cell(arena_memdup0(a, first.data, first.len), 0);
		rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = cells};
	}
	str_release(&first);
}

void view_relations_cells(struct relations_seen *seen, struct arena *a, enum term_charset charset)
{
	label_rows(seen, a, charset);
	pair_rows(seen, a);
	pattern_rows(seen, a);
	missing_rows(seen, a);
	same_rows(seen, a);
	duplicate_rows(seen, a);
}
