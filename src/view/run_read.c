/* One run, on the reader's thread: its summary, its curves, its output. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "run_tabs.h"
#include "view_inside.h"

#define LOG_LINES 2000
/* A summary of more is none: all of them are in the tab of metrics. */
#define SUMMARY_METRICS 200
#define LOG_BYTES       (256 << 10)

/* The recorded argv, a JSON array, as the line that a shell reads back. */
static const char *command_line(struct arena *a, const char *json)
{
	size_t count;
	const char **words = work_command_words(json, a, &count), *text;
	struct str line;

	if (!words)
		return arena_strdup(a, json ? json : "");
	str_init(&line);
	work_shell_line(words, &line);
	text = arena_memdup0(a, line.data, line.len);
	str_release(&line);
	return text;
}

static const char *last_line(struct store *s, const char *uuid, struct arena *a)
{
	struct run_log *log;
	char text[512] = "";

	if (run_log_open(s, uuid, &log, NULL) != 0)
		return "";
	run_log_last_line(log, text, sizeof text);
	run_log_close(log);
	return arena_strdup(a, text);
}

static int read_summary(struct store *s, int64_t id, struct arena *a, struct run_summary *out,
                        struct error *err)
{
	out->change = store_change(s);
	if (store_run_get(s, id, a, &out->run, err) != 0 ||
	    store_params(s, id, a, &out->params, &out->param_count, err) != 0 ||
	    store_tags(s, id, a, &out->tags, &out->tag_count, err) != 0 ||
	    store_notes(s, id, a, &out->notes, &out->note_count, err) != 0 ||
	    store_series_some(s, id, SERIES_METRIC, SUMMARY_METRICS, a, &out->metrics, &out->metric_count,
	                      &out->metric_total, err) != 0 ||
	    store_inputs(s, id, a, &out->inputs, &out->input_count, err) != 0 ||
	    store_artifacts(s, id, a, &out->artifacts, &out->artifact_count, err) != 0 ||
	    store_bad_lines(s, id, a, &out->bad, &out->bad_count, err) != 0)
		return -1;
	out->command = command_line(a, out->run.command);
	out->last_line = last_line(s, out->run.uuid, a);
	return 0;
}

/* The points of a series as they are, where they are few enough to be drawn one by one. */
static int exact_points(struct store *s, const struct series *series, int64_t started, double scale,
                        struct arena *a, struct curve *out, struct error *err)
{
	struct point *points;
	size_t count;
	double *step, *time, *by_step, *by_time;

	if (store_series_points(s, series->id, 0, 0, a, &points, &count, err) != 0)
		return -1;
	step = arena_array(a, count + 1, sizeof *step);
	time = arena_array(a, count + 1, sizeof *time);
	by_step = arena_array(a, count + 1, sizeof *by_step);
	by_time = arena_array(a, count + 1, sizeof *by_time);
	/* Points may come late: a chart needs them by place. Few points, nearly in order: insertion. */
	for (size_t i = 0; i < count; i++) {
		double x = (double)points[i].step,
		       t = points[i].time ? (double)(points[i].time - started) / 1000 : (double)NAN;
		size_t k;

		for (k = i; k > 0 && step[k - 1] > x; k--) {
			step[k] = step[k - 1];
			by_step[k] = by_step[k - 1];
		}
		step[k] = x;
		by_step[k] = points[i].value * scale;
		if (isnan(t))
			continue;
		for (k = out->time.count; k > 0 && time[k - 1] > t; k--) {
			time[k] = time[k - 1];
			by_time[k] = by_time[k - 1];
		}
		time[k] = fmax(t, 0);
		by_time[k] = points[i].value * scale;
		out->time.count++;
	}
	out->step = (struct curve_points){.x = step, .value = by_step, .count = count};
	out->time.x = time;
	out->time.value = by_time;
	return 0;
}

static int envelope(struct store *s, const struct series *series, enum series_axis axis, int64_t started,
                    double scale, int buckets, struct arena *a, struct curve_points *out, struct error *err)
{
	struct series_bucket *b;
	size_t count;
	double *x, *value, *low, *high;

	if (store_series_envelope(s, series->id, axis, 1, 0, buckets, a, &b, &count, err) != 0)
		return -1;
	x = arena_array(a, count + 1, sizeof *x);
	value = arena_array(a, count + 1, sizeof *value);
	low = arena_array(a, count + 1, sizeof *low);
	high = arena_array(a, count + 1, sizeof *high);
	for (size_t i = 0; i < count; i++) {
		double middle = b[i].x_low / 2 + b[i].x_high / 2;

		x[i] = axis == AXIS_TIME ? fmax(0, (middle - (double)started) / 1000) : middle;
		value[i] = b[i].last * scale;
		low[i] = b[i].min * scale;
		high[i] = b[i].max * scale;
	}
	*out = (struct curve_points){.x = x, .value = value, .low = low, .high = high, .count = count};
	return 0;
}

int view_run_curve(struct store *s, const struct series *series, const struct curve *look, int64_t started,
                   double scale, int buckets, enum series_axis axis, struct arena *a, struct curve *out,
                   struct error *err)
{
	*out = (struct curve){.name = look->name, .style = look->style};
	if (series->count <= buckets)
		return exact_points(s, series, started, scale, a, out, err);
	return envelope(s, series, axis, started, scale, buckets, a, axis == AXIS_TIME ? &out->time : &out->step,
	                err);
}

/* The curves of the first metric that has any, for the preview. */
static int read_trend(struct store *s, const struct run_summary *sum, struct arena *a, struct run_seen *seen,
                      struct error *err)
{
	struct curve_chart *chart = arena_alloc(a, sizeof *chart);
	struct curve *curves = arena_array(a, sum->metric_count + 1, sizeof *curves);

	*chart = (struct curve_chart){.curves = curves, .bottom = (double)NAN, .top = (double)NAN};
	for (size_t i = 0; i < sum->metric_count; i++) {
		const struct series *m = &sum->metrics[i];
		struct curve look = {.name = *m->context ? m->context : m->name, .style = (int)chart->count};

		if (m->count < 2 || (chart->name && strcmp(chart->name, m->name) != 0))
			continue;
		chart->name = m->name;
		if (view_run_curve(s, m, &look, sum->run.started, 1, 120, AXIS_STEP, a, &curves[chart->count++],
		                   err) != 0)
			return -1;
	}
	seen->trend = chart->count > 0 ? chart : NULL;
	return 0;
}

int view_run_read(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct run_ask *ask = arg;
	struct run_seen *seen = arena_alloc(a, sizeof *seen);
	struct run_summary *sum = &seen->summary;

	*result = seen;
	if (read_summary(desk->store, ask->id, a, sum, err) != 0)
		return -1;
	view_run_rows(seen, a, view_desk_now(desk));
	return ask->trend ? read_trend(desk->store, sum, a, seen, err) : 0;
}

#define MIB (1.0 / (1 << 20))

/* What the supervisor measures, in words and units of people, and in the order in which they look at it. */
static const struct known_sample {
	const char *name, *title, *unit;
	double scale;
} known_samples[] = {
    {"cpu", "CPU", "% of one core", 1},
    {"rss", "memory", "MiB", MIB},
    {"pss", "memory, shares divided", "MiB", MIB},
    {"gpu", "GPU", "% of the time", 1},
    {"gpu.memory", "GPU memory", "MiB, all", MIB},
    {"gpu.own", "GPU memory", "MiB, this run", MIB},
    {"gpu.power", "GPU power", "W", 1},
    {"gpu.temperature", "GPU temperature", "°C", 1},
    {"read", "read", "MiB in all", MIB},
    {"written", "written", "MiB in all", MIB},
    {"received", "network in, machine", "MiB", MIB},
    {"sent", "network out, machine", "MiB", MIB},
    {"processes", "processes", "", 1},
    {"threads", "threads", "", 1},
};

/* Returns the count of them for one that is none of them. */
static size_t sample_at(const char *name)
{
	size_t at = 0;

	while (at < COUNT_OF(known_samples) && strcmp(known_samples[at].name, name) != 0)
		at++;
	return at;
}

static int by_sample(const void *a, const void *b)
{
	const struct series *x = a, *y = b;
	size_t at = sample_at(x->name), other = sample_at(y->name);
	int by = at != other ? (at > other) - (at < other) : strcmp(x->name, y->name);

	return by ? by : strcmp(x->context, y->context);
}

/* Returns what to multiply it by. */
static double describe_sample(struct curve_chart *chart, const char *name)
{
	size_t at = sample_at(name);
	bool known = at < COUNT_OF(known_samples);

	chart->name = known ? known_samples[at].title : name;
	if (known)
		chart->unit = known_samples[at].unit;
	return known ? known_samples[at].scale : 1;
}

/* The curves of a chart: of the series from `first` on that have its name, as far as `end`. */
static int read_chart(struct store *s, const struct run_curves_ask *ask, const struct series *first,
                      const struct series *end, int64_t started, struct arena *a, struct curve_chart *chart,
                      struct error *err)
{
	const struct series *next = first;
	struct curve *curves;
	double scale = 1;

	while (next < end && strcmp(next->name, first->name) == 0)
		next++;
	chart->curves = curves = arena_array(a, (size_t)(next - first), sizeof *curves);
	if (ask->kind == SERIES_SAMPLE) {
		scale = describe_sample(chart, first->name);
		chart->bottom = 0; /* amounts are read against none */
	}
	for (const struct series *one = first; one < next; one++) {
		struct curve look = {.name = *one->context ? one->context : one->name, .style = (int)chart->count};

		if (one->count < 2)
			continue;
		if (view_run_curve(s, one, &look, started, scale, ask->buckets,
		                   ask->part.by_time ? AXIS_TIME : AXIS_STEP, a, &curves[chart->count++], err) != 0)
			return -1;
	}
	if (chart->count == 1 && *first->context && next == first + 1) {
		if (ask->kind == SERIES_METRIC)
			chart->unit = first->context;
		else if (strncmp(chart->name, "GPU", 3) == 0) /* the number of the only one */
			chart->name = arena_printf(a, "GPU %s%s", first->context, chart->name + 3);
	}
	return 0;
}

/* Of thousands, those say most of which is known what is better; each kind by name. */
static void telling_first(struct arena *a, struct curve_chart *charts, size_t count)
{
	struct curve_chart *others = arena_array(a, count + 1, sizeof *others);
	size_t told = 0, other = 0;

	for (size_t i = 0; i < count; i++) {
		const struct series *series = charts[i].source;

		if (series->direction != 0)
			charts[told++] = charts[i];
		else
			others[other++] = charts[i];
	}
	memcpy(charts + told, others, other * sizeof *others);
}

int view_run_read_curves(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct run_curves_ask *ask = arg;
	struct charts_got *got = arena_alloc(a, sizeof *got);
	struct curve_chart *charts;
	struct run_row run;
	struct series *series;
	size_t count, found = 0;

	*result = got;
	if (store_run_get(desk->store, ask->id, a, &run, err) != 0 ||
	    store_series_list(desk->store, ask->id, ask->kind, a, &series, &count, err) != 0)
		return -1;
	charts = arena_array(a, count + 1, sizeof *charts);
	if (ask->kind == SERIES_SAMPLE)
		qsort(series, count, sizeof *series, by_sample);
	/* Series of one name share a chart: train and validation are to be seen together. The list is by name. */
	for (size_t i = 0; i < count;) {
		size_t next = i;
		bool curve = false;

		for (; next < count && strcmp(series[next].name, series[i].name) == 0; next++)
			curve = curve || series[next].count > 1;
		if (curve) {
			charts[found] = (struct curve_chart){
			    .name = series[i].name, .bottom = (double)NAN, .top = (double)NAN, .source = &series[i]};
			if (ask->kind == SERIES_SAMPLE)
				describe_sample(&charts[found], series[i].name);
			found++;
		}
		i = next;
	}
	if (ask->kind == SERIES_METRIC)
		telling_first(a, charts, found);
	charts_window(&ask->part, charts, found, got);
	for (size_t i = 0; i < got->count; i++)
		if (read_chart(desk->store, ask, charts[i].source, series + count, run.started, a, &charts[i], err) !=
		    0)
			return -1;
	return 0;
}

int view_run_read_log(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct run_log_ask *ask = arg;
	struct run_log_part *part = arena_alloc(a, sizeof *part);
	struct run_log *log;
	uint64_t at = ask->offset;
	int status = -1;

	*result = part;
	if (run_log_open(desk->store, ask->uuid, &log, err) != 0)
		return -1;
	part->live = run_log_live(log);
	if (at == UINT64_MAX) {
		if (run_log_tail(log, LOG_LINES, UINT64_MAX, &at, err) != 0)
			goto out;
		part->cut = at > 0;
	}
	part->bytes = arena_alloc(a, LOG_BYTES);
	while (part->len < LOG_BYTES) {
		size_t got;

		if (run_log_read(log, &at, part->bytes + part->len, LOG_BYTES - part->len, &got, err) != 0)
			goto out;
		if (got == 0)
			break;
		at += got;
		part->len += got;
	}
	part->next = at;
	part->more = at < run_log_size(log);
	status = 0;
out:
	run_log_close(log);
	return status;
}
