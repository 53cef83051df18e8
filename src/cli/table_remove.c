/* The commands that remove runs, and those that give their space back. */
#include "cli.h"
#include "commands.h"

#define WHERE                                                                                                \
	{                                                                                                        \
		.name = "where", .value = "EXPR", .help = "all runs that match, instead of naming them"              \
	}
#define YES                                                                                                  \
	{                                                                                                        \
		.name = "yes", .letter = 'y', .help = "do not ask; needed where there is no terminal to ask on"      \
	}

static const struct cli_option rm_options[] = {
    WHERE,
    YES,
    {.name = "dry-run", .help = "say what would be removed, and remove nothing"},
    {0},
};

static const struct cli_option purge_options[] = {
    {.name = "where", .value = "EXPR", .help = "removed runs that match, instead of naming them"},
    {.name = "older-than", .value = "TIME", .help = "only those that were removed longer ago: 30d, 12h, 4w"},
    YES,
    {.name = "dry-run", .help = "say what would go, and delete nothing"},
    {0},
};

static const struct cli_option compact_options[] = {
    {.name = "dry-run", .help = "say what it would give back, and change nothing"},
    {0},
};

const struct cli_command cli_remove_commands[] = {
    {
        .name = "rm",
        .group = "Edits",
        .args = "[RUN…]",
        .most = -1,
        .help = "remove runs, to be purged later",
        .more =
            "Says first how much the runs take, and asks. Removed runs are in no list unless the filter "
            "speaks of `removed`; `assay undo` and `assay restore` bring them back until they are purged. "
            "Runs that are not over are left as they are, and counted.",
        .example = "assay rm swift-otter-412\nassay rm --where 'status = failed and started < -30d' --yes",
        .flags = CLI_STORE | CLI_JSON,
        .options = rm_options,
        .run = cmd_rm,
    },
    {
        .name = "purge",
        .group = "Care",
        .args = "[RUN…]",
        .most = -1,
        .help = "delete removed runs for good",
        .more =
            "Without runs or a filter: all that are removed. Says first how much goes, and asks; what is "
            "purged does not come back, nor can edits of it be taken back. A run whose model is registered, "
            "or that the ledger names or relies on, stays. Files that nothing else needs go with the runs, "
            "but for those that were written within the last hour: `assay compact` removes them later. "
            "Others "
            "go on writing meanwhile; whatever ends it early, the same command does the rest. The pages of "
            "the database are used again; `assay compact` gives them back.",
        .example = "assay purge --older-than 30d\nassay purge --where 'experiment = scratch' --yes",
        .flags = CLI_STORE | CLI_JSON,
        .options = purge_options,
        .run = cmd_purge,
    },
    {
        .name = "compact",
        .group = "Care",
        .args = "",
        .help = "give unused space back",
        .more =
            "Removes files in objects/ that neither a row of the database, nor the ledger, nor a text that "
            "one "
            "of these names, names, unless they were written within the last hour; copies that were left "
            "behind; folders of runs that are gone. Forgets edits that are older than 90 days: they cannot "
            "be "
            "taken back any more. Ends what a killed purge has begun. Writes the database anew where that "
            "gives "
            "back a sixteenth of it or 16 MiB: it takes free space for two copies, and who writes waits "
            "meanwhile; a database of more than 1 GiB is left as it is while runs go on. Empties the log.",
        .example = "assay compact --dry-run",
        .flags = CLI_STORE | CLI_JSON,
        .options = compact_options,
        .run = cmd_compact,
    },
};

const size_t cli_remove_command_count = COUNT_OF(cli_remove_commands);
