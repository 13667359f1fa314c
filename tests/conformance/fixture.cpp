#include "fixture.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "gateway/flow/numbers.h"
#include "gateway/partners/certificates.h"

namespace puente::conformance {
namespace {

// The partners of the flow's fixture, by the digit its registry uses for their keys.
constexpr std::pair<const char*, char> kPartners[] = {{"shipper", '1'}, {"carrier", '2'}, {"stranger", '3'},
                                                      {"ops", '4'},     {"broker", '5'},  {"other-broker", '6'}};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// `text` with its last digits replaced by those of `number`.
std::string numbered(std::string_view text, int number, std::size_t digits = 4) {
  std::string tail = std::to_string(number);
  tail.insert(0, digits - tail.size(), '0');
  return std::string(text.substr(0, text.size() - digits)) + tail;
}

}  // namespace

void Conformance::SetUp() {
  std::string pattern = ::testing::TempDir() + "puente-conformance-XXXXXX";
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  doors_ = pattern;
  ASSERT_TRUE(partners::write_development_certificates(
      doors_ / "certificates", {"shipper", "carrier", "stranger", "ops", "broker", "other-broker", "nobody"}));
  delivery_options_.poll = std::chrono::milliseconds(20);  // leases and backoff end when the test's clock says so
  GatewayTest::SetUp();
  if (!HasFatalFailure()) start();
}

void Conformance::TearDown() {
  transport_.reset();
  GatewayTest::TearDown();
  std::filesystem::remove_all(doors_);
}

void Conformance::start() {
  auto started = GetParam().start({*partners_, *flow_, *delivery_, *ledger_, doors_});
  ASSERT_TRUE(started) << started.error().text;
  transport_ = std::move(*started);
  flow_->start();
  delivery_->start();
}

void Conformance::restart() {
  transport_.reset();
  close();
  open();
  start();
}

std::string Conformance::limits() const { return partners::widest_limits(); }

std::string Conformance::one_document_a_second() {
  std::string text = partners::widest_limits();
  for (const std::string key : {"documents_per_second", "documents_burst"}) {
    const auto at = text.find("limits." + key + " = ");
    text.replace(at, text.find('\n', at) - at, "limits." + key + " = 1");
  }
  return text;
}

std::string Conformance::registry_text() const {
  const bool spool = GetParam().name == "spool";
  std::string text;
  for (const auto& [name, digit] : kPartners) {
    const std::string partner = name;
    const bool is_filer = digit >= '5';
    text += "[partner." + partner + "]\nroles = [\"" +
            (is_filer       ? "filer"
             : digit == '4' ? "ops"
                            : "sender") +
            "\"]\nkeys = [{ spki_sha256 = \"" +
            partners::spki_sha256_of_pem(text_of(doors_ / "certificates" / (partner + ".crt"))).value() + "\" }]\n" +
            limits();
    if (!is_filer) continue;
    text += "broker = \"laredo-customs-brokers\"\nlease_seconds = 60\nchannel = \"" + GetParam().name + "\"\n";
    if (spool) text += "spool = \"" + (doors_ / "spool" / partner).string() + "\"\n";
    text += filer_settings();
  }
  return text + routes();
}

std::unique_ptr<SenderDoor> Conformance::sender(const std::string& partner, const Relay* relay) {
  auto door = transport_->sender(partner, relay == nullptr ? 0 : relay->port());
  EXPECT_TRUE(door) << door.error().text;
  return door ? std::move(*door) : nullptr;
}

std::unique_ptr<FilerDoor> Conformance::filer(const std::string& partner, const Relay* relay) {
  auto door = transport_->filer(partner, relay == nullptr ? 0 : relay->port());
  EXPECT_TRUE(door) << door.error().text;
  return door ? std::move(*door) : nullptr;
}

std::unique_ptr<Relay> Conformance::relay() const {
  return transport_->port() == 0 ? nullptr : std::make_unique<Relay>(transport_->port());
}

std::string Conformance::lack(Ability ability) const {
  for (const Lack& lack : GetParam().lacks)
    if (lack.ability == ability) return std::string(lack.reason);
  return {};
}

v1::SubmitRequest Conformance::request(v1::DocumentKind kind, const std::string& content) {
  v1::SubmitRequest out;
  out.set_kind(kind);
  out.set_content(content);
  return out;
}

std::string Conformance::invoice_uuid(int number) {
  return number == 0 ? std::string(kInvoiceUuid) : numbered(kInvoiceUuid, number);
}

test::Sample Conformance::shipment(int number) {
  if (number == 0) return sample();
  test::Sample made = sample();
  const std::pair<std::string_view, std::string> changes[] = {
      {kInvoiceUuid, invoice_uuid(number)},
      {kCartaPorteUuid, numbered(kCartaPorteUuid, number)},
      {"CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5", numbered("CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5", number)},
      {"Folio=\"10452\"", "Folio=\"" + numbered("20000", number) + "\""},
      {"Folio=\"88120\"", "Folio=\"" + numbered("30000", number) + "\""},
      {"TFNB00418827", numbered("TFNB00500000", number)},
      {"TFNB07731", numbered("TFNB60000", number)}};
  for (const auto& [from, to] : changes)
    for (std::string* text : {&made.invoice, &made.carta_porte, &made.notice}) replace_all(*text, from, to);
  made.invoice = reseal(made.invoice, invoice_uuid(number), "2026-11-09T09:20:00");
  made.carta_porte = reseal(made.carta_porte, numbered(kCartaPorteUuid, number), "2026-11-10T15:50:00");
  return made;
}

void Conformance::send_shipments(int count) {
  for (int number = 0; number < count; ++number) submit_shipment(shipment(number));
  settle();
  wait_until([&] { return filings().size() == 2 * static_cast<std::size_t>(count); });
}

bool Conformance::eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    // The ledger's next change, or what happens outside it: a message on its way, a file.
    std::unique_lock lock(changed_mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(5));
  }
  return true;
}

bool Conformance::offered(FilerDoor& door, std::size_t count) {
  return eventually([&] { return door.taken().size() >= count; });
}

std::size_t Conformance::filings_in(std::string_view state) {
  std::size_t count = 0;
  look([&](ledger::Reader& reader) { count = reader.filings_in_state(state, 10'000).size(); });
  return count;
}

std::size_t Conformance::times(const std::string& filing, std::string_view state) {
  std::size_t count = 0;
  look([&](ledger::Reader& reader) {
    for (const auto& event : reader.events_of(filing))
      count += event.to_state == state && event.from_state != state ? 1 : 0;
  });
  return count;
}

std::string entry_number(int serial) {
  const std::string seven = numbered("0000000", serial);
  for (char digit = '0'; digit <= '9'; ++digit)
    if (flow::entry_number_checks("B7P", seven + digit, {})) return seven + digit;
  return {};
}

}  // namespace puente::conformance
