/* Texts by key, until the workbench is left. */
#include <stdlib.h>
#include <string.h>

#include "session.h"

struct session {
	struct memo {
		char *key, *value;
	} * memos;
	size_t count, cap;
};

struct session *session_new(void)
{
	return xcalloc(1, sizeof(struct session));
}

void session_free(struct session *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++) {
		free(s->memos[i].key);
		free(s->memos[i].value);
	}
	free(s->memos);
	free(s);
}

static struct memo *find(const struct session *s, const char *key)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->memos[i].key, key) == 0)
			return &s->memos[i];
	return NULL;
}

const char *session_get(const struct session *s, const char *key)
{
	const struct memo *m = find(s, key);

	return m ? m->value : NULL;
}

void session_set(struct session *s, const char *key, const char *value)
{
	struct memo *m = find(s, key);

	if (!m && !value)
		return;
	if (!m) {
		s->memos = vec_reserve(s->memos, &s->cap, s->count + 1, sizeof *s->memos);
		m = &s->memos[s->count++];
		*m = (struct memo){.key = xstrdup(key)};
	}
	free(m->value);
	m->value = value ? xstrdup(value) : NULL;
}
