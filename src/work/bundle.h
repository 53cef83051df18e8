/* Inside the room: how a bundle lies in its folder.
 *
 *     ledger.tsv            SEQ TAB AT TAB LINK, a line a row of the whole ledger
 *     decisions/SEQ.txt     the row's text        decisions/SEQ.sig   its signature, if it has one
 *     evidence/HEX          objects that rows name: every roster and policy, who registered and produced
 *                           what, and the evidence of the version that the bundle is of
 *     roster, policy        those in force at its last row
 *     manifest              of the version; its SHA-256 is the subject of the decisions about it
 *     files/PATH            the files that it names
 *     verify.sh             checks all of it with sh, awk, ssh-keygen and sha256sum
 */
#ifndef WORK_BUNDLE_H
#define WORK_BUNDLE_H

#include "work.h"

/* True if this evidence of a row is in a bundle of the version with that subject: by it the ledger can be
 * replayed, and the version judged. */
bool bundle_has_evidence(const struct ledger_text *row, const char *kind, const char *subject);
/* verify.sh as this program writes it. */
extern const char bundle_script[];
extern const size_t bundle_script_len;

#endif
