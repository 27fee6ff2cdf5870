import Glibc

/// The users of this machine, as the C library finds them: in a file, or in a directory that may be far away.
///
/// See nsswitch.conf(5).
public enum UserDatabase {
  /// What the database says of a user id.
  public enum Answer: Sendable, Equatable {
    case name(String)
    case noSuchUser
    /// The database could not be asked, or its entry is longer than ``longestEntry`` bytes.
    case failed(SystemCallError)
  }

  /// Bytes of an entry with all its texts; a longer one counts as a failure.
  public static let longestEntry = 1 << 20

  /// The user with an id.
  ///
  /// Blocks for as long as the database takes. See getpwuid_r(3).
  public static func user(_ uid: UInt32) -> Answer {
    unsafe answer { unsafe getpwuid_r(uid, $0, $1, $2, $3) }
  }

  /// What getpwuid_r(3) is: it fills an entry, whose texts stand in the buffer, and points to it when there is one.
  typealias LookUp = (
    UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
    UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
  ) -> Int32

  /// Asks with a larger buffer for as long as the one before was too small.
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
        // Some directories have names in other encodings: repaired, so that JSON can hold them.
        return .name(unsafe String(cString: name))
      case ERANGE where size < longestEntry: size *= 2
      case EINTR: continue
      // What the man page lists for "not found" beside 0.
      case ENOENT, ESRCH, EBADF, EPERM: return .noSuchUser
      default: return .failed(SystemCallError(call: "getpwuid_r", code: code))
      }
    }
  }

  /// Tells one state of the local files of the database from another.
  public struct Version: Sendable, Equatable {
    fileprivate struct File: Sendable, Equatable {
      var identity: [UInt]
      var size: Int64
      var changed: [Int]
    }

    fileprivate var files: [File?]
  }

  /// The files whose change is seen at once; a directory elsewhere does not say when it changes.
  public static let localFiles = ["/etc/passwd", "/etc/nsswitch.conf"]

  /// The version of the local files now.
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
