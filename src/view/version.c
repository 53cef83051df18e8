/* One version of a model: summary, files, gates, decisions, where it comes from. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "facts.h"
#include "models.h"
#include "view_inside.h"

enum { TAG_VERSION = 1, TAG_ALIAS };
/* After the summary the lists, in the order of enum version_tab. */
enum { TAB_SUMMARY, TAB_FIRST_LIST, TABS = TAB_FIRST_LIST + VERSION_TABS };
static const char *const TAB_NAMES[TABS] = {"Summary", "Files", "Gates", "Decisions", "Lineage"};

struct version_view {
	char ref[300];
	int tab;
	bool below; /* the model's own view stands before it in the path */
	struct arena *arena;
	const struct version_seen *seen;
	struct facts facts;
	struct list lists[VERSION_TABS];
	struct propose_dialog propose;
	struct stage_dialog stage;
	struct alias_dialog alias;
	bool again;         /* it has changed since it was asked for */
	struct error fault; /* code 0: none */
};

/* ---- summary ---- */

static void add_standing(struct view *v, const struct version_seen *s)
{
	struct version_view *d = v->state;
	struct facts *f = &d->facts;
	struct arena *a = f->arena;
	int64_t now = ui_now(v->ui);

	facts_heading(f, false, "STANDING");
	facts_add(f, false, "standing", view_standing_style(s->v.standing), s->v.standing)->sign =
	    1 + (int)view_standing_glyph(s->v.standing);
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
		                            : p->status));
	}
	if (s->foreign_letters)
		facts_add(f, false, "careful", STYLE_WARN,
		          "the name holds letters beyond ASCII: some look like others");
	if (s->metric_count > 0)
		facts_heading(f, false, "METRICS OF THE RUN");
	for (size_t i = 0; i < s->metric_count; i++) {
		const struct series *m = &s->metrics[i];
		const char *number = view_cell_number(a, m->last.value, 4);

		facts_text(f, false, m->name, arena_printf(a, "%-10s %s", number ? number : "nan", m->context));
	}
}

static void add_about(struct view *v, const struct version_seen *s)
{
	struct facts *f = &((struct version_view *)v->state)->facts;
	struct arena *a = f->arena;
	char size[NUM_TEXT];

	facts_heading(f, true, "ABOUT");
	facts_text(f, true, "model", arena_printf(a, "%s v%lld", s->v.model, (long long)s->v.version));
	facts_long(f, true, "says", STYLE_TEXT, s->v.description);
	facts_text(f, true, "owner", s->owner);
	for (size_t i = 0; i < s->v.alias_count; i++)
		facts_add(f, true, i ? "" : "aliases", STYLE_INFO, s->v.aliases[i]);
	facts_add(f, true, "subject", STYLE_MUTED, s->v.subject);
	facts_text(f, true, "files",
	           arena_printf(a, "%zu, %s", s->v.file_count,
	                        bytes_people(s->v.bytes > 0 ? (uint64_t)s->v.bytes : 0, size)));
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

	facts_begin(&d->facts);
	add_standing(v, d->seen);
	add_about(v, d->seen);
	facts_draw(&d->facts, s);
}

/* ---- the view ---- */

static void ask_version(struct view *v, bool anew)
{
	struct version_view *d = v->state;
	struct list_ask ask = {0};

	if (d->seen && !anew && !d->fault.code) {
		ask.ledger = d->seen->list.ledger;
		ask.store = d->seen->list.store;
	}
	snprintf(ask.what, sizeof ask.what, "%s", d->ref);
	d->again = ui_asking(v, TAG_VERSION);
	if (!d->again)
		ui_ask_front(v, TAG_VERSION, view_version_read, &ask, sizeof ask, NULL);
}

static void show_tab(struct view *v, int tab)
{
	struct version_view *d = v->state;

	d->tab = tab;
	ui_state_set(v, "tab", TAB_NAMES[tab]);
}

/* The list that is seen; NULL: the summary is. */
static struct list *list_now(struct version_view *d)
{
	return d->tab == TAB_SUMMARY ? NULL : &d->lists[d->tab - TAB_FIRST_LIST];
}

/* ---- the lists ---- */

/* Texts get what the others leave: at 80 columns they are cut, not left out. */
static int rest(int width, int others, int least)
{
	return width - others > least ? width - others : least;
}

static size_t file_columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "path", .title = "file", .min = 16, .max = 40},
	    {.id = "size", .title = "size", .align = UI_RIGHT, .min = 9},
	    {.id = "digest", .title = "sha256", .min = 12, .max = rest(width, 36, 12)},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static size_t gate_columns(struct list *l, int width, struct ui_column *out)
{
	static const struct ui_column all[] = {
	    {.id = "gate", .title = "gate", .min = 10, .max = 24},
	    {.id = "result", .title = "result", .min = 9, .max = 20},
	    {.id = "measured", .title = "measured", .min = 10, .max = 30},
	    {.id = "limit", .title = "limit", .min = 8, .max = 20, .priority = 1},
	    {.id = "plot",
	     .title = "interval, limit",
	     .min = VERSION_PLOT,
	     .max = VERSION_PLOT,
	     .no_sort = true,
	     .priority = 3},
	    {.id = "stage", .title = "for", .min = 7, .max = 14, .priority = 2},
	    {.id = "waived", .title = "waived", .min = 8, .max = 30, .priority = 4},
	};

	(void)l;
	(void)width;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static size_t decision_columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4},
	    {.id = "kind", .title = "what", .min = 9, .max = 12},
	    {.id = "who", .title = "who", .min = 12, .max = 32},
	    {.id = "stage", .title = "stage", .min = 7, .max = 14, .priority = 1},
	    {.id = "seal", .title = "seal", .min = 6, .priority = 2},
	    {.id = "row", .title = "row", .align = UI_RIGHT, .min = 4, .priority = 3},
	    {.id = "why", .title = "why", .min = 12, .max = rest(width, 84, 12), .priority = 4},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static size_t lineage_columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "kind", .title = "what", .min = 12},
	    {.id = "name", .title = "which", .min = 16, .max = 28},
	    {.id = "note", .title = "note", .min = 12, .max = rest(width, 50, 12), .priority = 1},
	    {.id = "digest", .title = "digest", .min = 12, .priority = 2},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static void open_entry(struct list *l, int64_t row)
{
	struct entry_args entry = {.id = 2 * row};

	if (row)
		ui_open(l->view->ui, &ENTRY_VIEW, &entry);
}

static void open_gate(struct list *l, int64_t id)
{
	(void)id;
	open_entry(l, ((struct version_view *)l->view->state)->seen->gates_row);
}

static void open_decision(struct list *l, int64_t id)
{
	open_entry(l, ((struct version_view *)l->view->state)->seen->decisions[id - 1].seq);
}

static void open_link(struct list *l, int64_t id)
{
	const struct version_link *link = &((struct version_view *)l->view->state)->seen->lineage[id - 1];
	struct run_args run = {.id = link->run};
	struct features_args data = {.id = link->data};

	if (run.id)
		ui_open(l->view->ui, &RUN_VIEW, &run);
	else if (data.id)
		ui_open(l->view->ui, &FEATURES_VIEW, &data);
	else
		ui_message(l->view->ui, STYLE_MESSAGE, "there is no more to see of this one than its row says");
}

static const struct list_spec LISTS[VERSION_TABS] = {
    [VERSION_FILES] = {.name = "files",
                       .one = "file",
                       .many = "files",
                       .empty = "This version has no files.",
                       .columns = file_columns,
                       .open_why_not = "not for a file: it is shown by its digest only"},
    [VERSION_GATES] = {.name = "gates",
                       .one = "gate",
                       .many = "gates",
                       .empty =
                           "No gate has been computed for this version. Gates are what the policy asks of a "
                           "version before a stage: a metric against a limit, a bias measure, the age of the "
                           "data.\n\n"
                           "p  proposes the version, which computes them\n"
                           "$ assay gate NAME@V STAGE",
                       .columns = gate_columns,
                       .open = open_gate},
    [VERSION_DECISIONS] = {.name = "decisions",
                           .one = "decision",
                           .many = "decisions",
                           .empty = "Nothing has been decided about this version.\n\n"
                                    "p  proposes it for a stage\n"
                                    "$ assay propose NAME@V STAGE --reason TEXT",
                           .columns = decision_columns,
                           .open = open_decision},
    [VERSION_LINEAGE] = {.name = "lineage",
                         .one = "thing",
                         .many = "things",
                         .empty = "It is not known what this version was made from.",
                         .columns = lineage_columns,
                         .open = open_link},
};

static int open(struct view *v, const void *args, struct error *err)
{
	struct version_view *d = v->state;
	const struct version_args *in = args;
	int tab = view_tab_named(TAB_NAMES, TABS, in->tab);

	if (in->tab && tab < 0)
		return error_set(err, ERR_USAGE,
		                 "a version has no part \"%s\": summary, files, gates, decisions, lineage", in->tab);
	if (strlen(in->ref) >= sizeof d->ref)
		return error_set(err, ERR_USAGE, "the name of this version is longer than %zu bytes",
		                 sizeof d->ref - 1);
	if (tab < 0)
		tab = view_tab_named(TAB_NAMES, TABS, ui_state_get(v, "tab"));
	snprintf(d->ref, sizeof d->ref, "%s", in->ref);
	d->tab = tab < 0 ? TAB_SUMMARY : tab;
	d->below = in->below;
	for (int i = 0; i < VERSION_TABS; i++)
		list_init(&d->lists[i], v, &LISTS[i]);
	ask_version(v, true);
	return 0;
}

static void close_view(struct view *v)
{
	struct version_view *d = v->state;

	for (int i = 0; i < VERSION_TABS; i++)
		list_release(&d->lists[i]);
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
	if (d->tab == TAB_SUMMARY) {
		draw_summary(v, &body);
	} else {
		body = surface_part(s, 0, 1, s->w, s->h - 1);
		list_draw(list_now(d), &body);
	}
}

/* ---- acts ---- */

static bool action(struct view *v, enum action what)
{
	struct version_view *d = v->state;
	enum ledger_kind kind;

	if (view_stage_kind(what, &kind)) {
		if (d->seen)
			view_stage_begin(&d->stage, v, kind, d->seen->v.model, d->seen->model_stages,
			                 d->seen->model_stage_count,
			                 kind == LEDGER_ROLLBACK && d->seen->stage_count == 0 ? d->seen->v.version : 0);
		return true;
	}
	switch ((int)what) {
	case ACTION_APP_NEXT_PART:
		show_tab(v, (d->tab + 1) % TABS);
		return true;
	case ACTION_APP_PREVIOUS_PART:
		show_tab(v, (d->tab + TABS - 1) % TABS);
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
	case ACTION_MODEL_ALIAS:
		if (d->seen)
			view_alias_begin(&d->alias, v, TAG_ALIAS, d->seen->v.model, d->seen->v.version);
		return true;
	case ACTION_APP_REFRESH:
		ask_version(v, true);
		return true;
	default:
		return list_now(d) ? list_action(list_now(d), what) : facts_action(&d->facts, what, v->body_h - 2);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct version_view *d = v->state;
	enum ledger_kind kind;
	bool stage = view_stage_kind(what, &kind);

	if (what == ACTION_MODEL_REVIEW)
		return d->seen && d->seen->waiting ? NULL : "no proposal of this version waits";
	if (stage || what == ACTION_MODEL_PROPOSE || what == ACTION_MODEL_ALIAS)
		return d->fault.code == ERR_TAMPER  ? "the ledger does not hold: nothing can be signed"
		       : !d->seen                   ? "it is being read"
		       : what == ACTION_MODEL_ALIAS ? NULL
		       : d->seen->no_roster         ? "there is no roster yet: nobody can sign"
		       : stage ? view_stage_why_not(kind, d->seen->model_stages, d->seen->model_stage_count)
		               : NULL;
	if (list_now(d))
		return list_why_not(list_now(d), what);
	return what == ACTION_LIST_OPEN ? "not here; Tab goes to the next part" : list_none(what);
}

static bool event(struct view *v, const struct term_event *e)
{
	struct version_view *d = v->state;

	if (e->kind != TERM_EVENT_MOUSE)
		return false;
	if (e->mouse == TERM_MOUSE_PRESS && e->y == 0) {
		int hit = ui_tabs_hit(TAB_NAMES, TABS, d->tab, v->body_w, e->x);

		if (hit >= 0)
			show_tab(v, hit);
		return hit >= 0;
	}
	return list_now(d) && list_event(list_now(d), e);
}

static void take(struct view *v, struct ui_result *r)
{
	struct version_view *d = v->state;
	const struct version_seen *seen = r->data;

	struct arena *before = d->arena;

	if (r->status != 0) {
		if (!r->cancelled)
			d->fault = r->err;
		return;
	}
	d->fault.code = 0;
	if (seen->list.same)
		return;
	d->arena = r->arena;
	d->seen = seen;
	r->arena = NULL;
	/* A stage or an alias that was asked for moves; the version that is looked at does not. */
	snprintf(d->ref, sizeof d->ref, "%s@%lld", seen->v.model, (long long)seen->v.version);
	for (int i = 0; i < VERSION_TABS; i++)
		list_set_rows(&d->lists[i], seen->tabs[i].rows, seen->tabs[i].count);
	arena_free(before);
}

static void on_result(struct view *v, struct ui_result *r)
{
	if (r->tag == TAG_ALIAS && r->status == 0)
		view_alias_show(v, r->data);
	else if (r->tag == TAG_VERSION)
		take(v, r);
	if (r->tag == TAG_ALIAS || ((struct version_view *)v->state)->again)
		ask_version(v, r->tag == TAG_ALIAS);
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

	str_addf(out, "models:%s/%s", d->ref, view_lower(a, TAB_NAMES[d->tab]));
	arena_free(a);
}

static void lists(struct view *v, void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	const struct version_view *d = v->state;

	if (d->tab == TAB_SUMMARY && d->seen)
		facts_list(&d->facts, "summary", fn, user);
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
    .lists = lists,
    .resume = changed,
    .changed = changed,
};
