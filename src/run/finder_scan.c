/*
 * One line, read in one pass and without an expression: names, counters ("Epoch 3/50", "[120]") and values.
 */
#include <ctype.h>

#include "finder.h"

static bool is_name_start(char c)
{
	unsigned char letter = (unsigned char)(c | 0x20);

	return (letter >= 'a' && letter <= 'z') || c == '_';
}

static bool is_name_char(char c)
{
	/* '-' to '9': - . / and the digits. */
	return is_name_start(c) || (c >= '-' && c <= '9') || c == '@';
}

static bool is_break(char c)
{
	return c == ',' || c == ';' || c == '|' || c == '(' || c == ')' || c == '[' || c == ']' || c == '{' ||
	       c == '}' || c == '\t';
}

static void segment_end(struct scan *s)
{
	for (int i = 0; i < s->word_count && i < FINDER_WORDS; i++)
		if (!s->split.at && s->found_count == 0 && word_is_split(s->words[i]))
			s->split = s->words[i];
	s->word_count = 0;
}

static void push_word(struct scan *s, struct span word)
{
	if (word_is_level(word)) {
		segment_end(s);
		return;
	}
	if (s->word_count < FINDER_WORDS)
		s->words[s->word_count] = word;
	if (s->word_count <= FINDER_WORDS)
		s->word_count++;
}

static void name_add(char *name, size_t *len, struct span word, char joint)
{
	if (*len && *len < FINDER_NAME)
		name[(*len)++] = joint;
	for (size_t i = 0; i < word.len && *len < FINDER_NAME; i++)
		name[(*len)++] = word.at[i];
	name[*len] = 0;
}

void scan_found(struct scan *s, struct span name, double value, bool real)
{
	struct found *f = &s->found[s->found_count];
	bool measure;

	if (s->found_count == (int)COUNT_OF(s->found) || name.len == 0)
		return;
	if (name.len > FINDER_NAME)
		name.len = FINDER_NAME;
	measure = word_is_measure(name);
	if (s->measures && !measure)
		return;
	if (f->name != name.at)
		memmove(f->name, name.at, name.len);
	f->name[name.len] = 0;
	f->value = value;
	f->has_step = false;
	/* "temperature of the room: 21.5" may be anything; who writes "x=0.5" writes for machines. */
	f->sure = real ? measure || s->by != BY_KEY_COLON : word_ends_measure(name);
	f->by = s->by;
	s->found_count++;
}

/* Takes down name (with the words before it, if `join`) = value. */
static void found(struct scan *s, struct span name, bool join, char sep, double value, bool real)
{
	char full[FINDER_NAME + 1];
	size_t len = 0;
	bool has_split = false, measure;
	enum recogniser by = s->by;

	if (!join)
		segment_end(s);
	if (s->word_count >= FINDER_WORDS) {
		s->word_count = 0;
		return; /* a sentence */
	}
	for (int i = 0; i < s->word_count; i++)
		has_split |= word_has_split(s->words[i]);
	has_split |= word_has_split(name);
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
	measure = word_is_measure((struct span){full, len});
	/* score_time and batch_size are none, whatever else is in them; "step loss" is one. */
	if (word_is_stopped(name) && (!measure || word_ends_stopped(name)))
		return;
	if (by == BY_KEY_VALUE && sep != '=')
		s->by = BY_KEY_COLON;
	scan_found(s, (struct span){full, len}, value, real);
	s->by = by;
	s->word_count = 0;
}

/* A counter behind a word such as "epoch"; true if there was one. */
static bool take_counter(struct scan *s, struct span word, const char *p)
{
	bool is_epoch, is_batch;
	struct count c, inner;
	const char *q = p;

	/* Most words of most lines have no number behind them: the cheapest look comes first. */
	while (q < s->end && (is_blank(*q) || *q == '#' || *q == '['))
		q++;
	if (q == s->end || !isdigit((unsigned char)*q))
		return false;
	is_epoch = word_is_epoch(word);
	is_batch = word_is_batch(word);
	if (!is_epoch && !is_batch && !word_is_step(word))
		return false;
	if (!(q = scan_counter(p, s->end, &c)))
		return false;
	segment_end(s);
	s->p = q;
	if (is_epoch && !c.has_total && word_is_setting(word)) {
		return true;
	} else if (is_epoch) {
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
			found(s, name, sep == ':' || blank, sep, value, real);
			s->p = p;
		} else {
			/* "train:291:" is a line of a file, and no split. */
			if (blank || q + 1 == s->end || !isdigit((unsigned char)q[1]))
				push_word(s, name);
			segment_end(s);
			s->p = q + 1;
		}
		return;
	}
	if (take_counter(s, name, p))
		return;
	if (q > p && q < s->end && (isdigit((unsigned char)*q) || *q == '.' || *q == '-' || *q == '+') &&
	    word_is_measure(name) && (p = scan_value(q, s->end, &value, &real)) && real) {
		found(s, name, true, ' ', value, real);
		s->p = p;
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

void scan_line(struct scan *s)
{
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

/* ---- whether a line is worth it ---- */

static bool is_value_start(const char *p, const char *end)
{
	while (p < end && (is_blank(*p) || *p == '"' || *p == '\'' || *p == '[' || *p == '#'))
		p++;
	return p < end && (isdigit((unsigned char)*p) || strchr("+-.nNiI", *p));
}

/* The token that ends before p begins as a name does. */
static bool is_name_before(const char *begin, const char *p)
{
	while (p > begin && (is_blank(p[-1]) || p[-1] == '"' || p[-1] == '\''))
		p--;
	while (p > begin && is_name_char(p[-1]))
		p--;
	return is_name_start(*p);
}

/* "loss 0.31", "Epoch 3", "batch 3/10": a name, a blank, and a number that is not just any. */
static bool is_pair(const char *begin, const char *p, const char *end)
{
	const char *word = p, *q = p;
	struct span name;

	while (word > begin && is_name_char(word[-1]))
		word--;
	if (word == p || !is_name_start(*word))
		return false;
	name = (struct span){word, (size_t)(p - word)};
	while (q < end && (is_blank(*q) || *q == '[' || *q == '#'))
		q++;
	while (q < end && (isdigit((unsigned char)*q) || *q == '-' || *q == '+'))
		q++;
	if (word_is_epoch(name))
		return true;
	if (q == end)
		return false;
	return *q == '/' ? word_is_step(name) || word_is_batch(name)
	                 : (*q == '.' || *q == 'e') && word_is_measure(name);
}

bool scan_worth(const struct scan *s)
{
	const char *begin = s->begin, *p = begin, *end = s->end;
	int64_t n;

	while (p < end && is_blank(*p))
		p++;
	if (p < end && *p == '[')
		return true;
	if (p < end && isdigit((unsigned char)*p) && (p = scan_count(p, end, &n)) && p < end &&
	    (*p == '/' || (*p == ':' && (p + 1 == end || is_blank(p[1])))))
		return true;
	for (p = begin; p < end; p++) {
		char c = *p;
		/* Letters and digits are most of all bytes, and none of these. */
		if (c >= '@' || (c >= '0' && c <= '9'))
			continue;
		if (c == ':' || c == '=') {
			if (is_value_start(p + 1, end) && p > begin && is_name_before(begin, p))
				return true;
		} else if (c == ' ' && p + 1 < end && p > begin && (unsigned char)p[1] < ':' && p[1] != ' ') {
			if ((isdigit((unsigned char)p[1]) || p[1] == '.' || p[1] == '-' || p[1] == '+' || p[1] == '#') &&
			    is_pair(begin, p, end))
				return true;
		} else if (c == ' ' && p + 1 < end && p[1] == '[' && is_pair(begin, p, end)) {
			return true;
		}
	}
	return false;
}
