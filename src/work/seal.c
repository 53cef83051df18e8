/*
 * The seal of a run: one digest over what a finished run says of itself, so that a number that is edited in
 * assay.db later does not pass for what was measured.
 *
 * The text whose SHA-256 it is, `key SP value LF`, %-encoded words, repeating lines in the byte order of
 * their names (params by key, series by name and context, inputs by role and name, outputs by name):
 *
 *     assay-run-seal/1
 *     run ID
 *     kind train
 *     status done exit 0 signal 0
 *     launcher LOGIN@HOST
 *     command ["assay","train",…]
 *     code COMMIT|none DIFF|none
 *     env DIGEST|none
 *     seed N|none
 *     started MS ended MS
 *     param KEY VALUE
 *     series NAME CONTEXT points N last VALUE step N sha256:…     of all points, each as step, time (int64)
 * and value (IEEE bits), little endian input ROLE NAME DIGEST|none output NAME KIND BYTES DIGEST|none end
 *
 * Tags and notes are not in it: people may write them later. Neither are samples (cpu, memory), nor names and
 * experiments, which only order the list.
 */
#include <inttypes.h>

#include "trust.h"

static void word(struct str *out, const char *text)
{
	if (!text) {
		str_adds(out, " none");
		return;
	}
	str_addc(out, ' ');
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p > ' ' && *p < 0x7F && *p != '%')
			str_addc(out, (char)*p);
		else
			str_addf(out, "%%%02X", *p);
	}
	/* "none" itself, and nothing at all, are not the absence of a value. */
	if (!*text || strcmp(text, "none") == 0)
		str_addc(out, '%');
}

static void little(struct sha256 *h, uint64_t bits)
{
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(bits >> (8 * i));
	sha256_add(h, bytes, sizeof bytes);
}

static int add_series(struct store *store, const struct series *s, struct str *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct point *points;
	size_t count;
	int status = store_series_points(store, s->id, 0, 0, mem, &points, &count, err);
	if (status == 0) {
		struct sha256 h;
		char hex[SHA256_TEXT], number[NUM_TEXT];
		sha256_init(&h);
		for (size_t i = 0; i < count; i++) {
			uint64_t bits;
			memcpy(&bits, &points[i].value, sizeof bits);
			little(&h, (uint64_t)points[i].step);
			little(&h, (uint64_t)points[i].time);
			little(&h, bits);
		}
		sha256_end(&h, hex);
		str_adds(out, "series");
		word(out, s->name);
		word(out, s->context);
		str_addf(out, " points %" PRId64 " last %s step %" PRId64 " sha256:%s\n", s->count,
		         num_shortest(s->last.value, number), s->last.step, hex);
	}
	arena_free(mem);
	return status;
}

static void add_about(const struct run_row *run, struct str *out)
{
	char *launcher = xasprintf("%s@%s", run->user, run->host);
	str_addf(out, "assay-run-seal/1\nrun %s\nkind", run->uuid);
	word(out, run->kind);
	str_addf(out, "\nstatus %s exit %" PRId64 " signal %" PRId64 "\nlauncher", store_status_name(run->status),
	         run->exit_status, run->signal);
	word(out, launcher);
	str_adds(out, "\ncommand");
	word(out, run->command);
	str_adds(out, "\ncode");
	word(out, run->code_commit);
	word(out, run->code_diff);
	str_adds(out, "\nenv");
	word(out, run->environment);
	if (run->has_seed)
		str_addf(out, "\nseed %" PRId64, run->seed);
	else
		str_adds(out, "\nseed none");
	str_addf(out, "\nstarted %" PRId64 " ended %" PRId64 "\n", run->started, run->ended);
	free(launcher);
}

/* In the order of the names' bytes, whatever the order of a list is on the screen. */
static int input_order(const void *a, const void *b)
{
	const struct run_input *x = a, *y = b;
	int order = strcmp(x->role, y->role);
	return order ? order : strcmp(x->name, y->name);
}

static int series_order(const void *a, const void *b)
{
	const struct series *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->context, y->context);
}

static int artifact_order(const void *a, const void *b)
{
	const struct run_artifact *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static int pair_order(const void *a, const void *b)
{
	const struct store_pair *x = a, *y = b;
	return strcmp(x->key, y->key);
}

static int seal_text(struct store *store, int64_t id, struct arena *mem, struct str *out, struct error *err)
{
	struct run_row run;
	struct store_pair *params;
	struct series *series;
	struct run_input *inputs;
	struct run_artifact *outputs;
	size_t param_count, series_count, input_count, output_count;
	if (store_run_get(store, id, mem, &run, err) != 0 ||
	    store_params(store, id, mem, &params, &param_count, err) != 0 ||
	    store_series_list(store, id, SERIES_METRIC, mem, &series, &series_count, err) != 0 ||
	    store_inputs(store, id, mem, &inputs, &input_count, err) != 0 ||
	    store_artifacts(store, id, mem, &outputs, &output_count, err) != 0)
		return -1;
	if (!store_status_over(run.status))
		return error_set(err, ERR_NO, "the run %s is not over (%s): it cannot be sealed yet", run.name,
		                 store_status_name(run.status));
	qsort(params, param_count, sizeof *params, pair_order);
	qsort(series, series_count, sizeof *series, series_order);
	qsort(inputs, input_count, sizeof *inputs, input_order);
	qsort(outputs, output_count, sizeof *outputs, artifact_order);
	add_about(&run, out);
	for (size_t i = 0; i < param_count; i++) {
		str_adds(out, "param");
		word(out, params[i].key);
		word(out, params[i].value);
		str_addc(out, '\n');
	}
	for (size_t i = 0; i < series_count; i++)
		if (add_series(store, &series[i], out, err) != 0)
			return -1;
	for (size_t i = 0; i < input_count; i++) {
		str_adds(out, "input");
		word(out, inputs[i].role);
		word(out, inputs[i].name);
		word(out, inputs[i].digest[0] ? inputs[i].digest : NULL);
		str_addc(out, '\n');
	}
	for (size_t i = 0; i < output_count; i++) {
		str_adds(out, "output");
		word(out, outputs[i].name);
		word(out, outputs[i].kind);
		str_addf(out, " %" PRIu64, outputs[i].bytes);
		word(out, outputs[i].digest[0] ? outputs[i].digest : NULL);
		str_addc(out, '\n');
	}
	str_adds(out, "end\n");
	return 0;
}

int work_run_seal(struct store *store, int64_t run, char hex[SHA256_TEXT], struct error *err)
{
	struct arena *mem = arena_new();
	struct str text;
	str_init(&text);
	int status = seal_text(store, run, mem, &text, err);
	if (status == 0)
		sha256_hex(text.data, text.len, hex);
	str_release(&text);
	arena_free(mem);
	return status;
}
