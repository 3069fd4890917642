/* Loaded into a database server: what it writes to its redo log does not get there while a file exists.

   HELD names that file. A write to the log waits, so a commit is never flushed; the server can be
   killed meanwhile, and what then is missing is what a crash would have taken. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void hold(int file) {
    char link[64], path[4096];
    const char *held = getenv("HELD");
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || !held) return;
    path[length] = 0;
    if (strstr(path, "ib_logfile"))
        while (access(held, F_OK) == 0) usleep(1000);
}

typedef ssize_t (*writer)(int, const void *, size_t, off_t);

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
    hold(file);
    return ((writer)dlsym(RTLD_NEXT, "pwrite"))(file, bytes, size, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
    hold(file);
    return ((writer)dlsym(RTLD_NEXT, "pwrite64"))(file, bytes, size, at);
}
