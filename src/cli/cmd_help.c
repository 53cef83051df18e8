/* assay help [COMMAND], and the command table for the manual page. */
#include "cli.h"
#include "commands.h"

int cmd_help(struct cli *c)
{
	if (c->arg_count == 0) {
		cli_help_all(stdout);
		return 0;
	}
	if (c->arg_count == 1 && cli_help_family(stdout, c->args[0]))
		return 0;
	/* The words end the command line, so they are found there as they were typed. */
	int used, at = c->argc - (int)c->arg_count;
	const struct cli_command *command = cli_find(c->argc, c->argv, at, &used, &c->err);
	if (!command)
		return -1;
	if (command->flags & CLI_HIDDEN)
		return error_set(&c->err, ERR_USAGE, "there is no command \"%s\"", c->args[0]);
	cli_help_command(stdout, command);
	return 0;
}

int cmd_internal_man(struct cli *c)
{
	if (strcmp(c->args[0], "commands") != 0)
		return error_set(&c->err, ERR_USAGE, "internal-man: commands or keys");
	cli_man_commands(stdout);
	return 0;
}
