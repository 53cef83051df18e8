/* code: what state the code was in. git is asked with everything that a foreign
 * repository could make it run switched off, and for a bounded time. */
#include <sys/wait.h>
#include <unistd.h>

#include "local.h"

enum {
	GIT_MS = 5000,
	DIFF_MAX = 8 << 20,
	UNTRACKED_MAX = 1 << 20,
	FILTERS_MAX = 16,
	FILTERS_BYTES = 1 << 16
};

/* What git is told before anything else: programs that the repository names are not run, nor is anything fetched that
 * a partial clone lacks. */
static const char *const safe[] = {"--no-optional-locks",        "-c", "core.fsmonitor=false",      "-c",
                                   "core.hooksPath=/dev/null",   "-c", "protocol.allow=never",      "-c",
                                   "protocol.ext.allow=never",   "-c", "protocol.file.allow=never", "-c",
                                   "protocol.git.allow=never",   "-c", "protocol.http.allow=never", "-c",
                                   "protocol.https.allow=never", "-c", "protocol.ssh.allow=never"};

struct git {
	const char *cwd;
	struct arena *mem;
	const char *off[6 * FILTERS_MAX]; /* words that switch off filters of the repository's own */
	size_t off_count;
};

#define FILTERS "^filter\\..*\\.(clean|process)$"

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

static bool git(const struct git *g, const char *const *words, size_t limit, struct str *out)
{
	const char *argv[COUNT_OF(safe) + COUNT_OF(g->off) + 16];
	size_t n = 0;
	int status;

	argv[n++] = "git";
	for (size_t i = 0; i < COUNT_OF(safe); i++)
		argv[n++] = safe[i];
	for (size_t i = 0; i < g->off_count; i++)
		argv[n++] = g->off[i];
	while (*words)
		argv[n++] = *words++;
	argv[n] = NULL;
	return child_capture(argv, g->cwd, GIT_MS, limit, out, NULL, &status, NULL) == 0 && WIFEXITED(status) &&
	       (WEXITSTATUS(status) == 0 || (WEXITSTATUS(status) == 1 && strcmp(words[-1], FILTERS) == 0));
}

/* A filter of the person's own settings (git-lfs) may run; one that came with the repository may not. False: there is
 * one that cannot be switched off. */
static bool switch_filters_off(struct git *g)
{
	static const char *const words[] = {"config", "--null", "--show-scope", "--name-only", "--get-regexp",
	                                    FILTERS,  NULL};
	static const char *const keys[] = {"clean", "process", "required"};
	struct str out;
	bool good;

	/* Status 1: there are none. */
	str_init(&out);
	good = git(g, words, FILTERS_BYTES, &out) && out.len < FILTERS_BYTES;
	for (const char *p = out.data; good && p && p < out.data + out.len;) {
		const char *scope = p, *key = scope + strlen(scope) + 1, *last = strrchr(key, '.');

		p = key + strlen(key) + 1;
		if (strcmp(scope, "local") != 0 && strcmp(scope, "worktree") != 0)
			continue;
		good = last && !strchr(key, '=') && g->off_count + 6 <= COUNT_OF(g->off);
		for (size_t i = 0; good && i < COUNT_OF(keys); i++) {
			g->off[g->off_count++] = "-c";
			g->off[g->off_count++] = arena_printf(g->mem, "%.*s.%s=%s", (int)(last - key), key, keys[i],
			                                      strcmp(keys[i], "required") == 0 ? "false" : "");
		}
	}
	str_release(&out);
	return good;
}

/* Names of files that git does not know and is not told to ignore, a line each, as an object. */
static void untracked_files(struct store *store, const struct git *g, struct str *out,
                            char digest[SHA256_TEXT])
{
	static const char *const words[] = {"ls-files", "--others", "--exclude-standard", "--exclude=.assay/",
	                                    NULL};

	str_clear(out);
	if (git(g, words, UNTRACKED_MAX, out) && out->len > 0 &&
	    store_object_put(store, out->data, out->len, digest, NULL) < 0)
		digest[0] = 0;
}

void code_state(struct store *store, const char *cwd, struct code *code)
{
	static const char *const head_words[] = {"rev-parse", "--verify", "-q", "HEAD", NULL};
	static const char *const diff_words[] = {"diff",          "--no-ext-diff",
	                                         "--no-textconv", "--no-color",
	                                         "--binary",      "--ignore-submodules=dirty",
	                                         "HEAD",          NULL};
	char *commit = code->commit, *diff = code->diff;
	struct git g = {.cwd = cwd};
	struct str out;

	*code = (struct code){0};
	if (!in_work_tree(cwd))
		return;
	g.mem = arena_new();
	str_init(&out);
	if (!switch_filters_off(&g) || !git(&g, head_words, 256, &out))
		goto out;
	while (out.len && (out.data[out.len - 1] == '\n' || out.data[out.len - 1] == ' '))
		str_cut(&out, out.len - 1);
	if (out.len < 40 || out.len >= CODE_COMMIT_TEXT || strspn(out.data, "0123456789abcdef") != out.len)
		goto out;
	memcpy(commit, out.data, out.len + 1);
	str_clear(&out);
	/* Cut off at the limit, it is kept as far as it goes: it still says that the tree was not clean. */
	if (git(&g, diff_words, DIFF_MAX, &out) && out.len > 0 &&
	    store_object_put(store, out.data, out.len, diff, NULL) < 0)
		diff[0] = 0;
	untracked_files(store, &g, &out, code->untracked);
	code->untracked_bytes = out.len;
out:
	str_release(&out);
	arena_free(g.mem);
}
