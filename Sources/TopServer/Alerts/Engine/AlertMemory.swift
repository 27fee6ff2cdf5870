/// What of the alerts survives a restart.
///
/// A pending rule is not in it: the hold time begins anew, since nobody watched in between.
struct AlertMemory: Sendable, Equatable {
  /// The number that the next alert gets.
  var nextID: Int64 = 1
  var firing: [Alert] = []
  /// The newest first.
  var history: [Alert] = []
}
