#include "text/secrets.hpp"

#include "text/decoded.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

namespace pbxbridge::text {

namespace {

constexpr std::size_t shortest = 2;
constexpr std::size_t shortest_within_words = 4;
constexpr std::size_t longer_than_most_words = 6;

struct Span {
  std::size_t begin;
  std::size_t end;
};

/// Digits that stand for a secret in an encoding that does not show its bytes one by one. The digit before or after
/// them may hold bits of it, too.
struct Digits {
  std::string text;
  bool begins_before = false;
  bool ends_after = false;
};

struct Secret {
  std::string bytes;
  std::string folded;  ///< empty where it is too short to be told from other words
  std::vector<Digits> encoded;
};

std::string base64(std::string_view bytes) {
  std::string encoded(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // OpenSSL ends it with a NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  encoded.pop_back();
  return encoded;
}

/// The Base64 digits that stand for `secret` alone where `shift` bytes of a group of three precede it.
Digits base64_core(std::string_view secret, std::size_t shift) {
  constexpr std::size_t bits_per_digit = 6;
  const std::string encoded = base64(std::string(shift, '\0').append(secret));
  const std::size_t first_bit = 8 * shift;
  const std::size_t end_bit = first_bit + 8 * secret.size();
  const std::size_t begin = (first_bit + bits_per_digit - 1) / bits_per_digit;
  const std::size_t end = end_bit / bits_per_digit;
  return {encoded.substr(begin, end - begin), first_bit % bits_per_digit != 0, end_bit % bits_per_digit != 0};
}

Digits with_url_alphabet(Digits digits) {
  std::ranges::replace(digits.text, '+', '-');
  std::ranges::replace(digits.text, '/', '_');
  return digits;
}

std::string hexadecimal(std::string_view bytes, std::string_view digits) {
  std::string text;
  for (const unsigned char byte : bytes) (text += digits[byte >> 4]) += digits[byte & 0xf];
  return text;
}

Secret encoded(std::string_view bytes) {
  Secret secret{std::string(bytes), folded(undecoded(bytes)).text, {}};
  if (secret.folded.size() < longer_than_most_words) secret.folded.clear();
  if (bytes.size() < shortest_within_words) return secret;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    secret.encoded.push_back(base64_core(bytes, shift));
    secret.encoded.push_back(with_url_alphabet(secret.encoded.back()));
  }
  secret.encoded.push_back({hexadecimal(bytes, "0123456789abcdef")});
  secret.encoded.push_back({hexadecimal(bytes, "0123456789ABCDEF")});
  return secret;
}

struct Known {
  std::shared_mutex mutex;
  std::vector<Secret> secrets;     // under mutex
  std::deque<std::string> tokens;  // among them, oldest first; under mutex
};

Known& known() {
  static Known known;
  return known;
}

bool is_word(char character) { return std::isalnum(static_cast<unsigned char>(character)) != 0; }

bool is_base64(char character) {
  return is_word(character) || std::string_view("+/-_=").find(character) != std::string_view::npos;
}

bool is_word_of_its_own(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin == 0 || !is_word(text[begin - 1])) && (end == text.size() || !is_word(text[end]));
}

void find_bytes(const Decoded& decoded, std::string_view bytes, std::vector<Span>& spans) {
  const std::string_view text = decoded.text;
  for (auto at = text.find(bytes); at != std::string_view::npos; at = text.find(bytes, at + 1)) {
    const auto end = at + bytes.size();
    if (bytes.size() < shortest_within_words && !is_word_of_its_own(text, at, end)) continue;
    spans.push_back({decoded.places[at], decoded.places[end]});
  }
}

/// Returns how much of a secret of `size` bytes, or of its digits, counts as its beginning at the end of a text.
std::size_t least_beginning(std::size_t size, Ending ending) {
  return ending == Ending::cut_off ? shortest_within_words : std::max(longer_than_most_words, size / 2);
}

/// The longest true beginning of `whole`, of at least so many bytes, that `text` ends in; 0 where there is none.
std::size_t beginning_at_end(std::string_view text, std::string_view whole, std::size_t least) {
  for (auto size = std::min(whole.size() - 1, text.size()); size >= least; --size)
    if (text.ends_with(whole.substr(0, size))) return size;
  return 0;
}

/// The longest true ending of `whole`, of at least so many bytes, that `text` begins with; 0 where there is none.
std::size_t ending_at_beginning(std::string_view text, std::string_view whole, std::size_t least) {
  for (auto size = std::min(whole.size() - 1, text.size()); size >= least; --size)
    if (text.starts_with(whole.substr(whole.size() - size))) return size;
  return 0;
}

/// Parts of a secret next to asterisks or the like, behind which a peer has hidden the rest.
void find_parts_at_marks(const Decoded& decoded, std::string_view bytes, std::vector<Span>& spans) {
  constexpr std::string_view marks = "*#.";
  constexpr std::size_t shortest_run = 3;
  const std::string_view text = decoded.text;
  std::size_t end = 0;
  for (auto at = text.find_first_of(marks); at != std::string_view::npos; at = text.find_first_of(marks, end)) {
    end = std::min(text.find_first_not_of(text[at], at), text.size());
    if (end - at < shortest_run) continue;
    const std::size_t least = least_beginning(bytes.size(), text[at] == '.' ? Ending::not_known : Ending::cut_off);
    if (const auto size = beginning_at_end(text.substr(0, at), bytes, least); size > 0)
      spans.push_back({decoded.places[at - size], decoded.places[at]});
    if (const auto size = ending_at_beginning(text.substr(end), bytes, least); size > 0)
      spans.push_back({decoded.places[end], decoded.places[end + size]});
  }
}

/// The beginning of a secret at the end of `text`, also before the dots by which a peer shows that it has cut.
void find_cut(const Decoded& decoded, std::string_view bytes, Ending ending, std::vector<Span>& spans) {
  std::string_view text = decoded.text;
  while (!text.empty() && std::string_view(". \"')}],;\n").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  for (const std::string_view whole : {text, std::string_view(decoded.text)})
    if (const auto size = beginning_at_end(whole, bytes, least_beginning(bytes.size(), ending)); size > 0)
      spans.push_back({decoded.places[whole.size() - size], decoded.places[whole.size()]});
}

/// The whole Base64 text around these digits, because their neighbours hold bits of the secret, too.
Span encoded_text_around(std::string_view text, Span digits) {
  while (digits.begin > 0 && is_base64(text[digits.begin - 1])) --digits.begin;
  while (digits.end < text.size() && is_base64(text[digits.end])) ++digits.end;
  return digits;
}

/// A text in an encoding of its own, the same without the blanks and line breaks that may wrap digits, and folded.
struct View {
  explicit View(Decoded text)
      : decoded(std::move(text)),
        unwrapped(without_blanks(undecoded(decoded.text))),
        folded(text::folded(undecoded(decoded.text))) {}
  Decoded decoded;
  Decoded unwrapped;  // its places are in `decoded`
  Decoded folded;     // likewise
};

void find_folded(const View& view, std::string_view secret, std::vector<Span>& spans) {
  const auto& [text, places] = view.folded;
  if (secret.empty()) return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 1))
    spans.push_back({view.decoded.places[places[at]], view.decoded.places[places[at + secret.size() - 1] + 1]});
}

/// Digits at a place of the unwrapped text, with their whole first and last line.
void add_encoded(const View& view, std::size_t begin, std::size_t end, std::vector<Span>& spans) {
  const auto& places = view.unwrapped.places;
  const Span lines = encoded_text_around(view.decoded.text, {places[begin], places[end - 1] + 1});
  spans.push_back({view.decoded.places[lines.begin], view.decoded.places[lines.end]});
}

void find_encoded(const View& view, const Digits& digits, Ending ending, std::vector<Span>& spans) {
  const std::string_view text = view.unwrapped.text;
  for (auto at = text.find(digits.text); at != std::string_view::npos; at = text.find(digits.text, at + 1)) {
    std::size_t end = at + digits.text.size();
    const bool begins_before = digits.begins_before && at > 0 && is_base64(text[at - 1]);
    if (digits.ends_after && end < text.size() && is_base64(text[end])) ++end;
    while (end < text.size() && text[end] == '=') ++end;
    add_encoded(view, at - (begins_before ? 1 : 0), end, spans);
  }
  if (const auto size = beginning_at_end(text, digits.text, least_beginning(digits.text.size(), ending)); size > 0)
    add_encoded(view, text.size() - size, text.size(), spans);
}

void find_url_passwords(std::string_view text, std::vector<Span>& spans) {
  for (auto at = text.find("//"); at != std::string_view::npos; at = text.find("//", at + 2)) {
    const auto begin = at + 2;
    const auto userinfo = text.substr(begin, text.find_first_of("/?#\"'<> \t\r\n", begin) - begin);
    const auto end = userinfo.rfind('@');
    const auto colon = userinfo.find(':');
    if (end != std::string_view::npos && colon < end) spans.push_back({begin + colon + 1, begin + end});
  }
}

std::string masked(std::string_view text, std::vector<Span>& spans) {
  std::ranges::sort(spans, {}, &Span::begin);
  std::string result;
  std::size_t position = 0;
  for (auto span = spans.begin(); span != spans.end();) {
    Span whole = *span;
    for (; span != spans.end() && span->begin < std::max(whole.end, whole.begin + 1); ++span)
      whole.end = std::max(whole.end, span->end);
    result.append(text, position, whole.begin - position).append(secret_mask);
    position = whole.end;
  }
  return result.append(text, position);
}

}  // namespace

void remember_secret(std::string_view secret) {
  if (secret.size() < shortest) return;
  const std::unique_lock lock(known().mutex);
  auto& secrets = known().secrets;
  if (std::ranges::find(secrets, secret, &Secret::bytes) == secrets.end()) secrets.push_back(encoded(secret));
}

void remember_token(std::string_view token) {
  constexpr std::size_t most_tokens = 8;
  remember_secret(token);
  const std::unique_lock lock(known().mutex);
  auto& tokens = known().tokens;
  if (std::ranges::find(tokens, token) != tokens.end()) return;
  tokens.emplace_back(token);
  if (tokens.size() <= most_tokens) return;
  std::erase_if(known().secrets, [&tokens](const Secret& secret) { return secret.bytes == tokens.front(); });
  tokens.pop_front();
}

std::string without_secrets(std::string_view text, Ending ending) {
  std::vector<Span> spans;
  find_url_passwords(text, spans);
  const std::shared_lock lock(known().mutex);
  if (!known().secrets.empty()) {
    std::vector<View> views;
    for (Decoded& decoded : decodings(text)) views.emplace_back(std::move(decoded));
    for (const Secret& secret : known().secrets)
      for (const View& view : views) {
        find_bytes(view.decoded, secret.bytes, spans);
        find_cut(view.decoded, secret.bytes, ending, spans);
        find_folded(view, secret.folded, spans);
        find_parts_at_marks(view.decoded, secret.bytes, spans);
        for (const Digits& digits : secret.encoded) find_encoded(view, digits, ending, spans);
      }
  }
  return spans.empty() ? std::string(text) : masked(text, spans);
}

}  // namespace pbxbridge::text
