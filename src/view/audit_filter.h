/* Audit's filter: "mara approve since:2026-11-01 until:2d". */
#ifndef ASSAY_VIEW_AUDIT_FILTER_H
#define ASSAY_VIEW_AUDIT_FILTER_H

#include "audit.h"

#define AUDIT_WORDS 8
#define AUDIT_WORD  64
struct audit_filter {
	char word[AUDIT_WORDS][AUDIT_WORD]; /* each must be in who, what, about or reason, in any case */
	size_t count;
	int64_t since, until;
};
/* ERR_USAGE; *at is the byte where the wrong word begins. */
int audit_filter_parse(struct audit_filter *f, const char *text, int64_t now, size_t *at, struct error *err);
bool audit_filter_match(const struct audit_filter *f, const struct audit_entry *e, int64_t sealed_to);

#endif
