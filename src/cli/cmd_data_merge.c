/* assay data merge PART…: parts of a profile, made anywhere, into what one pass says; and making parts. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/data_tally.h"

#include "cli_data.h"
#include "commands.h"

/* "512M", "2G", "65536k": bytes, by powers of 1024. */
int size_asked(struct cli *c, const char *name, uint64_t least, uint64_t *out)
{
	static const char units[] = "KMGT";
	const char *text = cli_get(c, name), *unit;
	char *end;
	if (!text)
		return 0;
	uint64_t size = isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;
	unsigned shift = 0;
	if (size && *end && (unit = strchr(units, toupper((unsigned char)*end)))) {
		shift = 10 * (unsigned)(unit - units + 1);
		end++;
	}
	if (!size || *end || size > UINT64_MAX >> shift >> 1)
		return error_set(&c->err, ERR_USAGE, "--%s %s: not a size such as 512M or 2G", name, text);
	if (size << shift < least)
		return error_set(&c->err, ERR_USAGE, "--%s %s: %lluM is the least", name, text,
		                 (unsigned long long)(least >> 20));
	*out = size << shift;
	return 0;
}

/* What was noticed while files were read, and then what only the profile knows. */
static void print_notes(const struct cli *c, const struct table *about, const char *said)
{
	size_t known = about ? about->note_count : 0;
	if (about)
		notes_print(c, about->notes, known);
	for (size_t len; *said && !c->quiet; said += len + 1) {
		size_t at = 0;
		len = strcspn(said, "\n");
		while (at < known && (strlen(about->notes[at]) != len || memcmp(about->notes[at], said, len) != 0))
			at++;
		if (at == known)
			safe_fprintf(stderr, "  %.*s\n", (int)len, said);
	}
}

int data_out_check(struct cli *c)
{
	const char *path = cli_get(c, "out");
	char begins[sizeof TALLY_BEGINS - 1];
	struct stat st;
	if (!path)
		return 0;
	if (!*path || strcmp(path, "-") == 0)
		return error_set(&c->err, ERR_USAGE, "--out '%s': the name of a file is expected", path);
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(&c->err, ERR_ENV, "--out %s: cannot look at what is there", path);
	ssize_t n;
	while ((n = read(fd, begins, sizeof begins)) < 0 && errno == EINTR)
		;
	close(fd);
	if (n == (ssize_t)sizeof begins && memcmp(begins, TALLY_BEGINS, sizeof begins) == 0)
		return 0;
	return error_set(&c->err, ERR_USAGE,
	                 "--out %s: that is there and is no part of a profile; remove it, or give another name",
	                 path);
}

/* What --out asks for, and then the same as without it. */
static int tally_finish(struct cli *c, const struct tally *t, const struct table *about)
{
	struct profile profile;
	struct str text, said;
	const char *out = cli_get(c, "out");
	const struct column_profile *column;
	str_init(&text);
	str_init(&said);
	progress_begin(watch_begin(c), "summing up", "columns", 0);
	tally_profile(t, &profile, &said);
	int status = profile_column_asked(c, &profile, &column);
	if (status == 0 && !out)
		status = profile_some_rows(&profile, &c->err);
	if (status == 0 && out) {
		tally_write(t, &text);
		status = file_write_atomic(out, text.data, text.len, 0644, &c->err);
	}
	watch_end(c);
	if (status == 0) {
		profile_print(&profile, column, c);
		if (!c->json && !c->csv && !c->tsv)
			print_notes(c, about, said.data);
	}
	profile_release(&profile);
	str_release(&said);
	str_release(&text);
	return status;
}

int data_profile_part(struct cli *c, struct tally *t, struct table *about)
{
	if (!t)
		return -1;
	int status = tally_finish(c, t, about);
	tally_free(t);
	table_release(about);
	return status;
}

static struct tally *part_read(struct cli *c, const char *path)
{
	struct str text;
	struct tally *t = NULL;
	str_init(&text);
	if (file_read(path, &text, 0, &c->err) == 0)
		t = tally_parse(path, text.data, text.len, &c->err);
	str_release(&text);
	return t;
}

int cmd_data_merge(struct cli *c)
{
	if (data_out_check(c) != 0)
		return -1;
	struct progress *p = watch_begin(c);
	progress_begin(p, "joining", "parts", c->arg_count);
	struct tally *all = part_read(c, c->args[0]);
	int status = all ? 0 : -1;
	for (size_t i = 1; i < c->arg_count && status == 0; i++) {
		progress_add(p, 1);
		struct tally *next = part_read(c, c->args[i]);
		status = next ? tally_merge(all, next, &c->err) : -1;
		if (next && status != 0)
			error_prefix(&c->err, "%s does not go with %s", c->args[i], c->args[0]);
		tally_free(next);
		if (status == 0 && progress_stop(p))
			status = progress_stopped(&c->err);
	}
	if (status == 0)
		status = tally_finish(c, all, NULL);
	tally_free(all);
	return status;
}
