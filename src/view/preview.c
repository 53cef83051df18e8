/* The current row's run beside the list. */
#include <math.h>
#include <string.h>

#include "preview.h"
#include "view_inside.h"

void preview_init(struct preview *p, bool mono)
{
	*p = (struct preview){.mono = mono};
}

void preview_release(struct preview *p)
{
	arena_free(p->arena);
	p->arena = NULL;
	p->found = NULL;
}

bool preview_wants(const struct preview *p, int64_t id)
{
	return p->id != id || p->stale;
}

void preview_ask(struct view *v, int tag, struct preview *p, int64_t id)
{
	struct run_ask ask = {.id = id, .trend = true};

	p->stale = false;
	p->id = id;
	p->fault[0] = 0;
	if (id)
		ui_ask(v, tag, view_run_read, &ask, sizeof ask, NULL);
}

void preview_take(struct preview *p, struct ui_result *result)
{
	const struct run_seen *seen = result->data;

	if (seen->summary.run.id != p->id)
		return;
	arena_free(p->arena);
	p->arena = result->arena;
	p->found = seen;
	result->arena = NULL;
}

static int label_value(struct surface *s, int y, const char *label, style_id style, const char *value)
{
	const char *name = value ? strrchr(value, '/') : NULL;

	if (!value || !*value)
		return y;
	/* Of a path that has no room its end says most. */
	if (name && name[1] && surface_width(s, value, strlen(value)) > s->w - 16)
		value = name + 1;
	ui_label(s, 0, y, 16, label, style, value);
	return y + 1;
}

static int heading(struct surface *s, int y, const char *text)
{
	surface_put(s, 0, y + 1, STYLE_HEADING, text);
	return y + 2;
}

/* "+3 more" where a list had to be cut. */
static int more(struct surface *s, int y, size_t left)
{
	char text[40];

	if (left == 0)
		return y;
	snprintf(text, sizeof text, "+%zu more", left);
	surface_put(s, 0, y, STYLE_MUTED, text);
	return y + 1;
}

/* Points under each other, with room for what four digits of a tenth have behind it. */
static void put_number(struct surface *s, int end, int y, style_id style, const char *text)
{
	int whole = (int)strcspn(text, "."), w = (int)strlen(text), x = end - 6 - whole;

	surface_put(s, x + w > end || whole == w ? end - w : x, y, style, text);
}

static int draw_metrics(const struct run_summary *sum, struct surface *s, int y, int most)
{
	bool has_best = false;
	size_t i;

	for (i = 0; i < sum->metric_count && (int)i < most; i++) {
		const struct series *m = &sum->metrics[i];
		char number[NUM_TEXT];
		const char *shown = isnan(m->last.value) ? "nan" : num_people(m->last.value, 4, number);
		int used = surface_put_cut(s, 0, y, s->w - 26, STYLE_LABEL, m->name, strlen(m->name));

		if (*m->context && used + 2 < s->w - 26)
			surface_put_cut(s, used + 1, y, s->w - 27 - used, STYLE_MUTED, m->context, strlen(m->context));
		put_number(s, s->w - 12, y, STYLE_TEXT, shown);
		if (m->count > 1 && m->direction != 0 && isfinite(m->best.value)) {
			put_number(s, s->w, y, STYLE_MUTED, num_people(m->best.value, 4, number));
			has_best = true;
		}
		y++;
	}
	surface_put_right(s, s->w - 22, y - (int)i - 1, 10, STYLE_MUTED, "last");
	if (has_best)
		surface_put_right(s, s->w - 10, y - (int)i - 1, 10, STYLE_MUTED, "best");
	return more(s, y, sum->metric_total - i);
}

static int draw_pairs(const struct store_pair *pairs, size_t count, struct surface *s, int y, int most)
{
	size_t i;

	for (i = 0; i < count && (int)i < most; i++)
		ui_label(s, 0, y++, 16, pairs[i].key, STYLE_TEXT, pairs[i].value);
	return more(s, y, count - i);
}

void preview_draw(struct preview *p, struct surface *s, int64_t now)
{
	const struct run_summary *sum;
	const char *status;
	char text[TIME_TEXT + 32];
	int y = 0, chart;

	/* Until its answer is here the one before is seen: it says whose it is. */
	if (!p->found) {
		surface_put(s, 0, 0, STYLE_MUTED, p->fault[0] ? p->fault : "Reading…");
		return;
	}
	sum = &p->found->summary;
	status = store_status_name(sum->run.status);
	surface_put_cut(s, 0, y, s->w - 10, STYLE_TITLE, sum->run.name, strlen(sum->run.name));
	surface_put_right(s, s->w - 9, y++, 9, STYLE_MUTED, view_short_id(sum->run.uuid));
	surface_glyph(s, 0, y, ui_status_style(status), ui_status_glyph(status));
	surface_put(s, 2, y, ui_status_style(status), status);
	if (sum->run.started) {
		char span[TIME_TEXT];

		time_span((sum->run.ended ? sum->run.ended : now) - sum->run.started, span);
		snprintf(text, sizeof text, "%s %s", sum->run.ended ? "took" : "for", span);
		surface_put_right(s, s->w - 20, y, 20, STYLE_MUTED, text);
	}
	y++;
	if (*sum->run.flag)
		surface_put_cut(s, 0, y++, s->w, STYLE_WARN, sum->run.flag, strlen(sum->run.flag));
	if (*sum->run.reason)
		surface_put_cut(s, 0, y++, s->w, sum->run.status == RUN_FAILED ? STYLE_BAD : STYLE_MUTED,
		                sum->run.reason, strlen(sum->run.reason));
	y++;
	y = label_value(s, y, "experiment", STYLE_TEXT, sum->run.experiment);
	for (size_t i = 0; i < sum->input_count && i < 2; i++)
		y = label_value(s, y, sum->inputs[i].role, STYLE_TEXT, sum->inputs[i].name);
	if (sum->metric_count > 0)
		y = draw_metrics(sum, s, heading(s, y, "METRICS"), s->h > 30 ? 8 : 4);
	if (sum->param_count > 0)
		y = draw_pairs(sum->params, sum->param_count, s, heading(s, y, "PARAMETERS"), s->h > 30 ? 8 : 4);
	chart = s->h - y - 1;
	if (p->found->trend && chart >= 7) {
		struct charts one;
		struct surface part;

		chart = chart > 14 ? 14 : chart;
		part = surface_part(s, 0, y + 1, s->w, chart);
		charts_init(&one, NULL, NULL);
		one.got = (struct charts_got){.charts = p->found->trend, .count = 1, .total = 1};
		one.mono = p->mono;
		one.plain = true;
		charts_draw(&one, &part);
		y += chart + 1;
	}
	if (*sum->last_line && y + 3 < s->h) {
		surface_put(s, 0, y + 1, STYLE_HEADING, "LAST LINE");
		surface_put_cut(s, 0, y + 2, s->w, STYLE_MUTED, sum->last_line, strlen(sum->last_line));
	}
}
