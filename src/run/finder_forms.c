/*
 * The recognisers: which lines each takes, and how it reads them. Most tools print names and values, which one reader
 * reads; a form says what is peculiar to it: the position of a bar, what is progress, what counts as a step.
 */
#include <ctype.h>
#include <math.h>
#include <strings.h>

#include "finder.h"

const struct run_recogniser RUN_RECOGNISERS[] = {
    [BY_OWN] = {"own", "what [patterns] of the store's config.ini says"},
    [BY_KERAS] = {"keras", "10/10 ━━━━━━━━━━ 0s 5ms/step - loss: 0.31 - val_loss: 0.33"},
    [BY_LIGHTNING] = {"lightning", "Epoch 3:  45%|████      | 12/27 [00:01<00:02, 7.9it/s, train_loss=0.31]"},
    [BY_TQDM] = {"tqdm", "train:  45%|████      | 12/27 [00:01<00:02, 7.9it/s, loss=0.31]"},
    [BY_XGBOOST] = {"xgboost", "[120]\ttrain-auc:0.81\ttest-auc:0.79"},
    [BY_LIGHTGBM] = {"lightgbm", "[10]\ttraining's auc: 0.9\tvalid_1's auc: 0.8"},
    [BY_CATBOOST] = {"catboost",
                     "7:\tlearn: 0.64\ttest: 0.66\tbest: 0.66 (7)\ttotal: 46ms\tremaining: 500ms"},
    [BY_SKLEARN] = {"sklearn", "Iteration 5, loss = 0.31"},
    [BY_TRAINER] = {"trainer", "{'loss': 0.31, 'learning_rate': 5e-05, 'epoch': 0.2}"},
    [BY_JSON] = {"json", "{\"step\": 5, \"train\": {\"loss\": 0.31}}"},
    [BY_EPOCH] = {"epoch", "Epoch 3/50"},
    [BY_KEY_VALUE] = {"key_value", "step=120 loss=0.31"},
    [BY_KEY_COLON] = {"key_colon", "iter 120: loss: 0.31"},
};
const size_t RUN_RECOGNISER_COUNT = COUNT_OF(RUN_RECOGNISERS);
_Static_assert(COUNT_OF(RUN_RECOGNISERS) == RECOGNISERS, "each recogniser has its line");

/* Heavy line drawing, of which rich and Keras draw their bars: ━ ╸ ╺. */
static size_t heavy(const char *p, const char *end)
{
	static const char *const drawn[] = {"\xE2\x94\x81", "\xE2\x95\xB8", "\xE2\x95\xBA"};

	for (size_t i = 0; end - p >= 3 && i < COUNT_OF(drawn); i++)
		if (memcmp(p, drawn[i], 3) == 0)
			return 3;
	return 0;
}

static const char *past_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

static bool begins(const struct scan *s, const char *text)
{
	const char *p = past_blanks(s->begin, s->end);
	size_t n = strlen(text);

	return (size_t)(s->end - p) >= n && memcmp(p, text, n) == 0;
}

static const char *find(const struct scan *s, const char *text)
{
	return memmem(s->begin, (size_t)(s->end - s->begin), text, strlen(text));
}

/* ---- bars ---- */

/* tqdm's " 50%|#####     | 50/100 [00:01<00:01, …": the position stands behind the bar. */
static bool tqdm_position(struct scan *s)
{
	const char *percent = find(s, "%|"), *p = percent;
	struct count c;

	if (!p || p == s->begin || !isdigit((unsigned char)p[-1]) ||
	    !(p = memchr(p + 2, '|', (size_t)(s->end - p - 2))))
		return false;
	while (percent > s->begin && (isdigit((unsigned char)percent[-1]) || is_blank(percent[-1])))
		percent--;
	s->bar_name = hash_bytes(s->begin, (size_t)(percent - s->begin));
	if ((p = scan_counter(p + 1, s->end, &c)) && c.has_total && (p == s->end || is_blank(*p))) {
		s->batch = c;
		s->bar = true;
	}
	return true;
}

/* Of an unknown total: "train: 12it [00:00, 23.1it/s, loss=0.5]". */
static bool tqdm_count(struct scan *s)
{
	const char *p = find(s, "it ["), *from = p;
	struct count c = {.have = true};

	if (!p || s->end - p < 9 || !isdigit((unsigned char)p[4]) || !isdigit((unsigned char)p[5]) || p[6] != ':')
		return false;
	while (from > s->begin && isdigit((unsigned char)from[-1]))
		from--;
	if (scan_count(from, p, &c.n) != p)
		return false;
	s->bar_name = hash_bytes(s->begin, (size_t)(from - s->begin));
	s->batch = c;
	s->bar = true;
	return true;
}

static bool tqdm(struct scan *s, struct table *t, struct count *fits)
{
	struct count c;

	(void)t;
	(void)fits;
	if (!tqdm_position(s) && !tqdm_count(s))
		return false;
	c = s->batch;
	s->part = begins(s, "Sanity Checking") || begins(s, "Validation DataLoader "); /* Lightning's */
	scan_line(s);
	s->batch = c;
	s->bar = c.have;
	return true;
}

/* "Epoch 3: 45%|…" of tqdm, "Epoch 0/2 ━━━━ 12/27 0:00:01 • …" of rich, whose last epoch is 2. */
static bool lightning(struct scan *s, struct table *t, struct count *fits)
{
	const char *p = past_blanks(s->begin, s->end);
	struct count epoch, at = {0};

	(void)t;
	(void)fits;
	if (!begins(s, "Epoch ") || !(p = scan_counter(p + 6, s->end, &epoch)))
		return false;
	if (p < s->end && *p == ':')
		p++;
	p = past_blanks(p, s->end);
	if (heavy(p, s->end)) {
		while (p < s->end && heavy(p, s->end))
			p += 3;
		if (!scan_counter(p, s->end, &at) || !at.has_total)
			return false;
		s->batch = at;
		s->bar = true;
		s->last_epoch = true;
	} else if (p == s->end || !isdigit((unsigned char)*p) || !tqdm_position(s)) {
		return false;
	}
	at = s->batch;
	scan_line(s);
	s->batch = at;
	s->epoch = epoch;
	s->bar = true;
	s->bar_name = 0;
	return true;
}

bool forms_goes_on(const char *line, size_t len)
{
	return len > 10 && memcmp(line, "Epoch ", 6) == 0 && memmem(line, len, "\xE2\x94\x81", 3);
}

/* " 1/10 [==>....] - ETA: 3s - loss: 2.3", "10/10 ━━━ 0s 5ms/step - loss: 0.2", "10/10 - 1s - loss: 0.2". */
static bool keras(struct scan *s, struct table *t, struct count *fits)
{
	const char *p = past_blanks(s->begin, s->end);
	struct count c;

	(void)t;
	(void)fits;
	if (p == s->end || !isdigit((unsigned char)*p) || !(p = scan_counter(p, s->end, &c)) || !c.has_total ||
	    s->end - p < 5 || *p != ' ')
		return false;
	p++;
	if (!heavy(p, s->end) && !(*p == '[' && strchr("=>.", p[1])) &&
	    !(p[0] == '-' && p[1] == ' ' && isdigit((unsigned char)p[2])))
		return false;
	scan_line(s);
	s->batch = c;
	s->bar = true;
	return true;
}

/* ---- boosting ---- */

/* "[120]" and a tab, and behind it what neither has otherwise. */
static const char *round_head(const struct scan *s)
{
	struct count c;
	const char *p = s->begin;

	if (p == s->end || *p != '[' || !(p = scan_counter(p, s->end, &c)) || c.has_total || p[-1] != ']' ||
	    p == s->end || *p != '\t')
		return NULL;
	return p + 1;
}

static bool lightgbm(struct scan *s, struct table *t, struct count *fits)
{
	(void)fits;
	/* What it says of itself is no metric; its command prints "Iteration:5, training auc : 0.9" there, too. */
	if (begins(s, "[LightGBM] [")) {
		s->measures = true;
		if (find(s, "] Iteration:"))
			scan_line(s);
		return true;
	}
	/* The line of the best round is printed once more at the end. */
	if (s->end[-1] == ':' && find(s, "est iteration is:")) {
		t->repeats = true;
		return true;
	}
	if (!round_head(s) || !find(s, "'s "))
		return false;
	if (!t->repeats)
		scan_line(s);
	t->repeats = false;
	return true;
}

static bool xgboost(struct scan *s, struct table *t, struct count *fits)
{
	const char *p = round_head(s), *colon;

	(void)t;
	(void)fits;
	if (!p || !(colon = memchr(p, ':', (size_t)(s->end - p))) || !memchr(p, '-', (size_t)(colon - p)))
		return false;
	scan_line(s);
	return true;
}

/* "52ms", "1m 3s": seconds; -1: none. */
static double duration(const char *p, const char *end)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {{"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	double all = -1, n;

	for (;;) {
		const char *from = p = past_blanks(p, end);
		size_t i, len = 0;

		while (p < end && (isdigit((unsigned char)*p) || *p == '.'))
			p++;
		if (p == from || p - from > 20 || !num_parse(from, (size_t)(p - from), &n))
			return all;
		for (i = 0; i < COUNT_OF(units); i++) {
			len = strlen(units[i].unit);
			if ((size_t)(end - p) >= len && memcmp(p, units[i].unit, len) == 0 &&
			    ((size_t)(end - p) == len || !isalpha((unsigned char)p[len])))
				break;
		}
		if (i == COUNT_OF(units))
			return all;
		all = (all < 0 ? 0 : all) + n * units[i].seconds;
		p += len;
	}
}

static bool catboost(struct scan *s, struct table *t, struct count *fits)
{
	const char *p, *total, *remaining;
	double spent, left;
	int64_t n;

	(void)t;
	(void)fits;
	if (begins(s, "bestTest = ") || begins(s, "bestIteration = "))
		return true; /* said once more at the end */
	if (!(p = scan_count(s->begin, s->end, &n)) || s->end - p < 9 || p[0] != ':' || p[1] != '\t' ||
	    (memcmp(p + 2, "learn: ", 7) != 0 && memcmp(p + 2, "test: ", 6) != 0))
		return false;
	total = find(s, "\ttotal: ");
	remaining = find(s, "\tremaining: ");
	if (total && remaining) {
		spent = duration(total + 8, s->end);
		left = duration(remaining + 12, s->end);
		if (spent > 0 && left >= 0)
			s->share = spent / (spent + left);
	}
	scan_line(s);
	return true;
}

/* ---- scikit-learn ---- */

/* "(train=0.962, test=0.866)" as test_NAME and train_NAME, or one value as NAME. */
static const char *fit_scores(struct scan *s, struct span name, const char *p)
{
	char full[FINDER_NAME + 1];
	struct span part;
	const char *q;
	double value;
	bool real;

	if (p == s->end || *p != '(') {
		if (!(q = scan_value(p, s->end, &value, &real)))
			return p;
		scan_found(s, name, value, real);
		return q;
	}
	while (p < s->end && *p != ')') {
		part.at = p = past_blanks(p + 1, s->end);
		while (p < s->end && isalpha((unsigned char)*p))
			p++;
		part.len = (size_t)(p - part.at);
		if (p == s->end || *p != '=' || !(q = scan_value(p + 1, s->end, &value, &real)))
			return p;
		snprintf(full, sizeof full, "%.*s_%.*s", (int)(part.len < 20 ? part.len : 20), part.at,
		         (int)(name.len < 80 ? name.len : 80), name.at);
		scan_found(s, (struct span){full, strlen(full)}, value, real);
		p = q;
	}
	return p;
}

/* "[CV 1/3] END .......C=0.1;, score=(train=0.962, test=0.866) total time=   0.1s": behind the ";" come the scores,
 * "accuracy: (test=0.9) f1: (test=0.8)" where there are several. */
static void search_line(struct scan *s, struct count *fits)
{
	const char *p = find(s, "] END "), *stop = find(s, " total time=");

	s->counted = true;
	if (!p || !stop || stop < p)
		return;
	fits->n++;
	if (fits->has_total)
		s->done = *fits;
	if (!(p = memmem(p, (size_t)(stop - p), ";, ", 3)))
		return;
	p += 3;
	while (p < stop) {
		struct span name;
		const char *from = p;

		name.at = p = past_blanks(p, stop);
		while (p < stop && *p != '=' && *p != ':' && !is_blank(*p))
			p++;
		name.len = (size_t)(p - name.at);
		if (p >= stop || is_blank(*p) || name.len == 0)
			return;
		p = fit_scores(s, name, past_blanks(p + 1, stop));
		while (p < stop && (*p == ')' || is_blank(*p)))
			p++;
		if (p <= from)
			return;
	}
}

/* "      Iter       Train Loss   Remaining Time ": columns are apart by two blanks at least. */
static void table_open(struct scan *s, struct table *t)
{
	const char *p = past_blanks(s->begin, s->end);

	t->count = 0;
	while (p < s->end && t->count < FINDER_COLUMNS) {
		char *name = t->names[t->count];
		size_t len = 0;

		for (; p < s->end && !(is_blank(*p) && (p + 1 == s->end || is_blank(p[1]))); p++)
			if (len + 1 < sizeof t->names[0])
				name[len++] = *p == ' ' ? '_' : (char)tolower((unsigned char)*p);
		name[len] = 0;
		t->count++;
		p = past_blanks(p, s->end);
	}
}

/* A row: a whole number, then values; what is no plain number (a time) is left out. */
static bool table_row(struct scan *s, struct table *t)
{
	const char *p = past_blanks(s->begin, s->end);
	struct count c;

	if (!t->count || !(p = scan_counter(p, s->end, &c)) || p == s->end || !is_blank(*p) || c.has_total) {
		t->count = 0;
		return false;
	}
	s->step = c;
	for (int i = 1; i < t->count; i++) {
		const char *from = p = past_blanks(p, s->end);
		double value;

		while (p < s->end && !is_blank(*p))
			p++;
		if (p > from && p - from < 64 && num_parse(from, (size_t)(p - from), &value))
			scan_found(s, (struct span){t->names[i], strlen(t->names[i])}, value, true);
	}
	return true;
}

static bool sklearn(struct scan *s, struct table *t, struct count *fits)
{
	const char *p;
	struct count c;

	if (table_row(s, t))
		return true;
	if (begins(s, "Iter ") && find(s, "Train Loss")) {
		table_open(s, t);
		return true;
	}
	if (begins(s, "[CV") && (find(s, "] END ") || find(s, "] START "))) {
		search_line(s, fits);
		return true;
	}
	if (begins(s, "Fitting ") && (p = find(s, "totalling ")) && find(s, " folds for each of ")) {
		*fits = (struct count){.have = true};
		fits->has_total = scan_count(p + 10, s->end, &fits->total) && fits->total > 0;
		return true;
	}
	if (begins(s, "building tree ")) {
		p = scan_counter(past_blanks(s->begin, s->end) + 14, s->end, &c);
		if (!p || s->end - p < 5 || memcmp(p, " of ", 4) != 0 || !scan_count(p + 4, s->end, &c.total))
			return false;
		c.has_total = c.total > 0;
		s->done = c;
		return true;
	}
	/* "[1/100] 1 tree, 31 leaves, max depth = 8, train loss: 0.6, in 0.004s"; "Iteration 5, loss = 0.31". */
	if (!(begins(s, "[") && find(s, " leaves, ") && find(s, " tree")) &&
	    !(begins(s, "Iteration ") && (find(s, ", loss = ") || find(s, ", inertia "))))
		return false;
	s->measures = true;
	scan_line(s);
	s->done = s->batch;
	if (s->batch.have && !s->step.have) /* rounds of one training */
		s->step = (struct count){.have = true, .n = s->batch.n};
	return true;
}

/* ---- what is never a metric ---- */

/* Lines of source in what Python and compilers say of it, and the messages of errors. */
static bool source(struct scan *s, struct table *t, struct count *fits)
{
	const char *p = past_blanks(s->begin, s->end), *word = p;
	bool inside = t->source && s->end - s->begin > 4 && memcmp(s->begin, "    ", 4) == 0;

	(void)fits;
	t->source = inside;
	if (inside)
		return true;
	if (s->end - s->begin > 8 && memcmp(s->begin, "  File \"", 8) == 0 && find(s, "\", line "))
		return t->source = true;
	/* "    3 |     printf("loss=0.5");" */
	if (p > s->begin && p < s->end && isdigit((unsigned char)*p)) {
		while (p < s->end && isdigit((unsigned char)*p))
			p++;
		return s->end - p > 2 && memcmp(p, " | ", 3) == 0;
	}
	/* "ValueError: …", "package.SomeWarning: …" */
	while (p < s->end && (isalnum((unsigned char)*p) || *p == '_' || *p == '.'))
		p++;
	return p - word > 5 && p < s->end && *p == ':' && word == s->begin &&
	       (memcmp(p - 5, "Error", 5) == 0 || memcmp(p - 5, "rning", 5) == 0 ||
	        memcmp(p - 5, "ption", 5) == 0);
}

/* ---- dictionaries, and the rest ---- */

static bool trainer(struct scan *s, struct table *t, struct count *fits)
{
	(void)t;
	(void)fits;
	return begins(s, "{'") && dict_read(s);
}

static bool json(struct scan *s, struct table *t, struct count *fits)
{
	(void)t;
	(void)fits;
	return begins(s, "{\"") && dict_read(s);
}

static bool general(struct scan *s, struct table *t, struct count *fits)
{
	(void)t;
	(void)fits;
	if (!scan_worth(s))
		return false;
	scan_line(s);
	return true;
}

static const struct form {
	enum recogniser by;
	unsigned needs; /* marks that every such line has */
	bool (*read)(struct scan *s, struct table *table, struct count *fits);
} forms[] = {
    {BY_KEY_VALUE, 0, source},
    {BY_KERAS, MARK_DIGIT | MARK_SLASH, keras},
    {BY_LIGHTNING, MARK_DIGIT | MARK_SLASH, lightning},
    {BY_TQDM, MARK_DIGIT | MARK_BRACKET | MARK_COLON, tqdm},
    {BY_LIGHTGBM, 0, lightgbm},
    {BY_XGBOOST, MARK_DIGIT | MARK_BRACKET | MARK_COLON, xgboost},
    {BY_CATBOOST, MARK_DIGIT, catboost},
    {BY_SKLEARN, 0, sklearn},
    {BY_TRAINER, MARK_BRACE | MARK_COLON, trainer},
    {BY_JSON, MARK_BRACE | MARK_COLON, json},
    {BY_KEY_VALUE, 0, general},
};

bool forms_read(struct scan *s, unsigned marks, struct table *table, struct count *fits)
{
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		if ((marks & forms[i].needs) != forms[i].needs)
			continue;
		s->by = forms[i].by;
		if (forms[i].read(s, table, fits))
			return true;
		s->p = s->begin;
	}
	return false;
}
