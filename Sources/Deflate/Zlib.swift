import CDeflate

/// Compresses and decompresses whole buffers with libdeflate.
///
/// Use it for storage: the zlib checksum detects damage.
///
/// See RFC 1950.
public enum Zlib {
  /// Compresses the bytes.
  ///
  /// - Parameter level: 1 is fastest, 12 is smallest.
  /// - Returns: `nil` if there was no memory.
  public static func compress(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8]? {
    guard let compressor = unsafe libdeflate_alloc_compressor(level) else { return nil }
    defer { unsafe libdeflate_free_compressor(compressor) }
    let bound = unsafe libdeflate_zlib_compress_bound(compressor, bytes.count)
    let compressed = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      unsafe count = libdeflate_zlib_compress(
        compressor, bytes, bytes.count, buffer.baseAddress, buffer.count)
    }
    return compressed.isEmpty ? nil : compressed
  }

  /// Decompresses a block.
  ///
  /// - Parameters:
  ///   - start: The offset of the block in the bytes.
  ///   - count: The size of the original in bytes.
  /// - Returns: `nil` if the block is damaged or the original has another size.
  public static func decompress(_ bytes: [UInt8], from start: Int = 0, count: Int) -> [UInt8]? {
    guard (0...bytes.count).contains(start),
      let decompressor = unsafe libdeflate_alloc_decompressor()
    else { return nil }
    defer { unsafe libdeflate_free_decompressor(decompressor) }
    var isWhole = false
    let restored = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let result = unsafe bytes.withUnsafeBytes { source in
        unsafe libdeflate_zlib_decompress(
          decompressor, source.baseAddress.map { unsafe $0 + start }, source.count - start,
          buffer.baseAddress, count, nil)
      }
      isWhole = result == LIBDEFLATE_SUCCESS
      filled = isWhole ? count : 0
    }
    return isWhole ? restored : nil
  }
}
