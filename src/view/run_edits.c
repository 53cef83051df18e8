/* Changing runs by hand: prompts, the writer's part, and what is said afterwards. */
#include <stdlib.h>
#include <string.h>

#include "assay/work_remove.h"

#include "edits.h"
#include "run_edits.h"
#include "view_inside.h"

/* A command names so many runs; of more it would be no line any more. */
enum { NAMED_MOST = 8 };

struct edit_ask {
	enum action what;
	const int64_t *ids; /* these and the texts in `keep` */
	size_t count;
	const char *text;  /* note, name, or the tag's key */
	const char *value; /* of the tag; NULL takes it away */
	const char *filter;
};
struct edit_done {
	const struct weigh_got *weighed; /* not NULL: nothing is done yet, this is how much it would be */
	const struct work_edited *edited;
	const struct work_purged *purged; /* NULL but for ACTION_RUN_PURGE */
	const char *command;              /* NULL: no line could say it */
};

/* ---- on the writer ---- */

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Does the filter find these runs and no others? */
static int is_what_is_found(struct desk *desk, const struct edit_ask *ask, struct arena *a, bool *same,
                            struct error *err)
{
	struct runs_query q = {.filter = ask->filter, .now = desk->app->fixed_now};
	int64_t *found, *ids = arena_array(a, ask->count, sizeof *ids);
	size_t count;

	if (store_runs_ids(desk->store, &q, ask->count + 1, a, &found, &count, err) != 0)
		return -1;
	*same = count == ask->count;
	if (!*same)
		return 0;
	memcpy(ids, ask->ids, count * sizeof *ids);
	qsort(ids, count, sizeof *ids, by_id);
	qsort(found, count, sizeof *found, by_id);
	*same = memcmp(ids, found, count * sizeof *ids) == 0;
	return 0;
}

/* Few are named; of more, the filter that finds just them is said. */
static int write_command(struct desk *desk, const struct edit_ask *ask, const struct run_row *first,
                         struct arena *a, struct edit_done *done, struct error *err)
{
	const char *words[NAMED_MOST + 6] = {"assay"};
	bool named = ask->count <= NAMED_MOST, same = false;
	size_t n = 1;
	struct str line;

	if (!named && ask->filter && is_what_is_found(desk, ask, a, &same, err) != 0)
		return -1;
	if (!named && !same)
		return 0;
	words[n++] = ask->what == ACTION_RUN_ARCHIVE  ? (first->archived ? "restore" : "archive")
	             : ask->what == ACTION_RUN_REMOVE ? (first->removed ? "restore" : "rm")
	             : ask->what == ACTION_RUN_TAG    ? "tag"
	             : ask->what == ACTION_RUN_NOTE   ? "note"
	                                              : "rename";
	if (!named) {
		words[n++] = "--where";
		words[n++] = ask->filter;
	}
	for (size_t i = 0; named && i < ask->count; i++) {
		struct run_row run;

		if (store_run_get(desk->store, ask->ids[i], a, &run, err) != 0)
			return -1;
		words[n++] = arena_strdup(a, view_short_id(run.uuid));
	}
	if (ask->what == ACTION_RUN_TAG)
		words[n++] = arena_printf(a, "%s=%s", ask->text, ask->value ? ask->value : "");
	else if (ask->what != ACTION_RUN_ARCHIVE && ask->what != ACTION_RUN_REMOVE)
		words[n++] = ask->text;
	if (ask->what == ACTION_RUN_REMOVE && !first->removed)
		words[n++] = "--yes";
	words[n] = NULL;
	str_init(&line);
	work_shell_line(words, &line);
	done->command = arena_strdup(a, line.data);
	str_release(&line);
	return 0;
}

static int write_purge(struct desk *desk, struct arena *a, struct edit_done *done, struct error *err)
{
	const struct work_which all = {.filter = ""};
	struct work_purged *purged = arena_alloc(a, sizeof *purged);
	struct work_purge_plan plan;

	done->purged = purged;
	done->command = "assay purge --yes";
	if (work_purge_plan(desk->store, &all, 0, a, &plan, err) != 0)
		return -1;
	return work_purge(desk->store, &plan, NULL, NULL, purged, err);
}

/* What is archived or removed comes back: the first one decides for all, as it is now. */
static int write_edit(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct edit_ask *ask = arg;
	struct edit_done *done = arena_alloc(a, sizeof *done);
	struct work_which which = {.ids = ask->ids, .count = ask->count};
	struct run_row first;
	void *edited = NULL;
	int status;

	*result = done;
	if (ask->what == ACTION_RUN_PURGE)
		return write_purge(desk, a, done, err);
	if (store_run_get(desk->store, ask->ids[0], a, &first, err) != 0 ||
	    write_command(desk, ask, &first, a, done, err) != 0)
		return -1;
	if (ask->what == ACTION_RUN_ARCHIVE)
		status =
		    view_write_archive(context, a, &(struct edits_archive){which, first.archived == 0}, &edited, err);
	else if (ask->what == ACTION_RUN_REMOVE && !first.removed)
		status = view_write_remove(context, a, &which, &edited, err);
	else if (ask->what == ACTION_RUN_REMOVE)
		status = view_write_archive(context, a, &(struct edits_archive){which, false}, &edited, err);
	else if (ask->what == ACTION_RUN_TAG)
		status = view_write_tag(context, a, &(struct edits_tag){which, ask->text, ask->value}, &edited, err);
	else if (ask->what == ACTION_RUN_NOTE)
		status = view_write_note(context, a, &(struct edits_note){ask->ids[0], ask->text}, &edited, err);
	else
		status = view_write_rename(context, a, &(struct edits_rename){ask->ids[0], ask->text}, &edited, err);
	done->edited = edited;
	return status;
}

static void write(struct run_edits *e, const char *text, const char *value)
{
	struct arena *keep = arena_new();
	int64_t *ids = arena_array(keep, e->count + 1, sizeof *ids);
	struct edit_ask ask = {.what = e->what,
	                       .ids = ids,
	                       .count = e->count,
	                       .text = arena_strdup(keep, text),
	                       .value = arena_strdup(keep, value),
	                       .filter = e->filter && *e->filter ? arena_strdup(keep, e->filter) : NULL};

	if (e->count)
		memcpy(ids, e->ids, e->count * sizeof *ids);
	ui_do(e->view, e->tag, write_edit, &ask, sizeof ask, keep);
}

/* ---- how much it is ---- */

struct weigh_ask {
	enum action what;
	const int64_t *ids;
	size_t count;
};
struct weigh_got {
	enum action what;
	struct work_weight weight;
	bool removed;     /* the first of the runs: they come back */
	const char *name; /* of the run, if it is one; else NULL */
	size_t kept;      /* that cannot be purged */
	const char *kept_name, *kept_why;
};

static int read_weight(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct weigh_ask *ask = arg;
	const struct work_which which = {.ids = ask->ids, .count = ask->count}, all = {.filter = ""};
	struct weigh_got *got = arena_alloc(a, sizeof *got);
	struct edit_done *done = arena_alloc(a, sizeof *done);
	struct work_purge_plan plan;
	struct run_row first;

	*result = done;
	done->weighed = got;
	got->what = ask->what;
	if (ask->what == ACTION_RUN_PURGE) {
		if (work_purge_plan(desk->store, &all, 0, a, &plan, err) != 0)
			return -1;
		got->weight = plan.weight;
		got->kept = plan.kept_count;
		got->kept_name = plan.kept_count ? plan.kept[0].name : NULL;
		got->kept_why = plan.kept_count ? plan.kept[0].why : NULL;
		return 0;
	}
	if (store_run_get(desk->store, ask->ids[0], a, &first, err) != 0)
		return -1;
	got->removed = first.removed != 0;
	got->name = ask->count == 1 ? first.name : NULL;
	return got->removed ? 0 : work_weigh(desk->store, &which, &got->weight, err);
}

static void weigh(struct run_edits *e)
{
	struct arena *keep = arena_new();
	int64_t *ids = arena_array(keep, e->count + 1, sizeof *ids);
	const struct weigh_ask ask = {e->what, ids, e->count};

	if (e->count)
		memcpy(ids, e->ids, e->count * sizeof *ids);
	e->weighing = true;
	ui_ask_aside(e->view, e->tag, read_weight, &ask, sizeof ask, keep);
}

static void accept_weight(void *user)
{
	write(user, "", NULL);
}

static void ask_about(struct run_edits *e, const struct weigh_got *got)
{
	const struct work_weight *w = &got->weight;
	const bool purge = e->what == ACTION_RUN_PURGE, one = w->over == 1;
	struct str text;
	char yes[64], number[NUM_TEXT], *title;

	e->weighing = false;
	if (got->removed) {
		write(e, "", NULL);
		return;
	}
	if (!w->over) {
		ui_message(e->view->ui, STYLE_WARN, "%s",
		           !purge          ? "only runs that are over are removed"
		           : got->kept > 0 ? "the removed runs that there are cannot be purged: the ledger needs them"
		                           : "there is no removed run to purge");
		return;
	}
	str_init(&text);
	work_weight_text(w, &text);
	str_adds(&text, purge ? (one ? ". It is deleted for good: this cannot be taken back."
	                             : ". They are deleted for good: this cannot be taken back.")
	                : one ? ". U brings it back until it is purged."
	                      : ". U brings them back until they are purged.");
	if (w->runs > w->over && !purge)
		str_addf(&text, " %s not over, and left.", count_people(w->runs - w->over, number));
	if (got->kept)
		str_addf(&text, " %s (%s)%s stays.", got->kept_name, got->kept_why, got->kept > 1 ? " and more" : "");
	snprintf(yes, sizeof yes, "%s %s run%s", purge ? "purge" : "remove", count_people(w->over, number),
	         w->over == 1 ? "" : "s");
	title = got->name ? xasprintf("Remove %s", got->name) : xstrdup(purge ? "Purge" : "Remove");
	ui_confirm(e->view, title, text.data, yes, accept_weight, e);
	free(title);
	str_release(&text);
}

/* ---- prompts ---- */

static void check_tag(void *user, const char *text, struct ui_check *out)
{
	const char *equals = strchr(text, '=');

	(void)user;
	out->ok = !*text || (equals && equals > text);
	out->at = equals ? 0 : strlen(text);
	if (!out->ok)
		snprintf(out->message, sizeof out->message, "KEY=VALUE, as team=risk; KEY= takes the tag away");
}

/* Not while it is typed, only on Enter: half a tag is no fault yet. */
static void accept_tag(void *user, const char *text)
{
	struct run_edits *e = user;
	const char *equals = strchr(text, '=');
	struct ui_check check;
	char *key;

	if (!*text)
		return;
	check_tag(NULL, text, &check);
	if (!check.ok || !equals) {
		ui_message(e->view->ui, STYLE_WARN, "no tag was set: %s", check.message);
		return;
	}
	key = xmemdup0(text, (size_t)(equals - text));
	write(e, key, equals[1] ? equals + 1 : NULL);
	free(key);
}

static void accept_text(void *user, const char *text)
{
	struct run_edits *e = user;

	text += strspn(text, " ");
	if (*text)
		write(e, text, NULL);
}

void run_edits_begin(struct run_edits *e, struct view *v, int tag, enum action what, const int64_t *ids,
                     size_t count, const char *name, const char *filter)
{
	struct ui_prompt prompt = {.text = "", .user = e, .accept = accept_text};
	char label[64], number[NUM_TEXT];

	if (count == 0 && what != ACTION_RUN_PURGE)
		return;
	e->weighing = false;
	e->view = v;
	e->tag = tag;
	e->what = what;
	free(e->ids);
	/* These, whatever is marked or stands where when the text has been typed. */
	e->ids = xcalloc(count + 1, sizeof *ids);
	if (count)
		memcpy(e->ids, ids, count * sizeof *ids);
	e->count = count;
	free(e->filter);
	e->filter = filter ? xstrdup(filter) : NULL;
	switch ((int)what) {
	case ACTION_RUN_ARCHIVE:
		write(e, "", NULL);
		return;
	case ACTION_RUN_REMOVE:
	case ACTION_RUN_PURGE:
		weigh(e);
		return;
	case ACTION_RUN_TAG:
		snprintf(label, sizeof label, count == 1 ? "tag (KEY=VALUE)" : "tag %s runs (KEY=VALUE)",
		         count_people((int64_t)count, number));
		prompt.label = label;
		prompt.history = "run-tag";
		prompt.accept = accept_tag;
		break;
	case ACTION_RUN_NOTE:
		prompt.label = "note";
		prompt.history = "run-note";
		break;
	default:
		prompt.label = "name";
		prompt.text = name ? name : "";
		break;
	}
	ui_prompt(v, &prompt);
}

static void show_purged(struct run_edits *e, const struct work_purged *p)
{
	char runs[NUM_TEXT], bytes[NUM_TEXT];

	ui_message(e->view->ui, STYLE_MESSAGE, p->objects ? "purged %s run%s and files of %s" : "purged %s run%s",
	           count_people(p->rows.gone, runs), p->rows.gone == 1 ? "" : "s",
	           bytes_people(p->object_bytes, bytes));
}

bool run_edits_show(struct run_edits *e, const struct ui_result *result)
{
	const struct edit_done *done = result->data;
	const struct work_edited *w;
	const char *verb = e->what == ACTION_RUN_REMOVE ? "removed" : "archived";
	char left[NUM_TEXT];

	if (result->status != 0) { /* the writer's errors are shown already */
		if (e->weighing && !result->cancelled)
			ui_error(e->view->ui, &result->err);
		e->weighing = false;
		return false;
	}
	if (done->weighed) {
		/* Another key may have been pressed while it was weighed: then that one is meant. */
		if (e->weighing && e->what == done->weighed->what)
			ask_about(e, done->weighed);
		return false;
	}
	if (done->purged) {
		ui_command(e->view->ui, "%s", done->command);
		show_purged(e, done->purged);
		return true;
	}
	w = done->edited;
	if (w->changed > 0 && done->command)
		ui_command(e->view->ui, "%s", done->command);
	if (w->left > 0 && w->changed == 0)
		ui_message(e->view->ui, STYLE_WARN,
		           w->left == 1 ? "it has not ended yet: only runs that are over are %s"
		                        : "they have not ended yet: only runs that are over are %s",
		           verb);
	else if (w->left > 0)
		ui_message(e->view->ui, STYLE_MESSAGE, "%s, %s left that %s not over; U undoes", w->text,
		           count_people(w->left, left), w->left == 1 ? "is" : "are");
	else if (w->changed > 0)
		ui_message(e->view->ui, STYLE_MESSAGE, "%s; U undoes", w->text);
	else
		ui_message(e->view->ui, STYLE_MESSAGE, "nothing had to be changed");
	return true;
}

void run_edits_release(struct run_edits *e)
{
	free(e->ids);
	free(e->filter);
	e->ids = NULL;
	e->filter = NULL;
}
