/* assay init [DIR]: makes a store. */
#include "assay/work.h"

#include "cli.h"
#include "commands.h"

int cmd_init(struct cli *c)
{
	char *path = NULL;
	if (work_init(c->arg_count ? c->args[0] : NULL, &path, &c->err) != 0)
		return -1;
	if (!c->quiet)
		safe_fprintf(stdout, "made the store %s\n", path);
	free(path);
	return 0;
}
