import ProcFS

@testable import TopServer

/// A machine whose processes fork, work, exit and are waited for, with known CPU use.
///
/// It treats `cutime` as the kernel does: a parent that waits gets all CPU time of the child and of the children that
/// it waited for.
struct SimulatedMachine {
  private struct Node {
    var process: Process
    var ended = false
    var ignoresChildren = false
  }

  private var nodes: [Int32: Node] = [:]
  private var nextPID: Int32 = 2
  private let lastPID: Int32
  private(set) var ticks: UInt64 = 100_000
  private(set) var busy: UInt64 = 0
  private(set) var forks: UInt64 = 0

  /// - Parameter lastPID: The largest pid; after it, pids are reused.
  init(lastPID: Int32 = 30_000) {
    self.lastPID = lastPID
    nodes[1] = Node(process: Process(pid: 1, start: 0, name: "init", parent: 0))
  }

  /// The running processes.
  var alive: [Int32] { nodes.filter { !$0.value.ended }.keys.sorted() }

  func parent(of pid: Int32) -> Int32? { nodes[pid]?.process.parent }

  /// Lets a process use one tick of CPU.
  mutating func work(_ pid: Int32, inSystem: Bool) {
    if inSystem { nodes[pid]?.process.system += 1 } else { nodes[pid]?.process.user += 1 }
    busy += 1
  }

  /// Advances the time by one tick.
  mutating func pass() { ticks += 1 }

  @discardableResult
  mutating func fork(_ parent: Int32, ignoresChildren: Bool = false) -> Int32 {
    repeat { nextPID = nextPID >= lastPID ? 2 : nextPID + 1 } while nodes[nextPID] != nil
    forks += 1
    nodes[nextPID] = Node(
      process: Process(pid: nextPID, start: ticks, parent: parent), ignoresChildren: ignoresChildren
    )
    return nextPID
  }

  /// Ends a process: its children go to init, and it becomes a zombie unless its parent ignores SIGCHLD.
  mutating func exit(_ pid: Int32) {
    for child in children(of: pid) {
      nodes[child]?.process.parent = 1
      if nodes[child]?.ended == true { wait(for: child) }
    }
    nodes[pid]?.ended = true
    nodes[pid]?.process.state = .zombie
    if let parent = nodes[pid]?.process.parent, nodes[parent]?.ignoresChildren == true {
      nodes[pid] = nil
    }
  }

  /// Lets the parent wait for a zombie.
  mutating func wait(for pid: Int32) {
    guard let node = nodes[pid], node.ended else { return }
    nodes[node.process.parent]?.process.childrenUser +=
      node.process.user + node.process.childrenUser
    nodes[node.process.parent]?.process.childrenSystem +=
      node.process.system + node.process.childrenSystem
    nodes[pid] = nil
  }

  func children(of pid: Int32) -> [Int32] {
    nodes.values.filter { $0.process.parent == pid }.map(\.process.pid).sorted()
  }

  var zombies: [Int32] { nodes.filter(\.value.ended).keys.sorted() }

  /// The sample that the kernel would give now.
  func sample(_ change: (inout Process) -> Void = { _ in }) -> Sample {
    let processes = nodes.values.map { node in
      var process = node.process
      change(&process)
      return process
    }
    return .at(Double(ticks) / 100, busy: busy, forks: forks, processes)
  }
}
