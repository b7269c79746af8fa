#include "cli/failure.hpp"

#include "text/log_text.hpp"

#include <ostream>

namespace pbxbridge::cli {

namespace {

constexpr std::size_t longest_error = 2000;

}  // namespace

int failure(std::string_view text, int exit_code, std::ostream& errors) {
  errors << "pbxbridge: error: " << text::log_text(text, longest_error) << '\n';
  return exit_code;
}

}  // namespace pbxbridge::cli
