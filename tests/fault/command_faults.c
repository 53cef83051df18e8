/*
 * Every command that changes something, on a disk that fails: each open for writing, write, sync, cut, rename,
 * link, removal and new folder below the project fails, once and then for ever, with a full disk, an I/O
 * error, a quota that is used up; and each allocation of the program. Whatever happens, the program says what
 * is wrong and ends with the status of that, the store is as it was or as it was to become, sound, and the
 * same command does its work as soon as the disk does.
 *
 *     SEED=… TRIALS=… build/tests/fault/command_faults [PART OF A NAME]
 *
 * TRIALS (250): about so many failing calls, chosen by SEED, as many of each command. 0: every call that writes, and
 * ALLOCATIONS (200; they all end in one place; 0: every one) allocations a command.
 *
 * build/assay is started with a C library of which a call fails (tests/standin/fail.c) in a copy of a project
 * that tests/fault/world.sh makes. What changes between two good tries of the same command (ids, times) is
 * found by trying twice, and is not compared.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "assay/ledger.h"

#include "../lib/store_view.h"
#include "../standin/fail.h"

enum { WORKERS = 2, WORDS = 24, MOST_COMPLAINTS = 5, WAIT_MS = 400, END_MS = 20000 };

/* What a command is allowed to leave when it fails half way, besides what it found and what it was to make:
 * each is a whole act of its own that the next try goes on from. */
enum leaves {
	LEAVES_NOTHING = 0,
	LEAVES_RUN = 1,    /* a run that says that it failed, or was lost */
	LEAVES_ROWS = 2,   /* rows of the ledger that come first (computed gates, seals) */
	LEAVES_CACHE = 4,  /* assay.db does not say yet what the ledger says: the next reads it from there */
	LEAVES_OUTPUT = 8, /* what it writes is no part of the store */
	LEAVES_STEPS = 16, /* a part of what it takes away, in steps; the next try does the rest */
};

static const struct command {
	const char *words; /* @ready @open @vote @poor @until: of base/rows */
	unsigned leaves;
	const char *before; /* another command first, without faults */
} commands[] = {
    {"init empty", LEAVES_ROWS, NULL}, /* a store without its ledger */
    {"tag third k=v", 0, NULL},
    {"note third text", 0, NULL},
    {"rename third other", 0, NULL},
    {"archive third", 0, NULL},
    {"restore fourth", 0, NULL},
    {"rm third --yes", 0, NULL},
    {"restore third", 0, "rm third --yes"},
    {"purge third --yes", LEAVES_STEPS, "rm third --yes"},
    {"compact", 0, NULL},
    {"backup copy.tar", LEAVES_OUTPUT, NULL},
    {"restore copy.tar --store empty", 0, "backup copy.tar"},
    {"doctor --save empty", 0, NULL},
    {"undo", 0, NULL},
    {"redo", 0, NULL},
    {"views save short --where params.l2=5", 0, NULL},
    {"views rm late", 0, NULL},
    {"data add more more.csv --label y --positive good", 0, NULL},
    {"data rm held", 0, NULL},
    {"train logistic --data set --test held -n new", LEAVES_RUN, NULL},
    {"run --pipe -n new -- /bin/echo hello", LEAVES_RUN, NULL},
    {"log - --name piped", LEAVES_RUN, NULL},
    {"evaluate fifth --data held", 0, NULL},
    {"bias fifth --by y", 0, NULL},
    {"predict fifth more.csv --out scores.csv", LEAVES_OUTPUT, NULL},
    {"bundle lending@1 out", LEAVES_OUTPUT, NULL},
    {"register fifth lending", LEAVES_ROWS | LEAVES_CACHE, NULL},
    {"models edit lending --owner mara@lab", 0, NULL},
    {"alias lending@1 best", 0, NULL},
    {"gate lending@1 production", LEAVES_ROWS, NULL},
    {"propose lending@1 staging --reason again --key mara", LEAVES_ROWS | LEAVES_CACHE, NULL},
    {"approve @open --reason good --key rita", LEAVES_CACHE, NULL},
    {"reject @open --reason bad --key ravi", LEAVES_CACHE, NULL},
    {"revoke @vote --reason wrong --key li", LEAVES_CACHE, NULL},
    {"promote @ready --reason due --key omar", LEAVES_ROWS | LEAVES_CACHE, NULL},
    {"rollback lending staging --reason slow --key omar", LEAVES_ROWS | LEAVES_CACHE, NULL},
    {"halt lending staging --reason wrong --key ravi", LEAVES_CACHE, NULL},
    {"resume lending staging --reason right --key li", LEAVES_CACHE,
     "halt lending staging --reason wrong --key ravi"},
    {"waive @poor held-out --until @until --reason a-reason-of-forty-characters-at-the-very-least --key "
     "ravi",
     LEAVES_CACHE, NULL},
    /* break-glass and retro-review want a key that is touched: rows like these, made by the same functions. */
    {"checkpoint --key mara", LEAVES_CACHE, NULL},
    {"roster sign roster.new --reason grow --key mara", LEAVES_CACHE, NULL},
    {"policy sign policy.ini --reason same --key mara", LEAVES_CACHE, NULL},
};

struct totals {
	int64_t next, cases, failed, ok, before, after, between;
};

struct lab {
	int number;
	char *root, *base, *program, *library, *state_file;
	const char *from; /* what a trial begins with: base, or what a command has made of it */
	char *ready;
	int complaints;
	struct fail_state *fail;
	struct totals *totals;
};

/* ---- folders ---- */

static void copy_tree(const char *from, const char *to)
{
	DIR *dir = opendir(from);
	const struct dirent *d;

	if (!dir || mkdir(to, 0777))
		bug("cannot copy %s to %s", from, to);
	while ((d = readdir(dir))) {
		char *a = path_join(from, d->d_name), *b = path_join(to, d->d_name);
		struct stat st;
		struct str text;

		str_init(&text);
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..") || lstat(a, &st)) {
			/* nothing */
		} else if (S_ISDIR(st.st_mode)) {
			copy_tree(a, b);
		} else if (S_ISLNK(st.st_mode)) {
			char target[4096];
			ssize_t n = readlink(a, target, sizeof(target) - 1);

			target[n > 0 ? n : 0] = '\0';
			if (symlink(target, b))
				bug("cannot copy %s", a);
		} else {
			int fd = open(b, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0777);

			if (file_read(a, &text, 0, NULL) || fd < 0 || fd_write_all(fd, text.data, text.len))
				bug("cannot copy %s", a);
			close(fd);
		}
		str_release(&text);
		free(a);
		free(b);
	}
	closedir(dir);
}

static void fresh(struct lab *lab)
{
	if (dir_remove(lab->root, NULL))
		bug("cannot remove %s", lab->root);
	copy_tree(lab->from, lab->root);
}

/* ---- what the store says ---- */

struct subject {
	const struct command *command;
	const char *below; /* where the store is */
	struct store_view before, after;
	bool *loose; /* cells that two good tries do not agree about */
	int64_t calls[2];
};

/* Which tables are neither as before nor as they were to become; and how many rows they have. */
static void differences(const struct subject *s, const struct store_view *v, struct str *out)
{
	const struct store_view *before = &s->before, *after = &s->after;

	str_clear(out);
	for (size_t i = 0; i < v->count; i++) {
		const struct store_cell *c = &v->cells[i];

		if ((i < before->count && store_cell_same(&before->cells[i], c)) ||
		    (i < after->count &&
		     (s->loose[i] ? after->cells[i].count == c->count : store_cell_same(&after->cells[i], c))))
			continue;
		str_addf(out, " %s(%lld, was %lld, to be %lld)", c->name, (long long)c->count,
		         (long long)(i < before->count ? before->cells[i].count : 0),
		         (long long)(i < after->count ? after->cells[i].count : 0));
		if (out->len > 700)
			break;
	}
}

/* ---- running ---- */

static const char *row_number(struct lab *lab, const char *name, struct arena *mem)
{
	char *path = path_join(lab->base, "rows");
	struct str text;
	const char *at;

	str_init(&text);
	if (file_read(path, &text, 0, NULL))
		bug("cannot read %s", path);
	at = strstr(text.data, name);
	name =
	    at ? arena_printf(mem, "%.*s", (int)strcspn(strchr(at, '=') + 1, "\n"), strchr(at, '=') + 1) : name;
	str_release(&text);
	free(path);
	return name;
}

struct outcome {
	int status, signal; /* of the process */
	char said[2000];    /* on its standard error */
};

/* Those that are its own, and those that were left to it. */
static void kill_children(void)
{
	struct str list;
	char *rest, *word;

	str_init(&list);
	if (file_read("/proc/thread-self/children", &list, 0, NULL))
		bug("cannot see which processes were left");
	rest = list.data;
	while ((word = strsep(&rest, " "))) {
		int64_t pid;

		if (int_parse(word, strlen(word), &pid))
			kill((pid_t)pid, SIGKILL);
	}
	str_release(&list);
}

/* Waits for `pid` and for all that it leaves behind, which a worker inherits: the watcher of a run tidies up some
 * milliseconds more, and would count, fail and write into the project of the next trial. False: at END_MS the rest was
 * killed. */
static bool wait_for_all(struct lab *lab, pid_t pid, bool faulty, int *status)
{
	int64_t start = time_mono_ms(), since = 0;
	bool in_time = true;
	pid_t ended;
	int how;

	while ((ended = waitpid(-1, &how, WNOHANG)) >= 0) {
		struct timespec pause = {0, 500000};
		int64_t now = time_mono_ms();

		if (ended == pid)
			*status = how;
		if (ended)
			continue;
		/* It waits for the disk, as it says: which does not stay so for ever. */
		if (faulty && !since && lab->fail->failed)
			since = now;
		if (since && now - since > WAIT_MS)
			lab->fail->at = 0;
		if (now - start > END_MS) {
			in_time = false;
			kill_children();
		}
		nanosleep(&pause, NULL);
	}
	return in_time;
}

/* One command in the project; with faults as lab->fail says, if `faulty`. */
static void run(struct lab *lab, const char *words, unsigned leaves, bool faulty, struct outcome *out)
{
	struct arena *mem = arena_new();
	const char *argv[WORDS] = {lab->program};
	char *copy = arena_printf(mem, "%s", words);
	char *errors = arena_printf(mem, "%s.said", lab->root);
	int status = 0, argc = 1;
	struct str said;
	bool in_time;
	pid_t pid;

	for (char *w; (w = strsep(&copy, " ")) && argc < WORDS - 1;)
		argv[argc++] = w[0] == '@' ? row_number(lab, w + 1, mem) : w;
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC),
		    fd = open(errors, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

		dup2(null, 0);
		/* What ran in a run says there what was wrong. */
		dup2(leaves & LEAVES_RUN ? fd : null, 1);
		dup2(fd, 2);
		if (chdir(lab->root))
			_exit(126);
		setenv("HOME", arena_printf(mem, "%s/home", lab->root), 1);
		setenv("XDG_CONFIG_HOME", arena_printf(mem, "%s/home/config", lab->root), 1);
		setenv("XDG_STATE_HOME", arena_printf(mem, "%s/home/state", lab->root), 1);
		setenv("FAIL_STATE", lab->state_file, 1);
		if (faulty)
			setenv("LD_PRELOAD", lab->library, 1);
		execv(lab->program, (char **)(uintptr_t)argv);
		_exit(127);
	}
	if (pid < 0)
		bug("cannot fork");
	in_time = wait_for_all(lab, pid, faulty, &status);
	*out = (struct outcome){.status = in_time && WIFEXITED(status) ? WEXITSTATUS(status) : -1,
	                        .signal = !in_time              ? SIGKILL
	                                  : WIFSIGNALED(status) ? WTERMSIG(status)
	                                                        : 0};
	str_init(&said);
	file_read(errors, &said, 0, NULL);
	/* The end of it: a run says much before. */
	snprintf(out->said, sizeof(out->said), "%s",
	         said.len < sizeof(out->said) ? said.data : said.data + said.len + 1 - sizeof(out->said));
	str_release(&said);
	arena_free(mem);
}

/* Runs that are left without anybody come to their end here. */
static void settle(struct lab *lab)
{
	struct outcome o;

	run(lab, "runs --quiet", 0, false, &o);
}

/* ---- trials ---- */

static void complain(struct lab *lab, const struct subject *s, const char *format, ...) PRINTF_LIKE(3, 4);
static void complain(struct lab *lab, const struct subject *s, const char *format, ...)
{
	const struct fail_state *f = lab->fail;
	char text[1500];
	va_list args;

	__atomic_add_fetch(&lab->totals->failed, 1, __ATOMIC_RELAXED);
	if (++lab->complaints > MOST_COMPLAINTS)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = '|';
	printf("# %s: %s %lld %s, %s: %s\n", s->command->words, f->what == FAIL_WRITES ? "write" : "allocation",
	       (long long)f->at, f->sticky ? "and all after" : "alone",
	       f->what == FAIL_WRITES ? strerror(f->error) : "no memory", text);
	fflush(stdout);
}

static void set_fault(struct lab *lab, uint32_t what, int64_t at, bool sticky, int error)
{
	lab->fail->what = what;
	lab->fail->at = at;
	lab->fail->sticky = sticky;
	lab->fail->error = error;
	lab->fail->calls = 0;
	lab->fail->failed = 0;
}

/* May it stand there so? */
static bool allowed(const struct subject *s, const struct store_view *now)
{
	unsigned leaves = s->command->leaves;

	if (now->count != s->before.count)
		return leaves && !s->before.count;
	for (size_t i = 0; i < now->count; i++) {
		const struct store_cell *c = &now->cells[i];
		bool ledger = !strncmp(c->name, "ledger.db", 9);

		if (store_cell_same(c, &s->before.cells[i]) ||
		    (i < s->after.count && store_cell_same(c, &s->after.cells[i])))
			continue;
		if (leaves & LEAVES_RUN && !ledger)
			continue;
		if (leaves & LEAVES_STEPS && !ledger && c->count >= s->after.cells[i].count)
			continue;
		/* No more rows than the whole act makes. */
		if (ledger ? leaves & (LEAVES_ROWS | LEAVES_CACHE) && c->count <= s->after.cells[i].count
		           : leaves & LEAVES_CACHE && c->count <= s->after.cells[i].count)
			continue;
		return false;
	}
	return true;
}

static bool judge_status(struct lab *lab, const struct subject *s, const struct outcome *o, uint32_t what)
{
	bool runs = s->command->leaves & LEAVES_RUN;

	if (o->signal) {
		complain(lab, s, "ended by signal %d: %s", o->signal, o->said);
		return false;
	}
	if (o->status == 0)
		return true;
	/* Of a run's own words it is said that the disk did not take them; of the run, that it was lost and why. */
	if (!strstr(o->said, "assay: ") &&
	    !(runs && (strstr(o->said, "could not be kept") || strstr(o->said, "  lost, ")))) {
		complain(lab, s, "status %d without a message: %s", o->status, o->said);
		return false;
	}
	if (!(o->status == ERR_STORE || (s->command->leaves & LEAVES_OUTPUT && o->status == ERR_ENV) ||
	      (what == FAIL_ALLOCATIONS && o->status == ERR_ENV) || (runs && o->status == ERR_ENV) ||
	      (runs && o->status == 125))) {
		complain(lab, s, "status %d: %s", o->status, o->said);
		return false;
	}
	return true;
}

/* Under one fault. False when the fault was not reached. */
static bool trial(struct lab *lab, const struct subject *s, uint32_t what, int64_t at, bool sticky, int error)
{
	struct outcome o, again;
	struct store_view now = {.count = 0}, then = {.count = 0};
	struct error err;
	bool done, untouched;
	struct str text;

	str_init(&text);
	fresh(lab);
	set_fault(lab, what, at, sticky, error);
	run(lab, s->command->words, s->command->leaves, true, &o);
	if (!lab->fail->failed)
		goto out;
	__atomic_add_fetch(&lab->totals->cases, 1, __ATOMIC_RELAXED);
	if (!judge_status(lab, s, &o, what))
		goto out;
	if (s->command->leaves & LEAVES_RUN)
		settle(lab);
	if (store_view(lab->root, s->below, &now, &err)) {
		complain(lab, s, "status %d, %s", o.status, err.text);
		goto out;
	}
	untouched = store_view_same(&now, &s->before, NULL);
	done = store_view_same(&now, &s->after, s->loose);
	__atomic_add_fetch(o.status == 0 ? &lab->totals->ok
	                   : done        ? &lab->totals->after
	                   : untouched   ? &lab->totals->before
	                                 : &lab->totals->between,
	                   1, __ATOMIC_RELAXED);
	if (o.status == 0 && !done && !(s->command->leaves & LEAVES_RUN)) {
		differences(s, &now, &text);
		complain(lab, s, "said to be done, but:%s", text.data);
	}
	if (o.status != 0 && !done && !untouched && !allowed(s, &now)) {
		differences(s, &now, &text);
		complain(lab, s, "(%s) between:%s", o.said, text.data);
	}
	run(lab, s->command->words, s->command->leaves, false, &again);
	/* A new store of which only the last note is missing is one; its first writer makes up for it. */
	if (again.status != 0 && !done && !(!s->before.count && now.count == s->after.count)) {
		complain(lab, s, "(%s) then, without a fault, status %d: %s", o.said, again.status, again.said);
		goto out;
	}
	if (store_view(lab->root, s->below, &then, &err))
		complain(lab, s, "then, without a fault: %s", err.text);
	else if (!done && o.status != 0 && s->command->leaves == 0 &&
	         !store_view_same(&then, &s->after, s->loose)) {
		differences(s, &then, &text);
		complain(lab, s, "(%s) done again without a fault:%s", o.said, text.data);
	}
out:
	str_release(&text);
	store_view_release(&now);
	store_view_release(&then);
	return lab->fail->failed;
}

/* How it goes without faults: twice, to see what differs anyway. */
static bool learn(struct lab *lab, struct subject *s)
{
	struct store_view other;
	struct outcome o;
	struct error err;

	for (int i = 0; i < 3; i++) {
		fresh(lab);
		if (i == 0 && store_view(lab->root, s->below, &s->before, &err)) {
			complain(lab, s, "%s", err.text);
			return false;
		}
		set_fault(lab, i == 2 ? FAIL_ALLOCATIONS : FAIL_WRITES, 0, false, 0);
		run(lab, s->command->words, s->command->leaves, true, &o);
		if (o.status != 0) {
			complain(lab, s, "without a fault: status %d: %s", o.status, o.said);
			return false;
		}
		if (i != 1)
			s->calls[i / 2] = lab->fail->calls;
		if (store_view(lab->root, s->below, i == 0 ? &s->after : &other, &err)) {
			complain(lab, s, "%s", err.text);
			return false;
		}
		if (i == 0) {
			s->loose = xcalloc(s->after.count + 1, sizeof(*s->loose));
			continue;
		}
		for (size_t k = 0; k < s->after.count && k < other.count; k++)
			s->loose[k] = s->loose[k] || !store_cell_same(&s->after.cells[k], &other.cells[k]);
		store_view_release(&other);
	}
	return true;
}

/* What comes before is done once: its times and ids are the same in all trials then. */
static bool prepare(struct lab *lab, const struct subject *s)
{
	char *ready = xasprintf("%s-ready", lab->root);
	struct outcome o;

	fresh(lab);
	dir_remove(ready, NULL);
	run(lab, s->command->before, 0, false, &o);
	if (o.status || rename(lab->root, ready)) {
		complain(lab, s, "%s: status %d: %s", s->command->before, o.status, o.said);
		free(ready);
		return false;
	}
	free(lab->ready);
	lab->from = lab->ready = ready;
	return true;
}

/* Of the numbers above `low`, to `high`. */
static int64_t one_of(uint64_t *state, int64_t low, int64_t high)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return low + 1 + (int64_t)((*state >> 33) % (uint64_t)(high - low));
}

/* sample: so many of its calls that write, and of its allocations, once and for ever. 0: all, and `allocations`. */
static void try_command(struct lab *lab, const struct command *c, uint64_t seed, int64_t sample,
                        int64_t allocations)
{
	static const int errors[] = {ENOSPC, EIO, EDQUOT, EROFS};
	struct subject s = {.command = c, .below = strstr(c->words, "empty") ? "empty/.assay" : ".assay"};
	uint64_t state = seed * 0x9E3779B97F4A7C15u + (uint64_t)(c - commands);
	int64_t tried = 0;

	lab->from = lab->base;
	lab->complaints = 0;
	if (c->before && !prepare(lab, &s))
		goto out;
	if (!learn(lab, &s))
		goto out;
	for (int what = 0; what < 2; what++) {
		/* Those that start others take long, and the disk's errors are all one to them. */
		size_t kinds = what || sample ? 1 : c->leaves & LEAVES_RUN ? 2 : COUNT_OF(errors);
		/* Without an end that is known: the next try may make some calls more. */
		int64_t calls = s.calls[what], all = calls + 3, many = what && !sample ? allocations : sample,
		        parts = many && many < calls ? many : all;

		for (int sticky = 0; sticky < 2; sticky++)
			for (size_t e = 0; e < kinds; e++)
				for (int64_t i = 0; i < parts; i++, tried++) {
					int64_t at =
					    parts == all ? i + 1 : one_of(&state, calls * i / parts, calls * (i + 1) / parts);

					/* A sample takes the errors in turn. */
					if (!trial(lab, &s, what ? FAIL_ALLOCATIONS : FAIL_WRITES, at, sticky,
					           errors[sample ? tried % 2 : (int64_t)e]) &&
					    parts == all)
						break;
				}
	}
	printf("# %s: %lld calls that write, %lld allocations, %lld cases\n", c->words, (long long)s.calls[0],
	       (long long)s.calls[1], (long long)tried);
	fflush(stdout);
out:
	store_view_release(&s.before);
	store_view_release(&s.after);
	free(s.loose);
}

static char *folder_up(const char *path, int levels)
{
	char *up = xstrdup(path), *slash;

	for (int i = 0; i < levels && (slash = strrchr(up, '/')); i++)
		*slash = '\0';
	return up;
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR"), *asked = getenv("TRIALS"), *from = getenv("SEED"),
	           *more = getenv("ALLOCATIONS"), *only = argc > 1 ? argv[1] : "";
	char *self = path_absolute("/proc/self/exe"), *build = folder_up(self, 3), *source = folder_up(build, 1);
	char *dir = xasprintf("%s/assay-command-XXXXXX", tmp                        ? tmp
	                                                 : access("/dev/shm", W_OK) ? "/tmp"
	                                                                            : "/dev/shm"),
	     *base;
	char *program = path_join(build, "assay"), *script = path_join(source, "tests/fault/world.sh");
	int64_t trials = 250, seed = time_now_ms() % 1000000, allocations = 200, start = time_mono_ms(), sample;
	struct totals *totals;
	struct error err;
	struct str out;
	int status;

	if (asked)
		int_parse(asked, strlen(asked), &trials);
	if (from)
		int_parse(from, strlen(from), &seed);
	if (more)
		int_parse(more, strlen(more), &allocations);
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!mkdtemp(dir) || totals == MAP_FAILED)
		return 3;
	sample = trials ? (trials - 1) / (4 * (int64_t)COUNT_OF(commands)) + 1 : 0;
	printf("# SEED=%lld TRIALS=%lld\n", (long long)seed, (long long)trials);
	fflush(stdout);
	/* What making the project leaves behind must have ended before the project is copied. */
	prctl(PR_SET_CHILD_SUBREAPER, 1L);
	base = path_join(dir, "base");
	if (mkdir(base, 0777))
		return 3;
	str_init(&out);
	{
		const char *const make[] = {"bash", script, program, base, NULL};

		if (child_capture(make, NULL, 60000, 65536, &out, NULL, &status, &err) || status) {
			printf("Bail out! %s: %s\n", script, out.data);
			return 1;
		}
	}
	str_release(&out);
	while (waitpid(-1, NULL, 0) > 0)
		;
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0) {
			struct lab lab = {.number = i, .base = base, .program = program, .totals = totals};
			int fd;

			prctl(PR_SET_PDEATHSIG, (long)SIGKILL);
			prctl(PR_SET_CHILD_SUBREAPER, 1L);
			lab.root = xasprintf("%s/project-%d", dir, i);
			lab.library = path_join(build, "tests/standin/libfail.so");
			lab.state_file = xasprintf("%s/fail-%d", dir, i);
			fd = open(lab.state_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
			if (fd < 0 || ftruncate(fd, sizeof(*lab.fail)))
				bug("cannot write %s", lab.state_file);
			lab.fail = mmap(NULL, sizeof(*lab.fail), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
			snprintf(lab.fail->root, sizeof(lab.fail->root), "%s", lab.root);
			for (;;) {
				int64_t next = __atomic_fetch_add(&totals->next, 1, __ATOMIC_RELAXED);

				if (next >= (int64_t)COUNT_OF(commands))
					_exit(0);
				if (strstr(commands[next].words, only))
					try_command(&lab, &commands[next], (uint64_t)seed, sample, allocations);
			}
		}
	while (waitpid(-1, &status, 0) > 0)
		totals->failed += status != 0;
	dir_remove(dir, NULL);
	printf("# %.1f s; %lld cases: in %lld the work was done all the same; of the errors %lld left the store "
	       "as before, "
	       "%lld as it was to become, %lld at a whole act between\n",
	       (double)(time_mono_ms() - start) / 1000, (long long)totals->cases, (long long)totals->ok,
	       (long long)totals->before, (long long)totals->after, (long long)totals->between);
	printf("%sok 1 - %lld failing calls of %zu commands\n1..1\n", totals->failed ? "not " : "",
	       (long long)totals->cases, COUNT_OF(commands));
	return totals->failed != 0;
}
