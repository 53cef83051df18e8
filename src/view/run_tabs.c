/* Summary, files and data of a run: labels and values, in two halves where there is room. */
#include <math.h>
#include <string.h>

#include "run_tabs.h"
#include "view_inside.h"

static void add_metrics(struct facts *f, const struct run_summary *sum)
{
	struct arena *a = f->arena;
	int whole = 0;

	facts_heading(f, false, "METRICS");
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
			line = facts_add(
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

	facts_heading(f, false, "STATUS");
	facts_add(f, false, "status", ui_status_style(status), status);
	facts_long(f, false, "because", run->status == RUN_FAILED ? STYLE_BAD : STYLE_TEXT, run->reason, width);
	if (run->status == RUN_RUNNING && isfinite(run->progress))
		facts_text(f, false, "progress", view_cell_percent(f->arena, run->progress));
	facts_time(f, false, "started", run->started ? run->started : run->created);
	if (run->ended)
		facts_time(f, false, "ended", run->ended);
	if (run->started) {
		time_span((run->ended ? run->ended : now) - run->started, span);
		facts_text(f, false, run->ended ? "took" : "for", arena_strdup(f->arena, span));
	}
}

void view_draw_summary(struct facts *f, const struct run_summary *sum, struct surface *s, int64_t now)
{
	const struct run_row *run = &sum->run;
	int width = (s->w >= FACTS_HALVES_FROM ? (s->w - 5) / 2 - 2 : s->w - 4) - FACTS_LABEL - 1;
	struct arena *a;

	facts_begin(f);
	a = f->arena;
	add_status(f, run, now, width);
	if (store_status_over(run->status) && run->status != RUN_DONE)
		facts_long(f, false, "last line", STYLE_TEXT, sum->last_line, width);
	if (sum->metric_count > 0)
		add_metrics(f, sum);
	if (sum->param_count > 0)
		facts_heading(f, false, "PARAMETERS");
	for (size_t i = 0; i < sum->param_count; i++)
		facts_add(f, false, sum->params[i].key, STYLE_TEXT, sum->params[i].value);

	facts_heading(f, true, "ABOUT");
	facts_text(f, true, "name", run->name);
	facts_text(f, true, "id", run->uuid);
	facts_text(f, true, "experiment", run->experiment);
	facts_long(f, true, "command", STYLE_COMMAND, sum->command, width);
	facts_text(f, true, "folder", run->cwd);
	facts_text(f, true, "by",
	           arena_printf(a, "%s%s%s", run->user ? run->user : "", run->host && *run->host ? " on " : "",
	                        run->host ? run->host : ""));
	if (run->has_seed)
		facts_text(f, true, "seed", arena_printf(a, "%lld", (long long)run->seed));
	if (run->code_commit)
		facts_text(f, true, "code",
		           arena_printf(a, "%.12s%s", run->code_commit, run->code_diff ? " with changes" : ""));
	if (run->process.pid && !store_status_over(run->status))
		facts_text(f, true, "process", arena_printf(a, "%lld", (long long)run->process.pid));
	if (sum->bad_lines > 0)
		facts_add(f, true, "events", STYLE_WARN,
		          arena_printf(a, "%zu lines could not be understood", sum->bad_lines));
	if (sum->tag_count > 0)
		facts_heading(f, true, "TAGS");
	for (size_t i = 0; i < sum->tag_count; i++)
		facts_add(f, true, sum->tags[i].key, STYLE_TEXT, sum->tags[i].value);
	if (sum->note_count > 0)
		facts_heading(f, true, "NOTES");
	for (size_t i = 0; i < sum->note_count; i++)
		facts_long(f, true, view_cell_age(a, sum->notes[i].at, now), STYLE_TEXT, sum->notes[i].value, width);
	facts_draw(f, s);
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
	facts_begin(f);
	a = f->arena;
	for (size_t i = 0; i < sum->artifact_count; i++) {
		const struct run_artifact *file = &sum->artifacts[i];
		char size[NUM_TEXT];
		const char *age = view_cell_age(a, file->at, now);

		facts_add(f, false, file->name, STYLE_HEADING, NULL);
		facts_text(f, false, "kind", file->kind);
		if (file->digest[0]) {
			facts_text(f, false, "size", arena_strdup(a, bytes_people(file->bytes, size)));
			facts_add(f, false, "sha256", STYLE_MUTED, file->digest);
		} else {
			facts_add(f, false, "content", STYLE_MUTED, "not kept: only the name was reported");
		}
		if (age)
			facts_text(f, false, "kept", arena_printf(a, "%s ago", age));
		if (i + 1 < sum->artifact_count)
			facts_add(f, false, NULL, 0, NULL);
	}
	facts_draw(f, s);
}

void view_draw_data(struct facts *f, const struct run_summary *sum, struct surface *s)
{
	if (sum->input_count == 0) {
		ui_paragraph(s, 2, 1, STYLE_MUTED,
		             "No data set is known to have gone into this run.\n\n$ assay run --data NAME -- CMD   "
		             "says which");
		return;
	}
	facts_begin(f);
	for (size_t i = 0; i < sum->input_count; i++) {
		const struct run_input *input = &sum->inputs[i];

		facts_add(f, false, input->name, STYLE_HEADING, NULL);
		facts_text(f, false, "role", input->role);
		if (input->dataset)
			facts_text(f, false, "version", "registered (screen Data)");
		else
			facts_add(f, false, "version", STYLE_MUTED, "as the program named it; not registered");
		if (input->digest[0])
			facts_add(f, false, "digest", STYLE_MUTED, input->digest);
		if (i + 1 < sum->input_count)
			facts_add(f, false, NULL, 0, NULL);
	}
	facts_draw(f, s);
}
