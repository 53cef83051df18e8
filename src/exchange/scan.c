/*
 * The bodies of log-metric and log-batch as clients write them, read without making an object of each number.
 *
 * Only what is plain is read here: metrics that a client's own library writes, no parameters, no tags, names in ASCII
 * without escapes, nothing wrong. Everything else, and every error with its words, is read from the objects of the
 * whole body (calls.c, log.c).
 */
#include <math.h>
#include <string.h>

#include "inside.h"

struct slice {
	const char *text;
	size_t len;
};

struct scan {
	struct arena *mem;
	const char *at, *end;
	struct slice run_id, run_uuid; /* of the call */
};

/* ---- tokens ---- */

static char next(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
		s->at++;
	return s->at < s->end ? *s->at : '\0';
}

static bool take(struct scan *s, char c)
{
	if (next(s) != c)
		return false;
	s->at++;
	return true;
}

static bool take_text(struct scan *s, struct slice *out)
{
	const char *start;

	if (!take(s, '"'))
		return false;
	for (start = s->at; s->at < s->end && *s->at != '"'; s->at++)
		if ((unsigned char)(*s->at - ' ') >= 0x7F - ' ' || *s->at == '\\')
			return false;
	if (s->at == s->end)
		return false;
	*out = (struct slice){start, (size_t)(s->at++ - start)};
	return true;
}

static size_t digits(struct scan *s)
{
	const char *start = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return (size_t)(s->at - start);
}

/* As JSON has them; *whole: neither a point nor an exponent. */
static bool take_number(struct scan *s, struct slice *out, bool *whole)
{
	const char *start;
	bool zero;

	next(s);
	start = s->at;
	if (s->at < s->end && *s->at == '-')
		s->at++;
	zero = s->at < s->end && *s->at == '0';
	if ((zero ? (s->at++, 1) : digits(s)) == 0)
		return false;
	*whole = true;
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		*whole = false;
		if (!digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		*whole = false;
		if (s->at < s->end && (*s->at == '-' || *s->at == '+'))
			s->at++;
		if (!digits(s))
			return false;
	}
	*out = (struct slice){start, (size_t)(s->at - start)};
	return true;
}

static bool take_int(struct scan *s, int64_t *out)
{
	struct slice number;
	bool whole;

	return take_number(s, &number, &whole) && whole && int_parse(number.text, number.len, out);
}

static bool take_double(struct scan *s, double *out)
{
	struct slice number;
	bool whole;

	return take_number(s, &number, &whole) && num_parse(number.text, number.len, out) && isfinite(*out);
}

static bool is(const struct slice *text, const char *word)
{
	return text->len == strlen(word) && !memcmp(text->text, word, text->len);
}

/* The name of the next member of an object that has been begun, and its colon; false at its end, or where something
 * is not plain: *good then is false. */
static bool take_member(struct scan *s, bool *first, struct slice *name, bool *good)
{
	*good = true;
	if (take(s, '}'))
		return false;
	*good = (*first || take(s, ',')) && take_text(s, name) && take(s, ':');
	*first = false;
	return *good;
}

/* ---- metrics ---- */

/* A metric, or the call that is one: then it names its run. */
static bool take_metric(struct scan *s, struct metric *m)
{
	bool first = true, good = take(s, '{'), has_key = false, has_value = false, has_time = false;
	struct slice name, text;

	*m = (struct metric){.model = ""};
	if (!good)
		return false;
	while (take_member(s, &first, &name, &good)) {
		if (is(&name, "key")) {
			has_key = take_text(s, &text);
			m->key = has_key ? arena_memdup0(s->mem, text.text, text.len) : NULL;
			good = has_key;
		} else if (is(&name, "value")) {
			good = has_value = take_double(s, &m->point.value);
		} else if (is(&name, "timestamp")) {
			good = has_time = take_int(s, &m->point.time);
		} else if (is(&name, "step")) {
			good = take_int(s, &m->point.step);
		} else if (is(&name, "run_id")) {
			good = take_text(s, &s->run_id);
		} else if (is(&name, "run_uuid")) {
			good = take_text(s, &s->run_uuid);
		} else {
			good = false;
		}
		if (!good)
			return false;
	}
	return good && has_key && has_value && has_time && m->point.time >= 0 && strlen(m->key) <= KEY_MAX &&
	       key_trouble(m->key) == NULL;
}

static bool take_metrics(struct scan *s, struct metric *metrics, size_t *count)
{
	*count = 0;
	if (!take(s, '['))
		return false;
	if (take(s, ']'))
		return true;
	do {
		if (*count == METRICS_MAX || !take_metric(s, &metrics[(*count)++]))
			return false;
	} while (take(s, ','));
	return take(s, ']');
}

static bool take_batch(struct scan *s, struct metric *metrics, size_t *count)
{
	struct slice name, run_id = {NULL, 0}, run_uuid = {NULL, 0};
	bool first = true, good = take(s, '{');

	*count = 0;
	if (!good)
		return false;
	while (take_member(s, &first, &name, &good)) {
		if (is(&name, "metrics"))
			good = take_metrics(s, metrics, count);
		else if (is(&name, "params") || is(&name, "tags"))
			good = take(s, '[') && take(s, ']');
		else if (is(&name, "run_id"))
			good = take_text(s, &run_id);
		else if (is(&name, "run_uuid"))
			good = take_text(s, &run_uuid);
		else
			good = false;
		if (!good)
			return false;
	}
	/* What the metrics say of their run is not looked at. */
	s->run_id = run_id;
	s->run_uuid = run_uuid;
	return good;
}

static void add_run(struct json_object *args, const char *name, const struct slice *run)
{
	if (run->text)
		json_object_object_add(args, name, json_object_new_string_len(run->text, (int)run->len));
}

bool scan_metrics(struct call *c, bool batch)
{
	struct scan s = {.mem = c->mem, .at = c->in->body, .end = c->in->body + c->in->body_len};
	struct metric *metrics;
	size_t count = 1;

	if (!c->in->body_len || c->in->body_len > EXCHANGE_BATCH_MAX)
		return false;
	metrics = arena_array(c->mem, batch ? METRICS_MAX : 1, sizeof *metrics);
	if (!(batch ? take_batch(&s, metrics, &count) : take_metric(&s, metrics)) || next(&s) || s.at != s.end)
		return false;
	c->args = json_object_new_object();
	add_run(c->args, "run_id", &s.run_id);
	add_run(c->args, "run_uuid", &s.run_uuid);
	c->metrics = metrics;
	c->metric_count = count;
	return true;
}
