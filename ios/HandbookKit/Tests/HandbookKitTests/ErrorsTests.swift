import Foundation
import Setting
import Testing

@testable import HandbookKit

extension HandbookTests {
  /// As Rust writes them, and as they are read here.
  @Test func eachVariantIsCaughtByItsType() throws {
    let lines = try String(contentsOfFile: told("STORY_ERRORS"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count > 30)
    for line in lines {
      let (name, hex) = (line.prefix { $0 != " " }, Array(line.drop { $0 != " " }.dropFirst()))
      let bytes = stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(String(hex[$0...($0 + 1)]), radix: 16) }
      var reader = (data: Data(bytes), offset: Data.Index(0))
      do {
        throw try FfiConverterTypeHandbookError.read(from: &reader)
      } catch HandbookError.Refused(let code) {
        #expect(name == "Refused" && code == .notAllowed)
      } catch HandbookError.PinWrong(let wait) {
        #expect(name == "PinWrong" && wait == 30)
      } catch HandbookError.Photo(let why) {
        #expect(name == "Photo" && why == .heic)
      } catch let error as HandbookError {
        #expect(String(name) == self.name(error))
      }
    }
  }

  /// Exhaustive: a variant that is new does not compile here.
  private func name(_ error: HandbookError) -> String {
    switch error {
    case .NotEnrolled: "NotEnrolled"
    case .AlreadyEnrolled: "AlreadyEnrolled"
    case .AnotherMember: "AnotherMember"
    case .BadAddress: "BadAddress"
    case .BadFingerprint: "BadFingerprint"
    case .CodeWrong: "CodeWrong"
    case .CodeUsed: "CodeUsed"
    case .CodeExpired: "CodeExpired"
    case .TooManyTries: "TooManyTries"
    case .TooManyDevices: "TooManyDevices"
    case .WrongRoot: "WrongRoot"
    case .NotThisServer: "NotThisServer"
    case .Refused: "Refused"
    case .Conflicted: "Conflicted"
    case .NotFound: "NotFound"
    case .NotBelieved: "NotBelieved"
    case .Offline: "Offline"
    case .ServerFault: "ServerFault"
    case .SyncRunning: "SyncRunning"
    case .KeyLocked: "KeyLocked"
    case .PinWanted: "PinWanted"
    case .PinWrong: "PinWrong"
    case .PinLength: "PinLength"
    case .NoPin: "NoPin"
    case .KeyLost: "KeyLost"
    case .Corrupt: "Corrupt"
    case .UpdateNeeded: "UpdateNeeded"
    case .Full: "Full"
    case .Folder: "Folder"
    case .InUse: "InUse"
    case .Paused: "Paused"
    case .Shut: "Shut"
    case .Photo: "Photo"
    case .Quota: "Quota"
    case .NotWritable: "NotWritable"
    case .Internal: "Internal"
    }
  }

  /// Those that a phone in good health can be brought to.
  @Test func manyAreHadInEarnest() async throws {
    let lan = try await Phones.lan.value
    func open(_ folder: String, _ keys: Keychain = Keychain()) async throws -> Handbook {
      try await Handbook.open(folder: folder, keyStore: keys, language: .vi)
    }
    let handbook = try await open(scratch("errors"))
    let (url, code) = (try told("STORY_URL"), try told("STORY_CODE"))
    let (birth, other) = (day(try told("STORY_BIRTH")), day(try told("SECRETARY_BIRTH")))
    let deeds: [(HandbookError, () async throws -> Void)] = [
      (.NotEnrolled, { _ = try await handbook.synced() }),
      (.Folder, { _ = try await open("/proc/nowhere") }),
      (.InUse, { _ = try await open(scratch("errors")) }),
      (.KeyLocked, { _ = try await open(scratch("locked"), Keychain { throw Wrong("bận") }) }),
      (.KeyLost, { _ = try await open(scratch("lost"), Keychain { throw KeyUnavailable.Lost }) }),
      (.NoPin, { try await handbook.removePin(old: "135790") }),
      (.PinLength, { try await handbook.setPin(old: nil, new: "12") }),
      (.Quota, { _ = try await handbook.files().setRoom(quota: 0, unmeteredOnly: true) }),
      (.NotFound, { _ = try await handbook.attention().conflict(entry: 1) }),
      (.AlreadyEnrolled, { _ = try await lan.enrol(url: url, code: code, birth: birth, deviceName: "Máy khác") }),
      (.CodeWrong, { _ = try await handbook.enrol(url: url, code: code, birth: other, deviceName: "Máy khác") }),
      (.CodeUsed, { _ = try await handbook.enrol(url: url, code: code, birth: birth, deviceName: "Máy khác") }),
    ]
    try await network("on")
    for (expected, deed) in deeds { #expect(try await thrown(deed) == expected) }
    try await handbook.pause()
    #expect(try await thrown { _ = try await handbook.status() } == .Paused)
    try await handbook.shutdown()
    #expect(try await thrown { _ = try await handbook.status() } == .Shut)
  }
}
