/* Stores: found, opened. */
#include "work.h"

int work_open(const char *asked, enum store_mode need, struct store **out, struct error *err)
{
	char *path = store_find(asked, err);
	if (!path)
		return -1;
	int status = store_open(out, path, STORE_WRITE, err);
	if (status == 0) {
		/* What cannot be looked after now is looked after by the next one who opens the store. */
		struct error unimportant;
		if (run_reap(*out, NULL, &unimportant) != 0 && need == STORE_WRITE && unimportant.code == ERR_STORE) {
			store_close(*out);
			*out = NULL;
			if (err)
				*err = unimportant;
			status = -1;
		}
	} else if (need == STORE_READ) {
		status = store_open(out, path, STORE_READ, err);
	}
	free(path);
	return status;
}

const char *work_person(char out[WORK_PERSON])
{
	return user_name(out, WORK_PERSON);
}

int work_stop(struct store *store, const char *run_uuid, struct error *err)
{
	char person[WORK_PERSON], why[WORK_PERSON + 16];
	snprintf(why, sizeof why, "stopped by %s", work_person(person));
	if (run_stop(store, run_uuid, why, err) != 0)
		return -1;
	/* The run is stopped, and its reason says by whom: a list that misses a line does not make that untrue.
	 */
	store_activity_add(store, person, "stopped", run_uuid, NULL);
	return 0;
}
