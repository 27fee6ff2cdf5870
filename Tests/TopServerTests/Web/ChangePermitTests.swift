import MicroHTTPD
import Testing

@testable import TopServer

private let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"

@Suite struct ChangePermitTests {
  enum Verdict { case granted, ask, refused }

  private func verdict(_ method: String, _ headers: [String: String]) -> Verdict {
    var headers = headers
    headers["Host"] = headers["Host"] ?? "box:8845"
    return switch ChangePermit.of(Request.test("/stop", method: method, headers)) {
    case .granted: .granted
    case .ask: .ask
    case .refused: .refused
    }
  }

  /// Headers, and the verdicts on a GET and a POST with them.
  @Test(
    arguments: [
      // Programs.
      ([:], .granted, .granted),
      (["User-Agent": "curl/8.14.1", "Accept": "*/*"], .granted, .granted),
      (["User-Agent": "Wget/1.25", "Accept-Encoding": "gzip"], .granted, .granted),
      (["User-Agent": "python-requests/2.32", "Accept": "*/*"], .granted, .granted),
      (["User-Agent": "Python/3.13 aiohttp/3.12"], .granted, .granted),
      (["User-Agent": "Go-http-client/1.1"], .granted, .granted),
      (["User-Agent": "Ruby"], .granted, .granted),
      (["User-Agent": "HTTPie/3.2"], .granted, .granted),
      // Players and apps, which fetch the address of a video for a page; they send no POST.
      (["User-Agent": "stagefright/1.2 (Linux;Android 9)"], .ask, .granted),
      (["User-Agent": "AppleCoreMedia/1.0.0.21F90 (iPhone; U; CPU OS 17_5)"], .ask, .granted),
      (["User-Agent": "Dalvik/2.1.0 (Linux; U; Android 14)"], .ask, .granted),
      (["User-Agent": "VLC/3.0.20 LibVLC/3.0.20"], .ask, .granted),
      (["User-Agent": "Lavf/60.16.100"], .ask, .granted),
      (["User-Agent": "SomeApp/5 CFNetwork/1490 Darwin/23"], .ask, .granted),
      (["User-Agent": "curl-like/1"], .ask, .granted),
      (["User-Agent": ""], .ask, .granted),
      (["User-Agent": "curl/8.14.1", "Range": "bytes=0-"], .ask, .refused),
      (["Icy-MetaData": "1"], .ask, .refused),
      (["Accept": "video/webm,video/*;q=0.9"], .ask, .refused),
      // Our page, in browsers that say so, also behind a proxy that rewrites Host.
      (["Sec-Fetch-Site": "same-origin"], .granted, .granted),
      (["Sec-Fetch-Site": "same-origin", "User-Agent": chrome], .granted, .granted),
      (
        ["Sec-Fetch-Site": "same-origin", "Origin": "https://top.example.org"], .granted, .granted
      ),
      (["Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"], .granted, .granted),
      (["Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image"], .refused, .granted),
      // The address bar.
      (["Sec-Fetch-Site": "none", "User-Agent": chrome], .granted, .refused),
      (["Sec-Fetch-Site": "none"], .granted, .refused),
      (["Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"], .granted, .refused),
      (["Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "image"], .refused, .refused),
      (["Sec-Fetch-Site": "none", "Origin": "http://box:8845"], .granted, .granted),
      (["Sec-Fetch-Site": "none", "Origin": "http://evil.example"], .refused, .refused),
      (["Sec-Fetch-Site": "none", "Origin": "null"], .refused, .refused),
      // Other sites.
      (["Sec-Fetch-Site": "cross-site"], .refused, .refused),
      (["Sec-Fetch-Site": "same-site"], .refused, .refused),
      (["Sec-Fetch-Site": ""], .refused, .refused),
      (["Sec-Fetch-Site": "nonsense"], .refused, .refused),
      (["Sec-Fetch-Site": "cross-site", "Origin": "http://box:8845"], .refused, .refused),
      (["Origin": "http://evil.example"], .refused, .refused),
      (["Origin": "http://box:8846"], .refused, .refused),
      (["Origin": "null"], .refused, .refused),
      (["Origin": "null", "User-Agent": chrome], .refused, .refused),
      // A browser over plain http, which sends no Sec-Fetch headers.
      (["Origin": "http://box:8845", "User-Agent": chrome], .granted, .granted),
      (["Origin": "http://BOX:8845"], .granted, .granted),
      (["Host": "box", "Origin": "http://box:80"], .granted, .granted),
      (["Host": "localhost:443", "Origin": "https://localhost"], .granted, .granted),
      (["Host": "[::1]:8845", "Origin": "http://[::1]:8845"], .granted, .granted),
      (["User-Agent": chrome], .ask, .refused),
      (["User-Agent": "mozilla/4.0 (compatible; MSIE 8.0)"], .ask, .refused),
      (["User-Agent": "Opera/9.80"], .ask, .refused),
      (["Referer": "http://evil.example/"], .ask, .refused),
      (["Referer": "http://box:8845/stats"], .ask, .refused),
      (["Cookie": "a=b"], .ask, .refused),
      (["Accept": "image/avif,image/webp,*/*"], .ask, .refused),
      (["Accept": "text/html,application/xhtml+xml"], .ask, .refused),
      (["Accept-Language": "en"], .ask, .refused),
      (["Sec-Fetch-Mode": "no-cors"], .ask, .refused),
      (["Sec-CH-UA": "\"Chromium\""], .ask, .refused),
      (["Upgrade-Insecure-Requests": "1"], .ask, .refused),
      // Prefetches.
      (["Sec-Purpose": "prefetch", "Sec-Fetch-Site": "same-origin"], .refused, .refused),
      (["Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Site": "none"], .refused, .refused),
      (["Purpose": "prefetch"], .refused, .refused),
      (["X-Moz": "prefetch"], .refused, .refused),
      (["X-Purpose": "preview"], .refused, .refused),
    ] as [([String: String], Verdict, Verdict)])
  func pagesOfOtherSitesCannotChangeState(
    _ headers: [String: String], _ get: Verdict, _ post: Verdict
  ) {
    #expect(verdict("GET", headers) == get)
    #expect(verdict("POST", headers) == post)
  }

  @Test func repeatedHeadersMustAgree() {
    func verdict(_ name: String, _ values: [String]) -> ChangePermit {
      ChangePermit.of(
        Request(
          method: "POST", target: Request.test("/stop").target,
          headers: [.init("Host", "box:8845")] + values.map { .init(name, $0) }))
    }
    #expect(verdict("Sec-Fetch-Site", ["same-origin", "same-origin"]) == .granted)
    #expect(verdict("Sec-Fetch-Site", ["same-origin", "cross-site"]) != .granted)
    #expect(verdict("Origin", ["http://box:8845", "http://evil.example"]) != .granted)
    let agents = ["curl/8.14.1", "VLC/3.0.20"].map { Response.Header("User-Agent", $0) }
    #expect(
      ChangePermit.of(Request(target: Request.test("/stop").target, headers: agents)) == .ask)
  }

  @Test func theRefusalNamesTheMissingProof() {
    let verdict = ChangePermit.of(.test("/stop", method: "POST", ["Cookie": "a=b"]))
    guard case .refused(let reason) = verdict else {
      Issue.record("it is not refused")
      return
    }
    #expect(reason.contains("the request has Cookie"))
    #expect(reason.contains("Sec-Fetch-Site: same-origin"))
  }
}

@Suite struct ChangeRouteTests {
  private let route = ChangeRoute(button: "Stop it", explanation: "It stops.", action: "stop")

  private func reply(_ method: String, _ headers: [String: String]) -> (Reply, Bool) {
    var isChanged = false
    let reply = route.answer(.test("/stop", method: method, headers)) {
      isChanged = true
      return Reply(.fresh([]))
    }
    return (reply, isChanged)
  }

  @Test func aBrowserWithoutProofGetsAButton() {
    let (reply, isChanged) = reply("GET", ["Host": "box", "User-Agent": chrome])
    #expect(!isChanged)
    #expect(reply.status == 200)
    let response = reply.response
    #expect(response.header("Content-Type") == "text/html; charset=utf-8")
    #expect(response.header("Cache-Control") == "no-store")
    #expect(
      response.header("Content-Security-Policy")
        == "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
    // With no-referrer the form would be sent with "Origin: null".
    #expect(response.header("Referrer-Policy") == "same-origin")
    #expect(response.text.contains(#"<form method="post" action="stop">"#))
    #expect(!response.text.contains("style") && !response.text.contains("script"))
  }

  @Test func refusedRequestsAndOtherMethodsChangeNothing() {
    #expect(reply("GET", ["Sec-Fetch-Site": "cross-site"]).0.status == 403)
    #expect(reply("POST", [:]).1)
    for method in ["HEAD", "PUT", "DELETE", "OPTIONS", "post"] {
      let (reply, isChanged) = reply(method, [:])
      #expect(reply.status == 405 && !isChanged)
    }
  }
}
