/* What filters, orders and columns name: metrics, parameters, tags and attributes, and lists of such. */
#include <ctype.h>

#include "filter.h"

static const char *const attributes[FIELD_KINDS] = {
    [FIELD_NAME] = "name",         [FIELD_ID] = "id",           [FIELD_EXPERIMENT] = "experiment",
    [FIELD_STATUS] = "status",     [FIELD_KIND] = "kind",       [FIELD_USER] = "user",
    [FIELD_HOST] = "host",         [FIELD_SOURCE] = "source",   [FIELD_FLAG] = "flag",
    [FIELD_CREATED] = "created",   [FIELD_STARTED] = "started", [FIELD_ENDED] = "ended",
    [FIELD_ARCHIVED] = "archived", [FIELD_REMOVED] = "removed", [FIELD_DURATION] = "duration",
    [FIELD_PROGRESS] = "progress",
};
static const char *const calls[WHICH_COUNT] = {
    [WHICH_LAST] = "last", [WHICH_BEST] = "best",   [WHICH_MIN] = "min", [WHICH_MAX] = "max",
    [WHICH_MEAN] = "mean", [WHICH_FIRST] = "first", [WHICH_AT] = "at",
};

bool namespace_of(const char *text, enum field_kind *kind, size_t *len)
{
	static const struct {
		const char *prefix;
		enum field_kind kind;
	} table[] = {
	    {"metrics.", FIELD_METRIC}, {"metric.", FIELD_METRIC}, {"params.", FIELD_PARAM},
	    {"param.", FIELD_PARAM},    {"tags.", FIELD_TAG},      {"tag.", FIELD_TAG},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		size_t n = strlen(table[i].prefix);

		if (!strncasecmp(text, table[i].prefix, n)) {
			*kind = table[i].kind;
			*len = n;
			return true;
		}
	}
	return false;
}

bool field_is_time(enum field_kind kind)
{
	return kind >= FIELD_CREATED && kind <= FIELD_REMOVED;
}

bool field_same(const struct field *a, const struct field *b)
{
	if (a->kind != b->kind || a->kind > FIELD_TAG)
		return a->kind == b->kind;
	if (a->which != b->which || strcmp(a->name, b->name) != 0 ||
	    strcmp(a->context ? a->context : "", b->context ? b->context : "") != 0)
		return false;
	return a->which != WHICH_AT || field_same(a->at, b->at);
}

const char *field_column(const struct field *f)
{
	return calls[f->which];
}

static int attribute_parse(const char *text, struct field *out, struct error *err)
{
	const char *known[FIELD_KINDS], *near;
	size_t n = 0;

	for (int i = FIELD_NAME; i < FIELD_KINDS; i++) {
		if (!strcasecmp(text, attributes[i])) {
			*out = (struct field){.kind = (enum field_kind)i};
			return 0;
		}
		known[n++] = attributes[i];
	}
	near = name_nearest(text, known, n);
	return error_set(
	    err, ERR_USAGE,
	    "no such field: \"%s\"%s%s%s; fields are metrics.NAME, params.NAME, tags.NAME, name, id, "
	    "experiment, status, kind, user, host, source, flag, created, started, ended, archived, removed, "
	    "duration, progress",
	    text, near ? " (do you mean " : "", near ? near : "", near ? "?)" : "");
}

/* What follows metrics., params. or tags.: a name, quoted or not, and of a metric perhaps [context]. */
static int name_parse(const char *text, struct arena *mem, struct field *out, struct error *err)
{
	size_t len = strlen(text), context = 0;
	struct str name;
	char quote = text[0];

	str_init(&name);
	if (quote == '`' || quote == '"') {
		size_t i = 1;

		for (; i < len && (text[i] != quote || text[i + 1] == quote); i++) {
			str_addc(&name, text[i]);
			i += text[i] == quote;
		}
		context = i + 1;
		if (i >= len || (context < len && text[context] != '['))
			name.len = 0; /* refused below */
	} else {
		if (out->kind == FIELD_METRIC && len && text[len - 1] == ']')
			for (context = len - 1; context && text[context] != '['; context--)
				;
		context = context ? context : len;
		str_add(&name, text, context);
	}
	if (out->kind == FIELD_METRIC && context < len && text[context] == '[' && text[len - 1] == ']')
		out->context = arena_memdup0(mem, text + context + 1, len - context - 2);
	else if (context < len)
		name.len = 0;
	out->name = arena_memdup0(mem, name.data, name.len);
	str_release(&name);
	return out->name[0] ? 0 : error_set(err, ERR_USAGE, "\"%s\" is no name", text);
}

long odd_byte(const char *text)
{
	enum field_kind kind;
	size_t len = 0, open = 0;
	int depth = 0;

	if (!namespace_of(text, &kind, &len)) {
		for (size_t i = 0; text[i]; i++)
			if (ispunct((unsigned char)text[i]) && !strchr("-_./:", text[i]))
				return (long)i;
		return -1;
	}
	if (text[len] == '`' || text[len] == '"')
		return -1;
	for (size_t i = len; text[i]; i++) {
		if (text[i] == ';' || (text[i] == ']' && --depth < 0))
			return (long)i;
		if (text[i] == '[' && depth++ == 0)
			open = i;
		if (kind == FIELD_METRIC && text[i] == ']' && depth == 0 && text[i + 1])
			return (long)i + 1;
	}
	return depth ? (long)open : kind == FIELD_METRIC && text[len] == '[' ? (long)len : -1;
}

/* ---- best(…), at(…, …) ---- */

bool call_of(const char *text, enum metric_which *which, size_t *len)
{
	for (int i = 0; i < WHICH_COUNT; i++) {
		size_t n = strlen(calls[i]);

		if (!strncasecmp(text, calls[i], n) && text[n] == '(') {
			*which = (enum metric_which)i;
			*len = n + 1;
			return true;
		}
	}
	return false;
}

const char *piece_end(const char *p, char stop)
{
	char quote = '\0';
	int depth = 0;

	for (; *p; p++) {
		if (quote)
			quote = *p == quote ? '\0' : quote;
		else if (*p == '`' || *p == '"')
			quote = *p;
		else if (*p == stop && depth == 0)
			break;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && depth > 0)
			depth--;
	}
	return p;
}

static int argument(const char *text, size_t from, size_t to, enum metric_which outer, bool is_place,
                    struct arena *mem, struct field *out, size_t *at, struct error *err)
{
	enum metric_which which;
	const char *part;
	size_t len, inner = 0;
	long odd;

	while (from < to && text[from] == ' ')
		from++;
	while (to > from && text[to - 1] == ' ')
		to--;
	part = arena_memdup0(mem, text + from, to - from);
	*at = from;
	if (call_of(part, &which, &len)) {
		if (!is_place || which == WHICH_AT)
			return error_set(err, ERR_USAGE, "%s() takes a metric here: %s(metrics.NAME%s)", calls[outer],
			                 calls[outer], outer == WHICH_AT ? ", …" : "");
		if (which == WHICH_MEAN)
			return error_set(err, ERR_USAGE, "a mean is at no step: best, min, max, first or last");
	} else if ((odd = odd_byte(part)) >= 0) {
		*at = from + (size_t)odd;
		return error_set(err, ERR_USAGE, "\"%c\" means nothing here: quote the name, as in metrics.`a[b`",
		                 part[odd]);
	}
	if (field_parse_at(part, mem, out, &inner, err)) {
		*at = from + inner;
		return -1;
	}
	if (out->kind != FIELD_METRIC)
		return error_set(err, ERR_USAGE, "%s() is of metrics: %s(metrics.NAME%s)", calls[outer], calls[outer],
		                 outer == WHICH_AT ? ", metrics.OTHER" : "");
	return 0;
}

/* The text begins with NAME( ; its arguments begin at `from`. */
static int call_parse(const char *text, enum metric_which which, size_t from, struct arena *mem,
                      struct field *out, size_t *at, struct error *err)
{
	size_t end = (size_t)(piece_end(text + from, ')') - text), comma = 0;
	struct field *place;

	*at = end;
	if (!text[end])
		return error_set(err, ERR_USAGE, "a ) is missing after %s(", calls[which]);
	if (text[end + 1]) {
		*at = end + 1;
		return error_set(err, ERR_USAGE, "nothing can follow %s(…) here", calls[which]);
	}
	comma = (size_t)(piece_end(text + from, ',') - text);
	if (which != WHICH_AT) {
		if (comma < end) {
			*at = comma;
			return error_set(err, ERR_USAGE, "%s() takes one metric", calls[which]);
		}
		if (argument(text, from, end, which, false, mem, out, at, err))
			return -1;
		out->which = which;
		return 0;
	}
	if (comma >= end)
		return error_set(err, ERR_USAGE,
		                 "at() takes two metrics: at(metrics.NAME, metrics.OTHER), at(metrics.NAME, "
		                 "min(metrics.OTHER))");
	place = arena_alloc(mem, sizeof(*place));
	if (argument(text, from, comma, which, false, mem, out, at, err) ||
	    argument(text, comma + 1, end, which, true, mem, place, at, err))
		return -1;
	/* The bare name means its best here: the latest step of the one is where the other one's stands as well. */
	while (text[comma + 1] == ' ')
		comma++;
	if (!call_of(text + comma + 1, &which, &from))
		place->which = WHICH_BEST;
	out->which = WHICH_AT;
	out->at = place;
	return 0;
}

int field_parse_at(const char *text, struct arena *mem, struct field *out, size_t *at, struct error *err)
{
	enum metric_which which;
	size_t len;

	*at = 0;
	*out = (struct field){.kind = FIELD_METRIC};
	if (call_of(text, &which, &len)) {
		if (call_parse(text, which, len, mem, out, at, err))
			return -1;
		*at = 0;
		return 0;
	}
	if (!namespace_of(text, &out->kind, &len))
		return attribute_parse(text, out, err);
	if (!text[len])
		return error_set(err, ERR_USAGE, "a name is missing after \"%s\"", text);
	return name_parse(text + len, mem, out, err);
}

int field_parse(const char *text, struct arena *mem, struct field *out, struct error *err)
{
	enum metric_which which;
	size_t at, len;

	if (!field_parse_at(text, mem, out, &at, err))
		return 0;
	return call_of(text, &which, &len) ? error_prefix(err, "\"%s\", character %zu", text, at + 1) : -1;
}

int field_sortable(const struct field *f, struct error *err)
{
	if (f->kind != FIELD_METRIC || f->which != WHICH_AT)
		return 0;
	return error_set(err, ERR_USAGE, "at() is for columns only: no index has its values");
}

const char *name_as_key(struct arena *mem, const char *kind, const char *name)
{
	struct str key;
	const char *copy;

	if (!strpbrk(name, " \t\n\r()=<>!~;,'\"`[]"))
		return arena_printf(mem, "%s.%s", kind, name);
	str_init(&key);
	str_addf(&key, "%s.`", kind);
	for (const char *c = name; *c; c++) {
		str_addc(&key, *c);
		if (*c == '`')
			str_addc(&key, '`');
	}
	str_addc(&key, '`');
	copy = arena_memdup0(mem, key.data, key.len);
	str_release(&key);
	return copy;
}

const char *field_key(const struct field *f, struct arena *mem)
{
	return f->kind == FIELD_PARAM ? name_as_key(mem, "params", f->name)
	       : f->kind == FIELD_TAG ? name_as_key(mem, "tags", f->name)
	                              : attributes[f->kind];
}

const char *store_quoted(const char *text, struct arena *mem)
{
	struct str out;
	const char *copy;

	str_init(&out);
	str_addc(&out, '\'');
	for (const char *c = text; *c; c++) {
		str_addc(&out, *c);
		if (*c == '\'')
			str_addc(&out, '\'');
	}
	str_addc(&out, '\'');
	copy = arena_memdup0(mem, out.data, out.len);
	str_release(&out);
	return copy;
}

/* ---- lists of keys, as people write them ---- */

static bool cut_word(char *key, const char *word)
{
	size_t len = strlen(key), n = strlen(word);

	if (len <= n || strcasecmp(key + len - n, word) || key[len - n - 1] != ' ')
		return false;
	for (len -= n; len && key[len - 1] == ' '; len--)
		;
	key[len] = '\0';
	return true;
}

/* The next piece of a list, without the blanks around it; *p moves on behind its comma. */
static char *next_piece(const char **p, struct arena *mem)
{
	const char *end = piece_end(*p, ','), *from = *p;
	char *piece;

	while (from < end && *from == ' ')
		from++;
	piece = arena_memdup0(mem, from, (size_t)(end - from));
	for (size_t len = strlen(piece); len && piece[len - 1] == ' '; len--)
		piece[len - 1] = '\0';
	*p = *end ? end + 1 : end;
	return piece;
}

int store_order_parse(const char *text, struct arena *mem, struct runs_order **out, size_t *count,
                      struct error *err)
{
	struct list l = {0};
	int result = 0;

	for (const char *p = text; !result && *p;) {
		struct field field;
		char *key = next_piece(&p, mem);
		bool down;

		if (!key[0]) {
			result = error_set(err, ERR_USAGE, "order \"%s\": a key is missing", text);
			break;
		}
		down = cut_word(key, "desc");
		if (!down)
			cut_word(key, "asc");
		/* Groups are ordered by their size as well. */
		if (strcasecmp(key, "count") != 0 &&
		    (field_parse(key, mem, &field, err) || field_sortable(&field, err)))
			result = error_prefix(err, "order");
		else
			*(struct runs_order *)list_add(&l, sizeof(struct runs_order)) = (struct runs_order){key, down};
	}
	return list_hand_over(&l, sizeof(struct runs_order), result, mem, out, count);
}

int store_columns_parse(const char *text, struct arena *mem, const char ***out, size_t *count,
                        struct error *err)
{
	struct list l = {0};
	int result = 0;

	for (const char *p = text; !result && *p;) {
		struct field ignored;
		char *key = next_piece(&p, mem);
		size_t len = strlen(key);

		/* A name with a comma may stand in double quotes as a whole, as in other lists. */
		if (len > 1 && key[0] == '"' && key[len - 1] == '"')
			key = arena_memdup0(mem, key + 1, len - 2);
		if (!key[0])
			result = error_set(err, ERR_USAGE, "columns \"%s\": a name is missing", text);
		else if (field_parse(key, mem, &ignored, err))
			result = error_prefix(err, "column");
		else
			*(const char **)list_add(&l, sizeof(char *)) = key;
	}
	return list_hand_over(&l, sizeof(char *), result, mem, out, count);
}
