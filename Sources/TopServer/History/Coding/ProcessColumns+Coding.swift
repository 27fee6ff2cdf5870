import ProcFS

extension ProcessColumns {
  func encoded() -> ByteWriter {
    var writer = ByteWriter()
    // Consecutive references differ little.
    var before: ProcessReference = 0
    writer.write(count: present.count)
    for presence in present {
      writer.write(signed: presence.process - before)
      before = presence.process
    }
    for presence in present { writer.write(count: presence.state.code) }

    writer.write(count: born.count)
    for birth in born {
      writer.write(count: birth.point)
      writer.write(signed: birth.process - before)
      writer.write(
        count: birth.state.code << 2 | (birth.isRename ? 2 : 0) | (birth.isOld ? 1 : 0))
      before = birth.process
    }
    writer.write(count: ended.count)
    for end in ended {
      writer.write(count: end.point << 1 | (end.isRename ? 1 : 0))
      writer.write(signed: end.process - before)
      before = end.process
    }

    writer.write(count: activity.count)
    before = 0
    for (process, entries) in activity.sorted(by: { $0.key < $1.key }) {
      writer.write(signed: process - before)
      before = process
      Self.encode(entries, into: &writer)
    }
    return writer
  }

  /// Writes column by column, since consecutive entries mostly have similar values.
  private static func encode(_ entries: [Activity], into writer: inout ByteWriter) {
    let hasChildren = entries.contains { $0.childrenUser != 0 || $0.childrenSystem != 0 }
    writer.write(count: entries.count << 1 | (hasChildren ? 1 : 0))
    var point = -1
    for entry in entries {
      writer.write(count: entry.point - point - 1)
      point = entry.point
    }
    for entry in entries { writer.write(signed: entry.user) }
    for entry in entries { writer.write(signed: entry.system) }
    for entry in entries { writer.write(count: entry.state.code) }
    guard hasChildren else { return }
    for entry in entries { writer.write(signed: entry.childrenUser) }
    for entry in entries { writer.write(signed: entry.childrenSystem) }
  }

  /// - Parameter points: The number of points in the block.
  init(_ reader: inout ByteReader, points: Int) throws(ByteReader.Damage) {
    self.init()
    var before: ProcessReference = 0
    for _ in 0..<(try reader.count()) {
      before &+= try reader.signed()
      present.append(Presence(process: before, state: .sleeping))
    }
    for index in present.indices { present[index].state = try ProcessState(code: reader.count()) }

    for _ in 0..<(try reader.count()) {
      let point = try Self.point(reader.count(), points)
      before &+= try reader.signed()
      let code = try reader.count()
      born.append(
        Birth(
          point: point, process: before, state: try ProcessState(code: code >> 2),
          isOld: code & 1 == 1, isRename: code & 2 == 2))
    }
    for _ in 0..<(try reader.count()) {
      let code = try reader.count()
      let point = try Self.point(code >> 1, points)
      before &+= try reader.signed()
      ended.append(End(point: point, process: before, isRename: code & 1 == 1))
    }

    before = 0
    for _ in 0..<(try reader.count()) {
      before &+= try reader.signed()
      activity[before] = try Self.entries(&reader, points)
    }
  }

  private static func entries(_ reader: inout ByteReader, _ points: Int) throws(ByteReader.Damage)
    -> [Activity]
  {
    let head = try reader.count()
    var entries: [Activity] = []
    var point = -1
    for _ in 0..<(head >> 1) {
      point += 1 + (try reader.count())
      guard point < points else { throw ByteReader.Damage() }
      entries.append(Activity(point: point, state: .sleeping))
    }
    for index in entries.indices { entries[index].user = try reader.signed() }
    for index in entries.indices { entries[index].system = try reader.signed() }
    for index in entries.indices { entries[index].state = try ProcessState(code: reader.count()) }
    if head & 1 == 1 {
      for index in entries.indices { entries[index].childrenUser = try reader.signed() }
      for index in entries.indices { entries[index].childrenSystem = try reader.signed() }
    }
    return entries
  }

  private static func point(_ point: Int, _ points: Int) throws(ByteReader.Damage) -> Int {
    guard point < points else { throw ByteReader.Damage() }
    return point
  }
}

extension ProcessState {
  /// The order is part of the file format: append new states at the end.
  private static let codes: [ProcessState] = [
    .sleeping, .running, .idle, .diskSleep, .stopped, .tracingStop, .zombie, .dead, .parked,
    .wakeKill, .waking,
  ]

  fileprivate var code: Int { Self.codes.firstIndex(of: self) ?? 0 }

  fileprivate init(code: Int) throws(ByteReader.Damage) {
    guard code < Self.codes.count else { throw ByteReader.Damage() }
    self = Self.codes[code]
  }
}
