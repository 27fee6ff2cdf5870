#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <sqlite3.h>

/// `SQLITE_TRANSIENT` is a cast macro, which Swift does not import. It makes SQLite copy the text at once.
static inline int
csqlite_bind_text (sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 size)
{
  return sqlite3_bind_text64 (statement, index, text, size, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Like `csqlite_bind_text`, for a BLOB.
static inline int
csqlite_bind_blob (sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 size)
{
  return sqlite3_bind_blob64 (statement, index, bytes, size, SQLITE_TRANSIENT);
}

#endif
