import CDeflate
import Testing

@testable import Deflate

@Suite("Gzip")
struct GzipTests {
  /// About 10 kB of repetitive text, like JSON.
  static let text = Array(String(repeating: #"{"pid":1,"cpu":0.25},"#, count: 500).utf8)

  @Test("Compressed bytes are restored at every level", arguments: Int32(0)...12)
  func roundTrip(level: Int32) throws {
    let compressed = try #require(Gzip.compress(Self.text, level: level))
    #expect(try decompress(compressed, room: Self.text.count) == Self.text)
  }

  @Test("Random bytes are restored, though they need more room")
  func incompressible() throws {
    var state: UInt32 = 1
    let noise = (0..<10_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let compressed = try #require(Gzip.compress(noise))
    #expect(compressed.count > noise.count)
    #expect(try decompress(compressed, room: noise.count) == noise)
  }

  @Test("A span and an array give the same result")
  func span() {
    #expect(Gzip.compress(Self.text.span) == Gzip.compress(Self.text))
  }

  @Test("Empty input gives a complete, empty member")
  func empty() throws {
    let compressed = try #require(Gzip.compress([]))
    #expect(try decompress(compressed, room: 1) == [])
  }

  @Test("The member starts with the header of RFC 1952 and ends with the length")
  func frame() throws {
    let compressed = try #require(Gzip.compress(Self.text))
    #expect(compressed.prefix(3) == [0x1F, 0x8B, 8])
    let length = compressed.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(length == Self.text.count)
  }

  @Test("The member contains no time: equal bytes give equal results")
  func deterministic() {
    #expect(Gzip.compress(Self.text) == Gzip.compress(Self.text))
  }

  @Test("Higher levels are not larger, and level 6 shrinks repetitive text at least tenfold")
  func levels() throws {
    let sizes = try [1, 6, 12].map { try #require(Gzip.compress(Self.text, level: $0)).count }
    #expect(sizes == sizes.sorted(by: >))
    #expect(sizes[1] * 10 < Self.text.count)
  }

  @Test("An invalid level returns nil", arguments: [Int32(-1), 13, .max])
  func unknownLevel(level: Int32) {
    #expect(Gzip.compress(Self.text, level: level) == nil)
  }

  // MARK: - Helpers

  /// Reverses ``Gzip/compress(_:level:)`` with libdeflate's decompressor.
  private func decompress(_ bytes: [UInt8], room: Int) throws -> [UInt8] {
    let decompressor = try unsafe #require(libdeflate_alloc_decompressor())
    defer { unsafe libdeflate_free_decompressor(decompressor) }
    var output = [UInt8](repeating: 0, count: room)
    var count = 0
    let result = unsafe libdeflate_gzip_decompress(
      decompressor, bytes, bytes.count, &output, output.count, &count)
    #expect(result == LIBDEFLATE_SUCCESS)
    return Array(output.prefix(count))
  }
}
