import YAML

extension AlertMetric {
  /// Reads the metric of a rule, with its settings.
  init(_ settings: NodeSettings) throws(YAMLError) {
    let names = Self.names.joined(separator: ", ")
    let node = try settings.required("metric", "a rule")
    let name = try node.text("metric", accepts: names)
    switch name {
    case "disk":
      self = .disk(mount: try Self.mount(settings["mount"]))
    case "process":
      self = .process(try Self.choice(settings))
    default:
      guard let metric = Self.plain.first(where: { $0.name == name }) else {
        throw node.bad("metric", names)
      }
      self = metric
    }
    for (key, owner) in [
      ("mount", "disk"), ("process", "process"), ("pid", "process"), ("filter", "process"),
    ] {
      if name != owner, let node = settings[key] {
        throw YAMLError(node.mark, "\"\(key)\" belongs to the metric \(owner), not to \(name)")
      }
    }
  }

  private static func mount(_ node: YAMLNode?) throws(YAMLError) -> String? {
    guard let node else { return nil }
    let accepts = "a mount point such as /var; the default is the fullest file system"
    let mount = try node.text("mount", accepts: accepts)
    guard mount.hasPrefix("/") else { throw node.bad("mount", accepts) }
    return mount
  }

  private static func choice(_ settings: NodeSettings) throws(YAMLError) -> ProcessChoice {
    switch (settings["process"], settings["pid"], settings["filter"]) {
    case (let node?, nil, nil): .named(try processName(node))
    case (nil, let node?, nil): .pid(try pid(node))
    case (nil, nil, let node?): .matching(try filter(node))
    case (nil, nil, nil):
      throw YAMLError(
        settings.mark,
        "the metric process needs \"process\" with a name, \"pid\" with a number or \"filter\"")
    case (_, let node?, _), (_, nil, let node?):
      throw YAMLError(
        node.mark, "the metric process accepts only one of \"process\", \"pid\" and \"filter\"")
    }
  }

  /// The names of users come from a database that may hang, and a rule waits for nothing.
  private static func filter(_ node: YAMLNode) throws(YAMLError) -> Filter {
    let text = try node.text("filter", accepts: "a filter such as unit = postgres.service")
    let filter: Filter
    do {
      filter = try Filter(text, fields: ProcessFields.names)
    } catch {
      throw YAMLError(node.mark, "\"filter\" is \(node.kind): \(error)")
    }
    guard !ProcessFields.readsUsers(filter) else {
      throw YAMLError(
        node.mark, "\"filter\" is \(node.kind): a rule cannot name the field user; use uid")
    }
    return filter
  }

  /// The kernel truncates longer names, so a rule with one would never match.
  private static func processName(_ node: YAMLNode) throws(YAMLError) -> String {
    let accepts = "the name of a process as the table shows it, in 15 bytes at most"
    let name = try node.text("process", accepts: accepts)
    guard (1...15).contains(name.utf8.count) else { throw node.bad("process", accepts) }
    return name
  }

  private static func pid(_ node: YAMLNode) throws(YAMLError) -> Int32 {
    let accepts = "a whole number from 1"
    guard let pid = Int32(try node.text("pid", accepts: accepts)), pid > 0 else {
      throw node.bad("pid", accepts)
    }
    return pid
  }
}
