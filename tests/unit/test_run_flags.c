/* Why a run needs looking at: silence against what is usual, SIGKILL against what the kernel counted. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/run/flags.h"
#include "../../src/run/oom.h"

/* ---- silence ---- */

static const struct watch_settings usual_settings = {.stalled = 10, .least_ms = 60000};

/* Heard at these times; looked at every second. The first second that it is said to be silent too long; 0: never. */
static int64_t first_stall(const int64_t *heard, size_t n, int64_t until, int64_t *usual)
{
	struct quiet q;
	size_t at = 0;

	quiet_begin(&q, &usual_settings);
	for (int64_t now = 1000; now <= until; now += 1000) {
		while (at < n && heard[at] <= now)
			quiet_heard(&q, heard[at++]);
		if (quiet_too_long(&q, &usual_settings, now, usual) > 0)
			return now;
	}
	return 0;
}

static size_t every(int64_t *out, size_t n, int64_t from, int64_t to, int64_t step)
{
	for (int64_t t = from; t <= to; t += step)
		out[n++] = t;
	return n;
}

static void test_quiet(void **state)
{
	int64_t t[4000], usual;
	size_t n;

	(void)state;
	/* Every 2 s for 2 min, then nothing: after the minute that is the least. */
	n = every(t, 0, 2000, 120000, 2000);
	assert_int_equal(first_stall(t, n, 600000, &usual), 180000);
	assert_int_equal(usual, 2000);
	/* Every 30 s for 10 min: after ten times that. */
	n = every(t, 0, 30000, 600000, 30000);
	assert_int_equal(first_stall(t, n, 3600000, &usual), 900000);
	/* It prints a banner in a few seconds, and is quiet from then on: nothing is known of its habits. */
	n = every(t, 0, 1000, 15000, 1000);
	assert_int_equal(first_stall(t, n, 36000000, &usual), 0);
	/* Twenty lines at once every five minutes. */
	n = 0;
	for (int64_t e = 1; e <= 10; e++)
		for (int k = 0; k < 20; k++)
			t[n++] = e * 300000 + k * 10;
	assert_int_equal(first_stall(t, n, 3000000 + 900000, &usual), 0);
	/* A step a second, and a pause of four minutes for a checkpoint every ten: no stall while it is as it was. */
	n = 0;
	for (int64_t e = 0; e < 3; e++)
		n = every(t, n, e * 840000 + 1000, e * 840000 + 600000, 1000);
	assert_int_equal(first_stall(t, n, 839000, &usual), 660000);
	/* A run that has never said anything. */
	assert_int_equal(first_stall(t, 0, 36000000, &usual), 0);
}

/* We, or the machine, stood still: that is no silence of the run. */
static void test_quiet_paused(void **state)
{
	struct quiet q;
	int64_t usual;

	(void)state;
	quiet_begin(&q, &usual_settings);
	for (int64_t now = 1000; now <= 120000; now += 1000) {
		quiet_heard(&q, now);
		assert_int_equal(quiet_too_long(&q, &usual_settings, now, &usual), 0);
	}
	assert_int_equal(quiet_too_long(&q, &usual_settings, 4000000, &usual), 0);
	for (int64_t now = 4001000; now < 4060000; now += 1000)
		assert_int_equal(quiet_too_long(&q, &usual_settings, now, &usual), 0);
	assert_int_equal(quiet_too_long(&q, &usual_settings, 4060000, &usual), 60000);
	quiet_heard(&q, 4060500);
	assert_int_equal(quiet_too_long(&q, &usual_settings, 4061000, &usual), 0);
}

/* ---- memory ---- */

static char root[64];

static void put(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", root, name), *slash = strrchr(path, '/');
	struct error err;

	*slash = 0;
	assert_int_equal(dir_make(path, &err), 0);
	*slash = '/';
	assert_int_equal(file_write_atomic(path, text, strlen(text), 0644, &err), 0);
	free(path);
}

static void vmstat(int kills)
{
	char *text = xasprintf("nr_free_pages 1\noom_kill %d\noom_killer_other 7\n", kills);

	put("proc/vmstat", text);
	free(text);
}

static void group(const char *file, int kills)
{
	char *text = xasprintf("low 0\noom 3\noom_kill %d\noom_group_kill 0\n", kills);

	put(file, text);
	free(text);
}

static int begin(void **state)
{
	(void)state;
	snprintf(root, sizeof root, "/tmp/assay-oom-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return dir_remove(root, NULL);
}

static enum oom_verdict judge(struct oom_marks *m, uint64_t *bytes)
{
	enum oom_verdict verdict = oom_judge(m, 4321, bytes);

	oom_release(m);
	return verdict;
}

/* Only the machine's number is told: it says no, or that something was killed. */
static void test_oom_machine(void **state)
{
	struct oom_marks m;
	uint64_t bytes;

	(void)state;
	oom_begin(&m, root);
	oom_note(&m, 4321, 1000);
	assert_int_equal(judge(&m, &bytes), OOM_UNKNOWN);
	vmstat(5);
	oom_begin(&m, root);
	oom_note(&m, 4321, 1000);
	assert_int_equal(judge(&m, &bytes), OOM_NO);
	oom_begin(&m, root);
	oom_note(&m, 4321, 1000);
	vmstat(6);
	assert_int_equal(judge(&m, &bytes), OOM_MAYBE);
}

static void test_oom_groups(void **state)
{
	static const struct {
		const char *cgroup, *file;
	} cases[] = {
	    {"0::/user.slice/job\n", "sys/fs/cgroup/user.slice/job/memory.events"},
	    {"0::/elsewhere\n", "sys/fs/cgroup/memory.events"}, /* a container's view */
	    {"5:cpu:/x\n4:memory:/slurm/job\n0::/\n", "sys/fs/cgroup/memory/slurm/job/memory.oom_control"},
	    {"0::/a\n", "sys/fs/cgroup/unified/a/memory.events"},
	};
	struct oom_marks m;
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		vmstat(1);
		put("proc/4321/cgroup", cases[i].cgroup);
		group(cases[i].file, 2);
		oom_begin(&m, root);
		oom_note(&m, 4321, 1000);
		assert_non_null(m.group);
		vmstat(2);
		group(cases[i].file, 3);
		assert_int_equal(judge(&m, &bytes), OOM_KERNEL);
		/* Killed in another group. */
		oom_begin(&m, root);
		oom_note(&m, 4321, 1000);
		vmstat(3);
		assert_int_equal(judge(&m, &bytes), OOM_MAYBE);
		assert_int_equal(dir_remove(root, NULL), 0);
		assert_int_equal(mkdir(root, 0700), 0);
	}
}

/* What was counted long before the process was killed was another's; what was counted a moment before it is looked at
 * may have been its own kill. */
static void test_oom_window(void **state)
{
	struct oom_marks m;
	uint64_t bytes;

	(void)state;
	vmstat(1);
	put("proc/4321/cgroup", "0::/job\n");
	group("sys/fs/cgroup/job/memory.events", 0);
	oom_begin(&m, root);
	oom_note(&m, 4321, 1000);
	group("sys/fs/cgroup/job/memory.events", 1);
	for (int64_t now = 2000; now < 60000; now += 1000)
		oom_note(&m, 4321, now);
	assert_int_equal(judge(&m, &bytes), OOM_NO);
	oom_begin(&m, root);
	oom_note(&m, 4321, 1000);
	for (int64_t now = 2000; now < 30000; now += 1000)
		oom_note(&m, 4321, now);
	group("sys/fs/cgroup/job/memory.events", 2);
	for (int64_t now = 30000; now < 33000; now += 1000)
		oom_note(&m, 4321, now);
	/* Its group is gone with it. */
	put("proc/4321/cgroup", "");
	oom_note(&m, 4321, 34000);
	assert_int_equal(judge(&m, &bytes), OOM_KERNEL);
}

static void test_oom_messages(void **state)
{
	struct oom_marks m;
	uint64_t bytes;
	char *pid_ns;

	(void)state;
	vmstat(1);
	put("dev/kmsg",
	    "6,1,1,-;Memory cgroup out of memory: Killed process 4321 (old) total-vm:1kB, anon-rss:1kB\n");
	put("proc/self/ns/x", "");
	pid_ns = xasprintf("%s/proc/self/ns/pid", root);
	assert_int_equal(symlink("pid:[4026531836]", pid_ns), 0);
	oom_begin(&m, root);
	oom_note(&m, 4321, 1000);
	vmstat(2);
	/* Of another process; what stood there before the run began does not count. */
	{
		char *path = xasprintf("%s/dev/kmsg", root);
		FILE *f = fopen(path, "a");
		fputs("3,2,2,-;Out of memory: Killed process 43210 (x) total-vm:1kB, anon-rss:2kB\n", f);
		fclose(f);
		assert_int_equal(oom_judge(&m, 4321, &bytes), OOM_NO);
		f = fopen(path, "a");
		fputs("3,3,3,-;Out of memory: Killed process 4321 (python3) total-vm:9kB, anon-rss:2048kB, "
		      "file-rss:1024kB, shmem-rss:0kB, UID:0\n",
		      f);
		fclose(f);
		free(path);
	}
	assert_int_equal(judge(&m, &bytes), OOM_KERNEL);
	assert_int_equal(bytes, 3 << 20);
	free(pid_ns);
}

static void test_oom_words(void **state)
{
	struct ending killed = {.status = RUN_FAILED, .signal = SIGKILL, .exit_status = 137},
	              shell = {.status = RUN_FAILED, .exit_status = 137, .reason = "exit status 137"};

	(void)state;
	oom_words(&killed, OOM_KERNEL, 4187593113u);
	assert_string_equal(killed.reason, "killed by the kernel: out of memory (peak 3.90 GiB)");
	oom_words(&killed, OOM_NO, 1);
	assert_string_equal(killed.reason, "ended by SIGKILL; no sign of the out-of-memory killer");
	oom_words(&killed, OOM_UNKNOWN, 0);
	assert_string_equal(killed.reason, "ended by SIGKILL; whether for want of memory cannot be told here");
	oom_words(&shell, OOM_MAYBE, 1);
	assert_string_equal(shell.reason, "exit status 137");
}

static void test_flag_words(void **state)
{
	static const char *const words[][2] = {
	    {"", ""},
	    {"stopped (SIGSTOP): kill -CONT 7 lets it go on", "stopped"},
	    {"stalled: nothing for 4.0m (usually every 2.0s)", "stalled"},
	    {"loss is nan at step 120", "nan"},
	    {"val loss[eval] is -inf at step 1", "inf"},
	    {"loss has diverged: 9e9 at step 3, 1 at first", "diverged"},
	    {"nothing heard for 3m (host gpu7)", "unheard"},
	    {"something that a later version says", "flagged"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		assert_string_equal(run_flag_word(words[i][0]), words[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_quiet),
	    cmocka_unit_test(test_quiet_paused),
	    cmocka_unit_test_setup_teardown(test_oom_machine, begin, end),
	    cmocka_unit_test_setup_teardown(test_oom_groups, begin, end),
	    cmocka_unit_test_setup_teardown(test_oom_window, begin, end),
	    cmocka_unit_test_setup_teardown(test_oom_messages, begin, end),
	    cmocka_unit_test(test_oom_words),
	    cmocka_unit_test(test_flag_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
