/* code: what state the code was in. git is asked with everything that a foreign
 * repository could make it run switched off, and for a bounded time. */
#include <sys/wait.h>
#include <unistd.h>

#include "local.h"

enum { GIT_MS = 5000, DIFF_MAX = 8 << 20, UNTRACKED_MAX = 1 << 20 };

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

/* Names of files that git does not know and is not told to ignore, a line each, as an object. */
static void untracked_files(struct store *store, const char *cwd, struct str *out, char digest[SHA256_TEXT])
{
	static const char *const words[] = {"ls-files", "--others", "--exclude-standard", "--exclude=.assay/",
	                                    NULL};

	str_clear(out);
	if (git(cwd, words, UNTRACKED_MAX, out) && out->len > 0 &&
	    store_object_put(store, out->data, out->len, digest, NULL) < 0)
		digest[0] = 0;
}

void code_state(struct store *store, const char *cwd, struct code *code)
{
	static const char *const head_words[] = {"rev-parse", "--verify", "-q", "HEAD", NULL};
	static const char *const diff_words[] = {
	    "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "HEAD", NULL};
	char *commit = code->commit, *diff = code->diff;
	struct str out;

	*code = (struct code){0};
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
	untracked_files(store, cwd, &out, code->untracked);
	code->untracked_bytes = out.len;
out:
	str_release(&out);
}
