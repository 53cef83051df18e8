/* assay: commands go to cli, the workbench and single screens to view. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "assay/cli.h"
#include "assay/view.h"

static int workbench(const struct cli_top *top)
{
	struct view_options options = {
	    .store = top->store, .theme = top->theme, .ascii = top->ascii, .no_colour = top->no_color};
	struct error err;
	struct str text;
	int status;

	if (!top->once)
		return view_workbench(&options, &err) == 0 ? 0 : cli_report(&err);
	str_init(&text);
	status = view_once(&options, top->once, top->columns ? top->columns : 80, top->rows ? top->rows : 24,
	                   &text, &err);
	if (status == 0)
		fwrite(text.data, 1, text.len, stdout);
	str_release(&text);
	return status == 0 ? 0 : cli_report(&err);
}

/* For the manual: the one table of actions says what every key does. */
static int key_tables(void)
{
	struct str out;

	str_init(&out);
	view_keys_mdoc(&out);
	fwrite(out.data, 1, out.len, stdout);
	str_release(&out);
	return cli_finish(0);
}

int main(int argc, char **argv)
{
	/* Numbers are written and read in the C locale; only characters are the person's. */
	setlocale(LC_CTYPE, "");
	if (argc == 3 && strcmp(argv[1], "internal-man") == 0 && strcmp(argv[2], "keys") == 0)
		return key_tables();
	struct cli_top top;
	int status = cli_main(argc, argv, &top);
	if (status == CLI_WORKBENCH)
		status = workbench(&top);
	return cli_finish(status);
}
