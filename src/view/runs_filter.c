/* Runs: the filter as it is typed, with what it could go on with. */
#include <string.h>
#include <strings.h>

#include "runs_inside.h"

enum { OFFERED_MOST = 50 };

static void filter_check(void *user, const char *text, struct ui_check *out)
{
	struct error err;

	(void)user;
	out->ok = store_filter_check(text, &out->at, &err) == 0;
	if (strlen(text) >= RUNS_FILTER) {
		out->ok = false;
		out->at = RUNS_FILTER - 1;
		snprintf(out->message, sizeof out->message, "a filter has at most %d characters", RUNS_FILTER - 1);
	} else if (!out->ok) {
		/* The place is pointed at. */
		const char *what = strncmp(err.text, "filter, character ", 18) == 0 ? strstr(err.text, ": ") : NULL;

		snprintf(out->message, sizeof out->message, "%.250s", what ? what + 2 : err.text);
	}
}

void runs_filter_set(struct runs *r, const char *text)
{
	if (strlen(text) >= RUNS_FILTER || strcmp(r->shape.filter, text) == 0)
		return;
	snprintf(r->shape.filter, sizeof r->shape.filter, "%s", text);
	runs_other_scope(r);
}

static void filter_change(void *user, const char *text)
{
	runs_filter_set(user, text);
}

static void filter_accept(void *user, const char *text)
{
	struct runs *r = user;
	struct runs_scope scope;
	struct arena *a;
	const char *whole;

	runs_filter_set(r, text);
	runs_remember(r);
	if (!r->shape.filter[0])
		return;
	a = arena_new();
	runs_scope_now(r, &scope);
	whole = runs_scope_filter(&scope, a);
	view_command(r->view->ui, (const char *[]){"assay", "runs", "--where", whole, NULL});
	arena_free(a);
}

static void filter_cancel(void *user)
{
	struct runs *r = user;

	runs_filter_set(r, r->filter_before);
}

/* ---- completion ---- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.' || c == '@' || c == '-' || c == '/' || c == '[' || c == ']' || (unsigned char)c >= 0x80;
}

/* Where what is being typed begins: a quote that is open, else a word. */
static size_t token_start(const char *text, size_t cursor)
{
	size_t open = SIZE_MAX, from = cursor;

	for (size_t i = 0; i < cursor; i++) {
		if (open != SIZE_MAX)
			open = text[i] == text[open] ? SIZE_MAX : open;
		else if (text[i] == '\'' || text[i] == '"' || text[i] == '`')
			open = i;
	}
	if (open != SIZE_MAX && text[open] == '\'')
		return open;
	if (open != SIZE_MAX)
		from = open;
	while (from > 0 && is_word(text[from - 1]))
		from--;
	return from;
}

static size_t skip_back(const char *text, size_t end)
{
	while (end > 0 && text[end - 1] == ' ')
		end--;
	return end;
}

static bool word_before(const char *text, size_t end, const char *word)
{
	size_t len = strlen(word);

	return end > len && strncasecmp(text + end - len, word, len) == 0 && text[end - len - 1] == ' ';
}

/* "params.team = ri": the field whose value is being typed. */
static bool field_before(const char *text, size_t from, char field[RUNS_KEY])
{
	size_t end = skip_back(text, from), start;
	/* In a list, the words before it have been typed already. */
	size_t open = end;

	while (open > 0 && text[open - 1] != '(' && text[open - 1] != ')')
		open--;
	if (open > 0 && text[open - 1] == '(' && word_before(text, skip_back(text, open - 1), "in"))
		end = skip_back(text, open - 1) - 2;
	else if (word_before(text, end, "ilike"))
		end -= 5;
	else if (word_before(text, end, "like"))
		end -= 4;
	else if (end > 0 && text[end - 1] == '=')
		end -= end > 1 && strchr("!=", text[end - 2]) ? 2 : 1;
	else if (end > 1 && text[end - 1] == '>' && text[end - 2] == '<')
		end -= 2;
	else
		return false;
	start = end = skip_back(text, end);
	if (start > 0 && text[start - 1] == '`')
		for (start--; start > 0 && text[start - 1] != '`'; start--)
			;
	while (start > 0 && (is_word(text[start - 1]) || text[start - 1] == '`'))
		start--;
	if (start == end || end - start >= RUNS_KEY)
		return false;
	snprintf(field, RUNS_KEY, "%.*s", (int)(end - start), text + start);
	return !runs_key_is(field, "metrics.");
}

/* From what the reader found last, if it still is about this; else it is asked, and the prompt is told when the
 * answer is here. */
static void offer_values(struct runs *r, const char *field, const char *prefix, struct ui_completions *out)
{
	static const char *const statuses[] = {"queued", "running", "done", "failed", "killed", "lost"};
	const struct runs_values *v = r->values;
	size_t len = strlen(prefix);
	bool about = v && strcmp(v->field, field) == 0 &&
	             (strcmp(v->prefix, prefix) == 0 || (v->all && runs_key_is(prefix, v->prefix)));

	if (strcmp(field, "status") == 0) {
		for (size_t i = 0; i < COUNT_OF(statuses); i++)
			if (runs_key_is(statuses[i], prefix))
				ui_completions_add(out, statuses[i]);
		return;
	}
	for (size_t i = 0; about && i < v->count && out->count < OFFERED_MOST; i++) {
		const char *bare = v->values[i] + (v->values[i][0] == '\'');

		if (strncmp(bare, prefix, len) == 0)
			ui_completions_add(out, v->values[i]);
	}
	if (!about) {
		struct runs_values_ask ask;

		snprintf(ask.field, sizeof ask.field, "%s", field);
		snprintf(ask.prefix, sizeof ask.prefix, "%s", prefix);
		ui_ask_front(r->view, TAG_VALUES, view_runs_read_values, &ask, sizeof ask, NULL);
	}
}

void runs_filter_values(struct runs *r, struct ui_result *result)
{
	arena_free(r->values_arena);
	r->values_arena = result->arena;
	r->values = result->data;
	result->arena = NULL;
	ui_prompt_complete(r->view);
}

/* The key without the quote that its name may begin with: people do not type it before they know that it must be. */
static void unquoted(const char *key, size_t len, char out[RUNS_KEY])
{
	const char *point = memchr(key, '.', len);
	size_t at = point ? (size_t)(point + 1 - key) : 0;

	size_t skip = at < len && (key[at] == '`' || key[at] == '"');

	snprintf(out, RUNS_KEY, "%.*s%.*s", (int)at, key, (int)(len - at - skip), key + at + skip);
}

/* "au" finds metrics.auc as well as "metrics.a" does. */
static bool name_begins(const char *name, const char *typed)
{
	char plain[RUNS_KEY];
	const char *point;

	unquoted(name, strlen(name), plain);
	point = strchr(plain, '.');
	return runs_key_is(plain, typed) || (point && runs_key_is(point + 1, typed));
}

static void offer_names(const struct runs *r, const char *typed, struct ui_completions *out)
{
	static const char *const words[] = {
	    "name",    "id",         "experiment", "status",   "kind",     "user",     "host",    "source",
	    "created", "started",    "ended",      "duration", "progress", "archived", "removed", "flag",
	    "done",    "failed",     "running",    "and",      "or",       "not",      "like",    "ilike",
	    "in (",    "is missing", "best(",      "min(",     "max(",     "mean(",    "first(",  "last("};
	char plain[RUNS_KEY];
	size_t len = strlen(typed);

	unquoted(typed, len, plain);
	for (size_t i = 0; r->names && i < r->names->count && out->count < OFFERED_MOST; i++)
		if (name_begins(r->names->names[i], plain))
			ui_completions_add(out, r->names->names[i]);
	for (size_t i = 0; r->names && i < r->names->context_count && out->count < OFFERED_MOST; i++)
		if (name_begins(r->names->contexts[i], plain))
			ui_completions_add(out, r->names->contexts[i]);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strncmp(words[i], typed, len) == 0 && strlen(words[i]) > len)
			ui_completions_add(out, words[i]);
}

/* Behind an operator stands a value; only some fields have values that could be offered. */
static bool operator_before(const char *text, size_t from)
{
	size_t end = skip_back(text, from);

	return end > 0 && strchr("=<>~", text[end - 1]);
}

static bool is_time(const char *text, size_t from)
{
	static const char *const fields[] = {"created", "started", "ended", "archived", "removed"};
	size_t end = skip_back(text, from), signs = end;

	while (end > 0 && strchr("<>=", text[end - 1]))
		end--;
	if (signs == end)
		return false;
	end = skip_back(text, end);
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		size_t len = strlen(fields[i]);

		if (end >= len && strncmp(text + end - len, fields[i], len) == 0)
			return true;
	}
	return false;
}

static void filter_complete(void *user, const char *text, size_t cursor, struct ui_completions *out)
{
	static const char *const times[] = {"-1h", "-1d", "-7d", "-4w"};
	struct runs *r = user;
	size_t from = token_start(text, cursor);
	char field[RUNS_KEY], prefix[RUNS_KEY];

	out->from = from;
	snprintf(prefix, sizeof prefix, "%.*s", (int)(cursor - from), text + from);
	if (is_time(text, from)) {
		for (size_t i = 0; i < COUNT_OF(times); i++)
			if (runs_key_is(times[i], prefix))
				ui_completions_add(out, times[i]);
	} else if (field_before(text, from, field)) {
		offer_values(r, field, prefix[0] == '\'' ? prefix + 1 : prefix, out);
	} else if (prefix[0] && prefix[0] != '\'' && !operator_before(text, from)) {
		offer_names(r, prefix, out);
	}
}

void runs_filter_open(struct runs *r)
{
	struct ui_prompt prompt = {.label = "/",
	                           .text = r->shape.filter,
	                           .history = "runs-filter",
	                           .user = r,
	                           .check = filter_check,
	                           .complete = filter_complete,
	                           .change = filter_change,
	                           .accept = filter_accept,
	                           .cancel = filter_cancel};

	memcpy(r->filter_before, r->shape.filter, sizeof r->shape.filter);
	ui_prompt(r->view, &prompt);
}
