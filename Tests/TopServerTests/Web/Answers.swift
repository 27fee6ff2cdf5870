import Jansson
import Linux
import Logging
import MicroHTTPD

@testable import TopServer

extension AnswerEncoder {
  static let test = AnswerEncoder(
    userNames: .test { $0 == 0 ? "root" : nil },
    run: RunIdentity(hostName: "box", bootID: "aaaabbbb-cccc-dddd", tag: "run-1"),
    interval: .seconds(1), recorder: Recorder.test.state,
    fleet: Latest(FleetStatus()),
    counts: RequestCounts(), broadcaster: Broadcaster())
}

extension Recorder {
  /// A recorder that is switched off and has no file.
  static let test = Recorder(
    writer: nil, isOn: false, limit: 256 << 20, bootID: "boot", interval: .seconds(1),
    flushInterval: .seconds(5), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
}

extension UserNames {
  /// Names that are known at once.
  static func test(_ name: @escaping @Sendable (UInt32) -> String?) -> UserNames {
    UserNames(
      lookUp: { uid in name(uid).map { .name($0) } ?? .noSuchUser }, run: { $0() })
  }
}

extension AnswerPool {
  static let test = AnswerPool(threads: 1)
}

extension AnswerDesk {
  static func test(_ source: Maker.Source, _ maker: Maker) -> AnswerDesk {
    AnswerDesk(source, maker, pool: .test, interval: .seconds(1))
  }
}

extension PreparedAnswers {
  /// The answer to a request, which is made if necessary.
  func response(
    _ document: Maker.Document, for target: RequestTarget, gzip: Bool
  ) throws(Problem) -> Response {
    make(
      try maker.question(document, target.query),
      spelled: Spelling(document: document, rawQuery: target.rawQuery), gzip: gzip)
  }
}

extension PreparedAnswers<AnswerEncoder> {
  /// The answers after these samples.
  static func test(_ samples: [Sample]) -> PreparedAnswers {
    var window = Window.test()
    let snapshots = samples.map { window.add($0) }
    guard let last = snapshots.last else { preconditionFailure("a test needs a sample") }
    return PreparedAnswers(last, .test)
  }
}

extension Response {
  var text: String { String(decoding: body.bytes, as: UTF8.self) }
}

extension Reply {
  /// The response of a reply that needs no waiting.
  var response: Response { ready.response }
  var status: Int { ready.status }

  private var ready: (response: Response, status: Int) {
    guard case .ready(let response, let status) = self else {
      preconditionFailure("the reply is not ready")
    }
    return (response, status)
  }
}

extension Request {
  /// A request for a target, without a socket.
  ///
  /// A target that does not parse becomes `/`.
  static func test(
    _ target: String, method: String = "GET", _ headers: [String: String] = [:]
  ) -> Request {
    let target = (try? RequestTarget(target)) ?? .root
    return Request(
      method: method, target: target, headers: headers.map { Response.Header($0.key, $0.value) })
  }
}

extension RequestTarget {
  fileprivate static var root: RequestTarget {
    guard let root = try? RequestTarget("/") else { preconditionFailure("/ is a target") }
    return root
  }
}
