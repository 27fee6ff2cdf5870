#ifndef CGNUTLS_SHIM_H
#define CGNUTLS_SHIM_H

#include <gnutls/gnutls.h>

/// Creates a client session on a non-blocking descriptor. It is in C because Swift finds the flags ambiguous (each is
/// both a macro and an enum constant) and because `gnutls_transport_set_int` is a macro.
static inline int cgnutls_client (gnutls_session_t *session, int descriptor)
{
  int code = gnutls_init (session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  if (code == GNUTLS_E_SUCCESS) gnutls_transport_set_int (*session, descriptor);
  return code;
}

/// `GNUTLS_CRD_CERTIFICATE` is a constant of a closed enum. A plain integer keeps unknown values defined in Swift.
static inline int
cgnutls_use_certificates (gnutls_session_t session, gnutls_certificate_credentials_t credentials)
{
  return gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
}

/// Whether the caller should repeat the failed call, at once or when the socket is ready.
static inline int cgnutls_is_again (long code)
{
  return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED || code == GNUTLS_E_REHANDSHAKE;
}

/// Whether the handshake failed because of the peer's certificate.
static inline int cgnutls_is_untrusted (long code)
{
  return code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR || code == GNUTLS_E_NO_CERTIFICATE_FOUND;
}

/// Whether the peer closed the connection without a close_notify alert. The session ends in either case.
static inline int cgnutls_is_cut (long code)
{
  return code == GNUTLS_E_PREMATURE_TERMINATION;
}

/// Writes a description of what is wrong with the peer's certificate. It is in C because `gnutls_free` is a variable,
/// which Swift cannot call.
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
