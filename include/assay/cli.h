/*
 * cli: the command line. One table of commands (name, options, one-line help, example,
 * function) feeds dispatch, abbreviations, --help, `assay help` and the manual page.
 *
 * Exit status of every command: 0 done, 1 no, 2 usage, 3 environment, 4 stale, 5 storage,
 * 6 tampered (enum error_code); `assay run` ends as its command ended, or 125 for a failure of
 * its own. Errors go to stderr as "assay: …", made safe.
 */
#ifndef ASSAY_CLI_H
#define ASSAY_CLI_H

#include "assay/base.h"

/* What was asked for when no command was named: the workbench, or one screen as text. */
struct cli_top {
	const char *store; /* --store DIR, or NULL */
	const char *once;  /* --once SCREEN, or NULL */
	const char *theme; /* --theme NAME, or NULL */
	int columns, rows; /* --size COLUMNSxROWS, or 0 */
	bool json;         /* --json: that screen as JSON */
	int64_t limit;     /* --limit: rows of its lists, or 0 */
	bool ascii;        /* --ascii */
	bool no_color;     /* --no-color, or NO_COLOR in the environment */
	char start[32];    /* where the workbench begins (view_options.start); "" for its first screen */
};

/* cli_main's answer when main has to show the workbench or a screen. */
#define CLI_WORKBENCH (-1)

/* Reads the arguments and runs the command that they name. The exit status, or CLI_WORKBENCH with
 * *top filled (its strings are argv's). */
int cli_main(int argc, char **argv, struct cli_top *top);

/* Closes stdout; if what was written did not all arrive (a full disk), says so on stderr and makes
 * a success a failure. Call it last, with the status that the program would end with. */
int cli_finish(int status);

/* Prints an error as every command does; returns its exit status. */
int cli_report(const struct error *err);

#endif
