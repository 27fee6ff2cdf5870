/* Moves the wall clock of a program, and no other clock, while it runs: preload it with LD_PRELOAD.
 *
 * STEPPED_CLOCK names a file of eight bytes: nanoseconds to add, which may change at any time.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static const volatile int64_t *step;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
  real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  const char *name = getenv("STEPPED_CLOCK");
  int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  void *bytes = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *step, PROT_READ, MAP_SHARED, file, 0);
  if (bytes != MAP_FAILED) step = bytes;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (real_clock_gettime == NULL) begin();
  int status = real_clock_gettime(clock, time);
  if (status == 0 && clock == CLOCK_REALTIME && step != NULL) {
    int64_t sum = time->tv_sec * 1000000000LL + time->tv_nsec + *step;
    time->tv_sec = sum / 1000000000LL;
    time->tv_nsec = sum % 1000000000LL;
  }
  return status;
}
