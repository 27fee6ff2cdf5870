import Deflate
import Jansson
import Linux
import MicroHTTPD

/// A document that is made from a snapshot, and so changes with each.
enum Document: Hashable, Sendable {
  case cpuUsage
  case system
}

/// Encodes a snapshot as the documents of the server, in responses that are ready to send.
struct AnswerEncoder: AnswerMaker {
  enum Question: Hashable, Sendable {
    case cpuUsage(CPUUsageQuery)
    case system
  }

  var userNames: UserNames
  /// Distinguishes this run of the server from others in the ETag.
  let run: RunIdentity
  /// The intended time between two samples; /system has the measured one.
  let interval: Duration
  /// The state of the recorder, for /system.
  let recorder: Latest<RecorderState>
  /// The state of the fleet, for /system.
  let fleet: Latest<FleetStatus>
  let counts: RequestCounts
  /// Counts the clients of /events.
  let broadcaster: Broadcaster
  /// Counts connections and refusals.
  var daemon = DaemonCounts()

  /// An uncompressed document, and data that helps to make the next one.
  struct Plain: PlainAnswer {
    let response: Response
    let table: CPUUsageText?
    /// The names of users on which the document depends; `nil` if there are none.
    let users: KnownUsers?
    /// The revision of user names when the document was made, if it shows numbers for names that are not known yet.
    let provisional: UInt64?

    init(response: Response, table: CPUUsageText? = nil, users: KnownUsers? = nil) {
      self.response = response
      self.table = table
      self.users = users
      provisional = users.flatMap { $0.isComplete ? nil : $0.revision }
    }

    var size: Int { response.body.count + (table?.overhead ?? 0) }
  }

  func question(
    _ document: Document, _ query: [RequestTarget.QueryItem]
  ) throws(Problem) -> Question {
    switch document {
    case .cpuUsage: return .cpuUsage(try CPUUsageQuery(query))
    case .system:
      try QueryParameters.refuseAll(query)
      return .system
    }
  }

  /// Tables with the same columns have the same rows, in any order.
  struct Kin: Hashable, Sendable {
    var columns: [CPUUsageColumn]
    var scale: CPUUsageQuery.Scale
  }

  func kin(of question: Question) -> Kin? {
    guard case .cpuUsage(let query) = question, case .table = query.shape else { return nil }
    return Kin(columns: query.columns, scale: query.scale)
  }

  func work(for question: Question, _ snapshot: Snapshot) -> Int {
    switch question {
    case .cpuUsage(let query): query.work(for: snapshot)
    case .system: SystemText.work(for: snapshot)
    }
  }

  /// Makes a document.
  ///
  /// - Parameter before: The same document of an earlier snapshot, or one with the same kin, whose unchanged rows are
  ///   reused.
  func plain(_ question: Question, _ snapshot: Snapshot, after before: Plain? = nil) -> Plain {
    switch question {
    case .cpuUsage(let query):
      do throws(FilterError) {
        let answer = try CPUUsageAnswer(query, snapshot, userNames, after: before?.table)
        return Plain(
          response: response(
            answer.body, snapshot, tagSuffix: Self.tagSuffix(answer.users), encoding: ""),
          table: answer.table, users: answer.users)
      } catch {
        return Plain(response: Problem(error, in: query.filter).response())
      }
    case .system:
      let text = SystemText.make(
        snapshot, run, recorder.value, fleet.value,
        .init(requests: counts.now, streams: .init(broadcaster), daemon: daemon.now))
      return Plain(response: response(Body(text), snapshot, tagSuffix: "", encoding: ""))
    }
  }

  /// Whether user names have arrived for which this document shows numbers.
  func isOutdated(_ plain: Plain) -> Bool {
    guard let revision = plain.provisional else { return false }
    return revision != userNames.revision
  }

  func gzipped(_ plain: Plain, _ snapshot: Snapshot) -> Response? {
    guard plain.response.status == 200 else { return nil }
    // Level 6 would take longer than the sweep beyond some thousand processes, so use level 1.
    let body = plain.response.body.bytes
    guard let zipped = Gzip.compress(body, level: body.count > 100_000 ? 1 : 6) else { return nil }
    let tagSuffix = Self.tagSuffix(plain.users) + "-gzip"
    return response(Body(zipped), snapshot, tagSuffix: tagSuffix, encoding: "gzip")
  }

  /// The users whose names decide about the rows of an answer and are still being looked up.
  func awaitedUsers(_ query: CPUUsageQuery, _ snapshot: Snapshot) -> Set<UInt32>? {
    guard query.selectsByUsers else { return nil }
    let users = Set(snapshot.processes.map(\.uid))
    return userNames.known(users).isComplete ? nil : users
  }

  func preparation(
    for question: Question, _ snapshot: Snapshot
  ) -> (@Sendable () async -> Void)? {
    guard case .cpuUsage(let query) = question, let users = awaitedUsers(query, snapshot) else {
      return nil
    }
    return { await userNames.settle(users, atMost: Self.patience) }
  }

  /// How long an answer waits for the names of users before it takes their numbers instead.
  static let patience = Duration.seconds(1)

  /// The process table of a past moment.
  ///
  /// - Throws: When the filter needs too much work.
  func past(
    _ table: HistoryReader.Table, _ query: CPUUsageQuery, gzip: Bool
  ) throws(Problem) -> Response {
    let snapshot = table.snapshot
    let body: Body
    do throws(FilterError) {
      body = try CPUUsageAnswer(query, snapshot, userNames).body
    } catch {
      throw Problem(error, in: query.filter)
    }
    return .fresh(
      body,
      headers: [
        .init("X-Resolution-Seconds", Self.seconds(table.resolution)),
        .init("X-Window-Start", Self.moment(table.span?.begin)),
        .init("X-Window-End", Self.moment(table.span?.end)),
      ] + facts(snapshot), gzip: gzip)
  }

  /// Distinguishes two answers to one snapshot, made before and after user names arrived.
  private static func tagSuffix(_ users: KnownUsers?) -> String {
    guard let users, !users.isComplete else { return "" }
    return "-names\(users.revision)"
  }

  private func response(
    _ body: Body, _ snapshot: Snapshot, tagSuffix: String, encoding: String
  ) -> Response {
    .make(
      type: "application/json",
      headers: [
        .init("ETag", "\"\(run.tag)-\(snapshot.sequence)\(tagSuffix)\""),
        .init("Cache-Control", "no-cache"), .init("Vary", "Accept-Encoding"),
        .init("Content-Encoding", encoding),
        .init("X-Sequence", "\(snapshot.sequence)"),
        .init("X-Interval-Seconds", Self.seconds(interval / .seconds(1))),
      ] + facts(snapshot), body: body)
  }

  /// The headers with facts that a table does not contain.
  private func facts(_ snapshot: Snapshot) -> [Response.Header] {
    [
      .init("X-Sampled-At", RFC3339.text(nanosecondsSinceEpoch: snapshot.time.wall)),
      .init("X-Window-Seconds", Self.seconds(snapshot.window)),
      .init("X-Cpu-Count", "\(snapshot.cpuCount)"),
      .init("X-Hostname", run.hostName),
    ]
  }

  /// The text of milliseconds since the epoch; empty without a value, which leaves the header out.
  private static func moment(_ milliseconds: Int64?) -> String {
    milliseconds.map(RFC3339.text(millisecondsSinceEpoch:)) ?? ""
  }

  /// Two decimals; empty without a value, which leaves the header out.
  private static func seconds(_ value: Double?) -> String {
    value.map { "\($0.rounded(places: 2))" } ?? ""
  }
}

extension PreparedAnswers<AnswerEncoder> {
  var snapshot: Snapshot { source }
}
