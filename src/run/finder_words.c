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

/* Each word of most lines is looked for: lengths and first letters tell nearly all of them apart. */
struct word {
	unsigned char len;
	char text[15];
};
#define W(text)                                                                                              \
	{                                                                                                        \
		sizeof(text) - 1, text                                                                               \
	}

static bool span_in(struct span s, const struct word *list, size_t count)
{
	int first = s.len ? tolower((unsigned char)s.at[0]) : 0;

	for (size_t i = 0; i < count; i++)
		if (list[i].len == s.len && list[i].text[0] == first && span_is(s, list[i].text))
			return true;
	return false;
}
#define IN(s, list) span_in((s), (list), COUNT_OF(list))

static const struct word step_words[] = {W("step"),      W("steps"),     W("global_step"), W("iter"),
                                         W("iters"),     W("iteration"), W("it"),          W("round"),
                                         W("update"),    W("updates"),   W("episode"),     W("timestep"),
                                         W("timesteps"), W("trial"),     W("global_steps")};
static const struct word batch_words[] = {W("batch"), W("minibatch"), W("mini-batch")};
static const struct word epoch_words[] = {W("epoch"), W("epochs"), W("ep")};
static const struct word split_words[] = {W("train"), W("training"), W("val"), W("valid"), W("validation"),
                                          W("test"),  W("testing"),  W("dev"), W("eval"),  W("evaluation")};
static const struct word level_words[] = {W("info"),  W("debug"),    W("warning"), W("warn"),
                                          W("error"), W("critical"), W("trace"),   W("notice")};

/* Parts of names that say: this is a measure of a model. */
static const struct word measure_words[] = {
    W("loss"),    W("acc"),   W("accuracy"),  W("auc"),        W("auroc"),    W("auprc"),     W("map"),
    W("f1"),      W("fbeta"), W("precision"), W("recall"),     W("mse"),      W("rmse"),      W("mae"),
    W("mape"),    W("r2"),    W("rmsle"),     W("perplexity"), W("ppl"),      W("bleu"),      W("rouge"),
    W("wer"),     W("cer"),   W("reward"),    W("return"),     W("score"),    W("iou"),       W("miou"),
    W("dice"),    W("kappa"), W("mcc"),       W("nll"),        W("elbo"),     W("kl"),        W("ndcg"),
    W("mrr"),     W("lr"),    W("brier"),     W("ece"),        W("deviance"), W("gini"),      W("merror"),
    W("entropy"), W("psnr"),  W("ssim"),      W("fid"),        W("aucpr"),    W("likelihood")};

/* Names that are never a measure: time, size, place, settings of the machinery. */
static const struct word stop_names[] = {
    W("time"),    W("eta"),     W("elapsed"), W("duration"), W("took"),      W("remaining"), W("total"),
    W("speed"),   W("seconds"), W("sec"),     W("secs"),     W("ms"),        W("min"),       W("mins"),
    W("hours"),   W("date"),    W("port"),    W("host"),     W("localhost"), W("addr"),      W("address"),
    W("pid"),     W("ppid"),    W("uid"),     W("seed"),     W("version"),   W("v_num"),     W("rank"),
    W("gpu"),     W("cpu"),     W("device"),  W("cuda"),     W("memory"),    W("mem"),       W("ram"),
    W("line"),    W("col"),     W("column"),  W("row"),      W("file"),      W("path"),      W("dir"),
    W("url"),     W("http"),    W("https"),   W("id"),       W("index"),     W("idx"),       W("threads"),
    W("workers"), W("size"),    W("exit"),    W("status"),   W("code"),      W("errno"),     W("at"),
    W("of"),      W("in"),      W("to"),      W("from"),     W("timestamp"), W("ts"),        W("total_flos"),
    W("flops"),   W("samples")};
static const struct word stop_endings[] = {
    W("time"), W("size"), W("path"), W("port"),     W("seed"),    W("id"),      W("seconds"),
    W("secs"), W("sec"),  W("ms"),   W("bytes"),    W("version"), W("workers"), W("threads"),
    W("mb"),   W("gb"),   W("eta"),  W("elapsed"),  W("runtime"), W("second"),  W("flos"),
    W("s"),    W("us"),   W("ns"),   W("duration"), W("hours"),   W("minutes"), W("kb"),
    W("kib"),  W("mib"),  W("gib"),  W("count")};
static const struct word file_endings[] = {W("py"),    W("c"),   W("cc"),  W("cpp"),  W("h"),   W("hpp"),
                                           W("js"),    W("go"),  W("rs"),  W("java"), W("r"),   W("jl"),
                                           W("ipynb"), W("txt"), W("csv"), W("json"), W("log"), W("yaml"),
                                           W("yml"),   W("sh"),  W("so")};
static const struct word units[] = {
    W("s"),       W("sec"),   W("secs"), W("second"), W("seconds"), W("ms"),    W("us"),   W("ns"),
    W("m"),       W("min"),   W("mins"), W("minute"), W("minutes"), W("h"),     W("hr"),   W("hrs"),
    W("hour"),    W("hours"), W("day"),  W("days"),   W("b"),       W("kb"),    W("mb"),   W("gb"),
    W("tb"),      W("kib"),   W("mib"),  W("gib"),    W("tib"),     W("bytes"), W("it/s"), W("s/it"),
    W("percent"), W("hz"),    W("mhz"),  W("ghz"),    W("w"),       W("watts")};

/* One of the parts of a name, cut at _ - . / @ and blanks, is in the list; or the last part is, if
 * last_only. */
static bool part_in(struct span name, const struct word *list, size_t count, bool last_only)
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

bool word_is_setting(struct span s)
{
	return span_is(s, "epochs");
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
