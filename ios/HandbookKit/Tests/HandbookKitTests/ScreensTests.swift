import Foundation
import HandbookKit
import Observation
import Setting
import Testing

/// Every screen's state, on Lan's phone as the story left it.
extension HandbookTests {
  /// Follows the screen until it shows what is wanted, as a view does.
  @MainActor
  private func shows<Model: ScreenModel>(
    _ what: String, _ model: Model, where wanted: (Model.Value) -> Bool = { _ in true }
  ) async throws -> Model.Value {
    let following = Task { await model.follow() }
    defer { following.cancel() }
    return try await shown(what, model, where: wanted)
  }

  /// Waits for it, while somebody else follows.
  @MainActor
  private func shown<Model: ScreenModel>(
    _ what: String, _ model: Model, where wanted: (Model.Value) -> Bool = { _ in true }
  ) async throws -> Model.Value {
    for _ in 1...(watchdogSeconds * 100) {
      if let value = model.shown.value, wanted(value) { return value }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Wrong("it did not show \(what), but \(model.shown)")
  }

  @MainActor @Test func home() async throws {
    let home = HomeModel(try await Phones.lan.value)
    #expect(try await shows("when it was updated", home).updated.hasPrefix("Cập nhật"))
  }

  /// Who reads a state in a view is told of its change.
  @MainActor @Test func aStateIsObserved() async throws {
    let home = HomeModel(try await Phones.lan.value)
    let (changed, tell) = AsyncStream<Bool>.makeStream()
    withObservationTracking {
      _ = home.shown
    } onChange: {
      tell.yield(true)
    }
    let following = Task { await home.follow() }
    _ = try await hear("a change", in: changed) { $0 }
    following.cancel()
  }

  @MainActor @Test func whoLookedWhileItSleptSeesItWake() async throws {
    let lan = try await Phones.lan.value
    try await lan.pause()
    let home = HomeModel(lan)
    let following = Task { await home.follow() }
    try await Task.sleep(for: .milliseconds(100))
    #expect(home.shown.value == nil)
    try await lan.resume()
    _ = try await shown("anything", home)
    following.cancel()
  }

  @MainActor @Test func directivesAndTheReader() async throws {
    let lan = try await Phones.lan.value
    let directives = DirectivesModel(lan)
    let list = try await shows("two directives", directives) { $0.list.groups.flatMap(\.rows).count == 2 }
    #expect(!list.more)
    let plan = try #require(list.list.groups.flatMap(\.rows).first { $0.line.number == "17-KH/ĐU" })
    let reader = ReaderModel(lan, plan.line.id)
    let reading = try await shows("its words", reader) { !$0.directive.blocks.isEmpty }
    try await reader.want(try #require(reading.files.first), true)
    _ = try await shows("that it is wanted", reader) { $0.files.allSatisfy(\.wanted) }
    await directives.filter(by: DirectiveFilter(unreadOnly: true))
    _ = try await shows("nothing unread", directives) {
      $0.filter.unreadOnly && $0.list.groups.isEmpty && $0.list.empty != nil
    }
  }

  @MainActor @Test func search() async throws {
    let search = SearchModel(try await Phones.lan.value)
    await search.type("gang tay")
    #expect(try await shows("a hit", search) { $0.typed == "gang tay" }.found.total == 1)
  }

  @MainActor @Test func onboardingAndCheckingIn() async throws {
    try await network("on")
    let (lan, hoa) = (try await Phones.lan.value, try await Phones.hoa.value)
    let meetings = try await shows("meetings", MeetingsModel(lan)) { !$0.isEmpty }
    let next = try #require(meetings.first?.rows.first).line.id
    let onboarding = OnboardingModel(hoa)
    _ = try await shows("nobody yet", onboarding) { $0.enrolled == nil }
    _ = try await onboarding.begin(
      url: told("STORY_URL"), code: told("SECRETARY_CODE"), birth: day(told("SECRETARY_BIRTH")),
      deviceName: "Máy của Hòa")
    #expect(try await shows("Hòa", onboarding) { $0.enrolled != nil }.enrolled?.memberName == "Lê Thị Hòa")
    #expect(onboarding.progress != nil)

    let desk = CheckInDeskModel(hoa, next)
    let opened = try await desk.open()
    _ = try await shows("the digits", desk) { $0.code?.code.count == opened.code.count }
    let checkIn = CheckInModel(lan, next)
    try await checkIn.type(digits: opened.code)
    _ = try await shows("what I said", checkIn) { if case .claim = $0.row.line.mine { true } else { false } }
    _ = try await lan.synced()
    for try await pass in checkIn.passes() {
      let scanned = try await desk.scan(pass: pass.qr)
      switch scanned {
      case .marked, .noPass: break
      default: Issue.record("\(scanned)")
      }
      break
    }
    let member = try #require(try await shows("the roll", desk) { $0.roll.lines.count == 5 }.roll.lines.last)
    try await desk.mark(member.member, .excused, reason: "ốm")
    _ = try await shows("who is excused", desk) { $0.roll.excused == 1 }
    try await desk.close()
    _ = try await shows("that it is closed", desk) { $0.code == nil }
  }

  @MainActor @Test func feedbackFromTheDraftToTheThread() async throws {
    let lan = try await Phones.lan.value
    let writing = WriteFeedbackModel(lan)
    let desk = try #require(try await shows("a desk", writing) { !$0.isEmpty }.first(where: \.usual))
    let id = try await writing.send(
      to: desk.id, topic: "Sân bóng", words: "Sân bóng ngập nước.", photos: [Photo(name: "san.png", bytes: png())])
    _ = try await shows("the new one", FeedbackModel(lan)) { $0.contains { $0.line.id == id } }
    let conversation = try await shows("its photo", ThreadModel(lan, id)) { !$0.files.isEmpty }
    #expect(conversation.thread.turns.map(\.message.words) == ["Sân bóng ngập nước."])
  }

  @MainActor @Test func sync() async throws {
    try await network("on")
    let sync = SyncModel(try await Phones.lan.value)
    #expect(try await sync.syncNow().stop == .done)
    #expect(try await shows("that all went", sync) { $0.status.allSent }.items.isEmpty)
  }

  @MainActor @Test func devices() async throws {
    let lan = try await Phones.lan.value
    _ = try await lan.synced()
    let devices = DevicesModel(lan)
    let mine = try #require(
      try await shows("this one", devices) { $0.contains(where: \.isThis) }.first(where: \.isThis))
    try await devices.rename(mine, "Máy bà Lan")
    _ = try await shows("its new name", devices) { $0.contains { $0.name == "Máy bà Lan" } }
  }

  @MainActor @Test func settings() async throws {
    let settings = SettingsModel(try await Phones.lan.value)
    #expect(try await !shows("them", settings).hasPin)
    try await settings.room(quota: 50_000_000, unmeteredOnly: true)
    _ = try await shows("less room", settings) { $0.files.quota == 50_000_000 && $0.files.unmeteredOnly }
    try await settings.speak(.en)
    try await settings.speak(.vi)
  }

  @MainActor @Test func signing() async throws {
    let lan = try await Phones.lan.value
    #expect(try await shows("that nothing waits", SigningModel(lan)).isEmpty)
    let gone = DraftModel(lan, DraftId(value: "00000000-0000-7000-8000-000000000000"))
    await gone.follow(for: .milliseconds(200))
    guard case .failed(.NotFound) = gone.shown else { throw Wrong("\(gone.shown)") }
    await #expect(throws: HandbookError.self) { try await gone.sign() }
  }
}

extension ScreenModel {
  /// As a view that is soon left.
  fileprivate func follow(for time: Duration) async {
    let following = Task { await follow() }
    try? await Task.sleep(for: time)
    following.cancel()
    await following.value
  }
}
