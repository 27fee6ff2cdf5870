/* Loads whose CPU time is known: each records what it has used, so that a monitor can be compared with it.
 *
 *   loads FILE LOAD [NUMBER]
 *
 * Prints the pid of the process to look at, then works until it is ended. FILE gets one
 * `struct entry` at least every few milliseconds of work, from getrusage(2), so that the use
 * between any two moments is known. Children die with their parent, and the parent with its own.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MICROSECOND = 1000, MILLISECOND = 1000 * MICROSECOND };
static const int64_t SECOND = 1000LL * MILLISECOND;

/* What had been used until a moment; all in nanoseconds. */
struct entry {
  int64_t wall, user, system;
};

static int file;

static int64_t now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

static int64_t nanoseconds(struct timeval time) {
  return time.tv_sec * SECOND + time.tv_usec * MICROSECOND;
}

static void write_entry(struct entry entry) {
  if (write(file, &entry, sizeof entry) != sizeof entry) _exit(1);
}

static void note(int who) {
  struct rusage used;
  getrusage(who, &used);
  write_entry((struct entry){now(CLOCK_REALTIME), nanoseconds(used.ru_utime), nanoseconds(used.ru_stime)});
}

static void spin(void) {
  for (volatile int turn = 0; turn < 100000; turn++) {
  }
}

static void read_zeros(void) {
  static int zeros = -1;
  static char page[4096];
  if (zeros < 0) zeros = open("/dev/zero", O_RDONLY);
  for (int turn = 0; turn < 200; turn++) {
    if (read(zeros, page, sizeof page) < 0) _exit(1);
  }
}

/* Works for this duration on the wall clock, or forever if it is 0, and records what that used. */
static void work(void (*turn)(void), int64_t duration) {
  int64_t start = now(CLOCK_MONOTONIC), noted = 0;
  for (;;) {
    int64_t time = now(CLOCK_MONOTONIC);
    if (time - noted >= 5 * MILLISECOND) {
      note(RUSAGE_SELF);
      noted = time;
    }
    if (duration > 0 && time - start >= duration) break;
    turn();
  }
  note(RUSAGE_SELF);
}

static void rest(int64_t duration) {
  struct timespec time = {duration / SECOND, duration % SECOND};
  nanosleep(&time, NULL);
}

static void die_with_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
}

/* Returns 0 in the child. */
static pid_t spawn(void) {
  pid_t parent = getpid(), child = fork();
  if (child < 0) {
    perror("loads: fork");
    _exit(1);
  }
  if (child == 0) die_with_parent(parent);
  return child;
}

static void ready(pid_t pid) {
  printf("%d\n", pid);
  fflush(stdout);
}

/* A period that is not a whole number of the kernel's timer ticks: with a cycle in step with them, /proc/stat, which
 * samples each tick, would see the same moments of the cycle again and again. */
static void duty_cycle(int percent) {
  int64_t period = 97 * MILLISECOND, due = now(CLOCK_MONOTONIC);
  for (;;) {
    work(spin, period * percent / 100);
    due += period;
    if (due < now(CLOCK_MONOTONIC)) due = now(CLOCK_MONOTONIC);
    struct timespec time = {due / SECOND, due % SECOND};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
    note(RUSAGE_SELF);
  }
}

__attribute__((noreturn)) static void *spin_for_ever(void *unused) {
  (void)unused;
  for (;;) spin();
}

static void threads(void) {
  pthread_t second;
  if (pthread_create(&second, NULL, spin_for_ever, NULL) != 0) exit(1);
  work(spin, 0);
}

/* Stopped for one half of the time, in turns of 350 ms. */
static void stopped(void) {
  pid_t child = spawn();
  if (child == 0) work(spin, 0);
  ready(child);
  for (int signal_number = SIGSTOP;; signal_number = signal_number == SIGSTOP ? SIGCONT : SIGSTOP) {
    rest(350 * MILLISECOND);
    kill(child, signal_number);
  }
}

/* A child that works for this many seconds and for which the parent waits; the parent is the process to look at. */
static void young(int seconds) {
  ready(getpid());
  note(RUSAGE_CHILDREN);
  rest(seconds * SECOND);
  pid_t child = spawn();
  /* The child's entries begin at 0, like its parent's count of it: one record covers both. */
  if (child == 0) {
    work(spin, seconds * SECOND);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  for (;;) {
    note(RUSAGE_CHILDREN);
    rest(20 * MILLISECOND);
  }
}

/* From 1 to 8 ms of work, with an occasional system call. */
static void short_life(int number) {
  int64_t wanted = (1 + number * 2654435761u % 8) * MILLISECOND;
  while (now(CLOCK_PROCESS_CPUTIME_ID) < wanted) {
    for (volatile int turn = 0; turn < 20000; turn++) {
    }
  }
}

static void storm(void) {
  ready(getpid());
  for (int number = 0;; number++) {
    pid_t child = spawn();
    if (child == 0) {
      short_life(number);
      _exit(0);
    }
    waitpid(child, NULL, 0);
    note(RUSAGE_CHILDREN);
  }
}

/* The same without wait(2): the kernel adds the children's time to no process, so they record it themselves. */
static void unwaited(void) {
  struct entry *sum = mmap(NULL, sizeof *sum, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (sum == MAP_FAILED) exit(1);
  signal(SIGCHLD, SIG_IGN);
  ready(getpid());
  for (int number = 0;; number++) {
    pid_t child = spawn();
    if (child == 0) {
      short_life(number);
      struct rusage used;
      getrusage(RUSAGE_SELF, &used);
      sum->user += nanoseconds(used.ru_utime);
      sum->system += nanoseconds(used.ru_stime);
      _exit(0);
    }
    /* Returns with ECHILD once the child has exited. */
    wait(NULL);
    write_entry((struct entry){now(CLOCK_REALTIME), sum->user, sum->system});
  }
}

static void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

int main(int count, char **arguments) {
  if (count < 3) {
    fprintf(stderr, "loads: usage: loads FILE LOAD [NUMBER]\n");
    return 1;
  }
  die_with_parent(getppid());
  const char *load = arguments[2];
  int number = count > 3 ? atoi(arguments[3]) : 0;
  file = open(arguments[1], O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (file < 0) {
    perror(arguments[1]);
    return 1;
  }
  if (strcmp(load, "stopped") == 0) stopped();
  if (strcmp(load, "young") == 0) young(number);
  if (strcmp(load, "storm") == 0) storm();
  if (strcmp(load, "unwaited") == 0) unwaited();
  ready(getpid());
  if (strcmp(load, "user") == 0 || strcmp(load, "system") == 0) {
    pin(number);
    work(load[0] == 'u' ? spin : read_zeros, 0);
  }
  if (strcmp(load, "duty") == 0) duty_cycle(number);
  if (strcmp(load, "threads") == 0) threads();
  fprintf(stderr, "loads: no load %s\n", load);
  return 1;
}
