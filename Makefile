# Assay. `make demo` to see it, `make check` to test it; `make help` lists the rest.

PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
CC       ?= cc
AR       ?= ar
SHELL    := /bin/bash
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# `make V=1` shows the whole commands.
ifdef V
say =
Q   =
else
say = @printf '  %-4s %s\n' '$(1)' '$(2)'
Q   = @
endif

VERSION := $(shell sed -n 's/^\#define ASSAY_VERSION "\(.*\)"/\1/p' include/assay/base.h)

# ---- how to compile -----------------------------------------------------------------------

PKGS     := sqlite3 ncursesw gsl json-c libcrypto inih libzstd
HAVE_PKG := $(shell command -v pkg-config 2>/dev/null)
ifdef HAVE_PKG
PKG_CFLAGS := $(filter-out -D_XOPEN_SOURCE=%,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
endif
# libcsv ships no pkg-config file.
LIBS     := $(PKG_LIBS) -lcsv -lpthread -ldl -lm
OPT      ?= -O2 -g
WARN     := -Wall -Wextra
ifdef DEVELOPER
WARN += -Werror -Wpedantic -Wconversion -Wno-sign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wdouble-promotion \
        -Wnull-dereference -Wno-format-truncation
endif
# -ffp-contract=off: the same sums on every machine. -ffile-prefix-map: the same bytes from every folder.
CFLAGS   ?= $(OPT)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Iinclude -I$(BUILD)/gen $(WARN) $(CFLAGS) $(SANITIZE) -ffp-contract=off -fno-strict-aliasing \
             -ffile-prefix-map=$(CURDIR)=. -fstack-protector-strong -D_FORTIFY_SOURCE=2 -pthread $(PKG_CFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(SANITIZE) -Wl,--as-needed

SRCS     := $(filter-out src/main.c,$(sort $(wildcard src/*/*.c)))
OBJS     := $(SRCS:%.c=$(BUILD)/%.o)
LIB      := $(BUILD)/libassay.a
PROGRAM  := $(BUILD)/assay

.PHONY: all
all: $(PROGRAM)

$(BUILD)/%.o: %.c | need-deps
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIB): $(OBJS)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcsD $@ $^

$(PROGRAM): $(BUILD)/src/main.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -o $@

# ---- tests -----------------------------------------------------------------------------------

UNIT_SRCS  := $(sort $(wildcard tests/unit/*.c tests/golden/*.c))
UNIT_BINS  := $(UNIT_SRCS:%.c=$(BUILD)/%)
TESTLIB    := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/lib/*.c)))

$(UNIT_BINS): $(BUILD)/%: $(BUILD)/%.o $(TESTLIB) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -lcmocka -lvterm -lutil -o $@

.PHONY: unit
unit: $(UNIT_BINS)
	@tests/lib/run-tap $(UNIT_BINS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: need-deps clean
need-deps:

clean:
	rm -rf $(BUILD)
