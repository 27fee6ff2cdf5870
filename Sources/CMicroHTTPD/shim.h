#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/// `MHD_start_daemon` is variadic, which Swift cannot call. The array carries all options.
static inline struct MHD_Daemon *
cmhd_start (unsigned int flags,
            MHD_AcceptPolicyCallback accept_policy, void *accept_policy_cls,
            MHD_AccessHandlerCallback handler, void *handler_cls,
            struct MHD_OptionItem *options)
{
  return MHD_start_daemon (flags, 0, accept_policy, accept_policy_cls, handler, handler_cls,
                           MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/// `MHD_OptionItem.value` holds a function pointer as an integer, a cast that Swift cannot express.
/// Each option has a typed function, so a wrong signature does not compile.
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

/// Requests strict parsing. Versions before 0.9.77.1 lack this option, and their older one is broken. For them the item
/// only ends the array early, and `RequestGuard` does the checks.
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

/// Returns the socket of a connection, or -1. `MHD_get_connection_info` is variadic.
static inline int cmhd_socket (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

/// Returns the pointer that the connection notification stored. `MHD_get_connection_info` is variadic.
static inline void *cmhd_socket_context (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

/// Returns the address of the client, or NULL. `MHD_get_connection_info` is variadic.
static inline const struct sockaddr *cmhd_client_address (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

/// Returns an upgraded connection to libmicrohttpd, which closes its socket. `MHD_upgrade_action` is variadic.
static inline void cmhd_close_upgraded (struct MHD_UpgradeResponseHandle *handle)
{
  MHD_upgrade_action (handle, MHD_UPGRADE_ACTION_CLOSE);
}

/// Whether a connection started. libmicrohttpd passes a closed enum; an integer keeps unknown values defined in Swift.
static inline int cmhd_connection_started (enum MHD_ConnectionNotificationCode code)
{
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}

/// Adds an empty Cookie header in front, so that libmicrohttpd parses it instead of the client's.
///
/// Version 0.9.75 copies the Cookie header into the connection's memory and adds a record per cookie. If that memory
/// runs out, it sends a 431 with two status lines. This server does not read cookies. Call this function in the URI
/// callback, before the headers are parsed, on the connection's thread. Returns false if there was no memory.
static inline int cmhd_hide_cookies (struct MHD_Connection *connection)
{
  return MHD_YES == MHD_set_connection_value (connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_COOKIE, "");
}

/// Truncates the target after its question mark, in the connection's memory.
///
/// libmicrohttpd 0.9.75 adds a 64-byte record for each query argument. If the memory runs out, it forgets that it has
/// answered and waits for the rest of a request that it discarded. `RequestTarget` reads the query instead. The URI
/// callback receives a pointer into the read buffer, which is const by declaration only.
static inline void cmhd_drop_query (const char *target)
{
  char *mark = strchr ((char *) target, '?');
  if (mark)
    mark[1] = 0;
}

/// Returns the bytes of request line and headers, or 0 while incomplete. `MHD_get_connection_info` is variadic.
static inline size_t cmhd_head_size (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info ? info->header_size : 0;
}

/// Makes a response of unknown length end with the connection instead of using chunks: version 0.9.75 would send the
/// final chunk in answer to a HEAD. `MHD_set_response_options` is variadic.
static inline int cmhd_end_with_connection (struct MHD_Response *response)
{
  return MHD_YES == MHD_set_response_options (response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
                                              MHD_RO_END);
}

/// Whether a log message of version 0.9.75 announces an error response that libmicrohttpd generates itself.
///
/// Later versions send one well-formed answer. If they change the text, this function returns false, which is harmless.
static inline int cmhd_is_own_error (const char *format)
{
  static const char start[] = "Error processing request (HTTP response code is %u";
  return 0 == strncmp (format, start, sizeof (start) - 1);
}

/// The calling thread, as a number that can be compared.
static inline uint64_t cmhd_thread (void)
{
  return (uint64_t) pthread_self ();
}

/// The state of the peer: 0 connected, 1 it has shut down its sending side, 2 the connection is broken.
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

/// The bytes that the client has acknowledged since the connection began, or -1 if the kernel does not report them.
///
/// `tcpi_bytes_acked` is at offset 120 of `struct tcp_info` in <linux/tcp.h> since Linux 4.1 (TCP_INFO is 11). glibc's
/// <netinet/tcp.h> does not declare it. See tcp(7).
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

/// Whether a request has this method. It works before libmicrohttpd reports the method.
///
/// The method is at the start of the head, and the head ends four bytes (two CR LF) after the last header value. This
/// reads it only if it ends exactly where the target begins, so it never reads memory before the head.
static inline int cmhd_method_is (const char *name, const char *target, const char *last_value_end,
                                  size_t head_size)
{
  const size_t length = strlen (name);
  const uintptr_t start = (uintptr_t) last_value_end + 4 - head_size;
  return start + length + 1 == (uintptr_t) target
         && 0 == memcmp ((const char *) start, name, length);
}

#endif
