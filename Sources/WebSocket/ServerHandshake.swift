/// The server's part of the opening handshake.
///
/// See RFC 6455 section 4.2. Whether the origin of a page may connect is for the product to say.
public enum ServerHandshake {
  /// Why a request gets no WebSocket.
  public struct Refusal: Error, Sendable, Equatable {
    /// 400, or 426 for a request that is in order but asks for something else.
    public var status: Int
    /// A sentence for people.
    public var reason: String
    /// What belongs into the answer.
    public var fields: [HTTPField]
  }

  /// Looks at a request for a WebSocket.
  ///
  /// - Parameter headers: All values of a header, by name in whatever case.
  /// - Returns: What belongs into the 101, beside `Upgrade` and `Connection`.
  public static func accept(method: String, headers: (String) -> [String]) throws(Refusal)
    -> [HTTPField]
  {
    guard headers("Upgrade").hasToken("websocket") else {
      throw upgradeRequired("this route speaks WebSocket: send Upgrade: websocket")
    }
    guard method == "GET" else { throw bad("a WebSocket begins with GET") }
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

  /// RFC 9110 section 15.5.22 wants to be told which protocol, RFC 6455 section 4.4 which version.
  private static func upgradeRequired(_ reason: String) -> Refusal {
    let fields = [
      HTTPField("Upgrade", "websocket"), HTTPField("Connection", "Upgrade"),
      HTTPField("Sec-WebSocket-Version", "13"),
    ]
    return Refusal(status: 426, reason: reason, fields: fields)
  }
}
