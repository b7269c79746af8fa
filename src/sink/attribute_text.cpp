#include "sink/attribute_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace pbxbridge::sink {

namespace {

constexpr std::string_view replacement_character = "\xef\xbf\xbd";

bool is_printable_ascii(char character) { return character >= 0x20 && character < 0x7f; }

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;  ///< bytes; 0: no UTF-8
};

/// The code point that `text` begins with; its first byte is not ASCII.
CodePoint decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  std::uint32_t value = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80U) return {};
    value = (value << 6U) | (byte & 0x3fU);
  }
  static constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest[size] || value > 0x10ffff || surrogate) return {};
  return {value, size};
}

bool is_allowed(std::uint32_t code_point) {
  const bool control = code_point < 0x20 || (code_point >= 0x7f && code_point <= 0x9f);
  const bool noncharacter = (code_point >= 0xfdd0 && code_point <= 0xfdef) || (code_point & 0xfffeU) == 0xfffeU;
  return !control && !noncharacter;
}

void append_number(std::string& out, std::uint64_t number, std::size_t width) {
  const auto begin = out.size();
  out.resize(begin + width);
  for (auto i = begin + width; i-- > begin; number /= 10) out[i] = static_cast<char>('0' + number % 10);
}

void append_date_and_time(std::string& out, std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto second = static_cast<std::uint64_t>((time - day).count());
  append_number(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_number(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_number(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_number(out, second / 3600, 2);
  out += ':';
  append_number(out, second / 60 % 60, 2);
  out += ':';
  append_number(out, second % 60, 2);
}

}  // namespace

std::string attribute_text(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_printable_ascii)) return std::string(text);
  std::string out;
  out.reserve(text.size() + 8);
  for (std::size_t i = 0; i < text.size();) {
    const bool ascii = static_cast<unsigned char>(text[i]) < 0x80;
    const auto point = ascii ? CodePoint{static_cast<unsigned char>(text[i]), 1} : decode(text.substr(i));
    if (point.size != 0 && is_allowed(point.value))
      out.append(text, i, point.size);
    else
      out += replacement_character;
    i += std::max<std::size_t>(point.size, 1);
  }
  return out;
}

std::string uri_segment(std::string_view text) {
  static constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  static constexpr char hexadecimal[] = "0123456789ABCDEF";
  std::string out;
  for (const char character : text) {
    if (unreserved.find(character) != std::string_view::npos) {
      out += character;
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    out += {'%', hexadecimal[byte >> 4U], hexadecimal[byte & 0xfU]};
  }
  return out;
}

bool is_rfc3339_time(std::chrono::sys_seconds time) {
  constexpr std::int64_t year_0000 = -62'167'219'200;
  constexpr std::int64_t year_10000 = 253'402'300'800;
  const auto seconds = time.time_since_epoch().count();
  return seconds >= year_0000 && seconds < year_10000;
}

std::string rfc3339(std::chrono::sys_seconds time) {
  std::string out;
  append_date_and_time(out, time);
  out += 'Z';
  return out;
}

std::string rfc3339(SystemTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  std::string out;
  out.reserve(30);
  append_date_and_time(out, second);
  out += '.';
  append_number(out, static_cast<std::uint64_t>((time - second).count()), 9);
  out += 'Z';
  return out;
}

}  // namespace pbxbridge::sink
