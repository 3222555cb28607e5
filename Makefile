# SPDX-License-Identifier: GPL-2.0-only
# xdhcp: build, install, run, check. `make help` lists the goals.

BUILD := build
PREFIX ?= /usr
SBINDIR ?= $(PREFIX)/sbin
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib/xdhcp
UNITDIR ?= $(PREFIX)/lib/systemd/system
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/xdhcp
INSTALL ?= install

CC := gcc
CLANG ?= clang
CFLAGS_BASE := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -fno-strict-aliasing -fstack-protector-strong -D_GNU_SOURCE \
	-D_FORTIFY_SOURCE=2 -I. -Iuserspace
# One line a file; V=1: the whole commands.
V ?=
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $@)

SANITIZE ?=
CFLAGS := $(CFLAGS_BASE) $(SANITIZE)
LDFLAGS := $(SANITIZE)

# A room and, behind the colon, the rooms that it stands on (tests/lint/layers.txt holds the same).
ROOMS := base sys dhcp conf lease store failover server fastpath net ctl daemon
STANDS_base :=
STANDS_sys := base
STANDS_dhcp := base
STANDS_conf := dhcp base
STANDS_lease := conf dhcp base
STANDS_store := lease conf dhcp sys base
STANDS_failover := lease conf dhcp base
STANDS_server := failover lease conf dhcp base
STANDS_fastpath := server failover lease conf dhcp sys base
STANDS_net := dhcp sys base
STANDS_ctl := fastpath server failover lease conf dhcp sys base
STANDS_daemon := ctl net fastpath server failover store lease conf dhcp sys base
STANDS_tool := fastpath server failover store lease conf dhcp sys base

# What a room's code needs from Debian.
LIBS_base :=
LIBS_sys := -luv -lsystemd
LIBS_dhcp :=
LIBS_conf := -lcrypto
LIBS_lease := -lurcu-cds -lurcu -lurcu-common -lpthread
LIBS_store :=
LIBS_failover :=
LIBS_server :=
LIBS_fastpath := -lxdp -lbpf -lelf -lz
LIBS_net := -luv -lssl -lcrypto
LIBS_ctl := -ljansson -luv
LIBS_daemon := -luv
LIBS_tool := -ljansson

.PHONY: all
all: $(BUILD)/xdhcpd $(BUILD)/xdhcpctl $(BUILD)/xdhcp.bpf.o
	@:

# $(1): folder, $(2): name of the archive, $(3): what to leave out
define archive_rules
OBJECTS_$(2) := $$(patsubst %.c,$(BUILD)/obj/%.o,$$(filter-out $(3),$$(wildcard $(1)/*.c)))
$(BUILD)/lib/$(2).a: $$(OBJECTS_$(2))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(Q)ar rcs $$@ $$^
endef
$(foreach room,$(ROOMS) tool,$(eval $(call archive_rules,userspace/$(room),$(room),)))

# Written anew only when the flags are others than last time: what depends on it is then built anew.
.PHONY: FORCE
$(BUILD)/flags: export FLAGS_NOW := $(CC) $(CFLAGS) | $(LDFLAGS) | $(CLANG)
$(BUILD)/flags.daemon: export FLAGS_NOW := $(LIBDIR)
$(BUILD)/flags $(BUILD)/flags.daemon: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$FLAGS_NOW" | cmp -s - $@ || printf '%s\n' "$$FLAGS_NOW" >$@

# What only one folder's code is compiled with.
DEFINES :=
$(BUILD)/obj/userspace/daemon/%.o: DEFINES := -DXDHCP_LIBDIR='"$(LIBDIR)"'
$(OBJECTS_daemon): $(BUILD)/flags.daemon
# The program itself, natively: tests/native stands in for the kernel's headers.
$(BUILD)/obj/tests/native/%.o: DEFINES := -Itests/native -Wno-missing-prototypes

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) $(DEFINES) -MMD -MP -c -o $@ $<

# $(1): rooms, uppermost first → link line
archives = $(foreach room,$(1),$(BUILD)/lib/$(room).a)
libraries = $(foreach room,$(1),$(LIBS_$(room)))

# A lease's record is freed by another thread than has made it, which jemalloc is made for: half of what a
# renewal of the kernel's costs the daemon was malloc. Sanitizers have their own.
MALLOC := $(if $(SANITIZE),,-ljemalloc)

$(BUILD)/xdhcpd: $(call archives,daemon $(STANDS_daemon))
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libraries,daemon $(STANDS_daemon)) $(MALLOC)

# It needs little of the libraries that the rooms below it need.
$(BUILD)/xdhcpctl: $(call archives,tool $(STANDS_tool))
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(call libraries,tool $(STANDS_tool))

# The program: one object for every kernel since 6.1 (mcpu v3: compare-and-swap). The architecture
# says whether a plain read of a slot's word is ordered before the reads behind it.
BPF_ARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(shell uname -m)))
BPF_FLAGS := -target bpf -mcpu=v3 -O2 -g -Wall -Werror -I. -I/usr/include/$(shell uname -m)-linux-gnu \
	-D__TARGET_ARCH_$(BPF_ARCH)
$(BUILD)/xdhcp.bpf.o: xdp/fastpath.bpf.c $(wildcard xdp/*.h xdp/shared/*) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,BPF)
	$(Q)$(CLANG) $(BPF_FLAGS) -c -o $@ $<

# Simulated subscribers, for demo, tests and benchmark.
BLAST_SOURCES := $(filter-out %.bpf.c,$(wildcard bench/blast/*.c))
$(BUILD)/blast: $(BLAST_SOURCES:%.c=$(BUILD)/obj/%.o)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lbpf -lelf -lz -lpthread -lm
BLAST_PROGRAMS := $(BUILD)/blast.bpf.o $(BUILD)/blast-intake.bpf.o
$(BUILD)/blast.bpf.o: bench/blast/generator.bpf.c
$(BUILD)/blast-intake.bpf.o: bench/blast/intake.bpf.c
$(BLAST_PROGRAMS): BPF_FLAGS += -D__$(shell uname -m)__
$(BLAST_PROGRAMS): $(wildcard bench/blast/*.h) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,BPF)
	$(Q)$(CLANG) $(BPF_FLAGS) -c -o $@ $(filter %.bpf.c,$^)
# What the judge of replies is tested with: the generator without its main().
BENCH_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/test_*.c))
$(BENCH_TESTS): $(BUILD)/%: $(BUILD)/obj/%.o \
		$(filter-out %/main.o,$(BLAST_SOURCES:%.c=$(BUILD)/obj/%.o))
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka -lbpf -lelf -lz -lpthread -lm
.PHONY: blast
blast: $(BUILD)/blast $(BLAST_PROGRAMS)
	@:

# Unit tests: tests/unit/ROOM/test_X.c links ROOM and what ROOM stands on, nothing else, and
# what else is in its folder. Tests of a whole house, tests/{bpf,net,crash}/test_X.c, link every
# room below the daemon, and the program as it compiles natively.
UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/unit/%)
UNIT_FOLDERS := $(patsubst %/,%,$(sort $(dir $(UNIT_SOURCES))))
HOUSE_FOLDERS := tests/bpf tests/net tests/crash tests/pair tests/cluster
HOUSE_SOURCES := $(wildcard $(HOUSE_FOLDERS:%=%/test_*.c))
HOUSE_TESTS := $(HOUSE_SOURCES:%.c=$(BUILD)/%)
FUZZ_SOURCES := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_TESTS := $(FUZZ_SOURCES:%.c=$(BUILD)/%)
beside = $(subst /,-,$(1))
$(foreach folder,$(UNIT_FOLDERS) $(HOUSE_FOLDERS) tests/native tests/fuzz,$(eval \
	$(call archive_rules,$(folder),$(call beside,$(folder)),$(folder)/test_%.c $(folder)/fuzz_%.c)))
WHOLE := $(STANDS_daemon)

.SECONDEXPANSION:
unit_room = $(word 1,$(subst /, ,$(1)))
$(UNIT_TESTS): $(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o \
		$(BUILD)/lib/$$(call beside,tests/unit/$$(call unit_room,$$*)).a \
		$$(call archives,$$(call unit_room,$$*) $$(STANDS_$$(call unit_room,$$*)))
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ \
		$(call libraries,$(call unit_room,$*) $(STANDS_$(call unit_room,$*))) -lcmocka

$(HOUSE_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o \
		$(BUILD)/lib/$$(call beside,tests/$$(call unit_room,$$*)).a \
		$(call archives,tests-native $(WHOLE))
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libraries,$(WHOLE)) -lcmocka

# Only in build/fuzz, where clang compiles for libFuzzer (see fuzz-programs).
$(FUZZ_TESTS): $(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o \
		$(call archives,tests-fuzz tests-native $(WHOLE))
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(call libraries,$(WHOLE))

# The simulation: every room of the daemon, and tests/sim in the place of what is the system's.
SIM_WRAPPED := mmap munmap close mkdir fopen syscall clock_gettime getrandom if_nametoindex
SIM_LIBS := -lm -lcrypto -lsystemd -ljansson -lurcu-cds -lurcu -lurcu-common -lpthread
$(BUILD)/sim: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/sim/*.c)) \
		$(call archives,daemon tests-native $(WHOLE))
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) $(SIM_WRAPPED:%=-Wl,--wrap=%) -o $@ $^ $(SIM_LIBS)

# The same with known faults that can be brought back (base/plant.h).
.PHONY: sim-programs
sim-programs: $(BUILD)/sim
	+$(MAKE) --no-print-directory BUILD=$(BUILD)/plant CC=$(CC) SANITIZE=-DXDHCP_PLANT \
		$(BUILD)/plant/sim

.PHONY: tests unit asan fuzz-programs fuzz
tests: $(UNIT_TESTS) $(HOUSE_TESTS) $(BENCH_TESTS)

unit: $(UNIT_TESTS)
	@for test in $(UNIT_TESTS); do $$test || exit 1; done

# The plain build has refused warnings already; other compilers and sanitizers have false ones.
.PHONY: asan-programs asan-tests
asan-programs:
	+$(MAKE) --no-print-directory BUILD=$(BUILD)/asan CC=$(CC) \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-error' \
		asan-tests
asan-tests: $(UNIT_TESTS)

asan: asan-programs
	@for test in $(UNIT_TESTS:$(BUILD)/%=$(BUILD)/asan/%); do $$test || exit 1; done

fuzz-programs:
	+$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=$(CLANG) \
		SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -Wno-error' \
		fuzz-tests
.PHONY: fuzz-tests
fuzz-tests: $(FUZZ_TESTS)

DURATION ?=
fuzz: fuzz-programs
	@tests/fuzz/run --build $(BUILD)/fuzz --duration $(or $(DURATION),60)

.PHONY: lint
lint:
	@tests/lint/run

# Under sudo, what is built belongs to the caller: it is compiled as that user where the tree is
# theirs, as root where it is not, and build/ is theirs in the end.
CALLER := $(if $(SUDO_UID),$(if $(filter 0,$(SUDO_UID)),,$(SUDO_UID):$(SUDO_GID)))
as_caller = $(if $(CALLER),tests/as-caller $(BUILD))
hand_over = $(if $(CALLER),chown -R -h $(CALLER) $(BUILD),true)
# In parallel unless the caller has said how.
parallel = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
submake = $(as_caller) $(MAKE) --no-print-directory $(parallel)

.PHONY: deps run check check-long
deps:
	@tests/deps build run check

RUN_GOALS := $(if $(IFACE),all,all blast)
run:
	@tests/deps build $(if $(IFACE),,run)
	+@$(submake) $(RUN_GOALS)
	-@$(if $(IFACE),,tests/fetch-peers $(BUILD)/peers udhcpc)
	@$(hand_over)
ifneq ($(IFACE),)
	@exec $(BUILD)/xdhcpd -d -cf '$(or $(CONF),/etc/dhcp/dhcpd.conf)' -lf /var/lib/xdhcp $(IFACE)
else
	@bench/demo --build $(BUILD) $(if $(DURATION),--duration $(DURATION))
endif

CHECK_GOALS := all blast tests asan-programs fuzz-programs sim-programs
check check-long:
	@tests/deps build run check cluster $(filter long,$(@:check-%=%))
	+@$(submake) $(CHECK_GOALS)
	@tests/fetch-peers $(BUILD)/peers
	@tests/run --build $(BUILD) $(if $(filter check-long,$@),--long) $(if $(SUITES),--only '$(SUITES)')

OCFDIR ?= /usr/lib/ocf/resource.d/custom
OCF_PARTS := cluster.sh daemon.sh metadata.sh role.sh parameters.sh

# What is installed knows where all else has been put.
PLACES = sed -i -e 's,/usr/lib/xdhcp,$(LIBDIR),g' -e 's,/usr/sbin/xdhcpd,$(SBINDIR)/xdhcpd,g' \
	-e 's,/usr/bin/xdhcpctl,$(BINDIR)/xdhcpctl,g' -e 's,/usr/lib/systemd/system,$(UNITDIR),g'
# $(1): file, $(2): mode, $(3): where to. Under another name first: who runs or reads it meanwhile
# finds the old one or the new one, and all of it.
aside = $(DESTDIR)$(dir $(1)).$(notdir $(1)).new
define install_file
$(INSTALL) -D -m $(2) $(1) $(call aside,$(3))
$(Q)$(if $(filter $(BUILD)/%,$(1)),,$(PLACES) $(call aside,$(3)))
$(Q)mv -f $(call aside,$(3)) $(DESTDIR)$(3)

endef

# First what others read or call.
.PHONY: install
install: all
	$(call install_file,$(BUILD)/xdhcp.bpf.o,644,$(LIBDIR)/xdhcp.bpf.o)
	$(call install_file,$(BUILD)/xdhcpctl,755,$(BINDIR)/xdhcpctl)
	$(call install_file,$(BUILD)/xdhcpd,755,$(SBINDIR)/xdhcpd)
	$(call install_file,userspace/daemon/xdhcpd.service,644,$(UNITDIR)/xdhcpd.service)
	$(foreach part,$(OCF_PARTS),$(call install_file,ocf/$(part),644,$(LIBDIR)/ocf/$(part)))
	$(call install_file,ocf/xdhcp-partner,755,$(LIBDIR)/ocf/xdhcp-partner)
	$(call install_file,ocf/alert.sh,755,$(LIBDIR)/ocf/alert.sh)
	$(call install_file,ocf/xdhcp,755,$(OCFDIR)/xdhcp)
	$(call install_file,userspace/daemon/xdhcpd.8,644,$(MANDIR)/man8/xdhcpd.8)
	$(call install_file,userspace/tool/xdhcpctl.8,644,$(MANDIR)/man8/xdhcpctl.8)
	$(call install_file,README.md,644,$(DOCDIR)/README.md)
	$(call install_file,ocf/README.md,644,$(DOCDIR)/README.cluster.md)
	$(call install_file,LICENSE,644,$(DOCDIR)/copyright)

.PHONY: help
help:
	@echo 'make                        build/xdhcpd, build/xdhcpctl, build/xdhcp.bpf.o; as an ordinary user'
	@echo 'make deps                   install what is missing from Debian (root), or say what is missing'
	@echo 'sudo make run               a demo access network, served; DURATION=10: for 10 seconds'
	@echo 'sudo make run IFACE=eth1 [CONF=/etc/dhcp/dhcpd.conf]'
	@echo '                            serve a real interface; leases in /var/lib/xdhcp'
	@echo 'sudo make check             every test; STRICT=1: a skip is a failure; SUITES="unit net": only these'
	@echo 'sudo make check-long        and those that take longer'
	@echo 'make lint                   style and layers'
	@echo 'make unit                   unit tests'
	@echo 'make asan                   unit tests under the address and undefined-behaviour sanitizers'
	@echo 'make fuzz DURATION=60       each fuzzing harness for so many seconds'
	@echo 'make install DESTDIR= PREFIX=/usr'
	@echo 'make clean'

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
