// libFuzzer: any bytes at the XML gate (check_bytes and the parser). The verdict is the same twice, also under limits
// that stop early; a refusal has a known code and its place within the bytes; what is accepted came as balanced events
// of well formed text, one for each start tag that the cursor finds; and the next document of the thread reads as if
// nothing had been before it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mappings/findings/findings.h"
#include "mappings/sat/xml_parser.h"
#include "tests/fuzz/demand.h"

namespace {

using namespace puente::sat;
using puente::fuzz::demand;

// Everything the parser said, as one text.
class Listener : public XmlHandler {
 public:
  void start_element(std::string_view uri, std::string_view name, std::span<const XmlAttribute> attributes) override {
    demand(depth_ > 0 || starts_ == 0, "one root");
    ++starts_;
    ++depth_;
    heard_ += '<';
    hear(uri);
    hear(name);
    for (const XmlAttribute& attribute : attributes) {
      hear(attribute.uri);
      hear(attribute.name);
      hear(attribute.value);
    }
  }
  void end_element() override {
    demand(depth_ > 0, "an end belongs to a start");
    --depth_;
    heard_ += '>';
  }
  void text(bool blank) override {
    if (heard_.empty() || heard_.back() != (blank ? '_' : 't')) heard_ += blank ? '_' : 't';
  }

  std::size_t starts() const { return starts_; }
  std::size_t depth() const { return depth_; }
  const std::string& heard() const { return heard_; }

 private:
  void hear(std::string_view piece) {
    demand(puente::fuzz::is_utf8(piece), "events are UTF-8");
    heard_ += std::to_string(piece.size()) + ':';
    heard_ += piece;
  }
  std::size_t starts_ = 0, depth_ = 0;
  std::string heard_;
};

struct Verdict {
  std::optional<XmlRefusal> refusal;
  Listener listener;
};

Verdict parse(std::string_view bytes, const Limits& limits) {
  Verdict verdict;
  verdict.refusal = parse_xml(bytes, limits, verdict.listener);
  return verdict;
}

bool same(const std::optional<XmlRefusal>& a, const std::optional<XmlRefusal>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->code == b->code && a->detail == b->detail && a->line == b->line && a->column == b->column &&
                a->byte_offset == b->byte_offset);
}

void demand_place(const XmlRefusal& refusal, std::string_view bytes) {
  demand(puente::find_catalogue_row(refusal.code) != nullptr, "the code is of the catalogue");
  demand(refusal.code.starts_with("XML_"), "the code is of the gate");
  demand(puente::fuzz::is_utf8(refusal.detail), "the detail is UTF-8");
  demand(refusal.byte_offset <= bytes.size(), "the offset is within the bytes");
  // The parser counts a lone carriage return as a line's end, as XML does.
  const auto ends = std::ranges::count_if(bytes, [](char c) { return c == '\n' || c == '\r'; });
  demand(refusal.line <= static_cast<std::size_t>(ends) + 1, "the line is within the bytes");
  demand(refusal.column <= bytes.size() + 2, "the column is within the bytes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Limits wide;
  wide.cpu_seconds = 60;  // time is libFuzzer's to watch: the verdict must not hang on it
  const Verdict verdict = parse(bytes, wide);
  const Verdict again = parse(bytes, wide);
  demand(same(verdict.refusal, again.refusal), "the same verdict twice");
  demand(verdict.listener.heard() == again.listener.heard(), "the same events twice");

  const auto gate = check_bytes(bytes);
  demand(!gate || same(gate, verdict.refusal), "what the bytes refuse the parser does not see");
  if (verdict.refusal) {
    demand_place(*verdict.refusal, bytes);
  } else {
    demand(verdict.listener.depth() == 0 && verdict.listener.starts() > 0, "balanced events");
    StartTagCursor cursor(bytes);
    std::size_t tags = 0;
    while (cursor.next() != StartTagCursor::npos) ++tags;
    demand(tags == verdict.listener.starts(), "a start tag for each event");
  }

  Limits narrow = wide;
  narrow.bytes = 3000;
  narrow.depth = 5;
  narrow.elements = 20;
  narrow.attributes = 6;
  narrow.prefixes = 3;
  narrow.text = 60;
  const Verdict limited = parse(bytes, narrow);
  if (limited.refusal) {
    demand_place(*limited.refusal, bytes);
  } else {
    demand(!verdict.refusal && limited.listener.heard() == verdict.listener.heard(),
           "limits refuse, they never change");
  }

  static const std::string good = "<a x=\"1\"><b/>t</a>";
  static const std::string heard = parse(good, Limits{}).listener.heard();
  const Verdict after = parse(good, Limits{});
  demand(!after.refusal && after.listener.heard() == heard, "the next document is read as if nothing had been");
  return 0;
}
