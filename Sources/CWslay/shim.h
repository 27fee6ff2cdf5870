#ifndef CWSLAY_SHIM_H
#define CWSLAY_SHIM_H

#include <wslay/wslay.h>

/// Returns what a wslay callback must return when it would block: -1, after it has set the error code. It is in C
/// because Swift imports wslay's error codes, an enum of negative values, as a separate type.
static inline int cwslay_not_now (wslay_event_context_ptr context)
{
  wslay_event_set_error (context, WSLAY_ERR_WOULDBLOCK);
  return -1;
}

#endif
