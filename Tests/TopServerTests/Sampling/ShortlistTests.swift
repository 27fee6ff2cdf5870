import Jansson
import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct ShortlistTests {
  private func things(_ names: some Sequence<Int>, weight: (Int) -> Double = { Double($0) })
    -> [(name: String, weight: Double)]
  {
    names.map { ("thing\($0)", weight($0)) }
  }

  @Test func fewItemsAreAllListed() {
    var list = Shortlist()
    for count in [0, 1, 50, Shortlist.most, 3, Shortlist.most] {
      let listed = list.choose(things(0..<count), seconds: 60)
      #expect(listed == nil)
    }
  }

  @Test func ofManyItemsTheMostActiveAreListed() throws {
    var list = Shortlist()
    let listed = list.choose(things(0..<50_000), seconds: 1) ?? []
    #expect(listed == Set((50_000 - Shortlist.most..<50_000).map { "thing\($0)" }))
  }

  @Test func amongEqualsTheFirstAreListed() throws {
    var list = Shortlist()
    let listed = list.choose(things(0..<1000) { _ in 0 }, seconds: 1) ?? []
    #expect(listed == Set((0..<Shortlist.most).map { "thing\($0)" }))
  }

  @Test func aListedItemStaysWhileItExists() throws {
    var list = Shortlist()
    let first = list.choose(things(0..<200), seconds: 1) ?? []
    // A little more activity does not replace a listed item.
    for _ in 0..<200 {
      let same = list.choose(things(0..<200) { 1000 - Double($0) }, seconds: 1)
      #expect(same == first)
    }
    // An item that vanished makes room for the most active of the others.
    let left = (0..<200).filter { $0 != 150 }
    let second = list.choose(things(left), seconds: 1) ?? []
    #expect(second.symmetricDifference(first) == ["thing150", "thing0"])
  }

  @Test func aMuchMoreActiveItemIsListedAfterAMinute() throws {
    var list = Shortlist()
    var listed = list.choose(things(0..<200) { _ in 10 }, seconds: 1)
    #expect(listed?.contains("thing199") == false)
    // A burst of one second is not enough.
    listed = list.choose(things(0..<200) { $0 == 198 ? 100 : 10 }, seconds: 1)
    for _ in 0..<130 {
      listed = list.choose(things(0..<200) { $0 == 199 ? 1000 : 10 }, seconds: 1)
    }
    #expect(listed?.contains("thing199") == true)
    #expect(listed?.contains("thing198") == false)
    #expect(listed?.count == Shortlist.most)
  }

  @Test func newNamesInAMinuteAreBounded() {
    var list = Shortlist()
    var seen: Set<String> = []
    for second in 0..<60 {
      let now = things(second * 100..<second * 100 + 100)
      seen.formUnion(list.choose(now, seconds: 1) ?? Set(now.map(\.name)))
    }
    #expect(seen.count <= 2 * Shortlist.mostNew)
    #expect(seen.count >= Shortlist.mostNew)
  }

  @Test func overlongNamesAndTheNameOfTheSumAreNotListed() {
    var list = Shortlist()
    let long = String(repeating: "x", count: Shortlist.longestName)
    let names = ["others", long, long + "x", "eth0"]
    let listed = list.choose(names.map { ($0, 1) }, seconds: 1)
    #expect(listed == [long, "eth0"])
  }

  // MARK: - A machine

  private func host(_ count: Int, _ bytes: UInt64) -> MachineCounters {
    var disks = diskLine("dm-0", readSectors: bytes)
    var network = interfaceLine("lo", [bytes, bytes, 0, 0], [bytes, 0, 0, 0])
    var fileSystems: [FileSystemCounters] = []
    for number in 0..<count {
      let load = bytes * UInt64(number)
      disks += diskLine("sd\(number)", reads: bytes, readSectors: load, busyMilliseconds: bytes)
      network += interfaceLine("veth\(number)", [load, bytes, 0, bytes], [bytes, 0, bytes, 0])
      let space = FileSystemSpace(
        total: UInt64(1000 + number), used: UInt64(number), available: 1000)
      fileSystems.append(
        FileSystemCounters(
          mountPoint: number == 7 ? "/" : "/mnt/\(number)", device: "d", type: "ext4",
          space: number == 9 ? nil : space, isStalled: number == 9))
    }
    return .test(disks: disks, network: network, fileSystems: fileSystems)
  }

  private func use(_ count: Int) -> MachineUse {
    var book = MachineBook()
    _ = book.add(host(count, 100), at: 1_000_000_000)
    return book.add(host(count, 1100), at: 2_000_000_000)
  }

  @Test func aTypicalMachineHasNoOthers() {
    let use = use(20)
    #expect(use.listed == ListedNames())
    #expect(use.listedDisks.values == use.disks && use.listedDisks.others == nil)
    #expect(use.listedNetwork.all == use.network)
    #expect(use.listedFileSystems.all == use.fileSystems)
  }

  @Test func listedItemsAndTheOthersAddUpToTheTotal() throws {
    let use = use(1000)
    let network = use.listedNetwork
    #expect(network.values.count == Shortlist.most)
    #expect(network.othersCount == 1001 - Shortlist.most)
    #expect(network.values.contains { $0.name == "lo" })
    #expect(network.values.contains { $0.name == "veth999" })
    var sum = InterfaceUse.zero(name: "total")
    for one in network.all where one.name != "lo" { sum += one }
    #expect(sum == use.networkTotal)

    let disks = use.listedDisks
    #expect(disks.values.count == Shortlist.most)
    var total = DiskUse.zero(name: "total")
    for one in disks.all where !one.isStacked { total += one }
    #expect(total == use.diskTotal)

    let fileSystems = use.listedFileSystems
    #expect(fileSystems.values.count == Shortlist.most)
    #expect(fileSystems.values.contains { $0.mountPoint == "/" })
    #expect(
      fileSystems.all.reduce(0) { $0 + $1.used } == use.fileSystems.reduce(0) { $0 + $1.used })
    #expect(
      fileSystems.all.reduce(0) { $0 + $1.total } == use.fileSystems.reduce(0) { $0 + $1.total })
    #expect(fileSystems.others?.isStalled == true)
  }

  @Test func othersAreRecordedUnderTheirKind() {
    var snapshot = Window.test().taking(.at(1, []))
    snapshot.machine = use(1000)
    let values = SeriesValues.of(snapshot)
    let names = Set(values.map(\.0.name))
    #expect(names.count == values.count)
    for name in [
      "network.others.receive_bytes_per_second", "disks.others.busy_percent",
      "file_systems.others.used_percent", "file_systems./.used_bytes",
    ] { #expect(names.contains(name), "\(name)") }
    let things = names.compactMap { SeriesKind.thing(of: $0) }
    for kind in SeriesKind.allCases {
      #expect(
        Set(things.filter { $0.kind == kind }.map(\.name)).count == Shortlist.most + 1)
    }
    let received = values.filter { $0.0.name.hasSuffix(".receive_bytes_per_second") }
    let total = received.first { $0.0.name.hasPrefix("network_total") }?.1
    let sum = received.filter {
      $0.0.name.hasPrefix("network.") && !$0.0.name.hasPrefix("network.lo.")
    }.reduce(0) { $0 + $1.1 }
    #expect(sum == total)
  }

  @Test func systemShowsTheOthersWithTheirCount() throws {
    let text = JSONValue.object(SystemText.machineMembers(use(1000))).encoded()
    let json = try JSONValue(parsing: text)
    for (kind, name) in [("disks", "name"), ("network", "name"), ("file_systems", "mount_point")] {
      let elements = try #require(json[kind]?.elements)
      #expect(elements.count == Shortlist.most + 1)
      #expect(elements.last?[name]?.string == "others")
      let count: Int64 = kind == "file_systems" ? 1000 : 1001
      #expect(elements.last?["count"]?.integer == count - Int64(Shortlist.most))
    }
  }
}

extension Window {
  fileprivate func taking(_ sample: Sample) -> Snapshot {
    var window = self
    return window.add(sample)
  }
}
