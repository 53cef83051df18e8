/* The agent that holds keys: what it has, and why it cannot be asked. ssh-add speaks to it. */
#include <stdlib.h>
#include <sys/wait.h>

#include "internal.h"
#include "sign.h"

enum { AGENT_MS = 5000, LONGEST_LIST = 1 << 18 };

/* Appends what the agent lists; -1 with the diagnosis. */
static int list_keys(struct str *out, struct error *err)
{
	const char *const argv[] = {"ssh-add", "-L", NULL}, *socket = getenv("SSH_AUTH_SOCK");
	struct str faults;
	struct child c = {
	    .argv = argv, .timeout_ms = AGENT_MS, .limit = LONGEST_LIST, .out = out, .errout = &faults};
	int result = -1;

	if (!socket || !*socket)
		return error_set(
		    err, ERR_ENV,
		    "there is no ssh-agent (SSH_AUTH_SOCK is not set): type `eval $(ssh-agent)`, then `ssh-add`; or "
		    "name a key file");
	str_init(&faults);
	if (child_run(&c, err)) {
		if (c.late)
			error_set(err, ERR_ENV,
			          "the agent at %s takes calls but never answers: `ssh-add -L` shows the same; start "
			          "another with "
			          "`eval $(ssh-agent)`",
			          socket);
		else
			error_prefix(err, "the agent cannot be asked (is openssh-client installed?)");
	} else if (WIFEXITED(c.status) && WEXITSTATUS(c.status) == 0) {
		result = 0;
	} else if (WIFEXITED(c.status) && WEXITSTATUS(c.status) == 1) {
		error_set(err, ERR_ENV, "the agent at %s holds no keys (or is locked): type `ssh-add`", socket);
	} else {
		faults.data[strcspn(faults.data, "\n")] = '\0';
		error_set(err, ERR_ENV,
		          "the agent at %s cannot be reached (%s): type `eval $(ssh-agent)`, then `ssh-add`; or "
		          "forward yours "
		          "with `ssh -A`",
		          socket, faults.data);
	}
	str_release(&faults);
	return result;
}

int ledger_agent_keys(struct arena *mem, const char ***keys, size_t *count, struct error *err)
{
	struct str list;
	size_t lines = 0;
	int result;

	*keys = NULL;
	*count = 0;
	str_init(&list);
	result = list_keys(&list, err);
	for (size_t i = 0; !result && i < list.len; i++)
		lines += list.data[i] == '\n';
	if (lines)
		*keys = arena_array(mem, lines, sizeof(**keys));
	/* "type base64 comment": the comment is whatever somebody has written into a file. */
	for (const char *p = list.data; lines && *p;) {
		size_t len = strcspn(p, "\n"), type = strcspn(p, " \n"), blob;

		if (type < len) {
			blob = strcspn(p + type + 1, " \n");
			(*keys)[(*count)++] = arena_memdup0(mem, p, type + 1 + blob);
		}
		p += len + (p[len] == '\n');
	}
	str_release(&list);
	return result;
}

bool agent_has(const char *public_key, struct error *err)
{
	struct arena *mem = arena_new();
	const char **keys;
	size_t count;
	bool has = false;

	if (!ledger_agent_keys(mem, &keys, &count, err)) {
		for (size_t i = 0; i < count && !has; i++)
			has = !strcmp(keys[i], public_key);
		if (!has)
			error_set(err, ERR_ENV,
			          "the agent holds %zu key%s, but not this one: `ssh-add -L` lists them, `ssh-add FILE` "
			          "adds yours",
			          count, count == 1 ? "" : "s");
	}
	arena_free(mem);
	return has;
}
