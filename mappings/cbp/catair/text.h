// The character set of CBP's records, and the one transliteration into it. Pure; safe from any thread.
#pragma once

#include <string>
#include <string_view>

namespace puente::cbp {

struct CbpText {
  std::string text;
  bool transliterated = false;  // a character was changed other than in its case or in repeated or outer spaces
  bool lost = false;            // a character that is no white space has no counterpart and became a space
};

// UTF-8 text in the characters of CATAIR class X: special signs are mapped, marks dropped, letters raised, anything
// else (invalid UTF-8 included) becomes a space, spaces are squeezed and trimmed. No letter of a Latin script is ever
// dropped: "año" becomes ANO. There is no limit of length: fitting a field is the encoder's or crosswalk's affair.
CbpText to_cbp_text(std::string_view utf8);

// Class X: A-Z 0-9 space and . , - ( ) / ' = + : ? ! " % & * ; < > # @ $ _
bool is_cbp_character(char character);

}  // namespace puente::cbp
