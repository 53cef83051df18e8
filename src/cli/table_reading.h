/* The options that say how a CSV file is read, for the tables of options. */
#ifndef CLI_TABLE_READING_H
#define CLI_TABLE_READING_H

/* How a CSV file is read; `data add` and `data profile FILE` share these (reading_set knows them). */
#define READING_OPTIONS                                                                                      \
	{.name = "encoding", .value = "NAME", .help = "utf-8, latin-1 or utf-16"},                               \
	    {.name = "delimiter",                                                                                \
	     .value = "C",                                                                                       \
	     .help = "what separates fields: a character, tab, space or comma"},                                 \
	    {.name = "quote", .value = "C", .help = "the quote character, or none"},                             \
	    {.name = "header", .value = "yes|no", .help = "whether the first record holds names"},               \
	    {.name = "no-header", .help = "the first record is data"},                                           \
	    {.name = "names", .value = "a,b,…", .help = "names of all columns, in order"},                       \
	    {.name = "skip", .value = "N", .help = "lines before the first record"},                             \
	    {.name = "comment", .value = "C", .help = "lines that begin with C are left out"},                   \
	    {.name = "trim", .help = "blanks around fields do not count"},                                       \
	    {.name = "end-mark", .value = "C", .help = "a character that ends every record, or none"},           \
	    {.name = "missing",                                                                                  \
	     .value = "'?,NA'",                                                                                  \
	     .help = "spellings that mean missing, beside the empty field"},                                     \
	    {.name = "label", .value = "COL", .help = "the column to be predicted"},                             \
	    {.name = "positive", .value = "VALUE", .help = "the value of the label that counts as 1"},           \
	    {.name = "protected", .value = "a,b", .help = "protected attributes, such as sex"},                  \
	    {.name = "background", .value = "a,b", .help = "where a case comes from: site, device, batch"},      \
	    {.name = "weight", .value = "COL", .help = "weights of the rows"},                                   \
	    {.name = "time", .value = "COL", .help = "when a case happened"},                                    \
	    {.name = "id", .value = "COL", .help = "what names a case"},                                         \
	{                                                                                                        \
		.name = "type", .value = "COL=TYPE", .many = true,                                                   \
		.help = "type of a column: bool, int, num, cat, text, time or id"                                    \
	}

#endif
