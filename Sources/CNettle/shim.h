#ifndef CNETTLE_SHIM_H
#define CNETTLE_SHIM_H

#include <nettle/base64.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/version.h>

/// Computes the SHA-1 digest. Nettle 4 changed the parameters of the last step, and Swift cannot test the version.
static inline void
cnettle_sha1 (const uint8_t *bytes, size_t count, uint8_t digest[SHA1_DIGEST_SIZE])
{
  struct sha1_ctx context;
  sha1_init (&context);
  sha1_update (&context, count, bytes);
#if NETTLE_VERSION_MAJOR >= 4
  sha1_digest (&context, digest);
#else
  sha1_digest (&context, SHA1_DIGEST_SIZE, digest);
#endif
}

/// `base64_encode_raw` is a macro. Writes BASE64_ENCODE_RAW_LENGTH (count) characters and no NUL.
static inline void cnettle_base64_encode (char *text, const uint8_t *bytes, size_t count)
{
  base64_encode_raw (text, count, bytes);
}

/// Decodes base64 text. The functions are macros, and Swift does not need the state between them. Returns the number of
/// decoded bytes, or -1 if the text is not base64. `bytes` must have room for BASE64_DECODE_LENGTH (count).
static inline long cnettle_base64_decode (uint8_t *bytes, const char *text, size_t count)
{
  struct base64_decode_ctx context;
  size_t length = 0;
  base64_decode_init (&context);
  if (!base64_decode_update (&context, &length, bytes, count, text) || !base64_decode_final (&context))
    return -1;
  return (long) length;
}

/// `memeql_sec` is a macro. It compares in constant time.
static inline int cnettle_equal (const void *one, const void *other, size_t count)
{
  return memeql_sec (one, other, count);
}

#endif
