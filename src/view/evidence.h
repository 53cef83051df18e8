/* Evidence: what the reader hands to the screen. */
#ifndef ASSAY_VIEW_EVIDENCE_H
#define ASSAY_VIEW_EVIDENCE_H

#include "assay/ui.h"

struct evidence_ask {
	const char *const *objects; /* in the request's own arena */
	size_t object_count;
	int64_t row;
};
struct evidence_text {
	const char *text;
	size_t len;
};
/* What cannot be read is said in its place: the rest is still there to be read. */
ui_work_fn view_evidence_read; /* gives evidence_text */

/* A JSON text with line breaks and indents; what is no JSON comes out as it is. */
void evidence_pretty(struct str *out, const char *json, size_t len);

#endif
