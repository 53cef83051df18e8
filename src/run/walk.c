/* walk: a bounded look at what lies below a folder. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "walk.h"

enum { DEPTH_MAX = 8, ENTRIES_MAX = 20000, ENTRIES_SURE = 1000 };

struct folder {
	char *path;
	int depth;
};
struct walk {
	const struct walk_look *look;
	struct folder *folders;
	size_t count, cap, at;
	int entries;
	int64_t deadline;
	dev_t device;
	struct stat without;
};

static void walk_add(struct walk *w, char *path, int depth)
{
	w->folders = vec_reserve(w->folders, &w->cap, w->count + 1, sizeof *w->folders);
	w->folders[w->count++] = (struct folder){path, depth};
}

static bool is_entered(const struct walk *w, const char *name, const struct stat *st, int depth)
{
	bool without = st->st_ino == w->without.st_ino && st->st_dev == w->without.st_dev;

	return depth < DEPTH_MAX && st->st_dev == w->device && !without && strcmp(name, "node_modules") != 0 &&
	       strcmp(name, "__pycache__") != 0;
}

/* By the clock a small folder would be too much on a machine that is busy with something else. */
static bool is_over(const struct walk *w)
{
	return w->entries >= ENTRIES_MAX || (w->entries >= ENTRIES_SURE && time_mono_ms() >= w->deadline);
}

static void walk_folder(struct walk *w, const char *path, int depth)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && !is_over(w) && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		struct stat st;
		w->entries++;
		if (name[0] == '.' || (entry->d_type == DT_REG && !w->look->wanted(name)) ||
		    fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && is_entered(w, name, &st, depth))
			walk_add(w, path_join(path, name), depth + 1);
		if (S_ISREG(st.st_mode) && w->look->wanted(name))
			w->look->take(w->look->user, path, dirfd(dir), name, &st);
	}
	if (dir)
		closedir(dir);
}

void walk_files(const char *root, const struct walk_look *look)
{
	struct walk w = {.look = look, .deadline = time_mono_ms() + look->ms};
	struct stat st;

	if (stat(root, &st) < 0)
		return;
	if (look->without && stat(look->without, &w.without) < 0)
		w.without = (struct stat){0};
	w.device = st.st_dev;
	walk_add(&w, xstrdup(root), 0);
	while (w.at < w.count && !is_over(&w)) {
		struct folder f = w.folders[w.at++];
		w.folders[w.at - 1].path = NULL;
		walk_folder(&w, f.path, f.depth);
		free(f.path);
	}
	for (size_t i = 0; i < w.count; i++)
		free(w.folders[i].path);
	free(w.folders);
}
