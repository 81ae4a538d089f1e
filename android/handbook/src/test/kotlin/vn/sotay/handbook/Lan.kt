// Lan's handbook as the story left it, open for as long as the tests run.

package vn.sotay.handbook

import kotlinx.coroutines.runBlocking

internal object Lan {
    val handbook: Handbook by lazy { runBlocking { openLan() } }
}

/** The secretary of her cell, on a phone of her own. */
internal object Hoa {
    val handbook: Handbook by lazy { runBlocking { openHandbook(scratch("hoa"), Keychain()) } }
}
