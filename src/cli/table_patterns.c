/* The commands about what is recognised in output. */
#include "cli.h"
#include "commands.h"

static const struct cli_option experiment_options[] = {
    {.name = "experiment", .letter = 'e', .value = "NAME", .help = "for the runs of this experiment"},
    {0},
};

const struct cli_command cli_pattern_commands[] = {
    {
        .name = "patterns ls",
        .group = "Training",
        .args = "",
        .options = experiment_options,
        .help = "what is recognised in the output of runs, and what of it is off",
        .more = "[patterns] of the store's config.ini has expressions of its own, and `off`. `assay show "
                "RUN` tells what was recognised in a run.",
        .example = "assay patterns ls\nassay patterns off key_colon\nassay patterns try train.log",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .run = cmd_patterns,
    },
    {
        .name = "patterns off",
        .group = "Training",
        .args = "WHAT…",
        .least = 1,
        .most = -1,
        .options = experiment_options,
        .help = "switch off a recogniser, or one name of one, for the runs to come",
        .more =
            "The word goes into `off` under [patterns] of the store's config.ini (with -e: [patterns NAME]); "
            "the rest of the file stays.",
        .example = "assay patterns off key_colon\nassay patterns off json:lr -e credit-risk",
        .flags = CLI_STORE,
        .run = cmd_patterns_off,
    },
    {
        .name = "patterns on",
        .group = "Training",
        .args = "WHAT…",
        .least = 1,
        .most = -1,
        .options = experiment_options,
        .help = "switch it on again",
        .example = "assay patterns on json:lr",
        .flags = CLI_STORE,
        .run = cmd_patterns_on,
    },
    {
        .name = "patterns try",
        .group = "Training",
        .args = "[FILE]",
        .most = 1,
        .options = experiment_options,
        .help = "what would be recognised in a file, or in what comes in",
        .more = "With the expressions of the store, if there is one. Nothing is kept.",
        .example = "assay patterns try train.log\nassay log @last | assay patterns try",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .run = cmd_patterns_try,
    },
    {
        .name = "patterns",
        .group = "Training",
        .args = "",
        .options = experiment_options,
        .help = "the same as `patterns ls`",
        .example = "assay patterns",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .run = cmd_patterns,
    },
};
const size_t cli_pattern_command_count = COUNT_OF(cli_pattern_commands);
