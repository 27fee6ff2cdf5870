// swift-tools-version: 6.2
import PackageDescription

/// Strict settings for all targets: language mode 6, every unsafe expression marked, warnings are errors.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A wrapper: the only kind of target that may touch C.
func wrapper(_ name: String, over dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, and others: Target.Dependency...) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: [.target(name: name), "TestSupport"] + others,
    swiftSettings: strict)
}

let package = Package(
  name: "top-server",
  products: [.executable(name: "topserver", targets: ["TopServer"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
  ],
  targets: [
    // C libraries as Swift modules.
    .systemLibrary(
      name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    // No pkg-config, which would link the library: we load it at first use.
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-gnutls-dev"])]),
    // Debian's wslay has no pkg-config file.
    .systemLibrary(name: "CWslay", providers: [.apt(["libwslay-dev"])]),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .systemLibrary(name: "CGnuTLS", pkgConfig: "gnutls", providers: [.apt(["libgnutls28-dev"])]),
    .systemLibrary(name: "CLinux"),

    // Wrappers: the only targets with pointers and the keyword `unsafe`.
    wrapper("Linux", over: "CLinux"),
    wrapper("ProcFS", over: "CLinux", "Linux"),
    wrapper("Jansson", over: "CJansson"),
    wrapper("Deflate", over: "CDeflate"),
    wrapper("SQLite", over: "CSQLite"),
    wrapper("YAML", over: "CYAML"),
    wrapper("PCRE2", over: "CPCRE2"),
    wrapper("Curl", over: "CCurl"),
    wrapper("TLS", over: "CGnuTLS", "Linux"),
    wrapper("WebSocket", over: "CWslay", "CNettle", "Linux", "TLS"),
    wrapper("MicroHTTPD", over: "CMicroHTTPD", "Linux"),

    // The product.
    .executableTarget(
      name: "TopServer",
      dependencies: [
        "Linux", "ProcFS", "Jansson", "Deflate", "SQLite", "YAML", "PCRE2", "Curl",
        "MicroHTTPD", "WebSocket", "TLS",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "RealModule", package: "swift-numerics"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("Report/Page/report.css")],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Linux"], path: "Tests/TestSupport", swiftSettings: strict
    ),
    .target(
      name: "TLSTestServer", dependencies: ["CGnuTLS", "Linux", "TestSupport"],
      path: "Tests/TLSTestServer", swiftSettings: strict),
    // The peer for `make autobahn`.
    .executableTarget(
      name: "WebSocketEcho", dependencies: ["Linux", "MicroHTTPD", "WebSocket"],
      path: "Tests/WebSocketEcho", swiftSettings: strict),
    tests(of: "Linux"),
    tests(of: "ProcFS"),
    tests(of: "Jansson"),
    tests(of: "Deflate"),
    tests(of: "SQLite", and: "Linux"),
    tests(of: "YAML"),
    tests(of: "PCRE2"),
    tests(of: "Curl", and: "MicroHTTPD", "Linux"),
    tests(of: "TLS", and: "TLSTestServer", "Linux"),
    tests(of: "WebSocket", and: "TLSTestServer", "MicroHTTPD", "TLS", "Linux"),
    tests(of: "MicroHTTPD"),
    tests(
      of: "TopServer", and: "ProcFS", "MicroHTTPD", "Linux", "Jansson", "Deflate", "SQLite", "YAML",
      "PCRE2", "Curl", "WebSocket", "TLS",
      .product(name: "Logging", package: "swift-log"),
      .product(name: "ArgumentParser", package: "swift-argument-parser")),
  ]
)
