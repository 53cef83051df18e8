/* Summary, files and data of a run: labels and values, in two halves where there is room. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run_tabs.h"
#include "view_inside.h"

/* From this width on there are two halves. */
#define HALVES_FROM 100
#define LABEL_WIDTH 10
#define LABEL_MOST  22

void facts_release(struct facts *f)
{
	arena_free(f->arena);
	free(f->lines);
	*f = (struct facts){0};
}

bool facts_action(struct facts *f, enum action action, int height)
{
	int last = f->rows > height ? f->rows - height : 0, page = height > 2 ? height - 1 : 1, to = f->top;

	switch ((int)action) {
	case ACTION_LIST_UP:
		to--;
		break;
	case ACTION_LIST_DOWN:
		to++;
		break;
	case ACTION_LIST_PAGE_UP:
		to -= page;
		break;
	case ACTION_LIST_PAGE_DOWN:
		to += page;
		break;
	case ACTION_LIST_HALF_UP:
		to -= page / 2;
		break;
	case ACTION_LIST_HALF_DOWN:
		to += page / 2;
		break;
	case ACTION_LIST_TOP:
		to = 0;
		break;
	case ACTION_LIST_BOTTOM:
		to = last;
		break;
	default:
		return false;
	}
	f->top = to < 0 ? 0 : to > last ? last : to;
	return true;
}

/* ---- building ---- */

static void begin(struct facts *f)
{
	arena_free(f->arena);
	f->arena = arena_new();
	f->count = 0;
}

static struct fact *add(struct facts *f, bool second, const char *label, style_id style, const char *value)
{
	struct fact *line;

	f->lines = vec_reserve(f->lines, &f->cap, f->count + 1, sizeof *f->lines);
	line = &f->lines[f->count++];
	*line = (struct fact){.label = label, .value = value, .style = style, .second = second};
	return line;
}

static void add_heading(struct facts *f, bool second, const char *text)
{
	bool first = true;

	for (size_t i = 0; i < f->count; i++)
		first = first && f->lines[i].second != second;
	if (!first)
		add(f, second, NULL, 0, NULL);
	add(f, second, text, STYLE_HEADING, NULL);
}

static void add_text(struct facts *f, bool second, const char *label, const char *value)
{
	if (value && *value)
		add(f, second, label, STYLE_TEXT, value);
}

static void add_time(struct facts *f, bool second, const char *label, int64_t at)
{
	char text[TIME_TEXT];

	if (at)
		add(f, second, label, STYLE_TEXT, arena_strdup(f->arena, time_local(at, text)));
}

/* ---- drawing ---- */

static int draw_half(struct facts *f, struct surface *s, bool both, bool second)
{
	int y = -f->top, label = LABEL_WIDTH;

	for (size_t i = 0; i < f->count; i++) {
		int width = f->lines[i].value ? surface_width(s, f->lines[i].label, strlen(f->lines[i].label)) : 0;

		if (width >= label && (both || f->lines[i].second == second))
			label = width < LABEL_MOST ? width + 1 : LABEL_MOST;
	}
	if (label > s->w / 3)
		label = s->w / 3;
	for (size_t i = 0; i < f->count; i++) {
		const struct fact *line = &f->lines[i];
		int right = line->right ? surface_width(s, line->right, strlen(line->right)) : 0;

		if (!both && line->second != second)
			continue;
		if (both && i > 0 && line->second && !f->lines[i - 1].second)
			y++; /* the halves under each other */
		if (y >= 0 && y < s->h && line->label) {
			if (!line->value) {
				surface_put_cut(s, 0, y, s->w, line->style, line->label, strlen(line->label));
			} else {
				surface_put_cut(s, 0, y, label, STYLE_LABEL, line->label, strlen(line->label));
				surface_put_cut(s, label + 1, y, s->w - label - 1 - (right ? right + 2 : 0), line->style,
				                line->value, strlen(line->value));
				if (right && right < s->w - label)
					surface_put_right(s, s->w - right, y, right, STYLE_MUTED, line->right);
			}
		}
		y++;
	}
	return y + f->top;
}

/* Where there is nothing for the right half, the left one has all the width. */
static bool has_second(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->lines[i].second)
			return true;
	return false;
}

static void draw_lines(struct facts *f, struct surface *s)
{
	struct surface left, right;
	bool two = s->w >= HALVES_FROM && has_second(f);
	int half = two ? (s->w - 5) / 2 : s->w - 4, rows, other = 0;
	int last;

	left = surface_part(s, 2, 0, half, s->h);
	rows = draw_half(f, &left, !two, false);
	if (two) {
		right = surface_part(s, half + 5, 0, half - 2, s->h);
		other = draw_half(f, &right, false, true);
	}
	f->rows = rows > other ? rows : other;
	last = f->rows > s->h ? f->rows - s->h : 0;
	if (f->top > last)
		f->top = last;
	if (last > 0 && f->top < last && s->h > 1)
		surface_glyph(s, s->w - 1, s->h - 1, STYLE_MUTED, GLYPH_DOWN);
	if (f->top > 0)
		surface_glyph(s, s->w - 1, 0, STYLE_MUTED, GLYPH_UP);
}

/* Long values in several lines, broken anywhere: they are commands and reasons. */
static void add_long(struct facts *f, bool second, const char *label, style_id style, const char *value,
                     int width)
{
	struct str safe;
	const char *at;
	size_t left;

	if (!value || !*value)
		return;
	str_init(&safe);
	safe_text(&safe, value, strlen(value), 0);
	at = safe.data;
	left = safe.len;
	for (int line = 0; left > 0 && line < 8; line++) {
		int used;
		size_t fit = text_fit(at, left, width > 10 ? width : 10, &used);

		if (fit == 0)
			break;
		add(f, second, line == 0 ? label : "", style, arena_memdup0(f->arena, at, line == 7 ? left : fit));
		at += fit;
		left -= fit;
	}
	str_release(&safe);
}

static void add_metrics(struct facts *f, const struct run_summary *sum)
{
	struct arena *a = f->arena;
	int whole = 0;

	add_heading(f, false, "METRICS");
	/* Decimal points under each other: numbers are padded to the widest whole part. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < sum->metric_count; i++) {
			const struct series *m = &sum->metrics[i];
			char last[NUM_TEXT], best[NUM_TEXT];
			const char *text = isnan(m->last.value) ? "nan" : num_people(m->last.value, 4, last);
			int before = (int)strcspn(text, ".");
			struct fact *line;

			if (pass == 0) {
				whole = before > whole ? before : whole;
				continue;
			}
			line = add(
			    f, false, m->name, isfinite(m->last.value) ? STYLE_TEXT : STYLE_BAD,
			    arena_printf(a, "%*s%-*s %s", whole - before, "", 12 - (whole - before), text, m->context));
			if (m->count > 1 && isfinite(m->best.value) && m->direction != 0)
				line->right = arena_printf(a, "best %s at step %lld", num_people(m->best.value, 4, best),
				                           (long long)m->best.step);
			else if (m->count > 1)
				line->right = arena_printf(a, "%s points", view_cell_count(a, m->count));
		}
	}
}

static void add_status(struct facts *f, const struct run_row *run, int64_t now, int width)
{
	const char *status = store_status_name(run->status);
	char span[TIME_TEXT];

	add_heading(f, false, "STATUS");
	add(f, false, "status", ui_status_style(status), status);
	add_long(f, false, "because", run->status == RUN_FAILED ? STYLE_BAD : STYLE_TEXT, run->reason, width);
	if (run->status == RUN_RUNNING && isfinite(run->progress))
		add_text(f, false, "progress", view_cell_percent(f->arena, run->progress));
	add_time(f, false, "started", run->started ? run->started : run->created);
	if (run->ended)
		add_time(f, false, "ended", run->ended);
	if (run->started) {
		time_span((run->ended ? run->ended : now) - run->started, span);
		add_text(f, false, run->ended ? "took" : "for", arena_strdup(f->arena, span));
	}
}

void view_draw_summary(struct facts *f, const struct run_summary *sum, struct surface *s, int64_t now)
{
	const struct run_row *run = &sum->run;
	int width = (s->w >= HALVES_FROM ? (s->w - 5) / 2 - 2 : s->w - 4) - LABEL_WIDTH - 1;
	struct arena *a;

	begin(f);
	a = f->arena;
	add_status(f, run, now, width);
	if (store_status_over(run->status) && run->status != RUN_DONE)
		add_long(f, false, "last line", STYLE_TEXT, sum->last_line, width);
	if (sum->metric_count > 0)
		add_metrics(f, sum);
	if (sum->param_count > 0)
		add_heading(f, false, "PARAMETERS");
	for (size_t i = 0; i < sum->param_count; i++)
		add(f, false, sum->params[i].key, STYLE_TEXT, sum->params[i].value);

	add_heading(f, true, "ABOUT");
	add_text(f, true, "name", run->name);
	add_text(f, true, "id", run->uuid);
	add_text(f, true, "experiment", run->experiment);
	add_long(f, true, "command", STYLE_COMMAND, sum->command, width);
	add_text(f, true, "folder", run->cwd);
	add_text(f, true, "by",
	         arena_printf(a, "%s%s%s", run->user ? run->user : "", run->host && *run->host ? " on " : "",
	                      run->host ? run->host : ""));
	if (run->has_seed)
		add_text(f, true, "seed", arena_printf(a, "%lld", (long long)run->seed));
	if (run->code_commit)
		add_text(f, true, "code",
		         arena_printf(a, "%.12s%s", run->code_commit, run->code_diff ? " with changes" : ""));
	if (run->process.pid && !store_status_over(run->status))
		add_text(f, true, "process", arena_printf(a, "%lld", (long long)run->process.pid));
	if (sum->bad_lines > 0)
		add(f, true, "events", STYLE_WARN,
		    arena_printf(a, "%zu lines could not be understood", sum->bad_lines));
	if (sum->tag_count > 0)
		add_heading(f, true, "TAGS");
	for (size_t i = 0; i < sum->tag_count; i++)
		add(f, true, sum->tags[i].key, STYLE_TEXT, sum->tags[i].value);
	if (sum->note_count > 0)
		add_heading(f, true, "NOTES");
	for (size_t i = 0; i < sum->note_count; i++)
		add_long(f, true, view_cell_age(a, sum->notes[i].at, now), STYLE_TEXT, sum->notes[i].value, width);
	draw_lines(f, s);
}

void view_draw_files(struct facts *f, const struct run_summary *sum, struct surface *s, int64_t now)
{
	struct arena *a;

	if (sum->artifact_count == 0) {
		ui_paragraph(s, 2, 1, STYLE_MUTED,
		             "This run has kept no files. Its output is kept when it ends; a program names its own "
		             "with\n{\"artifact\":\"model.bin\"}");
		return;
	}
	begin(f);
	a = f->arena;
	for (size_t i = 0; i < sum->artifact_count; i++) {
		const struct run_artifact *file = &sum->artifacts[i];
		char size[NUM_TEXT];
		const char *age = view_cell_age(a, file->at, now);

		add(f, false, file->name, STYLE_HEADING, NULL);
		add_text(f, false, "kind", file->kind);
		if (file->digest[0]) {
			add_text(f, false, "size", arena_strdup(a, bytes_people(file->bytes, size)));
			add(f, false, "sha256", STYLE_MUTED, file->digest);
		} else {
			add(f, false, "content", STYLE_MUTED, "not kept: only the name was reported");
		}
		if (age)
			add_text(f, false, "kept", arena_printf(a, "%s ago", age));
		if (i + 1 < sum->artifact_count)
			add(f, false, NULL, 0, NULL);
	}
	draw_lines(f, s);
}

void view_draw_data(struct facts *f, const struct run_summary *sum, struct surface *s)
{
	if (sum->input_count == 0) {
		ui_paragraph(s, 2, 1, STYLE_MUTED,
		             "No data set is known to have gone into this run.\n\n$ assay run --data NAME -- CMD   "
		             "says which");
		return;
	}
	begin(f);
	for (size_t i = 0; i < sum->input_count; i++) {
		const struct run_input *input = &sum->inputs[i];

		add(f, false, input->name, STYLE_HEADING, NULL);
		add_text(f, false, "role", input->role);
		if (input->dataset)
			add_text(f, false, "version", "registered (screen Data)");
		else
			add(f, false, "version", STYLE_MUTED, "as the program named it; not registered");
		if (input->digest[0])
			add(f, false, "digest", STYLE_MUTED, input->digest);
		if (i + 1 < sum->input_count)
			add(f, false, NULL, 0, NULL);
	}
	draw_lines(f, s);
}
