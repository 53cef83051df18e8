/*
 * oom: SIGKILL says nothing of who sent it. The kernel's out-of-memory killer leaves traces, though: it counts each
 * kill before it sends the signal, in the victim's control group and for the whole machine, and names the process in
 * its messages. systemd-oomd counts in an attribute of the group.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "oom.h"

/* 4026531836: the first namespace of process ids has a fixed number (PROC_PID_INIT_INO). In it the kernel's messages
 * have the same numbers as ours. */
static const char first_namespace[] = "pid:[4026531836]";

/* The number after a word at the beginning of a line; -1: there is none. */
static int64_t counted(const char *path, const char *word)
{
	struct str text;
	int64_t n = -1;
	size_t len = strlen(word);

	str_init(&text);
	if (file_read(path, &text, 1 << 20, NULL) == 0) {
		for (const char *p = text.data; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
			if (strncmp(p, word, len) == 0 && p[len] == ' ' && sscanf(p + len, "%" SCNd64, &n) != 1)
				n = -1;
	}
	str_release(&text);
	return n;
}

static int64_t machine_count(const struct oom_marks *m)
{
	char *path = xasprintf("%s/proc/vmstat", m->root);
	int64_t n = counted(path, "oom_kill");

	free(path);
	return n;
}

static int64_t group_count(const char *group)
{
	char *path = xasprintf("%s/memory.events", group);
	int64_t n = counted(path, "oom_kill");

	free(path);
	if (n < 0) {
		path = xasprintf("%s/memory.oom_control", group);
		n = counted(path, "oom_kill");
		free(path);
	}
	return n;
}

static int64_t daemon_count(const char *group)
{
	char text[32];
	ssize_t n = getxattr(group, "user.oomd_kill", text, sizeof text - 1);

	if (n < 0)
		return errno == ENODATA ? 0 : -1;
	text[n] = 0;
	return strtoll(text, NULL, 10);
}

/* The folder of a group by its path in /proc/PID/cgroup. Inside a container the path may be the host's, while what is
 * mounted begins at our own group. */
static char *group_folder(const struct oom_marks *m, const char *mount, const char *path)
{
	const char *const tries[] = {path, ""};

	for (size_t i = 0; i < COUNT_OF(tries); i++) {
		char *folder = xasprintf("%s/sys/fs/cgroup%s%s", m->root, mount, tries[i]);
		if (group_count(folder) >= 0)
			return folder;
		free(folder);
	}
	return NULL;
}

/* One line of /proc/PID/cgroup, ID:CONTROLLERS:PATH; the second version has no controllers in it. */
static char *group_of_line(const struct oom_marks *m, char *line)
{
	char *controllers = strchr(line, ':'), *place = controllers ? strchr(controllers + 1, ':') : NULL, *found;

	if (!place)
		return NULL;
	*controllers++ = 0;
	*place++ = 0;
	if (strcmp(place, "/") == 0)
		*place = 0;
	if (strcmp(controllers, "memory") == 0)
		return group_folder(m, "/memory", place);
	if (*controllers)
		return NULL;
	found = group_folder(m, "", place);
	return found ? found : group_folder(m, "/unified", place);
}

static char *find_group(const struct oom_marks *m, pid_t pid)
{
	char *path = xasprintf("%s/proc/%d/cgroup", m->root, (int)pid), *found = NULL;
	struct str text;

	str_init(&text);
	if (file_read(path, &text, 1 << 20, NULL) < 0)
		str_clear(&text);
	for (char *line = text.data, *end; line && *line && !found; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = 0;
		found = group_of_line(m, line);
	}
	str_release(&text);
	free(path);
	return found;
}

void oom_begin(struct oom_marks *m, const char *root)
{
	char *path = xasprintf("%s/dev/kmsg", root);

	*m = (struct oom_marks){.root = root, .before = {-1, -1, -1}, .now = {-1, -1, -1}};
	m->messages = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (m->messages >= 0 && lseek(m->messages, 0, SEEK_END) < 0) {
		close(m->messages);
		m->messages = -1;
	}
	free(path);
}

void oom_note(struct oom_marks *m, pid_t pid, int64_t now_ms)
{
	char *group = find_group(m, pid);
	bool same = m->noted_ms && (group ? m->group && strcmp(group, m->group) == 0 : !m->group);

	/* A process that has just ended has no group any more: what was known of it holds. */
	if ((!group && m->group) || (same && now_ms - m->noted_ms < OOM_WINDOW_MS)) {
		free(group);
		return;
	}
	free(m->group);
	m->group = group;
	m->before = m->now;
	m->now = (struct oom_counts){.in_group = group ? group_count(group) : -1,
	                             .by_daemon = group ? daemon_count(group) : -1,
	                             .machine = machine_count(m)};
	if (!same)
		m->before = m->now;
	m->noted_ms = now_ms;
}

/* "Killed process 4321 (python3) total-vm:1kB, anon-rss:2kB, file-rss:3kB, shmem-rss:4kB, …" */
static bool is_named(struct oom_marks *m, pid_t pid, uint64_t *bytes)
{
	static const char *const parts[] = {"anon-rss:", "file-rss:", "shmem-rss:"};
	char buf[8192], wanted[48];
	bool found = false;

	snprintf(wanted, sizeof wanted, "Killed process %d (", (int)pid);
	/* EPIPE: messages were overwritten before they could be read. Bounded, if they come faster than that. */
	for (int i = 0; i < 100000; i++) {
		ssize_t n = read(m->messages, buf, sizeof buf - 1);
		const char *p;
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n <= 0)
			break;
		buf[n] = 0;
		if (!(p = strstr(buf, wanted)))
			continue;
		found = true;
		for (size_t k = 0; k < COUNT_OF(parts); k++) {
			const char *part = strstr(p, parts[k]);
			if (part)
				*bytes += strtoull(part + strlen(parts[k]), NULL, 10) * 1024;
		}
	}
	return found;
}

static bool same_numbers(const struct oom_marks *m)
{
	char *path = xasprintf("%s/proc/self/ns/pid", m->root), text[64];
	ssize_t n = readlink(path, text, sizeof text - 1);

	free(path);
	if (n < 0)
		return false;
	text[n] = 0;
	return strcmp(text, first_namespace) == 0;
}

enum oom_verdict oom_judge(struct oom_marks *m, pid_t pid, uint64_t *bytes)
{
	const struct oom_counts *was = &m->before;
	int64_t machine = machine_count(m), in_group = m->group ? group_count(m->group) : -1;

	bool told = m->messages >= 0 && same_numbers(m);

	*bytes = 0;
	if (told && is_named(m, pid, bytes))
		return OOM_KERNEL;
	if (was->in_group >= 0 && in_group > was->in_group)
		return OOM_KERNEL;
	if (was->by_daemon >= 0 && daemon_count(m->group) > was->by_daemon)
		return OOM_DAEMON;
	if (was->machine >= 0 && machine == was->machine)
		return OOM_NO;
	/* It killed something: another one, if the messages would have named ours. That our group's count is what it was
	 * says less: the process may have moved to another group meanwhile. */
	return was->machine < 0 || machine < 0 ? OOM_UNKNOWN : told ? OOM_NO : OOM_MAYBE;
}

void oom_release(struct oom_marks *m)
{
	if (m->messages >= 0)
		close(m->messages);
	m->messages = -1;
	free(m->group);
	m->group = NULL;
}

void oom_words(struct ending *e, enum oom_verdict verdict, uint64_t peak)
{
	char size[NUM_TEXT], most[NUM_TEXT + 16] = "";
	const char *who = verdict == OOM_DAEMON ? "systemd-oomd" : "the kernel";

	if (peak)
		snprintf(most, sizeof most, " (peak %s)", bytes_people(peak, size));
	if (e->signal != SIGKILL) {
		/* A shell tells of its child so. What else it may have meant by that is not ours to guess. */
		if (verdict == OOM_KERNEL || verdict == OOM_DAEMON)
			snprintf(e->reason, sizeof e->reason,
			         "exit status %d: %s killed a process of it, out of memory%s", e->exit_status, who, most);
		return;
	}
	switch (verdict) {
	case OOM_KERNEL:
	case OOM_DAEMON:
		snprintf(e->reason, sizeof e->reason, "killed by %s: out of memory%s", who, most);
		break;
	case OOM_NO:
		snprintf(e->reason, sizeof e->reason, "ended by SIGKILL; no sign of the out-of-memory killer");
		break;
	case OOM_MAYBE:
		snprintf(
		    e->reason, sizeof e->reason,
		    "ended by SIGKILL, perhaps for want of memory: the kernel killed a process for that just then");
		break;
	case OOM_UNKNOWN:
		snprintf(e->reason, sizeof e->reason,
		         "ended by SIGKILL; whether for want of memory cannot be told here");
		break;
	}
}
