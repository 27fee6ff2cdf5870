#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/statfs.h>

/* These functions are declared here and not by their headers: including <fcntl.h> would make this module, instead of
   Glibc, the owner of `struct timespec` and its like. <malloc.h> is not in the Glibc module at all. */
extern int openat (int directory, const char *path, int flags, ...);
extern long getdents64 (int directory, void *buffer, size_t size);
extern int mallopt (int parameter, int value);
extern int malloc_trim (size_t pad);
extern int pthread_setname_np (unsigned long thread, const char *name);
extern int epoll_create1 (int flags);
extern int eventfd (unsigned int count, int flags);

/// `O_PATH` of the kernel's include/uapi/asm-generic/fcntl.h, which holds for x86-64 and arm64.
static const int clinux_o_path = 010000000;

/// `open` and `openat` are variadic, which Swift cannot call.
static inline int clinux_openat (int directory, const char *path, int flags)
{
  return openat (directory, path, flags);
}

/// The same for a file that is made when it is missing, with these permissions.
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

/// `fstatfs` and its structure are not in the Glibc module: the type of the file system that an open file is on, or 0.
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

/// `struct epoll_event` of <sys/epoll.h>, which the Glibc module does not have: what to look out for on one file, or what
/// came, and the number under which the file is known.
struct clinux_event
{
  uint32_t events;
  uint64_t token;
}
#ifdef __x86_64__
/* The kernel lays it out as it was on 32 bits. */
__attribute__ ((packed))
#endif
;

/* epoll_ctl(2) and epoll_wait(2), by names that collide with no other declaration of them. */
extern int clinux_epoll_ctl (int poll, int operation, int file, struct clinux_event *event)
  __asm__ ("epoll_ctl");
extern int clinux_epoll_wait (int poll, struct clinux_event *events, int capacity, int milliseconds)
  __asm__ ("epoll_wait");

#endif
