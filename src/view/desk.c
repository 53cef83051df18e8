/* What a worker's thread has open: the ledger beside the store, and whose key signs here. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "view_inside.h"

/* An agent may have got or lost a key meanwhile. */
#define PERSON_EVERY_MS 30000

struct desk_person {
	struct arena *mem;
	struct work_person person;
	bool found;
	char why[ERROR_TEXT];
	int64_t change, looked_at;
	bool counted; /* the proposals that wait for this person are these */
	struct desk_waiting *waiting;
	size_t waiting_count;
};

int64_t view_desk_now(const struct desk *desk)
{
	return desk->app->fixed_now ? desk->app->fixed_now : time_now_ms();
}

static bool has_ledger(const struct desk *desk)
{
	char *path = path_join(desk->app->store_dir, "ledger.db");
	bool there = file_exists(path);

	free(path);
	return there;
}

int view_desk_ledger(struct desk *desk, struct ledger **out, struct error *err)
{
	*out = desk->ledger;
	if (desk->ledger || !has_ledger(desk))
		return 0;
	if (ledger_open(&desk->ledger, desk->app->store_dir, false, err) != 0)
		return -1;
	*out = desk->ledger;
	return 0;
}

int64_t view_desk_change(struct desk *desk)
{
	struct ledger *l;

	return view_desk_ledger(desk, &l, NULL) == 0 && l ? ledger_change(l) : 0;
}

static int open_trust(struct desk *desk, int64_t change, struct error *err)
{
	struct error broken = {0};

	/* Loading verifies: what did not hold a second ago is not verified again until it has changed. */
	if (desk->broken_at != 0 && desk->broken_at == change) {
		if (err)
			*err = desk->broken;
		return -1;
	}
	desk->broken_at = 0;
	if (work_trust_open(desk->store, &desk->trust, &broken) == 0)
		return 0;
	desk->trust = NULL;
	desk->broken = broken;
	desk->broken_at = change;
	if (err)
		*err = broken;
	return -1;
}

static void close_trust(struct desk *desk)
{
	work_trust_close(desk->trust);
	desk->trust = NULL;
}

int view_desk_trust(struct desk *desk, struct trust **out, struct error *err)
{
	int64_t change = view_desk_change(desk);

	*out = NULL;
	/* The other thread, or another process, has made the ledger meanwhile. */
	if (desk->trust && !work_trust_ledger(desk->trust) && has_ledger(desk))
		close_trust(desk);
	if (!desk->trust && open_trust(desk, change, err) != 0)
		return -1;
	if (work_trust_refresh(desk->trust, NULL, &desk->broken) != 0) {
		close_trust(desk);
		desk->broken_at = change;
		if (err)
			*err = desk->broken;
		return -1;
	}
	*out = desk->trust;
	return 0;
}

const struct work_person *view_desk_person(struct desk *desk, struct trust *t, const char **why)
{
	struct desk_person *p = desk->person;
	int64_t change = view_desk_change(desk), now = time_mono_ms();

	if (!p || p->change != change || now - p->looked_at > PERSON_EVERY_MS) {
		struct work_signer by = {0};
		struct error err = {0};

		if (!p)
			p = desk->person = xcalloc(1, sizeof *p);
		arena_free(p->mem);
		p->mem = arena_new();
		p->change = change;
		p->looked_at = now;
		p->counted = false;
		p->found = work_signing_person(t, &by, p->mem, &p->person, &err) == 0;
		snprintf(p->why, sizeof p->why, "%s",
		         p->found ? ""
		         : err.code == ERR_ENV
		             ? "no key was found: ASSAY_KEY=FILE, key = FILE under [sign] in config.ini, or "
		               "ssh-add"
		             : err.text);
	}
	if (why)
		*why = p->why;
	return p->found ? &p->person : NULL;
}

static void count_waiting(struct desk_person *p, struct trust *t, const struct work_person *who)
{
	const struct ledger_proposal **waiting;
	size_t count = 0;

	if (work_waiting(t, who, p->mem, &waiting, &count, NULL) != 0)
		count = 0;
	p->waiting = arena_array(p->mem, count + 1, sizeof *p->waiting);
	p->waiting_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct ledger_text *text = waiting[i]->text;

		p->waiting[i].row = waiting[i]->row;
		p->waiting[i].text =
		    arena_printf(p->mem, "%s v%lld for %s", text->model, (long long)text->version, text->stage);
	}
	p->counted = true;
}

const struct desk_waiting *view_desk_waiting(struct desk *desk, size_t *count, bool *broken)
{
	const struct work_person *who;
	struct trust *t;
	struct error err = {0};

	*count = 0;
	*broken = false;
	/* One that is gone is broken, too; a store that never had one is not. */
	if (view_desk_trust(desk, &t, &err) != 0) {
		*broken = err.code == ERR_TAMPER;
		return NULL;
	}
	who = view_desk_person(desk, t, NULL);
	if (!who)
		return NULL;
	if (!desk->person->counted)
		count_waiting(desk->person, t, who);
	*count = desk->person->waiting_count;
	return desk->person->waiting;
}

void view_desk_release(struct desk *desk)
{
	close_trust(desk);
	ledger_close(desk->ledger);
	if (desk->person)
		arena_free(desk->person->mem);
	free(desk->person);
	view_audit_trail_free(desk->trail);
}
