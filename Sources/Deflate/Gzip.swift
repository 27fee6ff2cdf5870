import CDeflate

/// Compresses whole buffers to gzip with libdeflate.
///
/// See RFC 1952.
public enum Gzip {
  /// Compresses the bytes.
  ///
  /// - Parameter level: 1 is fastest, 12 is smallest; 6 is the default of gzip(1).
  /// - Returns: A complete gzip member, or `nil` if there was no memory.
  public static func compress(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8]? {
    compress(bytes.span, level: level)
  }

  /// Compresses bytes that are not in an array, which saves a copy of a large answer.
  public static func compress(_ bytes: Span<UInt8>, level: Int32 = 6) -> [UInt8]? {
    guard let compressor = unsafe libdeflate_alloc_compressor(level) else { return nil }
    defer { unsafe libdeflate_free_compressor(compressor) }
    let bound = unsafe libdeflate_gzip_compress_bound(compressor, bytes.count)
    let compressed = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      unsafe count = bytes.withUnsafeBytes { source in
        unsafe libdeflate_gzip_compress(
          compressor, source.baseAddress, source.count, buffer.baseAddress, buffer.count)
      }
    }
    return compressed.isEmpty ? nil : compressed
  }
}
