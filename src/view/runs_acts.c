/* What is done to runs: marks, stopping, comparing, copying, export. */
#include <string.h>

#include "runs_inside.h"

/* ---- stopping ---- */

static void ask_targets(struct runs *r)
{
	struct runs_targets_ask ask = {0};
	size_t count;
	const int64_t *ids = ui_table_targets(r->table, &count);

	if (count > RUNS_TARGETS_MAX) {
		ui_message(r->view->ui, STYLE_WARN, "%zu runs are marked; at most %d can be stopped at once", count,
		           RUNS_TARGETS_MAX);
		return;
	}
	memcpy(ask.ids, ids, count * sizeof *ids);
	ask.count = count;
	ui_ask_front(r->view, TAG_TARGETS, view_runs_read_targets, &ask, sizeof ask, NULL);
}

static void stop_accepted(void *user)
{
	struct runs *r = user;

	ui_do(r->view, TAG_STOP, view_runs_write_stop, &r->stop, sizeof r->stop, NULL);
}

static void confirm_stop(struct runs *r, const struct runs_targets *t)
{
	struct str text, names, yes;

	if (t->count == 0) {
		ui_message(r->view->ui, STYLE_WARN,
		           t->over == 1 ? "this run has ended already" : "these runs have ended already");
		return;
	}
	str_init(&text);
	str_init(&names);
	str_init(&yes);
	r->stop.count = t->count;
	for (size_t i = 0; i < t->count; i++) {
		snprintf(r->stop.uuids[i], ID_TEXT, "%s", t->runs[i].uuid);
		if (i < 3)
			str_addf(&names, "%s%s", i ? ", " : "", t->runs[i].name);
	}
	if (t->count > 3)
		str_addf(&names, " and %zu more", t->count - 3);
	str_addf(&text, "%s\nwill be interrupted; what does not end within %d s is terminated, then killed.",
	         names.data, RUN_GRACE_MS / 1000);
	str_addf(&yes, t->count == 1 ? "stop it" : "stop %zu runs", t->count);
	ui_confirm(r->view, t->count == 1 ? "Stop this run?" : "Stop these runs?", text.data, yes.data,
	           stop_accepted, r);
	str_release(&text);
	str_release(&names);
	str_release(&yes);
}

static void stopped(struct runs *r, size_t count)
{
	if (r->stop.count == 1)
		ui_command(r->view->ui, "assay stop %s", view_short_id(r->stop.uuids[0]));
	ui_message(r->view->ui, STYLE_MESSAGE,
	           count == 1 ? "%zu run was asked to stop" : "%zu runs were asked to stop", count);
	ui_lasting(r->view->ui, "a run that was stopped does not go on: launch it again");
}

/* ---- comparing ---- */

/* The marked runs, or else the current one; the baseline before them. In the arena. */
static int64_t *compared(const struct runs *r, struct arena *a, size_t *count)
{
	size_t targets, n = 0;
	const int64_t *ids = ui_table_targets(r->table, &targets);
	int64_t *out = arena_array(a, targets + 1, sizeof *out);

	if (r->baseline_id)
		out[n++] = r->baseline_id;
	for (size_t i = 0; i < targets; i++)
		if (ids[i] != r->baseline_id)
			out[n++] = ids[i];
	*count = n;
	return out;
}

static void open_compare(struct runs *r)
{
	struct arena *a = arena_new();
	struct compare_args args;

	args.ids = compared(r, a, &args.count);
	ui_open(r->view->ui, &COMPARE_VIEW, &args);
	arena_free(a);
}

static const char *compare_why_not(const struct runs *r)
{
	struct arena *a = arena_new();
	size_t count;

	compared(r, a, &count);
	arena_free(a);
	return count >= 2            ? NULL
	       : r->baseline_id != 0 ? "this is the baseline itself: move to another run"
	                             : "mark two or more: Space; or pin a baseline: B";
}

/* ---- marks ---- */

/* Ids of all that match, or of those between two rows: looked for behind the screen, however many. */
static void find_marks(void *user, int64_t from, int64_t to)
{
	struct runs *r = ((struct view *)user)->state;
	struct runs_ids_ask ask = {.from = from, .to = to};
	const struct ui_sort *sort = ui_table_sort(r->table, &ask.sort_count);

	memcpy(ask.sort, sort, (size_t)ask.sort_count * sizeof *sort);
	runs_scope_now(r, &ask.scope);
	ui_ask_aside(r->view, TAG_IDS, view_runs_read_ids, &ask, sizeof ask, NULL);
}

/* ---- copy and export ---- */

static void copy_rows(void *user, const int64_t *ids, size_t count)
{
	struct runs *r = ((struct view *)user)->state;
	struct ui_ask_rows rows = {0};
	struct runs_rows_ask ask = {.count = count};
	struct arena *keep = arena_new();
	int64_t *copy = arena_array(keep, count + 1, sizeof *copy);

	memcpy(copy, ids, count * sizeof *ids);
	ask.ids = copy;
	runs_page_ask_now(r, &rows, &ask.how);
	ui_ask_aside(r->view, TAG_COPY, view_runs_read_rows, &ask, sizeof ask, keep);
}

static void export_rows(void *user, const struct ui_export_ask *file)
{
	struct runs *r = ((struct view *)user)->state;
	struct ui_ask_rows rows = {0};
	struct runs_export_ask ask = {.file = *file};
	const struct ui_sort *sort = ui_table_sort(r->table, &rows.sort_count);

	memcpy(rows.sort, sort, (size_t)rows.sort_count * sizeof *sort);
	memcpy(r->export_path, file->path, sizeof r->export_path);
	if (runs_grouped(r)) {
		runs_groups_export(r, file);
		return;
	}
	runs_page_ask_now(r, &rows, &ask.how);
	ui_ask_aside(r->view, TAG_EXPORT, view_runs_export, &ask, sizeof ask, NULL);
}

/* ---- which act, and what comes of it ---- */

void runs_acts_init(struct runs *r)
{
	ui_table_on_find(r->table, find_marks);
	ui_table_on_copy(r->table, copy_rows);
	ui_table_on_export(r->table, export_rows);
}

static void open_run(struct runs *r, const char *tab)
{
	struct run_args args = {.id = ui_table_cursor(r->table), .tab = tab};

	if (args.id)
		ui_open(r->view->ui, &RUN_VIEW, &args);
}

static void begin_edit(struct runs *r, enum action what)
{
	const struct ui_row *row = ui_table_row(r->table);
	int64_t current = ui_table_cursor(r->table);
	bool one = what == ACTION_RUN_NOTE || what == ACTION_RUN_RENAME;
	size_t count = current ? 1 : 0;
	const int64_t *ids = one ? &current : ui_table_targets(r->table, &count);

	if (what == ACTION_RUN_PURGE)
		count = 0;
	struct arena *a = arena_new();
	struct runs_scope scope;

	runs_scope_now(r, &scope);
	run_edits_begin(&r->edits, r->view, TAG_EDIT, what, ids, count, row ? row->cells[0].text : NULL,
	                runs_scope_filter(&scope, a));
	arena_free(a);
}

bool runs_act(struct runs *r, enum action what)
{
	switch ((int)what) {
	case ACTION_LIST_OPEN:
		if (runs_grouped(r))
			runs_groups_open(r);
		else
			open_run(r, NULL);
		return true;
	case ACTION_RUN_LOG:
		open_run(r, "log");
		return true;
	case ACTION_RUN_COMPARE:
		open_compare(r);
		return true;
	case ACTION_RUN_BIAS: {
		struct bias_args args = {.run = ui_table_cursor(r->table)};

		ui_open(r->view->ui, &BIAS_REPORT_VIEW, &args);
		return true;
	}
	case ACTION_RUN_LAUNCH:
		ui_open(r->view->ui, &LAUNCH_VIEW, NULL);
		return true;
	case ACTION_RUN_STOP:
		ask_targets(r);
		return true;
	case ACTION_RUN_REGISTER:
		if (ui_table_cursor(r->table))
			view_register_begin(&r->registering, r->view, TAG_REGISTER, ui_table_cursor(r->table));
		return true;
	case ACTION_RUN_ARCHIVE:
	case ACTION_RUN_REMOVE:
	case ACTION_RUN_PURGE:
	case ACTION_RUN_TAG:
	case ACTION_RUN_NOTE:
	case ACTION_RUN_RENAME:
		begin_edit(r, what);
		return true;
	default:
		return false;
	}
}

/* A group has the id of its oldest run; nothing that is meant for a run may meet that one. */
static bool is_for_runs(enum action what)
{
	switch ((int)what) {
	case ACTION_RUN_COMPARE:
	case ACTION_RUN_STOP:
	case ACTION_RUN_LOG:
	case ACTION_RUN_ARCHIVE:
	case ACTION_RUN_REMOVE:
	case ACTION_RUN_TAG:
	case ACTION_RUN_NOTE:
	case ACTION_RUN_RENAME:
	case ACTION_RUN_BIAS:
	case ACTION_RUN_REGISTER:
	case ACTION_RUNS_BASELINE:
	case ACTION_RUNS_DIFFERENCE:
	case ACTION_LIST_MARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_MARK_RANGE:
	case ACTION_LIST_SUMMARY:
		return true;
	default:
		return false;
	}
}

const char *runs_act_why_not(const struct runs *r, enum action what)
{
	if (runs_grouped(r) && is_for_runs(what))
		return "these are groups: Enter shows the runs of one";
	if (what == ACTION_RUN_COMPARE)
		return compare_why_not(r);
	if (what == ACTION_RUN_STOP && view_pulse_running(r->view->ui) == 0)
		return "nothing is running";
	if (ui_table_cursor(r->table) == 0 && (what == ACTION_LIST_OPEN || is_for_runs(what)) &&
	    what != ACTION_RUNS_DIFFERENCE && what != ACTION_LIST_SUMMARY && what != ACTION_LIST_MARK_ALL)
		return runs_grouped(r) ? "there is no group here" : "there is no run here";
	if (what == ACTION_RUNS_DIFFERENCE && r->baseline_is != BASELINE_HERE &&
	    r->baseline_is != BASELINE_ARCHIVED)
		return "there is no baseline: B pins the current run";
	return NULL;
}

bool runs_act_result(struct runs *r, struct ui_result *result)
{
	bool ok = result->status == 0;

	switch (result->tag) {
	case TAG_IDS: {
		const struct runs_ids *found = ok ? result->data : NULL;

		/* The table waits for an answer in any case. */
		ui_table_found(r->table, found ? found->ids : NULL, found ? found->count : 0, false);
		return ok;
	}
	case TAG_TARGETS:
		if (ok)
			confirm_stop(r, result->data);
		return ok;
	case TAG_STOP:
		if (ok)
			stopped(r, *(const size_t *)result->data);
		return true; /* the writer's errors are shown already */
	case TAG_REGISTER:
		if (ok)
			view_register_show(r->view, result->data);
		return true;
	case TAG_EDIT:
		/* What has been put away is out of sight: no later act means it as well. */
		if (run_edits_show(&r->edits, result) &&
		    (r->edits.what == ACTION_RUN_ARCHIVE || r->edits.what == ACTION_RUN_REMOVE))
			ui_table_mark_many(r->table, r->edits.ids, r->edits.count, false);
		return true;
	case TAG_SAVE:
		runs_saved_done(r, result);
		return true;
	case TAG_COPY:
		if (ok) {
			const struct ui_page *page = result->data;

			ui_table_copy(r->table, page->rows, page->count);
		}
		return ok;
	case TAG_EXPORT:
		if (ok)
			ui_export_done(r->view->ui, r->export_path, *(const size_t *)result->data);
		return ok || ui_table_export_exists(r->table, &result->err);
	default:
		return false;
	}
}
