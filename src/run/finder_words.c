/*
 * Words of the finder: what names a step, a data set, a measure, and what is never one.
 */
#include <ctype.h>
#include <strings.h>

#include "finder.h"

bool span_is(struct span s, const char *lower)
{
	size_t n = strlen(lower);

	if (s.len != n || tolower((unsigned char)s.at[0]) != lower[0])
		return false;
	for (size_t i = 1; i < n; i++)
		if (tolower((unsigned char)s.at[i]) != lower[i])
			return false;
	return true;
}

bool span_in(struct span s, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(s, list[i]))
			return true;
	return false;
}

static const char *const step_words[] = {"step",      "steps",    "global_step", "iter",   "iters",
                                         "iteration", "it",       "round",       "update", "updates",
                                         "episode",   "timestep", "timesteps",   "trial",  "global_steps"};
static const char *const batch_words[] = {"batch", "minibatch", "mini-batch"};
static const char *const epoch_words[] = {"epoch", "epochs", "ep"};
static const char *const split_words[] = {"train", "training", "val", "valid", "validation",
                                          "test",  "testing",  "dev", "eval",  "evaluation"};
static const char *const level_words[] = {"info",  "debug",    "warning", "warn",
                                          "error", "critical", "trace",   "notice"};

/* Parts of names that say: this is a measure of a model. */
static const char *const measure_words[] = {
    "loss",   "acc",    "accuracy", "auc",    "auroc",  "auprc", "map",   "f1",         "fbeta", "precision",
    "recall", "mse",    "rmse",     "mae",    "mape",   "r2",    "rmsle", "perplexity", "ppl",   "bleu",
    "rouge",  "wer",    "cer",      "reward", "return", "score", "iou",   "miou",       "dice",  "kappa",
    "mcc",    "nll",    "elbo",     "kl",     "ndcg",   "mrr",   "lr",    "brier",      "ece",   "deviance",
    "gini",   "merror", "entropy",  "psnr",   "ssim",   "fid",   "aucpr", "likelihood"};

/* Names that are never a measure: time, size, place, settings of the machinery. */
static const char *const stop_names[] = {
    "time",    "eta",     "elapsed",   "duration", "took",      "remaining", "total",      "speed",
    "seconds", "sec",     "secs",      "ms",       "min",       "mins",      "hours",      "date",
    "port",    "host",    "localhost", "addr",     "address",   "pid",       "ppid",       "uid",
    "seed",    "version", "v_num",     "rank",     "gpu",       "cpu",       "device",     "cuda",
    "memory",  "mem",     "ram",       "line",     "col",       "column",    "row",        "file",
    "path",    "dir",     "url",       "http",     "https",     "id",        "index",      "idx",
    "threads", "workers", "size",      "exit",     "status",    "code",      "errno",      "at",
    "of",      "in",      "to",        "from",     "timestamp", "ts",        "total_flos", "flops",
    "samples"};
static const char *const stop_endings[] = {
    "time",     "size",    "path",    "port",    "seed",    "id",      "seconds", "secs",
    "sec",      "ms",      "bytes",   "version", "workers", "threads", "mb",      "gb",
    "eta",      "elapsed", "runtime", "second",  "flos",    "s",       "us",      "ns",
    "duration", "hours",   "minutes", "kb",      "kib",     "mib",     "gib",     "count"};
static const char *const file_endings[] = {"py",  "c",    "cc",   "cpp",  "h",   "hpp",   "js",
                                           "go",  "rs",   "java", "r",    "jl",  "ipynb", "txt",
                                           "csv", "json", "log",  "yaml", "yml", "sh",    "so"};
static const char *const units[] = {"s",       "sec",   "secs", "second", "seconds", "ms",    "us",   "ns",
                                    "m",       "min",   "mins", "minute", "minutes", "h",     "hr",   "hrs",
                                    "hour",    "hours", "day",  "days",   "b",       "kb",    "mb",   "gb",
                                    "tb",      "kib",   "mib",  "gib",    "tib",     "bytes", "it/s", "s/it",
                                    "percent", "hz",    "mhz",  "ghz",    "w",       "watts"};

bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* One of the parts of a name, cut at _ - . / @ and blanks, is in the list; or the last part is, if
 * last_only. */
static bool part_in(struct span name, const char *const *list, size_t count, bool last_only)
{
	size_t from = 0;

	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && !strchr("_-./@ ", name.at[i]))
			continue;
		if (i > from && (!last_only || i == name.len) &&
		    span_in((struct span){name.at + from, i - from}, list, count))
			return true;
		from = i + 1;
	}
	return false;
}

bool word_is_step(struct span s)
{
	return IN(s, step_words);
}

bool word_is_batch(struct span s)
{
	return IN(s, batch_words);
}

bool word_is_epoch(struct span s)
{
	return IN(s, epoch_words);
}

bool word_is_split(struct span s)
{
	return IN(s, split_words);
}

bool word_is_level(struct span s)
{
	return IN(s, level_words);
}

bool word_is_unit(struct span s)
{
	return IN(s, units) ||
	       (s.len > 2 && s.at[s.len - 2] == '/' && tolower((unsigned char)s.at[s.len - 1]) == 's');
}

bool word_has_split(struct span name)
{
	return part_in(name, split_words, COUNT_OF(split_words), false);
}

bool word_is_measure(struct span name)
{
	if (part_in(name, measure_words, COUNT_OF(measure_words), false))
		return true;
	/* logloss, binary_logloss, mlogloss … */
	return name.len > 4 && strncasecmp(name.at + name.len - 4, "loss", 4) == 0;
}

bool word_ends_measure(struct span name)
{
	return part_in(name, measure_words, COUNT_OF(measure_words), true) ||
	       (name.len > 4 && strncasecmp(name.at + name.len - 4, "loss", 4) == 0);
}

bool word_ends_stopped(struct span name)
{
	return part_in(name, stop_endings, COUNT_OF(stop_endings), true);
}

bool word_is_stopped(struct span name)
{
	const char *dot = memrchr(name.at, '.', name.len);

	if (IN(name, step_words) || IN(name, batch_words) || IN(name, epoch_words) || IN(name, stop_names) ||
	    IN(name, level_words) || word_ends_stopped(name))
		return true;
	return dot && span_in((struct span){dot + 1, name.len - (size_t)(dot + 1 - name.at)}, file_endings,
	                      COUNT_OF(file_endings));
}
