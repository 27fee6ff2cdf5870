/* A user database that does not answer while a file exists: an NSS module, see nss(5).
   HELD_BY names the file; what it is asked is written to the file ASKED. */
#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum nss_status _nss_held_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size, int *error) {
  FILE *asked = fopen(getenv("ASKED"), "a");
  if (asked) { fprintf(asked, "%u\n", uid); fclose(asked); }
  while (access(getenv("HELD_BY"), F_OK) == 0) usleep(20000);
  /* Longer than any first buffer: the caller must ask again with more room. */
  size_t padding = 10000;
  if (size < padding + 64) { *error = ERANGE; return NSS_STATUS_TRYAGAIN; }
  memset(entry, 0, sizeof *entry);
  memset(buffer, 'x', padding);
  buffer[padding] = 0;
  entry->pw_gecos = buffer;
  entry->pw_name = buffer + padding + 1;
  snprintf(entry->pw_name, 32, "user%u", uid);
  entry->pw_passwd = entry->pw_dir = entry->pw_shell = "";
  entry->pw_uid = uid;
  return NSS_STATUS_SUCCESS;
}
