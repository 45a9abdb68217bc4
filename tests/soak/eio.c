/* A disk that reports errors, for tests: cc -shared -fPIC -o eio.so eio.c, then LD_PRELOAD.

   While the file that LAV_TEST_EIO names exists and holds a word, every write to an open file whose
   path has that word in it fails with EIO. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_broken(int fd) {
    char word[PATH_MAX], link[64], path[PATH_MAX];
    const char *trigger = getenv("LAV_TEST_EIO");
    int before = errno, file = trigger ? open(trigger, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t length = file < 0 ? 0 : read(file, word, sizeof word - 1);
    if (file >= 0)
        close(file);
    errno = before;
    if (length <= 0)
        return 0;
    word[length] = 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    int found = strstr(path, word) != NULL;
    errno = found ? EIO : before;
    return found;
}

#define BREAK(result, name, parameters, arguments)           \
    result name parameters {                                 \
        static result(*real) parameters;                     \
        if (!real)                                           \
            *(void **)&real = dlsym(RTLD_NEXT, #name);       \
        return is_broken(fd) ? -1 : real arguments;          \
    }

BREAK(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
BREAK(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
BREAK(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
BREAK(int, ftruncate, (int fd, off_t size), (fd, size))
BREAK(int, ftruncate64, (int fd, off64_t size), (fd, size))
BREAK(int, fsync, (int fd), (fd))
BREAK(int, fdatasync, (int fd), (fd))
