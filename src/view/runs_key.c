/* Keys of columns, taken apart for titles and menus. */
#include <string.h>

#include "runs_key.h"

bool runs_key_is(const char *key, const char *prefix)
{
	return strncmp(key, prefix, strlen(prefix)) == 0;
}

/* "min(…)": its word, and what stands inside; false: it is none. */
static bool wrapped(const char *key, char which[8], char inside[UI_COLUMN_ID])
{
	static const char *const words[] = {"last", "best", "min", "max", "mean", "first", "at"};
	size_t len = strlen(key);

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t n = strlen(words[i]);

		if (strncmp(key, words[i], n) != 0 || key[n] != '(' || key[len - 1] != ')' || len >= UI_COLUMN_ID)
			continue;
		snprintf(which, 8, "%s", words[i]);
		snprintf(inside, UI_COLUMN_ID, "%.*s", (int)(len - n - 2), key + n + 1);
		return true;
	}
	return false;
}

/* Where the first argument ends: a comma that stands in no quotes and no context. */
static size_t first_argument(const char *text)
{
	char quote = 0;
	int depth = 0;
	size_t i;

	for (i = 0; text[i]; i++) {
		char c = text[i];

		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '`' || c == '"')
			quote = c;
		else if (c == '[' || c == '(')
			depth++;
		else if (c == ']' || c == ')')
			depth--;
		else if (c == ',' && depth == 0)
			break;
	}
	return i;
}

void runs_key_split(const char *key, struct runs_key *out)
{
	char inside[UI_COLUMN_ID];
	size_t end;

	memset(out, 0, sizeof *out);
	if (!wrapped(key, out->which, inside)) {
		snprintf(out->of, sizeof out->of, "%s", key);
		return;
	}
	end = strcmp(out->which, "at") == 0 ? first_argument(inside) : strlen(inside);
	snprintf(out->of, sizeof out->of, "%.*s", (int)end, inside);
	if (inside[end]) {
		const char *rest = inside + end + 1;

		rest += strspn(rest, " ");
		if (!wrapped(rest, out->where_which, out->where)) {
			snprintf(out->where, sizeof out->where, "%s", rest);
			snprintf(out->where_which, sizeof out->where_which, "best");
		}
	}
}

bool runs_key_join(const struct runs_key *k, char out[UI_COLUMN_ID])
{
	int n;

	if (strcmp(k->which, "at") == 0 && strcmp(k->where_which, "best") == 0)
		n = snprintf(out, UI_COLUMN_ID, "at(%s, %s)", k->of, k->where);
	else if (strcmp(k->which, "at") == 0)
		n = snprintf(out, UI_COLUMN_ID, "at(%s, %s(%s))", k->of, k->where_which, k->where);
	else if (k->which[0])
		n = snprintf(out, UI_COLUMN_ID, "%s(%s)", k->which, k->of);
	else
		n = snprintf(out, UI_COLUMN_ID, "%s", k->of);
	return n >= 0 && n < UI_COLUMN_ID;
}

bool runs_key_measures(const char *key)
{
	struct runs_key k;

	runs_key_split(key, &k);
	return runs_key_is(k.of, "metrics.");
}

/* The name after its prefix, without the quotes that the language wants around an odd one. */
static void add_name(struct str *out, const char *key)
{
	const char *point = strchr(key, '.'), *at = point ? point + 1 : key;
	char quote = *at;

	if (!point || (quote != '`' && quote != '"')) {
		str_adds(out, at);
		return;
	}
	for (at++; *at && (*at != quote || at[1] == quote); at++) {
		str_addc(out, *at);
		at += *at == quote;
	}
	if (*at)
		str_adds(out, at + 1);
}

const char *runs_key_title(struct arena *a, const char *key)
{
	struct runs_key k;
	struct str text;
	const char *out;

	runs_key_split(key, &k);
	str_init(&text);
	add_name(&text, k.of);
	if (k.where[0]) {
		str_adds(&text, " @ ");
		add_name(&text, k.where);
		str_addf(&text, " %s", k.where_which);
	} else if (k.which[0]) {
		str_addf(&text, " %s", k.which);
	}
	out = arena_memdup0(a, text.data, text.len);
	str_release(&text);
	return out;
}

const char *runs_key_metric(struct arena *a, const char *key, const char **context)
{
	struct runs_key k;
	struct str text;
	char *name, *open;
	size_t len;

	*context = "";
	runs_key_split(key, &k);
	if (!runs_key_is(k.of, "metrics."))
		return NULL;
	str_init(&text);
	add_name(&text, k.of);
	name = arena_memdup0(a, text.data, text.len);
	str_release(&text);
	len = strlen(name);
	open = len && k.of[strlen(k.of) - 1] == ']' ? strrchr(name, '[') : NULL;
	if (open) {
		name[len - 1] = 0;
		*open = 0;
		*context = open + 1;
	}
	return name;
}
