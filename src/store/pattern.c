/* Regular expressions (POSIX extended): what is taken, and the SQL function that matches them. */
#include <regex.h>
#include <stdlib.h>

#include "filter.h"

/* ---- what is taken ---- */

/* The byte behind a set in brackets that opens at `at`; `at` itself if it has no end. */
static size_t behind_set(const char *p, size_t at)
{
	size_t i = at + 1;

	i += p[i] == '^';
	i += p[i] == ']'; /* stands for itself there */
	for (; p[i] && p[i] != ']'; i++) {
		char kind = p[i + 1];

		if (p[i] == '[' && kind && strchr(".:=", kind)) {
			for (i += 2; p[i] && !(p[i] == kind && p[i + 1] == ']'); i++)
				;
			if (!p[i])
				return at;
			i++;
		}
	}
	return p[i] ? i + 1 : at;
}

/* The greater number of {n,m} at `at`, or 1 if it is none. */
static unsigned long repeats(const char *p, size_t at)
{
	const char *end = strchr(p + at, '}');
	unsigned long most = 0, n = 0;

	for (const char *c = p + at + 1; end && c < end; c++) {
		if (*c >= '0' && *c <= '9')
			n = n < 100000 ? n * 10 + (unsigned long)(*c - '0') : n;
		else
			n = 0;
		most = n > most ? n : most;
	}
	return most ? most : 1;
}

/* {n} is written out when an expression is compiled: ((a{255}){255}){255} would take all memory there is. Also
 * finds back-references, which POSIX does not have here, and which take time without bound. */
static int check_size(const char *pattern, size_t *at, struct error *err)
{
	unsigned long sums[PATTERN_LONGEST + 1] = {0}, piece = 0;
	size_t depth = 0;

	for (size_t i = 0; pattern[i]; i++) {
		*at = i;
		switch (pattern[i]) {
		case '\\':
			if (pattern[i + 1] >= '1' && pattern[i + 1] <= '9')
				return error_set(err, ERR_USAGE, "back-references are not taken");
			i += pattern[i + 1] != '\0';
			piece = 1;
			sums[depth] += piece;
			break;
		case '[': {
			size_t end = behind_set(pattern, i);

			if (end == i)
				return error_set(err, ERR_USAGE, "the [ that begins here has no ]");
			i = end - 1;
			piece = 1;
			sums[depth] += piece;
			break;
		}
		case '(':
			sums[++depth] = 0;
			piece = 0;
			break;
		case ')':
			if (!depth) {
				piece = 1;
				break;
			}
			piece = sums[depth--] + 1;
			sums[depth] += piece;
			break;
		case '{': {
			unsigned long times = repeats(pattern, i);

			sums[depth] += piece * (times - 1);
			piece *= times;
			while (pattern[i + 1] && pattern[i] != '}')
				i++;
			break;
		}
		case '*':
		case '+':
		case '?':
			break;
		default:
			piece = 1;
			sums[depth] += piece;
		}
		if (sums[depth] > PATTERN_LARGEST)
			return error_set(err, ERR_USAGE, "the pattern repeats too much: more than %d characters",
			                 PATTERN_LARGEST);
	}
	return 0;
}

static int compile(regex_t *re, const char *pattern)
{
	return regcomp(re, pattern, REG_EXTENDED | REG_NOSUB);
}

int pattern_check(const char *pattern, size_t *at, struct error *err)
{
	size_t len = strlen(pattern), wrong = len;
	char text[PATTERN_LONGEST + 1], why[128];
	regex_t re;
	int code;

	*at = 0;
	if (len > PATTERN_LONGEST) {
		*at = PATTERN_LONGEST;
		return error_set(err, ERR_USAGE, "the pattern is longer than %d bytes", PATTERN_LONGEST);
	}
	if (check_size(pattern, at, err))
		return -1;
	*at = 0;
	code = compile(&re, pattern);
	if (!code) {
		regfree(&re);
		return 0;
	}
	regerror(code, &re, why, sizeof(why));
	/* regcomp does not say where: at the byte from which on every beginning is wrong in the same way. */
	for (; wrong > 0; wrong--) {
		int now;

		memcpy(text, pattern, wrong);
		text[wrong] = '\0';
		now = compile(&re, text);
		if (!now)
			regfree(&re);
		if (now != code)
			break;
	}
	*at = wrong;
	return error_set(err, ERR_USAGE, "no regular expression: %s", why);
}

/* ---- matching ---- */

static void free_pattern(void *re)
{
	regfree(re);
	free(re);
}

/* Compiled once a statement: SQLite keeps what belongs to an argument that does not change. */
static void matches(sqlite3_context *context, int count, sqlite3_value **args)
{
	regex_t *re = sqlite3_get_auxdata(context, 0);
	const char *text = (const char *)sqlite3_value_text(args[1]);
	const char *pattern = (const char *)sqlite3_value_text(args[0]);
	bool made = false;

	(void)count;
	if (!re) {
		re = xcalloc(1, sizeof(*re));
		if (!pattern || compile(re, pattern)) {
			free(re);
			sqlite3_result_error(context, "no regular expression", -1);
			return;
		}
		made = true;
	}
	sqlite3_result_int(context, text && regexec(re, text, 0, NULL, 0) == 0);
	if (made)
		sqlite3_set_auxdata(context, 0, re, free_pattern);
}

int pattern_function(struct store *s)
{
	return sqlite3_create_function(s->db, "matches", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, matches, NULL,
	                               NULL);
}
