/* The commands about data that need much room; the others stand in table.c. */
#include "cli.h"
#include "commands.h"
#include "reading_options.h"

const char cli_profile_more[] =
    "A name is a registered data set; a path that exists is read as it is, with the options below. "
    "Groups of --by are values, ranges of a number with near equal numbers of rows, or periods of the "
    "calendar (UTC); with --column, one column whole. "
    "Weights: sampling weights say how many of a population a row stands for (only their proportions "
    "matter); frequency weights say how often a row is there, and everything is told of the rows written "
    "out. "
    "Memory: files of any size are profiled; what does not fit is summed up as it comes. Then only columns "
    "of "
    "very many different values are known within bounds (quantiles, frequent values, how many differ), which "
    "is "
    "said; everything else stays exact. With --memory or --out a file is summed up from the start, so that "
    "the result "
    "is the same for one pass and for parts, whatever the sizes. With --by nothing is told within bounds: "
    "what "
    "does not fit is read again, some columns at a time, and where not even one column fits, it is said how "
    "much "
    "that needs. "
    "Where a column of weights is named and no kind, they are sampling weights: the quantities of the "
    "rows stay as they are, and the estimates stand beside them (weighted mean, quantiles, and the rows that "
    "an "
    "unweighted sample of this worth would have). That holds for --by and --against too: how much groups "
    "differ, their tests, and shares of values against another data set are of the rows. "
    "Beside the mean and its kind: fences (values beyond 1.5 interquartile ranges from the nearer quartile "
    "are outside, "
    "beyond 3 far out), how texts are written (their length in characters, words, blanks, shapes with digits "
    "as 9, "
    "capitals as A and other letters as a), and of times the unit, hours, weekdays and months (UTC), the "
    "median step and the largest gap. What is only known within bounds has ~ before it. "
    "JSON, for each column: decimals (of numbers: how many their values have at most), fences (low, high, "
    "far_low, far_high, below, above, far_below, far_above), text "
    "(length_min, length_max, length_mean, length_sd, words_mean, blank, edge_blanks, not_ascii, not_utf8, "
    "shapes, different_shapes), time (unit, by_hour, by_weekday from Monday, by_month, rising, step, gap, "
    "gap_from in ms), "
    "weighted (rows, weight, mean, sd, variance, effective, se, design_effect, min, max, quantiles, missing "
    "as a share, "
    "histogram as shares); where there are bounds, distinct_low, distinct_high, quantiles_low, "
    "quantiles_high, mad_low, "
    "mad_high, histogram_astray (rows that may be in another bin) and top_error (a true count is less by "
    "this at most). JSON of --by: rows, by, groups (value, where, rows, columns), splits (a column each), "
    "weight and weights; of --against: now, reference and differences (column, status same, changed, type, "
    "appeared or disappeared, type, missing as a share, distinct, mean, median, values whose share changed, "
    "differs). With sampling weights each group of a split and each difference has weighted: of a group "
    "total, share, missing, what a column of numbers has there, and values as shares; of a difference "
    "missing, mean and median.";

const struct cli_option cli_profile_options[] = {
    {.name = "column", .value = "COL", .help = "everything about one column"},
    {.name = "fresh", .help = "read the files again, even if they were profiled before and are the same"},
    {.name = "memory",
     .value = "SIZE",
     .help = "at most so much memory, such as 512M or 2G (default: half of what is free)"},
    {.name = "out", .value = "PART", .help = "keep it as a part that `assay data merge` joins with others"},
    {.name = "by",
     .value = "COL",
     .help = "each column in the groups that COL makes (file: by file), those that differ most first"},
    {.name = "against", .value = "REF", .help = "what differs from REF, a registered data set or a file"},
    {.name = "limit",
     .value = "N",
     .help =
         "lines of each table of --against, those that differ most first (default: 20 for people; 0: all)"},
    {.name = "weights",
     .value = "KIND",
     .help = "what the column of weights says: sampling (default), frequency, or none"},
    READING_OPTIONS,
    {0},
};

const struct cli_option cli_relations_options[] = {
    {.name = "columns", .value = "a,b", .help = "features to relate; all without it"},
    {.name = "rows",
     .value = "N",
     .help = "measure pairs on at most N rows, drawn with a fixed seed (default: all, or what a minute is "
             "enough for)"},
    {.name = "limit", .value = "N", .help = "lines of each part (default: 20 for people; 0: all)"},
    {.name = "threads", .value = "N", .help = "threads; the result does not depend on them"},
    {.name = "against",
     .value = "TEST",
     .help = "which rows of TEST, a registered data set or a file, stand here too"},
    READING_OPTIONS,
    {0},
};

static const struct cli_option merge_options[] = {
    {.name = "out", .value = "PART", .help = "keep what is joined as a part"},
    {.name = "column", .value = "COL", .help = "everything about one column"},
    {0},
};

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
            "the AUC with DeLong's 95 % interval, and \"leak?\" where one knows it nearly alone, and not as "
            "chance "
            "does among few rows. Strength puts them on one scale from 0 to 1, in which many "
            "categories alone gain nothing. Then columns that go missing together, columns that are the "
            "same, and rows that stand there more than once (compared without what names a row). Below the "
            "features stands what should tell nothing of the label: the order of the rows and columns that "
            "name them (ids), with the probability that rows in any order reach as much; and a binary "
            "label's rate over each column of times, which changes, or is one and the same up to a date or "
            "from one on, where data were collected in another way. With --against: how many rows of TEST "
            "stand in NAME, too, by the columns that both have but those that name rows (or by --columns, "
            "such as a patient's id): "
            "equal in all, in all but the label, and with another label; with first examples. What is "
            "bounded or measured on a part of the rows is said on stderr, and in \"notes\" of --json. Of a "
            "registered data set all of this is computed once and kept, for each label. CSV holds the "
            "relations alone. JSON: rows, columns (name, type), label, binary, pair_rows, to_label and pairs "
            "(each a, b, "
            "kind, n, strength and its measures; with the label chance, the probability that rows in any "
            "order "
            "say as much, at most, or about where ranks are compared, and leaks), pair_count, missing "
            "(complete_rows, pairs with both, phi, "
            "jaccard, patterns with columns, rows, first_row), same (a, b, kind, same_rows), duplicates "
            "(rows, sets, largest with count, first_rows), trails (what, a, the measures of a relation, "
            "order_p, "
            "tells, leaks), label_over_time (column, rows, positive, periods with name, where, rows, "
            "positive, rate, low, high; compared, chi2, df, p, v, changes; begin and end with rows, time, "
            "positive, p, constant), notes; rows count from 1. JSON of --against: train_rows, test_rows, "
            "columns, only_train, only_test, label, same, alike and conflicts (rows, share, first with test "
            "and train), train_repeats, notes.",
        .example =
            "assay data relations adult --label income\nassay data relations new.csv --limit 5 --json\n"
            "assay data relations train.csv --against test.csv --label income",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = cli_relations_options,
        .run = cmd_data_relations,
    },
    {
        .name = "data merge",
        .group = "Data",
        .args = "PART…",
        .least = 1,
        .most = -1,
        .help = "join parts of a profile into that of all rows",
        .more =
            "A part is what `assay data profile --out` keeps of some files, on any machine. Joined, they "
            "give "
            "what one pass over all files gives with the same --memory (256M where none was said), to the "
            "last "
            "digit, however the rows were cut. The order of the parts is that of the rows: only the "
            "autocorrelation of neighbours and whether times rise depend on it. Parts must have the same "
            "columns, and be read alike: where one holds numbers and another texts in a column, say its type "
            "to both (--type COL=cat). With --out, what is joined is kept as a part again.",
        .example = "assay data merge part-*.json --json\n"
                   "\n"
                   "#!/bin/sh\n"
                   "#SBATCH --array=0-99 --mem=1G\n"
                   "# each job makes a part\n"
                   "assay data profile day-$SLURM_ARRAY_TASK_ID.csv.gz --memory 512M \\\n"
                   "    --out part-$SLURM_ARRAY_TASK_ID.json",
        .flags = CLI_JSON | CLI_LISTING,
        .options = merge_options,
        .run = cmd_data_merge,
    },
};
const size_t cli_data_command_count = COUNT_OF(cli_data_commands);
