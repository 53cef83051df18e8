/* Versions: rows of what belongs to one, on the reader's thread; and a version in short. */
#include <math.h>
#include <string.h>

#include "models.h"
#include "view_inside.h"

#define COLUMNS 7

static struct ui_cell *cells_new(struct arena *a)
{
	struct ui_cell *c = arena_array(a, COLUMNS, sizeof *c);

	for (int i = 0; i < COLUMNS; i++)
		c[i] = list_cell("", 0);
	return c;
}

static void file_cells(struct arena *a, const struct manifest_file *f, struct ui_cell *c)
{
	char text[NUM_TEXT];

	c[0].text = f->path;
	c[1] = list_cell_by(arena_strdup(a, bytes_people(f->bytes > 0 ? (uint64_t)f->bytes : 0, text)), 0,
	                    (double)f->bytes);
	c[2] = list_cell(f->digest, STYLE_MUTED);
}

static void gate_cells(struct arena *a, const struct version_gate *g, enum term_charset charset,
                       struct ui_cell *c)
{
	bool pass = g->result == GATE_PASS;
	style_id style = pass ? STYLE_GOOD : g->waived || g->result == GATE_UNDECIDED ? STYLE_WARN : STYLE_BAD;
	const char *sign = term_glyph(charset, pass ? GLYPH_OK : g->waived ? GLYPH_WARN : GLYPH_BAD);
	const char *plot = view_interval_plot(a, g, VERSION_PLOT, charset);

	c[0].text = g->id;
	c[1] =
	    list_cell(arena_printf(a, "%s %s", sign, g->waived ? "waived" : gate_result_name(g->result)), style);
	c[2] = list_cell_by(view_interval_text(a, g->measured, g->low, g->high), 0, g->measured);
	c[3].text = view_rule_text(a, g->rule, charset);
	c[4] = list_cell(plot ? plot : "", style);
	c[5] = list_cell(g->stage, STYLE_MUTED);
	c[6] = list_cell(g->waived ? arena_printf(a, "%s; by %s", gate_result_name(g->result), g->waived) : "",
	                 STYLE_WARN);
}

static void decision_cells(struct arena *a, const struct version_seen *seen, const struct trail_row *r,
                           int64_t now, struct ui_cell *c)
{
	c[0] = list_cell_age(a, r->at, now);
	c[4] = list_cell(trail_seal(r, seen->sealed_to), trail_seal_style(r, seen->sealed_to));
	c[5] = list_cell_by(arena_printf(a, "%lld", (long long)r->seq), STYLE_MUTED, (double)r->seq);
	if (!r->readable) {
		c[1] = list_cell("unreadable", STYLE_BAD);
		c[6].text = r->fault;
		return;
	}
	c[1] = list_cell(ledger_kind_name(r->kind), trail_style(r->kind));
	c[2] = list_cell(r->role ? arena_printf(a, "%s as %s", r->who, r->role) : r->who,
	                 r->is_signed ? STYLE_TEXT : STYLE_MUTED);
	c[3].text = r->stage;
	c[6] = list_cell(trail_why(r, a), STYLE_MUTED);
}

static void lineage_cells(struct arena *a, const struct version_link *l, struct ui_cell *c)
{
	c[0] = list_cell(arena_printf(a, "%*s%s", 2 * l->line.depth, "", l->line.kind), STYLE_LABEL);
	c[1].text = l->line.name;
	c[2] = list_cell(l->line.note ? l->line.note : "", STYLE_MUTED);
	c[3] = list_cell(l->line.digest ? arena_printf(a, "%.12s", l->line.digest) : "", STYLE_MUTED);
}

void view_version_rows(struct version_seen *s, struct arena *a, enum term_charset charset, int64_t now)
{
	const size_t count[VERSION_TABS] = {[VERSION_FILES] = s->v.file_count,
	                                    [VERSION_GATES] = s->gate_count,
	                                    [VERSION_DECISIONS] = s->decision_count,
	                                    [VERSION_LINEAGE] = s->lineage_count};

	for (int tab = 0; tab < VERSION_TABS; tab++) {
		s->tabs[tab].count = count[tab];
		s->tabs[tab].rows = arena_array(a, count[tab] + 1, sizeof *s->tabs[tab].rows);
		for (size_t i = 0; i < count[tab]; i++) {
			struct ui_cell *c = cells_new(a);

			s->tabs[tab].rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = c};
			if (tab == VERSION_FILES)
				file_cells(a, &s->v.files[i], c);
			else if (tab == VERSION_GATES)
				gate_cells(a, &s->gates[i], charset, c);
			else if (tab == VERSION_DECISIONS)
				decision_cells(a, s, &s->decisions[i], now, c);
			else
				lineage_cells(a, &s->lineage[i], c);
		}
	}
}

/* ---- in short ---- */

static int draw_metrics(struct surface *s, int y, const struct version_seen *seen, struct arena *a)
{
	if (seen->metric_count == 0)
		return y;
	surface_put(s, 0, ++y, STYLE_HEADING, "METRICS OF THE RUN");
	y++;
	for (size_t i = 0; i < seen->metric_count && i < 5 && y < s->h; i++, y++) {
		const struct series *m = &seen->metrics[i];
		const char *number = view_cell_number(a, m->last.value, 4);

		surface_put_cut(s, 0, y, s->w - 12, STYLE_LABEL, m->name, strlen(m->name));
		surface_put_right(s, s->w - 11, y, 11, STYLE_TEXT, number ? number : "nan");
	}
	return y;
}

static int draw_gates(struct surface *s, int y, const struct version_seen *seen)
{
	if (seen->gate_count == 0)
		return y;
	surface_put(s, 0, ++y, STYLE_HEADING, "GATES");
	y++;
	for (size_t i = 0; i < seen->gate_count && y < s->h; i++, y++) {
		const struct ui_cell *c = seen->tabs[VERSION_GATES].rows[i].cells;

		if (i == 8 && seen->gate_count > 9) {
			surface_printf(s, 0, y++, STYLE_MUTED, "+%zu more", seen->gate_count - i);
			break;
		}
		surface_put_cut(s, 0, y, s->w - 31, STYLE_TEXT, c[0].text, strlen(c[0].text));
		if (c[3].text)
			surface_put_cut(s, s->w - 30, y, 19, STYLE_MUTED, c[3].text, strlen(c[3].text));
		surface_put_cut(s, s->w - 10, y, 10, c[1].style, c[1].text, strlen(c[1].text));
	}
	return y;
}

static void draw_decisions(struct surface *s, int y, const struct version_seen *seen)
{
	if (seen->decision_count == 0)
		return;
	surface_put(s, 0, ++y, STYLE_HEADING, "LAST DECIDED");
	y++;
	for (size_t i = 0; i < seen->decision_count && i < 6 && y < s->h; i++, y++) {
		const struct ui_cell *c = seen->tabs[VERSION_DECISIONS].rows[i].cells;

		surface_put_right(s, 0, y, 5, STYLE_MUTED, c[0].text ? c[0].text : "");
		surface_put_cut(s, 7, y, 12, c[1].style, c[1].text, strlen(c[1].text));
		if (c[2].text)
			surface_put_cut(s, 20, y, s->w - 20, c[2].style, c[2].text, strlen(c[2].text));
	}
}

void view_draw_version(struct surface *s, const struct version_seen *seen, enum term_charset charset,
                       int64_t now)
{
	struct arena *a = arena_new();
	const char *text = arena_printf(a, "%s v%lld", seen->v.model, (long long)seen->v.version);
	const char *age = view_cell_age(a, seen->v.registered, now);
	int y = 0;

	surface_put_cut(s, 0, y++, s->w, STYLE_TITLE, text, strlen(text));
	text = arena_printf(a, "%s %s", term_glyph(charset, view_standing_glyph(seen->v.standing)),
	                    seen->v.standing);
	surface_put(s, 0, y, view_standing_style(seen->v.standing), text);
	if (age)
		surface_put_right(s, s->w - 20, y, 20, STYLE_MUTED, arena_printf(a, "%s ago", age));
	y++;
	if (seen->v.description && *seen->v.description) {
		struct surface part = surface_part(s, 0, y, s->w, s->h > y + 3 ? 3 : 0);
		int used = ui_paragraph(&part, 0, 0, STYLE_MUTED, seen->v.description);

		y += used < part.h ? used : part.h;
	}
	y = draw_metrics(s, y, seen, a);
	y = draw_gates(s, y, seen);
	draw_decisions(s, y, seen);
	arena_free(a);
}
