/* Where themes lie, and whether they have changed there. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

enum { MAX_FOLDERS = 8, TREE_DEPTH = 6 };

/* The person's own, then those beside the program: in the source tree (build/assay to
 * build/asan/tests/unit/x), installed. */
static size_t folders(char *out[MAX_FOLDERS])
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	size_t count = 0;

	out[count++] = xdg_config_path("themes");
	if (n <= 0)
		return count;
	exe[n] = 0;
	for (int up = 0; up < TREE_DEPTH && strrchr(exe, '/'); up++) {
		*strrchr(exe, '/') = 0;
		if (up == 1)
			out[count++] = xasprintf("%s/share/assay/themes", exe);
		if (up >= 1)
			out[count++] = xasprintf("%s/themes", exe);
	}
	return count;
}

static void free_folders(char *list[MAX_FOLDERS], size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
}

static bool was_read(const struct theme *t, const char *path)
{
	for (size_t i = 0; t && i < t->file_count; i++)
		if (!strcmp(t->files[i].path, path))
			return true;
	return false;
}

char *theme_locate(const char *name, const char *first, const struct theme *without)
{
	char *list[MAX_FOLDERS], *found = NULL;
	size_t count = folders(list);

	for (size_t i = first ? 0 : 1; i <= count && !found; i++) {
		char *path = xasprintf("%s/%s.theme", i ? list[i - 1] : first, name);

		if (!was_read(without, path) && file_exists(path))
			found = path;
		else
			free(path);
	}
	free_folders(list, count);
	return found;
}

bool theme_name_is_valid(const char *name)
{
	return *name && strlen(name) < THEME_NAME && name[0] != '.' && !strchr(name, '/') &&
	       text_is_plain(name, strlen(name));
}

int theme_find(struct theme *t, const char *name, struct error *err)
{
	char *path = theme_name_is_valid(name) ? theme_locate(name, NULL, NULL) : NULL;
	struct arena *arena;
	const char **names, *near;
	size_t count;
	int rc;

	if (path) {
		rc = theme_read(t, path, err);
		free(path);
		return rc;
	}
	memset(t, 0, sizeof *t);
	if (!theme_name_is_valid(name))
		return error_set(err, ERR_USAGE, "\"%s\" is not the name of a theme", name);
	arena = arena_new();
	names = theme_names(arena, &count);
	near = name_nearest(name, names, count);
	rc = near ? error_set(err, ERR_USAGE, "there is no theme \"%s\" (%s.theme); did you mean \"%s\"?", name,
	                      name, near)
	          : error_set(err, ERR_USAGE, "there is no theme \"%s\" (%s.theme); `assay theme` lists them",
	                      name, name);
	arena_free(arena);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **theme_names(struct arena *arena, size_t *count)
{
	char *list[MAX_FOLDERS];
	size_t folder_count = folders(list), cap = 0;
	const char **names = NULL, **out;

	*count = 0;
	for (size_t i = 0; i < folder_count; i++) {
		DIR *dir = opendir(list[i]);
		struct dirent *e;

		while (dir && (e = readdir(dir))) {
			size_t len = strlen(e->d_name);
			char *name;
			bool seen = false;

			if (len < 7 || strcmp(e->d_name + len - 6, ".theme") != 0)
				continue;
			name = arena_memdup0(arena, e->d_name, len - 6);
			for (size_t k = 0; k < *count; k++)
				seen |= !strcmp(names[k], name);
			if (seen || !theme_name_is_valid(name))
				continue;
			names = vec_reserve(names, &cap, *count + 1, sizeof *names);
			names[(*count)++] = name;
		}
		if (dir)
			closedir(dir);
	}
	free_folders(list, folder_count);
	out = arena_array(arena, *count ? *count : 1, sizeof *out);
	if (*count) {
		memcpy(out, names, *count * sizeof *out);
		qsort(out, *count, sizeof *out, by_name);
	}
	free(names);
	return out;
}

/* ---- changes ---- */

bool theme_file_look(struct theme_file *file, const char *path)
{
	struct stat st;

	memset(file, 0, sizeof *file);
	snprintf(file->path, sizeof file->path, "%s", path);
	if (stat(path, &st))
		return false;
	file->changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	file->size = (int64_t)st.st_size;
	file->inode = (uint64_t)st.st_ino;
	return true;
}

bool theme_changed(const struct theme *t)
{
	char *path = theme_locate(t->name, NULL, NULL);
	bool changed = path && t->file_count && strcmp(path, t->files[0].path) != 0;

	free(path);
	for (size_t i = 0; i < t->file_count && !changed; i++) {
		struct theme_file now;

		/* Some programs take the old file away before they put the new one there. */
		if (!theme_file_look(&now, t->files[i].path))
			return false;
		changed = now.changed_ns != t->files[i].changed_ns || now.size != t->files[i].size ||
		          now.inode != t->files[i].inode;
	}
	return changed;
}

bool theme_is_own(const struct theme *t)
{
	char *own = xdg_config_path("themes");
	size_t len = strlen(own);
	bool is = t->file_count && !strncmp(t->files[0].path, own, len) && t->files[0].path[len] == '/';

	free(own);
	return is;
}
