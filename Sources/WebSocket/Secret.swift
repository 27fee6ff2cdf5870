import CNettle

/// A shared secret, such as a token, that clients must know.
public struct Secret: Sendable {
  private let bytes: [UInt8]

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Whether a guess is correct.
  ///
  /// The comparison takes constant time, so it reveals only whether the length matches.
  ///
  /// See `memeql_sec` in https://www.lysator.liu.se/~nisse/nettle/nettle.html.
  public func isEqual(to guess: [UInt8]) -> Bool {
    guard guess.count == bytes.count else { return false }
    return unsafe cnettle_equal(guess, bytes, bytes.count) == 1
  }
}
