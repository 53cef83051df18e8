/* The policy: an INI file, read strictly. First its lines are gathered by section, then each section is
 * understood, so that a key that is unknown, doubled or out of place is told with its own line. */
#include <math.h>
#include <string.h>

#include "assay/ledger.h"

enum section_kind { IN_POLICY, IN_STAGE, IN_GATE };

/* Bits of enum policy_gate_kind: which gates a key says something about. */
enum {
	MEASURED = 1u << POLICY_METRIC | 1u << POLICY_CHAMPION | 1u << POLICY_BIAS,
	LIMITED = MEASURED | 1u << POLICY_DATA_AGE,
	ANY_GATE = ~0u >> 1,
};

enum key {
	K_NAME,
	K_STAGES,
	K_APPROVALS,
	K_ROLES,
	K_ASSURANCE,
	K_EXPIRES,
	K_SCAN_AGE,
	K_REVIEW_BY,
	K_GATE_STAGES,
	K_KIND,
	K_METRIC,
	K_DATA,
	K_MEASURE,
	K_BY,
	K_REFERENCE,
	K_THRESHOLD,
	K_LIMIT,
	K_BOUND,
	K_LEVEL,
	K_MINIMUM,
	K_FEW,
	K_WAIVABLE,
	KEYS
};

static const struct {
	const char *name;
	enum section_kind in;
	unsigned gates, needed_by; /* by kind of gate; needed_by 1 in the other sections: always */
} keys[KEYS] = {
    [K_NAME] = {"name", IN_POLICY, 0, 0},
    [K_STAGES] = {"stages", IN_POLICY, 0, 1},
    [K_APPROVALS] = {"approvals", IN_STAGE, 0, 1},
    [K_ROLES] = {"roles", IN_STAGE, 0, 0},
    [K_ASSURANCE] = {"assurance", IN_STAGE, 0, 0},
    [K_EXPIRES] = {"expires", IN_STAGE, 0, 0},
    [K_SCAN_AGE] = {"scan-age", IN_STAGE, 0, 0},
    [K_REVIEW_BY] = {"review-by", IN_STAGE, 0, 0},
    [K_GATE_STAGES] = {"stages", IN_GATE, ANY_GATE, 0},
    [K_KIND] = {"kind", IN_GATE, ANY_GATE, ANY_GATE},
    [K_METRIC] = {"metric", IN_GATE, 1u << POLICY_METRIC | 1u << POLICY_CHAMPION,
                  1u << POLICY_METRIC | 1u << POLICY_CHAMPION},
    [K_DATA] = {"data", IN_GATE, MEASURED, 0},
    [K_MEASURE] = {"measure", IN_GATE, 1u << POLICY_BIAS, 1u << POLICY_BIAS},
    [K_BY] = {"by", IN_GATE, 1u << POLICY_BIAS, 1u << POLICY_BIAS},
    [K_REFERENCE] = {"reference", IN_GATE, 1u << POLICY_BIAS, 0},
    [K_THRESHOLD] = {"threshold", IN_GATE, MEASURED, 0},
    [K_LIMIT] = {"limit", IN_GATE, LIMITED, LIMITED},
    [K_BOUND] = {"bound", IN_GATE, MEASURED, 0},
    [K_LEVEL] = {"level", IN_GATE, MEASURED, 0},
    [K_MINIMUM] = {"minimum", IN_GATE, 1u << POLICY_BIAS, 0},
    [K_FEW] = {"few", IN_GATE, 1u << POLICY_BIAS, 0},
    [K_WAIVABLE] = {"waivable", IN_GATE, ANY_GATE, 0},
};

static const char *const gate_kinds[] = {"metric",   "champion", "bias",     "data-age",
                                         "contract", "replay",   "manifest", "scan"};
static const char *const section_words[] = {"policy", "stage", "gate"};
static const char *const section_shown[] = {"[policy]", "[stage NAME]", "[gate ID]"};
/* Whoever may sign; an auditor only reads. */
static const char *const signing_roles[] = {"owner", "risk-reviewer", "fairness-reviewer",
                                            "peer",  "operator",      "roster-admin"};

struct section {
	enum section_kind kind;
	const char *name; /* of the stage or gate; "" */
	int line;
	const char *values[KEYS];
	int lines[KEYS];
};

struct reader {
	const char *file;
	int line;
	struct arena *mem;
	struct section *sections;
	size_t count, cap;
	struct policy *out;
	struct error *err;
};

enum { POLICY_TEXT_MAX = 1 << 20, DAY_MS = 86400000 };

static int refuse(struct reader *r, int line, const char *format, ...) PRINTF_LIKE(3, 4);
static int refuse(struct reader *r, int line, const char *format, ...)
{
	struct str s;
	va_list args;

	str_init(&s);
	va_start(args, format);
	str_addvf(&s, format, args);
	va_end(args);
	error_set(r->err, ERR_USAGE, "%s:%d: %s", r->file, line, s.data);
	str_release(&s);
	return -1;
}

/* ---- lines to sections ---- */

static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		s[--n] = '\0';
	return s;
}

/* A name that can stand in a signed text as one word. */
static bool plain_word(const char *s)
{
	return *s && strlen(s) <= 64 &&
	       !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")];
}

static int begin_section(struct reader *r, char *line)
{
	char *end = strchr(line, ']'), *word, *name;
	struct section s = {.line = r->line};
	size_t kind = 0;

	if (!end || *trim(end + 1))
		return refuse(r, r->line, "a section is [policy], [stage NAME] or [gate ID], alone on its line");
	*end = '\0';
	word = trim(line + 1);
	name = word + strcspn(word, " \t");
	if (*name)
		*name++ = '\0';
	name = trim(name);
	while (kind < COUNT_OF(section_words) && strcmp(word, section_words[kind]))
		kind++;
	if (kind == COUNT_OF(section_words)) {
		const char *near = name_nearest(word, section_words, COUNT_OF(section_words));

		return refuse(r, r->line, "there is no section \"%s\"%s%s%s", word, near ? " (did you mean \"" : "",
		              near ? near : "", near ? "\"?)" : "");
	}
	if (kind == IN_POLICY ? *name != '\0' : !plain_word(name))
		return refuse(r, r->line, "the section is written %s%s", section_shown[kind],
		              kind == IN_POLICY ? "" : ", the name of letters, digits and . _ -");
	for (size_t i = 0; i < r->count; i++)
		if (r->sections[i].kind == kind && !strcmp(r->sections[i].name, name))
			return refuse(r, r->line, "[%s%s%s] stands in line %d already", word, *name ? " " : "", name,
			              r->sections[i].line);
	s.kind = (enum section_kind)kind;
	s.name = arena_strdup(r->mem, name);
	if (r->count == r->cap) {
		struct section *more;

		r->cap = r->cap ? r->cap * 2 : 16;
		more = arena_array(r->mem, r->cap, sizeof *more);
		if (r->count)
			memcpy(more, r->sections, r->count * sizeof *more);
		r->sections = more;
	}
	r->sections[r->count++] = s;
	return 0;
}

/* The key that somebody most likely meant, of this section or, failing that, of another one. */
static int unknown_key(struct reader *r, const struct section *s, const char *word)
{
	const char *names[KEYS + 1];
	size_t n;

	for (int others = 0; others < 2; others++) {
		enum key of[KEYS + 1];
		const char *near;

		n = 0;
		for (int k = 0; k < KEYS; k++)
			if (others || keys[k].in == s->kind) {
				of[n] = (enum key)k;
				names[n++] = keys[k].name;
			}
		/* What most people call it. */
		if (others || s->kind == IN_STAGE) {
			of[n] = K_APPROVALS;
			names[n++] = "quorum";
		}
		near = name_nearest(word, names, n);
		for (size_t i = 0; near && i < n; i++)
			if (names[i] == near)
				return refuse(r, r->line, "%s has no key \"%s\": did you mean \"%s\"%s%s?",
				              section_shown[s->kind], word, keys[of[i]].name, others ? " of " : "",
				              others ? section_shown[keys[of[i]].in] : "");
	}
	return refuse(r, r->line, "%s has no key \"%s\"", section_shown[s->kind], word);
}

static int add_key(struct reader *r, char *line)
{
	char *value = strchr(line, '=');
	struct section *s = r->count ? &r->sections[r->count - 1] : NULL;
	int k = 0;

	if (value)
		*value++ = '\0';
	else
		line[strcspn(line, " \t")] = '\0';
	line = trim(line);
	if (!s)
		return refuse(r, r->line, "\"%s\" stands before the first section", line);
	while (k < KEYS && (keys[k].in != s->kind || strcmp(line, keys[k].name)))
		k++;
	if (k == KEYS)
		return unknown_key(r, s, line);
	if (!value || !*trim(value))
		return refuse(r, r->line, "%s has no value: write %s = VALUE", line, line);
	if (s->values[k])
		return refuse(r, r->line, "%s stands in line %d already", line, s->lines[k]);
	s->values[k] = arena_strdup(r->mem, trim(value));
	s->lines[k] = r->line;
	return 0;
}

static int read_lines(struct reader *r, const char *text, size_t len)
{
	for (const char *p = text, *end = text + len, *stop; p < end; p = stop + 1) {
		char *line;
		size_t n;

		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			stop = end;
		n = (size_t)(stop - p);
		r->line++;
		for (size_t i = 0; i < n; i++)
			if (p[i] != '\t' && ((unsigned char)p[i] < 0x20 || p[i] == 0x7F))
				return refuse(r, r->line, "column %zu: byte 0x%02x: a policy is plain text", i + 1,
				              (unsigned)(unsigned char)p[i]);
		line = trim(arena_memdup0(r->mem, p, n));
		if (!*line || *line == '#' || *line == ';')
			continue;
		if (*line == '[' ? begin_section(r, line) : add_key(r, line))
			return -1;
	}
	return 0;
}

/* ---- values ---- */

/* The words between commas, each one plain; NULL (told) if not. */
static const char **read_list(struct reader *r, const struct section *s, enum key k, size_t *count)
{
	const char *value = s->values[k];
	char *rest = arena_strdup(r->mem, value ? value : "");
	size_t most = 1;
	const char **out;

	*count = 0;
	for (const char *p = rest; *p; p++)
		most += *p == ',';
	out = arena_array(r->mem, most, sizeof *out);
	for (char *end; value && rest; rest = end) {
		char *word;

		end = strchr(rest, ',');
		if (end)
			*end++ = '\0';
		word = trim(rest);
		if (!plain_word(word)) {
			refuse(r, s->lines[k], "%s: \"%s\" is not a name (letters, digits and . _ -; comma between)",
			       keys[k].name, word);
			return NULL;
		}
		for (size_t i = 0; i < *count; i++)
			if (!strcmp(out[i], word)) {
				refuse(r, s->lines[k], "%s: %s stands twice", keys[k].name, word);
				return NULL;
			}
		out[(*count)++] = word;
	}
	return out;
}

static int read_count(struct reader *r, const struct section *s, enum key k, int64_t least, int64_t most,
                      int64_t *out)
{
	if (!s->values[k])
		return 0;
	if (int_parse(s->values[k], strlen(s->values[k]), out) && *out >= least && *out <= most)
		return 0;
	return refuse(r, s->lines[k], "%s: \"%s\" is not a whole number from %lld to %lld", keys[k].name,
	              s->values[k], (long long)least, (long long)most);
}

static int read_number(struct reader *r, const struct section *s, enum key k, double *out)
{
	if (!s->values[k])
		return 0;
	if (num_parse(s->values[k], strlen(s->values[k]), out) && *out > 0 && *out < 1)
		return 0;
	return refuse(r, s->lines[k], "%s: \"%s\" is not a number between 0 and 1", keys[k].name, s->values[k]);
}

static int read_span(struct reader *r, const struct section *s, enum key k, int64_t *out)
{
	const char *value = s->values[k];
	size_t n = value ? strlen(value) : 0;
	int64_t number;

	if (!value)
		return 0;
	if (n < 2 || !strchr("hdw", value[n - 1]) || value[0] < '0' || value[0] > '9' ||
	    !int_parse(value, n - 1, &number) || number < 1 || number > 3650)
		return refuse(r, s->lines[k], "%s: \"%s\" is not a time like 12h, 7d or 4w", keys[k].name, value);
	*out = number * (value[n - 1] == 'h' ? DAY_MS / 24 : value[n - 1] == 'd' ? DAY_MS : DAY_MS * (int64_t)7);
	return 0;
}

static int one_of(struct reader *r, const struct section *s, enum key k, const char *const words[],
                  size_t count, size_t *out)
{
	const char *near;

	if (!s->values[k])
		return 0;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], s->values[k])) {
			*out = i;
			return 0;
		}
	near = name_nearest(s->values[k], words, count);
	if (!near)
		near = words[0];
	return refuse(r, s->lines[k], "%s: \"%s\" is not known (for example \"%s\")", keys[k].name, s->values[k],
	              near);
}

/* ---- sections to a policy ---- */

static const char *section_text(const struct reader *r, const struct section *s)
{
	return s->name[0] ? arena_printf(r->mem, "[%s %s]", section_words[s->kind], s->name) : "[policy]";
}

static int read_stage(struct reader *r, const struct section *s)
{
	static const char *const levels[] = {"A1", "A2", "A3"};
	struct policy_stage *stage = NULL;
	int64_t approvals = 0;
	size_t level = 0;

	for (size_t i = 0; i < r->out->stage_count; i++)
		if (!strcmp(r->out->stages[i].name, s->name))
			stage = &r->out->stages[i];
	if (!stage)
		return refuse(r, s->line, "stage %s is not among the stages of [policy]", s->name);
	stage->expires_ms = (int64_t)7 * DAY_MS;
	stage->scan_age_ms = (int64_t)30 * DAY_MS;
	stage->review_by_ms = (int64_t)180 * DAY_MS;
	stage->roles = read_list(r, s, K_ROLES, &stage->role_count);
	if (!stage->roles || read_count(r, s, K_APPROVALS, 0, 99, &approvals) ||
	    one_of(r, s, K_ASSURANCE, levels, COUNT_OF(levels), &level) ||
	    read_span(r, s, K_EXPIRES, &stage->expires_ms) || read_span(r, s, K_SCAN_AGE, &stage->scan_age_ms) ||
	    read_span(r, s, K_REVIEW_BY, &stage->review_by_ms))
		return -1;
	stage->approvals = (int)approvals;
	stage->assurance = (int)level + 1;
	for (size_t i = 0; i < stage->role_count; i++) {
		const char *role = stage->roles[i],
		           *near = name_nearest(role, signing_roles, COUNT_OF(signing_roles));

		if (!near || strcmp(near, role))
			return refuse(r, s->lines[K_ROLES], "roles: \"%s\" is not a role that signs%s%s%s", role,
			              near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
	}
	if (stage->role_count > (size_t)stage->approvals)
		return refuse(r, s->lines[K_ROLES], "roles: %zu roles cannot be among %d approvals",
		              stage->role_count, stage->approvals);
	return 0;
}

static int read_limit(struct reader *r, const struct section *s, struct policy_gate *g)
{
	static const char *const bounds[] = {"value", "low", "high"};
	const char *v = s->values[K_LIMIT];
	size_t bound;

	if (!v)
		return 0;
	g->at_most = v[0] == '<';
	if ((v[0] != '<' && v[0] != '>') || v[1] != '=' || !num_parse(v + 2, strlen(v + 2), &g->limit) ||
	    !isfinite(g->limit))
		return refuse(r, s->lines[K_LIMIT], "limit: \"%s\" is not like \">= 0.8\" or \"<= 0.03\"", v);
	bound = g->kind == POLICY_DATA_AGE ? POLICY_VALUE : g->at_most ? POLICY_HIGH : POLICY_LOW;
	if (one_of(r, s, K_BOUND, bounds, COUNT_OF(bounds), &bound))
		return -1;
	g->bound = (enum policy_bound)bound;
	return 0;
}

static int read_gate(struct reader *r, const struct section *s, struct policy_gate *g)
{
	static const char *const no_yes[] = {"no", "yes"}, *const few[] = {"undecided", "leave-out"};
	const char *words[3] = {s->values[K_METRIC], s->values[K_MEASURE], s->values[K_BY]};
	const enum key word_keys[3] = {K_METRIC, K_MEASURE, K_BY};
	size_t kind = 0, waivable = 0, leave_out = 0;

	*g = (struct policy_gate){.id = s->name,
	                          .line = s->line,
	                          .threshold = NAN,
	                          .limit = NAN,
	                          .level = 0.95,
	                          .minimum = 100,
	                          .metric = words[0],
	                          .measure = words[1],
	                          .by = words[2],
	                          .data = s->values[K_DATA],
	                          .reference = s->values[K_REFERENCE]};
	if (one_of(r, s, K_KIND, gate_kinds, COUNT_OF(gate_kinds), &kind))
		return -1;
	g->kind = (enum policy_gate_kind)kind;
	for (int k = 0; k < KEYS; k++) {
		if (keys[k].in != IN_GATE)
			continue;
		if (s->values[k] && !(keys[k].gates & 1u << kind))
			return refuse(r, s->lines[k], "%s says nothing about a gate of kind %s", keys[k].name,
			              gate_kinds[kind]);
		if (!s->values[k] && keys[k].needed_by & 1u << kind && s->values[K_KIND])
			return refuse(r, s->line, "[gate %s] of kind %s needs %s =", s->name, gate_kinds[kind],
			              keys[k].name);
	}
	for (size_t i = 0; i < 2; i++)
		if (words[i] && !plain_word(words[i]))
			return refuse(r, s->lines[word_keys[i]], "%s: \"%s\" is not a name", keys[word_keys[i]].name,
			              words[i]);
	g->stages = read_list(r, s, K_GATE_STAGES, &g->stage_count);
	if (!g->stages || read_limit(r, s, g) || read_number(r, s, K_THRESHOLD, &g->threshold) ||
	    read_number(r, s, K_LEVEL, &g->level) || read_count(r, s, K_MINIMUM, 1, 1000000000, &g->minimum) ||
	    one_of(r, s, K_FEW, few, COUNT_OF(few), &leave_out) ||
	    one_of(r, s, K_WAIVABLE, no_yes, COUNT_OF(no_yes), &waivable))
		return -1;
	g->leave_out_few = leave_out;
	g->waivable = waivable;
	for (size_t i = 0; i < g->stage_count; i++)
		if (!policy_stage_find(r->out, g->stages[i]))
			return refuse(r, s->lines[K_GATE_STAGES], "stages: %s is not among the stages of [policy]",
			              g->stages[i]);
	return 0;
}

static int read_policy(struct reader *r, const struct section *s)
{
	size_t count;
	const char **names = read_list(r, s, K_STAGES, &count);

	if (!names)
		return -1;
	r->out->name = s->values[K_NAME] ? s->values[K_NAME] : "policy";
	r->out->stages = arena_array(r->mem, count, sizeof *r->out->stages);
	r->out->stage_count = count;
	for (size_t i = 0; i < count; i++) {
		bool there = false;

		if (!strcmp(names[i], "none") || !strcmp(names[i], "archived"))
			return refuse(r, s->lines[K_STAGES], "stages: %s is there without being named", names[i]);
		r->out->stages[i].name = names[i];
		for (size_t k = 0; k < r->count; k++)
			there |= r->sections[k].kind == IN_STAGE && !strcmp(r->sections[k].name, names[i]);
		if (!there)
			return refuse(r, s->lines[K_STAGES], "stages: there is no section [stage %s]", names[i]);
	}
	return 0;
}

static int read_sections(struct reader *r)
{
	const struct section *first = NULL;
	size_t gates = 0;

	for (size_t i = 0; i < r->count; i++) {
		const struct section *s = &r->sections[i];

		for (int k = 0; k < KEYS; k++)
			if (keys[k].in == s->kind && !s->values[k] && (keys[k].needed_by == 1 || k == K_KIND))
				return refuse(r, s->line, "%s needs %s =", section_text(r, s), keys[k].name);
		if (s->kind == IN_POLICY)
			first = s;
		gates += s->kind == IN_GATE;
	}
	if (!first)
		return error_set(r->err, ERR_USAGE, "%s has no section [policy] with its stages", r->file);
	if (read_policy(r, first))
		return -1;
	r->out->gates = arena_array(r->mem, gates, sizeof *r->out->gates);
	for (size_t i = 0; i < r->count; i++)
		if (r->sections[i].kind == IN_STAGE && read_stage(r, &r->sections[i]))
			return -1;
	for (size_t i = 0; i < r->count; i++)
		if (r->sections[i].kind == IN_GATE &&
		    read_gate(r, &r->sections[i], &r->out->gates[r->out->gate_count++]))
			return -1;
	return 0;
}

int policy_parse(const char *file, const char *text, size_t len, struct arena *mem, struct policy *out,
                 struct error *err)
{
	struct reader r = {.file = file, .mem = mem, .out = out, .err = err};

	*out = (struct policy){.text = arena_memdup0(mem, text, len), .len = len};
	if (len > POLICY_TEXT_MAX)
		return error_set(err, ERR_USAGE, "%s is larger than 1 MiB: that is no policy", file);
	if (!utf8_is_valid(text, len))
		return error_set(err, ERR_USAGE, "%s is not UTF-8", file);
	sha256_hex(text, len, out->digest);
	return read_lines(&r, text, len) || read_sections(&r) ? -1 : 0;
}

/* ---- questions to a policy ---- */

const struct policy_stage *policy_stage_find(const struct policy *p, const char *stage)
{
	for (size_t i = 0; stage && i < p->stage_count; i++)
		if (!strcmp(p->stages[i].name, stage))
			return &p->stages[i];
	return NULL;
}

bool policy_gate_applies(const struct policy_gate *g, const char *stage)
{
	bool applies = !g->stage_count;

	for (size_t i = 0; i < g->stage_count; i++)
		applies |= !strcmp(g->stages[i], stage);
	return applies;
}

void policy_rule_text(const struct policy_gate *g, struct str *out)
{
	static const char *const bounds[] = {"value", "low", "high"};
	static const char *const without[] = {[POLICY_CONTRACT] = "kept",
	                                      [POLICY_REPLAY] = "identical",
	                                      [POLICY_MANIFEST] = "intact",
	                                      [POLICY_SCAN] = "clean"};
	char number[NUM_TEXT];

	if (LIMITED & 1u << g->kind)
		str_addf(out, "%s%s%s", bounds[g->bound], g->at_most ? "<=" : ">=", num_shortest(g->limit, number));
	else
		str_adds(out, without[g->kind]);
}

static bool keeps(const struct policy_gate *g, double value)
{
	return g->at_most ? value <= g->limit : value >= g->limit;
}

enum gate_result policy_gate_decide(const struct policy_gate *g, double measured, double low, double high)
{
	if (isnan(g->limit) || isnan(measured))
		return GATE_MISSING;
	if (g->bound == POLICY_VALUE)
		return keeps(g, measured) ? GATE_PASS : GATE_FAIL;
	if (isnan(low) || isnan(high))
		return GATE_MISSING;
	if (keeps(g, g->bound == POLICY_LOW ? low : high))
		return GATE_PASS;
	return keeps(g, low) || keeps(g, high) ? GATE_UNDECIDED : GATE_FAIL;
}
