import Linux
import Testing

@testable import TopServer

@Suite struct UserNameBookTests {
  private static let second: Int64 = 1_000_000_000
  private var book = UserNameBook()

  /// Answers every waiting look-up.
  private mutating func answer(at now: Int64 = 0, _ answer: (UInt32) -> UserDatabase.Answer) {
    while let errand = book.next() { book.learn(answer(errand.uid), for: errand, at: now) }
  }

  private func text(of uid: UInt32, at now: Int64 = 0) -> String? {
    book.known([uid], at: now).text(of: uid)
  }

  @Test mutating func theNumberIsShownUntilTheNameIsKnown() {
    book.want([7], at: 0)
    #expect(text(of: 7) == "7")
    #expect(!book.known([7], at: 0).isComplete)
    answer { _ in .name("ada") }
    #expect(text(of: 7) == "ada")
    #expect(book.known([7], at: 0).isComplete)
    #expect(book.revision == 1)
  }

  @Test mutating func aUserIsLookedUpOnceHoweverOftenItIsWanted() {
    for _ in 0..<5 { book.want([7, 8, 7], at: 0) }
    #expect(book.waitingCount == 2)
    let first = book.next()?.uid
    book.want([7], at: 0)
    #expect(book.waitingCount == 1, "a user whose look-up is under way is not queued again")
    #expect(first == 7)
  }

  @Test mutating func aMissingUserIsNullAndAFailureShowsTheNumber() {
    book.want([7, 8], at: 0)
    answer { $0 == 7 ? .noSuchUser : .failed(SystemCallError(call: "getpwuid_r", code: 5)) }
    #expect(text(of: 7) == nil)
    #expect(text(of: 8) == "8")
  }

  @Test mutating func namesExpireAndFailuresExpireSooner() {
    book.want([7, 8], at: 0)
    answer { $0 == 7 ? .name("ada") : .noSuchUser }
    let soon = UserNameBook.failureLifetime
    book.want([7, 8], at: soon)
    let renewed = [book.next()?.uid, book.next()?.uid]
    #expect(renewed == [8, nil])
    let later = UserNameBook.nameLifetime
    #expect(later > soon)
    book.want([7], at: later)
    #expect(text(of: 7, at: later) == "ada", "until the new answer arrives")
    answer(at: later) { _ in .name("bob") }
    #expect(text(of: 7, at: later) == "bob")
  }

  @Test mutating func anExpiredNameIsShownForOneMoreLifetime() {
    book.want([7], at: 0)
    answer { _ in .name("ada") }
    #expect(text(of: 7, at: 2 * UserNameBook.nameLifetime) == "ada")
    #expect(text(of: 7, at: 2 * UserNameBook.nameLifetime + 1) == "7")
  }

  @Test mutating func aFailureKeepsTheNameThatWasKnown() {
    book.want([7], at: 0)
    answer { _ in .name("ada") }
    let later = UserNameBook.nameLifetime
    book.want([7], at: later)
    answer(at: later) { _ in .failed(SystemCallError(call: "getpwuid_r", code: 5)) }
    #expect(text(of: 7, at: later) == "ada")
  }

  @Test mutating func aNameEndsWhileTheDatabaseKeepsFailing() {
    book.want([7], at: 0)
    answer { _ in .name("ada") }
    for minute in 5...10 as ClosedRange<Int64> {
      book.want([7], at: minute * 60_000_000_000)
      answer(at: minute * 60_000_000_000) { _ in
        .failed(SystemCallError(call: "getpwuid_r", code: 5))
      }
    }
    #expect(text(of: 7, at: 2 * UserNameBook.nameLifetime) == "ada")
    #expect(text(of: 7, at: 2 * UserNameBook.nameLifetime + 1) == "7")
  }

  @Test mutating func aChangeOfTheFilesRenewsEveryNameWithoutARequest() {
    book.want([7, 8], at: 0)
    answer { $0 == 7 ? .name("svc-a") : .noSuchUser }
    book.filesChanged(at: 10)
    #expect(book.waitingCount == 2)
    #expect(text(of: 7, at: 10) == "svc-a")
    answer(at: 11) { $0 == 7 ? .name("svc-b") : .name("late") }
    #expect(text(of: 7, at: 11) == "svc-b")
    #expect(text(of: 8, at: 11) == "late")
  }

  @Test mutating func aLookUpThatBeganBeforeAChangeIsRepeated() throws {
    book.want([7], at: 0)
    let errand = book.next()
    book.filesChanged(at: 1)
    book.learn(.name("svc-a"), for: try #require(errand), at: 2)
    #expect(book.waitingCount == 1)
    answer(at: 3) { _ in .name("svc-b") }
    #expect(text(of: 7, at: 3) == "svc-b")
    #expect(book.waitingCount == 0)
  }

  @Test mutating func rememberedUsersAreBounded() {
    for start in stride(from: UInt32(0), to: 100_000, by: 1000) {
      book.want(start..<start + 1000, at: 0)
      #expect(book.waitingCount <= UserNameBook.mostWaiting)
      answer { .name("user\($0)") }
    }
    let known = book.known(0..<100_000, at: 0)
    #expect(known.count == UserNameBook.mostUsers)
    #expect(known.text(of: 0) == "user0")
    #expect(known.text(of: 99_999) == "99999")
    // Users that no answer shows make room.
    let later = UserNameBook.idleTime
    book.want([99_999], at: later)
    answer(at: later) { .name("user\($0)") }
    #expect(text(of: 99_999, at: later) == "user99999")
  }
}
