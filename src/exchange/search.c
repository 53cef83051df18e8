/*
 * Searching runs: MLflow's filter and order in the language of the store.
 *
 * The two are near to each other; what differs is what things are called, how statuses and times are written, and that
 * MLflow wants parameters and tags compared as texts. OR, NOT and parentheses go through, which MLflow itself lacks.
 */
#include <string.h>

#include "inside.h"

enum { RESULTS_MAX = 50000, RESULTS_USUAL = 1000, CLAUSES_MAX = 200 };

/* ---- tokens ---- */

enum token_kind { END, WORD, QUOTED, OPERATOR, OPEN, CLOSE, COMMA, BAD };
struct token {
	enum token_kind kind;
	const char *text; /* of QUOTED without its quotes */
	char quote;
};
struct reader {
	struct call *c;
	const char *all, *at;
	struct token now;
	int clauses;
};

static int bad_filter(struct reader *r, const char *why)
{
	return refuse(r->c, INVALID_PARAMETER_VALUE, "Invalid clause(s) in filter string: \"%s\": %s", r->all,
	              why);
}

/* A key is a word that may hold quoted parts: metrics.`val loss`. */
static bool key_byte(char b)
{
	return b && !strchr(" \t\r\n()=<>!,'", b);
}

static void next(struct reader *r)
{
	struct str text;
	const char *p;
	size_t len;

	r->at += strspn(r->at, " \t\r\n");
	p = r->at;
	r->now = (struct token){.kind = END};
	if (!*p)
		return;
	if (*p == '(' || *p == ')' || *p == ',') {
		r->now.kind = *p == '(' ? OPEN : *p == ')' ? CLOSE : COMMA;
		r->at++;
	} else if (strchr("=<>!", *p)) {
		len = p[1] == '=' || (*p == '<' && p[1] == '>') ? 2 : 1;
		r->now = (struct token){*p == '!' && len == 1 ? BAD : OPERATOR, arena_memdup0(r->c->mem, p, len), 0};
		r->at += len;
	} else if (*p == '\'' || *p == '"' || *p == '`') {
		const char *end = strchr(p + 1, *p);

		r->now = (struct token){end ? QUOTED : BAD,
		                        end ? arena_memdup0(r->c->mem, p + 1, (size_t)(end - p - 1)) : p, *p};
		r->at = end ? end + 1 : p + strlen(p);
	} else {
		str_init(&text);
		while (key_byte(*p)) {
			if (*p == '`' || *p == '"') {
				const char *end = strchr(p + 1, *p);

				if (!end || text.len == 0 || text.data[text.len - 1] != '.')
					break;
				str_add(&text, p + 1, (size_t)(end - p - 1));
				p = end + 1;
			} else {
				str_addc(&text, *p++);
			}
		}
		r->now = (struct token){p == r->at ? BAD : WORD, arena_memdup0(r->c->mem, text.data, text.len), 0};
		str_release(&text);
		r->at = p;
	}
}

static bool is_word(const struct token *t, const char *word)
{
	return t->kind == WORD && strcasecmp(t->text, word) == 0;
}

/* ---- what is compared ---- */

enum what { METRIC, PARAM, TAG, NAME, ID, USER, STATUS, STARTED, ENDED };
struct key {
	enum what what;
	const char *name; /* METRIC, PARAM, TAG */
};

/* The part before the point, if it is one of MLflow's words for what there is. */
static bool entity_of(const char *text, enum what *what, const char **rest)
{
	static const struct {
		const char *word;
		enum what what;
	} entities[] = {
	    {"metric.", METRIC},   {"metrics.", METRIC}, {"param.", PARAM},      {"params.", PARAM},
	    {"parameter.", PARAM}, {"tag.", TAG},        {"parameters.", PARAM}, {"tags.", TAG},
	    {"attr.", NAME},       {"attribute.", NAME}, {"run.", NAME},         {"attributes.", NAME},
	};

	for (size_t i = 0; i < COUNT_OF(entities); i++) {
		size_t len = strlen(entities[i].word);

		if (strncmp(text, entities[i].word, len) == 0) {
			*what = entities[i].what;
			*rest = text + len;
			return true;
		}
	}
	return false;
}

static int read_key(struct call *c, const char *text, struct key *out)
{
	static const struct {
		const char *word;
		enum what what;
	} attributes[] = {
	    {"run_name", NAME},   {"run name", NAME},      {"Run name", NAME},  {"Run Name", NAME},
	    {"run_id", ID},       {"user_id", USER},       {"status", STATUS},  {"created", STARTED},
	    {"Created", STARTED}, {"start_time", STARTED}, {"end_time", ENDED},
	};
	const char *rest = text;

	*out = (struct key){.what = NAME};
	if (entity_of(text, &out->what, &rest) && out->what != NAME) {
		out->name = rest;
		/* The name of a run is that, whatever it is asked by. */
		if (out->what == TAG && strcmp(rest, "mlflow.runName") == 0)
			out->what = NAME;
		return rest[0] ? 0
		               : refuse(c, INVALID_PARAMETER_VALUE, "Invalid key \"%s\" in a filter or order.", text);
	}
	for (size_t i = 0; i < COUNT_OF(attributes); i++) {
		if (strcmp(rest, attributes[i].word) == 0) {
			out->what = attributes[i].what;
			return 0;
		}
	}
	if (strncmp(text, "dataset", 7) == 0)
		return refuse(c, NOT_IMPLEMENTED, "Assay does not search runs by their data sets (%s).", text);
	return refuse(
	    c, INVALID_PARAMETER_VALUE,
	    "Invalid attribute key '%s' specified. Valid keys are 'run_id', 'run_name', 'status', 'user_id', "
	    "'start_time', 'end_time', 'created'.",
	    text);
}

/* As the language of the store says it; in backticks, doubled where they occur. */
static void add_key(struct str *out, const struct key *key)
{
	static const char *const words[] = {
	    [METRIC] = "metrics.`", [PARAM] = "params.`", [TAG] = "tags.`",      [NAME] = "name",  [ID] = "id",
	    [USER] = "user",        [STATUS] = "status",  [STARTED] = "started", [ENDED] = "ended"};

	str_adds(out, words[key->what]);
	if (key->what > TAG)
		return;
	for (const char *p = key->name; *p; p++) {
		if (*p == '`')
			str_addc(out, '`');
		str_addc(out, *p);
	}
	str_addc(out, '`');
}

/* ---- one comparison ---- */

static bool is_numeric(enum what what)
{
	return what == METRIC || what == STARTED || what == ENDED;
}

/* A status that there is not is no run's. */
static int add_status(struct reader *r, const char *op, const char *word, struct str *out)
{
	static const struct {
		const char *word, *ours;
	} words[] = {{"SCHEDULED", "status = queued"},
	             {"RUNNING", "status = running"},
	             {"FINISHED", "status = done"},
	             {"FAILED", "(status = failed OR status = lost)"},
	             {"KILLED", "status = killed"}};

	if (strcmp(op, "=") != 0 && strcmp(op, "!=") != 0)
		return bad_filter(r, "a status is compared by = and != alone");
	str_adds(out, op[0] == '!' ? "NOT (" : "(");
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(words[i].word, word) == 0) {
			str_addf(out, "%s)", words[i].ours);
			return 0;
		}
	}
	str_adds(out, "id = 'none')");
	return 0;
}

static int add_number(struct reader *r, const struct key *key, const char *op, struct str *out)
{
	char text[TIME_TEXT];
	double number;

	if (r->now.kind != WORD || !num_parse(r->now.text, strlen(r->now.text), &number))
		return refuse(r->c, INVALID_PARAMETER_VALUE, "Expected numeric value type for %s. Found %s",
		              key->what == METRIC ? "metric" : "numeric attribute",
		              r->now.text ? r->now.text : "nothing");
	add_key(out, key);
	if (key->what == METRIC) {
		str_addf(out, " %s %s", op, r->now.text);
	} else {
		if (number < -6e13 || number > 2e14) /* years that a date can say */
			return bad_filter(r, "a time is in milliseconds since 1970");
		str_addf(out, " %s '%s'", op, time_rfc3339((int64_t)number, text));
	}
	return 0;
}

static int add_list(struct reader *r, const struct key *key, bool negated, struct str *out)
{
	if (key->what != ID && key->what != NAME && key->what != USER)
		return bad_filter(r, "IN is for run_id, run_name and user_id");
	next(r);
	if (r->now.kind != OPEN)
		return bad_filter(r, "IN is followed by a list: IN ('a', 'b')");
	add_key(out, key);
	str_adds(out, negated ? " NOT IN (" : " IN (");
	for (bool first = true;; first = false) {
		next(r);
		if (r->now.kind != QUOTED)
			return bad_filter(r, "a list holds texts in quotes");
		str_addf(out, "%s%s", first ? "" : ", ", store_quoted(r->now.text, r->c->mem));
		next(r);
		if (r->now.kind == CLOSE)
			break;
		if (r->now.kind != COMMA)
			return bad_filter(r, "the list has no end");
	}
	str_addc(out, ')');
	next(r);
	return 0;
}

static int add_missing(struct reader *r, const struct key *key, struct str *out)
{
	bool not ;

	next(r);
	not = is_word(&r->now, "NOT");
	if (not )
		next(r);
	if (!is_word(&r->now, "NULL") || (key->what != PARAM && key->what != TAG))
		return bad_filter(r, "IS NULL and IS NOT NULL are for parameters and tags");
	add_key(out, key);
	str_adds(out, not ? " IS NOT MISSING" : " IS MISSING");
	next(r);
	return 0;
}

static int add_comparison(struct reader *r, struct str *out)
{
	struct key key;
	const char *op;
	bool negated = false;

	if (++r->clauses > CLAUSES_MAX)
		return bad_filter(r, "there are too many conditions");
	if (r->now.kind != WORD && r->now.kind != QUOTED)
		return bad_filter(r, "a condition begins with what is compared");
	if (read_key(r->c, r->now.text, &key) < 0)
		return -1;
	next(r);
	if (is_word(&r->now, "IS"))
		return add_missing(r, &key, out);
	if (is_word(&r->now, "NOT")) {
		negated = true;
		next(r);
	}
	if (is_word(&r->now, "IN"))
		return add_list(r, &key, negated, out);
	if (is_word(&r->now, "LIKE") || is_word(&r->now, "ILIKE")) {
		op = is_word(&r->now, "LIKE") ? "LIKE" : "ILIKE";
		if (is_numeric(key.what))
			return bad_filter(r, "LIKE is for texts");
	} else if (r->now.kind == OPERATOR && !negated) {
		op = r->now.text;
		if (!is_numeric(key.what) && strcmp(op, "=") != 0 && strcmp(op, "!=") != 0)
			return bad_filter(r, "texts are compared by =, !=, LIKE and ILIKE");
	} else {
		return bad_filter(r, "an operator is missing");
	}
	next(r);
	if (is_numeric(key.what)) {
		if (add_number(r, &key, op, out) < 0)
			return -1;
	} else {
		if (r->now.kind != QUOTED || r->now.quote == '`')
			return refuse(r->c, INVALID_PARAMETER_VALUE,
			              "Expected a quoted string value for %s (e.g. 'my-value'). Got value %s",
			              key.what == PARAM ? "param"
			              : key.what == TAG ? "tag"
			                                : "attribute",
			              r->now.text ? r->now.text : "nothing");
		if (key.what == STATUS) {
			if (add_status(r, op, r->now.text, out) < 0)
				return -1;
		} else {
			add_key(out, &key);
			str_addf(out, " %s%s %s", negated ? "NOT " : "", op, store_quoted(r->now.text, r->c->mem));
		}
	}
	next(r);
	return 0;
}

int translate_filter(struct call *c, const char *filter, struct str *out)
{
	struct reader r = {.c = c, .all = filter, .at = filter};
	bool wants_operand = true;
	int depth = 0;

	next(&r);
	while (r.now.kind != END) {
		if (wants_operand && r.now.kind == OPEN) {
			str_addc(out, '(');
			depth++;
			next(&r);
		} else if (wants_operand && is_word(&r.now, "NOT")) {
			str_adds(out, "NOT ");
			next(&r);
		} else if (wants_operand) {
			if (add_comparison(&r, out) < 0)
				return -1;
			wants_operand = false;
		} else if (r.now.kind == CLOSE && depth) {
			str_addc(out, ')');
			depth--;
			next(&r);
		} else if (is_word(&r.now, "AND") || is_word(&r.now, "OR")) {
			str_adds(out, is_word(&r.now, "AND") ? " AND " : " OR ");
			wants_operand = true;
			next(&r);
		} else {
			return bad_filter(&r, "conditions are joined by AND");
		}
	}
	return wants_operand || depth ? bad_filter(&r, "it is not complete") : 0;
}

/* ---- order ---- */

static int order_of(struct call *c, const char *text, struct runs_order *out)
{
	struct reader r = {.c = c, .all = text, .at = text};
	struct key key;
	struct str name;

	next(&r);
	if ((r.now.kind != WORD && r.now.kind != QUOTED) || read_key(c, r.now.text, &key) < 0)
		return c->out->body.len && c->out->status != 200
		           ? -1
		           : refuse(c, INVALID_PARAMETER_VALUE, "Invalid order_by clause '%s'.", text);
	next(&r);
	out->descending = is_word(&r.now, "DESC");
	if (r.now.kind != END && !out->descending && !is_word(&r.now, "ASC"))
		return refuse(c, INVALID_PARAMETER_VALUE, "Invalid order_by clause '%s': it ends with ASC or DESC.",
		              text);
	next(&r);
	if (r.now.kind != END)
		return refuse(c, INVALID_PARAMETER_VALUE, "Invalid order_by clause '%s'.", text);
	str_init(&name);
	add_key(&name, &key);
	out->key = arena_strdup(c->mem, name.data);
	str_release(&name);
	return 0;
}

/* Ties: the newest first, as in MLflow, and then by id, so that pages are made of each run once. */
int translate_order(struct call *c, struct json_object *order, struct runs_order **out, size_t *count)
{
	size_t n = order ? json_object_array_length(order) : 0;

	*out = arena_array(c->mem, n + 2, sizeof **out);
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(order, i);

		if (json_object_get_type(one) != json_type_string)
			return refuse(c, INVALID_PARAMETER_VALUE, "Invalid order_by clause %s.", shown(one));
		if (order_of(c, json_object_get_string(one), &(*out)[(*count)++]) < 0)
			return -1;
	}
	(*out)[(*count)++] = (struct runs_order){.key = "started", .descending = true};
	(*out)[(*count)++] = (struct runs_order){.key = "id"};
	return 0;
}

/* ---- the call ---- */

static int add_experiments(struct call *c, struct json_object *ids, struct str *out)
{
	struct error err;

	str_adds(out, "experiment IN (");
	for (size_t i = 0; i < json_object_array_length(ids); i++) {
		struct json_object *id = json_object_array_get_idx(ids, i);
		const char *text = json_object_get_string(id);
		struct experiment_row e = {.name = "default"};
		int64_t number;

		if (!text || !int_parse(text, strlen(text), &number))
			return refuse(c, INVALID_PARAMETER_VALUE,
			              "Invalid experiment ID '%s'. Experiment ID must be a valid integer.",
			              text ? text : "None");
		/* One that there is not has no runs. */
		if (number != 0 && store_experiment_row(c->store, number, c->mem, &e, &err) < 0) {
			if (err.code != ERR_NO)
				return refuse_store(c, &err);
			e.name = "";
		}
		str_addf(out, "%s%s", i ? ", " : "", store_quoted(e.name, c->mem));
	}
	str_adds(out, ")");
	return 0;
}

/* What is put away in Assay is there for MLflow; what is removed is what MLflow calls deleted. */
static int add_view(struct call *c, const char *view, struct str *out)
{
	if (!view || !view[0] || strcmp(view, "ACTIVE_ONLY") == 0)
		str_adds(out, " AND removed IS MISSING");
	else if (strcmp(view, "DELETED_ONLY") == 0)
		str_adds(out, " AND removed IS NOT MISSING");
	else if (strcmp(view, "ALL") == 0)
		str_adds(out, " AND (removed IS MISSING OR removed IS NOT MISSING)");
	else
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "Invalid value \"%s\" for parameter 'run_view_type' supplied.", view);
	return 0;
}

static int write_page(struct call *c, const struct runs_page *page)
{
	struct run_row run;
	struct error err;

	if (!page->count)
		return 0;
	jw_array(&c->j, "runs");
	for (size_t i = 0; i < page->count; i++) {
		if (store_run_get(c->store, page->rows[i].id, c->mem, &run, &err) < 0)
			return refuse_store(c, &err);
		if (write_run(c, &run, NULL) < 0)
			return -1;
	}
	jw_array_end(&c->j);
	/* The token is the last run of the page. */
	if (page->more_after)
		jw_string(&c->j, "next_page_token", page->rows[page->count - 1].uuid);
	return 0;
}

int call_run_search(struct call *c)
{
	struct json_object *ids, *order;
	struct runs_order *orders;
	struct runs_query q = {0};
	struct runs_page page;
	struct run_row anchor = {0};
	struct str text;
	struct error err;
	const char *filter, *view, *token;
	int64_t most = RESULTS_USUAL;
	size_t count;
	bool given;
	int result = -1;

	str_init(&text);
	if (arg_array(c, "experiment_ids", &ids) < 0 || arg_text(c, "filter", &filter) < 0 ||
	    arg_text(c, "run_view_type", &view) < 0 || arg_int(c, "max_results", &most, &given) < 0 ||
	    arg_array(c, "order_by", &order) < 0 || arg_text(c, "page_token", &token) < 0)
		goto out;
	if (most < 1 || most > RESULTS_MAX) {
		refuse(c, INVALID_PARAMETER_VALUE,
		       "Invalid value %lld for parameter 'max_results' supplied: It must be at most %d, but got "
		       "value %lld",
		       (long long)most, RESULTS_MAX, (long long)most);
		goto out;
	}
	if (token && token[0] && store_run_by_uuid(c->store, token, c->mem, &anchor, &err) < 0) {
		refuse(c, INVALID_PARAMETER_VALUE, "Invalid page token, could not decode.");
		goto out;
	}
	if (!ids || json_object_array_length(ids) == 0) {
		result = 0; /* of no experiment */
		goto out;
	}
	if (add_experiments(c, ids, &text) < 0 || add_view(c, view, &text) < 0)
		goto out;
	if (filter && filter[strspn(filter, " \t\r\n")]) {
		str_adds(&text, " AND (");
		if (translate_filter(c, filter, &text) < 0)
			goto out;
		str_addc(&text, ')');
	}
	if (translate_order(c, order, &orders, &count) < 0)
		goto out;
	q.filter = text.data;
	q.order = orders;
	q.order_count = count;
	if (store_runs_page(c->store, &q, anchor.id ? RUNS_AFTER : RUNS_FIRST, anchor.id, (size_t)most, c->mem,
	                    &page, &err) < 0) {
		refuse_store(c, &err);
		goto out;
	}
	result = write_page(c, &page);
out:
	str_release(&text);
	return result;
}
