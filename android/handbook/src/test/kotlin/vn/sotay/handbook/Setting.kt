// Where stories and tests play: what `cargo xtask test kotlin` tells them of its stage.

package vn.sotay.handbook

import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeout
import java.io.File
import java.nio.ByteBuffer
import java.time.LocalDate

internal const val WATCHDOG_MILLIS = 60_000L

internal fun told(name: String): String = System.getenv(name) ?: error("$name is not set")

internal fun day(name: String): LocalDate = LocalDate.parse(told(name))

/** The Android keystore's place; the same key each time. */
internal class Keychain(
    private val answer: () -> ByteArray = { ByteArray(32) { 7 } },
) : KeyStore {
    override fun key(): ByteArray = answer()

    override fun replace(key: ByteArray) = throw KeyUnavailable.Temporary()

    override fun erase() = throw KeyUnavailable.Temporary()
}

internal suspend fun openLan(keys: KeyStore = Keychain()): Handbook = openHandbook(told("STORY_FOLDER"), keys)

/** A folder of its own for one test. */
internal fun scratch(name: String): String = File(told("STORY_SCRATCH"), name).path

/** Takes the network away, makes it slow, or gives it back. */
internal fun network(state: String) {
    val folder = File(told("STORY_NETWORK"))
    File(folder, "wanted").writeText(state)
    while (File(folder, "is").readText() != state) Thread.sleep(10)
}

/** Waits for the first that is wanted; what never comes fails. */
internal suspend fun <T> Flow<T>.hear(
    what: String,
    wanted: suspend (T) -> Boolean,
): T =
    try {
        withTimeout(WATCHDOG_MILLIS) { first(wanted) }
    } catch (late: TimeoutCancellationException) {
        throw AssertionError("nobody said $what", late)
    }

/** A PNG in which a phone left its name. */
internal fun png(bytes: Int = 300_000): ByteArray {
    fun chunk(
        name: String,
        inner: ByteArray,
    ): ByteArray =
        ByteBuffer
            .allocate(inner.size + 12)
            .putInt(inner.size)
            .put(name.toByteArray())
            .put(inner)
            .array()

    val start = byteArrayOf(0x89.toByte(), 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
    return start + chunk("IHDR", ByteArray(13)) + chunk("tEXt", "Galaxy cua Lan".toByteArray()) +
        chunk("IDAT", ByteArray(bytes)) + chunk("IEND", ByteArray(0))
}
