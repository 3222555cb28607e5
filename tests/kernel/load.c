// SPDX-License-Identifier: GPL-2.0-only
/*
 * load OBJECT PROGRAM FRAME VERDICT: init's helper in a guest that has nothing
 * else. Loads one program of an object, without what newer kernels alone have,
 * runs it once on a frame and says what the kernel made of both.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print_warnings(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_DEBUG ? 0 : vprintf(format, arguments);
}

static int program_load(const char *path, const char *name)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;

	if (!object)
		return -1;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), name));
	if (bpf_object__load(object))
		return -1;
	program = bpf_object__find_program_by_name(object, name);
	return program ? bpf_program__fd(program) : -1;
}

static int frame_run(int program, const char *path)
{
	char frame[2048], out[4096];
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(frame, 1, sizeof(frame), file) : 0;
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length,
		    .data_out = out, .data_size_out = sizeof(out), .repeat = 1);

	if (file)
		fclose(file);
	return bpf_prog_test_run_opts(program, &options) ? -1 : (int)options.retval;
}

int main(int argc, char **argv)
{
	int program, verdict;

	if (argc != 5)
		return 2;
	libbpf_set_print(print_warnings);
	program = program_load(argv[1], argv[2]);
	if (program < 0) {
		printf("GUEST %s not loaded\n", argv[2]);
		return 1;
	}
	verdict = frame_run(program, argv[3]);
	printf("GUEST %s loaded, verdict %d\n", argv[2], verdict);
	return verdict != atoi(argv[4]);
}
