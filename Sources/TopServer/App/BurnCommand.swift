import ArgumentParser
import Linux

/// Uses the CPU on purpose, to try out the page, an alert or a webhook.
struct BurnCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "burn",
    abstract: "Use the CPU for a while, to test alerts and monitoring.",
    discussion: """
      Each of the N threads keeps one CPU busy, so CPU use rises by at most N CPUs and the load average by N. \
      To raise the load above the number of CPUs, start more threads than there are CPUs.

      Process tables show it as "\(name)". It exits with 0 after S seconds, or at once on Ctrl-C or SIGTERM.
      """)

  static let name = "topserver-burn"

  /// More threads would only raise the load and slow down other processes.
  private static let threadsPerCPU = 4

  @Option(
    help: ArgumentHelp(
      "Threads that use one CPU each, from 1 to four times the number of CPUs.", valueName: "N"))
  var cpus = 1

  @Option(help: ArgumentHelp("Seconds to run, from 1 to 3600.", valueName: "S"))
  var seconds = 60

  func validate() throws {
    let most = Self.threadsPerCPU * Machine.onlineCPUs
    guard (1...most).contains(cpus) else {
      throw ValidationError("--cpus is \"\(cpus)\": it accepts a number from 1 to \(most)")
    }
    guard (1...3600).contains(seconds) else {
      throw ValidationError("--seconds is \"\(seconds)\": it accepts a number from 1 to 3600")
    }
  }

  func run() async throws {
    CommandName.set(Self.name)
    let threads = try Self.start(cpus)
    TerminationSignals.handle()
    Console.say(
      "Using \(cpus) of \(Machine.onlineCPUs) CPUs for \(seconds) s (pid \(Machine.ownPID))")
    let signal = await TerminationSignals.next(within: .seconds(seconds))
    threads.stop()
    Console.say(signal.map { "Ended by \($0)" } ?? "Ended after \(seconds) s")
  }

  private static func start(_ count: Int) throws -> BusyThreads {
    do {
      return try BusyThreads(count, name: "burn")
    } catch {
      throw Failure("cannot start \(count) threads: \(error)")
    }
  }
}
