// The rows of the command table; each is defined in its own command_*.cpp.
#pragma once

#include <string_view>

#include "gateway/app/command.h"

namespace puente::app {

extern const Command kInit, kServe, kCheckConfig, kVersion;
extern const Command kCheck, kTranslate, kExplain, kDecode;
extern const Command kSubmit, kNotice, kBroker, kTrace, kExceptions;
extern const Command kChannels, kPause, kResume, kDrain, kRedeliver, kRetranslate;
extern const Command kCatalogsLoad, kCatalogsList;
extern const Command kStoreBackup, kStoreVerify;
extern const Command kCertsLoad, kCertsList;
extern const Command kSimulateSatEstado;

inline constexpr Text kCatalogsSummary = {"the SAT's code lists: load, list", "los catálogos del SAT: carga, lista"};
inline constexpr Text kStoreSummary = {"the ledger's file: backup, verify",
                                       "el archivo del libro: respaldo, verificación"};
inline constexpr Text kCertsSummary = {"the SAT's certificates: load, list", "los certificados del SAT: carga, lista"};
inline constexpr Text kSimulateSummary = {"simulators of other parties, for tests and onboarding",
                                          "simuladores de terceros, para pruebas y arranque"};

std::string_view version_text();  // "puente 0.1.0"

}  // namespace puente::app
