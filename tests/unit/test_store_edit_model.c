/* store: edits, undo and redo of several people in whatever order, against a model in memory. */
#include <stdlib.h>

#include "../lib/store_edits.h"
#include "../lib/trials.h"

#define ADA "ada@lab"
#define BOB "bob@lab"

enum { M_RUNS = 5, M_KEYS = 2, M_VIEWS = 2, M_PEOPLE = 2, M_NOTES = 40, M_DEEPEST = 2100 };

/* Everything that edits change: values are numbers, 0 for what is not there. */
struct world {
	int archived[M_RUNS]; /* the serial of its time: what is of one millisecond is the same to the store */
	int name[M_RUNS];
	int tag[M_RUNS][M_KEYS];
	bool note[M_RUNS][M_NOTES];
	int view[M_VIEWS];
};
/* One cell of the world that an edit has changed. */
struct cell {
	size_t at; /* offset */
	int before, after;
	bool flag;
};
struct past {
	struct cell cells[M_RUNS];
	size_t count;
	bool undone;
};
struct model {
	struct world world;
	struct past *past[M_PEOPLE];
	size_t depth[M_PEOPLE], top[M_PEOPLE]; /* edits; those that are not undone */
	int serial, notes;
};

static int cell_now(struct model *m, const struct cell *c)
{
	return c->flag ? *(bool *)((char *)&m->world + c->at) : *(int *)((char *)&m->world + c->at);
}

static void cell_put(struct model *m, const struct cell *c, int value)
{
	if (c->flag)
		*(bool *)((char *)&m->world + c->at) = value != 0;
	else
		*(int *)((char *)&m->world + c->at) = value;
}

static void model_set(struct model *m, struct past *past, const void *where, bool flag, int value)
{
	struct cell c = {.at = (size_t)((const char *)where - (const char *)&m->world), .flag = flag};

	c.before = cell_now(m, &c);
	c.after = value;
	if (c.before == value || (!flag && c.at < offsetof(struct world, name) && c.before && value))
		return; /* what is archived stays as it is */
	cell_put(m, &c, value);
	past->cells[past->count++] = c;
}

static void model_keep(struct model *m, size_t who, const struct past *past)
{
	if (!past->count)
		return;
	m->past[who][m->top[who]] = *past;
	m->depth[who] = ++m->top[who];
}

/* 1 done, 0 nothing to do, -1 refused. */
static int model_turn(struct model *m, size_t who, bool undoing)
{
	struct past *past;

	if (undoing ? m->top[who] == 0 : m->top[who] == m->depth[who])
		return 0;
	past = &m->past[who][undoing ? m->top[who] - 1 : m->top[who]];
	for (size_t i = 0; i < past->count; i++)
		if (cell_now(m, &past->cells[i]) != (undoing ? past->cells[i].after : past->cells[i].before))
			return -1;
	for (size_t i = 0; i < past->count; i++)
		cell_put(m, &past->cells[i], undoing ? past->cells[i].before : past->cells[i].after);
	m->top[who] += undoing ? -1 : 1;
	return 1;
}

static uint64_t seed = 20261127;
static size_t below(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed % n);
}

struct played {
	struct store_place *p;
	struct model m;
	int64_t run[M_RUNS];
	int turned, refused;
	int64_t archived_at[M_DEEPEST]; /* by serial: the time that the store gave it */
};

static const char *const people[M_PEOPLE] = {ADA, BOB};
static const char *const keys[M_KEYS] = {"k0", "k1"};

static size_t some_runs(struct played *g, int64_t ids[M_RUNS], size_t which[M_RUNS])
{
	size_t count = 0;

	for (size_t i = 0; i < M_RUNS; i++)
		if (below(3) == 0) {
			which[count] = i;
			ids[count++] = g->run[i];
		}
	return count;
}

/* The time that the store gave; one that it has given before has the serial of then. */
static void name_time(struct played *g, struct past *past, int value)
{
	size_t first = (past->cells[0].at - offsetof(struct world, archived)) / sizeof(int);
	int64_t at = run_of(g->p, g->run[first]).archived;
	int serial = 1;

	g->archived_at[value] = at;
	while (g->archived_at[serial] != at)
		serial++;
	for (size_t i = 0; i < past->count; i++) {
		past->cells[i].after = serial;
		cell_put(&g->m, &past->cells[i], serial);
	}
}

static void play_edit(struct played *g, size_t who)
{
	struct store_place *p = g->p;
	struct past made = {.count = 0}, *past = &made;
	int64_t ids[M_RUNS], changed = -1;
	size_t which[M_RUNS], count = some_runs(g, ids, which), run = below(M_RUNS);
	int value = ++g->m.serial;
	char text[24];

	snprintf(text, sizeof(text), "v%d", value);
	switch (below(6)) {
	case 0:
	case 1: {
		bool away = below(2);

		for (size_t i = 0; i < count; i++)
			model_set(&g->m, past, &g->m.world.archived[which[i]], false, away ? value : 0);
		must(p, store_archive(p->store, people[who], ids, count, away, &changed, NULL, &p->err));
		if (away && past->count)
			name_time(g, past, value);
		break;
	}
	case 2: {
		size_t key = below(M_KEYS);
		bool away = below(3) == 0;

		for (size_t i = 0; i < count; i++)
			model_set(&g->m, past, &g->m.world.tag[which[i]][key], false, away ? 0 : value);
		must(p, store_tag_edit(p->store, people[who], ids, count, keys[key], away ? NULL : text, &changed,
		                       &p->err));
		break;
	}
	case 3:
		model_set(&g->m, past, &g->m.world.name[run], false, value);
		must(p, store_rename(p->store, people[who], g->run[run], text, &p->err));
		break;
	case 4:
		if (g->m.notes == M_NOTES)
			break;
		snprintf(text, sizeof(text), "n%d", g->m.notes);
		model_set(&g->m, past, &g->m.world.note[run][g->m.notes++], true, 1);
		must(p, store_note_edit(p->store, people[who], g->run[run], text, &p->err));
		break;
	default: {
		size_t at = below(M_VIEWS);
		bool away = g->m.world.view[at] && below(3) == 0;
		struct store_saved saved = {"view", at ? "lending" : "", "v", away ? NULL : text};

		model_set(&g->m, past, &g->m.world.view[at], false, away ? 0 : value);
		must(p, store_saved_set(p->store, people[who], &saved, &p->err));
	}
	}
	if (changed >= 0)
		assert_int_equal(changed, past->count);
	model_keep(&g->m, who, past);
}

static void play_turn(struct played *g, size_t who, bool undoing)
{
	struct store_place *p = g->p;
	struct store_edit edit;
	int want = model_turn(&g->m, who, undoing),
	    got = undoing ? store_undo(p->store, people[who], p->mem, &edit, &p->err)
	                  : store_redo(p->store, people[who], p->mem, &edit, &p->err);

	if (want < 0) {
		assert_int_equal(got, -1);
		assert_int_equal(p->err.code, ERR_STALE);
		g->refused++;
		return;
	}
	must(p, got);
	assert_int_equal(edit.id != 0, want);
	g->turned += want;
}

/* The world of the store is that of the model. */
static void compare(struct played *g)
{
	struct store_place *p = g->p;
	const struct world *w = &g->m.world;
	struct str want;
	struct arena *all = p->mem;

	p->mem = arena_new();
	str_init(&want);
	for (size_t i = 0; i < M_RUNS; i++) {
		struct run_row run = run_of(p, g->run[i]);
		char name[24];

		snprintf(name, sizeof(name), w->name[i] ? "v%d" : "run", w->name[i]);
		assert_string_equal(run.name, name);
		assert_int_equal(run.archived, w->archived[i] ? g->archived_at[w->archived[i]] : 0);
		str_clear(&want);
		for (size_t k = 0; k < M_KEYS; k++)
			if (w->tag[i][k])
				str_addf(&want, "%s%s=v%d", want.len ? " " : "", keys[k], w->tag[i][k]);
		assert_string_equal(tags_of(p, g->run[i]), want.data);
		str_clear(&want);
		for (int n = 0; n < M_NOTES; n++)
			if (w->note[i][n])
				str_addf(&want, "%sn%d", want.len ? "|" : "", n);
		/* Notes are by time; those of one millisecond by number, which is another one after a redo. */
		assert_int_equal(strlen(notes_of(p, g->run[i])), want.len);
		for (int n = 0; n < M_NOTES; n++) {
			char *bounded = xasprintf("|%s|", notes_of(p, g->run[i])), word[24];

			snprintf(word, sizeof(word), "|n%d|", n);
			assert_int_equal(strstr(bounded, word) != NULL, w->note[i][n]);
			free(bounded);
		}
	}
	str_clear(&want);
	for (size_t v = M_VIEWS; v-- > 0;)
		if (w->view[v])
			str_addf(&want, "%s%s/v=v%d", want.len ? " " : "", v ? "lending" : "", w->view[v]);
	assert_string_equal(saved_of(p, "view", "lending"), want.data);
	str_release(&want);
	arena_free(p->mem);
	p->mem = all;
}

static void random_edits_are_as_in_a_model(void **state)
{
	struct store_place *p = *state;
	const int steps = (int)trials_here(2000);
	struct played *g = xcalloc(1, sizeof(*g));

	g->p = p;
	for (size_t i = 0; i < M_PEOPLE; i++)
		g->m.past[i] = xcalloc(M_DEEPEST, sizeof(struct past));
	for (size_t i = 0; i < M_RUNS; i++)
		g->run[i] = make_run(p, "run", true);
	for (int step = 0; step < steps; step++) {
		size_t who = below(M_PEOPLE), what = below(10);

		if (what < 4)
			play_edit(g, who);
		else
			play_turn(g, who, what < 7);
		compare(g);
	}
	/* It was a game of edits and of conflicts. */
	print_message("%d edits, %d taken back or made again, %d refused\n", g->m.serial, g->turned, g->refused);
	assert_true(g->m.serial > steps / 4 && g->m.notes > 10 && g->turned > steps / 20 &&
	            g->refused > steps / 70);
	for (size_t i = 0; i < M_PEOPLE; i++)
		free(g->m.past[i]);
	free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(random_edits_are_as_in_a_model, store_place_empty, store_place_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
