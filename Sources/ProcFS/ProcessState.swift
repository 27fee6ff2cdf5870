/// The state of a process, from the letter in /proc/PID/stat, with psutil's names.
///
/// See proc_pid_stat(5), field (3).
public enum ProcessState: String, Sendable, CaseIterable {
  case running = "running"
  case sleeping = "sleeping"
  case diskSleep = "disk-sleep"
  case stopped = "stopped"
  case tracingStop = "tracing-stop"
  case zombie = "zombie"
  case dead = "dead"
  case idle = "idle"
  case parked = "parked"
  case wakeKill = "wake-kill"
  case waking = "waking"

  /// Old kernels use some letters in the other case.
  ///
  /// `nil` if the letter is unknown.
  public init?(letter: UInt8) {
    switch letter {
    case UInt8(ascii: "R"): self = .running
    case UInt8(ascii: "S"): self = .sleeping
    case UInt8(ascii: "D"): self = .diskSleep
    case UInt8(ascii: "T"): self = .stopped
    case UInt8(ascii: "t"): self = .tracingStop
    case UInt8(ascii: "Z"): self = .zombie
    case UInt8(ascii: "X"), UInt8(ascii: "x"): self = .dead
    case UInt8(ascii: "I"): self = .idle
    case UInt8(ascii: "P"): self = .parked
    case UInt8(ascii: "K"): self = .wakeKill
    case UInt8(ascii: "W"): self = .waking
    default: return nil
    }
  }
}
