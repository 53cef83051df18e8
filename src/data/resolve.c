/* What a column is, once all of its values were seen; and what the person said of it, checked. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "assay/stats.h"
#include "internal.h"

/* "id", "loan_id", "loan-id", "loan id", "loanId", "LOAN_ID". */
bool called_id(const char *name)
{
	size_t len = strlen(name);

	if (len < 2 || strcasecmp(name + len - 2, "id") != 0)
		return false;
	return len == 2 || strchr("_-. ", name[len - 3]) ||
	       (islower((unsigned char)name[len - 3]) && name[len - 2] == 'I');
}

bool utf8_valid(const unsigned char *p, size_t len)
{
	const unsigned char *end = p + len;

	while (p < end) {
		unsigned lead = *p++;
		int more = lead < 0x80                   ? 0
		           : lead >= 0xC2 && lead < 0xE0 ? 1
		           : lead >= 0xE0 && lead < 0xF0 ? 2
		           : lead >= 0xF0 && lead < 0xF5 ? 3
		                                         : -1;

		if (more < 0 || end - p < more)
			return false;
		if ((lead == 0xE0 && *p < 0xA0) || (lead == 0xED && *p > 0x9F) || (lead == 0xF0 && *p < 0x90) ||
		    (lead == 0xF4 && *p > 0x8F))
			return false;
		for (; more > 0; more--)
			if ((*p++ & 0xC0) != 0x80)
				return false;
	}
	return true;
}

/* ---- what a column is ---- */

/* Beyond 50 different ones, nearly every other value or long ones. */
static enum column_type coded_type(const struct column_facts *f)
{
	uint64_t values = f->rows - f->missing;

	if (f->distinct > 50 && (f->distinct * 2 > values || f->bytes > f->distinct * 80))
		return COLUMN_TEXT;
	return COLUMN_CAT;
}

enum column_type column_type_of(const char *name, unsigned roles, const struct column_facts *f,
                                struct note_list *notes)
{
	bool may_be_id = (called_id(name) || (roles & ROLE_ID)) && f->missing == 0 && f->rows > 1;
	enum column_type type;

	if (f->forced != COLUMN_GUESS) {
		if (f->forced == COLUMN_INT && f->rounded)
			note_add(notes, "column %s holds whole numbers beyond 2^53: they are rounded", name);
		return f->forced;
	}
	if (f->mode == CELL_TIME)
		return COLUMN_TIME;
	if (f->mode == CELL_CODES)
		return f->truth_words                            ? COLUMN_BOOL
		       : may_be_id && f->all_different(f, notes) ? COLUMN_ID
		                                                 : coded_type(f);
	type = f->saw_number && f->all_whole ? COLUMN_INT : COLUMN_NUM;
	if (type == COLUMN_INT && may_be_id && !f->rounded && f->all_different(f, notes))
		return COLUMN_ID;
	if (type == COLUMN_INT && f->rounded)
		note_add(notes,
		         "column %s holds whole numbers beyond 2^53: they are rounded (--type '%s=id' or cat "
		         "keeps them)",
		         name, name);
	if (!f->saw_number && f->rows)
		note_add(notes, "column %s holds no value at all", name);
	return type;
}

static void note_codes(const struct column *c, const struct column_facts *f, struct note_list *notes)
{
	if (f->mode != CELL_CODES || c->type == COLUMN_BOOL)
		return;
	if (f->not_utf8 && f->not_utf8 <= f->distinct)
		note_add(notes,
		         "column %s holds bytes that are not UTF-8 (value %llu of its %llu different ones); they "
		         "are kept as they are",
		         c->name, (unsigned long long)f->not_utf8, (unsigned long long)f->distinct);
	else if (f->not_utf8)
		note_add(notes, "column %s holds bytes that are not UTF-8; they are kept as they are", c->name);
	/* Not where the type was said. */
	if (f->forced == COLUMN_GUESS && (c->type == COLUMN_CAT || c->type == COLUMN_TEXT) && f->distinct &&
	    f->all_numbers)
		note_add(notes,
		         "column %s holds numbers with leading zeros: read as codes (--type '%s=num' reads numbers)",
		         c->name, c->name);
}

/* ---- of a column that is here ---- */

/* How many of the first values of a column without missing ones each exceed the one before them. */
static size_t rising(const struct column *c, size_t n)
{
	size_t i = 1;

	if (c->packed)
		while (i < n && c->packed[i] > c->packed[i - 1])
			i++;
	else
		while (i < n && c->values[i] > c->values[i - 1])
			i++;
	return i;
}

static bool all_different(const struct column_facts *f, struct note_list *notes)
{
	const struct column *c = f->of;
	const size_t n = (size_t)f->rows;
	double *sorted;
	bool different;

	(void)notes;
	if (f->mode == CELL_CODES)
		return c->dict->count == n;
	if (rising(c, n) >= n)
		return true;
	sorted = xmalloc(size_mul(n, sizeof(*sorted)));
	for (size_t i = 0; i < n; i++)
		sorted[i] = column_number(c, i);
	stats_sort(sorted, n);
	different = stats_distinct(sorted, n) == n;
	free(sorted);
	return different;
}

void column_facts_texts(struct column_facts *f, const struct intern *dict)
{
	f->distinct = dict->count;
	f->truth_words = dict->count > 0 && dict->count <= TRUTH_WORDS_MOST;
	f->all_numbers = true;
	for (size_t i = 0; i < dict->count; i++) {
		const struct intern_entry *e = &dict->entries[i];
		struct number_facts number;
		double value;

		f->bytes += e->len;
		f->truth_words = f->truth_words && cell_bool(e->bytes, e->len, &value);
		f->all_numbers = f->all_numbers && cell_number(e->bytes, e->len, &value, &number);
		if (!f->not_utf8 && !utf8_valid((const unsigned char *)e->bytes, e->len))
			f->not_utf8 = i + 1;
	}
}

static void facts_of(struct column_facts *f, const struct column *c, const struct build_column *b,
                     size_t rows)
{
	*f = (struct column_facts){.mode = b->mode,
	                           .forced = b->forced,
	                           .saw_number = b->saw_number,
	                           .all_whole = b->all_whole,
	                           .rounded = b->rounded,
	                           .rows = rows,
	                           .missing = b->missing,
	                           .all_different = all_different,
	                           .of = c};
	if (b->mode == CELL_CODES)
		column_facts_texts(f, c->dict);
}

/* Truth words become 0 and 1. */
static void to_bool(struct column *c, struct build_column *b, size_t rows)
{
	double value[TRUTH_WORDS_MOST] = {0};

	for (size_t i = 0; i < c->dict->count; i++)
		cell_bool(c->dict->entries[i].bytes, c->dict->entries[i].len, &value[i]);
	c->values = xmalloc(size_mul(rows, sizeof(double)));
	for (size_t i = 0; i < rows; i++)
		c->values[i] = c->codes[i] == CODE_MISSING ? (double)NAN : value[c->codes[i]];
	free(b->codes);
	b->codes = c->codes = NULL;
	b->values = c->values;
}

/* ---- roles ---- */

int weight_refused(const struct table *about, const char *column, uint64_t row, double value,
                   struct error *err)
{
	static const struct table_file none = {.path = "the table"};
	const struct table_file *file = about->file_count ? &about->files[about->file_count - 1] : &none;

	while (file->first_row > row)
		file--;
	return error_set(err, ERR_USAGE, "%s: column %s is the weight, but the value of row %llu is %s",
	                 file->path, column, (unsigned long long)(row - file->first_row) + 1,
	                 isnan(value)                ? "missing"
	                 : value < 0 || isinf(value) ? "negative or infinite"
	                 : value > 1e15              ? "above 1e15"
	                                             : "no whole number, as a frequency is (--weights sampling)");
}

static int check_roles(const struct table *t, const struct column *c, size_t rows, struct note_list *notes,
                       struct error *err)
{
	const struct table_file *file = &t->files[0];
	bool number = c->type == COLUMN_INT || c->type == COLUMN_NUM || c->type == COLUMN_BOOL;

	const int apart = c->roles & ROLES_NOT_FEATURE;

	/* Only the label, the weight, the time or the id: a column that is two of them is neither. */
	if (apart & (apart - 1))
		return error_set(err, ERR_USAGE, "%s: column %s cannot be the %s and the %s as well", file->path,
		                 c->name,
		                 apart & ROLE_LABEL    ? "label"
		                 : apart & ROLE_WEIGHT ? "weight"
		                                       : "time",
		                 apart & ROLE_ID     ? "id"
		                 : apart & ROLE_TIME ? "time"
		                                     : "weight");
	if ((c->roles & ROLE_WEIGHT) && !number)
		return error_set(err, ERR_USAGE, "%s: column %s is the weight, but it does not hold numbers",
		                 file->path, c->name);
	if (c->roles & ROLE_WEIGHT)
		for (size_t i = 0; i < rows; i++)
			if (!(c->values[i] >= 0) || isinf(c->values[i]))
				return weight_refused(t, c->name, i, c->values[i], err);
	if ((c->roles & ROLE_TIME) && c->type != COLUMN_TIME && !number)
		return error_set(err, ERR_USAGE,
		                 "%s: column %s is the time, but it holds neither times (2026-11-23, "
		                 "2026-11-23T09:12:00Z) nor numbers",
		                 file->path, c->name);
	if ((c->roles & ROLE_ID) && c->type != COLUMN_ID)
		note_add(notes, "column %s is the id, but its values are not all there or repeat", c->name);
	return 0;
}

static int check_positive(const struct table *t, struct error *err)
{
	long label = table_role(t, ROLE_LABEL);
	const struct column *c = label < 0 ? NULL : &t->columns[label];
	double *values;
	struct error why;
	int rc;

	if (!t->reading.positive)
		return 0;
	if (label < 0)
		return error_set(err, ERR_USAGE, "--positive %s: needs --label, the column that holds it",
		                 t->reading.positive);
	if (!c->values && !c->codes && !c->packed)
		return 0; /* another pass has it */
	values = xmalloc(size_mul(t->row_count + 1, sizeof(*values)));
	rc = table_label(t, c->name, NULL, values, &why);
	free(values);
	/* One class is no fault of the data set; training says so. A positive value that never occurs is a slip.
	 */
	if (rc < 0 && strstr(why.text, "never occurs"))
		return error_set(err, ERR_USAGE, "%s: %s", t->files[0].path, why.text);
	return 0;
}

void resolve_types(struct table *t, const struct column_facts *facts, const struct reading *asked,
                   struct note_list *notes)
{
	struct reading *r = &t->reading;
	size_t ids = 0, id = 0;

	for (size_t i = 0; i < t->column_count; i++) {
		struct column *c = &t->columns[i];
		const struct reading_column *said = reading_find_at(asked, i, c->name);

		c->roles = said ? said->roles : 0;
		c->rounded = facts[i].rounded;
		c->type = column_type_of(c->name, c->roles, &facts[i], notes);
		note_codes(c, &facts[i], notes);
		if (c->type == COLUMN_ID) {
			ids++;
			id = i;
		}
	}
	if (!asked->resolved && table_role(t, ROLE_ID) < 0 && ids == 1 && t->columns[id].roles == 0) {
		t->columns[id].roles = ROLE_ID;
		note_add(notes, "column %s names the rows (id)", t->columns[id].name);
	}
	for (size_t i = 0; i < r->column_count; i++)
		free(r->columns[i].name);
	free(r->columns);
	r->columns = xcalloc(t->column_count, sizeof(*r->columns));
	r->column_count = t->column_count;
	for (size_t i = 0; i < t->column_count; i++)
		r->columns[i] =
		    (struct reading_column){xstrdup(t->columns[i].name), t->columns[i].type, t->columns[i].roles};
	if (!r->missing_count) {
		r->missing_count = READING_MISSING_DEFAULT_COUNT;
		r->missing = xcalloc(r->missing_count, sizeof(*r->missing));
		for (size_t i = 0; i < r->missing_count; i++)
			r->missing[i] = xstrdup(READING_MISSING_DEFAULT[i]);
	}
	r->resolved = true;
	r->like = false;
}

int resolve_check(const struct table *t, const struct reading *asked, struct note_list *notes,
                  struct error *err)
{
	bool here = false;

	for (size_t i = 0; i < t->column_count; i++) {
		const struct column *c = &t->columns[i];

		here = here || c->values || c->codes || c->packed;
		if (check_roles(t, c, c->values ? t->row_count : 0, notes, err) < 0)
			return -1;
	}
	return asked->like || !here ? 0 : check_positive(t, err);
}

int resolve_columns(struct table *t, struct build *b, const struct reading *asked, struct note_list *notes,
                    struct error *err)
{
	struct column_facts *facts = xcalloc(t->column_count + 1, sizeof(*facts));

	for (size_t i = 0; i < t->column_count; i++) {
		if (b->columns[i].skipped)
			passes_facts(b->passes, i, &facts[i]);
		else
			facts_of(&facts[i], &t->columns[i], &b->columns[i], t->row_count);
		t->columns[i].missing = (size_t)facts[i].missing;
	}
	resolve_types(t, facts, asked, notes);
	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].type == COLUMN_BOOL && t->columns[i].codes)
			to_bool(&t->columns[i], &b->columns[i], t->row_count);
	if (b->passes)
		passes_end(b, t, facts);
	free(facts);
	return resolve_check(t, asked, notes, err);
}
