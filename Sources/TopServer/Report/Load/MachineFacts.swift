import Linux
import ProcFS

/// The machine of the clients.
///
/// Figures are comparable only with these facts.
struct MachineFacts: Sendable, Equatable {
  var hostName: String
  /// The name of the processor; `nil` if the kernel does not report it.
  var processor: String?
  /// The number of online CPUs.
  var cores: Int
  var memoryBytes: UInt64?
  /// The kernel release.
  var kernel: String?
  /// The name of the distribution.
  var system: String?
  /// The load average of the last minute; see proc_loadavg(5).
  var loadAverage: Double?

  /// The facts of this machine.
  static func read() -> MachineFacts {
    let procfs = try? ProcFS(root: "/proc")
    return MachineFacts(
      hostName: Machine.name,
      processor: text("/proc/cpuinfo").flatMap(processor),
      cores: Machine.onlineCPUs,
      memoryBytes: try? procfs?.memInfo().total,
      kernel: text("/proc/sys/kernel/osrelease")?.filter { !$0.isNewline },
      system: text("/etc/os-release").flatMap(system),
      loadAverage: try? procfs?.loadAverage().one)
  }

  private static func text(_ path: String) -> String? {
    (try? Files.read(path)).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  // MARK: - Parsers

  /// The model of the first processor in /proc/cpuinfo; ARM kernels do not report one.
  static func processor(_ text: String) -> String? { value(of: "model name", in: text, after: ":") }

  /// The full name of the distribution from /etc/os-release; see os-release(5).
  static func system(_ text: String) -> String? {
    value(of: "PRETTY_NAME", in: text, after: "=")?.filter { $0 != "\"" }
  }

  private static func value(of name: String, in text: String, after mark: Character) -> String? {
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(name) {
      let parts = line.split(separator: mark, maxSplits: 1)
      guard parts.count == 2 else { continue }
      return String(parts[1].drop { $0 == " " })
    }
    return nil
  }
}
