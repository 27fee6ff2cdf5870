/* Records which files a program renames and syncs, in order: preload it with LD_PRELOAD.
 *
 * WATCHED_FILES names the file that gets a line for each: "rename OLD NEW" or "sync PATH".
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void note(const char *what, const char *first, const char *second) {
  char line[3 * PATH_MAX];
  int length = snprintf(line, sizeof line, "%s %s%s%s\n", what, first, second ? " " : "", second ? second : "");
  const char *name = getenv("WATCHED_FILES");
  int file = name ? open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (file < 0) return;
  if (write(file, line, length) != length) abort();
  close(file);
}

static void note_sync(int file) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  note("sync", path, NULL);
}

int fsync(int file) {
  note_sync(file);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}

int fdatasync(int file) {
  note_sync(file);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}

int rename(const char *old, const char *new) {
  int status = ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(old, new);
  if (status == 0) note("rename", old, new);
  return status;
}
