import Testing

@testable import TopServer

@Suite struct HTMLTests {
  @Test(arguments: [
    ("plain", "plain"), ("<script>", "&lt;script&gt;"), ("a & b", "a &amp; b"),
    ("\"'", "&quot;&#39;"),
    ("&lt;", "&amp;lt;"), ("Zürich 🙂", "Zürich 🙂"),
    ("a\u{0}b\u{1B}[31m\u{9F}", "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}"),
    ("two\nlines", "two\nlines"), ("<\u{301}b", "&lt;\u{301}b"),
  ])
  func escapesInterpolatedText(_ text: String, _ html: String) {
    #expect(("<p>\(text)</p>" as HTML).text == "<p>\(html)</p>")
  }

  @Test func doesNotEscapeInterpolatedHTML() {
    let inner: HTML = "<b>\("<")</b>"
    #expect(("<p>\(inner)\(7)</p>" as HTML).text == "<p><b>&lt;</b>7</p>")
    #expect(("\([inner, inner])" as HTML).text == "<b>&lt;</b>\n<b>&lt;</b>")
  }
}

@Suite struct CommandTextTests {
  @Test func namesTheProgramWithoutItsFolder() {
    #expect(CommandText.words(["/opt/x y/topserver", "report"]) == ["topserver", "report"])
  }

  @Test func quotesWordsForTheShell() {
    let words = CommandText.words([
      "topserver", "http://a:1/b?c=d&e", "", "it's", "a b", "--rate=5",
    ])
    #expect(
      words == ["topserver", "'http://a:1/b?c=d&e'", "''", "'it'\\''s'", "'a b'", "--rate=5"])
  }
}

@Suite struct MachineFactsTests {
  @Test func parsesTheKernelsFiles() {
    let cpu = "processor\t: 0\nmodel name\t: AMD EPYC: 9 <b>\nprocessor\t: 1\nmodel name\t: other\n"
    #expect(MachineFacts.processor(cpu) == "AMD EPYC: 9 <b>")
    #expect(MachineFacts.processor("processor : 0\nBogoMIPS : 50\n") == nil)
    #expect(
      MachineFacts.system("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n") == "Debian GNU/Linux 12")
  }

  @Test func thisMachineHasAllFacts() {
    let machine = MachineFacts.read()
    #expect(!machine.hostName.isEmpty)
    #expect(machine.cores >= 1)
    #expect(machine.memoryBytes ?? 0 > 1 << 20)
    #expect(machine.kernel?.contains("\n") == false)
  }
}
