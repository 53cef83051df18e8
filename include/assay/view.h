/*
 * view: the screens. One file a screen; each asks work and store through ui's worker threads and
 * draws with ui and chart. Nothing here touches the store, a file or a pipe on the screen's thread.
 *
 * Places by name, for `assay --once PLACE`, for the palette and for coming back to them:
 *     overview          what needs the person, what runs, what is in use
 *     runs              the table of runs; runs:EXPERIMENT those of one; runs:EXPERIMENT/VIEW as a saved view
 *                       has them, runs:/VIEW one of all
 *     run:REF           a run's summary; run:REF/TAB for metrics, log, system, files, data,
 *                       params
 *     compare:REF,REF…  what differs between runs; the first one is the baseline
 *     launch            the form; launch:RECIPE with that recipe
 *     data              the data sets
 *     data:NAME[@N]     the columns of one; data:NAME/COLUMN one column large; …/COLUMN/TAB for values, text, time,
 *                       missing; …/COLUMN/by:OTHER split by another column, by:files by file
 *     relations:NAME[@N] what its columns have to do with each other; /TAB for label, pairs, map, missing, same,
 *                       rows, overlap; /overlap:OTHER[@N] which of its rows another one has, too
 *     rows:NAME[@N]     the rows of one; rows:NAME?EXPR those that match
 *     models            the registry
 *     models:NAME       the versions of one
 *     models:NAME@V     one version (models:NAME@STAGE too); /TAB for summary, files, gates, decisions,
 *                       lineage
 *     review            the proposals that wait for signatures; the only one that waits for me, opened
 *     review:ID         one proposal, as it can be signed
 *     audit             every row of the ledger and every other act
 *     audit:ROW         one row of the ledger, as it was signed
 *     bias              the runs whose model can be looked at
 *     bias:REF          the bias report of a run; bias:REF/TAB for groups, intersections, calibration
 *     theme             the theme editor; theme:NAME with that theme
 *
 * A blank may stand for the colon.
 */
#ifndef ASSAY_VIEW_H
#define ASSAY_VIEW_H

#include "assay/base.h"
#include "assay/term.h"
#include "assay/ui.h"

#define VIEW_LIMIT 1000
struct view_options {
	const char *store; /* as --store; NULL: $ASSAY_STORE, else the nearest */
	const char *theme; /* NULL: the one remembered */
	bool ascii;
	bool no_colour;
	/* The place that is open at first. NULL: where the last session was left, but the first screen while a proposal
	 * waits for signatures, and Runs where nothing is remembered. */
	const char *start;
	bool forget;         /* nothing is read from or written to the state that is kept between starts */
	int64_t fixed_now;   /* tests: 0 is the clock */
	bool json;           /* view_once: JSON (ui_twin) instead of the text … */
	size_t limit;        /* … with so many rows of a list at most; 0: VIEW_LIMIT */
	uint64_t replicates; /* tests: of the bias report's resampling; 0: BIAS_REPLICATES */
};

/* The workbench on this program's terminal, until the person leaves. 0, or -1 when it could not open
 * (no store, no terminal) or not go on. */
int view_workbench(const struct view_options *options, struct error *err);

/* The workbench on any terminal (tests: the memory one), for ui_run or ui_script; view_end frees. */
int view_begin(struct ui **out, struct term *term, const struct view_options *options, struct error *err);
void view_end(struct ui *ui);

/* One screen of width x height as plain text, a line a row, blanks at the ends removed; appended to `out`.
 * ERR_USAGE names the screens that there are. */
int view_once(const struct view_options *options, const char *screen, int width, int height, struct str *out,
              struct error *err);

/* The key tables of the manual page, in mdoc, appended to `out`: every action of the one table. */
void view_keys_mdoc(struct str *out);

#endif
