package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.Device
import vn.sotay.handbook.Handbook

/** Thiết bị. */
public class DevicesModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<Unit, List<Device>>(handbook, scope, Unit, read = { handbook.devices().list() }) {
    public suspend fun rename(
        device: Device,
        name: String,
    ): Unit = handbook.devices().rename(device.id, name)

    /** Takes another device off the handbook, for good. */
    public suspend fun revoke(device: Device): Unit = handbook.devices().revoke(device.id)

    /** The person saw the same digits there. */
    public suspend fun compared(device: Device): Unit = handbook.devices().compared(device.id)
}
