// Many distinct shipments, sealed and stamped, as cheap as their signatures: the templates of the electronics sample
// are read once, and a document's text and its cadena original are both put together from the same values. A shipment
// is an export invoice, a Carta Porte and a crossing notice; some are amended (a relation 04 invoice that replaces the
// first and the later notice that names it, or a later notice of the same trip alone).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace puente::test {

struct ShipmentPlan {
  std::size_t shipments = 100, carriers = 8, filers = 20;
  double amendments = 0.02;      // share of shipments
  std::uint32_t seed = 1;        // other seeds give other folios fiscales and control numbers; at most 4095
  std::chrono::sys_seconds now;  // documents are of the day before, arrivals of the days after
  std::chrono::hours eta_first{12}, eta_last{72};
};

struct MadeDocument {
  std::string ref;      // SCN and what it is: TRA300000012:invoice, :waybill, :notice, :invoice2, :notice2
  std::string kind;     // SAT_XML, CROSSING_NOTICE
  std::string carrier;  // partner that submits it
  std::string filer;    // partner that is to get the shipment's filings
  std::string scn;
  std::string content;
};

// Names of the partners of a plan, as the gateway's registry has them: carrier-1.., filer-01...
std::string carrier_name(std::size_t index);
std::string filer_name(std::size_t index);

class ShipmentMaker {
 public:
  // `source` is the project's folder. Makes the authority's and the issuers' keys anew.
  ShipmentMaker(const std::filesystem::path& source, const ShipmentPlan& plan);
  ~ShipmentMaker();
  // The documents of shipment `index`, in the order in which they come about. Thread-safe.
  std::vector<MadeDocument> make(std::size_t index) const;
  // What a gateway needs to know: trust/, partners/*.toml and catalog.csv.
  void write_knowledge(const std::filesystem::path& folder) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace puente::test
