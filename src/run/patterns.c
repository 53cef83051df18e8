/* patterns: [patterns] of a store's config.ini: expressions of one's own, and which recognisers are off. */
#include <ctype.h>
#include <math.h>
#include <regex.h>

#include "finder.h"

enum { SECTION_MOST = 40, MOST = 100, GROUPS = 20, LOOKED_AT = 1024, REPEATS = 1000 };

struct own {
	char *name, *text;
	regex_t regex;
	int value, step, total; /* numbers of groups; 0: none */
};
struct run_patterns {
	struct own own[MOST];
	size_t count;
	struct intern off; /* "recogniser" or "recogniser:name" */
	struct str ini;
	char *section; /* of the experiment; NULL: none */
};

struct run_patterns *run_patterns_new(void)
{
	struct run_patterns *p = xcalloc(1, sizeof *p);

	intern_init(&p->off);
	str_init(&p->ini);
	return p;
}

void run_patterns_free(struct run_patterns *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++) {
		regfree(&p->own[i].regex);
		free(p->own[i].name);
		free(p->own[i].text);
	}
	intern_release(&p->off);
	str_release(&p->ini);
	free(p->section);
	free(p);
}

int run_patterns_of(struct run_patterns *p, const char *experiment, struct error *err)
{
	size_t len = strlen(experiment);

	free(p->section);
	p->section = NULL;
	if (len == 0 || len > SECTION_MOST || strpbrk(experiment, "[]\n\r") ||
	    isspace((unsigned char)experiment[0]) || isspace((unsigned char)experiment[len - 1]))
		return error_set(
		    err, ERR_USAGE,
		    "\"%s\" cannot be the name of a section [patterns NAME]: 40 bytes at most, no brackets",
		    experiment);
	p->section = xasprintf("patterns %s", experiment);
	return 0;
}

/* ---- reading ---- */

static void say(struct run_patterns *p, const char *key, const char *value)
{
	if (p->ini.len == 0)
		str_adds(&p->ini, "[patterns]\n");
	str_addf(&p->ini, "%s = %s\n", key, value);
}

static int off_one(struct run_patterns *p, const char *word, size_t len, struct error *err)
{
	const char *colon = memchr(word, ':', len);
	size_t n = colon ? (size_t)(colon - word) : len;
	const char *names[RECOGNISERS + 1];
	char *asked;

	if (n == 3 && memcmp(word, "all", 3) == 0 && !colon) {
		for (size_t i = 0; i < RECOGNISERS; i++)
			if (i != BY_OWN)
				intern_add(&p->off, RUN_RECOGNISERS[i].name, strlen(RUN_RECOGNISERS[i].name));
		return 0;
	}
	for (size_t i = 0; i < RECOGNISERS; i++) {
		names[i] = RUN_RECOGNISERS[i].name;
		if (strlen(names[i]) == n && memcmp(names[i], word, n) == 0) {
			if (colon && colon + 1 == word + len)
				return error_set(err, ERR_USAGE, "\"%.*s\" names nothing after the colon", (int)len, word);
			intern_add(&p->off, word, len);
			return 0;
		}
	}
	names[RECOGNISERS] = "all";
	asked = xmemdup0(word, n);
	const char *near = name_nearest(asked, names, COUNT_OF(names));
	error_set(err, ERR_USAGE, "there is no recogniser \"%s\"%s%s%s; `assay patterns ls` lists them", asked,
	          near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	free(asked);
	return -1;
}

int run_patterns_off(struct run_patterns *p, const char *list, struct error *err)
{
	const char *from = list;
	bool any = false;

	for (const char *c = list;; c++) {
		if (*c && *c != ',') {
			if ((unsigned char)*c < ' ' || *c == ';')
				return error_set(err, ERR_USAGE,
				                 "a name to switch off holds no line end, control character or \";\"");
			continue;
		}
		const char *stop = c;
		while (from < stop && is_blank(*from))
			from++;
		while (stop > from && is_blank(stop[-1]))
			stop--;
		if (stop > from) {
			any = true;
			if (off_one(p, from, (size_t)(stop - from), err))
				return -1;
		}
		if (!*c)
			break;
		from = c + 1;
	}
	if (!any)
		return error_set(err, ERR_USAGE, "no recogniser is named; `assay patterns ls` lists them");
	say(p, "off", list);
	return 0;
}

/* {2,5} at c: how often at most; 1 if it says nothing larger. */
static long repetition(const char *c)
{
	long most = 1;

	for (const char *d = c + 1; *d && *d != '}' && most <= REPEATS; d++)
		if (isdigit((unsigned char)*d) && (d == c + 1 || d[-1] == ',')) {
			long times = strtol(d, NULL, 10);

			most = times > most ? times : most;
		}
	return most;
}

/* The end of the name of the group that begins at c, whose number is kept; NULL with err. */
static const char *named_group(struct own *o, const char *c, int number, struct error *err)
{
	int *group = NULL;

	if (strncmp(c, "(?<value>", 9) == 0)
		group = &o->value;
	else if (strncmp(c, "(?<step>", 8) == 0)
		group = &o->step;
	else if (strncmp(c, "(?<total>", 9) == 0)
		group = &o->total;
	if (!group || *group) {
		error_set(err, ERR_USAGE,
		          group ? "a group is named twice"
		                : "a group is called (?<value>…), (?<step>…), (?<total>…), or not at all");
		return NULL;
	}
	*group = number;
	return strchr(c, '>');
}

/* (?<step>…) becomes (…), and the numbers of the groups are kept. POSIX has no names for them. */
static int groups(struct own *o, const char *text, struct str *plain, struct error *err)
{
	int number = 0, first = 0;
	bool inside = false; /* of [ ] */
	long repeats = 1;

	for (const char *c = text; *c; c++) {
		if (!inside && *c == '\\' && c[1]) {
			if (isdigit((unsigned char)c[1]))
				return error_set(err, ERR_USAGE, "\\%c: an expression does not refer back", c[1]);
			str_add(plain, c++, 2);
			continue;
		}
		if (inside) {
			/* "]" first in a class is itself; [:digit:] has its own end. */
			if (c[0] == '[' && (c[1] == ':' || c[1] == '.' || c[1] == '=')) {
				const char end[3] = {c[1], ']', 0};
				const char *stop = strstr(c + 2, end);
				if (stop) {
					str_add(plain, c, (size_t)(stop + 2 - c));
					c = stop + 1;
					continue;
				}
			}
			inside = *c != ']';
			str_addc(plain, *c);
			continue;
		}
		str_addc(plain, *c);
		if (*c == '[') {
			inside = true;
			if (c[1] == '^')
				str_addc(plain, *++c);
			if (c[1] == ']')
				str_addc(plain, *++c);
		} else if (*c == '{' && isdigit((unsigned char)c[1])) {
			repeats *= repetition(c);
			if (repeats > REPEATS)
				return error_set(err, ERR_USAGE, "its repetitions multiply to more than %d", REPEATS);
		} else if (*c == '(') {
			number++;
			if (c[1] != '?')
				first = first ? first : number;
			else if (!(c = named_group(o, c, number, err)))
				return -1;
		}
	}
	if (!o->value)
		o->value = first;
	if (!o->value)
		return error_set(err, ERR_USAGE, "an expression needs a group, ( ), around the value");
	if (number >= GROUPS)
		return error_set(err, ERR_USAGE, "an expression has %d groups at most", GROUPS - 1);
	return 0;
}

static int add(struct run_patterns *p, const char *name, const char *text, struct error *err)
{
	struct own *o = &p->own[p->count];
	struct str plain;
	char why[256];
	int rc;

	if (p->count == MOST)
		return error_set(err, ERR_USAGE, "there are more than %d expressions", MOST);
	if (strlen(name) > FINDER_NAME)
		return error_set(err, ERR_USAGE, "a metric's name has %d bytes at most", FINDER_NAME);
	*o = (struct own){0};
	str_init(&plain);
	rc = groups(o, text, &plain, err);
	if (rc == 0 && (rc = regcomp(&o->regex, plain.data, REG_EXTENDED)) != 0) {
		regerror(rc, &o->regex, why, sizeof why);
		rc =
		    error_set(err, ERR_USAGE, "%s = %s is no POSIX extended regular expression: %s", name, text, why);
	}
	str_release(&plain);
	if (rc)
		return -1;
	o->name = xstrdup(name);
	o->text = xstrdup(text);
	p->count++;
	say(p, name, text);
	return 0;
}

static int on_key(void *user, const char *section, const char *key, const char *value, int line,
                  struct error *err)
{
	struct run_patterns *p = user;

	(void)line;
	if (strcmp(section, "patterns") != 0 && (!p->section || strcmp(section, p->section) != 0))
		return 0;
	return strcmp(key, "off") == 0 ? run_patterns_off(p, value, err) : add(p, key, value, err);
}

int run_patterns_text(struct run_patterns *p, const char *name, const char *text, struct error *err)
{
	return ini_read_text(name, text, on_key, p, err);
}

int run_patterns_file(struct run_patterns *p, const char *path, struct error *err)
{
	return file_exists(path) ? ini_read(path, on_key, p, err) : 0;
}

/* ---- asking ---- */

bool run_patterns_is_off(const struct run_patterns *p, const char *recogniser, const char *name)
{
	char key[64 + FINDER_NAME];
	size_t n = strlen(recogniser), len;

	if (p->off.count == 0)
		return false;
	if (intern_find(&p->off, recogniser, n) != INTERN_NONE)
		return true;
	if (!name || (len = strlen(name)) > FINDER_NAME || n > 60)
		return false;
	memcpy(key, recogniser, n);
	key[n] = ':';
	memcpy(key + n + 1, name, len);
	return intern_find(&p->off, key, n + 1 + len) != INTERN_NONE;
}

size_t run_patterns_off_count(const struct run_patterns *p)
{
	return p->off.count;
}

const char *run_patterns_off_at(const struct run_patterns *p, size_t i)
{
	return intern_text(&p->off, (uint32_t)i);
}

const char *run_patterns_ini(const struct run_patterns *p)
{
	return p->ini.data;
}

size_t run_patterns_count(const struct run_patterns *p)
{
	return p->count;
}

const char *run_patterns_name(const struct run_patterns *p, size_t i, const char **expression)
{
	*expression = p->own[i].text;
	return p->own[i].name;
}

/* ---- matching ---- */

static bool group_number(const char *line, const regmatch_t *m, double *value)
{
	struct span word;

	if (m->rm_so < 0 || m->rm_eo <= m->rm_so || m->rm_eo - m->rm_so > 64)
		return false;
	word = (struct span){line + m->rm_so, (size_t)(m->rm_eo - m->rm_so)};
	if (span_is(word, "nan"))
		*value = (double)NAN;
	else if (span_is(word, "inf") || span_is(word, "+inf"))
		*value = (double)INFINITY;
	else if (span_is(word, "-inf"))
		*value = -(double)INFINITY;
	else
		return num_parse(word.at, word.len, value);
	return true;
}

bool patterns_read(const struct run_patterns *p, struct scan *s)
{
	char line[LOOKED_AT + 1];
	size_t len = (size_t)(s->end - s->begin);
	regmatch_t m[GROUPS];
	bool any = false;

	if (p->count == 0)
		return false;
	len = len < LOOKED_AT ? len : LOOKED_AT;
	for (size_t i = 0; i < len; i++)
		line[i] = s->begin[i] ? s->begin[i] : ' ';
	line[len] = 0;
	s->by = BY_OWN;
	for (size_t i = 0; i < p->count; i++) {
		const struct own *o = &p->own[i];
		double value, more;

		if (regexec(&o->regex, line, GROUPS, m, 0) != 0 || !group_number(line, &m[o->value], &value))
			continue;
		any = true;
		if (strcmp(o->name, "progress") == 0) {
			double total = 100;
			if ((!o->total || group_number(line, &m[o->total], &total)) && total > 0 && value >= 0)
				s->share = value / total;
			continue;
		}
		scan_found(s, (struct span){o->name, strlen(o->name)}, value, true);
		if (s->found_count && o->step && group_number(line, &m[o->step], &more) && more >= 0 && more < 1e15) {
			s->found[s->found_count - 1].has_step = true;
			s->found[s->found_count - 1].step = (int64_t)more;
		}
	}
	return any;
}
