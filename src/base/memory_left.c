/* How much memory is left. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "assay/base.h"

#define FILE_MOST ((size_t)1 << 16)

/* The number behind `key` at the beginning of a line; false: there is none. */
static bool number_after(const char *text, const char *key, uint64_t *value)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) != 0)
			continue;
		line += len + strspn(line + len, " \t:");
		*value = strtoull(line, NULL, 10);
		return *line >= '0' && *line <= '9';
	}
	return false;
}

static bool read_number(const char *path, const char *key, uint64_t *value)
{
	struct str text;
	bool found;

	str_init(&text);
	found = file_read(path, &text, FILE_MOST, NULL) == 0 && number_after(text.data, key, value);
	str_release(&text);
	return found;
}

static void least(uint64_t *left, uint64_t value)
{
	/* 0 would say that nobody knows. */
	value = value ? value : 1;
	if (*left == 0 || value < *left)
		*left = value;
}

static void of_machine(uint64_t *left)
{
	uint64_t kib;

	if (read_number("/proc/meminfo", "MemAvailable", &kib))
		least(left, kib << 10);
}

/* The group of this process, where there is but one hierarchy (cgroup v2), and those above it. */
static void of_group(uint64_t *left)
{
	struct str text;
	char *at;

	str_init(&text);
	if (file_read("/proc/self/cgroup", &text, FILE_MOST, NULL) == 0 && strncmp(text.data, "0::/", 4) == 0) {
		char *group = xmemdup0(text.data + 3, strcspn(text.data + 3, "\n"));

		for (;;) {
			char *most = xasprintf("/sys/fs/cgroup%s/memory.max", group),
			     *now = xasprintf("/sys/fs/cgroup%s/memory.current", group),
			     *stat = xasprintf("/sys/fs/cgroup%s/memory.stat", group);
			uint64_t limit, used, files = 0;

			if (read_number(most, "", &limit) && read_number(now, "", &used)) {
				read_number(stat, "file ", &files);
				used -= files < used ? files : used;
				least(left, limit > used ? limit - used : 0);
			}
			free(most);
			free(now);
			free(stat);
			at = strrchr(group, '/');
			if (!at)
				break;
			*at = 0;
		}
		free(group);
	}
	str_release(&text);
}

static void of_addresses(uint64_t *left)
{
	struct rlimit limit;
	uint64_t pages, page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
	    !read_number("/proc/self/statm", "", &pages))
		return;
	least(left, (uint64_t)limit.rlim_cur > pages * page ? (uint64_t)limit.rlim_cur - pages * page : 0);
}

uint64_t memory_left(void)
{
	uint64_t left = 0;

	of_machine(&left);
	of_group(&left);
	of_addresses(&left);
	return left;
}
