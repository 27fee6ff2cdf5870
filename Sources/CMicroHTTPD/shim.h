#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>

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

#endif
