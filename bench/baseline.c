/* The reference for `make bench`: the least that a libmicrohttpd server can do for one answer.
 *
 *   baseline BODY_FILE HEADERS_FILE THREADS STATUS
 *
 * Serves BODY_FILE on every path with STATUS and the headers of HEADERS_FILE (lines "Name: value"),
 * from one response object that is made at the start. Prints its port and exits when its standard input is closed.
 */

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>

static unsigned status;

static void fail(const char *what) {
  fprintf(stderr, "baseline: %s\n", what);
  exit(1);
}

static char *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) fail(path);
  *length = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*length + 1);
  if (!bytes || fread(bytes, 1, *length, file) != *length) fail(path);
  bytes[*length] = 0;
  fclose(file);
  return bytes;
}

static void add_headers(struct MHD_Response *response, char *lines) {
  for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
    char *colon = strchr(line, ':');
    if (!colon || colon[1] != ' ') fail(line);
    *colon = 0;
    if (MHD_add_response_header(response, line, colon + 2) != MHD_YES) fail(line);
  }
}

/* The first call for a request may not queue an answer, or the connection would not be kept alive. */
static enum MHD_Result answer(void *response, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request) {
  static int seen;
  (void)url, (void)method, (void)version, (void)upload, (void)upload_size;
  if (!*request) {
    *request = &seen;
    return MHD_YES;
  }
  return MHD_queue_response(connection, status, response);
}

int main(int count, char **arguments) {
  if (count != 5) fail("usage: baseline BODY_FILE HEADERS_FILE THREADS STATUS");
  size_t body_length, headers_length;
  char *body = read_file(arguments[1], &body_length);
  char *headers = read_file(arguments[2], &headers_length);
  unsigned threads = (unsigned)atoi(arguments[3]);
  status = (unsigned)atoi(arguments[4]);

  struct MHD_Response *response =
      MHD_create_response_from_buffer(body_length, body, MHD_RESPMEM_PERSISTENT);
  if (!response) fail("no response object");
  add_headers(response, headers);

  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct MHD_OptionItem options[] = {
      {MHD_OPTION_SOCK_ADDR, 0, &address},
      {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, NULL},
      {MHD_OPTION_END, 0, NULL}};
  struct MHD_Daemon *daemon =
      MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, response,
                       MHD_OPTION_ARRAY, options, MHD_OPTION_END);
  if (!daemon) fail("the daemon does not start");
  printf("%d\n", (int)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush(stdout);

  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  MHD_stop_daemon(daemon);
  MHD_destroy_response(response);
  return 0;
}
