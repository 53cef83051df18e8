/* The commands that change what was recorded, and those that take such changes back. */
#include "cli.h"
#include "commands.h"

#define EXPERIMENT                                                                                           \
	{                                                                                                        \
		.name = "experiment", .letter = 'e', .value = "NAME",                                                \
		.help = "those of this experiment (default: those of all)"                                           \
	}

static const struct cli_option where_options[] = {
    {.name = "where", .value = "EXPR", .help = "all runs that match, instead of naming them"},
    {0},
};

static const struct cli_option restore_options[] = {
    {.name = "where", .value = "EXPR", .help = "all runs that match, instead of naming them"},
    {.name = "force", .help = "of a backup: move a store that is there aside (.assay.before-restore-TIME)"},
    {0},
};

static const struct cli_option edits_options[] = {
    {.name = "limit", .value = "N", .help = "the N newest (default 50; 0: all)"},
    {0},
};

static const struct cli_option views_options[] = {
    EXPERIMENT,
    {.name = "filters", .help = "named filters instead of views"},
    {0},
};

static const struct cli_option views_save_options[] = {
    EXPERIMENT,
    {.name = "filters", .help = "a named filter instead of a view"},
    {.name = "where", .value = "EXPR", .help = "which runs it shows"},
    {.name = "order", .value = "LIST", .help = "sort: 'metrics.auc desc, started'"},
    {.name = "columns", .value = "a,b", .help = "columns: name, best(metrics.auc), params.l2 …"},
    {.name = "group", .value = "a,b", .help = "one line for all runs that have the same values here"},
    {.name = "over-seeds", .help = "one line for all runs that differ in their seeds only"},
    {0},
};

const struct cli_command cli_edit_commands[] = {
    {
        .name = "archive",
        .group = "Edits",
        .args = "[RUN…]",
        .most = -1,
        .help = "put runs away: lists leave them out",
        .more =
            "Nothing is deleted. Runs that are not over are left as they are, and counted. A filter that "
            "speaks of `archived` finds what is put away; `assay restore` and `assay undo` bring it back.",
        .example =
            "assay archive swift-otter-412 @last\nassay archive --where 'status = failed and started < -30d'",
        .flags = CLI_STORE | CLI_JSON,
        .options = where_options,
        .run = cmd_archive,
    },
    {
        .name = "restore",
        .group = "Edits",
        .args = "[RUN…|FILE]",
        .most = -1,
        .help = "bring runs back that were put away or removed, or a store from a backup",
        .more = "FILE is what `assay backup` wrote. All of it is verified before anything is put in place. "
                "It goes to "
                "the .assay of --store (default: of this folder), where nothing may be yet. \"run:\" before "
                "a run "
                "that is named like a file, \"./\" before such a file.",
        .example = "assay restore swift-otter-412\nassay restore --where 'tags.team = risk'\nassay restore "
                   "assay-2026-11-23.tar --store ~/restored",
        .flags = CLI_STORE | CLI_JSON,
        .options = restore_options,
        .run = cmd_restore,
    },
    {
        .name = "tag",
        .group = "Edits",
        .args = "[RUN…] K=V…",
        .least = 1,
        .most = -1,
        .help = "give runs a tag; K= takes it away",
        .more = "The last words that hold a \"=\" are tags, what stands before them are runs.",
        .example = "assay tag @last team=risk reviewed=\nassay tag --where 'metrics.auc > 0.8' shortlist=yes",
        .flags = CLI_STORE | CLI_JSON,
        .options = where_options,
        .run = cmd_tag,
    },
    {
        .name = "note",
        .group = "Edits",
        .args = "RUN TEXT",
        .least = 2,
        .most = 2,
        .help = "write a note on a run",
        .example = "assay note @last 'the learning rate was a slip of the pen'",
        .flags = CLI_STORE | CLI_JSON,
        .run = cmd_note,
    },
    {
        .name = "rename",
        .group = "Edits",
        .args = "RUN NAME",
        .least = 2,
        .most = 2,
        .help = "call a run something else; its id stays",
        .example = "assay rename swift-otter-412 baseline",
        .flags = CLI_STORE | CLI_JSON,
        .run = cmd_rename,
    },
    {
        .name = "undo",
        .group = "Edits",
        .args = "[N]",
        .most = 1,
        .help = "take your last edit back, or your last N",
        .more = "Tags, notes, names, what is put away or removed, views and filters: from the command line "
                "or the "
                "screen. "
                "Refused, with status 4, when somebody has changed the same thing since.",
        .example = "assay undo\nassay undo 3",
        .flags = CLI_STORE | CLI_JSON,
        .run = cmd_undo,
    },
    {
        .name = "redo",
        .group = "Edits",
        .args = "[N]",
        .most = 1,
        .help = "make again what was taken back last",
        .example = "assay redo",
        .flags = CLI_STORE | CLI_JSON,
        .run = cmd_redo,
    },
    {
        .name = "edits",
        .group = "Edits",
        .args = "",
        .help = "list your edits that can be taken back or made again",
        .example = "assay edits",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = edits_options,
        .run = cmd_edits,
    },
    {
        .name = "views ls",
        .group = "Edits",
        .args = "",
        .help = "list saved views of the runs, or named filters",
        .example = "assay views ls -e lending",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = views_options,
        .run = cmd_views_ls,
    },
    {
        .name = "views show",
        .group = "Edits",
        .args = "NAME",
        .least = 1,
        .most = 1,
        .help = "what a saved view shows; `assay runs --view NAME` shows it",
        .example = "assay views show shortlist",
        .flags = CLI_STORE | CLI_JSON,
        .options = views_options,
        .run = cmd_views_show,
    },
    {
        .name = "views save",
        .group = "Edits",
        .args = "NAME",
        .least = 1,
        .most = 1,
        .help = "save a view or a filter under a name, or change it",
        .example = "assay views save shortlist --where 'metrics.auc > 0.8' --order 'metrics.auc desc'\n"
                   "assay views save good --filters --where 'metrics.auc > 0.8'",
        .flags = CLI_STORE | CLI_JSON,
        .options = views_save_options,
        .run = cmd_views_save,
    },
    {
        .name = "views rm",
        .group = "Edits",
        .args = "NAME",
        .least = 1,
        .most = 1,
        .help = "take a saved view or a named filter away",
        .example = "assay views rm shortlist",
        .flags = CLI_STORE | CLI_JSON,
        .options = views_options,
        .run = cmd_views_rm,
    },
    {
        .name = "views",
        .group = "Edits",
        .args = "",
        .help = "the same as `views ls`",
        .example = "assay views",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = views_options,
        .run = cmd_views_ls,
    },
};

const size_t cli_edit_command_count = COUNT_OF(cli_edit_commands);
