// Minh's phone, driven as a Swift app would drive it: over the real library, against a real server.
//
// Each act is a process of its own over the same store; between them the server comes and goes. All calls are made
// from the main actor, under a watchdog: a call that works on its caller's thread and waits there for another
// would never end.

import Dispatch
import Foundation

let watchdogSeconds = 30
let plan = "17-KH/ĐU"
let rules = "01-QC/ĐU"

struct Wrong: Error, CustomStringConvertible {
  let description: String
}

func check(_ holds: Bool, _ what: @autoclosure () -> String, line: Int = #line) throws {
  if !holds { throw Wrong(description: "line \(line): \(what())") }
}

func told(_ name: String) throws -> String {
  guard let value = ProcessInfo.processInfo.environment[name] else {
    throw Wrong(description: "\(name) is not set")
  }
  return value
}

/// The keychain's place; the same key each time.
final class Keychain: KeyStore {
  let answer: @Sendable () throws -> Data

  init(_ answer: @escaping @Sendable () throws -> Data = { Data(repeating: 7, count: 32) }) {
    self.answer = answer
  }

  func key() throws -> Data { try answer() }
  func replace(key: Data) throws { throw KeyUnavailable.Temporary }
  func erase() throws { throw KeyUnavailable.Temporary }
}

/// Hears until a table is named.
final class Screen: Observer {
  private let heard: AsyncStream<[String]>
  private let tell: AsyncStream<[String]>.Continuation

  init() { (heard, tell) = AsyncStream.makeStream() }

  func changed(tables: [String]) throws { tell.yield(tables) }

  func wait(for table: String) async throws {
    for await tables in heard where tables.contains(table) { return }
    throw Wrong(description: "nobody said \(table)")
  }
}

/// A screen that is gone: each time it is called it counts, and throws.
final class Gone: Observer, SyncListener, @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  var calls: Int { lock.withLock { count } }

  func changed(tables: [String]) throws { try leave() }
  func progress(progress: SyncProgress) throws { try leave() }

  private func leave() throws {
    lock.withLock { count += 1 }
    throw Wrong(description: "màn hình đã đóng")
  }
}

@MainActor
func fails(_ expected: HandbookError, line: Int = #line, _ deed: () async throws -> Void) async throws {
  do {
    try await deed()
  } catch let error as HandbookError where error == expected {
    return
  }
  throw Wrong(description: "line \(line): \(expected) was expected")
}

/// As it is written in a list of members.
func day(_ text: String) -> Day {
  let parts = text.split(separator: "-").compactMap { Int($0) }
  return Day(year: parts[0], month: parts[1], day: parts[2])
}

@MainActor
func open(_ keys: Keychain = Keychain()) async throws -> Handbook {
  try await Handbook.open(folder: told("STORY_FOLDER"), keyStore: keys, language: .vi)
}

@MainActor
func enrolling() async throws {
  try await fails(.KeyLocked) { _ = try await open(Keychain { throw Wrong(description: "kho khóa bận") }) }
  try await fails(.KeyLost) { _ = try await open(Keychain { throw KeyUnavailable.Lost }) }
  let handbook = try await open()
  let (url, code, birth) = (try told("STORY_URL"), try told("STORY_CODE"), day(try told("STORY_BIRTH")))
  try await fails(.CodeWrong) {
    _ = try await handbook.enrol(url: url, code: code, birth: day("1987-11-21"), deviceName: "Máy của Minh")
  }
  let status = try await handbook.enrol(url: url, code: code, birth: birth, deviceName: "Máy của Minh")
  try check(status.enrolled?.memberName == "Trần Văn Minh", "\(status)")
  print("Ghi danh xong: \(status.enrolled?.memberName ?? "")")

  let end = try await handbook.sync().end()
  try check(end.stop == .done && end.rows > 0 && end.indexed > 0, "\(end)")
  print("Cập nhật xong: \(end.rows) mục, \(end.indexed) văn bản tìm được")

  let directives = handbook.directives()
  let lines = try await directives.list(filter: DirectiveFilter(), skip: 0, take: 100)
  guard let line = lines.first(where: { $0.number == plan }) else { throw Wrong(description: "\(lines)") }
  let read = try await directives.read(id: line.id)
  try check(line.unread, "\(line)")
  print("Đọc \(line.number), \(line.summary): \(read.blocks.count) đoạn")
  for block in read.blocks { print("  \(printed(block))") }
  try checkPlan(read)
  guard let second = lines.first(where: { $0.number == rules }) else { throw Wrong(description: "\(lines)") }
  try checkRules(try await directives.read(id: second.id))
  let found = try await directives.search(typed: "ve sinh moi truong", most: 10)
  try check(found.hits.contains { $0.line.number == plan }, "\(found)")
  for typed in ["gang tay", "don vi co giay phep"] {
    let found = try await directives.search(typed: typed, most: 10)
    try check(found.hits.map(\.line.number) == [plan], "\(typed): \(found)")
  }
  try await fails(.NotFound) { _ = try await directives.read(id: DirectiveId(value: "không phải tên")) }
  try check(try await !handbook.meetings().list().isEmpty, "no meeting")
}

func words(_ spans: [Span]) -> String { spans.map(\.text).joined() }

/// As a screen would lay it out, poorly.
func printed(_ block: Block) -> String {
  switch block {
  case .heading(let level, _, let spans): String(repeating: "#", count: Int(level)) + " " + words(spans)
  case .paragraph(let spans): words(spans)
  case .items(let items): items.map { "\($0.number ?? "-") \(words($0.spans))" }.joined(separator: "\n  ")
  case .table(let rows, _):
    rows.map { row in "| " + row.cells.map { words($0.spans) }.joined(separator: " | ") + " |" }
      .joined(separator: "\n  ")
  case .note(let mark, let spans): "[\(mark)] \(words(spans))"
  case .scan(_, _, let text): text
  case .unknown(let text): text ?? ""
  }
}

/// A table whose first row names the columns, a note at the end, and words that point to it.
func checkPlan(_ read: DirectiveView) throws {
  let tables = read.blocks.compactMap { block -> [TableRow]? in
    if case .table(let rows, let text) = block, text.contains("găng tay") { rows } else { nil }
  }
  try check(tables.count == 1 && tables[0].count == 5 && tables[0][0].heading, "\(tables)")
  try check(tables[0].allSatisfy { $0.cells.map { Int($0.across) }.reduce(0, +) == 3 }, "\(tables)")
  guard case .note(let mark, _)? = read.blocks.last else { throw Wrong(description: "\(read.blocks)") }
  let pointing = read.blocks.flatMap { block -> [Span] in
    if case .items(let items) = block { items.flatMap(\.spans) } else { [] }
  }
  try check(pointing.contains { $0.note == mark && $0.text == "[\(mark)]" }, "\(pointing)")
  let leads = read.contents.allSatisfy {
    if case .heading = read.blocks[Int($0.block)] { true } else { false }
  }
  try check(leads && read.contents.first?.level == 1, "\(read.contents)")
  guard let original = read.original else { throw Wrong(description: "no original") }
  print("  Tệp gốc: \(original.name), \(original.size) byte")
  try check(original.name == "17-KH-DU.docx" && original.size > 1000 && original.hash.count == 64, "\(original)")
  try check(!read.ofNewerVersion && read.replacedBy == nil, "\(read)")
}

/// Chapters, articles, and clauses inside them.
func checkRules(_ read: DirectiveView) throws {
  let articles = read.blocks.compactMap { block -> (number: String, words: String)? in
    guard case .heading(_, let division?, let spans) = block, division.kind == .article else { return nil }
    return (division.number, words(spans))
  }
  print("Đọc \(read.line.number): \(articles.map { "Điều \($0.number)" }.joined(separator: ", "))")
  try check(articles.map(\.number) == (1...5).map(String.init), "\(articles)")
  try check(articles[0].words.hasPrefix("Điều 1."), "\(articles)")
  let clauses = read.blocks.flatMap { block -> [ListItem] in
    if case .items(let items) = block { items.filter { $0.division == .clause } } else { [] }
  }
  try check(clauses.first?.number == "1.", "\(clauses)")
}

@MainActor
func away() async throws {
  let handbook = try await open()
  let (screen, gone) = (Screen(), Gone())
  let watching = try handbook.observe(observer: screen)
  let leaving = try handbook.observe(observer: gone)
  let feedback = handbook.feedback()
  let id = try await feedback.submit(
    desk: nil, topic: "Đường thôn", words: "Đường vào thôn Đồi Chè sạt lở, xe không qua được.")
  try await screen.wait(for: "thread")
  guard let meeting = try await handbook.meetings().list().first else { throw Wrong(description: "no meeting") }
  try await fails(.Refused(code: .malformed)) {
    try await handbook.attendance().checkIn(meeting: meeting.id, code: "12345")
  }
  try await handbook.attendance().checkIn(meeting: meeting.id, code: "123456")
  try await screen.wait(for: "claim")
  let thread = try await feedback.thread(id: id)
  try check(thread.line.sync == .pending && thread.messages.map(\.side) == [.member], "\(thread)")
  try check(try await handbook.sync().end().stop == .offline, "not offline")
  let status = try await handbook.status()
  try check(status.pending == 2, "\(status)")
  try check(gone.calls == 1, "an observer that threw was called \(gone.calls) times")
  print("Không có mạng: \(status.pending) việc còn chờ gửi")
  watching.cancel()
  leaving.cancel()
}

@MainActor
func home() async throws {
  let handbook = try await open()
  let (screen, gone) = (Screen(), Gone())
  let watching = try handbook.observe(observer: screen)
  let end = try await handbook.sync(listener: gone).end()
  try check(end.stop == .done && end.sent == 2 && end.applied == 2, "\(end)")
  try await screen.wait(for: "thread")
  let threads = try await handbook.feedback().threads()
  guard let thread = threads.first, case .applied(let at)? = thread.sync else { throw Wrong(description: "\(threads)") }
  try check(at < Date(timeIntervalSinceNow: 60), "\(at)")
  print("Có mạng lại: \(thread.topic) (\(thread.deskName))")
  let status = try await handbook.status()
  try check(status.pending == 0 && status.enrolled?.lastSync != nil, "\(status)")
  let run = try handbook.sync()
  run.cancel()
  try check(try await run.end().stop == .cancelled, "not cancelled")
  try await photo(handbook)
  try await live(handbook)
  try await sleeping(handbook, screen)
  watching.cancel()
  // Not let go of: the end of the process closes it too.
  try check(try await open().status().pending == 1, "what was written is not there")
}

/// A PNG in which a phone left its name.
func png() -> Data {
  func chunk(_ name: String, _ inner: Data) -> Data {
    var length = UInt32(inner.count).bigEndian
    return Data(bytes: &length, count: 4) + Data(name.utf8) + inner + Data(count: 4)
  }
  let start = Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return start + chunk("IHDR", Data(count: 13)) + chunk("tEXt", Data("Galaxy cua Minh".utf8))
    + chunk("IDAT", Data(count: 300_000)) + chunk("IEND", Data())
}

/// A photo goes with a message: shown at once, without what the camera wrote, and sent in the same sync.
@MainActor
func photo(_ handbook: Handbook) async throws {
  let feedback = handbook.feedback()
  for (bytes, why) in [(Data("%PDF".utf8), PhotoError.notAPhoto), (Data(), .empty)] {
    try await fails(.Photo(why: why)) {
      _ = try await feedback.submitWithPhotos(
        desk: nil, topic: "Cầu", words: "Gãy.", photos: [Photo(name: "cau.pdf", bytes: bytes)])
    }
  }
  let id = try await feedback.submitWithPhotos(
    desk: nil, topic: "Cầu", words: "Gãy.", photos: [Photo(name: "cau.png", bytes: png())])
  let files = handbook.files()
  let named = try await files.ofThread(id: id)
  guard let file = named.first, case .toSend = file.state else { throw Wrong(description: "\(named)") }
  guard let opened = try await files.open(file: file) else { throw Wrong(description: "it is not here") }
  let bytes = try await opened.piece(at: 0)
  try check(opened.size() > 300_000 && bytes.range(of: Data("Galaxy".utf8)) == nil, "\(opened.size()) bytes")
  let end = try await handbook.sync().end()
  try check(end.stop == .done && end.filesUp == 1 && end.applied == 1, "\(end)")
  let sent = try await files.ofThread(id: id)
  try check(sent.map(\.state) == [.here], "\(sent)")
  try await fails(.Quota) { _ = try await files.setRoom(quota: 0, unmeteredOnly: true) }
  print("Ảnh: \(file.name), \(file.words)")
}

/// Hears how sync stands.
final class SyncScreen: SyncObserver {
  private let heard: AsyncStream<SyncStatus>
  private let tell: AsyncStream<SyncStatus>.Continuation

  init() { (heard, tell) = AsyncStream.makeStream() }

  func changed(status: SyncStatus) throws { tell.yield(status) }

  /// What is said once something was not sent yet and then is.
  func waitUntilSent() async throws -> String {
    var unsent = false
    for await status in heard {
      unsent = unsent || !status.allSent
      if unsent && status.allSent && status.activity == .idle { return status.sentence }
    }
    throw Wrong(description: "nobody said that it was sent")
  }
}

/// Kept live, nobody presses anything: what is written goes up by itself.
@MainActor
func live(_ handbook: Handbook) async throws {
  let screen = SyncScreen()
  let watching = try handbook.observeSync(observer: screen)
  let live = try handbook.keepLive()
  live.network(kind: .unmetered)
  _ = try await handbook.feedback().submit(
    desk: nil, topic: "Cầu treo", words: "Ván cầu mục, xin thay trước mùa mưa.")
  print("Tự gửi: \(try await screen.waitUntilSent())")
  try check(try await handbook.attention().list().isEmpty, "something needs attention")
  live.cancel()
  try await live.end()
  watching.cancel()
}

/// The system puts the app to sleep and wakes it, gives it a window in the background, and ends it.
@MainActor
func sleeping(_ handbook: Handbook, _ screen: Screen) async throws {
  try await fails(.InUse) { _ = try await open() }
  for _ in 1...2 { try await handbook.pause() }
  try await fails(.Paused) { _ = try await handbook.status() }
  try await fails(.Paused) { _ = try await handbook.sync().end() }
  for _ in 1...2 { try await handbook.resume() }

  let window = try await handbook.syncWithin(seconds: 25).end()
  try check(window.end.stop == .done && !window.outOfTime && !window.more, "\(window)")
  print("Cửa sổ 25 giây: \(window.more ? "còn việc" : "hết việc")")
  _ = try await handbook.feedback().submit(
    desk: nil, topic: "Chợ phiên", words: "Xin mở lại chợ phiên cuối tuần.")
  try await screen.wait(for: "thread")

  try await handbook.shutdown()
  try await fails(.Shut) { _ = try await handbook.status() }
  try await fails(.Shut) { try await handbook.resume() }
}

@main
struct Story {
  @MainActor
  static func main() async {
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(watchdogSeconds)) {
      print("Quá \(watchdogSeconds) giây: một lời gọi không trở về")
      exit(3)
    }
    do {
      switch CommandLine.arguments.dropFirst().first {
      case "enrolling": try await enrolling()
      case "away": try await away()
      case "home": try await home()
      case let act: throw Wrong(description: "no act is called \(act ?? "")")
      }
    } catch {
      print("Hỏng: \(error)")
      exit(1)
    }
  }
}
