/* Inside the room: what backup.c and restore.c agree on. */
#ifndef WORK_BACKUP_H
#define WORK_BACKUP_H

#include "assay/work_care.h"
#include "tar.h"

#define BACKUP_FIRST "ASSAY-BACKUP"
#define BACKUP_SUMS  "SHA256SUMS"
#define BACKUP_KIND  "assay-backup/1"

/* May a file of this name stand in a backup? It is then one that stays within the folder. */
bool backup_name(const char *name);
/* "ab/cd…" -> the digest; false if the rest of an object's name is none. */
bool backup_object(const char *name, char hex[SHA256_TEXT]);

/* Hands bytes that pass a tar on as progress. */
struct backup_watch {
	store_progress_fn *progress;
	void *user;
	const char *what;
	uint64_t done, total;
};
int backup_passed(void *user, uint64_t bytes);

/* No part of a store, where it would be swept, backed up and moved with it: ERR_USAGE else. */
int place_outside_stores(const char *place, struct error *err);

#endif
