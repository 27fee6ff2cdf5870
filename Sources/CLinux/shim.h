#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/statfs.h>

/* We declare these functions ourselves. Including <fcntl.h> would make this module, rather than Glibc, the owner of
   `struct timespec` and similar types. The Glibc module does not include <malloc.h> at all. */
extern int openat (int directory, const char *path, int flags, ...);
extern long getdents64 (int directory, void *buffer, size_t size);
extern int mallopt (int parameter, int value);
extern int malloc_trim (size_t pad);
extern int pthread_setname_np (unsigned long thread, const char *name);
extern int epoll_create1 (int flags);
extern int eventfd (unsigned int count, int flags);

/// `O_PATH` in the kernel's include/uapi/asm-generic/fcntl.h, which x86-64 and arm64 use.
static const int clinux_o_path = 010000000;

/// `open` and `openat` are variadic, which Swift cannot call.
static inline int clinux_openat (int directory, const char *path, int flags)
{
  return openat (directory, path, flags);
}

/// Like `clinux_openat`, but creates the file with these permissions if it is missing.
static inline int
clinux_openat_create (int directory, const char *path, int flags, unsigned int mode)
{
  return openat (directory, path, flags, mode);
}

/// `getdents64` is declared only under _GNU_SOURCE, which the Glibc module does not set for <dirent.h>.
static inline long clinux_getdents64 (int directory, void *buffer, size_t size)
{
  return getdents64 (directory, buffer, size);
}

/// Returns the type of the file system that contains an open file, or 0 on error. The Glibc module has neither
/// `fstatfs` nor its structure.
static inline long clinux_file_system_type (int file)
{
  struct statfs status;
  return fstatfs (file, &status) == 0 ? (long) status.f_type : 0;
}

/// M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of <malloc.h>.
static inline void clinux_keep_heap_small (void)
{
  mallopt (-8, 2);
  mallopt (-3, 1 << 20);
  mallopt (-1, 512 << 10);
}

static inline int clinux_malloc_trim (void)
{
  return malloc_trim (0);
}

/// `pthread_setname_np` too is declared only under _GNU_SOURCE.
static inline int clinux_pthread_setname (unsigned long thread, const char *name)
{
  return pthread_setname_np (thread, name);
}

/// `struct epoll_event` of <sys/epoll.h>, which the Glibc module lacks: the events to watch on one file, or the events
/// that occurred, and the token that identifies the file.
struct clinux_event
{
  uint32_t events;
  uint64_t token;
}
#ifdef __x86_64__
/* On x86-64 the kernel uses the 32-bit layout. */
__attribute__ ((packed))
#endif
;

/* epoll_ctl(2) and epoll_wait(2), under names that do not collide with other declarations. */
extern int clinux_epoll_ctl (int poll, int operation, int file, struct clinux_event *event)
  __asm__ ("epoll_ctl");
extern int clinux_epoll_wait (int poll, struct clinux_event *events, int capacity, int milliseconds)
  __asm__ ("epoll_wait");

#endif
