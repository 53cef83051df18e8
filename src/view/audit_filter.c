/* Audit's filter: words, and two times. */
#include <string.h>

#include "audit_filter.h"

static int take_time(const char *name, const char *text, size_t len, int64_t now, int64_t *out,
                     struct error *err)
{
	double days;

	/* "2d": so many days ago. */
	if (len > 1 && (text[len - 1] == 'd' || text[len - 1] == 'h') && num_parse(text, len - 1, &days) &&
	    days >= 0 && days < 1e6) {
		*out = now - (int64_t)(days * (text[len - 1] == 'd' ? 86400000.0 : 3600000.0));
		return 0;
	}
	if (time_parse(text, len, out))
		return 0;
	return error_set(err, ERR_USAGE, "%s: takes a day (2026-11-23), or 2d, 12h for so long ago", name);
}

int audit_filter_parse(struct audit_filter *f, const char *text, int64_t now, size_t *at, struct error *err)
{
	const char *p = text;

	*f = (struct audit_filter){.since = INT64_MIN, .until = INT64_MAX};
	*at = 0;
	for (;;) {
		size_t len;

		p += strspn(p, " ");
		len = strcspn(p, " ");
		if (len == 0)
			return 0;
		*at = (size_t)(p - text);
		if (strncmp(p, "since:", 6) == 0) {
			if (take_time("since", p + 6, len - 6, now, &f->since, err) != 0)
				return -1;
		} else if (strncmp(p, "until:", 6) == 0) {
			if (take_time("until", p + 6, len - 6, now, &f->until, err) != 0)
				return -1;
		} else if (f->count == AUDIT_WORDS || len >= AUDIT_WORD) {
			return error_set(err, ERR_USAGE, "at most %d words of %d letters", AUDIT_WORDS, AUDIT_WORD - 1);
		} else {
			memcpy(f->word[f->count], p, len);
			f->word[f->count++][len] = 0;
		}
		p += len;
	}
}

static bool has(const char *text, const char *word)
{
	return text && strcasestr(text, word) != NULL;
}

static bool in_row(const struct trail_row *r, const char *word, const char *seal)
{
	if (!r->readable)
		return has("unreadable", word) || has(r->fault, word);
	return has(r->who, word) || has(r->name, word) || has(r->role, word) ||
	       has(ledger_kind_name(r->kind), word) || has(r->about, word) || has(r->reason, word) ||
	       has(seal, word);
}

bool audit_filter_match(const struct audit_filter *f, const struct audit_entry *e, int64_t sealed_to)
{
	if (e->at < f->since || e->at > f->until)
		return false;
	for (size_t i = 0; i < f->count; i++) {
		const char *word = f->word[i];

		if (e->row ? !in_row(e->row, word, trail_seal(e->row, sealed_to))
		           : !has(e->activity->who, word) && !has(e->activity->verb, word) &&
		                 !has(e->activity->what, word))
			return false;
	}
	return true;
}
