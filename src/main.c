/* assay: commands go to cli, the workbench and single screens to view. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "assay/cli.h"

static int workbench(const struct cli_top *top)
{
	struct error err;
	if (top->once)
		error_set(&err, ERR_USAGE, "--once %s: this build has no screens", top->once);
	else
		error_set(&err, ERR_USAGE, "say what to do: `assay help` lists the commands");
	return cli_report(&err);
}

int main(int argc, char **argv)
{
	/* Numbers are written and read in the C locale; only characters are the person's. */
	setlocale(LC_CTYPE, "");
	if (argc == 3 && strcmp(argv[1], "internal-man") == 0 && strcmp(argv[2], "keys") == 0)
		return cli_finish(0);
	struct cli_top top;
	int status = cli_main(argc, argv, &top);
	if (status == CLI_WORKBENCH)
		status = workbench(&top);
	return cli_finish(status);
}
