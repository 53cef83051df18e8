#include <string.h>

#include "modes.h"

/* 2004 bracketed paste, 1004 focus, 1002 and 1006 the mouse by buttons and drags, 2026 synchronized output */
#define MOUSE_ON  "\x1b[?1002h\x1b[?1006h"
#define MOUSE_OFF "\x1b[?1006l\x1b[?1002l"

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

void modes_init(struct modes *m, const char *type, bool has_mouse, const char *program)
{
	*m = (struct modes){.mouse = true};
	/* The Linux console has a mouse of its own kind and nothing of the rest. */
	m->able = has_mouse && !starts(type, "linux");
	/* Apple's terminal shows the last letter of the question. */
	m->asks = m->able && !starts(type, "vt") && !(program && !strcmp(program, "Apple_Terminal"));
}

void modes_ask(const struct modes *m, struct str *out)
{
	if (m->asks)
		str_adds(out, "\x1b[?2026$p");
}

void modes_on(const struct modes *m, struct str *out)
{
	if (m->able)
		str_adds(out, "\x1b[?2004h\x1b[?1004h");
	if (m->mouse)
		modes_mouse(m, out);
}

void modes_off(const struct modes *m, struct str *out)
{
	if (m->sync)
		str_adds(out, MODES_SYNC_END);
	if (m->able)
		str_adds(out, "\x1b[?1004l\x1b[?2004l" MOUSE_OFF);
}

void modes_mouse(const struct modes *m, struct str *out)
{
	if (m->able)
		str_adds(out, m->mouse ? MOUSE_ON : MOUSE_OFF);
}
