# Assay. `make demo` shows it, `make check` tests it; `make help` lists the rest.

PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
CC       ?= cc
AR       ?= ar
INSTALL  ?= install
SHELL    := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
# For those who do not say -j: the targets that build and go on to do something.
MAKE_ALL  = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# `make V=1` shows the whole commands.
ifdef V
say =
Q   =
else
say = @printf '  %-4s %s\n' '$(1)' '$(2)'
Q   = @
endif

VERSION := $(shell sed -n 's/^\#define ASSAY_VERSION "\(.*\)"/\1/p' include/assay/base.h)

.PHONY: all
all: program man

# ---- how to compile --------------------------------------------------------------------------

PKGS       := sqlite3 ncursesw gsl json-c libcrypto inih libzstd zlib
# Some of these want _XOPEN_SOURCE at a level of their own, which _GNU_SOURCE already covers.
PKG_CFLAGS := $(filter-out -D_XOPEN_SOURCE=% -D_DEFAULT_SOURCE,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
# libcsv ships no pkg-config file.
LIBS       := $(PKG_LIBS) -lcsv -lpthread -ldl -lm
TEST_LIBS  := -lcmocka -lvterm -lutil

CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra
ifdef DEVELOPER
WARN += -Werror -Wpedantic -Wconversion -Wno-sign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wdouble-promotion \
        -Wnull-dereference -Wno-format-truncation -Wno-overlength-strings
endif
# -ffp-contract=off: the same sums on every machine. -ffile-prefix-map: the same bytes from every folder.
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE -Iinclude $(WARN) $(CFLAGS) $(SANITIZE) -ffp-contract=off \
              -fno-strict-aliasing -ffile-prefix-map=$(CURDIR)=. -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
              -pthread $(PKG_CFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(SANITIZE) -Wl,--as-needed
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

SRCS     := $(filter-out src/main.c,$(sort $(wildcard src/*/*.c)))
LIB      := $(BUILD)/libassay.a
PROGRAM  := $(BUILD)/assay
GENERATE := $(BUILD)/sample-data/generate

.PHONY: program
program: $(PROGRAM)

$(BUILD)/%.o: %.c | headers
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIB): $(SRCS:%.c=$(BUILD)/%.o)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcsD $@ $^

$(PROGRAM): $(BUILD)/src/main.o $(BUILD)/src/allocate.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -o $@

$(GENERATE): $(BUILD)/sample-data/generate.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -o $@

# The script that bundles carry, as a C string.
$(BUILD)/src/work/verify.inc: src/work/verify.sh
	@mkdir -p $(@D)
	$(Q)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< >$@

$(BUILD)/src/work/bundle.o: $(BUILD)/src/work/verify.inc
$(BUILD)/src/work/bundle.o: ALL_CFLAGS += -I$(BUILD)/src/work

# The man page's tables of commands and keys come from the program itself.
MAN  := $(BUILD)/man/assay.1
MAN5 := $(sort $(wildcard man/*.5))
.PHONY: man
man: $(MAN)

$(MAN): man/assay.1.in $(PROGRAM)
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)$(PROGRAM) internal-man commands >$(@D)/commands.mdoc && $(PROGRAM) internal-man keys >$(@D)/keys.mdoc
	$(Q)sed -e 's/@VERSION@/$(VERSION)/' -e '/^@COMMANDS@$$/{r $(@D)/commands.mdoc' -e 'd}' \
	    -e '/^@KEYS@$$/{r $(@D)/keys.mdoc' -e 'd}' $< >$@

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# ---- what must be installed --------------------------------------------------------------------

# A compiler's "no such file" tells a newcomer little; this says which command to type.
.PHONY: headers deps deps-check deps-fuzz deps-lint
headers:
	@tests/lib/deps --have build || { echo "assay: run 'make deps' first (it installs these)" >&2; exit 1; }

deps:
	@tests/lib/deps build run

deps-check:
	@tests/lib/deps build run check

deps-fuzz:
	@tests/lib/deps build fuzz

deps-lint:
	@tests/lib/deps build lint

# ---- the demonstration ----------------------------------------------------------------------------

# A second make reads pkg-config again after deps has perhaps installed it.
.PHONY: demo
demo: deps
	@$(MAKE_ALL) all $(GENERATE)
	@sample-data/demo.sh $(PROGRAM) $(BUILD)/demo

# ---- tests -----------------------------------------------------------------------------------------

UNIT_SRCS    := $(sort $(wildcard tests/unit/*.c tests/golden/*.c))
TESTLIB_SRCS := $(sort $(wildcard tests/lib/*.c))
FAULT_SRCS   := $(sort $(wildcard tests/fault/*.c))
FUZZ_SRCS    := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH_SRCS   := $(sort $(wildcard tests/bench/bench_*.c))
SCRIPTS      := $(sort $(wildcard tests/script/*.sh tests/trust/*.sh))
LONG_SCRIPTS := $(sort $(wildcard tests/long/*.sh))
TOOL_SRCS    := $(sort $(wildcard tests/tools/*.c))

TESTLIB    := $(TESTLIB_SRCS:%.c=$(BUILD)/%.o)
UNIT_BINS  := $(UNIT_SRCS:%.c=$(BUILD)/%)
FAULT_BINS := $(FAULT_SRCS:%.c=$(BUILD)/%)
FUZZ_BINS  := $(FUZZ_SRCS:%.c=$(BUILD)/%)
BENCH_BINS := $(BENCH_SRCS:%.c=$(BUILD)/%)
TOOL_BINS  := $(TOOL_SRCS:%.c=$(BUILD)/%)

# What is asked of a worker passes by this test first, which has it take its time.
$(BUILD)/tests/golden/no_wait: private LDFLAGS += -Wl,--wrap=worker_add

# A terminal changes there between two steps of its opening.
$(BUILD)/tests/unit/test_term_between: private LDFLAGS += -Wl,--wrap=tty_size -Wl,--wrap=signals_open

# Time passes there while a child is waited for, or just after what is left of a run has ended; or a signal comes.
$(BUILD)/tests/unit/test_base_stalled: private LDFLAGS += -Wl,--wrap=time_mono_ms
$(BUILD)/tests/unit/test_run_stalled: private LDFLAGS += -Wl,--wrap=proc_below -Wl,--wrap=time_mono_ms -Wl,--wrap=waitpid

# A file is put aside there just after its folder was looked at.
$(BUILD)/tests/unit/test_store_reused: private LDFLAGS += -Wl,--wrap=folder_look

# What passes by the clock is said there.
$(BUILD)/tests/unit/test_run_judge: private LDFLAGS += -Wl,--wrap=time_mono_ms

# A file changes there when it is read for the n-th time.
$(BUILD)/tests/unit/test_data_changes: private LDFLAGS += -Wl,--wrap=pread -Wl,--wrap=__pread_chk \
    -Wl,--wrap=fstat -Wl,--wrap=clock_gettime

# Hundreds of programs are linked, which gold, where there is one, does in half the time.
TEST_LD := $(if $(shell command -v ld.gold),-fuse-ld=gold)
$(UNIT_BINS) $(FAULT_BINS) $(BENCH_BINS) $(TOOL_BINS): $(BUILD)/%: $(BUILD)/%.o $(TESTLIB) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(TEST_LD) $^ $(LIBS) $(TEST_LIBS) -o $@

# Its own memory of good signatures stands before the room's function.
$(BUILD)/tests/fault/bundle_mutations: ALL_LDFLAGS += -Wl,--wrap=ledger_signature_verify

# Answers come by hand there, and so does the knowledge that one is still to come.
$(BUILD)/tests/fault/wrong_row: ALL_LDFLAGS += -Wl,--wrap=ui_asking

$(FUZZ_BINS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/tests/fuzz/driver.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(TEST_LD) $^ $(LIBS) -o $@

# Libraries that stand in for those of machines that are not there. Never sanitized: any program may load them.
NVML_STANDIN  := $(BUILD)/tests/standin/libnvidia-ml.so.1
CLOCK_STANDIN := $(BUILD)/tests/standin/libclock.so
$(NVML_STANDIN): tests/standin/nvml.c | headers
$(CLOCK_STANDIN): tests/standin/clock.c | headers
$(NVML_STANDIN) $(CLOCK_STANDIN):
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -std=c11 $(WARN) -O1 -fPIC -shared $< -o $@

# A C library of which a call fails.
FAIL_STANDIN := $(BUILD)/tests/standin/libfail.so
$(FAIL_STANDIN): tests/standin/fail.c tests/standin/fail.h | headers
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O1 -fPIC -shared $< -o $@

# Of the sanitized programs those that run; fuzz targets do so only there.
STANDINS := $(NVML_STANDIN) $(CLOCK_STANDIN) $(FAIL_STANDIN)
.PHONY: tests tests-sanitized
tests: $(PROGRAM) $(GENERATE) $(UNIT_BINS) $(FAULT_BINS) $(TOOL_BINS) $(STANDINS)
tests-sanitized: $(PROGRAM) $(MAN) $(UNIT_BINS) $(BUILD)/tests/fault/malformed $(FUZZ_BINS) $(TOOL_BINS) $(STANDINS)

ASAN := build/asan
# -g1: what the lines of a report need; with all of it a program takes a fifth longer to compile.
build_sanitized = $(MAKE_ALL) DEVELOPER=1 BUILD=$(ASAN) CFLAGS='-O1 -g1' SANITIZE='$(SANITIZERS)' tests-sanitized
# Every test program, plain and sanitized; the scripts with both programs as well. Fault trials count
# with TRIALS; a fuzz target replays its corpus and that many mutations of it.
plain_tests  = $(foreach t,$(UNIT_SRCS) $(FAULT_SRCS),'$(BUILD)/$(t:.c=)') \
               $(foreach t,$(SCRIPTS),'env ASSAY=$(PROGRAM) $(t)')
asan_tests   = $(foreach t,$(UNIT_SRCS),'$(ASAN)/$(t:.c=)') $(foreach t,$(SCRIPTS),'env ASSAY=$(ASAN)/assay $(t)') \
               '$(ASAN)/tests/fault/malformed'
fuzz_tests   = $(foreach t,$(FUZZ_SRCS),'$(ASAN)/$(t:.c=) $(1) tests/fuzz/corpus/$(t:tests/fuzz/fuzz_%.c=%)')

.PHONY: check check-built check-long check-long-built unit
check: deps-check
	@$(MAKE) --no-print-directory check-built

check-built:
	@$(MAKE_ALL) DEVELOPER=1 all tests $(BENCH_BINS)
	@$(build_sanitized)
	@BUILD=$(BUILD) tests/lib/run-tap $(plain_tests) $(asan_tests) $(call fuzz_tests,--mutate 300)

# The same ground, wider: ten thousand kills, a hundred thousand mutations a parser. TRIALS= says otherwise.
# Those of which ten thousand, or every call of every command, take hours.
BOUNDED := $(addprefix tests/fault/,power_cuts.c edit_kills.c command_faults.c)
# fuzz_csv reads each input in many ways: levels, slices, threads, sources.
long_fuzz = $(subst fuzz_csv --mutate 100000,fuzz_csv --mutate 30000,$(call fuzz_tests,--mutate 100000))
# In make check a quarter of their trials is sanitized (tests/lib/trials.h), here all; of test_data_properties, which is
# above with many more, the quarter is all that is.
QUARTERS := data_csv_cuts data_source data_tally_part stats_sketch_texts store_edit_model store_page work_salvage
check-long: deps-check
	@$(MAKE) --no-print-directory check-long-built

check-long-built:
	@$(MAKE_ALL) DEVELOPER=1 all tests
	@$(build_sanitized)
	@BUILD=$(BUILD) LONG=1 TRIALS=$${TRIALS:-10000} TEST_TIMEOUT=$${TEST_TIMEOUT:-2000} tests/lib/run-tap \
	    'env MINUTES=5 $(ASAN)/tests/golden/random_keys' '$(ASAN)/tests/fault/malformed' \
	    '$(BUILD)/tests/unit/test_data_changes' '$(BUILD)/tests/unit/test_data_properties' \
	    $(foreach t,$(QUARTERS),'$(ASAN)/tests/unit/test_$t') 'env ASSAY=$(PROGRAM) tests/script/records.sh' \
	    $(foreach t,$(filter-out $(BOUNDED),$(FAULT_SRCS)),'$(BUILD)/$(t:.c=)') $(long_fuzz) \
	    'env TRIALS=200 $(BUILD)/tests/fault/power_cuts' 'env TRIALS=500 $(BUILD)/tests/fault/edit_kills' \
	    'env TRIALS=5000 $(BUILD)/tests/fault/command_faults' \
	    'env ASSAY=$(PROGRAM) tests/script/trust_kills.sh' \
	    $(foreach t,$(LONG_SCRIPTS),'env BUILD=$(BUILD) CC="$(CC)" LIBS="$(LIBS) $(TEST_LIBS)" $(t)')

# One room while working on it: make unit T=store
T ?= /
unit: $(PROGRAM) $(UNIT_BINS)
	@tests/lib/run-tap $(foreach t,$(UNIT_BINS),$(if $(findstring $(T),$(t)),'$(t)'))

.PHONY: bench
bench:
	@$(MAKE_ALL) program $(BENCH_BINS) $(GENERATE)
	@tests/bench/run $(BUILD)

# Coverage-guided, one target after the other, FUZZ_SECONDS each.
FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz: deps-fuzz
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=clang-14 CFLAGS='-O1 -g' \
	    SANITIZE='-fsanitize=fuzzer-no-link,address,undefined' build/fuzz/libassay.a $(FUZZ_SRCS:%.c=build/fuzz/%.o)
	@for t in $(FUZZ_SRCS:tests/fuzz/%.c=%); do \
	    clang-14 -fsanitize=fuzzer,address,undefined build/fuzz/tests/fuzz/$$t.o build/fuzz/libassay.a $(LIBS) \
	        -o build/fuzz/$$t && mkdir -p build/fuzz/found/$$t && \
	    build/fuzz/$$t -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/found/$$t- \
	        build/fuzz/found/$$t tests/fuzz/corpus/$${t#fuzz_} || exit 1; done

# ---- care of the code -------------------------------------------------------------------------------

C_FILES = $(shell git ls-files '*.c' '*.h')
.PHONY: lint format
# ctuuninitvar takes what a function gives back (struct error *) for what it is given.
lint: deps-lint $(MAN) $(BUILD)/src/work/verify.inc
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --suppress=ctuuninitvar \
	    -D_GNU_SOURCE -Iinclude -I$(BUILD)/src/work src
	shellcheck $(shell git ls-files '*.sh') .ci/run tests/lib/run-tap tests/lib/deps
	mandoc -T lint -W warning $(MAN) $(MAN5)
	clang-format-14 --dry-run --Werror $(C_FILES)

format:
	clang-format-14 -i $(C_FILES)

# ---- putting it where it belongs ---------------------------------------------------------------------

# The reporting API: libc alone, so it is a library of its own.
LOGLIB := $(BUILD)/libassaylog.a
$(LOGLIB): src/log/log.c include/assay/log.h
	@mkdir -p $(BUILD)/log
	$(call say,AR,$@)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -Iinclude $(WARN) -O2 -g -fPIC -ffile-prefix-map=$(CURDIR)=. -c $< -o $(BUILD)/log/log.o
	@rm -f $@
	$(Q)$(AR) rcsD $@ $(BUILD)/log/log.o

.PHONY: install install-log uninstall dist clean help
install-log: $(LOGLIB)
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/include/assay $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/share/assay
	$(INSTALL) -m 644 include/assay/log.h $(DESTDIR)$(PREFIX)/include/assay/
	$(INSTALL) -m 644 $(LOGLIB) $(DESTDIR)$(PREFIX)/lib/
	$(INSTALL) -m 644 src/log/assay-log.sh $(DESTDIR)$(PREFIX)/share/assay/
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' src/log/assay-log.pc.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/assay-log.pc

install: all install-log
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/assay/themes
	$(INSTALL) -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/assay
	$(INSTALL) -m 644 $(MAN) $(DESTDIR)$(PREFIX)/share/man/man1/assay.1
	$(INSTALL) -m 644 $(MAN5) $(DESTDIR)$(PREFIX)/share/man/man5/
	$(INSTALL) -m 644 themes/*.theme $(DESTDIR)$(PREFIX)/share/assay/themes/

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/assay $(DESTDIR)$(PREFIX)/share/man/man1/assay.1
	rm -f $(MAN5:man/%=$(DESTDIR)$(PREFIX)/share/man/man5/%)
	rm -rf $(DESTDIR)$(PREFIX)/share/assay
	rm -f $(DESTDIR)$(PREFIX)/include/assay/log.h $(DESTDIR)$(PREFIX)/lib/libassaylog.a \
	    $(DESTDIR)$(PREFIX)/lib/pkgconfig/assay-log.pc
	-rmdir $(DESTDIR)$(PREFIX)/include/assay 2>/dev/null

dist:
	@mkdir -p $(BUILD)
	git archive --format=tar --prefix=assay-$(VERSION)/ HEAD | gzip -n9 >$(BUILD)/assay-$(VERSION).tar.gz
	@echo $(BUILD)/assay-$(VERSION).tar.gz

clean:
	rm -rf build

help:
	@echo 'make demo        install what is missing, build, train on the sample data, open the workbench'
	@echo 'make check       build and run all tests, plain and under sanitizers (check-long: many more trials)'
	@echo 'make             build build/assay and its manual page'
	@echo 'make deps        install what building and running need (apt, by package name)'
	@echo 'make install     into PREFIX ($(PREFIX)); DESTDIR for packages; uninstall takes it away'
	@echo 'make bench       measure (tests/bench/README.md); fuzz, lint, format, dist, clean do what they say'
	@echo 'DEVELOPER=1 makes warnings errors, V=1 shows the commands, T=name picks tests for make unit'
