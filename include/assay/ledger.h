/*
 * ledger: ledger.db, the only truth about decisions. Texts that are signed, the chain that they stand in, the
 * roster and the policy, the state that follows by replay, and the verification of all of it.
 *
 * One table:  ledger(seq INTEGER PRIMARY KEY, at TEXT, body BLOB, sig BLOB, link TEXT) STRICT
 *
 *     link(n) = SHA256("assay-ledger/1\nseq n\nprev sha256:" link(n-1) "\nat " at "\nbody sha256:" H(body)
 *                      "\nsig sha256:" H(sig) "\n")
 *     link(0) = 64 zeros; the sig of an unsigned row is empty
 *
 * A row's body is a text of one of two grammars, both `key SP value LF` with bytes 0x20-0x7E, free text
 * %-encoded, `end` last, at most 64 KiB: assay-decision/1, signed by a person's SSH key in the namespace
 * signoff@assay, and assay-record/1, which the program writes by itself, unsigned, sealed by the next signed
 * row whose `seen` lies behind it. One decision may stand unsigned: a halt (signer none), because failing
 * safe needs no proof.
 *
 * This room knows no statistics, no runs and no store: what it judges comes in as plain values from work. A
 * private key is never opened here: ssh-keygen signs and verifies, in a sub-process that is watched.
 *
 * Errors: ERR_TAMPER for what does not hold (chain, signature, text, digest), ERR_STALE when rows came
 * between, ERR_NO when a rule says no (the text names the rule), ERR_ENV for ssh-keygen and agents, ERR_STORE
 * for the file, ERR_USAGE for drafts (policy, roster) that are wrong: line and nearest key.
 */
#ifndef ASSAY_LEDGER_H
#define ASSAY_LEDGER_H

#include "assay/base.h"

#define LEDGER_NAMESPACE "signoff@assay"
#define LEDGER_TEXT_MAX  65536

/* ---- texts ---- */

enum ledger_kind {
	/* assay-decision/1 */
	LEDGER_APPROVE,
	LEDGER_REJECT,
	LEDGER_REVOKE,
	LEDGER_WAIVE,
	LEDGER_PROPOSE,
	LEDGER_PROMOTE,
	LEDGER_ROLLBACK,
	LEDGER_HALT,
	LEDGER_RESUME,
	LEDGER_BREAK_GLASS,
	LEDGER_RETRO_REVIEW,
	LEDGER_POLICY,
	LEDGER_ROSTER,
	LEDGER_CHECKPOINT,
	/* assay-record/1 */
	LEDGER_GATE_RESULTS,
	LEDGER_RUN_SEALS,
	LEDGER_REGISTRATION,
	LEDGER_GENESIS,
	LEDGER_KINDS
};
const char *ledger_kind_name(enum ledger_kind kind); /* "approve", "break-glass", "gate-results" … */
bool ledger_kind_parse(const char *name, enum ledger_kind *kind);
bool ledger_kind_is_decision(enum ledger_kind kind);

enum gate_result { GATE_PASS, GATE_FAIL, GATE_UNDECIDED, GATE_MISSING };
const char *gate_result_name(enum gate_result result);

struct ledger_gate {
	const char *id;                    /* of the policy: "auc", "parity.sex" */
	const char *rule;                  /* "low>=0.8": which value, against what */
	double measured, low, high, level; /* NaN: does not apply */
	enum gate_result result;
	char settings[SHA256_TEXT]; /* how it was computed; "" for none */
	char rules[SHA256_TEXT];    /* scanner rules; "" for none, then dated is not looked at */
	int64_t dated;              /* of the rules: ms UTC, written as RFC 3339 */
};
struct ledger_data {
	const char *role, *name;  /* "train", "applications@2" */
	char digest[SHA256_TEXT]; /* of the data set version */
};
struct ledger_evidence {
	const char *kind; /* "evaluation", "bias-report", "registration", "producers" … */
	char digest[SHA256_TEXT];
};
struct ledger_waiver {
	const char *gate;
	double bound; /* the measured value may go as far; NaN: the gate has no value */
	int64_t until;
	const char *signer;
	int64_t row; /* the waive row */
};
struct ledger_seal {
	char run[ID_TEXT];
	char digest[SHA256_TEXT];
};

/* Everything that a text says. Digests "", numbers 0 and texts NULL are written `none` (NaN as `-`). */
struct ledger_text {
	enum ledger_kind kind;
	char store[ID_TEXT];
	/* both grammars: */
	const char *model, *stage;
	int64_t version;
	char subject[SHA256_TEXT]; /* of the manifest; of the new roster or policy in a row of that kind; of the
	                              roster in genesis */
	struct ledger_data *data;
	size_t data_count;
	struct ledger_evidence *evidence;
	size_t evidence_count;
	struct ledger_gate *gates;
	size_t gate_count;
	int64_t claimed_time;
	char request[ID_TEXT];
	/* decisions: */
	int64_t seen_seq;
	char seen_head[SHA256_TEXT];
	char policy[SHA256_TEXT], roster[SHA256_TEXT]; /* in force at that head */
	const char *meaning, *signer, *name, *role, *reason;
	int64_t manifest_files, manifest_bytes; /* files 0: none */
	char run[ID_TEXT], run_seal[SHA256_TEXT];
	char code_commit[SHA256_TEXT]; /* 40 or 64 hex digits; "": none */
	char code_diff[SHA256_TEXT];   /* object of the uncommitted changes; "": clean */
	char env[SHA256_TEXT];
	int64_t baseline_version; /* 0: no champion */
	char baseline_subject[SHA256_TEXT];
	struct ledger_waiver *waivers;
	size_t waiver_count;
	int64_t target;  /* row that is answered: the proposal (approve, reject, waive, promote), what is revoked,
	                    the promotion that is returned to (rollback), the halt (resume), the break-glass
	                    (retro-review); 0: none. The text names the model and stage of what it answers,
	                    approve, reject, waive, promote, rollback and resume also version and subject */
	int64_t expires; /* 0: never */
	/* records: */
	const char *program;
	struct ledger_seal *seals;
	size_t seal_count;
};

/*
 * How values are spelt. Free text (meaning, name, reason): every byte but letters, digits and ._~/:,;()+=- is
 * %XX, upper case. Words (signer, role, model, stage, program, and those of data, evidence, gate and waiver
 * lines): every byte but 0x21-0x7E without % is %XX. The text `none` itself is %6Eone, so that it is not
 * taken for nothing. Bytes are kept as they are: two Unicode spellings of one name are two names. Numbers:
 * shortest decimals, `-` for NaN, inf, -inf. Times: RFC 3339 UTC, milliseconds only when they are not 0. No
 * two gate lines have the same id, no two seal lines the same run, no two lines are equal.
 *
 * Every text has store, request and claimed time. A decision has what it had seen and, but for a halt without
 * signer, policy, meaning, signer, name and role. Which of model, version, stage, subject, target and reason
 * a kind has to have is told by the error that says which is missing.
 */

/* Writes the text; repeating lines come out in byte order, whatever order they stand in. ERR_USAGE if a value
 * cannot be said in this grammar (control, bidirectional or zero-width characters, invalid UTF-8, an empty
 * word, a missing store, a key that the kind must have) or the text is too long. out is cleared first. */
int ledger_text_write(const struct ledger_text *t, struct str *out, struct error *err);
/* Reads it back; strings and arrays stand in the arena. ERR_TAMPER, with line and key: unknown version or
 * key, another order, doubled lines, anything that does not come back byte for byte when written anew. */
int ledger_text_parse(const char *bytes, size_t len, struct arena *mem, struct ledger_text *out,
                      struct error *err);

/* ---- objects ---- */

/* Whoever uses this room says how an object is read by digest (the store's objects/, or a bundle's files).
 * Must verify the digest (ERR_TAMPER) and say so when it is not there (ERR_TAMPER, "is missing"). */
struct ledger_objects {
	int (*read)(void *user, const char *digest, struct str *out, struct error *err);
	void *user;
};

/* ---- the file ---- */

struct ledger;

struct ledger_row {
	int64_t seq;
	const char *at; /* RFC 3339 with ms */
	int64_t at_ms;
	const char *body, *sig;
	size_t body_len, sig_len;
	char link[SHA256_TEXT];
};

/* Makes folder/ledger.db with the genesis row: store id, digest of the roster ("" for none: then the first
 * roster is accepted by its own admins) as subject, digest of the first policy as `evidence policy`. Mode as
 * the umask has it; TRUNCATE journal, FULL sync. ERR_NO if it is there already. */
int ledger_create(const char *folder, const char *store_id, const char *roster, const char *policy,
                  struct error *err);
/* Opens with every defence of SQLite on; ERR_TAMPER unless the schema is exactly the one table (no trigger,
 * view, index), ERR_STORE if it cannot be read, a newer format, a network file system when writing. */
int ledger_open(struct ledger **out, const char *folder, bool write, struct error *err);
void ledger_close(struct ledger *l); /* NULL is fine */
/* The last row's number and link; 0 and zeros when empty. */
int ledger_head(struct ledger *l, int64_t *seq, char link[SHA256_TEXT], struct error *err);
/* Rows from..to (to 0: the last), in order, as they stand: nothing is verified. */
int ledger_rows(struct ledger *l, int64_t from, int64_t to, struct arena *mem, struct ledger_row **out,
                size_t *count, struct error *err);
/* folder/ledger.db as it is at one moment, into a new file. */
int ledger_copy(const char *folder, const char *to, struct error *err);
/* The links alone, from the first row on; no signature is verified. ERR_TAMPER with the first row that does not
 * hold; *out then says how far it does. */
struct ledger_chain {
	char store[ID_TEXT], head[SHA256_TEXT]; /* "" if they cannot be read */
	int64_t rows, at;                       /* that are whole; time of the last of them */
};
int ledger_chain(const char *folder, struct ledger_chain *out, struct error *err);
/* Writes a ledger to the file `to` of those rows of a damaged one that are linked as they say, from the first on (none:
 * nothing is made). problem: what ends them, "" if nothing does. `file` is a copy that may be written. */
int ledger_salvage(const char *file, const char *to, struct ledger_chain *out, char *problem, size_t size,
                   struct error *err);
/* Changes after any commit, by whomever. */
int64_t ledger_change(struct ledger *l);

/*
 * The append rule, in one BEGIN IMMEDIATE:
 *   - a request id that is there already: nothing is written, *seq is the earlier row, *known is true
 *     (ERR_USAGE if that row's body is another one);
 *   - a decision's `seen` must be a row of this chain with that link (ERR_TAMPER);
 *   - ERR_STALE if a row after `seen` is about policy or roster, or about the same subject, or the same model
 *     and stage; an approve of the same target by another signer alone does not count, and a halt is never
 *     stale;
 *   - every decision but an unsigned halt has a signature that reads, no other row has one; the store's id is
 *     that of the genesis row (ERR_TAMPER).
 *
 * The signature is not verified here (ledger_sign's caller has done that). at = now, or the last row's if the
 * clock was set back. An error of the disk may come after the row was committed: the same request then finds
 * it.
 */
int ledger_append(struct ledger *l, const char *body, size_t len, const char *sig, size_t sig_len,
                  int64_t *seq, bool *known, struct error *err);
/* The rows after `seen` that would make a decision about this stale: 0 for none. */
int ledger_since(struct ledger *l, const struct ledger_text *t, int64_t *seq, struct error *err);

/* ---- keys and signatures ---- */

struct ledger_signature {
	char type[64];        /* "ssh-ed25519", "sk-ssh-ed25519@openssh.com" … */
	char fingerprint[64]; /* "SHA256:…", as ssh-keygen -l prints */
	char *public_key;     /* base64 of the key's blob, as in a roster line; caller frees */
	int level;            /* 1 software key, 2 touched, 3 PIN or fingerprint verified (FIDO flags) */
	uint32_t counter;     /* of a FIDO key; 0 */
};
/* Reads the armour strictly: nothing before or after it, lines of 70 but the last, the namespace, a known
 * version and hash, no trailing bytes. ERR_TAMPER. */
int ledger_signature_parse(const char *sig, size_t len, struct ledger_signature *out, struct error *err);

struct ledger_signer {
	const char *key_file; /* a private key, or a .pub whose private half an agent holds; NULL: the agent, with
	                         the key below */
	const char *public_key;      /* "ssh-ed25519 AAAA…": which key of the agent */
	int timeout_ms;              /* 0: 60 s */
	const volatile bool *cancel; /* set from another thread to give up; may be NULL */
	bool terminal;               /* ssh-keygen may ask for a passphrase on the terminal */
};
/* Signs with `ssh-keygen -Y sign -n signoff@assay`. ERR_ENV says which of: no ssh-keygen, no agent, agent
 * without this key, agent refused (or a destination-constrained key), never answered, wrong passphrase, key
 * file unreadable; and the next command to type. */
int ledger_sign(const char *body, size_t len, const struct ledger_signer *by, struct str *sig,
                struct error *err);
/* Public keys that the agent holds, as "type base64" each. ERR_ENV with the diagnosis. */
int ledger_agent_keys(struct arena *mem, const char ***keys, size_t *count, struct error *err);

/* ---- roster ---- */

/*
 * A draft is an allowed_signers file (ssh-keygen -Y verify takes it as it is):
 *
 *   alice@lab namespaces="signoff@assay" ssh-ed25519 AAAA… roles=owner,risk-reviewer;user=alice@gpu1
 *
 * One principal a line; a person with two keys has two lines with the same roles, user and name. The
 * comment's keys: roles= (owner risk-reviewer fairness-reviewer peer operator roster-admin auditor; comma
 * between), user= (login@host, comma between), name= (%-encoded), departed=yes (its earlier signatures stand,
 * new ones do not count), compromised=SEQ (signatures from that row on never counted). # begins a comment
 * line.
 */
#define ROSTER_ROLES 7
struct roster_key {
	const char *type, *blob; /* "ssh-ed25519", base64 */
	char fingerprint[64];
	bool departed;
	int64_t compromised; /* row from which it is not trusted; 0: never */
	int line;
};
struct roster_person {
	const char *principal, *name;
	const char **roles, **users; /* "risk-reviewer"; "alice@gpu1" */
	size_t role_count, user_count;
	struct roster_key *keys;
	size_t key_count;
};
struct roster {
	struct roster_person *people;
	size_t count;
	char digest[SHA256_TEXT];
	const char *text; /* the bytes */
	size_t len;
};
/* Every fault of a draft is an error (ERR_USAGE; file, line): wildcards, cert-authority, any option but
 * namespaces="signoff@assay", one key twice, non-ASCII principals, DSA, RSA below 3072 bits, unknown roles or
 * keys of the comment (with the nearest), a person whose lines disagree, fewer than one roster-admin. `file`
 * is for messages. */
int roster_parse(const char *file, const char *text, size_t len, struct arena *mem, struct roster *out,
                 struct error *err);
const struct roster_person *roster_find(const struct roster *r, const char *principal);
const struct roster_person *roster_of_user(const struct roster *r, const char *user_at_host);
const struct roster_person *roster_of_key(const struct roster *r, const char *blob,
                                          const struct roster_key **key);
bool roster_has_role(const struct roster_person *p, const char *role);

/* ---- policy ---- */

/*
 * A draft is an INI file. Unknown sections and keys are errors, with the line and the nearest name.
 *
 *   [policy]            name, stages (their order; none and archived are implied)
 *   [stage NAME]        approvals, roles (each at least once among them), assurance, expires, scan-age, review-by
 *   [gate ID]           kind, stages (absent: all), data (NAME, split or test; absent: the newest), metric,
 *                       measure, by, reference, threshold, limit (">= 0.8"), bound (low, high, value; absent:
 *                       low for >=, high for <=), level, minimum, few (undecided, leave-out), waivable
 *
 * assay-policy(5) says what each of them means.
 */
enum policy_gate_kind {
	POLICY_METRIC,
	POLICY_CHAMPION, /* candidate minus champion on the same cases; no numbers while the stage is empty */
	POLICY_BIAS,
	POLICY_DATA_AGE, /* days since the newest training data was registered */
	POLICY_CONTRACT, /* test data and training data keep the same schema */
	POLICY_REPLAY,   /* the run was replayed and came out identical */
	POLICY_MANIFEST, /* every file still hashes to the manifest */
	POLICY_SCAN,
};
enum policy_bound { POLICY_VALUE, POLICY_LOW, POLICY_HIGH };
struct policy_gate {
	const char *id;
	enum policy_gate_kind kind;
	const char **stages; /* none: all */
	size_t stage_count;
	const char *metric, *data, *measure, *by, *reference;
	double threshold, limit, level; /* level 0.95, threshold NaN: the model's own (0.5) */
	bool at_most;                   /* limit is an upper one */
	enum policy_bound bound;
	int64_t minimum;    /* cases of a group; 100 */
	bool leave_out_few; /* groups below it do not take part; false: they leave the gate undecided */
	bool waivable;
	int line;
};
struct policy_stage {
	const char *name;
	int approvals, assurance;
	const char **roles;
	size_t role_count;
	int64_t expires_ms, scan_age_ms, review_by_ms;
};
struct policy {
	const char *name;
	struct policy_stage *stages; /* in order */
	size_t stage_count;
	struct policy_gate *gates;
	size_t gate_count;
	char digest[SHA256_TEXT];
	const char *text;
	size_t len;
};
int policy_parse(const char *file, const char *text, size_t len, struct arena *mem, struct policy *out,
                 struct error *err);
/* The text that is in force until another comes into force: staging 1, production 2 of whom one
 * risk-reviewer, the manifest gate. */
extern const char POLICY_DEFAULT[];
const struct policy_stage *policy_stage_find(const struct policy *p, const char *stage);
bool policy_gate_applies(const struct policy_gate *g, const char *stage);
/* "low>=0.8": the rule as a gate line has it; appended. */
void policy_rule_text(const struct policy_gate *g, struct str *out);
/* pass, fail or undecided by limit, bound and the interval; a NaN is missing. Where the gate's bound is an
 * end of the interval: pass if that end keeps the limit, fail if the whole interval breaks it, else
 * undecided. */
enum gate_result policy_gate_decide(const struct policy_gate *g, double measured, double low, double high);

/* ---- state by replay ---- */

/* Who made what of a version, as registration and producers evidence objects tell it. */
struct ledger_author {
	const char *user; /* login@host, or a principal */
	const char
	    *what; /* "launched the run", "registered the version", "edited …", "produced evidence", "waived …" */
	bool is_principal;
	char evidence[SHA256_TEXT]; /* made this: an author wherever it is listed; "": of the version itself */
};

struct ledger_version {
	const char *model;
	int64_t version, row, at; /* the registration */
	char subject[SHA256_TEXT];
	char run[ID_TEXT], run_seal[SHA256_TEXT];
	struct ledger_author *authors;
	size_t author_count;
};

/* A signed row that may or may not count today. */
struct ledger_vote {
	int64_t row, at;
	enum ledger_kind kind; /* approve, reject, waive; resume; retro-review; roster, policy */
	const struct ledger_text *text;
	const char *principal, *name, *role, *fingerprint;
	int level;
	bool revoked;
	int64_t revoked_by; /* row */
};

enum proposal_status {
	PROPOSAL_IN_REVIEW,
	PROPOSAL_REJECTED,
	PROPOSAL_PROMOTED,
	PROPOSAL_SUPERSEDED, /* a later proposal of the same model and stage */
	PROPOSAL_WITHDRAWN,  /* revoked by who proposed */
};
struct ledger_proposal {
	int64_t row, at;
	const struct ledger_text *text; /* the propose row */
	enum proposal_status status;
	struct ledger_vote *votes; /* in order */
	size_t vote_count;
	int64_t promoted_by; /* row; 0 */
	/* Newest gate-results row of this version and stage, or the propose row itself: what holds now. */
	const struct ledger_text *results;
	int64_t results_row;
};

/* A version was put into a stage: by promote, rollback or break-glass. */
struct ledger_move {
	enum ledger_kind kind;
	const char *model, *stage, *principal;
	int64_t version, row, at;
	char subject[SHA256_TEXT];
	int64_t promotion; /* the promote row that it rests on (its own, or the one that a rollback returns to); 0
	                      for break-glass */
	int64_t proposal;  /* of that promotion */
	int64_t halted_by; /* row of the halt that stands against it; 0 */
	int64_t review_by; /* 0: none */
	int64_t expires;   /* of break-glass; 0 */
	struct ledger_waiver *waivers; /* that let its gates through, as their rows say */
	size_t waiver_count;
	struct ledger_vote *reviews; /* retro-reviews of break-glass */
	size_t review_count;
};

struct ledger_stage {
	const char *model, *stage;
	int64_t version; /* 0: none */
	char subject[SHA256_TEXT];
	int64_t row, since; /* the promote, rollback or break-glass that put it there */
	int64_t previous;   /* version before it; 0 */
	bool halted;
	bool halt_unsigned; /* whoever stopped it owes the signature (a signed halt) within 24 hours of halt_at */
	int64_t halt_row, halt_at;
	bool by_break_glass;
	int64_t review_by;           /* 0: none; also when somebody took an approval back after the promotion */
	struct ledger_vote *resumes; /* signatures to resume since the halt */
	size_t resume_count;
};

struct ledger_state {
	char store[ID_TEXT];
	int64_t seq; /* the head that it was made from */
	char head[SHA256_TEXT];
	int64_t sealed_to;    /* rows up to here are sealed by a signed row */
	struct roster roster; /* in force; count 0: none yet */
	struct policy policy;
	int64_t roster_row, policy_row;
	/* Drafts that have signatures, but not enough yet. */
	struct ledger_pending {
		enum ledger_kind kind;
		char digest[SHA256_TEXT];
		int64_t first_row;
		int signatures, needed; /* by admins of the roster in force; of the first roster: by its own */
		int accepted;           /* by admins of the new roster: as many are needed */
		struct ledger_vote *votes;
		size_t vote_count;
		struct roster roster; /* the draft, of kind roster */
	} * pending;
	size_t pending_count;
	struct ledger_version *versions;
	size_t version_count;
	struct ledger_proposal *proposals;
	size_t proposal_count;
	struct ledger_stage *stages;
	size_t stage_count;
	struct ledger_move *moves;
	size_t move_count;
	struct ledger_ignored {
		int64_t row;
		const char *why;
	} * ignored;
	size_t ignored_count;
	struct arena *mem;
};

/* Folds rows (verified ones: ledger_load) into a state. A row that breaks a rule of the ledger (a promote
 * without a quorum, a roster that the old admins did not sign …) is void: it changes nothing and is listed in
 * `ignored`, so that nobody who holds a key can stop a store by writing one. What was right when it was
 * written stays right: rules are asked by the state before the row, and its `at`. ERR_TAMPER if a text or an
 * object cannot be read. */
int ledger_replay(const struct ledger_row *rows, size_t count, const struct ledger_objects *objects,
                  struct ledger_state **out, struct error *err);
void ledger_state_free(struct ledger_state *s); /* NULL is fine */

/* Reads everything, checks the whole chain and every signature behind the person's pin (all of them without
 * one) that was not verified through this handle before, replays, and moves the pin forward, never back. A
 * pin that cannot be written is no error: *pin is then left as it was (pin->seq is not the state's seq). With
 * `pin` NULL no pin is looked at or kept. ERR_TAMPER: the first row that does not hold and what of it, and
 * how many more there are; ERR_ENV: it could not be verified (no ssh-keygen). */
struct ledger_pin;
int ledger_load(struct ledger *l, const struct ledger_objects *objects, struct ledger_pin *pin,
                struct ledger_state **out, struct error *err);

const struct ledger_version *ledger_version_find(const struct ledger_state *s, const char *model,
                                                 int64_t version);
const struct ledger_proposal *ledger_proposal_find(const struct ledger_state *s, int64_t row);
const struct ledger_stage *ledger_stage_find(const struct ledger_state *s, const char *model,
                                             const char *stage);
const struct ledger_move *ledger_move_find(const struct ledger_state *s, int64_t row);
/* The newest row of gate results of a version, about its registered subject, for a stage; 0: none. */
int64_t ledger_results_row(const struct ledger_state *s, const char *model, int64_t version,
                           const char *stage);
/* The vote of a proposal, a stage, a break-glass or a draft that stands in this row. */
const struct ledger_vote *ledger_vote_find(const struct ledger_state *s, int64_t row);

/* ---- judging ---- */

/* What holds at this moment, gathered by work: compared with what a signature says. */
struct ledger_facts {
	const char *model, *stage;
	int64_t version;
	char subject[SHA256_TEXT]; /* the manifest as the files hash today; "" if they do not hash to any */
	char run[ID_TEXT], run_seal[SHA256_TEXT];
	char code_commit[SHA256_TEXT], code_diff[SHA256_TEXT], env[SHA256_TEXT];
	struct ledger_data *data;
	size_t data_count;
	struct ledger_evidence *evidence;
	size_t evidence_count;
	struct ledger_gate *gates;
	size_t gate_count;
	int64_t now;
	const struct roster
	    *draft; /* kind roster: the draft, as far as the state does not know it yet; else NULL */
};

/* Why a vote does not count (any more): the eleven things that make an approval stale, and the rules about
 * who. */
enum ledger_why {
	WHY_SUBJECT,   /* 1 the manifest is another */
	WHY_EVIDENCE,  /* 2 evidence was added, removed or changed */
	WHY_GATE,      /* 3 a gate came out differently, or a new one fails */
	WHY_POLICY,    /* 4 another policy is in force */
	WHY_ROSTER,    /* 5 the signer left the roster or lost the role */
	WHY_KEY,       /* 6 the key is compromised from a row at or before it, or departed */
	WHY_RULES_AGE, /* 7 scanner rules or advisories are older than the policy allows */
	WHY_SOURCE,    /* 8 code, environment, data or the run's seal changed */
	WHY_AUTHOR,    /* 9 the signer became one of the authors */
	WHY_BASELINE,  /* 10 another champion is in the stage */
	WHY_EXPIRED,   /* 11 unused for too long */
	WHY_REVOKED,   /* taken back by the signer */
	WHY_LEVEL,     /* the stage wants a stronger key */
	WHY_ROLE,      /* the role signs nothing here */
	WHY_DUPLICATE, /* the same person or key has signed already */
	WHY_WAIVER,    /* a waiver that it relied on has ended or was revoked */
	WHYS
};
const char *ledger_why_name(enum ledger_why why); /* "subject", "evidence" … */

struct ledger_reason {
	enum ledger_why why;
	int64_t row;      /* of the vote */
	const char *text; /* a sentence for a person */
};

struct ledger_judgement {
	bool approved; /* may be promoted now */
	int have, need;
	const char **roles_missing;
	size_t roles_missing_count;
	/* One a vote of the proposal: */
	struct ledger_standing {
		const struct ledger_vote *vote;
		bool counts;
		struct ledger_reason *reasons; /* why not */
		size_t reason_count;
	} * votes;
	size_t vote_count;
	/* One a gate of the policy that applies, in its order: */
	struct ledger_gate_standing {
		const struct policy_gate *gate;
		const struct ledger_gate *result; /* NULL: none was computed */
		enum gate_result verdict;         /* pass, fail, undecided, missing */
		const struct ledger_vote *waiver; /* that lets it through, or NULL */
		const char *waiver_no;            /* why a waiver that is there does not, or NULL */
		bool lets_through;
	} * gates;
	size_t gate_count;
	bool vetoed;
	const char **blocks; /* everything that stands in the way, a sentence each; none when approved */
	size_t block_count;
	struct arena *mem;
};
/* Does this proposal stand, by the facts of this moment? Release with ledger_judgement_release. */
void ledger_judge(const struct ledger_state *s, const struct ledger_proposal *p,
                  const struct ledger_facts *now, struct ledger_judgement *out);
void ledger_judgement_release(struct ledger_judgement *j);

/* May this decision be added, by who its `signer` and `role` are, in this state? key: the signature's public
 * key (NULL: not signed yet, every other rule is asked). facts: what holds now, which propose, approve,
 * promote and rollback are compared with; NULL: the ledger alone is asked. ERR_NO names the rule; ERR_STALE
 * when it was made from another policy, roster or champion, or from other facts; ERR_TAMPER when a rollback's
 * files are not what they were. */
int ledger_may(const struct ledger_state *s, const struct ledger_text *t, const struct ledger_signature *key,
               const struct ledger_facts *facts, struct error *err);
/* May the stage be used by a deployment: a version is there, it is not halted, not past its grace,
 * break-glass reviewed in time. ERR_NO with the reason. Whether its files hash is the caller's to see. */
int ledger_may_use(const struct ledger_state *s, const char *model, const char *stage, int64_t now,
                   struct error *err);

/* ---- pins ---- */

/* What a person has verified last, at home: $XDG_STATE_HOME/assay/pins/STORE = "seq head roster". */
struct ledger_pin {
	bool there;
	int64_t seq;
	char head[SHA256_TEXT], roster[SHA256_TEXT];
};
int ledger_pin_read(const char *store_id, struct ledger_pin *out, struct error *err);
int ledger_pin_write(const char *store_id, const struct ledger_pin *pin, struct error *err);

/* ---- verification ---- */

struct ledger_problem {
	int64_t seq;       /* 0: not about a row */
	const char *what;  /* one word: "gap", "link", "chain", "text", "signature", "unsigned",
	                      "unexpected-signature",  "seen", "store", "roster", "policy", "rule", "object",
	                      "manifest", "evidence", "rollback",  "fork", "schema", "time" */
	const char *where; /* a sentence: which byte, line, file */
	bool note; /* to be looked at, but no sign of tampering: a claimed time that is far from the row's */
};
struct ledger_report {
	int64_t rows, signatures, sealed_to;
	bool from_pin; /* only what lies behind the pin was verified */
	char roster[SHA256_TEXT],
	    policy[SHA256_TEXT]; /* in force at the last row, if all of it was verified; else "" */
	struct ledger_problem *problems;
	size_t problem_count;
	bool unverifiable;            /* something could not be looked at (no ssh-keygen, no roster) */
	const char *unverifiable_why; /* "" */
	struct arena *mem;
};
/* Called now and then from the calling thread; anything but 0 stops (ERR_NO "stopped"). */
typedef int ledger_progress_fn(void *user, int64_t done, int64_t total);
struct ledger_verify_options {
	const struct ledger_pin *pin; /* NULL: none */
	bool from_pin;                /* trust what the pin covers */
	bool objects;                 /* read every object that is named: rosters, policies, manifests and their
	                                 files, evidence */
	ledger_progress_fn *progress;
	void *user;
};
/* Goes on after a problem, so that all of them are found. -1 only when nothing could be done at all, or
 * progress stopped it. Results are in the order of the rows; a ledger is intact when none is more than a
 * note. Four signatures at a time. From a pin: links, texts, `seen` and signatures of what came since; the
 * rules and what was in force are asked by a whole verification only, which is also made when a roster or
 * policy row came since, or when the pin does not hold. A state that rests on a row which is not intact is
 * not asked for its rules. */
int ledger_verify(struct ledger *l, const struct ledger_objects *objects,
                  const struct ledger_verify_options *options, struct ledger_report *out, struct error *err);
/* The same of rows that stand elsewhere, from the first on (a bundle); from_pin says nothing here. */
int ledger_verify_rows(const struct ledger_row *rows, size_t count, const struct ledger_objects *objects,
                       const struct ledger_verify_options *options, struct ledger_report *out,
                       struct error *err);
void ledger_report_release(struct ledger_report *r);
/* One text, one signature, one roster: has `principal` a key there that made it? ERR_TAMPER, ERR_ENV. */
int ledger_signature_verify(const char *body, size_t len, const char *sig, size_t sig_len,
                            const struct roster *roster, const char *principal, struct ledger_signature *out,
                            struct error *err);

/* ---- manifests ---- */

/* Lines `sha256:HEX SP SIZE SP PATH` (path %-encoded as free text is), sorted by the bytes of the plain path;
 * its digest is the subject. manifest_parse refuses (ERR_TAMPER) another spelling or order, a path twice,
 * paths that are not plain, not UTF-8 or hold what text_is_plain refuses: look at names before
 * manifest_write, which cannot fail. */
struct manifest_file {
	char digest[SHA256_TEXT];
	int64_t bytes;
	const char *path; /* relative, plain: no "..", no leading "/" */
};
void manifest_write(struct manifest_file *files, size_t count, struct str *out); /* sorts files */
int manifest_parse(const char *text, size_t len, struct arena *mem, struct manifest_file **out, size_t *count,
                   struct error *err);

#endif
