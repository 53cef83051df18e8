/* Go: places by name, as view.h lists them. */
#ifndef ASSAY_VIEW_GO_H
#define ASSAY_VIEW_GO_H

#include "assay/ui.h"

/* The digit of the screen that the place belongs to; 0: nothing is called so. */
int view_place_screen(const char *place);
/* ERR_USAGE: there is none of that name; which there are. */
int view_no_place(const char *place, struct error *err);
/* ui_options.go. What a name stands for is looked up on the reader; views open in the order of the path. */
int view_go(struct ui *ui, const char *place, struct error *err);
/* ui_options.find. */
ui_work_fn view_find;

#endif
