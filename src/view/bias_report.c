/* Bias: the report of one run. Who is selected, who is wrongly refused, at any threshold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bias_report.h"
#include "view_inside.h"

enum { TAG_CASES = 1, TAG_RESAMPLED, TAG_CALIBRATED };
const char *const BIAS_TABS[TABS] = {"Groups", "Intersections", "Calibration"};

/* The threshold rests so long before the slow intervals are asked for. */
#define REST_MS 250

struct bias_rows *bias_report_rows(struct report_view *r)
{
	return &r->rows[r->tab == TAB_INTERSECTIONS];
}

/* ---- the report follows ---- */

static size_t references_of(const struct report_view *r, struct bias_reference *out)
{
	for (size_t i = 0; i < r->reference_count; i++)
		out[i] = (struct bias_reference){r->references[i].by, r->references[i].group};
	return r->reference_count;
}

/* The columns that the tab on top shows, as --by has them; "" for the protected ones. */
static const char *by_of(const struct report_view *r, struct str *out)
{
	if (r->tab != TAB_CALIBRATION && (r->tab == TAB_GROUPS || r->pairs > 0)) {
		str_adds(out, r->report.partitions[r->partition[r->tab]].name);
		return out->data;
	}
	for (size_t i = 0; i < r->by.count; i++)
		str_addf(out, "%s%s", i ? "," : "", r->by.name[i]);
	return out->data;
}

void bias_report_say(struct view *v)
{
	const struct report_view *r = v->state;
	const char *words[12] = {"assay", "bias", r->answer->run}, *by;
	char threshold[NUM_TEXT];
	struct str line, columns, reference;
	size_t n = 3;

	str_init(&line);
	str_init(&columns);
	str_init(&reference);
	by = by_of(r, &columns);
	if (*by) {
		words[n++] = "--by";
		words[n++] = by;
	}
	if (r->tab == TAB_INTERSECTIONS)
		words[n++] = "--intersect";
	words[n++] = "--threshold";
	words[n++] = num_shortest(r->threshold, threshold);
	for (size_t i = 0; i < r->reference_count && !reference.len; i++)
		if (strcmp(r->references[i].by, by) == 0) {
			str_addf(&reference, "%s=%s", by, r->references[i].group);
			words[n++] = "--reference";
			words[n++] = reference.data;
		}
	words[n] = NULL;
	work_shell_line(words, &line);
	ui_command(v->ui, "%s", line.data);
	str_release(&line);
	str_release(&columns);
	str_release(&reference);
}

/* What was asked for before is stopped: its answer would be of another threshold. */
static void outdate(struct report_view *r)
{
	if (!r->loaded)
		return;
	r->asked = 0; /* no number of a resampling */
	atomic_fetch_add(&r->loaded->wanted, 1);
	atomic_store(&r->loaded->stop, true);
}

static void resample(struct view *v, void *user)
{
	struct report_view *r = v->state;
	struct arena *keep = arena_new();
	struct bias_reference references[BIAS_COLUMNS_MAX], *copies;
	struct bias_resample_ask ask = {.number = r->answer->number};
	size_t count = references_of(r, references);

	(void)user;
	if (!r->loaded || !r->has_report) {
		arena_free(keep);
		return;
	}
	copies = arena_array(keep, count + 1, sizeof *copies);
	for (size_t i = 0; i < count; i++)
		copies[i] = (struct bias_reference){arena_strdup(keep, references[i].by),
		                                    arena_strdup(keep, references[i].group)};
	view_bias_settings(r->loaded, r->threshold, copies, count, &ask.settings);
	ask.wanted = r->asked = atomic_load(&r->loaded->wanted);
	ui_ask(v, TAG_RESAMPLED, view_bias_read_resampled, &ask, sizeof ask, keep);
}

void bias_report_arrange(struct report_view *r)
{
	if (r->singles > 0)
		bias_rows_arrange(&r->rows[TAB_GROUPS], &r->report, r->partition[TAB_GROUPS], false);
	if (r->pairs > 0)
		bias_rows_arrange(&r->rows[TAB_INTERSECTIONS], &r->report, r->partition[TAB_INTERSECTIONS], true);
}

/* Counts and closed-form intervals at the threshold: at once. The rest: when it rests. */
void bias_report_update(struct view *v)
{
	struct report_view *r = v->state;
	struct bias_reference references[BIAS_COLUMNS_MAX];
	struct bias_settings settings;
	struct bias_report fresh;
	struct error err;

	outdate(r);
	view_bias_settings(r->loaded, r->threshold, references, references_of(r, references), &settings);
	if (bias_report(r->loaded->cases.table, &settings, &fresh, &err) != 0) {
		ui_error(v->ui, &err);
		return;
	}
	if (r->has_report)
		bias_report_release(&r->report);
	r->report = fresh;
	r->has_report = true;
	bias_report_arrange(r);
	r->rows[0].resampling = r->rows[1].resampling = true;
	ui_later(v, REST_MS, resample, NULL);
}

const char *bias_report_refer(struct report_view *r, const char *by, const char *group)
{
	size_t i = 0;

	if (strlen(by) >= BIAS_NAME || strlen(group) >= BIAS_NAME)
		return "the name is too long";
	while (i < r->reference_count && strcmp(r->references[i].by, by) != 0)
		i++;
	if (i == COUNT_OF(r->references))
		return "too many columns have a reference of their own already";
	if (i == r->reference_count)
		r->reference_count++;
	snprintf(r->references[i].by, BIAS_NAME, "%s", by);
	snprintf(r->references[i].group, BIAS_NAME, "%s", group);
	return NULL;
}

/* ---- loading ---- */

void bias_report_load(struct view *v)
{
	struct report_view *r = v->state;
	struct bias_load_ask ask = {.run = r->run, .by = r->by};

	ui_ask_front(v, TAG_CASES, view_bias_read_cases, &ask, sizeof ask, NULL);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct report_view *r = v->state;
	const struct bias_args *in = args;
	int tab = view_tab_named(BIAS_TABS, TABS, in->tab);

	if (in->tab && tab < 0)
		return error_set(err, ERR_USAGE,
		                 "a bias report has no part \"%s\": groups, intersections, calibration", in->tab);
	r->run = in->run;
	r->tab = tab < 0 ? TAB_GROUPS : tab;
	for (int i = 0; i < 2; i++)
		r->rows[i].shown = 1;
	r->threshold = (double)NAN;
	bias_report_load(v);
	return 0;
}

static void let_go(struct view *v)
{
	struct report_view *r = v->state;

	outdate(r);
	if (r->has_report)
		bias_report_release(&r->report);
	r->has_report = false;
	view_bias_give(view_app_of(v)->bias, r->loaded);
	r->loaded = NULL;
	arena_free(r->calibration_arena);
	r->calibration_arena = NULL;
	r->calibration = NULL;
}

static void close_view(struct view *v)
{
	struct report_view *r = v->state;

	let_go(v);
	for (int i = 0; i < 2; i++)
		bias_rows_release(&r->rows[i]);
	arena_free(r->arena);
}

void bias_report_ask_calibration(struct view *v)
{
	struct report_view *r = v->state;
	struct bias_calibrate_ask ask = {.number = r->answer ? r->answer->number : 0,
	                                 .by = r->partition[TAB_CALIBRATION]};

	if (r->tab == TAB_CALIBRATION && r->loaded && (!r->calibration || r->calibration->by != ask.by))
		ui_ask(v, TAG_CALIBRATED, view_bias_read_calibration, &ask, sizeof ask, NULL);
}

static void on_cases(struct view *v, struct ui_result *result)
{
	struct report_view *r = v->state;
	const struct bias_partition *partitions;
	const struct bias_answer *answer = result->data;
	bool unchosen = r->reference_count == 0;
	size_t count;

	let_go(v);
	arena_free(r->arena);
	r->arena = result->arena;
	r->answer = answer;
	result->arena = NULL;
	r->fault[0] = 0;
	if (answer->fault) {
		snprintf(r->fault, sizeof r->fault, "%s", answer->fault);
		return;
	}
	r->loaded = view_bias_take(view_app_of(v)->bias, answer->number);
	if (!r->loaded) { /* let go of meanwhile: the reader makes it anew */
		bias_report_load(v);
		return;
	}
	count = bias_partitions(r->loaded->cases.table, &partitions);
	r->singles = r->pairs = 0;
	for (size_t i = 0; i < count; i++)
		if (partitions[i].depth == 1)
			r->singles++;
		else
			r->pairs++;
	r->partition[TAB_GROUPS] = r->partition[TAB_CALIBRATION] = 0;
	r->partition[TAB_INTERSECTIONS] = r->singles;
	for (int i = 0; i < 2; i++)
		r->rows[i].by = SIZE_MAX;
	if (isnan(r->threshold))
		r->threshold = r->loaded->own;
	for (size_t i = 0; unchosen && i < r->loaded->reference_count; i++)
		bias_report_refer(r, r->loaded->references[i].by, r->loaded->references[i].group);
	bias_report_update(v);
	bias_report_ask_calibration(v);
}

static void on_resampled(struct view *v, const struct bias_resampled *got)
{
	struct report_view *r = v->state;

	if (!r->loaded || !r->has_report || got->wanted != r->asked)
		return;
	/* Another view of the same cases stopped it: again, after that one's. */
	if (!got->whole) {
		resample(v, NULL);
		return;
	}
	if (got->measure_count != r->report.measure_count || got->group_count != r->report.group_count)
		return;
	for (size_t i = 0; i < got->measure_count; i++) {
		struct bias_measure *m = &r->report.measures[i];

		m->v = got->measures[i].v;
		m->boot_low = got->measures[i].boot_low;
		m->boot_high = got->measures[i].boot_high;
		m->p = got->measures[i].p;
	}
	for (size_t i = 0; i < got->group_count; i++)
		r->report.groups[i].verdict = got->verdicts[i];
	r->report.replicates = got->replicates;
	r->report.seed = got->seed;
	r->rows[0].resampling = r->rows[1].resampling = false;
}

static void on_result(struct view *v, struct ui_result *result)
{
	struct report_view *r = v->state;

	if (result->status != 0) {
		if (result->cancelled)
			return;
		if (result->tag == TAG_CASES)
			snprintf(r->fault, sizeof r->fault, "%s", result->err.text);
		else
			ui_error(v->ui, &result->err);
		return;
	}
	switch (result->tag) {
	case TAG_CASES:
		on_cases(v, result);
		break;
	case TAG_RESAMPLED:
		on_resampled(v, result->data);
		break;
	case TAG_CALIBRATED:
		arena_free(r->calibration_arena);
		r->calibration_arena = result->arena;
		r->calibration = result->data;
		result->arena = NULL;
		break;
	default:
		break;
	}
}

static void draw(struct view *v, struct surface *s)
{
	bias_report_draw(v->state, s, view_app_of(v)->mono);
}

static void title(struct view *v, struct str *out)
{
	const struct report_view *r = v->state;

	if (!r->answer)
		return;
	str_adds(out, r->answer->run);
	if (r->answer->data)
		str_addf(out, " on %s", r->answer->data);
}

static void place(struct view *v, struct str *out)
{
	const struct report_view *r = v->state;
	struct arena *a = arena_new();

	if (r->answer)
		str_addf(out, "bias:%s/%s", r->answer->uuid, view_lower(a, BIAS_TABS[r->tab]));
	arena_free(a);
}

const struct view_ops BIAS_REPORT_VIEW = {
    .name = "bias-report",
    .contexts = "bias list",
    .state_size = sizeof(struct report_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = bias_report_action,
    .why_not = bias_report_why_not,
    .event = bias_report_event,
    .on_result = on_result,
    .title = title,
    .place = place,
};
