package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.MeetingGroup
import vn.sotay.handbook.OlderMeetings
import vn.sotay.handbook.OrganisationId

/** Sinh hoạt: the next one first, then month by month. */
public class MeetingsModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<Unit, List<MeetingGroup>>(handbook, scope, Unit, read = { handbook.meetings().grouped() }) {
    /** Those of a cell from over two years ago; it takes a network. */
    public suspend fun older(
        cell: OrganisationId,
        before: String? = null,
    ): OlderMeetings = handbook.meetings().older(cell, before)
}
