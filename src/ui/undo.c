/* Taking back and doing again: asked of the writer, and said with the command that does the same. */
#include <stdlib.h>

#include "private.h"

static void show(struct ui *ui, const struct ui_undone *u, bool redo)
{
	if (!u->text) {
		ui_message(ui, STYLE_MUTED, redo ? "there is nothing to do again" : "there is nothing to take back");
		return;
	}
	if (u->command)
		ui_command(ui, "%s", u->command);
	ui_toast(ui, STYLE_MESSAGE, NULL, "%s: %s", redo ? "done again" : "taken back", u->text);
}

/* What went wrong has been said already. */
static void undone(struct ui *ui, struct request *r)
{
	if (!r->result.status && r->result.data)
		show(ui, r->result.data, false);
}

static void redone(struct ui *ui, struct request *r)
{
	if (!r->result.status && r->result.data)
		show(ui, r->result.data, true);
}

void ui_undo(struct ui *ui, bool redo)
{
	struct request *r;

	if (!redo && ui->lasting) {
		ui_message(ui, STYLE_WARN, "%s", ui->lasting);
		free(ui->lasting);
		ui->lasting = NULL;
		return;
	}
	r = xcalloc(1, sizeof *r);
	r->fn = redo ? ui->options.redo : ui->options.undo;
	r->done = redo ? redone : undone;
	r->urgent = true;
	worker_add(ui->writer, r, false);
}

void ui_lasting(struct ui *ui, const char *why)
{
	free(ui->lasting);
	ui->lasting = xstrdup(why);
}
