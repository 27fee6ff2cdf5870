import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct AlertReadingTests {
  private func reading(
    _ metric: AlertMetric, cpu: Double? = 0.5, _ processes: [ProcessRow] = [],
    host: MachineUse = MachineUse(), bound: ProcessIdentity? = nil
  ) -> AlertReading {
    metric.reading(.test(at: .at(1000), cpu: cpu, processes, host: host), bound: bound)
  }

  @Test func theCPUIsAShareOfAllCPUs() {
    #expect(reading(.cpu).value == 0.5)
    #expect(reading(.cpu, cpu: nil) == AlertReading(note: "/proc/stat could not be read"))
  }

  @Test func theLoadIsAbsoluteOrPerCPU() {
    var host = MachineUse()
    host.load = LoadAverage(one: 3, five: 2, fifteen: 1)
    #expect(reading(.known("load1"), host: host).value == 3)
    #expect(reading(.known("load5"), host: host).value == 2)
    #expect(reading(.known("load15_per_cpu"), host: host).value == 0.5)
    #expect(reading(.known("load1_per_cpu")).value == nil)
  }

  @Test func memoryAndSwapAreUsedShares() {
    var host = MachineUse()
    host.memory = MemoryUse(MemInfo(total: 100, available: 25))
    host.swap = SwapUse(total: 0, free: 0)
    #expect(reading(.memory, host: host).value == 0.75)
    #expect(reading(.swap, host: host).value == 0)
    #expect(reading(.memory).note == "/proc/meminfo could not be read")
  }

  @Test func pressureIsTheKernelsAverageOverTenSeconds() {
    var host = MachineUse()
    let line = PressureLine(average10: 0.4, average60: 0.2, average300: 0.1)
    host.pressure = PressureUse(io: PressureLines(some: line))
    #expect(reading(.known("io_pressure"), host: host).value == 0.4)
    #expect(
      reading(.known("cpu_pressure"), host: host)
        == AlertReading(note: "this kernel shows no such pressure"))
  }

  @Test func theFullestFileSystemCountsUnlessOneIsNamed() {
    func fileSystem(_ mount: String, used: UInt64, isStalled: Bool = false) -> FileSystemUse {
      FileSystemUse(
        mountPoint: mount, device: "/dev/x", type: "ext4", total: 100, used: used,
        available: 100 - used, isStalled: isStalled)
    }
    var host = MachineUse()
    host.fileSystems = [
      fileSystem("/", used: 40), fileSystem("/var", used: 60),
      fileSystem("/nfs", used: 99, isStalled: true),
    ]
    #expect(
      reading(.disk(mount: nil), host: host) == AlertReading(value: 0.6, note: "/var"))
    #expect(reading(.disk(mount: "/"), host: host) == AlertReading(value: 0.4))
    #expect(
      reading(.disk(mount: "/nfs"), host: host)
        == AlertReading(note: "the file system at /nfs does not answer"))
    #expect(
      reading(.disk(mount: "/none"), host: host)
        == AlertReading(note: "there is no file system at /none"))
    #expect(reading(.disk(mount: nil)).value == nil)
  }

  @Test func aFileSystemIsFoundByAnyOfItsMountPoints() {
    var host = MachineUse()
    host.fileSystems = [
      FileSystemUse(
        mountPoint: "/b", mountPoints: ["/b", "/srv/data"], device: "/dev/x", type: "ext4",
        total: 100, used: 70, available: 30, isStalled: false)
    ]
    #expect(reading(.disk(mount: "/srv/data"), host: host) == AlertReading(value: 0.7))
    #expect(reading(.disk(mount: "/b"), host: host) == AlertReading(value: 0.7))
    #expect(reading(.disk(mount: "/srv"), host: host).value == nil)
  }

  @Test func aReadOnlyFileSystemRaisesNoAlert() {
    func fileSystem(_ mount: String, used: UInt64, isReadOnly: Bool) -> FileSystemUse {
      FileSystemUse(
        mountPoint: mount, device: "/dev/x", type: "ext4", total: 100, used: used,
        available: 100 - used, isStalled: false, isReadOnly: isReadOnly)
    }
    var host = MachineUse()
    host.fileSystems = [
      fileSystem("/cd", used: 100, isReadOnly: true), fileSystem("/", used: 40, isReadOnly: false),
    ]
    #expect(reading(.disk(mount: nil), host: host) == AlertReading(value: 0.4, note: "/"))
    let refusal = AlertReading(note: "the file system at /cd is read-only, so it cannot fill up")
    #expect(reading(.disk(mount: "/cd"), host: host) == refusal)
    host.fileSystems.removeLast()
    #expect(reading(.disk(mount: nil), host: host).value == nil)
  }

  @Test func coverageCountsOnlyIfEnoughIsMissing() {
    var snapshot = Snapshot.test(at: .at(1000))
    #expect(AlertMetric.coverage.reading(snapshot).value == nil)
    snapshot.averageUse = .test(busy: 0.5, explained: 0.6)
    #expect(AlertMetric.coverage.reading(snapshot).value == 0.6)
    snapshot.averageUse = .test(busy: 0.02, explained: 0)
    #expect(AlertMetric.coverage.reading(snapshot).value == 1)
  }

  @Test func processesOfOneNameAreAddedUp() {
    let rows: [ProcessRow] = [
      .test(1, "nginx", recent: 0.5), .test(2, "nginx", recent: 0.25),
      .test(3, "nginx2", recent: 1),
      .test(4, "new", recent: nil),
    ]
    #expect(reading(.process(.named("nginx")), rows).value == 0.75)
    #expect(reading(.process(.named("new")), rows).value == nil)
    // What is not there uses nothing, so the alert of a process that ended clears.
    #expect(reading(.process(.named("gone")), rows).value == 0)
  }

  @Test func processesThatPassAFilterAreAddedUp() throws {
    let rows: [ProcessRow] = [
      .test(1, "nginx", recent: 0.5), .test(2, "nginx", recent: 0.25), .test(3, "redis", recent: 1),
    ]
    func value(_ text: String) throws -> Double? {
      let filter = try Filter(text, fields: ProcessFields.names)
      return reading(.process(.matching(filter)), rows).value
    }
    #expect(try value("nginx") == 0.75)
    #expect(try value("nginx and pid > 1 or name = redis") == 1.25)
    #expect(try value("cpu_now > 40") == 1.5)
    #expect(try value("gone") == 0)
  }

  @Test func aFilterThatNeedsTooMuchWorkGivesNoValue() throws {
    let filter = try Filter("name ~ '^((a|a|a)(a|a|a)*)*[bc]'", fields: ProcessFields.names)
    let found = reading(.process(.matching(filter)), [.test(1, "aaaaaaaaaaaaaaa", recent: 1)])
    #expect(found.value == nil)
    #expect(found.note?.hasPrefix("the filter needs too much work: column 8") == true)
  }

  @Test func aPIDMeansItsFirstProcess() {
    let first = ProcessIdentity(pid: 7, startTicks: 10)
    let found = reading(.process(.pid(7)), [.test(7, start: 10, recent: 0.5)])
    #expect(found == AlertReading(value: 0.5, process: first))
    let reused: [ProcessRow] = [.test(7, start: 99, recent: 1)]
    #expect(reading(.process(.pid(7)), reused, bound: first).value == 0)
    #expect(reading(.process(.pid(7)), []) == AlertReading(value: 0))
  }

  @Test func theEngineRemembersWhichProcessAPIDMeant() {
    var scene = AlertScene([
      .test(.process(.pid(7)), threshold: 0.5, clear: 0.1, hold: .seconds(3))
    ])
    scene.run(2, cpu: 0, [.test(7, start: 10, recent: 0.2)])
    scene.run(20, cpu: 0, [.test(7, start: 99, recent: 1)])
    #expect(scene.said == [])
  }
}
