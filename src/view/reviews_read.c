/* Reviews, on the reader's thread: the proposals that wait for signatures. */
#include <string.h>

#include "review_text.h"
#include "reviews.h"
#include "view_inside.h"

static bool is_among(const struct ledger_proposal *p, const struct ledger_proposal **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i]->row == p->row)
			return true;
	return false;
}

static int64_t signatures(const struct ledger_proposal *p)
{
	int64_t count = 0;

	for (size_t i = 0; i < p->vote_count; i++)
		count += p->votes[i].kind == LEDGER_APPROVE && !p->votes[i].revoked;
	return count;
}

static void fill(struct ui_row *row, const struct ledger_proposal *p, const struct ledger_state *state,
                 bool mine, int64_t now, struct arena *mem)
{
	const struct policy_stage *stage = policy_stage_find(&state->policy, p->text->stage);
	const struct roster_person *by = roster_find(&state->roster, p->text->signer);
	struct ui_cell *cells = arena_array(mem, 6, sizeof *cells);

	row->id = p->row;
	row->cells = cells;
	cells[0] = list_cell(view_cut_name(mem,
	                                   arena_printf(mem, "%s v%lld %.8s", p->text->model,
	                                                (long long)p->text->version, p->text->subject),
	                                   REVIEWS_NAME),
	                     0);
	cells[1] = list_cell(arena_strdup(mem, p->text->stage), 0);
	cells[2] = list_cell(arena_strdup(mem, review_person(by ? by->name : NULL, p->text->signer)), 0);
	cells[3] = list_cell_age(mem, p->at, now);
	cells[4] =
	    list_cell(arena_printf(mem, "%lld of %d", (long long)signatures(p), stage ? stage->approvals : 0), 0);
	cells[5] = list_cell(mine ? "you may sign" : "", STYLE_WARN);
}

int view_reviews_read(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct list_ask *ask = arg;
	struct reviews_list *out = arena_alloc(arena, sizeof *out);
	struct list_rows *list = &out->list;
	const struct ledger_proposal **all, **mine = NULL;
	const struct work_person *who;
	size_t mine_count = 0;
	struct trust *t;

	*result = out;
	list->ledger = view_desk_change(desk);
	list->store = 1; /* nothing of the store is in it */
	list->same = ask && ask->store == list->store && ask->ledger == list->ledger;
	if (list->same)
		return 0;
	if (view_desk_trust(desk, &t, err) != 0 || work_waiting(t, NULL, arena, &all, &list->count, err) != 0)
		return -1;
	who = view_desk_person(desk, t, &out->nobody);
	out->nobody = who ? NULL : arena_strdup(arena, out->nobody);
	if (who && work_waiting(t, who, arena, &mine, &mine_count, err) != 0)
		return -1;
	list->rows = arena_array(arena, list->count + 1, sizeof *list->rows);
	out->reasons = arena_array(arena, list->count + 1, sizeof *out->reasons);
	for (size_t i = 0; i < list->count; i++) {
		fill(&list->rows[i], all[i], work_trust_state(t), is_among(all[i], mine, mine_count),
		     view_desk_now(desk), arena);
		out->reasons[i] = arena_strdup(arena, all[i]->text->reason);
	}
	out->only = mine_count == 1 ? mine[0]->row : 0;
	return 0;
}
