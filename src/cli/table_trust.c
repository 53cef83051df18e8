/* The commands about decisions and the ledger. */
#include "cli.h"
#include "commands.h"

/* Who signs; every command that signs takes these. */
#define SIGN_OPTIONS                                                                                         \
	{.name = "key",                                                                                          \
	 .value = "FILE",                                                                                        \
	 .help = "the SSH key: a private key, or a .pub that the agent holds (default: "                         \
	         "ASSAY_KEY, [sign] key in config.ini, the agent)"},                                             \
	    {.name = "as",                                                                                       \
	     .value = "PRINCIPAL",                                                                               \
	     .help = "who signs, as the roster has it (default: whose key it is)"},                              \
	    {.name = "role",                                                                                     \
	     .value = "ROLE",                                                                                    \
	     .help = "in which of your roles (default: the one that is needed most)"},                           \
	    {.name = "request", .value = "ID", .help = "32 hex digits: the same request again adds nothing"},    \
	    {.name = "signature",                                                                                \
	     .value = "FILE",                                                                                    \
	     .help = "a signature that was made elsewhere, over --payload"},                                     \
	{                                                                                                        \
		.name = "payload", .value = "FILE",                                                                  \
		.help = "the text that was signed, as `assay payload` printed it"                                    \
	}
#define REASON                                                                                               \
	{                                                                                                        \
		.name = "reason", .value = "TEXT", .help = "why, in your own words"                                  \
	}

static const struct cli_option reason_options[] = {REASON, SIGN_OPTIONS, {0}};

static const struct cli_option waive_options[] = {
    REASON,
    {.name = "until", .value = "DATE", .help = "when the waiver ends: a day (to its end, UTC) or a time"},
    {.name = "bound", .value = "X", .help = "how far the measured value may go (default: as it is now)"},
    SIGN_OPTIONS,
    {0},
};

static const struct cli_option break_glass_options[] = {
    {.name = "incident", .value = "REF", .help = "what it is for: the number of an incident or ticket"},
    REASON,
    SIGN_OPTIONS,
    {0},
};

static const struct cli_option rollback_options[] = {
    {.name = "to", .value = "V", .help = "the version (default: the one that was there before)"},
    REASON,
    SIGN_OPTIONS,
    {0},
};

static const struct cli_option halt_options[] = {
    {.name = "unsigned", .help = "without a key: it stops all the same, and wants a signed halt soon after"},
    REASON,
    SIGN_OPTIONS,
    {0},
};

static const struct cli_option review_options[] = {
    {.name = "key", .value = "FILE", .help = "list only what the person with this key may still sign"},
    {.name = "as", .value = "PRINCIPAL", .help = "list only what this person may still sign"},
    {0},
};

static const struct cli_option payload_options[] = {
    {.name = "kind", .value = "KIND", .help = "approve (default), reject, promote, revoke or retro-review"},
    REASON,
    {.name = "as",
     .value = "PRINCIPAL",
     .help = "who will sign, as the roster has it: no key is needed here"},
    {.name = "key", .value = "FILE", .help = "or whoever has this key"},
    {.name = "role", .value = "ROLE", .help = "in which role (default: the one that is needed most)"},
    {.name = "request", .value = "ID", .help = "32 hex digits: the same request again adds nothing"},
    {0},
};

static const struct cli_option check_options[] = {
    {.name = "dir",
     .value = "DIR",
     .help = "also hash the files of this folder against the manifest that was signed"},
    {0},
};

static const struct cli_option raw_options[] = {
    {.name = "signature", .help = "the signature instead of the text"},
    {0},
};

static const struct cli_option verify_options[] = {
    {.name = "bundle", .value = "DIR", .help = "a bundle instead of the store"},
    {.name = "pin", .value = "SEQ:HEAD", .help = "a row and its link that are known from elsewhere"},
    {.name = "from-pin", .help = "only what lies behind what was verified last"},
    {0},
};

static const struct cli_option checkpoint_options[] = {
    {.name = "sign", .help = "add a signed row instead, which vouches for everything before it"},
    REASON,
    SIGN_OPTIONS,
    {0},
};

static const struct cli_option roster_show_options[] = {
    {.name = "text", .help = "its bytes, instead of a table"},
    {0},
};

#define DECISION(word, arguments, number, line, sample, choices, function)                                   \
	{                                                                                                        \
		.name = word, .group = "Decisions", .args = arguments, .least = number, .most = number,              \
		.help = line, .example = sample, .flags = CLI_STORE | CLI_JSON, .options = choices, .run = function  \
	}
#define LEDGER(word, arguments, number, line, sample, more_flags, choices, function)                         \
	{                                                                                                        \
		.name = word, .group = "Ledger", .args = arguments, .least = number, .most = number, .help = line,   \
		.example = sample, .flags = CLI_STORE | (more_flags), .options = choices, .run = function            \
	}

const struct cli_command cli_trust_commands[] = {
    DECISION("propose", "NAME@V STAGE", 2, "ask that a version be put into a stage; computes its gates first",
             "assay propose credit-risk@7 production --reason 'AUC +0.9 pt on the holdout'", reason_options,
             cmd_propose),
    {
        .name = "review",
        .group = "Decisions",
        .args = "[ID]",
        .most = 1,
        .help = "what waits for a signature; with an ID, all that is to be read before signing",
        .example = "assay review --as alice@lab\nassay review 12",
        .flags = CLI_STORE | CLI_JSON | CLI_LISTING,
        .options = review_options,
        .run = cmd_review,
    },
    DECISION("approve", "ID", 1, "sign that a proposal may be promoted",
             "assay approve 12 --reason 'The drift of income is explained in section 3'", reason_options,
             cmd_approve),
    DECISION("reject", "ID", 1, "object to a proposal: nobody can promote it while that stands",
             "assay reject 12 --reason 'The test set holds rows of the training set'", reason_options,
             cmd_reject),
    DECISION("revoke", "ID", 1, "take back a row that you have signed",
             "assay revoke 14 --reason 'I had looked at another data set'", reason_options, cmd_revoke),
    DECISION("waive", "ID GATE", 2, "let a gate of a proposal not pass, within a bound and until a day",
             "assay waive 12 parity.sex --bound 0.78 --until 2027-01-31 --reason 'Few cases; more come in "
             "January, see "
             "ticket 88'",
             waive_options, cmd_waive),
    DECISION("promote", "ID", 1, "put an approved version into its stage, publish the folder, run the hook",
             "assay promote 12", reason_options, cmd_promote),
    DECISION("rollback", "NAME STAGE", 2, "put an earlier version back that was promoted to the stage",
             "assay rollback credit-risk production --reason 'Latency doubled'", rollback_options,
             cmd_rollback),
    DECISION("halt", "NAME STAGE", 2,
             "stop a stage at once: any one person of the roster, or anybody unsigned",
             "assay halt credit-risk production --reason 'Scores are all 0.5'", halt_options, cmd_halt),
    DECISION(
        "resume", "NAME STAGE", 2, "sign that a halted stage may be used again; takes the stage's quorum",
        "assay resume credit-risk production --reason 'The feed is repaired'", reason_options, cmd_resume),
    DECISION("break-glass", "NAME@V STAGE", 2,
             "put a version into a stage without approvals, for a day at most",
             "assay break-glass credit-risk@8 production --incident INC-4711 --reason 'Version 7 crashes on "
             "new input'",
             break_glass_options, cmd_break_glass),
    DECISION("retro-review", "ID", 1, "review afterwards what was put into a stage by break-glass",
             "assay retro-review 31 --reason 'Gates and files looked at; it may stay'", reason_options,
             cmd_retro_review),
    {
        .name = "check",
        .group = "Decisions",
        .args = "NAME STAGE",
        .least = 2,
        .most = 2,
        .help = "may what is in the stage be used? For deployment scripts: the status answers",
        .more = "Status 0: yes. 1: no, for a reason that it prints. 6: a file or the ledger is not what was "
                "signed.",
        .example = "assay check credit-risk production --dir /srv/model && systemctl restart scorer",
        .flags = CLI_STORE | CLI_JSON,
        .options = check_options,
        .run = cmd_check,
    },
    {
        .name = "payload lint",
        .group = "Decisions",
        .args = "FILE",
        .least = 1,
        .most = 1,
        .help = "whether a text is one that the ledger takes; - is standard input",
        .example = "assay payload lint text\nassay ledger raw 12 | assay payload lint -",
        .run = cmd_payload_lint,
    },
    {
        .name = "payload",
        .group = "Decisions",
        .args = "ID",
        .least = 1,
        .most = 1,
        .help = "the exact text to sign elsewhere; its SHA-256 on stderr",
        .more = "Sign it with `ssh-keygen -Y sign -n signoff@assay -f KEY FILE`, and bring it back with "
                "`assay approve "
                "ID --signature FILE.sig --payload FILE`.",
        .example = "assay payload 12 --as alice@lab --reason 'Read the report' >text",
        .flags = CLI_STORE,
        .options = payload_options,
        .run = cmd_payload,
    },
    LEDGER("ledger ls", "", 0, "every row of the ledger, and how many are not sealed yet",
           "assay ledger ls --csv", CLI_JSON | CLI_LISTING, NULL, cmd_ledger_ls),
    LEDGER("ledger show", "SEQ", 1, "one row: who, when, what it means, and its text", "assay ledger show 12",
           CLI_JSON, NULL, cmd_ledger_show),
    LEDGER("ledger raw", "SEQ", 1, "the exact bytes of a row's text, or of its signature",
           "assay ledger raw 12 | sha256sum", 0, raw_options, cmd_ledger_raw),
    LEDGER("ledger", "", 0, "the same as `ledger ls`", "assay ledger", CLI_JSON | CLI_LISTING, NULL,
           cmd_ledger_ls),
    LEDGER("verify", "", 0, "verify the chain, every signature and every object; or a bundle",
           "assay verify\nassay verify --bundle DIR --pin 41:9f3c…", CLI_JSON, verify_options, cmd_verify),
    LEDGER("bundle", "NAME@V DIR", 2,
           "write a version with its decisions and evidence, to be verified anywhere",
           "assay bundle credit-risk@7 /tmp/credit-risk-7 && sh /tmp/credit-risk-7/verify.sh", 0, NULL,
           cmd_bundle),
    LEDGER("checkpoint", "", 0, "the head of the ledger in three lines, to be kept elsewhere",
           "assay checkpoint >>decisions.log && git commit -m checkpoint decisions.log", CLI_JSON,
           checkpoint_options, cmd_checkpoint),
    LEDGER("roster show", "", 0, "who may sign what, as it is in force", "assay roster show", CLI_LISTING,
           roster_show_options, cmd_roster_show),
    LEDGER("roster lint", "FILE", 1, "whether the draft of a roster is sound", "assay roster lint roster", 0,
           NULL, cmd_roster_lint),
    LEDGER("roster diff", "FILE", 1, "lines that a draft takes away and adds; status 1 if any",
           "assay roster diff roster", 0, NULL, cmd_roster_diff),
    LEDGER("roster sign", "FILE", 1, "sign a roster: it is in force when enough admins have",
           "assay roster sign roster", CLI_JSON, reason_options, cmd_roster_sign),
    LEDGER("policy show", "", 0, "the policy in force", "assay policy show >policy.ini", 0, NULL,
           cmd_policy_show),
    LEDGER("policy lint", "FILE", 1, "whether the draft of a policy is sound", "assay policy lint policy.ini",
           0, NULL, cmd_policy_lint),
    LEDGER("policy diff", "FILE", 1, "lines that a draft takes away and adds; status 1 if any",
           "assay policy diff policy.ini", 0, NULL, cmd_policy_diff),
    LEDGER("policy sign", "FILE", 1, "sign a policy: it is in force when enough admins have",
           "assay policy sign policy.ini", CLI_JSON, reason_options, cmd_policy_sign),
};
const size_t cli_trust_command_count = COUNT_OF(cli_trust_commands);
