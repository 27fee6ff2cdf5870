import CMicroHTTPD

/// The bytes of a response at a stable address, which an array does not guarantee.
///
/// `@unchecked Sendable`: nothing writes to the memory after initialization.
@safe public final class Body: @unchecked Sendable {
  private let memory: UnsafeMutableRawPointer
  public let count: Int

  /// Copies the bytes.
  public init(_ bytes: [UInt8]) {
    unsafe memory = .allocate(byteCount: max(1, bytes.count), alignment: 1)
    count = bytes.count
    unsafe bytes.withUnsafeBytes { source in
      if let start = source.baseAddress {
        unsafe memory.copyMemory(from: start, byteCount: source.count)
      }
    }
  }

  fileprivate init(taking memory: UnsafeMutableRawPointer, count: Int) {
    unsafe self.memory = memory
    self.count = count
  }

  deinit { unsafe memory.deallocate() }

  /// A copy of the bytes.
  public var bytes: [UInt8] {
    unsafe Array(UnsafeRawBufferPointer(start: memory, count: count))
  }

  /// Calls `body` with the bytes, without copying them.
  public func withSpan<T>(_ body: (Span<UInt8>) throws -> T) rethrows -> T {
    let bytes = unsafe UnsafeRawBufferPointer(start: memory, count: count)
    return try unsafe bytes.withMemoryRebound(to: UInt8.self) { bytes in
      try unsafe body(Span(_unsafeElements: bytes))
    }
  }

  /// The bytes from an offset to the end.
  ///
  /// The pointer is valid while the body exists.
  func bytes(from offset: Int) -> UnsafeRawBufferPointer {
    precondition(offset >= 0 && offset <= count, "the range exceeds the body")
    return unsafe UnsafeRawBufferPointer(start: memory + offset, count: count - offset)
  }

  /// Creates a response over these bytes and keeps them alive until its last use: retained here, released in
  /// ``releaseBody(_:)``.
  func makeResponse() -> OpaquePointer {
    let response = unsafe MHD_create_response_from_buffer_with_free_callback_cls(
      count, memory, releaseBody, Unmanaged.passRetained(self).toOpaque())
    guard let response = unsafe response else {
      preconditionFailure("libmicrohttpd had no memory for a response")
    }
    return unsafe response
  }

  fileprivate func start(of range: Range<Int>) -> UnsafeRawPointer {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "the range exceeds the body")
    return unsafe UnsafeRawPointer(memory + range.lowerBound)
  }
}

/// Assembles a ``Body`` in its final memory, so that a large one never exists twice.
@safe public struct BodyBuilder: ~Copyable {
  private var memory: UnsafeMutableRawPointer
  private var capacity: Int
  /// The number of bytes appended so far.
  public private(set) var count = 0

  /// - Parameter capacity: The expected size in bytes.
  public init(capacity: Int) {
    self.capacity = max(64, capacity)
    unsafe memory = .allocate(byteCount: self.capacity, alignment: 1)
  }

  deinit { unsafe memory.deallocate() }

  public mutating func append(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { source in
      if let start = source.baseAddress { unsafe append(start, source.count) }
    }
  }

  public mutating func append(_ text: StaticString) {
    unsafe append(text.utf8Start, text.utf8CodeUnitCount)
  }

  /// Appends a copy of a part of another body.
  public mutating func append(_ range: Range<Int>, of other: Body) {
    unsafe append(other.start(of: range), range.count)
  }

  private mutating func append(_ start: UnsafeRawPointer, _ length: Int) {
    if count + length > capacity { grow(to: count + length) }
    unsafe (memory + count).copyMemory(from: start, byteCount: length)
    count += length
  }

  private mutating func grow(to needed: Int) {
    let larger = max(needed, capacity + capacity / 2)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 1)
    unsafe moved.copyMemory(from: memory, byteCount: count)
    unsafe memory.deallocate()
    unsafe memory = moved
    capacity = larger
  }

  /// Returns the body and consumes the builder.
  public consuming func finish() -> Body {
    let body = unsafe Body(taking: memory, count: count)
    discard self
    return body
  }
}

/// The `MHD_ContentReaderFreeCallback` of a body.
private func releaseBody(_ cls: UnsafeMutableRawPointer?) {
  guard let cls = unsafe cls else { return }
  unsafe Unmanaged<Body>.fromOpaque(cls).release()
}
