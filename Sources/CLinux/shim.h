#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <stddef.h>

/* The functions are declared here and not by their headers: including <fcntl.h> would make this module, instead of
   Glibc, the owner of `struct timespec` and its like. */
extern int openat (int directory, const char *path, int flags, ...);
extern long getdents64 (int directory, void *buffer, size_t size);
extern int pthread_setname_np (unsigned long thread, const char *name);

/// `open` and `openat` are variadic, which Swift cannot call.
static inline int clinux_openat (int directory, const char *path, int flags)
{
  return openat (directory, path, flags);
}

/// `getdents64` is declared only under _GNU_SOURCE, which the Glibc module does not set for <dirent.h>.
static inline long clinux_getdents64 (int directory, void *buffer, size_t size)
{
  return getdents64 (directory, buffer, size);
}

/// `pthread_setname_np` too is declared only under _GNU_SOURCE.
static inline int clinux_pthread_setname (unsigned long thread, const char *name)
{
  return pthread_setname_np (thread, name);
}

#endif
