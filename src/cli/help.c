/* Help and the manual page's command table, both from the one table. */
#include <ctype.h>

#include "cli.h"

/* "-n, --name NAME" */
static int option_label(const struct cli_option *o, char *out, size_t size)
{
	char letter[8] = "    ";
	if (o->letter)
		snprintf(letter, sizeof letter, "-%c, ", o->letter);
	return snprintf(out, size, "%s--%s%s%s%s", letter, o->name, o->value ? " " : "", o->value ? o->value : "",
	                o->many ? " …" : "");
}

/* Text wrapped at 78 columns behind `indent` blanks; the first line begins at column `at`. */
static void wrapped(FILE *to, const char *text, int at, int indent)
{
	while (*text) {
		size_t len = strcspn(text, " ");
		int width = text_width(text, len);
		if (at > indent && at + 1 + width > 78) {
			fprintf(to, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', to);
			at++;
		}
		fwrite(text, 1, len, to);
		at += width;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', to);
}

static void option_line(FILE *to, const struct cli_option *o)
{
	enum { INDENT = 32 };
	char label[128];
	option_label(o, label, sizeof label);
	int width = 2 + text_width(label, strlen(label));
	fprintf(to, "  %s", label);
	if (width > INDENT - 2) {
		fputc('\n', to);
		width = 0;
	}
	fprintf(to, "%*s", INDENT - width, "");
	wrapped(to, o->help, INDENT, INDENT);
}

static void command_line(FILE *to, const struct cli_command *command)
{
	fprintf(to, "  %-16s", command->name);
	wrapped(to, command->help, 18, 18);
}

static bool is_listed(const struct cli_command *command, const char *group)
{
	return !(command->flags & CLI_HIDDEN) && strcmp(command->group, group) == 0;
}

/* The groups in the order of their first commands: those of one may stand in several tables. */
static const char *group_at(size_t n)
{
	const struct cli_command *command, *before;
	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		bool known = command->flags & CLI_HIDDEN;
		for (size_t k = 0; !known && k < i && (before = cli_command_at(k)); k++)
			known = is_listed(before, command->group);
		if (!known && n-- == 0)
			return command->group;
	}
	return NULL;
}

void cli_help_all(FILE *to)
{
	fputs("assay: the workbench where models are tried, compared, tested and stamped\n\n"
	      "usage: assay                        the workbench on the nearest store\n"
	      "       assay --once SCREEN          one screen as text\n"
	      "       assay COMMAND [ARGUMENTS]    any of these; `assay COMMAND --help` says more\n",
	      to);
	const struct cli_command *command;
	const char *group;
	for (size_t g = 0; (group = group_at(g)); g++) {
		fprintf(to, "\n%s\n", group);
		for (size_t i = 0; (command = cli_command_at(i)); i++)
			if (is_listed(command, group))
				command_line(to, command);
	}
	fputs("\nOptions before the command\n", to);
	for (const struct cli_option *o = cli_top_options; o->name; o++)
		option_line(to, o);
	fputs("\nCommands and long options may be cut to any unique beginning.\n"
	      "Exit: 0 done, 1 no, 2 usage, 3 environment, 4 stale, 5 storage, 6 tampered.\n",
	      to);
}

bool cli_help_family(FILE *to, const char *word)
{
	size_t len = strlen(word);
	bool any = false;
	const struct cli_command *command;
	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		if (strncmp(command->name, word, len) != 0 || command->name[len] != ' ')
			continue;
		if (!any)
			fprintf(to, "assay %s: `assay %s COMMAND --help` says more\n\n", word, word);
		any = true;
		command_line(to, command);
	}
	return any;
}

void cli_help_command(FILE *to, const struct cli_command *command)
{
	fprintf(to, "assay %s: %s\n\nusage: assay %s%s%s%s\n", command->name, command->help, command->name,
	        command->options && command->options->name ? " [OPTIONS]" : "", command->args[0] ? " " : "",
	        command->args);
	if (command->more) {
		fputc('\n', to);
		wrapped(to, command->more, 0, 0);
	}
	fputs("\noptions:\n", to);
	for (const struct cli_option *o = command->options; o && o->name; o++)
		option_line(to, o);
	for (size_t i = 0; i < cli_common_count; i++)
		if (!cli_common[i].flag || (command->flags & cli_common[i].flag))
			option_line(to, &cli_common[i].option);
	fprintf(to, "\nexample:\n");
	for (const char *p = command->example; *p;) {
		size_t len = strcspn(p, "\n");
		fprintf(to, "    %.*s\n", (int)len, p);
		p += len + (p[len] == '\n');
	}
}

/* ---- mdoc ---- */

/* Text of a help line as mdoc text: backslashes, and a leading point or quote, lose their meaning. */
static void man_text(FILE *to, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", to);
	for (; *text; text++) {
		if (strncmp(text, ". ", 2) == 0) {
			/* A new sentence begins a new line. */
			fputs(".\n", to);
			text++;
		} else if (*text == '\\')
			fputs("\\e", to);
		else if (*text == '-')
			fputs("\\-", to);
		else if (*text == '`')
			fputs("\\(ga", to);
		else if (*text == '\'')
			fputs("\\(aq", to);
		else if (*text == '^')
			fputs("\\(ha", to);
		else if (*text == '~')
			fputs("\\(ti", to);
		else
			fputc(*text, to);
	}
}

/* An argument of a macro: quoted, so that no word of it is taken for a macro. */
static void man_quoted(FILE *to, const char *text)
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"')
			fputs("\\(dq", to);
		else if (*text == '\\')
			fputs("\\e", to);
		else
			fputc(*text, to);
	}
	fputc('"', to);
}

static void man_option(FILE *to, const struct cli_option *o)
{
	fputs(".It ", to);
	if (o->letter)
		fprintf(to, "Fl %c , ", o->letter);
	fprintf(to, "Fl \\-%s", o->name);
	if (o->value) {
		fputs(" Ar ", to);
		man_quoted(to, o->value);
	}
	fputc('\n', to);
	man_text(to, o->help);
	if (o->many)
		fputs(" (may be repeated)", to);
	fputs(".\n", to);
}

static void man_command(FILE *to, const struct cli_command *command)
{
	fprintf(to, ".It Nm Cm ");
	man_quoted(to, command->name);
	if (command->options && command->options->name)
		fputs(" Op Ar options", to);
	if (command->args[0]) {
		fputs(" Ar ", to);
		man_quoted(to, command->args);
	}
	fputc('\n', to);
	char first[2] = {(char)toupper((unsigned char)command->help[0]), 0};
	man_text(to, first);
	man_text(to, command->help + 1);
	fputs(".\n", to);
	if (command->more) {
		man_text(to, command->more);
		fputc('\n', to);
	}
	if (command->options && command->options->name) {
		fputs(".Bl -tag -width Ds\n", to);
		for (const struct cli_option *o = command->options; o->name; o++)
			man_option(to, o);
		fputs(".El\n", to);
	}
	fputs(".Pp\nExample:\n.Bd -literal -offset indent -compact\n", to);
	for (const char *p = command->example; *p;) {
		size_t len = strcspn(p, "\n");
		char *line = xmemdup0(p, len);
		man_text(to, line);
		fputc('\n', to);
		free(line);
		p += len + (p[len] == '\n');
	}
	fputs(".Ed\n", to);
}

void cli_man_commands(FILE *to)
{
	fputs(".Ss Options before the command\n.Bl -tag -width Ds\n", to);
	for (const struct cli_option *o = cli_top_options; o->name; o++)
		man_option(to, o);
	fputs(".El\n.Ss Options of commands\n"
	      "Where a command prints facts or a list, it takes those of these that fit.\n"
	      ".Bl -tag -width Ds\n",
	      to);
	for (size_t i = 0; i < cli_common_count; i++)
		man_option(to, &cli_common[i].option);
	fputs(".El\n", to);
	const struct cli_command *command;
	const char *group;
	for (size_t g = 0; (group = group_at(g)); g++) {
		fprintf(to, ".Ss %s\n.Bl -tag -width Ds\n", group);
		for (size_t i = 0; (command = cli_command_at(i)); i++)
			if (is_listed(command, group))
				man_command(to, command);
		fputs(".El\n", to);
	}
}
