/*
 * kill -9 of whoever edits: people's edits, runs that are made, removed and purged, edits that are taken back, edits
 * of so many runs that they are many transactions, and `assay compact`, `assay backup`, each at random moments. What was acknowledged is there, once; what was
 * not is there or not, whole.
 *
 *     TRIALS=100 SEED=1 build/tests/fault/edit_kills
 *
 * An editor says in memory that it shares with the judge which act it begins and which it has done; whoever
 * takes its place goes on behind.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "assay/store_remove.h"

#include "../lib/store_state.h"

enum { EDITORS = 3, COMMANDS = 2, KINDS = 5, MOST_ACTS = 400000, CROWD = 6000, CROWD_SPARED = 4 };

struct acts {
	volatile int64_t begun; /* acts 0 … begun - 1 */
	volatile uint8_t done[MOST_ACTS];
};

static struct error err;
static uint64_t state;
static const char *program, *folder, *store_path_;
static struct acts *acts; /* of the editors, and of the one of many */
static int64_t runs[EDITORS], crowd[CROWD];

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static void must(int rc, const char *what)
{
	if (!rc)
		return;
	printf("Bail out! %s: %s\n", what, err.text);
	exit(1);
}

static void pause_us(uint64_t us)
{
	struct timespec t = {0, (long)us * 1000};

	nanosleep(&t, NULL);
}

/* ---- acts ---- */

static int make_and_purge(struct store *s, const char *who, const char *name)
{
	struct run_new new = {.name = name};
	struct run_ending ending = {.status = RUN_DONE, .reason = ""};
	struct store_purge purge = {.next = 0};
	int64_t run, changed, left;
	char uuid[ID_TEXT];
	struct point p = {1, 1, 1};

	if (store_run_create(s, &new, &run, uuid, &err) ||
	    store_series_append(s, run, SERIES_METRIC, "m", NULL, &p, 1, &err) ||
	    store_run_end(s, run, &ending, &err) || store_remove(s, who, &run, 1, &changed, &left, &err))
		return -1;
	while (purge.next < 1)
		if (store_purge_some(s, who, &run, 1, 20, &purge, &err))
			return -1;
	return 0;
}

static int act(struct store *s, int editor, int64_t n)
{
	struct store_saved view = {.kind = "view", .experiment = ""};
	struct arena *mem = arena_new();
	char who[16], name[32];
	struct store_edit edit;
	int64_t changed;
	int result = 0;

	snprintf(who, sizeof(who), "editor-%d", editor);
	snprintf(name, sizeof(name), "n%d-%lld", editor, (long long)n);
	switch (n % KINDS) {
	case 0:
		result = store_tag_edit(s, who, &runs[editor], 1, name, "t", &changed, &err);
		break;
	case 1:
		result = store_note_edit(s, who, runs[editor], name, &err);
		break;
	case 2:
		view.name = view.text = name;
		result = store_saved_set(s, who, &view, &err);
		break;
	case 3:
		result = store_tag_edit(s, who, &runs[editor], 1, name, "u", &changed, &err) ||
		                 store_undo(s, who, mem, &edit, &err)
		             ? -1
		             : 0;
		break;
	default:
		result = make_and_purge(s, who, name);
	}
	arena_free(mem);
	return result;
}

static void edit_for_ever(int editor)
{
	struct acts *mine = &acts[editor];
	struct store *s;

	must(store_open(&s, store_path_, STORE_WRITE, &err), "open");
	while (mine->begun < MOST_ACTS) {
		int64_t n = mine->begun++;

		if (act(s, editor, n)) {
			printf("# editor %d, act %lld: %s\n", editor, (long long)n, err.text);
			fflush(stdout);
			_exit(1);
		}
		mine->done[n] = 1;
	}
	_exit(0);
}

/* ---- asking ---- */

static int64_t count_of(sqlite3 *db, const char *format, ...) PRINTF_LIKE(2, 3);
static int64_t count_of(sqlite3 *db, const char *format, ...)
{
	char sql[300];
	sqlite3_stmt *stmt = NULL;
	int64_t n = -1;
	va_list args;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

/* ---- many at once ---- */

/* All or none of the many have the tag, and it is of the last act that was done or of one begun since. */
static int crowd_wrong(void)
{
	char *file = path_join(store_path_, "assay.db");
	const struct acts *mine = &acts[EDITORS];
	int64_t has, values, value, n = mine->begun - 1;
	struct store *s;
	sqlite3 *db;
	int wrong;

	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return 1;
	sqlite3_busy_timeout(db, 60000);
	/* Another may be putting it back just now, or be killed while it does. */
	for (int tries = 0; tries < 2000 && count_of(db, "SELECT count(*) FROM about WHERE key = 'going'");
	     tries++) {
		pause_us(5000);
		must(store_open(&s, store_path_, STORE_WRITE, &err), "open");
		store_close(s);
	}
	has = count_of(db, "SELECT count(*) FROM tag WHERE key = 'crowd'");
	values = count_of(db, "SELECT count(DISTINCT value) FROM tag WHERE key = 'crowd'");
	value = count_of(db, "SELECT CAST(max(value) AS INTEGER) FROM tag WHERE key = 'crowd'");
	wrong =
	    !((has == 0 && values == 0) || (has == CROWD && values == 1)) ||
	    count_of(db, "SELECT count(*) FROM about WHERE key = 'going'") != 0 ||
	    count_of(db,
	             "SELECT count(*) FROM edit e WHERE who = 'crowd' AND (undone > 1 OR (SELECT count(*) FROM "
	             "edit_item i WHERE i.edit = e.id) <> %d)",
	             CROWD) != 0;
	/* An act of an even number tags with it, the next takes that back. */
	if (n >= 0 && mine->done[n] && n % 2 == 0)
		wrong = wrong || value != n;
	if (n >= 0 && mine->done[n] && n % 2 == 1)
		wrong = wrong || (has && value == n - 1 && mine->done[n - 1]);
	if (wrong)
		printf("# act %lld of many (%s): %lld have the tag, of %lld values (%lld)\n", (long long)n,
		       n >= 0 && mine->done[n] ? "done" : "begun", (long long)has, (long long)values,
		       (long long)value);
	sqlite3_close(db);
	free(file);
	return wrong;
}

static void edit_many_for_ever(void)
{
	struct acts *mine = &acts[EDITORS];
	struct store *s;

	must(store_open(&s, store_path_, STORE_WRITE, &err), "open");
	if (crowd_wrong()) {
		fflush(stdout);
		_exit(1);
	}
	while (mine->begun < MOST_ACTS) {
		int64_t n = mine->begun++, changed;
		struct arena *mem = arena_new();
		struct store_edit edit;
		char value[24];

		snprintf(value, sizeof(value), "%lld", (long long)n);
		if (n % 2 ? store_undo(s, "crowd", mem, &edit, &err)
		          : store_tag_edit(s, "crowd", crowd, CROWD, "crowd", value, &changed, &err)) {
			printf("# act %lld of many: %s\n", (long long)n, err.text);
			fflush(stdout);
			_exit(1);
		}
		mine->done[n] = 1;
		arena_free(mem);
	}
	_exit(0);
}

static void command(int which)
{
	char *file = xasprintf("%s/backup.tar", folder);
	const char *const compact[] = {program, "--store", store_path_, "compact", "--quiet", NULL};
	const char *const backup[] = {program, "--store", store_path_, "backup", file, "--quiet", NULL};

	/* A backup that is whole is in the way of the next. */
	unlink(file);
	execv(program, (char *const *)(uintptr_t)(which % 2 ? backup : compact));
	_exit(127);
}

/* Editors first, then the one of many, then commands. */
static pid_t start(int which)
{
	pid_t pid = fork();

	if (pid < 0) {
		printf("Bail out! fork\n");
		exit(1);
	}
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, (long)SIGKILL);
	if (which < EDITORS)
		edit_for_ever(which);
	if (which == EDITORS)
		edit_many_for_ever();
	command(which);
	_exit(1);
}

/* ---- the judge ---- */

/* How often the act stands in the store; -1: half. */
static int64_t found(sqlite3 *db, int editor, int64_t n, bool done)
{
	long long run = runs[editor], at = n;
	int64_t there, edits;

	switch (n % KINDS) {
	case 0:
		there =
		    count_of(db, "SELECT count(*) FROM tag WHERE run = %lld AND key = 'n%d-%lld'", run, editor, at);
		edits = count_of(db, "SELECT count(*) FROM edit_item WHERE kind = 'tag' AND key = 'n%d-%lld'", editor,
		                 at);
		return there == edits ? there : -1;
	case 1:
		return count_of(db, "SELECT count(*) FROM note WHERE run = %lld AND text = 'n%d-%lld'", run, editor,
		                at);
	case 2:
		return count_of(db, "SELECT count(*) FROM saved WHERE name = 'n%d-%lld'", editor, at);
	case 3: /* taken back, or just made */
		there =
		    count_of(db, "SELECT count(*) FROM tag WHERE run = %lld AND key = 'n%d-%lld'", run, editor, at);
		edits =
		    count_of(db,
		             "SELECT count(*) FROM edit e JOIN edit_item i ON i.edit = e.id WHERE i.kind = 'tag' AND "
		             "i.key = 'n%d-%lld' AND e.undone > 0",
		             editor, at);
		return done ? (there == 0 && edits <= 1 ? 1 : -1) : there + edits;
	default: /* gone, or at some step of its life */
		there = count_of(db, "SELECT count(*) FROM run WHERE name = 'n%d-%lld'", editor, at);
		edits = count_of(db, "SELECT count(*) FROM purged WHERE name = 'n%d-%lld'", editor, at);
		return done ? (there == 0 && edits == 1 ? 1 : -1) : there + edits;
	}
}

static int judge(int64_t *counted)
{
	char *file = path_join(store_path_, "assay.db");
	sqlite3 *db;
	int wrong = 0;

	*counted = 0;
	/* Nobody else is left: it may have indexes to find things by. */
	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_exec(db,
	                 "CREATE INDEX judge_item ON edit_item(key); CREATE INDEX judge_note ON note(text);"
	                 "CREATE INDEX judge_purged ON purged(name); CREATE INDEX judge_saved ON saved(name);"
	                 "CREATE INDEX judge_run ON run(name);",
	                 NULL, NULL, NULL) != SQLITE_OK)
		return 1;
	for (int e = 0; e < EDITORS; e++)
		for (int64_t n = 0; n < acts[e].begun; n++) {
			bool done = acts[e].done[n];
			int64_t times = found(db, e, n, done);

			*counted += done;
			if (done ? times == 1 : times == 0 || times == 1)
				continue;
			if (wrong++ < 10)
				printf("# editor %d, act %lld (kind %d): %s, found %lld\n", e, (long long)n, (int)(n % KINDS),
				       done ? "acknowledged" : "not acknowledged", (long long)times);
		}
	sqlite3_close(db);
	free(file);
	return wrong;
}

int main(void)
{
	const char *tmp = getenv("TMPDIR"), *asked = getenv("TRIALS"), *seed = getenv("SEED");
	char *self = path_absolute("/proc/self/exe"), *build = xstrdup(self), *slash;
	pid_t pids[EDITORS + 1 + COMMANDS];
	int64_t trials = 60, from = time_now_ms() % 1000000, counted, kills = 0, many = 0;
	int status, ended = 0, wrong;
	char uuid[ID_TEXT];
	struct store *s;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (asked)
		int_parse(asked, strlen(asked), &trials);
	if (seed)
		int_parse(seed, strlen(seed), &from);
	state = (uint64_t)from * 0x9E3779B97F4A7C15u + 1;
	for (int i = 0; i < 3 && (slash = strrchr(build, '/')); i++)
		*slash = '\0';
	program = path_join(build, "assay");
	char *dir = xasprintf("%s/assay-edits-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return 3;
	folder = dir;
	store_path_ = path_join(folder, ".assay");
	acts =
	    mmap(NULL, (EDITORS + 1) * sizeof(*acts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (acts == MAP_FAILED)
		return 3;
	must(store_init(store_path_, &err), "init");
	must(store_open(&s, store_path_, STORE_WRITE, &err), "open");
	for (int e = 0; e < EDITORS; e++)
		must(store_run_create(s, &(struct run_new){.name = "edited"}, &runs[e], uuid, &err), "run");
	must(store_begin(s, STORE_NORMAL, &err), "begin");
	for (int i = 0; i < CROWD; i++)
		must(store_run_create(s, &(struct run_new){.name = "many"}, &crowd[i], uuid, &err), "run");
	must(store_end(s, true, &err), "end");
	store_close(s);
	printf("# SEED=%lld TRIALS=%lld\n1..4\n", (long long)from, (long long)trials);
	for (int i = 0; i < EDITORS + 1 + COMMANDS; i++)
		pids[i] = start(i);
	while (kills < trials) {
		int which = (int)draw(EDITORS + 1 + COMMANDS);

		pause_us(draw(12000));
		/* It needs a while to come to an end now and then. */
		if (which == EDITORS && draw(CROWD_SPARED))
			continue;
		if (which > EDITORS && waitpid(pids[which], &status, WNOHANG) == pids[which]) {
			/* A command that came to its end is no kill; backup is asked for again and again. */
			ended += WIFSIGNALED(status) || WEXITSTATUS(status) > 1;
		} else {
			kill(pids[which], SIGKILL);
			waitpid(pids[which], &status, 0);
			ended += which <= EDITORS && !WIFSIGNALED(status);
			kills++;
			many += which == EDITORS;
		}
		pids[which] = start(which);
	}
	for (int i = 0; i < EDITORS + 1 + COMMANDS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
	}
	printf("%sok 1 - %lld kills, and nobody ended by himself with an error\n", ended ? "not " : "",
	       (long long)kills);
	printf("# %lld of them while many runs were edited, act %lld\n", (long long)many,
	       (long long)acts[EDITORS].begun);
	/* Whoever opens it to write puts back what was left in the middle. */
	must(store_open(&s, store_path_, STORE_WRITE, &err), "open");
	store_close(s);
	status = crowd_wrong();
	ended += status;
	printf("%sok 2 - an edit of %d runs is whole or not there\n", status ? "not " : "", CROWD);
	wrong = judge(&counted);
	printf("%sok 3 - %lld acts that were acknowledged are there, once; none of the others is half there\n",
	       wrong ? "not " : "", (long long)counted);
	status = store_state_integrity(store_path_, &err) || counted < trials / 4;
	printf("%sok 4 - integrity_check is ok\n", status ? "not " : "");
	dir_remove(folder, NULL);
	return wrong || ended || status;
}
