package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.DirectiveFilter
import vn.sotay.handbook.DirectiveList
import vn.sotay.handbook.Handbook

/** Văn bản, as far as the person has scrolled. */
public data class DirectivesAsk(
    val filter: DirectiveFilter = DirectiveFilter(),
    val take: UInt = PAGE,
)

public data class DirectivesShown(
    val filter: DirectiveFilter,
    val list: DirectiveList,
    /** There may be more: [DirectivesModel.more]. */
    val more: Boolean,
)

public class DirectivesModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<DirectivesAsk, DirectivesShown>(handbook, scope, DirectivesAsk(), read = { (filter, take) ->
        val list = handbook.directives().grouped(filter, 0u, take)
        DirectivesShown(filter, list, more = list.groups.sumOf { it.rows.size }.toUInt() == take)
    }) {
    public fun filter(by: DirectiveFilter): Unit = ask { DirectivesAsk(by) }

    /** The person came to the end of the list. */
    public fun more(): Unit = ask { it.copy(take = it.take + PAGE) }
}

private const val PAGE = 50u
