/* How much memory there is to take: the machine's, and that of the control group that the process runs in. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "assay/base.h"

enum { TEXT_MOST = 64 << 10 };

/* The number behind a word at the beginning of a line; UINT64_MAX: there is none ("max" is none). */
static uint64_t number_after(const char *text, const char *word)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		char *end;
		uint64_t value;

		line += *line == '\n';
		if (strncmp(line, word, strlen(word)) != 0)
			continue;
		value = strtoull(line + strlen(word), &end, 10);
		return end == line + strlen(word) ? UINT64_MAX : value;
	}
	return UINT64_MAX;
}

static uint64_t number_in(const char *path, const char *word)
{
	struct str text;
	uint64_t value = UINT64_MAX;

	str_init(&text);
	if (file_read(path, &text, TEXT_MOST, NULL) == 0)
		value = number_after(text.data, word);
	str_release(&text);
	return value;
}

/* What a group may still take; a group has the limits of those that it is in as well, up to the mount. */
static uint64_t left_in(const char *mount, const char *group, size_t len, const char *limit, const char *used)
{
	uint64_t least = UINT64_MAX;

	for (;;) {
		char *limit_path = xasprintf("%s%.*s/%s", mount, (int)len, group, limit);
		char *used_path = xasprintf("%s%.*s/%s", mount, (int)len, group, used);
		uint64_t most = number_in(limit_path, ""), now = number_in(used_path, "");

		if (most != UINT64_MAX && now != UINT64_MAX && (most > now ? most - now : 0) < least)
			least = most > now ? most - now : 0;
		free(limit_path);
		free(used_path);
		if (len == 0)
			return least;
		while (len > 0 && group[len - 1] != '/')
			len--;
		len -= len > 0;
	}
}

static uint64_t left_in_group(void)
{
	struct str groups;
	uint64_t least = UINT64_MAX;

	str_init(&groups);
	if (file_read("/proc/self/cgroup", &groups, TEXT_MOST, NULL) == 0)
		for (const char *line = groups.data; *line; line += *line == '\n') {
			const char *end = line + strcspn(line, "\n"), *kinds = strchr(line, ':');
			const char *group = kinds && kinds < end ? strchr(kinds + 1, ':') : NULL;
			uint64_t left = UINT64_MAX;

			if (group && group < end) {
				group++;
				if (group - kinds == 2)
					left = left_in("/sys/fs/cgroup", group, (size_t)(end - group), "memory.max",
					               "memory.current");
				else if (!strncmp(kinds + 1, "memory:", 7))
					left = left_in("/sys/fs/cgroup/memory", group, (size_t)(end - group),
					               "memory.limit_in_bytes", "memory.usage_in_bytes");
			}
			least = left < least ? left : least;
			line = end;
		}
	str_release(&groups);
	return least;
}

uint64_t memory_free(void)
{
	uint64_t machine = number_in("/proc/meminfo", "MemAvailable:"), group = left_in_group();

	machine = machine < UINT64_MAX / 1024 ? machine * 1024 : UINT64_MAX;
	machine = group < machine ? group : machine;
	return machine == UINT64_MAX ? (uint64_t)1 << 30 : machine;
}
