/// The description of the method, without which the figures mean little.
enum ReportMethod {
  static func make(_ report: LoadReport) -> HTML {
    var paragraphs: [HTML] = []
    if let rate = report.plan.rate {
      paragraphs.append(
        """
        <p>The clients sent \(Wording.figure(rate)) requests a second, each at its scheduled time, whether or not the \
        answers kept up. A response time counts from when the request was due, so it includes the wait for the \
        previous answer.</p>
        """)
    } else {
      paragraphs.append(
        """
        <p>Each client kept one connection and sent its next request when it had the last answer, so the load is what the \
        server and the clients could do together. A response time counts from the call that sends the request to the \
        last byte of its answer.</p>
        """)
    }
    if report.plan.targets.contains(where: { $0.paths.count > 1 }) {
      paragraphs.append("<p>Each client requested the paths in rotation.</p>")
    }
    if report.isLocal {
      paragraphs.append(
        """
        <p>Clients and server ran on the same machine, so each took CPU time from the other.</p>
        """)
    }
    return HTML(paragraphs)
  }
}
