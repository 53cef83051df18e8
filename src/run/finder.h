/* What the files of the finder share: a line as it is read, and who reads it. */
#ifndef ASSAY_RUN_FINDER_INSIDE_H
#define ASSAY_RUN_FINDER_INSIDE_H

#include "assay/run_finder.h"

enum { FINDER_LINE = 8192, FINDER_NAME = 120, FINDER_WORDS = 4, FINDER_FOUND = 64, FINDER_COLUMNS = 6 };

/* In the order of RUN_RECOGNISERS. */
enum recogniser {
	BY_OWN,
	BY_KERAS,
	BY_LIGHTNING,
	BY_TQDM,
	BY_XGBOOST,
	BY_LIGHTGBM,
	BY_CATBOOST,
	BY_SKLEARN,
	BY_TRAINER,
	BY_JSON,
	BY_EPOCH,
	BY_KEY_VALUE,
	BY_KEY_COLON,
	RECOGNISERS
};

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct span {
	const char *at;
	size_t len;
};

struct count {
	bool have, has_total;
	int64_t n, total;
};

struct found {
	char name[FINDER_NAME + 1];
	double value;
	int64_t step;
	bool has_step; /* an own expression's */
	bool sure;     /* a real number, or a well-known name */
	enum recogniser by;
};

struct scan {
	const char *begin, *p, *end;
	enum recogniser by;              /* BY_KEY_VALUE: told by what stands between name and value */
	struct span words[FINDER_WORDS]; /* plain words of the segment so far, for names of several words */
	int word_count;                  /* FINDER_WORDS + 1: too many, a sentence */
	struct span split;               /* "train", "Validation" … seen before the first metric */
	struct count step, batch, epoch;
	bool bar;          /* the batch is the position of a bar */
	bool part;         /* a bar that is no part of the whole: a check before it */
	bool last_epoch;   /* epoch.total is the number of the last one, counted from 0 */
	bool counted;      /* steps count up by name, whatever the epoch */
	bool measures;     /* only names of measures are metrics here */
	uint64_t bar_name; /* hash of what stands before the bar */
	struct count done; /* progress that is none of a bar or an epoch */
	double share;      /* the same as a share; NaN: not told */
	struct found found[FINDER_FOUND];
	int found_count;
};

/* What goes over lines: the table of scikit-learn's boosting; a line that LightGBM prints for a second time;
 * the lines of source in a trace of Python. */
struct table {
	int count; /* columns; 0: none is open */
	char names[FINDER_COLUMNS][32];
	bool repeats, source;
};

/* ---- finder_words.c ---- */

bool span_is(struct span s, const char *lower);
bool word_is_step(struct span s);
bool word_is_batch(struct span s);
bool word_is_epoch(struct span s);
bool word_is_setting(struct span s); /* "epochs=10" says how many there will be, "epochs 3/10" which it is */
bool word_is_split(struct span s);
bool word_is_level(struct span s);
bool word_is_unit(struct span s);
bool word_has_split(struct span name); /* one of the parts of a name is a split */
bool word_is_measure(struct span name);
bool word_ends_measure(struct span name); /* "val_acc", and not "score_adj" */
bool word_is_stopped(struct span name);   /* never a measure: time, size, place … */
bool word_ends_stopped(struct span name); /* score_time, batch_size: not even with a measure in it */

/* ---- finder_numbers.c ---- */

/* A whole number without sign at p; NULL if there is none. */
const char *scan_count(const char *p, const char *end, int64_t *n);
/* "3", "3/50", "[3]", "[3/50]", "#3", "[ 3/50 (6%)" with what follows left alone. */
const char *scan_counter(const char *p, const char *end, struct count *out);
/* A value at p: where it ends, or NULL. *real: not a whole number. */
const char *scan_value(const char *p, const char *end, double *value, bool *real);

/* ---- finder_scan.c ---- */

void scan_line(struct scan *s);
/* False: scan_line would find nothing in it. Most lines of most programs are told by this. */
bool scan_worth(const struct scan *s);
/* Takes down a name as it stands, if it may be a metric's. */
void scan_found(struct scan *s, struct span name, double value, bool real);

/* ---- finder_forms.c ---- */

/* Marks of a line, so that most are passed over at the price of one look at each byte. */
enum {
	MARK_DIGIT = 1,
	MARK_EQUALS = 2,
	MARK_COLON = 4,
	MARK_BRACE = 8,
	MARK_BRACKET = 16,
	MARK_PERCENT = 32,
	MARK_HIGH = 64,
	MARK_SLASH = 128
};
/* Reads the line by the first form that takes it. False: there is nothing in it. */
bool forms_read(struct scan *s, unsigned marks, struct table *table, struct count *fits);
/* The line is a rich bar, which goes on in the next where that begins with many blanks. */
bool forms_goes_on(const char *line, size_t len);

/* ---- finder_dict.c ---- */

/* {"a": 1, "b": {"c": 2}}, or Python's {'a': 1}. False: it is none. */
bool dict_read(struct scan *s);

/* ---- patterns.c ---- */

/* The own expressions on a line. False: none matches. */
bool patterns_read(const struct run_patterns *p, struct scan *s);

#endif
