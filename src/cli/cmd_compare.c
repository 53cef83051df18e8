/* assay compare RUN RUN…: what differs, and whether it is more than noise. */
#include <math.h>

#include "assay/work.h"

#include "cli.h"
#include "commands.h"

static const char *const kinds[] = {"About", "Parameters", "Metrics", "Data", "Tags"};

static void cells(struct listing *g, const struct work_diff *d, const struct work_diff_row *row)
{
	char people[NUM_TEXT];
	for (size_t i = 0; i < d->run_count; i++) {
		bool best = row->best == (long)i;
		if (!row->text[i]) {
			listing_none(g);
		} else if (row->value) {
			char *text = xasprintf("%s%s", isnan(row->value[i]) ? "nan" : number_text(row->value[i], people),
			                       best ? " *" : "");
			listing_both(g, text, row->text[i], true, best ? GRID_GOOD : GRID_PLAIN);
			free(text);
		} else {
			listing_text(g, row->text[i], row->differs ? GRID_PLAIN : GRID_MUTED);
		}
	}
}

/* One table a kind, so that metrics line up with metrics. */
static bool part(const struct cli *c, const struct work_diff *d, enum work_diff_kind kind, bool only)
{
	struct listing g;
	bool any = false;
	listing_init(&g);
	listing_column(&g, kinds[kind], "name", GRID_LEFT);
	for (size_t i = 0; i < d->run_count; i++) {
		struct str name;
		str_init(&name);
		safe_text(&name, d->runs[i].name, strlen(d->runs[i].name), 0);
		listing_column(&g, name.data, d->runs[i].name, kind == DIFF_METRIC ? GRID_POINT : GRID_LEFT);
		str_release(&name);
	}
	for (size_t i = 0; i < d->row_count; i++) {
		const struct work_diff_row *row = &d->rows[i];
		if (row->kind != kind || (only && !row->differs))
			continue;
		any = true;
		char *name = row->context[0] ? xasprintf("%s (%s)", row->name, row->context) : xstrdup(row->name);
		listing_text(&g, name, GRID_PLAIN);
		cells(&g, d, row);
		free(name);
	}
	if (any) {
		listing_print(&g, c, stdout);
		putchar('\n');
	}
	listing_release(&g);
	return any;
}

static void verdicts(const struct cli *c, const struct work_diff *d)
{
	struct listing g;
	char number[NUM_TEXT], low[NUM_TEXT], high[NUM_TEXT];
	char *title = xasprintf("AUC against %s, same cases", d->runs[d->baseline].name);
	struct str safe;
	str_init(&safe);
	safe_text(&safe, title, strlen(title), 0);
	listing_init(&g);
	listing_column(&g, safe.data, "run", GRID_LEFT);
	listing_column(&g, "difference", "difference", GRID_POINT);
	listing_column(&g, "95 % interval", "interval", GRID_LEFT);
	listing_column(&g, "p", "p", GRID_POINT);
	listing_column(&g, "", "verdict", GRID_LEFT);
	for (size_t i = 0; i < d->run_count; i++) {
		const struct work_diff_pair *p = &d->pairs[i];
		if (i == d->baseline)
			continue;
		listing_text(&g, d->runs[i].name, GRID_PLAIN);
		if (!p->there) {
			listing_none(&g);
			listing_none(&g);
			listing_none(&g);
			listing_text(&g, p->why, GRID_MUTED);
			continue;
		}
		char *interval =
		    xasprintf("[%s, %s]", number_text(p->pair.low, low), number_text(p->pair.high, high));
		const char *sign = p->pair.difference > 0 ? "+" : "";
		char *difference = xasprintf("%s%s", sign, number_text(p->pair.difference, number));
		listing_text(&g, difference, GRID_PLAIN);
		listing_text(&g, interval, GRID_PLAIN);
		listing_num(&g, p->pair.p, 3);
		if (isnan(p->pair.p))
			listing_text(&g, "the same ranking", GRID_MUTED);
		else if (p->pair.low > 0)
			listing_text(&g, "better", GRID_GOOD);
		else if (p->pair.high < 0)
			listing_text(&g, "worse", GRID_BAD);
		else
			listing_text(&g, "no more than noise", GRID_MUTED);
		free(interval);
		free(difference);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
	str_release(&safe);
	free(title);
}

static void print(struct cli *c, const struct work_diff *d)
{
	bool only = cli_has(c, "only-differences"), any = false;
	if (c->json) {
		struct str json;
		str_init(&json);
		work_diff_json(d, only, &json);
		json_print(&json, stdout);
		str_release(&json);
		return;
	}
	for (int kind = DIFF_ABOUT; kind <= DIFF_TAG; kind++)
		any = part(c, d, (enum work_diff_kind)kind, only) || any;
	if (!any && !c->quiet)
		puts("nothing differs\n");
	verdicts(c, d);
}

int cmd_compare(struct cli *c)
{
	struct store *store = NULL;
	struct work_diff diff;
	const char *baseline = cli_get(c, "baseline");
	int64_t *ids = xcalloc(c->arg_count + 1, sizeof *ids), base = 0;
	size_t count = 0, at = 0;
	int status = work_open(c->store, STORE_READ, &store, &c->err);
	for (; count < c->arg_count && status == 0; count++) {
		status = store_run_find(store, c->args[count], &ids[count], &c->err);
		for (size_t i = 0; i < count && status == 0; i++)
			if (ids[i] == ids[count])
				status =
				    error_set(&c->err, ERR_USAGE, "%s and %s are the same run", c->args[i], c->args[count]);
	}
	if (status == 0 && baseline) {
		status = store_run_find(store, baseline, &base, &c->err);
		for (at = 0; at < count && ids[at] != base;)
			at++;
		/* A baseline that is none of the runs joins them, in front. */
		if (status == 0 && at == count) {
			memmove(ids + 1, ids, count * sizeof *ids);
			ids[0] = base;
			count++;
			at = 0;
		}
	}
	if (status == 0)
		status = work_compare(store, ids, count, at, &diff, &c->err);
	if (status == 0) {
		print(c, &diff);
		work_diff_release(&diff);
	}
	free(ids);
	store_close(store);
	return status;
}
