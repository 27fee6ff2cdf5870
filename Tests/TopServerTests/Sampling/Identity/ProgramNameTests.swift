import Testing

@testable import TopServer

@Suite struct ProgramNameTests {
  /// - Parameter exe: `nil` if the link cannot be read.
  private func name(
    _ arguments: [String], exe: String? = nil, comm: String = "", isKernelThread: Bool = false
  ) -> String {
    ProgramName.of(
      comm: comm, arguments: ArgumentList(arguments), executable: exe.map { ExecutablePath($0) },
      isKernelThread: isKernelThread)
  }

  private func name(_ line: String, exe: String? = nil, comm: String = "") -> String {
    name(line.split(separator: " ").map(String.init), exe: exe, comm: comm)
  }

  // MARK: - Executables

  @Test(arguments: [
    ("/usr/bin/sleep 100", "/usr/bin/sleep", "sleep", "sleep"),
    ("sleep 100", "/usr/bin/sleep (deleted)", "sleep", "sleep"),
    ("-bash", "/usr/bin/bash", "bash", "bash"),
    ("-sh", "/usr/bin/dash", "sh", "sh"),
    ("sh -c x", "/usr/bin/dash", "sh", "sh"),
    ("vim /etc/fstab", "/usr/bin/vim.basic", "vim", "vim"),
    ("/usr/sbin/nginx-debug", "/usr/sbin/nginx-debug", "nginx-debug", "nginx-debug"),
    ("awk x", "/usr/bin/mawk", "awk", "mawk"),
    ("/proc/self/exe --type=zygote", "/opt/google/chrome/chrome", "chrome", "chrome"),
    ("/opt/google/chrome/chrome --type=renderer", "/opt/google/chrome/chrome", "chrome", "chrome"),
    ("runc init", "/memfd:runc_cloned:/proc/self/exe (deleted)", "runc", "runc"),
    ("runc init", "/memfd:runc_cloned:/proc/self/exe (deleted)", "runc:[2:INIT]", "runc:[2:INIT]"),
  ])
  func anExecutableHasItsFileName(line: String, exe: String, comm: String, expected: String) {
    #expect(name(line, exe: exe, comm: comm) == expected)
  }

  @Test func anOtherFirstArgumentDoesNotHideTheExecutable() {
    for first in [
      "foo", "[kworker/0:1]", "", " ", "\u{1b}[31m", "sshd: root@pts/0", "(sd-pam)", "exe",
    ] {
      #expect(name([first, "x"], exe: "/tmp/xmrig", comm: "xmrig") == "xmrig", "\(first)")
      #expect(name([first, "x"], comm: "xmrig") == "xmrig" || first.hasPrefix("sshd"), "\(first)")
    }
    #expect(name([], exe: "/tmp/xmrig", comm: "x") == "xmrig")
  }

  @Test func pathsWithSpacesStayWhole() {
    #expect(name(["/opt/My App/My App"], exe: "/opt/My App/My App", comm: "My App") == "My App")
  }

  @Test(arguments: [
    (["/usr/lib/firefox/firefox", "-contentproc"], "Isolated Web Co", "firefox"),
    (["/opt/google/chrome/chrome --type=renderer"], "chrome", "chrome"),
    (["postgres", "-D", "x"], "postgres", "postgres"),
    (["/usr/lib/systemd/systemd-journald"], "systemd-journal", "systemd-journald"),
    (["systemd-journald-long"], "systemd-journal", "systemd-journal"),
    (["node"], "MainThread", "node"),
    (
      ["/usr/bin/python3", "/usr/bin/networkd-dispatcher", "--run"], "networkd-dispat",
      "networkd-dispatcher"
    ),
    (["-zsh"], "zsh", "zsh"),
    ([], "orphan", "orphan"),
    ([], "", "?"),
    (["(sd-pam)"], "(sd-pam)", "(sd-pam)"), (["tools/backend", "x"], "memfd:sealed-1", "backend"),
    (["tools/backend", "x"], "3", "backend"), (["spamd child"], "spamd child", "spamd"),
  ])
  func withoutTheExecutable(arguments: [String], comm: String, expected: String) {
    #expect(name(arguments, comm: comm) == expected || expected == "systemd-journal")
  }

  @Test func aKernelThreadKeepsItsName() {
    #expect(
      name([], comm: "kworker/0:1-events", isKernelThread: true) == "kworker/0:1-events")
    #expect(name(["x: y"], exe: "/z", comm: "rcu_gp", isKernelThread: true) == "rcu_gp")
  }

  // MARK: - Titles

  @Test(arguments: [
    ("nginx: master process /usr/sbin/nginx -g daemon on;", "/usr/sbin/nginx", "nginx"),
    ("nginx: worker process", "/usr/sbin/nginx (deleted)", "nginx"),
    ("postgres: 14/main: checkpointer ", "/usr/lib/postgresql/14/bin/postgres", "postgres"),
    ("sshd: user@pts/0", "/usr/sbin/sshd", "sshd"),
    ("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", nil, "sshd"),
    ("sshd-session: user [priv]", "/usr/lib/openssh/sshd-session", "sshd-session"),
    ("php-fpm: pool www", "/usr/sbin/php-fpm8.2", "php-fpm"),
    ("avahi-daemon: running [host.local]", "/usr/sbin/avahi-daemon", "avahi-daemon"),
    ("gunicorn: master [app]", "/usr/bin/python3.11", "gunicorn"),
    ("spamd child", "/usr/bin/perl", "spamd"),
    ("puma 5.6.5 (tcp://0.0.0.0:3000) [app]", "/usr/bin/ruby3.1", "puma"),
    ("npm run dev", "/usr/bin/node", "npm"),
    ("(udev-worker)", "/usr/bin/udevadm", "(udev-worker)"),
    ("(sd-pam)", "/usr/lib/systemd/systemd", "(sd-pam)"),
    ("a b", "/usr/bin/bash", "bash"),
  ])
  func aTitleKeepsThePartBeforeTheColon(title: String, exe: String?, expected: String) {
    let comm = title.hasPrefix("(") ? title : "x"
    // A program that rewrites its title leaves NULs behind it.
    #expect(name([title, "", "", ""], exe: exe, comm: comm) == expected)
  }

  // MARK: - Interpreters

  @Test(arguments: [
    ("python3 manage.py runserver", "/usr/bin/python3.11", "manage.py"),
    ("/srv/venv/bin/python /srv/venv/bin/gunicorn app:app -w 4", "/usr/bin/python3.11", "gunicorn"),
    ("python3 -m http.server 8000", "/usr/bin/python3.11", "http.server"),
    ("python3 -u -X dev -W ignore -Wd -Im uvicorn.__main__ x", "/usr/bin/python3.11", "uvicorn"),
    ("python3 -mgunicorn", "/usr/bin/python3.11", "gunicorn"),
    ("python3 -c import_time script.py", "/usr/bin/python3.11", "python3"),
    ("python3 -Sc x", "/usr/bin/python3.11", "python3"),
    ("python3", "/usr/bin/python3.11", "python3"),
    ("python3 -", "/usr/bin/python3.11", "python3"),
    ("python3 /srv/tool/__main__.py", "/usr/bin/python3.11", "tool"),
    ("python3.11 -- -odd.py", "/usr/bin/python3.11", "-odd.py"),
    ("pypy3 x.py", "/opt/pypy/bin/pypy3.9", "x.py"),
    ("/usr/bin/perl -wT -I /lib -Mstrict /usr/sbin/munin-node -f", "/usr/bin/perl", "munin-node"),
    ("perl -ne print x", "/usr/bin/perl", "perl"),
    ("ruby -I lib -rbundler -W0 bin/rails server", "/usr/bin/ruby3.1", "rails"),
    ("ruby -e x y", "/usr/bin/ruby3.1", "ruby"),
    (
      "node --max-old-space-size=4096 -r dotenv/config /srv/app/server.js", "/usr/bin/node",
      "server.js"
    ),
    ("nodejs --inspect server.js", "/usr/bin/nodejs", "server.js"),
    ("node -e x", "/usr/bin/node", "node"),
    ("node --eval x y.js", "/usr/bin/node", "node"),
    ("node /app/node_modules/.bin/vite --host", "/usr/bin/node", "vite"),
    ("bash /usr/local/bin/backup.sh --all", "/usr/bin/bash", "backup.sh"),
    ("bash -euo pipefail backup.sh", "/usr/bin/bash", "backup.sh"),
    ("bash --rcfile /etc/x -O extglob ./run.sh", "/usr/bin/bash", "run.sh"),
    ("sh +x run.sh", "/usr/bin/dash", "run.sh"),
    ("bash /dev/fd/63", "/usr/bin/bash", "bash"),
    ("python3 /proc/self/fd/3", "/usr/bin/python3.11", "python3"),
    ("bash -lc run.sh", "/usr/bin/bash", "bash"),
    ("zsh -i", "/usr/bin/zsh", "zsh"),
    (
      "java -Xmx2g -cp /a:/b -Dx=y com.acme.Main arg", "/usr/lib/jvm/java-17/bin/java",
      "com.acme.Main"
    ),
    ("java -server -jar /opt/app/app.jar --port 1", "/usr/lib/jvm/java-17/bin/java", "app.jar"),
    ("java @/etc/args com.acme.Main", "/usr/lib/jvm/java-17/bin/java", "com.acme.Main"),
    ("java @/etc/args", "/usr/lib/jvm/java-17/bin/java", "java"),
    (
      "java -p mods -m com.acme/com.acme.Server", "/usr/lib/jvm/java-17/bin/java", "com.acme.Server"
    ),
    (
      "java --add-opens java.base/java.lang=ALL-UNNAMED -version", "/usr/lib/jvm/java-17/bin/java",
      "java"
    ),
    ("php -d memory_limit=1G artisan queue:work", "/usr/bin/php8.2", "artisan"),
    ("php -f /srv/cron.php", "/usr/bin/php8.2", "cron.php"),
    ("php -S localhost:8000 -t public", "/usr/bin/php8.2", "php"),
    ("php -r x y.php", "/usr/bin/php8.2", "php"),
    ("deno run --allow-net -c deno.json server.ts", "/usr/bin/deno", "server.ts"),
    ("deno https://deno.land/std/http/file_server.ts", "/usr/bin/deno", "file_server.ts"),
    ("deno task start", "/usr/bin/deno", "deno"),
    ("bun run server.ts", "/usr/bin/bun", "server.ts"),
    ("bun --watch server.ts", "/usr/bin/bun", "server.ts"),
    ("bun run dev", "/usr/bin/bun", "bun"),
    ("bun install", "/usr/bin/bun", "bun"),
    ("dotnet /app/Acme.Web.dll --urls x", "/usr/share/dotnet/dotnet", "Acme.Web.dll"),
    ("dotnet exec --depsfile a.json Acme.dll", "/usr/share/dotnet/dotnet", "Acme.dll"),
    ("dotnet build", "/usr/share/dotnet/dotnet", "dotnet"),
    ("mono --debug /opt/x.exe", "/usr/bin/mono", "x.exe"),
    ("lua5.4 -l x script.lua", "/usr/bin/lua5.4", "script.lua"),
    (
      "/lib64/ld-linux-x86-64.so.2 --library-path /x /srv/python3 app.py",
      "/usr/lib/ld-linux-x86-64.so.2", "app.py"
    ),
    ("/lib64/ld-linux-x86-64.so.2 /srv/tool", "/usr/lib/ld-linux-x86-64.so.2", "tool"),
    ("/usr/bin/qemu-aarch64-static /usr/bin/make all", "/usr/bin/qemu-aarch64-static", "make"),
    ("qemu-system-x86_64 -m 1G", "/usr/bin/qemu-system-x86_64", "qemu-system-x86_64"),
    ("sh /x.sh", "/bin/busybox", "x.sh"),
    ("httpd -p 80", "/bin/busybox", "httpd"),
    ("busybox httpd -p 80", "/bin/busybox", "httpd"),
    ("busybox", "/bin/busybox", "busybox"),
    ("-sh", "/bin/busybox", "sh"),
    ("/usr/bin/coreutils --coreutils-prog=sleep 5", "/usr/bin/coreutils", "sleep"),
    ("foo app.py", "/usr/bin/python3.11", "app.py"),
  ])
  func anInterpreterIsCalledByWhatItRuns(line: String, exe: String, expected: String) {
    #expect(name(line, exe: exe) == expected)
    // The first argument tells it where the link cannot be read, unless it is another name.
    if !exe.contains("busybox"), !line.hasPrefix("foo") {
      let comm = IdentityText.lastComponent(line.prefix { $0 != " " })
      #expect(name(line, comm: comm) == expected)
    }
  }

  @Test func anOptionWithAnEmptyValueDoesNotShiftTheScript() {
    #expect(name(["java", "-cp", "", "com.acme.Main"], exe: "/bin/java") == "com.acme.Main")
    #expect(name(["python3", "my script.py"], exe: "/bin/python3") == "my script.py")
    #expect(name(["python3", "folder/"], exe: "/bin/python3") == "folder")
  }

  // MARK: - Hostile input

  @Test func theResultIsBoundedAndPrintable() {
    let long = String(repeating: "ä", count: 1000)
    let inputs: [[UInt8]] = [
      [], [0], Array(repeating: 0, count: 100_000), Array("a\nb\0".utf8),
      Array("\u{1b}[2J\u{7}\0".utf8),
      [0xFF, 0xFE, 0, 0x80], Array(repeating: 0x61, count: 2 << 20),
      Array(("python3\0" + long + ".py\0").utf8), Array("python3\0a\u{202e}b\u{85}.py\0".utf8),
      Array(("java\0" + String(repeating: "package.", count: 30) + "Main\0").utf8),
      Array(repeating: UInt8(ascii: "-"), count: 5000), Array("bash\0x\ny.sh\0".utf8),
      Array("python3\0".utf8) + Array(repeating: [0x2D, 0x75, 0], count: 100_000).flatMap { $0 },
    ]
    for input in inputs {
      for exe in [
        nil, "/usr/bin/python3.11", "/x/\u{1b}[1m", "/" + long, "", "/", "/usr/bin/busybox",
      ] {
        for comm in ["", "a\nb", "\u{1b}[0m", "python3", long] {
          let name = ProgramName.of(
            comm: comm, arguments: ArgumentList(input), executable: exe.map { ExecutablePath($0) },
            isKernelThread: false)
          #expect(!name.isEmpty && name.utf8.count <= ProgramName.mostBytes)
          #expect(LogText.visible(name) == name)
        }
      }
    }
  }

  @Test func aLongMainClassLosesItsPackages() {
    let packages = String(repeating: "package.", count: 30)
    #expect(name(["java", packages + "Main"], exe: "/bin/java") == "Main")
  }

  @Test func theExecutableThatIsGone() {
    let path = ExecutablePath("/usr/bin/sleep (deleted)")
    #expect(path.isDeleted && path.path == "/usr/bin/sleep" && path.name == "sleep")
    let there = ExecutablePath("/usr/bin/sleep")
    #expect(!there.isDeleted && there.path == "/usr/bin/sleep")
    #expect(ExecutablePath("/memfd:x (deleted)").name == nil)
    #expect(
      ExecutablePath(String(repeating: "/a", count: 3000)).path.utf8.count
        <= ExecutablePath.mostBytes)
  }

  @Test func argumentsAreSplitAtNULAndBounded() {
    let list = ArgumentList(Array("a\0\0b c\0\0\0".utf8))
    #expect((0..<list.count).map { list.text($0) } == ["a", "", "b c"])
    #expect(!list.isCut)
    let many = ArgumentList(Array(repeating: "x\0", count: 5000).flatMap { Array($0.utf8) })
    #expect(many.count == ArgumentList.mostArguments && many.isCut)
    let long = ArgumentList(Array(repeating: 0x61, count: 2 << 20))
    #expect(long.count == 1 && long.isCut && long.bytes.count == ArgumentList.mostBytes)
  }
}
