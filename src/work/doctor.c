/* What is well with a store, its ledger and what is around it. */
#include <dlfcn.h>
#include <langinfo.h>
#include <stdlib.h>
#include <unistd.h>

#include "assay/ledger.h"
#include "assay/work_care.h"
#include "assay/work_remove.h"
#include "named.h"
#include "work.h"

static const char KEEP[] =
    "keep the store as it is, and look into it with `assay verify`; a backup may have it whole";

/* ---- the ledger ---- */

struct ledger_watch {
	store_progress_fn *progress;
	void *user;
};

static int on_rows(void *user, int64_t done, int64_t total)
{
	struct ledger_watch *w = user;
	return w->progress ? w->progress(w->user, "ledger", (uint64_t)done, (uint64_t)total) : 0;
}

static void say_report(const struct ledger_report *r, struct care_report *out)
{
	const struct ledger_problem *first = NULL;
	size_t count = 0, notes = 0;
	char rows[NUM_TEXT];
	for (size_t i = 0; i < r->problem_count; i++) {
		notes += r->problems[i].note;
		count += !r->problems[i].note;
		if (!r->problems[i].note && !first)
			first = &r->problems[i];
	}
	if (first)
		care_add(out, "ledger", CARE_TAMPERED, KEEP, "%zu problem%s, the first in row %lld (%s): %s", count,
		         count == 1 ? "" : "s", (long long)first->seq, first->what, first->where);
	else if (r->unverifiable)
		care_add(out, "ledger", CARE_TAMPERED, "mend that, and ask again", "it cannot be verified: %s",
		         r->unverifiable_why);
	else
		care_add(out, "ledger", CARE_OK, "", "%s row%s, %lld signature%s verified%s, sealed to row %lld",
		         count_people(r->rows, rows), PLURAL(r->rows), (long long)r->signatures,
		         PLURAL(r->signatures), r->from_pin ? " (behind your pin)" : "", (long long)r->sealed_to);
	if (notes)
		care_add(out, "ledger", CARE_NOTE, "`assay verify` lists them", "%zu row%s to be looked at", notes,
		         notes == 1 ? "" : "s");
}

/* The time of the last row: nothing can be added with an earlier one. */
static void say_time(const char *path, struct care_report *out)
{
	struct ledger_chain chain;
	char at[TIME_TEXT], span[TIME_TEXT];
	int64_t now = time_now_ms();
	if (ledger_chain(path, &chain, NULL) == 0 && chain.at > now + 60000)
		care_add(out, "clock", CARE_WARNING,
		         "set the clock: until it has caught up new rows bear the last row's time",
		         "the last row of the ledger is of %s, which is %s ahead of the clock",
		         time_rfc3339(chain.at, at), time_span(chain.at - now, span));
}

/* Without a store that opens the links are all that can be looked at. */
static void say_chain(const char *path, struct care_report *out)
{
	struct ledger_chain chain;
	struct error why;
	if (ledger_chain(path, &chain, &why) != 0)
		care_add(out, "ledger", CARE_TAMPERED, KEEP, "%s", why.text);
	else
		care_add(out, "ledger", CARE_OK, "",
		         "%lld rows are linked as they say (signatures: once the store opens)",
		         (long long)chain.rows);
}

static int check_ledger(const char *path, struct store *store, bool quick, store_progress_fn *progress,
                        void *user, struct care_report *out, struct error *err)
{
	char *file = path_join(path, "ledger.db");
	struct ledger_watch watch = {progress, user};
	struct ledger_report report;
	struct error why;
	struct str mark;
	bool had = false;
	int status = 0;
	str_init(&mark);
	if (!file_exists(file)) {
		if (store && store_about_get(store, "ledger", &mark, &had, &why) == 0 && had)
			care_add(out, "ledger", CARE_TAMPERED, KEEP, "ledger.db is gone, and this store had one");
		else
			care_add(out, "ledger", CARE_OK, "", "nothing was decided yet");
	} else if (!store) {
		say_chain(path, out);
	} else if (work_verify(store, NULL, quick, on_rows, &watch, &report, &why) == 0) {
		say_report(&report, out);
		ledger_report_release(&report);
		say_time(path, out);
	} else if (why.code == ERR_NO) {
		status = error_set(err, ERR_NO, "stopped");
	} else {
		care_add(out, "ledger", CARE_TAMPERED, KEEP, "it cannot be verified: %s", why.text);
	}
	str_release(&mark);
	free(file);
	return status;
}

/* ---- what is around ---- */

static void say_terminal(struct care_report *out)
{
	const char *term = getenv("TERM"), *codeset = nl_langinfo(CODESET);
	if (!term || !*term || strcmp(term, "dumb") == 0)
		care_add(out, "terminal", CARE_NOTE, "set TERM for the workbench; commands do without", "TERM is %s",
		         term && *term ? term : "not set");
	else
		care_add(out, "terminal", CARE_OK, "", "%s%s", term,
		         isatty(STDOUT_FILENO) ? "" : " (output goes elsewhere)");
	if (strcmp(codeset, "UTF-8") != 0)
		care_add(out, "locale", CARE_NOTE,
		         "set LANG to a UTF-8 locale (C.UTF-8) for lines, signs and all scripts",
		         "characters are %s: signs are shown in ASCII", codeset);
	else
		care_add(out, "locale", CARE_OK, "", "UTF-8");
}

/* The first line of what a program prints; "" if it cannot be started. */
static bool program(const char *const argv[], struct str *line)
{
	int status;
	str_init(line);
	if (child_capture(argv, NULL, 5000, 4096, line, line, &status, NULL) != 0)
		return false;
	str_cut(line, strcspn(line->data, "\n"));
	return true;
}

static void say_programs(struct care_report *out)
{
	const char *git[] = {"git", "--version", NULL}, *keygen[] = {"ssh-keygen", "-?", NULL};
	struct str line;
	if (program(git, &line))
		care_add(out, "git", CARE_OK, "", "%.100s", line.data);
	else
		care_add(out, "git", CARE_NOTE, "install git: runs then say from which commit they were",
		         "git is not here");
	str_release(&line);
	if (program(keygen, &line))
		care_add(out, "ssh-keygen", CARE_OK, "", "ssh-keygen is here: decisions can be signed and verified");
	else
		care_add(out, "ssh-keygen", CARE_NOTE,
		         "install openssh-client: without it nothing can be signed or verified",
		         "ssh-keygen is not here");
	str_release(&line);
}

static void say_library(struct care_report *out, const char *check, const char *const names[],
                        const char *advice, const char *what)
{
	void *library = NULL;
	for (size_t i = 0; names[i] && !library; i++)
		library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
	if (library)
		care_add(out, check, CARE_OK, "", "%s", what);
	else
		care_add(out, check, CARE_NOTE, advice, "%s is not here", names[0]);
	if (library)
		dlclose(library);
}

static void say_libraries(struct care_report *out)
{
	static const char *const xgboost[] = {"libxgboost.so.0", "libxgboost.so", NULL},
	                         *const http[] = {"libmicrohttpd.so.12", NULL},
	                         *const nvml[] = {"libnvidia-ml.so.1", NULL};
	/* Its threads would burn their waiting time otherwise; read once, when the library comes in. */
	setenv("OMP_WAIT_POLICY", "passive", 0);
	say_library(out, "xgboost", xgboost, "install libxgboost0 for boosted trees",
	            "boosted trees can be trained");
	say_library(out, "http", http, "install libmicrohttpd12 for `assay serve`", "libmicrohttpd is here");
	say_library(out, "gpu", nvml, "nothing, unless this machine has an NVIDIA GPU",
	            "NVIDIA GPUs are measured");
}

static bool read_number(const char *file, int64_t *out)
{
	struct str text;
	str_init(&text);
	bool fine = file_read(file, &text, 64, NULL) == 0;
	while (fine && text.len && text.data[text.len - 1] == '\n')
		str_cut(&text, text.len - 1);
	fine = fine && int_parse(text.data, text.len, out);
	str_release(&text);
	return fine;
}

static void say_kernel(struct care_report *out)
{
	int64_t watches = 0, instances = 0;
	if (access("/proc/self/stat", R_OK) != 0)
		care_add(out, "proc", CARE_WARNING,
		         "mount /proc: without it nobody can tell whether a run's process lives",
		         "/proc cannot be read");
	else
		care_add(out, "proc", CARE_OK, "", "/proc tells of processes");
	if (!read_number("/proc/sys/fs/inotify/max_user_watches", &watches) ||
	    !read_number("/proc/sys/fs/inotify/max_user_instances", &instances))
		care_add(out, "inotify", CARE_NOTE, "", "the limits of inotify cannot be read");
	else if (watches < 8192 || instances < 64)
		care_add(out, "inotify", CARE_NOTE,
		         "raise fs.inotify.max_user_watches and max_user_instances with sysctl",
		         "%lld watches in %lld instances are allowed: many runs at once are looked at now and then "
		         "instead",
		         (long long)watches, (long long)instances);
	else
		care_add(out, "inotify", CARE_OK, "", "%lld watches in %lld instances are allowed",
		         (long long)watches, (long long)instances);
}

int work_doctor(const char *path, bool quick, store_progress_fn *progress, void *user,
                struct care_report *out, struct error *err)
{
	struct store *store = NULL;
	struct store_check how = {.quick = quick, .progress = progress, .user = user};
	struct intern used, kept;
	int status;
	intern_init(&used);
	intern_init(&kept);
	/* For reading, and as it is: work_open would look after dead runs. */
	if (store_open(&store, path, STORE_READ, NULL) == 0 && work_objects_used(store, &used, NULL) == 0)
		how.used = &used;
	if (store && named_kept(store, &kept, NULL) == 0)
		how.kept = &kept;
	status = store_check(path, &how, out, err);
	if (status == 0)
		status = check_ledger(path, store, quick, progress, user, out, err);
	if (status == 0) {
		say_terminal(out);
		say_programs(out);
		say_libraries(out);
		say_kernel(out);
	}
	store_close(store);
	intern_release(&used);
	intern_release(&kept);
	return status;
}
