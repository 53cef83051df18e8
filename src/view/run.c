/* One run: summary, metrics, output, system use, files, data. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models.h"
#include "run.h"
#include "runs.h"
#include "run_edits.h"
#include "run_tabs.h"
#include "view_inside.h"

enum { TAG_SUMMARY = 1, TAG_METRICS, TAG_SAMPLES, TAG_LOG, TAG_TARGET, TAG_STOP, TAG_REGISTER, TAG_EDIT };
/* The last ones are lists, in the order of enum run_list. */
enum { TAB_SUMMARY, TAB_METRICS, TAB_LOG, TAB_SYSTEM, TAB_FIRST_LIST, TABS = TAB_FIRST_LIST + RUN_LISTS };
static const char *const TAB_NAMES[TABS] = {"Summary", "Metrics", "Log", "System", "Files", "Data", "Params"};
/* Points of a curve: two a column on a wide screen. */
#define CURVE_POINTS 800

struct run_view {
	int64_t id;
	int tab;
	struct arena *arena; /* of seen */
	const struct run_seen *seen;
	struct charts metrics, samples;
	struct ui_pager *log;
	uint64_t log_next;
	bool log_begun, log_live;
	struct facts facts; /* of the summary */
	struct list lists[RUN_LISTS];
	struct runs_stop_ask stop;
	struct register_dialog registering;
	struct run_edits edits;
	char fault[1024], log_fault[1024];
};

static void ask_summary(struct view *v)
{
	struct run_view *r = v->state;
	struct run_ask ask = {.id = r->id};

	ui_ask_front(v, TAG_SUMMARY, view_run_read, &ask, sizeof ask, NULL);
}

static void ask_curves(struct view *v, int tag)
{
	struct run_view *r = v->state;
	struct run_curves_ask ask = {
	    .id = r->id, .kind = tag == TAG_METRICS ? SERIES_METRIC : SERIES_SAMPLE, .buckets = CURVE_POINTS};

	if (ui_asking(v, tag))
		return;
	charts_wanted(tag == TAG_METRICS ? &r->metrics : &r->samples, &ask.part);
	ui_ask(v, tag, view_run_read_curves, &ask, sizeof ask, NULL);
}

static void read_metrics(struct view *v)
{
	ask_curves(v, TAG_METRICS);
}

static void read_samples(struct view *v)
{
	ask_curves(v, TAG_SAMPLES);
}

static void ask_log(struct view *v)
{
	struct run_view *r = v->state;
	struct run_log_ask ask = {.offset = r->log_begun ? r->log_next : UINT64_MAX};

	if (!r->seen || ui_asking(v, TAG_LOG))
		return;
	memcpy(ask.uuid, r->seen->summary.run.uuid, sizeof ask.uuid);
	ui_ask(v, TAG_LOG, view_run_read_log, &ask, sizeof ask, NULL);
}

/* What the tab on top needs. */
static void ask_tab(struct view *v)
{
	struct run_view *r = v->state;

	if (r->tab == TAB_METRICS)
		ask_curves(v, TAG_METRICS);
	else if (r->tab == TAB_SYSTEM)
		ask_curves(v, TAG_SAMPLES);
	else if (r->tab == TAB_LOG)
		ask_log(v);
}

static void show_tab(struct view *v, int tab)
{
	struct run_view *r = v->state;

	r->tab = tab;
	ui_state_set(v, "tab", TAB_NAMES[tab]);
	ask_tab(v);
}

/* The list that is seen; NULL: another part is. */
static struct list *list_now(struct run_view *r)
{
	return r->tab < TAB_FIRST_LIST ? NULL : &r->lists[r->tab - TAB_FIRST_LIST];
}

const struct run_summary *view_run_summary(struct view *v)
{
	return &((struct run_view *)v->state)->seen->summary;
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct run_view *r = v->state;
	const struct run_args *in = args;
	int tab = view_tab_named(TAB_NAMES, TABS, in->tab);

	if (in->tab && tab < 0)
		return error_set(err, ERR_USAGE,
		                 "a run has no part \"%s\": summary, metrics, log, system, files, data, params, "
		                 "recognised",
		                 in->tab);
	if (tab < 0)
		tab = view_tab_named(TAB_NAMES, TABS, ui_state_get(v, "tab"));
	r->id = in->id;
	r->tab = tab < 0 ? TAB_SUMMARY : tab;
	charts_init(&r->metrics, v, read_metrics);
	charts_init(&r->samples, v, read_samples);
	r->metrics.mono = r->samples.mono = view_app_of(v)->mono;
	r->metrics.empty = "No metric has been reported over several steps.\n\n"
	                   "A program reports by printing  loss=0.31 step=20\n"
	                   "or a JSON line in the folder that ASSAY_EVENTS names.";
	r->samples.time_only = true;
	r->samples.empty = "No curves: they take two samples, of which there is one a second.";
	r->log = ui_pager_new(v);
	ui_pager_empty(r->log, "Reading…");
	ui_pager_follow(r->log, true);
	for (int i = 0; i < RUN_LISTS; i++)
		list_init(&r->lists[i], v, &VIEW_RUN_LISTS[i]);
	ask_summary(v);
	ask_tab(v);
	return 0;
}

static void close_view(struct view *v)
{
	struct run_view *r = v->state;

	ui_pager_free(r->log);
	run_edits_release(&r->edits);
	charts_release(&r->metrics);
	charts_release(&r->samples);
	facts_release(&r->facts);
	for (int i = 0; i < RUN_LISTS; i++)
		list_release(&r->lists[i]);
	arena_free(r->arena);
}

static void draw(struct view *v, struct surface *s)
{
	struct run_view *r = v->state;
	struct surface body = surface_part(s, 0, 2, s->w, s->h - 2);
	int used = ui_tabs_draw(s, 0, TAB_NAMES, TABS, r->tab);

	if (r->fault[0]) {
		ui_paragraph(&body, 3, 1, STYLE_ERROR, r->fault);
		return;
	}
	if (!r->seen) {
		surface_put(&body, 3, 1, STYLE_MUTED, "Reading…");
		return;
	}
	if (used + 16 < s->w) {
		const struct run_row *run = &r->seen->summary.run;
		const char *status = store_status_name(run->status);
		bool flagged = *run->flag && !store_status_over(run->status);
		style_id style = flagged ? STYLE_WARN : ui_status_style(status);
		int width;

		status = flagged ? run_flag_word(run->flag) : status;
		width = (int)strlen(status) + 2;
		surface_glyph(s, s->w - width - 1, 0, style, flagged ? GLYPH_WARN : ui_status_glyph(status));
		surface_put(s, s->w - width + 1, 0, style, status);
	}
	switch (r->tab) {
	case TAB_METRICS:
		charts_draw(&r->metrics, &body);
		break;
	case TAB_SYSTEM:
		charts_draw(&r->samples, &body);
		break;
	case TAB_LOG:
		if (r->log_fault[0])
			ui_paragraph(&body, 3, 1, STYLE_ERROR, r->log_fault);
		else
			ui_pager_draw(r->log, &body, true);
		break;
	case TAB_SUMMARY:
		view_draw_summary(&r->facts, &r->seen->summary, &body, ui_now(v->ui));
		break;
	default:
		body = surface_part(s, 0, 1, s->w, s->h - 1);
		list_draw(list_now(r), &body);
		break;
	}
}

/* ---- stopping, by id and as the run is then ---- */

static void stop_accepted(void *user)
{
	struct view *v = user;
	struct run_view *r = v->state;

	ui_do(v, TAG_STOP, view_runs_write_stop, &r->stop, sizeof r->stop, NULL);
}

static void confirm_stop(struct view *v, const struct runs_targets *t)
{
	struct run_view *r = v->state;
	char text[512];

	if (t->count == 0) {
		ui_message(v->ui, STYLE_WARN, "this run has ended already");
		ask_summary(v);
		return;
	}
	r->stop.count = 1;
	memcpy(r->stop.uuids[0], t->runs[0].uuid, ID_TEXT);
	snprintf(text, sizeof text,
	         "%.200s\nwill be interrupted; what does not end within %d s is terminated, then killed.",
	         t->runs[0].name, RUN_GRACE_MS / 1000);
	ui_confirm(v, "Stop this run?", text, "stop it", stop_accepted, v);
}

static bool is_over(const struct run_view *r)
{
	return r->seen && store_status_over(r->seen->summary.run.status);
}

static bool tab_action(struct view *v, enum action what)
{
	struct run_view *r = v->state;

	switch (r->tab) {
	case TAB_METRICS:
		return charts_action(&r->metrics, what);
	case TAB_SYSTEM:
		return charts_action(&r->samples, what);
	case TAB_LOG:
		return ui_pager_action(r->log, what);
	default:
		return list_now(r) ? list_action(list_now(r), what) : facts_action(&r->facts, what, v->body_h - 2);
	}
}

static bool action(struct view *v, enum action what)
{
	struct run_view *r = v->state;

	switch ((int)what) {
	case ACTION_APP_NEXT_PART:
		show_tab(v, (r->tab + 1) % TABS);
		return true;
	case ACTION_APP_PREVIOUS_PART:
		show_tab(v, (r->tab + TABS - 1) % TABS);
		return true;
	case ACTION_RUN_STOP: {
		struct runs_targets_ask ask = {.ids = {r->id}, .count = 1};

		ui_ask_front(v, TAG_TARGET, view_runs_read_targets, &ask, sizeof ask, NULL);
		return true;
	}
	case ACTION_RUN_LAUNCH: {
		struct launch_args args = {.like = r->id};

		ui_open(v->ui, &LAUNCH_VIEW, &args);
		return true;
	}
	case ACTION_RUN_ARCHIVE:
	case ACTION_RUN_REMOVE:
	case ACTION_RUN_TAG:
	case ACTION_RUN_NOTE:
	case ACTION_RUN_RENAME:
		run_edits_begin(&r->edits, v, TAG_EDIT, what, &r->id, 1, r->seen ? r->seen->summary.run.name : NULL,
		                NULL);
		return true;
	case ACTION_RUN_RECOGNISED: {
		struct recognised_args args = {.run = r->id};

		ui_open(v->ui, &RECOGNISED_VIEW, &args);
		return true;
	}
	case ACTION_RUN_REGISTER:
		view_register_begin(&r->registering, v, TAG_REGISTER, r->id);
		return true;
	case ACTION_RUN_BIAS: {
		struct bias_args args = {.run = r->id};

		ui_open(v->ui, &BIAS_REPORT_VIEW, &args);
		return true;
	}
	case ACTION_APP_REFRESH:
		ask_summary(v);
		ask_tab(v);
		return true;
	default:
		return tab_action(v, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct run_view *r = v->state;

	if (what == ACTION_RUN_REGISTER)
		return !r->seen ? "it is being read" : !is_over(r) ? "this run has not ended yet" : NULL;
	if (what == ACTION_RUN_STOP)
		return !r->seen ? "it is being read" : is_over(r) ? "this run has ended" : NULL;
	if (what == ACTION_RUN_LAUNCH)
		return r->tab == TAB_LOG ? "n is the next match here; go to another tab" : NULL;
	if (r->tab == TAB_METRICS)
		return charts_why_not(&r->metrics, what);
	if (r->tab == TAB_SYSTEM)
		return charts_why_not(&r->samples, what);
	if (r->tab == TAB_LOG)
		return NULL;
	return list_now(r) ? list_why_not(list_now(r), what) : list_none(what);
}

static const char *contexts_now(struct view *v)
{
	struct run_view *r = v->state;

	switch (r->tab) {
	case TAB_METRICS:
	case TAB_SYSTEM:
		return "chart run list";
	case TAB_LOG: /* the pager's n (next match) comes before launch */
		return "pager run";
	default:
		return "run list";
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	struct run_view *r = v->state;

	if (e->kind != TERM_EVENT_MOUSE)
		return false;
	if (e->mouse == TERM_MOUSE_PRESS && e->y == 0) {
		int hit = ui_tabs_hit(TAB_NAMES, TABS, r->tab, v->body_w, e->x);

		if (hit >= 0)
			show_tab(v, hit);
		return hit >= 0;
	}
	if (list_now(r))
		return list_event(list_now(r), e);
	return r->tab == TAB_LOG && ui_pager_event(r->log, e);
}

/* ---- answers ---- */

static void on_summary(struct view *v, struct ui_result *result)
{
	struct run_view *r = v->state;
	struct arena *before = r->arena;
	bool first = !r->seen;

	r->arena = result->arena;
	r->seen = result->data;
	result->arena = NULL;
	for (int i = 0; i < RUN_LISTS; i++)
		list_set_rows(&r->lists[i], r->seen->lists[i].rows, r->seen->lists[i].count);
	arena_free(before);
	r->fault[0] = 0;
	if (first && r->tab == TAB_LOG)
		ask_log(v);
}

static void on_log(struct view *v, const struct run_log_part *part)
{
	struct run_view *r = v->state;

	if (!r->log_begun && part->cut) {
		static const char note[] = "… what came before is in the file: assay log RUN\n";

		ui_pager_add(r->log, note, sizeof note - 1);
	}
	r->log_begun = true;
	r->log_next = part->next;
	r->log_live = part->live;
	r->log_fault[0] = 0;
	ui_pager_empty(r->log, part->live ? "No output yet." : "This run has printed nothing.");
	if (part->len > 0)
		ui_pager_add(r->log, part->bytes, part->len);
	if (part->more)
		ask_log(v);
}

static void on_result(struct view *v, struct ui_result *result)
{
	struct run_view *r = v->state;

	if (result->status != 0) {
		result->beside = (result->tag == TAG_LOG && r->tab != TAB_LOG) ||
		                 (result->tag == TAG_METRICS && r->tab != TAB_METRICS) ||
		                 (result->tag == TAG_SAMPLES && r->tab != TAB_SYSTEM);
		if (result->tag == TAG_EDIT)
			run_edits_show(&r->edits, result);
		if (result->tag == TAG_SUMMARY && !result->cancelled)
			snprintf(r->fault, sizeof r->fault, "%s", result->err.text);
		else if (result->tag == TAG_LOG && !result->cancelled)
			snprintf(r->log_fault, sizeof r->log_fault, "%s", result->err.text);
		else if (!result->cancelled && result->tag != TAG_STOP && result->tag != TAG_REGISTER &&
		         result->tag != TAG_EDIT)
			ui_error(v->ui, &result->err);
		return;
	}
	switch (result->tag) {
	case TAG_SUMMARY:
		on_summary(v, result);
		break;
	case TAG_METRICS:
	case TAG_SAMPLES:
		charts_set(result->tag == TAG_METRICS ? &r->metrics : &r->samples, result->arena, result->data);
		result->arena = NULL;
		break;
	case TAG_LOG:
		on_log(v, result->data);
		break;
	case TAG_TARGET:
		confirm_stop(v, result->data);
		break;
	case TAG_REGISTER:
		view_register_show(v, result->data);
		break;
	case TAG_EDIT:
		run_edits_show(&r->edits, result);
		ask_summary(v);
		break;
	case TAG_STOP:
		ui_command(v->ui, "assay stop %s", view_short_id(r->stop.uuids[0]));
		ui_message(v->ui, STYLE_MESSAGE, "the run was asked to stop");
		ui_lasting(v->ui, "a run that was stopped does not go on: launch it again");
		ask_summary(v);
		break;
	default:
		break;
	}
}

static void tick(struct view *v)
{
	struct run_view *r = v->state;

	/* A run that is over does not change any more. */
	if (r->tab == TAB_LOG && (!is_over(r) || r->log_live))
		ask_log(v); /* output is no change of the store */
}

static void changed(struct view *v)
{
	/* Of a run that is over, tags, notes and the name may still change. */
	ask_summary(v);
	if (!is_over(v->state))
		ask_tab(v);
}

static void title(struct view *v, struct str *out)
{
	struct run_view *r = v->state;

	str_adds(out, r->seen ? r->seen->summary.run.name : "run");
}

static void place(struct view *v, struct str *out)
{
	const struct run_view *r = v->state;
	struct arena *a = arena_new();

	if (r->seen)
		str_addf(out, "run:%s/%s", r->seen->summary.run.uuid, view_lower(a, TAB_NAMES[r->tab]));
	arena_free(a);
}

static void lists(struct view *v, void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	const struct run_view *r = v->state;

	if (r->tab == TAB_SUMMARY && r->seen)
		facts_list(&r->facts, "summary", fn, user);
}

const struct view_ops RUN_VIEW = {
    .name = "run",
    .contexts = "run list",
    .state_size = sizeof(struct run_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .place = place,
    .lists = lists,
    .contexts_now = contexts_now,
    .tick_ms = 1000,
    .tick = tick,
    .changed = changed,
};
