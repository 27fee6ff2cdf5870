#ifndef CGNUTLS_SHIM_H
#define CGNUTLS_SHIM_H

#include <gnutls/gnutls.h>

/// A new client session on a descriptor that does not block. The flags are macros over an enum of the same names, which
/// Swift finds ambiguous, and `gnutls_transport_set_int` is a macro.
static inline int cgnutls_client (gnutls_session_t *session, int descriptor)
{
  int code = gnutls_init (session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  if (code == GNUTLS_E_SUCCESS) gnutls_transport_set_int (*session, descriptor);
  return code;
}

/// `GNUTLS_CRD_CERTIFICATE` is of a closed enum; a plain integer keeps an unknown value defined in Swift.
static inline int
cgnutls_use_certificates (gnutls_session_t session, gnutls_certificate_credentials_t credentials)
{
  return gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
}

/// Whether a call that failed is to be made again, at once or when the socket is ready.
static inline int cgnutls_is_again (long code)
{
  return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED || code == GNUTLS_E_REHANDSHAKE;
}

/// Whether the certificate of the other side is why a handshake failed.
static inline int cgnutls_is_untrusted (long code)
{
  return code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR || code == GNUTLS_E_NO_CERTIFICATE_FOUND;
}

/// Whether the other side went away without saying so, which ends what is said over the connection all the same.
static inline int cgnutls_is_cut (long code)
{
  return code == GNUTLS_E_PREMATURE_TERMINATION;
}

/// What is wrong with the certificate of the other side, in words. `gnutls_free` is a variable, which Swift cannot call.
static inline void
cgnutls_verdict (gnutls_session_t session, char *text, size_t size)
{
  gnutls_datum_t words = { NULL, 0 };
  unsigned int status = gnutls_session_get_verify_cert_status (session);
  text[0] = '\0';
  if (gnutls_certificate_verification_status_print (status, GNUTLS_CRT_X509, &words, 0) == 0)
    {
      size_t count = words.size < size - 1 ? words.size : size - 1;
      for (size_t i = 0; i < count; i++) text[i] = (char) words.data[i];
      text[count] = '\0';
      gnutls_free (words.data);
    }
}

#endif
