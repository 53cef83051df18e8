/*
 * finder: the stream of a program's output, cut into lines as a terminal would end up showing them; what a line says,
 * with the step that it belongs to; and what was recognised in all. Who takes a line is told in finder_forms.c.
 */
#include <math.h>

#include "finder.h"

enum { EXAMPLE = 200, GOES_ON = 20 };

struct name {         /* of a metric */
	int64_t counter;  /* the next step when nothing in the line says it */
	int64_t bar_step; /* the last that was taken of a line that was painted over; -1: none */
};
struct tally {
	enum recogniser by;
	const char *name;
	char *example;
	int64_t lines;
};
/* The last state of a bar within an epoch. */
struct held {
	bool have, told;
	int64_t clock; /* the epoch; -1: none was said */
	struct scan scan;
	char example[EXAMPLE + 1];
};
/* What is known of how far the whole is. */
struct whole {
	double share;        /* last told; NaN: nothing was */
	bool from_epochs;    /* they count, bars do not any more */
	bool again;          /* a bar began anew: how many more there are, nobody knows */
	bool from_zero;      /* epoch 0 was seen */
	struct count epochs; /* n: the last one; total */
	bool last_epoch;     /* epochs.total is the last number, from 0 */
	uint64_t bar;        /* who is the outermost bar */
	bool have_bar;
	int64_t n, total; /* where it is */
};

struct run_finder {
	const struct run_patterns *patterns;
	run_found_fn *each;
	void *user;
	char line[FINDER_LINE];
	size_t len;
	bool too_long;           /* the line goes beyond the buffer: passed over */
	bool carriage;           /* a \r came: what follows tells a line end from an overwritten line */
	size_t back;             /* backspaces since the last other byte */
	char front[FINDER_LINE]; /* a rich bar, which may go on in the next line */
	size_t front_len;
	bool front_transient;
	bool have_epoch; /* an "Epoch N" was seen in this or an earlier line */
	int64_t epoch;
	bool off[RECOGNISERS], full;
	struct intern names, tallied;
	struct name *name;
	struct tally *tally;
	size_t name_cap, tally_cap;
	struct scan scan;
	struct table table;
	struct count fits;
	struct held held;
	struct whole whole;
};

struct run_finder *run_finder_new(const struct run_patterns *patterns, run_found_fn *each, void *user)
{
	struct run_finder *f = xcalloc(1, sizeof *f);

	f->patterns = patterns;
	f->each = each;
	f->user = user;
	f->whole.share = (double)NAN;
	intern_init(&f->names);
	intern_init(&f->tallied);
	for (size_t i = 0; i < RECOGNISERS; i++)
		f->off[i] = patterns && run_patterns_is_off(patterns, RUN_RECOGNISERS[i].name, NULL);
	return f;
}

void run_finder_free(struct run_finder *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->tallied.count; i++)
		free(f->tally[i].example);
	intern_release(&f->names);
	intern_release(&f->tallied);
	free(f->name);
	free(f->tally);
	free(f);
}

/* ---- telling ---- */

static void count_line(struct run_finder *f, enum recogniser by, const char *name, const char *line,
                       size_t len)
{
	char key[FINDER_NAME + 2];
	size_t n = strlen(name), known = f->tallied.count;
	uint32_t id;

	key[0] = (char)('A' + (int)by);
	memcpy(key + 1, name, n);
	id = intern_add(&f->tallied, key, n + 1);
	if (id == known) {
		f->tally = vec_reserve(f->tally, &f->tally_cap, known + 1, sizeof *f->tally);
		while (len > 0 && is_blank(*line)) {
			line++;
			len--;
		}
		if (len > EXAMPLE)
			for (len = EXAMPLE; len > 0 && ((unsigned char)line[len] & 0xC0) == 0x80; len--)
				; /* not in the middle of a character */
		f->tally[id] = (struct tally){
		    .by = by, .name = intern_text(&f->tallied, id) + 1, .example = xmemdup0(line, len)};
		for (char *c = f->tally[id].example; *c; c++)
			*c = *c == '\t' ? ' ' : *c;
	}
	f->tally[id].lines++;
}

size_t run_finder_recognised(const struct run_finder *f)
{
	return f->tallied.count;
}

void run_finder_recognised_at(const struct run_finder *f, size_t i, struct run_recognised *out)
{
	const struct tally *t = &f->tally[i];

	*out = (struct run_recognised){
	    .recogniser = RUN_RECOGNISERS[t->by].name, .name = t->name, .example = t->example, .lines = t->lines};
}

static bool is_off(const struct run_finder *f, enum recogniser by, const char *name)
{
	return f->off[by] || (f->patterns && run_patterns_is_off(f->patterns, RUN_RECOGNISERS[by].name, name));
}

/* The number of a metric's name; INTERN_NONE: there are too many, which is said once. */
static uint32_t name_of(struct run_finder *f, enum recogniser by, const char *name)
{
	uint32_t id = intern_find(&f->names, name, strlen(name));

	if (id != INTERN_NONE)
		return id;
	if (f->names.count < RUN_FINDER_NAMES) {
		id = intern_add(&f->names, name, strlen(name));
		f->name = vec_reserve(f->name, &f->name_cap, f->names.count, sizeof *f->name);
		f->name[id] = (struct name){.bar_step = -1};
		return id;
	}
	if (!f->full)
		f->each(f->user, &(struct run_found){
		                     .kind = RUN_FOUND_FULL, .recogniser = RUN_RECOGNISERS[by].name, .name = ""});
	f->full = true;
	return INTERN_NONE;
}

static void tell_progress(struct run_finder *f, enum recogniser by, double share, const char *line,
                          size_t len)
{
	struct whole *w = &f->whole;

	if (is_off(f, by, "(progress)"))
		return;
	share = share > 1 ? 1 : share;
	/* A thousandth is what can be seen of it. */
	if (isnan(share) ? isnan(w->share) : !isnan(w->share) && fabs(share - w->share) < 0.001 && share < 1)
		return;
	if (share == w->share)
		return;
	w->share = share;
	f->each(f->user, &(struct run_found){.kind = RUN_FOUND_PROGRESS,
	                                     .recogniser = RUN_RECOGNISERS[by].name,
	                                     .name = "",
	                                     .value = share});
	if (!isnan(share))
		count_line(f, by, "(progress)", line, len);
}

/* ---- steps ---- */

static bool line_step(const struct run_finder *f, const struct scan *s, int64_t *step)
{
	if (s->counted)
		return false;
	if (s->step.have) {
		*step = s->step.n;
	} else if (s->batch.have && !s->bar && s->epoch.have && s->batch.has_total) {
		/* Batches begin anew with every epoch; epochs count from 0 or from 1, and either way the
		 * steps of one follow those of the one before. */
		if (__builtin_mul_overflow(s->epoch.n, s->batch.total, step) ||
		    __builtin_add_overflow(*step, s->batch.n, step))
			*step = s->epoch.n;
	} else if (s->epoch.have) {
		*step = s->epoch.n;
	} else if (f->have_epoch) {
		*step = f->epoch;
	} else if (s->batch.have) {
		*step = s->batch.n;
	} else {
		return false;
	}
	return true;
}

/* once: of a bar outside of epochs, or of a line that was painted over, each position counts once. */
static void tell_metrics(struct run_finder *f, const struct scan *s, bool have_step, int64_t line_at,
                         bool once, bool transient, const char *line, size_t len)
{
	bool context = s->step.have || s->batch.have || s->epoch.have;

	for (int i = 0; i < s->found_count; i++) {
		const struct found *m = &s->found[i];
		int64_t step = line_at;
		uint32_t id;

		if ((!m->sure && !context && m->by != BY_OWN) || is_off(f, m->by, m->name) ||
		    (id = name_of(f, m->by, m->name)) == INTERN_NONE)
			continue;
		if (m->has_step) {
			step = m->step;
		} else if (!have_step) {
			step = f->name[id].counter++;
		} else if (once) {
			if (transient ? step <= f->name[id].bar_step : step == f->name[id].bar_step)
				continue;
			f->name[id].bar_step = transient ? step : -1;
		}
		f->each(f->user, &(struct run_found){.kind = RUN_FOUND_METRIC,
		                                     .recogniser = RUN_RECOGNISERS[m->by].name,
		                                     .name = m->name,
		                                     .value = m->value,
		                                     .step = step});
		count_line(f, m->by, m->name, line, len);
	}
}

/* ---- bars within epochs: the last state of each counts ---- */

static void held_tell(struct run_finder *f)
{
	struct held *h = &f->held;

	if (h->have && !h->told)
		tell_metrics(f, &h->scan, h->clock >= 0, h->clock, false, false, h->example, strlen(h->example));
	h->told = true;
}

static void hold(struct run_finder *f, const struct scan *s, bool transient)
{
	struct held *h = &f->held;
	int64_t clock = s->epoch.have ? s->epoch.n : f->have_epoch ? f->epoch : -1;
	bool same = h->have && h->scan.by == s->by && h->clock == clock && h->scan.bar_name == s->bar_name;
	size_t len = (size_t)(s->end - s->begin);

	if (s->found_count == 0)
		return; /* the bar of a validation, say, while the epoch's has not ended */
	/* At the beginning of an epoch Lightning still shows what the one before came to; rich shows the validation's
	 * part of it there and nowhere else. */
	if (s->by == BY_LIGHTNING && s->batch.n == 0) {
		if (h->have && !h->told && h->scan.by == s->by && h->clock == clock - 1) {
			memcpy(h->scan.found, s->found, sizeof h->scan.found);
			h->scan.found_count = s->found_count;
			held_tell(f);
		}
		return;
	}
	if (same && s->batch.n < h->scan.batch.n)
		same = false;
	if (same && h->told && s->batch.n == h->scan.batch.n)
		return; /* painted once more */
	if (!same)
		held_tell(f);
	h->have = true;
	h->told = false;
	h->clock = clock;
	h->scan = *s;
	len = len < EXAMPLE ? len : EXAMPLE;
	memcpy(h->example, s->begin, len);
	h->example[len] = 0;
	if (!transient && s->by != BY_LIGHTNING && (!s->batch.has_total || s->batch.n >= s->batch.total))
		held_tell(f);
}

/* ---- progress ---- */

/* The share of all epochs; a bar, or the batch of the line, is the part of this one that is done. */
static void epoch_progress(struct run_finder *f, const struct scan *s, enum recogniser by)
{
	struct whole *w = &f->whole;
	struct count *e = &w->epochs;
	double part = 0, share, all;
	bool back = s->epoch.have && e->have && s->epoch.n < e->n;

	if (s->epoch.have) {
		e->have = true;
		e->n = s->epoch.n;
		w->from_zero |= s->epoch.n == 0 || s->last_epoch;
		if (s->epoch.has_total) {
			e->has_total = true;
			e->total = s->epoch.total;
			w->last_epoch = s->last_epoch;
		}
	}
	w->from_epochs = e->have;
	if (!e->has_total)
		return;
	if (s->batch.has_total)
		part = fmin(1, (double)s->batch.n / (double)s->batch.total);
	else if (s->epoch.have && s->found_count > 0)
		part = 1; /* the line that sums an epoch up */
	all = (double)e->total + (w->last_epoch ? 1 : 0);
	share = ((double)e->n - (w->from_zero ? 0 : 1) + part) / all;
	/* A second bar of the same epoch does not take it back; another training does. */
	if (share < 0 || (!back && !isnan(w->share) && share < w->share))
		return;
	tell_progress(f, by, share, s->begin, (size_t)(s->end - s->begin));
}

/* Bars and counters outside of epochs: the outermost counts, and the next one when it is done. One that begins anew
 * is a part of something whose length is not known. */
static void bar_progress(struct run_finder *f, const struct scan *s)
{
	struct whole *w = &f->whole;
	uint64_t bar = s->bar_name ^ (uint64_t)s->by << 56;
	int64_t n = s->batch.n, total = s->batch.total;
	bool same = w->have_bar && w->bar == bar && w->total == total;

	if (w->from_epochs || w->again || s->part)
		return;
	if (w->have_bar && !same && w->n < w->total)
		return; /* within the other */
	if (same && n < w->n) {
		w->again = true;
		tell_progress(f, s->by, (double)NAN, s->begin, 0);
		return;
	}
	w->have_bar = true;
	w->bar = bar;
	w->n = n;
	w->total = total;
	if (n > 0)
		tell_progress(f, s->by, (double)n / (double)total, s->begin, (size_t)(s->end - s->begin));
}

static void progress(struct run_finder *f, const struct scan *s)
{
	size_t len = (size_t)(s->end - s->begin);

	if (!isnan(s->share))
		tell_progress(f, s->by, s->share, s->begin, len);
	else if (s->done.has_total)
		tell_progress(f, s->by, (double)s->done.n / (double)s->done.total, s->begin, len);
	else if (s->epoch.have || (f->whole.epochs.have && s->batch.has_total))
		epoch_progress(f, s, s->found_count || s->bar ? s->found_count ? s->found[0].by : s->by : BY_EPOCH);
	else if (s->batch.has_total)
		bar_progress(f, s);
}

/* ---- one line ---- */

static void take(struct run_finder *f, const struct scan *s, bool transient)
{
	bool clocked = s->epoch.have || f->have_epoch, once = false;
	int64_t step = 0;
	bool have_step;

	if (s->bar && (s->by == BY_KERAS || clocked)) {
		hold(f, s, transient);
	} else if (!transient || s->step.have || (s->batch.have && !clocked)) {
		if (s->epoch.have)
			held_tell(f);
		have_step = line_step(f, s, &step);
		once = transient || (s->batch.have && !s->step.have && !clocked);
		tell_metrics(f, s, have_step, step, once, transient, s->begin, (size_t)(s->end - s->begin));
	} else {
		return;
	}
	progress(f, s);
	if (s->epoch.have) {
		f->have_epoch = true;
		f->epoch = s->epoch.n;
	}
}

static void scan_begin(struct scan *s, const char *line, size_t len)
{
	s->begin = s->p = line;
	s->end = line + len;
	s->by = BY_KEY_VALUE;
	s->word_count = s->found_count = 0;
	s->split = (struct span){0};
	s->step = s->batch = s->epoch = s->done = (struct count){0};
	s->bar = s->part = s->last_epoch = s->counted = s->measures = false;
	s->bar_name = 0;
	s->share = (double)NAN;
}

static unsigned marks_of(const char *line, size_t len)
{
	static const unsigned char marks[256] = {
	    ['0'] = MARK_DIGIT, ['1'] = MARK_DIGIT,   ['2'] = MARK_DIGIT,  ['3'] = MARK_DIGIT,
	    ['4'] = MARK_DIGIT, ['5'] = MARK_DIGIT,   ['6'] = MARK_DIGIT,  ['7'] = MARK_DIGIT,
	    ['8'] = MARK_DIGIT, ['9'] = MARK_DIGIT,   ['='] = MARK_EQUALS, [':'] = MARK_COLON,
	    ['{'] = MARK_BRACE, ['['] = MARK_BRACKET, ['/'] = MARK_SLASH,  ['%'] = MARK_PERCENT,
	    [0xE2] = MARK_HIGH,
	};
	unsigned all = 0;

	for (size_t i = 0; i < len; i++)
		all |= marks[(unsigned char)line[i]];
	return all;
}

static void line_done(struct run_finder *f, const char *line, size_t len, bool transient)
{
	struct scan *s = &f->scan;

	if (len == 0)
		return;
	scan_begin(s, line, len);
	if ((f->patterns && !f->off[BY_OWN] && patterns_read(f->patterns, s)) ||
	    forms_read(s, marks_of(line, len), &f->table, &f->fits))
		take(f, s, transient);
}

static void front_done(struct run_finder *f)
{
	size_t len = f->front_len;

	f->front_len = 0;
	line_done(f, f->front, len, f->front_transient);
}

/* Rich breaks a bar that is too wide into several lines, which stand under its last column. */
static void line_whole(struct run_finder *f, bool transient)
{
	size_t blanks = 0;

	if (f->front_len) {
		while (blanks < f->len && f->line[blanks] == ' ')
			blanks++;
		if (blanks >= GOES_ON && blanks < f->len && f->front_len + f->len < sizeof f->front) {
			memcpy(f->front + f->front_len, f->line, f->len);
			f->front_len += f->len;
			f->front_transient = transient;
			return;
		}
		front_done(f);
	}
	if (forms_goes_on(f->line, f->len)) {
		memcpy(f->front, f->line, f->len);
		f->front_len = f->len;
		f->front_transient = transient;
		return;
	}
	line_done(f, f->line, f->len, transient);
}

/* ---- the stream ---- */

/* Takes escape sequences and other control characters out of the line, in place. */
static void strip(struct run_finder *f)
{
	size_t out = 0, i = 0;

	/* Most lines have none. */
	while (i < f->len && ((unsigned char)f->line[i] >= 0x20 || f->line[i] == '\t'))
		i++;
	for (out = i; i < f->len;) {
		unsigned char c = (unsigned char)f->line[i];
		if (c == 0x1b && i + 1 < f->len && f->line[i + 1] == '[') {
			for (i += 2; i < f->len && (f->line[i] < 0x40 || f->line[i] > 0x7e); i++)
				;
			i++;
		} else if (c == 0x1b && i + 1 < f->len && f->line[i + 1] == ']') {
			for (i += 2; i < f->len && f->line[i] != 0x07 && f->line[i] != 0x1b; i++)
				;
			i += i < f->len && f->line[i] == 0x1b ? 2 : 1;
		} else if (c == 0x1b) {
			i += 2;
		} else if (c < 0x20 && c != '\t') {
			i++;
		} else {
			f->line[out++] = f->line[i++];
		}
	}
	f->len = out;
}

static void line_end(struct run_finder *f, bool transient)
{
	if (!f->too_long && f->len) {
		strip(f);
		line_whole(f, transient);
	}
	f->len = 0;
	f->back = 0;
	f->too_long = false;
	f->carriage = false;
}

/* Backspaces came, and now something else: who goes back over the whole line paints it anew, who goes back by less
 * writes over its last characters. */
static void go_back(struct run_finder *f)
{
	size_t len = f->len, back = f->back;

	f->back = 0;
	while (len > 0 && back > 0) {
		while (len > 0 && ((unsigned char)f->line[len - 1] & 0xC0) == 0x80)
			len--;
		len -= len > 0;
		back--;
	}
	if (len == 0)
		line_end(f, true);
	else
		f->len = len;
}

void run_finder_feed(struct run_finder *f, const char *bytes, size_t len)
{
	const char *end = bytes + len;

	while (bytes < end) {
		const char *p = bytes;
		size_t n;

		if (*p == '\n') {
			line_end(f, false);
			bytes++;
			continue;
		}
		if (*p == '\r' || *p == '\b') {
			f->carriage |= *p == '\r';
			f->back += *p == '\b';
			bytes++;
			continue;
		}
		if (f->carriage)
			line_end(f, true);
		else if (f->back)
			go_back(f);
		p = memchr(bytes, '\n', (size_t)(end - bytes));
		p = p ? p : end;
		n = (size_t)(p - bytes);
		if ((p = memchr(bytes, '\r', n)))
			n = (size_t)(p - bytes);
		if ((p = memchr(bytes, '\b', n)))
			n = (size_t)(p - bytes);
		if (f->len + n <= sizeof f->line) {
			memcpy(f->line + f->len, bytes, n);
			f->len += n;
		} else {
			f->too_long = true;
		}
		bytes += n;
	}
}

void run_finder_end(struct run_finder *f)
{
	line_end(f, false);
	if (f->front_len)
		front_done(f);
	held_tell(f);
}
