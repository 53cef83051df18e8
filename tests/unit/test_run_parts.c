/* run, by its parts: the child at its gate, how an end reads, the process tree, kept output, safe following.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/run/local.h"
#include "../../src/run/walk.h"

extern char **environ;

static char *temp_dir(void)
{
	const char *base = getenv("TMPDIR");
	char *path = xasprintf("%s/assay-run-XXXXXX", base ? base : "/tmp");

	assert_non_null(mkdtemp(path));
	return path;
}

/* ---- the child ---- */

struct outcome {
	int released, exit_status, wait;
	struct str output;
	struct error err;
};

static void run_child(const char *const *argv, const char *cwd, bool pipe, struct outcome *o)
{
	struct command_spec spec = {.argv = (char **)(uintptr_t)argv,
	                            .env = environ,
	                            .cwd = cwd,
	                            .pipe = pipe,
	                            .rows = 33,
	                            .columns = 77};
	struct command c;
	char buf[4096];
	ssize_t n;

	*o = (struct outcome){0};
	str_init(&o->output);
	assert_int_equal(command_prepare(&c, &spec, &o->err), 0);
	o->released = command_release(&c, &spec, &o->exit_status, &o->err);
	assert_int_equal(waitpid(c.pid, &o->wait, 0), c.pid);
	command_ended(&c);
	for (;;) {
		struct pollfd p = {c.out, POLLIN, 0};
		poll(&p, 1, 1000);
		n = read(c.out, buf, sizeof buf);
		if (n <= 0)
			break;
		str_add(&o->output, buf, (size_t)n);
	}
	close(c.out);
}

static void test_child(void **state)
{
	static const char *const words[] = {"sh", "-c", "test -t 1 && stty size <&1; pwd; echo end >&2", NULL};
	struct outcome o;

	(void)state;
	run_child(words, "/usr", false, &o);
	assert_int_equal(o.released, 0);
	assert_int_equal(o.wait, 0);
	assert_string_equal(o.output.data, "33 77\n/usr\nend\n");
	str_release(&o.output);
	run_child(words, "/usr", true, &o);
	assert_string_equal(o.output.data, "/usr\nend\n");
	str_release(&o.output);
}

/* What cannot be started says why, with the shells' numbers. */
static void test_child_fails(void **state)
{
	static const char *const none[] = {"no-such-command-anywhere", NULL};
	static const char *const folder[] = {"/usr", NULL};
	static const char *const fine[] = {"true", NULL};
	char *dir = temp_dir(), *script = path_join(dir, "x");
	const char *const orphan[] = {script, NULL};
	struct outcome o;

	(void)state;
	run_child(none, "/", false, &o);
	assert_int_equal(o.released, -1);
	assert_int_equal(o.exit_status, 127);
	assert_string_equal(o.err.text, "command not found: no-such-command-anywhere");
	str_release(&o.output);
	run_child(folder, "/", false, &o);
	assert_int_equal(o.exit_status, 126);
	str_release(&o.output);
	run_child(fine, "/no/such/folder", false, &o);
	assert_int_equal(o.released, -1);
	assert_int_equal(o.exit_status, 125);
	assert_non_null(strstr(o.err.text, "/no/such/folder"));
	str_release(&o.output);
	assert_int_equal(file_write_atomic(script, "#!/no/such/shell\n", 17, 0755, NULL), 0);
	run_child(orphan, "/", false, &o);
	assert_int_equal(o.exit_status, 127);
	assert_non_null(strstr(o.err.text, "interpreter"));
	str_release(&o.output);
	dir_remove(dir, NULL);
	free(script);
	free(dir);
}

/* If nobody opens the gate, the command does nothing. */
static void test_gate(void **state)
{
	char *dir = temp_dir(), *mark = path_join(dir, "mark");
	const char *const argv[] = {"touch", mark, NULL};
	struct command_spec spec = {.argv = (char **)(uintptr_t)argv, .env = environ, .cwd = "/", .pipe = true};
	struct command c;
	int status;

	(void)state;
	assert_int_equal(command_prepare(&c, &spec, NULL), 0);
	command_drop(&c);
	assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
	assert_false(file_exists(mark));
	close(c.out);
	dir_remove(dir, NULL);
	free(mark);
	free(dir);
}

/* Output written right before the end arrives whole. */
static void test_no_output_lost(void **state)
{
	static const char *const argv[] = {"sh", "-c",
	                                   "i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); done", NULL};

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct outcome o;
		run_child(argv, "/", i & 1, &o);
		assert_int_equal(o.output.len, 10 * 7 + 90 * 8 + 300 * 9);
		str_release(&o.output);
	}
}

static void test_endings(void **state)
{
	static const struct {
		const char *command;
		enum run_status status;
		int exit_status, signal;
		const char *reason;
	} rows[] = {
	    {"exit 0", RUN_DONE, 0, 0, ""},
	    {"exit 3", RUN_FAILED, 3, 0, "exit status 3"},
	    {"kill -TERM $$", RUN_FAILED, 143, SIGTERM, "ended by SIGTERM"},
	    {"kill -KILL $$", RUN_FAILED, 137, SIGKILL, "ended by SIGKILL"},
	    {"kill -SEGV $$", RUN_FAILED, 139, SIGSEGV, "ended by SIGSEGV"},
	    {"exit 255", RUN_FAILED, 255, 0, "exit status 255"},
	};
	char *dir = temp_dir();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *const argv[] = {"sh", "-c", rows[i].command, NULL};
		struct outcome o;
		struct ending e, back;
		run_child(argv, dir, false, &o);
		ending_of_wait(&e, o.wait);
		assert_int_equal(e.status, rows[i].status);
		assert_int_equal(e.exit_status, rows[i].exit_status);
		assert_int_equal(e.signal, rows[i].signal);
		assert_memory_equal(e.reason, rows[i].reason, strlen(rows[i].reason));
		assert_int_equal(ending_save(dir, &e, NULL), 0);
		assert_true(ending_load(dir, &back));
		assert_int_equal(back.status, e.status);
		assert_int_equal(back.exit_status, e.exit_status);
		assert_int_equal(back.at_ms, e.at_ms);
		assert_string_equal(back.reason, e.reason);
		str_release(&o.output);
	}
	dir_remove(dir, NULL);
	free(dir);
}

/* ---- processes ---- */

/* A child that spins for a while, its own child that holds memory, and a daemon that left them. */
static void test_tree(void **state)
{
	struct proc_use before, after;
	struct proc_list tree = {0};
	int ready[2], status;
	char byte;
	pid_t child;

	(void)state;
	prctl(PR_SET_CHILD_SUBREAPER, 1L);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		pid_t middle = fork();
		if (middle == 0) {
			if (fork() == 0) { /* the daemon: its parent goes, it leaves the session */
				setsid();
				for (;;)
					pause();
			}
			_exit(0);
		}
		waitpid(middle, NULL, 0);
		if (fork() == 0) {
			size_t size = 32 << 20;
			char *memory = xmalloc(size);
			memset(memory, 1, size);
			(void)!write(ready[1], memory, 1);
			for (;;)
				pause();
		}
		for (;;)
			;
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	proc_use_of(getpid(), &before);
	assert_int_equal(before.processes, 3);
	assert_int_equal(before.threads, 3);
	assert_true(before.rss > (32u << 20));
	for (int i = 0; i < 1200; i++) {
		poll(NULL, 0, 50);
		proc_use_of(getpid(), &after);
		if (after.cpu_s > before.cpu_s + 0.05)
			break;
	}
	assert_true(after.cpu_s > before.cpu_s + 0.05);
	proc_tree(getpid(), &tree);
	assert_int_equal(tree.count, 3);
	for (size_t i = 0; i < tree.count; i++)
		kill(tree.pids[i], SIGKILL);
	while (waitpid(-1, &status, 0) > 0)
		;
	proc_tree(getpid(), &tree);
	assert_int_equal(tree.count, 0);
	proc_list_release(&tree);
	close(ready[0]);
	close(ready[1]);
}

static void test_identity(void **state)
{
	struct run_process self, other;
	struct proc_list found = {0};
	pid_t child;
	char uuid[ID_TEXT], *env;
	char *envp[2] = {0};

	(void)state;
	assert_true(proc_identify(getpid(), &self));
	assert_true(proc_alive(&self));
	other = self;
	other.start_ticks++; /* the number came round again */
	assert_false(proc_alive(&other));
	other = self;
	other.boot_id[0] = 'x'; /* the machine was started anew */
	assert_false(proc_alive(&other));
	assert_true(proc_before_boot(&other));
	id_make(uuid);
	env = xasprintf("ASSAY_RUN_ID=%s", uuid);
	envp[0] = env;
	child = fork();
	if (child == 0) {
		execle("/bin/sleep", "sleep", "60", (char *)NULL, envp);
		_exit(1);
	}
	for (int i = 0; i < 3000 && found.count == 0; i++) {
		poll(NULL, 0, 20);
		proc_of_run(uuid, &found);
	}
	assert_int_equal(found.count, 1);
	assert_int_equal(found.pids[0], child);
	assert_true(proc_identify(child, &other));
	kill(child, SIGKILL);
	/* Not waited for, it is a zombie: dead all the same. */
	for (int i = 0; i < 6000 && proc_alive(&other); i++)
		poll(NULL, 0, 10);
	assert_false(proc_alive(&other));
	proc_of_run(uuid, &found);
	assert_int_equal(found.count, 0);
	waitpid(child, NULL, 0);
	proc_list_release(&found);
	free(env);
}

/* ---- output ---- */

static void test_bounded_output(void **state)
{
	enum { HEAD = 1 << 20, TAIL = 1 << 20, BLOCK = 1 << 16 };
	char *dir = temp_dir(), *path = path_join(dir, "output.log"), *kept = NULL, *block = xmalloc(BLOCK);
	struct output o;
	struct stat st;
	struct str text;
	uint64_t total = 0;

	(void)state;
	str_init(&text);
	assert_int_equal(output_open(&o, path, HEAD, TAIL, NULL), 0);
	for (int i = 0; i < 512; i++) {
		memset(block, 'a' + i % 26, BLOCK);
		assert_int_equal(output_add(&o, block, BLOCK), 0);
		total += BLOCK;
	}
	output_close(&o);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, total);
	if (!o.holed)
		skip(); /* a file system without holes: everything stays */
	assert_true((uint64_t)st.st_blocks * 512 < HEAD + TAIL + (12 << 20));
	assert_int_equal(output_keep(dir, &kept, NULL), 0);
	assert_int_equal(file_read(kept, &text, 0, NULL), 0);
	assert_true(text.len < HEAD + TAIL + (12 << 20));
	assert_int_equal(text.data[0], 'a');
	assert_int_equal(text.data[HEAD - 1], 'a' + (HEAD - 1) / BLOCK % 26);
	assert_memory_equal(text.data + HEAD, "\n[", 2);
	assert_non_null(strstr(text.data + HEAD, "bytes of output in between were not kept]\n"));
	assert_int_equal(text.data[text.len - 1], 'a' + 511 % 26);
	str_release(&text);
	dir_remove(dir, NULL);
	free(kept);
	free(block);
	free(path);
	free(dir);
}

/* A limit on the size of files stands for a disk that is full, then has room. */
static void test_missing_output(void **state)
{
	char *dir = temp_dir(), *path = path_join(dir, "output.log");
	struct rlimit old, small = {.rlim_cur = 6};
	struct output o;
	struct str text;

	(void)state;
	str_init(&text);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(output_open(&o, path, 1 << 20, 1 << 20, NULL), 0);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(output_add(&o, "0123456789", 10), -1);
	assert_int_equal(output_own_up(&o), -1);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(output_own_up(&o), 0);
	assert_int_equal(output_own_up(&o), 0);
	output_close(&o);
	assert_int_equal(file_read(path, &text, 0, NULL), 0);
	assert_string_equal(text.data, "012345\n[4 bytes of output could not be kept]\n");
	str_release(&text);
	dir_remove(dir, NULL);
	free(path);
	free(dir);
}

#define SAFE(in, wanted) safe((in), sizeof(in) - 1, (wanted))
static void safe(const char *in, size_t len, const char *wanted)
{
	struct str held, out;

	for (size_t piece = 1; piece <= len; piece++) {
		str_init(&held);
		str_init(&out);
		for (size_t at = 0; at < len; at += piece)
			follow_safe(&held, in + at, len - at < piece ? len - at : piece, false, &out);
		follow_safe(&held, "", 0, true, &out);
		assert_string_equal(out.data, wanted);
		assert_int_equal(held.len, 0);
		str_release(&held);
		str_release(&out);
	}
}

/* Colours pass; what could move about or speak to the terminal is shown; however it is cut. */
static void test_safe(void **state)
{
	(void)state;
	SAFE("a\r\tb\n", "a\r\tb\n");
	SAFE("\033[1;31mred\033[0m\033[K", "\033[1;31mred\033[0m\033[K");
	SAFE("\033[2Jx", "\\x1b[2Jx");
	SAFE("\033]0;t\007x", "\\x1b]0;t\\x07x");
	SAFE("\033[", "\\x1b[");
	safe("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", 15,
	     "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
	SAFE("\xc3", "\\xc3");
	SAFE("a\0b", "a\\x00b");
}

/* ---- looking below a folder ---- */

static bool is_any(const char *name)
{
	(void)name;
	return true;
}

static void count_it(void *user, const char *folder, int dir, const char *name, const struct stat *st)
{
	(void)folder;
	(void)dir;
	(void)name;
	(void)st;
	++*(int *)user;
}

/* A machine that is busy with something else does not hide what is soon looked through. */
static void test_walk_out_of_time(void **state)
{
	int count = 0;
	struct walk_look look = {.ms = 0, .wanted = is_any, .take = count_it, .user = &count};
	char *dir = temp_dir();

	(void)state;
	for (int i = 0; i < 1500; i++) {
		char *folder = xasprintf("%s/%d", dir, i % 100), *name = xasprintf("%s/%d", folder, i);

		assert_int_equal(dir_make(folder, NULL), 0);
		assert_int_equal(file_write_atomic(name, "", 0, 0600, NULL), 0);
		free(name);
		free(folder);
	}
	walk_files(dir, &look);
	assert_in_range(count, 700,
	                900); /* of a thousand names a hundred are folders, and each has two of its own */
	dir_remove(dir, NULL);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_child),
	    cmocka_unit_test(test_child_fails),
	    cmocka_unit_test(test_gate),
	    cmocka_unit_test(test_no_output_lost),
	    cmocka_unit_test(test_endings),
	    cmocka_unit_test(test_tree),
	    cmocka_unit_test(test_identity),
	    cmocka_unit_test(test_bounded_output),
	    cmocka_unit_test(test_missing_output),
	    cmocka_unit_test(test_safe),
	    cmocka_unit_test(test_walk_out_of_time),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("run: parts", tests, NULL, NULL);
}
