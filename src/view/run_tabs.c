/* Summary of a run: labels and values, in two halves where there is room; and its lists: files, data, parameters. */
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
	if (sum->metric_total > sum->metric_count)
		facts_add(f, false, "…", STYLE_MUTED,
		          arena_printf(a, "%s more: the next tab",
		                       view_cell_count(a, (int64_t)(sum->metric_total - sum->metric_count))));
}

static void add_status(struct facts *f, const struct run_row *run, int64_t now)
{
	const char *status = store_status_name(run->status);
	char span[TIME_TEXT];

	facts_heading(f, false, "STATUS");
	facts_add(f, false, "status", ui_status_style(status), status)->sign = 1 + (int)ui_status_glyph(status);
	facts_long(f, false, "because", run->status == RUN_FAILED ? STYLE_BAD : STYLE_TEXT, run->reason);
	facts_long(f, false, "flag", STYLE_WARN, run->flag);
	if (run->status == RUN_RUNNING && isfinite(run->progress))
		facts_text(f, false, "progress",
		           run->ends > now ? arena_printf(f->arena, "%s, about %s left",
		                                          view_cell_percent(f->arena, run->progress),
		                                          time_span(run->ends - now, span))
		                           : view_cell_percent(f->arena, run->progress));
	facts_time(f, false, "started", run->started ? run->started : run->created);
	if (run->ended)
		facts_time(f, false, "ended", run->ended);
	if (run->started) {
		time_span((run->ended ? run->ended : now) - run->started, span);
		facts_text(f, false, run->ended ? "took" : "for", arena_strdup(f->arena, span));
	}
}

/* Where each is, why it is none, and how it begins. */
static void add_bad_lines(struct facts *f, const struct run_summary *sum)
{
	enum { SHOWN = 20 };
	struct arena *a = f->arena;

	if (sum->bad_count > 0)
		facts_heading(f, true, "LINES NOT UNDERSTOOD");
	for (size_t i = 0; i < sum->bad_count && i < SHOWN; i++) {
		const struct bad_line *b = &sum->bad[i];

		facts_long(f, true, arena_printf(a, "byte %lld", (long long)b->offset), STYLE_TEXT,
		           arena_printf(a, "%s: %s%s%s", b->file, b->why, b->text[0] ? ": " : "", b->text));
	}
	if (sum->run.bad_lines > SHOWN)
		facts_long(f, true, "more", STYLE_MUTED,
		           arena_printf(a, "assay show %s --bad-lines", sum->run.uuid + 24));
}

void view_draw_summary(struct facts *f, const struct run_summary *sum, struct surface *s, int64_t now)
{
	const struct run_row *run = &sum->run;
	struct arena *a;

	facts_begin(f);
	a = f->arena;
	add_status(f, run, now);
	if (store_status_over(run->status) && run->status != RUN_DONE)
		facts_long(f, false, "last line", STYLE_TEXT, sum->last_line);
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
	facts_long(f, true, "command", STYLE_COMMAND, sum->command);
	facts_text(f, true, "folder", run->cwd);
	facts_text(f, true, "by",
	           arena_printf(a, "%s%s%s", run->user ? run->user : "", run->host && *run->host ? " on " : "",
	                        run->host ? run->host : ""));
	if (run->has_seed)
		facts_text(f, true, "seed", arena_printf(a, "%lld", (long long)run->seed));
	if (run->code_commit)
		facts_text(f, true, "code",
		           arena_printf(a, "%.12s%s", run->code_commit, run->code_diff ? " with changes" : ""));
	if (run->environment)
		facts_text(f, true, "environment", arena_printf(a, "%.12s", run->environment));
	if (run->process.pid && !store_status_over(run->status))
		facts_text(f, true, "process", arena_printf(a, "%lld", (long long)run->process.pid));
	if (run->bad_lines > 0)
		facts_add(f, true, "events", STYLE_WARN,
		          arena_printf(a, "%lld %s not understood", (long long)run->bad_lines,
		                       run->bad_lines == 1 ? "line" : "lines"));
	if (sum->tag_count > 0)
		facts_heading(f, true, "TAGS");
	for (size_t i = 0; i < sum->tag_count; i++)
		facts_add(f, true, sum->tags[i].key, STYLE_TEXT, sum->tags[i].value);
	if (sum->note_count > 0)
		facts_heading(f, true, "NOTES");
	for (size_t i = 0; i < sum->note_count; i++)
		facts_long(f, true, view_cell_age(a, sum->notes[i].at, now), STYLE_TEXT, sum->notes[i].value);
	add_bad_lines(f, sum);
	facts_draw(f, s);
}

/* ---- rows of the lists, on the reader's thread ---- */

static void file_cells(struct arena *a, const struct run_artifact *file, int64_t now, struct ui_cell *c)
{
	char size[NUM_TEXT];

	c[0] = list_cell(file->name, 0);
	c[1] = list_cell(file->kind, 0);
	/* Only the name was reported, the bytes were not kept. */
	c[2] = file->digest[0]
	           ? list_cell_by(arena_strdup(a, bytes_people(file->bytes, size)), 0, (double)file->bytes)
	           : list_cell(NULL, 0);
	c[3] = list_cell_age(a, file->at, now);
	c[4] = list_cell(file->digest[0] ? file->digest : "not kept", STYLE_MUTED);
}

static void input_cells(const struct run_input *input, struct ui_cell *c)
{
	c[0] = list_cell(input->name, 0);
	c[1] = list_cell(input->role, 0);
	c[2] = list_cell(input->dataset ? "registered" : "as named", input->dataset ? STYLE_GOOD : STYLE_MUTED);
	c[3] = list_cell(input->digest[0] ? input->digest : NULL, STYLE_MUTED);
}

void view_run_rows(struct run_seen *seen, struct arena *a, int64_t now)
{
	const struct run_summary *sum = &seen->summary;
	const size_t count[RUN_LISTS] = {[RUN_FILES] = sum->artifact_count,
	                                 [RUN_DATA] = sum->input_count,
	                                 [RUN_PARAMS] = sum->param_count + sum->tag_count};

	for (int list = 0; list < RUN_LISTS; list++) {
		seen->lists[list].count = count[list];
		seen->lists[list].rows = arena_array(a, count[list] + 1, sizeof *seen->lists[list].rows);
		for (size_t i = 0; i < count[list]; i++) {
			struct ui_cell *c = arena_array(a, 5, sizeof *c);
			bool tag = i >= sum->param_count;

			seen->lists[list].rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = c};
			if (list == RUN_FILES) {
				file_cells(a, &sum->artifacts[i], now, c);
			} else if (list == RUN_DATA) {
				input_cells(&sum->inputs[i], c);
			} else {
				const struct store_pair *p = tag ? &sum->tags[i - sum->param_count] : &sum->params[i];

				c[0] = list_cell(p->key, 0);
				c[1] = list_cell(p->value, 0);
				c[2] = list_cell(tag ? "tag" : "parameter", STYLE_MUTED);
			}
		}
	}
}

/* ---- the lists ---- */

static size_t file_columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "name", .title = "file", .min = 14, .max = width / 3},
	    {.id = "kind", .title = "kind", .min = 6, .max = 14},
	    {.id = "size", .title = "size", .align = UI_RIGHT, .min = 9},
	    {.id = "age", .title = "kept", .align = UI_RIGHT, .min = 5, .priority = 1},
	    {.id = "digest", .title = "sha256", .min = 12, .max = width > 100 ? 64 : 16, .priority = 2},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static size_t input_columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "name", .title = "data", .min = 16, .max = width / 2},
	    {.id = "role", .title = "role", .min = 6, .max = 14},
	    {.id = "version", .title = "version", .min = 10, .priority = 1},
	    {.id = "digest", .title = "digest", .min = 12, .max = width > 100 ? 64 : 16, .priority = 2},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static size_t param_columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "name", .title = "name", .min = 16, .max = width / 3},
	    {.id = "value", .title = "value", .min = 12, .max = width / 2},
	    {.id = "kind", .title = "kind", .min = 9, .priority = 1},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

/* Data that is registered is seen in its own screen. */
static void open_input(struct list *l, int64_t id)
{
	const struct run_summary *sum = view_run_summary(l->view);
	struct features_args args = {.id = sum->inputs[id - 1].dataset};

	if (args.id)
		ui_open(l->view->ui, &FEATURES_VIEW, &args);
	else
		ui_message(l->view->ui, STYLE_MESSAGE, "this data is known by its name only: it is not registered");
}

const struct list_spec VIEW_RUN_LISTS[RUN_LISTS] = {
    [RUN_FILES] = {.name = "files",
                   .one = "file",
                   .many = "files",
                   .empty =
                       "This run has kept no files. Its output is kept when it ends; a program names its own "
                       "with\n{\"artifact\":\"model.bin\"}",
                   .of_object = true,
                   .columns = file_columns,
                   .open_why_not = "not for a file: it is shown by its digest only"},
    [RUN_DATA] = {.name = "data",
                  .one = "input",
                  .many = "inputs",
                  .empty = "No data set is known to have gone into this run.\n\n"
                           "$ assay run --data NAME -- CMD   says which",
                  .of_object = true,
                  .columns = input_columns,
                  .open = open_input},
    [RUN_PARAMS] = {.name = "params",
                    .one = "parameter",
                    .many = "parameters and tags",
                    .empty = "This run was given no parameter and has no tag.\n\n"
                             "$ assay run -p rate=0.8 -- CMD   says one",
                    .of_object = true,
                    .columns = param_columns},
};
