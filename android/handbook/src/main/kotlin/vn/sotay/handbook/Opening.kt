package vn.sotay.handbook

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * Opens the handbook in [folder], or makes it there: the native library is loaded on the way, which does not belong on
 * the thread that draws. With [pin] as the person typed it, where `PinWanted` asked for one.
 *
 * Kept for as long as the app runs; `shutdown()` and `close()` end it.
 */
public suspend fun openHandbook(
    folder: String,
    keyStore: KeyStore,
    language: Language = Language.VI,
    pin: String? = null,
): Handbook =
    withContext(Dispatchers.IO) {
        if (pin == null) {
            Handbook.open(folder, keyStore, language)
        } else {
            Handbook.openWithPin(folder, keyStore, language, pin)
        }
    }
