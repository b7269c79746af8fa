#include "observe/log_format.hpp"

#include "text/log_text.hpp"
#include "text/printable.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>

namespace pbxbridge::observe {

namespace {

constexpr std::size_t longest_subject = 200;  // made of names of the configuration
constexpr std::size_t longest_message = 4000;
constexpr std::size_t longest_value = 1000;

std::string quoted_if_needed(std::string_view value) {
  std::string text = text::log_text(value, longest_value);
  if (!text.empty() && text.find_first_of(" \"=,()") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') quoted += '\\';
    quoted += character;
  }
  return quoted + "\"";
}

std::string format_text(const LogLine& line, std::chrono::system_clock::time_point now, std::uint64_t left_out) {
  std::string text = fmt::format("{} {:<7} {}", format_time(now), to_string(line.code->level), line.code->name);
  if (!line.subject.empty())
    fmt::format_to(std::back_inserter(text), " [{}]", text::on_one_line(line.subject, longest_subject));
  text += ' ';
  text += text::log_text(line.message, longest_message);
  for (const auto& field : line.fields)
    fmt::format_to(std::back_inserter(text), " {}={}", field.name, quoted_if_needed(field.value));
  if (left_out > 0) fmt::format_to(std::back_inserter(text), " left_out={}", left_out);
  return text;
}

std::string format_json(const LogLine& line, std::chrono::system_clock::time_point now, std::uint64_t left_out) {
  nlohmann::ordered_json object;
  object["time"] = format_time(now);
  object["level"] = to_string(line.code->level);
  object["code"] = line.code->name;
  if (!line.subject.empty()) object["subject"] = text::on_one_line(line.subject, longest_subject);
  object["message"] = text::log_text(line.message, longest_message);
  for (const auto& field : line.fields) object[field.name] = text::log_text(field.value, longest_value);
  if (left_out > 0) object["left_out"] = left_out;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string format_time(std::chrono::system_clock::time_point time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (milliseconds - seconds).count());
}

std::string format_line(const LogLine& line, LogFormat format, std::chrono::system_clock::time_point now,
                        std::uint64_t left_out) {
  return format == LogFormat::json ? format_json(line, now, left_out) : format_text(line, now, left_out);
}

}  // namespace pbxbridge::observe
