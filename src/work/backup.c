/* Backups: one moment of a store as one verified file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "assay/ledger.h"
#include "backup.h"

enum { LIVE_MOST = 64 << 20, SPARE = 16 << 20 };

struct entry {
	const char *name; /* in the archive */
	uint64_t size;
	int64_t mtime;
	bool live;
};

struct backup {
	struct store *store;
	const char *file;
	char *temp, *folder; /* the archive under its first name; the two databases meanwhile */
	int fd;
	struct arena *mem;
	struct entry *entries;
	size_t count, cap;
	struct tar_out tar;
	struct backup_watch watch;
	struct work_backup *out;
	size_t damaged_cap;
};

/* ---- names ---- */

static bool hex_name(const char *text, size_t len)
{
	return strspn(text, "0123456789abcdef") >= len;
}

bool backup_object(const char *name, char hex[SHA256_TEXT])
{
	if (strlen(name) != SHA256_TEXT || name[2] != '/' || !hex_name(name, 2) || !hex_name(name + 3, 62))
		return false;
	memcpy(hex, name, 2);
	memcpy(hex + 2, name + 3, 63);
	return true;
}

/* A plain name that sha256sum writes as it is. */
static bool plain_name(const char *name)
{
	size_t len = strlen(name);
	if (len == 0 || len > 255 || name[0] == '.' || strcmp(name, "lock") == 0)
		return false;
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7F || *c == '\\' || *c == '/')
			return false;
	return true;
}

bool backup_name(const char *name)
{
	static const char *const known[] = {BACKUP_FIRST, BACKUP_SUMS,  "assay.db", "ledger.db",
	                                    "config.ini", "policy.ini", "roster"};
	char hex[SHA256_TEXT];
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (strcmp(name, known[i]) == 0)
			return true;
	if (strncmp(name, "objects/", 8) == 0)
		return backup_object(name + 8, hex);
	return strncmp(name, "live/", 5) == 0 && strlen(name) > 38 && hex_name(name + 5, 32) && name[37] == '/' &&
	       plain_name(name + 38);
}

int backup_passed(void *user, uint64_t bytes)
{
	struct backup_watch *w = user;
	w->done += bytes;
	return w->progress ? w->progress(w->user, w->what, w->done, w->total) : 0;
}

/* ---- what goes in ---- */

static void add_entry(struct backup *b, const char *name, const struct stat *st, bool live)
{
	b->entries = vec_reserve(b->entries, &b->cap, b->count + 1, sizeof *b->entries);
	b->entries[b->count++] = (struct entry){
	    .name = arena_strdup(b->mem, name),
	    .size = (uint64_t)st->st_size,
	    .mtime = st->st_mtime,
	    .live = live,
	};
}

/* The regular files of a folder of the store that belong into a backup. */
static int list_folder(struct backup *b, const char *folder, bool live, struct error *err)
{
	char *path = path_join(store_path(b->store), folder);
	DIR *dir = opendir(path);
	const struct dirent *e;
	int status = 0;
	if (!dir && errno != ENOENT)
		status = error_errno(err, ERR_STORE, "cannot read %s", path);
	while (dir && (errno = 0, e = readdir(dir))) {
		char *name = xasprintf("%s/%s", folder, e->d_name);
		struct stat st;
		if (e->d_name[0] == '.' || strcmp(e->d_name, "lock") == 0) {
			/* a run's lock is made anew by whoever takes it */
		} else if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
			/* gone meanwhile: it was of no row of this moment, or its run is over by now */
		} else if (S_ISREG(st.st_mode) && backup_name(name)) {
			if (live && strncmp(e->d_name, "events-", 7) != 0 && st.st_size > LIVE_MOST)
				st.st_size = LIVE_MOST;
			add_entry(b, name, &st, live);
		} else {
			b->out->left_out++;
		}
		free(name);
	}
	if (dir)
		closedir(dir);
	free(path);
	return status;
}

static int list_folders(struct backup *b, const char *parent, bool live, struct error *err)
{
	char *path = path_join(store_path(b->store), parent);
	DIR *dir = opendir(path);
	const struct dirent *e;
	int status = 0;
	if (!dir && errno != ENOENT)
		status = error_errno(err, ERR_STORE, "cannot read %s", path);
	while (status == 0 && dir && (e = readdir(dir))) {
		size_t want = live ? 32 : 2;
		char *folder = xasprintf("%s/%s", parent, e->d_name);
		if (strlen(e->d_name) == want && hex_name(e->d_name, want))
			status = list_folder(b, folder, live, err);
		free(folder);
	}
	if (dir)
		closedir(dir);
	free(path);
	return status;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* While nobody writes: the ledger, and which objects there are. */
static int same_moment(void *user, struct error *err)
{
	struct backup *b = user;
	char *ledger = path_join(store_path(b->store), "ledger.db"), *copy = path_join(b->folder, "ledger.db");
	int status = file_exists(ledger) ? ledger_copy(store_path(b->store), copy, err) : 0;
	if (status == 0)
		status = list_folders(b, "objects", false, err);
	free(ledger);
	free(copy);
	return status;
}

/* ---- writing ---- */

static int add_file(struct backup *b, const struct entry *e, const char *from, struct error *err)
{
	char hex[SHA256_TEXT], object[SHA256_TEXT];
	struct tar_file file = {.name = e->name, .size = e->size, .mtime = e->mtime};
	bool is_object = strncmp(e->name, "objects/", 8) == 0;
	int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), status;
	if (fd < 0 && errno == ENOENT && e->live)
		return 0;
	if (fd < 0 && errno == ENOENT)
		return error_set(err, ERR_STALE, "%s was removed while the backup was made: try again", from);
	if (fd < 0)
		return error_errno(err, ERR_STORE, "cannot read %s", from);
	file.mode = is_object ? 0444 : 0644;
	status = tar_add(&b->tar, &file, fd, hex, err);
	close(fd);
	if (status != 0)
		return -1;
	b->out->live_files += e->live;
	b->out->objects += is_object;
	if (is_object && backup_object(e->name + 8, object) && strcmp(object, hex) != 0) {
		b->out->damaged =
		    vec_reserve(b->out->damaged, &b->damaged_cap, b->out->damaged_count + 1, sizeof *b->out->damaged);
		b->out->damaged[b->out->damaged_count++] = arena_strdup(b->mem, object);
	}
	return 0;
}

static int add_of_store(struct backup *b, const struct entry *e, struct error *err)
{
	char *from = path_join(store_path(b->store), e->name);
	int status = add_file(b, e, from, err);
	free(from);
	return status;
}

/* Names the file that is in the way; one that is not there is none. */
static int add_named(struct backup *b, const char *name, const char *folder, struct error *err)
{
	char *from = path_join(folder, name);
	struct stat st;
	int status = 0;
	if (lstat(from, &st) == 0 && S_ISREG(st.st_mode)) {
		struct entry e = {.name = name, .size = (uint64_t)st.st_size, .mtime = st.st_mtime};
		status = add_file(b, &e, from, err);
	}
	free(from);
	return status;
}

static int check_room(struct backup *b, struct error *err)
{
	struct statvfs fs;
	struct stat st;
	char *db = path_join(store_path(b->store), "assay.db"), need[NUM_TEXT], have[NUM_TEXT];
	uint64_t size = stat(db, &st) == 0 ? (uint64_t)st.st_size : 0, all = 2 * size + SPARE;
	free(db);
	for (size_t i = 0; i < b->count; i++)
		all += b->entries[i].size + 1024;
	b->watch.total = all - size - SPARE;
	if (fstatvfs(b->fd, &fs) != 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= all)
		return 0;
	return error_set(err, ERR_ENV, "there is not room enough for %s: %s are needed, %s are free", b->file,
	                 bytes_people(all, need), bytes_people((uint64_t)fs.f_bavail * fs.f_frsize, have));
}

static int write_all(struct backup *b, struct error *err)
{
	char at[TIME_TEXT], *copy = path_join(b->folder, "assay.db"), *ledger = path_join(b->folder, "ledger.db");
	struct store_snapshot *snap = NULL;
	struct store_copy says;
	struct ledger_chain chain;
	struct error why;
	size_t objects;
	int status = -1;
	if (store_snapshot_take(b->store, same_moment, b, &snap, err) != 0)
		goto out;
	objects = b->count;
	if (objects)
		qsort(b->entries, objects, sizeof *b->entries, by_name);
	if (list_folders(b, "live", true, err) != 0 || check_room(b, err) != 0)
		goto out;
	if (b->count > objects)
		qsort(b->entries + objects, b->count - objects, sizeof *b->entries, by_name);
	char *head = xasprintf(BACKUP_KIND "\nstore %s\nmade %s\nprogram %s\nschema %d\n", store_id(b->store),
	                       time_rfc3339(time_now_ms(), at), ASSAY_VERSION, STORE_SCHEMA_VERSION);
	status = tar_add_bytes(&b->tar, BACKUP_FIRST, head, strlen(head), err);
	free(head);
	for (size_t i = objects; status == 0 && i < b->count; i++)
		status = add_of_store(b, &b->entries[i], err);
	static const char *const drafts[] = {"config.ini", "policy.ini", "roster"};
	for (size_t i = 0; status == 0 && i < COUNT_OF(drafts); i++)
		status = add_named(b, drafts[i], store_path(b->store), err);
	if (status == 0)
		status = store_snapshot_copy(snap, copy, b->watch.progress, b->watch.user, err);
	store_snapshot_free(snap);
	snap = NULL;
	if (status == 0) {
		status = store_copy_check(copy, b->watch.progress, b->watch.user, &says, &why);
		/* The copy is gone when this is read. */
		const char *what = status != 0 ? strstr(why.text, " is damaged") : NULL;
		if (what)
			error_set(err, why.code,
			          "no backup was made: assay.db%s; `assay doctor` says what can be saved of it", what);
		else if (status != 0 && err)
			*err = why;
	}
	if (status == 0) {
		b->out->runs = says.runs;
		status = add_named(b, "assay.db", b->folder, err);
		unlink(copy);
	}
	if (status == 0 && file_exists(ledger)) {
		if (ledger_chain(b->folder, &chain, &why) != 0)
			b->out->ledger_problem = arena_strdup(b->mem, why.text);
		b->out->ledger_rows = chain.rows;
		memcpy(b->out->ledger_head, chain.head, SHA256_TEXT);
		status = add_named(b, "ledger.db", b->folder, err);
	}
	for (size_t i = 0; status == 0 && i < objects; i++)
		status = add_of_store(b, &b->entries[i], err);
out:
	store_snapshot_free(snap);
	free(copy);
	free(ledger);
	return status;
}

/* The end of the archive: the sums, which are not in themselves. */
static int finish(struct backup *b, struct str *sums, struct error *err)
{
	str_add(sums, b->tar.sums.data, b->tar.sums.len);
	if (tar_add_bytes(&b->tar, BACKUP_SUMS, sums->data, sums->len, err) != 0 || tar_end(&b->tar, err) != 0)
		return -1;
	return fsync(b->fd) == 0 ? 0 : error_errno(err, ERR_ENV, "cannot write %s", b->temp);
}

/* Reads everything back from the disk, and compares. */
static int read_back(struct backup *b, const struct str *sums, struct error *err)
{
	struct tar_in in = {.fd = b->fd, .path = b->temp, .passed = backup_passed, .user = &b->watch};
	const char *line = sums->data;
	char hex[SHA256_TEXT];
	struct tar_file file;
	int status;
	off_t size = lseek(b->fd, 0, SEEK_END);
	b->out->bytes = (uint64_t)size;
	posix_fadvise(b->fd, 0, 0, POSIX_FADV_DONTNEED);
	lseek(b->fd, 0, SEEK_SET);
	b->watch.what = "reading it back";
	b->watch.done = 0;
	b->watch.total = (uint64_t)size;
	while ((status = tar_next(&in, &file, err)) > 0) {
		size_t len = strlen(file.name);
		bool last = strcmp(file.name, BACKUP_SUMS) == 0;
		if (tar_copy(&in, -1, hex, err) != 0)
			return -1;
		if (last) {
			char all[SHA256_TEXT];
			sha256_hex(sums->data, sums->len, all);
			if (*line || strcmp(all, hex) != 0)
				break;
			return 0;
		}
		if (strncmp(line, hex, 64) != 0 || strncmp(line + 66, file.name, len) != 0 || line[66 + len] != '\n')
			break;
		line += 67 + len;
	}
	if (status < 0)
		return -1;
	return error_set(err, ERR_ENV, "%s: what was written does not read back as it was: is the disk failing?",
	                 b->temp);
}

/* ---- its place ---- */

static char *folder_of(const char *file)
{
	char *copy = xstrdup(file), *folder = xstrdup(dirname(copy));
	free(copy);
	return folder;
}

static int check_place(struct backup *b, bool replace, struct error *err)
{
	char *folder = folder_of(b->file), *real = realpath(folder, NULL),
	     *own = realpath(store_path(b->store), NULL);
	size_t len = own ? strlen(own) : 0;
	struct stat st;
	int status = 0;
	/* "-" is standard output elsewhere: what is written is read back here. */
	if (!*b->file || strcmp(b->file, "-") == 0)
		status = error_set(err, ERR_USAGE, "\"%s\" is no file: a backup is a file, since it is read back",
		                   b->file);
	else if (!real)
		status = error_errno(err, ERR_ENV, "cannot write in %s", folder);
	else if (own && strncmp(real, own, len) == 0 && (!real[len] || real[len] == '/'))
		status = error_set(err, ERR_USAGE,
		                   "%s lies in the store itself: keep the backup elsewhere, best on another disk",
		                   b->file);
	else if (lstat(b->file, &st) == 0 && !S_ISREG(st.st_mode))
		status = error_set(err, ERR_USAGE, "%s is there, and no regular file", b->file);
	else if (lstat(b->file, &st) == 0 && !replace)
		status = error_set(err, ERR_NO, "%s is there already: --force replaces it", b->file);
	free(folder);
	free(real);
	free(own);
	return status;
}

static int take_place(struct backup *b, bool replace, struct error *err)
{
	char *folder = folder_of(b->file);
	int status = renameat2(AT_FDCWD, b->temp, AT_FDCWD, b->file, replace ? 0 : RENAME_NOREPLACE);
	/* A file system that does not know how. */
	if (status != 0 && errno == EINVAL && !file_exists(b->file))
		status = rename(b->temp, b->file);
	if (status != 0 && errno == EEXIST)
		error_set(err, ERR_NO, "%s came to be while the backup was made: --force replaces it", b->file);
	else if (status != 0)
		error_errno(err, ERR_ENV, "cannot make %s", b->file);
	else
		status = dir_sync(folder, err);
	free(folder);
	return status;
}

int work_backup(struct store *store, const char *file, bool replace, store_progress_fn *progress, void *user,
                struct arena *mem, struct work_backup *out, struct error *err)
{
	struct backup b = {.store = store, .file = file, .fd = -1, .mem = mem, .out = out};
	struct str sums;
	int status = -1;
	*out = (struct work_backup){.bytes = 0};
	memcpy(out->store, store_id(store), ID_TEXT);
	b.watch = (struct backup_watch){.progress = progress, .user = user, .what = "writing"};
	b.tar = (struct tar_out){.path = file, .passed = backup_passed, .user = &b.watch};
	str_init(&b.tar.sums);
	str_init(&sums);
	if (check_place(&b, replace, err) != 0)
		goto out;
	b.temp = xasprintf("%s.XXXXXX", file);
	b.fd = mkostemp(b.temp, O_CLOEXEC);
	if (b.fd < 0) {
		error_errno(err, ERR_ENV, "cannot write %s", file);
		goto out;
	}
	b.tar.fd = b.fd;
	b.folder = xasprintf("%s.d", b.temp);
	if (mkdir(b.folder, 0700) != 0) {
		error_errno(err, ERR_ENV, "cannot write %s", file);
		goto clean;
	}
	status = write_all(&b, err);
	if (status == 0)
		status = finish(&b, &sums, err);
	if (status == 0)
		status = read_back(&b, &sums, err);
	dir_remove(b.folder, NULL);
	if (status == 0)
		status = take_place(&b, replace, err);
clean:
	if (status != 0)
		unlink(b.temp);
out:
	if (b.fd >= 0)
		close(b.fd);
	if (out->damaged_count) {
		const char **kept = arena_array(mem, out->damaged_count, sizeof *kept);
		memcpy(kept, out->damaged, out->damaged_count * sizeof *kept);
		free(out->damaged);
		out->damaged = kept;
	}
	free(b.temp);
	free(b.folder);
	free(b.entries);
	str_release(&b.tar.sums);
	str_release(&sums);
	return status;
}

bool work_is_backup(const char *file)
{
	static const char first[] = BACKUP_FIRST;
	char head[512];
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	bool yes = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	           read(fd, head, sizeof head) == sizeof head && memcmp(head, first, sizeof first) == 0 &&
	           memcmp(head + 257, "ustar", 6) == 0;
	if (fd >= 0)
		close(fd);
	return yes;
}
