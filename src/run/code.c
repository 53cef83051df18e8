/* code: what state the code and the environment were in. git is asked with everything that a foreign
 * repository could make it run switched off, and for a bounded time. */
#include <sys/wait.h>
#include <unistd.h>

#include "local.h"

enum { GIT_MS = 5000, DIFF_MAX = 8 << 20 };

static bool in_work_tree(const char *cwd)
{
	struct str path;
	bool found = false;

	str_init(&path);
	str_adds(&path, cwd);
	for (;;) {
		size_t len = path.len;
		char *slash;
		str_adds(&path, "/.git");
		found = file_exists(path.data);
		str_cut(&path, len);
		if (found || !(slash = strrchr(path.data, '/')))
			break;
		str_cut(&path, (size_t)(slash - path.data));
	}
	str_release(&path);
	return found;
}

static bool git(const char *cwd, const char *const *words, size_t limit, struct str *out)
{
	static const char *const head[] = {"git", "--no-optional-locks",     "-c", "core.fsmonitor=false",
	                                   "-c",  "core.hooksPath=/dev/null"};
	const char *argv[24];
	size_t n = 0;
	int status;

	for (size_t i = 0; i < COUNT_OF(head); i++)
		argv[n++] = head[i];
	while (*words)
		argv[n++] = *words++;
	argv[n] = NULL;
	return child_capture(argv, cwd, GIT_MS, limit, out, NULL, &status, NULL) == 0 && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

void code_state(struct store *store, const char *cwd, char commit[CODE_COMMIT_TEXT], char diff[SHA256_TEXT])
{
	static const char *const head_words[] = {"rev-parse", "--verify", "-q", "HEAD", NULL};
	static const char *const diff_words[] = {
	    "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "HEAD", NULL};
	struct str out;

	commit[0] = diff[0] = 0;
	if (!in_work_tree(cwd))
		return;
	str_init(&out);
	if (!git(cwd, head_words, 256, &out))
		goto out;
	while (out.len && (out.data[out.len - 1] == '\n' || out.data[out.len - 1] == ' '))
		str_cut(&out, out.len - 1);
	if (out.len < 40 || out.len >= CODE_COMMIT_TEXT || strspn(out.data, "0123456789abcdef") != out.len)
		goto out;
	memcpy(commit, out.data, out.len + 1);
	str_clear(&out);
	/* Cut off at the limit, it is kept as far as it goes: it still says that the tree was not clean. */
	if (git(cwd, diff_words, DIFF_MAX, &out) && out.len > 0 &&
	    store_object_put(store, out.data, out.len, diff, NULL) < 0)
		diff[0] = 0;
out:
	str_release(&out);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void code_environment(char *const *env, char digest[SHA256_TEXT])
{
	struct sha256 h;
	size_t n = 0;
	char **sorted;

	while (env[n])
		n++;
	sorted = xreallocarray(NULL, n + 1, sizeof *sorted);
	memcpy(sorted, env, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_text);
	sha256_init(&h);
	for (size_t i = 0; i < n; i++)
		sha256_add(&h, sorted[i], strlen(sorted[i]) + 1);
	sha256_end(&h, digest);
	free(sorted);
}
