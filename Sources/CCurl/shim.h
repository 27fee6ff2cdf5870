#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

/* The module map deliberately links nothing: linking libcurl would cost every running server 3 MB, and few commands
   need it. This header provides the types; `ccurl_load` resolves the functions at run time. */
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <dlfcn.h>
#include <stddef.h>

/// The libcurl functions that we call, with the types that the header declares.
struct ccurl_functions
{
  __typeof__ (&curl_global_init) global_init;
  __typeof__ (&curl_version) version;
  __typeof__ (&curl_easy_init) easy_init;
  __typeof__ (&curl_easy_cleanup) easy_cleanup;
  __typeof__ (&curl_easy_perform) easy_perform;
  __typeof__ (&curl_easy_strerror) easy_strerror;
  __typeof__ (&curl_easy_setopt) easy_setopt;
  __typeof__ (&curl_easy_getinfo) easy_getinfo;
  __typeof__ (&curl_slist_append) slist_append;
  __typeof__ (&curl_slist_free_all) slist_free_all;
};

#define CCURL_FIND(name) ((functions->name = (__typeof__ (&curl_##name)) dlsym (library, "curl_" #name)) != NULL)

/// Loads a shared library, never unloads it, and resolves the functions above. It is in C because Swift cannot check
/// the cast from a `dlsym` result to a function pointer. Returns false if the library or one of the functions is
/// missing.
static inline int ccurl_load (const char *name, struct ccurl_functions *functions)
{
  void *library = dlopen (name, RTLD_NOW | RTLD_LOCAL);
  return library != NULL && CCURL_FIND (global_init) && CCURL_FIND (version) && CCURL_FIND (easy_init)
    && CCURL_FIND (easy_cleanup) && CCURL_FIND (easy_perform) && CCURL_FIND (easy_strerror)
    && CCURL_FIND (easy_setopt) && CCURL_FIND (easy_getinfo) && CCURL_FIND (slist_append)
    && CCURL_FIND (slist_free_all);
}

/// `curl_easy_setopt` is variadic, which Swift cannot call. There is one function per value type.
static inline CURLcode
ccurl_set_long (struct ccurl_functions functions, CURL *handle, CURLoption option, long value)
{
  return functions.easy_setopt (handle, option, value);
}

static inline CURLcode
ccurl_set_offset (struct ccurl_functions functions, CURL *handle, CURLoption option, curl_off_t value)
{
  return functions.easy_setopt (handle, option, value);
}

static inline CURLcode
ccurl_set_text (struct ccurl_functions functions, CURL *handle, CURLoption option, const char *value)
{
  return functions.easy_setopt (handle, option, value);
}

static inline CURLcode
ccurl_set_headers (struct ccurl_functions functions, CURL *handle, struct curl_slist *value)
{
  return functions.easy_setopt (handle, CURLOPT_HTTPHEADER, value);
}

static inline CURLcode
ccurl_set_write (struct ccurl_functions functions, CURL *handle, curl_write_callback callback, void *context)
{
  CURLcode code = functions.easy_setopt (handle, CURLOPT_WRITEDATA, context);
  return code == CURLE_OK ? functions.easy_setopt (handle, CURLOPT_WRITEFUNCTION, callback) : code;
}

/// `curl_easy_getinfo` is variadic too. Returns 0 if libcurl has no value.
static inline long ccurl_get_long (struct ccurl_functions functions, CURL *handle, CURLINFO info)
{
  long value = 0;
  functions.easy_getinfo (handle, info, &value);
  return value;
}

static inline curl_off_t ccurl_get_offset (struct ccurl_functions functions, CURL *handle, CURLINFO info)
{
  curl_off_t value = 0;
  functions.easy_getinfo (handle, info, &value);
  return value;
}

#endif
