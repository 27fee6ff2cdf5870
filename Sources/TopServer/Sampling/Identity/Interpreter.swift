/// A program that runs other programs, and how to find these in its arguments.
///
/// See the synopsis in the manual page of each.
struct Interpreter: Sendable {
  /// What finds the script.
  enum Style: Sendable {
    /// Short and long options, and then the script.
    case options
    /// Options, a main class or `-jar`, and then its arguments.
    case java
    /// A command, its options, and then the script.
    case commands(running: Set<String>)
    /// The first argument with one of these endings.
    case files(endings: [String])
  }

  var style = Style.options
  /// Whether the script is a program, which can be an interpreter itself.
  var runsPrograms = false
  /// Letters of options with a value, which is attached or is the next argument: `-W ignore`.
  var values = ""
  /// Letters of options whose value can only be attached: `-Mstrict`.
  var attached = ""
  /// Letters of options that give the code itself, so that there is no script: `-c`.
  var code = ""
  /// Letters of options that name a module, which is the program: `-m http.server`.
  var modules = ""
  /// Letters of options whose value is the script: `-f index.php`.
  var scripts = ""
  /// Long options whose value is the next argument.
  var longValues: Set<String> = []
  /// Long options that give the code itself.
  var longCode: Set<String> = []

  /// The interpreter with this file name, whose version does not matter: `python3.11`, `php8.2`.
  static func named(_ name: String) -> Interpreter? {
    if let interpreter = all[name] { return interpreter }
    if name.hasPrefix("ld-linux") || name.hasPrefix("ld-musl") { return loader }
    if name.hasPrefix("qemu-"), !name.hasPrefix("qemu-system-"), emulated(name) { return emulator }
    let end = name.utf8.lastIndex { !($0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".")) }
    guard let end else { return nil }
    return all[String(name[...end])]
  }

  static let shells: Set<String> = ["sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "rbash"]

  /// Programs that are many in one file, and go by the name that they were started under.
  static let multiCall: Set<String> = [
    "busybox", "busybox.static", "toybox", "coreutils", "rust-coreutils", "uutils",
  ]

  private static let shell = Interpreter(
    values: "oO", code: "cs", longValues: ["--rcfile", "--init-file"])
  private static let python = Interpreter(
    values: "WX", code: "c", modules: "m", longValues: ["--check-hash-based-pycs"])
  private static let node = Interpreter(
    values: "rC", code: "ep",
    longValues: [
      "--require", "--import", "--loader", "--experimental-loader", "--conditions",
      "--inspect-port", "--title", "--icu-data-dir", "--openssl-config", "--redirect-warnings",
      "--diagnostic-dir", "--disable-warning", "--test-reporter", "--test-reporter-destination",
    ],
    longCode: ["--eval", "--print"])

  /// The dynamic linker, started as a program: ld.so(8).
  private static let loader = Interpreter(
    runsPrograms: true,
    longValues: [
      "--library-path", "--preload", "--audit", "--argv0", "--inhibit-rpath",
      "--glibc-hwcaps-prepend", "--glibc-hwcaps-mask",
    ])
  private static let emulator = Interpreter(
    runsPrograms: true, longValues: ["-L", "-E", "-U", "-0", "-g", "-s", "-cpu"])

  private static func emulated(_ name: String) -> Bool {
    let machine = name.dropFirst(5).split(separator: "-").first ?? ""
    return [
      "x86_64", "i386", "aarch64", "arm", "armeb", "riscv64", "riscv32", "ppc64le", "ppc64",
      "s390x",
      "mips", "mipsel", "mips64", "mips64el", "loongarch64", "sparc64", "m68k",
    ].contains(machine)
  }

  private static let all: [String: Interpreter] = {
    var all: [String: Interpreter] = [
      "python": python, "pypy": python, "node": node, "nodejs": node,
      "perl": Interpreter(values: "I", attached: "0CDFilmMVx", code: "eE"),
      "ruby": Interpreter(
        values: "CEIr", attached: "0FiKTWx", code: "e",
        longValues: ["--encoding", "--external-encoding", "--internal-encoding"]),
      "php": Interpreter(
        values: "cdStz", code: "rBRE", scripts: "fF", longValues: ["--php-ini", "--define"],
        longCode: ["--run"]),
      "lua": Interpreter(values: "l", code: "e"),
      "luajit": Interpreter(values: "lbjO", code: "e"),
      "java": Interpreter(
        style: .java,
        longValues: [
          "-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path",
          "--add-modules", "--add-exports", "--add-opens", "--add-reads", "--patch-module",
          "--limit-modules", "--enable-native-access", "--source",
        ]),
      "mono": Interpreter(style: .files(endings: [".exe", ".dll"])),
      "dotnet": Interpreter(style: .files(endings: [".dll", ".exe"])),
      "deno": Interpreter(
        style: .commands(running: ["run", "serve", "test", "bench"]), values: "cL",
        longValues: ["--config", "--import-map", "--lock", "--location", "--cert", "--log-level"]),
      "bun": Interpreter(
        style: .commands(running: ["run"]), values: "crd",
        longValues: ["--config", "--preload", "--cwd", "--define", "--env-file"]),
    ]
    for name in shells { all[name] = shell }
    return all
  }()
}
