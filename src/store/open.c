/* Making, finding and opening a store. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "edit.h"

enum { SQLITE_OLDEST = 3040000, SQLITE_WAL_RESET_FIXED = 3051003 };

bool store_side_lock(void)
{
	return sqlite3_libversion_number() < SQLITE_WAL_RESET_FIXED;
}

static int on_commit(void *user, sqlite3 *db, const char *name, int pages)
{
	struct store *s = user;

	(void)db;
	(void)name;
	s->wal_pages = pages;
	s->moved = false;
	return SQLITE_OK;
}

void store_checkpoint_later(struct store *s)
{
	s->later = true;
	sqlite3_wal_hook(s->db, on_commit, s);
}

/* The plain regime: writers of several processes wait for each other here. */
static int on_busy(void *user, int tries)
{
	const struct store *s = user;
	int pause = tries < 10 ? 1 + tries : 5 + (int)(((uintptr_t)s / 64 + (unsigned)tries * 7919u) % 16);

	if (s->impatient || tries > 6000 || atomic_load(&s->interrupted))
		return 0;
	sqlite3_sleep(pause);
	return 1;
}

int store_connect(struct store *s, const char *file, int flags, struct error *err)
{
	static const char *const settings = "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA "
	                                    "foreign_keys = ON; PRAGMA synchronous = NORMAL;";
	int stay = 1;

	if (sqlite3_libversion_number() < SQLITE_OLDEST)
		return error_set(err, ERR_ENV, "SQLite %s is too old: 3.40 or newer is needed", sqlite3_libversion());
	if (sqlite3_open_v2(file, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK)
		return s->db ? store_fail(s, err) : error_set(err, ERR_STORE, "cannot open %s", file);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* A misspelt column in double quotes is an error, not a string. */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	/* Plans do not depend on what is bound: else SQLite compiles a statement anew for every value that it
	 * holds against the condition of a partial index. */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
	sqlite3_busy_handler(s->db, on_busy, s);
	/* The log and its index stay when the last one closes: whoever may read here but not write cannot make
	 * them. */
	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &stay);
	if (s->alone && sqlite3_exec(s->db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, err);
	if (s->side_lock) {
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		sqlite3_wal_hook(s->db, on_commit, s); /* takes the place of automatic checkpoints */
	}
	if (set_functions(s) != SQLITE_OK || pattern_function(s) != SQLITE_OK || heard_function(s) != SQLITE_OK ||
	    sqlite3_exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, err);
	return 0;
}

/* ---- making ---- */

/* SQLite answers with the mode that it is in: where a file system cannot share memory it stays in another
 * one, without an error. */
static int log_ahead(struct store *s, struct error *err)
{
	sqlite3_stmt *stmt = NULL;
	const char *mode;
	int result = 0;

	if (sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW) {
		result = store_fail(s, err);
	} else {
		mode = (const char *)sqlite3_column_text(stmt, 0);
		if (!mode || strcmp(mode, "wal") != 0)
			result = error_set(err, ERR_STORE,
			                   "the file system of %s cannot hold a store: SQLite cannot keep a "
			                   "write-ahead log on it (it offers \"%s\"); use a local disk",
			                   s->path, mode ? mode : "");
	}
	sqlite3_finalize(stmt);
	return result;
}

static int fill_new(const char *folder, struct error *err)
{
	struct store s = {.path = NULL, .mode = STORE_WRITE, .lock_fd = -1};
	char *file = path_join(folder, "assay.db"), *sql = NULL, id[ID_TEXT], hex[SHA256_TEXT];
	struct str schema;
	int result = -1, fd;
	static const char *const folders[] = {"objects", "live"};

	s.path = xstrdup(folder);
	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		char *sub = path_join(folder, folders[i]);
		int rc = dir_make(sub, err);

		free(sub);
		if (rc)
			goto out;
	}
	{
		char *lock = path_join(folder, "lock");

		fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
		free(lock);
	}
	if (fd < 0) {
		error_errno(err, ERR_STORE, "cannot write in %s", folder);
		goto out;
	}
	close(fd);
	/* No side lock: nobody else knows of this file yet; closing leaves it without a log. */
	if (store_connect(&s, file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err))
		goto out;
	if (log_ahead(&s, err))
		goto out;
	/* Random throughout, unlike the ids of runs: the digest of one hides its clock. */
	id_make(id);
	sha256_hex(id, strlen(id), hex);
	str_init(&schema);
	for (int i = 0; i < STORE_SCHEMA_VERSION; i++)
		str_adds(&schema, STORE_SCHEMAS[i]);
	sql = xasprintf("BEGIN IMMEDIATE; %s"
	                "INSERT INTO about VALUES ('store', '%.32s'), ('program', '%s');"
	                "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;"
	                "PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE);",
	                schema.data, hex, ASSAY_VERSION, STORE_APPLICATION, STORE_SCHEMA_VERSION);
	str_release(&schema);
	if (sqlite3_exec(s.db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		store_fail(&s, err);
		goto out;
	}
	result = 0;
out:
	sqlite3_close_v2(s.db);
	free(s.path);
	free(file);
	free(sql);
	return result;
}

static char *folder_of(const char *path)
{
	char *copy = xstrdup(path), *slash;
	size_t len = strlen(copy);

	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	slash = strrchr(copy, '/');
	if (!slash) {
		free(copy);
		return xstrdup(".");
	}
	slash[slash == copy ? 1 : 0] = '\0';
	return copy;
}

static int refuse_network(const char *path, struct error *err)
{
	const char *kind;

	if (!path_is_network(path, &kind))
		return 0;
	return error_set(
	    err, ERR_STORE,
	    "%s lies on a network file system (%s), where SQLite's locks cannot be relied on: keep the store on "
	    "a local "
	    "disk, for example --store ~/.local/share/assay/NAME/.assay, and let runs elsewhere report into it",
	    path, kind);
}

/* A store that may not be looked into is one all the same: opening it says why it cannot be. */
static bool is_store(const char *path)
{
	char *file = path_join(path, "assay.db");
	struct stat st;
	bool yes = lstat(path, &st) == 0 && (stat(file, &st) == 0 || errno == EACCES);

	free(file);
	return yes;
}

int store_init(const char *path, struct error *err)
{
	char *parent = folder_of(path), *temp = NULL, id[ID_TEXT];
	int result = -1;

	if (is_store(path)) {
		error_set(err, ERR_NO, "there is a store at %s already", path);
		goto out;
	}
	if (error_of_store(dir_make(parent, err), err))
		goto out;
	if (refuse_network(parent, err))
		goto out;
	/* Made beside its place and moved there whole. */
	id_make(id);
	temp = xasprintf("%s/.assay-new-%s", parent, id + 24);
	if (mkdir(temp, 0777)) {
		error_errno(err, ERR_STORE, "cannot make the store %s", path);
		goto out;
	}
	if (error_of_store(fill_new(temp, err), err))
		goto clean;
	/* An empty folder gives way. */
	if (rename(temp, path)) {
		if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
			error_set(
			    err, ERR_STORE,
			    "%s is there, but holds no assay.db, so it is no store: restore that file from a backup, or "
			    "move %s away",
			    path, path);
		else
			error_errno(err, ERR_STORE, "cannot make the store %s", path);
		goto clean;
	}
	result = error_of_store(dir_sync(parent, err), err);
	goto out;
clean:
	dir_remove(temp, NULL);
out:
	free(parent);
	free(temp);
	return result;
}

/* ---- finding ---- */

/* `path` itself or .assay in it; NULL if neither is a store. */
static char *store_at(const char *path)
{
	char *inside;

	if (is_store(path))
		return path_absolute(path);
	inside = path_join(path, ".assay");
	if (is_store(inside)) {
		char *absolute = path_absolute(inside);

		free(inside);
		return absolute;
	}
	free(inside);
	return NULL;
}

char *store_find(const char *asked, struct error *err)
{
	const char *from_env = getenv("ASSAY_STORE");
	bool named = asked || (from_env && from_env[0]);
	char *here, *found;

	if (named) {
		const char *path = asked ? asked : from_env;

		found = *path ? store_at(path) : NULL;
		if (!*path)
			error_set(err, ERR_USAGE, "--store names no folder");
		else if (!found)
			error_set(err, ERR_STORE, "there is no store at %s%s: `assay init` makes one", path,
			          asked ? "" : " (ASSAY_STORE)");
		return found;
	}
	here = path_absolute(".");
	if (here[0] != '/') { /* there is no way up from it */
		error_set(err, ERR_STORE, "this folder is gone: --store names a store elsewhere");
		free(here);
		return NULL;
	}
	for (;;) {
		char *up;

		found = store_at(here);
		if (found || !strcmp(here, "/"))
			break;
		up = folder_of(here);
		free(here);
		here = up;
	}
	free(here);
	if (!found)
		error_set(err, ERR_STORE,
		          "there is no store (.assay) in this folder or above it: `assay init` makes one here, "
		          "--store names one "
		          "elsewhere");
	return found;
}

/* ---- opening ---- */

static int pragma_number(struct store *s, const char *sql, int64_t *out, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, sql, err);
	int rc;

	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		*out = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	return rc > 0 ? 0 : -1;
}

/* Value of a key of `about`; out is left empty if there is none. */
static void about(struct store *s, const char *key, char *out, size_t size)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT value FROM about WHERE key = ?", NULL);

	out[0] = '\0';
	if (!stmt)
		return;
	bind_text(stmt, 1, key);
	if (store_step(s, stmt, NULL) > 0) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		snprintf(out, size, "%s", text ? text : "");
		sqlite3_reset(stmt);
	}
}

static int check_is_ours(struct store *s, struct error *err)
{
	int64_t application = 0, version = 0;

	if (pragma_number(s, "PRAGMA application_id", &application, err) ||
	    pragma_number(s, "PRAGMA user_version", &version, err))
		return -1;
	if (application != STORE_APPLICATION)
		return error_set(err, ERR_STORE, "%s/assay.db is not a store of Assay (application id %lld)", s->path,
		                 (long long)application);
	if (version > STORE_SCHEMA_VERSION) {
		char program[64];

		about(s, "program", program, sizeof(program));
		return error_set(
		    err, ERR_STORE,
		    "the store %s has schema %lld, this Assay %s knows schema %d: Assay %s or newer is needed",
		    s->path, (long long)version, ASSAY_VERSION, STORE_SCHEMA_VERSION,
		    program[0] ? program : "of its making");
	}
	if (version < 1)
		return error_set(err, ERR_STORE, "the store %s has no schema: it is damaged", s->path);
	s->schema = (int)version;
	about(s, "store", s->id, sizeof(s->id));
	if (!id_is_valid(s->id))
		return error_set(err, ERR_STORE, "the store %s does not say its id: it is damaged", s->path);
	return 0;
}

static int open_lock(struct store *s, struct error *err)
{
	char *lock = path_join(s->path, "lock");

	s->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	free(lock);
	if (s->lock_fd < 0)
		return error_errno(err, ERR_STORE, "the store %s cannot be written", s->path);
	return 0;
}

/* On a read-only medium SQLite cannot make the files beside the database that it wants, and nobody can write
 * either. Without a log it may be told that nothing changes; with one it reads it into memory of its own, if
 * it has the database for itself: by locks that lock nothing. NULL elsewhere; caller frees. */
char *store_unchanging(struct store *s, const char *file)
{
	struct statvfs fs;
	struct stat st;
	struct str uri;
	char *log;
	if (s->mode != STORE_READ || statvfs(s->path, &fs) || !(fs.f_flag & ST_RDONLY))
		return NULL;
	log = xasprintf("%s-wal", file);
	s->alone = stat(log, &st) == 0 && st.st_size > 0;
	free(log);
	str_init(&uri);
	str_adds(&uri, "file:");
	for (const char *c = file; *c; c++)
		str_addf(&uri, strchr("%?#", *c) ? "%%%02X" : "%c", (unsigned char)*c);
	str_adds(&uri, s->alone ? "?vfs=unix-none" : "?immutable=1");
	return str_take(&uri);
}

int store_open(struct store **out, const char *path, enum store_mode mode, struct error *err)
{
	struct store *s = xcalloc(1, sizeof(*s));
	char *file = NULL, *uri = NULL;

	*out = NULL;
	s->path = path_absolute(path);
	s->mode = mode;
	s->lock_fd = -1;
	s->side_lock = store_side_lock();
	s->patience = PATIENCE;
	atomic_init(&s->interrupted, false);
	file = path_join(s->path, "assay.db");
	if (access(file, F_OK)) {
		if (errno == ENOENT || errno == ENOTDIR)
			error_set(err, ERR_STORE, "there is no store at %s: `assay init` makes one", s->path);
		else
			error_errno(err, ERR_STORE, "cannot open %s", file);
		goto fail;
	}
	if (mode == STORE_WRITE) {
		if (refuse_network(s->path, err))
			goto fail;
		if (access(s->path, W_OK) || access(file, W_OK)) {
			error_errno(err, ERR_STORE, "the store %s cannot be written", s->path);
			goto fail;
		}
		if (open_lock(s, err))
			goto fail;
	}
	uri = store_unchanging(s, file);
	if (store_connect(s, uri ? uri : file,
	                  mode == STORE_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
	                  err) ||
	    check_is_ours(s, err))
		goto fail;
	if (mode == STORE_WRITE && sqlite3_db_readonly(s->db, "main")) {
		error_set(err, ERR_STORE, "the store %s cannot be written", s->path);
		goto fail;
	}
	if (mode == STORE_WRITE && s->schema < STORE_SCHEMA_VERSION && store_migrate(s, err))
		goto fail;
	/* Where it cannot be done now, whoever edits next tries again, and says why. */
	edit_ready(s, NULL, NULL);
	if (mode == STORE_WRITE)
		objects_sweep(s);
	free(file);
	free(uri);
	*out = s;
	return 0;
fail:
	free(file);
	free(uri);
	store_close(s);
	return -1;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->cached; i++)
		sqlite3_finalize(s->cache[i].stmt);
	free(s->cache);
	sets_release(s);
	block_coder_free(s->coder);
	series_rows_free(s);
	if (s->depth)
		bug("store closed inside a transaction");
	store_checkpoint(s);
	sqlite3_close_v2(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->path);
	free(s);
}

const char *store_path(const struct store *s)
{
	return s->path;
}

const char *store_id(const struct store *s)
{
	return s->id;
}

bool store_writable(const struct store *s)
{
	return s->mode == STORE_WRITE;
}

bool store_is_displaced(const struct store *s)
{
	int moved = 0;

	return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}
