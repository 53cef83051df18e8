/* From the arguments to a command, and from its end to an exit status. */
#include <errno.h>
#include <stdio_ext.h>
#include <unistd.h>

#include "cli.h"

int cli_report(const struct error *err)
{
	fflush(stdout);
	fputs("assay: ", stderr);
	/* A name with a line end in it does not begin a line that would look like one of ours. */
	for (const char *line = err->text;;) {
		size_t len = strcspn(line, "\n");
		safe_fprintf(stderr, "%.*s\n", (int)len, line);
		if (!line[len] || !line[len + 1])
			break;
		line += len + 1;
		fputs("  ", stderr);
	}
	return err->code;
}

int cli_finish(int status)
{
	/* A full disk may show only when the last bytes leave the buffer. */
	bool bad = ferror(stdout) != 0, pending = __fpending(stdout) != 0;
	errno = 0;
	/* Started without a stdout, and nothing was written to it: nothing is lost. */
	if (fclose(stdout) != 0 && (pending || errno != EBADF))
		bad = true;
	if (!bad)
		return status;
	fprintf(stderr, "assay: the output could not be written%s%s\n", errno ? ": " : "",
	        errno ? strerror(errno) : "");
	return status ? status : ERR_ENV;
}

static bool wants_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

static int take_size(const char *text, struct cli_top *top, struct error *err)
{
	const char *by = strchr(text, 'x');
	int64_t columns, rows;
	if (!by || !int_parse(text, (size_t)(by - text), &columns) || !int_parse(by + 1, strlen(by + 1), &rows) ||
	    columns < 1 || rows < 1 || columns > 1000 || rows > 1000)
		return error_set(err, ERR_USAGE, "--size %s: must be COLUMNSxROWS, such as 160x48", text);
	top->columns = (int)columns;
	top->rows = (int)rows;
	return 0;
}

static int take_limit(const char *text, struct cli_top *top, struct error *err)
{
	if (!int_parse(text, strlen(text), &top->limit) || top->limit < 1 || top->limit > 1000000)
		return error_set(err, ERR_USAGE, "--limit %s: must be a number from 1 to 1000000", text);
	return 0;
}

enum top_answer { TOP_COMMAND, TOP_HELP, TOP_VERSION, TOP_ERROR };

/* The option that `name` is, or is a unique beginning of; `whole` is how it was typed. */
static const struct cli_option *top_option(const char *name, size_t len, const char *whole, struct error *err)
{
	const struct cli_option *hit = NULL;
	const char *names[16], *near;
	int hits = 0;
	size_t count = 0;
	for (const struct cli_option *o = cli_top_options; o->name; o++) {
		names[count++] = o->name;
		if (len && strncmp(o->name, name, len) == 0) {
			hits = o->name[len] == 0 ? 1 : hits + 1;
			hit = o;
			if (o->name[len] == 0)
				break;
		}
	}
	if (hits == 1)
		return hit;
	near = name_nearest(name, names, count);
	error_set(err, ERR_USAGE, "there is no option %s before the command%s%s%s", whole,
	          near ? "; did you mean --" : "; `assay help` lists them", near ? near : "", near ? "?" : "");
	return NULL;
}

/* Reads the options before the command; *at is where the command stands. */
static enum top_answer take_top(int argc, const char *const *argv, int *at, struct cli_top *top,
                                struct error *err)
{
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		const char *a = argv[i];
		if (strcmp(a, "-h") == 0)
			return TOP_HELP;
		if (a[1] != '-') {
			error_set(err, ERR_USAGE, "there is no option %s before the command; `assay help` lists them", a);
			return TOP_ERROR;
		}
		const char *name = a + 2, *equals = strchr(name, '=');
		size_t len = equals ? (size_t)(equals - name) : strlen(name);
		const struct cli_option *hit = top_option(name, len, a, err);
		if (!hit)
			return TOP_ERROR;
		const char *value = equals ? equals + 1 : NULL;
		if (hit->value && !value)
			value = i + 1 < argc ? argv[++i] : NULL;
		if (hit->value && !value) {
			error_set(err, ERR_USAGE, "--%s needs a value: --%s %s", hit->name, hit->name, hit->value);
			return TOP_ERROR;
		}
		if (!hit->value && equals) {
			error_set(err, ERR_USAGE, "--%s takes no value", hit->name);
			return TOP_ERROR;
		}
		if (strcmp(hit->name, "store") == 0)
			top->store = value;
		else if (strcmp(hit->name, "once") == 0)
			top->once = value;
		else if (strcmp(hit->name, "theme") == 0)
			top->theme = value;
		else if (strcmp(hit->name, "ascii") == 0)
			top->ascii = true;
		else if (strcmp(hit->name, "json") == 0)
			top->json = true;
		else if (strcmp(hit->name, "no-color") == 0)
			top->no_color = true;
		else if (strcmp(hit->name, "version") == 0)
			return TOP_VERSION;
		else if (strcmp(hit->name, "help") == 0)
			return TOP_HELP;
		else if ((strcmp(hit->name, "limit") == 0 ? take_limit(value, top, err)
		                                          : take_size(value, top, err)) != 0)
			return TOP_ERROR;
	}
	*at = i;
	return TOP_COMMAND;
}

static int run_command(int argc, const char *const *argv, int at, struct cli_top *top)
{
	struct cli c = {.store = top->store, .color = wants_color() && !top->no_color};
	int used = 0;
	c.command = cli_find(argc, argv, at, &used, &c.err);
	if (!c.command && at + 1 < argc &&
	    (strcmp(argv[at + 1], "--help") == 0 || strcmp(argv[at + 1], "-h") == 0) &&
	    cli_help_family(stdout, argv[at]))
		return 0;
	if (!c.command)
		return cli_report(&c.err);
	/* A failure of our own must not look like the command's. */
	int own = strcmp(c.command->name, "run") == 0 ? 125 : 0;
	bool help;
	int status = cli_parse(&c, argc, argv, at + used, &help);
	if (status == 0 && help)
		cli_help_command(stdout, c.command);
	else if (status == 0)
		status = c.command->run(&c);
	watch_end(&c);
	if (status < 0) {
		status = cli_report(&c.err);
		if (own)
			status = own;
	}
	if (status == 0 && c.start[0]) {
		memcpy(top->start, c.start, sizeof top->start);
		top->store = c.store;
		status = CLI_WORKBENCH;
	}
	cli_release(&c);
	return status;
}

int cli_main(int argc, char **argv, struct cli_top *top)
{
	*top = (struct cli_top){0};
	const char *const *words = (const char *const *)argv;
	struct error err;
	int at = 1;
	const char *no = getenv("NO_COLOR");
	switch (take_top(argc, words, &at, top, &err)) {
	case TOP_ERROR:
		return cli_report(&err);
	case TOP_HELP:
		cli_help_all(stdout);
		return 0;
	case TOP_VERSION:
		printf("assay %s\n", ASSAY_VERSION);
		return 0;
	case TOP_COMMAND:
		break;
	}
	top->no_color = top->no_color || (no && *no);
	if (!top->once && (top->json || top->limit)) {
		error_set(&err, ERR_USAGE, "--%s before a command goes with --once: assay --once runs --json",
		          top->json ? "json" : "limit");
		return cli_report(&err);
	}
	if (at < argc && top->once) {
		error_set(&err, ERR_USAGE, "--once prints a screen and takes no command (\"%s\")", words[at]);
		return cli_report(&err);
	}
	return at < argc ? run_command(argc, words, at, top) : CLI_WORKBENCH;
}
