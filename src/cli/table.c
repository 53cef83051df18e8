/* The commands: what they are called, what they take, what they do. */
#include "cli.h"
#include "commands.h"

const struct cli_command cli_commands[] = {
    {
        .name = "help",
        .group = "Help",
        .args = "[COMMAND]",
        .most = 2,
        .help = "this list, or what one command does",
        .example = "assay help data add",
        .run = cmd_help,
    },
    {
        .name = "internal-man",
        .args = "commands",
        .least = 1,
        .most = 1,
        .flags = CLI_HIDDEN,
        .run = cmd_internal_man,
    },
};
const size_t cli_command_count = COUNT_OF(cli_commands);

const struct cli_common cli_common[] = {
    {CLI_STORE,
     {.name = "store",
      .value = "DIR",
      .help = "the store (default: ASSAY_STORE, else .assay/ found upward)"}},
    {CLI_JSON, {.name = "json", .help = "print JSON"}},
    {CLI_LISTING, {.name = "csv", .help = "print CSV"}},
    {CLI_LISTING, {.name = "tsv", .help = "print tab-separated values"}},
    {0, {.name = "quiet", .letter = 'q', .help = "print no more than what was asked for"}},
    {0, {.name = "no-color", .help = "no colour, even on a terminal"}},
    {0, {.name = "help", .letter = 'h', .help = "this text"}},
};
const size_t cli_common_count = COUNT_OF(cli_common);

const struct cli_option cli_top_options[] = {
    {.name = "store", .value = "DIR", .help = "the store (default: ASSAY_STORE, else .assay/ found upward)"},
    {.name = "once", .value = "SCREEN", .help = "print one screen as text: runs, data …"},
    {.name = "size",
     .value = "COLSxROWS",
     .help = "size of that screen (default: the terminal's, else 80x24)"},
    {.name = "theme", .value = "NAME", .help = "colours of the workbench: dark, light, mono or your own"},
    {.name = "ascii", .help = "draw with ASCII characters only"},
    {.name = "no-color", .help = "no colour, even on a terminal"},
    {.name = "version", .help = "print the version"},
    {.name = "help", .letter = 'h', .help = "list the commands"},
    {0},
};
