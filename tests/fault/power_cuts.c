/*
 * Power cuts. Acts are recorded as they reach the disk (power_disk.h), power is cut at random moments, and
 * what is found then is opened as any program would open it:
 *
 *   measurements   (WAL, NORMAL)  some first part of what was done, each act whole or not there, sound, and
 *                                 never less than what was promised to last;
 *   binding acts   (WAL, FULL)    every act that was acknowledged;
 *   the ledger     (TRUNCATE, FULL) every row that was acknowledged, linked;
 *   objects                       every object that was acknowledged, and none that is not what its name says;
 *   a run          its events absorbed, its folder removed: nothing twice, nothing gone that was promised;
 *   a new store    whole or not there.
 *
 * And the same with synchronous=OFF, with NORMAL where FULL is due, and with each kind of sync left out: then
 * the trial has to find losses, or it would find none when there are some.
 *
 *     TRIALS=100 SEED=1 build/tests/fault/power_cuts [NAME]
 */
#include <dlfcn.h>
#include <sqlite3.h>

#include "assay/run.h"
#include "assay/work.h"

#include "power_disk.h"

#include "../lib/ledger_fixture.h"
#include "../lib/store_fixture.h"
#include "store_actions.h"

enum { CUTS = 20, ACTS = 24, FEW = 400, PATIENCE = 3000 };

static struct {
	uint64_t state;
	const char *pragma; /* takes the place of NORMAL and FULL */
	bool weak;          /* NORMAL where FULL is due */
} g;

static uint64_t draw(uint64_t below)
{
	g.state ^= g.state << 13;
	g.state ^= g.state >> 7;
	g.state ^= g.state << 17;
	return below ? g.state % below : 0;
}

/* Every setting of `synchronous` comes by here: the rooms set it by sqlite3_exec. */
int sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *user,
                 char **text)
{
	static int (*real)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
	char *own = NULL, *at;
	int rc;

	if (!real) {
		void *found = dlsym(RTLD_NEXT, "sqlite3_exec");

		memcpy(&real, &found, sizeof(real));
	}
	if (g.pragma && strstr(sql, "synchronous = ")) {
		own = xstrdup(sql);
		while ((at = strstr(own, "synchronous = FULL")) || (at = strstr(own, "synchronous = NORMAL"))) {
			struct str changed;

			if (g.weak && strncmp(at + 14, "NORMAL", 6) == 0)
				break;
			str_init(&changed);
			str_add(&changed, own, (size_t)(at - own));
			str_addf(&changed, "synchronous=%s%s", g.pragma, at + (at[14] == 'F' ? 18 : 20));
			free(own);
			own = str_take(&changed);
		}
	}
	rc = real(db, own ? own : sql, row, user, text);
	free(own);
	return rc;
}

/* ---- what was done ---- */

struct act {
	size_t begun, acked; /* operations recorded before each */
	bool durable;
	char state[SHA256_TEXT]; /* of the store (or link of the row) after it */
	char object[SHA256_TEXT];
};

struct trace {
	char *folder, *root, *image; /* root: what is recorded; image: what is found */
	struct bench b;
	struct fixture ledger;
	struct act acts[ACTS + 2];
	size_t count;
	char uuid[ID_TEXT];
	int64_t lines; /* that were written to events */
	size_t cut;
	size_t absent; /* acknowledged acts that are not there, of those that need not be */
};

/* What was wrong with what was found: nothing, something lost that was promised, something unsound. */
enum found { WHOLE, LOST, UNSOUND };

static struct act *act_begin(struct trace *t, bool durable)
{
	struct act *a = &t->acts[t->count++];

	*a = (struct act){.begun = disk.count, .durable = durable, .acked = SIZE_MAX};
	return a;
}

static void must(int rc, const struct error *err)
{
	if (rc)
		bug("%s", err->text);
}

static void open_store(struct trace *t)
{
	struct run_new new = {.name = "subject"};
	struct error err;
	char uuid[ID_TEXT];

	t->b.folder = t->folder;
	t->b.path = path_join(t->root, ".assay");
	must(store_init(t->b.path, &err), &err);
	must(store_open(&t->b.store, t->b.path, STORE_WRITE, &err), &err);
	must(store_run_create(t->b.store, &new, &t->b.run, uuid, &err), &err);
}

/* How it stands, without a trace in the record. */
static void look(const struct trace *t, char state[SHA256_TEXT])
{
	disk.armed = false;
	store_state_digest(t->b.path, state);
	disk.armed = true;
}

static void do_acts(struct trace *t, bool durable)
{
	static const size_t kinds[] = {2, 3, 4, 5, 6, 7, 11}; /* of actions[]; archives need runs beforehand */
	struct error err;
	struct act *a;

	open_store(t);
	store_close(t->b.store);
	power_record(t->root, disk.forget);
	must(store_open(&t->b.store, t->b.path, STORE_WRITE, &err), &err);
	a = act_begin(t, true);
	a->acked = 0;
	look(t, a->state);
	for (size_t i = 0; i < ACTS; i++) {
		size_t kind = kinds[draw(COUNT_OF(kinds))];

		/* Closing writes the log back into the database. */
		if (draw(6) == 0) {
			store_close(t->b.store);
			must(store_open(&t->b.store, t->b.path, STORE_WRITE, &err), &err);
		}
		t->b.serial++;
		a = act_begin(t, durable || kind == 3);
		if (durable)
			must(store_begin(t->b.store, STORE_DURABLE, &err), &err);
		must(actions[kind].act(&t->b, &err), &err);
		if (durable)
			must(store_end(t->b.store, true, &err), &err);
		a->acked = disk.count;
		look(t, a->state);
	}
	store_close(t->b.store);
	t->b.store = NULL;
}

static void measure(struct trace *t)
{
	do_acts(t, false);
}

static void bind(struct trace *t)
{
	do_acts(t, true);
}

/* The acts of which something may be there: those before the last that is. */
static enum found find_acts(struct trace *t)
{
	char *path = path_join(t->image, ".assay"), state[SHA256_TEXT];
	size_t least = 0, most = 0, acked = 0, is = SIZE_MAX;
	enum found found = WHOLE;
	struct store *s;
	struct error err;

	for (size_t i = 0; i < t->count; i++) {
		if (t->acts[i].begun <= t->cut)
			most = i;
		if (t->acts[i].acked <= t->cut) {
			acked = i;
			if (t->acts[i].durable)
				least = i;
		}
	}
	if (store_open(&s, path, STORE_WRITE, &err)) {
		found = UNSOUND;
		goto out;
	}
	store_close(s);
	store_state_digest(path, state);
	for (size_t i = 0; i <= most; i++)
		if (!strcmp(t->acts[i].state, state))
			is = i;
	if (is == SIZE_MAX || store_state_integrity(path, &err))
		found = UNSOUND;
	else if (is < least)
		found = LOST;
	else if (is < acked)
		t->absent += acked - is;
out:
	free(path);
	return found;
}

/* ---- objects ---- */

static void keep_objects(struct trace *t)
{
	char *file = path_join(t->folder, "file");
	struct error err;

	open_store(t);
	power_record(t->root, disk.forget);
	for (size_t i = 0; i < ACTS; i++) {
		size_t len = (size_t)draw(9000);
		char *bytes = xmalloc(len + 8);
		struct act *a = act_begin(t, true);
		uint64_t size;

		for (size_t k = 0; k < len + 8; k++)
			bytes[k] = (char)draw(256);
		if (draw(2)) {
			must(store_object_put(t->b.store, bytes, len + 8, a->object, &err), &err);
		} else {
			write_file(file, bytes, len + 8);
			must(store_object_put_file(t->b.store, file, a->object, &size, &err), &err);
		}
		a->acked = disk.count;
		free(bytes);
	}
	store_close(t->b.store);
	free(file);
}

static enum found find_objects(struct trace *t)
{
	char *path = path_join(t->image, ".assay");
	enum found found = WHOLE;
	struct store *s = NULL;
	struct str bytes;
	struct error err;

	str_init(&bytes);
	if (store_open(&s, path, STORE_WRITE, &err) || store_state_objects(path, false, &err))
		found = UNSOUND;
	for (size_t i = 0; found == WHOLE && i < t->count; i++)
		if (t->acts[i].acked <= t->cut && store_object_read(s, t->acts[i].object, &bytes, 0, &err))
			found = LOST;
	store_close(s);
	str_release(&bytes);
	free(path);
	return found;
}

/* ---- the ledger ---- */

static void append(struct trace *t, struct act *a)
{
	struct fixture *f = &t->ledger;
	struct ledger_text text = fixture_record(f, LEDGER_RUN_SEALS);
	struct error err;
	struct str body;
	int64_t seq;
	bool known;

	text.model = text.stage = NULL;
	text.version = 0;
	text.subject[0] = '\0';
	str_init(&body);
	must(ledger_text_write(&text, &body, &err), &err);
	must(ledger_append(f->ledger, body.data, body.len, "", 0, &seq, &known, &err), &err);
	str_release(&body);
	a->acked = disk.count;
	disk.armed = false;
	must(ledger_head(f->ledger, &seq, a->state, &err), &err);
	disk.armed = true;
}

static void decide(struct trace *t)
{
	struct fixture *f = &t->ledger;
	struct error err;
	char empty[SHA256_TEXT];

	f->mem = arena_new();
	f->path = path_join(t->root, ".assay");
	sha256_hex("", 0, empty);
	must(dir_make(f->path, &err), &err);
	must(ledger_create(f->path, FIXTURE_STORE, NULL, empty, &err), &err);
	must(ledger_open(&f->ledger, f->path, true, &err), &err);
	power_record(t->root, disk.forget);
	for (size_t i = 0; i < ACTS; i++) {
		if (draw(6) == 0) {
			ledger_close(f->ledger);
			must(ledger_open(&f->ledger, f->path, true, &err), &err);
		}
		append(t, act_begin(t, true));
	}
	ledger_close(f->ledger);
	arena_free(f->mem);
	free(f->path);
}

static enum found find_rows(struct trace *t)
{
	char *path = path_join(t->image, ".assay");
	struct arena *mem = arena_new();
	struct ledger_row *rows;
	enum found found = WHOLE;
	struct ledger *l = NULL;
	size_t count = 0, acked = 0, begun = 0;
	char head[SHA256_TEXT];
	struct error err;
	int64_t seq;

	for (size_t i = 0; i < t->count; i++) {
		acked += t->acts[i].acked <= t->cut;
		begun += t->acts[i].begun <= t->cut;
	}
	if (ledger_open(&l, path, true, &err) || ledger_head(l, &seq, head, &err) ||
	    ledger_rows(l, 1, 0, mem, &rows, &count, &err) || (int64_t)count != seq || !count ||
	    count - 1 > begun || (count > 1 && strcmp(t->acts[count - 2].state, head) != 0))
		found = UNSOUND;
	else if (count - 1 < acked)
		found = LOST;
	ledger_close(l);
	arena_free(mem);
	free(path);
	return found;
}

/* ---- a run ---- */

static void write_lines(struct trace *t, int fd)
{
	char line[120];

	for (int64_t n = (int64_t)draw(60); n > 0; n--) {
		int len = snprintf(line, sizeof(line), "{\"metric\":\"m\",\"value\":%lld,\"step\":%lld,\"time\":5}\n",
		                   (long long)t->lines, (long long)t->lines);

		if (fd_write_all(fd, line, (size_t)len))
			bug("cannot write events");
		t->lines++;
	}
}

/* It is of an earlier start of the machine, as it will be found to be. */
static void run_a_run(struct trace *t)
{
	struct run_new new = {.name = "run", .kind = "command", .command = "[]"};
	struct run_process gone = {.pid = 4, .start_ticks = 1, .boot_id = "0f0f0f0f-0000-4000-8000-000000000000"};
	char host[256] = "", *dir, *file;
	struct absorbed absorbed;
	struct run_reaped reaped;
	struct error err;
	struct act *a;
	int64_t run;
	int fd;

	open_store(t);
	gethostname(host, sizeof(host) - 1);
	new.host = host;
	must(store_run_create(t->b.store, &new, &run, t->uuid, &err), &err);
	must(store_run_start(t->b.store, run, &gone, 5, &err), &err);
	must(store_run_process(t->b.store, run, &gone, &err), &err);
	dir = store_live_path(t->b.store, t->uuid);
	must(dir_make(dir, &err), &err);
	file = path_join(dir, "lock");
	write_file(file, "", 0);
	free(file);
	file = path_join(dir, "events-0.jsonl");
	power_record(t->root, disk.forget);
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	for (int i = 0; i < 8; i++) {
		write_lines(t, fd);
		if (draw(2))
			must(absorb_once(t->b.store, run, dir, 0, &absorbed, &err), &err);
		if (draw(5) == 0) {
			store_close(t->b.store);
			must(store_open(&t->b.store, t->b.path, STORE_WRITE, &err), &err);
		}
	}
	close(fd);
	a = act_begin(t, true);
	must(run_reap(t->b.store, &reaped, &err), &err);
	a->acked = disk.count;
	store_close(t->b.store);
	free(file);
	free(dir);
}

static enum found find_run(struct trace *t)
{
	char *path = path_join(t->image, ".assay"), *live = xasprintf("%s/live/%s", path, t->uuid);
	struct arena *mem = arena_new();
	struct point *points = NULL;
	enum found found = UNSOUND;
	struct run_reaped reaped;
	struct series series;
	struct store *s = NULL;
	struct run_row row;
	struct error err;
	size_t count = 0;
	bool there = file_exists(live);

	if (store_open(&s, path, STORE_WRITE, &err) || run_reap(s, &reaped, &err) ||
	    store_run_by_uuid(s, t->uuid, mem, &row, &err) || row.status != RUN_LOST ||
	    store_state_integrity(path, &err))
		goto out;
	if (!store_series_find(s, row.id, SERIES_METRIC, "m", "", mem, &series, &err) &&
	    store_series_points(s, series.id, 0, 0, mem, &points, &count, &err))
		goto out;
	/* Nobody syncs events: of those that were not absorbed some may be gone, from the middle too. */
	for (size_t i = 1; i < count; i++)
		if (points[i].step <= points[i - 1].step)
			goto out;
	found = WHOLE;
	/* Its folder goes only when everything that was in it is kept for certain. */
	if ((!there || t->acts[0].acked <= t->cut) && (int64_t)count != t->lines)
		found = LOST;
	t->absent += (size_t)t->lines - count;
out:
	store_close(s);
	arena_free(mem);
	free(path);
	free(live);
	return found;
}

/* ---- a new store ---- */

static void found_store(struct trace *t)
{
	struct error err;
	struct act *a;
	char *path;

	power_record(t->root, disk.forget);
	a = act_begin(t, true);
	must(work_init(t->root, &path, &err), &err);
	a->acked = disk.count;
	free(path);
}

static enum found find_store(struct trace *t)
{
	char *path = path_join(t->image, ".assay");
	enum found found = WHOLE;
	struct ledger *l = NULL;
	struct store *s = NULL;
	struct error err;

	if (!file_exists(path))
		found = t->acts[0].acked <= t->cut ? LOST : WHOLE;
	else if (store_open(&s, path, STORE_WRITE, &err) || store_state_integrity(path, &err))
		found = UNSOUND;
	else if (t->acts[0].acked <= t->cut && ledger_open(&l, path, true, &err))
		found = LOST;
	ledger_close(l);
	store_close(s);
	free(path);
	return found;
}

/* ---- trials ---- */

struct kind {
	const char *name;
	void (*act)(struct trace *);
	enum found (*find)(struct trace *);
};
enum { MEASURE, BIND, DECIDE, OBJECTS, RUN, INIT };
static const struct kind kinds[] = {
    [MEASURE] = {"measurements, NORMAL", measure, find_acts},
    [BIND] = {"binding acts, FULL", bind, find_acts},
    [DECIDE] = {"ledger rows, TRUNCATE and FULL", decide, find_rows},
    [OBJECTS] = {"objects", keep_objects, find_objects},
    [RUN] = {"a run and its folder", run_a_run, find_run},
    [INIT] = {"a new store", found_store, find_store},
};

struct tally {
	int64_t trials, lost, unsound, absent, ops;
};

static int by_size(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

/* One record, and so many moments of it. */
static void trial(const struct kind *k, unsigned forget, int cuts, struct tally *tally, bool loud)
{
	const char *tmp = getenv("TMPDIR");
	struct trace t = {.count = 0};
	size_t at[CUTS];

	t.folder = xasprintf("%s/assay-power-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(t.folder))
		bug("cannot make %s", t.folder);
	t.root = path_join(t.folder, "root");
	mkdir(t.root, 0777);
	disk.forget = forget;
	k->act(&t);
	disk.armed = false;
	if (t.b.path)
		free(t.b.path);
	for (int i = 0; i < cuts; i++)
		at[i] = (size_t)draw(disk.count + 1);
	/* The end too: everything was acknowledged by then. */
	at[0] = disk.count;
	qsort(at, (size_t)cuts, sizeof(*at), by_size);
	tally->ops += (int64_t)disk.count;
	for (int i = 0; i < cuts; i++) {
		enum found found;

		t.image = xasprintf("%s/image-%d", t.folder, i);
		t.cut = at[i];
		power_go(t.cut);
		power_cut(t.image, draw);
		t.absent = 0;
		found = k->find(&t);
		tally->trials++;
		tally->lost += found == LOST;
		tally->unsound += found == UNSOUND;
		tally->absent += (int64_t)t.absent;
		if (found != WHOLE && loud) {
			printf("# %s: cut before operation %zu of %zu: %s\n", k->name, t.cut, disk.count,
			       found == LOST ? "lost" : "unsound");
			loud = false;
		}
		dir_remove(t.image, NULL);
		free(t.image);
	}
	power_forget();
	dir_remove(t.folder, NULL);
	free(t.folder);
	free(t.root);
}

static void trials(const struct kind *k, unsigned forget, int64_t wanted, struct tally *tally, bool loud)
{
	*tally = (struct tally){.trials = 0};
	while (tally->trials < wanted) {
		int64_t left = wanted - tally->trials;

		trial(k, forget, left < CUTS ? (int)left : CUTS, tally, loud);
	}
}

/* ---- that it would notice ---- */

static const struct weakness {
	const char *name;
	int kind;
	unsigned forget;
	const char *pragma;
	bool weak;
} weaknesses[] = {
    {"measurements with synchronous=OFF", MEASURE, 0, "OFF", false},
    {"binding acts with synchronous=OFF", BIND, 0, "OFF", false},
    {"binding acts with NORMAL instead of FULL", BIND, 0, "NORMAL", true},
    {"ledger rows with synchronous=OFF", DECIDE, 0, "OFF", false},
    {"measurements, syncs of the log left out", MEASURE, POWER_SYNC_WAL, NULL, false},
    {"measurements, syncs of the database left out", MEASURE, POWER_SYNC_DATABASE, NULL, false},
    {"ledger rows, syncs of the journal left out", DECIDE, POWER_SYNC_JOURNAL, NULL, false},
    {"ledger rows, syncs of the database left out", DECIDE, POWER_SYNC_DATABASE, NULL, false},
    {"objects, syncs of files left out", OBJECTS, POWER_SYNC_FILE, NULL, false},
    {"objects, syncs of folders left out", OBJECTS, POWER_SYNC_FOLDER, NULL, false},
    {"a run's end with NORMAL instead of FULL", RUN, 0, "NORMAL", true},
    {"a new store, syncs of folders left out", INIT, POWER_SYNC_FOLDER, NULL, false},
    {"a new store, syncs of the database left out", INIT, POWER_SYNC_DATABASE, NULL, false},
};

int main(int argc, char **argv)
{
	const char *asked = getenv("TRIALS"), *from = getenv("SEED"), *only = argc > 1 ? argv[1] : "";
	int64_t wanted = 60, seed = time_now_ms() % 1000000;
	int failed = 0, test = 0;
	struct tally tally;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (asked)
		int_parse(asked, strlen(asked), &wanted);
	if (wanted > 5000)
		wanted = 5000; /* that many a mode are the bar; kills are asked for in larger numbers */
	if (from)
		int_parse(from, strlen(from), &seed);
	printf("# SEED=%lld TRIALS=%lld\n1..%zu\n", (long long)seed, (long long)wanted,
	       COUNT_OF(kinds) + COUNT_OF(weaknesses));
	g.state = (uint64_t)seed * 0x9E3779B97F4A7C15u + 1;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (!strstr(kinds[i].name, only))
			continue;
		trials(&kinds[i], 0, wanted, &tally, true);
		failed += tally.lost || tally.unsound;
		printf("%sok %d - %s: %lld cuts, %lld lost, %lld unsound (%lld not there that need not be)\n",
		       tally.lost || tally.unsound ? "not " : "", ++test, kinds[i].name, (long long)tally.trials,
		       (long long)tally.lost, (long long)tally.unsound, (long long)tally.absent);
	}
	for (size_t i = 0; i < COUNT_OF(weaknesses); i++) {
		const struct weakness *w = &weaknesses[i];

		if (!strstr(w->name, only))
			continue;
		g.pragma = w->pragma;
		g.weak = w->weak;
		/* Some show in few moments: until one is found. */
		trials(&kinds[w->kind], w->forget, asked && wanted > FEW ? FEW : CUTS, &tally, false);
		while (!tally.lost && !tally.unsound && tally.trials < PATIENCE)
			trial(&kinds[w->kind], w->forget, CUTS, &tally, false);
		g.pragma = NULL;
		failed += !tally.lost && !tally.unsound;
		printf("%sok %d - found out: %s: %lld cuts, %lld lost, %lld unsound\n",
		       tally.lost || tally.unsound ? "" : "not ", ++test, w->name, (long long)tally.trials,
		       (long long)tally.lost, (long long)tally.unsound);
	}
	return failed != 0;
}
