/*
 * kill -9 of whoever edits: people's edits, runs that are made, removed and purged, edits that are taken back,
 * and `assay compact`, `assay backup`, each at random moments. What was acknowledged is there, once; what was
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

enum { EDITORS = 3, COMMANDS = 2, KINDS = 5, MOST_ACTS = 400000 };

struct acts {
	volatile int64_t begun; /* acts 0 … begun - 1 */
	volatile uint8_t done[MOST_ACTS];
};

static struct error err;
static uint64_t state;
static const char *program, *folder, *store_path_;
static struct acts *acts;
static int64_t runs[EDITORS];

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

/* Editors first, then commands. */
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
	command(which);
	_exit(1);
}

/* ---- the judge ---- */

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
	pid_t pids[EDITORS + COMMANDS];
	int64_t trials = 60, from = time_now_ms() % 1000000, counted, kills = 0;
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
	acts = mmap(NULL, EDITORS * sizeof(*acts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (acts == MAP_FAILED)
		return 3;
	must(store_init(store_path_, &err), "init");
	must(store_open(&s, store_path_, STORE_WRITE, &err), "open");
	for (int e = 0; e < EDITORS; e++)
		must(store_run_create(s, &(struct run_new){.name = "edited"}, &runs[e], uuid, &err), "run");
	store_close(s);
	printf("# SEED=%lld TRIALS=%lld\n1..3\n", (long long)from, (long long)trials);
	for (int i = 0; i < EDITORS + COMMANDS; i++)
		pids[i] = start(i);
	while (kills < trials) {
		int which = (int)draw(EDITORS + COMMANDS);

		pause_us(draw(12000));
		if (which >= EDITORS && waitpid(pids[which], &status, WNOHANG) == pids[which]) {
			/* A command that came to its end is no kill; backup is asked for again and again. */
			ended += WIFSIGNALED(status) || WEXITSTATUS(status) > 1;
		} else {
			kill(pids[which], SIGKILL);
			waitpid(pids[which], &status, 0);
			ended += which < EDITORS && !WIFSIGNALED(status);
			kills++;
		}
		pids[which] = start(which);
	}
	for (int i = 0; i < EDITORS + COMMANDS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
	}
	printf("%sok 1 - %lld kills, and nobody ended by himself with an error\n", ended ? "not " : "",
	       (long long)kills);
	wrong = judge(&counted);
	printf("%sok 2 - %lld acts that were acknowledged are there, once; none of the others is half there\n",
	       wrong ? "not " : "", (long long)counted);
	status = store_state_integrity(store_path_, &err) || counted < trials / 4;
	printf("%sok 3 - integrity_check is ok\n", status ? "not " : "");
	dir_remove(folder, NULL);
	return wrong || ended || status;
}
