#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assay/base.h"
#include "assay/data.h"
#include "store_fixture.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static const struct made {
	const char *name, *experiment, *kind;
	enum run_status status;
	const char *reason;
	int64_t ago, took; /* ms */
	double auc, loss;  /* where the curves end; NaN: none */
	const char *depth, *rate;
	int rounds;
} RUNS[] = {
    {"amber-finch-101", "credit-risk", "train", RUN_DONE, "", 72 * HOUR, 9 * MINUTE, 0.7312, 0.5411, "2",
     "0.1", 40},
    {"brisk-ibis-214", "credit-risk", "train", RUN_DONE, "", 70 * HOUR, 9 * MINUTE, 0.7688, 0.5023, "3",
     "0.1", 40},
    {"calm-heron-077", "credit-risk", "train", RUN_DONE, "", 49 * HOUR, 11 * MINUTE, 0.8091, 0.4417, "4",
     "0.1", 50},
    {"dim-fox-333", "credit-risk", "train", RUN_FAILED, "exit status 3", 48 * HOUR, 12000, NAN, NAN, "8",
     "0.3", 0},
    {"eager-newt-008", "churn", "command", RUN_DONE, "", 30 * HOUR, 4 * MINUTE, 0.6954, 0.6102, NULL, "0.05",
     12},
    {"fond-otter-560", "churn", "command", RUN_KILLED, "stopped by ada", 29 * HOUR, 2 * MINUTE, 0.6603,
     0.6377, NULL, "0.5", 7},
    {"grand-wren-912", "churn", "command", RUN_LOST, "the machine was restarted; last line: epoch 9",
     28 * HOUR, 3 * MINUTE, 0.7001, 0.6, NULL, "0.01", 9},
    {"hardy-lark-640", "credit-risk", "train", RUN_DONE, "", 6 * HOUR, 10 * MINUTE, 0.7955, 0.4602, "5",
     "0.05", 50},
    {"bold-lynx-190", "credit-risk", "train", RUN_DONE, "", 3 * HOUR, 14 * MINUTE, 0.809, 0.4433, "6", "0.1",
     60},
    {"\x1b[31mevil\xff\xe2\x80\xae name \xe6\x97\xa5\xe6\x9c\xac", "hostile \x07", "command", RUN_FAILED,
     "signal 9 (Killed)\x1b]0;x\x07", 2 * HOUR, 5000, NAN, NAN, "\x9b", "\t", 0},
    {"a-run-with-a-name-that-is-much-longer-than-any-column-will-ever-be-042",
     "an experiment with a long name too", "command", RUN_DONE, "", 100 * MINUTE, MINUTE, 1234567.5, 1e-12,
     "6", "0.1", 5},
    {"nan-moth-404", "churn", "command", RUN_DONE, "", 50 * MINUTE, MINUTE, NAN, INFINITY, NULL, "10", 6},
    {"swift-otter-412", "credit-risk", "train", RUN_RUNNING, "", 4 * MINUTE, 0, 0.8112, 0.4389, "6", "0.1",
     31},
    {"young-yak-001", "credit-risk", "train", RUN_QUEUED, "", MINUTE / 2, 0, NAN, NAN, "7", "0.1", 0},
};

/* With what terminals understand and screens must not: colours, a title, a progress bar that redraws its
 * line. */
static const char OUTPUT[] = "reading loans.csv: 420 rows\n"
                             "\x1b[32mepoch 1\x1b[0m loss=0.5411 auc=0.7312\n"
                             "  10%|#         |\r  50%|#####     |\r 100%|##########|\n"
                             "\x1b]0;owned\x07warning: caf\xc3\xa9 \xff\xe2\x80\xae reversed\n"
                             "epoch 2 loss=0.5023 auc=0.7688\n"
                             "a long line: the quick brown fox jumps over the lazy dog, again and again, "
                             "until the line is longer than any screen of eighty columns is wide\n"
                             "done\n";

static int add_curves(struct store *s, int64_t id, const struct made *m, int64_t started, struct error *err)
{
	struct point train[64], validation[64], loss[64];

	if (m->rounds == 0)
		return 0;
	for (int i = 0; i < m->rounds; i++) {
		double part = exp(-6.0 * (i + 1) / m->rounds);
		int64_t at = started + (i + 1) * (m->took ? m->took : 4 * MINUTE) / m->rounds;

		train[i] = (struct point){i + 1, at, m->auc + 0.02 - 0.2 * part};
		validation[i] = (struct point){i + 1, at, i + 1 == m->rounds ? m->auc : m->auc - 0.25 * part};
		loss[i] = (struct point){i + 1, at, i + 1 == m->rounds ? m->loss : m->loss + 0.2 * part};
	}
	if (store_series_append(s, id, SERIES_METRIC, "auc", "train", train, (size_t)m->rounds, err) != 0 ||
	    store_series_append(s, id, SERIES_METRIC, "auc", "validation", validation, (size_t)m->rounds, err) !=
	        0 ||
	    store_series_append(s, id, SERIES_METRIC, "log_loss", "validation", loss, (size_t)m->rounds, err) !=
	        0)
		return -1;
	if (m->status == RUN_DONE && isfinite(m->auc) && m->auc < 1) {
		struct point ece = {m->rounds, started + m->took, 0.1 - m->auc / 10},
		             test = {m->rounds, started + m->took, m->auc - 0.003};

		if (store_series_append(s, id, SERIES_METRIC, "ece", "", &ece, 1, err) != 0 ||
		    store_series_append(s, id, SERIES_METRIC, "auc", "", &test, 1, err) != 0)
			return -1;
	}
	for (int i = 0; i < 40; i++) {
		train[i] = (struct point){i, started + i * 1000, 180 + 15 * sin(i / 3.0)};
		loss[i] = (struct point){i, started + i * 1000, (120 + i) * 1048576.0};
	}
	if (store_series_append(s, id, SERIES_SAMPLE, "cpu", "", train, 40, err) != 0)
		return -1;
	return store_series_append(s, id, SERIES_SAMPLE, "rss", "", loss, 40, err);
}

static int add_run(struct store *s, size_t i, int64_t dataset, struct error *err)
{
	const struct made *m = &RUNS[i];
	int64_t created = FIXTURE_NOW - m->ago, id;
	char uuid[ID_TEXT], made[ID_TEXT];
	struct run_new run = {
	    .name = m->name,
	    .experiment = m->experiment,
	    .kind = m->kind,
	    .command =
	        strcmp(m->kind, "train") == 0
	            ? "[\"assay\",\"train\",\"boosted-trees\",\"--data\",\"loans\",\"--set\",\"max_depth=6\"]"
	            : "[\"python3\",\"train.py\",\"--note\",\"it's fine\"]",
	    .cwd = "/srv/lending",
	    .host = "trainbox",
	    .user = "ada",
	    .code_commit = "3f1c9a7e5b2d4c6f8a0b1c2d3e4f5a6b7c8d9e0f",
	    .has_seed = true,
	    .seed = 7,
	    .created = created};
	struct run_process supervisor = {
	    .pid = 4242, .start_ticks = 99, .boot_id = "0f0f0f0f-0000-4000-8000-000000000000"};
	struct run_input input = {.dataset = dataset, .name = "loans@2", .role = "train"};
	struct run_artifact log = {.name = "output.log", .kind = "log", .at = created + m->took};

	snprintf(uuid, sizeof uuid, "019ab0c0d0e07%03zx8000%012zx", i, 0xe1b2c3d40000 + i * 0x1111);
	snprintf(run.uuid, sizeof run.uuid, "%s", uuid);
	if (store_run_create(s, &run, &id, made, err) != 0)
		return -1;
	if (m->depth && store_param_set(s, id, "max_depth", m->depth, err) != 0)
		return -1;
	if (store_param_set(s, id, "learning_rate", m->rate, err) != 0 ||
	    store_tag_set(s, id, "team", i % 2 ? "risk" : "growth", err) != 0)
		return -1;
	/* Of what goes on its host is heard, whenever this is. */
	if (store_run_heard(s, id, 4102444800000, err) != 0)
		return -1;
	if (m->status == RUN_QUEUED)
		return 0;
	if (store_run_start(s, id, &supervisor, created + 200, err) != 0 ||
	    add_curves(s, id, m, created + 200, err) != 0)
		return -1;
	if (dataset && strcmp(m->kind, "train") == 0 && store_input_add(s, id, &input, err) != 0)
		return -1;
	if (m->status == RUN_RUNNING)
		return store_progress_set(s, id, 0, created + 200, err) ||
		               store_progress_set(s, id, 0.62, FIXTURE_NOW, err)
		           ? -1
		           : 0;
	if (store_object_put(s, OUTPUT, sizeof OUTPUT - 1, log.digest, err) != 0)
		return -1;
	log.bytes = sizeof OUTPUT - 1;
	if (store_artifact_add(s, id, &log, err) != 0)
		return -1;
	if (i == 2 && store_note_add(s, id, "the first one above 0.80", created + HOUR, err) != 0)
		return -1;
	struct run_ending end = {.status = m->status,
	                         .reason = m->reason,
	                         .exit_status = m->status == RUN_DONE     ? 0
	                                        : m->status == RUN_FAILED ? 3
	                                                                  : -1,
	                         .at = created + m->took};
	return store_run_end(s, id, &end, err);
}

/* Rows by a fixed rule; later versions have an older population. */
static void write_rows(struct str *out, int rows, int shift)
{
	static const char *const sectors[] = {"retail", "industry", "public", "farming, forestry", "caf\xc3\xa9"};
	uint32_t x = 12345;

	str_adds(out, "id,age,income,sector,postcode,approved\n");
	for (int i = 0; i < rows; i++) {
		int age, sector;
		double income;

		x = x * 1664525u + 1013904223u;
		age = 18 + shift + (int)(x >> 24) % 50;
		x = x * 1664525u + 1013904223u;
		income = 800 + 40 * age + (double)(x >> 20) / 2;
		x = x * 1664525u + 1013904223u;
		sector = (int)(x >> 28) % 5;
		str_addf(out, "%d,%d,", 1000 + i, age);
		if (i % 37 == 5)
			str_adds(out, i % 2 ? "NA," : ",");
		else
			str_addf(out, "%.2f,", income);
		str_addf(out, "\"%s\",\"N%d\",%s\n", sectors[sector], (int)(x >> 16) % 7,
		         income + 30 * sector > 3300 ? "yes" : "no");
	}
}

static int add_data(struct store *s, int rows, int shift, int64_t *id, struct error *err)
{
	struct reading reading;
	struct table t;
	struct profile p;
	struct str csv, text, json;
	struct dataset_row row = {.name = "loans"};
	struct dataset_file file = {.path = "/srv/lending/loans.csv"};
	struct dataset_column *columns;
	struct str *roles;
	int64_t version;
	bool known;
	int status;

	str_init(&csv);
	str_init(&text);
	str_init(&json);
	reading_init(&reading);
	write_rows(&csv, rows, shift);
	status = reading_set(&reading, "label", "approved", err);
	if (status == 0)
		status = reading_set(&reading, "protected", "age", err);
	if (status == 0)
		status = table_read_bytes(&t, "loans.csv", csv.data, csv.len, &reading, NULL, err);
	reading_release(&reading);
	if (status != 0)
		goto out;
	reading_canonical(&t.reading, &text);
	data_version_digest(t.files, t.file_count, &t.reading, row.digest);
	columns = xcalloc(t.column_count, sizeof *columns);
	roles = xcalloc(t.column_count, sizeof *roles);
	for (size_t i = 0; i < t.column_count; i++) {
		str_init(&roles[i]);
		columns[i] = (struct dataset_column){t.columns[i].name, column_type_name(t.columns[i].type),
		                                     column_roles_text(t.columns[i].roles, &roles[i])};
	}
	snprintf(file.digest, sizeof file.digest, "%s", t.files[0].sha256);
	file.bytes = t.files[0].bytes;
	file.rows = t.files[0].rows;
	row.reading = text.data;
	row.rows = t.row_count;
	row.files = &file;
	row.file_count = 1;
	row.columns = columns;
	row.column_count = t.column_count;
	status = store_dataset_add(s, &row, id, &version, &known, err);
	if (status == 0) {
		profile_table(&p, &t, &(struct profile_options){.threads = 1}, NULL);
		profile_json(&p, &json);
		status = store_profile_put(s, row.digest, json.data, json.len, err);
		profile_release(&p);
	}
	for (size_t i = 0; i < t.column_count; i++)
		str_release(&roles[i]);
	free(roles);
	free(columns);
	table_release(&t);
out:
	str_release(&csv);
	str_release(&text);
	str_release(&json);
	return status;
}

int store_fixture_empty(const char *dir, char **path, struct error *err)
{
	*path = path_join(dir, ".assay");
	return store_init(*path, err);
}

int store_fixture(const char *dir, char **path, struct error *err)
{
	struct store *s;
	int64_t first, second;
	int status;

	if (store_fixture_empty(dir, path, err) != 0 || store_open(&s, *path, STORE_WRITE, err) != 0)
		return -1;
	status = add_data(s, 300, 0, &first, err);
	if (status == 0)
		status = add_data(s, 420, 9, &second, err);
	for (size_t i = 0; status == 0 && i < COUNT_OF(RUNS); i++)
		status = add_run(s, i, second, err);
	store_close(s);
	return status;
}

int store_fixture_open(const char *name, char **folder, struct store **store)
{
	const char *tmp = getenv("TMPDIR");
	struct error err = {0};
	char *path;
	int status;

	*folder = xasprintf("%s/assay-%s-XXXXXX", tmp ? tmp : "/tmp", name);
	if (!mkdtemp(*folder)) {
		fprintf(stderr, "%s cannot be made\n", *folder);
		return -1;
	}
	path = path_join(*folder, ".assay");
	status = store_init(path, &err) || store_open(store, path, STORE_WRITE, &err) ? -1 : 0;
	if (status)
		fprintf(stderr, "%s\n", err.text);
	free(path);
	return status;
}

int absorb_once(struct store *s, int64_t run, const char *folder, unsigned flags, struct absorbed *out,
                struct error *err)
{
	struct events_folder *f = store_events_new(folder);
	int rc = store_events_absorb(s, run, f, flags, out, err);

	store_events_free(f);
	return rc;
}
