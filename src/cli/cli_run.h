/* What the commands on runs share. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "assay/store.h"
#include "assay/work.h"

#include "cli.h"

/* Opens the store and finds the run of the reference. *store is NULL on failure. */
int run_open(struct cli *c, enum store_mode mode, const char *ref, struct store **store, struct arena *mem,
             struct run_row *run);
/* What is to be said of the run's seal; NULL with *err. seal is "" when there is none. */
const char *seal_of(struct store *store, const struct run_row *run, char seal[SHA256_TEXT], bool *holds,
                    struct error *err);
/* What keeps the supervisor of a run that is not over from writing the store; NULL: nothing. */
const char *trouble_of(struct store *store, const struct run_row *run, struct arena *mem);
/* A run as JSON: as `runs` lists it, or with everything that `show` tells. The object is left open: the caller ends
 * it. */
int run_json(struct cli *c, struct store *store, const struct run_row *run, bool everything,
             struct json_writer *j, struct arena *mem);
/* Coefficients of the run's logistic model (coefficients.c); nothing for a run that has none. */
void coefficients_print(struct cli *c, struct store *store, const struct run_row *run);
void coefficients_json(struct store *store, const struct run_row *run, struct json_writer *j);
/* Event lines that could not be understood (bad_lines.c): as a listing, and as the keys bad_lines and
 * bad_lines_kept. */
int bad_lines_print(struct cli *c, struct store *store, const struct run_row *run, struct arena *mem);
int bad_lines_json(struct cli *c, struct store *store, const struct run_row *run, struct json_writer *j,
                   struct arena *mem);
/* The sign of a status that goes with its colour. */
enum listing_style status_style(enum run_status status);
const char *status_sign(enum run_status status);
/* How long ago, as people say it: "4m"; "" if not yet. */
const char *age_text(int64_t at, char out[TIME_TEXT]);
/* Follows a run that this command started to its end, and says how it ended; the status to end with.
 * `output`: show what it prints. */
int run_attend(struct cli *c, struct store *store, const struct run_started *run, bool output,
               struct run_end *end);
/* One value a "K=V" of a repeated option. The list is one block, freed by the caller; its texts are cut in
 * place into mem. */
int sets_from_option(struct cli *c, const char *option, struct arena *mem, struct work_set **out,
                     size_t *count);

#endif
