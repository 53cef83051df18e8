/* The menu, and what the palette adds to it. */
#ifndef UI_MENU_H
#define UI_MENU_H

#include "private.h"

struct menu_entry {
	char *text, *detail, *key, *why_not;
	int64_t id;
	bool checked, elsewhere, tail;
	int score;
};

struct menu {
	struct dialog base;
	struct ui_menu spec;
	char *title;
	struct menu_entry *items;
	size_t count, cap;
	size_t *shown; /* indexes into items: best match first, then those of the tail in their order */
	size_t shown_count, at, top;
	int height; /* rows at the last draw */
	int name, rest,
	    widest; /* columns of the longest name, of what stands behind one, of both; widest 0: not known */
	struct ui_editor editor;
	bool typed; /* since it was narrowed last: keys that come together are narrowed by once */
	/* The palette's. */
	const char *waiting; /* said while nothing is shown; NULL: nothing is waited for */
	bool accept_first;   /* Enter came before there was anything to choose */
	void (*changed)(void *extra, const char *pattern);
	void (*release)(void *extra);
	void *extra;
};
extern const struct dialog_ops MENU_DIALOG;

struct menu *menu_open(struct ui *ui, struct view *owner, const struct ui_menu *spec);
/* Items that stand below those that were there from the start, in this order; in place of the tail before. What is
 * chosen stays chosen. */
void menu_set_tail(struct menu *m, const struct ui_menu_item *items, size_t count);
void menu_accept(struct menu *m);

#endif
