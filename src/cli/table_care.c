/* The commands that look after a store. */
#include "cli.h"
#include "commands.h"

static const struct cli_option backup_options[] = {
    {.name = "force", .help = "replace the file if it is there"},
    {0},
};

const struct cli_command cli_care_commands[] = {
    {
        .name = "backup",
        .group = "Care",
        .args = "FILE",
        .least = 1,
        .most = 1,
        .help = "write one moment of the store into one verified file",
        .more = "Others write on meanwhile. The file is read back and its database and ledger are looked at "
                "before it "
                "gets its name. It is a tar archive: unpack it anywhere, and `sha256sum -c SHA256SUMS` "
                "there. Status "
                "5 and 6: it was made, but objects in the store are damaged, or the chain of decisions is.",
        .example = "assay backup /mnt/backup/assay-$(date +%F).tar",
        .flags = CLI_STORE | CLI_JSON,
        .options = backup_options,
        .run = cmd_backup,
    },
};
const size_t cli_care_command_count = COUNT_OF(cli_care_commands);
