/* How bytes are read: what was said, by option. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal.h"

const char *const READING_MISSING_DEFAULT[] = {"", "NA", "NaN", "nan", "null", "NULL", "?"};
const size_t READING_MISSING_DEFAULT_COUNT = COUNT_OF(READING_MISSING_DEFAULT);

static const char *const type_names[COLUMN_TYPE_COUNT] = {"guess", "bool", "int",  "num",
                                                          "cat",   "text", "time", "id"};

static const char *const encoding_names[ENCODING_COUNT] = {"utf-8", "latin-1", "utf-16"};

static const struct {
	unsigned role;
	const char *name;
} roles[] = {
    {ROLE_LABEL, "label"},   {ROLE_PROTECTED, "protected"}, {ROLE_BACKGROUND, "background"},
    {ROLE_WEIGHT, "weight"}, {ROLE_TIME, "time"},           {ROLE_ID, "id"},
};

const char *column_type_name(enum column_type type)
{
	return type < COLUMN_TYPE_COUNT ? type_names[type] : "?";
}

bool column_type_parse(const char *name, enum column_type *type)
{
	for (int i = COLUMN_GUESS + 1; i < COLUMN_TYPE_COUNT; i++)
		if (!strcmp(name, type_names[i])) {
			*type = (enum column_type)i;
			return true;
		}
	return false;
}

const char *encoding_name(enum encoding encoding)
{
	return encoding < ENCODING_COUNT ? encoding_names[encoding] : "?";
}

const char *column_roles_text(unsigned set, struct str *out)
{
	bool any = false;

	for (size_t i = 0; i < COUNT_OF(roles); i++)
		if (set & roles[i].role) {
			if (any)
				str_addc(out, ',');
			str_adds(out, roles[i].name);
			any = true;
		}
	if (!any)
		str_adds(out, "feature");
	return out->data;
}

void reading_init(struct reading *r)
{
	memset(r, 0, sizeof(*r));
	r->encoding = r->delimiter = r->quote = r->header = r->skip = r->comment = r->trim = r->end_mark =
	    READ_GUESS;
}

static void strings_free(char **items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(items[i]);
	free(items);
}

static char **strings_copy(char *const *items, size_t count)
{
	char **copy = count ? xcalloc(count, sizeof(*copy)) : NULL;

	for (size_t i = 0; i < count; i++)
		copy[i] = xstrdup(items[i]);
	return copy;
}

void reading_release(struct reading *r)
{
	strings_free(r->missing, r->missing_count);
	strings_free(r->names, r->name_count);
	for (size_t i = 0; i < r->column_count; i++)
		free(r->columns[i].name);
	free(r->columns);
	free(r->positive);
	reading_init(r);
}

void reading_copy(struct reading *to, const struct reading *from)
{
	*to = *from;
	to->missing = strings_copy(from->missing, from->missing_count);
	to->names = strings_copy(from->names, from->name_count);
	to->positive = from->positive ? xstrdup(from->positive) : NULL;
	to->columns = from->column_count ? xcalloc(from->column_count, sizeof(*to->columns)) : NULL;
	for (size_t i = 0; i < from->column_count; i++) {
		to->columns[i] = from->columns[i];
		to->columns[i].name = xstrdup(from->columns[i].name);
	}
}

struct reading_column *reading_add_column(struct reading *r, const char *name)
{
	r->columns = xreallocarray(r->columns, r->column_count + 1, sizeof(*r->columns));
	r->columns[r->column_count] = (struct reading_column){.name = xstrdup(name), .type = COLUMN_GUESS};
	return &r->columns[r->column_count++];
}

struct reading_column *reading_column(struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->column_count; i++)
		if (!strcmp(r->columns[i].name, name))
			return &r->columns[i];
	return reading_add_column(r, name);
}

const struct reading_column *reading_find(const struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->column_count; i++)
		if (!strcmp(r->columns[i].name, name))
			return &r->columns[i];
	return NULL;
}

const struct reading_column *reading_find_at(const struct reading *r, size_t at, const char *name)
{
	return at < r->column_count && !strcmp(r->columns[at].name, name) ? &r->columns[at]
	                                                                  : reading_find(r, name);
}

const char *reading_label(const struct reading *r)
{
	for (size_t i = 0; i < r->column_count; i++)
		if (r->columns[i].roles & ROLE_LABEL)
			return r->columns[i].name;
	return NULL;
}

void reading_like(struct reading *to, const struct reading *resolved)
{
	reading_copy(to, resolved);
	to->encoding = to->delimiter = to->quote = to->skip = to->comment = to->trim = to->end_mark = READ_GUESS;
	to->resolved = false;
	to->like = true;
	if (resolved->header == READ_YES) {
		strings_free(to->names, to->name_count);
		to->names = NULL;
		to->name_count = 0;
		return;
	}
	if (!to->name_count) {
		to->name_count = resolved->column_count;
		to->names = xcalloc(to->name_count, sizeof(*to->names));
		for (size_t i = 0; i < to->name_count; i++)
			to->names[i] = xstrdup(resolved->columns[i].name);
	}
	/* A file of the same kind may well come with a header although the first one had none. */
	to->header = READ_GUESS;
}

/* ---- options ---- */

/* Comma-separated, "…" round items that hold a comma, a quote in them doubled. */
static int split_list(const char *option, const char *value, char ***items, size_t *count, struct error *err)
{
	const char *p = value;
	struct str item;

	*items = NULL;
	*count = 0;
	str_init(&item);
	for (;;) {
		str_clear(&item);
		if (*p == '"') {
			for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
				if (*p == '"')
					p++;
				str_addc(&item, *p);
			}
			if (*p++ != '"' || (*p && *p != ',')) {
				str_release(&item);
				strings_free(*items, *count);
				return error_set(err, ERR_USAGE,
				                 "--%s %s: a quoted item must end with a quote and be followed by a comma",
				                 option, value);
			}
		} else {
			while (*p && *p != ',')
				str_addc(&item, *p++);
		}
		*items = xreallocarray(*items, *count + 1, sizeof(**items));
		(*items)[(*count)++] = xmemdup0(item.data, item.len);
		if (*p != ',')
			break;
		p++;
	}
	str_release(&item);
	return 0;
}

static int one_byte(const char *option, const char *value, bool none, int *out, struct error *err)
{
	static const struct {
		const char *name;
		char byte;
	} words[] = {{"tab", '\t'}, {"\\t", '\t'}, {"comma", ','}, {"semicolon", ';'}, {"pipe", '|'}};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (!strcmp(value, words[i].name)) {
			*out = words[i].byte;
			return 0;
		}
	if (none && !strcmp(value, "none")) {
		*out = READ_NO;
		return 0;
	}
	if (strlen(value) != 1 || *value == '\n' || *value == '\r')
		return error_set(err, ERR_USAGE, "--%s %s: must be one character%s", option, value,
		                 none ? " or none" : ", tab or space");
	*out = (unsigned char)*value;
	return 0;
}

static int yes_no(const char *option, const char *value, int *out, struct error *err)
{
	if (!value || !strcmp(value, "yes") || !strcmp(value, "true"))
		*out = READ_YES;
	else if (!strcmp(value, "no") || !strcmp(value, "false"))
		*out = READ_NO;
	else
		return error_set(err, ERR_USAGE, "--%s %s: must be yes or no", option, value);
	return 0;
}

static int set_encoding(struct reading *r, const char *value, struct error *err)
{
	for (int i = 0; i < ENCODING_COUNT; i++)
		if (!strcasecmp(value, encoding_names[i])) {
			r->encoding = i;
			return 0;
		}
	return error_set(err, ERR_USAGE, "--encoding %s: must be utf-8, latin-1 or utf-16", value);
}

static int set_role(struct reading *r, const char *option, const char *value, unsigned role, bool many,
                    struct error *err)
{
	char **names;
	size_t count;
	int rc = -1;

	if (split_list(option, value, &names, &count, err) < 0)
		return -1;
	if (!many && count != 1) {
		error_set(err, ERR_USAGE,
		          "--%s %s: takes one column (a name that holds a comma is written in double quotes)", option,
		          value);
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		if (!*names[i]) {
			error_set(err, ERR_USAGE, "--%s %s: a column name is empty", option, value);
			goto out;
		}
	if (!many)
		for (size_t i = 0; i < r->column_count; i++)
			r->columns[i].roles &= ~role;
	for (size_t i = 0; i < count; i++)
		reading_column(r, names[i])->roles |= role;
	rc = 0;
out:
	strings_free(names, count);
	return rc;
}

static int set_type(struct reading *r, const char *value, struct error *err)
{
	const char *eq = strrchr(value, '=');
	enum column_type type;
	char *name;

	if (!eq || eq == value)
		return error_set(err, ERR_USAGE, "--type %s: must be COLUMN=TYPE", value);
	if (!column_type_parse(eq + 1, &type))
		return error_set(err, ERR_USAGE,
		                 "--type %s: the type must be one of bool, int, num, cat, text, time, id", value);
	name = xmemdup0(value, (size_t)(eq - value));
	reading_column(r, name)->type = type;
	free(name);
	return 0;
}

static int set_names(struct reading *r, const char *value, struct error *err)
{
	char **names;
	size_t count;

	if (split_list("names", value, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const char *what = !*names[i] ? "is empty" : NULL;

		for (size_t k = 0; !what && k < i; k++)
			if (!strcmp(names[i], names[k]))
				what = "is there twice";
		if (what) {
			error_set(err, ERR_USAGE, "--names: name %zu (\"%s\") %s", i + 1, names[i], what);
			strings_free(names, count);
			return -1;
		}
	}
	strings_free(r->names, r->name_count);
	r->names = names;
	r->name_count = count;
	return 0;
}

static int set_missing(struct reading *r, const char *value, struct error *err)
{
	char **items;
	size_t count, kept = 1;

	if (split_list("missing", value, &items, &count, err) < 0)
		return -1;
	strings_free(r->missing, r->missing_count);
	r->missing = xcalloc(count + 1, sizeof(*r->missing));
	r->missing[0] = xstrdup("");
	for (size_t i = 0; i < count; i++) {
		bool known = false;

		for (size_t k = 0; k < kept; k++)
			known = known || !strcmp(r->missing[k], items[i]);
		if (!known)
			r->missing[kept++] = xstrdup(items[i]);
	}
	r->missing_count = kept;
	strings_free(items, count);
	return 0;
}

int reading_set(struct reading *r, const char *option, const char *value, struct error *err)
{
	static const struct {
		const char *option;
		unsigned role;
		bool many;
	} role_options[] = {
	    {"label", ROLE_LABEL, false},
	    {"protected", ROLE_PROTECTED, true},
	    {"background", ROLE_BACKGROUND, true},
	    {"weight", ROLE_WEIGHT, false},
	    {"time", ROLE_TIME, false},
	    {"id", ROLE_ID, false},
	};

	if (!strcmp(option, "no-header")) {
		r->header = READ_NO;
		return 0;
	}
	if (!strcmp(option, "header"))
		return yes_no(option, value, &r->header, err);
	if (!strcmp(option, "trim"))
		return yes_no(option, value, &r->trim, err);
	if (!value)
		return error_set(err, ERR_USAGE, "--%s: needs a value", option);
	if (!strcmp(option, "encoding"))
		return set_encoding(r, value, err);
	if (!strcmp(option, "delimiter")) {
		if (!strcmp(value, "space") || !strcmp(value, " ")) {
			r->delimiter = READ_BLANKS;
			return 0;
		}
		return one_byte(option, value, false, &r->delimiter, err);
	}
	if (!strcmp(option, "quote"))
		return one_byte(option, value, true, &r->quote, err);
	if (!strcmp(option, "comment"))
		return one_byte(option, value, true, &r->comment, err);
	if (!strcmp(option, "end-mark"))
		return one_byte(option, value, true, &r->end_mark, err);
	if (!strcmp(option, "skip")) {
		int64_t lines;

		if (!int_parse(value, strlen(value), &lines) || lines < 0 || lines > READ_SKIP_MAX)
			return error_set(err, ERR_USAGE, "--skip %s: must be a number of lines from 0 to %d", value,
			                 READ_SKIP_MAX);
		r->skip = (int)lines;
		return 0;
	}
	if (!strcmp(option, "names"))
		return set_names(r, value, err);
	if (!strcmp(option, "missing"))
		return set_missing(r, value, err);
	if (!strcmp(option, "type"))
		return set_type(r, value, err);
	if (!strcmp(option, "positive")) {
		free(r->positive);
		r->positive = xstrdup(value);
		return 0;
	}
	for (size_t i = 0; i < COUNT_OF(role_options); i++)
		if (!strcmp(option, role_options[i].option))
			return set_role(r, option, value, role_options[i].role, role_options[i].many, err);
	return error_set(err, ERR_USAGE, "--%s: is no option of reading data", option);
}
