/* Facts: labels and values that scroll, the body of many details. */
#ifndef ASSAY_VIEW_FACTS_H
#define ASSAY_VIEW_FACTS_H

#include "assay/ui.h"

/* From this width on there are two halves. */
#define FACTS_HALVES_FROM 100
#define FACTS_LABEL       10
#define FACTS_ROWS        8
#define FACTS_LEFT        3 /* columns left of them */

/* Lines of labels and values, in one or two columns, that scroll together. */
struct facts {
	struct arena *arena; /* built anew at each draw */
	struct fact {
		const char *label, *value; /* value NULL: a heading; both NULL: an empty line */
		const char *right;         /* a second value at the right end; may be NULL */
		style_id style;
		bool second; /* stands in the right half, where there is room for two */
		int sign;    /* a glyph + 1 that goes before the value on the screen; 0: none */
		bool wrap;   /* in as many rows as it takes, up to FACTS_ROWS */
	} * lines;
	size_t count, cap;
	int top;
	int rows; /* of the longer half, at the last draw */
};
void facts_release(struct facts *f);
bool facts_action(struct facts *f, enum action action, int height);

/* Building: begin empties; texts must live until the next begin (f->arena is there for them). */
void facts_begin(struct facts *f);
struct fact *facts_add(struct facts *f, bool second, const char *label, style_id style, const char *value);
void facts_heading(struct facts *f, bool second, const char *text); /* with an empty line before it */
void facts_text(struct facts *f, bool second, const char *label, const char *value); /* none: no line */
void facts_time(struct facts *f, bool second, const char *label, int64_t at);
/* A value that may need several rows. */
void facts_long(struct facts *f, bool second, const char *label, style_id style, const char *value);
void facts_draw(struct facts *f, struct surface *s);
/* As they were built last, a list for ui_twin: "part" is the heading that a line stands under. */
void facts_list(const struct facts *f, const char *name,
                void (*fn)(void *user, const struct ui_shown_list *list), void *user);

#endif
