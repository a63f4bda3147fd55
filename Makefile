# mod_cors: `make help` says what there is.
# GNU make and apxs; nothing to configure.  Set APXS or CC to use others.
# `make PSL= IDN2=` builds without libpsl and libidn2, which may be missing.

APXS ?= $(shell command -v apxs2 || command -v apxs || echo apxs)
APR  ?= $(shell command -v apr-1-config || $(APXS) -q APR_CONFIG)

# What pkg-config calls them; empty: do without. Lazy, as all that follows
# from them, so that `make demo` can install them first.
PSL  = $(shell pkg-config --exists libpsl 2>/dev/null && echo libpsl)
IDN2 = $(shell pkg-config --exists libidn2 2>/dev/null && echo libidn2)

# The core knows nothing of httpd: it is compiled without its headers.
CORE := src/cors_token.c src/cors_list.c src/cors_names.c src/cors_host.c \
        src/cors_suffix.c src/cors_origin.c src/cors_site.c \
        src/cors_pattern.c src/cors_origin_set.c src/cors_origins.c \
        src/cors_lines.c \
        src/cors_policy.c src/cors_near_miss.c src/cors_regex_char.c \
        src/cors_regex.c src/cors_sample.c src/cors_lint.c \
        src/cors_safelist.c src/cors_step.c src/cors_browser.c \
        src/cors_browser_answer.c src/cors_utf8.c

# One header for the two sources of the browser.
CORE_HDRS := include/cors_str.h include/cors_swap.h \
        $(filter-out %_answer.h,$(CORE:src/%.c=include/%.h))

SRCS  := mod_cors.c $(wildcard src/*.c)
HDRS  := $(wildcard include/*.h)
UNIT  := $(patsubst t/%.c,build/%.t,$(wildcard t/unit/*.c)) \
         build/unit/swap.tsan.t

# `make WERROR=` for a compiler that warns about more than ours do.
WERROR   := -Werror
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wwrite-strings -Wpointer-arith -Wformat=2 -Wvla $(WERROR)
SANITIZE := -g -O1 -fno-omit-frame-pointer -U_FORTIFY_SOURCE \
            -fsanitize=address,undefined -fno-sanitize-recover=all

# httpd opens modules with their symbols visible to all other modules, so the
# module record is the only one that leaves.
EXPORTS := -export-symbols-regex ^cors_module$$

LIBRARIES = $(strip $(PSL) $(IDN2))
LIBRARY_CFLAGS = $(if $(PSL),-DCORS_WITH_PSL) $(if $(IDN2),-DCORS_WITH_IDN2) \
                 $(if $(LIBRARIES),$(patsubst -I%,-isystem %,$(shell \
                     pkg-config --cflags $(LIBRARIES))))
LIBRARY_LIBS   = $(if $(LIBRARIES),$(shell pkg-config --libs $(LIBRARIES)))

# Who emptied the variable knows.
say_missing = $(if $(filter file,$(origin $1)),$(if $($1),,echo "$(strip $2)"))

# Lazy, so that `make demo` can install apxs first.
CORE_CFLAGS = -std=c99 -Wpedantic $(WARNINGS) -Iinclude $(LIBRARY_CFLAGS) \
              $(shell $(APR) --includes --cppflags)
# -isystem: what the macros of others make clang say is theirs to mend.
GLUE_CFLAGS = -std=gnu99 $(WARNINGS) -Iinclude $(LIBRARY_CFLAGS) \
              -isystem $(shell $(APXS) -q INCLUDEDIR) \
              $(patsubst -I%,-isystem %,$(shell $(APR) --includes --cppflags))

# packaging/install-deps installs Debian packages; `make check DEPS=:` leaves
# the system alone.
DEPS := packaging/install-deps
JOBS := 2

.PHONY: all install unit lint check check-asan check-bench bench soak fuzz \
        demo pictures clean help programs fuzz-programs FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: build/mod_cors.so

# apxs leaves its objects beside the sources, so it works on copies. What
# libtool says is of interest only when something fails; V=1 shows it all. A
# running httpd has the old file mapped, so the new one takes its name at last.
build/mod_cors.so build/asan/mod_cors.so build/plain/mod_cors.so: \
        $(SRCS) $(HDRS)
	@echo "apxs: $@"
	@$(call say_missing,PSL,libpsl not found: 'same-site' and partial \
	    wildcards will be refused; so will others with credentials)
	@$(call say_missing,IDN2,libidn2 not found: internationalised hosts \
	    will be refused unless in their xn-- form)
	@rm -rf $(@D)/module
	@mkdir -p $(@D)/module
	@cp -R mod_cors.c src include $(@D)/module
	@cd $(@D)/module && { $(APXS) $(APXS_CC) -c -Iinclude \
	    -Wc,'-std=gnu99 -O2 -fvisibility=hidden $(WARNINGS) $(LIBRARY_CFLAGS) $(CFLAGS)' \
	    -Wl,'$(EXPORTS) $(LDFLAGS)' $(SRCS) $(LIBRARY_LIBS) \
	    >build.log 2>&1 \
	    || { cat build.log; exit 1; }; }
	@$(if $(V),cat $(@D)/module/build.log)
	@cp $(@D)/module/.libs/mod_cors.so $@.new
	@mv $@.new $@

build/asan/mod_cors.so: CFLAGS  += $(SANITIZE)
build/asan/mod_cors.so: LDFLAGS += -fsanitize=address,undefined

# The same without the two libraries, whatever the system has.
build/plain/mod_cors.so: override PSL  =
build/plain/mod_cors.so: override IDN2 =

# Everything is built anew with other libraries than the last time.
build/mod_cors.so build/asan/mod_cors.so: build/libraries
build/libraries: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBRARIES)' | cmp -s - $@ || echo '$(LIBRARIES)' >$@

# apxs takes the compiler that httpd was built with, unless one is asked for.
APXS_CC = $(if $(filter default,$(origin CC)),,-S CC='$(CC)')

# For a package (DESTDIR) the files alone; else like `apxs -i -a`. The header is
# for modules that provide origins.
install: all
ifdef DESTDIR
	install -D -m 644 build/mod_cors.so \
	    $(DESTDIR)$(shell $(APXS) -q LIBEXECDIR)/mod_cors.so
else
	$(APXS) -i -a -n cors build/module/mod_cors.la
endif
	install -D -m 644 include/mod_cors.h \
	    $(DESTDIR)$(shell $(APXS) -q INCLUDEDIR)/mod_cors.h

# The fast inner loop: the core alone, always under the sanitizers.
unit: programs
	prove -e '' $(UNIT)

programs: $(UNIT)

build/unit/%.t: t/unit/%.c $(wildcard t/unit/*.h) $(CORE:src/%.c=build/unit/%.o)
	$(CC) $(CORE_CFLAGS) $(SANITIZE) -It/unit -o $@ $< $(filter %.o,$^) \
	    $(shell $(APR) --link-ld) $(LIBRARY_LIBS)

# Its expressions are PCRE2's, as httpd's are.
build/unit/lint.t: LIBRARY_LIBS += -lpcre2-8

# ThreadSanitizer excludes the others, so these threads run twice. It may need
# addresses that are not spread at random.
build/unit/swap.t: LIBRARY_LIBS += -pthread

build/unit/swap.tsan: t/unit/swap.c t/unit/tap.h include/cors_swap.h \
        include/cors_str.h
	@mkdir -p $(@D)
	$(CC) $(CORE_CFLAGS) -g -O1 -fsanitize=thread -It/unit -o $@ $< -pthread

build/unit/swap.tsan.t: build/unit/swap.tsan
	@printf '%s\n' '#!/bin/sh' \
	    'setarch -R true 2>/dev/null && exec setarch -R $< || exec $<' >$@
	@chmod +x $@

build/unit/%.o: src/%.c $(HDRS) build/libraries
	@mkdir -p $(@D)
	$(CC) $(CORE_CFLAGS) $(SANITIZE) -c -o $@ $<

# The core as httpd has it: optimised, for a shared object, no sanitizers.
build/bench/decision: t/bench/decision.c $(wildcard t/unit/*.h) \
        $(CORE:src/%.c=build/bench/%.o)
	$(CC) $(CORE_CFLAGS) -O2 $(CFLAGS) -It/unit \
	    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc -o $@ $< \
	    $(filter %.o,$^) $(shell $(APR) --link-ld) $(LIBRARY_LIBS)

build/bench/%.o: src/%.c $(HDRS) build/libraries
	@mkdir -p $(@D)
	$(CC) $(CORE_CFLAGS) -O2 -fPIC $(CFLAGS) -c -o $@ $<

# Two compilers read everything, the core also as it is without libraries, and
# each header of the core on its own.
lint:
	@for cc in gcc clang; do \
	    echo "lint: $$cc"; \
	    $$cc $(GLUE_CFLAGS) -fsyntax-only $(SRCS) || exit; \
	    $$cc $(CORE_CFLAGS) -fsyntax-only $(CORE) || exit; \
	    $$cc $(CORE_CFLAGS) -UCORS_WITH_PSL -UCORS_WITH_IDN2 \
	        -fsyntax-only $(CORE) || exit; \
	    for h in $(CORE_HDRS); do \
	        $$cc $(CORE_CFLAGS) -fsyntax-only -include $$h -x c /dev/null \
	            || exit; \
	    done; \
	done

# All parts, or those asked for: make check PARTS='build unit prefork'.
# A browser that cannot be had is skipped, and counted; nothing else is.
check:
	$(DEPS) build demo test
	$(DEPS) chromium || :
	$(DEPS) firefox || :
	MAKE='$(MAKE)' APXS='$(APXS)' JOBS=$(JOBS) \
	LIBASAN="$$($(CC) -print-file-name=libasan.so)" t/run $(PARTS)

# The server tests alone, with httpd itself under the sanitizers.
check-asan:
	$(MAKE) check PARTS='build asan'

# What it costs, as a table to read; some minutes, and in need of quiet.
bench:
	$(DEPS) build demo test bench
	$(MAKE) all
	APXS='$(APXS)' MAKE='$(MAKE)' JOBS=$(JOBS) t/bench/run

# The figures that are the same on each machine must meet their targets.
check-bench:
	$(DEPS) build demo test
	$(MAKE) all
	APXS='$(APXS)' MAKE='$(MAKE)' JOBS=$(JOBS) t/bench/run --check

# 300,000 requests and two dozen restarts: minutes, and in need of quiet.
soak:
	$(DEPS) build demo test
	$(MAKE) all
	APXS='$(APXS)' t/soak/run

demo:
	$(DEPS) build demo
	$(MAKE) all
	APXS='$(APXS)' ONCE=$(ONCE) t/demo

# Those of the explain page in docs/, for when it looks different.
pictures:
	$(DEPS) build test chromium pictures
	$(MAKE) all
	APXS='$(APXS)' t/browser/pictures

FUZZ := $(patsubst t/%.c,build/%,$(wildcard t/fuzz/*.c))

# libFuzzer is clang's. Only the core counts for its coverage.
FUZZ_CC := clang
SECONDS := 60

# Looks for an input that breaks a promise; what it learns stays in build/fuzz.
fuzz: fuzz-programs
	JOBS=$(JOBS) t/fuzz/run $(SECONDS)

fuzz-programs: $(FUZZ)

$(FUZZ): build/fuzz/%: build/fuzz/%.o build/fuzz/lib/fuzz.o \
        build/fuzz/lib/pool.o $(CORE:src/%.c=build/fuzz/core/%.o)
	$(FUZZ_CC) $(SANITIZE) -fsanitize=fuzzer -o $@ $^ $(LIBRARY_LIBS)

build/fuzz/lint: LIBRARY_LIBS += -lpcre2-8

build/fuzz/core/%.o: src/%.c $(HDRS) build/libraries
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CORE_CFLAGS) $(SANITIZE) -fsanitize=fuzzer-no-link \
	    -c -o $@ $<

build/fuzz/%.o: t/fuzz/%.c $(HDRS) $(wildcard t/fuzz/lib/*.h t/unit/*.h) \
        build/libraries
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CORE_CFLAGS) $(SANITIZE) -It/fuzz/lib -It/unit -c -o $@ $<

clean:
	rm -rf build

help:
	@echo 'make demo        try it: a private httpd, a transcript, a page to open'
	@echo 'make demo ONCE=1 the transcript only; fails if a case is wrong'
	@echo 'make             build/mod_cors.so'
	@echo 'make install     install and enable it, like apxs -i -a (or DESTDIR=)'
	@echo 'make check       everything, with one closing line that counts'
	@echo 'make unit        unit tests only, in seconds'
	@echo 'make lint        compile everything with gcc and clang, warnings fail'
	@echo 'make check-asan  server tests with httpd under the sanitizers'
	@echo 'make check-bench what a request costs in instructions, within targets'
	@echo 'make bench       what it costs: instructions, load, start, memory'
	@echo 'make fuzz SECONDS=n  looks for input that breaks the core'
	@echo 'make soak        minutes of load with restarts; see docs/endurance.md'
	@echo 'make pictures    docs/explain*.png anew'
	@echo 'make clean       remove build/'
