/* The filter language: text to tree, by recursive descent. */
#include <math.h>

#include "filter.h"

/* ---- tokens ---- */

enum token_kind { T_END, T_OPEN, T_CLOSE, T_COMMA, T_OPERATOR, T_WORD, T_QUOTED };
struct token {
	enum token_kind kind;
	enum filter_op op; /* OPERATOR */
	const char *text;  /* WORD, QUOTED */
	bool call;         /* WORD: best(…) or such, with what stands in its parentheses */
	size_t at, end;
};

struct parser {
	const char *text;
	size_t len, pos;
	struct token now;
	struct arena *mem;
	size_t nodes, wrong;
	int depth;
	struct error *err;
};

/* People count characters, from 1. */
static int wrong_at(struct parser *p, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);
static int wrong_at(struct parser *p, size_t at, const char *format, ...)
{
	char text[512];
	size_t character = 1;
	va_list args;

	for (size_t i = 0; i < at && i < p->len; i++)
		character += (p->text[i] & 0xC0) != 0x80;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	p->wrong = at;
	return error_set(p->err, ERR_USAGE, "filter, character %zu: %s", character, text);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_word(char c)
{
	return is_space(c) || (c && strchr("()=<>!~,'\"`", c));
}

/* From the quote at `pos`; the quote doubled stands for itself. */
static int quoted(struct parser *p, struct str *out)
{
	char quote = p->text[p->pos];
	size_t start = p->pos++;

	for (; p->pos < p->len; p->pos++) {
		if (p->text[p->pos] != quote) {
			str_addc(out, p->text[p->pos]);
		} else if (p->pos + 1 < p->len && p->text[p->pos + 1] == quote) {
			str_addc(out, quote);
			p->pos++;
		} else {
			p->pos++;
			return 0;
		}
	}
	return wrong_at(p, start, "the quote %c that begins here has no end", quote);
}

static int operator_token(struct parser *p)
{
	static const struct {
		const char *text;
		enum filter_op op;
	} table[] = {
	    {"<>", FILTER_NE}, {"!=", FILTER_NE}, {"<=", FILTER_LE}, {">=", FILTER_GE},       {"==", FILTER_EQ},
	    {"=", FILTER_EQ},  {"<", FILTER_LT},  {">", FILTER_GT},  {"!~", FILTER_NO_MATCH}, {"~", FILTER_MATCH},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		size_t n = strlen(table[i].text);

		if (!strncmp(p->text + p->pos, table[i].text, n)) {
			p->now.kind = T_OPERATOR;
			p->now.op = table[i].op;
			p->pos += n;
			return 0;
		}
	}
	return wrong_at(p, p->pos, "\"!\" is no operator: != !~ or NOT");
}

static int word_token(struct parser *p)
{
	struct str skipped;
	size_t start = p->pos, len;
	enum metric_which which;
	int result = 0;

	while (p->pos < p->len && !ends_word(p->text[p->pos]))
		p->pos++;
	/* metrics.`val loss`[eval]: the quoted part and what touches it belong to the word. */
	if (p->pos < p->len && p->pos > start && p->text[p->pos - 1] == '.' &&
	    (p->text[p->pos] == '`' || p->text[p->pos] == '"')) {
		str_init(&skipped);
		result = quoted(p, &skipped);
		str_release(&skipped);
		while (!result && p->pos < p->len && !ends_word(p->text[p->pos]))
			p->pos++;
	}
	/* best(metrics.auc) is one word, blanks and all. */
	p->now.call = call_of(p->text + start, &which, &len) && start + len == p->pos + 1;
	if (p->now.call) {
		const char *end = piece_end(p->text + p->pos + 1, ')');

		if (!*end)
			return wrong_at(p, p->pos, "the ( that begins here has no )");
		p->pos = (size_t)(end + 1 - p->text);
	}
	p->now.kind = T_WORD;
	p->now.text = arena_memdup0(p->mem, p->text + start, p->pos - start);
	return result;
}

static int next(struct parser *p)
{
	int result = 0;
	char c;

	while (p->pos < p->len && is_space(p->text[p->pos]))
		p->pos++;
	p->now = (struct token){.kind = T_END, .at = p->pos, .end = p->pos};
	if (p->pos >= p->len)
		return 0;
	c = p->text[p->pos];
	if (c == '(' || c == ')' || c == ',') {
		p->now.kind = c == '(' ? T_OPEN : c == ')' ? T_CLOSE : T_COMMA;
		p->pos++;
	} else if (c == '\'' || c == '"' || c == '`') {
		struct str text;

		str_init(&text);
		result = quoted(p, &text);
		p->now.kind = T_QUOTED;
		p->now.text = arena_memdup0(p->mem, text.data, text.len);
		str_release(&text);
	} else if (strchr("=<>!~", c)) {
		result = operator_token(p);
	} else {
		result = word_token(p);
	}
	p->now.end = p->pos;
	return result;
}

static bool is_keyword(const struct token *t, const char *word)
{
	return t->kind == T_WORD && !strcasecmp(t->text, word);
}

/* ---- grammar ---- */

static struct filter_node *node(struct parser *p, enum filter_op op, size_t at)
{
	struct filter_node *n;

	if (++p->nodes > FILTER_MOST_NODES) {
		wrong_at(p, at, "the filter has more than %d parts", FILTER_MOST_NODES);
		return NULL;
	}
	n = arena_alloc(p->mem, sizeof(*n));
	n->op = op;
	n->at = n->end = at;
	return n;
}

/* "-2d", "90m": a whole or decimal number and one of s m h d w. */
static bool span_parse(const char *text, int64_t *ms)
{
	static const char units[] = "smhdw";
	static const double unit_ms[] = {1e3, 6e4, 3.6e6, 8.64e7, 6.048e8};
	size_t len = strlen(text);
	const char *unit;
	double number;

	if (len < 2 || !(unit = strchr(units, text[len - 1])) || !num_parse(text, len - 1, &number))
		return false;
	number *= unit_ms[unit - units];
	if (fabs(number) > 9e15)
		return false;
	*ms = (int64_t)number;
	return true;
}

static int value(struct parser *p, struct filter_value *v)
{
	const struct token *t = &p->now;

	if ((t->kind != T_WORD && t->kind != T_QUOTED) || t->call)
		return wrong_at(p, t->at,
		                "a value is missing here: a number, 'text', or a time such as 2026-11-23 or -2d");
	if (t->kind == T_WORD && strchr(t->text, ';'))
		return wrong_at(p, t->at + strcspn(t->text, ";"),
		                "\";\" means nothing here: quote the value, as in 'a;b'");
	*v = (struct filter_value){.text = t->text, .quoted = t->kind == T_QUOTED, .at = t->at, .end = t->end};
	if (num_parse(t->text, strlen(t->text), &v->number)) {
		v->is_number = true;
	} else if (!strcasecmp(t->text, "nan") || !strcasecmp(t->text, "inf") || !strcasecmp(t->text, "+inf") ||
	           !strcasecmp(t->text, "-inf")) {
		v->is_number = true;
		v->number = strpbrk(t->text, "aA") ? NAN : t->text[0] == '-' ? -INFINITY : INFINITY;
	} else {
		v->is_span = span_parse(t->text, &v->span);
	}
	return next(p);
}

/* A regular expression; the place of what is wrong in it is counted through its quotes. */
static int check_pattern(struct parser *p, const struct filter_value *v)
{
	struct error why;
	size_t wrong = 0, at = v->at + v->quoted;

	if (!pattern_check(v->text, &wrong, &why))
		return 0;
	for (size_t i = 0; i < wrong; i++)
		at += v->quoted && p->text[at] == p->text[v->at] ? 2 : 1;
	return wrong_at(p, at, "%s", why.text);
}

static int check_value(struct parser *p, const struct filter_node *n, const struct filter_value *v)
{
	enum field_kind kind = n->field.kind;
	bool like = n->op == FILTER_LIKE || n->op == FILTER_ILIKE;
	bool pattern = like || n->op == FILTER_MATCH || n->op == FILTER_NO_MATCH;
	bool ordering = n->op >= FILTER_LT && n->op <= FILTER_GE;
	enum run_status status;
	int64_t ms;

	if (pattern) {
		size_t wild = 0;

		for (const char *c = v->text; *c; c++)
			wild += *c == '%' && c[1] != '%';
		if (like && wild > FILTER_MOST_WILD)
			return wrong_at(p, v->at, "the pattern has more than %d %% in it", FILTER_MOST_WILD);
		if (kind == FIELD_METRIC || kind == FIELD_STATUS || kind >= FIELD_CREATED)
			return wrong_at(p, n->at, "%s is for text: this is compared with = != < <= > >=",
			                like                    ? "LIKE"
			                : n->op == FILTER_MATCH ? "~"
			                                        : "!~");
		return like ? 0 : check_pattern(p, v);
	}
	if ((kind == FIELD_METRIC || kind == FIELD_PROGRESS) && !v->is_number)
		return wrong_at(p, v->at, "\"%s\" is no number", v->text);
	if (v->is_number && isnan(v->number) && (ordering || kind == FIELD_PROGRESS) && !v->quoted &&
	    kind != FIELD_NAME)
		return wrong_at(p, v->at, "nothing is greater or less than NaN: = nan or != nan");
	if (kind == FIELD_STATUS) {
		if (ordering)
			return wrong_at(p, n->at, "status has no order: = != IN");
		if (!store_status_parse(v->text, &status))
			return wrong_at(p, v->at, "\"%s\" is no status: queued, running, done, failed, killed, lost",
			                v->text);
	}
	if (field_is_time(kind) && !v->is_span && !time_parse(v->text, strlen(v->text), &ms))
		return wrong_at(
		    p, v->at, "\"%s\" is no time: 2026-11-23, '2026-11-23 09:00', or -2d for two days ago", v->text);
	if (kind == FIELD_DURATION && !v->is_span && !(v->is_number && isfinite(v->number)))
		return wrong_at(p, v->at, "\"%s\" is no duration: seconds, or 90m, 2h, 1d", v->text);
	return 0;
}

/* After IN: ( value, … ). */
static int value_list(struct parser *p, struct filter_node *n)
{
	size_t cap = 8;

	if (p->now.kind != T_OPEN)
		return wrong_at(p, p->now.at, "IN is followed by values in parentheses: IN ('a', 'b')");
	n->values = arena_array(p->mem, cap, sizeof(*n->values));
	do {
		if (next(p))
			return -1;
		if (n->value_count >= FILTER_MOST_NODES)
			return wrong_at(p, p->now.at, "more than %d values", FILTER_MOST_NODES);
		if (n->value_count == cap) {
			struct filter_value *more = arena_array(p->mem, cap * 2, sizeof(*more));

			memcpy(more, n->values, cap * sizeof(*more));
			n->values = more;
			cap *= 2;
		}
		if (value(p, &n->values[n->value_count]) || check_value(p, n, &n->values[n->value_count]))
			return -1;
		n->value_count++;
	} while (p->now.kind == T_COMMA);
	if (p->now.kind != T_CLOSE)
		return wrong_at(p, p->now.at, "a , or ) is missing here");
	return next(p);
}

/* IS [NOT] MISSING, IS [NOT] NULL; *inside is then the HAS or its NOT. */
static int is_missing(struct parser *p, struct filter_node *n)
{
	bool negated = false;

	if (next(p))
		return -1;
	if (is_keyword(&p->now, "not")) {
		negated = true;
		if (next(p))
			return -1;
	}
	if (!is_keyword(&p->now, "missing") && !is_keyword(&p->now, "null"))
		return wrong_at(p, p->now.at, "IS is followed by MISSING or NOT MISSING");
	n->op = FILTER_HAS;
	if (!negated) {
		struct filter_node *has = node(p, FILTER_HAS, n->at);

		if (!has)
			return -1;
		has->field = n->field;
		has->end = p->now.end;
		n->op = FILTER_NOT;
		n->left = has;
	}
	return next(p);
}

/* The operator and what follows; `n` has its field. */
static int comparison(struct parser *p, struct filter_node **out)
{
	struct filter_node *n = *out;
	bool negated = false;

	if (is_keyword(&p->now, "is"))
		return is_missing(p, n);
	if (is_keyword(&p->now, "not")) {
		negated = true;
		if (next(p))
			return -1;
	}
	if (p->now.kind == T_OPERATOR && !negated)
		n->op = p->now.op;
	else if (is_keyword(&p->now, "like"))
		n->op = FILTER_LIKE;
	else if (is_keyword(&p->now, "ilike"))
		n->op = FILTER_ILIKE;
	else if (is_keyword(&p->now, "in"))
		n->op = FILTER_IN;
	else
		return wrong_at(p, p->now.at, "LIKE, ILIKE or IN is missing after NOT");
	if (next(p))
		return -1;
	if (n->op == FILTER_IN) {
		if (value_list(p, n))
			return -1;
	} else {
		n->values = arena_alloc(p->mem, sizeof(*n->values));
		n->value_count = 1;
		if (value(p, n->values) || check_value(p, n, n->values))
			return -1;
	}
	if (negated) {
		struct filter_node *around = node(p, FILTER_NOT, n->at);

		if (!around)
			return -1;
		around->left = n;
		*out = around;
	}
	return 0;
}

/* Is what follows the term an operator? "not" is one only before LIKE and IN: `calm not failed` are words. */
static bool operator_follows(struct parser *p)
{
	struct parser ahead = *p;
	struct error ignored;

	if (p->now.kind == T_OPERATOR || is_keyword(&p->now, "like") || is_keyword(&p->now, "ilike") ||
	    is_keyword(&p->now, "in") || is_keyword(&p->now, "is"))
		return true;
	if (!is_keyword(&p->now, "not"))
		return false;
	ahead.err = &ignored;
	return !next(&ahead) && (is_keyword(&ahead.now, "like") || is_keyword(&ahead.now, "ilike") ||
	                         is_keyword(&ahead.now, "in"));
}

static int check_word(struct parser *p, const struct token *t)
{
	long odd = t->kind == T_WORD && !t->call ? odd_byte(t->text) : -1;

	if (odd < 0)
		return 0;
	return wrong_at(p, t->at + (size_t)odd,
	                "\"%c\" means nothing here: quote what it belongs to, as in 'a;b' or metrics.`a[b`",
	                t->text[odd]);
}

/* A term's field, from the word that it began with. */
static int term_field(struct parser *p, const struct token *first, struct field *out)
{
	struct error why;
	size_t at = 0;

	if (first->kind == T_QUOTED)
		return wrong_at(p, first->at, "what is compared must be a field, such as metrics.auc or status");
	if (field_parse_at(first->text, p->mem, out, &at, &why) || field_sortable(out, &why))
		return wrong_at(p, first->at + at, "%s", why.text);
	return 0;
}

static int term(struct parser *p, struct filter_node **out)
{
	struct token first = p->now;
	struct filter_node *n = node(p, FILTER_WORD, first.at);
	enum field_kind kind;
	size_t len;

	if (!n || check_word(p, &first) || next(p))
		return -1;
	*out = n;
	if (operator_follows(p)) {
		if (term_field(p, &first, &n->field) || comparison(p, out))
			return -1;
	} else if (first.call || is_keyword(&first, "archived") || is_keyword(&first, "removed") ||
	           (first.kind == T_WORD && namespace_of(first.text, &kind, &len))) {
		n->op = FILTER_HAS;
		if (term_field(p, &first, &n->field))
			return -1;
	} else {
		n->values = arena_alloc(p->mem, sizeof(*n->values));
		n->values->text = first.text;
		n->value_count = 1;
	}
	(*out)->end = p->now.at;
	return 0;
}

static int either(struct parser *p, struct filter_node **out);

static int unary(struct parser *p, struct filter_node **out)
{
	size_t at = p->now.at;
	int result;

	if (p->now.kind == T_WORD && (is_keyword(&p->now, "and") || is_keyword(&p->now, "or")))
		return wrong_at(p, at, "a condition is missing before %s", p->now.text);
	if (p->now.kind == T_WORD && !is_keyword(&p->now, "not"))
		return term(p, out);
	if (p->now.kind == T_QUOTED)
		return term(p, out);
	if (p->now.kind != T_OPEN && p->now.kind != T_WORD)
		return wrong_at(p, at, "a condition is missing here");
	if (++p->depth > FILTER_DEEPEST)
		return wrong_at(p, at, "nested deeper than %d", FILTER_DEEPEST);
	if (p->now.kind == T_WORD) {
		struct filter_node *n = node(p, FILTER_NOT, at);

		if (!n || next(p) || unary(p, &n->left))
			return -1;
		n->end = p->now.at;
		*out = n;
		result = 0;
	} else {
		if (next(p) || either(p, out))
			return -1;
		result = p->now.kind == T_CLOSE ? next(p) : wrong_at(p, p->now.at, "a ) is missing here");
	}
	p->depth--;
	return result;
}

static int join(struct parser *p, enum filter_op op, struct filter_node **left,
                int (*side)(struct parser *, struct filter_node **))
{
	struct filter_node *n = node(p, op, (*left)->at);

	if (!n || side(p, &n->right))
		return -1;
	n->left = *left;
	n->end = p->now.at;
	*left = n;
	return 0;
}

/* Conditions side by side are joined by AND, as words are in any search. */
static int both(struct parser *p, struct filter_node **out)
{
	if (unary(p, out))
		return -1;
	while (p->now.kind != T_END && p->now.kind != T_CLOSE && !is_keyword(&p->now, "or")) {
		if (p->now.kind == T_COMMA)
			return wrong_at(p, p->now.at, "a , stands here: AND or OR joins conditions");
		if (p->now.kind == T_OPERATOR)
			return wrong_at(p, p->now.at, "an operator stands here without a field before it");
		if (is_keyword(&p->now, "and") && next(p))
			return -1;
		if (join(p, FILTER_AND, out, unary))
			return -1;
	}
	return 0;
}

static int either(struct parser *p, struct filter_node **out)
{
	if (both(p, out))
		return -1;
	while (is_keyword(&p->now, "or")) {
		if (next(p) || join(p, FILTER_OR, out, both))
			return -1;
	}
	return 0;
}

int filter_parse(const char *text, struct arena *mem, struct filter_node **out, size_t *at, struct error *err)
{
	struct parser p = {.text = text ? text : "", .mem = mem, .err = err};
	int result = -1;

	*out = NULL;
	p.len = strlen(p.text);
	if (p.len > FILTER_LONGEST) {
		wrong_at(&p, FILTER_LONGEST, "the filter is longer than %d bytes", FILTER_LONGEST);
	} else if (!next(&p)) {
		if (p.now.kind == T_END)
			result = 0;
		else if (!either(&p, out))
			result = p.now.kind == T_END ? 0 : wrong_at(&p, p.now.at, "this ) has no ( before it");
	}
	if (result) {
		*out = NULL;
		if (at)
			*at = p.wrong;
	}
	return result;
}

bool filter_speaks_of(const struct filter_node *f, enum field_kind kind)
{
	if (!f)
		return false;
	if (f->op <= FILTER_NOT)
		return filter_speaks_of(f->left, kind) || filter_speaks_of(f->right, kind);
	return f->op != FILTER_WORD && f->field.kind == kind;
}

int store_filter_check(const char *filter, size_t *at, struct error *err)
{
	struct arena *mem = arena_new();
	struct filter_node *tree;
	int result = filter_parse(filter, mem, &tree, at, err);

	arena_free(mem);
	return result;
}
