/* Are the files under objects/ what their names say, and are those there that rows name? */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static bool is_hex(const char *text, size_t len)
{
	return strspn(text, "0123456789abcdef") >= len;
}

bool object_name(const char *name, char hex[SHA256_TEXT])
{
	if (strlen(name) != SHA256_TEXT || name[2] != '/' || !is_hex(name, 2) ||
	    !is_hex(name + 3, SHA256_TEXT - 3))
		return false;
	memcpy(hex, name, 2);
	memcpy(hex + 2, name + 3, SHA256_TEXT - 2);
	return true;
}

/* 1: it could not be looked at any more. */
static int each_in(const char *objects, const char *folder, object_fn *each, void *user, struct error *err)
{
	char *path = folder[0] ? path_join(objects, folder) : xstrdup(objects);
	DIR *dir = opendir(path);
	const struct dirent *e;
	int result = 0;

	if (!dir && errno != ENOENT)
		result = error_errno(err, ERR_STORE, "cannot read %s", path);
	while (!result && dir && (e = readdir(dir))) {
		char *name = xasprintf("%s%s%s", folder, folder[0] ? "/" : "", e->d_name);
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			; /* gone meanwhile */
		else if (!folder[0] && S_ISDIR(st.st_mode) && strlen(name) == 2 && is_hex(name, 2))
			result = each_in(objects, name, each, user, err);
		else
			result = each(user, name, &st, err);
		free(name);
	}
	if (dir)
		closedir(dir);
	free(path);
	return result;
}

int objects_each(const char *path, object_fn *each, void *user, struct error *err)
{
	char *objects = path_join(path, "objects");
	int result = each_in(objects, "", each, user, err);

	free(objects);
	return result;
}

enum { TOLD = 5 };

struct look {
	const char *path;
	const struct store_check *how;
	struct intern there; /* digests */
	uint64_t done, total, unused_bytes, half_bytes;
	int64_t count, damaged, unused, half, odd;
	struct str damaged_names;
	bool weighing;
};

static int look_at(void *user, const char *name, const struct stat *st, struct error *err)
{
	struct look *l = user;
	char hex[SHA256_TEXT], found[SHA256_TEXT], *file;
	int result = 0;

	if (l->weighing) {
		l->total += (uint64_t)st->st_size;
		return 0;
	}
	if (!object_name(name, hex) || !S_ISREG(st->st_mode)) {
		bool half = strncmp(name, "new-", 4) == 0 || strchr(name, '.');

		l->half += half;
		l->half_bytes += half ? (uint64_t)st->st_size : 0;
		l->odd += !half;
		return 0;
	}
	l->count++;
	intern_add(&l->there, hex, SHA256_TEXT - 1);
	if (l->how->used && intern_find(l->how->used, hex, SHA256_TEXT - 1) == INTERN_NONE) {
		l->unused++;
		l->unused_bytes += (uint64_t)st->st_size;
	}
	if (!l->how->quick) {
		file = xasprintf("%s/objects/%s", l->path, name);
		if (sha256_file(file, found, NULL, NULL) || strcmp(found, hex)) {
			if (l->damaged++ < TOLD)
				str_addf(&l->damaged_names, "%s%.12s…", l->damaged_names.len ? ", " : "", hex);
		}
		free(file);
	}
	l->done += (uint64_t)st->st_size;
	if (l->how->progress && l->how->progress(l->how->user, "objects", l->done, l->total))
		result = error_set(err, ERR_NO, "stopped");
	return result;
}

struct missing {
	const struct intern *there;
	struct intern told;
	int64_t count;
	struct str names;
};

static void look_for(struct missing *m, const char *hex)
{
	if (!hex || strlen(hex) != SHA256_TEXT - 1 ||
	    intern_find(m->there, hex, SHA256_TEXT - 1) != INTERN_NONE ||
	    intern_find(&m->told, hex, SHA256_TEXT - 1) != INTERN_NONE)
		return;
	intern_add(&m->told, hex, SHA256_TEXT - 1);
	if (m->count++ < TOLD)
		str_addf(&m->names, "%s%.12s…", m->names.len ? ", " : "", hex);
}

/* Columns that name an object which was put there when the row was written. A model that is of no run was a file
 * elsewhere; of data that is what was evaluated on. */
static void look_for_rows(sqlite3 *db, struct missing *m)
{
	static const char *const sql[] = {
	    "SELECT digest FROM artifact WHERE digest <> '' AND kind NOT IN ('found', 'unkept')",
	    "SELECT code_diff FROM run WHERE code_diff <> ''",
	    "SELECT environment FROM run WHERE environment <> ''",
	    "SELECT subject FROM model_version",
	    "SELECT model FROM evaluation WHERE run IS NOT NULL",
	    "SELECT model FROM bias_report WHERE run IS NOT NULL",
	    "SELECT f.digest FROM dataset_version v JOIN dataset_file f ON f.version = v.id WHERE v.digest IN "
	    "(SELECT data FROM evaluation UNION ALL SELECT data FROM bias_report)",
	    "SELECT predictions FROM evaluation WHERE predictions <> ''",
	    "SELECT evidence FROM evaluation WHERE evidence <> ''",
	    "SELECT predictions FROM bias_report WHERE predictions <> ''",
	    "SELECT evidence FROM bias_report WHERE evidence <> ''"};

	for (size_t i = 0; i < COUNT_OF(sql); i++) {
		sqlite3_stmt *stmt = NULL;

		if (sqlite3_prepare_v2(db, sql[i], -1, &stmt, NULL) == SQLITE_OK)
			while (sqlite3_step(stmt) == SQLITE_ROW)
				look_for(m, (const char *)sqlite3_column_text(stmt, 0));
		sqlite3_finalize(stmt);
	}
}

int objects_check(const char *path, sqlite3 *db, const struct store_check *how, struct care_report *out,
                  struct error *err)
{
	struct look l = {.path = path, .how = how};
	struct error why;
	struct missing m = {.there = &l.there};
	char count[NUM_TEXT], bytes[NUM_TEXT];
	int result;

	intern_init(&l.there);
	str_init(&l.damaged_names);
	intern_init(&m.told);
	str_init(&m.names);
	l.weighing = true;
	result = objects_each(path, look_at, &l, &why);
	l.weighing = false;
	if (!result)
		result = objects_each(path, look_at, &l, &why);
	if (result && why.code == ERR_NO) {
		if (err)
			*err = why;
		goto out;
	}
	if (result)
		care_add(out, "objects", CARE_DAMAGE, "mend the folder's permissions or its file system", "%s",
		         why.text);
	result = 0;
	if (db)
		look_for_rows(db, &m);
	for (uint32_t i = 0; how->kept && i < how->kept->count; i++)
		look_for(&m, intern_text(how->kept, i));
	if (l.damaged)
		care_add(out, "objects", CARE_DAMAGE, "restore these files of objects/ from a backup",
		         "%lld of %lld objects %s: %s%s", (long long)l.damaged, (long long)l.count,
		         l.damaged == 1 ? "is not what it was" : "are not what they were", l.damaged_names.data,
		         l.damaged > TOLD ? " …" : "");
	if (m.count)
		care_add(out, "objects", CARE_DAMAGE, "restore these files of objects/ from a backup",
		         "%lld object%s missing: %s%s", (long long)m.count,
		         m.count == 1 ? " that a row names is" : "s that rows name are", m.names.data,
		         m.count > TOLD ? " …" : "");
	if (!l.damaged && !m.count)
		care_add(out, "objects", CARE_OK, "", "%s object%s, %s: %s", count_people(l.count, count),
		         PLURAL(l.count), bytes_people(l.done, bytes),
		         how->quick ? "there (their bytes were not looked at)" : "what their names say");
	if (l.unused)
		care_add(out, "unused", CARE_NOTE, "`assay compact` removes them",
		         "%s object%s, %s, that nothing names", count_people(l.unused, count), PLURAL(l.unused),
		         bytes_people(l.unused_bytes, bytes));
	if (l.half)
		care_add(out, "unused", CARE_NOTE, "`assay compact` removes them once they are old",
		         "half-written copies in objects/: %lld, %s", (long long)l.half,
		         bytes_people(l.half_bytes, bytes));
	if (l.odd)
		care_add(out, "objects", CARE_WARNING, "look at them, and move them elsewhere",
		         "%lld file%s in objects/ that Assay did not put there", (long long)l.odd, PLURAL(l.odd));
out:
	intern_release(&l.there);
	str_release(&l.damaged_names);
	intern_release(&m.told);
	str_release(&m.names);
	return result;
}
