import Linux
import Logging
import ProcFS
import Testing

@testable import TopServer

@Suite struct AlertLogTests {
  private func line(
    _ step: AlertProgress.Step, _ phase: AlertProgress.Phase = .inactive, value: Double? = 0.9,
    note: String? = nil
  ) -> String {
    AlertLog.line(
      AlertTransition(rule: .test(), step: step, phase: phase, value: value, note: note))
  }

  private var alert: Alert {
    Alert(
      id: 1, rule: "test", condition: AlertRule.test().description, unit: .percentOfAllCPUs,
      side: .above, threshold: 0.75, conditionSince: 0, since: .at(10), firstValue: 0.9,
      worstValue: 0.987654,
      suspects: [
        Suspect(
          identity: .init(pid: 7, startTicks: 1), name: "evil\n\u{1B}[31m", startTime: 1,
          before: 0.001, during: 1.987, hasEnded: false),
        Suspect(
          identity: .init(pid: 8, startTicks: 1), name: "make", startTime: 1, before: nil,
          during: 0.5, hasEnded: false),
      ])
  }

  @Test func anAlertIsOneLineWithItsSuspects() {
    #expect(
      line(.fired(alert))
        == "alert test fires: CPU at 90 % of all CPUs, above 75 % of all CPUs for 30 s; grew most: "
        + "evil\u{FFFD}\u{FFFD}[31m (pid 7) 0.1 → 198.7 %, make (pid 8) ? → 50 %")
  }

  @Test func theResolvedLineHasTheDurationAndTheWorstValue() {
    #expect(
      line(.resolved(alert.ended(.cleared, at: .at(140.4))), value: 0.1)
        == "alert test is resolved after 2 min 10 s: CPU at 10 % of all CPUs, "
        + "98.77 % of all CPUs at worst")
  }

  @Test func aLineWithoutAValueSaysWhetherTheAlertKeepsFiring() {
    #expect(line(.lost("no such\nfile")) == "alert test has no value: no such\u{FFFD}file")
    #expect(
      line(.lost("gone"), .firing(alert)) == "alert test has no value: gone; it keeps firing")
    #expect(
      line(.found(after: 12.4), .pending(since: .at(1)))
        == "alert test has a value again after 12 s: CPU at 90 % of all CPUs; "
        + "the hold time starts again")
  }

  @Test func thePendingLineSaysWhenTheRuleFires() {
    #expect(
      line(.pending, note: "/var")
        == "alert test is pending: CPU at 90 % of all CPUs (/var); "
        + "fires above 75 % of all CPUs for 30 s")
    #expect(line(.cancelled) == "alert test is no longer pending: CPU at 90 % of all CPUs")
  }

  @Test func firingIsANoticeAndPendingIsADebugMessage() {
    #expect(AlertLog.level(.fired(alert)) == .notice && AlertLog.level(.lost("")) == .notice)
    #expect(AlertLog.level(.pending) == .debug && AlertLog.level(.cancelled) == .debug)
  }
}

@Suite struct AlertTextTests {
  @Test(arguments: [
    (0, "0 s"), (0.25, "0.25 s"), (59, "59 s"), (60, "1 min"), (130, "2 min 10 s"),
    (3600, "1 h"), (7322, "2 h 2 min 2 s"), (1e30, "277777777777 h 46 min 40 s"),
  ])
  func durationsHaveUnits(_ seconds: Double, _ expected: String) {
    #expect(LogText.seconds(seconds) == expected)
  }

  @Test(arguments: [(75, "75"), (0.1 + 0.2, "0.3"), (98.765, "98.77"), (-1.5, "-1.5")])
  func numbersHaveNoTrailingZeros(_ value: Double, _ expected: String) {
    #expect(LogText.number(value) == expected)
  }

  @Test func aRuleWithoutTimesMentionsNone() {
    var rule = AlertRule.test(.memory, side: .below, threshold: 0.5, clear: 0.6, hold: .zero)
    rule.keepFiring = .zero
    #expect("\(rule)" == "memory in use below 50 %; clears at 60 % or more")
    rule.averaging = .seconds(60)
    #expect("\(rule)".hasPrefix("memory in use below 50 % on average over 1 min; clears"))
  }

  @Test(arguments: [
    (AlertMetric.known("load1"), "load of 1 min above 0.75 for 30 s"),
    (.known("load15_per_cpu"), "load of 15 min per CPU above 0.75 for 30 s"),
    (.memory, "memory in use above 75 % for 30 s"), (.swap, "swap in use above 75 % for 30 s"),
    (.disk(mount: nil), "disk space in use above 75 % for 30 s"),
    (.disk(mount: "/var"), "disk space in use at /var above 75 % for 30 s"),
    (.known("cpu_pressure"), "pressure on CPU above 75 % for 30 s"),
    (.known("io_pressure"), "pressure on I/O above 75 % for 30 s"),
    (.known("memory_pressure"), "pressure on memory above 75 % for 30 s"),
    (.coverage, "coverage above 75 % for 30 s"),
    (.process(.named("a\tb")), "CPU of a\u{FFFD}b above 75 % of one CPU for 30 s"),
    (.process(.pid(7)), "CPU of process 7 above 75 % of one CPU for 30 s"),
  ])
  func everyRuleIsASentence(_ metric: AlertMetric, _ expected: String) {
    #expect("\(AlertRule.test(metric))".hasPrefix(expected + "; clears at "))
  }
}
