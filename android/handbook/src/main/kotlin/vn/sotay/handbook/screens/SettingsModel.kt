package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.FileUsage
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.Language
import vn.sotay.handbook.Trust

/** Cài đặt. */
public data class Settings(
    val files: FileUsage,
    val hasPin: Boolean,
    val trust: Trust,
)

public class SettingsModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<Int, Settings>(handbook, scope, 0, read = {
        Settings(handbook.files().usage(), handbook.hasPin(), handbook.drafts().trust())
    }) {
    public suspend fun room(
        quota: ULong,
        unmeteredOnly: Boolean,
    ): Unit = handbook.files().setRoom(quota, unmeteredOnly).let { again() }

    /** Lets go all files that can be fetched again; gives the bytes. */
    public suspend fun clear(): ULong = handbook.files().clear().also { again() }

    /** For another PIN the old one is typed too. */
    public suspend fun setPin(
        old: String?,
        new: String,
    ): Unit = handbook.setPin(old, new).also { again() }

    public suspend fun removePin(old: String): Unit = handbook.removePin(old).also { again() }

    public fun speak(language: Language): Unit = handbook.speak(language).also { again() }

    /** What is set stands beside the store's rows: no change of these tells of it. */
    private fun again() = ask { it + 1 }
}
