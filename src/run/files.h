/* Files that a run was given and made, by digest. */
#ifndef ASSAY_RUN_FILES_H
#define ASSAY_RUN_FILES_H

#include "local.h"

/* Files among the command's arguments (argv[0] left out; at most 64) are read by a thread. NULL: there are none. */
struct files *files_start(char *const *argv, const char *cwd);
/* Those that have been read become inputs of the run: role "code", "settings" or "data". */
int files_flush(struct files *f, struct store *store, int64_t run, struct error *err);
/* Waits some seconds for the rest, and frees it. NULL is fine. */
void files_end(struct files *f, struct store *store, int64_t run);
void files_free(struct files *f);
/* Artifacts that the run only named: into the store's objects (up to 1 GiB each), with digest and size. Names are as
 * the command saw them, from its folder. What is gone stays a name. */
void artifacts_keep(struct store *store, int64_t run, const char *cwd);
/* Inputs that the run only named get a digest: of the registered data set of that name, else of the file,
 * if that has up to 1 GiB. */
void inputs_name(struct store *store, int64_t run, const char *cwd);

/* Adds at most 200 artifacts of the kind "found", the nearest first, unless another run was there at the same time, or
 * the folder is one that everybody uses. ended: UTC ms. */
void artifacts_discover(struct store *store, const struct run_row *row, int64_t ended);

#endif
