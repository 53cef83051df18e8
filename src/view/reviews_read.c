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
	cells[0].text = view_cut_name(
	    mem,
	    arena_printf(mem, "%s v%lld %.8s", p->text->model, (long long)p->text->version, p->text->subject),
	    REVIEWS_NAME);
	cells[1].text = arena_strdup(mem, p->text->stage);
	cells[2].text = arena_strdup(mem, review_person(by ? by->name : NULL, p->text->signer));
	cells[3].text = view_cell_age(mem, p->at, now);
	cells[4].text = arena_printf(mem, "%lld of %d", (long long)signatures(p), stage ? stage->approvals : 0);
	cells[5].text = mine ? "you may sign" : "";
	cells[5].style = STYLE_WARN;
}

int view_reviews_read(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	struct reviews_list *list = arena_alloc(arena, sizeof *list);
	const struct ledger_proposal **all, **mine = NULL;
	const struct work_person *who;
	size_t mine_count = 0;
	struct trust *t;

	(void)arg;
	if (view_desk_trust(desk, &t, err) != 0 || work_waiting(t, NULL, arena, &all, &list->count, err) != 0)
		return -1;
	who = view_desk_person(desk, t, &list->nobody);
	list->nobody = who ? NULL : arena_strdup(arena, list->nobody);
	if (who && work_waiting(t, who, arena, &mine, &mine_count, err) != 0)
		return -1;
	list->rows = arena_array(arena, list->count + 1, sizeof *list->rows);
	for (size_t i = 0; i < list->count; i++)
		fill(&list->rows[i], all[i], work_trust_state(t), is_among(all[i], mine, mine_count),
		     view_desk_now(desk), arena);
	list->only = mine_count == 1 ? mine[0]->row : 0;
	list->change = view_desk_change(desk);
	*result = list;
	return 0;
}
