/* base: safe text, files, configuration, child processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assay/base.h"

static int make_folder(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/assay-base-XXXXXX", tmp ? tmp : "/tmp");

	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
	int rc = dir_remove(*state, NULL);

	free(*state);
	return rc;
}

static void expect_safe(const char *bytes, size_t len, unsigned flags, const char *expected)
{
	struct str out;

	str_init(&out);
	safe_text(&out, bytes, len, flags);
	assert_string_equal(out.data, expected);
	str_release(&out);
}

static void dangerous_text_is_made_visible(void **state)
{
	(void)state;
	expect_safe("plain", 5, 0, "plain");
	expect_safe("a\x1b[31mb", 7, 0, "a\\x1b[31mb");
	expect_safe("a\nb\tc", 5, 0, "a\\nb\\tc");
	expect_safe("a\nb\tc", 5, SAFE_NEWLINES, "a\nb c");
	expect_safe("a\0b\x7f", 4, 0, "a\\x00b\\x7f");
	expect_safe("\xff\xc3", 2, 0, "\\xff\\xc3");
	expect_safe("\xc0\xaf", 2, 0, "\\xc0\\xaf");          /* overlong slash */
	expect_safe("\xed\xa0\x80", 3, 0, "\\xed\\xa0\\x80"); /* surrogate */
	expect_safe("\xc2\x9b"
	            "31m",
	            5, 0, "<U+009B>31m");                   /* C1 CSI */
	expect_safe("x\xe2\x80\xaey", 5, 0, "x<U+202E>y");  /* right-to-left override */
	expect_safe("x\xe2\x80\x8by", 5, 0, "x<U+200B>y");  /* zero width space */
	expect_safe("\xf3\xa0\x81\x81", 4, 0, "<U+E0041>"); /* tag character */
	expect_safe("\xee\x80\x80", 3, 0, "<U+E000>");      /* private use */
	expect_safe("caf\xc3\xa9", 5, 0, "caf\xc3\xa9");
	expect_safe("caf\xc3\xa9", 5, SAFE_ASCII, "caf<U+00E9>");
	expect_safe("\xcc\x81"
	            "a",
	            3, 0, "<U+0301>a"); /* mark without a base */
	expect_safe("a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", 11, 0,
	            "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81<U+0301>");
	/* Hebrew, Arabic letters and digits, a colour of skin: they would move what stands beside them. */
	expect_safe("x\xd7\xa9 1", 5, 0, "x<U+05E9> 1");
	expect_safe("\xd8\xb9\xd9\xa3", 4, 0, "<U+0639><U+0663>");
	expect_safe("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", 8, 0, "\xf0\x9f\x91\x8d<U+1F3FD>");
	expect_safe("x\xd7\xa9 1\x1b", 6, SAFE_LETTERS, "x\xd7\xa9 1\\x1b");
}

static void every_byte_pair_comes_out_clean(void **state)
{
	(void)state;
	for (int a = 0; a < 256; a++) {
		for (int b = 0; b < 256; b++) {
			char in[3] = {(char)a, (char)b, 'z'};
			struct str out, again;

			str_init(&out);
			str_init(&again);
			safe_text(&out, in, 3, 0);
			for (size_t i = 0; i < out.len; i++)
				assert_true((unsigned char)out.data[i] >= 0x20 && (unsigned char)out.data[i] != 0x7F);
			safe_text(&again, out.data, out.len, 0);
			assert_string_equal(out.data, again.data); /* what is safe stays as it is */
			str_release(&out);
			str_release(&again);
		}
	}
}

static void widths_are_those_of_the_terminal(void **state)
{
	int width;

	(void)state;
	assert_int_equal(text_width("abc", 3), 3);
	assert_int_equal(text_width("\xe6\xbc\xa2\xe5\xad\x97", 6), 4);
	assert_int_equal(text_width("e\xcc\x81", 3), 1);
	assert_int_equal(text_grapheme("e\xcc\x81x", 4, &width), 3);
	assert_int_equal(text_fit("\xe6\xbc\xa2\xe5\xad\x97", 6, 3, &width), 3);
	assert_int_equal(width, 2);
	assert_int_equal(text_fit("abcdef", 6, 0, &width), 0);
	assert_int_equal(text_grapheme("", 0, &width), 0);
}

static void atomic_write_is_all_or_nothing(void **state)
{
	char *path = path_join(*state, "file");
	struct rlimit old, small = {8, 8};
	struct str text;
	struct error err;
	struct stat st;
	char big[1000] = {0};
	int rc, fifo;

	str_init(&text);
	assert_int_equal(file_write_atomic(path, "first", 5, 0640, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	rc = file_write_atomic(path, big, sizeof(big), 0640, &err);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(rc, -1);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(file_read(path, &text, 0, &err), 0);
	assert_string_equal(text.data, "first");
	assert_int_equal(file_read(path, &text, 3, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(file_read("/nonexistent/x", &text, 0, &err), -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	fifo = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(file_write_atomic(path, "into", 4, 0640, &err), 0);
	assert_int_equal(read(fifo, big, sizeof(big)), 4);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	close(fifo);
	str_release(&text);
	free(path);
}

static void a_link_is_written_through(void **state)
{
	char *folder = path_join(*state, "far"), *target = path_join(*state, "far/file"),
	     *link = path_join(*state, "near"), *second = path_join(*state, "nearer");
	struct str text;
	struct error err;
	struct stat st;

	str_init(&text);
	assert_int_equal(dir_make(folder, &err), 0);
	assert_int_equal(symlink("far/file", link), 0);
	assert_int_equal(symlink(link, second), 0);
	/* First it leads nowhere yet. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(file_write_atomic(second, i ? "new" : "old", 3, 0644, &err), 0);
		assert_int_equal(file_read(target, &text, 0, &err), 0);
		assert_string_equal(text.data, i ? "new" : "old");
		assert_int_equal(lstat(link, &st), 0);
		assert_true(S_ISLNK(st.st_mode));
		assert_int_equal(lstat(second, &st), 0);
		assert_true(S_ISLNK(st.st_mode));
	}
	unlink(target);
	unlink(link);
	assert_int_equal(symlink("nearer", link), 0); /* round and round */
	assert_int_equal(file_write_atomic(second, "x", 1, 0644, &err), -1);
	unlink(link);
	unlink(second);
	str_release(&text);
	free(second);
	free(link);
	free(target);
	free(folder);
}

static void folders_are_made_and_removed(void **state)
{
	char *deep = path_join(*state, "a/b/c"), *file = path_join(*state, "a/b/c/f"),
	     *link = path_join(*state, "a/link");
	char *a = path_join(*state, "a"), *under = path_join(*state, "a/b/c/f/x"), hex[SHA256_TEXT];
	struct error err;
	uint64_t size;

	assert_int_equal(dir_make(deep, &err), 0);
	assert_int_equal(dir_make(deep, &err), 0);
	assert_int_equal(file_write_atomic(file, "abc", 3, 0644, &err), 0);
	assert_int_equal(sha256_file(file, hex, &size, &err), 0);
	assert_int_equal(size, 3);
	assert_true(!strncmp(hex, "ba7816bf", 8));
	assert_int_equal(sha256_file(deep, hex, &size, &err), -1);
	assert_int_equal(dir_make(under, &err), -1);
	assert_int_equal(symlink("/etc", link), 0);
	assert_int_equal(dir_remove(a, &err), 0);
	assert_false(file_exists(a));
	assert_true(file_exists("/etc"));
	assert_int_equal(dir_remove(a, &err), 0);
	free(deep);
	free(file);
	free(link);
	free(a);
	free(under);
}

static int collect(void *user, const char *section, const char *key, const char *value, int line,
                   struct error *err)
{
	if (!strcmp(key, "bad"))
		return error_set(err, ERR_USAGE, "unknown key \"%s\"", key);
	str_addf(user, "%s.%s=%s@%d;", section, key, value, line);
	return 0;
}

static void ini_knows_its_lines(void **state)
{
	struct str got;
	struct error err;
	char longer[1200];

	(void)state;
	str_init(&got);
	assert_int_equal(ini_read_text("x.ini", "# c\n[a]\nk = v\n\nl=w x\n[b]\nm = 1", collect, &got, &err), 0);
	assert_string_equal(got.data, "a.k=v@3;a.l=w x@5;b.m=1@7;");
	assert_int_equal(ini_read_text("x.ini", "[a]\n\nbad = 1\nk = 2\n", collect, &got, &err), -1);
	assert_string_equal(err.text, "x.ini:3: unknown key \"bad\"");
	assert_int_equal(ini_read_text("x.ini", "[a]\nnonsense\n", collect, &got, &err), -1);
	assert_true(!strncmp(err.text, "x.ini:2: ", 9));
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(ini_read_text("x.ini", longer, collect, &got, &err), -1);
	str_release(&got);
}

static void child_output_is_kept_apart_and_bounded(void **state)
{
	const char *const both[] = {"sh", "-c", "echo out; echo err >&2; exit 3", NULL};
	const char *const much[] = {"sh", "-c", "head -c 200000 /dev/zero | tr '\\0' x", NULL};
	const char *const where[] = {"pwd", NULL};
	const char *const missing[] = {"assay-no-such-program", NULL};
	struct str out, errout;
	struct error err;
	int status;

	(void)state;
	str_init(&out);
	str_init(&errout);
	assert_int_equal(child_capture(both, NULL, 60000, 1000, &out, &errout, &status, &err), 0);
	assert_string_equal(out.data, "out\n");
	assert_string_equal(errout.data, "err\n");
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	str_clear(&out);
	assert_int_equal(child_capture(much, NULL, 60000, 1000, &out, NULL, &status, &err), 0);
	assert_int_equal(out.len, 1000);
	str_clear(&out);
	assert_int_equal(child_capture(where, "/", 60000, 1000, &out, NULL, &status, &err), 0);
	assert_string_equal(out.data, "/\n");
	assert_int_equal(child_capture(missing, NULL, 60000, 1000, &out, NULL, &status, &err), -1);
	assert_int_equal(err.code, ERR_ENV);
	str_release(&out);
	str_release(&errout);
}

static void child_that_hangs_is_stopped(void **state)
{
	const char *const hang[] = {"sh", "-c", "sleep 60 & sleep 60", NULL};
	const char *const deaf[] = {"sh", "-c", "exec >&- 2>&-; sleep 60", NULL};
	struct str out;
	struct error err;
	int64_t start = time_mono_ms();
	int status;

	(void)state;
	str_init(&out);
	assert_int_equal(child_capture(hang, NULL, 100, 1000, &out, NULL, &status, &err), -1);
	assert_int_equal(child_capture(deaf, NULL, 100, 1000, &out, NULL, &status, &err), -1);
	assert_non_null(strstr(err.text, "100 ms"));
	assert_true(time_mono_ms() - start < 30000);
	str_release(&out);
}

static void *set_after_a_while(void *flag)
{
	poll(NULL, 0, 100);
	*(volatile bool *)flag = true;
	return NULL;
}

static void child_gets_input_and_can_be_cancelled(void **state)
{
	const char *const count[] = {"sh", "-c",
	                             "exec 2>/dev/null; wc -c; head -c 3 /dev/tty || echo no terminal", NULL};
	const char *const first[] = {"head", "-c", "1", NULL};
	const char *const hang[] = {"sh", "-c", "sleep 60 & sleep 60", NULL};
	volatile bool cancel = false;
	char *much = xcalloc(1, 300000);
	struct str out;
	struct error err;
	struct child c = {.argv = count, .in = much, .in_len = 300000, .timeout_ms = 60000, .limit = 1000};
	pthread_t other;
	int64_t start;

	(void)state;
	str_init(&out);
	c.out = &out;
	assert_int_equal(child_run(&c, &err), 0);
	assert_string_equal(out.data, "300000\nno terminal\n");
	/* Who does not read it all does no harm. */
	c.argv = first;
	assert_int_equal(child_run(&c, &err), 0);
	assert_int_equal(c.status, 0);
	c = (struct child){.argv = hang, .timeout_ms = 60000, .cancel = &cancel};
	start = time_mono_ms();
	assert_int_equal(pthread_create(&other, NULL, set_after_a_while, (void *)(uintptr_t)&cancel), 0);
	assert_int_equal(child_run(&c, &err), -1);
	assert_true(c.cancelled && !c.late);
	assert_true(time_mono_ms() - start < 30000);
	assert_non_null(strstr(err.text, "on request"));
	pthread_join(other, NULL);
	free(much);
	str_release(&out);
}

static void child_reads_the_files_that_it_keeps_and_no_others(void **state)
{
	int files[] = {child_file("roster", 6), child_file("signature", 9)}, secret = child_file("secret", 6);
	char *script =
	    xasprintf("cat /proc/self/fd/%d /proc/self/fd/%d; cat /proc/self/fd/%d 2>&-|| echo ' none'", files[1],
	              files[0], secret);
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct str out;
	struct error err;
	struct child c = {.argv = argv, .keep = files, .keep_count = 2, .timeout_ms = 60000, .limit = 1000};

	(void)state;
	str_init(&out);
	c.out = &out;
	/* Each time from the beginning. */
	for (int i = 0; i < 2; i++) {
		str_clear(&out);
		assert_int_equal(child_run(&c, &err), 0);
		assert_string_equal(out.data, "signatureroster none\n");
	}
	close(files[0]);
	close(files[1]);
	close(secret);
	free(script);
	str_release(&out);
}

static void network_folders_are_told_apart(void **state)
{
	const char *kind = NULL;

	(void)state;
	assert_false(path_is_network("/proc", &kind));
	assert_false(path_is_network("/nonexistent/x", &kind));
}

static void plain_paths(void **state)
{
	static const char *const plain[] = {"a", "a/b", ".a", "..a", "a/...", "a b/c"};
	static const char *const not [] = {"",   "/",   "/a",  "a/",    "a//b", ".",
	                                   "..", "./a", "a/.", "a/./b", "a/..", "../a"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		assert_true(path_is_plain(plain[i]));
	for (size_t i = 0; i < COUNT_OF(not ); i++)
		assert_false(path_is_plain(not [i]));
}

static void locked_files(void **state)
{
	char *path = path_join(*state, "lock");
	int fd;

	assert_false(file_is_locked(path));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_false(file_is_locked(path));
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_true(file_is_locked(path));
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_false(file_is_locked(path));
	close(fd);
	free(path);
}

static void xdg_paths_follow_the_variables(void **state)
{
	char *path;

	(void)state;
	setenv("XDG_CONFIG_HOME", "/x/conf", 1);
	path = xdg_config_path("keys.ini");
	assert_string_equal(path, "/x/conf/assay/keys.ini");
	free(path);
	setenv("XDG_CONFIG_HOME", "relative", 1); /* to be ignored */
	setenv("HOME", "/h", 1);
	path = xdg_config_path("keys.ini");
	assert_string_equal(path, "/h/.config/assay/keys.ini");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dangerous_text_is_made_visible),
	    cmocka_unit_test(every_byte_pair_comes_out_clean),
	    cmocka_unit_test(widths_are_those_of_the_terminal),
	    cmocka_unit_test_setup_teardown(atomic_write_is_all_or_nothing, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(a_link_is_written_through, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(folders_are_made_and_removed, make_folder, remove_folder),
	    cmocka_unit_test(ini_knows_its_lines),
	    cmocka_unit_test(child_output_is_kept_apart_and_bounded),
	    cmocka_unit_test(child_that_hangs_is_stopped),
	    cmocka_unit_test(child_gets_input_and_can_be_cancelled),
	    cmocka_unit_test(child_reads_the_files_that_it_keeps_and_no_others),
	    cmocka_unit_test(network_folders_are_told_apart),
	    cmocka_unit_test(plain_paths),
	    cmocka_unit_test_setup_teardown(locked_files, make_folder, remove_folder),
	    cmocka_unit_test(xdg_paths_follow_the_variables),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
