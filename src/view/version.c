/* One version of a model: summary, files, gates, decisions, where it comes from. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "audit.h"
#include "facts.h"
#include "models.h"
#include "view_inside.h"

enum { TAG_VERSION = 1 };
enum { TAB_SUMMARY, TAB_FILES, TAB_GATES, TAB_DECISIONS, TAB_LINEAGE, TABS };
static const char *const TAB_NAMES[TABS] = {"Summary", "Files", "Gates", "Decisions", "Lineage"};
#define PLOT_WIDTH 24
#define COLUMNS    7

struct version_view {
	char ref[300];
	int tab;
	bool below; /* the model's own view stands before it in the path */
	struct arena *arena;
	const struct version_seen *seen;
	struct facts facts;
	struct ui_table *tables[TABS]; /* of the tabs that are lists; NULL for the summary */
	int width;                     /* that the columns were made for */
	struct propose_dialog propose;
	struct error fault; /* code 0: none */
};

/* ---- rows of the lists ---- */

static const char *size_text(struct arena *a, int64_t bytes)
{
	char text[NUM_TEXT];

	return arena_strdup(a, bytes_people(bytes > 0 ? (uint64_t)bytes : 0, text));
}

static void file_cells(struct arena *a, const struct manifest_file *f, struct ui_cell *c)
{
	c[0].text = f->path;
	c[1].text = size_text(a, f->bytes);
	c[2].text = f->digest;
	c[2].style = STYLE_MUTED;
}

static void gate_cells(struct view *v, struct arena *a, const struct version_gate *g, struct ui_cell *c)
{
	enum term_charset charset = view_app_of(v)->charset;
	bool pass = g->result == GATE_PASS;
	style_id style = pass ? STYLE_GOOD : g->waived || g->result == GATE_UNDECIDED ? STYLE_WARN : STYLE_BAD;
	const char *sign = term_glyph(charset, pass ? GLYPH_OK : g->waived ? GLYPH_WARN : GLYPH_BAD);

	c[0].text = g->id;
	c[1].text = arena_printf(a, "%s %s", sign, g->waived ? "waived" : gate_result_name(g->result));
	c[1].style = style;
	c[2].text = view_interval_text(a, g->measured, g->low, g->high);
	c[3].text = view_rule_text(a, g->rule, charset);
	c[4].text = view_interval_plot(a, g, PLOT_WIDTH, charset);
	c[4].style = style;
	if (!c[4].text)
		c[4].text = "";
	c[5].text = g->stage;
	c[5].style = STYLE_MUTED;
	c[6].text = g->waived ? arena_printf(a, "%s; by %s", gate_result_name(g->result), g->waived) : "";
	c[6].style = STYLE_WARN;
}

static void decision_cells(struct view *v, struct arena *a, const struct version_seen *seen,
                           const struct trail_row *r, struct ui_cell *c)
{
	const char *seal = trail_seal(r, seen->sealed_to);

	c[0].text = view_cell_age(a, r->at, ui_now(v->ui));
	c[0].style = STYLE_MUTED;
	c[4].text = seal;
	c[4].style = strcmp(seal, "open") == 0     ? STYLE_WARN
	             : strcmp(seal, "signed") == 0 ? STYLE_GOOD
	                                           : STYLE_MUTED;
	c[5].text = arena_printf(a, "%lld", (long long)r->seq);
	c[5].style = STYLE_MUTED;
	if (!r->readable) {
		c[1].text = "unreadable";
		c[1].style = STYLE_BAD;
		c[6].text = r->fault;
		return;
	}
	c[1].text = ledger_kind_name(r->kind);
	c[1].style = trail_style(r->kind);
	c[2].text = r->role ? arena_printf(a, "%s as %s", r->who, r->role) : r->who;
	c[2].style = r->is_signed ? STYLE_TEXT : STYLE_MUTED;
	c[3].text = r->stage;
	c[6].text = r->reason ? r->reason
	            : r->kind == LEDGER_GATE_RESULTS
	                ? (r->failed ? arena_printf(a, "%zu pass, %zu do not", r->passed, r->failed)
	                             : arena_printf(a, "%zu pass", r->passed))
	                : "";
	c[6].style = STYLE_MUTED;
}

static void lineage_cells(struct arena *a, const struct version_link *l, struct ui_cell *c)
{
	c[0].text = arena_printf(a, "%*s%s", 2 * l->line.depth, "", l->line.kind);
	c[0].style = STYLE_LABEL;
	c[1].text = l->line.name;
	c[2].text = l->line.note ? l->line.note : "";
	c[2].style = STYLE_MUTED;
	c[3].text = l->line.digest ? arena_printf(a, "%.12s", l->line.digest) : "";
	c[3].style = STYLE_MUTED;
}

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct view *v = user;
	struct version_view *d = v->state;
	const struct version_seen *s = d->seen;
	struct arena *a = arena_new();
	size_t count = !s                        ? 0
	               : d->tab == TAB_FILES     ? s->v.file_count
	               : d->tab == TAB_GATES     ? s->gate_count
	               : d->tab == TAB_DECISIONS ? s->decision_count
	               : d->tab == TAB_LINEAGE   ? s->lineage_count
	                                         : 0;
	struct ui_row *rows = arena_array(a, count + 1, sizeof *rows);

	for (size_t i = 0; i < count; i++) {
		struct ui_cell *c = arena_array(a, COLUMNS, sizeof *c);

		rows[i] = (struct ui_row){.id = (int64_t)i + 1, .cells = c};
		if (d->tab == TAB_FILES)
			file_cells(a, &s->v.files[i], c);
		else if (d->tab == TAB_GATES)
			gate_cells(v, a, &s->gates[i], c);
		else if (d->tab == TAB_DECISIONS)
			decision_cells(v, a, s, &s->decisions[i], c);
		else
			lineage_cells(a, &s->lineage[i], c);
	}
	if (d->tables[d->tab])
		ui_table_page(d->tables[d->tab], ui_page_of(a, ask, rows, count));
	else
		arena_free(a);
}

/* ---- summary ---- */

static void add_standing(struct view *v, const struct version_seen *s, int width)
{
	struct version_view *d = v->state;
	struct facts *f = &d->facts;
	struct arena *a = f->arena;
	int64_t now = ui_now(v->ui);

	facts_heading(f, false, "STANDING");
	facts_add(f, false, "standing", view_standing_style(s->v.standing), s->v.standing);
	for (size_t i = 0; i < s->stage_count; i++) {
		const struct model_stage *st = &s->stages[i];
		const char *since = view_cell_age(a, st->since, now);

		if (st->halted)
			facts_add(
			    f, false, st->stage, STYLE_BAD,
			    arena_printf(a, "STOPPED%s: nothing may use it", st->unsigned_halt ? " (unsigned)" : ""));
		else
			facts_add(f, false, st->stage, STYLE_GOOD,
			          arena_printf(a, "for %s%s", since ? since : "?",
			                       st->break_glass ? ", by break-glass: a review must follow" : ""));
	}
	for (size_t i = 0; i < s->proposal_count; i++) {
		const struct version_proposal *p = &s->proposals[i];
		const char *age = view_cell_age(a, p->at, now);

		facts_long(f, false, arena_printf(a, "row %lld", (long long)p->row),
		           strcmp(p->status, "in review") == 0 ? STYLE_ACCENT : STYLE_TEXT,
		           arena_printf(a, "asked for %s by %s, %s ago: %s", p->stage, p->by, age ? age : "?",
		                        strcmp(p->status, "in review") == 0
		                            ? arena_printf(a, "%d of %d signed", p->approvals, p->needed)
		                            : p->status),
		           width);
	}
	if (s->foreign_letters)
		facts_add(f, false, "careful", STYLE_WARN,
		          "the name holds letters beyond ASCII: some look like others");
	if (s->metric_count > 0)
		facts_heading(f, false, "METRICS OF THE RUN");
	for (size_t i = 0; i < s->metric_count && i < 12; i++) {
		const struct series *m = &s->metrics[i];
		const char *number = view_cell_number(a, m->last.value, 4);

		facts_text(f, false, m->name, arena_printf(a, "%-10s %s", number ? number : "nan", m->context));
	}
}

static void add_about(struct view *v, const struct version_seen *s, int width)
{
	struct facts *f = &((struct version_view *)v->state)->facts;
	struct arena *a = f->arena;

	facts_heading(f, true, "ABOUT");
	facts_text(f, true, "model", arena_printf(a, "%s v%lld", s->v.model, (long long)s->v.version));
	facts_long(f, true, "says", STYLE_TEXT, s->v.description, width);
	facts_text(f, true, "owner", s->owner);
	for (size_t i = 0; i < s->v.alias_count; i++)
		facts_add(f, true, i ? "" : "aliases", STYLE_INFO, s->v.aliases[i]);
	facts_add(f, true, "subject", STYLE_MUTED, s->v.subject);
	facts_text(f, true, "files", arena_printf(a, "%zu, %s", s->v.file_count, size_text(a, s->v.bytes)));
	facts_time(f, true, "registered", s->v.registered);
	facts_text(f, true, "ledger", arena_printf(a, "row %lld", (long long)s->v.row));
	facts_text(f, true, "run", s->v.run_name);
	facts_text(f, true, "experiment", s->v.experiment);
	if (s->author_count > 0)
		facts_heading(f, true, "AUTHORS, who may not approve it");
	for (size_t i = 0; i < s->author_count; i++)
		facts_text(f, true, s->authors[i].user, s->authors[i].what);
}

static void draw_summary(struct view *v, struct surface *s)
{
	struct version_view *d = v->state;
	int width = (s->w >= FACTS_HALVES_FROM ? (s->w - 5) / 2 - 2 : s->w - 4) - FACTS_LABEL - 4;

	facts_begin(&d->facts);
	add_standing(v, d->seen, width);
	add_about(v, d->seen, width);
	facts_draw(&d->facts, s);
}

/* ---- the view ---- */

static void ask_version(struct view *v, bool anew)
{
	struct version_view *d = v->state;
	struct version_ask ask = {0};

	if (d->seen && !anew && !d->fault.code) {
		ask.ledger = d->seen->ledger;
		ask.store = d->seen->store;
	}
	snprintf(ask.ref, sizeof ask.ref, "%s", d->ref);
	if (!ui_asking(v, TAG_VERSION))
		ui_ask_front(v, TAG_VERSION, view_version_read, &ask, sizeof ask, NULL);
}

static int tab_named(const char *name)
{
	for (int i = 0; name && i < TABS; i++)
		if (strcasecmp(TAB_NAMES[i], name) == 0)
			return i;
	return -1;
}

static void show_tab(struct view *v, int tab)
{
	struct version_view *d = v->state;

	d->tab = tab;
	ui_state_set(v, "tab", TAB_NAMES[tab]);
	if (d->tables[tab])
		ui_table_refresh(d->tables[tab]);
}

/* Texts get what the others leave: at 80 columns they are cut, not left out. */
static int rest(int width, int others, int least)
{
	return width - others > least ? width - others : least;
}

/* Again when the width is another one. */
static void set_columns(struct view *v, int width)
{
	const struct ui_column files[] = {
	    {.id = "path", .title = "file", .min = 16, .max = 40, .no_sort = true},
	    {.id = "size", .title = "size", .align = UI_RIGHT, .min = 9, .no_sort = true},
	    {.id = "digest", .title = "sha256", .min = 12, .max = rest(width, 36, 12), .no_sort = true},
	};
	const struct ui_column gates[] = {
	    {.id = "gate", .title = "gate", .min = 10, .max = 24, .no_sort = true},
	    {.id = "result", .title = "result", .min = 9, .max = 20, .no_sort = true},
	    {.id = "measured", .title = "measured", .min = 10, .max = 30, .no_sort = true},
	    {.id = "limit", .title = "limit", .min = 8, .max = 20, .no_sort = true, .priority = 1},
	    {.id = "plot",
	     .title = "interval, limit",
	     .min = PLOT_WIDTH,
	     .max = PLOT_WIDTH,
	     .no_sort = true,
	     .priority = 3},
	    {.id = "stage", .title = "for", .min = 7, .max = 14, .no_sort = true, .priority = 2},
	    {.id = "waived", .title = "waived", .min = 8, .max = 30, .no_sort = true, .priority = 4},
	};
	const struct ui_column decisions[] = {
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4, .no_sort = true},
	    {.id = "kind", .title = "what", .min = 9, .max = 12, .no_sort = true},
	    {.id = "who", .title = "who", .min = 12, .max = 32, .no_sort = true},
	    {.id = "stage", .title = "stage", .min = 7, .max = 14, .no_sort = true, .priority = 1},
	    {.id = "seal", .title = "seal", .min = 6, .no_sort = true, .priority = 2},
	    {.id = "row", .title = "row", .align = UI_RIGHT, .min = 4, .no_sort = true, .priority = 3},
	    {.id = "why", .title = "why", .min = 12, .max = rest(width, 84, 12), .no_sort = true, .priority = 4},
	};
	const struct ui_column lineage[] = {
	    {.id = "kind", .title = "what", .min = 12, .no_sort = true},
	    {.id = "name", .title = "which", .min = 16, .max = 28, .no_sort = true},
	    {.id = "note",
	     .title = "note",
	     .min = 12,
	     .max = rest(width, 50, 12),
	     .no_sort = true,
	     .priority = 1},
	    {.id = "digest", .title = "digest", .min = 12, .no_sort = true, .priority = 2},
	};
	const struct {
		const struct ui_column *columns;
		size_t count;
		const char *empty;
	} of[TABS] = {
	    [TAB_FILES] = {files, COUNT_OF(files), "This version has no files."},
	    [TAB_GATES] = {gates, COUNT_OF(gates),
	                   "No gate has been computed for this version. Gates are what the policy asks of a "
	                   "version before a "
	                   "stage: a metric against a limit, a bias measure, the age of the data.\n\n"
	                   "p  proposes the version, which computes them\n"
	                   "$ assay gate NAME@V STAGE"},
	    [TAB_DECISIONS] = {decisions, COUNT_OF(decisions), "Nothing has been decided about this version."},
	    [TAB_LINEAGE] = {lineage, COUNT_OF(lineage), "It is not known what this version was made from."},
	};
	struct version_view *d = v->state;

	d->width = width;
	for (int i = 0; i < TABS; i++) {
		if (!of[i].columns)
			continue;
		if (!d->tables[i])
			d->tables[i] = ui_table_new(v, ask_rows, v);
		ui_table_columns(d->tables[i], of[i].columns, of[i].count);
		ui_table_empty(d->tables[i], of[i].empty);
	}
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct version_view *d = v->state;
	const struct version_args *in = args;
	int tab = tab_named(in->tab);

	if (in->tab && tab < 0)
		return error_set(err, ERR_USAGE,
		                 "a version has no part \"%s\": summary, files, gates, decisions, lineage", in->tab);
	if (strlen(in->ref) >= sizeof d->ref)
		return error_set(err, ERR_USAGE, "the name of this version is longer than %zu bytes",
		                 sizeof d->ref - 1);
	if (tab < 0)
		tab = tab_named(ui_state_get(v, "tab"));
	snprintf(d->ref, sizeof d->ref, "%s", in->ref);
	d->tab = tab < 0 ? TAB_SUMMARY : tab;
	d->below = in->below;
	set_columns(v, v->body_w);
	ask_version(v, true);
	return 0;
}

static void close_view(struct view *v)
{
	struct version_view *d = v->state;

	for (int i = 0; i < TABS; i++)
		ui_table_free(d->tables[i]);
	facts_release(&d->facts);
	arena_free(d->arena);
}

static void draw(struct view *v, struct surface *s)
{
	struct version_view *d = v->state;
	struct surface body = surface_part(s, 0, 2, s->w, s->h - 2);
	int used = ui_tabs_draw(s, 0, TAB_NAMES, TABS, d->tab);

	if (d->fault.code) {
		view_draw_fault(&body, &d->fault);
		return;
	}
	if (!d->seen) {
		surface_put(&body, 2, 0, STYLE_MUTED, "Reading…");
		return;
	}
	if (used + 16 < s->w) {
		const char *standing = d->seen->v.standing;
		int width = (int)strlen(standing) + 2;

		surface_glyph(s, s->w - width - 1, 0, view_standing_style(standing), view_standing_glyph(standing));
		surface_put(s, s->w - width + 1, 0, view_standing_style(standing), standing);
	}
	if (d->width != s->w)
		set_columns(v, s->w);
	if (d->tab == TAB_SUMMARY)
		draw_summary(v, &body);
	else
		ui_table_draw(d->tables[d->tab], &body, true);
}

/* ---- acts ---- */

static void open_row(struct view *v)
{
	struct version_view *d = v->state;
	size_t at = d->tables[d->tab] ? (size_t)ui_table_cursor(d->tables[d->tab]) : 0;
	struct entry_args entry = {0};

	if (at == 0 || !d->seen)
		return;
	at--;
	if (d->tab == TAB_LINEAGE && at < d->seen->lineage_count) {
		struct run_args run = {.id = d->seen->lineage[at].run};
		struct features_args data = {.id = d->seen->lineage[at].data};

		if (run.id)
			ui_open(v->ui, &RUN_VIEW, &run);
		else if (data.id)
			ui_open(v->ui, &FEATURES_VIEW, &data);
		return;
	}
	if (d->tab == TAB_DECISIONS && at < d->seen->decision_count)
		entry.id = 2 * d->seen->decisions[at].seq;
	if (d->tab == TAB_GATES)
		entry.id = 2 * d->seen->gates_row;
	if (entry.id)
		ui_open(v->ui, &ENTRY_VIEW, &entry);
}

static bool action(struct view *v, enum action what)
{
	struct version_view *d = v->state;

	switch ((int)what) {
	case ACTION_APP_NEXT_PART:
		show_tab(v, (d->tab + 1) % TABS);
		return true;
	case ACTION_APP_PREVIOUS_PART:
		show_tab(v, (d->tab + TABS - 1) % TABS);
		return true;
	case ACTION_LIST_OPEN:
		open_row(v);
		return true;
	case ACTION_MODEL_REVIEW:
		if (d->seen && d->seen->waiting)
			view_open_review(v, d->seen->waiting);
		return true;
	case ACTION_MODEL_PROPOSE:
		if (d->seen)
			view_propose_begin(&d->propose, v, &d->seen->v, d->seen->policy_stages,
			                   d->seen->policy_stage_count);
		return true;
	case ACTION_APP_REFRESH:
		ask_version(v, true);
		return true;
	default:
		return d->tables[d->tab] ? ui_table_action(d->tables[d->tab], what)
		                         : facts_action(&d->facts, what, v->body_h - 2);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct version_view *d = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN:
		return d->tab == TAB_SUMMARY ? "not here; Tab goes to the next part"
		       : d->tab == TAB_FILES ? "a file is shown by its digest only"
		                             : NULL;
	case ACTION_MODEL_REVIEW:
		return d->seen && d->seen->waiting ? NULL : "no proposal of this version waits";
	case ACTION_MODEL_PROPOSE:
		return d->fault.code == ERR_TAMPER ? "the ledger does not hold: nothing can be signed"
		       : !d->seen                  ? "it is being read"
		       : d->seen->no_roster        ? "there is no roster yet: nobody can sign"
		                                   : NULL;
	case ACTION_LIST_FILTER:
	case ACTION_LIST_SORT:
	case ACTION_LIST_REVERSE:
	case ACTION_LIST_COLUMNS:
	case ACTION_LIST_MARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_UNMARK:
		return "not here";
	default:
		return NULL;
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	struct version_view *d = v->state;

	if (e->kind != TERM_EVENT_MOUSE)
		return false;
	if (e->mouse == TERM_MOUSE_PRESS && e->y == 0) {
		int hit = ui_tabs_hit(TAB_NAMES, TABS, e->x);

		if (hit >= 0)
			show_tab(v, hit);
		return hit >= 0;
	}
	return d->tables[d->tab] && ui_table_event(d->tables[d->tab], e);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct version_view *d = v->state;
	const struct version_seen *seen = r->data;

	if (r->status != 0) {
		if (!r->cancelled)
			d->fault = r->err;
		return;
	}
	d->fault.code = 0;
	if (seen->same)
		return;
	arena_free(d->arena);
	d->arena = r->arena;
	d->seen = seen;
	r->arena = NULL;
	/* A stage or an alias that was asked for moves; the version that is looked at does not. */
	snprintf(d->ref, sizeof d->ref, "%s@%lld", seen->v.model, (long long)seen->v.version);
	for (int i = 0; i < TABS; i++)
		if (d->tables[i] && i == d->tab)
			ui_table_refresh(d->tables[i]);
}

static void changed(struct view *v)
{
	ask_version(v, false);
}

static void title(struct view *v, struct str *out)
{
	const struct version_view *d = v->state;

	if (d->seen && d->below)
		str_addf(out, "v%lld", (long long)d->seen->v.version);
	else if (d->seen)
		str_addf(out, "%s v%lld", d->seen->v.model, (long long)d->seen->v.version);
	else
		str_adds(out, d->ref);
}

static void place(struct view *v, struct str *out)
{
	const struct version_view *d = v->state;
	struct arena *a = arena_new();

	if (d->seen)
		str_addf(out, "models:%s@%lld/%s", d->seen->v.model, (long long)d->seen->v.version,
		         view_lower(a, TAB_NAMES[d->tab]));
	arena_free(a);
}

const struct view_ops VERSION_VIEW = {
    .name = "version",
    .contexts = "version list",
    .state_size = sizeof(struct version_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .place = place,
    .tick_ms = 2000,
    .tick = tick,
    .resume = tick,
};
