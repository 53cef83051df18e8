/*
 * Rows that match an expression: recursive descent, each part giving one byte a row. As in SQL a comparison
 * with a missing cell is neither true nor false, and neither is its NOT.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal.h"

enum { NO = 0, YES = 1, UNKNOWN = 2 };
#define DEPTH_MAX 64

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_NAME,
	TOKEN_TEXT,
	TOKEN_NUMBER,
	TOKEN_OPERATOR,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA
};

enum compare { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, LIKE, ILIKE };

struct token {
	enum token_kind kind;
	size_t at;
	struct str text; /* word, name, text, or the number as written */
	double number;
	enum compare compare;
};

struct parser {
	const struct table *table;
	size_t rows; /* to look at; 0: only whether it can be read */
	const char *expr;
	size_t at; /* next byte */
	struct token token;
	size_t *error_at;
	struct error *err;
	int depth;
};

struct literal {
	struct str text;
	bool is_number;
	double number;
	size_t at;
};

static int fail(struct parser *p, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);

static int fail(struct parser *p, size_t at, const char *format, ...)
{
	struct str text;
	va_list args;
	size_t characters = 1;

	str_init(&text);
	va_start(args, format);
	str_addvf(&text, format, args);
	va_end(args);
	for (size_t i = 0; i < at; i++)
		characters += ((unsigned char)p->expr[i] & 0xC0) != 0x80;
	if (p->error_at)
		*p->error_at = at;
	error_set(p->err, ERR_USAGE, "at character %zu of the filter: %s", characters, text.data);
	str_release(&text);
	return -1;
}

/* ---- words ---- */

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '_' || c >= 0x80;
}

/* A quoted piece; the quote doubled stands for itself. */
static int read_quoted(struct parser *p, char quote, enum token_kind kind)
{
	size_t from = p->at++;

	for (;; p->at++) {
		char c = p->expr[p->at];

		if (!c)
			return fail(p, from, "a quote that does not end");
		if (c == quote && p->expr[p->at + 1] != quote)
			break;
		if (c == quote)
			p->at++;
		str_addc(&p->token.text, c);
	}
	p->at++;
	p->token.kind = kind;
	return 0;
}

static int read_number(struct parser *p)
{
	size_t from = p->at;

	if (strchr("+-", p->expr[p->at]))
		p->at++;
	for (;; p->at++) {
		char c = p->expr[p->at];
		bool sign = c && strchr("+-", c) && strchr("eE", p->expr[p->at - 1]);

		if (!isalnum((unsigned char)c) && c != '.' && !sign)
			break;
	}
	str_add(&p->token.text, p->expr + from, p->at - from);
	p->token.kind = TOKEN_NUMBER;
	if (!num_parse(p->token.text.data, p->token.text.len, &p->token.number))
		return fail(p, from, "\"%s\" is no number (text and times stand in single quotes)",
		            p->token.text.data);
	return 0;
}

static int read_operator(struct parser *p)
{
	static const struct {
		const char *text;
		enum compare compare;
	} operators[] = {{"<=", LESS_EQUAL}, {">=", GREATER_EQUAL}, {"<>", NOT_EQUAL}, {"!=", NOT_EQUAL},
	                 {"==", EQUAL},      {"=", EQUAL},          {"<", LESS},       {">", GREATER}};

	for (size_t i = 0; i < COUNT_OF(operators); i++)
		if (!strncmp(p->expr + p->at, operators[i].text, strlen(operators[i].text))) {
			p->token.kind = TOKEN_OPERATOR;
			p->token.compare = operators[i].compare;
			p->at += strlen(operators[i].text);
			return 0;
		}
	return fail(p, p->at, "\"%c\" is not understood here", p->expr[p->at]);
}

static int next(struct parser *p)
{
	struct token *t = &p->token;
	unsigned char c;

	while (isspace((unsigned char)p->expr[p->at]))
		p->at++;
	t->at = p->at;
	str_clear(&t->text);
	c = (unsigned char)p->expr[p->at];
	if (!c) {
		t->kind = TOKEN_END;
		return 0;
	}
	if (c == '(' || c == ')' || c == ',') {
		t->kind = c == '(' ? TOKEN_OPEN : c == ')' ? TOKEN_CLOSE : TOKEN_COMMA;
		p->at++;
		return 0;
	}
	if (c == '\'')
		return read_quoted(p, '\'', TOKEN_TEXT);
	if (c == '"' || c == '`')
		return read_quoted(p, (char)c, TOKEN_NAME);
	if (isdigit(c) || c == '.' ||
	    ((c == '-' || c == '+') && (isdigit((unsigned char)p->expr[p->at + 1]) || p->expr[p->at + 1] == '.')))
		return read_number(p);
	if (!is_word(c))
		return read_operator(p);
	/* A hyphen or a point within a name needs no quotes: hours-per-week, metrics.auc. */
	while (is_word((unsigned char)p->expr[p->at]) ||
	       (strchr("-.", p->expr[p->at]) && p->expr[p->at] && is_word((unsigned char)p->expr[p->at + 1])))
		p->at++;
	str_add(&t->text, p->expr + t->at, p->at - t->at);
	t->kind = TOKEN_WORD;
	return 0;
}

static bool is_keyword(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD && !strcasecmp(p->token.text.data, word);
}

/* ---- comparing ---- */

static bool holds(enum compare compare, int order)
{
	switch (compare) {
	case EQUAL:
		return order == 0;
	case NOT_EQUAL:
		return order != 0;
	case LESS:
		return order < 0;
	case LESS_EQUAL:
		return order <= 0;
	case GREATER:
		return order > 0;
	case GREATER_EQUAL:
		return order >= 0;
	case LIKE:
	case ILIKE:
		break;
	}
	return false;
}

static int order_of(double a, double b)
{
	return (a > b) - (a < b);
}

static bool same_byte(char a, char b, bool fold)
{
	return a == b || (fold && tolower((unsigned char)a) == tolower((unsigned char)b));
}

/* % is anything, _ one character; backtracks to the last % only, so it takes len * pattern at most. */
static bool like(const char *text, const char *pattern, bool fold)
{
	const char *star = NULL, *mark = NULL;

	while (*text) {
		if (*pattern == '%') {
			star = ++pattern;
			mark = text;
		} else if (*pattern == '_') {
			pattern++;
			text++;
			while (((unsigned char)*text & 0xC0) == 0x80)
				text++;
		} else if (*pattern && same_byte(*text, *pattern, fold)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++mark;
		} else {
			return false;
		}
	}
	while (*pattern == '%')
		pattern++;
	return !*pattern;
}

static bool text_matches(const char *text, size_t len, enum compare compare, const struct literal *l)
{
	struct number_facts facts;
	double number;
	size_t least = len < l->text.len ? len : l->text.len;
	int order;

	if (compare == LIKE || compare == ILIKE)
		return like(text, l->text.data, compare == ILIKE);
	if (l->is_number && cell_number(text, len, &number, &facts))
		return holds(compare, order_of(number, l->number));
	order = memcmp(text, l->text.data, least);
	return holds(compare, order ? order : (len > l->text.len) - (len < l->text.len));
}

/* The literal as a value of a column of numbers. */
static int literal_value(struct parser *p, const struct column *c, const struct literal *l, double *value)
{
	struct number_facts facts;
	int64_t ms;

	if (c->type == COLUMN_TIME) {
		if (!time_parse(l->text.data, l->text.len, &ms))
			return fail(p, l->at,
			            "column %s holds times; '%s' is none (write '2026-11-23' or '2026-11-23T09:12:00Z')",
			            c->name, l->text.data);
		*value = (double)ms;
		return 0;
	}
	if (l->is_number) {
		*value = l->number;
		return 0;
	}
	if ((c->type == COLUMN_BOOL && cell_bool(l->text.data, l->text.len, value)) ||
	    cell_number(l->text.data, l->text.len, value, &facts))
		return 0;
	return fail(p, l->at, "column %s holds %s; '%s' is none", c->name,
	            c->type == COLUMN_BOOL ? "true and false" : "numbers", l->text.data);
}

static int compare_rows(struct parser *p, const struct column *c, enum compare compare,
                        const struct literal *l, uint8_t *out)
{
	size_t rows = p->rows;
	double value;

	if (c->codes) {
		uint8_t *verdict;

		if (!rows)
			return 0;
		verdict = xmalloc(c->dict->count + 1);

		for (size_t i = 0; i < c->dict->count; i++)
			verdict[i] =
			    text_matches(c->dict->entries[i].bytes, c->dict->entries[i].len, compare, l) ? YES : NO;
		for (size_t i = 0; i < rows; i++)
			out[i] = c->codes[i] == CODE_MISSING ? UNKNOWN : verdict[c->codes[i]];
		free(verdict);
		return 0;
	}
	if (compare == LIKE || compare == ILIKE) {
		struct str cell;

		str_init(&cell);
		for (size_t i = 0; i < rows; i++) {
			str_clear(&cell);
			column_cell(c, i, &cell);
			out[i] = column_is_missing(c, i)                           ? UNKNOWN
			         : like(cell.data, l->text.data, compare == ILIKE) ? YES
			                                                           : NO;
		}
		str_release(&cell);
		return 0;
	}
	if (literal_value(p, c, l, &value) < 0)
		return -1;
	for (size_t i = 0; i < rows; i++) {
		double cell = column_number(c, i);

		out[i] = isnan(cell) ? UNKNOWN : holds(compare, order_of(cell, value)) ? YES : NO;
	}
	return 0;
}

/* ---- the grammar ---- */

static int parse_or(struct parser *p, uint8_t *out);

static int take_literal(struct parser *p, struct literal *l)
{
	const struct token *t = &p->token;

	/* A bare word is text, as in the filter of runs. */
	if (t->kind != TOKEN_TEXT && t->kind != TOKEN_NUMBER && t->kind != TOKEN_WORD)
		return fail(p, t->at, "a value is expected here: a number, a word, or text in single quotes");
	str_clear(&l->text);
	str_add(&l->text, t->text.data, t->text.len);
	l->is_number = t->kind == TOKEN_NUMBER;
	l->number = t->number;
	l->at = t->at;
	return next(p);
}

static void negate(uint8_t *out, size_t rows)
{
	for (size_t i = 0; i < rows; i++)
		out[i] = out[i] == UNKNOWN ? UNKNOWN : !out[i];
}

static void either(uint8_t *out, const uint8_t *other, size_t rows)
{
	for (size_t i = 0; i < rows; i++)
		out[i] = out[i] == YES || other[i] == YES           ? YES
		         : out[i] == UNKNOWN || other[i] == UNKNOWN ? UNKNOWN
		                                                    : NO;
}

static void both(uint8_t *out, const uint8_t *other, size_t rows)
{
	for (size_t i = 0; i < rows; i++)
		out[i] = out[i] == NO || other[i] == NO             ? NO
		         : out[i] == UNKNOWN || other[i] == UNKNOWN ? UNKNOWN
		                                                    : YES;
}

static int parse_in(struct parser *p, const struct column *c, struct literal *l, uint8_t *out)
{
	size_t rows = p->rows;
	uint8_t *one;
	bool first = true;
	int rc = -1;

	if (p->token.kind != TOKEN_OPEN)
		return fail(p, p->token.at, "IN needs a list in parentheses");
	one = xmalloc(rows + 1);
	do {
		if (next(p) < 0 || take_literal(p, l) < 0 || compare_rows(p, c, EQUAL, l, first ? out : one) < 0)
			goto out;
		if (!first)
			either(out, one, rows);
		first = false;
	} while (p->token.kind == TOKEN_COMMA);
	if (p->token.kind != TOKEN_CLOSE) {
		fail(p, p->token.at, "a comma or ) is expected here");
		goto out;
	}
	rc = next(p);
out:
	free(one);
	return rc;
}

static int parse_is(struct parser *p, const struct column *c, uint8_t *out)
{
	bool negated = is_keyword(p, "not");

	if (negated && next(p) < 0)
		return -1;
	if (!is_keyword(p, "missing") && !is_keyword(p, "null"))
		return fail(p, p->token.at, "MISSING is expected after IS");
	for (size_t i = 0; i < p->rows; i++)
		out[i] = column_is_missing(c, i) != negated ? YES : NO;
	return next(p);
}

static int parse_comparison(struct parser *p, uint8_t *out)
{
	struct literal l = {.is_number = false};
	const struct column *c;
	enum compare compare;
	struct error why;
	bool negated;
	long at;
	int rc = -1;

	if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_NAME)
		return fail(p, p->token.at,
		            p->token.kind == TOKEN_END ? "a comparison is missing"
		                                       : "the name of a column is expected here");
	at = table_need(p->table, p->token.text.data, &why);
	if (at < 0)
		return fail(p, p->token.at, "%s", why.text);
	c = &p->table->columns[at];
	if (next(p) < 0)
		return -1;
	if (is_keyword(p, "is"))
		return next(p) < 0 ? -1 : parse_is(p, c, out);
	negated = is_keyword(p, "not");
	if (negated && next(p) < 0)
		return -1;
	str_init(&l.text);
	if (is_keyword(p, "in")) {
		rc = next(p) < 0 ? -1 : parse_in(p, c, &l, out);
	} else {
		if (is_keyword(p, "like") || is_keyword(p, "ilike")) {
			compare = is_keyword(p, "like") ? LIKE : ILIKE;
		} else if (p->token.kind == TOKEN_OPERATOR && !negated) {
			compare = p->token.compare;
		} else {
			fail(p, p->token.at, "%s is expected here",
			     negated ? "LIKE, ILIKE or IN" : "one of = != < <= > >= LIKE ILIKE IN IS");
			goto out;
		}
		rc = next(p) < 0 || take_literal(p, &l) < 0 ? -1 : compare_rows(p, c, compare, &l, out);
	}
	if (rc == 0 && negated)
		negate(out, p->rows);
out:
	str_release(&l.text);
	return rc;
}

static int parse_not(struct parser *p, uint8_t *out)
{
	int rc;

	if (p->depth >= DEPTH_MAX)
		return fail(p, p->token.at, "the expression is nested too deeply");
	p->depth++;
	if (is_keyword(p, "not")) {
		rc = next(p) < 0 ? -1 : parse_not(p, out);
		if (rc == 0)
			negate(out, p->rows);
	} else if (p->token.kind == TOKEN_OPEN) {
		rc = next(p) < 0 ? -1 : parse_or(p, out);
		if (rc == 0)
			rc = p->token.kind == TOKEN_CLOSE ? next(p) : fail(p, p->token.at, "a ) is expected here");
	} else {
		rc = parse_comparison(p, out);
	}
	p->depth--;
	return rc;
}

static int parse_chain(struct parser *p, uint8_t *out, const char *word,
                       int (*part)(struct parser *, uint8_t *),
                       void (*join)(uint8_t *, const uint8_t *, size_t))
{
	uint8_t *other = NULL;
	int rc = part(p, out);

	while (rc == 0 && is_keyword(p, word)) {
		if (!other)
			other = xmalloc(p->rows + 1);
		rc = next(p) < 0 ? -1 : part(p, other);
		if (rc == 0)
			join(out, other, p->rows);
	}
	free(other);
	return rc;
}

static int parse_and(struct parser *p, uint8_t *out)
{
	return parse_chain(p, out, "and", parse_not, both);
}

static int parse_or(struct parser *p, uint8_t *out)
{
	return parse_chain(p, out, "or", parse_and, either);
}

static int parse(struct parser *p, uint8_t *out)
{
	int rc;

	str_init(&p->token.text);
	rc = next(p) < 0 ? -1 : parse_or(p, out);
	if (rc == 0 && p->token.kind != TOKEN_END)
		rc = fail(p, p->token.at, "AND, OR or the end is expected here");
	str_release(&p->token.text);
	return rc;
}

int table_where(const struct table *t, const char *expr, uint8_t *keep, size_t *matched, size_t *at,
                struct error *err)
{
	struct parser p = {.table = t, .rows = t->row_count, .expr = expr, .error_at = at, .err = err};

	if (parse(&p, keep) < 0)
		return -1;
	*matched = 0;
	for (size_t i = 0; i < t->row_count; i++) {
		keep[i] = keep[i] == YES;
		*matched += keep[i];
	}
	return 0;
}

int table_where_check(const struct table *t, const char *expr, size_t *at, struct error *err)
{
	struct parser p = {.table = t, .expr = expr, .error_at = at, .err = err};

	return parse(&p, NULL);
}
