#ifndef CJANSSON_SHIM_H
#define CJANSSON_SHIM_H

#include <jansson.h>

/// `JSON_REAL_PRECISION` is a function-like macro, which Swift does not import.
static inline size_t cjansson_real_precision (size_t digits)
{
  return JSON_REAL_PRECISION (digits);
}

#endif
