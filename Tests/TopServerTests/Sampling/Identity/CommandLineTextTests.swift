import Testing

@testable import TopServer

@Suite struct CommandLineTextTests {
  private func text(_ arguments: String...) -> String {
    CommandLineText.of(ArgumentList(arguments))
  }

  // MARK: - Form

  @Test(arguments: [
    (["ls", "-l", "/tmp"], "ls -l /tmp"),
    (["echo", "a b", "", "it's", "x\"y"], #"echo 'a b' '' 'it'\''s' 'x"y'"#),
    (["printf", "a\nb\tc\u{1b}[0m\u{202e}\u{85}"], #"printf 'a\nb\tc\u{1b}[0m\u{202e}\u{85}'"#),
    (["é", "日本"], "é 日本"),
    ([], ""),
  ])
  func argumentsAreReadable(arguments: [String], expected: String) {
    #expect(CommandLineText.of(ArgumentList(arguments)) == expected)
  }

  @Test func whatIsNotUTF8IsReplaced() {
    #expect(
      CommandLineText.of(ArgumentList([0x61, 0xFF, 0x62, 0, 0xC3, 0])) == "a\u{FFFD}b \u{FFFD}")
  }

  @Test func aLongCommandIsCut() {
    let text = CommandLineText.of(ArgumentList(["x"] + Array(repeating: "äää", count: 5000)))
    #expect(text.utf8.count <= CommandLineText.mostBytes && text.hasSuffix("…"))
    #expect(text.utf8.count > CommandLineText.mostBytes - 8)
    let many = CommandLineText.of(ArgumentList(Array(repeating: "x", count: 2000)))
    #expect(many.hasSuffix(" …"))
    let control = CommandLineText.of(ArgumentList(Array(repeating: 1, count: 2 << 20)))
    #expect(control.utf8.count <= CommandLineText.mostBytes && control.hasSuffix("…"))
  }

  @Test func scrubbingCanBeTurnedOff() {
    let list = ArgumentList(["x", "--password", "HUNTER"])
    #expect(CommandLineText.of(list, scrubbing: false) == "x --password HUNTER")
  }

  // MARK: - Secrets

  /// Each command has a secret that begins with HUNTER, in full or with spaces.
  private static let secrets: [[String]] = [
    ["python3", "-u", "--password=HUNTER"], ["sh", "-c", "python3 -u --password=HUNTER"],
    ["x", "-u", "token=HUNTER"], ["x", "-u", "token=a:HUNTER"],
    ["x", "-u", "postgres://me:HUNTER@h"],
    ["sh", "-c", "x -u token=HUNTER,HUNTER"],
    ["app", "--password", "HUNTER"], ["app", "--password=HUNTER"],
    ["app", "--db-password", "HUNTER x"],
    ["app", "--password=HUNTER HUNTER2"], ["app", "-password", "HUNTER"],
    ["app", "--PASSWD=HUNTER"],
    ["app", "--token", "--HUNTER"], ["app", "--token", "--password", "HUNTER"],
    ["app", "--api-key=HUNTER"],
    ["app", "--apikey", "HUNTER"], ["app", "--secret", "HUNTER"],
    ["app", "--credential", "HUNTER"],
    ["app", "--auth", "HUNTER"], ["app", "--pass", "HUNTER"], ["app", "--pwd=HUNTER"],
    ["app", "--key", "HUNTER"],
    ["app", "--accessKey=HUNTER"], ["app", "--dbPass=HUNTER"],
    ["java", "-Ddb.password=HUNTER a&b"],
    ["java", "-Dauth.key=HUNTER"], ["env", "PGPASSWORD=HUNTER HUNTER2", "psql"],
    ["env", "API_KEY=HUNTER", "x"],
    ["env", "MYSQL_PWD=HUNTER"], ["docker", "run", "-e", "DB_PASS=HUNTER a", "x"],
    ["docker", "run", "--env=DB_PASSWORD=HUNTER HUNTER2", "x"], ["x", "password=HUNTER&HUNTER2"],
    ["mysql", "-uroot", "-pHUNTER", "db"], ["sudo", "/usr/bin/mysqldump", "-pHUNTER"],
    ["sh", "-c", "mysql -pHUNTER db"], ["sh", "-c", "mysql -p'HUNTER HUNTER2' db"],
    ["sshpass", "-p", "HUNTER", "ssh", "h"], ["sshpass", "-pHUNTER", "ssh", "h"],
    ["bash", "-c", "sshpass -p HUNTER ssh h"], ["redis-cli", "-a", "HUNTER", "ping"],
    ["docker", "login", "-u", "me", "-p", "HUNTER"], ["7z", "x", "-pHUNTER", "a.7z"],
    ["ldapsearch", "-w", "HUNTER"],
    ["xfreerdp", "/u:me", "/p:HUNTER"], ["openssl", "enc", "-k", "HUNTER"],
    ["openssl", "x", "-passin", "pass:HUNTER HUNTER2"],
    ["curl", "-u", "me:HUNTER", "x"], ["curl", "--user=me:HUNTER", "x"],
    ["curl", "-ume:HUNTER", "x"],
    ["sh", "-c", "curl -u 'me:HUNTER HUNTER2' http://h"],
    ["sh", "-c", "curl --user me:HUNTER http://h"],
    ["psql", "postgres://me:HUNTER@db/x"], ["x", "https://HUNTERTOKEN@github.com/a"],
    ["x", "redis://:HUNTER@h"],
    ["x", "postgres://me:HUN/TER@db/x", "HUNTERX="], ["x", "postgres://me:HUNTER@HUNTER2@db/x"],
    ["x", "me:HUNTER@host"], ["sh", "-c", "git clone https://me:HUNTER@h/x"],
    ["curl", "-H", "Authorization: Bearer HUNTER"], ["curl", "-HAuthorization: Basic HUNTER"],
    ["curl", "--header=Authorization: HUNTER HUNTER2"],
    ["curl", "-H", "X-Api-Key: HUNTER HUNTER2"],
    ["sh", "-c", "curl -H 'Authorization: Bearer HUNTER' https://h"],
    ["sh", "-c", "curl -H \"Authorization: Basic HUNTER\" https://h"],
    ["sh", "-c", "curl -H Authorization:\\ Bearer\\ HUNTER https://h"], ["x", "Bearer HUNTER"],
    ["curl", "https://h/?a=1&token=HUNTER&b=2"], ["curl", "https://h/?access_token=HUNTER#x"],
    ["curl", "-d", "{\"password\":\"HUNTER\",\"user\":\"me\"}"],
    ["curl", "-d", "{ 'password' : 'HUNTER HUNTER2' }"],
    ["curl", "-d", "{\"password\":\"HUNTER\\\"HUNTER2\"}"],
    ["curl", "-d", "{\"keys\":[\"HUNTER\", \"HUNTER2\"]}"],
    ["curl", "-d", "{\"token\": HUNTER }"],
    ["curl", "-d", "{\"password\":\"\",\"secret\":\"HUNTER\"}"],
    ["sh", "-c", "curl -d '{\"password\": \"HUNTER HUNTER2\"}' h"],
    ["sh", "-c", "curl -d \"{\\\"password\\\":\\\"HUNTER HUNTER2\\\"}\" h"],
    [
      "sh", "-c",
      "curl -d \"{\\\"user\\\":\\\"me\\\",\\\"password\\\" : \\\"HUNTER HUNTER2\\\"}\" h",
    ],
    ["sh", "-c", "PASSWORD='HUNTER HUNTER2' run"], ["sh", "-c", "export TOKEN=HUNTER; run"],
    ["bash", "-lc", "TOKEN=\"HUNTER HUNTER2\" run --password \"HUNTER HUNTER2\" x"],
    ["sh", "-c", "run --password HUNTER x"], ["sh", "-c", "run --password='HUNTER HUNTER2' x"],
    ["sh", "-c", "PASSWORD=a\"HUNTER HUNTER2\"b run"],
    ["sh", "-c", "PASSWORD='a'\"HUNTER HUNTER2\" run"],
    ["sh", "-c", "psql \"password=HUNTER dbname=x\""], ["psql", "host=h password=HUNTER dbname=x"],
    ["mysql", "-e", "CREATE USER x IDENTIFIED BY 'HUNTER HUNTER2'"],
    ["x", "ALTER USER x PASSWORD 'HUNTER HUNTER2'"],
    ["nmcli", "dev", "wifi", "connect", "x", "password", "HUNTER"],
    ["redis-cli", "config", "set", "requirepass", "HUNTER"],
    ["npm", "config", "set", "//h/:_authToken", "HUNTER"],
    ["x", "Server=db;Password=HUNTER;Encrypt=1"],
    ["app --password HUNTER --x"], ["app: token=HUNTER"], ["app Bearer HUNTER"],
    ["x", "-----BEGIN RSA PRIVATE KEY-----\nHUNTER\nHUNTER\n-----END RSA PRIVATE KEY-----"],
    ["x", "-----BEGIN PRIVATE KEY-----\nHUNTER"],
    ["x", "y: -----BEGIN PRIVATE KEY-----HUNTER-----END PRIVATE KEY-----"],
    ["x", "user[password]=HUNTER"], ["x", "password:HUNTER"], ["x", "secret => 'HUNTER'"],
    ["x", "--password", "", "token=HUNTER"], ["x", "--header", "authorization:", "HUNTER"],
  ]

  @Test(arguments: secrets)
  func aSecretIsHidden(arguments: [String]) {
    let text = CommandLineText.of(ArgumentList(arguments))
    #expect(
      !text.contains("HUNTER") || text.replacing("HUNTERX", with: "").contains("HUNTER") == false,
      "\(text)")
    #expect(text.contains("***"))
    #expect(!text.contains("TER@") && !text.contains("HUN/"), "\(text)")
  }

  @Test(arguments: [
    "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0abcdefghij", "glpat-ABCDEFGHIJKLMNOPQRST", "xoxb-123456789012-abcdef",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "sk-proj-abcdefghijklmnopqrstuvwxyz",
    "AIzaSyA-1234567890abcdefghijklmnopqrs",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln/a+b==", "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "hvs.CAESIJlWh0abcdefgh", "AGE-SECRET-KEY-1QQQQQQQQQQQQ",
  ])
  func aKeyIsKnownByItsForm(key: String) {
    #expect(text("run", key) == "run ***")
    #expect(text("run", "--x=\(key)") == "run --x=***")
    #expect(text("sh", "-c", "run '\(key)' y") == #"sh -c 'run '\''***'\'' y'"#)
  }

  @Test(arguments: [
    (["mysql", "-uroot", "-pHUNTER", "shop"], "mysql -uroot -p*** shop"),
    (["mysql", "-p", "shop"], "mysql -p shop"),
    (["ssh", "-p", "22", "host"], "ssh -p 22 host"),
    (["mkdir", "-p", "/a/b"], "mkdir -p /a/b"),
    (
      ["psql", "postgres://me:x@db:5432/shop?sslmode=off"],
      "psql postgres://me:***@db:5432/shop?sslmode=off"
    ),
    (["git", "clone", "ssh://git@github.com/a/b.git"], "git clone ssh://git@github.com/a/b.git"),
    (["git", "clone", "git@github.com:a/b.git"], "git clone git@github.com:a/b.git"),
    (["curl", "http://127.0.0.1:8845/stats"], "curl http://127.0.0.1:8845/stats"),
    (["curl", "http://[::1]:8845/stats"], "curl http://[::1]:8845/stats"),
    (["curl", "https://h/?token=x&page=2"], "curl 'https://h/?token=***&page=2'"),
    (
      ["curl", "-d", #"{"password":"x","user":"me"}"#], #"curl -d '{"password":"***","user":"me"}'"#
    ),
    (["sh", "-c", "PASSWORD=x run --fast"], "sh -c 'PASSWORD=*** run --fast'"),
    (
      ["sh", "-c", "curl -H 'Authorization: Bearer x' https://h"],
      #"sh -c 'curl -H '\''Authorization: ***'\'' https://h'"#
    ),
    (["python3", "-u", "/srv/app/manage.py"], "python3 -u /srv/app/manage.py"),
    (["psql", "-U", "postgres"], "psql -U postgres"),
    (["curl", "-u", "me:x", "h"], "curl -u me:*** h"),
    (["app", "--author", "me", "--monitor=x"], "app --author me --monitor=x"),
    (["passwd", "root"], "passwd root"),
    (["docker", "run", "-p", "80:80", "nginx@sha256:abc"], "docker run -p 80:80 nginx@sha256:abc"),
    (["sh", "-c", "echo 'a b' | grep -c x"], #"sh -c 'echo '\''a b'\'' | grep -c x'"#),
    (["app", "--password="], "app --password="),
  ])
  func theRestStaysReadable(arguments: [String], expected: String) {
    #expect(CommandLineText.of(ArgumentList(arguments)) == expected)
  }

  /// Wherever the input is cut, no part of a secret shows.
  @Test func aCutLeavesNoHalfOfASecret() {
    let commands = [
      "postgres://me:HUNTERHUNTERHUNTERHUNTER@db/shop", "me:HUNTERHUNTERHUNTER@host",
      "https://HUNTERHUNTERHUNTERHUNTER@github.com", "--password=HUNTERHUNTERHUNTER",
      "{\"password\":\"HUNTERHUNTERHUNTER\"}", "-----BEGIN KEY-----HUNTERHUNTER-----END KEY-----",
      "Authorization: Bearer HUNTERHUNTERHUNTER",
    ]
    for command in commands {
      let bytes = Array("x\0".utf8) + Array(command.utf8)
      for end in 3..<bytes.count {
        let text = CommandLineText.of(ArgumentList(Array(bytes[..<end]), isCut: true))
        #expect(!text.contains("HUN"), "\(text)")
      }
    }
    let key = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    for end in 5..<key.count {
      let text = CommandLineText.of(ArgumentList(Array("x\0\(key.prefix(end))".utf8), isCut: true))
      #expect(text.hasPrefix("x ***"))
    }
  }

  @Test(arguments: [
    "a:", "password", "password ", "--password ", "\"", "\\\"", "://", "a:b@", "-----BEGIN ",
    "password=", "'", "{\"password\":\"",
    "Bearer ", "-p", "-u", "key:", "password \" : ", "ghp_", "@:", "-----BEGIN -----", "token[",
  ])
  func aHostileArgumentIsBounded(part: String) {
    let bytes = Array(("sh\0-c\0mysql " + String(repeating: part, count: 200_000)).utf8)
    let text = CommandLineText.of(ArgumentList(bytes))
    #expect(text.utf8.count <= CommandLineText.mostBytes)
    #expect(LogText.visible(text) == text)
  }
}
