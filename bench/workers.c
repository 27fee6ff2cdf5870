/* Makes a machine busy in small portions: COUNT children that use about PERCENT of a CPU each.
 *
 *   workers COUNT PERCENT
 *
 * Each works and rests in turns of uneven length, in user and in kernel mode. Prints "ready" when all of them
 * exist, and ends them when its standard input is closed. The kernel ends a child whose parent has exited.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MILLISECOND = 1000000 };
static const int64_t SECOND = 1000LL * MILLISECOND;

static int64_t used(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

__attribute__((noreturn)) static void work(uint32_t seed, int percent) {
  static char page[4096];
  int zeros = open("/dev/zero", O_RDONLY);
  int64_t wanted = used();
  for (;;) {
    /* From 50 ms to 2 s. */
    seed = seed * 1664525u + 1013904223u;
    int64_t turn = (50 + (seed >> 8) % 1950) * MILLISECOND;
    wanted += turn * percent / 100;
    for (int step = 0; used() < wanted; step++) {
      if (step % 3 == 0) {
        if (read(zeros, page, sizeof page) < 0) _exit(1);
      } else {
        for (volatile int count = 0; count < 1000; count++) {
        }
      }
    }
    struct timespec rest = {turn / SECOND, turn % SECOND};
    nanosleep(&rest, NULL);
  }
}

int main(int count, char **arguments) {
  int wanted = count == 3 ? atoi(arguments[1]) : 0, percent = count == 3 ? atoi(arguments[2]) : 0;
  if (wanted < 1 || wanted > 1000 || percent < 1 || percent > 100) {
    fprintf(stderr, "workers: usage: workers COUNT PERCENT\n");
    return 1;
  }
  pid_t children[1000], parent = getpid();
  int made = 0;
  for (; made < wanted; made++) {
    pid_t child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(0);
      work((uint32_t)made * 2654435761u, percent);
    }
    if (child < 0) break;
    children[made] = child;
  }
  if (made == wanted) {
    puts("ready");
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
  } else {
    perror("workers: fork");
  }
  for (int index = 0; index < made; index++) kill(children[index], SIGKILL);
  for (int index = 0; index < made; index++) waitpid(children[index], NULL, 0);
  return made == wanted ? 0 : 1;
}
