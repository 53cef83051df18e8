/*
 * What can be done with a store, for trials of what fails meanwhile. Included after a `disk` that can be
 * disarmed (failing_disk.h, power_disk.h): preparations are none of its business.
 */
#ifndef STORE_ACTIONS_H
#define STORE_ACTIONS_H

#include <math.h>
#include <stdlib.h>

#include "assay/store.h"

#include "../lib/store_state.h"

/* What comes before what is tried. */
static void prepared(int rc)
{
	if (rc)
		bug("the store cannot be prepared");
}

struct bench {
	char *folder, *path;
	struct store *store;
	int64_t run;
	int serial;               /* names are never used twice */
	char digest[SHA256_TEXT]; /* of the store between two trials */
};

static const char *name_of(const struct bench *b, char out[32])
{
	snprintf(out, 32, "n%d", b->serial);
	return out;
}

static int do_create(struct bench *b, struct error *err)
{
	struct run_new new = {.name = "x", .experiment = "default"};
	char uuid[ID_TEXT];
	int64_t id;

	return store_run_create(b->store, &new, &id, uuid, err);
}

static int do_life(struct bench *b, struct error *err)
{
	struct run_new new = {.name = "life"};
	struct run_process nobody = {.pid = 7};
	struct run_ending ending = {.status = RUN_DONE, .reason = ""};
	char uuid[ID_TEXT];
	int64_t id;
	int result;

	if (store_begin(b->store, STORE_DURABLE, err))
		return -1;
	result =
	    store_run_create(b->store, &new, &id, uuid, err) || store_run_start(b->store, id, &nobody, 5, err) ||
	            store_run_process(b->store, id, &nobody, err) || store_run_end(b->store, id, &ending, err)
	        ? -1
	        : 0;
	return store_end(b->store, result == 0, result ? NULL : err) || result ? -1 : 0;
}

static int do_facts(struct bench *b, struct error *err)
{
	char name[32];
	struct run_artifact a = {.name = name, .kind = "file"};
	struct run_input in = {.name = name, .role = "train"};
	int result;

	name_of(b, name);
	if (store_begin(b->store, STORE_NORMAL, err))
		return -1;
	result = store_param_set(b->store, b->run, name, "1", err) ||
	                 store_tag_set(b->store, b->run, name, "t", err) ||
	                 store_note_add(b->store, b->run, name, 0, err) ||
	                 store_artifact_add(b->store, b->run, &a, err) ||
	                 store_input_add(b->store, b->run, &in, err) ||
	                 store_progress_set(b->store, b->run, b->serial % 100 / 100.0, 0, err)
	             ? -1
	             : 0;
	return store_end(b->store, result == 0, result ? NULL : err) || result ? -1 : 0;
}

/* Fills blocks, and enough pages that SQLite writes before it commits. */
static int do_series(struct bench *b, struct error *err)
{
	static struct point points[3000];

	for (size_t i = 0; i < COUNT_OF(points); i++)
		points[i] =
		    (struct point){.step = (int64_t)i, .time = (int64_t)i * 7, .value = sin((double)i + b->serial)};
	return store_series_append(b->store, b->run, SERIES_METRIC, "loss", "", points, COUNT_OF(points), err);
}

static int do_object(struct bench *b, struct error *err)
{
	char name[32], hex[SHA256_TEXT];

	name_of(b, name);
	return store_object_put(b->store, name, strlen(name), hex, err);
}

static int do_object_file(struct bench *b, struct error *err)
{
	char *file = path_join(b->folder, "file"), hex[SHA256_TEXT], name[32];
	uint64_t size;
	bool armed = disk.armed;
	FILE *f;
	int result;

	disk.armed = false;
	f = fopen(file, "wb");
	if (!f)
		bug("no file to keep");
	fprintf(f, "%s", name_of(b, name));
	for (int i = 0; i < 30000; i++)
		fprintf(f, "line %d\n", i);
	fclose(f);
	disk.armed = armed;
	result = store_object_put_file(b->store, file, hex, &size, err);
	free(file);
	return result;
}

static int do_dataset(struct bench *b, struct error *err)
{
	struct dataset_file file = {.path = "/data/x.csv", .bytes = 3, .rows = 2};
	struct dataset_column columns[] = {{"a", "num", "feature"}, {"y", "bool", "label"}};
	struct dataset_row d = {.name = "set",
	                        .reading = "x\n",
	                        .rows = 2,
	                        .files = &file,
	                        .file_count = 1,
	                        .columns = columns,
	                        .column_count = 2};
	char name[32];
	int64_t id, version;
	bool known;

	name_of(b, name);
	sha256_hex(name, strlen(name), d.digest);
	memcpy(file.digest, d.digest, SHA256_TEXT);
	return store_dataset_add(b->store, &d, &id, &version, &known, err);
}

static int do_records(struct bench *b, struct error *err)
{
	struct store_evaluation e = {.run = b->run, .split = "test"};
	char name[32];
	int64_t id;
	int result;

	name_of(b, name);
	sha256_hex(name, strlen(name), e.evidence);
	if (store_begin(b->store, STORE_NORMAL, err))
		return -1;
	result = store_evaluation_add(b->store, &e, &id, err) ||
	                 store_activity_add(b->store, "ada", "did", name, err) ||
	                 store_profile_put(b->store, e.evidence, "{}", 2, err)
	             ? -1
	             : 0;
	return store_end(b->store, result == 0, result ? NULL : err) || result ? -1 : 0;
}

static int do_edits(struct bench *b, struct error *err)
{
	char name[32];
	struct store_saved saved = {.kind = "view", .experiment = "", .name = "v", .text = name};
	int64_t changed;
	int result;

	name_of(b, name);
	if (store_begin(b->store, STORE_NORMAL, err))
		return -1;
	result = store_tag_edit(b->store, "ada", &b->run, 1, name, "t", &changed, err) ||
	                 store_note_edit(b->store, "ada", b->run, name, err) ||
	                 store_rename(b->store, "ada", b->run, name, err) ||
	                 store_saved_set(b->store, "ada", &saved, err)
	             ? -1
	             : 0;
	return store_end(b->store, result == 0, result ? NULL : err) || result ? -1 : 0;
}

/* Several items an edit. */
static int do_archive(struct bench *b, struct error *err)
{
	static int64_t many[40];
	int64_t changed, left;
	struct run_row first;
	struct arena *mem;

	if (!many[0]) {
		bool armed = disk.armed;
		struct run_new new = {.name = "many"};
		struct run_ending ending = {.status = RUN_DONE, .reason = ""};
		char uuid[ID_TEXT];

		disk.armed = false;
		prepared(store_begin(b->store, STORE_NORMAL, NULL));
		for (size_t i = 0; i < COUNT_OF(many); i++) {
			prepared(store_run_create(b->store, &new, &many[i], uuid, NULL));
			prepared(store_run_end(b->store, many[i], &ending, NULL));
		}
		prepared(store_end(b->store, true, NULL));
		store_state_digest(b->path, b->digest);
		disk.armed = armed;
	}
	mem = arena_new();
	prepared(store_run_get(b->store, many[0], mem, &first, NULL));
	arena_free(mem);
	return store_archive(b->store, "ada", many, COUNT_OF(many), !first.archived, &changed, &left, err);
}

/* The other way round when that is at its end. */
static int turn(struct bench *b, bool undo, struct error *err)
{
	int (*const ways[])(struct store *, const char *, struct arena *, struct store_edit *,
	                    struct error *) = {store_redo, store_undo};
	struct arena *mem = arena_new();
	struct store_edit edit;
	int result = ways[undo](b->store, "ada", mem, &edit, err);

	if (!result && !edit.id)
		result = ways[!undo](b->store, "ada", mem, &edit, err);
	arena_free(mem);
	return result;
}

static int do_undo(struct bench *b, struct error *err)
{
	return turn(b, true, err);
}

static int do_redo(struct bench *b, struct error *err)
{
	return turn(b, false, err);
}

static const struct action {
	const char *name;
	int (*act)(struct bench *, struct error *);
	bool database; /* else only objects/ */
} actions[] = {
    {"an object", do_object, false},
    {"an object from a file", do_object_file, false},
    {"create a run", do_create, true},
    {"a run's life, durably", do_life, true},
    {"facts of a run", do_facts, true},
    {"a data set", do_dataset, true},
    {"records", do_records, true},
    {"edits", do_edits, true},
    {"put runs away", do_archive, true},
    {"take back", do_undo, true},
    {"make again", do_redo, true},
    {"a series", do_series, true}, /* the largest: read after each trial */
};

#endif
