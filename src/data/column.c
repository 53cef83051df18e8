/* A table once it is there: finding columns, cells as text, the label, rows taken out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"

long table_find(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->column_count; i++)
		if (!strcmp(t->columns[i].name, name))
			return (long)i;
	return -1;
}

long table_need(const struct table *t, const char *name, struct error *err)
{
	long at = table_find(t, name);
	const char **names, *near;
	struct str list;

	if (at >= 0)
		return at;
	names = xcalloc(t->column_count, sizeof(*names));
	str_init(&list);
	for (size_t i = 0; i < t->column_count; i++) {
		names[i] = t->columns[i].name;
		if (i < 12)
			str_addf(&list, "%s%s", i ? ", " : "", names[i]);
	}
	near = name_nearest(name, names, t->column_count);
	if (near)
		error_set(err, ERR_USAGE, "there is no column \"%s\"; did you mean \"%s\"?", name, near);
	else
		error_set(err, ERR_USAGE, "there is no column \"%s\"; the columns are %s%s", name, list.data,
		          t->column_count > 12 ? ", …" : "");
	str_release(&list);
	free(names);
	return -1;
}

long table_role(const struct table *t, enum column_role role)
{
	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].roles & role)
			return (long)i;
	return -1;
}

bool column_is_missing(const struct column *c, size_t row)
{
	return c->codes    ? c->codes[row] == CODE_MISSING
	       : c->packed ? c->packed[row] == PACKED_MISSING
	                   : isnan(c->values[row]);
}

double column_number(const struct column *c, size_t row)
{
	return c->packed ? packed_value(c->packed[row], c->decimals) : c->values[row];
}

bool column_is_feature(enum column_type type, unsigned roles)
{
	return !(roles & ROLES_NOT_FEATURE) && type != COLUMN_TEXT && type != COLUMN_TIME && type != COLUMN_ID;
}

void column_cell(const struct column *c, size_t row, struct str *out)
{
	char text[TIME_TEXT > NUM_TEXT ? TIME_TEXT : NUM_TEXT];

	if (column_is_missing(c, row))
		return;
	if (c->codes) {
		const struct intern_entry *e = &c->dict->entries[c->codes[row]];

		str_add(out, e->bytes, e->len);
	} else {
		str_adds(out, value_text(c->type, column_number(c, row), text));
	}
}

/* `out` has room for a number and for a time. */
const char *value_text(enum column_type type, double value, char *out)
{
	if (type == COLUMN_BOOL)
		return value != 0 ? "true" : "false";
	if (type == COLUMN_TIME)
		return time_rfc3339((int64_t)value, out);
	/* Whole numbers of up to 15 digits as they were written, not as 1e+15. */
	if (value == trunc(value) && fabs(value) <= 0x1p53) {
		snprintf(out, NUM_TEXT, "%.0f", value == 0 ? 0.0 : value);
		return out;
	}
	return num_shortest(value, out);
}

void table_take(struct table *to, const struct table *from, const size_t *rows, size_t count)
{
	memset(to, 0, sizeof(*to));
	to->owner = xcalloc(1, sizeof(*to->owner));
	to->owner->arena = arena_new();
	to->columns = arena_array(to->owner->arena, from->column_count, sizeof(*to->columns));
	to->column_count = from->column_count;
	to->row_count = count;
	to->files = from->files;
	to->file_count = from->file_count;
	to->notes = from->notes;
	to->note_count = from->note_count;
	reading_copy(&to->reading, &from->reading);
	for (size_t i = 0; i < from->column_count; i++) {
		const struct column *source = &from->columns[i];
		struct column *c = &to->columns[i];

		*c = *source;
		c->missing_by = NULL;
		c->spelled = NULL;
		c->missing = 0;
		if (source->codes) {
			c->codes = xmalloc(size_mul(count + 1, sizeof(*c->codes)));
			for (size_t k = 0; k < count; k++) {
				c->codes[k] = source->codes[rows[k]];
				c->missing += c->codes[k] == CODE_MISSING;
			}
		} else if (source->packed) {
			c->packed = xmalloc(size_mul(count + 1, sizeof(*c->packed)));
			for (size_t k = 0; k < count; k++) {
				c->packed[k] = source->packed[rows[k]];
				c->missing += c->packed[k] == PACKED_MISSING;
			}
		} else {
			c->values = xmalloc(size_mul(count + 1, sizeof(*c->values)));
			for (size_t k = 0; k < count; k++) {
				c->values[k] = source->values[rows[k]];
				c->missing += isnan(c->values[k]);
			}
		}
	}
}

/* ---- label ---- */

/* "'<=50K' and '>50K'", the first few of them. */
static void values_text(const struct column *c, size_t rows, struct str *out)
{
	struct intern seen;
	struct str cell;
	size_t shown;

	intern_init(&seen);
	str_init(&cell);
	for (size_t i = 0; i < rows && seen.count < 6; i++) {
		if (column_is_missing(c, i))
			continue;
		str_clear(&cell);
		column_cell(c, i, &cell);
		intern_add(&seen, cell.data, cell.len);
	}
	shown = seen.count < 5 ? seen.count : 5;
	for (size_t i = 0; i < shown; i++) {
		const char *text = intern_text(&seen, (uint32_t)i);

		str_addf(out, "%s'%.40s%s'",
		         i == 0                ? ""
		         : i + 1 == seen.count ? " and "
		                               : ", ",
		         text, strlen(text) > 40 ? "…" : "");
	}
	if (seen.count > shown)
		str_adds(out, ", …");
	if (!seen.count)
		str_adds(out, "none");
	str_release(&cell);
	intern_release(&seen);
}

bool column_positive(enum column_type type, const char *positive, double *value)
{
	struct number_facts facts;
	size_t len = strlen(positive);
	int64_t ms;

	if (type == COLUMN_BOOL && cell_bool(positive, len, value))
		return true;
	if (type == COLUMN_TIME) {
		if (!time_parse(positive, len, &ms))
			return false;
		*value = (double)ms;
		return true;
	}
	return cell_number(positive, len, value, &facts);
}

bool column_varies(const struct column *c, size_t rows)
{
	size_t first = 0, i;

	while (first < rows && column_is_missing(c, first))
		first++;
	for (i = first + 1; i < rows; i++)
		if (!column_is_missing(c, i) &&
		    (c->codes ? c->codes[i] != c->codes[first] : column_number(c, i) != column_number(c, first)))
			return true;
	return false;
}

int table_label(const struct table *t, const char *label, const char *positive, double *out,
                struct error *err)
{
	long at = table_need(t, label, err);
	const struct column *c;
	size_t ones = 0, zeros = 0;
	bool other = false, matchable = true;
	uint32_t code = CODE_MISSING;
	double value = 1;
	struct str values;

	if (at < 0)
		return -1;
	c = &t->columns[at];
	if (!positive && (c->roles & ROLE_LABEL))
		positive = t->reading.positive;
	if (c->codes)
		code = intern_find(c->dict, positive ? positive : "1", strlen(positive ? positive : "1"));
	else if (positive)
		matchable = column_positive(c->type, positive, &value);
	for (size_t i = 0; i < t->row_count; i++) {
		bool one = c->codes ? c->codes[i] == code : column_number(c, i) == value;

		if (column_is_missing(c, i)) {
			out[i] = NAN;
			continue;
		}
		one = one && matchable;
		ones += one;
		zeros += !one;
		other = other || (!one && !c->codes && column_number(c, i) != 0);
		out[i] = one ? 1 : 0;
	}
	if (ones && zeros && (positive || (!c->codes && !other)))
		return 0;

	str_init(&values);
	values_text(c, t->row_count, &values);
	if (ones + zeros == 0)
		error_set(err, ERR_USAGE, "the label %s holds no value at all", label);
	else if (positive && !ones)
		error_set(err, ERR_USAGE, "the positive value '%s' never occurs in the label %s; its values are %s",
		          positive, label, values.data);
	else if (positive || (!c->codes && !other) || !column_varies(c, t->row_count))
		error_set(err, ERR_USAGE, "the label %s has one class only: %s", label, values.data);
	else
		error_set(err, ERR_USAGE,
		          "which value of the label %s counts as positive? Say --positive; its values are %s", label,
		          values.data);
	str_release(&values);
	return -1;
}
