/*
 * A disk that loses power. Everything below `root` that the program writes, cuts, names, renames, removes and
 * syncs is recorded in order, the calls of SQLite among them: the program's own pwrite, fsync … stand before
 * those of libc. From the record any moment can be rebuilt as a disk may be found after a power cut there:
 * what was synced is as it was; of all the rest each write may be there whole, or in some of its sectors, or
 * up to some byte, or as rubbish, or not; each new name, new place and removal may be there or not, in order
 * or out of it. A name is synced by its folder, never by its file: POSIX promises no more.
 *
 * Included by one file of a program. Files whose name ends in -shm are not recorded: they are memory.
 */
#ifndef POWER_DISK_H
#define POWER_DISK_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "assay/base.h"

enum power_kind { POWER_WRITE, POWER_CUT, POWER_LINK, POWER_UNLINK, POWER_RENAME, POWER_SYNC };

/* Kinds of syncs that a disk can be told to forget, so that the trial can show that it would notice. */
enum power_sync {
	POWER_SYNC_DATABASE = 1,
	POWER_SYNC_WAL = 2,
	POWER_SYNC_JOURNAL = 4,
	POWER_SYNC_FILE = 8,
	POWER_SYNC_FOLDER = 16,
	POWER_SYNC_ALL = 31
};

struct power_op {
	enum power_kind kind;
	int node, node2; /* the file; or the folder of the name, and that of the new name */
	int child;       /* LINK, RENAME: what is named */
	char name[80], name2[80];
	int64_t at; /* of a write; length of a cut */
	size_t len;
	char *bytes;
};

struct power_entry {
	char name[80];
	int node;
};

struct power_node {
	ino_t ino;
	bool folder, memory;
	enum power_sync sync;
	/* while a moment is rebuilt: what is on the disk for certain */
	char *bytes;
	size_t len, cap;
	struct power_entry *entries;
	size_t count, entry_cap;
};

static struct {
	bool armed;
	unsigned forget; /* of enum power_sync */
	const char *root;
	struct power_op *ops;
	size_t count, cap;
	struct power_node *nodes; /* the first is root */
	size_t node_count, node_cap;
	size_t *loose; /* operations that nothing has synced, in order */
	size_t loose_count, loose_cap;
	size_t done; /* operations that are rebuilt */
} disk;

/* ---- recording ---- */

static bool ends(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && !strcmp(text + a - b, end);
}

static int node_new(ino_t ino, bool folder, const char *name)
{
	struct power_node *n;

	/* A number that was somebody else's before is this one's now. */
	for (size_t i = 0; i < disk.node_count; i++)
		if (disk.nodes[i].ino == ino)
			disk.nodes[i].ino = 0;
	disk.nodes = vec_reserve(disk.nodes, &disk.node_cap, disk.node_count + 1, sizeof(*disk.nodes));
	n = &disk.nodes[disk.node_count];
	*n = (struct power_node){.ino = ino, .folder = folder, .memory = ends(name, "-shm")};
	n->sync = folder                   ? POWER_SYNC_FOLDER
	          : ends(name, ".db")      ? POWER_SYNC_DATABASE
	          : ends(name, "-wal")     ? POWER_SYNC_WAL
	          : ends(name, "-journal") ? POWER_SYNC_JOURNAL
	                                   : POWER_SYNC_FILE;
	return (int)disk.node_count++;
}

static int node_of(ino_t ino)
{
	for (size_t i = disk.node_count; i-- > 0;)
		if (disk.nodes[i].ino == ino)
			return (int)i;
	return -1;
}

static int node_of_fd(int fd)
{
	struct stat st;

	return disk.armed && fstat(fd, &st) == 0 ? node_of(st.st_ino) : -1;
}

/* The folder of a path, and the name in it; -1 if it is none of ours. */
static int folder_of_path(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	struct stat st;
	int node = -1;

	if (!disk.armed || !slash || strncmp(path, disk.root, strlen(disk.root)) != 0)
		return -1;
	*name = slash + 1;
	folder = xmemdup0(path, (size_t)(slash - path));
	if (stat(folder, &st) == 0)
		node = node_of(st.st_ino);
	free(folder);
	return node;
}

static struct power_op *op_new(enum power_kind kind, int node)
{
	disk.ops = vec_reserve(disk.ops, &disk.cap, disk.count + 1, sizeof(*disk.ops));
	disk.ops[disk.count] = (struct power_op){.kind = kind, .node = node, .node2 = -1, .child = -1};
	return &disk.ops[disk.count++];
}

static void op_name(char out[80], const char *name)
{
	if (strlen(name) >= 80)
		bug("name too long for the record: %s", name);
	snprintf(out, 80, "%s", name);
}

static void record_write(int fd, const void *bytes, size_t len, int64_t at)
{
	int node = node_of_fd(fd);
	struct power_op *op;

	if (node < 0 || disk.nodes[node].memory || !len)
		return;
	op = op_new(POWER_WRITE, node);
	op->at = at;
	op->len = len;
	op->bytes = xmemdup0(bytes, len);
}

static void record_cut(int node, int64_t len)
{
	if (node >= 0 && !disk.nodes[node].memory)
		op_new(POWER_CUT, node)->at = len;
}

static void record_sync(int fd)
{
	int node = node_of_fd(fd);

	if (node >= 0 && !(disk.nodes[node].sync & disk.forget))
		op_new(POWER_SYNC, node);
}

static void record_link(const char *path, int child)
{
	const char *name;
	int folder = folder_of_path(path, &name);
	struct power_op *op;

	if (folder < 0 || child < 0)
		return;
	op = op_new(POWER_LINK, folder);
	op->child = child;
	op_name(op->name, name);
}

static void record_made(const char *path, bool folder)
{
	const char *name;
	struct stat st;

	if (folder_of_path(path, &name) >= 0 && lstat(path, &st) == 0)
		record_link(path, node_new(st.st_ino, folder, name));
}

static void record_unlink(int folder, const char *name)
{
	if (folder >= 0)
		op_name(op_new(POWER_UNLINK, folder)->name, name);
}

static int open_recorded(const char *path, int flags, mode_t mode)
{
	struct stat st;
	bool made = disk.armed && (flags & O_CREAT) && lstat(path, &st) != 0 && errno == ENOENT;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);

	if (fd >= 0 && made)
		record_made(path, false);
	else if (fd >= 0 && (flags & O_TRUNC))
		record_cut(node_of_fd(fd), 0);
	return fd;
}

#define OPEN_MODE(mode, flags)                                                                               \
	mode_t mode = 0;                                                                                         \
	if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                                 \
		va_list args;                                                                                        \
		va_start(args, flags);                                                                               \
		mode = va_arg(args, mode_t);                                                                         \
		va_end(args);                                                                                        \
	}

int open(const char *path, int flags, ...)
{
	OPEN_MODE(mode, flags)
	return open_recorded(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	OPEN_MODE(mode, flags)
	return open_recorded(path, flags | O_LARGEFILE, mode);
}

int mkostemp(char *template, int flags)
{
	static unsigned serial;
	char *end = template + strlen(template) - 6, six[16];
	int fd;

	do {
		snprintf(six, sizeof(six), "%06u", ++serial % 1000000);
		memcpy(end, six, 6);
		fd = open_recorded(template, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
	} while (fd < 0 && errno == EEXIST);
	return fd;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	ssize_t n = syscall(SYS_write, fd, bytes, len);

	if (n > 0 && disk.armed)
		record_write(fd, bytes, (size_t)n, lseek(fd, 0, SEEK_CUR) - n);
	return n;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	ssize_t n = syscall(SYS_pwrite64, fd, bytes, len, at);

	if (n > 0)
		record_write(fd, bytes, (size_t)n, at);
	return n;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return pwrite64(fd, bytes, len, at);
}

int fsync(int fd)
{
	record_sync(fd);
	return 0;
}

int fdatasync(int fd)
{
	return fsync(fd);
}

int ftruncate64(int fd, off64_t len)
{
	int rc = (int)syscall(SYS_ftruncate, fd, len);

	if (rc == 0)
		record_cut(node_of_fd(fd), len);
	return rc;
}

int ftruncate(int fd, off_t len)
{
	return ftruncate64(fd, len);
}

int rename(const char *from, const char *to)
{
	const char *name = "", *name2 = "";
	int folder = folder_of_path(from, &name), folder2 = folder_of_path(to, &name2);
	int rc = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
	struct stat st;

	if (rc == 0 && folder >= 0 && folder2 >= 0 && lstat(to, &st) == 0) {
		struct power_op *op = op_new(POWER_RENAME, folder);

		op->node2 = folder2;
		op->child = node_of(st.st_ino);
		op_name(op->name, name);
		op_name(op->name2, name2);
	}
	return rc;
}

int link(const char *from, const char *to)
{
	int rc = (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
	struct stat st;

	if (rc == 0 && disk.armed && lstat(from, &st) == 0)
		record_link(to, node_of(st.st_ino));
	return rc;
}

int mkdir(const char *path, mode_t mode)
{
	int rc = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);

	if (rc == 0)
		record_made(path, true);
	return rc;
}

static int unlink_recorded(const char *path, int flags)
{
	const char *name = "";
	int folder = folder_of_path(path, &name), rc = (int)syscall(SYS_unlinkat, AT_FDCWD, path, flags);

	if (rc == 0)
		record_unlink(folder, name);
	return rc;
}

int unlink(const char *path)
{
	return unlink_recorded(path, 0);
}

int rmdir(const char *path)
{
	return unlink_recorded(path, AT_REMOVEDIR);
}

int unlinkat(int fd, const char *path, int flags)
{
	int rc;

	if (fd == AT_FDCWD || path[0] == '/')
		return unlink_recorded(path, flags);
	rc = (int)syscall(SYS_unlinkat, fd, path, flags);
	if (rc == 0)
		record_unlink(node_of_fd(fd), path);
	return rc;
}

/* ---- what a moment's disk is ---- */

static struct power_entry *entry_of(struct power_node *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (!strcmp(n->entries[i].name, name))
			return &n->entries[i];
	return NULL;
}

static void entry_set(struct power_node *n, const char *name, int node)
{
	struct power_entry *e = entry_of(n, name);

	if (!e) {
		n->entries = vec_reserve(n->entries, &n->entry_cap, n->count + 1, sizeof(*n->entries));
		e = &n->entries[n->count++];
		snprintf(e->name, sizeof(e->name), "%s", name);
	}
	e->node = node;
}

static void entry_drop(struct power_node *n, const char *name)
{
	struct power_entry *e = entry_of(n, name);

	if (e)
		*e = n->entries[--n->count];
}

static void put_bytes(struct power_node *n, const char *bytes, size_t len, size_t at)
{
	n->bytes = vec_reserve(n->bytes, &n->cap, at + len + 1, 1);
	if (at > n->len)
		memset(n->bytes + n->len, 0, at - n->len);
	memcpy(n->bytes + at, bytes, len);
	if (at + len > n->len)
		n->len = at + len;
}

static void cut_bytes(struct power_node *n, size_t len)
{
	if (len > n->len)
		put_bytes(n, "", 0, len);
	n->len = len;
}

static void apply(struct power_node *nodes, const struct power_op *op)
{
	switch (op->kind) {
	case POWER_WRITE:
		put_bytes(&nodes[op->node], op->bytes, op->len, (size_t)op->at);
		break;
	case POWER_CUT:
		cut_bytes(&nodes[op->node], (size_t)op->at);
		break;
	case POWER_LINK:
		entry_set(&nodes[op->node], op->name, op->child);
		break;
	case POWER_UNLINK:
		entry_drop(&nodes[op->node], op->name);
		break;
	case POWER_RENAME:
		/* Its first name may never have come to the disk. */
		entry_drop(&nodes[op->node], op->name);
		entry_set(&nodes[op->node2], op->name2, op->child);
		break;
	default:
		break;
	}
}

/* What a folder's or a file's sync makes certain. */
static void settle(int node)
{
	size_t kept = 0;

	for (size_t i = 0; i < disk.loose_count; i++) {
		const struct power_op *op = &disk.ops[disk.loose[i]];

		if (op->node == node || op->node2 == node)
			apply(disk.nodes, op);
		else
			disk.loose[kept++] = disk.loose[i];
	}
	disk.loose_count = kept;
}

/* Goes on to the moment before operation `to`; moments come in order. */
static void power_go(size_t to)
{
	for (; disk.done < to; disk.done++) {
		if (disk.ops[disk.done].kind == POWER_SYNC) {
			settle(disk.ops[disk.done].node);
			continue;
		}
		disk.loose = vec_reserve(disk.loose, &disk.loose_cap, disk.loose_count + 1, sizeof(*disk.loose));
		disk.loose[disk.loose_count++] = disk.done;
	}
}

/* ---- the cut ---- */

typedef uint64_t power_draw(uint64_t below);

/* A write of which the sectors made their own way to the disk. */
static void apply_torn(struct power_node *n, const struct power_op *op, power_draw *draw)
{
	enum { SECTOR = 512 };
	uint64_t how = draw(8);
	char rubbish[SECTOR];

	if (how == 0) { /* up to some byte */
		put_bytes(n, op->bytes, draw(op->len + 1), (size_t)op->at);
		return;
	}
	for (size_t from = 0; from < op->len;) {
		size_t at = (size_t)op->at + from, len = SECTOR - at % SECTOR;

		if (len > op->len - from)
			len = op->len - from;
		if (how == 1 && draw(4) == 0) {
			for (size_t i = 0; i < len; i++)
				rubbish[i] = (char)draw(256);
			put_bytes(n, rubbish, len, at);
		} else if (draw(2)) {
			put_bytes(n, op->bytes + from, len, at);
		}
		from += len;
	}
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, bytes, len))
		bug("cannot write %s", path);
	close(fd);
}

static void write_tree(const struct power_node *nodes, int node, const char *path, power_draw *draw)
{
	const struct power_node *n = &nodes[node];
	char rubbish[4096];

	if (n->folder) {
		syscall(SYS_mkdirat, AT_FDCWD, path, 0777);
		for (size_t i = 0; i < n->count; i++) {
			char *below = path_join(path, n->entries[i].name);

			write_tree(nodes, n->entries[i].node, below, draw);
			free(below);
		}
	} else if (!n->memory) {
		write_file(path, n->bytes, n->len);
	} else if (draw(2)) {
		for (size_t i = 0; i < sizeof(rubbish); i++)
			rubbish[i] = (char)draw(256);
		write_file(path, rubbish, sizeof(rubbish));
	}
}

/* The disk as it may be found after a cut at this moment, written to the folder `to`. */
static void power_cut(const char *to, power_draw *draw)
{
	static const unsigned moods[] = {0, 1, 4, 7, 8}; /* of eight operations so many are there */
	struct power_node *nodes = xcalloc(disk.node_count, sizeof(*nodes));
	unsigned mood = moods[draw(COUNT_OF(moods))];
	uint64_t names_to = draw(2) ? draw(disk.loose_count + 1) : UINT64_MAX; /* in order up to there, or any */

	for (size_t i = 0; i < disk.node_count; i++) {
		const struct power_node *from = &disk.nodes[i];

		nodes[i] = *from;
		nodes[i].bytes = from->len ? xmemdup0(from->bytes, from->len) : NULL;
		nodes[i].cap = from->len;
		nodes[i].entry_cap = from->count;
		nodes[i].entries = NULL;
		if (from->count) {
			nodes[i].entries = xreallocarray(NULL, from->count, sizeof(*from->entries));
			memcpy(nodes[i].entries, from->entries, from->count * sizeof(*from->entries));
		}
	}
	for (size_t i = 0; i < disk.loose_count; i++) {
		const struct power_op *op = &disk.ops[disk.loose[i]];
		bool name = op->kind >= POWER_LINK;

		if (name && names_to != UINT64_MAX) {
			if (i < names_to)
				apply(nodes, op);
		} else if (draw(8) < mood) {
			apply(nodes, op);
		} else if (op->kind == POWER_WRITE && mood && draw(3) == 0) {
			apply_torn(&nodes[op->node], op, draw);
		}
	}
	write_tree(nodes, 0, to, draw);
	for (size_t i = 0; i < disk.node_count; i++) {
		free(nodes[i].bytes);
		free(nodes[i].entries);
	}
	free(nodes);
}

/* ---- from when to when ---- */

static void take_in(const char *path, int node)
{
	DIR *dir = opendir(path);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		char *below = path_join(path, d->d_name);
		struct stat st;
		int child;

		if (strcmp(d->d_name, ".") && strcmp(d->d_name, "..") && lstat(below, &st) == 0) {
			child = node_new(st.st_ino, S_ISDIR(st.st_mode), d->d_name);
			entry_set(&disk.nodes[node], d->d_name, child);
			if (S_ISDIR(st.st_mode)) {
				take_in(below, child);
			} else if (!disk.nodes[child].memory) {
				struct str text;

				str_init(&text);
				if (file_read(below, &text, 0, NULL))
					bug("cannot read %s", below);
				put_bytes(&disk.nodes[child], text.data, text.len, 0);
				str_release(&text);
			}
		}
		free(below);
	}
	if (dir)
		closedir(dir);
}

/* Everything that is in `root` (an absolute path that outlives the record) is taken for synced. */
static void power_record(const char *root, unsigned forget)
{
	struct stat st;

	if (stat(root, &st))
		bug("%s is not there", root);
	disk.root = root;
	disk.forget = forget;
	node_new(st.st_ino, true, "");
	take_in(root, 0);
	disk.armed = true;
}

static void power_forget(void)
{
	for (size_t i = 0; i < disk.count; i++)
		free(disk.ops[i].bytes);
	for (size_t i = 0; i < disk.node_count; i++) {
		free(disk.nodes[i].bytes);
		free(disk.nodes[i].entries);
	}
	free(disk.ops);
	free(disk.nodes);
	free(disk.loose);
	memset(&disk, 0, sizeof(disk));
}

#endif
