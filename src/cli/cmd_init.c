/* assay init [DIR]: makes a store, with the roster of who may sign in it. */
#include "assay/work.h"

#include "cli.h"
#include "commands.h"

int cmd_init(struct cli *c)
{
	char *path = NULL;
	const char *roster = cli_get(c, "roster"), *fingerprint = cli_get(c, "fingerprint");
	if (work_init_trusted(c->arg_count ? c->args[0] : NULL, roster, fingerprint, &path, &c->err) != 0)
		return -1;
	if (!c->quiet)
		safe_fprintf(stdout, "made the store %s\n", path);
	free(path);
	return 0;
}
