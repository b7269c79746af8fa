#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pbxbridge::sim {

/// Replaces words by made-up ones of the same length and kind: digits by digits, letters by letters in the same case,
/// characters of other scripts by such of as many bytes. With one key a word has the same pseudonym wherever it stands
/// ("Ada" in a name and "ada" in an address as well), so what was equal stays equal. Two words of ASCII letters or of
/// digits never have the same one. Nothing leads back without the key.
class Pseudonyms {
 public:
  /// Secret bytes; empty ones hide nothing.
  explicit Pseudonyms(std::string key) : key_(std::move(key)) {}

  /// Replaces each run of letters and each run of digits. Signs and blanks stay, and so does the scheme of an address
  /// (`sip:`). Any bytes are welcome; valid UTF-8 stays valid.
  std::string replace(std::string_view text);

  /// A number that depends on the key and the purpose alone.
  std::uint64_t number(std::string_view purpose) const;

 private:
  std::string pseudonym(std::string_view word);
  std::string of_digits(std::string_view word) const;
  std::string of_letters(std::string_view word) const;
  std::string of_other_scripts(std::string_view word) const;
  void permute(std::vector<std::uint8_t>& symbols, unsigned radix) const;
  std::uint8_t shuffled(std::uint8_t symbol, unsigned radix) const;
  /// `count` bytes that depend on the key and the context alone.
  std::string stream(const std::string& context, std::size_t count) const;

  std::string key_;
  std::unordered_map<std::string, std::string> known_;
};

}  // namespace pbxbridge::sim
