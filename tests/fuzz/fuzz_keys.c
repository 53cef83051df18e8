/*
 * Any bytes as typed: decoded to events, put into an editor and drawn. Where the bytes are cut makes no
 * difference to the keys, as long as no time passes.
 */
#include <locale.h>

#include "assay/ui.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void add_event(struct str *out, const struct term_event *e)
{
	str_addf(out, "%d %u %u %d %d %d %d ", (int)e->kind, (unsigned)e->key, e->mods, (int)e->mouse, e->button,
	         e->x, e->y);
	if (e->kind == TERM_EVENT_PASTE)
		str_add(out, e->text, e->len);
	str_addc(out, '\n');
}

static void decode(const uint8_t *bytes, size_t len, size_t step, struct str *out, struct ui_editor *editor)
{
	struct term_decoder *d = term_decoder_new();
	struct term_event e;

	for (size_t at = 0; at < len; at += step) {
		term_decoder_feed(d, (const char *)bytes + at, len - at < step ? len - at : step);
		while (term_decoder_next(d, false, &e)) {
			add_event(out, &e);
			if (editor)
				ui_editor_event(editor, &e);
		}
	}
	while (term_decoder_waiting(d))
		while (term_decoder_next(d, true, &e))
			add_event(out, &e);
	term_decoder_free(d);
}

static void draw(struct ui_editor *editor, const uint8_t *bytes, size_t len, enum term_charset charset)
{
	struct grid g;
	struct surface s;

	grid_init(&g, 20, 3, charset);
	s = grid_surface(&g);
	ui_editor_draw(editor, &s, 2, 0, 12, STYLE_TEXT, true);
	surface_put_n(&s, (int)(len % 23) - 3, 1, STYLE_TEXT, (const char *)bytes, len);
	surface_put_cut(&s, 1, 2, 15, STYLE_TEXT, (const char *)bytes, len);
	for (int y = 0; y < g.h; y++)
		for (int x = 0; x < g.w; x++) {
			const struct cell *c = grid_cell(&g, x, y);

			if (c->len > CELL_BYTES ||
			    (c->width && ((unsigned char)c->text[0] < 0x20 || c->text[0] == 0x7F)) ||
			    (c->width == 2 && (x + 1 == g.w || grid_cell(&g, x + 1, y)->width)) ||
			    (!c->width && (!x || grid_cell(&g, x - 1, y)->width != 2)))
				bug("a broken cell at %d,%d", x, y);
		}
	grid_release(&g);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct ui_editor editor;
	struct str whole, single;

	setlocale(LC_CTYPE, "C.UTF-8");
	str_init(&whole);
	str_init(&single);
	ui_editor_init(&editor, "metrics.auc > 0.8");
	decode(bytes, len, len ? len : 1, &whole, &editor);
	decode(bytes, len, 1, &single, NULL);
	if (whole.len != single.len || memcmp(whole.data, single.data, whole.len))
		bug("cut bytes make other keys");
	if (editor.cursor > editor.text.len)
		bug("the cursor is outside the text");
	draw(&editor, bytes, len, TERM_BRAILLE);
	draw(&editor, bytes, len, TERM_ASCII);
	ui_editor_release(&editor);
	str_release(&whole);
	str_release(&single);
	return 0;
}
