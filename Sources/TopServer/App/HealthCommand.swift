import ArgumentParser
import FoundationEssentials
import Linux

/// Asks a running server whether it is ready.
///
/// A container uses it as its health check and so needs no curl.
struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Ask a running server whether it is ready. Exits with 0 if it is, else with 1.")

  @Option(
    help: ArgumentHelp(
      "URL of the server. (default: http://127.0.0.1 with the port of TOPSERVER_PORT, or 8845)"))
  var url: String?

  func run() async throws {
    let variable = ProcessInfo.processInfo.environment["TOPSERVER_PORT"].flatMap { UInt16($0) }
    let (host, port) = try Self.address(of: url ?? "http://127.0.0.1:\(variable ?? 8845)")
    let answer: PlainRequest.Answer?
    do {
      answer = try PlainRequest.get(host: host, port: port, path: "/readyz")
    } catch {
      throw Failure("no answer: \(error)")
    }
    guard let answer else { throw Failure("\(host):\(port) does not speak HTTP") }
    guard answer.status == 200 else {
      throw Failure("not ready (status \(answer.status)): \(answer.body.filter { !$0.isNewline })")
    }
    Console.say("ready")
  }

  /// Host and port of `http://host[:port][/…]`.
  static func address(of url: String) throws -> (host: String, port: UInt16) {
    guard let parts = URLComponents(string: url), parts.scheme == "http", let host = parts.host,
      !host.isEmpty, let port = UInt16(exactly: parts.port ?? 8845)
    else {
      throw Failure.usage("--url is \"\(url)\": it accepts http://HOST or http://HOST:PORT")
    }
    return (
      host.trimmingPrefix("[").hasSuffix("]") ? String(host.dropFirst().dropLast()) : host, port
    )
  }
}
