/* Inside the room: what a command is, and what it gets. */
#ifndef CLI_INTERNAL_H
#define CLI_INTERNAL_H

#include "assay/base.h"
#include "assay/base_progress.h"
#include "assay/cli.h"

/* ---- the table ---- */

struct cli_option {
	const char *name;  /* long name, without the dashes */
	char letter;       /* short name, or 0 */
	const char *value; /* placeholder of the value, or NULL for a flag */
	const char *help;
	bool many; /* may be given more than once */
};

enum cli_flags {
	CLI_STORE = 1,   /* takes --store */
	CLI_JSON = 2,    /* takes --json */
	CLI_LISTING = 4, /* takes --csv and --tsv */
	CLI_COMMAND = 8, /* what follows the first plain argument is another program's business */
	CLI_HIDDEN = 16, /* for the program itself: not in help, arguments passed as they are */
};

struct cli;
struct cli_command {
	const char *name;  /* one word or two: "data add" */
	const char *group; /* heading in the help */
	const char *args;  /* synopsis of the plain arguments: "NAME FILE…", or "" */
	int least, most;   /* how many plain arguments; most -1: any number */
	const char *help;  /* one line */
	const char *more;  /* a paragraph, or NULL */
	const char *example;
	unsigned flags;
	const struct cli_option *options; /* ends with a NULL name; or NULL */
	/* The exit status, or -1 with c->err filled. */
	int (*run)(struct cli *c);
};

/* The i-th command in the order of the help; NULL behind the last. */
const struct cli_command *cli_command_at(size_t i);
extern const struct cli_command cli_data_commands[]; /* those about data that need much room */
extern const size_t cli_data_command_count;
extern const char cli_profile_more[];
extern const struct cli_option cli_profile_options[];
extern const struct cli_option cli_relations_options[]; /* of one of them: how a file is read is among them */
extern const struct cli_command cli_edit_commands[];    /* those that change what was recorded */
extern const size_t cli_edit_command_count;
extern const struct cli_command cli_remove_commands[]; /* those that remove, and give space back */
extern const size_t cli_remove_command_count;
extern const struct cli_command cli_trust_commands[]; /* those about decisions and the ledger */
extern const size_t cli_trust_command_count;
extern const struct cli_command cli_care_commands[]; /* those that look after the store */
extern const size_t cli_care_command_count;
extern const struct cli_command cli_pattern_commands[]; /* those about what is recognised in output */
extern const size_t cli_pattern_command_count;
extern const struct cli_command cli_exchange_commands[]; /* those that speak with other tools */
extern const size_t cli_exchange_command_count;
/* Options that several commands share: --store, --json… with the flag that brings each. */
extern const struct cli_common {
	unsigned flag; /* 0: every command */
	struct cli_option option;
} cli_common[];
extern const size_t cli_common_count;
extern const struct cli_option cli_top_options[];

/* ---- a command line, read ---- */

struct cli {
	const struct cli_command *command;
	struct cli_given {
		const struct cli_option *option;
		const char *value; /* NULL for a flag */
	} * given;
	size_t given_count, given_cap;
	const char **args; /* the plain arguments */
	size_t arg_count, arg_cap;
	int argc; /* the whole command line, as typed, from argv[0] on */
	const char *const *argv;
	const char *store; /* --store, here or before the command */
	bool json, csv, tsv, quiet, color;
	struct watch *watch; /* watch_begin */
	char start[32];      /* a command that ends well and has filled it has the workbench opened there */
	struct error err;
};

/* Reads argv[at…] for the command. 0, or -1 with c->err; *help is set when --help was asked. */
int cli_parse(struct cli *c, int argc, const char *const *argv, int at, bool *help);
void cli_release(struct cli *c);

/* The value of an option, or NULL. Asking for an option that the command does not have is a bug. */
const char *cli_get(const struct cli *c, const char *name);
bool cli_has(const struct cli *c, const char *name);
/* The at-th value of an option that may be repeated, or NULL. */
const char *cli_get_at(const struct cli *c, const char *name, size_t at);
/* Values as numbers; *out keeps its value when the option is absent. */
int cli_get_int(struct cli *c, const char *name, int64_t least, int64_t most, int64_t *out);
int cli_get_num(struct cli *c, const char *name, double least, double most, double *out);
/* "K=V": the length of K; -1 with c->err if there is no "=" or no K. */
int cli_split_pair(struct cli *c, const char *option, const char *pair, size_t *key_len);
/* "a,b,c" into a NULL-terminated list, blanks around names dropped; a name that holds a comma is written in
 * double quotes. The caller frees the list only (one block). */
char **cli_split_list(const char *text, size_t *count);

/* ---- finding a command ---- */

/* The command that argv[at…] names, whole or by unique beginnings; *used is how many words it took.
 * NULL with *err: unknown (with the nearest name) or ambiguous (with the candidates). */
const struct cli_command *cli_find(int argc, const char *const *argv, int at, int *used, struct error *err);

/* ---- help ---- */

void cli_help_all(FILE *to);
void cli_help_command(FILE *to, const struct cli_command *command);
/* The commands that begin with this word ("data"); false if there are none. */
bool cli_help_family(FILE *to, const char *word);
/* Every command as mdoc, for the manual page. */
void cli_man_commands(FILE *to);

/* ---- output ---- */

/* A table of cells: aligned text for people, or CSV or TSV for programs. */
enum listing_align { GRID_LEFT, GRID_RIGHT, GRID_POINT }; /* on the decimal point */
enum listing_style { GRID_PLAIN, GRID_GOOD, GRID_WARN, GRID_BAD, GRID_ACCENT, GRID_MUTED };
struct listing {
	struct arena *mem;
	struct listing_column {
		const char *title, *key; /* for people, for CSV */
		enum listing_align align;
	} * columns;
	size_t column_count, column_cap;
	struct listing_cell {
		const char *people, *machine;
		size_t machine_len;
		enum listing_style style;
		bool number; /* machine is a number: no guard against formulas */
	} * cells;       /* row by row */
	size_t cell_count, cell_cap;
};
void listing_init(struct listing *g);
void listing_release(struct listing *g);
void listing_column(struct listing *g, const char *title, const char *key, enum listing_align align);
/* Cells fill the columns from left to right, row by row. Everything is copied; text may be raw. */
void listing_text(struct listing *g, const char *text, enum listing_style style);
void listing_both(struct listing *g, const char *people, const char *machine, bool number,
                  enum listing_style style);
void listing_num(struct listing *g, double value, int digits);
void listing_value(struct listing *g, double value); /* num_value */
void listing_int(struct listing *g, int64_t value);
void listing_none(struct listing *g);
/* Prints as c->csv, c->tsv or text asks. */
void listing_print(const struct listing *g, const struct cli *c, FILE *to);

/* "label   value" lines, labels padded to the same width. */
struct fact {
	const char *label, *value; /* facts with a NULL value are left out */
};
void facts_print(const struct fact *facts, size_t count, const struct cli *c, FILE *to);
/* A heading between parts of a page of text. */
void heading_print(const char *text, const struct cli *c, FILE *to);
/* The escape that begins a style, and the one that ends it; empty when there is no colour. */
const char *style_on(const struct cli *c, enum listing_style style);
const char *style_off(const struct cli *c, enum listing_style style);
/* Width of the terminal on stdout, or 0 when it is none. */
int terminal_columns(void);

/* A sign of our own, where the terminal's characters are UTF-8, else its ASCII stand-in. */
const char *sign(const char *utf8, const char *ascii);
/* num_people in four digits, "-" for none where "–" cannot be shown. */
const char *number_text(double value, char out[NUM_TEXT]);

/* Text for programs (CSV, JSON): its bytes as they are, but made safe when they go to a terminal. */
void machine_print(const char *bytes, size_t len, FILE *to);
/* JSON text and a line feed. */
void json_print(const struct str *json, FILE *to);

/* A bar on stderr while something takes its time; nothing if stderr is no terminal or --quiet. */
struct bar {
	bool on;
	const char *what;
	int64_t started, drawn;
};
void bar_start(struct bar *p, const struct cli *c, const char *what);
void bar_show(struct bar *p, double part, const char *note);
void bar_progress(struct bar *p, const struct progress_seen *seen); /* instead: all that is known of it */
void bar_end(struct bar *p);
/*
 * What takes long is told there: a bar shows it, and Ctrl-C stops it, so that it ends with ERR_NO "stopped". Until
 * watch_end, which comes before the command's first word; the end of the command ends it at the latest. Beginning twice
 * and ending twice is fine.
 */
struct progress *watch_begin(struct cli *c);
void watch_end(struct cli *c);

#endif
