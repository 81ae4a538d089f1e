package vn.sotay.handbook

import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test
import java.io.File
import java.nio.ByteBuffer

class ErrorsTest {
    /** Exhaustive: a variant that is new does not compile here. */
    private fun name(error: HandbookException): String =
        when (error) {
            is HandbookException.NotEnrolled -> "NotEnrolled"
            is HandbookException.AlreadyEnrolled -> "AlreadyEnrolled"
            is HandbookException.AnotherMember -> "AnotherMember"
            is HandbookException.BadAddress -> "BadAddress"
            is HandbookException.BadFingerprint -> "BadFingerprint"
            is HandbookException.CodeWrong -> "CodeWrong"
            is HandbookException.CodeUsed -> "CodeUsed"
            is HandbookException.CodeExpired -> "CodeExpired"
            is HandbookException.TooManyTries -> "TooManyTries"
            is HandbookException.TooManyDevices -> "TooManyDevices"
            is HandbookException.WrongRoot -> "WrongRoot"
            is HandbookException.NotThisServer -> "NotThisServer"
            is HandbookException.Refused -> "Refused"
            is HandbookException.Conflicted -> "Conflicted"
            is HandbookException.NotFound -> "NotFound"
            is HandbookException.NotBelieved -> "NotBelieved"
            is HandbookException.Offline -> "Offline"
            is HandbookException.ServerFault -> "ServerFault"
            is HandbookException.SyncRunning -> "SyncRunning"
            is HandbookException.KeyLocked -> "KeyLocked"
            is HandbookException.PinWanted -> "PinWanted"
            is HandbookException.PinWrong -> "PinWrong"
            is HandbookException.PinLength -> "PinLength"
            is HandbookException.NoPin -> "NoPin"
            is HandbookException.KeyLost -> "KeyLost"
            is HandbookException.Corrupt -> "Corrupt"
            is HandbookException.UpdateNeeded -> "UpdateNeeded"
            is HandbookException.Full -> "Full"
            is HandbookException.Folder -> "Folder"
            is HandbookException.InUse -> "InUse"
            is HandbookException.Paused -> "Paused"
            is HandbookException.Shut -> "Shut"
            is HandbookException.Photo -> "Photo"
            is HandbookException.Quota -> "Quota"
            is HandbookException.NotWritable -> "NotWritable"
            is HandbookException.Internal -> "Internal"
        }

    /** As Rust writes them, and as they are read here. */
    @Test
    fun eachVariantIsCaughtByItsType() {
        val lines = File(told("STORY_ERRORS")).readLines()
        for (line in lines) {
            val (name, hex) = line.split(' ')
            val bytes = hex.chunked(2).map { it.toInt(16).toByte() }.toByteArray()
            val caught =
                assertThrows(HandbookException::class.java) {
                    throw FfiConverterTypeHandbookError.read(ByteBuffer.wrap(bytes))
                }
            assertEquals(name, name(caught))
            when (caught) {
                is HandbookException.Refused -> assertEquals(Refusal.NOT_ALLOWED, caught.code)
                is HandbookException.PinWrong -> assertEquals(30uL, caught.wait)
                is HandbookException.Photo -> assertEquals(PhotoError.HEIC, caught.why)
                else -> {}
            }
        }
        assertEquals(
            HandbookException::class.java.declaredClasses.count { it.simpleName != "ErrorHandler" },
            lines.size,
        )
    }

    private inline fun <reified E : HandbookException> thrown(crossinline deed: suspend () -> Unit): E =
        assertThrows(E::class.java) { runBlocking { deed() } }

    /** Those that a phone in good health can be brought to. */
    @Test
    fun manyAreHadInEarnest() {
        val handbook = runBlocking { openHandbook(scratch("errors"), Keychain()) }
        thrown<HandbookException.NotEnrolled> { handbook.synced() }
        thrown<HandbookException.Folder> { openHandbook("/proc/nowhere", Keychain()) }
        thrown<HandbookException.InUse> { openHandbook(scratch("errors"), Keychain()) }
        thrown<HandbookException.KeyLocked> { openHandbook(scratch("locked"), Keychain { error("bận") }) }
        thrown<HandbookException.KeyLost> { openHandbook(scratch("lost"), Keychain { throw KeyUnavailable.Lost() }) }
        thrown<HandbookException.NoPin> { handbook.removePin("135790") }
        thrown<HandbookException.PinLength> { handbook.setPin(null, "12") }
        thrown<HandbookException.Quota> { handbook.files().setRoom(0u, true) }
        thrown<HandbookException.NotFound> { handbook.attention().conflict(1u) }
        thrown<HandbookException.AlreadyEnrolled> {
            Lan.handbook.enrol(told("STORY_URL"), told("STORY_CODE"), day("STORY_BIRTH"), "Máy khác")
        }
        thrown<HandbookException.CodeWrong> {
            handbook.enrol(told("STORY_URL"), told("STORY_CODE"), day("SECRETARY_BIRTH"), "Máy khác")
        }
        thrown<HandbookException.CodeUsed> {
            handbook.enrol(told("STORY_URL"), told("STORY_CODE"), day("STORY_BIRTH"), "Máy khác")
        }
        runBlocking { handbook.pause() }
        thrown<HandbookException.Paused> { handbook.status() }
        runBlocking { handbook.shutdown() }
        thrown<HandbookException.Shut> { handbook.status() }
        handbook.close()
    }
}
