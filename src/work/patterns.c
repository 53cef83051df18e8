/* Switching what is recognised in output: one word in [patterns] of the store's config.ini. */
#include <sys/stat.h>

#include "work.h"

#include "assay/work_patterns.h"

enum { LINE_FULL = 150 }; /* bytes of an `off` that no word is added to: INI takes lines of 200 */

int work_patterns_read(struct store *store, const char *experiment, struct run_patterns **out,
                       struct error *err)
{
	char *path = path_join(store_path(store), "config.ini");
	int status;
	*out = run_patterns_new();
	/* A name that no section can have has none. */
	if (experiment)
		run_patterns_of(*out, experiment, NULL);
	status = run_patterns_file(*out, path, err);
	if (status != 0) {
		run_patterns_free(*out);
		*out = NULL;
	}
	free(path);
	return status;
}

/* One line of the file, and what it is. */
struct line {
	const char *at;
	size_t len;             /* without its end */
	const char *list, *end; /* of an `off` of the section: its value, without a comment behind it */
	bool head;              /* "[patterns]", or what the section is called */
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next line; *inside: we are in the section, whose head is given with its brackets. False at the end. */
static bool next_line(const char **p, const char *head, bool *inside, struct line *l)
{
	const char *stop, *q, *end;
	if (!**p)
		return false;
	stop = strchr(*p, '\n');
	end = stop ? stop : *p + strlen(*p);
	*l = (struct line){.at = *p, .len = (size_t)(end - *p)};
	*p = stop ? stop + 1 : end;
	for (q = l->at; q < end && blank(*q); q++)
		;
	if (q < end && *q == '[') {
		*inside = l->head = strncmp(q, head, strlen(head)) == 0;
		return true;
	}
	if (!*inside || end - q < 4 || strncmp(q, "off", 3) != 0)
		return true;
	for (q += 3; q < end && blank(*q); q++)
		;
	if (q == end || (*q != '=' && *q != ':'))
		return true;
	l->list = q + 1;
	l->end = end;
	for (const char *c = l->list; c + 1 < end; c++)
		if (blank(*c) && c[1] == ';') {
			l->end = c;
			break;
		}
	while (l->end > l->list && blank(l->end[-1]))
		l->end--;
	return true;
}

/* The list without the word; true if it was there. */
static bool without(const char *list, const char *end, const char *what, struct str *out)
{
	bool found = false;
	size_t n = strlen(what);
	while (list < end) {
		const char *stop = memchr(list, ',', (size_t)(end - list)), *from = list, *to = stop ? stop : end;
		list = stop ? stop + 1 : end;
		while (from < to && blank(*from))
			from++;
		while (to > from && blank(to[-1]))
			to--;
		if ((size_t)(to - from) == n && memcmp(from, what, n) == 0) {
			found = true;
		} else if (to > from) {
			str_adds(out, out->len ? ", " : "");
			str_add(out, from, (size_t)(to - from));
		}
	}
	return found;
}

static void put_line(struct str *out, const char *at, size_t len)
{
	str_add(out, at, len);
	str_addc(out, '\n');
}

/* Takes the word out of each `off`; true if it was there. */
static bool take_out(const char *text, const char *head, const char *what, struct str *out)
{
	struct line l;
	struct str list;
	bool inside = false, found = false;
	str_init(&list);
	while (next_line(&text, head, &inside, &l)) {
		str_clear(&list);
		if (!l.list || !without(l.list, l.end, what, &list)) {
			put_line(out, l.at, l.len);
			continue;
		}
		found = true;
		if (list.len == 0)
			continue;
		str_add(out, l.at, (size_t)(l.list - l.at));
		str_addc(out, ' ');
		str_adds(out, list.data);
		put_line(out, l.end, (size_t)(l.at + l.len - l.end));
	}
	str_release(&list);
	return found;
}

/* Puts the word into the first `off` that has room, else into one of its own behind the first head, else into a
 * section of its own. */
static void put_in(const char *text, const char *head, const char *what, struct str *out)
{
	struct line l;
	const char *p = text;
	bool inside = false, room = false, done = false;
	while (next_line(&p, head, &inside, &l))
		room |= l.list && l.len + strlen(what) < LINE_FULL;
	inside = false;
	for (p = text; next_line(&p, head, &inside, &l);) {
		if (!done && room && l.list && l.len + strlen(what) < LINE_FULL) {
			str_add(out, l.at, (size_t)(l.end - l.at));
			str_addf(out, "%s%s", l.end > l.list ? ", " : " ", what);
			put_line(out, l.end, (size_t)(l.at + l.len - l.end));
			done = true;
			continue;
		}
		put_line(out, l.at, l.len);
		if (!done && !room && l.head) {
			str_addf(out, "off = %s\n", what);
			done = true;
		}
	}
	if (!done)
		str_addf(out, "%s%s\noff = %s\n", out->len ? "\n" : "", head, what);
}

/* One word, as `off` may have it. */
static int check_word(const char *what, struct error *err)
{
	struct run_patterns *scratch = run_patterns_new();
	int status = run_patterns_off(scratch, what, err);
	run_patterns_free(scratch);
	if (status == 0 &&
	    (strchr(what, ',') || blank(what[0]) || blank(what[strlen(what) - 1]) || strlen(what) > 140))
		status = error_set(
		    err, ERR_USAGE,
		    "one at a time, and a name with a comma or of more than 140 bytes cannot be switched by "
		    "itself: switch its recogniser, %.*s",
		    (int)strcspn(what, ":,"), what);
	return status;
}

static int check_experiment(const char *experiment, struct error *err)
{
	struct run_patterns *scratch = run_patterns_new();
	int status = run_patterns_of(scratch, experiment, err);
	run_patterns_free(scratch);
	return status;
}

static bool is_off(const struct run_patterns *p, const char *what)
{
	const char *colon = strchr(what, ':');
	char *recogniser = xmemdup0(what, strcspn(what, ":"));
	bool off = run_patterns_is_off(p, recogniser, colon ? colon + 1 : NULL);
	free(recogniser);
	return off;
}

int work_patterns_switch(struct store *store, const char *experiment, const char *what, bool off,
                         bool *changed, struct error *err)
{
	char *path = path_join(store_path(store), "config.ini"),
	     *head = experiment ? xasprintf("[patterns %s]", experiment) : xstrdup("[patterns]");
	struct run_patterns *before = NULL, *after = NULL;
	struct str text, next;
	struct stat st;
	bool found;
	int status = -1;
	*changed = false;
	str_init(&text);
	str_init(&next);
	if (check_word(what, err) != 0 || (experiment && check_experiment(experiment, err) != 0) ||
	    work_patterns_read(store, experiment, &before, err) != 0 ||
	    (file_exists(path) && file_read(path, &text, 1 << 20, err) != 0))
		goto out;
	if (is_off(before, what) == off && strcmp(what, "all") != 0) {
		status = 0;
		goto out;
	}
	found = take_out(text.data, head, what, &next);
	if (off) {
		str_clear(&next);
		put_in(text.data, head, what, &next);
	}
	/* What was written is what is read. */
	after = run_patterns_new();
	if ((experiment && run_patterns_of(after, experiment, err) != 0) ||
	    run_patterns_text(after, path, next.data, err) != 0)
		goto out;
	if (!off && (!found || is_off(after, what))) {
		error_set(err, ERR_NO, "%s is off by another word of `off` in [patterns]%s of %s", what,
		          experiment ? ", or for all experiments," : "", path);
		goto out;
	}
	if (file_write_atomic(path, next.data, next.len, stat(path, &st) == 0 ? st.st_mode & 0777 : 0644, err) !=
	    0)
		goto out;
	*changed = true;
	status = 0;
out:
	run_patterns_free(before);
	run_patterns_free(after);
	str_release(&text);
	str_release(&next);
	free(head);
	free(path);
	return status;
}
