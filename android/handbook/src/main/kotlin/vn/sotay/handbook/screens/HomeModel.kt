package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.Home

/** Hôm nay. */
public class HomeModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<Unit, Home>(handbook, scope, Unit, read = { handbook.home() })
