/* What models and versions are done to: registered, proposed, reviewed. */
#include <string.h>

#include "models.h"
#include "sign.h"
#include "view_inside.h"

void view_draw_fault(struct surface *s, const struct error *fault)
{
	struct surface part = surface_part(s, 5, 1, s->w - 8, s->h - 1);
	int y = ui_paragraph(&part, 0, 0, STYLE_ERROR, fault->text);

	surface_glyph(s, 3, 1, STYLE_BAD, GLYPH_BAD);
	if (fault->code == ERR_TAMPER)
		ui_paragraph(&part, 0, y + 1, STYLE_MUTED,
		             "Until this is mended nothing can be signed.\n"
		             "8  shows every row; V there verifies all of them\n"
		             "$ assay verify");
}

void view_open_review(struct view *v, int64_t proposal)
{
	struct review_args args = {.proposal = proposal};

	ui_open(v->ui, &REVIEW_VIEW, &args);
}

/* ---- registering a run's model ---- */

int view_register_write(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct register_ask *ask = arg;
	struct register_done *done = arena_alloc(a, sizeof *done);
	struct work_version version;
	struct run_row run;
	struct trust *t;

	*result = done;
	if (view_desk_trust(desk, &t, err) != 0 || store_run_get(desk->store, ask->run, a, &run, err) != 0)
		return -1;
	struct work_register what = {
	    .run = run.uuid, .name = ask->name, .description = *ask->description ? ask->description : NULL};

	if (work_register(t, &what, &version, &done->known, a, err) != 0)
		return -1;
	done->version = version.version;
	done->name = arena_strdup(a, ask->name);
	done->run = arena_strdup(a, view_short_id(run.uuid));
	return 0;
}

static void description_accepted(void *user, const char *text)
{
	struct register_dialog *d = user;

	snprintf(d->ask.description, sizeof d->ask.description, "%s", text);
	ui_do(d->view, d->tag, view_register_write, &d->ask, sizeof d->ask, NULL);
}

static void check_length(const char *text, size_t most, struct ui_check *out)
{
	*out = (struct ui_check){.ok = strlen(text) < most, .at = most - 1};
	if (!out->ok)
		snprintf(out->message, sizeof out->message, "at most %zu letters", most - 1);
}

static void description_check(void *user, const char *text, struct ui_check *out)
{
	(void)user;
	check_length(text, sizeof((struct register_ask *)0)->description, out);
}

static void name_accepted(void *user, const char *text)
{
	struct register_dialog *d = user;
	struct ui_prompt prompt = {.label = "what it is (may be empty)",
	                           .text = "",
	                           .user = d,
	                           .check = description_check,
	                           .accept = description_accepted};

	snprintf(d->ask.name, sizeof d->ask.name, "%s", text);
	ui_prompt(d->view, &prompt);
}

static void name_check(void *user, const char *text, struct ui_check *out)
{
	(void)user;
	check_length(text, sizeof((struct register_ask *)0)->name, out);
	if (out->ok && *text == 0) {
		out->ok = false;
		out->at = 0;
		snprintf(out->message, sizeof out->message, "the model's name: a known one gets its next version");
	}
}

void view_register_begin(struct register_dialog *d, struct view *v, int tag, int64_t run)
{
	struct ui_prompt prompt = {.label = "register as model",
	                           .text = "",
	                           .history = "register-name",
	                           .user = d,
	                           .check = name_check,
	                           .accept = name_accepted};

	*d = (struct register_dialog){.view = v, .tag = tag, .ask = {.run = run}};
	ui_prompt(v, &prompt);
}

void view_register_show(struct view *v, const struct register_done *done)
{
	view_command(v->ui, (const char *[]){"assay", "register", done->run, done->name, NULL});
	ui_message(v->ui, STYLE_MESSAGE, done->known ? "this run is %s v%lld already" : "registered as %s v%lld",
	           done->name, (long long)done->version);
	if (!done->known)
		ui_lasting(v->ui, "what is registered stays registered: its number is never given again");
}

/* ---- proposing a version ---- */

static void stage_accepted(void *user, int64_t id)
{
	struct propose_dialog *d = user;
	const char *stage = d->stages[id - 1];
	struct work_decision decision = {.kind = LEDGER_PROPOSE, .model = d->ref, .stage = stage};
	struct sign_about about = {.subject = d->subject, .digest = d->digest, .stage = stage};
	struct str line;

	str_init(&line);
	work_shell_line((const char *[]){"assay", "propose", d->ref, stage, NULL}, &line);
	about.command = line.data;
	view_sign(d->view, &decision, &about);
	str_release(&line);
}

void view_propose_begin(struct propose_dialog *d, struct view *v, const struct work_version *version,
                        const char *const *stages, size_t stage_count)
{
	struct ui_menu_item items[PROPOSE_STAGES];
	struct ui_menu menu = {
	    .title = "Propose for which stage?", .items = items, .user = d, .accept = stage_accepted};

	*d = (struct propose_dialog){.view = v};
	snprintf(d->ref, sizeof d->ref, "%s@%lld", version->model, (long long)version->version);
	snprintf(d->subject, sizeof d->subject, "%s v%lld", version->model, (long long)version->version);
	snprintf(d->digest, sizeof d->digest, "%.8s", version->subject);
	for (size_t i = 0; i < stage_count && d->stage_count < PROPOSE_STAGES; i++) {
		size_t at = d->stage_count;

		if (strlen(stages[i]) >= sizeof d->stages[0])
			continue;
		snprintf(d->stages[at], sizeof d->stages[0], "%s", stages[i]);
		items[at] = (struct ui_menu_item){.text = d->stages[at], .id = (int64_t)at + 1};
		for (size_t k = 0; k < version->stage_count; k++)
			if (strcmp(version->stages[k], stages[i]) == 0)
				items[at].why_not = "it is there already";
		d->stage_count++;
	}
	menu.count = d->stage_count;
	if (menu.count == 0)
		ui_message(v->ui, STYLE_WARN, "the policy in force knows no stage");
	else
		ui_menu(v, &menu);
}

/* ---- stages: stopped, resumed, rolled back ---- */

bool view_stage_kind(enum action action, enum ledger_kind *kind)
{
	switch ((int)action) {
	case ACTION_MODEL_HALT:
		*kind = LEDGER_HALT;
		return true;
	case ACTION_MODEL_RESUME:
		*kind = LEDGER_RESUME;
		return true;
	case ACTION_MODEL_ROLLBACK:
		*kind = LEDGER_ROLLBACK;
		return true;
	default:
		return false;
	}
}

static bool stage_fits(enum ledger_kind kind, const struct model_stage *s)
{
	return s->version > 0 && (kind == LEDGER_ROLLBACK || s->halted == (kind == LEDGER_RESUME));
}

const char *view_stage_why_not(enum ledger_kind kind, const struct model_stage *stages, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (stage_fits(kind, &stages[i]))
			return NULL;
	return kind == LEDGER_RESUME ? "no stage of it is stopped"
	       : kind == LEDGER_HALT ? "it is in no stage that could be stopped"
	                             : "it is in no stage";
}

static void stage_chosen(void *user, int64_t id)
{
	struct stage_dialog *d = user;
	const char *stage = d->stages[id - 1];
	struct arena *a = arena_new();
	struct work_decision decision = {
	    .kind = d->kind, .model = d->model, .stage = stage, .version = d->version};
	struct sign_about about = {
	    .subject = d->model,
	    .stage = stage,
	    .command = arena_printf(a, "assay %s %s %s", ledger_kind_name(d->kind), d->model, stage)};

	view_sign(d->view, &decision, &about);
	arena_free(a);
}

void view_stage_begin(struct stage_dialog *d, struct view *v, enum ledger_kind kind, const char *model,
                      const struct model_stage *stages, size_t count, int64_t version)
{
	struct ui_menu_item items[PROPOSE_STAGES];
	struct arena *a = arena_new();
	struct ui_menu menu = {.items = items, .user = d, .accept = stage_chosen};

	*d = (struct stage_dialog){.view = v, .kind = kind, .version = version};
	menu.title = kind == LEDGER_HALT     ? "Stop which stage?"
	             : kind == LEDGER_RESUME ? "Resume which stage?"
	                                     : "Roll back which stage?";
	snprintf(d->model, sizeof d->model, "%s", model);
	for (size_t i = 0; i < count && menu.count < PROPOSE_STAGES; i++) {
		size_t at = menu.count;

		if (!stage_fits(kind, &stages[i]) || strlen(stages[i].stage) >= sizeof d->stages[0])
			continue;
		snprintf(d->stages[at], sizeof d->stages[0], "%s", stages[i].stage);
		items[at] = (struct ui_menu_item){.text = d->stages[at],
		                                  .detail = arena_printf(a, "v%lld", (long long)stages[i].version),
		                                  .id = (int64_t)at + 1};
		menu.count++;
	}
	d->stage_count = menu.count;
	if (menu.count == 1)
		stage_chosen(d, 1);
	else if (menu.count > 1)
		ui_menu(v, &menu);
	arena_free(a);
}

/* ---- aliases ---- */

int view_alias_write(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	struct alias_ask *done = arena_alloc(a, sizeof *done);
	struct trust *t;

	*done = *(const struct alias_ask *)arg;
	*result = done;
	if (view_desk_trust(desk, &t, err) != 0)
		return -1;
	return work_alias(t, done->remove ? done->model : done->ref, done->name, done->remove, err);
}

static void alias_accepted(void *user, const char *text)
{
	struct alias_dialog *d = user;

	d->ask.remove = *text == '-';
	snprintf(d->ask.name, sizeof d->ask.name, "%s", text + d->ask.remove);
	ui_do(d->view, d->tag, view_alias_write, &d->ask, sizeof d->ask, NULL);
}

static void alias_check(void *user, const char *text, struct ui_check *out)
{
	(void)user;
	check_length(text, sizeof((struct alias_ask *)0)->name, out);
	if (out->ok && (*text == 0 || strcmp(text, "-") == 0)) {
		out->ok = false;
		out->at = 0;
		snprintf(out->message, sizeof out->message,
		         "a name like champion; it moves if it is there already; -champion takes it away");
	}
}

void view_alias_begin(struct alias_dialog *d, struct view *v, int tag, const char *model, int64_t version)
{
	struct ui_prompt prompt = {.label = "alias",
	                           .text = "",
	                           .history = "alias",
	                           .user = d,
	                           .check = alias_check,
	                           .accept = alias_accepted};

	*d = (struct alias_dialog){.view = v, .tag = tag};
	snprintf(d->ask.model, sizeof d->ask.model, "%s", model);
	snprintf(d->ask.ref, sizeof d->ask.ref, "%.255s@%lld", model, (long long)version);
	ui_prompt(v, &prompt);
}

void view_alias_show(struct view *v, const struct alias_ask *done)
{
	view_command(v->ui, done->remove
	                        ? (const char *[]){"assay", "alias", done->model, done->name, "--remove", NULL}
	                        : (const char *[]){"assay", "alias", done->ref, done->name, NULL});
	ui_lasting(v->ui, "an alias is moved back by pointing it again");
}
