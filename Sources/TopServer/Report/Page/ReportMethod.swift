/// How it was measured, in sentences: a figure is worth what its method is.
enum ReportMethod {
  static func make(_ report: LoadReport) -> HTML {
    var paragraphs: [HTML] = []
    if let rate = report.plan.rate {
      paragraphs.append(
        """
        <p>The clients sent \(Wording.figure(rate)) requests a second, each at its time, whether or not the answers kept \
        up. A response time counts from when the request was due: what it waited for the answer before it is part of it.</p>
        """)
    } else {
      paragraphs.append(
        """
        <p>Each client kept one connection and sent its next request when the last answer was there, so the load is what \
        the server and the clients could do together. A response time counts from the call that sends the request to the \
        last byte of its answer.</p>
        """)
    }
    if report.plan.targets.contains(where: { $0.paths.count > 1 }) {
      paragraphs.append("<p>The paths took turns in each client.</p>")
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
