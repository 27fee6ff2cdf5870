import Linux
import YAML

/// The rules to watch and the webhook to notify.
struct AlertConfiguration: Sendable, Equatable {
  var rules = AlertRule.defaults
  var webhook: Webhook?
}

/// The file that `--alerts` names: YAML with rules and a webhook.
///
/// docs/alerts.md describes it.
enum AlertFile {
  /// The limit of the file in bytes; the parser's own limit is lower and has the better message.
  private static let mostBytes = 1 << 20

  /// Reads the file, or returns the defaults when none is named.
  ///
  /// - Throws: A ``Failure`` with file, line and column, and what is accepted there.
  static func read(_ path: String?) throws(Failure) -> AlertConfiguration {
    guard let path else { return AlertConfiguration() }
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, atMost: mostBytes).bytes
    } catch {
      throw Failure("cannot read the alerts: \(error); choose the file with --alerts")
    }
    do {
      return try parse(bytes)
    } catch {
      throw Failure("\(path):\(error)")
    }
  }

  /// - Throws: A ``YAMLError``, also for valid YAML with invalid rules.
  static func parse(_ bytes: [UInt8]) throws(YAMLError) -> AlertConfiguration {
    var configuration = AlertConfiguration()
    guard let root = try YAMLNode.parse(bytes), !root.isNull else { return configuration }
    let settings = try NodeSettings(root, "the file", accepts: ["defaults", "webhook", "rules"])
    let wantsDefaults = try settings["defaults"]?.truth("defaults") ?? true
    let own = try settings["rules"].map(rules) ?? []
    let defaults = AlertRule.defaults.filter { rule in
      wantsDefaults && !own.contains { $0.name == rule.name }
    }
    configuration.rules = defaults + own
    configuration.webhook = try settings["webhook"].map(Webhook.init)
    return configuration
  }

  private static let mostRules = 200

  private static func rules(_ node: YAMLNode) throws(YAMLError) -> [AlertRule] {
    guard case .sequence(let elements) = node.content else {
      throw YAMLError(
        node.mark, "\"rules\" is \(node.kind): it accepts a list, each rule after a dash")
    }
    guard elements.count <= mostRules else {
      throw YAMLError(node.mark, "\(elements.count) rules: at most \(mostRules) are accepted")
    }
    var rules: [AlertRule] = []
    var places: [String: YAMLMark] = [:]
    for element in elements {
      let rule = try AlertRule(element)
      if let first = places[rule.name] {
        throw YAMLError(
          element.mark,
          "duplicate rule name \"\(rule.name)\" (first used at \(first)): each rule needs its own name"
        )
      }
      places[rule.name] = element.mark
      rules.append(rule)
    }
    return rules
  }
}
