/* What the commands that edit share. */
#ifndef CLI_EDIT_H
#define CLI_EDIT_H

#include "assay/work.h"

#include "cli.h"

/* What was done, and how to take it back; or JSON. */
void edited_print(struct cli *c, const struct work_edited *done);
/* The runs of args[0…count), or of --where. */
int which_runs(struct cli *c, struct store *store, size_t count, struct arena *mem, struct work_which *out);

#endif
