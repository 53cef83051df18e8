/* assay: commands go to cli, the workbench and single screens to view. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "assay/cli.h"
#include "assay/view.h"

/* One screen as text: as large as asked for, else as the terminal, else 80x24. */
static int once(const struct cli_top *top, const struct view_options *options, const char *screen,
                struct error *err)
{
	struct str text;
	struct winsize window = {0};
	int columns = top->columns, rows = top->rows;
	if (!columns && isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 &&
	    window.ws_col) {
		columns = window.ws_col;
		rows = window.ws_row;
	}
	str_init(&text);
	int status = view_once(options, screen, columns ? columns : 80, rows ? rows : 24, &text, err);
	if (status == 0)
		fwrite(text.data, 1, text.len, stdout);
	str_release(&text);
	return status;
}

static int workbench(const struct cli_top *top)
{
	struct error err;
	const struct view_options options = {
	    .store = top->store,
	    .theme = top->theme,
	    /* A locale of single bytes cannot show what is not ASCII. */
	    .ascii = top->ascii || MB_CUR_MAX == 1,
	    .no_colour = top->no_color,
	    .start = top->start[0] ? top->start : NULL,
	    .forget = top->once != NULL,
	    .json = top->json,
	    .limit = (size_t)top->limit,
	};
	const char *first = options.start ? options.start : "overview";
	struct error other;
	if (top->once)
		return once(top, &options, top->once, &err) == 0 ? 0 : cli_report(&err);
	if (view_workbench(&options, &err) == 0)
		return 0;
	/* Whoever has no terminal to draw on still sees what there is to see. */
	if (err.code != ERR_ENV || once(top, &options, first, &other) != 0)
		return cli_report(&err);
	fflush(stdout);
	safe_fprintf(stderr, "assay: %s\n", err.text);
	return 0;
}

/* The tables of keys for the manual page. */
static int keys(void)
{
	struct str text;
	str_init(&text);
	view_keys_mdoc(&text);
	fwrite(text.data, 1, text.len, stdout);
	str_release(&text);
	return 0;
}

int main(int argc, char **argv)
{
	/* Numbers are written and read in the C locale; only characters are the person's. */
	setlocale(LC_CTYPE, "");
	if (argc == 3 && strcmp(argv[1], "internal-man") == 0 && strcmp(argv[2], "keys") == 0)
		return cli_finish(keys());
	struct cli_top top;
	int status = cli_main(argc, argv, &top);
	if (status == CLI_WORKBENCH)
		status = workbench(&top);
	return cli_finish(status);
}
