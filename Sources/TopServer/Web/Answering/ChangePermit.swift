import MicroHTTPD

/// Decides whether a request may change the server's state: a page of another site may not, through a visitor's
/// browser.
///
/// A page can make a browser or a media player send a GET request, and a browser a POST request. It cannot choose these
/// headers: `Sec-Fetch-…` (only over https and to loopback), `Origin` (not with every GET), `Referer`, `User-Agent`,
/// `Cookie`. See Fetch Metadata Request Headers section 2, and RFC 6454 section 7.
enum ChangePermit: Sendable, Equatable {
  /// The request comes from our own page, from the address bar, or from a program other than a browser.
  case granted
  /// The request may come from a page and does not say which one: the user must confirm it with a button.
  case ask
  case refused(String)

  static func of(_ request: borrowing Request) -> ChangePermit {
    // Browsers prefetch pages that the user may never open.
    let isEarly = ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"].contains { name in
      request.headers(name).contains { Self.isEarly($0) }
    }
    if isEarly { return .refused("a prefetch changes nothing") }
    return request.method == "POST" ? ofPost(request) : ofGet(request)
  }

  private static func ofPost(_ request: borrowing Request) -> ChangePermit {
    switch site(request) {
    case .ours: return .granted
    case .other: return crossSite
    // The address bar sends no POST, and over plain http browsers send no Sec-Fetch headers.
    case .address, .unknown: break
    }
    switch origin(request) {
    case .ours: return .granted
    case .other: return crossSite
    case .absent: break
    }
    guard let name = browserHeader(request) else { return .granted }
    return .refused(
      "a browser (the request has \(name)) must prove that a page of this server sends it, with "
        + "Sec-Fetch-Site: same-origin, or with an Origin that is this host; other programs leave "
        + "the headers of browsers out")
  }

  private static func ofGet(_ request: borrowing Request) -> ChangePermit {
    let destinations = request.headers("Sec-Fetch-Dest")
    let isForPage = destinations.allSatisfy { $0 == "document" || $0 == "empty" }
    switch site(request) {
    // None of our pages loads this route as an image or in a frame.
    case .ours: return isForPage ? .granted : .refused("only a page itself may request this")
    case .other: return crossSite
    case .address, .unknown: break
    }
    switch origin(request) {
    case .ours: return .granted
    case .other: return crossSite
    case .absent: break
    }
    if site(request) == .address {
      return isForPage ? .granted : .refused("only a page itself may request this")
    }
    return browserHeader(request) == nil && isCommandLineClient(request) ? .granted : .ask
  }

  private static let crossSite = ChangePermit.refused(
    "pages of other sites may not change the state of this server; use its own page, at stats")

  // MARK: - Headers

  private enum Site {
    /// A page of this server.
    case ours
    /// No page: the address bar or a bookmark.
    case address
    case other
    case unknown
  }

  private static func site(_ request: borrowing Request) -> Site {
    let values = Set(request.headers("Sec-Fetch-Site"))
    if values.isEmpty { return .unknown }
    if values == ["same-origin"] { return .ours }
    return values == ["none"] ? .address : .other
  }

  private enum Sender {
    case ours, other, absent
  }

  private static func origin(_ request: borrowing Request) -> Sender {
    let values = request.headers("Origin")
    if values.isEmpty { return .absent }
    // The host of the target overrides the header, see RFC 9112 section 3.2.2.
    guard let host = request.target.authority ?? request.header("Host") else { return .other }
    return values.allSatisfy { Origin($0)?.matches(host: host) ?? false } ? .ours : .other
  }

  /// Browsers send at least one of these with each request; curl, wget and HTTP libraries do not.
  private static let browserHeaders = [
    "Origin", "Referer", "Cookie", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest",
    "Sec-Fetch-User", "Sec-Fetch-Storage-Access", "Sec-CH-UA", "Sec-CH-UA-Mobile",
    "Sec-CH-UA-Platform", "Sec-GPC", "DNT", "Upgrade-Insecure-Requests", "Accept-Language",
    // For the players of audio and video in browsers and apps.
    "Range", "Icy-MetaData",
  ]

  /// Whether the request comes from a program that no page can start: it has no User-Agent, or one in the list.
  ///
  /// A page can cause a GET without a browser: a video's address goes to a player of the system or an app
  /// (`stagefright`, `AppleCoreMedia`, `VLC`, `Lavf`). No list of players is complete, so this one names the other
  /// programs. A program that is not in it uses POST.
  private static func isCommandLineClient(_ request: borrowing Request) -> Bool {
    request.headers("User-Agent").allSatisfy { agent in
      let name = agent.lowercased().prefix { $0 != "/" && $0 != " " }
      return name.hasPrefix("python-") || commandLineClients.contains(String(name))
    }
  }

  /// The first product of a User-Agent in lower case, see RFC 9110 section 10.1.5.
  private static let commandLineClients: Set<String> = [
    // Commands.
    "curl", "wget", "wget2", "httpie", "xh", "hurl", "aria2", "fetch", "postmanruntime", "insomnia",
    // Libraries.
    "python", "go-http-client", "ruby", "faraday", "libwww-perl", "lwp-request", "http-tiny", "php",
    "guzzlehttp", "java", "java-http-client", "node", "node-fetch", "undici", "axios", "got",
    "deno", "bun", "reqwest", "ureq", "hyper",
  ]

  /// The first header that only browsers and players send.
  private static func browserHeader(_ request: borrowing Request) -> String? {
    for name in browserHeaders where !request.headers(name).isEmpty { return name }
    let agent = request.header("User-Agent")?.lowercased() ?? ""
    if ["mozilla/", "opera/", "lynx/", "links ", "elinks/", "w3m/"].contains(where: agent.hasPrefix)
    {
      return "the User-Agent of a browser"
    }
    let accept = request.headers("Accept").joined(separator: ", ").lowercased()
    if ["text/html", "image/", "video/", "audio/"].contains(where: accept.contains) {
      return "Accept for a page"
    }
    return nil
  }

  private static func isEarly(_ purpose: String) -> Bool {
    let purpose = purpose.lowercased()
    return ["prefetch", "prerender", "preview"].contains { purpose.contains($0) }
  }
}
