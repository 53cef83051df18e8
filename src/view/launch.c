/* Launch: a form for a recipe or a command; below it the command line that does the same. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "launch.h"
#include "view_inside.h"

enum { TAG_SETS = 1, TAG_CHECK, TAG_START };
#define WHAT_COMMAND "command"

struct launch {
	struct ui_form *form;
	struct arena *arena; /* of the data sets */
	const struct launch_sets *sets;
	struct launch_args args;
	char recipe[64], data[256];
	char fault[512];       /* of the form as a whole */
	bool starting, edited; /* edited: more than recipe and data set would be lost */
	char complained[80];   /* field that carries the check's complaint; "": none */
	struct str line;
};

/* ---- fields ---- */

static const struct launch_set *set_named(const struct launch *l, const char *name)
{
	for (size_t i = 0; l->sets && i < l->sets->count; i++)
		if (strcmp(l->sets->set[i].name, name) == 0)
			return &l->sets->set[i];
	return NULL;
}

static void param_field(struct arena *a, const struct learn_param *p, struct ui_field *f)
{
	char value[NUM_TEXT], low[NUM_TEXT];

	*f = (struct ui_field){.name = arena_printf(a, "set.%s", p->name), .label = p->name};
	if (p->type == LEARN_BOOL) {
		f->kind = UI_TOGGLE;
		f->value = p->fallback != 0 ? "yes" : "no";
		f->help = p->help;
		return;
	}
	f->kind = p->type == LEARN_INT ? UI_INTEGER : UI_NUMBER;
	f->low = p->low;
	f->high = p->high;
	f->required = true;
	f->value = arena_strdup(a, learn_param_text(p, p->fallback, value));
	f->help =
	    isfinite(p->high) ? p->help : arena_printf(a, "%s (%s or more)", p->help, num_people(p->low, 6, low));
}

/* Each adds its fields at f and returns how many. */
static size_t recipe_fields(const struct launch *l, const struct learn_recipe *recipe, struct arena *a,
                            struct ui_field *f)
{
	const struct launch_set *data = set_named(l, l->data);
	size_t set_count = l->sets ? l->sets->count : 0, count = 0;
	const char **names = arena_array(a, set_count + 1, sizeof *names);

	for (size_t i = 0; i < set_count; i++)
		names[i] = l->sets->set[i].name;
	f[count++] = (struct ui_field){.name = "data",
	                               .label = "data set",
	                               .kind = UI_CHOICE,
	                               .value = l->data,
	                               .choices = names,
	                               .choice_count = set_count,
	                               .required = true,
	                               .help = "what it is trained on"};
	names[set_count] = "";
	f[count++] = (struct ui_field){.name = "test",
	                               .label = "test set",
	                               .kind = UI_CHOICE,
	                               .value = "",
	                               .choices = names,
	                               .choice_count = set_count + 1,
	                               .empty_means = "a part of the data set",
	                               .help = "what it is evaluated on"};
	f[count++] = (struct ui_field){.name = "split",
	                               .label = "test share",
	                               .kind = UI_NUMBER,
	                               .value = "",
	                               .low = 0,
	                               .high = 0.9,
	                               .empty_means = "0.2 without a test set",
	                               .help = "share of rows kept for testing, by label"};
	f[count++] = (struct ui_field){.name = "label",
	                               .label = "label",
	                               .kind = UI_CHOICE,
	                               .value = data && data->label ? data->label : "",
	                               .choices = data ? data->columns : NULL,
	                               .choice_count = data ? data->column_count : 0,
	                               .empty_means = "as registered",
	                               .help = "the column to predict"};
	f[count++] = (struct ui_field){.name = "positive",
	                               .label = "positive value",
	                               .kind = UI_TEXT,
	                               .value = "",
	                               .empty_means = data && data->positive ? data->positive : "1 or true",
	                               .help = "the label's value that counts as 1"};
	f[count++] = (struct ui_field){.name = "drop",
	                               .label = "leave out",
	                               .kind = UI_MULTI,
	                               .value = "",
	                               .choices = data ? data->columns : NULL,
	                               .choice_count = data ? data->column_count : 0,
	                               .empty_means = "nothing",
	                               .help = "columns that the model must not see"};
	f[count++] = (struct ui_field){.name = "h.params", .label = "PARAMETERS", .kind = UI_HEADING};
	for (size_t i = 0; i < recipe->param_count; i++)
		param_field(a, &recipe->params[i], &f[count++]);
	return count;
}

static size_t command_fields(struct ui_field *f)
{
	size_t count = 0;

	f[count++] =
	    (struct ui_field){.name = "command",
	                      .label = "command",
	                      .kind = UI_TEXT,
	                      .required = true,
	                      .value = "",
	                      .help = "program and arguments, quoted as in a shell: python3 train.py --lr 0.1"};
	f[count++] = (struct ui_field){.name = "params",
	                               .label = "parameters",
	                               .kind = UI_TEXT,
	                               .value = "",
	                               .empty_means = "none",
	                               .help = "what to record as parameters: lr=0.1 depth=6"};
	return count;
}

static size_t run_fields(bool seeded, struct ui_field *f)
{
	size_t count = 0;

	f[count++] = (struct ui_field){.name = "h.run", .label = "RUN", .kind = UI_HEADING};
	if (seeded)
		f[count++] = (struct ui_field){.name = "seed",
		                               .label = "seed",
		                               .kind = UI_INTEGER,
		                               .value = "1",
		                               .low = 0,
		                               .high = 9007199254740992.0,
		                               .help = "same data, parameters and seed give the same model"};
	f[count++] = (struct ui_field){.name = "experiment",
	                               .label = "experiment",
	                               .kind = UI_TEXT,
	                               .value = "",
	                               .empty_means = "default",
	                               .help = "runs of one question belong together"};
	f[count++] = (struct ui_field){.name = "name",
	                               .label = "name",
	                               .kind = UI_TEXT,
	                               .value = "",
	                               .empty_means = "a name is made up",
	                               .help = "of this run"};
	return count;
}

/* The fields that fit what is chosen so far. */
static void set_fields(struct launch *l)
{
	struct arena *a = arena_new();
	size_t recipe_count, count = 0;
	const struct learn_recipe *recipes = learn_recipes(&recipe_count), *recipe = NULL;
	const char **what = arena_array(a, recipe_count + 1, sizeof *what);
	struct ui_field *f = arena_array(a, 24 + LEARN_PARAMS_MAX, sizeof *f);

	for (size_t i = 0; i < recipe_count; i++) {
		what[i] = recipes[i].name;
		if (strcmp(recipes[i].name, l->recipe) == 0)
			recipe = &recipes[i];
	}
	what[recipe_count] = WHAT_COMMAND;
	f[count++] =
	    (struct ui_field){.name = "recipe",
	                      .label = "what",
	                      .kind = UI_CHOICE,
	                      .value = l->recipe,
	                      .choices = what,
	                      .choice_count = recipe_count + 1,
	                      .help = recipe ? recipe->help : "any program; what it prints and reports is kept"};
	count += recipe ? recipe_fields(l, recipe, a, f + count) : command_fields(f + count);
	count += run_fields(recipe != NULL, f + count);
	ui_form_fields(l->form, f, count);
	arena_free(a);
}

/* ---- what the form says ---- */

static const char *value_or_null(struct arena *a, const struct launch *l, const char *name)
{
	const char *value = ui_form_get(l->form, name);

	return *value ? arena_strdup(a, value) : NULL;
}

static const char *const *list_of(struct arena *a, const char *text, size_t *count)
{
	char *copy = arena_strdup(a, text), *at = copy;
	const char **out = arena_array(a, strlen(text) + 1, sizeof *out);

	*count = 0;
	while (*at) {
		char *comma = strchr(at, ',');

		out[(*count)++] = at;
		if (!comma)
			break;
		*comma = 0;
		at = comma + 1;
	}
	return out;
}

static void read_train(struct arena *a, const struct launch *l, struct work_train *t)
{
	struct work_set *set = arena_array(a, LEARN_PARAMS_MAX, sizeof *set);
	const struct learn_recipe *recipe = learn_recipe_find(l->recipe, NULL);
	const char *text;

	work_train_init(t);
	t->recipe = arena_strdup(a, l->recipe);
	t->data = value_or_null(a, l, "data");
	t->test = value_or_null(a, l, "test");
	text = ui_form_get(l->form, "split");
	if (!*text || !num_parse(text, strlen(text), &t->split))
		t->split = (double)NAN;
	if (!ui_form_is_default(l->form, "label"))
		t->label = value_or_null(a, l, "label");
	t->positive = value_or_null(a, l, "positive");
	t->drop = list_of(a, ui_form_get(l->form, "drop"), &t->drop_count);
	for (size_t i = 0; recipe && i < recipe->param_count; i++) {
		const char *name = arena_printf(a, "set.%s", recipe->params[i].name);
		const char *value = ui_form_get(l->form, name);

		/* Defaults are left out: the line shows what was decided. */
		if (ui_form_is_default(l->form, name))
			continue;
		if (recipe->params[i].type == LEARN_BOOL)
			value = strcmp(value, "yes") == 0 ? "true" : "false";
		set[t->set_count++] = (struct work_set){recipe->params[i].name, arena_strdup(a, value)};
	}
	t->set = set;
	text = ui_form_get(l->form, "seed");
	if (!int_parse(text, strlen(text), &t->seed) || ui_form_is_default(l->form, "seed"))
		t->seed = -1;
	t->experiment = value_or_null(a, l, "experiment");
	t->name = value_or_null(a, l, "name");
}

static int read_run(struct arena *a, const struct launch *l, struct work_run *r, const char **field,
                    struct error *err)
{
	const char **words, **argv, **params;
	struct work_set *set;

	memset(r, 0, sizeof *r);
	*field = "command";
	if (view_words(ui_form_get(l->form, "command"), a, &argv, err) != 0)
		return -1;
	r->argv = argv;
	*field = "params";
	if (view_words(ui_form_get(l->form, "params"), a, &words, err) != 0)
		return -1;
	params = words;
	while (*params)
		params++;
	set = arena_array(a, (size_t)(params - words) + 1, sizeof *set);
	for (; *words; words++) {
		char *pair = arena_strdup(a, *words), *equal = strchr(pair, '=');

		if (!equal || equal == pair)
			return error_set(err, ERR_USAGE, "parameters: \"%s\" is not NAME=VALUE", *words);
		*equal = 0;
		set[r->param_count++] = (struct work_set){pair, equal + 1};
	}
	r->params = set;
	r->experiment = value_or_null(a, l, "experiment");
	r->name = value_or_null(a, l, "name");
	*field = NULL;
	return 0;
}

static bool is_recipe(const struct launch *l)
{
	return strcmp(l->recipe, WHAT_COMMAND) != 0;
}

/* The command line of the form as it stands. */
static void update_line(struct launch *l)
{
	struct arena *a = arena_new();

	str_clear(&l->line);
	if (is_recipe(l)) {
		struct work_train t;

		read_train(a, l, &t);
		work_shell_line(work_train_argv(&t, a), &l->line);
	} else {
		struct work_run r;
		const char *field;

		if (read_run(a, l, &r, &field, NULL) == 0)
			work_shell_line(work_run_argv(&r, a), &l->line);
	}
	arena_free(a);
}

/* Asks the store whether this can be launched. */
static void ask_check(struct view *v)
{
	struct launch *l = v->state;
	struct arena *keep;
	struct launch_request ask = {0};

	if (!is_recipe(l) || !l->sets)
		return;
	keep = arena_new();
	read_train(keep, l, &ask.train);
	ui_ask(v, TAG_CHECK, view_launch_check, &ask, sizeof ask, keep);
}

static void changed(void *user, const char *name)
{
	struct view *v = user;
	struct launch *l = v->state;

	l->fault[0] = 0;
	if (strcmp(name, "recipe") == 0 || strcmp(name, "data") == 0) {
		snprintf(l->recipe, sizeof l->recipe, "%s", ui_form_get(l->form, "recipe"));
		if (is_recipe(l) && *ui_form_get(l->form, "data"))
			snprintf(l->data, sizeof l->data, "%s", ui_form_get(l->form, "data"));
		l->complained[0] = 0;
		set_fields(l);
	} else {
		l->edited = true;
	}
	update_line(l);
	ask_check(v);
}

/* ---- the view ---- */

static int open(struct view *v, const void *args, struct error *err)
{
	struct launch *l = v->state;
	const struct launch_args *in = args;
	size_t count;
	const struct learn_recipe *recipes = learn_recipes(&count);

	str_init(&l->line);
	if (in)
		l->args = *in;
	snprintf(l->recipe, sizeof l->recipe, "%s", l->args.recipe ? l->args.recipe : recipes[0].name);
	if (strcmp(l->recipe, WHAT_COMMAND) != 0 && !learn_recipe_find(l->recipe, err))
		return -1;
	snprintf(l->data, sizeof l->data, "%s", l->args.data ? l->args.data : "");
	l->form = ui_form_new(v, changed, v);
	set_fields(l);
	update_line(l);
	ui_ask(v, TAG_SETS, view_launch_read_sets, &(struct launch_sets_ask){.like = l->args.like},
	       sizeof(struct launch_sets_ask), NULL);
	return 0;
}

static void close_view(struct view *v)
{
	struct launch *l = v->state;

	ui_form_free(l->form);
	arena_free(l->arena);
	str_release(&l->line);
}

/* Lines of `width` columns that the text takes; drawn if s is given. */
static int draw_wrapped(struct surface *s, int x, int y, int width, style_id style, const char *text)
{
	size_t len = strlen(text);
	int lines = 0;

	while (len > 0 && width > 4) {
		int used;
		size_t fit = text_fit(text, len, width, &used);

		if (fit == 0)
			break;
		if (fit < len) { /* better between words */
			size_t at = fit;

			while (at > fit / 2 && text[at - 1] != ' ')
				at--;
			if (at > fit / 2)
				fit = at;
		}
		if (s)
			surface_put_n(s, x, y + lines, style, text, fit);
		lines++;
		text += fit;
		len -= fit;
	}
	return lines;
}

static void draw(struct view *v, struct surface *s)
{
	struct launch *l = v->state;
	struct str safe;
	int lines, below;
	struct surface body;

	if (l->sets && l->sets->count == 0 && is_recipe(l)) {
		int y = s->h < 6 ? 0 : 1;

		y += 1 + ui_paragraph(s, 2, y, STYLE_TEXT,
		                      "A recipe is trained on a data set, and none is registered yet.");
		y += 1 + ui_paragraph(s, 2, y, STYLE_COMMAND, "$ assay data add NAME FILE.csv --label COLUMN");
		ui_paragraph(s, 2, y, STYLE_MUTED, "Any command can be run without one: assay run -- CMD");
		return;
	}
	str_init(&safe);
	safe_text(&safe, l->line.data, l->line.len, surface_charset(s) == TERM_ASCII ? SAFE_ASCII : 0);
	lines = draw_wrapped(NULL, 0, 0, s->w - 7, 0, safe.data);
	lines = lines < 1 ? 1 : lines > 4 ? 4 : lines;
	below = lines + 2;
	if (s->h < below + 4)
		below = 0;
	body = surface_part(s, 1, 0, s->w - 1, s->h - below);
	ui_form_draw(l->form, &body, true);
	if (below > 0) {
		int y = s->h - below;

		surface_hline(s, 1, y, s->w - 2, STYLE_BORDER);
		if (l->fault[0])
			surface_put_cut(s, 3, y + 1, s->w - 5, STYLE_ERROR, l->fault, strlen(l->fault));
		else if (l->starting)
			surface_put(s, 3, y + 1, STYLE_MESSAGE, "Starting…");
		else {
			surface_put(s, 3, y + 1, STYLE_COMMAND, "$");
			draw_wrapped(s, 5, y + 1, s->w - 7, STYLE_COMMAND, safe.data);
		}
	}
	str_release(&safe);
}

static void start(struct view *v)
{
	struct launch *l = v->state;
	const char *fault = ui_form_fault(l->form);
	struct arena *keep;
	struct launch_request ask = {0};

	if (l->starting)
		return;
	if (fault) /* the form says what is wrong, at the field */
		return;
	keep = arena_new();
	ask.is_run = !is_recipe(l);
	if (ask.is_run) {
		struct error err;
		const char *field;

		if (read_run(keep, l, &ask.run, &field, &err) != 0 || !ask.run.argv[0]) {
			if (!field) {
				field = "command";
				snprintf(err.text, sizeof err.text, "say what to run");
			}
			ui_form_complain(l->form, field, err.text);
			arena_free(keep);
			return;
		}
	} else {
		read_train(keep, l, &ask.train);
	}
	l->starting = true;
	l->fault[0] = 0;
	ui_command(v->ui, "%s", l->line.data);
	ui_do(v, TAG_START, view_launch_start, &ask, sizeof ask, keep);
}

static void leave(void *user)
{
	ui_back(((struct view *)user)->ui);
}

static bool action(struct view *v, enum action what)
{
	struct launch *l = v->state;

	if (what == ACTION_FORM_SUBMIT) {
		start(v);
		return true;
	}
	if ((what == ACTION_APP_BACK || what == ACTION_APP_QUIT) && l->edited && !l->starting) {
		ui_confirm(v, "Leave the form?", "What was entered is not kept, and nothing is started.", "leave it",
		           leave, v);
		return true;
	}
	return ui_form_action(l->form, what);
}

static const char *why_not(struct view *v, enum action what)
{
	struct launch *l = v->state;

	if (what == ACTION_FORM_SUBMIT) {
		if (l->starting)
			return "it is being started";
		if (!l->sets)
			return "the data sets are still being read";
	}
	if ((what == ACTION_FORM_SUBMIT || what == ACTION_FORM_RESET) && l->sets && l->sets->count == 0 &&
	    is_recipe(l))
		return "no data set is registered yet: $ assay data add";
	return NULL;
}

static bool event(struct view *v, const struct term_event *e)
{
	return ui_form_event(((struct launch *)v->state)->form, e);
}

/* Recipe and data set of the run that the form is to be like: they decide which fields there are. */
static void fill_like(struct launch *l)
{
	const struct launch_like *like = &l->sets->like;

	if (!like->recipe || (strcmp(like->recipe, WHAT_COMMAND) != 0 && !learn_recipe_find(like->recipe, NULL)))
		return;
	snprintf(l->recipe, sizeof l->recipe, "%s", like->recipe);
	for (size_t i = 0; i < like->count; i++)
		if (strcmp(like->values[i].name, "data") == 0)
			snprintf(l->data, sizeof l->data, "%s", like->values[i].value);
}

static void on_sets(struct view *v, struct ui_result *r)
{
	struct launch *l = v->state;

	arena_free(l->arena);
	l->arena = r->arena;
	l->sets = r->data;
	r->arena = NULL;
	fill_like(l);
	if (!set_named(l, l->data) && l->sets->count > 0)
		snprintf(l->data, sizeof l->data, "%s", l->sets->set[0].name);
	set_fields(l);
	for (size_t i = 0; i < l->sets->like.count; i++)
		ui_form_set(l->form, l->sets->like.values[i].name, l->sets->like.values[i].value);
	update_line(l);
	ask_check(v);
}

static void on_check(struct view *v, const struct launch_checked *checked)
{
	struct launch *l = v->state;

	if (l->complained[0])
		ui_form_complain(l->form, l->complained, NULL);
	l->complained[0] = 0;
	if (checked->ok)
		return;
	if (checked->field) {
		snprintf(l->complained, sizeof l->complained, "%s", checked->field);
		ui_form_complain(l->form, checked->field, checked->text);
	} else {
		snprintf(l->fault, sizeof l->fault, "%.500s", checked->text);
	}
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct launch *l = v->state;
	struct ui *ui = v->ui;

	if (r->tag == TAG_START)
		l->starting = false;
	if (r->status != 0) {
		if (!r->cancelled)
			snprintf(l->fault, sizeof l->fault, "%.500s", r->err.text);
		return;
	}
	if (r->tag == TAG_SETS) {
		on_sets(v, r);
	} else if (r->tag == TAG_CHECK) {
		on_check(v, r->data);
	} else if (r->tag == TAG_START) {
		const struct run_started *started = r->data;
		struct run_args args = {.id = started->id, .tab = "log"};

		ui_message(ui, STYLE_MESSAGE, "started %s", started->name);
		ui_lasting(ui, "a run that has begun is not taken back but stopped");
		ui_back(ui); /* the form is done; v is gone */
		ui_open(ui, &RUN_VIEW, &args);
	}
}

static void title(struct view *v, struct str *out)
{
	(void)v;
	str_adds(out, "launch");
}

static void place(struct view *v, struct str *out)
{
	str_addf(out, "launch:%s", ((const struct launch *)v->state)->recipe);
}

static bool unsaved(struct view *v)
{
	return ((const struct launch *)v->state)->edited;
}

const struct view_ops LAUNCH_VIEW = {
    .name = "launch",
    .contexts = "form",
    .state_size = sizeof(struct launch),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .place = place,
    .unsaved = unsaved,
};
