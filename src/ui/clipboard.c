/*
 * Copying. Whether the person allows it stands in a file of theirs, which is read on the thread of files: the
 * screen's thread waits for no disk, and what the file says now is what counts.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

struct copy {
	char *text, *what;
	size_t len;
	bool allowed;
	char *path; /* of the file */
};

static int take_setting(void *user, const char *section, const char *key, const char *value, int line,
                        struct error *err)
{
	struct copy *c = user;

	(void)line;
	if (strcmp(section, "terminal") != 0)
		return 0; /* other sections are another's business */
	if (strcmp(key, "clipboard") != 0)
		return error_set(err, ERR_USAGE, "[terminal] has no key \"%s\"; it has: clipboard", key);
	c->allowed = !strcmp(value, "yes");
	if (!c->allowed && strcmp(value, "no") != 0)
		return error_set(err, ERR_USAGE, "clipboard is yes or no, not \"%s\"", value);
	return 0;
}

static int ask(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct copy *asked = arg;
	struct copy *c = arena_alloc(arena, sizeof *c);
	char *path = xdg_config_path("config.ini");
	int status;

	(void)context;
	*c = *asked;
	c->path = arena_strdup(arena, path);
	status = file_exists(path) ? ini_read(path, take_setting, c, err) : 0;
	free(path);
	*result = c;
	return status;
}

static void copied(struct ui *ui, struct request *r)
{
	const struct copy *c = r->result.data;
	const char *through;
	struct error err;

	ui->key_dirty = true;
	if (r->result.status)
		ui_error(ui, &r->result.err);
	else if (!c->allowed)
		ui_message(ui, STYLE_WARN, "not copied: `clipboard = yes` under [terminal] in %s allows it", c->path);
	else if (term_copy(ui->term, c->text, c->len, &through, &err))
		ui_message(ui, STYLE_ERROR, "not copied: %s", err.text);
	else if (through)
		ui_message(ui, STYLE_MESSAGE, "%s given to %s for the clipboard%s", c->what, through,
		           strstr(through, "tmux") ? " (passed on after `tmux set -s set-clipboard on`)" : "");
	else
		ui_message(ui, STYLE_MESSAGE, "%s copied", c->what);
}

void ui_copy(struct ui *ui, const char *text, size_t len, const char *what)
{
	struct request *r = xcalloc(1, sizeof *r);
	struct copy *c = xcalloc(1, sizeof *c);

	r->keep = arena_new();
	c->text = arena_memdup0(r->keep, text, len);
	c->len = len;
	c->what = arena_strdup(r->keep, what);
	r->fn = ask;
	r->arg = c;
	r->done = copied;
	worker_add(ui->files, r, false);
}
