/* process: /proc, read with as few calls as will do; the sampler runs beside somebody's training. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "local.h"

struct stat_line {
	char state;
	pid_t parent, session;
	uint64_t ticks, start, rss_pages;
	int threads;
};

static ssize_t read_small(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	do
		n = read(fd, buf, size - 1);
	while (n < 0 && errno == EINTR);
	close(fd);
	if (n >= 0)
		buf[n] = 0;
	return n;
}

enum { BOOT_TEXT = sizeof((struct run_process *)0)->boot_id };

static void boot_id(char out[BOOT_TEXT])
{
	ssize_t n = read_small("/proc/sys/kernel/random/boot_id", out, BOOT_TEXT);

	if (n < 0)
		n = 0;
	while (n > 0 && out[n - 1] == '\n')
		n--;
	out[n] = 0;
}

static bool read_stat(pid_t pid, struct stat_line *out)
{
	char path[64], buf[1024], *p;
	uint64_t utime, stime;
	int64_t cutime, cstime;
	int parent, session;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (read_small(path, buf, sizeof buf) <= 0)
		return false;
	/* The name may hold anything, brackets too: the last one closes it. */
	p = strrchr(buf, ')');
	if (!p || sscanf(p + 1,
	                 " %c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNd64
	                 " %*d %*d %d %*d %" SCNu64 " %*u %" SCNu64,
	                 &out->state, &parent, &session, &utime, &stime, &cutime, &cstime, &out->threads,
	                 &out->start, &out->rss_pages) != 10)
		return false;
	out->parent = parent;
	out->session = session;
	out->ticks = utime + stime + (uint64_t)cutime + (uint64_t)cstime;
	return true;
}

bool proc_identify(pid_t pid, struct run_process *out)
{
	struct stat_line st;

	if (!read_stat(pid, &st))
		return false;
	out->pid = pid;
	out->start_ticks = (int64_t)st.start;
	boot_id(out->boot_id);
	return true;
}

bool proc_before_boot(const struct run_process *id)
{
	char boot[BOOT_TEXT];

	boot_id(boot);
	return id->boot_id[0] && strcmp(boot, id->boot_id) != 0;
}

bool proc_alive(const struct run_process *id)
{
	struct stat_line st;

	if (id->pid <= 0 || !read_stat((pid_t)id->pid, &st) || (int64_t)st.start != id->start_ticks ||
	    st.state == 'Z' || st.state == 'X')
		return false;
	return !proc_before_boot(id);
}

/* ---- the tree ---- */

void proc_list_release(struct proc_list *list)
{
	free(list->pids);
	*list = (struct proc_list){0};
}

static void list_add(struct proc_list *list, pid_t pid)
{
	list->pids = vec_reserve(list->pids, &list->cap, list->count + 1, sizeof *list->pids);
	list->pids[list->count++] = pid;
}

static pid_t pid_of(const char *name)
{
	int64_t n;

	return int_parse(name, strlen(name), &n) && n > 0 && n <= INT32_MAX ? (pid_t)n : 0;
}

/* The children of one thread; false where the kernel does not tell (CONFIG_PROC_CHILDREN). */
static bool add_children(const char *path, struct str *buf, struct proc_list *out)
{
	char *p, *end;

	if (file_read(path, buf, 0, NULL) < 0)
		return false;
	for (p = buf->data;; p = end) {
		long pid = strtol(p, &end, 10);
		if (end == p)
			return true;
		list_add(out, (pid_t)pid);
	}
}

static bool tree_by_children(pid_t root, struct proc_list *out)
{
	char path[96];
	struct str buf;
	bool known = false;

	str_init(&buf);
	/* out grows while it is walked: breadth first. A process that moves meanwhile (its parent died)
	 * shows up in the next look. */
	for (size_t at = 0; at <= out->count; at++) {
		pid_t pid = at == 0 ? root : out->pids[at - 1];
		struct dirent *e;
		DIR *dir;

		snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
		if (!(dir = opendir(path)))
			continue;
		while ((e = readdir(dir))) {
			if (e->d_name[0] == '.' || strlen(e->d_name) > 20)
				continue;
			snprintf(path, sizeof path, "/proc/%d/task/%.20s/children", (int)pid, e->d_name);
			known |= add_children(path, &buf, out);
		}
		closedir(dir);
	}
	str_release(&buf);
	return known;
}

static void tree_by_scan(pid_t root, struct proc_list *out)
{
	struct pair {
		pid_t pid, parent;
	} *all = NULL;
	size_t count = 0, cap = 0;
	DIR *dir = opendir("/proc");
	struct dirent *e;
	struct stat_line st;

	while (dir && (e = readdir(dir))) {
		pid_t pid = pid_of(e->d_name);
		if (!pid || !read_stat(pid, &st))
			continue;
		all = vec_reserve(all, &cap, count + 1, sizeof *all);
		all[count++] = (struct pair){pid, st.parent};
	}
	if (dir)
		closedir(dir);
	for (size_t at = 0; at <= out->count; at++) {
		pid_t parent = at == 0 ? root : out->pids[at - 1];
		for (size_t i = 0; i < count; i++)
			if (all[i].parent == parent)
				list_add(out, all[i].pid);
	}
	free(all);
}

void proc_tree(pid_t root, struct proc_list *out)
{
	out->count = 0;
	if (!tree_by_children(root, out)) {
		out->count = 0;
		tree_by_scan(root, out);
	}
}

bool proc_below(pid_t root, pid_t session)
{
	struct proc_list tree = {0};
	struct stat_line st;
	bool found = false;

	proc_tree(root, &tree);
	for (size_t i = 0; i < tree.count && !found; i++)
		found = read_stat(tree.pids[i], &st) && (session == 0 || (st.session == session && st.state != 'Z'));
	proc_list_release(&tree);
	return found;
}

pid_t proc_stopped(pid_t root, uint64_t *ticks)
{
	struct proc_list tree = {0};
	struct stat_line *lines;
	pid_t stopped = 0;

	*ticks = 0;
	proc_tree(root, &tree);
	lines = xcalloc(tree.count + 1, sizeof *lines);
	for (size_t i = 0; i < tree.count; i++)
		if (!read_stat(tree.pids[i], &lines[i]))
			lines[i].state = 'X';
	for (size_t i = 0; i < tree.count; i++) {
		bool parent = false;
		if (strchr("ZX", lines[i].state))
			continue;
		for (size_t k = i + 1; k < tree.count && !parent; k++)
			parent = lines[k].parent == tree.pids[i] && !strchr("ZX", lines[k].state);
		if (lines[i].state == 'T') {
			stopped = stopped ? stopped : tree.pids[i];
		} else if (parent) {
			*ticks += lines[i].ticks;
		} else {
			stopped = 0;
			break; /* this one can go on */
		}
	}
	free(lines);
	proc_list_release(&tree);
	return stopped;
}

void proc_of_run(const char *uuid, struct proc_list *out)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	struct str env;
	char wanted[64];
	int n = snprintf(wanted, sizeof wanted, "ASSAY_RUN_ID=%s", uuid);

	out->count = 0;
	str_init(&env);
	while (dir && (e = readdir(dir))) {
		pid_t pid = pid_of(e->d_name);
		char path[64];
		struct stat st;
		struct stat_line line;
		const char *p;

		if (!pid || pid == getpid())
			continue;
		snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
		if (stat(path, &st) < 0 || st.st_uid != geteuid())
			continue;
		if (file_read(path, &env, 4 << 20, NULL) < 0)
			continue;
		for (p = env.data; p < env.data + env.len; p += strlen(p) + 1)
			if (strncmp(p, wanted, (size_t)n + 1) == 0)
				break;
		if (p < env.data + env.len && read_stat(pid, &line) && line.state != 'Z')
			list_add(out, pid);
	}
	if (dir)
		closedir(dir);
	str_release(&env);
}

/* ---- what the tree uses ---- */

static void add_io(pid_t pid, struct proc_use *out)
{
	char path[64], buf[512], *p;
	uint64_t n;

	snprintf(path, sizeof path, "/proc/%d/io", (int)pid);
	if (read_small(path, buf, sizeof buf) <= 0)
		return;
	if ((p = strstr(buf, "\nread_bytes:")) && sscanf(p + 12, "%" SCNu64, &n) == 1)
		out->read += n;
	if ((p = strstr(buf, "\nwrite_bytes:")) && sscanf(p + 13, "%" SCNu64, &n) == 1)
		out->written += n;
}

void proc_use_of(pid_t root, struct proc_use *out)
{
	struct proc_list tree = {0};
	struct stat_line st;
	double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	*out = (struct proc_use){0};
	proc_tree(root, &tree);
	for (size_t i = 0; i < tree.count; i++) {
		if (!read_stat(tree.pids[i], &st))
			continue;
		out->cpu_s += (double)st.ticks * tick;
		out->rss += st.rss_pages * page;
		out->threads += st.threads;
		out->processes++;
		add_io(tree.pids[i], out);
	}
	proc_list_release(&tree);
}

bool proc_pss_of(pid_t root, uint64_t *bytes)
{
	struct proc_list tree = {0};
	bool any = false;

	*bytes = 0;
	proc_tree(root, &tree);
	for (size_t i = 0; i < tree.count; i++) {
		char path[64], buf[2048], *p;
		uint64_t kib;

		snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)tree.pids[i]);
		if (read_small(path, buf, sizeof buf) <= 0 || !(p = strstr(buf, "\nPss:")) ||
		    sscanf(p + 5, "%" SCNu64, &kib) != 1)
			continue;
		*bytes += kib * 1024;
		any = true;
	}
	proc_list_release(&tree);
	return any;
}

bool proc_net(struct proc_net *out)
{
	struct str text;
	bool any = false;

	*out = (struct proc_net){0};
	str_init(&text);
	if (file_read("/proc/self/net/dev", &text, 1 << 20, NULL) == 0) {
		for (char *line = strchr(text.data, '\n'); line; line = strchr(line + 1, '\n')) {
			char name[32];
			uint64_t in, sent;

			if (sscanf(line, " %31[^:]: %" SCNu64 " %*u %*u %*u %*u %*u %*u %*u %" SCNu64, name, &in,
			           &sent) != 3 ||
			    strcmp(name, "lo") == 0)
				continue;
			out->received += in;
			out->sent += sent;
			any = true;
		}
	}
	str_release(&text);
	return any;
}
