import Linux
import Logging
import ProcFS

/// The files and the socket that a server needs, opened and read before it starts.
///
/// The first input that cannot be opened is reported, in the order of the initializer.
struct ServeInputs: Sendable {
  let procfs: ProcFS
  let files: StaticFiles
  let alerts: AlertConfiguration
  /// `nil` if agents need no token.
  let token: AgentToken?
  let socket: ListeningSocket
  let run: RunIdentity

  /// - Throws: A ``Failure`` that names the option to change.
  init(_ settings: Settings, logger: Logger) throws {
    procfs = try SamplingService.open(settings.proc)
    files = try Self.readFiles(settings, logger)
    alerts = try AlertFile.read(settings.alertsFile)
    token = try Self.readToken(settings, logger)
    socket = try Self.listen(settings)
    run = RunIdentity(procfs, hostName: Machine.name)
  }

  private static func readFiles(_ settings: Settings, _ logger: Logger) throws -> StaticFiles {
    let files = try StaticFiles(folder: settings.staticFolder)
    if !files.missing.isEmpty {
      let names = files.missing.joined(separator: ", ")
      logger.notice("the page has no charts without \(names): install libjs-dygraphs")
    }
    return files
  }

  private static func readToken(_ settings: Settings, _ logger: Logger) throws -> AgentToken? {
    guard let path = settings.agentTokenFile else { return nil }
    let token = try AgentToken.read(path, option: "--agent-token-file")
    if let mode = try? Files.permissions(of: path), mode & 0o007 != 0 {
      logger.warning("\(path) can be read by other users of this machine; run chmod 600 on it")
    }
    return token
  }

  private static func listen(_ settings: Settings) throws -> ListeningSocket {
    do {
      return try ListeningSocket(host: settings.host, port: settings.port)
    } catch {
      throw Failure(
        "cannot listen on \(error); choose another address with --host, port with --port")
    }
  }
}
