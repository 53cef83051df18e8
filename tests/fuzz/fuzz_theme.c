/* Any bytes as a theme file: read or refused with a message, never anything else. */
#include "assay/ui.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = xmemdup0(bytes, len);
	struct ui_theme theme;
	struct error err = {0};

	if (ui_theme_parse(&theme, "fuzz.theme", text, NULL, &err) && !*err.text)
		bug("refused without a word");
	for (int level = TERM_MONO; level <= TERM_TRUE; level++)
		for (int role = 0; role < STYLE_ROLES; role++) {
			int32_t fg = theme.looks[level][role].fg;

			if (fg < -1 || fg > TERM_RGB(255, 255, 255) || (level == TERM_16 && fg > 15) ||
			    (level == TERM_256 && fg > 255))
				bug("colour %d at level %d", (int)fg, level);
		}
	free(text);
	return 0;
}
