// The filers' side of a load run. Every filer keeps a feed open and gives each entry one number. JSON lines:
//   log      {"at":us of the
//   arrival,"filer":..,"filing_id":..,"token":..,"kind":..,"revision":n,"action":A|R|D,"scn":..,
//             "possible_duplicate":b,"attempt":n,"records_sha256":hex,"act":"confirm|refuse|none","applied":b,"repeat":b,
//             "effect":b,"findings":[codes],"latency_us":n from the act to its result,"transport":..}
//            one an arrival, written when its result has come or the line has ended (then applied is false). effect:
//            this token is filed with CBP now, for the first time. none: it was not acted on.
//   answers  {"at":us,"filer":..,"token":..,"answer_sha256":hex of the lines,"applied":b}
//   memory   what the filer itself remembers of every token, written before an act leaves and read again at the start:
//   a
//            filer that is killed and started again acts on no token twice. What it had done and not logged is logged
//            then.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/load/wire.h"

namespace puente::load {

struct BrokerMode {
  enum Kind {
    prompt,     // confirms at once
    slow,       // confirms `rate` filings a second
    dead,       // takes what comes and never answers
    absent,     // never connects
    refusing,   // refuses a share for good and a share once, confirms the rest
    answering,  // confirms, then hands CBP's lines over
  } kind = prompt;
  double rate = 1, refused = 0, refused_once = 0;
  // prompt | slow:RATE | dead | absent | refusing:SHARE:SHARE_ONCE | answering; throws std::runtime_error
  static BrokerMode parse(const std::string& text);
};

struct BrokerPlan {
  std::string address;
  std::filesystem::path certificates, log, answers, memory;
  std::vector<std::string> filers;
  std::map<std::string, BrokerMode> modes;  // of filers that are not prompt
  std::uint32_t credits = 32;
  std::uint64_t until = 0;  // ends when so many tokens were confirmed and applied; 0: SIGTERM
  double seconds = 0;
};

int run_brokers(Wire& wire, const BrokerPlan& plan);

}  // namespace puente::load
