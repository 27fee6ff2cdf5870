import Linux
import Logging
import ProcFS

/// What a server needs from outside: opened and read before anything starts, in the order in which errors are told.
struct ServeInputs: Sendable {
  let procfs: ProcFS
  let files: StaticFiles
  let alerts: AlertConfiguration
  /// `nil` when agents need none.
  let token: AgentToken?
  let socket: ListeningSocket
  let run: RunIdentity

  /// - Throws: a ``Failure`` that names the option to change.
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
      logger.warning("\(path) can be read by others on this machine: chmod 600 keeps them out")
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
