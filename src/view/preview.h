/* The current row's run beside the list, from 120 columns on. */
#ifndef ASSAY_VIEW_PREVIEW_H
#define ASSAY_VIEW_PREVIEW_H

#include "run.h"

struct preview {
	struct arena *arena;
	const struct run_seen *found;
	int64_t id; /* that was asked for last; 0: none. `found` may still be another one's. */
	bool stale, mono;
	char fault[512];
};
void preview_init(struct preview *p, bool mono);
void preview_release(struct preview *p);
bool preview_wants(const struct preview *p, int64_t id);
void preview_ask(struct view *v, int tag, struct preview *p, int64_t id);
void preview_take(struct preview *p, struct ui_result *result);
void preview_draw(struct preview *p, struct surface *s, int64_t now);

#endif
