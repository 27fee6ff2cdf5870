/* Makes the process list long: COUNT children that sleep until this program ends.
 *
 *   sleepers COUNT
 *
 * Prints "ready" when all of them exist, and ends them when its standard input is closed. The
 * kernel ends a child whose parent has exited, so nothing remains however this program dies.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  int wanted = count == 2 ? atoi(arguments[1]) : 0;
  if (wanted < 1 || wanted > 100000) {
    fprintf(stderr, "sleepers: usage: sleepers COUNT, from 1 to 100000\n");
    return 1;
  }
  pid_t *children = calloc((size_t)wanted, sizeof *children);
  pid_t parent = getpid();
  int made = 0;
  for (; children && made < wanted; made++) {
    pid_t child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(0);
      for (;;) pause();
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
    perror("sleepers: fork");
  }
  for (int index = 0; index < made; index++) kill(children[index], SIGKILL);
  for (int index = 0; index < made; index++) waitpid(children[index], NULL, 0);
  return made == wanted ? 0 : 1;
}
