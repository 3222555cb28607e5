# SPDX-License-Identifier: GPL-2.0-only
# xdhcp: build, install, run, check. `make help` lists the goals.

BUILD := build
CC := gcc
CLANG ?= clang
CFLAGS_BASE := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -fno-strict-aliasing -fstack-protector-strong -D_GNU_SOURCE \
	-D_FORTIFY_SOURCE=2 -I. -Iuserspace
SANITIZE ?=
CFLAGS := $(CFLAGS_BASE) $(SANITIZE)
LDFLAGS := $(SANITIZE)

# A room and, behind the colon, the rooms that it stands on (tests/lint/layers.txt holds the same).
ROOMS := base sys dhcp conf lease store server fastpath net ctl daemon
STANDS_base :=
STANDS_sys := base
STANDS_dhcp := base
STANDS_conf := dhcp base
STANDS_lease := conf dhcp base
STANDS_store := lease conf dhcp sys base
STANDS_server := lease conf dhcp base
STANDS_fastpath := server lease conf dhcp sys base
STANDS_net := dhcp sys base
STANDS_ctl := fastpath server lease conf dhcp sys base
STANDS_daemon := ctl net fastpath server store lease conf dhcp sys base

# What a room's code needs from Debian.
LIBS_base :=
LIBS_sys := -luv
LIBS_dhcp :=
LIBS_conf := -lcrypto
LIBS_lease := -lurcu-cds -lurcu -lurcu-common -lpthread
LIBS_store :=
LIBS_server :=
LIBS_fastpath := -lxdp -lbpf -lelf -lz
LIBS_net :=
LIBS_ctl := -ljansson -luv
LIBS_daemon := -luv

.PHONY: all
all: $(BUILD)/xdhcpd $(BUILD)/xdhcpctl $(BUILD)/xdhcp.bpf.o

# $(1): room → its archive
define room_rules
SOURCES_$(1) := $$(wildcard userspace/$(1)/*.c)
OBJECTS_$(1) := $$(SOURCES_$(1):%.c=$(BUILD)/obj/%.o)
$(BUILD)/lib/$(1).a: $$(OBJECTS_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach room,$(ROOMS) tool,$(eval $(call room_rules,$(room))))

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# $(1): rooms, uppermost first → link line
archives = $(foreach room,$(1),$(BUILD)/lib/$(room).a)
libraries = $(foreach room,$(1),$(LIBS_$(room)))

$(BUILD)/xdhcpd: $(call archives,daemon $(STANDS_daemon))
	$(CC) $(LDFLAGS) -o $@ $^ $(call libraries,daemon $(STANDS_daemon))

$(BUILD)/xdhcpctl: $(call archives,tool sys base)
	$(CC) $(LDFLAGS) -o $@ $^ -ljansson

# The program: one object for every kernel since 6.1 (mcpu v3: compare-and-swap).
$(BUILD)/xdhcp.bpf.o: xdp/fastpath.bpf.c $(wildcard xdp/*.h xdp/shared/*)
	@mkdir -p $(@D)
	$(CLANG) -target bpf -mcpu=v3 -O2 -g -Wall -Werror -I. -I/usr/include/$(shell uname -m)-linux-gnu \
		-c -o $@ $<

# Unit tests: tests/unit/ROOM/test_X.c links ROOM and what ROOM stands on, nothing else.
UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/unit/%)
.SECONDEXPANSION:
unit_room = $(word 1,$(subst /, ,$(1)))
$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $$(call archives,$$(call unit_room,$$*) $$(STANDS_$$(call unit_room,$$*)))
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(call libraries,$(call unit_room,$*) $(STANDS_$(call unit_room,$*))) -lcmocka

.PHONY: unit
unit: $(UNIT_TESTS)
	@for test in $^; do $$test || exit 1; done

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
