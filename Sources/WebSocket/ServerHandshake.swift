/// The server side of the opening handshake.
///
/// It does not check the origin of a page; the caller decides that. See RFC 6455 section 4.2.
public enum ServerHandshake {
  /// The reason to refuse a request.
  public struct Refusal: Error, Sendable, Equatable {
    /// 400, or 426 for a valid request that is not a WebSocket upgrade.
    public var status: Int
    /// A message for people.
    public var reason: String
    /// Headers of the answer.
    public var fields: [HTTPField]
  }

  /// Checks an upgrade request.
  ///
  /// - Parameter headers: Returns all values of a header; names ignore case.
  /// - Returns: Headers of the 101, besides `Upgrade` and `Connection`.
  public static func accept(method: String, headers: (String) -> [String]) throws(Refusal)
    -> [HTTPField]
  {
    guard headers("Upgrade").hasToken("websocket") else {
      throw upgradeRequired("this route speaks WebSocket: send Upgrade: websocket")
    }
    guard method == "GET" else { throw bad("a WebSocket request must use GET") }
    guard headers("Connection").hasToken("upgrade") else {
      throw bad("Connection must have the token Upgrade")
    }
    let versions = headers("Sec-WebSocket-Version").map(\.trimmed)
    guard versions == ["13"] else {
      throw upgradeRequired("the WebSocket version must be 13, once")
    }
    let keys = headers("Sec-WebSocket-Key").map(\.trimmed)
    guard keys.count == 1, HandshakeKey.isValid(keys[0]) else {
      throw bad("Sec-WebSocket-Key must be 16 bytes in base64, once")
    }
    return [HTTPField("Sec-WebSocket-Accept", HandshakeKey.accept(keys[0]))]
  }

  private static func bad(_ reason: String) -> Refusal {
    Refusal(status: 400, reason: reason, fields: [])
  }

  /// RFC 9110 section 15.5.22 requires the protocol in the answer, RFC 6455 section 4.4 the version.
  private static func upgradeRequired(_ reason: String) -> Refusal {
    let fields = [
      HTTPField("Upgrade", "websocket"), HTTPField("Connection", "Upgrade"),
      HTTPField("Sec-WebSocket-Version", "13"),
    ]
    return Refusal(status: 426, reason: reason, fields: fields)
  }
}
