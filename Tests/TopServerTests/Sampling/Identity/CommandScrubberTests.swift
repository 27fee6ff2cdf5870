import Testing

@testable import TopServer

/// Secrets with every character that has a meaning somewhere, in every place, quoted in every way.
@Suite struct CommandScrubberTests {
  /// What must not show of any of the secrets.
  private static let rest = "ter2"
  private static let secrets = [
    "hunter2", "hun ter2", "hu&nter2", "hu;nter2", "hu,nter2", "hu\"nter2", "hu'nter2", "hu\\nter2",
    "hu/nter2",
    "hu@nter2", "hu:nter2", "hu=nter2", "$hunter2", "-hunter2", "{hunter2", "hu}nter2", "hu\nnter2",
    "\"hunter2",
    "'hunter2", "hunter2\"", "hu|nter2", "hu#nter2", "hu?nter2", "hu`nter2", "hu'n\"ter2",
    "hun \"ter2", "hun 'ter2",
    "hun' ter2", "hun\" ter2", "hu\\\"nter2", "hu\\ nter2",
  ]

  private static let commands: [@Sendable (String) -> [String]] = [
    { ["app", "--password", $0, "x"] }, { ["app", "--password=" + $0, "x"] },
    { ["env", "DB_PASSWORD=" + $0, "x"] },
    { ["docker", "run", "-e", "PASSWORD=" + $0, "x"] },
    { ["docker", "run", "--env=PASSWORD=" + $0, "x"] },
    { ["curl", "-u", "me:" + $0, "x"] }, { ["curl", "--user=me:" + $0, "x"] },
    { ["curl", "-H", "Authorization: Bearer " + $0, "x"] },
    { ["curl", "-H", "X-Api-Key: " + $0, "x"] },
    { ["mysql", "-p" + $0, "x"] }, { ["sshpass", "-p", $0, "x"] },
    { ["java", "-Ddb.password=" + $0, "x"] },
    { ["curl", "-d", "{\"user\":\"me\",\"password\":" + json($0) + ",\"b\":\"c\"}", "x"] },
    { ["curl", "-d", "{ \"user\" : \"me\", \"password\" : " + json($0) + " }", "x"] },
    { ["curl", "-d", "password=" + $0, "x"] },
    { ["psql", "-c", "ALTER USER x PASSWORD '" + $0.replacing("'", with: "''") + "'", "x"] },
  ]

  private static func json(_ text: String) -> String {
    "\""
      + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
        "\n", with: "\\n") + "\""
  }

  /// How people quote for a shell.
  private static let quotings: [@Sendable (String) -> String] = [
    { "'" + $0.replacing("'", with: "'\\''") + "'" },
    { text in
      "\"" + text.map { "\\\"$`".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "\""
    },
    { text in
      // A backslash before a line feed would join the lines.
      guard !text.contains("\n") else { return "'" + text.replacing("'", with: "'\\''") + "'" }
      return text.map {
        $0.isLetter || $0.isNumber || "-_./:=@,".contains($0) ? "\($0)" : "\\\($0)"
      }
      .joined()
    },
  ]

  @Test(arguments: commands.indices)
  func noSecretShows(command: Int) {
    for secret in Self.secrets {
      let arguments = Self.commands[command](secret)
      var variants = [arguments, ["sudo"] + arguments]
      for quoting in Self.quotings {
        let code = arguments.map {
          $0.allSatisfy { $0.isLetter || $0 == "-" } ? $0 : quoting($0)
        }.joined(separator: " ")
        variants.append(["sh", "-c", code])
        variants.append(["bash", "-lc", "cd /x && echo \"it's\" && # don't\n" + code + " | tee y"])
        variants.append(["ssh", "host", code])
        for outer in Self.quotings.prefix(2) {
          variants.append(["sh", "-c", "exec sh -c " + outer(code)])
        }
      }
      for variant in variants {
        let text = CommandLineText.of(ArgumentList(variant))
        #expect(!text.contains(Self.rest), "\(variant): \(text)")
        #expect(text.contains("***"))
      }
    }
  }

  /// What follows a secret is shown, where it is clear where the secret ends.
  @Test func whatFollowsIsShown() {
    for index in Self.commands.indices {
      let arguments = Self.commands[index]("hunter2")
      #expect(CommandLineText.of(ArgumentList(arguments)).hasSuffix(" x"))
      let code = arguments.map { Self.quotings[0]($0) }.joined(separator: " ")
      #expect(
        CommandLineText.of(ArgumentList(["sh", "-c", code + " | tee y"])).hasSuffix("tee y'"))
    }
  }
}
