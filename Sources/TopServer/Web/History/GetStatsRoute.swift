import MicroHTTPD

/// `/get_stats`: the present state of the machine, and its use over the whole history.
struct GetStatsRoute: Sendable {
  let desk: AnswerDesk<AnswerEncoder>
  let questions: PastQuestions
  /// Nanoseconds since the epoch at which the server started.
  let serviceStart: Int64

  func answer(_ request: borrowing Request) -> Reply {
    do throws(Problem) {
      try QueryParameters.refuseAll(request.target.query)
    } catch {
      return Reply(error.response())
    }
    let snapshot = desk.source
    return questions.reply(to: request, .least) { reader in
      let past = try await reader.machineUse(serviceStart: serviceStart)
      return Reply(.fresh(GetStatsText.make(snapshot, past)))
    }
  }
}
