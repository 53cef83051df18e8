/* Which command is meant: whole names first, then unique beginnings, then a guess to help. */
#include <string.h>

#include "cli.h"

/* How well the words of a command fit: 2 every word whole, 1 every word a beginning, 0 not. */
static int fits(const char *name, int argc, const char *const *argv, int at, int *used)
{
	int quality = 2;
	*used = 0;
	while (*name) {
		size_t len = strcspn(name, " ");
		if (at + *used >= argc)
			return 0;
		const char *word = argv[at + *used];
		size_t word_len = strlen(word);
		if (word_len == 0 || word_len > len || memcmp(name, word, word_len) != 0)
			return 0;
		if (word_len < len)
			quality = 1;
		name += len + (name[len] == ' ');
		(*used)++;
	}
	return quality;
}

/* "data" alone, or "data" with a second word that is none of its commands. */
static bool is_family(const char *word, struct str *members)
{
	size_t len = strlen(word);
	const struct cli_command *command;
	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		const char *name = command->name;
		const char *blank = strchr(name, ' ');
		if (blank && len && len <= (size_t)(blank - name) && strncmp(name, word, len) == 0)
			str_addf(members, "%s%s", members->len ? ", " : "", blank + 1);
	}
	return members->len > 0;
}

static void explain(int argc, const char *const *argv, int at, const struct str *candidates,
                    struct error *err)
{
	const char *word = argv[at];
	struct str members;
	str_init(&members);
	const char *names[128];
	size_t count = 0;
	const struct cli_command *command;
	for (size_t i = 0; (command = cli_command_at(i)) && count < COUNT_OF(names); i++)
		if (!(command->flags & CLI_HIDDEN))
			names[count++] = command->name;
	const char *near = name_nearest(word, names, count);
	if (candidates->len)
		error_set(err, ERR_USAGE, "\"%s\" may mean %s", word, candidates->data);
	else if (is_family(word, &members) && at + 1 >= argc)
		error_set(err, ERR_USAGE, "assay %s: say what to do with it: %s", word, members.data);
	else if (members.len)
		error_set(err, ERR_USAGE, "assay %s has no command \"%s\"; it has %s", word, argv[at + 1],
		          members.data);
	else if (near)
		error_set(err, ERR_USAGE, "there is no command \"%s\"; did you mean \"%s\"?", word, near);
	else
		error_set(err, ERR_USAGE, "there is no command \"%s\"; `assay help` lists them", word);
	str_release(&members);
}

const struct cli_command *cli_find(int argc, const char *const *argv, int at, int *used, struct error *err)
{
	const struct cli_command *best = NULL;
	struct str candidates;
	str_init(&candidates);
	int words = 0, hits = 0;
	const struct cli_command *command;
	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		int quality = fits(command->name, argc, argv, at, &words);
		if (quality == 2) {
			*used = words;
			best = command;
			hits = 1;
			break;
		}
		if (quality == 1 && !(command->flags & CLI_HIDDEN)) {
			hits++;
			best = command;
			*used = words;
			str_addf(&candidates, "%s%s", candidates.len ? ", " : "", command->name);
		}
	}
	if (hits != 1) {
		explain(argc, argv, at, &candidates, err);
		best = NULL;
	}
	str_release(&candidates);
	return best;
}
