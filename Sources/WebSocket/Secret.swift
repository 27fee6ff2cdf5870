import CNettle

/// Something that only those may know who are let in.
public struct Secret: Sendable {
  private let bytes: [UInt8]

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Whether a guess is right, in a time that tells nothing about how much of it is; only the length can be told.
  ///
  /// See `memeql_sec` in https://www.lysator.liu.se/~nisse/nettle/nettle.html.
  public func isEqual(to guess: [UInt8]) -> Bool {
    guard guess.count == bytes.count else { return false }
    return unsafe cnettle_equal(guess, bytes, bytes.count) == 1
  }
}
