/* events_find: which event files a run writes: those that its processes have open, and new ones in its folders. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/exchange_tensorboard.h"
#include "assay/store_capture.h"
#include "events.h"
#include "walk.h"

enum {
	SCAN_MS = 1000,
	PATH_BYTES = 4096,
	WALK_MS = 1000,
	CLOCKS_MS = 20, /* a file system's clock is a tick behind */
};

/* ---- open files ---- */

static bool is_written(pid_t pid, const char *fd)
{
	char path[96], *p;
	struct str text;
	bool written = false;

	snprintf(path, sizeof path, "/proc/%d/fdinfo/%.20s", (int)pid, fd);
	str_init(&text);
	if (file_read(path, &text, 1 << 16, NULL) == 0 && (p = strstr(text.data, "flags:")))
		written = (strtoul(p + strlen("flags:"), NULL, 8) & O_ACCMODE) != O_RDONLY;
	str_release(&text);
	return written;
}

/* Runs that a run starts have supervisors of their own, and processes of theirs lie below us. */
static bool is_of_other_run(pid_t pid, const char *uuid)
{
	static const char name[] = "ASSAY_RUN_ID=";
	char path[64];
	struct str env;
	bool other = false;

	snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
	str_init(&env);
	if (file_read(path, &env, 4 << 20, NULL) < 0)
		str_clear(&env);
	for (const char *p = env.data; p && p < env.data + env.len; p += strlen(p) + 1)
		if (strncmp(p, name, sizeof name - 1) == 0)
			other = strcmp(p + sizeof name - 1, uuid) != 0;
	str_release(&env);
	return other;
}

static void scan_process(struct events *e, pid_t pid)
{
	char folder[64], path[PATH_BYTES];
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof folder, "/proc/%d/fd", (int)pid);
	if (!(dir = opendir(folder)))
		return;
	while ((entry = readdir(dir))) {
		const char *name;
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, path, sizeof path - 1);
		if (n <= 0 || path[0] != '/')
			continue;
		path[n] = 0;
		name = strrchr(path, '/') + 1;
		if (tensorboard_is_name(name) && !strstr(name, " (deleted)") && is_written(pid, entry->d_name) &&
		    !is_of_other_run(pid, e->uuid))
			events_add(e, path);
	}
	closedir(dir);
}

void events_scan_tree(struct events *e, pid_t root)
{
	int64_t began = time_mono_ms(), spent;
	struct proc_list tree = {0};

	if (began < e->next_scan)
		return;
	proc_tree(root, &tree);
	for (size_t i = 0; i < tree.count; i++)
		scan_process(e, tree.pids[i]);
	proc_list_release(&tree);
	spent = time_mono_ms() - began;
	e->next_scan = began + (50 * spent > SCAN_MS ? 50 * spent : SCAN_MS);
}

/* ---- folders ---- */

struct search {
	struct events *events;
	int64_t since; /* files that are older are not its; 0: all are */
};

/* Made since then, by the file system; where that does not know, by the name, which has whole seconds. */
static bool is_new(int64_t since, int dir, const char *name)
{
	int64_t begun = tensorboard_name_time(name);
	struct statx x;

	if (!since)
		return true;
	if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BTIME | STATX_MTIME, &x) < 0 ||
	    x.stx_mtime.tv_sec * 1000 + x.stx_mtime.tv_nsec / 1000000 + CLOCKS_MS < since)
		return false;
	if (x.stx_mask & STATX_BTIME)
		return x.stx_btime.tv_sec * 1000 + x.stx_btime.tv_nsec / 1000000 + CLOCKS_MS >= since;
	return begun * 1000 + 999 >= since;
}

static void take_file(void *user, const char *folder, int dir, const char *name, const struct stat *st)
{
	struct search *s = user;
	char *file;

	(void)st;
	if (!is_new(s->since, dir, name))
		return;
	file = path_join(folder, name);
	events_add(s->events, file);
	free(file);
}

static void search_folder(struct events *e, const char *root, int64_t since)
{
	struct search s = {e, since};
	struct walk_look look = {.ms = WALK_MS, .wanted = tensorboard_is_name, .take = take_file, .user = &s};

	walk_files(root, &look);
}

int events_scan_folders(struct events *e, int64_t started, struct error *err)
{
	bool beside;

	search_folder(e, e->dir, 0);
	if (!e->cwd[0] || started <= 0)
		return 0;
	if (store_run_beside(e->store, e->run, e->cwd, started, time_now_ms(), &beside, err) < 0)
		return -1;
	if (!beside)
		search_folder(e, e->cwd, started);
	return 0;
}
