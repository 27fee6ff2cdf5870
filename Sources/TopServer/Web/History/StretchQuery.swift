import Linux
import MicroHTTPD

/// What a request asks about the processes of a stretch of time.
struct StretchQuery: Sendable, Equatable {
  /// Milliseconds since the epoch.
  var from: Int64
  var to: Int64
  /// Processes that the answer has at most.
  var limit: Int

  /// The last minute, unless told otherwise.
  ///
  /// - Parameters:
  ///   - now: Milliseconds since the epoch.
  ///   - longest: Milliseconds, so that one question does not read all of the file, and the same in words.
  /// - Throws: a ``Problem`` that names the parameter and what it accepts.
  init(
    _ items: [RequestTarget.QueryItem], now: Int64, limit: Int,
    longest: (milliseconds: Int64, words: String)
  ) throws(Problem) {
    (from, to, self.limit) = (now - 60_000, now, limit)
    var seen: Set<String> = []
    for item in items {
      guard seen.insert(item.name).inserted else {
        throw Problem(status: 400, detail: "\(item.name) is given more than once")
      }
      switch item.name {
      case "from": from = try Self.moment(item, now)
      case "to": to = try Self.moment(item, now)
      case "limit": self.limit = try item.wholeNumber()
      default:
        throw Problem(
          status: 400,
          detail: "\"\(item.name)\" is no parameter of this route; it accepts from, to and limit")
      }
    }
    guard from < to else { throw Problem(status: 400, detail: "from must lie before to") }
    guard to - from <= longest.milliseconds else {
      throw Problem(status: 400, detail: "a stretch may be \(longest.words) long at most")
    }
  }

  private static func moment(_ item: RequestTarget.QueryItem, _ now: Int64) throws(Problem) -> Int64
  {
    do throws(HistoryError) {
      return try HistoryQuery.moment(item.name, item.value, now)
    } catch {
      throw Problem(error)
    }
  }
}
