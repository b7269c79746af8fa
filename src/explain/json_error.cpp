#include "explain/json_error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pbxbridge::explain {

namespace {

/// Keeps nothing of the text but its first error.
class ErrorFinder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) override {
    found_.position = position == 0 ? 0 : position - 1;
    // "[json.exception.parse_error.101] parse error at line 1, column 9: syntax error while parsing ..."
    const std::string_view message = error.what();
    const auto place = message.find(", column ");
    const auto clause = message.find(": ", place == std::string_view::npos ? 0 : place);
    found_.text = "not JSON: ";
    found_.text += clause == std::string_view::npos ? message : message.substr(clause + 2);
    return false;
  }

  JsonError found() && { return std::move(found_); }

 private:
  JsonError found_{0, "not JSON that pbxbridge reads: it is nested deeper than 1,024 levels"};
};

}  // namespace

JsonError find_json_error(std::string_view text) {
  ErrorFinder finder;
  nlohmann::json::sax_parse(text, &finder);
  JsonError error = std::move(finder).found();
  error.position = std::min(error.position, text.size());
  return error;
}

}  // namespace pbxbridge::explain
