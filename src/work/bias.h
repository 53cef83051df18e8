/* Inside the room: what the files about bias share. */
#ifndef WORK_BIAS_H
#define WORK_BIAS_H

#include "work.h"

/* A column of a table as groups of the cases `rows` (NULL: all `n`); everything in `mem`. Says into notes how
 * numbers were cut. */
int bias_groups(const struct table *t, const char *name, const struct work_bias *how, const size_t *rows,
                size_t n, struct arena *mem, struct bias_column *out, struct str *notes, struct error *err);
/* The columns to divide by, and the strata. out[BIAS_COLUMNS_MAX]; *count of them; stratum->name NULL: none.
 */
int bias_columns(const struct table *t, const struct work_bias *how, const size_t *rows, size_t n,
                 struct arena *mem, struct bias_column *out, size_t *count, struct bias_column *stratum,
                 struct str *notes, struct error *err);
/* The members of the "settings" object of a report, as a whole object. */
void bias_settings_json(const struct work_bias *how, const char *label, const char *positive,
                        const char *split, struct str *out);

/* work_bias_load, which also hands over the data (to be released by the caller when it returns 0). */
int bias_load(struct store *store, const char *model_ref, const char *data_ref, const struct work_bias *how,
              struct work_bias_cases *out, struct work_data *data, struct table *table, struct error *err);

#endif
