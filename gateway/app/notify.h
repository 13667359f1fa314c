// sd_notify(3) without libsystemd: one datagram to the socket that the service manager names in NOTIFY_SOCKET.
#pragma once

#include <string_view>

namespace puente::app {

// "READY=1", "RELOADING=1\nMONOTONIC_USEC=...", "STOPPING=1", "STATUS=...". Nothing happens where nobody listens.
void notify_manager(std::string_view state);
// RELOADING=1 with the time it began, which systemd wants for Type=notify-reload and ignores before version 253.
void notify_reloading();
// WATCHDOG_USEC of the service manager, when it means this process; 0: nobody watches.
int watchdog_milliseconds();

}  // namespace puente::app
