extension ProcFS {
  /// Reads /proc/meminfo.
  public func memInfo() throws(ProcError) -> MemInfo { try parse("meminfo", MemInfo.init) }

  /// Reads /proc/loadavg.
  public func loadAverage() throws(ProcError) -> LoadAverage {
    try parse("loadavg", LoadAverage.init)
  }

  /// Reads /proc/uptime.
  public func uptime() throws(ProcError) -> Uptime { try parse("uptime", Uptime.init) }

  /// Reads /proc/diskstats.
  public func diskStats() throws(ProcError) -> DiskStats { try parse("diskstats", DiskStats.init) }

  /// Reads /proc/pressure/cpu, memory or io.
  ///
  /// Kernels without `CONFIG_PSI` lack these files.
  public func pressure(on resource: String) throws(ProcError) -> Pressure {
    try parse("pressure/\(resource)", Pressure.init)
  }

  /// Reads the file that ``netDevFile()`` selected.
  public func netDev(_ file: String) throws(ProcError) -> NetDev { try parse(file, NetDev.init) }

  /// The file with the interfaces of the whole machine if we may read it, otherwise the file with those of our
  /// namespace.
  ///
  /// Process 1 of the host is in the host's network namespace, while `net` is in the reader's.
  public func netDevFile() -> String {
    (try? netDev("1/net/dev")) != nil ? "1/net/dev" : "net/dev"
  }

  /// The file systems with space, from /proc/self/mountinfo and /proc/filesystems.
  ///
  /// `self` is our own process, so the paths are valid in our mount namespace.
  public func realFileSystems() throws(ProcError) -> [RealFileSystem] {
    let types = (try? contents(of: "filesystems")) ?? []
    return try parse("self/mountinfo", MountTable.init)
      .realFileSystems(FileSystemTypes(parsing: types.span))
  }
}
