// The one story: Lan's phone, driven as an iOS app drives it, over the real library, against a real server.
//
// `bindings/examples/story.rs` and the Kotlin package tell the same; what each says is compared with `bindings/story.txt`,
// byte for byte. All calls are made from the main actor, under a watchdog: a call that works on its caller's thread and
// waits there for another would never end.

import Dispatch
import Foundation
import HandbookKit
import Setting

let plan = "17-KH/ĐU"
let rules = "01-QC/ĐU"
let noRow = "00000000-0000-7000-8000-000000000000"

/// How an error is called, without what it bears.
@MainActor
func name(_ deed: () async throws -> Void) async throws -> String {
  do {
    try await deed()
    return "None"
  } catch let error as HandbookError {
    return String("\(error)".prefix { $0 != "(" })
  }
}

func stop(_ end: SyncEnd) -> String {
  switch end.stop {
  case .done: "xong"
  case .offline: "không có mạng"
  case .cancelled: "đã dừng"
  default: "dừng vì lẽ khác"
  }
}

func state(_ of: RowState?) -> String {
  switch of {
  case .pending: "chờ gửi"
  case .applied: "đã gửi"
  case nil: "không có gì"
  default: "khác"
  }
}

func words(_ spans: [Span]) -> String { spans.map(\.text).joined() }

func marked(_ parts: [Part]) -> String { parts.map { $0.hit ? "«\($0.text)»" : $0.text }.joined() }

/// As a screen would lay it out, poorly.
func printed(_ block: Block) -> String {
  switch block {
  case .heading(let level, _, let spans): String(repeating: "#", count: Int(level)) + " " + words(spans)
  case .paragraph(let spans): words(spans)
  case .items(let items): items.map { "\($0.number ?? "-") \(words($0.spans))" }.joined(separator: "\n")
  case .table(let rows, _):
    rows.map { row in row.cells.map { "| \(words($0.spans)) (\($0.across))" }.joined() }.joined(separator: "\n")
  case .note(let mark, let spans): "[\(mark)] \(words(spans))"
  case .scan(_, _, let text): text
  case .unknown(let text): text ?? ""
  }
}

@MainActor
func enrolling() async throws -> Handbook {
  print("— Ghi danh —")
  print("Kho khóa bận: \(try await name { _ = try await openLan(Keychain { throw Wrong("kho khóa bận") }) })")
  print("Khóa mất: \(try await name { _ = try await openLan(Keychain { throw KeyUnavailable.Lost }) })")
  let handbook = try await openLan()
  print("Cập nhật khi chưa ghi danh: \(try await name { _ = try await handbook.synced() })")
  let (url, code, birth) = (try told("STORY_URL"), try told("STORY_CODE"), day(try told("STORY_BIRTH")))
  func enrol(_ url: String, _ birth: Day) async throws -> Status {
    try await handbook.enrol(url: url, code: code, birth: birth, deviceName: "Máy của Lan")
  }
  print("Sai địa chỉ: \(try await name { _ = try await enrol("sotay.xa.vn", birth) })")
  print("Sai ngày sinh: \(try await name { _ = try await enrol(url, day("1958-03-02")) })")
  print("Chào \(try await enrol(url, birth).enrolled?.memberName ?? "")")
  print("Ghi danh lần nữa: \(try await name { _ = try await enrol(url, birth) })")
  return handbook
}

@MainActor
func reading(_ handbook: Handbook) async throws {
  print("— Cập nhật —")
  let gone = Gone()
  let end = try await handbook.synced { _ in try gone.leave() }
  print("\(stop(end)), \(end.rows) mục, \(end.indexed) văn bản tìm được")
  print("Màn hình đã đóng được gọi \(gone.calls) lần")
  print("— Văn bản —")
  let directives = handbook.directives()
  let lines = try await directives.list(filter: DirectiveFilter(), skip: 0, take: 100)
  for line in lines {
    print("\(line.number) · \(line.issuerName) · \(line.summary) · \(line.unread ? "chưa đọc" : "đã đọc")")
  }
  for number in [plan, rules] {
    guard let line = lines.first(where: { $0.number == number }) else { throw Wrong("\(number) did not come") }
    read(try await directives.read(id: line.id))
  }
  let unread = try await directives.list(filter: DirectiveFilter(), skip: 0, take: 100).filter(\.unread)
  print("Còn \(unread.count) văn bản chưa đọc")
  print("Văn bản không có: \(try await name { _ = try await directives.read(id: DirectiveId(value: noRow)) })")
  print("— Tìm —")
  for typed in ["ve sinh moi truong", "gang tay", "don vi co giay phep", "khong co dau"] {
    let found = try await directives.search(typed: typed, most: 10)
    print("\(typed): \(found.total)")
    for hit in found.hits { print("  \(hit.line.number) · \(marked(hit.head))") }
  }
}

func read(_ view: DirectiveView) {
  print("Đọc \(view.line.number): \(view.blocks.count) đoạn, \(view.contents.count) mục lục")
  if view.line.number == plan {
    for block in view.blocks { print(printed(block)) }
  }
  for case .heading(_, let division?, _) in view.blocks where division.kind == .article {
    print("Điều \(division.number)")
  }
  if let original = view.original { print("Tệp gốc \(original.name), \(original.size) byte") }
}

@MainActor
func away(_ handbook: Handbook) async throws {
  print("— Mất mạng —")
  try await network("off")
  let (changes, gone) = (try handbook.changes(), Gone())
  let leaving = try handbook.observe(observer: gone)
  guard let meeting = try await handbook.meetings().list().first else { throw Wrong("no meeting") }
  print("\(meeting.title) · \(meeting.place)")
  let attendance = handbook.attendance()
  let wrong = try await name { try await attendance.checkIn(meeting: meeting.id, code: "12345") }
  print("Điểm danh 12345: \(wrong)")
  try await attendance.checkIn(meeting: meeting.id, code: "123456")
  let written = try handbook.changes()
  _ = try await hear("claim", in: changes) { $0.contains("claim") }
  let mine = try await handbook.meetings().list().first { $0.id == meeting.id }?.mine
  if case .claim? = mine { print("Điểm danh 123456: đã ghi") } else { print("Điểm danh 123456: ?") }

  let feedback = handbook.feedback()
  let id = try await feedback.submit(
    desk: nil, topic: "Đường thôn", words: "Đường vào thôn Đồi Chè sạt lở, xe không qua được.")
  _ = try await hear("thread", in: written) { $0.contains("thread") }
  let thread = try await feedback.thread(id: id)
  for message in thread.messages { print("\(thread.line.topic): \(message.words) · \(state(thread.line.sync))") }
  print("Cập nhật: \(stop(try await handbook.synced()))")
  print("Còn \(try await handbook.status().pending) việc chờ gửi")
  print("Màn hình đã đóng được gọi \(gone.calls) lần")
  leaving.cancel()
}

@MainActor
func sleeping(_ handbook: Handbook) async throws {
  print("— Ngủ —")
  print("Mở lần nữa: \(try await name { _ = try await openLan() })")
  for _ in 1...2 { try await handbook.pause() }
  print("Hỏi khi ngủ: \(try await name { _ = try await handbook.status() })")
  print("Cập nhật khi ngủ: \(try await name { _ = try await handbook.synced() })")
  for _ in 1...2 { try await handbook.resume() }
  print("Thức dậy, còn \(try await handbook.status().pending) việc chờ gửi")
}

@MainActor
func home(_ handbook: Handbook) async throws {
  print("— Có mạng —")
  try await network("on")
  let changes = try handbook.changes()
  let end = try await handbook.synced()
  print("\(stop(end)), gửi \(end.sent), nhận \(end.applied)")
  _ = try await hear("thread", in: changes) { $0.contains("thread") }
  for thread in try await handbook.feedback().threads() {
    print("\(thread.topic) → \(thread.deskName) · \(state(thread.sync))")
  }
  print("Còn \(try await handbook.status().pending) việc chờ gửi")
  let run = try handbook.sync()
  run.cancel()
  print("Dừng giữa chừng: \(stop(try await run.end()))")
}

/// Shown at once, without what the camera wrote, and sent in the same sync.
@MainActor
func photo(_ handbook: Handbook) async throws {
  print("— Ảnh —")
  let feedback = handbook.feedback()
  func send(_ name: String, _ bytes: Data) async throws -> ThreadId {
    try await feedback.submitWithPhotos(
      desk: nil, topic: "Cầu", words: "Gãy.", photos: [Photo(name: name, bytes: bytes)])
  }
  do {
    _ = try await send("cau.pdf", Data("%PDF".utf8))
  } catch HandbookError.Photo(why: .notAPhoto) {
    print("cau.pdf: không phải ảnh")
  }
  let id = try await send("cau.png", png())
  let files = handbook.files()
  guard let file = try await files.ofThread(id: id).first else { throw Wrong("no photo") }
  guard let opened = try await files.open(file: file) else { throw Wrong("it is not here") }
  let named = try await opened.piece(at: 0).range(of: Data("Galaxy".utf8)) != nil
  print("\(file.name), \(opened.size()) byte, \(named ? "còn tên máy" : "không còn tên máy")")
  print(file.words)
  let end = try await handbook.synced()
  print("\(stop(end)), gửi \(end.filesUp) tệp")
  for sent in try await files.ofThread(id: id) { print(sent.words) }
}

/// Kept live, nobody presses anything: what is written goes up by itself.
@MainActor
func live(_ handbook: Handbook) async throws {
  print("— Tự gửi —")
  // Each is to be heard, also one that the next follows at once.
  let (statuses, tell) = AsyncStream<SyncStatus>.makeStream()
  let watching = try handbook.observeSync(observer: Telling(tell))
  func next(_ what: String, _ wanted: @escaping @Sendable (SyncStatus) -> Bool) async throws -> Bool {
    try await hear(what, in: statuses, where: wanted).allSent
  }
  print("Đã gửi hết: \(try await next("how it stands") { _ in true })")
  let living = Task { try await handbook.live { $0.network(kind: .unmetered) } }
  _ = try await handbook.feedback().submit(
    desk: nil, topic: "Cầu treo", words: "Ván cầu mục, xin thay trước mùa mưa.")
  print("Đã gửi hết: \(try await next("that it waits") { !$0.allSent })")
  print("Đã gửi hết: \(try await next("that it went") { $0.allSent && $0.activity == .idle })")
  living.cancel()
  try await living.value
  watching.cancel()
  print("Cần xem lại: \(try await handbook.attention().list().count)")
}

final class Telling: SyncObserver {
  private let tell: AsyncStream<SyncStatus>.Continuation

  init(_ tell: AsyncStream<SyncStatus>.Continuation) { self.tell = tell }

  func changed(status: SyncStatus) throws { tell.yield(status) }
}

@MainActor
func ending(_ handbook: Handbook) async throws {
  print("— Hết —")
  let window = try await handbook.syncedWithin(seconds: 25)
  print("Cửa sổ 25 giây: \(stop(window.end)), \(window.more ? "còn việc" : "hết việc")")
  try await handbook.shutdown()
  print("Hỏi khi đã đóng: \(try await name { _ = try await handbook.status() })")
  print("Thức khi đã đóng: \(try await name { try await handbook.resume() })")
  let again = try await openLan()
  print("Mở lại: \(try await again.feedback().threads().count) phản ánh")
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
      let handbook = try await enrolling()
      try await reading(handbook)
      try await away(handbook)
      try await sleeping(handbook)
      try await home(handbook)
      try await photo(handbook)
      try await live(handbook)
      try await ending(handbook)
    } catch {
      print("Hỏng: \(error)")
      exit(1)
    }
  }
}
