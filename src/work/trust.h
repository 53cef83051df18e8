/* Inside the room: what the files about trust share. */
#ifndef WORK_TRUST_H
#define WORK_TRUST_H

#include "work.h"

struct trust {
	struct store *store;
	struct ledger *ledger; /* NULL: there is none, and none can be made */
	struct ledger_state *state;
	struct ledger_objects objects;
	int64_t change; /* ledger_change when the state was made */
};

#endif
