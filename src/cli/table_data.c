/* The commands about data that need much room; the others stand in table.c. */
#include "cli.h"
#include "commands.h"

const struct cli_command cli_data_commands[] = {
    {
        .name = "data relations",
        .group = "Data",
        .args = "NAME|FILE…",
        .least = 1,
        .most = -1,
        .help = "what columns have to do with each other and with the label",
        .more =
            "Pairs of features by the measure that fits them, strongest first: Pearson and Spearman of two "
            "numbers, Cramer's V (bias-corrected) and mutual information of two categories, the correlation "
            "ratio eta of a number by a category. Before them each feature with the label: of a binary one "
            "the AUC with DeLong's 95 % interval. Strength puts them on one scale from 0 to 1, in which many "
            "categories alone gain nothing. Then columns that go missing together, columns that are the "
            "same, and rows that stand there more than once (compared without what names a row). What is "
            "bounded or measured on a part of the rows is said on stderr, and in \"notes\" of --json. Of a "
            "registered data set all of this is computed once and kept, for each label. CSV holds the "
            "relations alone. JSON: rows, columns (name, type), label, binary, pair_rows, to_label and pairs "
            "(each a, b, "
            "kind, n, strength and its measures), pair_count, missing (complete_rows, pairs with both, phi, "
            "jaccard, patterns with columns, rows, first_row), same (a, b, kind, same_rows), duplicates "
            "(rows, sets, largest with count, first_rows), notes; rows count from 1.",
        .example = "assay data relations adult --label income\nassay data relations new.csv --limit 5 --json",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = cli_relations_options,
        .run = cmd_data_relations,
    },
};
const size_t cli_data_command_count = COUNT_OF(cli_data_commands);
