#ifndef CWSLAY_SHIM_H
#define CWSLAY_SHIM_H

#include <wslay/wslay.h>

/// How a callback says "not now": one call sets the reason, the result says that there is one. wslay's error codes are an
/// enum of negative values, which Swift imports as a type of its own.
static inline int cwslay_not_now (wslay_event_context_ptr context)
{
  wslay_event_set_error (context, WSLAY_ERR_WOULDBLOCK);
  return -1;
}

#endif
