/*
 * Lines that are one dictionary: JSON, and what Python prints of a dict. Names of inner ones are joined by a point;
 * lists, words and what is true or false are passed over.
 */
#include <ctype.h>
#include <math.h>

#include "finder.h"

enum { DEEPEST = 8 };

struct dict {
	struct scan *s;
	const char *p, *end;
	char path[FINDER_NAME + 1];
	bool measure; /* a name of a measure was among them */
};

static void blanks(struct dict *d)
{
	while (d->p < d->end && is_blank(*d->p))
		d->p++;
}

/* A string at d->p, as it stands between its quotes. */
static bool quoted(struct dict *d, struct span *out)
{
	char quote = d->p < d->end ? *d->p : 0;

	if (quote != '"' && quote != '\'')
		return false;
	out->at = ++d->p;
	while (d->p < d->end && *d->p != quote)
		d->p += *d->p == '\\' && d->p + 1 < d->end ? 2 : 1;
	if (d->p >= d->end)
		return false;
	out->len = (size_t)(d->p++ - out->at);
	return true;
}

/* A number, or a word for one that is not finite, as the whole of the text. */
static bool number(struct span text, double *value, bool *real)
{
	static const struct {
		const char *word;
		double value;
	} words[] = {{"nan", (double)NAN},
	             {"inf", (double)INFINITY},
	             {"-inf", -(double)INFINITY},
	             {"infinity", (double)INFINITY},
	             {"-infinity", -(double)INFINITY}};

	for (size_t i = 0; text.len && i < COUNT_OF(words); i++)
		if (span_is(text, words[i].word)) {
			*value = words[i].value;
			*real = false;
			return true;
		}
	if (text.len == 0 || text.len > 64 || isspace((unsigned char)text.at[0]) ||
	    !num_parse(text.at, text.len, value))
		return false;
	*real =
	    memchr(text.at, '.', text.len) || memchr(text.at, 'e', text.len) || memchr(text.at, 'E', text.len);
	return true;
}

static void take(struct dict *d, struct span key, double value, bool real)
{
	struct scan *s = d->s;
	struct span name = {d->path, strlen(d->path)};
	bool whole = value >= 0 && value < 1e15 && value == floor(value);

	if (word_is_step(key) || word_is_batch(key) || word_is_epoch(key)) {
		struct count c = {.have = true, .n = whole ? (int64_t)value : 0};
		/* "epoch": 0.25 says how far it is, and is no step. */
		if (!whole || (real && word_is_epoch(key)) || word_is_setting(key))
			return;
		*(word_is_epoch(key) ? &s->epoch : word_is_batch(key) ? &s->batch : &s->step) = c;
		return;
	}
	if (word_ends_stopped(key) || (word_is_stopped(key) && !word_is_measure(name)))
		return;
	d->measure |= word_is_measure(name);
	scan_found(s, name, value, real);
}

static bool object(struct dict *d, int depth);

/* Past a list, whatever is in it. */
static bool list(struct dict *d)
{
	int depth = 0;
	struct span word;

	do {
		if (d->p == d->end)
			return false;
		if (*d->p == '"' || *d->p == '\'') {
			if (!quoted(d, &word))
				return false;
			continue;
		}
		depth +=
		    (*d->p == '[' || *d->p == '{' || *d->p == '(') - (*d->p == ']' || *d->p == '}' || *d->p == ')');
		d->p++;
	} while (depth > 0);
	return true;
}

static bool value_of(struct dict *d, struct span key, int depth)
{
	struct span text;
	double value;
	bool real;

	if (d->p == d->end)
		return false;
	if (*d->p == '{')
		return object(d, depth + 1);
	if (*d->p == '[' || *d->p == '(')
		return list(d);
	if (*d->p == '"' || *d->p == '\'') {
		if (!quoted(d, &text))
			return false;
	} else {
		text.at = d->p;
		while (d->p < d->end && !strchr(",}] \t", *d->p))
			d->p++;
		text.len = (size_t)(d->p - text.at);
	}
	if (number(text, &value, &real))
		take(d, key, value, real);
	return true;
}

static bool object(struct dict *d, int depth)
{
	size_t before = strlen(d->path), len;
	struct span key;

	if (depth > DEEPEST || d->p == d->end || *d->p != '{')
		return false;
	d->p++;
	for (;;) {
		blanks(d);
		if (d->p < d->end && *d->p == '}') {
			d->p++;
			return true;
		}
		if (!quoted(d, &key))
			return false;
		blanks(d);
		if (d->p == d->end || *d->p++ != ':')
			return false;
		blanks(d);
		len = before;
		if (len > 0 && len < FINDER_NAME)
			d->path[len++] = '.';
		for (size_t i = 0; i < key.len && len < FINDER_NAME; i++)
			d->path[len++] = key.at[i];
		d->path[len] = 0;
		if (!value_of(d, key, depth))
			return false;
		d->path[before] = 0;
		blanks(d);
		if (d->p < d->end && *d->p == ',')
			d->p++;
		else if (d->p == d->end || *d->p != '}')
			return false;
	}
}

bool dict_read(struct scan *s)
{
	struct dict d = {.s = s, .p = s->p, .end = s->end};

	blanks(&d);
	if (!object(&d, 0)) {
		s->found_count = 0;
		s->step = s->batch = s->epoch = (struct count){0};
		return false;
	}
	/* Logs are written as JSON, too: without a step and without the name of a measure it may be anything. */
	if (!d.measure && !s->step.have && !s->epoch.have && !s->batch.have)
		s->found_count = 0;
	return true;
}
