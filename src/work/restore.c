/* From a backup to a store. The archive is taken for hostile until all of it was looked at. */
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

enum { HEAD_MOST = 4096, SUMS_MOST = 1 << 30 };

struct restore {
	const char *file;
	char *temp; /* the store in the making */
	int folder; /* the same, open */
	struct tar_in in;
	struct backup_watch watch;
	struct str head, sums, found; /* what it says of itself; its SHA256SUMS; what was found */
	struct work_restored *out;
	struct arena *mem;
};

static int refuse(const struct restore *r, struct error *err, const char *what, const char *name)
{
	return error_set(err, ERR_TAMPER, "%s is no whole backup: %s%s", r->file, what, name);
}

/* ---- unpacking ---- */

/* Folders above a name, each made when the first file in it comes. */
static int make_folders(const struct restore *r, const char *name, struct error *err)
{
	char *copy = xstrdup(name);
	int status = 0;
	for (char *slash = strchr(copy, '/'); slash && status == 0; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(r->folder, copy, 0777) != 0 && errno != EEXIST)
			status = error_errno(err, ERR_STORE, "cannot make %s/%s", r->temp, copy);
		*slash = '/';
	}
	free(copy);
	return status;
}

static int unpack_file(struct restore *r, const struct tar_file *file, struct error *err)
{
	char hex[SHA256_TEXT], object[SHA256_TEXT];
	bool is_object = strncmp(file->name, "objects/", 8) == 0;
	if (make_folders(r, file->name, err) != 0)
		return -1;
	int fd = openat(r->folder, file->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	                is_object ? 0444 : 0666);
	if (fd < 0 && errno == EEXIST)
		return refuse(r, err, "it holds twice ", file->name);
	if (fd < 0)
		return error_errno(err, ERR_STORE, "cannot write %s/%s", r->temp, file->name);
	const struct timespec times[2] = {{.tv_sec = (time_t)file->mtime}, {.tv_sec = (time_t)file->mtime}};
	int status = tar_copy(&r->in, fd, hex, err);
	if (status == 0 && (futimens(fd, times) != 0 || fsync(fd) != 0))
		status = error_errno(err, ERR_STORE, "cannot write %s/%s", r->temp, file->name);
	if (close(fd) != 0 && status == 0)
		status = error_errno(err, ERR_STORE, "cannot write %s/%s", r->temp, file->name);
	if (status == 0) {
		str_addf(&r->found, "%s  %s\n", hex, file->name);
		r->out->from.objects += is_object;
		r->out->from.live_files += !is_object && strchr(file->name, '/');
		if (is_object && backup_object(file->name + 8, object) && strcmp(object, hex) != 0)
			r->out->from.damaged_count++;
	}
	return status;
}

static int unpack(struct restore *r, struct error *err)
{
	struct tar_file file;
	char hex[SHA256_TEXT];
	int status = tar_next(&r->in, &file, err);
	if (status > 0 && strcmp(file.name, BACKUP_FIRST) != 0)
		return refuse(r, err, "it does not begin with ", BACKUP_FIRST);
	if (status <= 0)
		return status < 0 ? -1 : refuse(r, err, "it is empty", "");
	if (tar_bytes(&r->in, HEAD_MOST, &r->head, hex, err) != 0)
		return -1;
	str_addf(&r->found, "%s  %s\n", hex, BACKUP_FIRST);
	while ((status = tar_next(&r->in, &file, err)) > 0) {
		if (!backup_name(file.name))
			return refuse(r, err, "it holds what no backup does: ", file.name);
		if (strcmp(file.name, BACKUP_SUMS) == 0)
			break;
		if (unpack_file(r, &file, err) != 0)
			return -1;
	}
	if (status <= 0)
		return status < 0 ? -1 : refuse(r, err, "it has no ", BACKUP_SUMS);
	if (tar_bytes(&r->in, SUMS_MOST, &r->sums, hex, err) != 0)
		return -1;
	status = tar_next(&r->in, &file, err);
	if (status != 0)
		return status < 0 ? -1 : refuse(r, err, "something follows its sums: ", file.name);
	/* Every line in the order of the files: nothing is left out, nothing added. */
	if (r->sums.len != r->found.len || memcmp(r->sums.data, r->found.data, r->sums.len) != 0) {
		size_t at = 0, start = 0;
		while (at < r->sums.len && at < r->found.len && r->sums.data[at] == r->found.data[at])
			at++;
		for (size_t i = 0; i < at; i++)
			start = r->found.data[i] == '\n' ? i + 1 : start;
		const char *line = r->found.data + start;
		size_t len = strcspn(line, "\n");
		char *name = xmemdup0(len > 66 ? line + 66 : "", len > 66 ? len - 66 : 0);
		refuse(r, err, "the sum is not that of ", name);
		free(name);
		return -1;
	}
	return 0;
}

/* ---- looking at what it is ---- */

/* The value of a line "KEY VALUE" of the first file. */
static bool head_value(const struct restore *r, const char *key, char *out, size_t size)
{
	size_t len = strlen(key);
	for (const char *line = r->head.data; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, key, len) == 0 && line[len] == ' ') {
			snprintf(out, size, "%.*s", (int)strcspn(line + len + 1, "\n"), line + len + 1);
			return true;
		}
	return false;
}

static int check_ledger(struct restore *r, struct error *err)
{
	struct work_backup *from = &r->out->from;
	struct ledger_chain chain;
	struct ledger_pin pin;
	struct error why;
	char *ledger = path_join(r->temp, "ledger.db");
	bool there = file_exists(ledger);
	free(ledger);
	if (!there)
		return 0;
	if (ledger_chain(r->temp, &chain, &why) != 0)
		from->ledger_problem = arena_strdup(r->mem, why.text);
	if (chain.store[0] && strcmp(chain.store, from->store) != 0)
		return refuse(r, err, "its ledger is that of another store, ", chain.store);
	from->ledger_rows = chain.rows;
	memcpy(from->ledger_head, chain.head, SHA256_TEXT);
	if (ledger_pin_read(from->store, &pin, NULL) == 0 && pin.there && pin.seq > chain.rows)
		r->out->pin = arena_printf(r->mem, "you have verified row %lld, and this ledger ends with row %lld",
		                           (long long)pin.seq, (long long)chain.rows);
	return 0;
}

static int check(struct restore *r, struct error *err)
{
	char kind[sizeof BACKUP_KIND + 1], id[ID_TEXT + 1], made[TIME_TEXT], *db = path_join(r->temp, "assay.db");
	struct store_copy says;
	int status = -1;
	snprintf(kind, sizeof kind, "%.*s", (int)strcspn(r->head.data, "\n"), r->head.data);
	if (strcmp(kind, BACKUP_KIND) != 0) {
		refuse(r, err, "it is of a kind that is not known here: ", kind);
	} else if (!head_value(r, "store", id, sizeof id) || !id_is_valid(id) ||
	           !head_value(r, "made", made, sizeof made) || !time_parse(made, strlen(made), &r->out->made)) {
		refuse(r, err, "it does not say what it is of", "");
	} else if (!file_exists(db)) {
		refuse(r, err, "it holds no ", "assay.db");
	} else if (store_copy_check(db, r->watch.progress, r->watch.user, &says, err) != 0) {
		error_prefix(err, "%s", r->file);
	} else if (strcmp(says.id, id) != 0) {
		refuse(r, err, "its assay.db is that of another store, ", says.id);
	} else {
		memcpy(r->out->from.store, id, ID_TEXT);
		r->out->from.runs = says.runs;
		status = check_ledger(r, err);
	}
	free(db);
	return status;
}

/* ---- its place ---- */

char *work_restore_place(const char *asked)
{
	const char *from_env = getenv("ASSAY_STORE"), *path = asked                   ? asked
	                                                      : from_env && *from_env ? from_env
	                                                                              : ".";
	char *db = path_join(path, "assay.db"), *absolute = path_absolute(path), *copy = xstrdup(absolute),
	     *place;
	/* As `assay init DIR` makes DIR/.assay. */
	if (file_exists(db) || strcmp(basename(copy), ".assay") == 0)
		place = xstrdup(absolute);
	else
		place = path_join(absolute, ".assay");
	free(db);
	free(copy);
	free(absolute);
	return place;
}

int place_outside_stores(const char *place, struct error *err)
{
	char *at = xstrdup(place), *slash;
	int status = 0;
	while (status == 0 && (slash = strrchr(at, '/')) && slash != at) {
		*slash = '\0';
		char *db = path_join(at, "assay.db");
		if (file_exists(db))
			status =
			    error_set(err, ERR_USAGE, "%s lies in the store %s: say a folder outside of it", place, at);
		free(db);
	}
	free(at);
	return status;
}

/* Does anybody watch over a run in this store? */
static bool is_watched(const char *place)
{
	char *live = path_join(place, "live");
	DIR *dir = opendir(live);
	const struct dirent *e;
	bool yes = false;
	while (!yes && dir && (e = readdir(dir))) {
		char *lock = xasprintf("%s/%s/lock", live, e->d_name);
		yes = e->d_name[0] != '.' && file_is_locked(lock);
		free(lock);
	}
	if (dir)
		closedir(dir);
	free(live);
	return yes;
}

static int check_place(const char *place, bool force, struct error *err)
{
	struct stat st;
	if (place_outside_stores(place, err) != 0)
		return -1;
	if (lstat(place, &st) != 0)
		return errno == ENOENT ? 0 : error_errno(err, ERR_STORE, "cannot look at %s", place);
	if (!S_ISDIR(st.st_mode))
		return error_set(err, ERR_NO, "%s is there, and no folder", place);
	if (rmdir(place) == 0)
		return 0;
	if (!force)
		return error_set(
		    err, ERR_NO,
		    "there is something at %s already: --force moves it aside, --store DIR restores elsewhere",
		    place);
	if (is_watched(place))
		return error_set(err, ERR_NO,
		                 "runs of the store %s go on: stop them first (`assay stop`), or restore elsewhere",
		                 place);
	return 0;
}

static int check_room(const char *parent, uint64_t need, struct error *err)
{
	char wanted[NUM_TEXT], have[NUM_TEXT];
	struct statvfs fs;
	if (statvfs(parent, &fs) != 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= need)
		return 0;
	return error_set(err, ERR_STORE, "there is not room enough in %s: %s are needed, %s are free", parent,
	                 bytes_people(need, wanted), bytes_people((uint64_t)fs.f_bavail * fs.f_frsize, have));
}

static int sync_folders(const char *path, struct error *err)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	int status = dir ? 0 : error_errno(err, ERR_STORE, "cannot read %s", path);
	while (status == 0 && (e = readdir(dir)))
		if (e->d_type == DT_DIR && e->d_name[0] != '.') {
			char *sub = path_join(path, e->d_name);
			status = sync_folders(sub, err);
			free(sub);
		}
	if (dir)
		closedir(dir);
	return status == 0 ? error_of_store(dir_sync(path, err), err) : -1;
}

/* Asked once more: somebody may have restored or begun a run there while this took its time. */
static int take_place(struct restore *r, const char *place, bool force, const char *parent, struct error *err)
{
	struct stat st;
	if (check_place(place, force, err) != 0)
		return -1;
	if (lstat(place, &st) == 0) {
		char at[TIME_TEXT], *aside;
		time_rfc3339(time_now_ms(), at);
		aside = arena_printf(r->mem, "%s.before-restore-%s", place, at);
		if (rename(place, aside) != 0)
			return error_errno(err, ERR_STORE, "cannot move %s aside", place);
		r->out->aside = aside;
	}
	if (rename(r->temp, place) != 0) {
		error_errno(err, ERR_STORE, "cannot make %s", place);
		if (r->out->aside && rename(r->out->aside, place) != 0 && err)
			error_prefix(err, "the store that was there is now at %s", r->out->aside);
		return -1;
	}
	free(r->temp);
	r->temp = NULL;
	return error_of_store(dir_sync(parent, err), err);
}

/* What a store has besides the files of a backup. */
static int complete(struct restore *r, struct error *err)
{
	static const char *const folders[] = {"objects", "live"};
	for (size_t i = 0; i < COUNT_OF(folders); i++)
		if (mkdirat(r->folder, folders[i], 0777) != 0 && errno != EEXIST)
			return error_errno(err, ERR_STORE, "cannot write in %s", r->temp);
	int fd = openat(r->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return error_errno(err, ERR_STORE, "cannot write in %s", r->temp);
	close(fd);
	return sync_folders(r->temp, err);
}

int work_restore(const char *file, const char *place, bool force, store_progress_fn *progress, void *user,
                 struct arena *mem, struct work_restored *out, struct error *err)
{
	struct restore r = {.file = file, .folder = -1, .out = out, .mem = mem};
	char *copy = xstrdup(place), *parent = xstrdup(dirname(copy)), id[ID_TEXT];
	struct stat st;
	int status = -1;
	*out = (struct work_restored){.place = arena_strdup(mem, place)};
	r.watch = (struct backup_watch){.progress = progress, .user = user, .what = "unpacking"};
	str_init(&r.head);
	str_init(&r.sums);
	str_init(&r.found);
	r.in = (struct tar_in){.path = file, .passed = backup_passed, .user = &r.watch};
	r.in.fd = open(file, O_RDONLY | O_CLOEXEC);
	if (r.in.fd < 0 || fstat(r.in.fd, &st) != 0) {
		error_errno(err, ERR_ENV, "cannot open %s", file);
		goto out;
	}
	r.watch.total = out->from.bytes = (uint64_t)st.st_size;
	if (check_place(place, force, err) != 0 || error_of_store(dir_make(parent, err), err) != 0)
		goto out;
	const char *kind;
	if (path_is_network(parent, &kind)) {
		error_set(err, ERR_STORE, "%s lies on a network file system (%s): restore to a local disk", parent,
		          kind);
		goto out;
	}
	if (check_room(parent, (uint64_t)st.st_size, err) != 0)
		goto out;
	id_make(id);
	r.temp = xasprintf("%s/.assay-new-%s", parent, id + 24);
	if (mkdir(r.temp, 0777) != 0 || (r.folder = open(r.temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		error_errno(err, ERR_STORE, "cannot write in %s", parent);
		goto out;
	}
	status = unpack(&r, err);
	if (status == 0)
		status = check(&r, err);
	if (status == 0)
		status = complete(&r, err);
	if (status == 0)
		status = take_place(&r, place, force, parent, err);
out:
	if (r.temp)
		dir_remove(r.temp, NULL);
	if (r.folder >= 0)
		close(r.folder);
	if (r.in.fd >= 0)
		close(r.in.fd);
	str_release(&r.head);
	str_release(&r.sums);
	str_release(&r.found);
	free(r.temp);
	free(copy);
	free(parent);
	return status;
}
