/*
 * secrets: what must not be kept of command lines, parameters and tags. What is recorded is shown, exported and sealed, and nobody can take
 * it out again; so it is masked before it is written, and the command itself gets the true words. Careful in both
 * directions: "--max-tokens=512", "pad_token" and "num_keys" are settings.
 */
#include <ctype.h>
#include <stdlib.h>

#include "assay/base.h"

enum { NAME_BYTES = 128, TOKEN_LEAST = 16 };

/* How the last part of a name ends ("PGPASSWORD"), or what its last two are. */
static const char *const always[] = {"password", "passwd",   "passphrase", "secret",
                                     "apikey",   "apitoken", "credential", "credentials"};
static const char *const pairs[][2] = {{"api", "key"},      {"access", "key"},   {"secret", "key"},
                                       {"private", "key"},  {"account", "key"},  {"encryption", "key"},
                                       {"api", "token"},    {"access", "token"}, {"auth", "token"},
                                       {"bearer", "token"}, {"hf", "token"},     {"hub", "token"},
                                       {"github", "token"}, {"gitlab", "token"}, {"tracking", "token"},
                                       {"secret", "token"}, {"refresh", "token"}};
/* How tokens of some services begin. */
static const char *const marks[] = {"hf_",    "ghp_", "gho_",  "ghs_", "github_pat_",
                                    "glpat-", "sk-",  "xoxb-", "AKIA"};

/* The name in lower case without dashes before it, in parts; how many there are. */
static size_t parts_of(const char *name, size_t len, char out[NAME_BYTES], char *parts[NAME_BYTES])
{
	size_t count = 0;
	bool inside = false;

	if (len >= NAME_BYTES)
		return 0;
	for (size_t i = 0; i < len; i++) {
		bool letter = isalnum((unsigned char)name[i]);

		out[i] = letter ? (char)tolower((unsigned char)name[i]) : 0;
		if (letter && !inside)
			parts[count++] = out + i;
		inside = letter;
	}
	out[len] = 0;
	return count;
}

bool secret_is_name(const char *name, size_t len)
{
	char text[NAME_BYTES], *parts[NAME_BYTES];
	size_t n = parts_of(name, len, text, parts);

	if (n == 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(always); i++) {
		size_t last = strlen(parts[n - 1]), end = strlen(always[i]);

		if (last >= end && strcmp(parts[n - 1] + last - end, always[i]) == 0)
			return true;
	}
	if (n == 1)
		return strcmp(parts[0], "token") == 0;
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		if (strcmp(parts[n - 2], pairs[i][0]) == 0 && strcmp(parts[n - 1], pairs[i][1]) == 0)
			return true;
	return false;
}

static bool is_token(const char *value)
{
	size_t len = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

	if (value[len] || len < TOKEN_LEAST)
		return false;
	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (strncmp(value, marks[i], strlen(marks[i])) == 0)
			return strcspn(value, "0123456789") < len;
	return false;
}

/* "user:password@" and "token@" in an address; a user alone, as in ssh://git@host, says nothing. */
static void add_value(const char *value, struct str *out)
{
	const char *bearer = strstr(value, "Bearer "), *scheme = strstr(value, "://"), *at, *colon;

	if (is_token(value)) {
		str_adds(out, SECRET_MASKED);
		return;
	}
	if (bearer && bearer[7]) {
		str_add(out, value, (size_t)(bearer + 7 - value));
		str_adds(out, SECRET_MASKED);
		return;
	}
	for (; scheme; scheme = strstr(value, "://")) {
		size_t host;

		scheme += 3;
		host = strcspn(scheme, "/?# ");
		str_add(out, value, (size_t)(scheme - value));
		value = scheme;
		if (!(at = memrchr(scheme, '@', host)))
			continue;
		colon = memchr(scheme, ':', (size_t)(at - scheme));
		if (colon || at - scheme >= TOKEN_LEAST) {
			str_add(out, scheme, colon ? (size_t)(colon + 1 - scheme) : 0);
			str_adds(out, SECRET_MASKED);
			value = at;
		}
	}
	str_adds(out, value);
}

void secret_mask(const char *name, const char *value, struct str *out)
{
	if (value[0] && secret_is_name(name, strlen(name)))
		str_adds(out, SECRET_MASKED);
	else
		add_value(value, out);
}

/* "--password=x", "DB_PASSWORD=x" of env, "--password x", and what a value tells by itself. */
void secret_word(const char *before, const char *word, struct str *out)
{
	size_t name = strcspn(word, "=");
	bool plain = true;

	for (size_t i = 0; i < name; i++)
		plain = plain && (isalnum((unsigned char)word[i]) || strchr("-_.", word[i]));

	if (before && before[0] == '-' && !strchr(before, '=') && word[0] != '-' &&
	    secret_is_name(before, strlen(before))) {
		str_adds(out, SECRET_MASKED);
	} else if (word[name] && word[name + 1] && plain && secret_is_name(word, name)) {
		str_add(out, word, name + 1);
		str_adds(out, SECRET_MASKED);
	} else if (word[name] && plain) {
		str_add(out, word, name + 1);
		add_value(word + name + 1, out);
	} else {
		add_value(word, out);
	}
}
