import Glibc

/// Looks up users through the C library, in a local file or a remote directory.
///
/// See nsswitch.conf(5).
public enum UserDatabase {
  /// The result of a lookup.
  public enum Answer: Sendable, Equatable {
    case name(String)
    case noSuchUser
    /// The lookup failed, or the entry is longer than ``longestEntry`` bytes.
    case failed(SystemCallError)
  }

  /// The longest entry, with all its texts, in bytes.
  ///
  /// A longer one counts as a failure.
  public static let longestEntry = 1 << 20

  /// Looks up the user with an id.
  ///
  /// Blocks as long as the database needs. See getpwuid_r(3).
  public static func user(_ uid: UInt32) -> Answer {
    unsafe answer { unsafe getpwuid_r(uid, $0, $1, $2, $3) }
  }

  /// The signature of getpwuid_r(3): it fills the entry, stores its texts in the buffer, and sets the last pointer if
  /// it found the user.
  typealias LookUp = (
    UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
    UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
  ) -> Int32

  /// Doubles the buffer until the entry fits.
  static func answer(_ lookUp: LookUp) -> Answer {
    var size = 4096
    while true {
      var entry = unsafe passwd()
      var found: UnsafeMutablePointer<passwd>?
      var buffer = [CChar](repeating: 0, count: size)
      let code = unsafe lookUp(&entry, &buffer, size, &found)
      switch code {
      case 0:
        guard unsafe found != nil, let name = unsafe entry.pw_name else { return .noSuchUser }
        // Some directories contain names in other encodings. This repairs them, so that JSON can hold them.
        return .name(unsafe String(cString: name))
      case ERANGE where size < longestEntry: size *= 2
      case EINTR: continue
      // The man page lists these codes, besides 0, for "not found".
      case ENOENT, ESRCH, EBADF, EPERM: return .noSuchUser
      default: return .failed(SystemCallError(call: "getpwuid_r", code: code))
      }
    }
  }

  /// A fingerprint of the database's local files; it changes whenever one of them changes.
  public struct Version: Sendable, Equatable {
    fileprivate struct File: Sendable, Equatable {
      var identity: [UInt]
      var size: Int64
      var changed: [Int]
    }

    fileprivate var files: [File?]
  }

  /// The files whose changes we notice at once.
  ///
  /// A remote directory does not report its changes.
  public static let localFiles = ["/etc/passwd", "/etc/nsswitch.conf"]

  /// The current version of the local files.
  ///
  /// See stat(2).
  public static func version(of paths: [String] = localFiles) -> Version {
    Version(
      files: paths.map { path in
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Version.File(
          identity: [status.st_dev, status.st_ino], size: Int64(status.st_size),
          changed: [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
            status.st_ctim.tv_nsec,
          ])
      })
  }
}
