/* Rows: the expression as it is typed, and the command that shows the same. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "rows_inside.h"
#include "view_inside.h"

enum { VALUES_MOST = 2000 }; /* columns with more different ones are not looked through at each key */

void rows_filter_check(struct list *l, const char *text, struct ui_check *out)
{
	struct rows_view *r = l->view->state;
	struct error err;
	const char *what;

	out->ok = !*text || table_where_check(&r->held->table, text, &out->at, &err) == 0;
	if (out->ok)
		return;
	/* The place is pointed at. */
	what = strncmp(err.text, "at character ", 13) == 0 ? strstr(err.text, ": ") : NULL;
	snprintf(out->message, sizeof out->message, "%.250s", what ? what + 2 : err.text);
}

/* ---- what it could go on with ---- */

static bool in_name(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '-' || c == '.' || c >= 0x80;
}

/* A name as table_where reads it. */
static void add_name(struct ui_completions *out, const char *name)
{
	bool plain = *name && !isdigit((unsigned char)*name) && *name != '-' && *name != '.';
	struct str quoted;

	for (const char *p = name; *p; p++)
		plain = plain && in_name((unsigned char)*p) &&
		        !(strchr("-.", *p) && !(in_name((unsigned char)p[1]) && p[1] != '-' && p[1] != '.'));
	static const char *const words[] = {"not", "and", "or", "in", "is", "like", "ilike"};
	for (size_t i = 0; i < COUNT_OF(words); i++)
		plain = plain && strcasecmp(words[i], name) != 0;
	if (plain) {
		ui_completions_add(out, name);
		return;
	}
	str_init(&quoted);
	str_addc(&quoted, '"');
	for (const char *p = name; *p; p++)
		str_adds(&quoted, *p == '"' ? "\"\"" : (char[]){*p, 0});
	str_addc(&quoted, '"');
	ui_completions_add(out, quoted.data);
	str_release(&quoted);
}

static void add_value(struct ui_completions *out, const char *value)
{
	struct str quoted;

	str_init(&quoted);
	str_addc(&quoted, '\'');
	for (const char *p = value; *p; p++)
		str_adds(&quoted, *p == '\'' ? "''" : (char[]){*p, 0});
	str_addc(&quoted, '\'');
	ui_completions_add(out, quoted.data);
	str_release(&quoted);
}

/* The column before "= " or "!= " that ends at `end`; NULL: there is none. */
static const struct column *compared(const struct table *t, const char *text, size_t end)
{
	struct str name;
	size_t from;
	long at;

	while (end > 0 && text[end - 1] == ' ')
		end--;
	if (end == 0 || text[end - 1] != '=')
		return NULL;
	while (end > 0 && strchr("=!<>", text[end - 1]))
		end--;
	while (end > 0 && text[end - 1] == ' ')
		end--;
	str_init(&name);
	if (end > 0 && (text[end - 1] == '"' || text[end - 1] == '`')) {
		char quote = text[end - 1];

		for (from = end - 1; from > 0 && text[from - 1] != quote; from--)
			;
		str_add(&name, text + from, end - 1 - from);
	} else {
		for (from = end; from > 0 && in_name((unsigned char)text[from - 1]); from--)
			;
		str_add(&name, text + from, end - from);
	}
	at = table_find(t, name.data);
	str_release(&name);
	return at < 0 ? NULL : &t->columns[at];
}

void rows_filter_complete(struct list *l, const char *text, size_t cursor, struct ui_completions *out)
{
	const struct table *t = &((struct rows_view *)l->view->state)->held->table;
	size_t from = cursor, skip;
	const struct column *c;

	while (from > 0 && in_name((unsigned char)text[from - 1]))
		from--;
	if (from > 0 && strchr("'\"`", text[from - 1]))
		from--;
	skip = from < cursor && strchr("'\"`", text[from]) ? 1 : 0;
	out->from = from;
	c = compared(t, text, from);
	if (c && c->codes && c->dict->count <= VALUES_MOST) {
		for (size_t i = 0; i < c->dict->count; i++)
			if (strncasecmp(c->dict->entries[i].bytes, text + from + skip, cursor - from - skip) == 0)
				add_value(out, c->dict->entries[i].bytes);
	} else if (!c && cursor > from) {
		for (size_t i = 0; i < t->column_count; i++)
			if (strncasecmp(t->columns[i].name, text + from + skip, cursor - from - skip) == 0)
				add_name(out, t->columns[i].name);
	}
}

/* ---- the same from a shell ---- */

void rows_filter_say(struct rows_view *r)
{
	if (r->only || r->equal)
		return;
	if (r->list.filter[0])
		view_command(r->list.view->ui, (const char *[]){"assay", "data", "rows", r->held->name, "--where",
		                                                r->list.filter, NULL});
	else
		view_command(r->list.view->ui, (const char *[]){"assay", "data", "rows", r->held->name, NULL});
}

void rows_filtered(struct list *l)
{
	rows_filter_say(l->view->state);
}
