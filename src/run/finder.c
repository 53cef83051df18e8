/*
 * finder: metrics in the lines that programs print. One pass over a line, no regular expression:
 * names, counters ("Epoch 3/50", "[120]") and numbers are told apart by what stands around them.
 * It stays quiet when unsure, because a series that is none costs more trust than one that a
 * person has to name.
 */
#include <ctype.h>
#include <math.h>
#include <strings.h>

#include "assay/run.h"

enum { LINE_MAX_BYTES = 8192, NAME_MAX_BYTES = 120, NAMES_MAX = 1000, WORDS_MAX = 4 };

struct run_finder {
	run_found_fn *each;
	void *user;
	char line[LINE_MAX_BYTES];
	size_t len;
	bool too_long;   /* the line goes beyond the buffer: passed over */
	bool carriage;   /* a \r came: what follows tells a line end from an overwritten line */
	bool have_epoch; /* an "Epoch N" was seen in this or an earlier line */
	int64_t epoch;
	struct intern names;
	int64_t *counter;  /* by name: the next step when nothing in the line says it */
	int64_t *bar_step; /* by name: last step taken from a progress bar that was overwritten */
	size_t counter_cap, bar_cap;
};

struct span {
	const char *at;
	size_t len;
};

struct count {
	bool have, has_total;
	int64_t n, total;
};

struct scan {
	const char *begin, *p, *end;
	struct span words[WORDS_MAX]; /* plain words of the segment so far, for names of several words */
	int word_count;               /* WORDS_MAX + 1: too many, a sentence */
	struct span split;            /* "train", "Validation" … seen before the first metric */
	struct count step, batch, epoch;
	bool bar; /* the batch is the position of a progress bar */
	struct {
		char name[NAME_MAX_BYTES + 1];
		double value;
		bool sure; /* a real number, or a well-known name */
	} found[64];
	int found_count;
};

struct run_finder *run_finder_new(run_found_fn *each, void *user)
{
	struct run_finder *f = xcalloc(1, sizeof *f);

	f->each = each;
	f->user = user;
	intern_init(&f->names);
	return f;
}

void run_finder_free(struct run_finder *f)
{
	if (!f)
		return;
	intern_release(&f->names);
	free(f->counter);
	free(f->bar_step);
	free(f);
}

/* ---- words ---- */

static bool span_is(struct span s, const char *lower)
{
	size_t n = strlen(lower);

	if (s.len != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (tolower((unsigned char)s.at[i]) != lower[i])
			return false;
	return true;
}

static bool span_in(struct span s, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(s, list[i]))
			return true;
	return false;
}

#define IN(s, list) span_in((s), (list), COUNT_OF(list))

static const char *const step_words[] = {"step",      "steps",    "global_step", "iter",   "iters",
                                         "iteration", "it",       "round",       "update", "updates",
                                         "episode",   "timestep", "timesteps",   "trial",  "global_steps"};
static const char *const batch_words[] = {"batch", "minibatch", "mini-batch"};
static const char *const epoch_words[] = {"epoch", "epochs", "ep"};
static const char *const split_words[] = {"train", "training", "val", "valid", "validation",
                                          "test",  "testing",  "dev", "eval",  "evaluation"};
static const char *const level_words[] = {"info",  "debug",    "warning", "warn",
                                          "error", "critical", "trace",   "notice"};

/* Parts of names that say: this is a measure of a model. */
static const char *const measure_words[] = {
    "loss",   "acc",    "accuracy", "auc",    "auroc",  "auprc", "map",   "f1",         "fbeta", "precision",
    "recall", "mse",    "rmse",     "mae",    "mape",   "r2",    "rmsle", "perplexity", "ppl",   "bleu",
    "rouge",  "wer",    "cer",      "reward", "return", "score", "iou",   "miou",       "dice",  "kappa",
    "mcc",    "nll",    "elbo",     "kl",     "ndcg",   "mrr",   "lr",    "brier",      "ece",   "deviance",
    "gini",   "merror", "entropy",  "psnr",   "ssim",   "fid",   "aucpr", "likelihood"};

/* Names that are never a measure: time, size, place, settings of the machinery. */
static const char *const stop_names[] = {
    "time",    "eta",  "elapsed", "duration", "took",  "remaining", "total", "speed",  "seconds",   "sec",
    "secs",    "ms",   "min",     "mins",     "hours", "date",      "port",  "host",   "localhost", "addr",
    "address", "pid",  "ppid",    "uid",      "seed",  "version",   "v_num", "rank",   "gpu",       "cpu",
    "device",  "cuda", "memory",  "mem",      "ram",   "line",      "col",   "column", "row",       "file",
    "path",    "dir",  "url",     "http",     "https", "id",        "index", "idx",    "threads",   "workers",
    "size",    "exit", "status",  "code",     "errno", "at",        "of",    "in",     "to",        "from"};
static const char *const stop_endings[] = {"time",    "size",    "path", "port", "seed",  "id",
                                           "seconds", "secs",    "sec",  "ms",   "bytes", "version",
                                           "workers", "threads", "mb",   "gb",   "eta",   "elapsed"};
static const char *const file_endings[] = {"py",  "c",    "cc",   "cpp",  "h",   "hpp",   "js",
                                           "go",  "rs",   "java", "r",    "jl",  "ipynb", "txt",
                                           "csv", "json", "log",  "yaml", "yml", "sh",    "so"};
static const char *const units[] = {"s",       "sec",   "secs", "second", "seconds", "ms",    "us",   "ns",
                                    "m",       "min",   "mins", "minute", "minutes", "h",     "hr",   "hrs",
                                    "hour",    "hours", "day",  "days",   "b",       "kb",    "mb",   "gb",
                                    "tb",      "kib",   "mib",  "gib",    "tib",     "bytes", "it/s", "s/it",
                                    "percent", "hz",    "mhz",  "ghz",    "w",       "watts"};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '/' || c == '@';
}

static bool is_break(char c)
{
	return c == ',' || c == ';' || c == '|' || c == '(' || c == ')' || c == '[' || c == ']' || c == '{' ||
	       c == '}' || c == '\t';
}

/* One of the parts of a name, cut at _ - . / @ and blanks, is in the list; or the last part is, if
 * last_only. */
static bool part_in(struct span name, const char *const *list, size_t count, bool last_only)
{
	size_t from = 0;

	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && !strchr("_-./@ ", name.at[i]))
			continue;
		if ((!last_only || i == name.len) && span_in((struct span){name.at + from, i - from}, list, count))
			return true;
		from = i + 1;
	}
	return false;
}

static bool is_measure(struct span name)
{
	if (part_in(name, measure_words, COUNT_OF(measure_words), false))
		return true;
	/* logloss, binary_logloss, mlogloss … */
	return name.len > 4 && strncasecmp(name.at + name.len - 4, "loss", 4) == 0;
}

static bool is_stopped(struct span name)
{
	const char *dot = memrchr(name.at, '.', name.len);

	if (IN(name, step_words) || IN(name, batch_words) || IN(name, epoch_words) || IN(name, stop_names) ||
	    IN(name, level_words) || part_in(name, stop_endings, COUNT_OF(stop_endings), true))
		return true;
	if (dot && span_in((struct span){dot + 1, name.len - (size_t)(dot + 1 - name.at)}, file_endings,
	                   COUNT_OF(file_endings)))
		return true;
	return false;
}

/* ---- numbers ---- */

/* A whole number without sign at p; NULL if there is none or it goes on as something else. */
static const char *scan_count(const char *p, const char *end, int64_t *n)
{
	int64_t value = 0;
	int digits = 0;

	for (; p < end && isdigit((unsigned char)*p); p++, digits++) {
		if (digits >= 15)
			return NULL;
		value = value * 10 + (*p - '0');
	}
	if (digits == 0)
		return NULL;
	*n = value;
	return p;
}

/* "3", "3/50", "[3]", "[3/50]", "#3", "[ 3/50 (6%)" with what follows the number left alone. */
static const char *scan_counter(const char *p, const char *end, struct count *out)
{
	struct count c = {.have = true};
	bool bracket = false;

	while (p < end && (is_blank(*p) || *p == '#' || *p == '[')) {
		bracket |= *p == '[';
		p++;
	}
	if (!(p = scan_count(p, end, &c.n)))
		return NULL;
	if (p < end && *p == '/') {
		const char *q = scan_count(p + 1, end, &c.total);
		if (q) {
			c.has_total = c.total > 0;
			p = q;
		}
	}
	/* "3.5", "3x", "12:30" are no counters. */
	if (p < end && (isalnum((unsigned char)*p) || *p == '_'))
		return NULL;
	if (p + 1 < end && (*p == '.' || *p == ':' || *p == '-') && isdigit((unsigned char)p[1]))
		return NULL;
	if (bracket && p < end && *p == ']')
		p++;
	*out = c;
	return p;
}

static const char *scan_special(const char *p, const char *end, double *value)
{
	static const char *const words[] = {"infinity", "inf", "nan"};
	bool minus = p < end && *p == '-';

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(end - p) >= n && strncasecmp(p, words[i], n) == 0 &&
		    ((size_t)(end - p) == n || !isalnum((unsigned char)p[n]))) {
			*value = words[i][0] == 'n' ? (double)NAN : minus ? -(double)INFINITY : (double)INFINITY;
			return p + n;
		}
	}
	return NULL;
}

/* A unit, a percent sign or another number behind the value makes it something else; a word behind a
 * whole number makes it a count of things. */
static bool ends_well(const char *p, const char *end, bool real)
{
	const char *q = p;
	struct span word;

	if (p == end)
		return true;
	if (!is_blank(*p) && !strchr(",;|)]}'\"", *p))
		return false;
	if (*p == ',' && p + 1 < end && isdigit((unsigned char)p[1]))
		return false; /* 1,234 or a decimal comma */
	while (q < end && *q == ' ')
		q++;
	if (q == end || q == p)
		return true;
	if (*q == '%' || isdigit((unsigned char)*q) || (*q == '-' && q + 1 < end && isdigit((unsigned char)q[1])))
		return false;
	word.at = q;
	while (q < end && (isalpha((unsigned char)*q) || *q == '/'))
		q++;
	word.len = (size_t)(q - word.at);
	if (q < end && (isdigit((unsigned char)*q) || *q == '_' || *q == '=' || *q == ':'))
		return true; /* the next name, not a unit */
	if (!real && word.len > 0)
		return false;
	return !IN(word, units) && !(word.len > 2 && word.at[word.len - 2] == '/' &&
	                             tolower((unsigned char)word.at[word.len - 1]) == 's');
}

/* A value at p: where it ends, or NULL. *real: not a whole number. */
static const char *scan_value(const char *p, const char *end, double *value, bool *real)
{
	const char *from, *stop;
	char quote = 0;

	while (p < end && is_blank(*p))
		p++;
	if (p < end && (*p == '"' || *p == '\''))
		quote = *p++;
	from = p;
	if ((stop = scan_special(p, end, value))) {
		*real = false;
	} else {
		if (p < end && (*p == '-' || *p == '+'))
			p++;
		while (p < end &&
		       (isdigit((unsigned char)*p) || *p == '.' || ((*p == 'e' || *p == 'E') && p > from) ||
		        ((*p == '-' || *p == '+') && (p[-1] == 'e' || p[-1] == 'E'))))
			p++;
		stop = p;
		if (stop > from && stop[-1] == '.')
			stop--; /* the end of a sentence, or "1." */
		if (!num_parse(from, (size_t)(stop - from), value))
			return NULL;
		*real = memchr(from, '.', (size_t)(stop - from)) || memchr(from, 'e', (size_t)(stop - from)) ||
		        memchr(from, 'E', (size_t)(stop - from));
		if (stop < p && p < end && !is_blank(*p))
			return NULL;
		stop = p;
	}
	if (quote) {
		if (stop == end || *stop != quote)
			return NULL;
		stop++;
	}
	return ends_well(stop, end, *real) ? stop : NULL;
}

/* ---- one line ---- */

static void segment_end(struct scan *s)
{
	for (int i = 0; i < s->word_count && i < WORDS_MAX; i++)
		if (!s->split.at && s->found_count == 0 && IN(s->words[i], split_words))
			s->split = s->words[i];
	s->word_count = 0;
}

static void push_word(struct scan *s, struct span word)
{
	if (IN(word, level_words)) {
		segment_end(s);
		return;
	}
	if (s->word_count < WORDS_MAX)
		s->words[s->word_count] = word;
	if (s->word_count <= WORDS_MAX)
		s->word_count++;
}

static void name_add(char *name, size_t *len, struct span word, char joint)
{
	if (*len && *len < NAME_MAX_BYTES)
		name[(*len)++] = joint;
	for (size_t i = 0; i < word.len && *len < NAME_MAX_BYTES; i++)
		name[(*len)++] = word.at[i];
	name[*len] = 0;
}

/* Takes down name (with the words before it, if `join`) = value. */
static void found(struct scan *s, struct span name, bool join, double value, bool real)
{
	char full[NAME_MAX_BYTES + 1];
	size_t len = 0;
	bool measure, has_split = false;

	if (s->found_count == (int)COUNT_OF(s->found))
		return;
	if (!join)
		segment_end(s);
	if (s->word_count >= WORDS_MAX) {
		s->word_count = 0;
		return; /* a sentence */
	}
	for (int i = 0; i < s->word_count; i++)
		has_split |= part_in(s->words[i], split_words, COUNT_OF(split_words), false);
	has_split |= part_in(name, split_words, COUNT_OF(split_words), false);
	full[0] = 0;
	if (s->split.at && !has_split)
		name_add(full, &len, s->split, '_');
	for (int i = 0; i < s->word_count; i++) {
		struct span w = s->words[i];
		/* "valid_1's auc" is one word's possession, not two words. */
		if (w.len > 2 && w.at[w.len - 2] == '\'')
			w.len -= 2;
		name_add(full, &len, w, '_');
	}
	name_add(full, &len, name, '_');
	measure = is_measure((struct span){full, len});
	if (is_stopped(name) && !measure)
		return;
	if (is_stopped(name) && part_in(name, stop_endings, COUNT_OF(stop_endings), true))
		return; /* score_time, batch_size … */
	memcpy(s->found[s->found_count].name, full, len + 1);
	s->found[s->found_count].value = value;
	s->found[s->found_count].sure = real || measure;
	s->found_count++;
	s->word_count = 0;
}

/* A counter behind a word such as "epoch"; true if there was one. */
static bool take_counter(struct scan *s, struct span word, const char *p)
{
	bool is_epoch = IN(word, epoch_words), is_batch = IN(word, batch_words);
	struct count c, inner;
	const char *q;

	if (!is_epoch && !is_batch && !IN(word, step_words))
		return false;
	if (!(q = scan_counter(p, s->end, &c)))
		return false;
	segment_end(s);
	s->p = q;
	if (is_epoch) {
		s->epoch = c;
		/* "Epoch: [0][10/391]": the second is the batch. "[640/60000 (1%)]" too. */
		while (q < s->end && *q == ' ')
			q++;
		if (q < s->end && *q == '[' && (q = scan_counter(q, s->end, &inner)) && inner.has_total) {
			s->batch = inner;
			s->p = q;
		}
	} else if (is_batch || c.has_total) {
		s->batch = c;
	} else if (!s->step.have) {
		s->step = c;
	}
	return true;
}

/* A name begins at s->p. */
static void scan_name(struct scan *s)
{
	const char *from = s->p, *p = from, *q;
	struct span name;
	double value;
	bool real, blank;

	while (p < s->end && is_name_char(*p))
		p++;
	name = (struct span){from, (size_t)(p - from)};
	if (p + 1 < s->end && *p == '\'' && p[1] == 's' && (p + 2 == s->end || is_blank(p[2]))) {
		s->p = p + 2;
		push_word(s, (struct span){from, (size_t)(p + 2 - from)});
		return;
	}
	while (name.len > 1 && strchr(".-/", name.at[name.len - 1]))
		name.len--;
	/* A closing quote belongs to "name": in JSON and in Python's dictionaries. */
	if (p < s->end && (*p == '"' || *p == '\'') && from > s->begin && from[-1] == *p)
		p++;
	for (q = p; q < s->end && is_blank(*q) && *q != '\t'; q++)
		;
	blank = q > p;
	s->p = p;
	if (q < s->end && (*q == ':' || *q == '=') && !(q + 1 < s->end && q[1] == *q)) {
		char sep = *q;
		if (take_counter(s, name, q + 1))
			return;
		if ((p = scan_value(q + 1, s->end, &value, &real))) {
			found(s, name, sep == ':' || blank, value, real);
			s->p = p;
		} else {
			push_word(s, name);
			segment_end(s);
			s->p = q + 1;
		}
		return;
	}
	if (take_counter(s, name, p))
		return;
	if (p < s->end && is_blank(*p) && is_measure(name) && (q = scan_value(p, s->end, &value, &real)) &&
	    real) {
		found(s, name, true, value, real);
		s->p = q;
		return;
	}
	push_word(s, name);
}

/* Heads of lines that count: "[120]", "[10/100]", "7:", "782/782 [====]". */
static void scan_head(struct scan *s)
{
	const char *p = s->p, *q;
	struct count c;
	bool bracket;

	while (p < s->end && is_blank(*p))
		p++;
	bracket = p < s->end && *p == '[';
	if (p == s->end || (!bracket && !isdigit((unsigned char)*p)) || !(q = scan_counter(p, s->end, &c)))
		return;
	if (bracket ? q[-1] == ']' : !c.has_total && q < s->end && *q == ':') {
		if (c.has_total)
			s->batch = c;
		else
			s->step = c;
		s->p = bracket ? q : q + 1;
	} else if (!bracket && c.has_total) {
		s->batch = c;
		s->bar = true;
		s->p = q;
	}
}

/* tqdm's " 50%|#####     | 50/100 [00:01<00:01, …": the counter stands behind the bar. */
static void scan_bar(struct scan *s)
{
	const char *p = memchr(s->p, '%', (size_t)(s->end - s->p));
	struct count c;

	if (!p || p + 1 >= s->end || p[1] != '|' || !(p = memrchr(p, '|', (size_t)(s->end - p))))
		return;
	if (scan_counter(p + 1, s->end, &c) && c.has_total) {
		s->batch = c;
		s->bar = true;
	}
}

static void scan_line(struct scan *s)
{
	scan_bar(s);
	scan_head(s);
	while (s->p < s->end) {
		char c = *s->p;
		if (is_name_start(c)) {
			scan_name(s);
		} else if (c == ' ' || c == '"' || c == '\'') {
			s->p++;
		} else if (is_break(c)) {
			segment_end(s);
			s->p++;
		} else {
			/* A number, a path, a symbol: nothing in it is a name. */
			segment_end(s);
			while (s->p < s->end && !is_blank(*s->p) && !is_break(*s->p))
				s->p++;
		}
	}
}

/* ---- steps ---- */

static bool line_step(const struct run_finder *f, const struct scan *s, int64_t *step)
{
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

/* `transient`: the line was overwritten by what came after a \r. */
static void line_done(struct run_finder *f, bool transient)
{
	struct scan s = {.begin = f->line, .p = f->line, .end = f->line + f->len};
	int64_t step = 0;
	bool have_step, context;

	if (f->too_long || f->len == 0)
		goto out;
	scan_line(&s);
	/* Of a bar that paints over itself, only the last state counts, unless it is the only clock
	 * that the program has. */
	if (transient && (s.epoch.have || f->have_epoch || !s.batch.have))
		goto out;
	have_step = line_step(f, &s, &step);
	context = s.step.have || s.batch.have || s.epoch.have;
	for (int i = 0; i < s.found_count; i++) {
		const char *name = s.found[i].name;
		uint32_t id = intern_find(&f->names, name, strlen(name));
		if (!s.found[i].sure && !context)
			continue;
		if (id == INTERN_NONE) {
			size_t n = f->names.count + 1;
			if (f->names.count == NAMES_MAX)
				continue;
			id = intern_add(&f->names, name, strlen(name));
			f->counter = vec_reserve(f->counter, &f->counter_cap, n, sizeof *f->counter);
			f->bar_step = vec_reserve(f->bar_step, &f->bar_cap, n, sizeof *f->bar_step);
			f->counter[id] = 0;
			f->bar_step[id] = -1;
		}
		if (!have_step) {
			step = f->counter[id]++;
		} else if (s.batch.have && !s.step.have && !s.epoch.have && !f->have_epoch) {
			/* A bar is painted several times at one position. */
			if (transient && step <= f->bar_step[id])
				continue;
			if (!transient && step == f->bar_step[id])
				continue;
			f->bar_step[id] = transient ? step : -1;
		}
		f->each(f->user, &(struct run_found){name, s.found[i].value, step});
	}
	if (s.epoch.have) {
		f->have_epoch = true;
		f->epoch = s.epoch.n;
	}
out:
	f->len = 0;
	f->too_long = false;
}

/* ---- the stream ---- */

/* Takes escape sequences out of the line in place, and backspaces, as those who use them paint over
 * the whole line. */
static void strip(struct run_finder *f)
{
	size_t out = 0;

	for (size_t i = 0; i < f->len;) {
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
	strip(f);
	line_done(f, transient);
	f->carriage = false;
}

void run_finder_feed(struct run_finder *f, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];
		if (c == '\n') {
			line_end(f, false);
			continue;
		}
		if (c == '\r') {
			f->carriage = true;
			continue;
		}
		if (f->carriage)
			line_end(f, true);
		if (f->len < LINE_MAX_BYTES)
			f->line[f->len++] = c;
		else
			f->too_long = true;
	}
}

void run_finder_end(struct run_finder *f)
{
	line_end(f, false);
}
