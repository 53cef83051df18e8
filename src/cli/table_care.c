/* The commands that look after a store. */
#include "cli.h"
#include "commands.h"

static const struct cli_option backup_options[] = {
    {.name = "force", .help = "replace the file if it is there"},
    {0},
};

static const struct cli_option doctor_options[] = {
    {.name = "quick", .help = "neither points nor the bytes of objects, and the ledger from your pin on"},
    {.name = "save",
     .value = "DIR",
     .help = "make a new store at DIR of what is whole in this one, and say what is not"},
    {0},
};

const struct cli_command cli_care_commands[] = {
    {
        .name = "doctor",
        .group = "Care",
        .args = "",
        .help = "look whether the store is whole, and what is missing around it",
        .more =
            "One line a check: what there is, and what to do. The store is not written, and need not open. "
            "Status 0: "
            "all is well, or something optional is not there; 1: something is to be seen to; 5: something is "
            "damaged; 6: what was decided does not verify.",
        .example = "assay doctor\nassay doctor --quick --json\nassay doctor --save ~/saved",
        .flags = CLI_STORE | CLI_JSON,
        .options = doctor_options,
        .run = cmd_doctor,
    },
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
