package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.Found
import vn.sotay.handbook.Handbook

/** Tìm. */
public data class Searching(
    val typed: String,
    val found: Found,
)

public class SearchModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<String, Searching>(handbook, scope, "", read = { typed ->
        Searching(typed, handbook.directives().search(typed, MOST))
    }) {
    /** As often as a letter is typed. */
    public fun type(words: String): Unit = ask { words }
}

private const val MOST = 50u
