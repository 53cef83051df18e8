/* The commands that speak with other tools. */
#include "cli.h"
#include "commands.h"

static const struct cli_option serve_options[] = {
    {.name = "port", .value = "N", .help = "the port on 127.0.0.1 (default: a free one)"},
    {.name = "unix", .value = "PATH", .help = "a Unix socket instead, which its owner alone may use"},
    {.name = "read-only", .help = "refuse whatever would change something"},
    {0},
};

const struct cli_command cli_exchange_commands[] = {
    {
        .name = "serve",
        .group = "Exchange",
        .args = "",
        .help = "answer MLflow's clients from this store",
        .more = "A tracking server on this machine alone, for programs that log with the MLflow client, as "
                "they are. "
                "Prints the two variables that they need; the token is the store's, in its file `token`. "
                "Experiments, "
                "runs, metrics, parameters, tags, data sets, artifacts and logged models are kept; the model "
                "registry "
                "is not answered: `assay register` gives a run's model a version. A run that reports nothing "
                "for ten "
                "minutes is flagged as stalled. Under `assay run` none of this is needed: the command finds "
                "a server "
                "of its own in its environment.",
        .example = "assay serve --port 5000\nassay serve --unix /run/user/1000/assay.sock --read-only",
        .flags = CLI_STORE,
        .options = serve_options,
        .run = cmd_serve,
    },
};

const size_t cli_exchange_command_count = COUNT_OF(cli_exchange_commands);
