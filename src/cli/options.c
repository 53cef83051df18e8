/* The arguments of one command: options anywhere (also as --name=value and -xVALUE), unique
 * beginnings of long names, "--" ends the options. */
#include <errno.h>
#include <math.h>

#include "cli.h"

/* ---- looking options up ---- */

static bool common_applies(const struct cli_command *command, const struct cli_common *common)
{
	return !common->flag || (command->flags & common->flag);
}

/* Calls `each` for every option that the command takes, until it returns true. */
static const struct cli_option *first_option(const struct cli_command *command,
                                             bool (*each)(const struct cli_option *o, void *user), void *user)
{
	for (const struct cli_option *o = command->options; o && o->name; o++)
		if (each(o, user))
			return o;
	for (size_t i = 0; i < cli_common_count; i++)
		if (common_applies(command, &cli_common[i]) && each(&cli_common[i].option, user))
			return &cli_common[i].option;
	return NULL;
}

struct lookup {
	const char *name;
	size_t len;
	char letter;
	size_t hits;
	const struct cli_option *hit;
	const char *names[64]; /* all long names, for the nearest one */
	size_t name_count;
	struct str candidates;
};

static bool is_exact(const struct cli_option *o, void *user)
{
	struct lookup *l = user;
	if (l->name_count < COUNT_OF(l->names))
		l->names[l->name_count++] = o->name;
	return strlen(o->name) == l->len && memcmp(o->name, l->name, l->len) == 0;
}

static bool is_beginning(const struct cli_option *o, void *user)
{
	struct lookup *l = user;
	if (strncmp(o->name, l->name, l->len) == 0) {
		l->hits++;
		l->hit = o;
		str_addf(&l->candidates, "%s--%s", l->candidates.len ? ", " : "", o->name);
	}
	return false;
}

static bool is_letter(const struct cli_option *o, void *user)
{
	const struct lookup *l = user;
	return o->letter && o->letter == l->letter;
}

static const struct cli_option *long_option(struct cli *c, const char *name, size_t len)
{
	struct lookup l = {.name = name, .len = len};
	str_init(&l.candidates);
	const struct cli_option *o = first_option(c->command, is_exact, &l);
	if (!o) {
		first_option(c->command, is_beginning, &l);
		char *word = xmemdup0(name, len);
		const char *near = name_nearest(word, l.names, l.name_count);
		if (l.hits == 1)
			o = l.hit;
		else if (l.hits > 1 && len)
			error_set(&c->err, ERR_USAGE, "--%s may mean %s", word, l.candidates.data);
		else if (near)
			error_set(&c->err, ERR_USAGE, "%s has no option --%s; did you mean --%s?", c->command->name, word,
			          near);
		else
			error_set(&c->err, ERR_USAGE, "%s has no option --%s; `assay %s --help` lists them",
			          c->command->name, word, c->command->name);
		free(word);
	}
	str_release(&l.candidates);
	return o;
}

static const struct cli_option *short_option(struct cli *c, char letter)
{
	struct lookup l = {.letter = letter};
	const struct cli_option *o = first_option(c->command, is_letter, &l);
	if (!o)
		error_set(&c->err, ERR_USAGE, "%s has no option -%c; `assay %s --help` lists them", c->command->name,
		          letter, c->command->name);
	return o;
}

/* ---- reading the line ---- */

static bool is_option(const char *name, const struct cli_option *o)
{
	return strcmp(o->name, name) == 0;
}

static int keep(struct cli *c, const struct cli_option *o, const char *value)
{
	if (!o->many)
		for (size_t i = 0; i < c->given_count; i++)
			if (c->given[i].option == o && o->value)
				return error_set(&c->err, ERR_USAGE, "--%s is given twice", o->name);
	c->given = vec_reserve(c->given, &c->given_cap, c->given_count + 1, sizeof *c->given);
	c->given[c->given_count++] = (struct cli_given){.option = o, .value = value};
	if (is_option("store", o))
		c->store = value;
	else if (is_option("json", o))
		c->json = true;
	else if (is_option("csv", o))
		c->csv = true;
	else if (is_option("tsv", o))
		c->tsv = true;
	else if (is_option("quiet", o))
		c->quiet = true;
	else if (is_option("no-color", o))
		c->color = false;
	return 0;
}

/* The value of an option: what is joined to it, else the next argument. */
static int take_value(struct cli *c, const struct cli_option *o, const char *joined, int *i)
{
	if (joined)
		return keep(c, o, joined);
	if (*i + 1 >= c->argc)
		return error_set(&c->err, ERR_USAGE, "--%s needs a value: --%s %s", o->name, o->name, o->value);
	return keep(c, o, c->argv[++*i]);
}

static int take_long(struct cli *c, const char *text, int *i)
{
	const char *equals = strchr(text, '=');
	const struct cli_option *o = long_option(c, text, equals ? (size_t)(equals - text) : strlen(text));
	if (!o)
		return -1;
	if (o->value)
		return take_value(c, o, equals ? equals + 1 : NULL, i);
	if (equals)
		return error_set(&c->err, ERR_USAGE, "--%s takes no value", o->name);
	return keep(c, o, NULL);
}

/* "-qf" is -q -f; "-nNAME" and "-n NAME" are the same. */
static int take_short(struct cli *c, const char *letters, int *i)
{
	for (const char *p = letters; *p; p++) {
		const struct cli_option *o = short_option(c, *p);
		if (!o)
			return -1;
		if (o->value)
			return take_value(c, o, p[1] ? p + 1 : NULL, i);
		if (keep(c, o, NULL) != 0)
			return -1;
	}
	return 0;
}

static void add_arg(struct cli *c, const char *arg)
{
	c->args = vec_reserve(c->args, &c->arg_cap, c->arg_count + 2, sizeof *c->args);
	c->args[c->arg_count++] = arg;
	c->args[c->arg_count] = NULL;
}

int cli_parse(struct cli *c, int argc, const char *const *argv, int at, bool *help)
{
	const struct cli_command *command = c->command;
	c->argc = argc;
	c->argv = argv;
	bool options = !(command->flags & CLI_HIDDEN);
	*help = false;
	for (int i = at; i < argc; i++) {
		const char *a = argv[i];
		if (options && strcmp(a, "--") == 0) {
			options = false;
			continue;
		}
		if (!options || a[0] != '-' || a[1] == 0) {
			add_arg(c, a);
			if (command->flags & CLI_COMMAND)
				options = false;
			continue;
		}
		if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0) {
			*help = true;
			return 0;
		}
		if ((a[1] == '-' ? take_long(c, a + 2, &i) : take_short(c, a + 1, &i)) != 0)
			return -1;
	}
	if (c->arg_count < (size_t)command->least)
		return error_set(&c->err, ERR_USAGE, "usage: assay %s %s   (`assay %s --help` says more)",
		                 command->name, command->args, command->name);
	if (command->most >= 0 && c->arg_count > (size_t)command->most)
		return error_set(&c->err, ERR_USAGE, "%s does not know what to do with \"%s\"; usage: assay %s %s",
		                 command->name, c->args[command->most], command->name, command->args);
	if (c->json + c->csv + c->tsv > 1)
		return error_set(&c->err, ERR_USAGE, "choose one of --json, --csv and --tsv");
	return 0;
}

void cli_release(struct cli *c)
{
	watch_end(c);
	free(c->given);
	free(c->args);
}

/* ---- asking ---- */

static bool names_option(const struct cli_option *o, void *user)
{
	return strcmp(o->name, user) == 0;
}

const char *cli_get_at(const struct cli *c, const char *name, size_t at)
{
	char word[64];
	snprintf(word, sizeof word, "%s", name);
	const struct cli_option *o = first_option(c->command, names_option, word);
	if (!o)
		bug("%s has no option --%s", c->command->name, name);
	for (size_t i = 0; i < c->given_count; i++)
		if (c->given[i].option == o && at-- == 0)
			return c->given[i].value ? c->given[i].value : "";
	return NULL;
}

const char *cli_get(const struct cli *c, const char *name)
{
	return cli_get_at(c, name, 0);
}

bool cli_has(const struct cli *c, const char *name)
{
	return cli_get(c, name) != NULL;
}

int cli_get_int(struct cli *c, const char *name, int64_t least, int64_t most, int64_t *out)
{
	const char *text = cli_get(c, name);
	if (!text)
		return 0;
	int64_t value;
	if (!int_parse(text, strlen(text), &value))
		return error_set(&c->err, ERR_USAGE, "--%s %s: not a whole number", name, text);
	if (value < least || value > most) {
		if (most == INT64_MAX)
			return error_set(&c->err, ERR_USAGE, "--%s %s: must be at least %lld", name, text,
			                 (long long)least);
		return error_set(&c->err, ERR_USAGE, "--%s %s: must be between %lld and %lld", name, text,
		                 (long long)least, (long long)most);
	}
	*out = value;
	return 0;
}

int cli_get_num(struct cli *c, const char *name, double least, double most, double *out)
{
	const char *text = cli_get(c, name);
	if (!text)
		return 0;
	double value;
	if (!num_parse(text, strlen(text), &value) || !isfinite(value))
		return error_set(&c->err, ERR_USAGE, "--%s %s: not a number", name, text);
	if (value < least || value > most)
		return error_set(&c->err, ERR_USAGE, "--%s %s: must be between %g and %g", name, text, least, most);
	*out = value;
	return 0;
}

int cli_split_pair(struct cli *c, const char *option, const char *pair, size_t *key_len)
{
	const char *equals = strchr(pair, '=');
	if (!equals || equals == pair)
		return error_set(&c->err, ERR_USAGE, "--%s %s: must be NAME=VALUE", option, pair);
	*key_len = (size_t)(equals - pair);
	return 0;
}

char **cli_split_list(const char *text, size_t *count)
{
	size_t len = strlen(text), most = 2;
	for (const char *p = text; *p; p++)
		most += *p == ',';
	/* One block: the pointers, then the characters, which never outgrow the text. */
	char **list = xcalloc(1, size_add(size_mul(most, sizeof *list), size_add(len, 2)));
	char *to = (char *)(list + most);
	*count = 0;
	for (const char *p = text; *p; p += *p == ',') {
		p += strspn(p, " ");
		char *from = to;
		bool quoted = *p == '"';
		for (p += quoted; *p && (quoted || *p != ','); p++) {
			if (quoted && *p == '"' && *++p != '"')
				break;
			*to++ = *p;
		}
		while (!quoted && to > from && to[-1] == ' ')
			to--;
		if (to > from)
			list[(*count)++] = from;
		*to++ = 0;
		p += strcspn(p, ",");
	}
	return list;
}
