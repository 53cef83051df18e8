/* Inside theme: what its files share. */
#ifndef THEME_PRIVATE_H
#define THEME_PRIVATE_H

#include "assay/theme.h"

enum { THEME_MAX_BYTES = 256 * 1024 };

/* NAME.theme in the folder `first` (may be NULL), then wherever themes lie, but for the files that `without`
 * (may be NULL) was read from; the caller frees. */
char *theme_locate(const char *name, const char *first, const struct theme *without);
/* How the file is now; false: it cannot be looked at. */
bool theme_file_look(struct theme_file *file, const char *path);
/* theme_read as if the file held this text. */
int theme_read_text(struct theme *t, const char *path, const char *text, struct error *err);
/* Like theme_colour_find, for writing. */
struct theme_colour *theme_colour_at(struct theme *t, const char *name);
/* The palette has a colour of this name, or it is "default". */
int theme_check_colour(const struct theme *t, const char *role, const char *name, struct error *err);
/* A name that a colour of a palette may have. */
bool theme_colour_name_is_valid(const char *name);

/* ramp.c: the looks of STYLE_HEAT_1 … and STYLE_HEAT_LESS_1 …, as far as the theme does not say them. */
void theme_ramps(struct theme *t);

#endif
