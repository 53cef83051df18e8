/* Inside view: the theme editor, and how it is drawn. */
#ifndef VIEW_THEME_EDITOR_H
#define VIEW_THEME_EDITOR_H

#include "assay/theme.h"
#include "assay/ui.h"

struct theme_editor {
	struct ui_table *table;
	struct theme was, now; /* as it was read, as it is on the screen */
	struct theme before;   /* now, before the prompt that is open */
	struct theme written;  /* now, when it was told to be written */
	uint64_t writes;       /* ui_theme_writes, as last seen */
	bool on;               /* the background is being changed, not the text */
	int channel;           /* 0 red, 1 green, 2 blue */
};

/* The role on which the cursor is, STYLE_TEXT while there is none. */
int theme_editor_role(const struct theme_editor *e);
/* The 24-bit colour of the role's text or background; -1: the theme does not say. */
int32_t theme_editor_rgb(const struct theme *t, int role, bool on);
/* About the role: what it colours, its colours, what it is told apart by. */
void theme_editor_draw_role(const struct theme_editor *e, struct surface *s);
/* A small workbench in which every role has its place; those of the role are underlined. */
void theme_editor_draw_sample(struct surface *s, int role);

#endif
