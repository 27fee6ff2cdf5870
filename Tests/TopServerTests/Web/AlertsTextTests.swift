import Linux
import Testing

@testable import TopServer

@Suite struct AlertsTextTests {
  private func text(_ scene: AlertScene) -> String {
    String(decoding: AlertsText.make(AlertReport(scene.book, at: scene.now)), as: UTF8.self)
  }

  private static let condition =
    "CPU above 75 % of all CPUs for 30 s; clears at 65 % of all CPUs or less for 5 s"

  /// The rule of the tests, which ends each document.
  private func rules(_ state: String, value: String) -> String {
    """
    "rules":[{"name":"test","metric":"cpu","condition":"\(Self.condition)","state":"\(state)",\
    "unit":"percent_of_all_cpus","value":\(value),"side":"above","threshold":75.0,"clear":65.0,\
    "over_seconds":0.0,"for_seconds":30.0,"keep_firing_for_seconds":5.0,"note":null}],"webhook":null}

    """
  }

  @Test func aQuietMachineHasOnlyRules() {
    var scene = AlertScene.cpu()
    #expect(text(scene).hasSuffix(rules("inactive", value: "null")))
    scene.run(1, cpu: 0.123)
    #expect(
      text(scene) == """
        {"sampled_at":"2023-11-14T22:30:01.000Z","active":[],"recent":[],\
        \(rules("inactive", value: "12.3"))
        """)
  }

  @Test func aPendingRuleHasTheMembersOfAnAlert() {
    var scene = AlertScene.cpu()
    scene.run(11, cpu: 0.8)
    #expect(
      text(scene) == """
        {"sampled_at":"2023-11-14T22:30:11.000Z","active":[{"id":null,"host":null,"rule":"test",\
        "state":"pending","since":"2023-11-14T22:30:01.000Z","seconds":10.0,\
        "condition":"\(Self.condition)","condition_since":"2023-11-14T22:30:01.000Z",\
        "unit":"percent_of_all_cpus","threshold":75.0,"first_value":null,"worst_value":null,\
        "suspects":[],"value":80.0,"note":null}],"recent":[],\(rules("pending", value: "80.0"))
        """)
  }

  @Test func aFiringAlertHasItsSuspects() {
    var scene = AlertScene.cpu()
    scene.run(60, cpu: 0.1, [.test(7, "burner", start: 50)])
    scene.run(31, cpu: 0.8, [.test(7, "burner", start: 50, recent: 1.5)])
    #expect(
      text(scene) == """
        {"sampled_at":"2023-11-14T22:31:31.000Z","active":[{"id":1,"host":null,"rule":"test",\
        "state":"firing","since":"2023-11-14T22:31:31.000Z","seconds":0.0,\
        "condition":"\(Self.condition)","condition_since":"2023-11-14T22:31:01.000Z",\
        "unit":"percent_of_all_cpus","threshold":75.0,"first_value":80.0,"worst_value":80.0,\
        "suspects":[{"pid":7,"name":"burner","start_time":"2023-11-14T22:13:20.500Z",\
        "before_percent":2.46,"during_percent":150.0,"has_ended":false}],"value":80.0,\
        "note":null}],"recent":[],\(rules("firing", value: "80.0"))
        """)
  }

  @Test func aResolvedAlertSaysHowItEnded() {
    var scene = AlertScene.cpu()
    scene.run(31, cpu: 0.8)
    scene.run(6, cpu: 0.1)
    #expect(
      text(scene) == """
        {"sampled_at":"2023-11-14T22:30:37.000Z","active":[],"recent":[{"id":1,"host":null,"rule":"test",\
        "state":"resolved","since":"2023-11-14T22:30:31.000Z","seconds":6.0,\
        "condition":"\(Self.condition)","condition_since":"2023-11-14T22:30:01.000Z",\
        "unit":"percent_of_all_cpus","threshold":75.0,"first_value":80.0,"worst_value":80.0,\
        "suspects":[],"note":null,"until":"2023-11-14T22:30:37.000Z","end":"cleared"}],\
        \(rules("inactive", value: "10.0"))
        """)
  }

  @Test func aMissingValueIsNullWithItsReason() {
    var scene = AlertScene.cpu()
    scene.run(31, cpu: 0.8)
    scene.run(1, cpu: nil)
    #expect(text(scene).contains(#""value":null,"note":"/proc/stat could not be read"}],"recent""#))
  }
}
