/* Many agents in one process: each holds a WebSocket to the hub and sends a sample in each interval.
 *
 *   agents PORT COUNT [INTERVAL [BACKLOG [TOKEN]]]
 *
 * INTERVAL is in seconds, 1 by default; the agents are spread over it. BACKLOG is how many samples each already has
 * when it first connects, as after an outage: the newest is of that moment. They come from 127.0.0.1, 127.0.0.2 and so
 * on, a thousand from each. Like real agents, they reconnect after a jittered pause when they lose the hub, and then
 * send again what it has not stored; a sample is made when it is sent, so nothing has to be kept for that.
 *
 * Prints "ready" when every agent is connected and has been acknowledged once, and "back SECONDS" whenever all are
 * connected again, with the time since the first of them was not. When its input ends it waits for the outstanding
 * answers, closes every connection and prints the results as JSON. See docs/fleet.md for messages and answers.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <wslay/wslay.h>

enum { PER_ADDRESS = 1000, WINDOW = 16, HEAD = 1024, LONGEST = 4096, CLOSE_CODES = 16 };
#define MICROSECOND ((int64_t)1000)
#define MILLISECOND (1000 * MICROSECOND)
#define SECOND (1000 * MILLISECOND)
/* Pauses are at least half as long as these; each may be twice as long as the one before. As in Backoff.swift. */
static const int64_t FIRST_PAUSE = 500 * MILLISECOND, LONGEST_PAUSE = 15 * SECOND;
/* How long agents may need to connect for the first time, and how long to wait for answers at the end. */
static const int64_t PATIENCE = 60 * SECOND, END_PATIENCE = 15 * SECOND;

enum state { AWAY, CONNECTING, SHAKING_HANDS, OPEN, CLOSING, GONE };

struct agent {
  enum state state;
  int socket;
  uint32_t interest;
  wslay_event_context_ptr frames;
  /* Sequence numbers: the newest sample, the last that was sent and answered on this connection, the last that is
   * safe, the last that was ever sent. */
  uint64_t made, sent, answered, stored, furthest;
  int64_t sent_at[WINDOW];
  int64_t retry_at;
  int failures;
  int close_code;
  /* The answer to the handshake, and the bytes after it. */
  char head[HEAD];
  size_t head_length, head_used;
};

struct values {
  uint32_t *microseconds;
  size_t count, capacity;
};

static struct agent *agents;
static int count, port, poller, open_count, backlog;
static int64_t interval = SECOND, base, lost_at;
static const char *token;
static char run[32], complaint[200];
static uint64_t sends, resends, reconnects, bytes_sent, handshakes_refused, closes[CLOSE_CODES + 1];
static struct values latencies, lags;
static volatile sig_atomic_t is_ending;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("agents: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  exit(1);
}

static uint64_t scramble(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ x >> 33;
}

static uint64_t random_number(void) {
  static uint64_t seed;
  return scramble(++seed + (uint64_t)now());
}

static void add(struct values *values, int64_t nanoseconds) {
  if (values->count == values->capacity) {
    values->capacity = values->capacity ? 2 * values->capacity : 4096;
    values->microseconds = realloc(values->microseconds, values->capacity * sizeof *values->microseconds);
    if (!values->microseconds) fail("no memory");
  }
  values->microseconds[values->count++] = (uint32_t)(nanoseconds / MICROSECOND);
}

/* Messages. */

/* When a sample was taken. */
static int64_t moment(int number, uint64_t sequence) {
  return base + (int64_t)(sequence - 1) * interval + interval * number / count;
}

static int timestamp(char *text, size_t size, int64_t age) {
  struct timespec time;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &time);
  int64_t wall = time.tv_sec * SECOND + time.tv_nsec - age;
  time_t seconds = wall / SECOND;
  gmtime_r(&seconds, &parts);
  return snprintf(text, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, (int)(wall % SECOND / MILLISECOND));
}

/* Every fiftieth host is hot; the use of the others changes with each sample. */
static int busy_tenths(int number, uint64_t sequence) {
  uint64_t chance = scramble((uint64_t)number << 32 | sequence);
  return number % 50 == 0 ? 920 + chance % 60 : 50 + (number * 7 % 600) + chance % 50;
}

static size_t message(char *text, int number, uint64_t sequence) {
  int64_t age = now() - moment(number, sequence);
  int busy = busy_tenths(number, sequence), user = busy * 4 / 5;
  char sampled_at[80];
  timestamp(sampled_at, sizeof sampled_at, age);
  int length = snprintf(
      text, LONGEST,
      "{\"v\":1,\"type\":\"sample\",\"host\":\"sim-%05d\",\"agent\":\"0.5.0\",\"run\":\"%s\",\"seq\":%" PRIu64 ","
      "\"sampled_at\":\"%s\",\"age_seconds\":%.3f,\"interval_seconds\":%.3f,\"uptime_seconds\":%.1f,\"cpu_count\":8,"
      "\"cpu\":{\"user_percent\":%.1f,\"nice_percent\":0.0,\"system_percent\":%.1f,\"idle_percent\":%.1f,"
      "\"iowait_percent\":0.0,\"irq_percent\":0.0,\"softirq_percent\":0.0,\"steal_percent\":0.0,\"guest_percent\":0.0},"
      "\"load\":{\"load_1\":%.2f,\"load_5\":%.2f,\"load_15\":%.2f},"
      "\"memory\":{\"total_bytes\":16777216000,\"available_bytes\":%" PRIu64 ",\"used_bytes\":%" PRIu64 "},"
      "\"coverage_percent\":99.%d,\"processes\":[",
      number, run, sequence, sampled_at, age / 1e9, interval / 1e9, 1000.0 + (double)sequence * interval / 1e9,
      user / 10.0, (busy - user) / 10.0, (1000 - busy) / 10.0, busy / 125.0, busy / 130.0, busy / 140.0,
      16777216000 - (uint64_t)busy * 8388608, (uint64_t)busy * 8388608, (int)(sequence % 10));
  static const char *const names[] = {"nginx", "postgres", "java", "python3", "kworker/u16:2"};
  for (int place = 0; place < 5; place++) {
    length += snprintf(text + length, LONGEST - length,
                       "%s{\"pid\":%d,\"name\":\"%s\",\"user\":\"www-data\",\"cpu_percent\":%.1f}", place ? "," : "",
                       1000 + number % 30000 + place, names[place], busy * 0.8 / (place * place + 2));
  }
  length += snprintf(text + length, LONGEST - length, "]}");
  return length;
}

/* Sends what is due, as far as the hub keeps up with its answers. */
static void queue_samples(int number) {
  struct agent *agent = &agents[number];
  static char text[LONGEST];
  while (agent->sent < agent->made && agent->sent - agent->answered < WINDOW) {
    size_t length = message(text, number, ++agent->sent);
    struct wslay_event_msg frame = {WSLAY_TEXT_FRAME, (const uint8_t *)text, length};
    if (wslay_event_queue_msg(agent->frames, &frame) != 0) return;
    agent->sent_at[agent->sent % WINDOW] = now();
    sends++;
    if (agent->sent <= agent->furthest) resends++;
    else agent->furthest = agent->sent;
  }
}

static uint64_t member(const char *text, const char *name) {
  const char *place = strstr(text, name);
  return place ? strtoull(place + strlen(name), NULL, 10) : 0;
}

/* The callbacks of wslay; the user's data is the agent. */

static void arrived(wslay_event_context_ptr frames, const struct wslay_event_on_msg_recv_arg *received, void *user) {
  (void)frames;
  struct agent *agent = user;
  if (received->opcode == WSLAY_CONNECTION_CLOSE) agent->close_code = received->status_code;
  if (received->opcode != WSLAY_TEXT_FRAME) return;
  char text[256];
  size_t length = received->msg_length < sizeof text - 1 ? received->msg_length : sizeof text - 1;
  memcpy(text, received->msg, length);
  text[length] = '\0';
  uint64_t sequence = member(text, "\"ack\":");
  if (sequence != agent->answered + 1) fail("expected an answer to %" PRIu64 ": %s", agent->answered + 1, text);
  agent->answered = sequence;
  uint64_t stored = member(text, "\"stored\":");
  if (stored > agent->stored) agent->stored = stored;
  add(&latencies, now() - agent->sent_at[sequence % WINDOW]);
}

static ssize_t receive(wslay_event_context_ptr frames, uint8_t *buffer, size_t size, int flags, void *user) {
  (void)flags;
  struct agent *agent = user;
  size_t rest = agent->head_length - agent->head_used;
  if (rest > 0) {
    size_t part = rest < size ? rest : size;
    memcpy(buffer, agent->head + agent->head_used, part);
    agent->head_used += part;
    return part;
  }
  ssize_t got = recv(agent->socket, buffer, size, 0);
  if (got > 0) return got;
  int is_patient = got < 0 && (errno == EAGAIN || errno == EINTR);
  wslay_event_set_error(frames, is_patient ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
  return -1;
}

static ssize_t transmit(wslay_event_context_ptr frames, const uint8_t *bytes, size_t size, int flags, void *user) {
  struct agent *agent = user;
  ssize_t put = send(agent->socket, bytes, size, MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
  if (put >= 0) {
    bytes_sent += put;
    return put;
  }
  int is_patient = errno == EAGAIN || errno == EINTR;
  wslay_event_set_error(frames, is_patient ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
  return -1;
}

static int make_mask(wslay_event_context_ptr frames, uint8_t *mask, size_t size, void *user) {
  (void)frames, (void)user;
  uint64_t number = random_number();
  memcpy(mask, &number, size < sizeof number ? size : sizeof number);
  return 0;
}

/* Connections. */

static void watch(struct agent *agent, int operation, uint32_t interest) {
  if (operation == EPOLL_CTL_MOD && interest == agent->interest) return;
  agent->interest = interest;
  struct epoll_event event = {interest, {.u32 = (uint32_t)(agent - agents)}};
  if (epoll_ctl(poller, operation, agent->socket, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

static void away(struct agent *agent, int is_over) {
  if (agent->state == OPEN || agent->state == CLOSING) {
    closes[agent->close_code >= 1000 && agent->close_code < 1000 + CLOSE_CODES ? agent->close_code - 1000
                                                                              : CLOSE_CODES]++;
    if (agent->state == OPEN && !is_over) reconnects++;
    open_count--;
    if (lost_at == 0) lost_at = now();
  }
  close(agent->socket);
  if (agent->frames) wslay_event_context_free(agent->frames);
  agent->frames = NULL;
  agent->state = is_over ? GONE : AWAY;
  int64_t longest = agent->failures < 5 ? FIRST_PAUSE << agent->failures : LONGEST_PAUSE;
  agent->failures++;
  agent->retry_at = now() + longest / 2 + random_number() % (longest / 2);
}

static void begin(int number) {
  struct agent *agent = &agents[number];
  agent->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (agent->socket < 0) fail("socket: %s", strerror(errno));
  int one = 1;
  setsockopt(agent->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  /* The port is chosen once the destination is known, so that each address has all of them. */
  setsockopt(agent->socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK + number / PER_ADDRESS)}};
  struct sockaddr_in hub = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (bind(agent->socket, (struct sockaddr *)&own, sizeof own) != 0) fail("bind: %s", strerror(errno));
  agent->state = CONNECTING;
  agent->head_length = agent->head_used = 0;
  agent->close_code = 0;
  watch(agent, EPOLL_CTL_ADD, EPOLLOUT);
  if (connect(agent->socket, (struct sockaddr *)&hub, sizeof hub) != 0 && errno != EINPROGRESS) away(agent, is_ending);
}

static void shake_hands(struct agent *agent) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(agent->socket, SOL_SOCKET, SO_ERROR, &error, &size);
  char request[512];
  int length = snprintf(request, sizeof request,
                        "GET /webservices/cpu/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s%s%s\r\n",
                        port, token ? "Authorization: Bearer " : "", token ? token : "", token ? "\r\n" : "");
  if (error != 0 || send(agent->socket, request, length, MSG_NOSIGNAL) != length) {
    snprintf(complaint, sizeof complaint, "%s", strerror(error ? error : errno));
    return away(agent, is_ending);
  }
  agent->state = SHAKING_HANDS;
  watch(agent, EPOLL_CTL_MOD, EPOLLIN);
}

static void take_answer(struct agent *agent) {
  size_t room = HEAD - 1 - agent->head_length;
  ssize_t got = recv(agent->socket, agent->head + agent->head_length, room, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return away(agent, is_ending);
  agent->head_length += got;
  agent->head[agent->head_length] = '\0';
  char *end = strstr(agent->head, "\r\n\r\n");
  if (!end && agent->head_length < HEAD - 1) return;
  if (!end || strncmp(agent->head, "HTTP/1.1 101 ", 13) != 0 || !strstr(agent->head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
    snprintf(complaint, sizeof complaint, "%.*s", (int)strcspn(agent->head, "\r\n"), agent->head);
    handshakes_refused++;
    return away(agent, is_ending);
  }
  agent->head_used = end + 4 - agent->head;
  static const struct wslay_event_callbacks callbacks = {
      .recv_callback = receive, .send_callback = transmit, .genmask_callback = make_mask,
      .on_msg_recv_callback = arrived};
  if (wslay_event_context_client_init(&agent->frames, &callbacks, agent) != 0) fail("no memory");
  agent->state = OPEN;
  agent->failures = 0;
  agent->sent = agent->answered = agent->stored;
  open_count++;
}

/* Moves the bytes that can be moved, in and out. */
static void pump(struct agent *agent, int is_there) {
  if (agent->state == SHAKING_HANDS) take_answer(agent);
  if (agent->state != OPEN && agent->state != CLOSING) return;
  int failed = is_there && wslay_event_recv(agent->frames) != 0;
  if (!failed && agent->state == OPEN) queue_samples(agent - agents);
  if (!failed) failed = wslay_event_send(agent->frames) != 0;
  int is_closed = wslay_event_get_close_received(agent->frames) && wslay_event_get_close_sent(agent->frames);
  if (failed || is_closed) return away(agent, agent->state == CLOSING || is_ending);
  watch(agent, EPOLL_CTL_MOD, EPOLLIN | (wslay_event_want_write(agent->frames) ? EPOLLOUT : 0));
}

/* Waits for a millisecond at most, and serves the ready sockets. */
static void turn(void) {
  struct epoll_event events[512];
  int ready = epoll_wait(poller, events, 512, 1);
  for (int place = 0; place < ready; place++) {
    struct agent *agent = &agents[events[place].data.u32];
    if (agent->state == CONNECTING) shake_hands(agent);
    else pump(agent, 1);
  }
}

static void retry(void) {
  static int64_t looked_at;
  int64_t time = now();
  if (open_count == count || time - looked_at < 10 * MILLISECOND) return;
  looked_at = time;
  for (int number = 0; number < count; number++) {
    if (agents[number].state == AWAY && agents[number].retry_at <= time) begin(number);
  }
}

/* Takes the samples that are due, connected or not. */
static void sample(void) {
  static int next;
  int64_t time = now(), due;
  while ((due = moment(next, agents[next].made + 1)) <= time) {
    struct agent *agent = &agents[next];
    agent->made++;
    add(&lags, now() - due);
    if (agent->state == OPEN) pump(agent, 0);
    next = (next + 1) % count;
  }
}

static void tell_return(void) {
  if (lost_at == 0 || open_count < count) return;
  printf("back %.3f\n", (now() - lost_at) / 1e9);
  fflush(stdout);
  lost_at = 0;
}

/* The run. */

static int all_answered(void) {
  for (int number = 0; number < count; number++) {
    struct agent *agent = &agents[number];
    if (agent->state != OPEN || agent->made == 0 || agent->answered < agent->made) return 0;
  }
  return 1;
}

static int has_input_ended(void) {
  struct epoll_event event;
  static int input = -1;
  if (input < 0) {
    input = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event interest = {EPOLLIN | EPOLLHUP, {0}};
    if (epoll_ctl(input, EPOLL_CTL_ADD, STDIN_FILENO, &interest) != 0) fail("the input must be a pipe");
  }
  return epoll_wait(input, &event, 1, 0) > 0;
}

static void connect_all(void) {
  int64_t start = now();
  for (int number = 0; number < count; number++) {
    agents[number].retry_at = start + number * SECOND / 2000;
  }
  while (open_count < count) {
    retry();
    turn();
    if (is_ending) exit(1);
    if (now() - start > PATIENCE) fail("%d of %d agents are connected; the others: %s", open_count, count, complaint);
  }
  /* The connected agents had nothing to send until now. */
  base = now() - backlog * interval;
  for (int number = 0; number < count; number++) {
    agents[number].made = backlog;
    pump(&agents[number], 0);
  }
  lost_at = 0;
}

static void be_ready(void) {
  int64_t start = now();
  for (int number = 0, answered = 0; answered < count;) {
    sample();
    turn();
    retry();
    for (answered = number = 0; number < count; number++) answered += agents[number].answered > 0;
    if (is_ending) exit(1);
    if (now() - start > PATIENCE) fail("%d of %d agents were answered", answered, count);
  }
  latencies.count = lags.count = 0;
  puts("ready");
  fflush(stdout);
}

static void close_all(void) {
  for (int number = 0; number < count; number++) {
    struct agent *agent = &agents[number];
    if (agent->state != OPEN) continue;
    agent->state = CLOSING;
    wslay_event_queue_close(agent->frames, 1000, NULL, 0);
    pump(agent, 0);
  }
  for (int64_t start = now(); open_count > 0 && now() - start < END_PATIENCE;) turn();
}

static int order(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

static void print_values(const char *name, struct values *values) {
  qsort(values->microseconds, values->count, sizeof *values->microseconds, order);
  printf("\"%s\":{", name);
  static const double shares[] = {0.5, 0.9, 0.99, 0.999, 1};
  for (int place = 0; place < 5; place++) {
    size_t rank = values->count ? (size_t)(shares[place] * (values->count - 1) + 0.5) : 0;
    printf("%s\"p%g\":%.3f", place ? "," : "", shares[place] * 100,
           values->count ? values->microseconds[rank] / 1e3 : 0.0);
  }
  printf("},");
}

static void report(double seconds, uint64_t lost) {
  uint64_t made = 0, stored = 0;
  for (int number = 0; number < count; number++) {
    made += agents[number].made;
    stored += agents[number].stored;
  }
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  printf("{\"agents\":%d,\"seconds\":%.3f,\"samples\":%" PRIu64 ",\"sent\":%" PRIu64 ",\"resent\":%" PRIu64
         ",\"acknowledged\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"stored\":%" PRIu64 ",\"reconnects\":%" PRIu64
         ",\"refused\":%" PRIu64 ",\"bytes_sent\":%" PRIu64 ",\"not_closed\":%d,",
         count, seconds, made, sends, resends, made - lost, lost, stored, reconnects, handshakes_refused, bytes_sent,
         open_count);
  print_values("latency_ms", &latencies);
  print_values("lag_ms", &lags);
  printf("\"closes\":{");
  const char *comma = "";
  for (int code = 0; code <= CLOSE_CODES; code++) {
    if (closes[code] == 0) continue;
    if (code < CLOSE_CODES) printf("%s\"%d\":%" PRIu64, comma, 1000 + code, closes[code]);
    else printf("%s\"none\":%" PRIu64, comma, closes[code]);
    comma = ",";
  }
  printf("},\"cpu_seconds\":%.3f}\n", used.ru_utime.tv_sec + used.ru_stime.tv_sec +
                                          (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}

static void end(int number) {
  (void)number;
  is_ending = 1;
}

int main(int argc, char **argv) {
  if (argc < 3) fail("usage: agents PORT COUNT [INTERVAL [BACKLOG [TOKEN]]]");
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  port = atoi(argv[1]);
  count = atoi(argv[2]);
  if (argc > 3) interval = (int64_t)(atof(argv[3]) * SECOND);
  if (argc > 4) backlog = atoi(argv[4]);
  if (argc > 5) token = argv[5];
  if (count < 1 || interval < MILLISECOND || backlog < 0) fail("no agents, no time between samples, or no backlog");
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGTERM, end);
  signal(SIGINT, end);
  snprintf(run, sizeof run, "sim-%x-%x", getpid(), (unsigned)time(NULL));
  agents = calloc(count, sizeof *agents);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (!agents || poller < 0) fail("no memory");

  connect_all();
  be_ready();
  int64_t start = now();
  while (!is_ending && !has_input_ended()) {
    sample();
    turn();
    retry();
    tell_return();
  }
  double seconds = (now() - start) / 1e9;
  for (int64_t last = now(); !all_answered() && now() - last < END_PATIENCE;) {
    turn();
    retry();
  }
  uint64_t lost = 0;
  for (int number = 0; number < count; number++) lost += agents[number].made - agents[number].answered;
  is_ending = 1;
  close_all();
  report(seconds, lost);
  return 0;
}
