// What Puente decides on the bytes of a document before and beside the parser: whether they may be parsed at all, and
// where in them a start tag, an attribute, a line and a column are. Source: security section 5.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace puente::sat {

// The byte order mark that a document may begin with.
inline constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

// Why a document is not read, and where, as far as known (line and column from 1, 0 when not known).
struct XmlRefusal {
  std::string_view code;  // of the catalogue of findings, stage xml
  std::string detail;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint64_t byte_offset = 0;
};

// The checks before parsing: not empty, no byte order mark but UTF-8's, an XML declaration that is absent or says 1.0
// and UTF-8, well formed UTF-8, no control characters, no DOCTYPE. The parser is fed what UTF-8 says, so a declared
// encoding could not win; it is refused here because the sender meant something else than we would read.
std::optional<XmlRefusal> check_bytes(std::string_view bytes);

struct LineColumn {
  std::uint32_t line = 0;
  std::uint32_t column = 0;  // in characters, not bytes
};

// Where the lines of a document are: how many ends of line stand before each block of its bytes. Small however short the lines are, for a
// hostile document is all line ends.
class LineIndex {
 public:
  LineIndex() = default;
  explicit LineIndex(std::string_view bytes);
  LineColumn locate(std::string_view bytes, std::size_t offset) const;  // the bytes it was made of

 private:
  std::vector<std::uint32_t> ends_before_;
};

// Finds the start tags of a document one after the other, in step with the parser's startElement events. It relies on
// the parser having accepted everything up to the event (and on there being no DOCTYPE), so `<` begins markup and
// comments, processing instructions and CDATA sections end where their delimiters say. Cost: one pass over the bytes.
// (The parser's own getSrcOffset() costs a pass over its 16 K buffer at each call.)
class StartTagCursor {
 public:
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  explicit StartTagCursor(std::string_view bytes) : bytes_(bytes) {}
  // Offset of the next start tag's '<', npos when there is none.
  std::size_t next();

 private:
  bool skip_past(std::string_view delimiter);
  std::string_view bytes_;
  std::size_t at_ = 0;
};

// Offset of the name of the attribute with this local name in the start tag that begins at `tag_offset`; the tag's own
// offset when it is not there. Namespace declarations do not count.
std::size_t find_attribute(std::string_view bytes, std::size_t tag_offset, std::string_view local_name);

}  // namespace puente::sat
