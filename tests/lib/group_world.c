#include "group_world.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/store/order.h"
#include "store_fixture.h"

const char *const group_params[GROUP_PARAMS] = {"depth", "odd `name, x", "seed", "model"};
/* Different texts of one number, numbers as texts, quotes, blanks, nothing. */
static const char *const param_values[GROUP_PARAMS][5] = {{"1", "1.0", "-0", "0", "x"},
                                                          {"it's", "a b", "", "and", "7"},
                                                          {"1", "2", "3", "4", "5"},
                                                          {"m", "m", "m", "m", "m"}};
const char *const group_experiments[GROUP_EXPERIMENTS] = {"credit", "it's \"odd\"", "a"};
const char *const group_users[GROUP_USERS] = {"", "ada", "bob's"};

unsigned group_draw(struct group_world *p, unsigned below)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return (unsigned)(p->random % below);
}

static void add_run(struct group_world *p, int i)
{
	struct group_truth *t = &p->runs[i];
	struct run_new new = {.created = 1000 + (int64_t)group_draw(p, 40), .name = t->name};
	struct run_process nobody = {.pid = 1};
	struct run_ending end = {.status = RUN_DONE, .reason = "", .at = 9000};
	char uuid[ID_TEXT], *sql;

	snprintf(t->name, sizeof(t->name), "run-%u", group_draw(p, 60));
	t->experiment = (int)group_draw(p, 3);
	t->user = (int)group_draw(p, 3);
	t->created = new.created;
	new.experiment = group_experiments[t->experiment];
	new.user = group_users[t->user];
	assert_int_equal(store_run_create(p->store, &new, &t->id, uuid, NULL), 0);
	for (int k = 0; k < GROUP_PARAMS; k++) {
		if (k != 3 && group_draw(p, 6) == 0)
			continue;
		t->params[k] = param_values[k][group_draw(p, 5)];
		assert_int_equal(store_param_set(p->store, t->id, group_params[k], t->params[k], NULL), 0);
	}
	if (group_draw(p, 2)) {
		t->tag = group_draw(p, 2) ? "risk team" : "3";
		assert_int_equal(store_tag_set(p->store, t->id, "team", t->tag, NULL), 0);
	}
	t->auc = t->best = (double)NAN;
	t->has_auc = group_draw(p, 5);
	if (t->has_auc) {
		struct point points[2] = {{.step = 1, .value = 0.125 * group_draw(p, 5)}, {.step = 2}};

		points[1].value = group_draw(p, 4) ? 0.125 * group_draw(p, 5) : (double)NAN;
		t->auc = points[1].value;
		t->best = t->auc > points[0].value ? t->auc : points[0].value;
		assert_int_equal(store_series_append(p->store, t->id, SERIES_METRIC, "auc", "", points, 2, NULL), 0);
	}
	if (!group_draw(p, 3))
		return;
	t->status = RUN_DONE;
	assert_int_equal(store_run_start(p->store, t->id, &nobody, 2000, NULL), 0);
	assert_int_equal(store_run_end(p->store, t->id, &end, NULL), 0);
	if (group_draw(p, 4))
		return;
	t->archived = true;
	sql = xasprintf("UPDATE run SET archived = 9500 WHERE id = %lld", (long long)t->id);
	assert_int_equal(sqlite3_exec(p->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
	free(sql);
}

int group_world_open(void **out)
{
	struct group_world *p = xcalloc(1, sizeof(*p));

	p->random = 88172645463325252u;
	if (store_fixture_open("groups", &p->folder, &p->store))
		return -1;
	assert_int_equal(store_begin(p->store, STORE_NORMAL, NULL), 0);
	for (int i = 0; i < GROUP_RUNS; i++)
		add_run(p, i);
	assert_int_equal(store_end(p->store, true, NULL), 0);
	*out = p;
	return 0;
}

int group_world_close(void **in)
{
	struct group_world *p = *in;

	store_close(p->store);
	dir_remove(p->folder, NULL);
	free(p->folder);
	free(p);
	return 0;
}

const char *const group_filters[GROUP_FILTERS] = {NULL, "archived", "best(metrics.auc) >= 0.25",
                                                  "params.depth = 1 and tags.team", "id = nothing"};

bool group_is_one(const char *depth)
{
	return depth && (!strcmp(depth, "1") || !strcmp(depth, "1.0"));
}

bool group_keeps(const struct group_truth *t, int which)
{
	if (t->archived != (which == 1))
		return false;
	switch (which) {
	case 2:
		return t->best >= 0.25;
	case 3:
		return group_is_one(t->params[0]) && t->tag;
	case 4:
		return false;
	default:
		return true;
	}
}
