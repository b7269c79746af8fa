#include "simulator/record/pseudonyms.hpp"

#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

namespace pbxbridge::sim {

namespace {

using text::is_digit;

constexpr unsigned decimal_digits = 10;
constexpr unsigned latin_letters = 26;
constexpr std::array<std::string_view, 8> schemes{"sip", "sips", "tel", "mailto", "http", "https", "ws", "wss"};

bool is_upper(char character) { return character >= 'A' && character <= 'Z'; }
bool is_ascii(char character) { return static_cast<unsigned char>(character) < 0x80; }

/// Blanks and signs of Unicode between words, marks of direction among them: U+0080 to U+00BF, U+2000 to U+206F.
bool is_sign(std::string_view character) {
  return (character.size() == 2 && character.front() == '\xc2') || character.starts_with("\xe2\x80") ||
         (character.starts_with("\xe2\x81") && character.back() <= '\xaf');
}

/// Bytes of the character at `position`; 1 where none begins there.
std::size_t character_length(std::string_view text, std::size_t position) {
  return std::max<std::size_t>(text::utf8_length(text, position), 1);
}

bool is_of_word(std::string_view character) {
  return is_ascii(character.front()) ? text::is_letter(character.front()) : !is_sign(character);
}

/// The length of the run of digits, or of letters, at `position`; 0 where another character stands there.
std::size_t word_length(std::string_view text, std::size_t position) {
  auto end = position;
  if (is_digit(text[position])) {
    while (end < text.size() && is_digit(text[end])) ++end;
  } else {
    while (end < text.size()) {
      const auto length = character_length(text, end);
      if (!is_of_word(text.substr(end, length))) break;
      end += length;
    }
  }
  return end - position;
}

/// A character of as many bytes, one of a few: letters with accents, CJK ideographs, faces. A byte that belongs to no
/// character becomes another of those that begin one and never go on with it, as in Latin-1.
void append_character(std::string& text, std::size_t length, unsigned char choice) {
  const auto six_bits = static_cast<char>(0x80 | (choice & 0x3f));
  switch (length) {
    case 2:
      text += {'\xc3', static_cast<char>(0xa0 | (choice & 0x0f))};
      break;
    case 3:
      text += {'\xe5', static_cast<char>(0x80 | (choice >> 4)), six_bits};
      break;
    case 4:
      text += {'\xf0', '\x9f', '\x98', six_bits};
      break;
    default:
      text += static_cast<char>(0xc0 | (choice & 0x3f));
  }
}

/// The number in the bytes 2 * `place` and behind.
unsigned two_bytes(const std::string& bytes, std::size_t place) {
  return static_cast<unsigned char>(bytes[2 * place]) * 256U + static_cast<unsigned char>(bytes[2 * place + 1]);
}

void add(std::span<std::uint8_t> symbols, const std::string& shifts, unsigned radix) {
  for (std::size_t i = 0; i < symbols.size(); ++i)
    symbols[i] = static_cast<std::uint8_t>((symbols[i] + two_bytes(shifts, i)) % radix);
}

std::string text_of(std::span<const std::uint8_t> symbols) { return {symbols.begin(), symbols.end()}; }

}  // namespace

std::string Pseudonyms::replace(std::string_view text) {
  std::string result;
  for (std::size_t position = 0; position < text.size();) {
    const auto length = word_length(text, position);
    if (length == 0) {
      const auto sign = character_length(text, position);
      result += text.substr(position, sign);
      position += sign;
      continue;
    }
    const auto word = text.substr(position, length);
    position += length;
    const bool is_scheme = text.substr(position).starts_with(':') && std::ranges::find(schemes, word) != schemes.end();
    result += is_scheme ? std::string(word) : pseudonym(word);
  }
  return result;
}

std::uint64_t Pseudonyms::number(std::string_view purpose) const {
  std::uint64_t result = 0;
  for (const unsigned char byte : stream("number " + std::string(purpose), sizeof result)) result = result * 256 + byte;
  return result;
}

std::string Pseudonyms::pseudonym(std::string_view word) {
  const auto [known, is_new] = known_.try_emplace(std::string(word));
  if (is_new) {
    if (is_digit(word.front()))
      known->second = of_digits(word);
    else if (std::ranges::all_of(word, is_ascii))
      known->second = of_letters(word);
    else
      known->second = of_other_scripts(word);
  }
  return known->second;
}

/// A number begins with a zero where it did before, and only there, so that it can stand in JSON. To walk along the
/// permutation until that is so keeps it a permutation.
std::string Pseudonyms::of_digits(std::string_view word) const {
  std::vector<std::uint8_t> symbols;
  for (const char digit : word) symbols.push_back(static_cast<std::uint8_t>(digit - '0'));
  const bool begins_with_zero = symbols.front() == 0;
  do permute(symbols, decimal_digits);
  while ((symbols.front() == 0) != begins_with_zero);
  std::string result;
  for (const auto symbol : symbols) result += static_cast<char>('0' + symbol);
  return result;
}

std::string Pseudonyms::of_letters(std::string_view word) const {
  std::vector<std::uint8_t> symbols;
  for (const char letter : text::lower_case(word)) symbols.push_back(static_cast<std::uint8_t>(letter - 'a'));
  permute(symbols, latin_letters);
  std::string result;
  for (std::size_t i = 0; i < word.size(); ++i)
    result += static_cast<char>((is_upper(word[i]) ? 'A' : 'a') + symbols[i]);
  return result;
}

std::string Pseudonyms::of_other_scripts(std::string_view word) const {
  const auto choices = stream("script " + text::lower_case(word), word.size());
  std::string result;
  for (std::size_t position = 0; position < word.size();) {
    const auto choice = static_cast<unsigned char>(choices[position]);
    const auto length = character_length(word, position);
    if (is_ascii(word[position]))
      result += static_cast<char>((is_upper(word[position]) ? 'A' : 'a') + choice % latin_letters);
    else
      append_character(result, length, choice);
    position += length;
  }
  return result;
}

/// A Feistel network, whose halves are added to digit by digit: a permutation of all words of that length, whatever the
/// stream is (as in NIST SP 800-38G, with HMAC in the place of AES).
void Pseudonyms::permute(std::vector<std::uint8_t>& symbols, unsigned radix) const {
  if (symbols.size() == 1) {
    symbols.front() = shuffled(symbols.front(), radix);
    return;
  }
  constexpr char rounds = 10;
  const auto half = symbols.size() / 2;
  const std::span<std::uint8_t> left(symbols.data(), half);
  const std::span<std::uint8_t> right(symbols.data() + half, symbols.size() - half);
  const auto context = "word " + std::to_string(radix) + " " + std::to_string(symbols.size()) + " ";
  for (char round = 0; round < rounds; ++round) {
    const auto changed = round % 2 == 0 ? right : left;
    const auto unchanged = round % 2 == 0 ? left : right;
    add(changed, stream(context + round + text_of(unchanged), 2 * changed.size()), radix);
  }
}

/// One symbol alone has no halves: the place of each is drawn, as by Fisher and Yates.
std::uint8_t Pseudonyms::shuffled(std::uint8_t symbol, unsigned radix) const {
  std::vector<std::uint8_t> alphabet(radix);
  std::iota(alphabet.begin(), alphabet.end(), std::uint8_t{0});
  const auto draws = stream("alphabet " + std::to_string(radix), 2 * alphabet.size());
  for (std::size_t last = alphabet.size() - 1; last > 0; --last)
    std::swap(alphabet[last], alphabet[two_bytes(draws, last) % (last + 1)]);
  return alphabet[symbol];
}

std::string Pseudonyms::stream(const std::string& context, std::size_t count) const {
  std::string bytes;
  for (std::uint32_t block = 0; bytes.size() < count; ++block) {
    const auto input = std::to_string(block) + " " + context;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
             reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest.data(), &size) == nullptr)
      throw std::runtime_error("OpenSSL cannot compute an HMAC");
    bytes.append(reinterpret_cast<const char*>(digest.data()), size);
  }
  bytes.resize(count);
  return bytes;
}

}  // namespace pbxbridge::sim
