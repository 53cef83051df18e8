/* The commands: what they are called, what they take, what they do. */
#include "cli.h"
#include "commands.h"
#include "reading_options.h"

static const struct cli_option data_add_options[] = {
    READING_OPTIONS,
    {0},
};

static const struct cli_option data_rows_options[] = {
    {.name = "where", .value = "EXPR", .help = "which rows: \"age > 60 and state = 'CA'\"; all without it"},
    {.name = "columns", .value = "a,b", .help = "which columns; all without it"},
    {.name = "limit", .value = "N", .help = "at most N rows (default 50; 0: all)"},
    {.name = "threads", .value = "N", .help = "threads for reading"},
    {0},
};

static const struct cli_option train_options[] = {
    {.name = "data", .value = "NAME", .help = "the registered data set to learn from"},
    {.name = "test", .value = "NAME", .help = "a registered data set to test on"},
    {.name = "split",
     .value = "SHARE",
     .help = "without --test: share of rows kept for testing (default 0.2)"},
    {.name = "label", .value = "COL", .help = "the column to be predicted (default: the data set's label)"},
    {.name = "positive", .value = "VALUE", .help = "the value of the label that counts as 1"},
    {.name = "drop", .value = "a,b", .help = "columns that the model must not see"},
    {.name = "set",
     .value = "K=V",
     .help = "a parameter of the recipe; `assay recipes` lists them",
     .many = true},
    {.name = "seed", .value = "N", .help = "seed of everything random (default 1)"},
    {.name = "threads", .value = "N", .help = "threads; the result does not depend on them"},
    {.name = "experiment", .letter = 'e', .value = "NAME", .help = "experiment that the run belongs to"},
    {.name = "name", .letter = 'n', .value = "NAME", .help = "name of the run (default: one is made up)"},
    {0},
};

static const struct cli_option predict_options[] = {
    {.name = "out", .value = "FILE", .help = "where the scores go (default: standard output)"},
    {.name = "threads", .value = "N", .help = "threads; the result does not depend on them"},
    {0},
};

static const struct cli_option evaluate_options[] = {
    {.name = "data", .value = "NAME", .help = "the registered data set to evaluate on"},
    {.name = "threshold", .value = "T", .help = "score from which a case is selected (default 0.5)"},
    {.name = "threads", .value = "N", .help = "threads; the result does not depend on them"},
    {0},
};

static const struct cli_option bias_options[] = {
    {.name = "data", .value = "NAME", .help = "the registered data (default: what the run was tested on)"},
    {.name = "by", .value = "a,b", .help = "columns that divide the cases (default: the protected ones)"},
    {.name = "intersect", .help = "also by two and by three of them at once"},
    {.name = "threshold", .value = "T", .help = "score from which a case is selected (default 0.5)"},
    {.name = "reference",
     .value = "COL=VALUE",
     .help = "the group that others are held against (default: the largest)",
     .many = true},
    {.name = "cut",
     .value = "COL=25,40",
     .help = "where a column of numbers is cut (default: at its quartiles)",
     .many = true},
    {.name = "strata", .value = "COL", .help = "within which cases are alike: conditional disparity"},
    {.name = "as", .value = "TOOL", .help = "the measures of fairlearn, aif360, clarify or aequitas"},
    {.name = "bootstrap", .value = "N", .help = "replicates (default 10000; 0: none)"},
    {.name = "seed", .value = "N", .help = "seed of the replicates (default 1)"},
    {.name = "all", .help = "every measure, not only the well-known ones and those with a limit"},
    {.name = "pairs", .help = "every pair of groups, not only those with the reference"},
    {.name = "plain", .help = "intervals of comparisons each at 95 %, not all together"},
    {.name = "exact", .help = "Clopper and Pearson's intervals of rates, not Wilson's"},
    {.name = "mean-odds", .help = "equalized odds: the mean of the two gaps, not the larger"},
    {.name = "explain", .help = "definition, formula, counts and interval of each measure"},
    {.name = "threads", .value = "N", .help = "threads; the result does not depend on them"},
    {.name = "table", .value = "FILE", .help = "a table of decisions instead of a model"},
    {.name = "decision", .value = "COL", .help = "its column of decisions"},
    {.name = "selected",
     .value = "VALUE",
     .help = "the decision that counts as selected (default: as --positive)"},
    {.name = "score", .value = "COL", .help = "its column of scores"},
    READING_OPTIONS,
    {0},
};

static const struct cli_option run_options[] = {
    {.name = "experiment", .letter = 'e', .value = "NAME", .help = "experiment that the run belongs to"},
    {.name = "name", .letter = 'n', .value = "NAME", .help = "name of the run (default: one is made up)"},
    {.name = "param", .letter = 'p', .value = "K=V", .help = "a parameter to record", .many = true},
    {.name = "tag", .value = "K=V", .help = "a tag to record", .many = true},
    {.name = "data", .value = "NAME|FILE", .help = "data that goes in", .many = true},
    {.name = "pipe", .help = "take the output through a pipe, not a terminal"},
    {.name = "orphans", .value = "go-on|end", .help = "what becomes of it if its supervisor is killed"},
    {.name = "no-mlflow", .help = "offer the command no MLflow tracking server (MLFLOW_TRACKING_URI)"},
    {.name = "no-recognise",
     .value = "LIST",
     .help = "what is not to be found in the output: key_colon,json:lr; all"},
    {0},
};

static const struct cli_option runs_options[] = {
    {.name = "where", .value = "EXPR", .help = "which runs: \"metrics.auc > 0.8 and status = done\""},
    {.name = "order",
     .value = "LIST",
     .help = "sort: 'best(metrics.auc) desc, started' (default: newest first)"},
    {.name = "columns",
     .value = "a,b",
     .help = "columns: name, metrics.auc, best(metrics.auc), params.l2, tags.team …"},
    {.name = "group",
     .value = "a,b",
     .help = "one line for all runs that have the same values here: params.depth, experiment …"},
    {.name = "over-seeds", .help = "one line for all runs that differ in their seeds only"},
    {.name = "summary",
     .help = "what each column has over all runs: how many, different, least, median, greatest"},
    {.name = "view", .value = "NAME", .help = "as a saved view shows them; --where says which of those"},
    {.name = "experiment", .letter = 'e', .value = "NAME", .help = "only those of this experiment"},
    {.name = "limit", .value = "N", .help = "at most N runs or groups (default 50; 0: all)"},
    {0},
};

static const struct cli_option log_options[] = {
    {.name = "follow", .letter = 'f', .help = "go on as the run goes on"},
    {.name = "run", .value = "RUN", .help = "with -: report into a run that goes on, or one made so before"},
    {.name = "experiment", .letter = 'e', .value = "NAME", .help = "with -: experiment of the run"},
    {.name = "name", .letter = 'n', .value = "NAME", .help = "with -: name of the run"},
    {.name = "param", .letter = 'p', .value = "K=V", .help = "with -: a parameter to record", .many = true},
    {.name = "tag", .value = "K=V", .help = "with -: a tag to record", .many = true},
    {0},
};

static const struct cli_option show_options[] = {
    {.name = "bad-lines", .help = "the event lines that could not be understood: file, offset, why, text"},
    {0},
};

static const struct cli_option metrics_options[] = {
    {.name = "points", .value = "N", .help = "at most N points, evenly thinned (default: all)"},
    {.name = "context", .value = "NAME", .help = "only the series of this context: train, validation …"},
    {.name = "system", .help = "what was measured of the run: cpu, rss, gpu …; contexts are GPUs"},
    {0},
};

static const struct cli_option compare_options[] = {
    {.name = "baseline",
     .value = "RUN",
     .help = "the run that the others are compared with (default: the first)"},
    {.name = "only-differences", .help = "leave out what is the same in all runs"},
    {0},
};

static const struct cli_option wait_options[] = {
    {.name = "timeout", .value = "SECONDS", .help = "give up after this long, with status 1"},
    {0},
};

static const struct cli_option init_options[] = {
    {.name = "roster",
     .value = "FILE",
     .help = "who may sign: the first roster, as its owner gave it to you"},
    {.name = "fingerprint", .value = "SHA256", .help = "its SHA-256, as its owner told you by another way"},
    {0},
};

static const struct cli_option register_options[] = {
    {.name = "description", .letter = 'm', .value = "TEXT", .help = "what is to be said of this version"},
    {.name = "owner",
     .value = "WHO",
     .help = "who answers for the model: a name of the roster, if there is one"},
    {0},
};

static const struct cli_option edit_options[] = {
    {.name = "description", .letter = 'm', .value = "TEXT", .help = "the new description"},
    {.name = "owner", .value = "WHO", .help = "of the model (NAME, without a version)"},
    {0},
};

static const struct cli_option alias_options[] = {
    {.name = "remove", .help = "take the alias away"},
    {0},
};

static const struct cli_command commands[] = {
    {
        .name = "init",
        .group = "Store",
        .args = "[DIR]",
        .most = 1,
        .help = "make a store: the folder .assay/ in DIR or here",
        .more =
            "Commands find the store upward from the working folder, as git finds its own; --store DIR or "
            "ASSAY_STORE name another. With --roster, who may sign is fixed from the first row of the ledger "
            "on.",
        .example = "assay init\nassay init --roster team.roster --fingerprint 9f86d081…",
        .options = init_options,
        .run = cmd_init,
    },
    {
        .name = "data add",
        .group = "Data",
        .args = "NAME FILE…",
        .least = 2,
        .most = -1,
        .help = "register CSV files as a version of a data set",
        .more = "What is not said is inferred from the bytes, and printed. The same bytes read the same way "
                "are one "
                "version.",
        .example =
            "assay data add adult adult.data --no-header --names age,workclass,… --label income --positive "
            "'>50K'",
        .flags = CLI_STORE | CLI_JSON,
        .options = data_add_options,
        .run = cmd_data_add,
    },
    {
        .name = "data ls",
        .group = "Data",
        .args = "",
        .help = "list the data sets",
        .example = "assay data ls",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .run = cmd_data_ls,
    },
    {
        .name = "data show",
        .group = "Data",
        .args = "NAME",
        .least = 1,
        .most = 1,
        .help = "how a data set is read, its columns, files and versions",
        .example = "assay data show adult@1",
        .flags = CLI_STORE | CLI_JSON,
        .run = cmd_data_show,
    },
    {
        .name = "data profile",
        .group = "Data",
        .args = "NAME|FILE…",
        .least = 1,
        .most = -1,
        .help = "statistics of every column",
        .more = cli_profile_more,
        .example =
            "assay data profile adult --json\nassay data profile new.csv --delimiter tab\n"
            "assay data profile new.csv --column age\nassay data profile adult --by income\n"
            "assay data profile adult --by income --column age\nassay data profile new.csv --against old.csv",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = cli_profile_options,
        .run = cmd_data_profile,
    },
    {
        .name = "data rows",
        .group = "Data",
        .args = "NAME",
        .least = 1,
        .most = 1,
        .help = "rows that match an expression",
        .example = "assay data rows adult --where \"age > 80 and sex = 'Female'\"",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = data_rows_options,
        .run = cmd_data_rows,
    },
    {
        .name = "data rm",
        .group = "Data",
        .args = "NAME",
        .least = 1,
        .most = 1,
        .help = "forget a data set, or one version of it",
        .more = "Runs that used it keep their record of it; the files themselves are never touched.",
        .example = "assay data rm adult@2",
        .flags = CLI_STORE,
        .run = cmd_data_rm,
    },
    {
        .name = "recipes",
        .group = "Training",
        .args = "[RECIPE]",
        .most = 1,
        .help = "what `assay train` can train, with parameters and defaults",
        .example = "assay recipes logistic",
        .flags = CLI_JSON,
        .run = cmd_recipes,
    },
    {
        .name = "train",
        .group = "Training",
        .args = "RECIPE",
        .least = 1,
        .most = 1,
        .help = "train a recipe on a registered data set",
        .more = "A supervised run like any other: it goes on when the terminal is closed; Ctrl-C stops it.",
        .example = "assay train boosted-trees --data adult --test adult-test --set rounds=300 -e census",
        .flags = CLI_STORE | CLI_JSON,
        .options = train_options,
        .run = cmd_train,
    },
    {
        .name = "predict",
        .group = "Training",
        .args = "RUN|MODEL FILE",
        .least = 2,
        .most = 2,
        .help = "scores of a CSV file by a run's model or a model file",
        .more = "Writes CSV: the case (id column, else row number) and the score. A file that breaks the "
                "schema of "
                "the model is refused.",
        .example = "assay predict @last applications.csv --out scores.csv",
        .flags = CLI_STORE,
        .options = predict_options,
        .run = cmd_predict,
    },
    {
        .name = "evaluate",
        .group = "Training",
        .args = "RUN|MODEL",
        .least = 1,
        .most = 1,
        .help = "how good a model is on a registered data set",
        .example = "assay evaluate @last --data adult-test --json",
        .flags = CLI_STORE | CLI_JSON,
        .options = evaluate_options,
        .run = cmd_evaluate,
    },
    {
        .name = "bias",
        .group = "Training",
        .args = "[RUN|MODEL]",
        .most = 1,
        .help = "who is selected and who is wrongly refused, by group, and how sure that is",
        .more =
            "Every rate and gap with its interval, held against limits: ok, at the limit, fails, or too few "
            "cases to tell. Limits: selection rates within a ratio of 0.8; gaps of selection, of true "
            "positives, of odds and of precision at most 0.1; of intersections too. MODEL is NAME@3, "
            "NAME@production or a model file. A case counts once: weights of the rows are not used.",
        .example = "assay bias @last --by sex,race --intersect\n"
                   "assay bias --table decisions.csv --label repaid --decision granted --by sex",
        .flags = CLI_STORE | CLI_JSON,
        .options = bias_options,
        .run = cmd_bias,
    },
    {
        .name = "run",
        .group = "Training",
        .args = "-- CMD…",
        .least = 1,
        .most = -1,
        .help = "run any command and keep everything that it did",
        .more = "Ends as the command ended: with its status, 128 + signal, or 125 for a failure of assay "
                "itself. The "
                "run goes on when the terminal is closed; Ctrl-C stops it.",
        .example = "assay run -e nightly -p lr=0.1 -- python3 train.py --lr 0.1",
        .flags = CLI_STORE | CLI_COMMAND,
        .options = run_options,
        .run = cmd_run,
    },
    {
        .name = "runs",
        .group = "Runs",
        .args = "",
        .help = "list the runs",
        .more =
            "Archived runs are left out, unless the filter speaks of `archived`, and removed ones, unless it "
            "speaks of `removed`. A metric is its latest value; "
            "best(metrics.auc), min, max, mean and first are others, and as a column at(metrics.ece, "
            "metrics.auc) "
            "is one metric where another one was best. Groups have the mean of each metric, with half "
            "the width "
            "of its 95 % interval (Student's t).",
        .example = "assay runs --where \"metrics.auc > 0.8 and status = done\" --order 'metrics.auc desc'\n"
                   "assay runs -e lending --group params.depth --columns metrics.auc",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = runs_options,
        .run = cmd_runs,
    },
    {
        .name = "show",
        .group = "Runs",
        .args = "RUN",
        .least = 1,
        .most = 1,
        .help = "everything that is known of a run",
        .example = "assay show @last\nassay show @last --bad-lines",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = show_options,
        .run = cmd_show,
    },
    {
        .name = "log",
        .group = "Runs",
        .args = "RUN|-",
        .least = 1,
        .most = 1,
        .help = "what a run printed; with -, event lines from a pipe as a run",
        .more =
            "With - each line of standard input is an event, such as {\"metric\":\"loss\",\"value\":0.31}, "
            "and the run is done at their end. Ends with 1 if lines could not be understood (they are kept: "
            "assay show RUN --bad-lines), "
            "or if it was ended before.",
        .example = "assay log @last -f\nssh gpu1 cat events.jsonl | assay log - -e lending -n from-gpu1",
        .flags = CLI_STORE,
        .options = log_options,
        .run = cmd_log,
    },
    {
        .name = "metrics",
        .group = "Runs",
        .args = "RUN [NAME]",
        .least = 1,
        .most = 2,
        .help = "the points of a metric; without a name, which metrics there are",
        .example = "assay metrics @last log_loss --points 20",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = metrics_options,
        .run = cmd_metrics,
    },
    {
        .name = "wait",
        .group = "Runs",
        .args = "RUN",
        .least = 1,
        .most = 1,
        .help = "wait until a run has ended; ends as the run ended",
        .example = "assay wait @last",
        .flags = CLI_STORE,
        .options = wait_options,
        .run = cmd_wait,
    },
    {
        .name = "stop",
        .group = "Runs",
        .args = "RUN",
        .least = 1,
        .most = 1,
        .help = "end a run: interrupt, then terminate, then kill",
        .example = "assay stop swift-otter-412",
        .flags = CLI_STORE,
        .run = cmd_stop,
    },
    {
        .name = "compare",
        .group = "Runs",
        .args = "RUN RUN…",
        .least = 2,
        .most = -1,
        .help = "what differs between runs, and whether it is more than noise",
        .example = "assay compare calm-heron-077 @last --only-differences",
        .flags = CLI_STORE | CLI_JSON,
        .options = compare_options,
        .run = cmd_compare,
    },
    {
        .name = "register",
        .group = "Models",
        .args = "RUN NAME",
        .least = 2,
        .most = 2,
        .help = "make a run's model the next version of NAME",
        .more = "The files are kept by their SHA-256, the run is sealed, and a row of the ledger says so. "
                "Version "
                "numbers are never used again; the same run under the same name is the same version.",
        .example = "assay register @last credit-risk --description 'with the repaired income column'",
        .flags = CLI_STORE | CLI_JSON,
        .options = register_options,
        .run = cmd_register,
    },
    {
        .name = "models edit",
        .group = "Models",
        .args = "NAME[@V]",
        .least = 1,
        .most = 1,
        .help = "change what is said of a model or a version",
        .more = "Whoever edits a version becomes one of its authors, who cannot approve it.",
        .example = "assay models edit credit-risk --owner alice@lab",
        .flags = CLI_STORE,
        .options = edit_options,
        .run = cmd_models_edit,
    },
    {
        .name = "models",
        .group = "Models",
        .args = "[NAME[@V]]",
        .most = 1,
        .help = "list the models; the versions of one; where one version comes from",
        .more =
            "A version is named by its number, a stage or an alias: NAME@3, NAME@production, NAME@candidate.",
        .example = "assay models credit-risk\nassay models credit-risk@production",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .run = cmd_models,
    },
    {
        .name = "alias",
        .group = "Models",
        .args = "NAME@V ALIAS",
        .least = 2,
        .most = 2,
        .help = "point an alias at a version, from wherever it was",
        .example = "assay alias credit-risk@3 candidate",
        .flags = CLI_STORE,
        .options = alias_options,
        .run = cmd_alias,
    },
    {
        .name = "gate",
        .group = "Models",
        .args = "NAME@V STAGE",
        .least = 2,
        .most = 2,
        .help = "compute the gates of a stage; ends with 1 unless all pass or are waived",
        .more = "Only what Assay computed itself counts. What is missing is made now; the results become a "
                "row of the "
                "ledger.",
        .example = "assay gate credit-risk@4 production --json",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .run = cmd_gate,
    },
};

/* Help, and what is for the program itself, come last. */
static const struct cli_command last_commands[] = {
    {
        .name = "theme ls",
        .group = "Themes",
        .args = "",
        .help = "the themes of the workbench, and what each is for",
        .example = "assay theme ls",
        .flags = CLI_JSON | CLI_LISTING,
        .run = cmd_theme_ls,
    },
    {
        .name = "theme show",
        .group = "Themes",
        .args = "NAME",
        .least = 1,
        .most = 1,
        .help = "what a theme makes of each role, and the contrast that it has",
        .more =
            "The contrast is WCAG's, at 24 bits, 256 and sixteen colours; 4.5 is asked of text, 3 of lines.",
        .example = "assay theme show projector",
        .flags = CLI_JSON | CLI_LISTING,
        .run = cmd_theme_show,
    },
    {
        .name = "theme",
        .group = "Themes",
        .args = "",
        .help = "the same as `theme ls`",
        .example = "assay theme",
        .flags = CLI_JSON | CLI_LISTING,
        .run = cmd_theme_ls,
    },
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
        .name = "internal-supervise",
        .args = "STORE RUN",
        .least = 2,
        .most = 2,
        .flags = CLI_HIDDEN,
        .run = cmd_internal_supervise,
    },
    {
        .name = "internal-train",
        .args = "",
        .flags = CLI_HIDDEN,
        .run = cmd_internal_train,
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

const struct cli_command *cli_command_at(size_t i)
{
	if (i < COUNT_OF(commands))
		return &commands[i];
	i -= COUNT_OF(commands);
	if (i < cli_data_command_count)
		return &cli_data_commands[i];
	i -= cli_data_command_count;
	if (i < cli_edit_command_count)
		return &cli_edit_commands[i];
	i -= cli_edit_command_count;
	if (i < cli_remove_command_count)
		return &cli_remove_commands[i];
	i -= cli_remove_command_count;
	if (i < cli_trust_command_count)
		return &cli_trust_commands[i];
	i -= cli_trust_command_count;
	if (i < cli_care_command_count)
		return &cli_care_commands[i];
	i -= cli_care_command_count;
	if (i < cli_exchange_command_count)
		return &cli_exchange_commands[i];
	i -= cli_exchange_command_count;
	if (i < cli_pattern_command_count)
		return &cli_pattern_commands[i];
	i -= cli_pattern_command_count;
	return i < COUNT_OF(last_commands) ? &last_commands[i] : NULL;
}

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
    {.name = "json", .help = "that screen as JSON: its lists whole, and its lines"},
    {.name = "limit", .value = "N", .help = "rows of a list in that JSON at most (default 1000)"},
    {.name = "theme", .value = "NAME", .help = "colours of the workbench; `assay theme` lists them"},
    {.name = "ascii", .help = "draw with ASCII characters only"},
    {.name = "no-color", .help = "no colour, even on a terminal"},
    {.name = "version", .help = "print the version"},
    {.name = "help", .letter = 'h', .help = "list the commands"},
    {0},
};
