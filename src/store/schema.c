/*
 * The schema. Names outside (ids, digests) are text; row ids are 64-bit integers that are never used
 * again (AUTOINCREMENT), because screens hold them.
 */
#include "internal.h"

static const char STORE_SCHEMA_1[] =
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;\n"

    "CREATE TABLE experiment (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,\n"
    "  goal TEXT, owner TEXT, state TEXT NOT NULL DEFAULT 'active', created INTEGER NOT NULL) STRICT;\n"

    /* status is enum run_status; the number is part of the format. */
    "CREATE TABLE run (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE,\n"
    "  experiment INTEGER NOT NULL REFERENCES experiment(id), name TEXT NOT NULL, kind TEXT NOT NULL,\n"
    "  status INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '',\n"
    "  created INTEGER NOT NULL, started INTEGER, ended INTEGER,\n"
    "  host TEXT NOT NULL DEFAULT '', user TEXT NOT NULL DEFAULT '', command TEXT NOT NULL DEFAULT '[]',\n"
    "  cwd TEXT NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT 'native', parent TEXT,\n"
    "  code_commit TEXT, code_diff TEXT, environment TEXT, seed INTEGER,\n"
    "  exit_status INTEGER, signal INTEGER, progress REAL, bad_lines INTEGER NOT NULL DEFAULT 0,\n"
    "  supervisor_pid INTEGER, supervisor_start INTEGER, supervisor_boot TEXT,\n"
    "  process_pid INTEGER, process_start INTEGER, process_boot TEXT,\n"
    "  seal TEXT) STRICT;\n"
    "CREATE INDEX run_created ON run(created, id);\n"
    "CREATE INDEX run_started ON run(started, id);\n"
    "CREATE INDEX run_name ON run(name, id);\n"
    "CREATE INDEX run_experiment ON run(experiment, created, id);\n"
    "CREATE INDEX run_ended ON run(ended, id);\n"
    "CREATE INDEX run_status ON run(status, created, id);\n"
    /* Ids are shown by their last digits. */
    "CREATE INDEX run_tail ON run(substr(uuid, 25), id);\n"

    "CREATE TABLE param (\n"
    "  run INTEGER NOT NULL REFERENCES run(id), key TEXT NOT NULL, value TEXT NOT NULL, number REAL,\n"
    "  PRIMARY KEY (run, key)) STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX param_number ON param(key, number, run) WHERE number IS NOT NULL;\n"
    "CREATE INDEX param_value ON param(key, value, run) WHERE number IS NULL;\n"
    "CREATE TABLE tag (\n"
    "  run INTEGER NOT NULL REFERENCES run(id), key TEXT NOT NULL, value TEXT NOT NULL, number REAL, at "
    "INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run, key)) STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX tag_value ON tag(key, value, run) WHERE number IS NULL;\n"
    "CREATE INDEX tag_number ON tag(key, number, run) WHERE number IS NOT NULL;\n"
    "CREATE TABLE note (\n"
    "  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id), text TEXT NOT NULL, at INTEGER NOT "
    "NULL) STRICT;\n"
    "CREATE INDEX note_run ON note(run, at);\n"

    /* One metric (kind 0) or sample (kind 1) of a run in one context. NaN is NULL in REAL columns: nan_count
     * and the *_nan flags tell it from nothing. `main` marks the one that a bare name means: the series
     * without a context, else the first that was made. The newest points stand packed in `tail`, so that a
     * series of a few points is one row and an append changes one page; the first `stored` points stand in
     * chunks. */
    "CREATE TABLE series (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES run(id),\n"
    "  kind INTEGER NOT NULL, name TEXT NOT NULL, context TEXT NOT NULL, main INTEGER NOT NULL,\n"
    "  count INTEGER NOT NULL, nan_count INTEGER NOT NULL, direction INTEGER NOT NULL,\n"
    "  last REAL, last_step INTEGER NOT NULL, last_time INTEGER NOT NULL, last_nan INTEGER NOT NULL,\n"
    "  first REAL, first_step INTEGER NOT NULL, first_time INTEGER NOT NULL, first_nan INTEGER NOT NULL,\n"
    "  min REAL, min_step INTEGER, max REAL, max_step INTEGER, best REAL, best_step INTEGER, mean REAL,\n"
    "  sum REAL, sum_low REAL, stored INTEGER NOT NULL, tail BLOB,\n"
    "  UNIQUE (run, kind, name, context)) STRICT;\n"
    "CREATE INDEX series_last ON series(name, last, run) WHERE kind = 0 AND main = 1;\n"
    "CREATE INDEX series_context ON series(name, context, last, run) WHERE kind = 0 AND context <> '';\n"
    /* id = series << 22 | number of the block: the blocks of a series lie together without a second index.
     * Every block but the last holds 512 points. rising: neither steps nor times fall. first and last (in the
     * order of arrival), min and max are over the values that are not NaN. */
    "CREATE TABLE chunk (\n"
    "  id INTEGER PRIMARY KEY, count INTEGER NOT NULL, nan_count INTEGER NOT NULL, rising INTEGER NOT NULL,\n"
    "  step_low INTEGER NOT NULL, step_high INTEGER NOT NULL,\n"
    "  time_low INTEGER NOT NULL, time_high INTEGER NOT NULL,\n"
    "  min REAL, max REAL, first REAL, last REAL, points BLOB NOT NULL) STRICT;\n"
    /* What names occur, and in how many runs: without reading all rows. */
    "CREATE TABLE name (\n"
    "  kind TEXT NOT NULL, name TEXT NOT NULL, used INTEGER NOT NULL,\n"
    "  PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID;\n"
    "CREATE TRIGGER series_named AFTER INSERT ON series WHEN NEW.kind = 0 BEGIN\n"
    "  INSERT INTO name VALUES ('metrics', NEW.name, 1) ON CONFLICT DO UPDATE SET used = used + 1; END;\n"
    "CREATE TRIGGER param_named AFTER INSERT ON param BEGIN\n"
    "  INSERT INTO name VALUES ('params', NEW.key, 1) ON CONFLICT DO UPDATE SET used = used + 1; END;\n"
    "CREATE TRIGGER tag_named AFTER INSERT ON tag BEGIN\n"
    "  INSERT INTO name VALUES ('tags', NEW.key, 1) ON CONFLICT DO UPDATE SET used = used + 1; END;\n"
    "CREATE TABLE direction (\n"
    "  experiment INTEGER NOT NULL REFERENCES experiment(id), name TEXT NOT NULL, direction INTEGER NOT "
    "NULL,\n"
    "  PRIMARY KEY (experiment, name)) STRICT, WITHOUT ROWID;\n"

    /* How far each event file is absorbed. mark is the digest of its first bytes and of those before offset:
     * a file that was put in the place of another is seen. skip: offset stands within a line that is too
     * long. */
    "CREATE TABLE event_file (\n"
    "  run INTEGER NOT NULL REFERENCES run(id), name TEXT NOT NULL, offset INTEGER NOT NULL,\n"
    "  lines INTEGER NOT NULL, skip INTEGER NOT NULL, mark TEXT NOT NULL,\n"
    "  PRIMARY KEY (run, name)) STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE bad_line (\n"
    "  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id), file TEXT NOT NULL, offset INTEGER "
    "NOT NULL,\n"
    "  text BLOB NOT NULL, why TEXT NOT NULL) STRICT;\n"
    "CREATE INDEX bad_line_run ON bad_line(run, id);\n"

    "CREATE TABLE dataset (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, last_version "
    "INTEGER NOT NULL) STRICT;\n"
    "CREATE TABLE dataset_version (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, dataset INTEGER NOT NULL REFERENCES dataset(id), version "
    "INTEGER NOT NULL,\n"
    "  digest TEXT NOT NULL, reading TEXT NOT NULL, rows INTEGER NOT NULL, created INTEGER NOT NULL, removed "
    "INTEGER,\n"
    "  UNIQUE (dataset, version)) STRICT;\n"
    "CREATE INDEX dataset_version_digest ON dataset_version(digest);\n"
    "CREATE TABLE dataset_file (\n"
    "  version INTEGER NOT NULL REFERENCES dataset_version(id), seq INTEGER NOT NULL, path TEXT NOT NULL, "
    "digest TEXT NOT NULL,\n"
    "  bytes INTEGER NOT NULL, first_row INTEGER NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY (version, "
    "seq)) STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE dataset_column (\n"
    "  version INTEGER NOT NULL REFERENCES dataset_version(id), seq INTEGER NOT NULL, name TEXT NOT NULL, "
    "type TEXT NOT NULL,\n"
    "  roles TEXT NOT NULL, PRIMARY KEY (version, seq)) STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE profile (digest TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;\n"

    "CREATE TABLE run_input (\n"
    "  run INTEGER NOT NULL REFERENCES run(id), role TEXT NOT NULL, name TEXT NOT NULL, version INTEGER "
    "REFERENCES dataset_version(id),\n"
    "  digest TEXT, PRIMARY KEY (run, role, name)) STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE artifact (\n"
    "  run INTEGER NOT NULL REFERENCES run(id), name TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT, bytes "
    "INTEGER NOT NULL,\n"
    "  at INTEGER NOT NULL, PRIMARY KEY (run, name)) STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX artifact_digest ON artifact(digest);\n"
    "CREATE TABLE evaluation (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER REFERENCES run(id), split TEXT NOT NULL, model TEXT "
    "NOT NULL,\n"
    "  data TEXT NOT NULL, settings TEXT NOT NULL, predictions TEXT, evidence TEXT NOT NULL, at INTEGER NOT "
    "NULL) STRICT;\n"
    "CREATE INDEX evaluation_run ON evaluation(run, id);\n"

    "CREATE TABLE view (key TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE activity (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, verb TEXT NOT NULL, "
    "what TEXT NOT NULL) STRICT;\n";

/* What the second version adds. A store of the first one gets these in place, so they stand alone. */
static const char STORE_SCHEMA_2[] =
    /* Whoever ran what made it, login@host; NULL: not known. */
    "ALTER TABLE evaluation ADD COLUMN producer TEXT;\n"
    "CREATE INDEX evaluation_model ON evaluation(model, id);\n"

    "CREATE TABLE bias_report (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER REFERENCES run(id), split TEXT NOT NULL, model TEXT "
    "NOT NULL,\n"
    "  data TEXT NOT NULL, settings TEXT NOT NULL, predictions TEXT NOT NULL, evidence TEXT NOT NULL,\n"
    "  at INTEGER NOT NULL, producer TEXT NOT NULL) STRICT;\n"
    "CREATE INDEX bias_report_model ON bias_report(model, id);\n"

    /* What people call a version, and what they say of it. What a version is stands in the ledger: its rows
     * here are a cache of that, and last_version makes sure that no number is given twice. */
    "CREATE TABLE model (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, owner TEXT NOT NULL DEFAULT '',\n"
    "  description TEXT NOT NULL DEFAULT '', last_version INTEGER NOT NULL, created INTEGER NOT NULL) "
    "STRICT;\n"
    "CREATE TABLE model_version (\n"
    "  model INTEGER NOT NULL REFERENCES model(id), version INTEGER NOT NULL, subject TEXT NOT NULL,\n"
    "  run TEXT NOT NULL, seq INTEGER NOT NULL, registered INTEGER NOT NULL,\n"
    "  description TEXT NOT NULL DEFAULT '', PRIMARY KEY (model, version)) STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX model_version_run ON model_version(run);\n"
    "CREATE TABLE alias (\n"
    "  model INTEGER NOT NULL REFERENCES model(id), name TEXT NOT NULL, version INTEGER NOT NULL,\n"
    "  PRIMARY KEY (model, name)) STRICT, WITHOUT ROWID;\n";

/* What the third version adds. */
static const char STORE_SCHEMA_3[] =
    /* When the run was put away; NULL: it is in the lists. */
    "ALTER TABLE run ADD COLUMN archived INTEGER;\n"
    "CREATE INDEX run_archived ON run(archived) WHERE archived IS NOT NULL;\n"
    /* Lists are sorted and filtered by any of a series' values, as by the latest. */
    "CREATE INDEX series_best ON series(name, best, run) WHERE kind = 0 AND main = 1;\n"
    "CREATE INDEX series_min ON series(name, min, run) WHERE kind = 0 AND main = 1;\n"
    "CREATE INDEX series_max ON series(name, max, run) WHERE kind = 0 AND main = 1;\n"
    "CREATE INDEX series_mean ON series(name, mean, run) WHERE kind = 0 AND main = 1;\n"
    "CREATE INDEX series_first ON series(name, first, run) WHERE kind = 0 AND main = 1;\n"

    /* Tags come and go by hand; a name that no run has any more is not offered. */
    "CREATE TRIGGER tag_unnamed AFTER DELETE ON tag BEGIN\n"
    "  UPDATE name SET used = used - 1 WHERE kind = 'tags' AND name = OLD.key;\n"
    "  DELETE FROM name WHERE kind = 'tags' AND name = OLD.key AND used <= 0; END;\n"

    /* Saved views and named filters; experiment '' for all. */
    "CREATE TABLE saved (\n"
    "  kind TEXT NOT NULL, experiment TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL,\n"
    "  PRIMARY KEY (kind, experiment, name)) STRICT, WITHOUT ROWID;\n"
    /* What people changed, with what was there before: an edit is undone by putting that back. */
    "CREATE TABLE edit (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL,\n"
    "  undone INTEGER NOT NULL DEFAULT 0) STRICT;\n"
    "CREATE INDEX edit_who ON edit(who, undone, id);\n"
    /* kind: 'archived', 'tag', 'name', 'note' of a run; 'view', 'filter' by experiment and name. NULL: not there.
     * A value of a tag or a note is "TIME TEXT"; the key of a note is its number. */
    "CREATE TABLE edit_item (\n"
    "  edit INTEGER NOT NULL REFERENCES edit(id), seq INTEGER NOT NULL, kind TEXT NOT NULL, run INTEGER,\n"
    "  experiment TEXT, key TEXT, before TEXT, after TEXT, PRIMARY KEY (edit, seq)) STRICT, WITHOUT ROWID;\n";

/* What the fourth version adds. */
static const char STORE_SCHEMA_4[] =
    /* Saved views have had a table of their own since the third version; nothing was kept here any more. */
    "DROP TABLE view;\n"
    /* When the run was removed, to be purged later; NULL: it is there. Less than 0: it is being purged, and what it
     * had is gone in part. */
    "ALTER TABLE run ADD COLUMN removed INTEGER;\n"
    "CREATE INDEX run_removed ON run(removed) WHERE removed IS NOT NULL;\n"
    /* What is left of runs that were purged: that they were, so that whoever names one is told. */
    "CREATE TABLE purged (\n"
    "  uuid TEXT PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL) STRICT, WITHOUT "
    "ROWID;\n"
    "CREATE INDEX bias_report_run ON bias_report(run, id);\n"
    /* So many things of an edit went with runs that were purged: what is left of it can be taken back. */
    "ALTER TABLE edit ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;\n"
    "CREATE INDEX edit_item_run ON edit_item(run) WHERE run IS NOT NULL;\n"
    /* Why a run that goes on needs looking at ("stalled …", "loss is nan at step 120"), and since when. */
    "ALTER TABLE run ADD COLUMN flag TEXT NOT NULL DEFAULT '';\n"
    "ALTER TABLE run ADD COLUMN flagged INTEGER;\n"
    /* When somebody who knew of the run wrote so last: its supervisor, every few seconds, or a client. */
    "ALTER TABLE run ADD COLUMN heard INTEGER;\n"
    /* When its progress was told last, and the one from which it has only risen since, with its time. */
    "ALTER TABLE run ADD COLUMN progress_at INTEGER;\n"
    "ALTER TABLE run ADD COLUMN progress_from REAL;\n"
    "ALTER TABLE run ADD COLUMN progress_from_at INTEGER;\n"
    /* Purging takes rows away: a name that no run has any more is not offered. */
    "CREATE TRIGGER series_unnamed AFTER DELETE ON series WHEN OLD.kind = 0 BEGIN\n"
    "  UPDATE name SET used = used - 1 WHERE kind = 'metrics' AND name = OLD.name;\n"
    "  DELETE FROM name WHERE kind = 'metrics' AND name = OLD.name AND used <= 0; END;\n"
    "CREATE TRIGGER param_unnamed AFTER DELETE ON param BEGIN\n"
    "  UPDATE name SET used = used - 1 WHERE kind = 'params' AND name = OLD.key;\n"
    "  DELETE FROM name WHERE kind = 'params' AND name = OLD.key AND used <= 0; END;\n"
    /* What charts need of many points in a row: span.h. id = series << 18 | level << 16 | number of the node. They
     * go with their series. */
    "CREATE TABLE span (id INTEGER PRIMARY KEY, parts BLOB NOT NULL) STRICT;\n"
    "CREATE TRIGGER series_spans AFTER DELETE ON series WHEN OLD.stored >= 32768 BEGIN\n"
    "  DELETE FROM span WHERE id >= OLD.id << 18 AND id < (OLD.id + 1) << 18; END;\n"
    "CREATE TABLE experiment_tag (\n"
    "  experiment INTEGER NOT NULL REFERENCES experiment(id), key TEXT NOT NULL, value TEXT NOT NULL,\n"
    "  PRIMARY KEY (experiment, key)) STRICT, WITHOUT ROWID;\n"
    /* Files of another tool's format that are followed, by path, with the context of their points and how far they
     * have been read: lines counts records, skip says that the file is broken. */
    "CREATE TABLE followed (\n"
    "  run INTEGER NOT NULL REFERENCES run(id), name TEXT NOT NULL, context TEXT NOT NULL, offset INTEGER "
    "NOT NULL,\n"
    "  lines INTEGER NOT NULL, skip INTEGER NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (run, name)) STRICT, "
    "WITHOUT "
    "ROWID;\n"
    "CREATE INDEX followed_name ON followed(name);\n"
    /* What was recognised in a run's output: by which recogniser, under which name, in how many lines. */
    "CREATE TABLE recognised (\n"
    "  run INTEGER NOT NULL REFERENCES run(id), recogniser TEXT NOT NULL, name TEXT NOT NULL,\n"
    "  lines INTEGER NOT NULL, example TEXT NOT NULL, PRIMARY KEY (run, recogniser, name)) STRICT, WITHOUT "
    "ROWID;\n"
    /* How far each event file is absorbed, in the place of event_file. A file is known by its inode, whatever its
     * name has become; where that is not known (NULL) or the file is gone or overwritten (-1), by its content: mark,
     * and head, the bytes that it begins with. Name is the latest. */
    "CREATE TABLE reported (\n"
    "  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id), name TEXT NOT NULL, inode INTEGER,\n"
    "  offset INTEGER NOT NULL, lines INTEGER NOT NULL, skip INTEGER NOT NULL, mark TEXT NOT NULL,\n"
    "  head BLOB NOT NULL DEFAULT x'') STRICT;\n"
    "INSERT INTO reported (run, name, offset, lines, skip, mark) SELECT run, name, offset, lines, skip, mark "
    "FROM "
    "event_file;\n"
    "DROP TABLE event_file;\n"
    "CREATE INDEX reported_name ON reported(run, name);\n"
    "CREATE INDEX reported_inode ON reported(run, inode);\n"
    /* What clients of other tools' interfaces reported and there is no table for: their JSON, as it came. */
    "CREATE TABLE foreign_record (\n"
    "  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, run INTEGER REFERENCES run(id),\n"
    "  experiment INTEGER REFERENCES experiment(id), json TEXT NOT NULL) STRICT;\n"
    "CREATE UNIQUE INDEX foreign_record_key ON foreign_record(kind, key, coalesce(run, 0));\n"
    "CREATE INDEX foreign_record_run ON foreign_record(run, kind) WHERE run IS NOT NULL;\n"
    "CREATE INDEX foreign_record_experiment ON foreign_record(experiment, kind) WHERE experiment IS NOT "
    "NULL;\n";

const char *const STORE_SCHEMAS[STORE_SCHEMA_VERSION] = {STORE_SCHEMA_1, STORE_SCHEMA_2, STORE_SCHEMA_3,
                                                         STORE_SCHEMA_4};
