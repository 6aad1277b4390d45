/*  SPDX-License-Identifier: MPL-2.0

    Feeds a fuzz target without libFuzzer: each file of a corpus, and then
    mutations of them, the same ones at every run.

        fuzz_NAME_replay CORPUS-DIRECTORY MUTATIONS

    When the target aborts, or a sanitizer ends it, the input that did it is left
    in the file crash-NAME in the working directory; put it into the corpus. */

#include "tests/fuzz.h"

#include "common/buffer.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*  The sanitizers' runtime has it; without them it is not there. */
void __sanitizer_set_death_callback (void (*callback) (void)) __attribute__ ((weak));

enum { S_FILES_MAX = 1024, S_INPUT_MAX = 1 << 19 };

/*  For the handler of a crash, which gets no argument. */
static struct {
    const char *data;
    size_t size;
    char file[256];
} s_current;

static void s_on_death (void)
{
    int fd = s_current.data ? open (s_current.file, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
    if (fd < 0)
        return;
    ssize_t written = write (fd, s_current.data, s_current.size);
    (void) written;
    close (fd);
}

static void s_on_abort (int signal)
{
    (void) signal;
    s_on_death ();
}

/*  xorshift64*: small, and the same everywhere. */
static uint64_t s_random (uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1DU;
}

static size_t s_below (uint64_t *state, size_t bound)
{
    return bound ? (size_t) (s_random (state) >> 11) % bound : 0;
}

/*  Runs the target on a copy of exactly that size, so that AddressSanitizer and
    valgrind see a read beyond its end. */
static void s_run (zt_bytes_t input)
{
    uint8_t *copy = malloc (input.size ? input.size : 1);
    if (!copy)
        abort ();
    if (input.size)
        memcpy (copy, input.data, input.size);
    s_current.data = (const char *) copy;
    s_current.size = input.size;
    LLVMFuzzerTestOneInput (copy, input.size);
    s_current.data = NULL;
    free (copy);
}

static bool s_read_file (const char *directory, const char *name, zt_buffer_t *content)
{
    zt_buffer_t path = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/%s", directory, name);
    FILE *file = fopen (zt_buffer_string (&path), "rb");
    zt_buffer_free (&path);
    if (!file)
        return false;
    size_t size;
    do {
        char *to = zt_buffer_reserve (content, 4096);
        size = fread (to, 1, 4096, file);
        content->size += size;
    } while (size > 0);
    bool good = !ferror (file);
    fclose (file);
    return good;
}

/*  Replaces size bytes at a place by others. */
static void s_splice (zt_buffer_t *input, size_t at, size_t size, zt_bytes_t by)
{
    zt_buffer_t result = {NULL, 0, 0};
    zt_buffer_reserve (&result, 1); /* so that it has data, however empty it is */
    zt_buffer_put (&result, input->data, at);
    zt_buffer_put_bytes (&result, by);
    zt_buffer_put (&result, input->data + at + size, input->size - at - size);
    zt_buffer_free (input);
    *input = result;
}

/*  Bytes that mean something to somebody. */
static const char s_special[] = "\0\n\r\t\x1B\x7F \"\\{}[]:,@#019-\x80\x85\x9B\xC2\xD0\xE2\xED\xF0";

/*  A piece of other, at most half of it. */
static zt_bytes_t s_piece (uint64_t *random, const zt_buffer_t *other)
{
    size_t start = s_below (random, other->size);
    size_t size = s_below (random, (other->size - start) / 2 + 2);
    if (size > other->size - start)
        size = other->size - start;
    return (zt_bytes_t){other->data + start, size};
}

static void s_mutate (uint64_t *random, zt_buffer_t *input, const zt_buffer_t *other)
{
    size_t at = s_below (random, input->size);
    size_t left = input->size - at;
    char byte = (char) s_below (random, 256);
    switch (left ? s_below (random, 8) : 6) {
    case 0: /* a bit */
        input->data[at] = (char) (input->data[at] ^ (1 << s_below (random, 8)));
        break;
    case 1: /* a byte */
        input->data[at] = byte;
        break;
    case 2: /* a byte that means something */
        input->data[at] = s_special[s_below (random, sizeof s_special - 1)];
        break;
    case 3: /* a little more or less, as in a length that is off by one */
        input->data[at] = (char) (input->data[at] + (s_below (random, 2) ? 1 : -1));
        break;
    case 4: /* something goes */
        s_splice (input, at, 1 + s_below (random, left < 16 ? left : 16), (zt_bytes_t){NULL, 0});
        break;
    case 5: /* the end goes */
        input->size = at;
        break;
    case 6: /* something of another comes */
        if (other->size && input->size < S_INPUT_MAX)
            s_splice (input, at, 0, s_piece (random, other));
        break;
    default: /* a byte comes */
        s_splice (input, at, 0, (zt_bytes_t){&byte, 1});
        break;
    }
}

static int s_is_file (const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static size_t s_load (const char *directory, zt_buffer_t *files)
{
    struct dirent **entries = NULL;
    int count = scandir (directory, &entries, s_is_file, alphasort);
    size_t loaded = 0;
    for (int i = 0; i < count; i++) {
        if (loaded < S_FILES_MAX && s_read_file (directory, entries[i]->d_name, &files[loaded]))
            loaded++;
        else
            fprintf (stderr, "cannot read %s/%s\n", directory, entries[i]->d_name);
        free (entries[i]);
    }
    free (entries);
    return loaded;
}

static void s_run_mutations (const zt_buffer_t *files, size_t count, unsigned long mutations)
{
    uint64_t random = 0x5A54414C4B2F3131;
    for (unsigned long i = 0; i < mutations; i++) {
        const zt_buffer_t *file = &files[i % count];
        zt_buffer_t input = {NULL, 0, 0};
        zt_buffer_reserve (&input, 1);
        zt_buffer_put (&input, file->data, file->size);
        for (size_t steps = 1 + s_below (&random, 6); steps > 0; steps--)
            s_mutate (&random, &input, &files[s_below (&random, count)]);
        s_run (zt_buffer_bytes (&input));
        zt_buffer_free (&input);
    }
}

int main (int argc, char **argv)
{
    if (argc != 3) {
        fprintf (stderr, "usage: %s CORPUS-DIRECTORY MUTATIONS\n", argv[0]);
        return 2;
    }
    const char *slash = strrchr (argv[0], '/');
    snprintf (s_current.file, sizeof s_current.file, "crash-%s", slash ? slash + 1 : argv[0]);
    signal (SIGABRT, s_on_abort);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback (s_on_death);

    static zt_buffer_t files[S_FILES_MAX];
    size_t count = s_load (argv[1], files);
    if (count == 0) {
        fprintf (stderr, "%s: no corpus\n", argv[1]);
        return 1;
    }
    s_run ((zt_bytes_t){NULL, 0});
    for (size_t i = 0; i < count; i++)
        s_run (zt_buffer_bytes (&files[i]));
    unsigned long mutations = strtoul (argv[2], NULL, 10);
    s_run_mutations (files, count, mutations);
    printf ("%zu files and %lu mutations of them\n", count, mutations);
    for (size_t i = 0; i < count; i++)
        zt_buffer_free (&files[i]);
    return 0;
}
