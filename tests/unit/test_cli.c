/* Command lines: what they are read as, and what is said when they make no sense. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <locale.h>
#include <cmocka.h>

#include "../../src/cli/cli.h"

static int run_nothing(struct cli *c)
{
	(void)c;
	return 0;
}

static const struct cli_option options[] = {
    {.name = "label", .value = "COL", .help = "h"},
    {.name = "layout", .value = "L", .help = "h"},
    {.name = "set", .letter = 's', .value = "K=V", .help = "h", .many = true},
    {.name = "name", .letter = 'n', .value = "NAME", .help = "h"},
    {.name = "follow", .letter = 'f', .help = "h"},
    {0},
};
static const struct cli_command plain = {
    .name = "try",
    .args = "A [B]",
    .least = 1,
    .most = 2,
    .help = "h",
    .example = "assay try",
    .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
    .options = options,
    .run = run_nothing,
};
static const struct cli_command launcher = {
    .name = "launch",
    .args = "-- CMD…",
    .least = 1,
    .most = -1,
    .help = "h",
    .example = "assay launch",
    .flags = CLI_COMMAND,
    .options = options,
    .run = run_nothing,
};

/* Reads words[] (ending with NULL) as arguments of a command; the result of cli_parse. */
static int parse(struct cli *c, const struct cli_command *command, const char *const *words, bool *help)
{
	int argc = 0;
	while (words[argc])
		argc++;
	*c = (struct cli){.command = command};
	return cli_parse(c, argc, words, 0, help);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void reads_options_anywhere(void **state)
{
	(void)state;
	struct cli c;
	bool help;
	assert_int_equal(parse(&c, &plain,
	                       WORDS("--label", "y", "first", "--set=a=1", "-s", "b=2", "-sc=3", "second", "-fn",
	                             "name", "--json", "-q"),
	                       &help),
	                 0);
	assert_false(help);
	assert_int_equal(c.arg_count, 2);
	assert_string_equal(c.args[0], "first");
	assert_string_equal(c.args[1], "second");
	assert_string_equal(cli_get(&c, "label"), "y");
	assert_string_equal(cli_get_at(&c, "set", 0), "a=1");
	assert_string_equal(cli_get_at(&c, "set", 1), "b=2");
	assert_string_equal(cli_get_at(&c, "set", 2), "c=3");
	assert_null(cli_get_at(&c, "set", 3));
	assert_string_equal(cli_get(&c, "name"), "name");
	assert_true(cli_has(&c, "follow"));
	assert_false(cli_has(&c, "layout"));
	assert_true(c.json && c.quiet && !c.csv);
	cli_release(&c);
}

static void takes_unique_beginnings(void **state)
{
	(void)state;
	struct cli c;
	bool help;
	assert_int_equal(parse(&c, &plain, WORDS("x", "--lab", "y", "--fol"), &help), 0);
	assert_string_equal(cli_get(&c, "label"), "y");
	assert_true(cli_has(&c, "follow"));
	cli_release(&c);
	assert_int_equal(parse(&c, &plain, WORDS("x", "--la", "y"), &help), -1);
	assert_non_null(strstr(c.err.text, "--label, --layout"));
	assert_int_equal(c.err.code, ERR_USAGE);
	cli_release(&c);
}

static void stops_at_two_dashes(void **state)
{
	(void)state;
	struct cli c;
	bool help;
	assert_int_equal(parse(&c, &plain, WORDS("--", "--label", "-f"), &help), 0);
	assert_int_equal(c.arg_count, 2);
	assert_string_equal(c.args[0], "--label");
	cli_release(&c);
	/* A lone dash is an argument. */
	assert_int_equal(parse(&c, &plain, WORDS("-"), &help), 0);
	assert_string_equal(c.args[0], "-");
	cli_release(&c);
}

static void leaves_another_command_alone(void **state)
{
	(void)state;
	struct cli c;
	bool help;
	assert_int_equal(
	    parse(&c, &launcher, WORDS("-n", "one", "python3", "--label", "-f", "--help", "--"), &help), 0);
	assert_false(help);
	assert_int_equal(c.arg_count, 5);
	assert_string_equal(c.args[0], "python3");
	assert_string_equal(c.args[3], "--help");
	assert_string_equal(c.args[4], "--");
	assert_string_equal(cli_get(&c, "name"), "one");
	cli_release(&c);
	assert_int_equal(parse(&c, &launcher, WORDS("--", "--odd", "-n"), &help), 0);
	assert_string_equal(c.args[0], "--odd");
	assert_int_equal(c.arg_count, 2);
	cli_release(&c);
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *words[5];
		const char *says;
	} cases[] = {
	    {{"x", "--labl", "y"}, "did you mean --label?"},
	    {{"x", "--zzzzzzz"}, "--help"},
	    {{"x", "-z"}, "no option -z"},
	    {{"x", "--label"}, "--label needs a value"},
	    {{"x", "--follow=yes"}, "takes no value"},
	    {{"x", "--name", "a", "-nb"}, "given twice"},
	    {{"x", "y", "z"}, "\"z\""},
	    {{"--json"}, "usage: assay try A [B]"},
	    {{"x", "--json", "--csv"}, "choose one"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct cli c;
		bool help;
		const char *words[5];
		memcpy(words, cases[i].words, sizeof words);
		assert_int_equal(parse(&c, &plain, words, &help), -1);
		assert_int_equal(c.err.code, ERR_USAGE);
		if (!strstr(c.err.text, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", c.err.text, cases[i].says);
		cli_release(&c);
	}
}

static void reads_numbers(void **state)
{
	(void)state;
	struct cli c;
	bool help;
	int64_t n = 7;
	double x = 7;
	assert_int_equal(parse(&c, &plain, WORDS("x", "--label", "12", "--name", "0.25"), &help), 0);
	assert_int_equal(cli_get_int(&c, "label", 0, 100, &n), 0);
	assert_int_equal(n, 12);
	assert_int_equal(cli_get_int(&c, "layout", 0, 100, &n), 0);
	assert_int_equal(n, 12);
	assert_int_equal(cli_get_int(&c, "label", 0, 10, &n), -1);
	assert_int_equal(cli_get_int(&c, "name", 0, 10, &n), -1);
	assert_int_equal(cli_get_num(&c, "name", 0, 1, &x), 0);
	assert_true(x == 0.25);
	assert_int_equal(cli_get_num(&c, "label", 0, 1, &x), -1);
	cli_release(&c);
}

static void splits_lists(void **state)
{
	(void)state;
	size_t count;
	char **list = cli_split_list(" a, b b ,\"c,\"\"d\",,", &count);
	assert_int_equal(count, 3);
	assert_string_equal(list[0], "a");
	assert_string_equal(list[1], "b b");
	assert_string_equal(list[2], "c,\"d");
	assert_null(list[3]);
	free(list);
	list = cli_split_list("", &count);
	assert_int_equal(count, 0);
	free(list);
}

static void finds_commands(void **state)
{
	(void)state;
	struct error err;
	int used;
	assert_string_equal(cli_find(2, WORDS("data", "add"), 0, &used, &err)->name, "data add");
	assert_int_equal(used, 2);
	assert_string_equal(cli_find(3, WORDS("da", "prof", "x"), 0, &used, &err)->name, "data profile");
	/* A whole name wins over names that it begins. */
	assert_string_equal(cli_find(1, WORDS("run"), 0, &used, &err)->name, "run");
	assert_string_equal(cli_find(1, WORDS("compar"), 0, &used, &err)->name, "compare");
	static const struct {
		const char *words[3];
		const char *says;
	} cases[] = {
	    {{"data"}, "add, ls, show, profile, rows, rm"},
	    {{"data", "frobnicate"}, "no command \"frobnicate\""},
	    {{"data", "r"}, "data rows, data rm"},
	    {{"trian"}, "did you mean \"train\"?"},
	    {{"qqqqqqq"}, "assay help"},
	    {{"internal-sup"}, "no command"},
	    {{""}, "no command"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *words[3];
		memcpy(words, cases[i].words, sizeof words);
		assert_null(cli_find(words[1] ? 2 : 1, words, 0, &used, &err));
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].says);
	}
}

/* Every command of the table can be shown, has an example that begins with it, and no option twice. */
static void table_is_sound(void **state)
{
	(void)state;
	const struct cli_command *command;
	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		if (command->flags & CLI_HIDDEN)
			continue;
		char *begin = xasprintf("assay %s", command->name);
		assert_true(strncmp(command->example, begin, strlen(begin)) == 0);
		free(begin);
		assert_true(command->help[0] && command->group[0]);
		for (const struct cli_option *o = command->options; o && o->name; o++) {
			assert_true(o->help[0] != 0);
			for (const struct cli_option *p = o + 1; p->name; p++) {
				assert_string_not_equal(o->name, p->name);
				assert_false(o->letter && o->letter == p->letter);
			}
			for (size_t k = 0; k < cli_common_count; k++) {
				assert_string_not_equal(o->name, cli_common[k].option.name);
				assert_false(o->letter && o->letter == cli_common[k].option.letter);
			}
		}
	}
}

static char *printed(const struct listing *g, const struct cli *c)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	listing_print(g, c, to);
	fclose(to);
	return text;
}

static void prints_tables(void **state)
{
	(void)state;
	struct listing g;
	listing_init(&g);
	listing_column(&g, "name", "name", GRID_LEFT);
	listing_column(&g, "auc", "metrics.auc", GRID_POINT);
	listing_column(&g, "rows", "rows", GRID_RIGHT);
	listing_text(&g, "=cmd,\"x\"", GRID_PLAIN);
	listing_num(&g, 0.8125, 4);
	listing_int(&g, 1284);
	listing_text(&g, "b\033[31m", GRID_PLAIN);
	listing_num(&g, 12.5, 4);
	listing_none(&g);
	struct cli c = {0};
	char *text = printed(&g, &c);
	assert_string_equal(text, "name           auc   rows\n"
	                          "=cmd,\"x\"    0.8125  1,284\n"
	                          "b\\x1b[31m  12.50        –\n");
	free(text);
	c.csv = true;
	text = printed(&g, &c);
	assert_string_equal(text, "name,metrics.auc,rows\n\"'=cmd,\"\"x\"\"\",0.8125,1284\nb\033[31m,12.5,\n");
	free(text);
	c = (struct cli){.tsv = true};
	text = printed(&g, &c);
	assert_string_equal(text, "name\tmetrics.auc\trows\n=cmd,\"x\"\t0.8125\t1284\nb\033[31m\t12.5\t\n");
	free(text);
	listing_release(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_options_anywhere), cmocka_unit_test(takes_unique_beginnings),
	    cmocka_unit_test(stops_at_two_dashes),    cmocka_unit_test(leaves_another_command_alone),
	    cmocka_unit_test(says_what_is_wrong),     cmocka_unit_test(reads_numbers),
	    cmocka_unit_test(splits_lists),           cmocka_unit_test(finds_commands),
	    cmocka_unit_test(table_is_sound),         cmocka_unit_test(prints_tables),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
