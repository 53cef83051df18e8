/* Evidence, on the reader's thread: objects by digest, rows of the ledger as they were signed. */
#include <ctype.h>
#include <string.h>

#include "evidence.h"
#include "view_inside.h"

static void new_line(struct str *out, int depth)
{
	str_addf(out, "\n%*s", 2 * depth, "");
}

/* Length of the string that begins at p. */
static size_t string_len(const char *p, size_t len)
{
	size_t i = 1;

	while (i < len && p[i] != '"')
		i += p[i] == '\\' && i + 1 < len ? 2 : 1;
	return i < len ? i + 1 : len;
}

void evidence_pretty(struct str *out, const char *json, size_t len)
{
	int depth = 0;

	for (size_t i = 0; i < len;) {
		char c = json[i];

		if (c == '"') {
			size_t n = string_len(json + i, len - i);

			str_add(out, json + i, n);
			i += n;
			continue;
		}
		i++;
		if (c == '{' || c == '[') {
			size_t next = i + strspn(json + i, " \t\r\n");

			str_addc(out, c);
			if (next < len && json[next] == (c == '{' ? '}' : ']')) {
				str_addc(out, json[next]);
				i = next + 1;
			} else {
				new_line(out, ++depth);
			}
		} else if (c == '}' || c == ']') {
			new_line(out, depth > 0 ? --depth : 0);
			str_addc(out, c);
		} else if (c == ',') {
			str_addc(out, c);
			new_line(out, depth);
		} else if (c == ':') {
			str_adds(out, ": ");
		} else if (!isspace((unsigned char)c)) {
			str_addc(out, c);
		}
	}
	str_addc(out, '\n');
}

static void heading(struct str *out, const char *text)
{
	str_addf(out, "\n%s\n\n", text);
}

static void add_object(struct str *out, struct trust *t, const char *name)
{
	const struct ledger_objects *objects = work_trust_objects(t);
	const char *digest = strstr(name, "sha256:");
	struct error err = {0};
	struct str bytes;

	heading(out, name);
	str_init(&bytes);
	if (!digest || !objects || objects->read(objects->user, digest + strlen("sha256:"), &bytes, &err) != 0)
		str_addf(out, "It cannot be read: %s\n", digest && objects ? err.text : "no digest");
	else if (bytes.len > 0 && (bytes.data[0] == '{' || bytes.data[0] == '['))
		evidence_pretty(out, bytes.data, bytes.len);
	else
		str_add(out, bytes.data, bytes.len);
	str_release(&bytes);
}

static void add_row(struct str *out, struct trust *t, int64_t seq, struct arena *mem)
{
	struct ledger *ledger = work_trust_ledger(t);
	struct ledger_row *rows;
	struct error err = {0};
	char hex[SHA256_TEXT];
	size_t count = 0;

	if (!ledger || ledger_rows(ledger, seq, seq, mem, &rows, &count, &err) != 0 || count != 1) {
		str_addf(out, "\nRow %lld cannot be read: %s\n", (long long)seq, count == 0 ? err.text : "");
		return;
	}
	sha256_hex(rows->body, rows->body_len, hex);
	heading(out, arena_printf(mem, "row %lld, appended %s: its exact text, SHA-256 %s", (long long)seq,
	                          rows->at, hex));
	str_add(out, rows->body, rows->body_len);
	if (rows->sig_len == 0) {
		heading(out, "it stands unsigned");
		return;
	}
	heading(out, "its signature");
	str_add(out, rows->sig, rows->sig_len);
}

int view_evidence_read(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct evidence_ask *ask = arg;
	struct evidence_text *text = arena_alloc(arena, sizeof *text);
	struct trust *t;
	struct str out;

	if (view_desk_trust(context, &t, err) != 0)
		return -1;
	str_init(&out);
	for (size_t i = 0; i < ask->object_count; i++)
		add_object(&out, t, ask->objects[i]);
	if (ask->row)
		add_row(&out, t, ask->row, arena);
	text->text = arena_memdup0(arena, out.data, out.len);
	text->len = out.len;
	str_release(&out);
	*result = text;
	return 0;
}
