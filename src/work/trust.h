/* Inside the room: what the files about trust share. */
#ifndef WORK_TRUST_H
#define WORK_TRUST_H

#include "work.h"

struct trust {
	struct store *store;
	struct ledger *ledger; /* NULL: there is none, and none can be made */
	struct ledger_state *state;
	struct ledger_objects objects;
	int64_t change; /* ledger_change when the state was made */
	/* What gates_confirm has found true: a row of results, under which policy, beside which champion. */
	int64_t confirmed, confirmed_policy, confirmed_place;
};

/* Reads objects/ for the ledger; user is the store. */
int trust_read_object(void *user, const char *digest, struct str *out, struct error *err);

/* To read; *out NULL where the store never had one. ERR_TAMPER for one that is gone. */
int trust_open_ledger(struct store *store, struct ledger **out, struct error *err);

/* ---- files of a model ---- */

/* Hashes one file below an open folder, and copies what it hashes to `copy` unless that is -1: a regular file
 * with one name, reached through no link, that nobody changes meanwhile; the path is plain (no "..", not
 * absolute). ERR_TAMPER for anything else, ERR_ENV if it cannot be read. */
int beneath_hash(int folder, const char *path, int copy, char hex[SHA256_TEXT], int64_t *bytes,
                 struct error *err);
/* The manifest of a folder as it is on the disk, sorted by path: every file in it, nothing left out.
 * ERR_TAMPER for a link, a pipe, a socket, a device, a file with a second name. */
int manifest_of_folder(const char *dir, struct arena *mem, struct manifest_file **out, size_t *count,
                       struct error *err);
/* Re-hashes the objects of a manifest and the manifest itself. *problem is NULL when everything is as it was,
 * else a sentence. files may be NULL. */
int manifest_check(struct store *store, const char *subject, struct arena *mem, struct manifest_file **files,
                   size_t *count, const char **problem, struct error *err);

/* ---- gates ---- */

/* The rows of results have no signature: whoever can write ledger.db can add one. So before somebody signs what
 * they say, the gates are computed once more. ERR_STALE if they come out differently. Nothing is written down: who
 * only signs does not become the producer of anything. */
int gates_confirm(struct trust *t, const struct work_version *v, const char *stage, struct arena *mem,
                  struct error *err);

/* ERR_TAMPER unless the registration, which has no signature either, names as launcher whom the run names,
 * whose seal it holds: who launched a run does not approve its model. */
int launcher_confirm(struct trust *t, const struct work_version *v, struct arena *mem, struct error *err);

/* ---- versions ---- */

/* What the ledger and the store know of a version. A manifest that cannot be read leaves file_count 0:
 * whether files are as they were is asked with work_version_intact. */
int version_describe(struct trust *t, const struct ledger_version *v, struct arena *mem,
                     struct work_version *out, struct error *err);
/* Like work_facts without hashing any file or reading the run: subject and seal as they were registered. For
 * lists. */
int facts_as_registered(struct trust *t, const struct ledger_version *v, const char *stage, struct arena *mem,
                        struct ledger_facts *out, struct error *err);
/* Appends an unsigned row of the program's own. program, store, request and claimed time are filled in. */
int record_append(struct trust *t, struct ledger_text *text, int64_t *seq, struct error *err);

#endif
