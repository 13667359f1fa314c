// The sample partners, catalog and trust that `puente init` writes: the files of deploy/samples, embedded.
#pragma once

#include <array>
#include <string_view>

namespace puente::app {

struct SampleFile {
  std::string_view folder, name;
};
inline constexpr std::array<SampleFile, 8> kSampleFiles = {{{"partners", "broker.toml"},
                                                            {"partners", "carrier.toml"},
                                                            {"partners", "importer.toml"},
                                                            {"partners", "site.toml"},
                                                            {"partners", "supplier.toml"},
                                                            {"", "catalog.csv"},
                                                            {"trust", "00009900000700000000.pem"},
                                                            {"trust", "00009900000700000001.cer"}}};

std::string_view sample_file(std::string_view name);  // by puente_embed

}  // namespace puente::app
