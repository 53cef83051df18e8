/* Evidence: a text to read, and behind it the bytes that it speaks of. */
#include <string.h>

#include "evidence.h"
#include "view_inside.h"

enum { TAG_READ = 1 };

struct evidence {
	char *title;
	struct ui_pager *pager;
};

static int open(struct view *v, const void *args, struct error *err)
{
	struct evidence *e = v->state;
	const struct evidence_args *in = args;
	struct arena *keep;
	struct evidence_ask ask = {.object_count = in->object_count, .row = in->row};
	const char **objects;

	(void)err;
	e->title = xstrdup(in->title ? in->title : "evidence");
	e->pager = ui_pager_new(v);
	ui_pager_action(e->pager, ACTION_PAGER_WRAP);
	if (in->text)
		ui_pager_add(e->pager, in->text, strlen(in->text));
	if (in->object_count == 0 && !in->row)
		return 0;
	keep = arena_new();
	objects = arena_array(keep, in->object_count + 1, sizeof *objects);
	for (size_t i = 0; i < in->object_count; i++)
		objects[i] = arena_strdup(keep, in->objects[i]);
	ask.objects = objects;
	ui_ask(v, TAG_READ, view_app_of(v)->work->evidence, &ask, sizeof ask, keep);
	return 0;
}

static void close_view(struct view *v)
{
	struct evidence *e = v->state;

	ui_pager_free(e->pager);
	free(e->title);
}

static void draw(struct view *v, struct surface *s)
{
	struct evidence *e = v->state;
	struct surface body = surface_part(s, 1, 0, s->w - 1, s->h);

	ui_pager_draw(e->pager, &body, true);
}

static bool action(struct view *v, enum action what)
{
	return ui_pager_action(((struct evidence *)v->state)->pager, what);
}

static bool event(struct view *v, const struct term_event *event)
{
	return ui_pager_event(((struct evidence *)v->state)->pager, event);
}

static const char *why_not(struct view *v, enum action what)
{
	(void)v;
	return what == ACTION_PAGER_FOLLOW ? "it does not grow" : NULL;
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct evidence *e = v->state;

	if (r->status != 0) {
		if (!r->cancelled)
			ui_error(v->ui, &r->err);
		return;
	}
	ui_pager_add(e->pager, ((struct evidence_text *)r->data)->text, ((struct evidence_text *)r->data)->len);
}

static void title(struct view *v, struct str *out)
{
	str_adds(out, ((struct evidence *)v->state)->title);
}

const struct view_ops EVIDENCE_VIEW = {
    .name = "evidence",
    .contexts = "pager",
    .state_size = sizeof(struct evidence),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .event = event,
    .why_not = why_not,
    .on_result = on_result,
    .title = title,
};
