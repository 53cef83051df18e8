/* `?`: the keys that hold here, from the table of actions. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

struct help {
	struct dialog base;
	struct line {
		char *key, *text;
		bool heading, off;
	} * lines;
	size_t count, cap;
	size_t top;
	int height;
};

static void add_line(struct help *h, const char *key, const char *text, bool heading, bool off)
{
	h->lines = vec_reserve(h->lines, &h->cap, h->count + 1, sizeof *h->lines);
	h->lines[h->count++] = (struct line){xstrdup(key), xstrdup(text), heading, off};
}

static void add_context(struct help *h, struct ui *ui, const char *context, size_t len, int rank)
{
	bool any = false;

	for (size_t i = 0; i < ui->keymap.action_count; i++) {
		const struct ui_action *a = &ui->keymap.actions[i];
		const char *why;
		struct str keys, text;

		/* each once, under the first context that has it */
		if (!words_have(a->context, context, len) || ui_context_rank(ui, a) != rank)
			continue;
		why = ui_why_not(ui, a);
		if (a->id >= ACTION_APP_SCREEN_1 && a->id <= ACTION_APP_SCREEN_8 && why)
			continue;
		/* What lists have and this one never has would only be in the way. */
		if (why && strncmp(why, "not ", 4) == 0 && words_have(a->context, "list", 4))
			continue;
		if (!any) {
			bool everywhere = len == 3 && !memcmp(context, "app", 3);
			char title[64];

			snprintf(title, sizeof title, "%.*s", (int)len, context);
			add_line(h, everywhere ? "everywhere" : title, "", true, false);
			any = true;
		}
		str_init(&keys);
		str_init(&text);
		keymap_keys(&ui->keymap, a, false, &keys);
		str_adds(&text, a->help);
		if (why)
			str_addf(&text, " (now: %s)", why);
		add_line(h, keys.data, text.data, false, why != NULL);
		str_release(&keys);
		str_release(&text);
	}
}

static void help_event(struct dialog *d, const struct term_event *e)
{
	struct help *h = (struct help *)d;
	size_t page = h->height > 1 ? (size_t)h->height - 1 : 1;
	size_t last = h->count > (size_t)h->height ? h->count - (size_t)h->height : 0;

	if (e->kind == TERM_EVENT_MOUSE && e->mouse == TERM_MOUSE_WHEEL_UP)
		h->top = h->top > 3 ? h->top - 3 : 0;
	else if (e->kind == TERM_EVENT_MOUSE && e->mouse == TERM_MOUSE_WHEEL_DOWN)
		h->top += 3;
	if (e->kind == TERM_EVENT_KEY) {
		switch (e->key) {
		case TERM_KEY_UP:
		case 'k':
			h->top -= h->top > 0;
			break;
		case TERM_KEY_DOWN:
		case 'j':
			h->top++;
			break;
		case TERM_KEY_PAGE_UP:
			h->top = h->top > page ? h->top - page : 0;
			break;
		case TERM_KEY_PAGE_DOWN:
		case ' ':
			h->top += page;
			break;
		case TERM_KEY_HOME:
		case 'g':
			h->top = 0;
			break;
		case TERM_KEY_END:
		case 'G':
			h->top = last;
			break;
		default:
			dialog_close(d->ui);
			return;
		}
	}
	if (h->top > last)
		h->top = last;
}

static void help_draw(struct dialog *d, struct surface *all)
{
	struct help *h = (struct help *)d;
	struct surface box = dialog_box(all, 74, (int)h->count + 1, "Keys");
	int keys = 18;

	h->height = box.h - 1;
	for (int y = 0; y < h->height && h->top + (size_t)y < h->count; y++) {
		const struct line *line = &h->lines[h->top + (size_t)y];

		if (line->heading) {
			surface_put(&box, 0, y, STYLE_HEADING, line->key);
			continue;
		}
		surface_put_cut(&box, 1, y, keys - 2, line->off ? STYLE_DISABLED : STYLE_KEY, line->key,
		                strlen(line->key));
		surface_put_cut(&box, keys, y, box.w - keys, line->off ? STYLE_DISABLED : STYLE_DIALOG, line->text,
		                strlen(line->text));
	}
	surface_put(&box, 0, box.h - 1, STYLE_HINT,
	            h->count > (size_t)h->height ? "Down, Up scroll; any other key closes" : "any key closes");
	surface_cursor(&box, 0, 0, false);
}

static void help_release(struct dialog *d)
{
	struct help *h = (struct help *)d;

	for (size_t i = 0; i < h->count; i++) {
		free(h->lines[i].key);
		free(h->lines[i].text);
	}
	free(h->lines);
	free(h);
}

static const struct dialog_ops help_ops = {.event = help_event, .draw = help_draw, .release = help_release};

void help_open(struct ui *ui)
{
	struct help *h = xcalloc(1, sizeof *h);
	int rank = 0;

	h->base.ops = &help_ops;
	for (const char *p = ui_contexts(ui); *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		add_context(h, ui, p, n, rank++);
		p += n;
	}
	add_context(h, ui, "app", 3, rank);
	dialog_open(ui, ui_top(ui), &h->base);
}
