/* Any bytes as a theme file: read or refused with a message, never anything else. */
#include <stdlib.h>
#include <string.h>

#include "assay/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = xmemdup0(bytes, len);
	struct theme theme;
	struct error err = {0};

	if (theme_parse(&theme, "fuzz.theme", text, NULL, &err) && !*err.text)
		bug("refused without a word");
	for (int level = TERM_MONO; level <= TERM_TRUE; level++)
		for (int role = 0; role < STYLE_ROLES; role++) {
			int32_t fg = theme.looks[level][role].fg;

			if (fg < -1 || fg > TERM_RGB(255, 255, 255) || (level == TERM_16 && fg > 15) ||
			    (level == TERM_256 && fg > 255))
				bug("colour %d at level %d", (int)fg, level);
		}
	/* Whatever it was, a changed line can be put into it. */
	if (len < 4096) {
		struct str edited;

		str_init(&edited);
		str_adds(&edited, text);
		theme_text_set(&edited, "palette", "own", "#010203 16 black");
		theme_text_set(&edited, "roles", "good", "own bold");
		if (!strstr(edited.data, "own = #010203 16 black") || !strstr(edited.data, "good = own bold"))
			bug("a line was not put in");
		str_release(&edited);
	}
	free(text);
	return 0;
}
