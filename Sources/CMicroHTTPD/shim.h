#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/// `MHD_start_daemon` is variadic, which Swift cannot call. All options travel in the array.
static inline struct MHD_Daemon *
cmhd_start (unsigned int flags,
            MHD_AcceptPolicyCallback accept_policy, void *accept_policy_cls,
            MHD_AccessHandlerCallback handler, void *handler_cls,
            struct MHD_OptionItem *options)
{
  return MHD_start_daemon (flags, 0, accept_policy, accept_policy_cls, handler, handler_cls,
                           MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/// A function pointer travels in `MHD_OptionItem.value` as an integer, a cast that Swift cannot write.
/// One typed function for each option, so that a wrong signature does not compile.
static inline struct MHD_OptionItem
cmhd_notify_completed (MHD_RequestCompletedCallback callback, void *cls)
{
  struct MHD_OptionItem item = { MHD_OPTION_NOTIFY_COMPLETED, (intptr_t) callback, cls };
  return item;
}

static inline struct MHD_OptionItem
cmhd_notify_connection (MHD_NotifyConnectionCallback callback, void *cls)
{
  struct MHD_OptionItem item = { MHD_OPTION_NOTIFY_CONNECTION, (intptr_t) callback, cls };
  return item;
}

typedef void *(*cmhd_uri_log) (void *cls, const char *uri, struct MHD_Connection *connection);
static inline struct MHD_OptionItem
cmhd_uri_log_callback (cmhd_uri_log callback, void *cls)
{
  struct MHD_OptionItem item = { MHD_OPTION_URI_LOG_CALLBACK, (intptr_t) callback, cls };
  return item;
}

typedef size_t (*cmhd_unescape) (void *cls, struct MHD_Connection *connection, char *text);
static inline struct MHD_OptionItem
cmhd_unescape_callback (cmhd_unescape callback, void *cls)
{
  struct MHD_OptionItem item = { MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t) callback, cls };
  return item;
}

static inline struct MHD_OptionItem
cmhd_external_logger (MHD_LogCallback callback, void *cls)
{
  struct MHD_OptionItem item = { MHD_OPTION_EXTERNAL_LOGGER, (intptr_t) callback, cls };
  return item;
}

/// How strictly to parse. Versions before 0.9.77.1 have no such option, and their older one is broken: there the item
/// only ends the array early, and the request guard does the work.
static inline struct MHD_OptionItem cmhd_strictness (void)
{
#if MHD_VERSION >= 0x00097701
  struct MHD_OptionItem item = { MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, NULL };
#else
  struct MHD_OptionItem item = { MHD_OPTION_END, 0, NULL };
#endif
  return item;
}

/// The end mark of an option array.
static inline struct MHD_OptionItem cmhd_end (void)
{
  struct MHD_OptionItem item = { MHD_OPTION_END, 0, NULL };
  return item;
}

/// `MHD_SIZE_UNKNOWN` is a cast macro, which Swift does not import.
static inline struct MHD_Response *
cmhd_create_stream (size_t block_size, MHD_ContentReaderCallback reader, void *cls,
                    MHD_ContentReaderFreeCallback free_callback)
{
  return MHD_create_response_from_callback (MHD_SIZE_UNKNOWN, block_size, reader, cls,
                                            free_callback);
}

/// `MHD_get_connection_info` is variadic. The socket of a connection, or -1.
static inline int cmhd_socket (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

/// `MHD_get_connection_info` is variadic. What the connection notification stored.
static inline void *cmhd_socket_context (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

/// `MHD_get_connection_info` is variadic. The address of the client, or NULL.
static inline const struct sockaddr *cmhd_client_address (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

/// `MHD_upgrade_action` is variadic. Gives an upgraded connection back, which closes its socket.
static inline void cmhd_close_upgraded (struct MHD_UpgradeResponseHandle *handle)
{
  MHD_upgrade_action (handle, MHD_UPGRADE_ACTION_CLOSE);
}

/// libmicrohttpd calls the reason a closed enum; a plain integer keeps an unknown value defined in Swift.
static inline int cmhd_connection_started (enum MHD_ConnectionNotificationCode code)
{
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}

/// Makes libmicrohttpd find an empty Cookie header first, so that it parses that one.
///
/// Version 0.9.75 copies the Cookie header into the memory of the connection and adds a record for each cookie; when the
/// memory ends meanwhile it sends its 431 with two status lines. Nobody here reads cookies. To be called in the URI
/// callback, before the headers are parsed, on the thread of the connection. False when there was no memory.
static inline int cmhd_hide_cookies (struct MHD_Connection *connection)
{
  return MHD_YES == MHD_set_connection_value (connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_COOKIE, "");
}

/// Ends the target behind its question mark, in the memory of the connection.
///
/// libmicrohttpd 0.9.75 adds a record of 64 bytes for each argument of a query; when the memory ends meanwhile it forgets
/// that it has answered, and waits for the rest of a request that it threw away. `RequestTarget` reads the query. The URI
/// callback gets a pointer into the read buffer, which is const by declaration only.
static inline void cmhd_drop_query (const char *target)
{
  char *mark = strchr ((char *) target, '?');
  if (mark)
    mark[1] = 0;
}

/// `MHD_get_connection_info` is variadic. Bytes of the request line and the headers; 0 while they are incomplete.
static inline size_t cmhd_head_size (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info ? info->header_size : 0;
}

/// `MHD_set_response_options` is variadic. A response of unknown length that is not sent in chunks, but ends with the
/// connection: to HEAD, version 0.9.75 would send the end mark of the chunks.
static inline int cmhd_end_with_connection (struct MHD_Response *response)
{
  return MHD_YES == MHD_set_response_options (response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
                                              MHD_RO_END);
}

/// Whether a log message of version 0.9.75 says that it answers a request with an error of its own.
///
/// Later versions send one clean answer; if they change the text, nothing is done about it here.
static inline int cmhd_is_own_error (const char *format)
{
  static const char start[] = "Error processing request (HTTP response code is %u";
  return 0 == strncmp (format, start, sizeof (start) - 1);
}

/// The thread that calls, as a number to compare.
static inline uint64_t cmhd_thread (void)
{
  return (uint64_t) pthread_self ();
}

/// How a client stands: 0 connected, 1 it has closed its sending side, 2 the connection is broken.
///
/// See poll(2): POLLRDHUP (0x2000, declared under _GNU_SOURCE only), POLLHUP and POLLERR.
static inline int cmhd_peer_state (int socket)
{
  struct pollfd file = { socket, 0x2000, 0 };
  if (poll (&file, 1, 0) <= 0)
    return 0;
  if (file.revents & (POLLHUP | POLLERR | POLLNVAL))
    return 2;
  return file.revents & 0x2000 ? 1 : 0;
}

/// How many bytes the client has acknowledged since the connection began, or -1 when the kernel does not say.
///
/// `tcpi_bytes_acked` stands 120 bytes into `struct tcp_info` of <linux/tcp.h> since Linux 4.1 (TCP_INFO is 11); glibc's
/// <netinet/tcp.h> does not know it. See tcp(7).
static inline int64_t cmhd_bytes_acked (int socket)
{
  unsigned char info[128];
  socklen_t size = sizeof (info);
  int64_t acked;
  if (getsockopt (socket, 6, 11, info, &size) != 0 || size < 128)
    return -1;
  memcpy (&acked, info + 120, sizeof (acked));
  return acked;
}

/// Whether the method of a request is this one, for the time before libmicrohttpd says so.
///
/// The method stands at the start of the head, whose end is four bytes (two CR LF) behind the last value. It is read only
/// if it ends exactly where the target begins, so nothing before the head is ever touched.
static inline int cmhd_method_is (const char *name, const char *target, const char *last_value_end,
                                  size_t head_size)
{
  const size_t length = strlen (name);
  const uintptr_t start = (uintptr_t) last_value_end + 4 - head_size;
  return start + length + 1 == (uintptr_t) target
         && 0 == memcmp ((const char *) start, name, length);
}

#endif
