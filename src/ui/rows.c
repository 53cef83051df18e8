/* The frame's rows: what a screen of few rows does without, first of all what can be found out otherwise. */
#include "private.h"

enum {
	TABS_FROM = 10,   /* below, the digits still go to the screens */
	TITLE_FROM = 7,   /* below, the list is all that there is */
	MESSAGE_FROM = 6, /* below, what is said covers the keys */
};

void frame_rows(int h, struct frame_rows *out)
{
	int y = 0;

	out->title = h >= TITLE_FROM ? y++ : -1;
	out->tabs = h >= TABS_FROM ? y++ : -1;
	out->body = y;
	out->footer = h - 1;
	out->message = h >= MESSAGE_FROM ? h - 2 : h - 1;
	out->body_h = out->message > y ? out->message - y : 0;
}
