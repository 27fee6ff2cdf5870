import Linux

/// A line of /proc/PID/stat with the values that a test needs.
func statLine(
  pid: Int = 42, name: String = "worker", state: String = "S", ppid: Int = 1,
  flags: UInt = 4_194_304,
  user: Int = 0, system: Int = 0, childrenUser: Int = 0, childrenSystem: Int = 0, threads: Int = 1,
  start: Int = 1000, pages: Int = 256
) -> String {
  "\(pid) (\(name)) \(state) \(ppid) 42 42 0 -1 \(flags) 101 0 0 0 \(user) \(system) \(childrenUser) "
    + "\(childrenSystem) 20 0 \(threads) 0 \(start) 9999360 \(pages) 18446744073709551615 1 1 0 0 0 0 0 "
    + "0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
}

/// Our own pid, from the real /proc.
func getOwnPID() -> Int32 { Machine.ownPID }
