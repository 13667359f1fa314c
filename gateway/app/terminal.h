// Where a command prints: data on out, talk on err. Colour only on a terminal and never with NO_COLOR; what comes from
// a document is stripped of everything that could steer a terminal or hide text.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "gateway/app/language.h"

namespace puente::app {

enum class Tone { plain, strong, faint, good, caution, bad };

class Printer {
 public:
  Printer(std::ostream& stream, bool tty, bool colour) : stream_(&stream), tty_(tty), colour_(colour) {}
  Printer& operator<<(std::string_view text) {
    *stream_ << text;
    return *this;
  }
  // `text` in this tone where there is colour, as it stands elsewhere: colour is never the only carrier of meaning.
  std::string paint(Tone tone, std::string_view text) const;
  bool tty() const { return tty_; }
  bool colour() const { return colour_; }
  void no_colour() { colour_ = false; }
  // Hands over what was printed. False when any of it could not be written (a full disk, a reader that went away).
  bool flush() { return static_cast<bool>(stream_->flush()); }

 private:
  std::ostream* stream_;
  bool tty_;
  bool colour_;
};

struct Terminal {
  Printer out;
  Printer err;
  Language language = Language::en;

  static Terminal of_process();  // stdout and stderr, NO_COLOR, TERM, LANG
};

// Document text for a terminal: line breaks and tabs become spaces; C0, C1 and bidirectional controls and zero-width
// characters are left out; bytes that are no UTF-8 become U+FFFD.
std::string safe_text(std::string_view text);
// The same for text of several lines: its line ends stay.
std::string safe_records(std::string_view text);
// Columns that `text` (UTF-8, already safe) takes: characters, combining marks not counted.
std::size_t columns_of(std::string_view text);
// Spaces up to `width` columns; longer text is left as it is.
std::string padded(std::string_view text, std::size_t width);
// `text` broken into lines of at most `width` columns, at spaces, or after '/' and "]." where there is no space.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent);

}  // namespace puente::app
