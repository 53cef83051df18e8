/* Predictions as an object of the store: written in one way, read strictly. */
#include <math.h>

#include "work.h"

void case_names_init(struct case_names *n, const struct table *t)
{
	*n = (struct case_names){.table = t};
	long at = table_role(t, ROLE_ID);
	if (at < 0 || t->columns[at].missing)
		return;
	struct intern seen;
	struct str name;
	intern_init(&seen);
	str_init(&name);
	for (size_t row = 0; row < t->row_count; row++) {
		str_clear(&name);
		column_cell(&t->columns[at], row, &name);
		intern_add(&seen, name.data, name.len);
	}
	if (seen.count == t->row_count)
		n->id = &t->columns[at];
	intern_release(&seen);
	str_release(&name);
}

void case_name(const struct case_names *n, size_t row, struct str *out)
{
	str_clear(out);
	if (n->id)
		column_cell(n->id, row, out);
	else
		str_addf(out, "%zu", row + 1);
}

static bool is_plain(unsigned char b)
{
	return (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || b == '_' ||
	       b == '.' || b == '-';
}

static void percent(struct str *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (is_plain(*p))
			str_addc(out, (char)*p);
		else
			str_addf(out, "%%%02X", *p);
	}
}

void predictions_write(const struct predictions_head *head, const struct case_names *names,
                       const size_t *rows, const double *scores, struct str *out)
{
	str_addf(out, "assay-predictions/1\ndata sha256:%s\nmodel sha256:%s\nsplit %s\ncase ", head->data,
	         head->model, head->split);
	if (names->id) {
		str_adds(out, "id ");
		percent(out, names->id->name);
	} else {
		str_adds(out, "row");
	}
	str_addf(out, "\nscore probability\nrows %zu\n\n", head->rows);
	struct str name;
	str_init(&name);
	for (size_t i = 0; i < head->rows; i++) {
		char number[NUM_TEXT];
		case_name(names, rows ? rows[i] : i, &name);
		/* No guard against formulas here: a case must come back as it was. */
		csv_field(out, name.data, name.len, ',', false);
		str_addc(out, ',');
		str_adds(out, num_shortest(scores[i], number));
		str_addc(out, '\n');
	}
	str_release(&name);
}

/* ---- reading ---- */

struct reader {
	const char *at, *end;
	size_t line;
	struct error *err;
};

static int bad(struct reader *r, const char *what)
{
	return error_set(r->err, ERR_TAMPER, "predictions, line %zu: %s", r->line, what);
}

/* The next line must be "KEY VALUE"; the value, without the line feed. */
static int fact(struct reader *r, const char *key, char *value, size_t size)
{
	r->line++;
	const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
	size_t key_len = strlen(key);
	if (!stop || (size_t)(stop - r->at) <= key_len || memcmp(r->at, key, key_len) != 0 ||
	    r->at[key_len] != ' ')
		return bad(r, "not as this version writes it");
	const char *from = r->at + key_len + 1;
	size_t len = (size_t)(stop - from);
	if (len >= size || memchr(from, 0, len))
		return bad(r, "too long");
	memcpy(value, from, len);
	value[len] = 0;
	r->at = stop + 1;
	return 0;
}

static int digest(struct reader *r, const char *key, char out[SHA256_TEXT])
{
	char value[96];
	if (fact(r, key, value, sizeof value) != 0)
		return -1;
	if (strncmp(value, "sha256:", 7) != 0 || strlen(value + 7) != 64 ||
	    strspn(value + 7, "0123456789abcdef") != 64)
		return bad(r, "not a digest");
	memcpy(out, value + 7, SHA256_TEXT);
	return 0;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int unpercent(struct reader *r, char *text)
{
	char *to = text;
	for (const char *p = text; *p; p++) {
		if (*p != '%') {
			*to++ = *p;
			continue;
		}
		int high = hex_digit(p[1]), low = high < 0 ? -1 : hex_digit(p[2]);
		if (low < 0 || high + low == 0)
			return bad(r, "not a name");
		*to++ = (char)(high * 16 + low);
		p += 2;
	}
	*to = 0;
	return 0;
}

static int read_head(struct reader *r, struct predictions_read *out)
{
	static const char magic[] = "assay-predictions/1\n";
	struct predictions_head *h = &out->head;
	size_t cap = (size_t)(r->end - r->at) + 1;
	int64_t rows;
	r->line = 1;
	if (cap <= strlen(magic) || memcmp(r->at, magic, strlen(magic)) != 0)
		return bad(r, "not predictions that this version can read");
	r->at += strlen(magic);
	char number[32], kind[32], *name = arena_alloc(out->mem, cap);
	if (digest(r, "data", h->data) != 0 || digest(r, "model", h->model) != 0 ||
	    fact(r, "split", h->split, sizeof h->split) != 0 || fact(r, "case", name, cap) != 0)
		return -1;
	if (strncmp(name, "id ", 3) == 0) {
		h->id_column = name + 3;
		if (unpercent(r, name + 3) != 0)
			return -1;
	} else if (strcmp(name, "row") != 0) {
		return bad(r, "neither row nor id");
	}
	if (fact(r, "score", kind, sizeof kind) != 0 || fact(r, "rows", number, sizeof number) != 0)
		return -1;
	/* A row is four bytes at least ("1,0\n"): a wild number asks for no wild memory. */
	if (strcmp(kind, "probability") != 0 || !int_parse(number, strlen(number), &rows) || rows < 0 ||
	    (uint64_t)rows > (uint64_t)(r->end - r->at) / 4)
		return bad(r, "not a number of rows");
	h->rows = (size_t)rows;
	r->line++;
	if (r->at == r->end || *r->at++ != '\n')
		return bad(r, "the empty line is missing");
	return 0;
}

/* One field up to ',' or the line's end; quoted ones are unquoted into the arena. */
static int read_case(struct reader *r, struct arena *mem, const char **out)
{
	const char *p = r->at;
	if (p < r->end && *p == '"') {
		struct str text;
		str_init(&text);
		for (p++; p < r->end; p++) {
			if (*p == '"' && (p + 1 == r->end || p[1] != '"'))
				break;
			if (*p == '"')
				p++;
			str_addc(&text, *p);
		}
		*out = arena_memdup0(mem, text.data, text.len);
		str_release(&text);
		if (p == r->end)
			return bad(r, "a quote does not end");
		p++;
	} else {
		while (p < r->end && *p != ',' && *p != '\n')
			p++;
		*out = arena_memdup0(mem, r->at, (size_t)(p - r->at));
	}
	if (p == r->end || *p != ',')
		return bad(r, "no score");
	r->at = p + 1;
	return 0;
}

int predictions_parse(const char *text, size_t len, struct predictions_read *out, struct error *err)
{
	struct reader r = {.at = text, .end = text + len, .err = err};
	*out = (struct predictions_read){.mem = arena_new()};
	if (read_head(&r, out) != 0)
		goto fail;
	out->case_id = arena_array(out->mem, out->head.rows + 1, sizeof *out->case_id);
	out->score = arena_array(out->mem, out->head.rows + 1, sizeof *out->score);
	for (size_t i = 0; i < out->head.rows; i++) {
		r.line++;
		if (read_case(&r, out->mem, &out->case_id[i]) != 0)
			goto fail;
		const char *stop = memchr(r.at, '\n', (size_t)(r.end - r.at));
		if (!stop || !num_parse(r.at, (size_t)(stop - r.at), &out->score[i]) || !isfinite(out->score[i])) {
			bad(&r, "not a score");
			goto fail;
		}
		r.at = stop + 1;
	}
	r.line++;
	if (r.at != r.end) {
		bad(&r, "more rows than announced");
		goto fail;
	}
	return 0;
fail:
	arena_free(out->mem);
	*out = (struct predictions_read){0};
	return -1;
}
